"""The main job with tiles of 125 m, to be killed.

``python -m tests.tools.killed_job BUILDINGS DSM WEATHER OUT WORKERS``
"""

import sys

import lk_spatial as lk
from lk_spatial.solar import pipeline

if __name__ == "__main__":
    pipeline.tile_side = lambda cell, reach: 125.0  # in this process: workers get their tiles from it
    buildings, dsm, weather, out, workers = sys.argv[1:]
    lk.pv_potential(buildings=buildings, dsm=dsm, weather=weather, out=out, workers=int(workers))
