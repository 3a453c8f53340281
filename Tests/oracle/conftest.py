"""What the tests of the built program share: how to start it, and small data sets."""

import hashlib
import json
import os
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/dist-train"
# Ranks and threads that give the same bits as one thread of one rank: all of them in launch/test's stage machines.
MACHINES = [(1, 2), (2, 1), (2, 2), (3, 1), (5, 2), (8, 1)]
if "DIST_TRAIN_TEST_MACHINES" in os.environ:
    MACHINES = [(ranks, threads) for ranks in (1, 2, 3, 5, 8) for threads in (1, 2)]
FEATURES = ["lep_pt", "lep_eta", "lep_phi"] + [
    f"jet{jet}_{name}" for jet in (1, 2, 3) for name in ("pt", "eta", "phi", "btag")
]


def start(*arguments, ranks=None, threads=None, cwd=ROOT, timeout=120):
    """Runs the program, under mpirun if `ranks` is given; returns the finished process."""
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    launcher = [] if ranks is None else ["mpirun", "--oversubscribe", "--bind-to", "none", "-np", str(ranks)]
    threads = [] if threads is None else ["--threads", str(threads)]
    return subprocess.run(
        [*launcher, str(PROGRAM), *map(str, arguments), *threads],
        cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
    )


def train(*arguments, **options):
    """As `start`, for a training that has to succeed."""
    result = start(*arguments, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def data_section(path):
    """The bytes of a safetensors file behind its header, which names folders."""
    content = Path(path).read_bytes()
    return content[8 + struct.unpack("<Q", content[:8])[0]:]


def digests(run):
    """SHA-256 of everything that must be the same on any number of ranks and threads."""
    run = Path(run)
    last = sorted((run / "checkpoints").glob("epoch-*.safetensors"))[-1]
    history = [line.rsplit(",", 1)[0] for line in (run / "history.csv").read_text().splitlines()]
    return {
        "checkpoint": sha256(data_section(last)),
        "model": sha256(data_section(run / "model.safetensors")),
        "costs": sha256((run / "costs.npy").read_bytes()),
        "metrics": sha256((run / "metrics.json").read_bytes()),
        "history": sha256("\n".join(history).encode()),
    }


def write_events(folder, name, events, features=3, seed=1, shift=0.0):
    """A savetxt file of made-up events, one row per feature."""
    generator = np.random.default_rng((seed, len(name)))
    np.savetxt(Path(folder) / f"{name}.txt", generator.normal(shift, 1, (features, events)), fmt="%.5g")


def write_run_file(folder, processes, features=3, **sections):
    """A run file for files `<process>.txt` in the same folder; returns its path."""
    run = {
        "name": "run",
        "data": {
            "processes": [{"name": name, "files": [f"{name}.txt"]} for name in processes],
            "features": [f"x{index}" for index in range(features)],
        },
        "network": {"hidden": [8], "initializer": "he_uniform"},
        "training": {"optimizer": {"weight_decay": 0}, "schedule": "constant", "batch_size": 32, "epochs": 2},
        "output": {"directory": str(Path(folder) / "runs")},
    }
    for section, values in sections.items():
        if isinstance(values, dict):
            run.setdefault(section, {}).update(values)
        else:
            run[section] = values
    path = Path(folder) / "run.yaml"
    path.write_text(json.dumps(run))  # JSON is YAML.
    return path


@pytest.fixture
def small_run(tmp_path):
    """A folder with two processes of 100 events and a run file that trains on them."""
    write_events(tmp_path, "one", 100)
    write_events(tmp_path, "two", 100, shift=1.0)
    return write_run_file(tmp_path, ["one", "two"])
