"""The brief's sentences: direction, size, range and how sure, whatever the scenario does; and how the brief knows.

Words of likelihood are tied to numbers once, in :data:`SCALE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from tradeexposure.core import provinces, units
from tradeexposure.core.signs import Direction
from tradeexposure.core.text import listing, sentence
from tradeexposure.policy import regimes
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.brief.inputs import CANADA, CARS, CARS_CHANGE, DISPLACED, INCOME, VEHICLES, WELFARE, Brief
from tradeexposure.scenarios.simulation.names import QUOTA_OUTCOMES
from tradeexposure.vehicles.market.account import SHUT

#: Least probability (share of draws) → word. The steps are those of the Intergovernmental Panel on Climate Change's
#: guidance on uncertainty at a third and two thirds; 95% is what a 90% range on one side of zero shows.
SCALE: tuple[tuple[float, str], ...] = (
    (0.95, "almost certain"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.05, "unlikely"),
    (0.0, "almost excluded"),
)
OPEN = "open"  # the word for a sign whose 90% range holds zero
ZERO = "which cannot be told from zero"
PRICE = "scenario.canola.producer_price_change"
SEED = "scenario.canola.china_volume_kt"
#: Duties whose part in growers' income is published, and the lines of the account, as sentences name them.
DUTIES = {"that on seed": "seed_only", "that on meal": "meal_only"}
LINES = {"canola growers": "growers", "elevators and railways": "handlers", "crushers": "crushers",
         "users of oil and meal": "users", "buyers of cars": "car_buyers", "rebates": "rebates",
         "rent of the quota": "quota_rent", "duty on cars": "revenue"}  # fmt: skip
LINE_BY_LINE = (
    "line by line, by where gains arise and not by who owns them (medians, which need not add up to the median of "
    "the sum)"
)
FILLED = QUOTA_OUTCOMES | {"filled": "filled"}  # shorter here, where no other outcome stands beside it
PROVINCES = tuple(provinces.PROVINCES.values())
EXPORTS, REGISTRATIONS = "vehicle exports to the United States", "registrations of China-built electric cars"
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
    *(BACKTEST, DEMAND, SUBSTITUTION, PRICE_2019, KEPT_2025, STOPPED_2025),
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


@dataclass(frozen=True)
class Verbs:
    """How a change is told: upward, downward, and where its range holds zero."""

    up: str
    down: str
    either: str

    def tell(self, number: Number, *, unit: str | None = None) -> str:
        """``falls by C$5 m (C$2 m to C$9 m) a year``; an open sign stays on the number and is said to be so.

        Parameters
        ----------
        unit : str, optional
            Words in the place of the unit's suffix.
        """
        if number.direction == "open":
            return f"{self.either} {amount(number, unit=unit)}, {ZERO}"
        return f"{self.up if number.direction == 'rise' else self.down} {amount(number.size, unit=unit)}"


BY = Verbs("rises by", "falls by", "changes by")
BY_MANY = Verbs("rise by", "fall by", "change by")
THEY = Verbs("gain", "lose", "see a change of")
COUNT = Verbs("up by", "down by", "a change of")
SEED_TO_CHINA = Verbs("raised seed to China by", "cut seed to China by", "changed seed to China by")


def amount(number: Number, *, unit: str | None = None) -> str:
    """A number with its range."""
    suffix = number.suffix if unit is None else f" {unit}"
    return f"{number.plain}{suffix}"


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


def sign_word(number: Number) -> str:
    """How sure the sign is: a range on one side of zero leaves at most the other tail for the other sign."""
    if number.direction == "open" or number.level is None:
        return OPEN
    return likelihood((1 + number.level) / 2)


def scale() -> pd.DataFrame:
    """:data:`SCALE` as readers see it: `word`, `draws`; the last row is the sign that is :data:`OPEN`."""
    tops = [1.0, *(least for least, _ in SCALE)]
    rows = [
        {"word": word, "draws": f"{_share(least)} to {_share(top)}"}
        for (least, word), top in zip(SCALE, tops, strict=False)
    ]
    return pd.DataFrame([*rows, {"word": f"the sign is {OPEN}", "draws": "the range holds zero"}])


def _share(probability: float) -> str:
    return units.write(probability, "probability", 2)


def answer(brief: Brief) -> dict[str, str]:
    """The words of the answer: `lead`, `growers`, `vehicles`, `trade_off`, and `compared`, what is compared."""
    return {
        "lead": lead(brief), "growers": growers(brief), "vehicles": vehicles(brief), "trade_off": trade_off(brief),
        "compared": compared(brief),
    }  # fmt: skip


def compared(brief: Brief) -> str:
    """What the numbers are and what their ranges hold."""
    level = brief.growers.level
    held = f"every range in this answer holds {level:.0%} of the draws"
    ranges = f"; {held} and is no confidence interval" if level else ""
    weighed = "weighed by what 2019, 2025 and the trade's bookings for spring 2026 say"
    basis = f"canola at the harvest of 2025 with draws {weighed}, cars at the trade of 2023"
    return sentence(f"all changes are a year's against {brief.against}: {basis}{ranges}")


def lead(brief: Brief) -> str:
    """The headline: one sentence with the scenario's main change and its range."""
    rest = [f"{name} {BY_MANY.tell(one)}" for name, one in _rest(brief).items()]
    if brief.growers.direction == "none":
        first = f"{brief.title}: no change for canola growers against {brief.against}"
        return sentence(f"{first}; {rest[0]}" if rest else f"{first}, and none in the electric-vehicle sector")
    others = _others(brief)
    if not others and brief.has_cars:
        others = "nothing changes in the electric-vehicle sector"
    return sentence("; ".join(filter(None, [f"{brief.title}: {_worth(brief)} against {brief.against}", others])))


def _worth(brief: Brief) -> str:
    """What the scenario is worth to growers."""
    written = amount(brief.growers.size)
    words: dict[Direction, str] = {
        "rise": f"worth {written} to canola growers",
        "fall": f"canola growers lose {written}",
        "open": f"no change in canola growers' income can be told from zero, {written},",
    }
    return words[brief.growers.direction]


def _rest(brief: Brief) -> dict[str, Number]:
    """What moves outside canola, by its name in a sentence."""
    return {
        name: one for name, key in ((REGISTRATIONS, CARS_CHANGE), (EXPORTS, VEHICLES)) if (one := brief.moving(key))
    }


def _others(brief: Brief) -> str:
    """The rest in words alone: a headline has one range."""
    verbs = {"rise": "rise", "fall": "fall", "open": "show no change that can be told from zero"}
    moving = [f"{name} {verbs[one.direction]}" for name, one in _rest(brief).items()]
    return listing(moving) if moving else ""


def growers(brief: Brief) -> str:
    """Canola growers in two sentences: price, farm and province; then how sure, by closure, and seed to China."""
    if brief.growers.direction == "none":
        first = f"nothing changes for canola growers: price and income stay as in {brief.against}"
        return _sentences([first, _seed(brief)])
    return _sentences([_price(brief), "; ".join(filter(None, [_sure(brief), _seed(brief)]))])


def _sentences(parts: Iterable[str]) -> str:
    return " ".join(sentence(part) for part in parts if part)


def _price(brief: Brief) -> str:
    """Price, income, what it is for a farm, and where the largest part of it is; places have a chart of their own."""
    price, farm = brief.moving(PRICE), brief.moving(f"{INCOME}.per_farm")
    words = [f"the farm price of canola {BY.tell(price)}"] if price else []
    words.append(f"growers' income {BY.tell(brief.growers)}")
    each = f", or {amount(farm.size)}" if farm else ""
    places = {place: abs(one.value) for place in PROVINCES if (one := brief.moving(f"{INCOME}.{place}"))}
    where = f", the largest part in {LABELS[max(places, key=lambda place: places[place])]}" if places else ""
    return f"{' and '.join(words)}{each}{where}"


def _sure(brief: Brief) -> str:
    """How sure the sign is, and what the size rests on: the data weighed, and which duty brings it."""
    settled = brief.growers.direction != "open"
    parts = [_sign(brief)]
    if (official := brief.find(f"{INCOME}.official_data_only")) and (plain := brief.find(f"{INCOME}.unweighted")):
        first, second = (number.size if settled else number for number in (official, plain))
        parts.append(f"official data alone say {first.full}, the assumptions before any data {second.full}")
    told = [f"{number.size.bare if settled else number.bare} from {name}" for name, key in DUTIES.items()
            if (number := brief.moving(f"{INCOME}.{key}"))]  # fmt: skip
    if told:
        parts.append(f"each duty of China by itself: {listing(told)}")
    return "; ".join(parts)


def _sign(brief: Brief) -> str:
    """Why the sign of growers' income is what it is: the model's price is monotone in a duty, so draws cannot tell."""
    if brief.growers.direction == "open":
        return f"the sign is {OPEN}"
    change = "suspending licences" if brief.scenario.licence_suspension else "a higher duty"
    told = ("gain", "a lower duty raises") if brief.growers.direction == "rise" else ("lose", f"{change} lowers")
    price = brief.find(PRICE_EFFECT)
    alone = "; the estimated price effects alone would allow none" if price and price.direction == "open" else ""
    return f"growers {told[0]} in every draw, because in the model {told[1]} the price{alone}"


def _seed(brief: Brief) -> str:
    """Seed to China."""
    volume = brief.find(SEED)
    return f"China buys {volume.plain} thousand tonnes of seed a year" if volume else ""


def vehicles(brief: Brief) -> str:
    """The electric-vehicle sector in two sentences: cars and buyers; then makers, assembly and exports."""
    makers = _makers(brief)
    if not brief.has_cars:
        return _sentences(["this scenario has no electric-vehicle part: its measures are on canola alone", makers])
    return _sentences([_cars(brief), makers or "nothing changes for makers in Canada"])


def _cars(brief: Brief) -> str:
    level, change, quota = brief.numbers[CARS], brief.moving(CARS_CHANGE), quota_words(brief)
    cars, shut = amount(level, unit="a year"), _shut(brief)
    if change is None:
        still = f"no change in registrations: China-built electric cars stay at {cars}"
        return "; ".join(filter(None, [still, shut, quota]))
    buyers = brief.moving("scenario.ev.consumer_surplus_cad")
    gain = f"buyers {THEY.tell(buyers)}" if buyers else ""
    return "; ".join(
        filter(None, [f"{REGISTRATIONS} come to {cars}, {COUNT.tell(change, unit='cars')}", shut, quota, gain])
    )


def _shut(brief: Brief) -> str:
    """That no car enters under the duty on either side, where it is one under which none was seen."""
    sides = regimes.vehicles_against(brief.compared), regimes.vehicles(brief.scenario)
    shut = any(regime.quota is None and regime.china_within >= SHUT for regime in sides)
    return f"none is let in under a duty of {SHUT:.0%} or more, as was seen" if shut else ""


def quota_words(brief: Brief) -> str:
    """``that the quota is filled is likely (83% of draws)``; empty without a quota."""
    found = {name: one for name in FILLED if (one := brief.find(f"scenario.ev.quota_regime.{name}"))}
    if not any(one.value for one in found.values()):
        return ""
    most = max(found, key=lambda name: found[name].value)
    return f"that the quota is {FILLED[most]} is {likelihood(found[most].value)} ({found[most].text} of draws)"


def _makers(brief: Brief) -> str:
    """Cars displaced, assembly and exports, in one sentence; empty where none moves."""
    parts = []
    if displaced := brief.moving(DISPLACED):
        electric = brief.moving(f"{DISPLACED}.electric")
        settled = electric is not None and "open" not in (electric.direction, displaced.direction)
        which = f", of them {amount(electric.size, unit='electric')}" if electric and settled else ""
        parts.append(f"other cars {THEY.tell(displaced.opposite, unit='registrations a year')}{which}")
    if assembly := brief.moving("scenario.ev.domestic_assembly_change"):
        parts.append(f"assembly in Canada {BY.tell(assembly)}")
    if exports := brief.moving(VEHICLES):
        sure = "" if exports.direction == "open" else f", a sign that is {sign_word(exports)}"
        parts.append(f"{EXPORTS} {BY_MANY.tell(exports)}{sure}")
    return "; ".join(parts)


def trade_off(brief: Brief) -> str:
    """Both sectors in one account, line by line, or that nothing moves."""
    canada = brief.moving(CANADA)
    if canada is None:
        return sentence(_sides(brief))
    verbs = {"rise": "Canada gains", "fall": "Canada loses"}
    lead = verbs.get(canada.direction, "whether Canada gains or loses does not show:")
    size = canada.size if canada.direction != "open" else canada
    lines = [(words, one) for words, name in LINES.items() if (one := brief.moving(f"{WELFARE}.{name}"))]
    told = listing([f"{words} {one.plain}" for words, one in sorted(lines, key=lambda pair: -abs(pair[1].value))])
    without = brief.find(f"{WELFARE}.canada_without_crushers")
    owners = f"without crushers, whose owners are not held, {without.full}" if without else ""
    return _sentences([f"over both sectors {lead} {amount(size)}", f"{LINE_BY_LINE}: {told}", owners])


def _sides(brief: Brief) -> str:
    """Who gains and who loses where the account of both sectors does not move."""
    income, displaced, exports = (brief.moving(key) for key in (INCOME, DISPLACED, VEHICLES))
    sides: list[tuple[Direction, str]] = []
    if income:
        sides.append((income.direction, f"canola growers {THEY.tell(income)}"))
    if displaced:
        cars = THEY.tell(displaced.opposite, unit="registrations a year")
        sides.append((displaced.opposite.direction, f"cars not built in China {cars}"))
    if exports:
        sides.append((exports.direction, f"{EXPORTS} {BY_MANY.tell(exports)}"))
    if not sides:
        return "there is nothing to add up: neither side moves"
    told = listing([side for _, side in sides])
    signs = {direction for direction, _ in sides}
    if signs == {"open"}:
        return "no change on either side can be told from zero"
    return f"only one side moves: {told}" if len(sides) == 1 else told


def link(words: str, page: str) -> str:
    """A Markdown link to a page of the same edition."""
    return f"[{words}]({PAGES[page]})"


def how_we_know(brief: Brief) -> str:
    """Placebo, backtest and published numbers beside ours, with links; Markdown of at most :data:`WORDS` words."""
    numbers = brief.numbers
    fell, price, odds = numbers[VOLUME_EFFECT], numbers[PRICE_EFFECT], numbers[f"{PRICE_EFFECT}.p_value"].text
    parts = [
        f"{link('The measures of 2019', 'volumes')} {SEED_TO_CHINA.tell(replace(fell, low=None, high=None))} "
        f"({fell.size.span} over assumptions about diversion), {_rank(brief)}",
        f"{link('Their effect on the farm price', 'price')}, {price.bare} ({_interval(price)}), has a p-value of "
        f"{odds}; in backtests its 95% intervals held {numbers[BACKTEST].text} of the time",
        f"{link('Buyers of electric cars', 'demand')} answer C$1,000 of rebate by {numbers[DEMAND].span}, a bound",
        f"{link('Weighed', 'weights')} by 2019, 2025 and bookings for 2026, the elasticity between origins is "
        f"{numbers[SUBSTITUTION].bare} (90% of draws: {numbers[SUBSTITUTION].span})",
        f"{link('The simulation', 'models')} runs both sectors over joint draws of its assumptions. {_crossed(brief)}",
        f"Who is exposed: {link('canola', 'canola')}, {link('vehicles', 'cars')}, {link('all trade', 'trade')}",
    ]
    return " ".join(sentence(part) for part in parts)


def cells(brief: Brief) -> int:
    """How many markets the fall of 2019 was ranked among, itself included: one over the smallest p possible."""
    floor = brief.find(f"{VOLUME_EFFECT}.p_floor")
    return round(1 / floor.value) if floor else 0


def _rank(brief: Brief) -> str:
    """Where the fall of 2019 stands among its placebos, and the smallest p that their number allows."""
    odds, floor = brief.numbers[f"{VOLUME_EFFECT}.p_value"], brief.find(f"{VOLUME_EFFECT}.p_floor")
    if floor and odds.value == floor.value:
        return f"the largest fall of {cells(brief)} cells, 1/{cells(brief)} being the smallest p possible"
    return f"among placebo markets the p-value is {odds.text}"


def _interval(number: Number) -> str:
    """The range with its level of confidence: ``95% interval −16% to +8.1%``."""
    level = f"{number.level:.0%} " if number.level else ""
    return f"{level}interval {number.span}"


def _crossed(brief: Brief) -> str:
    """Each episode as draws weighed by the other alone predict it, beside what was estimated or seen."""
    price, kept, seen = brief.numbers[PRICE_2019], brief.numbers[KEPT_2025], brief.numbers[STOPPED_2025]
    autumn = "seen none" if seen.value == -1 else f"estimated change {seen.bare}"
    return sentence(
        f"each episode predicted from the other: farm price in 2019 {price.plain}, estimated "
        f"{brief.numbers[PRICE_EFFECT].bare}; part of its seed that China still buys in autumn 2025 "
        f"{kept.plain}, {autumn}"
    )


def words(text: str) -> int:
    """Words a reader counts: addresses of links are none."""
    return len(re.sub(r"\]\([^)]*\)", "]", text).split())
