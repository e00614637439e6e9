define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t6 = getelementptr inbounds i64, ptr %frame, i64 1
  %t7 = load i64, ptr %t6, align 8
  %t16 = getelementptr inbounds i64, ptr %frame, i64 2
  %t17 = load ptr, ptr %t16, align 8
  %t138 = getelementptr inbounds i64, ptr %frame, i64 3
  %t139 = load ptr, ptr %t138, align 8
  %t4 = icmp slt i64 %begin, %end
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [%begin, %entry], [%t210, %b196]
  %t18 = mul i64 %t5, 200
  %t19 = getelementptr inbounds float, ptr %t17, i64 %t18
  %t140 = getelementptr inbounds float, ptr %t139, i64 %t18
  %t199 = getelementptr inbounds float, ptr %t139, i64 %t18
  br label %b8
b8:
  %t11 = phi i64 [0, %b1], [%t47, %b8]
  %t12 = phi <4 x float> [splat (float 0xFFF0000000000000), %b1], [%t25, %b8]
  %t13 = phi <4 x float> [splat (float 0xFFF0000000000000), %b1], [%t32, %b8]
  %t14 = phi <4 x float> [splat (float 0xFFF0000000000000), %b1], [%t39, %b8]
  %t15 = phi <4 x float> [splat (float 0xFFF0000000000000), %b1], [%t46, %b8]
  %t20 = getelementptr inbounds float, ptr %t19, i64 %t11
  %t21 = load <4 x float>, ptr %t20, align 4
  %t22 = fcmp ogt <4 x float> %t12, %t21
  %t23 = select <4 x i1> %t22, <4 x float> %t12, <4 x float> %t21
  %t24 = fcmp uno <4 x float> %t12, %t12
  %t25 = select <4 x i1> %t24, <4 x float> %t12, <4 x float> %t23
  %t26 = add i64 %t11, 4
  %t27 = getelementptr inbounds float, ptr %t19, i64 %t26
  %t28 = load <4 x float>, ptr %t27, align 4
  %t29 = fcmp ogt <4 x float> %t13, %t28
  %t30 = select <4 x i1> %t29, <4 x float> %t13, <4 x float> %t28
  %t31 = fcmp uno <4 x float> %t13, %t13
  %t32 = select <4 x i1> %t31, <4 x float> %t13, <4 x float> %t30
  %t33 = add i64 %t11, 8
  %t34 = getelementptr inbounds float, ptr %t19, i64 %t33
  %t35 = load <4 x float>, ptr %t34, align 4
  %t36 = fcmp ogt <4 x float> %t14, %t35
  %t37 = select <4 x i1> %t36, <4 x float> %t14, <4 x float> %t35
  %t38 = fcmp uno <4 x float> %t14, %t14
  %t39 = select <4 x i1> %t38, <4 x float> %t14, <4 x float> %t37
  %t40 = add i64 %t11, 12
  %t41 = getelementptr inbounds float, ptr %t19, i64 %t40
  %t42 = load <4 x float>, ptr %t41, align 4
  %t43 = fcmp ogt <4 x float> %t15, %t42
  %t44 = select <4 x i1> %t43, <4 x float> %t15, <4 x float> %t42
  %t45 = fcmp uno <4 x float> %t15, %t15
  %t46 = select <4 x i1> %t45, <4 x float> %t15, <4 x float> %t44
  %t47 = add nsw i64 %t11, 16
  %t48 = icmp slt i64 %t47, 192
  br i1 %t48, label %b8, label %b9
b9:
  br label %b50
b50:
  %t53 = phi i64 [192, %b9], [%t61, %b50]
  %t54 = phi <4 x float> [%t25, %b9], [%t60, %b50]
  %t55 = getelementptr inbounds float, ptr %t19, i64 %t53
  %t56 = load <4 x float>, ptr %t55, align 4
  %t57 = fcmp ogt <4 x float> %t54, %t56
  %t58 = select <4 x i1> %t57, <4 x float> %t54, <4 x float> %t56
  %t59 = fcmp uno <4 x float> %t54, %t54
  %t60 = select <4 x i1> %t59, <4 x float> %t54, <4 x float> %t58
  %t61 = add nsw i64 %t53, 4
  %t62 = icmp slt i64 %t61, 200
  br i1 %t62, label %b50, label %b51
b51:
  %t64 = fcmp ogt <4 x float> %t60, %t32
  %t65 = select <4 x i1> %t64, <4 x float> %t60, <4 x float> %t32
  %t66 = fcmp uno <4 x float> %t60, %t60
  %t67 = select <4 x i1> %t66, <4 x float> %t60, <4 x float> %t65
  %t68 = fcmp ogt <4 x float> %t39, %t46
  %t69 = select <4 x i1> %t68, <4 x float> %t39, <4 x float> %t46
  %t70 = fcmp uno <4 x float> %t39, %t39
  %t71 = select <4 x i1> %t70, <4 x float> %t39, <4 x float> %t69
  %t72 = fcmp ogt <4 x float> %t67, %t71
  %t73 = select <4 x i1> %t72, <4 x float> %t67, <4 x float> %t71
  %t74 = fcmp uno <4 x float> %t67, %t67
  %t75 = select <4 x i1> %t74, <4 x float> %t67, <4 x float> %t73
  %t76 = shufflevector <4 x float> %t75, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %t77 = shufflevector <4 x float> %t75, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %t78 = fcmp ogt <2 x float> %t76, %t77
  %t79 = select <2 x i1> %t78, <2 x float> %t76, <2 x float> %t77
  %t80 = fcmp uno <2 x float> %t76, %t76
  %t81 = select <2 x i1> %t80, <2 x float> %t76, <2 x float> %t79
  %t82 = shufflevector <2 x float> %t81, <2 x float> poison, <1 x i32> <i32 0>
  %t83 = shufflevector <2 x float> %t81, <2 x float> poison, <1 x i32> <i32 1>
  %t84 = extractelement <1 x float> %t82, i64 0
  %t85 = extractelement <1 x float> %t83, i64 0
  %t86 = fcmp ogt float %t84, %t85
  %t87 = select i1 %t86, float %t84, float %t85
  %t88 = fcmp uno float %t84, %t84
  %t89 = select i1 %t88, float %t84, float %t87
  %t90 = fcmp ogt float 0xFFF0000000000000, %t89
  %t91 = select i1 %t90, float 0xFFF0000000000000, float %t89
  %t100 = insertelement <4 x float> poison, float %t91, i64 0
  %t101 = shufflevector <4 x float> %t100, <4 x float> poison, <4 x i32> zeroinitializer
  br label %b92
b92:
  %t95 = phi i64 [0, %b51], [%t182, %b92]
  %t96 = phi <4 x float> [splat (float 0x0000000000000000), %b51], [%t137, %b92]
  %t97 = phi <4 x float> [splat (float 0x0000000000000000), %b51], [%t180, %b92]
  %t98 = getelementptr inbounds float, ptr %t19, i64 %t95
  %t99 = load <4 x float>, ptr %t98, align 4
  %t102 = fsub <4 x float> %t99, %t101
  %t103 = fcmp olt <4 x float> splat (float 0x4056400000000000), %t102
  %t104 = select <4 x i1> %t103, <4 x float> splat (float 0x4056400000000000), <4 x float> %t102
  %t105 = fcmp ogt <4 x float> splat (float 0xC05A000000000000), %t104
  %t106 = select <4 x i1> %t105, <4 x float> splat (float 0xC05A000000000000), <4 x float> %t104
  %t107 = fmul <4 x float> %t106, splat (float 0x3FF7154760000000)
  %t108 = fadd <4 x float> %t107, splat (float 0x4168001FC0000000)
  %t109 = fsub <4 x float> %t108, splat (float 0x4168001FC0000000)
  %t110 = bitcast <4 x float> %t108 to <4 x i32>
  %t111 = fmul <4 x float> %t109, splat (float 0xBFE6300000000000)
  %t112 = fadd <4 x float> %t111, %t106
  %t113 = fmul <4 x float> %t109, splat (float 0x3F2BD01060000000)
  %t114 = fadd <4 x float> %t113, %t112
  %t115 = fmul <4 x float> splat (float 0x3F2A0D2CE0000000), %t114
  %t116 = fadd <4 x float> %t115, splat (float 0x3F56E879C0000000)
  %t117 = fmul <4 x float> %t116, %t114
  %t118 = fadd <4 x float> %t117, splat (float 0x3F81112100000000)
  %t119 = fmul <4 x float> %t118, %t114
  %t120 = fadd <4 x float> %t119, splat (float 0x3FA5553820000000)
  %t121 = fmul <4 x float> %t120, %t114
  %t122 = fadd <4 x float> %t121, splat (float 0x3FC5555540000000)
  %t123 = fmul <4 x float> %t122, %t114
  %t124 = fadd <4 x float> %t123, splat (float 0x3FE0000000000000)
  %t125 = fmul <4 x float> %t114, %t114
  %t126 = fmul <4 x float> %t124, %t125
  %t127 = fadd <4 x float> %t126, %t114
  %t128 = fadd <4 x float> %t127, splat (float 0x3FF0000000000000)
  %t129 = lshr <4 x i32> %t110, splat (i32 1)
  %t130 = sub <4 x i32> %t110, %t129
  %t131 = shl <4 x i32> %t129, splat (i32 23)
  %t132 = bitcast <4 x i32> %t131 to <4 x float>
  %t133 = fmul <4 x float> %t128, %t132
  %t134 = shl <4 x i32> %t130, splat (i32 23)
  %t135 = bitcast <4 x i32> %t134 to <4 x float>
  %t136 = fmul <4 x float> %t133, %t135
  %t141 = getelementptr inbounds float, ptr %t140, i64 %t95
  %t137 = fadd <4 x float> %t96, %t136
  store <4 x float> %t136, ptr %t141, align 4
  %t142 = add i64 %t95, 4
  %t143 = getelementptr inbounds float, ptr %t19, i64 %t142
  %t144 = load <4 x float>, ptr %t143, align 4
  %t145 = fsub <4 x float> %t144, %t101
  %t146 = fcmp olt <4 x float> splat (float 0x4056400000000000), %t145
  %t147 = select <4 x i1> %t146, <4 x float> splat (float 0x4056400000000000), <4 x float> %t145
  %t148 = fcmp ogt <4 x float> splat (float 0xC05A000000000000), %t147
  %t149 = select <4 x i1> %t148, <4 x float> splat (float 0xC05A000000000000), <4 x float> %t147
  %t150 = fmul <4 x float> %t149, splat (float 0x3FF7154760000000)
  %t151 = fadd <4 x float> %t150, splat (float 0x4168001FC0000000)
  %t152 = fsub <4 x float> %t151, splat (float 0x4168001FC0000000)
  %t153 = bitcast <4 x float> %t151 to <4 x i32>
  %t154 = fmul <4 x float> %t152, splat (float 0xBFE6300000000000)
  %t155 = fadd <4 x float> %t154, %t149
  %t156 = fmul <4 x float> %t152, splat (float 0x3F2BD01060000000)
  %t157 = fadd <4 x float> %t156, %t155
  %t158 = fmul <4 x float> splat (float 0x3F2A0D2CE0000000), %t157
  %t159 = fadd <4 x float> %t158, splat (float 0x3F56E879C0000000)
  %t160 = fmul <4 x float> %t159, %t157
  %t161 = fadd <4 x float> %t160, splat (float 0x3F81112100000000)
  %t162 = fmul <4 x float> %t161, %t157
  %t163 = fadd <4 x float> %t162, splat (float 0x3FA5553820000000)
  %t164 = fmul <4 x float> %t163, %t157
  %t165 = fadd <4 x float> %t164, splat (float 0x3FC5555540000000)
  %t166 = fmul <4 x float> %t165, %t157
  %t167 = fadd <4 x float> %t166, splat (float 0x3FE0000000000000)
  %t168 = fmul <4 x float> %t157, %t157
  %t169 = fmul <4 x float> %t167, %t168
  %t170 = fadd <4 x float> %t169, %t157
  %t171 = fadd <4 x float> %t170, splat (float 0x3FF0000000000000)
  %t172 = lshr <4 x i32> %t153, splat (i32 1)
  %t173 = sub <4 x i32> %t153, %t172
  %t174 = shl <4 x i32> %t172, splat (i32 23)
  %t175 = bitcast <4 x i32> %t174 to <4 x float>
  %t176 = fmul <4 x float> %t171, %t175
  %t177 = shl <4 x i32> %t173, splat (i32 23)
  %t178 = bitcast <4 x i32> %t177 to <4 x float>
  %t179 = fmul <4 x float> %t176, %t178
  %t181 = getelementptr inbounds float, ptr %t140, i64 %t142
  %t180 = fadd <4 x float> %t97, %t179
  store <4 x float> %t179, ptr %t181, align 4
  %t182 = add nsw i64 %t95, 8
  %t183 = icmp slt i64 %t182, 200
  br i1 %t183, label %b92, label %b93
b93:
  %t185 = fadd <4 x float> %t137, %t180
  %t186 = shufflevector <4 x float> %t185, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %t187 = shufflevector <4 x float> %t185, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %t188 = fadd <2 x float> %t186, %t187
  %t189 = shufflevector <2 x float> %t188, <2 x float> poison, <1 x i32> <i32 0>
  %t190 = shufflevector <2 x float> %t188, <2 x float> poison, <1 x i32> <i32 1>
  %t191 = extractelement <1 x float> %t189, i64 0
  %t192 = extractelement <1 x float> %t190, i64 0
  %t193 = fadd float %t191, %t192
  %t194 = fadd float %t193, 0x0000000000000000
  %t202 = fdiv float 0x3FF0000000000000, %t194
  %t203 = insertelement <4 x float> poison, float %t202, i64 0
  %t204 = shufflevector <4 x float> %t203, <4 x float> poison, <4 x i32> zeroinitializer
  br label %b195
b195:
  %t198 = phi i64 [0, %b93], [%t207, %b195]
  %t200 = getelementptr inbounds float, ptr %t199, i64 %t198
  %t201 = load <4 x float>, ptr %t200, align 4
  %t205 = fmul <4 x float> %t201, %t204
  %t206 = getelementptr inbounds float, ptr %t140, i64 %t198
  store <4 x float> %t205, ptr %t206, align 4
  %t207 = add nsw i64 %t198, 4
  %t208 = icmp slt i64 %t207, 200
  br i1 %t208, label %b195, label %b196
b196:
  %t210 = add nsw i64 %t5, 1
  %t211 = icmp slt i64 %t210, %end
  br i1 %t211, label %b1, label %b2
b2:
  ret void
}
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="128" "min-legal-vector-width"="128" }
