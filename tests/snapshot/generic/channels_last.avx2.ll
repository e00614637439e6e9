define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t16 = getelementptr inbounds i64, ptr %frame, i64 1
  %t17 = load ptr, ptr %t16, align 8
  %t21 = alloca [64 x float], align 64
  %t134 = getelementptr inbounds i64, ptr %frame, i64 2
  %t135 = load ptr, ptr %t134, align 8
  %t4 = icmp slt i64 %begin, %end
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [%begin, %entry], [%t167, %b122]
  %t6 = urem i64 %t5, 3
  %t7 = udiv i64 %t5, 3
  %t8 = mul i64 %t6, 8
  %t9 = mul i64 %t7, 8
  %t10 = add i64 %t9, 8
  %t11 = icmp slt i64 %t10, 90
  %t12 = select i1 %t11, i64 %t10, i64 90
  %t13 = add i64 %t8, 8
  %t14 = icmp slt i64 %t13, 24
  %t15 = select i1 %t14, i64 %t13, i64 24
  %t18 = mul i64 %t8, 90
  %t19 = add i64 %t18, %t9
  %t20 = getelementptr inbounds float, ptr %t17, i64 %t19
  %t136 = mul i64 %t8, -1
  %t138 = mul i64 %t9, -8
  %t139 = add i64 %t136, %t138
  %t140 = getelementptr inbounds float, ptr %t21, i64 %t139
  %t22 = sub i64 %t12, %t9
  %t23 = sub i64 %t15, %t8
  %t24 = icmp eq i64 %t22, 8
  %t25 = icmp eq i64 %t23, 8
  %t26 = and i1 %t24, %t25
  br i1 %t26, label %b27, label %b28
b27:
  %t30 = load <8 x float>, ptr %t20, align 4
  %t31 = getelementptr inbounds float, ptr %t20, i64 90
  %t32 = load <8 x float>, ptr %t31, align 4
  %t33 = getelementptr inbounds float, ptr %t20, i64 180
  %t34 = load <8 x float>, ptr %t33, align 4
  %t35 = getelementptr inbounds float, ptr %t20, i64 270
  %t36 = load <8 x float>, ptr %t35, align 4
  %t37 = getelementptr inbounds float, ptr %t20, i64 360
  %t38 = load <8 x float>, ptr %t37, align 4
  %t39 = getelementptr inbounds float, ptr %t20, i64 450
  %t40 = load <8 x float>, ptr %t39, align 4
  %t41 = getelementptr inbounds float, ptr %t20, i64 540
  %t42 = load <8 x float>, ptr %t41, align 4
  %t43 = getelementptr inbounds float, ptr %t20, i64 630
  %t44 = load <8 x float>, ptr %t43, align 4
  br label %b29
b28:
  %t46 = trunc i64 %t22 to i32
  %t47 = insertelement <8 x i32> poison, i32 %t46, i64 0
  %t48 = shufflevector <8 x i32> %t47, <8 x i32> poison, <8 x i32> zeroinitializer
  %t49 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %t48
  %t50 = icmp slt i64 0, %t23
  %t51 = select i1 %t50, <8 x i1> %t49, <8 x i1> splat (i1 false)
  %t52 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t20, i32 4, <8 x i1> %t51, <8 x float> splat (float 0x0000000000000000))
  %t53 = icmp slt i64 1, %t23
  %t54 = select i1 %t53, <8 x i1> %t49, <8 x i1> splat (i1 false)
  %t55 = getelementptr inbounds float, ptr %t20, i64 90
  %t56 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t55, i32 4, <8 x i1> %t54, <8 x float> splat (float 0x0000000000000000))
  %t57 = icmp slt i64 2, %t23
  %t58 = select i1 %t57, <8 x i1> %t49, <8 x i1> splat (i1 false)
  %t59 = getelementptr inbounds float, ptr %t20, i64 180
  %t60 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t59, i32 4, <8 x i1> %t58, <8 x float> splat (float 0x0000000000000000))
  %t61 = icmp slt i64 3, %t23
  %t62 = select i1 %t61, <8 x i1> %t49, <8 x i1> splat (i1 false)
  %t63 = getelementptr inbounds float, ptr %t20, i64 270
  %t64 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t63, i32 4, <8 x i1> %t62, <8 x float> splat (float 0x0000000000000000))
  %t65 = icmp slt i64 4, %t23
  %t66 = select i1 %t65, <8 x i1> %t49, <8 x i1> splat (i1 false)
  %t67 = getelementptr inbounds float, ptr %t20, i64 360
  %t68 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t67, i32 4, <8 x i1> %t66, <8 x float> splat (float 0x0000000000000000))
  %t69 = icmp slt i64 5, %t23
  %t70 = select i1 %t69, <8 x i1> %t49, <8 x i1> splat (i1 false)
  %t71 = getelementptr inbounds float, ptr %t20, i64 450
  %t72 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t71, i32 4, <8 x i1> %t70, <8 x float> splat (float 0x0000000000000000))
  %t73 = icmp slt i64 6, %t23
  %t74 = select i1 %t73, <8 x i1> %t49, <8 x i1> splat (i1 false)
  %t75 = getelementptr inbounds float, ptr %t20, i64 540
  %t76 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t75, i32 4, <8 x i1> %t74, <8 x float> splat (float 0x0000000000000000))
  %t77 = icmp slt i64 7, %t23
  %t78 = select i1 %t77, <8 x i1> %t49, <8 x i1> splat (i1 false)
  %t79 = getelementptr inbounds float, ptr %t20, i64 630
  %t80 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t79, i32 4, <8 x i1> %t78, <8 x float> splat (float 0x0000000000000000))
  br label %b29
b29:
  %t82 = phi <8 x float> [%t30, %b27], [%t52, %b28]
  %t83 = phi <8 x float> [%t32, %b27], [%t56, %b28]
  %t84 = phi <8 x float> [%t34, %b27], [%t60, %b28]
  %t85 = phi <8 x float> [%t36, %b27], [%t64, %b28]
  %t86 = phi <8 x float> [%t38, %b27], [%t68, %b28]
  %t87 = phi <8 x float> [%t40, %b27], [%t72, %b28]
  %t88 = phi <8 x float> [%t42, %b27], [%t76, %b28]
  %t89 = phi <8 x float> [%t44, %b27], [%t80, %b28]
  %t90 = shufflevector <8 x float> %t82, <8 x float> %t83, <8 x i32> <i32 0, i32 8, i32 2, i32 10, i32 4, i32 12, i32 6, i32 14>
  %t91 = shufflevector <8 x float> %t82, <8 x float> %t83, <8 x i32> <i32 1, i32 9, i32 3, i32 11, i32 5, i32 13, i32 7, i32 15>
  %t92 = shufflevector <8 x float> %t84, <8 x float> %t85, <8 x i32> <i32 0, i32 8, i32 2, i32 10, i32 4, i32 12, i32 6, i32 14>
  %t93 = shufflevector <8 x float> %t84, <8 x float> %t85, <8 x i32> <i32 1, i32 9, i32 3, i32 11, i32 5, i32 13, i32 7, i32 15>
  %t94 = shufflevector <8 x float> %t86, <8 x float> %t87, <8 x i32> <i32 0, i32 8, i32 2, i32 10, i32 4, i32 12, i32 6, i32 14>
  %t95 = shufflevector <8 x float> %t86, <8 x float> %t87, <8 x i32> <i32 1, i32 9, i32 3, i32 11, i32 5, i32 13, i32 7, i32 15>
  %t96 = shufflevector <8 x float> %t88, <8 x float> %t89, <8 x i32> <i32 0, i32 8, i32 2, i32 10, i32 4, i32 12, i32 6, i32 14>
  %t97 = shufflevector <8 x float> %t88, <8 x float> %t89, <8 x i32> <i32 1, i32 9, i32 3, i32 11, i32 5, i32 13, i32 7, i32 15>
  %t98 = shufflevector <8 x float> %t90, <8 x float> %t92, <8 x i32> <i32 0, i32 1, i32 8, i32 9, i32 4, i32 5, i32 12, i32 13>
  %t99 = shufflevector <8 x float> %t90, <8 x float> %t92, <8 x i32> <i32 2, i32 3, i32 10, i32 11, i32 6, i32 7, i32 14, i32 15>
  %t100 = shufflevector <8 x float> %t91, <8 x float> %t93, <8 x i32> <i32 0, i32 1, i32 8, i32 9, i32 4, i32 5, i32 12, i32 13>
  %t101 = shufflevector <8 x float> %t91, <8 x float> %t93, <8 x i32> <i32 2, i32 3, i32 10, i32 11, i32 6, i32 7, i32 14, i32 15>
  %t102 = shufflevector <8 x float> %t94, <8 x float> %t96, <8 x i32> <i32 0, i32 1, i32 8, i32 9, i32 4, i32 5, i32 12, i32 13>
  %t103 = shufflevector <8 x float> %t94, <8 x float> %t96, <8 x i32> <i32 2, i32 3, i32 10, i32 11, i32 6, i32 7, i32 14, i32 15>
  %t104 = shufflevector <8 x float> %t95, <8 x float> %t97, <8 x i32> <i32 0, i32 1, i32 8, i32 9, i32 4, i32 5, i32 12, i32 13>
  %t105 = shufflevector <8 x float> %t95, <8 x float> %t97, <8 x i32> <i32 2, i32 3, i32 10, i32 11, i32 6, i32 7, i32 14, i32 15>
  %t106 = shufflevector <8 x float> %t98, <8 x float> %t102, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %t107 = shufflevector <8 x float> %t98, <8 x float> %t102, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %t108 = shufflevector <8 x float> %t100, <8 x float> %t104, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %t109 = shufflevector <8 x float> %t100, <8 x float> %t104, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %t110 = shufflevector <8 x float> %t99, <8 x float> %t103, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %t111 = shufflevector <8 x float> %t99, <8 x float> %t103, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %t112 = shufflevector <8 x float> %t101, <8 x float> %t105, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %t113 = shufflevector <8 x float> %t101, <8 x float> %t105, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  store <8 x float> %t106, ptr %t21, align 4
  %t114 = getelementptr inbounds float, ptr %t21, i64 8
  store <8 x float> %t108, ptr %t114, align 4
  %t115 = getelementptr inbounds float, ptr %t21, i64 16
  store <8 x float> %t110, ptr %t115, align 4
  %t116 = getelementptr inbounds float, ptr %t21, i64 24
  store <8 x float> %t112, ptr %t116, align 4
  %t117 = getelementptr inbounds float, ptr %t21, i64 32
  store <8 x float> %t107, ptr %t117, align 4
  %t118 = getelementptr inbounds float, ptr %t21, i64 40
  store <8 x float> %t109, ptr %t118, align 4
  %t119 = getelementptr inbounds float, ptr %t21, i64 48
  store <8 x float> %t111, ptr %t119, align 4
  %t120 = getelementptr inbounds float, ptr %t21, i64 56
  store <8 x float> %t113, ptr %t120, align 4
  %t124 = icmp slt i64 %t9, %t12
  br i1 %t124, label %b121, label %b122
b121:
  %t125 = phi i64 [%t9, %b29], [%t164, %b154]
  %t137 = mul i64 %t125, 8
  %t141 = getelementptr inbounds float, ptr %t140, i64 %t137
  %t144 = mul i64 %t125, 24
  %t145 = getelementptr inbounds float, ptr %t135, i64 %t144
  %t126 = sub i64 %t15, %t8
  %t127 = and i64 %t126, -8
  %t128 = add i64 %t8, %t127
  %t132 = icmp slt i64 %t8, %t128
  br i1 %t132, label %b129, label %b130
b129:
  %t133 = phi i64 [%t8, %b121], [%t147, %b129]
  %t142 = getelementptr inbounds float, ptr %t141, i64 %t133
  %t143 = load <8 x float>, ptr %t142, align 4
  %t146 = getelementptr inbounds float, ptr %t145, i64 %t133
  store <8 x float> %t143, ptr %t146, align 4
  %t147 = add nsw i64 %t133, 8
  %t148 = icmp slt i64 %t147, %t128
  br i1 %t148, label %b129, label %b130
b130:
  %t150 = sub i64 %t15, %t128
  %t151 = icmp sgt i64 %t150, 0
  br i1 %t151, label %b152, label %b153
b152:
  %t155 = trunc i64 %t150 to i32
  %t156 = insertelement <8 x i32> poison, i32 %t155, i64 0
  %t157 = shufflevector <8 x i32> %t156, <8 x i32> poison, <8 x i32> zeroinitializer
  %t158 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %t157
  %t159 = getelementptr inbounds float, ptr %t141, i64 %t128
  %t160 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %t159, i32 4, <8 x i1> %t158, <8 x float> splat (float 0x0000000000000000))
  %t161 = getelementptr inbounds float, ptr %t145, i64 %t128
  call void @llvm.masked.store.v8f32.p0(<8 x float> %t160, ptr %t161, i32 4, <8 x i1> %t158)
  br label %b154
b153:
  br label %b154
b154:
  %t164 = add nsw i64 %t125, 1
  %t165 = icmp slt i64 %t164, %t12
  br i1 %t165, label %b121, label %b122
b122:
  %t167 = add nsw i64 %t5, 1
  %t168 = icmp slt i64 %t167, %end
  br i1 %t168, label %b1, label %b2
b2:
  ret void
}
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32 immarg, <8 x i1>, <8 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32 immarg, <8 x i1>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
