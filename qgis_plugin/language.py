"""Czech or English: which one, and the plugin's own sentences."""

import json
import os

from qgis.core import QgsApplication, QgsSettings

from .places import SENTENCES

_sentences = json.loads(SENTENCES.read_text(encoding="utf-8"))


def language():
    """Return "cs" or "en": the plugin's own setting, else $LK_LANG, else the language QGIS runs in."""
    chosen = QgsSettings().value("lk_spatial/language", "", type=str) or os.environ.get("LK_LANG", "")
    app = QgsApplication.instance()
    # `locale/userLocale` is stale in qgis_process; what is really in use is the loaded translation.
    running = (app.translation() if app is not None else "") or QgsApplication.locale()
    return "cs" if (chosen or running).lower().startswith("cs") else "en"


def pick(text):
    """Return the Czech or English half of {"en": …, "cs": …}; None and missing halves become ""."""
    if not text:
        return ""
    return text.get(language()) or text.get("en") or ""


def sentence(code, **values):
    """Return the plugin's sentence `code` with {placeholders} filled."""
    return pick(_sentences[code]).format(**values)
