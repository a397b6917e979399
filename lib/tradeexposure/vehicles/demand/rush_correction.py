"""Quebec's rush of one quarter less the growth that the same counterfactual missed in quarters without a cut ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.core.errors import RunFailed

MODELS = {"level": "Gap stays", "trend": "Gap keeps its trend", "own_trend_season": "Own trend and season"}
OTHERS = {"six_provinces": "six provinces", "ontario": "Ontario", "none": "none"}


def corrected(rush: pd.DataFrame, calm: pd.DataFrame) -> pd.DataFrame:
    """The unexpected share of a rush without what the same counterfactual did not expect in calm quarters.

    A counterfactual that misses growth misses it in calm quarters too, over the same horizon. In logs the gap of the
    rush less that of a calm quarter is left: share = 1 - (1 - share of the rush) / (1 - share of the calm quarter).

    Parameters
    ----------
    rush, calm : DataFrame
        :func:`study.rush` and :func:`study.rush_placebos`: one row per counterfactual (and `quarter`), in one order.

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


def results(corrected: pd.DataFrame, *, hurried: str) -> pd.DataFrame:
    """Of the quarter `hurried`: median, lowest and highest counterfactual, corrected in two ways."""
    rows = [
        {"result_id": f"ev.pull_forward_share.qc.{hurried.lower()}.{variant}", "value": corrected[column].median(),
         "low": corrected[column].min(), "high": corrected[column].max()}
        for column, variant in (("corrected", "corrected"), ("corrected_all", "corrected.calm_mean"))
    ]  # fmt: skip
    calm = str(corrected["nearest"].iloc[0])
    return pd.DataFrame(rows).assign(period=hurried, count=f"{len(corrected)}", calm=calm)


def by_counterfactual(corrected: pd.DataFrame) -> pd.DataFrame:
    """Counterfactuals in words with their share, their placebo and the corrected share."""
    named = corrected.assign(model=corrected["model"].map(MODELS), others=corrected["others"].map(OTHERS))
    return named[["model", "others", "since", "share", "calm", "corrected"]]


def style(corrected: pd.DataFrame, *, hurried: str) -> dict[str, dict[str, str]]:
    """How :func:`tables.show` writes the table of :func:`by_counterfactual`, with the two quarters in its headings."""
    return {
        "columns": {"model": "Counterfactual", "others": "Against", "since": "Fitted from", "share": hurried,
                    "calm": f"{corrected['nearest'].iloc[0]}, no cut ahead", "corrected": "Corrected"},
        "written": {"share": "share", "calm": "share", "corrected": "share"},
    }  # fmt: skip
