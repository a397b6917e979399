"""Exports of canola and other crops by month and destination, with the zeros that the source leaves out.

How much of canola seed's depends on China, by calendar and crop year; and flows of several crops as panels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.geography import CHINA
from tradeexposure.econometrics.poisson.fit import level_numbers
from tradeexposure.econometrics.time_series.months import count

IN_SOURCE = {"China P.R.": CHINA}  # names of destinations in the table that are written otherwise here
CROP_YEAR_STARTS = 8  # August: the crop year of the Canadian Grain Commission runs from August to July
EUROPEAN_UNION = "European Union"
#: Members since 2013 that appear in the file for any grain; the United Kingdom stays apart throughout.
MEMBERS = (
    *("Belgium", "Bulgaria", "Finland", "France", "Germany", "Greece", "Ireland", "Italy", "Latvia"),
    *("Netherlands", "Portugal", "Romania", "Spain"),
)
IN_UNION = dict.fromkeys(MEMBERS, EUROPEAN_UNION)
HALF_YEAR = pd.DateOffset(months=6)
TABLE = "grain_exports_monthly"
KEY = ["crop", "destination", "month"]
OTHER = "Other"


def monthly_exports(table: pd.DataFrame, *, grain: str = "canola") -> pd.DataFrame:
    """Exports of one grain for every month and destination, with the zeros the source leaves out.

    The source prints a row only where something was shipped, so within its months an absent row is a zero.

    Parameters
    ----------
    table : DataFrame
        ``grain_exports_monthly``: `month`, `grain`, `destination`, `volume_kt`, all grains (a month is
        known to be covered if any grain has a row in it).

    Returns
    -------
    DataFrame
        Key `month`, `destination`; `volume_kt`. Every destination that ever took the grain, every month.

    Raises
    ------
    BadInput
        Unknown grain, or a month in the middle without any row.
    """
    rows = table[table["grain"] == grain].replace({"destination": IN_SOURCE})
    if rows.empty:
        raise BadInput(TABLE, "grain", found=grain, allowed=", ".join(sorted(table["grain"].unique())))
    months = pd.date_range(table["month"].min(), table["month"].max(), freq="MS", name="month")
    holes = months.difference(pd.DatetimeIndex(table["month"]))
    if len(holes):
        raise BadInput(TABLE, "month", found=f"no row at all in {holes[0]:%Y-%m}", allowed="months in a row")
    wide = rows.pivot(index="month", columns="destination", values="volume_kt").reindex(months).fillna(0.0)
    return (
        wide.reset_index()
        .melt(id_vars="month", value_name="volume_kt")
        .sort_values(["month", "destination"], ignore_index=True)
    )


def year_of(months: pd.Series, *, year: str = "calendar") -> pd.Series:
    """The year each month belongs to, as text: ``2024``, or the crop year ``2023-24`` (August to July)."""
    if year == "calendar":
        return months.dt.year.astype(str)
    if year != "crop":
        raise BadInput("year", found=year, allowed="calendar, crop")
    start = months.dt.year - (months.dt.month < CROP_YEAR_STARTS).astype(int)
    return start.astype(str) + "-" + ((start + 1) % 100).astype(str).str.zfill(2)


def annual_exports(monthly: pd.DataFrame, *, year: str = "calendar") -> pd.DataFrame:
    """Exports by year and destination, with the number of months behind each year.

    Returns
    -------
    DataFrame
        Key `year` (text), `destination`; `volume_kt`, `months`. A year with fewer than 12 months is not a full year.
    """
    dated = monthly.assign(year=year_of(monthly["month"], year=year))
    months = dated.groupby("year")["month"].nunique().rename("months")
    total = dated.groupby(["year", "destination"], as_index=False)["volume_kt"].sum()
    return total.merge(months.reset_index(), on="year")


def concentration(annual: pd.DataFrame) -> pd.DataFrame:
    """Dependence on China, and how many markets of equal size the trade is worth.

    Returns
    -------
    DataFrame
        Key `year`; `months`, `exports_kt`, `market_kt`, `share_of_exports` (0-1), `effective_markets`
        = 1 / sum of squared shares (the inverse Herfindahl index, from 1 to the number of destinations).
    """
    if CHINA not in set(annual["destination"]):
        raise BadInput(TABLE, "destination", found=CHINA, allowed="a destination of the table")
    wide = annual.pivot(index="year", columns="destination", values="volume_kt")
    total = wide.sum(axis=1)
    if (total <= 0).any():
        raise BadInput(TABLE, "volume_kt", found=f"no exports in {total.idxmin()}", allowed="a positive total")
    shares = wide.div(total, axis=0)
    return pd.DataFrame(
        {
            "months": annual.groupby("year")["months"].first(),
            "exports_kt": total,
            "market_kt": wide[CHINA],
            "share_of_exports": shares[CHINA],
            "effective_markets": 1 / (shares**2).sum(axis=1),
        }
    ).reset_index()


def full_years(frame: pd.DataFrame) -> pd.DataFrame:
    """Only the full years: 12 months of data behind the row."""
    return frame[frame["months"] == MONTHS_IN_YEAR].drop(columns="months").reset_index(drop=True)


def both_calendars(calendar: pd.DataFrame, crop_years: pd.DataFrame) -> pd.DataFrame:
    """Full calendar and crop years one above the other, placed in the middle of the year for a chart.

    Returns
    -------
    DataFrame
        `kind` (Calendar year, Crop year), `year`, `middle` (date), `share_of_exports`.
    """
    full, crop = full_years(calendar), full_years(crop_years)
    full = full.assign(kind="Calendar year", middle=pd.to_datetime(full["year"] + "-07-01"))
    crop = crop.assign(kind="Crop year", middle=pd.to_datetime(crop["year"].str[:4] + "-08-01") + HALF_YEAR)
    return pd.concat([full, crop], ignore_index=True)[["kind", "year", "middle", "share_of_exports"]]


def through_month(monthly: pd.DataFrame, *, month: int) -> pd.DataFrame:
    """January to `month` of every year, to set beside a year that is not over."""
    return monthly[monthly["month"].dt.month <= month].reset_index(drop=True)


def change_so_far(monthly: pd.DataFrame, *, until: str | None = None) -> float:
    """Change of exports to China: the months of a year up to `until` (the newest held) against a year earlier."""
    last = monthly["month"].max() if until is None else pd.Timestamp(until)
    monthly = monthly[monthly["month"] <= last]
    same_months = through_month(monthly, month=last.month)
    yearly = same_months[same_months["destination"] == CHINA].groupby(same_months["month"].dt.year)["volume_kt"].sum()
    return float(yearly.loc[last.year] / yearly.loc[last.year - 1] - 1)


def group_destinations(monthly: pd.DataFrame, *, keep: Sequence[str]) -> pd.DataFrame:
    """Monthly exports with member states summed to the European Union, and destinations not in `keep` to Other.

    Rows are in the order of `keep`, then in time.
    """
    named = monthly["destination"].replace(IN_UNION)
    grouped = named.where(named.isin(keep), OTHER)
    summed = monthly.assign(destination=grouped).groupby(["destination", "month"])["volume_kt"].sum().reset_index()
    order = [*keep, OTHER]
    return summed.sort_values("destination", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)


def flows(table: pd.DataFrame, *, crops: Sequence[str]) -> pd.DataFrame:
    """Exports by crop, destination and month, every combination of destination and month present.

    Parameters
    ----------
    table : DataFrame
        ``grain_exports_monthly``: `month`, `grain`, `destination`, `volume_kt`.

    Returns
    -------
    DataFrame
        Key `crop`, `destination` (the European Union summed), `month`; `volume_kt`.

    Raises
    ------
    BadInput
        See :func:`monthly_exports`.
    """
    parts = [monthly_exports(table, grain=crop).assign(crop=crop) for crop in crops]
    rows = pd.concat(parts, ignore_index=True)
    union = rows["destination"].replace(IN_UNION)
    return rows.assign(destination=union).groupby(KEY)["volume_kt"].sum().reset_index()


def markets_apart(rows: pd.DataFrame, *, markets: Sequence[str]) -> pd.DataFrame:
    """:func:`flows` with all destinations but `markets` summed to Other.

    Raises
    ------
    BadInput
        A market to which no crop was ever shipped.
    """
    known = rows["destination"].unique()
    unknown = [market for market in markets if market not in known]
    if unknown:
        raise BadInput(TABLE, "destination", found=unknown[0], allowed="a destination of the table")
    named = rows["destination"].where(rows["destination"].isin(markets), OTHER)
    return rows.assign(destination=named).groupby(KEY)["volume_kt"].sum().reset_index()


def by_month(rows: pd.DataFrame, *, crop: str = "canola") -> pd.DataFrame:
    """One crop as months (index, monthly frequency) by destinations; kt.

    Raises
    ------
    BadInput
        Unknown crop, a repeated key, a gap, or a missing volume.
    """
    some = rows[rows["crop"] == crop]
    if some.empty:
        raise BadInput("flows", "crop", found=crop, allowed=", ".join(sorted(rows["crop"].unique())))
    refuse_holes(some, ["crop", "destination"])
    return some.pivot(index="month", columns="destination", values="volume_kt").asfreq("MS")


def refuse_holes(rows: pd.DataFrame, units: Sequence[str]) -> None:
    """Refuse a panel that does not hold every month between its first and last once for every unit.

    Raises
    ------
    BadInput
        A repeated key, an absent month, or a volume that is missing or negative.
    """
    length = count(rows["month"].min(), rows["month"].max())
    unit = level_numbers(rows, tuple(units))
    month = pd.factorize(rows["month"])[0] + 1
    if np.bincount(unit * (month.max() + 1) + month).max() > 1:
        first = rows[rows.duplicated([*units, "month"])].iloc[0]
        raise BadInput("flows", "month", found=f"{first['month']:%Y-%m} twice", allowed="each month once")
    counts = np.bincount(unit)
    if (counts != length).any():
        short = rows[list(units)].iloc[np.flatnonzero(counts[unit] != length)[0]]
        name = " to ".join(map(str, short))
        raise BadInput("flows", "month", found=f"{counts.min()} months for {name}", allowed=f"{length} in a row")
    volume = rows["volume_kt"].to_numpy(dtype=float)
    if not (np.isfinite(volume) & (volume >= 0)).all():
        raise BadInput("flows", "volume_kt", found="a missing or negative volume", allowed="0 or more")


def regular_cells(rows: pd.DataFrame, *, months: pd.DatetimeIndex, share: float) -> pd.DataFrame:
    """Cells that shipped in at least `share` of `months`; key `crop`, `destination`, with `shipped`."""
    some = rows[rows["month"].isin(months)]
    cells = some.assign(shipped=some["volume_kt"] > 0).groupby(["crop", "destination"])[["shipped"]].mean()
    return cells[cells["shipped"] >= share].reset_index()
