"""The same events give the same model, whatever form of file numpy writes them in."""

import gzip

import numpy as np
import pytest

from conftest import digests, start, train, write_run_file

FEATURES = ["x", "y", "z"]
COLUMNS = ["w", "x", "event", "y", "z"]
EVENTS = 300


def columns(name):
    rng = np.random.default_rng(len(name))
    events = {key: rng.normal(size=EVENTS).astype("f4").astype("f8") + 0.3 * len(name) for key in FEATURES}
    return events | {"w": rng.uniform(0.5, 2, EVENTS), "event": np.arange(EVENTS)}


def matrix(events):
    return np.stack([events[key] for key in COLUMNS], axis=1)


def text(array, **options):
    def write(path, transpose):
        formats = ["%.17g"] * 5
        formats[2] = "%d"
        rows = [[form % value for form, value in zip(formats, row)] for row in array]
        if transpose:
            rows = zip(*rows)
        separator, decimal = options.get("separator", " "), options.get("decimal", ".")
        lines = (separator.join(row).replace(".", decimal) for row in rows)
        path.write_text("\n".join(lines).replace("e", options.get("exponent", "e")) + "\n")
    return write


def run(folder, write, layout="events_by_row", names=True, event=True, **data):
    """The digests of a training on the files that `write` makes of the events of each process."""
    folder.mkdir()
    section = {"layout": layout, "features": FEATURES, "weight": ["w"], **data}
    if names:
        section["columns"] = COLUMNS
    if event:
        section["event"] = ["event"]
    for name in ("one", "another"):
        write(folder / f"{name}.txt", columns(name))
    path = write_run_file(folder, ["one", "another"], data=section, split={"seed": 1})
    train(path, cwd=folder)
    return digests(folder / "runs/run")


def packed(write):
    def pack(path, events):
        write(path, events)
        path.write_bytes(gzip.compress(path.read_bytes()))
    return pack


def save(path, save, *arguments, **arrays):
    # numpy adds endings to paths, not to files.
    with open(path, "wb") as file:
        save(file, *arguments, **arrays)


def records(path, events):
    table = np.zeros(EVENTS, [(key, "i8" if key == "event" else "f8") for key in COLUMNS])
    for key in COLUMNS:
        table[key] = events[key]
    save(path, np.save, table)


FORMS = {
    "rows": (lambda path, events: text(matrix(events))(path, False), {}),
    "columns": (lambda path, events: text(matrix(events))(path, True), {"layout": "features_by_row"}),
    "german": (
        lambda path, events: text(matrix(events), separator=";", decimal=",")(path, False),
        {"text": {"separator": ";", "decimal": ","}}),
    "german_columns": (
        lambda path, events: text(matrix(events), separator=";", decimal=",")(path, True),
        {"layout": "features_by_row", "text": {"separator": ";", "decimal": ","}}),
    "tabs": (
        lambda path, events: text(matrix(events), separator="\t", decimal=",")(path, False),
        {"text": {"separator": "tab", "decimal": ","}}),
    "fortran": (lambda path, events: text(matrix(events), exponent="D")(path, False), {}),
    "gzip": (packed(lambda path, events: text(matrix(events))(path, False)), {}),
    "records": (records, {"names": False}),
    "records_gzip": (packed(records), {"names": False}),
    "npz": (lambda path, events: save(path, np.savez, **events), {"names": False}),
    "npz_packed": (lambda path, events: save(path, np.savez_compressed, **events), {"names": False}),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    def named(path, events):
        text(matrix(events), separator=",")(path, False)
        path.write_text(",".join(COLUMNS) + "\n" + path.read_text())
    return run(tmp_path_factory.mktemp("expected") / "run", named, names=False)


@pytest.mark.parametrize("form", FORMS)
def test_same_model(form, expected, tmp_path):
    write, options = FORMS[form]
    assert run(tmp_path / "run", write, **options) == expected


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("layout", ["events_by_row", "features_by_row"])
@pytest.mark.parametrize("form", ["npy", "gzip", "npz"])
def test_same_model_without_identities(form, layout, order, tmp_path):
    """Floats do not identify events, so these are divided at random."""
    def array(path, events):
        values = matrix(events)
        values = np.array(values if layout == "events_by_row" else values.T, order=order)
        save(path, np.savez_compressed if form == "npz" else np.save, values)

    write = packed(array) if form == "gzip" else array
    plain = run(tmp_path / "text", FORMS["rows"][0], event=False)
    assert run(tmp_path / "array", write, layout=layout, event=False) == plain
    refused = start("check", tmp_path / "array/run.yaml", "--data.event=[event]", "--name=other")
    assert refused.returncode == 65 and "does not tell all whole numbers below 2^64 apart" in refused.stderr


def test_predict_and_check(tmp_path):
    run(tmp_path / "run", FORMS["npz"][0], names=False)
    events = columns("one")
    np.savez(tmp_path / "new.npz", **events)
    np.savez_compressed(tmp_path / "packed.npz", **events)
    (tmp_path / "new.csv.gz").write_bytes(gzip.compress(
        ("x,y,z\n" + "\n".join(",".join("%.17g" % events[key][i] for key in FEATURES) for i in range(EVENTS))).encode()))
    scores = []
    for name in ("new.npz", "packed.npz", "new.csv.gz"):
        train("predict", tmp_path / "run/runs/run", tmp_path / name, "-o", tmp_path / "scores.npy")
        scores.append(np.load(tmp_path / "scores.npy").tobytes())
    assert len(set(scores)) == 1
    train("check", tmp_path / "run/run.yaml")
    file = tmp_path / "run/one.txt"
    file.write_bytes(file.read_bytes()[:-100])
    refused = start("check", tmp_path / "run/run.yaml", "--name=other")
    assert refused.returncode == 65 and "damaged or missing" in refused.stderr
    assert len([line for line in refused.stderr.splitlines() if "dist-train:" in line]) == 1
