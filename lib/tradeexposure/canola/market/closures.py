"""The two trade closures of the canola model: how importers divide their purchases between Canada and the others.

``armington``: importers tell seed apart by origin, with constant elasticity in shares of tonnes. The shares of tonnes
are a_i c_i^-s / sum_j a_j c_j^-s, so tonnes of both origins add up to the market's, which a textbook CES does not do.
The price index is (sum_j a_j c_j^-s)^(-1/s): its elasticity to each origin's price is that origin's share, and it stays
finite when one origin is shut out.

``homogeneous``: one good; buyers take the cheaper origin, and switching outside China costs a wedge. Let r be the log
ratio of Canada's to the others' price and d a market's log duty factor. China buys from Canada only while d + r <= 0.
In another market Canada keeps its base share while the ratio stays within the wedge, gains the rest of the market below
it, and loses its own part above. Each such switch is a tie: r stands still while tonnes move. The coordinate
z = r + (tonnes moved) grows along ties and between them, so r and all shares are continuous functions of z (Minty's
parametrisation of a complementarity problem) and Newton's method applies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tradeexposure.canola.market.base_year import CanolaBase
from tradeexposure.canola.market.logit import NOTHING, over_markets
from tradeexposure.canola.market.parameters import Draws
from tradeexposure.core.arrays import Floats, Rows
from tradeexposure.policy.canola_cells import AT_CHINA, MARKETS

ELSEWHERE = [at for at in range(len(MARKETS)) if at != AT_CHINA]
#: Market and order of every tie. Where ties fall together, gains elsewhere come before losses.
TIES = [*((at, 0) for at in ELSEWHERE), (AT_CHINA, 1), *((at, 2) for at in ELSEWHERE)]
PLACES, ORDER = np.array([at for at, _ in TIES]), np.array([order for _, order in TIES])
SAME = 1e-12  # log points; ties closer than this are one tie, and markets move in proportion
LOWEST_START, FURTHEST_START = -0.25, -1.0  # log points; only starts, the solution may lie below
NO_PRICE = 1e-300  # keeps the log of a price that underflows finite
NO_TONNES = 1e-300  # keeps the slope of an empty tie finite
#: A wedge of the whole price would leave the others nothing to gain; the log below it must exist.
WIDEST_WEDGE = 0.99
#: The two closures of the canola model, in the order in which they are pooled.
CLOSURES = ("armington", "homogeneous")


@dataclass(frozen=True, eq=False)
class Trade:
    """Flows at a point; `_by_own` and `_by_others` are derivatives to the two coordinates of the same product.

    Attributes
    ----------
    canada, others, total : array (market, product, draw)
        Tonnes bought from Canada, from other exporters, and in all; kt. Canada's include what is re-routed.
    rerouted : array (product, draw)
        Part of China's tonnes from Canada that arrive through third countries; kt.
    log_price : array (product, draw)
        Log of Canada's border price relative to the base.
    canada_by_own, canada_by_others, others_by_own, others_by_others : array (product, draw)
        Derivatives of the sums over markets.
    price_by_own, price_by_others : array (product, draw)
        Derivatives of the log price.
    """

    canada: Floats
    others: Floats
    total: Floats
    rerouted: Floats
    log_price: Floats
    canada_by_own: Floats
    canada_by_others: Floats
    others_by_own: Floats
    others_by_others: Floats
    price_by_own: Floats
    price_by_others: Floats


class Closure(Protocol):
    """How importers divide their purchases, at a coordinate of Canadian goods and the log price of the others'."""

    @property
    def drawn(self) -> Draws: ...

    def start(self) -> Floats: ...

    def take(self, rows: Rows) -> Closure: ...

    def at(self, own: Floats, others: Floats) -> Trade: ...


def shares_of_canada(base: CanolaBase) -> tuple[Floats, Floats]:
    """Canada's share and the total of every market and product, kt; a market that buys none has share 0."""
    total = base.canada_kt + base.others_kt
    return np.divide(base.canada_kt, total, out=np.zeros_like(total), where=total > 0), total


@dataclass(frozen=True, eq=False)
class Armington:
    """The closure for given duties; coordinates are the log prices of both origins, relative to the base."""

    drawn: Draws
    log_canada: Floats
    log_others: Floats
    total: Floats

    def start(self) -> Floats:
        """Coordinates (product, draw) of the base: no price has moved."""
        return np.zeros(self.drawn.log_factor.shape[1:])

    def take(self, rows: Rows) -> Armington:
        """Only these draws."""
        return Armington(self.drawn.take(rows), self.log_canada, self.log_others, self.total)

    def at(self, own: Floats, others: Floats) -> Trade:
        """Trade at log prices of Canadian and of other exporters' goods, both (product, draw)."""
        sigma, eta = self.drawn.substitution, self.drawn.demand
        canada = sigma * (self.drawn.log_factor + own)
        np.subtract(self.log_canada, canada, out=canada)
        rival = sigma * others
        np.subtract(self.log_others, rival, out=rival)
        share = np.exp(np.clip(rival - canada, NOTHING, -NOTHING))  # the others' term over Canada's
        share += 1
        np.reciprocal(share, out=share)
        rest = 1 - share
        index = np.maximum(canada, rival, out=canada)
        index -= np.log(np.maximum(share, rest, out=rival))
        total = np.exp(eta / sigma * index)
        total *= self.total
        sold = share * total
        bought = total - sold
        cross = over_markets((sigma - eta) * sold, rest)  # what the other origin gains where one gets dearer
        return Trade(
            canada=sold,
            others=bought,
            total=total,
            rerouted=np.zeros(own.shape),
            log_price=own,
            canada_by_own=-over_markets(eta, sold) - cross,
            canada_by_others=cross,
            others_by_own=cross,
            others_by_others=-over_markets(eta, bought) - cross,
            price_by_own=np.ones(own.shape),
            price_by_others=np.zeros(own.shape),
        )


def armington(base: CanolaBase, drawn: Draws) -> Armington:
    """The closure of a base under the duties and elasticities of `drawn`."""
    share, total = shares_of_canada(base)
    with np.errstate(divide="ignore"):  # an origin that sold nothing sells nothing at any price
        return Armington(drawn, np.log(share)[..., None], np.log1p(-share)[..., None], total[..., None])


@dataclass(frozen=True, eq=False)
class Homogeneous:
    """The closure for given duties; ties as array (tie, product, draw).

    `given_up` is what Canada has left to others, as a share of all tonnes, where a tie begins; `begins` is the
    coordinate there, `length` of the tie (with others that move together), `tonnes` its own. `cost` (market, product,
    draw) is the wedge, a share of the price, that a switch of origin costs the buyer.
    """

    drawn: Draws
    share: Floats
    total: Floats
    cost: Floats
    begins: Floats
    given_up: Floats
    length: Floats
    tonnes: Floats

    def start(self) -> Floats:
        """Coordinates (product, draw) at which Canada would sell its base tonnes in all, if no market shrank.

        Where only a market behind a very high duty could take them, the price starts between :data:`FURTHEST_START`
        and :data:`LOWEST_START` instead.
        """
        left = 1 - (self.share * self.total).sum(axis=0) / self.total.sum(axis=0)
        into = left - self.given_up
        inside = (into >= -SAME) & (into <= self.length + SAME)
        selling = np.where(inside, self.begins + into, np.inf).min(axis=0)
        place = self.begins - self.given_up
        lowest = np.clip(place[: len(ELSEWHERE)].min(axis=0), FURTHEST_START, LOWEST_START)
        return np.asarray(np.maximum(selling, lowest + ((place < lowest) * self.tonnes).sum(axis=0)))

    def take(self, rows: Rows) -> Homogeneous:
        """Only these draws."""
        parts = (self.begins[..., rows], self.given_up[..., rows], self.length[..., rows], self.tonnes)
        return Homogeneous(self.drawn.take(rows), self.share, self.total, self.cost[..., rows], *parts)

    def at(self, own: Floats, others: Floats) -> Trade:
        """Trade at the coordinate of Canadian goods and the log price of the others', both (product, draw)."""
        along = (own - self.begins) / self.length
        passed, on = np.clip(along, 0, 1), (along > 0) & (along < 1)
        moving = on / self.length
        ratio = own - (self.tonnes * passed).sum(axis=0)
        slope = np.where(on.any(axis=0), 0.0, 1.0)
        gained, lost = self._switched(1 - passed, passed, before=1.0)
        faster, slower = self._switched(-moving, moving, before=0.0)
        return self._trade((gained, lost), (faster, slower), ratio, slope, others)

    def _switched(self, ahead: Floats, behind: Floats, *, before: float) -> tuple[Floats, Floats]:
        """Shares of each market that Canada gained and lost, from the parts of the ties ahead and behind.

        With `before` 0 the same for their derivatives. China's are one number, negative for a loss.
        """
        shape = (len(MARKETS), *ahead.shape[1:])
        gained, lost = np.zeros(shape), np.zeros(shape)
        many, base = len(ELSEWHERE), self.share[ELSEWHERE]
        gained[AT_CHINA] = ahead[many] - before * self.share[AT_CHINA]
        gained[ELSEWHERE] = (1 - base) * ahead[:many]
        lost[ELSEWHERE] = base * behind[many + 1 :]
        return gained, lost

    def _trade(
        self,
        switched: tuple[Floats, Floats],
        slopes: tuple[Floats, Floats],
        ratio: Floats,
        slope: Floats,
        others: Floats,
    ) -> Trade:
        """Demand follows what buyers pay with the cost of switching, which is real: no one receives it."""
        eta, (gained, lost), (gaining, losing) = self.drawn.demand, switched, slopes
        share, share_slope = np.clip(self.share + gained - lost, 0, 1), gaining - losing
        dearer = np.exp(self.drawn.log_factor + ratio)
        cheaper, costlier = 1 / (1 - self.cost), 1 + self.cost
        held = self.share - lost + gained * cheaper
        paid = np.maximum(held * dearer + lost * costlier + 1 - self.share - gained, NO_PRICE)  # to the others' price
        paid_slope = held * dearer * slope + gaining * (dearer * cheaper - 1) + losing * (costlier - dearer)
        total = self.total * np.exp(-eta * (others + np.log(paid)))
        total_slope = -eta * total * paid_slope / paid
        sold, sold_slope = share * total, share * total_slope + share_slope * total
        sold_by_others, total_by_others = -eta * sold, -eta * total
        rerouted = self._reroute(sold, total, (sold_slope, sold_by_others), (total_slope, total_by_others))
        return Trade(
            canada=sold,
            others=total - sold,
            total=total,
            rerouted=rerouted,
            log_price=ratio + others,
            canada_by_own=sold_slope.sum(axis=0),
            canada_by_others=sold_by_others.sum(axis=0),
            others_by_own=(total_slope - sold_slope).sum(axis=0),
            others_by_others=(total_by_others - sold_by_others).sum(axis=0),
            price_by_own=slope,
            price_by_others=np.ones(others.shape),
        )

    def _reroute(
        self, sold: Floats, total: Floats, sold_slopes: tuple[Floats, Floats], total_slopes: tuple[Floats, Floats]
    ) -> Floats:
        """Move to Canada, in place, the share of China's lost purchases that come through third countries."""
        share = self.drawn.rerouting
        lost = np.maximum(self.share[AT_CHINA] * self.total[AT_CHINA] - sold[AT_CHINA], 0)
        room = total[AT_CHINA] - sold[AT_CHINA]
        full = share * lost > room
        rerouted = np.where(full, room, share * lost)
        for by_sold, by_total in zip(sold_slopes, total_slopes, strict=True):
            some = np.where(lost > 0, -share * by_sold[AT_CHINA], 0.0)
            by_sold[AT_CHINA] += np.where(full, by_total[AT_CHINA] - by_sold[AT_CHINA], some)
        sold[AT_CHINA] += rerouted
        return rerouted


def china_gives_up(drawn: Draws) -> Floats:
    """Log duty factors (product, draw) in China at which Canada cuts its price by the others' whole wedge.

    Elsewhere duties are those of the base. Up to there Canada pays China's duty to keep it; beyond, it sells elsewhere.
    """
    return np.asarray(-np.log1p(-np.minimum(drawn.wedge, WIDEST_WEDGE)))


def homogeneous(base: CanolaBase, drawn: Draws) -> Homogeneous:
    """The closure of a base under the duties and wedges of `drawn`."""
    share, total = shares_of_canada(base)
    wedge = np.minimum(drawn.wedge, WIDEST_WEDGE)
    steps = np.stack([np.log1p(-wedge), np.zeros_like(wedge), np.log1p(wedge)])
    place = steps[ORDER] - drawn.log_factor[PLACES]
    weight = np.stack([1 - share, np.ones_like(share), share])
    moved = weight[ORDER, PLACES] * total[PLACES] / total.sum(axis=0)
    tonnes = np.maximum(moved, NO_TONNES)[..., None]
    given_up, length = _along(place, tonnes)
    cost = np.repeat(wedge[None], len(MARKETS), axis=0)
    cost[AT_CHINA] = 0
    return Homogeneous(drawn, share[..., None], total[..., None], cost, place + given_up, given_up, length, tonnes)


def _along(place: Floats, tonnes: Floats) -> tuple[Floats, Floats]:
    """Tonnes given up before each tie, and its length; ties of one order at one place share their stretch."""
    given_up, length = np.zeros(place.shape), np.zeros(place.shape)
    for place_of_one, order, moved in zip(place, ORDER, tonnes, strict=True):
        apart = place - place_of_one
        first = np.where(order < ORDER, -SAME, SAME)[:, None, None]  # where both fall together the order decides
        given_up += np.where(apart > first, moved, 0.0)
        alike = order == ORDER
        length[alike] += np.where(np.abs(apart[alike]) <= SAME, moved, 0.0)
    return given_up, length
