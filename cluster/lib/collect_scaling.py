"""Puts what cluster/measure-scaling has measured into one file: collect_scaling.py FOLDER OUTPUT.

FOLDER holds benchmark reports named KIND@CABLE@ROUND.json, with underscores for spaces, noise-ROUND.json, of which the least
noisy one is taken, and missing.txt: what could not be measured, one reason a line.
"""

import json
import os
import sys
from datetime import date
from pathlib import Path


def rounded(value):
    """The same with five digits, which is more than is measured."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def lost(noise):
    """By which share of the time work was longer."""
    return noise["work"][-1]["mean"] / noise["work"][-1]["work_us"]


def collect(folder):
    runs = []
    for path in sorted(Path(folder).glob("*@*@*.json")):
        kind, cable, number = path.stem.replace("_", " ").split("@")
        report = json.loads(path.read_text())
        # Names of hosts made for the moment tell nothing, only how many there were.
        report["hosts"] = len(report["hosts"])
        runs.append({"kind": kind, "cable": cable, "round": int(number), "report": rounded(report)})
    return {
        "version": 2,
        "date": date.today().isoformat(),
        "kernel": os.uname().release.split("-")[0],
        "cpus": len(os.sched_getaffinity(0)),
        "missing": (Path(folder) / "missing.txt").read_text().splitlines(),
        "noise": min((json.loads(path.read_text()) for path in Path(folder).glob("noise-*.json")), key=lost),
        "runs": runs,
    }


if __name__ == "__main__":
    everything = collect(sys.argv[1])
    # A run a line, so that a difference can be read.
    lines = ",\n".join(json.dumps(run) for run in everything.pop("runs"))
    Path(sys.argv[2]).write_text(json.dumps(everything)[:-1] + ', "runs": [\n' + lines + "\n]}\n")
