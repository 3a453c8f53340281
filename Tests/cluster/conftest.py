"""Shared by the tests on batch systems: the undisturbed run, a Slurm, and the option --long."""

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/dist-train"
WORK = ROOT / ".build/test-cluster"


# mpirun refuses to start for root unless it is told twice, and Slurm's jobs have the environment of who submits them.
os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="the cases that take minutes, too")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes; only with --long")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="only with --long"))


def run_file(folder, name, epochs):
    """A run of 0.2 s an epoch on one core, with a checkpoint each, and so few steps that it does not matter how often ranks
    that share a core have to wait for each other."""
    shipped = yaml.safe_load((ROOT / "data/hh-bbww.yaml").read_text())
    shipped["data"]["directory"] = str(ROOT / "data")
    run = {
        "name": name, "data": shipped["data"], "split": shipped["split"],
        "network": {"hidden": [512, 512], "initializer": "he_uniform"},
        "training": {
            "batch_size": 256, "epochs": epochs, "optimizer": {"learning_rate": 0.05, "weight_decay": 0},
            "schedule": "constant"},
        "output": {"directory": "runs"},
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(run, sort_keys=False))
    return path


def new_folder(name):
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def digest(run):
    """SHA-256 of the best model's parameters, and what depends on every step: of the last checkpoint's tensors, and of the costs.

    Heads are left out: where the events were is told there, and may differ.
    """
    last = max((run / "checkpoints").glob("epoch-*.safetensors"))
    tensors = []
    for path in (run / "model.safetensors", last):
        content = path.read_bytes()
        tensors.append(content[8 + int.from_bytes(content[:8], "little"):])
    return tuple(hashlib.sha256(part).hexdigest() for part in (*tensors, (run / "costs.npy").read_bytes()))


@pytest.fixture(scope="session")
def undisturbed():
    """Digests of an undisturbed run of this many epochs, and the seconds it took in one process."""
    known = {}

    def find(epochs):
        if epochs not in known:
            folder = new_folder(f"undisturbed-{epochs}")
            start = time.monotonic()
            subprocess.run([PROGRAM, run_file(folder, "r", epochs)], cwd=folder, check=True, capture_output=True)
            known[epochs] = digest(folder / "runs/r"), time.monotonic() - start
        return known[epochs]

    return find


class Slurm:
    """The test Slurm of cluster/test-slurm, in a folder of its own."""

    def __init__(self):
        self.folder = WORK / "slurm"
        self.environment = None
        self.start()

    def start(self):
        """Starts what is not there: all of it, or a node."""
        result = subprocess.run(
            [ROOT / "cluster/test-slurm/up", self.folder], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if result.returncode == 69 and self.environment is None:
            pytest.skip(result.stderr.strip().splitlines()[-1])
        assert result.returncode == 0, result.stderr
        lines = subprocess.run(
            ["bash", "-c", f"{result.stdout}\nenv -0"], capture_output=True, text=True, check=True).stdout.split("\0")
        self.environment = dict(line.split("=", 1) for line in lines if "=" in line)

    def stop(self):
        subprocess.run([ROOT / "cluster/test-slurm/down", self.folder], check=True, stdin=subprocess.DEVNULL)

    def command(self, *words, folder=None, check=True, **environment):
        """Output of a command of Slurm, or of ours that uses it; where it may fail, its errors too."""
        result = subprocess.run(
            [str(word) for word in words], cwd=folder, env={**self.environment, **environment}, capture_output=True,
            text=True, stdin=subprocess.DEVNULL, check=False)
        assert not check or result.returncode == 0, result.stdout + result.stderr
        return result.stdout if check else result.stdout + result.stderr

    def submit(self, folder, run, *options, **environment):
        """A training by launch/submit; its number."""
        answer = self.command(ROOT / "launch/submit", run, *options, folder=folder, **environment)
        return Job(self, folder, answer.split("Submitted job ")[1].split(".")[0])


class Job:
    """A job of Slurm whose log is in `folder`."""

    def __init__(self, slurm, folder, number):
        self.slurm, self.folder, self.number = slurm, folder, number

    def fields(self):
        words = self.slurm.command("scontrol", "--oneliner", "show", "job", self.number, check=False).split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    @property
    def state(self):
        return self.fields().get("JobState", "gone")

    @property
    def code(self):
        """The exit code of the batch script."""
        return int(self.fields()["ExitCode"].split(":")[0])

    @property
    def log(self):
        path = self.folder / f"dist-train-{self.number}.log"
        return path.read_text() if path.exists() else ""

    def wait_for(self, condition, what, patience=90):
        deadline = time.monotonic() + patience
        while not condition():
            late = time.monotonic() > deadline and f"in {patience} s"
            over = self.state in ("COMPLETED", "FAILED", "CANCELLED") and "before the end"
            # What ended may have come to it just before.
            assert not (late or over) or condition(), f"no {what} {late or over}: {self.fields()}\n{self.log}"
            time.sleep(0.1)

    def wait_for_epochs(self, run, count):
        """Until checkpoints of so many epochs more are there."""
        checkpoints = self.folder / "runs" / run / "checkpoints"

        def newest():
            return max((int(path.name[6:10]) for path in checkpoints.glob("epoch-*.safetensors")), default=0)

        start = newest()
        self.wait_for(lambda: newest() >= start + count, f"{count} epochs after epoch {start}")

    def wait_for_end(self, patience=300):
        """The state in which the job ends. One look counts: `scontrol` may fail while Slurm signals a job, and what it then
        does not say is no end."""
        ends = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "OUT_OF_MEMORY", "DEADLINE")
        states = []

        def has_ended():
            states.append(self.state)
            return states[-1] in ends

        self.wait_for(has_ended, "end", patience)
        return states[-1]


@pytest.fixture(scope="session")
def slurm():
    slurm = Slurm()
    yield slurm
    slurm.stop()
