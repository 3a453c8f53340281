"""A run that uses everything at once: the same bits on any machine, also if it stops and continues."""

import os
import random
import signal
import subprocess
import time

import numpy as np
import pytest
import yaml

import everything
from conftest import MACHINES, PROGRAM, ROOT, digests, train

EPOCHS = 60


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    everything.write_events(folder)
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(everything.run(folder, EPOCHS), sort_keys=False))
    return path


@pytest.fixture(scope="module")
def expected(run_file):
    """The digests of one process with one thread; it is a run worth the name."""
    run = run_file.parent / "alone/r"
    train(run_file, f"--output.directory={run.parent}", threads=1)
    history = np.genfromtxt(run / "history.csv", delimiter=",", names=True)
    assert np.all(np.isfinite(history["training_loss"]))
    assert max(history["validation_auc"]) > 0.6
    assert len(set(history["learning_rate"])) > 1
    return digests(run)


@pytest.mark.parametrize(("ranks", "threads"), MACHINES)
def test_any_machine_gives_the_same_bits(run_file, expected, ranks, threads):
    output = run_file.parent / f"{ranks}x{threads}"
    train(run_file, f"--output.directory={output}", ranks=ranks, threads=threads)
    assert digests(output / "r") == expected


def test_narrow_vectors_give_the_same_bits(run_file, expected, monkeypatch):
    monkeypatch.setenv("DIST_TRAIN_VECTORS", "avx2")
    output = run_file.parent / "narrow"
    train(run_file, f"--output.directory={output}", ranks=2)
    assert digests(output / "r") == expected


@pytest.mark.parametrize("attempt", range(3))
def test_it_goes_on_from_any_step_on_other_ranks(run_file, expected, attempt):
    """Stopped twice, some steps after an epoch of random number."""
    choice = random.Random(attempt)
    output = run_file.parent / f"stopped{attempt}"
    stops = 0
    for epoch in sorted(choice.sample(range(1, EPOCHS // 2), 2)):
        stops += stop(run_file, output, epoch, ranks=choice.choice([1, 2, 3, 5]), wait=choice.uniform(0, 0.004))
    train(run_file, f"--output.directory={output}", "--continue", ranks=choice.choice([1, 2, 3, 5, 8]))
    assert stops > 0 and digests(output / "r") == expected


def stop(run_file, output, epoch, ranks, wait):
    """Starts or continues the run, and asks it to stop after this epoch; whether it did so before its end."""
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    process = subprocess.Popen(
        ["mpirun", "--oversubscribe", "--bind-to", "none", "-np", str(ranks), str(PROGRAM), str(run_file),
         f"--output.directory={output}", "--continue"],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list((output / "r/checkpoints").glob(f"epoch-{epoch:04}*")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    time.sleep(wait)
    # mpirun passes it on to the ranks.
    process.send_signal(signal.SIGUSR1)
    code = process.wait(60)
    assert code in (0, 85)
    return code == 85
