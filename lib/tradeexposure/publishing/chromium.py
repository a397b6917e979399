"""The machine's headless Chromium, where there is one: it prints the brief and takes pictures of first screens."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.publishing import edition_index, manifest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_INSTALL = f"one of {', '.join(BROWSERS)} on PATH (Debian and Ubuntu: apt-get install chromium)"
FLAGS = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
PRINTS = {"pdf": "--print-to-pdf", "png": "--screenshot"}
SECONDS = 120
#: A laptop's screen, drawn at half its size.
SCREEN = ("--window-size=1280,900", "--force-device-scale-factor=0.5", "--hide-scrollbars")
#: The window is narrow so that charts are loaded as drawn for a phone: two of them stand beside each other on paper.
PAPER = ("--window-size=600,900", "--no-pdf-header-footer")
MADE = re.compile(rb"\(D:\d{14}\+00'00'\)")  # when Chromium printed
LINK = re.compile(rb"\(file://([^()#]*)(#?[^()]*)\)")  # to another page, as Chromium wrote it: absolute
NODE = re.compile(rb"\(node(\d{8})\)")  # how Chromium happened to number what it drew, in the tree for screen readers


def executable(asked: str) -> str:
    """Where it is; :class:`BadInput` of what was `asked` for without one."""
    there = next(filter(None, map(shutil.which, BROWSERS)), None)
    if there is None:
        raise BadInput(asked, found="no Chromium", allowed=HOW_TO_INSTALL)
    return there


def rendered(browser: str, page: Path, kind: str, *flags: str) -> bytes:
    """What Chromium makes of a page.

    Parameters
    ----------
    browser : str
        As of :func:`executable`.
    page : Path
        A file.
    kind : str
        Of file: a key of :data:`PRINTS`.

    Raises
    ------
    RunFailed
        It wrote nothing.
    """
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # its sandbox refuses root
    with tempfile.TemporaryDirectory() as aside:
        target = Path(aside, f"made.{kind}")
        command = [browser, *FLAGS, *flags, *root, f"--user-data-dir={aside}/profile", f"{PRINTS[kind]}={target}",
                   page.resolve().as_uri()]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=SECONDS)
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise RunFailed(f"{paths.relative(page)}: {browser} did not print it: {error}") from None


def brief_page(folder: Path) -> Path:
    """The page of the brief in an edition.

    Raises
    ------
    BadInput
        No edition, or one without a brief.
    """
    pages = [page for page in _pages("brief", folder) if page.stem.endswith("_brief")]
    if not pages or not pages[0].is_file():
        shown = f"{paths.relative(folder)}, which has no page of a brief"
        raise BadInput("brief", found=shown, allowed="an edition with one")
    return pages[0]


def _pages(asked: str, folder: Path) -> list[Path]:
    """The pages of an edition, in reading order; :class:`BadInput` of what was `asked` for where that is none."""
    record = manifest.read(folder)
    if not record:
        raise BadInput(asked, found=paths.relative(folder), allowed="an edition; type: tradeexposure run SCENARIO")
    return [folder / page["file"] for page in record["pages"]]


def print_brief(folder: Path) -> Path:
    """Print the brief of an edition beside it in each of its languages, and offer it on the front page.

    Two prints of one edition are the same bytes on one machine: the edition's time stands for that of printing. Its
    manifest notes what was printed.

    Raises
    ------
    BadInput
        No edition, no brief in it, one that was altered, or no Chromium.
    RunFailed
        Chromium printed nothing.
    """
    page, record, browser = brief_page(folder), manifest.read(folder), executable("--pdf")
    languages, printed = record.get("languages", [manifest.ENGLISH]), {}
    manifest.refuse_altered(folder, record, [manifest.address(page.name, language) for language in languages])
    for language in languages:
        sheets = rendered(browser, folder / manifest.address(page.name, language), "pdf", *PAPER)
        written = folder / manifest.PRINTED_IN[language]
        files.write_if_changed(written, reproducible(sheets, record, folder))
        printed[written.name] = manifest.digest_at(written)
    record[manifest.RUN] = {**record.get(manifest.RUN, {}), "printed": printed}
    files.write_if_changed(folder / manifest.NAME, manifest.dump(record))
    edition_index.write_index(folder.parent)
    return folder / manifest.PRINTED


def reproducible(printed: bytes, record: Mapping[str, Any], folder: Path) -> bytes:
    """A print of the edition in `folder` as it comes out each time; what is replaced keeps its length, as offsets ask.

    The edition's time, of its manifest `record`, stands for that of printing; nodes are numbered from 1 in their order;
    links lead from the print, so that no path of this machine is in it.
    """
    digits = re.sub(r"\D", "", manifest.finished(record)).ljust(14, "0")[:14]
    dated = MADE.sub(b"(D:" + digits.encode() + b"+00'00')", printed)
    ranks = {name: b"(node%08d)" % rank for rank, name in enumerate(sorted(set(NODE.findall(dated))), 1)}
    numbered = NODE.sub(lambda match: ranks[match[1]], dated)
    start = folder.resolve().as_uri().removeprefix("file://")

    def shorter(link: re.Match[bytes]) -> bytes:
        place = os.path.relpath(link[1].decode(), start).encode()
        return (b"(" + place + link[2] + b")").ljust(len(link[0]))

    return LINK.sub(shorter, numbered)


def pages_of(folder: Path) -> list[Path]:
    """The pages over all editions and those of one edition, in reading order.

    Raises
    ------
    BadInput
        No edition.
    """
    own = _pages("headlines", folder)
    return [*sorted(page for page in folder.parents[1].glob("*.html") if len(page.suffixes) == 1), *own]  # English


def take_first_screens(folder: Path) -> list[Path]:
    """Take pictures of what a reader sees first of each page, into the folder ``headlines`` beside the editions'.

    No digest of an edition holds them: letters are the machine's.

    Raises
    ------
    BadInput
        No edition, or no Chromium.
    RunFailed
        Chromium made no picture.
    """
    shown, browser, taken = pages_of(folder), executable("headlines"), []
    for page in shown:
        taken.append(folder.parents[1] / "headlines" / f"{page.stem}.png")
        files.write_if_changed(taken[-1], rendered(browser, page, "png", *SCREEN))
    return taken
