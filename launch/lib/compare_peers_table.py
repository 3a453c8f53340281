"""Medians, spreads and ratios of compare_peers.py's measurements, as Markdown. Needs no package."""

from collections import defaultdict
from statistics import median

OURS = "dist-train"
GROUPS = {
    "1": "One core",
    "2": "Two cores, one process (two threads)",
    "2r": "Two cores, two ranks (the batch is that of both together)",
}


def summarize(measurements):
    """{(group, batch): {peer: cell}}, where a cell has the median of events/s, the spread, the count and the ratio.

    The spread is (largest − smallest) / median. The ratio is how many times as fast as the peer dist-train is, None
    where dist-train was not measured.
    """
    values = defaultdict(lambda: defaultdict(list))
    for one in measurements:
        values[one["group"], one["batch"]][one["peer"]].append(one["events_per_s"])
    summary = {}
    for place, peers in values.items():
        ours = median(peers[OURS]) if OURS in peers else None
        summary[place] = {peer: cell(rates, ours) for peer, rates in peers.items()}
    return summary


def cell(rates, ours):
    middle = median(rates)
    return {"median": middle, "spread": (max(rates) - min(rates)) / middle, "repeats": len(rates),
            "ratio": None if ours is None else ours / middle}


def rate_text(events_per_s):
    """Three digits: 1.23 M, 45.6 k, 789."""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if events_per_s >= 0.9995 * size:
            return f"{three_digits(events_per_s / size)}{unit}"
    return three_digits(events_per_s)


def three_digits(value):
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}"


def cell_text(one):
    if one is None:
        return "—"
    text = rate_text(one["median"])
    if one["repeats"] > 1:
        text += f" ±{50 * one['spread']:.0f} %"
    if one["ratio"] is not None:
        text += f" ({three_digits(one['ratio'])}×)"
    return text


def markdown(rows):
    """A table of Markdown from rows of text; the first one has the titles."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def group_table(group, measurements, labels):
    """One row a peer, ours first; one column a batch size."""
    summary = {batch: cells for (place, batch), cells in summarize(measurements).items() if place == group}
    batches = sorted(summary)
    present = [peer for peer in labels if any(peer in cells for cells in summary.values())]
    rows = [["events/s", *(f"batch {batch:,}" for batch in batches)]]
    for peer in sorted(present, key=lambda peer: peer != OURS):
        rows.append([labels[peer], *(cell_text(summary[batch].get(peer)) for batch in batches)])
    return f"### {GROUPS[group]}\n\n{markdown(rows)}"


def missing_text(missing, labels):
    """The peers that were not measured, each with its reason."""
    return "\n".join(f"- **{labels.get(peer, peer)}** is missing: {reason}" for peer, reason in missing.items())


def report(raw, labels):
    """The whole of table.md from what raw.json holds."""
    machine = raw["machine"]
    parts = [
        "# dist-train and its peers",
        f"{machine['cpu']}, {machine['cores']} CPUs, {raw['started']} to {raw['ended']}; {machine['load']:g} other "
        f"processes ran when it started (load average). Repeats: {raw['repeats']}, "
        f"interleaved; each is the median of five parts of at least {raw['seconds'] / 5:g} s, after warm-up and "
        "compilation.",
    ]
    if raw["measurements"]:
        parts.append(
            "## Training the network\n\n15-30-30-30-4, relu, softmax cross-entropy, SGD with learning rate 0.05 and "
            "momentum 0.9, float32. Median of events/s ± half the distance from the slowest to the fastest repeat "
            "(how many times as fast dist-train is). Peers take their batches in sequence, without shuffling.")
        groups = [group for group in GROUPS if any(one["group"] == group for one in raw["measurements"])]
        parts += [group_table(group, raw["measurements"], labels) for group in groups]
    if raw["missing"]:
        parts.append("## Missing\n\n" + missing_text(raw["missing"], labels))
    if raw.get("trees"):
        parts.append(trees_table(raw["trees"]))
    if raw.get("sparkdltrigger"):
        parts.append(spark_table(raw["sparkdltrigger"]))
    versions = ", ".join(f"{name} {version}" for name, version in sorted(raw["versions"].items()))
    return "\n\n".join([*parts, f"Versions: {versions}."]) + "\n"


def trees_table(trees):
    rows = [["model", "training", "test accuracy", "test AUC", "settings"]]
    rows += [[one["label"], f"{one['seconds']:.2f} s", f"{one['accuracy']:.4f}", f"{one['auc']:.4f}", one["settings"]]
             for one in trees]
    return ("## Boosted trees: another kind of model\n\nOn the shipped events, the same training and test events for "
            "all, classes balanced by weights. AUC: one class against the rest, mean over the classes.\n\n"
            + markdown(rows))


def spark_table(spark):
    ours = f"dist-train, SGD, threads: {spark['cores']}"
    rows = [["what", "where", "training time"], [ours, "this machine, synthetic events", f"{spark['seconds']:.1f} s"]]
    rows += [[what, f"published: {where}, CERN's events", time] for what, where, time in PUBLISHED]
    return (f"## SparkDLTrigger's HLF classifier\n\n14-50-20-10-3, {spark['events']:,} events, four fifths of them for "
            "training, the rest judged after every epoch; 5 epochs, batch 128. The published times are from other "
            "hardware and other events (ours have only their number and shape), and the networks there were trained "
            "with Adam, so this is an order of magnitude and no comparison. Ours is the whole run from start to end, "
            f"with reading and checkpoints; the training loss ended at {spark['loss']:.4f}.\n\n{markdown(rows)}")


PUBLISHED = [
    ("Keras", "Tesla T4", "5 min 17 s"),
    ("PyTorch", "a GPU", "9 min 48 s"),
    ("LightGBM (trees)", "10 cores", "59 s"),
]
