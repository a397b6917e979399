"""What a scenario's numbers say in notebooks 70, 80 and 90: whole sentences, one for each direction a range allows.

And how readers are told of origins, rules, quota outcomes, assumptions, outputs and lines of the account.

A scenario may name a second counterfactual beside what it is measured against; between the two lies a curve over
China's duty on seed. In the first year the harvest is sown and rivals turn their seed as far as they do within a crop
year; after adjustment acreage has answered and access has grown. Neither pair is ever averaged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tradeexposure.policy import assumptions, scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.tariff_index import PRODUCTS
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.by_sign import fill_by_sign

INCOME, PRICE = "scenario.canola.grower_income_change_cad", "scenario.canola.producer_price_change"
CARS = "scenario.ev.china_built_registrations"
CARS_CHANGE, DISPLACED, ASSEMBLY = f"{CARS}_change", "scenario.ev.displaced", "scenario.ev.domestic_assembly_change"
VEHICLES, WELFARE = "scenario.us.vehicle_export_change_cad", "scenario.welfare"
CANADA = f"{WELFARE}.canada_cad"

#: China's duty on seed in what a scenario is measured against, and in the second counterfactual below it.
SEED_DUTY = "scenario.canola.china_seed_duty"
DUTIES = {product: SEED_DUTY.replace("seed", product) for product in PRODUCTS}  # each with both ends, and without
FIRST_YEAR, CURVE = "first_year", "would_have_come"
NAMED = ("against_final_duty",)  # second counterfactuals that words of results call by what they are

ORIGINS = {
    "china": "China", "united_states_mexico": "the United States and Mexico", "other_imports": "other countries",
    "canada": "Canada", "other_cars": "cars that are not electric",
}  # fmt: skip
#: What becomes of a quota, beside an axis.
QUOTA_MARKS = {"unfilled": "quota unfilled", "filled": "quota filled", "overfilled": "quota exceeded"}
#: Rules for cars above the quota.
TREATMENTS = {"no_entry": "no entry above the quota", "surtax": "the surtax above the quota",
              "mfn": "the ordinary duty above the quota"}  # fmt: skip
#: Growers' income with rivals that turn otherwise.
TURNING = {
    "turning_of_the_year": "rivals turn for good as they do within a year", "one_pool": "rivals' seed is one pool",
    "segmented": "rivals' seed stays in its market, a limit",
    "faded": "the first year apart for five months, then one pool",
}  # fmt: skip
#: The lines of the account of both sectors.
ACCOUNT = {
    "growers": "canola growers", "handlers": "elevators and railways", "crushers": "canola crushers",
    "users": "users of canola oil and meal", "car_buyers": "buyers of cars", "rebates": "rebates saved",
    "surtax_lost": "surtax revenue on US-built electric cars",
    "quota_rent": "rent of the quota that stays in Canada", "revenue": "duty on China-built cars",
}  # fmt: skip
COUNT_MONTHS = (2, 3, 4, 5, 6)
#: China-built cars under another assumption.
CAR_CHOICES = {
    "same_appeal": "appeal as in 2023", "rebate_open": "rebate open to them",
    **{f"counted_after_{month}_months": f"first count after {month} months" for month in COUNT_MONTHS},
}  # fmt: skip
OUTPUTS = {
    "grower_income": "growers' income",
    "displaced_registrations": "displaced registrations",
    "consumer_surplus": "buyers' surplus",
    "vehicle_exports": "passenger vehicle exports to the United States",
}

COMPARED = "This is what changes over a full year under “{title}”, measured against {against}."
WHERE_NO_CASE_IS_NAMED = (
    "Numbers without a case named are changes over a full year under “{title}”, compared with {against}."
)
NOTHING = "Nothing changes for canola growers or for electric cars."
FIRST_CARS = "That is a year with all makers there; in the first year, while they enter, {plain} would be registered."
ON_MEAL = ", all of it on meal"
CONCAVE = (
    "The first ten points of duty above {settled} are worth {first} a year to growers, the last ten below {stays} only "
    "{last}."
)
HARDLY = (
    "The first ten points of duty above the final one are worth {first} a year to growers, the last ten below {stays} "
    "next to nothing ({span})."
)
EACH_TEN = (
    "The first ten points of duty above {settled} are worth {first} a year to growers, the last ten below {stays} "
    "{last}."
)
HARDLY_ANY = 0.01  # of the first ten points: less is next to nothing, whatever it comes to in dollars
SOON = (
    "In the first year the gain would be {soon} if China had kept {stays} on seed, {soon_settled} had China settled on "
    "{settled} anyway."
)
#: Lowest and highest median of growers' gain under other choices that can be defended, of the notebook on weights.
LEAST_CHOICE, MOST_CHOICE = (f"canola.weights.gain_cad.{end}_variant" for end in ("lowest", "highest"))
OTHER_CHOICES = (
    "If China had kept {stays} on seed, other defensible choices in the model, which is calibrated and not estimated, "
    "give {low} to {high} a year, each taken alone."
)
SETTLED_TOGETHER = "Had China settled on {settled} anyway, it would be {second}."


def against(chosen: Scenario) -> str:
    """How identifiers name the second counterfactual: ``against_final_duty`` of ``final_duty_2026``; empty without."""
    return f"against_{re.sub(r'_[0-9]{4}$', '', chosen.also_against)}" if chosen.also_against else ""


def versus(second: str) -> str:
    """Which name of a second counterfactual the words of results take: its own, or the one for any."""
    return second if second in NAMED else "other"


def is_own(chosen: Scenario) -> bool:
    """Whether a scenario is the user's own: words on the deal and what it is compared with are none of it."""
    return chosen.name not in scenarios.SHIPPED


def part(*names: str) -> str:
    """The end of an identifier: the names that are not empty, joined by dots."""
    return ".".join(filter(None, names))


def parts(ending: str) -> set[str]:
    """What :func:`part` joined; nothing for an identifier without an end."""
    return set(filter(None, ending.split(".")))


def baseline(chosen: Scenario, result_id: str) -> str:
    """The scenario that a number is measured against; empty of duties, and along the curve, whose label names one."""
    named = parts(result_id)
    if CURVE in named or result_id.startswith(tuple(DUTIES.values())):
        return ""
    return chosen.also_against or "" if against(chosen) in named else chosen.against


def lead(numbers: Mapping[str, Number], *, cars: bool) -> str:
    """The headline, with one range: sales to the United States where they move, else growers, else cars.

    Growers' gain over two counterfactuals names the first, and :func:`hangs` goes with it.

    Parameters
    ----------
    numbers : mapping
        Those that the simulation published for the scenario.
    cars : bool
        Whether the scenario is about cars at all.
    """
    income = numbers[INCOME]
    if second(numbers):
        return fill_by_sign("over", income, stays=duties(numbers)["stays"])
    first = fill_by_sign("exports", numbers.get(VEHICLES)) or (
        fill_by_sign("growers", income) if income.direction != "none" else ""
    )
    return first or (registered(numbers) if cars else "") or NOTHING


def second(numbers: Mapping[str, Number]) -> str:
    """How identifiers name the second counterfactual; empty where the scenario has none."""
    duty = f"{SEED_DUTY}."
    return next((key.removeprefix(duty) for key in numbers if key.startswith(f"{duty}against_")), "")


def beside(numbers: Mapping[str, Number], title: str) -> str:
    """What a scenario of the user's own is worth over its second counterfactual, named by its title; empty without."""
    name = second(numbers)
    if not name:
        return ""
    return paragraph(
        fill_by_sign("beside", numbers[f"{INCOME}.{name}"], second=title),
        fill_by_sign("beside_together", numbers.get(f"{CANADA}.{name}"), second=title),
    )


def alone(numbers: Numbers) -> Numbers:
    """The same without the second counterfactual, so that no sentence takes it for the deal's."""
    return numbers.without(second(numbers))


def duties(numbers: Mapping[str, Number]) -> dict[str, str]:
    """China's duty on seed in each of the two counterfactuals: `stays` and `settled`."""
    return {"stays": numbers[f"{SEED_DUTY}.against"].bare, "settled": numbers[f"{SEED_DUTY}.{second(numbers)}"].bare}


def compared(numbers: Mapping[str, Number], title: str, against: str) -> str:
    """What the numbers are of a scenario, each by its title; with two counterfactuals those that name neither."""
    return (WHERE_NO_CASE_IS_NAMED if second(numbers) else COMPARED).format(title=title, against=against)


def hangs(numbers: Mapping[str, Number]) -> str:
    """How much of growers' gain hangs on what would have come; empty with one counterfactual."""
    return paragraph(settled(numbers), ten_points(numbers))


def settled(numbers: Mapping[str, Number]) -> str:
    """Growers' gain over the second counterfactual; empty with one."""
    name = second(numbers)
    if not name:
        return ""
    differ = [product for product, key in DUTIES.items() if numbers[key].value != numbers[f"{key}.{name}"].value]
    on = ON_MEAL if differ == ["meal"] else ""
    return fill_by_sign("settled", numbers[f"{INCOME}.{name}"], settled=duties(numbers)["settled"], on=on)


def ten_points(numbers: Mapping[str, Number]) -> str:
    """What the first and the last ten points between both duties are worth; empty with one counterfactual."""
    if not second(numbers):
        return ""
    first, last = (numbers[f"{INCOME}.would_have_come.{part}"] for part in ("first_ten", "last_ten"))
    hardly = abs(last.value) < HARDLY_ANY * abs(first.value)
    ten = HARDLY if hardly else CONCAVE if first.value > last.value else EACH_TEN
    return ten.format(first=first.bare, last=last.bare, span=last.span or last.bare, **duties(numbers))


def soon(numbers: Mapping[str, Number], message: str = SOON) -> str:
    """The gain in the first year over both counterfactuals; empty with one, or where that year is the headline."""
    name = second(numbers)
    first, settled_soon = numbers.get(f"{INCOME}.first_year"), numbers.get(f"{INCOME}.{name}.first_year")
    if not name or first is None or settled_soon is None:
        return ""
    return message.format(soon=first.bare, soon_settled=settled_soon.bare, **duties(numbers))


def choices(numbers: Mapping[str, Number], message: str = OTHER_CHOICES) -> str:
    """What other choices that can be defended give; empty with one counterfactual, or where they are not known."""
    ends = [numbers.get(key) for key in (LEAST_CHOICE, MOST_CHOICE)]
    if not second(numbers) or None in ends:
        return ""
    low, high = (end.at(2).bare for end in ends if end)
    return message.format(low=low, high=high, stays=duties(numbers)["stays"])


def price(numbers: Mapping[str, Number]) -> str:
    """The farm price, over the first of two counterfactuals where there are two; empty where it does not move."""
    if not second(numbers):
        return fill_by_sign("prices", numbers.get(PRICE))
    return fill_by_sign("over_price", numbers.get(PRICE), stays=duties(numbers)["stays"])


def together(numbers: Mapping[str, Number]) -> str:
    """The account of both sectors, over both counterfactuals where there are two."""
    canada, name = numbers.get(CANADA), second(numbers)
    if not name:
        return fill_by_sign("together", canada)
    sides = duties(numbers)
    return paragraph(
        fill_by_sign("over_together", canada, stays=sides["stays"]),
        SETTLED_TOGETHER.format(second=numbers[f"{CANADA}.{name}"].full, settled=sides["settled"]),
    )


def registered(numbers: Mapping[str, Number]) -> str:
    """China-built cars, from or to none where a duty keeps all of them out on one side."""
    level, change = numbers[CARS], numbers[CARS_CHANGE]
    from_none = (level.value, *level.ends) == (change.value, *change.ends)
    return (
        (fill_by_sign("registered_from_none", change) if from_none else "")
        or (fill_by_sign("registered_to_none", change) if level.value == 0 else "")
        or fill_by_sign("registered", change, level=level.bare)
    )


def first_year(numbers: Mapping[str, Number]) -> str:
    """China-built cars of the quota's first year beside those of :func:`registered`; empty where they do not change."""
    first = numbers.get(f"{CARS}.first_year")
    if first is None or numbers[CARS_CHANGE].direction == "none":
        return ""
    return FIRST_CARS.format(plain=first.plain)


def paragraph(*sentences: str) -> str:
    """Sentences after each other, the empty ones left out."""
    return " ".join(filter(None, sentences))


def assumption(name: str) -> str:
    """An assumption as a sentence names it."""
    return assumptions.load()[name].in_words


def short_assumption(name: str) -> str:
    """An assumption as the label of a bar names it."""
    return assumptions.load()[name].short
