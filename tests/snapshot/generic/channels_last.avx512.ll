define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t16 = getelementptr inbounds i64, ptr %frame, i64 1
  %t17 = load ptr, ptr %t16, align 8
  %t21 = alloca [256 x float], align 64
  %t238 = getelementptr inbounds i64, ptr %frame, i64 2
  %t239 = load ptr, ptr %t238, align 8
  %t4 = icmp slt i64 %begin, %end
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [%begin, %entry], [%t271, %b226]
  %t6 = urem i64 %t5, 2
  %t7 = udiv i64 %t5, 2
  %t8 = mul i64 %t6, 16
  %t9 = mul i64 %t7, 16
  %t10 = add i64 %t9, 16
  %t11 = icmp slt i64 %t10, 90
  %t12 = select i1 %t11, i64 %t10, i64 90
  %t13 = add i64 %t8, 16
  %t14 = icmp slt i64 %t13, 24
  %t15 = select i1 %t14, i64 %t13, i64 24
  %t18 = mul i64 %t8, 90
  %t19 = add i64 %t18, %t9
  %t20 = getelementptr inbounds float, ptr %t17, i64 %t19
  %t240 = mul i64 %t8, -1
  %t242 = mul i64 %t9, -16
  %t243 = add i64 %t240, %t242
  %t244 = getelementptr inbounds float, ptr %t21, i64 %t243
  %t22 = sub i64 %t12, %t9
  %t23 = sub i64 %t15, %t8
  %t24 = icmp eq i64 %t22, 16
  %t25 = icmp eq i64 %t23, 16
  %t26 = and i1 %t24, %t25
  br i1 %t26, label %b27, label %b28
b27:
  %t30 = load <16 x float>, ptr %t20, align 4
  %t31 = getelementptr inbounds float, ptr %t20, i64 90
  %t32 = load <16 x float>, ptr %t31, align 4
  %t33 = getelementptr inbounds float, ptr %t20, i64 180
  %t34 = load <16 x float>, ptr %t33, align 4
  %t35 = getelementptr inbounds float, ptr %t20, i64 270
  %t36 = load <16 x float>, ptr %t35, align 4
  %t37 = getelementptr inbounds float, ptr %t20, i64 360
  %t38 = load <16 x float>, ptr %t37, align 4
  %t39 = getelementptr inbounds float, ptr %t20, i64 450
  %t40 = load <16 x float>, ptr %t39, align 4
  %t41 = getelementptr inbounds float, ptr %t20, i64 540
  %t42 = load <16 x float>, ptr %t41, align 4
  %t43 = getelementptr inbounds float, ptr %t20, i64 630
  %t44 = load <16 x float>, ptr %t43, align 4
  %t45 = getelementptr inbounds float, ptr %t20, i64 720
  %t46 = load <16 x float>, ptr %t45, align 4
  %t47 = getelementptr inbounds float, ptr %t20, i64 810
  %t48 = load <16 x float>, ptr %t47, align 4
  %t49 = getelementptr inbounds float, ptr %t20, i64 900
  %t50 = load <16 x float>, ptr %t49, align 4
  %t51 = getelementptr inbounds float, ptr %t20, i64 990
  %t52 = load <16 x float>, ptr %t51, align 4
  %t53 = getelementptr inbounds float, ptr %t20, i64 1080
  %t54 = load <16 x float>, ptr %t53, align 4
  %t55 = getelementptr inbounds float, ptr %t20, i64 1170
  %t56 = load <16 x float>, ptr %t55, align 4
  %t57 = getelementptr inbounds float, ptr %t20, i64 1260
  %t58 = load <16 x float>, ptr %t57, align 4
  %t59 = getelementptr inbounds float, ptr %t20, i64 1350
  %t60 = load <16 x float>, ptr %t59, align 4
  br label %b29
b28:
  %t62 = trunc i64 %t22 to i32
  %t63 = insertelement <16 x i32> poison, i32 %t62, i64 0
  %t64 = shufflevector <16 x i32> %t63, <16 x i32> poison, <16 x i32> zeroinitializer
  %t65 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %t64
  %t66 = icmp slt i64 0, %t23
  %t67 = select i1 %t66, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t68 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t20, i32 4, <16 x i1> %t67, <16 x float> splat (float 0x0000000000000000))
  %t69 = icmp slt i64 1, %t23
  %t70 = select i1 %t69, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t71 = getelementptr inbounds float, ptr %t20, i64 90
  %t72 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t71, i32 4, <16 x i1> %t70, <16 x float> splat (float 0x0000000000000000))
  %t73 = icmp slt i64 2, %t23
  %t74 = select i1 %t73, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t75 = getelementptr inbounds float, ptr %t20, i64 180
  %t76 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t75, i32 4, <16 x i1> %t74, <16 x float> splat (float 0x0000000000000000))
  %t77 = icmp slt i64 3, %t23
  %t78 = select i1 %t77, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t79 = getelementptr inbounds float, ptr %t20, i64 270
  %t80 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t79, i32 4, <16 x i1> %t78, <16 x float> splat (float 0x0000000000000000))
  %t81 = icmp slt i64 4, %t23
  %t82 = select i1 %t81, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t83 = getelementptr inbounds float, ptr %t20, i64 360
  %t84 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t83, i32 4, <16 x i1> %t82, <16 x float> splat (float 0x0000000000000000))
  %t85 = icmp slt i64 5, %t23
  %t86 = select i1 %t85, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t87 = getelementptr inbounds float, ptr %t20, i64 450
  %t88 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t87, i32 4, <16 x i1> %t86, <16 x float> splat (float 0x0000000000000000))
  %t89 = icmp slt i64 6, %t23
  %t90 = select i1 %t89, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t91 = getelementptr inbounds float, ptr %t20, i64 540
  %t92 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t91, i32 4, <16 x i1> %t90, <16 x float> splat (float 0x0000000000000000))
  %t93 = icmp slt i64 7, %t23
  %t94 = select i1 %t93, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t95 = getelementptr inbounds float, ptr %t20, i64 630
  %t96 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t95, i32 4, <16 x i1> %t94, <16 x float> splat (float 0x0000000000000000))
  %t97 = icmp slt i64 8, %t23
  %t98 = select i1 %t97, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t99 = getelementptr inbounds float, ptr %t20, i64 720
  %t100 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t99, i32 4, <16 x i1> %t98, <16 x float> splat (float 0x0000000000000000))
  %t101 = icmp slt i64 9, %t23
  %t102 = select i1 %t101, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t103 = getelementptr inbounds float, ptr %t20, i64 810
  %t104 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t103, i32 4, <16 x i1> %t102, <16 x float> splat (float 0x0000000000000000))
  %t105 = icmp slt i64 10, %t23
  %t106 = select i1 %t105, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t107 = getelementptr inbounds float, ptr %t20, i64 900
  %t108 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t107, i32 4, <16 x i1> %t106, <16 x float> splat (float 0x0000000000000000))
  %t109 = icmp slt i64 11, %t23
  %t110 = select i1 %t109, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t111 = getelementptr inbounds float, ptr %t20, i64 990
  %t112 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t111, i32 4, <16 x i1> %t110, <16 x float> splat (float 0x0000000000000000))
  %t113 = icmp slt i64 12, %t23
  %t114 = select i1 %t113, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t115 = getelementptr inbounds float, ptr %t20, i64 1080
  %t116 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t115, i32 4, <16 x i1> %t114, <16 x float> splat (float 0x0000000000000000))
  %t117 = icmp slt i64 13, %t23
  %t118 = select i1 %t117, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t119 = getelementptr inbounds float, ptr %t20, i64 1170
  %t120 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t119, i32 4, <16 x i1> %t118, <16 x float> splat (float 0x0000000000000000))
  %t121 = icmp slt i64 14, %t23
  %t122 = select i1 %t121, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t123 = getelementptr inbounds float, ptr %t20, i64 1260
  %t124 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t123, i32 4, <16 x i1> %t122, <16 x float> splat (float 0x0000000000000000))
  %t125 = icmp slt i64 15, %t23
  %t126 = select i1 %t125, <16 x i1> %t65, <16 x i1> splat (i1 false)
  %t127 = getelementptr inbounds float, ptr %t20, i64 1350
  %t128 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t127, i32 4, <16 x i1> %t126, <16 x float> splat (float 0x0000000000000000))
  br label %b29
b29:
  %t130 = phi <16 x float> [%t30, %b27], [%t68, %b28]
  %t131 = phi <16 x float> [%t32, %b27], [%t72, %b28]
  %t132 = phi <16 x float> [%t34, %b27], [%t76, %b28]
  %t133 = phi <16 x float> [%t36, %b27], [%t80, %b28]
  %t134 = phi <16 x float> [%t38, %b27], [%t84, %b28]
  %t135 = phi <16 x float> [%t40, %b27], [%t88, %b28]
  %t136 = phi <16 x float> [%t42, %b27], [%t92, %b28]
  %t137 = phi <16 x float> [%t44, %b27], [%t96, %b28]
  %t138 = phi <16 x float> [%t46, %b27], [%t100, %b28]
  %t139 = phi <16 x float> [%t48, %b27], [%t104, %b28]
  %t140 = phi <16 x float> [%t50, %b27], [%t108, %b28]
  %t141 = phi <16 x float> [%t52, %b27], [%t112, %b28]
  %t142 = phi <16 x float> [%t54, %b27], [%t116, %b28]
  %t143 = phi <16 x float> [%t56, %b27], [%t120, %b28]
  %t144 = phi <16 x float> [%t58, %b27], [%t124, %b28]
  %t145 = phi <16 x float> [%t60, %b27], [%t128, %b28]
  %t146 = shufflevector <16 x float> %t130, <16 x float> %t131, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %t147 = shufflevector <16 x float> %t130, <16 x float> %t131, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %t148 = shufflevector <16 x float> %t132, <16 x float> %t133, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %t149 = shufflevector <16 x float> %t132, <16 x float> %t133, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %t150 = shufflevector <16 x float> %t134, <16 x float> %t135, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %t151 = shufflevector <16 x float> %t134, <16 x float> %t135, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %t152 = shufflevector <16 x float> %t136, <16 x float> %t137, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %t153 = shufflevector <16 x float> %t136, <16 x float> %t137, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %t154 = shufflevector <16 x float> %t138, <16 x float> %t139, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %t155 = shufflevector <16 x float> %t138, <16 x float> %t139, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %t156 = shufflevector <16 x float> %t140, <16 x float> %t141, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %t157 = shufflevector <16 x float> %t140, <16 x float> %t141, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %t158 = shufflevector <16 x float> %t142, <16 x float> %t143, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %t159 = shufflevector <16 x float> %t142, <16 x float> %t143, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %t160 = shufflevector <16 x float> %t144, <16 x float> %t145, <16 x i32> <i32 0, i32 16, i32 2, i32 18, i32 4, i32 20, i32 6, i32 22, i32 8, i32 24, i32 10, i32 26, i32 12, i32 28, i32 14, i32 30>
  %t161 = shufflevector <16 x float> %t144, <16 x float> %t145, <16 x i32> <i32 1, i32 17, i32 3, i32 19, i32 5, i32 21, i32 7, i32 23, i32 9, i32 25, i32 11, i32 27, i32 13, i32 29, i32 15, i32 31>
  %t162 = shufflevector <16 x float> %t146, <16 x float> %t148, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %t163 = shufflevector <16 x float> %t146, <16 x float> %t148, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %t164 = shufflevector <16 x float> %t147, <16 x float> %t149, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %t165 = shufflevector <16 x float> %t147, <16 x float> %t149, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %t166 = shufflevector <16 x float> %t150, <16 x float> %t152, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %t167 = shufflevector <16 x float> %t150, <16 x float> %t152, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %t168 = shufflevector <16 x float> %t151, <16 x float> %t153, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %t169 = shufflevector <16 x float> %t151, <16 x float> %t153, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %t170 = shufflevector <16 x float> %t154, <16 x float> %t156, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %t171 = shufflevector <16 x float> %t154, <16 x float> %t156, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %t172 = shufflevector <16 x float> %t155, <16 x float> %t157, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %t173 = shufflevector <16 x float> %t155, <16 x float> %t157, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %t174 = shufflevector <16 x float> %t158, <16 x float> %t160, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %t175 = shufflevector <16 x float> %t158, <16 x float> %t160, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %t176 = shufflevector <16 x float> %t159, <16 x float> %t161, <16 x i32> <i32 0, i32 1, i32 16, i32 17, i32 4, i32 5, i32 20, i32 21, i32 8, i32 9, i32 24, i32 25, i32 12, i32 13, i32 28, i32 29>
  %t177 = shufflevector <16 x float> %t159, <16 x float> %t161, <16 x i32> <i32 2, i32 3, i32 18, i32 19, i32 6, i32 7, i32 22, i32 23, i32 10, i32 11, i32 26, i32 27, i32 14, i32 15, i32 30, i32 31>
  %t178 = shufflevector <16 x float> %t162, <16 x float> %t166, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %t179 = shufflevector <16 x float> %t162, <16 x float> %t166, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %t180 = shufflevector <16 x float> %t164, <16 x float> %t168, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %t181 = shufflevector <16 x float> %t164, <16 x float> %t168, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %t182 = shufflevector <16 x float> %t163, <16 x float> %t167, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %t183 = shufflevector <16 x float> %t163, <16 x float> %t167, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %t184 = shufflevector <16 x float> %t165, <16 x float> %t169, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %t185 = shufflevector <16 x float> %t165, <16 x float> %t169, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %t186 = shufflevector <16 x float> %t170, <16 x float> %t174, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %t187 = shufflevector <16 x float> %t170, <16 x float> %t174, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %t188 = shufflevector <16 x float> %t172, <16 x float> %t176, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %t189 = shufflevector <16 x float> %t172, <16 x float> %t176, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %t190 = shufflevector <16 x float> %t171, <16 x float> %t175, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %t191 = shufflevector <16 x float> %t171, <16 x float> %t175, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %t192 = shufflevector <16 x float> %t173, <16 x float> %t177, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 16, i32 17, i32 18, i32 19, i32 8, i32 9, i32 10, i32 11, i32 24, i32 25, i32 26, i32 27>
  %t193 = shufflevector <16 x float> %t173, <16 x float> %t177, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 20, i32 21, i32 22, i32 23, i32 12, i32 13, i32 14, i32 15, i32 28, i32 29, i32 30, i32 31>
  %t194 = shufflevector <16 x float> %t178, <16 x float> %t186, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %t195 = shufflevector <16 x float> %t178, <16 x float> %t186, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %t196 = shufflevector <16 x float> %t180, <16 x float> %t188, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %t197 = shufflevector <16 x float> %t180, <16 x float> %t188, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %t198 = shufflevector <16 x float> %t182, <16 x float> %t190, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %t199 = shufflevector <16 x float> %t182, <16 x float> %t190, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %t200 = shufflevector <16 x float> %t184, <16 x float> %t192, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %t201 = shufflevector <16 x float> %t184, <16 x float> %t192, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %t202 = shufflevector <16 x float> %t179, <16 x float> %t187, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %t203 = shufflevector <16 x float> %t179, <16 x float> %t187, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %t204 = shufflevector <16 x float> %t181, <16 x float> %t189, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %t205 = shufflevector <16 x float> %t181, <16 x float> %t189, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %t206 = shufflevector <16 x float> %t183, <16 x float> %t191, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %t207 = shufflevector <16 x float> %t183, <16 x float> %t191, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %t208 = shufflevector <16 x float> %t185, <16 x float> %t193, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23>
  %t209 = shufflevector <16 x float> %t185, <16 x float> %t193, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  store <16 x float> %t194, ptr %t21, align 4
  %t210 = getelementptr inbounds float, ptr %t21, i64 16
  store <16 x float> %t196, ptr %t210, align 4
  %t211 = getelementptr inbounds float, ptr %t21, i64 32
  store <16 x float> %t198, ptr %t211, align 4
  %t212 = getelementptr inbounds float, ptr %t21, i64 48
  store <16 x float> %t200, ptr %t212, align 4
  %t213 = getelementptr inbounds float, ptr %t21, i64 64
  store <16 x float> %t202, ptr %t213, align 4
  %t214 = getelementptr inbounds float, ptr %t21, i64 80
  store <16 x float> %t204, ptr %t214, align 4
  %t215 = getelementptr inbounds float, ptr %t21, i64 96
  store <16 x float> %t206, ptr %t215, align 4
  %t216 = getelementptr inbounds float, ptr %t21, i64 112
  store <16 x float> %t208, ptr %t216, align 4
  %t217 = getelementptr inbounds float, ptr %t21, i64 128
  store <16 x float> %t195, ptr %t217, align 4
  %t218 = getelementptr inbounds float, ptr %t21, i64 144
  store <16 x float> %t197, ptr %t218, align 4
  %t219 = getelementptr inbounds float, ptr %t21, i64 160
  store <16 x float> %t199, ptr %t219, align 4
  %t220 = getelementptr inbounds float, ptr %t21, i64 176
  store <16 x float> %t201, ptr %t220, align 4
  %t221 = getelementptr inbounds float, ptr %t21, i64 192
  store <16 x float> %t203, ptr %t221, align 4
  %t222 = getelementptr inbounds float, ptr %t21, i64 208
  store <16 x float> %t205, ptr %t222, align 4
  %t223 = getelementptr inbounds float, ptr %t21, i64 224
  store <16 x float> %t207, ptr %t223, align 4
  %t224 = getelementptr inbounds float, ptr %t21, i64 240
  store <16 x float> %t209, ptr %t224, align 4
  %t228 = icmp slt i64 %t9, %t12
  br i1 %t228, label %b225, label %b226
b225:
  %t229 = phi i64 [%t9, %b29], [%t268, %b258]
  %t241 = mul i64 %t229, 16
  %t245 = getelementptr inbounds float, ptr %t244, i64 %t241
  %t248 = mul i64 %t229, 24
  %t249 = getelementptr inbounds float, ptr %t239, i64 %t248
  %t230 = sub i64 %t15, %t8
  %t231 = and i64 %t230, -16
  %t232 = add i64 %t8, %t231
  %t236 = icmp slt i64 %t8, %t232
  br i1 %t236, label %b233, label %b234
b233:
  %t237 = phi i64 [%t8, %b225], [%t251, %b233]
  %t246 = getelementptr inbounds float, ptr %t245, i64 %t237
  %t247 = load <16 x float>, ptr %t246, align 4
  %t250 = getelementptr inbounds float, ptr %t249, i64 %t237
  store <16 x float> %t247, ptr %t250, align 4
  %t251 = add nsw i64 %t237, 16
  %t252 = icmp slt i64 %t251, %t232
  br i1 %t252, label %b233, label %b234
b234:
  %t254 = sub i64 %t15, %t232
  %t255 = icmp sgt i64 %t254, 0
  br i1 %t255, label %b256, label %b257
b256:
  %t259 = trunc i64 %t254 to i32
  %t260 = insertelement <16 x i32> poison, i32 %t259, i64 0
  %t261 = shufflevector <16 x i32> %t260, <16 x i32> poison, <16 x i32> zeroinitializer
  %t262 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %t261
  %t263 = getelementptr inbounds float, ptr %t245, i64 %t232
  %t264 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t263, i32 4, <16 x i1> %t262, <16 x float> splat (float 0x0000000000000000))
  %t265 = getelementptr inbounds float, ptr %t249, i64 %t232
  call void @llvm.masked.store.v16f32.p0(<16 x float> %t264, ptr %t265, i32 4, <16 x i1> %t262)
  br label %b258
b257:
  br label %b258
b258:
  %t268 = add nsw i64 %t229, 1
  %t269 = icmp slt i64 %t268, %t12
  br i1 %t269, label %b225, label %b226
b226:
  %t271 = add nsw i64 %t5, 1
  %t272 = icmp slt i64 %t271, %end
  br i1 %t272, label %b1, label %b2
b2:
  ret void
}
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, i32 immarg, <16 x i1>, <16 x float>)
declare void @llvm.masked.store.v16f32.p0(<16 x float>, ptr, i32 immarg, <16 x i1>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="512" "min-legal-vector-width"="512" }
