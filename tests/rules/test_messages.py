"""Each message of the sources is translated, and keeps its placeholders, marks and figures."""

from __future__ import annotations

import pytest

from tradeexposure.publishing.languages import catalogues


@pytest.mark.long
@pytest.mark.parametrize("domain", catalogues.DOMAINS)
def test_messages_are_those_of_the_sources_and_translated(domain: str) -> None:
    assert catalogues.faults(domain) == []


@pytest.mark.parametrize("domain", catalogues.DOMAINS)
def test_a_catalogue_is_as_make_messages_writes_it(domain: str) -> None:
    text = catalogues.address(domain).read_text("utf-8")
    assert "#, fuzzy" not in text and "msgid_plural" not in text
