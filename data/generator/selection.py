"""The single-lepton selection, and the fifteen features of an event."""

from __future__ import annotations

import awkward as ak
import numpy as np

from .detector import Jets, Leptons, delta_r

LEPTON_PT, VETO_LEPTON_PT, LEPTON_ETA = 25.0, 15.0, 2.4
JET_PT, JET_ETA = 25.0, 2.4
LEPTON_JET_DISTANCE = 0.4
JET_COUNT = 3

FEATURES = ("lep_pt", "lep_eta", "lep_phi") + tuple(
    f"jet{number}_{quantity}" for number in (1, 2, 3) for quantity in ("pt", "eta", "phi", "btag")
)


def select(leptons: Leptons, jets: Jets) -> np.ndarray:
    """The features [selected event, 15] of a batch, pT in GeV, phi in radians."""
    lepton = ak.zip({"pt": leptons.pt, "eta": leptons.eta, "phi": leptons.phi})
    lepton = lepton[(lepton.pt > VETO_LEPTON_PT) & (abs(lepton.eta) < LEPTON_ETA)]
    has_one_lepton = (ak.num(lepton) == 1) & ak.all(lepton.pt > LEPTON_PT, axis=-1)

    jet = ak.zip({"pt": jets.pt, "eta": jets.eta, "phi": jets.phi, "btag": jets.score})
    jet = jet[(jet.pt > JET_PT) & (abs(jet.eta) < JET_ETA)]
    # The lepton is in a jet of its own: it goes with this cut.
    jet = jet[ak.all(delta_r(jet, lepton) > LEPTON_JET_DISTANCE, axis=-1)]

    selected = has_one_lepton & (ak.num(jet) >= JET_COUNT)
    lepton, jet = lepton[selected][:, 0], order(jet[selected])
    columns = [lepton.pt, lepton.eta, lepton.phi]
    columns += [jet[:, rank][name] for rank in range(JET_COUNT) for name in ("pt", "eta", "phi", "btag")]
    return np.stack([ak.to_numpy(column) for column in columns], axis=1)


def order(jet: ak.Array) -> ak.Array:
    """The two jets with the highest score, of these the one with the higher pT first, then the others by pT."""
    jet = jet[ak.argsort(jet.btag, ascending=False)]
    tagged, others = jet[:, :2], jet[:, 2:]
    tagged = tagged[ak.argsort(tagged.pt, ascending=False)]
    others = others[ak.argsort(others.pt, ascending=False)]
    return ak.concatenate([tagged, others], axis=1)
