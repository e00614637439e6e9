# SPDX-License-Identifier: Apache-2.0
"""Einsum as transposes, reshapes, sums and one matrix product per pair of factors.

Factors are joined from left to right. Letters of a pair fall into four groups: shared and still
needed (batch), shared and summed (inner), and those of one factor only (rows, columns).
"""

from __future__ import annotations

from collections.abc import Sequence

from ingot.dims import Dim, product
from ingot.dtypes import INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call

Term = tuple[Value, str]
# Letters for the axes that an ellipsis stands for, counted from the last one.
ELLIPSIS = "".join(chr(0x3B1 + i) for i in range(24))


def einsum(call: Call) -> Value:
    """The mapping of Einsum."""
    inputs, output = _equation(call)
    sizes = _sizes(call, inputs)
    terms = [_diagonal(call, call[i], letters) for i, letters in enumerate(inputs)]
    while len(terms) > 1:
        left, right, *rest = terms
        kept = set(output).union(*(letters for _, letters in rest))
        terms = [_joined(call, left, right, kept, sizes), *rest]
    value, letters = _summed(call, terms[0], set(output))
    order = tuple(letters.index(letter) for letter in output)
    if order == tuple(range(len(order))):
        return value
    return call.result("transpose", value, permutation=order)


def _equation(call: Call) -> tuple[list[str], str]:
    """One string of letters per input, and that of the output; ellipses written out."""
    text = call.text_attribute("equation").replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(call):
        call.fail(f"equation '{text}' has {len(terms)} terms for {len(call)} inputs", "correct it")
    inputs = [_spelled(call, term, call.rank(i)) for i, term in enumerate(terms)]
    widest = max((len(set(letters) & set(ELLIPSIS)) for letters in inputs), default=0)
    hidden = ELLIPSIS[:widest][::-1]
    if arrow:
        output = right.replace("...", hidden)
    else:
        once = sorted(c for c in set(left) if c.isalpha() and left.count(c) == 1)
        output = hidden + "".join(once)
    if len(set(output)) != len(output) or not set(output) <= set("".join(inputs)):
        call.fail(f"equation '{text}' names output axes that no input has once", "correct it")
    return inputs, output


def _spelled(call: Call, term: str, rank: int) -> str:
    hidden = rank - len(term.replace("...", ""))
    if hidden and "..." in term and hidden > 0:
        term = term.replace("...", ELLIPSIS[:hidden][::-1])
    term = term.replace("...", "")
    if len(term) != rank or not all(c.isalpha() for c in term):
        call.fail(f"term '{term}' does not fit an input of rank {rank}", "correct the equation")
    return term


def _sizes(call: Call, inputs: Sequence[str]) -> dict[str, Dim]:
    sizes: dict[str, Dim] = {}
    for index, letters in enumerate(inputs):
        for letter, size in zip(letters, call.shape(index), strict=True):
            if sizes.get(letter, 1) == 1:
                sizes[letter] = size
            elif size != 1:
                call.require_equal(sizes[letter], size, f"sizes of axis '{letter}'")
    return sizes


def _diagonal(call: Call, value: Value, letters: str) -> Term:
    """A repeated letter keeps the diagonal of its two axes."""
    for letter in dict.fromkeys(letters):
        while letters.count(letter) > 1:
            value, letters = _one_diagonal(call, value, letters, letter)
    return value, letters


def _one_diagonal(call: Call, value: Value, letters: str, letter: str) -> Term:
    """Bring both axes to the front, lay them flat, and take every (size + 1)th element."""
    first = letters.index(letter)
    second = letters.index(letter, first + 1)
    others = [axis for axis in range(len(letters)) if axis not in (first, second)]
    size = value.shape[first]
    call.require_equal(size, value.shape[second], f"sizes of axis '{letter}'")
    moved = call.make("transpose", value, permutation=(first, second, *others))
    flat = call.make("reshape", moved, shape=(size * value.shape[second], *moved.shape[2:]))
    step = call.make("reshape", call.make("sizes", values=(size + 1,)), shape=())
    places = call.make("iota", call.constant(0, INT64), step, length=size)
    rest = "".join(letters[axis] for axis in others)
    return call.make("gather", flat, places, axis=0), letter + rest


def _summed(call: Call, term: Term, kept: set[str]) -> Term:
    """Sum over the letters that nothing needs any more."""
    value, letters = term
    axes = tuple(axis for axis, letter in enumerate(letters) if letter not in kept)
    if not axes:
        return term
    folded = call.make("reduce_sum", value, axes=axes, keep_dims=False)
    return folded, "".join(letter for letter in letters if letter in kept)


def _joined(call: Call, left: Term, right: Term, kept: set[str], sizes: dict[str, Dim]) -> Term:
    """The product of two factors, summed over the letters that only they have."""
    left = _summed(call, left, kept | set(right[1]))
    right = _summed(call, right, kept | set(left[1]))
    shared = [letter for letter in left[1] if letter in right[1]]
    batch = [letter for letter in shared if letter in kept]
    inner = [letter for letter in shared if letter not in kept]
    rows = [letter for letter in left[1] if letter not in shared]
    columns = [letter for letter in right[1] if letter not in shared]
    a = _matrix(call, left, (batch, rows, inner), sizes)
    b = _matrix(call, right, (batch, inner, columns), sizes)
    letters = "".join((*batch, *rows, *columns))
    shape = tuple(sizes[letter] for letter in letters)
    return call.make("reshape", call.make("matmul", a, b), shape=shape), letters


def _matrix(
    call: Call, term: Term, groups: Sequence[Sequence[str]], sizes: dict[str, Dim]
) -> Value:
    """A factor with its letters in order, and each group of them laid into one axis."""
    value, letters = term
    order = tuple(letters.index(letter) for group in groups for letter in group)
    if order != tuple(range(len(order))):
        value = call.make("transpose", value, permutation=order)
    full = tuple(sizes[letter] for group in groups for letter in group)
    if value.shape != full:
        value = call.make("expand", value, shape=full)
    shape = tuple(product(sizes[letter] for letter in group) for group in groups)
    return value if value.shape == shape else call.make("reshape", value, shape=shape)
