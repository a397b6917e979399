"""What the front page says: whole sentences with named places for numbers, one for each direction they may have.

A sentence is never put together out of fragments, so that each can be written in another language as it is.
"""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.text import capital
from tradeexposure.reporting import pieces
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.numbers import Number, newest_figure
from tradeexposure.reporting.pieces import Figure
from tradeexposure.scenarios.brief import worth
from tradeexposure.scenarios.by_sign import fill
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.comparison.reader_links import number_of, page
from tradeexposure.scenarios.simulation import messages as simulated
from tradeexposure.scenarios.simulation.names import assumption

CLAIM_WORDS, STORY_WORDS = 28, 125  # at most; a duty, a gain and both ends of its range stand in the claim

AGREED = (
    "In January 2026 China agreed to cut its duty on canola seed, and Canada to let in {quota} China-built electric "
    "cars a year at {duty}."
)
BASIS = (
    "Each number is the change of a full year once everyone has adjusted, unless a first year is named. A range holds "
    "{level} of the model's simulations and is not a confidence interval."
)
JUMPS = (
    "Go to [every scenario](#outcomes), [a question](#questions), [a farm's part](#farms), [what is not known]"
    "(#unknown) or [the brief](90_write_brief.html)."
)
#: What the deal is worth in the three provinces that it moves most, after the sentence on the farm price.
COUNTED = ("first", "second", "third")

STAKE = "of canola receipts depended on sales to China in {period} ({span}, depending on the definition)"
DUTY = {
    True: "China's duty on Canadian canola seed, before the deal and under it; oil still faces {oil}",
    False: "China's duty on Canadian canola seed, before the deal and under it; oil faces {oil}",
}
DUTIES = {"stays": worth.DUTY_STAYS, "settles": worth.DUTY_SETTLED}
FILLED = {
    "unfilled": "China-built electric cars under the quota once all makers are there ({span}), {first} in year one; "
    "unfilled in {chance} of simulations",
    "filled": "China-built electric cars under the quota once all makers are there ({span}), {first} in year one; "
    "exactly filled in {chance} of simulations",
    "overfilled": "China-built electric cars beside the quota once all makers are there ({span}), {first} in year one; "
    "more in {chance} of simulations",
}
US_FIGURE = "a year of US duty on Canadian cars, at the trade of 2024 and the rates of {day} ({span})"
BEFORE_AFTER, OF = "{before} → {after}", "{cars} of {quota}"

UNKNOWN_SPREAD = "**What decides the range.** {Assumption} explains {share} of the spread of growers' income."
UNKNOWN_DEMAND = (
    "**Rebates and electric cars.** A rebate of C$1,000 moves sales of electric cars by anything from {span}."
)
UNKNOWN = "{spread}\n\n{price}\n\n{demand}\n\n{supply}\n\n{checked}"
UNKNOWN_SUPPLY = (
    "**How fast carmakers in China enter.** Their first cars under the quota were counted on a day that was not "
    "published."
)


def claim(comparison: Compared) -> str:
    """The answer in one sentence."""
    return simulated.lead(comparison.quoted, cars=True)


def story(comparison: Compared) -> str:
    """How much the claim depends on what would have come, what was agreed, and what the United States may charge."""
    quoted, threat = comparison.quoted, comparison.across[inputs.THREAT]
    return simulated.paragraph(
        simulated.hangs(quoted),
        simulated.choices(quoted),
        AGREED.format(quota=quoted[inputs.QUOTA].bare, duty=quoted[inputs.CARS_DUTY].text),
        fill("front_us_sales", threat["vehicles"], rate=quoted[inputs.THREAT_DUTY].text),
        fill("front_us_growers", threat["growers"]),
    )


def local(comparison: Compared) -> str:
    """What the deal does to the farm price, and to growers in the provinces that it moves most."""
    quoted, codes = comparison.quoted, inputs.largest_provinces(comparison)[: len(COUNTED)]
    places = dict(zip(("place", "other", "last"), map(LABELS.__getitem__, codes), strict=True))
    gains = (quoted[f"{simulated.INCOME}.{code}"].size.bare for code in codes)
    return simulated.paragraph(
        simulated.price(quoted),
        fill("front_places", quoted[simulated.INCOME], **places, **dict(zip(COUNTED, gains, strict=True))),
    )


def basis(comparison: Compared) -> str:
    """What is compared, and what a range is."""
    return BASIS.format(level=comparison.level)


def decisive(comparison: Compared) -> tuple[str, Number]:
    """The assumption that accounts for most of the spread of growers' income, and its share."""
    shares = comparison.quoted.below(inputs.RANKING)
    name = max(shares, key=lambda key: shares[key].value)
    return name, shares[name]


def regime(comparison: Compared) -> tuple[str, Number]:
    """What most likely becomes of the car quota, and in which share of simulations."""
    ends = {name: comparison.quoted[f"{inputs.REGIME}.{name}"] for name in FILLED}
    name = max(ends, key=lambda key: ends[key].value)
    return name, ends[name]


def _cars(comparison: Compared) -> dict[str, str]:
    cars, first = comparison.quoted[simulated.CARS], comparison.quoted[f"{simulated.CARS}.first_year"]
    return {"cars": cars.bare, "first": first.bare, "chance": regime(comparison)[1].text}


def five(comparison: Compared) -> list[Figure]:
    """The five numbers under the story."""
    quoted, growers = comparison.quoted, comparison.deal["growers"]
    stake, cars, duty = quoted[inputs.STAKE], quoted[simulated.CARS], quoted[inputs.US_DUTY]
    seed = {"before": quoted[inputs.SEED_BEFORE].text, "after": quoted[inputs.SEED_AFTER].text}
    oil, then = quoted[inputs.OIL_AFTER], quoted[inputs.OIL_BEFORE]
    figures = [
        (stake.text, STAKE.format(period=stake.period, span=stake.span), number_of("canola", inputs.STAKE), stake),
        (BEFORE_AFTER.format(**seed), DUTY[oil.value == then.value].format(oil=oil.text),
         number_of("own", inputs.SEED_AFTER), quoted[inputs.SEED_AFTER]),
        (growers.size.bare, fill("front_growers", growers, **_worth(comparison)),
         number_of("models", simulated.INCOME), growers),
        (OF.format(cars=cars.bare, quota=quoted[inputs.QUOTA].bare),
         FILLED[regime(comparison)[0]].format(span=cars.span, **_cars(comparison)),
         number_of("models", simulated.CARS), cars),
        (duty.bare, US_FIGURE.format(day=_day(duty.period), span=duty.span), number_of("cars", inputs.US_DUTY), duty),
    ]  # fmt: skip
    return [Figure(value, text, address, newest_figure(number)) for value, text, address, number in figures]


def _worth(comparison: Compared) -> dict[str, str]:
    """Duties on seed of both counterfactuals, and the gain over the one that China settled on."""
    duties = {name: comparison.quoted[key].bare for name, key in DUTIES.items()}
    return {**duties, "settled": comparison.beside["growers"].size.bare}


def show_five(comparison: Compared) -> None:
    """Show :func:`five`."""
    pieces.show(pieces.figures(five(comparison)))


def _day(written: str) -> str:
    day = pd.Timestamp(written)
    return f"{day.day} {day:%B %Y}"


def unknown(comparison: Compared) -> dict[str, str]:
    """What is not known, by the names under which the notebook says it."""
    name, share = decisive(comparison)
    return {
        "spread": UNKNOWN_SPREAD.format(Assumption=capital(assumption(name)), share=share.text),
        "price": fill("front_unknown_price", comparison.quoted[inputs.PRICE]),
        "demand": UNKNOWN_DEMAND.format(span=comparison.quoted[inputs.DEMAND].span),
        "supply": UNKNOWN_SUPPLY,
        "checked": f"[How each number is checked]({page('models')})",
    }


def answer(comparison: Compared) -> dict[str, str]:
    """The words of the answer: `claim`, `story`, `local`, `basis`, and `jumps`; and `soon`, which stands below the
    curve.
    """
    return {"claim": claim(comparison), "story": story(comparison), "local": local(comparison),
            "basis": basis(comparison), "jumps": JUMPS, "soon": simulated.soon(comparison.quoted)}  # fmt: skip
