"""Buyers' gain, treasury's lines and the first year of cars a second way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.vehicles.market import demand_system
from tradeexposure.vehicles.market.demand_system import Demand
from tradeexposure.vehicles.market.model import EvOutcome

NODES = 48  # of Gauss and Legendre on each leg


def buyers_by_demand(demand: Demand, weights: tuple[Floats, Floats], others: tuple[Floats, Floats]) -> Floats:
    """Cars bought integrated over what each weight's change is worth, (draw,).

    Parameters
    ----------
    weights, others : pair of array (draw,)
        Weights of China-built and of other electric cars before and after. The others' go first, China's follow.
    """
    nodes, shares = np.polynomial.legendre.leggauss(NODES)
    worth = demand.nest / demand.price_response * demand_system.THOUSAND  # C$ that one log point of weight is worth
    total = np.zeros_like(worth)
    (start, end), (first, last) = weights, others
    for node, share in zip(nodes, shares, strict=True):
        some, half = (first + last) / 2 + node * (last - first) / 2, (last - first) / 2
        bought = demand_system.purchases(demand, start, some)
        total += share * half * (bought.electric - bought.china) / some
        some, half = (start + end) / 2 + node * (end - start) / 2, (end - start) / 2
        total += share * half * demand_system.purchases(demand, some, last).china / some
    return np.asarray(worth * total)


def treasury_by_displaced(
    outcome: EvOutcome, draws: pd.DataFrame, *, rate: float, rebate: float
) -> tuple[Floats, Floats]:
    """Surtax lost and rebates saved, C$ a year, from the electric cars that China-built ones displace."""
    fewer = sum(outcome.displaced[origin] for origin in ("united_states_mexico", "other_imports", "canada"))
    charged = draws["us_built_share"] * draws["surtax_kept"] * draws["surtax_content"] * draws["us_car_value_cad"]
    return np.asarray(-fewer * charged * rate), np.asarray(fewer * rebate * draws["rebate_eligible"])


def first_year_by_days(
    demand: float, entry_months: float, *, first_window: float, quota: float, days: int = 7200
) -> float:
    """China-built cars of the first year, sold day by day until a window is used up."""
    sold = {0: 0.0, 1: 0.0}
    for day in range(days):
        half, year = 2 * day // days, (day + 0.5) / days
        open_to = first_window if half == 0 else quota - sold[0]
        wanted = demand / days * (1 - np.exp(-12 * year / entry_months))
        sold[half] += min(wanted, open_to - sold[half])
    return sold[0] + sold[1]
