"""Priors: the stated distributions, streams that do not depend on each other, one clear line for every mistake."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, tariff_schedule
from tradeexposure.policy.duty_tables import percent
from tradeexposure.runner import project_checks

N = 10_000
# The table of the design, by a second hand: name → (5%, median, 95%) or (low, high) of a uniform one.
UNIFORM = {
    "import_demand_china": (0.5, 2), "import_demand_others": (0.3, 1.5), "other_supply": (0.3, 1.5),
    "crush_elasticity": (0.2, 1), "farm_pass_through": (0.8, 1),
    "volume_fall_2019": (0.65, 0.82), "duty_expected_2025": (0.059, 0.758), "tariff_pass_through": (0.66, 1),
    "rebate_pass_through": (0.73, 0.85), "china_price_gap": (0.05, 0.25), "rent_kept_abroad": (0.5, 1),
    "china_share_of_seed": (0.41, 0.7), "meal_elsewhere_kt": (0, 150),
    "spare_capacity": (0, 1),
    "under_cap_share": (0.2, 0.8), "us_vehicle_demand": (0.5, 2.5),
    "us_vehicle_demand_long": (4, 7),
    "us_content": (0.4, 0.6), "count_months": (2, 6), "us_built_share": (0.45, 0.65), "surtax_kept": (0.1, 0.8),
    "surtax_content": (0.6, 1), "us_car_value_cad": (32_000, 45_000), "rebate_eligible": (0.5, 0.9),
}  # fmt: skip
LOGNORMAL = {
    "ev_semi_elasticity": (0.02, 0.05, 0.11),
    "china_appeal": tuple(np.exp(-0.5 + 0.7 * stats.norm.ppf([0.05, 0.5, 0.95]))), "entry_months": (3.6, 12, 40),
}  # fmt: skip
FIXED = {"oil_yield": 0.425, "meal_yield": 0.584}


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return assumptions.draws(N, seed=1)


def test_every_prior_is_a_column_of_numbers_and_says_why(drawn: pd.DataFrame) -> None:
    known = assumptions.load()
    assert drawn.columns.tolist() == list(known) and drawn.shape == (N, len(known))
    assert set(map(str, drawn.dtypes)) == {"float64"} and np.isfinite(drawn.to_numpy()).all()
    assert all(
        assumptions.accepts(prior, value) for name, prior in known.items() for value in drawn[name].agg(["min", "max"])
    )
    assert all(prior.evidence for prior in known.values())


def test_distributions_are_the_stated_ones(drawn: pd.DataFrame) -> None:
    for name, (low, high) in UNIFORM.items():
        assert stats.kstest(drawn[name], stats.uniform(low, high - low).cdf).statistic < 1e-3, name
    for name, points in LOGNORMAL.items():
        assert drawn[name].quantile([0.05, 0.5, 0.95]).tolist() == pytest.approx(points, rel=2e-3), name
    for name, value in FIXED.items():
        assert (drawn[name] == value).all()
    logs = stats.uniform(np.log(8), np.log(420 / 8)).cdf
    assert stats.kstest(np.log(drawn["seed_scale_cad_t"]), logs).statistic < 1e-3
    triangular = stats.triang((0.45 - 0.2) / 0.7, loc=0.2, scale=0.7)
    assert stats.kstest(drawn["seed_supply"], triangular.cdf).statistic < 1e-3
    china = stats.triang((0.29 - 0.166) / 0.152, loc=0.166, scale=0.152)
    assert stats.kstest(drawn["china_share_2023"], china.cdf).statistic < 1e-3
    assert stats.kstest(drawn["drawn_from_evs"], stats.beta(4, 4, loc=0.2, scale=0.7).cdf).statistic < 1e-3


def test_the_register_states_the_ends_of_each_prior_that_no_source_gives(root: Path) -> None:
    lines = (root / "ASSUMPTIONS.md").read_text("utf-8").splitlines()
    register = {line.split("|")[1].strip(): line for line in lines if line.startswith("| A")}
    for prior in assumptions.load().values():
        if prior.assumption and not prior.one_added_half_the_time:  # those follow from a published elasticity
            ends = [end for end in (prior.distribution.low, prior.distribution.high) if end is not None]
            written = [(f"{end:g}", f"{100 * end:g}%", f"{end:,.0f}") for end in ends]
            assert all(any(form in register[prior.assumption] for form in forms) for forms in written), prior.name


def test_notebooks_take_the_ends_of_a_prior_from_its_file(root: Path) -> None:
    (code,) = (path.read_text("utf-8") for path in root.glob("notebooks/65_*.ipynb"))
    assert all(f'ends(\\"{name}\\")' in code for name in ("china_share_of_seed", "duty_expected_2025"))
    assert assumptions.ends("china_share_of_seed") == (0.41, 0.70)


RESTED = {  # row of the register → its words on facts
    "A06": "is {china_mfn_oil} throughout", "A07": "is {china_mfn_meal} outside 2019",
    "A10": "US duty of {us_ieepa_35} under the emergency act starts on {us_ieepa_35_since}",
    "A11": "stayed at {us_section_122} ", "A14": "{canada_mfn_vehicles} and 106.1%",
    "A83": "between the {china_seed_antidumping} finally set and the deposit of {china_seed_deposit} ",
    "A87": "rebate of C${rebate_bev_2026_cad:,.0f} is to fall to C${rebate_bev_2030_cad:,.0f} in 2030",
    "A92": "a wedge of C${rebate_bev_2026_cad:,.0f} ",
    "A146": "by {growth_per_year:.1%} for each year begun since; the share reserved for cheap cars stays at the last "
    "one stated ({price_cap_share_year_2:.0%} in year 2, {price_cap_share_year_5:.0%} in year 5)",
    "A161": "At {canada_mfn_vehicles} duty", "A165": "a price cap of C${price_cap_cad:,.0f}",
}  # fmt: skip
OF_PRIORS = {
    "china_price_gap": "at {canada_mfn_vehicles} duty", "rebate_eligible": "a price cap of C${price_cap_cad:,.0f} ",
    "price_step_unpriced": "from {china_canada_arrangement_2026_told:%d %B %Y}",
}  # fmt: skip


def test_the_register_and_the_priors_say_the_facts_that_they_rest_on(root: Path) -> None:
    facts = tariff_schedule.all_measures()
    known: dict[str, object] = {fact.id: percent(fact.rate) for fact in facts if fact.rate is not None}
    known |= {f"{fact.id}_since": fact.effective for fact in facts} | {
        f"{fact.id}_told": fact.announced for fact in facts
    }
    quota, rebates = tariff_schedule.get("canada_ev_quota"), tariff_schedule.get("canada_ev_affordability")
    known |= {part.name: part.value for part in (*quota.quantities, *rebates.quantities)}
    lines = (root / "ASSUMPTIONS.md").read_text("utf-8").splitlines()
    register, priors = (
        {line.split("|")[1].strip(): line for line in lines if line.startswith("| A")},
        assumptions.load(),
    )
    stated = {text.format(**known): register[key] for key, text in RESTED.items()}
    stated |= {text.format(**known): f"{priors[key].title} {priors[key].evidence}" for key, text in OF_PRIORS.items()}
    assert [text for text, line in stated.items() if text not in line] == []
    ends = priors["duty_expected_2025"].distribution
    rates = tuple(tariff_schedule.get(f"china_seed_{name}").rate for name in ("antidumping", "deposit"))
    assert (ends.low, ends.high) == rates


def test_quantiles_rise_with_their_share_between_the_ends() -> None:
    shares = np.linspace(0.001, 0.999, 99)
    kinds = {prior.over(horizon).kind for prior in assumptions.load().values() for horizon in assumptions.HORIZONS}
    asked = {"low": 1.0, "mode": 2.0, "median": 2.5, "high": 9.0, "a": 2.0, "b": 3.0}
    for kind in (kinds | {"split_uniform"}) - {"fixed"}:
        numbers = {name: asked[name] for name in assumptions.NEEDED[kind]}
        quantiles = assumptions.quantiles(assumptions.Distribution(kind=kind, **numbers), shares)
        assert (np.diff(quantiles) > 0).all(), kind
        if kind != "lognormal":
            assert 1 < quantiles[0] < quantiles[-1] < 9, kind
    halves = assumptions.Distribution(kind="split_uniform", low=1.0, median=2.5, high=9.0)
    assert assumptions.quantiles(halves, np.array([0.25, 0.5, 0.75])).tolist() == pytest.approx([1.75, 2.5, 5.75])


@pytest.mark.parametrize(("name", "high"), [("oil_substitution", 17.0), ("meal_substitution", 16.0)])
def test_one_is_added_half_the_time(drawn: pd.DataFrame, name: str, high: float) -> None:
    """Second route: a mixture of the lognormal and itself plus one."""

    def cdf(x: float) -> float:
        score = np.log(x / 8) / np.log(8 / 4 if x < 8 else high / 8) * stats.norm.ppf(0.95) if x > 0 else -np.inf
        return float(stats.norm.cdf(score))

    for x in (3.0, 5.0, 8.0, 9.0, 12.0, 20.0):
        assert (drawn[name] <= x).mean() == pytest.approx((cdf(x) + cdf(x - 1)) / 2, abs=0.01)
    both = assumptions.draws(N, seed=1)
    assert abs(np.corrcoef(both["oil_substitution"], both["meal_substitution"])[0, 1]) < 0.03


def test_columns_are_independent(drawn: pd.DataFrame) -> None:
    varying = drawn.loc[:, drawn.nunique() > 1]
    correlations = varying.corr(method="spearman").to_numpy() - np.eye(varying.shape[1])
    assert np.abs(correlations).max() < 5 / np.sqrt(N)


def test_same_seed_same_draws_and_another_seed_others(drawn: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(assumptions.draws(N, seed=1), drawn)
    assert (assumptions.draws(N, seed=2)["us_content"] != drawn["us_content"]).mean() > 0.99


def test_fixing_replacing_or_adding_one_leaves_the_others(drawn: pd.DataFrame, copied: Path) -> None:
    fixed = assumptions.draws(N, seed=1, fixed={"other_supply": 0.7}, estimates={"volume_fall_2019": (0.5, 0.7, 0.8)})
    assert (fixed["other_supply"] == 0.7).all()
    changed = ["other_supply", "volume_fall_2019"]
    pd.testing.assert_frame_equal(fixed.drop(columns=changed), drawn.drop(columns=changed))
    priors = copied / "priors.yml"
    text = priors.read_text("utf-8")
    first = text.index("  - name: oil_substitution\n")
    added = text[first : text.index("  - name: meal_substitution")].replace("oil_substitution", "new_one")
    priors.write_text(text[:first] + added + text[first:], "utf-8")
    pd.testing.assert_frame_equal(assumptions.draws(N, seed=1).drop(columns="new_one"), drawn)
    assert project_checks.unread_priors() == ["data/priors.yml: new_one: drawn and shown, and read by no model"]


def test_the_horizon_decides_the_supply_of_seed_only(drawn: pd.DataFrame) -> None:
    short = assumptions.draws(N, seed=1, horizon="crop_year")
    assert stats.kstest(short["seed_supply"], stats.uniform(0, 0.3).cdf).statistic < 1e-3
    pd.testing.assert_frame_equal(short.drop(columns="seed_supply"), drawn.drop(columns="seed_supply"))


def test_an_estimate_has_half_of_its_draws_on_either_side_within_its_ends() -> None:
    fall = assumptions.draws(N, seed=3, estimates={"volume_fall_2019": (0.66, 0.7, 0.8)})["volume_fall_2019"]
    assert fall.between(0.66, 0.8).all() and (fall < 0.7).mean() == 0.5
    assert fall.quantile(0.75) == pytest.approx(0.75, abs=1e-3)


def test_an_answer_to_rebates_becomes_one_to_prices_once() -> None:
    estimates = {"ev_semi_elasticity": (0.013, 0.06, 0.115)}
    drawn = assumptions.draws(N, seed=3, estimates=estimates)
    answer = drawn["ev_semi_elasticity"] * drawn["rebate_pass_through"]
    assert answer.between(0.013, 0.115).all() and answer.median() == pytest.approx(0.06, rel=1e-3)
    exact = assumptions.draws(N, seed=3, estimates=estimates, fixed={"ev_semi_elasticity": 0.05})
    assert (exact["ev_semi_elasticity"] == 0.05).all(), "a fixed value is one to prices already"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"n": 0}, "draws: n: found 0; allowed: 1 or more"),
        ({"horizon": "decade"}, "horizon: found decade; allowed: acreage or crop_year"),
        (
            {"fixed": {"sed_supply": 1.0}},
            "fixed.sed_supply: found unknown prior sed_supply; allowed: did you mean",
        ),
        ({"fixed": {"other_supply": -0.5}}, "fixed.other_supply: found -0.5; allowed: a number above 0: an elasticity"),
        ({"fixed": {"us_content": 40}}, "found 40; allowed: a share from 0 to 1"),
        ({"fixed": {"us_content": float("nan")}}, "found nan"),
        ({"estimates": {"nothing": (1, 2, 3)}}, "estimates.nothing: found unknown prior"),
        ({"estimates": {"volume_fall_2019": (0.8, 0.7, 0.6)}}, "found 0.8, 0.7, 0.6; allowed: low, value and high in"),
        ({"estimates": {"volume_fall_2019": (-0.8, -0.7, -0.6)}}, "each a share from 0 to 1"),
    ],
)
def test_draws_that_cannot_be(asked: dict, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        assumptions.draws(**{"n": 10, "seed": 1, **asked})


def test_the_check_looks_at_the_priors(copied: Path) -> None:
    (copied / "priors.yml").unlink()
    with pytest.raises(BadInput, match=r"data/priors\.yml"):
        project_checks.policy_files()
