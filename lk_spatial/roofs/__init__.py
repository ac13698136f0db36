"""Roof planes from a surface model and building footprints."""
