define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t1 = getelementptr inbounds i64, ptr %context, i64 1
  %t2 = load ptr, ptr %t1, align 8
  %t3 = getelementptr inbounds i64, ptr %frame, i64 1
  %t4 = load ptr, ptr %t3, align 8
  %t5 = getelementptr inbounds i64, ptr %frame, i64 2
  %t6 = load ptr, ptr %t5, align 8
  %t16 = getelementptr inbounds i64, ptr %frame, i64 3
  %t17 = load ptr, ptr %t16, align 8
  %t10 = icmp slt i64 %begin, %end
  br i1 %t10, label %b7, label %b8
b7:
  %t11 = phi i64 [%begin, %entry], [%t72, %b51]
  %t12 = mul i64 %t11, 720
  %t13 = getelementptr inbounds float, ptr %t4, i64 %t12
  %t14 = mul i64 %t11, 480
  %t15 = getelementptr inbounds float, ptr %t6, i64 %t14
  %t18 = mul i64 %t11, 864
  %t19 = getelementptr inbounds float, ptr %t17, i64 %t18
  br label %b20
b20:
  %t23 = phi i64 [0, %b7], [%t47, %b36]
  %t24 = mul i64 %t23, 192
  %t25 = getelementptr inbounds float, ptr %t2, i64 %t24
  %t26 = mul i64 %t23, 8
  %t27 = sub i64 36, %t26
  %t28 = icmp slt i64 %t27, 8
  %t29 = select i1 %t28, i64 %t27, i64 8
  %t30 = getelementptr inbounds float, ptr %t19, i64 %t26
  %t31 = trunc i64 %t29 to i32
  %t32 = insertelement <8 x i32> poison, i32 %t31, i64 0
  %t33 = shufflevector <8 x i32> %t32, <8 x i32> poison, <8 x i32> zeroinitializer
  %t34 = icmp sgt <8 x i32> %t33, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  br label %b35
b35:
  %t38 = phi i64 [0, %b20], [%t44, %b35]
  %t39 = phi ptr [%t25, %b20], [%t43, %b35]
  %t40 = mul i64 %t38, 36
  %t41 = getelementptr inbounds float, ptr %t30, i64 %t40
  %t42 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t41, i32 4, <8 x i1> %t34, <8 x float> splat (float 0x0000000000000000))
  store <8 x float> %t42, ptr %t39, align 4
  %t43 = getelementptr inbounds float, ptr %t39, i64 8
  %t44 = add nsw i64 %t38, 1
  %t45 = icmp slt i64 %t44, 24
  br i1 %t45, label %b35, label %b36
b36:
  %t47 = add nsw i64 %t23, 1
  %t48 = icmp slt i64 %t47, 5
  br i1 %t48, label %b20, label %b21
b21:
  br label %b50
b50:
  %t53 = phi i64 [0, %b21], [%t69, %b62]
  %t54 = mul i64 %t53, 192
  %t55 = getelementptr inbounds float, ptr %t2, i64 %t54
  %t56 = mul i64 %t53, 8
  %t57 = getelementptr inbounds float, ptr %t13, i64 %t56
  %t58 = sub i64 36, %t56
  %t59 = icmp slt i64 %t58, 8
  %t60 = select i1 %t59, i64 %t58, i64 8
  br label %b61
b61:
  %t64 = phi i64 [0, %b50], [%t66, %b61]
  %t65 = mul i64 %t64, 7
  call void @tile7(ptr %t15, ptr %t55, ptr %t57, i64 %t65, i64 %t60)
  %t66 = add nsw i64 %t64, 1
  %t67 = icmp slt i64 %t66, 2
  br i1 %t67, label %b61, label %b62
b62:
  call void @tile6(ptr %t15, ptr %t55, ptr %t57, i64 14, i64 %t60)
  %t69 = add nsw i64 %t53, 1
  %t70 = icmp slt i64 %t69, 5
  br i1 %t70, label %b50, label %b51
b51:
  %t72 = add nsw i64 %t11, 1
  %t73 = icmp slt i64 %t72, %end
  br i1 %t73, label %b7, label %b8
b8:
  ret void
}
define internal void @tile7(ptr %a0, ptr %a1, ptr %a2, i64 %a3, i64 %a4) #0 {
entry:
  %t197 = alloca [56 x float], align 64
  %t204 = alloca [7 x i64], align 64
  %t1 = mul i64 %a3, 24
  %t2 = add i64 %t1, 24
  %t3 = add i64 %t1, 48
  %t4 = add i64 %t1, 72
  %t5 = add i64 %t1, 96
  %t6 = add i64 %t1, 120
  %t7 = add i64 %t1, 144
  %t8 = getelementptr inbounds float, ptr %a0, i64 %t1
  %t9 = getelementptr inbounds float, ptr %a0, i64 %t2
  %t10 = getelementptr inbounds float, ptr %a0, i64 %t3
  %t11 = getelementptr inbounds float, ptr %a0, i64 %t4
  %t12 = getelementptr inbounds float, ptr %a0, i64 %t5
  %t13 = getelementptr inbounds float, ptr %a0, i64 %t6
  %t14 = getelementptr inbounds float, ptr %a0, i64 %t7
  br label %b15
b15:
  %t18 = phi i64 [0, %entry], [%t175, %b15]
  %t19 = phi ptr [%a1, %entry], [%t174, %b15]
  %t20 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t143, %b15]
  %t21 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t148, %b15]
  %t22 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t153, %b15]
  %t23 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t158, %b15]
  %t24 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t163, %b15]
  %t25 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t168, %b15]
  %t26 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t173, %b15]
  %t27 = getelementptr inbounds float, ptr %t8, i64 %t18
  %t28 = getelementptr inbounds float, ptr %t9, i64 %t18
  %t29 = getelementptr inbounds float, ptr %t10, i64 %t18
  %t30 = getelementptr inbounds float, ptr %t11, i64 %t18
  %t31 = getelementptr inbounds float, ptr %t12, i64 %t18
  %t32 = getelementptr inbounds float, ptr %t13, i64 %t18
  %t33 = getelementptr inbounds float, ptr %t14, i64 %t18
  %t34 = load <8 x float>, ptr %t19, align 4
  %t35 = load float, ptr %t27, align 4
  %t36 = insertelement <8 x float> poison, float %t35, i64 0
  %t37 = shufflevector <8 x float> %t36, <8 x float> poison, <8 x i32> zeroinitializer
  %t38 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t37, <8 x float> %t34, <8 x float> %t20)
  %t39 = load float, ptr %t28, align 4
  %t40 = insertelement <8 x float> poison, float %t39, i64 0
  %t41 = shufflevector <8 x float> %t40, <8 x float> poison, <8 x i32> zeroinitializer
  %t42 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t41, <8 x float> %t34, <8 x float> %t21)
  %t43 = load float, ptr %t29, align 4
  %t44 = insertelement <8 x float> poison, float %t43, i64 0
  %t45 = shufflevector <8 x float> %t44, <8 x float> poison, <8 x i32> zeroinitializer
  %t46 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t45, <8 x float> %t34, <8 x float> %t22)
  %t47 = load float, ptr %t30, align 4
  %t48 = insertelement <8 x float> poison, float %t47, i64 0
  %t49 = shufflevector <8 x float> %t48, <8 x float> poison, <8 x i32> zeroinitializer
  %t50 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t49, <8 x float> %t34, <8 x float> %t23)
  %t51 = load float, ptr %t31, align 4
  %t52 = insertelement <8 x float> poison, float %t51, i64 0
  %t53 = shufflevector <8 x float> %t52, <8 x float> poison, <8 x i32> zeroinitializer
  %t54 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t53, <8 x float> %t34, <8 x float> %t24)
  %t55 = load float, ptr %t32, align 4
  %t56 = insertelement <8 x float> poison, float %t55, i64 0
  %t57 = shufflevector <8 x float> %t56, <8 x float> poison, <8 x i32> zeroinitializer
  %t58 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t57, <8 x float> %t34, <8 x float> %t25)
  %t59 = load float, ptr %t33, align 4
  %t60 = insertelement <8 x float> poison, float %t59, i64 0
  %t61 = shufflevector <8 x float> %t60, <8 x float> poison, <8 x i32> zeroinitializer
  %t62 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t61, <8 x float> %t34, <8 x float> %t26)
  %t63 = getelementptr inbounds float, ptr %t19, i64 8
  %t64 = load <8 x float>, ptr %t63, align 4
  %t65 = getelementptr inbounds float, ptr %t27, i64 1
  %t66 = load float, ptr %t65, align 4
  %t67 = insertelement <8 x float> poison, float %t66, i64 0
  %t68 = shufflevector <8 x float> %t67, <8 x float> poison, <8 x i32> zeroinitializer
  %t69 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t68, <8 x float> %t64, <8 x float> %t38)
  %t70 = getelementptr inbounds float, ptr %t28, i64 1
  %t71 = load float, ptr %t70, align 4
  %t72 = insertelement <8 x float> poison, float %t71, i64 0
  %t73 = shufflevector <8 x float> %t72, <8 x float> poison, <8 x i32> zeroinitializer
  %t74 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t73, <8 x float> %t64, <8 x float> %t42)
  %t75 = getelementptr inbounds float, ptr %t29, i64 1
  %t76 = load float, ptr %t75, align 4
  %t77 = insertelement <8 x float> poison, float %t76, i64 0
  %t78 = shufflevector <8 x float> %t77, <8 x float> poison, <8 x i32> zeroinitializer
  %t79 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t78, <8 x float> %t64, <8 x float> %t46)
  %t80 = getelementptr inbounds float, ptr %t30, i64 1
  %t81 = load float, ptr %t80, align 4
  %t82 = insertelement <8 x float> poison, float %t81, i64 0
  %t83 = shufflevector <8 x float> %t82, <8 x float> poison, <8 x i32> zeroinitializer
  %t84 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t83, <8 x float> %t64, <8 x float> %t50)
  %t85 = getelementptr inbounds float, ptr %t31, i64 1
  %t86 = load float, ptr %t85, align 4
  %t87 = insertelement <8 x float> poison, float %t86, i64 0
  %t88 = shufflevector <8 x float> %t87, <8 x float> poison, <8 x i32> zeroinitializer
  %t89 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t88, <8 x float> %t64, <8 x float> %t54)
  %t90 = getelementptr inbounds float, ptr %t32, i64 1
  %t91 = load float, ptr %t90, align 4
  %t92 = insertelement <8 x float> poison, float %t91, i64 0
  %t93 = shufflevector <8 x float> %t92, <8 x float> poison, <8 x i32> zeroinitializer
  %t94 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t93, <8 x float> %t64, <8 x float> %t58)
  %t95 = getelementptr inbounds float, ptr %t33, i64 1
  %t96 = load float, ptr %t95, align 4
  %t97 = insertelement <8 x float> poison, float %t96, i64 0
  %t98 = shufflevector <8 x float> %t97, <8 x float> poison, <8 x i32> zeroinitializer
  %t99 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t98, <8 x float> %t64, <8 x float> %t62)
  %t100 = getelementptr inbounds float, ptr %t19, i64 16
  %t101 = load <8 x float>, ptr %t100, align 4
  %t102 = getelementptr inbounds float, ptr %t27, i64 2
  %t103 = load float, ptr %t102, align 4
  %t104 = insertelement <8 x float> poison, float %t103, i64 0
  %t105 = shufflevector <8 x float> %t104, <8 x float> poison, <8 x i32> zeroinitializer
  %t106 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t105, <8 x float> %t101, <8 x float> %t69)
  %t107 = getelementptr inbounds float, ptr %t28, i64 2
  %t108 = load float, ptr %t107, align 4
  %t109 = insertelement <8 x float> poison, float %t108, i64 0
  %t110 = shufflevector <8 x float> %t109, <8 x float> poison, <8 x i32> zeroinitializer
  %t111 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t110, <8 x float> %t101, <8 x float> %t74)
  %t112 = getelementptr inbounds float, ptr %t29, i64 2
  %t113 = load float, ptr %t112, align 4
  %t114 = insertelement <8 x float> poison, float %t113, i64 0
  %t115 = shufflevector <8 x float> %t114, <8 x float> poison, <8 x i32> zeroinitializer
  %t116 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t115, <8 x float> %t101, <8 x float> %t79)
  %t117 = getelementptr inbounds float, ptr %t30, i64 2
  %t118 = load float, ptr %t117, align 4
  %t119 = insertelement <8 x float> poison, float %t118, i64 0
  %t120 = shufflevector <8 x float> %t119, <8 x float> poison, <8 x i32> zeroinitializer
  %t121 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t120, <8 x float> %t101, <8 x float> %t84)
  %t122 = getelementptr inbounds float, ptr %t31, i64 2
  %t123 = load float, ptr %t122, align 4
  %t124 = insertelement <8 x float> poison, float %t123, i64 0
  %t125 = shufflevector <8 x float> %t124, <8 x float> poison, <8 x i32> zeroinitializer
  %t126 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t125, <8 x float> %t101, <8 x float> %t89)
  %t127 = getelementptr inbounds float, ptr %t32, i64 2
  %t128 = load float, ptr %t127, align 4
  %t129 = insertelement <8 x float> poison, float %t128, i64 0
  %t130 = shufflevector <8 x float> %t129, <8 x float> poison, <8 x i32> zeroinitializer
  %t131 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t130, <8 x float> %t101, <8 x float> %t94)
  %t132 = getelementptr inbounds float, ptr %t33, i64 2
  %t133 = load float, ptr %t132, align 4
  %t134 = insertelement <8 x float> poison, float %t133, i64 0
  %t135 = shufflevector <8 x float> %t134, <8 x float> poison, <8 x i32> zeroinitializer
  %t136 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t135, <8 x float> %t101, <8 x float> %t99)
  %t137 = getelementptr inbounds float, ptr %t19, i64 24
  %t138 = load <8 x float>, ptr %t137, align 4
  %t139 = getelementptr inbounds float, ptr %t27, i64 3
  %t140 = load float, ptr %t139, align 4
  %t141 = insertelement <8 x float> poison, float %t140, i64 0
  %t142 = shufflevector <8 x float> %t141, <8 x float> poison, <8 x i32> zeroinitializer
  %t143 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t142, <8 x float> %t138, <8 x float> %t106)
  %t144 = getelementptr inbounds float, ptr %t28, i64 3
  %t145 = load float, ptr %t144, align 4
  %t146 = insertelement <8 x float> poison, float %t145, i64 0
  %t147 = shufflevector <8 x float> %t146, <8 x float> poison, <8 x i32> zeroinitializer
  %t148 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t147, <8 x float> %t138, <8 x float> %t111)
  %t149 = getelementptr inbounds float, ptr %t29, i64 3
  %t150 = load float, ptr %t149, align 4
  %t151 = insertelement <8 x float> poison, float %t150, i64 0
  %t152 = shufflevector <8 x float> %t151, <8 x float> poison, <8 x i32> zeroinitializer
  %t153 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t152, <8 x float> %t138, <8 x float> %t116)
  %t154 = getelementptr inbounds float, ptr %t30, i64 3
  %t155 = load float, ptr %t154, align 4
  %t156 = insertelement <8 x float> poison, float %t155, i64 0
  %t157 = shufflevector <8 x float> %t156, <8 x float> poison, <8 x i32> zeroinitializer
  %t158 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t157, <8 x float> %t138, <8 x float> %t121)
  %t159 = getelementptr inbounds float, ptr %t31, i64 3
  %t160 = load float, ptr %t159, align 4
  %t161 = insertelement <8 x float> poison, float %t160, i64 0
  %t162 = shufflevector <8 x float> %t161, <8 x float> poison, <8 x i32> zeroinitializer
  %t163 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t162, <8 x float> %t138, <8 x float> %t126)
  %t164 = getelementptr inbounds float, ptr %t32, i64 3
  %t165 = load float, ptr %t164, align 4
  %t166 = insertelement <8 x float> poison, float %t165, i64 0
  %t167 = shufflevector <8 x float> %t166, <8 x float> poison, <8 x i32> zeroinitializer
  %t168 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t167, <8 x float> %t138, <8 x float> %t131)
  %t169 = getelementptr inbounds float, ptr %t33, i64 3
  %t170 = load float, ptr %t169, align 4
  %t171 = insertelement <8 x float> poison, float %t170, i64 0
  %t172 = shufflevector <8 x float> %t171, <8 x float> poison, <8 x i32> zeroinitializer
  %t173 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t172, <8 x float> %t138, <8 x float> %t136)
  %t174 = getelementptr inbounds float, ptr %t19, i64 32
  %t175 = add nsw i64 %t18, 4
  %t176 = icmp slt i64 %t175, 24
  br i1 %t176, label %b15, label %b16
b16:
  %t178 = mul i64 %a3, 36
  %t179 = add i64 %t178, 36
  %t180 = add i64 %t178, 72
  %t181 = add i64 %t178, 108
  %t182 = add i64 %t178, 144
  %t183 = add i64 %t178, 180
  %t184 = add i64 %t178, 216
  %t185 = icmp eq i64 %a4, 8
  br i1 %t185, label %b186, label %b187
b186:
  %t189 = getelementptr inbounds float, ptr %a2, i64 %t178
  store <8 x float> %t143, ptr %t189, align 4
  %t190 = getelementptr inbounds float, ptr %a2, i64 %t179
  store <8 x float> %t148, ptr %t190, align 4
  %t191 = getelementptr inbounds float, ptr %a2, i64 %t180
  store <8 x float> %t153, ptr %t191, align 4
  %t192 = getelementptr inbounds float, ptr %a2, i64 %t181
  store <8 x float> %t158, ptr %t192, align 4
  %t193 = getelementptr inbounds float, ptr %a2, i64 %t182
  store <8 x float> %t163, ptr %t193, align 4
  %t194 = getelementptr inbounds float, ptr %a2, i64 %t183
  store <8 x float> %t168, ptr %t194, align 4
  %t195 = getelementptr inbounds float, ptr %a2, i64 %t184
  store <8 x float> %t173, ptr %t195, align 4
  br label %b188
b187:
  store <8 x float> %t143, ptr %t197, align 4
  %t198 = getelementptr inbounds float, ptr %t197, i64 8
  store <8 x float> %t148, ptr %t198, align 4
  %t199 = getelementptr inbounds float, ptr %t197, i64 16
  store <8 x float> %t153, ptr %t199, align 4
  %t200 = getelementptr inbounds float, ptr %t197, i64 24
  store <8 x float> %t158, ptr %t200, align 4
  %t201 = getelementptr inbounds float, ptr %t197, i64 32
  store <8 x float> %t163, ptr %t201, align 4
  %t202 = getelementptr inbounds float, ptr %t197, i64 40
  store <8 x float> %t168, ptr %t202, align 4
  %t203 = getelementptr inbounds float, ptr %t197, i64 48
  store <8 x float> %t173, ptr %t203, align 4
  store i64 %t178, ptr %t204, align 8
  %t205 = getelementptr inbounds i64, ptr %t204, i64 1
  store i64 %t179, ptr %t205, align 8
  %t206 = getelementptr inbounds i64, ptr %t204, i64 2
  store i64 %t180, ptr %t206, align 8
  %t207 = getelementptr inbounds i64, ptr %t204, i64 3
  store i64 %t181, ptr %t207, align 8
  %t208 = getelementptr inbounds i64, ptr %t204, i64 4
  store i64 %t182, ptr %t208, align 8
  %t209 = getelementptr inbounds i64, ptr %t204, i64 5
  store i64 %t183, ptr %t209, align 8
  %t210 = getelementptr inbounds i64, ptr %t204, i64 6
  store i64 %t184, ptr %t210, align 8
  br label %b211
b211:
  %t214 = phi i64 [0, %b187], [%t225, %b211]
  %t215 = getelementptr inbounds i64, ptr %t204, i64 %t214
  %t216 = load i64, ptr %t215, align 8
  %t217 = getelementptr inbounds float, ptr %a2, i64 %t216
  %t218 = mul i64 %t214, 8
  %t219 = getelementptr inbounds float, ptr %t197, i64 %t218
  %t220 = load <8 x float>, ptr %t219, align 4
  %t221 = trunc i64 %a4 to i32
  %t222 = insertelement <8 x i32> poison, i32 %t221, i64 0
  %t223 = shufflevector <8 x i32> %t222, <8 x i32> poison, <8 x i32> zeroinitializer
  %t224 = icmp sgt <8 x i32> %t223, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  call void @llvm.masked.store.v8f32.p0(<8 x float> %t220, ptr %t217, i32 4, <8 x i1> %t224)
  %t225 = add nsw i64 %t214, 1
  %t226 = icmp slt i64 %t225, 7
  br i1 %t226, label %b211, label %b212
b212:
  br label %b188
b188:
  ret void
}
define internal void @tile6(ptr %a0, ptr %a1, ptr %a2, i64 %a3, i64 %a4) #0 {
entry:
  %t172 = alloca [48 x float], align 64
  %t178 = alloca [6 x i64], align 64
  %t1 = mul i64 %a3, 24
  %t2 = add i64 %t1, 24
  %t3 = add i64 %t1, 48
  %t4 = add i64 %t1, 72
  %t5 = add i64 %t1, 96
  %t6 = add i64 %t1, 120
  %t7 = getelementptr inbounds float, ptr %a0, i64 %t1
  %t8 = getelementptr inbounds float, ptr %a0, i64 %t2
  %t9 = getelementptr inbounds float, ptr %a0, i64 %t3
  %t10 = getelementptr inbounds float, ptr %a0, i64 %t4
  %t11 = getelementptr inbounds float, ptr %a0, i64 %t5
  %t12 = getelementptr inbounds float, ptr %a0, i64 %t6
  br label %b13
b13:
  %t16 = phi i64 [0, %entry], [%t152, %b13]
  %t17 = phi ptr [%a1, %entry], [%t151, %b13]
  %t18 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t125, %b13]
  %t19 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t130, %b13]
  %t20 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t135, %b13]
  %t21 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t140, %b13]
  %t22 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t145, %b13]
  %t23 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t150, %b13]
  %t24 = getelementptr inbounds float, ptr %t7, i64 %t16
  %t25 = getelementptr inbounds float, ptr %t8, i64 %t16
  %t26 = getelementptr inbounds float, ptr %t9, i64 %t16
  %t27 = getelementptr inbounds float, ptr %t10, i64 %t16
  %t28 = getelementptr inbounds float, ptr %t11, i64 %t16
  %t29 = getelementptr inbounds float, ptr %t12, i64 %t16
  %t30 = load <8 x float>, ptr %t17, align 4
  %t31 = load float, ptr %t24, align 4
  %t32 = insertelement <8 x float> poison, float %t31, i64 0
  %t33 = shufflevector <8 x float> %t32, <8 x float> poison, <8 x i32> zeroinitializer
  %t34 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t33, <8 x float> %t30, <8 x float> %t18)
  %t35 = load float, ptr %t25, align 4
  %t36 = insertelement <8 x float> poison, float %t35, i64 0
  %t37 = shufflevector <8 x float> %t36, <8 x float> poison, <8 x i32> zeroinitializer
  %t38 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t37, <8 x float> %t30, <8 x float> %t19)
  %t39 = load float, ptr %t26, align 4
  %t40 = insertelement <8 x float> poison, float %t39, i64 0
  %t41 = shufflevector <8 x float> %t40, <8 x float> poison, <8 x i32> zeroinitializer
  %t42 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t41, <8 x float> %t30, <8 x float> %t20)
  %t43 = load float, ptr %t27, align 4
  %t44 = insertelement <8 x float> poison, float %t43, i64 0
  %t45 = shufflevector <8 x float> %t44, <8 x float> poison, <8 x i32> zeroinitializer
  %t46 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t45, <8 x float> %t30, <8 x float> %t21)
  %t47 = load float, ptr %t28, align 4
  %t48 = insertelement <8 x float> poison, float %t47, i64 0
  %t49 = shufflevector <8 x float> %t48, <8 x float> poison, <8 x i32> zeroinitializer
  %t50 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t49, <8 x float> %t30, <8 x float> %t22)
  %t51 = load float, ptr %t29, align 4
  %t52 = insertelement <8 x float> poison, float %t51, i64 0
  %t53 = shufflevector <8 x float> %t52, <8 x float> poison, <8 x i32> zeroinitializer
  %t54 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t53, <8 x float> %t30, <8 x float> %t23)
  %t55 = getelementptr inbounds float, ptr %t17, i64 8
  %t56 = load <8 x float>, ptr %t55, align 4
  %t57 = getelementptr inbounds float, ptr %t24, i64 1
  %t58 = load float, ptr %t57, align 4
  %t59 = insertelement <8 x float> poison, float %t58, i64 0
  %t60 = shufflevector <8 x float> %t59, <8 x float> poison, <8 x i32> zeroinitializer
  %t61 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t60, <8 x float> %t56, <8 x float> %t34)
  %t62 = getelementptr inbounds float, ptr %t25, i64 1
  %t63 = load float, ptr %t62, align 4
  %t64 = insertelement <8 x float> poison, float %t63, i64 0
  %t65 = shufflevector <8 x float> %t64, <8 x float> poison, <8 x i32> zeroinitializer
  %t66 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t65, <8 x float> %t56, <8 x float> %t38)
  %t67 = getelementptr inbounds float, ptr %t26, i64 1
  %t68 = load float, ptr %t67, align 4
  %t69 = insertelement <8 x float> poison, float %t68, i64 0
  %t70 = shufflevector <8 x float> %t69, <8 x float> poison, <8 x i32> zeroinitializer
  %t71 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t70, <8 x float> %t56, <8 x float> %t42)
  %t72 = getelementptr inbounds float, ptr %t27, i64 1
  %t73 = load float, ptr %t72, align 4
  %t74 = insertelement <8 x float> poison, float %t73, i64 0
  %t75 = shufflevector <8 x float> %t74, <8 x float> poison, <8 x i32> zeroinitializer
  %t76 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t75, <8 x float> %t56, <8 x float> %t46)
  %t77 = getelementptr inbounds float, ptr %t28, i64 1
  %t78 = load float, ptr %t77, align 4
  %t79 = insertelement <8 x float> poison, float %t78, i64 0
  %t80 = shufflevector <8 x float> %t79, <8 x float> poison, <8 x i32> zeroinitializer
  %t81 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t80, <8 x float> %t56, <8 x float> %t50)
  %t82 = getelementptr inbounds float, ptr %t29, i64 1
  %t83 = load float, ptr %t82, align 4
  %t84 = insertelement <8 x float> poison, float %t83, i64 0
  %t85 = shufflevector <8 x float> %t84, <8 x float> poison, <8 x i32> zeroinitializer
  %t86 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t85, <8 x float> %t56, <8 x float> %t54)
  %t87 = getelementptr inbounds float, ptr %t17, i64 16
  %t88 = load <8 x float>, ptr %t87, align 4
  %t89 = getelementptr inbounds float, ptr %t24, i64 2
  %t90 = load float, ptr %t89, align 4
  %t91 = insertelement <8 x float> poison, float %t90, i64 0
  %t92 = shufflevector <8 x float> %t91, <8 x float> poison, <8 x i32> zeroinitializer
  %t93 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t92, <8 x float> %t88, <8 x float> %t61)
  %t94 = getelementptr inbounds float, ptr %t25, i64 2
  %t95 = load float, ptr %t94, align 4
  %t96 = insertelement <8 x float> poison, float %t95, i64 0
  %t97 = shufflevector <8 x float> %t96, <8 x float> poison, <8 x i32> zeroinitializer
  %t98 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t97, <8 x float> %t88, <8 x float> %t66)
  %t99 = getelementptr inbounds float, ptr %t26, i64 2
  %t100 = load float, ptr %t99, align 4
  %t101 = insertelement <8 x float> poison, float %t100, i64 0
  %t102 = shufflevector <8 x float> %t101, <8 x float> poison, <8 x i32> zeroinitializer
  %t103 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t102, <8 x float> %t88, <8 x float> %t71)
  %t104 = getelementptr inbounds float, ptr %t27, i64 2
  %t105 = load float, ptr %t104, align 4
  %t106 = insertelement <8 x float> poison, float %t105, i64 0
  %t107 = shufflevector <8 x float> %t106, <8 x float> poison, <8 x i32> zeroinitializer
  %t108 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t107, <8 x float> %t88, <8 x float> %t76)
  %t109 = getelementptr inbounds float, ptr %t28, i64 2
  %t110 = load float, ptr %t109, align 4
  %t111 = insertelement <8 x float> poison, float %t110, i64 0
  %t112 = shufflevector <8 x float> %t111, <8 x float> poison, <8 x i32> zeroinitializer
  %t113 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t112, <8 x float> %t88, <8 x float> %t81)
  %t114 = getelementptr inbounds float, ptr %t29, i64 2
  %t115 = load float, ptr %t114, align 4
  %t116 = insertelement <8 x float> poison, float %t115, i64 0
  %t117 = shufflevector <8 x float> %t116, <8 x float> poison, <8 x i32> zeroinitializer
  %t118 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t117, <8 x float> %t88, <8 x float> %t86)
  %t119 = getelementptr inbounds float, ptr %t17, i64 24
  %t120 = load <8 x float>, ptr %t119, align 4
  %t121 = getelementptr inbounds float, ptr %t24, i64 3
  %t122 = load float, ptr %t121, align 4
  %t123 = insertelement <8 x float> poison, float %t122, i64 0
  %t124 = shufflevector <8 x float> %t123, <8 x float> poison, <8 x i32> zeroinitializer
  %t125 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t124, <8 x float> %t120, <8 x float> %t93)
  %t126 = getelementptr inbounds float, ptr %t25, i64 3
  %t127 = load float, ptr %t126, align 4
  %t128 = insertelement <8 x float> poison, float %t127, i64 0
  %t129 = shufflevector <8 x float> %t128, <8 x float> poison, <8 x i32> zeroinitializer
  %t130 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t129, <8 x float> %t120, <8 x float> %t98)
  %t131 = getelementptr inbounds float, ptr %t26, i64 3
  %t132 = load float, ptr %t131, align 4
  %t133 = insertelement <8 x float> poison, float %t132, i64 0
  %t134 = shufflevector <8 x float> %t133, <8 x float> poison, <8 x i32> zeroinitializer
  %t135 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t134, <8 x float> %t120, <8 x float> %t103)
  %t136 = getelementptr inbounds float, ptr %t27, i64 3
  %t137 = load float, ptr %t136, align 4
  %t138 = insertelement <8 x float> poison, float %t137, i64 0
  %t139 = shufflevector <8 x float> %t138, <8 x float> poison, <8 x i32> zeroinitializer
  %t140 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t139, <8 x float> %t120, <8 x float> %t108)
  %t141 = getelementptr inbounds float, ptr %t28, i64 3
  %t142 = load float, ptr %t141, align 4
  %t143 = insertelement <8 x float> poison, float %t142, i64 0
  %t144 = shufflevector <8 x float> %t143, <8 x float> poison, <8 x i32> zeroinitializer
  %t145 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t144, <8 x float> %t120, <8 x float> %t113)
  %t146 = getelementptr inbounds float, ptr %t29, i64 3
  %t147 = load float, ptr %t146, align 4
  %t148 = insertelement <8 x float> poison, float %t147, i64 0
  %t149 = shufflevector <8 x float> %t148, <8 x float> poison, <8 x i32> zeroinitializer
  %t150 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t149, <8 x float> %t120, <8 x float> %t118)
  %t151 = getelementptr inbounds float, ptr %t17, i64 32
  %t152 = add nsw i64 %t16, 4
  %t153 = icmp slt i64 %t152, 24
  br i1 %t153, label %b13, label %b14
b14:
  %t155 = mul i64 %a3, 36
  %t156 = add i64 %t155, 36
  %t157 = add i64 %t155, 72
  %t158 = add i64 %t155, 108
  %t159 = add i64 %t155, 144
  %t160 = add i64 %t155, 180
  %t161 = icmp eq i64 %a4, 8
  br i1 %t161, label %b162, label %b163
b162:
  %t165 = getelementptr inbounds float, ptr %a2, i64 %t155
  store <8 x float> %t125, ptr %t165, align 4
  %t166 = getelementptr inbounds float, ptr %a2, i64 %t156
  store <8 x float> %t130, ptr %t166, align 4
  %t167 = getelementptr inbounds float, ptr %a2, i64 %t157
  store <8 x float> %t135, ptr %t167, align 4
  %t168 = getelementptr inbounds float, ptr %a2, i64 %t158
  store <8 x float> %t140, ptr %t168, align 4
  %t169 = getelementptr inbounds float, ptr %a2, i64 %t159
  store <8 x float> %t145, ptr %t169, align 4
  %t170 = getelementptr inbounds float, ptr %a2, i64 %t160
  store <8 x float> %t150, ptr %t170, align 4
  br label %b164
b163:
  store <8 x float> %t125, ptr %t172, align 4
  %t173 = getelementptr inbounds float, ptr %t172, i64 8
  store <8 x float> %t130, ptr %t173, align 4
  %t174 = getelementptr inbounds float, ptr %t172, i64 16
  store <8 x float> %t135, ptr %t174, align 4
  %t175 = getelementptr inbounds float, ptr %t172, i64 24
  store <8 x float> %t140, ptr %t175, align 4
  %t176 = getelementptr inbounds float, ptr %t172, i64 32
  store <8 x float> %t145, ptr %t176, align 4
  %t177 = getelementptr inbounds float, ptr %t172, i64 40
  store <8 x float> %t150, ptr %t177, align 4
  store i64 %t155, ptr %t178, align 8
  %t179 = getelementptr inbounds i64, ptr %t178, i64 1
  store i64 %t156, ptr %t179, align 8
  %t180 = getelementptr inbounds i64, ptr %t178, i64 2
  store i64 %t157, ptr %t180, align 8
  %t181 = getelementptr inbounds i64, ptr %t178, i64 3
  store i64 %t158, ptr %t181, align 8
  %t182 = getelementptr inbounds i64, ptr %t178, i64 4
  store i64 %t159, ptr %t182, align 8
  %t183 = getelementptr inbounds i64, ptr %t178, i64 5
  store i64 %t160, ptr %t183, align 8
  br label %b184
b184:
  %t187 = phi i64 [0, %b163], [%t198, %b184]
  %t188 = getelementptr inbounds i64, ptr %t178, i64 %t187
  %t189 = load i64, ptr %t188, align 8
  %t190 = getelementptr inbounds float, ptr %a2, i64 %t189
  %t191 = mul i64 %t187, 8
  %t192 = getelementptr inbounds float, ptr %t172, i64 %t191
  %t193 = load <8 x float>, ptr %t192, align 4
  %t194 = trunc i64 %a4 to i32
  %t195 = insertelement <8 x i32> poison, i32 %t194, i64 0
  %t196 = shufflevector <8 x i32> %t195, <8 x i32> poison, <8 x i32> zeroinitializer
  %t197 = icmp sgt <8 x i32> %t196, <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  call void @llvm.masked.store.v8f32.p0(<8 x float> %t193, ptr %t190, i32 4, <8 x i1> %t197)
  %t198 = add nsw i64 %t187, 1
  %t199 = icmp slt i64 %t198, 6
  br i1 %t199, label %b184, label %b185
b185:
  br label %b164
b164:
  ret void
}
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32, <8 x i1>, <8 x float>)
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
