"""What the sum for Canada leaves out, and how likely retaliation by the United States has to be to undo the deal.

Retaliation is a scenario of its own, measured against the deal: its loss times a chance is set against the gain.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.brief.worth import CANADA_SETTLED, SECOND
from tradeexposure.scenarios.by_sign import fill
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.simulation.messages import ASSEMBLY, together

RETALIATION = "us_retaliation_100"
CANCELS = "comparison.retaliation_cancels_at.probability"
WHERE = "What does the sum for Canada leave out?"

#: Whole bullets, so that each can be written in another language as it is.
LINES = (
    "- **Plants, jobs and carmakers' profit.** {assembled} Neither what plants in Canada lose to imported cars nor "
    "what makers abroad earn is counted; jobs are not either.",
    "{retaliation}",
    "- **AgriStability.** When growers earn more, federal and provincial payments to them fall: part of their gain is "
    "saved by budgets.",
    "- **Who owns crushers.** Several large ones belong to companies abroad; the page of the deal has the sum without "
    "crushers.",
    "- **Carbon and fuel tax.** An added electric car pays no fuel tax and emits less; neither is counted.",
    "- **Peas and seafood.** With the deal China also suspends duties on peas, lobster and crab, for which there is no "
    "model.",
)
UNMOVED = "Vehicle assembly in Canada does not clearly change."
STAYS = (
    "- **Retaliation by the United States.** Our model suggests that the threatened duty of 100% on all Canadian goods "
    "would cost Canada {loss} a year on canola and cars. A chance of {chance} of it would cancel the deal's gain of "
    "{gain} compared with the duties that stay. Canadian carmakers would also lose {sales} of sales a year; their "
    "profit is not counted, so a smaller chance would do."
)
BOTH = (
    "- **Retaliation by the United States.** Our model suggests that the threatened duty of 100% on all Canadian goods "
    "would cost Canada {loss} a year on canola and cars. A chance of {chance} of it would cancel the deal's gain of "
    "{gain} compared with the duties that stay, and one of {chance_settled} the gain of {gain_settled} had China "
    "settled on its final duty anyway. Canadian carmakers would also lose {sales} of sales a year; their profit is not "
    "counted, so a smaller chance would do."
)


def gains(comparison: Compared) -> dict[str, Number]:
    """Canada's gain from the deal by what would have come: identifier of the chance → number."""
    settled = comparison.quoted.get(CANADA_SETTLED)
    return {CANCELS: comparison.deal["canada"], **({f"{CANCELS}.{SECOND}": settled} if settled else {})}


def chances(comparison: Compared) -> pd.DataFrame:
    """Chances of retaliation at which the deal brings Canada nothing, to publish."""
    loss = comparison.across[RETALIATION]["canada"]
    return pd.DataFrame([
        {**_chance(gain, loss), "result_id": key, "period": gain.period, "sources": gain.tables,
         "made_of": (gain.origin, loss.origin)}
        for key, gain in gains(comparison).items()
    ])  # fmt: skip


def _chance(gain: Number, loss: Number) -> dict[str, Any]:
    """A loss of nothing cancels no gain at any chance."""
    ends = zip((gain.value, *gain.ends), (loss.value, *loss.ends), strict=True)
    value, low, high = (min(1.0, max(0.0, up / -down)) if down < 0 else 1.0 for up, down in ends)
    return {"value": value, "low": low, "high": high, "level": gain.level}


def said(comparison: Compared, rows: pd.DataFrame) -> dict[str, str]:
    """The sum, and what it leaves out: `left_out`, whole Markdown with placeholders of ``Book.say``.

    Parameters
    ----------
    rows : DataFrame
        From :func:`chances`.
    """
    named, cost = gains(comparison), comparison.across[RETALIATION]
    chance = Numbers(rows.assign(unit="probability", digits=2)).named()
    both = {key: (chance[key], gain.named.size) for key, gain in named.items()}
    figures = {"loss": cost["canada"].named.size.plain, "sales": cost["vehicles"].named.size.bare,
             "chance": both[CANCELS][0].plain, "gain": both[CANCELS][1].bare}  # fmt: skip
    message, second = STAYS, both.get(f"{CANCELS}.{SECOND}")
    if second:
        message, figures = BOTH, {**figures, "chance_settled": second[0].plain, "gain_settled": second[1].bare}
    quoted = comparison.named().quoted
    assembled = fill("assembled", quoted.get(ASSEMBLY)) or UNMOVED
    lines = "\n".join(LINES).format(retaliation=message.format(**figures), assembled=assembled)
    return {"left_out": f"{together(quoted)}\n\n{lines}"}


def claims_of(comparison: Compared) -> Iterable[Claim]:
    """What the section says in fixed words."""
    cost = comparison.across[RETALIATION]
    yield Claim("the threatened duty costs Canada and its carmakers something",
                cost["canada"].direction == cost["vehicles"].direction == "fall",
                f"{cost['canada'].full}; {cost['vehicles'].full}", WHERE)  # fmt: skip
    gained = gains(comparison).values()
    yield Claim("the deal brings Canada a gain that a loss can cancel", all(gain.value > 0 for gain in gained),
                "; ".join(gain.full for gain in gained), WHERE)  # fmt: skip
