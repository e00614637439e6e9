define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t6 = getelementptr inbounds i64, ptr %frame, i64 1
  %t7 = load i64, ptr %t6, align 8
  %t12 = getelementptr inbounds i64, ptr %frame, i64 2
  %t13 = load ptr, ptr %t12, align 8
  %t14 = getelementptr inbounds i64, ptr %frame, i64 3
  %t15 = load ptr, ptr %t14, align 8
  %t16 = getelementptr inbounds i64, ptr %frame, i64 4
  %t17 = load ptr, ptr %t16, align 8
  %t27 = load ptr, ptr %context, align 8
  %t28 = load i64, ptr %frame, align 8
  %t4 = icmp slt i64 %begin, %end
  br i1 %t4, label %b1, label %b2
b1:
  %t5 = phi i64 [%begin, %entry], [%t42, %b9]
  %t18 = getelementptr inbounds i64, ptr %t17, i64 %t5
  %t19 = load i64, ptr %t18, align 8
  %t20 = icmp slt i64 %t19, 0
  %t21 = add i64 %t19, 1000
  %t22 = select i1 %t20, i64 %t21, i64 %t19
  %t23 = icmp uge i64 %t22, 1000
  br i1 %t23, label %b24, label %b25
b24:
  call void @fault(ptr %t27, i64 1, i64 %t28, i64 %t19)
  br label %b26
b25:
  br label %b26
b26:
  %t31 = select i1 %t23, i64 0, i64 %t22
  %t32 = mul i64 %t31, 64
  %t33 = getelementptr inbounds float, ptr %t15, i64 %t32
  %t36 = mul i64 %t5, 64
  %t37 = getelementptr inbounds float, ptr %t13, i64 %t36
  br label %b8
b8:
  %t11 = phi i64 [0, %b26], [%t39, %b8]
  %t34 = getelementptr inbounds float, ptr %t33, i64 %t11
  %t35 = load <16 x float>, ptr %t34, align 4
  %t38 = getelementptr inbounds float, ptr %t37, i64 %t11
  store <16 x float> %t35, ptr %t38, align 4
  %t39 = add nsw i64 %t11, 16
  %t40 = icmp slt i64 %t39, 64
  br i1 %t40, label %b8, label %b9
b9:
  %t42 = add nsw i64 %t5, 1
  %t43 = icmp slt i64 %t42, %end
  br i1 %t43, label %b1, label %b2
b2:
  ret void
}
define internal void @fault(ptr %status, i64 %code, i64 %step, i64 %value) #0 {
entry:
  %t1 = cmpxchg ptr %status, i64 0, i64 %code acq_rel monotonic, align 8
  %t2 = extractvalue { i64, i1 } %t1, 1
  br i1 %t2, label %b3, label %b4
b3:
  %t6 = getelementptr inbounds i64, ptr %status, i64 1
  store i64 %step, ptr %t6, align 8
  %t7 = getelementptr inbounds i64, ptr %status, i64 2
  store i64 %value, ptr %t7, align 8
  br label %b5
b4:
  br label %b5
b5:
  ret void
}
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="512" "min-legal-vector-width"="512" }
