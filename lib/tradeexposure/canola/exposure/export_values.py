"""Export values of canola seed, oil and meal by month, all destinations together, and what came after a date.

And the price of meal beside that of soybean meal: output stands for exports by weight, which are not held.
"""

from __future__ import annotations

import pandas as pd

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MILLION, THOUSAND
from tradeexposure.data.periods import Months
from tradeexposure.econometrics.time_series.months import Span, held_months
from tradeexposure.policy.tariff_index import PRODUCTS

TABLE = "canola_ev_trade_value_monthly"
SEED, MEAL = "1205.10.20", "2306.41.00"  # customs lines
CRUSH, SOYBEAN_MEAL = "canola_crush_monthly", "soybean_meal"
LINES = {SEED: "seed", "1514.11.00": "oil", "1514.19.00": "oil", MEAL: "meal"}
VOLUME, VALUE = "Volume, licensed facilities", "Value, customs"
LONGEST = 12  # months compared with those of the year before, which would overlap themselves beyond


def monthly_values(table: pd.DataFrame) -> pd.DataFrame:
    """Value of seed, oil (crude and refined) and meal exported in a month.

    Parameters
    ----------
    table : DataFrame
        ``canola_ev_trade_value_monthly``: `month`, `flow`, `hs`, `value_cad`.

    Returns
    -------
    DataFrame
        Key `month`, `product`; `value_cad`, in the order of :data:`PRODUCTS`, then in time.

    Raises
    ------
    BadInput
        A line without a value in some month: the sum would be too small.
    """
    rows = table[(table["flow"] == "exports") & table["hs"].isin(LINES)]
    wide = rows.pivot(index="month", columns="hs", values="value_cad").reindex(columns=list(LINES))
    months = pd.date_range(wide.index.min(), wide.index.max(), freq="MS", name="month")
    wide = wide.reindex(months)
    if wide.isna().any(axis=None):
        month, line = next((month, line) for line in LINES for month in months[wide[line].isna()])
        raise BadInput(TABLE, "month, hs", found=f"no {line} in {month:%Y-%m}", allowed="every line every month")
    summed = wide.T.groupby([*LINES.values()]).sum().T[list(PRODUCTS)]
    return summed.melt(ignore_index=False, var_name="product", value_name="value_cad").reset_index()


def months_since(values: pd.DataFrame, start: object) -> Months:
    """The months held since the one in which `start` (a day) lies.

    Raises
    ------
    BadInput
        A day after the last month held.
    """
    months = Months.of(start, values["month"].max())
    first, last = months.first, months.last
    if first > last:
        raise BadInput(TABLE, "month", found=f"up to {last:%Y-%m}", allowed=f"a month since {first:%Y-%m}")
    return Months(first, min(last, first + pd.DateOffset(months=LONGEST - 1)))


def against_year_before(values: pd.DataFrame, months: Months) -> pd.DataFrame:
    """Value in some months beside the same months a year before: `product`, `value_cad`, `before_cad`, `change`."""
    start, sums = values["month"].min(), []
    for span in (months, months.back()):
        if span.first < start:
            raise BadInput(TABLE, "month", found=f"from {start:%Y-%m}", allowed=f"from {span.first:%Y-%m}")
        inside = values[values["month"].between(span.first, span.last)]
        sums.append(inside.groupby("product")["value_cad"].sum())
    now, before = sums
    table = pd.DataFrame({"value_cad": now, "before_cad": before, "change": now / before - 1})
    return table.reindex(list(PRODUCTS)).rename_axis("product").reset_index()


def steps(volumes: pd.Series, values: pd.DataFrame, months: Months) -> pd.DataFrame:
    """What was exported in the months since a date over as many before, and the same in every other year.

    Parameters
    ----------
    volumes : Series
        Seed to all destinations by month, kt.
    values : DataFrame
        :func:`monthly_values`.
    months : Months
        Those since the date.

    Returns
    -------
    DataFrame
        Key `year`, `basis` (:data:`VOLUME` or :data:`VALUE`), `product`; `before`, `after` (kt or C$ million), `step` =
        after / before - 1. Years whose months are not all held are left out.
    """
    series = [(VOLUME, "seed", volumes)]
    millions = values.assign(value=values["value_cad"] / MILLION)
    series += [(VALUE, str(name), part.set_index("month")["value"]) for name, part in millions.groupby("product")]
    length = len(pd.date_range(months.first, months.last, freq="MS"))
    rows: list[dict[str, object]] = []
    for basis, product, exports in series:
        for year in range(exports.index.min().year, exports.index.max().year + 1):
            first = months.first.replace(year=year)
            span = pd.date_range(first - pd.DateOffset(months=length), periods=2 * length, freq="MS")
            if not span.isin(exports.index).all():
                continue
            before, after = (float(exports.loc[part].sum()) for part in (span[:length], span[length:]))
            rows.append({"year": year, "basis": basis, "product": product, "before": before, "after": after,
                         "step": after / before - 1})  # fmt: skip
    if not any(row["basis"] == VALUE and row["year"] == months.first.year for row in rows):
        raise BadInput(TABLE, "month", found="not enough months", allowed=f"as many before {months.first:%Y-%m}")
    return pd.DataFrame(rows)


def usual_steps(steps: pd.DataFrame) -> dict[str, float]:
    """Steps of seed by volume in the years before: `low`, `median`, `high`, `years`."""
    before = steps.loc[steps["basis"] == VOLUME, "step"]
    return {"low": before.min(), "median": before.median(), "high": before.max(), "years": float(len(before))}


def world_price(commodity: str) -> pd.Series:
    """A world price by month, C$ a tonne."""
    table = data.load("commodity_prices_monthly")
    dollars = table[table["commodity"] == commodity].set_index("month")["price_usd"]
    return (dollars * data.load("exchange_rate_monthly").set_index("month")["cad_per_usd"]).dropna().sort_index()


def meal_held() -> pd.DataFrame:
    """What is held of meal by month: `value_cad` of exports, `made_t` of output, `world_cad_t` of soybean meal."""
    table = data.load(TABLE)
    value = table[table["hs"] == MEAL].set_index("month")["value_cad"]
    output = data.load(CRUSH).set_index("month")["meal_produced_kt"] * THOUSAND
    return (
        pd.DataFrame({"value_cad": value, "made_t": output, "world_cad_t": world_price(SOYBEAN_MEAL)})
        .dropna()
        .sort_index()
    )


def meal_over_world(rows: pd.DataFrame, span: Span) -> float:
    """Export value per tonne of output over the price of soybean meal, in the months of a span.

    Parameters
    ----------
    rows : DataFrame
        From :func:`meal_held`.

    Raises
    ------
    BadInput
        A month that is not held.
    """
    some = rows.loc[held_months([span], pd.DatetimeIndex(rows.index), where=TABLE)]
    return float(some["value_cad"].sum() / some["made_t"].sum() / some["world_cad_t"].mean())
