"""What is run beside the weights: rows handed over, other bases and duties, assumed cells; what is published of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.market import bases, draws
from tradeexposure.canola.weights import bank, history, results, study, weights
from tradeexposure.canola.weights.study import Weighed
from tradeexposure.policy import studies

LAWS = bank.Laws.on(taxed="2025-12-31", arranged="2026-10-01")
STEPS = {"prior": [], "official": ["A"], "all": ["A", "B"]}


@pytest.fixture(scope="module")
def weighed() -> Weighed:
    """Weighed by two data that favour low gains and small steps of the price."""
    rng = np.random.default_rng(4)
    shortfall = rng.normal(3200, 500, 400)
    paths = bank.Paths2019(shortfall, 0.6 * shortfall, 0.1 * shortfall, 1265.7)
    found = bank.simulate(600, seed=16, paths=paths, laws=LAWS, spring=(2, 3, 4), seed_taxed=0.5)
    seen = [
        history.about("A", "a price", "price_2019", -0.05, 0.04, official=True, source=""),
        history.trade_press("B", "a step", "price_step_2025", 0.95, 0.03),
    ]
    return study.weigh(found, seen, STEPS, laws=LAWS)


@pytest.fixture(scope="module")
def rows(weighed: Weighed) -> pd.DataFrame:
    return study.handed_over(weighed, {"all": 400, "official": 100}, official="official", seed=1)


def test_rows_have_the_weighted_distribution_and_stay_whole(weighed: Weighed, rows: pd.DataFrame) -> None:
    assert list(rows) == [*study.HANDED, study.OFFICIAL_ONLY] and rows[study.OFFICIAL_ONLY].sum() == 100
    own = rows[rows[study.OFFICIAL_ONLY] == 0]
    gain = study.gain(bank.today(study.after_acreage(own), LAWS.before), study.after_acreage(own), LAWS.arranged, LAWS)
    mine, theirs = np.quantile(gain, [0.05, 0.5, 0.95]), weights.summary(weighed.gain, weighed.weight["all"])
    assert mine == pytest.approx([theirs["low"], theirs["value"], theirs["high"]], rel=0.03)
    known = weighed.bank.parameters.set_index(draws.SEED_SCALE)
    for name in ("seed_supply", "china_share_of_seed", bank.ACREAGE):
        assert np.array_equal(known.loc[own[draws.SEED_SCALE], name].to_numpy(), own[name].to_numpy())


def test_data_weigh_what_they_say(weighed: Weighed) -> None:
    plain, official, every = (weights.summary(weighed.gain, weighed.weight[name])["value"] for name in STEPS)
    assert every < official < plain
    assert weighed.substitution.min() > 1 and weighed.substitution.max() < 100
    other = history.about("A", "", "price_2019", -0.3, 0.04, official=True, source="")
    assert weights.summary(weighed.gain, study.reweighed(weighed, other, ["A", "B"]))["value"] > every


def test_the_curve_falls_with_the_duty_and_meal_lies_above(rows: pd.DataFrame) -> None:
    curve = study.duty_curve(rows.head(100), LAWS, [0.0, 0.149, 0.5, 0.848])
    alone, both = (curve[curve["with_meal"] == kind]["value"].to_numpy() for kind in (False, True))
    assert (np.diff(alone) <= 0).all() and (np.diff(both) <= 0).all() and (both > alone).all()
    assert alone[-1] == pytest.approx(0.0, abs=1.0)


def test_other_bases_move_the_gain_with_chinas_share(rows: pd.DataFrame) -> None:
    found = study.other_bases(
        rows.head(100), LAWS, shares={"low": 0.41, "high": 0.7}, years=studies.base_years(studies.YEAR_BEFORE)
    )
    assert set(found) == {"low", "high", "base_2023"}
    assert (found["low"] <= found["high"] + 1).mean() > 0.9


def test_every_assumed_cell_has_an_effect_of_its_own(rows: pd.DataFrame) -> None:
    some = rows.head(60)
    found = study.assumed_cells(some, LAWS, change=-0.2)
    base = bank.today(study.after_acreage(some), LAWS.before)
    assert len(found) == (base.table["assumed"] & (base.table["value"] > 0)).sum()
    assert found["effect_cad"].abs().is_monotonic_decreasing
    receipts = found[found["quantity"] == "receipts"]["effect_cad"].iloc[0]
    usual = np.median(study.gain(base, study.after_acreage(some), LAWS.arranged, LAWS))
    assert receipts == pytest.approx(-0.2 * usual)


def test_published_numbers_are_named_and_written(weighed: Weighed) -> None:
    table = weights.pulls(weighed.likelihoods, weighed.gain, ["A"], beside=["B"])
    frames = [results.substitution(weighed), results.gains(weighed, parts={}), results.effective(weighed),
              results.pulls(table, {"A": "a price", "B": "a step"})]  # fmt: skip
    found = pd.concat(frames).set_index("result_id")
    assert found.index.is_unique
    assert {"canola.substitution.posterior", "canola.substitution.above_15", "canola.substitution.above_50",
            "canola.weights.effective_share", "canola.weights.pull.a", "canola.weights.left_out.a",
            "canola.weights.pull.b"} <= set(found.index)  # fmt: skip
    assert "canola.weights.left_out.b" not in found.index
    told = results.data_table(weighed)
    assert list(told["datum"]) == ["A", "B"] and told.loc[0, "seen"].startswith("−4.9%")


def test_a_part_that_is_next_to_nothing_is_none() -> None:
    assert results.as_published("kept_2025", np.array([1e-12, 0.5])).tolist() == [0.0, 0.5]
    assert results.as_published("spring_2026", np.array([np.log(600.0)])) == pytest.approx([600.0])
    assert bases.SEED == 0
