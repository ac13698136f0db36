"""Monthly snowfall of the sample: invented, in the form of the input ``snow``."""

INVENTED = {  # altitude [m]: fresh snow [cm] and days with more than 2.5 cm of it, January to December
    400: ((34, 30, 20, 6, 0, 0, 0, 0, 0, 1, 12, 28), (5.5, 5.0, 3.5, 1.0, 0, 0, 0, 0, 0, 0.2, 2.2, 4.8)),
    800: ((75, 68, 55, 24, 2, 0, 0, 0, 0, 7, 38, 66), (9.5, 9.0, 7.5, 3.6, 0.4, 0, 0, 0, 0, 1.2, 5.5, 9.0)),
}


def snow_text() -> str:
    """The table as people write it in Czechia: semicolons and decimal commas."""
    lines = ["# INVENTED numbers, no measurement (see SOURCES.md)", "altitude_m;month;snowfall_cm;snow_events"]
    for altitude, months in INVENTED.items():
        for month, (snowfall, events) in enumerate(zip(*months, strict=True), start=1):
            lines.append(f"{altitude};{month};{snowfall};{events}".replace(".", ","))
    return "\n".join(lines) + "\n"
