"""The page of a farm's own numbers: a form, what each scenario changes, average farms worked out, costs beside them.

Changes of the farm price are those that the edition published for each scenario; all else is their product with acres,
yield and price. Without scripts the page shows average farms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tradeexposure import data
from tradeexposure.core import units
from tradeexposure.data.geography import PRAIRIES, PROVINCES
from tradeexposure.data.periods import Months
from tradeexposure.policy import duty_tables, regimes, scenarios
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.publishing import explorer, manifest
from tradeexposure.publishing.manifest import PublishedEdition
from tradeexposure.reporting.numbers import Number, number

PRICE_CHANGE, SEEN = "comparison.farm_price_change", "canola.price_effect.2026_mar.step"
SEEN_2025, FUTURES_2025 = "canola.price_effect.2025_aug", "canola.futures_move_cad_per_tonne.2025-08"
OWN_PRICE_CHANGE = "scenario.canola.producer_price_change"  # what an edition publishes of its own scenario
PER_FARM = "scenario.canola.grower_income_change_cad.{code}.per_farm"
IN_FORCE, FIRST_YEAR = "deal_2026", "first_year"
SETTLED = f"{IN_FORCE}.against_final_duty"
ENDS = ("low", "value", "high")
SCRIPTS = ("typed_numbers.js", "farm.js")
CHANGE = "change"  # unit of the published numbers
#: What farm prices did since March 2026 over what world prices imply, by the sign of the estimate.
EVIDENCE = {
    "rise": "Allowing for world oilseed prices, farm prices of {months} were higher than in the months of China’s "
    "provisional duty, by {size}.",
    "fall": "Allowing for world oilseed prices, farm prices of {months} were lower than in the months of China’s "
    "provisional duty, by {size}.",
    "undetermined": "Farm prices of {months} do not show it yet: allowing for world oilseed prices, {full}, a {level} "
    "interval, compared with the months of China’s provisional duty.",
    "none": "Allowing for world oilseed prices, farm prices of {months} were those of the months of China’s "
    "provisional duty.",
}
#: The same of the months of the provisional duty, over the price without the measures, and what traders quoted.
EVIDENCE_2025 = {
    "rise": "Farm prices of {months} were above the price without the measures, by {size}.",
    "fall": "Farm prices of {months} were below the price without the measures, by {size}.",
    "undetermined": "What they did cost cannot be read from farm prices of {months}: {full}, a {level} interval, "
    "compared with the price without the measures.",
    "none": "Farm prices of {months} were at the price without the measures.",
}
QUOTED_2025 = (
    "Futures, not farm prices, were quoted {low} to {high} a tonne lower within days in {month}, {low_bushel} to "
    "{high_bushel} a bushel."
)
#: What rows are measured from: the farm's price is the scenario's, what it is measured against, or neither. The duties
#: of 2025 are a group of their own: what they cost is the first thing that a farmer asks.
DEAL, DUTIES_2025, NEXT, ELSEWHERE = GROUPS = ("deal", "2025", "next", "elsewhere")
#: Smallest and largest number that a field takes, and the decimals that it shows.
LIMITS = {"acres": (1, 100_000, 0), "bushels": (1, 120, 1), "price": (1, 60, 2)}
HELP = {
    "acres": "{province}, average canola farm of the {year} census: {acres} acres.",
    "bushels": "{province}, harvest of {year}: {bushels} bushels an acre.",
    "price": "Type the price on your last ticket. Prairie average, {month}: {tonne} a tonne, {bushel} a bushel. "
    "{province} alone, {own_month}: {own_tonne} a tonne, {own_bushel} a bushel.",
}
MESSAGES = {
    "answer": "Our model suggests the deal would be worth {stays} a year on this farm if China had kept {high_duty} on "
    "seed, {settled} had China settled on {low_duty} anyway.",
    "answer_first": "Our model suggests the deal would be worth {stays} on this farm in its first year if China had "
    "kept {high_duty} on seed, {settled} had China settled on {low_duty} anyway.",
    "range": "90% of simulations fall between {low} and {high} in the first case, between {second_low} and "
    "{second_high} in the second.",
    "farm": "For {acres} acres of canola at {bushels} bushels an acre and {price} a bushel ({tonne} a tonne).",
    "same": "= {tonne} a tonne",
    "span": "{low} to {high}",
    "margin": "At your price, the deal’s {stays} or {settled} an acre included, canola would leave {over_variable} an "
    "acre over the variable expenses of Saskatchewan’s guide on this soil and {over_total} over its total expenses.",
    "no_margin": "What your costs leave of {gross} an acre is not worked out: no guide of this province is on file.",
    "costs": "Your gross revenue would be {gross} an acre; on this soil the guide has variable expenses of {variable} "
    "and total expenses of {total}. It plans with {guide_yield} bushels an acre, you with {bushels}. "
    "The deal’s {stays} an acre is {share} of those total expenses, the {settled} is {second_share}.",
    "no_costs": "The guide is Saskatchewan’s; none of another province is on file here.",
    "empty": "Enter a number.",
    "text": "“{typed}” is not a number.",
    "two": "“{typed}” can be read two ways: leave out the mark of thousands.",
    "positive": "Enter a number above zero.",
    "limits": "Enter {least} to {most}.",
    "per_tonne": "{typed} looks like C$ a tonne: that is {bushel} a bushel. Enter C$ a bushel, {least} to {most}.",
    "wrong": "Correct what is marked in the form: nothing is computed until then.",
}  # fmt: skip
#: A bushel of canola: 50 pounds, the weight by which the Canadian Grain Commission converts (44.092 bushels a tonne).
KG_PER_BUSHEL = 22.68
BUSHELS_PER_TONNE = 1000 / KG_PER_BUSHEL
HECTARES_PER_ACRE = 0.40468564224  # the international acre, exact
DIGITS = 2  # as many as the changes of the farm price are published with
UNITS = ("bushel", "tonne", "acre", "farm")
CROP = "canola"
CENSUS, HARVEST, GUIDE = "census_crop_farms", "canola_crop_2025", "saskatchewan_planning_guide"
PRAIRIE_PRICES, FARM_PRICES = "canola_price_prairies_monthly", "farm_prices_monthly"
TABLES = (CENSUS, HARVEST, PRAIRIE_PRICES, FARM_PRICES, GUIDE)


@dataclass(frozen=True)
class Farm:
    """Canola on a farm: acres, bushels an acre, C$ a bushel."""

    acres: float
    bushels: float
    price: float


def price_change(price: float, change: float, *, included: bool) -> float:
    """C$ a bushel that a scenario changes.

    Parameters
    ----------
    price : float
        The farm's, C$ a bushel.
    change : float
        Of the farm price from what the scenario is measured against to the scenario, as a share of the former.
    included : bool
        Whether the farm's price is the one in the scenario, so that the change is in it already; else it is the price
        that the scenario is measured against.
    """
    return price * change / (1 + change) if included else price * change


def gain(farm: Farm, change: float, *, included: bool) -> dict[str, float]:
    """C$ a bushel, a tonne, an acre and a year on the farm, by :data:`UNITS`, as ``farm.js`` has it."""
    bushel = price_change(farm.price, change, included=included)
    acre = bushel * farm.bushels
    return {"bushel": bushel, "tonne": bushel * BUSHELS_PER_TONNE, "acre": acre, "farm": acre * farm.acres}


def written(value: float) -> str:
    """An amount with two significant digits: ``34,000``, ``−0.86``, ``1.5``; a third would be no digit of the model."""
    if value == 0:
        return "0"
    short = units.significant(abs(value), DIGITS)
    decimals = max(DIGITS - 1 - math.floor(math.log10(short)), 0)
    return f"{units.MINUS if value < 0 else ''}{short:,.{decimals}f}"


def signed(value: float) -> str:
    """The same of a change: ``+34,000``."""
    return f"{'+' if value > 0 else ''}{written(value)}"


@dataclass(frozen=True)
class Price:
    """A price of a month, C$ a tonne."""

    month: pd.Timestamp
    per_tonne: float

    @property
    def per_bushel(self) -> float:
        """C$ a bushel, to the cent."""
        return round(self.per_tonne / BUSHELS_PER_TONNE, 2)


@dataclass(frozen=True)
class Province:
    """An average canola farm of a province: acres and yield in whole numbers and tenths, as a farmer would say them."""

    code: str
    name: str
    #: Acres at the last census over farms that grew canola, yield of the last harvest, average price of the Prairies.
    farm: Farm
    #: The newest price of the Prairies, and of the province alone.
    price: Price
    own_price: Price


def provinces() -> list[Province]:
    """Those that the page offers, the largest harvest first: with it the page opens."""
    census, crop = data.load(CENSUS).query("crop == @CROP"), data.load(HARVEST)
    of = years()
    farms = {row["geo"]: row for row in census[census["census_year"] == of["census"]].to_dict("records")}
    harvest = {row["geo"]: row for row in crop[crop["year"] == of["harvest"]].to_dict("records")}
    price, own = newest(data.load(PRAIRIE_PRICES)), data.load(FARM_PRICES).query("crop == @CROP")
    typical = []
    for name in sorted(PRAIRIES, key=lambda name: -harvest[name]["production_t"]):
        acres = round(farms[name]["area_acres"] / farms[name]["farms"])
        grown = harvest[name]["production_t"] / (harvest[name]["area_harvested_ha"] / HECTARES_PER_ACRE)
        farm = Farm(acres, round(grown * BUSHELS_PER_TONNE, 1), price.per_bushel)
        typical.append(Province(PROVINCES[name], name, farm, price, newest(own[own["province"] == name])))
    return typical


def newest(prices: pd.DataFrame) -> Price:
    """The last of monthly prices."""
    row = prices.sort_values("month").iloc[-1]
    return Price(row["month"], float(row["price_cad_per_tonne"]))


def guide_rows() -> list[dict[str, Any]]:
    """What the newest guide plans with for canola, one row a soil zone in its order."""
    every = data.load(GUIDE)
    rows = every[every["year"] == every["year"].max()].to_dict("records")
    return [{str(name): cell for name, cell in row.items()} for row in rows]


def years() -> dict[str, int]:
    """Of the farms and of the yields."""
    return {"census": int(data.load(CENSUS)["census_year"].max()), "harvest": int(data.load(HARVEST)["year"].max())}


@dataclass(frozen=True)
class Row:
    """What a scenario changes of the farm price, as shares: low end, value, high end."""

    #: The scenario, what it asks, and what it is compared with.
    title: str
    question: str
    against: str
    group: str  #: One of :data:`GROUPS`.
    #: After adjustment, and in the first year.
    after: tuple[float, ...]
    first: tuple[float, ...]

    @property
    def included(self) -> bool:
        """Whether today's price is that of the scenario."""
        return self.group == DEAL

    def published(self) -> dict[str, Any]:
        """What it changes, as it was published."""
        change: dict[str, Any] = {"title": self.title, "against": self.against, "group": self.group}
        for horizon, ends in (("after", self.after), ("first", self.first)):
            spread = units.write_range(ends[0], ends[2], CHANGE, DIGITS) if any(ends) else ""
            change[horizon] = {"value": units.write(ends[1], CHANGE, DIGITS), "range": spread}
        return change


def pages(
    edition: PublishedEdition | None,
    *,
    own: Sequence[PublishedEdition] = (),
    languages: Sequence[str] = (manifest.ENGLISH,),
) -> dict[str, str]:
    """The whole page, language → HTML; none without an edition that published what the deal changes, on both horizons.

    Parameters
    ----------
    edition : PublishedEdition, optional
        As of ``front_page.of``.
    own : sequence of PublishedEdition
        Of the user's own scenarios, which no other edition has numbers of.
    languages : sequence of str
        As of ``page.stamped``.
    """
    from tradeexposure.publishing import page as publishing_page

    numbers = edition.written_numbers() if edition and edition.whole else []
    for each in own:  # what it changes of the farm price, as the notebook that compares publishes it of the project's
        there = {row["result_id"]: row for row in each.written_numbers()}
        numbers += [{**row, "result_id": key.replace(OWN_PRICE_CHANGE, f"{PRICE_CHANGE}.{each.name}")}
                    for key, row in there.items() if key.startswith(OWN_PRICE_CHANGE)]  # fmt: skip
    comparisons = rows(numbers)
    if not {IN_FORCE, SETTLED} <= comparisons.keys():
        return {}
    return publishing_page.alone("farm", {**model(comparisons), **_beside(numbers)}, languages, own=SCRIPTS)


def rows(numbers: Sequence[Mapping[str, str]]) -> dict[str, Row]:
    """Identifier of a comparison → what it changes, the deal first and the largest first; from ``results.csv``.

    A scenario within the crop year has no later years, and is left out.
    """
    by_id = {row["result_id"]: row for row in numbers if row["result_id"].startswith(f"{PRICE_CHANGE}.")}
    comparisons, before = {}, scenarios.load(IN_FORCE).against
    for name in filter(lambda name: f"{PRICE_CHANGE}.{name}" in by_id, scenarios.names()):
        compared = scenarios.compared(name)
        sides = {name: compared, **({SETTLED: compared.beside} if name == IN_FORCE and compared.beside else {})}
        for key, side in sides.items():
            published = (by_id.get(f"{PRICE_CHANGE}.{key}{ending}") for ending in ("", f".{FIRST_YEAR}"))
            after, first = (tuple(float(row[end]) for end in ENDS) if row else None for row in published)
            later = side.against and side.against.name == IN_FORCE
            elsewhere = DUTIES_2025 if name == before else ELSEWHERE
            group = DEAL if side.scenario.name == IN_FORCE else NEXT if later else elsewhere
            if after and first:
                asked = compared.scenario
                comparisons[key] = Row(asked.named, asked.question, side.against_title, group, after, first)
    return dict(sorted(comparisons.items(), key=lambda item: (GROUPS.index(item[1].group), -abs(item[1].after[1]))))


def model(comparisons: Mapping[str, Row]) -> dict[str, Any]:
    """What the page shows."""
    places = provinces()
    farm, guide = places[0].farm, guide_rows()
    decimals = {"yield_bushels_per_acre": 1}  # as the guide writes its figures, others with two
    duties = {"high_duty": _duty(scenarios.compared(IN_FORCE)), "low_duty": _duty(scenarios.compared(IN_FORCE).beside)}
    return {
        "answer": MESSAGES["answer"].format(**_worth(comparisons, farm), **duties),
        "range": MESSAGES["range"].format(**_worth(comparisons, farm)),
        "farm": _as_read(farm),
        "first": places[0],
        "places": places,
        "helps": _helps(places[0]),
        "groups": [
            {"name": group, "rows": [_shown(place, row, farm, _most(comparisons))
                                     for place, row in enumerate(comparisons.values()) if row.group == group]}
            for group in GROUPS
        ],
        "worked": [{"name": place.name, **_as_read(place.farm), **_worth(comparisons, place.farm)} for place in places],
        "prices": [row.published() for row in comparisons.values()],
        "guide": [{name: f"{cell:,.{decimals.get(name, 2)}f}" if isinstance(cell, float) else cell
                   for name, cell in row.items()} for row in guide],
        "years": {**years(), "guide": guide[0]["year"]},
        "month": f"{places[0].price.month:%B %Y}",
        **duties,
        "sources": data.sources(TABLES).to_dict("records"),
        "data": _data(comparisons, places, guide, duties),
    }  # fmt: skip


def _beside(numbers: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Empty without its number: what prices did since and in 2025, and what the front page has of an average farm."""
    farm = PER_FARM.format(code=provinces()[0].code)
    by_id = {row["result_id"]: number(row).prose for row in numbers
             if row["result_id"] in (SEEN, SEEN_2025, FUTURES_2025, farm)}  # fmt: skip
    evidence, evidence_2025, quoted = "", "", ""
    if step := by_id.get(SEEN):
        begun = pd.to_datetime(SEEN.split(".")[2], format="%Y_%b")
        evidence = _seen(EVIDENCE, step, Months.of(begun, step.period.rpartition(" to ")[2]))
    if effect := by_id.get(SEEN_2025):
        evidence_2025 = _seen(EVIDENCE_2025, effect, Months.of(*effect.period.split(" to ")))
    if falls := by_id.get(FUTURES_2025):
        low, high = falls.size.ends
        quoted = QUOTED_2025.format(
            month=f"{pd.Timestamp(falls.period):%B %Y}", low=money(low), high=money(high),
            low_bushel=f"C${low / BUSHELS_PER_TONNE:.2f}", high_bushel=f"C${high / BUSHELS_PER_TONNE:.2f}",
        )  # fmt: skip
    front = by_id[farm].bare if farm in by_id else ""
    return {"evidence": evidence, "evidence_2025": evidence_2025, "quoted_2025": quoted, "front": front}


def _seen(sentences: Mapping[str, str], effect: Number, months: Months) -> str:
    """What prices did in these months, by the sign of the estimate."""
    figures = {"size": effect.size.full, "full": effect.full, "level": effect.level_text}
    return sentences[effect.direction].format(months=months.words, **figures)


def _duty(side: Comparison | None) -> str:
    """China's duty on seed in what a scenario is measured against, as it is written."""
    return duty_tables.percent(regimes.canola_against(side)[SEED_TO_CHINA]) if side else ""


def _worth(comparisons: Mapping[str, Row], farm: Farm) -> dict[str, str]:
    """What the deal is worth on a farm a year after adjustment, against both of its counterfactuals."""
    keys = {"stays": IN_FORCE, "settled": SETTLED}
    first, second = (
        [gain(farm, change, included=comparisons[key].included)["farm"] for change in comparisons[key].after]
        for key in keys.values()
    )
    names = ("low", "stays", "high", "second_low", "settled", "second_high")
    return {name: money(value) for name, value in zip(names, (*first, *second), strict=True)}


def money(value: float) -> str:
    """An amount of dollars in a sentence."""
    return f"{units.MINUS if value < 0 else ''}C${written(abs(value))}"


def _as_read(farm: Farm) -> dict[str, str]:
    """A farm as it is read."""
    return {"acres": f"{farm.acres:,.0f}", "bushels": f"{farm.bushels:.1f}", "price": f"C${farm.price:.2f}",
            "tonne": f"C${farm.price * BUSHELS_PER_TONNE:,.0f}"}  # fmt: skip


def _helps(place: Province) -> dict[str, str]:
    """Where the numbers of an average farm come from, field by field."""
    own, price = place.own_price, place.price
    texts = {"province": place.name, **_as_read(place.farm)}
    prices = {"month": f"{price.month:%B %Y}", "own_month": f"{own.month:%B %Y}",
              "own_tonne": f"C${own.per_tonne:,.0f}", "own_bushel": f"C${own.per_bushel:.2f}",
              "bushel": f"C${price.per_bushel:.2f}"}  # fmt: skip
    of = dict(zip(HELP, (*years().values(), 0), strict=True))
    texts |= {**prices, "tonne": f"C${price.per_tonne:,.0f}"}
    return {field: template.format(**texts, year=of[field]) for field, template in HELP.items()}


def _most(comparisons: Mapping[str, Row]) -> float:
    """The largest change of all ends and horizons, as a share of the farm's price: the half width of the drawings."""
    return max(abs(end) for row in comparisons.values() for ends in (row.after, row.first) for end in _moved(row, ends))


def _moved(row: Row, ends: Sequence[float]) -> list[float]:
    """Changes as shares of the farm's price."""
    return [price_change(1, change, included=row.included) for change in ends]


def _shown(place: int, row: Row, farm: Farm, most: float) -> dict[str, Any]:
    """A row of the table: each unit's value and range, and the drawing's places in per cent of its width."""
    low, value, high = (gain(farm, change, included=row.included) for change in row.after)
    cells = {
        unit: {
            "value": signed(value[unit]),
            "range": MESSAGES["span"].format(low=signed(low[unit]), high=signed(high[unit])) if any(row.after) else "",
        }
        for unit in UNITS
    }
    at = {end: f"{50 + 48 * moved / most:.2f}" for end, moved in zip(ENDS, _moved(row, row.after), strict=True)}
    return {"place": place, "title": row.title, "question": row.question, "against": row.against, "cells": cells,
            "at": at}  # fmt: skip


def _data(
    comparisons: Mapping[str, Row],
    places: Sequence[Province],
    guide: Sequence[Mapping[str, Any]],
    duties: Mapping[str, str],
) -> dict[str, Any]:
    """What the script takes."""
    zones = {row["soil_zone"]: {"variable": row["variable_expenses_cad_per_acre"],
                                "total": row["total_expenses_cad_per_acre"],
                                "bushels": row["yield_bushels_per_acre"]} for row in guide}  # fmt: skip
    keys = list(comparisons)
    return {
        "rows": [{"included": row.included, "after": row.after, "first": row.first} for row in comparisons.values()],
        "headline": [keys.index(IN_FORCE), keys.index(SETTLED)],
        "most": _most(comparisons),
        "provinces": {
            place.code: {"acres": place.farm.acres, "bushels": place.farm.bushels, "price": place.farm.price,
                         "messages": _helps(place)} for place in places
        },
        "guide": zones,
        "guided": places[0].code,
        "limits": LIMITS,
        "bushels_per_tonne": BUSHELS_PER_TONNE,
        "digits": DIGITS,
        "messages": MESSAGES,
        "duties": {"titles": duties},
        "writing": explorer.WRITING,
        "suffixes": {},
    }  # fmt: skip
