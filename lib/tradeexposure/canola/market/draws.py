"""How a draw of the priors becomes behaviour in the market of origins, the model of :mod:`logit`.

A frame of draws holds in the column :data:`KAPPA` at which elasticity rivals' seed turns between China and the rest;
infinite is one pool.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.policy.assumptions import Horizon
from tradeexposure.policy.canola_cells import MARKETS

SEED_SCALE = "seed_scale_cad_t"
KAPPA = "rival_kappa"
TURNING, GROWTH = "rival_turning", "rival_turning_growth"
#: Priors that the market takes, those of its base among them; a scenario's horizon says which supply response.
BASE = ("china_share_of_seed", "meal_elsewhere_kt", "rivals_in_china_kt")
USED = (
    *(SEED_SCALE, *BASE, "spare_capacity", "seed_supply", "oil_substitution", "meal_substitution"),
    *("import_demand_china", "import_demand_others", "home_use_elasticity", "other_supply", "crush_elasticity"),
    KAPPA,
    *("oil_yield", "meal_yield", "farm_pass_through"),
)


def with_kappa(drawn: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """Draws of the priors with the column :data:`KAPPA`: over the elasticity of supply what :data:`TURNING` says of the
    crop year, and :data:`GROWTH` times that after acreage responds.
    """
    growth = drawn[GROWTH] if horizon == "acreage" else 1.0
    return drawn.assign(**{KAPPA: drawn[TURNING] * growth * drawn["other_supply"]})


def behaviour(base: MarketBase, draws: pd.DataFrame) -> Behaviour:
    """The behaviour that draws stand for at a base.

    The scale of oil and of meal is the base price over the elasticity drawn; capacity lies between the two figures
    that the base holds. Rivals' seed turns at no less than the elasticity of supply, at which markets stand apart.
    """
    column = {name: draws[name].to_numpy(dtype=float) for name in USED}
    price = base.price_cad_t[:, 0]
    demand = [column["import_demand_china" if market == "china" else "import_demand_others"] for market in MARKETS]
    least, most = base.least_capacity_kt, base.most_capacity_kt
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
        capacity_kt=np.maximum(least + column["spare_capacity"] * (most - least), base.crush_kt.max()),
        oil_yield=column["oil_yield"],
        meal_yield=column["meal_yield"],
        turning=1 / np.maximum(column[KAPPA], column["other_supply"]),
    )
