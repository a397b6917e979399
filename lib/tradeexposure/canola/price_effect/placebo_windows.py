"""The counterfactual re-made at every earlier date: placebo effects, and whether the intervals would have held."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect import counterfactual
from tradeexposure.canola.price_effect.counterfactual import Counterfactual
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.backtests import LEVELS, interval_check


def gaps(panel: pd.DataFrame, spec: Counterfactual, starts: pd.DatetimeIndex, *, horizon: int) -> pd.DataFrame:
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
    history = _history(panel, spec, starts, horizon)
    paths = [history.path(origin, months=horizon) for origin in starts - pd.DateOffset(months=1)]
    rows = [path.actual - path.central for path in paths]
    return pd.DataFrame(rows, index=pd.DatetimeIndex(starts, name="start"), columns=range(1, horizon + 1))


def _history(
    panel: pd.DataFrame, spec: Counterfactual, starts: pd.DatetimeIndex, horizon: int
) -> counterfactual.History:
    return counterfactual.History(panel, spec, until=starts[-1] + pd.DateOffset(months=horizon - 1))


def shares(gaps: pd.DataFrame, *, length: int, skip: int = 0) -> pd.Series:
    """Placebo effects: mean of actual / counterfactual − 1 over `length` months that begin `skip` after the fit.

    Parameters
    ----------
    gaps : DataFrame
        From :func:`gaps`.

    Returns
    -------
    Series
        Index start (first month after the fit).
    """
    horizon = gaps.shape[1]
    if not 1 <= length <= horizon - skip or skip < 0:
        raise BadInput("length", found=f"{length} after {skip}", allowed=f"together 1 to {horizon}")
    effects: pd.Series = np.expm1(gaps.loc[:, skip + 1 : skip + length]).mean(axis=1)
    return effects


def backtest(
    panel: pd.DataFrame,
    spec: Counterfactual,
    starts: pd.DatetimeIndex,
    *,
    draws: int,
    rng: np.random.Generator,
    horizon: int,
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
    history, count = _history(panel, spec, starts, horizon), np.arange(1, horizon + 1)
    tails = [end for level in levels for end in ((1 - level) / 2, (1 + level) / 2)]
    parts: list[dict[str, np.ndarray]] = []
    for start, origin in zip(starts, starts - pd.DateOffset(months=1), strict=True):
        path = history.path(origin, months=horizon, draws=draws, rng=rng)
        noise, gap = path.draws - path.central, path.actual - path.central
        both = np.stack([noise, noise.cumsum(axis=1) / count])
        ends = np.quantile(both, tails, axis=1)
        for place, (kind, seen) in enumerate((("month", gap), ("mean", gap.cumsum() / count))):
            parts += [
                {"start": np.full(horizon, start.to_datetime64()), "kind": np.full(horizon, kind), "months": count,
                 "level": np.full(horizon, level), "gap": seen,
                 "low": ends[2 * of, place], "high": ends[2 * of + 1, place]}
                for of, level in enumerate(levels)
            ]  # fmt: skip
    table = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    return table.assign(**interval_check(table["gap"], low=table["low"], high=table["high"]))
