"""The tracker of measures: what is charged on any day, and every measure on file as a bar in time.

Everything comes from ``data/parameters``. What is charged on one day is
:func:`tradeexposure.policy.tariff_schedule.rate`; the page has the days on which it becomes another, as steps, so that
it can tell the duty of any day without Python and without the network.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any

from tradeexposure.core.text import capital, listing
from tradeexposure.policy import duty_tables, tariff_schedule
from tradeexposure.policy.measures import EVERY, Facts, Pair, TradeMeasure, Vocabulary
from tradeexposure.policy.stacking import Rate
from tradeexposure.policy.tariff_schedule import FIRST_DAY, HORIZON, Quota
from tradeexposure.publishing import manifest
from tradeexposure.publishing.drawings import Table

DIGITS = 6  # significant ones of a rate: none that law writes has more
THREE = ("china", "canada", "united_states")
ARTICLE = {"united_states", "european_union"}  # parties that a sentence names with one
CLAIMS = {None: "", True: "with a CUSMA claim", False: "without a CUSMA claim"}
SIDES = {None: "", "within": "within the quota", "above": "above the quota"}
#: What a measure does, by its stacking; the bar's colour.
ROLES = {"base": "ordinary", "replaces_base": "lower", "suspends": "lower", "additional": "added", "no_entry": "barred",
         "none": "context"}  # fmt: skip
LEGEND = {
    "ordinary": "Ordinary duty",
    "lower": "Preference or suspension",
    "added": "Additional duty",
    "barred": "No entry",
    "context": "Changes no duty by itself: quota, investigation, dispute, threat, support",
}
ANSWER = "On {day} the duty is {duties}."
ENDS = "{measure}: ends on {day} by its own terms unless renewed."
UNTIL, OPEN = "{day} by its own terms", "no end on file"
ANSWERED = 2  # duties of the first sentence
#: A line within a quota → its title on days without one.
UNBOUNDED = {"Electric vehicles from China into Canada, within the quota": "Electric vehicles from China into Canada"}
ABOVE = {"quota": tariff_schedule.QUOTAS[-1]}
NEAR = 90  # days before and after the reader's, whose changes are told
FACTS = (
    "id", "title", "imposer", "origins", "products", "except_products", "hs", "firms", "kind", "stacking", "rate",
    "rate_with_claim", "claim_basis", "specific", "rate_text", "no_rate", "announced", "effective", "end",
    "end_announced", "dates_text",
    "instrument", "confidence", "sources", "note",
)  # fmt: skip
STEPS = (
    "Imposer", "Origin", "Product", "CUSMA claim", "Quota", "All measures on file", "First day", "Rate", "Lowest rate",
    "Highest rate", "Additional", "Specific", "Finally owed", "Status", "Measures",
)  # fmt: skip
CHANGING = {"additional", "suspends", "no_entry"}  # what makes a duty worth following where not all measures are held


@dataclass(frozen=True)
class Step:
    """What is charged from a day on."""

    start: date  #: First day.
    charged: Rate  #: At the border.
    #: Lowest and highest rate (shares of value) where the content of the goods decides.
    span: tuple[float, float] | None
    owed: float | None  #: What the deposit of these days turned into (share of value), where that is another rate.


@dataclass(frozen=True)
class DutyLine:
    """One product into one country from another, under one kind of entry, with its steps from the first day on.

    `claim` and `quota` are None where the duty is the same with and without a CUSMA claim, within and above a quota;
    `complete` says whether all measures on it are in the data.
    """

    imposer: str
    origin: str
    product: str
    claim: bool | None
    quota: Quota | None
    complete: bool
    steps: tuple[Step, ...]

    def on(self, day: date) -> Step:
        """The step of a day from ``FIRST_DAY`` to ``HORIZON``."""
        return self.steps[bisect_right([step.start for step in self.steps], day) - 1]

    def asked(self) -> dict[str, Any]:
        """The arguments of :func:`tariff_schedule.rate` that this line answers, the day left out."""
        named = {"imposer": self.imposer, "origin": self.origin, "product": self.product}
        return {**named, "claim": bool(self.claim), "quota": self.quota or "within"}


def pages(*, languages: Sequence[str] = (manifest.ENGLISH,)) -> dict[str, str]:
    """The whole page in some `languages` (of ``page.stamped``), language → HTML; the same bytes of the same facts.

    Raises
    ------
    BadInput
        Facts that cannot be read.
    """
    from tradeexposure.publishing import page as publishing_page

    return publishing_page.alone("measures", model(), languages)


def model() -> dict[str, Any]:
    """What the page shows: duties by direction with their steps, measures by direction, both as files."""
    lists, measures = tariff_schedule.vocabulary(), tariff_schedule.all_measures()
    lines, day = duty_lines(), tariff_schedule.newest_change()
    headings = tuple(name.replace("_", " ").capitalize() for name in FACTS)
    facts = tuple(tuple(_cell(getattr(measure, name)) for name in FACTS) for measure in measures)
    return {
        "day": day.isoformat(),
        "shown_day": duty_tables.short_day(day),
        "first": FIRST_DAY.isoformat(),
        "last": HORIZON.isoformat(),
        "answer": _answer(day, lists),
        "answers": list(_answers(lines, lists)),
        "near": NEAR,
        "changes": _changes(lines, day, lists),
        "count": len(measures),
        "in_force": sum(measure.in_force(day) for measure in measures),
        "tables": _tables(lines, day, lists),
        "steps": [step_rows(line) for line in lines],
        "titles": {measure.id: measure.title for measure in measures},
        "months": [f"{date(2000, month, 1):%b}" for month in range(1, 13)],
        "years": [{"year": year, "left": _place(date(year, 1, 1))} for year in range(FIRST_DAY.year, HORIZON.year + 1)],
        "today": _place(day),
        "legend": LEGEND,
        "groups": [
            {"title": title, "measures": [_measure(measure, day, lists) for measure in group]}
            for title, group in _grouped(measures, lists).items()
        ],
        "facts_file": Table(headings, facts).file,
        "steps_file": _steps_file(lines),
    }


def _answer(day: date, lists: Vocabulary) -> str:
    """The first stamped line with a rate of each of the first importers, in one sentence."""
    first: dict[str, str] = {}
    facts = tariff_schedule.all_measures()
    for line in lists.lines:
        asked = line.model_dump(exclude={"title"}) | {"among": facts}
        charged, above = (tariff_schedule.rate(**asked | side, on=day) for side in ({}, ABOVE))
        if charged.rate is not None:
            title = UNBOUNDED.get(line.title, line.title) if charged.rate == above.rate else line.title
            phrase = f"{_percent(charged.rate)} on {title[0].lower()}{title[1:]}"
            first.setdefault(line.imposer, phrase)
    return ANSWER.format(day=duty_tables.short_day(day), duties=listing(list(first.values())[:ANSWERED]))


def _answers(lines: Sequence[DutyLine], lists: Vocabulary) -> Iterator[dict[str, str]]:
    """The sentence of every day: the first of the days on which it says the same but for the day, and it."""
    days = sorted({step.start for line in lines for step in line.steps})
    answers = ((day, _answer(day, lists)) for day in days)
    for _, same in groupby(answers, key=lambda dated: dated[1].replace(duty_tables.short_day(dated[0]), "")):
        day, answer = next(same)
        yield {"from": day.isoformat(), "since": duty_tables.short_day(day), "answer": answer}


def _changes(lines: Sequence[DutyLine], day: date, lists: Vocabulary) -> dict[str, list[dict[str, Any]]]:
    """Duties that became others in the last days, that of the page included, and that become others in the next."""
    changes: dict[str, list[dict[str, Any]]] = {"last": [], "next": []}
    for number, line in enumerate(lines):
        for old, new in pairwise(line.steps):
            days = (new.start - day).days
            if -NEAR < days <= NEAR and in_words(old) != in_words(new):
                changes["next" if days > 0 else "last"].append(
                    {
                        **_goods(line, lists),
                        "direction": _direction(line.imposer, line.origin, lists),
                        "from": new.start.isoformat(),
                        "since": duty_tables.since(new.start),
                        "before": capital(in_words(old)),
                        "after": capital(in_words(new)),
                        "line": number,
                    }
                )
    return {side: sorted(rows, key=lambda row: (row["from"], row["line"])) for side, rows in changes.items()}


def _goods(line: DutyLine, lists: Vocabulary) -> dict[str, str]:
    entry = ", ".join(filter(None, (CLAIMS[line.claim], SIDES[line.quota])))
    return {"product": lists.products[line.product], "entry": entry}


def _tables(lines: Sequence[DutyLine], day: date, lists: Vocabulary) -> list[dict[str, Any]]:
    """Rows of duties by direction: those of the three countries, those held in part, those of others."""
    tables: dict[str, dict[str, list[dict[str, Any]]]] = {"whole": {}, "part": {}, "others": {}}
    for number, line in enumerate(lines):
        kind = "part" if not line.complete else "whole" if line.imposer in THREE else "others"
        now = step_rows(line)[line.steps.index(line.on(day))]
        rows = tables[kind].setdefault(_direction(line.imposer, line.origin, lists), [])
        rows.append({"line": number, **_goods(line, lists), **now})
    return [{"kind": kind, "count": sum(map(len, by_direction.values())), "directions": by_direction}
            for kind, by_direction in tables.items()]  # fmt: skip


def _direction(imposer: str, origin: str, lists: Vocabulary) -> str:
    parties = {**lists.parties, EVERY: "all countries"}
    importer, exporter = (f"the {parties[key]}" if key in ARTICLE else parties[key] for key in (imposer, origin))
    return capital(f"{importer} on goods of {exporter}")


def step_rows(line: DutyLine) -> list[dict[str, Any]]:
    """The steps of a line as its row shows them: first day (also in words), last one, duty, note, ids of measures.

    The last day says where it is announced and may be put off.
    """
    rows = []
    for place, step in enumerate(line.steps, 1):
        until = OPEN
        if place < len(line.steps):
            end = line.steps[place].start - timedelta(days=1)
            announced = any(measure.end == end for measure in step.charged.ends)
            until = UNTIL.format(day=duty_tables.short_day(end)) if announced else duty_tables.short_day(end)
        rows.append({
            "from": step.start.isoformat(),
            "since": duty_tables.since(step.start),
            "until": until,
            "duty": capital(in_words(step)),
            "note": _note(step),
            "measures": [measure.id for measure in step.charged.measures],
        })  # fmt: skip
    return rows


def in_words(step: Step) -> str:
    """The duty of a step: one rate where there is one, else what is known of it."""
    charged = step.charged
    if charged.rate is not None:
        return _percent(charged.rate)
    if charged.status == "no entry":
        return "no entry"
    if step.span is not None:
        return f"{_percent(step.span[0])} to {_percent(step.span[1])}, by the content of the goods"
    extra = charged.additional
    if extra is None:
        texts = [measure.rate_text for measure in charged.measures if measure.rate is None and measure.rate_text]
        return "; ".join(texts) or "depends on the content of the goods"
    if charged.specific:
        return f"{_percent(extra)} and {charged.specific}" if extra else charged.specific
    return f"{_percent(extra)} on top of the ordinary duty" if extra else "the ordinary duty alone"


def _note(step: Step) -> str:
    """What a reader of the duty must know besides."""
    charged = step.charged
    ordinary = charged.status == "base unknown" and "The ordinary duty is not on file as one rate."
    settled = step.owed is not None and f"Charged as a deposit; {_percent(step.owed)} was finally owed."
    quotas = [f"{measure.title}." for measure in charged.also if measure.kind == "quota"]
    ends = [
        ENDS.format(measure=ending.title, day=duty_tables.short_day(ending.end))
        for ending in charged.ends
        if ending.end
    ]
    return " ".join(filter(None, (ordinary or "", settled or "", *quotas, *ends)))


def _percent(rate: float) -> str:
    return duty_tables.percent(rate, digits=DIGITS)


def _grouped(measures: Sequence[TradeMeasure], lists: Vocabulary) -> dict[str, list[TradeMeasure]]:
    """Measures by who imposes them on whom, the three countries on each other first, each in the order of time."""
    groups: dict[tuple[str, str], list[TradeMeasure]] = {}
    # What stood before the window first, what has no day last.
    standing = {measure.id: date.max if measure.stacking == "none" else date.min for measure in measures}
    ordered = sorted(measures, key=lambda measure: measure.effective or measure.announced or standing[measure.id])
    for measure in ordered:
        origin = next((name for name in measure.origins if name in THREE), measure.origins[0])
        groups.setdefault((measure.imposer, origin), []).append(measure)
    order = list(dict.fromkeys((*THREE, *lists.parties, EVERY)))
    keys = sorted(groups, key=lambda key: (not {*key} <= {*THREE}, order.index(key[0]), order.index(key[1])))
    return {_direction(imposer, origin, lists): groups[imposer, origin] for imposer, origin in keys}


def _measure(measure: TradeMeasure, day: date, lists: Vocabulary) -> dict[str, Any]:
    return {
        "measure": measure,
        "role": ROLES[measure.stacking],
        "kind": capital(measure.kind.replace("_", " ")),
        "rate": _rate(measure),
        "dates": _dates(measure),
        "standing": measure.effective is None and measure.stacking != "none",
        "in_force": measure.in_force(day),
        "bar": _bar(measure),
        "products": "; ".join("all goods" if name == EVERY else lists.products[name] for name in measure.products),
        "except": "; ".join(lists.products[name] for name in measure.except_products),
    }


def _rate(measure: TradeMeasure) -> str:
    """What a measure charges, in words; empty where it charges nothing."""
    if measure.rate is None:
        return measure.specific or measure.rate_text
    claimed = measure.rate_with_claim
    if claimed is None or claimed == measure.rate:
        return _percent(measure.rate)
    return f"{_percent(measure.rate)}, with a CUSMA claim {_percent(claimed)}"


def _dates(measure: TradeMeasure) -> str:
    """When a measure is in force, in words."""
    if measure.effective is None or measure.kind == "threat":
        announced = f"announced {duty_tables.short_day(measure.announced)}" if measure.announced else ""
        standing = f"before {FIRST_DAY.year}" if measure.stacking != "none" else ""
        return standing or measure.dates_text or announced
    start, end = duty_tables.short_day(measure.effective), measure.end and duty_tables.short_day(measure.end)
    if end == start:
        return start
    if measure.end_announced:
        return f"{start} to {end} by its own terms"
    return f"{start} to {end}" if end else f"since {start}"


def _bar(measure: TradeMeasure) -> dict[str, float] | None:
    """Left end and width in per cent of the window; None where a measure has no day in it."""
    start = measure.effective or (FIRST_DAY if measure.stacking != "none" else measure.announced)
    if start is None or start > HORIZON:
        return None
    end = measure.end or (HORIZON if measure.effective or measure.stacking != "none" else start)
    left, right = _place(max(start, FIRST_DAY)), _place(min(end, HORIZON))
    return {"left": left, "width": round(max(right - left, 0.0), 3)}


def _place(day: date) -> float:
    """A day in per cent of the window of the facts."""
    return round(100 * (day - FIRST_DAY).days / (HORIZON - FIRST_DAY).days, 3)


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return "; ".join(
            source
            if isinstance(source, str)
            else f"{source.title} <{source.address}>"
            if source.address
            else source.title
            for source in value
        )
    if isinstance(value, bool):
        return "yes" if value else ""
    return value.isoformat() if isinstance(value, date) else value


def _steps_file(lines: Sequence[DutyLine]) -> str:
    """The duties of all days, one row a step, as the address of a CSV file; rates are shares of value."""
    rows = []
    for line in lines:
        claim = {None: "either", True: "yes", False: "no"}[line.claim]
        complete = "yes" if line.complete else "no"
        for step in line.steps:
            low, high = step.span or (None, None)
            charged, ids = step.charged, "; ".join(measure.id for measure in step.charged.measures)
            rows.append((line.imposer, line.origin, line.product, claim, line.quota or "either", complete,
                         step.start.isoformat(), charged.rate, low, high, charged.additional, charged.specific,
                         step.owed, charged.status, ids))  # fmt: skip
    return Table(STEPS, tuple(rows)).file


def duty_lines() -> list[DutyLine]:
    """Every product and direction of which all measures are held, or on which a measure of its own was charged.

    Raises
    ------
    BadInput
        Facts that cannot be read; see :func:`tariff_schedule.all_measures`.
    """
    facts, lists = tariff_schedule.all_measures(), tariff_schedule.vocabulary()
    return [
        line
        for pair in lists.pairs
        for product in lists.products
        if product in pair.complete_for
        or any(
            product in measure.products and measure.stacking in CHANGING and pair.origin in measure.origins
            for measure in facts
            if measure.imposer == pair.imposer
        )
        for line in _variants(facts, pair, product)
    ]


def _variants(facts: Facts, pair: Pair, product: str) -> Iterator[DutyLine]:
    """The lines of a product: with and without a claim, within and above a quota, each only where it matters."""
    asked = {"imposer": pair.imposer, "origin": pair.origin, "product": product}
    # Looked up once: hundreds of days are asked for.
    among: dict[str, Any] = {"among": tariff_schedule.on_trade(facts, **asked)}
    cusma = tariff_schedule.vocabulary().cusma
    variants = {
        (claim, quota): _steps({**asked, **among, "claim": claim, "quota": quota})
        for claim in ((True, False) if {pair.imposer, pair.origin} <= set(cusma) else (False,))
        for quota in tariff_schedule.QUOTAS
    }
    claimed = any(variants[claim, quota] != variants[False, quota] for claim, quota in variants)
    bounded = any(variants[claim, quota] != variants[claim, "within"] for claim, quota in variants)
    for (claim, quota), steps in variants.items():
        if (claimed or not claim) and (bounded or quota == "within"):
            shown = claim if claimed else None, quota if bounded else None
            yield DutyLine(**asked, claim=shown[0], quota=shown[1], complete=product in pair.complete_for, steps=steps)


def _steps(asked: dict[str, Any]) -> tuple[Step, ...]:
    """The steps of one line, those of deposits that settled later included."""
    window: dict[str, Any] = {"start": FIRST_DAY, "end": HORIZON}
    days = {day for settled in (False, True)
            for day, _ in tariff_schedule.stretches(**asked, **window, settled=settled)}  # fmt: skip
    steps = []
    for day in sorted(days):
        charged = tariff_schedule.rate(**asked, on=day)
        owed = tariff_schedule.rate(**asked, on=day, settled=True).rate
        span = None
        if charged.status == "content share needed":
            whole, none = (tariff_schedule.rate(**asked, on=day, us_content=share, local_content=share).rate
                           for share in (1, 0))  # fmt: skip
            span = None if whole is None or none is None else (whole, none)
        steps.append(Step(day, charged, span, None if owed == charged.rate else owed))
    return tuple(steps)
