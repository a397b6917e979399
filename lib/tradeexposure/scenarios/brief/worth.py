"""What the deal is worth to growers by what would have come without it: identifiers, and what fixed words suppose.

A gain is never said without what it is compared with, nor the gain over a duty that stays without the one over the
duty that China settled on: a reader who sees one sees the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from tradeexposure.policy import duty_tables, regimes
from tradeexposure.policy.regimes import SEED_TO_CHINA
from tradeexposure.policy.scenario_schema import Scenario
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
#: The scenario of retaliation by the United States, and the chance of it that cancels Canada's gain.
RETALIATION = "us_retaliation_100"
CANCELS = "brief.retaliation_cancels_at.probability"


def threatened(scenario: Scenario) -> str:
    """The duty with which the United States threaten in the scenario of retaliation, as it is written."""
    return duty_tables.percent(max(measure.rate or 0.0 for measure in scenario.hypothetical))


def chances(gains: Mapping[str, Number], loss: Number) -> pd.DataFrame:
    """Chances of a loss that cancel gains, by their identifiers, to publish; a loss of nothing cancels none."""
    rows = []
    for key, gain in gains.items():
        ends = zip((gain.value, *gain.ends), (loss.value, *loss.ends), strict=True)
        value, low, high = (min(1.0, max(0.0, up / -down)) if down < 0 else 1.0 for up, down in ends)
        rows.append({"result_id": key, "value": value, "low": low, "high": high, "level": gain.level,
                     "period": gain.period, "sources": gain.tables, "made_of": (gain.origin, loss.origin)})  # fmt: skip
    return pd.DataFrame(rows)


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
