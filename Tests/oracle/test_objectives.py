"""Objectives, weighted metrics, AUC, monitoring and early stopping of whole runs, against numpy."""

import csv
import json

import numpy as np
import pytest
from conftest import digests, start, train, write_events, write_run_file
from network import Network
from run import Run
from ranks import exact_auc


def rows_of(run):
    """history.csv as a dictionary of columns."""
    with open(run / "history.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """Two and three processes that overlap."""
    folder = tmp_path_factory.mktemp("objectives")
    random = np.random.default_rng(11)
    for index, (name, count) in enumerate([("one", 300), ("two", 500), ("three", 200)]):
        np.savetxt(folder / f"{name}.txt", random.normal(0.7 * index, 1, (3, count)), fmt="%.6g")
    return folder


def write(folder, processes, **training):
    return write_run_file(folder, processes, network={"hidden": [9, 7], "activation": "tanh", "initializer": "glorot_uniform"},
                          training={"batch_size": 64, "epochs": 1, "class_weights": [1, 0.5, 2][:len(processes)], **training})


class Twin(Network):
    """The twin with the loss Σ y (1 − p)^γ (−ln p), in the dtype that is asked for, as its definition has it: Keras' softmax or sigmoid,
    label smoothing (1 − ε) y + ε / K and focal factor."""

    def loss_and_delta(self, logits, y):
        training = self.run.c["training"]
        smoothing, gamma = float(training["label_smoothing"]), float(training["focal_gamma"])
        is_binary = training["loss"] == "binary_crossentropy"
        z = np.concatenate([logits, 0 * logits], axis=1) if is_binary else logits
        classes = z.shape[1]
        target = np.full(z.shape, smoothing / classes)
        target[np.arange(len(y)), y] += 1 - smoothing
        logarithms = z - z.max(axis=1, keepdims=True)
        logarithms -= np.log(np.exp(logarithms).sum(axis=1, keepdims=True))
        p = np.exp(logarithms)
        rest = (p[:, None, :] * (1 - np.eye(classes))).sum(axis=2)  # 1 − p without a difference
        focal = rest**gamma
        loss = (target * focal * -logarithms).sum(axis=1)
        # p · dloss/dp of each class, then through the softmax.
        slope = target * (-focal - (gamma * p * rest**(gamma - 1) * -logarithms if gamma else 0))
        delta = slope - p * slope.sum(axis=1, keepdims=True)
        return loss, delta[:, :1] if is_binary else delta

    def gradients(self, x, y, w):
        values = [((x - self.mean) * self.scale).astype(self.dtype)]
        for layer in range(self.depth):
            z = values[-1] @ self.parameters[f"layers.{layer}.weight"].T + self.parameters[f"layers.{layer}.bias"]
            values.append(np.tanh(z) if layer + 1 < self.depth else z)
        loss, delta = self.loss_and_delta(values.pop(), y)
        w, total, gradients = w.astype(self.dtype), len(y) * self.run.mean_weight, {}
        delta = delta * w[:, None]
        for layer in reversed(range(self.depth)):
            gradients[f"layers.{layer}.weight"] = delta.T @ values[layer] / total
            gradients[f"layers.{layer}.bias"] = delta.sum(axis=0) / total
            if layer:
                delta = delta @ self.parameters[f"layers.{layer}.weight"] * (1 - values[layer]**2)
        return (w * loss).sum() / total, gradients


@pytest.mark.parametrize("smoothing, gamma", [(0, 0), (0.1, 0), (0, 2), (0, 0.5), (0.2, 1.5)])
@pytest.mark.parametrize("loss, processes", [
    ("categorical_crossentropy", ["one", "two", "three"]), ("categorical_crossentropy", ["one", "two"]),
    ("binary_crossentropy", ["one", "two"]),
])
def test_costs_of_an_epoch_are_those_of_numpy_in_float64(events, loss, processes, smoothing, gamma):
    path = write(events, processes, loss=loss, label_smoothing=smoothing, focal_gamma=gamma)
    train(path, "--force", ranks=2, threads=2)
    run = Run(events / "runs/run")
    twin = Twin(run, run.checkpoint(0), np.float64)
    costs = np.array([twin.step(step) for step in range(run.steps_per_epoch)])
    found = np.load(events / "runs/run/costs.npy")
    assert len(costs) == len(found) > 8
    # Float32 on the way: a few 1e-7 of a cost of order 1, growing with the steps.
    assert np.abs(found - costs).max() < 3e-6 * max(1, np.abs(costs).max())
    after = run.checkpoint(1)
    for name, values in twin.parameters.items():
        assert np.abs(after[name] - values).max() < 2e-5
    assert len(after[f"layers.{twin.depth - 1}.bias"]) == (1 if loss == "binary_crossentropy" else len(processes))


def test_binary_probabilities_predictions_and_inspection(events):
    path = write(events, ["one", "two"], loss="binary_crossentropy", epochs=3)
    train(path, "--force")
    run = events / "runs/run"
    scores = {}
    for name in ("one", "two"):
        train("predict", run, events / f"{name}.txt", "-o", events / "scores.npy")
        scores[name] = np.load(events / "scores.npy")
        assert scores[name].shape[1] == 2 and np.abs(scores[name].sum(axis=1) - 1).max() < 3e-7
    # The first class has the first column.
    assert scores["one"][:, 0].mean() > 0.6 > scores["two"][:, 0].mean()
    everything = train("evaluate", run, "--data", events, "--json", events / "evaluation.json").stdout
    figures = json.loads((events / "evaluation.json").read_text())
    hits = [(scores["one"][:, 0] >= 0.5).sum(), (scores["two"][:, 0] < 0.5).sum()]
    assert np.diag(figures["confusion"]).tolist() == hits and "auc" in everything
    assert figures["accuracy"] == sum(hits) / 800
    assert "binary_crossentropy" in train("inspect", run).stdout
    # Three classes have no one output.
    three = write(events, ["one", "two", "three"], loss="binary_crossentropy")
    refused = start(three, "--force")
    assert refused.returncode == 64 and "two classes" in refused.stderr and refused.stderr.count("\n") == 1


@pytest.mark.parametrize("loss, processes", [
    ("categorical_crossentropy", ["one", "two", "three"]), ("categorical_crossentropy", ["one", "two"]),
    ("binary_crossentropy", ["one", "two"]),
])
def test_auc_is_that_of_the_ranks_within_its_bound(events, loss, processes):
    path = write(events, processes, loss=loss, epochs=3, metrics=["auc", "weighted_accuracy", "accuracy", "loss"])
    train(path, "--force")
    run = events / "runs/run"
    weights = json.loads((run / "metrics.json").read_text())["class_weights"]
    x, y, v = [], [], []
    for label, name in enumerate(processes):
        train("predict", run, events / f"{name}.txt", "-o", events / "scores.npy")
        x.append(np.load(events / "scores.npy"))
        y.append(np.full(len(x[-1]), label))
        v.append(np.full(len(x[-1]), weights[label]))
    x, y, v = map(np.concatenate, (x, y, v))
    train("evaluate", run, "--data", events, "--json", events / "evaluation.json")
    found = json.loads((events / "evaluation.json").read_text())
    areas = [exact_auc(x[:, label], y == label, v) for label in range(len(processes) if len(processes) > 2 else 1)]
    assert 0 < found["auc_bound"] < 1e-3
    # Scores in float32 tie where they differ beyond.
    assert abs(found["auc"] - np.mean(areas)) <= found["auc_bound"] + 1e-7
    assert 0.6 < found["auc"] < 0.99
    if len(processes) > 2:
        assert np.abs(np.array(found["auc_by_class"]) - areas).max() < 1e-3
    right = x.argmax(axis=1) == y
    assert found["weighted_accuracy"] == pytest.approx((v * right).sum() / v.sum(), rel=1e-12)
    assert found["accuracy"] == right.mean() != found["weighted_accuracy"]


@pytest.mark.parametrize("options", [["--training.loss=binary_crossentropy"], ["--training.focal_gamma=2", "--training.label_smoothing=0.1"]])
def test_ranks_threads_and_vectors_change_nothing(events, options, monkeypatch):
    """Validation sets that are gathered; of more events, the sums are added."""
    path = write(events, ["one", "two"], epochs=2, metrics=["loss", "accuracy", "weighted_accuracy", "auc"], monitor="auc")
    seen = set()
    for ranks, threads in [(1, 1), (1, 2), (2, 1), (3, 2), (5, 1), (8, 1)]:
        train(path, "--force", *options, ranks=ranks, threads=threads)
        seen.add(json.dumps(digests(events / "runs/run"), sort_keys=True))
    monkeypatch.setenv("DIST_TRAIN_VECTORS", "avx2")
    train(path, "--force", *options, ranks=2)
    seen.add(json.dumps(digests(events / "runs/run"), sort_keys=True))
    assert len(seen) == 1


def test_many_events_and_ranks_have_one_auc(tmp_path):
    """More than 65,536 events to rank: the ranks exchange sums."""
    random = np.random.default_rng(3)
    for index, name in enumerate(["one", "two", "three"]):
        np.save(tmp_path / f"{name}.npy", random.normal(index / 2, 1, (30_000, 2)).astype("f4"))
    path = write_run_file(tmp_path, ["one", "two", "three"], features=2, training={"batch_size": 1024, "epochs": 1})
    path.write_text(path.read_text().replace(".txt", ".npy").replace('"features": [', '"layout": "events_by_row", "features": ['))
    found = []
    for ranks in (1, 2, 3):
        train(path, "--force", "--split={train: 0.1, validation: 0.8, test: 0.1}", ranks=ranks)
        found.append(digests(tmp_path / "runs/run"))
    assert found[0] == found[1] == found[2]
    metrics = json.loads((tmp_path / "runs/run/metrics.json").read_text())
    assert metrics["validation"]["events"] > 65_536 > metrics["test"]["events"] and 0.6 < metrics["validation"]["auc"] < 0.8


def test_the_monitored_metric_decides(events):
    """Best epoch, early stopping with a margin, and a resumed run, by the AUC."""
    options = ["--training.optimizer.learning_rate=0.4", "--training.epochs=200", "--training.monitor=auc",
               "--training.early_stopping={patience: 4, min_delta: 0.002}"]
    path = write(events, ["one", "two"])
    result = train(path, "--force", *options, ranks=2)
    run = events / "runs/run"
    values = rows_of(run)["validation_auc"]
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["best_epoch"] == int(np.argmax(values)) + 1 and metrics["validation"]["auc"] == values.max()
    reference, improved = -np.inf, 0
    for epoch, value in enumerate(values, 1):  # Keras 3's EarlyStopping
        assert epoch == 1 or epoch - 1 - improved < 4
        if value - 0.002 > reference:
            reference, improved = value, epoch
    assert len(values) - improved == 4 and len(values) < 200
    assert f"Stopped early: no larger validation auc than that of epoch {improved} by more than 0.002" in result.stdout
    whole = digests(run)
    # In parts: counters and best epoch are those of the whole run.
    for stop in (1, improved, improved + 2):
        train(path, "--force", *options, f"--training.epochs={stop}", ranks=3)
        train("--resume", run, "--training.epochs=200", ranks=1)
        assert digests(run) == whole, stop


def test_a_run_goes_on_with_other_metrics(events):
    path = write(events, ["one", "two"])
    train(path, "--force", "--training.epochs=2", "--training.metrics=[loss, accuracy]")
    run = events / "runs/run"
    assert "validation_auc" not in rows_of(run)
    train("--resume", run, "--training.epochs=4", "--training.metrics=[loss, auc]")
    rows = rows_of(run)
    assert np.isnan(rows["validation_auc"]).tolist() == [True, True, False, False]
    # What is known of the epochs before stays.
    assert np.isnan(rows["validation_accuracy"]).tolist() == [False, False, True, True]
    train(path, "--force", "--training.epochs=4", "--training.metrics=[loss, auc]")
    assert (rows_of(run)["validation_loss"] == rows["validation_loss"]).all()
    # What decides cannot change.
    refused = start("--resume", run, "--training.epochs=5", "--training.monitor=auc")
    assert refused.returncode == 64 and "not that of the checkpoint" in refused.stderr


def test_a_class_without_validation_events_cannot_be_monitored_by_auc(tmp_path):
    write_events(tmp_path, "one", 100)
    write_events(tmp_path, "two", 3, shift=1)
    path = write_run_file(tmp_path, ["one", "two"], split={"seed": 3})  # Two of the three are trained on, and one is for the test.
    result = train(path)
    history = rows_of(tmp_path / "runs/run")
    assert np.isnan(history["validation_auc"]).all() and np.isfinite(history["validation_loss"]).all()
    assert "no validation events in two" in result.stderr
    refused = start(path, "--training.monitor=auc", "--force")
    assert refused.returncode == 65 and "two" in refused.stderr and "training.monitor" in refused.stderr
    assert [line for line in refused.stderr.splitlines() if "warning" not in line][0].startswith("dist-train: ")


def test_a_line_of_epochs_fits_100_columns(events):
    path = write(events, ["one", "two"], metrics=["loss", "accuracy", "weighted_accuracy", "auc"])
    output = train(path, "--force").stdout.splitlines()
    header = next(index for index, line in enumerate(output) if line.startswith("epoch"))
    assert output[header].split()[-1] == "events/s" and "val. auc" in output[header]
    assert max(len(line) for line in output[header:header + 2]) < 100 and len(output[header]) == len(output[header + 1])
