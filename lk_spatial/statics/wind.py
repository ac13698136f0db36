"""Wind, EN 1991-1-4: basic velocity by Czech zone, peak velocity pressure, zones of flat roofs, uplift."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.core.errors import InputError
from lk_spatial.statics.checks import by_code, number
from lk_spatial.statics.constants import COMBINATION, ROOF_CPE, TERRAIN, WIND_ZONES, constant, numbers, rows
from lk_spatial.statics.interval import Floats

AIR = 1.25  # [kg/m3] recommended density, EN 1991-1-4, 4.5
MOST_HEIGHT = 200.0  # [m] EN 1991-1-4 holds up to here


class WindProfile(NamedTuple):
    """Wind at a height: terrain factor kr, roughness cr, turbulence Iv and exposure ce [-], mean velocity [m/s]."""

    kr: Floats
    cr: Floats
    iv: Floats
    ce: Floats
    vm: Floats


class RoofZones(NamedTuple):
    """Areas of the zones of a flat roof [m2] (F: both corners) and the length e [m]."""

    e: Floats
    f: Floats
    g: Floats
    h: Floats
    i: Floats


def basic_velocity(zone: Any) -> Floats:
    """Basic wind velocity by Czech zone I–V (text or array) [m/s]; unverified values.

    NaN for unknown zones (None, NaN); raises InputError for another text.

    >>> float(basic_velocity("II"))
    25.0
    """
    return by_code("wind_zone", zone, numbers(WIND_ZONES, "zone", "vb_m_s"))


def wind_profile(vb: ArrayLike, terrain: Any, z: ArrayLike, *, c0: ArrayLike = 1.0) -> WindProfile:
    """How the wind of basic velocity ``vb`` [m/s] blows at the height ``z`` [m] above ground.

    ``terrain`` "0", "I" … "IV" (text or array), ``c0`` orography [-], above 1 on hills and ridges. Below the terrain's
    least height that one counts. Arrays broadcast; NaN in, NaN out. Raises InputError for a terrain outside 0–IV, a
    negative height or one above 200 m. EN 1991-1-4, 4.3–4.5.
    """
    z0, zmin = (by_code("terrain", terrain, numbers(TERRAIN, "terrain", column)) for column in ("z0_m", "zmin_m"))
    height = np.maximum(number("z", z, 0.0, MOST_HEIGHT), zmin)
    orography = number("c0", c0, 0.5, 2.0)
    kr = 0.19 * (z0 / numbers(TERRAIN, "terrain", "z0_m")["II"]) ** 0.07
    cr = kr * np.log(height / z0)
    iv = 1.0 / (orography * np.log(height / z0))
    ce = (1.0 + 7.0 * iv) * (cr * orography) ** 2
    vm = number("vb", vb, 0.0, 100.0) * cr * orography
    return WindProfile(*(np.asarray(each)[()] for each in np.broadcast_arrays(kr, cr, iv, ce, vm)))


def peak_velocity_pressure(
    vb: ArrayLike, terrain: Any, z: ArrayLike, *, rho: float = AIR, c0: ArrayLike = 1.0
) -> Floats:
    """Peak velocity pressure [kN/m2]: (1 + 7 Iv) ½ ρ vm²; ``rho`` density of air [kg/m3].

    Arguments, NaN and errors as ``wind_profile``.

    >>> round(float(peak_velocity_pressure(26, "III", 8)), 4)
    0.6618
    """
    wind = wind_profile(vb, terrain, z, c0=c0)
    density = number("rho", rho, 0.5, 2.0)
    return ((1.0 + 7.0 * wind.iv) * 0.5 * density * wind.vm**2 / 1000.0)[()]


def flat_roof_zones(crosswind_m: ArrayLike, along_m: ArrayLike, height_m: ArrayLike) -> RoofZones:
    """Zones of a flat roof for one direction of wind: areas F (both corners), G, H, I [m2] and e = min(b, 2h) [m].

    ``crosswind_m`` b across the wind, ``along_m`` d along it, ``height_m`` h [m]. F is e/4 by e/10 at each corner, G
    the rest of the windward strip, H reaches to e/2, I beyond. Arrays broadcast; NaN in, NaN out. Raises InputError
    for sizes that are not above 0.

    >>> [float(area) for area in flat_roof_zones(40, 30, 10)]
    [20.0, 20.0, 60.0, 320.0, 800.0]
    """
    across, along, height = (
        number(name, value, 0.0, 1e4, above=True)
        for name, value in (("crosswind_m", crosswind_m), ("along_m", along_m), ("height_m", height_m))
    )
    e = np.minimum(across, 2.0 * height)
    strip, reach = np.minimum(e / 10.0, along), np.minimum(e / 2.0, along)
    zones = (e, e / 2.0 * strip, (across - e / 2.0) * strip, across * (reach - strip), across * (along - reach))
    return RoofZones(*(np.asarray(each)[()] for each in np.broadcast_arrays(*zones)))


def roof_suction(roof: str, zone: str, pitch: float = 0.0, *, local: bool = False) -> float:
    """Suction coefficient cpe,10 of a roof's zone from the entered table [-]; cpe,1 where ``local``.

    ``roof`` flat or duopitch (wind across the ridge) at a ``pitch`` [deg] that the table has. Unverified values; NaN
    where none is entered. Raises InputError for a roof, pitch or zone that the table does not have.
    """
    for row in rows(ROOF_CPE):
        if (row["roof"], row["zone"], float(row["pitch_deg"])) == (roof, zone, float(pitch)):
            return float(row["cpe1_low" if local else "cpe10_low"] or "nan")
    listed = [f"{row['roof']} {row['pitch_deg']}° {row['zone']}" for row in rows(ROOF_CPE)]
    raise InputError("statics_code_unknown", name="roof_cpe", got=f"{roof} {pitch:g}° {zone}", expected=listed)


def net_uplift(gk: ArrayLike, qp: ArrayLike, suction: ArrayLike) -> Floats:
    """Design uplift of a light roof [kN/m2], 1.5 qp |c| − 0.9 gk; above 0 its load reverses (EQU of EN 1990).

    ``gk`` least permanent load, ``qp`` peak velocity pressure [kN/m2], ``suction`` coefficient of external and internal
    pressure together [-], negative as in the tables. Arrays broadcast; NaN in, NaN out. Raises InputError for negative
    loads and a positive coefficient.
    """
    lift = number("qp", qp, 0.0, 20.0) * -number("suction", suction, -5.0, 0.0)
    dead = number("gk", gk, 0.0, 100.0)
    return (constant(COMBINATION, "equ_gamma_q") * lift - constant(COMBINATION, "equ_gamma_g") * dead)[()]
