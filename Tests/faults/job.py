"""One job of the program under mpirun: started in a folder of its own, disturbed, waited for, and looked after."""

import hashlib
import json
import os
import signal
import struct
import subprocess
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/dist-train"
# The mpirun of our scripts, which knows what to do when Open MPI's own hangs after a death in MPI_Init.
GUARDED = ROOT / "launch/lib/mpirun"
INJECT = ROOT / ".build/faults/inject.so"
MARK = "DIST_TRAIN_FAULT_MARK"
# What nothing may take longer than, unless a case says so. Generous: the machine may be busy.
PATIENCE = 60


class Failed(Exception):
    """A promise that was not kept."""


class Job:
    """`ranks` ranks of the program with these arguments in `folder`; None: one process without mpirun.

    `faults` are settings of inject.c. `mpirun` starts the ranks; `command` replaces all of it.
    """

    def __init__(self, folder, ranks, *arguments, faults=None, mpirun="mpirun", command=None, environment=None):
        self.folder, self.mark = Path(folder), str(uuid.uuid4())
        self.fault_log = self.folder / f"fault-{self.mark[:8]}"
        self.environment = dict(
            os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
            # Whatever else the machine does, ranks that wait shall not stand in the way of those that work.
            OMPI_MCA_mpi_yield_when_idle="1", **(environment or {}))
        self.environment[MARK] = self.mark
        options = [str(mpirun), "--oversubscribe", "--bind-to", "none"]
        if faults:
            self.environment.update({f"FAULT_{name}": str(value) for name, value in faults.items()})
            self.environment["FAULT_LOG"] = str(self.fault_log)
            options += ["-x", f"LD_PRELOAD={INJECT}"]
        program = [str(PROGRAM), *map(str, arguments)]
        if ranks is not None:
            program = [*options, "-np", str(ranks), *program]
        self.command = [str(word) for word in command] if command else program
        self.ranks_expected = ranks
        self.output_path = self.folder / f"output-{self.mark[:8]}.txt"
        with open(self.output_path, "wb") as output:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True)

    @property
    def output(self):
        """What was printed so far, standard error too."""
        return self.output_path.read_text(errors="replace")

    def processes(self):
        """The processes of the job: {number: rank}, None for the launcher's."""
        found = {}
        for entry in os.scandir("/proc"):
            if not entry.name.isdigit():
                continue
            try:
                variables = Path(entry.path, "environ").read_bytes().split(b"\0")
                if Path(entry.path, "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                    continue
            except OSError:  # It is gone.
                continue
            if f"{MARK}={self.mark}".encode() not in variables:
                continue
            ranks = [int(word.split(b"=")[1]) for word in variables if word.startswith(b"OMPI_COMM_WORLD_RANK=")]
            found[int(entry.name)] = ranks[0] if ranks else None
        return found

    def rank(self, number, patience=PATIENCE):
        """The process of a rank, as soon as it is there; None if the job ends before."""
        deadline = time.monotonic() + patience
        while self.process.poll() is None and time.monotonic() < deadline:
            for process, rank in self.processes().items():
                if rank == number:
                    return process
            time.sleep(0.002)
        return None

    def wait_for_checkpoint(self, folder, epoch):
        """Waits until the run in that folder has a checkpoint of that epoch or a later one, as the older ones are removed."""
        checkpoints = folder / "runs/r/checkpoints"
        self.wait_for(lambda: any(int(path.name[6:10]) >= epoch for path in checkpoints.glob("epoch-*.safetensors")),
                      f"checkpoint of epoch {epoch}")

    def wait_for(self, condition, what, patience=PATIENCE):
        """Waits until `condition()` holds while the job runs."""
        deadline = time.monotonic() + patience
        while not condition():
            if self.process.poll() is not None:
                raise Failed(f"the job ended before {what}: {self.tell()}")
            if time.monotonic() > deadline:
                self.kill()
                raise Failed(f"no {what} in {patience} s: {self.tell()}")
            time.sleep(0.002)

    def wait(self, patience=PATIENCE):
        """The exit code. A job that takes longer is killed and has failed."""
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"still there after {patience} s: {self.tell()}") from None

    def require_gone(self, patience=5):
        """No process of the job may be left."""
        deadline = time.monotonic() + patience
        while left := self.processes():
            if time.monotonic() > deadline:
                self.kill()
                raise Failed(f"processes left behind: {left}: {self.tell()}")
            time.sleep(0.02)

    def kill(self):
        """Ends everything at once."""
        for process in self.processes():
            send(process, signal.SIGKILL)
        self.process.wait()

    def expect(self, codes, words=(), patience=PATIENCE):
        """Waits for the end, which must have one of these codes and say these words in its own lines."""
        code = self.wait(patience)
        self.require_gone()
        lines = [line for line in self.output.splitlines() if "dist-train: " in line]
        if code not in codes:
            raise Failed(f"ended with {code}, not {codes}: {self.tell()}")
        for word in words:
            if not any(word in line for line in lines):
                raise Failed(f"no line says '{word}': {self.tell()}")
        return code

    def tell(self):
        """How to do it again, and what was said."""
        faults = {name: value for name, value in self.environment.items() if name.startswith("FAULT_")}
        end = "\n    ".join(self.output.splitlines()[-12:])
        return f"in {self.folder}: {faults} {' '.join(self.command)}\n    {end}"


def send(process, number):
    """A signal to a process that may be gone."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def digests(run):
    """SHA-256 of all that does not depend on time, of a run folder."""
    last = sorted((run / "checkpoints").glob("epoch-*.safetensors"))[-1]
    history = [line.rsplit(",", 1)[0] for line in (run / "history.csv").read_text().splitlines()]
    return {
        last.name: sha256(last.read_bytes()),
        "model": sha256((run / "model.safetensors").read_bytes()),
        "costs": sha256((run / "costs.npy").read_bytes()),
        "metrics": sha256((run / "metrics.json").read_bytes()),
        "history": sha256("\n".join(history).encode()),
    }


def checkpoint(path):
    """(metadata, {name: (shape, bytes)}) of a safetensors file."""
    content = Path(path).read_bytes()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:start])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        first, end = entry["data_offsets"]
        tensors[name] = (entry["shape"], content[start + first : start + end])
    return metadata, tensors
