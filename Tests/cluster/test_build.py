"""The tarball of launch/build, in systems that have no Swift."""

import os
import subprocess

import pytest

from conftest import ROOT


@pytest.mark.long
def test_the_tarball_trains_in_bare_systems():
    if os.geteuid() != 0:
        pytest.skip("only root can make a bare system")
    result = subprocess.run(
        [ROOT / "launch/build", "--check", "bookworm", "trixie"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        check=False)
    if result.returncode == 69:
        pytest.skip(result.stderr.strip().splitlines()[-1])
    assert result.returncode == 0, result.stderr
    print(result.stdout)
    for release, version in (("bookworm", "v4.1."), ("trixie", "v5.0.")):
        line = next(line for line in result.stdout.splitlines() if line.startswith(release))
        assert version in line and line.endswith("2 ranks: the same models")
