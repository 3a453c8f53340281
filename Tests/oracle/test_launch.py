"""launch/lib/mpirun, held against an mpirun that hangs as Open MPI 4.1 may, and one that ends."""

import os
import subprocess
import textwrap
from pathlib import Path

import pytest

GUARD = Path(__file__).resolve().parents[2] / "launch/lib/mpirun"


@pytest.mark.parametrize("reaped", [False, True])
def test_ends_an_mpirun_that_outlives_its_ranks(tmp_path, reaped):
    result = run(tmp_path, f"""
        import subprocess, time
        rank = subprocess.Popen(["sleep", "2"])
        if {reaped}:
            rank.wait()
        time.sleep(300)
        """)
    assert result.returncode == -9
    assert "outlives its ranks" in result.stderr


def test_leaves_alone_one_that_works(tmp_path):
    # Longer than it would wait, before there are ranks and with one.
    result = run(tmp_path, """
        import subprocess, sys, time
        time.sleep(7)
        subprocess.run(["sleep", "7"])
        print(*sys.argv[1:])
        sys.exit(85)
        """)
    assert (result.returncode, result.stdout, result.stderr) == (85, "-np 2 program\n", "")


def run(folder, source):
    """The guard around a program that takes the place of mpirun."""
    fake = folder / "mpirun"
    fake.write_text("#!/usr/bin/env python3\n" + textwrap.dedent(source))
    fake.chmod(0o755)
    return subprocess.run(
        [GUARD, "-np", "2", "program"], env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"),
        capture_output=True, text=True, timeout=60, check=False)
