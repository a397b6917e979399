"""Scenarios by outcome: groups, shades and signs, and the chart beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradeexposure.policy import scenarios
from tradeexposure.reporting import charts
from tradeexposure.reporting.claims import false_claims
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief.tables import SAME
from tradeexposure.scenarios.comparison import figures, tables
from tradeexposure.scenarios.comparison.inputs import BREAKDOWN, DEAL, RETALIATION, Compared
from tradeexposure.scenarios.comparison.tables import table
from tradeexposure.scenarios.front_page import reader_links

MONEY = Number("a.b", 5e8, 2e8, 1.2e9, 0.9, "CAD per year")


def numbers(name: str, value: float) -> dict[str, Number]:
    money = replace(MONEY, value=value, low=min(value, 0.9 * value), high=max(value, 0.9 * value))
    return {part: replace(money, key=f"{part}.{name}") for part in brief.HEADLINES}


@pytest.fixture
def comparison() -> Compared:
    """Invented numbers of the shipped scenarios, the licences of 2019 without cars."""
    known = {name: scenarios.load(name) for name in scenarios.names()}
    across = {name: numbers(name, 1e8 * (place - 6)) for place, name in enumerate(known)}
    for part in ("cars", "vehicles"):
        del across["licence_ban_2019"][part]
    lifted = across[tables.LIFTED]
    lifted["cars"] = replace(lifted["cars"], value=0.0, low=0.0, high=84_000.0)
    quoted = {tables.UNFILLED: Number(tables.UNFILLED, 0.51, None, None, None, "probability")}
    return Compared(quoted, across, known, numbers("deal_2026.beside", 3e7))  # type: ignore[arg-type]


def test_the_deal_comes_first_then_what_is_measured_against_it(comparison: Compared) -> None:
    groups = tables.grouped(comparison)
    titles = [comparison.title(name) for name in (comparison.scenarios[DEAL].against, "final_duty_2026", DEAL)]
    assert list(groups)[:3] == [f"Compared with “{title}”" for title in titles]
    own, second, *_ = groups.values()
    assert [[entry.scenario for entry in entries] for entries in (own, second)] == [[DEAL], [DEAL]]
    assert (own[0].numbers, second[0].numbers) == (comparison.deal, comparison.beside) and second[0].title == SAME
    listed = [entry.scenario for entries in groups.values() for entry in entries]
    assert sorted(listed) == sorted([*comparison.across, DEAL])
    for entries in groups.values():
        values = [entry.numbers["growers"].value for entry in entries]
        assert values == sorted(values, reverse=True)


def test_each_cell_leads_to_the_row_where_its_number_is_published(comparison: Compared) -> None:
    cells = [cell for group in tables.table(comparison).values() for row in group for cell in row.cells]
    led = [cell.address for cell in cells if cell.value != tables.NOT_MODELLED]
    published = {number.key for own in (*comparison.across.values(), comparison.beside) for number in own.values()}
    assert sorted(led) == sorted(reader_links.number_of("own", key) for key in published)
    assert {cell.address for cell in cells if cell.value == tables.NOT_MODELLED} == {""}
    shades = {
        row.edition: row.cells[0].shade for group in table(comparison).values() for row in group if row.title != SAME
    }
    assert [shades[name] for name in comparison.across] == [-3, -3, -3, -3, -2, -1, 0, 1, 2, 3, 3]  # the largest a loss


@pytest.mark.parametrize(
    ("value", "low", "high", "shade", "written", "span"),
    [
        (5e8, 2e8, 1.2e9, 3, "+C$500 m", "+C$200 m to +C$1.2 bn"),
        (3e8, 2e8, 4e8, 2, "+C$300 m", "+C$200 m to +C$400 m"),
        (-1e8, -2e8, -5e7, -1, "−C$100 m", "−C$200 m to −C$50 m"),
        (-9e8, -1e9, 1e8, 0, "−C$900 m", "−C$1.0 bn to +C$100 m"),
        (0.0, 0.0, 3e8, 0, "C$0", "C$0 to +C$300 m"),
        (0.0, 0.0, 0.0, 0, tables.NO_CHANGE, ""),
    ],
)
def test_a_shade_has_the_sign_and_the_size(
    value: float, low: float, high: float, shade: int, written: str, span: str
) -> None:
    cell = tables.cell(replace(MONEY, value=value, low=low, high=high), 1e9)
    assert (cell.shade, cell.value, cell.range) == (shade, written, span)


def test_a_broken_deal_that_growers_gain_by_and_a_scenario_without_a_row_are_no_longer_true(
    comparison: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = {name: numbers(name, -1e8) for name in (BREAKDOWN, RETALIATION)}
    compared = replace(comparison, across={**comparison.across, **lost})
    assert false_claims(tables.claims_of(compared)) == []
    gained = replace(compared, across={**compared.across, BREAKDOWN: numbers(BREAKDOWN, 1e8)})
    monkeypatch.setattr(tables, "table", lambda comparison: dict([*table(comparison).items()][1:]))
    wrong = [claim.sentence for claim in false_claims(tables.claims_of(gained))]
    assert wrong == [
        "growers would lose if the deal broke down, and at the US duty that is threatened",
        "every scenario stands in the table once",
    ]


def test_the_note_says_why_cars_are_none_or_fewer_and_holds_only_while_most_simulations_leave_the_quota_unfilled(
    comparison: Compared,
) -> None:
    assert (
        "not filled (51% of simulations)" in tables.note(comparison) and comparison.across[tables.LIFTED]["cars"].span
    )
    filled = replace(comparison, quoted={tables.UNFILLED: replace(comparison.quoted[tables.UNFILLED], value=0.4)})
    wrong = [claim.sentence for claim in false_claims(tables.claims_of(filled))]
    assert "the end of a quota that most simulations do not fill brings no more cars in most" in wrong


def test_the_chart_has_a_heading_over_each_group_and_a_line_at_zero(comparison: Compared) -> None:
    spec = charts.spec_of(figures.growers(comparison), title="T", alt="A")
    (rows,) = (dataset for dataset in spec["datasets"].values() if len(dataset) > 1)
    names = [row[figures.LABEL] for row in rows]
    assert len(names) == len(comparison.across) + 1 + 4, "the deal twice, and four headings"
    assert [row["value"] for row in rows if row[figures.LABEL].startswith("Compared with")] == [None] * 4
    assert spec["layer"][0]["encoding"]["x"]["datum"] == 0
    assert all("labelFontWeight" in layer["encoding"]["y"]["axis"] for layer in spec["layer"][1:])
