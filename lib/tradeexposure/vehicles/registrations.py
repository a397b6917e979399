"""New vehicle registrations by quarter, place and fuel, and what the provincial figures leave out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.data.geography import CANADA
from tradeexposure.data.geography import PROVINCES as ALL_PROVINCES
from tradeexposure.data.table_schema import check_shares

TERRITORIES = ("Yukon", "Northwest Territories", "Nunavut")
NOT_PUBLISHED = ("Alberta", "Newfoundland and Labrador")  # no provincial figures by law of data sharing
PROVINCES = tuple(name for name in ALL_PROVINCES if name not in NOT_PUBLISHED)
ALL_FUELS, BATTERY, PLUG_IN = "all fuel types", "battery electric", "plug-in hybrid electric"
ZERO_EMISSION = "all zero-emission vehicles"  # a sum of two fuels, which the provincial table has beside them
FUELS_ROUNDED = 5  # cars that rounding of counts may leave between all fuels and their sum
PROVINCIAL, NATIONAL = "vehicle_registrations_quarterly", "vehicle_registrations_canada_quarterly"


def quarterly(table: pd.DataFrame) -> pd.DataFrame:
    """Registrations of all vehicle types by quarter, place and fuel.

    Parameters
    ----------
    table : DataFrame
        ``vehicle_registrations_quarterly`` or ``vehicle_registrations_canada_quarterly``.

    Returns
    -------
    DataFrame
        Key `quarter`, `geo`, `fuel`; `registrations`.

    Raises
    ------
    BadInput
        Fuels that do not add up to all registrations: a count of one is wrong.
    """
    rows = table if "geo" in table else table.assign(geo=CANADA)
    rows = rows[rows["vehicle_type"] == "all"] if "vehicle_type" in rows else rows
    fuels = rows[rows["fuel"] != ZERO_EMISSION].pivot(index=["quarter", "geo"], columns="fuel", values="registrations")
    total = fuels.pop(ALL_FUELS)
    added = fuels.sum(axis=1)
    wrong = total.index[(added - total).abs() > FUELS_ROUNDED]
    if len(wrong):
        where, key = PROVINCIAL if "geo" in table else NATIONAL, f"{wrong[0][0].to_period('Q')}, {wrong[0][1]}"
        raise BadInput(
            where, key, found=f"{added[wrong[0]]:,.0f}, all fuels added up", allowed=f"{total[wrong[0]]:,.0f}"
        )
    return rows[["quarter", "geo", "fuel", "registrations"]].sort_values(["quarter", "geo", "fuel"], ignore_index=True)


def national_beside_provinces(provincial: pd.DataFrame, national: pd.DataFrame) -> pd.DataFrame:
    """The national count beside the sum of the provinces that are published, with the gap between them.

    Parameters
    ----------
    provincial, national : DataFrame
        From :func:`quarterly`.

    Returns
    -------
    DataFrame
        Key `quarter`, `fuel`, for the quarters that the provinces hold; `canada`, `provinces` (the eight),
        `territories`, `not_published` = canada - provinces - territories (Alberta and Newfoundland and Labrador,
        with revisions of the national count), `revision` = canada - Canada as the provincial
        table has it.

    Raises
    ------
    BadInput
        One of the eight provinces lacks a quarter or fuel, or a province that is not published appears.
    """
    unexpected = [geo for geo in NOT_PUBLISHED if geo in set(provincial["geo"])]
    if unexpected:
        allowed = f"{', '.join(PROVINCES)}; revise the list if it is published"
        raise BadInput(PROVINCIAL, "geo", found=unexpected[0], allowed=allowed)
    wide = by_place(provincial[provincial["fuel"].isin(national["fuel"])], places=[*PROVINCES, CANADA])
    total = national.set_index(["quarter", "fuel"])["registrations"].reindex(wide.index)
    north = wide.reindex(columns=list(TERRITORIES)).sum(axis=1)
    provinces = wide[list(PROVINCES)].sum(axis=1)
    gap = total - provinces - north
    return pd.DataFrame(
        {
            "canada": total, "provinces": provinces, "territories": north, "not_published": gap,
            "revision": total - wide[CANADA],
        }
    ).reset_index()  # fmt: skip


def by_place(frame: pd.DataFrame, *, places: Sequence[str]) -> pd.DataFrame:
    """One column per place, one row per quarter and fuel; each of `places` has to be in every row.

    Parameters
    ----------
    frame : DataFrame
        From :func:`quarterly`.

    Raises
    ------
    BadInput
        One of `places` lacks a quarter or fuel that another place has.
    """
    wide = frame.pivot(index=["quarter", "fuel"], columns="geo", values="registrations")
    missing = wide.reindex(columns=list(places)).isna()
    if missing.any(axis=None):
        first = missing[missing.any(axis=1)].iloc[:1].reset_index()
        geo = first[list(places)].T[0].idxmax()
        quarter = pd.Period(str(first["quarter"].iloc[0]), "Q")
        raise BadInput(PROVINCIAL, f"{geo}, {first['fuel'].iloc[0]}", found=f"no row in {quarter}", allowed="a count")
    return wide


def yearly(frame: pd.DataFrame) -> pd.DataFrame:
    """Registrations by calendar year, with the number of quarters behind each; fewer than four is no full year.

    Returns
    -------
    DataFrame
        Key `year`, `geo`, `fuel`; `registrations`, `quarters`.
    """
    dated = frame.assign(year=frame["quarter"].dt.year)
    grouped = dated.groupby(["year", "geo", "fuel"])
    return grouped.agg(registrations=("registrations", "sum"), quarters=("quarter", "nunique")).reset_index()


def zev_share(frame: pd.DataFrame, *, period: str = "year") -> pd.DataFrame:
    """Battery-electric and plug-in hybrid registrations in all registrations.

    Returns
    -------
    DataFrame
        Key `period` (the column named so), `geo`; `zev_share` (0-1).
    """
    wide = frame.pivot(index=[period, "geo"], columns="fuel", values="registrations")
    share = (wide[BATTERY] + wide[PLUG_IN]) / wide[ALL_FUELS]
    return check_shares(share, where=PROVINCIAL, key="registrations").rename("zev_share").reset_index()
