"""Events of negative weight, where the truth is known.

x is in [0, 1]. The signal's density is 1 + 0.7·(2x − 1). Background events have the density g = 1 − 0.4·(2x − 1), and a fraction
f = 0.1 + 0.35·x of them has a negative weight, so that what they stand for has the density g·(1 − 2f), normalised. With balanced
classes a perfect classifier gives s / (s + b). Training on |w| learns g in place of b, training without the negative events
g·(1 − f): both are off by an amount that is known, however many events there are.
"""

import numpy as np
import pytest

from conftest import train

EVENTS, MEMBERS = 40_000, 8
GRID = np.linspace(0.02, 0.98, 49)


def signal(x):
    return 1 + 0.7 * (2 * x - 1)


def generated(x):
    return 1 - 0.4 * (2 * x - 1)


def negative(x):
    return 0.1 + 0.35 * x


def expected(background):
    """What a perfect classifier gives on the grid, against a background of this density before its normalisation."""
    x = (np.arange(10_000) + 0.5) / 10_000
    b = background(GRID) / background(x).mean()
    return signal(GRID) / (signal(GRID) + b)


TRUTH = {
    "keep": expected(lambda x: generated(x) * (1 - 2 * negative(x))),
    "absolute": expected(generated),
    "drop": expected(lambda x: generated(x) * (1 - negative(x))),
}


def draw(random, density, count):
    """Numbers with a density that is linear and below 2 on [0, 1]."""
    x = random.random(4 * count)
    return x[2 * random.random(4 * count) < density(x)][:count]


def write(folder, seed):
    """A sample of each class, with weights; the yield of the signal is 1e-4 of all. Returns the run file."""
    folder.mkdir()
    random = np.random.default_rng(seed)
    s, b = draw(random, signal, EVENTS), draw(random, generated, EVENTS)
    w = np.where(random.random(EVENTS) < negative(b), -1.0, 1.0)
    for name, x, weight in [("signal", s, np.full(EVENTS, 1e-4 * w.sum() / EVENTS)), ("background", b, w)]:
        np.save(folder / f"{name}.npy", x.astype(np.float32)[:, None])
        np.save(folder / f"{name}_weight.npy", weight)
    np.save(folder / "grid.npy", GRID.astype(np.float32)[:, None])
    path = folder / "toy.yaml"
    path.write_text("""
data:
  layout: events_by_row
  features: [x]
  processes:
    - {name: signal, files: [signal.npy], weight_files: [signal_weight.npy]}
    - {name: background, files: [background.npy], weight_files: [background_weight.npy]}
network: {hidden: [32, 32], activation: silu}
split: {train: 0.95, validation: 0, test: 0.05}
training: {optimizer: {name: adam, learning_rate: 0.01}, batch_size: 512, epochs: 30, metrics: [loss]}
""")
    return path


def scores(path, *overrides):
    """The signal's score on the grid after a training."""
    folder = path.parent
    train(path, f"--output.directory={folder}/runs", "--force", "--threads=2", *overrides)
    train("predict", folder / "runs/toy", folder / "grid.npy", "-o", folder / "scores.npy")
    return np.load(folder / "scores.npy")[:, 0]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """The run file of each member of an ensemble, with events of its own."""
    folder = tmp_path_factory.mktemp("toys")
    return [write(folder / str(member), member) for member in range(MEMBERS)]


def test_the_two_ways_that_are_biased_differ_from_the_truth_as_far_as_they_should():
    assert np.abs(TRUTH["absolute"] - TRUTH["keep"]).max() == pytest.approx(0.19, abs=0.01)
    assert np.abs(TRUTH["drop"] - TRUTH["keep"]).max() == pytest.approx(0.14, abs=0.01)


@pytest.mark.parametrize("way", TRUTH)
def test_each_way_learns_the_density_that_it_stands_for(samples, way):
    """Within the error of the ensemble's mean, and so the true one only if the weights are kept."""
    members = np.array([
        scores(path, f"--training.event_weights={{negative: {way}}}", f"--training.seed={number + 1}")
        for number, path in enumerate(samples)
    ])
    mean, error = members.mean(axis=0), members.std(axis=0, ddof=1) / np.sqrt(MEMBERS)
    # 49 points that hang together: five standard errors, and what so small a network cannot follow.
    assert np.all(np.abs(mean - TRUTH[way]) < 5 * error + 0.01), (np.abs(mean - TRUTH[way]) - 5 * error).max()
    if way != "keep":
        worst = np.abs(TRUTH[way] - TRUTH["keep"]).argmax()
        bias = abs(mean[worst] - TRUTH["keep"][worst])
        assert bias == pytest.approx(abs(TRUTH[way][worst] - TRUTH["keep"][worst]), abs=5 * error[worst] + 0.01)


def test_the_best_epoch_does_not_depend_on_the_size_of_the_background(samples):
    """Validation counts as training does: with the weights alone, a signal of 1e-4 of the events' weight would have no say."""
    histories = []
    for scale in (1, 1000):
        text = samples[0].read_text().replace("{name: background,", f"{{name: background, scale: {scale},")
        path = samples[0].parent / f"scaled{scale}.yaml"
        path.write_text(text)
        train(path, f"--output.directory={path.parent}/runs", "--training.event_weights={negative: keep}", "--threads=2",
              "--split={train: 0.6, validation: 0.2, test: 0.2}")
        history = (path.parent / f"runs/scaled{scale}/history.csv").read_text().splitlines()
        column = history[0].split(",").index("validation_loss")
        histories.append([float(line.split(",")[column]) for line in history[1:]])
    assert int(np.argmin(histories[0])) == int(np.argmin(histories[1]))
    np.testing.assert_allclose(histories[0], histories[1], rtol=2e-3)
