"""The explorer as a notebook shows it: the grid with its words, how far its curves are off, what is claimed of it.

Messages are whole sentences with named placeholders, one for each way a range can lie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import arrays, units
from tradeexposure.core.arrays import Floats
from tradeexposure.core.published_rows import EXPLORER_MIME
from tradeexposure.econometrics.inference.draws import LEVEL
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.duty_tables import percent
from tradeexposure.reporting import result_rows
from tradeexposure.reporting.claims import Claim
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.comparison.inputs import OIL_TO_CHINA, Compared
from tradeexposure.scenarios.explorer.grid import LEAST, OUTCOMES, Grid, published_as
from tradeexposure.scenarios.explorer.levers import ADJUSTED, FIRST_YEAR, LEVERS, View, levers_of
from tradeexposure.scenarios.simulation.messages import ON_MEAL, paragraph

PER_YEAR, CARS = "CAD per year", "vehicles per year"
DIGITS = 2  # of a number as it is published
ERROR_DECIMALS = 4  # of an error, a share
MOST_APART = 0.015  # of a range, between solved settings
LARGEST = 200_000  # bytes of the data on a page
SCALES = {PER_YEAR: units.MILLION, "change": 0.01}  # in which a page holds numbers of a unit, so that they are short
KEPT = 10  # digits of a setting; those of outcomes are the grid's
#: Lever → label, help, unit and the step of its slider.
SLIDERS = {
    "seed": (
        "China’s duty on canola seed",
        "The whole duty on Canadian seed: the ordinary duty and what comes on top of it.",
        "rate",
        0.01,
    ),
    "meal": (
        "China’s duty on canola meal",
        "The whole duty on Canadian meal: the ordinary duty and what comes on top of it.",
        "rate",
        0.01,
    ),
    "quota": (
        "Canada’s quota for China-built electric cars",
        "Cars a year that may enter at the ordinary duty.",
        CARS,
        1000.0,
    ),
    "us": (
        "US duty on Canadian cars",
        "Charged on what is not made in the United States where a car is claimed under CUSMA, on the whole car where "
        "it is not.",
        "rate",
        0.01,
    ),
}  # fmt: skip
#: Preset → label and line. Each is named by what moves (`us`: its duty), its line says which scenario it is not.
PRESET_WORDS = {
    "deal": ("The deal’s duties and quota", "Every lever where the deal has it."),
    "china_back": (
        "China goes back, Canada keeps the quota",
        "China’s duties of December 2025. Both going back is the scenario “The deal breaks down”.",
    ),
    "meal_back": (
        "China charges meal as before, seed as in the deal",
        "The duty on meal of December 2025, without its suspension.",
    ),
    "ordinary_seed": (
        "China charges its ordinary duty on seed",
        "Nothing on top of it for dumping; meal as in the deal.",
    ),
    "quota_2030": (
        "Canada’s quota of year five",
        "None of it reserved; the scenario of 2030 keeps a part for cheap cars.",
    ),
    "us_50": (
        "US duty of {us}, not on US-made parts",
        "The rise that was threatened for 2027. The scenarios of a US duty charge the whole car.",
    ),
}  # fmt: skip
#: Outcome → lever → what stands beside the outcome while the lever is off the scenario's value: a sentence, or the
#: outcome that is left out, with one for each direction of its range.
OFF_WORDS: dict[str, dict[str, str | dict[str, dict[str, str]]]] = {
    "sales": {
        "us": "Where a car is claimed under CUSMA, only what is not made in the United States is charged. The "
        "scenarios of a US duty charge the whole car: more sales are lost there at the same duty over the same time. "
        "Their number on these pages is of the first year.",
    },
    "welfare": {"us": {"sales": {
        "rise": "Not in this sum: car sales to the United States rise by {value}; the part of it that car makers "
        "and their workers gain is not estimated.",
        "fall": "Not in this sum: car sales to the United States fall by {value}; the part of it that car makers "
        "and their workers lose is not estimated.",
        "undetermined": "Not in this sum: car sales to the United States, which may rise or fall, and what that means "
        "for car makers and their workers.",
        "zero_median": "Not in this sum: car sales to the United States, which stay as they are in most simulations.",
        "none": "Not in this sum: car sales to the United States, which stay as they are under this duty.",
    }}},
}  # fmt: skip
#: Outcome → label, unit, and a sentence for each direction of its range (:mod:`tradeexposure.core.units`).
OUTCOME_WORDS = {
    "income": ("Canola growers’ income", PER_YEAR, {
        "rise": "Growers gain: 90% of simulations fall between {low} and {high}.",
        "fall": "Growers lose: 90% of simulations fall between {low} and {high}.",
        "undetermined": "We cannot tell whether growers gain or lose: 90% of simulations fall between {low} and "
        "{high}.",
        "zero_median": "In most simulations nothing changes for growers: 90% fall between {low} and {high}.",
        "none": "Nothing changes for growers.",
    }),
    "price": ("Farm price of canola", "change", {
        "rise": "The price rises: 90% of simulations fall between {low} and {high}.",
        "fall": "The price falls: 90% of simulations fall between {low} and {high}.",
        "undetermined": "We cannot tell whether the price rises or falls: 90% of simulations fall between {low} "
        "and {high}.",
        "zero_median": "In most simulations the price stays as it is: 90% fall between {low} and {high}.",
        "none": "The price stays as it is.",
    }),
    "cars": ("China-built electric cars registered", CARS, {
        "rise": "Registered in Canada each year: 90% of simulations fall between {low} and {high}.",
        "zero_median": "In most simulations none is registered: 90% fall between {low} and {high}.",
        "none": "None is registered.",
    }),
    "sales": ("Cars sold to the United States", PER_YEAR, {
        "rise": "Canada sells more: 90% of simulations fall between {low} and {high}.",
        "fall": "Canada sells less: 90% of simulations fall between {low} and {high}.",
        "undetermined": "We cannot tell whether Canada sells more or less: 90% of simulations fall between {low} "
        "and {high}.",
        "zero_median": "In most simulations sales stay as they are: 90% fall between {low} and {high}.",
        "none": "The US duty is the one in force, so that sales stay as they are.",
    }),
    "welfare": ("Canada, without car makers’ profit and jobs", PER_YEAR, {
        "rise": "The sum over canola, car buyers and public revenue rises: 90% of simulations fall between {low} and "
        "{high}.",
        "fall": "The sum over canola, car buyers and public revenue falls: 90% of simulations fall between {low} and "
        "{high}.",
        "undetermined": "The sum over canola, car buyers and public revenue may rise or fall: 90% of simulations fall "
        "between {low} and {high}.",
        "zero_median": "The sum over canola, car buyers and public revenue stays as it is in most simulations: 90% "
        "fall between {low} and {high}.",
        "none": "The sum over canola, car buyers and public revenue stays as it is.",
    }),
}  # fmt: skip
SUM = (
    "The sum counts growers, elevators and railways, crushers, users of oil and meal, buyers of cars, rebates, quota "
    "rent that stays here, and duty. Car makers’ profit and jobs are not counted, so the US duty on cars does not move "
    "it."
)
#: What enters above the quota, by the scenario's reading of the law.
ABOVE = {
    "no_entry": "China-built electric cars pay {within} within the quota, and none enters above it.",
    "surtax": "China-built electric cars pay {within} within the quota, and the surtax of 2024 on top above it.",
    "mfn": "China-built electric cars pay {within} within the quota and above it.",
}
COMPARED = (
    "Cars registered are totals, not changes. The other numbers are changes over a year, compared with the case that "
    "is chosen."
)
WHEN = (
    "In the first year the crop is already sown, buyers switch only as far as they can within a year, and more "
    "carmakers are still to enter; after adjustment all of that is done."
)
#: What a reader chooses beside the levers.
CHOICES = {"against": "Compared with", "when": "When"}
HORIZON_WORDS = {ADJUSTED: "After adjustment", FIRST_YEAR: "In the first year"}
REST = (
    "All that the four levers do not set is as in “{scenario}”. Oil has no lever, since it is sold in one "
    "market with seed and meal and its duty cannot be moved alone; China charges {oil} on it."
)
HOW = (
    "Worked out in {runs} runs of the models with {draws} simulations each, and curves between them. At "
    "{held_out} settings drawn at random the largest error was {error} of the range there; a test of 500 settings "
    "allows at most {most}. A range holds 90% of simulations."
)
UNCHANGED = "no change"
SAID = (
    "{seed}, {meal}, {quota}, {us}. Growers’ income: {income}. Farm price: {price}. China-built cars: {cars}. "
    "Sales to the United States: {sales}. Canada, without car makers’ profit and jobs: {welfare}."
)


def as_json(grid: Grid, beside: str = "") -> dict[str, Any]:
    """The grid and its words as the page takes them: settings in their own units, outcomes packed.

    Parameters
    ----------
    beside : str
        What is said beside the levers of what else would have come.
    """
    sides = {view.against: scenarios.load(view.against).named for view in grid.tables}
    options = {"against": sides, "when": HORIZON_WORDS}
    sliders, here, presets = [], levers_of(grid.scenario), []
    for key in LEVERS:
        label, helps, unit, step = SLIDERS[key]
        low, high = grid.nodes[key][[0, -1]].tolist()
        ends = _rounded({"low": low, "high": high, "start": here[key], "step": step})
        sliders.append({"key": key, "label": label, "help": helps, "unit": unit, **ends})
    for key, levers in grid.presets.items():
        label, line = PRESET_WORDS.get(key, (key, ""))  # a preset of the user's own is its own label
        named = label.replace("{us}", percent(levers["us"]))
        presets.append({"label": named, "line": line, "levers": _rounded(levers)})
    return {
        "levers": sliders,
        "choices": [
            {
                "key": key,
                "label": label,
                "options": [{"key": name, "label": text} for name, text in options[key].items()],
            }
            for key, label in CHOICES.items()
        ],
        "outcomes": [_outcome(key, grid) for key in OUTCOMES],
        "presets": presets,
        "scenario": grid.scenario,
        "level": LEVEL,
        "digits": DIGITS,
        "notes": _notes(grid, beside),
        "said": SAID,
        "unchanged": UNCHANGED,
    }


def settled(comparison: Compared) -> str:
    """What is said beside the levers: the gain over the duty that China settled on."""
    duty = comparison.quoted[brief.DUTY_SETTLED].bare
    return fill_by_sign("settled", comparison.quoted[brief.SETTLED], settled=duty, on=ON_MEAL)


def _outcome(key: str, grid: Grid) -> dict[str, Any]:
    """An outcome with its tables, each once, and which of them holds in a view."""
    label, unit, messages = OUTCOME_WORDS[key]
    scale = SCALES.get(unit, 1.0)
    different = list({id(tables[key]): tables[key] for tables in grid.tables.values()}.values())
    places = {" ".join(view): next(place for place, table in enumerate(different) if table is tables[key])
              for view, tables in grid.tables.items()}  # fmt: skip
    packed = []
    for table in different:
        axes = [{"lever": lever, "nodes": _listed(nodes), "joins": list(table.joins[lever])}
                for lever, nodes in table.nodes.items()]  # fmt: skip
        packed.append({"axes": axes, **arrays.packed(np.round(table.values / scale, KEPT))})
    off: list[dict[str, Any]] = []  # `words`, or `messages` on the outcome `of` which they are
    for lever, beside in OFF_WORDS.get(key, {}).items():
        if isinstance(beside, str):
            off.append({"lever": lever, "words": beside})
        else:
            off += [{"lever": lever, "of": of, "messages": own} for of, own in beside.items()]
    return {"key": key, "label": label, "unit": unit, "scale": scale, "messages": messages, "views": places,
            "off": off, "tables": packed}  # fmt: skip


def _listed(values: Floats) -> list[float | int]:
    """Flat, the last axis fastest; whole numbers without a point."""
    return [int(value) if value.is_integer() else value for value in np.round(values, KEPT).ravel().tolist()]


def _rounded(values: Mapping[str, float]) -> dict[str, float | int]:
    return dict(zip(values, _listed(np.array(list(values.values()), dtype=float)), strict=True))


def _notes(grid: Grid, beside: str) -> list[str]:
    """What is compared, and `beside` it what else would have come; what stays, what is summed, and how exact it is."""
    chosen = scenarios.load(grid.scenario)
    within = percent(float(regimes.vehicles(chosen).china_within))
    oil = percent(float(regimes.canola(chosen)[OIL_TO_CHINA]))
    figures = {
        "runs": f"{grid.runs}",
        "draws": f"{grid.draws:,}",
        "held_out": f"{grid.held_out}",
        "error": units.write(max(grid.errors.values()), "share", DIGITS),
        "most": units.write(MOST_APART, "share", DIGITS),
    }
    return [
        paragraph(COMPARED, beside),
        WHEN,
        f"{REST.format(scenario=chosen.named, oil=oil)} {ABOVE[chosen.above_quota].format(within=within)}",
        SUM,
        HOW.format(**figures),
    ]


def show(grid: Grid, beside: str = "") -> None:
    """Hand the grid to the page, and what is said beside it; JupyterLab shows one line.

    Raises
    ------
    ValueError
        More than :data:`LARGEST` bytes.
    """
    from IPython.display import display

    shown = as_json(grid, beside)
    size = len(json.dumps(shown, separators=(",", ":"), ensure_ascii=False).encode())
    if size > LARGEST:
        raise ValueError(f"the explorer has {size:,} bytes, more than {LARGEST:,}: take longer steps")
    line = f"Explorer: {', '.join(names[0] for names in SLIDERS.values())}; {size / 1000:.0f} kB."
    display({EXPLORER_MIME: shown, "text/plain": line}, raw=True)


def error_rows(grid: Grid, published: pd.DataFrame) -> pd.DataFrame:
    """Numbers to publish: the largest error of the curves, of all and by outcome; `published` as of :func:`claims`."""
    errors = {"max": max(grid.errors.values())} | {f"{key}.max": grid.errors[key] for key in OUTCOMES}
    chosen, view = scenarios.load(grid.scenario), next(iter(grid.tables))
    behind = [str(published.loc[(chosen.name, published_as(key, view, chosen)), "tables"]) for key in OUTCOMES]
    rounded = {name: round(error, ERROR_DECIMALS) for name, error in errors.items()}
    rows = result_rows.named_rows(rounded, "explorer.error.{name}", held_out=f"{grid.held_out}", least=f"{LEAST:.0%}")
    return rows.assign(sources=["; ".join(behind), *behind])


def claims(grid: Grid, published: pd.DataFrame) -> list[Claim]:
    """That the explorer is as exact as it says, and gives what the scenario notebook published.

    Parameters
    ----------
    published : DataFrame
        ``book.simulated(*grid.numbers())``: what a scenario has no number of is not asked.
    """
    worst = max(grid.errors.values())
    exact = Claim("curves are at most 1.5% of a range off", worst <= MOST_APART, f"{worst:.2%}", "explorer")
    return [exact, *(_same(grid, name, key, view, published) for name in grid.named for key in OUTCOMES
                     for view in grid.tables if _id(name, key, view) in published.index)]  # fmt: skip


def _id(name: str, key: str, view: View) -> tuple[str, str]:
    """Scenario and identifier of a number in a view; no number where it is not measured against that."""
    chosen = scenarios.load(name)
    measured = view.against in (chosen.against, chosen.also_against)
    return name, published_as(key, view, chosen) if measured else ""


def _same(grid: Grid, name: str, key: str, view: View, published: pd.DataFrame) -> Claim:
    """As published to the last digit; at a setting between those solved, as near as curves must be."""
    table, levers, number = grid.tables[view][key], grid.named[name], _id(name, key, view)
    line = table.between(levers)
    ours = [units.significant(value, DIGITS) for value in line.tolist()]
    row: list[float] = published.reindex([number])[["low", "value", "high"]].to_numpy(float)[0].tolist()
    theirs, rounding = np.array(row), np.array([units.last_digit(value, DIGITS) / 2 for value in row])
    near = np.abs(line - theirs) <= rounding + MOST_APART * table.scale(theirs, LEAST)
    holds = ours == row if grid.holds(levers) else bool(near.all())
    return Claim(f"the explorer gives {number[1]} of {name} as published", holds, f"{ours}", "explorer")
