"""The step from one window to the next on one path: put in and found, its placebos, and what is published."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.price_effect import counterfactual, step
from tradeexposure.canola.price_effect.counterfactual import Counterfactual, Effect
from tradeexposure.canola.price_effect.design import Design
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import backtests
from tradeexposure.econometrics.time_series.months import window

MONTHS = pd.date_range("1990-01", "2026-05", freq="MS", name="month")
SETS = {"complex": ("soybeans", "palm_oil"), "oils": ("palm_oil",)}
HEADLINE = Counterfactual("ardl", "complex", 1, "constant", start="1990-01", prices=SETS["complex"])
DESIGN = Design(
    sets=SETS, headline=HEADLINE, samples={"complex": "1990-01", "oils": "1995-01"}, models=("ardl",), lags=(1,),
    deterministic=("constant",), starts=("1990-01",), rank_starts=("1990-01",), crisis=("2007-01", "2009-12"),
    episode=("2019-03", "2022-05"), disputes=(), first_fit=96, last_clean="2024-08", longest=12, step=6,
    test_draws=1000,
)  # fmt: skip
PAIR = ("2025_aug", "2026_mar")
WINDOWS = {"2025_aug": window("2025_aug", "2025-08", "2026-02"), "2026_mar": window("2026_mar", "2026-03", "2026-05")}
COVERED = pd.DataFrame(
    [(kind, level, ahead, 1.2) for kind in ("month", "mean") for level in backtests.LEVELS for ahead in range(1, 13)],
    columns=["kind", "level", "months", "factor"],
)


def panel(*, deposit: float = 0.0, settlement: float = 0.0) -> pd.DataFrame:
    """Canola follows both world prices closely, but for the two gaps put in."""
    walks = np.random.default_rng(8).normal(0, 0.04, (len(MONTHS), 2)).cumsum(axis=0)
    frame = pd.DataFrame(walks + 6, MONTHS, columns=["soybeans", "palm_oil"])
    noise = np.random.default_rng(9).normal(0, 0.005, len(MONTHS))
    frame.insert(0, "canola", 0.7 * frame["soybeans"] + 0.3 * frame["palm_oil"] + noise)
    frame.loc["2025-08":"2026-02", "canola"] += np.log1p(deposit)
    frame.loc["2026-03":, "canola"] += np.log1p(settlement)
    return frame


def estimate(frame: pd.DataFrame) -> step.Step:
    return step.estimate(frame, WINDOWS, PAIR, COVERED, DESIGN, draws=400, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def found() -> step.Step:
    return estimate(panel(deposit=-0.3, settlement=-0.1))


def test_a_step_put_in_is_found_where_two_fits_of_their_own_miss_it(found: step.Step) -> None:
    assert found.share == pytest.approx(0.9 / 0.7 - 1, abs=0.02)
    own = [counterfactual.estimate(panel(deposit=-0.3, settlement=-0.1), HEADLINE, WINDOWS[name]) for name in PAIR]
    assert abs((1 + own[1].share) / (1 + own[0].share) / (1 + found.share) - 1) > 0.1


def test_the_step_is_that_of_the_two_gaps_draw_for_draw(found: step.Step) -> None:
    path, (first, second) = found.later.path, (WINDOWS[name] for name in PAIR)
    early, late = (counterfactual.effect(path, one) for one in (first, second))
    np.testing.assert_allclose(1 + found.draws, (1 + late.share_draws) / (1 + early.share_draws))
    assert found.share == pytest.approx((1 + late.share) / (1 + early.share) - 1)
    assert path.months[0] == first.first and path.months[-1] == second.last


def test_placebos_have_the_shape_of_the_step_and_touch_no_measure(found: step.Step) -> None:
    steps = found.placebos
    ends = steps.index + pd.DateOffset(months=9)
    assert ends.max() == pd.Timestamp("2024-08-01") and set(np.diff(steps.index.month) % DESIGN.step) == {0}
    assert not ((steps.index <= "2022-05-01") & (ends >= "2019-03-01")).any()
    start = steps.index[3]
    path = counterfactual.path(panel(), HEADLINE, origin=start - pd.DateOffset(months=1), until=ends[3])
    gap = path.actual - path.central
    by_hand = np.log(np.exp(gap[7:]).mean()) - np.log(np.exp(gap[:7]).mean())
    assert steps["complex"].iloc[3] == pytest.approx(by_hand)
    assert steps["oils"].isna().sum() > 0 == steps["complex"].isna().sum()


def test_what_is_published_carries_interval_spread_and_rank(found: step.Step) -> None:
    rows = step.rows(found, WINDOWS, PAIR, DESIGN).set_index("result_id")
    stem = "canola.price_effect.2026_mar.step"
    assert rows.loc[stem, "low"] < rows.loc[stem, "value"] < rows.loc[stem, "high"]
    assert rows.loc[stem, "value"] == found.share and rows.loc[stem, "origin"] == "2025-07"
    spread = float(np.sqrt((found.placebos["complex"] ** 2).mean()))
    assert rows.loc[f"{stem}.placebo_spread", "value"] == pytest.approx(spread)
    assert rows.loc[f"{stem}.placebos", "value"] == len(found.placebos)
    apart = (found.placebos["oils"] - found.placebos["complex"]).dropna()
    assert rows.loc[f"{stem}.price_sets_spread", "value"] == pytest.approx(float(np.sqrt((apart**2).mean())))
    assert rows.loc[f"{stem}.p_value", "value"] == pytest.approx(1 / (len(found.placebos) + 1))
    later = rows.loc["canola.price_effect.2026_mar.fit_2025_07"]
    assert later["value"] == found.later.effect.share and later["origin"] == "2025-07"


def test_the_interval_is_widened_to_the_spread_of_placebos_and_never_narrowed(found: step.Step) -> None:
    still = Effect(0.0, 0.0, np.zeros_like(found.draws), np.zeros_like(found.draws))
    logs = np.log1p(found.later.effect.share_draws).std()
    for spread in (3 * logs, logs / 3):
        placebos = pd.DataFrame({"complex": [-spread, spread], "oils": [0.0, 0.0]})
        one = step.Step(still, found.later, placebos, "complex")
        assert one.factor == pytest.approx(max(1.0, spread / logs))


def test_windows_that_do_not_follow_each_other_are_refused() -> None:
    apart = {**WINDOWS, "2026_mar": window("2026_mar", "2026-04", "2026-05")}
    with pytest.raises(BadInput, match="months that follow 2025-08 to 2026-02"):
        step.estimate(panel(), apart, PAIR, COVERED, DESIGN, draws=400, rng=np.random.default_rng(1))
