"""What a scenario's numbers say in notebooks 70 and 90: whole sentences, one for each direction a range allows."""

from __future__ import annotations

from collections.abc import Mapping

from tradeexposure.core import units
from tradeexposure.core.units import Direction
from tradeexposure.policy.canola_cells import PRODUCTS
from tradeexposure.reporting.numbers import Number, NumberGroup, Numbers

Messages = Mapping[Direction, str]
UNCLEAR: tuple[Direction, ...] = ("open", "rarely")  # where one message is for both

INCOME, PRICE = "scenario.canola.grower_income_change_cad", "scenario.canola.producer_price_change"
CARS = "scenario.ev.china_built_registrations"
CARS_CHANGE, DISPLACED, ASSEMBLY = f"{CARS}_change", "scenario.ev.displaced", "scenario.ev.domestic_assembly_change"
VEHICLES, CANADA = "scenario.us.vehicle_export_change_cad", "scenario.welfare.canada_cad"

#: China's duty on seed in what a scenario is measured against, and in the second counterfactual below it.
SEED_DUTY = "scenario.canola.china_seed_duty"
DUTIES = {product: SEED_DUTY.replace("seed", product) for product in PRODUCTS}  # each with both ends, and without

COMPARED = "This is what changes over a full year under “{title}”, measured against {against}."
NOTHING = "Nothing changes for canola growers or for electric cars."
GROWERS: Messages = {
    "rise": "Canola growers gain {full}.",
    "fall": "Canola growers lose {full}.",
    "open": "Whether canola growers gain or lose is unclear: {full}.",
    "rarely": "In most simulations nothing changes for canola growers.",
    "none": "Nothing changes for canola growers.",
}
PRICES: Messages = {
    "rise": "The farm price of canola rises by {full}.",
    "fall": "The farm price of canola falls by {full}.",
    "open": "Whether the farm price of canola rises or falls is unclear: {full}.",
}
EXPORTS: Messages = {
    "rise": "Vehicle sales to the United States rise by {full}.",
    "fall": "Vehicle sales to the United States fall by {full}.",
    "open": "Whether vehicle sales to the United States rise or fall is unclear: {full}.",
}
REGISTERED: Messages = {
    "rise": "Registrations of China-built electric cars rise by {plain} a year. They come to about {level}.",
    "fall": "Registrations of China-built electric cars fall by {plain} a year. They come to about {level}.",
    "open": "Whether more or fewer China-built electric cars are registered is unclear: {plain} a year.",
    "rarely": "In most simulations registrations of China-built electric cars stay at about {level} a year; the "
    "change ranges from {span}.",
    "none": "Registrations of China-built electric cars stay at about {level} a year.",
}
FROM_NONE = "Registrations of China-built electric cars rise from almost none to {plain} a year."
TO_NONE = "Registrations of China-built electric cars fall by {plain} a year, to almost none."
FIRST_YEAR = "This holds for a year with all makers there; in the first, while they enter, {plain} are registered."
LOST: Messages = {
    "rise": "Other cars lose {plain} registrations a year.",
    "fall": "Other cars win back {plain} registrations a year.",
}
ASSEMBLED: Messages = {
    "rise": "Vehicle assembly in Canada rises by {full}.",
    "fall": "Vehicle assembly in Canada falls by {full}.",
    "rarely": "In most simulations vehicle assembly in Canada does not change.",
}
TOGETHER: Messages = {
    "rise": "Over both sectors Canada gains {full}.",
    "fall": "Over both sectors Canada loses {full}.",
    "open": "Whether Canada gains or loses over both sectors is unclear: {full}.",
    "rarely": "In most simulations nobody in either sector gains or loses; the range is {span} a year.",
    "none": "In the account of both sectors nobody gains or loses; it holds no makers' profit and no jobs.",
}
#: What a scenario is worth over its two counterfactuals: no sentence without naming the one that it is over.
OVER: Messages = {
    "rise": "Compared with a seed duty of {stays} that stays, the deal would bring canola growers {full}, our model "
    "suggests.",
    "fall": "Compared with a seed duty of {stays} that stays, the deal would cost canola growers {full}, our model "
    "suggests.",
    "none": "Compared with a seed duty of {stays} that stays, the deal would change nothing for canola growers.",
    **dict.fromkeys(UNCLEAR, "Compared with a seed duty of {stays} that stays, it is unclear whether canola growers "
                             "would gain or lose: {full}."),
}  # fmt: skip
SETTLED: Messages = {
    "rise": "Had China settled on {settled} without the deal, they would gain {full}{on}.",
    "fall": "Had China settled on {settled} without the deal, they would lose {full}{on}.",
    **dict.fromkeys(UNCLEAR, "Had China settled on {settled} without the deal, it is unclear whether they would gain "
                             "or lose: {full}."),
}  # fmt: skip
ON_MEAL = ", all of it on meal"
CONCAVE = "The first ten points of duty above that are worth {first} a year, the last ten below {stays} only {last}."
HARDLY = "The first ten points of duty above that are worth {first} a year, the last ten below {stays} next to nothing."
EACH_TEN = "The first ten points of duty above that are worth {first} a year, the last ten below {stays} {last}."
HARDLY_ANY = 0.01  # of the first ten points: less is next to nothing, whatever it comes to in dollars
SOON = (
    "In the first year the gain would be {soon} compared with a duty that stays, and {soon_settled} had China settled "
    "on {settled}."
)
OVER_TOGETHER: Messages = {
    "rise": "Compared with a duty of {stays} that stays, Canada would gain {full} over both sectors.",
    "fall": "Compared with a duty of {stays} that stays, Canada would lose {full} over both sectors.",
    **dict.fromkeys(UNCLEAR, "Compared with a duty of {stays} that stays, it is unclear whether Canada would gain or "
                             "lose over both sectors: {full}."),
}  # fmt: skip
OVER_PRICE: Messages = {
    "rise": "Compared with a duty of {stays} that stays, the farm price of canola would be higher by {full}.",
    "fall": "Compared with a duty of {stays} that stays, the farm price of canola would be lower by {full}.",
    **dict.fromkeys(UNCLEAR, "Compared with a duty of {stays} that stays, it is unclear whether the farm price of "
                             "canola would be higher or lower: {full}."),
}  # fmt: skip
#: Lowest and highest median of growers' gain under other choices that can be defended, of the notebook on weights.
LEAST_CHOICE, MOST_CHOICE = (f"canola.weights.gain_cad.{end}_variant" for end in ("lowest", "highest"))
OTHER_CHOICES = "Other defensible choices give {low} to {high} a year, compared with a duty that stays."
#: What a scenario of the user's own is worth over the second one that its file names.
BESIDE: Messages = {
    "rise": "Compared with {second}, canola growers gain {full}.",
    "fall": "Compared with {second}, canola growers lose {full}.",
    "none": "Compared with {second}, nothing changes for canola growers.",
    **dict.fromkeys(UNCLEAR, "Compared with {second}, whether canola growers gain or lose is unclear: {full}."),
}  # fmt: skip
BESIDE_TOGETHER: Messages = {
    "rise": "Compared with {second}, Canada gains {full} over both sectors.",
    "fall": "Compared with {second}, Canada loses {full} over both sectors.",
    **dict.fromkeys(UNCLEAR, "Compared with {second}, whether Canada gains or loses over both sectors is unclear: "
                             "{full}."),
}  # fmt: skip
SETTLED_TOGETHER = "Had China settled on {settled} without the deal, it would be {second}."


def message(messages: Messages, direction: Direction) -> str:
    """The message of a direction, the one look-up of all words that follow a sign; empty where there is none."""
    return messages.get(direction, "")


def told(messages: Messages, number: Number | None, **figures: str | NumberGroup) -> str:
    """The message that the sign of `number` bears out; empty without a number or a message for its sign.

    A message may name the number: ``{full}`` with its unit, ``{plain}`` without, ``{value}`` and ``{span}`` the value
    and its range alone; where the sign is settled its size stands there. Of a :class:`NumberGroup` among `figures`
    it may name each number in a form of its own.
    """
    if number is None:
        return ""
    direction, shown = units.direction(number.value, *number.ends), number.size
    forms = {"full": shown.full, "plain": shown.plain, "value": shown.bare, "span": shown.span}
    return message(messages, direction).format(**forms, **figures)


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
        return told(OVER, income, stays=numbers[f"{SEED_DUTY}.against"].bare)
    first = told(EXPORTS, numbers.get(VEHICLES)) or (told(GROWERS, income) if income.direction != "none" else "")
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
        told(BESIDE, numbers[f"{INCOME}.{name}"], second=title),
        told(BESIDE_TOGETHER, numbers.get(f"{CANADA}.{name}"), second=title),
    )


def alone(numbers: Numbers) -> Numbers:
    """The same without the second counterfactual, so that no sentence takes it for the deal's."""
    return numbers.without(second(numbers))


def hangs(numbers: Mapping[str, Number]) -> str:
    """How much of growers' gain hangs on what would have come; empty with one counterfactual."""
    name = second(numbers)
    if not name:
        return ""
    duties = {"stays": numbers[f"{SEED_DUTY}.against"].bare, "settled": numbers[f"{SEED_DUTY}.{name}"].bare}
    differ = [product for product, key in DUTIES.items() if numbers[key].value != numbers[f"{key}.{name}"].value]
    first, last = (numbers[f"{INCOME}.would_have_come.{part}"] for part in ("first_ten", "last_ten"))
    hardly = abs(last.value) < HARDLY_ANY * abs(first.value)
    ten = HARDLY if hardly else CONCAVE if first.value > last.value else EACH_TEN
    return paragraph(
        told(SETTLED, numbers[f"{INCOME}.{name}"], settled=duties["settled"], on=ON_MEAL if differ == ["meal"] else ""),
        ten.format(first=first.bare, last=last.bare, **duties),
    )


def soon(numbers: Mapping[str, Number]) -> str:
    """The gain in the first year over both counterfactuals; empty with one, or where that year is the headline."""
    name = second(numbers)
    first, settled = numbers.get(f"{INCOME}.first_year"), numbers.get(f"{INCOME}.{name}.first_year")
    if not name or first is None or settled is None:
        return ""
    return SOON.format(soon=first.bare, soon_settled=settled.bare, settled=numbers[f"{SEED_DUTY}.{name}"].bare)


def choices(numbers: Mapping[str, Number]) -> str:
    """What other choices that can be defended give; empty with one counterfactual, or where they are not known."""
    ends = [numbers.get(key) for key in (LEAST_CHOICE, MOST_CHOICE)]
    if not second(numbers) or None in ends:
        return ""
    low, high = (end.at(2).bare for end in ends if end)
    return OTHER_CHOICES.format(low=low, high=high)


def price(numbers: Mapping[str, Number]) -> str:
    """The farm price, over the first of two counterfactuals where there are two; empty where it does not move."""
    if not second(numbers):
        return told(PRICES, numbers.get(PRICE))
    return told(OVER_PRICE, numbers.get(PRICE), stays=numbers[f"{SEED_DUTY}.against"].bare)


def together(numbers: Mapping[str, Number]) -> str:
    """The account of both sectors, over both counterfactuals where there are two."""
    canada, name = numbers.get(CANADA), second(numbers)
    if not name:
        return told(TOGETHER, canada)
    duties = {"stays": numbers[f"{SEED_DUTY}.against"].bare, "settled": numbers[f"{SEED_DUTY}.{name}"].bare}
    return paragraph(
        told(OVER_TOGETHER, canada, stays=duties["stays"]),
        SETTLED_TOGETHER.format(second=numbers[f"{CANADA}.{name}"].full, **duties),
    )


def registered(numbers: Mapping[str, Number]) -> str:
    """China-built cars, from or to none where a duty keeps all of them out on one side."""
    level, change = numbers[CARS], numbers[CARS_CHANGE]
    messages: dict[Direction, str] = dict(REGISTERED)
    if (level.value, *level.ends) == (change.value, *change.ends):
        messages["rise"] = FROM_NONE
    if level.value == 0:
        messages["fall"] = TO_NONE
    return told(messages, change, level=level.bare)


def first_year(numbers: Mapping[str, Number]) -> str:
    """China-built cars of the quota's first year beside those of :func:`registered`; empty where they do not change."""
    first = numbers.get(f"{CARS}.first_year")
    if first is None or numbers[CARS_CHANGE].direction == "none":
        return ""
    return FIRST_YEAR.format(plain=first.plain)


def paragraph(*sentences: str) -> str:
    """Sentences after each other, the empty ones left out."""
    return " ".join(filter(None, sentences))
