"""launch/plot draws what a run leaves, also without validation and test events, and refuses other folders."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PLOT = Path(__file__).resolve().parents[2] / "launch/lib/plot.py"
HISTORY = "epoch,learning_rate,training_loss,training_accuracy,validation_loss,validation_accuracy,seconds\n"
MATRIX = {"loss": 0.9, "accuracy": 0.7, "events": 10, "confusion": [[4, 1], [2, 3]]}


def plot(folder):
    return subprocess.run([sys.executable, PLOT, folder], stdin=subprocess.DEVNULL, capture_output=True, text=True)


@pytest.mark.parametrize("validation", ["1.1,0.45", ","])
def test_a_run_becomes_three_figures(tmp_path, validation):
    np.save(tmp_path / "costs.npy", np.linspace(1.4, 0.9, 500))
    rows = "".join(f"{epoch},0.05,{1.2 / epoch},0.4,{validation},0.3\n" for epoch in (1, 2, 3))
    (tmp_path / "history.csv").write_text(HISTORY + rows)
    metrics = {"classes": ["signal", "ttbar"], "test": None if validation == "," else MATRIX, "training": MATRIX}
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    done = plot(tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("costs", "training", "confusion"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")


def test_a_folder_without_a_run_is_refused_in_one_line(tmp_path):
    done = plot(tmp_path)
    assert done.returncode == 66
    assert done.stderr.count("\n") == 1 and str(tmp_path) in done.stderr


@pytest.mark.parametrize("name, content", [
    ("costs.npy", b"no array"), ("history.csv", b"a,b\n1,2\n"), ("metrics.json", b"{"),
    ("metrics.json", b'{"classes": ["a"], "test": {"confusion": [[1, 2]], "accuracy": 1, "events": 3}}'),
])
def test_a_broken_file_is_refused_in_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    done = plot(tmp_path)
    assert done.returncode == 65, done.stderr
    assert done.stderr.count("\n") == 1 and name in done.stderr
