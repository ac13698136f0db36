"""The tools: the only declarations, thin, one file a job. Importing this package declares them all."""

from lk_spatial.tools import pv, solar_map, statics, survey

__all__ = ["pv", "solar_map", "statics", "survey"]
