"""The brief's words of likelihood, tied to numbers once, and the sentences' common parts."""

from __future__ import annotations

import pandas as pd

from tradeexposure.core import units
from tradeexposure.reporting.numbers import Number

#: Least probability (share of draws) → word. The steps are those of the Intergovernmental Panel on Climate Change's
#: guidance on uncertainty at a third and two thirds; 95% is what a 90% range on one side of zero shows.
SCALE: tuple[tuple[float, str], ...] = (
    (0.95, "almost certain"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.05, "unlikely"),
    (0.0, "almost excluded"),
)
OPEN = "open"  # the word for a sign whose 90% range holds zero
BEFORE_WORDS = "the duties before the measures"


def likelihood(probability: float) -> str:
    """The word of :data:`SCALE` for a probability.

    Raises
    ------
    ValueError
        Not between 0 and 1.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability")
    return next(word for least, word in SCALE if probability >= least)


def sign_word(number: Number) -> str:
    """How sure the sign is: a range on one side of zero leaves at most the other tail for the other sign."""
    if number.direction == "open" or number.level is None:
        return OPEN
    return likelihood((1 + number.level) / 2)


def scale() -> pd.DataFrame:
    """:data:`SCALE` as readers see it: `word`, `draws`; the last row is the sign that is :data:`OPEN`."""
    tops = [1.0, *(least for least, _ in SCALE)]
    rows = [
        {"word": word, "draws": f"{_share(least)} to {_share(top)}"}
        for (least, word), top in zip(SCALE, tops, strict=False)
    ]
    return pd.DataFrame([*rows, {"word": f"the sign is {OPEN}", "draws": "the range holds zero"}])


def _share(probability: float) -> str:
    return units.write(probability, "probability", 2)
