"""Every collective on several ranks, and the end of all ranks when one fails; the work is in Tests/MPIProbe."""

import os
import subprocess

import pytest

from conftest import ROOT


def probe(ranks, *arguments):
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    return subprocess.run(
        ["mpirun", "--oversubscribe", "-np", str(ranks), str(ROOT / ".build/release/mpi-probe"), *arguments],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("ranks", [1, 2, 3, 5])
def test_collectives(ranks):
    result = probe(ranks)
    assert result.returncode == 0 and f"probe: {ranks} ranks agree" in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize("rank", [0, 2])
def test_one_rank_ends_all(rank):
    assert probe(3, "abort", str(rank)).returncode == 42
