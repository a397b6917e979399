"""What the front page says, held against the numbers it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tradeexposure.reporting import claims
from tradeexposure.reporting.claims import Claim
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import DEAL, Compared
from tradeexposure.scenarios.front_page import messages

FIXED = ("2019", "2021", "2023", "2024", "2025", "2026", "2030", "1,000")  # years, and the rebate of an effect
ADDRESS = re.compile(r"\]\([^)]*\)")
DECISIVE = 0.5  # of a spread: what explains as much is why the range is wide
FRONT = "The front page"


def of_answer(comparison: Compared, texts: Mapping[str, str]) -> list[Claim]:
    """That the answer is short, and what it says in fixed words.

    Parameters
    ----------
    texts : mapping
        `claim` and `story`.
    """
    before, after = comparison.quoted[inputs.SEED_BEFORE], comparison.quoted[inputs.SEED_AFTER]
    later = comparison.across[inputs.NEXT_QUOTA]["cars"]
    return [
        Claim(f"the claim has at most {messages.CLAIM_WORDS} words",
              sentences.words(texts["claim"]) <= messages.CLAIM_WORDS, texts["claim"], FRONT),
        Claim(f"the story has at most {messages.STORY_WORDS} words",
              sentences.words(texts["story"]) <= messages.STORY_WORDS, str(sentences.words(texts["story"])), FRONT),
        Claim("China agreed to cut its duty on seed", before.value > after.value, f"{after.text}", FRONT),
        Claim("with the quota of 2030 there are about as many China-built cars", later.direction == "undetermined",
              later.full, FRONT),
        *sentences.claims_of_deal(comparison.compared(DEAL), comparison.quoted, FRONT),
    ]  # fmt: skip


def of_unknown(comparison: Compared) -> list[Claim]:
    """What is said in fixed words of what is not known."""
    name, share = messages.decisive(comparison)
    return [
        Claim("the range is wide because of one assumption", share.value >= DECISIVE, f"{name}: {share.text}", FRONT)
    ]


def strange(comparison: Compared, texts: Iterable[str]) -> list[str]:
    """Figures in `texts` that no published number is written with."""
    headlines = [number for parts in (*comparison.across.values(), comparison.beside) for number in parts.values()]
    written = [(number.full, number.size.full, number.period) for number in (*comparison.quoted.values(), *headlines)]
    published = [form for forms in written for form in forms]
    plain = [ADDRESS.sub("", text) for text in texts]
    return claims.unpublished(plain, [*published, comparison.level, *FIXED, comparison.quoted[inputs.US_DUTY].period])
