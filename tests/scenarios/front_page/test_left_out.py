"""What the sum leaves out: the chance of retaliation that cancels the deal's gain, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from wordedrows import worded

from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import DEAL, Compared
from tradeexposure.scenarios.front_page import left_out
from tradeexposure.scenarios.simulation.messages import CANADA

Triple = tuple[float, ...]
SETTLED = f"{CANADA}.{left_out.SECOND}"


def number(like: Number, value: float, low: float, high: float) -> Number:
    return replace(like, value=value, low=low, high=high)


def case(
    found: Compared, gain: tuple[float, ...], loss: tuple[float, ...], settled: tuple[float, ...] = ()
) -> Compared:
    """Gain of the deal, loss from retaliation, and the gain against the second counterfactual where there is one."""
    deal = {**found.deal, "canada": number(found.deal["canada"], *gain)}
    cost = found.across[left_out.RETALIATION]
    across = {**found.across, DEAL: deal, left_out.RETALIATION: {**cost, "canada": number(cost["canada"], *loss)}}
    quoted = Numbers(pd.DataFrame())
    more = {SETTLED: replace(number(found.deal["canada"], *settled), key=SETTLED)} if settled else {}
    quoted._rows = {**{key: one for key, one in found.quoted.items() if not key.endswith(left_out.SECOND)}, **more}
    return replace(found, across=across, quoted=quoted)


def test_the_chance_is_gain_over_loss_and_its_range_an_outer_bound(found: Compared) -> None:
    found = case(found, (9e8, 6e8, 1.8e9), (-1.8e9, -2.4e9, -1.2e9), (3e8, 1.2e8, 6e8))
    rows = left_out.chances(found).set_index("result_id")
    assert rows.loc[left_out.CANCELS, ["value", "low", "high"]].tolist() == [0.5, 0.25, 1.0]
    settled = rows.loc[f"{left_out.CANCELS}.against_final_duty", ["value", "low", "high"]]
    assert settled.tolist() == pytest.approx([1 / 6, 0.05, 0.5])
    assert set(worded("80_compare_scenarios", left_out.chances(found))["unit"]) == {"probability"}


@pytest.mark.parametrize(
    ("gain", "loss", "value"),
    [((9e8, 6e8, 1.8e9), (0.0, 0.0, 0.0), 1.0), ((-1e8, -2e8, -5e7), (-1.8e9, -2.4e9, -1.2e9), 0.0)],
)
def test_a_chance_stays_within_zero_and_one(found: Compared, gain: Triple, loss: Triple, value: float) -> None:
    found = case(found, gain, loss)
    assert left_out.chances(found)["value"].tolist() == [value]
    assert not all(claim.holds for claim in left_out.claims_of(found))


def test_everything_left_out_is_named_and_each_number_published(
    found: Compared, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **_: shown.append(bundle["text/markdown"]))
    found = case(found, (9e8, 6e8, 1.8e9), (-1.8e9, -2.4e9, -1.2e9))
    assert all(claim.holds for claim in left_out.claims_of(found))
    book.add_frame(inputs.published(found))
    rows = left_out.chances(found)
    book.add_frame(rows)
    book.say("{left_out}", **left_out.said(found))
    book.say("{ceiling}", **left_out.retaliation(found, rows))
    text, ceiling = shown
    assert "Over both sectors Canada would gain" in text.partition("- **")[0], "the sum, before what it leaves out"
    assert "[What is known of plants](#plants)" in text
    for words in ("carmakers' profit", "Retaliation", "AgriStability", "owns crushers", "Carbon and fuel tax", "Peas"):
        assert words in text
    assert "only what falls on canola and cars, C\\$1.8 bn (C\\$1.2 bn to C\\$2.4 bn) a year" in ceiling
    assert "**At most 50% (25% to 100%) if China had kept 84.8% on seed.**" in ceiling
    assert "a ceiling, not an estimate" in ceiling and "would cut car sales there by" in text


def test_what_the_deal_means_for_plants_is_told_by_its_published_numbers(found: Compared) -> None:
    told = left_out.plants(found)
    taken = {part: found.quoted[f"scenario.ev.displaced{end}"].size.bare for part, end in left_out.TAKEN.items()}
    assert told.startswith("**Jobs are not modelled.**")
    assert re.search(r"Vehicle assembly in Canada would fall by \S+% \(", told)
    assert f"take {taken['all']} registrations a year from others" in told
    assert f"{taken['canada']} in Canada" in told
    assert f"at least {found.quoted[inputs.ONTARIO].bare} were in Ontario" in told
    share, first = found.quoted[inputs.QUOTA_OF_ALL], found.quoted[inputs.STUDIED_SHARE]
    assert f"{share.bare} of all vehicles registered" in told and f"{first.plain} of electric cars" in told


def test_both_counterfactuals_are_told_where_both_are_known(found: Compared) -> None:
    found = case(found, (9e8, 6e8, 1.8e9), (-1.8e9, -2.4e9, -1.2e9), (3e8, 1.2e8, 6e8))
    text = left_out.retaliation(found, left_out.chances(found))["ceiling"]
    second = f"{{{left_out.CANCELS}.against_final_duty:plain.2}}"
    assert f"At most {{{left_out.CANCELS}:plain.2}} if China had kept" in text
    assert f"at most {second} had China settled on" in text
