"""What a mistyped command line is answered: one line, exit code 64 or 66, with the words that were meant."""

import json
import os
import shlex
import subprocess

import pytest

from conftest import PROGRAM, start, train


def answer(*arguments, cwd=None, code=64):
    """The one line that the program prints, without its own name."""
    result = subprocess.run([PROGRAM, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=60, check=False)
    assert result.returncode == code, result.stderr
    assert result.stdout == "" and result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("dist-train: ")
    # No Swift type, and none of the argument parser's own phrases.
    for jargon in ("Error:", "Usage:", "ValidationError", "Missing expected", "Optional(", "Unknown option"):
        assert jargon not in result.stderr
    return result.stderr.removeprefix("dist-train: ").strip()


@pytest.mark.parametrize("words, meant", [
    ("--epochs 5", "--training.epochs=5"), ("--epochs=5", "--training.epochs=5"), ("training.epochs=5", "--training.epochs=5"),
    ("epochs=5", "--training.epochs=5"), ("--epoch 5", "--training.epochs=5"), ("--max-epochs 5", "--training.epochs=5"),
    ("--batch-size 64", "--training.batch_size=64"), ("--batch_size=64", "--training.batch_size=64"),
    ("--batchsize 64", "--training.batch_size=64"), ("--lr 0.1", "--training.optimizer.learning_rate=0.1"),
    ("--learning-rate=1e-3", "--training.optimizer.learning_rate=1e-3"),
    ("--learing-rate 0.1", "--training.optimizer.learning_rate=0.1"), ("--seed 3", "--training.seed=3"),
    ("--momentum 0.8", "--training.optimizer.momentum=0.8"), ("--hidden 64,32", "'--network.hidden=[64,32]'"),
    ("--patience 5", "'--training.early_stopping={patience: 5}'"), ("--no-shuffle", "--training.shuffle=false"),
    ("--output x", "--output.directory=x"), ("--data x", "--data.directory=x"), ("check --epochs 3", "--training.epochs=3"),
    ("my.yaml --directory x", "--data.directory=x or --output.directory=x"), ("--seed", "--training.seed=VALUE"),
])
def test_an_option_that_is_a_key_suggests_it(words, meant):
    line = answer(*words.split())
    assert line.endswith(f"did you mean {meant}?")
    typed = next(word for word in words.split() if "=" in word or word.startswith("--"))
    assert typed.split("=")[0] in line


@pytest.mark.parametrize("words, meant", [
    ("--treads 2", "--threads"), ("evaluate r --date x", "--data"), ("predict r e --out x", "--output"),
    ("benchmark --batch-size 4", "--batch"), ("evaluate r --data.directory=x", "--data x"), ("check --file", "--files"),
])
def test_a_slip_suggests_the_option(words, meant):
    assert answer(*words.split()).endswith(f"did you mean {meant}?")


@pytest.mark.parametrize("words, meant", [
    ("evalute runs/x", "evaluate runs/x"), ("trian", "train"), ("trian r.yaml --force", "train r.yaml --force"),
    ("predcit runs/x e.csv", "predict runs/x e.csv"), ("stat", "status"), ("help evalaute", "evaluate"), ("resume runs/x", "--resume runs/x"),
])
def test_a_mistyped_command_suggests_the_right_one(tmp_path, words, meant):
    line = answer(*words.split(), cwd=tmp_path)
    assert line.startswith("unknown command ") and line.endswith(f"did you mean: {PROGRAM} {meant}")


def test_a_run_file_may_be_called_like_a_command(small_run):
    for name in ("trian", "epochs=5"):
        os.rename(small_run, small_run.parent / name)
        train("check", name, cwd=small_run.parent) if name == "trian" else train(name, "--force", cwd=small_run.parent)
        os.rename(small_run.parent / name, small_run)


@pytest.mark.parametrize("words, line", [
    ("--threads x", "--threads x: give a whole number from 1 on"), ("--threads -1", "--threads -1: give a whole number"),
    ("--threads", "--threads needs a value: --threads NUMBER"), ("--progress often", "--progress often: give auto, on or off"),
    ("--force=yes", "--force takes no value"), ("--max-seconds 1.5", "--max-seconds 1.5: give a whole number"),
    ("--training.epochs", "--training.epochs needs a value: --training.epochs=VALUE"),
    ("--resume --force", "--resume needs a value"), ("evaluate", "missing argument RUN; usage: "),
    ("predict runs/x", "missing argument EVENTS"), ("predict runs/x a.csv", "missing option --output"),
    ("inspect a b", "unexpected argument 'b'"), ("a.yaml b.yaml", "unexpected argument 'b.yaml'"),
    ("evaluate r --training.epochs=5", "--training.epochs: only 'train' and 'check' take keys"),
    ("-np 4 r.yaml", "unknown option '-np': the number of ranks is for mpirun"), ("--foo", "unknown option '--foo'; see "),
    ("predict a b -o c --layout rows", "--layout rows: give one of features_by_row, events_by_row"),
    ("benchmark --repeats 0", "--repeats 0: give a whole number"), ("benchmark --network 3", "--network 3: give inputs"),
])
def test_other_mistakes_are_one_plain_line(words, line):
    assert answer(*words.split()).startswith(line)


def test_only_one_rank_speaks():
    result = start("--epochs", "5", ranks=3)
    assert result.returncode == 64 and result.stderr.count("--training.epochs=5") == 1


def test_help_is_no_error():
    for words in (["--help"], ["help"], ["help", "train"], ["evaluate", "-h"], ["benchmark", "--help"]):
        assert train(*words).stdout.startswith("OVERVIEW: ")
    assert train("--version").stdout.count(".") == 2


def test_what_was_given_and_what_is_needed(small_run):
    """Each with a command that works when it is pasted."""
    folder, run = small_run.parent, small_run.parent / "runs/run"
    assert "start the run first" in answer("evaluate", small_run)
    train(small_run)
    events = folder / "one.txt"
    for words, code in [
        (["evaluate", small_run], 64), (["inspect", small_run], 64), (["status", small_run], 64),
        (["predict", small_run, events, "-o", folder / "scores.npy"], 64), (["predict", events, run, "-o", folder / "scores.npy"], 64),
        ([run], 64), (["train", run], 64), (["check", run], 64), (["--resume", small_run], 64), (["--resume", run / "model.safetensors"], 64),
        (["evaluate", run, "--data", events], 64), (["evaluate", run, f"--data={events}"], 64), (["evaluate", run / "metrics.json"], 64),
        (["inspect", run.parent], 64),
    ]:
        line = answer(*words, code=code)
        command = shlex.split(line.split("type: ")[1])
        assert subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0, command
    assert "did you mean" in answer("evaluate", folder / "runs/rum", code=66)
    assert "this is not a run file" in answer(events)
    assert "--data" in answer("evaluate", run, "--data", folder / "nowhere", code=66)
    assert "runs" in answer("status", cwd=run, code=66)


def test_the_end_of_a_run_says_what_to_do_next(small_run):
    """Its commands work from where the user is."""
    folder = small_run.parent
    result = train("run.yaml", "--output.directory=my runs", cwd=folder)
    lines = result.stdout.splitlines()
    at = lines.index("Run folder: my runs/run")
    commands = [line.removeprefix("Next:").strip() for line in lines[at + 1:]]
    assert "launch/plot" in commands[0] and len(commands) == 3
    for command in commands[1:]:
        subprocess.run(shlex.split(command), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert (folder / "scores.npy").exists()
    assert "Run folder" in (folder / "my runs/run/log.txt").read_text()


def test_evaluate_writes_the_whole_matrix(small_run):
    train(small_run)
    run, file = small_run.parent / "runs/run", small_run.parent / "evaluation.json"
    train("evaluate", run, "--json", file, ranks=2)
    found, metrics = json.loads(file.read_text()), json.loads((run / "metrics.json").read_text())
    assert found["split"] == "test" and found["classes"] == ["one", "two"] and found["epoch"] == metrics["best_epoch"]
    assert all(found[key] == value for key, value in metrics["test"].items())
