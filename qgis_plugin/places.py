"""Where the plugin's own files lie: in the installed folder, or in the repository that it is linked to."""

from pathlib import Path

HERE = Path(__file__).resolve().parent  # a linked plugin resolves to the repository
REPOSITORY = HERE.parent

TOOLS = HERE / "tools.json"
SENTENCES = HERE / "i18n" / "sentences.json"
ICON = HERE / "icon.svg"


def _shipped(inside, in_repository):
    """Return the file beside the plugin's code, else the one in the repository it is packed from."""
    packed = HERE / inside
    return packed if packed.exists() else REPOSITORY / in_repository


def models_folder():
    """Return the folder of the shipped Processing models."""
    return _shipped("models", "models")


def styles_folder():
    """Return the folder with one style (.qml) per named result layer."""
    return _shipped("styles", "lk_spatial/data/styles")


def fields_table():
    """Return the register of all result columns (CSV with Czech and English names)."""
    return _shipped("fields.csv", "lk_spatial/data/fields.csv")
