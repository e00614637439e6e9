# SPDX-License-Identifier: Apache-2.0
"""Kernel families for GPUs: each file one family, the generic loops among them."""
