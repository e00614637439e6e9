# SPDX-License-Identifier: Apache-2.0
"""The CPU target: kernels as LLVM IR text, compiled to images, walked by a team of threads."""
