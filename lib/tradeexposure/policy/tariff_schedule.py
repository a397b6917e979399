"""The duty in force on a given day: dated policy facts, and the rate they add up to, from 2018 on.

The facts stand in ``data/parameters``: one measure each, with its instrument and sources. Nothing is filled in: where
a part of the rate is not known, :class:`~stacking.Rate` says which and still returns the parts that are.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal, Required, TypedDict, Unpack, get_args

import pandas as pd

from tradeexposure.core import files, loaded_files, paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, KeyPath, Strict, parse_yaml
from tradeexposure.core.text import meant
from tradeexposure.policy.measures import (
    SEPARATOR,
    Cited,
    Facts,
    MeasureFile,
    Pair,
    TradeMeasure,
    Vocabulary,
    held_on,
    outside,
    twice,
)
from tradeexposure.policy.stacking import Rate, combine

FIRST_DAY = date(2018, 1, 1)
#: Where the scale of a page ends. No fact ends there; the last end that a measure's terms announce lies before it.
HORIZON = date(2031, 12, 31)
AHEAD = 5  # years that may be asked for; a year typed wrong needs a bound
FOLDER = ("data", "parameters")
VOCABULARY = "vocabulary.yml"
EARLY = "{where}: pages charge {id} from {day} on, which is to come; write checked: {today}"
LATE = "{where}: pages do not charge {id}, in force since {day}; move checked, or take it away"
ENDED = (
    "{where}: the announced end of {id}, {day}, has come; move end or take end_announced away; write checked: {today}"
)
FILE = re.compile(r"[a-z][a-z0-9_]*\.yml")
NAMES = "the parameter files of the project, named NAME.yml"
OIL, OIL_STAGES = "canola_oil", ("canola_oil_crude", "canola_oil_refined")
Quota = Literal["within", "above"]
QUOTAS: tuple[Quota, ...] = get_args(Quota)
ANY = "parameters"  # kind of what any of the files may answer
Contents = tuple[tuple[str, bytes], ...]  # name and bytes of each parameter file


class Asked(TypedDict, total=False):
    """The arguments of :func:`rate` but for the day and the facts."""

    imposer: Required[str]
    origin: Required[str]
    product: Required[str]
    claim: bool
    quota: Quota
    us_content: float | None
    local_content: float | None
    settled: bool


def all_measures() -> Facts:
    """Every measure of ``data/parameters``, file by file; which of them are asked for is noted.

    Raises
    ------
    BadInput
        A file that is not strict YAML or not of the schema, an unknown party, product, source or measure, an id twice.
    """
    contents = _contents()
    return Facts(_parsed(contents), partial(_note, contents))


def _note(contents: Contents, name: str) -> None:
    """Note the file of a measure, or all files where several may answer."""
    place = _homes(contents).get(name)
    if place is None:
        loaded_files.note_loaded(ANY, loaded_files.ALL, _digest_of(contents))
    else:
        loaded_files.note_loaded(loaded_files.FILE, *place)


def problems() -> list[str]:
    """What is wrong with the facts, one line each: all that the schema refuses of them, else the first fault."""
    try:
        all_measures()
    except BadInput as fault:
        by_schema: list[BadInput] = []
        with contextlib.suppress(BadInput):  # not YAML, or a source that is not there: that is the fault
            for document in _measure_files(_contents()):
                by_schema += document.faults(MeasureFile, _with_sources(document))
        return [str(each) for each in by_schema or [fault]]
    return []


def newest_change() -> date:
    """The day that pages speak of: `checked` of the vocabulary, else that of the newest measure on file.

    That is the one that took effect last of those that charge, suspend or bar. No clock is asked.

    Raises
    ------
    BadInput
        Facts that cannot be read.
    """
    days = [measure.effective for measure in all_measures() if measure.effective and measure.stacking != "none"]
    return min(vocabulary().checked or max(days), HORIZON)


def to_come(today: date) -> list[str]:
    """Measures charged before their day, or not although it has come, and announced ends that have: a line each."""
    shown, where, homes = newest_change(), "/".join((*FOLDER, VOCABULARY)), _homes(_contents())
    dated = [measure for measure in all_measures() if measure.effective and measure.stacking != "none"]
    newest = max([today, *(measure.announced for measure in dated if measure.announced)])  # a clock may be behind
    begun = [(EARLY if day > today else LATE).format(where=where, id=measure.id, day=day, today=today)
             for measure in dated
             if (day := measure.effective) and (newest < day <= shown or shown < day <= today)]  # fmt: skip
    over = [measure for measure in dated if measure.end_announced and measure.end and measure.end < today]
    return [*begun, *(ENDED.format(where=homes[past.id][0], id=past.id, day=past.end, today=today) for past in over)]


def vocabulary() -> Vocabulary:
    """The closed lists: parties, products, pairs held."""
    return _lists(loaded_files.contents(*FOLDER, VOCABULARY, allowed=NAMES))


def get(measure_id: str, *, among: Facts | None = None) -> TradeMeasure:
    """One measure by its id; BadInput with the likeliest ids otherwise."""
    facts = all_measures() if among is None else among
    measure = facts.find(measure_id)
    if measure is None:
        with loaded_files.checking():
            known = [measure.id for measure in facts]
        raise BadInput("/".join(FOLDER), "measure", found=measure_id, allowed=_likeliest(measure_id, known))
    return measure


def ids_of(names: Sequence[str]) -> tuple[str, ...]:
    """Ids of the facts of some entries: an id as it is, those on a trade (``china/canada/canola_seed``) one by one."""
    facts = all_measures().held
    ids = [[measure.id for measure in held_on(facts, name)] if SEPARATOR in name else [name] for name in names]
    return tuple(dict.fromkeys(name for part in ids for name in part))


def quantities(measure_id: str, *, on: date | str) -> dict[str, float]:
    """Figures of a measure that are not rates and hold on a day, by name (units in the file): volumes, growth, caps.

    Raises
    ------
    BadInput
        A measure that is not on file, or a day outside the schedule.
    """
    return get(measure_id).figures_on(_day(on))


def digest(kind: str, name: str) -> str:
    """Digest of all parameter files as they lie there."""
    return _digest_of(_contents())


_digest_of: files.ByIdentity[Contents, str] = files.ByIdentity(
    lambda contents: files.digest_of([[name, files.digest(raw)] for name, raw in contents])
)
#: Contents → id → its file, and the digest of that.
_homes: files.ByIdentity[Contents, dict[str, tuple[str, str]]] = files.ByIdentity(
    lambda contents: {
        row["id"]: (name, files.digest(raw))
        for name, raw in contents
        for row in parse_yaml(raw, where=name).data.get("measures", ())
    }
)


@loaded_files.loading()
def _contents() -> Contents:
    """Name and bytes of each parameter file, the same object as long as no file is written: the key of parsed facts."""
    folder = paths.path(*FOLDER)
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        names = []
    except OSError as error:
        raise BadInput("/".join(FOLDER), found=reading.reason(error), allowed=NAMES) from None
    return _same(tuple((name, reading.cached_contents(path)) for name, path in _places(folder, tuple(names))))


@lru_cache(maxsize=8)
def _places(folder: Path, names: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """Name and path of each parameter file; a :func:`rate` is asked for thousands of times."""
    where = "/".join(FOLDER)
    shown = [name for name in names if not name.startswith(".") or name.endswith((".yml", ".yaml"))]
    for name in shown:
        if not FILE.fullmatch(name):
            raise BadInput(f"{where}/{name}", found=name, allowed=NAMES)
    if VOCABULARY not in shown:
        raise BadInput(where, found=f"no {VOCABULARY}", allowed=NAMES)
    return tuple((f"{where}/{name}", folder / name) for name in shown)


@lru_cache(maxsize=8)
def _same(contents: Contents) -> Contents:
    return contents


@lru_cache(maxsize=8)
def _lists(raw: bytes) -> Vocabulary:
    return parse_yaml(raw, where="/".join((*FOLDER, VOCABULARY))).validate(Vocabulary)


@lru_cache(maxsize=8)
def _parsed(contents: Contents) -> tuple[TradeMeasure, ...]:
    lists = _lists(dict(contents)["/".join((*FOLDER, VOCABULARY))])
    by_id: dict[str, TradeMeasure] = {}
    places: dict[str, tuple[Document, KeyPath]] = {}
    for document in _measure_files(contents):
        for position, measure in enumerate(document.validate(MeasureFile, _with_sources(document)).measures):
            place: KeyPath = ("measures", position)
            check_measure(document, place, measure, lists=lists)
            if measure.id in by_id:
                raise document.error((*place, "id"), allowed="an id not used by another measure")
            if measure.confidence == "assumption" or not measure.sources:
                raise document.error(place, found=measure.id, allowed="a fact with a source and high, medium or low")
            by_id[measure.id], places[measure.id] = measure, (document, place)
    for measure in by_id.values():
        check_named(*places[measure.id], measure, by_id)
    for earlier, later in twice(by_id.values()):
        document, place = places[later.id]
        raise document.error((*place, "id"), allowed=f"a measure that {earlier.id} does not charge on the same days")
    return tuple(by_id.values())


def check_named(document: Document, place: KeyPath, row: Strict, known: Mapping[str, TradeMeasure]) -> None:
    """BadInput where a measure, or a change of one, suspends or gives way to one not there, or suspends other goods."""
    for key in ("targets", "displaced_by"):
        for number, name in enumerate(getattr(row, key, None) or ()):
            if name not in known:
                raise unknown(document, (*place, key, number), name, known)
            if key == "targets" and isinstance(row, TradeMeasure) and not known[name].shares_goods(row):
                raise document.error((*place, key, number), allowed=f"a measure on {', '.join(row.products)}")


def unknown(document: Document, place: KeyPath, name: str, known: Mapping[str, TradeMeasure]) -> BadInput:
    """The fault of a measure that is not there, with the likeliest ones."""
    return document.error(place, found=name, allowed=_likeliest(name, known))


def _likeliest(name: str, known: Collection[str]) -> str:
    """The ids that may have been meant; all of them where none is close."""
    return ", ".join(get_close_matches(name, known, n=3, cutoff=0.4) or sorted(known))


def _measure_files(contents: Contents) -> Iterator[Document]:
    """The parameter files that hold measures, one after the other: all but the vocabulary."""
    return (parse_yaml(raw, where=name) for name, raw in contents if name.rpartition("/")[2] != VOCABULARY)


def _with_sources(document: Document) -> dict[str, Any]:
    """A file of measures, each source key replaced by the source it names."""
    sources, rows = document.data.get("sources"), document.data.get("measures")
    if not isinstance(sources, dict):
        raise document.error(("sources",), allowed="a mapping of keys to sources, each with a title")
    document.validate(Cited, {"sources": sources})
    if not isinstance(rows, list):
        return document.data  # the schema says what is wrong
    resolved = []
    for position, row in enumerate(rows):
        keys = row.get("sources", []) if isinstance(row, dict) else []
        if not isinstance(keys, list):
            raise document.error(("measures", position, "sources"), allowed="a list of keys of sources")
        for number, key in enumerate(keys):
            if not isinstance(key, str) or key not in sources:
                raise document.error(("measures", position, "sources", number), allowed=", ".join(sources))
        resolved.append({**row, "sources": [sources[key] for key in keys]} if isinstance(row, dict) else row)
    return {**document.data, "measures": resolved}


def check_measure(
    document: Document, place: tuple[int | str, ...], measure: TradeMeasure, *, lists: Vocabulary
) -> None:
    """BadInput where a measure at `place` names an unknown party or product, or an HS code is not quoted."""
    for key, name, allowed in outside(measure, lists):
        raise document.error((*place, key), found=name, allowed=", ".join(allowed))
    for number, code in enumerate(measure.hs):
        at = (*place, "hs", number)
        if at in document.typed and not document.typed[at].quoted:
            raise document.error(at, allowed=f'HS codes in quotes: "{code}"')


def rate(
    *,
    imposer: str,
    origin: str,
    product: str,
    on: date | str,
    claim: bool = False,
    quota: Quota = "within",
    us_content: float | None = None,
    local_content: float | None = None,
    settled: bool = False,
    among: Iterable[TradeMeasure] | None = None,
) -> Rate:
    """The combined duty in force on a day, with the measures that make it up.

    Parameters
    ----------
    imposer, origin, product : str
        Lower-case names of the vocabulary; ``canola_oil`` stands for crude and refined where both pay the same.
    on : date or str
        A day from 2018-01-01 to the end of the fifth year ahead; an end that is announced for a measure by then is
        named in the answer.
    claim : bool
        Entered under CUSMA, hence free of the MFN duty.
    quota : {"within", "above"}
        On which side of an import quota, where there is one.
    us_content, local_content : float, optional
        Share of value that is US content (Section 232 on claimed vehicles) or Canadian and Mexican content (Canada's
        surtax on claimed vehicles).
    settled : bool
        What deposits turned into afterwards, instead of what was charged at the border.
    among : iterable of TradeMeasure, optional
        Facts other than the project's own, such as a scenario's.

    Raises
    ------
    BadInput
        An unknown name, a pair whose measures are not held, a day outside the window, a claim outside CUSMA, a side of
        the quota that is neither `within` nor `above`.
    """
    check_quota(quota, where="rate")
    day, lists = _day(on), vocabulary()
    pair = _pair(imposer, origin, product, lists)
    if claim and not {imposer, origin} <= set(lists.cusma):
        raise BadInput("rate", "claim", found=f"a CUSMA claim for {origin} into {imposer}", allowed="claim=False")
    for name, share in (("us_content", us_content), ("local_content", local_content)):
        if share is not None and not 0 <= share <= 1:
            raise BadInput("rate", name, found=f"{share:g}", allowed="a share from 0 to 1")
    shares = {"non_us_content": us_content, "non_local_content": local_content}
    stages = _stages(product)
    answers = []
    for stage in stages:
        facts = [
            measure
            for measure in _covering(among, imposer, origin, [stage], quota)
            if (measure.effective or day) <= day
        ]
        complete = stage in pair.complete_for
        answers.append(
            combine(facts, complete=complete, pair=pair, day=day, claim=claim, shares=shares, settled=settled)
        )
    if any((answer.rate, answer.status) != (answers[0].rate, answers[0].status) for answer in answers):
        raise BadInput("rate", "product", found=product, allowed=" or ".join(stages))
    return answers[0]


def _covering(
    among: Iterable[TradeMeasure] | None, imposer: str, origin: str, products: Sequence[str], quota: str
) -> list[TradeMeasure]:
    """Measures on a trade and one side of its quota, among others than the project's own where these are given."""
    known = all_measures() if among is None else among
    if isinstance(known, Facts):
        known = known.concerning(*products, imposer=imposer, origin=origin)
    asked = [{"imposer": imposer, "origin": origin, "product": product, "quota": quota} for product in products]
    return [measure for measure in known if any(measure.covers(**each) for each in asked)]


def on_trade(facts: Facts, *, imposer: str, origin: str, product: str) -> tuple[TradeMeasure, ...]:
    """Those of `facts` that a :func:`rate` of a trade may rest on, whatever the day."""
    return tuple(facts.concerning(*_stages(product), imposer=imposer, origin=origin))


def _stages(product: str) -> tuple[str, ...]:
    """What a product stands for in the facts: itself, or both stages of canola oil."""
    return OIL_STAGES if product == OIL else (product,)


def check_quota(quota: str, *, where: str) -> None:
    """BadInput for a side of an import quota that does not exist; a misspelt one must not count as within."""
    if quota not in QUOTAS:
        raise BadInput(where, "quota", found=str(quota), allowed=" or ".join(QUOTAS))


def last_day() -> date:
    """The farthest day that may be asked for: the end of the fifth year ahead, never before that of pages."""
    return max(HORIZON, date(date.today().year + AHEAD, 12, 31))


@lru_cache(maxsize=512)
def _day(on: date | str) -> date:
    """`on` as a day within the window; text has one form alone, as 01/02/2027 may be either of two days."""
    last, typed = last_day(), on if isinstance(on, str) else on.isoformat()[:10]
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(typed)
        if day.isoformat() == typed and FIRST_DAY <= day <= last:
            return day
    raise BadInput("rate", "on", found=str(on), allowed=f"a day from {FIRST_DAY} to {last}, written YYYY-MM-DD")


def _pair(imposer: str, origin: str, product: str, lists: Vocabulary) -> Pair:
    """The pair whose measures are asked for, with names checked."""
    for key, name, allowed in (
        ("imposer", imposer, sorted({pair.imposer for pair in lists.pairs})),
        ("origin", origin, sorted({pair.origin for pair in lists.pairs if pair.imposer == imposer})),
        ("product", product, [*lists.products, OIL]),
    ):
        if name not in allowed:
            raise BadInput("rate", key, found=name, allowed=meant(name, allowed) + ", ".join(allowed))
    return next(pair for pair in lists.pairs if (pair.imposer, pair.origin) == (imposer, origin))


def stretches(
    *,
    start: date | str,
    end: date | str,
    among: Iterable[TradeMeasure] | None = None,
    **asked: Unpack[Asked],
) -> list[tuple[date, Rate]]:
    """The days between two on which the duty, or what makes it up, becomes another, each with the duty from then on.

    Arguments and errors are those of :func:`rate`; the first day of all is `start`.
    """
    days, facts = _days(asked, start, end, among)
    spells: list[tuple[date, Rate]] = []
    for day in days:
        charged = rate(**asked, on=day, among=facts)
        if not spells or _terms(spells[-1][1]) != _terms(charged):
            spells.append((day, charged))
    return spells


def last_change(
    *,
    start: date | str,
    end: date | str,
    among: Iterable[TradeMeasure] | None = None,
    **asked: Unpack[Asked],
) -> date:
    """Day on which the last of :func:`stretches` begins, looked for from its end."""
    days, facts = _days(asked, start, end, among)
    begun = days.pop()
    last = _terms(rate(**asked, on=begun, among=facts))
    while days and _terms(rate(**asked, on=days[-1], among=facts)) == last:
        begun = days.pop()
    return begun


def _days(
    asked: Asked, start: date | str, end: date | str, among: Iterable[TradeMeasure] | None
) -> tuple[list[date], list[TradeMeasure]]:
    """Days between two on which a measure on what is asked for changes, the first of all included; these measures."""
    quota = asked.get("quota", "within")
    check_quota(quota, where="timeline")
    first, last = _day(start), _day(end)
    if last < first:
        raise BadInput("timeline", "end", found=str(end), allowed=f"a day from {first} on")
    facts = _covering(among, asked["imposer"], asked["origin"], _stages(asked["product"]), quota)
    days = {first}
    for measure in facts:
        days |= {day for day in (measure.effective, *(step.start for step in measure.settled)) if day}
        ends = (measure.end, *(step.end for step in measure.settled))
        days |= {day + timedelta(days=1) for day in ends if day}
    return sorted(day for day in days if first <= day <= last), facts


def timeline(*, end: date | str, **asked: Any) -> pd.DataFrame:
    """The duty between two days as constant stretches, for the arguments of :func:`stretches`.

    Returns
    -------
    DataFrame
        Columns ``date_from``, ``date_to`` (both included), ``rate`` (share of value), ``status``, ``measures`` (ids),
        ``specific``, ``additional``; one row per stretch, key ``date_from``.
    """
    rows = [(pd.Timestamp(day), *_terms(charged)) for day, charged in stretches(end=end, **asked)]
    table = pd.DataFrame(rows, columns=["date_from", "rate", "status", "measures", "specific", "additional"])
    table = table.astype({"rate": float, "additional": float})
    until = table["date_from"].shift(-1) - pd.Timedelta(days=1)
    table.insert(1, "date_to", until.fillna(pd.Timestamp(_day(end))))
    return table


def _terms(charged: Rate) -> tuple[object, ...]:
    """What tells one stretch from the next."""
    ids = ", ".join(measure.id for measure in charged.measures)
    return charged.rate, charged.status, ids, charged.specific, charged.additional
