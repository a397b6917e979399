"""What a notebook that estimates publishes is the fit of its own cell: another number there changes the book."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core import paths
from tradeexposure.reporting import charts, tables
from tradeexposure.runner import notebooks

#: Notebook → the cells run, in their order, and the statement that makes the fit after the cell `at` a constant.
RUNS: dict[int, dict[str, Any]] = {
    30: {"cells": "validate windows choices sample-choices load paths effects bounds curve", "at": "effects",
         "constant": "fit.coefficients[:] = -2.0"},
    40: {"cells": "validate design load backtest fit headline curve", "at": "fit",
         "constant": "fit._results.params[:] = 0.0"},
    60: {"cells": "validate readings load specifications fits declared curve", "at": "fits",
         "constant": "for fit in fits.values(): fit._results.params[:] = 0.5 if fit.params['rebate'] > 0 else -0.5"},
}  # fmt: skip


def run(number: int, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Names after some cells of a notebook, the fit made a constant; nothing is drawn."""
    for shown in (charts, tables):
        monkeypatch.setattr(shown, "show", lambda *_, **__: None)
    (path,) = paths.path("notebooks").glob(f"{number}_*.ipynb")
    source = {cell["id"]: notebooks.source(cell) for cell in notebooks.read(path).content["cells"]}
    chosen, names = RUNS[number], dict[str, Any]()
    for cell in ("parameters", "imports", *chosen["cells"].split()):
        exec(compile(source[cell], cell, "exec"), names)
        if cell == chosen["at"]:
            exec(chosen["constant"], names)
    return SimpleNamespace(**{name: value for name, value in names.items() if not name.startswith("__")})


def changed(session: SimpleNamespace) -> pd.DataFrame:
    """Rows of the book that differ from the published edition, with its value beside each as `before`."""
    rows = session.book.frame().set_index("result_id")
    published = pd.read_csv(paths.path("reports", "published", "deal_2026", "results.csv"), index_col="result_id")
    assert set(rows.index) <= set(published.index)
    ends = ["value", "low", "high"]
    before = published.loc[rows.index, ends]
    moved = ~np.isclose(rows[ends].astype(float), before.astype(float), rtol=1e-9, equal_nan=True).all(axis=1)
    return rows[moved].assign(before=before["value"])


@pytest.mark.long
def test_30_publishes_the_poisson_regression_of_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    session = run(30, monkeypatch)
    rows = changed(session)
    assert rows.loc["canola.trade_effect.2019", "low"] == pytest.approx(np.expm1(-2.0), abs=1e-3)
    assert not {"canola.trade_effect.2025", "canola.trade_effect.2019_episode"} & set(rows.index)
    first, estimates = session.grid.iloc[0], session.grid["estimate"]
    assert (first["season"], first["diversion"]) == ("by destination", "none")
    assert estimates.iloc[0] == pytest.approx(np.expm1(-2.0)) and (estimates == estimates.iloc[0]).sum() == 1


@pytest.mark.long
def test_40_publishes_the_least_squares_of_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    session = run(40, monkeypatch)
    rows = changed(session)
    last = session.price[session.windows["2019"].origin]
    still = (session.price["2019-03":"2020-02"] / last - 1).mean()  # the path of an equation of zeros does not move
    assert rows.loc["canola.price_effect.2019", "value"] == pytest.approx(still, abs=1e-3)
    assert abs(still - rows.loc["canola.price_effect.2019", "before"]) > 0.01
    assert "canola.backtest_coverage.95" not in rows.index
    assert (session.curve["estimate"] == session.main.effect.share).sum() == 1


@pytest.mark.long
def test_60_publishes_the_poisson_regression_of_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    session = run(60, monkeypatch)
    rows = changed(session)
    for name, log in {"": 0.5, ".without_ontario": -0.5}.items():
        value = rows.loc[f"ev.demand_semi_elasticity.bev{name}", "value"]
        assert value == pytest.approx(np.expm1(log), abs=5e-3), name
    assert "ev.demand_semi_elasticity.bev.log_share" not in rows.index
    estimates = session.curve["estimate"].to_numpy()
    assert [(abs(estimates - np.expm1(log)) < 1e-12).sum() for log in (0.5, -0.5)] == [1, 1]
