"""Jobs in an HTCondor pool on this machine, by launch/submit: whatever happens to them, the model has the same bits.

The pool is a small Debian 13 of its own, with Open MPI 5: the program that was built here travels there.
"""

import subprocess
import time

import pytest

from conftest import ROOT, WORK, digest, run_file

pytestmark = pytest.mark.long
EPOCHS = 150
ONE_CPU = ["--cpus-per-rank", "1"]
# A checkpoint comes to the machine that submitted every 15 s, not every half an hour.
OFTEN = ["--max-seconds", "15"]


class Pool:
    """The pool of cluster/test-condor, with the program in it; `home` and `shared` are folders of its user."""

    def __init__(self):
        self.folder = WORK / "condor"
        result = subprocess.run(
            [ROOT / "cluster/test-condor/up", self.folder], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if result.returncode == 69:
            pytest.skip(result.stderr.strip().splitlines()[-1])
        assert result.returncode == 0, result.stderr
        self.home, self.shared = self.folder / "home", self.folder / "shared"
        # As it travels: what launch/build makes.
        built = subprocess.run(
            [ROOT / "launch/build"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert built.returncode == 0, built.stderr
        tarball = ROOT / next(line for line in built.stdout.splitlines() if line.startswith("Tarball")).split()[1].rstrip(",")
        for folder in (self.home, self.shared):
            (folder / "dist-train").mkdir()
            subprocess.run(
                ["tar", "-xf", tarball, "-C", folder / "dist-train", "--strip-components=1", "--no-same-owner"], check=True)

    def stop(self):
        subprocess.run([ROOT / "cluster/test-condor/down", self.folder], check=True, stdin=subprocess.DEVNULL)

    def new_folder(self, name, within=None):
        """A folder with a run file r.yaml, whose events are beside the program."""
        folder = (within or self.home) / name
        folder.mkdir()
        return folder

    def path(self, folder):
        """Where the pool's own processes see it."""
        return "/" + str(folder.resolve().relative_to((self.folder / "system").resolve()))

    def run(self, *words, check=True):
        result = subprocess.run(
            [self.folder / "run", *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert not check or result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def write_run(self, folder, epochs):
        path = run_file(folder, "r", epochs)
        program = folder.parent / "dist-train"
        path.write_text(path.read_text().replace(str(ROOT / "data"), self.path(program) + "/data"))
        self.run("--root", "chown", "-R", "physicist:", "/home/physicist", "/pool/shared")

    def submit(self, folder, *arguments, check=True):
        place = self.path(folder)
        return self.run(
            "bash", "-c", 'cd "$1" && shift && ../dist-train/launch/submit r.yaml "$@"', "bash", place, *arguments, check=check)

    def job(self, folder, *arguments):
        return Job(self, folder, self.submit(folder, *arguments).split("Submitted job ")[1].split(".")[0])


class Job:
    """A job of the pool that was submitted in `folder`."""

    def __init__(self, pool, folder, number):
        self.pool, self.folder, self.number = pool, folder, number

    def field(self, name):
        return self.pool.run("condor_q", self.number, "-af", name).strip()

    def events(self, name):
        """How often this is in the job's log of the pool."""
        path = self.folder / f"dist-train.{self.number}.log"
        return path.read_text().count(name) if path.exists() else 0

    @property
    def log(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob(f"dist-train.{self.number}.*.*")))

    def wait_for(self, condition, what, patience=300):
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, f"no {what} in {patience} s: {self.pool.run('condor_q', '-hold')}\n{self.log}"
            time.sleep(0.3)

    def wait_for_start(self, count):
        """Until it computes for the count-th time, and some seconds more."""
        self.wait_for(lambda: self.events("Job executing on host") >= count, f"start {count}")
        time.sleep(6)

    def wait_for_end(self):
        self.wait_for(lambda: self.events("Job terminated."), "end")


@pytest.fixture(scope="module")
def pool():
    pool = Pool()
    yield pool
    pool.stop()


@pytest.fixture(autouse=True)
def no_job_is_left(pool):
    yield
    pool.run("condor_rm", "-all", check=False)
    while pool.run("condor_q", "-af", "ClusterId").strip():
        time.sleep(0.3)


def test_a_job_survives_evictions_a_hold_and_the_failure_of_its_node(pool, undisturbed):
    """The transcript of this job is in cluster/BATCH.md."""
    folder, epochs = pool.new_folder("interrupted"), 400
    pool.write_run(folder, epochs)
    start, told = time.monotonic(), []

    def say(line):
        told.append(f"{time.monotonic() - start:5.1f} s  {line}")

    job = pool.job(folder, "--ranks-per-node", "2", *ONE_CPU, *OFTEN)
    say(f"launch/submit r.yaml: job {job.number}")
    job.wait_for_start(1)
    say(f"condor_vacate_job {job.number}")
    pool.run("condor_vacate_job", job.number)
    job.wait_for_start(2)
    say(f"condor_hold {job.number}, condor_release {job.number}")
    pool.run("condor_hold", job.number)
    job.wait_for(lambda: job.field("JobStatus") == "5", "hold")
    pool.run("condor_release", job.number)
    job.wait_for_start(3)
    before = job.events("Started transferring output files")
    job.wait_for(lambda: job.events("Started transferring output files") > before, "checkpoint that comes by itself")
    time.sleep(4)
    say("kill -9 of the job and of all of HTCondor that looks after it on its node")
    pool.run("--root", "pkill", "-KILL", "condor_starter|dist-train|mpirun|prted|htcondor-job")
    job.wait_for_start(4)
    say("started again")
    job.wait_for_end()
    say("the end")
    expected, seconds = undisturbed(epochs)
    assert digest(folder / "runs/r") == expected
    say(f"parameters: SHA-256 {expected[0]}, those of a run that nobody disturbed ({seconds:.0f} s in one process)")
    resumes = [line for line in job.log.splitlines() if line.startswith(("Resumed after", "dist-train: stopped"))]
    print("\n".join([*told, *resumes]))
    assert sum(line.startswith("Resumed") for line in resumes) >= 3


def test_a_finished_run_becomes_longer(pool, undisturbed):
    folder = pool.new_folder("longer")
    pool.write_run(folder, 5)
    pool.job(folder, *ONE_CPU).wait_for_end()
    job = pool.job(folder, *ONE_CPU, "--training.epochs=20")
    job.wait_for_end()
    assert "Resumed after epoch 5 of 20" in job.log
    assert digest(folder / "runs/r") == undisturbed(20)[0]


def test_several_nodes(pool, undisturbed):
    """Evicted, they continue from the last checkpoint that was transferred."""
    folder, epochs = pool.new_folder("nodes"), 250
    pool.write_run(folder, epochs)
    job = pool.job(folder, "--nodes", "2", *ONE_CPU, *OFTEN)
    job.wait_for(lambda: job.events("Node 0 executing on host") >= 2, "start after a checkpoint")
    time.sleep(3)
    pool.run("condor_vacate_job", job.number)
    job.wait_for_end()
    assert "2 hosts: test-condor-slot2 (1 rank), test-condor-slot3 (1 rank)" in job.log
    # The output is that of the last life.
    first_after = job.log[job.log.index("restart 1"):].split("epoch     loss")[0]
    assert "Resumed after epoch" in first_after
    assert digest(folder / "runs/r") == undisturbed(epochs)[0]


@pytest.mark.parametrize("nodes", [1, 2])
def test_in_place(pool, undisturbed, nodes):
    """If the nodes see the folder nothing is transferred, and jobs on one or several nodes continue after an eviction."""
    folder = pool.new_folder(f"in-place-{nodes}", pool.shared)
    pool.write_run(folder, EPOCHS)
    job = pool.job(folder, "--in-place", "--nodes", nodes, *ONE_CPU)
    job.wait_for_start(1)
    pool.run("condor_vacate_job", job.number)
    job.wait_for_end()
    assert "Resumed after" in job.log and "Started transferring" not in job.log
    assert digest(folder / "runs/r") == undisturbed(EPOCHS)[0]


def test_an_array_trains_a_seed_a_job(pool):
    folder = pool.new_folder("array")
    pool.write_run(folder, 3)
    job = pool.job(folder, "--array", "1-2", *ONE_CPU)
    job.wait_for(lambda: job.events("Job terminated.") == 2, "end of both")
    assert digest(folder / "runs/r-seed-1") != digest(folder / "runs/r-seed-2")
    answer = pool.submit(folder, "--array", "1-2", check=False)
    assert "runs/r-seed-1 is there" in answer


def test_what_cannot_be_right_is_held_with_the_reason(pool):
    folder = pool.new_folder("wrong")
    pool.write_run(folder, 3)
    pool.job(folder, *ONE_CPU).wait_for_end()
    site = folder / "site"
    site.write_text("htcondor_lines=('hold = True')\n")
    job = pool.job(folder, *ONE_CPU, "--site", "site", "--training.epochs=4")
    # It is changed while the job is waiting.
    (folder / "r.yaml").write_text((folder / "r.yaml").read_text().replace("batch_size: 256", "batch_size: 128"))
    pool.run("condor_release", job.number)
    job.wait_for(lambda: job.field("JobStatus") != "5", "release")
    job.wait_for(lambda: job.field("JobStatus") == "5", "hold")
    assert "dist-train ended with code 64" in job.field("HoldReason") and "not that of the checkpoint" in job.log


def test_the_pool_takes_what_a_dry_run_shows(pool):
    folder = pool.new_folder("dry")
    pool.write_run(folder, 3)
    for options in ([], ["--nodes", "2"], ["--array", "1-3", "--network.hidden=[64, 64]"], ["--in-place"]):
        answer = pool.submit(folder, "--dry-run", "--account", "physics", *options)
        assert "job(s) dry-run to cluster" in answer, answer
    assert pool.run("condor_q", "-af", "ClusterId") == ""
