# SPDX-License-Identifier: Apache-2.0
"""One kernel's CUDA C++ text and the list of its arguments, built together.

Code asks for a pointer or a size by what it means; the Source names a parameter, once, and records
the argument, so the code and the argument list cannot disagree. Parameters stand in the order of
first use, then the status words and the step's number for fault reports.

The first line of a text tells what a launch must know: `// threads=128 shared=0 faults=1 groups=1`,
where groups is the second extent of the grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ingot.dims import Dim
from ingot.kernel.view import View
from ingot.plan import SizeUse
from ingot.plan.plan import Mode
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch, LaunchArgument, PackedUse, ViewUse
from ingot.targets.cuda.prelude import helpers
from ingot.targets.cuda.types import memory_type

INDEX_FAULT: Final = 1
DIVISION_FAULT: Final = 2


class Source:
    """The text of the kernel that is being printed."""

    def __init__(self, spec: DeviceSpec) -> None:
        self.spec = spec
        self.faults = False
        self.cluster = 1  # neighbouring blocks that share their memories
        self._lines: list[str] = []
        self._indent = 1
        self._names = 0
        self._helpers: set[str] = set()
        self._parameters: list[str] = []
        self._arguments: list[LaunchArgument] = []
        self._known: dict[tuple[object, ...], str] = {}
        self._globals: list[str] = []
        self._waits = False

    # Arguments.

    @property
    def arguments(self) -> tuple[LaunchArgument, ...]:
        """What the plan must pass, in the order of the parameters."""
        return tuple(self._arguments)

    def pointer(self, view: View, mode: Mode = "r", *, aliased: bool = False) -> str:
        """The pointer to the first element of `view`, by the type that it has in memory.

        `aliased`: another argument of the kernel reaches the same memory.
        """
        kind = memory_type(view.dtype)
        return self._argument(("view", view, mode), ViewUse(view, mode), "p", kind, mode, aliased)

    def packed(self, key: str, mode: Mode = "r", kind: str = "unsigned char") -> str:
        """The pointer to packed memory or a temporary, with elements of C++ type `kind`."""
        return self._argument(("packed", key, mode), PackedUse(key, mode), "p", kind, mode, False)

    def size(self, dim: Dim) -> str:
        """A size: the number where it is known, else a `long long` parameter."""
        if isinstance(dim, int):
            return str(dim) if abs(dim) < 1 << 31 else f"{dim}LL"
        if ("size", dim) not in self._known:
            name = f"n{len(self._parameters)}"
            self._add(("size", dim), SizeUse(dim), name, f"const long long {name}")
        return self._known["size", dim]

    def _argument(
        self,
        key: tuple[object, ...],
        argument: LaunchArgument,
        letter: str,
        kind: str,
        mode: Mode,
        aliased: bool,
    ) -> str:
        if key not in self._known:
            name = f"{letter}{len(self._parameters)}"
            constant = "const " if mode == "r" and not aliased else ""
            restrict = "" if aliased else "__restrict__ "
            self._add(key, argument, name, f"{constant}{kind}* {restrict}{name}")
        return self._known[key]

    def _add(
        self, key: tuple[object, ...], argument: LaunchArgument, name: str, parameter: str
    ) -> None:
        self._known[key] = name
        self._arguments.append(argument)
        self._parameters.append(parameter)

    # Text.

    def fresh(self, letter: str = "v") -> str:
        """A name that the kernel has not used."""
        self._names += 1
        return f"{letter}{self._names}"

    def helper(self, name: str) -> str:
        """Use a device function of the prelude; its name in C++."""
        self._helpers.add(name)
        return name

    def declare(self, text: str) -> None:
        """Put something in front of the kernel: a function, a type, a table; once for each text."""
        if text not in self._globals:
            self._globals.append(text)

    def line(self, text: str) -> None:
        """One line of code; directives stand at the margin."""
        self._lines.append(text if text.startswith("#") else "  " * self._indent + text)

    def lines(self, text: str) -> None:
        """Several lines of code."""
        for line in text.strip("\n").split("\n"):
            self.line(line)

    @contextmanager
    def block(self, head: str = "") -> Iterator[None]:
        """What is printed meanwhile stands in braces behind `head`."""
        self.line(f"{head} {{".lstrip())
        self._indent += 1
        yield
        self._indent -= 1
        self.line("}")

    def fault(self, code: int, value: str = "0") -> None:
        """Report a fault with a value; the first one in a run is kept."""
        self.faults = True
        self.line(f"{self.helper('fault')}(status, step, {code}, (long long)({value}));")

    def wait(self) -> None:
        """Wait until the kernels before have written their results.

        Only weights may be read before. A kernel that does not say where waits at its beginning.
        """
        self._waits = True
        if "dependent_launch" in self.spec.features:
            self.line(f"{self.helper('dependency_wait')}();")

    def launch_dependents(self, most: int = 0) -> None:
        """Let the next kernel's blocks start where there is room; they wait for this one's end.

        `most`: only where the grid has no more blocks than that, 0 for any number. Where a grid of
        light blocks fills multiprocessors unevenly, the next one's would crowd on the emptier ones.
        """
        if "dependent_launch" in self.spec.features:
            condition = f"if (gridDim.x <= {most}) " if most else ""
            self.line(f"{condition}{self.helper('launch_dependents')}();")

    def text(self, threads: int, shared: int = 0, blocks: int = 0) -> str:
        """The whole text of a kernel of `threads` threads a block and `shared` dynamic bytes.

        `blocks`: how many blocks a multiprocessor should hold at least, 0 for no wish.
        """
        if not self._waits:
            body, self._lines = self._lines, []
            self.wait()
            self._lines += body
        bounds = f"{threads}, {blocks}" if blocks else f"{threads}"
        cluster = f"__cluster_dims__({self.cluster}, 1, 1) " if self.cluster > 1 else ""
        parameters = ", ".join([*self._parameters, "unsigned long long* status", "int step"])
        parts = [
            f"// threads={threads} shared={shared} faults={int(self.faults)} groups=1",
            *helpers(self._helpers, self.spec),
            *self._globals,
            f'extern "C" __global__ void {cluster}__launch_bounds__({bounds})',
            f"kernel({parameters}) {{",
            *self._lines,
            "}",
        ]
        return "\n".join(parts) + "\n"

    def launch(
        self,
        extent: Dim,
        threads: int,
        shared: int = 0,
        blocks: int = 0,
        flops: Dim = 0,
        bytes: Dim = 0,
        label: str = "",
    ) -> Launch:
        """The launch of `extent` blocks of this kernel."""
        text = self.text(threads, shared, blocks)
        return Launch(text, self.arguments, extent, 1, flops, bytes, label)


def facts(text: str) -> dict[str, int]:
    """What the first line of a kernel's text tells."""
    first = text.partition("\n")[0].removeprefix("//")
    pairs = (part.partition("=") for part in first.split())
    return {name: int(value) for name, _, value in pairs}
