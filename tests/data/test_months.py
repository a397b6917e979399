"""A span of months in words, as a period, as identifiers end, and a year earlier; imports without a hole."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.data.months import Months, electric_car_imports


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


def test_electric_car_imports_have_every_month_or_are_refused() -> None:
    months = pd.date_range("2024-01", "2024-12", freq="MS")
    cars = pd.DataFrame({"month": months[::-1], "flow": "imports", "hs": "8703.80.00", "value_cad": range(12, 0, -1)})
    others = cars.assign(hs="1205.10.10", value_cad=99)
    assert electric_car_imports(pd.concat([others, cars])).to_dict() == dict(zip(months, range(1, 13), strict=True))
    with pytest.raises(BadInput, match=r"no 8703\.80\.00 in 2024-05"):
        electric_car_imports(cars[cars["month"] != "2024-05-01"])
    with pytest.raises(BadInput, match="no imports"):
        electric_car_imports(cars.assign(flow="exports"))
