"""dist-train check: a fault planted in events that are clean but for it is found, and named by its code."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from conftest import PROGRAM, ROOT, start, train

FEATURES = ["lep_pt", "lep_eta", "lep_phi", "jet1_pt", "jet1_eta", "jet1_phi", "jet1_btag", "m_bb", "met", "n_jets"]
PT, ETA, PHI, JET_PT, JET_ETA, JET_PHI, BTAG, MASS, MET, COUNT = range(len(FEATURES))
EVENTS = 3000


def collisions(seed, events=EVENTS, shift=1.0):
    """Events as a selection of collisions has them: exponential momenta, angles, a score, a count."""
    random = np.random.default_rng(seed)
    x = np.empty((events, len(FEATURES)))
    x[:, PT] = 30 + random.exponential(40 * shift, events)
    x[:, JET_PT] = 40 + random.exponential(60 * shift, events)
    for eta in (ETA, JET_ETA):
        x[:, eta] = np.clip(random.normal(0, 1.2, events), -2.5, 2.5) + random.normal(0, 0.001, events)
    for phi in (PHI, JET_PHI):
        x[:, phi] = random.uniform(-np.pi, np.pi, events)
    x[:, BTAG] = random.beta(2 * shift, 1, events)
    x[:, MASS] = random.normal(125, 15, events) if shift > 1 else 40 + random.gamma(2, 50, events)
    x[:, MET] = random.exponential(50, events)
    x[:, COUNT] = 4 + random.poisson(1.5 * shift, events)
    return x


class Analysis:
    """Two processes in a folder, which a fault may change, and their run file."""

    def __init__(self, folder):
        self.folder = folder
        self.arrays = {"signal": collisions(1, shift=1.3), "bkg": collisions(2)}
        self.files, self.weights = {}, {}
        self.data = {"features": list(FEATURES), "layout": "events_by_row"}
        self.sections = {}
        self.processes = {"signal": {}, "bkg": {}}
        self.records = False

    def set(self, events, feature, value):
        """Gives these events of all processes a value, or what a function makes of all."""
        for x in self.arrays.values():
            x[events, feature] = value(x) if callable(value) else value

    def map(self, feature, change):
        self.set(slice(None), feature, lambda x: change(x[:, feature]))

    def column(self, name, values):
        """One more feature, of values that a function of the process's name and array gives."""
        self.arrays = {process: np.column_stack([x, values(process, x)]) for process, x in self.arrays.items()}
        self.data["features"].append(name)

    def weight(self, values):
        for name, x in self.arrays.items():
            np.save(self.folder / f"{name}_w.npy", values(name, len(x)))
            self.processes[name]["weight_files"] = [f"{name}_w.npy"]

    def split_in_two(self, name):
        self.files[name] = [f"{name}_1.npy", f"{name}_2.npy"]

    def write(self):
        processes = []
        for name, x in self.arrays.items():
            files = self.files.get(name, [f"{name}.npy"])
            for file, part in zip(files, np.array_split(x, len(files))):
                if self.records:
                    names = self.data["features"] + ["unused_a", "unused_b"]
                    part = np.rec.fromarrays([*part.T, part[:, 0], part[:, 1]], names=names)
                np.save(self.folder / file, part)
            processes.append({"name": name, "files": files, **self.processes[name]})
        run = {
            "data": {"processes": processes, **self.data}, "network": {"hidden": [8]},
            "training": {"epochs": 0, "batch_size": 64}, "output": {"directory": str(self.folder / "runs")}, **self.sections}
        path = self.folder / "run.yaml"
        path.write_text(json.dumps(run))
        return path


def found(path, *options):
    """What the check finds, and its exit code."""
    report = path.parent / "found.json"
    result = start("check", path, "--json", report, *options)
    assert result.returncode in (0, 65), result.stderr
    return json.loads(report.read_text()), result


FAULTS = {}


def fault(*codes, notes=()):
    """Registers a planted fault with the codes of all errors and warnings that it must give, and of notes that it must give."""
    def register(plant):
        FAULTS[plant.__name__] = (plant, set(codes), set(notes))
        return plant
    return register


@fault()
def nothing(a): pass


@fault("nan")
def nan(a): a.arrays["bkg"][[17, 40, 90], PT] = np.nan


@fault("inf")
def infinite(a): a.arrays["signal"][3, MASS] = np.inf


@fault("inf")
def beyond_float32(a): a.arrays["signal"][3, MASS] = 1e300


@fault("nan", "inf")
def several_that_are_not_finite(a):
    a.arrays["signal"][3, MASS] = np.nan
    a.arrays["bkg"][2000, ETA] = -np.inf
    a.arrays["bkg"][5, PHI] = np.nan


@fault("sentinel")
def sentinel_999(a): a.set(slice(0, 400), MASS, -999)


@fault("missing-value")
def a_few_sentinels(a): a.arrays["bkg"][:8, MET] = -999


@fault("missing-value")
def minus_one_for_no_score(a): a.arrays["bkg"][:90, BTAG] = -1


@fault("score-range")
def score_above_one(a): a.arrays["bkg"][:90, BTAG] += 1


@fault(notes=["score-scale"])
def score_is_a_logit(a): a.map(BTAG, lambda score: np.log(score / (1.0001 - score)))


@fault(notes=["zero-filled"])
def zeros_for_missing_jets(a): a.set(slice(0, 900), JET_PT, 0)


@fault(notes=["clipped"])
def clipped(a): a.map(PT, lambda pt: np.clip(pt, None, 150))


@fault(notes=["spike"])
def a_default_within_the_range(a): a.set(slice(0, 300), MASS, 91.1876)


@fault("constant")
def constant(a): a.set(slice(None), MET, 7)


@fault("nearly-constant")
def nearly_constant(a):
    a.set(slice(None), COUNT, 4)
    a.arrays["bkg"][5, COUNT] = 5


@fault("constant-in-process")
def constant_in_a_process(a): a.arrays["signal"][:, MET] = 50


@fault("linear-copy")
def a_copy(a): a.column("copy", lambda name, x: x[:, PT])


@fault("linear-copy")
def scaled_and_negative(a): a.column("minus", lambda name, x: 10 - 3 * x[:, PT])


@fault(notes=["function-of-another"])
def the_logarithm_too(a): a.column("log_pt", lambda name, x: np.log(x[:, PT]))


@fault(notes=["function-of-another"])
def the_cosine_too(a): a.column("cos_phi", lambda name, x: np.cos(x[:, PHI]))


@fault("units-between-processes")
def MeV_in_one_process(a): a.arrays["bkg"][:, PT] *= 1000


@fault("units-between-files")
def MeV_in_one_file(a):
    a.split_in_two("bkg")
    a.arrays["bkg"][:EVENTS // 2, PT] *= 1000


@fault("units-between-features")
def MeV_in_one_feature(a): a.map(MASS, lambda mass: 1000 * mass)


@fault("ranges-apart")
def a_shifted_selection(a): a.column("ht", lambda name, x: x[:, JET_PT] + x[:, MET] + (5000 if name == "bkg" else 30))


@fault("ranges-apart")
def the_label_is_a_feature(a): a.column("sample", lambda name, x: (name == "signal") + 0 * x[:, 0])


@fault("class-leak")
def a_column_gives_the_class_away(a):
    a.column("tag", lambda name, x: np.random.default_rng(5).normal(5 if name == "signal" else 0, 1, len(x)))


@fault("row-number")
def the_number_of_the_row(a): a.column("number", lambda name, x: np.arange(len(x)))


@fault(notes=["sorted"])
def sorted_by_a_feature(a):
    a.arrays["bkg"] = a.arrays["bkg"][np.argsort(-a.arrays["bkg"][:, PT])]


@fault("phi-degrees")
def degrees(a): a.arrays["bkg"][:, PHI] *= 180 / np.pi


@fault("phi-convention")
def two_conventions(a): a.arrays["bkg"][:, PHI] %= 2 * np.pi


@fault("phi-range")
def differences_not_wrapped(a): a.column("dphi", lambda name, x: x[:, PHI] - x[:, JET_PHI])


@fault("eta-range")
def eta_out_of_range(a): a.arrays["bkg"][:40, ETA] = np.linspace(20, 30, 40)


@fault("negative-value")
def negative_momentum(a): a.arrays["signal"][:40, MET] = -np.linspace(1, 20, 40)


@fault("eta-range", "negative-value", "units-between-features")
def columns_are_swapped(a): a.set(slice(None), [PT, ETA], lambda x: x[:, [ETA, PT]])


@fault("float32-precision")
def large_numbers(a): a.column("time", lambda name, x: 1.6e9 + np.random.default_rng(6).permutation(len(x)) * 2.0)


@fault("float32-range")
def tiny_numbers(a): a.column("xs", lambda name, x: np.random.default_rng(7).uniform(1, 2, len(x)) * 1e-40)


@fault("outlier")
def one_value_far_away(a): a.arrays["bkg"][77, MASS] = 1e9


@fault(notes=["long-tail"])
def a_long_tail(a): a.column("ratio", lambda name, x: np.exp(np.random.default_rng(8).normal(0, 2.2, len(x))))


@fault("duplicates", "duplicates-between-splits")
def duplicates(a): a.arrays["bkg"][-300:] = a.arrays["bkg"][:300]


@fault("duplicates-between-classes")
def duplicates_between_classes(a): a.arrays["bkg"][-60:] = a.arrays["signal"][:60]


@fault("duplicates-between-processes")
def duplicates_between_processes(a):
    a.arrays["other"] = collisions(9, 500)
    a.arrays["other"][:50] = a.arrays["bkg"][:50]
    a.processes["other"] = {"use": "evaluate"}


@fault("files-differ")
def a_file_of_something_else(a):
    a.split_in_two("bkg")
    a.arrays["bkg"][:EVENTS // 2, JET_PT] += 70


@fault("splits-differ")
def files_decide_and_differ(a):
    a.files["bkg"] = ["bkg_1.npy", "bkg_2.npy", "bkg_3.npy"]
    a.files["signal"] = ["signal_1.npy", "signal_2.npy", "signal_3.npy"]
    a.sections["split"] = {"by": {"files": {"validation": ["*_2.npy"], "test": ["*_3.npy"]}}}
    a.arrays["bkg"][2 * EVENTS // 3:, MET] *= 2


@fault("mostly-negative")
def half_the_weights_negative(a):
    a.weight(lambda name, n: np.where(np.arange(n) % 20 < (9 if name == "bkg" else 1), -1.0, 1.0))


@fault("zero-weights")
def most_weights_are_zero(a): a.weight(lambda name, n: np.where(np.arange(n) % 10 < 7, 0.0, 1.0) if name == "bkg" else np.ones(n))


@fault("weight-units")
def weights_in_other_units(a): a.weight(lambda name, n: np.full(n, 1.0 if name == "bkg" else 1e-9))


@fault("heavy-event", "few-effective-events")
def few_events_weigh_much(a): a.weight(lambda name, n: np.where(np.arange(n) % 1000 == 100, 1e5 if name == "bkg" else 1, 1.0))


@fault(notes=["equal-weights", "negative-weights"])
def a_third_has_negative_weights(a):
    a.weight(lambda name, n: np.where(np.arange(n) % 4 == 0, -1.0, 1.0) if name == "bkg" else np.ones(n))


@fault("nothing-to-train-on")
def all_weights_zero(a): a.weight(lambda name, n: np.zeros(n) if name == "bkg" else np.ones(n))


@fault("nothing-to-train-on")
def the_sum_of_weights_is_negative(a):
    a.weight(lambda name, n: np.where(np.arange(n) % 3 == 0, -3.0, 1.0) if name == "bkg" else np.ones(n))
    a.sections["training"] = {"epochs": 0, "event_weights": {"negative": "keep"}}


@fault("unusable-value")
def a_weight_is_nan(a): a.weight(lambda name, n: np.where(np.arange(n) == 1234, np.nan, 1.0))


@fault("rare-class")
def a_rare_class(a):
    a.arrays["signal"] = a.arrays["signal"][:90]
    a.sections["training"] = {"epochs": 0, "batch_size": 8}


@fault("few-training-events", "no-test-events")
def hardly_any_events(a):
    a.arrays["signal"] = a.arrays["signal"][:40]
    a.sections["split"] = {"train": 0.9, "validation": 0.099999, "test": 0.000001}
    a.sections["training"] = {"epochs": 0, "batch_size": 1024}


@fault("class-imbalance")
def nothing_balances_the_classes(a):
    a.arrays["bkg"] = collisions(2, 30000)
    a.arrays["signal"] = a.arrays["signal"][:200]
    a.sections["training"] = {"epochs": 0, "batch_size": 1024, "class_weights": "none"}


@fault("bookkeeping-name", "row-number")
def the_number_of_the_event(a): a.column("eventNumber", lambda name, x: np.arange(len(x)))


@fault(notes=["unused-columns"])
def unused_columns(a): a.records = True


@fault(notes=["precision-differs"])
def float16_in_one_process(a): a.arrays["bkg"][:, MASS] = a.arrays["bkg"][:, MASS].astype("f2")


@fault(notes=["many-parameters"])
def a_large_network(a): a.sections["network"] = {"hidden": [1000, 1000]}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(tmp_path, name):
    plant, expected, notes = FAULTS[name]
    analysis = Analysis(tmp_path)
    plant(analysis)
    report, result = found(analysis.write())
    codes = {finding["code"]: finding["severity"] for finding in report["findings"]}
    assert {code for code, severity in codes.items() if severity != "note"} == expected, result.stdout
    assert {code for code, severity in codes.items() if severity == "note"} >= notes, result.stdout
    assert result.returncode == (65 if "error" in codes.values() else 0)
    assert all(len(line) <= 100 for line in result.stdout.splitlines() if str(tmp_path) not in line), result.stdout


def test_the_shipped_sample_is_clean():
    result = train("check", ROOT / "data/hh-bbww.yaml", "--force")
    assert result.stdout.splitlines()[-1] == "Findings: none (read 24,344 events)" and not result.stderr
    assert "Plan: 1 rank × " in result.stdout and "Expected time: about " in result.stdout


def test_a_sentinel_is_named_by_check_and_training(tmp_path):
    analysis = Analysis(tmp_path)
    sentinel_999(analysis)
    path = analysis.write()
    report, _ = found(path)
    warning = next(finding for finding in report["findings"] if finding["code"] == "sentinel")
    assert f"{warning['what']}; {warning['advice']}" in train(path).stderr and warning["feature"] == "m_bb"


@pytest.mark.parametrize("text", ["1 2 3\n4 nan 6\n7 8 9\n", "1 2 3\n4 5\n", "a,b\n1,2\n", "1 2 3\n4 x 6\n"])
def test_every_file_that_cannot_be_read_is_named(tmp_path, text):
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(text if name != "b" else "1 2 3\n" * 60)
    path = tmp_path / "run.yaml"
    path.write_text(json.dumps({"data": {
        "features": ["x", "y", "z"], "layout": "events_by_row",
        "processes": [{"name": name, "files": [f"{name}.txt"]} for name in "abc"]}}))
    report, result = found(path)
    errors = [finding["file"].split(":")[0] for finding in report["findings"] if finding["severity"] == "error"]
    assert errors == [str(tmp_path / "a.txt"), str(tmp_path / "c.txt")] and result.returncode == 65
    # The line on standard error is that of a training.
    assert result.stderr == start(path, "--output.directory", tmp_path / "runs").stderr
    assert len(result.stderr.splitlines()) == 1 and "Findings: 2 errors" in result.stdout


@pytest.mark.parametrize("missing", [None, {"values": [-999]}])
def test_every_kind_of_value_that_cannot_be_used_is_named_once(tmp_path, missing):
    analysis = Analysis(tmp_path)
    analysis.records = True
    analysis.arrays["signal"][[7, 9], MET] = 0
    analysis.arrays["bkg"][:5, MET] = 0
    analysis.arrays["bkg"][40, MASS] = -3
    analysis.arrays["bkg"][[50, 60], COUNT] = np.nan
    analysis.data["derived"] = {"features": {"ratio": "m_bb / met", "twice": "2 * ratio + log(m_bb)", "big": "lep_pt * where(m_bb < 0, 1e39, 1)"}}
    analysis.data["transform"] = {"ratio": {"quantile": "normal"}}
    analysis.data["missing"] = missing
    path = analysis.write()
    report, result = found(path)
    errors = [finding for finding in report["findings"] if finding["severity"] == "error"]
    assert result.returncode == 65 and {finding["code"] for finding in errors} == {"unusable-value"}, result.stdout
    assert [(finding["feature"], Path(finding["file"]).name) for finding in errors] == [
        ("ratio", "signal.npy"), ("twice", "signal.npy"), ("n_jets", "bkg.npy"), ("twice", "bkg.npy"), ("big", "bkg.npy")]
    whats = [finding["what"] for finding in errors]
    assert "division by zero in" in whats[1] and "the logarithm of -3.0 in" in whats[3]
    assert whats[0].startswith("event 8: feature 'ratio' cannot be computed") and whats[0].endswith("; the same in 6 more events")
    assert whats[2] == "event 51: column n_jets is nan; the same in 1 more event" and "event 41: feature 'big' is " in whats[4]
    # A training ends at the first, in the same words; quantiles and medians would look at the training events first.
    line = start(path, "--data.transform=null", "--data.missing=null").stderr
    assert len(line.splitlines()) == 1 and whats[0].split("; ")[0] in line
    # What is left out is no fault.
    report, result = found(path, "--data.selection=m_bb > 0 and met > 0 and not missing(n_jets)", "--data.missing=[nan]")
    assert result.returncode == 0, result.stdout


def test_a_sample_of_many_events(tmp_path):
    """The same whatever the number of CPUs; another seed reads others."""
    analysis = Analysis(tmp_path)
    analysis.arrays = {"signal": collisions(1, 100_000, 1.3), "bkg": collisions(2, 60_000)}
    analysis.arrays["bkg"][::20, MET] = -999
    path = analysis.write()
    report, result = found(path, "--sample", 20_000)
    assert report["events"] == 160_000 and report["events_read"] == 2 * 3 * 8192
    assert [finding["code"] for finding in report["findings"]] == ["sentinel"]
    assert "(read 49,152 of 160,000 events)" in result.stdout
    one_cpu = subprocess.run(
        ["taskset", "-c", str(min(os.sched_getaffinity(0))), PROGRAM, "check", path, "--sample", "20000", "--threads", "2"],
        capture_output=True, text=True, check=True)
    assert one_cpu.stdout == start("check", path, "--sample", 20_000, "--threads", 2).stdout
    other, _ = found(path, "--sample", 20_000, "--sample-seed", 2)
    assert other["findings"] != report["findings"] and len(other["findings"]) == 1
    # Nothing of the events.
    heads = train("check", path, "--heads-only").stdout
    assert heads.splitlines()[-1].startswith("Memory for the events: ") and "Findings" not in heads


def test_what_it_writes(tmp_path):
    path = Analysis(tmp_path).write()
    result = start("check", path, "--json", tmp_path / "run.txt")
    assert result.returncode == 64 and "a name that ends in .json" in result.stderr
    # The events are no place for it.
    analysis = Analysis(tmp_path)
    analysis.sections["training"] = {"epochs": 1}
    report, result = found(analysis.write(), "--ranks", 4, "--threads", 8)
    assert report["seconds"] > 0 and report["seconds_at_best"] <= report["seconds"] and report["run"] == "run"
    assert "Plan: 4 ranks × 8 threads, 33 steps per epoch of 128 events in 8 blocks of up to 16" in report["plan"]
    assert {finding["code"] for finding in report["findings"]} == {"idle-threads"}
    assert "on 4 ranks × 8 threads like these: at least" in result.stdout


def test_a_file_with_labels_and_identities(tmp_path):
    """A file has both classes; what is of an event, not of a process, is found too."""
    x = np.vstack([collisions(1, shift=1.3), collisions(2)])
    label = np.repeat([1, 0], EVENTS)
    order = np.random.default_rng(3).permutation(len(x))
    x[:, MET] += 2000 * label
    number = np.arange(len(x)) + 1
    number[:5] = 1
    fold = np.arange(len(x)) % 5
    weight = np.where(number == 4000, np.inf, 1)
    columns = [*x[order].T, label[order], number[order], fold, weight[order]]
    names = [*FEATURES, "Label", "id", "fold", "w"]
    with open(tmp_path / "all.csv", "w") as file:
        file.write(",".join(names) + "\n")
        for row in zip(*columns):
            file.write(",".join(f"{value:.7g}" for value in row) + "\n")
    path = tmp_path / "run.yaml"
    path.write_text(json.dumps({"data": {
        "features": FEATURES, "label": {"column": "Label", "classes": {"s": [1], "b": [0]}}, "event": ["id"],
        "processes": [{"name": "all", "files": ["all.csv"]}]}, "training": {"epochs": 0},
        "split": {"by": {"column": "fold", "train": [0, 1, 2], "validation": [3], "test": [4]}}}))
    report, result = found(path)
    codes = {finding["code"]: finding for finding in report["findings"]}
    assert set(codes) == {"ranges-apart", "repeated-identity", "unused-columns"}, result.stdout
    assert codes["ranges-apart"]["feature"] == "met" and codes["unused-columns"]["what"].endswith(" not used: w")
    # A label that nobody knows, and a weight that is infinite: each is the first fault of its kind.
    for options, words in [(["--data.label.classes={s: [1], b: [2]}"], "'0' in column Label"), (["--data.weight=[w]"], "inf is not finite")]:
        report, result = found(path, *options)
        assert result.returncode == 65 and words in result.stderr, result.stderr


def test_memory_of_hosts(tmp_path):
    analysis = Analysis(tmp_path)
    path = analysis.write()
    one, _ = found(path, "--threads", 2)
    many, result = found(path, "--ranks", 8, "--hosts", 2, "--threads", 2)
    rank = one["memory_per_host_bytes"] - one["memory_bytes"]
    assert rank > 0 and many["memory_per_host_bytes"] == pytest.approx(many["memory_bytes"] + 4 * rank)
    assert "for each of its 4 ranks" in result.stdout
    for option in ("--ranks", "--hosts", "--sample"):
        assert f"{option} 0: give a whole number from 1 on" in start("check", path, option, 0).stderr


@pytest.mark.parametrize("layout", ["events_by_row", "features_by_row", "records", "fortran", "big-endian"])
def test_all_values_that_are_not_finite_are_counted(tmp_path, layout):
    """Of more events than are read in a go, in every form of array."""
    x = np.random.default_rng(4).normal(0, 1, (20_000, 3)).astype("f4")
    x[[3, 8191, 8192, 19_999], 0] = np.nan
    x[11_000:11_100, 2] = np.inf
    for name, values in (("a", x), ("b", np.nan_to_num(x, nan=0.5, posinf=0.25))):
        stored = {
            "features_by_row": values.T.copy(), "fortran": np.asfortranarray(values), "big-endian": values.astype(">f8"),
            "records": np.rec.fromarrays([*values.T], names="x,y,z")}.get(layout, values)
        np.save(tmp_path / f"{name}.npy", stored)
    path = tmp_path / "run.yaml"
    path.write_text(json.dumps({"data": {
        "features": ["x", "y", "z"], "layout": layout if layout == "features_by_row" else "events_by_row",
        "processes": [{"name": name, "files": [f"{name}.npy"]} for name in "ab"]}, "training": {"epochs": 0}}))
    report, _ = found(path)
    errors = {finding["code"]: finding for finding in report["findings"] if finding["severity"] == "error"}
    assert set(errors) == {"nan", "inf"}
    assert errors["nan"]["what"].startswith("4 NaN values") and errors["nan"]["what"].endswith("event 4")
    assert errors["inf"]["what"].startswith("100 values infinite") and errors["inf"]["what"].endswith("event 11,001")
    assert (errors["nan"]["feature"], errors["inf"]["feature"]) == ("x", "z")
