"""What changes from one regime to the other: outputs over draws, from the two solutions of every model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.econometrics.draws import FloatArray, Spread, spread
from tradeexposure.scenarios.simulation.models import SEED_TO_CHINA, Pair, Simulation
from tradeexposure.vehicles.market import quota
from tradeexposure.vehicles.market.base_year import CANADA, CHINA, ORIGINS, OTHER_CARS

US_OIL = ("united_states", "oil")
EXPORTS = "vehicle_export_change_cad"
#: Origins whose registrations China-built cars displace, and cars that are not electric.
DISPLACED = (*(origin for origin in ORIGINS if origin != CHINA), OTHER_CARS)


@dataclass(frozen=True)
class Ensemble:
    """One output of the canola model.

    Attributes
    ----------
    by_closure : mapping of str to ndarray
        One number per draw, by closure, all of the same length and in the same order of draws.
    """

    by_closure: Mapping[str, FloatArray]

    @property
    def pooled(self) -> FloatArray:
        """All draws of all closures, each closure with the same weight; shape (closures × draws,)."""
        return np.concatenate(list(self.by_closure.values()))

    @property
    def spreads(self) -> dict[str, Spread]:
        """Spread by closure, the pooled one under the empty name, first."""
        return {"": spread(self.pooled), **{name: spread(values) for name, values in self.by_closure.items()}}

    @property
    def apart(self) -> bool:
        """Whether the ranges of the closures do not overlap, so that the pooled median stands for neither."""
        ranges = [spread(values) for values in self.by_closure.values()]
        return max(one.low for one in ranges) > min(one.high for one in ranges)

    def minus(self, other: Ensemble) -> Ensemble:
        """Difference draw by draw, closure by closure."""
        return Ensemble({name: values - other.by_closure[name] for name, values in self.by_closure.items()})

    def times(self, factor: float) -> Ensemble:
        """Every draw times `factor`."""
        return Ensemble({name: values * factor for name, values in self.by_closure.items()})


def ensemble(build: Callable[[str], FloatArray]) -> Ensemble:
    """An output computed for each closure by `build`."""
    return Ensemble({name: np.asarray(build(name), dtype=float) for name in CLOSURES})


@dataclass(frozen=True)
class CanolaChange:
    """Changes of the canola model by closure; the levels `china_volume_kt` are those of the scenario.

    Attributes
    ----------
    price : share of the price it is measured against
    income, receipts, us_oil : CAD a year
    china_volume_kt, china_volume_change_kt, diverted_kt : kilotonnes of seed a year
    """

    price: Ensemble
    income: Ensemble
    receipts: Ensemble
    china_volume_kt: Ensemble
    china_volume_change_kt: Ensemble
    diverted_kt: Ensemble
    us_oil: Ensemble


@dataclass(frozen=True)
class VehicleChange:
    """Changes of the electric-car model, arrays of one number per draw.

    Attributes
    ----------
    china_built : array
        Registrations in the scenario, cars a year.
    china_built_change : array
    rent, revenue, surplus : array
        Change of quota rent, tariff revenue and buyers' surplus, CAD a year.
    assembly_home : array
        Change of Canadian assembly through what is registered in Canada, share of assembly in the base year.
    displaced : mapping of str to array
        Registrations that China-built cars take from each origin, cars a year.
    quota : mapping of str to float
        Share of draws by how the quota ends in the scenario; empty without a quota.
    """

    china_built: FloatArray
    china_built_change: FloatArray
    rent: FloatArray
    revenue: FloatArray
    surplus: FloatArray
    assembly_home: FloatArray
    displaced: Mapping[str, FloatArray]
    quota: Mapping[str, float]

    @property
    def cars(self) -> Spread:
        """Change of registrations of China-built cars."""
        return spread(self.china_built_change)

    @property
    def all_displaced(self) -> FloatArray:
        """Registrations displaced of all cars not built in China, electric or not."""
        return np.asarray(sum(self.displaced.values()), dtype=float)

    @property
    def electric_displaced(self) -> FloatArray:
        """Registrations displaced of electric cars not built in China."""
        return self.all_displaced - self.displaced[OTHER_CARS]


@dataclass(frozen=True)
class Changes:
    """All outputs of one scenario against another."""

    canola: CanolaChange
    vehicles: VehicleChange
    assembly_us: FloatArray
    us: FloatArray
    us_long: FloatArray
    canadian_share: float

    @property
    def displaced_canada(self) -> FloatArray:
        """Canadian-built cars displaced, electric ones and the Canadian share of the others."""
        parts = self.vehicles.displaced
        return np.asarray(parts[CANADA] + self.canadian_share * parts[OTHER_CARS], dtype=float)

    @property
    def assembly(self) -> FloatArray:
        """Change of Canadian assembly at home and through the United States, share of assembly."""
        return self.vehicles.assembly_home + self.assembly_us

    @property
    def has_exchange_rate(self) -> bool:
        """Whether growers gain and registrations are displaced over both whole ranges."""
        income, displaced = spread(self.canola.income.pooled), spread(self.vehicles.all_displaced)
        return income.low > 0 and displaced.low > 0


def changes(found: Simulation) -> Changes:
    """Outputs of a simulation."""
    cars = vehicle_change(found.vehicles, found.regimes.scenario.quota is not None)
    share = found.setting.vehicles.canadian_share_of_other_cars
    us, us_long = gap(found.us, EXPORTS), gap(found.us_long, EXPORTS)
    return Changes(canola_change(found.canola), cars, through_us(found.us), us, us_long, share)


def through_us(pair: Pair) -> FloatArray:
    """Change of Canadian assembly through vehicles sold to the United States within a year, share of assembly."""
    return gap(pair, "domestic_assembly_change")


def us_oil_value(pair: Pair) -> FloatArray:
    """Change of canola oil sold to the United States, CAD a year at the border, before duty."""
    return np.asarray(pair.scenario.value(*US_OIL) - pair.against.value(*US_OIL), dtype=float)


def canola_change(pairs: Mapping[str, Pair]) -> CanolaChange:
    """Changes of the canola model; `pairs` of solutions by closure."""

    def between(name: str) -> Ensemble:
        return ensemble(lambda closure: gap(pairs[closure], name))

    def volume(closure: str, side: str) -> FloatArray:
        return np.asarray(getattr(pairs[closure], side).volume(*SEED_TO_CHINA), dtype=float)

    level = ensemble(lambda closure: volume(closure, "scenario"))
    return CanolaChange(
        price=ensemble(lambda closure: _relative(pairs[closure], "farm_price_change")),
        income=between("producer_surplus_cad"),
        receipts=between("receipts_change_cad"),
        china_volume_kt=level,
        china_volume_change_kt=level.minus(ensemble(lambda closure: volume(closure, "against"))),
        diverted_kt=between("diverted_kt"),
        us_oil=ensemble(lambda closure: us_oil_value(pairs[closure])),
    )


def gap(pair: Pair, name: str) -> FloatArray:
    return np.asarray(getattr(pair.scenario, name) - getattr(pair.against, name), dtype=float)


def _relative(pair: Pair, name: str) -> FloatArray:
    """Change of a level of which both solutions give the change on the base."""
    return np.asarray((1 + getattr(pair.scenario, name)) / (1 + getattr(pair.against, name)) - 1, dtype=float)


def vehicle_change(pair: Pair, has_quota: bool) -> VehicleChange:
    """Changes of the electric-car model; displaced is what the market without China-built cars would have had more."""
    cars, before = pair.scenario, pair.against
    return VehicleChange(
        china_built=np.asarray(cars.registrations[CHINA], dtype=float),
        china_built_change=np.asarray(cars.registrations[CHINA] - before.registrations[CHINA], dtype=float),
        rent=gap(pair, "quota_rent_cad"),
        revenue=gap(pair, "tariff_revenue_cad"),
        surplus=gap(pair, "consumer_surplus_cad"),
        assembly_home=gap(pair, "domestic_assembly_change"),
        displaced={name: np.asarray(cars.displaced[name] - before.displaced[name], dtype=float) for name in DISPLACED},
        quota=quota.probabilities(cars.quota_outcome) if has_quota else {},
    )


def exchange_rate(found: Changes) -> Ensemble:
    """Growers' gain per registration displaced, CAD per car, draw by draw.

    Raises
    ------
    ValueError
        A scenario that has no exchange rate (:attr:`Changes.has_exchange_rate`).
    """
    if not found.has_exchange_rate:
        raise ValueError("an exchange rate needs a gain and displaced registrations over the whole ranges")
    return Ensemble({name: _per_car(values, found.vehicles.all_displaced)
                     for name, values in found.canola.income.by_closure.items()})  # fmt: skip


def _per_car(gain: FloatArray, displaced: FloatArray) -> FloatArray:
    """Gain per car; where none is displaced the gain has no price, which ranks with the highest rate of all draws."""
    some = displaced > 0
    rates = np.divide(gain, displaced, out=np.zeros_like(gain), where=some)
    return np.where(some, rates, rates[some].max())
