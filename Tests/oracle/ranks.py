"""The area under the ROC curve by ranks, with signed weights; numpy alone, in double."""

import numpy as np


def exact_auc(scores, is_signal, weights):
    """Σ v_i v_j [1(x_i > x_j) + ½ 1(x_i = x_j)] / (Σ v_i · Σ v_j), i over the signal, j over the rest."""
    values, places = np.unique(scores, return_inverse=True)
    signal = np.bincount(places[is_signal], weights[is_signal].astype(float), len(values))
    rest = np.bincount(places[~is_signal], weights[~is_signal].astype(float), len(values))
    below = np.cumsum(rest) - rest
    return (signal * (below + rest / 2)).sum() / (signal.sum() * rest.sum())
