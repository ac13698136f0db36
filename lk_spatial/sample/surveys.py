"""Finished static surveys of the invented quarter, as an office keeps them: a table with Czech headings."""

ROWS = (
    ("P03", "1", "vyhovuje", "0,45", "2024"),
    ("P01", "2", "nevyhovuje", "", "2023"),
)


def surveys_text() -> str:
    """The table as CSV with decimal commas; all of it invented."""
    head = "budova;část;závěr;rezerva [kN/m²];rok posudku"
    return "\n".join([head, *(";".join(row) for row in ROWS), ""])
