"""How unusual the effect on one market is among cells and years that no measure touched.

A cell is a crop sold to a destination. Its placebo effect is estimated as the real one is, within its own crop.
Other governments' measures, harvests and wars move these cells too: the reference is what happens to trade
without this measure, not what happens without anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.cropflows import CHINA, KEY, OTHER, by_month, refuse_holes, regular
from tradeexposure.econometrics.months import Span, held, months_in
from tradeexposure.episodes import CLEAN, PEAS_TREATED
from tradeexposure.shortfall import simulate, spread, standardised_gap
from tradeexposure.volumes import difference

REGULAR = 0.75  # share of the baseline's months with a shipment: rarer trade comes and goes without a cause
LOWEST = float(np.log(1e-3))  # log effect of a cell that ships nothing in its window, whose own is minus infinity
YEAR = 12
LEAST_BEFORE = 18  # months: every calendar month once and a season more


def without_treated(rows: pd.DataFrame, *, window: Span, crop: str = "canola") -> pd.DataFrame:
    """The flows of the other crops, without those that China treated too.

    Soybeans to China, which stopped in 2019 as canola nearly did, never serve; peas to China, which pay a duty since
    20 March 2025, do not serve for a window that reaches that month.
    """
    treated = ["soybeans", "peas"] if window[1] >= PEAS_TREATED else ["soybeans"]
    return rows[(rows["crop"] != crop) & ~(rows["crop"].isin(treated) & (rows["destination"] == CHINA))]


def cells(rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], share: float = REGULAR) -> pd.DataFrame:
    """Untreated cells with regular trade in the baseline: key `crop`, `destination`; `shipped`, `mean_kt`.

    Raises
    ------
    BadInput
        No such cell.
    """
    found = regular(without_treated(rows, window=window), months=months_in(baseline), share=share)
    found = found[found["destination"] != OTHER].reset_index(drop=True)
    if found.empty:
        raise BadInput("cells", "share", found=str(share), allowed="a share that some cell reaches")
    return found


def merged(rows: pd.DataFrame, keep: Sequence[str]) -> pd.DataFrame:
    """One crop with the destinations not in `keep` summed to Other."""
    named = rows["destination"].where(rows["destination"].isin(list(keep)), OTHER)
    return rows.assign(destination=named).groupby(KEY)["volume_kt"].sum().reset_index()


def effects(rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], share: float = REGULAR) -> pd.DataFrame:
    """Placebo effects of one window on every regular cell.

    Parameters
    ----------
    rows : DataFrame
        :func:`tradeexposure.cropflows.flows` with all destinations apart.

    Returns
    -------
    DataFrame
        :func:`cells` with `log_effect` (at least :data:`LOWEST`) and `change`.
    """
    refuse_holes(rows, ["crop", "destination"])
    found = cells(rows, window=window, baseline=baseline, share=share)
    logs = []
    for crop, own in found.groupby("crop", sort=False):
        panel = merged(rows[rows["crop"] == crop], list(own["destination"]))
        panel = panel[panel.groupby("destination")["volume_kt"].transform("sum") > 0]
        for unit in own["destination"]:
            one = difference(panel, window=window, baseline=baseline, unit=unit, crop=str(crop))
            logs.append(max(one.log_effect, LOWEST))
    return found.assign(log_effect=logs, change=np.expm1(logs))


def year_windows(first: int, last: int, *, start_month: int = 3) -> list[Span]:
    """Windows of twelve months that begin in `start_month` of each year from `first` to `last`."""
    return [(f"{year}-{start_month:02d}", f"{year + 1}-{start_month - 1:02d}") for year in range(first, last + 1)]


def before(window: Span, spans: Sequence[Span]) -> list[Span]:
    """The parts of `spans` before `window`; empty if they hold fewer than :data:`LEAST_BEFORE` months."""
    end = f"{pd.Timestamp(window[0]) - pd.DateOffset(months=1):%Y-%m}"
    cut = [(first, min(last, end)) for first, last in spans if first <= end]
    return cut if cut and len(months_in(cut)) >= LEAST_BEFORE else []


def other_years(rows: pd.DataFrame, *, windows: Sequence[Span], spans: Sequence[Span] = CLEAN) -> pd.DataFrame:
    """The same effect on canola to China in windows within the clean spans, each against all clean months before.

    Returns
    -------
    DataFrame
        `window` (first month), `log_effect`, `change`.
    """
    clean = months_in(spans)
    found = []
    for window in windows:
        if before(window, spans) and months_in([window]).isin(clean).all():
            one = difference(rows, window=window, baseline=before(window, spans))
            found.append({"window": window[0], "log_effect": max(one.log_effect, LOWEST), "change": one.change})
    if not found:
        raise BadInput("windows", found="none within clean months", allowed="at least one")
    return pd.DataFrame(found)


def by_date(rows: pd.DataFrame, *, windows: Sequence[Span], since: str, share: float = REGULAR) -> pd.DataFrame:
    """Placebo effects of every regular cell in every window, each against all months from `since` to the window."""
    parts = []
    for window in windows:
        earlier = before(window, [(since, window[1])])
        if earlier:
            parts.append(effects(rows, window=window, baseline=earlier, share=share).assign(window=window[0]))
    return pd.concat(parts, ignore_index=True)


def gaps(rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], share: float = REGULAR) -> pd.DataFrame:
    """Shortfall of every regular cell in its own prediction errors: :func:`cells` with `gap_kt`, `standardised`."""
    held([window], pd.DatetimeIndex(rows["month"].unique()), where="window")
    found = cells(rows, window=window, baseline=baseline, share=share)
    wide = {crop: by_month(rows, crop=str(crop)) for crop in found["crop"].unique()}
    pairs = [
        standardised_gap(wide[crop][unit], window=window, baseline=baseline)
        for crop, unit in zip(found["crop"], found["destination"], strict=True)
    ]
    return found.assign(gap_kt=[gap for gap, _ in pairs], standardised=[gap / error for gap, error in pairs])


def coverage(
    rows: pd.DataFrame,
    *,
    window: Span,
    baseline: Sequence[Span],
    level: float,
    seed: int,
    draws: int,
    share: float = REGULAR,
) -> float:
    """Share of the regular cells whose volume over the window lies in the interval of their own simulated paths."""
    found = cells(rows, window=window, baseline=baseline, share=share)
    wide = {crop: by_month(rows, crop=str(crop)) for crop in found["crop"].unique()}
    rng, held_by = np.random.default_rng(seed), []
    for crop, unit in zip(found["crop"], found["destination"], strict=True):
        one = simulate(wide[crop][[unit]], window=window, baseline=baseline, rng=rng, draws=draws)
        gap = spread(one.gap(str(unit)), level=level)
        held_by.append(gap["low"] <= 0 <= gap["high"])
    return float(np.mean(held_by))
