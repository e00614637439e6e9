# SPDX-License-Identifier: Apache-2.0
"""Measurements against peers and against budgets. How they are made: docs/benchmarks.md."""
