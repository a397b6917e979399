"""The duties of a scenario as the canola and vehicle models take them, and those it is measured against.

A comparison holds everything still that the scenario is not about: the regime it is measured against has China's and
Canada's duties on each other's goods as they were there, but the duties of the United States and the rebates of the
scenario's own day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, cusma_claims, scenarios, tariff_schedule
from tradeexposure.policy.measures import Facts, TradeMeasure
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.policy.stacking import Rate
from tradeexposure.policy.tariff_index import PRODUCTS
from tradeexposure.policy.tariff_schedule import Quota

Rates = float | np.ndarray  # one number, or one per draw
STAGES = {"seed": "canola_seed", "oil": tariff_schedule.OIL, "meal": "canola_meal"}
# The last day before the measures in the year that the models are calibrated on; Japan's steps on oil up to
# 30 December 2023 are not held.
BASE_DAY = date(2023, 12, 31)
BASE_KINDS = {"base", "replaces_base"}
# A market whose duty is not held: no scenario changes it, so that only its change, none, enters.
NOT_HELD = 0.0
ONE_RATE = "one rate as a share of value"
SURTAX, IZEV, AFFORDABILITY = "canada_ev_surtax", "canada_izev_paused", "canada_ev_affordability"
QUOTA = "canada_ev_quota"
VOLUME, GROWTH = "annual_vehicles", "growth_per_year"
CAPPED = "price_cap_share"  # beginning of the names of the figures: one for each year that is stated
FIRST_WINDOW, SECOND_WINDOW, YEAR_FIVE = "first_window_vehicles", "second_window_vehicles", f"{CAPPED}_year_5"
Duties = dict[tuple[str, str], float]


@dataclass(frozen=True)
class VehicleRegime:
    """Duties, quota and rebates in force together; rates are shares of customs value, scalar or one per draw.

    Parameters
    ----------
    china_within : float or array
        Duty on China-built electric cars within the quota, or on all of them where there is no quota.
    china_above : float, array or None
        Duty above the quota; None = no entry above it. Without a quota it has no effect.
    quota : float or None
        Cars a year; None = no quota. Half years of a quota have one number per draw.
    first_window : float or None
        Those of the first half year in which the quota stands; what it leaves is carried over.
    price_capped_share : float
        Share of the quota reserved for cars under the price cap.
    price_cap_cad : float or None
        That cap, CAD a car; shown, not computed with: the draw `under_cap_share` says how much of it is used.
    rebate_cad, rebate_china_cad : float
        Rebate on the purchase of other and of China-built electric cars, CAD a car.
    us_vehicle_duty : float or array
        Average US duty on Canadian vehicles, after claims and US content.
    us_surtax : float
        Canada's surtax on vehicles built in the United States, before remission, on the content that it is charged on.
    entering : bool
        Whether makers of China-built cars had all but left and enter anew, as since the quota opened.

    Raises
    ------
    BadInput
        A negative rate, quota or rebate, a share outside 0 to 1, a rate above the quota below the one within it.
    """

    china_within: Rates
    china_above: Rates | None = None
    quota: float | None = None
    first_window: float | None = None
    price_capped_share: float = 0.0
    price_cap_cad: float | None = None
    rebate_cad: float = 0.0
    rebate_china_cad: float = 0.0
    us_vehicle_duty: Rates = 0.0
    us_surtax: float = 0.0
    entering: bool = False

    def __post_init__(self) -> None:
        for name in ("china_within", "china_above", "quota", "first_window", "price_cap_cad", "rebate_cad",
                     "rebate_china_cad", "us_vehicle_duty", "us_surtax"):  # fmt: skip
            _refuse(name, getattr(self, name), "a number, 0 or more", top=np.inf)
        _refuse("price_capped_share", self.price_capped_share, "a share from 0 to 1", top=1.0)
        if self.china_above is not None and np.any(np.asarray(self.china_above) < self.china_within):
            raise BadInput(
                "vehicle regime",
                "china_above",
                found=str(self.china_above),
                allowed="the rate within the quota or more",
            )


def _refuse(name: str, value: Rates | None, allowed: str, *, top: float) -> None:
    if value is None:
        return
    rates = np.asarray(value, dtype=float)
    if not np.all((rates >= 0) & (rates <= top)):
        raise BadInput("vehicle regime", name, found=str(value), allowed=allowed)


@dataclass(frozen=True)
class Law:
    """Measures and the day on which they are asked what is charged."""

    measures: Facts
    day: date

    def rate(
        self, imposer: str, origin: str, product: str, *, claim: bool = False, quota: Quota = "within", **content: float
    ) -> Rate:
        """The combined duty; `content` is `us_content`."""
        return tariff_schedule.rate(
            imposer=imposer, origin=origin, product=product, on=self.day, claim=claim, quota=quota,
            us_content=content.get("us_content"), among=self.measures,
        )  # fmt: skip


def canola(chosen: Scenario) -> Duties:
    """Duty on Canadian canola by (market, product) in a scenario, as a share of border value.

    Raises
    ------
    BadInput
        A duty that has no single rate, such as an import ban.
    """
    return _canola(*_own(chosen))


def canola_against(compared: Comparison) -> Duties:
    """The duties that those of :func:`canola` are measured against."""
    return _canola(*laws_against(compared))


def canola_on(day: date, *, rest: date | None = None) -> Duties:
    """The duties in force on a day; all but China's on the day `rest` where that is given."""
    facts = tariff_schedule.all_measures()
    return _canola(Law(facts, day), Law(facts, rest or day))


def base_canola() -> Duties:
    """The duties before the measures, those of the year that the models are calibrated on."""
    return canola_on(BASE_DAY)


def vehicles(chosen: Scenario, draws: pd.DataFrame | None = None) -> VehicleRegime:
    """What cars cross a border at in a scenario.

    Where there is no quota, `china_above` equals `china_within`: the rate of every car.

    Parameters
    ----------
    chosen : Scenario
        The scenario.
    draws : DataFrame, optional
        Draws of the priors; `us_content` makes the US duty an array over them. Without them it is one number, at the
        content that the scenario fixes or the headline one.
    """
    return _vehicles(*_own(chosen), chosen.above_quota, _content(chosen, draws))


def vehicles_against(compared: Comparison, draws: pd.DataFrame | None = None) -> VehicleRegime:
    """The regime that :func:`vehicles` is measured against, under the same reading of the law above the quota."""
    chosen = compared.scenario
    return _vehicles(*laws_against(compared), chosen.above_quota, _content(chosen, draws))


def base_vehicles(draws: pd.DataFrame | None = None) -> VehicleRegime:
    """The regime before the measures, that of the year that the models are calibrated on."""
    return vehicles_on(BASE_DAY, draws)


def vehicles_on(day: date, draws: pd.DataFrame | None = None) -> VehicleRegime:
    """The regime in force on a day, with no entry above a quota; `draws` as of :func:`vehicles`."""
    law = Law(tariff_schedule.all_measures(), day)
    return _vehicles(law, law, "no_entry", _content(None, draws))


def vehicles_at_opening() -> VehicleRegime:
    """The regime of the day on which the quota opened, under which the first cars entered and were counted."""
    return vehicles_on(_opened())


def year_five(regime: VehicleRegime) -> VehicleRegime:
    """The regime with the quota that the law states for its fifth year, part of it reserved for cheap cars."""
    quota = tariff_schedule.get(QUOTA)
    day = next(figure.start for figure in quota.quantities if figure.name == YEAR_FIVE and figure.start)
    return replace(regime, quota=_volume(quota, day), price_capped_share=_reserved(quota, day))


def _opened() -> date:
    """The first day of the quota, from which makers of China-built cars enter."""
    return tariff_schedule.get(QUOTA).effective or date.max


def _own(chosen: Scenario) -> tuple[Law, Law]:
    law = Law(scenarios.measures_in_force(chosen), chosen.facts_on)
    return law, law


def laws_against(compared: Comparison) -> tuple[Law, Law]:
    """What a scenario is measured against: China's and Canada's duties as they were there, the rest on its own day."""
    day = compared.scenario.facts_on
    if compared.against is None:
        facts = tariff_schedule.all_measures()
        return Law(facts.with_roles(BASE_KINDS), day), Law(facts, day)
    there = scenarios.measures_in_force(compared.against)
    return Law(there, compared.against.facts_on), Law(there, day)


def _canola(china: Law, rest: Law) -> Duties:
    """Duties by market and product, China's from one law and all others from the other."""
    duties: Duties = {}
    for product in PRODUCTS:
        charged = china.rate("china", "canada", STAGES[product])
        if charged.rate is None:
            raise BadInput(f"{STAGES[product]} into china", found=charged.status, allowed=ONE_RATE)
        duties["china", product] = charged.rate
    duties |= {("united_states", product): duty for product, duty in _united_states(rest).items()}
    for market in ("japan", "mexico", "european_union"):
        duties |= {(market, product): _elsewhere(rest, market, product) for product in PRODUCTS}
    return duties | {("others", product): NOT_HELD for product in PRODUCTS}


def _elsewhere(law: Law, market: str, product: str) -> float:
    """Duty of another market; where the facts have no rate on the law's day, that of the base day, or none."""
    claim = market in tariff_schedule.vocabulary().cusma
    charged = law.rate(market, "canada", STAGES[product], claim=claim)
    if charged.rate is not None:
        return charged.rate
    facts = replace(law, measures=tariff_schedule.all_measures())
    lawful = facts.rate(market, "canada", STAGES[product], claim=claim)
    if (charged.status, charged.measures) != (lawful.status, lawful.measures):
        raise BadInput(f"{STAGES[product]} into {market}", found=charged.status, allowed=ONE_RATE)
    before = replace(facts, day=BASE_DAY).rate(market, "canada", STAGES[product], claim=claim).rate
    return NOT_HELD if before is None else before


def _united_states(law: Law) -> dict[str, float]:
    """US duty on each product: its lines by value of 2024, each with and without a claim by the claims of 2024."""
    sold = cusma_claims.read()
    duties, values = dict.fromkeys(PRODUCTS, 0.0), dict.fromkeys(PRODUCTS, 0.0)
    for line, (product, stage) in cusma_claims.CANOLA.items():
        claimed, value = sold.claimed[line], sold.value_usd[line]
        with_claim, without = (_us_rate(law, sold, product, stage, claim=claim) for claim in (True, False))
        duties[product] += value * (claimed * with_claim + (1 - claimed) * without)
        values[product] += value
    return {product: duties[product] / values[product] for product in PRODUCTS}


def _us_rate(law: Law, sold: cusma_claims.Sales, product: str, stage: str, *, claim: bool) -> float:
    """One US duty, a part by weight as a share of the unit value of 2024."""
    charged = law.rate("united_states", "canada", stage, claim=claim)
    if charged.rate is not None:
        return charged.rate
    if charged.status == "specific duty" and charged.additional is not None:
        return charged.additional + sold.by_weight[product]
    raise BadInput(f"{stage} into the United States", found=charged.status, allowed=ONE_RATE)


def _vehicles(
    trade: Law, rest: Law, above_quota: Literal["no_entry", "surtax", "mfn"], us_content: float | Floats
) -> VehicleRegime:
    """Canada's duties on China-built cars from one law, rebates and US duties from the other."""
    cars = "electric vehicles of China"
    charged = trade.rate("canada", "china", "electric_vehicles")
    surtax = rest.rate("canada", "united_states", "electric_vehicles")
    if charged.rate is None:
        raise BadInput(cars, found=charged.status, allowed=ONE_RATE)
    if surtax.additional is None:
        raise BadInput("electric vehicles of the United States", found=surtax.status, allowed=ONE_RATE)
    quotas = [measure for measure in charged.also if measure.kind == "quota" and measure.quota == "within"]
    if len(quotas) > 1:
        raise BadInput(cars, found=" and ".join(quota.id for quota in quotas), allowed="one quota on a day")
    standing = trade.measures.find(SURTAX, trade.day)  # in the rate within the quota where it is in force
    added = 0.0 if standing is None or standing.in_force(trade.day) else standing.rate or 0.0
    above: dict[str, float | None] = {"no_entry": None, "mfn": charged.rate, "surtax": charged.rate + added}
    rebate, rebate_china = _rebates(rest)
    volume, window, reserved, cap = next((_quota(quota, trade.day) for quota in quotas), (None, None, 0.0, None))
    return VehicleRegime(
        china_within=charged.rate,
        china_above=above[above_quota] if quotas else charged.rate,
        quota=volume,
        first_window=window,
        price_capped_share=reserved,
        price_cap_cad=cap,
        rebate_cad=rebate,
        rebate_china_cad=rebate_china,
        us_vehicle_duty=_us_vehicles(rest, us_content),
        us_surtax=surtax.additional,
        entering=trade.day >= _opened(),
    )


def _quota(quota: TradeMeasure, day: date) -> tuple[float, float, float, float | None]:
    """Cars a year, of its first half year, share for cars under the price cap, and that cap.

    The first half year is the law's part of the year, or what a scenario states, which holds on every day.
    """
    volume, opening = _volume(quota, day), tariff_schedule.get(QUOTA).figures_on(_opened())
    stated = {each.name: each.value for each in quota.quantities if each.start is None}
    if SECOND_WINDOW in stated:
        allowed = f"{FIRST_WINDOW}: the second half year has the rest of {VOLUME}"
        raise BadInput(quota.id, SECOND_WINDOW, found=f"{stated[SECOND_WINDOW]:g}", allowed=allowed)
    window = stated.get(FIRST_WINDOW, volume * opening[FIRST_WINDOW] / opening[VOLUME])
    if window > volume:
        raise BadInput(quota.id, FIRST_WINDOW, found=f"{window:g}", allowed=f"at most the {volume:g} of the year")
    return volume, window, _reserved(quota, day), quota.figures_on(day).get("price_cap_cad")


def quota_on(day: date) -> float:
    """Cars a year that the law lets in within the quota, on a day on which it is open."""
    return _volume(tariff_schedule.get(QUOTA), day)


def _volume(quota: TradeMeasure, day: date) -> float:
    """Cars a year: the figure of the day, after the last one stated that grown by the announced share for each year."""
    figures = quota.figures_on(day)
    if VOLUME in figures:
        return figures[VOLUME]
    begun = [
        (quantity.start, quantity.value)
        for quantity in quota.quantities
        if quantity.name == VOLUME and quantity.start and quantity.start <= day
    ]
    if not begun or GROWTH not in figures:
        raise BadInput(quota.id, "quantities", found=f"no {VOLUME} on {day}", allowed=f"a quota with {VOLUME}")
    start, stated = max(begun)
    years = day.year - start.year - ((day.month, day.day) < (start.month, start.day))
    return float(round(stated * (1 + figures[GROWTH]) ** years))


def _reserved(quota: TradeMeasure, day: date) -> float:
    """Share of the quota for cars under the price cap: the last one stated by the day, a scenario's before the law's.

    The law states years 2 and 5 alone; a share stays until another is stated.
    """
    stated = [
        quantity for quantity in quota.quantities if quantity.name.startswith(CAPPED) and (quantity.start or day) <= day
    ]
    return max(((quantity.start or date.max, quantity.value) for quantity in stated), default=(day, 0.0))[1]


def _rebates(law: Law) -> tuple[float, float]:
    """Federal rebate on battery-electric cars, and on those built in China, which the programme of 2026 leaves out."""
    programme, before = (law.measures.find(name, law.day) for name in (AFFORDABILITY, IZEV))
    if programme is not None and programme.in_force(law.day):
        amounts, name = programme.figures_on(law.day), f"rebate_bev_{law.day.year}_cad"
        if name not in amounts:
            raise BadInput(programme.id, "quantities", found=f"no {name}", allowed="an amount for the year of facts_on")
        return amounts[name], 0.0
    earlier = {} if before is None else before.figures_on(law.day)
    amount = next((earlier[name] for name in ("rebate_cad", "rebate_before_cad") if name in earlier), 0.0)
    return amount, amount


def _us_vehicles(law: Law, us_content: float | Floats) -> float | Floats:
    """US duty on Canadian cars by the claims of 2024; a claimed rate is linear in the US content of a car."""
    claimed = cusma_claims.read().claimed[cusma_claims.VEHICLES]
    none, full, unclaimed = (
        law.rate("united_states", "canada", "passenger_vehicles", claim=claim, us_content=content).rate
        for claim, content in ((True, 0.0), (True, 1.0), (False, 0.0))
    )
    if none is None or full is None or unclaimed is None:
        raise BadInput("vehicles into the United States", found="no single rate", allowed="a share of value")
    return claimed * (none + (full - none) * us_content) + (1 - claimed) * unclaimed


def _content(chosen: Scenario | None, draws: pd.DataFrame | None) -> float | Floats:
    """US content of claimed cars over the draws, else one number."""
    return us_content(chosen) if draws is None else draws["us_content"].to_numpy(dtype=float)


def us_content(chosen: Scenario | None) -> float:
    """US content of claimed cars: fixed by the scenario, else the middle of its prior."""
    fixed = (chosen.assumptions if chosen else {}).get("us_content")
    return assumptions.middle("us_content") if fixed is None else fixed
