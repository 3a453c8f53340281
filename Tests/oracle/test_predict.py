"""predict: any number of files, piece by piece, the same bytes on any number of ranks and threads, nothing left behind."""

import gzip
import os
import resource
import signal
import subprocess
import time

import numpy as np
import pytest

from conftest import PROGRAM, start, train, write_run_file

# The events that a rank takes at a time; see EventChunks.
CHUNK = 2048
MEMORY = 400_000 * 1024


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a run of three features and two classes, and files of many kinds with their scores, each predicted alone."""
    folder = tmp_path_factory.mktemp("predict")
    generator = np.random.default_rng(7)
    for name, shift in (("one", 0), ("two", 1)):
        np.savetxt(folder / f"{name}.csv", generator.normal(shift, 1, (60, 3)), fmt="%.6g", delimiter=",", header="a,b,c", comments="")
    processes = [{"name": name, "files": [f"{name}.csv"]} for name in ("one", "two")]
    train(write_run_file(folder, [], data={"layout": "events_by_row", "features": ["a", "b", "c"], "processes": processes}))
    events = generator.normal(0.5, 2, (3 * CHUNK + 17, 3)).astype(np.float32)
    np.save(folder / "many.npy", events)
    np.save(folder / "few.npy", events[:5][::-1].astype(np.float64))
    np.save(folder / "none.npy", events[:0])
    np.save(folder / "fortran.npy", np.asfortranarray(events[:CHUNK + 1]))
    np.savetxt(folder / "table.csv", events[:700, [2, 0, 1]], fmt="%.9g", delimiter=",", header="c,a,b", comments="")
    (folder / "packed.csv.gz").write_bytes(gzip.compress((folder / "table.csv").read_bytes()))
    np.savez(folder / "columns.npz", c=events[:90, 2], a=events[:90, 0], b=events[:90, 1], other=np.arange(90))
    return folder


FILES = ["many.npy", "table.csv", "few.npy", "none.npy", "fortran.npy", "packed.csv.gz", "columns.npz", "many.npy"]


def predict(folder, files, output="scores.npy", *options, **keywords):
    return start("predict", "runs/run", *files, "-o", output, *options, cwd=folder, **keywords)


@pytest.fixture(scope="module")
def expected(trained):
    """The scores of all files, one behind the other."""
    parts = {}
    for name in FILES:
        if name != "none.npy":
            assert predict(trained, [name], "alone.npy").returncode == 0
            parts[name] = np.load(trained / "alone.npy")
    return np.concatenate([parts[name] for name in FILES if name in parts])


def refused(result, code, *words):
    lines = [line for line in result.stderr.splitlines() if line.startswith("dist-train: ") and "warning" not in line]
    assert result.returncode == code and len(lines) == 1, result.stderr
    assert all(word in lines[0] for word in words), lines


def leftovers(folder):
    return [path.name for path in folder.iterdir() if ".tmp-" in path.name]


@pytest.mark.parametrize("ranks, threads", [(None, 1), (None, 2), (2, 1), (3, 2), (5, 1), (5, 2)])
def test_files_follow_one_another_on_any_ranks_and_threads(trained, expected, ranks, threads):
    result = predict(trained, FILES, "all.npy", "--threads", threads, ranks=ranks)
    assert result.returncode == 0, result.stderr
    assert f"Wrote all.npy: {len(expected):,} events of {len(FILES)} files × 2 probabilities" in result.stdout
    assert (trained / "all.npy").read_bytes() == npy(expected)
    assert not leftovers(trained)


def npy(scores):
    """As the program writes it: its header has some bytes to spare."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({scores.shape[0]}, {scores.shape[1]},), }}".encode()
    return b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + text.ljust(117) + b"\n" + scores.tobytes()


@pytest.mark.parametrize("ranks", [None, 3])
def test_text_and_archives_hold_the_same_numbers(trained, expected, ranks):
    for output in ("all.csv", "all.npz"):
        assert predict(trained, FILES, output, ranks=ranks).returncode == 0
    header, *rows = (trained / "all.csv").read_text().splitlines()
    assert header == "one,two" and len(rows) == len(expected)
    assert np.array([row.split(",") for row in rows], np.float32).tobytes() == expected.tobytes()
    archive = np.load(trained / "all.npz")
    assert sorted(archive) == ["classes", "predicted", "scores"]
    assert archive["scores"].dtype == np.float32 and archive["scores"].tobytes() == expected.tobytes()
    assert archive["predicted"].dtype == np.int32 and (archive["predicted"] == expected.argmax(axis=1)).all()
    assert list(archive["classes"]) == ["one", "two"]


@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 255])
def test_chunks_have_no_borders(trained, expected, count):
    events = np.load(trained / "many.npy")[:count]
    np.save(trained / "part.npy", events)
    np.savetxt(trained / "part.csv", events, fmt="%.9g", delimiter=",", header="a,b,c", comments="")
    for name in ("part.npy", "part.csv"):
        assert predict(trained, [name], "part-scores.npy").returncode == 0
        assert np.load(trained / "part-scores.npy").tobytes() == expected[:count].tobytes()


@pytest.mark.parametrize("files", [["none.npy"], ["none.npy", "none.npy"], ["head.csv"]])
def test_no_event_at_all_is_refused(trained, files):
    (trained / "head.csv").write_text("a,b,c\n")
    refused(predict(trained, files, "none-scores.npy"), 65, files[0], "no event in")
    assert not (trained / "none-scores.npy").exists() and not leftovers(trained)


@pytest.mark.parametrize("ranks", [None, 3])
@pytest.mark.parametrize("output", ["bad-scores.npy", "bad-scores.csv", "bad-scores.npz"])
def test_a_fault_in_a_later_file_is_named_once_and_leaves_nothing(trained, ranks, output):
    events = np.load(trained / "many.npy")
    events[[CHUNK + 3, 3 * CHUNK + 5], 1] = np.nan
    np.save(trained / "bad.npy", events)
    text = (trained / "table.csv").read_text().splitlines()
    text[500] = "1,x,2"
    (trained / "bad.csv").write_text("\n".join(text) + "\n")
    (trained / output).write_text("as it was")
    for files, words in ((["many.npy", "bad.npy", "few.npy"], ["bad.npy", f"element [{CHUNK + 3}, 1] is nan"]),
                         (["many.npy", "bad.csv", "few.npy"], ["bad.csv:501:3", "not a number"]),
                         (["few.npy", "missing.npy"], ["missing.npy", "no such file"]),
                         (["few.npy", "one.csv", "run.yaml"], ["run.yaml"])):
        refused(predict(trained, files, output, ranks=ranks), 66 if "missing.npy" in files else 65, *words)
        assert (trained / output).read_text() == "as it was" and not leftovers(trained)
    (trained / output).unlink()


def test_warnings_name_the_file(trained):
    events = np.zeros((CHUNK + 9, 3), np.float32)
    events[[4, CHUNK + 2]] = 3e38
    np.save(trained / "far.npy", events)
    far = (trained / "far.csv")
    np.savetxt(far, events, fmt="%.9g", delimiter=",", header="a,b,c", comments="")
    for ranks in (None, 2):
        result = predict(trained, ["many.npy", "far.npy", "far.csv"], "far-scores.npy", ranks=ranks)
        assert result.returncode == 0
        lines = [line for line in result.stderr.splitlines() if "far from" in line]
        assert len(lines) == 2 and all(f"2 events of {CHUNK + 9:,}, first event 5," in line for line in lines), result.stderr
        assert "far.npy: " in lines[0] and "far.csv: " in lines[1]


def test_no_file_is_overwritten_by_its_scores(trained):
    before = (trained / "few.npy").read_bytes()
    refused(predict(trained, ["many.npy", "few.npy"], "few.npy"), 64, "few.npy", "input")
    assert (trained / "few.npy").read_bytes() == before
    os.mkfifo(trained / "pipe.npz")
    reader = os.open(trained / "pipe.npz", os.O_RDONLY | os.O_NONBLOCK)
    refused(predict(trained, ["few.npy"], "pipe.npz"), 64, "pipe.npz", "name a file")
    os.close(reader)
    result = predict(trained, ["runs/run"], "x.npy")
    swapped = start("predict", "few.npy", "runs/run", "many.npy", "-o", "x.npy", cwd=trained)
    refused(swapped, 64, "the run comes first", "predict runs/run few.npy many.npy -o x.npy")
    assert result.returncode != 0


def test_a_pipe_gets_an_array_of_text(trained, expected):
    """The number of events stands first, and is known last. The reader is slow: nobody ends a process that waits for it."""
    os.mkfifo(trained / "pipe.npy")
    with subprocess.Popen([PROGRAM, "predict", "runs/run", "table.csv", "many.npy", "-o", "pipe.npy"], cwd=trained,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while True:
            with open(trained / "pipe.npy", "rb") as reader:
                time.sleep(2.5)
                content = reader.read()
            if content or process.poll() is not None:
                break
        assert process.wait() == 0, process.stderr.read()
    (trained / "pipe.npy").unlink()
    many = expected[:3 * CHUNK + 17]
    assert content == npy(np.concatenate([expected[len(many):len(many) + 700], many]))


def sparse(path, events):
    """An array of zeros that takes no room on the disk."""
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (events, 3)})
        file.truncate(file.tell() + 12 * events)


def test_memory_does_not_grow_with_the_events(tmp_path, trained):
    """Files larger than the memory that the process may take, and outputs."""
    (tmp_path / "runs").symlink_to(trained / "runs")
    sparse(tmp_path / "large.npy", 40_000_000)
    with open(tmp_path / "large.csv", "w", encoding="utf-8") as file:
        file.write("a,b,c\n")
        for _ in range(20):
            file.write("0.123456789012345678901234567890,0.123456789012345678901234567890,1.5\n" * 400_000)
    assert (tmp_path / "large.npy").stat().st_size > MEMORY and (tmp_path / "large.csv").stat().st_size > MEMORY

    def limit():
        # Stacks of threads count, so there are as many threads on any machine.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    for source, output, events in (("large.npy", "scores.npy", 40_000_000), ("large.csv", "scores.npz", 8_000_000)):
        result = subprocess.run(
            [PROGRAM, "predict", "runs/run", source, "-o", output, "--threads", "2"], cwd=tmp_path, capture_output=True, text=True,
            check=False, timeout=300, preexec_fn=limit)
        assert result.returncode == 0 and f"{events:,} events" in result.stdout, result.stderr
        (tmp_path / output).unlink()
    (tmp_path / "large.npy").unlink()
    (tmp_path / "large.csv").unlink()


@pytest.mark.parametrize("ranks, wish", [(None, signal.SIGINT), (None, signal.SIGTERM), (None, signal.SIGHUP), (2, signal.SIGTERM)])
def test_an_interruption_leaves_nothing(tmp_path, trained, ranks, wish):
    (tmp_path / "runs").symlink_to(trained / "runs")
    sparse(tmp_path / "large.npy", 150_000_000)
    (tmp_path / "scores.npy").write_text("as it was")
    words = [PROGRAM, "predict", "runs/run", "large.npy", "-o", "scores.npy"]
    launcher = ["mpirun", "--oversubscribe", "--bind-to", "none", "-np", str(ranks)] if ranks else []
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

    def heed():
        """Tests in the background, or under nohup, ignore these signals, and so would the program."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    with subprocess.Popen(
            launcher + words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=heed) as process:
        deadline = time.monotonic() + 60
        while not leftovers(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)
        # To rank 0: mpirun itself may kill its ranks without a warning.
        os.kill(int(leftovers(tmp_path)[0].rsplit("-", 1)[1]), wish)
        code = process.wait(60)
        assert code == -wish if ranks is None else code != 0
    deadline = time.monotonic() + 20
    while leftovers(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not leftovers(tmp_path) and (tmp_path / "scores.npy").read_text() == "as it was"
    (tmp_path / "large.npy").unlink()


def test_a_full_disk_leaves_nothing(tmp_path, trained):
    """As far as a limit on files is one."""
    (tmp_path / "runs").symlink_to(trained / "runs")
    result = subprocess.run(
        [PROGRAM, "predict", "runs/run", trained / "many.npy", "-o", "scores.npy"], cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=60, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)))
    refused(result, 74, "scores.npy", "run the command again, or name another file")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    refused(predict(trained, ["many.npy"], "/dev/full", ranks=3), 74, "No space left on device", "run the command again")


def test_progress_is_drawn_where_it_is_wanted(trained):
    assert "\r" not in predict(trained, ["many.npy"]).stdout
    sparse(trained / "large.npy", 8_000_000)
    drawn = predict(trained, ["large.npy"], "scores.npy", "--progress", "on").stdout
    assert "scores ━" in drawn and "events/s  ETA" in drawn and drawn.count("Wrote") == 1
    (trained / "large.npy").unlink()
