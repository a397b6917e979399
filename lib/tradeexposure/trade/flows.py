"""Canada's merchandise trade by partner: shares, concentration, and what a target asks for.

Customs basis, not seasonally adjusted, nominal Canadian dollars. Non-US precious metals are the
world total minus the United States.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MILLION
from tradeexposure.econometrics.treatment_effects.placebo import share_break

METALS = {False: "all goods", True: "without precious metals"}
MONTHS = 12
TABLE, NEWEST = "merchandise_trade_monthly", "partner_trade_monthly"
#: Export partners the table names (the United Kingdom, Mexico, Japan and South Korea from 2010).
NAMED_MARKETS = ("united_states", "china", "united_kingdom", "mexico", "japan", "south_korea")
TARGETED = ("non_us", "non_us_ex_precious_metals", "china")
Aim = tuple[str, int, int, float]  # name, base year, year, multiple of the base
NEEDED = (
    "exports_world_cad", "exports_united_states_cad", "exports_china_cad",
    "exports_world_precious_metals_cad", "exports_united_states_precious_metals_cad",
    "imports_world_cad", "imports_united_states_cad", "imports_china_cad",
)  # fmt: skip


def flows(table: pd.DataFrame) -> pd.DataFrame:
    """Monthly flows side by side.

    Parameters
    ----------
    table : DataFrame
        ``merchandise_trade_monthly``: month, flow, partner, product, value_cad_millions.

    Returns
    -------
    DataFrame
        Index month (monthly, no gap, to the last month of which every series the analysis needs is held); a column
        ``exports_PARTNER[_PRODUCT]_cad`` or ``imports_…`` per series held (CAD), and ``exports_non_us_cad``,
        ``exports_non_us_ex_precious_metals_cad``, ``trade_china_cad``. Series that start later are empty before.

    Raises
    ------
    BadInput
        A series the analysis needs is missing or has a gap, or a value that is not above zero.
    """
    name = table["flow"] + "s_" + table["partner"] + ("_" + table["product"]).where(table["product"] != "all", "")
    wide = table.assign(name=name + "_cad").pivot(index="month", columns="name", values="value_cad_millions") * MILLION
    last = table.groupby(name + "_cad")["month"].max().reindex(list(NEEDED)).min()
    whole = wide.loc[:last].rename_axis(columns=None).asfreq("MS")
    _refuse_gaps(TABLE, whole.reindex(columns=list(NEEDED)))
    return derived(whole)


def newest(monthly: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """All goods with single partners in their newest reading, to their last month; no total of all countries.

    Only what is not compared with a total is taken from here: that is held in the reading of `monthly` alone, and
    revisions of a partner would turn up in the rest of the world.

    Parameters
    ----------
    monthly : DataFrame
        :func:`flows`.
    table : DataFrame
        ``partner_trade_monthly``: month, flow, partner, value_cad_millions.

    Returns
    -------
    DataFrame
        The columns of `table` as :func:`flows` names them, each month from `table` where that has it;
        ``trade_china_cad``, and the series of :data:`TARGETED` as in `monthly`, empty after its last month.

    Raises
    ------
    BadInput
        A month that is missing between the two, or a value that is not above zero.
    """
    name = table["flow"] + "s_" + table["partner"] + "_cad"
    later = table.assign(name=name).pivot(index="month", columns="name", values="value_cad_millions") * MILLION
    both = later.combine_first(monthly).asfreq("MS")
    _refuse_gaps(NEWEST, both[later.columns])
    both["trade_china_cad"] = both["exports_china_cad"] + both["imports_china_cad"]
    rest = [f"exports_{name}_cad" for name in TARGETED]
    return both[list(dict.fromkeys([*later.columns, "trade_china_cad", *rest]))]


def _refuse_gaps(where: str, wide: pd.DataFrame) -> None:
    for column, cells in wide.items():
        if not (cells > 0).all():
            first = cells[~(cells > 0)]
            raise BadInput(where, f"{column} {first.index[0]:%Y-%m}", found=str(first.iloc[0]),
                           allowed="a value above zero in every month")  # fmt: skip


def derived(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` of :func:`flows` with the sums and differences of its columns (any frequency)."""
    metals = frame["exports_world_precious_metals_cad"] - frame["exports_united_states_precious_metals_cad"]
    non_us = frame["exports_world_cad"] - frame["exports_united_states_cad"]
    return frame.assign(
        exports_non_us_cad=non_us,
        exports_non_us_ex_precious_metals_cad=non_us - metals,
        trade_china_cad=frame["exports_china_cad"] + frame["imports_china_cad"],
    )


def us_exports(monthly: pd.DataFrame) -> dict[bool, tuple[pd.Series, pd.Series]]:
    """Exports to the United States and to the world (CAD, any frequency): all goods (False), without metals (True)."""
    part, whole = monthly["exports_united_states_cad"], monthly["exports_world_cad"]
    part_ex = part - monthly["exports_united_states_precious_metals_cad"]
    return {False: (part, whole), True: (part_ex, whole - monthly["exports_world_precious_metals_cad"])}


def by_year(monthly: pd.DataFrame) -> pd.DataFrame:
    """Sums of the calendar years of which all twelve months are held; index year; empty where a month is missing."""
    year = pd.DatetimeIndex(monthly.index).year
    months_held = monthly.groupby(year).size()
    sums = monthly.groupby(year).sum(min_count=MONTHS)
    return sums[months_held == MONTHS].rename_axis("year")


def trailing_year(monthly: pd.DataFrame) -> pd.DataFrame:
    """Sums of each month and the eleven before it: every calendar month enters once, so no seasonal pattern is left."""
    return monthly.rolling(MONTHS).sum().dropna(how="all")


def shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Shares of trade (0–1), for a frame of :func:`flows`, :func:`by_year` or :func:`trailing_year`.

    Returns
    -------
    DataFrame
        Index of `frame`; us_share_of_exports, us_share_of_exports_ex_precious_metals, non_us_share_of_exports,
        non_us_share_of_exports_ex_precious_metals, us_share_of_imports, china_share_of_exports, china_share_of_imports.
    """
    (us, world), (us_ex, world_ex) = us_exports(frame).values()
    return pd.DataFrame(
        {
            "us_share_of_exports": us / world,
            "us_share_of_exports_ex_precious_metals": us_ex / world_ex,
            "non_us_share_of_exports": 1 - us / world,
            "non_us_share_of_exports_ex_precious_metals": 1 - us_ex / world_ex,
            "us_share_of_imports": frame["imports_united_states_cad"] / frame["imports_world_cad"],
            "china_share_of_exports": frame["exports_china_cad"] / world,
            "china_share_of_imports": frame["imports_china_cad"] / frame["imports_world_cad"],
        }
    )


def effective_markets(yearly: pd.DataFrame) -> pd.DataFrame:
    """Bounds of the effective number of export markets, the inverse of the sum of squared shares (Hirschman 1945).

    Only the partners of `NAMED_MARKETS` are held. The number is largest if the rest is spread over countless
    small markets, and smallest if it all goes to one.

    Parameters
    ----------
    yearly : DataFrame
        :func:`by_year`; years in which a named partner is missing are left out.

    Returns
    -------
    DataFrame
        Index year; effective_markets_low, effective_markets_high, unnamed_share.
    """
    columns = [f"exports_{partner}_cad" for partner in NAMED_MARKETS]
    named = yearly[columns].dropna().div(yearly["exports_world_cad"], axis=0).dropna()
    squares, rest = (named**2).sum(axis=1), 1 - named.sum(axis=1)
    return pd.DataFrame(
        {
            "effective_markets_low": 1 / (squares + rest**2),
            "effective_markets_high": 1 / squares,
            "unnamed_share": rest,
        }
    )


def required_growth(*, start: float, target: float, years: float) -> float:
    """Constant growth a year that takes `start` to `target` (fraction)."""
    return float((target / start) ** (1 / years) - 1)


def rolling_growth(series: pd.Series, *, years: int) -> pd.DataFrame:
    """Growth of the twelve-month total over every span of `years`.

    Returns
    -------
    DataFrame
        month (end of the span), ratio (end over start), growth (a year, fraction).
    """
    total = series.rolling(MONTHS).sum().dropna()
    ratio = (total / total.shift(MONTHS * years)).dropna()
    growth = ratio ** (1 / years) - 1
    return pd.DataFrame({"month": ratio.index, "ratio": ratio.to_numpy(), "growth": growth.to_numpy()})


def base_rates(monthly: pd.DataFrame, *, spans: Sequence[tuple[str, int, float]]) -> pd.DataFrame:
    """How often history did it, and how fast it grew.

    Parameters
    ----------
    monthly : DataFrame
        :func:`flows`.
    spans : sequence of (series, years, multiple)
        A name of :func:`target_series`, the length of the span, and what counts as having done it.

    Returns
    -------
    DataFrame
        series, years, multiple, share (of the rolling spans that reached the multiple), spans (their number),
        independent (spans that do not overlap), latest_start (year in which the last that did it began),
        lowest_growth, median_growth, highest_growth, last_growth (a year), period (``1997-01 to 2026-04``).

    Raises
    ------
    BadInput
        A series too short for the span.
    """
    rows = []
    for name, years, multiple in spans:
        months = monthly[f"exports_{name}_cad"].dropna()
        past = rolling_growth(months, years=years)
        if past.empty:
            raise BadInput("spans", name, found=f"{years} years", allowed="a span shorter than the figures held")
        growth, did = past["growth"], past.loc[past["ratio"] >= multiple, "month"]
        latest = did.max().year - years if len(did) else np.nan
        independent = 1 + (len(past) - 1) // (MONTHS * years)
        paces = growth.min(), growth.median(), growth.max(), growth.iloc[-1]
        period = f"{months.index[0]:%Y-%m} to {months.index[-1]:%Y-%m}"
        rows.append((name, years, multiple, len(did) / len(past), len(past), independent, latest, *paces, period))
    names = (
        "series", "years", "multiple", "share", "spans", "independent", "latest_start",
        "lowest_growth", "median_growth", "highest_growth", "last_growth", "period",
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(names))


def targets(yearly: pd.DataFrame, aims: Mapping[str, Sequence[Aim]]) -> pd.DataFrame:
    """The government's export targets as levels, nominal.

    Parameters
    ----------
    yearly : DataFrame
        :func:`by_year`.
    aims : mapping
        Series (a key of :func:`target_series`) → its readings, the headline first.

    Returns
    -------
    DataFrame
        series (a key of :func:`target_series`), target, base_year, year, multiple, base_cad, target_cad,
        required_growth (a year from the base), required_growth_from_last (from the last full year).
    """
    rows = [(name, *aim) for name, readings in aims.items() for aim in readings]
    frame = pd.DataFrame(rows, columns=["series", "target", "base_year", "year", "multiple"])
    columns = "exports_" + frame["series"] + "_cad"
    last = [int(yearly[column].dropna().index[-1]) for column in columns]
    bases = [float(yearly.loc[year, column]) for year, column in zip(frame["base_year"], columns, strict=True)]
    frame["base_cad"] = bases
    frame["target_cad"] = frame["base_cad"] * frame["multiple"]
    now = yearly[list(columns)].ffill().iloc[-1].to_numpy(float)
    frame["required_growth"] = [
        required_growth(start=start, target=target, years=years)
        for start, target, years in zip(bases, frame["target_cad"], frame["year"] - frame["base_year"], strict=True)
    ]
    frame["required_growth_from_last"] = [
        required_growth(start=start, target=target, years=years)
        for start, target, years in zip(now, frame["target_cad"], frame["year"] - last, strict=True)
    ]
    return frame


def target_series(monthly: pd.DataFrame) -> dict[str, pd.Series]:
    """The monthly flows that have a target, by name (CAD), each to the last month held of it."""
    return {name: monthly[f"exports_{name}_cad"].dropna().rename(name) for name in TARGETED}


def break_variants(monthly: pd.DataFrame, *, date: str, clean_until: str) -> pd.DataFrame:
    """:func:`share_break` of the US export share with and without precious metals, two windows, two sets of placebos.

    Returns
    -------
    DataFrame
        metals, window_months, placebo_dates, before, after, estimate, p_value, p_value_one_sided, floor,
        placebos (their number).
    """
    rows = []
    for without, (part, whole) in us_exports(monthly).items():
        for window in (MONTHS, MONTHS // 2):
            for same in (True, False):
                test = share_break(part, whole, date=date, clean_until=clean_until, window=window, same_month=same)
                statistics = {key: item for key, item in vars(test).items() if key not in ("date", "placebos")}
                kind = "same month" if same else "every month"
                rows.append(
                    {"metals": METALS[without], "window_months": window, "placebo_dates": kind, **statistics,
                     "placebos": len(test.placebos)}
                )  # fmt: skip
    return pd.DataFrame(rows)
