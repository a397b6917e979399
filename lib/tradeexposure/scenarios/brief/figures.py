"""The charts of the brief; a part that does not move gets a sentence in place of an empty chart."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure.core.text import capital
from tradeexposure.reporting import charts
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.brief import inputs
from tradeexposure.scenarios.brief.inputs import Brief
from tradeexposure.scenarios.brief.sentences import PROVINCES, REGIME
from tradeexposure.scenarios.by_sign import fill_by_sign
from tradeexposure.scenarios.simulation.messages import (
    ACCOUNT,
    CANADA,
    CARS_CHANGE,
    DISPLACED,
    INCOME,
    QUOTA_MARKS,
    WELFARE,
)

ORIGINS = {
    "united_states_mexico": "Electric, US and Mexico",
    "other_imports": "Electric, other countries",
    "canada": "Electric, Canada",
    "other_cars": "Not electric, anywhere",
}
SMALL = 0.02  # of the largest province's change: a shorter bar is not seen
WOULD, WHEN, HORIZONS = "Seed duty without the deal", "Horizon", ("After adjustment", "First year")
STAYS, SETTLES = "China keeps {duty}", "China settles on {duty}"
DEAL_TITLE = "Growers' income by the seed duty that would have come"
PROVINCES_FIRST = "Growers' income by province is the first chart of this page."
DEAL_ALT = "Dots with ranges by the seed duty that would have come, after adjustment and in the first year. {title}."
CAR_TITLE = "Registrations of electric cars by where they are built"
#: What stands under the account of the deal: the two lines that differ over the duty that China settled on.
SETTLED_LINES = {
    inputs.SETTLED: "Canola growers, had China settled on {duty}",
    inputs.CANADA_SETTLED: "Canada, had China settled on {duty}",
}
ACCOUNT_ALT = "Dots with ranges of what each group in Canada gains or loses a year. {title}"


def headline(brief: Brief) -> charts.Drawn | str:
    """The deal against both counterfactuals; another scenario by province."""
    return deal(brief) if brief.both else growers(brief)


def deal(brief: Brief) -> charts.Drawn:
    """Growers' income by the seed duty that would have come, after adjustment and in the first year."""
    numbers = brief.numbers
    stays, settled = (numbers[key].bare for key in (inputs.DUTY_STAYS, inputs.DUTY_SETTLED))
    would = {STAYS.format(duty=stays): (INCOME, inputs.SOON),
             SETTLES.format(duty=settled): (inputs.SETTLED, inputs.SETTLED_SOON)}  # fmt: skip
    rows = [
        {WOULD: duty, WHEN: when, **number.drawn}
        for duty, keys in would.items()
        for when, number in zip(HORIZONS, (numbers[key] for key in keys), strict=True)
    ]
    total = numbers[INCOME]
    chart = charts.dots_ranges(
        pd.DataFrame(rows), label=WOULD, group=WHEN, numbers="money", reference=0,
        value_title=f"C$ a year; bars: {_level(total)} of simulations",
    )  # fmt: skip
    sizes = {"first": total.size.bare, "second": numbers[inputs.SETTLED].size.bare}
    title = fill_by_sign("brief_deal_titles", total, **sizes, stays=stays, settles=settled) or DEAL_TITLE
    return charts.Drawn(chart, title, DEAL_ALT.format(title=title))


def by_province(brief: Brief) -> charts.Drawn | str:
    """The deal by province; of another scenario that is the first chart."""
    return growers(brief) if brief.both else PROVINCES_FIRST


def growers(brief: Brief) -> charts.Drawn | str:
    """Change of growers' income by province with its range."""
    places = {name: change for name in PROVINCES if (change := brief.moving(f"{INCOME}.{name}"))}
    if not places:
        return f"No chart of growers' income: it stays as in {brief.against} in every province."
    total, largest = brief.growers, max(abs(change.value) for change in places.values())
    seen = sorted(places, key=lambda name: -abs(places[name].value))
    shown = {LABELS[name]: places[name] for name in seen if abs(places[name].value) >= SMALL * largest}
    most = {"place": LABELS[seen[0]], "size": places[seen[0]].size.bare}
    stays = brief.numbers[inputs.DUTY_STAYS].bare if brief.both else ""
    kept = fill_by_sign("brief_kept_titles", total, stays=stays, **most) if stays else ""
    return charts.Drawn(
        _ranges(_frame(shown, "Province"), "Province", f"C$ a year; bars: {_level(total)} of simulations", "money"),
        kept or fill_by_sign("brief_income_titles", total, **most),
        fill_by_sign("brief_income_alts", total, place=LABELS[seen[0]]),
    )


def registrations(brief: Brief) -> charts.Drawn | str:
    """Change of registrations by origin, what the quota does marked at the China-built cars."""
    cars = brief.moving(CARS_CHANGE)
    if cars is None:
        part = f"none differ from {brief.against}" if brief.has_cars else "the scenario has no such part"
        return f"No chart of registrations by origin: {part}."
    lost = {origin: number for name, origin in ORIGINS.items() if (number := brief.moving(f"{DISPLACED}.{name}"))}
    shown = {f"China, {quota_mark(brief)}": cars, **{origin: number.opposite for origin, number in lost.items()}}
    axis = f"Cars a year; bars: {_level(cars)} of simulations"
    title = claim.said if (claim := displaces(brief)) else ""
    return charts.Drawn(
        _ranges(_frame(shown, "Built in"), "Built in", axis, "plain"), title, fill_by_sign("brief_car_alts", cars)
    )


def displaces(brief: Brief) -> Claim | None:
    """That more China-built cars displace others and fewer win them back, as the title of the chart says."""
    cars, displaced = brief.moving(CARS_CHANGE), brief.moving(DISPLACED)
    if cars is None and displaced is None:
        return None
    numbers = ", ".join(number.full for number in (cars, displaced) if number)
    holds = cars is not None and displaced is not None and cars.direction == displaced.direction
    title, neutral = fill_by_sign("brief_car_titles", cars), CAR_TITLE if cars else ""
    return Claim(title or "other cars win or lose none", holds, numbers, "the chart of registrations", neutral)


def account(brief: Brief) -> charts.Drawn | str:
    """Who gains and who loses over both sectors, the largest line first and the sum at the end."""
    lines = {capital(line): number for name, line in ACCOUNT.items() if (number := brief.moving(f"{WELFARE}.{name}"))}
    canada = brief.find(CANADA)
    if not lines or canada is None:
        return f"No chart of gains and losses: all are as in {brief.against}."
    ranked = dict(sorted(lines.items(), key=lambda item: -item[1].value))
    title, settled = fill_by_sign("together", canada).rstrip("."), {}
    if brief.both:
        stays, settles = (brief.numbers[key].bare for key in (inputs.DUTY_STAYS, inputs.DUTY_SETTLED))
        sums = {"first": canada.size.bare, "second": brief.numbers[inputs.CANADA_SETTLED].size.bare}
        title = fill_by_sign("brief_sum_titles", canada, **sums, stays=stays, settles=settles) or title
        settled = {line.format(duty=settles): brief.numbers[key] for key, line in SETTLED_LINES.items()}
    frame = _frame({**ranked, "Canada, both sectors": canada, **settled}, "Who")
    chart = _ranges(frame, "Who", f"C$ a year; bars: {_level(canada)} of simulations", "money")
    return charts.Drawn(chart, title, ACCOUNT_ALT.format(title=f"{title}."))


def quota_mark(brief: Brief) -> str:
    """What most likely becomes of the quota, short enough to stand beside an axis: ``quota unfilled``."""
    chances = {name: number.value for name in QUOTA_MARKS if (number := brief.find(f"{REGIME}.{name}"))}
    return QUOTA_MARKS[max(chances, key=lambda name: chances[name])] if any(chances.values()) else "no quota"


def _frame(numbers: Mapping[str, Number], label: str) -> pd.DataFrame:
    return pd.DataFrame([{label: name, **number.drawn} for name, number in numbers.items()])


def _ranges(frame: pd.DataFrame, label: str, title: str, numbers: str) -> charts.ChartLike:
    return charts.dots_ranges(frame, label=label, numbers=numbers, reference=0, value_title=title)


def _level(number: Number) -> str:
    return f"{number.level:.0%}" if number.level else "all"
