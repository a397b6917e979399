"""The machine's headless Chromium, where there is one: it prints pages and takes pictures of their first screens."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.publishing import manifest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_INSTALL = f"one of {', '.join(BROWSERS)} on PATH (Debian and Ubuntu: apt-get install chromium)"
FLAGS = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
MADE = {"pdf": "--print-to-pdf", "png": "--screenshot"}
SECONDS = 120
#: A laptop's screen, drawn at half its size.
SCREEN = ("--window-size=1280,900", "--force-device-scale-factor=0.5", "--hide-scrollbars")


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
        Of file: a key of :data:`MADE`.

    Raises
    ------
    RunFailed
        It wrote nothing.
    """
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # its sandbox refuses root
    with tempfile.TemporaryDirectory() as aside:
        target = Path(aside, f"made.{kind}")
        command = [browser, *FLAGS, *flags, *root, f"--user-data-dir={aside}/profile", f"{MADE[kind]}={target}",
                   page.resolve().as_uri()]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=SECONDS)
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise RunFailed(f"{paths.relative(page)}: {browser} did not print it: {error}") from None


def pages_of(folder: Path) -> list[Path]:
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
