"""``python -m lk_spatial`` is the command ``lk``."""

from lk_spatial.cli import main

if __name__ == "__main__":
    main()
