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
  %t9 = getelementptr inbounds i64, ptr %frame, i64 5
  %t10 = load ptr, ptr %t9, align 8
  %t11 = getelementptr inbounds i64, ptr %context, i64 1
  %t12 = load ptr, ptr %t11, align 8
  %t13 = getelementptr inbounds i8, ptr %t12, i64 4608
  %t14 = getelementptr inbounds i8, ptr %t12, i64 78336
  %t18 = icmp slt i64 %begin, %end
  br i1 %t18, label %b15, label %b16
b15:
  %t19 = phi i64 [%begin, %entry], [%t168, %b136]
  %t20 = mul i64 %t19, 16
  %t21 = sub i64 16, %t20
  %t22 = icmp slt i64 %t21, 16
  %t23 = select i1 %t22, i64 %t21, i64 16
  %t27 = icmp slt i64 0, %t23
  br i1 %t27, label %b24, label %b25
b24:
  %t28 = phi i64 [0, %b15], [%t103, %b49]
  %t29 = mul i64 %t28, 32
  %t30 = getelementptr inbounds float, ptr %t13, i64 %t29
  %t31 = add i64 %t20, %t28
  %t32 = urem i64 %t31, 4
  %t33 = udiv i64 %t31, 4
  %t34 = urem i64 %t33, 4
  %t35 = udiv i64 %t33, 4
  %t36 = mul i64 %t34, 4
  %t37 = mul i64 %t32, 4
  %t38 = sub i64 %t36, 1
  %t39 = sub i64 %t37, 1
  %t40 = icmp sle i64 %t38, 8
  %t41 = icmp sge i64 %t38, 0
  %t42 = and i1 %t41, %t40
  %t43 = icmp sle i64 %t39, 8
  %t44 = icmp sge i64 %t39, 0
  %t45 = and i1 %t44, %t43
  %t46 = and i1 %t42, %t45
  br i1 %t46, label %b47, label %b48
b47:
  %t50 = mul i64 %t35, 6272
  %t51 = mul i64 %t38, 448
  %t52 = add i64 %t50, %t51
  %t53 = mul i64 %t39, 32
  %t54 = add i64 %t52, %t53
  %t55 = getelementptr inbounds float, ptr %t2, i64 %t54
  call void @patch(ptr %t55, i64 448, ptr %t30, i64 512)
  br label %b49
b48:
  %t57 = mul i64 %t35, 6272
  %t58 = getelementptr inbounds float, ptr %t2, i64 %t57
  br label %b59
b59:
  %t62 = phi i64 [0, %b48], [%t99, %b74]
  %t63 = urem i64 %t62, 6
  %t64 = udiv i64 %t62, 6
  %t65 = add i64 %t38, %t64
  %t66 = add i64 %t39, %t63
  %t67 = icmp ult i64 %t65, 14
  %t68 = icmp ult i64 %t66, 14
  %t69 = and i1 %t67, %t68
  %t70 = mul i64 %t62, 32
  %t71 = getelementptr inbounds float, ptr %t12, i64 %t70
  br i1 %t69, label %b72, label %b73
b72:
  %t75 = mul i64 %t65, 448
  %t76 = mul i64 %t66, 32
  %t77 = add i64 %t75, %t76
  %t78 = getelementptr inbounds float, ptr %t58, i64 %t77
  br label %b79
b79:
  %t82 = phi i64 [0, %b72], [%t86, %b79]
  %t83 = getelementptr inbounds float, ptr %t78, i64 %t82
  %t84 = load <8 x float>, ptr %t83, align 4
  %t85 = getelementptr inbounds float, ptr %t71, i64 %t82
  store <8 x float> %t84, ptr %t85, align 4
  %t86 = add nsw i64 %t82, 8
  %t87 = icmp slt i64 %t86, 32
  br i1 %t87, label %b79, label %b80
b80:
  br label %b74
b73:
  br label %b90
b90:
  %t93 = phi i64 [0, %b73], [%t95, %b90]
  %t94 = getelementptr inbounds float, ptr %t71, i64 %t93
  store <8 x float> splat (float 0x0000000000000000), ptr %t94, align 4
  %t95 = add nsw i64 %t93, 8
  %t96 = icmp slt i64 %t95, 32
  br i1 %t96, label %b90, label %b91
b91:
  br label %b74
b74:
  %t99 = add nsw i64 %t62, 1
  %t100 = icmp slt i64 %t99, 36
  br i1 %t100, label %b59, label %b60
b60:
  call void @patch(ptr %t12, i64 192, ptr %t30, i64 512)
  br label %b49
b49:
  %t103 = add nsw i64 %t28, 1
  %t104 = icmp slt i64 %t103, %t23
  br i1 %t104, label %b24, label %b25
b25:
  br label %b106
b106:
  %t109 = phi i64 [0, %b25], [%t132, %b124]
  %t110 = urem i64 %t109, 2
  %t111 = udiv i64 %t109, 2
  %t112 = mul i64 %t110, 16
  %t113 = mul i64 %t111, 512
  %t114 = mul i64 %t109, 512
  %t115 = mul i64 %t111, 512
  %t116 = add i64 %t115, %t112
  %t117 = getelementptr inbounds float, ptr %t13, i64 %t113
  %t118 = getelementptr inbounds float, ptr %t4, i64 %t114
  %t119 = getelementptr inbounds float, ptr %t14, i64 %t116
  %t120 = sub i64 32, %t112
  %t121 = icmp slt i64 %t120, 16
  %t122 = select i1 %t121, i64 %t120, i64 16
  call void @tile6(ptr %t117, ptr %t118, ptr %t119, i64 0)
  br label %b123
b123:
  %t126 = phi i64 [1, %b106], [%t129, %b123]
  %t127 = mul i64 %t126, 5
  %t128 = add i64 %t127, 1
  call void @tile5(ptr %t117, ptr %t118, ptr %t119, i64 %t128)
  %t129 = add nsw i64 %t126, 1
  %t130 = icmp slt i64 %t129, 3
  br i1 %t130, label %b123, label %b124
b124:
  %t132 = add nsw i64 %t109, 1
  %t133 = icmp slt i64 %t132, 72
  br i1 %t133, label %b106, label %b107
b107:
  %t138 = icmp slt i64 0, %t23
  br i1 %t138, label %b135, label %b136
b135:
  %t139 = phi i64 [0, %b107], [%t165, %b135]
  %t140 = mul i64 %t139, 32
  %t141 = getelementptr inbounds float, ptr %t14, i64 %t140
  %t142 = add i64 %t20, %t139
  %t143 = urem i64 %t142, 4
  %t144 = udiv i64 %t142, 4
  %t145 = urem i64 %t144, 4
  %t146 = udiv i64 %t144, 4
  %t147 = mul i64 %t145, 4
  %t148 = mul i64 %t143, 4
  %t149 = mul i64 %t147, 448
  %t150 = mul i64 %t148, 32
  %t151 = add i64 %t149, %t150
  %t152 = getelementptr inbounds float, ptr %t8, i64 %t151
  %t153 = mul i64 %t146, 6272
  %t154 = mul i64 %t147, 448
  %t155 = add i64 %t153, %t154
  %t156 = mul i64 %t148, 32
  %t157 = add i64 %t155, %t156
  %t158 = getelementptr inbounds float, ptr %t10, i64 %t157
  %t159 = sub i64 14, %t147
  %t160 = icmp slt i64 %t159, 4
  %t161 = select i1 %t160, i64 %t159, i64 4
  %t162 = sub i64 14, %t148
  %t163 = icmp slt i64 %t162, 4
  %t164 = select i1 %t163, i64 %t162, i64 4
  call void @pixels(ptr %t141, i64 512, i64 %t161, i64 %t164, ptr %t6, ptr %t152, ptr %t158)
  %t165 = add nsw i64 %t139, 1
  %t166 = icmp slt i64 %t165, %t23
  br i1 %t166, label %b135, label %b136
b136:
  %t168 = add nsw i64 %t19, 1
  %t169 = icmp slt i64 %t168, %end
  br i1 %t169, label %b15, label %b16
b16:
  ret void
}
define internal void @patch(ptr %source, i64 %line, ptr %target, i64 %point) #0 {
entry:
  %t1 = alloca [36 x <8 x float>], align 64
  %t2 = getelementptr inbounds float, ptr %source, i64 %line
  %t3 = mul i64 %line, 2
  %t4 = getelementptr inbounds float, ptr %source, i64 %t3
  %t5 = mul i64 %line, 3
  %t6 = getelementptr inbounds float, ptr %source, i64 %t5
  %t7 = mul i64 %line, 4
  %t8 = getelementptr inbounds float, ptr %source, i64 %t7
  %t9 = mul i64 %line, 5
  %t10 = getelementptr inbounds float, ptr %source, i64 %t9
  br label %b11
b11:
  %t14 = phi i64 [0, %entry], [%t407, %b11]
  %t15 = getelementptr inbounds float, ptr %source, i64 %t14
  %t16 = getelementptr inbounds float, ptr %t2, i64 %t14
  %t17 = getelementptr inbounds float, ptr %t4, i64 %t14
  %t18 = getelementptr inbounds float, ptr %t6, i64 %t14
  %t19 = getelementptr inbounds float, ptr %t8, i64 %t14
  %t20 = getelementptr inbounds float, ptr %t10, i64 %t14
  %t21 = getelementptr inbounds float, ptr %target, i64 %t14
  %t22 = load <8 x float>, ptr %t15, align 4
  %t23 = load <8 x float>, ptr %t16, align 4
  %t24 = load <8 x float>, ptr %t17, align 4
  %t25 = load <8 x float>, ptr %t18, align 4
  %t26 = load <8 x float>, ptr %t19, align 4
  %t27 = load <8 x float>, ptr %t20, align 4
  %t28 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t24, <8 x float> %t26)
  %t29 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t23, <8 x float> %t25)
  %t30 = fsub <8 x float> %t26, %t24
  %t31 = fsub <8 x float> %t25, %t23
  %t32 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t24, <8 x float> %t26)
  %t33 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t22, <8 x float> %t32)
  %t34 = fadd <8 x float> %t28, %t29
  %t35 = fsub <8 x float> %t28, %t29
  %t36 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t31, <8 x float> %t30)
  %t37 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t31, <8 x float> %t30)
  %t38 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t25, <8 x float> %t27)
  %t39 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t23, <8 x float> %t38)
  store <8 x float> %t33, ptr %t1, align 4
  %t40 = getelementptr inbounds <8 x float>, ptr %t1, i64 6
  store <8 x float> %t34, ptr %t40, align 4
  %t41 = getelementptr inbounds <8 x float>, ptr %t1, i64 12
  store <8 x float> %t35, ptr %t41, align 4
  %t42 = getelementptr inbounds <8 x float>, ptr %t1, i64 18
  store <8 x float> %t36, ptr %t42, align 4
  %t43 = getelementptr inbounds <8 x float>, ptr %t1, i64 24
  store <8 x float> %t37, ptr %t43, align 4
  %t44 = getelementptr inbounds <8 x float>, ptr %t1, i64 30
  store <8 x float> %t39, ptr %t44, align 4
  %t45 = getelementptr inbounds float, ptr %t15, i64 32
  %t46 = getelementptr inbounds float, ptr %t16, i64 32
  %t47 = getelementptr inbounds float, ptr %t17, i64 32
  %t48 = getelementptr inbounds float, ptr %t18, i64 32
  %t49 = getelementptr inbounds float, ptr %t19, i64 32
  %t50 = getelementptr inbounds float, ptr %t20, i64 32
  %t51 = load <8 x float>, ptr %t45, align 4
  %t52 = load <8 x float>, ptr %t46, align 4
  %t53 = load <8 x float>, ptr %t47, align 4
  %t54 = load <8 x float>, ptr %t48, align 4
  %t55 = load <8 x float>, ptr %t49, align 4
  %t56 = load <8 x float>, ptr %t50, align 4
  %t57 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t53, <8 x float> %t55)
  %t58 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t52, <8 x float> %t54)
  %t59 = fsub <8 x float> %t55, %t53
  %t60 = fsub <8 x float> %t54, %t52
  %t61 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t53, <8 x float> %t55)
  %t62 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t51, <8 x float> %t61)
  %t63 = fadd <8 x float> %t57, %t58
  %t64 = fsub <8 x float> %t57, %t58
  %t65 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t60, <8 x float> %t59)
  %t66 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t60, <8 x float> %t59)
  %t67 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t54, <8 x float> %t56)
  %t68 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t52, <8 x float> %t67)
  %t69 = getelementptr inbounds <8 x float>, ptr %t1, i64 1
  store <8 x float> %t62, ptr %t69, align 4
  %t70 = getelementptr inbounds <8 x float>, ptr %t1, i64 7
  store <8 x float> %t63, ptr %t70, align 4
  %t71 = getelementptr inbounds <8 x float>, ptr %t1, i64 13
  store <8 x float> %t64, ptr %t71, align 4
  %t72 = getelementptr inbounds <8 x float>, ptr %t1, i64 19
  store <8 x float> %t65, ptr %t72, align 4
  %t73 = getelementptr inbounds <8 x float>, ptr %t1, i64 25
  store <8 x float> %t66, ptr %t73, align 4
  %t74 = getelementptr inbounds <8 x float>, ptr %t1, i64 31
  store <8 x float> %t68, ptr %t74, align 4
  %t75 = getelementptr inbounds float, ptr %t15, i64 64
  %t76 = getelementptr inbounds float, ptr %t16, i64 64
  %t77 = getelementptr inbounds float, ptr %t17, i64 64
  %t78 = getelementptr inbounds float, ptr %t18, i64 64
  %t79 = getelementptr inbounds float, ptr %t19, i64 64
  %t80 = getelementptr inbounds float, ptr %t20, i64 64
  %t81 = load <8 x float>, ptr %t75, align 4
  %t82 = load <8 x float>, ptr %t76, align 4
  %t83 = load <8 x float>, ptr %t77, align 4
  %t84 = load <8 x float>, ptr %t78, align 4
  %t85 = load <8 x float>, ptr %t79, align 4
  %t86 = load <8 x float>, ptr %t80, align 4
  %t87 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t83, <8 x float> %t85)
  %t88 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t82, <8 x float> %t84)
  %t89 = fsub <8 x float> %t85, %t83
  %t90 = fsub <8 x float> %t84, %t82
  %t91 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t83, <8 x float> %t85)
  %t92 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t81, <8 x float> %t91)
  %t93 = fadd <8 x float> %t87, %t88
  %t94 = fsub <8 x float> %t87, %t88
  %t95 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t90, <8 x float> %t89)
  %t96 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t90, <8 x float> %t89)
  %t97 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t84, <8 x float> %t86)
  %t98 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t82, <8 x float> %t97)
  %t99 = getelementptr inbounds <8 x float>, ptr %t1, i64 2
  store <8 x float> %t92, ptr %t99, align 4
  %t100 = getelementptr inbounds <8 x float>, ptr %t1, i64 8
  store <8 x float> %t93, ptr %t100, align 4
  %t101 = getelementptr inbounds <8 x float>, ptr %t1, i64 14
  store <8 x float> %t94, ptr %t101, align 4
  %t102 = getelementptr inbounds <8 x float>, ptr %t1, i64 20
  store <8 x float> %t95, ptr %t102, align 4
  %t103 = getelementptr inbounds <8 x float>, ptr %t1, i64 26
  store <8 x float> %t96, ptr %t103, align 4
  %t104 = getelementptr inbounds <8 x float>, ptr %t1, i64 32
  store <8 x float> %t98, ptr %t104, align 4
  %t105 = getelementptr inbounds float, ptr %t15, i64 96
  %t106 = getelementptr inbounds float, ptr %t16, i64 96
  %t107 = getelementptr inbounds float, ptr %t17, i64 96
  %t108 = getelementptr inbounds float, ptr %t18, i64 96
  %t109 = getelementptr inbounds float, ptr %t19, i64 96
  %t110 = getelementptr inbounds float, ptr %t20, i64 96
  %t111 = load <8 x float>, ptr %t105, align 4
  %t112 = load <8 x float>, ptr %t106, align 4
  %t113 = load <8 x float>, ptr %t107, align 4
  %t114 = load <8 x float>, ptr %t108, align 4
  %t115 = load <8 x float>, ptr %t109, align 4
  %t116 = load <8 x float>, ptr %t110, align 4
  %t117 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t113, <8 x float> %t115)
  %t118 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t112, <8 x float> %t114)
  %t119 = fsub <8 x float> %t115, %t113
  %t120 = fsub <8 x float> %t114, %t112
  %t121 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t113, <8 x float> %t115)
  %t122 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t111, <8 x float> %t121)
  %t123 = fadd <8 x float> %t117, %t118
  %t124 = fsub <8 x float> %t117, %t118
  %t125 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t120, <8 x float> %t119)
  %t126 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t120, <8 x float> %t119)
  %t127 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t114, <8 x float> %t116)
  %t128 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t112, <8 x float> %t127)
  %t129 = getelementptr inbounds <8 x float>, ptr %t1, i64 3
  store <8 x float> %t122, ptr %t129, align 4
  %t130 = getelementptr inbounds <8 x float>, ptr %t1, i64 9
  store <8 x float> %t123, ptr %t130, align 4
  %t131 = getelementptr inbounds <8 x float>, ptr %t1, i64 15
  store <8 x float> %t124, ptr %t131, align 4
  %t132 = getelementptr inbounds <8 x float>, ptr %t1, i64 21
  store <8 x float> %t125, ptr %t132, align 4
  %t133 = getelementptr inbounds <8 x float>, ptr %t1, i64 27
  store <8 x float> %t126, ptr %t133, align 4
  %t134 = getelementptr inbounds <8 x float>, ptr %t1, i64 33
  store <8 x float> %t128, ptr %t134, align 4
  %t135 = getelementptr inbounds float, ptr %t15, i64 128
  %t136 = getelementptr inbounds float, ptr %t16, i64 128
  %t137 = getelementptr inbounds float, ptr %t17, i64 128
  %t138 = getelementptr inbounds float, ptr %t18, i64 128
  %t139 = getelementptr inbounds float, ptr %t19, i64 128
  %t140 = getelementptr inbounds float, ptr %t20, i64 128
  %t141 = load <8 x float>, ptr %t135, align 4
  %t142 = load <8 x float>, ptr %t136, align 4
  %t143 = load <8 x float>, ptr %t137, align 4
  %t144 = load <8 x float>, ptr %t138, align 4
  %t145 = load <8 x float>, ptr %t139, align 4
  %t146 = load <8 x float>, ptr %t140, align 4
  %t147 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t143, <8 x float> %t145)
  %t148 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t142, <8 x float> %t144)
  %t149 = fsub <8 x float> %t145, %t143
  %t150 = fsub <8 x float> %t144, %t142
  %t151 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t143, <8 x float> %t145)
  %t152 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t141, <8 x float> %t151)
  %t153 = fadd <8 x float> %t147, %t148
  %t154 = fsub <8 x float> %t147, %t148
  %t155 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t150, <8 x float> %t149)
  %t156 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t150, <8 x float> %t149)
  %t157 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t144, <8 x float> %t146)
  %t158 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t142, <8 x float> %t157)
  %t159 = getelementptr inbounds <8 x float>, ptr %t1, i64 4
  store <8 x float> %t152, ptr %t159, align 4
  %t160 = getelementptr inbounds <8 x float>, ptr %t1, i64 10
  store <8 x float> %t153, ptr %t160, align 4
  %t161 = getelementptr inbounds <8 x float>, ptr %t1, i64 16
  store <8 x float> %t154, ptr %t161, align 4
  %t162 = getelementptr inbounds <8 x float>, ptr %t1, i64 22
  store <8 x float> %t155, ptr %t162, align 4
  %t163 = getelementptr inbounds <8 x float>, ptr %t1, i64 28
  store <8 x float> %t156, ptr %t163, align 4
  %t164 = getelementptr inbounds <8 x float>, ptr %t1, i64 34
  store <8 x float> %t158, ptr %t164, align 4
  %t165 = getelementptr inbounds float, ptr %t15, i64 160
  %t166 = getelementptr inbounds float, ptr %t16, i64 160
  %t167 = getelementptr inbounds float, ptr %t17, i64 160
  %t168 = getelementptr inbounds float, ptr %t18, i64 160
  %t169 = getelementptr inbounds float, ptr %t19, i64 160
  %t170 = getelementptr inbounds float, ptr %t20, i64 160
  %t171 = load <8 x float>, ptr %t165, align 4
  %t172 = load <8 x float>, ptr %t166, align 4
  %t173 = load <8 x float>, ptr %t167, align 4
  %t174 = load <8 x float>, ptr %t168, align 4
  %t175 = load <8 x float>, ptr %t169, align 4
  %t176 = load <8 x float>, ptr %t170, align 4
  %t177 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t173, <8 x float> %t175)
  %t178 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t172, <8 x float> %t174)
  %t179 = fsub <8 x float> %t175, %t173
  %t180 = fsub <8 x float> %t174, %t172
  %t181 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t173, <8 x float> %t175)
  %t182 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t171, <8 x float> %t181)
  %t183 = fadd <8 x float> %t177, %t178
  %t184 = fsub <8 x float> %t177, %t178
  %t185 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t180, <8 x float> %t179)
  %t186 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t180, <8 x float> %t179)
  %t187 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t174, <8 x float> %t176)
  %t188 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t172, <8 x float> %t187)
  %t189 = getelementptr inbounds <8 x float>, ptr %t1, i64 5
  store <8 x float> %t182, ptr %t189, align 4
  %t190 = getelementptr inbounds <8 x float>, ptr %t1, i64 11
  store <8 x float> %t183, ptr %t190, align 4
  %t191 = getelementptr inbounds <8 x float>, ptr %t1, i64 17
  store <8 x float> %t184, ptr %t191, align 4
  %t192 = getelementptr inbounds <8 x float>, ptr %t1, i64 23
  store <8 x float> %t185, ptr %t192, align 4
  %t193 = getelementptr inbounds <8 x float>, ptr %t1, i64 29
  store <8 x float> %t186, ptr %t193, align 4
  %t194 = getelementptr inbounds <8 x float>, ptr %t1, i64 35
  store <8 x float> %t188, ptr %t194, align 4
  %t195 = load <8 x float>, ptr %t1, align 4
  %t196 = getelementptr inbounds <8 x float>, ptr %t1, i64 1
  %t197 = load <8 x float>, ptr %t196, align 4
  %t198 = getelementptr inbounds <8 x float>, ptr %t1, i64 2
  %t199 = load <8 x float>, ptr %t198, align 4
  %t200 = getelementptr inbounds <8 x float>, ptr %t1, i64 3
  %t201 = load <8 x float>, ptr %t200, align 4
  %t202 = getelementptr inbounds <8 x float>, ptr %t1, i64 4
  %t203 = load <8 x float>, ptr %t202, align 4
  %t204 = getelementptr inbounds <8 x float>, ptr %t1, i64 5
  %t205 = load <8 x float>, ptr %t204, align 4
  %t206 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t199, <8 x float> %t203)
  %t207 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t197, <8 x float> %t201)
  %t208 = fsub <8 x float> %t203, %t199
  %t209 = fsub <8 x float> %t201, %t197
  %t210 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t199, <8 x float> %t203)
  %t211 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t195, <8 x float> %t210)
  %t212 = fadd <8 x float> %t206, %t207
  %t213 = fsub <8 x float> %t206, %t207
  %t214 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t209, <8 x float> %t208)
  %t215 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t209, <8 x float> %t208)
  %t216 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t201, <8 x float> %t205)
  %t217 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t197, <8 x float> %t216)
  store <8 x float> %t211, ptr %t21, align 4
  %t218 = getelementptr inbounds float, ptr %t21, i64 %point
  store <8 x float> %t212, ptr %t218, align 4
  %t219 = mul i64 %point, 2
  %t220 = getelementptr inbounds float, ptr %t21, i64 %t219
  store <8 x float> %t213, ptr %t220, align 4
  %t221 = mul i64 %point, 3
  %t222 = getelementptr inbounds float, ptr %t21, i64 %t221
  store <8 x float> %t214, ptr %t222, align 4
  %t223 = mul i64 %point, 4
  %t224 = getelementptr inbounds float, ptr %t21, i64 %t223
  store <8 x float> %t215, ptr %t224, align 4
  %t225 = mul i64 %point, 5
  %t226 = getelementptr inbounds float, ptr %t21, i64 %t225
  store <8 x float> %t217, ptr %t226, align 4
  %t227 = getelementptr inbounds <8 x float>, ptr %t1, i64 6
  %t228 = load <8 x float>, ptr %t227, align 4
  %t229 = getelementptr inbounds <8 x float>, ptr %t1, i64 7
  %t230 = load <8 x float>, ptr %t229, align 4
  %t231 = getelementptr inbounds <8 x float>, ptr %t1, i64 8
  %t232 = load <8 x float>, ptr %t231, align 4
  %t233 = getelementptr inbounds <8 x float>, ptr %t1, i64 9
  %t234 = load <8 x float>, ptr %t233, align 4
  %t235 = getelementptr inbounds <8 x float>, ptr %t1, i64 10
  %t236 = load <8 x float>, ptr %t235, align 4
  %t237 = getelementptr inbounds <8 x float>, ptr %t1, i64 11
  %t238 = load <8 x float>, ptr %t237, align 4
  %t239 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t232, <8 x float> %t236)
  %t240 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t230, <8 x float> %t234)
  %t241 = fsub <8 x float> %t236, %t232
  %t242 = fsub <8 x float> %t234, %t230
  %t243 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t232, <8 x float> %t236)
  %t244 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t228, <8 x float> %t243)
  %t245 = fadd <8 x float> %t239, %t240
  %t246 = fsub <8 x float> %t239, %t240
  %t247 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t242, <8 x float> %t241)
  %t248 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t242, <8 x float> %t241)
  %t249 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t234, <8 x float> %t238)
  %t250 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t230, <8 x float> %t249)
  %t251 = mul i64 %point, 6
  %t252 = getelementptr inbounds float, ptr %t21, i64 %t251
  store <8 x float> %t244, ptr %t252, align 4
  %t253 = mul i64 %point, 7
  %t254 = getelementptr inbounds float, ptr %t21, i64 %t253
  store <8 x float> %t245, ptr %t254, align 4
  %t255 = mul i64 %point, 8
  %t256 = getelementptr inbounds float, ptr %t21, i64 %t255
  store <8 x float> %t246, ptr %t256, align 4
  %t257 = mul i64 %point, 9
  %t258 = getelementptr inbounds float, ptr %t21, i64 %t257
  store <8 x float> %t247, ptr %t258, align 4
  %t259 = mul i64 %point, 10
  %t260 = getelementptr inbounds float, ptr %t21, i64 %t259
  store <8 x float> %t248, ptr %t260, align 4
  %t261 = mul i64 %point, 11
  %t262 = getelementptr inbounds float, ptr %t21, i64 %t261
  store <8 x float> %t250, ptr %t262, align 4
  %t263 = getelementptr inbounds <8 x float>, ptr %t1, i64 12
  %t264 = load <8 x float>, ptr %t263, align 4
  %t265 = getelementptr inbounds <8 x float>, ptr %t1, i64 13
  %t266 = load <8 x float>, ptr %t265, align 4
  %t267 = getelementptr inbounds <8 x float>, ptr %t1, i64 14
  %t268 = load <8 x float>, ptr %t267, align 4
  %t269 = getelementptr inbounds <8 x float>, ptr %t1, i64 15
  %t270 = load <8 x float>, ptr %t269, align 4
  %t271 = getelementptr inbounds <8 x float>, ptr %t1, i64 16
  %t272 = load <8 x float>, ptr %t271, align 4
  %t273 = getelementptr inbounds <8 x float>, ptr %t1, i64 17
  %t274 = load <8 x float>, ptr %t273, align 4
  %t275 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t268, <8 x float> %t272)
  %t276 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t266, <8 x float> %t270)
  %t277 = fsub <8 x float> %t272, %t268
  %t278 = fsub <8 x float> %t270, %t266
  %t279 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t268, <8 x float> %t272)
  %t280 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t264, <8 x float> %t279)
  %t281 = fadd <8 x float> %t275, %t276
  %t282 = fsub <8 x float> %t275, %t276
  %t283 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t278, <8 x float> %t277)
  %t284 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t278, <8 x float> %t277)
  %t285 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t270, <8 x float> %t274)
  %t286 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t266, <8 x float> %t285)
  %t287 = mul i64 %point, 12
  %t288 = getelementptr inbounds float, ptr %t21, i64 %t287
  store <8 x float> %t280, ptr %t288, align 4
  %t289 = mul i64 %point, 13
  %t290 = getelementptr inbounds float, ptr %t21, i64 %t289
  store <8 x float> %t281, ptr %t290, align 4
  %t291 = mul i64 %point, 14
  %t292 = getelementptr inbounds float, ptr %t21, i64 %t291
  store <8 x float> %t282, ptr %t292, align 4
  %t293 = mul i64 %point, 15
  %t294 = getelementptr inbounds float, ptr %t21, i64 %t293
  store <8 x float> %t283, ptr %t294, align 4
  %t295 = mul i64 %point, 16
  %t296 = getelementptr inbounds float, ptr %t21, i64 %t295
  store <8 x float> %t284, ptr %t296, align 4
  %t297 = mul i64 %point, 17
  %t298 = getelementptr inbounds float, ptr %t21, i64 %t297
  store <8 x float> %t286, ptr %t298, align 4
  %t299 = getelementptr inbounds <8 x float>, ptr %t1, i64 18
  %t300 = load <8 x float>, ptr %t299, align 4
  %t301 = getelementptr inbounds <8 x float>, ptr %t1, i64 19
  %t302 = load <8 x float>, ptr %t301, align 4
  %t303 = getelementptr inbounds <8 x float>, ptr %t1, i64 20
  %t304 = load <8 x float>, ptr %t303, align 4
  %t305 = getelementptr inbounds <8 x float>, ptr %t1, i64 21
  %t306 = load <8 x float>, ptr %t305, align 4
  %t307 = getelementptr inbounds <8 x float>, ptr %t1, i64 22
  %t308 = load <8 x float>, ptr %t307, align 4
  %t309 = getelementptr inbounds <8 x float>, ptr %t1, i64 23
  %t310 = load <8 x float>, ptr %t309, align 4
  %t311 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t304, <8 x float> %t308)
  %t312 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t302, <8 x float> %t306)
  %t313 = fsub <8 x float> %t308, %t304
  %t314 = fsub <8 x float> %t306, %t302
  %t315 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t304, <8 x float> %t308)
  %t316 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t300, <8 x float> %t315)
  %t317 = fadd <8 x float> %t311, %t312
  %t318 = fsub <8 x float> %t311, %t312
  %t319 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t314, <8 x float> %t313)
  %t320 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t314, <8 x float> %t313)
  %t321 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t306, <8 x float> %t310)
  %t322 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t302, <8 x float> %t321)
  %t323 = mul i64 %point, 18
  %t324 = getelementptr inbounds float, ptr %t21, i64 %t323
  store <8 x float> %t316, ptr %t324, align 4
  %t325 = mul i64 %point, 19
  %t326 = getelementptr inbounds float, ptr %t21, i64 %t325
  store <8 x float> %t317, ptr %t326, align 4
  %t327 = mul i64 %point, 20
  %t328 = getelementptr inbounds float, ptr %t21, i64 %t327
  store <8 x float> %t318, ptr %t328, align 4
  %t329 = mul i64 %point, 21
  %t330 = getelementptr inbounds float, ptr %t21, i64 %t329
  store <8 x float> %t319, ptr %t330, align 4
  %t331 = mul i64 %point, 22
  %t332 = getelementptr inbounds float, ptr %t21, i64 %t331
  store <8 x float> %t320, ptr %t332, align 4
  %t333 = mul i64 %point, 23
  %t334 = getelementptr inbounds float, ptr %t21, i64 %t333
  store <8 x float> %t322, ptr %t334, align 4
  %t335 = getelementptr inbounds <8 x float>, ptr %t1, i64 24
  %t336 = load <8 x float>, ptr %t335, align 4
  %t337 = getelementptr inbounds <8 x float>, ptr %t1, i64 25
  %t338 = load <8 x float>, ptr %t337, align 4
  %t339 = getelementptr inbounds <8 x float>, ptr %t1, i64 26
  %t340 = load <8 x float>, ptr %t339, align 4
  %t341 = getelementptr inbounds <8 x float>, ptr %t1, i64 27
  %t342 = load <8 x float>, ptr %t341, align 4
  %t343 = getelementptr inbounds <8 x float>, ptr %t1, i64 28
  %t344 = load <8 x float>, ptr %t343, align 4
  %t345 = getelementptr inbounds <8 x float>, ptr %t1, i64 29
  %t346 = load <8 x float>, ptr %t345, align 4
  %t347 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t340, <8 x float> %t344)
  %t348 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t338, <8 x float> %t342)
  %t349 = fsub <8 x float> %t344, %t340
  %t350 = fsub <8 x float> %t342, %t338
  %t351 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t340, <8 x float> %t344)
  %t352 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t336, <8 x float> %t351)
  %t353 = fadd <8 x float> %t347, %t348
  %t354 = fsub <8 x float> %t347, %t348
  %t355 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t350, <8 x float> %t349)
  %t356 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t350, <8 x float> %t349)
  %t357 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t342, <8 x float> %t346)
  %t358 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t338, <8 x float> %t357)
  %t359 = mul i64 %point, 24
  %t360 = getelementptr inbounds float, ptr %t21, i64 %t359
  store <8 x float> %t352, ptr %t360, align 4
  %t361 = mul i64 %point, 25
  %t362 = getelementptr inbounds float, ptr %t21, i64 %t361
  store <8 x float> %t353, ptr %t362, align 4
  %t363 = mul i64 %point, 26
  %t364 = getelementptr inbounds float, ptr %t21, i64 %t363
  store <8 x float> %t354, ptr %t364, align 4
  %t365 = mul i64 %point, 27
  %t366 = getelementptr inbounds float, ptr %t21, i64 %t365
  store <8 x float> %t355, ptr %t366, align 4
  %t367 = mul i64 %point, 28
  %t368 = getelementptr inbounds float, ptr %t21, i64 %t367
  store <8 x float> %t356, ptr %t368, align 4
  %t369 = mul i64 %point, 29
  %t370 = getelementptr inbounds float, ptr %t21, i64 %t369
  store <8 x float> %t358, ptr %t370, align 4
  %t371 = getelementptr inbounds <8 x float>, ptr %t1, i64 30
  %t372 = load <8 x float>, ptr %t371, align 4
  %t373 = getelementptr inbounds <8 x float>, ptr %t1, i64 31
  %t374 = load <8 x float>, ptr %t373, align 4
  %t375 = getelementptr inbounds <8 x float>, ptr %t1, i64 32
  %t376 = load <8 x float>, ptr %t375, align 4
  %t377 = getelementptr inbounds <8 x float>, ptr %t1, i64 33
  %t378 = load <8 x float>, ptr %t377, align 4
  %t379 = getelementptr inbounds <8 x float>, ptr %t1, i64 34
  %t380 = load <8 x float>, ptr %t379, align 4
  %t381 = getelementptr inbounds <8 x float>, ptr %t1, i64 35
  %t382 = load <8 x float>, ptr %t381, align 4
  %t383 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t376, <8 x float> %t380)
  %t384 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC010000000000000), <8 x float> %t374, <8 x float> %t378)
  %t385 = fsub <8 x float> %t380, %t376
  %t386 = fsub <8 x float> %t378, %t374
  %t387 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t376, <8 x float> %t380)
  %t388 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t372, <8 x float> %t387)
  %t389 = fadd <8 x float> %t383, %t384
  %t390 = fsub <8 x float> %t383, %t384
  %t391 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t386, <8 x float> %t385)
  %t392 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC000000000000000), <8 x float> %t386, <8 x float> %t385)
  %t393 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xC014000000000000), <8 x float> %t378, <8 x float> %t382)
  %t394 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t374, <8 x float> %t393)
  %t395 = mul i64 %point, 30
  %t396 = getelementptr inbounds float, ptr %t21, i64 %t395
  store <8 x float> %t388, ptr %t396, align 4
  %t397 = mul i64 %point, 31
  %t398 = getelementptr inbounds float, ptr %t21, i64 %t397
  store <8 x float> %t389, ptr %t398, align 4
  %t399 = mul i64 %point, 32
  %t400 = getelementptr inbounds float, ptr %t21, i64 %t399
  store <8 x float> %t390, ptr %t400, align 4
  %t401 = mul i64 %point, 33
  %t402 = getelementptr inbounds float, ptr %t21, i64 %t401
  store <8 x float> %t391, ptr %t402, align 4
  %t403 = mul i64 %point, 34
  %t404 = getelementptr inbounds float, ptr %t21, i64 %t403
  store <8 x float> %t392, ptr %t404, align 4
  %t405 = mul i64 %point, 35
  %t406 = getelementptr inbounds float, ptr %t21, i64 %t405
  store <8 x float> %t394, ptr %t406, align 4
  %t407 = add nsw i64 %t14, 8
  %t408 = icmp slt i64 %t407, 32
  br i1 %t408, label %b11, label %b12
b12:
  ret void
}
define internal void @tile6(ptr %a0, ptr %a1, ptr %a2, i64 %a3) #0 {
entry:
  %t1 = mul i64 %a3, 32
  %t2 = add i64 %t1, 32
  %t3 = add i64 %t1, 64
  %t4 = add i64 %t1, 96
  %t5 = add i64 %t1, 128
  %t6 = add i64 %t1, 160
  %t7 = getelementptr inbounds float, ptr %a0, i64 %t1
  %t8 = getelementptr inbounds float, ptr %a0, i64 %t2
  %t9 = getelementptr inbounds float, ptr %a0, i64 %t3
  %t10 = getelementptr inbounds float, ptr %a0, i64 %t4
  %t11 = getelementptr inbounds float, ptr %a0, i64 %t5
  %t12 = getelementptr inbounds float, ptr %a0, i64 %t6
  br label %b13
b13:
  %t16 = phi i64 [0, %entry], [%t190, %b13]
  %t17 = phi ptr [%a1, %entry], [%t189, %b13]
  %t18 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t157, %b13]
  %t19 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t158, %b13]
  %t20 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t163, %b13]
  %t21 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t164, %b13]
  %t22 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t169, %b13]
  %t23 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t170, %b13]
  %t24 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t175, %b13]
  %t25 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t176, %b13]
  %t26 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t181, %b13]
  %t27 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t182, %b13]
  %t28 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t187, %b13]
  %t29 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t188, %b13]
  %t30 = getelementptr inbounds float, ptr %t7, i64 %t16
  %t31 = getelementptr inbounds float, ptr %t8, i64 %t16
  %t32 = getelementptr inbounds float, ptr %t9, i64 %t16
  %t33 = getelementptr inbounds float, ptr %t10, i64 %t16
  %t34 = getelementptr inbounds float, ptr %t11, i64 %t16
  %t35 = getelementptr inbounds float, ptr %t12, i64 %t16
  %t36 = load <8 x float>, ptr %t17, align 4
  %t37 = getelementptr inbounds float, ptr %t17, i64 8
  %t38 = load <8 x float>, ptr %t37, align 4
  %t39 = load float, ptr %t30, align 4
  %t40 = insertelement <8 x float> poison, float %t39, i64 0
  %t41 = shufflevector <8 x float> %t40, <8 x float> poison, <8 x i32> zeroinitializer
  %t42 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t41, <8 x float> %t36, <8 x float> %t18)
  %t43 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t41, <8 x float> %t38, <8 x float> %t19)
  %t44 = load float, ptr %t31, align 4
  %t45 = insertelement <8 x float> poison, float %t44, i64 0
  %t46 = shufflevector <8 x float> %t45, <8 x float> poison, <8 x i32> zeroinitializer
  %t47 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t46, <8 x float> %t36, <8 x float> %t20)
  %t48 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t46, <8 x float> %t38, <8 x float> %t21)
  %t49 = load float, ptr %t32, align 4
  %t50 = insertelement <8 x float> poison, float %t49, i64 0
  %t51 = shufflevector <8 x float> %t50, <8 x float> poison, <8 x i32> zeroinitializer
  %t52 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t51, <8 x float> %t36, <8 x float> %t22)
  %t53 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t51, <8 x float> %t38, <8 x float> %t23)
  %t54 = load float, ptr %t33, align 4
  %t55 = insertelement <8 x float> poison, float %t54, i64 0
  %t56 = shufflevector <8 x float> %t55, <8 x float> poison, <8 x i32> zeroinitializer
  %t57 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t56, <8 x float> %t36, <8 x float> %t24)
  %t58 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t56, <8 x float> %t38, <8 x float> %t25)
  %t59 = load float, ptr %t34, align 4
  %t60 = insertelement <8 x float> poison, float %t59, i64 0
  %t61 = shufflevector <8 x float> %t60, <8 x float> poison, <8 x i32> zeroinitializer
  %t62 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t61, <8 x float> %t36, <8 x float> %t26)
  %t63 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t61, <8 x float> %t38, <8 x float> %t27)
  %t64 = load float, ptr %t35, align 4
  %t65 = insertelement <8 x float> poison, float %t64, i64 0
  %t66 = shufflevector <8 x float> %t65, <8 x float> poison, <8 x i32> zeroinitializer
  %t67 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t66, <8 x float> %t36, <8 x float> %t28)
  %t68 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t66, <8 x float> %t38, <8 x float> %t29)
  %t69 = getelementptr inbounds float, ptr %t17, i64 16
  %t70 = load <8 x float>, ptr %t69, align 4
  %t71 = getelementptr inbounds float, ptr %t17, i64 24
  %t72 = load <8 x float>, ptr %t71, align 4
  %t73 = getelementptr inbounds float, ptr %t30, i64 1
  %t74 = load float, ptr %t73, align 4
  %t75 = insertelement <8 x float> poison, float %t74, i64 0
  %t76 = shufflevector <8 x float> %t75, <8 x float> poison, <8 x i32> zeroinitializer
  %t77 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t76, <8 x float> %t70, <8 x float> %t42)
  %t78 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t76, <8 x float> %t72, <8 x float> %t43)
  %t79 = getelementptr inbounds float, ptr %t31, i64 1
  %t80 = load float, ptr %t79, align 4
  %t81 = insertelement <8 x float> poison, float %t80, i64 0
  %t82 = shufflevector <8 x float> %t81, <8 x float> poison, <8 x i32> zeroinitializer
  %t83 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t82, <8 x float> %t70, <8 x float> %t47)
  %t84 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t82, <8 x float> %t72, <8 x float> %t48)
  %t85 = getelementptr inbounds float, ptr %t32, i64 1
  %t86 = load float, ptr %t85, align 4
  %t87 = insertelement <8 x float> poison, float %t86, i64 0
  %t88 = shufflevector <8 x float> %t87, <8 x float> poison, <8 x i32> zeroinitializer
  %t89 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t88, <8 x float> %t70, <8 x float> %t52)
  %t90 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t88, <8 x float> %t72, <8 x float> %t53)
  %t91 = getelementptr inbounds float, ptr %t33, i64 1
  %t92 = load float, ptr %t91, align 4
  %t93 = insertelement <8 x float> poison, float %t92, i64 0
  %t94 = shufflevector <8 x float> %t93, <8 x float> poison, <8 x i32> zeroinitializer
  %t95 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t94, <8 x float> %t70, <8 x float> %t57)
  %t96 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t94, <8 x float> %t72, <8 x float> %t58)
  %t97 = getelementptr inbounds float, ptr %t34, i64 1
  %t98 = load float, ptr %t97, align 4
  %t99 = insertelement <8 x float> poison, float %t98, i64 0
  %t100 = shufflevector <8 x float> %t99, <8 x float> poison, <8 x i32> zeroinitializer
  %t101 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t100, <8 x float> %t70, <8 x float> %t62)
  %t102 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t100, <8 x float> %t72, <8 x float> %t63)
  %t103 = getelementptr inbounds float, ptr %t35, i64 1
  %t104 = load float, ptr %t103, align 4
  %t105 = insertelement <8 x float> poison, float %t104, i64 0
  %t106 = shufflevector <8 x float> %t105, <8 x float> poison, <8 x i32> zeroinitializer
  %t107 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t106, <8 x float> %t70, <8 x float> %t67)
  %t108 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t106, <8 x float> %t72, <8 x float> %t68)
  %t109 = getelementptr inbounds float, ptr %t17, i64 32
  %t110 = load <8 x float>, ptr %t109, align 4
  %t111 = getelementptr inbounds float, ptr %t17, i64 40
  %t112 = load <8 x float>, ptr %t111, align 4
  %t113 = getelementptr inbounds float, ptr %t30, i64 2
  %t114 = load float, ptr %t113, align 4
  %t115 = insertelement <8 x float> poison, float %t114, i64 0
  %t116 = shufflevector <8 x float> %t115, <8 x float> poison, <8 x i32> zeroinitializer
  %t117 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t116, <8 x float> %t110, <8 x float> %t77)
  %t118 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t116, <8 x float> %t112, <8 x float> %t78)
  %t119 = getelementptr inbounds float, ptr %t31, i64 2
  %t120 = load float, ptr %t119, align 4
  %t121 = insertelement <8 x float> poison, float %t120, i64 0
  %t122 = shufflevector <8 x float> %t121, <8 x float> poison, <8 x i32> zeroinitializer
  %t123 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t122, <8 x float> %t110, <8 x float> %t83)
  %t124 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t122, <8 x float> %t112, <8 x float> %t84)
  %t125 = getelementptr inbounds float, ptr %t32, i64 2
  %t126 = load float, ptr %t125, align 4
  %t127 = insertelement <8 x float> poison, float %t126, i64 0
  %t128 = shufflevector <8 x float> %t127, <8 x float> poison, <8 x i32> zeroinitializer
  %t129 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t128, <8 x float> %t110, <8 x float> %t89)
  %t130 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t128, <8 x float> %t112, <8 x float> %t90)
  %t131 = getelementptr inbounds float, ptr %t33, i64 2
  %t132 = load float, ptr %t131, align 4
  %t133 = insertelement <8 x float> poison, float %t132, i64 0
  %t134 = shufflevector <8 x float> %t133, <8 x float> poison, <8 x i32> zeroinitializer
  %t135 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t134, <8 x float> %t110, <8 x float> %t95)
  %t136 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t134, <8 x float> %t112, <8 x float> %t96)
  %t137 = getelementptr inbounds float, ptr %t34, i64 2
  %t138 = load float, ptr %t137, align 4
  %t139 = insertelement <8 x float> poison, float %t138, i64 0
  %t140 = shufflevector <8 x float> %t139, <8 x float> poison, <8 x i32> zeroinitializer
  %t141 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t140, <8 x float> %t110, <8 x float> %t101)
  %t142 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t140, <8 x float> %t112, <8 x float> %t102)
  %t143 = getelementptr inbounds float, ptr %t35, i64 2
  %t144 = load float, ptr %t143, align 4
  %t145 = insertelement <8 x float> poison, float %t144, i64 0
  %t146 = shufflevector <8 x float> %t145, <8 x float> poison, <8 x i32> zeroinitializer
  %t147 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t146, <8 x float> %t110, <8 x float> %t107)
  %t148 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t146, <8 x float> %t112, <8 x float> %t108)
  %t149 = getelementptr inbounds float, ptr %t17, i64 48
  %t150 = load <8 x float>, ptr %t149, align 4
  %t151 = getelementptr inbounds float, ptr %t17, i64 56
  %t152 = load <8 x float>, ptr %t151, align 4
  %t153 = getelementptr inbounds float, ptr %t30, i64 3
  %t154 = load float, ptr %t153, align 4
  %t155 = insertelement <8 x float> poison, float %t154, i64 0
  %t156 = shufflevector <8 x float> %t155, <8 x float> poison, <8 x i32> zeroinitializer
  %t157 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t156, <8 x float> %t150, <8 x float> %t117)
  %t158 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t156, <8 x float> %t152, <8 x float> %t118)
  %t159 = getelementptr inbounds float, ptr %t31, i64 3
  %t160 = load float, ptr %t159, align 4
  %t161 = insertelement <8 x float> poison, float %t160, i64 0
  %t162 = shufflevector <8 x float> %t161, <8 x float> poison, <8 x i32> zeroinitializer
  %t163 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t162, <8 x float> %t150, <8 x float> %t123)
  %t164 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t162, <8 x float> %t152, <8 x float> %t124)
  %t165 = getelementptr inbounds float, ptr %t32, i64 3
  %t166 = load float, ptr %t165, align 4
  %t167 = insertelement <8 x float> poison, float %t166, i64 0
  %t168 = shufflevector <8 x float> %t167, <8 x float> poison, <8 x i32> zeroinitializer
  %t169 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t168, <8 x float> %t150, <8 x float> %t129)
  %t170 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t168, <8 x float> %t152, <8 x float> %t130)
  %t171 = getelementptr inbounds float, ptr %t33, i64 3
  %t172 = load float, ptr %t171, align 4
  %t173 = insertelement <8 x float> poison, float %t172, i64 0
  %t174 = shufflevector <8 x float> %t173, <8 x float> poison, <8 x i32> zeroinitializer
  %t175 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t174, <8 x float> %t150, <8 x float> %t135)
  %t176 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t174, <8 x float> %t152, <8 x float> %t136)
  %t177 = getelementptr inbounds float, ptr %t34, i64 3
  %t178 = load float, ptr %t177, align 4
  %t179 = insertelement <8 x float> poison, float %t178, i64 0
  %t180 = shufflevector <8 x float> %t179, <8 x float> poison, <8 x i32> zeroinitializer
  %t181 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t180, <8 x float> %t150, <8 x float> %t141)
  %t182 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t180, <8 x float> %t152, <8 x float> %t142)
  %t183 = getelementptr inbounds float, ptr %t35, i64 3
  %t184 = load float, ptr %t183, align 4
  %t185 = insertelement <8 x float> poison, float %t184, i64 0
  %t186 = shufflevector <8 x float> %t185, <8 x float> poison, <8 x i32> zeroinitializer
  %t187 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t186, <8 x float> %t150, <8 x float> %t147)
  %t188 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t186, <8 x float> %t152, <8 x float> %t148)
  %t189 = getelementptr inbounds float, ptr %t17, i64 64
  %t190 = add nsw i64 %t16, 4
  %t191 = icmp slt i64 %t190, 32
  br i1 %t191, label %b13, label %b14
b14:
  %t193 = mul i64 %a3, 32
  %t194 = add i64 %t193, 32
  %t195 = add i64 %t193, 64
  %t196 = add i64 %t193, 96
  %t197 = add i64 %t193, 128
  %t198 = add i64 %t193, 160
  %t199 = getelementptr inbounds float, ptr %a2, i64 %t193
  store <8 x float> %t157, ptr %t199, align 4
  %t200 = getelementptr inbounds float, ptr %t199, i64 8
  store <8 x float> %t158, ptr %t200, align 4
  %t201 = getelementptr inbounds float, ptr %a2, i64 %t194
  store <8 x float> %t163, ptr %t201, align 4
  %t202 = getelementptr inbounds float, ptr %t201, i64 8
  store <8 x float> %t164, ptr %t202, align 4
  %t203 = getelementptr inbounds float, ptr %a2, i64 %t195
  store <8 x float> %t169, ptr %t203, align 4
  %t204 = getelementptr inbounds float, ptr %t203, i64 8
  store <8 x float> %t170, ptr %t204, align 4
  %t205 = getelementptr inbounds float, ptr %a2, i64 %t196
  store <8 x float> %t175, ptr %t205, align 4
  %t206 = getelementptr inbounds float, ptr %t205, i64 8
  store <8 x float> %t176, ptr %t206, align 4
  %t207 = getelementptr inbounds float, ptr %a2, i64 %t197
  store <8 x float> %t181, ptr %t207, align 4
  %t208 = getelementptr inbounds float, ptr %t207, i64 8
  store <8 x float> %t182, ptr %t208, align 4
  %t209 = getelementptr inbounds float, ptr %a2, i64 %t198
  store <8 x float> %t187, ptr %t209, align 4
  %t210 = getelementptr inbounds float, ptr %t209, i64 8
  store <8 x float> %t188, ptr %t210, align 4
  ret void
}
define internal void @tile5(ptr %a0, ptr %a1, ptr %a2, i64 %a3) #0 {
entry:
  %t1 = mul i64 %a3, 32
  %t2 = add i64 %t1, 32
  %t3 = add i64 %t1, 64
  %t4 = add i64 %t1, 96
  %t5 = add i64 %t1, 128
  %t6 = getelementptr inbounds float, ptr %a0, i64 %t1
  %t7 = getelementptr inbounds float, ptr %a0, i64 %t2
  %t8 = getelementptr inbounds float, ptr %a0, i64 %t3
  %t9 = getelementptr inbounds float, ptr %a0, i64 %t4
  %t10 = getelementptr inbounds float, ptr %a0, i64 %t5
  br label %b11
b11:
  %t14 = phi i64 [0, %entry], [%t162, %b11]
  %t15 = phi ptr [%a1, %entry], [%t161, %b11]
  %t16 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t135, %b11]
  %t17 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t136, %b11]
  %t18 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t141, %b11]
  %t19 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t142, %b11]
  %t20 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t147, %b11]
  %t21 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t148, %b11]
  %t22 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t153, %b11]
  %t23 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t154, %b11]
  %t24 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t159, %b11]
  %t25 = phi <8 x float> [splat (float 0x0000000000000000), %entry], [%t160, %b11]
  %t26 = getelementptr inbounds float, ptr %t6, i64 %t14
  %t27 = getelementptr inbounds float, ptr %t7, i64 %t14
  %t28 = getelementptr inbounds float, ptr %t8, i64 %t14
  %t29 = getelementptr inbounds float, ptr %t9, i64 %t14
  %t30 = getelementptr inbounds float, ptr %t10, i64 %t14
  %t31 = load <8 x float>, ptr %t15, align 4
  %t32 = getelementptr inbounds float, ptr %t15, i64 8
  %t33 = load <8 x float>, ptr %t32, align 4
  %t34 = load float, ptr %t26, align 4
  %t35 = insertelement <8 x float> poison, float %t34, i64 0
  %t36 = shufflevector <8 x float> %t35, <8 x float> poison, <8 x i32> zeroinitializer
  %t37 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t36, <8 x float> %t31, <8 x float> %t16)
  %t38 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t36, <8 x float> %t33, <8 x float> %t17)
  %t39 = load float, ptr %t27, align 4
  %t40 = insertelement <8 x float> poison, float %t39, i64 0
  %t41 = shufflevector <8 x float> %t40, <8 x float> poison, <8 x i32> zeroinitializer
  %t42 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t41, <8 x float> %t31, <8 x float> %t18)
  %t43 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t41, <8 x float> %t33, <8 x float> %t19)
  %t44 = load float, ptr %t28, align 4
  %t45 = insertelement <8 x float> poison, float %t44, i64 0
  %t46 = shufflevector <8 x float> %t45, <8 x float> poison, <8 x i32> zeroinitializer
  %t47 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t46, <8 x float> %t31, <8 x float> %t20)
  %t48 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t46, <8 x float> %t33, <8 x float> %t21)
  %t49 = load float, ptr %t29, align 4
  %t50 = insertelement <8 x float> poison, float %t49, i64 0
  %t51 = shufflevector <8 x float> %t50, <8 x float> poison, <8 x i32> zeroinitializer
  %t52 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t51, <8 x float> %t31, <8 x float> %t22)
  %t53 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t51, <8 x float> %t33, <8 x float> %t23)
  %t54 = load float, ptr %t30, align 4
  %t55 = insertelement <8 x float> poison, float %t54, i64 0
  %t56 = shufflevector <8 x float> %t55, <8 x float> poison, <8 x i32> zeroinitializer
  %t57 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t56, <8 x float> %t31, <8 x float> %t24)
  %t58 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t56, <8 x float> %t33, <8 x float> %t25)
  %t59 = getelementptr inbounds float, ptr %t15, i64 16
  %t60 = load <8 x float>, ptr %t59, align 4
  %t61 = getelementptr inbounds float, ptr %t15, i64 24
  %t62 = load <8 x float>, ptr %t61, align 4
  %t63 = getelementptr inbounds float, ptr %t26, i64 1
  %t64 = load float, ptr %t63, align 4
  %t65 = insertelement <8 x float> poison, float %t64, i64 0
  %t66 = shufflevector <8 x float> %t65, <8 x float> poison, <8 x i32> zeroinitializer
  %t67 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t66, <8 x float> %t60, <8 x float> %t37)
  %t68 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t66, <8 x float> %t62, <8 x float> %t38)
  %t69 = getelementptr inbounds float, ptr %t27, i64 1
  %t70 = load float, ptr %t69, align 4
  %t71 = insertelement <8 x float> poison, float %t70, i64 0
  %t72 = shufflevector <8 x float> %t71, <8 x float> poison, <8 x i32> zeroinitializer
  %t73 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t72, <8 x float> %t60, <8 x float> %t42)
  %t74 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t72, <8 x float> %t62, <8 x float> %t43)
  %t75 = getelementptr inbounds float, ptr %t28, i64 1
  %t76 = load float, ptr %t75, align 4
  %t77 = insertelement <8 x float> poison, float %t76, i64 0
  %t78 = shufflevector <8 x float> %t77, <8 x float> poison, <8 x i32> zeroinitializer
  %t79 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t78, <8 x float> %t60, <8 x float> %t47)
  %t80 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t78, <8 x float> %t62, <8 x float> %t48)
  %t81 = getelementptr inbounds float, ptr %t29, i64 1
  %t82 = load float, ptr %t81, align 4
  %t83 = insertelement <8 x float> poison, float %t82, i64 0
  %t84 = shufflevector <8 x float> %t83, <8 x float> poison, <8 x i32> zeroinitializer
  %t85 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t84, <8 x float> %t60, <8 x float> %t52)
  %t86 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t84, <8 x float> %t62, <8 x float> %t53)
  %t87 = getelementptr inbounds float, ptr %t30, i64 1
  %t88 = load float, ptr %t87, align 4
  %t89 = insertelement <8 x float> poison, float %t88, i64 0
  %t90 = shufflevector <8 x float> %t89, <8 x float> poison, <8 x i32> zeroinitializer
  %t91 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t90, <8 x float> %t60, <8 x float> %t57)
  %t92 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t90, <8 x float> %t62, <8 x float> %t58)
  %t93 = getelementptr inbounds float, ptr %t15, i64 32
  %t94 = load <8 x float>, ptr %t93, align 4
  %t95 = getelementptr inbounds float, ptr %t15, i64 40
  %t96 = load <8 x float>, ptr %t95, align 4
  %t97 = getelementptr inbounds float, ptr %t26, i64 2
  %t98 = load float, ptr %t97, align 4
  %t99 = insertelement <8 x float> poison, float %t98, i64 0
  %t100 = shufflevector <8 x float> %t99, <8 x float> poison, <8 x i32> zeroinitializer
  %t101 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t100, <8 x float> %t94, <8 x float> %t67)
  %t102 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t100, <8 x float> %t96, <8 x float> %t68)
  %t103 = getelementptr inbounds float, ptr %t27, i64 2
  %t104 = load float, ptr %t103, align 4
  %t105 = insertelement <8 x float> poison, float %t104, i64 0
  %t106 = shufflevector <8 x float> %t105, <8 x float> poison, <8 x i32> zeroinitializer
  %t107 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t106, <8 x float> %t94, <8 x float> %t73)
  %t108 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t106, <8 x float> %t96, <8 x float> %t74)
  %t109 = getelementptr inbounds float, ptr %t28, i64 2
  %t110 = load float, ptr %t109, align 4
  %t111 = insertelement <8 x float> poison, float %t110, i64 0
  %t112 = shufflevector <8 x float> %t111, <8 x float> poison, <8 x i32> zeroinitializer
  %t113 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t112, <8 x float> %t94, <8 x float> %t79)
  %t114 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t112, <8 x float> %t96, <8 x float> %t80)
  %t115 = getelementptr inbounds float, ptr %t29, i64 2
  %t116 = load float, ptr %t115, align 4
  %t117 = insertelement <8 x float> poison, float %t116, i64 0
  %t118 = shufflevector <8 x float> %t117, <8 x float> poison, <8 x i32> zeroinitializer
  %t119 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t118, <8 x float> %t94, <8 x float> %t85)
  %t120 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t118, <8 x float> %t96, <8 x float> %t86)
  %t121 = getelementptr inbounds float, ptr %t30, i64 2
  %t122 = load float, ptr %t121, align 4
  %t123 = insertelement <8 x float> poison, float %t122, i64 0
  %t124 = shufflevector <8 x float> %t123, <8 x float> poison, <8 x i32> zeroinitializer
  %t125 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t124, <8 x float> %t94, <8 x float> %t91)
  %t126 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t124, <8 x float> %t96, <8 x float> %t92)
  %t127 = getelementptr inbounds float, ptr %t15, i64 48
  %t128 = load <8 x float>, ptr %t127, align 4
  %t129 = getelementptr inbounds float, ptr %t15, i64 56
  %t130 = load <8 x float>, ptr %t129, align 4
  %t131 = getelementptr inbounds float, ptr %t26, i64 3
  %t132 = load float, ptr %t131, align 4
  %t133 = insertelement <8 x float> poison, float %t132, i64 0
  %t134 = shufflevector <8 x float> %t133, <8 x float> poison, <8 x i32> zeroinitializer
  %t135 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t134, <8 x float> %t128, <8 x float> %t101)
  %t136 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t134, <8 x float> %t130, <8 x float> %t102)
  %t137 = getelementptr inbounds float, ptr %t27, i64 3
  %t138 = load float, ptr %t137, align 4
  %t139 = insertelement <8 x float> poison, float %t138, i64 0
  %t140 = shufflevector <8 x float> %t139, <8 x float> poison, <8 x i32> zeroinitializer
  %t141 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t140, <8 x float> %t128, <8 x float> %t107)
  %t142 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t140, <8 x float> %t130, <8 x float> %t108)
  %t143 = getelementptr inbounds float, ptr %t28, i64 3
  %t144 = load float, ptr %t143, align 4
  %t145 = insertelement <8 x float> poison, float %t144, i64 0
  %t146 = shufflevector <8 x float> %t145, <8 x float> poison, <8 x i32> zeroinitializer
  %t147 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t146, <8 x float> %t128, <8 x float> %t113)
  %t148 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t146, <8 x float> %t130, <8 x float> %t114)
  %t149 = getelementptr inbounds float, ptr %t29, i64 3
  %t150 = load float, ptr %t149, align 4
  %t151 = insertelement <8 x float> poison, float %t150, i64 0
  %t152 = shufflevector <8 x float> %t151, <8 x float> poison, <8 x i32> zeroinitializer
  %t153 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t152, <8 x float> %t128, <8 x float> %t119)
  %t154 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t152, <8 x float> %t130, <8 x float> %t120)
  %t155 = getelementptr inbounds float, ptr %t30, i64 3
  %t156 = load float, ptr %t155, align 4
  %t157 = insertelement <8 x float> poison, float %t156, i64 0
  %t158 = shufflevector <8 x float> %t157, <8 x float> poison, <8 x i32> zeroinitializer
  %t159 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t158, <8 x float> %t128, <8 x float> %t125)
  %t160 = call <8 x float> @llvm.fma.v8f32(<8 x float> %t158, <8 x float> %t130, <8 x float> %t126)
  %t161 = getelementptr inbounds float, ptr %t15, i64 64
  %t162 = add nsw i64 %t14, 4
  %t163 = icmp slt i64 %t162, 32
  br i1 %t163, label %b11, label %b12
b12:
  %t165 = mul i64 %a3, 32
  %t166 = add i64 %t165, 32
  %t167 = add i64 %t165, 64
  %t168 = add i64 %t165, 96
  %t169 = add i64 %t165, 128
  %t170 = getelementptr inbounds float, ptr %a2, i64 %t165
  store <8 x float> %t135, ptr %t170, align 4
  %t171 = getelementptr inbounds float, ptr %t170, i64 8
  store <8 x float> %t136, ptr %t171, align 4
  %t172 = getelementptr inbounds float, ptr %a2, i64 %t166
  store <8 x float> %t141, ptr %t172, align 4
  %t173 = getelementptr inbounds float, ptr %t172, i64 8
  store <8 x float> %t142, ptr %t173, align 4
  %t174 = getelementptr inbounds float, ptr %a2, i64 %t167
  store <8 x float> %t147, ptr %t174, align 4
  %t175 = getelementptr inbounds float, ptr %t174, i64 8
  store <8 x float> %t148, ptr %t175, align 4
  %t176 = getelementptr inbounds float, ptr %a2, i64 %t168
  store <8 x float> %t153, ptr %t176, align 4
  %t177 = getelementptr inbounds float, ptr %t176, i64 8
  store <8 x float> %t154, ptr %t177, align 4
  %t178 = getelementptr inbounds float, ptr %a2, i64 %t169
  store <8 x float> %t159, ptr %t178, align 4
  %t179 = getelementptr inbounds float, ptr %t178, i64 8
  store <8 x float> %t160, ptr %t179, align 4
  ret void
}
define internal void @pixels(ptr %products, i64 %point, i64 %rows, i64 %columns, ptr %operand0, ptr %operand1, ptr %operand2) #0 {
entry:
  %t1 = alloca [24 x <8 x float>], align 64
  %t266 = alloca [32 x float], align 64
  %t270 = alloca [4 x i64], align 64
  %t274 = alloca [4 x i64], align 64
  br label %b2
b2:
  %t5 = phi i64 [0, %entry], [%t304, %b199]
  %t6 = getelementptr inbounds float, ptr %products, i64 %t5
  %t7 = load <8 x float>, ptr %t6, align 4
  %t8 = mul i64 %point, 6
  %t9 = getelementptr inbounds float, ptr %t6, i64 %t8
  %t10 = load <8 x float>, ptr %t9, align 4
  %t11 = mul i64 %point, 12
  %t12 = getelementptr inbounds float, ptr %t6, i64 %t11
  %t13 = load <8 x float>, ptr %t12, align 4
  %t14 = mul i64 %point, 18
  %t15 = getelementptr inbounds float, ptr %t6, i64 %t14
  %t16 = load <8 x float>, ptr %t15, align 4
  %t17 = mul i64 %point, 24
  %t18 = getelementptr inbounds float, ptr %t6, i64 %t17
  %t19 = load <8 x float>, ptr %t18, align 4
  %t20 = mul i64 %point, 30
  %t21 = getelementptr inbounds float, ptr %t6, i64 %t20
  %t22 = load <8 x float>, ptr %t21, align 4
  %t23 = fadd <8 x float> %t10, %t13
  %t24 = fsub <8 x float> %t10, %t13
  %t25 = fadd <8 x float> %t16, %t19
  %t26 = fsub <8 x float> %t16, %t19
  %t27 = fadd <8 x float> %t7, %t23
  %t28 = fadd <8 x float> %t27, %t25
  %t29 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t26, <8 x float> %t24)
  %t30 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t25, <8 x float> %t23)
  %t31 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4020000000000000), <8 x float> %t26, <8 x float> %t24)
  %t32 = fadd <8 x float> %t31, %t22
  store <8 x float> %t28, ptr %t1, align 4
  %t33 = getelementptr inbounds <8 x float>, ptr %t1, i64 6
  store <8 x float> %t29, ptr %t33, align 4
  %t34 = getelementptr inbounds <8 x float>, ptr %t1, i64 12
  store <8 x float> %t30, ptr %t34, align 4
  %t35 = getelementptr inbounds <8 x float>, ptr %t1, i64 18
  store <8 x float> %t32, ptr %t35, align 4
  %t36 = getelementptr inbounds float, ptr %t6, i64 %point
  %t37 = load <8 x float>, ptr %t36, align 4
  %t38 = mul i64 %point, 7
  %t39 = getelementptr inbounds float, ptr %t6, i64 %t38
  %t40 = load <8 x float>, ptr %t39, align 4
  %t41 = mul i64 %point, 13
  %t42 = getelementptr inbounds float, ptr %t6, i64 %t41
  %t43 = load <8 x float>, ptr %t42, align 4
  %t44 = mul i64 %point, 19
  %t45 = getelementptr inbounds float, ptr %t6, i64 %t44
  %t46 = load <8 x float>, ptr %t45, align 4
  %t47 = mul i64 %point, 25
  %t48 = getelementptr inbounds float, ptr %t6, i64 %t47
  %t49 = load <8 x float>, ptr %t48, align 4
  %t50 = mul i64 %point, 31
  %t51 = getelementptr inbounds float, ptr %t6, i64 %t50
  %t52 = load <8 x float>, ptr %t51, align 4
  %t53 = fadd <8 x float> %t40, %t43
  %t54 = fsub <8 x float> %t40, %t43
  %t55 = fadd <8 x float> %t46, %t49
  %t56 = fsub <8 x float> %t46, %t49
  %t57 = fadd <8 x float> %t37, %t53
  %t58 = fadd <8 x float> %t57, %t55
  %t59 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t56, <8 x float> %t54)
  %t60 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t55, <8 x float> %t53)
  %t61 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4020000000000000), <8 x float> %t56, <8 x float> %t54)
  %t62 = fadd <8 x float> %t61, %t52
  %t63 = getelementptr inbounds <8 x float>, ptr %t1, i64 1
  store <8 x float> %t58, ptr %t63, align 4
  %t64 = getelementptr inbounds <8 x float>, ptr %t1, i64 7
  store <8 x float> %t59, ptr %t64, align 4
  %t65 = getelementptr inbounds <8 x float>, ptr %t1, i64 13
  store <8 x float> %t60, ptr %t65, align 4
  %t66 = getelementptr inbounds <8 x float>, ptr %t1, i64 19
  store <8 x float> %t62, ptr %t66, align 4
  %t67 = mul i64 %point, 2
  %t68 = getelementptr inbounds float, ptr %t6, i64 %t67
  %t69 = load <8 x float>, ptr %t68, align 4
  %t70 = mul i64 %point, 8
  %t71 = getelementptr inbounds float, ptr %t6, i64 %t70
  %t72 = load <8 x float>, ptr %t71, align 4
  %t73 = mul i64 %point, 14
  %t74 = getelementptr inbounds float, ptr %t6, i64 %t73
  %t75 = load <8 x float>, ptr %t74, align 4
  %t76 = mul i64 %point, 20
  %t77 = getelementptr inbounds float, ptr %t6, i64 %t76
  %t78 = load <8 x float>, ptr %t77, align 4
  %t79 = mul i64 %point, 26
  %t80 = getelementptr inbounds float, ptr %t6, i64 %t79
  %t81 = load <8 x float>, ptr %t80, align 4
  %t82 = mul i64 %point, 32
  %t83 = getelementptr inbounds float, ptr %t6, i64 %t82
  %t84 = load <8 x float>, ptr %t83, align 4
  %t85 = fadd <8 x float> %t72, %t75
  %t86 = fsub <8 x float> %t72, %t75
  %t87 = fadd <8 x float> %t78, %t81
  %t88 = fsub <8 x float> %t78, %t81
  %t89 = fadd <8 x float> %t69, %t85
  %t90 = fadd <8 x float> %t89, %t87
  %t91 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t88, <8 x float> %t86)
  %t92 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t87, <8 x float> %t85)
  %t93 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4020000000000000), <8 x float> %t88, <8 x float> %t86)
  %t94 = fadd <8 x float> %t93, %t84
  %t95 = getelementptr inbounds <8 x float>, ptr %t1, i64 2
  store <8 x float> %t90, ptr %t95, align 4
  %t96 = getelementptr inbounds <8 x float>, ptr %t1, i64 8
  store <8 x float> %t91, ptr %t96, align 4
  %t97 = getelementptr inbounds <8 x float>, ptr %t1, i64 14
  store <8 x float> %t92, ptr %t97, align 4
  %t98 = getelementptr inbounds <8 x float>, ptr %t1, i64 20
  store <8 x float> %t94, ptr %t98, align 4
  %t99 = mul i64 %point, 3
  %t100 = getelementptr inbounds float, ptr %t6, i64 %t99
  %t101 = load <8 x float>, ptr %t100, align 4
  %t102 = mul i64 %point, 9
  %t103 = getelementptr inbounds float, ptr %t6, i64 %t102
  %t104 = load <8 x float>, ptr %t103, align 4
  %t105 = mul i64 %point, 15
  %t106 = getelementptr inbounds float, ptr %t6, i64 %t105
  %t107 = load <8 x float>, ptr %t106, align 4
  %t108 = mul i64 %point, 21
  %t109 = getelementptr inbounds float, ptr %t6, i64 %t108
  %t110 = load <8 x float>, ptr %t109, align 4
  %t111 = mul i64 %point, 27
  %t112 = getelementptr inbounds float, ptr %t6, i64 %t111
  %t113 = load <8 x float>, ptr %t112, align 4
  %t114 = mul i64 %point, 33
  %t115 = getelementptr inbounds float, ptr %t6, i64 %t114
  %t116 = load <8 x float>, ptr %t115, align 4
  %t117 = fadd <8 x float> %t104, %t107
  %t118 = fsub <8 x float> %t104, %t107
  %t119 = fadd <8 x float> %t110, %t113
  %t120 = fsub <8 x float> %t110, %t113
  %t121 = fadd <8 x float> %t101, %t117
  %t122 = fadd <8 x float> %t121, %t119
  %t123 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t120, <8 x float> %t118)
  %t124 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t119, <8 x float> %t117)
  %t125 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4020000000000000), <8 x float> %t120, <8 x float> %t118)
  %t126 = fadd <8 x float> %t125, %t116
  %t127 = getelementptr inbounds <8 x float>, ptr %t1, i64 3
  store <8 x float> %t122, ptr %t127, align 4
  %t128 = getelementptr inbounds <8 x float>, ptr %t1, i64 9
  store <8 x float> %t123, ptr %t128, align 4
  %t129 = getelementptr inbounds <8 x float>, ptr %t1, i64 15
  store <8 x float> %t124, ptr %t129, align 4
  %t130 = getelementptr inbounds <8 x float>, ptr %t1, i64 21
  store <8 x float> %t126, ptr %t130, align 4
  %t131 = mul i64 %point, 4
  %t132 = getelementptr inbounds float, ptr %t6, i64 %t131
  %t133 = load <8 x float>, ptr %t132, align 4
  %t134 = mul i64 %point, 10
  %t135 = getelementptr inbounds float, ptr %t6, i64 %t134
  %t136 = load <8 x float>, ptr %t135, align 4
  %t137 = mul i64 %point, 16
  %t138 = getelementptr inbounds float, ptr %t6, i64 %t137
  %t139 = load <8 x float>, ptr %t138, align 4
  %t140 = mul i64 %point, 22
  %t141 = getelementptr inbounds float, ptr %t6, i64 %t140
  %t142 = load <8 x float>, ptr %t141, align 4
  %t143 = mul i64 %point, 28
  %t144 = getelementptr inbounds float, ptr %t6, i64 %t143
  %t145 = load <8 x float>, ptr %t144, align 4
  %t146 = mul i64 %point, 34
  %t147 = getelementptr inbounds float, ptr %t6, i64 %t146
  %t148 = load <8 x float>, ptr %t147, align 4
  %t149 = fadd <8 x float> %t136, %t139
  %t150 = fsub <8 x float> %t136, %t139
  %t151 = fadd <8 x float> %t142, %t145
  %t152 = fsub <8 x float> %t142, %t145
  %t153 = fadd <8 x float> %t133, %t149
  %t154 = fadd <8 x float> %t153, %t151
  %t155 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t152, <8 x float> %t150)
  %t156 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t151, <8 x float> %t149)
  %t157 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4020000000000000), <8 x float> %t152, <8 x float> %t150)
  %t158 = fadd <8 x float> %t157, %t148
  %t159 = getelementptr inbounds <8 x float>, ptr %t1, i64 4
  store <8 x float> %t154, ptr %t159, align 4
  %t160 = getelementptr inbounds <8 x float>, ptr %t1, i64 10
  store <8 x float> %t155, ptr %t160, align 4
  %t161 = getelementptr inbounds <8 x float>, ptr %t1, i64 16
  store <8 x float> %t156, ptr %t161, align 4
  %t162 = getelementptr inbounds <8 x float>, ptr %t1, i64 22
  store <8 x float> %t158, ptr %t162, align 4
  %t163 = mul i64 %point, 5
  %t164 = getelementptr inbounds float, ptr %t6, i64 %t163
  %t165 = load <8 x float>, ptr %t164, align 4
  %t166 = mul i64 %point, 11
  %t167 = getelementptr inbounds float, ptr %t6, i64 %t166
  %t168 = load <8 x float>, ptr %t167, align 4
  %t169 = mul i64 %point, 17
  %t170 = getelementptr inbounds float, ptr %t6, i64 %t169
  %t171 = load <8 x float>, ptr %t170, align 4
  %t172 = mul i64 %point, 23
  %t173 = getelementptr inbounds float, ptr %t6, i64 %t172
  %t174 = load <8 x float>, ptr %t173, align 4
  %t175 = mul i64 %point, 29
  %t176 = getelementptr inbounds float, ptr %t6, i64 %t175
  %t177 = load <8 x float>, ptr %t176, align 4
  %t178 = mul i64 %point, 35
  %t179 = getelementptr inbounds float, ptr %t6, i64 %t178
  %t180 = load <8 x float>, ptr %t179, align 4
  %t181 = fadd <8 x float> %t168, %t171
  %t182 = fsub <8 x float> %t168, %t171
  %t183 = fadd <8 x float> %t174, %t177
  %t184 = fsub <8 x float> %t174, %t177
  %t185 = fadd <8 x float> %t165, %t181
  %t186 = fadd <8 x float> %t185, %t183
  %t187 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t184, <8 x float> %t182)
  %t188 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t183, <8 x float> %t181)
  %t189 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4020000000000000), <8 x float> %t184, <8 x float> %t182)
  %t190 = fadd <8 x float> %t189, %t180
  %t191 = getelementptr inbounds <8 x float>, ptr %t1, i64 5
  store <8 x float> %t186, ptr %t191, align 4
  %t192 = getelementptr inbounds <8 x float>, ptr %t1, i64 11
  store <8 x float> %t187, ptr %t192, align 4
  %t193 = getelementptr inbounds <8 x float>, ptr %t1, i64 17
  store <8 x float> %t188, ptr %t193, align 4
  %t194 = getelementptr inbounds <8 x float>, ptr %t1, i64 23
  store <8 x float> %t190, ptr %t194, align 4
  %t195 = getelementptr inbounds float, ptr %operand0, i64 %t5
  %t196 = getelementptr inbounds float, ptr %operand1, i64 %t5
  %t197 = getelementptr inbounds float, ptr %operand2, i64 %t5
  br label %b198
b198:
  %t201 = phi i64 [0, %b2], [%t301, %b237]
  %t202 = mul i64 %t201, 6
  %t203 = getelementptr inbounds <8 x float>, ptr %t1, i64 %t202
  %t204 = load <8 x float>, ptr %t203, align 4
  %t205 = add i64 %t202, 1
  %t206 = getelementptr inbounds <8 x float>, ptr %t1, i64 %t205
  %t207 = load <8 x float>, ptr %t206, align 4
  %t208 = add i64 %t202, 2
  %t209 = getelementptr inbounds <8 x float>, ptr %t1, i64 %t208
  %t210 = load <8 x float>, ptr %t209, align 4
  %t211 = add i64 %t202, 3
  %t212 = getelementptr inbounds <8 x float>, ptr %t1, i64 %t211
  %t213 = load <8 x float>, ptr %t212, align 4
  %t214 = add i64 %t202, 4
  %t215 = getelementptr inbounds <8 x float>, ptr %t1, i64 %t214
  %t216 = load <8 x float>, ptr %t215, align 4
  %t217 = add i64 %t202, 5
  %t218 = getelementptr inbounds <8 x float>, ptr %t1, i64 %t217
  %t219 = load <8 x float>, ptr %t218, align 4
  %t220 = fadd <8 x float> %t207, %t210
  %t221 = fsub <8 x float> %t207, %t210
  %t222 = fadd <8 x float> %t213, %t216
  %t223 = fsub <8 x float> %t213, %t216
  %t224 = fadd <8 x float> %t204, %t220
  %t225 = fadd <8 x float> %t224, %t222
  %t226 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4000000000000000), <8 x float> %t223, <8 x float> %t221)
  %t227 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4010000000000000), <8 x float> %t222, <8 x float> %t220)
  %t228 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x4020000000000000), <8 x float> %t223, <8 x float> %t221)
  %t229 = fadd <8 x float> %t228, %t219
  %t230 = mul i64 %t201, 448
  %t231 = getelementptr inbounds float, ptr %t196, i64 %t230
  %t232 = mul i64 %t201, 448
  %t233 = getelementptr inbounds float, ptr %t197, i64 %t232
  %t234 = icmp eq i64 %columns, 4
  br i1 %t234, label %b235, label %b236
b235:
  %t238 = load <8 x float>, ptr %t195, align 4
  %t239 = fadd <8 x float> %t225, %t238
  %t240 = load <8 x float>, ptr %t231, align 4
  %t241 = fadd <8 x float> %t239, %t240
  %t242 = fcmp ogt <8 x float> splat (float 0x0000000000000000), %t241
  %t243 = select <8 x i1> %t242, <8 x float> splat (float 0x0000000000000000), <8 x float> %t241
  store <8 x float> %t243, ptr %t233, align 4
  %t244 = getelementptr inbounds float, ptr %t231, i64 32
  %t245 = getelementptr inbounds float, ptr %t233, i64 32
  %t246 = fadd <8 x float> %t226, %t238
  %t247 = load <8 x float>, ptr %t244, align 4
  %t248 = fadd <8 x float> %t246, %t247
  %t249 = fcmp ogt <8 x float> splat (float 0x0000000000000000), %t248
  %t250 = select <8 x i1> %t249, <8 x float> splat (float 0x0000000000000000), <8 x float> %t248
  store <8 x float> %t250, ptr %t245, align 4
  %t251 = getelementptr inbounds float, ptr %t231, i64 64
  %t252 = getelementptr inbounds float, ptr %t233, i64 64
  %t253 = fadd <8 x float> %t227, %t238
  %t254 = load <8 x float>, ptr %t251, align 4
  %t255 = fadd <8 x float> %t253, %t254
  %t256 = fcmp ogt <8 x float> splat (float 0x0000000000000000), %t255
  %t257 = select <8 x i1> %t256, <8 x float> splat (float 0x0000000000000000), <8 x float> %t255
  store <8 x float> %t257, ptr %t252, align 4
  %t258 = getelementptr inbounds float, ptr %t231, i64 96
  %t259 = getelementptr inbounds float, ptr %t233, i64 96
  %t260 = fadd <8 x float> %t229, %t238
  %t261 = load <8 x float>, ptr %t258, align 4
  %t262 = fadd <8 x float> %t260, %t261
  %t263 = fcmp ogt <8 x float> splat (float 0x0000000000000000), %t262
  %t264 = select <8 x i1> %t263, <8 x float> splat (float 0x0000000000000000), <8 x float> %t262
  store <8 x float> %t264, ptr %t259, align 4
  br label %b237
b236:
  store <8 x float> %t225, ptr %t266, align 4
  %t267 = getelementptr inbounds float, ptr %t266, i64 8
  store <8 x float> %t226, ptr %t267, align 4
  %t268 = getelementptr inbounds float, ptr %t266, i64 16
  store <8 x float> %t227, ptr %t268, align 4
  %t269 = getelementptr inbounds float, ptr %t266, i64 24
  store <8 x float> %t229, ptr %t269, align 4
  store i64 0, ptr %t270, align 8
  %t271 = getelementptr inbounds i64, ptr %t270, i64 1
  store i64 32, ptr %t271, align 8
  %t272 = getelementptr inbounds i64, ptr %t270, i64 2
  store i64 64, ptr %t272, align 8
  %t273 = getelementptr inbounds i64, ptr %t270, i64 3
  store i64 96, ptr %t273, align 8
  store i64 0, ptr %t274, align 8
  %t275 = getelementptr inbounds i64, ptr %t274, i64 1
  store i64 32, ptr %t275, align 8
  %t276 = getelementptr inbounds i64, ptr %t274, i64 2
  store i64 64, ptr %t276, align 8
  %t277 = getelementptr inbounds i64, ptr %t274, i64 3
  store i64 96, ptr %t277, align 8
  br label %b278
b278:
  %t281 = phi i64 [0, %b236], [%t297, %b278]
  %t282 = getelementptr inbounds i64, ptr %t270, i64 %t281
  %t283 = load i64, ptr %t282, align 8
  %t284 = getelementptr inbounds float, ptr %t231, i64 %t283
  %t285 = getelementptr inbounds i64, ptr %t274, i64 %t281
  %t286 = load i64, ptr %t285, align 8
  %t287 = getelementptr inbounds float, ptr %t233, i64 %t286
  %t288 = mul i64 %t281, 8
  %t289 = getelementptr inbounds float, ptr %t266, i64 %t288
  %t290 = load <8 x float>, ptr %t289, align 4
  %t291 = load <8 x float>, ptr %t195, align 4
  %t292 = fadd <8 x float> %t290, %t291
  %t293 = load <8 x float>, ptr %t284, align 4
  %t294 = fadd <8 x float> %t292, %t293
  %t295 = fcmp ogt <8 x float> splat (float 0x0000000000000000), %t294
  %t296 = select <8 x i1> %t295, <8 x float> splat (float 0x0000000000000000), <8 x float> %t294
  store <8 x float> %t296, ptr %t287, align 4
  %t297 = add nsw i64 %t281, 1
  %t298 = icmp slt i64 %t297, %columns
  br i1 %t298, label %b278, label %b279
b279:
  br label %b237
b237:
  %t301 = add nsw i64 %t201, 1
  %t302 = icmp slt i64 %t301, %rows
  br i1 %t302, label %b198, label %b199
b199:
  %t304 = add nsw i64 %t5, 8
  %t305 = icmp slt i64 %t304, 32
  br i1 %t305, label %b2, label %b3
b3:
  ret void
}
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
