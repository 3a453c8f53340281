"""Optimisers and schedules of the built program against their twins in numpy, and the same bits on any machine."""

import os
import random
import signal
import subprocess
import time

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

from bounds import SAFETY, UNIT, gradient_bounds
from conftest import PROGRAM, digests, start
from conftest import train as run_program
from network import Network
from test_oracle import run_file, train  # noqa: F401  (a fixture)

PLATEAU = "--training.schedule={plateau: {patience: 1, factor: 0.5, min_delta: 0.02, cooldown: 1}}"
CASES = {
    "adam": (["--training.optimizer=adam"], 1),
    "adamw_ema_without_biases": (
        ["--training.optimizer=adamw", "--training.optimizer.weight_decay=0.1", "--training.optimizer.decay_biases=false",
         "--training.optimizer.ema=0.9", "--network.activation=tanh"], 2),
    "adam_other_settings_clipped": (
        ["--training.optimizer={name: adam, learning_rate: 0.01, beta_1: 0.5, beta_2: 0.9, epsilon: 1e-3}",
         "--training.optimizer.global_clipnorm=0.3", "--training.schedule={exponential: {rate: 0.7}}",
         "--training.warmup_epochs=2.5"], 3),
    "adam_penalty_plateau": (["--training.optimizer=adam", "--training.l2=0.05", PLATEAU], 1),
    "sgd_everything": (
        ["--training.optimizer.global_clipnorm=0.2", "--training.l2=0.02", "--training.optimizer.ema=0.5", PLATEAU,
         "--training.optimizer.weight_decay=0.1", "--training.optimizer.decay_biases=false"], 2),
    "nesterov_penalty": (["--training.l2=0.05", "--training.optimizer.nesterov=true", "--training.class_weights=none"], 1),
}


def pulled_and_clipped(network, step):
    """Gradients with the penalty's, shortened to the norm, with bounds: of the norm, that of all errors together."""
    training = network.run.c["training"]
    found = gradient_bounds(network, step)
    cost = found.pop("cost")
    for name, (gradient, error) in found.items():
        if name.endswith("weight"):
            pull = 2 * float(training["l2"]) * network.parameters[name]
            found[name] = gradient + pull, error + 3 * UNIT * (np.abs(gradient) + np.abs(pull))
    clip = training["optimizer"]["global_clipnorm"]
    norm, norm_error = (np.sqrt(sum((pair[part]**2).sum() for pair in found.values())) for part in (0, 1))
    if clip is not None:
        factor = min(1, float(clip) / norm)
        found = {name: (factor * gradient, factor * (error + np.abs(gradient) * norm_error / norm) + 2 * UNIT * factor * np.abs(gradient))
                 for name, (gradient, error) in found.items()}
    return cost, found, norm


def state_bounds(network, step):
    """How far parameters and state may be from those of the twin after this step: {state: {name: bound}}."""
    optimizer, rate = network.run.c["training"]["optimizer"], network.run.learning_rate(step)
    cost, gradients, norm = pulled_and_clipped(network, step)
    bounds = {"cost": SAFETY * cost, "parameters": {}, "momentum": {}, "velocity": {}, "average": {}}
    for name, (g, error) in gradients.items():
        w, v = network.parameters[name], network.velocity[name]
        decay = rate * float(optimizer["weight_decay"]) * np.abs(w)
        if optimizer["name"] == "sgd":
            momentum = float(optimizer["momentum"])
            size = np.abs(rate * g) + np.abs(momentum * v)
            moved = rate * error + 4 * UNIT * size
            bounds["velocity"][name] = moved
            if optimizer["nesterov"]:
                moved = (1 + momentum) * moved + momentum * rate * error
        else:
            beta_1, beta_2, epsilon = (float(optimizer[key]) for key in ("beta_1", "beta_2", "epsilon"))
            alpha = rate * np.sqrt(1 - beta_2**(step + 1)) / (1 - beta_1**(step + 1))
            m = network.momentum[name]
            m_new, v_new = m + (g - m) * (1 - beta_1), v + (g * g - v) * (1 - beta_2)
            m_error = (1 - beta_1) * error + UNIT * (2 * np.abs(m) + 3 * (1 - beta_1) * np.abs(g))
            v_error = (1 - beta_2) * (2 * np.abs(g) * error + error**2) + UNIT * (2 * v + 5 * (1 - beta_2) * g * g)
            # The quotient grows with m and shrinks with v: its extremes are at the ends of their intervals.
            ends = [(m_new + a * m_error) / (np.sqrt(np.maximum(v_new + b * v_error, 0)) + epsilon) for a in (-1, 1) for b in (-1, 1)]
            here = m_new / (np.sqrt(v_new) + epsilon)
            size = alpha * np.max(np.abs(ends), axis=0)
            moved = alpha * np.max(np.abs(ends - here), axis=0) + 5 * UNIT * size
            bounds["momentum"][name], bounds["velocity"][name] = m_error, v_error
        bounds["parameters"][name] = moved + 4 * UNIT * (np.abs(w) + 2 * size + decay)
        if network.average is not None:
            kept = float(optimizer["ema"]) if step > 0 else 0
            bounds["average"][name] = (1 - kept) * bounds["parameters"][name] + 4 * UNIT * (np.abs(w) + np.abs(network.average[name]) + size)
    return bounds, norm


@pytest.mark.parametrize("case", CASES)
def test_every_step_is_within_rounding_of_numpy(run_file, case):  # noqa: F811
    """One epoch is one step here, so there is a checkpoint after each."""
    overrides, ranks = CASES[case]
    run = train(run_file, case, "--training.batch_size=1000", "--training.epochs=8", *overrides, ranks=ranks)
    assert run.steps_per_epoch == 1
    costs, clip = np.load(os.path.join(run.folder, "costs.npy")), run.c["training"]["optimizer"]["global_clipnorm"]
    clipped = 0
    for step in range(8):
        twin = Network(run, run.checkpoint(step), np.float64)
        before = {name: value.copy() for name, value in twin.parameters.items()}
        bounds, norm = state_bounds(twin, step)
        clipped += clip is not None and norm > clip
        cost = twin.step(step)
        after = run.checkpoint(step + 1)
        assert abs(costs[step] - cost) <= bounds["cost"]
        for state, prefix in [("parameters", ""), ("momentum", "optimizer.momentum."), ("velocity", "optimizer.velocity."),
                              ("average", "optimizer.average.")]:
            expected = getattr(twin, state)
            assert (expected is None) == (prefix != "" and f"{prefix}layers.0.bias" not in after)
            for name, value in (expected or {}).items():
                deviation = np.abs(after[f"{prefix}{name}"] - value)
                assert (deviation <= SAFETY * bounds[state][name]).all(), f"{state} {name}, step {step}"
        for name, expected in twin.parameters.items():
            # A bound as large as the step would hold whatever the program did.
            moved = np.abs(expected - before[name]).max()
            assert np.median(bounds["parameters"][name]) < 0.05 * moved, f"{name}, step {step}"
    assert clip is None or clipped > 0
    rates = [run.learning_rate(step) for step in range(8)]
    assert np.allclose(run.history("learning_rate"), rates, rtol=1e-14, atol=0)
    if "plateau" in run.c["training"]["schedule"]:
        assert rates[-1] < rates[0]


@pytest.mark.parametrize("case", CASES)
def test_200_steps_stay_as_close_to_float64_as_numpy_in_float32(run_file, case):  # noqa: F811
    overrides, ranks = CASES[case]
    run = train(run_file, f"long-{case}", "--training.epochs=50", "--training.batch_size=32", *overrides, ranks=ranks)
    steps = 50 * run.steps_per_epoch
    exact, rounded = (Network(run, run.checkpoint(0), dtype) for dtype in (np.float64, np.float32))
    exact_costs = np.array([exact.step(step) for step in range(steps)])
    rounded_costs = np.array([rounded.step(step) for step in range(steps)], float)
    costs = np.load(os.path.join(run.folder, "costs.npy"))
    assert steps >= 200 and np.linalg.norm(costs - exact_costs) <= 3 * np.linalg.norm(rounded_costs - exact_costs)
    ours = run.checkpoint(50)
    for layer in {name.rsplit(".", 1)[0] for name in exact.parameters}:
        names = [name for name in exact.parameters if name.startswith(f"{layer}.")]
        deviation, allowed = (
            np.linalg.norm(np.concatenate([(found[name] - exact.parameters[name]).ravel() for name in names]))
            for found in (ours, rounded.parameters))
        assert deviation <= 3 * allowed, layer


def test_the_model_is_the_running_mean_of_the_parameters(run_file):  # noqa: F811
    run = train(run_file, "mean", "--training.epochs=4", "--training.batch_size=32", "--training.optimizer.ema=0.95")
    losses = run.history("validation_loss")
    best = int(np.argmin(losses)) + 1
    model, checkpoint = load_file(os.path.join(run.folder, "model.safetensors")), run.checkpoint(best)
    assert not any(name.startswith("optimizer") for name in model)
    x, y = run.events("validation")
    weights = np.float32(len(run.y) / (3 * np.bincount(run.y)))[y].astype(float)
    for epoch, loss in enumerate(losses, 1):
        kept = run.checkpoint(epoch)
        twin = Network(run, kept, np.float64)
        parameters, twin.parameters = twin.parameters, twin.average
        _, logarithms = twin.forward(x)
        expected = -(weights * logarithms[np.arange(len(y)), y]).sum() / (len(y) * run.mean_weight)
        assert abs(loss - expected) < 1e-5
        twin.parameters = parameters
        _, others = twin.forward(x)
        assert abs(expected + (weights * others[np.arange(len(y)), y]).sum() / (len(y) * run.mean_weight)) > 1e-4
    for name in twin.parameters:
        assert np.array_equal(model[name], checkpoint[f"optimizer.average.{name}"])
        assert not np.array_equal(model[name], checkpoint[name])


EVERYTHING = [
    "--training.optimizer=adamw", "--training.optimizer.global_clipnorm=0.5", "--training.optimizer.ema=0.99",
    "--training.optimizer.decay_biases=false", "--training.l2=0.001",
    "--training.schedule={plateau: {patience: 1, min_delta: 0.1, factor: 0.5}}", "--training.warmup_epochs=0.5",
]


@pytest.mark.parametrize("batch, epochs", [(1, 1), (128, 3), (4096, 4)])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_any_machine_gives_the_same_bits(tmp_path, batch, epochs, optimizer):
    options = ["data/hh-bbww.yaml", f"--training.batch_size={batch}", f"--training.epochs={epochs}", *EVERYTHING,
               f"--training.optimizer.name={optimizer}",
               f"--split={{train: {0.05 if batch == 1 else 0.3}, validation: 0.6, test: {0.35 if batch == 1 else 0.1}}}"]
    found = {}
    for ranks, threads, vectors in [(1, 1, ""), (1, 2, "avx2"), (2, 1, ""), (3, 2, ""), (5, 1, "avx2")]:
        folder = tmp_path / f"{ranks}-{threads}-{vectors}"
        environment = dict(os.environ, DIST_TRAIN_VECTORS=vectors)
        old, os.environ["DIST_TRAIN_VECTORS"] = os.environ.get("DIST_TRAIN_VECTORS", ""), environment["DIST_TRAIN_VECTORS"]
        try:
            run_program(*options, f"--output.directory={folder}", ranks=ranks, threads=threads)
        finally:
            os.environ["DIST_TRAIN_VECTORS"] = old
        found[folder.name] = digests(folder / "hh-bbww")
    assert len({str(value) for value in found.values()}) == 1, found


def test_a_run_that_is_stopped_at_a_random_step_goes_on_to_the_same_bits(tmp_path):
    options = ["data/hh-bbww.yaml", "--training.batch_size=8", "--training.epochs=5", "--network.hidden=[96, 96]",
               *EVERYTHING]
    run_program(*options, f"--output.directory={tmp_path / 'whole'}", threads=2)
    run, ranks = tmp_path / "cut/hh-bbww", [1, 3, 2]
    process = subprocess.Popen(
        [PROGRAM, *options, f"--output.directory={tmp_path / 'cut'}"], cwd=PROGRAM.parents[2], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (run / "checkpoints/epoch-0001.safetensors").exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    time.sleep(random.Random().uniform(0, 0.2))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 85
    assert list((run / "checkpoints").glob("epoch-*-step-*")), "stopped between two epochs"
    run_program("--resume", run, ranks=ranks[1])
    assert digests(run) == digests(tmp_path / "whole/hh-bbww")


def test_the_start_says_which_settings_are_used(run_file):  # noqa: F811
    output = run_program(run_file, "--name=said", "--training.optimizer=adam", "--training.epochs=1").stdout
    assert ("Optimiser: adam (learning_rate 0.001, beta_1 0.9, beta_2 0.999, epsilon 1e-07, weight_decay 0.0), "
            "8 bytes per parameter (momentum, velocity)") in output
    folder = run_file.parent / "runs/said"
    settings = yaml.safe_load((folder / "config.yaml").read_text())["training"]["optimizer"]
    assert settings == {"name": "adam", "learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7,
                        "weight_decay": 0, "global_clipnorm": None, "ema": None, "decay_biases": True}
    inspected = run_program("inspect", folder / "checkpoints/epoch-0001.safetensors").stdout
    assert "Optimiser:  adam (learning_rate 0.001" in inspected
    assert "momentum, velocity: training can continue" in inspected and "\nvelocity " in inspected
    assert "not in this file" in run_program("inspect", folder).stdout


@pytest.mark.parametrize("option", ["--optimizer=adam", "--optimiser=adam", "--optimizer adam"])
def test_what_people_type_is_understood(option):
    result = start(*option.split())
    assert result.returncode == 64 and "did you mean --training.optimizer=adam?" in result.stderr, result.stderr


def test_a_plateau_needs_validation_events(run_file):  # noqa: F811
    result = start(run_file, PLATEAU, "--split={train: 1, validation: 0, test: 0}")
    assert result.returncode == 64 and "plateau" in result.stderr and "split.validation" in result.stderr


def test_benchmark_measures_every_optimiser(tmp_path):
    path = tmp_path / "b.json"
    run_program("benchmark", "--optimizer", "sgd,adam,adamw", "--batch", "1,32", "--repeats", "1", "--json", path)
    results = yaml.safe_load(path.read_text())["results"]
    assert [(line["batch"], line["optimizer"]) for line in results] == [
        (batch, name) for batch in (1, 32) for name in ("sgd", "adam", "adamw")]
    result = start("benchmark", "--optimizer", "adan")
    assert result.returncode == 64 and "'adan'" in result.stderr
