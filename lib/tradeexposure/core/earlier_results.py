"""Numbers of earlier notebooks, and scenarios that have no file: what a notebook is given to build on.

In a run the file named by ``TRADEEXPOSURE_HANDOVER`` holds them: the numbers the same run found, so that estimates
made a minute ago count and not those committed last month. Outside a run (JupyterLab, the strict comparison) the
committed notebooks hold them. What every scenario changes is one table among those that are handed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from tradeexposure.core import files, loaded_files, reading
from tradeexposure.core import paths as core_paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.published_rows import numbers_of, tables_of

VARIABLE = "TRADEEXPOSURE_HANDOVER"
SESSION = "JPY_SESSION_NAME"  # that Jupyter's server tells to the kernels of its own pages
#: The table of every scenario's numbers, and that of scenarios without any and why; see `Book.publish_scenarios`.
SCENARIOS, FAILED = "scenarios", "scenarios_failed"
NOTHING = "{}"
ALLOWED = "a file that a run wrote; unset the variable outside one"
SHOWN = 3  # identifiers proposed for one that is not there


class EarlierResults(BaseModel):
    """The file that :data:`VARIABLE` names."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    scenario: str = ""
    own: list[dict[str, Any]] = []
    scenarios: dict[str, dict[str, Any]] = {}
    tables: dict[str, str] = {}


def as_json(
    scenario: str,
    own: Iterable[str],
    scenarios: Mapping[str, str],
    tables: Iterable[str] = (),
) -> str:
    """What a notebook is given, as the text of its file.

    Parameters
    ----------
    scenario : str
        The scenario the notebook runs for; empty where it keeps its own default.
    own : iterable of str
        Published rows of each earlier notebook, as JSON lists.
    scenarios : mapping
        Name → definition (JSON) of a scenario that has no file.
    tables : iterable of str
        Tables that each earlier notebook hands over, as JSON objects of texts in CSV by name.
    """
    defined = ",".join(f"{json.dumps(name)}:{text}" for name, text in scenarios.items())
    head = f'"scenario":{json.dumps(scenario)},"own":[{_inside(own)}]'
    handed = _inside(tables)
    return f'{{{head},"scenarios":{{{defined}}},"tables":{{{handed}}}}}'


def _inside(texts: Iterable[str]) -> str:
    """What JSON lists, or objects, hold, as of one."""
    return ",".join(filter(None, (text.strip()[1:-1].strip() for text in texts)))


def scenarios() -> dict[str, dict[str, Any]]:
    """Definitions of scenarios that have no file, by name; empty outside a run."""
    return dict(_handed_over().scenarios)


def rows(notebook: str) -> list[dict[str, Any]]:
    """Rows that the notebooks before `notebook` published, for the scenario it runs for."""
    return list(_handed_over(notebook).own)


def table(name: str, *, notebook: str) -> str:
    """A table that a notebook before `notebook` hands over, as text in CSV.

    Raises
    ------
    BadInput
        No such table; those that are there.
    """
    there = _handed_over(notebook).tables
    if name not in there:
        raise BadInput(notebook, "earlier_table", found=name, allowed=", ".join(there) or "none is given here")
    loaded_files.note_loaded("handed", name, files.digest(there[name]))
    return there[name]


def is_run() -> bool:
    """Whether a run hands something over, even if it is nothing."""
    return bool(os.environ.get(VARIABLE))


def is_in_jupyterlab() -> bool:
    """Whether somebody opened the notebook on a page of Jupyter's server."""
    return bool(os.environ.get(SESSION))


def is_another(scenario: str) -> bool:
    """Whether a run is known to be for another scenario than this one."""
    return _handed_over().scenario not in ("", scenario)


def rows_of_scenario(scenario: str, *, notebook: str) -> list[dict[str, Any]]:
    """Rows of the earlier notebooks for one scenario by name.

    Raises
    ------
    BadInput
        A scenario whose numbers are not there.
    """
    if scenario and _handed_over().scenario == scenario:
        return rows(notebook)
    simulated = by_scenario(notebook)
    if scenario not in simulated:
        raise BadInput(notebook, "scenario", found=scenario, allowed=", ".join(simulated) or "none is given here")
    return simulated[scenario]


def by_scenario(notebook: str) -> dict[str, list[dict[str, Any]]]:
    """Scenario → its rows in the table of all that was handed over; never change them."""
    return scenarios_of(table(SCENARIOS, notebook=notebook))


@lru_cache(maxsize=2)
def scenarios_of(text: str) -> dict[str, list[dict[str, Any]]]:
    """Scenario → its rows in the text of such a table."""
    from tradeexposure.core import results_csv

    frame = results_csv.parse(text, where=SCENARIOS).astype(object)
    grouped = frame.where(frame.notna(), None).groupby("scenario", sort=False)
    return {str(name): rows.to_dict("records") for name, rows in grouped}  # type: ignore[misc]


def select(rows: Sequence[Mapping[str, Any]], ids: Sequence[str], *, where: str) -> list[Mapping[str, Any]]:
    """The rows with `ids`, in that order.

    Raises
    ------
    BadInput
        An id that is not there; the closest ones that are.
    """
    known = {str(row["result_id"]): row for row in rows}
    for key in ids:
        if key not in known:
            close = get_close_matches(key, known, n=SHOWN, cutoff=0.4) or list(known)[:SHOWN]
            allowed = ", ".join(close) or "none: no earlier notebook's numbers are given here"
            raise BadInput(where, "earlier", found=key, allowed=allowed)
    return [known[key] for key in ids]


#: Of a row, all that :meth:`tradeexposure.reporting.Book.earlier_results` gives out; its words it does not.
GIVEN_OUT = (
    *("result_id", "value", "low", "high", "level", "unit", "period", "geography", "notebook", "tables", "digits"),
)


def digest_of_row(row: Mapping[str, Any] | None) -> str:
    """Digest of a published row as later notebooks are given it; :data:`loaded_files.ABSENT` for none."""
    return loaded_files.ABSENT if row is None else files.digest_of([row.get(column) for column in GIVEN_OUT])


def digest_of_prefix(digests: Mapping[str, str], order: Iterable[str], stem: str) -> str:
    """Digest of all rows whose identifiers begin with `stem`, in their order."""
    return files.digest_of([[key, digests[key]] for key in order if key.startswith(stem)])


def record_rows(rows: Sequence[Mapping[str, Any]], ids: Iterable[str], *, scenario: str, stem: str) -> None:
    """Record that rows of a scenario (empty: the notebook's own) were asked for, those with `ids` and below `stem`."""
    known = {str(row["result_id"]): row for row in rows}
    for key in ids:
        loaded_files.note_loaded("number", f"{scenario}:{key}", digest_of_row(known.get(key)))
    if stem:
        order = [str(row["result_id"]) for row in rows]
        digests = {key: digest_of_row(known[key]) for key in order if key.startswith(stem)}
        loaded_files.note_loaded("numbers", f"{scenario}:{stem}", digest_of_prefix(digests, order, stem))


def _handed_over(notebook: str = "") -> EarlierResults:
    """What the run hands over; outside one, what the committed notebooks before `notebook` published."""
    path = os.environ.get(VARIABLE, "")
    if not path:
        before = [there for there in core_paths.notebooks() if there.stem < notebook] if notebook else []
        parts = [_published(there, partial(_extracted, there)) for there in before]
        tables = {name: text for _, tables in parts for name, text in tables.items()}
        return EarlierResults.model_construct(own=[row for rows, _ in parts for row in rows], tables=tables)
    try:
        written = os.stat(path).st_mtime_ns
    except (OSError, ValueError) as error:
        raise BadInput(VARIABLE, found=f"{path} ({reading.reason(error)})", allowed=ALLOWED) from None
    return _read(path, written)


@lru_cache(maxsize=2)
def _read(path: str, _: int) -> EarlierResults:
    where = f"{VARIABLE}={path}"
    content = reading.json_of(reading.contents(Path(path), where=where, allowed=ALLOWED), where=where, allowed=ALLOWED)
    return reading.as_model(EarlierResults, content, where=where)


#: Every question outside a run asks all notebooks before: each is read once as long as nobody writes it.
_published: files.UnlessWritten[tuple[list[dict[str, Any]], dict[str, str]]] = files.UnlessWritten()


def _extracted(path: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Rows and tables of an executed notebook; never change them."""
    where, allowed = core_paths.relative(path), "a notebook that 'tradeexposure outputs' wrote"
    content = reading.json_of(reading.contents(path, where=where), where=where, allowed=allowed)
    try:
        return numbers_of(content), tables_of(content)
    except (TypeError, KeyError, AttributeError, ValueError):
        raise BadInput(where, found="JSON that is no executed notebook", allowed=allowed) from None
