# SPDX-License-Identifier: Apache-2.0
"""Matrix products of half-precision activations with a weight, on tensor cores."""

from __future__ import annotations

from ingot.dims import is_multiple, product
from ingot.dtypes import BFLOAT16, FLOAT16, FLOAT32
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cuda.kernels.epilogue import place_epilogue, place_operand, row_stride
from ingot.targets.cuda.kernels.pack import pack_weight
from ingot.targets.cuda.kernels.product import Matrix, Product, ProductKernel
from ingot.targets.cuda.kernels.tile import choose_tile
from ingot.targets.fused import Fused, fuse

_EFFICIENCY = 0.5


MOST_TWINS = 8  # that run as one


def tensor_types(region: Region, spec: DeviceSpec, single: bool) -> str | None:
    """None where the product is of a type that the tensor cores of `spec` multiply.

    That is float32 if `single`, and a half otherwise.
    """
    assert region.anchor is not None
    dtype = region.anchor.output.dtype
    if single:
        known = dtype == FLOAT32 and "tf32" in spec.features
        return None if known else f"no TF32 of {dtype.name}"
    if dtype == BFLOAT16 and "bfloat16" in spec.features:
        return None
    return None if dtype == FLOAT16 else f"the result is {dtype.name}"


def accepts_operand(region: Region, value: Value, view: View, column: int) -> bool:
    """Whether an epilogue can walk `view`, broadcast to the result, by one stride a row."""
    shape = region.outputs[0].shape
    missing = len(shape) - view.rank
    spread = [0 if n == 1 else step for n, step in zip(view.shape, view.strides, strict=True)]
    if value in region.outputs:
        spread = list(view.strides)
    return place_operand(view, [0] * missing + spread, 0, shape, column) is not None


class TensorMatMul:
    """The family `tensor_gemm`; with `single`, for float32 as TF32, `tensor_gemm_tf32`."""

    def __init__(self, *, single: bool = False) -> None:
        self._single = single
        self.name = "tensor_gemm_tf32" if single else "tensor_gemm"
        self.option = "tf32" if single else None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for activations of its type times a weight whose rows are whole copies."""
        node = region.anchor
        if node is None or node.op != "matmul":
            return "not a matmul"
        left, right = _operands(node)
        if right not in region.weights or right.rank != 2:
            return "the right operand is no weight matrix"
        depth, columns = right.shape
        if not isinstance(depth, int) or not isinstance(columns, int):
            return "the weight has unknown sizes"
        if left.rank < 2 or depth % (16 // left.dtype.itemsize) or columns % 8 or depth == 0:
            return "sizes are not multiples of 8"
        fused = fuse(region)
        return tensor_types(region, spec, self._single) if isinstance(fused, Fused) else fused

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Cheaper than any generic kernel."""
        return 0.0

    def order(self, region: Region, value: Value) -> Order | None:
        """Row-major."""
        return None if value in region.weights else tuple(range(value.rank))

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Rows of contiguous elements that begin at multiples of 16 bytes."""
        assert region.anchor is not None
        left, right = _operands(region.anchor)
        if value is right:
            return True
        if value is left:
            stride = row_stride(view.shape[:-1], view.strides[:-1])
            unit = 16 // view.dtype.itemsize
            aligned = stride is not None and is_multiple(stride, unit, {})
            return aligned and view.strides[-1] == 1 and is_multiple(view.offset, unit, {})
        return accepts_operand(region, value, view, region.outputs[0].rank - 1)

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch; the weight is packed after loading."""
        region = placed.region
        assert region.anchor is not None
        left, right = _operands(region.anchor)
        weight, view = placed.view(right), placed.view(left)
        depth, columns = right.shape
        assert isinstance(depth, int) and isinstance(columns, int)
        packed = pack_weight(weight, (columns, depth), weight.strides[::-1], depth, spec)
        stride = row_stride(view.shape[:-1], view.strides[:-1])
        fused = fuse(region)
        assert isinstance(fused, Fused) and stride is not None
        rows = product(left.shape[:-1])
        epilogue = place_epilogue(fused, placed, left.rank - 1)
        job = Product(left.dtype, rows, columns, depth, view, Matrix(stride), packed.key, epilogue)
        halves = depth * left.dtype.itemsize // 2
        wide = columns * min(region.twins, MOST_TWINS)
        tile = choose_tile(spec, rows, wide, halves, groups=not self._single)
        return Emission((ProductKernel(job, tile, spec).launch(),), (packed,))


def _operands(node: Node) -> tuple[Value, Value]:
    left, right = node.inputs[:2]
    assert left is not None and right is not None
    return left, right
