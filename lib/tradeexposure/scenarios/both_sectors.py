"""One account of both sectors that sums draw by draw, in C$ a year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradeexposure.canola.market.account import CanolaAccount
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import RunFailed
from tradeexposure.vehicles.market.model import VehicleAccount

CANOLA = ("growers", "handlers", "crushers", "users")
VEHICLES = ("car_buyers", "rebates", "surtax_lost", "quota_rent", "revenue")
LINES = (*CANOLA, *VEHICLES)
SUMS = 1e-9  # of the largest line


@dataclass(frozen=True, eq=False)
class Account:
    """Lines by name and their sums; arrays (draw,).

    `canada` is the sum of all :data:`LINES`, `canada_without_crushers` that of all but the crushers, whose owners are
    not held and may be abroad.
    """

    lines: dict[str, Floats]

    @property
    def canada(self) -> Floats:
        """Sum of all lines."""
        return np.asarray(sum(self.lines[name] for name in LINES), dtype=float)

    @property
    def canada_without_crushers(self) -> Floats:
        """Sum of all lines but the crushers'."""
        return np.asarray(self.canada - self.lines["crushers"], dtype=float)


def together(canola: CanolaAccount, vehicles: VehicleAccount) -> Account:
    """Both sectors' lines.

    Raises
    ------
    RunFailed
        Lines that do not sum to the two sectors' totals in some draw.
    """
    lines = {name: np.asarray(getattr(canola, name), dtype=float) for name in CANOLA}
    lines |= {name: np.asarray(getattr(vehicles, name), dtype=float) for name in VEHICLES}
    account = Account(lines)
    size = np.max([np.abs(values) for values in lines.values()], axis=0)
    apart = np.abs(account.canada - (canola.total + vehicles.total))
    if (apart > SUMS * np.maximum(size, 1.0)).any():
        raise RunFailed(f"the account does not sum in draw {int(np.argmax(apart))}: C${apart.max():.0f} apart")
    return account
