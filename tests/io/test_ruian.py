"""RÚIAN exchange format: footprints not points, unknown stays unknown, hostile files end in a sentence."""

import gzip
import io
import time
import zipfile
from pathlib import Path

import pytest

from lk_spatial.core.errors import LkError
from lk_spatial.core.notices import Notice, collect_notices
from lk_spatial.io import ruian
from lk_spatial.io.buildings import read_buildings

HEAD = """<?xml version="1.0" encoding="UTF-8"?>{before}
<vf:VymennyFormat xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:com="urn:cz:isvs:ruian:schemas:CommonTypy:v1" xmlns:soi="urn:cz:isvs:ruian:schemas:StavObjIntTypy:v1"
 xmlns:vf="urn:cz:isvs:ruian:schemas:VymennyFormatTypy:v1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{schema}"><vf:Hlavicka>
<vf:VerzeVFR>3.1</vf:VerzeVFR>
<vf:TypZaznamu>Platne</vf:TypZaznamu><vf:TypDavky>{batch}</vf:TypDavky><vf:TypSouboru>OB_UKSH</vf:TypSouboru>
</vf:Hlavicka><vf:Data><vf:StavebniObjekty>"""
SCHEMA = "urn:cz:isvs:ruian:schemas:VymennyFormatTypy:v1 ../ruian/xsd/vymenny_format/VymennyFormatTypy.xsd"
TAIL = "</vf:StavebniObjekty></vf:Data></vf:VymennyFormat>"
CRS = 'srsName="urn:ogc:def:crs:EPSG::5514" srsDimension="2"'


def building(code: int, attributes: str = "", footprint: bool = True, x: int = -688_000) -> str:
    """A building with all three geometry columns."""
    position = f"<gml:pos>{x + 5} -974005</gml:pos>"
    point = f'<soi:DefinicniBod><gml:Point gml:id="D{code}" {CRS}>{position}</gml:Point></soi:DefinicniBod>'
    area = ""
    for number, name in enumerate(("OriginalniHranice", "OriginalniHraniceOmpv")):
        size = 10 + number * 50
        ring = f"{x} -974000 {x} {-974000 - size} {x + size} {-974000 - size} {x + size} -974000 {x} -974000"
        area += (
            f'<soi:{name}><gml:MultiSurface gml:id="{name}{code}" {CRS}><gml:surfaceMember>'
            f'<gml:Polygon gml:id="P{name}{code}"><gml:exterior><gml:LinearRing><gml:posList>{ring}</gml:posList>'
            f"</gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></soi:{name}>"
        )
    return (
        f'<vf:StavebniObjekt gml:id="SO.{code}"><soi:Kod>{code}</soi:Kod>{attributes}'
        f"<soi:Geometrie>{point}{area if footprint else ''}</soi:Geometrie></vf:StavebniObjekt>"
    )


def element(name: str, value: object) -> str:
    return f"<soi:{name}>{value}</soi:{name}>"


BUILDINGS = (
    building(
        11,
        element("ZpusobVyuzitiKod", 6)
        + element("Dokonceni", "1974-05-01T00:00:00")
        + element("DruhKonstrukceKod", 9)
        + element("PocetPodlazi", 8)
        + element("PripojeniKanalizaceKod", 1),
    ),
    building(12, element("ZpusobVyuzitiKod", 7) + element("PripojeniKanalizaceKod", 3), x=-687_900),
    building(13, element("PocetPodlazi", 0) + element("PripojeniKanalizaceKod", 9), x=-687_800),
    building(14, element("ZpusobVyuzitiKod", 18), footprint=False, x=-687_700),
    building(15, element("ZpusobVyuzitiKod", 77) + element("Dokonceni", "0001-01-01T00:00:00"), x=-687_600),
)


def vfr(batch: str = "Plna", before: str = "", content: str = "".join(BUILDINGS)) -> bytes:
    return (HEAD.format(batch=batch, before=before, schema=SCHEMA) + content + TAIL).encode()


def save(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(content))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("20260101_OB_563889_UKSH.xml", content)
    else:
        path.write_bytes(content)
    return path


def read(path: Path, **options: object) -> tuple[object, list[Notice]]:
    with collect_notices() as notices:
        return read_buildings(path, **options), notices


def refusal(path: Path) -> str:
    started = time.monotonic()
    with pytest.raises(LkError) as error:
        read(path)
    assert time.monotonic() - started < 15, "refused, but too late"
    for lang in ("en", "cs"):
        assert "\n" not in error.value.sentence(lang) and "{" not in error.value.sentence(lang)
    return error.value.code


@pytest.mark.parametrize("name", ["a.xml", "a.xml.gz", "a.xml.zip", "Žluťoučký kůň.xml.zip"])
def test_footprints_and_attributes_of_a_small_file(tmp_path: Path, name: str) -> None:
    path = save(tmp_path, name, vfr())
    frame, notices = read(path)
    assert frame["building_id"].tolist() == ["11", "12", "13", "15"] and set(frame["part_id"]) == {"1"}
    assert frame.area.tolist() == [100.0] * 4, "OriginalniHranice, neither points nor the OMPV boundary"
    assert frame["use"].tolist() == ["apartments", "family_house", None, None]
    assert frame["use_source"].tolist() == ["RÚIAN", "RÚIAN", None, "RÚIAN"]
    assert frame["storeys"].tolist()[0] == 8 and frame["storeys"].isna().tolist() == [False, True, True, True]
    assert frame["year_built"].tolist()[0] == 1974 and frame["year_built"].isna().tolist() == [False, True, True, True]
    assert frame["sewer"].tolist() == [None, "none", None, None], "connected, but RÚIAN does not say to which sewer"
    codes = {each.code: each.values for each in notices}
    assert codes["geometry_empty"]["ids"] == "14" and codes["geometry_empty"]["count"] == 1
    assert codes["attribute_not_understood"]["values"] == ["ruian 77 (1×)"]
    assert set(codes) == {"geometry_empty", "attribute_not_understood", "attribute_out_of_range"}
    assert sorted(each.name for each in tmp_path.iterdir()) == [name], "no side file is left next to the input"


def test_columns_of_ruian_can_be_mapped(tmp_path: Path) -> None:
    frame, _ = read(save(tmp_path, "a.xml", vfr()), fields=["persons=PocetPodlazi"])
    assert frame["persons"].tolist()[0] == 8


def test_real_incremental_file(shared_data: Path) -> None:
    path = shared_data / "ruian" / "ST_ZKSH.xml.gz"
    frame, notices = read(path, anywhere=True)
    row = frame.iloc[0]
    assert len(frame) == 1 and row["building_id"] == "24851779" and row["use"] == "public" and row["storeys"] == 1
    assert {"vfr_incremental", "geometry_empty", "outside_region"} <= {each.code for each in notices}
    assert row.geometry.area == pytest.approx(346.972, abs=0.001)
    assert refusal(path) == "crs_outside"


BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)


@pytest.mark.parametrize("name", ["a.xml", "a.xml.gz", "a.xml.zip"])
@pytest.mark.parametrize(
    "before",
    [BOMB, '<!DOCTYPE x SYSTEM "file:///etc/passwd">', "<!--" + "x" * 3_000_000 + "-->" + BOMB],
    ids=["entities", "external", "late"],
)
def test_document_types_are_refused(tmp_path: Path, name: str, before: str) -> None:
    assert refusal(save(tmp_path, name, vfr(before=before))) == "xml_doctype"


@pytest.mark.parametrize("name", ["bomb.xml.gz", "bomb.xml.zip"])
def test_packed_bombs_are_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruian, "_FREE_SIZE", 1 << 20)
    blanks = b" " * (48 << 20)
    assert refusal(save(tmp_path, name, vfr().replace(b"</vf:Data>", blanks + b"</vf:Data>"))) == "xml_bomb"


def test_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    path = save(tmp_path, "a.xml.zip", vfr())
    raw = path.read_bytes()
    real = len(vfr()).to_bytes(4, "little")
    assert raw.count(real) >= 2
    path.write_bytes(raw.replace(real, (10).to_bytes(4, "little")))
    assert refusal(path) == "xml_damaged"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.xml.gz", gzip.compress(vfr())[:-200]),
        ("cut.xml", vfr()[:-100]),
        ("no.xml.gz", b"this is no gzip"),
        ("no.xml.zip", b"this is no zip"),
        ("empty.xml", b""),
        ("text.xml", b"hello"),
        ("flipped.xml.gz", gzip.compress(vfr())[:-8] + b"\0" * 8),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name) == "xml_damaged"


def test_zip_with_several_members_or_none(tmp_path: Path) -> None:
    for count in (0, 2):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("readme.txt", "x")
            for number in range(count):
                archive.writestr(f"{number}.xml", vfr())
        (tmp_path / "a.xml.zip").write_bytes(buffer.getvalue())
        assert refusal(tmp_path / "a.xml.zip") == "vfr_zip_members"


def test_other_xml_is_read_as_any_vector_file_and_missing_is_missing(tmp_path: Path) -> None:
    (tmp_path / "other.xml").write_text("<page><title>nothing</title></page>")
    assert refusal(tmp_path / "other.xml") == "vector_unreadable"
    assert refusal(tmp_path / "missing.xml") == "vector_missing"


def test_file_without_buildings(tmp_path: Path) -> None:
    assert refusal(save(tmp_path, "a.xml", vfr(content=""))) == "vfr_without_buildings"
    only_points = building(1, footprint=False)
    assert refusal(save(tmp_path, "b.xml", vfr(content=only_points))) == "vector_without_geometry"
