"""The brief of one scenario: which earlier numbers it stands on, and what it publishes of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from tradeexposure.policy import scenarios
from tradeexposure.policy.scenario_schema import BEFORE, Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.brief import since, worth
from tradeexposure.scenarios.simulation import counterfactuals
from tradeexposure.scenarios.simulation.messages import (
    CANADA,
    CARS,
    CARS_CHANGE,
    INCOME,
    PRICE,
    VEHICLES,
    alone,
    second,
)

SIMULATED = "scenario."
WELFARE = "scenario.welfare"
#: What each scenario is compared by: growers, the account of both sectors, cars, and exports to the United States.
HEADLINES = {"growers": INCOME, "canada": CANADA, "cars": CARS_CHANGE, "vehicles": VEHICLES}
#: What a scenario says of its own besides.
OWN = {"farm": f"{INCOME}.per_farm", "price": PRICE}
#: What is told of the deal against its second counterfactual; its other headline numbers are the same.
BESIDE = {"growers": worth.SETTLED, "canada": worth.CANADA_SETTLED}
#: Part → identifier and words.
PUBLISHED = {
    "growers": "brief.grower_income_change_cad", "farm": "brief.grower_income_change_per_farm",
    "price": "brief.farm_price_change", "canada": "brief.canada_cad",
    "cars": "brief.china_built_registrations_change", "vehicles": "brief.vehicle_export_change_cad",
}  # fmt: skip


@dataclass(frozen=True)
class Brief:
    """One scenario beside all others."""

    scenario: Scenario  #: The scenario's definition.
    numbers: Numbers  #: Its own numbers from the simulation, and the estimates behind it.
    #: Scenario → its headline numbers (keys of :data:`HEADLINES`; one without a part has no number for it).
    across: Mapping[str, Mapping[str, Number]]
    scenarios: Mapping[str, Scenario]  #: The definitions of all of `across`, by name.
    #: Headline numbers of the scenarios that have a second counterfactual, against that one.
    beside: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The scenario's title, without a full stop."""
        return self.scenario.named

    @property
    def own(self) -> bool:
        """Whether the scenario is the user's own, none that comes with the project."""
        return counterfactuals.is_own(self.scenario)

    @property
    def against(self) -> str:
        """What the scenario is measured against, as it stands in a sentence."""
        return self.compared.against_title

    @property
    def compared(self) -> Comparison:
        """The scenario and what it is measured against."""
        return self.comparison_of(self.scenario)

    def comparison_of(self, chosen: Scenario) -> Comparison:
        """One of :attr:`scenarios` and what it is measured against."""
        return Comparison(chosen, self.scenarios.get(chosen.against), self.scenarios.get(chosen.also_against or ""))

    @property
    def both(self) -> bool:
        """Whether it is the deal with its two counterfactuals, so that each of its gains names the one it is over."""
        return bool(second(self.worded))

    @property
    def worded(self) -> Numbers:
        """Its numbers as sentences take them: of a scenario of the user's own without the second counterfactual."""
        return alone(self.numbers) if self.own else self.numbers

    def named(self) -> Brief:
        """The same, its numbers as placeholders for ``Book.say``."""
        return replace(self, numbers=self.numbers.named())

    @property
    def growers(self) -> Number:
        """Change of canola growers' income, C$ a year; every scenario has it."""
        return self.numbers[INCOME]

    @property
    def has_cars(self) -> bool:
        """Whether the scenario has a part on cars: suspended export licences for canola have none."""
        return has_cars(self.scenario) and CARS in self.numbers

    def find(self, key: str) -> Number | None:
        """A number of this scenario; None where it has no such part."""
        return self.numbers.get(key)

    def moving(self, key: str) -> Number | None:
        """The same, None also where nothing moves."""
        number = self.numbers.get(key)
        return None if number is None or number.direction == "none" else number


def has_cars(chosen: Scenario) -> bool:
    """Whether a scenario is about cars at all; its models may run on them and find that nothing moves."""
    return not chosen.licence_suspension


def headlines(numbers: Mapping[str, Number], chosen: Scenario) -> dict[str, Number]:
    """The headline numbers that a scenario has, by the keys of :data:`HEADLINES`."""
    left_out = () if has_cars(chosen) else ("cars", "vehicles")
    return {part: numbers[key] for part, key in HEADLINES.items() if key in numbers and part not in left_out}


def read(book: Book, name: str, *, estimates: Sequence[str] = ()) -> Brief:
    """Everything the brief of scenario `name` builds on.

    Parameters
    ----------
    book : Book
        Of the notebook that asks; earlier numbers come through it.
    estimates : sequence of str
        Identifiers of the estimate notebooks that the brief quotes.

    Raises
    ------
    BadInput
        An unknown scenario, or no simulation of it; an estimate that no earlier notebook published.
    """
    chosen = scenarios.load(name)
    named = filter(None, (chosen.against, chosen.also_against))
    known = {key: scenarios.load(key) for key in (*scenarios.shipped(), *named) if key != BEFORE} | {name: chosen}
    simulated = scenarios.with_baselines(book.earlier_results(scenario=name, stem=SIMULATED))
    frames = [simulated, book.earlier_results(*estimates, stem=since.TRACKED)]
    every = by_scenario(book)
    every.setdefault(name, Numbers(simulated.reset_index()))  # one of the user's own is in no table of all
    across = {key: headlines(rows, known[key]) for key, rows in every.items()}
    second = {key: beside(rows, across[key], over(known[key])) for key, rows in every.items()}
    seconds = {key: parts for key, parts in second.items() if parts}
    if name in seconds and name == worth.DEAL and worth.RETALIATION in across:
        frames.append(_chances(across[name], seconds[name], across[worth.RETALIATION]))
    return Brief(chosen, Numbers(pd.concat(frames).reset_index()).prose(), across, known, seconds)


def _chances(
    own: Mapping[str, Number], second: Mapping[str, Number], retaliation: Mapping[str, Number]
) -> pd.DataFrame:
    """Chances of retaliation that cancel the deal's gain, as numbers that the brief publishes itself."""
    gains = {worth.CANCELS: own["canada"], f"{worth.CANCELS}.{worth.SECOND}": second["canada"]}
    rows = worth.chances(gains, retaliation["canada"]).set_index("result_id")
    return rows.assign(unit="probability", digits=2, tables=rows["sources"])


def over(chosen: Scenario) -> dict[str, str]:
    """Identifiers over a scenario's second counterfactual, as :data:`BESIDE` has those of the deal; none without."""
    name = counterfactuals.against(chosen)
    return {part: f"{HEADLINES[part]}.{name}" for part in BESIDE} if name else {}


def by_scenario(book: Book) -> dict[str, Numbers]:
    """The headline numbers of every scenario, and those against the deal's second counterfactual."""
    wanted = dict.fromkeys([*HEADLINES.values(), *BESIDE.values()])
    frame = scenarios.with_baselines(book.simulated(*wanted)).reset_index()
    return {str(name): Numbers(rows) for name, rows in frame.groupby("scenario", sort=False)}


def beside(
    numbers: Mapping[str, Number], own: Mapping[str, Number], keys: Mapping[str, str] = BESIDE
) -> dict[str, Number]:
    """Headline numbers against the second counterfactual: those that differ from a scenario's `own`, and the others.

    Empty where none of `keys` (:func:`over`) is there.
    """
    differ = {part: numbers[key] for part, key in keys.items() if key in numbers}
    return {**own, **differ} if differ else {}


def published(brief: Brief) -> pd.DataFrame:
    """What the brief publishes: its headline numbers, then those of every scenario it is compared with.

    The first are repeated under identifiers that do not change with the scenario, since an edition has each identifier
    once and the pages' lists of numbers name them.
    """
    own = headlines(brief.numbers, brief.scenario) | {part: brief.numbers[key] for part, key in OWN.items()}
    rows = [row_of(PUBLISHED[part], number, title=brief.title) for part, number in own.items()]
    for name, parts in brief.across.items():
        title = brief.scenarios[name].named
        rows += [row_of(f"{PUBLISHED[part]}.{name}", number, title=title) for part, number in parts.items()]
    for name, parts in brief.beside.items():
        title, here = brief.scenarios[name].named, name == brief.scenario.name
        second = counterfactuals.against(brief.scenarios[name])
        for part in BESIDE:
            keys = (f"{PUBLISHED[part]}.{second}", f"{PUBLISHED[part]}.{name}.{second}")
            rows += [row_of(key, parts[part], title=title) for key in keys[not here :]]
    chances = [brief.numbers[key] for key in (worth.CANCELS, f"{worth.CANCELS}.{worth.SECOND}") if key in brief.numbers]
    rows += [row_of(chance.key, chance, title=brief.title) for chance in chances]
    return pd.DataFrame(rows)


def row_of(key: str, number: Number, *, title: str) -> dict[str, Any]:
    """A headline number of the scenario with that title, to publish as `key`."""
    second = key.rpartition(".")[2]
    fills = {"versus": counterfactuals.versus(second)} if second.startswith("against_") else {}
    return {"result_id": key, **number.repeated, "title": title, **fills}
