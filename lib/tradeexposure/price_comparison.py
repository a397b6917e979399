"""The industry's own method: set the farm price beside an international price and count the shortfall as the cost.

No model and no interval: the answer depends on which international price and which base period are chosen.
"""

from __future__ import annotations

import pandas as pd

from tradeexposure import exposure
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics import specification_curve

OIL_YIELD, MEAL_YIELD = 0.425, 0.584  # tonnes per tonne of seed crushed, 32-10-0352
MEASURED = ("2019-03", "2020-07")  # the months of the industry's figure
BASES = {"the year before": ("2018-03", "2019-02"), "five years before": ("2014-03", "2019-02")}


def comparators(world: pd.DataFrame) -> pd.DataFrame:
    """International prices in CAD per tonne that the farm price can be set beside.

    Returns
    -------
    DataFrame
        Index month; `rapeseed_oil`, `soybeans`, `soybean_crush` and `rapeseed_crush` (value of the oil and soybean meal
        that a tonne of canola yields, at the price of soybean or rapeseed oil).
    """
    meal = MEAL_YIELD * world["soybean_meal"]
    return pd.DataFrame({
        "rapeseed_oil": world["rapeseed_oil"], "soybeans": world["soybeans"],
        "soybean_crush": OIL_YIELD * world["soybean_oil"] + meal,
        "rapeseed_crush": OIL_YIELD * world["rapeseed_oil"] + meal,
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
    shipped = exposure.monthly_exports(exports).groupby("month")["volume_kt"].sum()
    total = (shipped + crush.set_index("month")["seed_crushed_kt"]).dropna()
    return (total * 1000).rename("volume_t")


def costs(price: pd.Series, world: pd.DataFrame, exports: pd.DataFrame, crush: pd.DataFrame) -> pd.DataFrame:
    """Shortfall against each international price and base period, times the volume marketed.

    Parameters
    ----------
    price : Series
        Farm price, CAD per tonne by month.
    world : DataFrame
        From :func:`tradeexposure.prices.world_prices`.
    exports, crush : DataFrame
        As in :func:`marketed`.

    Returns
    -------
    DataFrame
        Key `comparator`, `base`; `gap` (mean of actual over comparison − 1), `gap_cad_per_tonne`, `cost_cad`.

    Raises
    ------
    BadInput
        A month without price or volume.
    """
    months, volume = pd.date_range(*MEASURED, freq="MS"), marketed(exports, crush)
    prices = comparators(world)
    if not (months.isin(price.index).all() and months.isin(volume.index).all()):
        raise BadInput("price comparison", found="a month without price or volume", allowed=" to ".join(MEASURED))
    rows = []
    for row in specification_curve.grid({"comparator": tuple(prices), "base": tuple(BASES)}).to_dict("records"):
        other = prices[row["comparator"]]
        first, last = BASES[row["base"]]
        ratio = (price / other).loc[first:last].mean()
        gap = price[months] - ratio * other[months]
        rows.append({**row, "gap": float((price[months] / (ratio * other[months]) - 1).mean()),
                     "gap_cad_per_tonne": float(gap.mean()),
                     "cost_cad": float(-(gap * volume[months]).sum())})  # fmt: skip
    return pd.DataFrame(rows)
