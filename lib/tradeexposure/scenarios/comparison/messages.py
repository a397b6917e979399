"""What the front page says: whole sentences with named places for numbers, one for each direction they may have.

A sentence is never put together out of fragments, so that each can be written in another language as it is.
"""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.text import capital
from tradeexposure.reporting import pieces
from tradeexposure.reporting.numbers import Number
from tradeexposure.reporting.pieces import Figure
from tradeexposure.scenarios.brief import worth
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.comparison.leads import number_of, page, told
from tradeexposure.scenarios.simulation import messages as simulated
from tradeexposure.scenarios.simulation.messages import Messages
from tradeexposure.scenarios.simulation.names import assumption

CLAIM_WORDS, STORY_WORDS = 28, 120  # at most; a duty, a gain and both ends of its range stand in the claim

SEED = "In January 2026 China agreed to cut its duty on Canadian canola seed from {before} to {after}."
CARS = "In return Canada lets in {quota} China-built electric cars a year at {duty}."
SPREAD = "The range is wide because we cannot tell {assumption}."
QUOTA = {
    "unfilled": "Once all makers are there {cars} cars would come a year, and others lose {displaced} sales; the quota "
    "stays unfilled in {chance} of simulations.",
    "filled": "Once all makers are there {cars} cars would come a year, and others lose {displaced} sales; the quota "
    "just fills in {chance} of simulations.",
    "overfilled": "Once all makers are there {cars} cars would come a year, and others lose {displaced} sales; more "
    "than the quota come in {chance} of simulations.",
}
US_DUTY = "The United States would collect {duty} on a year of Canadian cars as in 2024."
US_SALES: Messages = {
    "rise": "A duty of {rate} on canola and whole vehicles would raise car sales there by {value} a year.",
    "fall": "A duty of {rate} on canola and whole vehicles would cut car sales there by {value} a year.",
    "open": "What a duty of {rate} on canola and whole vehicles would do to car sales there is unclear.",
    "none": "A duty of {rate} on canola and whole vehicles would leave car sales there as they are.",
}
US_GROWERS: Messages = {
    "rise": "It would bring canola growers {value} a year.",
    "fall": "It would cost canola growers {value} a year.",
    "open": "We cannot tell what it would do to canola growers.",
    "none": "It would leave canola growers as they are.",
}
BASIS = (
    "Unless a first year is named, each number is the change of a full year once everyone has adjusted, compared with "
    "the case named. "
    "A range holds {level} of the model's simulations and is not a confidence interval."
)
JUMPS = (
    "Go to [every scenario](#outcomes), [a question](#questions), [a farm's part](#farms) or [what is not known]"
    "(#unknown)."
)

STAKE = "of canola receipts depended on sales to China in {period} ({span}, depending on the definition)"
DUTY = {
    True: "China's duty on Canadian canola seed, before the deal and under it; oil still faces {oil}",
    False: "China's duty on Canadian canola seed, before the deal and under it; oil faces {oil}",
}
DUTIES = {"stays": worth.DUTY_STAYS, "settles": worth.DUTY_SETTLED}
GROWERS: Messages = {
    "rise": "more a year for canola growers compared with a seed duty of {stays} that stays ({span}); {settled} more "
    "had China settled on {settles} without the deal",
    "fall": "less a year for canola growers compared with a seed duty of {stays} that stays ({span}); a change of "
    "{settled} had China settled on {settles} without the deal",
    "open": "a year for canola growers compared with a seed duty of {stays} that stays, no clear change ({span}); "
    "{settled} had China settled on {settles} without the deal",
    "none": "a year for canola growers compared with a seed duty of {stays} that stays: no change; {settled} had China "
    "settled on {settles} without the deal",
}
FILLED = {
    "unfilled": "China-built electric cars a year under the quota once all makers are there ({span}), {first} in the "
    "first year; it stays unfilled in {chance} of simulations",
    "filled": "China-built electric cars a year under the quota once all makers are there ({span}), {first} in the "
    "first year; it fills exactly in {chance} of simulations",
    "overfilled": "China-built electric cars a year beside the quota once all makers are there ({span}), {first} in "
    "the first year; more come in {chance} of simulations",
}
US_FIGURE = "a year of US duty on Canadian cars, at the trade of 2024 and the rates of {day} ({span})"
BEFORE_AFTER, OF = "{before} → {after}", "{cars} of {quota}"

UNKNOWN_SPREAD = "**What decides the range.** {Assumption} explains {share} of the spread of growers' income."
UNKNOWN_PRICE: Messages = {
    "rise": "**The farm price in 2019.** It rose under China's measures by {value}, anywhere from {span}.",
    "fall": "**The farm price in 2019.** It fell under China's measures by {value}, anywhere from {span}.",
    "open": "**The farm price in 2019.** We cannot tell whether China's measures lowered it: the estimate is {value}, "
    "anywhere from {span}.",
    "none": "**The farm price in 2019.** China's measures left it as it was.",
}
UNKNOWN_DEMAND = (
    "**Rebates and electric cars.** A rebate of C$1,000 moves sales of electric cars by anything from {span}."
)
UNKNOWN = "{spread}\n\n{price}\n\n{demand}\n\n{supply}\n\n{checked}"
UNKNOWN_SUPPLY = (
    "**How fast carmakers in China enter.** Their first cars under the quota were counted on a day that was not "
    "published."
)


def claim(found: Compared) -> str:
    """The answer in one sentence."""
    return simulated.lead(found.quoted, cars=True)


def hangs(found: Compared) -> str:
    """How much the claim depends on what would have come without the deal, and both sectors against both."""
    quoted = found.quoted
    return f"{simulated.hangs(quoted)} {simulated.choices(quoted)} {simulated.together(quoted)}"


def story(found: Compared) -> str:
    """What was agreed, what becomes of the quota, and what depends on the United States."""
    quoted, threat = found.quoted, found.across[inputs.THREAT]
    rate = quoted[inputs.THREAT_DUTY].text
    return " ".join([
        SEED.format(before=quoted[inputs.SEED_BEFORE].text, after=quoted[inputs.SEED_AFTER].text),
        CARS.format(quota=quoted[inputs.QUOTA].bare, duty=quoted[inputs.CARS_DUTY].text),
        SPREAD.format(assumption=assumption(decisive(found)[0])),
        QUOTA[regime(found)[0]].format(**_cars(found)),
        US_DUTY.format(duty=quoted[inputs.US_DUTY].bare),
        told(US_SALES, threat["vehicles"], rate=rate),
        told(US_GROWERS, threat["growers"]),
    ])  # fmt: skip


def basis(found: Compared) -> str:
    """What is compared, and what a range is."""
    return BASIS.format(level=found.level)


def decisive(found: Compared) -> tuple[str, Number]:
    """The assumption that accounts for most of the spread of growers' income, and its share."""
    shares = found.quoted.below(inputs.RANKING)
    name = max(shares, key=lambda key: shares[key].value)
    return name, shares[name]


def regime(found: Compared) -> tuple[str, Number]:
    """What most likely becomes of the car quota, and in which share of draws."""
    ends = {name: found.quoted[f"{inputs.REGIME}.{name}"] for name in QUOTA}
    name = max(ends, key=lambda key: ends[key].value)
    return name, ends[name]


def _cars(found: Compared) -> dict[str, str]:
    cars, first = found.quoted[simulated.CARS], found.quoted[f"{simulated.CARS}.first_year"]
    displaced = found.quoted[simulated.DISPLACED]
    return {"cars": cars.bare, "first": first.bare, "displaced": displaced.bare, "chance": regime(found)[1].text}


def five(found: Compared) -> list[Figure]:
    """The five numbers under the story."""
    quoted, growers = found.quoted, found.deal["growers"]
    stake, cars, duty = quoted[inputs.STAKE], quoted[simulated.CARS], quoted[inputs.US_DUTY]
    seed = {"before": quoted[inputs.SEED_BEFORE].text, "after": quoted[inputs.SEED_AFTER].text}
    oil, then = quoted[inputs.OIL_AFTER], quoted[inputs.OIL_BEFORE]
    made: list[tuple[str, str, str]] = [
        (stake.text, STAKE.format(period=stake.period, span=stake.span), number_of("canola", inputs.STAKE)),
        (BEFORE_AFTER.format(**seed), DUTY[oil.value == then.value].format(oil=oil.text),
         number_of("own", inputs.SEED_AFTER)),
        (growers.size.bare, told(GROWERS, growers, **_worth(found)), number_of("models", simulated.INCOME)),
        (OF.format(cars=cars.bare, quota=quoted[inputs.QUOTA].bare),
         FILLED[regime(found)[0]].format(span=cars.span, **_cars(found)), number_of("models", simulated.CARS)),
        (duty.bare, US_FIGURE.format(day=_day(duty.period), span=duty.span), number_of("cars", inputs.US_DUTY)),
    ]  # fmt: skip
    return [Figure(*one) for one in made]


def _worth(found: Compared) -> dict[str, str]:
    """Duties on seed of both counterfactuals, and the gain over the one that China settled on."""
    duties = {name: found.quoted[key].bare for name, key in DUTIES.items()}
    return {**duties, "settled": found.beside["growers"].size.bare}


def show_five(found: Compared) -> None:
    """Show :func:`five`."""
    pieces.show(pieces.figures(five(found)))


def _day(written: str) -> str:
    day = pd.Timestamp(written)
    return f"{day.day} {day:%B %Y}"


def unknown(found: Compared) -> dict[str, str]:
    """What is not known, by the names under which the notebook says it."""
    name, share = decisive(found)
    return {
        "spread": UNKNOWN_SPREAD.format(Assumption=capital(assumption(name)), share=share.text),
        "price": told(UNKNOWN_PRICE, found.quoted[inputs.PRICE]),
        "demand": UNKNOWN_DEMAND.format(span=found.quoted[inputs.DEMAND].span),
        "supply": UNKNOWN_SUPPLY,
        "checked": f"[How each number is checked]({page('models')})",
    }


def answer(found: Compared) -> dict[str, str]:
    """The words of the answer: `claim`, how much `hangs` on what would have come, `story`, `basis`, and `jumps`."""
    return {"claim": claim(found), "hangs": hangs(found), "story": story(found), "basis": basis(found),
            "jumps": JUMPS}  # fmt: skip
