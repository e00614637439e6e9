# SPDX-License-Identifier: Apache-2.0
"""The engine file: same bytes, readable by safetensors, mapped not copied, whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import safetensors
from tests.unit.engine.engine_graphs import net

from ingot import dtypes
from ingot.engine import Engine, check
from ingot.engine import contents as contents_module
from ingot.engine.storage import stored_bytes, stored_form, stored_view
from ingot.errors import EngineError, GraphError, UsageError
from ingot.ir.graph import Graph
from ingot.ir.text import parse_graph, print_graph


def assert_same_graph(found: Graph, expected: Graph) -> None:
    assert print_graph(found) == print_graph(expected)
    for name, weight in expected.weights.items():
        assert found.weights[name].data.tobytes() == weight.data.tobytes()


def test_round_trip_through_a_file(tmp_path: Path) -> None:
    graph = net()
    path = tmp_path / "net.ingot"
    Engine.from_graph(graph, options={"strict_nans": True}).save(path)
    engine = Engine.open(path, verify="full")
    assert_same_graph(engine.graph, graph)
    assert [port.name for port in engine.inputs] == ["x"]
    assert str(engine.inputs[0].shape[0]) == "batch"
    assert engine.info.options == {"strict_nans": True}
    assert engine.info.bytes == path.stat().st_size
    assert engine.info.nodes == 6
    assert engine.symbols["batch"].hi == 64


def test_same_model_gives_same_bytes(tmp_path: Path) -> None:
    first, second = Engine.from_graph(net()), Engine.from_graph(net())
    data = first.to_bytes()
    assert data == second.to_bytes()
    assert Engine.from_graph(Engine.open(data).graph).to_bytes() == data
    assert first.key == Engine.open(data).key
    assert Engine.from_graph(net(seed=1)).key != first.key
    script = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from tests.unit.engine.engine_graphs import net; from ingot.engine import Engine\n"
        "sys.stdout.buffer.write(Engine.from_graph(net()).to_bytes())"
    )
    folders = [str(Path(__file__).parents[3]), str(Path(dtypes.__file__).parents[1])]
    command = [sys.executable, "-c", script, *folders]
    run = subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": "77"})
    assert run.stdout == data


def test_safetensors_reads_every_weight(tmp_path: Path) -> None:
    graph = net()
    path = tmp_path / "net.ingot"
    Engine.from_graph(graph).save(path)
    with safetensors.safe_open(path, "numpy") as file:
        names = set(file.keys())
        assert {"w", "tied"} & names == {"tied"}, "equal weights are one tensor"
        np.testing.assert_array_equal(file.get_tensor("tied"), graph.weights["w"].data)
        np.testing.assert_array_equal(
            file.get_tensor("weight:ingot.pad.0"), graph.weights["ingot.pad.0"].data
        )
        assert file.get_tensor("half") == np.float32(0.5)
        assert set(file.metadata()) == {
            "ingot.version", "ingot.checksum", "ingot.description", "ingot.program"
        }  # fmt: skip


def test_every_tensor_begins_on_64_bytes_and_keys_are_sorted() -> None:
    data = Engine.from_graph(net()).to_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    assert (8 + size) % 64 == 0
    assert list(header) == sorted(header)
    places = [entry["data_offsets"] for name, entry in header.items() if name != "__metadata__"]
    ends = 0
    for name, entry in sorted(
        (item for item in header.items() if item[0] != "__metadata__"),
        key=lambda item: item[1]["data_offsets"],
    ):
        begin, end = entry["data_offsets"]
        assert begin == ends, "no holes"
        assert begin % 64 == 0 or name.startswith("ingot.pad.")
        ends = end
    assert len(data) == 8 + size + max(end for _, end in places)


def test_weights_are_views_of_the_map(tmp_path: Path) -> None:
    path = tmp_path / "net.ingot"
    Engine.from_graph(net()).save(path)
    engine = Engine.open(path)
    weight = engine.weights["w"]
    assert not weight.flags.writeable
    assert not weight.flags.owndata
    assert weight.ctypes.data % 64 == 0
    assert weight.ctypes.data == engine.weights["tied"].ctypes.data
    assert weight.ctypes.data == engine.graph.weights["w"].data.ctypes.data
    assert set(engine.weights) == {"w", "tied", "bias", "half", "ingot.pad.0"}


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=str)
@pytest.mark.parametrize("count", [0, 1, 5, 64])
def test_every_element_type_round_trips(dtype: dtypes.DType, count: int) -> None:
    random = np.random.default_rng(count)
    if dtype.kind == "bool":
        array = random.integers(0, 2, count).astype(bool)
    elif dtype.is_float:
        array = random.uniform(0.25, 4, count).astype(dtype.numpy)
    else:
        info = ml_dtypes.iinfo(dtype.numpy)
        array = random.integers(info.min, info.max, count, np.int64 if info.min else np.uint64)
        array = array.astype(dtype.numpy)
    stored = stored_bytes(array)
    assert len(stored) == stored_form(dtype, (count,))[2] == -(-count * dtype.bits // 8)
    found = stored_view(stored, dtype, (count,))
    assert found.dtype == dtype.numpy
    np.testing.assert_array_equal(found.astype(np.float64), array.astype(np.float64))


def test_narrow_elements_pack_low_bits_first() -> None:
    four = np.array([1, -2, 7], np.int8).astype(ml_dtypes.int4)
    assert bytes(stored_bytes(four)) == bytes([0xE1, 0x07])
    two = np.array([1, 2, 3, 0, 2], np.uint8).astype(ml_dtypes.uint2)
    assert bytes(stored_bytes(two)) == bytes([0b00111001, 0b10])


def test_a_long_program_becomes_a_tensor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents_module, "MAX_PROGRAM_IN_HEADER", 100)
    path = tmp_path / "net.ingot"
    Engine.from_graph(net()).save(path)
    with safetensors.safe_open(path, "numpy") as file:
        assert "ingot.program" not in file.metadata()
        assert bytes(file.get_tensor("ingot.program")).decode().startswith("graph net portable")
    assert_same_graph(Engine.open(path, verify="full").graph, net())
    data = bytearray(path.read_bytes())
    place = data.index(b"graph net portable")
    data[place + 3] ^= 1
    with pytest.raises(EngineError, match="program: checksum"):
        Engine.open(bytes(data))


def test_non_contiguous_and_big_endian_weights_are_stored_alike() -> None:
    array = np.random.default_rng(3).standard_normal((4, 6)).astype(np.float32)
    expected = bytes(stored_bytes(array))
    assert bytes(stored_bytes(np.asfortranarray(array))) == expected
    assert bytes(stored_bytes(array.astype(">f4"))) == expected


def test_an_interrupted_save_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.ingot"
    Engine.from_graph(net()).save(path)
    before = path.read_bytes()

    def interrupted(self: object) -> object:
        yield before[:100]
        raise KeyboardInterrupt

    monkeypatch.setattr(contents_module.Contents, "pieces", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Engine.from_graph(net(seed=1)).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name the file at once")
def test_a_killed_save_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import os, sys; sys.path[:0] = [sys.argv[1]]\n"
        "from pathlib import Path; from ingot.engine.write import write_file\n"
        "def pieces():\n"
        "    yield b'x' * 1000000\n"
        "    os.kill(os.getpid(), 9)\n"
        "write_file(Path(sys.argv[2]), pieces())"
    )
    source = str(Path(dtypes.__file__).parents[1])
    run = subprocess.run([sys.executable, "-c", script, source, str(tmp_path / "net.ingot")])
    assert run.returncode == -9
    assert list(tmp_path.iterdir()) == []


def test_saving_over_the_mapped_file_itself(tmp_path: Path) -> None:
    path = tmp_path / "net.ingot"
    Engine.from_graph(net()).save(path)
    engine = Engine.open(path)
    engine.save(path)
    assert_same_graph(Engine.open(path, verify="full").graph, net())
    assert engine.weights["w"].tobytes() == net().weights["w"].data.tobytes()


def test_a_symbolic_link_keeps_pointing(tmp_path: Path) -> None:
    target, link = tmp_path / "real.ingot", tmp_path / "link.ingot"
    link.symlink_to(target)
    Engine.from_graph(net()).save(link)
    assert link.is_symlink()
    assert Engine.open(target).name == "net"


def test_save_errors_name_the_path(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"absent/net\.ingot'.*choose a folder"):
        Engine.from_graph(net()).save(tmp_path / "absent" / "net.ingot")
    with pytest.raises(EngineError, match="directory"):
        Engine.from_graph(net()).save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_open_errors_name_the_path(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"nothing\.ingot': No such file"):
        Engine.open(tmp_path / "nothing.ingot")
    with pytest.raises(EngineError, match="directory"):
        Engine.open(tmp_path)
    with pytest.raises(UsageError, match="'header' or 'full'"):
        Engine.open(b"", verify="some")  # type: ignore[arg-type]  # wrong on purpose


def test_nested_weights_with_one_name_are_refused() -> None:
    text = (
        "graph outer portable\n  input %c: bool[]\n  weight %w: float32[] = {1.0}\n"
        '  %y: float32[] = branch(%c) {body=graph("inner")}\n  output %y\n\n'
        "graph inner portable\n  weight %w: float32[] = {2.0}\n  output %w\n"
    )
    with pytest.raises(GraphError, match="weight 'w'"):
        Engine.from_graph(parse_graph(text)).to_bytes()


def test_check_reads_the_header_only(tmp_path: Path) -> None:
    path = tmp_path / "net.ingot"
    Engine.from_graph(net()).save(path)
    assert check(path).validity == "valid"
    data = bytearray(path.read_bytes())
    data[-200] ^= 1
    assert check(bytes(data)).validity == "valid"
    assert check(bytes(data[:-1])).validity == "invalid"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_released_memory_is_given_back_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "large.ingot"
    array = np.random.default_rng(5).integers(0, 256, 40_000_000, np.uint8)
    text = "graph g portable\n  weight %w: uint8[40000000] = @w\n  output %w\n"
    Engine.from_graph(parse_graph(text, {"w": array})).save(path)
    engine = Engine.open(path)
    before = resident_bytes()
    weight = engine.weights["w"]
    total = int(weight[::512].sum())
    assert resident_bytes() - before > 35_000_000
    engine.release_memory()
    assert resident_bytes() - before < 5_000_000
    assert int(weight[::512].sum()) == total == int(array[::512].sum())


def resident_bytes() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))
