"""What a fall of the farm price cost growers, by two ways: the estimated effect, and a comparison of prices.

The estimated effect times receipts gives the cost by province, farm and hectare, the interval carried through. The
industry's own method sets the farm price beside an international price and counts the shortfall as the cost: no model
and no interval, and the answer depends on which international price and which base period are chosen.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure.canola.exposure import grain_exports
from tradeexposure.canola.exposure import receipts as farm_receipts
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.geography import CODES
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.time_series.months import Span, Window


def parts(window: Window) -> dict[int, float]:
    """Part of each year's receipts that a window covers; marketings by month and province are not held."""
    months = pd.date_range(window.first, window.last, freq="MS")
    return {int(year): int((months.year == year).sum()) / MONTHS_IN_YEAR for year in months.year.unique()}


def cost_factor(effect: float) -> float:
    """Cost per dollar received: −e / (1 + e), since receipts are already lower by e (a gain is negative).

    Raises
    ------
    BadInput
        An effect of −1 or below.
    """
    if not effect > -1:
        raise BadInput("effect", found=str(effect), allowed="above −1, as a share")
    return -effect / (1 + effect)


def window_receipts(receipts: pd.DataFrame, *, years: Mapping[int, float]) -> pd.DataFrame:
    """Receipts of canola in a window as parts of calendar years.

    Parameters
    ----------
    receipts : DataFrame
        ``farm_cash_receipts_annual``: `year`, `geo`, `item`, `receipts_cad`.
    years : mapping
        Year → part of it that the window covers.

    Returns
    -------
    DataFrame
        Key `geo`; `place` (code), `receipts_cad`; places with receipts in every year, Canada last.

    Raises
    ------
    BadInput
        A year that is not held.
    """
    rows = receipts[(receipts["item"] == "canola") & receipts["year"].isin(years)]
    farm_receipts.check_years(rows, years)
    wide = rows.pivot(index="geo", columns="year", values="receipts_cad").dropna()
    total = sum(part * wide[year] for year, part in years.items())
    table = wide.assign(receipts_cad=total)[["receipts_cad"]].query("receipts_cad > 0")
    table = table.reindex([geo for geo in CODES if geo in table.index]).rename_axis("geo").reset_index()
    return table.assign(place=table["geo"].map(CODES))[["geo", "place", "receipts_cad"]]


def grower_cost(receipts: pd.DataFrame, *, effect: float, low: float, high: float) -> pd.DataFrame:
    """What growers lost to a price effect; positive is a loss.

    Parameters
    ----------
    receipts : DataFrame
        From :func:`window_receipts`.
    effect, low, high : float
        Price effect and its interval, as shares.

    Returns
    -------
    DataFrame
        Key `geo`; `place`, `receipts_cad`, `cost_cad`, `low_cad` (from `high`), `high_cad` (from `low`).
    """
    factors = {"cost_cad": effect, "low_cad": high, "high_cad": low}
    costs = {name: cost_factor(share) * receipts["receipts_cad"] for name, share in factors.items()}
    return receipts.assign(**costs)


def per_unit(costs: pd.DataFrame, census: pd.DataFrame, crops: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """:func:`receipts.per_unit` of :func:`grower_cost` where there are farms; missing where there is no area."""
    each = farm_receipts.per_unit(costs, census, crops, year=year, amounts=("cost", "low", "high"), whole=False)
    return each[each["farms"] > 0].reset_index(drop=True)


def comparators(world: pd.DataFrame, *, yields: Mapping[str, float]) -> pd.DataFrame:
    """International prices in CAD per tonne that the farm price can be set beside.

    Parameters
    ----------
    yields : mapping
        `oil_yield`, `meal_yield`: tonnes from a tonne of seed crushed.

    Returns
    -------
    DataFrame
        Index month; `rapeseed_oil`, `soybeans`, `soybean_crush` and `rapeseed_crush` (value of the oil and soybean meal
        that a tonne of canola yields, at the price of soybean or rapeseed oil).
    """
    oil, meal = yields["oil_yield"], yields["meal_yield"] * world["soybean_meal"]
    return pd.DataFrame({
        "rapeseed_oil": world["rapeseed_oil"], "soybeans": world["soybeans"],
        "soybean_crush": oil * world["soybean_oil"] + meal,
        "rapeseed_crush": oil * world["rapeseed_oil"] + meal,
    })  # fmt: skip


def marketed(exports: pd.DataFrame, crush: pd.DataFrame) -> pd.Series:
    """Tonnes of seed exported and crushed by month.

    Parameters
    ----------
    exports : DataFrame
        ``grain_exports_monthly``.
    crush : DataFrame
        ``canola_crush_monthly``: `month`, `seed_crushed_kt`.
    """
    shipped = grain_exports.monthly_exports(exports).groupby("month")["volume_kt"].sum()
    total = (shipped + crush.set_index("month")["seed_crushed_kt"]).dropna()
    return (total * 1000).rename("volume_t")


def costs(
    price: pd.Series,
    world: pd.DataFrame,
    exports: pd.DataFrame,
    crush: pd.DataFrame,
    *,
    months: Span,
    bases: Mapping[str, Span],
    yields: Mapping[str, float],
) -> pd.DataFrame:
    """Shortfall against each international price and base period, times the volume marketed.

    Parameters
    ----------
    price : Series
        Farm price, CAD per tonne by month.
    world : DataFrame
        From :func:`tradeexposure.canola.price_effect.prices.world_prices`.
    exports, crush : DataFrame
        As in :func:`marketed`.
    months : Span
        First and last month of the cost.
    bases : mapping
        Name → months whose ratio of farm price to international price counts as usual.
    yields : mapping
        As for :func:`comparators`.

    Returns
    -------
    DataFrame
        Key `comparator`, `base`; `gap` (mean of actual over comparison − 1), `gap_cad_per_tonne`, `cost_cad`.

    Raises
    ------
    BadInput
        A month without price or volume.
    """
    dates, volume = pd.date_range(*months, freq="MS"), marketed(exports, crush)
    prices = comparators(world, yields=yields)
    if not (dates.isin(price.index).all() and dates.isin(volume.index).all()):
        raise BadInput("price comparison", found="a month without price or volume", allowed=" to ".join(months))
    rows = []
    for row in specification_curve.grid({"comparator": tuple(prices), "base": tuple(bases)}).to_dict("records"):
        comparator = prices[row["comparator"]]
        first, last = bases[row["base"]]
        ratio = (price / comparator).loc[first:last].mean()
        gap = price[dates] - ratio * comparator[dates]
        rows.append({**row, "gap": float((price[dates] / (ratio * comparator[dates]) - 1).mean()),
                     "gap_cad_per_tonne": float(gap.mean()),
                     "cost_cad": float(-(gap * volume[dates]).sum())})  # fmt: skip
    return pd.DataFrame(rows)
