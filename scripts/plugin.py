"""Build the QGIS plugin's zip, install it into a profile, or link the repository into one (standard library only).

    python3 scripts/plugin.py build                 → dist/lk_spatial_qgis-<version>.zip
    python3 scripts/plugin.py install PROFILE       the zip, unpacked and enabled
    python3 scripts/plugin.py link PROFILE          symbolic links to the repository, enabled

PROFILE is QGIS_CUSTOM_CONFIG_PATH or QGIS's --profiles-path; its profile "default" is used.
"""

import argparse
import configparser
import re
import shutil
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "lk_spatial_qgis"  # never lk_spatial: plugin folders are on sys.path and would hide the library
LIMIT_BYTES = 25_000_000  # plugins.qgis.org
LEFT_OUT = ("__pycache__", ".pyc", ".ts")
SAME_TIME = (2020, 1, 1, 0, 0, 0)  # the same files give the same zip


def contents(root=ROOT):
    """Return {path inside the plugin: file in the repository}."""
    found = {path.relative_to(root / "qgis_plugin").as_posix(): path for path in _files(root / "qgis_plugin")}
    for folder, source in (("styles", "lk_spatial/data/styles"), ("models", "models")):
        for path in _files(root / source):
            found["{}/{}".format(folder, path.relative_to(root / source).as_posix())] = path
    found["fields.csv"] = root / "lk_spatial/data/fields.csv"
    for name in ("metadata.txt", "LICENSE"):
        found[name] = root / name
    missing = [name for name, path in found.items() if not path.is_file()]
    if missing:
        raise SystemExit("missing for the plugin: " + ", ".join(missing))
    return dict(sorted(found.items()))


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and not _left_out(path)]


def _left_out(path):
    return any(mark in path.as_posix() for mark in LEFT_OUT) or path.name.startswith(".")


def version(root=ROOT):
    """Return metadata.txt's version; the library must have the same one."""
    metadata = configparser.ConfigParser()
    metadata.read(root / "metadata.txt", encoding="utf-8")
    stated = metadata["general"]["version"]
    source = (root / "lk_spatial/__init__.py").read_text(encoding="utf-8")
    library = re.search(r'^__version__ = "(.+)"', source, re.MULTILINE)
    if library is None or library.group(1) != stated:
        raise SystemExit("metadata.txt says version {}, lk_spatial/__init__.py another".format(stated))
    return stated


def build(folder=ROOT / "dist", root=ROOT):
    """Write the zip and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "{}-{}.zip".format(NAME, version(root))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in contents(root).items():
            entry = zipfile.ZipInfo("{}/{}".format(NAME, name), SAME_TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    if target.stat().st_size > LIMIT_BYTES:
        raise SystemExit("{} is larger than 25 MB".format(target))
    return target


def install(profiles, root=ROOT):
    """Unpack the zip into the profile, enable it, and return the plugin's folder."""
    folder = _empty_place(profiles)
    with zipfile.ZipFile(build(root=root)) as packed:
        packed.extractall(folder.parent)
    _enable(profiles)
    return folder


def link(profiles, root=ROOT):
    """Link the repository's files into the profile, enable them, and return the plugin's folder."""
    folder = _empty_place(profiles)
    folder.mkdir()
    for name in sorted({name.split("/")[0] for name in contents(root)}):
        inside = {"styles": "lk_spatial/data/styles", "models": "models", "fields.csv": "lk_spatial/data/fields.csv"}
        source = root / (inside.get(name) or ("" if name in ("metadata.txt", "LICENSE") else "qgis_plugin/") + name)
        (folder / name).symlink_to(source)
    _enable(profiles)
    return folder


def _empty_place(profiles):
    folder = profiles / "profiles/default/python/plugins" / NAME
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.is_dir():
        shutil.rmtree(folder)
    return folder


def _enable(profiles):
    """Write into QGIS3.ini that the plugin is switched on; everything else in the file stays."""
    path = profiles / "profiles/default/QGIS/QGIS3.ini"
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = configparser.RawConfigParser(strict=False)
    settings.optionxform = str  # Qt's keys are case-sensitive
    settings.read(path, encoding="utf-8")
    if not settings.has_section("PythonPlugins"):
        settings.add_section("PythonPlugins")
    settings.set("PythonPlugins", NAME, "true")
    with path.open("w", encoding="utf-8") as out:
        settings.write(out, space_around_delimiters=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("build", "install", "link"))
    parser.add_argument("profile", nargs="?", type=Path)
    given = parser.parse_args()
    if given.what == "build":
        print(build())
    elif given.profile is None:
        parser.error("which profile?")
    else:
        print({"install": install, "link": link}[given.what](given.profile.resolve()))


if __name__ == "__main__":
    main()
