"""What ``import tradeexposure as te`` offers: duties, tables, scenarios and published numbers, each in one call.

Notebooks do not use it: they take what they need from the packages themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from tradeexposure.policy.stacking import Rate
    from tradeexposure.publishing.provenance import Explanation

DEFAULT = "deal_2026"
TEXT = "a name as text"
#: How a parameter is annotated → what it takes, and how a message says so.
TAKEN: dict[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), TEXT),
    "str | None": ((str, NoneType), TEXT),
    "date | str": ((date, str), "a day such as 2026-10-01"),
    "bool": ((bool,), "True or False"),
    "float | None": ((int, float, NoneType), "a number such as 0.4"),
    "int": ((int,), "a whole number"),
    "Sequence[str]": ((list, tuple), "a list of names of scenarios"),
    "Literal['within', 'above']": ((str,), "within, above"),
}
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True, repr=False)
class Duty:
    """A duty on a day: `rate` as a share of value (None where there is none, `note` says why), ids of its measures.

    `ends` names the measures whose own terms announce an end; their words stand in `note`.
    """

    on: str
    rate: float | None
    measures: tuple[str, ...]
    note: str
    ends: tuple[str, ...] = ()

    def __repr__(self) -> str:
        what = "no rate" if self.rate is None else f"{self.rate:.4g}"
        terms = "; ".join([" + ".join(self.measures) or "no measure", *self.ends])
        return f"<Duty {what} on {self.on}: {terms}>"


@dataclass(frozen=True, repr=False)
class Table:
    """Where a table comes from."""

    name: str
    title: str
    publisher: str
    licence: str
    vintage: str
    caveat: str

    def __repr__(self) -> str:
        return f"<Table {self.name}: {self.title} ({self.publisher})>"


@dataclass(frozen=True, repr=False)
class ScenarioFacts:
    """A scenario in words, and the duties in force in it as a frame."""

    name: str
    title: str
    facts_on: str
    against: str

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.title}; facts of {self.facts_on}, against {self.against}>"

    @property
    def duties(self) -> pd.DataFrame:
        """One row per line of the vocabulary: `line`, `rate` (share of value), `since`, `rate_before`, `measures`."""
        from tradeexposure.policy import scenarios

        return scenarios.duties_by_line(self.name)[["line", "rate", "since", "rate_before", "measures"]]


@dataclass(frozen=True, repr=False)
class Result:
    """A published number; `low` and `high` are None where a range has no meaning."""

    result_id: str
    label: str
    value: float
    low: float | None
    high: float | None
    unit: str
    period: str
    written: str

    def __repr__(self) -> str:
        return f"<{self.result_id}: {self.written}>"


def _checked(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """The function; :class:`BadInput` for an argument that it does not have, or of another type than it takes."""
    signature, name = inspect.signature(function), function.__name__

    @wraps(function)
    def checked(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
        try:
            asked: dict[str, Any] = signature.bind(*arguments, **named).arguments
        except TypeError as error:
            raise BadInput(name, found=str(error), allowed=f"{name}({', '.join(signature.parameters)})") from None
        for key, value in asked.items():
            types, allowed = TAKEN[signature.parameters[key].annotation]
            if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
                raise BadInput(name, key, found=repr(value), allowed=allowed)
        return function(*arguments, **named)

    return checked


@_checked
def rate(
    imposer: str, origin: str, product: str, on: date | str, *, claim: bool = False,
    quota: Literal["within", "above"] = "within", us_content: float | None = None, scenario: str | None = None,
) -> Duty:  # fmt: skip
    """The duty of `imposer` on `product` from `origin` on a day.

    Parameters
    ----------
    imposer, origin, product : str
        Names of ``data/parameters/vocabulary.yml``.
    on : date or str
        A day from 2018-01-01 to the end of the fifth year ahead.
    claim : bool
        Entered under CUSMA.
    quota : {"within", "above"}
        On which side of an import quota.
    us_content : float, optional
        Share of value that is US content, which the US duty on claimed vehicles asks for.
    scenario : str, optional
        With the changes of this scenario instead of the law alone.

    Raises
    ------
    BadInput
        An unknown name or a day outside the facts.
    """
    from tradeexposure.policy import scenarios, tariff_schedule

    among = None if scenario is None else scenarios.measures_in_force(scenarios.load(scenario))
    charged: Rate = tariff_schedule.rate(
        imposer=imposer,
        origin=origin,
        product=product,
        on=on,
        claim=claim,
        quota=quota,
        us_content=us_content,
        among=among,
    )
    ends = tuple(f"{measure.id} ends {measure.end}" for measure in charged.ends)
    day = on.isoformat()[:10] if isinstance(on, date) else on  # a day with a time is a day
    return Duty(day, charged.rate, tuple(measure.id for measure in charged.measures), charged.note, ends)


@_checked
def tables() -> list[str]:
    """Names of the tables."""
    from tradeexposure import data

    return data.names()


@_checked
def load(table: str) -> pd.DataFrame:
    """A table, checked against its description and corrected; :class:`BadInput` for an unknown name."""
    from tradeexposure import data

    return data.load(table)


@_checked
def about(table: str) -> Table:
    """Where a table comes from, under which licence, and what a reader could misread."""
    from tradeexposure import data

    source = data.sources([table]).iloc[0]
    return Table(*(str(source[key]) for key in ("name", "title", "publisher", "licence", "vintage", "caveat")))


@_checked
def scenario_names() -> list[str]:
    """Names of the scenarios."""
    from tradeexposure.policy import scenarios

    return scenarios.names()


@_checked
def scenario(name: str) -> ScenarioFacts:
    """A scenario by its name; :class:`BadInput` for an unknown one."""
    from tradeexposure.policy import scenarios

    chosen = scenarios.load(name)
    return ScenarioFacts(chosen.name, chosen.title, str(chosen.facts_on), chosen.against)


@_checked
def results(scenario: str = DEFAULT, *, stem: str = "") -> pd.DataFrame:
    """The published numbers of a scenario.

    Parameters
    ----------
    scenario : str
        A name in ``reports/published``, or a folder that ``tradeexposure run`` wrote.
    stem : str
        How the identifiers begin that are wanted; all by default.

    Returns
    -------
    DataFrame
        Index `result_id`; `label`, `value`, `low`, `high`, `level`, `unit`, `period`, `geography`, `method`,
        `notebook`, `tables`. Shares and changes are fractions.

    Raises
    ------
    BadInput
        An edition that is not there, or a stem with which no identifier begins.
    """
    from tradeexposure.publishing import manifest

    frame = manifest.numbers(_edition(scenario)).set_index("result_id")
    chosen = frame[frame.index.str.startswith(stem)]
    if chosen.empty:
        raise BadInput("results", found=stem, allowed="the beginning of an identifier of docs/results.md")
    return chosen


@_checked
def result(result_id: str, *, scenario: str = DEFAULT) -> Result:
    """One published number; :class:`BadInput` for an identifier that is not there, with the closest ones."""
    from tradeexposure.publishing import provenance

    row, written = provenance.number(result_id, _edition(scenario))
    low, high = (None if row[end] != row[end] else float(row[end]) for end in ("low", "high"))
    label, unit, period = (str(row[key]) for key in ("label", "unit", "period"))
    return Result(result_id, label, float(row["value"]), low, high, unit, period, written)


@_checked
def compare(before: str, after: str) -> pd.DataFrame:
    """What differs between two published scenarios, number by number.

    Returns
    -------
    DataFrame
        Index `result_id`; `label`, `unit`, `value_before`, `value_after`, `change` (of the value before).

    Raises
    ------
    BadInput
        An edition that is not there, or numbers of baselines that do not meet.
    """
    from tradeexposure.publishing import edition_diff

    difference = edition_diff.compare(_edition(before), _edition(after)).numbers.set_index("result_id")
    return difference[["label", "unit", "value_before", "value_after", "change"]]


@_checked
def explain(result_id: str, *, scenario: str = DEFAULT) -> Explanation:
    """How a published number came about: sentence, chart, cell, function, tables, facts, assumptions, what moves it."""
    from tradeexposure.publishing import provenance

    return provenance.explain(result_id, _edition(scenario))


@_checked
def simulate(names: Sequence[str], *, draws: int = 10_000, seed: int = 20_260_116) -> pd.DataFrame:
    """Scenarios simulated now, on the estimates of the notebooks as they were last executed.

    Parameters
    ----------
    names : sequence of str
        Scenarios in ``data/scenarios``.
    draws, seed : int
        Joint draws of the priors, and the start of their random numbers; those of notebook 70.

    Returns
    -------
    DataFrame
        Index `scenario`, `result_id`; the other columns of :func:`results`, and `against`, the scenario that the
        number is measured against.

    Raises
    ------
    BadInput
        No list of names, an unknown scenario, or one that cannot be used; draws outside 1,000 to 100,000; a seed
        below 0.
    """
    from tradeexposure.policy import scenarios
    from tradeexposure.scenarios.simulation import simulate as simulation

    if not names or not all(isinstance(name, str) for name in names):
        raise BadInput("simulate", "names", found=repr(names), allowed="a list of names of scenarios")
    paths.check_root()
    table = scenarios.with_baselines(simulation.of_committed(names, draws=draws, seed=seed))
    return table.drop(columns="digits").set_index(["scenario", "result_id"])


def _edition(scenario: str) -> Path:
    """The folder of an edition by scenario or by path."""
    from tradeexposure.publishing import edition_diff

    paths.check_root()
    return edition_diff.named_folder("scenario", scenario)
