"""What a peer trains on: a run's start, events, order, weights, learning rates and masks, from its folder alone."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/oracle"))

import dropout  # noqa: E402
from weighted import WeightedRun  # noqa: E402


@dataclass
class Layer:
    """A dense layer as it starts: weights (inputs, outputs), biases; scale and shift of a LayerNorm, or None."""

    weight: np.ndarray
    bias: np.ndarray
    norm: tuple[np.ndarray, np.ndarray] | None
    activation: str
    skip: bool
    dropout: float


class OneEpoch:
    """One epoch of a run, for others to repeat: for each step the numbers of the events, the learning rate, and what each dropout
    multiplies its values by (the inputs' first), or None."""

    def __init__(self, folder):
        self.run = run = WeightedRun(folder)
        start, network = run.checkpoint(0), run.c["network"]
        self.training = run.c["training"]
        self.optimizer = self.training["optimizer"]
        self.binary = self.training["loss"] == "binary_crossentropy"
        self.smoothing, self.gamma, self.l2 = (
            float(self.training[key]) for key in ("label_smoothing", "focal_gamma", "l2"))
        # What bounds the loss of an event of negative weight, as a probability.
        self.clip = float(self.training["event_weights"]["clip"])
        self.x = ((run.x - start["input.mean"]) * start["input.scale"]).astype(np.float32)
        # What a mean over the events of a batch multiplies each loss by: t / t̄.
        self.weights = (run.w.astype(float) / run.mean_weight).astype(np.float32)
        self.classes = len(run.classes)
        self.input_dropout = float(network["input_dropout"])
        self.layers = []
        for number, entry in enumerate(network["hidden"] + [None]):
            name = f"layers.{number}"
            norm = (start[f"{name}.norm.weight"], start[f"{name}.norm.bias"]) if f"{name}.norm.weight" in start else None
            keys = entry if isinstance(entry, dict) else {}
            activation = keys.get("activation", network["activation"][number]) if entry else "linear"
            rate = float(keys.get("dropout", network["dropout"])) if entry else 0.0
            self.layers.append(Layer(
                start[f"{name}.weight"].T.copy(), start[f"{name}.bias"], norm, activation, bool(keys.get("skip")), rate))

    def __iter__(self):
        place = 0
        for step in range(self.run.steps_per_epoch):
            batch = self.run.batch_of(step)
            places = np.arange(place, place + len(batch))
            place += len(batch)
            rates = [self.input_dropout] + [layer.dropout for layer in self.layers[:-1]]
            units = [self.x.shape[1]] + [len(layer.bias) for layer in self.layers[:-1]]
            factors = [dropout.factors(self.run.seed, layer, 1, places, count, rate) if rate else None
                       for layer, (count, rate) in enumerate(zip(units, rates))]
            yield batch, self.run.learning_rate(step), factors
