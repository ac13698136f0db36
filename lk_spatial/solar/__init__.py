"""Horizon, irradiance, module layout and yield of photovoltaics."""
