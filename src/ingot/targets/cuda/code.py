# SPDX-License-Identifier: Apache-2.0
"""Loaded kernels: images become functions that the driver can launch."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ingot.targets.cuda.context import Context, finalize
from ingot.targets.cuda.image import Image, read_image

_PLAIN_SHARED: Final = 48 << 10
_MAX_DYNAMIC_SHARED: Final = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES


@dataclass(frozen=True, slots=True)
class Function:
    """A kernel on the device and how it is launched."""

    handle: int
    threads: int
    shared: int
    faults: bool
    groups: int


class Code:
    """The kernels of a plan, by key."""

    def __init__(self, owner: Context, images: Mapping[str, bytes]) -> None:
        self._owner = owner
        self._functions: dict[str, Function] = {}
        owner.enter()
        for key, data in images.items():
            self._functions[key] = self._load(read_image(key, data))

    def __getitem__(self, key: str) -> Function:
        return self._functions[key]

    def _load(self, image: Image) -> Function:
        driver = self._owner.driver
        module = driver.handle("cuModuleLoadData", image.cubin)
        finalize(self, self._owner, lambda: driver.call("cuModuleUnload", module))
        function = driver.handle("cuModuleGetFunction", ctypes.c_void_p(module), b"kernel")
        if image.shared > _PLAIN_SHARED:
            driver.call("cuFuncSetAttribute", function, _MAX_DYNAMIC_SHARED, image.shared)
        return Function(function, image.threads, image.shared, image.faults, image.groups)
