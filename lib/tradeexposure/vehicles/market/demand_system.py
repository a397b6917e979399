"""Demand for cars by origin in three nests, derived from one indirect utility so that surplus and demand agree.

A buyer chooses whether to buy, then electric or not, then where it was built. With y the weight of China-built cars and
O that of other electric cars (their sum is one in the base year), X = (O + y)^nest is the electric nest's value,
h = 1 - s + s X that of all cars (s = electric share of the base year), and

    all cars = M h^(b/a),  electric = M s X h^(b/a - 1),  China-built = electric * y / (O + y),

which are minus the price derivatives of M/b * h^(b/a). A price change of dp (C$1,000) multiplies a weight by
exp(-a/nest * dp). See Anderson, de Palma and Thisse, *Discrete Choice Theory of Product Differentiation* (1992), ch. 3.

- a is set so that all electric cars dearer by C$1,000 lose the share `ev_semi_elasticity` of registrations;
- b so that all cars dearer by one per cent lose `market_response` per cent;
- nest so that without the base year's China-built cars `drawn_from_evs` of them would have been other electric cars;
- the weight of China-built cars today is their share c of the base year times what is left of their appeal, and times
  exp(a/nest * gap) for the C$1,000 by which they are cheaper than their rivals today: in the base year they were not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import exprel

from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.core.units import THOUSAND
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, OTHER_CARS, OTHERS, EvBase

TOLERANCE = 1e-13  # in logs: some rounding errors of a double
ROUNDS = 60  # far more than Newton takes from any start, since the functions are concave and increasing
POSITIVE = ("ev_semi_elasticity", "china_appeal")
SHARES = ("tariff_pass_through", "rebate_pass_through", "drawn_from_evs", "rent_kept_abroad", "under_cap_share",
          "china_share_2023", "china_price_gap", "us_built_share", "surtax_kept", "surtax_content",
          "rebate_eligible")  # fmt: skip
OTHERS_CHECKED = ("market_response", "us_car_value_cad")


@dataclass(frozen=True)
class Demand:
    """One demand system per draw; arrays of n draws except the scalars `market` and `electric_share`.

    `china_share` is the China-built share c of electric cars in the base year, `price_response` is a, `market_response`
    b (per C$1,000), `nest` in (0, 1], `appeal` the weight y of today's China-built cars at the base year's duty and
    rebates.
    """

    market: float
    electric_share: float
    china_share: Floats
    price_response: Floats
    market_response: Floats
    nest: Floats
    appeal: Floats

    @property
    def ratio(self) -> Floats:
        """How the number of cars bought answers the value of all cars, as a share of how the electric share does."""
        return self.market_response / self.price_response


@dataclass(frozen=True)
class Purchases:
    """Cars bought at given weights, arrays of n draws: all cars, electric cars, China-built, and log h."""

    market: Floats
    electric: Floats
    china: Floats
    log_value: Floats


def calibrate(base: EvBase, draws: pd.DataFrame) -> Demand:
    """The demand systems of the draws.

    Raises
    ------
    BadInput
        A missing column, a sign or share that is not allowed, or a diversion no nested choice can give.
    NotConverged
        A draw whose equations were not solved.
    """
    check_draws(draws)
    share, china = base.electric / base.market, draws["china_share_2023"].to_numpy(float)
    answer = draws["ev_semi_elasticity"].to_numpy(float)
    per_cent = draws["market_response"].to_numpy(float) / (base.market_price_cad / THOUSAND)
    # The market cannot answer more than electric cars do, or dearer electric cars would sell more of the others.
    market = np.minimum(per_cent, answer)
    within = (answer - market * share) / (1 - share)
    nest = nest_of(draws, share, china, market / within)
    cheaper = draws["china_price_gap"].to_numpy(float) * base.price_cad
    plain = Demand(base.market, share, china, within, market, nest, china * draws["china_appeal"].to_numpy(float))
    return replace(plain, appeal=plain.appeal * weight_factor(plain, -cheaper))


def check_draws(draws: pd.DataFrame) -> None:
    """BadInput at the first draw outside what the model allows."""
    for name in (*POSITIVE, *SHARES, *OTHERS_CHECKED):
        top = 1.0 if name in SHARES else np.inf
        least = np.nextafter(0.0, 1.0) if name in POSITIVE else 0.0
        column_of(draws, name, least=least, most=top, allowed="more than 0" if least else f"from 0 to {top:g}")


def column_of(draws: pd.DataFrame, name: str, *, least: float = 0.0, most: float = np.inf, allowed: str) -> Floats:
    """One value per draw, (draw,); BadInput without it or at the first one that is not finite or out of bounds."""
    if name not in draws:
        raise BadInput("draws", name, found="no such column", allowed="one value per draw")
    values = draws[name].to_numpy(float)
    bad = ~((values >= least) & (values <= most) & np.isfinite(values))
    if bad.any():
        raise BadInput("draws", name, found=f"{values[bad][0]:g} in draw {np.argmax(bad)}", allowed=allowed)
    return values


def nest_of(draws: pd.DataFrame, share: float, china: Floats, ratio: Floats) -> Floats:
    """The nest parameter at which `drawn_from_evs` of the base year's China-built cars displaced electric cars."""
    drawn = draws["drawn_from_evs"].to_numpy(float)
    kept = np.log(1 - china * (1 - drawn))  # electric cars without China-built ones, over those with

    def gap(log_x: Floats) -> tuple[Floats, Floats]:
        h = 1 - share + share * np.exp(log_x)
        return log_x + (ratio - 1) * np.log(h) - kept, 1 + (ratio - 1) * share * np.exp(log_x) / h

    nest = newton(gap, kept, draws, "nest") / np.log(1 - china)
    bad = ~((nest > 0) & (nest <= 1))
    if bad.any():
        drawn_share = f"{drawn[bad][0]:g} in draw {np.argmax(bad)}"
        raise BadInput(
            "draws", "drawn_from_evs", found=drawn_share, allowed="more than the electric share, less than 1"
        )
    return np.asarray(nest)


def weight_for(demand: Demand, china: Floats, others: Floats, draws: pd.DataFrame) -> Floats:
    """The weight of China-built cars at which exactly `china` of them are bought, others' weight given; 0 for none."""
    none = china <= 0
    target = np.log(np.where(none, 1.0, china))

    def gap(log_y: Floats) -> tuple[Floats, Floats]:
        y = np.exp(log_y)
        bought = purchases(demand, y, others)
        electric = bought.electric / bought.market
        part = y / (others + y)
        answer = (1 - electric) + demand.ratio * electric
        return np.log(bought.china) - target, 1 - part + part * demand.nest * answer

    start = target - np.log(demand.market * demand.electric_share)
    return np.where(none, 0.0, np.exp(newton(gap, start, draws, "China-built cars")))


def newton(gap: Callable[[Floats], tuple[Floats, Floats]], start: Floats, draws: pd.DataFrame, what: str) -> Floats:
    """Solve an increasing concave equation for every draw; `gap` returns value and slope.

    For such a function Newton's step never passes the solution from below, so it converges from any start.
    """
    at = start
    for _ in range(ROUNDS):
        value, slope = gap(at)
        step = value / slope
        at = at - step
        if np.all(np.abs(step) <= TOLERANCE * (1 + np.abs(at))):
            return at
    raise not_converged(what, np.abs(value), draws)


def not_converged(what: str, miss: Floats, draws: pd.DataFrame) -> NotConverged:
    """The error that names the worst draw and its parameters."""
    worst = int(np.argmax(np.where(np.isfinite(miss), miss, np.inf)))
    parameters = {str(name): float(value) for name, value in draws.iloc[worst].items()}
    return NotConverged(f"electric cars ({what})", draw=worst, parameters=parameters, residual=float(miss[worst]))


def purchases(demand: Demand, china: Floats, others: Floats) -> Purchases:
    """Cars bought when China-built cars weigh `china` and other electric cars `others`."""
    value = (china + others) ** demand.nest
    h = 1 - demand.electric_share + demand.electric_share * value
    market = demand.market * h**demand.ratio
    electric = market * demand.electric_share * value / h
    return Purchases(market, electric, electric * china / (china + others), np.log(h))


def by_origin(base: EvBase, bought: Purchases) -> dict[str, Floats]:
    """Registrations by origin: other electric cars in the base year's proportions, since their prices move alike."""
    other_electric = base.electric - base.registrations[CHINA_BUILT]
    rest = bought.electric - bought.china
    others = {origin: rest * (base.registrations[origin] / other_electric) for origin in OTHERS}
    return {CHINA_BUILT: bought.china, **others, OTHER_CARS: bought.market - bought.electric}


def surplus(demand: Demand, log_value: Floats) -> Floats:
    """Consumer surplus over that of the base year's market, CAD: M/b (h^(b/a) - 1), its limit where b is zero."""
    return demand.market / demand.price_response * log_value * exprel(demand.ratio * log_value) * THOUSAND


def weight_factor(demand: Demand, price_change_cad: Floats) -> Floats:
    """What a change in price (CAD) multiplies a weight by."""
    return np.exp(-demand.price_response / demand.nest * price_change_cad / THOUSAND)


def price_change(demand: Demand, weight: Floats, counterpart: Floats) -> Floats:
    """The change in price (CAD) that takes `weight` to `counterpart`; infinite where `counterpart` is zero."""
    with np.errstate(divide="ignore"):
        return demand.nest / demand.price_response * np.log(weight / counterpart) * THOUSAND
