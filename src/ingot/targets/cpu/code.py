# SPDX-License-Identifier: Apache-2.0
"""Images in executable memory."""

from __future__ import annotations

import platform
import weakref
from collections.abc import Mapping

from ingot import host
from ingot.errors import DeviceError
from ingot.targets.cpu.image import AARCH64, MACHINES, X86_64, Image, read_image

_OWN = {"x86_64": X86_64, "amd64": X86_64, "aarch64": AARCH64, "arm64": AARCH64}


class Code:
    """Loaded images; the pages live as long as the object and whatever holds it.

    The pages are writable while images are copied in and executable afterwards, never both.
    """

    def __init__(self, images: Mapping[str, bytes]) -> None:
        parsed = {key: read_image(key, image) for key, image in images.items()}
        offsets, size = _place(parsed)
        pages = host.CodePages(size)
        weakref.finalize(self, pages.close).atexit = False
        for key, image in parsed.items():
            _check(key, image)
            pages.write(offsets[key], bytes(image.block))
        pages.seal()
        self._addresses = {
            (key, symbol): pages.address + offsets[key] + offset
            for key, image in parsed.items()
            for symbol, offset in image.symbols.items()
        }

    def address(self, key: str, symbol: str = "kernel") -> int:
        """Where a public function begins; raises DeviceError when there is none."""
        try:
            return self._addresses[key, symbol]
        except KeyError:
            raise DeviceError(
                f"kernel '{key}': no function '{symbol}' is loaded",
                cure="delete the runtime cache and forge again",
            ) from None


def _place(images: Mapping[str, Image]) -> tuple[dict[str, int], int]:
    """An offset for each image and the size of all."""
    offsets, end = {}, 0
    for key, image in images.items():
        offsets[key] = -(-end // image.alignment) * image.alignment
        end = offsets[key] + len(image.block)
    return offsets, end


def _check(key: str, image: Image) -> None:
    own = _OWN.get(platform.machine().lower())
    if image.machine != own:
        raise DeviceError(
            f"kernel '{key}': compiled for {MACHINES.get(image.machine, 'another machine')}, "
            f"this machine is {platform.machine()}",
            cure="forge for this device",
        )
