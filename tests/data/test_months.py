"""A span of months in words, as a period, as identifiers end, and a year earlier."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.data.months import Months


def span(first: str, last: str) -> Months:
    return Months(pd.Timestamp(first), pd.Timestamp(last))


@pytest.mark.parametrize(
    ("months", "suffix", "words", "period"),
    [
        (span("2026-03", "2026-04"), "2026_mar_apr", "March to April 2026", "2026-03 to 2026-04"),
        (span("2026-03", "2027-02"), "2026_mar_2027_feb", "March 2026 to February 2027", "2026-03 to 2027-02"),
        (span("2026-03", "2026-03"), "2026_mar_mar", "March 2026", "2026-03 to 2026-03"),
    ],
)
def test_as_identifiers_sentences_and_periods_say(months: Months, suffix: str, words: str, period: str) -> None:
    assert (months.suffix, months.words, months.period) == (suffix, words, period)


def test_the_same_months_earlier() -> None:
    assert span("2026-03", "2027-02").back() == span("2025-03", "2026-02")
