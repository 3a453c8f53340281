"""Files that cannot be written, and checkpoints that are damaged."""

import errno
import signal
import subprocess

from job import Failed, Job
from suite import Skipped

# What is written in an epoch, by a part of its path: each in a temporary file that takes its name, or at the end of itself.
WHOLE = ["epoch-0004", "best-0004", "model.safetensors", "log.txt"]
GROWING = ["costs.npy", "history.csv"]
RANKS = 3


def _faults(suite):
    """(call, path, which one of these calls)"""
    calls = [(call, path, 1) for path in WHOLE for call in ("pwrite", "fsync", "rename")]
    # The first ones make the file, the others append to it.
    calls += [(call, path, nth) for path in GROWING for call in ("pwrite", "fsync") for nth in (1, 2, 4)]
    calls += [("rename", path, 1) for path in [*GROWING, "config.yaml", "ranks.csv", "split.npy"]]
    calls += [("fsync", "checkpoints", nth) for nth in (1, 3, 6)]  # Of the directory and what is in it.
    return calls if suite.long else suite.random.sample(calls, 2)


def kill_while_writing(suite):
    """kill -9 before and after each write, fsync and rename."""
    for call, path, nth in _faults(suite):
        for do in ("kill-before", "kill-after"):
            suite.attempt(_kill, suite, call, path, nth, do)


def _kill(suite, call, path, nth, do):
    folder = suite.new_folder()
    job = Job(
        folder, RANKS, "run.yaml", "--threads", 1,
        faults={"RANK": 0, "CALL": call, "PATH": path, "NTH": nth, "DO": do})
    suite.time_end(job, [128 + signal.SIGKILL])
    suite.resume(folder)
    return folder


def errors_of_writing(suite):
    """A full disk, a broken one, a read-only one, at each write, fsync and rename: code 74."""
    for call, path, nth in _faults(suite):
        for number in suite.choose([errno.ENOSPC], [errno.ENOSPC, errno.EIO]):
            suite.attempt(_error, suite, call, path, nth, number)
    for path in suite.choose([], WHOLE):
        suite.attempt(_error, suite, "rename", path, 1, errno.EROFS)


def _error(suite, call, path, nth, number):
    folder = suite.new_folder()
    job = Job(
        folder, RANKS, "run.yaml", "--threads", 1,
        faults={"RANK": 0, "CALL": call, "PATH": path, "NTH": nth, "DO": f"errno-{number}"})
    suite.time_end(job, [74], ["cannot write"])
    half = [path.name for path in (folder / "runs/r").rglob(".*")]
    if half:
        raise Failed(f"half a file is left: {half}: {job.tell()}")
    suite.resume(folder)
    return folder


def short_writes(suite):
    """A partial write is continued."""
    for path in suite.choose(["epoch-0004"], [*WHOLE, *GROWING]):
        suite.attempt(_short, suite, path)


def _short(suite, path):
    folder = suite.new_folder()
    faults = {"RANK": 0, "CALL": "pwrite", "PATH": path, "NTH": 1, "DO": "short"}
    suite.time_end(Job(folder, RANKS, "run.yaml", "--threads", 1, faults=faults), [0], within=60)
    suite.resume(folder)
    return folder


def damaged_checkpoints(suite):
    """The newest checkpoint cut off at any length, or with a bit flipped, or the best model gone."""
    for _ in range(suite.choose(1, 30)):
        suite.attempt(_damage, suite, "cut")
        suite.attempt(_damage, suite, "flip")
    for what in suite.choose(["best and model"], ["best", "model", "best and model", "empty"]):
        suite.attempt(_damage, suite, what)


def _damage(suite, what):
    folder = suite.new_folder()
    # It ends at a write, between two checkpoints.
    faults = {"RANK": 0, "CALL": "rename", "PATH": "epoch-0009", "NTH": 1, "DO": "kill-before"}
    suite.time_end(Job(folder, RANKS, "run.yaml", "--threads", 1, faults=faults), [128 + signal.SIGKILL])
    run = folder / "runs/r"
    newest = max((run / "checkpoints").glob("epoch-*"))
    content = newest.read_bytes()
    words = [f"{newest.name}", "trying the one before"]
    if what == "cut":
        newest.write_bytes(content[: suite.random.randrange(len(content))])
    elif what == "empty":
        newest.write_bytes(b"")
    elif what == "flip":
        place = suite.random.randrange(len(content))
        newest.write_bytes(content[:place] + bytes([content[place] ^ 1 << suite.random.randrange(8)]) + content[place + 1 :])
    else:
        best = max((run / "checkpoints").glob("best-*"))
        if "best" in what:
            best.write_bytes(best.read_bytes()[:-1])
        if "model" in what:
            (run / "model.safetensors").write_bytes(b"")
        # One of the two is enough; without both, an older checkpoint may be needed, or this one may have it itself.
        words = []
    suite.resume(folder, words=words, never=["trying the one before"] if what in ("best", "model") else [])
    return folder


def full_disk(suite):
    """A real small file system fills up."""
    suite.attempt(_full_disk, suite)


def _mount(suite, folder, size):
    (folder / "runs").mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder / "runs"], capture_output=True, text=True)
    if made.returncode != 0:
        raise Skipped(f"no file system can be mounted: {made.stderr.strip()}")


def _full_disk(suite):
    folder = suite.new_folder()
    _mount(suite, folder, "160k")
    try:
        suite.time_end(Job(folder, RANKS, "run.yaml", "--threads", 1), [74],
            ["No space left on device", "then continue with --resume runs/r;"])
        half = [path.name for path in (folder / "runs/r").rglob(".*")]
        if half:
            raise Failed(f"half a file is left: {half}")
        subprocess.run(["mount", "-o", "remount,size=100m", folder / "runs"], check=True)
        suite.resume(folder)
    finally:
        subprocess.run(["umount", folder / "runs"], check=True)
    return folder


def read_only(suite):
    """The file system becomes read-only in mid-run."""
    suite.attempt(_read_only, suite)


def _read_only(suite):
    folder = suite.new_folder(epochs=100000)
    _mount(suite, folder, "100m")
    try:
        job = Job(folder, RANKS, "run.yaml", "--threads", 1)
        job.wait_for_checkpoint(folder, 3)
        # Refused as long as a file is open for writing.
        for _ in range(1000):
            if subprocess.run(["mount", "-o", "remount,ro", folder / "runs"], capture_output=True).returncode == 0:
                break
        suite.time_end(job, [74], ["Read-only file system"])
        subprocess.run(["mount", "-o", "remount,rw", folder / "runs"], check=True)
        job = Job(folder, RANKS, "--resume", "runs/r", "--threads", 1, "--max-seconds", 1)
        job.expect([85])
        if "Resumed after epoch" not in job.output:
            raise Failed(job.tell())
    finally:
        subprocess.run(["umount", folder / "runs"], check=True)
    return folder
