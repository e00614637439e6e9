# SPDX-License-Identifier: Apache-2.0
"""Hand-shaped kernel families, one file each; `catalogue.py` lists them."""
