# SPDX-License-Identifier: Apache-2.0
"""The mappings from ONNX operators to core ops, one file per family, same names as `ingot.ops`."""
