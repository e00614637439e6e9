# SPDX-License-Identifier: Apache-2.0
"""The typed, immutable graph of tensors and ops, its text form, its verifier and its rewriter."""
