"""Published numbers: collected in a notebook, carried in its outputs, kept as ``results.csv``."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import earlier_results, files, units
from tradeexposure.core.published_rows import MIME, TABLE_MIME, NumberSpan, as_metadata
from tradeexposure.core.results_csv import AGAINST, COLUMNS, DIGITS, SCENARIO, frame_of, text
from tradeexposure.core.text import as_output, meant, some
from tradeexposure.data import result_words
from tradeexposure.data.result_words import FILLS
from tradeexposure.reporting import claims, numbers, result_lineage, result_rows
from tradeexposure.reporting.numbers import NUMBER_FORMATS, Number, number

ID_PATTERN = re.compile(r"[a-z0-9_]+(\.[a-z0-9_-]+)+")
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.-]+)(?::([a-z_]*)(?:\.([1-9]))?)?\}")
CAVEAT = "caveat"  # the placeholder with which an answer begins
RANGED = ("range", "full", "span")
#: What the cell of a draft says of a number besides itself.
DRAFTED = ("label", "unit", "period", "geography", "method", "tables", "digits", "kept")
WORDS = ("label", "method")  # columns that join the rows after the notebook; a draft's cells say them


class Book:
    """The numbers one notebook publishes.

    How a number is made (cell, function, tables, facts, priors) is noted when it is added, and travels with it.
    Words, unit and digits are those of ``data/results``; of a notebook without a file there, those that its cells give.
    Every number is rounded then: prose and tables show the same digits, ``results.csv`` holds the same or,
    of a fact, those of its source. Words are rounded from what ``results.csv`` holds, and say what the number as it
    was computed would: a digit more is published where a last 5 would turn them (:func:`units.rounded_once`).

    Parameters
    ----------
    notebook : str
        Stem of the notebook's file, such as ``10_map_trade``.
    chosen : mapping, optional
        What was chosen instead of its declared choices (:func:`parameters.check`), named where a claim is untrue.
    """

    def __init__(self, notebook: str, chosen: Mapping[str, Any] | None = None) -> None:
        self.notebook = notebook
        self._chosen = dict(chosen or {})
        self._untrue: dict[str, claims.Claim] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._taken: dict[str, dict[str, Number]] = {}  # notebook → numbers of its that were asked for
        self._notes = result_lineage.LineageLog()
        self._words = result_words.stated_by(notebook)

    def add(
        self,
        result_id: str,
        value: float,
        *,
        low: float | None = None,
        high: float | None = None,
        level: float | None = None,
        tolerance: float | None = None,
        made_of: str | Sequence[str] = (),
        **stated: Any,
    ) -> None:
        """Publish one number.

        Parameters
        ----------
        result_id : str
            ``area.quantity[.place][.group][.period][.variant]``, lower case.
        value, low, high : float
            In `unit`; rounded to `kept` significant digits, or more where words would otherwise be rounded from a
            rounded number. `low` and `high` are given together or left out where a range has no meaning.
        level : float, optional
            Coverage of the range (0.95), left out for bounds that are not a probability interval.
        tolerance : float, optional
            Largest difference another machine may show; by default one unit of the last digit published.
        made_of : str or sequence of str
            Numbers of earlier notebooks (``deal_2026:ID``, ``:ID``) where it is one of them, or made of these alone.
        stated : optional
            With a file in ``data/results``: `method`, the key of the one that holds where there are several, and values
            of placeholders. Without: `label`, `unit`, `period`, `geography`, `method`, `tables`, `digits` that are
            shown (those of an estimate that survive another machine; ``"whole"`` of a count), and `kept`, those that
            are published, where a fact keeps more (``"source"``: as many as its source).

        Raises
        ------
        ValueError
            Malformed or repeated id, unknown unit, a value that is not finite, a range that
            does not hold the value.
        """
        row = self._stated(result_id, value, stated)
        self._refuse(result_id, row["unit"], value, low, high, level)
        digits, kept = row["digits"], row.pop("kept")
        last = digits if kept is None or pd.isna(kept) else max(int(kept), digits)
        shown = range(min(digits, numbers.DIGITS), digits + 1)
        if last_digits := row.pop("tolerance", None):
            tolerance = last_digits * result_rows.last_digit([value, low, high], digits)
        rounded = {
            key: None if number is None or pd.isna(number) else units.rounded_once(float(number), last, shown=shown)
            for key, number in (("value", value), ("low", low), ("high", high))
        }
        self._rows[result_id] = {
            "result_id": result_id, "label": row["label"], **rounded,
            "level": None if level is None or pd.isna(level) else float(level), "unit": row["unit"],
            "period": row["period"], "geography": row["geography"], "method": row["method"], "notebook": self.notebook,
            "tables": row["tables"], "digits": digits, "tolerance": self._tolerance(value, last, tolerance),
            **{name: row[name] for name in (FILLS,) if name in row},
        }  # fmt: skip
        self._notes.add(result_id, numbers=(made_of,) if isinstance(made_of, str) else made_of)

    def _stated(self, result_id: str, value: float, own: Mapping[str, Any]) -> dict[str, Any]:
        """What is stated of a number besides itself: by its pattern, or by the cell of a draft."""
        if self._words is None:
            row = {"period": "", "geography": "canada", "method": "", "tables": "", "digits": None, "kept": None, **own}
            if unknown := sorted({*row} - {*DRAFTED}):
                raise TypeError(f"{result_id}: unexpected {', '.join(unknown)}; allowed: {', '.join(DRAFTED)}")
            if missing := sorted({*DRAFTED} - {*row}):
                raise TypeError(f"{result_id}: no {', '.join(missing)}")
            tables = row["tables"]
            tables = tables if isinstance(tables, str) else "; ".join(tables)
            return {**row, **result_rows.digits(row, value), "period": str(row["period"]), "tables": tables}
        self._words.pattern(result_id)
        if twice := sorted({*own} & {"label", "unit", "digits", "kept", "tables"}):
            raise ValueError(f"{result_id}: {', '.join(twice)} given, which {self._words.document.where} states")
        fills = {name: str(text) for name, text in own.items()}
        row = self._words.stated(result_id, fills)
        worded = {"label": "", "method": "", "geography": row["geography"] or "canada", FILLS: fills}
        return {**row, **result_rows.digits(row, value), **worded}

    def add_frame(self, frame: pd.DataFrame, **shared: Any) -> None:
        """Publish one number per row.

        Columns are named as the arguments of :meth:`add`; an empty cell counts as not given; `shared` fills the rest.
        """
        for row in frame.to_dict("records"):
            fields = {
                str(key): item
                for key, item in row.items()
                if item is not None and not (isinstance(item, float) and pd.isna(item))
            }
            self.add(**{**shared, **fields})

    def earlier_results(self, *ids: str, scenario: str | None = None, stem: str = "") -> pd.DataFrame:
        """Numbers that the notebooks before this one published.

        Parameters
        ----------
        ids : str
            Identifiers of published numbers.
        scenario : str, optional
            The scenario they are for, where they depend on it. Without it a run gives those of its own scenario, and
            JupyterLab those of the notebooks as they were last executed.
        stem : str, optional
            How identifiers begin of which all are wanted, after `ids`.

        Returns
        -------
        DataFrame
            The columns of ``results.csv`` but label and method, and `digits`, in the order of `ids`; index `result_id`.
            Of another scenario than the run's also `scenario` and `against`, as of :meth:`simulated`.

        Raises
        ------
        BadInput
            An id or a scenario that is not there, or no id that begins so; the close ones are named.
        """
        frame = self._given(*ids, scenario=scenario, stem=stem)
        if scenario is None or not earlier_results.is_another(scenario):
            for row in frame.reset_index().to_dict("records"):
                self._taken.setdefault(str(row["notebook"]), {})[str(row["result_id"])] = number(row)
        return frame.drop(columns=[*WORDS])

    def _given(self, *ids: str, scenario: str | None = None, stem: str = "") -> pd.DataFrame:
        """As :meth:`earlier_results`, and no sentence of this book can name a number by it."""
        where = self.notebook
        rows = (
            earlier_results.rows(where)
            if scenario is None
            else earlier_results.rows_of_scenario(scenario, notebook=where)
        )
        below = [key for row in rows if stem and (key := str(row["result_id"])).startswith(stem)]
        wanted = [*ids, *(below or ([stem] if stem else []))]
        earlier_results.record_rows(rows, ids, scenario=scenario or "", stem=stem)
        chosen = earlier_results.select(rows, wanted, where=where)
        frame = frame_of(chosen)[[*COLUMNS, DIGITS]]
        if all(AGAINST in row for row in chosen):
            frame = frame.assign(**{column: [str(row[column]) for row in chosen] for column in (SCENARIO, AGAINST)})
        return frame.set_index("result_id")

    def earlier_table(self, name: str) -> pd.DataFrame:
        """A table that a notebook before this one handed over (:meth:`publish_table`).

        Raises
        ------
        BadInput
            No such table; those that are there.
        """
        return pd.read_csv(io.StringIO(earlier_results.table(name, notebook=self.notebook)))

    def simulated(self, *ids: str) -> pd.DataFrame:
        """Numbers of every scenario (:meth:`publish_scenarios`); index `scenario`, `result_id`.

        A sentence cannot name one of them, since an identifier stands for as many numbers as there are scenarios.

        Returns
        -------
        DataFrame
            As of :meth:`earlier_results`, and `against`: the scenario that a change is measured against, which its
            period does not name. A number that a scenario does not have is left out.

        Raises
        ------
        BadInput
            One that no scenario has.
        """
        scenarios = earlier_results.by_scenario(self.notebook)
        earlier_results.select([row for rows in scenarios.values() for row in rows], ids, where=self.notebook)
        there = {name: {row["result_id"] for row in rows} for name, rows in scenarios.items()}
        parts = []
        for name in scenarios:
            part = self._given(*filter(there[name].__contains__, ids), scenario=name)
            against = part.get(AGAINST, "")  # empty of the run's own, whose periods name it
            parts.append(part.assign(**{SCENARIO: name, AGAINST: against}))
        return pd.concat(parts).reset_index().set_index([SCENARIO, "result_id"])

    def say(self, template: str, **texts: str) -> None:
        """Show Markdown in which every number comes from a published result.

        Where each number stands goes with the text, for pages to lead from there to how it is made.

        Parameters
        ----------
        template : str
            Whole sentences with named placeholders:

            ==================  =====================================================  =========================
            ``{id}``            the value with its unit                                ``−65.9%``
            ``{id:range}``      its range, the unit once                               ``−77.0% to −65.9%``
            ``{id:full}``       both, the unit once                                    ``C$5 m (C$2 m to …) a year``
            ``{id:size}``       without its sign, for "fell by" and "rose by"          ``65.9%``
            ``{id:size_range}`` the range without signs, the smaller size first        ``65.9% to 77.0%``
            ``{id:size_full}``  both                                                   ``65.9% (65.9% to 77.0%)``
            ``{id:bare}``       the value without what follows it, ``a year``          ``C$5 m``
            ``{id:plain}``      value and range without it                             ``C$5 m (C$2 m to C$9 m)``
            ``{id:span}``       the range without it; these three with ``size_`` too   ``C$2 m to C$9 m``
            ``{id:millions}``   kilotonnes in million tonnes, which the sentence names ``3.6 (2.8 to 4.8)``
            ``{id:….3}``        any of these at three significant digits, ``{id:.3}``  ``65.9% to 77.0%``
            ==================  =====================================================  =========================

            Digits are those of prose (:attr:`~tradeexposure.reporting.numbers.Number.prose`) unless asked for.

            A number whose range holds zero keeps its sign: choose the sentence with :meth:`sentence_by_sign`.
            Identifiers are those of this book and of numbers that :meth:`earlier_results` gave it.
        texts : str
            What fills in where no identifier stands: names, dates, or sentences with placeholders of their own.
            ``{caveat}``, with which an answer begins, is what is no longer true.

        Raises
        ------
        ValueError
            An id that was neither published nor asked for, a range that it does not have, or another form.
        """
        from IPython.display import display

        text, places = self._filled(template, texts)
        display(as_output(text), raw=True, metadata=as_metadata(places) or None)

    def text(self, template: str, **texts: str) -> str:
        """What :meth:`say` would show, as text: the title of a chart."""
        return self._filled(template, texts)[0]

    def _filled(self, template: str, texts: Mapping[str, str]) -> tuple[str, list[NumberSpan]]:
        """A template of :meth:`say` with its numbers, and where each stands."""
        filled = {CAVEAT: claims.caveat(self._untrue.values(), self._chosen), **texts}
        template = PLACEHOLDER.sub(lambda match: str(filled.get(match[1], match[0])), template)
        text, places, done = "", [], 0
        for match in PLACEHOLDER.finditer(template):
            text += template[done : match.start()]
            written, done = self._write(match[1], match[2] or "value", match[3]), match.end()
            places.append(NumberSpan(match[1], len(text), len(text) + len(written), self._maker(match[1])))
            text += written
        return text + template[done:], places

    def sentence_by_sign(self, result_id: str, *, rise: str, fall: str, undetermined: str) -> str:
        """The whole sentence, as a template of :meth:`say`, that the range of a published number bears out.

        Parameters
        ----------
        result_id : str
            A number that :meth:`number` finds.
        rise, fall, undetermined : str
            For a range above zero, below zero, and one that holds it or a number that is zero.

        Raises
        ------
        ValueError
            An id that was not published.
        """
        return {"rise": rise, "fall": fall}.get(self.number(result_id).direction, undetermined)

    def check(self, sentence: str, holds: bool, *numbers: Any) -> None:
        """Claim, directly below a sentence or title in fixed words, that it holds.

        Parameters
        ----------
        sentence : str
            The sentence, or its short name.
        holds : bool
            Whether the numbers bear it out.
        numbers : float, array or str
            Those it stands on, which a failure names.

        Raises
        ------
        AssertionError
            It does not hold; told instead, here and at the head of the answer, as of :func:`claims.assert_claims`.
        """
        if not isinstance(holds, bool | np.bool_) or not numbers:
            raise TypeError(f"“{sentence}”: a claim is true or false, and names its numbers")
        claim = claims.Claim(sentence, bool(holds), "; ".join(map(claims.format_values, numbers)))
        self._untrue.pop(sentence, None)
        if not claim.holds:
            self._untrue[sentence] = claim
        claims.assert_claims([claim], chosen=self._chosen)

    def rising(self, sentence: str, *steps: Any) -> None:
        """Claim as :meth:`check` that every one of `steps` lies above the one before.

        Parameters
        ----------
        steps : float, array, str or list of str
            Numbers, or identifiers of published ones: ``id``, or an end of its range, ``id:low``, ``id:high``.
        """
        numbers = [self._values(step) for step in steps]
        self.check(sentence, claims.rises(*numbers), *numbers)

    def rows(self, stem: str, *ends: str) -> pd.DataFrame:
        """`value`, `low`, `high` of the numbers whose identifiers are `stem` and each of `ends`, which may be empty."""
        numbers = [self.number(f"{stem}{end}") for end in ends]
        columns = {name: [getattr(number, name) for number in numbers] for name in ("value", "low", "high")}
        return pd.DataFrame(columns, index=list(ends), dtype=float)

    def number(self, key: str) -> Number:
        """A number of this book, or one that :meth:`earlier_results` gave it; ValueError without one."""
        if key in self._rows:
            return number(self._rows[key])
        earlier = next((taken[key] for taken in self._taken.values() if key in taken), None)
        if earlier is None:
            known = [*self._rows, *(name for taken in self._taken.values() for name in taken)]
            raise ValueError(f"{{{key}}}: no such result; {meant(key, known)}published: {some(known) or 'none'}")
        return earlier

    def _values(self, step: Any) -> Any:
        """Numbers that a step of a claim stands for: identifiers are looked up."""
        if isinstance(step, str):
            key, _, end = step.partition(":")
            return getattr(self.number(key), end or "value")
        return [self._values(part) for part in step] if isinstance(step, list) else step

    def publish_table(self, name: str, frame: pd.DataFrame, *, digits: int = 6) -> None:
        """Hand a table to later notebooks and publish it beside ``results.csv`` as ``<name>.csv``.

        Its cells are no published numbers: they have no identifiers, and only the table as a whole has a digest.

        Parameters
        ----------
        name : str
            Lower case, digits and underscores.
        digits : int
            Significant ones that are kept.

        Raises
        ------
        ValueError
            Another name, or a cell that is neither text nor a finite number.
        """
        if not TABLE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a table: lower case, digits and underscores")
        numbers = frame[[column for column in frame if not pd.api.types.is_string_dtype(frame[column])]]
        if not np.isfinite(numbers.to_numpy(dtype=float)).all():
            raise ValueError(f"table {name}: every cell must be text or a finite number")
        _publish_table(name, frame, frame.to_csv(index=False, float_format=f"%.{digits}g", lineterminator="\n"))
        self._notes.add(name)

    def publish_scenarios(self, table: pd.DataFrame, failed: Mapping[str, str]) -> None:
        """Hand every scenario's numbers to later notebooks (:meth:`simulated`).

        Parameters
        ----------
        table : DataFrame
            `scenario`, `against` (empty where a number is no change), the columns of ``results.csv``, `digits`, and
            `fills` in JSON, where words are to join the rows (:func:`tradeexposure.data.result_words.joined_table`).
        failed : mapping
            Scenario → why it has no numbers; the run names them, and goes on without.
        """
        _publish_table(earlier_results.SCENARIOS, table, text(table, more=(DIGITS, AGAINST, FILLS)))
        reasons = pd.DataFrame({SCENARIO: list(failed), "reason": list(failed.values())})
        _publish_table(earlier_results.FAILED, reasons, reasons.to_csv(index=False, lineterminator="\n"))

    def save(self) -> None:
        """Show the table of published numbers and hand it over as the notebook's result."""
        from IPython.display import display

        if not self._rows:
            raise ValueError(f"{self.notebook}: nothing was published; call add() before save()")
        display(saved(self.published(), self._notes.as_json()), raw=True)

    def published(self) -> list[dict[str, Any]]:
        """Rows as they leave the notebook: words empty where they stand in ``data/results``, and what fills these."""
        return list(self._rows.values())

    def frame(self) -> pd.DataFrame:
        """The published rows, with the columns of ``results.csv``, `digits` and `tolerance`.

        Without label and method where these stand in ``data/results`` and join the rows after the notebook.
        """
        return frame_of(self._rows.values()).drop(columns=[] if self._words is None else [*WORDS])

    @staticmethod
    def _tolerance(value: float, digits: int, tolerance: float | None) -> float:
        """Two digits of a given tolerance are kept: a measured one differs in its last digits between processors."""
        return units.last_digit(float(value), digits) if tolerance is None else units.significant(float(tolerance), 2)

    def _refuse(
        self,
        result_id: str,
        unit: str,
        value: float,
        low: float | None,
        high: float | None,
        level: float | None,
    ) -> None:
        if not ID_PATTERN.fullmatch(result_id):
            raise ValueError(f"{result_id!r} is no result id: lower case, parts joined by dots")
        if result_id in self._rows:
            raise ValueError(f"{result_id} was published before")
        if unit not in units.FORMATS:
            raise ValueError(f"{result_id}: unknown unit {unit!r}; allowed: {', '.join(units.FORMATS)}")
        if not math.isfinite(value):
            raise ValueError(f"{result_id}: {value} cannot be published")
        bounds = [bound for bound in (low, high) if bound is not None and not pd.isna(bound)]
        if len(bounds) == 1 or (bounds and not bounds[0] <= value <= bounds[1]):
            raise ValueError(f"{result_id}: range {low} to {high} does not hold the value {value}")
        if level is not None and not pd.isna(level) and not 0 < level < 1:
            raise ValueError(f"{result_id}: level {level} is not between 0 and 1")

    def _maker(self, key: str) -> str:
        """The notebook that published a number, empty for this one."""
        return "" if key in self._rows else next(name for name, taken in self._taken.items() if key in taken)

    def _write(self, key: str, form: str, digits: str | None) -> str:
        number = self.number(key)
        if key in self._rows:
            self._notes.say(key)
        if form not in NUMBER_FORMATS:
            raise ValueError(f"{{{key}:{form}}}: no such form; allowed: {', '.join(NUMBER_FORMATS)}")
        number = number.at(int(digits)) if digits else number.prose
        if NUMBER_FORMATS[form] in RANGED and not number.range:
            raise ValueError(f"{{{key}:{form}}}: this result has no range")
        return format(number, form)


def _publish_table(name: str, frame: pd.DataFrame, csv: str) -> None:
    """Show that a table is handed over, and by which digest."""
    from IPython.display import display

    digest = files.digest(csv.encode())
    summary = f"Table `{name}.csv`: {len(frame):,} rows of {', '.join(map(str, frame.columns))}; sha256 `{digest}`."
    display(
        {TABLE_MIME: {"name": name, "sha256": digest, "csv": csv}, "text/markdown": summary, "text/plain": summary},
        raw=True,
    )


def saved(rows: Sequence[Mapping[str, Any]], notes: Mapping[str, Any]) -> dict[str, Any]:
    """What :meth:`Book.save` shows: rows with the words that they have now, and their table."""
    from tradeexposure.reporting import tables

    joined = [result_words.joined(row) for row in rows]
    shown = pd.DataFrame(
        {
            "Result": [row["label"] for row in joined],
            "Value": [units.write(row["value"], row["unit"], row["digits"]) for row in joined],
            "Range": [number(row).range for row in joined],
            "Identifier": [row["result_id"] for row in joined],
        }
    )
    mark = {result_words.MARK: result_words.mark(str(rows[0]["notebook"]))}
    return {MIME: {"rows": joined, **notes, **mark}, **tables.bundle(shown, caption="Published numbers")}
