"""Exports of several crops by destination and month, with the zeros the source leaves out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import seed_exports
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.months import count

KEY = ["crop", "destination", "month"]
OTHER = "Other"


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
        See :func:`seed_exports.monthly_exports`.
    """
    parts = [seed_exports.monthly_exports(table, grain=crop).assign(crop=crop) for crop in crops]
    rows = pd.concat(parts, ignore_index=True)
    union = rows["destination"].replace(seed_exports.IN_UNION)
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
        raise BadInput(
            seed_exports.EXPORTS_TABLE, "destination", found=unknown[0], allowed="a destination of the table"
        )
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
    unit = rows.groupby(list(units), sort=False, dropna=False).ngroup().to_numpy()
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
    """Cells that shipped in at least `share` of `months`; key `crop`, `destination`, with `shipped` and `mean_kt`."""
    some = rows[rows["month"].isin(months)]
    grouped = some.assign(shipped=some["volume_kt"] > 0).groupby(["crop", "destination"])
    cells = grouped.agg(shipped=("shipped", "mean"), mean_kt=("volume_kt", "mean"))
    return cells[cells["shipped"] >= share].reset_index()
