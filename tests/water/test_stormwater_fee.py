"""The stormwater fee: published examples of both editions, letters, exemptions, the bill."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lk_spatial as lk
from lk_spatial.core.errors import InputError
from lk_spatial.water.fee import charged_share, exempt_share, green_roof_class, rain_bill, stormwater_fee_volume

PUBLISHED = {
    "Litomyšl, vodovody-litomysl.cz": ([1200, 500, 250], ["A", "B", "C"], 686, 886.655, 3),
    "Vrchlabí A, readgur 169194": (1, "A", 955, 0.8595, 4),
    "Vrchlabí B, readgur 169194": (1, "B", 955, 0.3820, 4),
    "Vrchlabí C, readgur 169194": (1, "C", 955, 0.0478, 4),
}


@pytest.mark.parametrize(("areas", "classes", "normal", "expected", "digits"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_volumes(areas, classes, normal, expected, digits) -> None:
    volume = lk.stormwater_fee_volume(areas, classes, normal, edition="2001")
    assert float(volume) == pytest.approx(expected, abs=0.51 * 10**-digits)


def test_letters_changed_their_meaning() -> None:
    by_edition = {each: [float(stormwater_fee_volume(1000, k, 1000, edition=each)) for k in "BC"] for each in
                  ("2001", "2022")}  # fmt: skip
    assert by_edition == {"2001": [400.0, 50.0], "2022": [600.0, 400.0]}
    assert [float(stormwater_fee_volume(100, k, 1000, edition="2022")) for k in "ADEF"] == [90.0, 30.0, 10.0, 5.0]


@pytest.mark.parametrize("edition", [None, "", "2021", "2023"])
def test_a_letter_without_its_edition_is_refused(edition) -> None:
    with pytest.raises(InputError) as error:
        stormwater_fee_volume(100, "B", 800, edition=edition)
    assert error.value.code == "fee_edition_missing" and "2022" in error.value.sentence("cs")
    with pytest.raises(TypeError):
        stormwater_fee_volume(100, "B", 800)  # type: ignore[call-arg]


@pytest.mark.parametrize(("letter", "edition"), [("D", "2001"), ("F", "2001"), ("G", "2022"), ("0.9", "2022")])
def test_letters_of_the_other_edition_are_refused(letter, edition) -> None:
    with pytest.raises(InputError) as error:
        stormwater_fee_volume([100, 5], ["A", letter], 800, edition=edition)
    assert error.value.code == "fee_class_unknown" and error.value.values["got"] == letter


@pytest.mark.parametrize(("areas", "normal"), [(-1, 800), ([100, -5], 800), (100, -1), (100, 8000), (np.inf, 800)])
def test_impossible_amounts_are_refused(areas, normal) -> None:
    with pytest.raises(InputError) as error:
        stormwater_fee_volume(areas, "A", normal, edition="2022")
    assert error.value.code == "water_value_wrong"


def test_unknown_stays_unknown_and_plots_are_rows() -> None:
    areas, classes = [[100, 50], [100, np.nan], [100, 50]], [["A", " f "], ["A", "A"], ["A", None]]
    found = stormwater_fee_volume(areas, classes, [1000, 1000, 1000], edition="2022")
    assert found[0] == 92.5 and np.isnan(found[1:]).all()
    assert float(stormwater_fee_volume([], [], 800, edition="2022")) == 0.0


@given(st.lists(st.tuples(st.floats(0, 1e5), st.sampled_from("ABCDEF")), min_size=1, max_size=6), st.floats(1, 2000))
def test_volume_is_additive_and_linear(surfaces, normal) -> None:
    areas, letters = zip(*surfaces, strict=True)
    whole = float(stormwater_fee_volume(areas, letters, normal, edition="2022"))
    single = [float(stormwater_fee_volume(a, k, normal, edition="2022")) for a, k in surfaces]
    assert whole == pytest.approx(sum(single), rel=1e-12)
    assert 0.0 <= whole <= 0.9 * sum(areas) * normal / 1000 * (1 + 1e-12)


def test_green_roofs_in_the_gaps_of_the_bands() -> None:
    depths = [0, 4.9, 5, 10, 10.5, 11, 30, 30.5, 31, 100, np.nan]
    assert green_roof_class(depths).tolist() == [*"AABBBDDDEE", None]
    with pytest.raises(InputError):
        green_roof_class(-1)


def test_exemptions() -> None:
    kinds = ["highway", "road", "railway", "zoo", "housing", "cemetery"]
    assert (exempt_share(kinds, "other") == 1.0).all()
    assert exempt_share(None, ["apartments", "school", "mixed", None]).tolist()[:2] == [1.0, 0.0]
    assert np.isnan(exempt_share(None, ["mixed", None])).all()
    assert exempt_share(None, ["mixed", "school", "apartments"], [0.4, 0.1, 0.8]).tolist() == [0.4, 0.1, 0.8]
    for bad in (1.1, -0.1):
        with pytest.raises(InputError):
            exempt_share(None, "mixed", bad)
    with pytest.raises(InputError):
        exempt_share("museum", "other")


def test_share_of_the_fee_that_is_paid() -> None:
    assert charged_share([0.0, 0.25, 1.0], "combined").tolist() == [1.0, 0.75, 0.0]
    assert charged_share([0.0, np.nan], "none").tolist() == [0.0, 0.0], "already disconnected"
    assert np.isnan(charged_share(0.0, ["separate", None])).all(), "which no table tells"
    assert charged_share(0.5, "separate", True) == 0.5 and charged_share(0.5, "separate", False) == 0.0
    assert charged_share(1.0, [None, "separate"]).tolist() == [0.0, 0.0], "exempt whatever the sewer"


def test_zoo_and_disconnected_roofs_save_no_fee() -> None:
    volume = float(stormwater_fee_volume(1000, "A", 800, edition="2022"))
    for share in (charged_share(exempt_share("zoo", "other"), "combined"), charged_share(0.0, "none")):
        bill = rain_bill(volume * share, 0.0, 100.0, water_price=60.0, sewer_price=50.0)
        assert (bill.fee_saved_m3_a, bill.fee_saved_czk_a, bill.saved_czk_a) == (0.0, 0.0, 6000.0)


def test_reused_rain_is_billed_as_sewage_unless_switched_off() -> None:
    billed = rain_bill(720.0, 180.0, 200.0, water_price=60.0, sewer_price=50.0)
    free = rain_bill(720.0, 180.0, 200.0, water_price=60.0, sewer_price=50.0, reused_billed=False)
    assert (billed.fee_saved_czk_a, billed.sewage_saved_m3_a, billed.saved_czk_a) == (27000.0, 0.0, 39000.0)
    assert (free.sewage_saved_m3_a, free.saved_czk_a) == (200.0, 49000.0)


def test_without_prices_money_is_unknown_but_volumes_are_not() -> None:
    bill = rain_bill([720.0, 0.0], 0.0, 50.0)
    assert bill.fee_saved_m3_a.tolist() == [720.0, 0.0]
    assert np.isnan(bill.fee_saved_czk_a[0]) and np.isnan(bill.saved_czk_a).all()
