"""The generator of the shipped events: the same seed gives the same bytes."""

import hashlib
import subprocess

import numpy as np

from conftest import ROOT

PROCESSES = ["signal", "bgr_tt", "bgr_st", "bgr_Wj"]


def generate(folder, *options):
    subprocess.run(
        [ROOT / "data/generate-events", "-n", "8", "--output", folder, *options],
        check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    return {name: (folder / f"nn_input_{name}.txt").read_bytes() for name in PROCESSES}


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    one = generate(tmp_path / "one", "--jobs", "1")
    assert generate(tmp_path / "two", "--jobs", "2") == one
    other = generate(tmp_path / "three", "--seed", "2")
    assert all(other[name] != one[name] for name in PROCESSES)
    for name in PROCESSES:
        events = np.loadtxt(tmp_path / "one" / f"nn_input_{name}.txt")
        assert events.shape == (15, 8) and (events[[0, 3, 7, 11]] > 25).all()


def test_the_shipped_files_are_whole():
    for line in (ROOT / "data/SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        content = (ROOT / "data" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        events = np.loadtxt(ROOT / "data" / name)
        # Cuts, and the order of the jets: the two highest scores first, the one with the higher pT of them leading.
        assert np.isfinite(events).all() and (events[[0, 3, 7, 11]] >= 25).all()
        assert (np.abs(events[[1, 4, 8, 12]]) <= 2.4).all() and (events[3] >= events[7]).all()
        assert (np.minimum(events[6], events[10]) >= events[14]).all()
