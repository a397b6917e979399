"""Draws of the priors and duties as the armington and homogeneous models of canola take them: checked arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradeexposure.canola.market.base_year import CanolaBase
from tradeexposure.canola.market.logit import Duties, log_factors
from tradeexposure.core.arrays import Drawn, Floats, figures
from tradeexposure.core.errors import BadInput
from tradeexposure.policy.canola_cells import MARKETS, PRODUCTS

#: The elasticity of home use of oil and meal is that of other importers unless it has a column of its own.
HOME_USE, HOME_USE_STAND_IN = "home_use_elasticity", "import_demand_others"
COLUMNS = (
    *("seed_supply", "seed_substitution", "seed_substitution_japan", "oil_substitution", "meal_substitution"),
    *("import_demand_china", "import_demand_others", "other_supply", "crush_elasticity", "crush_capacity_kt"),
    *("oil_yield", "meal_yield", "freight_wedge_cad_t", "farm_pass_through", "rerouting"),
)
POSITIVE = ("seed_substitution", "seed_substitution_japan", "oil_substitution", "meal_substitution", "other_supply")


@dataclass(frozen=True, eq=False)
class Draws(Drawn):
    """What the model is solved for; arrays end in the draw.

    Attributes
    ----------
    log_factor : array (market, product, draw)
        Log of (1 + duty) / (1 + duty in the base) on Canadian goods.
    substitution : array (market, product, draw)
        Elasticity between origins.
    demand : array (market, 1, draw)
        Elasticity of import demand, positive.
    seed_supply, other_supply, crush_elasticity, home_use, pass_through, rerouting : array (draw,)
        Elasticities and shares.
    capacity_kt, oil_yield, meal_yield : array (draw,)
        Crush capacity, kt; tonnes per tonne of seed.
    wedge : array (product, draw)
        Freight and quality wedge as a share of the base border price.
    """

    log_factor: Floats
    substitution: Floats
    demand: Floats
    seed_supply: Floats
    other_supply: Floats
    crush_elasticity: Floats
    home_use: Floats
    pass_through: Floats
    rerouting: Floats
    capacity_kt: Floats
    oil_yield: Floats
    meal_yield: Floats
    wedge: Floats

    def traits(self) -> Floats:
        """All figures as rows, array (trait, draw)."""
        return np.concatenate([each.reshape(-1, each.shape[-1]) for each in figures(self)])

    def scaled(self, share: float) -> Draws:
        """The same with only a share of the (log) change of duties."""
        return replace(self, log_factor=share * self.log_factor)


def arranged_draws(base: CanolaBase, draws: pd.DataFrame, duties: Duties) -> Draws:
    """Check and arrange the draws and duties.

    Parameters
    ----------
    draws : DataFrame
        One row per draw, the columns of :data:`COLUMNS`.
    duties : mapping of (market, product) to float or array (draw,)
        Duty on Canadian goods, share of border value; infinite is an embargo. A pair not named keeps the base's.

    Raises
    ------
    BadInput
        No draws, a missing column, a value that is not finite or is negative, an unknown market or product, a duty
        below -1 or of another length, capacity below the base crush, yields too low for the base's exports.
    """
    values = _columns(draws)
    substitution = np.stack([values[f"{product}_substitution"] for product in PRODUCTS])
    substitution = np.repeat(substitution[None], len(MARKETS), axis=0)
    substitution[MARKETS.index("japan"), PRODUCTS.index("seed")] = values["seed_substitution_japan"]
    demand = np.stack([values["import_demand_china" if m == "china" else "import_demand_others"] for m in MARKETS])
    found = Draws(
        log_factor=log_factors(base.duty, duties, len(draws)),
        substitution=substitution,
        demand=demand[:, None],
        seed_supply=values["seed_supply"],
        other_supply=values["other_supply"],
        crush_elasticity=values["crush_elasticity"],
        home_use=values[HOME_USE],
        pass_through=values["farm_pass_through"],
        rerouting=values["rerouting"],
        capacity_kt=values["crush_capacity_kt"],
        oil_yield=values["oil_yield"],
        meal_yield=values["meal_yield"],
        wedge=values["freight_wedge_cad_t"] / base.price_cad_t[:, None],
    )
    _check_base(base, found)
    return found


def _columns(draws: pd.DataFrame) -> dict[str, Floats]:
    if draws.empty:
        raise BadInput("draws", found="no draws", allowed="one row or more")
    missing = [name for name in COLUMNS if name not in draws.columns]
    if missing:
        raise BadInput("draws", missing[0], found="no such column", allowed=", ".join(COLUMNS))
    held = draws.columns
    names = [*COLUMNS, *([HOME_USE] if HOME_USE in held else [])]
    values = {name: draws[name].to_numpy(dtype=float) for name in names}
    for name, value in values.items():
        bad = ~np.isfinite(value) | (value < 0) | ((value == 0) & (name in POSITIVE))
        if bad.any():
            limit = "a positive number" if name in POSITIVE else "0 or more"
            raise BadInput("draws", name, found=f"{value[bad][0]} in draw {int(np.argmax(bad))}", allowed=limit)
    for name in ("farm_pass_through", "rerouting"):
        if (values[name] > 1).any():
            raise BadInput("draws", name, found=f"{values[name].max()}", allowed="a share from 0 to 1")
    return {HOME_USE: values[HOME_USE_STAND_IN]} | values


def _check_base(base: CanolaBase, found: Draws) -> None:
    if (found.capacity_kt < base.crush_kt).any():
        allowed = f"at least the base crush, {base.crush_kt:.0f} kt"
        raise BadInput("draws", "crush_capacity_kt", found=f"{found.capacity_kt.min():.0f}", allowed=allowed)
    for at, name in ((1, "oil_yield"), (2, "meal_yield")):
        exports = float(base.canada_kt[:, at].sum())
        crushed = getattr(found, name) * base.crush_kt
        if (crushed <= exports).any():
            allowed = f"more than exports over crush, {exports / base.crush_kt:.3f}"
            raise BadInput("draws", name, found=f"{getattr(found, name).min()}", allowed=allowed)
