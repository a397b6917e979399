"""Who in Canada gains or loses on canola: growers, handlers, crushers and users of oil and meal, in C$ a year.

Every line is an area between prices of a regime and those of the base, so that the sum is the area of Canada's net
exports over the border prices: :func:`by_net_exports` integrates that as a second route. Lines are by location; who
owns crushers and elevators is not held.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import exprel

from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.canola.market.logit_solver import CAD_PER_T_TIMES_KT, LogitOutcome
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.policy.tariff_index import MEAL, OIL, SEED

NODES = 24  # of Gauss and Legendre, on either side of the margin at which plants are full


@dataclass(frozen=True, eq=False)
class CanolaAccount:
    """Gains of one regime over another, C$ a year; arrays (draw,)."""

    growers: Floats  #: Surplus on the seed marketed; receipts set its scale.
    handlers: Floats  #: What elevators and railways keep of a change of the border price, on the same tonnes and scale.
    crushers: Floats  #: Surplus along the supply of crush, and the rent of full plants.
    users: Floats  #: Buyers of oil and meal at home.

    @property
    def total(self) -> Floats:
        """Sum of the lines."""
        return self.growers + self.handlers + self.crushers + self.users

    def less(self, account: CanolaAccount) -> CanolaAccount:
        """These gains less others, line by line."""
        return CanolaAccount(
            **{each.name: getattr(self, each.name) - getattr(account, each.name) for each in fields(self)}
        )


def between(base: MarketBase, behaviour: Behaviour, scenario: LogitOutcome, against: LogitOutcome) -> CanolaAccount:
    """Gains of one solved regime over another, both on the same base and behaviour."""
    return gains(base, behaviour, scenario).less(gains(base, behaviour, against))


def gains(base: MarketBase, behaviour: Behaviour, outcome: LogitOutcome) -> CanolaAccount:
    """Gains of one solved regime over the base.

    Raises
    ------
    BadInput
        A pass-through of zero, under which handlers would keep all of a price change without bound.
    """
    through = behaviour.pass_through
    if not (through > 0).all():
        raise BadInput("draws", "farm_pass_through", found="0", allowed="above 0")
    growers = outcome.producer_surplus_cad
    margin, full, power = outcome.margin_ratio, _full_at(base, behaviour), 1 + behaviour.crush_elasticity
    crushed = base.crush_kt * (np.minimum(margin, full) ** power - 1) / power
    rent = behaviour.capacity_kt * np.maximum(margin - full, 0.0)
    change = np.log(outcome.price_ratio[:, OIL:]).T
    area = change * exprel((1 - behaviour.home_use) * change)  # its limit where demand is of unit elasticity
    used = _home_use(base, behaviour)
    return CanolaAccount(
        growers=growers,
        handlers=growers * (1 - through) / through,
        crushers=np.asarray(CAD_PER_T_TIMES_KT * base_margin(base, behaviour) * (crushed + rent)),
        users=np.asarray(-(CAD_PER_T_TIMES_KT * base.price_cad_t[OIL:] * used * area).sum(axis=0)),
    )


def base_margin(base: MarketBase, behaviour: Behaviour) -> Floats:
    """Crush margin of the base, C$ a tonne of seed."""
    price = base.price_cad_t
    return np.asarray(behaviour.oil_yield * price[OIL] + behaviour.meal_yield * price[MEAL] - price[SEED])


def _full_at(base: MarketBase, behaviour: Behaviour) -> Floats:
    """Margin over that of the base at which plants are full."""
    return np.asarray((behaviour.capacity_kt / base.crush_kt) ** (1 / behaviour.crush_elasticity))


def _home_use(base: MarketBase, behaviour: Behaviour) -> Floats:
    """Oil and meal used at home in the base, kt; (2, draw)."""
    produced = np.stack([behaviour.oil_yield, behaviour.meal_yield]) * base.crush_kt
    return np.asarray(produced - base.canada_kt[:, OIL:].sum(axis=0))


def by_net_exports(base: MarketBase, behaviour: Behaviour, scenario: LogitOutcome, against: LogitOutcome) -> Floats:
    """The sum of the account by another route: Canada's net exports integrated over the border prices, (draw,).

    Prices go in a straight line from one regime to the other; the line is cut where plants become full.
    """
    start, end = (base.price_cad_t * outcome.price_ratio.T for outcome in (against, scenario))
    full = _full_at(base, behaviour)
    low, high = against.margin_ratio, scenario.margin_ratio
    with np.errstate(divide="ignore", invalid="ignore"):
        cut = np.where(high != low, (full - low) / (high - low), 0.0)
    cut = np.clip(np.nan_to_num(cut), 0.0, 1.0)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    total = np.zeros_like(low)
    for first, last in ((np.zeros_like(cut), cut), (cut, np.ones_like(cut))):
        for node, weight in zip(nodes, weights, strict=True):
            along = (first + last) / 2 + node * (last - first) / 2
            exports = _net_exports(base, behaviour, start + along * (end - start))
            total += weight * (last - first) / 2 * (exports * (end - start)).sum(axis=0)
    return np.asarray(CAD_PER_T_TIMES_KT * total)


def _net_exports(base: MarketBase, behaviour: Behaviour, price: Floats) -> Floats:
    """Seed, oil and meal that leave Canada at border prices (product, draw); seed marketed at the scale of receipts."""
    farm = 1 + behaviour.pass_through * (price[SEED] - base.price_cad_t[SEED]) / base.farm_price_cad_t
    marketed = base.harvest_kt * farm**behaviour.seed_supply - base.stock_change_kt
    before = base.farm_price_cad_t * (base.harvest_kt - base.stock_change_kt) * CAD_PER_T_TIMES_KT
    margin = behaviour.oil_yield * price[OIL] + behaviour.meal_yield * price[MEAL] - price[SEED]
    wanted = base.crush_kt * (margin / base_margin(base, behaviour)) ** behaviour.crush_elasticity
    crush = np.minimum(wanted, behaviour.capacity_kt)
    home = _home_use(base, behaviour) * (price[OIL:] / base.price_cad_t[OIL:]) ** -behaviour.home_use
    produced = np.stack([behaviour.oil_yield, behaviour.meal_yield]) * crush
    return np.concatenate([(marketed * base.receipts_cad / before - crush)[None], produced - home])
