"""numpy by hand: buffers made once, all parameters in one array, so that a step is as few calls as possible."""

import numpy as np
from worker import LEARNING_RATE, MOMENTUM, Passes, initial_weights


class Trainer:
    def __init__(self, x, y, batch, cores):
        layers = initial_weights()
        size = sum(weight.size + bias.size for weight, bias in layers)
        self.parameters, self.gradient, self.velocity = (np.zeros(size, np.float32) for _ in range(3))
        self.layers, self.gradients = self.views(self.parameters, layers), self.views(self.gradient, layers)
        for (weight, bias), (first_weight, first_bias) in zip(self.layers, layers):
            weight[:], bias[:] = first_weight, first_bias
        self.values = [np.empty((batch, weight.shape[1]), np.float32) for weight, _ in layers]
        self.deltas = [np.empty_like(values) for values in self.values]
        self.column = np.empty((batch, 1), np.float32)
        self.x, self.one_hot, self.batch = x, np.eye(4, dtype=np.float32)[y], batch
        self.passes = Passes(len(x), batch, 16)
        self.steps, self.last = self.passes.steps, None

    @staticmethod
    def views(flat, layers):
        """Weights and biases of each layer, inside the flat array."""
        result, start = [], 0
        for weight, bias in layers:
            end = start + weight.size
            result.append((flat[start:end].reshape(weight.shape), flat[end:end + bias.size]))
            start = end + bias.size
        return result

    def differentiate(self, x, one_hot, divisor):
        """Leaves the gradient of these events' summed loss, divided, in self.gradient; returns the loss likewise."""
        values = x
        for (weight, bias), result in zip(self.layers, self.values):
            np.matmul(values, weight, out=result)
            result += bias
            if result is not self.values[-1]:
                np.maximum(result, 0, out=result)
            values = result
        delta = self.deltas[-1]
        values -= np.max(values, axis=1, keepdims=True, out=self.column)
        np.exp(values, out=delta)
        total = np.sum(delta, axis=1, keepdims=True, out=self.column)
        loss = (np.log(total).sum() - np.vdot(values, one_hot)) / divisor
        delta /= total
        delta -= one_hot
        delta /= np.float32(divisor)
        for layer in range(len(self.layers) - 1, -1, -1):
            weight_gradient, bias_gradient = self.gradients[layer]
            below = self.values[layer - 1] if layer > 0 else x
            np.matmul(below.T, delta, out=weight_gradient)
            np.add.reduce(delta, axis=0, out=bias_gradient)
            if layer > 0:
                np.matmul(delta, self.layers[layer][0].T, out=self.deltas[layer - 1])
                delta = self.deltas[layer - 1]
                delta *= below > 0
        return loss

    def update(self):
        self.velocity *= np.float32(MOMENTUM)
        self.gradient *= np.float32(LEARNING_RATE)
        self.velocity -= self.gradient
        self.parameters += self.velocity

    def call(self):
        for start in next(self.passes):
            end = start + self.batch
            self.last = self.differentiate(self.x[start:end], self.one_hot[start:end], self.batch)
            self.update()

    def loss(self):
        return self.last

    def agree(self, value):
        return value
