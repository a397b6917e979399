"""What US duties do to Canadian vehicles sold there: constant-elasticity demand, the duty passed on in full."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import cusma_claims
from tradeexposure.policy.cusma_claims import EXCHANGE, LINES, VEHICLES, YEAR
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.exposure.sector import PRODUCTION
from tradeexposure.vehicles.market.demand_system import column_of

SHARES = "vehicle_trade_shares"
EXPORTED, ASSEMBLED = "light-duty vehicles exported to the US", "Canada total, light-duty"
HORIZONS = {"one_year": "us_vehicle_demand", "long_run": "us_vehicle_demand_long"}


@dataclass(frozen=True)
class UsBase:
    """Canadian vehicles sold to the United States: `exports_cad` a year, and the share of assembly that goes there."""

    exports_cad: float
    exported_share: float
    cells: pd.DataFrame


@dataclass(frozen=True)
class UsOutcome:
    """One regime beside another, arrays of n draws.

    `vehicle_export_change` is a share of the base's exports, `vehicle_export_change_cad` CAD a year at the border price
    (before duty), `domestic_assembly_change` the share of Canadian assembly that goes with it.
    """

    vehicle_export_change: np.ndarray
    vehicle_export_change_cad: np.ndarray
    domestic_assembly_change: np.ndarray


def calibrate() -> UsBase:
    """Exports of cars of 2024 from the US import lines at that year's mean exchange rate.

    Light trucks of 8704 share their lines with heavy ones and are left out.

    Raises
    ------
    BadInput
        No tariff line of vehicles, a year without twelve months of the exchange rate, a figure not held.
    """
    value = float(cusma_claims.of_heading(data.load(LINES), VEHICLES)["value_usd"].sum())
    rate = cusma_claims.exchange_rate(data.load(EXCHANGE), year=YEAR)
    sold = data.figure(data.load(SHARES), SHARES, period=str(YEAR), measure=EXPORTED)
    assembled = data.figure(data.load(PRODUCTION), PRODUCTION, period=str(YEAR), maker_or_plant=ASSEMBLED)
    rows = [
        ("exports_cad", value * rate, "CAD", f"{LINES} {VEHICLES} x {EXCHANGE} {YEAR}", False),
        (
            "exported_share",
            sold / assembled,
            "share",
            f"{SHARES}: {EXPORTED} / {PRODUCTION}: {ASSEMBLED}, both rounded",
            True,
        ),
    ]
    cells = pd.DataFrame(rows, columns=["cell", "value", "unit", "source", "assumed"])
    return UsBase(value * rate, sold / assembled, cells)


def simulate(
    base: UsBase,
    draws: pd.DataFrame,
    regime: VehicleRegime,
    base_regime: VehicleRegime,
    *,
    horizon: str = "one_year",
) -> UsOutcome:
    """Exports under `regime` against those under `base_regime`: ((1 + t1) / (1 + t0)) ** -elasticity.

    Parameters
    ----------
    draws : DataFrame
        `us_vehicle_demand` (positive elasticity, one year) or `us_vehicle_demand_long`, as `horizon` says.

    Raises
    ------
    BadInput
        An unknown horizon, a missing column, a negative elasticity.
    """
    if horizon not in HORIZONS:
        raise BadInput("us_exports", "horizon", found=horizon, allowed=", ".join(HORIZONS))
    elasticity = column_of(draws, HORIZONS[horizon], allowed="0 or more")
    after, before = (np.asarray(each.us_vehicle_duty, dtype=float) for each in (regime, base_regime))
    share = np.expm1(-elasticity * (np.log1p(after) - np.log1p(before)))
    return UsOutcome(
        vehicle_export_change=share,
        vehicle_export_change_cad=share * base.exports_cad,
        domestic_assembly_change=share * base.exported_share,
    )
