"""The throw-away database server for the tests of this folder."""

from tests.postgres import postgis

__all__ = ["postgis"]
