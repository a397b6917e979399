"""What the scenario notebook (70) works out of a scenario, up to its validation, for any number of them: one table."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tradeexposure import data
from tradeexposure.reporting import Book
from tradeexposure.scenarios.simulation import changes, models, results, variants
from tradeexposure.scenarios.simulation.models import Simulation

NOTEBOOK = "70_simulate_scenario"
SHARES_OF = 2023  # of receipts and areas, as the notebook says


def simulate(
    names: Iterable[str], *, draws: int, seed: int, estimates: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """The numbers of scenarios, as the notebook publishes them.

    Parameters
    ----------
    names : iterable of str
        Scenarios; a point of a grid is known in the run of that grid.
    draws, seed : int
        As the notebook's parameters.
    estimates : DataFrame
        Numbers of earlier notebooks, :data:`models.VOLUME` and :data:`models.DEMAND` among them; index `result_id`.
    rows : DataFrame
        Weighted parameter rows (:data:`weighted.TABLE`).

    Returns
    -------
    DataFrame
        Key `scenario` × `result_id`; the other columns of ``results.csv``, `digits` and `tolerance`.
    """
    replaced = models.estimates(estimates)
    frames = {}
    for name in names:
        setting = models.prepare(name, draws=draws, seed=seed, replaced=replaced, rows=rows)
        frames[name] = numbers(models.solve(setting))
    return pd.concat(frames, names=["scenario"]).reset_index("scenario").reset_index(drop=True)


def numbers(found: Simulation) -> pd.DataFrame:
    """What is published of one solved scenario."""
    setting, change, book = found.setting, changes.changes(found), Book(NOTEBOOK)
    split = variants.by_province(change.canola.income, shares())
    others = {
        variants.other_base(): variants.other_base_income(found),
        "expected_duty": variants.expected_duty_income(found),
    }
    for frame in (
        results.canola(change.canola, split, models.incomes(found), setting),
        results.vehicles(change, variants.treatments(found), setting),
        results.united_states(change, setting),
        results.welfare(models.account(found), setting),
        results.ranking(variants.ranked(setting, change), setting),
        results.variants(others, setting),
    ):
        book.add_frame(frame)
    return book.frame()


def shares() -> pd.DataFrame:
    """Receipts, farms and areas of the provinces."""
    tables = (data.load(name) for name in ("farm_cash_receipts_annual", "census_crop_farms", "field_crops_annual"))
    return variants.weights(*tables, year=SHARES_OF)
