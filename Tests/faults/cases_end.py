"""Ranks that die, hang or are asked to stop."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from job import GUARDED, PROGRAM, ROOT, Failed, Job, send
from suite import Skipped

RANKS = 3
ANY_ERROR = range(1, 256)
# Minus a signal: that mpirun itself died of.
ANY = range(-64, 256)


def kill_rank(suite):
    """kill -9 of each rank at random moments, from the start to the end."""
    _, seconds = suite.reference()
    for rank in range(RANKS):
        for _ in range(suite.choose(1, 20)):
            suite.attempt(_kill, suite, rank, suite.random.uniform(0, 1.2 * seconds))


def _kill(suite, rank, moment):
    folder = suite.new_folder()
    job = Job(folder, RANKS, "run.yaml", "--threads", 1, mpirun=GUARDED)
    victim = job.rank(rank)
    time.sleep(moment)
    if victim is not None:
        send(victim, signal.SIGKILL)
    # It may have come to its end before, or be so near to it that nobody misses the rank.
    suite.time_end(job, ANY)
    if (folder / "runs/r/metrics.json").exists() or "Trained in" in job.output:
        suite.resume(folder)
        return folder
    if job.process.returncode == 0:
        raise Failed(f"a killed rank, and code 0: {job.tell()}")
    suite.resume(folder)
    return folder


def stopped_rank(suite):
    """SIGSTOP of a rank: the others name it and leave."""
    for rank in suite.choose([1], [0, 1, 2]):
        for _ in range(suite.choose(1, 3)):
            suite.attempt(_stop, suite, rank)


def _stop(suite, rank):
    # Nearly all the time is in steps, where ranks know for whom they wait.
    folder = suite.new_folder(
        epochs=100000, safety={"watchdog": 2, "watchdog_files": 2}, training={"batch_size": 2},
        split={"train": 1, "validation": 0, "test": 0}, output={"checkpoint_every": 2})
    job = Job(folder, RANKS, "run.yaml", "--threads", 1)
    job.wait_for(lambda: len(list((folder / "runs/r/checkpoints").glob("epoch-*"))) >= 2, "second checkpoint")
    time.sleep(suite.random.uniform(0, 0.1))
    send(job.rank(rank), signal.SIGSTOP)
    suite.time_end(job, [70], ["no progress for", f"waiting for rank {rank}:"], within=15)
    return folder


def stuck_files(suite):
    """SIGSTOP of rank 0 while it writes: the limit for files counts."""
    suite.attempt(_stuck_files, suite)


def _stuck_files(suite):
    folder = suite.new_folder(safety={"watchdog_files": 2})
    faults = {"RANK": 0, "CALL": "fsync", "PATH": "epoch-0003", "NTH": 1, "DO": "self-19"}
    job = Job(folder, RANKS, "run.yaml", "--threads", 1, faults=faults)
    job.wait_for(lambda: list((folder / "runs/r/checkpoints").glob(".epoch-0003*")), "write of a checkpoint")
    suite.time_end(job, [70], ["while rank 0 writes files"], within=15)
    suite.resume(folder, safety={"watchdog_files": 2})
    return folder


def launcher_killed(suite):
    """kill -9 of mpirun: its ranks end too."""
    for _ in range(suite.choose(1, 5)):
        suite.attempt(_launcher_killed, suite, suite.random.uniform(0, 0.5))


def _launcher_killed(suite, moment):
    folder = suite.new_folder()
    job = Job(folder, RANKS, "run.yaml", "--threads", 1)
    job.rank(RANKS - 1)
    time.sleep(moment)
    start = time.monotonic()
    send(job.process.pid, signal.SIGKILL)
    job.wait()
    job.require_gone(10)
    suite.result.worst = max(suite.result.worst, time.monotonic() - start)
    suite.resume(folder)
    return folder


def suspended(suite):
    """The whole job is suspended for longer than the watchdog waits, and continued: nothing happens."""
    suite.attempt(_suspended, suite)


def _suspended(suite):
    sections = {"safety": {"watchdog": 2, "watchdog_files": 2}}
    folder = suite.new_folder(**sections)
    job = Job(folder, RANKS, "run.yaml", "--threads", 1)
    job.wait_for_checkpoint(folder, 3)
    everyone = list(job.processes())
    for process in everyone:
        send(process, signal.SIGSTOP)
    time.sleep(7)
    for process in everyone:
        send(process, signal.SIGCONT)
    suite.time_end(job, [0], within=60)
    if "no progress" in job.output:
        raise Failed(job.tell())
    suite.resume(folder, **sections)
    return folder


def signals(suite):
    """USR1, TERM, INT and HUP to a rank, USR1 to mpirun: a checkpoint in mid-epoch, code 85."""
    for _ in range(suite.choose(1, 5)):
        for name in suite.choose(["HUP"], ["USR1", "TERM", "INT", "HUP"]):
            suite.attempt(_signal, suite, name, suite.random.randrange(RANKS))
        suite.attempt(_signal, suite, "USR1", None)


def _signal(suite, name, rank):
    folder = suite.new_folder(epochs=100000)
    job = Job(folder, RANKS, "run.yaml", "--threads", 1)
    job.wait_for_checkpoint(folder, 3)
    time.sleep(suite.random.uniform(0, 0.1))
    send(job.process.pid if rank is None else job.rank(rank), getattr(signal, f"SIG{name}"))
    suite.time_end(job, [85], [f"stopped by SIG{name}", "continue with --resume runs/r"])
    return folder


def signals_then_resume(suite):
    """A signal at a random moment of a short run, then the resume."""
    _, seconds = suite.reference()
    for _ in range(suite.choose(1, 10)):
        suite.attempt(_signal_and_resume, suite, suite.random.uniform(0.1, 1) * seconds)


def _signal_and_resume(suite, moment):
    folder = suite.new_folder()
    job = Job(folder, RANKS, "run.yaml", "--threads", 1, mpirun=GUARDED)
    job.rank(1)
    time.sleep(moment)
    victim = job.rank(1)
    if victim is not None:
        send(victim, signal.SIGUSR1)
    # Before MPI is up, the signal is the end as usual.
    suite.time_end(job, [0, 85, 138, 1, -signal.SIGKILL])
    suite.resume(folder)
    return folder


def signals_while_writing(suite):
    """USR1, TERM and INT to a rank, TERM and INT to mpirun, just before a checkpoint is on the disk."""
    for call in suite.choose(["fsync"], ["pwrite", "fsync", "rename"]):
        for name in suite.choose(["TERM"], ["USR1", "TERM", "INT"]):
            suite.attempt(_signal_while_writing, suite, call, f"self-{getattr(signal, f'SIG{name}').value}", [85])
        for name in suite.choose(["TERM"], ["TERM", "INT"]):
            # mpirun gives its ranks a second or two, which is more than a checkpoint takes here, or less.
            do = f"parent-{getattr(signal, f'SIG{name}').value}"
            suite.attempt(_signal_while_writing, suite, call, do, ANY_ERROR)


def _signal_while_writing(suite, call, do, codes):
    folder = suite.new_folder()
    faults = {"RANK": 0, "CALL": call, "PATH": "epoch-0005", "NTH": 1, "DO": do}
    job = Job(folder, RANKS, "run.yaml", "--threads", 1, faults=faults)
    job.wait_for(lambda: list((folder / "runs/r/checkpoints").glob("*epoch-0005*")), "fifth checkpoint")
    # The rest of the run may be over before mpirun acts.
    suite.time_end(job, [0, *codes] if do.startswith("parent") else codes, within=15)
    suite.resume(folder)
    return folder


def terminated_launcher(suite):
    """TERM and INT to mpirun at a random moment: best effort, the last complete checkpoint stays."""
    for name in suite.choose(["INT"], ["TERM", "INT"]):
        for _ in range(suite.choose(1, 5)):
            suite.attempt(_terminated_launcher, suite, name)


def _terminated_launcher(suite, name):
    folder = suite.new_folder()
    job = Job(folder, RANKS, "run.yaml", "--threads", 1, mpirun=GUARDED)
    job.rank(0)
    time.sleep(suite.random.uniform(0, 0.8))
    send(job.process.pid, getattr(signal, f"SIG{name}"))
    suite.time_end(job, ANY, within=15)
    suite.resume(folder)
    return folder


def second_interrupt(suite):
    """A second INT stops at once, whatever the first one waits for."""
    suite.attempt(_second_interrupt, suite)


def _second_interrupt(suite):
    folder = suite.new_folder()
    # The first one comes while a checkpoint hangs, which then cannot be finished.
    faults = {"RANK": 0, "CALL": "fsync", "PATH": "epoch-0003", "NTH": 1, "DO": "self-19"}
    job = Job(folder, RANKS, "run.yaml", "--threads", 1, faults=faults)
    job.wait_for(lambda: list((folder / "runs/r/checkpoints").glob(".epoch-0003*")), "write of a checkpoint")
    victim = job.rank(1)
    send(victim, signal.SIGINT)
    time.sleep(0.2)
    if job.process.poll() is not None:
        raise Failed(f"the first interrupt was the end: {job.tell()}")
    send(victim, signal.SIGINT)
    suite.time_end(job, ANY_ERROR)
    suite.resume(folder)
    return folder


def time_is_up(suite):
    """--max-seconds: a checkpoint, code 85."""
    for ranks in suite.choose([2], [1, 3, None]):
        suite.attempt(_time_is_up, suite, ranks)


def _time_is_up(suite, ranks):
    folder = suite.new_folder(epochs=100000)
    job = Job(folder, ranks, "run.yaml", "--threads", 1, "--max-seconds", 2)
    suite.time_end(job, [85], ["stopped by the time limit"], within=15)
    return folder


def slow_rank(suite):
    """A rank that is stopped half of the time is named."""
    suite.attempt(_slow_rank, suite)


def _slow_rank(suite):
    # Epochs of less than a second tell nothing.
    folder = suite.new_folder(epochs=2, network={"hidden": [1024, 1024]}, training={"batch_size": 256})
    job = Job(folder, 2, "run.yaml", "--threads", 1)
    victim = job.rank(1)
    job.wait_for(lambda: (folder / "runs/r/history.csv").exists(), "first checkpoint")
    over = threading.Event()

    def hold():
        while not over.is_set():
            send(victim, signal.SIGSTOP)
            time.sleep(0.03)
            send(victim, signal.SIGCONT)
            time.sleep(0.01)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        job.wait(120)
    finally:
        over.set()
        holder.join()
    if "oversubscribed" in job.output:
        raise Skipped("there is one CPU, which the ranks share")
    job.expect([0], ["rank 1@", "is slow"])
    suite.result.jobs += 1
    rows = (folder / "runs/r/ranks.csv").read_text().splitlines()
    if len(rows) != 5:
        raise Failed(f"ranks.csv has {rows}: {job.tell()}")
    return folder


def one_cpu(suite):
    """More ranks than CPUs finish in reasonable time."""
    for ranks in suite.choose([8], [4, 8]):
        suite.attempt(_one_cpu, suite, ranks)


def _one_cpu(suite, ranks):
    folder = suite.new_folder()
    cpu = min(os.sched_getaffinity(0))
    launcher = ["mpirun", "--oversubscribe", "--bind-to", "none", "-np", ranks]
    job = Job(folder, ranks, command=["taskset", "-c", cpu, *launcher, PROGRAM, "run.yaml", "--threads", 1])
    suite.time_end(job, [0], within=60)
    suite.resume(folder)
    return folder


def lone_tasks(suite):
    """Tasks of srun that do not know of each other are refused."""
    suite.attempt(_lone_tasks, suite)


def _lone_tasks(suite):
    folder = suite.new_folder()
    slurm = {"SLURM_STEP_ID": "0", "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_NTASKS": "4"}
    job = Job(folder, None, "run.yaml", environment=slurm)
    suite.time_end(job, [70], ["srun --mpi=pmix"])
    if (folder / "runs").exists():
        raise Failed(f"it wrote files: {job.tell()}")
    return folder


def cut_link(suite):
    """Two hosts over TCP, the cable is pulled out in mid-run."""
    suite.attempt(_cut_link, suite)


def _cut_link(suite):
    folder = suite.new_folder(epochs=100000, safety={"watchdog": 2, "watchdog_files": 2})
    # Without Swift the script takes the program as it is.
    path = ":".join(part for part in os.environ["PATH"].split(":") if not Path(part, "swift").exists())
    command = [ROOT / "cluster/two-hosts", "-np", 1, "run.yaml", "--threads", 1]
    job = Job(folder, 2, command=command, environment={"PATH": path})
    try:
        job.wait_for(lambda: len(list((folder / "runs/r/checkpoints").glob("epoch-*"))) >= 2, "second checkpoint")
    except Failed:
        if job.process.poll() == 69:
            raise Skipped("there can be no such hosts: " + job.output.strip().splitlines()[-1]) from None
        raise
    subprocess.run(
        ["ip", "-n", f"dt{job.process.pid}-1", "link", "set", f"dt{job.process.pid}-1", "down"], check=True)
    start = time.monotonic()
    while any(rank is not None for rank in job.processes().values()):
        if time.monotonic() > start + 15:
            raise Failed(f"ranks are still there: {job.processes()}: {job.tell()}")
        time.sleep(0.05)
    suite.result.jobs += 1
    suite.result.worst = max(suite.result.worst, time.monotonic() - start)
    # mpirun itself waits for its daemon behind the cut, until TCP gives up: the time limit of a launch script ends it.
    os.killpg(job.process.pid, signal.SIGTERM)
    time.sleep(1)
    for process in job.processes():
        if process != job.process.pid:  # The script takes the hosts down.
            send(process, signal.SIGKILL)
    job.expect(ANY, ["no progress for"])
    after = Job(folder, 2, "--resume", "runs/r", "--threads", 1, "--max-seconds", 1)
    after.expect([85])
    return folder
