"""Snow on roofs: published cases first, then what must hold for every roof."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lk_spatial as lk
from lk_spatial.core.errors import InputError
from lk_spatial.statics.drift import (
    drift_length,
    exceptional_ground_snow,
    exceptional_parapet_drift,
    neighbour_drift,
    parapet_drift,
)
from lk_spatial.statics.snow import (
    duopitch_snow_load,
    old_roof_snow_load,
    raised_rows_snow,
    roof_snow_load,
    shape_coefficient,
    valley_snow_load,
)

SK = st.floats(0, 10)
PITCH = st.floats(0, 90)
METRES = st.floats(0, 60)


def test_snow_01_duopitch() -> None:
    """SSB03 p. 3-38: sk 0.65, 8.5°."""
    np.testing.assert_allclose(duopitch_snow_load(0.65, 8.5), [[0.52, 0.52], [0.26, 0.52], [0.52, 0.26]], atol=0.005)


def test_snow_02_exceptional_duopitch() -> None:
    """SSB03 p. 3-36, 3-38: not used in Czech screening."""
    ground = exceptional_ground_snow(0.65)
    assert float(ground) == pytest.approx(1.30)
    np.testing.assert_allclose(duopitch_snow_load(ground, 8.5)[:2], [[1.04, 1.04], [0.52, 1.04]], atol=0.005)


@pytest.mark.parametrize(("step", "length"), [(3.0, 6.0), (4.25, 8.5)])
def test_snow_03_taller_neighbour(step: float, length: float) -> None:
    """SSB03 p. 3-40: b1 10, b2 40, capped at 4."""
    found = neighbour_drift(0.65, step, 10, 40)
    assert (float(found.mu_slide), float(found.mu), float(found.length)) == (0.0, 4.0, length)
    assert float(found.load) == pytest.approx(2.60, abs=0.01)


def test_drift_by_widths_and_by_filling() -> None:
    """The raw coefficients of SSB03 p. 3-40, 8.33 and 9.23, where nothing caps them: a fifth of the widths."""
    assert float(neighbour_drift(0.65, 3.0, 2, 8).mu_wind) == pytest.approx(8.333 / 5, abs=0.001)
    assert float(neighbour_drift(2.0, 1.5, 10, 40).mu_wind) == pytest.approx(2 * 1.5 / 2.0)


def test_limits_of_drifts() -> None:
    """SSB03 p. 3-39/40: 0.8 and 5 m at least, 15 m at most."""
    assert neighbour_drift(2.0, 0.1, 10, 40).mu_wind == 0.8
    np.testing.assert_allclose(drift_length([0.5, 5.0, 10.0]), [5, 10, 15])


def test_czech_slide() -> None:
    """Z2/2010: 0.8 b1s / ls above 15°, ls 6 m."""
    assert float(neighbour_drift(0.65, 3, 10, 40, upper_pitch=15, slope_m=5).mu_slide) == 0.0
    steep = neighbour_drift(0.65, 3, 10, 40, upper_pitch=16, slope_m=5)
    assert float(steep.mu_slide) == pytest.approx(0.8 * 5 / 6) and float(steep.mu) == pytest.approx(4 + 0.8 * 5 / 6)
    assert float(neighbour_drift(0.65, 3, 10, 40, upper_pitch=16).mu_slide) == pytest.approx(0.8 * 10 / 6)


def test_drift_on_a_short_roof_ends_above_the_flat_load() -> None:
    """3 m of a drift of 6 m: half way between 4 and 0.8."""
    assert float(neighbour_drift(0.65, 3, 47, 3).mu_end) == pytest.approx(2.4)
    assert float(neighbour_drift(0.65, 3, 10, 40).mu_end) == pytest.approx(0.8)


def test_snow_04_exceptional_parapet() -> None:
    """SSB03 p. 3-43, eaves: annex B, not used in Czech screening."""
    np.testing.assert_allclose(exceptional_parapet_drift(0.65, 3, 12.5, 25), [4.00, 2.60, 12.5], atol=0.01)


def test_limits_of_exceptional_drift() -> None:
    """Annex B as we know it (unverified): 8 at most, over 5 h."""
    np.testing.assert_allclose(exceptional_parapet_drift(0.2, 2, 40, 100), [8.0, 1.6, 10])


def test_snow_05_misprint() -> None:
    """SSB03 p. 3-43, gable, prints 5.33 and 3.46: with its own b2 25 and ls 15 the formula gives 3.33 and 2.17."""
    np.testing.assert_allclose(exceptional_parapet_drift(0.65, 3, 40, 25), [3.33, 2.17, 15], atol=0.005)


def test_parapets_by_6_2_stay_below_2() -> None:
    """The case of SNOW-04 by the clause that is used in Czechia."""
    np.testing.assert_allclose(parapet_drift(0.65, 3), [2.0, 1.3, 6.0])
    np.testing.assert_allclose(parapet_drift([2.0, 2.0, np.nan], [0.3, 1.2, 1])[0], [0.8, 1.2, np.nan])


@pytest.mark.parametrize(
    ("height", "sk", "mu"),
    [(0.3, 0.7, 0.857), (0.35, 0.7, 1.0), (0.5, 1.5, 0.8), (0.5, 2.5, 0.8), (0.4, 1.0, 0.8), (0.51, 0.7, 1.1)],
    ids=["SNOW-08", "SNOW-10", "SNOW-09", "SNOW-09", "facts: sk 1.0 needs more than 0.40", "above 0.5 m: a tenth more"],
)
def test_raised_rows_of_din_na_2019(height: float, sk: float, mu: float) -> None:
    found = raised_rows_snow(sk, 5, height, field_m=20)
    assert float(found.mu) == pytest.approx(mu, abs=0.001) and float(found.load) == pytest.approx(mu * sk, abs=0.001)
    assert float(found.length) == pytest.approx(20 + 2 * height)
    assert np.isnan(raised_rows_snow(sk, 10.1, height).mu), "the rule is for roofs up to 10°"


def test_snow_11_pitch_and_guards() -> None:
    """EN 1991-1-3, figure 5.1."""
    np.testing.assert_allclose(roof_snow_load(1, [30, 35, 45, 60, 75]), [0.8, 0.667, 0.4, 0, 0], atol=0.001)
    np.testing.assert_allclose(roof_snow_load(1, [10, 45, 75], guards=True), 0.8)


@pytest.mark.parametrize(("sk", "load"), [(1.69, 1.352), (0.84, 0.672), (0.58, 0.464)])
def test_snow_14_slovak_towns(sk: float, load: float) -> None:
    """tondach.sk: Čadca, Trenčín, Dunajská Streda."""
    assert float(lk.roof_snow_load(sk, 0)) == pytest.approx(load, abs=0.001)


def test_valleys_and_the_old_code() -> None:
    """Facts, 1.2 and 1.3 (unverified): μ2 0.8 + 0.8 α / 30 to 30°, 1.6 to 60°; old μs 1 to 25°, 0 at 60°."""
    np.testing.assert_allclose(valley_snow_load(1, [0, 15, 30, 60, 61]), [0.8, 1.2, 1.6, 1.6, np.nan])
    assert float(valley_snow_load(2, 10, 20)) == pytest.approx(2 * 1.2)
    np.testing.assert_allclose(old_roof_snow_load(1, [0, 25, 42.5, 60, 90]), [1, 1, 0.5, 0, 0], atol=1e-12)


@given(sk=SK, more=SK, pitch=PITCH, steeper=PITCH, ce=st.floats(0.8, 1.2), guards=st.booleans())
def test_load_grows_with_snow_and_not_with_pitch(
    sk: float, more: float, pitch: float, steeper: float, ce: float, guards: bool
) -> None:
    load = roof_snow_load(sk, pitch, ce=ce, guards=guards)
    assert roof_snow_load(sk + more, pitch, ce=ce, guards=guards) >= load
    assert roof_snow_load(sk, max(pitch, steeper), ce=ce, guards=guards) <= load + 1e-12
    assert roof_snow_load(sk, pitch, ce=ce, guards=True) >= load, "guards never lower"


@given(sk=SK, more=SK, step=METRES, upper=METRES, lower=METRES, pitch=PITCH)
def test_drift_is_never_less_than_no_drift(
    sk: float, more: float, step: float, upper: float, lower: float, pitch: float
) -> None:
    found = neighbour_drift(sk, step, upper, lower, upper_pitch=pitch)
    assert 0.8 <= found.mu_wind <= 4.0 and 5.0 <= found.length <= 15.0
    assert found.load >= roof_snow_load(sk, 0) - 1e-12 and 0.8 <= found.mu_end <= found.mu
    assert neighbour_drift(sk + more, step, upper, lower, upper_pitch=pitch).load >= found.load - 1e-9
    mu, load, _ = parapet_drift(sk, step)
    assert 0.8 <= mu <= 2.0 and load <= parapet_drift(sk + more, step)[1] + 1e-9


@given(sk=SK, height=st.floats(0, 3), taller=st.floats(0, 3), pitch=st.floats(0, 10))
def test_raised_rows_never_lower(sk: float, height: float, taller: float, pitch: float) -> None:
    found = raised_rows_snow(sk, pitch, height)
    assert found.load >= roof_snow_load(sk, pitch) - 1e-12
    assert raised_rows_snow(sk, pitch, height + taller).mu >= found.mu


def test_arrays_broadcast_and_unknown_stays_unknown() -> None:
    found = roof_snow_load(np.array([[1.0], [np.nan]]), [0.0, 45.0, np.nan])
    np.testing.assert_allclose(found, [[0.8, 0.4, np.nan], [np.nan] * 3])
    assert np.isnan(roof_snow_load(None, 0)) and np.isnan(roof_snow_load(1, 0, guards=np.nan))
    assert duopitch_snow_load([1.0, 2.0], 10, [20, 50]).shape == (3, 2, 2)
    assert neighbour_drift([1.0, np.nan], 3, 10, 40).load.shape == (2,)
    for at in range(5):
        values = [1.0, 3.0, 10.0, 40.0, 20.0]
        values[at] = np.nan
        assert np.isnan(neighbour_drift(*values[:4], upper_pitch=values[4]).mu_end), "each input is needed"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: roof_snow_load(-0.1, 0),
        lambda: roof_snow_load(56, 0),
        lambda: roof_snow_load(1, -1),
        lambda: roof_snow_load(1, [0, 120]),
        lambda: roof_snow_load(1, 0, ce=0),
        lambda: roof_snow_load("1,5", 0),
        lambda: neighbour_drift(1, -3, 10, 40),
        lambda: parapet_drift(1, -1),
        lambda: drift_length(-1),
        lambda: exceptional_parapet_drift(1, 3, 0, 25),
        lambda: raised_rows_snow(1, 0, -0.1),
        lambda: old_roof_snow_load(1, 0, kappa=0.5),
        lambda: shape_coefficient(np.inf),
    ],
)
def test_nonsense_is_refused(wrong: object) -> None:
    """A negative load, kg/m² for kN/m², a pitch in per cent, a decimal comma, negative sizes."""
    with pytest.raises(InputError, match="statics_"):
        wrong()  # type: ignore[operator]
