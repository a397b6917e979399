"""Every number that a scenario changes, for one scenario or a thousand: the table that 70 shows for one of them.

Canola and vehicles are separate models that meet in the account of both sectors. So the numbers of each are worked out
once for each of its regimes, and what scenarios are measured against is solved once for all that share it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pandas as pd

from tradeexposure import data
from tradeexposure.core import arrays
from tradeexposure.core.arrays import content, figures
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.core.results_csv import COLUMNS
from tradeexposure.policy import scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting.claims import Claim, false_claims
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.account import both_sectors
from tradeexposure.scenarios.simulation import changes, gsim, limits, models, results, validation, variants, weighted
from tradeexposure.scenarios.simulation.models import Setting, Simulation
from tradeexposure.vehicles.market import account as vehicle_account

NOTEBOOK = "70_simulate_scenario"
DRAWS, SEED = 10_000, 20_260_116  # of the notebook, where a batch may give others
RECEIPTS = 2023  # year whose receipts and areas split growers' income over provinces
PART_MOST = 500  # regimes of one model whose numbers are kept: a grid has hundreds of pairs, of tens of each
#: Columns of the table: the scenario and what it is measured against (empty: the duties before the measures), then
#: those of ``results.csv``, and how many digits are shown.
TABLE = ("scenario", *COLUMNS, "digits", "against")
Rows = list[dict[str, Any]]
Ranges = Mapping[str, tuple[float, float, float]]
Made = TypeVar("Made")


@dataclass(frozen=True)
class Part:
    """What one model says of one regime: rows in the order of the notebook's sections, and its lines of the account."""

    rows: Rows
    abroad: Rows
    ranking: Rows
    variants: Rows
    account: Any


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
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)

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
        found = models.solve(setting)
        change = changes.changes(found)
        basis = self._basis(compared), compared.scenario.against
        duties = tuple(tuple(sorted(side.items())) for side in (found.duties.scenario, found.duties.against))
        regime = tuple(
            content(one) for side in (found.regimes.scenario, found.regimes.against) for one in figures(side)
        )
        suspended = compared.scenario.licence_suspension
        canola = self._once(("canola", basis, suspended, duties), lambda: self._canola(found, change))
        cars = self._once(("cars", basis, compared.scenario.above_quota, regime), lambda: self._cars(found, change))
        self._refuse(found, basis)
        account = both_sectors.together(canola.account, cars.account)
        welfare = _rounded(results.welfare(account, setting))
        return [*canola.rows, *cars.rows, *canola.abroad, *cars.abroad, *welfare, *canola.ranking, *cars.ranking,
                *canola.variants]  # fmt: skip

    def setting(self, compared: Comparison) -> Setting:
        """What is simulated: base years, draws and weighted rows, which few scenarios have of their own."""
        shared: Setting = self._once(
            self._basis(compared),
            lambda: models.prepare(
                compared.scenario, draws=self.draws, seed=self.seed, replaced=self.estimates, rows=self.history
            ),
        )
        return replace(shared, compared=compared, titled=False)

    def validation(self, earlier: pd.DataFrame) -> Rows:
        """The models beside what was estimated and published, which no scenario changes.

        Parameters
        ----------
        earlier : DataFrame
            ``book.earlier(*validation.ESTIMATES.values())``.
        """
        setting = self.setting(scenarios.compared(validation.DEAL))
        past = validation.episodes(setting, earlier, seed=self.seed, replaced=self.estimates)
        study = validation.quota_study(setting, seed=self.seed, replaced=self.estimates)
        frames = [results.episode_rows(past), results.quota_rows(study), results.example_rows(gsim.worked_example())]
        return [row for frame in frames for row in _rounded(frame)]

    def _basis(self, compared: Comparison) -> Hashable:
        """What draws and weighted rows depend on."""
        chosen = compared.scenario
        return chosen.horizon, tuple(sorted(chosen.assumptions.items()))

    def _once(self, key: Hashable, work: Callable[[], Made]) -> Made:
        if key not in self._kept:
            if len(self._kept) >= PART_MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = work()
        made: Made = self._kept[key]
        return made

    def _canola(self, found: Simulation, change: changes.Changes) -> Part:
        setting = found.setting
        shares: pd.DataFrame = self._once("provinces", provinces)
        split = variants.by_province(change.canola.income, shares)
        outputs = {name: values for name, values in variants.outputs(change).items() if name == variants.GROWERS}
        incomes = {
            variants.other_base(): variants.other_base_income(found),
            "expected_duty": variants.expected_duty_income(found),
        }
        return Part(
            _rounded(results.canola(change.canola, split, models.incomes(found), setting)),
            _rounded(results.oil_to_united_states(change.canola, setting)),
            _rounded(results.ranking(variants.ranked(setting, outputs), setting)),
            _rounded(results.variants(incomes, setting)),
            found.market.account,
        )

    def _cars(self, found: Simulation, change: changes.Changes) -> Part:
        setting = found.setting
        outputs = {name: values for name, values in variants.outputs(change).items() if name != variants.GROWERS}
        return Part(
            _rounded(results.vehicles(change, variants.treatments(found), setting)),
            _rounded(results.vehicles_to_united_states(change, setting)),
            _rounded(results.ranking(variants.ranked(setting, outputs), setting)),
            [],
            vehicle_account.between(found.vehicles.scenario, found.vehicles.against, setting.draws),
        )

    def _refuse(self, found: Simulation, basis: Hashable) -> None:
        """RunFailed where a limit of the models is broken; those of the draws alone are tried once."""
        drawn = self._once(("limits", basis), lambda: limits.limits_of_draws(found.setting))
        broken = false_claims([*limits.limits_of_solution(found), *drawn])
        if broken:
            raise RunFailed("; ".join(map(str, broken)))


def simulate(
    names: Iterable[str],
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    estimates: Ranges,
    rows: pd.DataFrame,
    earlier: pd.DataFrame | None = None,
    failed: dict[str, str] | None = None,
) -> pd.DataFrame:
    """Simulate scenarios.

    Parameters
    ----------
    names : iterable of str
        Scenarios in ``data/scenarios``, or points of the grid that is run.
    draws, seed, estimates, rows
        As of :class:`Simulator`.
    earlier : DataFrame, optional
        Estimates of notebooks 30 and 40; with them the rows of the validation are repeated under each scenario.
    failed : dict, optional
        Receives scenario → why it could not be simulated, and the others go on; without it the first one raises.

    Returns
    -------
    DataFrame
        Key `scenario` × `result_id`; the columns of :data:`TABLE`, numbers rounded as they are published.

    Raises
    ------
    BadInput, RunFailed
        As of :meth:`Simulator.rows`.
    """
    simulator, table = Simulator(draws, seed, estimates, rows), Rows()
    with arrays.shared():
        past = [] if earlier is None else simulator.validation(earlier)
        for name in names:
            try:
                own = simulator.rows(name)
            except (BadInput, RunFailed) as error:
                if failed is None:
                    raise
                failed[name] = str(error)
                continue
            against = scenarios.load(name).against
            table += [{**row, "scenario": name, "against": against} for row in own]
            table += [{**row, "scenario": name, "against": ""} for row in past]
    return pd.DataFrame(table, columns=list(TABLE))


def stated(table: pd.DataFrame, names: Iterable[str], failed: Mapping[str, str]) -> list[Claim]:
    """What is claimed of the table of `names`: no number twice, and none of them without numbers or a reason."""
    twice = table.loc[table.duplicated(["scenario", "result_id"]), "result_id"]
    without = sorted({*names} - {*table["scenario"], *failed})
    return [
        Claim("a number stands once under a scenario", twice.empty, ", ".join(twice.unique()), "Checks"),
        Claim("every scenario has numbers or a reason", not without, ", ".join(without), "Checks"),
    ]


def of_committed(names: Iterable[str], *, draws: int, seed: int) -> pd.DataFrame:
    """As :func:`simulate`, on what earlier notebooks published and handed over."""
    book = Book(NOTEBOOK)
    ranges = models.estimates(book.earlier(models.VOLUME, models.DEMAND))
    return simulate(names, draws=draws, seed=seed, estimates=ranges, rows=book.earlier_table(weighted.TABLE))


def provinces() -> pd.DataFrame:
    """Each place's share of receipts, farms and area, by which growers' income is split."""
    tables = (data.load(name) for name in ("farm_cash_receipts_annual", "census_crop_farms", "field_crops_annual"))
    return variants.weights(*tables, year=RECEIPTS)


def _rounded(frame: pd.DataFrame) -> Rows:
    """Rows as a notebook publishes them."""
    book = Book(NOTEBOOK)
    book.add_frame(frame)
    return [{str(key): cell for key, cell in row.items()} for row in book.frame().to_dict("records")]
