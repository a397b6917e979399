"""The estimates of the canola volume notebook: which samples, controls, models and windows are run together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import crop_flows
from tradeexposure.canola.exposure.crop_flows import OTHER
from tradeexposure.canola.trade_effect import shortfall
from tradeexposure.canola.trade_effect.effects import VolumeEffect, difference, triple_difference
from tradeexposure.canola.trade_effect.episodes import (
    BEFORE_2019,
    BEFORE_2019_SHORT,
    BEFORE_2025,
    BEFORE_RISE_2018,
    CASE_MONTHS,
    CASE_PLACEBO,
    EPISODES,
    Episode,
)
from tradeexposure.canola.trade_effect.shortfall import (
    CRUSH,
    VolumePaths,
    limits,
    months_text,
    share_taken,
    simulate,
    total_others,
)
from tradeexposure.core.provinces import CHINA
from tradeexposure.econometrics import specification_curve
from tradeexposure.econometrics.months import Span
from tradeexposure.econometrics.seasonal_paths import MODELS, waves_for

CROPS = ("canola", "wheat", "barley", "peas", "durum", "flaxseed", "oats", "lentils", "corn", "soybeans")
#: Sets of control crops. China buys wheat and barley throughout; peas to China rose when India closed in 2017.
CONTROLS: dict[str, tuple[str, ...]] = {
    "wheat and barley": ("wheat", "barley"),
    "without barley": ("wheat",),
    "without wheat": ("barley",),
    "with peas": ("wheat", "barley", "peas"),
}
#: Destinations that took more Canadian seed in 2019 than ever: left out, the rest is nearer to a control.
DIVERTED_TO = ("European Union", "United Arab Emirates", "Bangladesh", "Pakistan", OTHER)
BASELINES_2019: dict[str, Span] = {
    "from 2014": BEFORE_2019,
    "from 2016": BEFORE_2019_SHORT,
    "to 2018-02": BEFORE_RISE_2018,
}
BASELINES_2025: dict[str, tuple[Span, ...]] = {"short": (BEFORE_2025,), "long": (BEFORE_2019, BEFORE_2025)}
#: Crop years that are accounted for, and those they are set against: before the suspensions, after the drought.
USUAL_YEARS = {"2019-20": ("2014-15", "2015-16", "2016-17", "2017-18"), "2024-25": ("2022-23", "2023-24")}
MOST_WITHOUT_SHORTFALL = 0.01  # of the draws: with more, rise over shortfall has no meaning as a share
SEASONS = {"by destination": True, "none": False}


@dataclass(frozen=True)
class Sources:
    """Everything the notebook reads, arranged.

    Attributes
    ----------
    flows : DataFrame
        All crops, the markets of canola apart (:data:`crop_flows.MARKETS`), all others summed.
    every : DataFrame
        All crops, all destinations apart.
    monthly : DataFrame
        Canola by month and destination; kt.
    crush, harvest, prices : Series
        kt by month; kt by crop year; C$ a tonne by month.
    """

    flows: pd.DataFrame
    every: pd.DataFrame
    monthly: pd.DataFrame
    crush: pd.Series
    harvest: pd.Series
    prices: pd.Series


def arrange(
    exports: pd.DataFrame, crush: pd.DataFrame, crops: pd.DataFrame, forecasts: pd.DataFrame, prices: pd.DataFrame
) -> Sources:
    """Tables of ``data/`` as :class:`Sources`: exports, crush, harvests, outlook, Prairie farm prices."""
    every = crop_flows.flows(exports, crops=CROPS)
    flows = crop_flows.markets_apart(every)
    return Sources(
        flows=flows,
        every=every,
        monthly=crop_flows.by_month(flows),
        crush=crush.set_index("month")["seed_crushed_kt"],
        harvest=shortfall.harvests(crops, forecasts),
        prices=prices.set_index("month")["price_cad_per_tonne"],
    )


def paths(
    found: Sources,
    episode: Episode,
    *,
    seed: int,
    draws: int,
    baseline: Sequence[Span] | None = None,
    models: Sequence[str] = MODELS,
    markets: bool = False,
    capped: bool = True,
) -> VolumePaths:
    """Paths to China, to all others (or each market), and of the home crush; China's alone within the supply."""
    monthly = found.monthly if markets else total_others(found.monthly)
    bound = {CHINA: limits(found.monthly, found.crush, found.harvest, window=episode.window)}
    return simulate(
        monthly.assign(**{CRUSH: found.crush.reindex(monthly.index)}),
        window=episode.window,
        baseline=episode.baseline if baseline is None else baseline,
        rng=np.random.default_rng(seed),
        draws=draws,
        models=models,
        limit=bound if capped else None,
    )


def all_paths(found: Sources, *, seed: int, draws: int) -> dict[str, VolumePaths]:
    """:func:`paths` of every episode, with 2025 on the long baseline and 2019 and 2025 without the caps."""
    shared: dict[str, Any] = {"seed": seed, "draws": draws}
    return {
        **{key: paths(found, one, **shared) for key, one in EPISODES.items()},
        "2025.long_baseline": paths(found, EPISODES["2025"], baseline=BASELINES_2025["long"], **shared),
        **{f"{key}.uncapped": paths(found, EPISODES[key], capped=False, **shared) for key in ("2019", "2025")},
    }


def case_paths(found: Sources, *, seed: int, draws: int) -> dict[Span, dict[str, VolumePaths]]:
    """Paths over the months in which the case was announced and the month before it: span → baseline → paths."""
    spans = {CASE_MONTHS: "Case announced", CASE_PLACEBO: "The month before"}
    return {
        span: {
            name: paths(found, Episode("2024", label, span, baseline), seed=seed, draws=draws)
            for name, baseline in BASELINES_2025.items()
        }
        for span, label in spans.items()
    }


def market_paths(found: Sources, keys: Sequence[str], *, seed: int, draws: int) -> dict[str, VolumePaths]:
    """Paths of every market and of the home crush, by the months of the episode in words."""
    return {
        months_text(EPISODES[key].window): paths(found, EPISODES[key], seed=seed, draws=draws, markets=True)
        for key in keys
    }


def crop_year_changes(found: Sources) -> dict[str, pd.DataFrame]:
    """Changes of two crop years from the usual ones: crop year → :func:`shortfall.changes`."""
    table = shortfall.crop_years(found.monthly, found.crush, found.harvest)
    return {year: shortfall.changes(table, year=year, against=usual) for year, usual in USUAL_YEARS.items()}


def measured_share(found: VolumePaths) -> float | None:
    """Median share of the shortfall that other destinations took, kept between none and all.

    None if the shortfall may be none or negative (:data:`MOST_WITHOUT_SHORTFALL`): the share is then not identified.
    """
    if (found.gap(CHINA) <= 0).mean() > MOST_WITHOUT_SHORTFALL:
        return None
    return float(np.clip(np.median(share_taken(found, [OTHER])), 0.0, 1.0))


def _parts(share: float | None) -> dict[str, float]:
    return {"none": 0.0, **({} if share is None else {"measured": share}), "full": 1.0}


def bounds(
    flows: pd.DataFrame, episode: Episode, *, share: float | None, baseline: Sequence[Span] | None = None
) -> dict[str, VolumeEffect]:
    """The effect on China under no, the measured (if there is one) and full diversion: `none`, `measured`, `full`."""
    against = episode.baseline if baseline is None else baseline
    return {
        name: difference(flows, window=episode.window, baseline=against, diverted=part)
        for name, part in _parts(share).items()
    }


def all_bounds(flows: pd.DataFrame, shares: Mapping[str, float | None]) -> dict[str, dict[str, VolumeEffect]]:
    """:func:`bounds` of every episode, and of 2019 against the months before China bought more in 2018."""
    early = bounds(flows, EPISODES["2019"], share=shares["2019"], baseline=[BEFORE_RISE_2018])
    every = {key: bounds(flows, one, share=shares[key]) for key, one in EPISODES.items()}
    return {**every, "2019.baseline_to_2018_02": early}


def triple_bounds(flows: pd.DataFrame, episode: Episode, *, share: float | None) -> pd.DataFrame:
    """The triple difference with and without each control: `controls`, `none`, `measured`, `full`, `n_separated`."""
    rows = []
    for name, controls in CONTROLS.items():
        found = {
            key: triple_difference(
                flows, window=episode.window, baseline=episode.baseline, controls=controls, diverted=part
            )
            for key, part in _parts(share).items()
        }
        changes = {key: one.change for key, one in found.items()}
        rows.append(
            {"controls": name, **changes, "n_obs": found["none"].n_obs, "n_separated": found["none"].n_separated}
        )
    return pd.DataFrame(rows)


def specifications(found: Sources, *, draws: int, seed: int) -> pd.DataFrame:
    """Every way to estimate the effect of the first year of the suspensions.

    Returns
    -------
    DataFrame
        `estimator`, `baseline`, `season`, `controls`, `diversion`, `estimate` (change of the volume to China).
    """
    samples: dict[str, Sequence[str]] = {"baseline": [*BASELINES_2019], "season": [*SEASONS]}
    grids = [
        specification_curve.grid({"estimator": ["difference in differences"], **samples,
                            "controls": ["all", "never diverted"], "diversion": ["none", "full"]},
                           keep=lambda row: row["controls"] == "all" or row["diversion"] == "none"),
        specification_curve.grid({"estimator": ["triple difference"], **samples, "controls": [*CONTROLS],
                            "diversion": ["none"]}),
        specification_curve.grid({"estimator": MODELS, **samples, "season": ["two waves", "by baseline"],
                            "controls": ["none"], "diversion": ["any"]}, keep=_distinct),
    ]  # fmt: skip
    frame = pd.concat(grids, ignore_index=True)
    return frame.assign(
        estimate=[_one(found, {str(k): v for k, v in row.items()}, draws, seed) for row in frame.to_dict("records")]
    )


def _distinct(row: dict[str, Any]) -> bool:
    """Whether the season by baseline has other waves than the two that stand for themselves."""
    months = len(pd.date_range(*BASELINES_2019[row["baseline"]], freq="MS"))
    return row["season"] == "two waves" or waves_for(months) != 2


def _one(found: Sources, row: dict[str, Any], draws: int, seed: int) -> float:
    window, baseline = EPISODES["2019"].window, [BASELINES_2019[row["baseline"]]]
    if row["estimator"] in MODELS:
        waves = 2 if row["season"] == "two waves" else waves_for(len(pd.date_range(*baseline[0], freq="MS")))
        bound = {CHINA: limits(found.monthly, found.crush, found.harvest, window=window)}
        one = simulate(
            found.monthly[[CHINA]], window=window, baseline=baseline, rng=np.random.default_rng(seed), draws=draws,
            models=[row["estimator"]], waves=waves, limit=bound,
        )  # fmt: skip
        return float(np.median(one.change(CHINA)))
    shared: dict[str, Any] = {"window": window, "baseline": baseline, "season": SEASONS[row["season"]]}
    if row["estimator"] == "triple difference":
        return triple_difference(found.flows, controls=CONTROLS[row["controls"]], **shared).change
    without = () if row["controls"] == "all" else DIVERTED_TO
    return difference(found.flows, without=without, diverted=float(row["diversion"] == "full"), **shared).change
