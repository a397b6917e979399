"""``tradeexposure explain ID --open``: the browser is given the number's row, which stands open and leads on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from tradeexposure.core import results_csv

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
EDITION = ROOT / "reports" / "published" / "deal_2026"
BROWSER = '#!/bin/sh\nprintf \'%s\' "$1" > "$(dirname "$0")/asked"\n'


def asked_for(folder: Path, result_id: str) -> str:
    """The address that a browser is given."""
    script = folder / "browser"
    script.write_text(BROWSER, "utf-8")
    script.chmod(0o755)
    ended = subprocess.run(
        [sys.executable, "-m", "tradeexposure.cli", "explain", result_id, "--open"], capture_output=True, text=True,
        cwd=ROOT, env={**os.environ, "BROWSER": f"{script} %s", "PYTHONSAFEPATH": "1"}, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert result_id in ended.stdout and "made in" in ended.stdout
    return (folder / "asked").read_text("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="the browser is a shell script")
def test_the_browser_shows_the_row_and_how_it_is_made(tmp_path: Path, browser: Browser) -> None:
    """The last one of a notebook, which is folded in."""
    rows = results_csv.read(EDITION / "results.csv")
    result_id = str(rows.loc[rows["notebook"] == "40_estimate_canola_price", "result_id"].iloc[-1])
    address = asked_for(tmp_path, result_id)
    path, _, anchor = unquote(address.removeprefix("file://")).partition("#")
    assert (Path(path), anchor) == (EDITION / "40_estimate_canola_price.html", f"number-{result_id}")
    page = browser.new_page(offline=True)
    page.goto(address)
    row = page.locator(f"[id='{anchor}']")
    assert row.is_visible() and row.evaluate("row => row.matches(':target')")
    row.locator("a.how").click()
    way = page.locator(".way:target")
    way.wait_for(state="visible")  # the page hears of its new address a little later
    assert way.locator("dt").count()
    page.close()
