"""Static screening of roofs: loads, combinations, design loads of the time of building."""
