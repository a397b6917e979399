"""Log prices in Canadian dollars, side by side by month, and the windows in which a measure may have moved them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure import families
from tradeexposure.core.errors import BadInput

TARGET = "canola"
COMPLEX = ("soybeans", "soybean_oil", "soybean_meal", "palm_oil", "crude_oil")
#: Sets of world prices that a counterfactual is conditioned on.
VARIABLES: dict[str, tuple[str, ...]] = {
    "complex": COMPLEX,
    "complex_and_rapeseed_oil": (*COMPLEX, "rapeseed_oil"),
    "oils": ("soybean_oil", "palm_oil", "crude_oil"),
    "grains": ("wheat_hrw", "maize", "crude_oil"),
}
PRAIRIES = ("Alberta", "Manitoba", "Saskatchewan")
MINIMUM_MONTHS = 72  # six years: enough for a dozen coefficients, and no less than Prairie wheat has before 2019
#: Placebo crops: (crop, provinces, world prices).
PLACEBO_CROPS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "wheat_prairies": ("wheat", PRAIRIES, "grains"),
    "flax_saskatchewan": ("flaxseed", ("Saskatchewan",), "complex"),
    "canola_ontario": ("canola", ("Ontario",), "complex"),
    "soybeans_ontario": ("soybeans", ("Ontario",), "complex"),
}


@dataclass(frozen=True)
class Window:
    """Months in which a measure was in force, and the last month a counterfactual may be fitted to.

    Attributes
    ----------
    name : str
        As it stands in result identifiers (``2019``, ``2025_mar``).
    first, last : Timestamp
        First and last month of the mean.
    origin : Timestamp
        Last month of the fit, before `first`.
    """

    name: str
    first: pd.Timestamp
    last: pd.Timestamp
    origin: pd.Timestamp

    @property
    def months(self) -> int:
        """Length of the window."""
        return len(pd.date_range(self.first, self.last, freq="MS"))

    @property
    def span(self) -> str:
        """First and last month as text."""
        return f"{self.first:%Y-%m} to {self.last:%Y-%m}"


def window(name: str, first: str, last: str, origin: str | None = None) -> Window:
    """A window; the fit ends the month before it unless `origin` says otherwise.

    Raises
    ------
    BadInput
        No month as 2019-03, the last before the first, or a fit that reaches into the window.
    """
    start, end = _month(first, f"{name} first"), _month(last, f"{name} last")
    before = start - pd.DateOffset(months=1) if origin is None else _month(origin, f"{name} origin")
    if end < start:
        raise BadInput("window", name, found=f"{first} to {last}", allowed="a last month not before the first")
    if before >= start:
        raise BadInput("window", f"{name} origin", found=str(origin), allowed=f"a month before {first}")
    return Window(name, start, end, before)


def _month(text: str, key: str) -> pd.Timestamp:
    when = pd.to_datetime(text, format="%Y-%m", errors="coerce")
    if pd.isna(when):
        raise BadInput("window", key, found=str(text), allowed="a month as 2019-03")
    return when


def checked(series: pd.Series) -> pd.Series:
    """`series` with a monthly frequency, or refused.

    Raises
    ------
    BadInput
        A gap or repeated month, too few months, a price that is missing or not above zero, or no variation.
    """
    ordered = families.checked(series, minimum=MINIMUM_MONTHS)
    if ordered.nunique() == 1:
        raise BadInput(str(series.name or "series"), found=f"always {ordered.iloc[0]}", allowed="a price that varies")
    return ordered


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

    Raises
    ------
    BadInput
        A month twice for one commodity.
    """
    repeated = commodities[commodities.duplicated(["month", "commodity"])]
    if len(repeated):
        row = repeated.iloc[0]
        raise BadInput(
            "commodity_prices_monthly", row["commodity"], found=f"{row['month']:%Y-%m} twice", allowed="each month once"
        )
    wide = commodities.pivot(index="month", columns="commodity", values="price_usd")
    rate = exchange.set_index("month")["cad_per_usd"]
    return wide.mul(checked(rate), axis=0).dropna(how="all")


def farm_price(farm_prices: pd.DataFrame, *, crop: str, provinces: Sequence[str]) -> pd.Series:
    """Simple mean of the farm prices of one crop over provinces, months with all of them, without gaps at the start.

    Parameters
    ----------
    farm_prices : DataFrame
        ``farm_prices_monthly``: `month`, `province`, `crop`, `price_cad_per_tonne`.

    Raises
    ------
    BadInput
        A crop or province that is not there, or a gap (see :func:`checked`).
    """
    rows = farm_prices[(farm_prices["crop"] == crop) & farm_prices["province"].isin(provinces)]
    wide = rows.pivot(index="month", columns="province", values="price_cad_per_tonne").dropna()
    if wide.shape[1] != len(provinces):
        found = f"{crop} in {', '.join(wide.columns) or 'no province'}"
        raise BadInput("farm_prices_monthly", "province", found=found, allowed=", ".join(provinces))
    return checked(wide.mean(axis=1).rename(f"{crop} farm price"))


def log_panel(price: pd.Series, world: pd.DataFrame, *, target: str = TARGET) -> pd.DataFrame:
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
        Index month (monthly frequency), column `target` and one per world price, natural logs. World prices that
        begin later or end earlier are missing there; the target never is.

    Raises
    ------
    BadInput
        See :func:`checked`; no month in common.
    """
    own = checked(price)
    shared = own.index.intersection(pd.DatetimeIndex(world.index))
    if len(shared) < MINIMUM_MONTHS:
        raise BadInput(str(price.name), found=f"{len(shared)} months with world prices", allowed=f"{MINIMUM_MONTHS}")
    frame = pd.concat([own.rename(target), world], axis=1, sort=True).loc[shared.min() : shared.max()].asfreq("MS")
    return pd.DataFrame(np.log(frame))


def complete(panel: pd.DataFrame, columns: Iterable[str], *, start: str, until: pd.Timestamp) -> pd.DataFrame:
    """The months of `panel` from `start` to `until` for some columns, all of them there.

    Raises
    ------
    BadInput
        A column that is not there, a month outside the data, a missing price, a constant price.
    """
    names = list(columns)
    missing = [name for name in names if name not in panel]
    if missing:
        raise BadInput("prices", "column", found=", ".join(missing), allowed=", ".join(map(str, panel.columns)))
    held = panel[names].dropna()
    first = _month(start, "start")
    if first < held.index[0] or until > held.index[-1] or until <= first:
        raise BadInput(
            "window", found=f"{first:%Y-%m} to {until:%Y-%m}",
            allowed=f"months from {held.index[0]:%Y-%m} to {held.index[-1]:%Y-%m}",
        )  # fmt: skip
    cut = held.loc[first:until]
    expected = pd.date_range(first, until, freq="MS")
    if len(cut) != len(expected):
        gap = expected.difference(pd.DatetimeIndex(cut.index))[0]
        raise BadInput("prices", f"{gap:%Y-%m}", found="no price", allowed="a price in every month")
    still = [name for name in names if cut[name].nunique() == 1]
    if still:
        raise BadInput("prices", still[0], found="always the same", allowed="a price that varies")
    return cut


def crop_panels(farm_prices: pd.DataFrame, world: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """:func:`log_panel` of every placebo crop; its price stands in the column :data:`TARGET`."""
    return {
        name: log_panel(farm_price(farm_prices, crop=crop, provinces=provinces), world)
        for name, (crop, provinces, _) in PLACEBO_CROPS.items()
    }
