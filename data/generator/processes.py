"""The four processes: how Pythia makes them, and which events are worth simulating.

Settings: Pythia 8.3 manual, https://pythia.org/latest-manual/; C. Bierlich et al.,
SciPost Phys. Codebases 8 (2022), arXiv:2203.11601.
"""

from __future__ import annotations

from dataclasses import dataclass

COMMON_SETTINGS = (
    "Beams:idA = 2212",
    "Beams:idB = 2212",
    "Beams:eCM = 13000.",
    "Print:quiet = on",
)


@dataclass(frozen=True)
class Process:
    name: str
    key: int  # goes into the random seeds: never reuse or renumber
    default_events: int
    settings: tuple[str, ...]
    is_higgs_pair: bool = False
    relative_cost: float = 1.0  # time per selected event, to start the slow ones first


PROCESSES = {
    process.name: process
    for process in (
        # Pythia has no Standard Model gg -> HH. The stand-in is a very broad heavy scalar H2 (id 35) that decays to
        # hh; `HiggsPairShape` turns its line shape into the spectrum of the Standard Model.
        Process(
            "signal",
            key=1,
            default_events=4344,
            is_higgs_pair=True,
            settings=(
                "Higgs:useBSM = on",
                "HiggsBSM:gg2H2 = on",
                "35:m0 = 450.",
                "35:mWidth = 200.",
                "35:doForceWidth = on",
                "35:mMin = 250.5",
                "35:mMax = 1200.",
                "35:onMode = off",
                "35:onIfMatch = 25 25",
                "25:m0 = 125.",
                "25:onMode = off",
                "25:onIfMatch = 5 -5",
                "25:onIfMatch = 24 -24",
                # The combination bb WW -> bb l nu qq is picked in `GeneratorHooks.doVetoProcessLevel`.
                "24:onMode = off",
                "24:onIfAny = 1 2 3 4 5 11 13",
            ),
        ),
        Process(
            "bgr_tt",
            key=2,
            default_events=8000,
            settings=("Top:gg2ttbar = on", "Top:qqbar2ttbar = on"),
        ),
        # Below these pTHatMin events rarely have enough jets: < 1 % (single top) and 2 to 3 % (W + jets) of
        # the selected events are lost.
        Process(
            "bgr_st",
            key=3,
            default_events=6000,
            settings=("Top:qq2tq(t:W) = on", "Top:ffbar2tqbar(s:W) = on", "PhaseSpace:pTHatMin = 30."),
            relative_cost=2.0,
        ),
        Process(
            "bgr_Wj",
            key=4,
            default_events=6000,
            settings=(
                "WeakBosonAndParton:qqbar2Wg = on",
                "WeakBosonAndParton:qg2Wq = on",
                "PhaseSpace:pTHatMin = 45.",
                "24:onMode = off",
                "24:onIfAny = 11 13 15",
            ),
            relative_cost=4.0,
        ),
    )
}
