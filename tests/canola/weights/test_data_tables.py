"""Tables of the weights: what an independent reader needs to solve the markets and weigh them again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.market import bases
from tradeexposure.canola.weights import bank, data_tables, history

LAWS = bank.Laws.on(taxed="2025-12-31", arranged="2026-10-01")


def test_every_regime_shows_its_duties() -> None:
    table = data_tables.duties(LAWS).set_index(["regime", "market"])
    assert list(table.loc[("The deal", "China")]) == [0.149, 1.09, 0.05]
    assert list(table.loc[("Final duty on seed without a deal", "China")]) == [0.149, 1.09, 1.05]
    assert list(table.loc[("Duties of 2025 for good", "China")]) == [0.848, 1.09, 1.05]
    both = table.xs("the United States", level="market").loc[["The deal", "Duties of 2025 for good"]]
    assert both.nunique().max() == 1  # only China's duties differ


def test_a_base_shows_all_that_adds_up() -> None:
    rivals = np.array([260.0, 900.0])
    base = bases.before_2019(rivals, LAWS.before)
    cells = data_tables.base_cells({"Then": base})
    value = cells.set_index("quantity")["value"]
    seed = cells[(cells["quantity"] == "volume") & (cells["product"] == "seed") & (cells["origin"] == "canada")]
    assert value["harvest"] == pytest.approx(seed["value"].sum() + value["crush"] + value["stock_change"])
    assert value["least_capacity"] < value["most_capacity"] and (value["border_price"] > 0).all()
    assert "duty" not in set(cells["quantity"]) and (cells["base"] == "Then").all()
    china = cells[(cells["cell"] == "other exporters, China, seed")]
    assert china["value"].tolist() == [rivals.mean()]


def test_a_likelihood_shows_its_form_centre_and_spread() -> None:
    rng = np.random.default_rng(3)
    shortfall = rng.normal(3000, 100, 500)
    noise = rng.multivariate_normal([0, 0], [[400.0**2, 0.5 * 400 * 300], [0.5 * 400 * 300, 300.0**2]], 500)
    paths = bank.Paths2019(shortfall, 0.5 * shortfall + noise[:, 0], 100 + noise[:, 1], 1000.0)
    both = history.others_and_crush("taken_2019", "both", paths, source="")
    data = [history.bound("least", "x", "a bound", "spring_2026", 625.0, 0.5), both]
    table = data_tables.forms(data)
    assert table["form"].tolist() == ["at least", "normal", "normal"]
    assert table["centre"][0] == pytest.approx(np.log(625.0)) and table["spread"][0] == 0.5
    assert table["slope"].isna().tolist() == [True, False, False]
    assert table["spread"][1] == pytest.approx(2**0.5 * 400, rel=0.1)
    assert data_tables.correlation(both) == pytest.approx(0.5 / 2**0.5, abs=0.08)


def test_cells_are_written_out() -> None:
    cells = pd.DataFrame(
        {"quantity": ["border_price"], "unit": ["CAD/t"], "origin": ["canada"], "market": ["all"], "product": ["oil"]}
    )
    assert data_tables.cells_in_words(cells)[["figure", "cell"]].iloc[0].tolist() == [
        "Border price, C$ a tonne",
        "Canada, all markets, oil",
    ]
