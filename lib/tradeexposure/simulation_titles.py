"""Titles of the scenario notebook's charts and their words for someone who does not see them, by sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradeexposure.core.text import capital
from tradeexposure.econometrics.draws import Ensemble, Spread, spread
from tradeexposure.simulation_names import OUTPUTS, assumption


def growers_title(income: Ensemble) -> str:
    """The title of the chart of growers' income by province."""
    found = {spread(values).direction for values in income.by_closure.values()}
    if found == {"none"}:
        return "Growers' income does not change in any province: no duty on canola differs"
    tail = ", but how much depends on the model" if income.apart else ", in both models"
    if found <= {"gain", "none"}:
        return f"Saskatchewan's growers gain most{tail}"
    if found <= {"loss", "none"}:
        return f"Saskatchewan's growers lose most{tail}"
    return "At least one model does not show whether growers gain or lose"


def price_title(change: Ensemble) -> str:
    """The title of the chart of the farm price in both models."""
    found = {spread(values).direction for values in change.by_closure.values()}
    if found == {"none"}:
        return "The farm price of canola does not change"
    moves = {"gain": "rises", "loss": "falls"}
    signs = found - {"none"}
    if len(signs) == 1 and (one := signs.copy().pop()) in moves:
        return f"The farm price {moves[one]}" + (
            ", far more if buyers tell origins apart" if _armington_larger(change) else " in both models"
        )
    return "The farm price: at least one model's range holds zero"


def _armington_larger(change: Ensemble) -> bool:
    sizes = {name: abs(spread(values).value) for name, values in change.by_closure.items()}
    return change.apart and sizes["armington"] > sizes["homogeneous"]


def vehicles_title(cars: Spread) -> str:
    """The title of the chart of registrations by origin."""
    return {
        "none": "Registrations of electric cars do not change: no measure on them differs",
        "rarely": "In most draws registrations of electric cars do not change",
        "gain": "Cars from China are added, and take buyers from other electric cars",
        "loss": "Cars from China leave, and other electric cars win buyers",
        "unclear": "China-built cars: the range of the change holds zero",
    }[cars.direction]


ALT_SIGNS = {"gain": "lie above zero", "loss": "lie below zero", "none": "are all zero", "rarely": "touch zero",
             "unclear": "include zero"}  # fmt: skip


def growers_alt(income: Ensemble) -> str:
    """The chart of growers' income for someone who does not see it."""
    parts = [
        f"{name} {ALT_SIGNS[spread(values).direction]}"
        for name, values in zip(("origins told apart", "one good"), income.by_closure.values(), strict=True)
    ]
    return f"Dots with ranges by province, Saskatchewan first: the ranges with {', those with '.join(parts)}."


def price_alt(change: Ensemble) -> str:
    """The chart of the farm price for someone who does not see it."""
    apart = (
        "the two do not overlap between their fifth and ninety-fifth percentiles" if change.apart else "the two overlap"
    )
    return f"Two rising lines of the share of draws below each change of the farm price, one per model; {apart}."


def vehicles_alt(cars: Spread) -> str:
    """The chart of registrations for someone who does not see it."""
    word = {"gain": "more", "loss": "fewer", "none": "as many"}.get(cars.direction, "in most draws about as many")
    return (
        f"Dots with ranges of registrations by origin, in the scenario and in what it is measured against: {word} "
        "built in China in the scenario."
    )


def ranking_title(names: Mapping[str, Sequence[str]]) -> str:
    """The title of the chart of assumptions."""
    output, found = next(iter(names.items()))
    return f"{capital(OUTPUTS[output])}: what matters most is {assumption(found[0])}"


def ranking_alt(names: Mapping[str, Sequence[str]]) -> str:
    """The chart of assumptions for someone who does not see it."""
    parts = [f"{OUTPUTS[output]}, {assumption(found[0])}" for output, found in names.items()]
    return f"Bars of shares of variance by assumption; the longest for {'; for '.join(parts)}."
