"""The figures of `dist-train evaluate` beside scikit-learn, and numpy where weights are signed, on the probabilities that predict writes."""

import json

import numpy as np
import pytest
from conftest import start, train
from sklearn.metrics import balanced_accuracy_score, roc_auc_score, roc_curve

FEATURES = ["x", "y"]
CLASSES = ["sig", "tt", "st"]
EFFICIENCIES = [0.3, 0.5, 0.7, 0.9]


def write(folder, name, count, shift, negative):
    random = np.random.default_rng([7, *name.encode()])
    weights = random.exponential(1, count) * np.where(random.random(count) < negative, -0.5, 1)
    # Few values, so that scores repeat.
    x = np.round(random.normal(shift, 1, count), 1)
    y = np.round(random.normal(-shift, 1, count), 1)
    table = np.stack([x, y, weights, np.arange(count) % 4], axis=1)
    np.savetxt(folder / f"{name}.csv", table, delimiter=",", header="x,y,w,fold", comments="")


@pytest.fixture(scope="module", params=["equal", "positive", "mixed"])
def case(request, tmp_path_factory):
    """A run, its events (process by process, in file order) with probabilities, and the evaluation on one rank."""
    folder = tmp_path_factory.mktemp(request.param)
    for name, count, shift in [("sig", 400, 0.6), ("tt", 700, -0.2), ("st", 500, 0.1)]:
        write(folder, name, count, shift, 0.2 if request.param == "mixed" else 0)
    run = {
        "name": "run",
        "data": {
            "processes": [{"name": name, "files": [f"{name}.csv"]} for name in CLASSES], "features": FEATURES,
            "layout": "events_by_row", "columns": ["x", "y", "w", "fold"]},
        "split": {"by": {"column": "fold", "train": [0, 1], "validation": [2], "test": [3]}},
        "training": {"epochs": 3, "batch_size": 64}, "output": {"directory": str(folder / "runs")},
    }
    if request.param != "equal":
        run["data"]["weight"] = ["w"]
    (folder / "run.yaml").write_text(json.dumps(run))
    train(folder / "run.yaml")
    train("evaluate", folder / "runs/run", "--json", folder / "evaluation.json")
    tables, scores = [], []
    for name in CLASSES:
        tables.append(np.loadtxt(folder / f"{name}.csv", delimiter=",", skiprows=1))
        train("predict", folder / "runs/run", folder / f"{name}.csv", "-o", folder / f"{name}.npy")
        scores.append(np.load(folder / f"{name}.npy"))
    return request.param, folder, Sample(tables, scores, request.param != "equal"), json.loads(
        (folder / "evaluation.json").read_text())


class Sample:
    """Events of a fold, their classes, probabilities and weights: those of whole processes, scaled from those of the fold."""

    def __init__(self, tables, scores, has_weights):
        self.tables, self.scores, self.has_weights = tables, scores, has_weights

    def of(self, folds):
        chosen = [np.isin(table[:, 3], folds) for table in self.tables]
        y = np.repeat(np.arange(len(chosen)), [c.sum() for c in chosen])
        p = np.concatenate([s[c] for s, c in zip(self.scores, chosen)])
        weights = []
        for table, c in zip(self.tables, chosen):
            w = table[:, 2].astype(np.float32).astype(float) if self.has_weights else np.ones(len(table))
            weights.append(w[c] * w.sum() / w[c].sum())
        return y, p, np.concatenate(weights)


def area(x, signal, w):
    """Σ v_i v_j [1(x_i > x_j) + ½ 1(x_i = x_j)] / (Σ v_i · Σ v_j), pair by pair."""
    own, rest = x[signal][:, None], x[~signal][None, :]
    wins = (own > rest) + 0.5 * (own == rest)
    return w[signal] @ wins @ w[~signal] / (w[signal].sum() * w[~signal].sum())


def rejection(x, signal, w, efficiency):
    """From the largest score down, the first time that the signal efficiency is reached, between two steps on a straight line."""
    s = b = 0.0
    total_s, total_b = w[signal].sum(), w[~signal].sum()
    for value in np.unique(x)[::-1]:
        ds, db = w[signal & (x == value)].sum(), w[~signal & (x == value)].sum()
        if s + ds >= efficiency * total_s:
            b += db * min(1, max(0, (efficiency * total_s - s) / ds)) if ds > 0 else db
            return total_b / b if b > 0 else np.inf
        s, b = s + ds, b + db
    return 1.0


def separation(x, signal, w):
    s, b, closed, total, sums = 0.0, 0.0, 0, 0.0, 0.0
    for value in np.unique(x)[::-1]:
        s += w[signal & (x == value)].sum() / w[signal].sum()
        b += w[~signal & (x == value)].sum() / w[~signal].sum()
        if total + s + b >= 2 * (closed + 1) / 50 - 1e-9:
            sums += 0.5 * (s - b) ** 2 / (s + b) if s + b > 0 else 0
            total, s, b = total + s + b, 0.0, 0.0
            closed = max(0, np.floor(total * 25 + 1e-6))
    return sums + (0.5 * (s - b) ** 2 / (s + b) if s + b > 0 else 0)


def equal(y, w):
    """The weights with each class counting the same."""
    return w / np.array([w[y == k].sum() for k in range(len(CLASSES))])[y]


def discriminant(p, sample):
    """ln(p_s / Σ f_b p_b) in double, rounded to float32; the training counts all classes the same."""
    expected = np.array([t[:, 2].astype(np.float32).astype(float).sum() if sample.has_weights else len(t) for t in sample.tables])
    f = expected[1:] / expected[1:].sum()
    return np.log(p[:, 0].astype(float) / (p[:, 1:] * f).sum(axis=1, dtype=float)).astype(np.float32)


def test_every_figure_is_that_of_its_twin(case):
    kind, _, sample, found = case
    for split, folds in [("test", [3]), ("validation", [2])]:
        y, p, w = sample.of(folds)
        figures, e = found["samples"][split], equal(y, w)
        predicted = p.argmax(axis=1)
        assert figures["events"] == len(y)
        assert figures["accuracy"]["value"] == pytest.approx((predicted == y).mean(), rel=1e-12)
        efficiencies = [w[(y == k) & (predicted == k)].sum() / w[y == k].sum() for k in range(3)]
        assert figures["balanced_accuracy"]["value"] == pytest.approx(np.mean(efficiencies), rel=1e-12)
        for k, item in enumerate(figures["classes"]):
            assert item["name"] == CLASSES[k] and item["events"] == (y == k).sum()
            assert item["expected"] == pytest.approx(w[y == k].sum(), rel=1e-12)
            assert item["n_eff"] == pytest.approx(w[y == k].sum() ** 2 / (w[y == k] ** 2).sum(), rel=1e-12)
            assert item["efficiency"]["value"] == pytest.approx(efficiencies[k], rel=1e-12)
            for mix, v in [("equal", e), ("expected", w)]:
                assert item["auc"][mix]["value"] == pytest.approx(area(p[:, k], y == k, v), rel=1e-12)
                purity = v[(y == k) & (predicted == k)].sum() / v[predicted == k].sum()
                assert item["purity"][mix]["value"] == pytest.approx(purity, rel=1e-12)
        for mix in ("equal", "expected"):
            mean = np.mean([item["auc"][mix]["value"] for item in figures["classes"]])
            assert figures["macro_auc"][mix]["value"] == pytest.approx(mean, rel=1e-12)
        for pair in figures["pairs"]:
            i, j = (CLASSES.index(name) for name in pair["classes"])
            both = (y == i) | (y == j)
            ratio = (p[:, i] / (p[:, i] + p[:, j]))[both]
            assert pair["auc"]["value"] == pytest.approx(area(ratio, y[both] == i, w[both]), rel=1e-12)
        d = discriminant(p, sample)
        backgrounds = [(figures["signal"]["equal"], y >= 0, e), (figures["signal"]["expected"], y >= 0, w)]
        backgrounds += [(against, (y == 0) | (y == k), w) for k, against in enumerate(figures["signal"]["backgrounds"], 1)]
        for against, chosen, v in backgrounds:
            x, signal, v = d[chosen], y[chosen] == 0, v[chosen]
            assert against["auc"]["value"] == pytest.approx(area(x, signal, v), rel=1e-12)
            assert against["separation"]["value"] == pytest.approx(separation(x, signal, v), rel=1e-9)
            for efficiency, figure in zip(EFFICIENCIES, against["rejections"]):
                expected = rejection(x, signal, v, efficiency)
                assert figure["value"] == (pytest.approx(expected, rel=1e-11) if np.isfinite(expected) else None)


def test_scikit_learn_finds_the_same(case):
    kind, _, sample, found = case
    if kind == "mixed":
        pytest.skip("scikit-learn takes no negative weights")
    y, p, w = sample.of([3])
    figures, e = found["samples"]["test"], equal(y, w)
    assert figures["balanced_accuracy"]["value"] == pytest.approx(
        balanced_accuracy_score(y, p.argmax(axis=1), sample_weight=w), rel=1e-12)
    for k, item in enumerate(figures["classes"]):
        assert item["auc"]["equal"]["value"] == pytest.approx(roc_auc_score(y == k, p[:, k], sample_weight=e), rel=1e-12)
        assert item["auc"]["expected"]["value"] == pytest.approx(roc_auc_score(y == k, p[:, k], sample_weight=w), rel=1e-12)
    d = discriminant(p, sample)
    false, true, _ = roc_curve(y == 0, d, sample_weight=w, drop_intermediate=False)
    for efficiency, figure in zip(EFFICIENCIES, figures["signal"]["expected"]["rejections"]):
        # Where the curve rises at one background efficiency, interp takes the last of its points.
        place = np.searchsorted(true, efficiency)
        expected = np.interp(efficiency, true[place - 1:place + 1], false[place - 1:place + 1])
        assert figure["value"] == pytest.approx(1 / expected, rel=1e-9)


def test_errors_are_those_of_a_bootstrap(case):
    """1,000 replicas in numpy; the spread of 200 is known to 5 %."""
    _, _, sample, found = case
    y, p, w = sample.of([3])
    random = np.random.default_rng(1)
    figures, d = found["samples"]["test"], discriminant(p, sample)
    replicas = []
    for _ in range(1000):
        v = w * random.poisson(1, len(w))
        e = equal(y, v)
        replicas.append([
            area(p[:, 0], y == 0, e), area(d, y == 0, v), np.mean([area(p[:, k], y == k, e) for k in range(3)]),
            rejection(d, y == 0, v, 0.7)])
    errors = np.std(replicas, axis=0)
    item = figures["signal"]["expected"]
    assert figures["classes"][0]["auc"]["equal"]["error"] == pytest.approx(errors[0], rel=0.2)
    assert item["auc"]["error"] == pytest.approx(errors[1], rel=0.2)
    assert figures["macro_auc"]["equal"]["error"] == pytest.approx(errors[2], rel=0.2)
    assert item["rejections"][2]["error"] == pytest.approx(errors[3], rel=0.25)


def test_calibration_is_that_of_the_training_s_weights(case):
    kind, _, sample, found = case
    y, p, w = sample.of([3])
    counts = [sum(np.isin(t[:, 3], [0, 1])) for t in sample.tables]
    for k, item in enumerate(found["samples"]["test"]["classes"]):
        bins = item["calibration"]["bins"]
        assert sum(b["events"] for b in bins) == len(y) and 5 <= len(bins) <= 11
        edges = np.cumsum([0] + [b["events"] for b in bins])
        order = np.argsort(p[:, k], kind="stable")
        for first, last, b in zip(edges, edges[1:], bins):
            inside = order[first:last]
            if kind == "equal":
                v = (sum(counts) / (3 * np.array(counts)))[y[inside]].astype(np.float32).astype(float)
                assert b["predicted"] == pytest.approx((v * p[inside, k]).sum() / v.sum(), rel=1e-6)
                assert b["observed"] == pytest.approx((v * (y[inside] == k)).sum() / v.sum(), rel=1e-6)
        chi2 = sum(((b["observed"] - b["predicted"]) / b["error"]) ** 2 for b in bins)
        assert item["calibration"]["chi2"] == pytest.approx(chi2, rel=1e-9)


def test_the_same_bytes_on_any_number_of_ranks(case):
    _, folder, _, _ = case
    expected = (folder / "evaluation.json").read_bytes()
    for ranks, threads in [(2, 1), (3, 2), (5, 1), (8, 1)]:
        path = folder / f"{ranks}.json"
        train("evaluate", folder / "runs/run", "--json", path, ranks=ranks, threads=threads)
        assert path.read_bytes() == expected


def test_a_planted_overtraining_is_seen(tmp_path):
    """300 events whose features say nothing, and a network large enough to learn them by heart."""
    for name in CLASSES:
        write(tmp_path, name, 300, 0, 0)
    run = {
        "name": "run",
        "data": {
            "processes": [{"name": name, "files": [f"{name}.csv"]} for name in CLASSES], "features": FEATURES,
            "layout": "events_by_row", "columns": ["x", "y", "w", "fold"]},
        "network": {"hidden": [256, 256]}, "split": {"train": 0.5, "validation": 0, "test": 0.5},
        "training": {"epochs": 200, "batch_size": 32, "optimizer": {"name": "adam"}, "schedule": "constant"},
        "output": {"directory": str(tmp_path / "runs")},
    }
    (tmp_path / "run.yaml").write_text(json.dumps(run))
    train(tmp_path / "run.yaml")
    result = train("evaluate", tmp_path / "runs/run", "--json", tmp_path / "evaluation.json")
    found = json.loads((tmp_path / "evaluation.json").read_text())["overtraining"]
    assert found["split"] == "test"
    assert found["macro_auc"]["value"] > 5 * found["macro_auc"]["error"]
    assert found["ks_signal"]["p"] < 0.01
    assert "training − test" in result.stdout


def test_the_signal_can_be_several_classes(case):
    _, folder, sample, _ = case
    train("evaluate", folder / "runs/run", "--evaluation.signal=[sig, st]", "--evaluation.bootstrap=0",
          "--json", folder / "two.json")
    found = json.loads((folder / "two.json").read_text())["samples"]["test"]["signal"]
    assert found["classes"] == ["sig", "st"] and [b["background"] for b in found["backgrounds"]] == ["tt"]
    y, p, w = sample.of([3])
    expected = np.array([t[:, 2].astype(np.float32).astype(float).sum() if sample.has_weights else len(t) for t in sample.tables])
    f = expected / (expected[0] + expected[2])
    d = np.log((p[:, 0] * f[0] + p[:, 2] * f[2]).astype(float) / p[:, 1]).astype(np.float32)
    assert found["expected"]["auc"]["error"] is None
    assert found["expected"]["auc"]["value"] == pytest.approx(area(d, y != 1, w), abs=1e-4)


@pytest.mark.parametrize("options, message", [
    (["--evaluation.signal=[nothing]"], "names 'nothing', which is not a class"),
    (["--evaluation.signal=[sig, tt, st]"], "names all classes"),
    (["--evaluation.bootstrap=-1"], "give a whole number from 0 to 10000"),
    (["--training.epochs=3"], "only 'train' and 'check' take keys"),
    (["--set", "training.epochs=3"], "only keys of evaluation"),
])
def test_what_cannot_be_asked_is_refused(case, options, message):
    _, folder, _, _ = case
    result = start("evaluate", folder / "runs/run", *options)
    assert result.returncode == 64 and message in result.stderr and len(result.stderr.splitlines()) == 1
