"""Irradiation against pvlib, against a brute-force sum, and the hours against the year."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.solar.irradiance import beam_visibility, plane_components, plane_light, poa_irradiation
from lk_spatial.solar.sky_table import look_up
from lk_spatial.solar.sky_view import horizon_band_visibility, sky_view_factor
from lk_spatial.solar.sun import MODELS, SkyHours, sky_hours
from tests.solar.oracle import (
    TILTS_AZIMUTHS,
    blocks,
    brute_irradiation,
    horizons,
    made_weather,
    own_cut,
    pvlib_hours,
    suns_above,
)


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    return made_weather()


@pytest.fixture(scope="module")
def sky(weather: pd.DataFrame) -> SkyHours:
    return sky_hours(weather)


@cache
def made_sky(step_min: int) -> SkyHours:
    return sky_hours(made_weather(step_min))


def pvgis(path: Path) -> pd.DataFrame:
    """A PVGIS typical year, read plainly: its irradiance belongs to minute 0.1761 h."""
    text = json.loads(path.read_text())
    hours = pd.DataFrame(text if isinstance(text, list) else text["outputs"]["tmy_hourly"])
    index = pd.to_datetime(hours["time(UTC)"], format="%Y%m%d:%H%M", utc=True) + pd.Timedelta(hours=0.1761)
    columns = {"ghi": "G(h)", "dni": "Gb(n)", "dhi": "Gd(h)"}
    table = pd.DataFrame({new: hours[old].to_numpy() for new, old in columns.items()}, index=pd.DatetimeIndex(index))
    table.attrs.update(latitude=45.0, longitude=8.0, elevation=250.0)
    return table


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("tilt,azimuth", TILTS_AZIMUTHS)
def test_free_plane_equals_pvlib(weather: pd.DataFrame, model: str, tilt: float, azimuth: float) -> None:
    sky = sky_hours(weather, model=model)
    truth = pvlib_hours(sky, tilt, azimuth, model)
    got = poa_irradiation(sky, tilt, azimuth)
    assert got.annual == pytest.approx(truth.sum() / 1000, rel=0.001)
    months = pd.Series(truth).groupby(weather.index.month).sum().to_numpy() / 1000
    assert got.monthly == pytest.approx(months, rel=0.005)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("step_min", [60, 10])
def test_free_planes_within_a_twentieth_of_a_percent_of_pvlib(step_min: int, model: str) -> None:
    """Issue 3, point 2: RMSE at most 0.05 % against pvlib with the same sun sampling."""
    sky = sky_hours(made_weather(step_min), model=model)
    truth = [pvlib_hours(sky, *facing, model).sum() * sky.step_h / 1000 for facing in TILTS_AZIMUTHS]
    got = poa_irradiation(sky, *np.transpose(TILTS_AZIMUTHS)).annual
    assert np.sqrt(np.mean((got / truth - 1) ** 2)) <= 0.0005


@pytest.mark.parametrize("step_min", [60, 10])
@pytest.mark.parametrize("n_azimuth", [32, 64, 360])
def test_shaded_planes_within_a_tenth_of_a_percent_of_brute_force(step_min: int, n_azimuth: int) -> None:
    """Issue 3, point 2: RMSE at most 0.1 % of the free plane against brute force on the same horizon."""
    sky = made_sky(step_min)
    deep = blocks(len(TILTS_AZIMUTHS), 3, n_azimuth)
    deep[::2] = [
        np.maximum(row, own_cut(*facing, n_azimuth)) for row, facing in zip(deep[::2], TILTS_AZIMUTHS[::2], strict=True)
    ]
    truth = [brute_irradiation(sky, *facing, row) for facing, row in zip(TILTS_AZIMUTHS, deep, strict=True)]
    tilt, azimuth = np.transpose(TILTS_AZIMUTHS)
    free = poa_irradiation(sky, tilt, azimuth).annual
    got = poa_irradiation(sky, tilt, azimuth, horizon=deep).annual
    assert np.sqrt(np.mean(((got - truth) / free) ** 2)) <= 0.001


def test_a_year_in_one_sum_is_the_sum_of_its_months(sky: SkyHours) -> None:
    deep, (tilt, azimuth) = horizons(12), np.transpose(TILTS_AZIMUTHS)
    whole = plane_light(sky, tilt, azimuth, horizon=deep, monthly=False)
    months = plane_light(sky, tilt, azimuth, horizon=deep)
    assert whole.monthly is None and months.monthly is not None
    assert whole.annual == pytest.approx(months.monthly.sum(axis=1), rel=1e-6)
    assert whole.sky_view == pytest.approx(months.sky_view, rel=1e-6)
    assert whole.sky_view == pytest.approx(sky_view_factor(deep, tilt, azimuth), abs=2e-4)
    assert whole.band == pytest.approx(horizon_band_visibility(deep, tilt, azimuth), abs=1e-4)


def test_order_and_neighbours_do_not_matter(sky: SkyHours) -> None:
    deep, (tilt, azimuth) = horizons(12), np.transpose(TILTS_AZIMUTHS)
    together = plane_light(sky, tilt, azimuth, horizon=deep).annual
    alone = [plane_light(sky, *facing, horizon=row).annual for facing, row in zip(TILTS_AZIMUTHS, deep, strict=True)]
    assert together.tolist() == np.array(alone).tolist()


def test_arrays_of_any_kind_share_one_compiled_kernel(sky: SkyHours) -> None:
    horizon = horizons(3, 2)
    tilt, azimuth = np.broadcast_to(30.0, 3), np.arange(6.0)[::2] * 30.0
    tilt_too = np.array([30.0, 30.0, 30.0])
    tilt_too.setflags(write=False)
    for own in (horizon, horizon.astype(np.float32), np.asfortranarray(horizon), horizon[::-1], horizon[0], None):
        for b in (tilt, tilt_too, 30, [30.0] * 3):
            plane_light(sky, b, azimuth, horizon=own, monthly=False)
    assert len(look_up.signatures) == 1


@pytest.mark.parametrize("name", ["tmy_45.000_8.000_2005_2023.json", "tmy_45.000_8.000_userhorizon.json"])
def test_free_plane_equals_pvlib_on_pvgis(shared_data: Path, name: str) -> None:
    table = pvgis(shared_data / "weather" / name)
    sky = sky_hours(table)
    assert sky.years == 1 and sky.step_h == 1
    for tilt, azimuth in TILTS_AZIMUTHS:
        truth = pvlib_hours(sky, tilt, azimuth).sum() / 1000
        assert poa_irradiation(table, tilt, azimuth).annual == pytest.approx(truth, rel=0.002)


def test_hours_equal_pvlib(sky: SkyHours) -> None:
    for tilt, azimuth in TILTS_AZIMUTHS:
        parts = plane_components(sky, tilt, azimuth)
        day = sky.zenith < 90
        assert parts.drop(columns="aoi").sum(axis=1).to_numpy()[day] == pytest.approx(
            pvlib_hours(sky, tilt, azimuth)[day], abs=1e-6
        )


def test_a_flat_horizon_is_no_horizon(sky: SkyHours) -> None:
    free = poa_irradiation(sky, [0, 35, 90], [180, 200, 45])
    flat = poa_irradiation(sky, [0, 35, 90], [180, 200, 45], horizon=np.zeros(32))
    assert flat.annual == pytest.approx(free.annual, rel=1e-12)


@pytest.mark.parametrize("tilt,azimuth", [(0, 180), (35, 180), (30, 75), (60, 310)])
def test_shaded_plane_equals_brute_force(sky: SkyHours, tilt: float, azimuth: float) -> None:
    deep = horizons(6, seed=tilt)
    got = poa_irradiation(sky, tilt, azimuth, horizon=deep).annual
    free = poa_irradiation(sky, tilt, azimuth).annual
    for p in range(6):
        truth = brute_irradiation(sky, tilt, azimuth, deep[p])
        assert abs(got[p] - truth) / free < 0.002
    assert (got < free).all()


def test_all_hidden_leaves_the_reflected_light(sky: SkyHours) -> None:
    got = poa_irradiation(sky, 30, 180, horizon=np.full(32, 90.0)).annual
    assert got == pytest.approx(sky.ghi.sum() / 1000 * 0.2, rel=1e-9)


def test_beam_visibility_counts_pixels(sky: SkyHours) -> None:
    deep = horizons(20)
    weights = np.arange(20.0)
    lit = (sky.beam > 0) | (sky.circumsolar > 0)
    seen = np.array([suns_above(sky, row) * lit for row in deep])
    assert beam_visibility(sky, deep) == pytest.approx(seen.mean(axis=0), abs=1e-3)
    assert beam_visibility(sky, deep, weights) == pytest.approx(np.average(seen, axis=0, weights=weights), abs=2e-3)
    broken = np.vstack([deep, np.full((1, 32), np.nan)])
    assert beam_visibility(sky, broken) == pytest.approx(beam_visibility(sky, deep))
    assert np.isnan(beam_visibility(sky, broken[-1])).all()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("tilt,azimuth", [(0, np.nan), (10, 90), (40, 190), (55, 350)])
def test_hours_of_a_plane_add_up_to_its_pixels(weather: pd.DataFrame, model: str, tilt: float, azimuth: float) -> None:
    sky = sky_hours(weather, model=model)
    deep = horizons(50, seed=7).astype(np.float32)
    parts = plane_components(
        sky, tilt, azimuth,
        beam_visible=beam_visibility(sky, deep),
        sky_view=float(np.mean(sky_view_factor(deep, tilt, azimuth))),
        horizon_band=float(np.mean(horizon_band_visibility(deep, tilt, azimuth))),
    )  # fmt: skip
    pixels = poa_irradiation(sky, tilt, azimuth, horizon=deep)
    power = parts.drop(columns="aoi").sum(axis=1)
    assert power.sum() / 1000 == pytest.approx(pixels.annual.mean(), rel=1e-3)
    months = power.groupby(sky.index.month).sum().to_numpy() / 1000
    assert months == pytest.approx(pixels.monthly.mean(axis=0), rel=5e-3)


@pytest.mark.parametrize("step_min,tolerance", [(30, 0.006), (15, 0.008), (10, 0.008)])
def test_shorter_steps(weather: pd.DataFrame, step_min: int, tolerance: float) -> None:
    fine = sky_hours(made_weather(step_min))
    assert fine.step_h == pytest.approx(step_min / 60)
    coarse = poa_irradiation(weather, 35, 180).annual
    assert poa_irradiation(fine, 35, 180).annual == pytest.approx(coarse, rel=tolerance)


def test_two_years_give_the_mean_year() -> None:
    first, second = made_weather(year=2022), made_weather(year=2023)
    both = pd.concat([first, second])
    both.attrs = first.attrs
    mean = (poa_irradiation(first, 35, 180).monthly + poa_irradiation(second, 35, 180).monthly) / 2
    assert poa_irradiation(both, 35, 180).monthly == pytest.approx(mean, rel=1e-6)


def test_months_of_different_years_and_order_do_not_matter(weather: pd.DataFrame) -> None:
    mixed = pd.concat([weather[weather.index.month == month] for month in (7, 1, 12, 2, 3, 4, 5, 6, 8, 11, 9, 10)])
    mixed.attrs = weather.attrs
    assert poa_irradiation(mixed, 35, 120).monthly == pytest.approx(poa_irradiation(weather, 35, 120).monthly)


def test_shapes_and_nan(sky: SkyHours) -> None:
    one = poa_irradiation(sky, 30, 180)
    assert np.ndim(one.annual) == 0 and one.monthly.shape == (12,)
    assert one.annual == pytest.approx(one.monthly.sum())
    many = poa_irradiation(sky, [30, 30, np.nan, 30, 0], [180, 180, 180, np.nan, np.nan], horizon=np.zeros((5, 32)))
    assert many.annual.shape == (5,) and many.monthly.shape == (5, 12)
    assert np.isnan(many.annual).tolist() == [False, False, True, True, False]
    assert np.isnan(poa_irradiation(sky, 30, np.nan).annual)
    broken = np.zeros(32)
    broken[3] = np.nan
    assert np.isnan(poa_irradiation(sky, 30, 180, horizon=broken).annual)
    assert poa_irradiation(sky, [], []).monthly.shape == (0, 12)


def test_place_can_be_given(weather: pd.DataFrame) -> None:
    bare = weather.copy()
    bare.attrs = {}
    placed = sky_hours(bare, latitude=50.77, longitude=15.06)
    assert placed.zenith == pytest.approx(sky_hours(weather).zenith, abs=0.05)


@pytest.mark.parametrize(
    "change,options,code",
    [
        (lambda w: w, {"model": "klucher"}, "sky_model_unknown"),
        (lambda w: w.drop(columns="dhi"), {}, "weather_column_missing"),
        (lambda w: w.assign(ghi=w["ghi"].where(w["ghi"] < 300)), {}, "weather_values_missing"),
        (lambda w: w.tz_localize(None), {}, "weather_without_time_zone"),
    ],
)
def test_wrong_weather_is_told(weather: pd.DataFrame, change, options: dict, code: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises((InputError, DataError)) as caught:
        poa_irradiation(change(weather), 30, 180, **options)
    assert caught.value.code == code and caught.value.sentence("cs")


def test_weather_without_place_and_unlike_shapes(weather: pd.DataFrame, sky: SkyHours) -> None:
    bare = weather.copy()
    bare.attrs = {}
    with pytest.raises(InputError) as caught:
        poa_irradiation(bare, 30, 180)
    assert caught.value.code == "weather_without_place"
    with pytest.raises(InputError) as caught:
        poa_irradiation(sky, [30, 20], [180, 180, 180])
    assert caught.value.code == "planes_unlike"
