"""Trade of a crop whose buyers share their tonnes over origins by a logit in delivered cost.

The share of origin i is a_i exp(-c_i / scale) over the sum of both origins' terms, with c_i the change of its delivered
cost in C$ a tonne and a_i its share in the base; what a buyer pays moves by the index I = -scale ln sum_i a_i exp(-c_i
/ scale), and tonnes by (1 + I / D)^-demand, D being the delivered cost of the base. A small scale is one good, a
large one goods of their own; locally the elasticity between origins is price over scale. Shares are those of a
discrete choice (McFadden 1974), so that tonnes of both origins add up and demand has an exact surplus.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.parameters import LOG_EMBARGO, NOTHING, Drawn, Rows
from tradeexposure.core.arrays import Floats


@dataclass(frozen=True, eq=False)
class Behaviour(Drawn):
    """How buyers, crushers and sellers answer prices; arrays end in the draw.

    Attributes
    ----------
    scale : array (product, draw)
        Scale of the choice between origins, C$ a tonne.
    demand : array (market, 1, draw)
        Elasticity of import demand, positive.
    seed_supply, other_supply, crush_elasticity, home_use, pass_through : array (draw,)
        Elasticities, and the share of a change of the border price that reaches the farm.
    capacity_kt, oil_yield, meal_yield : array (draw,)
        Crush capacity, kt; tonnes per tonne of seed.
    """

    scale: Floats
    demand: Floats
    seed_supply: Floats
    other_supply: Floats
    crush_elasticity: Floats
    home_use: Floats
    pass_through: Floats
    capacity_kt: Floats
    oil_yield: Floats
    meal_yield: Floats


@dataclass(frozen=True, eq=False)
class Sales:
    """Flows at a point; derivatives are to the log prices of Canadian and of the others' goods.

    Attributes
    ----------
    canada, others : array (market, product, draw)
        Tonnes bought from Canada and from other exporters; kt.
    canada_by_own, canada_by_others, others_by_own, others_by_others : array (market, product, draw)
        Derivatives, kt. A rise of the log duty factor acts as one of Canada's log price in its market.
    """

    canada: Floats
    others: Floats
    canada_by_own: Floats
    canada_by_others: Floats
    others_by_own: Floats
    others_by_others: Floats


@dataclass(frozen=True, eq=False)
class Choice:
    """The buyers of all markets under given duties; arrays (market, product, draw), C$ a tonne and kt."""

    log_canada: Floats
    log_others: Floats
    total: Floats
    usual: Floats  # delivered cost in the base
    cost_canada: Floats  # delivered cost at base prices under the duties
    scale: Floats
    demand: Floats

    def take(self, rows: Rows) -> Choice:
        """Only these draws; an array of one draw stands for all."""
        return Choice(**{each.name: _some(getattr(self, each.name), rows) for each in fields(self)})

    def at(self, own: Floats, others: Floats, duty: Floats | None = None) -> Sales:
        """Sales at log prices (product, draw); `duty` adds to the log duty factor of China's seed, (draw,)."""
        canada_cost, rival_cost = self.cost_canada * np.exp(own), self.usual * np.exp(others)
        if duty is not None:
            canada_cost[0, 0] *= np.exp(duty)
        canada = self.log_canada + (self.usual - canada_cost) / self.scale
        rival = self.log_others + (self.usual - rival_cost) / self.scale
        apart = canada - rival
        smaller = np.exp(-np.minimum(np.abs(apart), -NOTHING))
        larger_share = 1 / (1 + smaller)
        smaller_share = smaller * larger_share
        share = np.where(apart > 0, larger_share, smaller_share)
        rest = np.where(apart > 0, smaller_share, larger_share)
        index = -self.scale * (np.maximum(canada, rival) + np.log1p(smaller))
        paid = 1 + index / self.usual
        total = self.total * paid**-self.demand
        shrink = self.demand * total / (self.usual * paid)  # tonnes lost for a C$ on what is paid
        moved = share * rest * (total / self.scale - shrink)  # from one origin to the other for a C$ on one of them
        sold, bought = share * total, rest * total
        return Sales(
            canada=sold,
            others=bought,
            canada_by_own=-canada_cost * (moved + share * shrink),
            canada_by_others=rival_cost * moved,
            others_by_own=canada_cost * moved,
            others_by_others=-rival_cost * (moved + rest * shrink),
        )


def prepare(base: MarketBase, behaviour: Behaviour, log_factor: Floats) -> Choice:
    """The buyers of a base; `log_factor` (market, product, draw) is the log of (1 + duty) over that of the base."""
    total = base.canada_kt + base.others_kt
    some = total > 0
    share = np.divide(base.canada_kt, total, out=np.full(total.shape, 0.5), where=some)
    usual = base.price_cad_t * (1 + base.duty)
    with np.errstate(divide="ignore"):  # an origin that sold nothing sells nothing at any price
        canada, others = np.maximum(np.log(share), NOTHING), np.maximum(np.log1p(-share), NOTHING)
    cost = usual * np.exp(np.minimum(log_factor, LOG_EMBARGO))
    return Choice(canada, others, total, usual, cost, behaviour.scale, behaviour.demand)


def _some(values: Floats, rows: Rows) -> Floats:
    return values if values.shape[-1] == 1 else values[..., rows]
