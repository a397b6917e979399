"""Trade closure for a crop that importers tell apart by origin: constant elasticity in shares of tonnes.

The shares of tonnes are a_i c_i^-s / sum_j a_j c_j^-s, so tonnes of both origins add up to the market's, which a
textbook CES does not do. The price index is (sum_j a_j c_j^-s)^(-1/s): its elasticity to each origin's price is that
origin's share, and it stays finite when one origin is shut out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradeexposure.canola_base import CanolaBase, Floats
from tradeexposure.canola_parameters import Given, Rows
from tradeexposure.canola_trade import Trade, shares_of_canada

#: Log of a ratio of sales that counts as none; processors are many times slower on numbers beyond it.
NOTHING = -700.0


@dataclass(frozen=True, eq=False)
class Armington:
    """The closure for given duties; coordinates are the log prices of both origins, relative to the base."""

    given: Given
    log_canada: Floats
    log_others: Floats
    total: Floats

    def start(self) -> Floats:
        """Coordinates (product, draw) of the base: no price has moved."""
        return np.zeros(self.given.log_factor.shape[1:])

    def take(self, rows: Rows) -> Armington:
        """Only these draws."""
        return Armington(self.given.take(rows), self.log_canada, self.log_others, self.total)

    def at(self, own: Floats, others: Floats) -> Trade:
        """Trade at log prices of Canadian and of other exporters' goods, both (product, draw)."""
        sigma, eta = self.given.substitution, self.given.demand
        canada = self.log_canada - sigma * (self.given.log_factor + own)
        rival = self.log_others - sigma * others
        apart = canada - rival
        # The smaller of the two over the larger, which overflows at no price.
        smaller = np.exp(np.maximum(-np.abs(apart), NOTHING)) - np.exp(NOTHING)
        share = np.where(apart > 0, 1.0, smaller) / (1 + smaller)
        total = self.total * np.exp(eta / sigma * (np.maximum(canada, rival) + np.log1p(smaller)))
        rest = 1 - share
        sold, bought = share * total, rest * total
        cross = ((sigma - eta) * sold * rest).sum(axis=0)  # what the other origin gains where one gets dearer
        return Trade(
            canada=sold,
            others=bought,
            total=total,
            rerouted=np.zeros(own.shape),
            log_price=own,
            canada_by_own=-(eta * sold).sum(axis=0) - cross,
            canada_by_others=cross,
            others_by_own=cross,
            others_by_others=-(eta * bought).sum(axis=0) - cross,
            price_by_own=np.ones(own.shape),
            price_by_others=np.zeros(own.shape),
        )


def prepare(base: CanolaBase, given: Given) -> Armington:
    """The closure of a base under the duties and elasticities of `given`."""
    share, total = shares_of_canada(base)
    with np.errstate(divide="ignore"):  # an origin that sold nothing sells nothing at any price
        return Armington(given, np.log(share)[..., None], np.log1p(-share)[..., None], total[..., None])
