# SPDX-License-Identifier: Apache-2.0
"""Skeletons become the networks that their catalog describes."""

import numpy as np
import onnx
import onnxruntime
import pytest
from tests.models.materialize import FOLDER, catalog, tensors


def test_the_folder_holds_what_the_catalog_lists_and_is_small():
    files = sorted(path.stem for path in FOLDER.glob("*.onnx"))
    assert files == sorted(catalog())
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1.5e6


def test_seeds_decide_the_values():
    skeleton = catalog()["mobilenetv2_legacy"]
    first, again, other = (skeleton.model(seed).SerializeToString() for seed in (3, 3, 4))
    assert first == again
    assert first != other


@pytest.mark.parametrize("name", catalog())
def test_every_weight_has_values_to_draw(name):
    model = onnx.load(FOLDER / f"{name}.onnx", load_external_data=False)
    ruled = [tensor for tensor in tensors(model.graph) if tensor.doc_string]
    assert ruled and not any(tensor.raw_data for tensor in ruled)


@pytest.mark.parametrize("name", catalog())
def test_inputs_have_the_declared_shapes(name):
    skeleton = catalog()[name]
    for sizes in (skeleton.sizes, skeleton.other_sizes):
        known = {**skeleton.sizes, **sizes}
        for key, array in skeleton.feeds(7, **sizes).items():
            rule = skeleton.inputs[key]
            assert array.shape == tuple(known.get(d, d) for d in rule["shape"])
            assert array.dtype == rule["dtype"]
            assert array.any()


@pytest.mark.parametrize("name", ["mobilenetv2_legacy", "whisper_base_encoder"])
def test_a_network_computes_what_its_catalog_says(name):
    skeleton = catalog()[name]
    session = onnxruntime.InferenceSession(
        skeleton.model().SerializeToString(), providers=["CPUExecutionProvider"]
    )
    found = session.run(None, skeleton.feeds(0, **skeleton.check["sizes"]))
    for output, values in zip(session.get_outputs(), found, strict=True):
        expected = skeleton.check["outputs"][output.name]
        np.testing.assert_allclose(values.mean(), expected["mean"], atol=1e-4)
        np.testing.assert_allclose(values.std(), expected["std"], rtol=1e-4)
