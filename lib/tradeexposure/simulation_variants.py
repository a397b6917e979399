"""The same scenario under another choice: base year, duty that importers expect, rule above the quota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from tradeexposure import simulation_outputs as outputs
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.econometrics.draws import Ensemble
from tradeexposure.policy import regimes, scenarios
from tradeexposure.simulation import SEED_TO_CHINA, Pair, Simulation, base_of, canola_pair, canola_solution, treatment
from tradeexposure.simulation_names import TREATMENTS
from tradeexposure.simulation_outputs import VehicleChange

STATUS_QUO = "status_quo_2025"
MEAN_OF = (2023, 2024)
FEWER = 1000


def other_base_income(found: Simulation) -> Ensemble:
    """Change of growers' income on the mean of 2023 and 2024 as the base year.

    Suspended licences take up to twenty solutions a draw, so there the first :data:`FEWER` draws stand for all.
    """
    setting = replace(found.setting, canola=base_of(*MEAN_OF))
    if setting.scenario.licence_suspension:
        setting = replace(setting, draws=setting.draws.head(FEWER))
    return _income({closure: canola_pair(setting, found.duties, closure) for closure in CLOSURES})


def expected_duty_income(found: Simulation) -> Ensemble | None:
    """Change of growers' income where importers reckon with `duty_expected_2025` in place of the deposit of 2025.

    None where neither regime charges the deposit; a regime that does not keeps its solution.
    """
    setting = found.setting
    sides = {"scenario": found.duties.scenario, "against": found.duties.against}
    changed = {side: with_expected(duties, setting.draws) for side, duties in sides.items()}
    if not any(changed.values()):
        return None
    pairs = {}
    for closure, pair in found.canola.items():
        solved = {side: canola_solution(setting, duties, closure, suspended=False) if duties else getattr(pair, side)
                  for side, duties in changed.items()}  # fmt: skip
        pairs[closure] = Pair(**solved)
    return _income(pairs)


def with_expected(
    duties: Mapping[tuple[str, str], object], draws: pd.DataFrame
) -> dict[tuple[str, str], object] | None:
    """`duties` with the expected duty on seed in place of the deposit; None where the deposit is not in them."""
    charged, start = _rate(duties), float(regimes.base_canola()[SEED_TO_CHINA])
    if not np.isclose(charged, deposit()):
        return None
    return {**duties, SEED_TO_CHINA: start + draws["duty_expected_2025"].to_numpy(float)}


def deposit() -> float:
    """Duty on seed into China at the end of 2025, ordinary duty and deposit."""
    return _rate(regimes.canola(scenarios.load(STATUS_QUO)))


def _rate(duties: Mapping[tuple[str, str], object]) -> float:
    return float(np.median(np.asarray(duties[SEED_TO_CHINA], dtype=float)))


def _income(pairs: Mapping[str, Pair]) -> Ensemble:
    return outputs.canola_change(pairs).income


def treatments(found: Simulation) -> dict[str, VehicleChange]:
    """The electric-car outputs under every rule for cars above the quota; empty where the scenario has no quota."""
    if found.regimes.scenario.quota is None:
        return {}
    return {name: outputs.vehicle_change(treatment(found.setting, name), True) for name in TREATMENTS}
