"""The catalogues hold every message of the sources, translated, with its placeholders, numbers and marks."""

from __future__ import annotations

import pytest

from tradeexposure.publishing.languages import catalogues


@pytest.mark.long
@pytest.mark.parametrize("domain", catalogues.DOMAINS)
def test_a_catalogue_is_complete(domain: str) -> None:
    assert catalogues.faults(domain) == []
