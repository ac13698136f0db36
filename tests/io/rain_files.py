"""Tiny rain files in the forms that stations' records come in."""

import io
import json
import zipfile
from calendar import monthrange
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook

WSI = "0-20000-0-11603"
HEADER = "STATION,ELEMENT,VTYPE,DT,VAL,FLAG,QUALITY"
META = "WSI,GH_ID,FULL_NAME,GEOGR1,GEOGR2,ELEVATION,BEGIN_DATE,END_DATE"
LIBEREC = [WSI, "U2LIBC01", "Liberec", 15.02389, 50.76972, 397.7, "2013-01-01T00:00:00Z", "3999-12-31T23:59:00Z"]


def rain(first: str = "2019-01-01", days: int = 730, seed: int = 1) -> pd.Series:
    """Invented daily rain: about 850 mm a year with one decimal."""
    chance = np.random.default_rng(seed)
    wet = chance.random(days) < 0.5
    mm = np.where(wet, np.round(chance.exponential(4.6, days), 1), 0.0)
    mm[[0, -1]] = 1.3, 2.4  # a record ends with days that are known
    return pd.Series(mm, index=pd.date_range(first, periods=days), name="rain_mm")


def collection(header: str, rows: list[list]) -> str:
    return json.dumps({"data": {"type": "DataCollection", "data": {"header": header, "values": rows}}})


def chmi_rows(series: pd.Series, wsi: str = WSI) -> list[list]:
    """Rows as ČHMÚ gives them: other elements, other sums of the same rain, temperatures, null where NaN."""
    rows: list[list] = []
    for day, mm in series.items():
        value = None if np.isnan(mm) else mm
        rows.append([wsi, "SRA", "06:00", f"{day:%Y-%m-%d}T06:00:00Z", value, "", 0.0])
        rows.append([wsi, "SRA", "18:00", f"{day:%Y-%m-%d}T18:00:00Z", value, "", 0.0])
        rows.append([wsi, "T", "AVG", f"{day:%Y-%m-%d}T00:00:00Z", 8.5, "", 0.0])
        rows.append([wsi, "T", "07:00", f"{day:%Y-%m-%d}T07:00:00Z", -30.0, "", 0.0])
        rows.append([wsi, "SNO", "06:00", f"{day:%Y-%m-%d}T06:00:00Z", 7, "", 0.0])
    return rows


def chmi_json(series: pd.Series, wsi: str = WSI) -> str:
    return collection(HEADER, chmi_rows(series, wsi))


def chmi_csv(series: pd.Series) -> str:
    """A file of historical_csv: its lines end with a comma, its times have no seconds."""
    lines = ["STATION,ELEMENT,TIMEFUNC,DT,VALUE,FLAG,QUALITY,"]
    for day, mm in series.items():
        value = "" if np.isnan(mm) else f"{mm}"
        lines.append(f"{WSI},SRA,06:00,{day:%Y-%m-%d}T06:00Z,{value},,0.0,")
        lines.append(f"{WSI},SRA,SUM,{day:%Y-%m-%d}T00:00Z,{value},,0.0,")
    return "\n".join(lines) + "\n"


def meta1(*rows: list) -> str:
    return collection(META, [list(row) for row in rows or (LIBEREC,)])


def by_months(series: pd.Series) -> list[list]:
    """Rows year, month, 1 to 31; empty where no day or no value is."""
    rows = []
    for month, values in series.groupby(pd.DatetimeIndex(series.index).to_period("M")):
        known = {day.day: value for day, value in values.items() if not np.isnan(value)}
        rows.append([month.year, month.month, *(known.get(day) for day in range(1, 32))])
    return rows


def workbook(series: pd.Series, title: str = "úhrn srážek") -> bytes:
    """A ČHMÚ workbook: other elements, three lines above the heading."""
    book = Workbook()
    book.active.title = "teplota průměrná"
    days = pd.DatetimeIndex(series.index)
    for sheet, values in ((book.active, series * 0.0 + 8.5), (book.create_sheet(title), series)):
        for line in ("Liberec (U2LIBC01)", "Denní data", ""):
            sheet.append([line])
        sheet.append(["rok", "měsíc", *(f"{day}." for day in range(1, 32))])
        for row in by_months(values):
            sheet.append(row)
    book.create_sheet("nový sníh").append(["rok", days[0].year])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sections(series: pd.Series, element: str = "Denní úhrn srážek [SRA, mm]") -> str:
    """A text table of ČHMÚ: sections, decimal commas without a leading zero, a station that moved."""
    head = [
        *("#OPEN_EXPORT: 2020.4.14.1354", "#Stažením souhlasíte s podmínkami užití těchto dat.", " ", "METADATA"),
        "Stanice ID;Jméno stanice;Začátek měření;Konec měření;Zeměpisná délka;Zeměpisná šířka;Nadmořská výška",
        "U2LIBC01;Liberec;01.01.1961;31.12.2012;15,025;50,7692;398",
        "U2LIBC01;Liberec;01.01.2013;31.12.2020;15,02389;50,76972;397,7",
        *(" ", "PŘÍSTROJE", "Přístroj;Začátek měření;Konec měření;Výška přístroje", "Srážkoměr;01.01.1961;;1", " "),
        *("PRVEK", element, " ", "Popis:", "Hodnota - hodnota prvku", " ", "DATA", "Rok;Měsíc;Den;Hodnota;Příznak"),
    ]
    cells = [("" if np.isnan(mm) else f"{mm:.1f}".replace(".", ",")).removeprefix("0") for mm in series]
    lines = [f"{day:%Y;%m;%d};{cell};" for day, cell in zip(series.index, cells, strict=True)]
    return "\r\n".join(head + lines) + "\r\n"


def zipped(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def dly(series: pd.Series, station: str = "EZE00100082", element: str = "PRCP") -> str:
    """A GHCN-Daily station file: fixed columns, tenths, -9999."""
    lines = []
    for month, values in series.groupby(pd.DatetimeIndex(series.index).to_period("M")):
        known = {day.day: value for day, value in values.items() if not np.isnan(value)}
        cells = [f"{round(10 * known[day]):5d}  E" if day in known else "-9999   " for day in range(1, 32)]
        assert monthrange(month.year, month.month)[1] >= max(known, default=0)
        lines.append(f"{station}{month.year}{month.month:02d}{element}{''.join(cells)}")
    return "\n".join(lines) + "\n"


def by_year(series: pd.Series, station: str = "EZE00100082") -> str:
    lines = [f"{station},{day:%Y%m%d},PRCP,{round(10 * mm)},,,E," for day, mm in series.items() if not np.isnan(mm)]
    return "\n".join(lines) + "\n"


def plain(series: pd.Series, mark: str = ";", decimal: str = ",", heading: str = "datum;srážky [mm]") -> str:
    cells = [("" if np.isnan(mm) else f"{mm}").replace(".", decimal) for mm in series]
    lines = [f"{day:%Y-%m-%d}{mark}{cell}" for day, cell in zip(series.index, cells, strict=True)]
    return "\n".join([*([heading.replace(";", mark)] if heading else []), *lines]) + "\n"


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
