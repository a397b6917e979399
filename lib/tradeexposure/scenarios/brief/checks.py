"""What the brief's numbers must bear out among themselves: sums, the quota's outcomes, every figure in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tradeexposure.core import units
from tradeexposure.reporting.claims import unpublished
from tradeexposure.scenarios.brief.inputs import HEADLINES, Brief
from tradeexposure.scenarios.brief.sentences import ADDRESS, PROVINCES, QUOTA, REGIME, cells
from tradeexposure.scenarios.simulation.messages import ACCOUNT, CANADA, INCOME, WELFARE

TITLE = re.compile(r"“[^”]*”")  # of a scenario
#: Figures that stand in fixed words: years, unit of the rebate, coverages, a shutting duty.
FIXED = {"2019", "2023", "2024", "2025", "2026", "1,000", "95", "90", "100"}
ROUNDED = 0.02  # of probabilities with two digits


def unpublished_figures(brief: Brief, texts: Iterable[str]) -> list[str]:
    """Figures in `texts` that no number of the brief is written with."""
    numbers = [*brief.numbers.values()]
    written = [text for number in numbers for text in (number.full, number.size.full, number.opposite.full)]
    written += [number.millions for number in numbers if number.unit.startswith("kilotonnes")]
    least = f"1/{cells(brief)}"
    plain = (TITLE.sub("", ADDRESS.sub("", text)).replace(brief.title, "").replace(least, "") for text in texts)
    return unpublished(plain, [*written, *FIXED, str(cells(brief))])


def provinces_add_up(brief: Brief) -> bool:
    """Provinces against Canada, give or take half a unit of the last digit of each."""
    parts = [province for place in PROVINCES if (province := brief.find(f"{INCOME}.{place}"))]
    rounding = sum(units.last_digit(province.value, province.digits) / 2 for province in (brief.growers, *parts))
    return not parts or abs(sum(province.value for province in parts) - brief.growers.value) <= rounding


def quota_outcomes(brief: Brief) -> list[float]:
    """Shares of simulations by what becomes of the quota; none of a scenario without cars."""
    return [number.value for name in QUOTA if (number := brief.find(f"{REGIME}.{name}"))]


def sum_to_one(shares: Sequence[float]) -> bool:
    """Whether the shares of what becomes of the quota add up to one, or there is no quota."""
    return not any(shares) or abs(sum(shares) - 1) <= ROUNDED


def same_as_compared(brief: Brief) -> bool:
    """Whether the row of this scenario in the comparison says what its own numbers say."""
    row = brief.across.get(brief.scenario.name, {})
    return all(brief.numbers[HEADLINES[part]].full == number.full for part, number in row.items())


def lines_can_add_up(brief: Brief) -> bool:
    """Whether Canada's median lies within what the ends of all lines sum to: medians of lines need not add up."""
    canada = brief.find(CANADA)
    lines = [line for name in ACCOUNT if (line := brief.find(f"{WELFARE}.{name}"))]
    if canada is None or len(lines) < len(ACCOUNT):
        return canada is None
    return sum(line.ends[0] for line in lines) <= canada.value <= sum(line.ends[1] for line in lines)


def same_growers(brief: Brief) -> bool:
    """Whether the account's line of growers is growers' income."""
    line = brief.find(f"{WELFARE}.growers")
    return line is None or line.full == brief.growers.full
