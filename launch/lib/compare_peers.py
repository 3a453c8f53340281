"""Measures dist-train beside other programs that train networks. Called by launch/compare-peers, which explains it."""

import argparse
import datetime
import json
import math
import os
import platform
import socket
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from compare_peers_plot import draw
from compare_peers_runs import compare_trees, train_spark
from compare_peers_table import OURS, report

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/dist-train"
WORKER = Path(__file__).parent / "peers/worker.py"
NETWORK = "15-30-30-30-4"
BATCHES, QUICK_BATCHES = [1, 8, 32, 128, 512, 1024, 4096, 16384], [1, 128, 4096]
SLICES = 5  # parts of a measurement, whose median is taken: also the worker's
EVENTS = 65_536  # the shipped events in random order, repeated: a few of the largest batches
USAGE, FAILED, MISSING = 64, 70, 69
LIMIT = 600  # seconds for one process


class Peer(NamedTuple):
    label: str
    module: str
    package: str                # without it the peer is missing
    groups: tuple = ("1", "2")
    settings: dict = {}         # environment variables


PEERS = {
    OURS: Peer("dist-train", "", "numpy", ("1", "2", "2r")),
    "numpy": Peer("numpy by hand", "numpy_by_hand", "numpy"),
    "sklearn": Peer("scikit-learn MLPClassifier", "sklearn_mlp", "scikit-learn"),
    "jax": Peer("JAX jit + lax.scan", "jax_scan", "jax"),
    "torch": Peer("PyTorch eager", "torch_eager", "torch"),
    "keras-tf": Peer("Keras on TensorFlow, train_on_batch", "keras_batch", "tensorflow_cpu",
                     settings={"KERAS_BACKEND": "tensorflow"}),
    "keras-tf-fit": Peer("Keras on TensorFlow, fit", "keras_fit", "tensorflow_cpu",
                         settings={"KERAS_BACKEND": "tensorflow"}),
    "keras-jax": Peer("Keras on JAX, train_on_batch", "keras_batch", "jax", settings={"KERAS_BACKEND": "jax"}),
    "keras-jax-fit": Peer("Keras on JAX, fit", "keras_fit", "jax", settings={"KERAS_BACKEND": "jax"}),
    "mpi4py": Peer("mpi4py + numpy by hand", "mpi4py_numpy", "mpi4py", ("2r",),
                   # what dist-train sets for itself
                   {"OMPI_MCA_btl_vader_eager_limit": "65536"}),
    "ddp": Peer("PyTorch DDP (gloo)", "torch_ddp", "torch", ("2r",)),
    "jax-devices": Peer("JAX on two host devices", "jax_devices", "jax", ("2r",)),
}
TREES = {"lightgbm": "LightGBM", "xgboost": "XGBoost"}
LABELS = {key: peer.label for key, peer in PEERS.items()} | TREES | {"horovod": "Horovod"}


def fail(code, message):
    print(f"launch/compare-peers: {message}", file=sys.stderr)
    raise SystemExit(code)


def environment(cores, extra):
    """The environment of a peer's process: this many threads for every library that has a setting for them."""
    # Settings of the machine for another OpenBLAS than numpy's own can slow it down.
    variables = {name: value for name, value in os.environ.items()
                 if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
    variables |= {name: str(cores) for name in threads}
    eigen = "false" if cores == 1 else "true"
    variables |= {
        "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "",
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={eigen} intra_op_parallelism_threads={cores}",
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    }
    return variables | extra


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def execute(command, cores, variables):
    """Runs a command on the first `cores` CPUs that this process may use; returns what it printed."""
    chosen = set(sorted(os.sched_getaffinity(0))[:cores])
    done = subprocess.run([str(word) for word in command], env=variables, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=LIMIT, preexec_fn=lambda: os.sched_setaffinity(0, chosen))
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip().strip("-")]
        words = ("rror", "dist-train:")
        telling = [line for line in lines if any(word in line for word in words)] or lines or ["no message"]
        raise RuntimeError(f"exit code {done.returncode}: {telling[-1][:160]}")
    return done.stdout


def run_peer(key, group, batches, options):
    """[{batch, events_per_s, …}] of one process of one peer."""
    peer, cores, ranks = PEERS[key], int(group[0]), 2 if group == "2r" else 1
    threads = cores // ranks
    extra = dict(peer.settings)
    launcher = [sys.executable]
    if key == "jax-devices":
        extra["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2 --xla_cpu_multi_thread_eigen=false"
    elif ranks > 1:
        extra |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
        launcher = ["mpirun", "-np", ranks, "--bind-to", "none", sys.executable]
    output = execute(
        [*launcher, WORKER, peer.module, "--batches", ",".join(map(str, batches)), "--cores", threads, "--ranks", ranks,
         "--seconds", options.seconds, "--events", options.output / "events.npz"], cores, environment(threads, extra))
    results = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    for result in results:
        result["events_per_s"] = result["batch"] * result["steps"] / result["seconds"]
        if not math.isfinite(result["loss"]):
            raise RuntimeError(f"the loss is {result['loss']} at batch {result['batch']}")
    if [result["batch"] for result in results] != batches:
        raise RuntimeError("not every batch size was measured")
    return results


def run_ours(group, batches, options):
    """The same from `dist-train benchmark`."""
    cores, ranks = int(group[0]), 2 if group == "2r" else 1
    threads = cores // ranks
    launcher = ["mpirun", "-np", ranks, "--bind-to", "core"] if ranks > 1 else []
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "benchmark.json"
        execute([*launcher, PROGRAM, "benchmark", "--network", NETWORK, "--batch", ",".join(map(str, batches)),
                 "--threads", threads, "--repeats", SLICES, "--json", result], cores, environment(threads, {}))
        return [{"batch": one["batch"], "events_per_s": one["events_per_s"]}
                for one in json.loads(result.read_text())["results"]]


def measure(plan, options, missing):
    """Round after round, every peer of every group once, so that a slow minute of the machine is shared by all."""
    measurements, failed = [], set()
    for repeat in range(options.repeats):
        for group, key in plan:
            if (group, key) in failed:
                continue
            # Two ranks of a peer take equal parts.
            batches = [batch for batch in options.batch if group != "2r" or key == OURS or batch % 2 == 0]
            if not batches:
                continue
            print(f"repeat {repeat + 1} of {options.repeats}, {group}: {LABELS[key]}", file=sys.stderr)
            try:
                results = run_ours(group, batches, options) if key == OURS else run_peer(key, group, batches, options)
            except (RuntimeError, OSError, KeyError, ValueError, subprocess.TimeoutExpired) as error:
                failed.add((group, key))
                missing[key] = f"it failed ({group}): {error}"
                continue
            measurements += [{"group": group, "peer": key, "repeat": repeat, **result} for result in results]
    return measurements


def write_events(path):
    """The shipped events, standardised, in random order, repeated to EVENTS."""
    tables = [np.loadtxt(ROOT / f"data/nn_input_{name}.txt").T for name in ("signal", "bgr_tt", "bgr_st", "bgr_Wj")]
    x = np.concatenate(tables)
    y = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    order = np.resize(np.random.default_rng(1).permutation(len(x)), EVENTS)
    np.savez(path, x=((x - x.mean(axis=0)) / x.std(axis=0))[order].astype(np.float32), y=y[order].astype(np.int64))


def machine():
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    return {"cpu": cpu, "cores": len(os.sched_getaffinity(0)), "system": f"{platform.system()} {platform.release()}",
            "load": round(os.getloadavg()[0], 2)}


def versions():
    names = ("numpy", "scikit-learn", "jax", "jaxlib", "torch", "keras", "tensorflow_cpu", "lightgbm", "xgboost-cpu",
             "mpi4py", "matplotlib")
    found = {"Python": platform.python_version()}
    for name in names:
        if installed(name):
            found[name] = metadata.version(name)
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return found | ({"dist-train": commit.stdout.strip()} if commit.returncode == 0 else {})


def installed(package):
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def batch_sizes(text):
    return [int(word) for word in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(prog="launch/compare-peers", add_help=False, allow_abbrev=False)
    parser.error = lambda message: fail(USAGE, f"{message}; launch/compare-peers -h lists the options")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--batch", type=batch_sizes)
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--cores", type=int, choices=(1, 2))
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--output", type=Path, default=ROOT / ".build/peers")
    parser.add_argument("--sparkdltrigger", action="store_true")
    parser.add_argument("--check", action="store_true", help="only look at the options")
    parser.add_argument("--not-installed", type=Path, help="lines of NAME, tab, reason; from launch/compare-peers")
    options = parser.parse_args()
    options.batch = sorted(set(options.batch or (QUICK_BATCHES if options.quick else BATCHES)))
    options.repeats = options.repeats or (1 if options.quick else 5)
    options.seconds = 0.35  # SLICES of 0.07, as `dist-train benchmark` takes them
    known = [*PEERS, *TREES]
    unknown = [key for key in options.only or () if key not in known]
    if unknown:
        fail(USAGE, f"--only {','.join(unknown)}: give some of {', '.join(known)}")
    if options.batch[0] < 1 or options.batch[-1] > EVENTS:
        fail(USAGE, f"--batch: from 1 to {EVENTS}")
    if options.repeats < 1:
        fail(USAGE, "--repeats: at least 1")
    options.output = options.output.absolute()
    return options


def choose(options, missing):
    """[(group, peer)] in the order of measurement: of those that were asked for, those that are installed."""
    available = len(os.sched_getaffinity(0))
    groups = {1: ["1"], 2: ["2", "2r"]}.get(options.cores) or ["1"] + (["2", "2r"] if available > 1 else [])
    if "2" in groups and available < 2:
        fail(USAGE, "--cores 2: this process may use one CPU only")
    wanted = [key for key in PEERS if not options.only or key in options.only or key == OURS]
    plan = []
    for key in wanted:
        if not installed(PEERS[key].package):
            missing.setdefault(key, "it is not installed")
        elif key != OURS or PROGRAM.is_file():
            plan += [(group, key) for group in PEERS[key].groups if group in groups]
        else:
            missing[OURS] = "it is not built"
    return sorted(plan, key=lambda one: groups.index(one[0]))


def run_trees(options, missing):
    """Rows of the boosted trees that were asked for, trained on as many cores as the largest group has."""
    packages = {"lightgbm": "lightgbm", "xgboost": "xgboost-cpu"}
    keys = [key for key in TREES if not options.only or key in options.only]
    for key in keys:
        if not installed(packages[key]):
            missing.setdefault(key, "it is not installed")
    keys = [key for key in keys if installed(packages[key])]
    cores = options.cores or min(2, len(os.sched_getaffinity(0)))
    try:
        variables = environment(cores, {})
        return compare_trees(PROGRAM, ROOT, keys, LABELS, cores, options.output, execute, variables, missing)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        missing |= {key: f"the default run that it is compared with failed: {error}" for key in keys}
        return []


def save(raw, folder):
    raw["ended"] = now()
    (folder / "raw.json").write_text(json.dumps(raw, indent=1) + "\n")
    (folder / "table.md").write_text(report(raw, LABELS))
    if raw["measurements"]:
        draw(raw["measurements"], LABELS, raw["machine"], folder / "peers.png")


def now():
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def read_missing(options):
    """{peer: why it was not installed}, of those that were asked for. A package may serve several peers."""
    if not (options.not_installed and options.not_installed.is_file()):
        return {}
    reasons = dict(line.split("\t", 1) for line in options.not_installed.read_text().splitlines())
    packages = {"keras": ("keras-tf", "keras-tf-fit", "keras-jax", "keras-jax-fit"), "jax": ("jax", "jax-devices"),
                "torch": ("torch", "ddp")}
    missing = {key: reason for name, reason in reasons.items() for key in packages.get(name, (name,))}
    return {key: reason for key, reason in missing.items() if not options.only or key in options.only}


def main():
    options = parse()
    if options.check:
        return
    options.output.mkdir(parents=True, exist_ok=True)
    missing = read_missing(options)
    write_events(options.output / "events.npz")
    raw = {"machine": machine(), "versions": versions(), "started": now(), "repeats": options.repeats,
           "seconds": options.seconds, "network": NETWORK, "missing": missing}
    raw["measurements"] = measure(choose(options, missing), options, missing)
    save(raw, options.output)  # many minutes are not to be lost by what comes next
    raw["trees"] = run_trees(options, missing)
    if options.sparkdltrigger:
        cores = options.cores or min(2, len(os.sched_getaffinity(0)))
        try:
            raw["sparkdltrigger"] = train_spark(PROGRAM, options.output / "sparkdltrigger", cores, execute,
                                                environment(cores, {}))
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            missing["sparkdltrigger"] = f"the run failed: {error}"
    save(raw, options.output)
    print((options.output / "table.md").read_text())
    if not raw["measurements"]:
        fail(FAILED, "nothing was measured; the table tells why")


if __name__ == "__main__":
    main()
