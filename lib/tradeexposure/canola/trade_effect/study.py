"""The estimates of the canola trade notebook (30): which samples, controls, models and windows are run together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import grain_exports, harvests
from tradeexposure.canola.exposure.grain_exports import OTHER
from tradeexposure.canola.trade_effect import shortfall
from tradeexposure.canola.trade_effect.effects import (
    Term,
    VolumeEffect,
    difference,
    triple_difference,
)
from tradeexposure.canola.trade_effect.shortfall import (
    CRUSH,
    VolumePaths,
    limits,
    share_taken,
    simulate,
    total_others,
)
from tradeexposure.core.errors import BadInput
from tradeexposure.data.geography import CHINA
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.poisson.fit import PoissonFit
from tradeexposure.econometrics.time_series.months import Span
from tradeexposure.econometrics.time_series.seasonal_paths import waves_for
from tradeexposure.policy.studies import Episode


@dataclass(frozen=True)
class Sources:
    """Everything the notebook reads, arranged."""

    flows: pd.DataFrame  #: All crops, the markets of canola that are kept apart, all others summed.
    every: pd.DataFrame  #: All crops, all destinations apart.
    monthly: pd.DataFrame  #: Canola by month and destination; kt.
    #: kt by month; kt by crop year; C$ a tonne by month.
    crush: pd.Series
    harvest: pd.Series
    prices: pd.Series


def arrange(
    exports: pd.DataFrame,
    crush: pd.DataFrame,
    crops: pd.DataFrame,
    forecasts: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    sold: Sequence[str],
    markets: Sequence[str],
) -> Sources:
    """Tables of ``data/`` as :class:`Sources`: exports, crush, harvests, outlook, Prairie farm prices.

    Parameters
    ----------
    sold : sequence of str
        Crops whose exports are read.
    markets : sequence of str
        Destinations kept apart.
    """
    every = grain_exports.flows(exports, crops=sold)
    flows = grain_exports.markets_apart(every, markets=markets)
    return Sources(
        flows=flows,
        every=every,
        monthly=grain_exports.by_month(flows),
        crush=crush.set_index("month")["seed_crushed_kt"],
        harvest=harvests.by_crop_year(crops, forecasts),
        prices=prices.set_index("month")["price_cad_per_tonne"],
    )


def paths(
    sources: Sources,
    episode: Episode,
    *,
    seed: int,
    draws: int,
    models: Sequence[str],
    baseline: Sequence[Span] | None = None,
    markets: bool = False,
    capped: bool = True,
) -> VolumePaths:
    """Paths to China, to all others (or each market), and of the home crush; China's alone within the supply."""
    monthly = sources.monthly if markets else total_others(sources.monthly)
    bound = {CHINA: limits(sources.monthly, sources.crush, sources.harvest, window=episode.window)}
    return simulate(
        monthly.assign(**{CRUSH: sources.crush.reindex(monthly.index)}),
        window=episode.window,
        baseline=episode.baseline if baseline is None else baseline,
        rng=np.random.default_rng(seed),
        draws=draws,
        models=models,
        limit=bound if capped else None,
    )


def all_paths(
    sources: Sources,
    episodes: Mapping[str, Episode],
    *,
    long: Sequence[Span],
    seed: int,
    draws: int,
    models: Sequence[str],
) -> dict[str, VolumePaths]:
    """:func:`paths` of every episode, with 2025 on the `long` baseline and 2019 and 2025 without the caps."""
    shared: dict[str, Any] = {"seed": seed, "draws": draws, "models": models}
    return {
        **{key: paths(sources, episode, **shared) for key, episode in episodes.items()},
        "2025.long_baseline": paths(sources, episodes["2025"], baseline=long, **shared),
        **{f"{key}.uncapped": paths(sources, episodes[key], capped=False, **shared) for key in ("2019", "2025")},
    }


def case_paths(
    sources: Sources,
    spans: Sequence[Sequence[str]],
    baselines: Mapping[str, Sequence[Span]],
    *,
    seed: int,
    draws: int,
    models: Sequence[str],
) -> dict[Span, dict[str, VolumePaths]]:
    """Paths over spans in which the case was announced, or before: span → baseline → paths."""
    shared: dict[str, Any] = {"seed": seed, "draws": draws, "models": models}
    return {
        (span[0], span[1]): {
            name: paths(sources, Episode("2024", "Case", (span[0], span[1]), tuple(baseline)), **shared)
            for name, baseline in baselines.items()
        }
        for span in spans
    }


def market_paths(
    sources: Sources, episodes: Mapping[str, Episode], *, seed: int, draws: int, models: Sequence[str]
) -> dict[str, VolumePaths]:
    """Paths of every market and of the home crush, by the months of the episode in words."""
    shared: dict[str, Any] = {"seed": seed, "draws": draws, "models": models}
    return {episode.months: paths(sources, episode, **shared, markets=True) for episode in episodes.values()}


def crop_year_changes(sources: Sources, usual: Mapping[str, Sequence[str]]) -> dict[str, pd.DataFrame]:
    """Changes of crop years from the usual ones of each: crop year → :func:`shortfall.changes`."""
    table = shortfall.crop_years(sources.monthly, sources.crush, sources.harvest)
    return {year: shortfall.changes(table, year=year, against=against) for year, against in usual.items()}


def measured_share(path: VolumePaths, *, most_without: float) -> float | None:
    """Median share of the shortfall that other destinations took, kept between none and all.

    None if the shortfall is none or negative in more than `most_without` of the draws: rise over shortfall has then no
    meaning as a share.
    """
    if (path.gap(CHINA) <= 0).mean() > most_without:
        return None
    return float(np.clip(np.median(share_taken(path, [OTHER])), 0.0, 1.0))


def _parts(share: float | None) -> dict[str, float]:
    return {"none": 0.0, **({} if share is None else {"measured": share}), "full": 1.0}


def bounds(
    flows: pd.DataFrame,
    episode: Episode,
    *,
    share: float | None,
    effects: Sequence[Term],
    baseline: Sequence[Span] | None = None,
    fit: PoissonFit | None = None,
) -> dict[str, VolumeEffect]:
    """The effect on China under no, the measured (if there is one) and full diversion: `none`, `measured`, `full`.

    `fit` is the equation without diversion on these rows where it is fitted already.
    """
    against = episode.baseline if baseline is None else baseline
    return {
        name: difference(flows, window=episode.window, baseline=against, effects=effects, diverted=part, fit=fit)
        for name, part in _parts(share).items()
    }


def all_bounds(
    flows: pd.DataFrame,
    episodes: Mapping[str, Episode],
    shares: Mapping[str, float | None],
    *,
    effects: Sequence[Term],
    fits: Mapping[str, PoissonFit],
    early: Span,
) -> dict[str, dict[str, VolumeEffect]]:
    """:func:`bounds` of every episode, and of 2019 against an `early` baseline, by the equation of the headline.

    `fits` are that equation for some episodes, by key; it is fitted to the others here.
    """
    every = {
        key: bounds(flows, episode, share=shares[key], effects=effects, fit=fits.get(key))
        for key, episode in episodes.items()
    }
    early_bounds = bounds(flows, episodes["2019"], share=shares["2019"], baseline=[early], effects=effects)
    return {**every, "2019.baseline_to_2018_02": early_bounds}


def triple_bounds(
    flows: pd.DataFrame, episode: Episode, sets: Mapping[str, Sequence[str]], *, share: float | None
) -> pd.DataFrame:
    """The triple difference by set of control crops: `controls`, `none`, `measured`, `full`, `n_separated`."""
    rows = []
    for name, controls in sets.items():
        by_diversion = {
            key: triple_difference(
                flows, window=episode.window, baseline=episode.baseline, controls=controls, diverted=part
            )
            for key, part in _parts(share).items()
        }
        changes = {key: effect.change for key, effect in by_diversion.items()}
        rows.append(
            {
                "controls": name,
                **changes,
                "n_obs": by_diversion["none"].n_obs,
                "n_separated": by_diversion["none"].n_separated,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Choices:
    """What the specifications of the effect of 2019 are made of."""

    window: Span
    baselines: Mapping[str, Span]  #: Name → months; the first is the headline's.
    controls: Mapping[str, Sequence[str]]  #: Name → crops of the triple difference.
    diverted_to: Sequence[str]  #: Destinations left out where controls must be untouched.
    #: Name → absorbed effects of a difference in differences; the first is the headline's.
    seasons: Mapping[str, Sequence[Term]]
    #: :func:`bounds` of the first baseline and season, which are not estimated again.
    headline: Mapping[str, VolumeEffect]
    models: Sequence[str]  #: Of China's own path.


@dataclass(frozen=True)
class Estimator:
    """One way to estimate the effect: its combinations of choices, and the change of the volume by one of them."""

    grid: Callable[[Choices], pd.DataFrame]  #: Choices → `estimator`, `baseline`, `season`, `controls`, `diversion`.
    #: Sources, choices, a row of `grid`, draws and seed of simulated paths → change of the volume to China.
    estimate: Callable[[Sources, Choices, Mapping[str, Any], int, int], float]


def specifications(
    sources: Sources, choices: Choices, *, draws: int, seed: int, estimators: Sequence[Estimator] | None = None
) -> pd.DataFrame:
    """Every way to estimate the effect of the first year of the suspensions, by :data:`ESTIMATORS` unless given.

    Returns
    -------
    DataFrame
        `estimator`, `baseline`, `season`, `controls`, `diversion`, `estimate` (change of the volume to China).

    Raises
    ------
    BadInput
        Two seasons of the same effects, which would count one regression twice.
    """
    absorbed = [frozenset(map(str, season)) for season in choices.seasons.values()]
    if len({*absorbed}) < len(absorbed):
        raise BadInput("seasons", found=f"the same effects for {', '.join(choices.seasons)}", allowed="other effects")
    parts = []
    for estimator in ESTIMATORS if estimators is None else estimators:
        grid = estimator.grid(choices)
        rows = [{str(name): value for name, value in row.items()} for row in grid.to_dict("records")]
        parts.append(grid.assign(estimate=[estimator.estimate(sources, choices, row, draws, seed) for row in rows]))
    return pd.concat(parts, ignore_index=True)


def _waves(baseline: Span) -> int:
    return waves_for(len(pd.date_range(*baseline, freq="MS")))


def _samples(choices: Choices) -> dict[str, Sequence[str]]:
    return {"baseline": [*choices.baselines], "season": [*choices.seasons]}


def _differences(choices: Choices) -> pd.DataFrame:
    options = {"estimator": ["difference in differences"], **_samples(choices), "controls": ["all", "never diverted"],
               "diversion": ["none", "full"]}  # fmt: skip
    return specification_curve.grid(options, keep=lambda row: row["controls"] == "all" or row["diversion"] == "none")


def _difference(sources: Sources, choices: Choices, row: Mapping[str, Any], draws: int, seed: int) -> float:
    headline = (next(iter(choices.baselines)), next(iter(choices.seasons)), "all")
    if (row["baseline"], row["season"], row["controls"]) == headline:
        return choices.headline[row["diversion"]].change
    without = () if row["controls"] == "all" else choices.diverted_to
    return difference(sources.flows, window=choices.window, baseline=[choices.baselines[row["baseline"]]],
                      effects=choices.seasons[row["season"]], without=without,
                      diverted=float(row["diversion"] == "full")).change  # fmt: skip


def _triples(choices: Choices) -> pd.DataFrame:
    return specification_curve.grid({"estimator": ["triple difference"], **_samples(choices),
                                     "controls": [*choices.controls], "diversion": ["none"]})  # fmt: skip


def _triple(sources: Sources, choices: Choices, row: Mapping[str, Any], draws: int, seed: int) -> float:
    return triple_difference(sources.flows, window=choices.window, baseline=[choices.baselines[row["baseline"]]],
                             season=row["season"] == "by destination",
                             controls=choices.controls[row["controls"]]).change  # fmt: skip


def _own_paths(choices: Choices) -> pd.DataFrame:
    options = {"estimator": choices.models, **_samples(choices), "season": ["two waves", "by baseline"],
               "controls": ["none"], "diversion": ["any"]}  # fmt: skip
    return specification_curve.grid(
        options, keep=lambda row: row["season"] == "two waves" or _waves(choices.baselines[row["baseline"]]) != 2
    )


def _own_path(sources: Sources, choices: Choices, row: Mapping[str, Any], draws: int, seed: int) -> float:
    baseline = choices.baselines[row["baseline"]]
    bound = {CHINA: limits(sources.monthly, sources.crush, sources.harvest, window=choices.window)}
    path = simulate(
        sources.monthly[[CHINA]], window=choices.window, baseline=[baseline], rng=np.random.default_rng(seed),
        draws=draws, models=[row["estimator"]], waves=2 if row["season"] == "two waves" else _waves(baseline),
        limit=bound,
    )  # fmt: skip
    return float(np.median(path.change(CHINA)))


#: The specification curve in its order; a method that is added here is in the curve and in its published summary.
ESTIMATORS = (
    Estimator(_differences, _difference),
    Estimator(_triples, _triple),
    Estimator(_own_paths, _own_path),
)
