"""Tariff exposure: dated duties weighted by what was traded, the dates of measures for a chart, and the markets and
products of canola that duties and market model count by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.policy.measures import Facts

#: Markets of the canola model, in its order, and how each stands in a sentence.
MARKET_NAMES = {"china": "China", "united_states": "the United States", "japan": "Japan", "mexico": "Mexico",
                "european_union": "the European Union", "others": "other countries"}  # fmt: skip
MARKETS = tuple(MARKET_NAMES)
PRODUCTS = ("seed", "oil", "meal")
#: Places in MARKETS and PRODUCTS, for arrays by market and product.
AT_CHINA, AT_UNITED_STATES = MARKETS.index("china"), MARKETS.index("united_states")
SEED, OIL, MEAL = range(len(PRODUCTS))
SEED_TO_CHINA, MEAL_TO_CHINA = ("china", "seed"), ("china", "meal")  # duties by market and product
SUM_TOLERANCE = 1e-9  # rounding of a handful of floats
CANOLA_EVENTS = {  # measures named in a few words; lengths put each name of 2025 above the rules that it passes
    "china_richardson_licence_suspension": "Two exporters barred",
    "china_canola_access_restored": "Bar lifted",
    "china_seed_investigation": "Dumping case",
    "china_meal_additional": "Oil, meal +{rate}",
    "china_seed_deposit": "Seed deposit +{rate}",
    "china_seed_antidumping": "Eased",
}
STRETCH = ["product", "date_from", "date_to", "rate"]


def tariff_exposure(
    weights: pd.Series, rates: pd.DataFrame, *, dates: Iterable[pd.Timestamp | str] | None = None
) -> pd.DataFrame:
    """Tariff in force on a fixed basket: the sum of weights times the rates of each day.

    Parameters
    ----------
    weights : Series
        Share of each product (index) in the basket before the measures; not negative, summing to 1.
    rates : DataFrame
        `product`, `date_from`, `date_to` (inclusive), `rate` (share of value): stretches without gap or overlap
        per product, such as :func:`tradeexposure.policy.tariff_schedule.timeline` gives.
    dates : iterable of dates, optional
        Days to report. By default the first day of every stretch on which all products are covered.

    Returns
    -------
    DataFrame
        Key `date_from`; `date_to` (last day with this rate; the same day if `dates` is given), `rate`.

    Raises
    ------
    BadInput
        Weights that are no shares of one whole; a product with weight without rates or with an unknown (missing) one; a
        date outside the stretches.

    Notes
    -----
    A Laspeyres index: trade that a prohibitive tariff ends keeps its weight, so the index does not fall
    because the tariff worked.
    """
    if not (weights >= 0).all() or abs(weights.sum() - 1) > SUM_TOLERANCE:
        raise BadInput("weights", found=f"{weights.to_dict()}", allowed="shares of 0 or more with a sum of 1")
    paths = {product: _path(rates, str(product)) for product in weights.index[weights > 0]}
    first = max(path["date_from"].iloc[0] for path in paths.values())
    last = min(path["date_to"].iloc[-1] for path in paths.values())
    if dates is None:
        starts = pd.concat([path["date_from"] for path in paths.values()]).drop_duplicates().sort_values()
        days = pd.DatetimeIndex(starts[(starts >= first) & (starts <= last)])
    else:
        days = pd.DatetimeIndex(sorted([pd.Timestamp(day) for day in dates]))
    outside = days[(days < first) | (days > last)]
    if len(outside):
        raise BadInput("dates", found=f"{outside[0]:%Y-%m-%d}", allowed=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}")
    index = np.zeros(len(days))
    for product, path in paths.items():
        stretch = path["date_from"].searchsorted(days, side="right") - 1
        index = index + weights[product] * path["rate"].to_numpy()[stretch]
    ends = [*(days[1:] - pd.Timedelta(days=1)), last] if dates is None else days
    return pd.DataFrame({"date_from": days, "date_to": ends, "rate": index})


def _path(rates: pd.DataFrame, product: str) -> pd.DataFrame:
    """One product's stretches in order, refused if there are none or one holds an unknown rate."""
    path = rates[rates["product"] == product].sort_values("date_from")
    where = f"rates of {product}"
    if path.empty:
        raise BadInput(where, found="none", allowed=", ".join(sorted(rates["product"].unique())))
    if path["rate"].isna().any():
        unknown = path.loc[path["rate"].isna(), "date_from"].iloc[0]
        raise BadInput(where, f"{unknown:%Y-%m-%d}", found="no rate", allowed="a share of value")
    return path


def by_product(
    products: Mapping[str, str], timeline: Callable[..., pd.DataFrame], *, start: date, end: date, **options: Any
) -> pd.DataFrame:
    """Rates in force on several products, one stretch per row.

    Parameters
    ----------
    products : mapping
        Name in the basket -> product of ``data/parameters`` (``seed`` -> ``canola_seed``).
    timeline : callable
        :func:`tradeexposure.policy.tariff_schedule.timeline`.
    start, end : date
        First and last day.
    **options
        `imposer`, `origin`, and whatever else `timeline` takes (``settled=True``: what deposits turned into).

    Returns
    -------
    DataFrame
        Key `product`, `date_from`; `date_to`, `rate`.
    """
    paths = [
        timeline(product=product, start=start, end=end, **options).assign(product=name)
        for name, product in products.items()
    ]
    return pd.concat(paths, ignore_index=True)[STRETCH]


def index_paths(
    baskets: Mapping[str, pd.Series],
    rates: Mapping[str, pd.DataFrame],
    *,
    dates: Iterable[pd.Timestamp | str] | None = None,
) -> pd.DataFrame:
    """Tariff exposure for every basket and every set of rates.

    Returns
    -------
    DataFrame
        Key `basket`, `basis`, `date_from`; `date_to`, `rate`.
    """
    days = None if dates is None else list(dates)
    parts = [
        tariff_exposure(weights, table, dates=days).assign(basket=basket, basis=basis)
        for basis, table in rates.items()
        for basket, weights in baskets.items()
    ]
    return pd.concat(parts, ignore_index=True)


def on_days(
    baskets: Mapping[str, pd.Series],
    border: pd.DataFrame,
    owed: pd.DataFrame,
    *,
    dates: Iterable[pd.Timestamp | str],
) -> pd.DataFrame:
    """Tariff exposure on chosen days, with the range over baskets; the first basket is the headline.

    Parameters
    ----------
    baskets : mapping
        Name -> weights by product.
    border, owed : DataFrame
        Rates charged at the border and as finally owed (:func:`by_product`).

    Returns
    -------
    DataFrame
        Key `date` (text, 2025-08-14); `rate`, `low`, `high` at the border, `owed`, `owed_low`, `owed_high`.
    """
    paths = index_paths(baskets, {"border": border, "owed": owed}, dates=dates)
    headline = next(iter(baskets))
    wide = paths.pivot(index="date_from", columns=["basis", "basket"], values="rate")
    names = {"border": ("rate", "low", "high"), "owed": ("owed", "owed_low", "owed_high")}
    table = pd.DataFrame({"date": [f"{day:%Y-%m-%d}" for day in wide.index]}, index=wide.index)
    for basis, (value, low, high) in names.items():
        part = wide.loc[:, [(basis, basket) for basket in baskets]].droplevel("basis", axis=1)
        table = table.assign(**{value: part[headline], low: part.min(axis=1), high: part.max(axis=1)})
    return table.reset_index(drop=True)


def measure_dates(
    measures: Facts, names: Mapping[str, str] = CANOLA_EVENTS, *, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Dates of measures to draw over a time axis.

    Parameters
    ----------
    names : mapping
        Id of a measure -> the few words that stand on the chart; ``{rate}`` is what it charges.
    until : Timestamp, optional
        Last day of the chart; later events are left out.

    Returns
    -------
    DataFrame
        `date` (first day in force, else the announcement), `label`, in order of time.

    Raises
    ------
    BadInput
        An id that no measure has, a measure without a date, or without the rate that its words name.
    """
    rows = []
    for name, label in names.items():
        measure = measures.find(name)
        day = None if measure is None else measure.effective or measure.announced
        if measure is None or day is None:
            raise BadInput("measures", name, found="no dated measure of that id", allowed="an id of data/parameters")
        if measure.rate is None and "{rate}" in label:
            raise BadInput("measures", f"{name}: rate", found="none", allowed="the rate that charts name")
        rows.append((pd.Timestamp(day), label.format(rate=f"{100 * (measure.rate or 0):g}%")))
    frame = pd.DataFrame(rows, columns=["date", "label"])
    shown = frame if until is None else frame[frame["date"] <= until]
    return shown.sort_values("date", ignore_index=True)


def last_day(months: pd.Series) -> pd.Timestamp:
    """The last day of the newest month."""
    return pd.Timestamp(months.max()) + pd.offsets.MonthEnd(0)
