"""New vehicle registrations by quarter, place and fuel, and what the provincial figures leave out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.provinces import CANADA
from tradeexposure.core.provinces import PROVINCES as ALL_PROVINCES
from tradeexposure.data.table_schema import check_shares

TERRITORIES = ("Yukon", "Northwest Territories", "Nunavut")
NOT_PUBLISHED = ("Alberta", "Newfoundland and Labrador")  # no provincial figures by law of data sharing
PROVINCES = tuple(name for name in ALL_PROVINCES if name not in NOT_PUBLISHED)
ALL_FUELS, BATTERY, PLUG_IN = "all fuel types", "battery electric", "plug-in hybrid electric"
PROVINCIAL, NATIONAL = "vehicle_registrations_quarterly", "vehicle_registrations_canada_quarterly"
LABEL = re.compile(r"(\d{4})-?Q([1-4])")


def quarter_of(labels: pd.Series, *, where: str = PROVINCIAL) -> pd.Series:
    """First day of each quarter, from dates or from labels such as ``2024Q3``.

    Raises
    ------
    BadInput
        A label that is no quarter, or a date that does not begin one.
    """
    allowed = "a quarter such as 2024Q3, or its first day"
    if pd.api.types.is_datetime64_any_dtype(labels):
        wrong = labels[labels.isna() | (labels != labels.dt.to_period("Q").dt.start_time)]
        if len(wrong):
            raise BadInput(where, "quarter", found=f"{wrong.iloc[0]}"[:10], allowed=allowed)
        return labels
    matches = [LABEL.fullmatch(str(label)) for label in labels]
    if not all(matches):
        raise BadInput(where, "quarter", found=str(labels.iloc[matches.index(None)]), allowed=allowed)
    days = [f"{match[1]}-{3 * int(match[2]) - 2:02d}-01" for match in matches if match]
    return pd.Series(pd.to_datetime(days), index=labels.index, name=labels.name)


def quarterly(table: pd.DataFrame, *, where: str = PROVINCIAL) -> pd.DataFrame:
    """Registrations by quarter, place and fuel, checked.

    Parameters
    ----------
    table : DataFrame
        ``vehicle_registrations_quarterly`` or ``vehicle_registrations_canada_quarterly``: `quarter` (first day or
        a label such as 2024Q3), `fuel`, `registrations`, and where the table has them `geo`, `vehicle_type`.

    Returns
    -------
    DataFrame
        Key `quarter`, `geo`, `fuel`; `registrations`.

    Raises
    ------
    BadInput
        A quarter label that is none, negative registrations, a repeated key, a quarter missing in the middle.
    """
    rows = table.assign(quarter=quarter_of(table["quarter"], where=where))
    rows = rows if "geo" in rows else rows.assign(geo=CANADA)
    if "vehicle_type" in rows:
        rows = rows[rows["vehicle_type"] == "all"]
    if rows.empty:
        raise BadInput(where, "vehicle_type", found="all", allowed="a vehicle type of the table")
    if (rows["registrations"] < 0).any():
        bad = rows[rows["registrations"] < 0].iloc[0]
        raise BadInput(where, f"registrations, {bad['geo']}, {pd.Period(bad['quarter'], 'Q')}, {bad['fuel']}",
                       found=f"{bad['registrations']:g}", allowed="0 or more")  # fmt: skip
    if rows.duplicated(["quarter", "geo", "fuel"]).any():
        raise BadInput(where, "quarter, geo, fuel", found="a repeated key", allowed="one row per key")
    expected = pd.date_range(rows["quarter"].min(), rows["quarter"].max(), freq="QS")
    holes = expected.difference(pd.DatetimeIndex(rows["quarter"]))
    if len(holes):
        hole = pd.Period(holes[0], "Q")
        raise BadInput(where, "quarter", found=f"no row in {hole}", allowed="quarters in a row")
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
        with revisions of the national count), `share_not_published`, `revision` = canada - Canada as the provincial
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
            "share_not_published": gap / total.where(total > 0), "revision": total - wide[CANADA],
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
