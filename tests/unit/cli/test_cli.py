# SPDX-License-Identifier: Apache-2.0
"""The command line: verbs, reports, exit codes, and what stays silent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ingot
from ingot.cli.__main__ import VERBS, main

ROOT = Path(__file__).parents[3]
DIGITS = ROOT / "examples" / "digits" / "digits.onnx"


@pytest.fixture
def engine(tmp_path):
    path = tmp_path / "digits.ingot"
    ingot.build(DIGITS).save(path)
    return path


@pytest.fixture
def images(tmp_path):
    path = tmp_path / "images.npy"
    array = np.random.default_rng(7).random((3, 1, 8, 8), np.float32)
    np.save(path, array)
    return path


def run(*words):
    return main([str(word) for word in words])


def report(capsys):
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("verb", [*VERBS, None])
def test_every_verb_explains_itself(verb, capsys):
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"] if verb else ["--help"])
    assert caught.value.code == 0
    assert "usage: ingot" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["melt"], ["build"], ["build", "a", "b"], ["ops", "--no"]])
def test_wrong_words_exit_with_2(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage: ingot" in capsys.readouterr().err


def test_build_writes_and_reports(tmp_path, capsys):
    output = tmp_path / "d.ingot"
    assert run("build", DIGITS, "-o", output, "--json") == 0
    facts = report(capsys)
    assert facts["bytes"] == output.stat().st_size
    assert facts["engine"] == str(output)
    assert 0 < facts["cast_seconds"] < 60
    assert run("build", DIGITS, "-o", output, "--verbose") == 0
    found = capsys.readouterr()
    assert "parameters" in found.out and "cast in" in found.out
    assert "cast: " in found.err and "save: " in found.err
    assert "\r" not in found.err, "no progress where nobody looks"


def test_build_profiles(tmp_path, capsys):
    output = tmp_path / "d.ingot"
    assert run("build", DIGITS, "-o", output, "--profile", "batch:2..9") == 0
    assert ingot.Engine.open(output).symbols["batch"].hi == 9
    shapes = "image:1x1x8x8..4x1x8x8..16x1x8x8"
    assert run("build", DIGITS, "-o", output, "--profile", shapes) == 0
    assert (ingot.Engine.open(output).symbols["batch"].lo) == 1
    assert (ingot.Engine.open(output).symbols["batch"].hi) == 16
    capsys.readouterr()
    for text in ("batch", "batch:1", "batch:1..2..3..4", "batch:a..b", ":1..2"):
        assert run("build", DIGITS, "-o", output, "--profile", text) == 2
        assert f"--profile '{text}': must be NAME:MIN..MAX" in capsys.readouterr().err


def test_build_strips(tmp_path):
    whole, stripped = tmp_path / "whole.ingot", tmp_path / "stripped.ingot"
    assert run("build", DIGITS, "-o", whole, "--refittable") == 0
    assert run("build", DIGITS, "-o", stripped, "--strip-weights") == 0
    assert stripped.stat().st_size < whole.stat().st_size / 4
    assert ingot.Engine.open(stripped).stripped


def test_build_never_overwrites_its_model(tmp_path, capsys):
    model = tmp_path / "m.onnx"
    model.write_bytes(DIGITS.read_bytes())
    assert run("build", model, "-o", model) == 2
    assert "is the model itself" in capsys.readouterr().err
    assert model.read_bytes() == DIGITS.read_bytes()


@pytest.mark.parametrize("content", [b"", b"garbage" * 99, None])
def test_a_bad_model_fails_with_1_and_leaves_nothing(content, tmp_path, capsys):
    model, output = tmp_path / "m.onnx", tmp_path / "m.ingot"
    if content is not None:
        model.write_bytes(content)
    assert run("build", model) == 1
    found = capsys.readouterr()
    assert found.err.startswith("ingot: error: ") and found.err.count("\n") == 1
    assert not found.out and not output.exists()


@pytest.mark.parametrize("device", ["reference", "cpu"])
def test_run_keeps_its_outputs(device, engine, images, tmp_path, capsys):
    kept = tmp_path / "outputs.npz"
    words = ["--device", device, "--input", f"image={images}", "--output", kept]
    assert run("run", engine, *words, "--json") == 0
    facts = report(capsys)["outputs"]["logits"]
    with np.load(kept) as arrays:
        logits = arrays["logits"]
    assert facts["shape"] == list(logits.shape) == [3, 10]
    assert facts["min"] == pytest.approx(logits.min())
    with ingot.load(engine, device="reference") as session:
        expected = session.run({"image": np.load(images)})["logits"]
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


def test_run_takes_models_and_npz(images, tmp_path, capsys):
    inputs = tmp_path / "inputs.npz"
    np.savez(inputs, image=np.load(images))
    assert run("run", DIGITS, "--inputs", inputs) == 0
    assert capsys.readouterr().out.startswith("logits: float32 3x10  min ")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--input", "image"], 2, "--input 'image': must be NAME=FILE.npy"),
        (["--input", "image=absent.npy"], 1, "absent.npy"),
        (["--input", f"image={DIGITS}"], 1, "input file: "),
        (["--shape", "image:1x1x8"], 1, "input 'image': expects 4 dimensions, has 3"),
        (["--shape", "image:1x1x8x9"], 1, "axis 3 expects size 8, has 9"),
        (["--shape", "image=1"], 2, "--shape 'image=1': must be NAME:1x3x224x224"),
        (["--shape", "picture:1"], 1, "input 'picture': the model has no such input"),
        (["--device", "toaster"], 2, "device 'toaster': unknown"),
        (["--threads", "0"], 2, "threads=0: must be at least 1"),
    ],
)
def test_run_errors(words, code, message, engine, capsys):
    assert run("run", engine, *words) == code
    assert message in capsys.readouterr().err


def test_inspect(engine, capsys):
    assert run("inspect", engine) == 0
    shown = capsys.readouterr().out
    assert "valid" in shown and "input image: float32[batch, 1, 8, 8]" in shown
    assert run("inspect", engine, "--text") == 0
    assert capsys.readouterr().out.startswith("graph ")
    assert run("inspect", engine, "--json", "--verify", "full") == 0
    facts = report(capsys)
    assert facts["validity"] == "valid" and facts["reasons"] == 0
    assert facts["key"] == ingot.Engine.open(engine).key
    assert facts["inputs"] == [{"name": "image", "dtype": "float32", "shape": ["batch", 1, 8, 8]}]


def test_inspect_damaged(engine, capsys):
    data = bytearray(engine.read_bytes())
    data[-100] ^= 1
    engine.write_bytes(data)
    assert run("inspect", engine) == 0
    assert run("inspect", engine, "--verify", "full") == 1
    assert "checksum does not match" in capsys.readouterr().err


def test_bench_in_pairs(engine, tmp_path, capsys):
    file = tmp_path / "bench.json"
    words = ["--shape", "image:2x1x8x8", "--threads", "1", "--runs", "15", "--json", file]
    against = ["--against", "onnxruntime"]
    assert run("bench", DIGITS, *words, *against, "--profile") == 0
    shown = capsys.readouterr().out
    assert "as fast (95 % interval" in shown and "GFLOP/s" in shown
    facts = json.loads(file.read_text())
    assert facts["clock"] == "cpu" and facts["shapes"] == {"image": [2, 1, 8, 8]}
    assert facts["ratio"]["low"] <= facts["ratio"]["median"] <= facts["ratio"]["high"]
    assert facts["ratio"]["pairs"] == 15
    assert facts["l2_error"] < 1e-5
    assert facts["profile"]["steps"] and facts["stats"]["plans"] == 1
    assert run("bench", engine, *words, *against) == 2
    assert "give it with --model" in capsys.readouterr().err
    assert run("bench", engine, *words, *against, "--model", DIGITS) == 0
    assert run("bench", engine, "--runs", "3") == 2


def test_compare(capsys):
    shape = ["--shape", "image:5x1x8x8"]
    assert run("compare", DIGITS, *shape, "--json") == 0
    facts = report(capsys)
    assert facts["passed"] and [row["name"] for row in facts["tensors"]] == ["logits"]
    assert 0 < facts["tensors"][0]["l2_error"] < 1e-5
    assert run("compare", DIGITS, *shape, "--against", "reference", "--every-layer") == 0
    assert capsys.readouterr().out.count("\n") > 10
    assert run("compare", DIGITS, *shape, "--every-layer") == 0
    assert run("compare", DIGITS, *shape, "--bound", "1e-12") == 1


def test_explain(capsys):
    assert run("explain", DIGITS, "--json") == 0
    facts = report(capsys)
    assert facts["left"]["conv"] == 6 and not facts["obstacles"]
    total = len(facts["rewrites"])
    assert run("explain", DIGITS, "--stop-at", 3, "--rewrites") == 0
    assert total > 3 and "\n  #3 " in (shown := capsys.readouterr().out) and "#4 " not in shown


def test_devices_ops_cache(tmp_path, capsys):
    assert run("devices", "--json") == 0
    assert {"cpu", "reference"} <= report(capsys).keys()
    assert run("devices") == 0
    capsys.readouterr()
    assert run("ops", "--json") == 0
    assert {"Conv", "If", "com.microsoft.MoE"} <= {op["name"] for op in report(capsys)}
    assert run("ops", "--core", "--json") == 0
    assert {"conv", "matmul"} <= {op["name"] for op in report(capsys)}
    assert run("ops", "Resize") == 0
    assert capsys.readouterr().out.startswith("Resize (ONNX)\n  forms since opset 10, 11")
    assert run("ops", "conv") == 0
    assert capsys.readouterr().out.startswith("conv(")
    assert run("ops", "melt") == 2
    words = ["--cache-dir", tmp_path / "cache"]
    assert run("run", DIGITS, "--device", "cpu", *words) == 0
    capsys.readouterr()
    assert run("cache", *words, "--json") == 0
    facts = report(capsys)
    assert facts["entries"] > 1 and facts["bytes"] > 1000 and facts["removed"] == 0
    assert run("cache", *words, "--clear", "--json") == 0
    assert report(capsys)["entries"] == 0


def test_as_a_process(engine, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path(ingot.__file__).parents[1])}
    command = [sys.executable, "-m", "ingot"]
    done = subprocess.run([*command, "inspect", engine], env=environment, capture_output=True)
    assert done.returncode == 0 and b"valid" in done.stdout and not done.stderr
    wrong = subprocess.run([*command, "inspect", tmp_path], env=environment, capture_output=True)
    assert wrong.returncode == 1 and wrong.stderr.startswith(b"ingot: error: engine file")
    listing = subprocess.Popen([*command, "ops"], env=environment, stdout=subprocess.PIPE)
    listing.stdout.close()
    assert listing.wait() in (0, 1)
