"""What the sum leaves out: the chance of retaliation that cancels the deal's gain, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from wordedrows import worded

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import DEAL, Compared
from tradeexposure.scenarios.front_page import left_out
from tradeexposure.scenarios.simulation.changes import VEHICLE_LINES
from tradeexposure.scenarios.simulation.messages import CANADA
from tradeexposure.vehicles.market import base_year

Triple = tuple[float, ...]
SETTLED = f"{CANADA}.{left_out.SECOND}"


def number(like: Number, value: float, low: float, high: float) -> Number:
    return replace(like, value=value, low=low, high=high)


def case(
    comparison: Compared, gain: tuple[float, ...], loss: tuple[float, ...], settled: tuple[float, ...] = ()
) -> Compared:
    """Gain of the deal, loss from retaliation, and the gain against the second counterfactual where there is one."""
    deal = {**comparison.deal, "canada": number(comparison.deal["canada"], *gain)}
    cost = comparison.across[left_out.RETALIATION]
    across = {**comparison.across, DEAL: deal, left_out.RETALIATION: {**cost, "canada": number(cost["canada"], *loss)}}
    more = {SETTLED: replace(number(comparison.deal["canada"], *settled), key=SETTLED)} if settled else {}
    quoted = {**{key: quote for key, quote in comparison.quoted.items() if not key.endswith(left_out.SECOND)}, **more}
    return replace(comparison, across=across, quoted=Numbers(quoted))


def test_the_chance_is_gain_over_loss_and_its_range_an_outer_bound(comparison: Compared) -> None:
    comparison = case(comparison, (9e8, 6e8, 1.8e9), (-1.8e9, -2.4e9, -1.2e9), (3e8, 1.2e8, 6e8))
    rows = left_out.chances(comparison).set_index("result_id")
    assert rows.loc[left_out.CANCELS, ["value", "low", "high"]].tolist() == [0.5, 0.25, 1.0]
    assert "level" not in rows, "an outer bound holds no share of simulations that is known"
    settled = rows.loc[f"{left_out.CANCELS}.against_final_duty", ["value", "low", "high"]]
    assert settled.tolist() == pytest.approx([1 / 6, 0.05, 0.5])
    assert set(worded("80_compare_scenarios", left_out.chances(comparison))["unit"]) == {"probability"}


@pytest.mark.parametrize(
    ("gain", "loss", "value"),
    [((9e8, 6e8, 1.8e9), (0.0, 0.0, 0.0), 1.0), ((-1e8, -2e8, -5e7), (-1.8e9, -2.4e9, -1.2e9), 0.0)],
)
def test_a_chance_stays_within_zero_and_one(comparison: Compared, gain: Triple, loss: Triple, value: float) -> None:
    comparison = case(comparison, gain, loss)
    assert left_out.chances(comparison)["value"].tolist() == [value]
    assert not all(claim.holds for claim in left_out.claims_of(comparison))


def test_everything_left_out_is_named_and_each_number_published(
    comparison: Compared, book: Book, shown: list[dict[str, Any]]
) -> None:
    comparison = case(comparison, (9e8, 6e8, 1.8e9), (-1.8e9, -2.4e9, -1.2e9))
    assert all(claim.holds for claim in left_out.claims_of(comparison))
    book.add_frame(inputs.published(comparison))
    rows = left_out.chances(comparison)
    book.add_frame(rows)
    book.say("{left_out}", **left_out.sentences(comparison))
    book.say("{cancels}", **left_out.retaliation(comparison, rows))
    text, cancels = (output["data"]["text/markdown"] for output in shown)
    assert "[What is known of plants](#plants)" in text
    for phrase in ("carmakers' profit", "Retaliation", "AgriStability", "owns crushers", "Carbon and fuel tax", "Peas"):
        assert phrase in text
    assert "The gain counts cars, the loss canola alone: C\\$1.8 bn (C\\$1.2 bn to C\\$2.4 bn) a year;" in cancels
    assert "if the deal brought on a US duty of" in cancels
    assert "with a risk above 50% (25% to 100%) had China kept 84.8% on seed" in cancels
    assert "Without crushers the median gain exceeds the loss." in cancels, "their ranges overlap"
    assert "a threshold, not an estimate, with outer bounds: we give no odds." in cancels
    assert "would cut car sales there by" in text
    for name in (inputs.THREAT, left_out.NO_CUSMA):
        assert comparison.across[name]["canada"].size.plain.replace("$", "\\$") in cancels
    assert "We do not advise." in cancels and "Counter-duties of Canada are not modelled." in cancels


def test_a_duty_that_costs_nothing_is_no_longer_true(comparison: Compared) -> None:
    free = {**comparison.across[left_out.NO_CUSMA], "canada": number(comparison.deal["canada"], 0.0, -1e8, 1e8)}
    changed = replace(comparison, across={**comparison.across, left_out.NO_CUSMA: free})
    wrong = [claim.sentence for claim in left_out.claims_of(changed) if not claim.holds]
    assert wrong == ["US duties cost Canada and its carmakers something, and so does the end of the deal"]


def test_a_gain_without_crushers_below_the_loss_is_found(comparison: Compared) -> None:
    same = {name: parts["canada"] for name, parts in comparison.across.items()}
    wrong = [
        claim.sentence for claim in left_out.claims_of(replace(comparison, without_crushers=same)) if not claim.holds
    ]
    assert wrong == ["without crushers the deal's gain exceeds the loss from retaliation"]


def test_a_us_duty_moves_no_line_on_cars(book: Book) -> None:
    lines = book.simulated(*(f"{left_out.brief.WELFARE}.{line}" for line in VEHICLE_LINES)).reset_index()
    duties = lines[lines["scenario"].isin([left_out.RETALIATION, inputs.THREAT, left_out.NO_CUSMA])]
    assert len(duties) == 3 * len(VEHICLE_LINES) and not duties[["value", "low", "high"]].to_numpy().any()


def test_published_figures_of_other_duties_are_those_on_file_with_their_source(monkeypatch: pytest.MonkeyPatch) -> None:
    assert left_out.published_of_other_duties() == {
        "loss": "2%", "of_loss": "https://604news.com/2025/03/06/canada-2-gdp-hit/", "jobs": "119,200",
        "of_jobs": "https://paherald.sk.ca/new-report-predicts-major-job-losses-in-ontario-over-us-trade-war/",
    }  # fmt: skip
    load = data.load
    monkeypatch.setattr(data, "load", lambda name: load(name).replace("68100 / 119200 / 137900", "119200"))
    with pytest.raises(BadInput, match=r"benchmarks_vehicles.*stated.*119200"):
        left_out.published_of_other_duties()


def test_what_the_deal_means_for_plants_is_told_by_its_published_numbers(comparison: Compared) -> None:
    text = left_out.plants(comparison)
    taken = {part: comparison.quoted[f"scenario.ev.displaced{end}"].size.bare for part, end in left_out.TAKEN.items()}
    assert text.startswith("**Jobs are not modelled.**")
    assert re.search(r"Vehicle assembly in Canada would fall by \S+% \(", text)
    assert f"Of {taken['all']} registrations a year that cars of the quota would take from others" in text
    assert f"{taken['electric']} would be of electric cars, {taken['mexico']} of them built in the United" in text
    assert f"almost none in Canada (medians, which do not add up; market of {base_year.YEAR})." in text
    assert "Published estimates for other US duties" in text and "[119,200 fewer jobs in Ontario" in text
    assert "[2% less real GDP" in text
    assert f"at least {comparison.quoted[inputs.ONTARIO].bare} were in Ontario" in text
    share, first = comparison.quoted[inputs.QUOTA_OF_ALL], comparison.quoted[inputs.STUDIED_SHARE]
    assert f"{share.bare} of all vehicles registered" in text and f"{first.plain} of electric cars" in text
    assert "in a smaller run of simulations" in text


def test_cars_built_in_canada_that_are_not_almost_none_are_found(comparison: Compared) -> None:
    built = replace(comparison.quoted[left_out.BUILT_HERE], value=3e3, low=1e3, high=5e3)
    changed = replace(comparison, quoted=Numbers({**comparison.quoted, built.key: built}))
    wrong = [claim.sentence for claim in left_out.claims_of(changed) if not claim.holds]
    assert wrong == ["almost none of the electric cars displaced are built in Canada"]


def test_both_counterfactuals_are_told_where_both_are_known(comparison: Compared) -> None:
    comparison = case(comparison, (9e8, 6e8, 1.8e9), (-1.8e9, -2.4e9, -1.2e9), (3e8, 1.2e8, 6e8))
    text = left_out.retaliation(comparison, left_out.chances(comparison))["cancels"]
    second = f"{{{left_out.CANCELS}.against_final_duty:plain.2}}"
    assert f"above {{{left_out.CANCELS}:plain.2}} had China kept" in text
    assert f"above {second} had it settled on" in text
