define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t6 = getelementptr inbounds i64, ptr %frame, i64 1
  %t7 = load i64, ptr %t6, align 8
  %t16 = getelementptr inbounds i64, ptr %frame, i64 2
  %t17 = load ptr, ptr %t16, align 8
  %t129 = getelementptr inbounds i64, ptr %frame, i64 3
  %t130 = load ptr, ptr %t129, align 8
  %t4 = icmp slt i64 %begin, %end
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [%begin, %entry], [%t192, %b178]
  %t18 = mul i64 %t5, 200
  %t19 = getelementptr inbounds float, ptr %t17, i64 %t18
  %t131 = getelementptr inbounds float, ptr %t130, i64 %t18
  %t181 = getelementptr inbounds float, ptr %t130, i64 %t18
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
  %t95 = phi i64 [0, %b51], [%t164, %b92]
  %t96 = phi <4 x float> [splat (float 0x0000000000000000), %b51], [%t128, %b92]
  %t97 = phi <4 x float> [splat (float 0x0000000000000000), %b51], [%t162, %b92]
  %t98 = getelementptr inbounds float, ptr %t19, i64 %t95
  %t99 = load <4 x float>, ptr %t98, align 4
  %t102 = fsub <4 x float> %t99, %t101
  %t103 = fcmp olt <4 x float> splat (float 0x4056400000000000), %t102
  %t104 = select <4 x i1> %t103, <4 x float> splat (float 0x4056400000000000), <4 x float> %t102
  %t105 = fcmp ogt <4 x float> splat (float 0xC05A000000000000), %t104
  %t106 = select <4 x i1> %t105, <4 x float> splat (float 0xC05A000000000000), <4 x float> %t104
  %t107 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t106, <4 x float> splat (float 0x3FF7154760000000), <4 x float> splat (float 0x4168001FC0000000))
  %t108 = fsub <4 x float> %t107, splat (float 0x4168001FC0000000)
  %t109 = bitcast <4 x float> %t107 to <4 x i32>
  %t110 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t108, <4 x float> splat (float 0xBFE6300000000000), <4 x float> %t106)
  %t111 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t108, <4 x float> splat (float 0x3F2BD01060000000), <4 x float> %t110)
  %t112 = call <4 x float> @llvm.fma.v4f32(<4 x float> splat (float 0x3F2A0D2CE0000000), <4 x float> %t111, <4 x float> splat (float 0x3F56E879C0000000))
  %t113 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t112, <4 x float> %t111, <4 x float> splat (float 0x3F81112100000000))
  %t114 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t113, <4 x float> %t111, <4 x float> splat (float 0x3FA5553820000000))
  %t115 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t114, <4 x float> %t111, <4 x float> splat (float 0x3FC5555540000000))
  %t116 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t115, <4 x float> %t111, <4 x float> splat (float 0x3FE0000000000000))
  %t117 = fmul <4 x float> %t111, %t111
  %t118 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t116, <4 x float> %t117, <4 x float> %t111)
  %t119 = fadd <4 x float> %t118, splat (float 0x3FF0000000000000)
  %t120 = lshr <4 x i32> %t109, splat (i32 1)
  %t121 = sub <4 x i32> %t109, %t120
  %t122 = shl <4 x i32> %t120, splat (i32 23)
  %t123 = bitcast <4 x i32> %t122 to <4 x float>
  %t124 = fmul <4 x float> %t119, %t123
  %t125 = shl <4 x i32> %t121, splat (i32 23)
  %t126 = bitcast <4 x i32> %t125 to <4 x float>
  %t127 = fmul <4 x float> %t124, %t126
  %t132 = getelementptr inbounds float, ptr %t131, i64 %t95
  %t128 = fadd <4 x float> %t96, %t127
  store <4 x float> %t127, ptr %t132, align 4
  %t133 = add i64 %t95, 4
  %t134 = getelementptr inbounds float, ptr %t19, i64 %t133
  %t135 = load <4 x float>, ptr %t134, align 4
  %t136 = fsub <4 x float> %t135, %t101
  %t137 = fcmp olt <4 x float> splat (float 0x4056400000000000), %t136
  %t138 = select <4 x i1> %t137, <4 x float> splat (float 0x4056400000000000), <4 x float> %t136
  %t139 = fcmp ogt <4 x float> splat (float 0xC05A000000000000), %t138
  %t140 = select <4 x i1> %t139, <4 x float> splat (float 0xC05A000000000000), <4 x float> %t138
  %t141 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t140, <4 x float> splat (float 0x3FF7154760000000), <4 x float> splat (float 0x4168001FC0000000))
  %t142 = fsub <4 x float> %t141, splat (float 0x4168001FC0000000)
  %t143 = bitcast <4 x float> %t141 to <4 x i32>
  %t144 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t142, <4 x float> splat (float 0xBFE6300000000000), <4 x float> %t140)
  %t145 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t142, <4 x float> splat (float 0x3F2BD01060000000), <4 x float> %t144)
  %t146 = call <4 x float> @llvm.fma.v4f32(<4 x float> splat (float 0x3F2A0D2CE0000000), <4 x float> %t145, <4 x float> splat (float 0x3F56E879C0000000))
  %t147 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t146, <4 x float> %t145, <4 x float> splat (float 0x3F81112100000000))
  %t148 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t147, <4 x float> %t145, <4 x float> splat (float 0x3FA5553820000000))
  %t149 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t148, <4 x float> %t145, <4 x float> splat (float 0x3FC5555540000000))
  %t150 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t149, <4 x float> %t145, <4 x float> splat (float 0x3FE0000000000000))
  %t151 = fmul <4 x float> %t145, %t145
  %t152 = call <4 x float> @llvm.fma.v4f32(<4 x float> %t150, <4 x float> %t151, <4 x float> %t145)
  %t153 = fadd <4 x float> %t152, splat (float 0x3FF0000000000000)
  %t154 = lshr <4 x i32> %t143, splat (i32 1)
  %t155 = sub <4 x i32> %t143, %t154
  %t156 = shl <4 x i32> %t154, splat (i32 23)
  %t157 = bitcast <4 x i32> %t156 to <4 x float>
  %t158 = fmul <4 x float> %t153, %t157
  %t159 = shl <4 x i32> %t155, splat (i32 23)
  %t160 = bitcast <4 x i32> %t159 to <4 x float>
  %t161 = fmul <4 x float> %t158, %t160
  %t163 = getelementptr inbounds float, ptr %t131, i64 %t133
  %t162 = fadd <4 x float> %t97, %t161
  store <4 x float> %t161, ptr %t163, align 4
  %t164 = add nsw i64 %t95, 8
  %t165 = icmp slt i64 %t164, 200
  br i1 %t165, label %b92, label %b93
b93:
  %t167 = fadd <4 x float> %t128, %t162
  %t168 = shufflevector <4 x float> %t167, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %t169 = shufflevector <4 x float> %t167, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %t170 = fadd <2 x float> %t168, %t169
  %t171 = shufflevector <2 x float> %t170, <2 x float> poison, <1 x i32> <i32 0>
  %t172 = shufflevector <2 x float> %t170, <2 x float> poison, <1 x i32> <i32 1>
  %t173 = extractelement <1 x float> %t171, i64 0
  %t174 = extractelement <1 x float> %t172, i64 0
  %t175 = fadd float %t173, %t174
  %t176 = fadd float %t175, 0x0000000000000000
  %t184 = fdiv float 0x3FF0000000000000, %t176
  %t185 = insertelement <4 x float> poison, float %t184, i64 0
  %t186 = shufflevector <4 x float> %t185, <4 x float> poison, <4 x i32> zeroinitializer
  br label %b177
b177:
  %t180 = phi i64 [0, %b93], [%t189, %b177]
  %t182 = getelementptr inbounds float, ptr %t181, i64 %t180
  %t183 = load <4 x float>, ptr %t182, align 4
  %t187 = fmul <4 x float> %t183, %t186
  %t188 = getelementptr inbounds float, ptr %t131, i64 %t180
  store <4 x float> %t187, ptr %t188, align 4
  %t189 = add nsw i64 %t180, 4
  %t190 = icmp slt i64 %t189, 200
  br i1 %t190, label %b177, label %b178
b178:
  %t192 = add nsw i64 %t5, 1
  %t193 = icmp slt i64 %t192, %end
  br i1 %t193, label %b1, label %b2
b2:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="128" "min-legal-vector-width"="128" }
