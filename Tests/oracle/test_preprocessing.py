"""Derived features, transforms, missing values and selections: the program against mpmath, vector, scikit-learn and numpy."""

import json
import os
import re

import mpmath
import numpy as np
import numpy.lib.recfunctions
import pytest
import vector
from conftest import MACHINES, digests, start, train

OBJECTS = ["lep", "jet1", "jet2", "jet3"]
COLUMNS = [f"{name}_{part}" for name in OBJECTS for part in ("pt", "eta", "phi")] + ["jet3_mass", "met_pt", "met_phi"]


def make_events(count, seed):
    """Events anywhere in the detector, and at its edges: collinear pairs, angles across ±π, pt 0, η ±5. float64."""
    random = np.random.default_rng(seed)
    events = np.zeros(count, dtype=[(name, "f8") for name in COLUMNS])
    for name in OBJECTS + ["met"]:
        events[f"{name}_pt"] = random.exponential(50, count)
        events[f"{name}_phi"] = random.uniform(-np.pi, np.pi, count)
        if name != "met":
            events[f"{name}_eta"] = random.uniform(-5, 5, count)
    events["jet3_mass"] = random.exponential(8, count)
    kind = np.arange(count) % 8
    distance = 10.0 ** random.uniform(-9, -1, count)
    near = kind == 1  # jet1 and jet2 are almost the same direction.
    events["jet2_eta"][near] = events["jet1_eta"][near] + distance[near]
    events["jet2_phi"][near] = events["jet1_phi"][near] - distance[near] / 3
    across = kind == 2  # … and on both sides of ±π.
    events["jet2_eta"][across] = events["jet1_eta"][across] - distance[across]
    events["jet1_phi"][across] = np.pi - distance[across]
    events["jet2_phi"][across] = -np.pi + distance[across] / 7
    events["lep_pt"][kind == 3] = 0
    events["lep_eta"][kind == 4] = 5 * np.sign(events["lep_eta"][kind == 4])
    opposite = kind == 5  # Back to back.
    events["jet2_phi"][opposite] = events["jet1_phi"][opposite] - np.pi * np.sign(events["jet1_phi"][opposite])
    events["jet2_pt"][opposite] = events["jet1_pt"][opposite]
    events["met_phi"][kind == 6] = events["lep_phi"][kind == 6]
    return events


def write_run(folder, processes, columns, features, **data):
    run = {
        "name": "run",
        "data": {
            "processes": [{"name": name, "files": [file]} for name, file in processes], "features": features,
            "columns": columns, "layout": "events_by_row", **data,
        },
        "network": {"hidden": [9]}, "training": {"batch_size": 64, "epochs": 1},
        "output": {"directory": str(folder / "runs")},
    }
    path = folder / "run.yaml"
    path.write_text(json.dumps(run))
    return path


def features_of(folder, file, output="features.csv"):
    """What `dist-train features` writes, by name."""
    result = start("features", folder / "runs/run", folder / file, "-o", folder / output)
    assert result.returncode == 0, result.stderr
    lines = (folder / output).read_text().splitlines()
    values = np.array([[np.float32(v) for v in line.split(",")] for line in lines[1:]])
    return dict(zip(lines[0].split(","), values.T))


def ulps(found, expected):
    """The distance of float32 numbers from wide ones, in units of the last place."""
    expected = np.asarray(expected)
    # Of what is 0 an oracle has 1e-28 or so.
    step = np.spacing(np.maximum(np.abs(expected.astype(np.float32)), np.float32(1e-16)))
    return np.abs(found.astype(np.longdouble) - expected) / step


def wide(event, name):
    """pt, η, φ and m of an object, and its (px, py, pz, E), with 60 digits."""
    pt, phi = mpmath.mpf(float(event[f"{name}_pt"])), mpmath.mpf(float(event[f"{name}_phi"]))
    eta = mpmath.mpf(float(event[f"{name}_eta"])) if f"{name}_eta" in COLUMNS else None
    mass = mpmath.mpf(float(event[f"{name}_mass"])) if f"{name}_mass" in COLUMNS else mpmath.mpf(0)
    momentum = [pt * mpmath.cos(phi), pt * mpmath.sin(phi)]
    if eta is not None:
        z = pt * mpmath.sinh(eta)
        momentum += [z, mpmath.sqrt(pt * pt + z * z + mass * mass)]
    return pt, eta, phi, momentum


def turned(angle):
    """An angle brought to [−π, π]."""
    return angle - 2 * mpmath.pi * mpmath.nint(angle / (2 * mpmath.pi))


def mass(*momenta):
    x, y, z, energy = (mpmath.fsum(m[i] for m in momenta) for i in range(4))
    return mpmath.sqrt(max(0, energy**2 - x**2 - y**2 - z**2))


def standard(event):
    """The usual variables of the objects, by name."""
    objects = {name: wide(event, name) for name in OBJECTS + ["met"]}
    found = {}
    names = list(objects)
    for i, a in enumerate(names):
        for b in names[i + 1:]:
            (pt1, eta1, phi1, p1), (pt2, eta2, phi2, p2) = objects[a], objects[b]
            dphi = abs(turned(phi1 - phi2))
            found[f"dphi_{a}_{b}"] = dphi
            found[f"pt_{a}_{b}"] = mpmath.sqrt((p1[0] + p2[0]) ** 2 + (p1[1] + p2[1]) ** 2)
            if eta2 is None:
                found[f"mT_{a}_{b}"] = mpmath.sqrt(2 * pt1 * pt2 * (1 - mpmath.cos(phi1 - phi2)))
                continue
            found[f"deta_{a}_{b}"] = abs(eta1 - eta2)
            found[f"dR_{a}_{b}"] = mpmath.sqrt((eta1 - eta2) ** 2 + dphi**2)
            found[f"m_{a}_{b}"] = mass(p1, p2)
    for i in range(4):
        for j in range(i + 1, 4):
            for k in range(j + 1, 4):
                found["m_" + "_".join(OBJECTS[n] for n in (i, j, k))] = mass(*(objects[OBJECTS[n]][3] for n in (i, j, k)))
    found["m_all"] = mass(*(objects[name][3] for name in OBJECTS))
    found["ht"] = mpmath.fsum(objects[name][0] for name in OBJECTS)
    return found


@pytest.fixture(scope="module")
def derived(tmp_path_factory):
    """A folder with a run of the usual variables and some of one's own, and its events."""
    folder = tmp_path_factory.mktemp("derived")
    a, b = make_events(400, 1), make_events(400, 2)
    np.save(folder / "a.npy", a)
    np.save(folder / "b.npy", b)
    own = {
        "m_w": "mass(jet2 + jet3)", "eta_h": "eta(jet1 + jet2)", "phi_h": "phi(jet1, jet2)", "dr_h_lep": "dR(jet1 + jet2, lep)",
        "closest": "min_dR(jet1, jet2, jet3)", "heaviest": "max_mass(jet1, jet2, jet3)", "ratio": "jet1_pt / (jet2_pt + 1)",
        "signed": "dphi(lep, jet1)", "st": "ht + met_pt", "e3": "energy(jet3)", "hard": "where(jet1_pt > 40 and lep_pt > 20, 1, 0)",
    }
    path = write_run(
        folder, [("a", "a.npy"), ("b", "b.npy")], None, COLUMNS,
        derived={"standard": True, "objects": {"met": {"pt": "met_pt", "phi": "met_phi"}}, "features": own})
    train(path)
    return folder, a


def test_derived_features_are_those_of_mpmath(derived):
    folder, events = derived
    found = features_of(folder, "a.npy")
    assert len(found) == len(COLUMNS) + 6 * 5 + 4 * 3 + 4 + 2 + 11
    with mpmath.workdps(60):
        expected = [standard(event) for event in events]
        names = list(expected[0])
        for name in names:
            values = np.array([np.longdouble(mpmath.nstr(e[name], 25)) for e in expected])
            assert ulps(found[name], values).max() < 0.51, name
        for event, m, eta, phi, dr, closest, energy in zip(
                events, found["m_w"], found["eta_h"], found["phi_h"], found["dr_h_lep"], found["closest"], found["e3"]):
            o = {name: wide(event, name) for name in OBJECTS}
            assert ulps(m, np.longdouble(mpmath.nstr(mass(o["jet2"][3], o["jet3"][3]), 25))) < 0.51
            x, y, z = (o["jet1"][3][i] + o["jet2"][3][i] for i in range(3))
            pt = mpmath.sqrt(x * x + y * y)
            assert ulps(energy, np.longdouble(mpmath.nstr(o["jet3"][3][3], 25))) < 0.51
            if pt < 1e-6 * event["jet1_pt"]:
                continue  # The sum of two that are back to back has no direction.
            h_eta, h_phi = mpmath.asinh(z / pt), mpmath.atan2(y, x)
            assert ulps(eta, np.longdouble(mpmath.nstr(h_eta, 25))) < 0.6
            assert ulps(phi, np.longdouble(mpmath.nstr(h_phi, 25))) < 0.6
            d = mpmath.sqrt((h_eta - o["lep"][1]) ** 2 + turned(h_phi - o["lep"][2]) ** 2)
            assert ulps(dr, np.longdouble(mpmath.nstr(d, 25))) < 0.6
            pairs = [mpmath.sqrt((o[a][1] - o[b][1]) ** 2 + turned(o[a][2] - o[b][2]) ** 2)
                     for a, b in (("jet1", "jet2"), ("jet1", "jet3"), ("jet2", "jet3"))]
            assert ulps(closest, np.longdouble(mpmath.nstr(min(pairs), 25))) < 0.51


def test_derived_features_are_those_of_vector_and_numpy(derived):
    folder, events = derived
    found = features_of(folder, "a.npy")
    momenta = {
        name: vector.array({
            "pt": events[f"{name}_pt"], "eta": events[f"{name}_eta"], "phi": events[f"{name}_phi"],
            "mass": events["jet3_mass"] if name == "jet3" else np.zeros(len(events)),
        }) for name in OBJECTS
    }
    plain = np.arange(len(events)) % 8 == 0  # Where vector's own formulas keep their digits.
    pairs = [(a, b) for i, a in enumerate(OBJECTS) for b in OBJECTS[i + 1:]]
    for a, b in pairs:
        one, two = momenta[a], momenta[b]
        assert ulps(found[f"dR_{a}_{b}"], one.deltaR(two))[plain].max() <= 1
        assert ulps(found[f"deta_{a}_{b}"], np.abs(one.deltaeta(two)))[plain].max() <= 1
        assert ulps(found[f"dphi_{a}_{b}"], np.abs(one.deltaphi(two)))[plain].max() <= 1
        assert ulps(found[f"m_{a}_{b}"], (one + two).mass)[plain].max() <= 1
        assert ulps(found[f"pt_{a}_{b}"], (one + two).pt)[plain].max() <= 1
    assert ulps(found["signed"], momenta["lep"].deltaphi(momenta["jet1"]))[plain].max() <= 1
    assert ulps(found["ratio"], events["jet1_pt"] / (events["jet2_pt"] + 1)).max() <= 0.51
    assert (found["hard"] == ((events["jet1_pt"] > 40) & (events["lep_pt"] > 20))).all()
    assert ulps(found["st"], sum(events[f"{n}_pt"] for n in OBJECTS) + events["met_pt"]).max() <= 0.51
    for name in COLUMNS:
        assert (found[name] == events[name].astype(np.float32)).all()


def test_a_model_finds_columns_by_name(derived):
    """Another order, other columns between them, text instead of an array: the same bits; a column that is not there is refused."""
    folder, events = derived
    expected = features_of(folder, "a.npy")
    order = list(reversed(COLUMNS))
    with open(folder / "other.csv", "w", encoding="utf-8") as file:
        file.write(",".join(["what"] + order) + "\n")
        for event in events:
            file.write(",".join(["none"] + [repr(float(event[name])) for name in order]) + "\n")
    found = features_of(folder, "other.csv", "other-features.csv")
    assert all((found[name] == expected[name]).all() for name in expected)
    scores = []
    for file in ("a.npy", "other.csv"):
        assert start("predict", folder / "runs/run", folder / file, "-o", folder / "s.npy").returncode == 0
        scores.append(np.load(folder / "s.npy"))
    assert (scores[0] == scores[1]).all()
    np.save(folder / "less.npy", events[[name for name in COLUMNS if name != "jet2_phi"]])
    refused = start("predict", folder / "runs/run", folder / "less.npy", "-o", folder / "s.npy")
    assert refused.returncode == 65 and "no column is named jet2_phi" in refused.stderr


def test_the_model_has_what_predict_needs(derived):
    """Loss of the test events, from predict's scores of the raw files, is that of the training."""
    folder, _ = derived
    split = np.load(folder / "runs/run/split.npy")
    scores = []
    for file in ("a.npy", "b.npy"):
        assert start("predict", folder / "runs/run", folder / file, "-o", folder / "s.npy").returncode == 0
        scores.append(np.load(folder / "s.npy"))
    test = split.reshape(2, -1) == 2
    losses = [-np.log(scores[c][test[c]][:, c].astype(float)) for c in range(2)]
    metrics = json.loads((folder / "runs/run/metrics.json").read_text())
    loss = sum(w * l.sum() for w, l in zip(metrics["class_weights"], losses)) / test.sum()
    assert abs(metrics["test"]["loss"] - loss) < 1e-6
    inspected = start("inspect", folder / "runs/run").stdout
    assert "mass(jet2 + jet3)" in inspected and "dR_lep_jet1" in inspected
    evaluated = start("evaluate", folder / "runs/run", "--json", folder / "e.json")
    assert evaluated.returncode == 0, evaluated.stderr
    assert json.loads((folder / "e.json").read_text())["loss"] == metrics["test"]["loss"]


@pytest.fixture
def table(tmp_path):
    """Two processes of columns x, y, z with missing values, in text without names and with a row that is no feature."""
    random = np.random.default_rng(5)
    tables = {}
    for name, shift in (("a", 0.0), ("b", 0.6)):
        values = random.normal(2 + shift, 1, (3, 500)).round(6)
        values[0] = np.abs(values[0])
        values[1, random.random(500) < 0.2] = -999
        values[2, random.random(500) < 0.1] = np.nan
        date = 20180000 + random.integers(101, 1231, 500)
        tables[name] = np.vstack([values, date])
        np.savetxt(tmp_path / f"{name}.txt", tables[name], fmt="%.10g")
    return tmp_path, tables


def run_of_table(folder, features=("x", "y", "z"), **data):
    data.setdefault("missing", {"values": [-999, "nan"]})
    path = write_run(folder, [("a", "a.txt"), ("b", "b.txt")], ["x", "y", "z", "date"], list(features), **data)
    text = json.loads(path.read_text())
    text["data"]["layout"] = "features_by_row"
    path.write_text(json.dumps(text))
    return path


def training_columns(folder, tables):
    """The columns of the training events of both processes, NaN where missing."""
    split = np.load(folder / "runs/run/split.npy").reshape(2, -1)
    values = np.hstack([tables[name][:, split[index] == 0] for index, name in enumerate(tables)])
    return np.where(values == -999, np.nan, values)


@pytest.mark.parametrize("fill", ["median", "mean", 0.25])
def test_missing_values(table, fill):
    folder, tables = table
    train(run_of_table(folder, missing={"values": [-999, "nan"], "fill": fill, "flag": ["y", "z"]},
                       derived={"features": {"sum": "y + z"}}))
    training = training_columns(folder, tables)
    training = np.vstack([training, training[1] + training[2]])
    raw = np.where(tables["a"] == -999, np.nan, tables["a"])
    raw = np.vstack([raw, raw[1] + raw[2]])
    found = features_of(folder, "a.txt")
    assert list(found) == ["x", "y", "z", "sum", "y_missing", "z_missing"]
    for name, row in (("x", 0), ("y", 1), ("z", 2), ("sum", 4)):
        known = training[row][~np.isnan(training[row])]
        value = {"median": np.median, "mean": np.mean}.get(fill, lambda _: fill)(known)
        expected = np.where(np.isnan(raw[row]), value, raw[row])
        assert ulps(found[name], expected).max() <= 0.51, name
    assert (found["y_missing"] == np.isnan(raw[1])).all() and (found["z_missing"] == np.isnan(raw[2])).all()
    # Left out of means and spreads.
    inspected = start("inspect", folder / "runs/run").stdout
    for name, row in (("y", 1), ("sum", 4)):
        known = training[row][~np.isnan(training[row])].astype(np.float32)
        mean, deviation = re.search(rf"^{name} +(\S+) +(\S+)$", inspected, re.M).groups()
        assert abs(float(mean) - known.mean(dtype=float)) < 2e-5 and abs(float(deviation) - known.std(dtype=float)) < 2e-5


def test_transforms(table):
    from sklearn.preprocessing import QuantileTransformer

    folder, tables = table
    transforms = {
        "?": "sqrt", "x": ["abs", "log1p"], "y": {"clip": [0, 3]}, "date": {"offset": 20180000, "scale": 0.01}, "q": {"quantile": "uniform"},
        "n": {"quantile": "normal"}, "s": "sincos", "l": ["abs", {"clip": [0.001, 100]}, "log"],
    }
    train(run_of_table(folder, features=["x", "y", "date"], transform=transforms, derived={
        "features": {"q": "floor(4 * x)", "n": "x - 2", "s": "x * 10", "l": "x", "r": "x"}}))
    x, y, _, date = np.where(tables["a"] == -999, np.nan, tables["a"])
    training = training_columns(folder, tables)[0]
    found = features_of(folder, "a.txt")

    def quantiles(values, of):
        transformer = QuantileTransformer(
            n_quantiles=len(values), output_distribution="normal", subsample=None).fit(values.reshape(-1, 1))
        return transformer.transform(of.reshape(-1, 1))[:, 0]

    def shares(values, of):
        """The middle of the ranks of equal values; scikit-learn's quantiles of integers are not quite integers."""
        values, last = np.sort(values), len(values) - 1
        ranks = (np.searchsorted(values, of, "left") + np.searchsorted(values, of, "right") - 1) / 2
        middle = np.where(np.isin(of, values), ranks / last, np.interp(of, values, np.arange(last + 1) / last))
        return np.where(of <= values[0], 0, np.where(of >= values[-1], 1, middle))

    expected = {
        "x": np.log1p(np.abs(x)), "date": (date - 20180000) * 0.01, "l": np.log(np.clip(x, 0.001, 100)), "r": np.sqrt(x),
        "s_sin": np.sin(x * 10), "s_cos": np.cos(x * 10), "y": np.where(np.isnan(y), found["y"], np.clip(y, 0, 3)),
        "q": shares(np.floor(4 * training), np.floor(4 * x)),
    }
    for name, values in expected.items():
        assert ulps(found[name], values).max() <= 1, name
    # scikit-learn's tails end at ±5.2 as ours do.
    assert np.abs(found["n"] - quantiles(training - 2, x - 2)).max() < 1e-5
    assert len(np.unique(found["date"])) > 200  # 101 to 1231 above 20180000, where float32 has steps of 2.


def test_rotation_takes_the_common_angle_away(tmp_path):
    for name, seed in (("a", 3), ("b", 4)):
        np.save(tmp_path / f"{name}.npy", make_events(200, seed))
    path = write_run(tmp_path, [("a", "a.npy"), ("b", "b.npy")], None, COLUMNS, transform={"rotate": "lep", "jet1_phi": "sincos"})
    train(path)
    events = np.load(tmp_path / "a.npy")
    found = features_of(tmp_path, "a.npy")
    turn = lambda angle: angle - 2 * np.pi * np.round(angle / (2 * np.pi))
    assert "lep_phi" not in found
    for name in ("jet2", "jet3", "met"):
        difference = turn(events[f"{name}_phi"] - events["lep_phi"])
        assert np.abs(turn(found[f"{name}_phi"] - difference)).max() < 4e-7, name
    assert np.abs(found["jet1_phi_sin"] - np.sin(events["jet1_phi"] - events["lep_phi"])).max() < 2e-7


def test_selection(table):
    folder, tables = table
    text = "x > 1 and (y < 3 or z > 2) and not missing(z)"
    path = run_of_table(folder, selection=text)
    out = train(path).stdout
    split = np.load(folder / "runs/run/split.npy").reshape(2, -1)
    nan = lambda values: np.where(values == -999, np.nan, values)
    flow = []
    for index, name in enumerate(tables):
        x, y, z, _ = nan(tables[name])
        cuts = [x > 1, (y < 3) | (z > 2), ~np.isnan(z)]
        passed = np.logical_and.accumulate(cuts)
        flow.append([500] + [int(p.sum()) for p in passed])
        assert ((split[index] == 6) == ~passed[-1]).all()
    for row, title in enumerate(["all", "x > 1", "(y < 3 or z > 2)", "not missing(z)"]):
        assert re.search(rf"^{re.escape(title)} +{flow[0][row]} +{flow[1][row]}$", out, re.M), out
    # Without the cut the same events are for the same use.
    train(run_of_table(folder), "--force")
    whole = np.load(folder / "runs/run/split.npy").reshape(2, -1)
    assert (whole[split != 6] == split[split != 6]).all()


EVERYTHING = dict(
    missing={"values": [-999, "nan"], "fill": "median", "flag": True}, selection="x > 0.5 and (y < 4 or missing(y))",
    derived={"features": {"r": "x / (1 + abs(z))", "m": "sqrt(x * x + y * y)"}},
    transform={"x": "log1p", "y": {"quantile": "normal"}, "m": {"clip": [0, 5]}, "z": ["abs", {"quantile": "uniform"}]})


@pytest.mark.parametrize("ranks, threads", MACHINES if "DIST_TRAIN_TEST_MACHINES" in os.environ else [(2, 2), (5, 1)])
def test_any_machine_gives_the_same_bits(table, ranks, threads, monkeypatch):
    folder, _ = table
    path = run_of_table(folder, **EVERYTHING)
    train(path, "--training.epochs=3", ranks=1, threads=1)
    expected = digests(folder / "runs/run")
    train(path, "--training.epochs=3", "--force", ranks=ranks, threads=threads)
    assert digests(folder / "runs/run") == expected
    monkeypatch.setenv("DIST_TRAIN_VECTORS", "avx2")
    train(path, "--training.epochs=3", "--force", ranks=ranks, threads=threads)
    assert digests(folder / "runs/run") == expected


def test_a_run_that_goes_on_has_the_same_bits(table):
    folder, _ = table
    path = run_of_table(folder, **EVERYTHING)
    train(path, "--training.epochs=4")
    expected = digests(folder / "runs/run")
    train(path, "--training.epochs=2", "--training.schedule=constant", "--force")
    train(path, "--training.epochs=4", "--training.schedule=constant", "--force", "--name=whole")
    train("--resume", folder / "runs/run", "--training.epochs=4")
    whole = digests(folder / "runs/whole")
    assert {k: v for k, v in digests(folder / "runs/run").items()} == whole and whole != expected


BAD = [
    (dict(derived={"features": {"m": "mass(jet1, jet9)"}}), 64, "there is no object jet1"),
    # What YAML makes of {m: mass(jet1, jet9)} without quotes.
    (dict(derived={"features": {"m": "mass(jet1", "jet9)": None}}), 64, "give expressions with commas in quotes, as in {m_bb"),
    (dict(derived={"features": {"a": "b + 1", "b": "a"}}), 64, "circular definitions: a → b → a"),
    (dict(derived={"features": {"x2": "x / 0"}}), 64, "division by zero"),
    (dict(derived={"features": {"x2": "x +"}}), 64, "the expression ends where a value is needed"),
    (dict(derived={"features": {"x": "y"}}), 64, "defines 'x', which already exists"),
    (dict(derived={"standard": ["lep"]}), 64, "names 'lep', which is not an object"),
    (dict(derived={"features": {"w": "v * 2"}}), 64, "for 'w' names 'v', which is no column of data.columns and no derived feature"),
    (dict(derived={"features": {"w": "dat * 2"}}), 64, "did you mean 'date'?"),
    (dict(selection="x > 0 and dta > 3"), 64, "data.selection names 'dta', which is no column of data.columns"),
    (dict(derived={"objects": {"o": {"pt": "x", "phi": "p"}}, "features": {"w": "pt(o, o)"}}), 64, "data.derived for 'o' names 'p'"),
    (dict(derived={"objects": {"o": {"pt": "x", "phi": "y"}}, "features": {"w": "o + o"}}), 64, "to name a sum of objects, add it to data.derived.objects"),
    (dict(derived={"objects": {"o": "x + y"}}), 64, "data.derived for 'o' has an error at character 1 of"),
    (dict(derived={"objects": {"o": "o + o"}}), 64, "o is defined in terms of itself"),
    (dict(derived={"objects": {"o": {"pt": "x", "phi": "y"}, "oo": "o + o"}, "standard": ["oo"]}), 64, "names 'oo', which is a sum of objects"),
    (dict(transform={"rotate": "log"}), 64, "names 'rotate', which is not a feature"),
    (dict(selection="x > "), 64, "data.selection has an error at character 5"),
    (dict(selection="x"), 64, "a number where a condition is needed"),
    (dict(selection="x > 1e9"), 65, "no training event"),
    (dict(selection=" and ".join(["x > 0"] * 300)), 64, "more than 200 conditions"),
    (dict(selection="x < 0"), 65, "data.selection: no training event passes it"),
    (dict(transform={"w": "log"}), 64, "names 'w', which is not a feature"),
    (dict(transform={"w*": "log"}), 64, "names 'w*', which is not a feature"),
    (dict(transform={"x": "lgo"}), 64, "did you mean 'log'?"),
    (dict(transform={"x": ["sincos", "log"]}), 64, "give a list with sincos at its end"),
    (dict(transform={"rotate": "lep"}), 64, "names 'lep', which is not an object"),
    (dict(transform={"x": {"clip": [3, 1]}}), 64, "data.transform.x.clip is [3, 1]; give two numbers, the lower one first"),
    (dict(transform={"x": {"clip": [1, 3], "scale": 2}}), 64, "data.transform.x.clip is combined with other transforms in one section"),
    (dict(derived={"m_bb": "x + 1"}), 64, "known here: objects, standard, features; define derived features in data.derived.features"),
    (dict(transform={"z": "log"}, missing={"values": [-999, "nan"], "fill": -1}), 64, "for which the transforms of 'z' are undefined (the logarithm of -1.0)"),
    (dict(transform={"z": "sqrt"}, missing={"values": ["nan", -999], "fill": "lowest"}), 64, "median, mean or a number"),
    (dict(missing={"values": [-999]}), 65, "nan is not finite; leave the event out"),
    (dict(missing={"values": [-999, "nan"], "flag": ["w"]}), 64, "has flag: 'w', which is not a feature"),
    (dict(missing={"values": ["x"]}), 64, "data.missing.values[0] is the quoted text 'x'; give a number"),
]


@pytest.mark.parametrize("data, code, message", BAD)
def test_what_cannot_be_computed_is_refused_in_one_line(table, data, code, message):
    folder, _ = table
    result = start(run_of_table(folder, **data))
    assert result.returncode == code and message in result.stderr, result.stderr
    assert len([line for line in result.stderr.splitlines() if "warning" not in line]) == 1, result.stderr


def test_a_value_that_no_event_may_have_names_the_event(table):
    """Where nothing is missing, the logarithm of a negative number is a fault of the data, and the message says which."""
    folder, tables = table
    for name in tables:
        np.savetxt(folder / f"{name}.txt", np.nan_to_num(tables[name]), fmt="%.10g")
    path = run_of_table(folder, features=["x", "z"], missing=None, derived={"features": {"l": "log(z)"}})
    result = start(path)
    first = int(np.flatnonzero(np.nan_to_num(tables["a"])[2] <= 0)[0])
    assert result.returncode == 65 and f"event {first + 1}: feature 'l' cannot be computed: the logarithm of" in result.stderr, result.stderr
    undecided = start(path, "--data.selection=log(x - 100) > 1")
    assert undecided.returncode == 65 and "data.selection cannot be evaluated: the logarithm of -" in undecided.stderr
    # A cut before it is a way out, and so is to call it missing.
    assert start(path, "--data.selection=z > 0").returncode == 0
    # Of an event that is left out there may be no score.
    predicted = start("predict", folder / "runs/run", folder / "a.txt", "-o", folder / "s.npy")
    cut_away = int((np.nan_to_num(tables["a"])[2] <= 0).sum())
    assert predicted.returncode == 0 and f"first event {first + 1}, fail data.selection and have features that cannot" in predicted.stderr
    assert f": {cut_away} events of" in predicted.stderr and "so far from the training" not in predicted.stderr, predicted.stderr
    assert (np.isnan(np.load(folder / "s.npy")[:, 0]) == (np.nan_to_num(tables["a"])[2] <= 0)).all()
    checked = start("check", path, "--data.selection=z > 0", "--name=other")
    assert checked.returncode == 0 and "NaN" not in checked.stdout, checked.stdout
    assert start(path, "--data.missing=[nan]", "--force").returncode == 0


def test_sums_of_objects_have_names(derived, tmp_path):
    """`hbb: jet1 + jet2` is an object wherever objects are: what is made of it has the bits of what is made of the sum."""
    np.save(tmp_path / "a.npy", make_events(300, 8))
    np.save(tmp_path / "b.npy", make_events(300, 9))
    wholes = {"m": "m(jet1 + jet2)", "dr": "dR(jet1 + jet2, lep)", "far": "max_mass(jet1 + jet2, lep, jet3)", "e": "energy(jet1 + jet2 + lep)"}
    parts = {"m_": "m(hbb)", "dr_": "dR(hbb, lep)", "far_": "max_mass(hbb, lep, jet3)", "e_": "energy(all3)"}
    path = write_run(tmp_path, [("a", "a.npy"), ("b", "b.npy")], None, ["lep_pt"], selection="pt(hbb) > 20", derived={
        "objects": {name: {part: f"{name}_{part}" for part in ("pt", "eta", "phi")} for name in ("lep", "jet1", "jet2", "jet3")}
        | {"hbb": "jet1 + jet2", "all3": "hbb + lep"}, "features": wholes | parts})
    out = train(path).stdout
    found = features_of(tmp_path, "a.npy")
    assert list(found) == ["lep_pt", *wholes, *parts]
    for name in wholes:
        assert (found[name] == found[f"{name}_"]).all(), name
    assert re.search("^Object: hbb = jet1 [+] jet2$", train("check", path, "--name=other").stdout, re.M) and "Selected: " in out


def test_a_feature_may_be_named_rotate(tmp_path):
    for name, seed in (("a", 3), ("b", 4)):
        events = make_events(200, seed)
        np.save(tmp_path / f"{name}.npy", np.lib.recfunctions.append_fields(events, "rotate", np.exp(events["lep_eta"]), usemask=False))
    features = [column for column in COLUMNS if column != "met_phi"] + ["rotate"]
    for transform, logarithm in (({"rotate": "log"}, True), ({"rotate": ["log", {"clip": [-9, 9]}]}, True), ({"rotate": "lep"}, False),
                                 ({"rotat*": "log", "rotate": "lep"}, True)):
        path = write_run(tmp_path, [("a", "a.npy"), ("b", "b.npy")], None, features, transform=transform)
        train(path, "--force")
        found, events = features_of(tmp_path, "a.npy"), np.load(tmp_path / "a.npy")
        assert ulps(found["rotate"], events["lep_eta"] if logarithm else events["rotate"]).max() < 10
        assert ("lep_phi" in found) == ("lep" not in transform.values())


def test_evaluate_prints_what_the_selection_leaves(table):
    folder, tables = table
    train(run_of_table(folder, selection="x > 1 and not missing(z)"))
    x, z = (np.hstack([tables[name][row] for name in tables]) for row in (0, 2))
    selected = int(((x > 1) & ~np.isnan(z)).sum())
    trained = train(run_of_table(folder, selection="x > 1 and not missing(z)"), "--force").stdout
    lines = lambda text: re.search(r"^selection.*?^Selected: .*?$", text, re.M | re.S)[0]
    assert lines(trained).splitlines()[-1] == f"Selected: {selected} of 1,000 events"
    for options in ([], ["--data", folder]):
        assert lines(train("evaluate", folder / "runs/run", *options).stdout) == lines(trained)


UNUSABLE = [("csv", None), ("npy", None), ("npz", None), ("csv", "files"), ("npy", "files")]


@pytest.mark.parametrize("form, weights", UNUSABLE)
def test_what_the_selection_leaves_out_may_hold_anything(tmp_path, form, weights):
    """NaN, infinities and unknown labels in events that are cut away change nothing, wherever they stand."""
    random = np.random.default_rng(2)
    count = 400
    fields = [("x", "f8"), ("y", "f8"), ("w", "f8"), ("label", "i4"), ("fold", "i4"), ("cut", "i4")]
    events = np.zeros(count, dtype=fields)
    events["x"], events["y"] = random.normal(size=(2, count))
    events["w"], events["label"], events["fold"] = random.uniform(1, 2, count), np.arange(count) % 2, np.arange(count) % 5
    events["cut"] = random.random(count) < 0.5
    bad = np.flatnonzero(events["cut"])

    def write(events, name):
        if form == "csv":
            rows = [",".join(name for name, _ in fields)] + [",".join(map(str, row)) for row in events.tolist()]
            (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n")
        elif form == "npy":
            np.save(tmp_path / f"{name}.npy", events)
        else:
            np.savez(tmp_path / f"{name}.npz", **{name: events[name] for name, _ in fields})
        file = tmp_path / ("w.npy" if form == "npy" else "w.txt")
        np.save(file, events["w"]) if form == "npy" else np.savetxt(file, events["w"])
        process = {"name": "all", "files": [f"{name}.{form}"]} | ({"weight_files": [file.name]} if weights else {})
        path = write_run(tmp_path, [], None, ["x", "y"], selection="cut == 0", label={"column": "label", "classes": {"a": [0], "b": [1]}})
        text = json.loads(path.read_text())
        text["data"] |= {"processes": [process]} | ({} if weights else {"weight": ["w"]})
        text["split"] = {"by": {"column": "fold", "train": [0, 1, 2], "validation": [3], "test": [4]}}
        path.write_text(json.dumps(text))
        return path

    clean = train(write(events, "clean")).stdout
    expected = digests(tmp_path / "runs/run")
    events["x"][bad[::2]], events["y"][bad[1::3]] = np.nan, np.inf
    events["w"][bad[::3]], events["w"][bad[2::9]] = np.nan, -np.inf
    events["label"][bad[::4]], events["fold"][bad[::5]] = 7, -3
    path = write(events, "dirty")
    dirty = train(path, "--force").stdout
    assert digests(tmp_path / "runs/run") == expected
    # The weights of all that can be weighed.
    total = float(re.search(r"^all +400\n +Σw +(\S+)$", dirty, re.M)[1].replace(",", ""))
    assert abs(total - events["w"][np.isfinite(events["w"])].sum()) < 0.06 and "Σw" in clean
    checked = start("check", path, "--name=other")
    assert "0 errors" not in checked.stdout and "unusable-value" not in checked.stdout and not checked.stderr, checked.stdout + checked.stderr
    # Those that are selected are refused as ever.
    good = int(np.flatnonzero(events["cut"] == 0)[3])
    for column, value, what in (("x", np.nan, "column x is nan"), ("w", np.nan, "has a weight of nan"), ("label", 9, "in column label none of the values"),
                                ("fold", 9, "in column fold none of the values")):
        kept = events[column][good]
        events[column][good] = value
        path = write(events, "bad")
        refused = start(path, "--force")
        assert refused.returncode == 65 and f"event {good + 1}" in refused.stderr and what in refused.stderr, refused.stderr
        assert len(refused.stderr.splitlines()) == 1
        assert ("/w." if weights and column == "w" else f"/bad.{form}") in refused.stderr
        # A check says the same, whatever it has to fit before.
        for options in ([], ["--data.missing={values: [-999], fill: median}"]):
            checked = start("check", path, "--name=other", *options)
            assert checked.returncode == 65 and what in checked.stdout and "passes" not in checked.stdout, checked.stdout
        events[column][good] = kept
    events["cut"] = 0
    events["x"] = np.nan
    checked = start("check", write(events, "bad"), "--name=other", "--data.selection=x > 0", "--data.missing={values: [-999], fill: median}")
    assert "data.selection cannot be evaluated: column x is nan" in checked.stdout and "passes" not in checked.stdout, checked.stdout


def test_a_line_of_weights_has_one_number(tmp_path):
    """Also where the weights of events that are cut away may be anything."""
    for name in "ab":
        np.savetxt(tmp_path / f"{name}.csv", np.arange(200).reshape(100, 2), delimiter=",", header="x,y", comments="", fmt="%d")
    path = write_run(tmp_path, [], None, ["x"], selection="y > 20")
    text = json.loads(path.read_text())
    text["data"]["processes"] = [{"name": name, "files": [f"{name}.csv"], "weight_files": [f"{name}.txt"]} for name in "ab"]
    path.write_text(json.dumps(text))
    for line, code in (("nan", 0), ("nan 7", 65), (",5", 65), ("nanx", 65)):
        (tmp_path / "a.txt").write_text("1\n" * 100)
        (tmp_path / "b.txt").write_text("\n".join(["1"] * 4 + [line] + ["1"] * 95) + "\n")
        result = start(path, "--force")
        assert result.returncode == code and (code == 0 or "b.txt:5:" in result.stderr), (line, result.stderr)


def test_predict_says_what_a_file_without_names_must_have(tmp_path):
    random = np.random.default_rng(1)
    for name in "ab":
        np.savetxt(tmp_path / f"{name}.txt", random.normal(size=(100, 4)))
    train(write_run(tmp_path, [("a", "a.txt"), ("b", "b.txt")], ["x", "y", "z", "w"], ["x"], derived={"features": {"r": "x + w"}}))
    events = np.loadtxt(tmp_path / "a.txt")
    np.savetxt(tmp_path / "three.txt", events[:, :3])
    np.save(tmp_path / "three.npy", events[:, :3])
    np.savetxt(tmp_path / "named.csv", events[:, [3, 0]], delimiter=",", header="w,x", comments="")
    predict = lambda file: start("predict", tmp_path / "runs/run", tmp_path / file, "-o", tmp_path / f"{file}.scores.npy")
    for file in ("three.txt", "three.npy"):
        refused = predict(file)
        assert refused.returncode == 65 and len(refused.stderr.splitlines()) == 1
        assert f"{file}" in refused.stderr and "but data.columns names 4; give the file these columns, in this order: x, y, z, w; " \
            "or name its columns, then x, w are enough" in refused.stderr, refused.stderr
    assert predict("named.csv").returncode == 0 and predict("a.txt").returncode == 0
    assert (np.load(tmp_path / "named.csv.scores.npy") == np.load(tmp_path / "a.txt.scores.npy")).all()
