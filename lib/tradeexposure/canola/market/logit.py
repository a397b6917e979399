"""Trade of a crop whose buyers share their tonnes over origins by a logit in delivered cost.

The share of origin i is a_i exp(-c_i / scale) over the sum of both origins' terms, with c_i the change of its delivered
cost in C$ a tonne and a_i its share in the base; what a buyer pays moves by the index I = -scale ln sum_i a_i exp(-c_i
/ scale), and tonnes by (1 + I / D)^-demand, D being the delivered cost of the base. A small scale is one good, a
large one goods of their own; locally the elasticity between origins is price over scale. Shares are those of a
discrete choice (McFadden 1974), so that tonnes of both origins add up and demand has an exact surplus.

And how a draw of the priors becomes behaviour in this market.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.core.arrays import Drawn, Floats
from tradeexposure.policy.assumptions import Horizon
from tradeexposure.policy.tariff_index import AT_CHINA, MARKETS, PRODUCTS, SEED

#: Columns of a frame of draws: the scale of the choice between origins of seed; the elasticity at which rivals' seed
#: turns between China and the rest, infinite in one pool; what the priors say of it.
SEED_SCALE = "seed_scale_cad_t"
KAPPA = "rival_kappa"
TURNING, GROWTH = "rival_turning", "rival_turning_growth"
#: Priors that the market takes, those of its base among them; a scenario's horizon says which supply response.
BASE = ("china_share_of_seed", "meal_elsewhere_kt", "rivals_in_china_kt")
USED = (
    *(SEED_SCALE, *BASE, "spare_capacity", "seed_supply", "oil_substitution", "meal_substitution"),
    *("import_demand_china", "import_demand_others", "home_use_elasticity", "other_supply", "crush_elasticity"),
    KAPPA,
    *("oil_yield", "meal_yield", "farm_pass_through"),
)
#: Log of a share that counts as none; processors are many times slower on numbers beyond it.
NOTHING = -700.0
#: exp(50) is beyond any price that could clear a market, so an infinite duty is solved as this factor.
LOG_EMBARGO = 50.0
Duties = Mapping[tuple[str, str], "float | Floats"]


@dataclass(frozen=True, eq=False)
class Behaviour(Drawn):
    """How buyers, crushers and sellers answer prices; arrays end in the draw."""

    scale: Floats  #: Shape (product, draw). Scale of the choice between origins, C$ a tonne.
    demand: Floats  #: Shape (market, 1, draw). Elasticity of import demand, positive.
    #: Shape (draw,). Elasticities, and the share of a change of the border price that reaches the farm.
    seed_supply: Floats
    other_supply: Floats
    crush_elasticity: Floats
    home_use: Floats
    pass_through: Floats
    #: Shape (draw,). Crush capacity, kt; tonnes per tonne of seed.
    capacity_kt: Floats
    oil_yield: Floats
    meal_yield: Floats
    #: Shape (draw,). One over the elasticity at which rivals' seed turns between China and the rest, k of
    #: :mod:`clearing`.
    turning: Floats


@dataclass(frozen=True, eq=False)
class Slopes:
    """Derivatives of flows to the log prices of Canadian and of the others' goods."""

    #: Shape (product, draw). Of the sums over markets, kt.
    canada_by_own: Floats
    canada_by_others: Floats
    others_by_own: Floats
    others_by_others: Floats
    #: Shape (2, 2, draw). Of both logs of China's seed to both log prices. A rise of the log duty factor acts as one of
    #: Canada's log price there.
    china: Floats


@dataclass(frozen=True, eq=False)
class Sales:
    """Flows at a point."""

    #: Shape (market, product, draw). Tonnes bought from Canada and from other exporters; kt.
    canada: Floats
    others: Floats
    #: Shape (2, draw). Logs of China's seed from Canada and from the others, exact also where next to nothing is
    #: bought.
    china: Floats
    #: Shape (market, product, draw). Of Canada and of the others: delivered cost, over the scale of the choice, and
    #: share. Last what a rise of the index by the scale takes off the log of tonnes.
    cost: Floats
    rival_cost: Floats
    share: Floats
    rest: Floats
    shrink: Floats

    @cached_property
    def slopes(self) -> Slopes:
        """Worked out where they are asked for: half of the work of a search."""
        at, shrink = (AT_CHINA, SEED), self.shrink
        moved = np.subtract(1, shrink)  # from one origin to the other for a scale on one of them
        moved *= self.rest
        moved *= self.canada
        less, fewer = self.canada * shrink, self.others * shrink
        less += moved
        fewer += moved
        return Slopes(
            canada_by_own=-over_markets(self.cost, less),
            canada_by_others=over_markets(self.rival_cost, moved),
            others_by_own=over_markets(self.cost, moved),
            others_by_others=-over_markets(self.rival_cost, fewer),
            china=_slopes(self.share[at], self.rest[at], self.cost[at], self.rival_cost[at], shrink[at]),
        )


@dataclass(frozen=True, eq=False)
class Choice(Drawn):
    """The buyers of all markets under given duties; arrays (market, product, draw)."""

    #: Log of an origin's share in the base plus `usual`.
    log_canada: Floats
    log_others: Floats
    total: Floats  #: Tonnes of both origins in the base, kt.
    #: Delivered cost of Canada's goods at base prices under the duties, and that of the base, over the scale of the
    #: choice.
    canada: Floats
    usual: Floats
    demand: Floats  #: Elasticity of import demand.

    def at(self, own: Floats, others: Floats, premium: Floats, duty: Floats | None = None) -> Sales:
        """Sales at log prices (product, draw).

        `premium`, `duty` (array (draw,)): what is added, for China's seed, to the log price of the others' and to the
        log duty factor of Canada's.
        """
        at = AT_CHINA, SEED
        cost, rival_cost = self.canada * np.exp(own), self.usual * np.exp(others)  # over the scale
        rival_cost[at] *= np.exp(premium)
        if duty is not None:
            cost[at] *= np.exp(duty)
        canada, rival = self.log_canada - cost, self.log_others - rival_cost  # logs of the terms
        apart = rival - canada
        logs = _log_shares(apart[at])
        rest = np.exp(np.clip(apart, NOTHING, -NOTHING, out=apart), out=apart)
        share = 1 / (1 + rest)
        rest *= share
        index = np.maximum(canada, rival, out=canada)  # over minus the scale
        index -= np.log(np.maximum(share, rest, out=rival), out=rival)
        paid = np.divide(index, self.usual, out=rival)  # over what was paid in the base
        np.subtract(1, paid, out=paid)
        total = self.total * paid**-self.demand
        sold = share * total
        china = np.log(total[at]) + logs
        paid *= self.usual
        return Sales(
            canada=sold,
            others=np.subtract(total, sold, out=total),
            china=china,
            cost=cost,
            rival_cost=rival_cost,
            share=share,
            rest=rest,
            shrink=np.divide(self.demand, paid, out=paid),
        )


def _log_shares(apart: Floats) -> Floats:
    """Logs of Canada's and of the others' shares (2, draw) by the log of theirs over Canada's."""
    log_sum = np.maximum(apart, 0) + np.log1p(np.exp(-np.abs(apart)))
    return np.stack([-log_sum, apart - log_sum])


def _slopes(share: Floats, rest: Floats, cost: Floats, rival_cost: Floats, shrink: Floats) -> Floats:
    """Derivatives of the logs of both origins' tonnes to both log prices (2, 2, draw), from both shares and costs."""
    pull = 1 - shrink
    return np.stack([
        [-cost * (rest * pull + shrink), rival_cost * rest * pull],
        [cost * share * pull, -rival_cost * (share * pull + shrink)],
    ])  # fmt: skip


def prepare(base: MarketBase, behaviour: Behaviour, log_factor: Floats) -> Choice:
    """The buyers of a base; `log_factor` (market, product, draw) is the log of (1 + duty) over that of the base."""
    total = base.canada_kt + base.others_kt
    some = total > 0
    share = np.divide(base.canada_kt, total, out=np.full(total.shape, 0.5), where=some)
    usual = base.price_cad_t * (1 + base.duty) / behaviour.scale
    with np.errstate(divide="ignore"):  # an origin that sold nothing sells nothing at any price
        canada, others = np.maximum(np.log(share), NOTHING), np.maximum(np.log1p(-share), NOTHING)
    cost = usual * np.exp(np.minimum(log_factor, LOG_EMBARGO))
    return Choice(canada + usual, others + usual, total, cost, usual, behaviour.demand)


def log_factors(before: Floats, duties: Duties, draws: int) -> Floats:
    """Log of (1 + duty) over that of the base, whose duties are `before` (market, product); shape (*before, draw)."""
    factor = np.zeros((len(MARKETS), len(PRODUCTS), draws))
    for (market, product), duty in duties.items():
        at = MARKETS.index(market), PRODUCTS.index(product)
        factor[at] = np.minimum(np.log1p(duty) - np.log1p(before[at]), LOG_EMBARGO)
    return factor


def over_markets(left: Floats, right: Floats) -> Floats:
    """Products of two arrays (market, product, draw), summed over markets."""
    return np.asarray(np.einsum("mpd,mpd->pd", left, right))


def with_kappa(drawn: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """Draws of the priors with the column :data:`KAPPA`: over the elasticity of supply what :data:`TURNING` says of the
    crop year, and :data:`GROWTH` times that after acreage responds.
    """
    growth = drawn[GROWTH] if horizon == "acreage" else 1.0
    return drawn.assign(**{KAPPA: drawn[TURNING] * growth * drawn["other_supply"]})


def behaviour(base: MarketBase, draws: pd.DataFrame) -> Behaviour:
    """The behaviour that draws stand for at a base.

    The scale of oil and of meal is the base price over the elasticity drawn; capacity lies between the two figures
    that the base holds. Rivals' seed turns at no less than the elasticity of supply, at which markets stand apart.
    """
    column = {name: draws[name].to_numpy(dtype=float) for name in USED}
    price = base.price_cad_t[:, 0]
    demand = [column["import_demand_china" if market == "china" else "import_demand_others"] for market in MARKETS]
    least, most = base.least_capacity_kt, base.most_capacity_kt
    return Behaviour(
        scale=np.stack(
            [column[SEED_SCALE], price[1] / column["oil_substitution"], price[2] / column["meal_substitution"]]
        ),
        demand=np.stack(demand)[:, None],
        seed_supply=column["seed_supply"],
        other_supply=column["other_supply"],
        crush_elasticity=column["crush_elasticity"],
        home_use=column["home_use_elasticity"],
        pass_through=column["farm_pass_through"],
        capacity_kt=np.maximum(least + column["spare_capacity"] * (most - least), base.crush_kt.max()),
        oil_yield=column["oil_yield"],
        meal_yield=column["meal_yield"],
        turning=1 / np.maximum(column[KAPPA], column["other_supply"]),
    )
