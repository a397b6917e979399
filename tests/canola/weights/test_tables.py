"""Tables of the weights: what an independent reader needs to solve the markets and weigh them again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure.canola.market import bases
from tradeexposure.canola.weights import history, simulated_history, tables, weights

LAWS = simulated_history.DutyRegimes.on(taxed="2025-12-31", arranged="2026-10-01")


def test_every_regime_shows_its_duties() -> None:
    table = tables.duties(LAWS).set_index(["regime", "market"])
    assert list(table.loc[("The deal", "China")]) == [0.149, 1.09, 0.05]
    assert list(table.loc[("Final duty on seed, settled on anyway", "China")]) == [0.149, 1.09, 1.05]
    assert list(table.loc[("Duties of 2025 kept", "China")]) == [0.848, 1.09, 1.05]
    both = table.xs("the United States", level="market").loc[["The deal", "Duties of 2025 kept"]]
    assert both.nunique().max() == 1  # only China's duties differ


def test_a_base_shows_all_that_adds_up() -> None:
    rivals = np.array([260.0, 900.0])
    base = bases.before_2019(rivals, LAWS.before)
    cells = tables.base_cells({"Then": base})
    value = cells.set_index("quantity")["value"]
    seed = cells[(cells["quantity"] == "volume") & (cells["product"] == "seed") & (cells["origin"] == "canada")]
    assert value["harvest"] == pytest.approx(seed["value"].sum() + value["crush"] + value["stock_change"])
    assert value["least_capacity"] < value["most_capacity"] and (value["border_price"] > 0).all()
    assert "duty" not in set(cells["quantity"]) and (cells["base"] == "Then").all()
    assert value["exports"] == pytest.approx(seed["value"].sum())
    china = cells[(cells["cell"] == "other exporters, China, seed")]
    assert china["value"].tolist() == [rivals.mean()]


def test_rivals_seed_follows_from_the_imports_shown_and_their_oil_from_the_ratio_of_china() -> None:
    cells = tables.base_cells({"Then": bases.before_2019(np.array([260.0]), LAWS.before)})
    kt = cells[cells["quantity"].isin(["volume", "imports"])].set_index(["origin", "market", "product"])["value"]
    for market in ("united_states", "japan", "mexico", "european_union", "others"):
        total, own = kt["all", market, "seed"], kt.get(("canada", market, "seed"), 0.0)
        assert kt["others", market, "seed"] == pytest.approx(max(total - own, 0.02 * total))
    assert kt["others", "japan", "seed"] > kt["all", "japan", "seed"] - kt["canada", "japan", "seed"]  # the floor
    ratios = [kt["others", "china", good] / kt["canada", "china", good] for good in ("oil", "meal")]
    assert ratios == pytest.approx([0.195, 0.195], abs=5e-4)


def test_the_table_and_the_formulas_below_it_give_the_weights() -> None:
    """Likelihoods once more, from what the page shows alone: centre, spread, slope, correlation, and their forms."""
    rng = np.random.default_rng(5)
    columns = {"price_2019": -0.08, "china_2025": 8.1, "rivals_rise_2025": 6.5, "kept_2025": 0.4, "expected": 0.3,
               "others_2019_kt": 2000.0, "crush_2019_kt": 500.0, "shortfall_2019_kt": 3000.0}  # fmt: skip
    simulated = pd.DataFrame({name: middle * (1 + 0.2 * rng.uniform(-1, 1, 50)) for name, middle in columns.items()})
    shortfall = rng.normal(3000, 300, 400)
    paths = simulated_history.Paths2019(
        shortfall, 0.5 * shortfall + rng.normal(0, 900, 400), rng.normal(1000, 700, 400), 1200.0
    )
    both = history.others_and_crush("taken_2019", "both", paths, factor=2.0, source="")
    data: list[history.Datum] = [
        history.about("farm_price_2019", "", "price_2019", -0.047, 0.064, official=True, source=""),
        both,
        history.bound("most", "china_forecast", "", "china_2025", 3100.0, 0.35),
        history.bound("least", "rivals_rise", "", "rivals_rise_2025", 540.0, 0.5),
        history.ZeroShipmentDatum("empty_autumn", "", 0.5, 13.0, 10.0, (0.059, 0.758)),
    ]
    table = tables.forms(data)
    assert table["quantity"].tail(5).str.split(",").str[0].tolist() == [
        "Vessels", "Shape", "Waiting", "Deposit", "Final duty"
    ]  # fmt: skip
    vessels, shape, waiting, deposit, final = table["centre"].tail(5)
    table = table[table["form"] != "value of the count"]
    assert table["form"].tolist() == ["normal", "normal", "normal", "at most", "at least", "count"]
    names = [column for datum in data for column in datum.columns]
    shift = np.outer(simulated["shortfall_2019_kt"], table["slope"].fillna(0.0))
    z = (simulated[names].to_numpy() - shift - table["centre"].to_numpy()) / table["spread"].to_numpy()
    r = tables.correlation(both)
    waits = waiting * (deposit - simulated["expected"]) / (deposit - final)
    none = waits + (1 - waits) * (1 + vessels * simulated["kept_2025"] / shape) ** -shape
    joint = (z[:, 1] ** 2 + z[:, 2] ** 2 - 2 * r * z[:, 1] * z[:, 2]) / (1 - r**2)
    log = -(z[:, 0] ** 2) / 2 - joint / 2 + stats.norm.logcdf(-z[:, 3]) + stats.norm.logcdf(z[:, 4]) + np.log(none)
    likelihoods = weights.log_likelihoods(data, simulated)
    weight = np.exp(log) / np.exp(log).sum()
    assert weights.combine(likelihoods, list(likelihoods)) == pytest.approx(weight)
