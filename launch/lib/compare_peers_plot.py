"""Draws compare_peers.py's measurements: events/s of every peer at every batch size, one panel a group."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from compare_peers_table import GROUPS, OURS, summarize  # noqa: E402

OUR_COLOUR = "#e42536"
COLOURS = ["#5790fc", "#f89c20", "#964a8b", "#9c9ca1", "#7a21dd", "#3f90da", "#92dadd", "#b9ac70", "#717581", "#832db6",
           "#a96b59"]


def draw(measurements, labels, machine, path):
    """Bars are medians, the lines on them reach from the slowest to the fastest repeat (roughly: median ± spread/2)."""
    summary = summarize(measurements)
    groups = [group for group in GROUPS if any(place == group for place, _ in summary)]
    peers = [peer for peer in labels if any(peer in cells for cells in summary.values())]
    peers.sort(key=lambda peer: peer != OURS)
    others = [peer for peer in peers if peer != OURS]
    colours = {peer: COLOURS[number % len(COLOURS)] for number, peer in enumerate(others)} | {OURS: OUR_COLOUR}
    size = (14, 1 + 4.2 * len(groups))
    figure, panels = plt.subplots(len(groups), 1, figsize=size, layout="constrained", squeeze=False)
    for axes, group in zip(panels[:, 0], groups):
        batches = sorted(batch for place, batch in summary if place == group)
        here = [peer for peer in peers if any(peer in summary[group, batch] for batch in batches)]
        for number, peer in enumerate(here):
            width = 0.85 / len(here)
            present = [(place, summary[group, batch][peer]) for place, batch in enumerate(batches)
                       if peer in summary[group, batch]]
            places = [place + (number - (len(here) - 1) / 2) * width for place, _ in present]
            heights = [cell["median"] for _, cell in present]
            spreads = [min(cell["spread"] / 2, 0.99) * cell["median"] for _, cell in present]
            axes.bar(places, heights, width, color=colours[peer], label=labels[peer],
                     yerr=spreads if any(spreads) else None, error_kw={"linewidth": 0.8})
        axes.set_yscale("log")
        axes.set_xticks(range(len(batches)), [f"{batch:,}" for batch in batches])
        axes.set_title(GROUPS[group], loc="left")
        axes.set_ylabel("Events/s")
        axes.grid(axis="y", alpha=0.3)
        axes.set_axisbelow(True)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, frameon=False)
    panels[-1, 0].set_xlabel("Batch size (events per step)")
    figure.suptitle(f"Training 15-30-30-30-4 with SGD, float32 ({machine['cpu']})", fontsize=12)
    figure.savefig(path, dpi=100)
    plt.close(figure)
