"""What the sum for Canada leaves out, and how likely retaliation by the United States has to be to undo the deal.

Retaliation is a scenario of its own, measured against the deal: its loss times a chance is set against the gain.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.brief import worth
from tradeexposure.scenarios.brief.worth import CANADA_SETTLED, RETALIATION, SECOND
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.simulation.messages import ASSEMBLY, paragraph, together
from tradeexposure.scenarios.simulation.messages import DISPLACED as DISPLACED_STEM

CANCELS = "comparison.retaliation_cancels_at.probability"
TAKEN = {"all": "", "electric": ".electric", "mexico": ".united_states_mexico", "canada": ".canada"}
WHERE = "What does the sum for Canada leave out?"

#: Whole bullets, so that each can be written in another language as it is.
LINES = (
    "- **Plants, jobs and carmakers' profit.** Neither what plants in Canada lose to imported cars nor what makers "
    "abroad earn is counted; jobs are not either. [What is known of plants](#plants) is above.",
    "- **Retaliation by the United States.** The sum leaves out what it would cost; [what chance of it would cancel "
    "the gain](#retaliation) is above. {threat}",
    "- **AgriStability.** When growers earn more, federal and provincial payments to them fall: part of their gain is "
    "saved by budgets.",
    "- **Who owns crushers.** Several large ones belong to companies abroad; the page of the deal has the sum without "
    "crushers.",
    "- **Carbon and fuel tax.** An added electric car pays no fuel tax and emits less; neither is counted.",
    "- **Peas and seafood.** With the deal China also suspends duties on peas, lobster and crab, for which there is no "
    "model.",
)
UNMOVED = "Vehicle assembly in Canada does not clearly change."
#: What the deal means for plants in Canada, whose profit and jobs are in no sum.
DISPLACED = (
    "Cars of the quota would take {all} registrations a year from others, {electric} of them from other electric cars. "
    "Of these, {mexico} are built in the United States and Mexico, {canada} in Canada."
)
WORKERS = (
    "**Jobs are not modelled.** Of {workers} automotive manufacturing workers in {year}, at least {share} were in "
    "Ontario; the model of cars has no provinces."
)
MARKET = (
    "The quota comes to {all} of all vehicles registered in {year}, {battery} of the battery-electric ones. In its "
    "first year {first} of electric cars would be China-built."
)
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
    "canola and cars, {loss}. Carmakers' profit on {sales} of lost sales, jobs and all other goods are not in it and "
    "would make the chance smaller."
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
    return worth.chances(gains(comparison), comparison.across[RETALIATION]["canada"])


def said(comparison: Compared) -> dict[str, str]:
    """The sum, and what it leaves out: `left_out`, whole Markdown with placeholders of ``Book.say``."""
    quoted = comparison.named().quoted
    threat = comparison.named().across[inputs.THREAT]
    lines = "\n".join(LINES).format(threat=paragraph(
        fill_by_sign("front_us_sales", threat["vehicles"], rate=quoted[inputs.THREAT_DUTY].text),
        fill_by_sign("front_us_growers", threat["growers"]),
        SMALLER,
    ))  # fmt: skip
    return {"left_out": f"{together(quoted)}\n\n{lines}"}


def plants(comparison: Compared) -> str:
    """What the deal means for car plants: workers, assembly, whom cars of the quota displace, and the market."""
    quoted = comparison.quoted
    taken = {part: quoted[f"{DISPLACED_STEM}{end}"].size.bare for part, end in TAKEN.items()}
    workers = quoted[inputs.WORKERS]
    share, battery = quoted[inputs.QUOTA_OF_ALL], quoted[inputs.QUOTA_OF_BATTERY]
    first = quoted[inputs.STUDIED_SHARE]
    return paragraph(
        WORKERS.format(workers=workers.bare, year=workers.period, share=quoted[inputs.ONTARIO].bare),
        fill_by_sign("assembled", quoted.get(ASSEMBLY)) or UNMOVED,
        DISPLACED.format(**taken),
        MARKET.format(all=share.bare, year=share.period, battery=battery.bare, first=first.plain),
    )


def retaliation(comparison: Compared, rows: pd.DataFrame) -> dict[str, str]:
    """The chance of retaliation that cancels the gain: `ceiling`.

    Parameters
    ----------
    rows : DataFrame
        From :func:`chances`.
    """
    chance = Numbers(rows.assign(unit="probability", digits=2)).named()
    named, settled = comparison.named(), chance.get(f"{CANCELS}.{SECOND}")
    cost, quoted = named.across[RETALIATION], named.quoted
    figures = {
        "chance": chance[CANCELS].plain, "chance_settled": settled.plain if settled else "",
        "loss": cost["canada"].size.full, "sales": cost["vehicles"].size.bare,
        "duty": worth.threatened(comparison.scenarios[RETALIATION]),
        "stays": quoted[inputs.SEED_BEFORE].bare, "settles": quoted[inputs.SEED_AFTER].bare,
    }  # fmt: skip
    first = CHANCES if settled else CHANCE
    return {"ceiling": paragraph(first.format(**figures), CEILING.format(**figures))}


def claims_of(comparison: Compared) -> Iterable[Claim]:
    """What the section says in fixed words."""
    cost = comparison.across[RETALIATION]
    yield Claim("the threatened duty costs Canada and its carmakers something",
                cost["canada"].direction == cost["vehicles"].direction == "fall",
                f"{cost['canada'].full}; {cost['vehicles'].full}", WHERE)  # fmt: skip
    gained = gains(comparison).values()
    yield Claim("the deal brings Canada a gain that a loss can cancel", all(gain.value > 0 for gain in gained),
                "; ".join(gain.full for gain in gained), WHERE)  # fmt: skip
