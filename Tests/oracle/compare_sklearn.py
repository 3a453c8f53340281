#!/usr/bin/env python3
"""Does the program learn as well as scikit-learn's MLPClassifier, with the same network, events, split and optimiser?

    .build/venv/bin/python Tests/oracle/compare_sklearn.py [--run-file RUN.yaml] [--seeds N] [--first-seed N] [--section.key=value …]

For every seed both train on the same events with the same weights, keep the epoch with the best validation loss and are
judged on the same test events: accuracy, and area under the ROC curve one class against the rest, mean over the classes.
In a batch, scikit-learn divides by the sum of its events' weights, dist-train by their number times the mean weight of all
training events; with thousands of events a class that is much the same.
Whatever the run file says, both start from Glorot's weights, at a constant learning rate, without weight decay: all that
MLPClassifier offers. Options that this script does not know go to the program, after these.
Not part of launch/test: it takes minutes, and its verdict is statistics. Exit code 1 if ours is worse by more than one
standard error of the mean difference.
"""

import argparse
import copy
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from run import Run
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.neural_network import MLPClassifier

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/dist-train"
LIKE_SKLEARN = ["--network.initializer=glorot_uniform", "--training.schedule=constant", "--training.warmup_epochs=0",
                "--training.optimizer.weight_decay=0"]


def call(*arguments):
    subprocess.run([PROGRAM, *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def train(run_file, seed, overrides, folder):
    call(run_file, *LIKE_SKLEARN, *overrides, f"--training.seed={seed}", f"--name=seed-{seed}", f"--output.directory={folder}")
    return Run(Path(folder) / f"seed-{seed}")


def our_scores(run):
    """Probabilities of the test events, in the order of `run.events("test")`."""
    scores = []
    for process, numbers in zip(run.c["data"]["processes"], run.parts["test"]):
        files = []
        for name in process["files"]:
            output = Path(run.folder) / "scores.npy"
            call("predict", run.folder, Path(run.c["data"]["directory"]) / name, "-o", output)
            files.append(np.load(output))
        scores.append(np.concatenate(files)[numbers])
    return np.concatenate(scores)


def sklearn_scores(run, seed):
    """The same from MLPClassifier."""
    network, training = run.c["network"], run.c["training"]
    optimizer = training["optimizer"]
    activation = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "linear": "identity"}
    if len(set(network["activation"])) != 1:
        sys.exit("compare_sklearn: MLPClassifier has one activation for all hidden layers")
    model = MLPClassifier(
        network["hidden"], activation=activation[network["activation"][0]], solver="sgd", alpha=0,
        batch_size=training["batch_size"], learning_rate_init=float(optimizer["learning_rate"]),
        momentum=float(optimizer["momentum"]), nesterovs_momentum=optimizer["nesterov"], random_state=seed)
    mean, deviation = run.x.mean(axis=0, dtype=float), run.x.std(axis=0, dtype=float)
    scaled = {part: (run.events(part)[0] - mean) / deviation for part in run.parts}
    validation = run.events("validation")[1]
    class_weights = np.array([run.w[run.y == label][0] for label in range(run.y.max() + 1)])
    best, best_loss = None, np.inf
    for _ in range(training["epochs"]):
        model.partial_fit(scaled["training"], run.y, classes=np.unique(run.y), sample_weight=run.w)
        loss = log_loss(validation, model.predict_proba(scaled["validation"]), sample_weight=class_weights[validation])
        if loss < best_loss:
            best, best_loss = copy.deepcopy(model), loss
    return best.predict_proba(scaled["test"])


def judge(y, scores):
    scores = scores.astype(float)
    scores /= scores.sum(axis=1, keepdims=True)
    return accuracy_score(y, scores.argmax(axis=1)), roc_auc_score(y, scores, multi_class="ovr", average="macro")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run-file", type=Path, default=ROOT / "data/hh-bbww.yaml")
    parser.add_argument("--seeds", type=int, default=5, help="trainings of each (default: 5, at least 2)")
    parser.add_argument("--first-seed", type=int, default=1, help="take seeds that no setting was chosen on (default: 1)")
    options, overrides = parser.parse_known_args()  # the others are the program's
    if options.seeds < 2:
        parser.error("--seeds: a standard error takes at least 2")
    results = []  # (seed, ours or theirs, accuracy or AUC)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            run = train(options.run_file, seed, overrides, folder)
            y = run.events("test")[1]
            results.append([judge(y, our_scores(run)), judge(y, sklearn_scores(run, seed))])
            print(f"seed {seed}: dist-train {results[-1][0]}, scikit-learn {results[-1][1]}", file=sys.stderr)
    results = np.array(results)

    def mean_and_error(values):
        return values.mean(), values.std(ddof=1) / np.sqrt(len(values))

    print(f"{len(y):,} test events, {options.seeds} seeds, {run.c['training']['epochs']} epochs")
    print(f"{'':10} {'dist-train':>18} {'scikit-learn':>18} {'difference':>18}")
    good = True
    for column, name in enumerate(["accuracy", "AUC"]):
        ours, theirs = results[:, 0, column], results[:, 1, column]
        cells = [mean_and_error(values) for values in (ours, theirs, ours - theirs)]
        good &= cells[2][0] >= -cells[2][1]
        print(f"{name:10}" + "".join(f" {mean:+9.4f} ± {error:.4f}" if cell == 2 else f" {mean:9.4f} ± {error:.4f}"
                                     for cell, (mean, error) in enumerate(cells)))
    print("verdict: dist-train is " + ("as good or better" if good else "worse by more than one standard error"))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
