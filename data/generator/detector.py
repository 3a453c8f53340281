"""A parametrised detector: from the particles of an event to leptons and jets with a b-tag score.

All energies and momenta are in GeV.
"""

from __future__ import annotations

from dataclasses import dataclass

import awkward as ak
import fastjet
import numpy as np

JET_RADIUS = 0.4
DETECTOR_ETA = 5.0  # nothing is seen beyond

# Jets below this are ignored: after smearing, one in a thousand of them would reach the selection's 25 GeV.
JET_PT_BEFORE_SMEARING = 10.0
LEPTON_PT_BEFORE_SMEARING = 10.0
LEPTON_ETA = 2.4

DRESSING_RADIUS = 0.1
ISOLATION_RADIUS = 0.3
ISOLATION = 0.15  # largest visible pT around a lepton, relative to its own

ELECTRON_RESOLUTION = 0.020
MUON_RESOLUTION = 0.012
ANGULAR_RESOLUTION = 0.02  # of jets, in eta and in phi

FLAVOUR_RADIUS = 0.3
HADRON_PT = 5.0
LIGHT, CHARM, BOTTOM = 0, 1, 2

ELECTRON, MUON, PHOTON = 11, 13, 22
NEUTRINOS = (12, 14, 16)

# Probability that the score of a jet is above x. The three inner points are like the loose, medium and tight working
# points of the CMS DeepCSV tagger (2017: x = 0.1522, 0.4941, 0.8001; A. M. Sirunyan et al., JINST 13 (2018) P05011,
# arXiv:1712.07158). The outer two continue them.
SCORE_POINTS = np.array([0.01, 0.1522, 0.4941, 0.8001, 0.99])
SCORE_SURVIVAL = {
    BOTTOM: np.array([0.96, 0.84, 0.68, 0.50, 0.15]),
    CHARM: np.array([0.91, 0.40, 0.12, 0.024, 0.001]),
    LIGHT: np.array([0.88, 0.11, 0.011, 0.001, 0.00003]),
}


@dataclass(frozen=True)
class Leptons:
    """Isolated electrons and muons of a batch; every field is [event, lepton]."""

    pt: ak.Array
    eta: ak.Array
    phi: ak.Array


@dataclass(frozen=True)
class Jets:
    """Every field is [event, jet]."""

    pt: ak.Array
    eta: ak.Array
    phi: ak.Array
    flavour: ak.Array
    score: ak.Array


def simulate(batch: ak.Array, random: np.random.Generator) -> tuple[Leptons, Jets]:
    """What the detector sees of a batch of Pythia events, as `Pythia.nextBatch` returns it."""
    particles = _with_angles(batch.prt)
    absolute_id = abs(particles.id)
    visible = (particles.status > 0) & (abs(particles.eta) < DETECTOR_ETA)
    for neutrino in NEUTRINOS:
        visible = visible & (absolute_id != neutrino)
    hadrons = particles[(particles.pt > HADRON_PT) & _is_heavy_hadron(absolute_id)]
    particles = particles[visible]
    return _leptons(particles, random), _jets(particles, hadrons, random)


def _with_angles(particles: ak.Array) -> ak.Array:
    momentum = particles.p
    pt = np.hypot(momentum.px, momentum.py)
    # Particles along the beam (the protons, their remnants) get a large finite eta.
    eta = np.arcsinh(momentum.pz / np.maximum(pt, 1e-9))
    return ak.zip({
        "id": particles.id,
        "status": particles.status,
        "px": momentum.px,
        "py": momentum.py,
        "pz": momentum.pz,
        "E": momentum.e,
        "pt": pt,
        "eta": eta,
        "phi": np.arctan2(momentum.py, momentum.px),
    })  # fmt: skip


def delta_phi(first: ak.Array, second: ak.Array) -> ak.Array:
    """The difference of two angles, in [-pi, pi)."""
    return (first - second + np.pi) % (2 * np.pi) - np.pi


def delta_r(first: ak.Array, second: ak.Array) -> ak.Array:
    """Distances of all pairs of one event: [event, first, second]."""
    eta = first.eta[:, :, np.newaxis] - second.eta[:, np.newaxis, :]
    phi = delta_phi(first.phi[:, :, np.newaxis], second.phi[:, np.newaxis, :])
    return np.hypot(eta, phi)


def _leptons(particles: ak.Array, random: np.random.Generator) -> Leptons:
    """Electrons and muons of any origin, dressed with photons, isolated, smeared."""
    absolute_id = abs(particles.id)
    is_lepton = (absolute_id == ELECTRON) | (absolute_id == MUON)
    # The dressing photons can lift a lepton only a little: half of the threshold is safe.
    bare = particles[is_lepton & (particles.pt > LEPTON_PT_BEFORE_SMEARING / 2)]

    distance = delta_r(bare, particles)
    is_photon = (particles.id == PHOTON)[:, np.newaxis, :]
    dresses = is_photon & (distance < DRESSING_RADIUS)
    px = bare.px + _sum_where(dresses, particles.px)
    py = bare.py + _sum_where(dresses, particles.py)
    pz = bare.pz + _sum_where(dresses, particles.pz)
    pt = np.hypot(px, py)
    eta = np.arcsinh(pz / pt)

    # The lepton itself is at distance zero.
    around = (distance < ISOLATION_RADIUS) & ~dresses & (distance > 0)
    activity = _sum_where(around, particles.pt)
    kept = (activity < ISOLATION * pt) & (pt > LEPTON_PT_BEFORE_SMEARING) & (abs(eta) < LEPTON_ETA)

    resolution = ak.where(abs(bare.id) == ELECTRON, ELECTRON_RESOLUTION, MUON_RESOLUTION)[kept]
    pt = pt[kept] * (1 + resolution * _normal_like(resolution, random))
    return Leptons(pt=pt, eta=eta[kept], phi=np.arctan2(py, px)[kept])


def _sum_where(mask: ak.Array, values: ak.Array) -> ak.Array:
    """Sums over the last axis of mask [event, first, second] the values [event, second]."""
    return ak.sum(mask * values[:, np.newaxis, :], axis=-1)


def _jets(particles: ak.Array, hadrons: ak.Array, random: np.random.Generator) -> Jets:
    """Anti-kT jets of all that is visible, leptons too, smeared, with flavour and score."""
    definition = fastjet.JetDefinition(fastjet.antikt_algorithm, JET_RADIUS)
    momenta = ak.zip(
        {name: particles[name] for name in ("px", "py", "pz", "E")}, with_name="Momentum4D"
    )
    jets = fastjet.ClusterSequence(momenta, definition).inclusive_jets(min_pt=JET_PT_BEFORE_SMEARING)
    pt = np.hypot(jets.px, jets.py)
    axes = ak.zip({"eta": np.arcsinh(jets.pz / pt), "phi": np.arctan2(jets.py, jets.px)})
    flavour = _flavour(axes, hadrons)

    # sigma / pT = 4.0 / pT (+) 0.80 / sqrt(pT) (+) 0.04: noise, stochastic and constant term, added in quadrature
    resolution = np.sqrt((4.0 / pt) ** 2 + 0.80**2 / pt + 0.04**2)
    smeared_pt = pt * np.maximum(1 + resolution * _normal_like(pt, random), 0.0)
    eta = axes.eta + ANGULAR_RESOLUTION * _normal_like(pt, random)
    phi = axes.phi + ANGULAR_RESOLUTION * _normal_like(pt, random)
    score = draw_score(ak.to_numpy(ak.flatten(flavour)), random)
    return Jets(
        pt=smeared_pt,
        eta=eta,
        phi=delta_phi(phi, 0.0),
        flavour=flavour,
        score=ak.unflatten(score, ak.num(pt)),
    )


def _is_heavy_hadron(absolute_id: ak.Array) -> ak.Array:
    return _contains(absolute_id, 5) | _contains(absolute_id, 4)


def _contains(absolute_id: ak.Array, quark: int) -> ak.Array:
    """True for hadrons whose heaviest quark is this one.

    The digits of an id are ... n_q1 n_q2 n_q3 n_J; n_q3 (here the tens) is 0 for diquarks, n_q1 is 0 for mesons.
    Particle Data Group, "Monte Carlo particle numbering scheme".
    """
    is_hadron = (absolute_id > 100) & (absolute_id < 10_000_000) & ((absolute_id // 10) % 10 != 0)
    baryon_quark = (absolute_id // 1000) % 10
    meson_quark = (absolute_id // 100) % 10
    return is_hadron & ((baryon_quark == quark) | ((baryon_quark == 0) & (meson_quark == quark)))


def _flavour(axes: ak.Array, hadrons: ak.Array) -> ak.Array:
    absolute_id = abs(hadrons.id)
    near = delta_r(axes, hadrons) < FLAVOUR_RADIUS
    has_bottom = ak.any(near & _contains(absolute_id, 5)[:, np.newaxis, :], axis=-1)
    has_charm = ak.any(near & _contains(absolute_id, 4)[:, np.newaxis, :], axis=-1)
    return ak.where(has_bottom, BOTTOM, ak.where(has_charm, CHARM, LIGHT))


def _logit(x: np.ndarray) -> np.ndarray:
    return np.log(x / (1 - x))


def draw_score(flavour: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One b-tag score in (0, 1) per jet, drawn by inverting the survival function of its flavour.

    The curve is linear in logit(survival) against logit(x): with that the points of b jets are on one straight line.
    Beyond the outer points its slope is -1, which means a finite density at x = 0 and x = 1: no spike at an end.
    """
    u = np.maximum(random.random(len(flavour)), 2.0**-53)
    score = np.empty(len(flavour))
    for value, survival in SCORE_SURVIVAL.items():
        x, s = _logit(SCORE_POINTS), _logit(survival)
        x = np.concatenate([[x[0] - 50], x, [x[-1] + 50]])
        s = np.concatenate([[s[0] + 50], s, [s[-1] - 50]])
        of_flavour = flavour == value
        # np.interp wants rising abscissae; survival falls with x.
        logit = np.interp(_logit(u[of_flavour]), s[::-1], x[::-1])
        score[of_flavour] = 1 / (1 + np.exp(-logit))
    return score


def _normal_like(array: ak.Array, random: np.random.Generator) -> ak.Array:
    """One standard normal number for each entry of [event, object]."""
    counts = ak.num(array)
    return ak.unflatten(random.standard_normal(int(ak.sum(counts))), counts)
