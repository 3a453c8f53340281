"""The fault suite: runs the cases, prints the table. Started by launch/test-faults."""

import argparse
import itertools
import shutil
import sys
import time
from pathlib import Path

import cases_end
import cases_files
import cases_ranks
from job import Failed, Job, digests
from suite import Skipped, Suite


# Of ranks, for stopping and resuming.
NUMBERS = [1, 2, 3, 5, 8]


def resume_matrix(suite):
    """Stopped at a random step on a ranks, resumed on b."""
    for a, b in suite.choose([(1, 3), (5, 2)], list(itertools.product(NUMBERS, NUMBERS))):
        suite.attempt(_stop_and_resume, suite, a, b)


def _stop_and_resume(suite, a, b):
    folder = suite.new_folder()
    # In the middle of an epoch: the signal comes with a write, and the job stops some steps later.
    epoch = suite.random.randrange(1, 39)
    faults = {"RANK": 0, "CALL": "rename", "PATH": f"epoch-{epoch:04}.", "NTH": 1, "DO": "self-10"}
    job = Job(folder, a, "run.yaml", "--threads", 1, faults=faults)
    suite.time_end(job, [85], ["stopped by SIGUSR1"])
    if not list((folder / "runs/r/checkpoints").glob("*-step-*")):
        raise Failed(f"no checkpoint in mid-epoch: {job.tell()}")
    suite.resume(folder, ranks=b)
    suite.matrix[a, b] = digests(folder / "runs/r")["model"]
    return folder


CASES = {
    "kill-rank": cases_end.kill_rank,
    "stopped-rank": cases_end.stopped_rank,
    "stuck-files": cases_end.stuck_files,
    "launcher-killed": cases_end.launcher_killed,
    "suspended": cases_end.suspended,
    "signals": cases_end.signals,
    "signals-resume": cases_end.signals_then_resume,
    "signals-writing": cases_end.signals_while_writing,
    "terminated": cases_end.terminated_launcher,
    "second-interrupt": cases_end.second_interrupt,
    "time-is-up": cases_end.time_is_up,
    "slow-rank": cases_end.slow_rank,
    "one-cpu": cases_end.one_cpu,
    "lone-tasks": cases_end.lone_tasks,
    "cut-link": cases_end.cut_link,
    "kill-writing": cases_files.kill_while_writing,
    "write-errors": cases_files.errors_of_writing,
    "short-writes": cases_files.short_writes,
    "damaged": cases_files.damaged_checkpoints,
    "full-disk": cases_files.full_disk,
    "read-only": cases_files.read_only,
    "run-file": cases_ranks.other_run_file,
    "command-line": cases_ranks.other_command_line,
    "program": cases_ranks.other_program,
    "events": cases_ranks.other_events,
    "parameters": cases_ranks.damaged_parameters,
    "nan-event": cases_ranks.nan_event,
    "few-events": cases_ranks.few_events,
    "resume-matrix": resume_matrix,
}


def main():
    parser = argparse.ArgumentParser(prog="launch/test-faults", allow_abbrev=False)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", metavar="CASE", action="append", choices=CASES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", metavar="FILE", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()

    shutil.rmtree(options.folder, ignore_errors=True)
    suite = Suite(options.folder, options.seed, options.long)
    suite.matrix = {}
    results = {}
    start = time.monotonic()
    for name in options.only or CASES:
        suite.start_case(name)
        begun = time.monotonic()
        try:
            CASES[name](suite)
        except Skipped as reason:
            suite.result.note = f"skipped: {reason}"
            suite.result.faults = 0
        except Failed as failure:
            suite.result.failures.append(f"{name}: {failure}")
        results[name] = suite.result
        state = "FAILED" if suite.result.failures else suite.result.note or "passed"
        print(f"{name:18}{suite.result.faults:5} faults {time.monotonic() - begun:6.0f} s  {state}", flush=True)
        for failure in suite.result.failures:
            print(f"  {failure}\n", flush=True)

    text = table(results)
    if len(suite.matrix) == len(NUMBERS) ** 2:
        text += "\n" + matrix(suite.matrix)
    print(f"\n{text}\n{time.monotonic() - start:.0f} s, seed {options.seed}")
    if options.markdown:
        options.markdown.write_text(text)
    sys.exit(any(result.failures for result in results.values()))


def table(results):
    """case | runs | faults | worst time to end | lost"""
    lines = ["| case | jobs | faults | worst time to end [s] | lost | |", "|---|---|---|---|---|---|"]
    for name, result in results.items():
        what = CASES[name].__doc__.splitlines()[0].rstrip(".")
        failed = f"{len(result.failures)} failed" if result.failures else result.note
        lines.append(
            f"| {name}: {what} | {result.jobs} | {result.faults} | {result.worst:.1f} | {result.lost} | {failed} |")
    every = results.values()
    lines.append(
        f"| all | {sum(r.jobs for r in every)} | {sum(r.faults for r in every)} | {max(r.worst for r in every):.1f} | "
        f"{sum(r.lost for r in every)} | |")
    return "\n".join(lines) + "\n"


def matrix(found):
    """The model's SHA-256 after a stop on the ranks of the row and a resume on those of the column."""
    lines = ["| stopped on, resumed on | " + " | ".join(map(str, NUMBERS)) + " |", "|---" * (len(NUMBERS) + 1) + "|"]
    for a in NUMBERS:
        lines.append(f"| {a} | " + " | ".join(found[a, b][:12] for b in NUMBERS) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
