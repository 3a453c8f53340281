"""What predict and benchmark write, and what they must not write over."""

import os
import stat
import subprocess

import numpy as np
import pytest

from conftest import PROGRAM, start, train, write_run_file

EVENTS = 40


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a run of two classes, one with a name that CSV has to quote."""
    folder = tmp_path_factory.mktemp("trained")
    generator = np.random.default_rng(5)
    for name, shift in (("one", 0), ("two", 1)):
        np.savetxt(folder / f"{name}.txt", generator.normal(shift, 1, (3, EVENTS)), fmt="%.5g")
    path = write_run_file(folder, ["one", "two"])
    path.write_text(path.read_text().replace('"name": "two"', '"name": "t, \\"W\\""'))
    train(path)
    return folder


def predict(folder, output, events="one.txt", **options):
    return start("predict", "runs/run", events, "-o", output, cwd=folder, **options)


def refused(result, code, *words):
    assert result.returncode == code and result.stdout == "", result.stderr
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("dist-train: "), result.stderr
    assert all(word in lines[0] for word in words), result.stderr


def test_text_holds_the_same_numbers(trained):
    for name in ("scores.npy", "scores.csv"):
        assert f"Wrote {name}: {EVENTS} events" in predict(trained, name).stdout
    header, *rows = (trained / "scores.csv").read_text().splitlines()
    assert header == 'one,"t, ""W"""'
    scores = np.load(trained / "scores.npy")
    assert scores.shape == (EVENTS, 2) and scores.dtype == np.float32
    text = np.array([[np.float32(word) for word in row.split(",")] for row in rows], np.float32)
    assert text.tobytes() == scores.tobytes()


@pytest.mark.parametrize("name", ["scores.txt", "scores", "scores.npz.gz", "scores.csv.gz", ".npy"])
def test_other_names_are_refused_before_anything_is_read(trained, name):
    refused(predict(trained, name, events="missing.txt"), 64, ".npy", ".npz", ".csv")
    assert not (trained / name).exists()


def test_no_input_is_overwritten(trained):
    """Not the events, under any name, not those of the training, not the files of the run."""
    events = trained / "input.csv"
    events.write_bytes((trained / "one.txt").read_bytes())
    (trained / "sub").mkdir(exist_ok=True)
    os.link(events, trained / "hard.csv")
    (trained / "soft.csv").symlink_to("sub/../hard.csv")
    before = events.read_bytes()
    for output in ("input.csv", "./sub/../input.csv", str(events), "hard.csv", "soft.csv"):
        for source in ("input.csv", "hard.csv", "soft.csv"):
            refused(predict(trained, output, events=source), 64, output, "input")
    assert events.read_bytes() == before and (trained / "soft.csv").is_symlink()
    (trained / "training.csv").symlink_to("two.txt")
    refused(predict(trained, "training.csv"), 64, "input")
    (trained / "model.npy").symlink_to("runs/run/model.safetensors")
    refused(predict(trained, "model.npy"), 64, "input")
    for name in ("costs.npy", "history.csv"):
        content = (trained / "runs/run" / name).read_bytes()
        refused(predict(trained, f"runs/run/{name}"), 64, "belongs to the run")
        assert (trained / "runs/run" / name).read_bytes() == content
    result = start("benchmark", "--json", "runs/run/metrics.json", cwd=trained)
    assert result.returncode == 64 and "belongs to the run" in result.stderr and "FMA peak" not in result.stdout


def test_what_is_no_file_stays_what_it_is(trained):
    train("predict", "runs/run", "one.txt", "-o", "scores.csv", cwd=trained)
    expected = (trained / "scores.csv").read_text()
    assert predict(trained, "/dev/stdout").stdout == expected
    for device in ("/dev/null", "null.csv"):
        (trained / "null.csv").unlink(missing_ok=True)
        (trained / "null.csv").symlink_to("/dev/null")
        assert predict(trained, device).returncode == 0
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode) and (trained / "null.csv").is_symlink()
    # Standard output that goes to a file, behind what is there.
    with open(trained / "log.txt", "w+", encoding="utf-8") as log:
        log.write("before\n")
        log.flush()
        subprocess.run([PROGRAM, "predict", "runs/run", "one.txt", "-o", "/dev/stdout"], cwd=trained, stdout=log, check=True)
    assert (trained / "log.txt").read_text() == "before\n" + expected
    os.mkfifo(trained / "pipe.csv")
    refused(predict(trained, "pipe.csv"), 74, "no process reads")
    with open(os.open(trained / "pipe.csv", os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as reader:
        assert predict(trained, "pipe.csv").returncode == 0
        assert reader.read() == expected
    assert stat.S_ISFIFO(os.stat(trained / "pipe.csv").st_mode)
    refused(predict(trained, "/dev/full"), 74, "No space left on device", "run the command again")


def test_a_file_keeps_its_permissions_and_a_link_its_target(trained):
    target = trained / "target.npy"
    for mode in (0o600, 0o664):
        target.write_bytes(b"old")
        target.chmod(mode)
        (trained / "link.npy").unlink(missing_ok=True)
        (trained / "link.npy").symlink_to("target.npy")
        assert predict(trained, "link.npy").returncode == 0
        assert stat.S_IMODE(target.stat().st_mode) == mode and np.load(target).shape == (EVENTS, 2)
        assert (trained / "link.npy").is_symlink()


@pytest.mark.parametrize("output, word", [
    ("none/scores.npy", "No such file"), ("sub/", "end it in"), ("folder.npy", "Is a directory"),
    ("one.txt/scores.npy", "Not a directory"),
])
def test_what_cannot_be_written_is_one_line(trained, output, word):
    (trained / "folder.npy").mkdir(exist_ok=True)
    result = predict(trained, output, events="missing.txt")
    refused(result, 64 if word == "end it in" else 74, word)


def test_benchmark_writes_json_alone(tmp_path):
    for name, code in (("figures.txt", 64), ("none/figures.json", 74)):
        result = start("benchmark", "--batch", "1", "--repeats", "1", "--json", name, cwd=tmp_path, ranks=2)
        assert result.returncode == code and "FMA peak" not in result.stdout, result.stdout
    assert list(tmp_path.iterdir()) == []


def test_events_far_from_those_of_the_training_are_named(trained):
    x = np.zeros((3, 20), np.float32)
    x[:, [4, 7]] = 3e38
    np.save(trained / "far.npy", x)
    result = predict(trained, "far-scores.npy", events="far.npy")
    assert result.returncode == 0
    undefined = np.isnan(np.load(trained / "far-scores.npy")).any(axis=1)
    assert list(np.flatnonzero(undefined)) == [4, 7]
    warning, = [line for line in result.stderr.splitlines() if "warning" in line]
    assert "far.npy: 2 events of 20, first event 5," in warning
    assert "warning" not in predict(trained, "scores.npy").stderr


def test_one_rank_reports(trained):
    result = predict(trained, "many.csv", ranks=3)
    assert result.returncode == 0 and result.stdout.count("Wrote") == 1
    (trained / "many.csv").unlink()
    result = predict(trained, "many.txt", ranks=3)
    assert result.returncode == 64 and result.stderr.count("dist-train: -o") == 1
