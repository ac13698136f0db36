"""HTML of the reports: one file each, everything inside it, no script, nothing fetched."""

import base64
import io
import re
import urllib.parse
from typing import Any, NamedTuple

import jinja2
import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from lk_spatial.core.text import Text
from lk_spatial.report.numbers import format_date, format_number, format_rounded, format_unit, format_value
from lk_spatial.report.text import words

_DPI = 200  # of the pixel layers inside a picture
_FONT = {"font.family": "DejaVu Sans", "svg.fonttype": "path", "svg.hashsalt": "lk_spatial", "axes.unicode_minus": True}


class Picture(NamedTuple):
    """A picture to stand in a page: data URI, words for those who do not see it, size on paper [mm]."""

    uri: str
    alt: str
    width_mm: float
    height_mm: float


def picture(figure: Figure, alt: str) -> Picture:
    """``figure`` as SVG (letters as outlines, so that it looks the same everywhere)."""
    drawn = io.BytesIO()
    with mpl.rc_context(_FONT):
        FigureCanvasSVG(figure)
        figure.savefig(drawn, format="svg", dpi=_DPI, metadata={"Date": None, "Creator": "lk_spatial"})
    svg = _PATH.sub(lambda found: _LONG.sub(r"\1", found.group()), drawn.getvalue().decode())
    svg = _PNG.sub(lambda found: found[1] + _smaller_png(found[2]), svg)
    width, height = figure.get_size_inches() * 25.4
    return Picture(_data_uri(svg), alt, float(width), float(height))


def _data_uri(svg: str) -> str:
    """The shorter of the two ways to write a picture into an address: base64, or letters with %-signs."""
    plain = "data:image/svg+xml," + urllib.parse.quote(svg)
    packed = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return min(plain, packed, key=len)


def _smaller_png(encoded: str) -> str:
    """A PNG in base64 with one or two channels where it is grey, with 256 colours where it is not."""
    image = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA")
    red, green, blue, alpha = image.split()
    if red.tobytes() == green.tobytes() == blue.tobytes():
        small = red if alpha.getextrema() == (255, 255) else Image.merge("LA", (red, alpha))
    else:
        small = image.quantize(256, method=Image.Quantize.FASTOCTREE)
    packed = io.BytesIO()
    small.save(packed, format="PNG", compress_level=6)
    return min(encoded, base64.b64encode(packed.getvalue()).decode(), key=len)


_PNG = re.compile(r"(data:image/png;base64,)([A-Za-z0-9+/=\s]+)")
_PATH = re.compile(r' d="[^"]*"')
_LONG = re.compile(r"(\.\d\d)\d+")  # 0.01 pt is 4 µm


def render(template: str, lang: str, **context: Any) -> str:
    """The page made from ``templates/<template>``; all that goes in is escaped, a missing value is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lk_spatial.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value, decimals=0: format_number(value, lang, decimals)
    environment.filters["rounded"] = lambda value: format_rounded(value, lang)
    environment.filters["value"] = lambda value: format_value(value, lang)
    environment.filters["unit"] = lambda unit: format_unit(unit, lang)
    environment.filters["day"] = lambda value: format_date(value, lang)
    environment.filters["say"] = lambda value: value.get(lang) if isinstance(value, Text) else str(value)
    return environment.get_template(template).render(lang=lang, w=words(lang), **context)
