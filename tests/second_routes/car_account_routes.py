"""Buyers' gain in the account of cars a second way."""

from __future__ import annotations

import numpy as np

from tradeexposure.core.arrays import Floats
from tradeexposure.vehicles.market import demand_system
from tradeexposure.vehicles.market.demand_system import Demand

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
