"""Quebec's rush before the cut of 2025: registrations of one quarter that no counterfactual expects.

The same counterfactuals miss growth in quarters without a cut ahead; what they miss there is taken out again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput, RunFailed


@dataclass(frozen=True)
class Rush:
    """How the registrations that nobody expected of one quarter are counted."""

    #: The quarter of the rush; the last in which buyers did not know.
    quarter: str
    until: str
    others: Mapping[str, Sequence[str]]  #: Name → provinces that Quebec's gap is measured to.
    #: Model of the gap, and of Quebec alone, with the first quarter of its fit.
    models: Sequence[tuple[str, str]]
    own: Sequence[tuple[str, str]]
    #: Quarters without a cut ahead, with the last quarter of their fit.
    placebos: Sequence[tuple[str, str]]


def unexpected(frame: pd.DataFrame, design: Rush, *, quarter: str = "", until: str = "") -> pd.DataFrame:
    """Share of Quebec's registrations of one quarter that counterfactuals do not expect.

    Returns
    -------
    DataFrame
        `model`, `since`, `others`, `share`; for another quarter the fits begin as many quarters before their end as in
        the design.
    """
    quarter, until = quarter or design.quarter, until or design.until
    back = pd.Period(design.until, "Q") - pd.Period(until, "Q")
    options = [(model, since, name) for name in design.others for model, since in design.models]
    options += [(model, since, "none") for model, since in design.own]
    rows = []
    for model, since, name in options:
        first = str(pd.Period(since, "Q") - back.n)
        others = design.others.get(name, ())
        share = unexpected_share(frame, geo="Quebec", others=others, quarter=quarter, fit=(first, until), model=model)
        rows.append({"model": model, "since": first, "others": name, "share": share})
    return pd.DataFrame(rows)


def unexpected_in_calm_quarters(frame: pd.DataFrame, design: Rush) -> pd.DataFrame:
    """:func:`unexpected` of quarters without a cut ahead; adds `quarter`."""
    parts = [unexpected(frame, design, quarter=quarter, until=until).assign(quarter=quarter)
             for quarter, until in design.placebos]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def unexpected_share(
    frame: pd.DataFrame, *, geo: str, others: Sequence[str], quarter: str, fit: tuple[str, str], model: str
) -> float:
    """Share of one quarter's registrations that a counterfactual fitted to an earlier span does not expect.

    Parameters
    ----------
    others : sequence of str
        Provinces whose registrations per car carry what happens everywhere (the federal pause too); empty: none.
    model : {"level", "trend", "own_trend_season"}
        The log gap to the others stays at its mean, or keeps its linear trend, over the span; or the province's own
        log share with trend and season.
    """
    at, first, last = (pd.Period(end, "Q").to_timestamp() for end in (quarter, *fit))
    sums = ["registrations", "total"]
    own = frame[frame["geo"] == geo].set_index("quarter")
    rest = frame[frame["geo"].isin(list(others))].groupby("quarter")[sums].sum()
    logs = [pd.Series(np.log(part["registrations"] / part["total"])) for part in (own, rest)]
    series = pd.Series(np.log(own["share"])) if model == "own_trend_season" else logs[0] - logs[1]
    design = _regressors(pd.DatetimeIndex(series.index), at, model)
    beta = np.linalg.lstsq(design.loc[first:last].to_numpy(), series.loc[first:last].to_numpy(), rcond=None)[0]
    return float(-np.expm1(-(float(series.loc[at] - design.loc[at].to_numpy() @ beta))))


def _regressors(times: pd.DatetimeIndex, at: pd.Timestamp, model: str) -> pd.DataFrame:
    """Regressors of a counterfactual by quarter; time is zero in the quarter `at`."""
    count = times.to_period("Q").astype("int64") - at.to_period("Q").ordinal
    design = pd.DataFrame({"one": 1.0, "time": np.asarray(count, dtype=float)}, index=times)
    if model == "level":
        return design[["one"]]
    if model == "trend":
        return design
    if model == "own_trend_season":
        seasons = {f"season {number}": (times.quarter == number).astype(float) for number in (1, 2, 3)}
        return design.assign(**seasons)
    raise BadInput("pull forward", "model", found=model, allowed="level, trend, own_trend_season")


def corrected(rush: pd.DataFrame, calm: pd.DataFrame) -> pd.DataFrame:
    """The unexpected share of a rush without what the same counterfactual did not expect in calm quarters.

    A counterfactual that misses growth misses it in calm quarters too, over the same horizon. In logs the gap of the
    rush less that of a calm quarter is left: share = 1 - (1 - share of the rush) / (1 - share of the calm quarter).

    Parameters
    ----------
    rush, calm : DataFrame
        :func:`unexpected` and :func:`unexpected_in_calm_quarters`, in one order of counterfactuals.

    Returns
    -------
    DataFrame
        `rush` with `nearest` (the last calm quarter), `calm`, `corrected` (by it) and `corrected_all` (by the
        mean over all calm quarters).

    Raises
    ------
    RunFailed
        The counterfactuals of a calm quarter are not those of the rush.
    """
    logs: dict[str, np.ndarray] = {}
    for quarter, rows in calm.groupby("quarter"):
        if rows[["model", "others"]].to_numpy().tolist() != rush[["model", "others"]].to_numpy().tolist():
            raise RunFailed(f"{quarter}: other counterfactuals than those of the rush")
        logs[str(quarter)] = np.log1p(-rows["share"].to_numpy())
    own = np.log1p(-rush["share"].to_numpy())
    every, nearest = np.mean(list(logs.values()), axis=0), max(logs)
    return rush.assign(
        nearest=nearest,
        calm=-np.expm1(logs[nearest]),
        corrected=-np.expm1(own - logs[nearest]),
        corrected_all=-np.expm1(own - every),
    )
