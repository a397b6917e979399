"""What the market of origins draws beside the other priors, and how a draw becomes behaviour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.canola.market.base_year import MARKETS, Floats
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.policy import assumptions

#: Prior -> low, high; the first is uniform in its log, the others are uniform.
SEED_SCALE = "seed_scale_cad_t"
RANGES = {
    SEED_SCALE: (8.0, 420.0),
    "china_share_of_seed": (0.41, 0.70),
    "meal_elsewhere_kt": (0.0, 150.0),
    "spare_capacity": (0.0, 1.0),
}


def joint(n: int, *, seed: int, horizon: assumptions.Horizon) -> pd.DataFrame:
    """Joint draws of all priors of the market under a horizon; the same seed gives the same ranks under each."""
    found = assumptions.draws(n, seed=seed, horizon=horizon)
    for name, (low, high) in RANGES.items():
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(name.encode())))
        rank = (rng.permutation(n) + rng.random(n)) / n
        found[name] = low * (high / low) ** rank if name == SEED_SCALE else low + (high - low) * rank
    return found


def behaviour(base: MarketBase, draws: pd.DataFrame) -> Behaviour:
    """The behaviour that draws stand for at a base.

    The scale of oil and of meal is the base price over the elasticity drawn; capacity lies between the two figures
    that the base holds.
    """
    column = {name: draws[name].to_numpy(dtype=float) for name in draws.columns}
    price = base.price_cad_t[:, 0]
    demand = [column["import_demand_china" if market == "china" else "import_demand_others"] for market in MARKETS]
    return Behaviour(
        scale=np.stack(
            [column[SEED_SCALE], price[1] / column["oil_substitution"], price[2] / column["meal_substitution"]]
        ),
        demand=np.stack(demand)[:, None],
        seed_supply=column["seed_supply"],
        other_supply=column["other_supply"],
        crush_elasticity=column["crush_elasticity"],
        home_use=column["home_use_elasticity"],
        pass_through=column["farm_pass_through"],
        capacity_kt=_capacity(base, column["spare_capacity"]),
        oil_yield=column["oil_yield"],
        meal_yield=column["meal_yield"],
    )


def _capacity(base: MarketBase, spare: Floats) -> Floats:
    return np.maximum(
        base.least_capacity_kt + spare * (base.most_capacity_kt - base.least_capacity_kt), base.crush_kt.max()
    )
