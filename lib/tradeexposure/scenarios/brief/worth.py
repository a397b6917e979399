"""What the deal is worth to growers by what would have come without it: identifiers, and what fixed words suppose.

A gain is never said without what it is compared with, nor the gain over a duty that stays without the one over the
duty that China settled on: a reader who sees one sees the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tradeexposure.policy import regimes
from tradeexposure.policy.canola_cells import SEED_TO_CHINA
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.simulation.messages import CANADA, INCOME, LEAST_CHOICE, MOST_CHOICE, SEED_DUTY

DEAL = "deal_2026"
SECOND, FIRST_YEAR = "against_final_duty", "first_year"  # how identifiers end
SETTLED, SOON, SETTLED_SOON = f"{INCOME}.{SECOND}", f"{INCOME}.{FIRST_YEAR}", f"{INCOME}.{SECOND}.{FIRST_YEAR}"
#: The gain by the duty that would have come, and what its first and its last ten points are worth.
CURVE = f"{INCOME}.would_have_come"
FIRST_TEN, LAST_TEN = f"{CURVE}.first_ten", f"{CURVE}.last_ten"
CANADA_SETTLED = f"{CANADA}.{SECOND}"
#: China's duty on seed that stays, and the one that China settled on.
DUTY_STAYS, DUTY_SETTLED = f"{SEED_DUTY}.against", f"{SEED_DUTY}.{SECOND}"
#: Lowest and highest median of the gain over a duty that stays by other choices that can be defended as well.
VARIANTS = (LEAST_CHOICE, MOST_CHOICE)


def claims_of(compared: Comparison, numbers: Mapping[str, Number], where: str) -> Iterable[Claim]:
    """What sentences say in fixed words of a scenario with two counterfactuals, and of its gains."""
    if compared.beside is None:
        return
    after, stays = regimes.canola(compared.scenario), regimes.canola_against(compared)
    settled = regimes.canola_against(compared.beside)
    lower = sorted(product for (market, product), duty in after.items() if duty < settled[market, product])
    higher = [key for key, duty in after.items() if duty > settled[key]]
    yield Claim("all of it on meal", lower == ["meal"] and not higher, f"lower on {', '.join(lower)}", where)
    yield Claim("a duty that stays is higher than the settled one", stays[SEED_TO_CHINA] > settled[SEED_TO_CHINA],
                f"{stays[SEED_TO_CHINA]:.3g}, {settled[SEED_TO_CHINA]:.3g}", where)  # fmt: skip
    ends = [numbers[key] for key in (FIRST_TEN, LAST_TEN)]
    yield Claim(
        "each ten points of duty are worth something to growers",
        all(number.direction == "rise" for number in ends),
        ", ".join(number.full for number in ends),
        where,
    )
    # Where the duty shuts all cars out it makes no difference that their makers would have to enter anew.
    cars = [replace(regimes.vehicles_against(side), entering=False) for side in (compared, compared.beside)]
    yield Claim("the car lines are the same against both", cars[0] == cars[1], "", where)
