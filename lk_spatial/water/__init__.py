"""Rain water: demand, runoff, tanks; what must be retained; grey water."""
