"""Rain and grey water: the rain record, tanks, fees, retention, retrofits and their ranking."""
