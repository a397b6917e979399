"""The brief's sentences: direction, size, range, and how sure, whatever the scenario does."""

from __future__ import annotations

from tradeexposure.brief import CARS, CARS_CHANGE, CLOSURES, DISPLACED, INCOME, VEHICLES, Brief
from tradeexposure.brief_numbers import Number, apart
from tradeexposure.brief_words import OPEN, likelihood, listing, sentence, sign_word
from tradeexposure.palette import LABELS

ZERO = "which cannot be told from zero"
CLOSURE_WORDS = {
    "armington": "if crushers tell origins apart",
    "homogeneous": "if canola is one good",
}
REGIMES = {"filled": "filled", "unfilled": "unfilled", "overfilled": "exceeded"}
ORIGINS = {
    "united_states_mexico": "the United States or Mexico",
    "other_imports": "other countries",
    "canada": "Canada",
}
PROVINCES = ("bc", "ab", "sk", "mb", "on", "qc", "nb", "ns", "pe", "nl")
NAMED = 3  # provinces named in a sentence


def moves(number: Number, *, up: str, down: str, either: str) -> str:
    """``falls by C$5 m (C$2 m to C$9 m)``; an open sign stays on the number and is said to be so."""
    if number.direction == "open":
        return f"{either} {number.full}, {ZERO}"
    return f"{up if number.direction == 'rise' else down} {number.size.full}"


def lead(brief: Brief) -> str:
    """The headline: one sentence with the scenario's main change and its range."""
    growers, rest = brief.growers, _rest(brief)
    if growers.direction == "none":
        first = f"no change for canola growers against {brief.against}"
        others = f"; {rest[0]}" if rest else " and none for the electric-vehicle sector"
        return sentence(f"{brief.title}: {first}{others}")
    others = f"; {_others(brief)}" if rest else "; nothing changes for the electric-vehicle sector"
    return sentence(f"{brief.title}: {_worth(brief)}{others}")


def _worth(brief: Brief) -> str:
    """What the scenario is worth to growers: the pooled range, each closure's median where they hardly overlap."""
    one, both = brief.growers, closures(brief)
    size = one.size
    written = size.full
    if len(both) == len(CLOSURES) and apart(*both.values()) and one.direction != "open":
        medians = sorted(
            (abs(number.value), f"{number.size.bare} {CLOSURE_WORDS[name]}") for name, number in both.items()
        )
        written = f"{size.span}{size.suffix} ({', '.join(text for _, text in medians)})"
    if one.direction == "open":
        return f"no change of canola growers' income can be told from zero ({written}) against {brief.against}"
    words = f"worth {written} to" if one.direction == "rise" else f"a cost of {written} to"
    return f"{words} canola growers against {brief.against}"


def closures(brief: Brief, stem: str = INCOME) -> dict[str, Number]:
    """A number of the canola model in each of its two closures; empty where it does not move."""
    found = {name: brief.moving(f"{stem}.{name}") for name in CLOSURES}
    return {name: one for name, one in found.items() if one is not None}


def _rest(brief: Brief) -> list[str]:
    """Changes outside canola, each as a clause with its range."""
    found = []
    if cars := brief.moving(CARS_CHANGE):
        words = {"up": "rise by", "down": "fall by", "either": "change by"}
        found.append(f"registrations of China-built electric cars {moves(cars, **words)}")
    if vehicles := brief.moving(VEHICLES):
        words = {"up": "rise by", "down": "fall by", "either": "change by"}
        found.append(f"vehicle exports to the United States {moves(vehicles, **words)}")
    return found


def _others(brief: Brief) -> str:
    """The same in words alone: a headline has one range."""
    verbs = {"rise": "rise", "fall": "fall", "open": "show no change that can be told from zero"}
    named = {CARS_CHANGE: "registrations of China-built electric cars",
             VEHICLES: "vehicle exports to the United States"}  # fmt: skip
    moving = {key: one for key in named if (one := brief.moving(key))}
    return listing([f"{named[key]} {verbs[one.direction]}" for key, one in moving.items()])


def growers(brief: Brief) -> str:
    """Canola growers in two sentences: price, farm and province; then how sure, by closure, and seed to China."""
    if brief.growers.direction == "none":
        first = f"nothing changes for canola growers: price and income stay as in {brief.against}"
        return " ".join(map(sentence, filter(None, [first, _seed(brief)])))
    return " ".join(map(sentence, [_price(brief), "; ".join(filter(None, [_sure(brief), _seed(brief)]))]))


def _price(brief: Brief) -> str:
    words = []
    if price := brief.moving("scenario.canola.producer_price_change"):
        words.append(f"the farm price of canola {moves(price, up='rises by', down='falls by', either='changes by')}")
    total, farm = brief.growers, brief.moving(f"{INCOME}.per_farm")
    words.append(f"growers' income {moves(total, up='rises by', down='falls by', either='changes by')}")
    if farm:
        words.append(f"that is {farm.size.full}")
    places = {place: one for place in PROVINCES if (one := brief.moving(f"{INCOME}.{place}"))}
    largest = sorted(places, key=lambda place: -abs(places[place].value))[:NAMED]
    shares = [f"{places[place].size.bare} in {LABELS[place]}" for place in largest]
    return ", ".join([*words, *([f"with {listing(shares)}"] if shares else [])])


def _sure(brief: Brief) -> str:
    one, both = brief.growers, closures(brief)
    sign = "gain" if one.direction == "rise" else "lose"
    sure = f"that growers {sign} is {sign_word(one)}" if one.direction != "open" else f"the sign is {OPEN}"
    if len(both) < len(CLOSURES):
        return sure
    ordered = sorted(both, key=lambda name: abs(both[name].value))
    sizes = listing([f"{both[name].size.full} {CLOSURE_WORDS[name]}" for name in ordered])
    return f"{sure}, by how much depends on the model: {sizes}"


def _seed(brief: Brief) -> str:
    volume = brief.find("scenario.canola.china_volume_kt")
    if volume is None:
        return ""
    change = brief.moving("scenario.canola.china_volume_change_kt")
    moved = f", {moves(change, up='up by', down='down by', either='a change of')}" if change else ""
    return f"China buys {volume.full} of seed a year{moved}"


def vehicles(brief: Brief) -> str:
    """The electric-vehicle sector in two sentences: cars and buyers; then makers, assembly and exports."""
    makers = _makers(brief)
    if brief.find(CARS) is None:
        first = "this scenario has no electric-vehicle part: its measures are on canola alone"
        return " ".join(map(sentence, filter(None, [first, makers])))
    return " ".join(map(sentence, [_cars(brief), makers or "nothing changes for makers in Canada"]))


def _cars(brief: Brief) -> str:
    level, change, quota = brief.numbers[CARS], brief.moving(CARS_CHANGE), quota_words(brief)
    if change is None:
        first = f"no change in registrations: China-built electric cars stay at {level.full} a year"
        return "; ".join(filter(None, [first, quota]))
    first = f"China-built electric cars come to {level.full} registrations a year"
    moved = moves(change, up="up by", down="down by", either="a change of")
    buyers = brief.moving("scenario.ev.consumer_surplus_cad")
    gain = f"buyers {moves(buyers, up='gain', down='lose', either='see a change of')}" if buyers else ""
    return "; ".join(filter(None, [f"{first}, {moved}", quota, gain]))


def quota_words(brief: Brief) -> str:
    """``that the quota is filled is likely (83% of draws)``; empty without a quota."""
    found = {name: one for name in REGIMES if (one := brief.find(f"scenario.ev.quota_regime.{name}"))}
    if not found or not any(one.value for one in found.values()):
        return ""
    most = max(found, key=lambda name: found[name].value)
    sure = likelihood(found[most].value)
    return f"that the quota is {REGIMES[most]} is {sure} ({found[most].text} of draws)"


def _makers(brief: Brief) -> str:
    """Cars displaced, assembly and exports, in one sentence; empty where none moves."""
    parts = []
    if displaced := brief.moving(DISPLACED):
        words = {"up": "lose", "down": "gain", "either": "lose"}
        at_home = brief.moving(f"{DISPLACED}.canada")
        built = f", those built in Canada {at_home.size.full} of them" if at_home else ""
        parts.append(f"other cars {moves(displaced, **words)} registrations a year{built}")
    if assembly := brief.moving("scenario.ev.domestic_assembly_change"):
        parts.append(f"assembly in Canada {moves(assembly, up='rises by', down='falls by', either='changes by')}")
    if exports := brief.moving(VEHICLES):
        moved = moves(exports, up="rise by", down="fall by", either="change by")
        parts.append(f"vehicle exports to the United States {moved}, a sign that is {sign_word(exports)}")
    return "; ".join(parts)


def trade_off(brief: Brief) -> str:
    """One sentence to repeat: what one sector gains and the other gives, or that only one side moves."""
    rate = brief.find("scenario.exchange_rate_of_the_deal")
    gain = brief.find("scenario.exchange_rate_of_the_deal.producer_surplus_cad")
    lost = brief.find("scenario.exchange_rate_of_the_deal.displaced")
    if rate and gain and lost:
        return sentence(
            f"canola growers gain {gain.text} a year and cars built elsewhere lose {lost.text} registrations a year: "
            f"{rate.full} of growers' income for each car displaced".replace("a year a year", "a year")
        )
    return sentence(_sides(brief))


def _sides(brief: Brief) -> str:
    sides = [_growers_side(brief), *_car_sides(brief)]
    moving = [side for side in sides if side]
    if not moving:
        return "there is nothing to trade off: neither sector moves"
    opening = "only one side moves" if len(moving) == 1 else "the sides together"
    return f"{opening}: {listing(moving)}"


def _growers_side(brief: Brief) -> str:
    one = brief.growers
    if one.direction == "none":
        return ""
    return f"canola growers {moves(one, up='gain', down='lose', either='see a change of')}"


def _car_sides(brief: Brief) -> list[str]:
    displaced, exports = brief.moving(DISPLACED), brief.moving(VEHICLES)
    cars = "cars built outside China"
    found = []
    if displaced:
        found.append(f"{cars} {moves(displaced, up='lose', down='gain', either='lose')} registrations a year")
    if exports:
        found.append(f"vehicle exports to the United States {moves(exports, up='gain', down='lose', either='move by')}")
    return found
