"""launch/plot draws what a run leaves, also without validation and test events, and refuses other folders."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PLOT = Path(__file__).resolve().parents[2] / "launch/lib/plot.py"
HISTORY = "epoch,learning_rate,training_loss,training_accuracy,validation_loss,validation_accuracy,seconds\n"
MATRIX = {"loss": 0.9, "accuracy": 0.7, "events": 10, "confusion": [[4, 1], [2, 3]]}


def plot(folder):
    return subprocess.run([sys.executable, PLOT, folder], stdin=subprocess.DEVNULL, capture_output=True, text=True)


@pytest.fixture(scope="module")
def drawing():
    """The module, with figures kept instead of saved: {name: figure}."""
    specification = importlib.util.spec_from_file_location("plot", PLOT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    module.figures = {}
    module.save = lambda figure, folder, name: module.figures.update({name: figure})
    yield module
    module.plt.close("all")


def write_run(folder, epochs, has_validation=True):
    """A history.csv whose last epoch has the smallest loss."""
    validation = (lambda epoch: f"{1 + 1 / epoch},0.45") if has_validation else (lambda epoch: ",")
    rows = "".join(f"{epoch},0.05,{1.2 / epoch},0.4,{validation(epoch)},0.3\n" for epoch in range(1, epochs + 1))
    (folder / "history.csv").write_text(HISTORY + rows)


def write_confusion(folder, classes):
    """A metrics.json and nothing else."""
    matrix = {"loss": 0.9, "accuracy": 0.7, "events": 10, "confusion": np.eye(len(classes), dtype=int).tolist()}
    (folder / "metrics.json").write_text(json.dumps({"classes": classes, "test": matrix}))


@pytest.mark.parametrize("epochs", [1, 300])
def test_epochs_are_whole_and_no_legend_covers_a_curve(tmp_path, drawing, epochs):
    write_run(tmp_path, epochs)
    np.save(tmp_path / "costs.npy", np.linspace(1.4, 0.9, 20 * epochs))
    (tmp_path / "metrics.json").write_text(json.dumps({"best_epoch": max(1, epochs // 2)}))
    drawing.main([str(tmp_path), "--label", "CMS Simulation"])
    figure = drawing.figures["training"]
    for axes in [*figure.axes, *drawing.figures["costs"].axes]:
        for tick in axes.get_xticks():
            assert tick == int(tick)
        if axes.get_legend():
            assert not axes.get_legend().get_window_extent().overlaps(axes.get_window_extent())
    loss = figure.axes[0]
    assert {"Training", "Validation", f"Best epoch ({max(1, epochs // 2)})"} == {text.get_text() for text in loss.get_legend().get_texts()}
    low, high = loss.get_xlim()
    assert 0 < low < 1 and epochs < high
    words = [text.get_text() for text in loss.texts + figure.texts]
    assert "CMS" in words and "Simulation" in words and tmp_path.name[:8] in " ".join(words)


def test_the_best_epoch_of_a_run_that_is_not_finished(tmp_path, drawing):
    write_run(tmp_path, 5)
    drawing.main([str(tmp_path)])
    texts = [text.get_text() for text in drawing.figures["training"].axes[0].get_legend().get_texts()]
    assert "Best epoch (5)" in texts
    write_run(tmp_path, 5, has_validation=False)
    drawing.main([str(tmp_path)])
    texts = [text.get_text() for text in drawing.figures["training"].axes[0].get_legend().get_texts()]
    assert texts == ["Training"]


@pytest.mark.parametrize("metrics", [["auc"], ["loss", "accuracy", "auc"], ["weighted_accuracy", "loss", "accuracy", "auc"]])
def test_every_metric_has_a_panel(tmp_path, drawing, metrics):
    """Those that steps do not count have no curve of training events."""
    counted = [name for name in metrics if name in ("loss", "accuracy")]
    names = ["epoch", "learning_rate", *(f"training_{name}" for name in counted), *(f"validation_{name}" for name in metrics), "seconds"]
    # The best epoch of all is the second, but by the loss, which is smallest there too, and negative.
    rows = [[epoch, 0.05, *([0.4] * len(counted)), *[(-1 if name == "loss" else 1) * value for name in metrics], 1]
            for epoch, value in enumerate([0.5, 0.75, 0.25], 1)]
    (tmp_path / "history.csv").write_text("\n".join(",".join(map(str, row)) for row in [names, *rows]) + "\n")
    (tmp_path / "status.json").write_text(json.dumps({"monitor": metrics[-1]}))
    drawing.main([str(tmp_path)])
    panels = drawing.figures["training"].axes
    titles = {"loss": "Loss", "accuracy": "Accuracy", "auc": "AUC", "weighted_accuracy": "Weighted accuracy"}
    assert [axes.get_ylabel() for axes in panels] == [titles[name] for name in metrics]
    for axes, name in zip(panels, metrics):
        labels = [line.get_label() for line in axes.get_lines()]
        assert labels == (["Training"] if name in counted else []) + ["Validation", "Best epoch (2)"]


@pytest.mark.parametrize("number", [12, 40])
def test_names_of_many_classes_do_not_overlap(tmp_path, drawing, number):
    write_confusion(tmp_path, [f"a_name_of_sixty_characters_with_${index}_or_more_of_them_{index:03}" for index in range(number)])
    drawing.main([str(tmp_path)])
    figure = drawing.figures["confusion"]
    axes = figure.axes[0]
    labels = axes.get_yticklabels()
    assert labels[-1].get_text().endswith(f"{(len(labels) - 1) * (number // len(labels) + (number % len(labels) > 0)):03}")
    extents = [label.get_window_extent() for label in labels]
    assert all(upper.y0 >= lower.y1 for upper, lower in zip(extents, extents[1:]))
    assert (len(axes.texts) > number * number) == (number <= 12)


def test_characters_that_no_font_has_are_named_in_one_line(tmp_path, drawing, capsys):
    write_confusion(tmp_path, ["signal", "\u1A20"])
    drawing.main([str(tmp_path)])
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("validation", ["1.1,0.45", ","])
def test_a_run_becomes_three_figures(tmp_path, validation):
    np.save(tmp_path / "costs.npy", np.linspace(1.4, 0.9, 500))
    rows = "".join(f"{epoch},0.05,{1.2 / epoch},0.4,{validation},0.3\n" for epoch in (1, 2, 3))
    (tmp_path / "history.csv").write_text(HISTORY + rows)
    metrics = {"classes": ["signal", "ttbar"], "test": None if validation == "," else MATRIX, "training": MATRIX}
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    done = plot(tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("costs", "training", "confusion"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")


def test_no_file_of_the_run_is_drawn_over(tmp_path):
    np.save(tmp_path / "costs.npy", np.linspace(1.4, 0.9, 50))
    (tmp_path / "costs.png").symlink_to("costs.npy")
    before = (tmp_path / "costs.npy").read_bytes()
    done = plot(tmp_path)
    assert done.returncode == 64 and done.stderr.count("\n") == 1 and "costs.npy" in done.stderr, done.stderr
    assert (tmp_path / "costs.npy").read_bytes() == before


def test_a_folder_without_a_run_is_refused_in_one_line(tmp_path):
    done = plot(tmp_path)
    assert done.returncode == 66
    assert done.stderr.count("\n") == 1 and str(tmp_path) in done.stderr


@pytest.mark.parametrize("name, content", [
    ("costs.npy", b"no array"), ("history.csv", b"a,b\n1,2\n"), ("metrics.json", b"{"),
    ("metrics.json", b'{"classes": ["a"], "test": {"confusion": [[1, 2]], "accuracy": 1, "events": 3}}'),
])
def test_a_broken_file_is_refused_in_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    done = plot(tmp_path)
    assert done.returncode == 65, done.stderr
    assert done.stderr.count("\n") == 1 and name in done.stderr
