# SPDX-License-Identifier: Apache-2.0
"""Matrix products of any float type and layout, batched: fp32 arithmetic, or TF32 where allowed."""

from __future__ import annotations

from ingot.dims import Dim
from ingot.dtypes import BFLOAT16, FLOAT16, FLOAT32
from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cuda.kernels.finish import place_finish
from ingot.targets.cuda.kernels.plain_product import (
    PlainKernel,
    PlainProduct,
    choose_plain_tile,
)
from ingot.targets.cuda.kernels.plain_sides import MatrixSide
from ingot.targets.fused import Fused, fuse

FLOATS = (FLOAT32, FLOAT16, BFLOAT16)


class PlainMatMul:
    """The family `gemm`; with `tensor` it is `tf32_gemm`."""

    def __init__(self, *, tensor: bool = False) -> None:
        self._tensor = tensor

    @property
    def name(self) -> str:
        """The family's name."""
        return "tf32_gemm" if self._tensor else "gemm"

    @property
    def option(self) -> str | None:
        """TF32 rounds the operands, so it must be asked for."""
        return "tf32" if self._tensor else None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for products of float matrices, or batches of them."""
        node = region.anchor
        if node is None or node.op != "matmul":
            return "not a matmul"
        left, right = _operands(region)
        if left.rank < 2 or right.rank < 2:
            return "an operand is a vector"
        if left.dtype not in FLOATS:
            return f"the type is {left.dtype.name}"
        if self._tensor and ("tf32" not in spec.features or left.dtype != FLOAT32):
            return "no TF32"
        return fused if isinstance(fused := fuse(region), str) else None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Dearer than a tensor-core kernel, cheaper than plain loops."""
        return 0.5e-3 if self._tensor else 1e-3

    def order(self, region: Region, value: Value) -> Order | None:
        """Row-major."""
        return None

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Any strides."""
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch."""
        job = _job(placed)
        tile = choose_plain_tile(job, spec, tensor=self._tensor)
        return Emission((PlainKernel(job, tile, spec, tensor=self._tensor).launch(),))


def _operands(region: Region) -> tuple[Value, Value]:
    assert region.anchor is not None
    left, right = region.anchor.inputs[:2]
    assert left is not None and right is not None
    return left, right


def _job(placed: Placed) -> PlainProduct:
    fused = fuse(placed.region)
    assert placed.region.anchor is not None and isinstance(fused, Fused)
    left, right = map(placed.view, _operands(placed.region))
    *batch, rows, columns = placed.region.anchor.output.shape
    a_batch, b_batch = (_batch_strides(view, len(batch)) for view in (left, right))
    names = [*(f"g{axis}" for axis in range(len(batch))), "row", "column"]
    return PlainProduct(
        tuple(batch),
        rows,
        columns,
        left.shape[-1],
        MatrixSide("left", left, left.dtype, a_batch, left.strides[-2], left.strides[-1], "rows"),
        MatrixSide(
            "right", right, right.dtype, b_batch, right.strides[-1], right.strides[-2], "columns"
        ),
        place_finish(fused, placed, len(batch) + 1),
        names,
    )


def _batch_strides(view: View, rank: int) -> tuple[Dim, ...]:
    """Strides along the result's leading axes, 0 where the operand repeats."""
    own = zip(view.shape[:-2], view.strides[:-2], strict=True)
    spread = [0 if size == 1 else step for size, step in own]
    return (*([0] * (rank - len(spread))), *spread)
