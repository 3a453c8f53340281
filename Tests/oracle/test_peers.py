"""An epoch in many ways, against what float64, Keras and PyTorch came to: see Tests/peers, whose stage made the reference."""

import json
import sys

import numpy as np
import pytest

from conftest import ROOT, train

sys.path.insert(0, str(ROOT / "Tests/peers"))
from rows import ROWS, run_file, write_events  # noqa: E402

REFERENCE = json.loads((ROOT / "Tests/peers/reference.json").read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("peers")
    write_events(folder)
    return folder


def test_every_row_has_a_reference():
    assert set(REFERENCE["rows"]) == set(ROWS)
    assert (ROOT / "Tests/peers/reference.json").stat().st_size < 1_000_000


@pytest.mark.parametrize("name", ROWS)
def test_costs_are_as_close_to_float64_as_those_of_the_peers(folder, name):
    row = REFERENCE["rows"][name]
    path, overrides = run_file(folder, name)
    train(path, *overrides, threads=2)
    costs = np.load(folder / "runs" / path.stem / "costs.npy")
    deviation = np.sqrt(np.mean((costs - row["costs"]) ** 2))
    assert deviation <= 3 * min(row[peer] for peer in ("keras", "torch") if peer in row)
