"""What the scenario notebook says of its results, the answer first: whole sentences that follow a number's sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tradeexposure.core.text import capital
from tradeexposure.policy import duty_tables, studies
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.simulation import messages
from tradeexposure.scenarios.simulation.messages import (
    CAR_CHOICES,
    CARS,
    INCOME,
    OUTPUTS,
    PRICE,
    TURNING,
    VEHICLES,
    WELFARE,
    assumption,
    paragraph,
)

SHOWN = 3  # assumptions named in a sentence
US_OIL = "scenario.us.canola_oil_change_cad"
#: Lines of the part on electric cars.
SECTOR = {
    "buyers' surplus": "scenario.ev.consumer_surplus_cad",
    "tariff revenue": "scenario.ev.tariff_revenue_cad",
    "rent of the quota": "scenario.ev.quota_rent_cad",
    "surtax revenue on US-built electric cars": "scenario.ev.surtax_lost_cad",
    "registrations displaced": messages.DISPLACED,
    "of them electric": f"{messages.DISPLACED}.electric",
    "assembly in Canada, at home and through the United States": messages.ASSEMBLY,
}
#: The quota in the answer, by what becomes of it in most draws.
QUOTA = {
    "unfilled": "The quota is not filled in {share} of simulations.",
    "filled": "The quota is exactly filled in {share} of simulations.",
    "overfilled": "The quota is exceeded in {share} of simulations.",
}
NO_QUOTA = "There is no quota in this scenario."
QUOTA_SHARES = (
    "The quota is not filled in {scenario.ev.quota_regime.unfilled} of simulations, exactly filled in "
    "{scenario.ev.quota_regime.filled}, and exceeded in {scenario.ev.quota_regime.overfilled}."
)
HORIZONS = {
    "acreage": "{title}. {question} Compared with {against}. Growers respond to the price by changing their acreage.",
    "crop_year": "{title}. {question} Compared with {against}. Growers respond to the price within one crop year only.",
}
EVIDENCE = """Growers' income compared with {against}, by other evidence and by one duty at a time:

- Weighed by official data alone: {id.official_data_only:full}
- With no data weighed: {id.unweighted:full}
- China's duty on seed alone: {id.seed_only:full}
- China's duty on meal alone: {id.meal_only:full}"""
TURNED = "Growers' income compared with {against}, over the same rows:"
CANOLA = """Changes in canola, with simulations weighed by history:

- The farm price: {scenario.canola.producer_price_change:full}
- Receipts: {scenario.canola.receipts_change_cad:full}
- Seed shipped to China: {scenario.canola.china_volume_change_kt:full}
- Seed sold elsewhere: {scenario.canola.diverted_kt:full}"""
CANOLA_STILL = "China buys {scenario.canola.china_volume_kt:full} of seed in the scenario; nothing changes."
WITHOUT_CRUSHERS = (
    "We do not know who owns crushers: without them, compared with {against}, it is "
    "{welfare.canada_without_crushers:full}."
)
ENTERING = """China-built cars registered in the scenario:

- In the first year, while makers enter: {id.first_year:full}
- In a year with all makers there: {id:full}
- In the fifth year, a part of the quota for cheap cars alone: {id.year_five:full}

The median of differences, simulation by simulation, is not the difference of two of these medians.

The quota is exactly filled in {filled.first_year} of simulations in the first year, in {filled} with all makers there,
and in {filled.year_five} in the fifth. Of the quota of the first year {used.first_year:full} is used.

Without a quota buyers would take {scenario.ev.free_demand:full}. The mean time of entry is
{scenario.ev.entry_months:full}. The first count of cars leaves simulations that count as much as
{scenario.ev.draws_that_count} of equal weight. Its day was not published."""
COUNT_DAY = "The first year depends on that day more than on any other choice in the table."
TREATMENTS = """China-built cars registered, by the rule above the quota:

- If none enter above the quota: {id.no_entry:full}
- If those above it pay the surtax: {id.surtax:full}
- If those above it pay the ordinary duty: {id.mfn:full}"""
NO_TREATMENTS = "The scenario has no quota, so no rule above it applies."
BASES = """Growers' income compared with {against}, on another choice:

- On the {base} as base: {id.{key}:full}"""
EXPECTED = "- With what importers expected to owe in 2025 in the place of the deposit: {id.expected_duty:full}"
NO_DEPOSIT = "Neither side of the comparison has the deposit of 2025 on seed, so its expected size has no place."
BASES_STILL = "No duty on canola differs, so growers' income does not change on any base year or expected duty."


def answer(published: pd.DataFrame, chosen: Scenario, *, against: str, cars: bool, beside: str = "") -> str:
    """The answer: one sentence with one range, what it is compared with, then the account and each sector.

    With two counterfactuals how much hangs on them, the first year, and what other choices give follow the first; of a
    scenario of the user's own, what it is worth over the second one.

    Numbers stand in it as placeholders for ``Book.say``.

    Parameters
    ----------
    published : DataFrame
        What the notebook published, as of ``Book.frame``, and what it takes from earlier ones.
    against : str
        What the scenario is measured against, as it stands in a sentence.
    cars : bool
        Whether the scenario is about cars at all.
    beside : str
        Its second counterfactual as it stands in a sentence; empty without.
    """
    own = messages.is_own(chosen)
    numbers = _worded(published, own)
    over = messages.beside(Numbers(published).named(), beside) if own else ""
    lead, both = messages.lead(numbers, cars=cars), bool(messages.second(numbers))
    compared = messages.compared(numbers, chosen.named, against)
    growers = [
        "" if both else fill_by_sign("growers", numbers[INCOME]),
        messages.price(numbers),
        messages.together(numbers),
    ]
    vehicles = [
        *([messages.registered(numbers), _quota(numbers), messages.first_year(numbers)] if cars else []),
        fill_by_sign("lost", numbers[messages.DISPLACED]),
        fill_by_sign("assembled", numbers[messages.ASSEMBLY]),
        fill_by_sign("exports", numbers[VEHICLES]),
    ]
    first, second = (paragraph(*(sentence for sentence in part if sentence != lead)) for part in (growers, vehicles))
    hangs = [part(numbers) for part in (messages.hangs, messages.soon, messages.choices)]
    opening = paragraph(f"**{lead}**", *hangs, compared, over)
    return f"{opening}\n\n{first}\n\n{second}".strip()


def _quota(numbers: Numbers) -> str:
    """How often what becomes of the quota in most draws does; empty without a quota."""
    chances = {name: numbers[f"scenario.ev.quota_regime.{name}"] for name in QUOTA}
    likeliest = max(chances, key=lambda name: chances[name].value)
    return QUOTA[likeliest].format(share=chances[likeliest].text) if chances[likeliest].value else ""


def setting(chosen: Scenario, against: str) -> str:
    """The scenario's question, what it is measured against, and what it sets that its own day does not see."""
    asked = HORIZONS[chosen.horizon].format(title=chosen.title, question=chosen.question, against=against)
    return "\n\n".join([asked, *duty_tables.on_its_day(chosen)])


def growers(published: pd.DataFrame, *, against: str, own: bool = False) -> str:
    """What growers' income does, a null first; and what it rests on. Over two counterfactuals as the answer says it."""
    numbers = _worded(published, own)
    income, stem = numbers[INCOME], numbers.stem(INCOME)
    hangs = paragraph(messages.hangs(numbers), messages.soon(numbers))
    both = f"{messages.lead(numbers, cars=False)} {hangs}" if hangs else ""
    first = both or fill_by_sign("page_growers_weighed", income, id=stem)
    if income.direction == "none":
        return first
    turned = {variant: numbers.get(f"{INCOME}.{name}") for name, variant in TURNING.items()}
    lines = [f"- {capital(variant)}: {number.full}" for variant, number in turned.items() if number]
    turning = "\n".join([TURNED.format(against=against), "", *lines]) if lines else ""
    return "\n\n".join(filter(None, [first, EVIDENCE.format(id=stem, against=against), turning]))


def _worded(published: pd.DataFrame, own: bool) -> Numbers:
    """What was published, for sentences; of a scenario of the user's own without a second counterfactual."""
    numbers = Numbers(published).named()
    return messages.alone(numbers) if own else numbers


def canola(published: pd.DataFrame) -> str:
    """What price, receipts and volumes do, or nothing where no duty differs."""
    numbers = Numbers(published).named()
    template = CANOLA_STILL if numbers[PRICE].direction == "none" else CANOLA
    return template.format(scenario=numbers.stem("scenario"))


def account(published: pd.DataFrame, *, against: str, own: bool = False) -> str:
    """The account of both sectors in a sentence, and without crushers."""
    numbers = _worded(published, own)
    canada = numbers[messages.CANADA]
    without = (
        WITHOUT_CRUSHERS.format(welfare=numbers.stem(WELFARE), against=against) if canada.direction != "none" else ""
    )
    return paragraph(messages.together(numbers), without)


def vehicles(published: pd.DataFrame, *, quota: bool) -> str:
    """What happens to China-built electric cars, and how often what becomes of the quota."""
    numbers = Numbers(published).named()
    shares = QUOTA_SHARES.format(scenario=numbers.stem("scenario")) if quota else NO_QUOTA
    return paragraph(messages.registered(numbers), shares)


def entering(published: pd.DataFrame, *, quota: bool) -> str:
    """The quota in its first year, in its fifth, and with all makers there; empty without a quota."""
    if not quota:
        return NO_QUOTA
    numbers = Numbers(published).named()
    stems = {"id": CARS, "filled": "scenario.ev.quota_regime.filled", "used": "scenario.ev.quota_used"}
    named = {name: numbers.stem(stem) for name, stem in stems.items()}
    first = numbers[f"{CARS}.first_year"].value
    by_choice = {name: numbers.below(f"{CARS}.first_year")[name].value for name in CAR_CHOICES}
    counted = [value for name, value in by_choice.items() if name.startswith("counted")]
    others = [abs(value - first) for name, value in by_choice.items() if not name.startswith("counted")]
    most = COUNT_DAY if max(counted) - min(counted) > max(others) else ""
    return paragraph(ENTERING.format(scenario=numbers.stem("scenario"), **named), most)


def treatments(published: pd.DataFrame, *, shown: bool) -> str:
    """What the table of rules above the quota says, or that there is none."""
    return TREATMENTS.format(id=Numbers(published).named().stem(CARS)) if shown else NO_TREATMENTS


def united_states(published: pd.DataFrame) -> str:
    """What the US part says."""
    numbers = Numbers(published).named()
    return paragraph(
        fill_by_sign("page_oil", numbers[US_OIL], scenario=numbers.stem("scenario")),
        fill_by_sign("page_exports_in_time", numbers[VEHICLES], id=numbers.stem(VEHICLES)),
    )


def ranked(published: pd.DataFrame, names: Mapping[str, Sequence[str]]) -> str:
    """The assumptions that move each output most; `names` by output, largest share first."""
    if not names:
        return "No output varies over the simulations."
    numbers = Numbers(published).named()
    lines = []
    for output, assumptions in names.items():
        shares = numbers.below(f"scenario.sensitivity.{output}")
        parts = ", ".join(f"{assumption(name)} ({shares[name].text})" for name in assumptions[:SHOWN])
        lines.append(f"- {capital(OUTPUTS[output])}: {parts}")
    return "Share of the variance that each assumption alone accounts for:\n\n" + "\n".join(lines)


def sector(published: pd.DataFrame) -> str:
    """What the electric-car part does to buyers, treasury, makers and assembly, by sign."""
    numbers = Numbers(published).named()
    moved = {name: numbers[key] for name, key in SECTOR.items()}
    still = [name for name, number in moved.items() if number.direction == "none"]
    rows = [f"- {capital(name)}: {number.full}" for name, number in moved.items() if name not in still]
    none = f"No change: {', '.join(still)}." if still else ""
    return "\n\n".join(filter(None, [none, "Changes:\n\n" + "\n".join(rows) if rows else ""]))


def variants(published: pd.DataFrame, *, against: str, expected: bool) -> str:
    """What the other choices give for growers' income."""
    numbers = Numbers(published).named()
    if numbers[INCOME].direction == "none":
        return BASES_STILL
    base, stem = studies.base_years(studies.OTHER_BASE), numbers.stem(INCOME)
    first = BASES.replace("{key}", base.key).format(base=base.words, id=stem, against=against)
    return f"{first}\n{EXPECTED.format(id=stem)}" if expected else f"{first}\n\n{NO_DEPOSIT}"
