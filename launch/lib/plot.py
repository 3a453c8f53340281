"""Draws a run: cost per step, loss and accuracy per epoch, confusion matrix. Called by launch/plot."""

import csv
import json
import os
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import mplhep  # noqa: E402
import numpy as np  # noqa: E402

BAD_DATA, MISSING = 65, 66
MOST_POINTS = 20_000  # of costs that are drawn: 10⁷ points would be one grey area, and slow
TRAINING, VALIDATION = "#5790fc", "#e42536"  # first and third colour of the CMS palette (Petroff)


def fail(code, message):
    print(f"launch/plot: {message}", file=sys.stderr)
    raise SystemExit(code)


def label(axes, run):
    """Says whose figure this is: the style is that of CMS, the figure is not."""
    name = run if len(run) <= 28 else run[:27] + "…"
    mplhep.label.exp_label(exp="dist-train", text="Simulation", data=True, rlabel=name, fontsize=24, ax=axes)


def save(figure, folder, name):
    for suffix in ("png", "pdf"):
        path = os.path.join(folder, f"{name}.{suffix}")
        figure.savefig(path, dpi=100 if suffix == "png" else 200)
        print(path)
    plt.close(figure)


def running_median(values):
    """Medians of consecutive parts of equal length: the step in the middle of each, the median there, the length."""
    length = max(1, len(values) // 400, min(25, len(values) // 10))
    whole = len(values) // length * length
    medians = np.median(values[:whole].reshape(-1, length), axis=1)
    return np.arange(len(medians)) * length + (length + 1) / 2, medians, length


def draw_costs(path, folder, run):
    costs = np.load(path, mmap_mode="r", allow_pickle=False)
    if costs.ndim != 1 or costs.dtype.kind != "f":
        fail(BAD_DATA, f"{path}: an array {costs.dtype} {costs.shape}, not one number per step; is it costs.npy of a run?")
    if len(costs) == 0:
        return
    figure, axes = plt.subplots(figsize=(10, 8.5), layout="constrained")
    every = -(-len(costs) // MOST_POINTS)
    points = np.asarray(costs[::every], dtype=float)
    steps, medians, length = running_median(np.asarray(costs, dtype=float))
    axes.plot(np.arange(len(points)) * every + 1, points, ".", color="#9c9ca1", markersize=3 if len(points) > 1000 else 7, alpha=0.5,
              rasterized=True, label="step" if every == 1 else f"every {every:,}th step")
    if length > 1:
        axes.plot(steps, medians, color=TRAINING, linewidth=2.5, label=f"median of {length:,} steps")
    # The rare extremes are not to squeeze the rest; zero costs have no logarithm.
    shown = points[np.isfinite(points)]
    low, high = np.quantile(shown, [0.001, 0.999]) if len(shown) else (0, 1)
    if low > 0 and high / low > 20:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * (high / low) ** 0.35)
    else:
        axes.set_ylim(0.95 * low, high + 0.3 * max(high - low, 1e-3 * high, 1e-12))
    axes.set_xlim(0, len(costs) + 1)
    axes.set_xlabel("Step")
    if len(costs) > 500_000:
        axes.xaxis.set_major_formatter(lambda step, _: f"{step / 1e6:g}")
        axes.set_xlabel("Step (millions)")
    axes.set_ylabel("Cost (cross-entropy)")
    axes.legend(loc="upper right", markerscale=4 if len(points) > 1000 else 1.5)
    label(axes, run)
    save(figure, folder, "costs")


def read_history(path):
    """Columns of floats by name; an empty field (no validation split) becomes NaN."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = ["epoch", "training_loss", "training_accuracy", "validation_loss", "validation_accuracy"]
    try:
        return {name: np.array([float(row[name] or "nan") for row in rows]) for name in names}
    except (KeyError, TypeError, ValueError) as error:
        fail(BAD_DATA, f"{path}: not the history of a run ({error!r}); is it history.csv of dist-train?")


def draw_history(path, folder, run):
    history = read_history(path)
    epochs = history["epoch"]
    if len(epochs) == 0:
        return
    figure, panels = plt.subplots(2, 1, figsize=(10, 11), sharex=True, layout="constrained")
    marker = "o" if len(epochs) <= 60 else ""
    for axes, quantity, title in zip(panels, ["loss", "accuracy"], ["Loss (cross-entropy)", "Accuracy"]):
        for part, colour, line in [("training", TRAINING, "-"), ("validation", VALIDATION, "--")]:
            values = history[f"{part}_{quantity}"]
            if np.isfinite(values).any():
                axes.plot(epochs, values, line, marker=marker, color=colour, linewidth=2.5, markersize=6,
                          label=part.capitalize())
        axes.set_ylabel(title)
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + (0.12 if quantity == "loss" else 0.3) * (high - low))
    # Losses fall and accuracies rise: the free corners are the upper right and, under the head room, the upper left.
    panels[0].legend(loc="upper right")
    panels[1].legend(loc="upper left", ncols=2)
    panels[1].set_xlabel("Epoch (training: mean over the epoch, while it learns)")
    panels[1].xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True, min_n_ticks=1))
    if len(epochs) < 10:
        panels[1].xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    margin = max(0.5, 0.02 * (epochs[-1] - epochs[0]))
    panels[1].set_xlim(epochs[0] - margin, epochs[-1] + margin)
    label(panels[0], run)
    save(figure, folder, "training")


def draw_confusion(path, folder, run):
    with open(path, encoding="utf-8") as file:
        metrics = json.load(file)
    split = next((name for name in ("test", "validation", "training") if metrics.get(name)), None)
    if split is None:
        return
    try:
        classes, counts = metrics["classes"], np.array(metrics[split]["confusion"], dtype=float)
        accuracy, events = float(metrics[split]["accuracy"]), int(metrics[split]["events"])
    except (KeyError, TypeError, ValueError) as error:
        fail(BAD_DATA, f"{path}: no confusion matrix of the {split} events in it ({error!r})")
    if counts.shape != (len(classes), len(classes)):
        fail(BAD_DATA, f"{path}: a confusion matrix {counts.shape} for {len(classes)} classes")
    totals = counts.sum(axis=1, keepdims=True)
    percent = 100 * np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    side = min(24, max(9, 4 + 1.6 * len(classes)))
    figure, axes = plt.subplots(figsize=(side + 1.5, side), layout="constrained")
    image = axes.imshow(percent, vmin=0, vmax=100, cmap="Blues")
    text_size = min(24, 13 * side / len(classes))  # about five characters fit into a cell
    for true in range(len(classes)):
        for predicted in range(len(classes)):
            axes.text(predicted, true, f"{percent[true, predicted]:.1f} %\n{counts[true, predicted]:,.0f}", ha="center",
                      va="center", fontsize=text_size, color="white" if percent[true, predicted] > 70 else "black")
    axes.set_xticks(range(len(classes)), classes, fontsize=20, rotation=30 if len(classes) > 5 else 0,
                    ha="right" if len(classes) > 5 else "center")
    axes.set_yticks(range(len(classes)), classes, fontsize=20, rotation=0 if len(classes) > 5 else 90, va="center")
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()
    axes.set_xlabel(f"Predicted class ({events:,} {split} events, accuracy {100 * accuracy:.1f} %)", fontsize=22)
    axes.set_ylabel("True class", fontsize=22)
    bar = figure.colorbar(image, ax=axes, fraction=0.046, pad=0.03)
    bar.set_label("Share of the true class (%)", fontsize=22)
    label(axes, run)
    save(figure, folder, "confusion")


def main(folder):
    plt.style.use(mplhep.style.CMS)
    run = os.path.basename(os.path.abspath(folder))
    drawings = {"costs.npy": draw_costs, "history.csv": draw_history, "metrics.json": draw_confusion}
    present = [name for name in drawings if os.path.isfile(os.path.join(folder, name))]
    if not present:
        fail(MISSING, f"{folder}: none of {', '.join(drawings)} in it; name the folder of a run, for example runs/hh-bbww")
    for name in present:
        path = os.path.join(folder, name)
        try:
            drawings[name](path, folder, run)
        except (OSError, ValueError) as error:
            fail(BAD_DATA, f"{path}: {error}")


if __name__ == "__main__":
    main(sys.argv[1])
