"""What a run trains on, rebuilt from its config.yaml and the event files: split, weights, order, learning rate.

Written from the documentation of CounterRandom, Shuffle, Split and LearningRateSchedule, not from their code.
"""

import math
import os

import numpy as np
import yaml
from safetensors.numpy import load_file

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def words(seed, stream, count):
    """The first `count` words of a stream of CounterRandom. (Arrays, as numpy warns when a scalar wraps around.)"""
    key = mix(mix(np.array([seed], np.uint64) + GOLDEN) + GOLDEN * np.array([stream], np.uint64))
    return mix(key + GOLDEN * np.arange(1, count + 1, dtype=np.uint64))


def permutation(count, seed, epoch):
    """Shuffle: the events in the order in which this epoch shows them."""
    a = math.isqrt(count - 1) + 1
    b = -(-count // a)
    keys = (words(seed, 0x2_0000_0000 + epoch, 8) & np.uint64(0xFFFFFFFF)).astype(np.uint32)

    def share(half, key, modulus):
        x = (half.astype(np.uint32) ^ key) * np.uint32(0x9E3779B1)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x85EBCA77)
        return x.astype(np.uint64) * np.uint64(modulus) >> np.uint64(32)

    order = np.arange(count, dtype=np.uint64)
    walking = np.full(count, True)
    while walking.any():
        high, low = order[walking] // np.uint64(b), order[walking] % np.uint64(b)
        for r in range(0, 8, 2):
            high = (high + share(low, keys[r], a)) % np.uint64(a)
            low = (low + share(high, keys[r + 1], b)) % np.uint64(b)
        order[walking] = high * np.uint64(b) + low
        walking = order >= count
    return order.astype(np.int64)


class Run:
    """A run folder: its configuration `c`; of its training events (x, y, w): raw features, class, weight; and the mean weight."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "config.yaml"), encoding="utf-8") as file:
            self.c = yaml.safe_load(file)
        self.seed, train = self.c["training"]["seed"], self.c["training"]
        self.parts = {"training": [], "validation": [], "test": []}  # per process, the numbers of its events
        raw = []
        for process, entry in enumerate(self.c["data"]["processes"]):
            tables = [np.loadtxt(os.path.join(self.c["data"]["directory"], name), ndmin=2) for name in entry["files"]]
            by_row = self.c["data"]["layout"] == "features_by_row"
            raw.append(np.concatenate([table.T if by_row else table for table in tables]).astype(np.float32))
            u = (words(self.c["split"]["seed"], 0x1_0000_0000 + process, len(raw[-1])) >> np.uint64(11)) * 2.0**-53
            edge = float(self.c["split"]["train"])
            second = edge + float(self.c["split"]["validation"])
            for name, chosen in [("training", u < edge), ("validation", (u >= edge) & (u < second)), ("test", u >= second)]:
                self.parts[name].append(np.flatnonzero(chosen))
        self.raw = raw
        self.x, self.y = self.events("training")
        counts = np.bincount(self.y)
        weights = {"balanced": len(self.y) / (len(counts) * counts), "none": np.ones(len(counts))}
        given = train["class_weights"]
        self.w = np.float32(weights[given] if isinstance(given, str) else given)[self.y]
        self.mean_weight = self.w.mean(dtype=float)
        self.batch, self.steps_per_epoch = train["batch_size"], -(-len(self.y) // train["batch_size"])
        self.activations = self.c["network"]["activation"]

    def events(self, part):
        """Features and classes of the events of a part, process after process, in the order of the files."""
        chosen = self.parts[part]
        x = np.concatenate([events[numbers] for events, numbers in zip(self.raw, chosen)])
        return x, np.repeat(np.arange(len(chosen)), [len(numbers) for numbers in chosen])

    def checkpoint(self, epoch):
        return load_file(os.path.join(self.folder, "checkpoints", f"epoch-{epoch:04}.safetensors"))

    def learning_rate(self, step):
        training, schedule = self.c["training"], self.c["training"]["schedule"]
        warm_up = float(training["warmup_epochs"]) * self.steps_per_epoch
        rate = float(training["optimizer"]["learning_rate"]) * (min(1, (step + 1) / warm_up) if warm_up > 0 else 1)
        if schedule == "constant":
            return rate
        if "step" in schedule:
            return rate * float(schedule["step"]["factor"]) ** (step // self.steps_per_epoch // schedule["step"]["every"])
        if "exponential" in schedule:  # Keras' ExponentialDecay, whose decay_steps are those of an epoch
            return rate * float(schedule["exponential"]["rate"]) ** (step / self.steps_per_epoch)
        if "plateau" in schedule:
            base = float(training["optimizer"]["learning_rate"])
            return rate / base * self.plateau(base, schedule["plateau"], step // self.steps_per_epoch)
        final = float(schedule["cosine"]["final"])
        return rate * (final + (1 - final) * (1 + np.cos(np.pi * step / (self.steps_per_epoch * training["epochs"]))) / 2)

    def plateau(self, rate, settings, epochs):
        """Keras' ReduceLROnPlateau: the learning rate after so many epochs with the validation losses of history.csv."""
        losses = self.history("validation_loss")
        best, wait, cooldown = math.inf, 0, 0
        for loss in losses[:epochs]:
            if cooldown > 0:
                cooldown, wait = cooldown - 1, 0
            if loss < best - float(settings["min_delta"]):
                best, wait = loss, 0
            elif cooldown == 0:
                wait += 1
                if wait >= settings["patience"] and rate > float(settings["min_learning_rate"]):
                    rate = max(rate * float(settings["factor"]), float(settings["min_learning_rate"]))
                    cooldown, wait = settings["cooldown"], 0
        return rate

    def history(self, column):
        with open(os.path.join(self.folder, "history.csv"), encoding="utf-8") as file:
            names, *lines = [line.strip().split(",") for line in file]
        return [float(line[names.index(column)]) for line in lines]

    def batch_of(self, step):
        """Numbers of the training events of a step of the whole training; epochs count from 1, steps from 0."""
        epoch, place = divmod(step, self.steps_per_epoch)
        count, shuffle = len(self.y), self.c["training"]["shuffle"]
        order = permutation(count, self.seed, epoch + 1) if shuffle else np.arange(count)
        return order[place * self.batch:(place + 1) * self.batch]
