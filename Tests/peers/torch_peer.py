"""The training of a run in PyTorch: gradients by autograd, the moves by Keras 3's formulas. In float64 it is what others are
measured by."""

import numpy as np
import torch
import torch.nn.functional as F

ACTIVATIONS = {
    "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "linear": lambda z: z, "silu": F.silu, "gelu": F.gelu,
    "elu": F.elu, "leaky_relu": lambda z: F.leaky_relu(z, 0.2),
}


def losses(setup, logits, y, dtype):
    """The loss of each event."""
    if setup.binary:
        logarithms = torch.stack([F.logsigmoid(logits[:, 0]), F.logsigmoid(-logits[:, 0])], dim=1)
    else:
        logarithms = F.log_softmax(logits, dim=1)
    count = logarithms.shape[1]
    target = F.one_hot(y, count).to(dtype) * (1 - setup.smoothing) + setup.smoothing / count
    terms = target * logarithms
    if setup.gamma:
        terms = terms * (1 - logarithms.exp()) ** setup.gamma
    return -terms.sum(dim=1), logarithms


def train(setup, dtype):
    """The cost of every step of the first epoch."""
    torch.set_num_threads(1)

    def tensor(values):
        return torch.tensor(np.asarray(values), dtype=dtype)

    parameters, decays, is_weight = [], [], []
    for layer in setup.layers:
        for value, weight in [(layer.weight, True), (layer.bias, False)] + [(v, False) for v in layer.norm or ()]:
            parameters.append(tensor(value).requires_grad_())
            decays.append(weight or setup.optimizer["decay_biases"])
            is_weight.append(weight)
    x, y, weights = tensor(setup.x), torch.tensor(setup.run.y), tensor(setup.weights)
    states = [[torch.zeros_like(p), torch.zeros_like(p)] for p in parameters]
    costs = []
    for step, (batch, rate, factors) in enumerate(setup):
        values = x[batch]
        if factors[0] is not None:
            values = values * tensor(factors[0])
        given = iter(parameters)
        for number, layer in enumerate(setup.layers):
            z = values @ next(given) + next(given)
            if layer.norm:
                z = F.layer_norm(z, z.shape[1:], next(given), next(given), eps=1e-3)
            z = ACTIVATIONS[layer.activation](z)
            if number + 1 < len(setup.layers) and factors[number + 1] is not None:
                z = z * tensor(factors[number + 1])
            values = z + values if layer.skip else z
        loss, logarithms = losses(setup, values, y[batch], dtype)
        t = weights[batch]
        if bool((t < 0).any()):
            # Events of negative weight are bounded: see Objective.
            own = logarithms.gather(1, y[batch][:, None])[:, 0]
            bound = -np.log(setup.clip)
            loss = torch.where((t < 0) & (own < -bound), torch.full_like(loss, bound), loss)
        cost = (loss * t).sum() / len(batch)
        costs.append(float(cost.detach()))
        gradients = list(torch.autograd.grad(cost, parameters))
        with torch.no_grad():
            move(setup.optimizer, setup.l2, parameters, gradients, states, decays, is_weight, rate, step)
    return np.array(costs)


def move(optimizer, l2, parameters, gradients, states, decays, is_weight, rate, step):
    """One step of the optimiser."""
    if l2:
        gradients = [g + 2 * l2 * p if weight else g for g, p, weight in zip(gradients, parameters, is_weight)]
    if optimizer["global_clipnorm"] is not None:
        norm = torch.sqrt(sum((g * g).sum() for g in gradients))
        factor = min(1.0, float(optimizer["global_clipnorm"]) / float(norm))
        gradients = [g * factor for g in gradients]
    for p, g, (first, second), decayed in zip(parameters, gradients, states, decays):
        if decayed:
            p.mul_(1 - rate * float(optimizer["weight_decay"]))
        if optimizer["name"] == "sgd":
            momentum = float(optimizer["momentum"])
            first.mul_(momentum).sub_(rate * g)
            p.add_(momentum * first - rate * g if optimizer["nesterov"] else first)
        else:
            beta_1, beta_2 = float(optimizer["beta_1"]), float(optimizer["beta_2"])
            first.add_((g - first) * (1 - beta_1))
            second.add_((g * g - second) * (1 - beta_2))
            alpha = rate * np.sqrt(1 - beta_2 ** (step + 1)) / (1 - beta_1 ** (step + 1))
            p.sub_(alpha * first / (torch.sqrt(second) + float(optimizer["epsilon"])))
