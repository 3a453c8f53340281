"""How far one step in float32 may be from the same step in exact arithmetic.

Running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 3.3 and 3.5): beside every value goes
a bound of its error. A dot product of n terms in float32, in any order, with or without fused multiply-add, is wrong by
at most n·u·Σ|terms| to first order; terms of second order are covered by SAFETY.

The mean over a batch is Σ w·… / (n·w̄): the number of events times the mean weight of all training events. That divisor is computed
in double, 2^-53 off at most, and so takes no part in the bounds: the sums' bounds are divided by it, whatever the weights of the batch
come to. (Where it was the batch's own Σw, each bound was a weighted mean; now it is larger in a batch of heavy events, as is the sum.)
"""

import numpy as np

UNIT = 2.0**-24  # of rounding, float32
ELEMENTARY = 8 * UNIT  # relative error granted to exp, log and tanh
SAFETY = 1.1


def step_bounds(network, step):
    """Bounds for a step of SGD of `network`, a twin in float64 that has not made it yet.

    The bound of the cost under "cost"; under the name of each parameter, those of the parameter and its velocity.
    """
    gradients = gradient_bounds(network, step)
    bounds = {"cost": SAFETY * gradients.pop("cost")}
    optimizer = network.run.c["training"]["optimizer"]
    rate, momentum = network.run.learning_rate(step), float(optimizer["momentum"])
    for name, (gradient, error) in gradients.items():
        step_size = np.abs(rate * gradient) + np.abs(momentum * network.velocity[name])
        velocity_error = rate * error + 4 * UNIT * step_size
        ahead = 1 + momentum if optimizer["nesterov"] else 1
        parameter_error = ahead * velocity_error + rate * error * (ahead - 1)
        parameter_error = parameter_error + 4 * UNIT * (np.abs(network.parameters[name]) + 2 * step_size)
        bounds[name] = SAFETY * parameter_error, SAFETY * velocity_error
    return bounds


def gradient_bounds(network, step):
    """The bound of the cost under "cost"; under the name of each parameter, its mean gradient and the bound of that."""
    run = network.run
    batch, y, w = run.batch_of(step), run.y[run.batch_of(step)], run.w[run.batch_of(step)].astype(float)
    total = len(y) * run.mean_weight
    values, logarithms = network.forward(run.x[batch])
    errors = [np.zeros_like(values[0])]  # the inputs are the same float32 numbers
    pre_activation = []
    for layer in range(network.depth):
        weight, bias = (np.abs(network.parameters[f"layers.{layer}.{part}"]) for part in ("weight", "bias"))
        size = np.abs(values[layer]) @ weight.T + bias
        error = errors[layer] @ weight.T + (weight.shape[1] + 1) * UNIT * size
        pre_activation.append(error)
        kind = (run.activations + ["linear"])[layer]
        # The slopes of tanh and sigmoid are at most 1 and 1/4, their values at most 1.
        errors.append({"tanh": error + ELEMENTARY, "sigmoid": error / 4 + ELEMENTARY}.get(kind, error))
    # softmax: an error e in the exponents is a relative error 2e in the probabilities, and 2e in their logarithms.
    spread = np.ptp(logarithms, axis=1)
    rows = 2 * pre_activation[-1].max(axis=1) + UNIT * 2 * spread + ELEMENTARY + len(values[-1][0]) * UNIT
    # An event's loss is rounded as a difference and as a product with the weight; the sums are exact.
    cost = (w * (rows + 2 * UNIT * np.abs(logarithms[np.arange(len(y)), y]))).sum() / total
    probabilities = values[-1]
    delta = probabilities * w[:, None]
    delta[np.arange(len(y)), y] -= w
    delta_error = w[:, None] * probabilities * rows[:, None] + 2 * UNIT * np.abs(delta)

    bounds = {"cost": cost}
    for layer in reversed(range(network.depth)):
        ones = np.ones((len(y), 1))
        for part, inputs, input_errors in [("weight", values[layer], errors[layer]), ("bias", ones, 0 * ones)]:
            name = f"layers.{layer}.{part}"
            size = np.abs(delta).T @ np.abs(inputs)
            error = delta_error.T @ np.abs(inputs) + np.abs(delta).T @ input_errors + len(y) * UNIT * size
            gradient = delta.T @ inputs / total
            # Two more roundings: onto the grid of the exact sum, and to float32.
            error = (error + 2 * UNIT * size) / total
            shape = network.parameters[name].shape
            bounds[name] = gradient.reshape(shape), error.reshape(shape)
        if layer == 0:
            break
        weight, value = network.parameters[f"layers.{layer}.weight"], values[layer]
        back = delta @ weight
        back_error = delta_error @ np.abs(weight) + len(weight) * UNIT * np.abs(delta) @ np.abs(weight)
        kind = run.activations[layer - 1]
        if kind == "relu":
            # A unit so close to its kink that rounding may put it on the other side is wrong by all of it.
            slope = (value > 0).astype(float)
            z = values[layer - 1] @ network.parameters[f"layers.{layer - 1}.weight"].T
            z += network.parameters[f"layers.{layer - 1}.bias"]
            slope_error = (np.abs(z) <= pre_activation[layer - 1]).astype(float)
        elif kind == "linear":
            slope, slope_error = np.ones_like(value), np.zeros_like(value)
        else:
            slope = 1 - value * value if kind == "tanh" else value * (1 - value)
            slope_error = 2 * np.abs(value) * errors[layer] + errors[layer] + 3 * UNIT
        delta, delta_error = back * slope, back_error * slope + (np.abs(back) + back_error) * slope_error + UNIT * np.abs(back)
    return bounds
