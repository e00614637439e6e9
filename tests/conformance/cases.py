# SPDX-License-Identifier: Apache-2.0
"""The cases of the ONNX backend suite, and the lists of those that are known to fail.

A line of `known_failures.txt` is `name: reason`, or `name [target]: reason` for one target only.
"""

from __future__ import annotations

import re
import warnings
import zlib
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
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
# Transforms give zeros as 1e-5 in float32, which the suite's bound does not allow for.
LOOSE = ("dft", "stft")
ENTRY = re.compile(r"(\w+)(?: \[(\w+)\])?: (.+)")


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

    def check(self, found: Sequence[Any], wanted: Sequence[Any]) -> None:
        """Demand the outputs that are right, by the suite's own bounds."""
        Runner.assert_similar_outputs(
            _flat(wanted), _flat(found), rtol=self.relative, atol=self.absolute
        )

    def chosen(self, one_in: int) -> bool:
        """Whether a run of one case in so many takes this one; it hangs on the name alone."""
        return zlib.crc32(self.name.encode()) % one_in == 0


@dataclass(frozen=True)
class Light(Case):
    """A whole network whose weights are all alike, with the suite's inputs for it."""

    @property
    def model(self) -> onnx.ModelProto:
        """The model."""
        return onnx.load(self.source)

    def data(self) -> Iterator[tuple[list[Any], list[Any]]]:
        """Its only data set."""
        model = self.model
        stored = {tensor.name for tensor in model.graph.initializer}
        inputs = [value for value in model.graph.input if value.name not in stored]
        wanted = Path(self.source).with_name(f"{Path(self.source).stem}_output_0.pb")
        yield (
            [Runner.generate_dummy_data(value) for value in inputs],
            [numpy_helper.to_array(onnx.load_tensor(wanted))],
        )


def _flat(values: Sequence[Any]) -> list[Any]:
    """The arrays in values and lists of values; a list says how long it is."""
    flat: list[Any] = []
    for value in values:
        if isinstance(value, list | tuple):
            flat += [np.array(len(value)), *_flat(value)]
        else:
            flat.append(value)
    return flat


def _array(value: Any) -> Any:
    if isinstance(value, TensorProto):
        return numpy_helper.to_array(value)
    return value if value is None or isinstance(value, list | tuple) else np.asarray(value)


def _stored(folder: Path, kind: str) -> list[Any]:
    count = len(list(folder.glob(f"{kind}_*.pb")))
    return [_value((folder / f"{kind}_{number}.pb").read_bytes()) for number in range(count)]


def _value(data: bytes) -> Any:
    """A stored tensor, sequence or optional."""
    for kind, convert in (
        (TensorProto, numpy_helper.to_array),
        (onnx.SequenceProto, numpy_helper.to_list),
        (onnx.OptionalProto, numpy_helper.to_optional),
    ):
        try:
            return convert(kind.FromString(data))
        except Exception:  # the file does not say which of them it holds
            continue
    raise ValueError("a file of the suite holds no value")


@lru_cache(1)
def cases() -> Mapping[str, Case]:
    """Every case by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(collect_testcases(None))
    for kind in STORED:
        found += load_model_tests(kind=kind)
    every = {
        case.name: Case(
            case.name,
            case.rtol,
            1e-3 if any(word in case.name for word in LOOSE) else case.atol,
            case,
        )
        for case in found
    }
    for path in sorted(LIGHT.glob("light_*.onnx")):
        name = f"test_{path.stem.removeprefix('light_')}"
        every[name] = Light(name, 1e-3, 1e-7, path)
    return every


@lru_cache
def known_failures(target: str) -> Mapping[str, str]:
    """The reason of every case that is known to fail on a target."""
    lines = KNOWN_FAILURES.read_text(encoding="utf-8").splitlines()
    entries = [ENTRY.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert all(entries), "a line of known_failures.txt is no 'name: reason'"
    return {entry[1]: entry[3] for entry in entries if entry and entry[2] in (None, target)}
