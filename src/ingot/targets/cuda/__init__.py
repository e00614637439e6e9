# SPDX-License-Identifier: Apache-2.0
"""The CUDA target: kernels as CUDA C++, NVRTC, and the driver; nothing else of CUDA is needed."""
