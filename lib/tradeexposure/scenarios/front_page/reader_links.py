"""Where a reader goes from the front page: each question with its answer in a line, and three links for each reader."""

from __future__ import annotations

from datetime import date

from tradeexposure.policy import duty_tables
from tradeexposure.reporting.pieces import Link
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import Compared

OTHERS = {"own": inputs.PAGE, "brief": "90_write_brief.html", "since": "55_track_the_deal.html"}
PAGES = {**sentences.PAGES, **OTHERS}
BESIDE_PUBLISHED = "#does-the-model-of-cars-agree-with-what-was-published"  # a section of a scenario's page
PRICES_PUBLISHED = "#published-figures-beside-these"
CARS_DISPLACED, CHECKS = "#chart-vehicles", "#checks"
US_CHARGES = "#what-does-the-united-states-charge-on-the-flows-of-2024"
#: Cells of the notebook, by their id; the answer is the part of what the deal is worth.
SCENARIOS, FARMS, RETALIATION, MODELLED, WORTH = "#outcomes", "#farms", "#retaliation", "#modelled", "#answer"
PUBLISHED, PLANTS = "#published", "#plants"
FARM, MEASURES = "../../farm.html", "../../measures.html"  # pages that stand beside the editions

EXPORTS = "The United States took {share} of exports in {year}, {before} the year before; China took {china}."
FARMERS = "Saskatchewan: {largest} of the {stake} of receipts that depended on China in {period}."
CARS = (
    "US duty on yearly car exports, at rates of {day}: {duty}; {share} ({span}) of battery-electric supply in "
    "{year} was China-built."
)
ORIGINS = "Readily, but how far is open: an elasticity of {value}, anywhere from {span}."


def page(name: str) -> str:
    """Address of a page of the edition, by its short name in :data:`PAGES`."""
    return PAGES[name]


def number_of(name: str, key: str) -> str:
    """Address of a published number on the page of its notebook."""
    return f"{PAGES[name]}#number-{key}"


def questions(comparison: Compared) -> list[Link]:
    """Eight questions, each with its answer in one line and the page that gives the rest."""
    quoted = comparison.quoted
    stake, value = quoted[inputs.STAKE], {key: quoted[key].bare for key in inputs.ESTIMATES}
    exports = EXPORTS.format(share=value[inputs.US_SHARE], before=value[inputs.US_SHARE_BEFORE],
                             china=value[inputs.CHINA_SHARE], year=quoted[inputs.US_SHARE].period)  # fmt: skip
    farmers = FARMERS.format(largest=value[inputs.STAKE_LARGEST], stake=stake.bare, period=stake.period)
    origins = ORIGINS.format(value=value[inputs.SUBSTITUTION], span=quoted[inputs.SUBSTITUTION].span)
    built = quoted[inputs.CHINA_BUILT]
    cars = CARS.format(day=duty_tables.long_day(date.fromisoformat(quoted[inputs.US_DUTY].period)),
                       duty=value[inputs.US_DUTY], share=built.bare, span=built.span, year=built.period)  # fmt: skip
    settled = {"stays": quoted[brief.DUTY_STAYS].bare, "settles": quoted[brief.DUTY_SETTLED].bare,
               "settled": comparison.beside["canada"].size.bare}  # fmt: skip
    asked = [
        ("How dependent is Canada on the United States and China?", page("trade"), exports),
        ("Which farmers depend on China?", page("canola"), farmers),
        (
            "What did China's measures of 2019 do to exports?",
            page("volumes"),
            fill_by_sign("question_volume", quoted[inputs.VOLUME]),
        ),
        ("What did they do to the farm price?", page("price"), fill_by_sign("question_price", quoted[inputs.PRICE])),
        ("Who in the car sector depends on whom?", page("cars"), cars),
        ("Do rebates sell electric cars?", page("demand"), fill_by_sign("question_rebates", quoted[inputs.DEMAND])),
        ("How readily do buyers of canola switch?", page("weights"), origins),
        (
            "What is the deal worth to Canada as a whole?",
            page("models"),
            fill_by_sign("question_canada", comparison.deal["canada"], **settled),
        ),
    ]
    return [Link(*question) for question in asked]


def readers() -> list[tuple[str, list[Link]]]:
    """Five readers with three links each, in their own words."""
    return [
        ("Growers", [
            Link("Your farm: what each scenario changes on it", FARM),
            Link("Did China lower my price in 2019 and 2025?", page("price")),
            Link("Gain per farm per year, by province", FARMS),
        ]),
        ("Auto sector", [
            Link("Which cars the quota displaces", page("models") + CARS_DISPLACED),
            Link("What US duties cost", page("cars") + US_CHARGES),
            Link("Car plants and jobs", PLANTS),
        ]),
        ("Minister's office", [
            Link("The brief on the deal", page("brief")),
            Link("All scenarios side by side", SCENARIOS),
            Link("What chance of US retaliation cancels the gain", RETALIATION),
        ]),
        ("Journalists", [
            Link("Which number to quote, and with what", WORTH),
            Link("Charts with their data", page("own")),
            Link("Every duty, with dates and sources", MEASURES),
        ]),
        ("Analysts", [
            Link("How each number is made", f"{page('models')}#how-made"),
            Link("Models compared with what happened", MODELLED),
            Link("Beside published estimates", PUBLISHED),
        ]),
    ]  # fmt: skip
