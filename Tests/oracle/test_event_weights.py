"""Weights of events, processes and classes, and splits: the program against numpy, and what it refuses and names."""

import json

import numpy as np
import pytest
import yaml
from conftest import digests, start, train
from network import Network
from weighted import DATA, EVALUATION, TEST, TRAINING, UNTRAINED, VALIDATION, WeightedRun, columns, identities

FEATURES = ["x", "y", "z"]


def write(folder, name, count, shift=0.0, negative=0.1, scale=1.0, first=1, seed=1, **extra):
    """A CSV file of events with weights, identities, a label and a number to split by."""
    random = np.random.default_rng([seed, *name.encode()])
    table = {feature: random.normal(shift, 1, count) for feature in FEATURES}
    table["w"] = random.exponential(1, count) * np.where(random.random(count) < negative, -1, 1) * scale
    table["pu"] = 1 + 0.1 * random.normal(size=count)
    table["pu_up"] = 1.2 + 0.1 * random.normal(size=count)
    table["run"] = np.ones(count, int)
    table["event"] = [2**60 + first + number for number in range(count)]
    table["label"] = np.where(random.random(count) < 0.3, "s", "b")
    table["fold"] = np.arange(count) % 5
    table.update(extra)
    with open(folder / name, "w", encoding="utf-8") as file:
        file.write(",".join(table) + "\n")
        for row in zip(*table.values()):
            file.write(",".join(str(v) if not isinstance(v, float) else repr(float(v)) for v in row) + "\n")


def run_file(folder, processes=None, **sections):
    processes = processes or [
        {"name": "sig", "files": ["s.csv"], "cross_section": 0.03, "sum_weights": 900.0},
        {"name": "tt1", "class": "bkg", "files": ["t1.csv", "t2.csv"], "scale": 0.002},
        {"name": "st", "class": "bkg", "files": ["st.csv"], "scale": 0.01},
        {"name": "ttV", "files": ["v.csv"], "use": "evaluate", "scale": 0.5},
        {"name": "collisions", "files": ["d.csv"], "use": "data"},
    ]
    run = {
        "name": "run", "data": {"processes": processes, "features": FEATURES, "layout": "events_by_row"},
        "network": {"hidden": [7], "activation": "tanh", "initializer": "he_uniform"},
        "training": {"optimizer": {"weight_decay": 0}, "schedule": "constant", "batch_size": 50, "epochs": 2},
        "output": {"directory": str(folder / "runs"), "keep": 100},
    }
    if any("cross_section" in p for p in processes):
        run["data"]["luminosity"] = 138
    for section, values in sections.items():
        run.setdefault(section, {}).update(values)
    path = folder / "run.yaml"
    path.write_text(json.dumps(run))
    return path


@pytest.fixture
def events(tmp_path):
    write(tmp_path, "s.csv", 240, 0.5)
    write(tmp_path, "t1.csv", 300, -0.5, 0.3)
    write(tmp_path, "t2.csv", 160, -0.4, 0.2, first=301)
    write(tmp_path, "st.csv", 180, -0.2, 0.05)
    write(tmp_path, "v.csv", 90)
    write(tmp_path, "d.csv", 110, 0.1, 0)
    return tmp_path


WEIGHTS = {"weight": ["w", "pu"], "event": ["run", "event"]}
# Sections of the run file, and the ranks.
CASES = {
    "absolute": ({"data": WEIGHTS}, 1),
    "keep": ({"data": WEIGHTS, "training": {"event_weights": {"negative": "keep"}}}, 2),
    "drop_shares_of_events": ({"data": {**WEIGHTS, "share": "events"}, "training": {"event_weights": {"negative": "drop"}}}, 3),
    "equal_shares": ({"data": {**WEIGHTS, "share": "equal"}, "training": {"class_weights": [2.0, 0.5]}}, 1),
    "equal_shares_without_weights": ({"data": {"share": "equal"}, "training": {"event_weights": {"use": False}}}, 1),
    "unbalanced": ({"data": WEIGHTS, "training": {"class_weights": "none"}}, 1),
    "split_by_event": ({"data": WEIGHTS, "split": {"by": "event", "seed": 7}}, 2),
    "split_by_column": ({"data": WEIGHTS, "split": {"by": {"column": "fold", "train": [0, 1.0, 2], "validation": [3], "test": [4]}}}, 1),
    "split_by_files": ({"data": WEIGHTS, "split": {"by": {"files": {"validation": ["t?.csv"], "test": []}}}}, 1),
}


@pytest.mark.parametrize("case", CASES)
def test_a_training_is_that_of_numpy(events, case):
    """Split, weights, mean weights and costs; yields and scores of what is not trained on."""
    sections, ranks = CASES[case]
    if case == "split_by_files":  # Every class needs training events.
        sections["split"]["by"]["files"] = {"validation": ["t2.csv"], "test": ["*t.csv"]}
    path = run_file(events, **sections)
    train(path, ranks=ranks)
    run = WeightedRun(events / "runs/run")
    metrics = json.loads((events / "runs/run/metrics.json").read_text())
    split = np.load(events / "runs/run/split.npy")
    assert split.dtype == np.uint8 and np.array_equal(split, run.use)
    files = json.loads((events / "runs/run/events.json").read_text())["files"]
    assert [file["first"] for file in files] == list(np.cumsum([0] + [file["events"] for file in files])[:-1])
    assert metrics["classes"] == ["sig", "bkg"] == run.classes
    assert metrics["training"]["events"] == (split == TRAINING).sum()

    # The sums of both are in double; the factors are rounded to float32.
    assert metrics["mean_weight"] == pytest.approx(run.mean_weight, rel=1e-6)
    if "event_weights" in metrics:
        assert metrics["event_weights"]["monitor_mean"] == pytest.approx(run.mean_monitor_weight, rel=1e-6)
    if run.c["training"]["class_weights"] == "balanced":
        assert metrics["mean_weight"] == pytest.approx(1, rel=1e-6)
        for k in range(2):
            assert run.w[run.y == k].sum() == pytest.approx(len(run.w) / 2, rel=1e-6)

    costs = np.load(events / "runs/run/costs.npy")
    exact, rounded = (Network(run, run.checkpoint(0), dtype) for dtype in (np.float64, np.float32))
    expected = np.array([exact.step(step) for step in range(len(costs))])
    single = np.array([rounded.step(step) for step in range(len(costs))], float)
    assert len(costs) == 2 * run.steps_per_epoch > 10
    assert abs(costs[0] - expected[0]) < 2e-6
    assert np.linalg.norm(costs - expected) <= 3 * np.linalg.norm(single - expected) + 1e-7 * len(costs)

    # Figures use the signed weights, relative to their mean over the training events.
    best = Network(run, run.checkpoint(metrics["best_epoch"]), np.float64)
    for name, part in [("training", TRAINING), ("validation", VALIDATION), ("test", TEST)]:
        chosen = run.use == part
        if not chosen.any():
            assert name not in metrics
            continue
        _, logarithms = best.forward(run.all_x[chosen])
        losses = -logarithms[np.arange(chosen.sum()), run.all_y[chosen]]
        loss = (run.v[chosen] * losses).sum() / run.v[chosen].sum()
        assert metrics[name]["loss"] == pytest.approx(loss, rel=1e-5, abs=1e-6)
        assert metrics[name]["unweighted_loss"] == pytest.approx(losses.mean(), rel=1e-5)
    for process, part in [("ttV", EVALUATION), ("collisions", DATA)]:
        found = next(entry for entry in metrics["processes"] if entry["name"] == process)
        values, _ = best.forward(run.all_x[run.use == part])
        assert found["events"] == (run.use == part).sum() == len(values[-1])
        assert found["predicted"] == list(np.bincount(values[-1].argmax(axis=1), minlength=2))
        assert found["mean_scores"] == pytest.approx(list(values[-1].mean(axis=0)), rel=1e-5)
        assert found["sum_weights"] == pytest.approx(run.physics[run.use == part].sum(), rel=1e-6)


def test_a_labelled_file_is_that_of_numpy(tmp_path):
    write(tmp_path, "all.csv", 500)
    label = {"column": "label", "classes": {"signal": ["s", 1], "background": ["b", 0]}}
    path = run_file(tmp_path, [{"name": "all", "files": ["all.csv"]}], data={"label": label, "weight": ["w"]})
    result = train(path, ranks=3)
    assert "by label" in result.stdout
    run = WeightedRun(tmp_path / "runs/run")
    costs = np.load(tmp_path / "runs/run/costs.npy")
    twin = Network(run, run.checkpoint(0), np.float64)
    assert np.abs(costs - [twin.step(step) for step in range(len(costs))]).max() < 1e-5
    assert np.array_equal(np.load(tmp_path / "runs/run/split.npy"), run.use)
    confusion = np.array(json.loads((tmp_path / "runs/run/metrics.json").read_text())["test"]["confusion"])
    assert list(confusion.sum(axis=1)) == list(np.bincount(run.all_y[run.use == TEST]))
    # A value that no class has.
    write(tmp_path, "all.csv", 20, label=["s", "b", "q"] * 6 + ["s", "b"])
    result = start(path, "--force")
    assert result.returncode == 65 and "q" in result.stderr and "data.label" in result.stderr


def test_everything_at_once_has_the_same_bits_on_any_ranks(events):
    path = run_file(events, data={**WEIGHTS, "weight_variations": {"pu_up": ["w", "pu_up"]}, "share": "events"},
                    split={"by": "event"}, training={"event_weights": {"negative": "keep"}})
    found = {}
    for ranks, threads in [(1, 1), (1, 2), (2, 1), (3, 2), (5, 1), (8, 1)]:
        train(path, "--force", ranks=ranks, threads=threads)
        found[ranks, threads] = digests(events / "runs/run")
    assert len({tuple(d.items()) for d in found.values()}) == 1


def test_weights_keep_their_bits_at_any_scale(events):
    """Weights of 1e-15 train to the same bits as weights of 2^50 times that."""
    found = []
    for exponent in (-50, 0, -400):
        for name, count, shift in [("s.csv", 240, 0.5), ("t1.csv", 300, -0.5)]:
            write(events, name, count, shift, scale=2.0**exponent)
        if exponent == -400:
            for name in ("s.csv", "t1.csv"):  # Products of columns of 1e-60 and 1e60.
                write(events, name, 240 if name == "s.csv" else 300, 0.5 if name == "s.csv" else -0.5, scale=2.0**-200, pu=np.full(240 if name == "s.csv" else 300, 2.0**150))
        processes = [{"name": "sig", "files": ["s.csv"]}, {"name": "tt", "files": ["t1.csv"]}]
        columns_used = ["w", "pu"] if exponent == -400 else ["w"]
        for negative in ("absolute", "keep"):
            for classes in ("balanced", "none"):
                path = run_file(events, processes, data={"weight": columns_used},
                                training={"event_weights": {"negative": negative}, "class_weights": classes})
                train(path, "--force")
                found.append((negative, classes, digests(events / "runs/run")))
    for negative, classes, digest in found:
        first = next(d for n, c, d in found if (n, c) == (negative, classes))
        assert all(digest[key] == first[key] for key in ("costs", "history", "model")), (negative, classes)
    yields = json.loads((events / "runs/run/metrics.json").read_text())["event_weights"]
    assert yields["unit"] < -40


def test_weight_files_are_part_of_the_product(events):
    for name in ("s", "t1"):
        weights = np.array([float(v) for v in columns(events / f"{name}.csv")["w"]])
        np.save(events / f"{name}_w.npy", weights)
    found = []
    for files in (False, True):
        processes = [{"name": p, "files": [f"{f}.csv"], **({"weight_files": [f"{f}_w.npy"]} if files else {})}
                     for p, f in (("sig", "s"), ("tt", "t1"))]
        train(run_file(events, processes, data={"weight": ["pu"] if files else ["w", "pu"]}), "--force")
        found.append(digests(events / "runs/run"))
    # The products are of two numbers each, in another order.
    assert all(found[0][key] == found[1][key] for key in ("costs", "model"))
    np.save(events / "s_w.npy", np.ones(17))
    result = start(run_file(events, processes, data={"weight": ["pu"]}), "--force")
    assert result.returncode == 65 and "17 weights" in result.stderr and "240" in result.stderr
    # Other weights are other events: the run does not go on with them.
    np.save(events / "s_w.npy", np.ones(240))
    path = run_file(events, processes, data={"weight": ["pu"]})
    train(path, "--force")
    np.save(events / "s_w.npy", np.full(240, 2.0))
    result = start("--resume", events / "runs/run", "--training.epochs=3")
    assert result.returncode == 65 and "other events" in result.stderr


def test_weights_that_the_training_does_not_use(events):
    """Σw is there, and the training is that of no weights."""
    processes = [{"name": "sig", "files": ["s.csv"]}, {"name": "tt", "files": ["t1.csv"]}]
    train(run_file(events, processes))
    plain = digests(events / "runs/run")
    result = train(run_file(events, processes, data={"weight": ["w"]}, training={"event_weights": {"use": False}}), "--force")
    found = digests(events / "runs/run")
    assert all(found[key] == plain[key] for key in ("costs", "history", "model"))
    total = sum(float(v) for v in columns(events / "s.csv")["w"])
    line = next(line for line in result.stdout.splitlines() if line.startswith("sig"))
    assert line.split()[4] == f"{total:.1f}"


@pytest.mark.parametrize("change, words", [
    ({"w": ["nan"] + ["1"] * 59}, ["nan"]), ({"w": ["1e200"] * 60, "pu": ["1e200"] * 60}, ["event 1 "]),
    ({"w": ["0"] * 60}, ["all weights of process 'sig' are 0"]), ({"w": ["-1"] * 60}, ["class sig", "not positive"]),
    ({"w": ["1"] * 59 + ["-100"]}, ["class sig", "not positive"]), ({"w": ["1"] * 59 + [""]}, []),
])
def test_weights_that_cannot_be_right_are_refused(events, change, words):
    write(events, "s.csv", 60, **change)
    path = run_file(events, [{"name": "sig", "files": ["s.csv"]}, {"name": "tt", "files": ["t1.csv"]}],
                    data={"weight": ["w", "pu"]}, split={"train": 1, "validation": 0, "test": 0})
    result = start(path)
    assert result.returncode == 65 and len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert all(word in result.stderr for word in words), result.stderr
    assert not (events / "runs/run/config.yaml").exists()


def test_what_is_doubtful_is_named(events):
    write(events, "s.csv", 240, 0.5, w=[1.0] * 239 + [60.0])
    processes = [{"name": "sig", "files": ["s.csv"]}, {"name": "tt", "files": ["t1.csv"], "scale": 2.0}]
    path = run_file(events, processes, data={"weight": ["w"]}, split={"train": 1, "validation": 0, "test": 0})
    named = train(path).stderr
    assert "event 240 of" in named and "20.1 % of the training weight of all 240 events of class sig" in named
    assert "sig has no scale, but other processes do" in named
    assert "negative weights: tt" in named and "absolute" in named
    named = train(path, "--force", "--training.event_weights.negative=keep").stderr
    assert "power of" in named and "keep" in named
    # The same event twice.
    write(events, "s.csv", 240, 0.5, event=[5] * 2 + list(range(10, 248)))
    named = train(path, "--force", "--data.event=[run, event]").stderr
    assert "1 event of process sig has the same identity as another" in named and "event 2 of" in named


def test_events_of_weight_zero_are_left_out(events):
    weights = [0.0] * 30 + [1.0] * 210
    write(events, "s.csv", 240, 0.5, w=weights)
    path = run_file(events, [{"name": "sig", "files": ["s.csv"]}, {"name": "tt", "files": ["t1.csv"]}],
                    data={"weight": ["w"]}, split={"train": 1, "validation": 0, "test": 0})
    result = train(path)
    split = np.load(events / "runs/run/split.npy")
    assert (split[:30] == UNTRAINED).all() and (split[30:] == TRAINING).all()
    assert "Training events of weight 0, which are left out: sig 30" in result.stdout
    # They are not standardised by, either.
    run = WeightedRun(events / "runs/run")
    assert np.allclose(run.checkpoint(0)["input.mean"], run.x.astype(float).mean(axis=0), rtol=1e-5, atol=1e-7)
    assert len(run.x) == 510


def test_a_split_by_event_does_not_depend_on_files(tmp_path):
    """Nor on which other events there are; and event numbers above 2^53 are told apart."""
    write(tmp_path, "s.csv", 400)
    write(tmp_path, "b.csv", 400)
    rows = (tmp_path / "b.csv").read_text().splitlines()
    (tmp_path / "b1.csv").write_text("\n".join([rows[0]] + rows[201:]) + "\n")
    (tmp_path / "b2.csv").write_text("\n".join([rows[0]] + rows[101:201]) + "\n")
    uses = {}
    for files in (["b.csv"], ["b1.csv", "b2.csv"]):
        processes = [{"name": "sig", "files": ["s.csv"]}, {"name": "bkg", "files": files}]
        train(run_file(tmp_path, processes, data={"event": ["run", "event"]}, split={"by": "event"}), "--force")
        split = np.load(tmp_path / "runs/run/split.npy")
        uses[len(files)] = split
    assert np.array_equal(uses[1][:400], uses[2][:400])
    assert np.array_equal(uses[1][400 + 200:800], uses[2][400:600]) and np.array_equal(uses[1][400 + 100:400 + 200], uses[2][600:])
    # The same numbers in two processes are divided each on its own.
    assert not np.array_equal(uses[1][:400], uses[1][400:])
    shares = np.bincount(uses[1]) / 800
    assert np.abs(shares - [0.7, 0.15, 0.15]).max() < 4 * 0.0162
    # 2^60 + n are one float, and different events.
    table = columns(tmp_path / "s.csv")
    assert len(set(identities("sig", [table["run"], table["event"]]))) == 400
    assert len({float(v) for v in table["event"]}) < 40


def test_five_seeds_share_their_test_events(events):
    processes = [{"name": "sig", "files": ["s.csv"]}, {"name": "tt", "files": ["t1.csv"]}]
    path = run_file(events, processes)
    splits, models = [], []
    for seed in range(1, 6):
        result = train(path, f"--training.seed={seed}", f"--name=seed-{seed}")
        assert f"(up to version 0.6 it was training.seed, {seed})" in result.stdout
        splits.append((events / f"runs/seed-{seed}/split.npy").read_bytes())
        models.append(digests(events / f"runs/seed-{seed}")["model"])
    assert len(set(splits)) == 1 and len(set(models)) == 5
    train(path, "--split.seed=3", "--name=other")
    assert (events / "runs/other/split.npy").read_bytes() != splits[0]


def test_resuming_leaves_the_split_as_it_is(events):
    path = run_file(events, data=WEIGHTS)
    train(path, "--training.epochs=3", "--name=whole")
    train(path, "--training.epochs=2")
    file = events / "runs/run/split.npy"
    before = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino)
    train("--resume", events / "runs/run", "--training.epochs=3", ranks=2)
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before
    whole, resumed = digests(events / "runs/whole"), digests(events / "runs/run")
    assert all(whole[key] == resumed[key] for key in ("costs", "history", "model", "checkpoint", "metrics"))
    # A run of an older version has no such file.
    file.unlink()
    train("--resume", events / "runs/run", "--training.epochs=4")
    assert file.read_bytes() == before[0]


def test_evaluate_judges_by_the_weights_of_the_training(events):
    """Other events, of another scale, by the factors that the training had."""
    path = run_file(events, data=WEIGHTS)
    train(path)
    run = WeightedRun(events / "runs/run")
    metrics = json.loads((events / "runs/run/metrics.json").read_text())
    train("evaluate", events / "runs/run", "--json", events / "same.json")
    same = json.loads((events / "same.json").read_text())
    assert same["loss"] == metrics["test"]["loss"] and same["processes"] == metrics["processes"]
    train("evaluate", events / "runs/run", "--data", events, "--json", events / "all.json", ranks=2)
    every = json.loads((events / "all.json").read_text())
    best = Network(run, run.checkpoint(metrics["best_epoch"]), np.float64)
    chosen = run.use < EVALUATION
    _, logarithms = best.forward(run.all_x[chosen])
    losses = -logarithms[np.arange(chosen.sum()), run.all_y[chosen]]
    assert every["events"] == chosen.sum()
    assert every["loss"] == pytest.approx((run.v[chosen] * losses).sum() / run.v[chosen].sum(), rel=1e-5)
    other = events / "other"
    other.mkdir()
    for name in ("s", "t1", "t2", "st", "v", "d"):
        table = columns(events / f"{name}.csv")
        table["w"] = [repr(float(v) * 2.0**-60) for v in table["w"]]
        rows = [",".join(table)] + [",".join(row) for row in zip(*table.values())]
        (other / f"{name}.csv").write_text("\n".join(rows) + "\n")
    train("evaluate", events / "runs/run", "--data", other, "--json", events / "other.json")
    assert json.loads((events / "other.json").read_text())["loss"] == pytest.approx(every["loss"], rel=1e-12)


@pytest.mark.parametrize("processes, sections, words", [
    ([{"name": "a", "files": ["s.csv"], "scale": 1, "cross_section": 2}], {}, "scale stands beside cross_section"),
    ([{"name": "a", "files": ["s.csv"], "cross_section": 2, "sum_weights": 3}], {"data": {"luminosity": None}}, "without data.luminosity"),
    ([{"name": "a", "files": ["s.csv"], "sum_weights": 3}], {}, "without cross_section (pb)"),
    ([{"name": "a", "files": ["s.csv"]}], {"data": {"luminosity": 3}}, "scales nothing"),
    ([{"name": "a", "files": ["s.csv"], "use": "data", "scale": 3}], {}, "events weigh 1"),
    ([{"name": "a", "files": ["s.csv"], "class": "b"}, {"name": "b", "files": ["v.csv"], "class": "a"}], {}, "give the class another name"),
    ([{"name": "a", "files": ["s.csv"], "class": "t"}], {}, "has one class to train on"),
    ([{"name": "a", "files": ["s.csv"]}, {"name": "t", "files": ["t1.csv"]},
      {"name": "v", "files": ["v.csv"], "use": "evaluate", "class": "z"}], {}, "is not a class that is trained on"),
    ([{"name": "a", "files": ["s.csv"]}], {"split": {"by": "event"}}, "data.event"),
    ([{"name": "a", "files": ["s.csv"]}], {"split": {"train": 0.5, "by": {"column": "fold", "train": [1]}}}, "remove it"),
    ([{"name": "a", "files": ["s.csv"]}], {"split": {"by": {"column": "fold", "train": [1], "test": [1.0]}}}, "twice"),
    ([{"name": "a", "files": ["s.csv"]}], {"split": {"by": {"files": {"test": ["nothing.csv"]}}}}, "nothing.csv is none of the files"),
    ([{"name": "a", "files": ["s.csv"]}], {"split": {"by": "chance"}}, "random, event"),
    ([{"name": "a", "files": ["s.csv"]}],
     {"data": {"label": {"column": "label", "classes": {"x": ["s"], "y": ["b", "s"]}}}}, "a value belongs to one class"),
])
def test_what_a_run_file_cannot_mean_is_refused(events, processes, sections, words):
    label = "label" in sections.get("data", {})
    others = [] if len(processes) > 1 or label else [{"name": "t", "files": ["t1.csv"]}]
    path = run_file(events, processes + others, **sections)
    result = start(path)
    assert result.returncode == 64 and words in result.stderr, result.stderr
    assert len(result.stderr.strip().splitlines()) == 1 and not (events / "runs/run/config.yaml").exists()


def test_columns_split_values_must_be_known(events):
    path = run_file(events, [{"name": "a", "files": ["s.csv"]}, {"name": "t", "files": ["t1.csv"]}],
                    split={"by": {"column": "fold", "train": [0, 1], "validation": [2], "test": [3]}})
    result = start(path)
    assert result.returncode == 65 and "fold" in result.stderr and "split.by" in result.stderr


def write_weighted(folder, weights):
    """Two processes of 40 events with weights and a column of folds 0 to 3; run file."""
    random = np.random.default_rng(5)
    for name, weight in weights.items():
        rows = [f"{x:.5g},{weight(place)},{place % 4}" for place, x in enumerate(random.normal(len(name), 1, 40))]
        (folder / f"{name}.csv").write_text("x,w,fold\n" + "\n".join(rows) + "\n")
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump({
        "name": "run",
        "data": {"layout": "events_by_row", "features": ["x"], "weight": ["w"],
                 "processes": [{"name": name, "files": [f"{name}.csv"]} for name in weights]},
        "split": {"by": {"column": "fold", "train": [0, 1], "validation": [2], "test": [3]}},
        "training": {"epochs": 2}, "output": {"directory": str(folder / "runs")}}))
    return path


@pytest.mark.parametrize("overrides, weight, code, words", [
    (["--split.by={column: fold, train: [], validation: [0, 1, 2], test: [3]}"], lambda place: 1, 64, "split.by.train"),
    ([], lambda place: -1 if place % 4 == 2 else 1, 65, "training.monitor: loss counts validation events by their weights"),
    (["--training.monitor=accuracy"], lambda place: -1 if place % 4 == 2 else 1, 0, ""),
    (["--split.by={column: fold, train: [0, 1, 2], validation: [9], test: [3]}", "--training.early_stopping={patience: 1}"],
     lambda place: 1, 65, "there are none; change split"),
    (["--split.by={column: fold, train: [0, 1, 2], validation: [9], test: [3]}", "--training.schedule={plateau: {patience: 1}}"],
     lambda place: 1, 65, "there are none; change split"),
])
def test_nothing_is_chosen_by_events_that_cannot_judge(tmp_path, overrides, weight, code, words):
    path = write_weighted(tmp_path, {"a": weight, "bb": lambda place: 1})
    result = start(path, *overrides)
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    if code:
        assert len([line for line in result.stderr.splitlines() if "warning" not in line]) == 1


@pytest.mark.parametrize("options", [
    ["--data.weight=[ww]"], ["--data.features=[x, y]"], ["--data.event=[number]"],
    ["--split.by={column: part, train: [0, 1], validation: [2], test: [3]}"],
    ["--data.processes=[{name: a, files: [a.csv], weight_files: [w.txt]}, {name: bb, files: [bb.csv], weight_files: [v.txt]}]"],
    ["--data.processes=[{name: a, files: [a.npy]}, {name: bb, files: [bb.csv]}]"],
    ["--data.processes=[{name: a, files: [empty.csv]}, {name: bb, files: [bb.csv]}]"],
], ids=str)
def test_check_says_what_a_training_would(tmp_path, options):
    path = write_weighted(tmp_path, {"a": lambda place: 1, "bb": lambda place: 1})
    (tmp_path / "w.txt").write_text("1\n2\nthree\n")
    (tmp_path / "v.txt").write_text("1\n" * 40)
    (tmp_path / "empty.csv").write_text("")
    np.save(tmp_path / "a.npy", np.zeros(40, [("x", "f4"), ("fold", "i4")]))
    assert start("check", path).returncode == 0
    found, expected = start("check", path, *options), start(path, *options)
    assert (found.returncode, found.stderr) == (expected.returncode, expected.stderr) and found.returncode == 65
    assert len(found.stderr.strip().splitlines()) == 1


def test_a_process_that_is_only_evaluated_moves_no_event_of_others(tmp_path):
    path = write_weighted(tmp_path, {"a": lambda place: 1, "bb": lambda place: 1})
    train(path, "--split={by: random, train: 0.5, validation: 0.3, test: 0.2}")
    before = np.load(tmp_path / "runs/run/split.npy")
    (tmp_path / "e.csv").write_text((tmp_path / "a.csv").read_text())
    text = yaml.safe_load(path.read_text())
    text["data"]["processes"].insert(0, {"name": "e", "files": ["e.csv"], "use": "evaluate"})
    path.write_text(yaml.safe_dump(text))
    train(path, "--split={by: random, train: 0.5, validation: 0.3, test: 0.2}", "--force")
    after = np.load(tmp_path / "runs/run/split.npy")
    assert np.all(after[:40] == EVALUATION) and np.array_equal(after[40:], before)


def test_a_run_that_an_older_version_began_is_continued_again_and_again(tmp_path):
    """Its split went by training.seed; what continued it wrote that down as the split's seed."""
    path = write_weighted(tmp_path, {"a": lambda place: 1, "bb": lambda place: 1})
    split = "--split={by: random, train: 0.5, validation: 0.3, test: 0.2"
    train(path, split + ", seed: 7}", "--training.seed=7")
    assert "this run is finished" in train(path, split + "}", "--training.seed=7", "--continue").stdout
