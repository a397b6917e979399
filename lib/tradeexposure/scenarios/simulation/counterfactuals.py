"""How identifiers name what would have come without a scenario, and by when its numbers are.

A scenario may name a second counterfactual beside what it is measured against; between the two lies a curve over
China's duty on seed. In the first year the harvest is sown and rivals turn their seed as far as they do within a crop
year; after adjustment acreage has answered and access has grown. Neither pair is ever averaged.
"""

from __future__ import annotations

import re

from tradeexposure.policy import scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.scenarios.simulation.messages import DUTIES

FIRST_YEAR = "first_year"
CURVE = "would_have_come"
NAMED = ("against_final_duty",)  # second counterfactuals that words of results call by what they are


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
