define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t10 = getelementptr inbounds i64, ptr %frame, i64 1
  %t11 = load ptr, ptr %t10, align 8
  %t12 = getelementptr inbounds i64, ptr %frame, i64 2
  %t13 = load ptr, ptr %t12, align 8
  %t18 = getelementptr inbounds i64, ptr %frame, i64 3
  %t19 = load ptr, ptr %t18, align 8
  %t4 = icmp slt i64 %begin, %end
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [%begin, %entry], [%t38, %b7]
  %t14 = mul i64 %t5, 77
  %t15 = getelementptr inbounds float, ptr %t13, i64 %t14
  %t25 = getelementptr inbounds float, ptr %t11, i64 %t14
  br label %b6
b6:
  %t9 = phi i64 [0, %b1], [%t27, %b6]
  %t16 = getelementptr inbounds float, ptr %t15, i64 %t9
  %t17 = load <16 x float>, ptr %t16, align 4
  %t20 = getelementptr inbounds float, ptr %t19, i64 %t9
  %t21 = load <16 x float>, ptr %t20, align 4
  %t22 = fadd <16 x float> %t17, %t21
  %t23 = fcmp ogt <16 x float> splat (float 0x0000000000000000), %t22
  %t24 = select <16 x i1> %t23, <16 x float> splat (float 0x0000000000000000), <16 x float> %t22
  %t26 = getelementptr inbounds float, ptr %t25, i64 %t9
  store <16 x float> %t24, ptr %t26, align 4
  %t27 = add nsw i64 %t9, 16
  %t28 = icmp slt i64 %t27, 64
  br i1 %t28, label %b6, label %b7
b7:
  %t30 = getelementptr inbounds float, ptr %t15, i64 64
  %t31 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t30, i32 4, <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false>, <16 x float> splat (float 0x0000000000000000))
  %t32 = getelementptr inbounds float, ptr %t19, i64 64
  %t33 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %t32, i32 4, <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false>, <16 x float> splat (float 0x0000000000000000))
  %t34 = fadd <16 x float> %t31, %t33
  %t35 = fcmp ogt <16 x float> splat (float 0x0000000000000000), %t34
  %t36 = select <16 x i1> %t35, <16 x float> splat (float 0x0000000000000000), <16 x float> %t34
  %t37 = getelementptr inbounds float, ptr %t25, i64 64
  call void @llvm.masked.store.v16f32.p0(<16 x float> %t36, ptr %t37, i32 4, <16 x i1> <i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 true, i1 false, i1 false, i1 false>)
  %t38 = add nsw i64 %t5, 1
  %t39 = icmp slt i64 %t38, %end
  br i1 %t39, label %b1, label %b2
b2:
  ret void
}
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, i32 immarg, <16 x i1>, <16 x float>)
declare void @llvm.masked.store.v16f32.p0(<16 x float>, ptr, i32 immarg, <16 x i1>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="512" "min-legal-vector-width"="512" }
