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
  %t5 = phi i64 [%begin, %entry], [%t214, %b196]
  %t18 = mul i64 %t5, 200
  %t19 = getelementptr inbounds float, ptr %t17, i64 %t18
  %t127 = getelementptr inbounds float, ptr %t126, i64 %t18
  %t199 = getelementptr inbounds float, ptr %t126, i64 %t18
  br label %b8
b8:
  %t11 = phi i64 [0, %b1], [%t47, %b8]
  %t12 = phi <16 x float> [splat (float 0xFFF0000000000000), %b1], [%t25, %b8]
  %t13 = phi <16 x float> [splat (float 0xFFF0000000000000), %b1], [%t32, %b8]
  %t14 = phi <16 x float> [splat (float 0xFFF0000000000000), %b1], [%t39, %b8]
  %t15 = phi <16 x float> [splat (float 0xFFF0000000000000), %b1], [%t46, %b8]
  %t20 = getelementptr inbounds float, ptr %t19, i64 %t11
  %t21 = load <16 x float>, ptr %t20, align 4
  %t22 = fcmp ogt <16 x float> %t12, %t21
  %t23 = select <16 x i1> %t22, <16 x float> %t12, <16 x float> %t21
  %t24 = fcmp uno <16 x float> %t12, %t12
  %t25 = select <16 x i1> %t24, <16 x float> %t12, <16 x float> %t23
  %t26 = add i64 %t11, 16
  %t27 = getelementptr inbounds float, ptr %t19, i64 %t26
  %t28 = load <16 x float>, ptr %t27, align 4
  %t29 = fcmp ogt <16 x float> %t13, %t28
  %t30 = select <16 x i1> %t29, <16 x float> %t13, <16 x float> %t28
  %t31 = fcmp uno <16 x float> %t13, %t13
  %t32 = select <16 x i1> %t31, <16 x float> %t13, <16 x float> %t30
  %t33 = add i64 %t11, 32
  %t34 = getelementptr inbounds float, ptr %t19, i64 %t33
  %t35 = load <16 x float>, ptr %t34, align 4
  %t36 = fcmp ogt <16 x float> %t14, %t35
  %t37 = select <16 x i1> %t36, <16 x float> %t14, <16 x float> %t35
  %t38 = fcmp uno <16 x float> %t14, %t14
  %t39 = select <16 x i1> %t38, <16 x float> %t14, <16 x float> %t37
  %t40 = add i64 %t11, 48
  %t41 = getelementptr inbounds float, ptr %t19, i64 %t40
  %t42 = load <16 x float>, ptr %t41, align 4
  %t43 = fcmp ogt <16 x float> %t15, %t42
  %t44 = select <16 x i1> %t43, <16 x float> %t15, <16 x float> %t42
  %t45 = fcmp uno <16 x float> %t15, %t15
  %t46 = select <16 x i1> %t45, <16 x float> %t15, <16 x float> %t44
  %t47 = add nsw i64 %t11, 64
  %t48 = icmp slt i64 %t47, 192
  br i1 %t48, label %b8, label %b9
b9:
  %t50 = getelementptr inbounds float, ptr %t19, i64 192
  %t51 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t50, i32 4, <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false>, <16 x float> splat (float 0x0000000000000000))
  %t52 = select <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false>, <16 x float> %t51, <16 x float> splat (float 0xFFF0000000000000)
  %t53 = fcmp ogt <16 x float> %t25, %t52
  %t54 = select <16 x i1> %t53, <16 x float> %t25, <16 x float> %t52
  %t55 = fcmp uno <16 x float> %t25, %t25
  %t56 = select <16 x i1> %t55, <16 x float> %t25, <16 x float> %t54
  %t57 = fcmp ogt <16 x float> %t56, %t32
  %t58 = select <16 x i1> %t57, <16 x float> %t56, <16 x float> %t32
  %t59 = fcmp uno <16 x float> %t56, %t56
  %t60 = select <16 x i1> %t59, <16 x float> %t56, <16 x float> %t58
  %t61 = fcmp ogt <16 x float> %t39, %t46
  %t62 = select <16 x i1> %t61, <16 x float> %t39, <16 x float> %t46
  %t63 = fcmp uno <16 x float> %t39, %t39
  %t64 = select <16 x i1> %t63, <16 x float> %t39, <16 x float> %t62
  %t65 = fcmp ogt <16 x float> %t60, %t64
  %t66 = select <16 x i1> %t65, <16 x float> %t60, <16 x float> %t64
  %t67 = fcmp uno <16 x float> %t60, %t60
  %t68 = select <16 x i1> %t67, <16 x float> %t60, <16 x float> %t66
  %t69 = shufflevector <16 x float> %t68, <16 x float> poison, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %t70 = shufflevector <16 x float> %t68, <16 x float> poison, <8 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %t71 = fcmp ogt <8 x float> %t69, %t70
  %t72 = select <8 x i1> %t71, <8 x float> %t69, <8 x float> %t70
  %t73 = fcmp uno <8 x float> %t69, %t69
  %t74 = select <8 x i1> %t73, <8 x float> %t69, <8 x float> %t72
  %t75 = shufflevector <8 x float> %t74, <8 x float> poison, <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %t76 = shufflevector <8 x float> %t74, <8 x float> poison, <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %t77 = fcmp ogt <4 x float> %t75, %t76
  %t78 = select <4 x i1> %t77, <4 x float> %t75, <4 x float> %t76
  %t79 = fcmp uno <4 x float> %t75, %t75
  %t80 = select <4 x i1> %t79, <4 x float> %t75, <4 x float> %t78
  %t81 = shufflevector <4 x float> %t80, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %t82 = shufflevector <4 x float> %t80, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %t83 = fcmp ogt <2 x float> %t81, %t82
  %t84 = select <2 x i1> %t83, <2 x float> %t81, <2 x float> %t82
  %t85 = fcmp uno <2 x float> %t81, %t81
  %t86 = select <2 x i1> %t85, <2 x float> %t81, <2 x float> %t84
  %t87 = shufflevector <2 x float> %t86, <2 x float> poison, <1 x i32> <i32 0>
  %t88 = shufflevector <2 x float> %t86, <2 x float> poison, <1 x i32> <i32 1>
  %t89 = extractelement <1 x float> %t87, i64 0
  %t90 = extractelement <1 x float> %t88, i64 0
  %t91 = fcmp ogt float %t89, %t90
  %t92 = select i1 %t91, float %t89, float %t90
  %t93 = fcmp uno float %t89, %t89
  %t94 = select i1 %t93, float %t89, float %t92
  %t103 = insertelement <16 x float> poison, float %t94, i64 0
  %t104 = shufflevector <16 x float> %t103, <16 x float> poison, <16 x i32> zeroinitializer
  br label %b95
b95:
  %t98 = phi i64 [0, %b9], [%t153, %b95]
  %t99 = phi <16 x float> [splat (float 0x0000000000000000), %b9], [%t124, %b95]
  %t100 = phi <16 x float> [splat (float 0x0000000000000000), %b9], [%t151, %b95]
  %t101 = getelementptr inbounds float, ptr %t19, i64 %t98
  %t102 = load <16 x float>, ptr %t101, align 4
  %t105 = fsub <16 x float> %t102, %t104
  %t106 = fcmp olt <16 x float> splat (float 0x4056400000000000), %t105
  %t107 = select <16 x i1> %t106, <16 x float> splat (float 0x4056400000000000), <16 x float> %t105
  %t108 = fcmp ogt <16 x float> splat (float 0xC05A000000000000), %t107
  %t109 = select <16 x i1> %t108, <16 x float> splat (float 0xC05A000000000000), <16 x float> %t107
  %t110 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t109, <16 x float> splat (float 0x3FF7154760000000), <16 x float> splat (float 0x4168001FC0000000))
  %t111 = fsub <16 x float> %t110, splat (float 0x4168001FC0000000)
  %t112 = bitcast <16 x float> %t110 to <16 x i32>
  %t113 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t111, <16 x float> splat (float 0xBFE6300000000000), <16 x float> %t109)
  %t114 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t111, <16 x float> splat (float 0x3F2BD01060000000), <16 x float> %t113)
  %t115 = call <16 x float> @llvm.fma.v16f32(<16 x float> splat (float 0x3F2A0D2CE0000000), <16 x float> %t114, <16 x float> splat (float 0x3F56E879C0000000))
  %t116 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t115, <16 x float> %t114, <16 x float> splat (float 0x3F81112100000000))
  %t117 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t116, <16 x float> %t114, <16 x float> splat (float 0x3FA5553820000000))
  %t118 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t117, <16 x float> %t114, <16 x float> splat (float 0x3FC5555540000000))
  %t119 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t118, <16 x float> %t114, <16 x float> splat (float 0x3FE0000000000000))
  %t120 = fmul <16 x float> %t114, %t114
  %t121 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t119, <16 x float> %t120, <16 x float> %t114)
  %t122 = fadd <16 x float> %t121, splat (float 0x3FF0000000000000)
  %t123 = call <16 x float> @llvm.x86.avx512.mask.scalef.ps.512(<16 x float> %t122, <16 x float> %t111, <16 x float> %t122, i16 -1, i32 4)
  %t128 = getelementptr inbounds float, ptr %t127, i64 %t98
  %t124 = fadd <16 x float> %t99, %t123
  store <16 x float> %t123, ptr %t128, align 4
  %t129 = add i64 %t98, 16
  %t130 = getelementptr inbounds float, ptr %t19, i64 %t129
  %t131 = load <16 x float>, ptr %t130, align 4
  %t132 = fsub <16 x float> %t131, %t104
  %t133 = fcmp olt <16 x float> splat (float 0x4056400000000000), %t132
  %t134 = select <16 x i1> %t133, <16 x float> splat (float 0x4056400000000000), <16 x float> %t132
  %t135 = fcmp ogt <16 x float> splat (float 0xC05A000000000000), %t134
  %t136 = select <16 x i1> %t135, <16 x float> splat (float 0xC05A000000000000), <16 x float> %t134
  %t137 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t136, <16 x float> splat (float 0x3FF7154760000000), <16 x float> splat (float 0x4168001FC0000000))
  %t138 = fsub <16 x float> %t137, splat (float 0x4168001FC0000000)
  %t139 = bitcast <16 x float> %t137 to <16 x i32>
  %t140 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t138, <16 x float> splat (float 0xBFE6300000000000), <16 x float> %t136)
  %t141 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t138, <16 x float> splat (float 0x3F2BD01060000000), <16 x float> %t140)
  %t142 = call <16 x float> @llvm.fma.v16f32(<16 x float> splat (float 0x3F2A0D2CE0000000), <16 x float> %t141, <16 x float> splat (float 0x3F56E879C0000000))
  %t143 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t142, <16 x float> %t141, <16 x float> splat (float 0x3F81112100000000))
  %t144 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t143, <16 x float> %t141, <16 x float> splat (float 0x3FA5553820000000))
  %t145 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t144, <16 x float> %t141, <16 x float> splat (float 0x3FC5555540000000))
  %t146 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t145, <16 x float> %t141, <16 x float> splat (float 0x3FE0000000000000))
  %t147 = fmul <16 x float> %t141, %t141
  %t148 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t146, <16 x float> %t147, <16 x float> %t141)
  %t149 = fadd <16 x float> %t148, splat (float 0x3FF0000000000000)
  %t150 = call <16 x float> @llvm.x86.avx512.mask.scalef.ps.512(<16 x float> %t149, <16 x float> %t138, <16 x float> %t149, i16 -1, i32 4)
  %t152 = getelementptr inbounds float, ptr %t127, i64 %t129
  %t151 = fadd <16 x float> %t100, %t150
  store <16 x float> %t150, ptr %t152, align 4
  %t153 = add nsw i64 %t98, 32
  %t154 = icmp slt i64 %t153, 192
  br i1 %t154, label %b95, label %b96
b96:
  %t156 = getelementptr inbounds float, ptr %t19, i64 192
  %t157 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t156, i32 4, <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false>, <16 x float> splat (float 0x0000000000000000))
  %t158 = fsub <16 x float> %t157, %t104
  %t159 = fcmp olt <16 x float> splat (float 0x4056400000000000), %t158
  %t160 = select <16 x i1> %t159, <16 x float> splat (float 0x4056400000000000), <16 x float> %t158
  %t161 = fcmp ogt <16 x float> splat (float 0xC05A000000000000), %t160
  %t162 = select <16 x i1> %t161, <16 x float> splat (float 0xC05A000000000000), <16 x float> %t160
  %t163 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t162, <16 x float> splat (float 0x3FF7154760000000), <16 x float> splat (float 0x4168001FC0000000))
  %t164 = fsub <16 x float> %t163, splat (float 0x4168001FC0000000)
  %t165 = bitcast <16 x float> %t163 to <16 x i32>
  %t166 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t164, <16 x float> splat (float 0xBFE6300000000000), <16 x float> %t162)
  %t167 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t164, <16 x float> splat (float 0x3F2BD01060000000), <16 x float> %t166)
  %t168 = call <16 x float> @llvm.fma.v16f32(<16 x float> splat (float 0x3F2A0D2CE0000000), <16 x float> %t167, <16 x float> splat (float 0x3F56E879C0000000))
  %t169 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t168, <16 x float> %t167, <16 x float> splat (float 0x3F81112100000000))
  %t170 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t169, <16 x float> %t167, <16 x float> splat (float 0x3FA5553820000000))
  %t171 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t170, <16 x float> %t167, <16 x float> splat (float 0x3FC5555540000000))
  %t172 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t171, <16 x float> %t167, <16 x float> splat (float 0x3FE0000000000000))
  %t173 = fmul <16 x float> %t167, %t167
  %t174 = call <16 x float> @llvm.fma.v16f32(<16 x float> %t172, <16 x float> %t173, <16 x float> %t167)
  %t175 = fadd <16 x float> %t174, splat (float 0x3FF0000000000000)
  %t176 = call <16 x float> @llvm.x86.avx512.mask.scalef.ps.512(<16 x float> %t175, <16 x float> %t164, <16 x float> %t175, i16 -1, i32 4)
  %t179 = getelementptr inbounds float, ptr %t127, i64 192
  %t177 = select <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false>, <16 x float> %t176, <16 x float> splat (float 0x0000000000000000)
  %t178 = fadd <16 x float> %t124, %t177
  call void @llvm.masked.store.v16f32.p0(<16 x float> %t176, ptr %t179, i32 4, <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false>)
  %t180 = fadd <16 x float> %t178, %t151
  %t181 = shufflevector <16 x float> %t180, <16 x float> poison, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %t182 = shufflevector <16 x float> %t180, <16 x float> poison, <8 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %t183 = fadd <8 x float> %t181, %t182
  %t184 = shufflevector <8 x float> %t183, <8 x float> poison, <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %t185 = shufflevector <8 x float> %t183, <8 x float> poison, <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %t186 = fadd <4 x float> %t184, %t185
  %t187 = shufflevector <4 x float> %t186, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %t188 = shufflevector <4 x float> %t186, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %t189 = fadd <2 x float> %t187, %t188
  %t190 = shufflevector <2 x float> %t189, <2 x float> poison, <1 x i32> <i32 0>
  %t191 = shufflevector <2 x float> %t189, <2 x float> poison, <1 x i32> <i32 1>
  %t192 = extractelement <1 x float> %t190, i64 0
  %t193 = extractelement <1 x float> %t191, i64 0
  %t194 = fadd float %t192, %t193
  %t202 = fdiv float 0x3FF0000000000000, %t194
  %t203 = insertelement <16 x float> poison, float %t202, i64 0
  %t204 = shufflevector <16 x float> %t203, <16 x float> poison, <16 x i32> zeroinitializer
  br label %b195
b195:
  %t198 = phi i64 [0, %b96], [%t207, %b195]
  %t200 = getelementptr inbounds float, ptr %t199, i64 %t198
  %t201 = load <16 x float>, ptr %t200, align 4
  %t205 = fmul <16 x float> %t201, %t204
  %t206 = getelementptr inbounds float, ptr %t127, i64 %t198
  store <16 x float> %t205, ptr %t206, align 4
  %t207 = add nsw i64 %t198, 16
  %t208 = icmp slt i64 %t207, 192
  br i1 %t208, label %b195, label %b196
b196:
  %t210 = getelementptr inbounds float, ptr %t199, i64 192
  %t211 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t210, i32 4, <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false>, <16 x float> splat (float 0x0000000000000000))
  %t212 = fmul <16 x float> %t211, %t204
  %t213 = getelementptr inbounds float, ptr %t127, i64 192
  call void @llvm.masked.store.v16f32.p0(<16 x float> %t212, ptr %t213, i32 4, <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false, i1 false>)
  %t214 = add nsw i64 %t5, 1
  %t215 = icmp slt i64 %t214, %end
  br i1 %t215, label %b1, label %b2
b2:
  ret void
}
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, i32 immarg, <16 x i1>, <16 x float>)
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
declare <16 x float> @llvm.x86.avx512.mask.scalef.ps.512(<16 x float>, <16 x float>, <16 x float>, i16, i32 immarg)
declare void @llvm.masked.store.v16f32.p0(<16 x float>, ptr, i32 immarg, <16 x i1>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="512" "min-legal-vector-width"="512" }
