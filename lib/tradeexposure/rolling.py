"""The counterfactual re-made at every earlier date: placebo effects, and whether the intervals would have held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tradeexposure import counterfactual
from tradeexposure.core.errors import BadInput
from tradeexposure.counterfactual import Specification

HORIZON = 12  # months
LEVELS = (0.8, 0.95)
FIRST_FIT = 96  # months before the first placebo: eight years


def first_start(spec: Specification) -> pd.Timestamp:
    """First month that a placebo window of this specification may begin with."""
    return pd.Timestamp(spec.start) + pd.DateOffset(months=FIRST_FIT)


def gaps(panel: pd.DataFrame, spec: Specification, starts: pd.DatetimeIndex, *, horizon: int = HORIZON) -> pd.DataFrame:
    """Log gaps between the price observed and the counterfactual after every start, refitted before each.

    Parameters
    ----------
    starts : DatetimeIndex
        First months of placebo windows.

    Returns
    -------
    DataFrame
        Index start, columns 1 to `horizon`: log(actual) − log(counterfactual) in that month of the window.
    """
    rows = []
    for start in starts:
        until = start + pd.DateOffset(months=horizon - 1)
        found = counterfactual.path(panel, spec, origin=start - pd.DateOffset(months=1), until=until)
        rows.append(found.actual - found.central)
    return pd.DataFrame(rows, index=pd.DatetimeIndex(starts, name="start"), columns=range(1, horizon + 1))


def shares(found: pd.DataFrame, *, length: int, skip: int = 0) -> pd.Series:
    """Placebo effects: mean of actual / counterfactual − 1 over `length` months that begin `skip` after the fit.

    Parameters
    ----------
    found : DataFrame
        From :func:`gaps`.

    Returns
    -------
    Series
        Index start (first month after the fit).
    """
    held = found.shape[1]
    if not 1 <= length <= held - skip or skip < 0:
        raise BadInput("length", found=f"{length} after {skip}", allowed=f"together 1 to {held}")
    effects: pd.Series = np.expm1(found.loc[:, skip + 1 : skip + length]).mean(axis=1)
    return effects


def backtest(
    panel: pd.DataFrame,
    spec: Specification,
    starts: pd.DatetimeIndex,
    *,
    draws: int,
    rng: np.random.Generator,
    horizon: int = HORIZON,
    levels: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """Whether the intervals for a price without a measure would have held, month by month and on average.

    Returns
    -------
    DataFrame
        Key `start`, `kind` (``month``: that month; ``mean``: mean of the months to it), `months` (1 to `horizon`),
        `level`; `gap` (log), `low`, `high` (bounds of the gap when nothing happens), `covered`, `ratio` (size of the
        gap over the distance of the bound on its side).
    """
    frames = []
    for start in starts:
        until = start + pd.DateOffset(months=horizon - 1)
        origin = start - pd.DateOffset(months=1)
        found = counterfactual.path(panel, spec, origin=origin, until=until, draws=draws, rng=rng)
        noise, gap = found.draws - found.central, found.actual - found.central
        count = np.arange(1, horizon + 1)
        for kind, drawn, seen in (
            ("month", noise, gap), ("mean", noise.cumsum(axis=1) / count, gap.cumsum() / count)
        ):  # fmt: skip
            for level in levels:
                low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
                frames.append(pd.DataFrame({
                    "start": start, "kind": kind, "months": count, "level": level, "gap": seen, "low": low,
                    "high": high,
                }))  # fmt: skip
    table = pd.concat(frames, ignore_index=True)
    bound = np.where(table["gap"] < 0, -table["low"], table["high"])
    return table.assign(covered=table["gap"].between(table["low"], table["high"]), ratio=table["gap"].abs() / bound)


def coverage(tested: pd.DataFrame, *, by: Sequence[str] = ("kind", "level", "months")) -> pd.DataFrame:
    """Share of gaps inside the interval, and the factor that would have held the stated share.

    Returns
    -------
    DataFrame
        Key `by`; `coverage` (0–1), `factor` (at least one), `windows` (their number, overlapping),
        `independent` (those that do not overlap).
    """
    grouped = tested.groupby(list(by), sort=False)
    table = grouped.agg(coverage=("covered", "mean"), windows=("start", "nunique")).reset_index()
    needed = {
        key: float(np.quantile(rows["ratio"], rows["level"].iloc[0], method="higher")) for key, rows in grouped
    }  # fmt: skip
    keys = [tuple(row) for row in table[list(by)].to_numpy()]
    span = tested["start"].max() - tested["start"].min()
    whole = round(span.days / 365.25 * 12)
    length = table["months"] if "months" in table else tested["months"].max()
    return table.assign(
        factor=[max(needed[key], 1.0) for key in keys],
        independent=np.minimum(table["windows"], 1 + whole // length),
    )


def factors(covered: pd.DataFrame, *, months: int, kind: str = "mean") -> dict[float, float]:
    """Widening factor by level for a mean over `months`."""
    rows = covered[(covered["kind"] == kind) & (covered["months"] == months)]
    if rows.empty:
        raise BadInput("backtest", "months", found=str(months), allowed="months that were tested")
    return dict(zip(rows["level"], rows["factor"], strict=True))


def split_check(tested: pd.DataFrame, *, months: int, level: float) -> tuple[float, float]:
    """The factor of a mean over `months` from the first half of the windows, and its coverage in the second half.

    Windows of the first half that reach into the second are left out.

    Parameters
    ----------
    tested : DataFrame
        From :func:`backtest`.

    Raises
    ------
    BadInput
        No window lies wholly in the first half.
    """
    rows = tested[(tested["kind"] == "mean") & (tested["months"] == months) & (tested["level"] == level)]
    ordered = rows.sort_values("start")
    early, late = ordered.iloc[: len(ordered) // 2], ordered.iloc[len(ordered) // 2 :]
    early = early[early["start"] + pd.DateOffset(months=months - 1) < late["start"].min()]
    if early.empty:
        raise BadInput("backtest", found=f"{len(ordered)} windows", allowed="two halves that do not overlap")
    factor = max(float(np.quantile(early["ratio"], level, method="higher")), 1.0)
    return factor, float((late["ratio"] <= factor).mean())


def spreads(effects: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Root mean square placebo effect by specification, on the windows that all of them have; smallest first."""
    both = pd.DataFrame(dict(effects)).dropna()
    table = np.sqrt((both**2).mean()).rename("spread").rename_axis("specification").reset_index()
    return table.sort_values("spread", ignore_index=True).assign(windows=len(both))
