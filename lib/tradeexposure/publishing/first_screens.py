"""Pictures of what a reader sees first of each page, for whoever judges the pages without opening them."""

from __future__ import annotations

from pathlib import Path

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import chromium, manifest

#: A laptop's screen, drawn at half its size.
SCREEN = ("--window-size=1280,900", "--force-device-scale-factor=0.5", "--hide-scrollbars")


def pages(folder: Path) -> list[Path]:
    """The pages over all editions and those of one edition, in reading order.

    Raises
    ------
    BadInput
        No edition.
    """
    record, shown = manifest.read(folder), paths.relative(folder)
    if not record:
        raise BadInput("headlines", found=shown, allowed="an edition; type: tradeexposure run SCENARIO")
    over = sorted(page for page in folder.parents[1].glob("*.html") if len(page.suffixes) == 1)  # English alone
    return [*over, *(folder / page["file"] for page in record["pages"])]


def write(folder: Path) -> list[Path]:
    """Take the pictures into the folder ``headlines`` beside that of the editions.

    No digest of an edition holds them: letters are the machine's.

    Raises
    ------
    BadInput
        No edition, or no Chromium.
    RunFailed
        Chromium made no picture.
    """
    shown, browser, taken = pages(folder), chromium.executable("headlines"), []
    for page in shown:
        taken.append(folder.parents[1] / "headlines" / f"{page.stem}.png")
        files.write_if_changed(taken[-1], chromium.made(browser, page, "png", *SCREEN))
    return taken
