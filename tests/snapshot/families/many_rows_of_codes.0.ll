define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t1 = getelementptr inbounds i64, ptr %frame, i64 1
  %t2 = load ptr, ptr %t1, align 8
  %t3 = getelementptr inbounds i64, ptr %frame, i64 2
  %t4 = load ptr, ptr %t3, align 8
  %t5 = getelementptr inbounds i64, ptr %frame, i64 3
  %t6 = load ptr, ptr %t5, align 8
  %t7 = getelementptr inbounds i64, ptr %frame, i64 4
  %t8 = load ptr, ptr %t7, align 8
  %t12 = icmp slt i64 %begin, %end
  br i1 %t12, label %b9, label %b10
b9:
  %t13 = phi i64 [%begin, %entry], [%t61, %b18]
  %t14 = mul i64 %t13, 8
  %t15 = mul i64 %t13, 96
  %t16 = getelementptr inbounds float, ptr %t8, i64 %t15
  br label %b17
b17:
  %t20 = phi i64 [0, %b9], [%t58, %b27]
  %t21 = add i64 %t14, %t20
  %t22 = icmp slt i64 %t21, 39
  %t23 = select i1 %t22, i64 %t21, i64 39
  %t24 = mul i64 %t23, 2
  %t25 = getelementptr inbounds float, ptr %t16, i64 %t20
  br label %b26
b26:
  %t29 = phi i64 [0, %b17], [%t55, %b43]
  %t30 = phi ptr [%t25, %b17], [%t54, %b43]
  %t31 = add i64 %t24, %t29
  %t32 = getelementptr inbounds float, ptr %t4, i64 %t31
  %t33 = load float, ptr %t32, align 4
  store float %t33, ptr %t30, align 4
  %t34 = getelementptr inbounds i8, ptr %t6, i64 %t31
  %t35 = load i8, ptr %t34, align 1
  %t36 = uitofp i8 %t35 to float
  %t37 = getelementptr inbounds float, ptr %t30, i64 8
  %t38 = fsub float 0x4020000000000000, %t36
  store float %t38, ptr %t37, align 4
  %t39 = getelementptr inbounds float, ptr %t30, i64 16
  %t40 = mul i64 %t31, 4
  %t41 = getelementptr inbounds i32, ptr %t2, i64 %t40
  br label %b42
b42:
  %t45 = phi i64 [0, %b26], [%t51, %b42]
  %t46 = getelementptr inbounds i32, ptr %t41, i64 %t45
  %t47 = load i32, ptr %t46, align 1
  %t48 = mul i64 %t45, 8
  %t49 = getelementptr inbounds i32, ptr %t39, i64 %t48
  %t50 = xor i32 %t47, -2004318072
  store i32 %t50, ptr %t49, align 4
  %t51 = add nsw i64 %t45, 1
  %t52 = icmp slt i64 %t51, 4
  br i1 %t52, label %b42, label %b43
b43:
  %t54 = getelementptr inbounds float, ptr %t39, i64 32
  %t55 = add nsw i64 %t29, 1
  %t56 = icmp slt i64 %t55, 2
  br i1 %t56, label %b26, label %b27
b27:
  %t58 = add nsw i64 %t20, 1
  %t59 = icmp slt i64 %t58, 8
  br i1 %t59, label %b17, label %b18
b18:
  %t61 = add nsw i64 %t13, 1
  %t62 = icmp slt i64 %t61, %end
  br i1 %t62, label %b9, label %b10
b10:
  ret void
}
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
