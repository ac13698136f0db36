"""Text in the two languages of the users."""

import os
from typing import Any, NamedTuple

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


def fill(template: Text, *places: Any, **names: Any) -> Text:
    """A sentence with its values in both languages; numbers given as texts get a decimal comma in Czech."""

    def shown(value: Any, lang: str) -> str:
        if isinstance(value, Text):
            return value.get(lang)
        return str(value).replace(".", ",") if lang == "cs" else str(value)

    def put(lang: str) -> str:
        filled = {name: shown(value, lang) for name, value in names.items()}
        return template.get(lang).format(*(shown(each, lang) for each in places), **filled)

    return Text(put("en"), put("cs"))


def environment_language() -> str:
    """ "cs" or "en" after LK_LANG, LANGUAGE, LC_ALL, LC_MESSAGES or LANG; English where none of them is Czech."""
    for variable in ("LK_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "cs" if value.lower().startswith("cs") else "en"
    return "en"
