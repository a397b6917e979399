"""Published answers of electric-car demand to price, brought to one unit, and the hull of these points and Ontario's.

A published own-price elasticity becomes an answer to a rebate of C$1,000 by the share of the rebate that buyers keep
and the price it is set against: both are ranges here, so that every published value becomes one too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.vehicles.demand.estimators import change
from tradeexposure.vehicles.demand.study import Ontario

TABLE = "benchmarks_vehicles"
CANADA = "EV sales change per C$1,000 price cut"  # applied by its author to price cuts, drawn from rebates
CANADA_NAME = "Canada, 2018 to 2025 (in Sawyer 2026)"
PASS_THROUGH_ROW = "share of EV subsidy captured by buyers"


@dataclass(frozen=True)
class Allowed:
    """Hull of published answers to C$1,000 of rebate and Ontario's: no interval, and no test of what lies outside."""

    #: Changes of registrations. `value` is Ontario's over four quarters; `low` and `high` are the smallest and the
    #: largest of Ontario's estimates and the published values, cut to what the panel does not reject.
    value: float
    low: float
    high: float
    cut: bool  #: Whether the panel cut either end.


def elasticity(coefficient: float, *, price_cad: float, pass_through: float) -> float:
    """Own-price elasticity that a log change per C$1,000 of rebate amounts to.

    A rebate of C$1,000 lowers the price that buyers pay by `pass_through` × C$1,000, so the answer to a price is the
    answer to the rebate ÷ `pass_through`; times the price in thousands, with the sign of a price.
    """
    if not 0 < pass_through <= 1:
        raise RunFailed(f"pass-through {pass_through:g} is not between 0 and 1")
    return -coefficient / pass_through * price_cad / 1000


def implied_semi_elasticity(price_elasticity: float, *, price_cad: float, pass_through: float) -> float:
    """Log change per C$1,000 of rebate that a published own-price elasticity amounts to; undoes :func:`elasticity`."""
    return -price_elasticity * pass_through / (price_cad / 1000)


def per_thousand(
    table: pd.DataFrame, studies: Mapping[str, tuple[str, str]], *, price_low: float, price_high: float
) -> pd.DataFrame:
    """Published values as changes per C$1,000 of rebate.

    Parameters
    ----------
    table : DataFrame
        ``benchmarks_vehicles``.
    studies : mapping
        Key → quantity in the table, an own-price elasticity, and name of the study.

    Returns
    -------
    DataFrame
        `key`, `study`, `stated`, `elasticity` (as stated; missing where the study states the answer to a rebate),
        `value`, `low`, `high` (changes; the ends over prices and pass-through, the value at the middle of both; equal
        where there is nothing to convert).
    """
    kept_by = pass_through(table)
    rows, middle = [], float(np.mean(kept_by))
    for key, (quantity, name) in studies.items():
        stated = data.figure(table, TABLE, quantity=quantity)
        ends = [implied_semi_elasticity(stated, price_cad=price, pass_through=kept)
                for price in (price_low, price_high) for kept in kept_by]  # fmt: skip
        centre = implied_semi_elasticity(stated, price_cad=(price_low + price_high) / 2, pass_through=middle)
        rows.append({"key": key, "study": name, "stated": f"elasticity {stated:g}".replace("-", "\N{MINUS SIGN}"),
                     "elasticity": stated, "value": change(centre), "low": change(min(ends)),
                     "high": change(max(ends))})  # fmt: skip
    canada = data.figure(table, TABLE, quantity=CANADA) / 100
    rows.append({"key": "canada", "study": CANADA_NAME, "stated": f"{canada:.1%} per C$1,000",
                 "elasticity": np.nan, "value": canada, "low": canada, "high": canada})  # fmt: skip
    return pd.DataFrame(rows)


def pass_through(table: pd.DataFrame) -> tuple[float, float]:
    """Share of a subsidy that buyers keep, lowest and highest published (Muehlegger and Rapson)."""
    cited = data.row(table, TABLE, quantity=PASS_THROUGH_ROW)
    return float(cited["low"]) / 100, float(cited["high"]) / 100


def allowed(cited: pd.DataFrame, ontario: Ontario, declared: pd.DataFrame, *, cut_by: Sequence[str]) -> Allowed:
    """The hull of Ontario's and published answers, within what the panel does not reject.

    Parameters
    ----------
    cited : DataFrame
        From :func:`per_thousand`.
    declared : DataFrame
        From :func:`tradeexposure.vehicles.demand.study.inference`.
    cut_by : sequence of str
        Specifications of `declared` whose sets of answers not rejected cut the range.

    Raises
    ------
    BadInput
        Sources that exclude each other.
    """
    own = [change(effect / ontario.short.amount) for effect in ontario.log_effects]
    low, high = min(*own, cited["low"].min()), max(*own, cited["high"].max())
    sets = declared[declared["name"].isin(cut_by)]
    inner_low, inner_high = max(low, sets["low"].max()), min(high, sets["high"].min())
    value = change(ontario.longer.per_thousand)
    if not inner_low <= value <= inner_high:
        raise BadInput("allowed range", found=f"{value:.3f}", allowed=f"{inner_low:.3f} to {inner_high:.3f}")
    return Allowed(value, inner_low, inner_high, (inner_low, inner_high) != (low, high))


def price_elasticities(
    semi: float, low: float, high: float, *, prices: tuple[float, ...], kept_by: tuple[float, float]
) -> pd.DataFrame:
    """Own-price elasticities of an answer to C$1,000 of rebate at given prices.

    Parameters
    ----------
    semi, low, high : float
        Changes per C$1,000.
    kept_by : (float, float)
        Share of a rebate that buyers keep, lowest and highest.

    Returns
    -------
    DataFrame
        `price` and `amount` (C$ as text, with commas), `value` (mean over the uniform pass-through), `low`, `high`
        (over its ends).
    """
    kept_low, kept_high = kept_by
    mean_inverse = float(np.log(kept_high / kept_low) / (kept_high - kept_low))
    rows = []
    for price in prices:
        ends = [elasticity(float(np.log1p(end)), price_cad=price, pass_through=kept)
                for end in (low, high) for kept in kept_by]  # fmt: skip
        value = elasticity(float(np.log1p(semi)), price_cad=price, pass_through=1.0) * mean_inverse
        written = {"price": f"{price:.0f}", "amount": f"{price:,.0f}"}
        rows.append({**written, "value": value, "low": min(ends), "high": max(ends)})
    return pd.DataFrame(rows)


def elasticities(
    cited: pd.DataFrame,
    ontario: Ontario,
    declared: pd.DataFrame,
    allowed: Allowed,
    *,
    prices: tuple[float, ...],
    kept_by: tuple[float, float],
    cut_by: Sequence[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """:func:`price_elasticities` of the pooled estimate with its range, and of the hull.

    Sources that state an answer to a rebate (Ontario, Canada) are converted at each price; published elasticities
    enter as stated, not by way of a rebate and back at another price and pass-through. Both have the `period` of the
    pooled estimate.
    """
    pooled = declared[declared["name"] == "all"]
    semi, low, high = (float(pooled[name].iloc[0]) for name in ("estimate", "low", "high"))
    period = pooled["period"].iloc[0]
    own = price_elasticities(semi, low, high, prices=prices, kept_by=kept_by).assign(period=period)
    answers = [change(effect / ontario.short.amount) for effect in ontario.log_effects]
    answers += list(cited.loc[cited["elasticity"].isna(), "value"])
    sets = declared[declared["name"].isin(cut_by)]
    uncut = price_elasticities(allowed.value, min(answers), max(answers), prices=prices, kept_by=kept_by)
    panel = price_elasticities(semi, sets["low"].max(), sets["high"].min(), prices=prices, kept_by=kept_by)
    stated = cited["elasticity"]
    return own, uncut.assign(
        period=period,
        low=np.maximum(np.minimum(uncut["low"], stated.min()), panel["low"]),
        high=np.minimum(np.maximum(uncut["high"], stated.max()), panel["high"]),
    )


def reported(table: pd.DataFrame) -> tuple[float, ...]:
    """Counts of Ontario's fall by others, before and after without a control, in per cent (``benchmarks_rebates``)."""
    rows = table[table["study"].str.contains("Ontario")]
    return tuple(map(float, rows["value"]))
