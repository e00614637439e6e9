define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t1 = getelementptr inbounds i64, ptr %frame, i64 1
  %t2 = load ptr, ptr %t1, align 8
  %t3 = getelementptr inbounds i64, ptr %frame, i64 2
  %t4 = load ptr, ptr %t3, align 8
  %t5 = getelementptr inbounds i64, ptr %frame, i64 3
  %t6 = load ptr, ptr %t5, align 8
  %t10 = icmp slt i64 %begin, %end
  br i1 %t10, label %b7, label %b8
b7:
  %t11 = phi i64 [%begin, %entry], [%t49, %b23]
  %t12 = urem i64 %t11, 4
  %t13 = udiv i64 %t11, 4
  %t14 = mul i64 %t13, 12544
  %t15 = getelementptr inbounds float, ptr %t2, i64 %t14
  %t16 = mul i64 %t13, 12544
  %t17 = getelementptr inbounds float, ptr %t6, i64 %t16
  %t18 = mul i64 %t12, 4
  %t19 = add i64 %t18, 4
  %t20 = icmp slt i64 %t19, 14
  %t21 = select i1 %t20, i64 %t19, i64 14
  %t25 = icmp slt i64 %t18, %t21
  br i1 %t25, label %b22, label %b23
b22:
  %t26 = phi i64 [%t18, %b7], [%t46, %b22]
  %t27 = mul i64 %t26, 896
  %t28 = getelementptr inbounds float, ptr %t17, i64 %t27
  %t29 = sub i64 %t26, 1
  %t30 = sub i64 0, %t29
  %t31 = icmp sgt i64 %t30, 0
  %t32 = select i1 %t31, i64 %t30, i64 0
  %t33 = icmp slt i64 %t32, 3
  %t34 = select i1 %t33, i64 %t32, i64 3
  %t35 = sub i64 14, %t29
  %t36 = icmp sgt i64 %t35, 0
  %t37 = select i1 %t36, i64 %t35, i64 0
  %t38 = icmp slt i64 %t37, 3
  %t39 = select i1 %t38, i64 %t37, i64 3
  %t40 = sub i64 %t39, %t34
  %t41 = mul i64 %t29, 896
  %t42 = add i64 %t41, -64
  call void @pixels7_1_3_2_0_3_3_0_3_3_0_3_3_0_3_3_0_3_3_0_3_3(ptr %t15, ptr %t4, ptr %t28, i64 %t42, i64 %t34, i64 %t39, i64 %t40, i64 64)
  %t43 = mul i64 %t29, 896
  %t44 = add i64 %t43, 384
  %t45 = getelementptr inbounds float, ptr %t28, i64 448
  call void @pixels7_0_3_3_0_3_3_0_3_3_0_3_3_0_3_3_0_3_3_0_2_2(ptr %t15, ptr %t4, ptr %t45, i64 %t44, i64 %t34, i64 %t39, i64 %t40, i64 64)
  %t46 = add nsw i64 %t26, 1
  %t47 = icmp slt i64 %t46, %t21
  br i1 %t47, label %b22, label %b23
b23:
  %t49 = add nsw i64 %t11, 1
  %t50 = icmp slt i64 %t49, %end
  br i1 %t50, label %b7, label %b8
b8:
  ret void
}
define internal void @pixels7_1_3_2_0_3_3_0_3_3_0_3_3_0_3_3_0_3_3_0_3_3(ptr %a0, ptr %a1, ptr %a2, i64 %a3, i64 %a4, i64 %a5, i64 %a6, i64 %a7) #0 {
entry:
  %t4 = icmp slt i64 0, %a7
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [0, %entry], [%t120, %b7]
  %t9 = icmp slt i64 %a4, %a5
  br i1 %t9, label %b6, label %b7
b6:
  %t10 = phi i64 [%a4, %b1], [%t103, %b6]
  %t11 = phi <8 x float> [zeroinitializer, %b1], [%t49, %b6]
  %t12 = phi <8 x float> [zeroinitializer, %b1], [%t58, %b6]
  %t13 = phi <8 x float> [zeroinitializer, %b1], [%t67, %b6]
  %t14 = phi <8 x float> [zeroinitializer, %b1], [%t76, %b6]
  %t15 = phi <8 x float> [zeroinitializer, %b1], [%t85, %b6]
  %t16 = phi <8 x float> [zeroinitializer, %b1], [%t94, %b6]
  %t17 = phi <8 x float> [zeroinitializer, %b1], [%t102, %b6]
  %t18 = mul i64 %t10, 3
  %t19 = mul i64 %t18, 64
  %t20 = add i64 %t19, %t5
  %t21 = getelementptr inbounds float, ptr %a1, i64 %t20
  %t22 = load <8 x float>, ptr %t21, align 4
  %t23 = mul i64 %t10, 3
  %t24 = mul i64 %t23, 64
  %t25 = add i64 %t24, 64
  %t26 = add i64 %t25, %t5
  %t27 = getelementptr inbounds float, ptr %a1, i64 %t26
  %t28 = load <8 x float>, ptr %t27, align 4
  %t29 = mul i64 %t10, 3
  %t30 = mul i64 %t29, 64
  %t31 = add i64 %t30, 128
  %t32 = add i64 %t31, %t5
  %t33 = getelementptr inbounds float, ptr %a1, i64 %t32
  %t34 = load <8 x float>, ptr %t33, align 4
  %t35 = mul i64 %t10, 896
  %t36 = add i64 %a3, %t35
  %t37 = add i64 %t36, %t5
  %t38 = getelementptr inbounds float, ptr %a0, i64 %t37
  %t39 = getelementptr inbounds float, ptr %t38, i64 64
  %t40 = load <8 x float>, ptr %t39, align 4
  %t41 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t40, <8 x float> %t28, <8 x float> %t11)
  %t42 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t40, <8 x float> %t22, <8 x float> %t12)
  %t43 = mul i64 %t10, 896
  %t44 = add i64 %a3, %t43
  %t45 = add i64 %t44, %t5
  %t46 = getelementptr inbounds float, ptr %a0, i64 %t45
  %t47 = getelementptr inbounds float, ptr %t46, i64 128
  %t48 = load <8 x float>, ptr %t47, align 4
  %t49 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t48, <8 x float> %t34, <8 x float> %t41)
  %t50 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t48, <8 x float> %t28, <8 x float> %t42)
  %t51 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t48, <8 x float> %t22, <8 x float> %t13)
  %t52 = mul i64 %t10, 896
  %t53 = add i64 %a3, %t52
  %t54 = add i64 %t53, %t5
  %t55 = getelementptr inbounds float, ptr %a0, i64 %t54
  %t56 = getelementptr inbounds float, ptr %t55, i64 192
  %t57 = load <8 x float>, ptr %t56, align 4
  %t58 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t57, <8 x float> %t34, <8 x float> %t50)
  %t59 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t57, <8 x float> %t28, <8 x float> %t51)
  %t60 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t57, <8 x float> %t22, <8 x float> %t14)
  %t61 = mul i64 %t10, 896
  %t62 = add i64 %a3, %t61
  %t63 = add i64 %t62, %t5
  %t64 = getelementptr inbounds float, ptr %a0, i64 %t63
  %t65 = getelementptr inbounds float, ptr %t64, i64 256
  %t66 = load <8 x float>, ptr %t65, align 4
  %t67 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t66, <8 x float> %t34, <8 x float> %t59)
  %t68 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t66, <8 x float> %t28, <8 x float> %t60)
  %t69 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t66, <8 x float> %t22, <8 x float> %t15)
  %t70 = mul i64 %t10, 896
  %t71 = add i64 %a3, %t70
  %t72 = add i64 %t71, %t5
  %t73 = getelementptr inbounds float, ptr %a0, i64 %t72
  %t74 = getelementptr inbounds float, ptr %t73, i64 320
  %t75 = load <8 x float>, ptr %t74, align 4
  %t76 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t75, <8 x float> %t34, <8 x float> %t68)
  %t77 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t75, <8 x float> %t28, <8 x float> %t69)
  %t78 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t75, <8 x float> %t22, <8 x float> %t16)
  %t79 = mul i64 %t10, 896
  %t80 = add i64 %a3, %t79
  %t81 = add i64 %t80, %t5
  %t82 = getelementptr inbounds float, ptr %a0, i64 %t81
  %t83 = getelementptr inbounds float, ptr %t82, i64 384
  %t84 = load <8 x float>, ptr %t83, align 4
  %t85 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t84, <8 x float> %t34, <8 x float> %t77)
  %t86 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t84, <8 x float> %t28, <8 x float> %t78)
  %t87 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t84, <8 x float> %t22, <8 x float> %t17)
  %t88 = mul i64 %t10, 896
  %t89 = add i64 %a3, %t88
  %t90 = add i64 %t89, %t5
  %t91 = getelementptr inbounds float, ptr %a0, i64 %t90
  %t92 = getelementptr inbounds float, ptr %t91, i64 448
  %t93 = load <8 x float>, ptr %t92, align 4
  %t94 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t93, <8 x float> %t34, <8 x float> %t86)
  %t95 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t93, <8 x float> %t28, <8 x float> %t87)
  %t96 = mul i64 %t10, 896
  %t97 = add i64 %a3, %t96
  %t98 = add i64 %t97, %t5
  %t99 = getelementptr inbounds float, ptr %a0, i64 %t98
  %t100 = getelementptr inbounds float, ptr %t99, i64 512
  %t101 = load <8 x float>, ptr %t100, align 4
  %t102 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t101, <8 x float> %t34, <8 x float> %t95)
  %t103 = add nsw i64 %t10, 1
  %t104 = icmp slt i64 %t103, %a5
  br i1 %t104, label %b6, label %b7
b7:
  %t106 = phi <8 x float> [zeroinitializer, %b1], [%t49, %b6]
  %t107 = phi <8 x float> [zeroinitializer, %b1], [%t58, %b6]
  %t108 = phi <8 x float> [zeroinitializer, %b1], [%t67, %b6]
  %t109 = phi <8 x float> [zeroinitializer, %b1], [%t76, %b6]
  %t110 = phi <8 x float> [zeroinitializer, %b1], [%t85, %b6]
  %t111 = phi <8 x float> [zeroinitializer, %b1], [%t94, %b6]
  %t112 = phi <8 x float> [zeroinitializer, %b1], [%t102, %b6]
  %t113 = getelementptr inbounds float, ptr %a2, i64 %t5
  store <8 x float> %t106, ptr %t113, align 4
  %t114 = getelementptr inbounds float, ptr %t113, i64 64
  store <8 x float> %t107, ptr %t114, align 4
  %t115 = getelementptr inbounds float, ptr %t113, i64 128
  store <8 x float> %t108, ptr %t115, align 4
  %t116 = getelementptr inbounds float, ptr %t113, i64 192
  store <8 x float> %t109, ptr %t116, align 4
  %t117 = getelementptr inbounds float, ptr %t113, i64 256
  store <8 x float> %t110, ptr %t117, align 4
  %t118 = getelementptr inbounds float, ptr %t113, i64 320
  store <8 x float> %t111, ptr %t118, align 4
  %t119 = getelementptr inbounds float, ptr %t113, i64 384
  store <8 x float> %t112, ptr %t119, align 4
  %t120 = add nsw i64 %t5, 8
  %t121 = icmp slt i64 %t120, %a7
  br i1 %t121, label %b1, label %b2
b2:
  ret void
}
define internal void @pixels7_0_3_3_0_3_3_0_3_3_0_3_3_0_3_3_0_3_3_0_2_2(ptr %a0, ptr %a1, ptr %a2, i64 %a3, i64 %a4, i64 %a5, i64 %a6, i64 %a7) #0 {
entry:
  %t4 = icmp slt i64 0, %a7
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [0, %entry], [%t119, %b7]
  %t9 = icmp slt i64 %a4, %a5
  br i1 %t9, label %b6, label %b7
b6:
  %t10 = phi i64 [%a4, %b1], [%t102, %b6]
  %t11 = phi <8 x float> [zeroinitializer, %b1], [%t55, %b6]
  %t12 = phi <8 x float> [zeroinitializer, %b1], [%t64, %b6]
  %t13 = phi <8 x float> [zeroinitializer, %b1], [%t73, %b6]
  %t14 = phi <8 x float> [zeroinitializer, %b1], [%t82, %b6]
  %t15 = phi <8 x float> [zeroinitializer, %b1], [%t91, %b6]
  %t16 = phi <8 x float> [zeroinitializer, %b1], [%t100, %b6]
  %t17 = phi <8 x float> [zeroinitializer, %b1], [%t101, %b6]
  %t18 = mul i64 %t10, 3
  %t19 = mul i64 %t18, 64
  %t20 = add i64 %t19, %t5
  %t21 = getelementptr inbounds float, ptr %a1, i64 %t20
  %t22 = load <8 x float>, ptr %t21, align 4
  %t23 = mul i64 %t10, 3
  %t24 = mul i64 %t23, 64
  %t25 = add i64 %t24, 64
  %t26 = add i64 %t25, %t5
  %t27 = getelementptr inbounds float, ptr %a1, i64 %t26
  %t28 = load <8 x float>, ptr %t27, align 4
  %t29 = mul i64 %t10, 3
  %t30 = mul i64 %t29, 64
  %t31 = add i64 %t30, 128
  %t32 = add i64 %t31, %t5
  %t33 = getelementptr inbounds float, ptr %a1, i64 %t32
  %t34 = load <8 x float>, ptr %t33, align 4
  %t35 = mul i64 %t10, 896
  %t36 = add i64 %a3, %t35
  %t37 = add i64 %t36, %t5
  %t38 = getelementptr inbounds float, ptr %a0, i64 %t37
  %t39 = load <8 x float>, ptr %t38, align 4
  %t40 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t39, <8 x float> %t22, <8 x float> %t11)
  %t41 = mul i64 %t10, 896
  %t42 = add i64 %a3, %t41
  %t43 = add i64 %t42, %t5
  %t44 = getelementptr inbounds float, ptr %a0, i64 %t43
  %t45 = getelementptr inbounds float, ptr %t44, i64 64
  %t46 = load <8 x float>, ptr %t45, align 4
  %t47 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t46, <8 x float> %t28, <8 x float> %t40)
  %t48 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t46, <8 x float> %t22, <8 x float> %t12)
  %t49 = mul i64 %t10, 896
  %t50 = add i64 %a3, %t49
  %t51 = add i64 %t50, %t5
  %t52 = getelementptr inbounds float, ptr %a0, i64 %t51
  %t53 = getelementptr inbounds float, ptr %t52, i64 128
  %t54 = load <8 x float>, ptr %t53, align 4
  %t55 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t54, <8 x float> %t34, <8 x float> %t47)
  %t56 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t54, <8 x float> %t28, <8 x float> %t48)
  %t57 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t54, <8 x float> %t22, <8 x float> %t13)
  %t58 = mul i64 %t10, 896
  %t59 = add i64 %a3, %t58
  %t60 = add i64 %t59, %t5
  %t61 = getelementptr inbounds float, ptr %a0, i64 %t60
  %t62 = getelementptr inbounds float, ptr %t61, i64 192
  %t63 = load <8 x float>, ptr %t62, align 4
  %t64 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t63, <8 x float> %t34, <8 x float> %t56)
  %t65 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t63, <8 x float> %t28, <8 x float> %t57)
  %t66 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t63, <8 x float> %t22, <8 x float> %t14)
  %t67 = mul i64 %t10, 896
  %t68 = add i64 %a3, %t67
  %t69 = add i64 %t68, %t5
  %t70 = getelementptr inbounds float, ptr %a0, i64 %t69
  %t71 = getelementptr inbounds float, ptr %t70, i64 256
  %t72 = load <8 x float>, ptr %t71, align 4
  %t73 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t72, <8 x float> %t34, <8 x float> %t65)
  %t74 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t72, <8 x float> %t28, <8 x float> %t66)
  %t75 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t72, <8 x float> %t22, <8 x float> %t15)
  %t76 = mul i64 %t10, 896
  %t77 = add i64 %a3, %t76
  %t78 = add i64 %t77, %t5
  %t79 = getelementptr inbounds float, ptr %a0, i64 %t78
  %t80 = getelementptr inbounds float, ptr %t79, i64 320
  %t81 = load <8 x float>, ptr %t80, align 4
  %t82 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t81, <8 x float> %t34, <8 x float> %t74)
  %t83 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t81, <8 x float> %t28, <8 x float> %t75)
  %t84 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t81, <8 x float> %t22, <8 x float> %t16)
  %t85 = mul i64 %t10, 896
  %t86 = add i64 %a3, %t85
  %t87 = add i64 %t86, %t5
  %t88 = getelementptr inbounds float, ptr %a0, i64 %t87
  %t89 = getelementptr inbounds float, ptr %t88, i64 384
  %t90 = load <8 x float>, ptr %t89, align 4
  %t91 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t90, <8 x float> %t34, <8 x float> %t83)
  %t92 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t90, <8 x float> %t28, <8 x float> %t84)
  %t93 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t90, <8 x float> %t22, <8 x float> %t17)
  %t94 = mul i64 %t10, 896
  %t95 = add i64 %a3, %t94
  %t96 = add i64 %t95, %t5
  %t97 = getelementptr inbounds float, ptr %a0, i64 %t96
  %t98 = getelementptr inbounds float, ptr %t97, i64 448
  %t99 = load <8 x float>, ptr %t98, align 4
  %t100 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t99, <8 x float> %t34, <8 x float> %t92)
  %t101 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t99, <8 x float> %t28, <8 x float> %t93)
  %t102 = add nsw i64 %t10, 1
  %t103 = icmp slt i64 %t102, %a5
  br i1 %t103, label %b6, label %b7
b7:
  %t105 = phi <8 x float> [zeroinitializer, %b1], [%t55, %b6]
  %t106 = phi <8 x float> [zeroinitializer, %b1], [%t64, %b6]
  %t107 = phi <8 x float> [zeroinitializer, %b1], [%t73, %b6]
  %t108 = phi <8 x float> [zeroinitializer, %b1], [%t82, %b6]
  %t109 = phi <8 x float> [zeroinitializer, %b1], [%t91, %b6]
  %t110 = phi <8 x float> [zeroinitializer, %b1], [%t100, %b6]
  %t111 = phi <8 x float> [zeroinitializer, %b1], [%t101, %b6]
  %t112 = getelementptr inbounds float, ptr %a2, i64 %t5
  store <8 x float> %t105, ptr %t112, align 4
  %t113 = getelementptr inbounds float, ptr %t112, i64 64
  store <8 x float> %t106, ptr %t113, align 4
  %t114 = getelementptr inbounds float, ptr %t112, i64 128
  store <8 x float> %t107, ptr %t114, align 4
  %t115 = getelementptr inbounds float, ptr %t112, i64 192
  store <8 x float> %t108, ptr %t115, align 4
  %t116 = getelementptr inbounds float, ptr %t112, i64 256
  store <8 x float> %t109, ptr %t116, align 4
  %t117 = getelementptr inbounds float, ptr %t112, i64 320
  store <8 x float> %t110, ptr %t117, align 4
  %t118 = getelementptr inbounds float, ptr %t112, i64 384
  store <8 x float> %t111, ptr %t118, align 4
  %t119 = add nsw i64 %t5, 8
  %t120 = icmp slt i64 %t119, %a7
  br i1 %t120, label %b1, label %b2
b2:
  ret void
}
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
