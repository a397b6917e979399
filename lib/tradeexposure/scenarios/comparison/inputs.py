"""What the comparison builds on: numbers of every scenario, of the estimates, and the duties of the deal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from tradeexposure.data.geography import PROVINCES
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.simulation import messages
from tradeexposure.scenarios.simulation import messages as simulated
from tradeexposure.vehicles.exposure.results import ADMITTED

PAGE = "80_compare_scenarios.html"  # of the comparison, and of the front page
#: Scenarios that the words are about.
DEAL, THREAT, RETALIATION, BREAKDOWN = brief.DEAL, "us_338_extended", brief.RETALIATION, "escalation"
NEXT_QUOTA = "quota_2030"
OIL_TO_CHINA = ("china", "oil")
STAKE, STAKE_LARGEST = "canola.receipts_at_stake_cad.canada.2024", "canola.receipts_at_stake_cad.sk.2024"
US_SHARE, US_SHARE_BEFORE = "trade.us_export_share.2025", "trade.us_export_share.2024"
CHINA_SHARE = "trade.china_export_share.2025"
VOLUME, PRICE = sentences.VOLUME_EFFECT, sentences.PRICE_EFFECT
US_DUTY, CHINA_BUILT = "ev.us_tariff_exposure_cad.vehicles.2026-07-24", "ev.china_built_share.2023"
WITHOUT_REPORT, WIDER = "canola.weights.left_out.d14", "canola.weights.gain_cad.wider_scale"
WORKERS, ONTARIO = "ev.auto_workers.2023", "ev.auto_workers_share.on.2023"
QUOTA_OF_ALL, QUOTA_OF_BATTERY = "ev.quota_share.all.2025", "ev.quota_share.battery.2025"
#: What growers lost in the dispute of 2019 by a published study, by its comparison of prices here, and by ours.
COST = "canola.grower_cost_cad.canada.2019_17_months"
LEFTFIELD, COMPARED_COST = f"{COST}.leftfield", f"{COST}.price_comparison"
AS_PUBLISHED = "canola.weights.gain_cad.published_elasticity"
#: Price of canola meal over that of soybean meal since the suspension, as simulated before it and as it was seen.
MEAL_SIMULATED = "canola.weights.predicted.meal_after_2026.figures_before_the_deal"
MEAL_SEEN = "track.meal_over_world.suspension_2026"
DEMAND, SUBSTITUTION = sentences.DEMAND, sentences.SUBSTITUTION
#: Numbers of the estimate notebooks that the comparison quotes.
ESTIMATES = (STAKE, STAKE_LARGEST, US_SHARE, US_SHARE_BEFORE, CHINA_SHARE, VOLUME, PRICE, US_DUTY, CHINA_BUILT, DEMAND,
             SUBSTITUTION, WORKERS, ONTARIO, WITHOUT_REPORT, WIDER, QUOTA_OF_ALL, QUOTA_OF_BATTERY, COST, LEFTFIELD,
             COMPARED_COST, AS_PUBLISHED, MEAL_SIMULATED, *brief.VARIANTS)  # fmt: skip
#: What came after the deal, beside what is tracked of trade since and cars let in: the step of the farm price.
SINCE_PRICE = "canola.price_effect.2026_mar.step"
SEED_BEFORE, SEED_AFTER = "comparison.china_seed_duty.before", "comparison.china_seed_duty.after"
OIL_BEFORE, OIL_AFTER = "comparison.china_oil_duty.before", "comparison.china_oil_duty.after"
QUOTA, CARS_DUTY, THREAT_DUTY = "comparison.ev_quota", "comparison.ev_duty", "comparison.us_vehicle_duty_threat"
#: Part of a scenario's headline numbers → how the identifiers begin under which the comparison publishes it.
HEADLINES = {part: f"comparison.{brief.PUBLISHED[part].partition('.')[2]}" for part in brief.HEADLINES}
#: How the identifiers begin under which each scenario's change of the farm price is published, and how they end: by
#: counterfactual and horizon.
FARM_PRICE = "comparison.farm_price_change"
PRICE_ENDINGS = ("", messages.FIRST_YEAR, brief.SECOND, f"{brief.SECOND}.{messages.FIRST_YEAR}")
#: Numbers of the deal beyond the headline ones.
RANKING, REGIME = "scenario.sensitivity.grower_income", sentences.REGIME
#: The quota's first year as a published study has it: its cars, and ours, and our China-built share of electric cars.
STUDIED_CARS, STUDIED_SHARE = "scenario.validation.quota.china_built", "scenario.validation.quota.china_share_of_evs"
SAWYER = f"{STUDIED_CARS}.sawyer"


@dataclass(frozen=True)
class Compared:
    """Every scenario with its headline numbers, and what the words around them quote."""

    quoted: Numbers  #: Numbers of the deal's simulation and of the estimates, and the duties published here.
    #: Scenario → its headline numbers as :func:`published`, by the keys of :data:`HEADLINES`; without a part that it
    #: has none of.
    across: Mapping[str, Mapping[str, Number]]
    scenarios: Mapping[str, Scenario]  #: The definitions of all of `across`, by name.
    beside: Mapping[str, Number]  #: Headline numbers of the deal against its second counterfactual.
    #: Change of the farm price in every scenario, rows to publish.
    prices: pd.DataFrame = field(default_factory=pd.DataFrame)
    #: Scenario → what it brings Canada without crushers, whose owners are not on file.
    without_crushers: Mapping[str, Number] = field(default_factory=dict)

    def compared(self, name: str) -> Comparison:
        """A scenario and what it is measured against."""
        chosen = self.scenarios[name]
        named = (self.scenarios.get(against or "") for against in (chosen.against, chosen.also_against))
        return Comparison(chosen, *named)

    def title(self, name: str) -> str:
        """A scenario's title, without a full stop."""
        return self.scenarios[name].named

    def named(self) -> Compared:
        """The same, its numbers as placeholders for ``Book.say``."""
        across = {name: {part: number.named for part, number in own.items()} for name, own in self.across.items()}
        beside = {part: number.named for part, number in self.beside.items()}
        return replace(self, quoted=self.quoted.named(), across=across, beside=beside)

    @property
    def deal(self) -> Mapping[str, Number]:
        """Headline numbers of the deal."""
        return self.across[DEAL]

    @cached_property
    def curve(self) -> dict[float, Number]:
        """Growers' gain from the deal by the seed duty that would have come, the settled one first.

        Identifiers name whole per cents; the first and the last stand for the settled duty and the one that stays.
        """
        named = {int(part): number for part, number in self.quoted.below(brief.CURVE).items() if part.isdecimal()}
        duties = {part: part / 100 for part in named}
        ends = {min(named): self.quoted[brief.DUTY_SETTLED].value, max(named): self.quoted[brief.DUTY_STAYS].value}
        return {(duties | ends)[part]: named[part] for part in sorted(named)}

    @cached_property
    def level(self) -> str:
        """Share of the draws that a range holds."""
        return self.deal["growers"].level_text


def largest_provinces(comparison: Compared) -> list[str]:
    """Codes of provinces by the change of their growers' income under the deal, largest first."""
    income = {place: abs(number.value) for place in PROVINCES.values()
              if (number := comparison.quoted.get(f"{simulated.INCOME}.{place}"))}  # fmt: skip
    return sorted(income, key=lambda place: -income[place])


def duties() -> pd.DataFrame:
    """What the deal changes, as numbers to publish: duties before and after, the quota, and the duty that threatens."""
    deal = scenarios.compared(DEAL)
    before, after, cars = regimes.canola_against(deal), regimes.canola(deal.scenario), regimes.vehicles(deal.scenario)
    day, threat = f"{deal.scenario.facts_on}", scenarios.load(THREAT)
    hit = max(measure.rate or 0.0 for measure in threat.hypothetical)
    day_of_threat = f"{threat.facts_on}"
    rows = [
        (SEED_BEFORE, before[SEED_TO_CHINA], "before"), (SEED_AFTER, after[SEED_TO_CHINA], day),
        (OIL_BEFORE, before[OIL_TO_CHINA], "before"), (OIL_AFTER, after[OIL_TO_CHINA], day),
        (CARS_DUTY, float(cars.china_within), day), (THREAT_DUTY, hit, day_of_threat), (QUOTA, cars.quota or 0.0, day),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["result_id", "value", "period"])


def read(book: Book) -> Compared:
    """Everything that the comparison says; `book` has published :func:`duties`.

    Raises
    ------
    BadInput
        No simulation of the deal, or an estimate that no earlier notebook published.
    """
    known = {name: scenarios.load(name) for name in scenarios.shipped()}
    every = brief.by_scenario(book)
    headlines = {name: brief.headlines(rows, known[name]) for name, rows in every.items()}
    across = {name: {part: replace(number, key=f"{HEADLINES[part]}.{name}") for part, number in parts.items()}
              for name, parts in headlines.items()}  # fmt: skip
    second = {part: replace(number, key=f"{HEADLINES[part]}.{DEAL}.{brief.SECOND}") if part in brief.BESIDE else number
              for part, number in brief.beside(every[DEAL], across[DEAL]).items()}  # fmt: skip
    simulated = scenarios.with_baselines(book.earlier_results(scenario=DEAL, stem=brief.SIMULATED))
    seen = book.earlier_results(SINCE_PRICE, f"{SINCE_PRICE}.p_value", stem=brief.TRACKED)
    frames = [book.earlier_results(*ESTIMATES, stem=ADMITTED), simulated, seen]
    quoted = pd.concat([*(frame.reset_index() for frame in frames), book.frame()], ignore_index=True)
    without = {name: rows[brief.WITHOUT_CRUSHERS] for name, rows in every.items()}
    return Compared(Numbers(quoted).prose(), across, known, second, _prices(book, known), without)


def _prices(book: Book, known: Mapping[str, Scenario]) -> pd.DataFrame:
    """What each scenario changes of the farm price, against each of its counterfactuals, after adjustment and soon."""
    keys = {messages.part(simulated.PRICE, ending): ending for ending in PRICE_ENDINGS}
    rows = scenarios.with_baselines(book.simulated(*keys)).reset_index()
    ids = [messages.part(FARM_PRICE, name, keys[key])
           for name, key in zip(rows["scenario"], rows["result_id"], strict=True)]  # fmt: skip
    shown = rows.assign(
        result_id=ids, title=rows["scenario"].map(lambda name: known[name].named), sources=rows["tables"],
        versus=pd.Series(ids, index=rows.index).str.extract(f"({brief.SECOND})", expand=False),
        made_of=rows["scenario"] + ":" + rows["result_id"],
    )  # fmt: skip
    texts = ["period", "title", "sources", "versus", "made_of"]
    return shown[["result_id", "value", "low", "high", "level", *texts]]


def published(comparison: Compared) -> pd.DataFrame:
    """The headline numbers and farm price of every scenario, to publish: its edition may not be there to lead to."""
    rows = [brief.row_of(number.key, number, title=comparison.title(name))
            for name, parts in comparison.across.items() for number in parts.values()]  # fmt: skip
    rows += [
        brief.row_of(comparison.beside[part].key, comparison.beside[part], title=comparison.title(DEAL))
        for part in brief.BESIDE
    ]
    return pd.concat([pd.DataFrame(rows), comparison.prices], ignore_index=True)
