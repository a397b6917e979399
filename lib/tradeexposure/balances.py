"""Where each harvest of canola went, by crop year, and what is left unexplained."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tradeexposure import exposure
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.cropflows import CHINA

PARTS = ("china_kt", "others_kt", "crush_kt", "residual_kt")
CLOSED = 1e-6  # kt; rounding of sums


def crop_years(monthly: pd.DataFrame, crush: pd.Series, harvest: pd.Series) -> pd.DataFrame:
    """Harvest and its uses in every crop year that is complete in all three sources.

    Parameters
    ----------
    monthly : DataFrame
        Canola by month and destination; kt.
    crush : Series
        kt by month.
    harvest : Series
        kt by crop year (``2019-20``).

    Returns
    -------
    DataFrame
        Index crop year; `harvest_kt` = `china_kt` + `others_kt` + `crush_kt` + `residual_kt`. The residual is the
        change of stocks, feed, seed, losses, and exports that do not pass a licensed facility.

    Raises
    ------
    BadInput
        No crop year is complete in all three.
    """
    both = pd.DataFrame({"china_kt": monthly[CHINA], "others_kt": monthly.drop(columns=CHINA).sum(axis=1)})
    shipped, crushed = _complete(both), _complete(crush.rename("crush_kt").to_frame())
    table = pd.concat([harvest.rename("harvest_kt"), shipped, crushed], axis=1, join="inner").dropna()
    if table.empty:
        raise BadInput("crop years", found="none complete", allowed="at least one in exports, crush and harvests")
    used = table["china_kt"] + table["others_kt"] + table["crush_kt"]
    return table.assign(residual_kt=table["harvest_kt"] - used).rename_axis("crop_year").sort_index()


def _complete(monthly: pd.DataFrame) -> pd.DataFrame:
    years = exposure.year_of(monthly.index.to_series(), year="crop")
    grouped = monthly.groupby(years)
    return grouped.sum()[grouped.size() == exposure.MONTHS_IN_YEAR]


def harvests(crops: pd.DataFrame, forecasts: pd.DataFrame) -> pd.Series:
    """Canola harvest by crop year in kt: official, and the latest outlook for crop years that have none yet.

    Parameters
    ----------
    crops : DataFrame
        ``field_crops_annual``.
    forecasts : DataFrame
        ``canola_balance_forecasts``.
    """
    national = crops[(crops["geo"] == "Canada") & (crops["crop"] == "canola")].dropna(subset="production_t")
    begins = national["year"].astype(int)
    names = begins.astype(str) + "-" + ((begins + 1) % 100).astype(str).str.zfill(2)
    official = pd.Series(national["production_t"].to_numpy() / 1e3, names.to_numpy())
    outlook = forecasts[(forecasts["item"] == "production") & (forecasts["unit"] == "million tonnes")]
    latest = outlook.sort_values("report").groupby("crop_year")["value"].last() * 1e3
    return pd.concat([official, latest[~latest.index.isin(official.index)]]).sort_index()


def changes(table: pd.DataFrame, *, year: str, against: Sequence[str]) -> pd.DataFrame:
    """Change of every part of one crop year from the mean of others: the parts sum to the change of the harvest.

    Returns
    -------
    DataFrame
        `part`, `usual_kt`, `volume_kt`, `change_kt`; the harvest last.

    Raises
    ------
    BadInput
        A crop year that is not in the table.
    """
    absent = [name for name in (year, *against) if name not in table.index]
    if absent:
        raise BadInput("crop_year", found=absent[0], allowed=", ".join(table.index))
    usual = table.loc[list(against)].mean()
    rows = pd.DataFrame({"usual_kt": usual, "volume_kt": table.loc[year]}).loc[[*PARTS, "harvest_kt"]]
    rows = rows.assign(change_kt=rows["volume_kt"] - rows["usual_kt"])
    parts = rows["change_kt"].to_numpy()
    if abs(parts[:-1].sum() - parts[-1]) > CLOSED:
        raise RunFailed(f"crop year {year}: the parts do not sum to the harvest")
    return rows.rename_axis("part").reset_index()
