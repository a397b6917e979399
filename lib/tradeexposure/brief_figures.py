"""The two charts of the brief; a part that does not move gets a sentence in place of an empty chart."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tradeexposure import charts
from tradeexposure.brief import CARS, CARS_CHANGE, DISPLACED, INCOME, Brief
from tradeexposure.brief_numbers import Direction, Number
from tradeexposure.brief_sentences import BY, BY_MANY, PROVINCES, quota_words
from tradeexposure.palette import LABELS

ORIGINS = {
    "united_states_mexico": "United States, Mexico",
    "other_imports": "Other countries",
    "canada": "Canada",
    "other_cars": "Not electric, anywhere",
}
SMALL = 0.005  # of the largest province's change: a shorter bar is not seen
INCOME_TITLES: dict[Direction, str] = {
    "rise": "Growers gain in every canola province, most in {}",
    "fall": "Growers lose in every canola province, most in {}",
    "open": "In no province can a change of growers' income be told from zero",
    "none": "",
}
CAR_TITLES: dict[Direction, str] = {
    "rise": "More China-built electric cars, fewer of others",
    "fall": "Fewer China-built electric cars, more of others",
    "open": "No change of China-built electric cars can be told from zero",
    "none": "",
}


@dataclass(frozen=True)
class Drawn:
    """A chart with its title and alternative text."""

    chart: charts.ChartLike
    title: str
    alt: str


def show(drawn: Drawn | str) -> None:
    """Show a chart, or the sentence that stands in its place."""
    from IPython.display import display

    if isinstance(drawn, str):
        display({"text/markdown": drawn, "text/plain": drawn}, raw=True)
    else:
        charts.show(drawn.chart, title=drawn.title, alt=drawn.alt)


def growers(brief: Brief) -> Drawn | str:
    """Change of growers' income by province with its range, the largest first."""
    places = {LABELS[name]: one for name in PROVINCES if (one := brief.moving(f"{INCOME}.{name}"))}
    if not places:
        return f"No chart of growers' income: it stays as in {brief.against} in every province."
    largest = max(abs(one.value) for one in places.values())
    seen = {place: one for place, one in places.items() if abs(one.value) >= SMALL * largest}
    frame = _frame(seen, "Province").sort_values("value", key=abs, ascending=False, ignore_index=True)
    first, total = str(frame.loc[0, "Province"]), brief.growers
    words = BY.tell(total)
    return Drawn(
        _ranges(frame, "Province", f"C$ a year; bars: {_level(total)} of draws", "money"),
        INCOME_TITLES[total.direction].format(first),
        f"Dots with ranges by province, {first} first. Growers' income in Canada {words}.",
    )


def registrations(brief: Brief) -> Drawn | str:
    """Change of registrations by origin, what the quota does marked at the China-built cars."""
    cars = brief.moving(CARS_CHANGE)
    if cars is None:
        part = "the scenario has no such part" if brief.find(CARS) is None else f"none differ from {brief.against}"
        return f"No chart of registrations by origin: {part}."
    regime = quota_words(brief)
    made = {"China": cars}
    made |= {words: one.opposite for name, words in ORIGINS.items() if (one := brief.moving(f"{DISPLACED}.{name}"))}
    frame = _frame(made, "Built in")
    mark = regime.removeprefix("that ").split(" is almost")[0].split(" is likely")[0] if regime else "no quota"
    frame.loc[0, "Built in"] = f"China ({mark})"
    tail = f"; {regime}" if regime else ""
    words = BY_MANY.tell(cars, unit="cars")
    return Drawn(
        _ranges(frame, "Built in", f"Change of registrations a year; bars: {_level(cars)} of draws", "plain"),
        f"{CAR_TITLES[cars.direction]}{tail}",
        f"Dots with ranges by origin. Registrations of China-built electric cars {words}{tail}.",
    )


def _frame(made: dict[str, Number], label: str) -> pd.DataFrame:
    rows = [{label: name, "value": one.value, "low": one.ends[0], "high": one.ends[1]} for name, one in made.items()]
    return pd.DataFrame(rows)


def _ranges(frame: pd.DataFrame, label: str, title: str, numbers: str) -> charts.ChartLike:
    return charts.dots_ranges(
        frame, label=label, value="value", low="low", high="high", numbers=numbers, reference=0, value_title=title
    )


def _level(one: Number) -> str:
    return f"{one.level:.0%}" if one.level else "all"
