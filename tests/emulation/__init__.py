# SPDX-License-Identifier: Apache-2.0
"""The CUDA target without a GPU: kernels compiled for the host, and a driver that runs them."""
