"""What ``import tradeexposure as te`` offers: duties, tables, scenarios and published numbers, each in one call.

Notebooks do not use it: they take what they need from the packages themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from itertools import chain
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput, RunFailed

if TYPE_CHECKING:
    import pandas as pd

    from tradeexposure.policy.stacking import Rate
    from tradeexposure.publishing.provenance.explanation import Explanation

DEFAULT = "deal_2026"
DAY = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"  # in a chart
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
    "int | None": ((int, NoneType), "a whole number"),
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
    call = inspect.Signature([inspect.Parameter(key, each.kind) for key, each in signature.parameters.items()])

    @wraps(function)
    def checked(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
        try:
            asked: dict[str, Any] = signature.bind(*arguments, **named).arguments
        except TypeError as error:
            raise BadInput(name, found=str(error), allowed=f"{name}{call}") from None
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
    """A table by its name in :func:`tables`, checked against its description and corrected.

    Returns
    -------
    DataFrame
        The rows and columns that ``data/CODEBOOK.md`` describes, with key, unit and source; units end the names of
        columns, shares run from 0 to 1, days, months and quarters are dates (the first day).

    Raises
    ------
    BadInput
        An unknown name, or a file that differs from its description.
    """
    from tradeexposure import data

    return data.load(table)


@_checked
def about(table: str) -> Table:
    """Where a table comes from, its licence, and what a reader could misread; :class:`BadInput` for an unknown name."""
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
    """The published numbers of a scenario, or of every point of a grid.

    Parameters
    ----------
    scenario : str
        A name in ``reports/published``, ``reports/private`` or ``reports/grids``, or a folder that ``tradeexposure
        run`` wrote.
    stem : str
        How the identifiers begin that are wanted; all by default.

    Returns
    -------
    DataFrame
        Index `result_id`, of a grid `scenario` and `result_id`; `label`, `value`, `low`, `high`, `level`, `unit`,
        `period`, `geography`, `method`, `notebook`, `tables`. Shares and changes are fractions.

    Raises
    ------
    BadInput
        An edition that is not there, or a stem with which no identifier begins.
    """
    from tradeexposure.core import results_csv
    from tradeexposure.policy import scenarios
    from tradeexposure.publishing import edition_index, manifest

    grid, definition = paths.path("reports", "grids", scenario), f"data/scenarios/grids/{scenario}.yml"
    again = f"type: tradeexposure run --grid {definition}"
    if scenario.isidentifier() and grid.is_dir():
        if grid / manifest.RESULTS in edition_index.altered(grid):
            where, allowed = f"reports/grids/{scenario}/{manifest.RESULTS}", f"the file as its run wrote it; {again}"
            raise BadInput(where, found="a file that was altered since", allowed=allowed)
        frame = results_csv.read(grid / manifest.RESULTS).set_index(["scenario", "result_id"])
    elif scenario.isidentifier() and paths.path(definition).is_file() and scenario not in scenarios.names():
        raise BadInput("results", "scenario", found=scenario, allowed=f"a grid that was run; {again}")
    else:
        frame = manifest.numbers(_edition(scenario)).set_index("result_id")
    chosen = frame[frame.index.get_level_values("result_id").str.startswith(stem)]
    if chosen.empty:
        raise BadInput("results", "stem", found=stem, allowed="the beginning of an identifier of docs/results.md")
    return chosen


@_checked
def charts(scenario: str = DEFAULT) -> pd.DataFrame:
    """The charts of an edition: index `notebook`, `cell` (its id, with -2 for its second chart); `title`."""
    import pandas as pd

    listed = [(page, cell, spec["usermeta"]["title"]) for page, cell, spec in _specifications(scenario)]
    return pd.DataFrame(listed, columns=["notebook", "cell", "title"]).set_index(["notebook", "cell"])


@_checked
def chart(notebook: str, cell: str, *, scenario: str = DEFAULT) -> pd.DataFrame:
    """What a chart draws.

    Parameters
    ----------
    notebook, cell : str
        As :func:`charts` lists them.
    scenario : str
        A name in ``reports/published`` or ``reports/private``, or a folder that ``tradeexposure run`` wrote.

    Returns
    -------
    DataFrame
        One row for each mark's figures, to the four digits that are drawn; `layer` counts the sets of figures where the
        chart lies over several. Days, months and quarters as :func:`load` has them.

    Raises
    ------
    BadInput
        An edition that is not there, or a chart that it does not have, with those it has.
    """
    import pandas as pd

    from tradeexposure.reporting import chart_style

    known = {(page, place): spec for page, place, spec in _specifications(scenario)}
    if (notebook, cell) not in known:
        cells = [place for page, place in known if page == notebook]
        key, typed = ("cell", cell) if cells else ("notebook", notebook)
        pages = dict.fromkeys(page for page, _ in known)
        raise BadInput("chart", key, found=repr(typed), allowed=", ".join(cells or pages))
    sets = [pd.DataFrame(rows) for rows in chart_style.data_sets(known[notebook, cell]).values()]
    # Names at the ends of lines, and a rule that stands at a number of its own, are no figures.
    sets = [_dated(each) for each in sets if chart_style.END_NAME not in each and len(each.columns)]
    if len(sets) == 1:
        return sets[0]
    return pd.concat([each.assign(layer=place) for place, each in enumerate(sets, 1)], ignore_index=True)


def _dated(drawn: pd.DataFrame) -> pd.DataFrame:
    """Days, which a chart holds as text with a time, as days."""
    import pandas as pd

    texts = {column: drawn[column].dropna().astype(str) for column in drawn.select_dtypes(["object", "string"])}
    days = [column for column, text in texts.items() if len(text) and text.str.fullmatch(DAY).all()]
    return drawn.assign(**{str(column): pd.to_datetime(drawn[column]) for column in days})


def _specifications(scenario: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Notebook, cell and specification of every chart of an edition, in the order of the pages."""
    from tradeexposure.publishing.provenance.lineage import EditionLineage
    from tradeexposure.reporting import chart_style

    charts = []
    for name, book in EditionLineage(_edition(scenario)).books.items():
        for cell in book["cells"]:
            shown = (output.get("data", {}).get(chart_style.MIME) for output in cell.get("outputs", ()))
            for place, spec in enumerate(filter(None, shown), 1):
                charts.append((name, f"{cell['id']}-{place}" if place > 1 else str(cell["id"]), spec))
    return charts


@_checked
def result(result_id: str, scenario: str = DEFAULT) -> Result:
    """One published number; :class:`BadInput` for an identifier that is not there, with the closest ones."""
    from tradeexposure.publishing.provenance import explanation

    row, written = explanation.number(result_id, _edition(scenario))
    low, high = (None if row[end] != row[end] else float(row[end]) for end in ("low", "high"))
    label, unit, period = (str(row[key]) for key in ("label", "unit", "period"))
    return Result(result_id, label, float(row["value"]), low, high, unit, period, written)


@_checked
def compare(before: str, after: str) -> pd.DataFrame:
    """What differs between two published scenarios, number by number.

    Returns
    -------
    DataFrame
        Index `result_id`; `label`, `unit`, `value_before`, `value_after`, its range likewise (`low_before` to
        `high_after`, empty where it has none), `change` (of the value before).

    Raises
    ------
    BadInput
        An edition that is not there, or numbers of baselines that do not meet.
    """
    from tradeexposure.publishing import edition_comparison

    difference = edition_comparison.compare(_edition(before), _edition(after)).numbers.set_index("result_id")
    return difference[["label", "unit", *edition_comparison.SIDES, "change"]]


@_checked
def explain(result_id: str, *, scenario: str = DEFAULT) -> Explanation:
    """How a published number came about: sentence, chart, cell, function, tables, facts, assumptions, what moves it.

    Raises
    ------
    BadInput
        An edition or an identifier that is not there; the closest ones are named.
    """
    from tradeexposure.publishing.provenance import explanation

    return explanation.explain(result_id, _edition(scenario))


@_checked
def simulate(names: Sequence[str], *, draws: int = 10_000, seed: int = 20_260_116) -> pd.DataFrame:
    """Scenarios simulated now, on the estimates of the notebooks as they were last executed.

    Parameters
    ----------
    names : sequence of str
        Scenarios in ``data/scenarios``; a repeated name counts once.
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
    from tradeexposure.data import result_words
    from tradeexposure.policy import scenarios
    from tradeexposure.scenarios.simulation import simulate as simulation

    _check_names("simulate", names)
    paths.check_root()
    table = scenarios.with_baselines(simulation.of_committed(dict.fromkeys(names), draws=draws, seed=seed))
    table = result_words.joined_table(table)
    return table.drop(columns="digits").set_index(["scenario", "result_id"])


@_checked
def run(names: Sequence[str], *, out: str | None = None, workers: int | None = None) -> dict[str, Path]:
    """Publish scenarios as ``tradeexposure run`` does: notebooks, pages and numbers; progress goes to the error output.

    Parameters
    ----------
    names : sequence of str
        Scenarios in ``data/scenarios``.
    out : str, optional
        Folder to publish below, instead of ``reports/published``, or ``reports/private`` for scenarios of your own.
    workers : int, optional
        Notebooks at once; one per processor by default.

    Returns
    -------
    dict
        Scenario → the folder of its edition, whether it was made now or was there unchanged.

    Raises
    ------
    BadInput
        No list of names, an unknown scenario, or inputs that cannot be used: nothing was written.
    RunFailed
        A scenario failed; those that did not are published.
    """
    from tradeexposure.data import vintages
    from tradeexposure.publishing import edition_index
    from tradeexposure.runner import executors, pipeline, scaffolds
    from tradeexposure.runner.kernels import environment_key

    _check_names("run", names)
    paths.check_root()
    environment_key.check()
    scaffolds.refuse_drafts()
    target = None if out is None else paths.typed_path("out", out, allowed="a folder that can be written")
    with vintages.pinned(None):
        summary = pipeline.run(list(names), out=target, workers=executors.Workers.validated(workers, None))
    reasons = dict.fromkeys([*chain.from_iterable(summary.failed.values()), summary.unwritten])
    if any(reasons):
        raise RunFailed("; ".join(filter(None, reasons)))
    return {name: target / name if target else edition_index.folder_of(name) for name in names}


def _check_names(function: str, names: Sequence[str]) -> None:
    """:class:`BadInput` for what is no list of names."""
    if not names or not all(isinstance(name, str) for name in names):
        raise BadInput(function, "names", found=repr(names), allowed="a list of names of scenarios")


def _edition(scenario: str) -> Path:
    """The folder of an edition by scenario or by path."""
    from tradeexposure.publishing import edition_comparison

    paths.check_root()
    return edition_comparison.named_folder("scenario", scenario)
