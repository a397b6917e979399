"""The same scenario under another choice: base year, duty that importers expect, rule above the quota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from tradeexposure import regimes
from tradeexposure import scenario as scenarios
from tradeexposure import simulation_outputs as outputs
from tradeexposure.simulation import SEED_TO_CHINA, Pair, Setting, Simulation, base_of, canola_pair, treatment
from tradeexposure.simulation_outputs import VehicleChange
from tradeexposure.simulation_spread import CLOSURES, Ensemble
from tradeexposure.simulation_words import TREATMENTS

STATUS_QUO = "status_quo_2025"
MEAN_OF = (2023, 2024)


def other_base_income(found: Simulation) -> Ensemble:
    """Change of growers' income on the mean of 2023 and 2024 as the base year."""
    setting = replace(found.setting, canola=base_of(*MEAN_OF))
    return _income(setting, found.duties)


def expected_duty_income(found: Simulation) -> Ensemble | None:
    """Change of growers' income where importers reckon with `duty_expected_2025` in place of the deposit of 2025.

    None where neither regime charges the deposit.
    """
    setting = found.setting
    changed = Pair(*(with_expected(one, setting.draws) for one in (found.duties.scenario, found.duties.against)))
    if changed.scenario is None and changed.against is None:
        return None
    return _income(setting, Pair(changed.scenario or found.duties.scenario, changed.against or found.duties.against))


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


def _income(setting: Setting, duties: Pair) -> Ensemble:
    return outputs.canola_change({closure: canola_pair(setting, duties, closure) for closure in CLOSURES}).income


def treatments(found: Simulation) -> dict[str, VehicleChange]:
    """The electric-car outputs under every rule for cars above the quota; empty where the scenario has no quota."""
    if found.regimes.scenario.quota is None:
        return {}
    return {name: outputs.vehicle_change(treatment(found.setting, name), True) for name in TREATMENTS}
