"""The README is true: its recipe runs as printed, its advice is that of the run files, its links lead somewhere."""

import json
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
import uproot
import yaml
from safetensors.numpy import load_file

from conftest import ROOT, start, train

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "data/README.md", *sorted((ROOT / "cluster").rglob("*.md"))]
EVENTS = {"hh": 300, "ttbar": 500}


def block(language, word):
    """The one fenced block of the README in `language` that contains `word`."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    found = [text for text in blocks if word in text]
    assert len(found) == 1, f"{len(found)} blocks of {language} contain {word!r}"
    return found[0]


def run_python(text, folder):
    result = subprocess.run(
        [sys.executable, "-c", text], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A folder with ROOT files, in which the README's recipe and run file have been used: the folder, and the events."""
    folder = tmp_path_factory.mktemp("own")
    generator = np.random.default_rng(1)
    events = {}
    for process, count in EVENTS.items():
        branches = {
            # Not in the order of the recipe, of several types, and more than it wants.
            "event": np.arange(count, dtype=np.int64),
            "n_jets": generator.integers(3, 9, count).astype(np.int32),
            "mt_lnu": generator.exponential(50, count).astype(np.float32),
            "m_bb": generator.normal(125 if process == "hh" else 100, 20, count),
        }
        with uproot.recreate(folder / f"{process}.root") as file:
            file.mktree("Events", {name: values.dtype for name, values in branches.items()})
            file["Events"].extend(branches)
        events[process] = np.stack([branches[name] for name in ("m_bb", "mt_lnu", "n_jets")], axis=1).astype(np.float32)
    run_python(block("python", "uproot"), folder)
    (folder / "my-run.yaml").write_text(block("yaml", "name: my-run"))
    train("my-run.yaml", "--training.epochs=2", cwd=folder)
    return folder, events


def test_recipe_brings_every_value(own):
    folder, events = own
    for process, values in events.items():
        written = np.load(folder / f"{process}.npy")
        assert written.dtype == np.float32 and np.array_equal(written, values)
    files = json.loads((folder / "runs/my-run/events.json").read_text())["files"]
    assert {file["process"]: file["events"] for file in files} == EVENTS
    # With all events in the training, the model's shift and scale are those of the values.
    train("my-run.yaml", "--training.epochs=1", "--split={train: 1, validation: 0, test: 0}", "--name=all", cwd=folder)
    model = load_file(folder / "runs/all/model.safetensors")
    together = np.concatenate(list(events.values())).astype(np.float64)
    np.testing.assert_allclose(model["input.mean"], together.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(1 / model["input.scale"], together.std(axis=0), rtol=1e-6)


def test_inference_in_numpy_gives_the_numbers_of_predict(own):
    folder, _ = own
    train("predict", "runs/my-run", "hh.npy", "-o", "scores.npy", cwd=folder)
    run_python(block("python", "safetensors") + "\nnumpy.save('own.npy', scores)\n", folder)
    predicted, own_scores = np.load(folder / "scores.npy"), np.load(folder / "own.npy")
    assert predicted.shape == own_scores.shape == (EVENTS["hh"], len(EVENTS))
    assert np.ptp(predicted) > 0.01
    np.testing.assert_allclose(own_scores, predicted, rtol=0, atol=1e-6)


def test_command_lines_of_the_recipe(own):
    folder, _ = own
    line = re.search(r"launch/local -np 1 my-run\.yaml (--training\.epochs=\d+ .*)$", README, re.MULTILINE).group(1)
    # As a shell reads it, quotes and all.
    train("my-run.yaml", *shlex.split(line), "--training.epochs=1", cwd=folder)
    assert (folder / "runs/wider/model.safetensors").exists()
    assert "this run is finished" in start("my-run.yaml", "--training.epochs=2", cwd=folder).stdout


def test_files_of_a_run(own):
    folder, _ = own
    train("evaluate", folder / "runs/my-run")
    listed = re.search(r"^    runs/my-run/(.*?)\n\n", README, re.MULTILINE | re.DOTALL).group(1)
    columns = [re.split(r"  +", line.strip())[0] for line in listed.splitlines()]
    names = {name.rstrip("/") for column in columns for name in column.split(", ")}
    assert names == {path.name for path in (folder / "runs/my-run").iterdir()}


def cures():
    """The rows of the README's table: key, value in the notebook, cure."""
    section = README.split("## The notebook\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([\w.]+)` \| `(.*?)` \| `(.*?)`.* \|$", section, re.MULTILINE)


def value(run, key):
    for name in key.split("."):
        run = run[name]
    return run


def includes(whole, part):
    return all(whole[name] == part[name] for name in part) if isinstance(part, dict) else whole == part


def test_cures_of_the_notebook():
    text = (ROOT / "data/notebook.yaml").read_text()
    notebook = yaml.safe_load(text)
    defaults = yaml.safe_load((ROOT / "data/hh-bbww.yaml").read_text())
    advice = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    rows = cures()
    assert len(rows) == 7
    for key, ill, cure in rows:
        assert includes(value(notebook, key), yaml.safe_load(ill)), key
        assert includes(value(defaults, key), yaml.safe_load(cure)), key
        assert f"{key}: {cure}" in advice, key
    advised = re.findall(r"\b((?:data|network|training)\.\w+|split): ", advice)
    assert sorted(advised) == sorted(key for key, _, _ in rows)


def anchors(page):
    """GitHub's anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page):
    text = page.read_text()
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'<img src="([^"]+)"', text)
    for link in links:
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists() and target.is_relative_to(ROOT), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


def test_scripts_that_the_pages_name_exist():
    for page in PAGES:
        for path in re.findall(r"\b((?:launch|cluster)/[\w./-]*\w)", page.read_text()):
            assert (ROOT / path).exists() or path == "cluster/sites/my-cluster", f"{page.name}: {path}"


def test_the_run_file_with_weights(tmp_path):
    """With events for it, each of its processes and keys is used."""
    text = block("yaml", "name: weighted")
    run = yaml.safe_load(text)
    random = np.random.default_rng(3)
    for process in run["data"]["processes"]:
        columns = ["run", "luminosityBlock", "event", "genWeight", "puWeight", *run["data"]["features"]]
        rows = [",".join(map(str, [1, 7, number, random.choice([-0.3, 0.9, 1.1]), round(random.uniform(0.8, 1.2), 3),
                                   *np.round(random.normal(len(process["name"]), 1, 3), 4)])) for number in range(200)]
        (tmp_path / process["files"][0]).write_text(",".join(columns) + "\n" + "\n".join(rows) + "\n")
    (tmp_path / "weighted.yaml").write_text(text)
    output = train("weighted.yaml", "--training.epochs=3", cwd=tmp_path).stdout
    assert "n_eff" in output and "ttV" in output
    assert len(np.load(tmp_path / "runs/weighted/split.npy")) == 800
