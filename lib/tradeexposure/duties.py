"""Dated duties arranged for an index of tariff exposure, and the dates of measures for a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.exposure import tariff_exposure
from tradeexposure.measure import Measure
from tradeexposure.parameters import LAST_DAY

CANOLA_EVENTS = {  # measures named in a few words; lengths put each name of 2025 above the rules that it passes
    "china_richardson_licence_suspension": "Two exporters barred",
    "china_canola_access_restored": "Bar lifted",
    "china_seed_investigation": "Dumping case",
    "china_meal_additional": "Oil, meal +100%",
    "china_seed_deposit": "Seed deposit +75.8%",
    "china_seed_antidumping": "Eased",
}
STRETCH = ["product", "date_from", "date_to", "rate"]


def by_product(
    products: Mapping[str, str], timeline: Callable[..., pd.DataFrame], *, start: date, end: date, **options: Any
) -> pd.DataFrame:
    """Rates in force on several products, one stretch per row.

    Parameters
    ----------
    products : mapping
        Name in the basket -> product of ``data/parameters`` (``seed`` -> ``canola_seed``).
    timeline : callable
        :func:`tradeexposure.parameters.timeline`.
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
    rates = pd.concat(paths, ignore_index=True)[STRETCH]
    dated = rates.assign(date_from=pd.to_datetime(rates["date_from"]), date_to=pd.to_datetime(rates["date_to"]))
    return dated.assign(rate=dated["rate"].astype(float))


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


def events(
    measures: Iterable[Measure], names: Mapping[str, str] = CANOLA_EVENTS, *, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Dates of measures to draw over a time axis.

    Parameters
    ----------
    names : mapping
        Id of a measure -> the few words that stand on the chart.
    until : Timestamp, optional
        Last day of the chart; later events are left out.

    Returns
    -------
    DataFrame
        `date` (first day in force, else the announcement), `label`, in order of time.

    Raises
    ------
    BadInput
        An id that no measure has, or a measure without a date.
    """
    found = {measure.id: measure.effective or measure.announced for measure in measures}
    dates = {name: day for name, day in found.items() if day is not None}
    for name in names:
        if name not in dates:
            raise BadInput("measures", name, found="no dated measure of that id", allowed=", ".join(sorted(dates)))
    frame = pd.DataFrame({"date": [pd.Timestamp(dates[name]) for name in names], "label": list(names.values())})
    shown = frame if until is None else frame[frame["date"] <= until]
    return shown.sort_values("date", ignore_index=True)


def last_day(months: pd.Series) -> pd.Timestamp:
    """The last day of the newest month, or the last on which the policy facts say anything, whichever is earlier."""
    end = pd.Timestamp(months.max()) + pd.offsets.MonthEnd(0)
    return min(end, pd.Timestamp(LAST_DAY))
