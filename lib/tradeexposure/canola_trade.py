"""What both trade closures hand to the model of canola: flows, prices and their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tradeexposure.canola_base import CanolaBase, Floats
from tradeexposure.canola_parameters import Given, Rows


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
    def given(self) -> Given: ...

    def start(self) -> Floats: ...

    def take(self, rows: Rows) -> Closure: ...

    def at(self, own: Floats, others: Floats) -> Trade: ...


def shares_of_canada(base: CanolaBase) -> tuple[Floats, Floats]:
    """Canada's share and the total of every market and product, kt; a market that buys none has share 0."""
    total = base.canada_kt + base.others_kt
    return np.divide(base.canada_kt, total, out=np.zeros_like(total), where=total > 0), total
