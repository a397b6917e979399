"""The answer of the scenario notebook: one sentence with ranges, a null first, written from the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from tradeexposure.econometrics.draws import Ensemble, Spread, spread
from tradeexposure.simulation_outputs import Changes
from tradeexposure.simulation_words import CHINA, INCOME, PRICE, exchange, quota


def answer(found: Changes, *, title: str, against: str) -> str:
    """The answer: one sentence with ranges, a null first and both closures where they lie apart, then each sector."""
    cars = spread(found.vehicles.china_built_change)
    first = f"**{title}, measured against {against}: {_lead(found, cars)}**"
    parts = [first, _apart(found.canola.income), _price(found.canola.price), _cars(found, cars)]
    return " ".join(filter(None, [*parts, exchange(True) if found.has_exchange_rate else ""]))


def _lead(found: Changes, cars: Spread) -> str:
    """Growers and China-built cars, a null first; the United States where something moves there."""
    income, exports = found.canola.income, spread(found.us)
    sectors = {
        "canola growers": (spread(income.pooled).direction, _growers_short(income)),
        "electric cars from China": (cars.direction, _cars_short(cars)),
    }  # fmt: skip
    nulls = [name for name, (sign, _) in sectors.items() if sign == "none"]
    moved = [text for sign, text in sectors.values() if sign != "none"]
    if exports.direction != "none":
        moved.append("vehicle exports to the United States change by {scenario.us.vehicle_export_change_cad:full}")
    return "; ".join([*([f"nothing changes for {_listed(nulls)}"] if nulls else []), *moved]) + "."


def _cars_short(cars: Spread) -> str:
    if cars.direction == "rarely":
        return (f"registrations of China-built electric cars stay as they are in most draws (range of the change "
                f"{{{CHINA}_change:range}})")  # fmt: skip
    return f"registrations of China-built electric cars change by {{{CHINA}_change:full}}"


def _apart(income: Ensemble) -> str:
    """That no number between the closures stands for both, where their ranges do not overlap."""
    return "The two ranges of growers' income do not overlap, so no number between them stands for both." if (
        income.apart) else ""  # fmt: skip


def _price(change: Ensemble) -> str:
    if spread(change.pooled).direction == "none":
        return ""
    return (
        f"The farm price changes by {{{PRICE}.armington:full}} with origins told apart and by "
        f"{{{PRICE}.homogeneous:full}} as one good."
    )


def _cars(found: Changes, cars: Spread) -> str:
    """The quota, and what buyers and other cars get, where anything moves."""
    if cars.direction == "none":
        return ""
    return (
        f"{quota(found.vehicles.quota).strip()} Buyers' surplus changes by {{scenario.ev.consumer_surplus_cad:full}}, "
        "the number of other cars displaced by {scenario.ev.displaced:full}, Canadian assembly by "
        "{scenario.ev.domestic_assembly_change:full}."
    )


def _growers_short(income: Ensemble) -> str:
    signs = {spread(values).direction for values in income.by_closure.values()}
    known = {"gain": "canola growers gain", "loss": "canola growers lose"}
    lead = known.get(signs.pop() if len(signs) == 1 else "", "whether canola growers gain or lose does not show")
    if income.apart:
        return (f"{lead}, {{{INCOME}.armington:full}} if buyers tell origins apart and {{{INCOME}.homogeneous:full}} "
                "if canola is one good")  # fmt: skip
    return (f"{lead}: {{{INCOME}:full}} over two readings of the market, {{{INCOME}.armington:full}} if buyers tell "
            f"origins apart and {{{INCOME}.homogeneous:full}} if canola is one good")  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
