"""Three values of a quantity that is not known exactly."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Range(NamedTuple):
    """Low, typical and high value, arrays of one shape; NaN where there is no number."""

    low: Floats
    typ: Floats
    high: Floats
