"""Farm and world prices as logs in Canadian dollars, by month; which crops and prices can be controls or placebos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.months import MINIMUM_MONTHS, complete_prices

TARGET = "canola"
#: A placebo crop: crop, provinces, name of the set of world prices.
PlaceboCrop = tuple[str, Sequence[str], str]


def world_prices(commodities: pd.DataFrame, exchange: pd.DataFrame) -> pd.DataFrame:
    """World prices in Canadian dollars.

    Parameters
    ----------
    commodities : DataFrame
        ``commodity_prices_monthly``: `month`, `commodity`, `price_usd` (per tonne; crude oil per barrel).
    exchange : DataFrame
        ``exchange_rate_monthly``: `month`, `cad_per_usd`.

    Returns
    -------
    DataFrame
        Index month, one column per commodity, CAD per tonne (crude oil: per barrel); months with an exchange rate.
    """
    wide = commodities.pivot(index="month", columns="commodity", values="price_usd")
    rate = exchange.set_index("month")["cad_per_usd"]
    return wide.mul(complete_prices(rate), axis=0).dropna(how="all")


def farm_price(farm_prices: pd.DataFrame, *, crop: str, provinces: Sequence[str]) -> pd.Series:
    """Simple mean of the farm prices of one crop over provinces, months with all of them, without gaps at the start.

    Parameters
    ----------
    farm_prices : DataFrame
        ``farm_prices_monthly``: `month`, `province`, `crop`, `price_cad_per_tonne`.

    Raises
    ------
    BadInput
        A crop or province that is not there, or a gap (see :func:`complete_prices`).
    """
    rows = farm_prices[(farm_prices["crop"] == crop) & farm_prices["province"].isin(provinces)]
    wide = rows.pivot(index="month", columns="province", values="price_cad_per_tonne").dropna()
    if wide.shape[1] != len(provinces):
        provinces_held = f"{crop} in {', '.join(wide.columns) or 'no province'}"
        raise BadInput("farm_prices_monthly", "province", found=provinces_held, allowed=", ".join(provinces))
    return complete_prices(wide.mean(axis=1).rename(f"{crop} farm price"))


def log_panel(price: pd.Series, world: pd.DataFrame) -> pd.DataFrame:
    """Logs of a farm price and of world prices, months that have both.

    Parameters
    ----------
    price : Series
        CAD per tonne by month.
    world : DataFrame
        From :func:`world_prices`.

    Returns
    -------
    DataFrame
        Index month (monthly frequency), column :data:`TARGET` and one per world price, natural logs. World prices that
        begin later or end earlier are missing there; the target never is.

    Raises
    ------
    BadInput
        See :func:`complete_prices`; no month in common.
    """
    own = complete_prices(price)
    shared = own.index.intersection(pd.DatetimeIndex(world.index))
    if len(shared) < MINIMUM_MONTHS:
        raise BadInput(str(price.name), found=f"{len(shared)} months with world prices", allowed=f"{MINIMUM_MONTHS}")
    frame = pd.concat([own.rename(TARGET), world], axis=1, sort=True).loc[shared.min() : shared.max()].asfreq("MS")
    return pd.DataFrame(np.log(frame))


def crop_panels(
    farm_prices: pd.DataFrame, world: pd.DataFrame, crops: Mapping[str, PlaceboCrop]
) -> dict[str, pd.DataFrame]:
    """:func:`log_panel` of every placebo crop; its price stands in the column :data:`TARGET`."""
    return {
        name: log_panel(farm_price(farm_prices, crop=crop, provinces=provinces), world)
        for name, (crop, provinces, _) in crops.items()
    }
