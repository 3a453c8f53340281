"""One run that uses everything a training can: for tests of what must hold whatever is switched on.

Event weights of both signs from columns and from a file, processes that share a class, one that is only evaluated, a split by the
event's identity, Adam with all that goes with it, both ways to change the loss, dropout, LayerNorm, skip connections and every
activation, warm-up and plateau, early stopping by the AUC.
"""

import csv
from pathlib import Path

import numpy as np

FEATURES = ["pt", "eta", "phi", "mass"]
COUNTS = {"signal": 700, "top_2l": 900, "top_1l": 600, "wjets": 500, "ttv": 150}


def write_events(folder):
    """A CSV per process, with weights and numbers of events that all begin at the same large one."""
    folder = Path(folder)
    for number, (process, count) in enumerate(COUNTS.items()):
        random = np.random.default_rng(number)
        x = random.normal([90 + 12 * number, 0.3 * number, 0, 125 - 5 * number], [40, 1, 1.8, 9], (count, 4))
        generated = 10.0 ** (number - 1) * np.where(random.random(count) < 0.15, -1.0, 1.0)
        pileup = np.exp(0.2 * random.standard_normal(count))
        with open(folder / f"{process}.csv", "w", newline="", encoding="ascii") as file:
            rows = csv.writer(file)
            rows.writerow(["run", "event", "genWeight", *FEATURES, "puWeight"])
            for row in range(count):
                rows.writerow([1, 2**53 + 1 + row, repr(float(generated[row])), *(f"{value:.6g}" for value in x[row]), repr(float(pileup[row]))])
        np.save(folder / f"{process}_trigger.npy", random.uniform(0.8, 1, count))


def run(folder, epochs=8):
    """The run file, as a tree, of the events in `folder`."""
    def process(name, **keys):
        return {"name": name, "files": [f"{name}.csv"], "weight_files": [f"{name}_trigger.npy"], **keys}

    return {
        "name": "r",
        "data": {
            "directory": str(folder), "layout": "events_by_row", "features": FEATURES, "event": ["run", "event"],
            "weight": ["genWeight", "puWeight"], "luminosity": 140.0, "share": "weight",
            "processes": [
                process("signal", cross_section=0.0073, sum_weights=5e5),
                process("top_2l", **{"class": "top"}, scale=0.01), process("top_1l", **{"class": "top"}, scale=0.02),
                process("wjets", scale=1e-15), process("ttv", use="evaluate"),
            ],
        },
        "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "by": "event", "seed": 5},
        "network": {
            "hidden": [
                {"units": 24, "activation": "silu", "norm": "layer"},
                {"units": 24, "activation": "gelu", "norm": "layer", "skip": True, "dropout": 0.2},
                {"units": 24, "activation": "elu", "skip": True}, {"units": 12, "activation": "leaky_relu", "dropout": 0.1},
            ],
            "input_dropout": 0.05, "initializer": "lecun_normal",
        },
        "training": {
            "loss": "categorical_crossentropy", "label_smoothing": 0.05, "focal_gamma": 1.5, "l2": 1e-5,
            "event_weights": {"negative": "keep"},
            "optimizer": {"name": "adamw", "learning_rate": 0.003, "weight_decay": 0.01, "global_clipnorm": 0.5, "ema": 0.98,
                          "decay_biases": False},
            "schedule": {"plateau": {"factor": 0.5, "patience": 1, "min_delta": 0.001}}, "warmup_epochs": 0.7,
            "batch_size": 64, "epochs": epochs, "early_stopping": {"patience": epochs, "min_delta": 1e-4},
            "metrics": ["loss", "accuracy", "weighted_accuracy", "auc"], "monitor": "auc", "seed": 3,
        },
        "output": {"directory": "runs"},
    }
