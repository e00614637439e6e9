define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t16 = getelementptr inbounds i64, ptr %frame, i64 1
  %t17 = load ptr, ptr %t16, align 8
  %t21 = alloca [16 x float], align 64
  %t86 = getelementptr inbounds i64, ptr %frame, i64 2
  %t87 = load ptr, ptr %t86, align 8
  %t4 = icmp slt i64 %begin, %end
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [%begin, %entry], [%t117, %b74]
  %t6 = urem i64 %t5, 6
  %t7 = udiv i64 %t5, 6
  %t8 = mul i64 %t6, 4
  %t9 = mul i64 %t7, 4
  %t10 = add i64 %t9, 4
  %t11 = icmp slt i64 %t10, 90
  %t12 = select i1 %t11, i64 %t10, i64 90
  %t13 = add i64 %t8, 4
  %t14 = icmp slt i64 %t13, 24
  %t15 = select i1 %t14, i64 %t13, i64 24
  %t18 = mul i64 %t8, 90
  %t19 = add i64 %t18, %t9
  %t20 = getelementptr inbounds float, ptr %t17, i64 %t19
  %t88 = mul i64 %t8, -1
  %t90 = mul i64 %t9, -4
  %t91 = add i64 %t88, %t90
  %t92 = getelementptr inbounds float, ptr %t21, i64 %t91
  %t22 = sub i64 %t12, %t9
  %t23 = sub i64 %t15, %t8
  %t24 = icmp eq i64 %t22, 4
  %t25 = icmp eq i64 %t23, 4
  %t26 = and i1 %t24, %t25
  br i1 %t26, label %b27, label %b28
b27:
  %t30 = load <4 x float>, ptr %t20, align 4
  %t31 = getelementptr inbounds float, ptr %t20, i64 90
  %t32 = load <4 x float>, ptr %t31, align 4
  %t33 = getelementptr inbounds float, ptr %t20, i64 180
  %t34 = load <4 x float>, ptr %t33, align 4
  %t35 = getelementptr inbounds float, ptr %t20, i64 270
  %t36 = load <4 x float>, ptr %t35, align 4
  %t37 = shufflevector <4 x float> %t30, <4 x float> %t32, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %t38 = shufflevector <4 x float> %t30, <4 x float> %t32, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %t39 = shufflevector <4 x float> %t34, <4 x float> %t36, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %t40 = shufflevector <4 x float> %t34, <4 x float> %t36, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %t41 = shufflevector <4 x float> %t37, <4 x float> %t39, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %t42 = shufflevector <4 x float> %t37, <4 x float> %t39, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %t43 = shufflevector <4 x float> %t38, <4 x float> %t40, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %t44 = shufflevector <4 x float> %t38, <4 x float> %t40, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  store <4 x float> %t41, ptr %t21, align 4
  %t45 = getelementptr inbounds float, ptr %t21, i64 4
  store <4 x float> %t43, ptr %t45, align 4
  %t46 = getelementptr inbounds float, ptr %t21, i64 8
  store <4 x float> %t42, ptr %t46, align 4
  %t47 = getelementptr inbounds float, ptr %t21, i64 12
  store <4 x float> %t44, ptr %t47, align 4
  br label %b29
b28:
  %t52 = icmp slt i64 0, %t23
  br i1 %t52, label %b49, label %b50
b49:
  %t53 = phi i64 [0, %b28], [%t69, %b57]
  %t54 = mul i64 90, %t53
  %t55 = getelementptr inbounds float, ptr %t20, i64 %t54
  %t59 = icmp slt i64 0, %t22
  br i1 %t59, label %b56, label %b57
b56:
  %t60 = phi i64 [0, %b49], [%t66, %b56]
  %t61 = getelementptr inbounds float, ptr %t55, i64 %t60
  %t62 = load float, ptr %t61, align 4
  %t63 = mul i64 %t60, 4
  %t64 = add i64 %t63, %t53
  %t65 = getelementptr inbounds float, ptr %t21, i64 %t64
  store float %t62, ptr %t65, align 4
  %t66 = add nsw i64 %t60, 1
  %t67 = icmp slt i64 %t66, %t22
  br i1 %t67, label %b56, label %b57
b57:
  %t69 = add nsw i64 %t53, 1
  %t70 = icmp slt i64 %t69, %t23
  br i1 %t70, label %b49, label %b50
b50:
  br label %b29
b29:
  %t76 = icmp slt i64 %t9, %t12
  br i1 %t76, label %b73, label %b74
b73:
  %t77 = phi i64 [%t9, %b29], [%t114, %b104]
  %t89 = mul i64 %t77, 4
  %t93 = getelementptr inbounds float, ptr %t92, i64 %t89
  %t96 = mul i64 %t77, 24
  %t97 = getelementptr inbounds float, ptr %t87, i64 %t96
  %t78 = sub i64 %t15, %t8
  %t79 = and i64 %t78, -4
  %t80 = add i64 %t8, %t79
  %t84 = icmp slt i64 %t8, %t80
  br i1 %t84, label %b81, label %b82
b81:
  %t85 = phi i64 [%t8, %b73], [%t99, %b81]
  %t94 = getelementptr inbounds float, ptr %t93, i64 %t85
  %t95 = load <4 x float>, ptr %t94, align 4
  %t98 = getelementptr inbounds float, ptr %t97, i64 %t85
  store <4 x float> %t95, ptr %t98, align 4
  %t99 = add nsw i64 %t85, 4
  %t100 = icmp slt i64 %t99, %t80
  br i1 %t100, label %b81, label %b82
b82:
  %t102 = sub i64 %t15, %t80
  %t106 = icmp slt i64 %t80, %t15
  br i1 %t106, label %b103, label %b104
b103:
  %t107 = phi i64 [%t80, %b82], [%t111, %b103]
  %t108 = getelementptr inbounds float, ptr %t93, i64 %t107
  %t109 = load float, ptr %t108, align 4
  %t110 = getelementptr inbounds float, ptr %t97, i64 %t107
  store float %t109, ptr %t110, align 4
  %t111 = add nsw i64 %t107, 1
  %t112 = icmp slt i64 %t111, %t15
  br i1 %t112, label %b103, label %b104
b104:
  %t114 = add nsw i64 %t77, 1
  %t115 = icmp slt i64 %t114, %t12
  br i1 %t115, label %b73, label %b74
b74:
  %t117 = add nsw i64 %t5, 1
  %t118 = icmp slt i64 %t117, %end
  br i1 %t118, label %b1, label %b2
b2:
  ret void
}
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="128" "min-legal-vector-width"="128" }
