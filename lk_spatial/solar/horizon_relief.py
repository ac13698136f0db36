"""A surface model laid out for the search of horizons: framed, without NaN, with the maxima of its blocks.

A search goes in steps of STEPS · 2^level grid lines, and asks for the highest surface in the box around a step of
LANES neighbours. Level by level the numbers kept are maxima of overlapping boxes, one beginning every STRIDE · 2^level
pixels, each so large that it holds any box of a step that begins in its first block.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

LANES = 8  # observers that look together, neighbours in a row
STEPS = 8  # grid lines that a ray crosses in one leaf of the search
STRIDE = STEPS // 2  # side of the smallest blocks [pixels]
FRAME = STEPS + LANES + 2  # pixels around the model, so that a leaf may run over its edge
BEFORE = 5  # blocks kept before the first one, so that a box may begin outside of the model
NOTHING = np.float32(-1e30)  # height of what is not there: transparent, and finite, so that 0 * NOTHING is 0


class Relief(NamedTuple):
    """A surface model for the search: ``surface`` (rows + 2 FRAME, cols + 2 FRAME) [m], NOTHING where unknown.

    ``blocks`` holds the maxima of all levels one after another; level l starts at ``starts[l]`` and has rows
    of ``widths[l]`` blocks.
    """

    surface: NDArray[np.float32]
    blocks: NDArray[np.float32]
    starts: NDArray[np.int64]
    widths: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the model itself."""
        rows, cols = self.surface.shape
        return rows - 2 * FRAME, cols - 2 * FRAME


def make_relief(dsm: NDArray[np.float32]) -> Relief:
    """The relief of a surface model (rows, cols) [m]; NaN is transparent."""
    surface = _framed(dsm)
    shape = np.array(dsm.shape)
    single = _smallest(surface, *(-(-shape // STRIDE)))
    levels, widths = [], []
    for level in range(32):
        stride = STRIDE << level
        boxes = _boxes(single, shape // stride + 1 + BEFORE, (3, -(-(3 * stride + LANES - 1) // stride)))
        levels.append(boxes.ravel())
        widths.append(boxes.shape[1])
        if stride >= shape.max():
            break
        single = _coarser(single)
    starts = np.cumsum([0, *(level.size for level in levels[:-1])])
    return Relief(surface, np.concatenate(levels), starts.astype(np.int64), np.array(widths, np.int64))


@kernel
def _framed(dsm: Any) -> Any:
    """The model in a frame of NOTHING."""
    height, width = dsm.shape
    framed = np.full((height + 2 * FRAME, width + 2 * FRAME), NOTHING, np.float32)
    for i in range(height):
        for j in range(width):
            z = dsm[i, j]
            framed[i + FRAME, j + FRAME] = z if z > NOTHING else NOTHING  # False for NaN
    return framed


@kernel
def _smallest(surface: Any, n: int, m: int) -> Any:
    """Maxima (n, m) over the smallest blocks and one line beyond; the frame is wide enough for it."""
    highest = np.full((n, m), NOTHING, np.float32)
    for a in range(n):
        for i in range(FRAME + a * STRIDE, min(FRAME + (a + 1) * STRIDE + 1, surface.shape[0])):
            for b in range(m):
                top = highest[a, b]
                for j in range(FRAME + b * STRIDE, min(FRAME + (b + 1) * STRIDE + 1, surface.shape[1])):
                    top = max(top, surface[i, j])
                highest[a, b] = top
    return highest


def _coarser(single: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maxima over blocks of twice the side."""
    n, m = single.shape
    even = np.pad(single, ((0, n % 2), (0, m % 2)), constant_values=NOTHING)
    return even.reshape((n + 1) // 2, 2, (m + 1) // 2, 2).max(axis=(1, 3))


def _boxes(single: NDArray[np.float32], shape: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float32]:
    """Maxima (shape) over ``size`` blocks, the first box beginning BEFORE blocks too early."""
    row, col = (np.arange(n) - BEFORE for n in shape)
    rows = np.max([single[np.clip(row + i, 0, len(single) - 1)] for i in range(size[0])], axis=0)
    return np.max([rows[:, np.clip(col + j, 0, single.shape[1] - 1)] for j in range(size[1])], axis=0)
