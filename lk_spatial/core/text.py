"""Text in the two languages of the users."""

import os
from typing import NamedTuple

LANGUAGES = ("cs", "en")


class Text(NamedTuple):
    """One text in English and Czech."""

    en: str
    cs: str

    def get(self, lang: str) -> str:
        """The text in ``lang`` ("cs" or "en")."""
        return self.cs if lang == "cs" else self.en

    @property
    def local(self) -> str:
        """The text in the language of the environment."""
        return self.get(environment_language())

    def as_dict(self) -> dict[str, str]:
        """Both languages by their codes."""
        return {"en": self.en, "cs": self.cs}


def environment_language() -> str:
    """ "cs" or "en" after LK_LANG, LANGUAGE, LC_ALL, LC_MESSAGES or LANG; English where none of them is Czech."""
    for variable in ("LK_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "cs" if value.lower().startswith("cs") else "en"
    return "en"
