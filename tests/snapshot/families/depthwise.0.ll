define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t1 = getelementptr inbounds i64, ptr %frame, i64 1
  %t2 = load ptr, ptr %t1, align 8
  %t3 = getelementptr inbounds i64, ptr %frame, i64 2
  %t4 = load ptr, ptr %t3, align 8
  %t8 = icmp slt i64 %begin, %end
  br i1 %t8, label %b5, label %b6
b5:
  %t9 = phi i64 [%begin, %entry], [%t222, %b13]
  %t10 = mul i64 %t9, 576
  %t11 = getelementptr inbounds float, ptr %t4, i64 %t10
  br label %b12
b12:
  %t15 = phi i64 [0, %b5], [%t219, %b20]
  %t16 = phi ptr [%t11, %b5], [%t215, %b20]
  %t17 = mul i64 %t15, 3
  %t18 = getelementptr inbounds float, ptr %t2, i64 %t17
  br label %b19
b19:
  %t22 = phi i64 [0, %b12], [%t216, %b19]
  %t23 = phi ptr [%t16, %b12], [%t215, %b19]
  %t24 = getelementptr inbounds float, ptr %t18, i64 %t22
  %t25 = load float, ptr %t24, align 4
  store float %t25, ptr %t23, align 4
  %t26 = getelementptr inbounds float, ptr %t24, i64 9
  %t27 = load float, ptr %t26, align 4
  %t28 = getelementptr inbounds float, ptr %t23, i64 1
  store float %t27, ptr %t28, align 4
  %t29 = getelementptr inbounds float, ptr %t24, i64 18
  %t30 = load float, ptr %t29, align 4
  %t31 = getelementptr inbounds float, ptr %t23, i64 2
  store float %t30, ptr %t31, align 4
  %t32 = getelementptr inbounds float, ptr %t24, i64 27
  %t33 = load float, ptr %t32, align 4
  %t34 = getelementptr inbounds float, ptr %t23, i64 3
  store float %t33, ptr %t34, align 4
  %t35 = getelementptr inbounds float, ptr %t24, i64 36
  %t36 = load float, ptr %t35, align 4
  %t37 = getelementptr inbounds float, ptr %t23, i64 4
  store float %t36, ptr %t37, align 4
  %t38 = getelementptr inbounds float, ptr %t24, i64 45
  %t39 = load float, ptr %t38, align 4
  %t40 = getelementptr inbounds float, ptr %t23, i64 5
  store float %t39, ptr %t40, align 4
  %t41 = getelementptr inbounds float, ptr %t24, i64 54
  %t42 = load float, ptr %t41, align 4
  %t43 = getelementptr inbounds float, ptr %t23, i64 6
  store float %t42, ptr %t43, align 4
  %t44 = getelementptr inbounds float, ptr %t24, i64 63
  %t45 = load float, ptr %t44, align 4
  %t46 = getelementptr inbounds float, ptr %t23, i64 7
  store float %t45, ptr %t46, align 4
  %t47 = getelementptr inbounds float, ptr %t24, i64 72
  %t48 = load float, ptr %t47, align 4
  %t49 = getelementptr inbounds float, ptr %t23, i64 8
  store float %t48, ptr %t49, align 4
  %t50 = getelementptr inbounds float, ptr %t24, i64 81
  %t51 = load float, ptr %t50, align 4
  %t52 = getelementptr inbounds float, ptr %t23, i64 9
  store float %t51, ptr %t52, align 4
  %t53 = getelementptr inbounds float, ptr %t24, i64 90
  %t54 = load float, ptr %t53, align 4
  %t55 = getelementptr inbounds float, ptr %t23, i64 10
  store float %t54, ptr %t55, align 4
  %t56 = getelementptr inbounds float, ptr %t24, i64 99
  %t57 = load float, ptr %t56, align 4
  %t58 = getelementptr inbounds float, ptr %t23, i64 11
  store float %t57, ptr %t58, align 4
  %t59 = getelementptr inbounds float, ptr %t24, i64 108
  %t60 = load float, ptr %t59, align 4
  %t61 = getelementptr inbounds float, ptr %t23, i64 12
  store float %t60, ptr %t61, align 4
  %t62 = getelementptr inbounds float, ptr %t24, i64 117
  %t63 = load float, ptr %t62, align 4
  %t64 = getelementptr inbounds float, ptr %t23, i64 13
  store float %t63, ptr %t64, align 4
  %t65 = getelementptr inbounds float, ptr %t24, i64 126
  %t66 = load float, ptr %t65, align 4
  %t67 = getelementptr inbounds float, ptr %t23, i64 14
  store float %t66, ptr %t67, align 4
  %t68 = getelementptr inbounds float, ptr %t24, i64 135
  %t69 = load float, ptr %t68, align 4
  %t70 = getelementptr inbounds float, ptr %t23, i64 15
  store float %t69, ptr %t70, align 4
  %t71 = getelementptr inbounds float, ptr %t24, i64 144
  %t72 = load float, ptr %t71, align 4
  %t73 = getelementptr inbounds float, ptr %t23, i64 16
  store float %t72, ptr %t73, align 4
  %t74 = getelementptr inbounds float, ptr %t24, i64 153
  %t75 = load float, ptr %t74, align 4
  %t76 = getelementptr inbounds float, ptr %t23, i64 17
  store float %t75, ptr %t76, align 4
  %t77 = getelementptr inbounds float, ptr %t24, i64 162
  %t78 = load float, ptr %t77, align 4
  %t79 = getelementptr inbounds float, ptr %t23, i64 18
  store float %t78, ptr %t79, align 4
  %t80 = getelementptr inbounds float, ptr %t24, i64 171
  %t81 = load float, ptr %t80, align 4
  %t82 = getelementptr inbounds float, ptr %t23, i64 19
  store float %t81, ptr %t82, align 4
  %t83 = getelementptr inbounds float, ptr %t24, i64 180
  %t84 = load float, ptr %t83, align 4
  %t85 = getelementptr inbounds float, ptr %t23, i64 20
  store float %t84, ptr %t85, align 4
  %t86 = getelementptr inbounds float, ptr %t24, i64 189
  %t87 = load float, ptr %t86, align 4
  %t88 = getelementptr inbounds float, ptr %t23, i64 21
  store float %t87, ptr %t88, align 4
  %t89 = getelementptr inbounds float, ptr %t24, i64 198
  %t90 = load float, ptr %t89, align 4
  %t91 = getelementptr inbounds float, ptr %t23, i64 22
  store float %t90, ptr %t91, align 4
  %t92 = getelementptr inbounds float, ptr %t24, i64 207
  %t93 = load float, ptr %t92, align 4
  %t94 = getelementptr inbounds float, ptr %t23, i64 23
  store float %t93, ptr %t94, align 4
  %t95 = getelementptr inbounds float, ptr %t24, i64 216
  %t96 = load float, ptr %t95, align 4
  %t97 = getelementptr inbounds float, ptr %t23, i64 24
  store float %t96, ptr %t97, align 4
  %t98 = getelementptr inbounds float, ptr %t24, i64 225
  %t99 = load float, ptr %t98, align 4
  %t100 = getelementptr inbounds float, ptr %t23, i64 25
  store float %t99, ptr %t100, align 4
  %t101 = getelementptr inbounds float, ptr %t24, i64 234
  %t102 = load float, ptr %t101, align 4
  %t103 = getelementptr inbounds float, ptr %t23, i64 26
  store float %t102, ptr %t103, align 4
  %t104 = getelementptr inbounds float, ptr %t24, i64 243
  %t105 = load float, ptr %t104, align 4
  %t106 = getelementptr inbounds float, ptr %t23, i64 27
  store float %t105, ptr %t106, align 4
  %t107 = getelementptr inbounds float, ptr %t24, i64 252
  %t108 = load float, ptr %t107, align 4
  %t109 = getelementptr inbounds float, ptr %t23, i64 28
  store float %t108, ptr %t109, align 4
  %t110 = getelementptr inbounds float, ptr %t24, i64 261
  %t111 = load float, ptr %t110, align 4
  %t112 = getelementptr inbounds float, ptr %t23, i64 29
  store float %t111, ptr %t112, align 4
  %t113 = getelementptr inbounds float, ptr %t24, i64 270
  %t114 = load float, ptr %t113, align 4
  %t115 = getelementptr inbounds float, ptr %t23, i64 30
  store float %t114, ptr %t115, align 4
  %t116 = getelementptr inbounds float, ptr %t24, i64 279
  %t117 = load float, ptr %t116, align 4
  %t118 = getelementptr inbounds float, ptr %t23, i64 31
  store float %t117, ptr %t118, align 4
  %t119 = getelementptr inbounds float, ptr %t24, i64 288
  %t120 = load float, ptr %t119, align 4
  %t121 = getelementptr inbounds float, ptr %t23, i64 32
  store float %t120, ptr %t121, align 4
  %t122 = getelementptr inbounds float, ptr %t24, i64 297
  %t123 = load float, ptr %t122, align 4
  %t124 = getelementptr inbounds float, ptr %t23, i64 33
  store float %t123, ptr %t124, align 4
  %t125 = getelementptr inbounds float, ptr %t24, i64 306
  %t126 = load float, ptr %t125, align 4
  %t127 = getelementptr inbounds float, ptr %t23, i64 34
  store float %t126, ptr %t127, align 4
  %t128 = getelementptr inbounds float, ptr %t24, i64 315
  %t129 = load float, ptr %t128, align 4
  %t130 = getelementptr inbounds float, ptr %t23, i64 35
  store float %t129, ptr %t130, align 4
  %t131 = getelementptr inbounds float, ptr %t24, i64 324
  %t132 = load float, ptr %t131, align 4
  %t133 = getelementptr inbounds float, ptr %t23, i64 36
  store float %t132, ptr %t133, align 4
  %t134 = getelementptr inbounds float, ptr %t24, i64 333
  %t135 = load float, ptr %t134, align 4
  %t136 = getelementptr inbounds float, ptr %t23, i64 37
  store float %t135, ptr %t136, align 4
  %t137 = getelementptr inbounds float, ptr %t24, i64 342
  %t138 = load float, ptr %t137, align 4
  %t139 = getelementptr inbounds float, ptr %t23, i64 38
  store float %t138, ptr %t139, align 4
  %t140 = getelementptr inbounds float, ptr %t24, i64 351
  %t141 = load float, ptr %t140, align 4
  %t142 = getelementptr inbounds float, ptr %t23, i64 39
  store float %t141, ptr %t142, align 4
  %t143 = getelementptr inbounds float, ptr %t24, i64 360
  %t144 = load float, ptr %t143, align 4
  %t145 = getelementptr inbounds float, ptr %t23, i64 40
  store float %t144, ptr %t145, align 4
  %t146 = getelementptr inbounds float, ptr %t24, i64 369
  %t147 = load float, ptr %t146, align 4
  %t148 = getelementptr inbounds float, ptr %t23, i64 41
  store float %t147, ptr %t148, align 4
  %t149 = getelementptr inbounds float, ptr %t24, i64 378
  %t150 = load float, ptr %t149, align 4
  %t151 = getelementptr inbounds float, ptr %t23, i64 42
  store float %t150, ptr %t151, align 4
  %t152 = getelementptr inbounds float, ptr %t24, i64 387
  %t153 = load float, ptr %t152, align 4
  %t154 = getelementptr inbounds float, ptr %t23, i64 43
  store float %t153, ptr %t154, align 4
  %t155 = getelementptr inbounds float, ptr %t24, i64 396
  %t156 = load float, ptr %t155, align 4
  %t157 = getelementptr inbounds float, ptr %t23, i64 44
  store float %t156, ptr %t157, align 4
  %t158 = getelementptr inbounds float, ptr %t24, i64 405
  %t159 = load float, ptr %t158, align 4
  %t160 = getelementptr inbounds float, ptr %t23, i64 45
  store float %t159, ptr %t160, align 4
  %t161 = getelementptr inbounds float, ptr %t24, i64 414
  %t162 = load float, ptr %t161, align 4
  %t163 = getelementptr inbounds float, ptr %t23, i64 46
  store float %t162, ptr %t163, align 4
  %t164 = getelementptr inbounds float, ptr %t24, i64 423
  %t165 = load float, ptr %t164, align 4
  %t166 = getelementptr inbounds float, ptr %t23, i64 47
  store float %t165, ptr %t166, align 4
  %t167 = getelementptr inbounds float, ptr %t24, i64 432
  %t168 = load float, ptr %t167, align 4
  %t169 = getelementptr inbounds float, ptr %t23, i64 48
  store float %t168, ptr %t169, align 4
  %t170 = getelementptr inbounds float, ptr %t24, i64 441
  %t171 = load float, ptr %t170, align 4
  %t172 = getelementptr inbounds float, ptr %t23, i64 49
  store float %t171, ptr %t172, align 4
  %t173 = getelementptr inbounds float, ptr %t24, i64 450
  %t174 = load float, ptr %t173, align 4
  %t175 = getelementptr inbounds float, ptr %t23, i64 50
  store float %t174, ptr %t175, align 4
  %t176 = getelementptr inbounds float, ptr %t24, i64 459
  %t177 = load float, ptr %t176, align 4
  %t178 = getelementptr inbounds float, ptr %t23, i64 51
  store float %t177, ptr %t178, align 4
  %t179 = getelementptr inbounds float, ptr %t24, i64 468
  %t180 = load float, ptr %t179, align 4
  %t181 = getelementptr inbounds float, ptr %t23, i64 52
  store float %t180, ptr %t181, align 4
  %t182 = getelementptr inbounds float, ptr %t24, i64 477
  %t183 = load float, ptr %t182, align 4
  %t184 = getelementptr inbounds float, ptr %t23, i64 53
  store float %t183, ptr %t184, align 4
  %t185 = getelementptr inbounds float, ptr %t24, i64 486
  %t186 = load float, ptr %t185, align 4
  %t187 = getelementptr inbounds float, ptr %t23, i64 54
  store float %t186, ptr %t187, align 4
  %t188 = getelementptr inbounds float, ptr %t24, i64 495
  %t189 = load float, ptr %t188, align 4
  %t190 = getelementptr inbounds float, ptr %t23, i64 55
  store float %t189, ptr %t190, align 4
  %t191 = getelementptr inbounds float, ptr %t24, i64 504
  %t192 = load float, ptr %t191, align 4
  %t193 = getelementptr inbounds float, ptr %t23, i64 56
  store float %t192, ptr %t193, align 4
  %t194 = getelementptr inbounds float, ptr %t24, i64 513
  %t195 = load float, ptr %t194, align 4
  %t196 = getelementptr inbounds float, ptr %t23, i64 57
  store float %t195, ptr %t196, align 4
  %t197 = getelementptr inbounds float, ptr %t24, i64 522
  %t198 = load float, ptr %t197, align 4
  %t199 = getelementptr inbounds float, ptr %t23, i64 58
  store float %t198, ptr %t199, align 4
  %t200 = getelementptr inbounds float, ptr %t24, i64 531
  %t201 = load float, ptr %t200, align 4
  %t202 = getelementptr inbounds float, ptr %t23, i64 59
  store float %t201, ptr %t202, align 4
  %t203 = getelementptr inbounds float, ptr %t24, i64 540
  %t204 = load float, ptr %t203, align 4
  %t205 = getelementptr inbounds float, ptr %t23, i64 60
  store float %t204, ptr %t205, align 4
  %t206 = getelementptr inbounds float, ptr %t24, i64 549
  %t207 = load float, ptr %t206, align 4
  %t208 = getelementptr inbounds float, ptr %t23, i64 61
  store float %t207, ptr %t208, align 4
  %t209 = getelementptr inbounds float, ptr %t24, i64 558
  %t210 = load float, ptr %t209, align 4
  %t211 = getelementptr inbounds float, ptr %t23, i64 62
  store float %t210, ptr %t211, align 4
  %t212 = getelementptr inbounds float, ptr %t24, i64 567
  %t213 = load float, ptr %t212, align 4
  %t214 = getelementptr inbounds float, ptr %t23, i64 63
  store float %t213, ptr %t214, align 4
  %t215 = getelementptr inbounds float, ptr %t23, i64 64
  %t216 = add nsw i64 %t22, 1
  %t217 = icmp slt i64 %t216, 3
  br i1 %t217, label %b19, label %b20
b20:
  %t219 = add nsw i64 %t15, 1
  %t220 = icmp slt i64 %t219, 3
  br i1 %t220, label %b12, label %b13
b13:
  %t222 = add nsw i64 %t9, 1
  %t223 = icmp slt i64 %t222, %end
  br i1 %t223, label %b5, label %b6
b6:
  ret void
}
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
