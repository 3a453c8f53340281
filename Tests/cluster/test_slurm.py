"""Jobs under a Slurm on this machine, by launch/submit: whatever happens to them, the model has the same bits."""

import os
import re
import signal
import time

import pytest

from conftest import ROOT, digest, new_folder, run_file

EPOCHS = 70
ONE_NODE = ["--partition", "one", "--ranks-per-node", "2", "--cpus-per-rank", "1", "--time", "10"]


@pytest.fixture(autouse=True)
def no_job_is_left(slurm):
    """A job that a failed test leaves behind would keep the nodes from the next."""
    yield
    slurm.command("scancel", "--user=root")
    while slurm.command("squeue", "--noheader"):
        time.sleep(0.1)


def test_a_job_survives_a_signal_a_preemption_and_the_failure_of_its_node(slurm, undisturbed):
    """The transcript of this job is in cluster/BATCH.md."""
    folder = new_folder("interrupted")
    run_file(folder, "r", EPOCHS)
    told = Transcript(folder)
    job = slurm.submit(folder, "r.yaml", "--partition", "low", *ONE_NODE[2:])
    told.say(f"launch/submit r.yaml --partition low: job {job.number}")

    job.wait_for_epochs("r", 12)
    told.say(f"scancel --signal=USR1 --batch {job.number}")
    slurm.command("scancel", "--signal=USR1", "--batch", job.number)
    job.wait_for(lambda: "stopped by SIGUSR1" in job.log and job.fields()["Restarts"] == "1", "requeue")
    told.say("stopped with a checkpoint, back in the queue")

    job.wait_for_epochs("r", 12)
    told.say("a job that takes both nodes comes in with higher priority")
    other = slurm.command(
        "sbatch", "--parsable", "--partition=high", "--nodes=2", "--exclusive", "--output=/dev/null", "--wrap=sleep 2").strip()
    job.wait_for(lambda: job.fields()["Restarts"] == "2", "preemption")
    told.say("preempted, back in the queue")
    job.wait_for(lambda: slurm.command("scontrol", "show", "job", other).count("COMPLETED"), "end of the other job")

    job.wait_for_epochs("r", 12)
    node = job.fields()["NodeList"]
    told.say(f"kill -9 of everything on {node}")
    os.kill(int((slurm.folder / f"{node}.pid").read_text()), signal.SIGKILL)
    job.wait_for(lambda: job.fields()["Restarts"] == "3", "requeue by Slurm")
    told.say("Slurm has noticed, back in the queue")
    slurm.start()

    assert job.wait_for_end() == "COMPLETED", job.log
    told.say(f"parameters: SHA-256 {digest(folder / 'runs/r')[0]}")
    expected, seconds = undisturbed(EPOCHS)
    told.say(f"a run that nobody disturbed: {expected[0]}, {seconds:.0f} s in one process")
    resumes = [line for line in job.log.splitlines() if line.startswith(("Resumed after", "dist-train: stopped"))]
    print("\n".join([*told.lines, *resumes]))
    assert digest(folder / "runs/r") == expected
    assert len([line for line in resumes if line.startswith("Resumed")]) == 3
    # The first signal came in time: nothing was lost.
    stop = re.search(r"after epoch (\d+), step (\d+) of", job.log)
    assert f"Resumed after epoch {int(stop[1]) - 1} and {stop[2]} steps of" in job.log
    assert f"Slurm job {job.number}, restart 3" in job.log


class Transcript:
    """What happened when."""

    def __init__(self, folder):
        self.start, self.lines = time.monotonic(), []

    def say(self, line):
        self.lines.append(f"{time.monotonic() - self.start:5.1f} s  {line}")


def test_srun_starts_the_ranks_too(slurm, undisturbed):
    folder = new_folder("srun")
    run_file(folder, "r", EPOCHS)
    job = slurm.submit(folder, "r.yaml", *ONE_NODE, "--launcher", "srun")
    job.wait_for_epochs("r", 12)
    slurm.command("scancel", "--signal=USR1", "--batch", job.number)
    assert job.wait_for_end() == "COMPLETED", job.log
    assert "stopped by SIGUSR1" in job.log and "Resumed after" in job.log and "2 ranks × 1 thread" in job.log
    assert digest(folder / "runs/r") == undisturbed(EPOCHS)[0]


def test_two_nodes(slurm, undisturbed):
    folder = new_folder("nodes")
    run_file(folder, "r", 20)
    job = slurm.submit(
        folder, "r.yaml", "--partition", "both", "--nodes", "2", "--ranks-per-node", "1", "--cpus-per-rank", "1",
        OMPI_MCA_btl="tcp,self")
    assert job.wait_for_end() == "COMPLETED", job.log
    assert "on 2 hosts: node1 (1 rank), node2 (1 rank)" in job.log
    assert digest(folder / "runs/r") == undisturbed(20)[0]


def test_an_array_trains_a_seed_a_task(slurm):
    folder = new_folder("array")
    run_file(folder, "r", 3)
    job = slurm.submit(folder, "r.yaml", *ONE_NODE, "--array", "1-2")
    for seed in (1, 2):
        task = type(job)(slurm, folder, f"{job.number}_{seed}")
        assert task.wait_for_end() == "COMPLETED", (folder / f"dist-train-{job.number}_{seed}.log").read_text()
    assert digest(folder / "runs/r-seed-1") != digest(folder / "runs/r-seed-2")


def test_what_cannot_be_right_ends_the_job(slurm):
    """With the program's code and line, and no restart: the run file was changed while the job was waiting."""
    folder = new_folder("wrong")
    run_file(folder, "r", 3)
    slurm.submit(folder, "r.yaml", *ONE_NODE).wait_for_end()
    (folder / "site").write_text("slurm_lines=(--hold)\n")
    job = slurm.submit(folder, "r.yaml", *ONE_NODE, "--site", "site", "--training.epochs=4")
    (folder / "r.yaml").write_text((folder / "r.yaml").read_text().replace("batch_size: 256", "batch_size: 128"))
    slurm.command("scontrol", "release", job.number)
    assert job.wait_for_end() == "FAILED" and job.code == 64 and job.fields()["Restarts"] == "0"
    assert "not that of the checkpoint" in job.log


def test_slurm_takes_what_a_dry_run_shows(slurm):
    folder = new_folder("dry")
    run_file(folder, "r", 3)
    for options in ([], ["--array", "1-3%2"], ["--launcher", "srun"]):
        shown = slurm.command(ROOT / "launch/submit", "r.yaml", *ONE_NODE, *options, "--dry-run", folder=folder)
        assert "#SBATCH --partition=one" in shown
    refused = slurm.command(ROOT / "launch/submit", "r.yaml", "--partition", "nowhere", "--dry-run", folder=folder, check=False)
    assert "Slurm refuses the job" in refused
    assert slurm.command("squeue", "--noheader") == ""


@pytest.mark.long
def test_the_time_limit(slurm, undisturbed):
    """Three minutes before the limit Slurm sends USR1: of four minutes the job has one."""
    folder = new_folder("limit")
    run_file(folder, "r", 900)
    job = slurm.submit(folder, "r.yaml", *ONE_NODE[:-2], "--time", "4")
    assert job.wait_for_end(600) == "COMPLETED", job.log
    assert "stopped by SIGUSR1" in job.log and int(job.fields()["Restarts"]) >= 2
    assert digest(folder / "runs/r") == undisturbed(900)[0]


@pytest.mark.long
def test_a_node_that_is_taken_down(slurm, undisturbed):
    folder = new_folder("down")
    run_file(folder, "r", EPOCHS)
    job = slurm.submit(folder, "r.yaml", *ONE_NODE)
    job.wait_for_epochs("r", 12)
    slurm.command("scontrol", "update", "nodename=node1", "state=down", "reason=test")
    job.wait_for(lambda: job.fields()["Restarts"] == "1", "requeue")
    # Unless the node has reported by itself.
    slurm.command("scontrol", "update", "nodename=node1", "state=resume", check=False)
    assert job.wait_for_end() == "COMPLETED", job.log
    assert digest(folder / "runs/r") == undisturbed(EPOCHS)[0]


@pytest.mark.long
def test_a_step_that_is_cancelled(slurm, undisturbed):
    """The ranks get TERM and write a checkpoint; if srun tells of another code than theirs, the job has to be submitted again."""
    folder = new_folder("step")
    run_file(folder, "r", EPOCHS)
    job = slurm.submit(folder, "r.yaml", *ONE_NODE, "--launcher", "srun")
    job.wait_for_epochs("r", 12)
    slurm.command("scancel", f"{job.number}.0")
    if job.wait_for_end() != "COMPLETED":
        job = slurm.submit(folder, "r.yaml", *ONE_NODE)
        assert job.wait_for_end() == "COMPLETED", job.log
    assert digest(folder / "runs/r") == undisturbed(EPOCHS)[0]


@pytest.mark.long
@pytest.mark.parametrize("attempt", range(5))
def test_a_job_that_is_cancelled_while_it_writes(slurm, undisturbed, attempt):
    folder = new_folder(f"cancelled-{attempt}")
    run_file(folder, "r", EPOCHS)
    job = slurm.submit(folder, "r.yaml", *ONE_NODE)
    job.wait_for_epochs("r", 12)
    checkpoints = folder / "runs/r/checkpoints"
    deadline = time.monotonic() + 30
    while not any(checkpoints.glob(".epoch-*")):
        assert time.monotonic() < deadline
    slurm.command("scancel", job.number)
    assert job.wait_for_end() == "CANCELLED"
    job = slurm.submit(folder, "r.yaml", *ONE_NODE)
    assert job.wait_for_end() == "COMPLETED", job.log
    assert re.search(r"Resumed after epoch \d+", job.log)
    assert digest(folder / "runs/r") == undisturbed(EPOCHS)[0]
