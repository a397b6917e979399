"""What is run beside the weights: rows handed over, other bases and duties, assumed cells; what is published of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.market import logit
from tradeexposure.canola.weights import history, results, simulated_history, study, tables, weights
from tradeexposure.canola.weights.simulated_history import SimulatedHistory
from tradeexposure.canola.weights.study import WeightedStudy
from tradeexposure.policy import studies

LAWS = simulated_history.DutyRegimes.on(taxed="2025-12-31", arranged="2026-10-01")
STEPS = {"prior": [], "official": ["A"], "all": ["A", "B"]}


@pytest.fixture(scope="module")
def weighed(simulations: SimulatedHistory) -> WeightedStudy:
    """Weighed by two data that favour low gains and small steps of the price."""
    seen = [
        history.about("A", "a price", "price_2019", -0.05, 0.04, official=True, source=""),
        history.press("B", "a step", "price_step_2025", 0.98, 0.02),
    ]
    return study.weigh(simulations, seen, STEPS, regimes=LAWS)


@pytest.fixture(scope="module")
def rows(weighed: WeightedStudy) -> pd.DataFrame:
    return study.handed_over(weighed, {"all": 400, "official": 100}, official="official", seed=1)


def test_rows_have_the_weighted_distribution_and_stay_whole(weighed: WeightedStudy, rows: pd.DataFrame) -> None:
    assert list(rows) == [*study.HANDED, study.OFFICIAL_ONLY] and rows[study.OFFICIAL_ONLY].sum() == 100
    own = rows[rows[study.OFFICIAL_ONLY] == 0]
    gain = study.gain(
        simulated_history.today(study.after_acreage(own), LAWS.before), study.after_acreage(own), LAWS.arranged, LAWS
    )
    mine, theirs = np.quantile(gain, [0.05, 0.5, 0.95]), weights.summary(weighed.gain, weighed.weight["all"])
    assert mine == pytest.approx([theirs["low"], theirs["value"], theirs["high"]], rel=0.03)
    known = weighed.simulations.parameters.set_index(logit.SEED_SCALE)
    for name in ("seed_supply", "china_share_of_seed", simulated_history.ACREAGE):
        assert np.array_equal(known.loc[own[logit.SEED_SCALE], name].to_numpy(), own[name].to_numpy())


def test_data_weigh_what_they_say(weighed: WeightedStudy) -> None:
    plain, official, every = (weights.summary(weighed.gain, weighed.weight[name])["value"] for name in STEPS)
    assert every < official < plain
    assert weighed.substitution.min() > 1 and weighed.substitution.max() < 100
    datum = history.about("A", "", "price_2019", -0.3, 0.04, official=True, source="")
    assert weights.summary(weighed.gain, study.reweighed(weighed, ["A", "B"], datum))["value"] > every


def test_rows_turn_as_they_say(rows: pd.DataFrame) -> None:
    """One pool leaves growers least to gain; growth one is the turning of the year, and leaves them most."""
    some = rows.head(80)
    turned, gains = study.turned(some), study.turned_gains(some, LAWS)
    assert (turned["turning_of_the_year"]["rival_kappa"] == some["rival_kappa"]).all()
    assert set(turned) == set(gains) == {"turning_of_the_year", "one_pool"}
    assert np.isinf(turned["one_pool"]["rival_kappa"]).all()
    after = study.after_acreage(some)
    usual = study.gain(simulated_history.today(after, LAWS.before), after, LAWS.arranged, LAWS)
    assert (after["rival_kappa"] >= some["rival_kappa"]).all()
    order = [np.median(gain) for gain in (gains["one_pool"], usual, gains["turning_of_the_year"])]
    assert order == sorted(order) and order[0] < order[-1]


def test_choices_are_read_from_the_same_bank(weighed: WeightedStudy) -> None:
    datum = history.about("A", "", "price_2019", -0.3, 0.04, official=True, source="")
    choices = study.choices(
        weighed, ["A", "B"], read={"d11_point": datum}, without={"without_d1": ["B"]}, published=(3, 25)
    )
    priors = ["uniform_reshuffling", "rivals_base_low", "rivals_base_high", "published_elasticity"]
    assert list(choices) == ["d11_point", "without_d1", *priors]
    inside = (weighed.substitution >= 3) & (weighed.substitution <= 25)
    assert 0 < inside.sum() < len(inside) and ((choices["published_elasticity"].weight > 0) == inside).all()
    assert np.allclose(choices["d11_point"].weight, study.reweighed(weighed, ["A", "B"], datum))
    assert np.allclose(choices["without_d1"].weight, weighed.weight["official"])
    base = weighed.simulations.parameters["rivals_in_china_kt"].to_numpy()
    for name, least, most in (("rivals_base_low", 260, 260 + 128), ("rivals_base_high", 900 - 128, 900)):
        counted = choices[name].weight > 0
        assert counted.mean() == pytest.approx(0.2, abs=0.01)
        assert least - 2 <= base[counted].min() and base[counted].max() <= most + 2
    uniform = study.reweighed(weighed, [], prior=-np.log(weighed.turning))
    rho = [weights.probability(weighed.reshuffling < at, uniform) for at in (0.25, 0.5, 0.75)]
    assert rho == pytest.approx([0.25 * 30 / 29, 0.5 * 30 / 29, 0.75 * 30 / 29], abs=0.06)
    table = tables.choices(choices)
    assert table["choice"][0] == "Forecast of China's imports as a point" and table["rows"].notna().all()
    ends = results.extremes(choices).set_index("result_id")
    medians = [choice.summary["value"] for choice in choices.values()]
    assert ends["value"].tolist() == [min(medians), max(medians)]
    assert list(choices).index(ends["choice"].iloc[0]) == int(np.argmin(medians))


def test_the_curve_falls_with_the_duty_and_meal_lies_above(rows: pd.DataFrame) -> None:
    curve = study.duty_curve(rows.head(100), LAWS, [0.0, 0.149, 0.5, 0.848])
    alone, both = (curve[curve["with_meal"] == kind]["value"].to_numpy() for kind in (False, True))
    assert (np.diff(alone) <= 0).all() and (np.diff(both) <= 0).all() and (both > alone).all()
    assert alone[-1] == pytest.approx(0.0, abs=1.0)


def test_other_bases_move_the_gain_with_chinas_share(rows: pd.DataFrame) -> None:
    gains = study.other_bases(
        rows.head(100), LAWS, shares={"low": 0.41, "high": 0.7}, years=studies.base_years(studies.YEAR_BEFORE)
    )
    assert set(gains) == {"low", "high", "base_2023"}
    assert (gains["low"] <= gains["high"] + 1).mean() > 0.9


def test_prices_freed_of_the_duties_are_higher_and_so_is_the_gain_at_one_elasticity(rows: pd.DataFrame) -> None:
    """The farm price fell under the deposit; with the scale in step with the price the gain rises as the price does."""
    some = rows.head(60)
    after = study.after_acreage(some)
    usual = study.gain(simulated_history.today(after, LAWS.before), after, LAWS.arranged, LAWS)
    deposit, deal = (study.freed_of_duties(some, LAWS, under=under) for under in (1.0, 0.0))
    assert np.median(deposit / usual) != pytest.approx(1, abs=1e-3)
    assert 0.9 < np.median(deposit / usual) < 1.2 and np.median(abs(deal / usual - 1)) < np.median(
        abs(deposit / usual - 1)
    )


def test_every_assumed_cell_has_an_effect_of_its_own(rows: pd.DataFrame) -> None:
    some = rows.head(60)
    cells = study.assumed_cells(some, LAWS, change=-0.2)
    base = simulated_history.today(study.after_acreage(some), LAWS.before)
    assert len(cells) == (base.table["assumed"] & (base.table["value"] > 0)).sum()
    assert cells["effect_cad"].abs().is_monotonic_decreasing
    receipts = cells[cells["quantity"] == "receipts"]["effect_cad"].iloc[0]
    usual = np.median(study.gain(base, study.after_acreage(some), LAWS.arranged, LAWS))
    assert receipts == pytest.approx(-0.2 * usual)


def test_published_numbers_are_named_and_written(weighed: WeightedStudy) -> None:
    table = weights.leave_one_out_shifts(weighed.likelihoods, weighed.gain, ["A"], beside=["B"])
    models = {"free": ("as drawn", weighed), "one_pool": ("one pool", weighed)}
    frames = [results.substitution(weighed), results.gains(weighed), results.effective(weighed),
              results.rivals(weighed), results.tonnes(weighed, seen={"deal": 5e3}, rivals_2019=750.0),
              results.evidence(models),
              results.leave_one_out_shifts(table)]  # fmt: skip
    numbers = pd.concat(frames).set_index("result_id")
    assert numbers.index.is_unique
    assert numbers.loc["canola.substitution.posterior.one_pool_by_itself", "value"] == pytest.approx(
        numbers.loc["canola.substitution.posterior", "value"]
    )
    errors = weights.monte_carlo_errors(weighed.gain, weighed.weight["all"])
    published = numbers.filter(like="canola.weights.monte_carlo_error.", axis=0)
    assert published["value"].to_dict() == {
        f"canola.weights.monte_carlo_error.{name}": errors[end]
        for name, end in (("low", "low"), ("median", "value"), ("high", "high"))
    }
    assert set(published["parts"]) == {f"{weights.PARTS}"}
    turning, share = (numbers.loc[f"canola.rivals.{name}.posterior"] for name in ("turning", "reshuffling"))
    for end in ("low", "high"):
        assert share[end] == pytest.approx(1 - 1 / turning[end], abs=2e-3)
    assert "canola.weights.left_out.b" not in numbers.index
    bound = history.bound("least", "C", "booked", "spring_2026", 625.0, 0.5)
    more = study.weigh(weighed.simulations, [*weighed.history, bound], STEPS, regimes=LAWS)
    seen = results.beside(more, ["price_2019", "spring_2026"]).set_index("result_id")
    assert seen.loc["canola.weights.spring_2026.seen", "value"] == pytest.approx(625.0)
    assert np.isnan(seen.loc["canola.weights.spring_2026.seen", "low"])
    assert seen.loc["canola.weights.price_2019.seen", "low"] < -0.1
    beside = tables.beside_draws(weighed)
    assert list(beside["datum"]) == ["a price", "a step"] and beside.loc[0, "seen"].startswith("−4.9%")
    forms = tables.forms(weighed.history)
    assert forms["centre"].tolist() == pytest.approx([-0.05, np.log(0.98)])
    assert forms["spread"].tolist() == pytest.approx([0.04, 0.02])
