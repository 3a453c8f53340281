"""dist-train benchmark: what it writes hangs together, alone and under mpirun. How fast it is, is not tested."""

import json

import pytest

from conftest import start, train

SPLIT = {"gather", "forward", "backward", "rounding", "threads", "allreduce", "update"}


@pytest.mark.parametrize("ranks, threads", [(None, 1), (None, 2), (2, 1)])
@pytest.mark.parametrize("efficiency", [False, True])
def test_the_figures_hang_together(tmp_path, ranks, threads, efficiency):
    path = tmp_path / "benchmark.json"
    result = train(
        "benchmark", "--batch", "1,32", "--repeats", "2", "--network", "5-7-3", "--json", path,
        *(["--efficiency"] if efficiency else []), ranks=ranks, threads=threads, cwd=tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == ["benchmark.json"]
    report = json.loads(path.read_text())
    workers = (ranks or 1) * threads
    assert report["ranks"] == (ranks or 1) and report["threads"] == threads and report["workers"] == workers
    assert report["network"] == [5, 7, 3] and report["repeats"] == 2 and report["version"] == 1
    assert report["flops_per_event"] == 2 * (3 * (5 * 7 + 7 * 3) - 5 * 7)
    assert report["cpu"] and report["instruction_set"] and len(report["hosts"]) == 1
    assert report["peak_gflops"] > 0 and (report["allreduce_us"] > 0) == (ranks == 2)
    assert [line["batch"] for line in report["results"]] == [1, 32]
    for line in report["results"]:
        assert line["us_per_step_low"] <= line["us_per_step"] <= line["us_per_step_high"]
        assert line["events_per_s"] == pytest.approx(line["batch"] / line["us_per_step"] * 1e6)
        assert line["gflops"] == pytest.approx(report["flops_per_event"] * line["events_per_s"] * 1e-9)
        assert line["percent_of_peak"] == pytest.approx(100 * line["gflops"] / report["peak_gflops"] / workers)
        assert 0 <= line["percent_waiting"] <= 100
        assert set(line["split"]) == SPLIT and min(line["split"].values()) >= 0
        assert sum(line["split"].values()) == pytest.approx(line["us_per_step"])
        assert ("efficiency" in line) == efficiency
        if efficiency:
            assert line["efficiency"] == pytest.approx(line["solo_us_per_step"] / line["us_per_step"] / workers)
    # One rank speaks.
    assert result.stdout.count("events/s") == 1 and result.stdout.count("FMA peak") == 1


def test_a_network_without_hidden_layers_and_one_of_tanh(tmp_path):
    train("benchmark", "--batch", "3", "--repeats", "1", "--network", "4-2")
    train("benchmark", "--batch", "3,32", "--repeats", "1", "--network", "4-2", "--reduction", "float32", ranks=2)
    train("benchmark", "--batch", "3", "--repeats", "1", "--network", "4-9-9-2", "--activation", "tanh", ranks=2)
    train("benchmark", "--batch", "3,32", "--repeats", "1", "--network", "4-9-2", "--weights", ranks=2)


def test_hidden_layers_that_do_more(tmp_path):
    path = tmp_path / "benchmark.json"
    result = train("benchmark", "--batch", "1,32", "--repeats", "1", "--network", "4-9-9-2", "--dropout", "0.25", "--json", path,
                   "--hidden-options", "activation=silu,norm=layer,skip=true", ranks=2)
    report = json.loads(path.read_text())
    assert report["activation"] == "silu" and len(report["results"]) == 2
    layer = {"units": 9, "activation": "silu", "norm": "layer", "dropout": 0.25}
    assert report["hidden"] == [{**layer, "skip": False}, {**layer, "skip": True}]
    # 4·9 + 9·9 + 9·2 weights, 9 + 9 + 2 biases, 2 · (9 + 9) scales and shifts.
    assert "191 parameters" in result.stdout and result.stdout.count("layer normalisation, silu") == 2


@pytest.mark.parametrize("arguments, message", [
    (["--batch", "1,,2"], "--batch 1,,2"), (["--batch", "0"], "--batch 0"), (["--batch", "many"], "'many'"),
    (["--network", "5"], "--network 5"), (["--network=5-1"], "2 classes"), (["--network", "5-x-2"], "'x'"),
    (["--activation", "mish"], "relu"), (["--reduction", "float16"], "float32"), (["--repeats", "0"], "--repeats"), (["--threads", "0"], "--threads"),
    (["--batch", "1000000000", "--network", "500-2"], "GB"), (["--network", "15-1000000-1000000-2"], "GB"),
    (["--training.epochs=3"], "training.epochs"), (["--dropout", "1"], "--dropout"),
    (["--hidden-options", "norm=batch"], "'norm=batch'"), (["--hidden-options", "skip"], "'skip'"),
])
def test_bad_command_lines(arguments, message):
    # What shows before MPI starts is the same for all arguments.
    for ranks in (None, 2) if message in ("--batch 0", "GB") else (None,):
        result = start("benchmark", *arguments, ranks=ranks, timeout=30)
        # Two ranks say it at the same time, and mpirun may mix their letters.
        assert result.returncode == 64 and (ranks == 2 or message in result.stderr), result.stderr
        assert "events/s" not in result.stdout


def test_a_file_that_cannot_be_written(tmp_path):
    result = start("benchmark", "--batch", "1", "--repeats", "1", "--json", tmp_path / "none/x.json", ranks=2)
    assert result.returncode == 74 and result.stderr.count("x.json") == 1, result.stderr
