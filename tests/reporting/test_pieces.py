"""Pieces of a page: what a template fills in, and the same for JupyterLab."""

from __future__ import annotations

from dataclasses import asdict

from tradeexposure.reporting import pieces
from tradeexposure.reporting.pieces import Cell, Charge, Coming, Figure, Link, Row


def test_figures_carry_their_address_and_no_formula() -> None:
    bundle = pieces.headline_numbers(
        [Figure("C$5 m", "a year", "10_a_b.html#number-a.b"), Figure("84.8% → 14.9%", "the duty")]
    )
    assert bundle[pieces.MIME]["kind"] == "figures"
    assert [figure["address"] for figure in bundle[pieces.MIME]["items"]] == ["10_a_b.html#number-a.b", ""]
    assert bundle["text/markdown"].splitlines()[2] == r"- **C\$5 m** a year"
    assert "\\" not in bundle["text/plain"]


def test_outcomes_are_a_table_of_groups() -> None:
    first = Cell("+5", "1 to 9", 2, "#number-a.b")
    rows = (Row("The deal", "What if?", (first, Cell("no change")), edition="deal"),)
    bundle = pieces.outcomes("If …", ("A", "B"), {"Compared with x": rows}, caption="Change")
    assert bundle[pieces.MIME]["groups"][0]["rows"][0]["cells"][0] == asdict(first)
    assert bundle["text/plain"].splitlines()[-2:] == [
        "| *Compared with x* | – | – |",
        "| The deal | +5 (1 to 9) | no change |",
    ]


def test_links_stand_under_their_titles() -> None:
    bundle = pieces.links({"Growers": (Link("Farms", "#farms"), Link("Prices", "40_x.html", "none"))}, columns=5)
    assert bundle[pieces.MIME]["columns"] == 5
    assert bundle["text/plain"] == "**Growers**\n\n- [Farms](#farms)\n- [Prices](40_x.html): none"


def test_charges_and_dates_are_lists_in_a_notebook() -> None:
    charge = Charge("Meal", "into China", ("100% suspended",), "to 31 Dec 2026", "5%", "2026-12-31")
    shown = pieces.charges([charge], as_of="As of 1 May 2026")
    assert "- **5%** Meal, into China: 100% suspended; to 31 Dec 2026" in shown["text/plain"]
    assert shown[pieces.MIME]["rows"][0]["last"] == "2026-12-31"
    coming = Coming("2026-12-31", "31 December 2026", "It ends", "Meal pays more.", "It costs C$1 m.")
    shown = pieces.dates([coming], [], as_of="As known")
    assert "- **31 December 2026** It ends. Meal pays more. It costs C$1 m." in shown["text/plain"]
    assert shown[pieces.MIME]["dates"][0]["counted"] is True
