"""What a user chooses for the static screening; prices have no default."""

from typing import NamedTuple


class ScreeningOptions(NamedTuple):
    """Choices of a screening; units as in the names.

    Costs of a survey, of a false go-ahead and the benefit of PV are the owner's: None where he does not give them.
    ``credit_steel``: today's higher design strength of basic steel counts. ``glued_mass_kg_m2``: by a data sheet.
    """

    survey_czk: float | None = None
    false_go_czk: float | None = None
    benefit_czk: float | None = None
    system_pitched: str = "flush"
    system_flat: str = "ballasted_south"
    glued_mass_kg_m2: float | None = None
    foot: str = "rubber_bitumen"
    credit_steel: bool = True
    u0_limit: float = 1.15
    roof_life_a: float = 15.0
    draws: int = 10_000
    seed: int = 0
