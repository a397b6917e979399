"""``tradeexposure explain ID --open``: the browser is given the number's row, which stands open and leads on."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from urllib.parse import unquote

import pytest
from browsing.tabs import Opener

from tradeexposure.cli import main
from tradeexposure.core import results_csv

EDITION = Path(__file__).resolve().parents[2] / "reports" / "published" / "deal_2026"


def test_the_browser_shows_the_row_and_how_it_is_made(
    tabs: Opener, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last one of a notebook, which is folded in."""
    rows = results_csv.read(EDITION / "results.csv")
    result_id = str(rows.loc[rows["notebook"] == "40_estimate_canola_price", "result_id"].iloc[-1])
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    assert main(["explain", result_id, "--open"]) == 0
    printed = capsys.readouterr().out
    assert result_id in printed and "made in" in printed
    (address,) = addresses
    path, _, anchor = unquote(address.removeprefix("file://")).partition("#")
    assert (Path(path), anchor) == (EDITION / "40_estimate_canola_price.html", f"number-{result_id}")
    page, _ = tabs(Path(path), end=f"#{address.partition('#')[2]}")
    row = page.locator(f"[id='{anchor}']")
    assert row.is_visible() and row.evaluate("row => row.matches(':target')")
    row.locator("a.how").click()
    way = page.locator(".way:target")
    way.wait_for(state="visible")  # the page hears of its new address a little later
    assert way.locator("dt").count()
