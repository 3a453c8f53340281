"""The stage `peers` of launch/test: trains every row of rows.py with dist-train, Keras and PyTorch, and writes what they came to.

A float64 run is the truth; the figure of each is the root mean square of its deviations from it over the steps of the epoch. The
table goes to standard output; reference.json, beside this file, keeps the costs in float64 and the peers' figures, which
Tests/oracle/test_peers.py holds dist-train against wherever these packages are not installed.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import keras_peer  # noqa: I001  (sets the backend)
import jax
import keras
import numpy as np
import torch
import torch_peer
from rows import ROOT, ROWS, run_file, write_events
from one_epoch import OneEpoch

PROGRAM = ROOT / ".build/release/dist-train"
FACTOR = 3


def deviation(costs, truth):
    return float(np.sqrt(np.mean((costs - truth) ** 2)))


def main():
    chosen = sys.argv[1:] or list(ROWS)
    reference = {"versions": {"keras": keras.__version__, "jax": jax.__version__, "torch": torch.__version__,
                              "numpy": np.__version__}, "rows": {}}
    failures = 0
    print(f"{'':44} {'dist-train':>10} {'Keras':>9} {'PyTorch':>9}   largest ratio")
    with tempfile.TemporaryDirectory() as folder:
        write_events(folder)
        for name in chosen:
            path, overrides = run_file(Path(folder), name)
            subprocess.run([PROGRAM, path, "--threads=2", *overrides], check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)
            run = Path(folder) / "runs" / path.stem
            setup = OneEpoch(str(run))
            truth = torch_peer.train(setup, torch.float64)
            peers = {"torch": deviation(torch_peer.train(setup, torch.float32), truth)}
            # Keras has no bound for events of negative weight; where none is reached, it is not missed.
            try:
                peers["keras"] = deviation(keras_peer.train(setup), truth)
            except keras_peer.CannotDo as reason:
                print(f"{name}: Keras: {reason}", file=sys.stderr)
            ours = deviation(np.load(run / "costs.npy"), truth)
            ratio = max(ours / figure for figure in peers.values())
            failures += ratio > FACTOR
            print(f"{name:44} {ours:10.2e} {peers.get('keras', float('nan')):9.2e} {peers['torch']:9.2e}   {ratio:.2f}"
                  + ("  ABOVE 3" if ratio > FACTOR else ""), flush=True)
            reference["rows"][name] = {"costs": [float(cost) for cost in truth], **peers}
    if not sys.argv[1:]:
        target = Path(__file__).with_name("reference.json")
        target.write_text(json.dumps(reference, indent=None, separators=(",", ":")) + "\n")
        print(f"{len(chosen)} rows, {failures} above {FACTOR} times a peer; {target.name}: {os.path.getsize(target)} bytes")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
