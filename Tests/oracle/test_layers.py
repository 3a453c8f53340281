"""Activations, layer normalisation, skip connections and dropout against numpy; the masks as random numbers; the same bits everywhere."""

import json

import numpy as np
import pytest
from conftest import digests, start, train, write_events, write_run_file
from scipy import stats

import dropout
from layers import LayerNetwork
from run import Run

EVERYTHING = [
    9, {"units": 9, "activation": "silu", "norm": "layer", "skip": True, "dropout": 0.1},
    {"units": 9, "activation": "gelu", "skip": True, "dropout": 0.25}, {"units": 7, "activation": "elu", "norm": "layer"},
    {"units": 7, "activation": "leaky_relu", "dropout": 0.4},
]
NETWORKS = {
    "relu_dropout": {"hidden": [16, 12], "dropout": 0.25},
    "dropout_of_inputs": {"hidden": [8], "activation": "tanh", "input_dropout": 0.2},
    "norm": {"hidden": [{"units": 12, "norm": "layer"}, {"units": 6, "norm": "layer", "activation": "silu"}]},
    "skip": {"hidden": [{"units": 4, "skip": True}, {"units": 4, "skip": True, "activation": "gelu"}]},
    "everything": {"hidden": EVERYTHING, "input_dropout": 0.05},
}


@pytest.fixture
def events(tmp_path):
    """A folder with three processes of four features that overlap."""
    for name, count, shift in [("a", 97, 0.0), ("bb", 160, 0.7), ("ccc", 61, -0.5)]:
        write_events(tmp_path, name, count, features=4, shift=shift)
    return tmp_path


def write_run(folder, network, **training):
    defaults = {"optimizer": {"weight_decay": 0.001}, "schedule": "constant", "batch_size": 50, "epochs": 30}
    return write_run_file(folder, ["a", "bb", "ccc"], features=4, network={"initializer": "glorot_normal", **network},
                          training={**defaults, **training}, output={"directory": str(folder / "runs"), "keep": 1000})


@pytest.mark.parametrize("name", NETWORKS)
def test_a_training_stays_as_close_to_float64_as_numpy_in_float32(events, name):
    train(write_run(events, NETWORKS[name]), threads=2)
    run = Run(events / "runs/run")
    steps = 30 * run.steps_per_epoch
    assert steps >= 120 and len(run.y) % run.batch != 0
    start = run.checkpoint(0)
    exact, rounded = (LayerNetwork(run, start, dtype) for dtype in (np.float64, np.float32))
    assert set(exact.parameters) == {name for name in start if name.startswith("layers.")}
    exact_costs = np.array([exact.step(step) for step in range(steps)])
    rounded_costs = np.array([rounded.step(step) for step in range(steps)], float)
    costs = np.load(events / "runs/run/costs.npy")
    # One step, then all of them: what is off by a bit grows as in numpy.
    assert abs(costs[0] - exact_costs[0]) < 2e-6
    assert np.linalg.norm(costs - exact_costs) <= 3 * np.linalg.norm(rounded_costs - exact_costs) + 1e-5
    ours = run.checkpoint(30)

    def distance(parameters):
        return np.sqrt(sum(((parameters[key] - exact.parameters[key]) ** 2).sum() for key in exact.parameters))

    assert distance(ours) <= 3 * distance(rounded.parameters) + 1e-5
    # It would not be so without the masks.
    moved = distance(start)
    assert distance(ours) < 0.01 * moved


def test_evaluation_leaves_nothing_out(events):
    train(write_run(events, NETWORKS["everything"], epochs=1))
    run = Run(events / "runs/run")
    twin = LayerNetwork(run, run.checkpoint(1), np.float64)
    for process, name in enumerate(("a", "bb", "ccc")):
        train("predict", events / "runs/run", events / f"{name}.txt", "-o", events / "scores.npy")
        expected = np.exp(twin.logarithms(run.raw[process])[1])
        assert np.abs(np.load(events / "scores.npy") - expected).max() < 1e-6
    x, y = run.events("validation")
    losses = -twin.logarithms(x)[1][np.arange(len(y)), y]
    weights = np.array([run.w[run.y == label][0] for label in range(3)], float)[y]
    metrics = json.loads((events / "runs/run/metrics.json").read_text())
    assert metrics["validation"]["loss"] == pytest.approx((weights * losses).sum() / (len(y) * run.mean_weight), rel=1e-5)


@pytest.mark.parametrize("batch", [1, 50])
def test_the_same_bits_on_any_machine_and_after_a_stop(events, batch, monkeypatch):
    path = write_run(events, NETWORKS["everything"], epochs=3, batch_size=batch, optimizer={"learning_rate": 0.002})
    found = {}
    for ranks, threads in [(None, 1), (None, 2), (2, 1), (3, 2), (5, 1)]:
        train(path, "--force", ranks=ranks, threads=threads)
        found[ranks, threads] = digests(events / "runs/run")
    monkeypatch.setenv("DIST_TRAIN_VECTORS", "avx2")
    train(path, "--force", threads=2)
    found["avx2"] = digests(events / "runs/run")
    monkeypatch.delenv("DIST_TRAIN_VECTORS")
    # Stopped after each epoch, and continued on other ranks.
    train(path, "--force", "--training.epochs=1")
    train("--resume", events / "runs/run", "--training.epochs=2", ranks=3)
    train("--resume", events / "runs/run", "--training.epochs=3", ranks=2, threads=2)
    found["resumed"] = digests(events / "runs/run")
    first = found[None, 1]
    assert all(found[key]["checkpoint"] == first["checkpoint"] and found[key]["costs"] == first["costs"] for key in found), found


def test_a_divergence_is_blamed_on_the_event_whose_feature_was_kept(tmp_path):
    """A value that overflows when it is doubled, but for the masks that leave it out."""
    seed, first = next((seed, kept[0]) for seed in range(1, 100) if (kept := np.flatnonzero(
        dropout.factors(seed, 0, 1, np.arange(64), 1, 0.5)[:, 0]))[0] > 3)
    for name in ("one", "two"):
        np.savetxt(tmp_path / f"{name}.txt", np.full((1, 64), 3e38), fmt="%.5g")
    path = write_run_file(tmp_path, ["one", "two"], features=1, data={"standardize": False},
                          network={"hidden": [], "input_dropout": 0.5, "initializer": {"random_uniform": [0.5, 1]}},
                          split={"train": 1, "validation": 0, "test": 0},
                          training={"shuffle": False, "batch_size": 128, "schedule": "constant", "seed": seed})
    for ranks in (None, 2):
        result = start(path, "--force", ranks=ranks)
        assert result.returncode == 75 and f"first for event {first + 1} of one" in result.stderr, result.stderr


def test_what_is_used_is_said(events):
    result = train(write_run(events, NETWORKS["everything"], epochs=1))
    for line in [f"Inputs: dropout 0.05 ({dropout.threshold(0.05)} / 2^32)",
                 f"Hidden layer 2: layer normalisation, silu, dropout 0.1 ({dropout.threshold(0.1)} / 2^32), plus the layer's inputs"]:
        words = line.split("dropout")[0]
        assert words in result.stdout and line.split("(")[1] in result.stdout, result.stdout
    assert "layer normalisation" in train("inspect", events / "runs/run").stdout


# The masks as random numbers. Seeds and places are fixed, so a bound that holds once holds always: 5 standard deviations of what
# truly independent bits would give.

PLACES, UNITS = 20_000, 64
P = 0.3


def bits(seed=42, layer=1, epoch=1, places=PLACES, units=UNITS, p=P):
    return dropout.hashes(seed, layer, epoch, np.arange(places), units) >= np.uint32(dropout.threshold(p))


def correlation(a, b):
    """Of two sets of bits that are kept with probability 1 − P, in standard deviations."""
    a, b = a - (1 - P), b - (1 - P)
    return (a * b).sum() / np.sqrt(a.size) / (P * (1 - P))


@pytest.mark.parametrize("p", [0.01, 0.1, 0.5, 0.9])
def test_units_are_left_out_with_their_probability(p):
    kept = bits(p=p)
    sigma = np.sqrt(p * (1 - p) / kept.size)
    assert abs(kept.mean() - (1 - p)) < 5 * sigma
    for axis in (0, 1):
        # χ² of the columns and of the rows: 64 and 20,000 degrees of freedom.
        counts = kept.sum(axis=axis)
        n = kept.shape[axis]
        chi2 = ((counts - n * (1 - p)) ** 2).sum() / (n * p * (1 - p))
        assert 1e-6 < stats.chi2.cdf(chi2, len(counts)) < 1 - 1e-6, axis


def test_every_bit_of_the_hash_is_fair():
    words = dropout.hashes(42, 1, 1, np.arange(PLACES), UNITS)
    for bit in range(32):
        ones = (words >> np.uint32(bit) & np.uint32(1)).mean()
        assert abs(ones - 0.5) < 5 * 0.5 / np.sqrt(words.size), bit
    # And the top 8 together: χ² over 256 cells.
    counts = np.bincount((words >> np.uint32(24)).ravel(), minlength=256)
    assert 1e-6 < stats.chisquare(counts).pvalue < 1 - 1e-6


def test_neighbours_do_not_know_each_other():
    kept = bits()
    for distance in (1, 2, 3, 4, 7, 8, 16, 32, 63):
        assert abs(correlation(kept[:, :-distance], kept[:, distance:])) < 5, f"units {distance} apart"
    for distance in (1, 2, 3, 16, 64, 128, 1024):
        assert abs(correlation(kept[:-distance], kept[distance:])) < 5, f"events {distance} apart"
        assert abs(correlation(kept[:-distance, :-1], kept[distance:, 1:])) < 5, f"diagonally, {distance} apart"
    # Patterns of four neighbouring units, of units and events: χ² over 16 cells.
    for four in [[kept[:, i::4][:, :UNITS // 4] for i in range(4)], [kept[i::4] for i in range(4)],
                 [kept[::2, ::2], kept[::2, 1::2], kept[1::2, ::2], kept[1::2, 1::2]]]:
        pattern = sum(part.astype(int) << index for index, part in enumerate(four))
        counts = np.bincount(pattern.ravel(), minlength=16)
        ones = np.array([bin(index).count("1") for index in range(16)])
        expected = counts.sum() * (1 - P) ** ones * P ** (4 - ones)
        # The probability is a multiple of 2^-32, which is far below what this sees.
        assert 1e-6 < stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue < 1 - 1e-6


@pytest.mark.parametrize("other", [{"epoch": 2}, {"epoch": 3}, {"epoch": 257}, {"layer": 0}, {"layer": 2}, {"layer": 3},
                                   {"seed": 43}, {"seed": 0}, {"seed": 42 + 2**32}])
def test_epochs_layers_and_seeds_have_masks_of_their_own(other):
    first, second = bits(), bits(**other)
    assert abs(correlation(first, second)) < 5
    for distance in (1, 2):
        assert abs(correlation(first[distance:], second[:-distance])) < 5
        assert abs(correlation(first[:, distance:], second[:, :-distance])) < 5


def test_no_two_events_share_their_masks():
    words = dropout.hashes(42, 1, 1, np.arange(200_000), 2)
    assert len(np.unique(words, axis=0)) == len(words)
