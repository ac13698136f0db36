"""The bars of issue 2, point 4: planes of made roofs against their truth, planes of real roofs against plausibility."""

from pathlib import Path

import pytest

from lk_spatial.io.buildings import read_buildings
from lk_spatial.io.raster import read_raster
from lk_spatial.roofs.pipeline import find_roof_planes
from tests.roofs.scores import HELD_OUT, Scores, scene_raster, score
from tests.scenes import make_scene


def measured(record: object, seed: int, **kind: object) -> Scores:
    scene = make_scene(seed, **kind)  # type: ignore[arg-type]
    found = score(scene, find_roof_planes(scene_raster(scene), scene.buildings))
    for name, value in found._asdict().items():
        record(name, round(float(value), 4))  # type: ignore[operator]
    return found


@pytest.mark.parametrize("seed", HELD_OUT)
def test_made_roofs_1m_noise_10cm(seed: int, record_property: object) -> None:
    found = measured(record_property, seed)
    assert found.truths > 500
    assert found.completeness >= 0.99
    assert found.correctness >= 0.96
    assert found.tilt_rmse <= 1.0
    assert found.azimuth_rmse <= 1.0


@pytest.mark.parametrize("seed", HELD_OUT)
def test_dormers_and_shifted_footprints_stay_usable(seed: int, record_property: object) -> None:
    found = measured(record_property, seed, dormers=True, shift=0.5)
    assert found.completeness >= 0.97
    assert found.correctness >= 0.93
    assert max(found.tilt_rmse, found.azimuth_rmse) <= 1.5


def test_half_metre_cells(record_property: object) -> None:
    found = measured(record_property, HELD_OUT[0], cell=0.5, size=400.0)
    assert found.completeness >= 0.98
    assert found.correctness >= 0.95
    assert max(found.tilt_rmse, found.azimuth_rmse) <= 0.7


def test_fit_is_near_what_the_noise_allows(record_property: object) -> None:
    found = measured(record_property, HELD_OUT[0], size=600.0)
    assert found.tilt_rmse <= 1.4 * found.best_tilt_rmse
    assert found.azimuth_rmse <= 1.4 * found.best_azimuth_rmse


def test_real_roofs(shared_data: Path, record_property: object) -> None:
    folder = shared_data / "roofs"
    buildings = read_buildings(str(folder / "liberec_real_roofs_buildings.gpkg"))
    dsm = read_raster(folder / "liberec_real_roofs_dsm.tif", footprints_5514=True)
    found = find_roof_planes(dsm, buildings)
    planes = found.planes
    share = planes["plan_area_m2"].sum() / buildings.area.sum()
    record_property("plan_area_share", round(float(share), 4))
    record_property("rmse_max_m", round(float(planes["rmse_m"].max()), 4))
    assert planes["building_id"].nunique() >= 18
    assert planes["rmse_m"].max() <= 0.25
    assert 0.90 <= share <= 1.05
    assert planes["tilt_deg"].max() < 70
    assert planes["height_agl_m"].between(1.5, 20).all()
