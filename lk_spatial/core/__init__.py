"""Knows neither GIS nor the jobs: declaration of tools, run, errors, progress, parallel work, tables, fields."""
