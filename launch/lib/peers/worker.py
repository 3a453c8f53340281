"""Measures one peer in a process of its own: one line of JSON per batch size. Started by compare_peers.py.

A peer is a module in this folder with a class Trainer(x, y, batch, cores):
    steps         training steps that one call() makes
    call()        makes them, on consecutive batches without shuffling, and returns when they are done
    loss()        the loss of the last step
    agree(value)  the value of rank 0; one process keeps its own
All peers: 15-30-30-30-4, relu, softmax cross-entropy, SGD, float32, the loss of every step computed.
"""

import argparse
import importlib
import json
import math
import os
import sys
import time
from statistics import median

import numpy as np

LAYERS = [15, 30, 30, 30, 4]
LEARNING_RATE, MOMENTUM = 0.05, 0.9
SLICES = 5
RANK = int(os.environ.get("OMPI_COMM_WORLD_RANK", 0))


def initial_weights():
    """Glorot's uniform weights [in, out] and zero biases, the same for every peer."""
    generator = np.random.default_rng(1)
    layers = []
    for inputs, outputs in zip(LAYERS, LAYERS[1:]):
        limit = math.sqrt(6 / (inputs + outputs))
        layers.append((generator.uniform(-limit, limit, (inputs, outputs)).astype(np.float32),
                       np.zeros(outputs, np.float32)))
    return layers


class Passes:
    """Goes through the events in order, again and again: every next() is where the next `steps` batches start."""

    def __init__(self, events, batch, most_steps):
        whole = events // batch
        self.steps = min(most_steps, whole)
        self.starts = [step * batch for step in range(whole // self.steps * self.steps)]
        self.place = 0

    def __next__(self):
        place = self.place
        self.place = (place + self.steps) % len(self.starts)
        return self.starts[place:place + self.steps]


def measure(trainer, seconds):
    """(seconds, steps): the median of SLICES equal parts that last at least `seconds` together.

    As `dist-train benchmark` does it. What is called before, until a part is long enough, is warm-up.
    """
    trainer.call()
    calls = 1
    while (elapsed := trainer.agree(timed(trainer, calls))) < seconds / SLICES:
        calls = min(10 * calls, math.ceil(1.1 * calls * seconds / SLICES / elapsed))
    return median(timed(trainer, calls) for _ in range(SLICES)), calls * trainer.steps


def timed(trainer, calls):
    start = time.perf_counter()
    for _ in range(calls):
        trainer.call()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("--batches", required=True)
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--events", required=True)
    options = parser.parse_args()
    if options.ranks > 1 and "OMPI_COMM_WORLD_RANK" in os.environ:
        # mpirun was told to bind nothing: a rank takes its core here, in the same way for every peer.
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[RANK % len(cores)]})
    with np.load(options.events) as events:
        x, y = events["x"], events["y"]
    module = importlib.import_module(options.module)
    for batch in map(int, options.batches.split(",")):
        trainer = module.Trainer(x, y, batch, options.cores)
        seconds, steps = measure(trainer, options.seconds)
        loss = float(trainer.loss())
        if RANK == 0:
            print(json.dumps({"batch": batch, "seconds": seconds, "steps": steps, "loss": loss}), flush=True)
    if hasattr(module, "end"):
        module.end()


if __name__ == "__main__":
    sys.modules["worker"] = sys.modules["__main__"]  # the peers import it under its name
    main()
