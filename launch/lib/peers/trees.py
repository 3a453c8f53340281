"""LightGBM and XGBoost on the events of a run of dist-train: one line of JSON. Started by compare_peers_runs.py.

They are judged as Tests/oracle/compare_sklearn.py judges the run: on the same test events, in the same way.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "Tests/oracle"))
from compare_sklearn import judge, our_scores  # noqa: E402
from run import Run  # noqa: E402

TREES, LEARNING_RATE, DEPTH = 200, 0.05, 5
SETTINGS = f"{TREES} rounds (one tree per class each), learning rate {LEARNING_RATE}, depth {DEPTH}"


def lightgbm(cores):
    import lightgbm

    return lightgbm.LGBMClassifier(n_estimators=TREES, learning_rate=LEARNING_RATE, max_depth=DEPTH,
                                   num_leaves=2**DEPTH - 1, n_jobs=cores, verbose=-1)


def xgboost(cores):
    import xgboost

    return xgboost.XGBClassifier(n_estimators=TREES, learning_rate=LEARNING_RATE, max_depth=DEPTH, n_jobs=cores)


def train(name, run, cores):
    """Seconds of the training alone, and the scores of the test events."""
    model = {"lightgbm": lightgbm, "xgboost": xgboost}[name](cores)
    start = time.perf_counter()
    model.fit(run.x, run.y, sample_weight=run.w)
    return time.perf_counter() - start, model.predict_proba(run.events("test")[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=("dist-train", "lightgbm", "xgboost"))
    parser.add_argument("run", type=Path)
    parser.add_argument("--cores", type=int, required=True)
    options = parser.parse_args()
    run = Run(options.run)
    if options.name == "dist-train":
        history = np.genfromtxt(options.run / "history.csv", delimiter=",", names=True)
        seconds, scores = history["seconds"].sum(), our_scores(run)
        settings = f"the default run: {len(history)} epochs of batch {run.batch}"
    else:
        (seconds, scores), settings = train(options.name, run, options.cores), SETTINGS
    accuracy, auc = judge(run.events("test")[1], np.asarray(scores))
    print(json.dumps({"seconds": float(seconds), "accuracy": accuracy, "auc": auc, "settings": settings}))


if __name__ == "__main__":
    main()
