"""launch/lib/mpirun, held against an mpirun that hangs as Open MPI 4.1 may, and one that ends; launch/local's words; the stages that
launch/test runs beside others."""

import os
import shutil
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
    assert code == -9 and "did not end with its ranks" in errors


@pytest.mark.parametrize("name, end", [
    ("works", (85, "-np 2 program\n", "")), ("stopped", (0, "on\n", "")), ("writes", (0, "x" * 200000, ""))])
def test_leaves_others_alone(guarded, name, end):
    assert guarded[name] == end


SHIPPED = str(ROOT / "data/hh-bbww.yaml")


@pytest.mark.parametrize("arguments", [["train", SHIPPED], [SHIPPED], [SHIPPED, "--continue"]])
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


@pytest.mark.parametrize("arguments", [
    ["--version"], ["--help"], ["help"], ["train", "-h"], ["-np", "4", "check", SHIPPED], ["status", "runs"], ["inspect", "run"],
    ["--np", "2", "help", "train"], ["check"], ["check", "--files", "--training.epochs=2"],
])
def test_what_one_process_does_is_done_without_mpirun(tmp_path, arguments):
    result = local(tmp_path, *arguments)
    # What the program prints, and nothing of the mpirun that prints its arguments.
    assert "--bind-to" not in result.stdout.splitlines()[:1] and str(PROGRAM) not in result.stdout
    words = " ".join(arguments)
    assert result.stdout or f"{arguments[-1]}: there is no such run folder" in result.stderr, words


def test_mistakes_are_found_before_mpirun_starts(tmp_path):
    for arguments, words in [(["--epochs", "5"], "--training.epochs=5"), (["trian"], "did you mean: "), (["nowhere.yaml"], "nowhere.yaml"),
                             (["evaluate"], "missing argument RUN"), (["--resume", SHIPPED], f"start the run first: {ROOT}/launch/local {SHIPPED}")]:
        result = local(tmp_path, *arguments)
        assert result.stdout == "" and result.stderr.count("\n") == 1 + ("swift" in result.stderr) and words in result.stderr
        assert result.returncode in (64, 66)
    # Messages have the command that the user typed.
    runs = tmp_path / "runs/r"
    (runs / "checkpoints").mkdir(parents=True)
    (runs / "config.yaml").write_text("")
    assert f"type: {ROOT}/launch/local --resume {runs}\n" in local(tmp_path, runs).stderr
    assert f"did you mean: {ROOT}/launch/local train" in local(tmp_path, "trian").stderr


@pytest.fixture
def checkout(tmp_path):
    """Sources and scripts as in a checkout, and a Swift that takes no time: it makes the program if a source is newer."""
    for name in ("launch/lib", "Sources/A", "bin"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("launch/install", "launch/lib/common.bash"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "launch/install").chmod(0o755)
    for name in ("Package.swift", "Sources/A/One.swift", "Sources/A/Two.swift"):
        (tmp_path / name).write_text("")
    swift = tmp_path / "bin/swift"
    swift.write_text(textwrap.dedent("""\
        #!/bin/bash
        cd "$(dirname "$0")/.." && echo noise && [[ ! -e broken ]] || exit 1
        if [[ ! -x .build/release/dist-train || -n $(find Sources extra -newer .build/release/dist-train 2>/dev/null) ]]; then
          mkdir -p .build/release
          rm -f .build/release/dist-train
          echo built >.build/release/dist-train
          chmod +x .build/release/dist-train
        fi
        """))
    swift.chmod(0o755)
    return tmp_path


def install(checkout):
    environment = dict(os.environ, PATH=f"{checkout}/bin:{os.environ['PATH']}")
    return subprocess.run([checkout / "launch/install"], env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_build_says_why_and_is_silent_when_nothing_changed(checkout):
    assert "building dist-train: this is the first build" in install(checkout).stderr
    assert install(checkout).stderr == ""
    (checkout / "Sources/A/Two.swift").write_text("// more")
    assert "building dist-train: Sources/A/Two.swift changed since the last build\n" in install(checkout).stderr
    assert install(checkout).stderr == ""
    for name in ("Sources/A/One.swift", "Package.swift"):
        (checkout / name).write_text("// more")
    assert "Package.swift and 1 more changed" in install(checkout).stderr
    (checkout / "Sources/A/Two.swift").unlink()
    assert "the files in Sources/A changed" in install(checkout).stderr
    swift = checkout / "bin/swift"
    swift.write_text(swift.read_text() + "# another release\n")
    assert "compiler, flags or Open MPI have changed" in install(checkout).stderr
    assert install(checkout).stderr == ""
    # Something that only the package manager knows.
    (checkout / "extra").write_text("")
    os.utime(checkout / "extra", (time.time() + 60, time.time() + 60))
    assert install(checkout).stderr.startswith("launch/install: built dist-train anew")
    (checkout / ".build/launch-build").unlink()
    assert "was not built by launch/" in install(checkout).stderr


def test_a_build_that_fails_is_shown_and_tried_again(checkout):
    install(checkout)
    (checkout / "broken").write_text("")
    for reason in (False, True):
        if reason:
            (checkout / "Sources/A/One.swift").write_text("// more")
        result = install(checkout)
        assert result.returncode == 70 and "noise" in result.stderr and "the build failed" in result.stderr
    (checkout / "broken").unlink()
    assert "Sources/A/One.swift changed" in install(checkout).stderr


def local(folder, *arguments):
    """launch/local with an mpirun that prints its arguments, and without Swift, so that nothing is built."""
    fake(folder, "import sys; print(*sys.argv[1:])")
    path = [part for part in os.environ["PATH"].split(":") if not Path(part, "swift").exists()]
    return subprocess.run(
        [ROOT / "launch/local", *arguments], cwd=folder, env=dict(os.environ, PATH=":".join([str(folder), *path])),
        capture_output=True, text=True, timeout=60, check=False)


def fake(folder, source):
    """Makes `source`, in Python, the mpirun of that folder."""
    path = folder / "mpirun"
    path.write_text("#!/usr/bin/env python3\n" + textwrap.dedent(source))
    path.chmod(0o755)


@pytest.mark.parametrize("wait", [0, 1])
def test_stages_beside_others(tmp_path, wait):
    """Their output, codes and the exit code of the script are right, whether they have ended by then or not."""
    script = textwrap.dedent(f"""
        set -euo pipefail
        source "{ROOT}/launch/lib/beside.bash"
        good() {{ echo fine; }}
        bad() {{ false; echo never; }}
        slow() {{ sleep 300; }}
        other() {{ echo too; }}
        stages=(good bad)
        (({wait})) || stages+=(slow)
        ! is_beside good
        start_beside 19 "${{stages[@]}}"
        start_beside 0 other
        is_beside good && ! is_beside worse
        finish_beside good; echo "code $code"
        finish_beside bad; echo "code $code"
        finish_beside other; echo "code $code"
        (({wait})) && while kill -0 "${{beside_groups[0]}}" 2>/dev/null; do sleep 0.1; done
        echo "${{beside_groups[0]}}" >jobs
        exit 0
        """)
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("fine\ncode 0\ncode 1\ntoo\ncode 0\n", 0), done.stderr
    group = int((tmp_path / "jobs").read_text())
    deadline = time.monotonic() + 10
    while True:  # Nothing outlives the script.
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_several_may_build_at_the_same_time(tmp_path):
    """Each keeps its notes apart until it is done."""
    shutil.copytree(ROOT / "launch/lib", tmp_path / "launch/lib")
    for name in ("bin/swift", ".build/release/dist-train"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("#!/bin/sh\nsleep 1\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "Sources").mkdir()
    (tmp_path / "Package.swift").touch()
    script = f'set -euo pipefail; source "{tmp_path}/launch/lib/common.bash"; sleep "$1"; build_program'
    builds = [
        subprocess.Popen(["bash", "-c", script, "launch/local", delay], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True, env=dict(os.environ, PATH=f"{tmp_path}/bin:{os.environ['PATH']}"))
        for delay in ("0", "0.5")
    ]
    for build in builds:
        _, errors = build.communicate(timeout=60)
        assert build.returncode == 0, errors
    assert sorted(path.name for path in (tmp_path / ".build").iterdir()) == ["launch-build", "release"]
