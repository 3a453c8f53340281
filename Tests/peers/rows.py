"""The trainings that dist-train, Keras and PyTorch do side by side, and the events with the weights that some of them need.

Each is one epoch of the shipped events from the same start, in the same order: what differs from `data/hh-bbww.yaml` stands here
as overrides of the run file, and everything else is read from the run's own config.yaml. The hidden layers have tanh, but where an
activation is named: at relu's kink a rounding may decide which way an event goes, and then the costs of two correct programs differ
by 1e-5 to 1e-3 in a row of one and agree in the next.
"""

import csv
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
PROCESSES = ["signal", "bgr_tt", "bgr_st", "bgr_Wj"]
FEATURES = [f"{particle}_{of}" for particle in ("lep", "jet1", "jet2", "jet3")
            for of in ("pt", "eta", "phi") + (("btag",) if particle != "lep" else ())]

ADAM = {"training.optimizer": "{name: adam}"}
ADAMW = {"training.optimizer": "{name: adamw}"}
SGD = {"training.optimizer": "{name: sgd, learning_rate: 0.05, momentum: 0.9, weight_decay: 0}"}
NESTEROV = {"training.optimizer": "{name: sgd, learning_rate: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01}"}
PLAIN = {"training.optimizer": "{name: sgd, learning_rate: 0.1, momentum: 0, weight_decay: 0}"}
CLIPPED = {"training.optimizer": "{name: sgd, learning_rate: 0.05, momentum: 0.9, weight_decay: 0, global_clipnorm: 0.3}"}
CLIPPED_ADAM = {"training.optimizer": "{name: adam, learning_rate: 0.003, global_clipnorm: 0.3, weight_decay: 0.02}"}
WITHOUT_BIASES = {"training.optimizer": "{name: adamw, weight_decay: 0.1, decay_biases: false}"}
L2 = {"training.l2": "0.001"}
SMOOTH = {"training.label_smoothing": "0.1"}
FOCAL = {"training.focal_gamma": "2"}
BINARY = {"training.loss": "binary_crossentropy"}
DROPOUT = {"network.dropout": "0.3"}
INPUT_DROPOUT = {"network.dropout": "0.2", "network.input_dropout": "0.1"}
COSINE = {"training.schedule": "{cosine: {final: 0.01}}"}
EXPONENTIAL = {"training.schedule": "{exponential: {rate: 0.2}}"}
WARM = {"training.warmup_epochs": "0.5"}
UNBALANCED = {"training.class_weights": "none"}
ABSOLUTE = {"training.event_weights": "{negative: absolute}"}
KEEP = {"training.event_weights": "{negative: keep}"}
DROP = {"training.event_weights": "{negative: drop}"}
SILU_NORM = {"network.hidden": "[{units: 30, norm: layer, activation: silu}, {units: 30, norm: layer, activation: silu, skip: true}, 30]"}
GELU = {"network.activation": "gelu"}
ELU = {"network.activation": "elu"}
LEAKY = {"network.activation": "leaky_relu"}
RELU = {"network.activation": "relu"}

# name: (the weights of the events: none, positive or signed; overrides …)
ROWS = {
    "sgd": ("none", PLAIN),
    "sgd momentum": ("none", SGD),
    "sgd momentum, relu": ("none", SGD, RELU),
    "sgd nesterov decay": ("none", NESTEROV),
    "sgd momentum, cosine": ("none", SGD, COSINE),
    "sgd momentum, exponential, warm-up": ("none", SGD, EXPONENTIAL, WARM),
    "sgd momentum, l2": ("none", SGD, L2),
    "sgd momentum, clipped": ("none", CLIPPED),
    "sgd momentum, smoothing": ("none", SGD, SMOOTH),
    "sgd momentum, focal": ("none", SGD, FOCAL),
    "sgd momentum, binary": ("none", SGD, BINARY),
    "sgd momentum, binary, smoothing": ("none", SGD, BINARY, SMOOTH),
    "sgd momentum, binary, focal": ("none", SGD, BINARY, FOCAL),
    "sgd momentum, weights": ("positive", SGD),
    "sgd momentum, weights, no class weights": ("positive", SGD, UNBALANCED),
    "sgd momentum, signed weights, absolute": ("signed", SGD, ABSOLUTE),
    "sgd momentum, signed weights, keep": ("signed", SGD, KEEP),
    "sgd momentum, signed weights, drop": ("signed", SGD, DROP),
    "sgd momentum, dropout": ("none", SGD, DROPOUT),
    "adam": ("none", ADAM),
    "adam, relu": ("none", ADAM, RELU),
    "adam, cosine, warm-up": ("none", ADAM, COSINE, WARM),
    "adam, exponential": ("none", ADAM, EXPONENTIAL),
    "adam, l2": ("none", ADAM, L2),
    "adam, clipped, decay": ("none", CLIPPED_ADAM),
    "adam, smoothing": ("none", ADAM, SMOOTH),
    "adam, focal": ("none", ADAM, FOCAL),
    "adam, binary": ("none", ADAM, BINARY),
    "adam, binary, focal, weights": ("positive", ADAM, BINARY, FOCAL),
    "adam, weights": ("positive", ADAM),
    "adam, signed weights, keep": ("signed", ADAM, KEEP),
    "adam, dropout": ("none", ADAM, DROPOUT),
    "adamw": ("none", ADAMW),
    "adamw, weights, dropout, cosine": ("positive", ADAMW, INPUT_DROPOUT, COSINE),
    "adamw without biases, smoothing": ("none", WITHOUT_BIASES, SMOOTH),
    "adamw, gelu": ("none", ADAMW, GELU),
    "adamw, elu": ("none", ADAMW, ELU),
    "adamw, leaky relu": ("none", ADAMW, LEAKY),
    "adam, silu, layer norm, skip": ("none", ADAM, SILU_NORM),
    "clipped adam with all": ("signed", CLIPPED_ADAM, ABSOLUTE, SILU_NORM, DROPOUT, SMOOTH, FOCAL, L2, COSINE, WARM),
}


def write_events(folder):
    """The shipped events as CSV, each with weights: log-normal around numbers that differ as cross sections do; 20 % of the signed
    ones are negative."""
    for number, process in enumerate(PROCESSES):
        rows = [line.split() for line in (DATA / f"nn_input_{process}.txt").read_text().splitlines()]
        events = len(rows[0])
        random = np.random.Generator(np.random.PCG64(number))
        positive = np.exp(0.5 * random.standard_normal(events)) * 10.0 ** (number - 2)
        signed = np.where(random.random(events) < 0.2, -positive, positive)
        with open(Path(folder) / f"{process}.csv", "w", newline="", encoding="ascii") as file:
            table = csv.writer(file)
            table.writerow(FEATURES + ["positive", "signed"])
            for event in range(events):
                table.writerow([row[event] for row in rows] + [repr(float(positive[event])), repr(float(signed[event]))])


def run_file(folder, name):
    """Writes the run file of a row, whose events are in `folder`; its path, and the overrides."""
    weights, *overrides = ROWS[name]
    overrides = {key: value for part in overrides for key, value in part.items()}
    # One output of a sigmoid: the three backgrounds are one class, and the signal the other.
    binary = overrides.get("training.loss") == "binary_crossentropy"
    lines = ["data:", f"  features: [{', '.join(FEATURES)}]", "  layout: events_by_row", "  processes:"]
    for process in PROCESSES:
        group = ", class: background" if binary and process != "signal" else ""
        lines.append(f"    - {{name: {process}, files: [{process}.csv]{group}}}")
    if weights != "none":
        lines.append(f"  weight: [{weights}]")
    path = Path(folder) / (name.replace(",", "").replace(" ", "-") + ".yaml")
    lines += ["network: {activation: tanh}", "split: {seed: 42}", "training: {epochs: 1, batch_size: 128, schedule: constant, seed: 42}",
              f"output: {{directory: {folder}/runs}}"]
    path.write_text("\n".join(lines) + "\n")
    return path, [f"--{key}={value}" for key, value in overrides.items()]
