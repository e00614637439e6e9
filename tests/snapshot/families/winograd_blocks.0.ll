define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) #0 {
entry:
  %t1 = getelementptr inbounds i64, ptr %frame, i64 1
  %t2 = load ptr, ptr %t1, align 8
  %t3 = getelementptr inbounds i64, ptr %frame, i64 2
  %t4 = load ptr, ptr %t3, align 8
  %t8 = icmp slt i64 %begin, %end
  br i1 %t8, label %b5, label %b6
b5:
  %t9 = phi i64 [%begin, %entry], [%t411, %b20]
  %t10 = urem i64 %t9, 32
  %t11 = udiv i64 %t9, 32
  %t12 = mul i64 %t11, 16
  %t13 = mul i64 %t10, 9
  %t14 = getelementptr inbounds float, ptr %t2, i64 %t13
  %t15 = mul i64 %t11, 32
  %t16 = add i64 %t15, %t10
  %t17 = mul i64 %t16, 16
  %t18 = getelementptr inbounds float, ptr %t4, i64 %t17
  br label %b19
b19:
  %t22 = phi i64 [0, %b5], [%t408, %b19]
  %t23 = add i64 %t12, %t22
  %t24 = mul i64 %t23, 288
  %t25 = getelementptr inbounds float, ptr %t14, i64 %t24
  %t26 = add i64 %t23, 1
  %t27 = mul i64 %t26, 288
  %t28 = getelementptr inbounds float, ptr %t14, i64 %t27
  %t29 = add i64 %t23, 2
  %t30 = mul i64 %t29, 288
  %t31 = getelementptr inbounds float, ptr %t14, i64 %t30
  %t32 = add i64 %t23, 3
  %t33 = mul i64 %t32, 288
  %t34 = getelementptr inbounds float, ptr %t14, i64 %t33
  %t35 = add i64 %t23, 4
  %t36 = mul i64 %t35, 288
  %t37 = getelementptr inbounds float, ptr %t14, i64 %t36
  %t38 = add i64 %t23, 5
  %t39 = mul i64 %t38, 288
  %t40 = getelementptr inbounds float, ptr %t14, i64 %t39
  %t41 = add i64 %t23, 6
  %t42 = mul i64 %t41, 288
  %t43 = getelementptr inbounds float, ptr %t14, i64 %t42
  %t44 = add i64 %t23, 7
  %t45 = mul i64 %t44, 288
  %t46 = getelementptr inbounds float, ptr %t14, i64 %t45
  %t47 = load float, ptr %t25, align 4
  %t48 = load float, ptr %t28, align 4
  %t49 = load float, ptr %t31, align 4
  %t50 = load float, ptr %t34, align 4
  %t51 = load float, ptr %t37, align 4
  %t52 = load float, ptr %t40, align 4
  %t53 = load float, ptr %t43, align 4
  %t54 = load float, ptr %t46, align 4
  %t55 = insertelement <8 x float> poison, float %t47, i64 0
  %t56 = insertelement <8 x float> %t55, float %t48, i64 1
  %t57 = insertelement <8 x float> %t56, float %t49, i64 2
  %t58 = insertelement <8 x float> %t57, float %t50, i64 3
  %t59 = insertelement <8 x float> %t58, float %t51, i64 4
  %t60 = insertelement <8 x float> %t59, float %t52, i64 5
  %t61 = insertelement <8 x float> %t60, float %t53, i64 6
  %t62 = insertelement <8 x float> %t61, float %t54, i64 7
  %t63 = getelementptr inbounds float, ptr %t25, i64 1
  %t64 = load float, ptr %t63, align 4
  %t65 = getelementptr inbounds float, ptr %t28, i64 1
  %t66 = load float, ptr %t65, align 4
  %t67 = getelementptr inbounds float, ptr %t31, i64 1
  %t68 = load float, ptr %t67, align 4
  %t69 = getelementptr inbounds float, ptr %t34, i64 1
  %t70 = load float, ptr %t69, align 4
  %t71 = getelementptr inbounds float, ptr %t37, i64 1
  %t72 = load float, ptr %t71, align 4
  %t73 = getelementptr inbounds float, ptr %t40, i64 1
  %t74 = load float, ptr %t73, align 4
  %t75 = getelementptr inbounds float, ptr %t43, i64 1
  %t76 = load float, ptr %t75, align 4
  %t77 = getelementptr inbounds float, ptr %t46, i64 1
  %t78 = load float, ptr %t77, align 4
  %t79 = insertelement <8 x float> poison, float %t64, i64 0
  %t80 = insertelement <8 x float> %t79, float %t66, i64 1
  %t81 = insertelement <8 x float> %t80, float %t68, i64 2
  %t82 = insertelement <8 x float> %t81, float %t70, i64 3
  %t83 = insertelement <8 x float> %t82, float %t72, i64 4
  %t84 = insertelement <8 x float> %t83, float %t74, i64 5
  %t85 = insertelement <8 x float> %t84, float %t76, i64 6
  %t86 = insertelement <8 x float> %t85, float %t78, i64 7
  %t87 = getelementptr inbounds float, ptr %t25, i64 2
  %t88 = load float, ptr %t87, align 4
  %t89 = getelementptr inbounds float, ptr %t28, i64 2
  %t90 = load float, ptr %t89, align 4
  %t91 = getelementptr inbounds float, ptr %t31, i64 2
  %t92 = load float, ptr %t91, align 4
  %t93 = getelementptr inbounds float, ptr %t34, i64 2
  %t94 = load float, ptr %t93, align 4
  %t95 = getelementptr inbounds float, ptr %t37, i64 2
  %t96 = load float, ptr %t95, align 4
  %t97 = getelementptr inbounds float, ptr %t40, i64 2
  %t98 = load float, ptr %t97, align 4
  %t99 = getelementptr inbounds float, ptr %t43, i64 2
  %t100 = load float, ptr %t99, align 4
  %t101 = getelementptr inbounds float, ptr %t46, i64 2
  %t102 = load float, ptr %t101, align 4
  %t103 = insertelement <8 x float> poison, float %t88, i64 0
  %t104 = insertelement <8 x float> %t103, float %t90, i64 1
  %t105 = insertelement <8 x float> %t104, float %t92, i64 2
  %t106 = insertelement <8 x float> %t105, float %t94, i64 3
  %t107 = insertelement <8 x float> %t106, float %t96, i64 4
  %t108 = insertelement <8 x float> %t107, float %t98, i64 5
  %t109 = insertelement <8 x float> %t108, float %t100, i64 6
  %t110 = insertelement <8 x float> %t109, float %t102, i64 7
  %t111 = getelementptr inbounds float, ptr %t25, i64 3
  %t112 = load float, ptr %t111, align 4
  %t113 = getelementptr inbounds float, ptr %t28, i64 3
  %t114 = load float, ptr %t113, align 4
  %t115 = getelementptr inbounds float, ptr %t31, i64 3
  %t116 = load float, ptr %t115, align 4
  %t117 = getelementptr inbounds float, ptr %t34, i64 3
  %t118 = load float, ptr %t117, align 4
  %t119 = getelementptr inbounds float, ptr %t37, i64 3
  %t120 = load float, ptr %t119, align 4
  %t121 = getelementptr inbounds float, ptr %t40, i64 3
  %t122 = load float, ptr %t121, align 4
  %t123 = getelementptr inbounds float, ptr %t43, i64 3
  %t124 = load float, ptr %t123, align 4
  %t125 = getelementptr inbounds float, ptr %t46, i64 3
  %t126 = load float, ptr %t125, align 4
  %t127 = insertelement <8 x float> poison, float %t112, i64 0
  %t128 = insertelement <8 x float> %t127, float %t114, i64 1
  %t129 = insertelement <8 x float> %t128, float %t116, i64 2
  %t130 = insertelement <8 x float> %t129, float %t118, i64 3
  %t131 = insertelement <8 x float> %t130, float %t120, i64 4
  %t132 = insertelement <8 x float> %t131, float %t122, i64 5
  %t133 = insertelement <8 x float> %t132, float %t124, i64 6
  %t134 = insertelement <8 x float> %t133, float %t126, i64 7
  %t135 = getelementptr inbounds float, ptr %t25, i64 4
  %t136 = load float, ptr %t135, align 4
  %t137 = getelementptr inbounds float, ptr %t28, i64 4
  %t138 = load float, ptr %t137, align 4
  %t139 = getelementptr inbounds float, ptr %t31, i64 4
  %t140 = load float, ptr %t139, align 4
  %t141 = getelementptr inbounds float, ptr %t34, i64 4
  %t142 = load float, ptr %t141, align 4
  %t143 = getelementptr inbounds float, ptr %t37, i64 4
  %t144 = load float, ptr %t143, align 4
  %t145 = getelementptr inbounds float, ptr %t40, i64 4
  %t146 = load float, ptr %t145, align 4
  %t147 = getelementptr inbounds float, ptr %t43, i64 4
  %t148 = load float, ptr %t147, align 4
  %t149 = getelementptr inbounds float, ptr %t46, i64 4
  %t150 = load float, ptr %t149, align 4
  %t151 = insertelement <8 x float> poison, float %t136, i64 0
  %t152 = insertelement <8 x float> %t151, float %t138, i64 1
  %t153 = insertelement <8 x float> %t152, float %t140, i64 2
  %t154 = insertelement <8 x float> %t153, float %t142, i64 3
  %t155 = insertelement <8 x float> %t154, float %t144, i64 4
  %t156 = insertelement <8 x float> %t155, float %t146, i64 5
  %t157 = insertelement <8 x float> %t156, float %t148, i64 6
  %t158 = insertelement <8 x float> %t157, float %t150, i64 7
  %t159 = getelementptr inbounds float, ptr %t25, i64 5
  %t160 = load float, ptr %t159, align 4
  %t161 = getelementptr inbounds float, ptr %t28, i64 5
  %t162 = load float, ptr %t161, align 4
  %t163 = getelementptr inbounds float, ptr %t31, i64 5
  %t164 = load float, ptr %t163, align 4
  %t165 = getelementptr inbounds float, ptr %t34, i64 5
  %t166 = load float, ptr %t165, align 4
  %t167 = getelementptr inbounds float, ptr %t37, i64 5
  %t168 = load float, ptr %t167, align 4
  %t169 = getelementptr inbounds float, ptr %t40, i64 5
  %t170 = load float, ptr %t169, align 4
  %t171 = getelementptr inbounds float, ptr %t43, i64 5
  %t172 = load float, ptr %t171, align 4
  %t173 = getelementptr inbounds float, ptr %t46, i64 5
  %t174 = load float, ptr %t173, align 4
  %t175 = insertelement <8 x float> poison, float %t160, i64 0
  %t176 = insertelement <8 x float> %t175, float %t162, i64 1
  %t177 = insertelement <8 x float> %t176, float %t164, i64 2
  %t178 = insertelement <8 x float> %t177, float %t166, i64 3
  %t179 = insertelement <8 x float> %t178, float %t168, i64 4
  %t180 = insertelement <8 x float> %t179, float %t170, i64 5
  %t181 = insertelement <8 x float> %t180, float %t172, i64 6
  %t182 = insertelement <8 x float> %t181, float %t174, i64 7
  %t183 = getelementptr inbounds float, ptr %t25, i64 6
  %t184 = load float, ptr %t183, align 4
  %t185 = getelementptr inbounds float, ptr %t28, i64 6
  %t186 = load float, ptr %t185, align 4
  %t187 = getelementptr inbounds float, ptr %t31, i64 6
  %t188 = load float, ptr %t187, align 4
  %t189 = getelementptr inbounds float, ptr %t34, i64 6
  %t190 = load float, ptr %t189, align 4
  %t191 = getelementptr inbounds float, ptr %t37, i64 6
  %t192 = load float, ptr %t191, align 4
  %t193 = getelementptr inbounds float, ptr %t40, i64 6
  %t194 = load float, ptr %t193, align 4
  %t195 = getelementptr inbounds float, ptr %t43, i64 6
  %t196 = load float, ptr %t195, align 4
  %t197 = getelementptr inbounds float, ptr %t46, i64 6
  %t198 = load float, ptr %t197, align 4
  %t199 = insertelement <8 x float> poison, float %t184, i64 0
  %t200 = insertelement <8 x float> %t199, float %t186, i64 1
  %t201 = insertelement <8 x float> %t200, float %t188, i64 2
  %t202 = insertelement <8 x float> %t201, float %t190, i64 3
  %t203 = insertelement <8 x float> %t202, float %t192, i64 4
  %t204 = insertelement <8 x float> %t203, float %t194, i64 5
  %t205 = insertelement <8 x float> %t204, float %t196, i64 6
  %t206 = insertelement <8 x float> %t205, float %t198, i64 7
  %t207 = getelementptr inbounds float, ptr %t25, i64 7
  %t208 = load float, ptr %t207, align 4
  %t209 = getelementptr inbounds float, ptr %t28, i64 7
  %t210 = load float, ptr %t209, align 4
  %t211 = getelementptr inbounds float, ptr %t31, i64 7
  %t212 = load float, ptr %t211, align 4
  %t213 = getelementptr inbounds float, ptr %t34, i64 7
  %t214 = load float, ptr %t213, align 4
  %t215 = getelementptr inbounds float, ptr %t37, i64 7
  %t216 = load float, ptr %t215, align 4
  %t217 = getelementptr inbounds float, ptr %t40, i64 7
  %t218 = load float, ptr %t217, align 4
  %t219 = getelementptr inbounds float, ptr %t43, i64 7
  %t220 = load float, ptr %t219, align 4
  %t221 = getelementptr inbounds float, ptr %t46, i64 7
  %t222 = load float, ptr %t221, align 4
  %t223 = insertelement <8 x float> poison, float %t208, i64 0
  %t224 = insertelement <8 x float> %t223, float %t210, i64 1
  %t225 = insertelement <8 x float> %t224, float %t212, i64 2
  %t226 = insertelement <8 x float> %t225, float %t214, i64 3
  %t227 = insertelement <8 x float> %t226, float %t216, i64 4
  %t228 = insertelement <8 x float> %t227, float %t218, i64 5
  %t229 = insertelement <8 x float> %t228, float %t220, i64 6
  %t230 = insertelement <8 x float> %t229, float %t222, i64 7
  %t231 = getelementptr inbounds float, ptr %t25, i64 8
  %t232 = load float, ptr %t231, align 4
  %t233 = getelementptr inbounds float, ptr %t28, i64 8
  %t234 = load float, ptr %t233, align 4
  %t235 = getelementptr inbounds float, ptr %t31, i64 8
  %t236 = load float, ptr %t235, align 4
  %t237 = getelementptr inbounds float, ptr %t34, i64 8
  %t238 = load float, ptr %t237, align 4
  %t239 = getelementptr inbounds float, ptr %t37, i64 8
  %t240 = load float, ptr %t239, align 4
  %t241 = getelementptr inbounds float, ptr %t40, i64 8
  %t242 = load float, ptr %t241, align 4
  %t243 = getelementptr inbounds float, ptr %t43, i64 8
  %t244 = load float, ptr %t243, align 4
  %t245 = getelementptr inbounds float, ptr %t46, i64 8
  %t246 = load float, ptr %t245, align 4
  %t247 = insertelement <8 x float> poison, float %t232, i64 0
  %t248 = insertelement <8 x float> %t247, float %t234, i64 1
  %t249 = insertelement <8 x float> %t248, float %t236, i64 2
  %t250 = insertelement <8 x float> %t249, float %t238, i64 3
  %t251 = insertelement <8 x float> %t250, float %t240, i64 4
  %t252 = insertelement <8 x float> %t251, float %t242, i64 5
  %t253 = insertelement <8 x float> %t252, float %t244, i64 6
  %t254 = insertelement <8 x float> %t253, float %t246, i64 7
  %t255 = getelementptr inbounds float, ptr %t18, i64 %t22
  %t256 = fmul <8 x float> splat (float 0x3FD0000000000000), %t62
  %t257 = fmul <8 x float> splat (float 0xBFC5555560000000), %t62
  %t258 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t134, <8 x float> %t257)
  %t259 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t206, <8 x float> %t258)
  %t260 = fmul <8 x float> splat (float 0xBFC5555560000000), %t62
  %t261 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t134, <8 x float> %t260)
  %t262 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t206, <8 x float> %t261)
  %t263 = fmul <8 x float> splat (float 0x3FA5555560000000), %t62
  %t264 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t134, <8 x float> %t263)
  %t265 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t206, <8 x float> %t264)
  %t266 = fmul <8 x float> splat (float 0x3FA5555560000000), %t62
  %t267 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t134, <8 x float> %t266)
  %t268 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t206, <8 x float> %t267)
  %t269 = fmul <8 x float> splat (float 0x3FD0000000000000), %t86
  %t270 = fmul <8 x float> splat (float 0xBFC5555560000000), %t86
  %t271 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t158, <8 x float> %t270)
  %t272 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t230, <8 x float> %t271)
  %t273 = fmul <8 x float> splat (float 0xBFC5555560000000), %t86
  %t274 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t158, <8 x float> %t273)
  %t275 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t230, <8 x float> %t274)
  %t276 = fmul <8 x float> splat (float 0x3FA5555560000000), %t86
  %t277 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t158, <8 x float> %t276)
  %t278 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t230, <8 x float> %t277)
  %t279 = fmul <8 x float> splat (float 0x3FA5555560000000), %t86
  %t280 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t158, <8 x float> %t279)
  %t281 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t230, <8 x float> %t280)
  %t282 = fmul <8 x float> splat (float 0x3FD0000000000000), %t110
  %t283 = fmul <8 x float> splat (float 0xBFC5555560000000), %t110
  %t284 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t182, <8 x float> %t283)
  %t285 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t254, <8 x float> %t284)
  %t286 = fmul <8 x float> splat (float 0xBFC5555560000000), %t110
  %t287 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t182, <8 x float> %t286)
  %t288 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t254, <8 x float> %t287)
  %t289 = fmul <8 x float> splat (float 0x3FA5555560000000), %t110
  %t290 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t182, <8 x float> %t289)
  %t291 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t254, <8 x float> %t290)
  %t292 = fmul <8 x float> splat (float 0x3FA5555560000000), %t110
  %t293 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t182, <8 x float> %t292)
  %t294 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t254, <8 x float> %t293)
  %t295 = fmul <8 x float> splat (float 0x3FD0000000000000), %t256
  %t296 = fmul <8 x float> splat (float 0xBFC5555560000000), %t256
  %t297 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t269, <8 x float> %t296)
  %t298 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t282, <8 x float> %t297)
  %t299 = fmul <8 x float> splat (float 0xBFC5555560000000), %t256
  %t300 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t269, <8 x float> %t299)
  %t301 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t282, <8 x float> %t300)
  %t302 = fmul <8 x float> splat (float 0x3FA5555560000000), %t256
  %t303 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t269, <8 x float> %t302)
  %t304 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t282, <8 x float> %t303)
  %t305 = fmul <8 x float> splat (float 0x3FA5555560000000), %t256
  %t306 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t269, <8 x float> %t305)
  %t307 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t282, <8 x float> %t306)
  %t308 = fmul <8 x float> splat (float 0x3FD0000000000000), %t259
  %t309 = fmul <8 x float> splat (float 0xBFC5555560000000), %t259
  %t310 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t272, <8 x float> %t309)
  %t311 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t285, <8 x float> %t310)
  %t312 = fmul <8 x float> splat (float 0xBFC5555560000000), %t259
  %t313 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t272, <8 x float> %t312)
  %t314 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t285, <8 x float> %t313)
  %t315 = fmul <8 x float> splat (float 0x3FA5555560000000), %t259
  %t316 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t272, <8 x float> %t315)
  %t317 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t285, <8 x float> %t316)
  %t318 = fmul <8 x float> splat (float 0x3FA5555560000000), %t259
  %t319 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t272, <8 x float> %t318)
  %t320 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t285, <8 x float> %t319)
  %t321 = fmul <8 x float> splat (float 0x3FD0000000000000), %t262
  %t322 = fmul <8 x float> splat (float 0xBFC5555560000000), %t262
  %t323 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t275, <8 x float> %t322)
  %t324 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t288, <8 x float> %t323)
  %t325 = fmul <8 x float> splat (float 0xBFC5555560000000), %t262
  %t326 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t275, <8 x float> %t325)
  %t327 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t288, <8 x float> %t326)
  %t328 = fmul <8 x float> splat (float 0x3FA5555560000000), %t262
  %t329 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t275, <8 x float> %t328)
  %t330 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t288, <8 x float> %t329)
  %t331 = fmul <8 x float> splat (float 0x3FA5555560000000), %t262
  %t332 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t275, <8 x float> %t331)
  %t333 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t288, <8 x float> %t332)
  %t334 = fmul <8 x float> splat (float 0x3FD0000000000000), %t265
  %t335 = fmul <8 x float> splat (float 0xBFC5555560000000), %t265
  %t336 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t278, <8 x float> %t335)
  %t337 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t291, <8 x float> %t336)
  %t338 = fmul <8 x float> splat (float 0xBFC5555560000000), %t265
  %t339 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t278, <8 x float> %t338)
  %t340 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t291, <8 x float> %t339)
  %t341 = fmul <8 x float> splat (float 0x3FA5555560000000), %t265
  %t342 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t278, <8 x float> %t341)
  %t343 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t291, <8 x float> %t342)
  %t344 = fmul <8 x float> splat (float 0x3FA5555560000000), %t265
  %t345 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t278, <8 x float> %t344)
  %t346 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t291, <8 x float> %t345)
  %t347 = fmul <8 x float> splat (float 0x3FD0000000000000), %t268
  %t348 = fmul <8 x float> splat (float 0xBFC5555560000000), %t268
  %t349 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t281, <8 x float> %t348)
  %t350 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t294, <8 x float> %t349)
  %t351 = fmul <8 x float> splat (float 0xBFC5555560000000), %t268
  %t352 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t281, <8 x float> %t351)
  %t353 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t294, <8 x float> %t352)
  %t354 = fmul <8 x float> splat (float 0x3FA5555560000000), %t268
  %t355 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t281, <8 x float> %t354)
  %t356 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t294, <8 x float> %t355)
  %t357 = fmul <8 x float> splat (float 0x3FA5555560000000), %t268
  %t358 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t281, <8 x float> %t357)
  %t359 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t294, <8 x float> %t358)
  %t360 = fmul <8 x float> splat (float 0x3FD0000000000000), %t206
  %t361 = fmul <8 x float> splat (float 0xBFC5555560000000), %t206
  %t362 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t230, <8 x float> %t361)
  %t363 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t254, <8 x float> %t362)
  %t364 = fmul <8 x float> splat (float 0xBFC5555560000000), %t206
  %t365 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t230, <8 x float> %t364)
  %t366 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFC5555560000000), <8 x float> %t254, <8 x float> %t365)
  %t367 = fmul <8 x float> splat (float 0x3FA5555560000000), %t206
  %t368 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FB5555560000000), <8 x float> %t230, <8 x float> %t367)
  %t369 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t254, <8 x float> %t368)
  %t370 = fmul <8 x float> splat (float 0x3FA5555560000000), %t206
  %t371 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0xBFB5555560000000), <8 x float> %t230, <8 x float> %t370)
  %t372 = call <8 x float> @llvm.fma.v8f32(<8 x float> splat (float 0x3FC5555560000000), <8 x float> %t254, <8 x float> %t371)
  store <8 x float> %t295, ptr %t255, align 4
  %t373 = getelementptr inbounds float, ptr %t255, i64 1024
  store <8 x float> %t298, ptr %t373, align 4
  %t374 = getelementptr inbounds float, ptr %t255, i64 2048
  store <8 x float> %t301, ptr %t374, align 4
  %t375 = getelementptr inbounds float, ptr %t255, i64 3072
  store <8 x float> %t304, ptr %t375, align 4
  %t376 = getelementptr inbounds float, ptr %t255, i64 4096
  store <8 x float> %t307, ptr %t376, align 4
  %t377 = getelementptr inbounds float, ptr %t255, i64 5120
  store <8 x float> %t282, ptr %t377, align 4
  %t378 = getelementptr inbounds float, ptr %t255, i64 6144
  store <8 x float> %t308, ptr %t378, align 4
  %t379 = getelementptr inbounds float, ptr %t255, i64 7168
  store <8 x float> %t311, ptr %t379, align 4
  %t380 = getelementptr inbounds float, ptr %t255, i64 8192
  store <8 x float> %t314, ptr %t380, align 4
  %t381 = getelementptr inbounds float, ptr %t255, i64 9216
  store <8 x float> %t317, ptr %t381, align 4
  %t382 = getelementptr inbounds float, ptr %t255, i64 10240
  store <8 x float> %t320, ptr %t382, align 4
  %t383 = getelementptr inbounds float, ptr %t255, i64 11264
  store <8 x float> %t285, ptr %t383, align 4
  %t384 = getelementptr inbounds float, ptr %t255, i64 12288
  store <8 x float> %t321, ptr %t384, align 4
  %t385 = getelementptr inbounds float, ptr %t255, i64 13312
  store <8 x float> %t324, ptr %t385, align 4
  %t386 = getelementptr inbounds float, ptr %t255, i64 14336
  store <8 x float> %t327, ptr %t386, align 4
  %t387 = getelementptr inbounds float, ptr %t255, i64 15360
  store <8 x float> %t330, ptr %t387, align 4
  %t388 = getelementptr inbounds float, ptr %t255, i64 16384
  store <8 x float> %t333, ptr %t388, align 4
  %t389 = getelementptr inbounds float, ptr %t255, i64 17408
  store <8 x float> %t288, ptr %t389, align 4
  %t390 = getelementptr inbounds float, ptr %t255, i64 18432
  store <8 x float> %t334, ptr %t390, align 4
  %t391 = getelementptr inbounds float, ptr %t255, i64 19456
  store <8 x float> %t337, ptr %t391, align 4
  %t392 = getelementptr inbounds float, ptr %t255, i64 20480
  store <8 x float> %t340, ptr %t392, align 4
  %t393 = getelementptr inbounds float, ptr %t255, i64 21504
  store <8 x float> %t343, ptr %t393, align 4
  %t394 = getelementptr inbounds float, ptr %t255, i64 22528
  store <8 x float> %t346, ptr %t394, align 4
  %t395 = getelementptr inbounds float, ptr %t255, i64 23552
  store <8 x float> %t291, ptr %t395, align 4
  %t396 = getelementptr inbounds float, ptr %t255, i64 24576
  store <8 x float> %t347, ptr %t396, align 4
  %t397 = getelementptr inbounds float, ptr %t255, i64 25600
  store <8 x float> %t350, ptr %t397, align 4
  %t398 = getelementptr inbounds float, ptr %t255, i64 26624
  store <8 x float> %t353, ptr %t398, align 4
  %t399 = getelementptr inbounds float, ptr %t255, i64 27648
  store <8 x float> %t356, ptr %t399, align 4
  %t400 = getelementptr inbounds float, ptr %t255, i64 28672
  store <8 x float> %t359, ptr %t400, align 4
  %t401 = getelementptr inbounds float, ptr %t255, i64 29696
  store <8 x float> %t294, ptr %t401, align 4
  %t402 = getelementptr inbounds float, ptr %t255, i64 30720
  store <8 x float> %t360, ptr %t402, align 4
  %t403 = getelementptr inbounds float, ptr %t255, i64 31744
  store <8 x float> %t363, ptr %t403, align 4
  %t404 = getelementptr inbounds float, ptr %t255, i64 32768
  store <8 x float> %t366, ptr %t404, align 4
  %t405 = getelementptr inbounds float, ptr %t255, i64 33792
  store <8 x float> %t369, ptr %t405, align 4
  %t406 = getelementptr inbounds float, ptr %t255, i64 34816
  store <8 x float> %t372, ptr %t406, align 4
  %t407 = getelementptr inbounds float, ptr %t255, i64 35840
  store <8 x float> %t254, ptr %t407, align 4
  %t408 = add nsw i64 %t22, 8
  %t409 = icmp slt i64 %t408, 16
  br i1 %t409, label %b19, label %b20
b20:
  %t411 = add nsw i64 %t9, 1
  %t412 = icmp slt i64 %t411, %end
  br i1 %t412, label %b5, label %b6
b6:
  ret void
}
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
attributes #0 = { nounwind "no-trapping-math"="true" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
