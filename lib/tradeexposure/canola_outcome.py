"""What the canola model tells the analyst about one regime, and how far its accounts are from closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tradeexposure import canola_balance
from tradeexposure.canola_balance import SEED, Point
from tradeexposure.canola_base import CanolaBase, Floats, check_keys
from tradeexposure.canola_cells import MARKETS, PRODUCTS
from tradeexposure.canola_parameters import Given

CHINA, REST = MARKETS.index("china"), MARKETS.index("others")
CAD_PER_T_TIMES_KT = 1e3  # C$/t × kt in C$


@dataclass(frozen=True, eq=False)
class CanolaOutcome:
    """One regime against the base; arrays (draw,) unless said otherwise. Two regimes differ by their difference.

    Attributes
    ----------
    farm_price_change : share of the base farm price
    producer_surplus_cad : C$ a year, change against the base, on the seed marketed (harvest less stock change)
    receipts_change_cad : C$ a year, change against the base
    volume_kt : array (draw, market, product), level; kt a year from Canada, by market of destination. What reaches
        China through third countries is in `others`.
    export_value_cad : array (draw, market, product), level; the same at the border, before duty
    diverted_kt : rise of seed to all markets but China (re-routed seed included) against the base
    rerouted_kt : array (draw, product), level; part of `others` that ends in China
    crush_kt, supply_kt : level
    crush_at_capacity : whether capacity binds
    residual : largest market-clearing, adding-up or accounting residual, share of the base flow
    """

    farm_price_change: Floats
    producer_surplus_cad: Floats
    receipts_change_cad: Floats
    volume_kt: Floats
    export_value_cad: Floats
    diverted_kt: Floats
    rerouted_kt: Floats
    crush_kt: Floats
    supply_kt: Floats
    crush_at_capacity: Floats
    residual: Floats

    def volume(self, market: str, product: str) -> Floats:
        """Tonnes of one market and product, kt; array (draw,)."""
        check_keys([(market, product)])
        return np.asarray(self.volume_kt[:, MARKETS.index(market), PRODUCTS.index(product)])

    def value(self, market: str, product: str) -> Floats:
        """Export value of one market and product, C$; array (draw,)."""
        check_keys([(market, product)])
        return np.asarray(self.export_value_cad[:, MARKETS.index(market), PRODUCTS.index(product)])


def outcome(base: CanolaBase, given: Given, point: Point) -> CanolaOutcome:
    """What the analyst reads, from a solved point."""
    trade = point.trade
    volume = trade.canada.copy()
    volume[CHINA] -= trade.rerouted
    volume[REST] += trade.rerouted
    price = base.price_cad_t[:, None] * np.exp(trade.log_price)
    elsewhere = volume[:, SEED].sum(axis=0) - volume[CHINA, SEED]
    marketed, usual = point.supply_kt - base.stock_change_kt, base.harvest_kt - base.stock_change_kt
    return CanolaOutcome(
        farm_price_change=point.farm_price - 1,
        producer_surplus_cad=_producer_surplus(base, given, point.farm_price),
        receipts_change_cad=base.receipts_cad * (point.farm_price * marketed / usual - 1),
        volume_kt=np.moveaxis(volume, -1, 0),
        export_value_cad=np.moveaxis(volume * price * CAD_PER_T_TIMES_KT, -1, 0),
        diverted_kt=elsewhere - (base.canada_kt[:, SEED].sum() - base.canada_kt[CHINA, SEED]),
        rerouted_kt=trade.rerouted.T,
        crush_kt=point.crush_kt,
        supply_kt=point.supply_kt,
        crush_at_capacity=point.at_capacity,
        residual=_residual(base, given, point, volume),
    )


def joined(parts: Sequence[CanolaOutcome]) -> CanolaOutcome:
    """Batches of draws, one after the other, as one outcome."""
    names = [each.name for each in fields(CanolaOutcome)]
    return CanolaOutcome(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _producer_surplus(base: CanolaBase, given: Given, farm_price: Floats) -> Floats:
    """Area left of the supply curve of marketed seed between the two farm prices; receipts set its scale.

    Marketed seed at price p (relative) is H p^e - R with harvest H and stock change R, so the area is
    H (p^(1+e) - 1) / (1 + e) - R (p - 1), and the base receipts are worth H - R.
    """
    power = 1 + given.seed_supply
    area = base.harvest_kt * (farm_price**power - 1) / power - base.stock_change_kt * (farm_price - 1)
    return np.asarray(base.receipts_cad * area / (base.harvest_kt - base.stock_change_kt))


def _residual(base: CanolaBase, given: Given, point: Point, volume: Floats) -> Floats:
    """Largest of: markets that do not clear, origins that do not add up, and the accounts of seed, oil and meal."""
    size = canola_balance.scales(base, given)[: canola_balance.GOODS]
    trade, exports = point.trade, volume.sum(axis=0)
    apart = np.abs(trade.canada + trade.others - trade.total).max(axis=0)
    made = np.stack([given.oil_yield, given.meal_yield]) * point.crush_kt
    seed = point.supply_kt - exports[SEED] - point.crush_kt - base.stock_change_kt
    accounts = np.concatenate([seed[None], made - point.home_kt - exports[canola_balance.OIL :]])
    floor = np.where(point.farm_price > canola_balance.FLOOR, 0.0, np.inf)  # no solution without a farm price
    parts = [np.abs(point.left), np.abs(accounts) / size, apart / size, floor[None]]
    found = np.concatenate(parts).max(axis=0)
    return np.where(np.isfinite(found), found, np.inf)
