"""launch/lib/mpirun, held against an mpirun that hangs as Open MPI 4.1 may, and one that ends; launch/local's words."""

import os
import subprocess
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUARD = ROOT / "launch/lib/mpirun"
PROGRAM = ROOT / ".build/release/dist-train"


# What takes the place of mpirun, by name.
FAKES = {
    "outlives": """
        import subprocess, time
        subprocess.Popen(["sleep", "2"])
        time.sleep(300)
        """,
    "outlives, reaped": """
        import subprocess, time
        subprocess.run(["sleep", "2"])
        time.sleep(300)
        """,
    # Longer than it would wait, before there are ranks and with one.
    "works": """
        import subprocess, sys, time
        time.sleep(7)
        subprocess.run(["sleep", "7"])
        print(*sys.argv[1:])
        sys.exit(85)
        """,
    "stopped": """
        import os, signal, subprocess
        subprocess.run(["sleep", "2"])
        continued = f"sleep 8; kill -CONT {os.getpid()}"
        subprocess.Popen(["sh", "-c", continued], start_new_session=True, stdout=subprocess.DEVNULL)
        os.kill(os.getpid(), signal.SIGSTOP)
        print("on")
        """,
    "writes": """
        import subprocess, sys
        subprocess.run(["sleep", "2"])
        sys.stdout.write("x" * 200000)
        """,
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """The guard around each of them, all at once, as they mostly wait: {name: (code, output, errors)}."""
    jobs = {}
    for name, source in FAKES.items():
        folder = tmp_path_factory.mktemp("fake")
        fake(folder, source)
        jobs[name] = subprocess.Popen(
            [GUARD, "-np", "2", "program"], env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(10)  # So long nobody reads what they write.
    outputs = {name: job.communicate(timeout=60) for name, job in jobs.items()}
    return {name: (jobs[name].returncode, *output) for name, output in outputs.items()}


@pytest.mark.parametrize("name", ["outlives", "outlives, reaped"])
def test_ends_an_mpirun_that_outlives_its_ranks(guarded, name):
    code, _, errors = guarded[name]
    assert code == -9 and "outlives its ranks" in errors


@pytest.mark.parametrize("name, end", [
    ("works", (85, "-np 2 program\n", "")), ("stopped", (0, "on\n", "")), ("writes", (0, "x" * 200000, ""))])
def test_leaves_others_alone(guarded, name, end):
    assert guarded[name] == end


@pytest.mark.parametrize("arguments", [["train", "r.yaml"], ["r.yaml"], ["r.yaml", "--continue"]])
def test_a_time_is_for_the_program_too(tmp_path, arguments):
    result = local(tmp_path, "--time", "100", *arguments)
    assert result.returncode == 0
    words = result.stdout.split()
    assert words[words.index(str(PROGRAM)) + 1 :] == [*arguments, "--max-seconds", "100"]


def test_without_a_run_file_the_shipped_one_is_meant(tmp_path):
    for arguments in [["--continue"], ["--threads", "2"], ["train", "--force"]]:
        words = local(tmp_path, *arguments).stdout.split()
        rest = words[words.index(str(PROGRAM)) + 1 :]
        assert rest == ["train", str(ROOT / "data/hh-bbww.yaml"), *(word for word in arguments if word != "train")]


def test_only_a_training_has_a_time(tmp_path):
    result = local(tmp_path, "--time", "100", "evaluate", "runs/r")
    assert result.returncode == 64 and "evaluate" in result.stderr


def local(folder, *arguments):
    """launch/local with an mpirun that prints its arguments, and without Swift, so that nothing is built."""
    fake(folder, "import sys; print(*sys.argv[1:])")
    path = [part for part in os.environ["PATH"].split(":") if not Path(part, "swift").exists()]
    return subprocess.run(
        [ROOT / "launch/local", *arguments], env=dict(os.environ, PATH=":".join([str(folder), *path])),
        capture_output=True, text=True, timeout=60, check=False)


def fake(folder, source):
    """Makes `source`, in Python, the mpirun of that folder."""
    path = folder / "mpirun"
    path.write_text("#!/usr/bin/env python3\n" + textwrap.dedent(source))
    path.chmod(0o755)
