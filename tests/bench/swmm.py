"""EPA SWMM as a peer, by pyswmm: one rain tank as a storage with an outlet that takes the demand."""

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

DEPTH = 2.0  # of the tank [m]
STEP = "1:00:00"
MODEL = """[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING KINWAVE
START_DATE {first:%m/%d/%Y}
START_TIME 00:00:00
REPORT_START_DATE {first:%m/%d/%Y}
END_DATE {end:%m/%d/%Y}
END_TIME 00:00:00
ROUTING_STEP {step}
REPORT_STEP 24:00:00
WET_STEP 1:00:00
DRY_STEP 1:00:00
[OUTFALLS]
use 0 FREE NO
[STORAGE]
tank 10 {depth} 0 FUNCTIONAL 0 0 {plan} 0 0
[OUTLETS]
demand tank use 0 TABULAR/DEPTH taken NO
[CURVES]
taken RATING 0 0
taken {least:.10e} {flow:.10e}
taken 100 {flow:.10e}
[INFLOWS]
tank FLOW runoff FLOW 1.0 1.0
[TIMESERIES]
runoff FILE "{series}"
[REPORT]
INPUT NO
CONTROLS NO
"""


class Peer(NamedTuple):
    """What SWMM found: efficiency [-], water in [m3] and its processor time [s]."""

    efficiency: float
    inflow_m3: float
    seconds: float


def run_swmm(folder: Path, days: pd.DatetimeIndex, inflow_m3: np.ndarray, demand_m3: float, volume_m3: float) -> Peer:
    """A tank with the same demand on each day, in steps of an hour, the day's water even over the day."""
    from pyswmm import Simulation, SystemStats

    series, model = folder / "runoff.dat", folder / "tank.inp"
    flow = inflow_m3 / 86_400.0
    series.write_text(
        "".join(
            f"{day:%m/%d/%Y} 00:00 {each:.10e}\n{day:%m/%d/%Y} 23:59 {each:.10e}\n"
            for day, each in zip(days, flow, strict=True)
        )
    )
    end, plan = days[-1] + pd.Timedelta(days=1), volume_m3 / DEPTH
    least = demand_m3 / 24 / plan  # the depth of a step's demand: below it the outlet gives what is there, steadily
    values = {"first": days[0], "end": end, "step": STEP, "depth": DEPTH, "plan": plan, "least": least}
    model.write_text(MODEL.format(**values, flow=demand_m3 / 86_400.0, series=series))
    start = time.process_time()
    with Simulation(str(model)) as simulation:
        stats = SystemStats(simulation)
        for _ in simulation:
            pass
        found = stats.routing_stats
    seconds = time.process_time() - start
    return Peer(found["outflow"] / (demand_m3 * len(days)), found["external_inflow"], seconds)
