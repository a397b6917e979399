"""Time the market of origins and the two other models of canola beside scipy.optimize.root, in one run.

Seconds of a model are medians over repetitions of one regime for all draws, from the draws to the outcome. scipy
solves one draw at a time, so a sample of draws is timed and the ratio is extrapolated from it to all draws.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import tracemalloc
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from second_routes import canola_market_routes, logit_routes

from tradeexposure.canola.market import closures, draws, equilibrium, logit_solver
from tradeexposure.canola.market.base_year import CanolaBase
from tradeexposure.core.errors import NotConverged
from tradeexposure.policy import assumptions, regimes, scenario_schema, scenarios, studies
from tradeexposure.policy.canola_cells import MARKETS, PRODUCTS
from tradeexposure.scenarios.simulation import models, weighted

LIMIT_SECONDS, GOAL_RATIO, ORIGINS_LIMIT = 2.0, 50, 0.3
SEED = 20260116  # of notebook 70, so that the draws are those that it solves
LICENCES = "licence_ban_2019"
Duties = dict[tuple[str, str], float]


def cases() -> dict[str, tuple[scenario_schema.Scenario, Duties]]:
    """Every regime that the shipped scenarios solve, each once, and an embargo on all that China buys."""
    chosen = {name: scenarios.load(name) for name in scenarios.names()}
    solved = [(name, one, regimes.canola(one)) for name, one in chosen.items()]
    solved += [(f"before {name}", one, regimes.canola_against(scenarios.compared(one))) for name, one in chosen.items()]
    found: dict[str, tuple[scenario_schema.Scenario, Duties]] = {}
    for title, one, duties in solved:
        if duties not in [known for _, known in found.values()]:
            found[title] = one, duties
    embargo = {("china", product): float("inf") for product in PRODUCTS}
    return found | {"embargo by China": (scenarios.load("deal_2026"), embargo)}


def clock(base: CanolaBase, some: pd.DataFrame, duties: Duties, closure: str, repeat: int) -> tuple[float, float]:
    """Median seconds, and the largest residual."""
    found = equilibrium.simulate(base, some, duties, closure=closure)
    seconds = []
    for _ in range(repeat):
        begin = time.perf_counter()
        equilibrium.simulate(base, some, duties, closure=closure)
        seconds.append(time.perf_counter() - begin)
    return float(np.median(seconds)), float(found.residual.max())


def peak_mb(base: CanolaBase, some: pd.DataFrame, duties: Duties, closure: str) -> float:
    """Largest memory held by arrays at once, MB, in a run of its own (tracing slows it)."""
    tracemalloc.start()
    equilibrium.simulate(base, some, duties, closure=closure)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def beside_scipy(base: CanolaBase, some: pd.DataFrame, duties: Duties, closure: str) -> tuple[float, float, float, int]:
    """Median seconds a draw of scipy, largest gaps of volume (share of harvest) and farm price, draws it gave up."""
    found = equilibrium.simulate(base, some, duties, closure=closure)
    route = getattr(canola_market_routes, closure)
    seconds, volumes, prices, lost = [], [0.0], [0.0], 0
    for at in range(len(some)):
        begin = time.perf_counter()
        try:
            again = route(base, some.iloc[at].to_dict(), duties)
        except NotConverged:
            lost += 1
            continue
        finally:
            seconds.append(time.perf_counter() - begin)
        arrived = found.volume_kt[at].copy()
        arrived[MARKETS.index("china")] += found.rerouted_kt[at]
        arrived[MARKETS.index("others")] -= found.rerouted_kt[at]
        volumes.append(float(np.abs(arrived - again.volume_kt).max()) / base.harvest_kt)
        prices.append(abs(float(found.farm_price_change[at]) + 1 - again.farm_price))
    return float(np.median(seconds)), max(volumes), max(prices), lost


def line(
    base: CanolaBase, some: pd.DataFrame, name: str, duties: Duties, closure: str, *, repeat: int, sample: int
) -> str:
    """Time one regime in one closure and word its row of the table."""
    took, residual = clock(base, some, duties, closure, repeat)
    memory = peak_mb(base, some, duties, closure)
    finite = {key: min(duty, 1e3) for key, duty in duties.items()}  # scipy needs a number for an embargo
    each, volume, price, lost = beside_scipy(base, some.iloc[:sample], finite, closure)
    slow = " (over the limit)" if took > LIMIT_SECONDS else ""
    ratio = each * len(some) / took
    below = "" if ratio >= GOAL_RATIO else " (below the goal)"
    return (
        f"| {closure} | {name} | {took:.3f}{slow} | {1e3 * each:.2f} | {ratio:,.0f}{below} "
        f"| {sample - lost} of {sample} | {max(volume, price):.0e} | {residual:.0e} | {memory:.0f} |"
    )


def origins(some: pd.DataFrame, name: str, duties: Duties, *, repeat: int, sample: int) -> str:
    """Time one regime in the market of origins and word its row of the table."""
    base = weighted.today(some)
    how = draws.behaviour(base, some)
    found = logit_solver.simulate(base, how, duties)
    seconds, each, gaps = [], [], [0.0]
    for _ in range(repeat):
        begin = time.perf_counter()
        logit_solver.simulate(base, how, duties)
        seconds.append(time.perf_counter() - begin)
    finite = {key: min(duty, 1e3) for key, duty in duties.items()}
    for at in range(sample):
        one = slice(at, at + 1)
        begin = time.perf_counter()
        alone, mine = base.take(one), how.take(one)
        again = logit_routes.solve(alone, mine, finite, logit_routes.transformed(alone, mine))
        each.append(time.perf_counter() - begin)
        gaps.append(float(np.abs(again.price - found.price_ratio[at]).max()))
    took = float(np.median(seconds))
    ratio = float(np.median(each)) * len(some) / took
    slow = " (over the limit)" if took > ORIGINS_LIMIT else ""
    below = "" if ratio >= GOAL_RATIO else " (below the goal)"
    return (
        f"| origins | {name} | {took:.3f}{slow} | {1e3 * float(np.median(each)):.2f} | {ratio:,.0f}{below} "
        f"| {sample} of {sample} | {max(gaps):.0e} | {float(found.residual.max()):.0e} | |"
    )


def equivalent(base: CanolaBase, some: pd.DataFrame, closure: str) -> float:
    """Seconds for the duty that stands for suspended licences, of all draws."""
    fall = some["volume_fall_2019"].to_numpy(float)
    begin = time.perf_counter()
    equilibrium.equivalent_tariff(base, some, fall, closure=closure)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--sample", type=int, default=40, help="draws solved by scipy")
    options = parser.parse_args()
    np.seterr(invalid="ignore")  # scipy steps to negative prices on its way
    names = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    threads = os.environ.get("OMP_NUM_THREADS", "unset")
    print(f"Python {platform.python_version()}, {names}; {os.cpu_count()} cores, OMP_NUM_THREADS {threads}")
    print(f"{options.draws:,} draws of the priors, medians over {options.repeat} repetitions.")
    print(f"The limit is {LIMIT_SECONDS:.0f} s, of the market of origins {ORIGINS_LIMIT} s.")
    print(f"The goal is {GOAL_RATIO} times scipy.")
    print(f"The ratio is extrapolated from {options.sample} draws that scipy solved one by one.\n")
    print("| closure | regime | seconds | scipy, ms a draw | ratio | scipy solved | difference | residual | peak MB |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, (chosen, duties) in cases().items():
        some = assumptions.draws(options.draws, seed=SEED, horizon=chosen.horizon, fixed=dict(chosen.assumptions))
        some = draws.with_kappa(some, chosen.horizon)
        print(origins(some, name, duties, repeat=options.repeat, sample=options.sample), flush=True)
    base = models.base_of(studies.OTHER_MODELS)
    for closure in closures.CLOSURES:
        for name, (chosen, duties) in cases().items():
            some = assumptions.draws(options.draws, seed=SEED, horizon=chosen.horizon, fixed=dict(chosen.assumptions))
            timed = line(base, some, name, duties, closure, repeat=options.repeat, sample=options.sample)
            print(timed, flush=True)
    some = assumptions.draws(options.draws, seed=SEED, horizon=scenarios.load(LICENCES).horizon)
    took = ", ".join(f"{closure} {equivalent(base, some, closure):.2f} s" for closure in closures.CLOSURES)
    print(f"\nDuty that stands for the suspended licences, all draws: {took}")


if __name__ == "__main__":
    main()
