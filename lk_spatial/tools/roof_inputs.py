"""Parameters that the jobs on roofs share: footprints, surface model, mounting systems."""

from typing import Annotated

from lk_spatial.core.text import Text
from lk_spatial.core.tool import Advanced, Choice, File, Help, Number
from lk_spatial.solar.chain import mounting_choices

Buildings = Annotated[
    str,
    File("vector", "in", "polygon"),
    Text("Buildings", "Budovy"),
    Help(
        "Footprints: any vector file, PostGIS, or RÚIAN VFR.",
        "Půdorysy: libovolný vektorový soubor, PostGIS nebo RÚIAN VFR.",
    ),
]
Dsm = Annotated[
    str,
    File("raster", "in", suffixes=("laz", "las")),
    Text("Surface model", "Digitální model povrchu"),
    Help(
        "Heights with roofs and trees: a raster of 0.5–1 m in EPSG:5514 (also a VRT), a point cloud (LAZ, LAS) in"
        " metres, or a folder of such tiles, GeoTIFF or LAZ: the path of the folder. Where raster tiles overlap, the"
        " first by name counts.",
        "Výšky včetně střech a stromů: rastr 0,5–1 m v EPSG:5514 (i VRT), mračno bodů (LAZ, LAS) v metrech, nebo"
        " složka takových dlaždic, GeoTIFF či LAZ: cesta ke složce. Kde se dlaždice rastru překrývají, platí první"
        " podle názvu.",
    ),
]
DsmCell = Annotated[
    float,
    Number("m", 0.1, 5),
    Text("Cells for a point cloud", "Buňky pro mračno bodů"),
    Help(
        "Side of the cells on which a point cloud is laid; not used for a raster.",
        "Strana buněk, do kterých se mračno bodů rozloží; pro rastr se nepoužije.",
    ),
    Advanced(),
]
SYSTEM_HELP = Help(
    "Decides rows, cooling, mass and load; the masses are assumptions for a first screening.",
    "Určuje řady, chlazení, hmotnost a zatížení; hmotnosti jsou předpoklady pro první třídění.",
)
SystemPitched = Annotated[
    str,
    Choice(mounting_choices("pitched")),
    Text("Mounting system on pitched roofs", "Nosný systém na šikmých střechách"),
    SYSTEM_HELP,
]
SystemFlat = Annotated[
    str,
    Choice(mounting_choices("flat")),
    Text("Mounting system on flat roofs", "Nosný systém na plochých střechách"),
    SYSTEM_HELP,
]
GluedMass = Annotated[
    float | None,
    Number("kg/m²", 1, 30),
    Text("Mass of glued modules", "Hmotnost lepených panelů"),
    Help(
        "From the data sheet, adhesive included; without it an assumed range is taken.",
        "Z katalogového listu, včetně lepidla; bez ní se použije předpokládané rozmezí.",
    ),
    Advanced(),
]
