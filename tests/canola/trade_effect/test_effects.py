"""Effects on trade volumes: known effects come back, two routes agree, and what is not identified is refused."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from second_routes import volume_routes

from tradeexposure.canola.trade_effect import effects
from tradeexposure.core.errors import BadInput, RunFailed

SEASONAL = (("destination", "calendar_month"), "month")
difference = partial(effects.difference, effects=SEASONAL)
WINDOW, BASELINE = ("2019-03", "2020-02"), [("2014-08", "2019-02")]
MARKETS = ("China", "Japan", "Mexico", "European Union", "Pakistan")
TRUTH = -0.7
ALMOST_NONE = 1e-4  # an exact fit is refused: nothing is left to judge it by


def flows(
    rng: np.random.Generator,
    *,
    crops: tuple[str, ...] = ("canola",),
    change: float = TRUTH,
    noise: float = ALMOST_NONE,
    diverted: float = 0.0,
    demand: float = 1.0,
) -> pd.DataFrame:
    """Crop × destination × month with seasons and common months; canola to China changed in the window.

    `demand` multiplies everything China buys in the window; `diverted` is the share of the shortfall others receive.
    """
    months = pd.date_range("2014-08", "2020-02", freq="MS")
    inside = (months >= WINDOW[0]) & (months <= WINDOW[1])
    parts = []
    for crop in crops:
        season = np.exp(rng.normal(0, 0.4, (len(MARKETS), 12)))[:, months.month - 1]
        size = np.exp(rng.normal(4, 0.5, len(MARKETS)))[:, None]
        volume = size * season * np.exp(rng.normal(0, 0.3, len(months))) * np.exp(noise * rng.normal(size=season.shape))
        volume[0, inside] *= demand
        if crop == "canola":
            lost = -change * volume[0, inside].sum()
            volume[0, inside] *= 1 + change
            volume[1:, inside] *= 1 + diverted * lost / volume[1:, inside].sum()
        wide = pd.DataFrame(volume.T, index=pd.Index(months, name="month"), columns=list(MARKETS))
        long = wide.rename_axis(columns="destination").reset_index().melt("month", value_name="volume_kt")
        parts.append(long.assign(crop=crop))
    return pd.concat(parts, ignore_index=True)


def test_a_known_effect_is_recovered_exactly_without_noise():
    effect = difference(flows(np.random.default_rng(1)), window=WINDOW, baseline=BASELINE)
    assert effect.change == pytest.approx(TRUTH, abs=1e-4)
    assert effect.counterfactual_kt == pytest.approx(effect.actual_kt / (1 + effect.change), rel=1e-9)


def test_a_known_effect_is_recovered_with_noise():
    rng = np.random.default_rng(2)
    logs = [
        difference(rows, window=WINDOW, baseline=BASELINE, effects=terms).log_effect
        for rows in (flows(rng, noise=0.4) for _ in range(12)) for terms in (SEASONAL, ("destination", "month"))
    ]  # fmt: skip
    assert np.mean(logs) == pytest.approx(np.log1p(TRUTH), abs=0.06)


@pytest.mark.parametrize(("share", "truth"), [(0.4, TRUTH), (1.0, TRUTH), (0.5, 0.3)])
def test_diverted_seed_biases_the_comparison_and_is_taken_out(share: float, truth: float):
    """A fall looks larger than it was, a rise too."""
    rows = flows(np.random.default_rng(3), change=truth, diverted=share)
    options = {"window": WINDOW, "baseline": BASELINE}
    assert abs(difference(rows, **options).change) > abs(truth) + 0.008
    assert difference(rows, **options, diverted=share).change == pytest.approx(truth, abs=1e-3)


def test_full_diversion_without_seasons_is_the_change_of_the_market_share():
    rows = flows(np.random.default_rng(4), noise=0.3, diverted=1.0)
    effect = difference(rows, window=WINDOW, baseline=BASELINE, effects=("destination", "month"), diverted=1.0)
    panel = effects.sample(rows, window=WINDOW, baseline=BASELINE, unit="China")
    during = panel["month"] >= WINDOW[0]
    share = panel.groupby([during, "destination"])["volume_kt"].sum().unstack()
    share = share["China"] / share.sum(axis=1)
    assert effect.change == pytest.approx(share[True] / share[False] - 1, abs=1e-5)


def test_the_triple_difference_removes_what_moves_all_crops_of_the_market():
    rows = flows(np.random.default_rng(6), crops=("canola", "wheat", "barley"), demand=1.8)
    options = {"window": WINDOW, "baseline": BASELINE}
    assert difference(rows, **options).change == pytest.approx(1.8 * (1 + TRUTH) - 1, abs=1e-4)
    triple = effects.triple_difference(rows, controls=("wheat", "barley"), **options)
    assert triple.change == pytest.approx(TRUTH, abs=1e-3)


@pytest.mark.parametrize("absorbed", [["destination", "month"], [("destination", "calendar_month"), "month"]])
def test_a_glm_with_dummies_gives_the_same(absorbed: list[effects.Term]):
    rows = flows(np.random.default_rng(7), noise=0.5)
    rows.loc[(rows["destination"] == "Pakistan") & (rows["month"].dt.month == 6), "volume_kt"] = 0.0  # separated
    panel = effects.sample(rows, window=WINDOW, baseline=BASELINE, unit="China")
    effect = effects.effect(panel, effects=absorbed)
    assert effect.change == pytest.approx(volume_routes.glm_change(panel, effects=absorbed), abs=1e-7)
    assert (effect.n_separated > 0) == (len(absorbed[0]) == 2)


def test_units_treated_in_turn_have_the_effects_that_they_have_alone():
    rows = flows(np.random.default_rng(11))
    rows.loc[(rows["destination"] == "Japan") & (rows["month"] >= WINDOW[0]), "volume_kt"] = 0
    canola = rows[rows["crop"] == "canola"]
    units = sorted(canola["destination"].unique())
    panel = effects.sample(canola, window=WINDOW, baseline=BASELINE, unit=units[0])
    in_turn = effects.each_in_turn(panel, units, effects=SEASONAL)
    alone = [
        effects.effect(effects.with_treated(panel, unit=unit, crop="canola"), effects=SEASONAL).log_effect
        for unit in units
    ]
    assert in_turn == pytest.approx(alone, abs=1e-9)
    assert in_turn[units.index("Japan")] == -np.inf


def test_quarters_before_are_flat_and_quarters_after_show_the_effect():
    rows = flows(np.random.default_rng(9))
    quarters = effects.event_study(rows, leads=4, **OF_CHINA).set_index("quarter")
    assert quarters.index.tolist() == list(range(-4, 4))
    assert quarters.loc[:-1, "change"].abs().max() < 1e-3
    assert (quarters.loc[0:, "change"] - TRUTH).abs().max() < 1e-3


def test_an_empty_quarter_is_named_a_boundary():
    rows = flows(np.random.default_rng(10))
    rows.loc[(rows["destination"] == "China") & (rows["month"] >= "2019-12"), "volume_kt"] = 0.0
    quarters = effects.event_study(rows, leads=2, **OF_CHINA).set_index("quarter")
    assert quarters["boundary"].tolist() == [False] * 5 + [True]
    assert quarters.loc[3, "change"] == -1.0 and quarters.loc[2, "change"] == pytest.approx(TRUTH, abs=1e-3)


#: What event studies share.
OF_CHINA = {"unit": "China", "effects": SEASONAL, "without": (), "start": "2019-03", "since": "2014-08",
            "until": "2020-02"}  # fmt: skip
BAD = {
    "a month missing": (lambda rows: rows.drop(index=5), {}, "in a row"),
    "a month twice": (lambda rows: pd.concat([rows, rows.iloc[[3]]]), {}, "twice"),
    "a negative volume": (lambda rows: rows.assign(volume_kt=rows["volume_kt"] - 1e6), {}, "negative"),
    "an all-zero destination": (
        lambda rows: rows.assign(volume_kt=rows["volume_kt"].where(rows["destination"] != "Japan", 0.0)), {}, "Japan"),
    "a market that bought nothing before": (
        lambda rows: rows.assign(volume_kt=rows["volume_kt"].where(
            (rows["destination"] != "China") | (rows["month"] >= WINDOW[0]), 0.0)), {}, "before the window"),
    "a window outside the data": (lambda rows: rows, {"window": ("2019-03", "2020-06")}, "2020-03"),
    "a baseline in the window": (lambda rows: rows, {"baseline": [("2018-01", "2019-04")]}, "in the window"),
    "no row of China": (lambda rows: rows[rows["destination"] != "China"], {}, "found China"),
    "a share above one": (lambda rows: rows, {"diverted": 1.5}, "1.5"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD, ids=list(BAD))
def test_bad_input_is_refused(case: str):
    spoil, options, message = BAD[case]
    rows = spoil(flows(np.random.default_rng(11)))
    with pytest.raises(BadInput, match=message):
        difference(rows, **{"window": WINDOW, "baseline": BASELINE, **options})


def test_a_separated_effect_is_named_and_never_a_number():
    """Effects of destination by window absorb the treated dummy."""
    panel = effects.sample(flows(np.random.default_rng(13)), window=WINDOW, baseline=BASELINE, unit="China")
    panel = panel.assign(during=panel["month"] >= WINDOW[0])
    with pytest.raises((BadInput, RunFailed), match="treated"):
        effects.effect(panel, effects=[("destination", "during"), "month"])


def test_the_treated_crop_cannot_be_its_own_control():
    with pytest.raises(BadInput, match="controls"):
        effects.triple_difference(
            flows(np.random.default_rng(14)), window=WINDOW, baseline=BASELINE, controls=("canola",)
        )
