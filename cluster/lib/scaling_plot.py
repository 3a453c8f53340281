"""Draws scaling.png: events a second by ranks, as the model says, and as measured here."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, LogLocator  # noqa: E402
from scaling_allreduce import by_default, by_host  # noqa: E402
from scaling_format import name_of, rate  # noqa: E402
from scaling_machine import ETHERNET, INFINIBAND, SEED  # noqa: E402

COLOURS = {1024: "#5790fc", 16384: "#f89c20", 262144: "#964a8b", 1048576: "#e42536"}
PER_NODE = 32


def counts():
    """1, 2, 4, … and what lies between, where the blocks do not divide evenly."""
    ranks = {1, 2, 3, 10_000}
    for power in range(2, 14):
        ranks |= {1 << power, 3 << power - 1}
    return sorted(count for count in ranks if count <= 10_000)


def draw(measurements, machine, path):
    plt.rcParams.update({"font.size": 12})
    figure, panels = plt.subplots(1, 2, figsize=(14, 6.6), layout="constrained", sharey=True)
    for axes, link in zip(panels, (INFINIBAND, ETHERNET)):
        for batch, colour in COLOURS.items():
            for way, style in ((by_default, "--"), (by_host, "-")):
                speeds = [batch / machine.seed.step(batch, machine.cluster(ranks, PER_NODE, link), allreduce=way) * 1e6
                          for ranks in counts()]
                axes.plot(counts(), speeds, style, color=colour, linewidth=2 if style == "-" else 1.2,
                          label=f"batch {batch:,}, model" if style == "-" else None)
        axes.plot([], [], "--", color="black", linewidth=1.2, label="the same, MPI_Allreduce over all ranks")
        ideal = 1048576 / machine.seed.step(1048576, machine.cluster(1, PER_NODE, link)) * 1e6
        axes.plot([1, 10_000], [ideal, 1e4 * ideal], color="#9c9ca1", linestyle=":", label="one rank's speed × ranks")
        markers(axes, measurements, link)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(0.8, 14_000)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.yaxis.set_major_locator(LogLocator(10))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: rate(value)))
        axes.set_xlabel(f"Ranks, {PER_NODE} per node, one thread each")
        axes.set_title(link.name, loc="left")
        axes.grid(alpha=0.3)
        axes.legend(loc="upper left", fontsize=10.5, framealpha=0.9)
    panels[0].set_ylabel("Training events per second")
    figure.suptitle(f"Training {name_of(SEED)}: measured up to two ranks, predicted beyond", fontsize=13)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def markers(axes, measurements, link):
    """Steps of one and two ranks; beside Ethernet, those of two hosts over TCP."""
    kinds = [("1 rank", "", "o"), ("2 ranks", "", "o")]
    if link is ETHERNET and measurements.has("2 hosts", "none"):
        kinds = [("1 rank", "", "o"), ("2 hosts", "none", "^")]
    for kind, cable, marker in kinds:
        report = measurements.first(kind, cable)
        for batch in (1024, 16384):
            if batch in measurements.batches(kind, cable):
                speed = batch / measurements.step(kind, batch, cable) * 1e6
                axes.plot(report["ranks"], speed, marker, color=COLOURS[batch], markeredgecolor="black", markersize=9,
                          zorder=5)
    for marker, label in {marker: "measured, 2 hosts over TCP" if marker == "^" else "measured"
                          for _, _, marker in kinds}.items():
        axes.plot([], [], marker, color="white", markeredgecolor="black", markersize=9, label=label)
