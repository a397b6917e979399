"""The explorer as a piece of a page: levers that a reader moves over a grid solved beforehand, and the grid as tables.

It knows levers, outcomes and words from what the notebook handed over, no economics. The page that holds it runs
:data:`SCRIPTS`; without scripts the tables remain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from tradeexposure.core import arrays, units
from tradeexposure.core.arrays import Floats
from tradeexposure.publishing import template_files

SCRIPTS = ("typed_numbers.js", "explorer.js")
ENDS = ("low", "value", "high")
#: Rows, and columns of a table over two levers, that are shown of a grid.
MOST_ROWS, MOST_COLUMNS = 24, 6
MARGIN = 0.04  # of the width, on either side of a range's drawing
LEAST_TICKS = 3  # of a scale; more would not stand apart on a phone
AT_AN_END = 8  # per cent of the width from an end, where a tick's number stands inside of it
#: What a scale counts, by unit of the outcome.
COUNTED = {"CAD per year": "C$ a year", "change": "change in per cent", "vehicles per year": "cars a year"}
WITH_ONE = "What moves with one lever: {lever}"
WITH_TWO = "{outcome}. Down: {down}. Across: {across}."
AND_AT = "{outcome}. Down: {down}. Across: {across}. {third}: {setting}."
#: How its script writes numbers: marks of a number, and what stands around a sum of dollars, of millions, of billions.
WRITING = {"decimal": ".", "thousands": ",", "percent": "%", "colon": ": ", "to": " to ",
           "dollars": [["C$", ""], ["C$", "\N{NO-BREAK SPACE}m"], ["C$", "\N{NO-BREAK SPACE}bn"]]}  # fmt: skip
FALLS = "fall"  # told by its size: the smaller end first, no sign


@dataclass(frozen=True)
class Outcome:
    """One outcome over its levers, in what is chosen first."""

    content: Mapping[str, Any]  #: As it was handed over.
    nodes: Mapping[str, list[float]]  #: Settings of each lever that moves it.
    values: np.ndarray  #: One axis for each lever, then low end, value and high end, in `unit`.
    #: What its drawing spans: all ranges that can be chosen and zero, with a margin.
    domain: tuple[float, float]

    @classmethod
    def of(cls, outcome: Mapping[str, Any], view: str) -> Outcome:
        """Arrange what was handed over."""
        table = outcome["tables"][outcome["views"][view]]
        nodes = {axis["lever"]: axis["nodes"] for axis in table["axes"]}
        shape = [len(some) for some in nodes.values()]
        values = numbers(table).reshape(*shape, len(ENDS))
        every = np.concatenate([[0.0], *map(numbers, outcome["tables"])])
        low, high = (float(end) * outcome["scale"] for end in (every.min(), every.max()))
        margin = MARGIN * (high - low)
        return cls(outcome, nodes, values * outcome["scale"], (low - margin, high + margin))

    @property
    def unit(self) -> str:
        """Unit of its values."""
        return str(self.content["unit"])

    def at(self, levers: Mapping[str, float]) -> tuple[float, float, float]:
        """Low end, value and high end at a node."""
        place = tuple(nodes.index(levers[key]) for key, nodes in self.nodes.items())
        low, value, high = self.values[place].tolist()
        return low, value, high

    def across(self, value: float) -> float:
        """Where a value stands, in per cent of the width."""
        low, high = self.domain
        return round(100 * (value - low) / (high - low), 2)

    def shown(self, levers: Mapping[str, float], data: Mapping[str, Any]) -> dict[str, Any]:
        """The outcome at one setting: its value, a sentence, and its drawing in per cent of the width."""
        spread = self.at({key: levers[key] for key in self.nodes})
        return {
            **{key: self.content.get(key) for key in ("key", "label", "off")},
            "counted": COUNTED[self.unit],
            "value": units.write(spread[1], self.unit, data["digits"]) if any(spread) else data["unchanged"],
            "sentence": sentence(self.content["messages"], spread, self.unit, data["digits"]),
            "at": {name: self.across(value) for name, value in zip((*ENDS, "zero"), (*spread, 0.0), strict=True)},
            "ticks": self.ticks,
        }

    @property
    def ticks(self) -> list[dict[str, Any]]:
        """A scale in round numbers: where each stands, and how it is written."""
        low, high = self.domain
        power = 10.0 ** math.floor(math.log10(high - low))
        steps = [[round(place * part * power, 10) for place in range(math.ceil(low / (part * power)),
                  math.floor(high / (part * power)) + 1)] for part in (2, 1, 0.5, 0.25, 0.2, 0.1)]  # fmt: skip
        values = next(step for step in steps if len(step) >= LEAST_TICKS)
        ticks = []
        for value in values:
            at = self.across(value)
            anchor = "start" if at < AT_AN_END else "end" if at > 100 - AT_AN_END else "middle"
            digits = next((few for few in (1, 2) if math.isclose(units.significant(value, few), value)), 3)
            ticks.append({"at": at, "text": units.FORMATS[self.unit][0](value, digits), "anchor": anchor})
        return ticks


def numbers(table: Mapping[str, Any]) -> Floats:
    """What a table holds, flat and in its outcome's scale: low end, value and high end of each setting in turn."""
    return arrays.unpacked(table["numbers"], table["decimals"])


def piece(data: Mapping[str, Any]) -> Markup:
    """The explorer of one page.

    Parameters
    ----------
    data : mapping
        What the notebook showed under :data:`tradeexposure.core.published_rows.EXPLORER_MIME`.
    """
    levers = {lever["key"]: lever for lever in data["levers"]}
    start = {key: lever["start"] for key, lever in levers.items()}
    chosen = {choice["key"]: choice["options"][0]["key"] for choice in data["choices"]}
    outcomes = [Outcome.of(outcome, " ".join(chosen.values())) for outcome in data["outcomes"]]
    kept = [start, *(preset["levers"] for preset in data["presets"])]
    shown_levers = []
    for lever in levers.values():  # in the numbers that a reader types: per cents of a rate
        scale, sign = (100, "%") if lever["unit"] == "rate" else (1, "cars")
        numbers = {name: f"{round(lever[name] * scale, 6):g}" for name in ("low", "high", "start", "step")}
        ends = {name: setting(lever[end], lever["unit"]) for name, end in (("from", "low"), ("to", "high"))}
        shown_levers.append({**lever, **numbers, **ends, "sign": sign})
    shown = {
        "levers": shown_levers,
        "choices": data["choices"],
        "presets": data["presets"],
        "outcomes": [outcome.shown(start, data) for outcome in outcomes],
        "notes": data["notes"],
        "tables": _tables(outcomes, levers, kept, data["digits"]),
        "data": {
            **{key: data[key] for key in ("levers", "choices", "digits", "said", "unchanged", "presets")},
            "outcomes": [{**outcome.content, "domain": outcome.domain} for outcome in outcomes],
            "writing": WRITING,
            "suffixes": {outcome.unit: units.FORMATS[outcome.unit][1] for outcome in outcomes},
        },
    }
    return Markup(template_files.render("explorer.html.j2", shown))


def setting(value: float, unit: str) -> str:
    """A setting of a lever as it is read: ``14.9%`` or ``49,000``."""
    return f"{round(100 * value, 6):g}%" if unit == "rate" else f"{value:,.0f}"


def sentence(messages: Mapping[str, str], spread: tuple[float, float, float], unit: str, digits: int) -> str:
    """The sentence for the direction of a range."""
    low, value, high = spread
    direction = units.direction(value, low, high)
    ends = (-high, -low) if direction == FALLS else (low, high)
    number, suffix, _ = units.FORMATS[unit]
    bare = "+" if direction == FALLS else ""
    figures = {"low": number(ends[0] + 0.0, digits), "high": number(ends[1] + 0.0, digits) + suffix}
    return messages[direction].format(**{name: text.removeprefix(bare) for name, text in figures.items()})


def _tables(
    outcomes: Sequence[Outcome],
    levers: Mapping[str, Mapping[str, Any]],
    kept: Sequence[Mapping[str, float]],
    digits: int,
) -> list[dict[str, Any]]:
    """The grid at some settings: one table for each lever with what it alone moves, one for each that two move."""
    tables = []
    for key, lever in levers.items():
        mine = [outcome for outcome in outcomes if list(outcome.nodes) == [key]]
        if mine:
            solved = [node for node in mine[0].nodes[key] if all(node in outcome.nodes[key] for outcome in mine)]
            rows = _few(solved, [setting[key] for setting in kept], MOST_ROWS)
            cells = [[_cell(outcome.at({key: x}), outcome.unit, digits) for outcome in mine] for x in rows]
            headings = [outcome.content["label"] for outcome in mine]
            tables.append(_table(WITH_ONE.format(lever=lever["label"]), lever, headings, rows, cells))
    for outcome in outcomes:
        if len(outcome.nodes) > 1:
            (down, *rest, across), nodes = outcome.nodes, outcome.nodes
            beside = {key: kept[0][key] for key in rest}
            rows = _few(nodes[down], [setting[down] for setting in kept], MOST_ROWS)
            columns = _few(nodes[across], [setting[across] for setting in kept], MOST_COLUMNS)
            cells = [[_cell(outcome.at({down: x, across: y, **beside}), outcome.unit, digits) for y in columns]
                     for x in rows]  # fmt: skip
            headings = [setting(y, levers[across]["unit"]) for y in columns]
            labels = {
                "outcome": outcome.content["label"],
                "down": levers[down]["label"],
                "across": levers[across]["label"],
            }
            for key, at in beside.items():
                labels |= {"third": levers[key]["label"], "setting": setting(at, levers[key]["unit"])}
            caption = (AND_AT if beside else WITH_TWO).format(**labels)
            tables.append(_table(caption, levers[down], headings, rows, cells))
    return tables


def _table(
    caption: str,
    lever: Mapping[str, Any],
    headings: Sequence[str],
    rows: Sequence[float],
    cells: Sequence[Sequence[Mapping[str, str]]],
) -> dict[str, Any]:
    """A table whose rows are settings of a lever."""
    settings = [setting(x, lever["unit"]) for x in rows]
    return {"caption": caption, "first": lever["label"], "headings": headings,
            "rows": list(zip(settings, cells, strict=True))}  # fmt: skip


def _cell(spread: tuple[float, float, float], unit: str, digits: int) -> dict[str, str]:
    low, value, high = spread
    return {"value": units.write(value, unit, digits), "range": units.write_range(low, high, unit, digits)}


def _few(nodes: Sequence[float], kept: Sequence[float], most: int) -> list[float]:
    """Some of the nodes: those on the finest round step that has few enough, both ends, and those to be `kept`."""
    wanted = {nodes[0], nodes[-1], *kept}
    span = nodes[-1] - nodes[0]
    power = 10.0 ** math.floor(math.log10(span / most))
    for step in (power * part for part in (1, 2, 5, 10, 20, 50)):
        round_ones = {node for node in nodes if math.isclose(node / step, round(node / step), abs_tol=1e-6)}
        if len(round_ones) <= most:
            return [node for node in nodes if node in round_ones | wanted]
    return [node for node in nodes if node in wanted]
