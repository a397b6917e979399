"""A claim in words fails by name."""

from __future__ import annotations

import pytest

from tradeexposure.reporting import claims


def test_a_claim_that_no_longer_holds_is_named():
    wrong = claims.false_among({"one": False, "true": True, "two": None})
    with pytest.raises(AssertionError, match="no longer true: one; two"):
        claims.assert_claims(wrong[:1], [], wrong[1:])
    claims.assert_claims([], claims.false_among({"true": True}))
