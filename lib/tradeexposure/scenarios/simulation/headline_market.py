"""The market of origins in a scenario, solved for the rows that history weighs.

Rows are taken in proportion to their weights, so that plain quantiles over them are weighted ones. A scenario that
fixes a parameter uses the other columns of the rows as they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradeexposure.canola import weights
from tradeexposure.canola.market import account as canola_account
from tradeexposure.canola.market import logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour, Duties
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import regimes
from tradeexposure.policy.assumptions import Horizon
from tradeexposure.policy.regimes import MEAL_TO_CHINA, SEED_TO_CHINA
from tradeexposure.policy.scenario_schema import Scenario

#: The table that the notebook on weights hands over.
TABLE = "canola_weighted_rows"
FALL = weights.study.FALL
SAME_SUM = 1e-9  # of what growers, handlers, crushers and users move in all
LEAST_MOVED = 1e-4  # of receipts: what moves less is held against that, since solutions are as exact as the whole


@dataclass(frozen=True, eq=False)
class Market:
    """Both regimes of the market of origins over the same rows."""

    base: MarketBase
    behaviour: Behaviour
    scenario: LogitOutcome
    against: LogitOutcome

    @property
    def income(self) -> Floats:
        """Change of growers' producer surplus, C$ a year."""
        return self.scenario.producer_surplus_cad - self.against.producer_surplus_cad

    @property
    def account(self) -> canola_account.CanolaAccount:
        """Who gains on canola."""
        return canola_account.between(self.base, self.behaviour, self.scenario, self.against)

    def first(self, count: int) -> Market:
        """The first `count` rows."""
        some = slice(count)
        sides = (self.scenario.take(some), self.against.take(some))
        return Market(self.base.take(some), self.behaviour.take(some), *sides)

    def account_apart(self) -> float:
        """Largest distance of the account's sum from Canada's net exports integrated over prices, as a share.

        Of what moves, or of :data:`LEAST_MOVED` of receipts.
        """
        account = self.account
        size = np.max(np.abs([*vars(account).values()]), axis=0)
        net_exports = canola_account.by_net_exports(self.base, self.behaviour, self.scenario, self.against)
        return float(
            (np.abs(account.total - net_exports) / np.maximum(size, LEAST_MOVED * self.base.receipts_cad)).max()
        )


def joint_draws(
    table: pd.DataFrame, drawn: pd.DataFrame, chosen: Scenario, *, horizon: Horizon, official: bool = False
) -> pd.DataFrame:
    """Draws with the market's parameters from the weighted rows, as many as there are draws.

    Parameters
    ----------
    table : DataFrame
        Handed over by the notebook on weights.
    drawn : DataFrame
        Joint draws of all priors; what the rows do not hold is kept.
    chosen : Scenario
        Fixes parameters; how far rivals turn is a multiple of their supply's elasticity, whatever that is fixed at.
    official : bool
        Rows by official data alone.
    """
    own = table[table[weights.study.OFFICIAL_ONLY] == int(official)]
    taken = own.iloc[np.resize(np.arange(len(own)), len(drawn))].set_axis(drawn.index)
    columns = {name: taken[name] for name in (*logit.USED, logit.GROWTH, "duty_expected_2025", FALL)}
    columns[logit.TURNING] = taken[logit.KAPPA] / taken["other_supply"]
    if horizon == "acreage":
        columns["seed_supply"] = taken[weights.simulated_history.ACREAGE]
    fixed = {name: value for name, value in chosen.assumptions.items() if name in columns}
    return logit.with_kappa(drawn.assign(**columns).assign(**fixed), horizon)


def today(some: pd.DataFrame) -> MarketBase:
    """Today's base of these rows."""
    return arrays.solution_of(
        "today", (), lambda: weights.simulated_history.today(some, regimes.base_canola()), same=(some,)
    )


def solve(base: MarketBase, some: pd.DataFrame, scenario: Duties, against: Duties, *, suspended: bool) -> Market:
    """Both regimes; where licences are suspended China keeps what is left by the fall of 2019."""
    behaviour = logit.behaviour(base, some)
    kept = _kept(some) if suspended else None
    return Market(
        base,
        behaviour,
        logit_solver.simulate(base, behaviour, scenario, kept_in_china=kept),
        logit_solver.simulate(base, behaviour, against),
    )


def _kept(some: pd.DataFrame) -> Floats:
    return np.asarray(1 - some[FALL].to_numpy(dtype=float))


def parts(
    market: Market, some: pd.DataFrame, scenario: Duties, against: Duties, *, suspended: bool
) -> dict[str, Floats]:
    """Change of growers' income if China's duty on seed alone, or that on meal alone, were the scenario's."""

    def income(product: tuple[str, str], kept: Floats | None = None) -> Floats:
        duties = {**against, product: scenario[product]}
        alone = logit_solver.simulate(market.base, market.behaviour, duties, kept_in_china=kept)
        return replace(market, scenario=alone).income

    seed = income(SEED_TO_CHINA, _kept(some) if suspended else None)
    return {"seed_only": seed, "meal_only": income(MEAL_TO_CHINA)}
