"""The built program under mpirun: the same bits on any number of ranks and threads, exact resumes, honest refusals."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from conftest import MACHINES, PROGRAM, ROOT, data_section, digests, start, train, write_events, write_run_file


@pytest.mark.parametrize("batch_size", [1, 32, 256, 1013, 4096])  # from 1013 on threads share a step
def test_any_machine_gives_the_same_bits(tmp_path, batch_size):
    epochs = {1: 1, 32: 2}.get(batch_size, 3)
    options = [
        "data/hh-bbww.yaml", f"--training.batch_size={batch_size}", f"--training.epochs={epochs}",
        "--training.optimizer.learning_rate=0.01"]
    if batch_size == 1:
        options.append("--split={train: 0.2, validation: 0.4, test: 0.4}")
    found = {}
    for ranks, threads in MACHINES:
        output = tmp_path / f"{ranks}x{threads}"
        train(*options, f"--output.directory={output}", ranks=ranks, threads=threads)
        found[ranks, threads] = digests(output / "hh-bbww")
    alone = tmp_path / "alone"
    train(*options, f"--output.directory={alone}")
    expected = digests(alone / "hh-bbww")
    assert {machine: value for machine, value in found.items() if value != expected} == {}


def test_other_seeds_give_other_bits(tmp_path):
    for seed in (1, 2):
        train(f"--training.seed={seed}", "--training.epochs=1", f"--output.directory={tmp_path / str(seed)}")
    one, other = (digests(tmp_path / str(seed) / "hh-bbww") for seed in (1, 2))
    assert all(one[key] != other[key] for key in one)


def test_an_interrupted_run_resumes_to_the_same_bits(tmp_path):
    # An epoch takes long enough to be interrupted in the fourth one.
    options = ["--training.batch_size=4", "--training.block=2", "--network.hidden=[128, 128]", "--training.epochs=6",
               "--training.schedule={cosine: {final: 0.1}}"]
    train(*options, f"--output.directory={tmp_path / 'whole'}", ranks=1)
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    process = subprocess.Popen(
        ["mpirun", "--oversubscribe", "-np", "2", str(PROGRAM), *options, f"--output.directory={tmp_path / 'cut'}"],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    run = tmp_path / "cut/hh-bbww"
    deadline = time.monotonic() + 110
    while not (run / "checkpoints/epoch-0003.safetensors").exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # A process that was killed may take a moment to be gone.
    while subprocess.run(["pkill", "-KILL", "-f", str(tmp_path / "cut")], check=False).returncode == 0:
        assert time.monotonic() < deadline + 60
        time.sleep(0.02)
    assert not (run / "metrics.json").exists()
    # The same command again would lose work, and is refused.
    again = start(*options, f"--output.directory={tmp_path / 'cut'}")
    assert again.returncode == 64 and "--continue" in again.stderr
    train("--resume", run, ranks=5)
    assert digests(run) == digests(tmp_path / "whole/hh-bbww")


def test_the_same_command_starts_goes_on_and_ends(small_run):
    """--continue, as a batch system uses it: whatever has happened before, the same arguments."""
    run = small_run.parent / "runs/run"
    arguments = [small_run, "--continue", CONSTANT, "--training.batch_size=1", "--training.epochs=100000"]
    stopped = start(*arguments, "--max-seconds", "1", ranks=2)
    assert stopped.returncode == 85 and json.loads((run / "status.json").read_text())["state"] == "stopped"
    assert f"{run}: stopped, epoch" in status(run) and "stopped by the time limit" in status(run)
    # Another training is no continuation.
    other = start(*arguments, "--training.seed=5")
    assert other.returncode == 64 and "not that of the checkpoint" in other.stderr
    epochs = int(max((run / "checkpoints").glob("epoch-*")).name.split("-")[1].split(".")[0]) + 1
    arguments[-1] = f"--training.epochs={epochs}"
    assert "Resumed after epoch" in train(*arguments, ranks=3).stdout
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    assert "this run is finished" in train(*arguments, ranks=2).stdout
    assert before == {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    assert f"{run}: finished" in status(run.parent)
    train(small_run, *arguments[2:], f"--output.directory={small_run.parent / 'whole'}")
    assert digests(run) == digests(small_run.parent / "whole/run")


def endless(run_file, *arguments, environment=None):
    """A training without end that has come to its third epoch."""
    run = run_file.parent / "runs/run"
    process = subprocess.Popen(
        [PROGRAM, *map(str, [run_file, "--continue", CONSTANT, "--training.batch_size=1", "--training.epochs=100000"]),
         *arguments],
        cwd=ROOT, env=dict(os.environ, **(environment or {})), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not any((run / "checkpoints").glob("epoch-0003*")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.002)
    return process


def test_a_run_that_is_alive_is_not_started_again(small_run):
    run = small_run.parent / "runs/run"
    first = endless(small_run)
    try:
        for arguments in ([small_run], [small_run, "--continue"], [small_run, "--force"], ["--resume", run], ["check", small_run]):
            again = start(*arguments, ranks=2 if "--force" in arguments else None)
            lines = [line for line in again.stderr.splitlines() if "dist-train:" in line]
            assert again.returncode == 76 and len(lines) == 1, again.stderr
            assert f", process {first.pid}, since 20" in lines[0] and str(run) in lines[0]
        assert f"{run}: training" in status(run) or "writing" in status(run) or "evaluating" in status(run)
        first.kill()
        first.wait()
        # Seen at once, long before its heartbeat is missed.
        assert f"{run}: interrupted" in status(run) and f"the process is gone ({first.pid} on " in status(run)
    finally:
        first.kill()
        first.communicate()
    resumed = start("--resume", run, "--max-seconds", "1")
    assert resumed.returncode == 85 and "Resumed after epoch" in resumed.stdout


def test_a_job_that_its_batch_system_started_again_takes_over(small_run, monkeypatch):
    """It took the first one's node for dead. That one leaves the folder alone when it notices, and nothing is lost."""
    run = small_run.parent / "runs/run"
    # Steps that take their time: the first one is to be stopped in one of them, and not while it writes, which it does to its end.
    slow = ["--network.hidden=[400, 400]", "--training.optimizer.learning_rate=1e-4"]
    first = endless(small_run, *slow, environment={"SLURM_JOB_ID": "17"})
    # As on another machine.
    owner = run / "owner.txt"
    lines = owner.read_text().splitlines()
    details = json.loads(lines[1])
    first.send_signal(signal.SIGSTOP)
    owner.write_text(lines[0] + "\n" + json.dumps({**details, "identity": {**details["identity"], "boot": "another"}}) + "\n")
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    arguments = [small_run, "--continue", CONSTANT, "--training.batch_size=1", *slow]
    # Longer than the first one has come by then, and long enough to be there when it looks.
    second = start(*arguments, "--training.epochs=100000", "--max-seconds", "2")
    assert second.returncode == 85 and "Resumed after epoch" in second.stdout
    assert "waiting" not in second.stderr
    first.send_signal(signal.SIGCONT)
    _, message = first.communicate(timeout=30)
    assert first.returncode == 76 and "another process continues this run" in message
    assert "Slurm job 17, restart 1" in message
    assert json.loads((run / "status.json").read_text())["state"] == "stopped"
    epochs = int(max((run / "checkpoints").glob("epoch-*")).name.split("-")[1].split(".")[0]) + 1
    train(*arguments, f"--training.epochs={epochs}")
    train(small_run, *arguments[2:], f"--training.epochs={epochs}", f"--output.directory={small_run.parent / 'whole'}")
    assert digests(run) == digests(small_run.parent / "whole/run")


@pytest.mark.parametrize("is_nohup", [False, True])
def test_a_terminal_that_is_closed(small_run, is_nohup):
    """SIGHUP stops a run with a checkpoint, except under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if is_nohup else signal.SIG_DFL)
    try:
        process = endless(small_run)
    finally:
        signal.signal(signal.SIGHUP, before)
    process.send_signal(signal.SIGHUP)
    if is_nohup:
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
    _, message = process.communicate(timeout=30)
    assert process.returncode == 85 and f"stopped by {'SIGTERM' if is_nohup else 'SIGHUP'}" in message


@pytest.mark.parametrize("variables", [
    {"SLURM_STEP_NUM_TASKS": "1", "PMI_RANK": "0", "PMI_SIZE": "1", "PMI_FD": "99"},
    {"SLURM_STEP_NUM_TASKS": "1", "PMIX_RANK": "0", "PMIX_NAMESPACE": "slurm.pmix.7.0"},
    {"SLURM_STEP_NUM_TASKS": "4", "SLURM_PTY_PORT": "4711", "PMI_RANK": "0", "PMI_SIZE": "4"},
])
def test_in_a_shell_of_srun_one_process_is_one_process(small_run, variables, monkeypatch):
    for name, value in {"SLURM_JOB_ID": "17", "SLURM_STEP_ID": "0", "SLURM_PROCID": "0", **variables}.items():
        monkeypatch.setenv(name, value)
    folder = small_run.parent
    train(small_run, cwd=folder)
    for arguments in (["inspect", "runs/run"], ["evaluate", "runs/run"], ["predict", "runs/run", "one.txt", "-o", "s.npy"],
                      ["status"], ["check", small_run]):
        result = start(*arguments, cwd=folder, timeout=30)
        assert result.returncode == 0 and result.stdout and not result.stderr, arguments


@pytest.mark.parametrize("name", ["history.csv", "config.yaml", "notes.md", "checkpoints/mine.ckpt"])
def test_a_folder_of_somebody_else_is_left_alone(small_run, name):
    path = small_run.parent / "runs/run" / name
    path.parent.mkdir(parents=True)
    path.write_text("epoch,loss\n1,0.5\n")
    for arguments in ([small_run], [small_run, "--continue"], ["check", small_run]):
        result = start(*arguments)
        assert result.returncode == 64 and "--force" in result.stderr, result.stderr
    assert [item for item in (small_run.parent / "runs").rglob("*") if item.is_file()] == [path]
    assert path.read_text() == "epoch,loss\n1,0.5\n"


def test_a_finished_run_is_not_trained_again(small_run):
    train(small_run)
    run = small_run.parent / "runs/run"
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    for arguments in ([small_run], [small_run, "--continue"]):
        assert "this run is finished" in train(*arguments, ranks=2).stdout
    assert before == {path: path.stat().st_mtime_ns for path in run.rglob("*")}


def status(folder):
    """What the program says of how far runs are."""
    return subprocess.run([PROGRAM, "status", folder], capture_output=True, text=True, check=True).stdout


def test_a_start_that_was_interrupted_is_no_obstacle(small_run):
    run = small_run.parent / "runs/run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "owner.txt").write_text("node01, process 7, since 2026-11-28T22:20:42Z\n")
    (run / "costs.npy").write_bytes(b"")
    train(small_run, "--training.epochs=1")


# A cosine would depend on the number of epochs.
CONSTANT = "--training.schedule=constant"


def test_a_run_goes_on_past_its_end(tmp_path):
    train(CONSTANT, "--training.epochs=4", f"--output.directory={tmp_path / 'whole'}")
    train(CONSTANT, "--training.epochs=2", f"--output.directory={tmp_path / 'more'}", ranks=3)
    train("--resume", tmp_path / "more/hh-bbww", "--training.epochs=4", threads=2)
    assert digests(tmp_path / "more/hh-bbww") == digests(tmp_path / "whole/hh-bbww")


def flat(run):
    """All parameters of a run's last checkpoint."""
    checkpoint = sorted((run / "checkpoints").glob("epoch-*.safetensors"))[-1]
    tensors = load_file(checkpoint)
    return np.concatenate([tensors[name].ravel() for name in sorted(tensors) if name.startswith("layers.")])


def test_float32_sums_are_close_to_the_exact_ones(tmp_path):
    # One step over all events in 64 blocks. Mean gradients of standardised events are of order 1 or less: 10 bounds the
    # mean of their magnitudes. Every sum rounds by 2^-24 of it, and the step rounds each parameter twice.
    options = ["--training.batch_size=17057", "--training.block=267", "--training.epochs=1", CONSTANT]
    runs = {}
    for name, reduction, ranks in [("exact", "exact", 2), *((f"float{n}", "float32", n) for n in (1, 2, 3))]:
        output = tmp_path / name
        result = train(
            *options, f"--training.reduction={reduction}", f"--output.directory={output}", ranks=ranks, threads=1)
        assert ("summed in float32" in result.stdout) == (reduction == "float32")
        runs[name] = output / "hh-bbww"
    exact = flat(runs["exact"])
    for name, run in runs.items():
        bound = 0.05 * 10 * 64 * 2.0**-24 + 2 * 2.0**-24 * np.abs(exact)
        assert (np.abs(flat(run) - exact) <= bound).all()
        # The cost of the step is a sum of exact losses of the same parameters.
        assert (run / "costs.npy").read_bytes() == (runs["exact"] / "costs.npy").read_bytes()
    # It is what the default does.
    train(*options, f"--output.directory={tmp_path / 'default'}", ranks=3)
    assert digests(tmp_path / "default/hh-bbww") == digests(runs["exact"])


def test_a_run_with_float32_sums_resumes(tmp_path):
    options = [CONSTANT, "--training.reduction=float32"]
    train(*options, "--training.epochs=3", f"--output.directory={tmp_path / 'whole'}", threads=1)
    train(*options, "--training.epochs=2", f"--output.directory={tmp_path / 'more'}", threads=1)
    run = tmp_path / "more/hh-bbww"
    refused = start("--resume", run, "--training.epochs=3", "--training.reduction=exact")
    assert refused.returncode == 64 and "only training.epochs" in refused.stderr
    assert "summed in float32" in train("--resume", run, "--training.epochs=3", threads=1).stdout
    assert "reduction: float32" in (run / "config.yaml").read_text()
    # One rank with one thread: the same order of sums.
    assert digests(run) == digests(tmp_path / "whole/hh-bbww")


def test_a_torn_checkpoint_is_passed_over(tmp_path):
    train(CONSTANT, "--training.epochs=4", f"--output.directory={tmp_path / 'whole'}")
    train(CONSTANT, "--training.epochs=3", f"--output.directory={tmp_path / 'torn'}")
    run = tmp_path / "torn/hh-bbww"
    last = run / "checkpoints/epoch-0003.safetensors"
    last.write_bytes(last.read_bytes()[:-100])
    result = train("--resume", run, "--training.epochs=4")
    assert "epoch-0003" in result.stderr and "Resumed after epoch 2" in result.stdout
    assert digests(run) == digests(tmp_path / "whole/hh-bbww")


def test_resuming_with_other_events_is_refused(small_run):
    train(small_run, "--training.epochs=1")
    write_events(small_run.parent, "two", 100, shift=2.0)
    result = start("--resume", small_run.parent / "runs/run", "--training.epochs=2", ranks=2)
    assert result.returncode == 65 and "other events" in result.stderr


def test_what_a_run_leaves(tmp_path):
    result = train("--training.epochs=2", f"--output.directory={tmp_path}", ranks=2)
    assert "Layer structure of the network: [15, 30, 30, 30, 4]" in result.stdout
    run = tmp_path / "hh-bbww"
    costs = np.load(run / "costs.npy")
    history = np.genfromtxt(run / "history.csv", delimiter=",", names=True)
    metrics = json.loads((run / "metrics.json").read_text())
    assert costs.shape == (metrics["steps"],) and costs.dtype == np.float64 and np.isfinite(costs).all()
    assert history["epoch"].tolist() == [1, 2]
    confusion = np.array(metrics["test"]["confusion"])
    assert confusion.sum() == metrics["test"]["events"]
    assert np.trace(confusion) / confusion.sum() == metrics["test"]["accuracy"]
    tensors = load_file(run / "model.safetensors")
    assert tensors["layers.0.weight"].shape == (30, 15) and tensors["layers.3.bias"].shape == (4,)
    assert (run / "config.yaml").exists() and "test events:" in (run / "log.txt").read_text()
    assert not list(run.rglob("*.tmp*"))


def test_predict_and_evaluate_agree_with_numpy(tmp_path):
    train("--training.epochs=2", f"--output.directory={tmp_path}")
    run = tmp_path / "hh-bbww"
    result = train("evaluate", run, ranks=3)
    metrics = json.loads((run / "metrics.json").read_text())
    for key in ("loss", "unweighted_loss", "accuracy"):
        assert f" {metrics['test'][key]:.4f}\n" in result.stdout
    train("predict", run, "data/nn_input_signal.txt", "-o", tmp_path / "scores.npy")
    scores = np.load(tmp_path / "scores.npy")
    assert scores.shape == (4344, 4) and scores.dtype == np.float32
    tensors = {name: value.astype(np.float64) for name, value in load_file(run / "model.safetensors").items()}
    values = (np.loadtxt(ROOT / "data/nn_input_signal.txt").T - tensors["input.mean"]) * tensors["input.scale"]
    for layer in range(4):
        values = values @ tensors[f"layers.{layer}.weight"].T + tensors[f"layers.{layer}.bias"]
        if layer < 3:
            values = np.maximum(values, 0)
    expected = np.exp(values - values.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    # All events of a folder: the confusion matrix counts every one of them.
    result = train("evaluate", run, "--data", "data", ranks=2)
    assert "all 24,344 events of" in result.stdout
    assert "30 × 15" in train("inspect", run).stdout


def test_one_file_in_any_form_gives_the_same_bits(tmp_path):
    results = []
    for form in ("txt", "rows", "csv", "npy"):
        folder = tmp_path / form
        folder.mkdir()
        for name, shift in (("one", 0.0), ("two", 1.0)):
            write_events(folder, name, 100, shift=shift)
            values = np.loadtxt(folder / f"{name}.txt").astype(np.float32)
            if form == "rows":
                np.savetxt(folder / f"{name}.txt", values.T, fmt="%.9g")
            elif form == "csv":
                np.savetxt(folder / f"{name}.txt", values.T, fmt="%.9g", delimiter=",", header="x0,x1,x2", comments="")
            elif form == "npy":
                np.save(folder / f"{name}.npy", np.asfortranarray(values))
        path = write_run_file(folder, ["one", "two"])
        text = path.read_text()
        path.write_text(text.replace(".txt", ".npy") if form == "npy" else text)
        layout = "events_by_row" if form in ("rows", "csv") else "features_by_row"
        train(path, f"--data.layout={layout}", ranks=2)
        results.append(digests(folder / "runs/run"))
    assert all(result == results[0] for result in results)


def test_the_notebook_does_what_it_does(tmp_path):
    result = start("data/notebook.yaml", f"--output.directory={tmp_path}", ranks=2)
    costs = np.load(tmp_path / "notebook/costs.npy")
    # Saturated: a huge first cost, then certainty while only signal events are shown.
    assert 1e5 < costs[0] < 1e9 and (costs[10:4344] == 0).all()
    # The first event of the next process is wrong by far more still; the updates end beyond float32.
    assert costs[4344] > 1e7
    assert result.returncode == 75 and "learning_rate" in result.stderr
    assert len([line for line in result.stderr.splitlines() if line.startswith("dist-train: epoch")]) == 1


@pytest.mark.parametrize("events", [1, 2, 7, 31])
def test_fewer_events_than_ranks(tmp_path, events):
    write_events(tmp_path, "one", events)
    write_events(tmp_path, "two", events, shift=1.0)
    path = write_run_file(tmp_path, ["one", "two"], split={"train": 1, "validation": 0, "test": 0})
    train(path, ranks=5)
    expected = digests(tmp_path / "runs/run")
    train(path, "--force", ranks=1)
    assert digests(tmp_path / "runs/run") == expected


def bad_inputs():
    """Name, how to spoil the folder, what the message has to say, exit code."""
    def text(content):
        return lambda folder: (folder / "two.txt").write_text(content)

    def remove(folder):
        (folder / "two.txt").unlink()

    def directory(folder):
        remove(folder)
        (folder / "two.txt").mkdir()

    def npy(folder):
        np.save(folder / "array.npy", np.zeros((3, 50), np.float32))
        (folder / "two.txt").write_bytes((folder / "array.npy").read_bytes()[:-10])

    def run_file(old, new):
        def spoil(folder):
            path = folder / "run.yaml"
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, new))
        return spoil

    return [
        ("ragged", text("1 2 3\n1 2\n1 2 3\n"), "two.txt:2", 65),
        ("not a number", text("1 2 3\n1 x 3\n1 2 3\n"), "two.txt:2:3", 65),
        ("nan", text("1 2 3\n1 2 nan\n1 2 3\n"), "two.txt:2:5", 65),
        ("infinity", text("1 2 3\n1 2 3\n-inf 2 3\n"), "two.txt:3:1", 65),
        ("feature counts", text("1 2 3\n1 2 3\n"), "two.txt", 65),
        ("empty file", text(""), "two.txt", 65),
        ("no event", text("# nothing\n"), "two.txt", 65),
        ("missing file", remove, "two.txt", 66),
        ("a directory", directory, "two.txt", 66),
        ("truncated npy", npy, "two.txt", 65),
        ("unknown key", run_file('"batch_size"', '"batchsize"'), "batch_size", 64),
        ("wrong type", run_file('"epochs": 2', '"epochs": "many"'), "training.epochs", 64),
        ("no run file", lambda folder: (folder / "run.yaml").unlink(), "run.yaml", 66),
    ]


@pytest.mark.parametrize("name, spoil, message, code", bad_inputs(), ids=[case[0] for case in bad_inputs()])
def test_bad_input_is_one_clear_line(small_run, name, spoil, message, code):
    spoil(small_run.parent)
    for ranks in (None, 3):
        result = start(small_run, ranks=ranks, timeout=30)
        lines = [line for line in result.stderr.splitlines() 
                 if line.startswith("dist-train:") and "warning" not in line]
        assert result.returncode == code, result.stderr
        assert len(lines) == 1 and message in lines[0], result.stderr
        assert not (small_run.parent / "runs").exists()


@pytest.mark.parametrize("arguments, message", [
    (["--training.epoch=5"], "did you mean 'epochs'"), (["--threads", "0"], "--threads"), (["--treads", "2"], "--threads"),
    (["--resume", "nowhere"], "nowhere"),
])
def test_bad_command_lines(arguments, message):
    result = start(*arguments, ranks=2)
    assert result.returncode in (64, 66) and message in result.stderr


def test_another_runs_folder_is_not_overwritten(small_run):
    train(small_run)
    before = data_section(small_run.parent / "runs/run/model.safetensors")
    result = start(small_run, "--training.seed=7")
    assert result.returncode == 64 and "--force" in result.stderr
    assert data_section(small_run.parent / "runs/run/model.safetensors") == before
    train(small_run)
    train(small_run, "--training.seed=7", "--force")
    assert data_section(small_run.parent / "runs/run/model.safetensors") != before


def test_a_diverging_training_stops_all_ranks(small_run):
    result = start(
        small_run, "--training.optimizer.learning_rate=1e30", "--network.hidden=[8,8]", "--training.epochs=50", ranks=3)
    assert result.returncode == 75, result.stdout + result.stderr
    assert "learning_rate" in result.stderr and "step" in result.stderr
    assert list((small_run.parent / "runs/run/checkpoints").glob("*.safetensors"))


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_state_that_cannot_go_on_is_no_checkpoint(small_run, epochs):
    """Without validation events, and in the last step of an epoch: nothing but the parameters tells."""
    result = start(
        small_run, "--training.optimizer.learning_rate=1e36", "--training.batch_size=1000", "--output.keep=2",
        "--split={train: 1, validation: 0, test: 0}", f"--training.epochs={epochs}", ranks=2)
    assert result.returncode == 75 and "not finite" in result.stderr
    run = small_run.parent / "runs/run"
    assert [path.name for path in (run / "checkpoints").iterdir()] == ["epoch-0000.safetensors"]
    assert all(np.isfinite(value).all() for value in load_file(run / "model.safetensors").values())


def test_what_may_change_when_a_run_goes_on(small_run):
    train(small_run, "--training.epochs=2")
    run = small_run.parent / "runs/run"
    before = digests(run)
    for override in (f"--output.directory={small_run.parent}/other", "--training.seed=3", "--training.epochs=1"):
        assert start("--resume", run, override, ranks=2).returncode == 64, override
    config = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(config.replace("seed: 42", "seed: 43"))
    assert "not that of the checkpoint" in start("--resume", run).stderr
    (run / "config.yaml").write_text(config)
    train("--resume", run)
    assert digests(run) == before
    # A model that is torn is made whole from the one that is kept for that.
    (run / "model.safetensors").write_bytes((run / "model.safetensors").read_bytes()[:-8])
    train("--resume", run, ranks=3)
    assert digests(run) == before


def test_early_stopping(small_run):
    options = ["--training.epochs=300", "--training.optimizer.learning_rate=0.5", "--training.batch_size=8"]
    result = train(small_run, *options, "--training.early_stopping={patience: 3}", ranks=2)
    run = small_run.parent / "runs/run"
    losses = np.loadtxt(run / "history.csv", delimiter=",", skiprows=1)[:, 4]
    best = int(np.argmin(losses)) + 1
    assert len(losses) == best + 3 < 300 and "Stopped early" in result.stdout
    record = -1  # No earlier epoch was three behind its best.
    for epoch, loss in enumerate(losses[:-1]):
        record = epoch if record < 0 or loss < losses[record] else record
        assert epoch - record < 3
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["epochs"] == len(losses) and metrics["best_epoch"] == best
    before = digests(run)
    train("--resume", run, ranks=3)
    assert digests(run) == before
    # More patience: the same as if it had been there from the start.
    train("--resume", run, "--training.early_stopping={patience: 6}", ranks=1)
    more = digests(run)
    assert more != before
    train(small_run, *options, "--training.early_stopping={patience: 6}", "--force", ranks=3)
    assert digests(run) == more
    # There must be something to judge by.
    assert start(small_run, "--training.early_stopping={patience: 3}", "--split={train: 1, validation: 0, test: 0}",
                 "--force").returncode == 64


def test_an_interrupted_extension_is_not_overwritten(small_run):
    train(small_run, "--training.epochs=1")
    run = small_run.parent / "runs/run"
    process = subprocess.Popen(
        [PROGRAM, "--resume", run, "--training.epochs=100000000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(path.name > "epoch-0001.safetensors" for path in (run / "checkpoints").glob("epoch-*")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    result = start(small_run, "--training.epochs=100000000")
    assert result.returncode == 64 and "interrupted" in result.stderr


def test_the_log_goes_on(small_run):
    train(small_run, "--training.epochs=2")
    train("--resume", small_run.parent / "runs/run", "--training.epochs=3")
    log = (small_run.parent / "runs/run/log.txt").read_text()
    assert all(f"\n    {epoch} " in log for epoch in (1, 2, 3)) and "Resumed after epoch 2 of 3" in log


def test_evaluate_knows_the_events_of_the_run(small_run):
    train(small_run)
    write_events(small_run.parent, "one", 101)
    result = start("evaluate", small_run.parent / "runs/run", ranks=2)
    assert result.returncode == 65 and "--data" in result.stderr
    train("evaluate", small_run.parent / "runs/run", "--data", small_run.parent)


def test_no_epoch_leaves_the_initial_model(small_run):
    train(small_run, "--training.epochs=0", ranks=2)
    assert "test" in train("evaluate", small_run.parent / "runs/run").stdout


def test_batches_larger_than_the_data(small_run):
    train(small_run, "--training.batch_size=1000000000", "--training.block=1000000000", "--network.hidden=[400,400]")
    result = start(small_run, "--network.hidden=[1000000,1000000]", "--name=huge", ranks=2)
    assert result.returncode == 64 and "GB" in result.stderr
