"""Time the canola market beside scipy.optimize.root, in one run.

Seconds are medians over repetitions of one regime for all draws, from the draws to the outcome. scipy
solves one draw at a time, so a sample of draws is timed and the ratio is extrapolated from it to all draws.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from second_routes import logit_routes

from tradeexposure.canola.market import logit, logit_solver
from tradeexposure.policy import assumptions, regimes, scenario_schema, scenarios
from tradeexposure.policy.tariff_index import PRODUCTS
from tradeexposure.scenarios.simulation import models

LIMIT_SECONDS, GOAL_RATIO = 0.3, 50
SEED = 20260116  # of notebook 70, so that the draws are those that it solves
Duties = dict[tuple[str, str], float]


def cases() -> dict[str, tuple[scenario_schema.Scenario, Duties]]:
    """Every regime that the shipped scenarios solve, each once, and an embargo on all that China buys."""
    chosen = {name: scenarios.load(name) for name in scenarios.names()}
    solved = [(name, scenario, regimes.canola(scenario)) for name, scenario in chosen.items()]
    solved += [
        (f"before {name}", scenario, regimes.canola_against(scenarios.compared(scenario)))
        for name, scenario in chosen.items()
    ]
    distinct: dict[str, tuple[scenario_schema.Scenario, Duties]] = {}
    for title, scenario, duties in solved:
        if duties not in [known for _, known in distinct.values()]:
            distinct[title] = scenario, duties
    embargo = {("china", product): float("inf") for product in PRODUCTS}
    return distinct | {"embargo by China": (scenarios.load("deal_2026"), embargo)}


def line(some: pd.DataFrame, name: str, duties: Duties, *, repeat: int, sample: int) -> str:
    """Time one regime and word its row of the table."""
    base = models.today(some)
    how = logit.behaviour(base, some)
    batch = logit_solver.simulate(base, how, duties)
    seconds, each, gaps = [], [], [0.0]
    for _ in range(repeat):
        begin = time.perf_counter()
        logit_solver.simulate(base, how, duties)
        seconds.append(time.perf_counter() - begin)
    finite = {key: min(duty, 1e3) for key, duty in duties.items()}
    for at in range(sample):
        row = slice(at, at + 1)
        begin = time.perf_counter()
        alone, mine = base.take(row), how.take(row)
        again = logit_routes.solve(alone, mine, finite, logit_routes.transformed(alone, mine))
        each.append(time.perf_counter() - begin)
        gaps.append(float(np.abs(again.price - batch.price_ratio[at]).max()))
    took = float(np.median(seconds))
    ratio = float(np.median(each)) * len(some) / took
    slow = " (over the limit)" if took > LIMIT_SECONDS else ""
    below = "" if ratio >= GOAL_RATIO else " (below the goal)"
    return (
        f"| {name} | {took:.3f}{slow} | {1e3 * float(np.median(each)):.2f} | {ratio:,.0f}{below} "
        f"| {sample} of {sample} | {max(gaps):.0e} | {float(batch.residual.max()):.0e} |"
    )


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
    print(f"The limit is {LIMIT_SECONDS} s.")
    print(f"The goal is {GOAL_RATIO} times scipy.")
    print(f"The ratio is extrapolated from {options.sample} draws that scipy solved one by one.\n")
    print("| regime | seconds | scipy, ms a draw | ratio | scipy solved | difference | residual |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, (chosen, duties) in cases().items():
        some = assumptions.draws(options.draws, seed=SEED, horizon=chosen.horizon, fixed=dict(chosen.assumptions))
        some = logit.with_kappa(some, chosen.horizon)
        print(line(some, name, duties, repeat=options.repeat, sample=options.sample), flush=True)


if __name__ == "__main__":
    main()
