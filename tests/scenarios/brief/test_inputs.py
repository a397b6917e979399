"""What the brief publishes and draws: whether a scenario brings a gain, a loss, nothing, or has no car part."""

from __future__ import annotations

import pytest
from samplebrief import CARS, CASES, changed, made

from tradeexposure.reporting import charts
from tradeexposure.scenarios.brief import figures, inputs, sentences
from tradeexposure.scenarios.simulation import messages


def test_published_rows_have_an_identifier_each() -> None:
    rows = inputs.published(made("deal"))
    assert rows["result_id"].is_unique
    stem = "brief.grower_income_change_cad"
    own = {f"brief.{name}" for name in ("canada_cad", "farm_price_change", "grower_income_change_per_farm")}
    assert {stem, f"{stem}.status_quo_2025", *own} <= set(rows["result_id"])


@pytest.mark.parametrize("case", CASES)
def test_charts_or_a_sentence(case: str) -> None:
    growers, cars, account = (draw(made(case)) for draw in (figures.growers, figures.registrations, figures.account))
    assert isinstance(growers, str) == isinstance(account, str) == (case in ("us", "nothing"))
    assert isinstance(cars, str) == (case not in ("deal", "loss"))
    assert all(drawn.title and drawn.alt for drawn in (growers, cars, account) if isinstance(drawn, charts.Drawn))


def test_changes_that_may_be_nothing_are_said_to_be_so() -> None:
    few = {messages.DISPLACED: (0.0, -900.0, 5e3, CARS), messages.CARS_CHANGE: (0.0, -5e3, 900.0, CARS)}
    brief = changed("nothing", few)
    assert "In most simulations registrations of China-built electric cars stay at about 39,000" in sentences.lead(
        brief
    )
    assert "Other cars" not in sentences.vehicles(brief)
    drawn = figures.registrations(brief)
    assert isinstance(drawn, charts.Drawn) and drawn.title.startswith("In most simulations as many")


def test_chart_marks_the_quota() -> None:
    drawn = figures.registrations(made("deal"))
    assert isinstance(drawn, charts.Drawn) and drawn.title.startswith("More China-built")
    assert figures.quota_mark(made("deal")) == "quota filled"
    assert figures.quota_mark(made("no cars")) == "no quota"
    assert drawn.chart.to_dict()
