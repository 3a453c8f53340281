"""Shared by the cases of the fault suite: a folder for each job, the undisturbed run, the check of a resume."""

import random
import shutil
import sys
import time
from dataclasses import dataclass, field

import yaml

from job import ROOT, Failed, Job, digests

sys.path.insert(0, str(ROOT / "Tests/oracle"))
import everything  # noqa: E402  (a run that uses all that a training can)

EPOCHS = 40


@dataclass
class Result:
    """A line of the table."""

    jobs: int = 0
    faults: int = 0
    worst: float = 0.0
    lost: int = 0
    note: str = ""
    failures: list = field(default_factory=list)


class Skipped(Exception):
    """A case that cannot be tried here."""


class Suite:
    """`folder` takes all files; `seed` decides all that is random; `long` is for many repetitions.

    Every other fault strikes a run that uses everything, unless its case needs settings of its own.
    """

    def __init__(self, folder, seed, long):
        self.folder, self.seed, self.long = folder.resolve(), seed, long
        self.result = Result()
        self.random = random.Random(seed)
        self.count = 0
        self.references = {}
        self.attempts = 0
        (self.folder / "events").mkdir(parents=True, exist_ok=True)
        everything.write_events(self.folder / "events")

    def start_case(self, name):
        """Choices of a case do not depend on those before it."""
        self.result, self.random, self.name = Result(), random.Random(f"{self.seed} {name}"), name

    def choose(self, few, many):
        """How often, in the short or the long form."""
        return many if self.long else few

    # Runs

    def run_file(self, folder, epochs=EPOCHS, **sections):
        """Writes the run file of the suite: some 0.5 s of steps, a checkpoint of 24 kB an epoch; or that of a run that uses
        everything, which takes as long."""
        if self.uses_everything(sections):
            run = everything.run(self.folder / "events", epochs)
            run["training"]["early_stopping"]["patience"] = epochs
            run["safety"] = {"watchdog": 20}
            (folder / "run.yaml").write_text(yaml.safe_dump(run, sort_keys=False))
            return
        shipped = yaml.safe_load((ROOT / "data/hh-bbww.yaml").read_text())
        shipped["data"]["directory"] = str(ROOT / "data")
        run = {
            "name": "r", "data": shipped["data"], "split": shipped["split"],
            "network": {"initializer": "he_uniform"},
            "training": {
                "batch_size": 64, "epochs": epochs, "optimizer": {"weight_decay": 0}, "schedule": {"cosine": {"final": 0.1}}},
            "output": {"directory": "runs"}, "safety": {"watchdog": 20},
        }
        for section, values in sections.items():
            run.setdefault(section, {}).update(values)
        (folder / "run.yaml").write_text(yaml.safe_dump(run, sort_keys=False))

    def uses_everything(self, sections):
        return self.attempts % 2 == 0 and not sections

    def new_folder(self, **sections):
        """A folder of its own with the run file in it."""
        self.count += 1
        folder = self.folder / f"{self.name}-{self.count}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.run_file(folder, **sections)
        return folder

    def reference(self, **sections):
        """Digests of the undisturbed run, on one rank, and the seconds it took."""
        key = repr((self.uses_everything(sections), sorted(sections.items())))
        if key not in self.references:
            folder = self.new_folder(**sections)
            start = time.monotonic()
            Job(folder, 1, "run.yaml", "--threads", 1).expect([0])
            self.references[key] = digests(folder / "runs/r"), time.monotonic() - start
        return self.references[key]

    def ranks(self):
        return self.random.choice([1, 2, 3, 5])

    # Checks

    def time_end(self, job, codes, words=(), within=10):
        """From the fault on, now or when inject.c says, the job has so many seconds to end, everything of it."""
        start = time.time()
        code = job.expect(codes, words)
        if job.fault_log.exists():
            start = job.fault_log.stat().st_mtime
        seconds = time.time() - start
        self.result.jobs += 1
        self.result.worst = max(self.result.worst, seconds)
        if seconds > within:
            raise Failed(f"took {seconds:.1f} s to end, more than {within}: {job.tell()}")
        return code

    def resume(self, folder, ranks=None, words=(), never=(), **sections):
        """Goes on from what a job left; the end must be that of the undisturbed run."""
        expected, _ = self.reference(**sections)
        run = folder / "runs/r"
        self.result.jobs += 1
        # Either way is as good: what a user does, and what a batch system does, which starts the same again.
        asked = self.random.choice([["--resume", "runs/r"], ["run.yaml", "--continue"]])
        resumed = Job(folder, ranks or self.ranks(), *asked, "--threads", 1)
        code = resumed.wait()
        if code == 66 and "--resume" in asked and not list((run / "checkpoints").glob("epoch-*.safetensors")):
            # It ended before its first checkpoint: nothing is lost by starting again.
            resumed = Job(folder, ranks or self.ranks(), "run.yaml", "--threads", 1)
            code = resumed.wait()
        if code != 0:
            self.result.lost += 1
            raise Failed(f"cannot go on, code {code}: {resumed.tell()}")
        for word in words:
            if word not in resumed.output:
                raise Failed(f"going on, it does not say '{word}': {resumed.tell()}")
        for word in never:
            if word in resumed.output:
                raise Failed(f"going on, it says '{word}': {resumed.tell()}")
        found = digests(run)
        if found != expected:
            self.result.lost += 1
            raise Failed(f"goes on to other bits, {found} instead of {expected}: {resumed.tell()}")
        left = [path.name for path in run.rglob(".*")]
        if left:
            raise Failed(f"files left behind: {left}: {resumed.tell()}")
        resumed.require_gone()

    def attempt(self, body, *arguments, **options):
        """One injected fault; a broken promise is recorded, and the suite continues."""
        self.result.faults += 1
        self.attempts += 1
        try:
            folder = body(*arguments, **options)
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
        except Failed as failure:
            self.result.failures.append(f"{self.name} {arguments} {options}: {failure}")
