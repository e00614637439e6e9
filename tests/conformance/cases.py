# SPDX-License-Identifier: Apache-2.0
"""The cases of the ONNX backend suite, and the list of those that are known to fail."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.backend.test.loader import load_model_tests
from onnx.backend.test.runner import Runner

KNOWN_FAILURES = Path(__file__).with_name("known_failures.txt")
STORED = ("pytorch-converted", "pytorch-operator", "simple")
# Transforms give zeros as 1e-5 in float32, which the suite's bound does not allow for.
LOOSE = ("dft", "stft")


@dataclass(frozen=True)
class Case:
    """One model with inputs and the outputs that are right."""

    name: str
    relative: float
    absolute: float
    source: Any

    @property
    def model(self) -> onnx.ModelProto:
        """The model."""
        if self.source.model is not None:
            return self.source.model
        return onnx.load(Path(self.source.model_dir) / "model.onnx")

    def data(self) -> Iterator[tuple[list[Any], list[Any]]]:
        """Inputs and outputs of every data set."""
        if self.source.data_sets is not None:
            for inputs, outputs in self.source.data_sets:
                yield list(map(_array, inputs)), list(map(_array, outputs))
            return
        for folder in sorted(Path(self.source.model_dir).glob("test_data_set_*")):
            yield _stored(folder, "input"), _stored(folder, "output")

    def check(self, found: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> None:
        """Demand the outputs that are right, by the suite's own bounds."""
        Runner.assert_similar_outputs(wanted, found, rtol=self.relative, atol=self.absolute)


def _array(value: Any) -> Any:
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def _stored(folder: Path, kind: str) -> list[np.ndarray]:
    count = len(list(folder.glob(f"{kind}_*.pb")))
    return [
        numpy_helper.to_array(onnx.load_tensor(folder / f"{kind}_{number}.pb"))
        for number in range(count)
    ]


@lru_cache(1)
def cases() -> Mapping[str, Case]:
    """Every case by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(collect_testcases(None))
    for kind in STORED:
        found += load_model_tests(kind=kind)
    return {
        case.name: Case(
            case.name,
            case.rtol,
            1e-3 if any(word in case.name for word in LOOSE) else case.atol,
            case,
        )
        for case in found
    }


@lru_cache(1)
def known_failures() -> Mapping[str, str]:
    """The reason of every case that is known to fail."""
    lines = KNOWN_FAILURES.read_text(encoding="utf-8").splitlines()
    entries = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    return {name: reason for name, _, reason in entries}
