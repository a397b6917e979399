"""China among its placebos, and how well paths foretell placebo cells: the tests of the canola volume notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure import permutation
from tradeexposure.cropflows import CHINA
from tradeexposure.econometrics import placebo
from tradeexposure.episodes import BEFORE_2019, EPISODES, Episode
from tradeexposure.shortfall import standardised_gap
from tradeexposure.volume_plan import Sources
from tradeexposure.volumes import difference

COVERAGE_DRAWS = 1000  # paths of each placebo cell


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
        full = difference(found.flows, window=episode.window, baseline=episode.baseline, diverted=1.0)
        tests = [_test("log effect", actual.log_effect, other["log_effect"], loss=-1),
                 _test("log effect, full diversion", full.log_effect, other["log_effect"], loss=-1),
                 *tests]  # fmt: skip
    return placebos, pd.DataFrame(tests)


def all_ranks(
    found: Sources, keys: Sequence[str], *, share: float
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """:func:`ranks` of several episodes: placebos by key, tests by key."""
    both = {key: ranks(found, EPISODES[key], share=share) for key in keys}
    return {key: one for key, (one, _) in both.items()}, {key: one for key, (_, one) in both.items()}


def coverage(found: Sources, keys: Sequence[str], *, share: float, level: float, seed: int) -> dict[str, float]:
    """:func:`permutation.coverage` by episode."""
    return {
        key: permutation.coverage(found.every, window=EPISODES[key].window, baseline=EPISODES[key].baseline,
                                  share=share, level=level, seed=seed, draws=COVERAGE_DRAWS)
        for key in keys
    }  # fmt: skip


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
        Canola to China by placebo window; the tests as in :func:`ranks`. Cells and years together are descriptive:
        the windows of one cell share baselines and shocks, so no floor is given.
    """
    windows = permutation.year_windows(first, last)
    years = permutation.other_years(found.flows, windows=windows)
    dated = permutation.by_date(found.every, windows=windows, since=BEFORE_2019[0], share=share)
    both = _test("all cells, all years (descriptive)", actual, dated["log_effect"], loss=-1)
    tests = [_test("canola to China, other years", actual, years["log_effect"], loss=-1), {**both, "floor": np.nan}]
    return years, pd.DataFrame(tests)
