"""What one regime charges and pays on vehicles: Canada's tariff and quota on China-built cars, rebates, the US duty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradeexposure.core.errors import BadInput

Rate = float | np.ndarray


@dataclass(frozen=True)
class VehicleRegime:
    """Duties, quota and rebates in force together; rates are shares of customs value, scalar or one per draw.

    Parameters
    ----------
    china_within : float or array
        Duty on China-built electric cars within the quota, or on all of them where there is no quota.
    china_above : float, array or None
        Duty above the quota; None = no entry above it. Without a quota it has no effect.
    quota : float or None
        Cars a year; None = no quota.
    price_capped_share : float
        Share of the quota reserved for cars under the price cap.
    price_cap_cad : float or None
        That cap, CAD a car; shown, not computed with: the draw `under_cap_share` says how much of it is used.
    rebate_cad, rebate_china_cad : float
        Rebate on the purchase of other and of China-built electric cars, CAD a car.
    china_open : bool
        Whether China-built cars enter without the surtax; shown, not computed with.
    us_vehicle_duty : float or array
        Average US duty on Canadian vehicles, after claims and US content.

    Raises
    ------
    BadInput
        A negative rate, quota or rebate, a share outside 0 to 1, a rate above the quota below the one within it.
    """

    china_within: Rate
    china_above: Rate | None = None
    quota: float | None = None
    price_capped_share: float = 0.0
    price_cap_cad: float | None = None
    rebate_cad: float = 0.0
    rebate_china_cad: float = 0.0
    us_vehicle_duty: Rate = 0.0
    china_open: bool = True

    def __post_init__(self) -> None:
        for name in ("china_within", "china_above", "quota", "price_cap_cad", "rebate_cad", "rebate_china_cad"):
            _refuse(name, getattr(self, name), "a number, 0 or more", top=np.inf)
        _refuse("us_vehicle_duty", self.us_vehicle_duty, "a number, 0 or more", top=np.inf)
        _refuse("price_capped_share", self.price_capped_share, "a share from 0 to 1", top=1.0)
        if self.china_above is not None and np.any(np.asarray(self.china_above) < self.china_within):
            raise BadInput(
                "vehicle regime",
                "china_above",
                found=str(self.china_above),
                allowed="the rate within the quota or more",
            )


def _refuse(name: str, value: Rate | None, allowed: str, *, top: float) -> None:
    if value is None:
        return
    given = np.asarray(value, dtype=float)
    if not np.all((given >= 0) & (given <= top)):
        raise BadInput("vehicle regime", name, found=str(value), allowed=allowed)
