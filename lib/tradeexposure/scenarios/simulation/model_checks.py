"""The limits that every scenario's solution must satisfy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from tradeexposure.canola.market import logit, logit_solver
from tradeexposure.canola.market.logit import Duties
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.reporting.claims import Claim
from tradeexposure.scenarios.simulation import models
from tradeexposure.scenarios.simulation.models import Pair, Setting, Simulation, market_of
from tradeexposure.vehicles.market import entry
from tradeexposure.vehicles.market.base_year import CHINA_BUILT

RESIDUAL = 1e-9  # largest that any market, account or quota may miss by, as a share
SAME = 1e-9  # share of the base within which nothing changed
CENT = 0.01  # C$ by which the parts of a rent may miss it
FEWEST_COUNT = 50  # draws for each that counts; with more, ranges would rest on a handful
FEW = 300  # draws on which limits that need further solutions are tried
#: Share of the price by which it may rise with a duty: turning costs rivals tonnes, which are missing elsewhere.
TURNED = 3e-3
#: Duties on seed into China along which the price falls. Far above them rivals who turn little lose so many tonnes that
#: in a few draws it rises again, up to an embargo.
LADDER = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
DEAL, STATUS_QUO = "deal_2026", "status_quo_2025"


def _solved(pairs: Mapping[str, Pair]) -> dict[str, tuple[float, float]]:
    return {f"residual of {name}": (_most([pair.scenario.residual, pair.against.residual]), RESIDUAL)
            for name, pair in pairs.items()}  # fmt: skip


def all_checks(simulation: Simulation) -> list[Claim]:
    """The limits that the models must satisfy in every scenario, each with the number that is held against it."""
    return [*checks_of_canola(simulation), *checks_of_vehicles(simulation), *checks_of_draws(simulation.setting)]


def checks_of_draws(setting: Setting) -> list[Claim]:
    """Those that the models satisfy under some draws, whatever the scenario's duties."""
    some = few(setting)
    counted = entry.draws_that_count(setting.vehicles, setting.draws, regimes.vehicles_at_opening())
    return _claims(
        {
            "unchanged duties change nothing": (unchanged(some), SAME),
            "a ban and its end return to the base": (returns(some), SAME),
            "the price falls with China's duty up to one of the price": (steepest_rise(some), TURNED),
            "the arrangement gains no more than the duties of 2025 lost": (gain_over_loss(some), TURNED),
            "the first count of cars leaves one draw in fifty": (len(setting.draws) / counted, FEWEST_COUNT),
        }
    )


def _claims(most: Mapping[str, tuple[float, float]]) -> list[Claim]:
    return [Claim(limit, value <= top, f"{value:.3g}, at most {top:.3g}", "Checks")
            for limit, (value, top) in most.items()]  # fmt: skip


def few(setting: Setting) -> Setting:
    """The same setting on its first draws."""
    return replace(setting, draws=setting.draws.head(FEW), weighted=setting.weighted.head(FEW))


def checks_of_canola(simulation: Simulation) -> list[Claim]:
    """Limits that both solutions of canola show."""
    both = [side for market in simulation.markets.values() for side in (market.scenario, market.against)]
    most = simulation.market.behaviour.capacity_kt  # the same over all horizons
    sold = [side.volume_kt[:, :, 0].sum(axis=1) / side.supply_kt for side in both]
    apart = simulation.market.first(FEW).account_apart()
    pairs = {f"canola{f', {ending}' if ending else ''}": Pair(market.scenario, market.against)
             for ending, market in simulation.markets.items()}  # fmt: skip
    return _claims(
        {
            **_solved(pairs),
            "no negative volume": (-_least(side.volume_kt for side in both), SAME),
            "crush within capacity": (_most(side.crush_kt / most for side in both), 1 + SAME),
            "exports within supply": (_most(sold), 1.0),
            "the account of canola is the area of net exports": (apart, models.SAME_SUM),
        }
    )


def checks_of_vehicles(simulation: Simulation) -> list[Claim]:
    """Limits that both solutions of electric cars show."""
    cars = (simulation.vehicles.scenario, simulation.vehicles.against)
    own, quota = cars[0], simulation.regimes.scenario.quota
    apart = np.abs(own.quota_rent_cad - own.rent_abroad_cad - own.rent_home_cad)
    over = 0.0 if quota is None else (_most([own.within_quota]) - quota) / (quota or 1)
    idle = own.quota_rent_cad[own.registrations[CHINA_BUILT] == 0]
    return _claims(
        {
            **_solved({"electric cars": simulation.vehicles}),
            "no negative registrations": (
                -_least(count for side in cars for count in side.registrations.values()),
                0.0,
            ),
            "rent only with a quota and never negative": (-_least(side.quota_rent_cad for side in cars), 0.0),
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
    return float(np.abs(_solved_under(setting.weighted, regimes.base_canola()).farm_price_change).max())


def returns(setting: Setting) -> float:
    """Largest change of price where the duties of the base are solved for from the prices of a ban on seed."""
    start = regimes.base_canola()
    banned = _solved_under(setting.weighted, {**start, SEED_TO_CHINA: np.inf})
    return float(np.abs(_solved_under(setting.weighted, start, near=banned).farm_price_change).max())


def _solved_under(rows: pd.DataFrame, duties: Duties, near: LogitOutcome | None = None) -> LogitOutcome:
    base = models.today(rows)
    return logit_solver.simulate(base, logit.behaviour(base, rows), duties, near=near)


def steepest_rise(setting: Setting) -> float:
    """The most by which the farm price of any draw rises along :data:`LADDER`."""
    along = pd.concat([setting.weighted] * len(LADDER), ignore_index=True)
    steps = np.repeat(LADDER, len(setting.weighted))  # every step for all draws, in one go
    outcome = _solved_under(along, {**regimes.base_canola(), SEED_TO_CHINA: steps})
    return float(np.diff(outcome.farm_price_change.reshape(len(LADDER), -1), axis=0).max())


def gain_over_loss(setting: Setting) -> float:
    """The most by which, in any draw, the arrangement gains more than the duties of 2025 cost against none.

    As a share of the base's receipts.
    """
    deal, before = scenarios.compared(DEAL), scenarios.compared(STATUS_QUO)
    charged = regimes.canola_against(deal)
    none = charged | {key: duty for key, duty in regimes.canola_against(before).items() if key[0] == "china"}
    own = replace(setting, compared=deal)
    gained = market_of(own, setting.weighted, Pair(regimes.canola(deal.scenario), charged))
    lost = market_of(own, setting.weighted, Pair(charged, none))
    return float(((gained.income + lost.income) / gained.base.receipts_cad).max())
