"""What a run with classes, uses, weights, labels and splits trains on, rebuilt in numpy from its config.yaml and CSV files.

Written from the documentation (data/hh-bbww.yaml, EventIdentity, Split, ClassFactors), not from the code.
"""

import csv
import hashlib
import os
from fnmatch import fnmatchcase

import numpy as np
import yaml
from run import GOLDEN, Run, mix, words

TRAINING, VALIDATION, TEST, UNTRAINED, EVALUATION, DATA = range(6)


def columns(path):
    """The columns of a CSV file with names in its first line: texts."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return {name: [row[number] for row in rows[1:]] for number, name in enumerate(rows[0])}


def random_words(seed, stream, counters):
    """Words of a stream of CounterRandom, by their counters."""
    key = mix(mix(np.array([seed], np.uint64) + GOLDEN) + GOLDEN * np.array([stream], np.uint64))
    return mix(key + GOLDEN * (counters + np.uint64(1)))


def identities(process, integers):
    """The keys of events: the name's first eight bytes of SHA-256, then SplitMix64 word by word."""
    start = int.from_bytes(hashlib.sha256(process.encode()).digest()[:8], "little")
    keys = np.full(len(integers[0]), start, np.uint64)
    for column in integers:
        keys = mix(keys + GOLDEN * (np.array([int(text) for text in column], np.uint64) + np.uint64(1)))
    return keys


class WeightedRun(Run):
    """As `Run`: of the training events x, y and w = t; also `use`, as in split.npy, and v, of all events of the files."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "config.yaml"), encoding="utf-8") as file:
            self.c = yaml.safe_load(file)
        data, training = self.c["data"], self.c["training"]
        self.seed = training["seed"]
        policy = training["event_weights"]
        label = data["label"]
        self.classes = list(label["classes"]) if label else list(dict.fromkeys(
            str(p.get("class", p["name"])) for p in data["processes"] if p.get("use", "train") == "train"))
        parts = [self.process(number, p, label) for number, p in enumerate(data["processes"])]
        x, y, w, use, process = (np.concatenate([part[i] for part in parts]) for i in range(5))
        magnitude = {"absolute": np.abs(w), "keep": w, "drop": np.maximum(w, 0)}[policy["negative"]]
        self.weighted = policy["use"] and any(part[5] for part in parts)
        if not self.weighted:
            magnitude = np.ones_like(w)
        use[(use == TRAINING) & (magnitude == 0)] = UNTRAINED
        trained = use == TRAINING
        sums = np.array([magnitude[trained & (y == k)].sum() for k in range(len(self.classes))])
        counts = np.array([(trained & (y == k)).sum() for k in range(len(self.classes))])
        given = training["class_weights"]
        factors = (trained.sum() / (len(self.classes) * sums) if given == "balanced"
                   else np.ones(len(self.classes)) if given == "none" else np.array(given, float))
        c = factors[np.maximum(y, 0)]
        for k in range(len(self.classes)):
            members = [p for p in range(len(parts)) if (trained & (y == k) & (process == p)).any()]
            for p in members:
                mine = trained & (y == k) & (process == p)
                part = {"weight": 1, "events": mine.sum() / magnitude[mine].sum() * sums[k] / counts[k],
                        "equal": sums[k] / (len(members) * magnitude[mine].sum())}[data["share"]]
                c[(y == k) & (process == p)] *= part
        # A power of two does not change a float32's digits.
        mean = (magnitude * c)[trained].mean()
        power = 2.0 ** (0 if given == "balanced" or not self.weighted else -np.floor(np.log2(mean)))
        unit = 2.0 ** -(np.floor(np.log2(np.abs(w).max())) + 1)
        v = (np.float32((w if self.weighted else np.ones_like(w)) * unit) * np.float32(c * power / unit)).astype(np.float64)
        t = v if policy["negative"] == "keep" else np.abs(v)
        self.use, self.v, self.physics, self.process_number = use, v, w, process
        self.x, self.y, self.w = x[trained], y[trained], t[trained]
        self.mean_weight = self.w.mean()
        self.mean_monitor_weight = v[trained].mean()
        self.all_x, self.all_y = x, y
        self.batch, self.steps_per_epoch = training["batch_size"], -(-len(self.y) // training["batch_size"])
        self.activations = self.c["network"]["activation"]

    def process(self, number, entry, label):
        """Features, class (−1: none), w, use and process number of the events of a process, and whether they have weights."""
        data, directory = self.c["data"], self.c["data"]["directory"]
        use, x, y, w, uses, has = entry.get("use", "train"), [], [], [], [], False
        first = 0
        for place, name in enumerate(entry["files"]):
            table = columns(os.path.join(directory, name))
            count = len(table[data["features"][0]])
            x.append(np.array([[float(v) for v in table[f]] for f in data["features"]]).T.astype(np.float32))
            product = np.ones(count)
            if use != "data":
                scale = entry.get("scale")
                if "cross_section" in entry:
                    scale = entry["cross_section"] * 1000 * data["luminosity"] / entry["sum_weights"]
                product *= 1 if scale is None else scale
                has |= scale is not None
                for column in data["weight"] or []:
                    product = product * np.array([float(v) for v in table[column]])
                    has = True
                if "weight_files" in entry:
                    product = product * np.load(os.path.join(directory, entry["weight_files"][place])).astype(float)
                    has = True
            w.append(product)
            if label and use == "train" and "class" not in entry:
                values = {str(v): k for k, name in enumerate(label["classes"]) for v in label["classes"][name]}
                y.append(np.array([values[v] for v in table[label["column"]]]))
            else:
                group = str(entry.get("class", entry["name"]))
                y.append(np.full(count, self.classes.index(group) if group in self.classes else -1))
            uses.append(self.uses(number, entry, name, table, np.arange(first, first + count, dtype=np.uint64)))
            first += count
        w = np.concatenate(w)
        # w is one float32: rounded once, whatever its size.
        exponent = np.floor(np.log2(np.where(w == 0, 1, np.abs(w))))
        w = np.float32(w / 2.0**exponent).astype(float) * 2.0**exponent
        return np.concatenate(x), np.concatenate(y), w, np.concatenate(uses), np.full(first, number), has

    def uses(self, number, entry, name, table, numbers):
        split = self.c["split"]
        if entry.get("use", "train") != "train":
            return np.full(len(numbers), EVALUATION if entry["use"] == "evaluate" else DATA)
        by = split["by"]
        if isinstance(by, dict) and "files" in by:
            part = [TEST * any(fnmatchcase(name, p) for p in by["files"]["test"]),
                    VALIDATION * any(fnmatchcase(name, p) for p in by["files"]["validation"])]
            return np.full(len(numbers), max(part))
        if isinstance(by, dict):
            # Numbers are equal whatever way they are written.
            values = {float(v): part for part, key in enumerate(("train", "validation", "test")) for v in by.get(key, [])}
            return np.array([values[float(v)] for v in table[by["column"]]])
        if by == "event":
            keys = identities(str(entry["name"]), [table[column] for column in self.c["data"]["event"]])
            u = random_words(split["seed"], 0x1_FFFF_FFFF, keys)
        else:
            trained = [place for place, p in enumerate(self.c["data"]["processes"]) if p.get("use", "train") == "train"]
            u = random_words(split["seed"], 0x1_0000_0000 + trained.index(number), numbers)
        u = (u >> np.uint64(11)) * 2.0**-53
        edge = float(split["train"])
        return np.where(u < edge, TRAINING, np.where(u < edge + float(split["validation"]), VALIDATION, TEST))
