# SPDX-License-Identifier: Apache-2.0
"""Views merge: chains of reshape, transpose, expand and slice become one op, or none.

Exporters spell a transposed last pair of axes as reshape, transpose, reshape; pulling a reshape
that only merges axes below the transpose lets the outer pair cancel.
"""

from __future__ import annotations

from typing import Final

from ingot.dims import Dim
from ingot.ir.graph import Node, Value
from ingot.ir.pattern import Term, apply, op
from ingot.ir.rewrite import Site, node_rule, rule
from ingot.ops.table import OPS
from ingot.ops.views import dimension_groups

ELEMENTWISE: Final = frozenset(name for name, entry in OPS.items() if entry.kind == "elementwise")


def compose(inner: tuple[int, ...], outer: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that equals `inner` and then `outer`."""
    return tuple(inner[axis] for axis in outer)


def _same_shape(x: Value, shape: tuple[Dim, ...]) -> str | None:
    return None if x.shape == shape else "the shapes differ"


def _in_order(permutation: tuple[int, ...]) -> str | None:
    return None if permutation == tuple(range(len(permutation))) else "it moves an axis"


def _moves_only_ones(x: Value, permutation: tuple[int, ...]) -> str | None:
    kept = [axis for axis in permutation if x.shape[axis] != 1]
    return None if kept == sorted(kept) else "it moves an axis of more than one element"


def _merges_axes(x: Value, merged: tuple[Dim, ...]) -> str | None:
    groups = dimension_groups(x.shape, merged)
    if groups is None or any(after.stop - after.start != 1 for _, after in groups):
        return "the inner reshape does more than merge neighbouring axes"
    return None


def _below_transpose(
    x: Value, merged: tuple[Dim, ...], permutation: tuple[int, ...], shape: tuple[Dim, ...]
) -> Term:
    groups = dimension_groups(x.shape, merged)
    assert groups is not None
    runs = [list(range(before.start, before.stop)) for before, _ in groups]
    order = tuple(axis for group in permutation for axis in runs[group])
    return op.reshape(op.transpose(x, permutation=order), shape=shape)


RESHAPES: Final = (
    rule("reshape_to_same", lambda x, shape: op.reshape(x, shape=shape),
         replacement=lambda x: x, where=_same_shape),
    rule("reshape_twice",
         lambda x, inner, shape: op.reshape(op.reshape(x, shape=inner), shape=shape),
         replacement=lambda x, shape: op.reshape(x, shape=shape), shared=True),
    rule("transpose_in_order", lambda x, permutation: op.transpose(x, permutation=permutation),
         replacement=lambda x: x, where=_in_order),
    rule("transpose_twice",
         lambda x, first, then: op.transpose(op.transpose(x, permutation=first), permutation=then),
         replacement=lambda x, first, then: op.transpose(x, permutation=compose(first, then)),
         shared=True),
    rule("transpose_ones", lambda x, permutation: op.transpose(x, permutation=permutation),
         replacement=lambda x, permutation: op.reshape(
             x, shape=tuple(x.shape[axis] for axis in permutation)),
         where=_moves_only_ones),
    rule("reshape_below_transpose",
         lambda x, merged, permutation, shape: op.reshape(
             op.transpose(op.reshape(x, shape=merged), permutation=permutation), shape=shape),
         replacement=_below_transpose, where=_merges_axes),
    rule("expand_to_same", lambda x, shape: op.expand(x, shape=shape),
         replacement=lambda x: x, where=_same_shape),
    rule("expand_twice", lambda x, inner, shape: op.expand(op.expand(x, shape=inner), shape=shape),
         replacement=lambda x, shape: op.expand(x, shape=shape), shared=True),
)  # fmt: skip


def _expand_late(site: Site, node: Node) -> Term | None:
    """An elementwise op broadcasts by itself: its expanded inputs can stay small.

    What the result lacks in shape is expanded after the op, on fewer elements computed.
    """
    inputs = [_unexpanded(site, value) for value in node.inputs]
    if inputs == list(node.inputs):
        return None
    typed = site.editor.typing(node.op, inputs, node.attributes)
    if typed.guards:
        return None
    small = apply(node.op, *inputs, **node.attributes)
    if typed.types[0] == node.output.type:
        return small
    return op.expand(small, shape=node.output.shape)


def _unexpanded(site: Site, value: Value | None) -> Value | None:
    producer = site.producer(value)
    if producer is None or producer.op != "expand":
        return value
    return site.absorb(producer).inputs[0]


def _whole_slice(site: Site, node: Node) -> Value | None:
    """A slice that takes everything is nothing."""
    x = node.inputs[0]
    assert x is not None
    steps = node.attributes["steps"]
    whole = node.output.type == x.type and isinstance(steps, tuple) and set(steps) <= {1}
    return x if whole else None


def _slice_twice(site: Site, node: Node) -> Term | None:
    """Two slices by steps of 1 are one, with the starts added."""
    inner = site.producer(node.inputs[0])
    if inner is None or inner.op != "slice" or not (_unit_steps(node) and _unit_steps(inner)):
        return None
    first, second = _sizes(inner, "starts"), _sizes(node, "starts")
    starts = tuple(a + b for a, b in zip(first, second, strict=True))
    ends = tuple(a + b for a, b in zip(starts, node.output.shape, strict=True))
    site.absorb(inner)
    return apply("slice", inner.inputs[0], starts=starts, ends=ends, steps=node.attributes["steps"])


def _unit_steps(node: Node) -> bool:
    steps = node.attributes["steps"]
    return isinstance(steps, tuple) and all(step == 1 for step in steps)


def _sizes(node: Node, key: str) -> tuple[Dim, ...]:
    value = node.attributes[key]
    assert isinstance(value, tuple)
    return value  # type: ignore[return-value]  # dims by its spec


def _single_concat(site: Site, node: Node) -> Value | Term | None:
    """A concat of one tensor is that tensor; empty parts are left out."""
    axis = node.attributes["axis"]
    assert isinstance(axis, int)
    parts = [part for part in node.inputs if part is not None and part.shape[axis] != 0]
    if len(parts) == 1:
        return parts[0]
    if 0 < len(parts) < len(node.inputs):
        return apply("concat", *parts, axis=axis)
    return None


def _concat_slices(site: Site, node: Node) -> Value | None:
    """Neighbouring slices of a tensor put together again are the tensor."""
    axis = node.attributes["axis"]
    assert isinstance(axis, int)
    slices = [site.producer(part) for part in node.inputs]
    if any(one is None or one.op != "slice" or not _unit_steps(one) for one in slices):
        return None
    known = [one for one in slices if one is not None]
    whole, position = known[0].inputs[0], 0 if known else None
    for one in known:
        starts = _sizes(one, "starts")
        if one.inputs[0] is not whole or starts[axis] != position:
            return None
        if any(start != 0 for other, start in enumerate(starts) if other != axis):
            return None
        position = _sizes(one, "ends")[axis]  # type: ignore[assignment]
    return whole if whole is not None and whole.type == node.output.type else None


def _reduce_ones(site: Site, node: Node) -> Term | None:
    """A sum, mean, product or extreme over axes of size 1 is a reshape."""
    x, axes = node.inputs[0], node.attributes["axes"]
    assert x is not None and isinstance(axes, tuple)
    if any(x.shape[axis] != 1 for axis in axes if isinstance(axis, int)):
        return None
    return op.reshape(x, shape=node.output.shape)


def _drop_reduced(site: Site, node: Node) -> Term | None:
    """A reshape that only drops the axes that a reduction kept is the reduction without them."""
    inner = site.producer(node.inputs[0])
    if inner is None or inner.op not in REDUCTIONS or not site.alone(inner):
        return None
    x, axes = inner.inputs[0], inner.attributes["axes"]
    assert x is not None and isinstance(axes, tuple)
    left = tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
    if not inner.attributes["keep_dims"] or node.output.shape != left:
        return None
    site.absorb(inner)
    return apply(inner.op, x, **{**inner.attributes, "keep_dims": False})


REDUCTIONS: Final = frozenset(
    name for name, entry in OPS.items()
    if {"axes", "keep_dims"} == {spec.name for spec in entry.attributes}
)  # fmt: skip


OTHERS: Final = (
    node_rule("drop_reduced", "reshape", _drop_reduced),
    node_rule("expand_late", ELEMENTWISE - {"identity"}, _expand_late),
    node_rule("slice_of_all", "slice", _whole_slice),
    node_rule("slice_twice", "slice", _slice_twice),
    node_rule("concat_of_one", "concat", _single_concat),
    node_rule("concat_of_slices", "concat", _concat_slices),
    node_rule("reduce_ones",
              ("reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod"),
              _reduce_ones),
)  # fmt: skip

RULES: Final = (*RESHAPES, *OTHERS)
