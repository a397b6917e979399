"""Export values by month: months since a day, comparison with the year before, steps, meal's price, holes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import export_values, results
from tradeexposure.canola.trade_effect import results as trade_results
from tradeexposure.core.errors import BadInput
from tradeexposure.data.periods import Months

ROOT = Path(__file__).resolve().parents[3]
SPRING = Months(pd.Timestamp("2026-03-01"), pd.Timestamp("2026-04-01"))


def made(last: str = "2026-04") -> pd.DataFrame:
    """One of each line a month in 2025, two in 2026; imports beside them."""
    months = pd.date_range("2025-01", last, freq="MS")
    lines = {**dict.fromkeys(export_values.LINES, "exports"), "8703.80.00": "imports"}
    return pd.DataFrame([{"month": month, "flow": flow, "hs": line, "value_cad": 1.0 + (month.year == 2026)}
                         for month in months for line, flow in lines.items()])  # fmt: skip


def test_months_since_a_day_and_a_year_before() -> None:
    values = export_values.monthly_values(made())
    months = export_values.months_since(values, date(2026, 3, 1))
    assert months == Months(pd.Timestamp("2026-03-01"), pd.Timestamp("2026-04-01"))
    compared = export_values.against_year_before(values, months).set_index("product")
    assert compared.loc["oil", ["value_cad", "before_cad", "change"]].tolist() == [8, 4, 1]  # crude and refined
    assert compared.loc["seed", ["value_cad", "before_cad"]].tolist() == [4, 2]


def test_no_more_than_a_year_and_over_the_turn_of_it() -> None:
    values = export_values.monthly_values(made(last="2027-06"))
    months = export_values.months_since(values, "2026-03-01")
    assert months == Months(pd.Timestamp("2026-03-01"), pd.Timestamp("2027-02-01"))
    assert months.back().fill("@months: {x.@since}, {x.@before}").startswith("March 2025 to Feb")


def test_published_rows() -> None:
    values = export_values.monthly_values(made())
    months = export_values.months_since(values, "2026-03-01")
    rows = results.export_values(export_values.against_year_before(values, months), months).set_index("result_id")
    assert rows.loc["canola.exports_cad_change.meal.2026_mar_apr", "value"] == 1
    assert rows.loc["canola.exports_cad.meal.2025_mar_apr", ["value", "period"]].tolist() == [2, "2025-03 to 2025-04"]


def test_meal_s_price_is_that_of_the_tables() -> None:
    price_of_meal = export_values.meal_over_world(export_values.meal_held(), ("2026-03", "2026-04"))
    value, output, price = (
        data.load(name) for name in (export_values.TABLE, export_values.CRUSH, "commodity_prices_monthly")
    )
    months = pd.to_datetime(["2026-03-01", "2026-04-01"])
    worth = value[(value["hs"] == "2306.41.00") & value["month"].isin(months)]["value_cad"].sum()
    tonnes = 1000 * output[output["month"].isin(months)]["meal_produced_kt"].sum()
    dollars = price[price["commodity"] == "soybean_meal"].set_index("month")["price_usd"]
    rates = data.load("exchange_rate_monthly").set_index("month")["cad_per_usd"]
    assert price_of_meal == pytest.approx(worth / tonnes / (dollars * rates)[months].mean())
    assert worth == 347_488_764  # as printed, both months


def volumes() -> pd.Series:
    """10 kt a month; March and April of 2024 double, of 2025 half. Ends in October 2025, begins in August 2022."""
    series = pd.Series(10.0, pd.date_range("2022-08", "2025-10", freq="MS"))
    series.loc["2024-03":"2024-04"] = 20.0
    series.loc["2025-03":"2025-04"] = 5.0
    return series


def spring_values() -> pd.DataFrame:
    months = pd.date_range("2025-01", "2026-04", freq="MS")
    return pd.concat([
        pd.DataFrame({"month": months, "product": product, "value_cad": 1e6}).assign(
            value_cad=lambda part: part["value_cad"].where(part["month"] < "2026-03-01", 1.5e6))
        for product in ("seed", "oil", "meal")])  # fmt: skip


def test_steps_by_hand() -> None:
    steps = export_values.steps(volumes(), spring_values(), SPRING)
    springs = steps.set_index(["basis", "product", "year"])["step"].sort_index()
    assert springs[export_values.VOLUME, "seed"].to_dict() == {2023: 0.0, 2024: 1.0, 2025: -0.5}
    assert springs[export_values.VALUE, "oil"].to_dict() == {2025: 0.0, 2026: 0.5}
    assert steps.loc[steps["basis"] == export_values.VALUE, "before"].eq(2).all()  # C$ million


def test_what_is_usual_and_published() -> None:
    springs = export_values.steps(volumes(), spring_values(), SPRING)
    rows = trade_results.settlement_steps(springs, SPRING).set_index("result_id")["value"]
    assert rows["canola.exports_step.seed.2026_mar_apr"] == 0.5
    assert rows.filter(like="usual").tolist() == [-0.5, 0.0, 1.0, 3.0]


VALUES = export_values.monthly_values(made())
HOLED = made().drop(made().query("hs == '2306.41.00' and month >= '2025-06-01'").index[0])
EARLY = Months(pd.Timestamp("2025-03-01"), pd.Timestamp("2025-04-01"))
REFUSED: dict[str, Callable[[], object]] = {
    r"no 2306\.41\.00 in 2025-06": lambda: export_values.monthly_values(HOLED),
    "up to 2026-04": lambda: export_values.months_since(VALUES, "2026-05-01"),
    "from 2025-01": lambda: export_values.against_year_before(VALUES, EARLY),
    "2023-12": lambda: export_values.meal_over_world(export_values.meal_held(), ("2023-12", "2024-02")),
    "as many before 2026-03": lambda: export_values.steps(
        volumes(), spring_values().query("month >= '2026-02-01'"), SPRING
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_months_that_are_not_held_are_refused(message: str) -> None:
    with pytest.raises(BadInput, match=message):
        REFUSED[message]()
