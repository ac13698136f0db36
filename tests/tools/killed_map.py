"""The solar map of roofs in tiles of 250 pixels, to be killed.

``python -m tests.tools.killed_map DSM WEATHER BUILDINGS OUT WORKERS``
"""

import sys

import lk_spatial as lk
from lk_spatial.solar import map as solar_map

if __name__ == "__main__":
    solar_map.TILE_PX = 250  # in this process: workers get their tiles from it
    dsm, weather, buildings, out, workers = sys.argv[1:]
    lk.solar_map(dsm=dsm, weather=weather, buildings=buildings, out=out, workers=int(workers))
