# SPDX-License-Identifier: Apache-2.0
"""Arrays of other libraries, on an emulated device: both interfaces, and what is refused."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.emulation import compiler
from tests.emulation.driver import EmulatedDriver, emulation
from tests.gpu.device import expected, near, perceptron, sample

import ingot
from ingot.dims import symbol
from ingot.dtypes import FLOAT32, INT64
from ingot.errors import InputError, UsageError
from ingot.ops import Builder
from ingot.targets.cuda import arrays

pytestmark = pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")


class Interface:
    """An array that speaks `__cuda_array_interface__`; emulated memory is the host's."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.__cuda_array_interface__ = {**array.__array_interface__, "version": 3, "stream": 2}


class Lent:
    """An array that speaks DLPack and says that it is on a GPU."""

    def __init__(self, array: Any, number: int = 0) -> None:
        self.array, self.number = array, number
        self.streams: list[int] = []

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, self.number

    def __dlpack__(self, stream: int) -> object:
        self.streams.append(stream)
        return self.array.__dlpack__()


class Table(ctypes.Structure):
    """DLPackExchangeAPI, version 1.3."""

    _fields_ = (("version", ctypes.c_uint32 * 2), ("pointers", ctypes.c_void_p * 6))


LOOK = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(arrays._Tensor))
STREAM = ctypes.PYFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.c_int32, ctypes.POINTER(ctypes.c_void_p)
)


@LOOK
def look_at(value: Any, out: Any) -> int:
    borrowed = arrays._Borrowed(value.array.__dlpack__())
    ctypes.pointer(out.contents)[0] = borrowed.tensor
    out.contents.device_type, out.contents.device_id = 2, value.number
    value.borrowed = borrowed
    return 0


@STREAM
def current_stream(kind: int, device: int, out: Any) -> int:
    out[0] = 4321
    return 0


def exchange() -> object:
    """The capsule by which an array type offers its C functions."""
    functions = (None, None, None, None, look_at, current_stream)
    pointers = [ctypes.cast(f, ctypes.c_void_p).value if f else None for f in functions]
    table = Table((1, 3), (ctypes.c_void_p * 6)(*pointers))
    new = ctypes.pythonapi.PyCapsule_New
    new.restype, new.argtypes = (
        ctypes.py_object,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p),
    )
    KEPT.append(table)
    capsule: object = new(ctypes.addressof(table), b"dlpack_exchange_api", None)
    return capsule


KEPT: list[object] = []


class Offered:
    """An array whose type offers DLPack's C functions."""

    __dlpack_c_exchange_api__ = exchange()

    def __init__(self, array: Any, number: int = 0) -> None:
        self.array, self.number = array, number


@pytest.fixture
def gpu() -> Iterator[EmulatedDriver]:
    with emulation() as driver:
        yield driver


@pytest.mark.parametrize("wrap", [Interface, Lent, Offered])
def test_arrays_on_the_device_go_in_and_out(wrap: Any, gpu: EmulatedDriver) -> None:
    graph, x = perceptron(), sample(5)
    with ingot.load(graph, device="cuda", specialize="none") as session:
        out = np.full((5, 32), 7, np.float32)
        bound = wrap(out)
        assert session.run({"x": wrap(x)}, {"y": bound})["y"] is bound
        near(out, expected(graph, x))
        near(session.run({"x": wrap(x)})["y"], expected(graph, x))
        near(session.run({"x": x}, {"y": bound})["y"].array, expected(graph, x))


def test_a_run_in_the_callers_stream_is_not_waited_for(gpu: EmulatedDriver) -> None:
    graph, x, out = perceptron(), Lent(sample(5)), np.empty((5, 32), np.float32)
    with ingot.load(graph, device="cuda", specialize="none") as session:
        session.run({"x": x}, {"y": Lent(out)})
        before = gpu.calls["cuStreamSynchronize"]
        session.run({"x": x}, {"y": Lent(out)}, stream=77)
        assert gpu.calls["cuStreamSynchronize"] == before
        assert x.streams[-1] == 77 and x.streams[0] != 77


def test_arrays_on_the_device_are_not_copied(gpu: EmulatedDriver) -> None:
    graph, x = perceptron(), [sample(5), sample(5) + 1]
    outs = [np.empty((5, 32), np.float32) for _ in x]
    with ingot.load(graph, device="cuda", specialize="none") as session:
        session.run({"x": x[0]})
        before = dict(gpu.calls)
        for given, out in (*zip(x, outs, strict=True), (x[0], outs[1])):
            session.run({"x": Offered(given)}, {"y": Offered(out)})
            near(out, expected(graph, given))
        for name in ("cuMemcpyDtoDAsync_v2", "cuStreamBeginCapture_v2"):
            assert gpu.calls.get(name) == before.get(name)
        near(session.run({"x": x[1]})["y"], expected(graph, x[1]))


def test_work_of_the_arrays_library_comes_first(gpu: EmulatedDriver) -> None:
    with ingot.load(perceptron(), device="cuda", specialize="none") as session:
        out = Offered(np.empty((5, 32), np.float32))
        session.run({"x": Offered(sample(5))}, {"y": out}, stream=4321)
        assert "cuStreamWaitEvent" not in gpu.calls
        session.run({"x": Offered(sample(5))}, {"y": out}, stream=77)
        assert gpu.calls["cuStreamWaitEvent"] == 1
        session.run({"x": Offered(sample(5))}, {"y": out}, stream=77)
        assert gpu.calls["cuStreamWaitEvent"] == 2


def test_the_default_stream_has_a_name_of_its_own(gpu: EmulatedDriver) -> None:
    x = Lent(sample(5))
    with ingot.load(perceptron(), device="cuda", specialize="none") as session:
        session.run({"x": x}, stream=0)
    assert x.streams == [1]


def test_a_lent_array_is_given_back(gpu: EmulatedDriver) -> None:
    array = sample(5)
    with ingot.load(perceptron(), device="cuda", specialize="none") as session:
        references = ctypes.c_long.from_address(id(array)).value
        session.run({"x": Lent(array)})
        assert ctypes.c_long.from_address(id(array)).value == references


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda: Lent(sample(4), number=1), "array on cuda:1: the session is on cuda:0"),
        (lambda: Offered(sample(4), number=1), "array on cuda:1: the session is on cuda:0"),
        (lambda: Offered(sample(8)[::2]), "not C-contiguous; pass a contiguous copy"),
        (lambda: Lent(sample(8)[::2]), "not C-contiguous; pass a contiguous copy"),
        (lambda: Interface(sample(8)[::2]), "not C-contiguous; pass a contiguous copy"),
        (lambda: Lent(sample(4).astype(np.float64)), "input 'x': expects float32, got float64"),
    ],
)
def test_what_does_not_fit_is_refused(value: Any, message: str, gpu: EmulatedDriver) -> None:
    with ingot.load(perceptron(), device="cuda", specialize="none") as session:
        with pytest.raises(InputError) as caught:
            session.run({"x": value()})
        assert message in str(caught.value)
        near(session.run({"x": sample(4)})["y"], expected(perceptron(), sample(4)))


def test_a_cpu_has_no_streams() -> None:
    refused = pytest.raises(UsageError, match="it has no streams")
    with ingot.load(perceptron(), device="reference") as session, refused:
        session.run({"x": sample(4)}, stream=5)


def test_a_graph_that_measures_sizes_takes_arrays_of_the_device(gpu: EmulatedDriver) -> None:
    builder = Builder("counted")
    x = builder.input("x", FLOAT32, (symbol("batch"), 4))
    positive = builder.node("cast", builder.node("greater", x, 0.0), to=INT64)
    size = builder.measure(builder.node("reduce_sum", positive, axes=(0, 1), keep_dims=False))
    line = builder.node("iota", *map(builder.constant, map(np.int64, (0, 1))), length=size)
    y = builder.node("exp", x)
    graph = builder.finish({"y": y, "line": line}, stage="portable")
    given = np.random.default_rng(3).standard_normal((5, 4)).astype(np.float32)
    with ingot.load(graph, device="cuda", specialize="none") as session:
        for wrap in (Lent, Interface, np.asarray):
            out = np.empty_like(given)
            found = session.run({"x": wrap(given)}, {"y": wrap(out)})
            np.testing.assert_allclose(out, np.exp(given), rtol=1e-6)
            np.testing.assert_array_equal(found["line"], np.arange((given > 0).sum()))
