"""The training of a run in Keras 3 on JAX: its layers, losses and optimisers, batch by batch."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras  # noqa: E402
import numpy as np  # noqa: E402


class CannotDo(Exception):
    """Keras has no such thing."""


def model_of(setup):
    """The network; its inputs are the features and what each dropout multiplies by."""
    inputs = keras.Input((setup.x.shape[1],))
    factors = {}
    values = inputs
    if setup.input_dropout:
        factors[0] = keras.Input((setup.x.shape[1],))
        values = keras.layers.Multiply()([values, factors[0]])
    dense = []
    for number, layer in enumerate(setup.layers):
        regularizer = keras.regularizers.L2(setup.l2) if setup.l2 else None
        dense.append(keras.layers.Dense(layer.weight.shape[1], kernel_regularizer=regularizer))
        z = dense[-1](values)
        if layer.norm:
            dense.append(keras.layers.LayerNormalization())
            z = dense[-1](z)
        activation = {"leaky_relu": lambda z: keras.activations.leaky_relu(z, 0.2),
                      "gelu": lambda z: keras.activations.gelu(z, approximate=False)}.get(layer.activation, layer.activation)
        if layer.activation != "linear":
            z = keras.layers.Activation(activation)(z)
        if layer.dropout:
            factors[number + 1] = keras.Input((layer.weight.shape[1],))
            z = keras.layers.Multiply()([z, factors[number + 1]])
        values = keras.layers.Add()([z, values]) if layer.skip else z
    model = keras.Model([inputs, *factors.values()], values)
    flat = []
    for layer in setup.layers:
        flat.append([layer.weight, layer.bias])
        if layer.norm:
            flat.append(list(layer.norm))
    for layer, given in zip(dense, flat):
        layer.set_weights(given)
    return model, list(factors)


def optimizer_of(setup):
    options = setup.optimizer
    common = {"learning_rate": 1.0, "weight_decay": float(options["weight_decay"]) or None,
              "global_clipnorm": None if options["global_clipnorm"] is None else float(options["global_clipnorm"])}
    if options["name"] == "sgd":
        made = keras.optimizers.SGD(momentum=float(options["momentum"]), nesterov=options["nesterov"], **common)
    else:
        kind = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[options["name"]]
        made = kind(beta_1=float(options["beta_1"]), beta_2=float(options["beta_2"]), epsilon=float(options["epsilon"]), **common)
    if common["weight_decay"] and not options["decay_biases"]:
        made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return made


def loss_of(setup):
    if setup.binary:
        if setup.gamma:
            if setup.smoothing:
                raise CannotDo("its binary focal loss smooths labels in another way")
            return keras.losses.BinaryFocalCrossentropy(gamma=setup.gamma, from_logits=True)
        return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=setup.smoothing)
    if setup.gamma:
        return keras.losses.CategoricalFocalCrossentropy(
            alpha=1.0, gamma=setup.gamma, from_logits=True, label_smoothing=setup.smoothing)
    return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=setup.smoothing)


def train(setup):
    """The cost of every step of the first epoch, without the L2 penalty."""
    model, places = model_of(setup)
    optimizer = optimizer_of(setup)
    model.compile(optimizer=optimizer, loss=loss_of(setup))
    y = setup.run.y
    target = (y == 0).astype(np.float32)[:, None] if setup.binary else np.eye(setup.classes, dtype=np.float32)[y]
    costs = []
    for batch, rate, factors in setup:
        optimizer.learning_rate = rate
        inputs = [setup.x[batch], *(np.float32(factors[place]) for place in places)]
        penalty = sum(setup.l2 * float((np.asarray(w.value, float) ** 2).sum()) for w in model.trainable_variables
                      if w.path.endswith("kernel")) if setup.l2 else 0.0
        # reset_metrics follows each call: the loss is that of this batch.
        model.reset_metrics()
        costs.append(float(model.train_on_batch(inputs, target[batch], sample_weight=setup.weights[batch])) - penalty)
    return np.array(costs)
