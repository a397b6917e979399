"""What the United States bought of Canada in 2024, as far as its duties depend on it: claims, values, weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from tradeexposure import data, us_exposure
from tradeexposure.core.errors import BadInput

YEAR = 2024
VEHICLES = "8703"
# Tariff line → product of the canola model, and the name of its duty in ``data/parameters``.
CANOLA = {
    "1205": ("seed", "canola_seed"),
    "151411": ("oil", "canola_oil_crude"),
    "151419": ("oil", "canola_oil_refined"),
    "230641": ("meal", "canola_meal"),
}
BY_WEIGHT = ("seed", "meal")
SNAPSHOTS, EXCHANGE = "canola_export_snapshots", "exchange_rate_monthly"
TABLES = (us_exposure.LINES, us_exposure.RATES, SNAPSHOTS, EXCHANGE)
KG_PER_TONNE = 1000.0


@dataclass(frozen=True)
class Sales:
    """Imports of 2024.

    Attributes
    ----------
    value_usd, claimed : mapping
        Tariff line → value, and share of it entered under CUSMA (2024).
    by_weight : mapping
        Product → its ordinary duty by weight, as a share of the unit value of Canada's exports there in 2024.
    """

    value_usd: Mapping[str, float]
    claimed: Mapping[str, float]
    by_weight: Mapping[str, float]


def read() -> Sales:
    """The sales of 2024; tables of the same content are read once, since a grid asks for every row."""
    return _read(tuple(str(data.describe(name)["hash"]) for name in TABLES))


@lru_cache(maxsize=4)
def _read(hashes: tuple[str, ...]) -> Sales:
    """Read the tables that have these hashes."""
    lines, rates, sold, exchange = (data.load(name) for name in TABLES)
    shares = {line: us_exposure.claim_shares(lines, line) for line in (*CANOLA, VEHICLES)}
    cad_per_usd = float(exchange.loc[exchange["month"].dt.year == YEAR, "cad_per_usd"].mean())
    return Sales(
        MappingProxyType({line: float(found["value_usd"]) for line, found in shares.items()}),
        MappingProxyType({line: float(found["cusma_2024"]) for line, found in shares.items()}),
        MappingProxyType({product: _by_weight(product, rates, sold, cad_per_usd) for product in BY_WEIGHT}),
    )


def _by_weight(product: str, rates: pd.DataFrame, sold: pd.DataFrame, cad_per_usd: float) -> float:
    """The duty by weight on one product over its unit value, both in C$ a tonne."""
    duty = rates.loc[rates["product"] == f"canola {product}", "mfn_specific_usd_per_kg"].dropna().unique()
    there = sold.query("year == @YEAR and market == 'United States' and product == @product")
    if len(duty) != 1 or len(there) != 1:
        found = f"{len(duty)} duties and {len(there)} unit values"
        raise BadInput(f"duty by weight on {product}", found=found, allowed="one of each")
    unit_value = there["value_cad"].iloc[0] / there["volume_t"].iloc[0]
    return float(duty[0] * KG_PER_TONNE * cad_per_usd / unit_value)
