"""Do prices wander, do they do so together, and who adjusts: unit roots with breaks, ranks, weak exogeneity."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.months import complete_logs

TERMS = {"constant": 0, "trend": 1}  # statsmodels' det_order


def unit_roots(
    panel: pd.DataFrame, columns: Sequence[str], *, start: str, until: pd.Timestamp, most_lags: int
) -> pd.DataFrame:
    """Tests of a unit root in every series, without and with one break in its level.

    Parameters
    ----------
    panel : DataFrame
        Logs by month.
    columns : sequence of str
        Series; each is tested from `start` or its own first month.
    most_lags : int
        Months, from which the information criterion of Schwarz chooses.

    Returns
    -------
    DataFrame
        Key `series`; `p_level`, `p_change` (augmented Dickey and Fuller 1979, level and first difference), `p_break`
        (Zivot and Andrews 1992, break in the mean at an unknown month), `break_month`, `months`.
    """
    from statsmodels.tsa.stattools import adfuller, zivot_andrews

    rows = []
    for name in columns:
        first = max(pd.Timestamp(start), panel[name].dropna().index[0]).strftime("%Y-%m")
        series = complete_logs(panel, [name], start=first, until=until)[name]
        level = adfuller(series, autolag="BIC", maxlag=most_lags, result_object=False)
        change = adfuller(series.diff().dropna(), autolag="BIC", maxlag=most_lags, result_object=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            broken = zivot_andrews(series, regression="c", autolag="BIC", maxlag=most_lags)
        place = broken[4] if isinstance(broken[4], pd.Timestamp) else series.index[int(broken[4])]
        rows.append({
            "series": name, "p_level": float(level[1]), "p_change": float(change[1]), "p_break": float(broken[1]),
            "break_month": place, "months": len(series),
        })  # fmt: skip
    return pd.DataFrame(rows)


def ranks(
    panel: pd.DataFrame,
    sets: Mapping[str, Sequence[str]],
    *,
    target: str,
    starts: Sequence[str],
    until: pd.Timestamp,
    lags: Sequence[int],
    terms: Sequence[str] = tuple(TERMS),
) -> pd.DataFrame:
    """Johansen's rank for every set of variables, sample, number of lags and kind of deterministic terms.

    Cells in which a variable does not reach back to the start are left out.

    Returns
    -------
    DataFrame
        Key `variables`, `start`, `lags`, `terms`; `series` (their number), `months`, `rank_trace` (first hypothesis not
        rejected at 5%; equal to `series` when all are), `reach` (``none``, ``reduced`` or ``full``).
    """
    from statsmodels.tsa.vector_ar.vecm import coint_johansen

    rows = []
    for name, members in sets.items():
        columns = [target, *members]
        begins = panel[columns].dropna().index[0]
        for start in starts:
            if pd.Timestamp(start) < begins:
                continue
            logs = complete_logs(panel, columns, start=start, until=until)
            for lag, term in itertools.product(lags, terms):
                johansen, size = coint_johansen(logs.to_numpy(), TERMS[term], lag), logs.shape[1]
                trace = int(np.append(johansen.lr1 <= johansen.cvt[:, 1], True).argmax())
                rows.append({
                    "variables": name, "start": start, "lags": lag, "terms": term, "series": size, "months": len(logs),
                    "rank_trace": trace, "reach": "none" if trace == 0 else "full" if trace == size else "reduced",
                })  # fmt: skip
    if not rows:
        raise BadInput("starts", found=", ".join(starts), allowed="a month that every variable of some set reaches")
    return pd.DataFrame(rows)


def eigenvalues(
    logs: np.ndarray,
    *,
    lags: int,
    exogenous: Sequence[int] = (),
    outside: np.ndarray | None = None,
    inside: np.ndarray | None = None,
) -> np.ndarray:
    """Squared canonical correlations of changes and lagged levels given past changes, descending.

    Parameters
    ----------
    logs : ndarray, shape (n, p)
    lags : int
        Past changes.
    exogenous : sequence of int
        Columns whose equations hold no cointegrating relation (Johansen 1995, theorem 8.2).
    outside, inside : ndarray, shape (n, k), optional
        Deterministic terms by month: free in every equation (a constant if not given), or in the relations only.
    """
    changes = np.diff(logs, axis=0)
    count = len(changes)
    past = [changes[lags - lag : count - lag] for lag in range(1, lags + 1)]
    free_terms = np.ones((len(logs), 1)) if outside is None else outside
    levels = logs if inside is None else np.hstack([logs, inside])
    conditioning = np.hstack([free_terms[lags + 1 :], *past])
    rest = _residuals(np.hstack([changes[lags:], levels[lags:-1]]), conditioning)
    size = logs.shape[1]
    free = [place for place in range(size) if place not in set(exogenous)]
    now, before = rest[:, free], rest[:, size:]
    if exogenous:
        both = _residuals(np.hstack([now, before]), rest[:, list(exogenous)])
        now, before = both[:, : len(free)], both[:, len(free) :]
    first, second = np.linalg.qr(now)[0], np.linalg.qr(before)[0]
    return np.asarray(np.linalg.svd(first.T @ second, compute_uv=False) ** 2)


def _residuals(outcomes: np.ndarray, regressors: np.ndarray) -> np.ndarray:
    return np.asarray(outcomes - regressors @ np.linalg.lstsq(regressors, outcomes, rcond=None)[0])


def weak_exogeneity(logs: pd.DataFrame, *, lags: int, rank: int) -> pd.DataFrame:
    """Likelihood-ratio test that one price does not adjust to the cointegrating relations, for each price.

    A world price that does not adjust can be taken as given when the farm price is explained; a farm price that does
    not adjust is not tied to the others.

    Returns
    -------
    DataFrame
        Key `series`; `statistic`, `freedom` (the rank), `p_value` (χ²), `rank`.

    Raises
    ------
    BadInput
        A rank of zero, or full.
    """
    if not 1 <= rank < logs.shape[1]:
        raise BadInput("rank", found=str(rank), allowed=f"1 to {logs.shape[1] - 1}")
    values = logs.to_numpy()
    free = np.log1p(-eigenvalues(values, lags=lags)[:rank]).sum()
    months = len(values) - 1 - lags
    rows = []
    for place, name in enumerate(logs):
        restricted = np.log1p(-eigenvalues(values, lags=lags, exogenous=[place])[:rank]).sum()
        statistic = months * (restricted - free)
        p_value = stats.chi2.sf(statistic, rank)
        rows.append({"series": name, "statistic": statistic, "freedom": rank, "p_value": p_value})
    return pd.DataFrame(rows).assign(rank=rank)


def exogeneity(
    panel: pd.DataFrame, columns: Sequence[str], *, start: str, until: pd.Timestamp, lags: int, ranks: Sequence[int]
) -> pd.DataFrame:
    """:func:`weak_exogeneity` at several ranks, p-values side by side.

    Returns
    -------
    DataFrame
        Key `series`; one column ``rank_1``, … per rank: p-value.
    """
    logs = complete_logs(panel, columns, start=start, until=until)
    tests = pd.concat([weak_exogeneity(logs, lags=lags, rank=rank) for rank in ranks], ignore_index=True)
    wide = tests.pivot(index="series", columns="rank", values="p_value").reindex(list(columns))
    return wide.add_prefix("rank_").rename_axis(columns=None).reset_index()
