"""Events that do not fit into memory are refused before anything is taken, in one line."""

import resource
import subprocess

import numpy as np
import pytest

from conftest import PROGRAM, start, train, write_run_file

LIMIT = 700_000 * 1024


def sparse(path, events, features=3):
    """An array of zeros that takes no room on the disk."""
    with open(path, "wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (events, features)}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 4 * events * features)


def run_file(folder, events):
    sparse(folder / "one.npy", events)
    np.save(folder / "two.npy", np.ones((50, 3), np.float32))
    path = write_run_file(folder, ["one", "two"], data={"layout": "events_by_row"})
    path.write_text(path.read_text().replace(".txt", ".npy"))
    return path


def refused(result, *words):
    lines = [line for line in result.stderr.splitlines() if "dist-train:" in line]
    assert result.returncode == 74 and len(lines) == 1, result.stderr
    assert all(word in lines[0] for word in words), lines
    assert "Fatal" not in result.stderr


def limited(*arguments, folder):
    """In a process that may take little."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False, timeout=60,
        stdin=subprocess.DEVNULL, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)))


def test_more_than_the_machine_has(tmp_path):
    path = run_file(tmp_path, 10_000_000_000)
    for arguments, ranks in (([path], None), ([path], 2), (["check", path], None)):
        refused(start(*arguments, ranks=ranks), "10,000,000,050 events × 3 features", "need 780.0 GB of memory")
    assert not (tmp_path / "runs").exists()
    # For a job elsewhere it is said, and no fault.
    assert "Memory for the events: 780.0 GB" in train("check", path, "--elsewhere").stdout


def test_more_than_the_process_may_take(tmp_path):
    path = run_file(tmp_path, 30_000_000)
    for arguments in ([path], ["check", path]):
        refused(limited(*arguments, folder=tmp_path), "30,000,050 events", "ulimit -v")
    run_file(tmp_path, 50)
    train(path)
    sparse(tmp_path / "one.npy", 30_000_000)
    refused(limited("features", "runs/run", "one.npy", "-o", "features.npy", folder=tmp_path), "30,000,000 events")
    refused(limited("evaluate", "runs/run", "--data", tmp_path, folder=tmp_path), "30,000,050 events")
    assert not (tmp_path / "features.npy").exists()


def test_text_is_estimated(tmp_path):
    text = "\n".join(f"{value:.4f} {value:.3f} 1" for value in np.linspace(-1, 1, 5000))
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(text)
    path = write_run_file(tmp_path, ["one", "two"], data={"layout": "events_by_row"})
    line = next(line for line in train("check", path).stdout.splitlines() if line.startswith("Memory for the events: about "))
    assert line.endswith(" MB")
    assert int(line.split()[-2]) == pytest.approx(1.2, abs=1)


def test_a_model_of_any_size_is_no_crash(tmp_path):
    with open(tmp_path / "model.safetensors", "wb") as file:
        file.truncate(100_000_000_000)
    for arguments in (["inspect"], ["evaluate"]):
        refused(start(*arguments, tmp_path / "model.safetensors"), "cannot read", "more memory")
