"""The limits that every scenario's solution must satisfy, and the claims of the notebook that no number writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from tradeexposure.canola.market import equilibrium
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.canola_cells import SEED_TO_CHINA
from tradeexposure.reporting.claims import Claim, false_claims
from tradeexposure.scenarios.simulation import changes as outputs
from tradeexposure.scenarios.simulation import weighted
from tradeexposure.scenarios.simulation.models import Pair, Setting, Simulation, canola_pair, market_of
from tradeexposure.scenarios.simulation.variants import CANADA
from tradeexposure.vehicles.market.base_year import CHINA

RESIDUAL = 1e-9  # largest that any market, account or quota may miss by, as a share
SAME = 1e-9  # share of the base within which nothing changed
FEW = 300  # draws on which limits that need further solutions are tried
LADDER = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 2.0, np.inf)  # duties on seed into China, up to an embargo
DEAL, STATUS_QUO = "deal_2026", "status_quo_2025"


def residuals(found: Simulation) -> dict[str, float]:
    """Largest residual of each model over both regimes, share of the base."""
    solved = {f"canola, {closure}": pair for closure, pair in found.canola.items()}
    solved |= {
        "canola, market of origins": Pair(found.market.scenario, found.market.against),
        "electric cars": found.vehicles,
    }
    return {
        name: float(max(pair.scenario.residual.max(), pair.against.residual.max())) for name, pair in solved.items()
    }


def broken(found: Simulation) -> list[Claim]:
    """The limits of the models that this simulation does not satisfy; empty if all hold."""
    setting = few(found.setting)
    still, back = unchanged(setting), returns(setting)
    limits = {f"residual of {name}": (miss < RESIDUAL, f"{miss:.1e}") for name, miss in residuals(found).items()}
    limits |= {name: (holds, "") for name, holds in solution_limits(found).items()}
    limits |= {
        "unchanged duties change nothing": (still < SAME, f"{still:.1e}"),
        "a ban and its end return to the base": (back < SAME, f"{back:.1e}"),
        "the price falls with China's duty and not below the embargo's": (ladder_falls(setting), ""),
        "the arrangement gains no more than the duties of 2025 lost": (gain_bounded(setting), ""),
        "the account of canola is the area of net exports": (_few_apart(found) < weighted.SAME_SUM, ""),
    }
    return false_claims(Claim(limit, holds, told, "limits of the models") for limit, (holds, told) in limits.items())


def few(setting: Setting) -> Setting:
    """The same setting on its first draws."""
    return replace(setting, draws=setting.draws.head(FEW), weighted=setting.weighted.head(FEW))


def _few_apart(found: Simulation) -> float:
    """The account of canola against its second route, on the first rows."""
    setting = few(found.setting)
    return market_of(setting, setting.weighted, found.duties).account_apart()


def solution_limits(found: Simulation) -> dict[str, bool]:
    """Limits that the two solutions themselves show."""
    closures = [one for pair in found.canola.values() for one in (pair.scenario, pair.against)]
    market = [found.market.scenario, found.market.against]
    both, least = [*closures, *market], found.market.behaviour.capacity_kt * (1 + SAME)
    capacity = found.setting.draws["crush_capacity_kt"].to_numpy(float) * (1 + SAME)
    cars = (found.vehicles.scenario, found.vehicles.against)
    quota = found.regimes.scenario.quota
    return {
        "no negative volume": all(one.volume_kt.min() >= -SAME for one in both),
        "crush within capacity": all((one.crush_kt <= capacity).all() for one in closures)
        and all((one.crush_kt <= least).all() for one in market),
        "exports within supply": all((one.volume_kt[:, :, 0].sum(axis=1) <= one.supply_kt).all() for one in both),
        "no negative registrations": all(min(count.min() for count in one.registrations.values()) >= 0 for one in cars),
        "rent only with a quota and never negative": all(one.quota_rent_cad.min() >= 0 for one in cars),
        "cars within the quota stay in it": quota is None or bool((cars[0].within_quota <= quota * (1 + SAME)).all()),
        "rent of the scenario adds up": bool(np.allclose(
            cars[0].quota_rent_cad, cars[0].rent_abroad_cad + cars[0].rent_home_cad)),
        "no rent without cars": bool((cars[0].quota_rent_cad[cars[0].registrations[CHINA] == 0] == 0).all()),
    }  # fmt: skip


def unchanged(setting: Setting) -> float:
    """Largest change of price where every duty is that of the base."""
    start = regimes.base_canola()
    return max(float(np.abs(_price(setting, start, closure)).max()) for closure in CLOSURES)


def returns(setting: Setting) -> float:
    """Largest change of price after a ban on seed is imposed and removed."""
    start = regimes.base_canola()
    left = []
    for closure in CLOSURES:
        _price(setting, {**start, SEED_TO_CHINA: np.inf}, closure)
        left.append(float(np.abs(_price(setting, start, closure)).max()))
    return max(left)


def _price(setting: Setting, duties: Mapping[tuple[str, str], float], closure: str) -> Floats:
    found = equilibrium.simulate(setting.canola, setting.draws, duties, closure=closure)
    return np.asarray(found.farm_price_change, dtype=float)


def ladder_falls(setting: Setting) -> bool:
    """Whether the farm price of every draw falls along :data:`LADDER`, which ends with an embargo."""
    start = regimes.base_canola()
    for closure in CLOSURES:
        prices = np.stack([_price(setting, {**start, SEED_TO_CHINA: duty}, closure) for duty in LADDER])
        if (np.diff(prices, axis=0) > SAME).any():
            return False
    return True


def gain_bounded(setting: Setting) -> bool:
    """Whether, draw by draw, the arrangement's gain is at most what the duties of 2025 cost against none."""
    deal, before = scenarios.compared(DEAL), scenarios.compared(STATUS_QUO)
    charged = regimes.canola_against(deal)
    gain = Pair(regimes.canola(deal.scenario), charged)
    loss = Pair(charged, {**charged, **_of_china(regimes.canola_against(before))})
    for closure in CLOSURES:
        own = replace(setting, compared=deal)
        gained, lost = (outputs.gap(canola_pair(own, pair, closure), "producer_surplus_cad") for pair in (gain, loss))
        if (gained > -lost + SAME * setting.canola.receipts_cad).any():
            return False
    return True


def _of_china(duties: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    return {key: duty for key, duty in duties.items() if key[0] == "china"}


def stated(shares: pd.DataFrame, found: outputs.Changes) -> list[Claim]:
    """What notebook 70 says in fixed words."""
    provinces = shares[shares["place"] != CANADA].set_index("place")["share"]
    electric = sum(found.vehicles.displaced[name] for name in ("united_states_mexico", "other_imports", "canada"))
    growers, cars = "Share growers' income out", "Solve the market for electric cars with its quota"
    return [
        Claim("Saskatchewan has the largest share", provinces.idxmax() == "sk", f"{provinces.idxmax()}", growers),
        Claim("the provinces add up to Canada", bool(np.isclose(provinces.sum(), 1, atol=1e-3)),
              f"{provinces.sum():.4f}", growers),
        Claim("displaced cars are the parts", bool(np.allclose(found.vehicles.electric_displaced, electric)), "", cars),
    ]  # fmt: skip
