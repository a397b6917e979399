"""What the brief says, held against the numbers it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tradeexposure.core import units
from tradeexposure.reporting.claims import Claim, unpublished
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.brief import figures, sentences, tables, worth
from tradeexposure.scenarios.brief.inputs import HEADLINES, WELFARE, Brief
from tradeexposure.scenarios.brief.sentences import PROVINCES, QUOTA, REGIME
from tradeexposure.scenarios.simulation.messages import CANADA, INCOME
from tradeexposure.scenarios.simulation.names import ACCOUNT

ADDRESS = re.compile(r"\]\([^)]*\)|“[^”]*”")  # links and titles of scenarios
FIXED = {
    "2019",
    "2023",
    "2024",
    "2025",
    "2026",
    "1,000",
    "95",
    "90",
    "100",
}  # years, unit of the rebate, coverages, a shutting duty
ROUNDED = 0.02  # of probabilities with two digits


def claims_of(brief: Brief, texts: Mapping[str, str] | None = None) -> list[Claim]:
    """What the brief says in fixed words, and that its figures are those published.

    Parameters
    ----------
    texts : mapping, optional
        Name → what the brief says there; :func:`sentences.texts` unless given.
    """
    texts = sentences.texts(brief) if texts is None else texts
    foreign, long = strange(brief, texts.values()), sentences.words(texts.get("how_we_know", ""))
    growers, answer, account = brief.growers.full, sentences.ANSWER, "Who gains and who loses"
    return [
        Claim("every figure in the text was published", not foreign, ", ".join(foreign) or "no other", answer),
        Claim(f"how we know takes at most {sentences.WORDS} words", long <= sentences.WORDS, str(long), "How we know"),
        Claim("the provinces add up to Canada", _adds_up(brief), growers, "the chart of growers' income"),
        Claim("what a quota does adds up to one", _is_whole(brief), _told(brief, *_outcomes()), answer),
        Claim("the row of this scenario in the comparison says what its own numbers say", _same_row(brief), growers,
              "Across scenarios"),
        Claim("the account's line of growers is growers' income", _same_growers(brief), growers, account),
        Claim("the lines of the account can add up to Canada's", _summed(brief), _told(brief, CANADA), account),
        *(() if brief.own else worth.claims_of(brief.compared, brief.numbers, answer)),
        *filter(None, (sentences.sure(brief), sentences.duties(brief), figures.displaces(brief), tables.moves(brief))),
    ]  # fmt: skip


def _outcomes() -> list[str]:
    return [f"{REGIME}.{name}" for name in QUOTA]


def _told(brief: Brief, *keys: str) -> str:
    """The numbers of a brief as a reader reads them, those that it has."""
    return ", ".join(number.full for key in keys if (number := brief.find(key)))


def strange(brief: Brief, texts: Iterable[str]) -> list[str]:
    """Figures in `texts` that no number of the brief is written with."""
    written = [form for number in brief.numbers.values() for form in _forms(number)]
    least = f"1/{sentences.cells(brief)}"
    plain = (ADDRESS.sub("", text).replace(brief.title, "").replace(least, "") for text in texts)
    return unpublished(plain, [*written, *FIXED, str(sentences.cells(brief))])


def _forms(number: Number) -> tuple[str, ...]:
    tonnes = (number.millions,) if number.unit.startswith("kilotonnes") else ()
    return number.full, number.size.full, number.opposite.full, *tonnes


def _adds_up(brief: Brief) -> bool:
    """Provinces against Canada, give or take half a unit of the last digit of each."""
    parts = [province for place in PROVINCES if (province := brief.find(f"{INCOME}.{place}"))]
    give = sum(units.last_digit(province.value, province.digits) / 2 for province in (brief.growers, *parts))
    return not parts or abs(sum(province.value for province in parts) - brief.growers.value) <= give


def _is_whole(brief: Brief) -> bool:
    shares = [number.value for key in _outcomes() if (number := brief.find(key))]
    return not any(shares) or abs(sum(shares) - 1) <= ROUNDED


def _same_row(brief: Brief) -> bool:
    row = brief.across.get(brief.scenario.name, {})
    return all(brief.numbers[HEADLINES[part]].full == number.full for part, number in row.items())


def _summed(brief: Brief) -> bool:
    """Whether Canada's median lies within what the ends of all lines sum to: medians of lines need not add up."""
    canada = brief.find(CANADA)
    lines = [line for name in ACCOUNT if (line := brief.find(f"{WELFARE}.{name}"))]
    if canada is None or len(lines) < len(ACCOUNT):
        return canada is None
    return sum(line.ends[0] for line in lines) <= canada.value <= sum(line.ends[1] for line in lines)


def _same_growers(brief: Brief) -> bool:
    line = brief.find(f"{WELFARE}.growers")
    return line is None or line.full == brief.growers.full
