# SPDX-License-Identifier: Apache-2.0
"""What stands in a model's way, told so that somebody can act: why, what comes closest, and where.

An operator without a mapping is named with its reason and with the nearest one that has a mapping;
an error in a node is followed by the node's neighbourhood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Final

from ingot.errors import ModelError, ResourceError
from ingot.onnx.attributes import REPORT
from ingot.onnx.records import NodeRecord
from ingot.onnx.table import OPERATORS, oldest_known
from ingot.onnx.tensor import Tensor

STANDARD: Final = "export the model with standard ONNX operators"
ALIKE: Final = 0.8
USERS_SHOWN: Final = 3
CARELESS: Final = (
    ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError,
)  # fmt: skip
OUT_OF_SCOPE: Final[Mapping[str, tuple[str, str]]] = {
    "ai.onnx.ml": (
        "operators of classical machine learning are not supported",
        "compute this part outside, or convert it to tensor operators",
    ),
    "ai.onnx.preview.training": (
        "training operators are not supported",
        "export the model for inference",
    ),
    "ai.onnx.training": ("training operators are not supported", "export the model for inference"),
}
_STRINGS: Final = ("operators on strings are not supported", "do this before the model's inputs")
NO_ARITHMETIC: Final[Mapping[str, tuple[str, str]]] = {
    "ImageDecoder": (
        "it decodes an image file, which is no arithmetic on tensors",
        "decode images before the model and give it their pixels",
    ),
    "RegexFullMatch": _STRINGS,
    "StringConcat": _STRINGS,
    "StringNormalizer": _STRINGS,
    "StringSplit": _STRINGS,
}


def why_unsupported(node: NodeRecord, opset: int) -> tuple[str, str]:
    """Why an operator without a mapping cannot be read, and what to do about it."""
    if node.domain in OUT_OF_SCOPE:
        return OUT_OF_SCOPE[node.domain]
    if node.op in NO_ARITHMETIC and not node.domain:
        return NO_ARITHMETIC[node.op]
    since = oldest_known(node.op, node.domain)
    if since is not None and opset < since:
        return (
            f"its form of opset {opset} is not supported, those from opset {since} on are",
            f"export the model for opset {since} or newer",
        )
    if node.domain and all(domain != node.domain for domain, _ in OPERATORS):
        return f"operators of the domain '{node.domain}' are not supported", STANDARD
    return "the operator is not supported", REPORT


def nearest_form(node: NodeRecord, opset: int) -> str:
    """The supported operator that comes closest to one without a mapping, or nothing."""
    since = oldest_known(node.op, node.domain)
    if since is not None:
        return f"{node.operator} of opset {since}" if opset < since else ""
    same = [key for key in OPERATORS if key[1].lower() == node.op.lower()]
    if not same:
        names = [name for _, name in OPERATORS]
        close = get_close_matches(node.op, names, 1, ALIKE)
        same = [key for key in OPERATORS if close and key[1] == close[0]]
    if not same:
        return ""
    domain, name = min(same)
    return f"{domain}.{name}" if domain else f"{name} of ONNX"


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Give what a hostile call may do to code that trusts it one of our errors as its face."""
    try:
        yield
    except MemoryError:
        raise ResourceError(
            f"{what}: needs more memory than there is", cure="use smaller sizes"
        ) from None
    except CARELESS as error:
        raise ModelError(
            f"{what}: breaks a rule of its operator ({type(error).__name__}: {error})",
            cure="correct the model; if it is right, report this as our error",
        ) from error


def neighbourhood(
    nodes: Sequence[NodeRecord], position: int, title: str, tensors: Mapping[str, Tensor | None]
) -> str:
    """Where a node stands: its inputs with types and makers, its outputs with readers."""
    node = nodes[position]
    makers = {name: other for other in nodes for name in other.outputs}
    lines = [f"at {title}, which reads"]
    lines += [f"  {_input(name, makers, tensors)}" for name in node.inputs if name]
    for name in filter(None, node.outputs):
        readers = [_title(other) for other in nodes if name in other.inputs]
        shown = ", ".join(readers[:USERS_SHOWN]) + (" …" if len(readers) > USERS_SHOWN else "")
        lines.append(f"and makes '{name}'" + (f", read by {shown}" if shown else ""))
    return "\n".join(lines)


def _input(
    name: str, makers: Mapping[str, NodeRecord], tensors: Mapping[str, Tensor | None]
) -> str:
    tensor = tensors.get(name)
    sizes = "" if tensor is None else ", ".join(map(str, tensor.type.shape))
    type_ = "" if tensor is None else f" {tensor.type.dtype.name}[{sizes}]"
    return f"'{name}'{type_}" + (f" from {_title(makers[name])}" if name in makers else "")


def _title(node: NodeRecord) -> str:
    return f"{node.operator} '{node.name}'" if node.name else node.operator
