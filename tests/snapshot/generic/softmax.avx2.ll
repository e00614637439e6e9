define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t6 = getelementptr inbounds i64, ptr %frame, i64 1
  %t7 = load i64, ptr %t6, align 8
  %t16 = getelementptr inbounds i64, ptr %frame, i64 2
  %t17 = load ptr, ptr %t16, align 8
  %t125 = getelementptr inbounds i64, ptr %frame, i64 3
  %t126 = load ptr, ptr %t125, align 8
  %t4 = icmp slt i64 %begin, %end
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [%begin, %entry], [%t220, %b206]
  %t18 = mul i64 %t5, 200
  %t19 = getelementptr inbounds float, ptr %t17, i64 %t18
  %t127 = getelementptr inbounds float, ptr %t126, i64 %t18
  %t209 = getelementptr inbounds float, ptr %t126, i64 %t18
  br label %b8
b8:
  %t11 = phi i64 [0, %b1], [%t47, %b8]
  %t12 = phi <8 x float> [splat (float 0xFFF0000000000000), %b1], [%t25, %b8]
  %t13 = phi <8 x float> [splat (float 0xFFF0000000000000), %b1], [%t32, %b8]
  %t14 = phi <8 x float> [splat (float 0xFFF0000000000000), %b1], [%t39, %b8]
  %t15 = phi <8 x float> [splat (float 0xFFF0000000000000), %b1], [%t46, %b8]
  %t20 = getelementptr inbounds float, ptr %t19, i64 %t11
  %t21 = load <8 x float>, ptr %t20, align 4
  %t22 = fcmp ogt <8 x float> %t12, %t21
  %t23 = select <8 x i1> %t22, <8 x float> %t12, <8 x float> %t21
  %t24 = fcmp uno <8 x float> %t12, %t12
  %t25 = select <8 x i1> %t24, <8 x float> %t12, <8 x float> %t23
  %t26 = add i64 %t11, 8
  %t27 = getelementptr inbounds float, ptr %t19, i64 %t26
  %t28 = load <8 x float>, ptr %t27, align 4
  %t29 = fcmp ogt <8 x float> %t13, %t28
  %t30 = select <8 x i1> %t29, <8 x float> %t13, <8 x float> %t28
  %t31 = fcmp uno <8 x float> %t13, %t13
  %t32 = select <8 x i1> %t31, <8 x float> %t13, <8 x float> %t30
  %t33 = add i64 %t11, 16
  %t34 = getelementptr inbounds float, ptr %t19, i64 %t33
  %t35 = load <8 x float>, ptr %t34, align 4
  %t36 = fcmp ogt <8 x float> %t14, %t35
  %t37 = select <8 x i1> %t36, <8 x float> %t14, <8 x float> %t35
  %t38 = fcmp uno <8 x float> %t14, %t14
  %t39 = select <8 x i1> %t38, <8 x float> %t14, <8 x float> %t37
  %t40 = add i64 %t11, 24
  %t41 = getelementptr inbounds float, ptr %t19, i64 %t40
  %t42 = load <8 x float>, ptr %t41, align 4
  %t43 = fcmp ogt <8 x float> %t15, %t42
  %t44 = select <8 x i1> %t43, <8 x float> %t15, <8 x float> %t42
  %t45 = fcmp uno <8 x float> %t15, %t15
  %t46 = select <8 x i1> %t45, <8 x float> %t15, <8 x float> %t44
  %t47 = add nsw i64 %t11, 32
  %t48 = icmp slt i64 %t47, 192
  br i1 %t48, label %b8, label %b9
b9:
  %t50 = getelementptr inbounds float, ptr %t19, i64 192
  %t51 = load <8 x float>, ptr %t50, align 4
  %t52 = fcmp ogt <8 x float> %t25, %t51
  %t53 = select <8 x i1> %t52, <8 x float> %t25, <8 x float> %t51
  %t54 = fcmp uno <8 x float> %t25, %t25
  %t55 = select <8 x i1> %t54, <8 x float> %t25, <8 x float> %t53
  %t56 = fcmp ogt <8 x float> %t55, %t32
  %t57 = select <8 x i1> %t56, <8 x float> %t55, <8 x float> %t32
  %t58 = fcmp uno <8 x float> %t55, %t55
  %t59 = select <8 x i1> %t58, <8 x float> %t55, <8 x float> %t57
  %t60 = fcmp ogt <8 x float> %t39, %t46
  %t61 = select <8 x i1> %t60, <8 x float> %t39, <8 x float> %t46
  %t62 = fcmp uno <8 x float> %t39, %t39
  %t63 = select <8 x i1> %t62, <8 x float> %t39, <8 x float> %t61
  %t64 = fcmp ogt <8 x float> %t59, %t63
  %t65 = select <8 x i1> %t64, <8 x float> %t59, <8 x float> %t63
  %t66 = fcmp uno <8 x float> %t59, %t59
  %t67 = select <8 x i1> %t66, <8 x float> %t59, <8 x float> %t65
  %t68 = shufflevector <8 x float> %t67, <8 x float> poison, <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %t69 = shufflevector <8 x float> %t67, <8 x float> poison, <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %t70 = fcmp ogt <4 x float> %t68, %t69
  %t71 = select <4 x i1> %t70, <4 x float> %t68, <4 x float> %t69
  %t72 = fcmp uno <4 x float> %t68, %t68
  %t73 = select <4 x i1> %t72, <4 x float> %t68, <4 x float> %t71
  %t74 = shufflevector <4 x float> %t73, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %t75 = shufflevector <4 x float> %t73, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %t76 = fcmp ogt <2 x float> %t74, %t75
  %t77 = select <2 x i1> %t76, <2 x float> %t74, <2 x float> %t75
  %t78 = fcmp uno <2 x float> %t74, %t74
  %t79 = select <2 x i1> %t78, <2 x float> %t74, <2 x float> %t77
  %t80 = shufflevector <2 x float> %t79, <2 x float> poison, <1 x i32> <i32 0>
  %t81 = shufflevector <2 x float> %t79, <2 x float> poison, <1 x i32> <i32 1>
  %t82 = extractelement <1 x float> %t80, i64 0
  %t83 = extractelement <1 x float> %t81, i64 0
  %t84 = fcmp ogt float %t82, %t83
  %t85 = select i1 %t84, float %t82, float %t83
  %t86 = fcmp uno float %t82, %t82
  %t87 = select i1 %t86, float %t82, float %t85
  %t96 = insertelement <8 x float> poison, float %t87, i64 0
  %t97 = shufflevector <8 x float> %t96, <8 x float> poison, <8 x i32> zeroinitializer
  br label %b88
b88:
  %t91 = phi i64 [0, %b9], [%t160, %b88]
  %t92 = phi <8 x float> [splat (float 0x0000000000000000), %b9], [%t124, %b88]
  %t93 = phi <8 x float> [splat (float 0x0000000000000000), %b9], [%t158, %b88]
  %t94 = getelementptr inbounds float, ptr %t19, i64 %t91
  %t95 = load <8 x float>, ptr %t94, align 4
  %t98 = fsub <8 x float> %t95, %t97
  %t99 = fcmp olt <8 x float> splat (float 0x4056400000000000), %t98
  %t100 = select <8 x i1> %t99, <8 x float> splat (float 0x4056400000000000), <8 x float> %t98
  %t101 = fcmp ogt <8 x float> splat (float 0xC05A000000000000), %t100
  %t102 = select <8 x i1> %t101, <8 x float> splat (float 0xC05A000000000000), <8 x float> %t100
  %t103 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t102, <8 x float> splat (float 0x3FF7154760000000), <8 x float> splat (float 0x4168001FC0000000))
  %t104 = fsub <8 x float> %t103, splat (float 0x4168001FC0000000)
  %t105 = bitcast <8 x float> %t103 to <8 x i32>
  %t106 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t104, <8 x float> splat (float 0xBFE6300000000000), <8 x float> %t102)
  %t107 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t104, <8 x float> splat (float 0x3F2BD01060000000), <8 x float> %t106)
  %t108 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3F2A0D2CE0000000), <8 x float> %t107, <8 x float> splat (float 0x3F56E879C0000000))
  %t109 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t108, <8 x float> %t107, <8 x float> splat (float 0x3F81112100000000))
  %t110 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t109, <8 x float> %t107, <8 x float> splat (float 0x3FA5553820000000))
  %t111 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t110, <8 x float> %t107, <8 x float> splat (float 0x3FC5555540000000))
  %t112 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t111, <8 x float> %t107, <8 x float> splat (float 0x3FE0000000000000))
  %t113 = fmul <8 x float> %t107, %t107
  %t114 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t112, <8 x float> %t113, <8 x float> %t107)
  %t115 = fadd <8 x float> %t114, splat (float 0x3FF0000000000000)
  %t116 = lshr <8 x i32> %t105, splat (i32 1)
  %t117 = sub <8 x i32> %t105, %t116
  %t118 = shl <8 x i32> %t116, splat (i32 23)
  %t119 = bitcast <8 x i32> %t118 to <8 x float>
  %t120 = fmul <8 x float> %t115, %t119
  %t121 = shl <8 x i32> %t117, splat (i32 23)
  %t122 = bitcast <8 x i32> %t121 to <8 x float>
  %t123 = fmul <8 x float> %t120, %t122
  %t128 = getelementptr inbounds float, ptr %t127, i64 %t91
  %t124 = fadd <8 x float> %t92, %t123
  store <8 x float> %t123, ptr %t128, align 4
  %t129 = add i64 %t91, 8
  %t130 = getelementptr inbounds float, ptr %t19, i64 %t129
  %t131 = load <8 x float>, ptr %t130, align 4
  %t132 = fsub <8 x float> %t131, %t97
  %t133 = fcmp olt <8 x float> splat (float 0x4056400000000000), %t132
  %t134 = select <8 x i1> %t133, <8 x float> splat (float 0x4056400000000000), <8 x float> %t132
  %t135 = fcmp ogt <8 x float> splat (float 0xC05A000000000000), %t134
  %t136 = select <8 x i1> %t135, <8 x float> splat (float 0xC05A000000000000), <8 x float> %t134
  %t137 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t136, <8 x float> splat (float 0x3FF7154760000000), <8 x float> splat (float 0x4168001FC0000000))
  %t138 = fsub <8 x float> %t137, splat (float 0x4168001FC0000000)
  %t139 = bitcast <8 x float> %t137 to <8 x i32>
  %t140 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t138, <8 x float> splat (float 0xBFE6300000000000), <8 x float> %t136)
  %t141 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t138, <8 x float> splat (float 0x3F2BD01060000000), <8 x float> %t140)
  %t142 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3F2A0D2CE0000000), <8 x float> %t141, <8 x float> splat (float 0x3F56E879C0000000))
  %t143 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t142, <8 x float> %t141, <8 x float> splat (float 0x3F81112100000000))
  %t144 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t143, <8 x float> %t141, <8 x float> splat (float 0x3FA5553820000000))
  %t145 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t144, <8 x float> %t141, <8 x float> splat (float 0x3FC5555540000000))
  %t146 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t145, <8 x float> %t141, <8 x float> splat (float 0x3FE0000000000000))
  %t147 = fmul <8 x float> %t141, %t141
  %t148 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t146, <8 x float> %t147, <8 x float> %t141)
  %t149 = fadd <8 x float> %t148, splat (float 0x3FF0000000000000)
  %t150 = lshr <8 x i32> %t139, splat (i32 1)
  %t151 = sub <8 x i32> %t139, %t150
  %t152 = shl <8 x i32> %t150, splat (i32 23)
  %t153 = bitcast <8 x i32> %t152 to <8 x float>
  %t154 = fmul <8 x float> %t149, %t153
  %t155 = shl <8 x i32> %t151, splat (i32 23)
  %t156 = bitcast <8 x i32> %t155 to <8 x float>
  %t157 = fmul <8 x float> %t154, %t156
  %t159 = getelementptr inbounds float, ptr %t127, i64 %t129
  %t158 = fadd <8 x float> %t93, %t157
  store <8 x float> %t157, ptr %t159, align 4
  %t160 = add nsw i64 %t91, 16
  %t161 = icmp slt i64 %t160, 192
  br i1 %t161, label %b88, label %b89
b89:
  %t163 = getelementptr inbounds float, ptr %t19, i64 192
  %t164 = load <8 x float>, ptr %t163, align 4
  %t165 = fsub <8 x float> %t164, %t97
  %t166 = fcmp olt <8 x float> splat (float 0x4056400000000000), %t165
  %t167 = select <8 x i1> %t166, <8 x float> splat (float 0x4056400000000000), <8 x float> %t165
  %t168 = fcmp ogt <8 x float> splat (float 0xC05A000000000000), %t167
  %t169 = select <8 x i1> %t168, <8 x float> splat (float 0xC05A000000000000), <8 x float> %t167
  %t170 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t169, <8 x float> splat (float 0x3FF7154760000000), <8 x float> splat (float 0x4168001FC0000000))
  %t171 = fsub <8 x float> %t170, splat (float 0x4168001FC0000000)
  %t172 = bitcast <8 x float> %t170 to <8 x i32>
  %t173 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t171, <8 x float> splat (float 0xBFE6300000000000), <8 x float> %t169)
  %t174 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t171, <8 x float> splat (float 0x3F2BD01060000000), <8 x float> %t173)
  %t175 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3F2A0D2CE0000000), <8 x float> %t174, <8 x float> splat (float 0x3F56E879C0000000))
  %t176 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t175, <8 x float> %t174, <8 x float> splat (float 0x3F81112100000000))
  %t177 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t176, <8 x float> %t174, <8 x float> splat (float 0x3FA5553820000000))
  %t178 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t177, <8 x float> %t174, <8 x float> splat (float 0x3FC5555540000000))
  %t179 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t178, <8 x float> %t174, <8 x float> splat (float 0x3FE0000000000000))
  %t180 = fmul <8 x float> %t174, %t174
  %t181 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t179, <8 x float> %t180, <8 x float> %t174)
  %t182 = fadd <8 x float> %t181, splat (float 0x3FF0000000000000)
  %t183 = lshr <8 x i32> %t172, splat (i32 1)
  %t184 = sub <8 x i32> %t172, %t183
  %t185 = shl <8 x i32> %t183, splat (i32 23)
  %t186 = bitcast <8 x i32> %t185 to <8 x float>
  %t187 = fmul <8 x float> %t182, %t186
  %t188 = shl <8 x i32> %t184, splat (i32 23)
  %t189 = bitcast <8 x i32> %t188 to <8 x float>
  %t190 = fmul <8 x float> %t187, %t189
  %t192 = getelementptr inbounds float, ptr %t127, i64 192
  %t191 = fadd <8 x float> %t124, %t190
  store <8 x float> %t190, ptr %t192, align 4
  %t193 = fadd <8 x float> %t191, %t158
  %t194 = shufflevector <8 x float> %t193, <8 x float> poison, <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %t195 = shufflevector <8 x float> %t193, <8 x float> poison, <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %t196 = fadd <4 x float> %t194, %t195
  %t197 = shufflevector <4 x float> %t196, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %t198 = shufflevector <4 x float> %t196, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %t199 = fadd <2 x float> %t197, %t198
  %t200 = shufflevector <2 x float> %t199, <2 x float> poison, <1 x i32> <i32 0>
  %t201 = shufflevector <2 x float> %t199, <2 x float> poison, <1 x i32> <i32 1>
  %t202 = extractelement <1 x float> %t200, i64 0
  %t203 = extractelement <1 x float> %t201, i64 0
  %t204 = fadd float %t202, %t203
  %t212 = fdiv float 0x3FF0000000000000, %t204
  %t213 = insertelement <8 x float> poison, float %t212, i64 0
  %t214 = shufflevector <8 x float> %t213, <8 x float> poison, <8 x i32> zeroinitializer
  br label %b205
b205:
  %t208 = phi i64 [0, %b89], [%t217, %b205]
  %t210 = getelementptr inbounds float, ptr %t209, i64 %t208
  %t211 = load <8 x float>, ptr %t210, align 4
  %t215 = fmul <8 x float> %t211, %t214
  %t216 = getelementptr inbounds float, ptr %t127, i64 %t208
  store <8 x float> %t215, ptr %t216, align 4
  %t217 = add nsw i64 %t208, 8
  %t218 = icmp slt i64 %t217, 200
  br i1 %t218, label %b205, label %b206
b206:
  %t220 = add nsw i64 %t5, 1
  %t221 = icmp slt i64 %t220, %end
  br i1 %t221, label %b1, label %b2
b2:
  ret void
}
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
