# SPDX-License-Identifier: Apache-2.0
"""Speed on this GPU against PyTorch and ONNX Runtime, in pairs, in one process.

python -m benchmarks.gpu --output $OUT/gpu.json

Inputs and outputs lie on the device where PyTorch is there to hold them, and each run is queued in
one stream and waited for, so the times are what a user of device arrays sees. A peer that is not
installed, or cannot run a network, is left out and the reason told.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from tests.models.materialize import Skeleton, catalog, tensors

import ingot
from ingot.cli.measure import compare, interleave, l2_error
from ingot.targets import open_target
from ingot.targets.cuda import nvrtc

Run = Callable[[], object]
# Network, sizes, and whether it is cast with precision="float16"; peers then get a model in which
# every float32 is a float16.
CASES: tuple[tuple[str, dict[str, int], bool], ...] = (
    ("resnet50_fp16", {"batch": 1}, False),
    ("resnet50_fp16", {"batch": 64}, False),
    ("vit_b16_opset23_fp16", {"batch": 1}, False),
    ("vit_b16_opset23_fp16", {"batch": 32}, False),
    ("bert_base", {"batch": 1, "seq": 128}, True),
    ("bert_base", {"batch": 32, "seq": 128}, True),
    ("resnet50", {"batch": 1}, False),
)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    spec = open_target("cuda").spec
    print(f"{spec.name}, {spec.cpu}, {spec.cores} multiprocessors")
    document: dict[str, Any] = {
        "device": spec.to_dict(), "date": date.today().isoformat(), "versions": versions(),
        "rows": [],
    }  # fmt: skip
    end = time.monotonic() + 60 * options.minutes
    with TemporaryDirectory(prefix="ingot-gpu-") as folder:
        os.chmod(folder, 0o700)
        for name, sizes, half in CASES:
            if not name.startswith(options.only) or time.monotonic() > end:
                continue
            row = measure(catalog()[name], sizes, Path(folder), options, half=half)
            document["rows"].append(row)
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
            print(_line(row), flush=True)
    return 0


def versions() -> dict[str, str]:
    """What the times depend on beside the device."""
    found = {"python": platform.python_version(), "ingot": ingot.__version__}
    found["nvrtc"] = ".".join(map(str, nvrtc.version()))
    packages = ("torch", "onnxruntime")
    return found | {name: metadata.version(name) for name in packages if find_spec(name)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Speed on this GPU against peers.")
    folder = Path(os.environ.get("OUT", "build/gpu"))
    parser.add_argument("--output", type=Path, default=folder / "gpu.json")
    parser.add_argument("--only", default="", help="networks whose names start so")
    parser.add_argument("--minutes", type=float, default=8.0, help="begin nothing after")
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--steps", type=int, default=12, help="how many slowest steps to tell")
    return parser


def measure(
    skeleton: Skeleton, sizes: Mapping[str, int], folder: Path, options: Any, *, half: bool
) -> dict[str, Any]:
    """One network at one size: our time, that of forging, the slowest steps, and the peers."""
    model = skeleton.model()
    feeds = skeleton.feeds(0, **sizes)
    start = time.perf_counter()
    engine = ingot.build(model, precision="float16" if half else None)
    cast = time.perf_counter() - start
    start = time.perf_counter()
    with ingot.load(engine, device="cuda", specialize="eager", cache_dir=folder) as session:
        expected = session.run(feeds)
        forged = time.perf_counter() - start
        engines: dict[str, Run] = {"ingot": on_device(session, feeds, expected)}
        refused: dict[str, str] = {}
        errors: dict[str, float] = {}
        theirs, given = model, feeds
        if half:
            theirs, given = halved(model), {name: narrow(array) for name, array in feeds.items()}
        for name, open_peer in PEERS.items():
            try:
                run, found = open_peer(theirs, given, list(expected))
                engines[name], errors[name] = run, _error(found, expected)
            except Exception as error:  # a peer's failure is its own
                refused[name] = f"{type(error).__name__}: {error}"[:300]
        times = interleave(engines, options.pairs, time.perf_counter, warmup=20, pause=0.0)
        profile = session.profile(feeds, repeats=5)
    slowest = sorted(profile.steps, key=lambda step: -step.milliseconds)[: options.steps]
    return {
        "network": skeleton.name, "half": half, "sizes": dict(sizes), "cast_seconds": cast,
        "forge_seconds": forged, "steps": len(profile.steps),
        "ingot": times["ingot"].document(),
        "peers": {
            name: times[name].document()
            | {"ratio": compare(times["ingot"], times[name]).document(), "error": errors[name]}
            for name in times if name != "ingot"
        },
        "refused": refused,
        "slowest": [(step.name, step.candidate, step.milliseconds) for step in slowest],
        "sum_of_steps_ms": sum(step.milliseconds for step in profile.steps),
    }  # fmt: skip


def on_device(session: ingot.Session, feeds: Mapping[str, Any], expected: Mapping[str, Any]) -> Run:
    """A run with arrays of PyTorch on the device; with NumPy's where it is not there."""
    torch = cuda_torch()
    if torch is None:
        print("torch is not here: times include copies from and to the host")
        return lambda: session.run(feeds)
    given = {name: torch.from_numpy(array).cuda() for name, array in feeds.items()}
    bound = {name: torch.from_numpy(array).cuda() for name, array in expected.items()}
    stream = torch.cuda.Stream()

    def run() -> None:
        session.run(given, bound, stream=stream.cuda_stream)
        stream.synchronize()

    return run


def cuda_torch() -> Any:
    """PyTorch where it is installed and finds the device, else None."""
    if find_spec("torch") is None:
        return None
    torch = import_module("torch")
    return torch if torch.cuda.is_available() else None


def onnxruntime_cuda(model: Any, feeds: Any, names: list[str]) -> tuple[Run, dict[str, Any]]:
    """ONNX Runtime's CUDA provider, with its buffers on the device."""
    library = import_module("onnxruntime")
    if "CUDAExecutionProvider" not in library.get_available_providers():
        raise RuntimeError("this onnxruntime has no CUDA provider")
    session = library.InferenceSession(
        model.SerializeToString(), providers=["CUDAExecutionProvider"]
    )
    binding = session.io_binding()
    for name, array in feeds.items():
        binding.bind_ortvalue_input(name, library.OrtValue.ortvalue_from_numpy(array, "cuda", 0))
    for name in names:
        binding.bind_output(name, "cuda")

    def run() -> None:
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()

    run()
    return run, dict(zip(names, binding.copy_outputs_to_cpu(), strict=True))


PEERS = {"onnxruntime": onnxruntime_cuda}


def narrow(array: Any) -> Any:
    """Floats in half precision, within its range; other arrays as they are."""
    if array.dtype != np.float32:
        return array
    return np.clip(array, -65504, 65504).astype(np.float16)


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """A network in single precision with every float32 as float16, clipped to its range."""
    half, single = onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT
    for tensor in tensors(model.graph):
        if tensor.data_type == single:
            values = narrow(onnx.numpy_helper.to_array(tensor))
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        if value.type.tensor_type.elem_type == single:
            value.type.tensor_type.elem_type = half
    del model.graph.value_info[:]
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == single:
                attribute.i = half
    return model


def _error(found: Mapping[str, Any], expected: Mapping[str, Any]) -> float:
    return max(l2_error(found[name], expected[name]) for name in expected)


def _line(row: Mapping[str, Any]) -> str:
    sizes = " ".join(f"{name}={size}" for name, size in row["sizes"].items())
    peers = " ".join(
        f"{name} {peer['median_ms']:.3f} ({peer['ratio']['median']:.2f}x)"
        for name, peer in row["peers"].items()
    )
    refused = " ".join(f"[{name}: {reason[:80]}]" for name, reason in row["refused"].items())
    return (
        f"{row['network']}{' halved' if row['half'] else ''} {sizes}:"
        f" {row['ingot']['median_ms']:.3f} ms (best {row['ingot']['best_ms']:.3f},"
        f" steps {row['sum_of_steps_ms']:.3f}), forged in"
        f" {row['forge_seconds']:.2f} s {peers} {refused}"
    )


if __name__ == "__main__":
    sys.exit(main())
