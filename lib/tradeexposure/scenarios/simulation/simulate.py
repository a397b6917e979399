"""Every number that a scenario changes, for one scenario or a thousand: the table that 70 shows for one of them.

Canola and vehicles are separate models that meet in the account of both sectors. So the numbers of each are worked out
once for each of its regimes, and what scenarios are measured against is solved once for all that share it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pandas as pd

from tradeexposure import data
from tradeexposure.core import arrays, loaded_files
from tradeexposure.core.arrays import content, numeric_content
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.core.results_csv import COLUMNS
from tradeexposure.data import tables
from tradeexposure.data.result_words import FILLS
from tradeexposure.policy import scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting.claims import Claim, false_claims
from tradeexposure.reporting.numbers import Number
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.simulation import (
    changes,
    messages,
    model_checks,
    models,
    results,
    validation,
    variants,
)
from tradeexposure.scenarios.simulation.models import Pair, Setting, Simulation

NOTEBOOK = "70_simulate_scenario"
DRAWS, SEED = 10_000, 20_260_116  # of the notebook, where a batch may give others
RECEIPTS = 2023  # year whose receipts and areas split growers' income over provinces
#: Kept at once, each of a hundred and of half a megabyte: a grid has hundreds of pairs of tens of duties each.
SETTINGS, PARTS = 4, 600
#: Columns of the table: the scenario and what it is measured against (empty: the duties before the measures), then
#: those of ``results.csv``, label and method still empty, how many digits are shown, and what fills words in (JSON).
TABLE = ("scenario", *COLUMNS, "digits", "against", FILLS)
Rows = list[dict[str, Any]]
Ranges = Mapping[str, tuple[float, float, float]]
Value = TypeVar("Value")


@dataclass(frozen=True)
class ModelRows:
    """What one model says of one pair of regimes: rows by section of the notebook, and its lines of the account.

    `accounts` are by how identifiers end; cars have no second counterfactual of their own.
    """

    rows: Rows
    abroad: Rows
    ranking: Rows
    accounts: Mapping[str, Any]
    variants: Rows = field(default_factory=list)


@dataclass
class Simulator:
    """Simulates scenarios one after the other; what several of them share is worked out once.

    Parameters
    ----------
    draws, seed : int
        Joint draws of the priors, and the start of their random numbers.
    estimates : mapping
        Ranges in the place of priors, as of :func:`tradeexposure.scenarios.simulation.models.estimates`.
    history : DataFrame
        Rows of canola parameters weighed by history, as notebook 65 hands them over.
    """

    draws: int
    seed: int
    estimates: Ranges
    history: pd.DataFrame
    _settings: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict, repr=False)
    _parts: OrderedDict[Hashable, ModelRows] = field(default_factory=OrderedDict, repr=False)

    def rows(self, chosen: Scenario | str) -> Rows:
        """All numbers of one scenario but those that no scenario changes; their period does not name the baseline.

        Raises
        ------
        BadInput
            An unknown scenario, or one that cannot be used.
        RunFailed
            A draw without a solution, or a solution that breaks a limit of the models.
        """
        compared = scenarios.compared(chosen)
        setting = self.setting(compared)
        duties = models.canola_duties(setting)
        law = models.vehicle_regimes(setting, above_quota=setting.scenario.above_quota)
        charged = tuple(tuple(sorted(side.items())) for side in (duties.scenario, duties.against))
        regime = tuple(content(array) for side in (law.scenario, law.against) for array in numeric_content(side))
        basis, suspended = _basis(compared), setting.scenario.licence_suspension
        canola = _once(self._parts, PARTS, ("canola", basis, suspended, charged, setting.scenario.also_against),
                       lambda: self._canola(setting))  # fmt: skip
        cars = _once(self._parts, PARTS, ("cars", basis, regime), lambda: self._cars(setting, law))
        first = messages.FIRST_YEAR
        accounts = {
            ending: changes.together(account, cars.accounts[first if ending.endswith(first) else ""])
            for ending, account in canola.accounts.items()
        }
        welfare = _rounded(results.welfare(accounts, setting))
        return [*canola.rows, *cars.rows, *canola.abroad, *cars.abroad, *welfare, *canola.ranking, *cars.ranking,
                *canola.variants]  # fmt: skip

    def setting(self, compared: Comparison) -> Setting:
        """What is simulated: base years, draws and weighted rows, which few scenarios have of their own.

        Raises
        ------
        RunFailed
            Draws under which the models break a limit whatever the duties.
        """

        def prepared() -> Setting:
            setting = models.prepare(
                compared.scenario, draws=self.draws, seed=self.seed, replaced=self.estimates, rows=self.history
            )
            _refuse(model_checks.checks_of_draws(setting))
            return setting

        shared = _once(self._settings, SETTINGS, _basis(compared), prepared)
        return replace(shared, compared=compared, titled=False)

    def validation(self, estimated: Number) -> Rows:
        """The models beside what was published and `estimated`, which no scenario changes."""
        setting = self.setting(scenarios.compared(validation.DEAL))
        study = validation.quota_study(setting, seed=self.seed, replaced=self.estimates)
        tariff = validation.us_tariff(setting, estimated, seed=self.seed, replaced=self.estimates)
        example = validation.worked_example()
        if not validation.example_reproduced(example):
            raise RunFailed("the worked example of the Global Simulation Model is not reproduced")
        parts = results.quota_rows(study), results.example_rows(example), results.tariff_rows(tariff, estimated)
        return [row for part in parts for row in _rounded(part)]

    def _canola(self, setting: Setting) -> ModelRows:
        solved = models.with_canola(models.Simulation(setting))
        change = {ending: changes.canola_change(market) for ending, market in solved.markets.items()}
        _refuse(model_checks.checks_of_canola(solved))
        shares = provinces()
        split = variants.by_province(solved.market.income, shares)
        gains, turning = variants.would_have_come(solved), variants.turning(solved)
        own = results.canola(change[""], split, models.incomes(solved), setting)
        beside = results.beside(change, gains, turning, shares, setting)
        accounts = {ending: market.account for ending, market in solved.markets.items()}
        return _model_rows(
            solved, (own, beside), accounts, _rounded(results.other_choices(variants.other_choices(solved), setting))
        )

    def _cars(self, setting: Setting, law: Pair) -> ModelRows:
        solved = models.solve_vehicles(setting, law)
        _refuse(model_checks.checks_of_vehicles(solved))
        own = results.vehicles(solved, variants.treatments(solved))
        years = {"": solved.vehicles, messages.FIRST_YEAR: solved.first_year}
        accounts = {ending: changes.car_account(pair) for ending, pair in years.items()}
        return _model_rows(solved, (own, results.entering(variants.entering(solved), setting)), accounts)


def _model_rows(
    solved: Simulation, own: Iterable[pd.DataFrame], accounts: Mapping[str, Any], choices: Rows | None = None
) -> ModelRows:
    """The rows of one model with those of what is sold to the United States and of what moves its outputs."""
    rows = [row for part in own for row in _rounded(part)]
    ranked = variants.ranked(solved.setting, variants.outputs(solved))
    abroad, ranking = results.united_states(solved), results.ranking(ranked, solved.setting)
    return ModelRows(rows, _rounded(abroad), _rounded(ranking), accounts, choices or [])


def _basis(compared: Comparison) -> Hashable:
    """What draws and weighted rows depend on."""
    chosen = compared.scenario
    return chosen.horizon, tuple(sorted(chosen.assumptions.items()))


def _once(kept: OrderedDict[Hashable, Value], most: int, key: Hashable, compute: Callable[[], Value]) -> Value:
    """What is kept under `key`, computed where it is not; what was not asked for longest goes first."""
    if key not in kept:
        kept[key] = compute()
        if len(kept) > most:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def _refuse(stated: Iterable[Claim]) -> None:
    """RunFailed where a limit of the models is broken."""
    broken = false_claims(stated)
    if broken:
        raise RunFailed("; ".join(map(str, broken)))


def simulate(
    names: Iterable[str],
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    estimates: Ranges,
    rows: pd.DataFrame,
    estimated: Number | None = None,
    failed: dict[str, str] | None = None,
) -> pd.DataFrame:
    """Simulate scenarios.

    Parameters
    ----------
    names : iterable of str
        Scenarios in ``data/scenarios``, or points of the grid that is run.
    draws, seed, estimates, rows
        As of :class:`Simulator`.
    estimated : Number, optional
        Of :func:`validation.estimated_tariff`: the rows of the validation are repeated under each scenario.
    failed : dict, optional
        Receives scenario → why it could not be simulated, and the others go on; without it the first one raises.

    Returns
    -------
    DataFrame
        Key `scenario` × `result_id`; the columns of :data:`TABLE`, numbers rounded as they are published; words join
        it by :func:`tradeexposure.data.result_words.joined_table`.

    Raises
    ------
    BadInput, RunFailed
        As of :meth:`Simulator.rows`.
    """
    simulator, table = Simulator(draws, seed, estimates, rows), Rows()
    with arrays.shared():
        repeated = simulator.validation(estimated) if estimated else []
        for name in names:
            try:
                own = simulator.rows(name)
            except (ValueError, RuntimeError, ArithmeticError) as error:
                if failed is None:
                    raise
                known = isinstance(error, BadInput | RunFailed)
                failed[name] = str(error) if known else f"{type(error).__name__}: {error}"
                continue
            chosen = scenarios.load(name)
            table += [{**row, "scenario": name, "against": messages.baseline(chosen, row["result_id"])}
                      for row in own]  # fmt: skip
            table += [{**row, "scenario": name, "against": ""} for row in repeated]
    return pd.DataFrame(table, columns=list(TABLE))


def of_committed(names: Iterable[str], *, draws: int, seed: int) -> pd.DataFrame:
    """As :func:`simulate`, on what earlier notebooks published and handed over."""
    book = Book(NOTEBOOK)
    ranges = models.estimates(book.earlier_results(models.VOLUME, models.DEMAND))
    return simulate(names, draws=draws, seed=seed, estimates=ranges, rows=book.earlier_table(models.TABLE))


@loaded_files.cached_by_files(tables.digest)
def provinces() -> pd.DataFrame:
    """Each place's share of receipts, farms and area, by which growers' income is split."""
    tables = (data.load(name) for name in ("farm_cash_receipts_annual", "census_crop_farms", "field_crops_annual"))
    return variants.weights(*tables, year=RECEIPTS)


def _rounded(frame: pd.DataFrame) -> Rows:
    """Rows as a notebook publishes them."""
    book = Book(NOTEBOOK)
    book.add_frame(frame)
    return [{**row, FILLS: json.dumps(row[FILLS], ensure_ascii=False)} for row in book.published()]
