# SPDX-License-Identifier: Apache-2.0
"""Initializers in every type and every way of storing them, inline and in external files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ingot.errors import ModelError
from ingot.ir.graph import Array
from ingot.onnx import read
from ingot.onnx.tensors import ELEMENT_TYPES

TYPES = [code for code in ELEMENT_TYPES if code != TensorProto.BOOL]


def model_with(tensor: TensorProto) -> onnx.ModelProto:
    """A model whose only output is the tensor."""
    out = helper.make_tensor_value_info("out", tensor.data_type, tensor.dims)
    node = helper.make_node("Identity", [tensor.name], ["out"])
    graph = helper.make_graph([node], "stored", [], [out], [tensor])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


def stored(model: onnx.ModelProto | str | Path) -> Array:
    """The weight that the model's tensor becomes."""
    graph = read(model)
    (weight,) = graph.weights.values()
    assert weight.derivation is not None and weight.derivation.source_name == "w"
    assert not weight.data.flags.writeable
    assert weight.data.flags.aligned
    return weight.data


def drawn(code: int, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Random elements that the type holds exactly."""
    dtype = ELEMENT_TYPES[code]
    if dtype.is_float:
        low = 0.1 if dtype.name == "float8_e8m0fnu" else -4.0
        return rng.uniform(low, 4.0, shape).astype(dtype.numpy)
    low, high = (-(1 << (dtype.bits - 1)), 1 << (dtype.bits - 1))
    if dtype.kind == "uint":
        low, high = 0, 1 << dtype.bits
    return rng.integers(low, high, shape, dtype=np.uint64 if high > 2**63 else np.int64).astype(
        dtype.numpy
    )


@pytest.mark.parametrize("code", TYPES, ids=lambda code: ELEMENT_TYPES[code].name)
def test_raw_bytes(code: int, rng: np.random.Generator) -> None:
    array = drawn(code, (3, 5), rng)
    tensor = numpy_helper.from_array(array, "w")
    assert tensor.raw_data
    found = stored(model_with(tensor))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize("code", TYPES, ids=lambda code: ELEMENT_TYPES[code].name)
def test_typed_fields(code: int, rng: np.random.Generator) -> None:
    array = drawn(code, (3, 5), rng)
    if ELEMENT_TYPES[code].name == "float8_e8m0fnu":
        pytest.skip("onnx.helper does not write this type as numbers")
    tensor = helper.make_tensor("w", code, array.shape, array.flatten())
    assert not tensor.raw_data
    found = stored(model_with(tensor))
    np.testing.assert_array_equal(found, numpy_helper.to_array(tensor))
    np.testing.assert_array_equal(found, array)


def test_bools(rng: np.random.Generator) -> None:
    array = rng.integers(0, 2, (4, 3)).astype(bool)
    for tensor in (
        numpy_helper.from_array(array, "w"),
        helper.make_tensor("w", TensorProto.BOOL, array.shape, array.flatten()),
    ):
        np.testing.assert_array_equal(stored(model_with(tensor)), array)


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 0, 3)], ids=str)
def test_scalars_and_empty_tensors(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    array = np.asarray(rng.uniform(1, 2, shape)).astype(np.float32)
    for tensor in (
        numpy_helper.from_array(array, "w"),
        helper.make_tensor("w", TensorProto.FLOAT, shape, array.flatten()),
    ):
        found = stored(model_with(tensor))
        assert found.shape == shape
        np.testing.assert_array_equal(found, array)


def test_a_model_file_is_mapped_and_misaligned_payloads_are_read(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    array = rng.uniform(-1, 1, (7, 3)).astype(np.float64)
    for padding in range(8):
        model = model_with(numpy_helper.from_array(array, "w"))
        model.graph.name = "g" * (1 + padding)
        onnx.save(model, tmp_path / "model.onnx")
        np.testing.assert_array_equal(stored(tmp_path / "model.onnx"), array)


def test_sparse_initializers(rng: np.random.Generator) -> None:
    values = rng.uniform(1, 2, 3).astype(np.float32)
    for indices in ([1, 4, 11], [[0, 1], [1, 0], [2, 3]]):
        sparse = helper.make_sparse_tensor(
            numpy_helper.from_array(values, "w"),
            numpy_helper.from_array(np.array(indices, np.int64), "at"),
            [3, 4],
        )
        model = model_with(numpy_helper.from_array(np.zeros((3, 4), np.float32), "w"))
        del model.graph.initializer[:]
        model.graph.sparse_initializer.append(sparse)
        want = np.zeros(12, np.float32)
        want[[1, 4, 11]] = values
        np.testing.assert_array_equal(stored(model), want.reshape(3, 4))


class TestExternalData:
    """Weights in files beside the model."""

    def save(self, folder: Path, array: Array, **entries: str) -> Path:
        """A model whose tensor lies in `data.bin`; entries replace those of the right model."""
        (folder / "data.bin").write_bytes(b"\0" * 64 + array.tobytes())
        tensor = TensorProto(
            name="w",
            data_type=helper.np_dtype_to_tensor_dtype(array.dtype),
            dims=array.shape,
            data_location=TensorProto.EXTERNAL,
        )
        right = {"location": "data.bin", "offset": "64", "length": str(array.nbytes)}
        for key, value in (right | entries).items():
            tensor.external_data.add(key=key, value=value)
        path = folder / "model.onnx"
        path.write_bytes(model_with(tensor).SerializeToString())
        return path

    @pytest.fixture
    def array(self, rng: np.random.Generator) -> Array:
        return rng.uniform(-1, 1, (5, 6)).astype(np.float32)

    def test_is_read_and_mapped(self, tmp_path: Path, array: Array) -> None:
        found = stored(self.save(tmp_path, array))
        np.testing.assert_array_equal(found, array)
        assert not found.flags.owndata

    def test_length_may_be_left_out(self, tmp_path: Path, array: Array) -> None:
        np.testing.assert_array_equal(stored(self.save(tmp_path, array, length="")), array)

    def test_misaligned_offset(self, tmp_path: Path, array: Array) -> None:
        path = self.save(tmp_path, array, offset="66")
        (tmp_path / "data.bin").write_bytes(b"\0" * 66 + array.tobytes())
        np.testing.assert_array_equal(stored(path), array)

    def test_subfolder_and_link_inside_the_folder(self, tmp_path: Path, array: Array) -> None:
        path = self.save(tmp_path, array, location="sub/link.bin")
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "link.bin").symlink_to(tmp_path / "data.bin")
        np.testing.assert_array_equal(stored(path), array)

    @pytest.mark.parametrize(
        ("entries", "message"),
        [
            ({"location": "gone.bin"}, "'gone.bin' does not exist"),
            ({"location": "../data.bin"}, "'../data.bin' leaves the model's folder"),
            ({"location": "a/../../data.bin"}, "leaves the model's folder"),
            ({"location": "..\\data.bin"}, "leaves the model's folder"),
            ({"location": "/etc/passwd"}, "'/etc/passwd' is not a relative path"),
            ({"location": "C:\\data.bin"}, "is not a relative path"),
            ({"location": ""}, "is not a relative path"),
            ({"location": "."}, "is not a regular file"),
            ({"offset": "100"}, "needs bytes 100 to 220 of 'data.bin', which has 184"),
            ({"length": "96"}, "needs 120 bytes, its external data entry says 96"),
            ({"offset": "-4"}, "external data offset '-4' is not a size in bytes"),
            ({"offset": "9" * 30}, "is not a size in bytes"),
        ],
        ids=lambda value: str(value) if isinstance(value, dict) else "",
    )
    def test_bad_entries(
        self, tmp_path: Path, array: Array, entries: dict[str, str], message: str
    ) -> None:
        folder = tmp_path / "model"
        folder.mkdir()
        (tmp_path / "data.bin").write_bytes(b"\0" * 64 + array.tobytes())
        with pytest.raises(ModelError) as caught:
            read(self.save(folder, array, **entries))
        assert message in str(caught.value)
        assert str(caught.value).startswith("tensor 'w'")

    def test_links_out_of_the_folder(self, tmp_path: Path, array: Array) -> None:
        folder = tmp_path / "model"
        folder.mkdir()
        (tmp_path / "secret.bin").write_bytes(b"\0" * 64 + array.tobytes())
        path = self.save(folder, array, location="link.bin")
        (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
        with pytest.raises(ModelError, match="is a link out of the model's folder"):
            read(path)

    def test_pipes_are_not_opened(self, tmp_path: Path, array: Array) -> None:
        os = pytest.importorskip("os")
        path = self.save(tmp_path, array, location="pipe")
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ModelError, match="is not a regular file"):
            read(path)

    def test_a_model_in_memory_has_no_folder(self, tmp_path: Path, array: Array) -> None:
        data = self.save(tmp_path, array).read_bytes()
        with pytest.raises(ModelError, match="the model came as bytes; pass the model's path"):
            read(data)
