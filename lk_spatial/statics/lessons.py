"""What finished surveys change for a roof part: its utilisation with another load, its chance of falling short."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from lk_spatial.statics.interval import Floats
from lk_spatial.statics.reliability import DRAWS
from lk_spatial.statics.survey import Bias

LEAST_ROOM = 0.02  # [kN/m2] a smaller permissible load tells no slope
LEAST_U = 0.05


def exceedance_after(
    p_exceed: ArrayLike, log_sd: ArrayLike, prior: Bias, median: ArrayLike, v: ArrayLike, *, draws: int = DRAWS
) -> Floats:
    """Chance (n,) that U > 1 once the resistance bias of the parts has another ``median`` and coefficient ``v`` (n,).

    ``p_exceed``: the chance with the ``prior`` bias, of that many ``draws``; ``log_sd``: standard deviation of ln U
    among them [-]. ln U is taken as normal about the median that ``p_exceed`` tells, and the bias as independent of
    all else. Where the bias is the prior the chance stays exactly; NaN where either is not known.
    """
    p, sd, m, new = np.broadcast_arrays(*(np.asarray(each, float) for each in (p_exceed, log_sd, median, v)))
    least = 0.5 / draws  # what no draw showed is not impossible
    at_prior = sd * ndtri(np.clip(p, least, 1.0 - least))
    rest = np.maximum(sd**2 - np.log1p(prior.v**2), 0.0)
    spread = np.maximum(np.sqrt(rest + np.log1p(new**2)), 1e-9)
    after = ndtr((at_prior - np.log(m / prior.median)) / spread)
    return np.where((m == prior.median) & (new == prior.v), p, after)


def utilisation_at(load: ArrayLike, u0: ArrayLike, u1: ArrayLike, pv_load: ArrayLike, q_max: ArrayLike) -> Floats:
    """Utilisation (n,) with the PV ``load`` [kN/m2], on the line through that without PV and that with ``pv_load``.

    Where ``pv_load`` is not known the line goes to 1 at the permissible load ``q_max`` [kN/m2]. NaN where neither is
    known; never below LEAST_U.
    """
    load, u0, u1, pv, room = (np.asarray(each, float) for each in (load, u0, u1, pv_load, q_max))
    with np.errstate(divide="ignore", invalid="ignore"):
        by_pv = np.where(pv > 0.0, (u1 - u0) / pv, np.nan)
        by_room = np.where(np.abs(room) >= LEAST_ROOM, (1.0 - u0) / room, np.nan)
        slope = np.where(np.isnan(by_pv), by_room, by_pv)
        return np.maximum(u0 + slope * load, LEAST_U)
