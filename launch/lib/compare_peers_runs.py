"""Whole runs of dist-train: the default run beside boosted trees, and one of the size of CERN's particle classifier."""

import csv
import json
import sys
import time
from pathlib import Path

import numpy as np

# As many events as SparkDLTrigger has: 3,426,083 for training and 856,090 that are judged after every epoch.
SPARK_EVENTS, SPARK_FEATURES, SPARK_CLASSES = 4_282_173, 14, ("qcd", "ttbar", "wjets")
SPARK_SPLIT = {"train": 0.8, "validation": 0.2, "test": 0}


def read_history(history):
    """One dictionary an epoch."""
    with open(history, newline="", encoding="utf-8") as file:
        return [{name: float(value or "nan") for name, value in row.items()} for row in csv.DictReader(file)]


def compare_trees(program, root, keys, labels, cores, folder, execute, variables, missing):
    """Rows of the table of trees: dist-train's default run first, then each of `keys` on the same split."""
    if not keys:
        return []
    run = folder / "default"
    execute([program, root / "data/hh-bbww.yaml", "--name=default", f"--output.directory={folder}", "--force",
             "--threads", cores], cores, variables)
    rows = []
    for key in ("dist-train", *keys):
        print(f"trees: {labels[key]}", file=sys.stderr)
        try:
            output = execute([sys.executable, Path(__file__).parent / "peers/trees.py", key, run, "--cores", cores],
                             cores, variables)
        except RuntimeError as error:
            missing[key] = f"it failed: {error}"
            continue
        label = f"{labels[key]}, {cores} core{'s' if cores > 1 else ''}"
        rows.append({"peer": key, "label": label, "cores": cores, **json.loads(output.splitlines()[-1])})
    return rows


def write_spark_events(folder):
    """One .npy per class, float32, one event per row: Gaussian features whose means depend on the class."""
    folder.mkdir(parents=True, exist_ok=True)
    share, rest = divmod(SPARK_EVENTS, len(SPARK_CLASSES))
    for number, name in enumerate(SPARK_CLASSES):
        path = folder / f"{name}.npy"
        shape = (share + (number < rest), SPARK_FEATURES)
        if path.exists() and np.load(path, mmap_mode="r").shape == shape:
            continue
        generator = np.random.default_rng((7, number))
        events = generator.standard_normal(shape, dtype=np.float32)
        events += generator.normal(0, 0.5, SPARK_FEATURES).astype(np.float32)
        partial = folder / f"{name}.partial"
        with open(partial, "wb") as file:
            np.save(file, events)
        partial.rename(path)


def train_spark(program, folder, cores, execute, variables):
    """The seconds of a whole run on those events, start to end, and its last training loss."""
    write_spark_events(folder)
    run = {
        "name": "run",
        "data": {
            "processes": [{"name": name, "files": [f"{name}.npy"]} for name in SPARK_CLASSES],
            "features": [f"feature_{number}" for number in range(SPARK_FEATURES)],
            "layout": "events_by_row",
        },
        "split": SPARK_SPLIT,
        "network": {"hidden": [50, 20, 10], "initializer": "he_uniform"},
        "training": {
            "batch_size": 128, "epochs": 5, "optimizer": {"learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0},
            "schedule": "constant"},
        "output": {"directory": str(folder)},
    }
    (folder / "run.yaml").write_text(json.dumps(run, indent=1) + "\n")  # JSON is YAML
    print("SparkDLTrigger: training", file=sys.stderr)
    start = time.perf_counter()
    execute([program, folder / "run.yaml", "--force", "--threads", cores], cores, variables)
    seconds = time.perf_counter() - start
    history = read_history(folder / "run/history.csv")
    return {"seconds": seconds, "cores": cores, "events": SPARK_EVENTS, "loss": history[-1]["training_loss"],
            "epoch_seconds": [epoch["seconds"] for epoch in history]}
