"""What the United States bought of Canada in 2024 and charges on it: claims under CUSMA, duties by date, ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pandas as pd

from tradeexposure import data
from tradeexposure.core import loaded_files
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.table_schema import check_shares
from tradeexposure.data.tables import digest
from tradeexposure.policy import tariff_schedule
from tradeexposure.policy.tariff_index import tariff_exposure

LINES, MONTHLY, RATES = "us_imports_from_canada_2024", "us_imports_from_canada_monthly", "us_rates_by_date"
CLAIMED, UNCLAIMED = "claimed", "not claimed"
PARTS_MFN = (0.0, 0.025)  # the schedule's span on parts; the rate of each line is not held
CLAIMS_SINCE = "2025-03-01"  # the month in which a claim began to save an extra duty
EVE = "2024-12-31"  # the last day before the first of these duties
UNTIL = "2026-12-31"  # the last day of a chart of rates in time, as the words of notebook 50 say
HEADINGS = {
    "8703": "Cars",
    "8704": "Trucks",
    "8708": "Parts",
    "8507": "Batteries",
    "151411": "Crude canola oil",
    "151419": "Refined canola oil",
    "230641": "Canola meal",
}
YEAR = 2024  # of the US import lines held
VEHICLES = "8703"
# Tariff line → product of the canola model, and the name of its duty in ``data/parameters``.
CANOLA = {
    "1205": ("seed", "canola_seed"),
    "151411": ("oil", "canola_oil_crude"),
    "151419": ("oil", "canola_oil_refined"),
    "230641": ("meal", "canola_meal"),
}
BY_WEIGHT = ("seed", "meal")
SNAPSHOTS, EXCHANGE = "canola_export_snapshots", "exchange_rate_monthly"
TABLES = (LINES, RATES, SNAPSHOTS, EXCHANGE)
KG_PER_TONNE = 1000.0


@dataclass(frozen=True)
class Reading:
    """One reading of the duties on a good: product of ``data/parameters``, ordinary duty if unknown, US content."""

    product: str
    base: float | None = None
    us_content: float | None = None


@dataclass(frozen=True)
class Good:
    """A good sold to the United States; `readings` has the headline reading first.

    `lines` is the beginning of its tariff lines; `monthly` says whether the monthly table holds all of them.
    """

    name: str
    title: str
    lines: str
    monthly: bool
    readings: tuple[Reading, ...] = field(default=())


def goods(parts_base: float, us_content: Sequence[float]) -> tuple[Good, ...]:
    """The goods measured.

    Parameters
    ----------
    parts_base : float
        Ordinary duty that unclaimed parts paid in 2024, share of value.
    us_content : sequence of float
        Of a vehicle, share of value: headline, then the ends of its range, since none is held.
    """
    crude, refined = Reading("canola_oil_crude"), Reading("canola_oil_refined")
    cars = tuple(Reading("passenger_vehicles", us_content=share) for share in us_content)
    listed, unlisted = "vehicle_parts", "vehicle_parts_unlisted"
    parts = [Reading(listed, parts_base), *(Reading(name, base) for name in (listed, unlisted) for base in PARTS_MFN)]
    # Meal pays a duty by weight without a claim; no weight is held, so it is left out of the little that is unclaimed.
    return (
        Good("vehicles", "Passenger vehicles", "8703", False, cars),
        Good("parts", "Vehicle parts", "8708", False, tuple(parts)),
        Good("crude_oil", "Canola oil, crude", "151411", True, (crude,)),
        Good("refined_oil", "Canola oil, refined", "151419", True, (refined,)),
        Good("meal", "Canola meal", "230641", True, (Reading("canola_meal", 0.0),)),
    )


def held_monthly() -> tuple[Good, ...]:
    """The goods whose claims are held by month; of cars, the lines held are most but not all of the heading."""
    return tuple(good for good in goods(0.0, ()) if good.name != "parts")


def of_heading(table: pd.DataFrame, lines: str, *, where: str = LINES) -> pd.DataFrame:
    """Rows whose tariff line begins with `lines`; BadInput if there are none."""
    rows = table[table["hts10"].str.startswith(lines)]
    if rows.empty:
        raise BadInput(where, "hts10", found=f"no line {lines}", allowed="the beginning of a line of the table")
    return rows


def claim_shares(lines: pd.DataFrame, prefix: str) -> pd.Series:
    """Share of the value of 2024 that was claimed under CUSMA, and with the claims of December 2025 line by line.

    Returns
    -------
    Series
        `value_usd`, `duty_usd`, `cusma_2024`, `cusma_2025_12` (both weighted by values of 2024) and `paid_unclaimed`
        = duty / value not claimed in 2024 (the average ordinary duty; missing if all was claimed).
    """
    rows = of_heading(lines, prefix)
    value = rows["value_usd"].sum()
    shares = {name: (rows["value_usd"] * rows[name.replace("_", "_share_", 1)]).sum() / value
              for name in ("cusma_2024", "cusma_2025_12")}  # fmt: skip
    unclaimed = value * (1 - shares["cusma_2024"])
    duty = rows["duty_usd"].sum()
    paid = duty / unclaimed if unclaimed > 0 else float("nan")
    return pd.Series({"value_usd": value, "duty_usd": duty, **shares, "paid_unclaimed": paid})


def by_heading(lines: pd.DataFrame, *, cad_per_usd: float) -> pd.DataFrame:
    """Exports to the United States in 2024 by heading of :data:`HEADINGS`, the beginnings of lines.

    Returns
    -------
    DataFrame
        `heading`, `name`, `value_cad` and the columns of :func:`claim_shares`.
    """
    rows = [claim_shares(lines, code).to_dict() | {"heading": code, "name": name} for code, name in HEADINGS.items()]
    table = pd.DataFrame(rows)
    return table.assign(value_cad=table["value_usd"] * cad_per_usd)


def monthly_claims(monthly: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Share of each month's value that was claimed: `month`, `value_usd`, `share` (lines of the table only)."""
    rows = of_heading(monthly, prefix, where=MONTHLY)
    summed = rows.groupby("month")[["value_usd", "cusma_claimed_usd"]].sum()
    share = check_shares(summed["cusma_claimed_usd"] / summed["value_usd"], where=MONTHLY, key="cusma_claimed_usd")
    return summed.assign(share=share).reset_index()[["month", "value_usd", "share"]]


def in_month(monthly: pd.DataFrame, headings: Sequence[str], *, month: str) -> pd.DataFrame:
    """Claims of one month weighted by its own values, lines held only: `heading`, `share`."""
    rows = {code: monthly_claims(monthly, code).set_index("month")["share"] for code in headings}
    return pd.DataFrame(
        [(code, share[pd.Timestamp(month)]) for code, share in rows.items()], columns=["heading", "share"]
    )


def claim_range(lines: pd.DataFrame, monthly: pd.DataFrame, good: Good) -> dict[str, float]:
    """Claim shares that could hold for a good, the headline (2024) first.

    The claims of December 2025 follow and, where the monthly table holds the good, the lowest and highest month since
    a claim began to save an extra duty.
    """
    shares = claim_shares(lines, good.lines)
    claims = {"2024": float(shares["cusma_2024"]), "2025-12": float(shares["cusma_2025_12"])}
    if good.monthly:
        since = monthly_claims(monthly, good.lines).query("month >= @CLAIMS_SINCE")["share"]
        claims |= {"lowest month": float(since.min()), "highest month": float(since.max())}
    return claims


def rates(reading: Reading, *, start: str, end: str) -> pd.DataFrame:
    """Duties with and without a claim under one reading: the stretches that `tariff_exposure` takes.

    Raises
    ------
    BadInput
        An ordinary duty that is neither held nor given by the reading.
    """
    pair = {"imposer": "united_states", "origin": "canada", "product": reading.product, "start": start, "end": end}
    parts = []
    for name, claim in ((CLAIMED, True), (UNCLAIMED, False)):
        path = tariff_schedule.timeline(**pair, claim=claim, us_content=reading.us_content).assign(product=name)
        if reading.base is not None:
            path["rate"] = path["rate"].fillna(path["additional"] + reading.base)
        if path["rate"].isna().any():
            raise BadInput(f"rates of {reading.product}", found="no ordinary duty", allowed="a reading with one")
        parts.append(path[["product", "date_from", "date_to", "rate"]])
    return pd.concat(parts, ignore_index=True)


def readings(good: Good, claims: Mapping[str, float], *, dates: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
    """Tariff exposure for every claim share and reading of the duties, the headline first.

    Each frame has `date_from`, `date_to`, `rate`; with `dates` one row per date, else one per stretch.
    """
    span = (EVE, UNTIL) if dates is None else (min(dates), max(dates))
    tables = [rates(reading, start=span[0], end=span[1]) for reading in good.readings]
    for share in claims.values():
        weights = pd.Series({CLAIMED: share, UNCLAIMED: 1 - share})
        for table in tables:
            yield tariff_exposure(weights, table, dates=dates)


def on_dates(
    several: Iterable[Good], lines: pd.DataFrame, monthly: pd.DataFrame, *, dates: Sequence[str], cad_per_usd: float
) -> pd.DataFrame:
    """What the United States charged on the flows of 2024 on each of `dates`.

    Returns
    -------
    DataFrame
        Key `good`, `date` (text); `title`, `value_cad` (imports of 2024), `rate` (claims of 2024, headline reading),
        `low`, `high` (over claim shares and readings), `duty_cad`, `duty_low_cad`, `duty_high_cad`.
    """
    parts = []
    for good in several:
        claims = claim_range(lines, monthly, good)
        every = pd.concat([frame["rate"] for frame in readings(good, claims, dates=dates)], axis=1)
        value = claim_shares(lines, good.lines)["value_usd"] * cad_per_usd
        table = {"rate": every.iloc[:, 0], "low": every.min(axis=1), "high": every.max(axis=1)}
        named = pd.DataFrame(
            {"good": good.name, "title": good.title, "date": sorted(dates), "value_cad": value, **table}
        )
        parts.append(named)
    both = pd.concat(parts, ignore_index=True)
    names = {"rate": "duty_cad", "low": "duty_low_cad", "high": "duty_high_cad"}
    return both.assign(**{new: both[old] * both["value_cad"] for old, new in names.items()})


def paths(several: Iterable[Good], lines: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    """The headline exposure of each good through time: `good`, `title`, `date_from`, `date_to`, `rate`."""
    parts = []
    for good in several:
        claims = {"2024": claim_range(lines, monthly, good)["2024"]}
        first = next(iter(readings(good, claims)))
        parts.append(first.assign(good=good.name, title=good.title))
    return pd.concat(parts, ignore_index=True)


def from_rate_table(
    table: pd.DataFrame, product: str, *, on: str, claimed: float, base: float, **content: Any
) -> float:
    """The same exposure from ``us_rates_by_date`` instead of the dated measures: a second route.

    Parameters
    ----------
    product : str
        As the table names it, such as ``passenger vehicles``.
    claimed : float
        Share of value claimed.
    base : float
        Ordinary duty where the table holds none as a share of value.
    **content
        `us_content`, for vehicles.
    """
    day = pd.Timestamp(on)
    still = table["date_to"].isna() | (table["date_to"] >= day)
    row = data.row(table[(table["date_from"] <= day) & still], f"{RATES} on {on}", product=product)
    ordinary = base if pd.isna(row["mfn_rate"]) else row["mfn_rate"]
    exempt = content.get("us_content", 0.0) if row["additional_with_claim_base"] != "full value" else 0.0
    with_claim = row["additional_rate_with_claim"] * (1 - exempt)
    without = ordinary + row["additional_rate_without_claim"]
    return float(claimed * with_claim + (1 - claimed) * without)


def exchange_rate(table: pd.DataFrame, *, year: int) -> float:
    """Mean of the months of a year, CAD per USD; BadInput unless twelve are held."""
    months = table.loc[table["month"].dt.year == year, "cad_per_usd"]
    if len(months) != MONTHS_IN_YEAR:
        raise BadInput(EXCHANGE, str(year), found=f"{len(months)} months", allowed="a year with twelve")
    return float(months.mean())


@dataclass(frozen=True)
class Sales:
    """Imports of 2024."""

    #: Tariff line → value, and share of it entered under CUSMA (2024).
    value_usd: Mapping[str, float]
    claimed: Mapping[str, float]
    #: Product → its ordinary duty by weight, as a share of the unit value of Canada's exports there in 2024.
    by_weight: Mapping[str, float]


@loaded_files.cached_by_files(digest)
def read() -> Sales:
    """The sales of 2024; tables of the same content are read once, since a grid asks for every row."""
    lines, rates, sold, exchange = (data.load(name) for name in TABLES)
    shares = {line: claim_shares(lines, line) for line in (*CANOLA, VEHICLES)}
    cad_per_usd = exchange_rate(exchange, year=YEAR)
    by_weight = {}
    for product in BY_WEIGHT:
        duty = rates.loc[rates["product"] == f"canola {product}", "mfn_specific_usd_per_kg"].dropna().unique()
        there = sold.query("year == @YEAR and market == 'United States' and product == @product")
        if len(duty) != 1 or len(there) != 1:
            counts = f"{len(duty)} duties and {len(there)} unit values"
            raise BadInput(f"duty by weight on {product}", found=counts, allowed="one of each")
        unit_value = there["value_cad"].iloc[0] / there["volume_t"].iloc[0]  # C$ a tonne, as the duty becomes
        by_weight[product] = float(duty[0] * KG_PER_TONNE * cad_per_usd / unit_value)
    return Sales(
        MappingProxyType({line: float(row["value_usd"]) for line, row in shares.items()}),
        MappingProxyType({line: float(row["cusma_2024"]) for line, row in shares.items()}),
        MappingProxyType(by_weight),
    )
