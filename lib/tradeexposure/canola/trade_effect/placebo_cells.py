"""Cells that no measure touched: how unusual the effect on one market is among them, and their use as controls.

A cell is a crop sold to a destination. Its placebo effect is estimated as the real one is, within its own crop.
Other governments' measures, harvests and wars move these cells too: the reference is what happens to trade
without this measure, not what happens without anything. China is ranked among them by effect and by shortfall, and
the paths of untouched cells say how often a path's interval holds.

Synthetic difference-in-differences weighs them as controls; other markets of canola are none, since they took the seed
that China left. A period is the months of the window in one year, so that each cell's season drops out; the outcome is
log(1 + kt) of their sum, so that a cell that ends stays in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure.grain_exports import OTHER, by_month, markets_apart, regular_cells
from tradeexposure.canola.trade_effect.effects import Term, VolumeEffect, difference, each_in_turn, sample
from tradeexposure.canola.trade_effect.shortfall import median_range, simulate, standardised_gap
from tradeexposure.canola.trade_effect.study import Sources
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.geography import CHINA
from tradeexposure.econometrics.time_series.months import Span, held_months, months_in
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.econometrics.treatment_effects.synthetic_did import Tested, placebo_test
from tradeexposure.policy.studies import Episode

#: Episode → variant → months compared with; the variant without a name is the episode's own.
Baselines = Mapping[str, Mapping[str, Sequence[Span]]]
TREATED = " to ".join(("canola", CHINA))
LOWEST = float(np.log(1e-3))  # log effect of a cell that ships nothing in its window, whose own is minus infinity


@dataclass(frozen=True)
class Untouched:
    """Which cells serve as placebos, and how their effects are estimated."""

    share: float  #: Of the baseline's months with a shipment: rarer trade comes and goes without a cause.
    #: Crop → first month in which China treated it too; it does not serve for a window that reaches that month.
    treated: Mapping[str, str]
    effects: Sequence[Term]  #: Absorbed effects of the equation, those of the headline.
    least_before: int  #: Months before a placebo window in another year.
    models: Sequence[str]  #: Of a cell's own path, those of China's.


def cells(rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], among: Untouched) -> pd.DataFrame:
    """Untreated cells with regular trade in the baseline: key `crop`, `destination`; `shipped`.

    Those of other crops than canola, but for the ones to China that it treated too by the window's end.

    Raises
    ------
    BadInput
        No such cell.
    """
    treated = [name for name, since in among.treated.items() if window[1] >= since]
    touched = (rows["crop"] == "canola") | (rows["crop"].isin(treated) & (rows["destination"] == CHINA))
    regular = regular_cells(rows[~touched], months=months_in(baseline), share=among.share)
    regular = regular[regular["destination"] != OTHER].reset_index(drop=True)
    if regular.empty:
        raise BadInput("cells", "share", found=str(among.share), allowed="a share that some cell reaches")
    return regular


def cell_effects(rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], among: Untouched) -> pd.DataFrame:
    """Placebo effects of one window on every regular cell.

    Parameters
    ----------
    rows : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.flows` with all destinations apart.

    Returns
    -------
    DataFrame
        :func:`cells` with `log_effect` (at least :data:`LOWEST`) and `change`.
    """
    regular = cells(rows, window=window, baseline=baseline, among=among)
    logs: list[float] = []
    for crop, own in regular.groupby("crop", sort=False):
        panel = markets_apart(rows[rows["crop"] == crop], markets=list(own["destination"]))
        panel = panel[panel.groupby("destination")["volume_kt"].transform("sum") > 0]
        panel = sample(panel, window=window, baseline=baseline, unit=own["destination"].iloc[0])
        logs.extend(np.maximum(each_in_turn(panel, list(own["destination"]), effects=among.effects), LOWEST))
    return regular.assign(log_effect=logs, change=np.expm1(logs))


def year_windows(window: Span, first: int, last: int) -> list[Span]:
    """The months of `window` that begin in each year from `first` to `last`."""
    begin, end = (pd.Period(month, "M") for month in window)
    years = range(first - begin.year, last - begin.year + 1)
    return [(f"{begin + 12 * ahead}", f"{end + 12 * ahead}") for ahead in years]


def before(window: Span, spans: Sequence[Span], *, least: int) -> list[Span]:
    """The parts of `spans` before `window`; empty if they hold fewer than `least` months."""
    end = f"{pd.Timestamp(window[0]) - pd.DateOffset(months=1):%Y-%m}"
    cut = [(first, min(last, end)) for first, last in spans if first <= end]
    return cut if cut and len(months_in(cut)) >= least else []


def other_years(
    rows: pd.DataFrame, *, windows: Sequence[Span], spans: Sequence[Span], among: Untouched
) -> pd.DataFrame:
    """The same effect on canola to China in windows within the clean spans, each against all clean months before.

    Returns
    -------
    DataFrame
        `window` (first month), `log_effect`, `change`.
    """
    clean = months_in(spans)
    placebos = []
    for window in windows:
        earlier = before(window, spans, least=among.least_before)
        if earlier and months_in([window]).isin(clean).all():
            effect = difference(rows, window=window, baseline=earlier, effects=among.effects)
            placebos.append(
                {"window": window[0], "log_effect": max(effect.log_effect, LOWEST), "change": effect.change}
            )
    if not placebos:
        raise BadInput("windows", found="none within clean months", allowed="at least one")
    return pd.DataFrame(placebos)


def by_date(rows: pd.DataFrame, *, windows: Sequence[Span], since: str, among: Untouched) -> pd.DataFrame:
    """Placebo effects of every regular cell in every window, each against all months from `since` to the window."""
    parts = []
    for window in windows:
        earlier = before(window, [(since, window[1])], least=among.least_before)
        if earlier:
            parts.append(cell_effects(rows, window=window, baseline=earlier, among=among).assign(window=window[0]))
    return pd.concat(parts, ignore_index=True)


def cell_shortfalls(rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], among: Untouched) -> pd.DataFrame:
    """Shortfall of every regular cell in its own prediction errors: :func:`cells` with `gap_kt`, `standardised`."""
    held_months([window], pd.DatetimeIndex(rows["month"].unique()), where="window")
    regular = cells(rows, window=window, baseline=baseline, among=among)
    pairs = [
        standardised_gap(series, window=window, baseline=baseline, models=among.models)
        for _, series in _by_cell(rows, zip(regular["crop"], regular["destination"], strict=True)).items()
    ]
    return regular.assign(gap_kt=[gap for gap, _ in pairs], standardised=[gap / error for gap, error in pairs])


def _by_cell(rows: pd.DataFrame, cells: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Months by cells, each named as ``wheat to Japan``; kt."""
    pairs = list(cells)
    crops = {crop: by_month(rows, crop=crop) for crop in dict.fromkeys(crop for crop, _ in pairs)}
    return pd.DataFrame({" to ".join((crop, place)): crops[crop][place] for crop, place in pairs})


def path_coverage(
    rows: pd.DataFrame,
    *,
    window: Span,
    baseline: Sequence[Span],
    level: float,
    seed: int,
    draws: int,
    among: Untouched,
) -> float:
    """Share of the regular cells whose volume over the window lies in the interval of their own simulated paths."""
    regular = cells(rows, window=window, baseline=baseline, among=among)
    rng, held_by = np.random.default_rng(seed), []
    for name, series in _by_cell(rows, zip(regular["crop"], regular["destination"], strict=True)).items():
        paths = simulate(series.to_frame(), window=window, baseline=baseline, rng=rng, draws=draws, models=among.models)
        gap = median_range(paths.gap(str(name)), level=level)
        held_by.append(gap["low"] <= 0 <= gap["high"])
    return float(np.mean(held_by))


def ranks(
    sources: Sources, episode: Episode, bounds: Mapping[str, VolumeEffect], *, among: Untouched
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """China's effect and shortfall among those of untouched cells over the same months.

    Parameters
    ----------
    bounds : mapping
        China's effect without and with full diversion: `none`, `full`.

    Returns
    -------
    placebos, tests : DataFrame
        The cells with `log_effect`, `change`, `standardised`; and per test `statistic`, `actual`, `p_value`,
        `p_one_sided` (towards a loss), `count`, `floor`. The effect cannot be ranked where nothing was shipped.
    """
    options: dict[str, Any] = {"window": episode.window, "baseline": episode.baseline, "among": among}
    placebos = cell_shortfalls(sources.every, **options)
    gap, error = standardised_gap(
        sources.monthly[CHINA], window=episode.window, baseline=episode.baseline, models=among.models
    )
    tests = [_test("shortfall in prediction errors", gap / error, placebos["standardised"], loss=1)]
    actual, full = bounds["none"], bounds["full"]
    if not actual.boundary:
        effects = cell_effects(sources.every, **options)
        placebos = placebos.merge(effects[["crop", "destination", "log_effect", "change"]], on=["crop", "destination"])
        tests = [_test("log effect", actual.log_effect, effects["log_effect"], loss=-1),
                 _test("log effect, full diversion", full.log_effect, effects["log_effect"], loss=-1),
                 *tests]  # fmt: skip
    return placebos, pd.DataFrame(tests)


def all_ranks(
    sources: Sources,
    episodes: Mapping[str, Episode],
    bounds: Mapping[str, Mapping[str, VolumeEffect]],
    *,
    among: Untouched,
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """:func:`ranks` of several episodes: placebos by key, tests by key."""
    both = {key: ranks(sources, episode, bounds[key], among=among) for key, episode in episodes.items()}
    return {key: placebos for key, (placebos, _) in both.items()}, {key: tests for key, (_, tests) in both.items()}


def coverage_by_episode(
    sources: Sources, episodes: Mapping[str, Episode], *, among: Untouched, level: float, seed: int, draws: int
) -> dict[str, float]:
    """:func:`path_coverage` by episode."""
    return {
        key: path_coverage(sources.every, window=episode.window, baseline=episode.baseline, among=among,
                           level=level, seed=seed, draws=draws)
        for key, episode in episodes.items()
    }  # fmt: skip


def _test(statistic: str, actual: float, placebos: pd.Series, *, loss: int) -> dict[str, float | str]:
    ranked = placebo.rank(actual, placebos)
    one_sided = ranked.p_greater if loss > 0 else ranked.p_less
    return {"statistic": statistic, "actual": actual, "p_value": ranked.p_value, "p_one_sided": one_sided,
            "count": ranked.count, "floor": ranked.floor}  # fmt: skip


def year_tests(
    sources: Sources, actual: float, *, window: Span, among: Untouched, years: Sequence[int], clean: Sequence[Span]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The effect of 2019 among canola to China in other clean years, and among all cells in all years.

    Parameters
    ----------
    window : Span
        Months of `actual`, which are the placebo's in every year.
    years : pair of int
        In which the first and the last placebo window begin.
    clean : sequence of Span
        Months on which no measure bears.

    Returns
    -------
    alone, tests : DataFrame
        Canola to China by placebo window; the tests as in :func:`ranks`. Cells and years together are descriptive:
        the windows of one cell share baselines and shocks, so no floor is given.
    """
    windows = year_windows(window, years[0], years[1])
    alone = other_years(sources.flows, windows=windows, spans=clean, among=among)
    dated = by_date(sources.every, windows=windows, since=clean[0][0], among=among)
    both = _test("all cells, all years (descriptive)", actual, dated["log_effect"], loss=-1)
    tests = [_test("canola to China, other years", actual, alone["log_effect"], loss=-1), {**both, "floor": np.nan}]
    return alone, pd.DataFrame(tests)


def yearly(
    rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], among: Untouched
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """log(1 + kt) by year before and after of canola to China and the untouched cells; only whole years.

    Parameters
    ----------
    rows : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.flows` with all destinations apart.

    Raises
    ------
    BadInput
        Months that are not held, or a baseline without the window's months of any year.
    """
    controls = cells(rows, window=window, baseline=baseline, among=among)
    pairs = [("canola", CHINA), *zip(controls["crop"], controls["destination"], strict=True)]
    wide = _by_cell(rows, pairs)
    after = _totals(wide, [window], window=window)
    before = _totals(wide, baseline, window=window)
    if before.empty:
        spans = "; ".join(f"{first} to {last}" for first, last in baseline)
        raise BadInput("baseline", found=spans, allowed=f"one year's months of {window[0]} to {window[1]}, or more")
    return before, after


def _totals(wide: pd.DataFrame, spans: Sequence[Span], *, window: Span) -> pd.DataFrame:
    """log(1 + sum) of the window's months by year, counted from its first month; years that `spans` hold whole."""
    months = held_months(spans, pd.DatetimeIndex(wide.index), where="exports")
    first = pd.Timestamp(window[0])
    since = np.asarray((months.year - first.year) * MONTHS_IN_YEAR + months.month - first.month)
    length = min(MONTHS_IN_YEAR, len(pd.date_range(*window, freq="MS")))
    inside = since % MONTHS_IN_YEAR < length
    years = wide.loc[months[inside]].groupby((since // MONTHS_IN_YEAR)[inside])
    return pd.DataFrame(np.log1p(years.sum()[years.size() == length]))


def synthetic_did(
    rows: pd.DataFrame, episodes: Mapping[str, Episode], baselines: Baselines, *, among: Untouched
) -> dict[str, Tested]:
    """Canola to China among the cells, each taken for treated in turn; keys as ``2019`` and ``2019.long_baseline``."""
    return {
        f"{key}.{variant}".rstrip("."): placebo_test(
            *yearly(rows, window=episodes[key].window, baseline=spans, among=among), TREATED
        )
        for key, variants in baselines.items()
        for variant, spans in variants.items()
    }
