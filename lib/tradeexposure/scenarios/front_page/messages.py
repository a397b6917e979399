"""What the front page says: whole sentences with named places for numbers, and what holds them against the numbers.

There is one for each direction that a number may have. A sentence is never put together out of fragments, so that each
can be written in another language as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from tradeexposure.core.text import capital
from tradeexposure.policy import cusma_claims, duty_tables, tariff_schedule
from tradeexposure.reporting import claims
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number, Numbers, newest_figure
from tradeexposure.reporting.pieces import Figure
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import DEAL, Compared
from tradeexposure.scenarios.front_page import today
from tradeexposure.scenarios.front_page.reader_links import (
    BESIDE_PUBLISHED,
    CHECKS,
    PRICES_PUBLISHED,
    number_of,
    page,
)
from tradeexposure.scenarios.simulation import messages as simulated
from tradeexposure.scenarios.simulation.messages import assumption
from tradeexposure.vehicles.market import base_year

CLAIM_WORDS, STORY_WORDS = 28, 125  # at most; a duty, a gain and both ends of its range stand in the claim
FIXED = ("2019", "2021", "2023", "2024", "2025", "2026", "2030", "1,000")  # years, and the rebate of an effect
DECISIVE = 0.5  # of a spread: what explains as much is why the range is wide
FRONT = "The front page"

AGREED = (
    "In January 2026 China agreed to cut its duty on canola seed, and Canada to let in {quota} China-built electric "
    "cars a year at {duty}."
)
NEW = "No published estimate of the deal's worth is on file: these pages bring one."
BASIS = (
    "Each is a full year once all have adjusted, unless a first year is named; car sales to the United States are what "
    "one year brings. A range holds {level} of simulations and is not a confidence interval. Medians do not add up "
    "exactly; Canada's sum has what quota permits earn, {rent}."
)
JUMPS = (
    "See [scenarios](#outcomes), [US retaliation](#retaliation), [car plants and jobs](#plants), [a farm's part]"
    "(#farms), [objections](#objections), [published estimates](#published), [our estimates]"
    "(65_weigh_canola_models.html), [what is not known](#unknown) or [the brief](90_write_brief.html)."
)
#: Which gain to quote; and what the second rests on, while meal's price is below all that the models say.
WHICH = "No published source settles which would have come, so quote both, each with its range."
UNSEEN = "the second rests on a rise of meal's price not seen yet ({months}: {observed}; model {simulated})."
LAPSES = "the second ends with China's suspension on meal."
#: What the deal is worth, side by side for what would have come without it.
KEPT, SETTLED = "If China had kept {stays} on seed", "Had China settled on {settled} anyway"
A_YEAR = "A year"
WORTH_ROWS = {
    "canada": "Canada: canola and cars, without car plants",
    "growers": "Canola growers",
    "place": "Growers in {place}",
    "car_buyers": "Buyers of cars",
    "crushers": "Canola crushers",
    "handlers": "Elevators and railways",
    "revenue": "Ottawa: duty on China-built cars",
    "rebates": "Ottawa: rebates saved, at the amounts of {year}",
    "users": "Who pays: users of canola oil and meal",
    "surtax_lost": "Who pays: Ottawa, less surtax on US-built cars",
    "price": "Farm price of canola",
    "assembly": "Not in Canada's sum: vehicles assembled here",
}
PLACES, EAST = 3, ("on", "qc")  # provinces that the deal moves most, and those of car plants and most electric cars
#: Rows of the table that are no headline number: those who gain beside growers, those who pay, and what is no amount.
GAINS, LOSSES = ("car_buyers", "crushers", "handlers", "revenue", "rebates"), ("users", "surtax_lost")
MOVES = {**{line: f"{simulated.WELFARE}.{line}" for line in (*GAINS, *LOSSES)},
         "price": simulated.PRICE, "assembly": simulated.ASSEMBLY}  # fmt: skip
RENT = f"{simulated.WELFARE}.quota_rent"
MEAL = "canola_meal"  # as the dated facts name it

STAKE = (
    "of canola receipts depended on seed sold to China in {period} ({span}, depending on the definition); it is not a "
    "loss"
)
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
    "assumption of how they switch."
)
UNKNOWN_DEMAND = (
    "**Rebates and electric cars.** By Ontario's case and published studies C$1,000 of rebate moves sales of electric "
    "cars by anything from {span}; eight provinces together do not narrow it."
)
LOWEST = "The lowest of these ranges from {span}."
UNKNOWN = "{spread}\n\n{price}\n\n{demand}\n\n{checked}"
#: What could be said against the numbers, each with the reply.
OBJECTIONS = (
    "**“The larger gain flatters the deal.”** It holds only if China had kept {stays} on seed. No published source "
    "settles that, so we always give {settled} with {growers}.",
    "**“Prices show no gain.”** Allowing for world oilseed prices, the farm price since March 2026 shows {price} "
    "({level}: {price_span}): too few months to bear the model out or to refute it.",
    "**“Car plants pay for canola.”** {assembly} What plants earn and whose job goes is not modelled, so we cannot say "
    "what else they pay.",
    "**“The quota is only the start.”** Part of the quota planned for 2030 is kept for cheap cars, so that our model "
    "has about as many China-built cars as now ({quota} a year, simulation by simulation). What plants would "
    "lose is not counted.",
)
#: What others published that can be set beside our numbers.
PUBLISHED = (
    "**Growers' cost of the dispute of 2019.** A study for the industry (LeftField 2021) has {leftfield} over "
    "seventeen months; a like comparison of prices comes to {compared} here (by the price compared with, "
    "{compared_span}), our own estimate to {own} ({level} interval {own_span}). "
    "[Prices beside published ones]({price})",
    "**How readily buyers switch.** With elasticities between origins as published of oilseeds, growers' gain would be "
    "{elasticity} if China had kept {stays} on seed. [Elasticities beside published ones]({weights})",
    "**Cars of the quota's first year.** A study (Sawyer 2026) assumes {sawyer}; asked its question, in a smaller run "
    "of simulations, our model finds {cars}. [Cars beside published ones]({models})",
)


def claim(comparison: Compared) -> str:
    """The answer in one sentence."""
    return simulated.lead(comparison.quoted, cars=True)


def story(comparison: Compared) -> str:
    """How much the claim depends on what would have come, and what was agreed."""
    quoted = comparison.quoted
    agreed = AGREED.format(quota=quoted[inputs.QUOTA].bare, duty=quoted[inputs.CARS_DUTY].text)
    return simulated.paragraph(simulated.settled(quoted), which(quoted), agreed, NEW)


def which(quoted: Numbers) -> str:
    """Which gain to quote; that the second needs meal's price to recover, where it is below the simulated range, and
    meal's suspension to go on, where all of that gain is on meal and the suspension has an end."""
    observed, expected = quoted[inputs.MEAL_SEEN], quoted[inputs.MEAL_SIMULATED]
    clauses = [WHICH]
    if observed.value < expected.ends[0]:
        months = sentences.months_in_words(observed.period)
        clauses.append(UNSEEN.format(months=months, observed=observed.bare, simulated=expected.bare))
    ends = any(MEAL in measure.products for measure in today.ending(tariff_schedule.newest_change()))
    if ends and simulated.ON_MEAL in simulated.settled(quoted):
        clauses.append(LAPSES)
    return "; ".join(clause.removesuffix(".") for clause in clauses) + "."


def worth(comparison: Compared) -> str:
    """What the deal is worth to Canada, to growers, here and there, and to others, and who pays for it, as a table."""
    quoted, deal, beside = comparison.quoted, comparison.deal, comparison.beside
    rows = [(WORTH_ROWS[part], deal[part], beside[part]) for part in ("canada", "growers")]
    for code in dict.fromkeys([*inputs.largest_provinces(comparison)[:PLACES], *EAST]):
        key, place = f"{simulated.INCOME}.{code}", WORTH_ROWS["place"].format(place=LABELS[code])
        rows.append((place, quoted[key], quoted[f"{key}.{brief.SECOND}"]))
    for row, key in MOVES.items():  # cars are the same against both
        label = WORTH_ROWS[row].format(year=comparison.scenarios[DEAL].facts_on.year)
        rows.append((label, quoted[key], quoted.get(f"{key}.{brief.SECOND}", quoted[key])))
    lines = [f"| {A_YEAR} | {KEPT} | {SETTLED} |".format(**simulated.duties(quoted)), "|---|---|---|"]
    return "\n".join([*lines, *(f"| {label} | {_gain(kept)} | {_gain(settled)} |" for label, kept, settled in rows)])


def _gain(number: Number) -> str:
    """A change and its range in a cell."""
    return f"{number.bare} ({number.span})"


def curve(comparison: Compared) -> str:
    """What stands below the curve: ten points at its ends, the first year, the sign, other choices in the model."""
    quoted = comparison.quoted
    sure = fill_by_sign("brief_sure", comparison.deal["growers"])
    return simulated.paragraph(
        simulated.ten_points(quoted), simulated.soon(quoted), sure, simulated.choices(quoted),
        LOWEST.format(span=quoted[simulated.LEAST_CHOICE].span),
    )  # fmt: skip


def basis(comparison: Compared) -> str:
    """What is compared, what a range is, and why parts do not add up."""
    return BASIS.format(level=comparison.level, rent=comparison.quoted[RENT].plain)


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
    """The five numbers under the story.

    Tables behind the two on cars go on after the figures that are taken from them, which date these.
    """
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
         number_of("models", simulated.CARS), replace(cars, period=base_year.RIVALS_ON)),
        (duty.bare, us_duty, number_of("cars", inputs.US_DUTY), replace(duty, period=f"{cusma_claims.YEAR}")),
    ]  # fmt: skip
    return [Figure(value, text, address, newest_figure(number)) for value, text, address, number in figures]


def unknown(comparison: Compared) -> dict[str, str]:
    """What is not known, by the names under which the notebook says it."""
    quoted, (name, share) = comparison.quoted, decisive(comparison)
    price = quoted[inputs.PRICE]
    return {
        "spread": UNKNOWN_SPREAD.format(
            Assumption=capital(assumption(name)),
            share=share.text,
            stays=simulated.duties(quoted)["stays"],
            report=quoted[inputs.WITHOUT_REPORT].bare,
            wider=quoted[inputs.WIDER].bare,
        ),
        "price": fill_by_sign("front_unknown_price", price, level=price.level_text),
        "demand": UNKNOWN_DEMAND.format(span=comparison.quoted[inputs.DEMAND].span),
        "checked": f"[How each number is checked]({page('models')}{CHECKS})",
    }


def objections(comparison: Compared) -> dict[str, str]:
    """What could be said against the numbers, with the reply to each: `objections`."""
    quoted, growers, price = comparison.quoted, comparison.deal["growers"], comparison.quoted[inputs.SINCE_PRICE]
    figures = {
        "stays": simulated.duties(quoted)["stays"], "growers": growers.size.bare,
        "settled": comparison.beside["growers"].size.bare, "price": price.bare, "price_span": price.span,
        "level": price.level_text,
        "assembly": fill_by_sign("assembled", quoted.get(simulated.ASSEMBLY)),
        "quota": comparison.across[inputs.NEXT_QUOTA]["cars"].span,
    }  # fmt: skip
    return {"objections": "\n\n".join(OBJECTIONS).format(**figures)}


def published(comparison: Compared) -> dict[str, str]:
    """What others published, beside our numbers: `published`."""
    quoted = comparison.quoted
    figures = {
        "leftfield": quoted[inputs.LEFTFIELD].span, "level": quoted[inputs.COST].level_text,
        "compared": quoted[inputs.COMPARED_COST].bare, "compared_span": quoted[inputs.COMPARED_COST].span,
        "own": quoted[inputs.COST].bare, "own_span": quoted[inputs.COST].span,
        "sawyer": quoted[inputs.SAWYER].bare, "cars": quoted[inputs.STUDIED_CARS].plain,
        "price": page("price") + PRICES_PUBLISHED,
        "weights": page("weights"), "models": page("models") + BESIDE_PUBLISHED,
        "elasticity": quoted[inputs.AS_PUBLISHED].full, "stays": simulated.duties(quoted)["stays"],
    }  # fmt: skip
    return {"published": "\n\n".join(PUBLISHED).format(**figures)}


def answer(comparison: Compared) -> dict[str, str]:
    """The words of the answer: `claim`, `story`, `worth`, `basis`, and `jumps`; and `curve`, which stands below it."""
    return {"claim": claim(comparison), "story": story(comparison), "worth": worth(comparison),
            "basis": basis(comparison), "jumps": JUMPS, "curve": curve(comparison)}  # fmt: skip


def claims_of_answer(comparison: Compared, texts: Mapping[str, str]) -> list[Claim]:
    """That the answer is short, and what it says in fixed words.

    Parameters
    ----------
    texts : mapping
        `claim` and `story`.
    """
    before, after = comparison.quoted[inputs.SEED_BEFORE], comparison.quoted[inputs.SEED_AFTER]
    later = comparison.across[inputs.NEXT_QUOTA]["cars"]
    return [
        Claim(f"the claim has at most {CLAIM_WORDS} words",
              sentences.word_count(texts["claim"]) <= CLAIM_WORDS, texts["claim"], FRONT),
        Claim(f"the story has at most {STORY_WORDS} words",
              sentences.word_count(texts["story"]) <= STORY_WORDS, str(sentences.word_count(texts["story"])), FRONT),
        Claim("China agreed to cut its duty on seed", before.value > after.value, f"{after.text}", FRONT),
        Claim("with the quota of 2030 there are about as many China-built cars", later.direction == "undetermined",
              later.full, FRONT),
        *sentences.claims_of_deal(comparison.compared(DEAL), comparison.quoted, FRONT),
    ]  # fmt: skip


def claims_of_unknown(comparison: Compared) -> list[Claim]:
    """What is said in fixed words of what is not known."""
    name, share = decisive(comparison)
    return [
        Claim("the range is wide because of one assumption", share.value >= DECISIVE, f"{name}: {share.text}", FRONT)
    ]


def strange(comparison: Compared, texts: Iterable[str]) -> list[str]:
    """Figures in `texts` that no published number is written with."""
    headlines = [number for parts in (*comparison.across.values(), comparison.beside) for number in parts.values()]
    written = [(number.full, number.size.full, number.period) for number in (*comparison.quoted.values(), *headlines)]
    published = [form for forms in written for form in forms]
    plain = [sentences.ADDRESS.sub("", text) for text in texts]
    return claims.unpublished(plain, [*published, comparison.level, *FIXED, comparison.quoted[inputs.US_DUTY].period])
