"""The brief on paper: its page printed by a headless Chromium, where there is one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import chromium, edition_index, manifest

#: The window is narrow so that charts are loaded as drawn for a phone: two of them stand beside each other on paper.
PAPER = ("--window-size=600,900", "--no-pdf-header-footer")
MADE = re.compile(rb"\(D:\d{14}\+00'00'\)")  # when Chromium printed
LINK = re.compile(rb"\(file://([^()#]*)(#?[^()]*)\)")  # to another page, as Chromium wrote it: absolute
NODE = re.compile(rb"\(node(\d{8})\)")  # how Chromium happened to number what it drew, in the tree for screen readers


def page_of(folder: Path) -> Path:
    """The page of the brief in an edition.

    Raises
    ------
    BadInput
        No edition, or one without a brief.
    """
    record, shown = manifest.read(folder), paths.relative(folder)
    if not record:
        raise BadInput("brief", found=shown, allowed="an edition; type: tradeexposure run SCENARIO")
    pages = [folder / page["file"] for page in record["pages"] if Path(page["file"]).stem.endswith("_brief")]
    if not pages or not pages[0].is_file():
        raise BadInput("brief", found=f"{shown}, which has no page of a brief", allowed="an edition with one")
    return pages[0]


def write(folder: Path) -> Path:
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
    page, record, browser = page_of(folder), manifest.read(folder), chromium.executable("--pdf")
    languages, printed = record.get("languages", [manifest.ENGLISH]), {}
    manifest.refuse_altered(folder, record, [manifest.address(page.name, language) for language in languages])
    for language in languages:
        sheets = chromium.rendered(browser, folder / manifest.address(page.name, language), "pdf", *PAPER)
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
    digits = re.sub(r"\D", "", str(record.get(manifest.RUN, {}).get("finished", ""))).ljust(14, "0")[:14]
    dated = MADE.sub(b"(D:" + digits.encode() + b"+00'00')", printed)
    ranks = {name: b"(node%08d)" % rank for rank, name in enumerate(sorted(set(NODE.findall(dated))), 1)}
    numbered = NODE.sub(lambda match: ranks[match[1]], dated)
    start = folder.resolve().as_uri().removeprefix("file://")

    def shorter(link: re.Match[bytes]) -> bytes:
        place = os.path.relpath(link[1].decode(), start).encode()
        return (b"(" + place + link[2] + b")").ljust(len(link[0]))

    return LINK.sub(shorter, numbered)
