# SPDX-License-Identifier: Apache-2.0
"""Binding and running plans with hand-written kernels."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests.unit.targets.cpu.handwritten import WALK, plan, port, step

from ingot import spec
from ingot.dims import symbol
from ingot.dtypes import INT64
from ingot.errors import CompileError, DeviceError, RunError
from ingot.plan import Buffer, BufferUse, ScratchUse, SizeUse
from ingot.targets.cpu.device import CpuDevice
from ingot.targets.cpu.probe import probe

N = symbol("n")
RUNS = 30


def mirror(x):
    return 3 * x + x[::-1]


def buffer(name, kind, size=N, first=0, last=0) -> Buffer:
    return Buffer(name, kind, INT64, (size,), 8 * size, first, last)


def chain_plan(length: int = 5, size=N, **more):
    """x -> h0 -> h1 ... -> y, every step mixing the whole of the last one's result."""
    names = ["x", *(f"h{i}" for i in range(length - 1)), "y"]
    buffers = [buffer("x", "input", size), buffer("y", "output", size)]
    buffers += [buffer(f"h{i}", "arena", size, i, i + 1) for i in range(length - 1)]
    steps = [
        step(i, "mirror", BufferUse(a), BufferUse(b, 0, "w"), SizeUse(size), extent=size)
        for i, (a, b) in enumerate(pairwise(names))
    ]
    return plan([port("x", (size,))], [port("y", (size,))], buffers, steps, **more)


@pytest.fixture(params=[1, 3], ids=["1 thread", "3 threads"])
def device(request):
    device = CpuDevice(probe(), WALK, request.param)
    yield device
    device.close()


def test_one_plan_serves_any_size(device, images, rng) -> None:
    made = chain_plan()
    module = device.load(images)
    constants = device.setup(made, module, {})
    bound = {n: device.bind(made, module, {"n": n}, constants) for n in (1, 7, 1000, 64, 0)}
    for _ in range(RUNS):
        n = int(rng.choice(list(bound)))
        x, y = rng.integers(-99, 99, n), np.full(n, -1)
        bound[n].run({"x": x}, {"y": y})
        expected = x
        for _ in range(5):
            expected = mirror(expected)
        np.testing.assert_array_equal(y, expected)


def test_buffers_that_are_never_live_together_share_memory(device, images) -> None:
    made = chain_plan(length=40)
    module = device.load(images)
    executable = device.bind(made, module, {"n": 800}, device.setup(made, module, {}))
    assert executable.memory == 2 * 6400


def test_executables_share_the_arena_and_give_it_back(device, images) -> None:
    made = chain_plan()
    module = device.load(images)
    constants = device.setup(made, module, {})
    large = device.bind(made, module, {"n": 5000}, constants)
    arena = device._arena()
    small = device.bind(made, module, {"n": 50}, constants)
    assert device._arena() is arena
    del arena
    large.close()
    small.close()
    assert device._arena() is None


def test_offsets_point_into_the_callers_arrays(device, images, rng) -> None:
    made = plan(
        [port("x", (N,))],
        [port("y", (N,))],
        [buffer("x", "input"), buffer("y", "output")],
        [
            step(
                0,
                "mirror",
                BufferUse("x", 8 * (N // 2)),
                BufferUse("y", 16, "w"),
                SizeUse(N // 4),
                extent=N // 4,
            )
        ],
    )
    module = device.load(images)
    executable = device.bind(made, module, {"n": 24}, device.setup(made, module, {}))
    for _ in range(3):
        x, y = rng.integers(-99, 99, 24), np.full(24, -1)
        executable.run({"x": x}, {"y": y})
        expected = np.full(24, -1)
        expected[2:8] = mirror(x[12:18])
        np.testing.assert_array_equal(y, expected)


def test_scratch_memory_belongs_to_one_worker(device, images, rng) -> None:
    made = plan(
        [port("x", (N,))],
        [port("y", (N,))],
        [buffer("x", "input"), buffer("y", "output")],
        [step(0, "scratch", BufferUse("x"), BufferUse("y", 0, "w"), ScratchUse(N), extent=N)],
    )
    module = device.load(images)
    executable = device.bind(made, module, {"n": 300}, device.setup(made, module, {}))
    for _ in range(RUNS):
        x, y = rng.integers(-99, 99, 300), np.zeros(300, np.int64)
        executable.run({"x": x}, {"y": y})
        np.testing.assert_array_equal(y, np.cumsum(x))


def weighted_plan(key: str = "w packed"):
    """Packs w once, then y = mirror(packed)."""
    pack = step(0, "mirror", BufferUse("w"), BufferUse(key, 0, "w"), SizeUse(60), extent=60)
    use = step(0, "mirror", BufferUse(key), BufferUse("y", 0, "w"), SizeUse(60), extent=60)
    buffers = [buffer("w", "weight", 60), buffer(key, "packed", 60), buffer("y", "output", 60)]
    free = buffer("free", "arena", N)
    return plan([], [port("y", (60,))], [*buffers, free], [use], setup=[pack])


def test_weights_are_packed_once_and_shared_between_plans_and_clones(device, images, rng) -> None:
    w, y = rng.integers(-99, 99, 60), np.zeros(60, np.int64)
    module = device.load(images)
    made = weighted_plan()
    constants = device.setup(made, module, {"w": w})
    other = device.setup(weighted_plan(), module, {"w": w})
    assert other.addresses == constants.addresses
    assert not list(other.setup())
    clone = device.clone()
    for owner in (device, clone):
        owner.bind(made, module, {}, constants).run({}, {"y": y})
        np.testing.assert_array_equal(y, mirror(mirror(w)))
        y[:] = 0
    clone.close()
    elsewhere = device.setup(made, module, {"w": w.copy()})
    assert elsewhere.addresses["w packed"] != constants.addresses["w packed"]


def test_a_missing_weight_is_an_error(device, images) -> None:
    with pytest.raises(CompileError, match="'w': the engine has no such weight"):
        device.setup(weighted_plan(), device.load(images), {})


def faulty_plan():
    mix = step(0, "mirror", BufferUse("x"), BufferUse("h", 0, "w"), SizeUse(N), extent=N)
    check = step(1, "check", BufferUse("i"), SizeUse(N), extent=N, nodes=["embed/Gather"])
    out = step(2, "mirror", BufferUse("h"), BufferUse("y", 0, "w"), SizeUse(N), extent=N)
    buffers = [
        buffer("x", "input"),
        buffer("i", "input"),
        buffer("h", "arena", last=2),
        buffer("y", "output"),
    ]
    return plan([port("x", (N,)), port("i", (N,))], [port("y", (N,))], buffers, [mix, check, out])


def test_a_fault_names_the_node_and_the_next_run_is_right(device, images, rng) -> None:
    made = faulty_plan()
    module = device.load(images)
    executable = device.bind(made, module, {"n": 50}, device.setup(made, module, {}))
    for _ in range(5):
        x, y = rng.integers(-99, 99, 50), np.zeros(50, np.int64)
        good, bad = rng.permutation(50), rng.permutation(50)
        bad[17] = -3
        with pytest.raises(RunError) as caught:
            executable.run({"x": x, "i": bad}, {"y": y})
        assert str(caught.value) == (
            "embed/Gather: index -3 is out of range; check the input that holds the indices"
        )
        executable.run({"x": x, "i": good}, {"y": y})
        np.testing.assert_array_equal(y, mirror(mirror(x)))


def test_read_only_and_empty_inputs(device, images, rng) -> None:
    made = chain_plan(1)
    module = device.load(images)
    constants = device.setup(made, module, {})
    x = rng.integers(-99, 99, 33)
    x.flags.writeable = False
    y = np.zeros(33, np.int64)
    device.bind(made, module, {"n": 33}, constants).run({"x": x}, {"y": y})
    np.testing.assert_array_equal(y, mirror(x))
    device.bind(made, module, {"n": 0}, constants).run({"x": x[:0]}, {"y": y[:0]})


def test_an_output_listed_twice_is_filled_twice(device, images, rng) -> None:
    made = chain_plan(1)
    made = replace(made, outputs=(*made.outputs, port("again", (N,), "y")))
    module = device.load(images)
    executable = device.bind(made, module, {"n": 9}, device.setup(made, module, {}))
    x, y, again = rng.integers(-99, 99, 9), np.zeros(9, np.int64), np.zeros(9, np.int64)
    executable.run({"x": x}, {"y": y, "again": again})
    np.testing.assert_array_equal(y, mirror(x))
    np.testing.assert_array_equal(again, y)


def test_profile_times_each_step(device, images, rng) -> None:
    made = chain_plan(6)
    module = device.load(images)
    executable = device.bind(made, module, {"n": 20000}, device.setup(made, module, {}))
    x, y = rng.integers(-99, 99, 20000), np.zeros(20000, np.int64)
    seconds = executable.profile({"x": x}, {"y": y}, 5)
    assert len(seconds) == 6
    assert all(1e-6 < each < 1 for each in seconds)


def test_code_for_another_cpu_is_refused() -> None:
    with pytest.raises(DeviceError, match="this CPU lacks"):
        CpuDevice(replace(probe(), features=probe().features | {"amx-tile9"}), WALK)
    other = "neon" if probe().architecture == "x86_64" else "avx2"
    with pytest.raises(DeviceError, match="this CPU lacks"):
        CpuDevice(spec.by_name(other), WALK)


def test_packing_lets_memory_be_given_back_in_between(images, rng, monkeypatch) -> None:
    monkeypatch.setattr("ingot.targets.cpu.constants._BATCH_BYTES", 2 * 480)
    names = [f"w{i}" for i in range(5)]
    buffers = [buffer("y", "output", 60)]
    setup, steps = [], []
    for i, name in enumerate(names):
        buffers += [buffer(name, "weight", 60), buffer(f"{name} packed", "packed", 60)]
        use = (BufferUse(name), BufferUse(f"{name} packed", 0, "w"), SizeUse(60))
        setup.append(step(i, "mirror", *use, extent=60))
        use = (BufferUse(f"{name} packed"), BufferUse("y", 0, "w"), SizeUse(60))
        steps.append(step(i, "mirror", *use, extent=60))
    made = plan([], [port("y", (60,))], buffers, steps, setup=setup)
    weights = {name: rng.integers(-99, 99, 60) for name in names}
    calls: list[None] = []
    device = CpuDevice(probe(), WALK, 1)
    module = device.load(images)
    constants = device.setup(made, module, weights, lambda: calls.append(None))
    assert len(calls) == 3
    y = np.zeros(60, np.int64)
    device.bind(made, module, {}, constants).run({}, {"y": y})
    np.testing.assert_array_equal(y, mirror(mirror(weights["w4"])))


def test_what_only_packing_reads_is_packed_first_and_given_back(images, rng) -> None:
    buffers = [
        buffer("y", "output", 60),
        buffer("w", "weight", 60),
        *(buffer(name, "packed", 60) for name in ("half", "whole", "idle")),
    ]
    chain = (("w", "half"), ("half", "whole"), ("half", "idle"))
    setup = [
        step(i, "mirror", BufferUse(a), BufferUse(b, 0, "w"), SizeUse(60), extent=60)
        for i, (a, b) in enumerate(chain)
    ]
    use = (BufferUse("whole"), BufferUse("y", 0, "w"), SizeUse(60))
    steps = [step(0, "mirror", *use, extent=60)]
    made = plan([], [port("y", (60,))], buffers, steps, setup=setup)
    weights = {"w": rng.integers(-99, 99, 60)}
    device = CpuDevice(probe(), WALK, 1)
    module = device.load(images)
    constants = device.setup(made, module, weights)
    assert constants.addresses.keys() == {"w", "whole"}
    y = np.zeros(60, np.int64)
    device.bind(made, module, {}, constants).run({}, {"y": y})
    np.testing.assert_array_equal(y, mirror(mirror(mirror(weights["w"]))))
