"""The estimates of the canola volume notebook: which samples, controls, models and windows are run together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure import balances, cropflows, permutation, placebo, specification
from tradeexposure.cropflows import CHINA, OTHER
from tradeexposure.episodes import (
    BEFORE_2019,
    BEFORE_2019_SHORT,
    BEFORE_2025,
    CASE_MONTHS,
    CASE_PLACEBO,
    EPISODES,
    Episode,
    Span,
)
from tradeexposure.shortfall import (
    CRUSH,
    Paths,
    limits,
    months_text,
    share_taken,
    simulate,
    standardised_gap,
    total_others,
)
from tradeexposure.volumepaths import MODELS, waves_for
from tradeexposure.volumes import VolumeEffect, difference, triple_difference

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
BASELINES_2019: dict[str, Span] = {"from 2014": BEFORE_2019, "from 2016": BEFORE_2019_SHORT}
BASELINES_2025: dict[str, tuple[Span, ...]] = {"short": (BEFORE_2025,), "long": (BEFORE_2019, BEFORE_2025)}
#: Crop years that are accounted for, and those they are set against: before the suspensions, after the drought.
USUAL_YEARS = {"2019-20": ("2014-15", "2015-16", "2016-17", "2017-18"), "2024-25": ("2022-23", "2023-24")}
SEASONS = {"by destination": True, "none": False}


@dataclass(frozen=True)
class Sources:
    """Everything the notebook reads, arranged.

    Attributes
    ----------
    flows : DataFrame
        All crops, the markets of canola apart (:data:`cropflows.MARKETS`), all others summed.
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
    flows = cropflows.flows(exports, crops=CROPS)
    return Sources(
        flows=flows,
        every=cropflows.flows(exports, crops=CROPS, markets=None),
        monthly=cropflows.by_month(flows),
        crush=crush.set_index("month")["seed_crushed_kt"],
        harvest=balances.harvests(crops, forecasts),
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
) -> Paths:
    """Paths to China, to all others (or each market), and of the home crush; China's within the supply."""
    monthly = found.monthly if markets else total_others(found.monthly)
    bound = {CHINA: limits(found.monthly, found.crush, found.harvest, window=episode.window)}
    return simulate(
        monthly.assign(**{CRUSH: found.crush.reindex(monthly.index)}),
        window=episode.window,
        baseline=episode.baseline if baseline is None else baseline,
        rng=np.random.default_rng(seed),
        draws=draws,
        models=models,
        limit=bound,
    )


def case_paths(found: Sources, *, seed: int, draws: int) -> dict[Span, dict[str, Paths]]:
    """Paths over the months in which the case was announced and the month before it: span → baseline → paths."""
    spans = {CASE_MONTHS: "Case announced", CASE_PLACEBO: "The month before"}
    return {
        span: {
            name: paths(found, Episode("2024", label, span, baseline), seed=seed, draws=draws)
            for name, baseline in BASELINES_2025.items()
        }
        for span, label in spans.items()
    }


def market_paths(found: Sources, keys: Sequence[str], *, seed: int, draws: int) -> dict[str, Paths]:
    """Paths of every market and of the home crush, by the months of the episode in words."""
    return {
        months_text(EPISODES[key].window): paths(found, EPISODES[key], seed=seed, draws=draws, markets=True)
        for key in keys
    }


def crop_year_changes(found: Sources) -> dict[str, pd.DataFrame]:
    """Changes of two crop years from the usual ones: crop year → :func:`balances.changes`."""
    table = balances.crop_years(found.monthly, found.crush, found.harvest)
    return {year: balances.changes(table, year=year, against=usual) for year, usual in USUAL_YEARS.items()}


def measured_share(found: Paths) -> float:
    """Median share of the shortfall that other destinations took, kept between none and all."""
    return float(np.clip(np.median(share_taken(found, [OTHER])), 0.0, 1.0))


def bounds(flows: pd.DataFrame, episode: Episode, *, share: float) -> dict[str, VolumeEffect]:
    """The effect on China under no, the measured and full diversion: keys `none`, `measured`, `full`."""
    shares = {"none": 0.0, "measured": share, "full": 1.0}
    return {
        name: difference(flows, window=episode.window, baseline=episode.baseline, diverted=part)
        for name, part in shares.items()
    }


def triple_bounds(flows: pd.DataFrame, episode: Episode, *, share: float) -> pd.DataFrame:
    """The triple difference with and without each control: `controls`, `none`, `measured`, `full`, `n_separated`."""
    rows = []
    for name, controls in CONTROLS.items():
        found = {
            key: triple_difference(
                flows, window=episode.window, baseline=episode.baseline, controls=controls, diverted=part
            )
            for key, part in {"none": 0.0, "measured": share, "full": 1.0}.items()
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
        specification.grid({"estimator": ["difference in differences"], **samples,
                            "controls": ["all", "never diverted"], "diversion": ["none", "full"]},
                           keep=lambda row: row["controls"] == "all" or row["diversion"] == "none"),
        specification.grid({"estimator": ["triple difference"], **samples, "controls": [*CONTROLS],
                            "diversion": ["none"]}),
        specification.grid({"estimator": MODELS, **samples, "season": ["two waves", "by baseline"],
                            "controls": ["none"], "diversion": ["any"]}),
    ]  # fmt: skip
    frame = pd.concat(grids, ignore_index=True)
    return frame.assign(
        estimate=[_one(found, {str(k): v for k, v in row.items()}, draws, seed) for row in frame.to_dict("records")]
    )


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


def ranks(found: Sources, episode: Episode, *, share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """China's effect and shortfall among those of untouched cells over the same months.

    Returns
    -------
    placebos, tests : DataFrame
        The cells with `log_effect`, `change`, `standardised`; and per test `statistic`, `actual`, `p_value`,
        `p_one_sided` (towards a loss), `count`, `floor`. The effect cannot be ranked where nothing was shipped.
    """
    options: dict[str, Any] = {"window": episode.window, "baseline": episode.baseline, "share": share}
    placebos = permutation.gaps(found.every, **options)
    gap, error = standardised_gap(found.monthly[CHINA], window=episode.window, baseline=episode.baseline)
    tests = [_test("shortfall in prediction errors", gap / error, placebos["standardised"], loss=1)]
    actual = difference(found.flows, window=episode.window, baseline=episode.baseline)
    if not actual.boundary:
        other = permutation.effects(found.every, **options)
        placebos = placebos.merge(other[["crop", "destination", "log_effect", "change"]], on=["crop", "destination"])
        tests.insert(0, _test("log effect", actual.log_effect, other["log_effect"], loss=-1))
    return placebos, pd.DataFrame(tests)


def all_ranks(
    found: Sources, keys: Sequence[str], *, share: float
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """:func:`ranks` of several episodes: placebos by key, tests by key."""
    both = {key: ranks(found, EPISODES[key], share=share) for key in keys}
    return {key: one for key, (one, _) in both.items()}, {key: one for key, (_, one) in both.items()}


def _test(statistic: str, actual: float, placebos: pd.Series, *, loss: int) -> dict[str, float | str]:
    found = placebo.rank(actual, placebos)
    one_sided = found.p_greater if loss > 0 else found.p_less
    return {"statistic": statistic, "actual": actual, "p_value": found.p_value, "p_one_sided": one_sided,
            "count": found.count, "floor": found.floor}  # fmt: skip


def year_tests(
    found: Sources, actual: float, *, share: float, first: int, last: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The effect of 2019 among canola to China in other clean years, and among all cells in all years.

    Returns
    -------
    years, tests : DataFrame
        Canola to China by placebo window; the tests as in :func:`ranks`.
    """
    windows = permutation.year_windows(first, last)
    years = permutation.other_years(found.flows, windows=windows)
    dated = permutation.by_date(found.every, windows=windows, since=BEFORE_2019[0], share=share)
    tests = [_test("canola to China, other years", actual, years["log_effect"], loss=-1),
             _test("all cells, all years", actual, dated["log_effect"], loss=-1)]  # fmt: skip
    return years, pd.DataFrame(tests)
