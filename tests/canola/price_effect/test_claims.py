"""What page 40 says of its specifications and series, held against numbers that do not bear it out."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from tradeexposure.canola.price_effect import claims, figures
from tradeexposure.canola.price_effect.counterfactual import Counterfactual
from tradeexposure.canola.price_effect.design import Design

SETS = {"complex": ("soybeans",), "complex_and_rapeseed_oil": ("soybeans", "rapeseed_oil")}
PRICES = ("canola", "soybeans", "soybean_oil", "soybean_meal", "palm_oil", "crude_oil", "rapeseed_oil")


@pytest.fixture
def design() -> Design:
    return Design(
        sets=SETS, headline=Counterfactual("ardl", "complex", 2, "constant", start="1990-01", prices=SETS["complex"]),
        samples={"complex": "1990-01", "complex_and_rapeseed_oil": "2002-02"}, models=("ardl", "components"),
        lags=(1, 2, 4), deterministic=("constant", "trend"), starts=("1990-01", "2002-02"), rank_starts=("1990-01",),
        crisis=("2007-01", "2009-12"), first_fit=96, last_clean="2024-08", episode=("2019-03", "2022-05"), disputes=(),
        longest=12, step=3, test_draws=1000,
    )  # fmt: skip


@pytest.fixture
def curve(design: Design) -> pd.DataFrame:
    """Falls that grow with lags, a trend, a late start and rapeseed oil."""
    rows = []
    for row in itertools.product(*design.choices.values()):
        _, variables, lags, terms, start = row
        larger = lags + (terms == "trend") + (start == "2002-02") + (variables == "complex_and_rapeseed_oil")
        rows.append({**dict(zip(design.choices, row, strict=True)), "estimate": -0.01 * larger})
    return pd.DataFrame(rows)


@pytest.fixture
def by_model() -> pd.DataFrame:
    models = ["ardl", "vecm_1", "vecm_2", "arma", "components"]
    return pd.DataFrame({"model": models, "factor": [1.2, 1.4, 1.4, 1.2, 1.0]})


def untrue(found: list[claims.Claim]) -> list[str]:
    return [claim.sentence.split(",")[0] for claim in found if not claim.holds]


def test_choices_that_make_the_fall_larger(design: Design, curve: pd.DataFrame, by_model: pd.DataFrame) -> None:
    ranked = pd.DataFrame({"p_value": [0.5, 0.4]})
    assert untrue(claims.of_choices(curve, by_model, ranked, design)) == []
    smaller = curve.assign(estimate=-curve["estimate"] - 1)
    assert untrue(claims.of_choices(smaller, by_model, ranked, design)) == ["more lags"]


def test_a_rare_gap_and_a_factor_are_named(design: Design, curve: pd.DataFrame, by_model: pd.DataFrame) -> None:
    rare, wide = pd.DataFrame({"p_value": [0.5, 0.03]}), by_model.assign(factor=[1.5, 1.4, 1.4, 1.2, 1.2])
    assert untrue(claims.of_choices(curve, wide, rare, design)) == [
        "unobserved components need no factor",
        "gaps as large are common",
    ]


def test_series_and_models_are_named(design: Design) -> None:
    doubted = [name in claims.DOUBTED for name in PRICES]
    roots = pd.DataFrame({
        "series": PRICES, "p_level": [0.01 if one else 0.4 for one in doubted], "p_change": 0.001, "p_break": 0.5,
    })  # fmt: skip
    first, second = [0.001, 0.3, 0.9, 0.04, 0.007, 0.2], [0.001, 0.008, 0.5, 0.06, 0.004, 0.3]
    adjusts = pd.DataFrame({"series": PRICES[:-1], "rank_1": first, "rank_2": second})
    level = pd.DataFrame({"specification": ["ardl", "arma", "components", "vecm_2"], "spread": [1, 1.02, 1.03, 1.1]})
    assert untrue(claims.of_prices(roots, adjusts, level, design)) == []
    apart = level.assign(spread=[1, 1.02, 1.09, 1.1])
    moved = adjusts.assign(rank_1=[0.001, 0.3, 0.02, 0.04, 0.007, 0.2])
    changed = roots.assign(p_level=0.4)
    assert untrue(claims.of_prices(changed, moved, apart, design)) == [
        "palm oil",
        "palm oil adjusts",
        "three models are nearly level",
    ]


@pytest.mark.parametrize(
    ("early", "p_value", "expected"),
    [(-0.06, 0.4, []), (0.06, 0.4, ["the sign of March to July 2025 hangs on the design"]),
     (-0.06, 0.05, ["no effect is told from chance by the second design"])],
)  # fmt: skip
def test_what_the_second_design_says(early: float, p_value: float, expected: list[str]) -> None:
    stem = "canola.price_effect.2025_mar"
    numbers = {stem: 0.05, f"{stem}.fit_2024_08": 0.07, f"{stem}.synthetic_did": 0.01, f"{stem}.level_80": -1.0,
               f"{stem}.fit_2024_08.synthetic_did": early, "canola.price_effect.2019.synthetic_did.p_value": p_value,
               f"{stem}.synthetic_did.p_value": 0.9, "canola.price_effect.2025_aug": -0.1}  # fmt: skip
    rows = pd.DataFrame({"result_id": list(numbers), "value": list(numbers.values())})
    assert untrue(claims.of_synthetic(rows)) == expected


@pytest.mark.parametrize(("count", "others"), [(1, "one other crop"), (4, "four other crops"), (6, "six other crops")])
def test_the_text_of_the_chart_of_crops_counts_them(count: int, others: str):
    alt = figures.crops_alt(pd.DataFrame({"estimate": [0.0] * count}))
    assert alt == f"Dots with 95% intervals of the effect for Prairie canola and {others}. All intervals include zero."
