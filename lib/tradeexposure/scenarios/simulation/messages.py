"""What a scenario's numbers say in notebooks 70 and 90: whole sentences, one for each direction a range allows."""

from __future__ import annotations

from collections.abc import Mapping

from tradeexposure.core import units
from tradeexposure.core.units import Direction
from tradeexposure.reporting.numbers import Number, Stem

Messages = Mapping[Direction, str]
UNCLEAR: tuple[Direction, ...] = ("open", "rarely")  # where one message is for both

INCOME, PRICE = "scenario.canola.grower_income_change_cad", "scenario.canola.producer_price_change"
CARS = "scenario.ev.china_built_registrations"
CARS_CHANGE, DISPLACED, ASSEMBLY = f"{CARS}_change", "scenario.ev.displaced", "scenario.ev.domestic_assembly_change"
VEHICLES, CANADA = "scenario.us.vehicle_export_change_cad", "scenario.welfare.canada_cad"

COMPARED = "This is what changes over a full year under “{title}”, measured against {against}."
NOTHING = "Nothing changes for canola growers or for electric cars."
GROWERS: Messages = {
    "rise": "Canola growers gain {full}.",
    "fall": "Canola growers lose {full}.",
    "open": "Whether canola growers gain or lose does not show: {full}.",
    "rarely": "In most draws nothing changes for canola growers.",
    "none": "Nothing changes for canola growers.",
}
PRICES: Messages = {
    "rise": "The farm price of canola rises by {full}.",
    "fall": "The farm price of canola falls by {full}.",
    "open": "Whether the farm price of canola rises or falls does not show: {full}.",
}
EXPORTS: Messages = {
    "rise": "Vehicle sales to the United States rise by {full}.",
    "fall": "Vehicle sales to the United States fall by {full}.",
    "open": "Whether vehicle sales to the United States rise or fall does not show: {full}.",
}
REGISTERED: Messages = {
    "rise": "Registrations of China-built electric cars rise by {plain} a year. They come to about {level}.",
    "fall": "Registrations of China-built electric cars fall by {plain} a year. They come to about {level}.",
    "open": "Whether more or fewer China-built electric cars are registered does not show: {plain} a year.",
    "rarely": "In most draws registrations of China-built electric cars stay at about {level} a year; the change "
    "ranges from {span}.",
    "none": "Registrations of China-built electric cars stay at about {level} a year.",
}
FROM_NONE = "Registrations of China-built electric cars rise from almost none to {plain} a year."
TO_NONE = "Registrations of China-built electric cars fall by {plain} a year, to almost none."
LOST: Messages = {
    "rise": "Other cars lose {plain} registrations a year.",
    "fall": "Other cars win back {plain} registrations a year.",
}
ASSEMBLED: Messages = {
    "rise": "Vehicle assembly in Canada rises by {full}.",
    "fall": "Vehicle assembly in Canada falls by {full}.",
    "rarely": "In most draws vehicle assembly in Canada does not change.",
}
TOGETHER: Messages = {
    "rise": "Over both sectors Canada gains {full}.",
    "fall": "Over both sectors Canada loses {full}.",
    "open": "Whether Canada gains or loses over both sectors does not show: {full}.",
    "rarely": "In most draws nobody in either sector gains or loses; the range is {span} a year.",
    "none": "In the account of both sectors nobody gains or loses; it holds no makers' profit and no jobs.",
}


def message(messages: Messages, found: Direction) -> str:
    """The message of a direction, the one look-up of all words that follow a sign; empty where there is none."""
    return messages.get(found, "")


def told(messages: Messages, number: Number | None, **words: str | Stem) -> str:
    """The message that the sign of `number` bears out; empty without a number or a message for its sign.

    A message may name the number: ``{full}`` with its unit, ``{plain}`` without, ``{value}`` and ``{span}`` the value
    and its range alone; where the sign is settled its size stands there. Of a :class:`Stem` among `words` it may name
    each number in a form of its own.
    """
    if number is None:
        return ""
    found, shown = units.direction(number.value, *number.ends), number.size
    said = {"full": shown.full, "plain": shown.plain, "value": shown.bare, "span": shown.span}
    return message(messages, found).format(**said, **words)


def lead(numbers: Mapping[str, Number], *, cars: bool) -> str:
    """The headline, with one range: sales to the United States where they move, else growers, else cars.

    Parameters
    ----------
    numbers : mapping
        Those that the simulation published for the scenario.
    cars : bool
        Whether the scenario is about cars at all.
    """
    income = numbers[INCOME]
    first = told(EXPORTS, numbers.get(VEHICLES)) or (told(GROWERS, income) if income.direction != "none" else "")
    return first or (registered(numbers) if cars else "") or NOTHING


def registered(numbers: Mapping[str, Number]) -> str:
    """China-built cars, from or to none where a duty keeps all of them out on one side."""
    level, change = numbers[CARS], numbers[CARS_CHANGE]
    messages: dict[Direction, str] = dict(REGISTERED)
    if (level.value, *level.ends) == (change.value, *change.ends):
        messages["rise"] = FROM_NONE
    if level.value == 0:
        messages["fall"] = TO_NONE
    return told(messages, change, level=level.bare)


def paragraph(*sentences: str) -> str:
    """Sentences after each other, the empty ones left out."""
    return " ".join(filter(None, sentences))
