"""What a solved market says of one regime, and how batches of draws become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self, TypeVar

import numpy as np

from tradeexposure.canola.market.base_year import check_keys
from tradeexposure.core.arrays import Floats, Rows
from tradeexposure.policy.canola_cells import MARKETS, PRODUCTS

CAD_PER_T_TIMES_KT = 1e3  # C$/t × kt in C$


@dataclass(frozen=True, eq=False)
class CanolaOutcome:
    """One regime against the base; arrays (draw,) unless said otherwise. Two regimes differ by their difference.

    Attributes
    ----------
    farm_price_change : share of the base farm price
    producer_surplus_cad : C$ a year, change against the base, on the seed marketed (harvest less stock change)
    receipts_change_cad : C$ a year, change against the base
    volume_kt : array (draw, market, product), level; kt a year from Canada, by market of destination
    export_value_cad : array (draw, market, product), level; the same at the border, before duty
    diverted_kt : rise of seed to all markets but China against the base
    crush_kt, supply_kt : level
    residual : largest market-clearing, adding-up or accounting residual, share of the base flow
    """

    farm_price_change: Floats
    producer_surplus_cad: Floats
    receipts_change_cad: Floats
    volume_kt: Floats
    export_value_cad: Floats
    diverted_kt: Floats
    crush_kt: Floats
    supply_kt: Floats
    residual: Floats

    def volume(self, market: str, product: str) -> Floats:
        """Tonnes of one market and product, kt; array (draw,)."""
        check_keys([(market, product)])
        return np.asarray(self.volume_kt[:, MARKETS.index(market), PRODUCTS.index(product)])

    def take(self, rows: Rows) -> Self:
        """Only these draws."""
        return type(self)(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def value(self, market: str, product: str) -> Floats:
        """Export value of one market and product, C$; array (draw,)."""
        check_keys([(market, product)])
        return np.asarray(self.export_value_cad[:, MARKETS.index(market), PRODUCTS.index(product)])


OutcomeT = TypeVar("OutcomeT", bound=CanolaOutcome)


def joined(parts: Sequence[OutcomeT]) -> OutcomeT:
    """Batches of draws, one after the other, as one outcome."""
    names = [each.name for each in fields(parts[0])]
    return type(parts[0])(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
