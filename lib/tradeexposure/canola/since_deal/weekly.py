"""Canola that moved in some weeks of a crop year, in tonnes and as a share of supply, and what supply explains.

The weeks' flows are differences of published cumulative figures, so that a week without a report in between is no loss.
Supply is the harvest and what elevators held before it; stocks on farms are not held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import THOUSAND
from tradeexposure.econometrics.inference.draws import LEVEL
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.econometrics.treatment_effects.placebo import Rank

TABLE = "grain_weekly"
#: Flow as identifiers have it → item and place of the table.
FLOWS = {"exports": ("exports", "all"), "pacific": ("exports", "pacific"), "crush": ("crush", "all"),
         "deliveries": ("deliveries", "all")}  # fmt: skip
LAST_WEEK = 52
ALL_STOCKS = ("stocks", "all")


def moved(table: pd.DataFrame, *, weeks: tuple[int, int]) -> pd.DataFrame:
    """Tonnes moved in some weeks of every crop year that has both ends.

    Parameters
    ----------
    table : DataFrame
        ``grain_weekly``: `crop_year`, `week`, `item`, `place`, `volume_kt`, cumulative in the crop year.
    weeks : pair of int
        First and last week, both counted.

    Returns
    -------
    DataFrame
        Index crop year (``2025-2026``), a column for each of :data:`FLOWS`; kt.

    Raises
    ------
    BadInput
        Weeks that are none of a crop year, or a cumulative figure that falls between them.
    """
    first, last = weeks
    if not 1 < first <= last <= LAST_WEEK:
        raise BadInput(TABLE, "week", found=f"{first} to {last}", allowed=f"weeks from 2 to {LAST_WEEK}")
    ends = table[table["week"].isin([first - 1, last])]
    parts = {}
    for flow, (item, place) in FLOWS.items():
        rows = ends[(ends["item"] == item) & (ends["place"] == place)]
        wide = rows.pivot(index="crop_year", columns="week", values="volume_kt").dropna()
        parts[flow] = wide[last] - wide[first - 1]
    tonnes = pd.DataFrame(parts).dropna()
    if (tonnes < 0).any(axis=None):
        year = (tonnes < 0).any(axis=1).idxmax()
        raise BadInput(TABLE, f"crop year {year}", found="a cumulative figure that falls", allowed="one that does not")
    return tonnes


def supply(table: pd.DataFrame, harvests: pd.Series) -> pd.Series:
    """Harvest and stocks in elevators at the end of the crop year before, kt, by crop year.

    `harvests`: tonnes by year of harvest.
    """
    item, place = ALL_STOCKS
    rows = table[(table["item"] == item) & (table["place"] == place) & (table["week"] == LAST_WEEK)]
    ended = rows["crop_year"].str[-4:].astype(int)
    stocks = pd.Series(rows["volume_kt"].to_numpy(), ended.to_numpy())
    total = (harvests / THOUSAND + stocks).dropna()
    return pd.Series(total.to_numpy(), [f"{year}-{year + 1}" for year in total.index], name="supply_kt")


@dataclass(frozen=True)
class Explained:
    """What supply alone lets expect of a flow, and what is left."""

    elasticity: float  #: Per cent of the flow for one per cent of supply.
    #: At the supply of the year asked for, with the range of a new year (Student's t).
    expected_kt: float
    low_kt: float
    high_kt: float
    change: float  #: What was seen over what was expected, less one.
    rank: Rank  #: Among the other years that are placebos, each left out of its own fit.


def explained(
    flow: pd.Series, supplied: pd.Series, *, year: str, before: str, without: Sequence[str] = ()
) -> Explained:
    """A flow by supply, in logarithms, from all crop years before `year` but those `without`.

    `before`: the month that no placebo year reaches.

    Raises
    ------
    BadInput
        A year that is not held.
    """
    both = pd.concat({"flow": flow, "supply": supplied}, axis=1, join="inner")
    _check_held(both.index, year, *without)
    both = both.drop(list(without)).map(np.log)
    past, now = both[both.index < year], both.loc[[year]]
    fit = smf.ols("flow ~ supply", past).fit()
    expected = fit.get_prediction(now).summary_frame(alpha=1 - LEVEL).iloc[0]
    miss = float(now["flow"].iloc[0] - expected["mean"])
    middle, low, high = np.exp(expected[["mean", "obs_ci_lower", "obs_ci_upper"]])
    rank = placebo.rank(miss, fit.get_influence().resid_press[_untreated(past.index, before)])
    return Explained(float(fit.params["supply"]), float(middle), float(low), float(high), float(np.expm1(miss)), rank)


def explained_by_supply(
    flows: pd.DataFrame, supplied: pd.Series, *, year: str, drought: str, before: str
) -> dict[tuple[str, str], Explained]:
    """:func:`explained` of every flow, with all crop years and without the drought's; key flow, what is left out."""
    return {
        (str(flow), without): explained(
            flows[flow], supplied, year=year, before=before, without=[without] if without else []
        )
        for flow in flows
        for without in ("", drought)
    }


def _check_held(years: pd.Index, *asked: str) -> None:
    for year in asked:
        if year not in years:
            raise BadInput(TABLE, "crop_year", found=year, allowed=", ".join(map(str, years)))


def yearly_change(flows: pd.DataFrame, *, year: str, before: str) -> Mapping[str, tuple[float, Rank]]:
    """Change of every flow on the crop year before, among earlier such changes of crop years that end before `before`.

    Raises
    ------
    BadInput
        A year that is not held.
    """
    logs = flows.map(np.log).diff().dropna()
    _check_held(logs.index, year)
    placebos = logs[(logs.index < year) & _untreated(logs.index, before)]
    return {str(name): (float(np.expm1(column[year])), placebo.rank(float(column[year]), placebos[name]))
            for name, column in logs.items()}  # fmt: skip


def _untreated(years: pd.Index, before: str) -> np.ndarray:
    """Which crop years end before a month."""
    return np.array([f"{year[-4:]}-07" < before for year in years])
