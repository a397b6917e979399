"""A release of the last commit: wheel, source archive, and one zip that is ready to deposit.

    python tools/release.py [SCENARIO]

Written to ``reports/_build/release``. Two runs on one commit give the same bytes. Tags and deposits
are for a person.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import badges

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "reports" / "_build" / "release"
#: What goes into the deposit beside the edition, wheel and source archive.
BESIDE = ("CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md", "data/CODEBOOK.md", "data/datapackage.json")
BUILD = """import sys
from setuptools import build_meta
place = sys.argv[1]  # setuptools takes the arguments for its own
build_meta.build_wheel(place), build_meta.build_sdist(place)
"""


def git(*arguments: str) -> bytes:
    """What git prints, run in the project."""
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout


def zipped(files: Iterable[tuple[str, bytes]], moment: datetime) -> bytes:
    """A zip archive of files by name, all of one moment, in the order of their names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in sorted(files):
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, raw)
    return content.getvalue()


def dated(raw: bytes, moment: datetime) -> bytes:
    """A source archive with `moment` as the time of everything in it, which setuptools takes from the clock."""
    content = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(raw)) as before,
        gzip.GzipFile(fileobj=content, mode="wb", filename="", mtime=int(moment.timestamp())) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as after,
    ):
        for entry in sorted(before.getmembers(), key=lambda each: each.name):
            entry.mtime, entry.pax_headers = int(moment.timestamp()), {}
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            after.addfile(entry, before.extractfile(entry) if entry.isfile() else None)
    return content.getvalue()


def build(source: Path, place: Path, moment: datetime) -> list[tuple[str, bytes]]:
    """Wheel and source archive of a folder that holds the project."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(moment.timestamp()))}
    command = [sys.executable, "-c", BUILD, str(place)]
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    [wheel], [archive] = place.glob("*.whl"), place.glob("*.tar.gz")
    return [(wheel.name, wheel.read_bytes()), (archive.name, dated(archive.read_bytes(), moment))]


def refusal(scenario: str) -> str:
    """Why there is no release of an edition: a change or an edition in no commit, no edition, a draft; else empty."""
    if changed := git("status", "--porcelain").decode():
        return f"{changed.splitlines()[0][3:]}: found a change that is in no commit; commit it first"
    place = f"reports/published/{scenario}/manifest.json"
    if not (ROOT / place).is_file():
        known = ", ".join(sorted(path.parent.name for path in (ROOT / "reports" / "published").glob("*/manifest.json")))
        return f"reports/published: found no edition of {scenario}; allowed: {known}"
    if lacking := json.loads((ROOT / place).read_text("utf-8")).get("lacking"):
        return f"{place}: lacking: found {', '.join(lacking)}; allowed: an edition with every scenario, no draft"
    return "" if git("ls-tree", "HEAD", place) else f"{place}: found in no commit; commit the edition first"


def main(scenario: str = "deal_2026") -> int:
    """Build all of it; 2 and one line where it is refused."""
    if reason := refusal(scenario):
        print(f"error: {reason}", file=sys.stderr)
        return 2
    moment = datetime.fromtimestamp(int(git("show", "-s", "--format=%ct", "HEAD")), tz=UTC)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, "source"), Path(folder, "built")
        built.mkdir()
        with tarfile.open(fileobj=io.BytesIO(git("archive", "HEAD"))) as archive:
            archive.extractall(source, filter="data")
        files = build(source, built, moment)
        files += [(name, (source / name).read_bytes()) for name in BESIDE]
        inside = source / "reports" / "published" / scenario
        files += [(str(path.relative_to(inside)), path.read_bytes()) for path in inside.rglob("*") if path.is_file()]
    PLACE.mkdir(parents=True, exist_ok=True)
    name = f"tradeexposure-{version}-{scenario}.zip"
    for stem, raw in [*files[:2], (name, zipped(files, moment))]:
        (PLACE / stem).write_bytes(raw)
        print(f"{(PLACE / stem).relative_to(ROOT)}  {len(raw) / 1e6:.1f} MB")
    return 0


def write_badges() -> None:
    """Badges of what `pyproject.toml` states."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    badges.write("version", "version", project["version"])
    badges.write("python", "python", project["requires-python"].replace(">=", "").replace(",<3.14", " to 3.13"))


if __name__ == "__main__":
    if sys.argv[1:] == ["--badges"]:
        write_badges()
    else:
        sys.exit(main(*sys.argv[1:]))
