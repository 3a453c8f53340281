"""launch/submit: the script that it makes, what it asks the batch system, what it refuses."""

import os
import subprocess

import pytest

from conftest import PROGRAM, ROOT

SHIPPED = ROOT / "data/hh-bbww.yaml"


@pytest.fixture
def slurm(tmp_path):
    """Commands of Slurm that write down what they are given."""
    (tmp_path / "bin").mkdir()
    for name, answer in (("sbatch", "4711;test"), ("scontrol", ""), ("squeue", "")):
        path = tmp_path / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{tmp_path}/calls\ncat >{tmp_path}/script\necho "{answer}"\n')
        path.chmod(0o755)
    return tmp_path


def submit(folder, *arguments):
    return subprocess.run(
        [ROOT / "launch/submit", *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60, check=False,
        env=dict(os.environ, PATH=f"{folder / 'bin'}:{os.environ['PATH']}"), stdin=subprocess.DEVNULL)


def test_the_job_has_what_was_asked_for(slurm):
    result = submit(
        slurm, SHIPPED, "--nodes", 4, "--ranks-per-node", 2, "--cpus-per-rank", 16, "--time", "4:00:00", "--partition",
        "long", "--account", "physics", "--launcher", "srun", "--network.hidden=[64, 64]", "--name=wide")
    assert result.returncode == 0, result.stderr
    assert "Submitted job 4711" in result.stdout and "status runs/wide" in result.stdout
    script = (slurm / "script").read_text()
    for line in [
        "#SBATCH --nodes=4", "#SBATCH --ntasks-per-node=2", "#SBATCH --cpus-per-task=16", "#SBATCH --time=4:00:00",
        "#SBATCH --partition=long", "#SBATCH --account=physics", "launcher=srun", f"program={PROGRAM}",
    ]:
        assert line in script.splitlines(), line
    # What sbatch takes ends at the first command.
    assert script.index("--account") < script.index("\narguments=")
    words = subprocess.run(
        ["bash", "-c", next(line for line in script.splitlines() if line.startswith("arguments="))
         + '; printf "%s\\n" "${arguments[@]}"'], capture_output=True, text=True, check=True)
    assert words.stdout.splitlines() == [str(SHIPPED), "--network.hidden=[64, 64]", "--name=wide"]
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def test_a_dry_run_submits_nothing(slurm):
    result = submit(slurm, SHIPPED, "--dry-run", "--array", "1-3")
    assert result.returncode == 0 and "#SBATCH --array=1-3" in result.stdout
    assert (slurm / "calls").read_text() == "sbatch --test-only\n"


def test_a_site_file_sets_what_is_not_said(slurm):
    site = slurm / "site"
    site.write_text('nodes=8 partition=long modules="gcc openmpi/4.1"\nslurm_lines=(--exclusive "--constraint=avx512")\n')
    script = submit(slurm, SHIPPED, "--site", site, "--nodes", 2, "--dry-run").stdout.splitlines()
    for line in ["#SBATCH --nodes=2", "#SBATCH --partition=long", "#SBATCH --exclusive", "#SBATCH --constraint=avx512",
                 "module load gcc openmpi/4.1"]:
        assert line in script, line


@pytest.mark.parametrize("arguments, code, words", [
    ([], 64, "which run"), (["--nodes", "2"], 64, "which run"), (["nowhere.yaml"], 66, "nowhere.yaml"),
    ([SHIPPED, "--nodes", "many"], 64, "--nodes 'many'"), ([SHIPPED, "--array", "5"], 64, "--array '5'"),
    ([SHIPPED, "--training.epoch=5"], 64, "did you mean 'epochs'"), ([SHIPPED, "--data.directory=."], 66, "nn_input_signal.txt"),
    ([SHIPPED, "--site", "none"], 66, "--site 'none'"), ([SHIPPED, "--time"], 64, "--time"),
])
def test_what_cannot_run_is_not_submitted(slurm, arguments, code, words):
    result = submit(slurm, *arguments)
    assert (result.returncode, words in result.stderr) == (code, True), result.stderr
    assert not (slurm / "calls").exists()
