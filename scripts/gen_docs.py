"""Reference pages of the documentation, read from the declarations and tables at each build (a hook of mkdocs)."""

from pathlib import Path
from typing import Any

from lk_spatial import tools  # noqa: F401 - declares the tools
from lk_spatial.core.errors import catalogue
from lk_spatial.core.fields import FIELDS
from lk_spatial.core.tables import all_tables, load_table
from lk_spatial.core.tool import TOOLS, File, Layer, Parameter, Tool
from lk_spatial.core.validate import expectation

WORDS: dict[str, dict[str, str]] = {
    "cs": {
        "tools": "Nástroje", "fields": "Sloupce výsledků", "errors": "Hlášení", "tables": "Tabulky a zdroje",
        "parameter": "parametr", "meaning": "význam", "expected": "hodnota", "default": "výchozí",
        "layers": "Vrstvy výsledku",
        "required": "povinné", "name": "název", "unit": "jednotka", "title": "nadpis", "code": "kód", "kind": "druh",
        "sentence": "věta", "confidence": "jistota", "source": "zdroj",
        "retrieved": "převzato", "generated": "Stránka vzniká z deklarací programu.",
    },
    "en": {
        "tools": "Tools", "fields": "Columns of the results", "errors": "Messages", "tables": "Tables and sources",
        "parameter": "parameter", "meaning": "meaning", "expected": "value", "default": "default",
        "layers": "Layers of the result",
        "required": "required", "name": "name", "unit": "unit", "title": "title", "code": "code", "kind": "kind",
        "sentence": "sentence", "confidence": "confidence", "source": "source",
        "retrieved": "retrieved", "generated": "This page is made from the program's declarations.",
    },
}  # fmt: skip


def table(head: list[str], rows: list[list[Any]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def tools_page(lang: str) -> str:
    """Every tool with its parameters and layers."""
    words = WORDS[lang]
    return "\n\n".join([f"# {words['tools']}", words["generated"], *(_tool(each, lang) for each in TOOLS.values())])


def _tool(tool: Tool, lang: str) -> str:
    words = WORDS[lang]
    rows = [_parameter(each, lang) for each in tool.parameters]
    text = [
        f"## {tool.title.get(lang)} (`{tool.id}`)",
        tool.help.get(lang),
        table([words["parameter"], words["meaning"], words["expected"], words["default"]], rows),
    ]
    layers: list[Layer] = [
        layer for each in tool.parameters if isinstance(each.spec, File) for layer in each.spec.layers
    ]
    if layers:
        text.append(
            f"**{words['layers']}:** " + ", ".join(f"`{each.name}` ({each.title.get(lang)})" for each in layers)
        )
    return "\n\n".join(text)


def _parameter(parameter: Parameter, lang: str) -> list[Any]:
    meaning = f"**{parameter.title.get(lang)}.** {parameter.help.get(lang)}"
    default = WORDS[lang]["required"] if parameter.required else parameter.default
    return [
        f"`--{parameter.flag}`",
        meaning,
        expectation(parameter).get(lang),
        "" if default in (None, ()) else default,
    ]


def fields_page(lang: str) -> str:
    """Every column that results may hold."""
    words = WORDS[lang]
    rows = [[f"`{each.name}`", each.title.get(lang), each.unit, each.meaning.get(lang)] for each in FIELDS.values()]
    head = [words["name"], words["title"], words["unit"], words["meaning"]]
    return "\n\n".join([f"# {words['fields']}", words["generated"], table(head, rows)])


def errors_page(lang: str) -> str:
    """Every message the program may give."""
    words = WORDS[lang]
    rows = [
        [f"`{code}`", kind, text.get(lang).replace("{", "‹").replace("}", "›")]
        for code, (kind, text) in sorted(catalogue().items())
    ]
    return "\n\n".join(
        [f"# {words['errors']}", words["generated"], table([words["code"], words["kind"], words["sentence"]], rows)]
    )


def tables_page(lang: str) -> str:
    """Every table of constants with its source and rows."""
    words = WORDS[lang]
    parts = [f"# {words['tables']}", words["generated"]]
    for each in all_tables():
        rows, card = load_table(each)[1:]
        told = ("source", "retrieved", "confidence")
        facts = [[words[key], card.get(f"{key}_{lang}", card.get(key, ""))] for key in told]
        parts += [
            f"## {card.get(f'title_{lang}', each)} (`{each}`)",
            table(["", ""], facts),
            card.get(f"note_{lang}", card.get("note", "")),
            table(list(rows.columns), rows.astype(object).where(rows.notna(), "").to_numpy().tolist()),
        ]
    return "\n\n".join(parts)


PAGES = {"tools": tools_page, "fields": fields_page, "errors": errors_page, "tables": tables_page}


def write_pages(docs: Path) -> None:
    """Write ``reference/<page>.md`` for both languages."""
    for lang, folder in (("cs", docs / "reference"), ("en", docs / "en" / "reference")):
        folder.mkdir(parents=True, exist_ok=True)
        for name, page in PAGES.items():
            (folder / f"{name}.md").write_text(page(lang) + "\n", "utf-8")


def on_pre_build(config: Any) -> None:
    """Called by mkdocs before it reads the pages."""
    write_pages(Path(config["docs_dir"]))


if __name__ == "__main__":
    write_pages(Path(__file__).resolve().parents[1] / "docs")
