"""What is done inside of Pythia, between its steps: shape the signal, drop hopeless events early.

The later steps (shower, hadronisation) take almost all of the time, so an event that cannot pass the selection is
dropped as soon as that is visible. The cuts are looser than the selection by more than what the later steps usually
add; how many good events are lost is in data/README.md.
"""

from __future__ import annotations

import pythia8mc as pythia8

from . import higgs_pair
from .processes import COMMON_SETTINGS, Process

ELECTRON, MUON, TAU = 11, 13, 15
BOTTOM, W_BOSON, HIGGS = 5, 24, 25

# A lepton near the acceptance of the selection (25 GeV, 2.4).
LEPTON_PT, LEPTON_ETA = 18.0, 2.7
# Parton objects near the acceptance of a jet (25 GeV, 2.4): three jets and the lepton.
OBJECT_PT, OBJECT_ETA, OBJECT_COUNT = 16.0, 2.8, 4


class GeneratorHooks(pythia8.UserHooks):
    """Counts the events at each step as they pass."""

    def __init__(self, process: Process) -> None:
        pythia8.UserHooks.__init__(self)
        self._is_higgs_pair = process.is_higgs_pair
        self.hard_processes = 0
        self.with_lepton = 0
        self.with_objects = 0
        # power -1: anti-kT; select 2: without neutrinos
        self._parton_jets = pythia8.SlowJet(-1, 0.4, OBJECT_PT, OBJECT_ETA, 2)

    def canModifySigma(self) -> bool:
        return self._is_higgs_pair

    def multiplySigmaBy(self, sigma, phase_space, in_event: bool) -> float:
        """Standard Model cross section over that of the broad scalar.

        Only the shape matters: constants (units, branching fractions) cancel when Pythia unweights.
        """
        stand_in = sigma.sigmaHat()  # GeV^-2
        if stand_in <= 0.0:
            return 0.0
        return higgs_pair.cross_section(phase_space.mHat) * sigma.alphaSRen() ** 2 / stand_in

    def canVetoProcessLevel(self) -> bool:
        return True

    def doVetoProcessLevel(self, process) -> bool:
        """True to drop the event; resonances (top, W, Higgs) have decayed, nothing has been radiated yet."""
        if self._is_higgs_pair and not _is_semileptonic_bbww(process):
            return True  # not the process: not counted
        self.hard_processes += 1
        if not _has_lepton(process):
            return True
        self.with_lepton += 1
        return False

    def canVetoPartonLevel(self) -> bool:
        return True

    def doVetoPartonLevel(self, event) -> bool:
        """True to drop the event; it has been showered but not hadronised."""
        self._parton_jets.analyze(event)
        if self._parton_jets.sizeJet() < OBJECT_COUNT:
            return True
        self.with_objects += 1
        return False


def _has_lepton(process) -> bool:
    for index in range(process.size()):
        particle = process[index]
        if particle.idAbs() in (ELECTRON, MUON, TAU) and particle.isFinal():
            if particle.pT() > LEPTON_PT and abs(particle.eta()) < LEPTON_ETA:
                return True
    return False


def _is_semileptonic_bbww(process) -> bool:
    """One h -> bb, the other h -> WW with exactly one W -> e/mu nu."""
    decays_to_bottom = 0
    leptons = 0
    for index in range(process.size()):
        particle = process[index]
        identity = particle.idAbs()
        if identity == HIGGS:
            decays_to_bottom += process[particle.daughter1()].idAbs() == BOTTOM
        elif identity in (ELECTRON, MUON):
            leptons += 1
    return decays_to_bottom == 1 and leptons == 1


def make_pythia(process: Process, seed: int, multiparton: bool, hooks: GeneratorHooks) -> pythia8.Pythia:
    """An initialised Pythia. The caller must keep `hooks` referenced for as long as it is used."""
    pythia = pythia8.Pythia("", False)
    settings = (
        *COMMON_SETTINGS,
        *process.settings,
        f"PartonLevel:MPI = {'on' if multiparton else 'off'}",
        "Random:setSeed = on",
        f"Random:seed = {seed}",
    )
    for setting in settings:
        if not pythia.readString(setting):
            raise RuntimeError(f"Pythia does not know the setting '{setting}'")
    if not pythia.setUserHooksPtr(hooks) or not pythia.init():
        raise RuntimeError(f"Pythia cannot be initialised for {process.name}")
    return pythia
