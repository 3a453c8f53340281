"""From a process, a number of events and a seed to a file."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import detector, selection
from .hooks import GeneratorHooks, make_pythia
from .processes import Process

# Events per call of Pythia. Part of what decides on the bytes, as the detector draws its random numbers batch by
# batch. Fixed, so that a short sample is the beginning of a long one; small, so that a tiny sample takes seconds.
BATCH = 200

LARGEST_PYTHIA_SEED = 900_000_000

# %.5g would round phi = 3.14157 up to 3.1416, beyond pi. This moves one value in 30,000 by at most 0.0001.
LARGEST_PRINTED_PHI = 3.1415


@dataclass
class Yields:
    """Numbers of events that passed each step."""

    process: str
    hard_processes: int
    with_lepton: int
    with_objects: int
    selected: int
    seconds: float


def generate(
    process: Process, count: int, seed: int, multiparton: bool, progress: Callable[[int], None]
) -> tuple[np.ndarray, Yields]:
    """The features [event, 15] of `count` selected events; `progress` is called with their number so far.

    All random numbers depend on the seed and on this process alone, not on which others are generated.
    """
    start = time.monotonic()
    sequence = np.random.SeedSequence([seed, process.key])
    pythia_sequence, detector_sequence = sequence.spawn(2)
    pythia_seed = 1 + int(pythia_sequence.generate_state(1, np.uint64)[0]) % LARGEST_PYTHIA_SEED
    random = np.random.Generator(np.random.PCG64(detector_sequence))

    hooks = GeneratorHooks(process)
    pythia = make_pythia(process, pythia_seed, multiparton, hooks)
    selected: list[np.ndarray] = []
    total = 0
    while total < count:
        batch = pythia.nextBatch(BATCH)
        if len(batch) == 0:
            raise RuntimeError(f"Pythia makes no events of {process.name}")
        features = selection.select(*detector.simulate(batch, random))
        selected.append(features)
        total += len(features)
        progress(min(total, count))
    yields = Yields(
        process.name, hooks.hard_processes, hooks.with_lepton, hooks.with_objects, total, time.monotonic() - start
    )
    return np.concatenate(selected)[:count], yields


def write(path: Path, features: np.ndarray) -> None:
    """Writes features [event, 15] as text: one row per feature, one column per event, as `numpy.savetxt` does.

    The file appears under its name only when it is complete.
    """
    features = features.copy()
    for column, name in enumerate(selection.FEATURES):
        if name.endswith("_phi"):
            np.clip(features[:, column], -LARGEST_PRINTED_PHI, LARGEST_PRINTED_PHI, out=features[:, column])
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
            np.savetxt(file, features.T, fmt="%.5g")
            file.flush()
            os.fsync(file.fileno())
        mode = 0o666 & ~_umask()
        os.chmod(temporary, mode)  # mkstemp makes it readable for its owner only
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
