"""What fixed words claim, held against the numbers they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tradeexposure.core import earlier_results
from tradeexposure.core.published_rows import NEUTRAL_MIME
from tradeexposure.core.text import as_output
from tradeexposure.reporting import result_lineage

UNTRUE = "no longer true"  # how the failure of a claim begins
FIGURE = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True)
class Claim:
    """One sentence of a notebook that a number must bear out."""

    sentence: str  #: What is claimed, in the words in which it stands.
    holds: bool  #: Whether the number bears it out.
    found: str = ""  #: The number or numbers found, written as a reader reads them.
    where: str = ""  #: Where the sentence stands: a heading, a chart's title, a cell.
    #: What is said in its place where a scenario of the user's own makes it false. Empty where it is about tables,
    #: estimates or a solution: false then, it stops the notebook in whatever scenario.
    neutral: str = ""

    @property
    def said(self) -> str:
        """The sentence, or the neutral one in its place; a shipped scenario in which they differ is not published."""
        return self.sentence if self.holds or not self.neutral else self.neutral

    def __str__(self) -> str:
        """``“Growers gain”: found −C$3 m (Share growers' income out)``."""
        finding = f": found {self.found}" if self.found else ""
        place = f" ({self.where})" if self.where else ""
        return f"“{self.sentence}”{finding}{place}"


def false_claims(claims: Iterable[Claim]) -> list[Claim]:
    """Those that do not hold, in their order."""
    return [claim for claim in claims if not claim.holds]


def assert_claims(*claims: Iterable[Claim], chosen: Mapping[str, Any] | None = None, own: bool = False) -> None:
    """Fail where a claim does not hold; say so on the page instead in JupyterLab, and where papermill was given choices
    of one's own; never in a run or where nbval compares.

    Parameters
    ----------
    claims : iterable of Claim
        What the notebook says in fixed words.
    chosen : mapping, optional
        What was chosen instead of the notebook's declared choices, as :func:`tradeexposure.reporting.parameters.check`
        tells it.
    own : bool
        Whether the notebook runs for a scenario of the user's own: which neutral sentences were said is then handed
        over in the place of a failure.

    Raises
    ------
    AssertionError
        Naming the sentence, the number found and where it stands, one line for each claim.
    """
    false = [claim for group in claims for claim in false_claims(group)]
    neutral = [claim for claim in false if own and claim.neutral]
    wrong = [claim for claim in false if claim not in neutral]
    if not false:
        return
    from IPython.display import display

    if neutral:
        rows = [
            {"sentence": claim.sentence, "found": claim.found, "where": claim.where, "said": claim.said}
            for claim in neutral
        ]
        lines = "\n".join(f"Not said here: {claim}" for claim in neutral)
        display({NEUTRAL_MIME: rows, "text/plain": lines}, raw=True)
    if wrong:
        tries = result_lineage.has_history() and not earlier_results.is_run()
        if not (tries and (chosen or earlier_results.is_in_jupyterlab())):
            raise AssertionError("\n".join([f"{UNTRUE}:", *map(str, wrong)]))
        display(as_output(caveat(wrong, chosen or {})), raw=True)


def caveat(wrong: Iterable[Claim], chosen: Mapping[str, Any]) -> str:
    """What an answer begins with where sentences are untrue and somebody tries things out; empty where none is."""
    choices = "; ".join(f"{name} = {value}" for name, value in chosen.items())
    start, sentences = f"With {choices} this" if choices else "This", "; ".join(map(str, wrong))
    left = "No run publishes it: undo the choice, or word the sentence and its claim anew."
    return f"**{start} page says what no longer holds:** {sentences}. {left}\n\n" if sentences else ""


def rises(*steps: Any) -> bool:
    """Whether each of `steps`, numbers or several at once, lies wholly above the one before; never of a missing one."""
    arrays = [np.asarray(step, dtype=float) for step in steps]
    return all(bool(lower.max() < higher.min()) for lower, higher in pairwise(arrays))


def format_values(values: Any) -> str:
    """Numbers found, as a claim tells them, at three digits: ``0.061, 3,080``; text as it is."""
    if isinstance(values, str):
        return values
    return ", ".join(f"{float(f'{value:.3g}'):,.15g}" for value in np.ravel(np.asarray(values, dtype=float)))


def numbers_in(text: str) -> list[str]:
    """The numbers that stand in a text, in its order: ``1,950``, ``4.6``."""
    return FIGURE.findall(text)


def unpublished(texts: Iterable[str], written: Iterable[str]) -> list[str]:
    """Figures in `texts` that stand in none of the numbers as they are `written`."""
    known = {figure for text in written for figure in numbers_in(text)}
    return sorted({figure for text in texts for figure in numbers_in(text)} - known)
