# SPDX-License-Identifier: Apache-2.0
"""Whole networks for tests, benchmarks and the demo, made from skeletons on the spot.

A skeleton is an ONNX file of a real architecture whose weights have shapes but no values; in their
place a tensor's `doc_string` says how to draw them: `fill {"kind": "normal", "std": 0.05}` or
`fill {"kind": "uniform", "lo": -1, "hi": 1}`. Each tensor has its own generator, seeded with the
seed and the tensor's name, so values depend on nothing else. The networks recognise nothing, but
their activations neither vanish nor explode, which is what comparing two runtimes needs.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx

__all__ = ["Skeleton", "catalog"]

FOLDER = Path(__file__).parent / "skeletons"
RULE = "fill "
CHUNK = 1 << 24

Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Skeleton:
    """One architecture: where its graph is, its free sizes, and what its inputs look like."""

    name: str
    source: str
    opset: int
    gflops: float
    sizes: Mapping[str, int]
    other_sizes: Mapping[str, int]
    inputs: Mapping[str, Rule]
    check: Mapping[str, Any]

    @property
    def half(self) -> bool:
        """Whether the network computes in half precision."""
        return any(rule["dtype"] == "float16" for rule in self.inputs.values())

    def model(self, seed: int = 0) -> onnx.ModelProto:
        """The network with its weights drawn."""
        model = onnx.load(FOLDER / f"{self.name}.onnx", load_external_data=False)
        for tensor in tensors(model.graph):
            if tensor.doc_string.startswith(RULE):
                tensor.raw_data = drawn(tensor, json.loads(tensor.doc_string[len(RULE) :]), seed)
                tensor.ClearField("doc_string")
        return model

    def write(self, folder: Path, seed: int = 0) -> Path:
        """The path of the network as a file in `folder`, written unless it is there already."""
        path = folder / f"{self.name}-{seed}.onnx"
        if not path.exists():
            path.write_bytes(self.model(seed).SerializeToString())
        return path

    def feeds(self, seed: int = 0, **sizes: int) -> dict[str, np.ndarray]:
        """Random inputs that are valid for the network; `sizes` replace the usual ones."""
        known = {**self.sizes, **sizes}
        return {
            name: np.asarray(
                sample(rule, [known.get(d, d) for d in rule["shape"]], generator(seed, name, 1)),
                rule["dtype"],
            )
            for name, rule in self.inputs.items()
        }


@lru_cache(1)
def catalog() -> Mapping[str, Skeleton]:
    """Every skeleton by name."""
    entries = json.loads((FOLDER / "catalog.json").read_text(encoding="utf-8"))
    return {name: Skeleton(name=name, **entry) for name, entry in entries.items()}


def tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """The initializers and tensor attributes of a graph, nested graphs included."""
    yield from graph.initializer
    for attribute in (attribute for node in graph.node for attribute in node.attribute):
        if attribute.HasField("t"):
            yield attribute.t
        if attribute.HasField("g"):
            yield from tensors(attribute.g)


def generator(seed: int, name: str, *more: int) -> np.random.Generator:
    """Random numbers that belong to `name`."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode()), *more]))


def drawn(tensor: onnx.TensorProto, rule: Rule, seed: int) -> bytes:
    """The values of a weight, drawn in chunks so that no second copy of a large one exists."""
    values = np.empty(int(np.prod(tensor.dims, dtype=np.int64)), np.float32)
    random = generator(seed, tensor.name)
    for chunk in np.array_split(values, range(CHUNK, len(values), CHUNK)):
        chunk[:] = sample(rule, chunk.shape, random)
    return values.astype(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)).tobytes()


def sample(rule: Rule, shape: Any, random: np.random.Generator) -> np.ndarray:
    """An array drawn by a rule."""
    kind = rule["kind"]
    if kind == "normal":
        std, mean = np.float32(rule.get("std", 1)), np.float32(rule.get("mean", 0))
        return random.standard_normal(shape, np.float32) * std + mean
    if kind == "uniform":
        low, high = np.float32(rule["lo"]), np.float32(rule["hi"])
        return random.random(shape, np.float32) * (high - low) + low
    if kind == "randint":
        return random.integers(rule["lo"], rule["hi"], shape)
    if kind == "prefix_mask":
        return prefix_mask(shape, random)
    raise ValueError(f"no rule '{kind}' for values")


def prefix_mask(shape: Any, random: np.random.Generator) -> np.ndarray:
    """Rows of ones then zeros, at least half of a row ones, the first row all ones."""
    *rows, length = shape
    ones = random.integers(max(1, length // 2), length + 1, rows)
    ones.reshape(-1)[0] = length
    return np.arange(length) < ones[..., None]
