"""Loads and chances of the static screening against published cases and independent oracles."""

from collections.abc import Sequence

import numpy as np

from lk_spatial.statics.decision import thresholds
from lk_spatial.statics.drift import exceptional_ground_snow, neighbour_drift
from lk_spatial.statics.ground import ground_snow, return_period_factor
from lk_spatial.statics.reliability import annual_beta
from lk_spatial.statics.reserve import reserve
from lk_spatial.statics.snow import duopitch_snow_load, old_roof_snow_load, raised_rows_snow, roof_snow_load
from lk_spatial.statics.survey import clopper_pearson
from lk_spatial.statics.wind import peak_velocity_pressure
from scripts.comparisons.rows import Comparison, Subject, at_most
from tests.statics.form import form_beta
from tests.statics.made_parts import csn_part

SSB03 = "SSB03 (infosteel)"
TABLE = "facts of screening, derived table"


def off(found: object, published: Sequence[float]) -> float:
    """Greatest difference from the published numbers."""
    return float(np.abs(np.ravel(np.asarray(found, float)) - np.asarray(published, float)).max())


def off_share(found: object, published: Sequence[float]) -> float:
    """Greatest difference from the published numbers [%]."""
    return 100 * float(np.abs(np.ravel(np.asarray(found, float)) / np.asarray(published, float) - 1).max())


def duopitch() -> float:
    return off(duopitch_snow_load(0.65, 8.5), [0.52, 0.52, 0.26, 0.52, 0.52, 0.26])


def abutting() -> float:
    drifts = [neighbour_drift(0.65, step, 10.0, 40.0) for step in (3.0, 4.25)]
    return off([(each.load, each.length) for each in drifts], [2.6, 6.0, 2.6, 8.5])


def zones() -> float:
    """kg/m² on a flat roof; the page takes 1 kN for 100 kg."""
    sk = ground_snow(["I", "II", "III", "IV", "V", "VI", "VII"]).value
    return off(100 * np.asarray(roof_snow_load(sk, 0.0)), [56, 80, 120, 160, 200, 240, 320])


def old_zones() -> float:
    s0 = ground_snow(["I", "II", "III", "IV"], edition="1988").value
    return off(100 * np.asarray(old_roof_snow_load(s0, 20.0, kappa=1.2)), [60, 84, 120, 180])


def wind() -> float:
    cases = [(22.5, "III", 8), (25, "III", 8), (25, "II", 10), (27.5, "II", 10), (27.5, "III", 12), (30, "II", 10)]
    found = [1000 * float(peak_velocity_pressure(vb, terrain, z)) for vb, terrain, z in cases]
    return off_share(found, [495.6, 611.9, 918.9, 1111.8, 864.6, 1323.2])


def printed_wind() -> list[float]:
    cases = [((26, "III", 8), 0.659), ((26, "IV", 9), 0.497), ((25, "0", 77.36), 1.658)]
    return [off_share(float(peak_velocity_pressure(*case)), [qp]) for case, qp in cases]


def betas(func: object) -> list[float]:
    published = {0.0: 3.123, 0.15: 3.005, 0.30: 2.880}
    return [abs(func(2.8016, 0.35, 2.0, pv) - beta) for pv, beta in published.items()]  # type: ignore[operator]


def utilisation() -> float:
    """U0 and U1 of three eras of the facts' table."""
    rows = [((1.0, 1.5, 0.35, 1.0), (1.23, 1.33, 1.43)), ((1.5, 2.5, 0.35, 1.2), (1.17, 1.23, 1.29))]
    worst = 0.0
    for (s0, sk, g, kappa), expected in rows:
        found = reserve(csn_part(s0, sk, g, np.array([0.0, 0.15, 0.30]), kappa)).u1.mean
        worst = max(worst, off(found, expected))
    return worst


STATICS = Subject(
    "Loads and chances of the static screening",
    "Values of the standards that no public page prints are marked unverified in the tables; these rows check formulas"
    " and the numbers that are published.",
    True,
    [
        Comparison("Duopitch roof 8.5°, three cases", SSB03, at_most(0.005, " kN/m²", 3), lambda _: duopitch()),
        Comparison("Drift at a taller neighbour, load and length", SSB03, at_most(0.01, "", 3), lambda _: abutting()),
        Comparison(
            "Exceptional snow 1.30 (function only, not screened)",
            SSB03,
            at_most(0.005, " kN/m²", 3),
            lambda _: off(exceptional_ground_snow(0.65, 2.0), [1.30]),
        ),
        Comparison("Seven snow zones on a flat roof", "snihnastrese.cz", at_most(1e-9, " kg/m²"), lambda _: zones()),
        Comparison("Four old zones, light roofs", "snihnastrese.cz", at_most(1e-9, " kg/m²"), lambda _: old_zones()),
        Comparison(
            "Three Slovak towns, μ 0.8",
            "tondach.sk",
            at_most(1e-9, " kN/m²", 3),
            lambda _: off(roof_snow_load([1.69, 0.84, 0.58], 0.0), [1.352, 0.672, 0.464]),
        ),
        Comparison(
            "Raised rows 0.3 m, sk 0.7: μ5 0.857",
            "DIN NA by dlubal KB 001633",
            at_most(0.001, "", 4),
            lambda _: off(raised_rows_snow(0.7, 0.0, 0.3).mu, [0.857]),
        ),
        Comparison(
            "Return periods 5 to 100 years, V 0.6",
            "EN 1991-1-3 (D.1)",
            at_most(0.001, "", 4),
            lambda _: off(return_period_factor([5, 10, 25, 50, 100]), [0.560, 0.698, 0.871, 1.0, 1.128]),
        ),
        Comparison("Peak wind pressure, six cases", "eurocodepy 2027.0.12", at_most(0.01, " %", 4), lambda _: wind()),
        Comparison(
            "Peak wind pressure, three printed cases",
            "SSB03, Calcpad, scribd 156788976",
            at_most(0.5, " %", 2),
            lambda _: printed_wind(),
        ),
        Comparison("Utilisations with PV, two eras", TABLE, at_most(0.006, "", 4), lambda _: utilisation()),
        Comparison(
            "Yearly reliability index by FORM, PV 0 · 0.15 · 0.30",
            "OpenTURNS 1.27",
            at_most(0.001, "", 4),
            lambda _: betas(form_beta),
        ),
        Comparison(
            "Yearly reliability index by draws, PV 0 · 0.15 · 0.30",
            "OpenTURNS 1.27 (FORM)",
            at_most(0.02, "", 3),
            lambda _: betas(annual_beta),
        ),
        Comparison(
            "What 11 of 11, 10 of 11, 9 of 11 surveys prove at least",
            "scipy, Clopper and Pearson",
            at_most(0.001, "", 4),
            lambda _: off([clopper_pearson(k, 11)[0] for k in (11, 10, 9)], [0.715, 0.587, 0.482]),
        ),
        Comparison(
            "Thresholds of 40 000, 10 million, 1.5 million Kč",
            "0.4 % and 97.3 % by hand",
            at_most(0.001, "", 4),
            lambda _: off(thresholds(40e3, 10e6, 1.5e6), [0.004, 0.9733]),
        ),
    ],
)
