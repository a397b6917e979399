"""Briefs made by hand: a deal, a loss, an open sign, exports alone, nothing at all, and no car part."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd
from tinyproject import SHIPPED

from tradeexposure.policy import scenarios
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.brief import inputs
from tradeexposure.scenarios.simulation import messages

CARS = "vehicles per year"
Row = tuple[float, float | None, float | None, str]
INCOME = messages.INCOME
MONTHS = "2026-03 to 2026-08"
#: What trade did since the deal.
SEEN: dict[str, Row] = {
    f"{inputs.TO_CHINA}.2026_mar_aug": (3.4e9, None, None, "CAD"),
    f"{inputs.TO_CHINA}.2026_mar_aug.change_on_year": (0.65, None, None, "change"),
    f"{inputs.TO_CHINA}.2026_mar_aug.change_on_year.p_value": (0.49, None, None, "pvalue"),
}


def frame(rows: dict[str, Row]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"result_id": key, "label": key, "value": value, "low": low, "high": high, "unit": unit,
             "digits": 3 if unit == "rate" else 2,
             "level": None if low is None else 0.9, "period": MONTHS if key.startswith(inputs.TRACKED) else "a year",
             "tables": ""}
            for key, (value, low, high, unit) in rows.items()
        ]
    )  # fmt: skip


def canola(sign: float, *, low: float = 30e6) -> dict[str, Row]:
    """Growers' numbers: a gain (1), a loss (−1) or nothing (0)."""
    ends = sorted((sign * low, sign * 1.8e9))
    rows: dict[str, Row] = {INCOME: (sign * 640e6, *ends, "CAD per year")}
    rows |= {f"{INCOME}.{place}": (sign * part * 640e6, part * ends[0], part * ends[1], "CAD per year")
             for place, part in (("ab", 0.3), ("sk", 0.55), ("mb", 0.15))}  # fmt: skip
    rows[f"{INCOME}.per_farm"] = (sign * 20e3, *sorted((sign * 900, sign * 50e3)), "CAD per farm")
    for name, middle in (("official_data_only", 0.9), ("unweighted", 1.4), ("seed_only", 0.7), ("meal_only", 0.3)):
        rows[f"{INCOME}.{name}"] = (middle * sign * 640e6, *(middle * end for end in ends), "CAD per year")
    rows |= account(sign, low=low)
    rows["scenario.canola.producer_price_change"] = (sign * 0.04, *sorted((sign * 0.002, sign * 0.11)), "change")
    rows["scenario.canola.china_volume_kt"] = (3000.0, 1700.0, 4300.0, "kilotonnes per year")
    rows["scenario.sensitivity.grower_income.seed_scale_cad_t"] = (0.6, None, None, "share")
    rows["scenario.sensitivity.grower_income.seed_scale_cad_t.at_low"] = (1.4e9, None, None, "CAD per year")
    rows["scenario.sensitivity.grower_income.seed_scale_cad_t.at_high"] = (250e6, None, None, "CAD per year")
    for name, part in (("china_share_of_seed", 0.2), ("seed_supply", 0.1), ("spare_capacity", 0.01)):
        rows[f"scenario.sensitivity.grower_income.{name}"] = (part, None, None, "share")
    return rows | SEEN


def account(sign: float, *, low: float) -> dict[str, Row]:
    """Lines of the account: growers gain as they do, handlers a tenth of it, all others nothing."""
    whole = sign * 640e6, *sorted((sign * low, sign * 1.8e9))
    factors = {"growers": 1.0, "handlers": 0.1} | dict.fromkeys(
        ("crushers", "users", "car_buyers", "rebates", "surtax_lost", "quota_rent", "revenue"), 0.0
    )
    factors |= {"canada_cad": 1.1, "canada_without_crushers": 1.1}
    return {
        f"{messages.WELFARE}.{name}": (*(part * cad for cad in whole), "CAD per year") for name, part in factors.items()
    }


def vehicles(sign: float) -> dict[str, Row]:
    """Numbers of the car part: more China-built cars (1), fewer (−1), as many (0)."""
    rows: dict[str, Row] = {messages.CARS: (39e3, 15e3, 49e3, "vehicles per year")}
    rows[f"{messages.CARS}.first_year"] = (16e3, 8e3, 49e3, "vehicles per year")
    rows[messages.CARS_CHANGE] = (sign * 30e3, *sorted((sign * 9e3, sign * 46e3)), "vehicles per year")
    rows[messages.DISPLACED] = (sign * 25e3, *sorted((sign * 8e3, sign * 41e3)), "vehicles per year")
    rows[f"{messages.DISPLACED}.canada"] = (sign * 900, *sorted((sign * 200, sign * 2e3)), "vehicles per year")
    rows[f"{messages.DISPLACED}.united_states_mexico"] = (
        sign * 9e3,
        *sorted((sign * 3e3, sign * 15e3)),
        "vehicles per year",
    )
    rows |= {f"scenario.ev.quota_regime.{name}": (part, None, None, "probability")
             for name, part in (("unfilled", 0.3), ("filled", 0.7), ("overfilled", 0.0))}  # fmt: skip
    rows["scenario.ev.consumer_surplus_cad"] = (sign * 90e6, *sorted((sign * 9e6, sign * 400e6)), "CAD per year")
    change = sorted((-sign * 0.003, -sign * 0.0001))
    rows["scenario.ev.domestic_assembly_change"] = (-sign * 0.001, *change, "change")
    rows[messages.VEHICLES] = (0.0, 0.0, 0.0, "CAD per year")
    return rows


EXPORTS: dict[str, Row] = {messages.VEHICLES: (-9e9, -14e9, -4e9, "CAD per year")}
CASES = {
    "deal": canola(1) | vehicles(1),
    "loss": canola(-1) | vehicles(-1),
    "undetermined": canola(1, low=-30e6) | vehicles(0),
    "us": canola(0) | vehicles(0) | EXPORTS,
    "nothing": canola(0) | vehicles(0),
    "no cars": canola(-1),
}


def curve() -> dict[int, float]:
    """The gain by the seed duty that would have come, in per cent, from one counterfactual to the other."""
    return {duty: round(130e6 + 510e6 * ((duty - 15) / 70) ** 0.5, -6) for duty in range(15, 90, 5)}


def second(sign: float) -> dict[str, Row]:
    """Growers' and Canada's numbers of the deal against the duty that China settled on, and by when."""
    rows: dict[str, Row] = {
        inputs.SETTLED: (sign * 130e6, *sorted((sign * 20e6, sign * 240e6)), "CAD per year"),
        inputs.SOON: (sign * 420e6, *sorted((sign * 150e6, sign * 990e6)), "CAD per year"),
        inputs.SETTLED_SOON: (sign * 90e6, *sorted((sign * 15e6, sign * 180e6)), "CAD per year"),
        inputs.FIRST_TEN: (sign * 110e6, *sorted((sign * 60e6, sign * 190e6)), "CAD per year"),
        inputs.LAST_TEN: (sign * 7e6, *sorted((sign * 1e6, sign * 40e6)), "CAD per year"),
        inputs.CANADA_SETTLED: (sign * 145e6, *sorted((sign * 25e6, sign * 260e6)), "CAD per year"),
    }
    for key, value in zip(inputs.VARIANTS, (310e6, 870e6), strict=True):
        rows[key] = (value, value / 3, value * 2, "CAD per year")
    charged = {"seed": (0.149, 0.848, 0.149), "oil": (1.09, 1.09, 1.09), "meal": (0.05, 1.05, 1.05)}
    rows |= {f"{messages.DUTIES[product]}{ending}": (duty, None, None, "rate") for product, duties in charged.items()
             for ending, duty in zip(("", ".against", f".{inputs.SECOND}"), duties, strict=True)}  # fmt: skip
    rows |= {f"{inputs.CURVE}.{duty}": (sign * value, *sorted((sign * value / 3, sign * value * 2.5)), "CAD per year")
             for duty, value in curve().items()}  # fmt: skip
    for place in ("ab", "sk", "mb"):
        ends = sorted((sign * 600, sign * 8e3))
        rows[f"{INCOME}.{place}.per_farm.{inputs.SECOND}"] = (sign * 4e3, *ends, "CAD per farm")
    return rows


@lru_cache
def deal(sign: float = 1) -> inputs.Brief:
    """The brief of the deal against both counterfactuals; a gain (1) or, unlikely as it is, a loss (−1)."""
    known = {name: scenarios.load(name) for name in SHIPPED}
    numbers = Numbers(frame(canola(sign) | vehicles(1) | second(sign)))
    across = {"deal_2026": inputs.headlines(numbers, known["deal_2026"])}
    beside = {"deal_2026": inputs.beside(numbers, across["deal_2026"])}
    return inputs.Brief(known["deal_2026"], numbers, across, known, beside)


def mine(also: str) -> inputs.Brief:
    """A scenario of the user's own with the numbers of the deal and a second counterfactual of its own choice."""
    chosen = scenarios.load("deal_2026").model_copy(update={"name": "mine", "title": "Mine", "also_against": also})
    name = messages.against(chosen)
    rows = {key.replace(inputs.SECOND, name): row for key, row in second(1).items()}
    numbers = Numbers(frame(canola(1) | vehicles(1) | rows))
    known = {shipped: scenarios.load(shipped) for shipped in SHIPPED} | {"mine": chosen}
    across = {"mine": inputs.headlines(numbers, chosen)}
    beside = {"mine": inputs.beside(numbers, across["mine"], inputs.over(chosen))}
    return inputs.Brief(chosen, numbers, across, known, beside)


@lru_cache
def made(case: str) -> inputs.Brief:
    """The brief of one of `CASES`, the same one for all that ask; of a scenario with one counterfactual."""
    known = {name: scenarios.load(name) for name in SHIPPED}
    known["deal_2026"] = known["deal_2026"].model_copy(update={"also_against": None})
    numbers = Numbers(frame(CASES[case]))
    without_cars = Numbers(frame(CASES["no cars"]))
    parts = {"deal_2026": numbers, "status_quo_2025": without_cars}
    across = {name: inputs.headlines(rows, known[name]) for name, rows in parts.items()}
    return Against(known["deal_2026"], numbers, across, known)


def changed(case: str, rows: dict[str, Row]) -> inputs.Brief:
    """The brief of one of `CASES` with some other numbers, compared as it is."""
    return replace(made(case), numbers=Numbers(frame(CASES[case] | rows)))


class Against(inputs.Brief):
    """A brief measured against something, whatever the scenario files say."""

    against = "“the other”"
