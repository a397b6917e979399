"""What a scenario is worth to growers by what would have come without it, and by when.

A scenario may name a second counterfactual beside what it is measured against; between the two lies a curve over
China's duty on seed. In the first year the harvest is sown and rivals turn their seed as far as they do within a crop
year; after adjustment acreage has answered and access has grown. Neither pair is ever averaged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tradeexposure.canola.market import logit_solver
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import scenarios
from tradeexposure.policy.regimes import SEED_TO_CHINA
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.scenarios.simulation.headline_market import Market
from tradeexposure.scenarios.simulation.messages import DUTIES

FIRST_YEAR = "first_year"
CURVE = "would_have_come"
NAMED = ("against_final_duty",)  # second counterfactuals that words of results call by what they are
NOTHING = 1e3  # C$: a smaller difference between two duties is none, since solutions are exact to some cents
STEP, TEN = 5, 0.10  # of the curve, in points; and the part of the duty at either end that is told by itself


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


def beside(market: Market, duties: Mapping[tuple[str, str], float]) -> Market:
    """The same scenario over other duties that would have come."""
    would = logit_solver.simulate(market.base, market.behaviour, duties, near=market.against)
    return replace(market, against=would)


def rates(low: float, high: float) -> dict[str, float]:
    """Duties on seed along the curve, by how identifiers end: both ends, those between in steps, ten points from each.

    An end has the nearest whole step as its name: 15 stands for 14.9%, 85 for 84.8%.
    """
    first, last = (STEP * round(100 * end / STEP) for end in (low, high))
    inner = [name for name in range(first + STEP, last, STEP) if low < name / 100 < high]
    curve = {first: low, **{name: name / 100 for name in inner}, last: high}
    return {f"{name}": rate for name, rate in curve.items()} | {"first_ten": low + TEN, "last_ten": high - TEN}


def curve(market: Market, duties: Mapping[tuple[str, str], float], along: Mapping[str, float]) -> dict[str, Floats]:
    """Growers' gain by the duty on seed that would have come, all other duties those of what it is measured against.

    Parameters
    ----------
    duties : mapping
        What the scenario is measured against.
    along : mapping of str to float
        As of :func:`rates`.

    Returns
    -------
    dict
        By the names of `along`; `first_ten` and `last_ten` are what ten points of duty are worth at either end.
    """
    surplus, would = {}, market.against
    for name, rate in sorted(along.items(), key=lambda each: -each[1]):  # one after the other, each near the one before
        would = logit_solver.simulate(market.base, market.behaviour, {**duties, SEED_TO_CHINA: rate}, near=would)
        surplus[name] = would.producer_surplus_cad
    named = [name for name in along if name.isdecimal()]
    gain = {name: market.scenario.producer_surplus_cad - surplus[name] for name in named}
    ends = {
        "first_ten": surplus[named[0]] - surplus["first_ten"],
        "last_ten": surplus["last_ten"] - surplus[named[-1]],
    }
    return gain | {name: np.where(np.abs(values) < NOTHING, 0.0, values) for name, values in ends.items()}
