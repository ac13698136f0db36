"""Water: runoff, tank, greywater, stormwater."""
