# SPDX-License-Identifier: Apache-2.0
"""The networks that are measured: made from the skeletons of the tests, kept in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.models.materialize import catalog

SPEED = ("resnet50", "bert_base", "vit_b16", "mobilenetv2_legacy")
NAMES = tuple(catalog())


@dataclass(frozen=True)
class Network:
    """A model file and inputs of its usual sizes."""

    name: str
    model: Path
    inputs: dict[str, np.ndarray]
    gflops: float


def network(name: str, folder: Path) -> Network:
    """The network called `name`, made in `folder` unless it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    skeleton = catalog()[name]
    return Network(name, skeleton.write(folder), skeleton.feeds(), skeleton.gflops)
