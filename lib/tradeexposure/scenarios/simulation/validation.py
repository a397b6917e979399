"""The Global Simulation Model of one product's trade among countries: log-linear as published, and exact.

Francois and Hall (2003), "Global Simulation Analysis of Industry-Level Trade Policy". Each country is one variety; with
export supply elasticity e, import demand elasticity m (negative) and substitution elasticity s, variety r's world price
p_r clears

    p_r ** e       = sum over v of f_rv * (p_r T_rv / P_v) ** -s * P_v ** m,
    P_v ** (1 - s) = sum over r of q_rv * (p_r T_rv) ** (1 - s),

where T is the power of the tariff (one plus the rate) after over before, f the share of v in r's exports at world
prices and q the share of r in v's spending with tariffs, both before.

The models set beside what was estimated or published: 2019, 2025, a quota study, a worked example.

The comparisons do not depend on the scenario that is run. 2019 checks price and diversion, not volume: the tariff is
the one that gives the estimated fall of the volume. 2025 checks both, with the duty that importers expected as a prior.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import root

from tradeexposure import data
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core import cited_figures
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.econometrics.draws import FloatArray, Spread, spread
from tradeexposure.policy import regimes, scenarios
from tradeexposure.scenarios.simulation import changes as outputs
from tradeexposure.scenarios.simulation import models
from tradeexposure.scenarios.simulation.changes import Ensemble, ensemble
from tradeexposure.scenarios.simulation.models import SEED_TO_CHINA, Pair, Setting, as_regime, canola_solution, joint
from tradeexposure.scenarios.simulation.variants import with_expected
from tradeexposure.vehicles.market import model, outcome
from tradeexposure.vehicles.market.base_year import CHINA, ORIGINS, OTHERS

if TYPE_CHECKING:
    from tradeexposure.vehicles.market.outcome import EvOutcome


def published_quota_study(table: pd.DataFrame) -> pd.Series:
    """Sawyer's estimate of the quota's first year, from ``benchmarks_vehicles``: cars, and shares from 0 to 1."""
    asked = {"topic": "Chinese EV quota effect", "quantity": "net additional EVs / displaced other EVs"}
    stated = str(cited_figures.row(table, "benchmarks_vehicles", **asked)["stated"])
    pair = re.fullmatch(r"(\d+) / (\d+)", stated)
    if pair is None:
        raise BadInput("benchmarks_vehicles", asked["quantity"], found=stated, allowed="additional / displaced")
    more, fewer = float(pair[1]), float(pair[2])
    market = cited_figures.row(table, "benchmarks_vehicles", **(asked | {"quantity": "Chinese share of EV market"}))
    share = float(market["stated"]) / 100  # printed in per cent
    return pd.Series(
        {
            "china_built": more + fewer,
            "additional_evs": more,
            "displaced_evs": fewer,
            "displaced_share": fewer / (more + fewer),
            "china_share_of_evs": share,
        }
    )


def beside_published_quota_study(outcome: EvOutcome, table: pd.DataFrame) -> pd.DataFrame:
    """Sawyer's published estimate beside ours, for comparison only.

    Both set the market with China-built cars against the same market without any; his takes the quota as filled by
    49,000 cars, ours lets demand decide.

    Parameters
    ----------
    table : DataFrame
        ``benchmarks_vehicles``.

    Returns
    -------
    DataFrame
        Key `quantity` (cars a year, or shares from 0 to 1); `ours`, `low`, `high` (median and 5-95% over draws
        that have a value), `published`, `inside` (whether the range holds it).
    """
    china = outcome.registrations["china"]
    displaced = np.sum([outcome.displaced[origin] for origin in OTHERS], axis=0)
    electric = np.sum([outcome.registrations[origin] for origin in ORIGINS], axis=0)
    with np.errstate(invalid="ignore"):
        part = displaced / china
    ours = {
        "china_built": china,
        "additional_evs": china - displaced,
        "displaced_evs": displaced,
        "displaced_share": part,
        "china_share_of_evs": china / electric,
    }
    theirs = published_quota_study(table)
    rows = [(name, *np.nanquantile(ours[name], [0.5, 0.05, 0.95]), theirs[name]) for name in ours]
    frame = pd.DataFrame(rows, columns=["quantity", "ours", "low", "high", "published"])
    return frame.assign(inside=frame["published"].between(frame["low"], frame["high"]))


FLOWS, ELASTICITIES, RESULTS = "gsim_flows", "gsim_elasticities", "gsim_results"
TOLERANCE = 1e-10  # of the largest excess supply, as a share of a variety's supply


@dataclass(frozen=True)
class Example:
    """Square arrays exporter x importer of value at world prices and power of the tariff; elasticities."""

    countries: tuple[str, ...]
    value: np.ndarray
    power_before: np.ndarray
    power_after: np.ndarray
    import_demand: float
    export_supply: float
    substitution: float

    @property
    def change(self) -> np.ndarray:
        """The power of the tariff after over before."""
        return np.asarray(self.power_after / self.power_before)

    @property
    def export_share(self) -> np.ndarray:
        """Share of each importer in a country's sales, at world prices; rows sum to one."""
        return np.asarray(self.value / self.value.sum(axis=1, keepdims=True))

    @property
    def spending_share(self) -> np.ndarray:
        """Share of each exporter in a country's spending, tariffs included; columns sum to one."""
        paid = self.value * self.power_before
        return np.asarray(paid / paid.sum(axis=0, keepdims=True))


def example() -> Example:
    """The published worked example, from the project's tables."""
    given = data.load(ELASTICITIES).set_index("parameter")["value"]
    return of_tables(
        data.load(FLOWS),
        import_demand=float(given["import_demand_elasticity"]),
        export_supply=float(given["export_supply_elasticity"]),
        substitution=float(given["substitution_elasticity"]),
    )


def of_tables(flows: pd.DataFrame, *, import_demand: float, export_supply: float, substitution: float) -> Example:
    """An example from a tidy frame: `exporter`, `importer`, `trade_value`, `tariff_power_before`, `tariff_power_after`.

    Raises
    ------
    BadInput
        A pair of countries missing or repeated, a country that sells or buys nothing, an elasticity of the wrong sign.
    """
    signs = {
        "import_demand_elasticity": -import_demand,
        "export_supply_elasticity": export_supply,
        "substitution_elasticity": substitution,
    }
    for name, value in signs.items():
        if not value > 0:
            allowed = "less than 0" if name.startswith("import") else "more than 0"
            raise BadInput(
                ELASTICITIES, name, found=f"{-value if allowed == 'less than 0' else value:g}", allowed=allowed
            )
    countries = tuple(dict.fromkeys(flows["exporter"]))
    pairs = flows.set_index(["exporter", "importer"])
    if pairs.index.has_duplicates or len(pairs) != len(countries) ** 2:
        raise BadInput(FLOWS, "exporter, importer", found=f"{len(pairs)} rows", allowed="each pair of countries once")
    square = [
        pairs[name].unstack("importer").loc[list(countries), list(countries)].to_numpy(float)
        for name in ("trade_value", "tariff_power_before", "tariff_power_after")
    ]
    if not (square[0].sum(axis=0).all() and square[0].sum(axis=1).all()):
        raise BadInput(
            FLOWS, "trade_value", found="a country without trade", allowed="sales and purchases in every country"
        )
    return Example(countries, square[0], square[1], square[2], import_demand, export_supply, substitution)


def solve(case: Example) -> pd.DataFrame:
    """Change of every country's producer price, as a share.

    Returns
    -------
    DataFrame
        Key `country`; `log_linear` (the published method), `exact` (the equations of the module's head), `residual`
        (the exact solution's excess supply, share of supply).

    Raises
    ------
    NotConverged
        The exact equations were not solved.
    """
    linear = log_linear(case)
    price = exact(case, start=linear)
    columns = {"log_linear": linear, "exact": price - 1, "residual": np.abs(excess(case, price))}
    return pd.DataFrame({"country": case.countries, **columns})


def log_linear(case: Example) -> np.ndarray:
    """Producer price changes from the linear system; shares of spending weight the cross effects."""
    own = np.eye(len(case.countries))
    cross = case.spending_share * (case.import_demand + case.substitution)
    # answer[r, s, v]: demand of v for variety r to the price it pays for variety s
    answer = cross[None, :, :] - case.substitution * own[:, :, None]
    weighted = case.export_share[:, None, :] * answer
    pushed = np.einsum("rsv,sv->r", weighted, case.change - 1)
    return np.asarray(np.linalg.solve(case.export_supply * own - weighted.sum(axis=2), pushed))


def excess(case: Example, price: np.ndarray) -> np.ndarray:
    """Excess supply of each variety at producer prices relative to before, as a share of supply before."""
    paid = price[:, None] * case.change
    index = (case.spending_share * paid ** (1 - case.substitution)).sum(axis=0) ** (1 / (1 - case.substitution))
    bought = case.export_share * (paid / index) ** -case.substitution * index**case.import_demand
    return np.asarray(price**case.export_supply - bought.sum(axis=1))


def exact(case: Example, *, start: np.ndarray) -> np.ndarray:
    """Producer prices relative to before at which every variety's market clears."""
    found = root(lambda logs: excess(case, np.exp(logs)), np.log1p(start), tol=TOLERANCE)
    miss = float(np.abs(found.fun).max())
    if not (found.success and miss < TOLERANCE):
        given = {name: getattr(case, name) for name in ("import_demand", "export_supply", "substitution")}
        raise NotConverged("Global Simulation Model, exact", draw=0, parameters=given, residual=miss)
    return np.asarray(np.exp(found.x))


LICENCES, STATUS_QUO, DEAL = "licence_ban_2019", "status_quo_2025", "deal_2026"
BENCHMARKS, GSIM_RESULTS = "benchmarks_vehicles", "gsim_results"
#: Estimates of notebooks 30 and 40 that stand beside the simulated numbers.
ESTIMATES = {
    "price_change.2019": "canola.price_effect.2019",
    "diversion_share.2019": "canola.diversion_share.2019",
    "price_change.2025": "canola.price_effect.2025_aug",
    "china_volume_change.2025": "canola.trade_effect.2025_seed",
}
DRAWS = 1000  # the tariff equivalent takes up to twenty solutions, so fewer draws than for a scenario
ROUNDING = 5e-4  # published estimates have three digits
GSIM_DIGITS = 4  # decimals of the published example
NAMES = {"us": "United States", "jp": "Japan", "eu": "European Union", "rw": "rest of the world"}


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
        own = Setting(chosen, None, draws, setting.canola, setting.vehicles, setting.us)
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
    start = regimes.canola_against(setting.scenario)
    solved = {closure: models.suspension(setting, start, closure) for closure in CLOSURES}
    pairs = {
        closure: Pair(found, canola_solution(setting, start, closure, suspended=False))
        for closure, (_, found) in solved.items()
    }
    found = outputs.canola_change(pairs)
    rates = Ensemble({closure: rate for closure, (rate, _) in solved.items()})
    return {"tariff_equivalent": rates, "price_change": found.price, "diversion_share": diverted_share(found)}


def diverted_share(found: outputs.CanolaChange) -> Ensemble:
    """Seed sold elsewhere as a share of what China does not buy; 0 where China buys as much as before."""

    def share(closure: str) -> FloatArray:
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
    start = regimes.canola_against(setting.scenario)
    pairs = {closure: Pair(canola_solution(setting, duties, closure, suspended=False),
                           canola_solution(setting, start, closure, suspended=False))
             for closure in CLOSURES}  # fmt: skip
    found = outputs.canola_change(pairs)
    before = ensemble(lambda closure: np.asarray(pairs[closure].against.volume(*SEED_TO_CHINA), dtype=float))
    volume = {
        name: values / before.by_closure[name] for name, values in found.china_volume_change_kt.by_closure.items()
    }
    return {"price_change": found.price, "china_volume_change": Ensemble(volume)}


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
    found = model.simulate(setting.vehicles, draws, as_regime(regimes.vehicles(chosen, draws)))
    cars = found.registrations[CHINA]
    displaced = np.asarray(sum(found.displaced[origin] for origin in OTHERS), dtype=float)
    ours = {
        "china_built": cars, "additional_evs": cars - displaced, "displaced_evs": displaced,
        "displaced_share": displaced / cars, "china_share_of_evs": cars / outcome.electric(found.registrations),
    }  # fmt: skip
    stated = published_quota_study(data.load(BENCHMARKS))
    return pd.DataFrame([{"quantity": name, **vars(spread(np.asarray(values))), "published": float(stated[name])}
                         for name, values in ours.items()])  # fmt: skip


def worked_example() -> pd.DataFrame:
    """The Global Simulation Model's published example: `country`, `published`, `log_linear`, `exact`, `residual`."""
    solved = solve(example())
    stated = data.load(GSIM_RESULTS).set_index("country")["producer_price_change"]
    return solved.assign(published=solved["country"].map(stated))


def example_reproduced(found: pd.DataFrame) -> bool:
    """Whether the log-linear solution gives every published decimal."""
    return bool((found["log_linear"].round(GSIM_DIGITS) == found["published"].round(GSIM_DIGITS)).all())
