"""The panel behind the demand estimates: registrations by province, quarter and fuel, with the rebate in force.

A table of programmes (jurisdiction × programme × vehicle × period) becomes one amount per jurisdiction and quarter, in
which each day counts with the amount in force on it. What a table leaves open (which programmes count, from which day
buyers could know of them) is a :class:`Reading`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import THOUSAND
from tradeexposure.vehicles import registrations
from tradeexposure.vehicles.registrations import ALL_FUELS, PROVINCIAL

DECADE = 40.0  # quarters; trends enter in decades, which keeps the design well scaled
WHERE = "ev_rebates"
FAR = pd.Timestamp("2262-01-01")  # stands for the end of a period that is still open


def counts(table: pd.DataFrame, *, provinces: Sequence[str]) -> pd.DataFrame:
    """Registrations of all vehicle types by province, quarter and fuel.

    Parameters
    ----------
    table : DataFrame
        ``vehicle_registrations_quarterly``: `quarter`, `geo`, `fuel`, `vehicle_type`, `registrations`.

    Returns
    -------
    DataFrame
        Index `geo`, `quarter`; one column per fuel.

    Raises
    ------
    BadInput
        As :func:`registrations.quarterly`; a province or one of its quarters that is not there.
    """
    rows = registrations.quarterly(table)
    chosen = rows[rows["geo"].isin(list(provinces))]
    if chosen.empty:
        raise BadInput(PROVINCIAL, "geo", found=f"no rows of {provinces[0]}", allowed="every province of the panel")
    quarters = registrations.by_place(chosen, places=provinces).index.unique("quarter")
    wide = chosen.pivot(index=["geo", "quarter"], columns="fuel", values="registrations")
    return wide.loc[pd.MultiIndex.from_product([list(provinces), quarters], names=["geo", "quarter"])]


def panel(
    wide: pd.DataFrame, paths: pd.DataFrame, *, fuel: str, added: float, rush: Sequence[tuple[str, str, str]] = ()
) -> pd.DataFrame:
    """One row per province and quarter, with the rebate of the quarter, of the one before and of the one after.

    Parameters
    ----------
    wide : DataFrame
        From :func:`counts`.
    paths : DataFrame
        From :func:`tradeexposure.vehicles.demand.panel.paths`: index `quarter`, a column per province, C$ thousand.
    fuel : str
        Column of `wide` that answers.
    added : float
        Cars added to each count before its log is taken, so that a quarter without any has one.
    rush : sequence of (province, first quarter, last quarter)
        Quarters in which buyers knew that an amount would change.

    Returns
    -------
    DataFrame
        `geo`, `quarter`, `registrations`, `total`, `share`, `log_share`, `log_total`, `decade` (time), `rebate`,
        `rebate_lag`, `rebate_lead` (missing at the ends), `rush`.
    """
    long = paths.rename_axis(index="quarter").reset_index().melt("quarter", var_name="geo", value_name="rebate")
    cars = wide[[fuel, ALL_FUELS]].set_axis(["registrations", "total"], axis=1).reset_index()
    rows = cars.merge(long, on=["geo", "quarter"], how="left", validate="one_to_one")
    if rows["rebate"].isna().any():
        raise BadInput(
            "rebate paths", found="a province or quarter without an amount", allowed="every one of the panel"
        )
    moved = rows.groupby("geo", sort=False)["rebate"]
    since = rows["quarter"].dt.to_period("Q").astype("int64") - rows["quarter"].min().to_period("Q").ordinal
    marked = np.zeros(len(rows), bool)
    for geo, first, last in rush:
        inside = rows["quarter"].between(pd.Period(first, "Q").to_timestamp(), pd.Period(last, "Q").to_timestamp())
        marked |= ((rows["geo"] == geo) & inside).to_numpy()
    return rows.assign(
        share=rows["registrations"] / rows["total"],
        log_share=np.log((rows["registrations"] + added) / rows["total"]), log_total=np.log(rows["total"]),
        decade=since / DECADE, rebate_lag=moved.shift(1), rebate_lead=moved.shift(-1), rush=marked,
    )  # fmt: skip


@dataclass(frozen=True)
class Scaling:
    """A stretch in which only part of a stated amount counts."""

    jurisdiction: str
    date_start: str  #: First day; it holds to the end unless a later scaling of the same jurisdiction begins.
    factor: float  #: Share of the stated amount, 0 to 1.


@dataclass(frozen=True)
class Reading:
    """One way to read the programmes."""

    name: str
    left_out: tuple[str, ...] = ()  #: Beginnings of programme names that are no provincial purchase rebate.
    #: `starts`, `ends`: programme → first or last day on which buyers acted on it, where that is not the day in the
    #: table.
    starts: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    scalings: tuple[Scaling, ...] = ()


def read_periods(
    rebates: pd.DataFrame, reading: Reading, *, vehicle: str, jurisdictions: Sequence[str]
) -> pd.DataFrame:
    """The periods of one vehicle class as `reading` takes them.

    Returns
    -------
    DataFrame
        `jurisdiction`, `programme`, `date_start`, `date_end` (missing: still open), `amount_cad`.

    Raises
    ------
    BadInput
        An unknown vehicle class, a negative amount that is not left out, a programme named by the reading that is not
        there, a period that ends before it starts, or two periods of a jurisdiction that overlap.
    """
    if vehicle not in set(rebates["vehicle"]):
        raise BadInput(WHERE, "vehicle", found=vehicle, allowed=", ".join(sorted(set(rebates["vehicle"]))))
    chosen = rebates[(rebates["vehicle"] == vehicle) & rebates["jurisdiction"].isin(list(jurisdictions))]
    kept = chosen[~chosen["programme"].str.startswith(reading.left_out)] if reading.left_out else chosen
    unknown = sorted((set(reading.starts) | set(reading.ends)) - set(rebates["programme"]))
    if unknown:
        raise BadInput(WHERE, "programme", found=unknown[0], allowed="a programme of the table")
    own_start, own_end = (
        pd.to_datetime(kept["programme"].map(dict(days))).astype(kept["date_start"].dtype)
        for days in (reading.starts, reading.ends)
    )
    periods = kept.assign(date_start=own_start.fillna(kept["date_start"]), date_end=own_end.fillna(kept["date_end"]))
    _refuse_faults(periods)
    columns = ["jurisdiction", "programme", "date_start", "date_end", "amount_cad"]
    return periods[columns].sort_values(["jurisdiction", "date_start"], ignore_index=True)


def _refuse_faults(periods: pd.DataFrame) -> None:
    named = (periods["jurisdiction"] + ", " + periods["programme"]).to_numpy()
    starts, ends = periods["date_start"], periods["date_end"]
    for place in np.flatnonzero(~(periods["amount_cad"] >= 0).to_numpy()):
        amount = f"{periods['amount_cad'].iloc[place]:g}"
        raise BadInput(WHERE, named[place], found=amount, allowed="a rebate of zero or more")
    for place in np.flatnonzero((ends < starts).to_numpy()):
        allowed = f"an end after {starts.iloc[place]:%Y-%m-%d}"
        raise BadInput(WHERE, named[place], found=f"{ends.iloc[place]:%Y-%m-%d}", allowed=allowed)
    ordered = periods.sort_values(["jurisdiction", "date_start"])
    latest = ordered["date_end"].fillna(FAR).groupby(ordered["jurisdiction"]).cummax()
    before = latest.groupby(ordered["jurisdiction"]).shift()
    for place in np.flatnonzero((before >= ordered["date_start"]).to_numpy()):
        row = ordered.iloc[place]
        raise BadInput(
            WHERE, f"{row['jurisdiction']}, {row['programme']}", found=f"starts {row['date_start']:%Y-%m-%d}",
            allowed="a start after the period before it has ended; one amount a day",
        )  # fmt: skip


def paths(
    rebates: pd.DataFrame, reading: Reading, *, vehicle: str, jurisdictions: Sequence[str], quarters: pd.DatetimeIndex
) -> pd.DataFrame:
    """Mean amount over the days of each quarter, by jurisdiction, of :func:`read_periods`; C$ thousand.

    `quarters` has their first days. A day without a period has no rebate.
    """
    days = pd.date_range(quarters[0], quarters[-1] + pd.offsets.QuarterEnd(0), freq="D")
    amounts, weights = (pd.DataFrame(start, index=days, columns=list(jurisdictions)) for start in (0.0, 1.0))
    for row in read_periods(rebates, reading, vehicle=vehicle, jurisdictions=jurisdictions).to_dict("records"):
        end = days[-1] if pd.isna(row["date_end"]) else row["date_end"]
        amounts.loc[row["date_start"] : end, str(row["jurisdiction"])] = row["amount_cad"] / THOUSAND
    for scaling in reading.scalings:
        weights.loc[scaling.date_start :, scaling.jurisdiction] = scaling.factor
    return (amounts * weights).resample("QS").mean().rename_axis("quarter").loc[quarters]
