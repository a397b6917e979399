"""What the canola trade notebook (30) says in words, held against its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure.canola.trade_effect.effects import VolumeEffect
from tradeexposure.canola.trade_effect.shortfall import CRUSH, VolumePaths, path_table, where_it_went
from tradeexposure.core.provinces import CHINA
from tradeexposure.policy.studies import Episode
from tradeexposure.reporting.claims import Claim, listed

LARGE = 0.05  # p-values above it show no effect
BAND = 0.8  # of single months in the fan
SMALL = 0.2  # a smaller fall is no large one
HELD = 0.9  # of the placebo cells: most of them


def largest_rises(paths_by_episode: Mapping[str, VolumePaths]) -> set[str]:
    """The destinations that rose most above their path in the episodes of `paths_by_episode`, medians compared."""
    frames = [where_it_went(paths, level=BAND).set_index("name")["value"] for paths in paths_by_episode.values()]
    return {str(frame.drop([CHINA, CRUSH]).idxmax()) for frame in frames}


def months_not_below(paths: VolumePaths, *, level: float = BAND) -> list[str]:
    """Months in which China bought no less than the lower edge of the band of `level`."""
    table = path_table(paths, level=level)
    return [f"{month:%Y-%m}" for month in table.loc[table["actual_kt"] >= table["low"], "month"]]


def stated(
    rows: pd.DataFrame,
    *,
    path: VolumePaths,
    markets: Mapping[str, VolumePaths],
    seed: Mapping[str, VolumeEffect],
    soybeans: VolumeEffect,
    episodes: Mapping[str, Episode],
) -> list[Claim]:
    """What the page says in words, each with the numbers found.

    Parameters
    ----------
    rows : DataFrame
        Published numbers (``Book.frame``).
    path : VolumePaths
        Of the first year of the suspensions.
    markets : mapping of str to VolumePaths
        Every market's paths, by episode.
    seed : mapping of str to VolumeEffect
        Bounds of the full months under the deposit.
    soybeans : VolumeEffect
        Of 2019 by month.
    episodes : mapping of str to Episode
        How sentences name the months of `2019` and `2025`.
    """
    months, rises = months_not_below(path), largest_rises(markets)
    first, later = (episodes[key].name for key in ("2019", "2025"))
    return [
        *_of_shortfalls(rows, first, later),
        *_of_effects(rows, first, later),
        *_of_synthetic(rows, first),
        Claim(f"all months of {first} but August lie below their band", months == ["2019-08"],
              f"not below: {', '.join(months) or 'none'}", "What China would have bought without the measures"),
        Claim("Europe shows the largest rise", rises == {"European Union"}, ", ".join(sorted(rises)),
              "Where the seed went"),
        Claim("under the deposit nothing was shipped", seed["none"].boundary and seed["none"].change == -1,
              listed([seed["none"].change]), "China beside other destinations"),
        Claim("soybeans stopped altogether", soybeans.change == -1, listed([soybeans.change]),
              "The same method on a loss nobody doubts"),
    ]  # fmt: skip


def _of_shortfalls(rows: pd.DataFrame, first: str, later: str) -> list[Claim]:
    table = rows.set_index("result_id")
    value, low, high = (table[name].astype(float) for name in ("value", "low", "high"))
    shortfall, case = "canola.shortfall_kt", "canola.frontloading_kt.2024-08.placebo"
    of_2025 = [f"{shortfall}.{key}" for key in ("2025", "2025_before_seed", "2025.long_baseline", "2025.uncapped")]
    lows = low[[f"{shortfall}.2019", f"{shortfall}.2019.uncapped"]]
    caps, august = value[lows.index], value[[case, f"{case}_long_baseline"]]
    coverage = value[["canola.path_coverage.2019", "canola.path_coverage.2025"]]
    paths = "What China would have bought without the measures"
    return [
        Claim(f"the shortfall of {first} is above zero, with caps and without", lows.min() > 0,
              f"lower ends {listed(lows)} kt", paths),
        Claim(f"caps do not bind in {first}", caps.iloc[0] == caps.iloc[1], f"{listed(caps)} kt", paths),
        Claim(f"every range of the shortfall of {later} holds zero",
              bool((low[of_2025] < 0).all() and (high[of_2025] > 0).all()),
              f"{listed(low[of_2025])} to {listed(high[of_2025])} kt", paths),
        Claim("the surge of 2024 began in August", august.min() > 0, f"{listed(august)} kt",
              "Was seed brought forward?"),
        Claim("paths hold most placebo cells", coverage.min() > HELD, listed(coverage), "How unusual is that?"),
    ]  # fmt: skip


def _of_effects(rows: pd.DataFrame, first: str, later: str) -> list[Claim]:
    table = rows.set_index("result_id")
    value, low, high = (table[name].astype(float) for name in ("value", "low", "high"))
    effect, rank = "canola.trade_effect", "How unusual is that?"
    of_2019 = [f"{effect}.2019{name}.p_" for name in ("", ".full_diversion")]
    doubtful = [f"{effect}.2025{key}{name}.p_value" for key in ("", "_before_seed") for name in ("", ".full_diversion")]
    p, floor = ([value[f"{name}{end}"] for name in of_2019] for end in ("value", "floor"))
    middle = value["canola.trade_spec_curve.2019.share_middle"]
    methods = [f"{effect}.2019{name}" for name in ("", ".triple_difference", ".counterfactual")]
    path, drawn = f"{effect}.2025.counterfactual", "the last chart"
    return [
        Claim(f"no other crop and destination lost as much as canola to China in {first}", p == floor,
              f"p {listed(p)}, floor {listed(floor)}", rank),
        Claim(f"no effect is shown for {later}", bool((value[doubtful] > LARGE).all()), f"p {listed(value[doubtful])}",
              rank),
        Claim("most specifications lie between two thirds and four fifths", middle > 0.5, f"a share of {middle:.2g}",
              "Do other specifications agree?"),
        Claim(f"the fall of {first} is large by every method", bool((high[methods] < -SMALL).all()),
              f"upper ends {listed(high[methods])}", drawn),
        Claim(f"that of {later} as a whole is not pinned down", low[path] < 0 < high[path],
              listed([low[path], high[path]]), drawn),
    ]  # fmt: skip


def _of_synthetic(rows: pd.DataFrame, first: str) -> list[Claim]:
    value = rows.set_index("result_id")["value"].astype(float)
    stem, where = "canola.trade_effect.{}.synthetic_did", "A second design"
    effects = [value[stem.format("2019") + variant] for variant in ("", ".baseline_to_2018_02")]
    rise = value[f"{stem.format('2019')}.baseline_to_2018_02.p_value"]
    spring = [value[f"{stem.format('2025_before_seed')}{variant}.p_value"] for variant in ("", ".long_baseline")]
    return [
        Claim(f"the second design shows a large fall of {first} too", max(effects) < -1 / 2, listed(effects), where),
        Claim("against the early baseline it is not told from chance at five percent", rise > LARGE, f"p {rise:.3g}",
              where),
        Claim("it shows no effect before the deposit", min(spring) > LARGE, f"p {listed(spring)}", where),
    ]  # fmt: skip
