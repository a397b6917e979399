"""The explorer as a notebook shows it: the grid with its words, how far straight lines are off, what is claimed of it.

Messages are whole sentences with named placeholders, one for each way a range can lie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.arrays import Floats
from tradeexposure.core.published_rows import EXPLORER_MIME
from tradeexposure.econometrics.inference.draws import LEVEL
from tradeexposure.policy.canola_cells import MEAL_TO_CHINA
from tradeexposure.reporting.claims import Claim
from tradeexposure.scenarios.brief import worth
from tradeexposure.scenarios.comparison.grid import LEVERS, OUTCOMES, Grid, Table, levers_of
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.simulation.messages import ON_MEAL, SETTLED, paragraph, told
from tradeexposure.scenarios.simulation.results import CARS, DIGITS, PER_YEAR

OIL_TO_CHINA = ("china", "oil")
ERROR_DECIMALS = 4  # of an error, a share
MOST_APART = 0.015  # of a range, between solved settings
LARGEST = 60_000  # bytes of the data on a page
KEPT = 10  # digits of a setting; those of outcomes are the grid's
#: Lever → label, help, unit and the step of its slider.
LEVER_WORDS = {
    "seed": (
        "China’s duty on canola seed",
        "The whole duty on Canadian seed: the ordinary duty and what comes on top of it.",
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
#: Outcome → label, unit, and a sentence for each direction of its range (:mod:`tradeexposure.core.units`).
OUTCOME_WORDS = {
    "income": ("Canola growers’ income", PER_YEAR, {
        "rise": "Growers gain: 90% of simulations fall between {low} and {high}.",
        "fall": "Growers lose: 90% of simulations fall between {low} and {high}.",
        "open": "We cannot tell whether growers gain or lose: 90% of simulations fall between {low} and {high}.",
        "rarely": "In most simulations nothing changes for growers: 90% fall between {low} and {high}.",
        "none": "Nothing changes for growers.",
    }),
    "price": ("Farm price of canola", "change", {
        "rise": "The price rises: 90% of simulations fall between {low} and {high}.",
        "fall": "The price falls: 90% of simulations fall between {low} and {high}.",
        "open": "We cannot tell whether the price rises or falls: 90% of simulations fall between {low} and {high}.",
        "rarely": "In most simulations the price stays as it is: 90% fall between {low} and {high}.",
        "none": "The price stays as it is.",
    }),
    "cars": ("China-built electric cars registered", CARS, {
        "rise": "So many are registered in Canada: 90% of simulations fall between {low} and {high}.",
        "rarely": "In most simulations none is registered: 90% fall between {low} and {high}.",
        "none": "None is registered.",
    }),
    "sales": ("Cars sold to the United States", PER_YEAR, {
        "rise": "Canada sells more within a year: 90% of simulations fall between {low} and {high}.",
        "fall": "Canada sells less within a year: 90% of simulations fall between {low} and {high}.",
        "open": "We cannot tell whether Canada sells more or less: 90% of simulations fall between {low} and {high}.",
        "rarely": "In most simulations sales stay as they are: 90% fall between {low} and {high}.",
        "none": "The US duty is the one in force, so that sales stay as they are.",
    }),
    "welfare": ("Canada, canola and cars together", PER_YEAR, {
        "rise": "Canada gains: 90% of simulations fall between {low} and {high}.",
        "fall": "Canada loses: 90% of simulations fall between {low} and {high}.",
        "open": "We cannot tell whether Canada gains or loses: 90% of simulations fall between {low} and {high}.",
        "rarely": "In most simulations Canada neither gains nor loses: 90% fall between {low} and {high}.",
        "none": "Canada neither gains nor loses.",
    }),
}  # fmt: skip
SUM = (
    "The sum counts growers, elevators and railways, crushers, users of oil and meal, buyers of cars, rebates, quota "
    "rent that stays here, and duty. Makers’ profit is not counted, so the US duty on cars does not move it."
)
#: What enters above the quota, by the scenario's reading of the law.
ABOVE = {
    "no_entry": "China-built electric cars pay {within} within the quota, and none enters above it.",
    "surtax": "China-built electric cars pay {within} within the quota, and the surtax of 2024 on top above it.",
    "mfn": "China-built electric cars pay {within} within the quota and above it.",
}
COMPARED = "A year’s change compared with {against}; cars registered are totals, not changes."
#: The lever over what would have come without the deal, and what it moves; the others move the deal.
OTHERWISE, GAIN = "otherwise", "gain"
OTHERWISE_WORDS = (
    "Seed duty that would have come without the deal",
    "From the duty that China settled on to the one of December 2025; all other duties as in December 2025.",
)
GAIN_WORDS = "What the deal would bring growers over that duty"
GAIN_SAID = " Compared with the duty that would have come: {gain}."
REST = (
    "All that the three levers do not set is as in “{scenario}”: China charges {meal} on canola meal and {oil} on oil."
)
HOW = (
    "Worked out in {runs} runs of the models with {draws} simulations each, and straight lines between them. At "
    "{held_out} settings drawn at random the largest error was {error} of a range. A range holds 90% of simulations."
)
UNCHANGED = "no change"
SAID = (
    "{seed}, {quota}, {us}. Growers’ income: {income}. Farm price: {price}. China-built cars: {cars}. "
    "Sales to the United States: {sales}. Canada: {welfare}."
)


def as_json(grid: Grid, curve: Curve | None = None) -> dict[str, Any]:
    """The grid and its words as the page takes them: plain lists, settings and outcomes in their own units.

    Parameters
    ----------
    curve : Curve, optional
        The gain by what would have come without the scenario, as a lever and an outcome more.
    """
    chosen = grid.start.setting.scenario
    levers, outcomes = (
        [_lever(key, grid) for key in LEVERS],
        [_outcome(key, table) for key, table in grid.tables.items()],
    )
    presets = {preset: _rounded(levers) for preset, levers in grid.presets.items()}
    if curve:
        start = _rounded({OTHERWISE: curve.duties[-1]})
        levers.append(_otherwise(curve))
        outcomes.append(_outcome(GAIN, Table({OTHERWISE: np.array(curve.duties)}, np.array(curve.gains))))
        presets = {preset: {**settings, **start} for preset, settings in presets.items()}
    return {
        "levers": levers,
        "outcomes": outcomes,
        "presets": [{"label": preset, "levers": settings} for preset, settings in presets.items()],
        "scenario": chosen.name,
        "level": LEVEL,
        "digits": DIGITS,
        "notes": _notes(grid, curve.said if curve else ""),
        "said": SAID + (GAIN_SAID if curve else ""),
        "unchanged": UNCHANGED,
    }


@dataclass(frozen=True)
class Curve:
    """Growers' gain by the seed duty that would have come, as published, and what is said beside the levers.

    Attributes
    ----------
    duties : sequence of float
        Rising: the settled one first, the one that stays last.
    gains : sequence of (float, float, float)
        Low end, median and high end at each, C$ a year.
    """

    duties: Sequence[float]
    gains: Sequence[tuple[float, float, float]]
    said: str


def curve_of(comparison: Compared) -> Curve:
    """The published curve of the deal, and its gain over the duty that China settled on."""
    gains, duty = (
        [(*number.ends, number.value) for number in comparison.curve.values()],
        comparison.quoted[worth.DUTY_SETTLED].bare,
    )
    settled = told(SETTLED, comparison.quoted[worth.SETTLED], settled=duty, on=ON_MEAL)
    return Curve([*comparison.curve], [(low, value, high) for low, high, value in gains], settled)


def _otherwise(curve: Curve) -> dict[str, Any]:
    label, helps = OTHERWISE_WORDS
    ends = {"low": curve.duties[0], "high": curve.duties[-1], "start": curve.duties[-1], "step": 0.01}
    return {"key": OTHERWISE, "label": label, "help": helps, "unit": "rate", **_rounded(ends)}


def _lever(key: str, grid: Grid) -> dict[str, Any]:
    label, helps, unit, step = LEVER_WORDS[key]
    nodes = grid.nodes[key]
    here = levers_of(grid.start.setting.scenario)[key]
    ends = {"low": float(nodes[0]), "high": float(nodes[-1]), "start": here, "step": step}
    return {"key": key, "label": label, "help": helps, "unit": unit, **_rounded(ends)}


def _outcome(key: str, table: Table) -> dict[str, Any]:
    label, unit, messages = OUTCOME_WORDS.get(key) or (GAIN_WORDS, PER_YEAR, OUTCOME_WORDS["income"][2])
    scale = units.MILLION if unit == PER_YEAR else 1.0
    low, value, high = (_listed(table.values[..., place] / scale) for place in range(3))
    return {
        "key": key, "label": label, "unit": unit, "scale": scale, "messages": messages,
        "axes": [{"lever": name, "nodes": _listed(some)} for name, some in table.nodes.items()],
        "low": low, "value": value, "high": high,
    }  # fmt: skip


def _listed(values: Floats) -> list[float | int]:
    """Flat, the last axis fastest; whole numbers without a point."""
    return [int(value) if value.is_integer() else value for value in np.round(values, KEPT).ravel().tolist()]


def _rounded(values: Mapping[str, float]) -> dict[str, float | int]:
    return dict(zip(values, _listed(np.array(list(values.values()), dtype=float)), strict=True))


def _notes(grid: Grid, beside: str) -> list[str]:
    """What is compared, and `beside` it what else would have come; what stays, what is summed, and how exact it is."""
    start = grid.start
    chosen, duties = start.setting.scenario, start.duties
    duty = {
        "meal": _percent(duties[MEAL_TO_CHINA]),
        "oil": _percent(duties[OIL_TO_CHINA]),
        "within": _percent(float(start.regime.china_within)),
    }
    runs = sum(len(nodes) for nodes in grid.nodes.values())
    figures = {
        "runs": f"{runs}",
        "draws": f"{len(start.setting.draws):,}",
        "held_out": f"{grid.held_out}",
        "error": units.write(max(grid.errors.values()), "share", DIGITS),
    }
    return [
        paragraph(COMPARED.format(against=start.setting.compared.against_title), beside),
        f"{REST.format(scenario=chosen.title, **duty)} {ABOVE[chosen.above_quota].format(**duty)}",
        SUM,
        HOW.format(**figures),
    ]


def _percent(rate: float) -> str:
    return f"{100 * rate:.3g}%"


def show(grid: Grid, curve: Curve | None = None) -> None:
    """Hand the grid to the page, and the curve beside it; JupyterLab shows one line.

    Raises
    ------
    ValueError
        More than :data:`LARGEST` bytes.
    """
    from IPython.display import display

    shown = as_json(grid, curve)
    size = len(json.dumps(shown, separators=(",", ":"), ensure_ascii=False).encode())
    if size > LARGEST:
        raise ValueError(f"the explorer has {size:,} bytes, more than {LARGEST:,}: take longer steps")
    line = f"Explorer: {', '.join(names[0] for names in LEVER_WORDS.values())}; {size / 1000:.0f} kB."
    display({EXPLORER_MIME: shown, "text/plain": line}, raw=True)


def error_rows(grid: Grid) -> pd.DataFrame:
    """Numbers to publish: the largest error of straight lines, of all outcomes and by outcome."""
    method = (
        f"straight lines against the models at {grid.held_out} settings drawn at random, all levers at once; medians "
        "and both ends, as a share of the range there, or of a hundredth of the outcome's widest where that is more"
    )
    label = "Explorer, largest error between solved settings"
    errors = {"explorer.error.max": (max(grid.errors.values()), label)}
    errors |= {f"explorer.error.{key}.max": (grid.errors[key], f"{label}: {OUTCOME_WORDS[key][0]}") for key in OUTCOMES}
    return pd.DataFrame(
        {"result_id": key, "value": round(error, ERROR_DECIMALS), "unit": "share", "digits": DIGITS, "label": label,
         "method": method}
        for key, (error, label) in errors.items()
    )  # fmt: skip


def claims(grid: Grid, published: pd.DataFrame) -> list[Claim]:
    """That the explorer is as exact as it says, and gives what the scenario notebook published.

    Parameters
    ----------
    published : DataFrame
        ``book.simulated(*OUTCOMES.values())``.
    """
    worst = max(grid.errors.values())
    exact = Claim("straight lines are at most 1.5% of a range off", worst <= MOST_APART, f"{worst:.2%}", "explorer")
    return [exact, *(_same(grid, name, key, published) for name in grid.named for key in OUTCOMES)]


def _same(grid: Grid, name: str, key: str, published: pd.DataFrame) -> Claim:
    """As published to the last digit; where a coarser grid left the setting out, as near as straight lines must be."""
    table, levers = grid.tables[key], grid.named[name]
    line = table.between(levers)
    ours = [units.significant(value, DIGITS) for value in line.tolist()]
    theirs = published.reindex(index=[(name, OUTCOMES[key])], columns=["low", "value", "high"]).to_numpy(float)[0]
    rounding = np.array([units.last_digit(value, DIGITS) / 2 for value in theirs.tolist()])
    near = np.abs(line - theirs) <= rounding + MOST_APART * table.scale(theirs)
    holds = ours == theirs.tolist() if table.holds(levers) else bool(near.all())
    return Claim(f"the explorer gives {OUTCOMES[key]} of {name} as published", holds, f"{ours}", "explorer")
