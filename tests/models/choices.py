# SPDX-License-Identifier: Apache-2.0
"""Networks that choose among what they computed: boxes by score, the best of several.

Where two candidates are nearly equal, rounding decides, and from there on two right results have
nothing in common. So such a network is judged in two halves: what it chooses from is compared with
the peer's, and what it made of that with what the peer makes of the same values.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx.utils import Extractor

import ingot

CHOICES = ("ArgMax", "ArgMin", "NonMaxSuppression", "TopK")
FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)
Arrays = dict[str, np.ndarray]
Run = Callable[[Path, Arrays], Arrays]


def candidates(model: onnx.ModelProto) -> list[str]:
    """The computed floats that the first choices of a network are made from."""
    chosen: set[str] = set()
    found: dict[str, None] = {}
    kinds = {value.name: value.type.tensor_type.elem_type for value in _typed(model)}
    for node in model.graph.node:
        if node.op_type in CHOICES and chosen.isdisjoint(node.input):
            found |= dict.fromkeys(name for name in node.input if kinds.get(name) in FLOATS)
        if node.op_type in CHOICES or not chosen.isdisjoint(node.input):
            chosen.update(node.output)
    return list(found)


def _typed(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """Every value that a node computes, with its type."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    made = {name for node in model.graph.node for name in node.output}
    return [value for value in (*graph.value_info, *graph.output) if value.name in made]


def halves(path: Path) -> tuple[Path, Path, list[str]] | None:
    """The network that also gives its candidates; what it makes of them; their names.

    None for a network that makes no choice.
    """
    model = onnx.load(path)
    names = candidates(model)
    if not names:
        return None
    inputs, outputs = (
        [value.name for value in part] for part in (model.graph.input, model.graph.output)
    )
    typed = {value.name: value for value in _typed(model)}
    wanted = [*names, *(name for name in outputs if name not in names)]
    tail = Extractor(onnx.shape_inference.infer_shapes(model)).extract_model(
        [*inputs, *names], [name for name in outputs if name not in names]
    )
    model.graph.output.extend(typed[name] for name in wanted if name not in outputs)
    whole, rest = path.with_name("candidates.onnx"), path.with_name("choice.onnx")
    onnx.save(model, whole)
    onnx.save(tail, rest)
    return whole, rest, names


def judged(
    path: Path, feeds: Arrays, device: str, peer: Run, error: Callable[[Arrays, Arrays], float]
) -> float | None:
    """The greater error of both halves; None for a network that makes no choice."""
    found = halves(path)
    if found is None:
        return None
    whole, rest, names = found
    with ingot.load(ingot.build(whole), device=device, threads=1) as session:
        ours = dict(session.run(feeds))
    chosen_from = {name: ours[name] for name in names}
    theirs = peer(whole, feeds)
    read = {value.name for value in onnx.load(rest).graph.input}
    given = {name: array for name, array in {**feeds, **chosen_from}.items() if name in read}
    made = peer(rest, given)
    return max(
        error(chosen_from, {name: theirs[name] for name in names}),
        error({name: ours[name] for name in made}, made),
    )
