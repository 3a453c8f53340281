"""The numpy twin of a training whose hidden layers do more: any activation, layer normalisation, skip connections, dropout.

y = [x +] dropout(activation(norm(W x + b))), layer by layer; see network.py for the rest.
"""

import math

import numpy as np

import dropout
from network import Network

_erfc = np.vectorize(math.erfc, otypes=[float])


def _sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def _normal(z):
    """The normal distribution and its density, in double."""
    z = z.astype(float)
    return _erfc(-z / math.sqrt(2)) / 2, np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


ACTIVATIONS = {  # of z: the value and the derivative
    "relu": lambda z: (np.maximum(z, 0), (z > 0).astype(z.dtype)),
    "tanh": lambda z: (np.tanh(z), 1 - np.tanh(z) ** 2),
    "sigmoid": lambda z: (_sigmoid(z), _sigmoid(z) * (1 - _sigmoid(z))),
    "linear": lambda z: (z, np.ones_like(z)),
    "silu": lambda z: (z * _sigmoid(z), _sigmoid(z) * (1 + z * (1 - _sigmoid(z)))),
    "gelu": lambda z: ((z * _normal(z)[0]).astype(z.dtype), (_normal(z)[0] + z * _normal(z)[1]).astype(z.dtype)),
    "leaky_relu": lambda z: (np.where(z < 0, z * z.dtype.type(0.2), z), np.where(z < 0, z.dtype.type(0.2), z.dtype.type(1))),
    "elu": lambda z: (np.where(z > 0, z, np.expm1(np.minimum(z, 0))), np.where(z > 0, z.dtype.type(1), np.exp(np.minimum(z, 0)))),
}


class LayerNetwork(Network):
    """With the masks of the step that is taken; none in `forward` of other events."""

    def __init__(self, run, checkpoint, dtype):
        super().__init__(run, checkpoint, dtype)
        network = run.c["network"]
        self.hidden = [entry if isinstance(entry, dict) else {"units": entry} for entry in network["hidden"]]
        for entry, activation in zip(self.hidden, network["activation"]):
            entry.setdefault("activation", activation)
            entry.setdefault("dropout", network["dropout"])
        self.depth = len(self.hidden) + 1

    def factors(self, layer, units, probability, place):
        """`place`: the epoch and the places of the events in its order, or None."""
        if place is None or not float(probability):
            return 1
        epoch, places = place
        return dropout.factors(self.run.seed, layer, epoch, places, units, float(probability)).astype(self.dtype)

    def traces(self, x, place):
        """Per layer its inputs, (x̂, 1/σ) of its norm, and the slopes of what follows; last the logits."""
        values = ((x - self.mean) * self.scale).astype(self.dtype)
        values = values * self.factors(0, values.shape[1], self.run.c["network"]["input_dropout"], place)
        traces = []
        for layer, entry in enumerate(self.hidden):
            p = {part: self.parameters.get(f"layers.{layer}.{part}") for part in ("weight", "bias", "norm.weight", "norm.bias")}
            z, norm = values @ p["weight"].T + p["bias"], None
            if entry.get("norm") == "layer":
                variance = z.var(axis=1, keepdims=True)
                inverse = 1 / np.sqrt(variance + self.dtype(1e-3))
                norm = (z - z.mean(axis=1, keepdims=True)) * inverse, inverse
                z = norm[0] * p["norm.weight"] + p["norm.bias"]
            value, slope = ACTIVATIONS[entry["activation"]](z)
            factors = self.factors(layer + 1, z.shape[1], entry["dropout"], place)
            traces.append((values, norm, slope * factors))
            values = value * factors + (values if entry.get("skip") else 0)
        last = f"layers.{self.depth - 1}"
        traces.append((values, None, None))
        return traces, values @ self.parameters[f"{last}.weight"].T + self.parameters[f"{last}.bias"]

    def logarithms(self, x, place=None):
        """The logarithms of the class probabilities."""
        traces, logits = self.traces(x, place)
        shifted = logits - logits.max(axis=1, keepdims=True)
        return traces, shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    def gradients(self, x, y, w):
        step = self.current_step
        epoch, within = divmod(step, self.run.steps_per_epoch)
        place = epoch + 1, within * self.run.batch + np.arange(len(y))
        traces, logarithms = self.logarithms(x, place)
        w = w.astype(self.dtype)
        rows, total = np.arange(len(y)), self.dtype(len(y) * self.run.mean_weight)
        delta = np.exp(logarithms) * w[:, None]
        delta[rows, y] -= w
        gradients = {}
        for layer in reversed(range(self.depth)):
            (inputs, norm, slope), name = traces[layer], f"layers.{layer}"
            skipped = delta if layer < len(self.hidden) and self.hidden[layer].get("skip") else 0
            if slope is not None:
                delta = delta * slope
            if norm is not None:
                normalized, inverse = norm
                gradients[f"{name}.norm.weight"] = (delta * normalized).sum(axis=0) / total
                gradients[f"{name}.norm.bias"] = delta.sum(axis=0) / total
                h = delta * self.parameters[f"{name}.norm.weight"]
                delta = (h - h.mean(axis=1, keepdims=True)
                         - normalized * (h * normalized).mean(axis=1, keepdims=True)) * inverse
            gradients[f"{name}.weight"] = delta.T @ inputs / total
            gradients[f"{name}.bias"] = delta.sum(axis=0) / total
            delta = delta @ self.parameters[f"{name}.weight"] + skipped
        return -(w * logarithms[rows, y]).sum() / total, gradients

    def step(self, step):
        self.current_step = step
        return super().step(step)
