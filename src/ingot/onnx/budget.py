# SPDX-License-Identifier: Apache-2.0
"""What reading a model may take: bytes of memory, counted before they are used.

A file of a few kilobytes can ask for any amount: empty messages by the million, sparse tensors,
numbers of one byte, functions that call each other. Whatever grows beyond the file is charged here,
by an estimate that is seldom too low, and a model that asks for more than the limit ends in a
ResourceError before the memory is touched.
"""

from __future__ import annotations

from typing import Final

from ingot.errors import ResourceError

# Estimated bytes of one record with its containers, of one name, and of one number in a list.
RECORD: Final = 640
SMALL_RECORD: Final = 320
NAME: Final = 80
NUMBER: Final = 40
# A node that a mapping emits, with its values, types and place in every table.
NODE: Final = 4096
# Nodes that stand in no file but come of calling functions and of reading bodies again: so many are
# free, and so many for each node of the model; more is no honest model.
EXPANDED: Final = 3_000
EXPANDED_EACH: Final = 20


class Budget:
    """Bytes that may be taken, and how many are; `limit` is None where memory is the only one."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.taken = 0
        self.expanded = 0
        self.most_expanded = EXPANDED

    def take(self, size: int, what: str) -> None:
        """Count `size` bytes for `what`; raises ResourceError beyond the limit."""
        self.taken += size
        if self.limit is not None and self.taken > self.limit:
            raise ResourceError(
                f"{what}: needs {size} bytes more, which makes {self.taken}; the memory limit is "
                f"{self.limit}",
                cure="raise memory_limit, or do not trust the model",
            )

    def allow(self, nodes: int) -> None:
        """Let a model of so many nodes of its own stand for more."""
        self.most_expanded = EXPANDED + EXPANDED_EACH * nodes

    def expand(self, nodes: int, what: str) -> None:
        """Count nodes that a call or a body stands for; raises ResourceError for too many."""
        self.expanded += nodes
        if self.expanded > self.most_expanded:
            raise ResourceError(
                f"{what}: functions and bodies stand for more than {self.most_expanded} nodes",
                cure="export the model without functions that call each other so often",
            )
        self.take(nodes * NODE, what)
