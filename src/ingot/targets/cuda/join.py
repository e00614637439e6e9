# SPDX-License-Identifier: Apache-2.0
"""Several launches of one kernel as one.

The kernel gets the arguments of all, and each block chooses its own by the grid's second
coordinate. What all launches share stays one argument.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ingot.dims import Dim
from ingot.targets.base import Launch
from ingot.targets.cuda.source import facts

_HEAD: Final = re.compile(r"^kernel\((?P<parameters>.*)\) \{$", re.MULTILINE)
_PARAMETER: Final = re.compile(r"(?P<kind>.*?)(?P<name>\w+)$")
_MOST_ARGUMENTS: Final = 200  # parameters of a kernel are 4 KB at most


def join_launches(launches: Sequence[Launch]) -> Launch | None:
    """The launch of all; None where a kernel cannot have so many arguments."""
    first = launches[0]
    columns = list(zip(*(launch.arguments for launch in launches), strict=True))
    different = [any(use != column[0] for use in column) for column in columns]
    arguments = tuple(
        use
        for column, differs in zip(columns, different, strict=True)
        for use in (column if differs else column[:1])
    )
    if len(arguments) > _MOST_ARGUMENTS or facts(first.text)["groups"] > 1:
        return None
    flops: Dim = sum((launch.flops for launch in launches[1:]), first.flops)
    traffic: Dim = sum((launch.bytes for launch in launches[1:]), first.bytes)
    text = joined_text(first.text, len(launches), different)
    return Launch(text, arguments, first.extent, first.grain, flops, traffic, first.label)


def joined_text(text: str, count: int, different: Sequence[bool]) -> str:
    """The text of a kernel with `count` arguments for each parameter that is `different`."""
    head = _HEAD.search(text)
    assert head is not None, "a text is made by Source"
    parameters = head["parameters"].split(", ")
    own, last = parameters[: len(different)], parameters[len(different) :]
    told: list[str] = []
    chosen: list[str] = []
    for parameter, differs in zip(own, different, strict=True):
        if not differs:
            told.append(parameter)
            continue
        found = _PARAMETER.match(parameter)
        assert found is not None
        kind, name = found["kind"], found["name"]
        told += [f"{kind}{name}_{number}" for number in range(count)]
        choice = f"{name}_{count - 1}"
        for number in reversed(range(count - 1)):
            choice = f"blockIdx.y == {number} ? {name}_{number} : {choice}"
        chosen.append(f"  {kind}{name} = {choice};\n")
    opening = f"kernel({', '.join([*told, *last])}) {{\n{''.join(chosen)}"
    first, _, rest = text.partition("\n")
    start = head.start() - len(first) - 1
    body = rest[:start] + opening + rest[start + len(head[0]) + 1 :]
    return f"{re.sub(r'groups=1', f'groups={count}', first)}\n{body}"
