"""What is paid for rain that runs off into a public sewer, and what of it a retrofit saves.

Decree 428/2001 Coll., annex 16. Its letters B and C changed their meaning on 1 July 2022, so a letter is never taken
without its edition: "2001" (A B C, until 30 June 2022) or "2022" (A to F).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.core.errors import InputError
from lk_spatial.water.given import Codes, Floats, amount, by_code, code_names, numbers, rows, texts, truths

CLASSES = {"2001": "water/fee_classes_2001", "2022": "water/fee_classes_2022"}
EXEMPTIONS = "water/fee_exemptions_2026"
SEWERS = "water/fee_sewers_2026"
WETTEST_MM = 5000.0  # a yearly normal beyond this is another unit
DEEPEST_CM = 300.0


def stormwater_fee_volume(areas_m2: ArrayLike, classes: Any, normal_mm: ArrayLike, *, edition: str) -> Floats:
    """Volume of rain that is charged, of all surfaces together [m3/a].

    ``areas_m2`` (…, surfaces) plan areas [m2] and ``classes``, a letter for each; ``normal_mm`` (…) yearly normal of
    precipitation [mm], 1991–2020 until the end of 2051. The last axis is summed. NaN where an area, a class or the
    normal is unknown; exemptions are not applied here (``charged_share``). Raises InputError without an edition, for a
    letter that it does not have, for negative areas.

    >>> round(float(stormwater_fee_volume([1200, 500, 250], ["A", "B", "C"], 686, edition="2001")), 3)
    886.655
    """
    area, letter = np.broadcast_arrays(amount("areas_m2", areas_m2), fee_classes(classes, edition))
    runoff = area * by_code(letter, numbers(CLASSES[str(edition)], "surface_class", "fee_psi"))
    normal = amount("normal_mm", normal_mm, 0.0, WETTEST_MM)
    return np.atleast_1d(runoff).sum(axis=-1) * normal / 1000.0


def fee_classes(classes: Any, edition: str | None) -> Codes:
    """Letters of an edition, None where one is unknown; raises InputError for others and without an edition."""
    if str(edition) not in CLASSES:
        raise InputError("fee_edition_missing", got=str(edition or "–"), expected=list(CLASSES))
    allowed = [row["surface_class"] for row in rows(CLASSES[str(edition)])]
    given = np.asarray(classes, dtype=object)
    known = np.array([each.strip().upper() if isinstance(each, str) else each for each in given.ravel()], dtype=object)
    try:
        return texts("surface_class", known.reshape(given.shape), allowed)
    except InputError as error:
        got = error.values["got"]
        raise InputError("fee_class_unknown", got=got, edition=edition, expected=allowed) from None


def green_roof_class(depth_cm: ArrayLike) -> Codes:
    """Letter of the edition 2022 for green roofs by the depth of their substrate [cm]; None where it is unknown.

    A class holds from its least depth on: less than 5 cm is A, between 10 and 11 cm B, between 30 and 31 cm D.

    >>> green_roof_class([4, 8, 10.5, 11, 31]).tolist()
    ['A', 'B', 'B', 'D', 'E']
    """
    depth = amount("depth_cm", depth_cm, 0.0, DEEPEST_CM)
    least = numbers(CLASSES["2022"], "surface_class", "green_from_cm")
    bands = sorted((start, letter) for letter, start in least.items() if start == start)
    at = np.searchsorted([start for start, _ in bands], depth, side="right") - 1
    letters = np.asarray(np.array([letter for _, letter in bands], dtype=object)[at], dtype=object)
    letters[np.isnan(depth)] = None
    return letters


def exempt_share(exemption: Any = None, use: Any = None, housing_share: ArrayLike = np.nan) -> Floats:
    """Share of surfaces or buildings that is exempt from the fee [-].

    ``exemption``: a code of ``fee_exemptions`` or None; ``use``: code of a building; ``housing_share`` [-] of its floor
    area. An exempt kind is exempt whole. Else the share of housing counts: as given, 1 for a use that is housing, NaN
    for a mixed or unknown use, 0 for all others. Raises InputError for other codes and a share outside 0–1.

    >>> exempt_share([None, "zoo", None], ["school", "other", "mixed"], [np.nan, np.nan, 0.25])
    array([0.  , 1.  , 0.25])
    """
    listed = {row["exemption"]: row["uses"].split("|") for row in rows(EXEMPTIONS)}
    uses = code_names("use")
    kind, use_code, share = np.broadcast_arrays(
        texts("exemption", exemption, listed), texts("use", use, uses), amount("housing_share", housing_share, 0.0, 1.0)
    )
    by_use = dict.fromkeys(uses, 0.0) | dict.fromkeys(listed["housing"], 1.0) | {"mixed": np.nan}
    partly = np.where(np.isnan(share), by_code(use_code, by_use), share)
    whole = np.array([each is not None and each != "housing" for each in kind.ravel()], bool).reshape(kind.shape)
    housing = np.array([each == "housing" for each in kind.ravel()], bool).reshape(kind.shape) & np.isnan(share)
    return np.where(whole | housing, 1.0, partly)[()]


def charged_share(exempt: ArrayLike, sewer: Any, separate_charged: bool | None = None) -> Floats:
    """Share of the fee volume that is paid [-]: what is not exempt, where rain goes to a sewer that is charged.

    ``exempt`` [-] as of ``exempt_share``; ``sewer``: combined, separate or none (also once disconnected), None where
    unknown; ``separate_charged``: whether the utility charges rain in storm sewers, which no table tells. NaN where it
    is unknown; wholly exempt or disconnected is 0, whatever else is unknown.
    """
    table = numbers(SEWERS, "sewer", "charged")
    if separate_charged is not None:
        table = table | {"separate": float(truths(separate_charged))}
    due = by_code(texts("sewer", sewer, table), table)
    free, due = np.broadcast_arrays(amount("exempt", exempt, 0.0, 1.0), due)
    return np.where((free == 1.0) | (due == 0.0), 0.0, (1.0 - free) * due)[()]


class RainBill(NamedTuple):
    """What a retrofit changes in a year's bill; volumes [m3/a], money [CZK/a], NaN where not known.

    ``fee_saved`` is rain no longer charged, ``sewage_saved`` sewage no longer billed, ``water_saved`` drinking water
    no longer bought; ``saved_czk_a`` is all of it.
    """

    fee_saved_m3_a: Floats
    water_saved_m3_a: Floats
    sewage_saved_m3_a: Floats
    fee_saved_czk_a: Floats
    saved_czk_a: Floats


def rain_bill(
    fee_before_m3_a: ArrayLike,
    fee_after_m3_a: ArrayLike,
    reused_m3_a: ArrayLike = 0.0,
    *,
    water_price: ArrayLike = np.nan,
    sewer_price: ArrayLike = np.nan,
    reused_billed: bool = True,
) -> RainBill:
    """What rain kept from the sewer and used in the house in place of drinking water saves.

    Volumes [m3/a]; ``fee_…`` are those that are paid (``stormwater_fee_volume`` times ``charged_share``); prices
    [CZK/m3] without default. Rain used in the house becomes sewage past the water meter: with ``reused_billed`` it is
    metered or estimated and billed as before, so that only drinking water is saved. Raises InputError for negative
    values.
    """
    before, after = amount("fee_before_m3_a", fee_before_m3_a), amount("fee_after_m3_a", fee_after_m3_a)
    reused = amount("reused_m3_a", reused_m3_a)
    water, sewer = amount("water_price", water_price), amount("sewer_price", sewer_price)
    before, after, reused, water, sewer = np.broadcast_arrays(before, after, reused, water, sewer)
    rain, sewage = before - after, np.zeros_like(reused) if reused_billed else reused
    fee = np.where(rain == 0.0, 0.0, rain * sewer)  # nothing saved is worth nothing, whatever the price
    saved = reused * water + sewage * sewer + fee
    return RainBill(*(each[()] for each in (rain, reused, sewage, fee, saved)))
