"""What the front page says: whole sentences with named places for numbers, one for each direction they may have.

A sentence is never put together out of fragments, so that each can be written in another language as it is.
"""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.text import capital
from tradeexposure.policy import duty_tables
from tradeexposure.reporting import pieces
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.numbers import Number, newest_figure
from tradeexposure.reporting.pieces import Figure
from tradeexposure.scenarios.brief import worth as brief
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.front_page.reader_links import CHECKS, number_of, page
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
    "Go to [every scenario](#outcomes), [US retaliation](#retaliation), [a question](#questions), [a farm's part]"
    "(#farms), [what is not known](#unknown) or [the brief](90_write_brief.html)."
)
WHICH = "No published source settles which of the two would have come, so quote both, each with its range."
#: What the deal is worth, side by side for what would have come without it.
KEPT, SETTLED = "If China had kept {stays} on seed", "Had China settled on {settled} anyway"
WORTH_ROWS = {
    "growers": "Canola growers, a year",
    "place": "Growers in {place}, a year",
    "price": "Farm price of canola",
    "canada": "Canada, a year: canola and cars, without car plants",
}
PLACES = 3  # provinces that the deal moves most

STAKE = "of canola receipts depended on sales to China in {period} ({span}, depending on the definition)"
DUTY = {
    True: "China's duty on Canadian canola seed, before the deal and under it; oil still faces {oil}",
    False: "China's duty on Canadian canola seed, before the deal and under it; oil faces {oil}",
}
DUTIES = {"stays": brief.DUTY_STAYS, "settles": brief.DUTY_SETTLED}
FILLED = {
    "unfilled": "China-built electric cars a year under the quota of {quota} once all makers are there; median {cars}, "
    "{first} in year one; unfilled in {chance} of simulations",
    "filled": "China-built electric cars a year under the quota of {quota} once all makers are there; median {cars}, "
    "{first} in year one; exactly filled in {chance} of simulations",
    "overfilled": "China-built electric cars a year beside the quota of {quota} once all makers are there; median "
    "{cars}, {first} in year one; more in {chance} of simulations",
}
US_FIGURE = "a year of US duty on Canadian cars, at the trade of 2024 and the rates of {day} ({span})"
BEFORE_AFTER = "{before} → {after}"

UNKNOWN_SPREAD = (
    "**What decides the range.** {Assumption} explains {share} of the spread of growers' income. If China had kept "
    "{stays} on seed, their gain would be {report} without one press report of rivals' cargoes, {wider} with a wider "
    "prior of how they switch."
)
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
    """How much the claim depends on what would have come, and what was agreed."""
    quoted = comparison.quoted
    agreed = AGREED.format(quota=quoted[inputs.QUOTA].bare, duty=quoted[inputs.CARS_DUTY].text)
    return simulated.paragraph(simulated.settled(quoted), WHICH, agreed)


def worth(comparison: Compared) -> str:
    """What the deal is worth to growers, to those of the provinces that it moves most, and to Canada, as a table."""
    duties = simulated.duties(comparison.quoted)
    quoted, deal, beside = comparison.quoted, comparison.deal, comparison.beside
    rows = [(WORTH_ROWS["growers"], deal["growers"], beside["growers"])]
    for code in inputs.largest_provinces(comparison)[:PLACES]:
        key, place = f"{simulated.INCOME}.{code}", WORTH_ROWS["place"].format(place=LABELS[code])
        rows.append((place, quoted[key], quoted[f"{key}.{brief.SECOND}"]))
    rows += [
        (WORTH_ROWS["price"], quoted[simulated.PRICE], quoted[f"{simulated.PRICE}.{brief.SECOND}"]),
        (WORTH_ROWS["canada"], deal["canada"], beside["canada"]),
    ]
    lines = [f"| | {KEPT} | {SETTLED} |".format(**duties), "|---|---|---|"]
    return "\n".join([*lines, *(f"| {label} | {_gain(kept)} | {_gain(settled)} |" for label, kept, settled in rows)])


def _gain(number: Number) -> str:
    """A change and its range in a cell."""
    return f"{number.bare} ({number.span})"


def curve(comparison: Compared) -> str:
    """What stands below the curve: ten points at its ends, the first year, and other choices in the model."""
    quoted = comparison.quoted
    return simulated.paragraph(simulated.ten_points(quoted), simulated.soon(quoted), simulated.choices(quoted))


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


def five(comparison: Compared) -> list[Figure]:
    """The five numbers under the story."""
    quoted, growers = comparison.quoted, comparison.deal["growers"]
    stake, cars, duty = quoted[inputs.STAKE], quoted[simulated.CARS], quoted[inputs.US_DUTY]
    seed = {"before": quoted[inputs.SEED_BEFORE].text, "after": quoted[inputs.SEED_AFTER].text}
    oil, then = quoted[inputs.OIL_AFTER], quoted[inputs.OIL_BEFORE]
    seed_duties = {name: quoted[key].bare for name, key in DUTIES.items()}
    settled = comparison.beside["growers"].size.bare
    end, chance = regime(comparison)
    entered = {"cars": cars.bare, "first": quoted[f"{simulated.CARS}.first_year"].bare, "chance": chance.text}
    us_duty = US_FIGURE.format(day=duty_tables.long_day(pd.Timestamp(duty.period)), span=duty.span)
    figures = [
        (stake.text, STAKE.format(period=stake.period, span=stake.span), number_of("canola", inputs.STAKE), stake),
        (BEFORE_AFTER.format(**seed), DUTY[oil.value == then.value].format(oil=oil.text),
         number_of("own", inputs.SEED_AFTER), quoted[inputs.SEED_AFTER]),
        (growers.size.bare, fill_by_sign("front_growers", growers, settled=settled, **seed_duties),
         number_of("models", simulated.INCOME), growers),
        (cars.span, FILLED[end].format(quota=quoted[inputs.QUOTA].bare, **entered),
         number_of("models", simulated.CARS), cars),
        (duty.bare, us_duty, number_of("cars", inputs.US_DUTY), duty),
    ]  # fmt: skip
    return [Figure(value, text, address, newest_figure(number)) for value, text, address, number in figures]


def show_five(comparison: Compared) -> None:
    """Show :func:`five`."""
    pieces.show(pieces.headline_numbers(five(comparison)))


def unknown(comparison: Compared) -> dict[str, str]:
    """What is not known, by the names under which the notebook says it."""
    quoted, (name, share) = comparison.quoted, decisive(comparison)
    return {
        "spread": UNKNOWN_SPREAD.format(
            Assumption=capital(assumption(name)),
            share=share.text,
            stays=simulated.duties(quoted)["stays"],
            report=quoted[inputs.WITHOUT_REPORT].bare,
            wider=quoted[inputs.WIDER].bare,
        ),
        "price": fill_by_sign("front_unknown_price", comparison.quoted[inputs.PRICE]),
        "demand": UNKNOWN_DEMAND.format(span=comparison.quoted[inputs.DEMAND].span),
        "supply": UNKNOWN_SUPPLY,
        "checked": f"[How each number is checked]({page('models')}{CHECKS})",
    }


def answer(comparison: Compared) -> dict[str, str]:
    """The words of the answer: `claim`, `story`, `worth`, `basis`, and `jumps`; and `curve`, which stands below it."""
    return {"claim": claim(comparison), "story": story(comparison), "worth": worth(comparison),
            "basis": basis(comparison), "jumps": JUMPS, "curve": curve(comparison)}  # fmt: skip
