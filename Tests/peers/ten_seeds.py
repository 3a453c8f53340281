"""How well SGD, Adam and AdamW with dropout do on the shipped events, ten seeds each, beside Keras with the same settings.

    .build/venv-twins/bin/python Tests/peers/ten_seeds.py

All runs share their validation and test events (split.seed). Settings are chosen by the validation AUC of three other seeds; the
table quotes test events, which chose nothing: mean over ten seeds, ± the spread of one seed. The AUC is the mean over the classes of
one against the rest, all classes counting the same.
"""

import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import keras_peer  # noqa: I001  (sets the backend)
import keras
import numpy as np
from rows import ROOT

sys.path.insert(0, str(ROOT / "Tests/oracle"))
from run import Run  # noqa: E402

PROGRAM = ROOT / ".build/release/dist-train"
CHOOSING, JUDGING = (101, 102, 103), range(1, 11)
ADAM = [{"name": "adam", "rate": rate} for rate in (0.0005, 0.001, 0.003)]
ADAMW = [{"name": "adamw", "rate": rate, "decay": decay, "dropout": dropout}
         for rate, decay, dropout in itertools.product((0.001, 0.003), (0.004, 0.03), (0.05, 0.1, 0.2))]


def overrides(settings):
    """As options of dist-train; {} are the defaults."""
    if not settings:
        return []
    if settings["name"] == "adam":
        return [f"--training.optimizer={{name: adam, learning_rate: {settings['rate']}}}"]
    return [f"--training.optimizer={{name: adamw, learning_rate: {settings['rate']}, weight_decay: {settings['decay']}}}",
            f"--network.dropout={settings['dropout']}", "--training.epochs=200", "--training.schedule=constant",
            "--training.early_stopping={patience: 15}"]


def train(folder, settings, seed):
    """metrics.json of a run; its folder."""
    subprocess.run(
        [PROGRAM, ROOT / "data/hh-bbww.yaml", f"--training.seed={seed}", "--training.metrics=[loss, accuracy, auc]",
         f"--output.directory={folder}", "--name=run", "--force", "--threads=2", *overrides(settings)],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return json.loads((folder / "run/metrics.json").read_text()), folder / "run"


def auc(scores, y):
    """The mean over the classes of the AUC of one against the rest, each class counting the same."""
    weights = 1 / np.bincount(y)[y]
    values = []
    for index in range(scores.shape[1]):
        x, own = scores[:, index].astype(float), y == index
        places, inverse = np.unique(x, return_inverse=True)
        s = np.bincount(inverse, weights * own, len(places))
        b = np.bincount(inverse, weights * ~own, len(places))
        values.append((s * (np.cumsum(b) - b / 2)).sum() / (s.sum() * b.sum()))
    return np.mean(values)


def train_keras(run, settings, seed):
    """Accuracy and AUC on the test events of the same division, from Keras' own start and order."""
    keras.utils.set_random_seed(seed)
    mean, scale = run.x.mean(axis=0, dtype=float), 1 / run.x.std(axis=0, dtype=float)
    parts = {}
    for name in ("training", "validation", "test"):
        x, y = run.events(name)
        parts[name] = ((x - mean) * scale).astype(np.float32), y
    (x, y), validation, (test, truth) = parts["training"], parts["validation"], parts["test"]
    weight = (len(y) / (4 * np.bincount(y))).astype(np.float32)
    dropout = settings.get("dropout", 0)
    layers = [keras.Input((x.shape[1],))]
    for _ in range(3):
        layers += [keras.layers.Dense(30, activation="relu")] + ([keras.layers.Dropout(dropout)] if dropout else [])
    model = keras.Sequential(layers + [keras.layers.Dense(4)])
    epochs, callbacks = 40, []
    steps = -(-len(y) // 128) * epochs
    if not settings or settings["name"] == "adam":
        rate = keras.optimizers.schedules.CosineDecay(settings.get("rate", 0.05), steps, alpha=0.01)
        optimizer = (keras.optimizers.Adam(rate) if settings
                     else keras.optimizers.SGD(rate, momentum=0.9, weight_decay=0.003))
        # As dist-train by default: the best epoch by validation loss.
        callbacks.append(keras.callbacks.EarlyStopping(patience=epochs, restore_best_weights=True))
    else:
        epochs = 200
        optimizer = keras.optimizers.AdamW(settings["rate"], weight_decay=settings["decay"])
        callbacks.append(keras.callbacks.EarlyStopping(patience=15, restore_best_weights=True))
    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, batch_size=128, epochs=epochs, verbose=0, sample_weight=weight[y],
              validation_data=(*validation, weight[validation[1]]), callbacks=callbacks)
    scores = keras.ops.convert_to_numpy(keras.ops.softmax(model.predict(test, verbose=0, batch_size=4096)))
    return float((scores.argmax(axis=1) == truth).mean()), auc(scores, truth)


def shown(values):
    values = np.array(values)
    return f"{values.mean():.4f} ± {values.std(ddof=1):.4f}"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def chosen(candidates):
            by = [np.mean([train(folder, one, seed)[0]["validation"]["auc"] for seed in CHOOSING]) for one in candidates]
            for one, value in zip(candidates, by):
                print(f"  validation AUC {value:.4f}: {one}", flush=True)
            return candidates[int(np.argmax(by))]

        best = {"SGD, the defaults": {}, "Adam": chosen(ADAM), "AdamW, dropout, early stopping": chosen(ADAMW)}
        print(f"{len(ADAM)} and {len(ADAMW)} settings tried, {len(CHOOSING)} seeds each\n")
        print(f"{'':32} {'accuracy':>17} {'macro AUC':>17}")
        for title, settings in best.items():
            results = []
            for seed in JUDGING:
                metrics, run_folder = train(folder, settings, seed)
                results.append((metrics["test"]["accuracy"], metrics["test"]["auc"]))
            accuracy, area = zip(*results)
            print(f"{'dist-train: ' + title:44} {shown(accuracy)}  {shown(area)}  {settings}", flush=True)
            run = Run(str(run_folder))
            accuracy, area = zip(*(train_keras(run, settings, seed) for seed in JUDGING))
            print(f"{'Keras:      ' + title:44} {shown(accuracy)}  {shown(area)}", flush=True)


if __name__ == "__main__":
    main()
