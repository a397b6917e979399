"""What trade did since the deal came into force, in the sentence that pages and the README share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tradeexposure.canola.since_deal.sentences import COMMON
from tradeexposure.core.text import in_words
from tradeexposure.data.periods import Months
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.simulation.messages import paragraph

TRACKED = "track."
CHINA, WORLD = "track.farm_food_china_cad.prairies", "track.canola_exports_cad.world"
UNITED_STATES = "track.farm_food_us_cad.prairies"
#: How often chance alone made changes of this size at other times, as tenths of those times.
OFTEN = {0: "Changes as large came in fewer than one case in twenty before.",
         1: "Changes as large came in about one case in ten before.",
         5: "Changes as large came about half the time before.",
         10: "Changes as large came nearly every time before."}  # fmt: skip
IN_TEN = "Changes as large came in about {tenths} cases in ten before."


def window(numbers: Numbers, stem: str = CHINA) -> str:
    """How identifiers name the months that are tracked; empty where none are."""
    return next(iter(numbers.below(stem)), "")


def words_of(period: str) -> str:
    """Months as a sentence says them: ``2026-03 to 2026-08`` is ``March to August 2026``."""
    first, _, last = period.partition(" to ")
    return Months(pd.Timestamp(first), pd.Timestamp(last or first)).words


def common(numbers: Mapping[str, Number], key: str) -> bool:
    """Whether changes as large as that of `key` were common at other times."""
    return numbers[f"{key}.p_value"].value > COMMON


def chance(numbers: Mapping[str, Number], key: str) -> str:
    """What a p-value among placebos says of a change, in words."""
    tenths = round(10 * numbers[f"{key}.p_value"].value)
    return OFTEN.get(tenths) or IN_TEN.format(tenths=in_words(tenths))


def sentence(numbers: Numbers) -> str:
    """What the Prairies sold China, against a year before, and whether chance could have done it; empty without it."""
    months = window(numbers)
    if not months:
        return ""
    level, key = numbers[f"{CHINA}.{months}"], f"{CHINA}.{months}.change_on_year"
    figures: dict[str, Any] = {"months": words_of(level.period), "level": level.bare}
    return paragraph(fill_by_sign("since_sold", numbers[key], **figures), chance(numbers, key))
