"""One sentence of what trade did since the deal, by the sign of the change and by its p-value."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.brief import since

MONTHS = f"{since.CHINA}.2026_mar_aug"


def tracked(change: float, p: float, period: str = "2026-03 to 2026-08") -> Numbers:
    """Sales to China in some months, and their change on a year before."""
    rows = [(MONTHS, 3.4e9, "CAD"), (f"{MONTHS}.change_on_year", change, "change"),
            (f"{MONTHS}.change_on_year.p_value", p, "pvalue"), (f"{MONTHS}.rise", 1e9, "CAD")]  # fmt: skip
    return Numbers(
        pd.DataFrame([{"result_id": key, "label": key, "value": value, "low": None, "high": None, "level": None,
                       "unit": unit, "digits": 2, "period": period} for key, value, unit in rows])
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "p", "says"),
    [
        (
            0.65,
            0.49,
            "for C$3.4 bn, 65% more than a year before. Changes as large came about half the time before.",
        ),
        (
            -0.2,
            0.49,
            "for C$3.4 bn, 20% less than a year before. Changes as large came about half the time before.",
        ),
        (
            -0.2,
            0.04,
            "20% less than a year before. Changes as large came in fewer than one case in twenty before.",
        ),
        (-0.2, 0.11, "20% less than a year before. Changes as large came in about one case in ten before."),
        (
            -0.2,
            0.72,
            "20% less than a year before. Changes as large came in about seven cases in ten before.",
        ),
        (0.0, 1.0, "as much as a year before. Changes as large came nearly every time before."),
    ],
)
def test_the_sentence_follows_sign_and_p_value(change: float, p: float, says: str) -> None:
    told = since.sentence(tracked(change, p))
    assert told.startswith("In March to August 2026 the Prairies sold China") and told.endswith(says)


def test_months_are_those_that_are_tracked_and_without_any_nothing_is_said() -> None:
    assert since.sentence(tracked(0.1, 0.5, "2026-11 to 2027-01")).startswith("In November 2026 to January 2027 the")
    assert since.sentence(Numbers(pd.DataFrame())) == ""


def test_as_placeholders_it_is_the_same_sentence() -> None:
    numbers = tracked(0.65, 0.49)
    named = since.sentence(numbers.named())
    assert f"{{{MONTHS}:bare.2}}" in named and f"{{{MONTHS}.change_on_year:size_bare.2}}" in named
    assert named.endswith("Changes as large came about half the time before.")
