"""What the scenario notebook (70) works out of a scenario, up to its validation, for any number of them: one table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from tradeexposure import data
from tradeexposure.canola.market import solutions
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting import Book
from tradeexposure.scenarios.simulation import changes, models, results, variants
from tradeexposure.scenarios.simulation.models import Simulation

NOTEBOOK = "70_simulate_scenario"
SHARES_OF = 2023  # of receipts and areas, as the notebook says
MOST_BYTES = 500_000_000  # of solutions that wait to be asked for again: a canola regime takes some 60 MB, cars 3


def simulate(
    names: Iterable[Scenario | str], *, draws: int, seed: int, estimates: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """The numbers of scenarios, as the notebook publishes them; what several of them share is solved once.

    Parameters
    ----------
    names : iterable of Scenario or str
        Scenarios or their names.
    draws, seed : int
        As the notebook's parameters.
    estimates : DataFrame
        Numbers of earlier notebooks, :data:`models.VOLUME` and :data:`models.DEMAND` among them; index `result_id`.
    rows : DataFrame
        Weighted parameter rows (:data:`weighted.TABLE`).

    Returns
    -------
    DataFrame
        Key `scenario` × `result_id`, scenarios in the order of `names`; the other columns of ``results.csv``, `digits`
        and `tolerance`.

    Raises
    ------
    BadInput
        No scenario, an unknown one or one that cannot be used, or too few draws.
    """
    replaced, shares = models.estimates(estimates), province_shares()
    chosen = {one.scenario.name: one for one in map(scenarios.compared, names)}
    if not chosen:
        raise BadInput("simulate", "names", found="no scenario", allowed=", ".join(scenarios.names()))
    frames = {}
    with solutions.remembering(MOST_BYTES):
        for compared in sorted(chosen.values(), key=_canola):
            setting = models.prepare(compared.scenario, draws=draws, seed=seed, replaced=replaced, rows=rows)
            frames[compared.scenario.name] = numbers(models.solve(setting), shares)
    ordered = pd.concat({name: frames[name] for name in chosen}, names=["scenario"])
    return ordered.reset_index("scenario").reset_index(drop=True)


def _canola(compared: Comparison) -> tuple[Any, ...]:
    """What canola is solved under, its draws aside: scenarios with the same stand beside each other, since few
    solutions are remembered.
    """
    one = compared.scenario
    duties = tuple(regimes.canola_against(compared).values()), tuple(regimes.canola(one).values())
    return one.horizon, tuple(sorted(one.assumptions.items())), duties, one.licence_suspension


def numbers(found: Simulation, shares: pd.DataFrame) -> pd.DataFrame:
    """What is published of one solved scenario; `shares` of :func:`province_shares`."""
    setting, change, book = found.setting, changes.changes(found), Book(NOTEBOOK)
    split = variants.by_province(change.canola.income, shares)
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


def province_shares() -> pd.DataFrame:
    """Receipts, farms and areas of the provinces (:func:`variants.weights`)."""
    tables = (data.load(name) for name in ("farm_cash_receipts_annual", "census_crop_farms", "field_crops_annual"))
    return variants.weights(*tables, year=SHARES_OF)
