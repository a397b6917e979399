"""What the scenario notebook says of its results, the answer first: whole sentences that follow a number's sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core.signs import Direction
from tradeexposure.core.text import capital
from tradeexposure.econometrics.draws import Spread, spread
from tradeexposure.policy import studies
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.simulation import messages
from tradeexposure.scenarios.simulation.changes import CanolaChange, Changes, Ensemble
from tradeexposure.scenarios.simulation.messages import CARS, INCOME, PRICE, Messages, paragraph, told
from tradeexposure.scenarios.simulation.names import CLOSURE_NAMES, OUTPUTS, assumption
from tradeexposure.scenarios.simulation.results import EPISODES, VALIDATION_STEM, WELFARE
from tradeexposure.scenarios.simulation.validation import Episode

SHOWN = 3  # assumptions named in a sentence
#: The quota in the answer, by what becomes of it in most draws.
QUOTA = {
    "unfilled": "The quota is not filled in {share} of draws.",
    "filled": "The quota is exactly filled in {share} of draws.",
    "overfilled": "The quota is exceeded in {share} of draws.",
}
NO_QUOTA = "There is no quota in this scenario."
QUOTA_SHARES = (
    "The quota is not filled in {scenario.ev.quota_regime.unfilled} of draws, exactly filled in "
    "{scenario.ev.quota_regime.filled}, and exceeded in {scenario.ev.quota_regime.overfilled}."
)
HORIZONS = {
    "acreage": "{title}. {question} Measured against {against}. Growers answer the price by changing their acreage.",
    "crop_year": "{title}. {question} Measured against {against}. Growers answer the price within one crop year only.",
}
GROWERS: Messages = {
    "none": "Nothing changes for canola growers: no duty on canola differs.",
    "rise": "Canola growers gain {id:size_full}, the median and 90% of the draws that history weighs.",
    "fall": "Canola growers lose {id:size_full}, the median and 90% of the draws that history weighs.",
}
GROWERS_OPEN = "Whether canola growers gain or lose does not show: {id:full}, with draws weighed by history."
EVIDENCE = """Growers' income by other evidence, and by one duty at a time:

- Weighed by official data alone: {id.official_data_only:full}
- With no data weighed: {id.unweighted:full}
- China's duty on seed alone: {id.seed_only:full}
- China's duty on meal alone: {id.meal_only:full}

Two other models stand on the trade of {base} and are weighed by nothing:

- If origin matters to buyers: {id.origin_matters:full}
- If origin does not matter: {id.origin_does_not_matter:full}

They are no bounds: the gain is highest at elasticities inside what the first of them draws."""
CANOLA = """Canola, with draws weighed by history:

- The farm price: {scenario.canola.producer_price_change:full}
- Receipts: {scenario.canola.receipts_change_cad:full}
- Seed shipped to China: {scenario.canola.china_volume_change_kt:full}
- Seed sold elsewhere: {scenario.canola.diverted_kt:full}"""
CANOLA_STILL = "China buys {scenario.canola.china_volume_kt:full} of seed in the scenario; nothing changes."
WITHOUT_CRUSHERS = "Who owns crushers is not held: without them it is {welfare.canada_without_crushers:full}."
TREATMENTS = """China-built cars registered, by the rule above the quota:

- If none enter above the quota: {id.no_entry:full}
- If those above it pay the surtax: {id.surtax:full}
- If those above it pay the ordinary duty: {id.mfn:full}"""
NO_TREATMENTS = "The scenario has no quota, so no rule above it applies."
OIL: Messages = {
    "none": "Nothing changes for canola oil sold to the United States.",
    "rise": "Canola oil sold to the United States earns {scenario.us.canola_oil_change_cad:size_full} more.",
    "fall": "Canola oil sold to the United States earns {scenario.us.canola_oil_change_cad:size_full} less.",
}
OIL_OPEN = (
    "Whether canola oil sold to the United States earns more or less does not show: "
    "{scenario.us.canola_oil_change_cad:full}."
)
EXPORTS: Messages = {
    "none": "No duty on vehicles into the United States differs.",
    "rise": "Exports of passenger vehicles to the United States rise by {id:size_full} within a year, and by "
    "{id.long_run:size_full} in the long run.",
    "fall": "Exports of passenger vehicles to the United States fall by {id:size_full} within a year, and by "
    "{id.long_run:size_full} in the long run.",
}
EXPORTS_OPEN = (
    "Whether exports of passenger vehicles to the United States rise or fall does not show: {id:full} within a year, "
    "{id.long_run:full} in the long run."
)
BASES = """Growers' income on another choice:

- On the {base} as base: {id.{key}:full}"""
EXPECTED = "- With what importers expected to owe in 2025 in the place of the deposit: {id.expected_duty:full}"
NO_DEPOSIT = "Neither side of the comparison holds the deposit of 2025 on seed, so its expected size has no place."
BASES_STILL = "No duty on canola differs, so growers' income does not change on any base year or expected duty."
EPISODE = {
    "both": "- {label}: {matters} if origin matters, {not} if it does not; estimated {estimate}. "
    "Both agree with {where}.",
    "none": "- {label}: {matters} if origin matters, {not} if it does not; estimated {estimate}. "
    "Neither median agrees with {where}.",
    "one": "- {label}: {matters} if origin matters, {not} if it does not; estimated {estimate}. "
    "Only the model in which {name} agrees with {where}.",
}
NULL = "That range holds zero, so it tells little."


def answer(published: pd.DataFrame, chosen: Scenario, *, against: str, cars: bool) -> str:
    """The answer: one sentence with one range, what it is compared with, then the account and each sector.

    Numbers stand in it as placeholders for ``Book.say``.

    Parameters
    ----------
    published : DataFrame
        What the notebook published, as of ``Book.frame``.
    against : str
        What the scenario is measured against, as it stands in a sentence.
    cars : bool
        Whether the scenario is about cars at all.
    """
    numbers = Numbers(published).named()
    lead = messages.lead(numbers, cars=cars)
    compared = messages.COMPARED.format(title=chosen.named, against=against)
    growers = [
        told(messages.GROWERS, numbers[INCOME]),
        told(messages.PRICES, numbers[PRICE]),
        told(messages.TOGETHER, numbers[messages.CANADA]),
    ]
    vehicles = [
        *([messages.registered(numbers), _quota(numbers)] if cars else []),
        told(messages.LOST, numbers[messages.DISPLACED]),
        told(messages.ASSEMBLED, numbers[messages.ASSEMBLY]),
        told(messages.EXPORTS, numbers[messages.VEHICLES]),
    ]
    first, second = (paragraph(*(one for one in part if one != lead)) for part in (growers, vehicles))
    return f"**{lead}** {compared}\n\n{first}\n\n{second}".strip()


def _quota(numbers: Numbers) -> str:
    """How often what becomes of the quota in most draws does; empty without a quota."""
    found = {name: numbers[f"scenario.ev.quota_regime.{name}"] for name in QUOTA}
    likeliest = max(found, key=lambda name: found[name].value)
    return QUOTA[likeliest].format(share=found[likeliest].text) if found[likeliest].value else ""


def setting(chosen: Scenario, against: str) -> str:
    """The scenario's question and what it is measured against."""
    return HORIZONS[chosen.horizon].format(title=chosen.title, question=chosen.question, against=against)


def _by_sign(told_by: Messages, found: Direction, otherwise: str, **names: str) -> str:
    """The message of a direction, `otherwise` for a range that holds zero; `names` stand for identifiers in it."""
    return _named(messages.message(told_by, found, otherwise), **names)


def _named(message: str, **names: str) -> str:
    """A message with identifiers in the place of their short names, for ``Book.say`` to fill in."""
    for short, name in names.items():
        message = message.replace(f"{{{short}:", f"{{{name}:").replace(f"{{{short}.", f"{{{name}.")
    return message


def growers(income: Ensemble) -> str:
    """What growers' income does, a null first; what it rests on, and the two other models."""
    found = spread(income.headline).direction
    first = _by_sign(GROWERS, found, GROWERS_OPEN, id=INCOME)
    if found == "none":
        return first
    base = studies.base_years(studies.OTHER_MODELS).words
    return f"{first}\n\n{_named(EVIDENCE, id=INCOME)}".replace("{base}", base)


def canola(found: CanolaChange) -> str:
    """What price, receipts and volumes do, or nothing where no duty differs."""
    return CANOLA_STILL if spread(found.price.headline).direction == "none" else CANOLA


def account(published: pd.DataFrame) -> str:
    """The account of both sectors in a sentence, and without crushers."""
    canada = Numbers(published).named()[messages.CANADA]
    without = _named(WITHOUT_CRUSHERS, welfare=WELFARE) if canada.direction != "none" else ""
    return paragraph(told(messages.TOGETHER, canada), without)


def vehicles(published: pd.DataFrame, *, quota: bool) -> str:
    """What happens to China-built electric cars, and how often what becomes of the quota."""
    return paragraph(messages.registered(Numbers(published).named()), QUOTA_SHARES if quota else NO_QUOTA)


def treatments(shown: bool) -> str:
    """What the table of rules above the quota says, or that there is none."""
    return _named(TREATMENTS, id=CARS) if shown else NO_TREATMENTS


def united_states(change: Changes) -> str:
    """What the US part says."""
    oil, cars = spread(change.canola.us_oil.headline), spread(change.us)
    return paragraph(
        _by_sign(OIL, oil.direction, OIL_OPEN), _by_sign(EXPORTS, cars.direction, EXPORTS_OPEN, id=messages.VEHICLES)
    )


def ranked(names: Mapping[str, Sequence[str]]) -> str:
    """The assumptions that move each output most; `names` by output, largest share first."""
    if not names:
        return "No output varies over the draws."
    lines = [
        f"- {capital(OUTPUTS[output])}: "
        + ", ".join(f"{assumption(name)} ({{scenario.sensitivity.{output}.{name}}})" for name in found[:SHOWN])
        for output, found in names.items()
    ]  # fmt: skip
    return "Share of the variance that each assumption alone accounts for:\n\n" + "\n".join(lines)


def sector(found: Changes) -> str:
    """What the electric-car part does to buyers, treasury, makers and assembly, by sign."""
    cars = found.vehicles
    moved = {
        "buyers' surplus": ("consumer_surplus_cad", cars.surplus),
        "tariff revenue": ("tariff_revenue_cad", cars.revenue),
        "rent of the quota": ("quota_rent_cad", cars.rent),
        "registrations displaced": ("displaced", cars.all_displaced),
        "of them electric": ("displaced.electric", cars.electric_displaced),
        "assembly in Canada, at home and through the United States": ("domestic_assembly_change", found.assembly),
    }
    still = [name for name, (_, values) in moved.items() if spread(values).direction == "none"]
    rows = [f"- {capital(name)}: {{scenario.ev.{key}:full}}" for name, (key, _) in moved.items() if name not in still]
    none = f"No change: {', '.join(still)}." if still else ""
    return "\n\n".join(filter(None, [none, "Changes:\n\n" + "\n".join(rows) if rows else ""]))


def variants(income: Ensemble, expected: bool) -> str:
    """What the other choices give for growers' income."""
    if spread(income.headline).direction == "none":
        return BASES_STILL
    base = studies.base_years(studies.OTHER_BASE)
    first = _named(BASES.replace("{key}", base.key), id=INCOME).replace("{base}", base.words)
    return f"{first}\n{_named(EXPECTED, id=INCOME)}" if expected else f"{first}\n\n{NO_DEPOSIT}"


def episodes(found: Sequence[Episode]) -> str:
    """What the comparison shows and what it cannot tell."""
    return "\n".join(_episode(one) for one in found if one.beside is not None)


def _episode(one: Episode) -> str:
    inside = [closure for closure in CLOSURES if one.inside(closure)]
    beside = one.beside or Spread(0.0, 0.0, 0.0)
    stem, full = f"{VALIDATION_STEM}.{one.key}", "" if beside.low == beside.high else ":full"
    verdict = {len(CLOSURES): "both", 0: "none"}.get(len(inside), "one")
    words = {
        "label": EPISODES[one.key][0],
        "matters": f"{{{stem}.origin_matters:full}}",
        "not": f"{{{stem}.origin_does_not_matter:full}}",
        "estimate": f"{{{stem}.estimate{full}}}",
        "where": "the estimate's range" if full else "the estimate, which has no range",
        "name": CLOSURE_NAMES[inside[0]] if inside else "",
    }
    return paragraph(EPISODE[verdict].format(**words), NULL if beside.low < 0 < beside.high else "")
