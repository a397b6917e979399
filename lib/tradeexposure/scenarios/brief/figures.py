"""The two charts of the brief; a part that does not move gets a sentence in place of an empty chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tradeexposure.core.signs import Direction
from tradeexposure.reporting import charts
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.brief.inputs import CARS_CHANGE, DISPLACED, INCOME, Brief
from tradeexposure.scenarios.brief.sentences import BY, BY_MANY, PROVINCES, quota_words
from tradeexposure.scenarios.simulation.names import QUOTA_MARKS

ORIGINS = {
    "united_states_mexico": "Electric, US and Mexico",
    "other_imports": "Electric, other countries",
    "canada": "Electric, Canada",
    "other_cars": "Not electric, anywhere",
}
SMALL = 0.02  # of the largest province's change: a shorter bar is not seen
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
    """Change of growers' income by province with its range."""
    places = {name: one for name in PROVINCES if (one := brief.moving(f"{INCOME}.{name}"))}
    if not places:
        return f"No chart of growers' income: it stays as in {brief.against} in every province."
    total, largest = brief.growers, max(abs(one.value) for one in places.values())
    seen = sorted(places, key=lambda name: -abs(places[name].value))
    seen = [name for name in seen if abs(places[name].value) >= SMALL * largest]
    made = {LABELS[name]: places[name] for name in seen}
    first = LABELS[seen[0]]
    axis = f"Change of growers' income, C$ a year; bars: {_level(total)} of draws"
    return Drawn(
        _ranges(_frame(made, "Province"), "Province", axis, "money"),
        INCOME_TITLES[total.direction].format(first),
        f"Dots with ranges by province, {first} first. Growers' income in Canada {BY.tell(total)}.",
    )


def registrations(brief: Brief) -> Drawn | str:
    """Change of registrations by origin, what the quota does marked at the China-built cars."""
    cars = brief.moving(CARS_CHANGE)
    if cars is None:
        part = f"none differ from {brief.against}" if brief.has_cars else "the scenario has no such part"
        return f"No chart of registrations by origin: {part}."
    regime = quota_words(brief)
    lost = {words: one for name, words in ORIGINS.items() if (one := brief.moving(f"{DISPLACED}.{name}"))}
    made = {f"China, {quota_mark(brief)}": cars, **{words: one.opposite for words, one in lost.items()}}
    frame = _frame(made, "Built in")
    tail = f"; {regime}" if regime else ""
    words = BY_MANY.tell(cars, unit="cars")
    return Drawn(
        _ranges(frame, "Built in", f"Change of registrations a year; bars: {_level(cars)} of draws", "plain"),
        f"{CAR_TITLES[cars.direction]}{tail}",
        f"Dots with ranges by origin. Registrations of China-built electric cars {words}{tail}.",
    )


def quota_mark(brief: Brief) -> str:
    """What most likely becomes of the quota, short enough to stand beside an axis: ``quota unfilled``."""
    found = {name: one.value for name in QUOTA_MARKS if (one := brief.find(f"scenario.ev.quota_regime.{name}"))}
    return QUOTA_MARKS[max(found, key=lambda name: found[name])] if any(found.values()) else "no quota"


def _frame(made: Mapping[str, Number], label: str) -> pd.DataFrame:
    rows = [{label: name, "value": one.value, "low": one.ends[0], "high": one.ends[1]} for name, one in made.items()]
    return pd.DataFrame(rows)


def _ranges(frame: pd.DataFrame, label: str, title: str, numbers: str) -> charts.ChartLike:
    return charts.dots_ranges(
        frame, label=label, value="value", low="low", high="high", numbers=numbers, reference=0, value_title=title,
    )  # fmt: skip


def _level(one: Number) -> str:
    return f"{one.level:.0%}" if one.level else "all"
