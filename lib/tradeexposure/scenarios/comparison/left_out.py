"""What the sum for Canada leaves out, and how likely retaliation by the United States has to be to undo the deal.

Retaliation is a scenario of its own, measured against the deal: its loss times a chance is set against the gain.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tradeexposure.policy.duty_tables import percent
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.brief.worth import CANADA_SETTLED, SECOND
from tradeexposure.scenarios.by_sign import fill
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import RETALIATION, Compared
from tradeexposure.scenarios.simulation.messages import ASSEMBLY, paragraph, together

CANCELS = "comparison.retaliation_cancels_at.probability"
WHERE = "What does the sum for Canada leave out?"

#: Whole bullets, so that each can be written in another language as it is.
LINES = (
    "- **Plants, jobs and carmakers' profit.** {assembled} Neither what plants in Canada lose to imported cars nor "
    "what makers abroad earn is counted; jobs are not either.",
    "- **Retaliation by the United States.** What it would cost is in no line of the sum; [what chance of it would "
    "cancel the gain](#retaliation) stands above.",
    "- **AgriStability.** When growers earn more, federal and provincial payments to them fall: part of their gain is "
    "saved by budgets.",
    "- **Who owns crushers.** Several large ones belong to companies abroad; the page of the deal has the sum without "
    "crushers.",
    "- **Carbon and fuel tax.** An added electric car pays no fuel tax and emits less; neither is counted.",
    "- **Peas and seafood.** With the deal China also suspends duties on peas, lobster and crab, for which there is no "
    "model.",
)
UNMOVED = "Vehicle assembly in Canada does not clearly change."
CHANCE = (
    "**At most {chance} if China had kept {stays} on seed.** That is the chance of a US duty of {duty} on all Canadian "
    "goods at which its cost would cancel what the deal brings Canada."
)
CHANCES = (
    "**At most {chance} if China had kept {stays} on seed, at most {chance_settled} had China settled on {settles} "
    "anyway.** Those are the chances of a US duty of {duty} on all Canadian goods at which its cost would cancel what "
    "the deal brings Canada."
)
CEILING = (
    "This is a ceiling, not an estimate of how likely the duty is: we give no odds. The cost counts only what falls on "
    "canola and cars, {loss}. Carmakers' profit on {sales} of lost sales, jobs and all other goods would make it "
    "larger, and the chance that cancels the gain smaller."
)
SMALLER = (
    "A duty of that size on what is not US-made alone, as [the rise that is threatened](#coming) would be, takes less: "
    "[try it](#explore)."
)


def gains(comparison: Compared) -> dict[str, Number]:
    """Canada's gain from the deal by what would have come: identifier of the chance → number."""
    settled = comparison.quoted.get(CANADA_SETTLED)
    return {CANCELS: comparison.deal["canada"], **({f"{CANCELS}.{SECOND}": settled} if settled else {})}


def chances(comparison: Compared) -> pd.DataFrame:
    """Chances of retaliation at which the deal brings Canada nothing, to publish."""
    loss = comparison.across[RETALIATION]["canada"]
    rows = []
    for key, gain in gains(comparison).items():
        ends = zip((gain.value, *gain.ends), (loss.value, *loss.ends), strict=True)
        # A loss of nothing cancels no gain at any chance.
        value, low, high = (min(1.0, max(0.0, up / -down)) if down < 0 else 1.0 for up, down in ends)
        rows.append({"value": value, "low": low, "high": high, "level": gain.level, "result_id": key,
                     "period": gain.period, "sources": gain.tables, "made_of": (gain.origin, loss.origin)})  # fmt: skip
    return pd.DataFrame(rows)


def said(comparison: Compared) -> dict[str, str]:
    """The sum, and what it leaves out: `left_out`, whole Markdown with placeholders of ``Book.say``."""
    quoted = comparison.named().quoted
    assembled = fill("assembled", quoted.get(ASSEMBLY)) or UNMOVED
    lines = "\n".join(LINES).format(assembled=assembled)
    return {"left_out": f"{together(quoted)}\n\n{lines}"}


def retaliation(comparison: Compared, rows: pd.DataFrame) -> dict[str, str]:
    """The chance of retaliation that cancels the gain: `ceiling`, and `threat`, what a duty that was extended would do.

    Parameters
    ----------
    rows : DataFrame
        From :func:`chances`.
    """
    chance = Numbers(rows.assign(unit="probability", digits=2)).named()
    named, settled = comparison.named(), chance.get(f"{CANCELS}.{SECOND}")
    cost, threat, quoted = named.across[RETALIATION], named.across[inputs.THREAT], named.quoted
    figures = {
        "chance": chance[CANCELS].plain, "chance_settled": settled.plain if settled else "",
        "loss": cost["canada"].size.full, "sales": cost["vehicles"].size.bare, "duty": threatened(comparison),
        "stays": quoted[inputs.SEED_BEFORE].bare, "settles": quoted[inputs.SEED_AFTER].bare,
    }  # fmt: skip
    first = CHANCES if settled else CHANCE
    return {
        "ceiling": paragraph(first.format(**figures), CEILING.format(**figures)),
        "threat": paragraph(
            fill("front_us_sales", threat["vehicles"], rate=quoted[inputs.THREAT_DUTY].text),
            fill("front_us_growers", threat["growers"]),
            SMALLER,
        ),
    }


def threatened(comparison: Compared) -> str:
    """The duty with which the United States threaten, as it is written."""
    return percent(max(measure.rate or 0.0 for measure in comparison.scenarios[RETALIATION].hypothetical))


def claims_of(comparison: Compared) -> Iterable[Claim]:
    """What the section says in fixed words."""
    cost = comparison.across[RETALIATION]
    yield Claim("the threatened duty costs Canada and its carmakers something",
                cost["canada"].direction == cost["vehicles"].direction == "fall",
                f"{cost['canada'].full}; {cost['vehicles'].full}", WHERE)  # fmt: skip
    gained = gains(comparison).values()
    yield Claim("the deal brings Canada a gain that a loss can cancel", all(gain.value > 0 for gain in gained),
                "; ".join(gain.full for gain in gained), WHERE)  # fmt: skip
