"""The table of launch/compare-peers: medians, spreads, ratios, and the peers that are missing by name."""

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "launch/lib"), str(ROOT / "launch/lib/peers")]
import compare_peers  # noqa: E402
from compare_peers_plot import draw  # noqa: E402
from compare_peers_table import cell_text, group_table, rate_text, report, summarize  # noqa: E402
from worker import Passes  # noqa: E402


def rows(peer, *rates, group="1", batch=128):
    return [{"group": group, "peer": peer, "batch": batch, "repeat": repeat, "events_per_s": rate}
            for repeat, rate in enumerate(rates)]


MEASUREMENTS = (rows("dist-train", 4e6, 5e6, 4.5e6) + rows("numpy", 1.4e6, 1.6e6, 1.5e6) + rows("numpy", 2e4, batch=1)
                + rows("dist-train", 9e6, group="2r") + rows("ddp", 9e4, group="2r"))
RAW = {"machine": {"cpu": "A CPU", "cores": 2, "load": 0.25}, "versions": {"numpy": "1.2.3"}, "started": "now",
       "ended": "later", "repeats": 3, "seconds": 0.3, "measurements": MEASUREMENTS, "missing": {"horovod": "no wheel"}}


def test_medians_spreads_and_ratios():
    cells = summarize(MEASUREMENTS)["1", 128]
    assert cells["numpy"] == {"median": 1.5e6, "spread": pytest.approx(0.2 / 1.5), "repeats": 3, "ratio": 3.0}
    assert cells["dist-train"]["ratio"] == 1


def test_without_our_own_measurement_there_is_no_ratio():
    alone = summarize(MEASUREMENTS)["1", 1]["numpy"]
    assert alone["ratio"] is None and alone["spread"] == 0
    assert cell_text(alone) == "20.0 k"
    assert cell_text(None) == "—"


@pytest.mark.parametrize("rate, text", [(776, "776"), (999.6, "1.00 k"), (45_678, "45.7 k"), (1.234e6, "1.23 M"),
                                        (9.996e6, "10.0 M"), (123e6, "123 M"), (7.39, "7.39")])
def test_rates_have_three_digits(rate, text):
    assert rate_text(rate) == text


def test_a_group_is_a_table_with_ours_first_and_gaps_marked():
    lines = group_table("1", MEASUREMENTS, compare_peers.LABELS).splitlines()
    assert lines[2:] == [
        "| events/s | batch 1 | batch 128 |", "|---|---|---|",
        "| dist-train | — | 4.50 M ±11 % (1.00×) |", "| numpy by hand | 20.0 k | 1.50 M ±7 % (3.00×) |"]


def test_the_report_names_machine_versions_and_what_is_missing():
    text = report(RAW, compare_peers.LABELS)
    for part in ("A CPU", "numpy 1.2.3", "**Horovod** is missing: no wheel", "| PyTorch DDP (gloo) | 90.0 k (100×) |"):
        assert part in text
    assert "Boosted" not in text and "SparkDLTrigger" not in text


def test_other_models_and_published_times_are_labelled_as_such():
    trees = [{"label": "LightGBM, 1 core", "seconds": 2.66, "accuracy": 0.5689, "auc": 0.8075,
              "settings": "200 rounds"}]
    spark = {"seconds": 17.4, "cores": 2, "events": 3_430_000, "loss": 0.34}
    text = report(RAW | {"trees": trees, "sparkdltrigger": spark}, compare_peers.LABELS)
    assert "another kind of model" in text and "| LightGBM, 1 core | 2.66 s | 0.5689 | 0.8075 | 200 rounds |" in text
    assert "synthetic events | 17.4 s |" in text and "other hardware" in text


def test_all_peers_failing_leaves_a_report():
    assert "**dist-train** is missing: gone" in report(RAW | {"measurements": [], "missing": {"dist-train": "gone"}},
                                                       compare_peers.LABELS)


def test_the_bars_are_drawn(tmp_path):
    draw(MEASUREMENTS, compare_peers.LABELS, RAW["machine"], tmp_path / "peers.png")
    assert (tmp_path / "peers.png").read_bytes().startswith(b"\x89PNG")


def test_a_package_that_is_not_installed_names_all_its_peers(tmp_path):
    (tmp_path / "missing.tsv").write_text("torch\tno wheel\nhorovod\tnone\n")

    class Options:
        not_installed, only = tmp_path / "missing.tsv", None

    assert compare_peers.read_missing(Options) == {"torch": "no wheel", "ddp": "no wheel", "horovod": "none"}
    Options.only = ["ddp"]
    assert compare_peers.read_missing(Options) == {"ddp": "no wheel"}


def test_peers_do_not_see_settings_made_for_another_openblas(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "1")
    variables = compare_peers.environment(2, {"KERAS_BACKEND": "jax"})
    assert not {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"} & set(variables)
    assert variables["OMP_NUM_THREADS"] == "2" and variables["KERAS_BACKEND"] == "jax"


def test_passes_go_round_in_whole_batches():
    passes = Passes(10, 2, 3)
    assert [next(passes) for _ in range(2)] == [[0, 2, 4], [0, 2, 4]]
    passes = Passes(9, 2, 2)
    assert [next(passes) for _ in range(3)] == [[0, 2], [4, 6], [0, 2]]


def test_the_gradient_of_numpy_by_hand_is_that_of_its_loss():
    from numpy_by_hand import Trainer

    generator = np.random.default_rng(3)
    x, y = generator.normal(size=(8, 15)).astype(np.float32), generator.integers(0, 4, 8)
    trainer = Trainer(x, y, 8, 1)
    trainer.differentiate(x, trainer.one_hot, 8)
    gradient, direction = trainer.gradient.copy(), trainer.gradient / np.linalg.norm(trainer.gradient)
    before = trainer.parameters.copy()
    losses = []
    for sign in (1, -1):
        trainer.parameters[:] = before + sign * np.float32(1e-2) * direction
        losses.append(trainer.differentiate(x, trainer.one_hot, 8))
    assert (losses[0] - losses[1]) / 2e-2 == pytest.approx(np.linalg.norm(gradient), rel=0.02)


