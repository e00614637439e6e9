# SPDX-License-Identifier: Apache-2.0
"""The page `docs/operators.md`: `python -m tests.docs.operators` writes it anew.

Opsets and limits come from the reader's own table. Element types are found by trying: a case of the
ONNX backend suite for each operator is read, and forged for each target, in every type that ONNX
allows for its first input.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, defs
from tests.conformance.cases import Case, Light, cases

from ingot import onnx as reading
from ingot import optimize
from ingot.errors import IngotError
from ingot.ir.graph import Graph
from ingot.jit.compile import compile_plan
from ingot.jit.segments import needs_script
from ingot.onnx.support import Support, supported
from ingot.onnx.tensors import ELEMENT_TYPES
from ingot.targets import open_target

PAGE = Path(__file__).parents[2] / "docs" / "operators.md"
TARGETS = ("cpu", "cuda")
FEW = 16
SAME_WIDTH = ("BitCast",)  # the type of its input says which types its output may have
SPECS = {"cpu": "avx2", "cuda": "sm_90"}
HEAD = """# Operators

What is read of ONNX, written by `python -m tests.docs.operators` and compared with the code by the
tests. `ingot ops` lists the same, `ingot explain MODEL` says what stands in a model's way.

* **Opsets**: those in which a form begins that is read on its own account; a form holds until the
  next one, the last one for every newer opset. Opsets before 6 are not read.
* **Types**: of the first input, found by trying every type that ONNX allows. *all* are those that
  ONNX allows for it; strings and complex numbers are never among them. Types of operators outside
  ONNX's own domain are those of the mapping; the tests check float32 against ONNX Runtime.
* **cpu, cuda**: *kernels* are compiled code in all the types; a type that a target lacks is named.
  *script* is control flow and lists of tensors, which the runtime walks through; what stands in
  bodies is compiled. `reference` runs everything by definition.
* **Limits**: forms that are refused, each with an error that names the node and the cure.

**On the reference path of `cpu`: none.** Every operator runs in compiled code; no operator is
interpreted, and none falls back.

Not supported: operators on strings (StringConcat, StringNormalizer, StringSplit, RegexFullMatch),
ImageDecoder, training operators, and the trees and encoders of `ai.onnx.ml`.
"""


@lru_cache(1)
def probes() -> Mapping[str, Case]:
    """A case of one node for each operator of the suite."""
    found: dict[str, Case] = {}
    for case in cases().values():
        if isinstance(case, Light) or case.source.model is None or "_expanded" in case.name:
            continue
        model = case.source.model
        if len(model.graph.node) == 1 and not model.graph.node[0].domain:
            found.setdefault(model.graph.node[0].op_type, case)
    return found


def typed(model: onnx.ModelProto, code: int) -> onnx.ModelProto | None:
    """The model with another type for what has the type of the first input."""
    made = onnx.ModelProto.FromString(model.SerializeToString())
    node = made.graph.node[0]
    version = next((o.version for o in made.opset_import if not o.domain), 1)
    schema = defs.get_schema(node.op_type, version, "")
    variable = schema.inputs[0].type_str if schema.inputs else ""
    names = set()
    for position, name in enumerate(node.input):
        formal = schema.inputs[min(position, len(schema.inputs) - 1)]
        if formal.type_str == variable:
            names.add(name)
    changed = False
    for value in made.graph.input:
        if value.name in names and value.type.HasField("tensor_type"):
            value.type.tensor_type.elem_type = code
            changed = True
    return made if changed else None


def allowed(model: onnx.ModelProto) -> list[int]:
    """The element types that ONNX allows for the first input."""
    node = model.graph.node[0]
    version = next((o.version for o in model.opset_import if not o.domain), 1)
    schema = defs.get_schema(node.op_type, version, "")
    if not schema.inputs:
        return []
    texts = [
        text
        for constraint in schema.type_constraints
        if constraint.type_param_str == schema.inputs[0].type_str
        for text in constraint.allowed_type_strs
    ]
    texts = texts or [schema.inputs[0].type_str]
    names = {text[7:-1] for text in texts if text.startswith("tensor(")}
    return [code for code in ELEMENT_TYPES if spelled(code) in names]


def spelled(code: int) -> str:
    """An element type as ONNX's schemas spell it."""
    name = TensorProto.DataType.Name(code).lower()
    return {"float": "float", "double": "double"}.get(name, name)


def lacking(case: Case) -> tuple[list[int], dict[str, list[int]]]:
    """The types that are not read, and those that are and that a target lacks."""
    unread: list[int] = []
    lacks: dict[str, list[int]] = {target: [] for target in TARGETS}
    for code in allowed(case.model):
        changed = typed(case.model, code)
        if changed is None:
            continue
        graph = portable(changed, case)
        if graph is None:
            unread.append(code)
        elif not needs_script(graph):
            for target in TARGETS:
                try:
                    compile_plan(graph, open_target(SPECS[target]), {}, {"winograd": True})
                except IngotError:
                    lacks[target].append(code)
    return unread, lacks


def portable(model: onnx.ModelProto, case: Case) -> Graph | None:
    """The model as a portable graph, with small inputs as constants where it needs them to be."""
    values = {value.name: value.type.tensor_type.elem_type for value in model.graph.input}
    arrays, _ = next(case.data())
    small = {
        name: np.asarray(array).astype(ELEMENT_TYPES[code].numpy)
        for (name, code), array in zip(values.items(), arrays, strict=False)
        if code in ELEMENT_TYPES and isinstance(array, np.ndarray) and array.size <= FEW
    }
    for constants in ({}, small):
        try:
            return optimize.run(reading.read(model, constants=constants))
        except IngotError:
            continue
    return None


def names(codes: list[int]) -> str:
    return ", ".join(ELEMENT_TYPES[code].name for code in codes)


def row(support: Support) -> str:
    """The operator's line of the table."""
    case = None if support.domain else probes().get(support.name)
    types, targets = "all", dict.fromkeys(TARGETS, "kernels")
    if support.domain or (case is None and support.way == "mapping"):
        types = "as its mapping"
    if support.way == "control flow" or "Sequence" in support.name or "Optional" in support.name:
        targets = dict.fromkeys(TARGETS, "script")
    if case is not None and support.name not in SAME_WIDTH:
        unread, lacks = lacking(case)
        types = f"all but {names(unread)}" if unread else "all"
        for target, codes in lacks.items():
            if codes:
                targets[target] += f", not {names(codes)}"
    opsets = ", ".join(str(since) for since in support.since)
    if support.way == "function":
        opsets += ", by ONNX's own function"
    limits = "; ".join(limit.replace("|", "\\|") for limit in support.limits)
    cells = (f"`{support.title}`", opsets, types, *(targets[t] for t in TARGETS), limits)
    return f"| {' | '.join(cells)} |"


def page() -> Iterator[str]:
    """The lines of the page."""
    yield HEAD
    listed = supported()
    yield f"{len(listed)} operators.\n"
    yield f"| operator | opsets | types | {' | '.join(TARGETS)} | limits |"
    yield "|---" * (4 + len(TARGETS)) + "|"
    for support in listed:
        yield row(support)


def main() -> int:
    """Write the page."""
    warnings.simplefilter("ignore")
    PAGE.write_text("\n".join(page()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
