"""US duties on Canadian goods: hand-computed exposures, a second route, and input that must be refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import cusma_claims
from tradeexposure.vehicles.exposure import cross_checks, results

US_CONTENT = (0.5, 0.4, 0.6)
DATES = ("2025-04-03", "2025-08-01", "2026-02-24", "2026-07-24")


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return data.load(cusma_claims.LINES)


@pytest.fixture(scope="module")
def monthly() -> pd.DataFrame:
    return data.load(cusma_claims.MONTHLY)


@pytest.fixture(scope="module")
def goods(lines: pd.DataFrame) -> tuple[cusma_claims.Good, ...]:
    return cusma_claims.goods(float(cusma_claims.claim_shares(lines, "8708")["paid_unclaimed"]), US_CONTENT)


@pytest.fixture(scope="module")
def exposure(lines: pd.DataFrame, monthly: pd.DataFrame, goods: tuple[cusma_claims.Good, ...]) -> pd.DataFrame:
    return cusma_claims.on_dates(goods, lines, monthly, dates=DATES, cad_per_usd=1.37)


def invented(claimed: float) -> pd.DataFrame:
    columns = {"value_usd": 50.0, "duty_usd": 1.0, "cusma_share_2024": claimed, "cusma_share_2025_12": 1.0}
    return pd.DataFrame([{"hts10": code, **columns} for code in ("8703230140", "8703230170")])


def test_cars_pay_on_content_that_is_not_american_and_in_full_without_a_claim(monthly: pd.DataFrame) -> None:
    cars = cusma_claims.goods(0.0, US_CONTENT)[:1]
    duties = cusma_claims.on_dates(cars, invented(0.8), monthly, dates=DATES, cad_per_usd=2.0)
    assert duties["date"].tolist() == sorted(DATES)
    row = duties.iloc[-1]
    assert row["rate"] == pytest.approx(0.8 * 0.25 * 0.5 + 0.2 * 0.275)
    assert row["low"] == pytest.approx(0.25 * 0.4) and row["high"] == pytest.approx(0.8 * 0.25 * 0.6 + 0.2 * 0.275)
    assert row["value_cad"] == 200 and row["duty_cad"] == pytest.approx(200 * row["rate"])


def test_both_routes_give_the_same_rates(
    exposure: pd.DataFrame, goods: tuple[cusma_claims.Good, ...], lines: pd.DataFrame
) -> None:
    rates = data.load(cusma_claims.RATES)
    assert cross_checks.rate_gap(exposure, rates, goods, lines) < 1e-12
    assert cross_checks.oil_duty_gap(lines, rate=0.064) < 1e-3 < cross_checks.oil_duty_gap(lines, rate=0.05)
    wrong = exposure.assign(rate=exposure["rate"] + 0.01)
    assert cross_checks.rate_gap(wrong, rates, goods, lines) == pytest.approx(0.01)


def test_crude_oil_never_enters_free_and_every_range_holds_its_value(exposure: pd.DataFrame) -> None:
    assert exposure["rate"].between(exposure["low"], exposure["high"]).all()
    crude = exposure[exposure["good"] == "crude_oil"].set_index("date")
    assert crude["low"].min() > 0.01
    assert crude.loc["2025-08-01", "rate"] == pytest.approx((1 - 0.4314) * 0.414, abs=1e-6)


def test_claims_are_weighted_by_value_and_the_average_duty_is_recovered() -> None:
    table = invented(0.5)
    table["value_usd"], table["cusma_share_2024"] = [30.0, 10.0], [1.0, 0.0]
    shares = cusma_claims.claim_shares(table, "8703")
    assert shares["cusma_2024"] == 0.75 and shares["paid_unclaimed"] == pytest.approx(2 / 10)


def test_months_give_the_range_of_the_claims(lines: pd.DataFrame, monthly: pd.DataFrame) -> None:
    crude = next(good for good in cusma_claims.goods(0.0, US_CONTENT) if good.name == "crude_oil")
    shares = cusma_claims.claim_range(lines, monthly, crude)
    assert list(shares) == ["2024", "2025-12", "lowest month", "highest month"]
    by_month = cusma_claims.monthly_claims(monthly, crude.lines).set_index("month")["share"]
    assert shares["lowest month"] == by_month["2025-06-01"] and by_month["2025-01-01"] > 0.99


def test_unknown_lines_are_refused() -> None:
    with pytest.raises(BadInput, match="no line 9999"):
        cusma_claims.claim_shares(invented(0.8), "9999")


def test_a_duty_that_is_not_held_is_refused_unless_the_reading_gives_it() -> None:
    span = {"start": "2025-04-03", "end": "2025-08-01"}
    with pytest.raises(BadInput, match="no ordinary duty"):
        cusma_claims.rates(cusma_claims.Reading("vehicle_parts"), **span)
    rates = cusma_claims.rates(cusma_claims.Reading("vehicle_parts", base=0.02), **span)
    unclaimed = rates[rates["product"] == cusma_claims.UNCLAIMED]
    assert unclaimed["rate"].tolist() == pytest.approx([0.27] * len(unclaimed))


def test_a_heading_has_a_range_only_where_months_are_held(lines: pd.DataFrame, monthly: pd.DataFrame) -> None:
    table = cusma_claims.by_heading(lines, cad_per_usd=1.37)
    rows = results.headings(table, december=cusma_claims.in_month(monthly, ["8703"], month="2025-12-01"))
    rows = rows.set_index("result_id")
    assert rows.loc["ev.cusma_share.8703.2025-12", "low"] < rows.loc["ev.cusma_share.8703.2025-12", "high"]
    assert rows.loc["ev.cusma_share.8708.2025-12", ["low", "high"]].isna().all()


def test_claims_of_crude_oil_are_weighted_and_ranged_within_their_months() -> None:
    months = pd.DataFrame(
        {
            "month": pd.to_datetime(["2025-02-01", "2025-03-01", "2025-12-01", "2026-01-01", "2026-02-01"]),
            "value_usd": [9.0, 1.0, 3.0, 1.0, 1.0],
            "share": [1.0, 0.2, 0.4, 0.9, 0.5],
        }
    )
    rows = results.crude_claims(months)
    assert rows["value"].tolist() == pytest.approx([0.35, 0.7])
    assert rows[["low", "high"]].to_numpy().tolist() == [[0.2, 0.4], [0.5, 0.9]]
    assert rows["result_id"].tolist()[1] == "canola.crude_oil_claim_share.2026_jan_feb"
    assert rows["when"].tolist()[1] == "January to February 2026"
    august = months.assign(month=months["month"].replace({pd.Timestamp("2026-02-01"): pd.Timestamp("2026-08-01")}))
    newest = results.crude_claims(august).iloc[1]
    assert newest["result_id"] == "canola.crude_oil_claim_share.2026_jan_aug"
    assert (newest["value"], newest["period"]) == (0.7, "2026-01 to 2026-08")


def test_an_exchange_rate_is_that_of_a_whole_year() -> None:
    table = data.load("exchange_rate_monthly")
    assert 1.3 < cusma_claims.exchange_rate(table, year=2024) < 1.4
    with pytest.raises(BadInput, match="2026: found 5 months"):
        cusma_claims.exchange_rate(table, year=2026)
