"""What the front page says, held against the numbers it stands on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tradeexposure.policy import regimes
from tradeexposure.reporting import claims
from tradeexposure.reporting.claims import Claim
from tradeexposure.scenarios.brief import sentences, worth
from tradeexposure.scenarios.brief.tables import SAME
from tradeexposure.scenarios.comparison import inputs, tables
from tradeexposure.scenarios.comparison.inputs import DEAL, Compared
from tradeexposure.scenarios.front_page import messages

FIXED = ("2019", "2023", "2024", "2025", "2026", "1,000")  # years, and the rebate that an effect is told of
ADDRESS = re.compile(r"\]\([^)]*\)")
DECISIVE = 0.5  # of a spread: what explains as much is why the range is wide
FRONT = "The front page"


def claims_of(comparison: Compared, texts: Mapping[str, str]) -> list[Claim]:
    """What is said in fixed words, that it is short, and that its figures are those published.

    Parameters
    ----------
    texts : mapping
        `claim`, `story` and `basis` of the answer, and whatever else the notebook says.
    """
    quoted, (name, share) = comparison.quoted, messages.decisive(comparison)
    before, after = quoted[inputs.SEED_BEFORE], quoted[inputs.SEED_AFTER]
    plain = [ADDRESS.sub("", text) for text in texts.values()]
    headlines = [number for parts in (*comparison.across.values(), comparison.beside) for number in parts.values()]
    written = [(number.full, number.size.full, number.period) for number in (*quoted.values(), *headlines)]
    published = [text for texts_of_number in written for text in texts_of_number]
    foreign = claims.unpublished(plain, [*published, comparison.level, *FIXED, quoted[inputs.US_DUTY].period])
    return [
        Claim("every figure in the text was published", not foreign, ", ".join(foreign), FRONT),
        Claim(f"the claim has at most {messages.CLAIM_WORDS} words",
              sentences.words(texts["claim"]) <= messages.CLAIM_WORDS, texts["claim"], FRONT),
        Claim(f"the story has at most {messages.STORY_WORDS} words",
              sentences.words(texts["story"]) <= messages.STORY_WORDS, str(sentences.words(texts["story"])), FRONT),
        Claim("China agreed to cut its duty on seed", before.value > after.value, f"{after.text}", FRONT),
        Claim("the range is wide because of one assumption", share.value >= DECISIVE, f"{name}: {share.text}", FRONT),
        *worth.claims_of(comparison.compared(DEAL), quoted, FRONT),
    ]  # fmt: skip


def of_outcomes(comparison: Compared) -> list[Claim]:
    """What is said of the table of scenarios and in the note below it."""
    where = "the scenario table"
    losses = [comparison.across[name]["growers"] for name in (inputs.BREAKDOWN, inputs.RETALIATION)]
    settled, stays = (regimes.vehicles(comparison.scenarios[name]) for name in tables.SHUT_OUT)
    differ = settled.rebate_cad > settled.rebate_china_cad == stays.rebate_cad == stays.rebate_china_cad == 0
    rows = [row.title for group in tables.table(comparison) for row in group.rows if row.title != SAME]
    whole = sorted(rows) == sorted(comparison.title(name) for name in comparison.across)
    return [
        Claim("the rebate of 2026 is for other cars alone, and there was none before", differ,
              f"{settled.rebate_cad:g}, {stays.rebate_cad:g}", where),
        Claim("growers would lose if the deal broke down, and at the US duty that is threatened",
              all(loss.direction == "fall" for loss in losses), ", ".join(loss.full for loss in losses), where),
        Claim("every scenario stands in the table once", whole, str(len(comparison.across)), where),
    ]  # fmt: skip
