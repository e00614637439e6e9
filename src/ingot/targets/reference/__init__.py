# SPDX-License-Identifier: Apache-2.0
"""The reference target: plans interpreted with NumPy, one node a kernel, by the op records."""
