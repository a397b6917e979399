"""What the models said of the months since the deal, what was seen of the same, and whether chance could have done it.

The models are weighed by what was known before the deal came into force: the farm price and meal's price since then
weigh the headline's simulations, which would be held against themselves. Things are set side by side where model and
figure mean the same quantity over the same months; of the others the table says in words why they are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from tradeexposure.canola.since_deal.sentences import COMMON
from tradeexposure.core.text import in_words, listing
from tradeexposure.reporting import tables
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.simulation.messages import PRICE

STEM, WHERE = "track.seen_against_simulated", "What did the models say, and what happened?"
PREDICTED = "canola.weights.predicted.{}.figures_before_the_deal"


@dataclass(frozen=True)
class Thing:
    """One quantity that models and figures both have: in words, in short, and the identifiers of its numbers."""

    words: str
    short: str
    simulated: str
    observed: str

    @property
    def keys(self) -> dict[str, str]:
        """What is published of it → identifier."""
        tests = {part: f"{self.observed}.{part}" for part in ("p_value", "p_floor")}
        return {"simulated": self.simulated, "observed": self.observed, **tests}


#: End of the identifier → what is compared.
THINGS = {
    "farm_price": Thing(
        "Farm price of canola, allowing for world oilseed prices, March to May 2026 over the months of China’s "
        "provisional duty",
        "the farm price",
        PREDICTED.format("price_after_2026"),
        inputs.SINCE_PRICE,
    ),
    "meal_price": Thing(
        "Canola meal's price over soybean meal's, March to April 2026 over April to December 2025",
        "meal's price",
        inputs.MEAL_SIMULATED,
        inputs.MEAL_SEEN,
    ),
    "canola_to_china_cad": Thing(
        "Canola sold to China, March to August 2026, estimated from the Prairies’ farm and food sales to China",
        "canola sold to China",
        PREDICTED.format("since_deal_cad"),
        "track.canola_to_china_cad.2026_mar_aug",
    ),
}
FIRST_YEAR = f"{STEM}.farm_price.first_year"
#: What happened and has no counterpart, and why.
NO_COUNTERPART = "Four figures have no counterpart in the models:"
APART = (
    "- **Canola exported in weeks 31 to 52 of the crop year, March to July.** The models say what a year's exports are "
    "above those had China kept its duty; the weeks are compared with years without that duty.",
    "- **Canola seed exported to all countries, by value.** The models count tonnes, had China kept its duty; the "
    "value is compared with months mostly before that duty, and after a record harvest.",
    "- **Canola crushed.** Simulated as if China had kept its duty, at the plants of one year; the figures are "
    "compared with earlier years, with the plants of their time.",
    "- **China-built cars.** A year's registrations are simulated; observed are cars admitted by the day of a count, "
    "and the simulations are weighed by the first count, whose day was not published.",
)
NO_TEST = "no test: too few windows"  # whose smallest p-value would not be rare
INSIDE, MEET, OUTSIDE = (
    "Inside the simulated range",
    "Outside, but ranges overlap",
    "Outside of the simulated range",
)
COLUMNS = {"thing": "What", "simulated": "Simulated", "observed": "Observed or estimated", "p_value": "p-value",
           "p_floor": "Smallest p possible", "stand": "How they compare"}  # fmt: skip
CAPTION = "What the models said from what was known before the deal, and what has happened since"

AGREE = (
    "Of {all} things set side by side: {inside} inside of the simulated range, {meet} outside with ranges that "
    "overlap, {outside} outside."
)
RANGES = (
    "Simulated ranges hold {simulated} of simulations; estimated ones are intervals of {estimated}, in the table's "
    "order."
)
#: Of things that are tested, those that chance does too often and the rest; and those that no test can be made of.
CHANCE = {
    "common": "Chance could explain what was observed of {things}: with so few months it speaks neither for the models "
    "nor against them.",
    "rare": "Chance alone would hardly explain what was observed of {things}.",
    "untested": "Too few earlier windows to test: {things}.",
}
YEAR = (
    "For the deal's whole first year, if China had kept {stays} on seed, the models put the change of the farm price "
    "at {value}."
)


def read(book: Book) -> Numbers:
    """The numbers of :data:`THINGS` as the notebooks before published them.

    Raises
    ------
    BadInput
        One that no earlier notebook published.
    """
    keys = dict.fromkeys(key for thing in THINGS.values() for key in thing.keys.values())
    return Numbers(book.earlier_results(*keys).reset_index())


def published(numbers: Numbers, quoted: Mapping[str, Number]) -> pd.DataFrame:
    """Simulated, seen and p-value of every thing, to publish; and what the models say of the price's first year.

    Parameters
    ----------
    quoted : mapping
        Numbers of the deal's simulation.
    """
    rows = [
        _row(f"{STEM}.{name}.{part}", numbers[key])
        for name, thing in THINGS.items()
        for part, key in thing.keys.items()
    ]
    return pd.DataFrame([*rows, _row(FIRST_YEAR, quoted[f"{PRICE}.first_year"])])


def _row(key: str, number: Number) -> dict[str, object]:
    return {"result_id": key, **number.repeated, "original": number.key}


def stand(thing: Thing, numbers: Numbers) -> str:
    """Where what was seen stands: in the simulated range, outside of it with ranges that meet, or outside of it."""
    simulated, observed = numbers[thing.simulated], numbers[thing.observed]
    (low, high), (least, most) = simulated.ends, observed.ends
    if low <= observed.value <= high:
        return INSIDE
    return MEET if least <= high and low <= most else OUTSIDE


def chance(thing: Thing, numbers: Numbers) -> str:
    """Which of :data:`CHANCE` is true of a thing."""
    p_value, floor = (numbers[thing.keys[part]].value for part in ("p_value", "p_floor"))
    return "untested" if floor > COMMON else "common" if p_value > COMMON else "rare"


def table(numbers: Numbers) -> pd.DataFrame:
    """A row for every thing, all text."""
    rows = []
    for thing in THINGS.values():
        written = {part: numbers[key].full for part, key in thing.keys.items()}
        if chance(thing, numbers) == "untested":
            written["p_value"] = NO_TEST
        rows.append({"thing": thing.words, **written, "stand": stand(thing, numbers)})
    return pd.DataFrame(rows)


def sentences(numbers: Numbers) -> dict[str, str]:
    """Whether seen and simulated agree, what their ranges are, whether chance did it, and the first year's price."""
    stands = [stand(thing, numbers) for thing in THINGS.values()]
    counts = (stands.count(place) for place in (INSIDE, MEET, OUTSIDE))
    inside, meet, outside = (in_words(count) if count else "none" for count in counts)
    agree = AGREE.format(all=in_words(len(stands)), inside=inside, meet=meet, outside=outside)
    names = {case: [thing.short for thing in THINGS.values() if chance(thing, numbers) == case] for case in CHANCE}
    by_chance = " ".join(CHANCE[case].format(things=listing(things)) for case, things in names.items() if things)
    year = YEAR.format(value=f"{{{FIRST_YEAR}:full}}", stays=f"{{{inputs.SEED_BEFORE}:bare}}")
    levels = {side: [text for thing in THINGS.values() if (text := numbers[getattr(thing, side)].level_text)]
              for side in ("simulated", "observed")}  # fmt: skip
    ranges = RANGES.format(
        simulated=listing([*dict.fromkeys(levels["simulated"])]), estimated=listing(levels["observed"])
    )
    return {"agree": agree, "ranges": ranges, "chance": by_chance, "year": year}


def show(book: Book, numbers: Numbers) -> None:
    """Show the table, say what follows from it, and what has no counterpart."""
    tables.show(table(numbers), columns=COLUMNS, caption=CAPTION)
    apart = "\n".join(APART)
    book.say(f"{{agree}} {{ranges}} {{chance}} {{year}}\n\n{NO_COUNTERPART}\n\n{apart}", **sentences(numbers))


def claims_of(numbers: Numbers) -> Iterator[Claim]:
    """What the section says in fixed words: both sides of a row mean the same, and every row has its test."""
    for thing in THINGS.values():
        simulated, observed, p_value, floor = (numbers[key] for key in thing.keys.values())
        yield Claim("simulated and seen are in the same unit", simulated.unit == observed.unit,
                    f"{simulated.unit}, {observed.unit}", WHERE)  # fmt: skip
        yield Claim("a p-value lies between the smallest possible and one", 0 < floor.value <= p_value.value <= 1,
                    f"{floor.text}, {p_value.text}", WHERE)  # fmt: skip
        last = pd.Timestamp(observed.period.rpartition(" to ")[2])
        yield Claim(f"the months are those of the figure (models_against_outcomes.py, notebook 55): {thing.words}",
                    f"to {last:%B %Y}" in thing.words, observed.period, WHERE)  # fmt: skip
