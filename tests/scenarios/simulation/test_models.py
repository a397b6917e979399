"""The scenario part: changes add up and have the right sign, words follow the sign, limits hold, ranges are honest."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import samplerows
from samplerows import DRAWS, REPLACED, SEED

from tradeexposure import data
from tradeexposure.core import arrays, units
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference.draws import spread
from tradeexposure.policy import assumptions, regimes, scenario_grids, scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.publishing import plain_words
from tradeexposure.reporting import claims, results_book
from tradeexposure.scenarios.simulation import (
    changes,
    figures,
    messages,
    model_checks,
    models,
    results,
    sentences,
    variants,
)
from tradeexposure.scenarios.simulation.changes import Outputs
from tradeexposure.scenarios.simulation.models import Pair, Simulation

FINAL = "against_final_duty"
GOLDEN = Path(__file__).parents[2] / "golden" / "deal_2026.csv"
EVIDENCE = {"unweighted", "official_data_only", "seed_only", "meal_only"}


def solved_anew(chosen: Scenario | str) -> Simulation:
    return models.solve(models.prepare(chosen, draws=DRAWS, seed=SEED, replaced=REPLACED, rows=samplerows.rows()))


@cache
def solved(name: str) -> Simulation:
    """A scenario's simulation, solved once for all tests."""
    return samplerows.simulation() if name == "deal_2026" else solved_anew(name)


def joint(chosen: Scenario) -> pd.DataFrame:
    return models.joint(chosen, draws=DRAWS, seed=SEED, replaced=REPLACED)


@pytest.fixture(scope="module")
def escalation() -> Simulation:
    return solved("escalation")


@pytest.fixture(scope="module")
def quota() -> Simulation:
    return solved("quota_2030")


@pytest.fixture(scope="module")
def shares() -> pd.DataFrame:
    names = ("farm_cash_receipts_annual", "census_crop_farms", "field_crops_annual")
    return variants.weights(*map(data.load, names), year=2023)


def test_the_same_seed_gives_the_same_results(deal: Simulation, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arrays._State, "kept", None)  # solved again, not found again
    assert np.array_equal(models.solve(deal.setting).market.income, deal.market.income)
    drawn = joint(deal.setting.scenario)
    pd.testing.assert_frame_equal(drawn, deal.setting.draws)


def test_estimates_take_the_place_of_priors(deal: Simulation):
    drawn = deal.setting.draws
    assert drawn["volume_fall_2019"].between(0.6, 0.8).all()
    assert (drawn["ev_semi_elasticity"] * drawn["rebate_pass_through"]).between(0.02, 0.1).all()
    earlier = pd.DataFrame(
        {"value": [-0.7, 0.07], "low": [-0.8, 0.01], "high": [-0.6, 0.12]}, index=[models.VOLUME, models.DEMAND]
    )
    estimates = models.estimates(earlier)
    assert estimates["volume_fall_2019"] == pytest.approx((0.6, 0.7, 0.8))
    assert estimates["ev_semi_elasticity"] == pytest.approx(tuple(np.log1p([0.01, 0.07, 0.12])))


def test_a_scenario_that_fixes_an_assumption_is_obeyed():
    fixed = scenario_grids.variant(scenarios.load("deal_2026"), {"assumptions.ev_semi_elasticity": 0.03}, "fixed")
    drawn = joint(fixed)
    assert (drawn["ev_semi_elasticity"] == 0.03).all()


@pytest.mark.parametrize(("name", "draws"), [("deal_2062", 1000), ("deal_2026", 10)])
def test_unknown_scenarios_and_too_few_draws_are_refused(name: str, draws: int):
    with pytest.raises(BadInput):
        models.prepare(name, draws=draws, seed=SEED, replaced=REPLACED, rows=samplerows.rows())


def test_leaving_the_arrangement_undoes_it(deal: Simulation, escalation: Simulation):
    total = deal.market.income + escalation.market.income
    assert np.abs(total).max() < 1e-6 * np.abs(deal.market.income).max()


def test_displaced_and_additional_cars_make_up_those_from_china(deal: Simulation, cars: Outputs):
    added = deal.vehicles.scenario.additional - deal.vehicles.against.additional
    assert cars["displaced"] + added == pytest.approx(cars["china_built_registrations_change"])


def test_a_fixed_parameter_keeps_the_other_columns_of_a_row():
    fixed = scenario_grids.variant(scenarios.load("deal_2026"), {"assumptions.seed_scale_cad_t": 50}, "fixed")
    drawn = joint(fixed)
    weighted = models.weighted_draws(samplerows.rows(), drawn, fixed, horizon="acreage")
    free = models.weighted_draws(samplerows.rows(), drawn, scenarios.load("deal_2026"), horizon="acreage")
    assert (weighted["seed_scale_cad_t"] == 50).all() and free["seed_scale_cad_t"].nunique() == 200
    others = weighted.columns.drop("seed_scale_cad_t")
    pd.testing.assert_frame_equal(weighted[others], free[others])
    assert np.array_equal(weighted["drawn_from_evs"], drawn["drawn_from_evs"])


def test_the_horizon_chooses_supply_and_turning_of_the_row():
    deal, rows = scenarios.load("deal_2026"), samplerows.rows()
    drawn = joint(deal)
    year, after = (models.weighted_draws(rows, drawn, deal, horizon=when) for when in ("crop_year", "acreage"))
    assert year["seed_supply"].max() <= 0.3 < after["seed_supply"].max()
    assert year["rival_kappa"].to_numpy() == pytest.approx(np.resize(rows["rival_kappa"].head(200), DRAWS))
    assert (after["rival_kappa"] / year["rival_kappa"]).to_numpy() == pytest.approx(after["rival_turning_growth"])
    fixed = scenario_grids.variant(deal, {"assumptions.seed_supply": 0.6}, "fixed")
    sown, answered = (models.weighted_draws(rows, drawn, fixed, horizon=when) for when in ("crop_year", "acreage"))
    assert sown["seed_supply"].equals(year["seed_supply"]) and (answered["seed_supply"] == 0.6).all()


def test_rivals_turn_by_a_multiple_of_their_supply_whatever_a_scenario_fixes():
    deal, rows = scenarios.load("deal_2026"), samplerows.rows()
    drawn = joint(deal)
    free = models.weighted_draws(rows, drawn, deal, horizon="crop_year")
    for name, value in (("other_supply", 1.2), ("rival_turning", 3.0)):
        fixed = scenario_grids.variant(deal, {f"assumptions.{name}": value}, "fixed")
        own = models.weighted_draws(rows, drawn, fixed, horizon="crop_year")
        turning = 3.0 if name == "rival_turning" else free["rival_turning"]
        assert own["rival_kappa"].to_numpy() == pytest.approx(np.broadcast_to(turning * own["other_supply"], DRAWS))


def test_nothing_changes_where_no_duty_differs(quota: Simulation):
    income = quota.market.income
    assert spread(income).direction == "none" and spread(changes.gap(quota.us, changes.EXPORTS)).direction == "none"
    assert said_of_growers(income).startswith("Nothing changes")
    assert "does not change" in str(figures.provinces(income, pd.DataFrame(), pd.DataFrame()))


def test_the_suspension_has_the_volume_of_2019():
    market = solved("licence_ban_2019").market
    left = 1 - solved("licence_ban_2019").setting.weighted["volume_fall_2019"].to_numpy()
    assert market.scenario.volume("china", "seed") == pytest.approx(left * market.base.canada_kt[0, 0], rel=1e-9)
    assert (market.scenario.duty > market.against.duty).all() and market.scenario.volume_kt.min() >= 0
    assert (models.incomes(solved("licence_ban_2019"))["seed_only"] < 0).all(), "suspended alone it costs as much"


def test_limits_hold_and_a_broken_one_is_named(deal: Simulation):
    stated = model_checks.all_checks(deal)
    assert claims.false_claims(stated) == [] and all(claim.found and claim.where for claim in stated)
    cars = replace(
        deal.vehicles.scenario, quota_rent_cad=np.full(DRAWS, -1.0), residual=np.full(DRAWS, 2 * model_checks.RESIDUAL)
    )
    broken = replace(deal, vehicles=Pair(cars, deal.vehicles.against))
    false = {claim.sentence: str(claim) for claim in claims.false_claims(model_checks.all_checks(broken))}
    assert "found 2e-09, at most 1e-09" in false["residual of electric cars"]
    with pytest.raises(
        AssertionError, match=r"“rent only with a quota and never negative”: found 1, at most 0 \(Checks\)"
    ):
        claims.assert_claims(model_checks.all_checks(broken))


def test_provinces_add_up_and_take_their_share(deal: Simulation, shares: pd.DataFrame):
    split = variants.by_province(deal.market.income, shares)
    total = split[split["measure"] == "total"].set_index("place")["value"]
    assert total.drop("canada").sum() == pytest.approx(total["canada"], rel=1e-3)
    farm = split[split["measure"] == "per_farm"].set_index("place")["value"]
    assert farm["sk"] == pytest.approx(total["sk"] / shares.set_index("place")["farms"]["sk"])
    cash = data.load("farm_cash_receipts_annual")
    short = cash[~((cash["year"] == 2023) & (cash["geo"] == "Alberta"))]
    with pytest.raises(BadInput, match="add up to Canada"):
        variants.weights(short, data.load("census_crop_farms"), data.load("field_crops_annual"), year=2023)


def test_the_quota_binds_less_the_freer_the_entry_above_it(deal: Simulation, cars: Outputs):
    treatments = variants.treatments(deal)
    closed, dear, free = (treatments[name]["china_built_registrations"] for name in ("no_entry", "surtax", "mfn"))
    assert (closed <= dear + 1e-6).all() and (dear <= free + 1e-6).all()
    assert np.array_equal(closed, cars["china_built_registrations"])


def test_the_expected_duty_replaces_the_deposit_only_where_there_is_one(deal: Simulation):
    expected = variants.expected_duty_income(deal)
    gain = deal.market.income
    assert expected is not None and (expected <= gain + 1).all() and np.median(expected) < np.median(gain)
    draws = deal.setting.draws
    assert variants.with_expected(regimes.canola(deal.setting.scenario), draws) is None


def test_assumptions_are_ranked(deal: Simulation):
    ranking = variants.ranked(deal.setting, variants.outputs(deal))
    top = variants.first(ranking)
    assert top["grower_income"][0] == "seed_scale_cad_t"
    assert set(top) == {"grower_income", "displaced_registrations", "consumer_surplus"}
    assert ranking["share"].between(0, 1).all() and variants.EPISODE not in set(ranking["assumption"])
    assert set(ranking["assumption"]) <= set(assumptions.load())


def published(run: Simulation, shares: pd.DataFrame) -> results_book.Book:
    book = results_book.Book("70_simulate_scenario")
    split = variants.by_province(run.market.income, shares)
    markets = {ending: changes.canola_change(market) for ending, market in run.markets.items()}
    for rows in (
        results.canola(markets[""], split, models.incomes(run), run.setting),
        results.beside(markets, variants.would_have_come(run), variants.turning(run), shares, run.setting),
        results.vehicles(run, variants.treatments(run)),
        results.entering(variants.entering(run), run.setting),
        results.united_states(run),
        results.welfare(changes.accounts(run), run.setting),
        results.ranking(variants.ranked(run.setting, variants.outputs(run)), run.setting),
    ):
        book.add_frame(rows)
    return book


def test_every_number_of_the_contract_is_published(deal: Simulation, shares: pd.DataFrame):
    """All that were accepted of the notebook, but for its validation and two other bases, which are solved apart."""
    rows = published(deal, shares).frame().set_index("result_id")
    accepted = pd.read_csv(GOLDEN)["result_id"]
    apart = ("scenario.validation.", f"{messages.INCOME}.base_", f"{messages.INCOME}.expected_duty")
    wanted = {key for key in accepted if key.startswith("scenario.") and not key.startswith(apart)}
    assert wanted <= set(rows.index) and len(wanted) > 300
    assert set(rows["unit"]) <= set(units.FORMATS)
    regimes_of_quota = rows.loc[
        [name for name in rows.index if name.rpartition(".")[0].endswith("quota_regime")], "value"
    ]
    assert regimes_of_quota.sum() == pytest.approx(1, abs=0.02)


@pytest.mark.long
@pytest.mark.parametrize("name", ["deal_2026", "escalation", "quota_2030", "full_normalisation", "cusma_lapse"])
def test_words_hold_for_every_sign(name: str, shares: pd.DataFrame, monkeypatch: pytest.MonkeyPatch):
    run = solved(name)
    book, texts = published(run, shares), []
    monkeypatch.setattr("IPython.display.display", lambda shown, **_: texts.append(shown["text/plain"]))
    chosen, frame, against = run.setting.scenario, book.frame(), run.setting.against_title
    for text in (sentences.answer(frame, chosen, against=against, cars=True),
                 sentences.growers(frame, against=against), sentences.canola(frame), sentences.sector(frame),
                 sentences.vehicles(frame, quota=run.regimes.scenario.quota is not None),
                 sentences.account(frame, against=against),
                 sentences.entering(frame, quota=run.regimes.scenario.quota is not None),
                 sentences.treatments(frame, shown=bool(variants.treatments(run))),
                 sentences.united_states(frame)):  # fmt: skip
        book.say(text)
    answer = texts[0]
    assert all("{" not in text for text in texts) and "nan" not in " ".join(texts)
    assert all(plain_words.numbers(text) <= plain_words.SENTENCE_NUMBERS for text in plain_words.sentences_of(answer))
    assert plain_words.words(plain_words.sentences_of(answer)[0]) <= plain_words.LEAD_WORDS
    never = plain_words.words_never_said()
    assert [
        match[0] for text in texts for match, _ in plain_words.never_said(text, never.everywhere, never.read_by_all)
    ] == []


def test_cars_are_weighed_by_the_first_count_and_other_draws_are_not(deal: Simulation) -> None:
    setting = deal.setting
    moves = {name: prior.moves for name, prior in assumptions.load().items()}
    for name, kind in moves.items():
        same = setting.cars[name].equals(setting.draws[name])
        assert same == (kind != "ev" or setting.draws[name].nunique() == 1), name
    assert set(setting.cars["entry_months"]) < set(setting.draws["entry_months"])
    pd.testing.assert_frame_equal(models.weighed_cars(setting.vehicles, setting.draws, seed=SEED), setting.cars)


def test_a_count_that_leaves_hardly_a_draw_is_refused(deal: Simulation) -> None:
    claims.assert_claims(model_checks.checks_of_draws(deal.setting))
    appeal = np.where(np.arange(DRAWS) < 5, 1.0, 1e-7)
    few = replace(deal.setting, draws=deal.setting.draws.assign(china_appeal=appeal))
    with pytest.raises(AssertionError, match="leaves one draw in fifty"):
        claims.assert_claims(model_checks.checks_of_draws(few))


def test_the_first_year_has_fewer_cars_and_another_choice_moves_them(deal: Simulation, cars: Outputs) -> None:
    entering, steady = variants.entering(deal), cars["china_built_registrations"]
    first, fifth = (entering[f"china_built_registrations.{year}"] for year in ("first_year", "year_five"))
    assert (first <= steady * (1 + 1e-9)).all() and (first < 0.9 * steady).any()
    assert (fifth <= 63_037 * (1 + 1e-9)).all() and entering["quota_regime.filled.year_five"] > 0.1
    np.testing.assert_allclose(entering["quota_used.first_year"], first / 49_000, rtol=1e-9)
    np.testing.assert_allclose(entering["quota_used"], steady / 49_000, rtol=1e-9)
    np.testing.assert_allclose(entering["quota_used.year_five"], fifth / 63_037, rtol=1e-9)
    assert (entering["free_demand"] >= steady * (1 - 1e-9)).all()
    assert 0.2 * DRAWS < entering["draws_that_count"] < 0.6 * DRAWS
    medians = [
        np.median(entering[f"china_built_registrations.first_year.counted_after_{month}_months"])
        for month in (2, 3, 4, 5, 6)
    ]
    assert medians == sorted(medians, reverse=True)
    for choice in ("same_appeal", "rebate_open"):
        assert np.median(entering[f"china_built_registrations.{choice}"]) > np.median(steady)
    assert not variants.entering(solved("escalation"))
    later, built = solved("quota_2030"), "china_built_registrations"
    steady = changes.vehicle_change(later.vehicles)[built]
    np.testing.assert_allclose(variants.entering(later)[f"{built}.year_five"], steady, rtol=1e-12)


@pytest.mark.long
def test_a_second_counterfactual_within_one_crop_year_has_words_too(shares: pd.DataFrame):
    chosen = scenarios.load("deal_2026").model_copy(update={"horizon": "crop_year"})
    run = solved_anew(chosen)
    frame = published(run, shares).frame()
    assert not frame["result_id"].str.contains("canola.*first_year").any() and list(run.markets) == ["", FINAL]
    text = sentences.answer(frame, chosen, against="x", cars=True) + sentences.growers(frame, against="x")
    assert "Had China settled on" in text and "In the first year" not in text and "over the same rows" not in text
    mine = chosen.model_copy(update={"name": "mine"})
    text = sentences.answer(frame, mine, against="“x”", beside="“y”", cars=True)
    elsewhere = f"{sentences.growers(frame, against='x', own=True)} {sentences.account(frame, against='x', own=True)}"
    assert "Had China settled on" in f"{sentences.account(frame, against='x')}"
    assert (
        "deal would" not in elsewhere and "Had China settled on" not in elsewhere and "China had kept" not in elsewhere
    )
    assert "Had China settled on" not in text and "China had kept" not in text
    assert text.startswith("**Canola growers would gain ") and "Compared with “y”, canola growers would gain " in text


def test_a_second_counterfactual_with_the_scenarios_own_duties_is_no_gain_at_all():
    final, second = scenarios.load("final_duty_2026"), {"name": "mine", "also_against": "final_duty_2026"}
    run = solved_anew(final.model_copy(update={**second, "against": "escalation"}))
    assert run.market.income.all() and not run.markets[FINAL].income.any()
    assert not variants.would_have_come(run)["15"].any()


def test_a_second_counterfactual_with_other_rules_for_cars_is_refused():
    chosen = scenarios.load("deal_2026").model_copy(update={"also_against": "full_normalisation"})
    with pytest.raises(BadInput, match="found full_normalisation; allowed: one with duties, quota and rebates"):
        solved_anew(chosen)


@pytest.mark.parametrize("own", [False, True])
def test_the_curve_of_ones_own_scenario_names_no_deal(deal: Simulation, own: bool):
    gains, duties = variants.would_have_come(deal), variants.along(deal.setting)
    drawn = figures.curve(gains, duties, own=own)
    assert ("without the deal" in json.dumps(drawn.chart.to_dict())) is not own
    assert figures.curve(gains, {"15": 0.149, "first_ten": 0.249, "last_ten": 0.049}, own=own) == figures.NO_CURVE


def said_of_growers(income: Floats) -> str:
    """What the notebook says where no evidence and no duty alone gives another income than the headline."""
    others = dict.fromkeys(EVIDENCE, income)
    rows = pd.DataFrame(results.rows(sentences.INCOME, {"": income, **others}))
    return sentences.growers(rows.assign(label="Income", unit="CAD per year", digits=2), against="nothing")


def test_words_follow_the_sign_of_the_headline():
    gain = said_of_growers(np.array([4.0, 5.0, 6.0]))
    assert gain.startswith("Canola growers would gain") and f"{{{sentences.INCOME}:size_full.2}}" in gain
    for unclear in ([-4.0, 1.0, 6.0], [0.0, 0.0, 6.0]):
        mixed = said_of_growers(np.array(unclear))
        assert mixed.startswith("Whether canola growers would gain or lose is unclear")


@pytest.mark.parametrize("cars", [0.0, 1.0, 48_999.0])
def test_limits_hold_for_any_quota(cars: float) -> None:
    """No car at all too, which no number can be divided by."""
    chosen = scenario_grids.variant(
        scenarios.load("deal_2026"), {"quantities.canada_ev_quota.annual_vehicles": cars}, "own"
    )
    run = solved_anew(chosen)
    claims.assert_claims(model_checks.all_checks(run))


def test_a_change_of_a_few_cents_is_held_against_the_whole() -> None:
    """Solutions are as exact as the market is large; a duty that hardly moves it failed for the last digits."""
    setting = model_checks.few(solved("deal_2026").setting)
    charged = regimes.canola_against(setting.compared)
    for more in (1e-9, 1e-6, 1e-3):
        moved = Pair({**charged, ("china", "oil"): charged["china", "oil"] + more}, charged)
        market = models.market_of(setting, setting.weighted, moved)
        assert market.account_apart() <= models.SAME_SUM
    halved = replace(market.against, producer_surplus_cad=market.against.producer_surplus_cad + 1e5)
    assert replace(market, against=halved).account_apart() > models.SAME_SUM


def test_the_account_is_held_against_its_second_route_on_the_first_rows_of_what_is_published() -> None:
    run = solved("deal_2026")
    some, rows = run.market.first(model_checks.FEW), run.setting.weighted.head(model_checks.FEW)
    alone = models.market_of(run.setting, rows, run.duties)
    np.testing.assert_array_equal(some.income, run.market.income[: model_checks.FEW])
    np.testing.assert_allclose(some.income, alone.income, rtol=1e-8, atol=1.0)
    assert 0 < some.account_apart() <= models.SAME_SUM
    wrong = replace(run.market.against, producer_surplus_cad=run.market.against.producer_surplus_cad + 1e5)
    with pytest.raises(AssertionError, match="area of net exports"):
        claims.assert_claims(model_checks.checks_of_canola(replace(
            run, markets={**run.markets, "": replace(run.market, against=wrong)}
        )))  # fmt: skip
