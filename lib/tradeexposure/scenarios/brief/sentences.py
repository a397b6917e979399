"""The brief's sentences, each a whole message chosen by the sign of a number, and what holds them against the numbers.

Words of likelihood are tied to numbers once, in :data:`SCALE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.text import in_words
from tradeexposure.data import geography
from tradeexposure.data.periods import Months
from tradeexposure.policy import regimes, studies
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.brief import inputs
from tradeexposure.scenarios.brief.inputs import OWN, TO_CHINA, Brief
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.simulation import messages
from tradeexposure.scenarios.simulation.messages import (
    ACCOUNT,
    ASSEMBLY,
    DISPLACED,
    INCOME,
    VEHICLES,
    WELFARE,
    paragraph,
)

#: Least probability (share of draws) → word. The steps are those of the Intergovernmental Panel on Climate Change's
#: guidance on uncertainty at a third and two thirds; 95% is what a 90% range on one side of zero shows.
SCALE: tuple[tuple[float, str], ...] = (
    (0.95, "almost certain"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.05, "unlikely"),
    (0.0, "almost excluded"),
)
FARM = OWN["farm"]
SEED, FEW_SEED_KT = "scenario.canola.china_volume_kt", 1.0
SEED_DUTY, MEAL_DUTY = f"{INCOME}.seed_only", f"{INCOME}.meal_only"
REGIME = "scenario.ev.quota_regime"
PROVINCES = tuple(geography.PROVINCES.values())

MIXED = "In the model a lower duty raises the price and a higher one lowers it; here some fall and others rise."
PRICE_OPEN = "Taken alone, price effects estimated from past measures are also consistent with no change."
EACH_DUTY = "China's duty on seed alone changes their income by {seed}, its duty on meal alone by {meal}."
#: What chance of retaliation would cancel Canada's gain from the deal.
THRESHOLD = (
    "The expected loss would exceed that gain if the deal brought on a US duty of {duty} on all Canadian goods with a "
    "risk above {chance} ({settled} had China settled on {settles} anyway). The gain counts cars, the loss canola "
    "alone: both thresholds would be lower with carmakers' profit, jobs and other goods, higher without foreign-owned "
    "crushers."
)
ANSWER = "The answer"
SEED_BOUGHT = "In the model China buys {volume} million tonnes of seed a year."
SEED_NONE = "In the model China buys almost no seed."
NO_CARS = "This scenario has no part on electric cars: its measures are on canola alone."
SHUT_OUT = "At a duty of {shut} or more none enters in the model."
#: What becomes of the quota, with how likely that is.
QUOTA = {
    "unfilled": "It is {word} that the quota is not filled ({share} of simulations).",
    "filled": "It is {word} that the quota is exactly filled ({share} of simulations).",
    "overfilled": "It is {word} that the quota is exceeded ({share} of simulations).",
}
ASSEMBLY_STILL = "Vehicle assembly in Canada does not change."
#: Who gains most, by how many do.
GAINERS = {
    True: ("", "With {stays} kept, gains show for {0}.", "With {stays} kept, gains are largest for {0}, then for {1}."),
    False: ("", "Gains show for {0}.", "Gains are largest for {0}, then for {1}."),
}
#: Who loses most and who then, each with how much: of the deal over its first counterfactual, and of another scenario.
LOSERS = {
    True: (
        "With {stays} kept, losses are largest for {line}: {size}.",
        "Next, with {stays} kept: {line}, {size}.",
    ),
    False: ("Losses are largest for {line}: {size}.", "Next: {line}, {size}."),
}
NOT_MODELLED = "Carmakers' profit and jobs are not modelled."
#: The deal's first counterfactual by its short name, once it was said in whole.
KEPT = "Each number is the change of a full year; “with {stays} kept” is the first of these two cases."
SOON_KEPT = "In the first year the gain would be {soon} with {stays} kept, {soon_settled} with {settled} anyway."
CHOICES_KEPT = (
    "With {stays} kept, other defensible choices in the model, which is calibrated and not estimated, give {low} to "
    "{high} a year, each taken alone."
)
RANGES = (
    "Ranges hold {level} of the model's simulations and are not confidence intervals. Canola uses 2025 harvest data, "
    "weighed by what past disputes and the trade's bookings say; cars use sales of 2023."
)

WORDS = 150  # of how we know, at most
VOLUME_EFFECT, PRICE_EFFECT = "canola.trade_effect.2019", "canola.price_effect.2019"
DEMAND = "ev.demand_semi_elasticity.bev.allowed"
BACKTEST = "canola.backtest_coverage.95.mean_12"
SUBSTITUTION = "canola.substitution.posterior"
#: Each episode predicted by draws that the other weighs, and what was seen in the autumn of 2025.
PRICE_2019, KEPT_2025 = "canola.weights.predicted.price_2019.2025_and_2026", "canola.weights.predicted.kept_2025.2019"
STOPPED_2025 = "canola.trade_effect.2025_seed"
#: Numbers of the estimate notebooks that the brief quotes.
ESTIMATES = (
    *(VOLUME_EFFECT, f"{VOLUME_EFFECT}.p_value", f"{VOLUME_EFFECT}.p_floor", PRICE_EFFECT, f"{PRICE_EFFECT}.p_value"),
    *(BACKTEST, DEMAND, SUBSTITUTION, PRICE_2019, KEPT_2025, STOPPED_2025, *inputs.VARIANTS),
)
PAGES = {
    "volumes": "30_estimate_canola_trade.html",
    "price": "40_estimate_canola_price.html",
    "demand": "60_estimate_ev_demand.html",
    "weights": "65_weigh_canola_models.html",
    "models": "70_simulate_scenario.html",
    "canola": "20_measure_canola_exposure.html",
    "cars": "50_measure_ev_exposure.html",
    "trade": "10_map_trade.html",
}
VOLUME_LARGEST = (
    "[The measures of 2019]({volumes}) cut seed to China by {fall} ({span} over assumptions about diversion), the "
    "largest fall of {cells} markets compared; 1/{cells} is the smallest p-value possible."
)
VOLUME_RANKED = (
    "[The measures of 2019]({volumes}) changed seed to China: {fall} ({span} over assumptions about diversion); among "
    "placebo markets the p-value is {odds}."
)
KNOWN = (
    "[Their effect on the farm price]({price}) is {effect} ({level} interval {interval}, widened since in "
    "backtests it held {held} of the time; p-value {odds}).",
    "[Buyers of electric cars]({demand}) respond to C$1,000 of rebate by {answer}, a bound, not an estimate.",
    "[Weighed]({weights}) by 2019, 2025 and bookings for 2026, the elasticity between origins is {elasticity} "
    "({elasticities} in 90% of simulations).",
    "[The simulation]({models}) runs both sectors over many sets of assumptions.",
)
#: Each episode predicted by the other, by whether 2019 alone misses what China bought in the autumn of 2025.
CROSSED = {
    True: "Weighed by 2025 and 2026 alone, simulations put 2019's farm-price change at {price} "
    "(estimated: {effect}); by 2019 alone they miss autumn 2025: China keeps {kept} of its seed (observed: {seen}).",
    False: "Weighed by 2025 and 2026 alone, simulations put 2019's farm-price change at {price} "
    "(estimated: {effect}); by 2019 alone China keeps {kept} of its seed in autumn 2025 (observed: {seen}).",
}
EXPOSED = "Who is exposed: [canola]({canola}), [vehicles]({cars}), [all trade]({trade})."
#: How often chance alone made changes of this size at other times, as tenths of those times.
OFTEN = {0: "Earlier changes were as large in fewer than one case in twenty.",
         1: "Earlier changes were as large in about one case in ten.",
         5: "Earlier changes were as large about half the time.",
         10: "Earlier changes were as large nearly every time."}  # fmt: skip
IN_TEN = "Earlier changes were as large in about {tenths} cases in ten."

ADDRESS = re.compile(r"\]\([^)]*\)")


def likelihood(probability: float) -> str:
    """The word of :data:`SCALE` for a probability.

    Raises
    ------
    ValueError
        Not between 0 and 1.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability")
    return next(word for least, word in SCALE if probability >= least)


def scale() -> pd.DataFrame:
    """:data:`SCALE` as readers see it: `word`, `draws`; the last row is the sign that is unclear."""
    tops = [1.0, *(least for least, _ in SCALE)]
    rows = [
        {"word": word, "draws": f"{_share(least)} to {_share(top)}"}
        for (least, word), top in zip(SCALE, tops, strict=False)
    ]
    return pd.DataFrame([*rows, {"word": "the sign is unclear", "draws": "the range includes zero"}])


def _share(probability: float) -> str:
    return units.write(probability, "probability", 2)


def texts(brief: Brief) -> dict[str, str]:
    """Everything that the brief says by itself: :func:`answer`, and `how_we_know`."""
    return {**answer(brief), "how_we_know": how_we_know(brief)}


def answer(brief: Brief) -> dict[str, str]:
    """The words of the answer: `lead`, `compared`, `growers`, `vehicles`, `together`, `pays`, `since`, `ranges`."""
    numbers = brief.worded
    compared = messages.compared(numbers, brief.title, brief.against)
    if brief.both:
        compared = paragraph(
            messages.settled(numbers), KEPT.format(**_stays(brief)), messages.ten_points(numbers),
            messages.soon(numbers, SOON_KEPT), messages.choices(numbers, CHOICES_KEPT),
        )  # fmt: skip
    over = brief.compared.beside.against_title if brief.compared.beside else ""
    return {
        "lead": lead(brief),
        "compared": paragraph(compared, messages.beside(brief.numbers, over) if brief.own else ""),
        "growers": growers(brief),
        "vehicles": vehicles(brief),
        "together": together(brief),
        "pays": pays(brief),
        "since": since(brief.numbers),
        "ranges": RANGES.format(level=f"{brief.growers.level:.0%}" if brief.growers.level else "all"),
    }


def lead(brief: Brief) -> str:
    """The headline: what moves most, with one range, and what it is compared with where that can be two things."""
    return messages.lead(brief.worded, cars=brief.has_cars)


def growers(brief: Brief) -> str:
    """Canola growers: price, farm and province; how sure, which duty brings it, and seed to China."""
    income = "" if brief.both else fill_by_sign("growers", brief.growers)
    farms = "brief_farms_of_deal" if brief.both else "brief_farms"
    places = {place: abs(number.value) for place in PROVINCES if (number := brief.moving(f"{INCOME}.{place}"))}
    largest = LABELS[max(places, key=lambda place: places[place])] if places else "no single province"
    certain, price, volume = sure(brief), brief.find(PRICE_EFFECT), brief.find(SEED)
    price_open = PRICE_OPEN if price and price.direction == "undetermined" else ""
    bought = ""
    if volume is not None:
        bought = SEED_BOUGHT.format(volume=volume.millions) if volume.value >= FEW_SEED_KT else SEED_NONE
    return paragraph(
        income if income != lead(brief) else "",
        fill_by_sign("brief_price_of_deal" if brief.both else "prices", brief.find(messages.PRICE), **_stays(brief)),
        fill_by_sign(farms, brief.moving(FARM), place=largest, **_stays(brief)),
        paragraph(certain.said, price_open) if certain else "",
        claim.said if (claim := duties(brief)) else "",
        bought,
    )


def _stays(brief: Brief) -> dict[str, str]:
    """China's duty on seed in the deal's first counterfactual; none of another scenario."""
    return {"stays": brief.numbers[inputs.DUTY_STAYS].bare} if brief.both else {}


def sure(brief: Brief) -> Claim | None:
    """Why the sign of growers' income is what it is: the model's price is monotone in a duty, so draws cannot tell.

    Where some duties fall and others rise it does not follow.
    """
    suspended = brief.scenario.licence_suspension
    sentence = fill_by_sign("brief_sure", brief.growers)
    if suspended and not brief.both:
        sentence = fill_by_sign("brief_sure_suspended", brief.growers) or sentence
    before, after = regimes.canola_against(brief.compared), regimes.canola(brief.scenario)
    ways = {bool(duty > before[key]) for key, duty in after.items() if duty != before[key]} | ({True} & {suspended})
    if not sentence:
        return None
    return Claim(sentence, len(ways) < 2, "duties on canola that fall and others that rise", ANSWER, neutral=MIXED)


def duties(brief: Brief) -> Claim | None:
    """What each of China's duties brings, where both move growers' income, and both as all duties together do."""
    seed, meal = brief.moving(SEED_DUTY), brief.moving(MEAL_DUTY)
    key = "brief_duties_of_deal" if brief.both else "brief_duties"
    if not (seed and meal):
        return None
    sentence = fill_by_sign(key, brief.growers, seed=seed.size.bare, meal=meal.size.bare, **_stays(brief))
    if not sentence:
        return None
    holds = seed.direction == meal.direction == brief.growers.direction
    neutral = EACH_DUTY.format(seed=seed.bare, meal=meal.bare)
    return Claim(sentence, holds, f"{seed.full} by seed, {meal.full} by meal", ANSWER, neutral)


def vehicles(brief: Brief) -> str:
    """The electric-car market: China-built cars, the quota, other cars, and sales to the US."""
    exports = fill_by_sign("exports", brief.moving(VEHICLES))
    makers = exports if exports != lead(brief) else ""
    if not brief.has_cars:
        return paragraph(NO_CARS, makers)
    cars, displaced = messages.registered(brief.numbers), fill_by_sign("lost", brief.moving(DISPLACED))
    # No car enters where the duty on a side is one under which none was seen.
    sides = regimes.vehicles_against(brief.compared), regimes.vehicles(brief.scenario)
    limit = studies.limit("shutting_duty")
    shut = any(regime.quota is None and regime.china_within >= limit for regime in sides)
    shut_out = SHUT_OUT.format(shut=f"{limit:.0%}") if shut else ""
    return paragraph(
        cars if cars != lead(brief) else "", shut_out, quota_words(brief), messages.first_year(brief.numbers),
        displaced, makers,
    )  # fmt: skip


def quota_words(brief: Brief) -> str:
    """``That the quota is exactly filled is likely (83% of draws).``; empty without a quota."""
    chances = {name: number for name in QUOTA if (number := brief.find(f"{REGIME}.{name}"))}
    if not any(number.value for number in chances.values()):
        return ""
    most = max(chances, key=lambda name: chances[name].value)
    return QUOTA[most].format(word=likelihood(chances[most].value), share=chances[most].text)


def together(brief: Brief) -> str:
    """Both sectors in one account, who gains most in it, and what chance of retaliation would cancel the gain."""
    gain = [*_ranked(brief, "rise")][:2]
    gainers = GAINERS[brief.both][len(gain)].format(*gain, **_stays(brief))
    chance, settled = brief.find(inputs.CANCELS), brief.find(f"{inputs.CANCELS}.{inputs.SECOND}")
    cancels = THRESHOLD.format(
        chance=chance.bare, settled=settled.bare, duty=inputs.threatened(brief.scenarios[inputs.RETALIATION]),
        settles=brief.numbers[inputs.DUTY_SETTLED].bare,
    ) if chance and settled else ""  # fmt: skip
    return paragraph(messages.together(brief.worded), gainers, cancels)


def pays(brief: Brief) -> str:
    """Who loses most in the account of both sectors, and what plants do, whose profit and jobs are in no line."""
    lines = zip(LOSERS[brief.both], _ranked(brief, "fall").items(), strict=False)
    losses = (loss.format(line=line, size=number.size.full, **_stays(brief)) for loss, (line, number) in lines)
    assembly = fill_by_sign("assembled", brief.moving(ASSEMBLY)) or ASSEMBLY_STILL
    return paragraph(*losses, assembly, NOT_MODELLED)


def _ranked(brief: Brief, sign: str) -> dict[str, Number]:
    """Lines of the account that move one way, the one that moves most first."""
    lines = {line: number for name, line in ACCOUNT.items()
             if (number := brief.moving(f"{WELFARE}.{name}")) and number.direction == sign}  # fmt: skip
    return dict(sorted(lines.items(), key=lambda item: -abs(item[1].value)))


def how_we_know(brief: Brief) -> str:
    """Placebo, backtest and published numbers beside ours, with links; Markdown of at most :data:`WORDS` words."""
    numbers, price = brief.numbers, brief.numbers[PRICE_EFFECT]
    figures = {
        **PAGES,
        "effect": price.bare, "interval": price.span, "level": f"{price.level:.0%}" if price.level else "",
        "odds": numbers[f"{PRICE_EFFECT}.p_value"].text, "held": numbers[BACKTEST].text,
        "answer": numbers[DEMAND].span, "elasticity": numbers[SUBSTITUTION].bare,
        "elasticities": numbers[SUBSTITUTION].span,
    }  # fmt: skip
    seen = numbers[STOPPED_2025]
    kept, observed = numbers[KEPT_2025], "none" if seen.value == -1 else f"a change of {seen.bare}"
    missed = kept.ends[0] > 1 + seen.value
    crossed = CROSSED[missed].format(price=numbers[PRICE_2019].plain, effect=price.bare, kept=kept.plain, seen=observed)
    fall, odds = numbers[VOLUME_EFFECT], numbers[f"{VOLUME_EFFECT}.p_value"]
    floor = brief.find(f"{VOLUME_EFFECT}.p_floor")
    largest = floor is not None and odds.value == floor.value and fall.direction == "fall"
    volume = (VOLUME_LARGEST if largest else VOLUME_RANKED).format(
        volumes=PAGES["volumes"], fall=fall.size.bare, span=fall.size.span, cells=cells(brief), odds=odds.text
    )
    return paragraph(volume, *(sentence.format(**figures) for sentence in KNOWN), crossed, EXPOSED.format(**figures))


def cells(brief: Brief) -> int:
    """How many markets the fall of 2019 was ranked among, itself included: one over the smallest p possible."""
    floor = brief.find(f"{VOLUME_EFFECT}.p_floor")
    return round(1 / floor.value) if floor else 0


def word_count(text: str) -> int:
    """Words a reader counts: addresses of links are none."""
    return len(ADDRESS.sub("]", text).split())


def months_tracked(numbers: Numbers) -> str:
    """How identifiers name the months that are tracked; empty where none are."""
    return next(iter(numbers.below(TO_CHINA)), "")


def months_in_words(period: str) -> str:
    """Months as a sentence says them: ``2026-03 to 2026-08`` is ``March to August 2026``."""
    first, _, last = period.partition(" to ")
    return Months.of(first, last or first).words


def chance(numbers: Mapping[str, Number], key: str) -> str:
    """What a p-value among placebos says of a change, in words."""
    tenths = round(10 * numbers[f"{key}.p_value"].value)
    return OFTEN.get(tenths) or IN_TEN.format(tenths=in_words(tenths))


def since(numbers: Numbers) -> str:
    """What the Prairies sold China, against a year before, and whether chance could have done it; empty without it."""
    months = months_tracked(numbers)
    if not months:
        return ""
    level, key = numbers[f"{TO_CHINA}.{months}"], f"{TO_CHINA}.{months}.change_on_year"
    figures: dict[str, Any] = {"months": months_in_words(level.period), "level": level.bare}
    return paragraph(fill_by_sign("since_sold", numbers[key], **figures), chance(numbers, key))


def claims_of_deal(compared: Comparison, numbers: Mapping[str, Number], where: str) -> Iterable[Claim]:
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
    ends = [numbers[key] for key in (inputs.FIRST_TEN, inputs.LAST_TEN)]
    yield Claim(
        "each ten points of duty are worth something to growers",
        all(number.direction == "rise" for number in ends),
        ", ".join(number.full for number in ends),
        where,
    )
    # Where the duty shuts all cars out it makes no difference that their makers would have to enter anew.
    cars = [replace(regimes.vehicles_against(side), entering=False) for side in (compared, compared.beside)]
    yield Claim("the car lines are the same against both", cars[0] == cars[1], "", where)


def claims_of_answer(brief: Brief) -> list[Claim]:
    """What the answer says in fixed words; where a scenario of one's own makes it false there are neutral ones."""
    deal = () if brief.own else claims_of_deal(brief.compared, brief.numbers, ANSWER)
    return [*deal, *filter(None, (sure(brief), duties(brief)))]
