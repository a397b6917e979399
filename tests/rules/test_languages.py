"""The catalogues hold every message of the sources, translated, with its placeholders, numbers and marks."""

from __future__ import annotations

import re

import pytest

from tradeexposure.data import result_words
from tradeexposure.policy import tariff_schedule
from tradeexposure.publishing.languages import catalogues


@pytest.mark.long
@pytest.mark.parametrize("domain", catalogues.CHECKED)
def test_a_catalogue_is_complete(domain: str) -> None:
    assert catalogues.faults(domain) == []


FIGURE = re.compile(r"\d[\d.]*%|C\$\d|\d,\d{3}\b")
#: No policy's: levels, units, a rounding, classes of a map, prices read off a page. Held elsewhere: what the front page
#: says is in force besides (its test), the duty of a scenario (its title's test).
STANDING = re.compile(
    r"\b(?:80|90|95|(?:at|under) 5)%|5% to 12%|C\$1 million|(?<!\d)(?:C\$)?1,000\b|30% and more|48,450|73,000"
    r"|in force: a US duty of 50%|US duty of 100%"
)


@pytest.mark.long
def test_no_figure_of_a_policy_is_typed_in_words() -> None:
    """Another fact would make them false in silence. Words of `data` stand beside theirs, notebooks have a rule."""
    places = {str(text): paths for messages in catalogues.extracted().values() for text, paths in messages.items()}
    own = [text for text, paths in places.items() if any(path.startswith(("lib/", "reports/")) for path, _ in paths)]
    texts = [*own, *result_words.messages()]
    assert len(own) > 1500 and [text for text in texts if FIGURE.search(STANDING.sub("", text))] == []


DAY = re.compile(r"\d+[ \xa0][A-Z][a-z]+[ \xa0]\d{4}|\d{4}-\d\d-\d\d")
OWN_DAYS = ("data/parameters", "data/datapackage", "data/sources")  # of a note, of a table


@pytest.mark.long
def test_a_day_typed_in_words_is_one_of_a_fact() -> None:
    """Where its fact moves it would stand in silence."""
    places = {str(text): paths for messages in catalogues.extracted().values() for text, paths in messages.items()}
    texts = [text for text, paths in places.items() if not any(path.startswith(OWN_DAYS) for path, _ in paths)]
    typed = {day for text in (*texts, *result_words.messages()) for day in DAY.findall(re.sub(r"{[^}]*}", "", text))}
    facts = tariff_schedule.all_measures()
    days = {day for fact in facts for day in (fact.announced, fact.effective, fact.end) if day}
    assert len(typed) > 8 and typed <= {form for day in days for form in (f"{day}", f"{day.day} {day:%B %Y}")}


OTHER_NAMES = re.compile(r"\b(?:the|an?|new) (?:preliminary )?(?:joint )?(?:arrangement|settlement|easing)\b", re.I)


def test_the_deal_has_one_name() -> None:
    """Published words say deal; the agreement-in-principle is the official name of its text."""
    texts = list(catalogues.messages())
    assert sum("the deal" in text.lower() for text in texts) > 50
    assert [text for text in texts if OTHER_NAMES.search(text)] == []
