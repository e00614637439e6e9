# SPDX-License-Identifier: Apache-2.0
"""What `make demo` runs: two networks cast, forged on this CPU, run, checked and timed.

The first is a digit classifier with real weights: its accuracy on images that training never saw
is printed beside the figure of the framework that trained it. The second is ResNet-50 with weights
made on the spot, compared with ONNX Runtime on the same input and the same cores.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

import ingot
from ingot import host
from ingot.cli.measure import interleave

HERE = Path(__file__).resolve().parent
DIGITS = HERE / "digits"
PAIRS = 15

sys.path.insert(0, str(HERE.parent / "tests" / "models"))
from materialize import catalog  # noqa: E402  (the skeletons live with the tests)

Feeds = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    model: str
    cast: float
    megabytes: float
    cold: float
    warm: float
    latency: float
    peer: float
    error: float

    def text(self) -> str:
        """The line."""
        return (
            f"{self.model:22}{self.cast:8.2f}{self.megabytes:11.1f}{self.cold:14.2f}"
            f"{self.warm:14.3f}{self.latency:13.2f}{self.peer:14.2f}{self.error:16.1e}"
        )


HEADER = (
    f"{'model':22}{'cast s':>8}{'engine MB':>11}{'forge cold s':>14}{'forge warm s':>14}"
    f"{'latency ms':>13}{'ONNX RT ms':>14}{'largest error':>16}"
)


def timed(action: Callable[[], object]) -> tuple[float, object]:
    """Seconds that `action` takes, and its result."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def forge(engine: Path, feeds: Feeds, cache: Path) -> tuple[float, ingot.Session]:
    """A session at full speed, and the seconds until it was: loading and the first run's extra."""
    load_seconds, session = timed(
        lambda: ingot.load(engine, device="cpu", cache_dir=cache, specialize="eager")
    )
    first, _ = timed(lambda: session.run(feeds))
    later, _ = timed(lambda: session.run(feeds))
    return load_seconds + max(first - later, 0), session


def peer(model: Path) -> onnxruntime.InferenceSession:
    """ONNX Runtime on as many cores as Ingot takes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = host.physical_cores()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def alternate(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Median milliseconds of both, run in turns so that they share good and bad moments."""
    times = interleave({"ours": ours, "theirs": theirs}, PAIRS, time.perf_counter)
    return times["ours"].median * 1e3, times["theirs"].median * 1e3


def measure(name: str, model: Path, feeds: Feeds, folder: Path) -> Row:
    """Cast, forge without and with a filled cache, compare with ONNX Runtime."""
    path = folder / f"{name}.ingot"
    cast, engine = timed(lambda: ingot.build(model))
    engine.save(path)
    cache = folder / f"cache-{name}"
    cold, first = forge(path, feeds, cache)
    first.close()
    warm, session = forge(path, feeds, cache)
    reference = peer(model)
    with session:
        ours = session.run(feeds)
        names = [output.name for output in reference.get_outputs()]
        theirs = dict(zip(names, reference.run(names, dict(feeds)), strict=True))
        error = max(float(np.abs(ours[key] - theirs[key]).max()) for key in names)
        latency, other = alternate(
            lambda: session.run(feeds), lambda: reference.run(names, dict(feeds))
        )
    return Row(name, cast, path.stat().st_size / 1e6, cold, warm, latency, other, error)


def classify_digits(folder: Path) -> None:
    """Print the accuracy on the held-out digits beside the framework's own."""
    test = np.load(DIGITS / "test.npz")
    figure = json.loads((DIGITS / "accuracy.json").read_text(encoding="utf-8"))
    engine = ingot.build(DIGITS / "digits.onnx")
    with ingot.load(engine, device="cpu", cache_dir=folder / "cache") as session:
        logits = session.run({"image": test["image"]})["logits"]
    right = int((logits.argmax(1) == test["label"]).sum())
    total = len(test["label"])
    print(f"Digits: {right} of {total} held-out images right, {right / total:.2%};", end=" ")
    print(f"{figure['framework']} had {figure['right']} of {figure['of']}.")
    if right != figure["right"] or total != figure["of"]:
        raise SystemExit("The accuracy differs from the framework's own.")


def main() -> None:
    """Both networks, one table."""
    with tempfile.TemporaryDirectory(prefix="ingot-demo-") as name:
        folder = Path(name)
        classify_digits(folder)
        resnet = catalog()["resnet50"]
        one_digit = {"image": np.load(DIGITS / "test.npz")["image"][:1]}
        print(f"Drawing the weights of ResNet-50; timing on {host.physical_cores()} cores …\n")
        model = resnet.write(folder)
        print(HEADER)
        print(measure("digits", DIGITS / "digits.onnx", one_digit, folder).text())
        print(measure("resnet50", model, resnet.feeds(), folder).text())


if __name__ == "__main__":
    main()
