"""What all tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the project; under CI=true it must be there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        message = f"no folder of real files at {folder}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The project's own invented place."""
    return ROOT / "sample_data"
