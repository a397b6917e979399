"""The limits that every scenario's solution must satisfy, and the claims of the notebook that no number writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from tradeexposure.canola.market import equilibrium
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.canola_cells import SEED_TO_CHINA
from tradeexposure.reporting.claims import Claim
from tradeexposure.scenarios.simulation import changes, weighted
from tradeexposure.scenarios.simulation.models import Pair, Setting, Simulation, canola_pair, market_of
from tradeexposure.scenarios.simulation.variants import CANADA
from tradeexposure.vehicles.market.base_year import CHINA_BUILT

RESIDUAL = 1e-9  # largest that any market, account or quota may miss by, as a share
SAME = 1e-9  # share of the base within which nothing changed
CENT = 0.01  # C$ by which the parts of a rent may miss it
FEW = 300  # draws on which limits that need further solutions are tried
LADDER = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 2.0, np.inf)  # duties on seed into China, up to an embargo
DEAL, STATUS_QUO = "deal_2026", "status_quo_2025"


def _canola(found: Simulation) -> dict[str, Pair]:
    solved = {f"canola, {closure}": pair for closure, pair in found.canola.items()}
    return {**solved, "canola, market of origins": Pair(found.market.scenario, found.market.against)}


def _of_pairs(solved: Mapping[str, Pair]) -> dict[str, float]:
    return {
        name: float(max(pair.scenario.residual.max(), pair.against.residual.max())) for name, pair in solved.items()
    }


def _solved(pairs: Mapping[str, Pair]) -> dict[str, tuple[float, float]]:
    return {f"residual of {name}": (largest, RESIDUAL) for name, largest in _of_pairs(pairs).items()}


def limits(found: Simulation) -> list[Claim]:
    """The limits that the models must satisfy in every scenario, each with the number that is held against it."""
    return [*limits_of_canola(found), *limits_of_vehicles(found), *limits_of_draws(found.setting)]


def limits_of_draws(setting: Setting) -> list[Claim]:
    """Those that the models satisfy under some draws, whatever the scenario's duties."""
    some = few(setting)
    return _claims(
        {
            "unchanged duties change nothing": (unchanged(some), SAME),
            "a ban and its end return to the base": (returns(some), SAME),
            "the price falls with China's duty and not below the embargo's": (steepest_rise(some), SAME),
            "the arrangement gains no more than the duties of 2025 lost": (gain_over_loss(some), SAME),
        }
    )


def _claims(most: Mapping[str, tuple[float, float]]) -> list[Claim]:
    return [Claim(limit, value <= top, f"{value:.3g}, at most {top:.3g}", "Checks")
            for limit, (value, top) in most.items()]  # fmt: skip


def few(setting: Setting) -> Setting:
    """The same setting on its first draws."""
    return replace(setting, draws=setting.draws.head(FEW), weighted=setting.weighted.head(FEW))


def _few_apart(found: Simulation) -> float:
    """The account of canola against its second route, on the first rows."""
    setting = few(found.setting)
    return market_of(setting, setting.weighted, found.duties).account_apart()


def limits_of_canola(found: Simulation) -> list[Claim]:
    """Limits that both solutions of canola show."""
    closures = [one for pair in found.canola.values() for one in (pair.scenario, pair.against)]
    market = Pair(found.market.scenario, found.market.against)
    both, least = [*closures, market.scenario, market.against], found.market.behaviour.capacity_kt
    capacity = found.setting.draws["crush_capacity_kt"].to_numpy(float)
    full = [one.crush_kt / capacity for one in closures]
    full += [one.crush_kt / least for one in (market.scenario, market.against)]
    sold = [one.volume_kt[:, :, 0].sum(axis=1) / one.supply_kt for one in both]
    return _claims(
        {
            **_solved(_canola(found)),
            "no negative volume": (-_least(one.volume_kt for one in both), SAME),
            "crush within capacity": (_most(full), 1 + SAME),
            "exports within supply": (_most(sold), 1.0),
            "the account of canola is the area of net exports": (_few_apart(found), weighted.SAME_SUM),
        }
    )


def limits_of_vehicles(found: Simulation) -> list[Claim]:
    """Limits that both solutions of electric cars show."""
    cars = (found.vehicles.scenario, found.vehicles.against)
    own, quota = cars[0], found.regimes.scenario.quota
    apart = np.abs(own.quota_rent_cad - own.rent_abroad_cad - own.rent_home_cad)
    over = 0.0 if quota is None else (_most([own.within_quota]) - quota) / (quota or 1)
    idle = own.quota_rent_cad[own.registrations[CHINA_BUILT] == 0]
    return _claims(
        {
            **_solved({"electric cars": found.vehicles}),
            "no negative registrations": (-_least(count for one in cars for count in one.registrations.values()), 0.0),
            "rent only with a quota and never negative": (-_least(one.quota_rent_cad for one in cars), 0.0),
            "cars within the quota stay in it": (over, SAME),
            "rent of the scenario adds up": (_most([apart]), CENT),
            "no rent without cars": (_most([idle]), 0.0),
        }
    )


def _most(parts: Iterable[Floats]) -> float:
    """The largest number in any of them, 0 where there is none."""
    return max((float(part.max()) for part in parts if part.size), default=0.0)


def _least(parts: Iterable[Floats]) -> float:
    return -_most(-part for part in parts)


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


def _price(setting: Setting, duties: Mapping[tuple[str, str], float | Floats], closure: str) -> Floats:
    found = equilibrium.simulate(setting.canola, setting.draws, duties, closure=closure)
    return np.asarray(found.farm_price_change, dtype=float)


def steepest_rise(setting: Setting) -> float:
    """The most by which the farm price of any draw rises along :data:`LADDER`, which ends with an embargo."""
    draws = len(setting.draws)
    along = replace(setting, draws=pd.concat([setting.draws] * len(LADDER), ignore_index=True))
    steps = np.repeat(LADDER, draws)  # every step for all draws, in one go
    duties: dict[tuple[str, str], float | Floats] = {**regimes.base_canola(), SEED_TO_CHINA: steps}
    prices = [_price(along, duties, closure).reshape(len(LADDER), draws) for closure in CLOSURES]
    return float(max(np.diff(one, axis=0).max() for one in prices))


def gain_over_loss(setting: Setting) -> float:
    """The most by which, in any draw, the arrangement gains more than the duties of 2025 cost against none.

    As a share of the base's receipts.
    """
    deal, before = scenarios.compared(DEAL), scenarios.compared(STATUS_QUO)
    charged = regimes.canola_against(deal)
    gain = Pair(regimes.canola(deal.scenario), charged)
    loss = Pair(charged, {**charged, **_of_china(regimes.canola_against(before))})
    own, excess = replace(setting, compared=deal), []
    for closure in CLOSURES:
        gained, lost = (changes.gap(canola_pair(own, pair, closure), "producer_surplus_cad") for pair in (gain, loss))
        excess.append(float((gained + lost).max()))
    return max(excess) / setting.canola.receipts_cad


def _of_china(duties: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    return {key: duty for key, duty in duties.items() if key[0] == "china"}


def stated(shares: pd.DataFrame, found: changes.Changes) -> list[Claim]:
    """What notebook 70 says in fixed words."""
    provinces = shares[shares["place"] != CANADA].set_index("place")["share"]
    electric = sum(found.vehicles.displaced[name] for name in ("united_states_mexico", "other_imports", "canada"))
    growers, cars = "What do growers gain or lose, and where?", "What happens to electric cars and their quota?"
    return [
        Claim("Saskatchewan has the largest share", provinces.idxmax() == "sk", f"{provinces.idxmax()}", growers),
        Claim("the provinces add up to Canada", bool(np.isclose(provinces.sum(), 1, atol=1e-3)),
              f"{provinces.sum():.4f}", growers),
        Claim("displaced cars are the parts", bool(np.allclose(found.vehicles.electric_displaced, electric)),
              f"{np.abs(found.vehicles.electric_displaced - electric).max():.3g} apart", cars),
    ]  # fmt: skip
