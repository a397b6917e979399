"""What the sum for Canada leaves out, and how likely retaliation by the United States has to be to undo the deal.

Retaliation is a scenario of its own, measured against the deal: its loss times a chance is set against the gain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief.inputs import CANADA_SETTLED, RETALIATION, SECOND
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.front_page.today import NO_CUSMA
from tradeexposure.scenarios.simulation.messages import ASSEMBLY, paragraph
from tradeexposure.scenarios.simulation.messages import DISPLACED as DISPLACED_STEM
from tradeexposure.vehicles.market import base_year

CANCELS = "comparison.retaliation_cancels_at.probability"
TAKEN = {"all": "", "electric": ".electric", "mexico": ".united_states_mexico"}
BUILT_HERE, ALMOST_NONE = f"{DISPLACED_STEM}.canada", 0.01  # of the electric cars displaced: less is almost none
PRODUCT, EMPLOYMENT = "benchmarks_canola", "benchmarks_vehicles"  # tables of cited figures
ADDRESS, JOBS_OF_2026 = re.compile(r"https://\S+"), re.compile(r"\d+ / (\d+) / \d+")
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
    "- **Peas and seafood.** By the deal China also suspended duties on peas, lobster and crab, for which there is no "
    "model.",
)
UNMOVED = "Vehicle assembly in Canada does not clearly change."
#: What the deal means for plants in Canada, whose profit and jobs are in no sum.
DISPLACED = (
    "Of {all} registrations a year that cars of the quota would take from others, {electric} would be of electric "
    "cars, {mexico} of them built in the United States and Mexico and almost none in Canada (medians, which do not add "
    "up; market of {base})."
)
WORKERS = (
    "**Jobs are not modelled.** Of {workers} automotive manufacturing workers in {year}, at least {share} were in "
    "Ontario; the model of cars has no provinces."
)
MARKET = (
    "The quota comes to {all} of all vehicles registered in {year}, {battery} of the battery-electric ones. In its "
    "first year {first} of electric cars would be China-built, in a smaller run of simulations."
)
CHANCE = (
    "**The expected loss would exceed the gain if the deal brought on a US duty of {duty} on all Canadian goods with a "
    "risk above {chance} had China kept {stays} on seed.** That is a threshold, not an estimate, with outer bounds: we "
    "give no odds."
)
CHANCES = (
    "**The expected loss would exceed the gain if the deal brought on a US duty of {duty} on all Canadian goods with a "
    "risk above {chance} had China kept {stays} on seed, above {chance_settled} had it settled on {settles}.** Those "
    "are thresholds, not estimates, with outer bounds: we give no odds."
)
COST = (
    "The gain counts cars, the loss canola alone: {loss}; at {smaller} {loss_smaller}, at the end of CUSMA preferences "
    "{loss_cusma}. Carmakers' profit on {sales} of lost sales, all other goods, [jobs and the whole economy](#plants) "
    "are left out: with them less risk would do. Without crushers the median gain exceeds the loss."
)
#: Published of the whole economy and of jobs, of other duties than any here.
ELSEWHERE = (
    "**Published estimates for other US duties, with Canada's response:** those of April 2025 would mean [{jobs} fewer "
    "jobs in Ontario in 2026]({of_jobs}), says its Financial Accountability Office; those of March 2025 [{loss} less "
    "real GDP in Canada for good]({of_loss}), says the Parliamentary Budget Officer."
)
OPTIONS = (
    "**Retaliate, or give the deal up?** We do not advise. Giving it up would cost Canada {ended} a year if China went "
    "back to {stays} on seed, {ended_settled} if it stayed at {settles}; keeping it risks the duties above. "
    "Counter-duties of Canada are not modelled."
)
SMALLER = (
    "A duty of that size on what is not US-made alone cuts sales less in that year: [try it](#explore), with “In the "
    "first year” chosen."
)


def gains(comparison: Compared) -> dict[str, Number]:
    """Canada's gain from the deal by what would have come: identifier of the chance → number."""
    settled = comparison.quoted.get(CANADA_SETTLED)
    return {CANCELS: comparison.deal["canada"], **({f"{CANCELS}.{SECOND}": settled} if settled else {})}


def chances(comparison: Compared) -> pd.DataFrame:
    """Chances of retaliation at which the deal brings Canada nothing, to publish."""
    return brief.chances(gains(comparison), comparison.across[RETALIATION]["canada"])


def sentences(comparison: Compared) -> dict[str, str]:
    """What the sum leaves out: `left_out`, whole Markdown with placeholders of ``Book.say``."""
    named = comparison.named()
    rate, sales = named.quoted[inputs.THREAT_DUTY].text, named.across[inputs.THREAT]["vehicles"]
    threat = paragraph(fill_by_sign("front_us_sales", sales, rate=rate), SMALLER)
    return {"left_out": "\n".join(LINES).format(threat=threat)}


def plants(comparison: Compared) -> str:
    """What the deal means for car plants: workers, assembly, whom cars of the quota displace, and the market."""
    quoted = comparison.quoted
    taken = {part: quoted[f"{DISPLACED_STEM}{end}"].size.bare for part, end in TAKEN.items()}
    workers = quoted[inputs.WORKERS]
    share, battery = quoted[inputs.QUOTA_OF_ALL], quoted[inputs.QUOTA_OF_BATTERY]
    first = quoted[inputs.STUDIED_SHARE]
    modelled = paragraph(
        WORKERS.format(workers=workers.bare, year=workers.period, share=quoted[inputs.ONTARIO].bare),
        fill_by_sign("assembled", quoted.get(ASSEMBLY)) or UNMOVED,
        DISPLACED.format(**taken, base=base_year.YEAR),
        MARKET.format(all=share.bare, year=share.period, battery=battery.bare, first=first.plain),
    )
    return f"{modelled}\n\n{ELSEWHERE.format(**published_of_other_duties())}"


def retaliation(comparison: Compared, rows: pd.DataFrame) -> dict[str, str]:
    """The chance of retaliation that cancels the gain: `cancels`.

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
        "smaller": quoted[inputs.THREAT_DUTY].text, "loss_smaller": named.across[inputs.THREAT]["canada"].size.plain,
        "loss_cusma": named.across[NO_CUSMA]["canada"].size.plain,
        "duty": brief.threatened(comparison.scenarios[RETALIATION]),
        "stays": quoted[inputs.SEED_BEFORE].bare, "settles": quoted[inputs.SEED_AFTER].bare,
        "ended": named.across[inputs.BREAKDOWN]["canada"].size.bare, "ended_settled": named.beside["canada"].bare,
    }  # fmt: skip
    first = CHANCES if settled else CHANCE
    cancels = paragraph(first.format(**figures), COST.format(**figures))
    return {"cancels": f"{cancels}\n\n{OPTIONS.format(**figures)}"}


def published_of_other_duties() -> dict[str, str]:
    """What others published of US duties, as they wrote it: `loss` of Canada's product, `jobs` in Ontario, and where.

    Raises
    ------
    BadInput
        A table no longer has the figure.
    """
    product = data.row(data.load(PRODUCT), PRODUCT, study="Parliamentary Budget Officer")
    jobs = data.row(data.load(EMPLOYMENT), EMPLOYMENT,
                    quantity="Ontario employment loss vs no-tariff: 2025 / 2026 / 2029")  # fmt: skip
    stated = JOBS_OF_2026.fullmatch(str(jobs["stated"]))
    if stated is None:
        raise BadInput(EMPLOYMENT, "stated", found=str(jobs["stated"]), allowed="jobs of 2025 / 2026 / 2029")
    of_loss, of_jobs = (ADDRESS.findall(row["source"])[0] for row in (product, jobs))
    return {"loss": f"{-product['value']:.0f}%", "of_loss": of_loss, "jobs": f"{int(stated[1]):,}", "of_jobs": of_jobs}


def claims_of(comparison: Compared) -> Iterable[Claim]:
    """What the section says in fixed words."""
    duties = RETALIATION, inputs.THREAT, NO_CUSMA, inputs.BREAKDOWN
    costs = [comparison.across[RETALIATION]["vehicles"], *(comparison.across[name]["canada"] for name in duties)]
    lost = {cost.direction for cost in costs} == {"fall"}
    yield Claim("US duties cost Canada and its carmakers something, and so does the end of the deal", lost,
                "; ".join(cost.full for cost in costs), WHERE)  # fmt: skip
    gained = gains(comparison).values()
    yield Claim("the deal brings Canada a gain that a loss can cancel", all(gain.value > 0 for gain in gained),
                "; ".join(gain.full for gain in gained), WHERE)  # fmt: skip
    without, lost_without = (comparison.without_crushers[name].value for name in (inputs.DEAL, RETALIATION))
    settled = comparison.quoted.get(f"{brief.WITHOUT_CRUSHERS}.{SECOND}")
    least = min(without, settled.value if settled else without)
    yield Claim("without crushers the deal's gain exceeds the loss from retaliation",
                least > -lost_without, f"{least:.3g}, {lost_without:.3g}", WHERE)  # fmt: skip
    built, electric = comparison.quoted[BUILT_HERE].size, comparison.quoted[f"{DISPLACED_STEM}{TAKEN['electric']}"].size
    yield Claim("almost none of the electric cars displaced are built in Canada",
                built.ends[1] < ALMOST_NONE * electric.value, built.full, WHERE)  # fmt: skip
