"""The models set beside what was estimated or published: 2019, 2025, and a study of the quota.

The comparisons do not depend on the scenario that is run. 2019 checks price and diversion, not volume: the tariff is
the one that gives the estimated fall of the volume. 2025 checks both, with the duty that importers expected as a prior.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.data import cited_figures
from tradeexposure.econometrics.draws import Spread, spread
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.canola_cells import SEED_TO_CHINA
from tradeexposure.scenarios.simulation import changes, models
from tradeexposure.scenarios.simulation.changes import Ensemble, ensemble
from tradeexposure.scenarios.simulation.models import Pair, Setting, canola_solution, joint
from tradeexposure.scenarios.simulation.variants import with_expected
from tradeexposure.vehicles.market import model, outcome
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, OTHERS

LICENCES, STATUS_QUO, DEAL = "licence_ban_2019", "status_quo_2025", "deal_2026"
BENCHMARKS = "benchmarks_vehicles"
#: Estimates of notebooks 30 and 40 that stand beside the simulated numbers.
ESTIMATES = {
    "price_change.2019": "canola.price_effect.2019",
    "diversion_share.2019": "canola.diversion_share.2019",
    "price_change.2025": "canola.price_effect.2025_aug",
    "china_volume_change.2025": "canola.trade_effect.2025_seed",
}
DRAWS = 1000  # the tariff equivalent takes up to twenty solutions, so fewer draws than for a scenario
ROUNDING = 5e-4  # published estimates have three digits


@dataclass(frozen=True)
class Episode:
    """One simulated quantity of 2019 or 2025.

    Attributes
    ----------
    key : str
        A key of :data:`ESTIMATES`, or ``tariff_equivalent.2019``.
    found : Ensemble
    beside : Spread or None
        The estimate and its range; without one (all of the volume gone) its ends are the value. None where nothing is
        estimated.
    source : str
        Its identifier.
    """

    key: str
    found: Ensemble
    beside: Spread | None
    source: str

    def inside(self, closure: str) -> bool:
        """Whether the simulated median lies within the estimate's range."""
        if self.beside is None:
            raise ValueError(f"{self.key}: nothing is estimated beside it")
        value = spread(self.found.by_closure[closure]).value
        return self.beside.low - ROUNDING <= value <= self.beside.high + ROUNDING


def episodes(setting: Setting, earlier: pd.DataFrame, *, seed: int,
             replaced: Mapping[str, tuple[float, float, float]]) -> list[Episode]:  # fmt: skip
    """2019 and 2025 in both closures beside the estimates.

    Parameters
    ----------
    setting : Setting
        Base years; its scenario and draws are not used.
    earlier : DataFrame
        ``book.earlier(*ESTIMATES.values())``.
    """
    found: dict[str, Ensemble] = {}
    for name, year, simulated in ((LICENCES, "2019", suspension), (STATUS_QUO, "2025", duties_of_2025)):
        chosen = scenarios.load(name).model_copy(update={"horizon": "crop_year", "assumptions": {}})
        draws = joint(chosen, draws=DRAWS, seed=seed, replaced=replaced)
        own = replace(setting, compared=scenarios.compared(chosen), draws=draws)
        found |= {f"{key}.{year}": one for key, one in simulated(own).items()}
    return [Episode(key, one, *_beside(key, earlier)) for key, one in found.items()]


def _beside(key: str, earlier: pd.DataFrame) -> tuple[Spread | None, str]:
    source = ESTIMATES.get(key, "")
    if not source:
        return None, ""
    value, low, high = (float(earlier[name].to_dict()[source]) for name in ("value", "low", "high"))
    return (Spread(value, value, value) if np.isnan(low) else Spread(value, low, high)), source


def suspension(setting: Setting) -> dict[str, Ensemble]:
    """The suspension of licences as the tariff that gives the estimated fall of the volume to China."""
    start = regimes.canola_against(setting.compared)
    solved = {closure: models.suspension(setting, start, closure) for closure in CLOSURES}
    pairs = {
        closure: Pair(found, canola_solution(setting, start, closure, suspended=False))
        for closure, (_, found) in solved.items()
    }
    found = changes.canola_change(pairs)
    rates = ensemble(lambda closure: solved[closure][0])
    return {"tariff_equivalent": rates, "price_change": found.price, "diversion_share": diverted_share(found)}


def diverted_share(found: changes.CanolaChange) -> Ensemble:
    """Seed sold elsewhere as a share of what China does not buy; 0 where China buys as much as before."""

    def share(closure: str) -> Floats:
        lost = -found.china_volume_change_kt.by_closure[closure]
        moved = found.diverted_kt.by_closure[closure]
        return np.divide(moved, lost, out=np.zeros_like(lost), where=lost > 0)

    return ensemble(share)


def duties_of_2025(setting: Setting) -> dict[str, Ensemble]:
    """The duties of 2025 with the duty that importers expected on seed."""
    draws = setting.draws
    duties = with_expected(regimes.canola(setting.scenario), draws)
    if duties is None:
        raise ValueError("the duties of 2025 hold no deposit on seed")
    start = regimes.canola_against(setting.compared)
    pairs = {closure: Pair(canola_solution(setting, duties, closure, suspended=False),
                           canola_solution(setting, start, closure, suspended=False))
             for closure in CLOSURES}  # fmt: skip
    found = changes.canola_change(pairs)
    before = ensemble(lambda closure: np.asarray(pairs[closure].against.volume(*SEED_TO_CHINA), dtype=float))
    lost = found.china_volume_change_kt.by_closure
    volume = ensemble(lambda closure: lost[closure] / before.by_closure[closure])
    return {"price_change": found.price, "china_volume_change": volume}


def quota_study(setting: Setting, *, seed: int, replaced: Mapping[str, tuple[float, float, float]]) -> pd.DataFrame:
    """Our quota of the arrangement beside Sawyer's published estimate.

    Returns
    -------
    DataFrame
        Key `quantity` (``china_built``, ``additional_evs``, ``displaced_evs``, ``displaced_share``,
        ``china_share_of_evs``); `value`, `low`, `high` over draws, `published`.
    """
    chosen = scenarios.load(DEAL).model_copy(update={"assumptions": {}})
    draws = joint(chosen, draws=DRAWS, seed=seed, replaced=replaced)
    found = model.simulate(setting.vehicles, draws, regimes.vehicles(chosen, draws))
    cars = found.registrations[CHINA_BUILT]
    displaced = np.asarray(sum(found.displaced[origin] for origin in OTHERS), dtype=float)
    ours = {
        "china_built": cars, "additional_evs": cars - displaced, "displaced_evs": displaced,
        "displaced_share": displaced / cars, "china_share_of_evs": cars / outcome.electric(found.registrations),
    }  # fmt: skip
    stated = published_quota_study(data.load(BENCHMARKS))
    return pd.DataFrame([{"quantity": name, **vars(spread(np.asarray(values))), "published": float(stated[name])}
                         for name, values in ours.items()])  # fmt: skip


def published_quota_study(table: pd.DataFrame) -> pd.Series:
    """Sawyer's estimate of the quota's first year, from ``benchmarks_vehicles``: cars, and shares from 0 to 1."""
    asked = {"topic": "Chinese EV quota effect", "quantity": "net additional EVs / displaced other EVs"}
    stated = str(cited_figures.row(table, BENCHMARKS, **asked)["stated"])
    pair = re.fullmatch(r"(\d+) / (\d+)", stated)
    if pair is None:
        raise BadInput(BENCHMARKS, asked["quantity"], found=stated, allowed="additional / displaced")
    more, fewer = float(pair[1]), float(pair[2])
    market = cited_figures.row(table, BENCHMARKS, **(asked | {"quantity": "Chinese share of EV market"}))
    share = float(market["stated"]) / 100  # printed in per cent
    return pd.Series({
        "china_built": more + fewer, "additional_evs": more, "displaced_evs": fewer,
        "displaced_share": fewer / (more + fewer), "china_share_of_evs": share,
    })  # fmt: skip
