"""What the deal is worth to growers by what would have come without it.

A gain is never said without what it is compared with, nor the gain over a duty that stays without the one over the
duty that China settled on: a reader who sees one sees the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tradeexposure.policy import regimes
from tradeexposure.policy.canola_cells import SEED_TO_CHINA
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.simulation.messages import CANADA, INCOME, Messages, paragraph, told

DEAL = "deal_2026"
SECOND, FIRST_YEAR = "against_final_duty", "first_year"  # how identifiers end
SETTLED, SOON, SETTLED_SOON = f"{INCOME}.{SECOND}", f"{INCOME}.{FIRST_YEAR}", f"{INCOME}.{SECOND}.{FIRST_YEAR}"
#: The gain by the duty that would have come, and what its first and its last ten points are worth.
CURVE = f"{INCOME}.would_have_come"
FIRST_TEN, LAST_TEN = f"{CURVE}.first_ten", f"{CURVE}.last_ten"
CANADA_SETTLED = f"{CANADA}.{SECOND}"
#: Medians of the gain over a duty that stays, by other choices that can be defended as well.
CHOICES = (f"{INCOME}.turning_of_the_year", f"{INCOME}.one_pool", f"{INCOME}.segmented", "canola.weights.gain_cad.")

STAYS: Messages = {
    "rise": "Compared with a seed duty of {stays} that stays, the deal would bring canola growers {full}.",
    "fall": "Compared with a seed duty of {stays} that stays, the deal would cost canola growers {full}.",
    "open": "Compared with a seed duty of {stays} that stays, the deal's gain for canola growers is unclear: {full}.",
    "none": "Compared with a seed duty of {stays} that stays, the deal would change nothing for canola growers.",
}
SETTLES: Messages = {
    "rise": "Had China settled on {settles} anyway, the deal would bring them {full}, all of it on meal.",
    "fall": "Had China settled on {settles} anyway, the deal would cost them {full}, all of it on meal.",
    "open": "Had China settled on {settles} anyway, the deal's gain for them is unclear: {full}.",
    "none": "Had China settled on {settles} anyway, the deal would change nothing for them.",
}
BETWEEN = "Of the duties between, the first ten points are worth {first} a year to them, the last ten {last}."
SOON_SAID = (
    "In the first year, before they change their acreage, they would gain {stays_soon} compared with the duty that "
    "stays and {settles_soon} compared with {settles}."
)
SOON_OPEN = (
    "In the first year, before they change their acreage, the change would be {stays_soon} compared with the duty that "
    "stays and {settles_soon} compared with {settles}."
)
OTHER_CHOICES = "Other defensible choices put the gain over the duty that stays at {least} to {most} a year."


@dataclass(frozen=True)
class Worth:
    """Numbers of the deal against both counterfactuals, and China's duty on seed in each as a sentence writes it.

    Attributes
    ----------
    numbers
        Those that the simulation published for the deal; with them what the notebook on weights did, where it is known.
    stays, settles
        Duty on seed that stays, and the one that China settles on without the deal.
    """

    numbers: Mapping[str, Number]
    stays: str
    settles: str

    @property
    def claim(self) -> str:
        """The gain over a duty that stays, in one sentence."""
        return told(STAYS, self.numbers[INCOME], stays=self.stays)

    @property
    def rest(self) -> str:
        """How much of it hangs on that: the settled duty, the duties between, the first year, other choices."""
        return paragraph(self.settled, self.between, self.soon, self.choices)

    @property
    def settled(self) -> str:
        """The gain over the duty that China settled on."""
        return told(SETTLES, self.numbers[SETTLED], settles=self.settles)

    @property
    def between(self) -> str:
        """What the duty that would have come is worth at its low and at its high end."""
        return BETWEEN.format(first=self.numbers[FIRST_TEN].size.bare, last=self.numbers[LAST_TEN].size.bare)

    @property
    def soon(self) -> str:
        """The first year against both."""
        both = self.numbers[SOON], self.numbers[SETTLED_SOON]
        gains = all(one.direction == "rise" for one in both)
        said = [one.size.bare if gains else one.bare for one in both]
        message = SOON_SAID if gains else SOON_OPEN
        return message.format(stays_soon=said[0], settles_soon=said[1], settles=self.settles)

    @property
    def choices(self) -> str:
        """Lowest and highest median of other choices; empty where none is known."""
        medians = [one for key, one in self.numbers.items() if key.startswith(CHOICES)]
        if not medians:
            return ""
        least, most = (pick(medians, key=lambda one: one.value) for pick in (min, max))
        return OTHER_CHOICES.format(least=least.bare, most=most.bare)


def stated(compared: Comparison, numbers: Mapping[str, Number], where: str) -> Iterable[Claim]:
    """What the sentences say in fixed words of the deal, and of its gains; nothing of other scenarios."""
    if compared.scenario.name != DEAL or compared.beside is None:
        return
    deal, stays = regimes.canola(compared.scenario), regimes.canola_against(compared)
    settles = regimes.canola_against(compared.beside)
    lower = sorted(product for (market, product), duty in deal.items() if duty < settles[market, product])
    higher = [key for key, duty in deal.items() if duty > settles[key]]
    yield Claim("all of it on meal", lower == ["meal"] and not higher, f"lower on {', '.join(lower)}", where)
    yield Claim("a duty that stays is higher than the settled one", stays[SEED_TO_CHINA] > settles[SEED_TO_CHINA],
                f"{stays[SEED_TO_CHINA]:.3g}, {settles[SEED_TO_CHINA]:.3g}", where)  # fmt: skip
    ends = [numbers[key] for key in (FIRST_TEN, LAST_TEN)]
    said = ", ".join(one.full for one in ends)
    yield Claim("each ten points of duty are worth something to growers",
                all(one.direction == "rise" for one in ends), said, where)  # fmt: skip
    yield Claim("the car lines are the same against both",
                regimes.vehicles_against(compared) == regimes.vehicles_against(compared.beside), "", where)  # fmt: skip


def of(compared: Comparison, numbers: Mapping[str, Number]) -> Worth | None:
    """What the deal is worth; None of other scenarios, of which the sentences do not speak."""
    if compared.scenario.name != DEAL or compared.beside is None:
        return None
    duties = (regimes.canola_against(one)[SEED_TO_CHINA] for one in (compared, compared.beside))
    return Worth(numbers, *(f"{100 * duty:.3g}%" for duty in duties))
