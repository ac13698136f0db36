"""``python -m lk_spatial.sample DIR`` makes the sample anew."""

import sys
from pathlib import Path

from lk_spatial.sample.make import make_sample

if __name__ == "__main__":
    make_sample(Path(sys.argv[1] if len(sys.argv) > 1 else "sample_data"))
