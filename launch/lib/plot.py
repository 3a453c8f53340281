"""Draws a run: cost per step, the metrics of every epoch, confusion matrix. Called by launch/plot."""

import argparse
import csv
import json
import os
import sys
import warnings

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import mplhep  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib import font_manager  # noqa: E402
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator  # noqa: E402

USAGE, BAD_DATA, MISSING, INPUT_OUTPUT = 64, 65, 66, 74
INPUTS = ["costs.npy", "history.csv", "metrics.json"]
MOST_POINTS = 20_000  # of costs that are drawn: 10⁷ points would be one grey area, and slow
MOST_NUMBERS = 12  # classes of a confusion matrix whose cells have numbers that can be read
# Fonts for what the font of the style lacks, where they are installed.
MORE_FONTS = ["DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "IPAGothic", "Noto Emoji"]
TITLES = {"loss": "Loss", "accuracy": "Accuracy", "weighted_accuracy": "Weighted accuracy", "auc": "AUC"}  # of metrics
TRAINING, VALIDATION, BEST = "#5790fc", "#e42536", "#717581"  # of the CMS palette (Petroff)


def fail(code, message):
    print(f"launch/plot: {message}", file=sys.stderr)
    raise SystemExit(code)


def shown(text):
    """Text as matplotlib draws it as it stands: a dollar sign would begin a formula."""
    return text.replace("$", r"\$")


def abridged(text, length):
    """The beginning and the end of a long text: long names often differ at their ends alone."""
    if len(text) <= length:
        return text
    end = (length - 1) // 3
    return text[:length - 1 - end] + "…" + text[len(text) - end:]


def label(axes, run, owner):
    """Says whose figure this is, if that was given with --label, and which run it shows."""
    experiment, _, text = owner.partition(" ")
    # Both sides share the width of the axes.
    owner_size = min(24, 24 * 30 / max(1, len(owner)))
    mplhep.label.exp_label(exp=shown(experiment), text=shown(text), data=True, rlabel=shown(abridged(run, 28)),
                           fontsize=(owner_size, owner_size, 22, owner_size), ax=axes)


def save(figure, folder, name):
    for suffix in ("png", "pdf"):
        path = os.path.join(folder, f"{name}.{suffix}")
        for source in (os.path.join(folder, source) for source in INPUTS):
            if os.path.exists(path) and os.path.exists(source) and os.path.samefile(path, source):
                fail(USAGE, f"{path}: the same file as {source}, which would be overwritten; remove the link")
        try:
            figure.savefig(path, dpi=100 if suffix == "png" else 200, bbox_inches="tight", pad_inches=0.15)
        except OSError as error:
            fail(INPUT_OUTPUT, f"cannot write {path}: {error.strerror}; check its permissions and the disk")
        print(path)
    plt.close(figure)


def legend_above(axes, **options):
    """A legend in a row of its own between the label and the axes, where no curve can be."""
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles, labels, loc="lower right", bbox_to_anchor=(1, 1.065), ncols=len(labels), borderaxespad=0,
                handlelength=1.6, columnspacing=1.2, fontsize=20, **options)


def whole_numbers(axis, span):
    """Ticks at whole numbers alone."""
    axis.set_major_locator(MaxNLocator(nbins="auto", integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    if span < 20:
        axis.set_minor_locator(NullLocator())


def running_median(values):
    """Medians of consecutive parts of equal length: the step in the middle of each, the median there, the length."""
    length = max(1, len(values) // 400, min(25, len(values) // 10))
    whole = len(values) // length * length
    medians = np.median(values[:whole].reshape(-1, length), axis=1)
    return np.arange(len(medians)) * length + (length + 1) / 2, medians, length


def draw_costs(path, folder, run, owner):
    costs = np.load(path, mmap_mode="r", allow_pickle=False)
    if costs.ndim != 1 or costs.dtype.kind != "f":
        fail(BAD_DATA, f"{path}: has an array {costs.dtype} {costs.shape}, not one number per step; is this costs.npy of a run?")
    if len(costs) == 0:
        return
    figure, axes = plt.subplots(figsize=(10, 8.5), layout="constrained")
    every = -(-len(costs) // MOST_POINTS)
    points = np.asarray(costs[::every], dtype=float)
    steps, medians, length = running_median(np.asarray(costs, dtype=float))
    axes.plot(np.arange(len(points)) * every + 1, points, ".", color="#9c9ca1", markersize=3 if len(points) > 1000 else 7, alpha=0.5,
              rasterized=True, label="Step" if every == 1 else f"Every {every:,}th step")
    if length > 1:
        axes.plot(steps, medians, color=TRAINING, linewidth=2.5, label=f"Median of {length:,} steps")
    # The rare extremes are not to squeeze the rest; zero costs have no logarithm.
    finite = points[np.isfinite(points)]
    low, high = np.quantile(finite, [0.001, 0.999]) if len(finite) else (0, 1)
    if low > 0 and high / low > 20:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * 1.3)
    else:
        margin = 0.05 * max(high - low, 1e-3 * abs(high), 1e-12)
        axes.set_ylim(low - margin, high + margin)
    axes.set_xlim(0.5, len(costs) + max(0.5, 0.01 * len(costs)))
    whole_numbers(axes.xaxis, len(costs))
    axes.set_xlabel("Step")
    if len(costs) > 500_000:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: f"{step / 1e6:g}"))
        axes.set_xlabel("Step (millions)")
    axes.set_ylabel("Cost")
    legend_above(axes, markerscale=4 if len(points) > 1000 else 1.5)
    label(axes, run, owner)
    save(figure, folder, "costs")


def read_history(path):
    """Columns of floats by name; an empty field (no validation split) becomes NaN. And the metrics, in the order of the file."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows, names = list(reader), reader.fieldnames or []
    metrics = [name.removeprefix("validation_") for name in names if name.startswith("validation_")]
    wanted = ["epoch", *(name for name in names if name.startswith(("training_", "validation_")))]
    try:
        if not metrics:
            raise KeyError("validation_…")
        return {name: np.array([float(row[name] or "nan") for row in rows]) for name in wanted}, metrics
    except (KeyError, TypeError, ValueError) as error:
        fail(BAD_DATA, f"{path}: is not the history of a run ({error!r}); is this history.csv of dist-train?")


def monitored_metric(folder):
    """The metric that decides which epoch is the best; runs of versions up to 0.6 do not name it, and it was the loss."""
    try:
        with open(os.path.join(folder, "status.json"), encoding="utf-8") as file:
            return str(json.load(file).get("monitor", "loss"))
    except (OSError, AttributeError, ValueError):
        return "loss"


def best_epoch(folder, history):
    """The epoch whose model was kept; while the run is not finished, the best one so far by the monitored metric."""
    try:
        with open(os.path.join(folder, "metrics.json"), encoding="utf-8") as file:
            best = int(json.load(file)["best_epoch"])
    except (OSError, KeyError, TypeError, ValueError):
        metric = monitored_metric(folder)
        values = history.get(f"validation_{metric}", np.array([]))
        if not np.isfinite(values).any():
            return None
        best = int(history["epoch"][np.nanargmin(values if metric == "loss" else -values)])
    return best if best in history["epoch"] else None


def draw_history(path, folder, run, owner):
    history, metrics = read_history(path)
    epochs = history["epoch"]
    if len(epochs) == 0:
        return
    figure, panels = plt.subplots(len(metrics), 1, figsize=(10, 5.5 * max(2, len(metrics))), sharex=True, squeeze=False,
                                  layout="constrained")
    panels = panels[:, 0]
    marker = "o" if len(epochs) <= 60 else ""
    best = best_epoch(folder, history)
    for axes, metric in zip(panels, metrics):
        for part, colour, line in [("training", TRAINING, "-"), ("validation", VALIDATION, "--")]:
            values = history.get(f"{part}_{metric}", np.array([]))
            if np.isfinite(values).any():
                axes.plot(epochs, values, line, marker=marker, color=colour, linewidth=2.5, markersize=6,
                          label=part.capitalize())
        if best is not None:
            axes.axvline(best, color=BEST, linewidth=2, linestyle=":", zorder=0, label=f"Best epoch ({best})")
        axes.set_ylabel(TITLES.get(metric, shown(metric)))
        axes.margins(y=0.08)
    legend_above(panels[0])
    panels[-1].set_xlabel("Epoch (training values are means over the epoch)")
    whole_numbers(panels[-1].xaxis, epochs[-1] - epochs[0])
    panels[-1].set_xlim(epochs[0] - 0.5, epochs[-1] + max(0.5, 0.01 * len(epochs)))
    label(panels[0], run, owner)
    save(figure, folder, "training")


def read_confusion(path):
    """Classes, counts by true class (row) and predicted class, which events these are, how many, and the accuracy."""
    with open(path, encoding="utf-8") as file:
        metrics = json.load(file)
    split = next((name for name in ("test", "validation", "training") if metrics.get(name)), None)
    if split is None:
        return None
    try:
        classes, counts = metrics["classes"], np.array(metrics[split]["confusion"], dtype=float)
        events = int(metrics[split]["events"])
    except (KeyError, TypeError, ValueError) as error:
        fail(BAD_DATA, f"{path}: has no confusion matrix of the {split} events ({error!r})")
    if counts.shape != (len(classes), len(classes)):
        fail(BAD_DATA, f"{path}: has a confusion matrix {counts.shape} for {len(classes)} classes")
    accuracy = np.trace(counts) / max(1, counts.sum())
    return classes, counts, split, events, accuracy


def draw_confusion(path, folder, run, owner):
    found = read_confusion(path)
    if found is None:
        return
    classes, counts, split, events, accuracy = found
    totals = counts.sum(axis=1, keepdims=True)
    percent = 100 * np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    number = len(classes)
    has_numbers = number <= MOST_NUMBERS
    # Without numbers the colours must do: the largest share has the darkest.
    top = 100 if has_numbers else max(10, 10 * np.ceil(percent.max() / 10))
    side = max(9, 4 + 1.6 * number) if has_numbers else min(24, max(16, 4 + 0.3 * number))
    scale = side / 9 if not has_numbers else max(1, side / 12)  # of the texts around the matrix
    figure, axes = plt.subplots(figsize=(side + 1.5, side), layout="constrained")
    image = axes.imshow(percent, vmin=0, vmax=top, cmap="Blues")
    if has_numbers:
        text_size = min(24, 13 * side / number)  # about five characters fit into a cell
        for true in range(number):
            for predicted in range(number):
                axes.text(predicted, true, f"{percent[true, predicted]:.1f} %\n{counts[true, predicted]:,.0f}", ha="center",
                          va="center", fontsize=text_size, color="white" if percent[true, predicted] > 70 else "black")
    # Of more classes than have room for their names, every second one is named, or every fifth …
    name_size = 20 if has_numbers else min(20, max(13, 0.62 * 72 * side / number))
    every = max(1, int(np.ceil(number * name_size * 1.25 / (0.62 * 72 * side))))
    ticks = np.arange(0, number, every)
    names = [shown(abridged(classes[index], 24)) for index in ticks]
    widest = max(map(len, names))
    is_slanted = widest * name_size * 0.6 * number / every > 0.75 * 72 * side
    axes.set_xticks(ticks, names, fontsize=name_size, rotation=(90 if not has_numbers else 40) if is_slanted else 0,
                    ha="right" if is_slanted and has_numbers else "center", rotation_mode="anchor" if is_slanted and has_numbers else None)
    axes.set_yticks(ticks, names, fontsize=name_size, rotation=0, va="center")
    axes.tick_params(which="both", length=0, pad=8)
    axes.minorticks_off()
    axes.set_xlabel(f"Predicted class ({events:,} {split} events, accuracy {100 * accuracy:.1f} %)", fontsize=min(30, 20 * scale))
    axes.set_ylabel("True class", fontsize=min(30, 20 * scale))
    bar = figure.colorbar(image, ax=axes, fraction=0.046, pad=0.03)
    bar.set_label("Share of the true class (%)", fontsize=min(30, 20 * scale))
    label(axes, run, owner)
    save(figure, folder, "confusion")


def main(arguments):
    parser = argparse.ArgumentParser(prog="launch/plot")
    parser.add_argument("folder")
    parser.add_argument("--label", default="dist-train")
    options = parser.parse_args(arguments)
    plt.style.use(mplhep.style.CMS)
    installed = {font.name for font in font_manager.fontManager.ttflist}
    plt.rcParams["font.family"] = [*plt.rcParams["font.sans-serif"][:1], *(font for font in MORE_FONTS if font in installed)]
    folder, run = options.folder, os.path.basename(os.path.abspath(options.folder))
    drawings = dict(zip(INPUTS, [draw_costs, draw_history, draw_confusion]))
    present = [name for name in drawings if os.path.isfile(os.path.join(folder, name))]
    if not present:
        fail(MISSING, f"{folder}: has none of {', '.join(drawings)}; give a run folder, for example runs/hh-bbww")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name in present:
            path = os.path.join(folder, name)
            try:
                drawings[name](path, folder, run, options.label)
            except (OSError, ValueError) as error:
                fail(BAD_DATA, f"{path}: {error}")
    if any(str(warning.message).startswith("Glyph") for warning in caught):
        print("launch/plot: warning: some characters are drawn as boxes; install a font that has them (fonts-noto-cjk)",
              file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
