"""The program against numpy: split and order of the events, gradients, optimiser, schedule.

Step by step, from the program's own checkpoint each time, it stays within a bound that follows from float32 rounding
alone; over hundreds of steps on its own it stays as close to float64 as numpy in float32 does.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bounds import step_bounds
from network import Network
from run import Run, permutation

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/dist-train"
FEATURES = ["pt", "eta", "phi", "btag", "mass"]
EVENTS = [97, 160, 61]


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    """Three small processes that overlap, with units as different as GeV and radians."""
    folder = tmp_path_factory.mktemp("events")
    random = np.random.default_rng(7)
    for process, count in enumerate(EVENTS):
        events = random.normal([90 + 20 * process, 0.4 * process, 0, 0.2 * process, 125], [40, 1, 1.8, 0.3, 9], (count, 5))
        np.savetxt(folder / f"{process}.txt", events.T, fmt="%.6g")
    path = folder / "run.yaml"
    path.write_text(f"""
data:
  processes: [{", ".join(f"{{name: p{p}, files: [{p}.txt]}}" for p in range(len(EVENTS)))}]
  features: [{", ".join(FEATURES)}]
network: {{hidden: [9, 7], initializer: he_uniform}}
training: {{optimizer: {{weight_decay: 0}}, schedule: constant, batch_size: 256, epochs: 20}}
output: {{directory: {folder}/runs, keep: 1000}}
""")
    return path


def train(run_file, name, *overrides, ranks=1):
    """Trains, on `ranks` ranks of two threads; the run folder."""
    command = [PROGRAM, run_file, f"--name={name}", "--threads=2", *overrides]
    if ranks > 1:
        command = ["mpirun", "--oversubscribe", "--bind-to", "none", "-np", str(ranks), *command]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return Run(run_file.parent / "runs" / name)


CASES = {
    "as_by_default": ([], 1),
    "tanh_nesterov_decay_cosine_warm_up": (
        ["--network.activation=tanh", "--network.initializer=glorot_uniform", "--training.optimizer.nesterov=true",
         "--training.optimizer.weight_decay=0.01", "--training.schedule={cosine: {final: 0.01}}",
         "--training.warmup_epochs=2.5", "--training.class_weights=[1, 0.5, 3]"], 2),
    "sigmoid_linear_steps_unweighted": (
        ["--network.activation=[sigmoid, linear]", "--network.initializer=he_normal", "--training.class_weights=none",
         "--training.schedule={step: {factor: 0.3, every: 2}}", "--training.optimizer.momentum=0"], 3),
    "raw_features_in_order": (
        ["--data.standardize=false", "--training.shuffle=false", "--network.initializer={random_uniform: [-0.1, 0.1]}",
         "--training.optimizer.learning_rate=0.001"], 1),
}


@pytest.mark.parametrize("case", CASES)
def test_every_step_is_within_rounding_of_numpy(run_file, case):
    """One epoch is one step here, so there is a checkpoint after each."""
    overrides, ranks = CASES[case]
    run = train(run_file, case, "--training.batch_size=1000", "--training.epochs=6", *overrides, ranks=ranks)
    assert run.steps_per_epoch == 1
    costs = np.load(os.path.join(run.folder, "costs.npy"))
    for step in range(6):
        twin = Network(run, run.checkpoint(step), np.float64)
        before = {name: value.copy() for name, value in twin.parameters.items()}
        bounds = step_bounds(twin, step)
        cost = twin.step(step)
        after = run.checkpoint(step + 1)
        assert abs(costs[step] - cost) <= bounds["cost"]
        for name, expected in twin.parameters.items():
            for value, bound, of in [(after[name], bounds[name][0], expected),
                                     (after[f"optimizer.velocity.{name}"], bounds[name][1], twin.velocity[name])]:
                assert (np.abs(value - of) <= bound).all(), f"{name}, step {step}"
            # A bound as large as the step would hold whatever the program did.
            moved = np.abs(expected - before[name]).max()
            assert np.median(bounds[name][0]) < 0.02 * moved, f"{name}, step {step}"


@pytest.mark.parametrize("overrides, ranks", [
    (["--training.batch_size=32"], 1),  # 7 steps an epoch, the last one short
    (["--training.batch_size=50", "--training.shuffle=false", "--network.activation=tanh"], 2),
    # No batch weighs what the others do: heavy events in few of them.
    (["--training.batch_size=20", "--training.class_weights=[6, 1, 0.25]", "--training.optimizer.momentum=0"], 1),
])
def test_200_steps_stay_as_close_to_float64_as_numpy_in_float32(run_file, overrides, ranks):
    run = train(run_file, f"long-{overrides[0].rsplit('=')[-1]}", "--training.epochs=50", *overrides, ranks=ranks)
    steps = 50 * run.steps_per_epoch
    assert steps >= 200 and len(run.y) % run.batch != 0
    exact, rounded = (Network(run, run.checkpoint(0), dtype) for dtype in (np.float64, np.float32))
    first = step_bounds(exact, 0)["cost"]
    exact_costs = np.array([exact.step(step) for step in range(steps)])
    rounded_costs = np.array([rounded.step(step) for step in range(steps)], float)
    costs = np.load(os.path.join(run.folder, "costs.npy"))
    assert abs(costs[0] - exact_costs[0]) <= first < 1e-4
    assert np.linalg.norm(costs - exact_costs) <= 3 * np.linalg.norm(rounded_costs - exact_costs)
    ours = run.checkpoint(50)
    # Layer by layer: the rounding errors of numpy in the three biases of a layer alone are a matter of luck, and of its BLAS,
    # which differs from CPU to CPU; a yardstick needs many of them.
    layers = {name.rsplit(".", 1)[0] for name in exact.parameters}
    for layer in layers:
        names = [name for name in exact.parameters if name.startswith(f"{layer}.")]
        deviation, allowed = (
            np.linalg.norm(np.concatenate([(found[name] - exact.parameters[name]).ravel() for name in names]))
            for found in (ours, rounded.parameters))
        assert deviation <= 3 * allowed, layer


def test_standardisation_is_that_of_the_training_events(run_file):
    run = train(run_file, "standardised", "--training.epochs=0")
    x = run.x.astype(float)
    checkpoint = run.checkpoint(0)
    # Both are rounded once to float32, from sums in double.
    assert np.allclose(checkpoint["input.mean"], x.mean(axis=0), rtol=2**-23, atol=1e-12)
    assert np.allclose(checkpoint["input.scale"], 1 / x.std(axis=0), rtol=2**-23, atol=0)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 64, 65, 1000])
def test_the_twin_of_shuffle_is_a_permutation(count):
    orders = [permutation(count, 42, epoch) for epoch in (1, 2)]
    for order in orders:
        assert sorted(order) == list(range(count))
    assert count < 64 or not np.array_equal(*orders)
