"""What fixed words claim, held against the numbers they stand on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One sentence of a notebook that a number must bear out.

    Attributes
    ----------
    sentence : str
        What is claimed, in the words in which it stands.
    holds : bool
        Whether the number bears it out.
    found : str
        The number or numbers found, written as a reader reads them.
    where : str
        Where the sentence stands: a heading, a chart's title, a cell.
    """

    sentence: str
    holds: bool
    found: str = ""
    where: str = ""

    def __str__(self) -> str:
        """``“Growers gain”: found −C$3 m (Share growers' income out)``."""
        found = f": found {self.found}" if self.found else ""
        place = f" ({self.where})" if self.where else ""
        return f"“{self.sentence}”{found}{place}"


def false_claims(claims: Iterable[Claim]) -> list[Claim]:
    """Those that do not hold, in their order."""
    return [claim for claim in claims if not claim.holds]


def assert_claims(*claims: Iterable[Claim]) -> None:
    """Fail where a claim does not hold.

    Raises
    ------
    AssertionError
        Naming the sentence, the number found and where it stands, one line for each claim.
    """
    wrong = [str(claim) for group in claims for claim in false_claims(group)]
    if wrong:
        raise AssertionError("\n".join(["no longer true:", *wrong]))


def false_among(claims: Mapping[str, object]) -> list[str]:
    """The sentences that the numbers do not bear out, in their order; `claims` maps a sentence to whether they do."""
    return [sentence for sentence, holds in claims.items() if not holds]
