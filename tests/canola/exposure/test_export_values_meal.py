"""Meal's price over soybean meal's: by hand from the tables; a month that is not held is refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import export_values
from tradeexposure.core.errors import BadInput


def test_the_price_is_that_of_the_tables() -> None:
    found = export_values.meal_over_world(export_values.meal_held(), ("2026-03", "2026-04"))
    value, made, price = (
        data.load(name) for name in (export_values.TABLE, export_values.CRUSH, "commodity_prices_monthly")
    )
    months = pd.to_datetime(["2026-03-01", "2026-04-01"])
    worth = value[(value["hs"] == "2306.41.00") & value["month"].isin(months)]["value_cad"].sum()
    tonnes = 1000 * made[made["month"].isin(months)]["meal_produced_kt"].sum()
    dollars = price[price["commodity"] == "soybean_meal"].set_index("month")["price_usd"]
    rates = data.load("exchange_rate_monthly").set_index("month")["cad_per_usd"]
    assert found == pytest.approx(worth / tonnes / (dollars * rates)[months].mean())
    assert worth == 347_488_764  # as printed, both months


def test_a_month_that_is_not_held_is_refused() -> None:
    with pytest.raises(BadInput, match="2023-12"):
        export_values.meal_over_world(export_values.meal_held(), ("2023-12", "2024-02"))
