"""An independent twin of the training, in numpy: forward, backward and the optimiser from one checkpoint of a run.

Everything is computed in the dtype that is asked for; what the program keeps in float32 (events, their standardisation,
class weights) is float32 first.
"""

import numpy as np

ACTIVATIONS = {  # value of z, derivative in terms of the value
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "sigmoid": (lambda z: (1 + np.tanh(z / 2)) / 2, lambda a: a * (1 - a)),
    "linear": (lambda z: z, np.ones_like),
}


class Network:
    """Weights and biases with what the optimiser keeps of them, as a checkpoint has them, in `dtype`."""

    def __init__(self, run, checkpoint, dtype):
        self.run, self.dtype = run, dtype
        self.mean, self.scale = checkpoint["input.mean"], checkpoint["input.scale"]
        self.parameters = {name: v.astype(dtype) for name, v in checkpoint.items() if name.startswith("layers.")}
        self.velocity = {name: checkpoint[f"optimizer.velocity.{name}"].astype(dtype) for name in self.parameters}
        # Those of Adam, and of any optimiser with `ema`.
        self.momentum, self.average = (
            {name: checkpoint[f"optimizer.{state}.{name}"].astype(dtype) for name in self.parameters}
            if f"optimizer.{state}.layers.0.bias" in checkpoint else None for state in ("momentum", "average"))
        self.depth = len(self.parameters) // 2

    def forward(self, x):
        """Values of every layer, the last one as class probabilities, and the logarithms of these."""
        values = [((x - self.mean) * self.scale).astype(self.dtype)]
        for layer, activation in enumerate(self.run.activations + ["linear"]):
            z = values[-1] @ self.parameters[f"layers.{layer}.weight"].T + self.parameters[f"layers.{layer}.bias"]
            values.append(ACTIVATIONS[activation][0](z))
        shifted = values[-1] - values[-1].max(axis=1, keepdims=True)
        logarithms = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return values[:-1] + [np.exp(logarithms)], logarithms

    def gradients(self, x, y, w):
        """The mean cross-entropy of a batch, Σ w·ℓ / (n·w̄), and its gradients.

        n is the number of events and w̄ the mean weight of all training events, so that the mean over batches is the weighted loss
        of all events: Keras' formula (3.x, sample_weight: the sum over the batch size) for weights whose mean is 1.
        """
        values, logarithms = self.forward(x)
        w = w.astype(self.dtype)
        rows, total = np.arange(len(y)), self.dtype(len(y) * self.run.mean_weight)
        delta = values.pop() * w[:, None]
        delta[rows, y] -= w
        gradients = {}
        for layer in reversed(range(self.depth)):
            gradients[f"layers.{layer}.weight"] = delta.T @ values[layer] / total
            gradients[f"layers.{layer}.bias"] = delta.sum(axis=0) / total
            if layer:
                derivative = ACTIVATIONS[self.run.activations[layer - 1]][1](values[layer])
                delta = delta @ self.parameters[f"layers.{layer}.weight"] * derivative
        return -(w * logarithms[rows, y]).sum() / total, gradients

    def step(self, step):
        """One step by the formulas of Keras 3; returns the cost, which is that without the penalty."""
        batch, training = self.run.batch_of(step), self.run.c["training"]
        optimizer = training["optimizer"]
        cost, gradients = self.gradients(self.run.x[batch], self.run.y[batch], self.run.w[batch])
        for name in gradients:  # keras.regularizers.L2 of the kernels
            if name.endswith("weight") and ".norm." not in name:
                gradients[name] = gradients[name] + self.dtype(2 * float(training["l2"])) * self.parameters[name]
        if optimizer["global_clipnorm"] is not None:
            clip = float(optimizer["global_clipnorm"])
            norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
            gradients = {name: gradient * self.dtype(min(1, clip / norm)) for name, gradient in gradients.items()}
        rate = self.dtype(self.run.learning_rate(step))
        for name, gradient in gradients.items():
            decays = name.endswith("weight") and ".norm." not in name or optimizer["decay_biases"]
            decay = float(optimizer["weight_decay"]) if decays else 0.0
            if optimizer["name"] == "sgd":
                self.sgd(name, gradient, rate, decay, optimizer)
            else:
                self.adam(name, gradient, rate, decay, optimizer, step + 1)
            if self.average is not None:
                kept = self.dtype(float(optimizer["ema"]) if step > 0 else 0)
                self.average[name] = kept * self.average[name] + (1 - kept) * self.parameters[name]
        return cost

    def sgd(self, name, gradient, rate, decay, optimizer):
        """keras/src/optimizers/sgd.py"""
        momentum = self.dtype(optimizer["momentum"])
        kept = self.parameters[name] * self.dtype(1 - rate * decay)
        self.velocity[name] = momentum * self.velocity[name] - rate * gradient
        ahead = momentum * self.velocity[name] - rate * gradient if optimizer["nesterov"] else self.velocity[name]
        self.parameters[name] = kept + ahead

    def adam(self, name, gradient, rate, decay, optimizer, t):
        """keras/src/optimizers/adam.py; t counts from 1"""
        beta_1, beta_2, epsilon = (self.dtype(float(optimizer[key])) for key in ("beta_1", "beta_2", "epsilon"))
        alpha = rate * np.sqrt(1 - beta_2**self.dtype(t)) / (1 - beta_1**self.dtype(t))
        self.parameters[name] = self.parameters[name] - self.parameters[name] * self.dtype(decay) * rate
        self.momentum[name] = self.momentum[name] + (gradient - self.momentum[name]) * (1 - beta_1)
        self.velocity[name] = self.velocity[name] + (gradient**2 - self.velocity[name]) * (1 - beta_2)
        self.parameters[name] = self.parameters[name] - self.momentum[name] * alpha / (np.sqrt(self.velocity[name]) + epsilon)
