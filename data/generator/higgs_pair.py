"""The Standard Model's mass spectrum of Higgs boson pairs from gluon fusion, at leading order."""

from __future__ import annotations

import numpy as np

# Partonic cross section sigma(gg -> HH) / alpha_s^2 in fb against m_HH in GeV, with the full top quark mass
# dependence (m_t = 172.5 GeV, m_H = 125 GeV). E. W. N. Glover and J. J. van der Bij, Nucl. Phys. B 309 (1988) 282;
# T. Plehn, M. Spira, P. M. Zerwas, Nucl. Phys. B 479 (1996) 46, hep-ph/9603205.
_MASS_AND_CROSS_SECTION = np.array([
    (251.0, 0.01457), (255.0, 0.06367), (260.0, 0.1624), (270.0, 0.5065), (280.0, 1.065),
    (300.0, 2.925), (320.0, 6.131), (335.0, 10.13), (345.0, 14.82), (350.0, 18.62),
    (360.0, 25.49), (380.0, 36.36), (400.0, 43.91), (420.0, 48.79), (450.0, 52.43),
    (500.0, 52.49), (550.0, 48.94), (600.0, 44.20), (700.0, 34.89), (800.0, 27.52),
    (900.0, 22.10), (1000.0, 18.13), (1200.0, 12.9),
])  # fmt: skip
_LOG_MASS, _LOG_CROSS_SECTION = np.log(_MASS_AND_CROSS_SECTION).T


def cross_section(mass: float) -> float:
    """sigma(gg -> HH) / alpha_s^2 in fb at the pair mass in GeV; log-log interpolation of the table."""
    return float(np.exp(np.interp(np.log(mass), _LOG_MASS, _LOG_CROSS_SECTION)))
