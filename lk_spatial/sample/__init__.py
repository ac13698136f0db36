"""One small invented place, made by a script: surface model, footprints with attributes, a synthetic weather year."""

from lk_spatial.sample.make import make_sample

__all__ = ["make_sample"]
