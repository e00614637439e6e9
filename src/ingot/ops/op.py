# SPDX-License-Identifier: Apache-2.0
"""The record of one op: everything that a compiler asks about it, in one place.

The shape rule types a Graph, the NumPy meaning folds constants and defines what is right, the
lowering gives every target a first kernel, the body of a composite is read forwards by
legalisation and backwards by fusion, and examples with bounds make the tests. Rules are plain
functions that take tensors as positional and attributes as keyword arguments.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from ingot.dims import Expression
from ingot.dtypes import DType
from ingot.errors import GraphError
from ingot.ir.graph import Array, Attributes, Node, TensorType
from ingot.kernel.expr import Expr
from ingot.kernel.view import View
from ingot.ops.example import Bound, Example
from ingot.ops.read import Read
from ingot.ops.require import Require

Kind: TypeAlias = Literal[
    "elementwise", "view", "index", "reduce", "contract", "composite", "special"
]
Index: TypeAlias = tuple[Expr, ...]
InferRule: TypeAlias = Callable[..., TensorType | tuple[TensorType, ...]]
EvaluateRule: TypeAlias = Callable[..., Array | tuple[Array, ...]]
LowerRule: TypeAlias = Callable[..., Expr | tuple[Expr, ...]]
ViewRule: TypeAlias = Callable[..., View | None]
ScalarRule: TypeAlias = Callable[..., Expr]
StepsRule: TypeAlias = Callable[..., None]
Body: TypeAlias = Callable[..., Any]


class Missing(enum.Enum):
    """The default of an attribute that has none."""

    REQUIRED = "required"


REQUIRED: Final = Missing.REQUIRED


@dataclass(frozen=True)
class InputSpec:
    """One input: the element types it takes, and the type variable it shares with others.

    Inputs with the same `variable` have the same element type. A `variadic` input comes last and
    stands for one or more tensors; an `optional` one may be None.
    """

    name: str
    domain: tuple[DType, ...]
    variable: str = "T"
    optional: bool = False
    variadic: bool = False


@dataclass(frozen=True)
class AttributeSpec:
    """One attribute: kind of value, default (REQUIRED where it must be given), allowed choices.

    Kinds: int, float, bool, str, dtype, dim (a size), number (int, float, bool), and the tuples
    ints, floats, dims.
    """

    name: str
    kind: str
    default: Any = REQUIRED
    choices: tuple[Any, ...] = ()
    doc: str = ""


@dataclass(frozen=True, eq=False)
class Op:
    """One op of the table.

    `infer_rule(require, *types, **attributes)` gives the output types;
    `evaluate_rule(*arrays, **attributes)` the outputs: floats computed in fp64 and rounded once;
    `lower_rule(index, *reads, **attributes)` the scalar at `index` of the output, pulling from the
    inputs; `view_rule(view, **attributes)` the same elements under other strides, or None;
    `scalar(*elements, **attributes)` an elementwise op as one expression;
    `body(formula, *values, **attributes)` a composite in terms of other ops;
    `steps_rule(steps, *inputs, *outputs, **attributes)` whole kernels over the views of inputs
    (None where absent) and outputs, for what has no scalar form.
    """

    name: str
    kind: Kind
    inputs: tuple[InputSpec, ...]
    infer_rule: InferRule
    doc: str
    attributes: tuple[AttributeSpec, ...] = ()
    evaluate_rule: EvaluateRule | None = None
    lower_rule: LowerRule | None = None
    view_rule: ViewRule | None = None
    scalar: ScalarRule | None = None
    body: Body | None = None
    steps_rule: StepsRule | None = None
    examples: tuple[Example, ...] = ()
    precision: Bound = field(default_factory=Bound)
    commutative: bool = False
    can_fault: bool = False

    def complete(self, given: Attributes, subject: str) -> dict[str, Any]:
        """The attributes with defaults filled in, in the record's order.

        Raises GraphError on an unknown, missing or wrongly typed attribute.
        """
        for name in given:
            if not any(spec.name == name for spec in self.attributes):
                known = ", ".join(spec.name for spec in self.attributes)
                raise GraphError(
                    f"{subject}: attribute '{name}' is unknown to {self.name}",
                    cure=f"it takes {known or 'none'}",
                )
        return {spec.name: _checked(spec, given, subject) for spec in self.attributes}

    def specs(self, count: int) -> Iterator[InputSpec]:
        """The specification of each of `count` inputs, the variadic one repeated."""
        for position in range(count):
            yield self.inputs[min(position, len(self.inputs) - 1)]

    def infer(
        self, types: Sequence[TensorType | None], attributes: Attributes, require: Require
    ) -> tuple[TensorType, ...]:
        """The output types from the input types and complete attributes.

        Raises ShapeError where a rule of the op is broken; guards collect in `require`.
        """
        self._check_inputs(types, require)
        padded = (*types, *[None] * (len(self.inputs) - len(types)))
        result = self.infer_rule(require, *padded, **attributes)
        return result if isinstance(result, tuple) else (result,)

    def evaluate(
        self, arrays: Sequence[Array | None], attributes: Mapping[str, Any]
    ) -> tuple[Array, ...]:
        """The outputs for given inputs; attributes are complete and hold no symbols.

        Not for composites: `ops.evaluate` runs their bodies.
        """
        if self.evaluate_rule is None:
            raise GraphError(f"{self.name}: the record has no NumPy meaning of its own")
        padded = (*arrays, *[None] * (len(self.inputs) - len(arrays)))
        result = self.evaluate_rule(*padded, **attributes)
        outputs = result if isinstance(result, tuple) else (result,)
        return tuple(np.asarray(array, order="C") for array in outputs)

    def lower(
        self, index: Index, reads: Sequence[Read | None], node: Node
    ) -> Expr | tuple[Expr, ...]:
        """The scalar (one per output) at `index`; not for composites: see `ops.lowering`."""
        if self.lower_rule is None:
            raise GraphError(f"{self.name} '{node.name}': the op has no scalar lowering")
        padded = (*reads, *[None] * (len(self.inputs) - len(reads)))
        return self.lower_rule(index, *padded, **node.attributes)

    def view(self, view: View, attributes: Attributes) -> View | None:
        """The output as a view of the input's buffer; None where strides cannot express it."""
        return None if self.view_rule is None else self.view_rule(view, **attributes)

    def bound(self, dtype: DType) -> Bound:
        """How far a target's result of this element type may be from the NumPy meaning."""
        return self.precision.scaled(dtype)

    def _check_inputs(self, types: Sequence[TensorType | None], require: Require) -> None:
        variadic = bool(self.inputs) and self.inputs[-1].variadic
        require.that(
            self._least <= len(types) and (variadic or len(types) <= len(self.inputs)),
            f"{self.name} takes {self._arity}, {len(types)} given",
        )
        known: dict[str, tuple[str, DType]] = {}
        for spec, type_ in zip(self.specs(len(types)), types, strict=True):
            if type_ is None:
                require.that(spec.optional, f"input '{spec.name}' must be given")
                continue
            other, dtype = known.setdefault(spec.variable, (spec.name, type_.dtype))
            if type_.dtype not in spec.domain:
                listed = ", ".join(allowed.name for allowed in spec.domain)
                rule = f"input '{spec.name}' takes {listed}, not {type_.dtype.name}"
                require.that(False, rule, "cast it first")
            if dtype is not type_.dtype:
                rule = (
                    f"inputs '{other}' and '{spec.name}' must have one element type, "
                    f"they have {dtype.name} and {type_.dtype.name}"
                )
                require.that(dtype == type_.dtype, rule, "cast one of them")

    @cached_property
    def _least(self) -> int:
        """How many inputs must be given."""
        return sum(1 for spec in self.inputs if not spec.optional)

    @cached_property
    def _arity(self) -> str:
        names = ", ".join(
            spec.name + ("?" if spec.optional else "…" if spec.variadic else "")
            for spec in self.inputs
        )
        return f"inputs ({names})"


def _checked(spec: AttributeSpec, given: Attributes, subject: str) -> Any:
    value = given.get(spec.name, spec.default)
    if value is REQUIRED:
        raise GraphError(f"{subject}: attribute '{spec.name}' must be given")
    if value is spec.default:
        return value
    if not _CHECKS[spec.kind](value):
        raise GraphError(f"{subject}: attribute '{spec.name}' must be {spec.kind}, it is {value!r}")
    if spec.choices and value not in spec.choices:
        raise GraphError(
            f"{subject}: attribute '{spec.name}' must be one of "
            f"{', '.join(map(str, spec.choices))}, it is '{value}'"
        )
    return value if spec.kind != "float" else float(value)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_float(value: Any) -> bool:
    return isinstance(value, float) or _is_int(value)


def _is_dim(value: Any) -> bool:
    return _is_int(value) or isinstance(value, Expression)


def _all(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple) and all(map(check, value))


_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "int": _is_int,
    "float": _is_float,
    "number": lambda value: isinstance(value, bool) or _is_float(value),
    "bool": lambda value: isinstance(value, bool),
    "str": lambda value: isinstance(value, str),
    "dtype": lambda value: isinstance(value, DType),
    "dim": _is_dim,
    "ints": _all(_is_int),
    "floats": _all(_is_float),
    "dims": _all(_is_dim),
}
