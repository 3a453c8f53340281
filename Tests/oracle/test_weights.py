"""Class weights: the balance they promise at any batch size, the losses that are printed, and the warnings."""

import json

import numpy as np
import pytest
from conftest import digests, start, train, write_events, write_run_file

FLAT = {"schedule": "constant", "warmup_epochs": 0}


def write_toy(folder, events, **training):
    """A signal and a background of unit width, one sigma apart in x0, and noise in x1; the path of their run file."""
    random = np.random.default_rng(5)
    for name, mean, count in [("signal", 0.5, events[0]), ("background", -0.5, events[1])]:
        np.save(folder / f"{name}.npy", np.stack([random.normal(mean, 1, count), random.normal(0, 1, count)], 1).astype("f4"))
    path = write_run_file(folder, ["signal", "background"], features=2, network={"hidden": []},
                          split={"train": 0.7, "validation": 0, "test": 0.3},
                          training={"optimizer": {"learning_rate": 0.02, "momentum": 0}, **FLAT, **training})
    path.write_text(path.read_text().replace(".txt", ".npy").replace('"features": [', '"layout": "events_by_row", "features": ['))
    return path


def warnings(result):
    return [line for line in result.stderr.splitlines() if "warning" in line and "CPU" not in line]


def test_balanced_classes_are_balanced_at_any_batch_size(tmp_path):
    """At 1:100, most batches of 16 hold no signal; a logistic regression's boundary is still in the middle of the two."""
    path = write_toy(tmp_path, (1000, 100_000), schedule={"cosine": {"final": 0.01}}, epochs=4)
    signal, background = [], []
    for batch in (16, 128, 1024):
        train(path, "--force", f"--training.batch_size={batch}", f"--training.optimizer.learning_rate={batch * 0.0006}")
        confusion = np.array(json.loads((tmp_path / "runs/run/metrics.json").read_text())["test"]["confusion"])
        efficiency = np.diag(confusion) / confusion.sum(axis=1)
        signal.append(efficiency[0])
        background.append(efficiency[1])
    # Each is Φ(1/2) for the true boundary. 300 test events: 0.027; the fitted boundary: 700 training events, 0.015 in x0.
    assert np.abs(np.array(signal) - 0.6915).max() < 4 * 0.031, signal
    assert np.abs(np.array(background) - 0.6915).max() < 4 * 0.02, background
    # The same events each time: only the scatter of the steps is left.
    assert np.ptp(signal) < 0.05 and np.ptp(background) < 0.05, (signal, background)


@pytest.mark.parametrize("weights, ranks", [([1000, 1], None), ([0.5, 2], 2)])
def test_both_losses_are_those_of_numpy(tmp_path, weights, ranks):
    path = write_toy(tmp_path, (120, 300), class_weights=weights, epochs=2)
    result = train(path, ranks=ranks)
    run = tmp_path / "runs/run"
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["class_weights"] == weights and {"loss", "unweighted_loss", "accuracy"} <= set(metrics["definitions"])
    scores = []
    for name in ("signal", "background"):
        train("predict", run, tmp_path / f"{name}.npy", "-o", tmp_path / "scores.npy")
        scores.append(np.load(tmp_path / "scores.npy").astype(float))
    losses = [-np.log(score[:, label]) for label, score in enumerate(scores)]
    trained = np.array(metrics["training"]["confusion"]).sum(axis=1)
    mean = trained @ weights / trained.sum()
    assert metrics["mean_weight"] == pytest.approx(mean, rel=1e-15)
    count = sum(len(loss) for loss in losses)
    weighted = sum(weight * loss.sum() for weight, loss in zip(weights, losses)) / (count * mean)
    unweighted = sum(loss.sum() for loss in losses) / count
    parts = [metrics[part] for part in ("training", "test")]
    for key, expected in [("loss", weighted), ("unweighted_loss", unweighted)]:
        assert sum(part[key] * part["events"] for part in parts) / count == pytest.approx(expected, rel=1e-5)
    # The end of the training prints both, and so does evaluate, for its test events and for others.
    names = ["loss, classes weighted as in the training", "loss, every event counting the same", "accuracy, every event counting the same"]

    def printed(text):
        return [float(line.split()[-1]) for name in names for line in text.splitlines() if line.strip().startswith(name)]

    test = [round(metrics["test"][key], 4) for key in ("loss", "unweighted_loss", "accuracy")]
    assert printed(result.stdout) == test and printed(train("evaluate", run).stdout) == test
    others = printed(train("evaluate", run, "--data", tmp_path, ranks=ranks).stdout)
    assert others[:2] == pytest.approx([weighted, unweighted], abs=6e-5)


def test_equal_weights_have_one_loss_and_the_bits_of_none(tmp_path):
    path = write_toy(tmp_path, (120, 300), epochs=2)
    found = {}
    for weights in ("none", "[1, 1]", "[4, 4]"):
        result = train(path, "--force", f"--training.class_weights={weights}")
        assert "test events: loss 0." in result.stdout and "weighted" not in result.stdout
        found[weights] = digests(tmp_path / "runs/run")
        metrics = json.loads((tmp_path / "runs/run/metrics.json").read_text())
        assert metrics["test"]["loss"] == metrics["test"]["unweighted_loss"]
    for weights in ("[1, 1]", "[4, 4]"):
        assert all(found[weights][key] == found["none"][key] for key in ("model", "costs", "history"))


@pytest.mark.parametrize("events, batch, shuffle, words", [
    ((100, 10_000), 32, "true", ["signal (missing from 73 %)", "to 70 or more"]),
    ((100, 10_000), 1, "true", ["signal (missing from 99.0 %)", "batch_size (now 1)"]),
    ((100, 10_000), 256, "true", None), ((100, 10_000), 32, "false", ["signal (missing from", "shuffle: true"]),
])
def test_classes_that_most_batches_miss_are_named_once(tmp_path, events, batch, shuffle, words):
    path = write_toy(tmp_path, events, epochs=1)
    found = warnings(train(path, f"--training.batch_size={batch}", f"--training.shuffle={shuffle}",
                           "--training.optimizer.learning_rate=1e-4", "--split={train: 1, validation: 0, test: 0}"))
    found = [line for line in found if "most batches" in line]
    assert len(found) == (0 if words is None else 1), found
    assert all(word in found[0] for word in words or [])


def test_a_model_that_separates_nothing_is_named(tmp_path):
    path = write_toy(tmp_path, (300, 900), epochs=1, batch_size=256)
    same = "the same scores"
    # Hidden units that all start at zero stay there.
    for ranks, split, name in [(None, "{train: 0.7, validation: 0, test: 0.3}", "test"),
                               (3, "{train: 0.5, validation: 0.5, test: 0}", "validation"),
                               (None, "{train: 1, validation: 0, test: 0}", "training")]:
        result = train(path, "--network.hidden=[8]", "--network.initializer=zeros", "--force", f"--split={split}", ranks=ranks)
        found = [line for line in warnings(result) if same in line]
        assert len(found) == 1 and "network.initializer" in found[0] and f"{name} events" in found[0], result.stderr
        found = [line for line in warnings(train("evaluate", tmp_path / "runs/run")) if same in line]
        assert len(found) == 1, found
        assert same in (tmp_path / "runs/run/log.txt").read_text()
    # A model that learns is not.
    assert same not in train(path, "--force").stderr


def test_a_class_that_is_never_predicted_is_named(tmp_path):
    path = write_toy(tmp_path, (60, 3000), epochs=3, batch_size=256, class_weights="none")
    result = train(path, "--training.optimizer.learning_rate=0.2")
    found = [line for line in warnings(result) if "never predicts signal" in line]
    assert len(found) == 1 and "set training.class_weights: balanced" in found[0] and "same scores" not in result.stderr
    assert "never predicts signal" in train("evaluate", tmp_path / "runs/run", "--data", tmp_path, ranks=3).stderr
    balanced = train(path, "--training.optimizer.learning_rate=0.2", "--training.class_weights=balanced", "--force")
    assert "never predicts" not in balanced.stderr


def test_advice_against_divergence_is_not_what_is_done_already(tmp_path):
    for name, shift in (("one", 0.0), ("two", 1.0)):
        write_events(tmp_path, name, 200, shift=shift)
    path = write_run_file(tmp_path, ["one", "two"])
    result = start(path, "--training.optimizer.learning_rate=1e30")
    assert result.returncode == 75 and "lower training.optimizer.learning_rate (now 1e+30)" in result.stderr
    assert "data.standardize" not in result.stderr
    result = start(path, "--training.optimizer.learning_rate=1e30", "--data.standardize=false", "--force")
    assert result.returncode == 75 and "set data.standardize: true" in result.stderr
