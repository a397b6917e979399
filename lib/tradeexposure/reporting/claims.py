"""What a notebook says in words, held against its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def false_among(claims: Mapping[str, object]) -> list[str]:
    """The claims that do not hold, in their order; `claims` maps a sentence to whether the numbers bear it out."""
    return [claim for claim, holds in claims.items() if not holds]


def assert_claims(*wrong: Sequence[str]) -> None:
    """Fail where a sentence of the notebook is no longer true.

    Parameters
    ----------
    *wrong : sequence of str
        Claims that do not hold, from :func:`false_among`.

    Raises
    ------
    AssertionError
        Naming the claims.
    """
    every = [claim for part in wrong for claim in part]
    assert not every, f"no longer true: {'; '.join(every)}"
