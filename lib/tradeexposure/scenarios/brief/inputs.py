"""The brief of one scenario: which earlier numbers it stands on, and what it publishes of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from tradeexposure.policy import duty_tables, scenarios
from tradeexposure.policy.scenario_schema import BEFORE, Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.simulation import messages
from tradeexposure.scenarios.simulation.messages import (
    CANADA,
    CARS,
    CARS_CHANGE,
    FIRST_YEAR,
    INCOME,
    LEAST_CHOICE,
    MOST_CHOICE,
    PRICE,
    SEED_DUTY,
    VEHICLES,
    WELFARE,
    alone,
    second,
)

SIMULATED = "scenario."
DEAL = "deal_2026"
SECOND = "against_final_duty"  # how identifiers end over the deal's second counterfactual
#: The deal's gain by what would have come without it. It is never said without what it is compared with, nor over a
#: duty that stays without the one over the duty that China settled on: a reader who sees one sees the other.
SETTLED, SOON, SETTLED_SOON = f"{INCOME}.{SECOND}", f"{INCOME}.{FIRST_YEAR}", f"{INCOME}.{SECOND}.{FIRST_YEAR}"
CANADA_SETTLED = f"{CANADA}.{SECOND}"
WITHOUT_CRUSHERS = f"{WELFARE}.canada_without_crushers"
#: Growers' gain by the duty that would have come, and what its first and its last ten points are worth.
CURVE = f"{INCOME}.{messages.CURVE}"
FIRST_TEN, LAST_TEN = f"{CURVE}.first_ten", f"{CURVE}.last_ten"
#: China's duty on seed that stays, and the one that China settled on.
DUTY_STAYS, DUTY_SETTLED = f"{SEED_DUTY}.against", f"{SEED_DUTY}.{SECOND}"
#: Lowest and highest median of the gain over a duty that stays by other choices that can be defended as well.
VARIANTS = (LEAST_CHOICE, MOST_CHOICE)
#: The scenario of retaliation by the United States, and the chance of it that cancels Canada's gain.
RETALIATION = "us_retaliation_100"
CANCELS = "brief.retaliation_cancels_at.probability"
#: What is tracked of trade since the deal: sales of the Prairies' farm and food products, and of canola seed.
TRACKED = "track."
TO_CHINA, TO_WORLD = "track.farm_food_china_cad.prairies", "track.canola_exports_cad.world"
TO_UNITED_STATES = "track.farm_food_us_cad.prairies"
#: What each scenario is compared by: growers, the account of both sectors, cars, and exports to the United States.
HEADLINES = {"growers": INCOME, "canada": CANADA, "cars": CARS_CHANGE, "vehicles": VEHICLES}
#: What a scenario says of its own besides.
OWN = {"farm": f"{INCOME}.per_farm", "price": PRICE}
#: What is told of the deal against its second counterfactual; its other headline numbers are the same.
BESIDE = {"growers": SETTLED, "canada": CANADA_SETTLED}
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
        return messages.is_own(self.scenario)

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
    frames = [simulated, book.earlier_results(*estimates, stem=TRACKED)]
    every = by_scenario(book)
    every.setdefault(name, Numbers(simulated.reset_index()))  # one of the user's own is in no table of all
    across = {key: headlines(rows, known[key]) for key, rows in every.items()}
    second = {key: beside(rows, across[key], over(known[key])) for key, rows in every.items()}
    seconds = {key: parts for key, parts in second.items() if parts}
    if name in seconds and name == DEAL and RETALIATION in across:
        gains = {CANCELS: across[name]["canada"], f"{CANCELS}.{SECOND}": seconds[name]["canada"]}
        rows = chances(gains, across[RETALIATION]["canada"]).set_index("result_id")
        frames.append(rows.assign(unit="probability", digits=2, tables=rows["sources"]))
    return Brief(chosen, Numbers(pd.concat(frames).reset_index()).prose(), across, known, seconds)


def chances(gains: Mapping[str, Number], loss: Number) -> pd.DataFrame:
    """Chances of a loss that cancel gains, by their identifiers, to publish; a loss of nothing cancels none.

    The ends are outer bounds, of the ends of both, and hold no share of simulations that is known.
    """
    rows = []
    for key, gain in gains.items():
        ends = zip((gain.value, *gain.ends), (loss.value, *loss.ends), strict=True)
        value, low, high = (min(1.0, max(0.0, up / -down)) if down < 0 else 1.0 for up, down in ends)
        rows.append({"result_id": key, "value": value, "low": low, "high": high, "period": gain.period,
                     "sources": gain.tables, "made_of": (gain.origin, loss.origin)})  # fmt: skip
    return pd.DataFrame(rows)


def threatened(scenario: Scenario) -> str:
    """The duty with which the United States threaten in the scenario of retaliation, as it is written."""
    return duty_tables.percent(max(measure.rate or 0.0 for measure in scenario.hypothetical))


def over(chosen: Scenario) -> dict[str, str]:
    """Identifiers over a scenario's second counterfactual, as :data:`BESIDE` has those of the deal; none without."""
    name = messages.against(chosen)
    return {part: f"{HEADLINES[part]}.{name}" for part in BESIDE} if name else {}


def by_scenario(book: Book) -> dict[str, Numbers]:
    """The headline numbers of every scenario, those against the deal's second counterfactual, and without crushers."""
    wanted = dict.fromkeys([*HEADLINES.values(), *BESIDE.values(), WITHOUT_CRUSHERS])
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
        second = messages.against(brief.scenarios[name])
        for part in BESIDE:
            keys = (f"{PUBLISHED[part]}.{second}", f"{PUBLISHED[part]}.{name}.{second}")
            rows += [row_of(key, parts[part], title=title) for key in keys[not here :]]
    cancels = [brief.numbers[key] for key in (CANCELS, f"{CANCELS}.{SECOND}") if key in brief.numbers]
    rows += [row_of(chance.key, chance, title=brief.title) for chance in cancels]
    return pd.DataFrame(rows)


def row_of(key: str, number: Number, *, title: str) -> dict[str, Any]:
    """A headline number of the scenario with that title, to publish as `key`."""
    second = key.rpartition(".")[2]
    fills = {"versus": messages.versus(second)} if second.startswith("against_") else {}
    return {"result_id": key, **number.repeated, "title": title, **fills}
