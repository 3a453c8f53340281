"""launch/submit: the script that it makes, what it asks the batch system, what it refuses."""

import os
import subprocess

import numpy as np
import pytest

from conftest import PROGRAM, ROOT

SHIPPED = ROOT / "data/hh-bbww.yaml"


def fake(folder, name, answer="", code=0):
    """A command that writes down what it is given."""
    (folder / "bin").mkdir(exist_ok=True)
    path = folder / "bin" / name
    path.write_text(
        f'#!/bin/sh\necho "{name} $*" >>{folder}/calls\nfor file; do :; done\n'
        f'if [ -f "$file" ]; then cp "$file" {folder}/file; else cat >{folder}/script; fi\n'
        f'env >{folder}/environment\necho "{answer}"\nexit {code}\n')
    path.chmod(0o755)


@pytest.fixture
def slurm(tmp_path):
    fake(tmp_path, "sbatch", "4711;test")
    return tmp_path


@pytest.fixture
def condor(tmp_path):
    fake(tmp_path, "condor_submit", "8.0 - 8.0")
    return tmp_path


def submit(folder, *arguments, **environment):
    """launch/submit, which sees only the fake batch system, so that it cannot submit to a real one."""
    folders = [path for path in os.environ["PATH"].split(":")
               if not any(os.path.exists(f"{path}/{name}") for name in ("sbatch", "condor_submit"))]
    return subprocess.run(
        [ROOT / "launch/submit", *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60, check=False,
        env=dict(os.environ, PATH=":".join([str(folder / "bin"), *folders]), **environment), stdin=subprocess.DEVNULL)


def test_the_job_has_what_was_asked_for(slurm):
    result = submit(
        slurm, SHIPPED, "--nodes", 4, "--ranks-per-node", 2, "--cpus-per-rank", 16, "--time", "4:00:00", "--partition",
        "long", "--account", "physics", "--launcher", "srun", "--network.hidden=[64, 64]", "--name=wide")
    assert result.returncode == 0, result.stderr
    assert "Submitted job 4711." in result.stdout and "status runs/wide" in result.stdout
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
    # Each task writes its own log.
    assert "#SBATCH --output=%x-%A_%a.log" in result.stdout.splitlines() and "#SBATCH --time=1:00:00" in result.stdout
    assert (slurm / "calls").read_text() == "sbatch --test-only\n"


def test_what_the_batch_system_refuses_is_told_in_a_line(tmp_path):
    for name in ("sbatch", "condor_submit"):
        fake(tmp_path, name, code=1)
        for options in ([], ["--dry-run"]):
            result = submit(tmp_path, SHIPPED, *options)
            assert result.returncode == 69 and result.stderr.startswith("launch/submit: ") and result.stderr.count("\n") == 1
        (tmp_path / "bin" / name).unlink()


def test_another_jobs_settings_do_not_count(slurm):
    submit(slurm, SHIPPED, "--time", "5", SLURM_MEM_PER_CPU="7", SLURM_CONF="/etc/x", SBATCH_TIMELIMIT="9", SBATCH_ACCOUNT="a")
    left = [line for line in (slurm / "environment").read_text().split() if line.startswith(("SLURM_", "SBATCH_"))]
    assert sorted(left) == ["SBATCH_ACCOUNT=a", "SLURM_CONF=/etc/x"]


def test_a_finished_run_is_not_submitted(slurm):
    arguments = [SHIPPED, "--training.epochs=1"]
    subprocess.run([PROGRAM, *arguments], cwd=slurm, check=True, capture_output=True)
    result = submit(slurm, *arguments)
    assert result.returncode == 64 and "runs/hh-bbww: this run is finished" in result.stderr
    assert submit(slurm, SHIPPED, "--training.epochs=2").returncode == 0
    # Another training may not go on in its folder.
    result = submit(slurm, *arguments, "--training.seed=7")
    assert result.returncode == 64 and "not that of the checkpoint" in result.stderr


def test_help_submits_nothing(slurm):
    result = submit(slurm, SHIPPED, "--help")
    assert result.returncode == 0 and "launch/submit my-run.yaml" in result.stdout and not (slurm / "calls").exists()


def test_a_library_that_is_missing(slurm):
    """As where the module of Open MPI is not loaded."""
    fake(slurm, "ldd", "libmpi.so.40 => not found")
    result = submit(slurm, SHIPPED)
    assert result.returncode == 69 and "libmpi.so.40: the program needs this library; load the module" in result.stderr


def test_a_site_file_may_end_with_a_condition_and_be_called_test(slurm):
    (slurm / "test").write_text("nodes=3\n[[ -n ${NOWHERE} ]] && nodes=4\n")
    result = submit(slurm, SHIPPED, "--site", "test", "--dry-run")
    assert result.returncode == 0 and "#SBATCH --nodes=3" in result.stdout, result.stderr
    (slurm / "test").write_text("nodes=many\n")
    assert "--nodes 'many'" in submit(slurm, SHIPPED, "--site", "test").stderr


def test_a_site_file_sets_what_is_not_said(slurm):
    site = slurm / "site"
    site.write_text('nodes=8 partition=long modules="gcc openmpi/4.1"\nslurm_lines=(--exclusive "--constraint=avx512")\n')
    script = submit(slurm, SHIPPED, "--site", site, "--nodes", 2, "--dry-run").stdout.splitlines()
    for line in ["#SBATCH --nodes=2", "#SBATCH --partition=long", "#SBATCH --exclusive", "#SBATCH --constraint=avx512",
                 "modules=gcc\\ openmpi/4.1"]:
        assert line in script, line


@pytest.mark.parametrize("arguments, code, words", [
    ([], 64, "give the run file first"), (["--nodes", "2"], 64, "give the run file first"), (["nowhere.yaml"], 66, "nowhere.yaml"),
    ([SHIPPED, "--nodes", "many"], 64, "--nodes 'many'"), ([SHIPPED, "--array", "5"], 64, "--array '5'"),
    ([SHIPPED, "--training.epoch=5"], 64, "did you mean 'epochs'"), ([SHIPPED, "--data.directory=."], 66, "nn_input_signal.txt"),
    ([SHIPPED, "--site", "none"], 66, "--site 'none'"), ([SHIPPED, "--site", "."], 66, "--site '.'"),
    ([SHIPPED, "--time"], 64, "--time"), ([SHIPPED, "--array", "5-1"], 64, "--array '5-1'"),
    ([SHIPPED, "--system", "pbs"], 64, "--system 'pbs'"), ([SHIPPED, "--launcher", "prun"], 64, "--launcher 'prun'"),
])
def test_what_cannot_run_is_not_submitted(slurm, arguments, code, words):
    result = submit(slurm, *arguments)
    assert (result.returncode, words in result.stderr) == (code, True), result.stderr
    assert not (slurm / "calls").exists()


def settings(file):
    """What the submit file sets last, and its `queue`."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}


def test_htcondor_gets_all_that_the_job_needs(condor):
    result = submit(
        condor, SHIPPED, "--ranks-per-node", 2, "--cpus-per-rank=4", "--account", "physics", "--network.hidden=[64, 64]",
        "--data.directory", SHIPPED.parent, "--threads=4")
    assert result.returncode == 0, result.stderr
    assert "Submitted job 8." in result.stdout
    found = settings(condor / "file")
    assert found["cpus"] == "8" and found["ranks"] == "2" and found["accounting_group"] == "physics"
    assert found["options"] == f"'--network.hidden=[64, 64]' --data.directory {SHIPPED.parent} --threads=4"
    # What the job needs has the last word.
    assert found["arguments"].endswith('$(options) --data.directory=. --output.directory=runs"')
    assert found["run_file"] == str(SHIPPED) and found["program"] == str(PROGRAM)
    assert found["events"].split(",") == [
        str(SHIPPED.parent / f"nn_input_{name}.txt") for name in ("signal", "bgr_tt", "bgr_st", "bgr_Wj")]
    # As much as the events need beside the rest.
    assert (found["request_memory"], found["request_disk"]) == ("1155MB", "1027MB")


def test_htcondor_goes_on_with_a_run_that_is_here(condor):
    (condor / "runs/hh-bbww").mkdir(parents=True)
    assert submit(condor, SHIPPED).returncode == 0
    assert settings(condor / "file")["events"].endswith(",runs/hh-bbww")


def test_several_nodes_are_the_parallel_universe(condor):
    assert submit(condor, SHIPPED, "--nodes", 3).returncode == 0
    found = settings(condor / "file")
    assert (found["universe"], found["machine_count"], found["+WantIOProxy"]) == ("parallel", "3", "True")
    # Each node writes its own.
    assert found["output"].endswith(".$(Node).out")


def test_in_place_nothing_is_carried(condor):
    assert submit(condor, SHIPPED, "--in-place", "--output.directory=elsewhere").returncode == 0
    found = settings(condor / "file")
    assert found["should_transfer_files"] == "NO"
    assert not any(key.startswith(("transfer_", "checkpoint_", "when_to_transfer")) for key in found)
    assert found["arguments"] == '"-np $(ranks) $(run_file) $(options)"' and found["options"] == "--output.directory=elsewhere"
    assert "DIST_TRAIN=$(program)" in found["environment"] and found["program"] == str(PROGRAM)


def test_an_array_is_a_job_a_seed(condor):
    assert submit(condor, SHIPPED, "--array", "2-4%2").returncode == 0
    assert (condor / "file").read_text().splitlines()[-1] == "queue seed in 2,3,4"
    found = settings(condor / "file")
    assert found["max_materialize"] == "2" and found["options"] == "--name=hh-bbww-seed-$(seed) --training.seed=$(seed)"


def test_a_seed_that_is_there_is_not_overwritten(condor):
    (condor / "runs/mine-seed-3").mkdir(parents=True)
    result = submit(condor, SHIPPED, "--array", "2-4", "--name=mine")
    assert result.returncode == 64 and "runs/mine-seed-3 is there" in result.stderr
    assert submit(condor, SHIPPED, "--array", "4-5", "--name=mine").returncode == 0
    assert settings(condor / "file")["options"].startswith("--name=mine --name=mine-seed-$(seed)")


@pytest.mark.parametrize("arguments, words", [
    (["--time", "3:00:00"], "--time: HTCondor has no such limit"), (["--partition", "long"], "--partition"),
    (["--launcher", "srun"], "--launcher srun"), (["--output.directory=/elsewhere"], "output.directory '/elsewhere'"),
    (["--force"], "leave out --force"), (["--resume", "runs/x"], "leave out --resume"), (["--max-seconds", "0"], "--max-seconds 0"), (["--name=a,b"], "a,b: HTCondor does not"),
])
def test_what_htcondor_cannot_do_is_not_submitted(condor, arguments, words):
    result = submit(condor, SHIPPED, *arguments)
    assert result.returncode == 64 and words in result.stderr, result.stderr
    assert not (condor / "calls").exists()


def test_event_files_of_several_folders_cannot_be_carried(condor):
    text = SHIPPED.read_text()
    for name in ("signal", "bgr_tt", "bgr_st", "bgr_Wj"):
        text = text.replace(f"nn_input_{name}.txt", str(SHIPPED.parent / f"nn_input_{name}.txt"))
    (condor / "r.yaml").write_text(text)
    result = submit(condor, "r.yaml")
    assert result.returncode == 64 and "give plain names and data.directory, or use --in-place" in result.stderr
    assert submit(condor, "r.yaml", "--in-place").returncode == 0


def test_event_files_of_one_name_cannot_be_carried(condor):
    text = SHIPPED.read_text().replace("directory: .", f"directory: {condor}")
    for number, name in enumerate(("signal", "bgr_tt", "bgr_st", "bgr_Wj")):
        (condor / str(number)).mkdir()
        (condor / str(number) / "events.txt").write_bytes((SHIPPED.parent / f"nn_input_{name}.txt").read_bytes())
        text = text.replace(f"nn_input_{name}.txt", f"{number}/events.txt")
    (condor / "r.yaml").write_text(text)
    result = submit(condor, "r.yaml")
    assert result.returncode == 64 and "another event file has the same name" in result.stderr


def test_a_path_with_a_space(slurm, condor):
    """Slurm takes it, HTCondor does not."""
    folder = slurm / "my runs"
    folder.mkdir()
    (folder / "r.yaml").write_text(SHIPPED.read_text().replace("directory: .", f"directory: {SHIPPED.parent}"))
    assert submit(slurm, "--system", "slurm", folder / "r.yaml").returncode == 0
    assert "my\\ runs/r.yaml" in (slurm / "script").read_text()
    result = submit(slurm, "--system", "htcondor", folder / "r.yaml")
    assert result.returncode == 64 and "a space, a comma or a quote" in result.stderr


def test_errors_in_the_events_stop_the_submission(slurm):
    """Warnings do not; and there is a way round."""
    events = np.random.default_rng(1).normal(0, 1, (400, 2))
    np.save(slurm / "a.npy", events + 1)
    events[::7, 1] = -999
    np.save(slurm / "b.npy", events)
    (slurm / "r.yaml").write_text(
        "data: {layout: events_by_row, features: [x, y], processes: [{name: a, files: [a.npy]}, {name: b, files: [b.npy]}]}\n")
    result = submit(slurm, "r.yaml")
    assert result.returncode == 0 and "warning sentinel: feature 'y'" in result.stderr and (slurm / "script").exists()
    (slurm / "script").unlink()
    events[17, 0] = np.nan
    np.save(slurm / "b.npy", events)
    for options in ([], ["--array", "1-3"]):
        result = submit(slurm, "r.yaml", *options)
        assert result.returncode == 65 and "error   nan: process b, feature 'x'" in result.stderr
        assert result.stderr.splitlines()[-1].startswith("launch/submit: the events have errors, see above: correct them, or use")
        assert not (slurm / "script").exists()
    result = submit(slurm, "r.yaml", "--no-check")
    assert result.returncode == 0 and not result.stderr and (slurm / "script").exists()
