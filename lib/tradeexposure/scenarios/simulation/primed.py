"""Solutions that simulations of several scenarios share, worked out when this module is imported: for the process that
warm kernels are copies of.

What several scenarios are measured against is the same market under the same duties and draws in each of them. Nothing
is given out here, and what is wrong is told to whoever asks for it.
"""

from collections.abc import Iterator
from contextlib import suppress

from tradeexposure.canola.market import draws, equilibrium, logit_solver, solutions
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core import reads
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.policy import regimes, scenarios, studies
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.scenarios.simulation import models, weighted

DRAWS, SEED = 10_000, 20_260_116  # those of the notebook: a kernel that asks for others solves as ever


def shared() -> Iterator[Comparison]:
    """For each regime that several scenarios are measured against, with draws alike, one of them."""
    found: dict[object, list[Comparison]] = {}
    for name in scenarios.names():
        one = scenarios.compared(name)
        against = sorted(regimes.canola_against(one).items())
        key = tuple(against), one.scenario.horizon, tuple(sorted(one.scenario.assumptions.items()))
        found.setdefault(key, []).append(one)
    return (several[0] for several in found.values() if len(several) > 1)


def solve(compared: Comparison) -> None:
    """What a simulation solves of the regime that a scenario is measured against and that no estimate enters."""
    drawn = models.joint(compared.scenario, draws=DRAWS, seed=SEED, replaced={})
    duties = regimes.canola_against(compared)
    for choice in (studies.OTHER_MODELS, studies.OTHER_BASE):
        for closure in CLOSURES:
            equilibrium.simulate(models.base_of(choice), drawn, duties, closure=closure)
    market = weighted.today(drawn)
    logit_solver.simulate(market, draws.behaviour(market, drawn), duties)


with suppress(BadInput, RunFailed), reads.checking(), solutions.keeping():
    for each in shared():
        solve(each)
