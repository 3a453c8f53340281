"""Ranks that differ: in what they were started with, in what they received, in what they computed."""

import math
import shutil
import struct
import sys
from pathlib import Path

from job import PROGRAM, ROOT, Failed, Job, checkpoint

sys.path.insert(0, str(ROOT / "Tests/oracle"))
from run import Run  # noqa: E402  (the events of a run, rebuilt from its documentation)

# Steps that change nothing: the parameters in memory stay those of the first checkpoint.
FROZEN = {"training": {"optimizer": {"learning_rate": 1e-30, "weight_decay": 0}, "batch_size": 64}}


def other_run_file(suite):
    """Another run file on one rank; with two ranks, both are named."""
    for ranks in suite.choose([2], [3, 2]):
        suite.attempt(_other_run_file, suite, ranks)


def _other_run_file(suite, ranks):
    folder = suite.new_folder()
    other = folder / "other"
    other.mkdir()
    (other / "run.yaml").write_text((folder / "run.yaml").read_text() + "# a comment\n")
    parts = ["-np", ranks - 1, PROGRAM, "run.yaml", ":", "-np", 1, "-wdir", other, PROGRAM, "run.yaml"]
    return _refused(suite, folder, parts, ranks, "run file")


def other_command_line(suite):
    """Another option on one rank."""
    suite.attempt(_other_command_line, suite)


def _other_command_line(suite):
    folder = suite.new_folder()
    parts = ["-np", 2, PROGRAM, "run.yaml", ":", "-np", 1, PROGRAM, "run.yaml", "--training.epochs=3"]
    return _refused(suite, folder, parts, 3, "command line")


def other_program(suite):
    """Another build of the program on one rank."""
    for ranks in suite.choose([3], [3, 2]):
        suite.attempt(_other_program, suite, ranks)


def _other_program(suite, ranks):
    folder = suite.new_folder()
    content = bytearray(PROGRAM.read_bytes())
    # The note of the build ID: sizes of name and content, type, name.
    place = content.index(struct.pack("<III", 4, 20, 3) + b"GNU\0") + 16
    content[place + suite.random.randrange(20)] ^= 1
    copy = folder / "other-program"
    copy.write_bytes(content)
    copy.chmod(0o755)
    parts = ["-np", ranks - 1, PROGRAM, "run.yaml", ":", "-np", 1, copy, "run.yaml"]
    return _refused(suite, folder, parts, ranks, "build of the program")


def _refused(suite, folder, parts, ranks, what):
    """The last rank differs."""
    job = Job(folder, ranks, command=["mpirun", "--oversubscribe", "--bind-to", "none", *parts])
    _expect_odd(suite, job, ranks, ranks - 1, what)
    if (folder / "runs").exists():
        raise Failed(f"it wrote files: {job.tell()}")
    return folder


def _expect_odd(suite, job, ranks, odd, what):
    words = [f"rank {odd}@"] + (["rank 0@", "differ in their"] if ranks == 2 else ["differs from the other 2 ranks"])
    suite.time_end(job, [76], [*words, what])


def other_events(suite):
    """A bit of the events is received wrong by one host."""
    for ranks in suite.choose([3], [3, 2]):
        suite.attempt(_other_events, suite, ranks)


def _other_events(suite, ranks):
    folder = suite.new_folder()
    faults = {"RANK": ranks - 1, "ALONE": 1, "EVENTS": "flip"}
    job = Job(folder, ranks, "run.yaml", "--threads", 1, faults=faults)
    _expect_odd(suite, job, ranks, ranks - 1, "events")
    return folder


def damaged_parameters(suite):
    """A bit of the parameters in a rank's memory flips, or one becomes infinite: the next comparison finds it."""
    for _ in range(suite.choose(1, 5)):
        for ranks, safety in suite.choose([(2, {})], [(3, {}), (2, {})]) + [(3, {"replica_check": 1})]:
            suite.attempt(_damaged_parameters, suite, ranks, suite.random.randrange(ranks), safety, "bit")
        # Nothing is finite in the next step then, and it is still the rank that is named, not the learning rate.
        for damage in ["exponent", "infinity"]:
            suite.attempt(_damaged_parameters, suite, 3, suite.random.randrange(3), {}, damage)


def _damaged_parameters(suite, ranks, victim, safety, damage):
    # Long epochs: between a comparison and the checkpoint after it nobody would see the damage.
    training = {**FROZEN["training"], "batch_size": 8}
    folder = suite.new_folder(epochs=100000, safety=safety, training=training)
    job = Job(folder, ranks, "run.yaml", "--threads", 1)
    job.wait_for_checkpoint(folder, 2)
    shape, weights = checkpoint(max((folder / "runs/r/checkpoints").glob("epoch-*")))[1]["layers.0.weight"]
    # In memory the weights of the first input stand together.
    row = b"".join(weights[4 * output * shape[1] :][:4] for output in range(shape[0]))
    other = bytearray(row)
    if damage == "infinity":
        other[:4] = struct.pack("<f", math.inf)
    else:
        bit = 30 if damage == "exponent" else suite.random.randrange(8 * len(row))
        other[bit // 8] ^= 1 << bit % 8
    if not _replace(job.rank(victim), row, other):
        raise Failed(f"the parameters were not found in memory: {job.tell()}")
    odd = [f"rank {victim}@"] if ranks == 3 else ["rank 0@", "rank 1@"]
    suite.time_end(job, [76], [*odd, "parameters", "step" if safety else "after epoch "], within=15)
    # What was written before is as good as ever.
    after = Job(folder, ranks, "--resume", "runs/r", "--threads", 1, "--max-seconds", 1)
    after.expect([85])
    return folder


def _replace(process, row, other):
    """Puts `other` in the place of `row` wherever it stands in the process's own memory; how often."""
    count = 0
    with open(f"/proc/{process}/mem", "r+b", buffering=0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            area, rights = line.split()[:2]
            first, end = (int(word, 16) for word in area.split("-"))
            if rights != "rw-p" or end - first > 1 << 30:
                continue
            try:
                memory.seek(first)
                content = memory.read(end - first)
            except OSError:
                continue
            place = content.find(row)
            while place >= 0:
                memory.seek(first + place)
                memory.write(other)
                count += 1
                place = content.find(row, place + 1)
    return count


def nan_event(suite):
    """An event becomes NaN in the memory of one rank: all stop, step, rank and event are named."""
    for _ in range(suite.choose(1, 4)):
        suite.attempt(_nan_event, suite, suite.random.randrange(1, 3), suite.random.randrange(300, 3000))


def _nan_event(suite, victim, step):
    folder = suite.new_folder(epochs=100000, safety={"replica_check": 1000000})
    faults = {"RANK": victim, "ALONE": 1, "EVENTS": f"nan-{step}"}
    job = Job(folder, 3, "run.yaml", "--threads", 1, faults=faults)
    job.wait(60)
    process = Run(folder / "runs/r").c["data"]["processes"][0]["name"]
    event = _first_training_event(folder / "runs/r") + 1
    suite.time_end(
        job, [75], ["step", f"first for event {event} of {process} (on rank {victim}@", "the last checkpoint is kept"])
    job = Job(folder, 3, "--resume", "runs/r", "--threads", 1, "--max-seconds", 1)
    job.expect([85])
    return folder


def _first_training_event(run):
    """The number of the event in the first row of memory."""
    return int(Run(run).parts["training"][0][0])


def few_events(suite):
    """1, 2, one fewer than ranks, a prime; batches larger than the data: the same bits on any number of ranks."""
    for count in suite.choose([2], [1, 2, 4, 7, 13]):
        suite.attempt(_few_events, suite, count)


def _few_events(suite, count):
    found = []
    for ranks in (1, 3, 5):
        folder = suite.new_folder(
            epochs=2, split={"train": 1, "validation": 0, "test": 0}, training={"batch_size": 1000},
            data={"directory": "data"})
        (folder / "data").mkdir()
        for name in ("signal", "bgr_tt", "bgr_st", "bgr_Wj"):
            rows = (ROOT / f"data/nn_input_{name}.txt").read_text().splitlines()
            lines = [" ".join(row.split()[:count]) for row in rows if not row.startswith("#")]
            (folder / f"data/nn_input_{name}.txt").write_text("\n".join(lines) + "\n")
        job = Job(folder, ranks, "run.yaml", "--threads", 1)
        suite.time_end(job, [0], within=20)
        found.append((folder / "runs/r/costs.npy").read_bytes())
        shutil.rmtree(folder)
    if any(costs != found[0] for costs in found):
        raise Failed(f"{count} events a process give other bits on other numbers of ranks")
