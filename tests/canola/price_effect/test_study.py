"""A step from one window to the next on one path, and the second design: what is put in is found and published."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.price_effect import counterfactual, figures, results, study
from tradeexposure.canola.price_effect.counterfactual import Counterfactual, Effect
from tradeexposure.canola.price_effect.design import Design
from tradeexposure.canola.price_effect.study import Step
from tradeexposure.core.errors import BadInput
from tradeexposure.data import result_words
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
DID_MONTHS = pd.date_range("2014-01", "2020-02", freq="MS", name="month")
WORLD = ("soybeans", "maize", "palm_oil", "barley")
LATE = window("2019", "2019-03", "2020-02")
EARLY_FIT = window("2019.fit_2018_08", "2019-03", "2020-02", "2018-08")


def panel(*, deposit: float = 0.0, settlement: float = 0.0) -> pd.DataFrame:
    """Canola follows both world prices closely, but for the two gaps put in."""
    walks = np.random.default_rng(8).normal(0, 0.04, (len(MONTHS), 2)).cumsum(axis=0)
    frame = pd.DataFrame(walks + 6, MONTHS, columns=["soybeans", "palm_oil"])
    noise = np.random.default_rng(9).normal(0, 0.005, len(MONTHS))
    frame.insert(0, "canola", 0.7 * frame["soybeans"] + 0.3 * frame["palm_oil"] + noise)
    frame.loc["2025-08":"2026-02", "canola"] += np.log1p(deposit)
    frame.loc["2026-03":, "canola"] += np.log1p(settlement)
    return frame


def estimate(frame: pd.DataFrame) -> Step:
    return study.step(frame, WINDOWS, PAIR, COVERED, DESIGN, draws=400, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def step() -> Step:
    return estimate(panel(deposit=-0.3, settlement=-0.1))


def test_a_step_put_in_is_found_where_two_fits_of_their_own_miss_it(step: Step) -> None:
    assert step.share == pytest.approx(0.9 / 0.7 - 1, abs=0.02)
    own = [counterfactual.estimate(panel(deposit=-0.3, settlement=-0.1), HEADLINE, WINDOWS[name]) for name in PAIR]
    assert abs((1 + own[1].share) / (1 + own[0].share) / (1 + step.share) - 1) > 0.1


def test_the_step_is_that_of_the_two_gaps_draw_for_draw(step: Step) -> None:
    path, (first, second) = step.later.path, (WINDOWS[name] for name in PAIR)
    early, late = (counterfactual.effect(path, span) for span in (first, second))
    np.testing.assert_allclose(1 + step.draws, (1 + late.share_draws) / (1 + early.share_draws))
    assert step.share == pytest.approx((1 + late.share) / (1 + early.share) - 1)
    assert path.months[0] == first.first and path.months[-1] == second.last


def test_placebos_have_the_shape_of_the_step_and_touch_no_measure(step: Step) -> None:
    steps = step.placebos
    ends = steps.index + pd.DateOffset(months=9)
    assert ends.max() == pd.Timestamp("2024-08-01") and set(np.diff(steps.index.month) % DESIGN.step) == {0}
    assert not ((steps.index <= "2022-05-01") & (ends >= "2019-03-01")).any()
    start = steps.index[3]
    path = counterfactual.path(panel(), HEADLINE, origin=start - pd.DateOffset(months=1), until=ends[3])
    gap = path.actual - path.central
    by_hand = np.log(np.exp(gap[7:]).mean()) - np.log(np.exp(gap[:7]).mean())
    assert steps["complex"].iloc[3] == pytest.approx(by_hand)
    assert steps["oils"].isna().sum() > 0 == steps["complex"].isna().sum()


def test_what_is_published_carries_interval_spread_and_rank(step: Step) -> None:
    rows = study.step_rows(step, WINDOWS, PAIR, DESIGN).set_index("result_id")
    stem = "canola.price_effect.2026_mar.step"
    assert rows.loc[stem, "low"] < rows.loc[stem, "value"] < rows.loc[stem, "high"]
    assert rows.loc[stem, "value"] == step.share and rows.loc[stem, "origin"] == "2025-07"
    spread = float(np.sqrt((step.placebos["complex"] ** 2).mean()))
    assert rows.loc[f"{stem}.placebo_spread", "value"] == pytest.approx(spread)
    assert rows.loc[f"{stem}.placebos", "value"] == len(step.placebos)
    apart = (step.placebos["oils"] - step.placebos["complex"]).dropna()
    assert rows.loc[f"{stem}.price_sets_spread", "value"] == pytest.approx(float(np.sqrt((apart**2).mean())))
    assert rows.loc[f"{stem}.p_value", "value"] == pytest.approx(1 / (len(step.placebos) + 1))
    later = rows.loc["canola.price_effect.2026_mar.fit_2025_07"]
    assert later["value"] == step.later.effect.share and later["origin"] == "2025-07"


def test_words_say_where_a_path_begins_at_the_taxed_price_and_what_was_not_cited() -> None:
    wording, fills = result_words.of("40_estimate_canola_price"), {"origin": "2026-02", "period": "2026-03 to 2026-05"}
    for ending in (".2026_mar", ".2026_mar.components", "_cad_per_tonne.2026_mar", "_cad_per_tonne.2026_mar.level_80"):
        label = wording.label(f"canola.price_effect{ending}", fills)
        assert "its path from 2026-02, the price under the deposit" in label
    cited = wording.method("canola.grower_cost_cad.canada.2019_17_months.leftfield", {})
    assert cited == "cited, not estimated here; of a range, the middle", "the study has no middle"


def test_the_interval_is_widened_to_the_spread_of_placebos_and_never_narrowed(step: Step) -> None:
    still = Effect(0.0, 0.0, np.zeros_like(step.draws), np.zeros_like(step.draws))
    logs = np.log1p(step.later.effect.share_draws).std()
    for spread in (3 * logs, logs / 3):
        placebos = pd.DataFrame({"complex": [-spread, spread], "oils": [0.0, 0.0]})
        widened = Step(still, step.later, placebos, "complex")
        assert widened.factor == pytest.approx(max(1.0, spread / logs))


def test_windows_that_do_not_follow_each_other_are_refused() -> None:
    apart = {**WINDOWS, "2026_mar": window("2026_mar", "2026-04", "2026-05")}
    with pytest.raises(BadInput, match="months that follow 2025-08 to 2026-02"):
        study.step(panel(), apart, PAIR, COVERED, DESIGN, draws=400, rng=np.random.default_rng(1))


def did_panel(gap: float = 0.0) -> pd.DataFrame:
    """Canola is a mean of soybeans and palm oil, lower by `gap` in the window; barley ends in it."""
    walks = np.random.default_rng(5).normal(0, 0.03, (len(DID_MONTHS), 4)).cumsum(axis=0)
    frame = pd.DataFrame(walks + 6, DID_MONTHS, columns=list(WORLD))
    frame.insert(0, "canola", (frame["soybeans"] + frame["palm_oil"]) / 2 + 0.2)
    frame.loc["2019-03":, "canola"] += np.log1p(gap)
    frame.loc["2019-09":, "barley"] = np.nan
    return frame.assign(crude_oil=1.0)


def farm_prices() -> pd.DataFrame:
    rows = pd.DataFrame(
        {"month": DID_MONTHS, "crop": "wheat", "price_cad_per_tonne": np.exp(5 + 0.1 * np.sin(range(74)))}
    )
    return pd.concat([rows.assign(province=name) for name in ("Alberta", "Manitoba")], ignore_index=True)


def logs(gap: float = 0.0) -> pd.DataFrame:
    return study.synthetic_did_prices(
        did_panel(gap), farm_prices(), world=WORLD, farm={"wheat": ("wheat", ("Alberta", "Manitoba"))}
    )


def test_controls_are_the_prices_named_and_held_throughout() -> None:
    assert list(logs()) == ["canola", *WORLD, "wheat"]
    tested = study.synthetic_did(logs(), LATE, since="2015-01")
    assert set(tested.placebos.index) == {"soybeans", "maize", "palm_oil", "wheat"}
    assert logs()["wheat"].iloc[1] == pytest.approx(5 + 0.1 * np.sin(1))
    with pytest.raises(BadInput, match="world prices: rice: found rice; allowed: canola, soybeans"):
        study.synthetic_did_prices(did_panel(), farm_prices(), world=("rice",), farm={})


def test_months_compared_with_end_with_the_fit_or_where_they_are_told_to() -> None:
    both = study.synthetic_did_by_window(
        logs(), {"2019": LATE, EARLY_FIT.name: EARLY_FIT}, since={"": "2015-01", "2019": "2014-08"}
    )
    first, second = (fit.estimate.time_weights.index for fit in both.values())
    assert (f"{first[0]:%Y-%m}", f"{first[-1]:%Y-%m}") == ("2014-08", "2019-02")
    assert (f"{second[0]:%Y-%m}", f"{second[-1]:%Y-%m}") == ("2015-01", "2018-08")
    cut = study.synthetic_did(logs(), LATE, since="2014-08", until="2018-02").estimate.time_weights.index
    assert f"{cut[-1]:%Y-%m}" == "2018-02"


def test_a_gap_is_found_and_published_with_its_rank() -> None:
    tested = study.synthetic_did_by_window(logs(-0.3), {"2019": LATE}, since={"": "2014-08"})
    tested["2019:baseline_to_2018_02"] = study.synthetic_did(logs(-0.3), LATE, since="2014-08", until="2018-02")
    rows = results.synthetic_did_rows(tested, {"2019": LATE}, level=0.95).set_index("result_id")
    stem = "canola.price_effect.2019.synthetic_did"
    assert list(rows.index) == [f"{stem}{variant}{end}" for variant in ("", ".baseline_to_2018_02")
                                for end in ("", ".p_value", ".p_floor")]  # fmt: skip
    assert rows.loc[stem, "value"] == pytest.approx(-0.3, abs=0.05)
    assert rows.loc[stem, "low"] < rows.loc[stem, "value"] < rows.loc[stem, "high"]
    assert rows.loc[f"{stem}.p_value", "value"] == rows.loc[f"{stem}.p_floor", "value"] == 1 / 5
    assert set(rows["period"]) == {"2019-03 to 2020-02"}
    shown = figures.did_table(tested, {"2019": LATE})
    assert set(shown) == set(figures.HEADINGS["synthetic"]) and shown["before"].tolist() == [
        "2014-08 to 2019-02", "2014-08 to 2018-02"
    ]  # fmt: skip
