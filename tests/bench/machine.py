"""What computes: processor, memory and versions; no name of the machine or its user, no path."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lk_spatial import __version__
from lk_spatial.core.run import LIBRARIES
from tests.bench.bench_memory import cores


def machine() -> dict[str, str | int | float]:
    """Processor, cores that may be used, memory [GiB], system."""
    return {
        "cpu": cpu_model(),
        "cores": cores(),
        "memory_gib": round(memory() / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def cpu_model() -> str:
    """The processor as it names itself."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return " ".join((names or [platform.processor() or platform.machine()])[0].split())


def memory() -> int:
    """Bytes of the machine's memory; 0 where the system does not say."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0


def versions() -> dict[str, str]:
    """Versions of Python, of this library and of those that it computes with."""
    found = {"python": platform.python_version(), "lk_spatial": __version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
