# SPDX-License-Identifier: Apache-2.0
"""The benchmarks run and report what docs/benchmarks.md says. Nothing here judges a time."""

from __future__ import annotations

import json

import pytest
from benchmarks.networks import SPEED
from tests.models.materialize import catalog

from benchmarks import budgets, cpu, table

NETWORK = "mobilenetv2_legacy"


@pytest.mark.slow
def test_speed_report(tmp_path):
    output = tmp_path / "cpu.json"
    words = [NETWORK, "--folder", tmp_path, "--threads", "1", "--peers", "onnxruntime"]
    assert cpu.main([str(word) for word in [*words, "--output", output]]) == 0
    report = json.loads(output.read_text())
    (row,) = report["rows"]
    peer = row["peers"]["onnxruntime"]
    assert row["network"] == NETWORK and row["clock"] == "cpu"
    assert peer["ratio"]["pairs"] >= 15
    assert peer["ratio"]["low"] <= peer["ratio"]["median"] <= peer["ratio"]["high"]
    assert peer["l2_error"] < 1e-4
    assert report["machine"]["cores"] >= 1 and report["machine"]["onnxruntime"]


@pytest.mark.slow
def test_budget_report(tmp_path):
    output = tmp_path / "budgets.json"
    words = [NETWORK, "--folder", tmp_path, "--output", output]
    assert budgets.main([str(word) for word in words]) == 0
    (row,) = json.loads(output.read_text())["rows"]
    assert row["engine_bytes"] > 10_000_000
    assert row["kernels"] > 10
    for name in ("cold", "warm", "onnxruntime"):
        assert row[f"{name}_peak_bytes"] > 20_000_000


def test_too_few_pairs_are_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        cpu.main(["--folder", str(tmp_path), "--pairs", "3"])
    assert "at least 15 pairs" in capsys.readouterr().err


def test_the_measured_networks_exist():
    assert set(SPEED) <= catalog().keys()


@pytest.mark.parametrize("page", ["README", "PAGE"])
def test_the_pages_show_the_results(page, tmp_path, monkeypatch, capsys):
    copies = {name: tmp_path / name for name in ("README", "PAGE")}
    for name, copy in copies.items():
        copy.write_text(getattr(table, name).read_text())
        monkeypatch.setattr(table, name, copy)
    before = copies[page].read_text()
    assert table.main(["--write"]) == 0
    assert copies[page].read_text() == before, "run python -m benchmarks.table --write"
    printed = capsys.readouterr().out
    assert "| resnet50 | 1 |" in printed and "| yolo_n_nms | 3 |" in printed
