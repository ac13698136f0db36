"""Speed of the screening's Monte Carlo on two cores: ``python -m tests.bench.bench_screening``."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from lk_spatial.statics.draws import part_keys
from lk_spatial.statics.interval import Triple, around, triple
from lk_spatial.statics.reliability import Spread, exceedance
from lk_spatial.statics.reserve import INPUTS, Roofs, eurocode, one_combination, reserve, roof_parts
from tests.bench.shape import Bar, best, print_json, told

PARTS, DRAWS, CORES, TIMES = 10_000, 10_000, 2, 3
BARS = {  # 10,000 parts of 10,000 draws in 20 s
    "draws_s": Bar(">=", 5e6, "Screening, draws of roof parts", "two threads, elapsed time", " /s"),
    "absent_draws_s": Bar(">=", 5e6, "Screening, draws of roof parts with absent data", "two threads, elapsed", " /s"),
    "core_draws_s": told("Screening, draws of roof parts", "one core", " /s"),
    "interval_parts_s": told("Screening, intervals of roof parts", "one core", " /s"),
}


def made_parts(n: int) -> Roofs:
    """Roof parts of which every input is in some doubt."""
    rng = np.random.default_rng(0)
    s0, sk = rng.choice([0.5, 0.7, 1.0, 1.5], n), rng.choice([1.0, 1.5, 2.0, 2.5], n)
    heavy = np.where(rng.random(n) < 0.4, 8.0, 1.0)
    return roof_parts(
        g=Triple(*(each * heavy for each in triple(0.30, 0.40, 0.55))),
        g_added=triple(0.0, 0.05, 0.15),
        snow=around(0.8 * sk, 0.15),
        snow_build=triple(0.7 * s0, s0, 1.45 * s0),
        kappa=triple(1.0, 1.2, 1.2),
        u0=triple(0.6855, 0.85, 1.0145),
        rho_r=triple(1.0, 1.12, 1.12),
        condition=triple(0.9, 0.95, 1.0),
        k_fi=triple(1.0, 1.0, 1.1),
        pv=triple(0.118, 0.157, 0.196),
        today=eurocode(),
        build=one_combination(1.1, 1.4),
    )


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Draws of roof parts a second on two threads (elapsed) and on one core (processor time)."""
    n, draws = (40, 50) if small else (PARTS, DRAWS)
    parts, keys, spread = made_parts(n), part_keys(range(n), ["1"] * n), Spread(zone_doubt=0.2)
    absent = np.zeros((n, len(INPUTS)), bool)
    absent[:, [INPUTS.index("g"), INPUTS.index("snow_build")]] = True
    with ThreadPoolExecutor(CORES) as threads:
        exceedance(parts, keys, spread, draws=1, executor=threads)
        found = {}
        for name, gone in (("draws_s", None), ("absent_draws_s", absent)):
            start = time.perf_counter()
            exceedance(parts, keys, spread, absent=gone, draws=draws, executor=threads)
            found[name] = n * draws / (time.perf_counter() - start)
    few = max(draws // 20, 1)
    found["core_draws_s"] = n * few / best(lambda: exceedance(parts, keys, spread, draws=few), TIMES)
    found["interval_parts_s"] = n / best(lambda: reserve(parts), TIMES)
    return found


if __name__ == "__main__":
    print_json(measure)
