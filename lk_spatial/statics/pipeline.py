"""Static screening from files: roof parts with their attributes, roof planes, PV potential and surface model in."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.parallel import open_executor
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.text import Text
from lk_spatial.io.crs import block_convergence, parse_assume_crs
from lk_spatial.io.values import as_text
from lk_spatial.io.vector import read_vector, with_layer
from lk_spatial.roofs.inputs import READING_BUILDINGS, Guard, read_footprints
from lk_spatial.statics.doubts import doubts, doubts_of
from lk_spatial.statics.heights import measured_heights
from lk_spatial.statics.inputs import LOADS
from lk_spatial.statics.options import ScreeningOptions
from lk_spatial.statics.screening import Screening, screen
from lk_spatial.statics.snow_inputs import ground_values
from lk_spatial.statics.surroundings import surroundings

KEY = ["building_id", "part_id"]
READING_PLANES = Text("reading roof planes", "čtení střešních rovin")
READING_DSM = Text("heights around the roofs", "výšky kolem střech")
DRAWING = Text("loads and draws", "zatížení a tahy")


class ScreeningFiles(NamedTuple):
    """The files of a run."""

    buildings: str
    roof_planes: str | None = None
    potential: str | None = None
    dsm: str | None = None


def static_screening(
    files: ScreeningFiles,
    options: ScreeningOptions,
    guard: Guard,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> Screening:
    """Screen the roof parts of a buildings layer; errors as the readers of the files raise them."""
    progress(0.0, READING_BUILDINGS.local)
    parts = read_footprints(files.buildings, guard)
    progress(0.1, READING_PLANES.local)
    planes = None
    if files.roof_planes or files.potential:
        planes = _keyed(files.roof_planes or files.potential or "", "roof_planes", guard, "roof_planes")
        _tell_strangers(parts, planes, files.roof_planes or files.potential or "", "roof_planes")
    parts, doubted = doubts(_with_potential(parts, files.potential, guard))
    with open_executor(workers, scheduler) as executor:
        heights = None
        if files.dsm:
            about = part(progress, 0.2, 0.6, READING_DSM)
            heights = measured_heights(files.dsm, guard, parts, executor=executor, progress=about)
        around = surroundings(parts, planes, heights, convergence=_convergence(parts), sk=ground_values(parts))
        parts, more = doubts(parts, measured=around)
        progress(0.6, DRAWING.local)
        found = screen(parts, around, options, executor=executor)
    progress(1.0)
    return found._replace(doubts=doubts_of([*doubted, *more], parts))


def _convergence(parts: gpd.GeoDataFrame) -> np.ndarray:
    """Grid bearing of true north at each part [deg]."""
    middle = parts.geometry.representative_point()
    return np.array([block_convergence(x, y) for x, y in zip(middle.x, middle.y, strict=True)])


def _keyed(ref: str, layer: str, guard: Guard, name: str) -> gpd.GeoDataFrame:
    """A layer of results with its keys as text; ``layer`` of the file where the reference names none."""
    frame = read_vector(
        with_layer(ref, layer),
        input_name=name,
        geometry="polygon",
        assume_crs=parse_assume_crs(guard.assume_crs),
        anywhere=guard.anywhere,
    )
    lacking = [key for key in KEY if key not in frame]
    if lacking:
        raise InputError("result_key_missing", input=name, path=ref, columns=lacking)
    keys = {key: [as_text(each) for each in frame[key]] for key in KEY}
    return frame.assign(**keys)


def _with_potential(parts: gpd.GeoDataFrame, ref: str | None, guard: Guard) -> gpd.GeoDataFrame:
    """Parts with the load of the array that the PV potential laid on them."""
    if not ref:
        return parts
    found = _keyed(ref, "buildings", guard, "potential")
    lacking = [name for name in LOADS if name not in found]
    if lacking:
        raise InputError("result_columns_missing", input="potential", path=ref, columns=lacking)
    _tell_strangers(parts, found, ref, "potential")
    loads = found[[*KEY, *LOADS]].drop_duplicates(KEY)
    merged = parts.merge(pd.DataFrame(loads), on=KEY, how="left", validate="many_to_one")
    return gpd.GeoDataFrame(merged, geometry="geometry", crs=parts.crs)


def _tell_strangers(parts: gpd.GeoDataFrame, found: gpd.GeoDataFrame, ref: str, name: str) -> None:
    """Refuse results of other buildings; tell how many parts have none."""
    known = pd.MultiIndex.from_frame(parts[KEY]).isin(pd.MultiIndex.from_frame(found[KEY]))
    if not known.any():
        raise InputError("result_of_other_buildings", input=name, path=ref)
    if not known.all():
        lost = parts.loc[~known, "building_id"]
        notice("result_parts_missing", input=name, path=ref, count=len(lost), ids=[str(each) for each in lost[:5]])
