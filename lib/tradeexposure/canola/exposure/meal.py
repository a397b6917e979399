"""The price of canola meal beside that of soybean meal; output stands for exports by weight, which are not held."""

from __future__ import annotations

import pandas as pd

from tradeexposure import data
from tradeexposure.core.units import THOUSAND
from tradeexposure.econometrics.time_series.months import Span, held_months

EXPORTS, LINE = "canola_ev_trade_value_monthly", "2306.41.00"
CRUSH, WORLD = "canola_crush_monthly", "soybean_meal"
TABLES = f"{EXPORTS}; {CRUSH}; commodity_prices_monthly; exchange_rate_monthly"


def world_price(commodity: str) -> pd.Series:
    """A world price by month, C$ a tonne."""
    table = data.load("commodity_prices_monthly")
    dollars = table[table["commodity"] == commodity].set_index("month")["price_usd"]
    return (dollars * data.load("exchange_rate_monthly").set_index("month")["cad_per_usd"]).dropna().sort_index()


def held() -> pd.DataFrame:
    """What is held of every month: `value_cad` of exports, `made_t` of output, `world_cad_t` of soybean meal."""
    table = data.load(EXPORTS)
    value = table[table["hs"] == LINE].set_index("month")["value_cad"]
    output = data.load(CRUSH).set_index("month")["meal_produced_kt"] * THOUSAND
    return pd.DataFrame({"value_cad": value, "made_t": output, "world_cad_t": world_price(WORLD)}).dropna().sort_index()


def over_world(rows: pd.DataFrame, span: Span) -> float:
    """Export value per tonne of output over the price of soybean meal, in the months of a span.

    Parameters
    ----------
    rows : DataFrame
        From :func:`held`.

    Raises
    ------
    BadInput
        A month that is not held.
    """
    some = rows.loc[held_months([span], pd.DatetimeIndex(rows.index), where=EXPORTS)]
    return float(some["value_cad"].sum() / some["made_t"].sum() / some["world_cad_t"].mean())
