# SPDX-License-Identifier: Apache-2.0
"""The tasks of `make test-gpu`, by part and name; each says what is wrong, an empty text for none.

Parts: `ops` is the op table, `numerics` the rules of docs/numerics.md, `device` what only a device
shows (faults, graphs, streams, arrays of other libraries), `kernels` every family by itself,
`conformance` the ONNX backend suite, `networks` whole models against ONNX Runtime, some of them
cast in half precision.
"""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tests.gpu import device, kernels
from tests.ops.check import GROUPS, label, wrongs

PARTS = ("device", "kernels", "ops", "numerics", "networks", "conformance")
NARROW = ("bert_base", "vit_b16", "resnet50", "whisper_base_encoder")
Task = Callable[[], str]


def tasks(part: str) -> Mapping[str, Task]:
    """The tasks of a part, in running order."""
    if part == "ops":
        return {label(group): partial(run_group, number) for number, group in enumerate(GROUPS)}
    if part == "device":
        return {name: partial(run_check, name) for name in device.CHECKS}
    if part == "kernels":
        return {name: partial(run_kernel, name) for name in kernels.CASES}
    if part == "numerics":
        return {"numerics": run_numerics}
    if part == "conformance":
        return {name: partial(run_case, name) for name in conforming()}
    names = network_names()
    whole: dict[str, Task] = {name: partial(run_network, name) for name in names}
    return whole | {f"{name} narrow": partial(run_narrow, name) for name in NARROW if names}


def run(part: str, name: str) -> tuple[str, str]:
    """A task's name and what is wrong."""
    try:
        return name, tasks(part)[name]()
    except Exception:
        return name, traceback.format_exc(limit=-6)[-3000:]


def run_group(number: int) -> str:
    """One operator in one element type."""
    return "\n".join(wrongs(GROUPS[number], "cuda"))


def run_check(name: str) -> str:
    """One check of the device itself; it raises where something is wrong."""
    device.CHECKS[name]()
    return ""


def run_kernel(name: str) -> str:
    """One family in one case; it raises where something is wrong."""
    kernels.run_case(kernels.CASES[name])
    return ""


def run_numerics() -> str:
    """The rules of docs/numerics.md, by pytest."""
    if any(find_spec(name) is None for name in ("pytest", "hypothesis")):
        print("numerics: skipped, pytest and hypothesis are not here")
        return ""
    import pytest

    files = [str(Path(__file__).parents[1] / "ops" / "test_numerics.py")]
    code = pytest.main(["-q", "--target", "cuda", "-p", "no:cacheprovider", *files])
    return "" if code == 0 else f"pytest ends with {int(code)}"


def network_names() -> list[str]:
    """The skeletons that ONNX Runtime can be asked about here."""
    if find_spec("onnxruntime") is None:
        print("networks: skipped, onnxruntime is not here")
        return []
    from tests.models.materialize import catalog

    return list(catalog())


def run_network(name: str) -> str:
    """A network at its usual and other sizes, by each strategy, against ONNX Runtime on the CPU."""
    from tests.models.networks import check, peer

    import ingot

    with peer(name) as network, tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)
        engine = ingot.build(network.path)
        for specialize in ("none", "eager", "lazy"):
            with ingot.load(
                engine, device="cuda", specialize=specialize, cache_dir=folder
            ) as session:
                check(session, network, {})
                check(session, network, network.skeleton.other_sizes)
                session.wait_ready(timeout=240)
                check(session, network, {})
    return ""


def run_narrow(name: str) -> str:
    """A network in single precision, cast with `precision="float16"`."""
    from tests.models.networks import check_narrow, peer

    import ingot

    with peer(name) as network, tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)
        engine = ingot.build(network.path, precision="float16")
        for specialize in ("none", "eager"):
            with ingot.load(
                engine, device="cuda", specialize=specialize, cache_dir=folder
            ) as session:
                check_narrow(session, network, {})
                check_narrow(session, network, network.skeleton.other_sizes)
    return ""


def conforming() -> list[str]:
    """The cases of the ONNX backend suite that are not known to fail."""
    from tests.conformance.cases import cases, known_failures

    return [name for name in cases() if name not in known_failures("cuda")]


def run_case(name: str) -> str:
    """One case of the ONNX backend suite; it raises where something is wrong."""
    import warnings

    from tests.conformance.cases import cases
    from tests.conformance.suite import passes

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        passes(cases()[name], "cuda")
    return ""
