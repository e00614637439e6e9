# SPDX-License-Identifier: Apache-2.0
"""Whole networks against ONNX Runtime: what both compute from the same file and the same inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
from tests.models.materialize import Skeleton, catalog, tensors

import ingot

BOUND = 1e-4
# Networks that amplify rounding: here ONNX Runtime differs from itself by more than the bound.
SENSITIVE = ("efficientnet_b0",)
Arrays = dict[str, np.ndarray]
HALVES = (onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16)
NARROW = ".narrow"  # how the names of casts end that stand for rounding


@dataclass(frozen=True)
class Peer:
    """A network in a file, read by ONNX Runtime."""

    skeleton: Skeleton
    path: Path
    session: Any

    def run(self, feeds: Mapping[str, np.ndarray]) -> Arrays:
        """The outputs by name."""
        names = [output.name for output in self.session.get_outputs()]
        return dict(zip(names, self.session.run(names, dict(feeds)), strict=True))

    def exact(self, feeds: Mapping[str, np.ndarray], *, rounding: bool = False) -> Arrays:
        """What the network gives, with the same weights, in single precision.

        With `rounding`, what every operator gives is rounded to half precision, and so are the
        weights of a network in single precision.
        """
        options = onnxruntime.SessionOptions()
        if rounding:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        model = widened(onnx.load(self.path), rounding=rounding).SerializeToString()
        wide = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [output.name for output in wide.get_outputs()]
        given = {
            name: array.astype(np.float32) if array.dtype == np.float16 else array
            for name, array in feeds.items()
        }
        return dict(zip(names, wide.run(names, given), strict=True))

    def wanted(self, feeds: Mapping[str, np.ndarray]) -> Arrays:
        """What a session should give: for half precision what single precision gives."""
        return self.exact(feeds) if self.skeleton.half else self.run(feeds)

    def bound(self, feeds: Mapping[str, np.ndarray], wanted: Arrays) -> float:
        """The relative L2 error that is allowed for these inputs.

        For a sensitive network, a few times what its own reading gives without optimisation and
        for inputs that differ in their last bit. For a network in half precision, twice the error
        that comes of rounding what every operator gives.
        """
        if self.skeleton.half:
            exact, rounded = self.exact(feeds), self.exact(feeds, rounding=True)
            return 2 * max(error(rounded[name], exact[name]) for name in wanted)
        if self.skeleton.name not in SENSITIVE:
            return BOUND
        plain = Peer(self.skeleton, self.path, read(self.path, optimised=False))
        others = [plain.run(feeds), *(self.run(nudged(feeds, seed)) for seed in range(4))]
        blur = max(error(other[name], wanted[name]) for other in others for name in wanted)
        assert blur < 1e-3, "a network that amplifies rounding this much tests nothing"
        return max(BOUND, 4 * blur)


@contextmanager
def peer(name: str) -> Iterator[Peer]:
    """The network called `name` with the weights of seed 0."""
    skeleton = catalog()[name]
    with TemporaryDirectory(prefix="ingot-network-") as folder:
        path = skeleton.write(Path(folder))
        yield Peer(skeleton, path, read(path))


def read(path: Path, *, optimised: bool = True) -> Any:
    """An ONNX Runtime session that leaves the other cores alone."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def nudged(feeds: Mapping[str, np.ndarray], seed: int) -> Arrays:
    """The inputs with every float moved by at most one part in 2**23."""
    random = np.random.default_rng(seed)
    return {
        name: array * (1 + np.float32(2**-23) * random.choice(SIGNS, array.shape))
        if array.dtype == np.float32
        else array
        for name, array in feeds.items()
    }


SIGNS = np.array([-1, 0, 1], np.float32)


def error(found: np.ndarray, wanted: np.ndarray) -> float:
    """The relative L2 error; infinite where the arrays are not of one form."""
    if found.shape != wanted.shape or found.dtype != wanted.dtype or not np.isfinite(found).all():
        return float("inf")
    wide = wanted.astype(np.float64)
    return float(np.linalg.norm(found - wide) / np.linalg.norm(wide))


def check(session: ingot.Session, network: Peer, sizes: Mapping[str, int]) -> None:
    """Compare a session with the peer on the random inputs of seed 0."""
    feeds = network.skeleton.feeds(0, **sizes)
    wanted = network.run(feeds)
    found = session.run(feeds)
    assert found.keys() == wanted.keys()
    assert all(found[name].dtype == array.dtype for name, array in wanted.items())
    bound = network.bound(feeds, wanted)
    for name, array in network.wanted(feeds).items():
        wrong = error(found[name].astype(array.dtype), array)
        assert wrong <= bound, f"{session!r} {dict(sizes)} {name}: error {wrong:.2g} > {bound:.2g}"


def check_narrow(session: ingot.Session, network: Peer, sizes: Mapping[str, int]) -> None:
    """Compare a session that computes a float32 network in half precision with the peer.

    It may be off by twice what comes of rounding all weights and what every operator gives.
    """
    feeds = network.skeleton.feeds(0, **sizes)
    found, wanted, rounded = (
        session.run(feeds),
        network.run(feeds),
        network.exact(feeds, rounding=True),
    )
    for name, array in wanted.items():
        wrong, bound = error(found[name], array), 2 * error(rounded[name], array)
        assert wrong <= bound, f"{session!r} {dict(sizes)} {name}: error {wrong:.2g} > {bound:.2g}"


def widened(model: onnx.ModelProto, *, rounding: bool = False) -> onnx.ModelProto:
    """The network with every tensor in half precision as float32, its weights' values the same.

    With `rounding`, casts to float16 and back stand behind every operator that gave float16; of a
    network that is in single precision already, behind every one that gives that.
    """
    half, single = onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT
    if rounding:
        narrow = any(tensor.data_type == half for tensor in model.graph.initializer)
        round_outputs(model, half if narrow else single)
    for tensor in tensors(model.graph):
        if tensor.data_type in HALVES:
            values = onnx.numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        if value.type.tensor_type.elem_type in HALVES:
            value.type.tensor_type.elem_type = single
    del model.graph.value_info[:]
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type != "Cast" or attribute.name != "to" or node.name.endswith(NARROW):
                continue
            if attribute.i in HALVES:
                attribute.i = single
    return model


def round_outputs(model: onnx.ModelProto, kind: int) -> None:
    """Put casts to float16 and back to float32 behind every node that gives elements of `kind`.

    Weights of that kind are rounded as well.
    """
    for tensor in tensors(model.graph):
        if tensor.data_type == kind == onnx.TensorProto.FLOAT:
            values = onnx.numpy_helper.to_array(tensor)
            near = np.where(np.abs(values) < 65504, values.astype(np.float16), values)
            tensor.CopyFrom(onnx.numpy_helper.from_array(near.astype(np.float32), tensor.name))
    inferred = onnx.shape_inference.infer_shapes(model).graph
    halves = {
        value.name
        for value in (*inferred.value_info, *inferred.output)
        if value.type.tensor_type.elem_type == kind
    }
    nodes = []
    for node in model.graph.node:
        nodes.append(node)
        for position, name in enumerate(node.output):
            if name in halves:
                node.output[position] = f"{name}.exact"
                narrow = {"to": onnx.TensorProto.FLOAT16, "name": f"{name}{NARROW}"}
                wide = {"to": onnx.TensorProto.FLOAT, "name": f"{name}.wide"}
                between = f"{name}.half"
                nodes.append(onnx.helper.make_node("Cast", [f"{name}.exact"], [between], **narrow))
                nodes.append(onnx.helper.make_node("Cast", [between], [name], **wide))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
