"""The catalogues hold every message of the sources, translated, with its placeholders, numbers and marks."""

from __future__ import annotations

import re

import pytest

from tradeexposure.publishing.languages import catalogues


@pytest.mark.long
@pytest.mark.parametrize("domain", catalogues.CHECKED)
def test_a_catalogue_is_complete(domain: str) -> None:
    assert catalogues.faults(domain) == []


OTHER_NAMES = re.compile(r"\b(?:the|an?|new) (?:preliminary )?(?:joint )?(?:arrangement|settlement|easing)\b", re.I)


def test_the_deal_has_one_name() -> None:
    """Published words say deal; the agreement-in-principle is the official name of its text."""
    texts = list(catalogues.messages())
    assert sum("the deal" in text.lower() for text in texts) > 50
    assert [text for text in texts if OTHER_NAMES.search(text)] == []
