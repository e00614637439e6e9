define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t1 = getelementptr inbounds i64, ptr %frame, i64 1
  %t2 = load ptr, ptr %t1, align 8
  %t3 = getelementptr inbounds i64, ptr %frame, i64 2
  %t4 = load ptr, ptr %t3, align 8
  %t5 = getelementptr inbounds i64, ptr %frame, i64 3
  %t6 = load ptr, ptr %t5, align 8
  %t7 = getelementptr inbounds i64, ptr %context, i64 1
  %t8 = load ptr, ptr %t7, align 8
  %t12 = icmp slt i64 %begin, %end
  br i1 %t12, label %b9, label %b10
b9:
  %t13 = phi i64 [%begin, %entry], [%t125, %b104]
  %t14 = mul i64 %t13, 5
  %t15 = mul i64 %t14, 512
  %t16 = getelementptr inbounds float, ptr %t2, i64 %t15
  br label %b17
b17:
  %t20 = phi i64 [0, %b9], [%t100, %b28]
  %t21 = mul i64 %t20, 512
  %t22 = getelementptr inbounds float, ptr %t8, i64 %t21
  %t23 = icmp slt i64 %t20, 4
  %t24 = select i1 %t23, i64 %t20, i64 4
  %t25 = mul i64 %t24, 96
  %t26 = getelementptr inbounds float, ptr %t16, i64 %t25
  br label %b27
b27:
  %t30 = phi i64 [0, %b17], [%t97, %b39]
  %t31 = phi ptr [%t22, %b17], [%t96, %b39]
  %t32 = mul i64 %t30, 48
  %t33 = getelementptr inbounds float, ptr %t26, i64 %t32
  %t34 = load <8 x float>, ptr %t33, align 4
  %t35 = getelementptr inbounds float, ptr %t33, i64 8
  %t36 = load <8 x float>, ptr %t35, align 4
  %t37 = getelementptr inbounds i32, ptr %t33, i64 16
  br label %b38
b38:
  %t41 = phi i64 [0, %b27], [%t93, %b38]
  %t42 = mul i64 %t41, 8
  %t43 = getelementptr inbounds i32, ptr %t37, i64 %t42
  %t44 = mul i64 %t41, 64
  %t45 = getelementptr inbounds float, ptr %t31, i64 %t44
  %t46 = load <8 x i32>, ptr %t43, align 4
  %t47 = shl <8 x i32> %t46, splat (i32 28)
  %t48 = ashr <8 x i32> %t47, splat (i32 28)
  %t49 = sitofp <8 x i32> %t48 to <8 x float>
  %t50 = fadd <8 x float> %t49, %t36
  %t51 = fmul <8 x float> %t50, %t34
  store <8 x float> %t51, ptr %t45, align 4
  %t52 = shl <8 x i32> %t46, splat (i32 24)
  %t53 = ashr <8 x i32> %t52, splat (i32 28)
  %t54 = sitofp <8 x i32> %t53 to <8 x float>
  %t55 = fadd <8 x float> %t54, %t36
  %t56 = fmul <8 x float> %t55, %t34
  %t57 = getelementptr inbounds float, ptr %t45, i64 8
  store <8 x float> %t56, ptr %t57, align 4
  %t58 = shl <8 x i32> %t46, splat (i32 20)
  %t59 = ashr <8 x i32> %t58, splat (i32 28)
  %t60 = sitofp <8 x i32> %t59 to <8 x float>
  %t61 = fadd <8 x float> %t60, %t36
  %t62 = fmul <8 x float> %t61, %t34
  %t63 = getelementptr inbounds float, ptr %t45, i64 16
  store <8 x float> %t62, ptr %t63, align 4
  %t64 = shl <8 x i32> %t46, splat (i32 16)
  %t65 = ashr <8 x i32> %t64, splat (i32 28)
  %t66 = sitofp <8 x i32> %t65 to <8 x float>
  %t67 = fadd <8 x float> %t66, %t36
  %t68 = fmul <8 x float> %t67, %t34
  %t69 = getelementptr inbounds float, ptr %t45, i64 24
  store <8 x float> %t68, ptr %t69, align 4
  %t70 = shl <8 x i32> %t46, splat (i32 12)
  %t71 = ashr <8 x i32> %t70, splat (i32 28)
  %t72 = sitofp <8 x i32> %t71 to <8 x float>
  %t73 = fadd <8 x float> %t72, %t36
  %t74 = fmul <8 x float> %t73, %t34
  %t75 = getelementptr inbounds float, ptr %t45, i64 32
  store <8 x float> %t74, ptr %t75, align 4
  %t76 = shl <8 x i32> %t46, splat (i32 8)
  %t77 = ashr <8 x i32> %t76, splat (i32 28)
  %t78 = sitofp <8 x i32> %t77 to <8 x float>
  %t79 = fadd <8 x float> %t78, %t36
  %t80 = fmul <8 x float> %t79, %t34
  %t81 = getelementptr inbounds float, ptr %t45, i64 40
  store <8 x float> %t80, ptr %t81, align 4
  %t82 = shl <8 x i32> %t46, splat (i32 4)
  %t83 = ashr <8 x i32> %t82, splat (i32 28)
  %t84 = sitofp <8 x i32> %t83 to <8 x float>
  %t85 = fadd <8 x float> %t84, %t36
  %t86 = fmul <8 x float> %t85, %t34
  %t87 = getelementptr inbounds float, ptr %t45, i64 48
  store <8 x float> %t86, ptr %t87, align 4
  %t88 = ashr <8 x i32> %t46, splat (i32 28)
  %t89 = sitofp <8 x i32> %t88 to <8 x float>
  %t90 = fadd <8 x float> %t89, %t36
  %t91 = fmul <8 x float> %t90, %t34
  %t92 = getelementptr inbounds float, ptr %t45, i64 56
  store <8 x float> %t91, ptr %t92, align 4
  %t93 = add nsw i64 %t41, 1
  %t94 = icmp slt i64 %t93, 4
  br i1 %t94, label %b38, label %b39
b39:
  %t96 = getelementptr inbounds float, ptr %t31, i64 256
  %t97 = add nsw i64 %t30, 1
  %t98 = icmp slt i64 %t97, 2
  br i1 %t98, label %b27, label %b28
b28:
  %t100 = add nsw i64 %t20, 1
  %t101 = icmp slt i64 %t100, 5
  br i1 %t101, label %b17, label %b18
b18:
  br label %b103
b103:
  %t106 = phi i64 [0, %b18], [%t122, %b109]
  %t107 = mul i64 %t106, 8
  br label %b108
b108:
  %t111 = phi i64 [0, %b103], [%t119, %b108]
  %t112 = mul i64 %t111, 512
  %t113 = getelementptr inbounds float, ptr %t8, i64 %t112
  %t114 = mul i64 %t111, 8
  %t115 = getelementptr inbounds float, ptr %t4, i64 %t114
  %t116 = sub i64 40, %t114
  %t117 = icmp slt i64 %t116, 8
  %t118 = select i1 %t117, i64 %t116, i64 8
  call void @tile8(ptr %t6, ptr %t113, ptr %t115, i64 %t107)
  %t119 = add nsw i64 %t111, 1
  %t120 = icmp slt i64 %t119, 5
  br i1 %t120, label %b108, label %b109
b109:
  %t122 = add nsw i64 %t106, 1
  %t123 = icmp slt i64 %t122, 3
  br i1 %t123, label %b103, label %b104
b104:
  %t125 = add nsw i64 %t13, 1
  %t126 = icmp slt i64 %t125, %end
  br i1 %t126, label %b9, label %b10
b10:
  ret void
}
define internal void @tile8(ptr %a0, ptr %a1, ptr %a2, i64 %a3) #0 {
entry:
  %t1 = mul i64 %a3, 64
  %t2 = add i64 %t1, 64
  %t3 = add i64 %t1, 128
  %t4 = add i64 %t1, 192
  %t5 = add i64 %t1, 256
  %t6 = add i64 %t1, 320
  %t7 = add i64 %t1, 384
  %t8 = add i64 %t1, 448
  %t9 = getelementptr inbounds float, ptr %a0, i64 %t1
  %t10 = getelementptr inbounds float, ptr %a0, i64 %t2
  %t11 = getelementptr inbounds float, ptr %a0, i64 %t3
  %t12 = getelementptr inbounds float, ptr %a0, i64 %t4
  %t13 = getelementptr inbounds float, ptr %a0, i64 %t5
  %t14 = getelementptr inbounds float, ptr %a0, i64 %t6
  %t15 = getelementptr inbounds float, ptr %a0, i64 %t7
  %t16 = getelementptr inbounds float, ptr %a0, i64 %t8
  br label %b17
b17:
  %t20 = phi i64 [0, %entry], [%t198, %b17]
  %t21 = phi ptr [%a1, %entry], [%t197, %b17]
  %t22 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t161, %b17]
  %t23 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t166, %b17]
  %t24 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t171, %b17]
  %t25 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t176, %b17]
  %t26 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t181, %b17]
  %t27 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t186, %b17]
  %t28 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t191, %b17]
  %t29 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t196, %b17]
  %t30 = getelementptr inbounds float, ptr %t9, i64 %t20
  %t31 = getelementptr inbounds float, ptr %t10, i64 %t20
  %t32 = getelementptr inbounds float, ptr %t11, i64 %t20
  %t33 = getelementptr inbounds float, ptr %t12, i64 %t20
  %t34 = getelementptr inbounds float, ptr %t13, i64 %t20
  %t35 = getelementptr inbounds float, ptr %t14, i64 %t20
  %t36 = getelementptr inbounds float, ptr %t15, i64 %t20
  %t37 = getelementptr inbounds float, ptr %t16, i64 %t20
  %t38 = load <8 x float>, ptr %t21, align 4
  %t39 = load float, ptr %t30, align 4
  %t40 = insertelement <8 x float> poison, float %t39, i64 0
  %t41 = shufflevector <8 x float> %t40, <8 x float> poison, <8 x i32> zeroinitializer
  %t42 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t41, <8 x float> %t38, <8 x float> %t22)
  %t43 = load float, ptr %t31, align 4
  %t44 = insertelement <8 x float> poison, float %t43, i64 0
  %t45 = shufflevector <8 x float> %t44, <8 x float> poison, <8 x i32> zeroinitializer
  %t46 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t45, <8 x float> %t38, <8 x float> %t23)
  %t47 = load float, ptr %t32, align 4
  %t48 = insertelement <8 x float> poison, float %t47, i64 0
  %t49 = shufflevector <8 x float> %t48, <8 x float> poison, <8 x i32> zeroinitializer
  %t50 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t49, <8 x float> %t38, <8 x float> %t24)
  %t51 = load float, ptr %t33, align 4
  %t52 = insertelement <8 x float> poison, float %t51, i64 0
  %t53 = shufflevector <8 x float> %t52, <8 x float> poison, <8 x i32> zeroinitializer
  %t54 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t53, <8 x float> %t38, <8 x float> %t25)
  %t55 = load float, ptr %t34, align 4
  %t56 = insertelement <8 x float> poison, float %t55, i64 0
  %t57 = shufflevector <8 x float> %t56, <8 x float> poison, <8 x i32> zeroinitializer
  %t58 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t57, <8 x float> %t38, <8 x float> %t26)
  %t59 = load float, ptr %t35, align 4
  %t60 = insertelement <8 x float> poison, float %t59, i64 0
  %t61 = shufflevector <8 x float> %t60, <8 x float> poison, <8 x i32> zeroinitializer
  %t62 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t61, <8 x float> %t38, <8 x float> %t27)
  %t63 = load float, ptr %t36, align 4
  %t64 = insertelement <8 x float> poison, float %t63, i64 0
  %t65 = shufflevector <8 x float> %t64, <8 x float> poison, <8 x i32> zeroinitializer
  %t66 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t65, <8 x float> %t38, <8 x float> %t28)
  %t67 = load float, ptr %t37, align 4
  %t68 = insertelement <8 x float> poison, float %t67, i64 0
  %t69 = shufflevector <8 x float> %t68, <8 x float> poison, <8 x i32> zeroinitializer
  %t70 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t69, <8 x float> %t38, <8 x float> %t29)
  %t71 = getelementptr inbounds float, ptr %t21, i64 8
  %t72 = load <8 x float>, ptr %t71, align 4
  %t73 = getelementptr inbounds float, ptr %t30, i64 1
  %t74 = load float, ptr %t73, align 4
  %t75 = insertelement <8 x float> poison, float %t74, i64 0
  %t76 = shufflevector <8 x float> %t75, <8 x float> poison, <8 x i32> zeroinitializer
  %t77 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t76, <8 x float> %t72, <8 x float> %t42)
  %t78 = getelementptr inbounds float, ptr %t31, i64 1
  %t79 = load float, ptr %t78, align 4
  %t80 = insertelement <8 x float> poison, float %t79, i64 0
  %t81 = shufflevector <8 x float> %t80, <8 x float> poison, <8 x i32> zeroinitializer
  %t82 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t81, <8 x float> %t72, <8 x float> %t46)
  %t83 = getelementptr inbounds float, ptr %t32, i64 1
  %t84 = load float, ptr %t83, align 4
  %t85 = insertelement <8 x float> poison, float %t84, i64 0
  %t86 = shufflevector <8 x float> %t85, <8 x float> poison, <8 x i32> zeroinitializer
  %t87 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t86, <8 x float> %t72, <8 x float> %t50)
  %t88 = getelementptr inbounds float, ptr %t33, i64 1
  %t89 = load float, ptr %t88, align 4
  %t90 = insertelement <8 x float> poison, float %t89, i64 0
  %t91 = shufflevector <8 x float> %t90, <8 x float> poison, <8 x i32> zeroinitializer
  %t92 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t91, <8 x float> %t72, <8 x float> %t54)
  %t93 = getelementptr inbounds float, ptr %t34, i64 1
  %t94 = load float, ptr %t93, align 4
  %t95 = insertelement <8 x float> poison, float %t94, i64 0
  %t96 = shufflevector <8 x float> %t95, <8 x float> poison, <8 x i32> zeroinitializer
  %t97 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t96, <8 x float> %t72, <8 x float> %t58)
  %t98 = getelementptr inbounds float, ptr %t35, i64 1
  %t99 = load float, ptr %t98, align 4
  %t100 = insertelement <8 x float> poison, float %t99, i64 0
  %t101 = shufflevector <8 x float> %t100, <8 x float> poison, <8 x i32> zeroinitializer
  %t102 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t101, <8 x float> %t72, <8 x float> %t62)
  %t103 = getelementptr inbounds float, ptr %t36, i64 1
  %t104 = load float, ptr %t103, align 4
  %t105 = insertelement <8 x float> poison, float %t104, i64 0
  %t106 = shufflevector <8 x float> %t105, <8 x float> poison, <8 x i32> zeroinitializer
  %t107 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t106, <8 x float> %t72, <8 x float> %t66)
  %t108 = getelementptr inbounds float, ptr %t37, i64 1
  %t109 = load float, ptr %t108, align 4
  %t110 = insertelement <8 x float> poison, float %t109, i64 0
  %t111 = shufflevector <8 x float> %t110, <8 x float> poison, <8 x i32> zeroinitializer
  %t112 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t111, <8 x float> %t72, <8 x float> %t70)
  %t113 = getelementptr inbounds float, ptr %t21, i64 16
  %t114 = load <8 x float>, ptr %t113, align 4
  %t115 = getelementptr inbounds float, ptr %t30, i64 2
  %t116 = load float, ptr %t115, align 4
  %t117 = insertelement <8 x float> poison, float %t116, i64 0
  %t118 = shufflevector <8 x float> %t117, <8 x float> poison, <8 x i32> zeroinitializer
  %t119 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t118, <8 x float> %t114, <8 x float> %t77)
  %t120 = getelementptr inbounds float, ptr %t31, i64 2
  %t121 = load float, ptr %t120, align 4
  %t122 = insertelement <8 x float> poison, float %t121, i64 0
  %t123 = shufflevector <8 x float> %t122, <8 x float> poison, <8 x i32> zeroinitializer
  %t124 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t123, <8 x float> %t114, <8 x float> %t82)
  %t125 = getelementptr inbounds float, ptr %t32, i64 2
  %t126 = load float, ptr %t125, align 4
  %t127 = insertelement <8 x float> poison, float %t126, i64 0
  %t128 = shufflevector <8 x float> %t127, <8 x float> poison, <8 x i32> zeroinitializer
  %t129 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t128, <8 x float> %t114, <8 x float> %t87)
  %t130 = getelementptr inbounds float, ptr %t33, i64 2
  %t131 = load float, ptr %t130, align 4
  %t132 = insertelement <8 x float> poison, float %t131, i64 0
  %t133 = shufflevector <8 x float> %t132, <8 x float> poison, <8 x i32> zeroinitializer
  %t134 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t133, <8 x float> %t114, <8 x float> %t92)
  %t135 = getelementptr inbounds float, ptr %t34, i64 2
  %t136 = load float, ptr %t135, align 4
  %t137 = insertelement <8 x float> poison, float %t136, i64 0
  %t138 = shufflevector <8 x float> %t137, <8 x float> poison, <8 x i32> zeroinitializer
  %t139 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t138, <8 x float> %t114, <8 x float> %t97)
  %t140 = getelementptr inbounds float, ptr %t35, i64 2
  %t141 = load float, ptr %t140, align 4
  %t142 = insertelement <8 x float> poison, float %t141, i64 0
  %t143 = shufflevector <8 x float> %t142, <8 x float> poison, <8 x i32> zeroinitializer
  %t144 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t143, <8 x float> %t114, <8 x float> %t102)
  %t145 = getelementptr inbounds float, ptr %t36, i64 2
  %t146 = load float, ptr %t145, align 4
  %t147 = insertelement <8 x float> poison, float %t146, i64 0
  %t148 = shufflevector <8 x float> %t147, <8 x float> poison, <8 x i32> zeroinitializer
  %t149 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t148, <8 x float> %t114, <8 x float> %t107)
  %t150 = getelementptr inbounds float, ptr %t37, i64 2
  %t151 = load float, ptr %t150, align 4
  %t152 = insertelement <8 x float> poison, float %t151, i64 0
  %t153 = shufflevector <8 x float> %t152, <8 x float> poison, <8 x i32> zeroinitializer
  %t154 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t153, <8 x float> %t114, <8 x float> %t112)
  %t155 = getelementptr inbounds float, ptr %t21, i64 24
  %t156 = load <8 x float>, ptr %t155, align 4
  %t157 = getelementptr inbounds float, ptr %t30, i64 3
  %t158 = load float, ptr %t157, align 4
  %t159 = insertelement <8 x float> poison, float %t158, i64 0
  %t160 = shufflevector <8 x float> %t159, <8 x float> poison, <8 x i32> zeroinitializer
  %t161 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t160, <8 x float> %t156, <8 x float> %t119)
  %t162 = getelementptr inbounds float, ptr %t31, i64 3
  %t163 = load float, ptr %t162, align 4
  %t164 = insertelement <8 x float> poison, float %t163, i64 0
  %t165 = shufflevector <8 x float> %t164, <8 x float> poison, <8 x i32> zeroinitializer
  %t166 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t165, <8 x float> %t156, <8 x float> %t124)
  %t167 = getelementptr inbounds float, ptr %t32, i64 3
  %t168 = load float, ptr %t167, align 4
  %t169 = insertelement <8 x float> poison, float %t168, i64 0
  %t170 = shufflevector <8 x float> %t169, <8 x float> poison, <8 x i32> zeroinitializer
  %t171 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t170, <8 x float> %t156, <8 x float> %t129)
  %t172 = getelementptr inbounds float, ptr %t33, i64 3
  %t173 = load float, ptr %t172, align 4
  %t174 = insertelement <8 x float> poison, float %t173, i64 0
  %t175 = shufflevector <8 x float> %t174, <8 x float> poison, <8 x i32> zeroinitializer
  %t176 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t175, <8 x float> %t156, <8 x float> %t134)
  %t177 = getelementptr inbounds float, ptr %t34, i64 3
  %t178 = load float, ptr %t177, align 4
  %t179 = insertelement <8 x float> poison, float %t178, i64 0
  %t180 = shufflevector <8 x float> %t179, <8 x float> poison, <8 x i32> zeroinitializer
  %t181 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t180, <8 x float> %t156, <8 x float> %t139)
  %t182 = getelementptr inbounds float, ptr %t35, i64 3
  %t183 = load float, ptr %t182, align 4
  %t184 = insertelement <8 x float> poison, float %t183, i64 0
  %t185 = shufflevector <8 x float> %t184, <8 x float> poison, <8 x i32> zeroinitializer
  %t186 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t185, <8 x float> %t156, <8 x float> %t144)
  %t187 = getelementptr inbounds float, ptr %t36, i64 3
  %t188 = load float, ptr %t187, align 4
  %t189 = insertelement <8 x float> poison, float %t188, i64 0
  %t190 = shufflevector <8 x float> %t189, <8 x float> poison, <8 x i32> zeroinitializer
  %t191 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t190, <8 x float> %t156, <8 x float> %t149)
  %t192 = getelementptr inbounds float, ptr %t37, i64 3
  %t193 = load float, ptr %t192, align 4
  %t194 = insertelement <8 x float> poison, float %t193, i64 0
  %t195 = shufflevector <8 x float> %t194, <8 x float> poison, <8 x i32> zeroinitializer
  %t196 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t195, <8 x float> %t156, <8 x float> %t154)
  %t197 = getelementptr inbounds float, ptr %t21, i64 32
  %t198 = add nsw i64 %t20, 4
  %t199 = icmp slt i64 %t198, 64
  br i1 %t199, label %b17, label %b18
b18:
  %t201 = mul i64 %a3, 40
  %t202 = add i64 %t201, 40
  %t203 = add i64 %t201, 80
  %t204 = add i64 %t201, 120
  %t205 = add i64 %t201, 160
  %t206 = add i64 %t201, 200
  %t207 = add i64 %t201, 240
  %t208 = add i64 %t201, 280
  %t209 = getelementptr inbounds float, ptr %a2, i64 %t201
  store <8 x float> %t161, ptr %t209, align 4
  %t210 = getelementptr inbounds float, ptr %a2, i64 %t202
  store <8 x float> %t166, ptr %t210, align 4
  %t211 = getelementptr inbounds float, ptr %a2, i64 %t203
  store <8 x float> %t171, ptr %t211, align 4
  %t212 = getelementptr inbounds float, ptr %a2, i64 %t204
  store <8 x float> %t176, ptr %t212, align 4
  %t213 = getelementptr inbounds float, ptr %a2, i64 %t205
  store <8 x float> %t181, ptr %t213, align 4
  %t214 = getelementptr inbounds float, ptr %a2, i64 %t206
  store <8 x float> %t186, ptr %t214, align 4
  %t215 = getelementptr inbounds float, ptr %a2, i64 %t207
  store <8 x float> %t191, ptr %t215, align 4
  %t216 = getelementptr inbounds float, ptr %a2, i64 %t208
  store <8 x float> %t196, ptr %t216, align 4
  ret void
}
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
