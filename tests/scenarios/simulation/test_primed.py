"""What the process that kernels are copies of has solved for simulations: used, equal, and nothing given out."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tradeexposure.core import paths
from tradeexposure.runner import notebooks

#: Two copies of one process, as kernels are, so that what both import is imported once, and what no kernel does not.
ASKED = """
import tradeexposure.runner.kernels.lean
import hashlib, importlib, json, multiprocessing
from dataclasses import fields
from tradeexposure.canola.market import draws, equilibrium, logit_solver, solutions, solver
from tradeexposure.core import reads
from tradeexposure.policy import regimes, scenarios, studies
from tradeexposure.scenarios.simulation import models, weighted

REPLACED = {"volume_fall_2019": (0.6, 0.7, 0.8), "ev_semi_elasticity": (0.02, 0.06, 0.1)}

def digest(found):
    return hashlib.sha256(b"".join(getattr(found, each.name).tobytes() for each in fields(found))).hexdigest()

def asked(*draws, first=()):
    for name in first:
        importlib.import_module(name)
    return reads._State.given_out, [simulated(each) for each in draws]

def simulated(draws_asked):
    calls = []
    solver.solve = lambda *given: calls.append(1) or solve(*given)
    logit_solver._at = lambda *given: calls.append(1) or at(*given)
    with reads.recording() as entries:
        compared = scenarios.compared("full_normalisation")
        drawn = models.joint(compared.scenario, draws=draws_asked, seed=20260116, replaced=REPLACED)
        duties = regimes.canola_against(compared)
        base, market = models.base_of(studies.OTHER_MODELS), weighted.today(drawn)
        found = [equilibrium.simulate(base, drawn, duties, closure="homogeneous"),
                 logit_solver.simulate(market, draws.behaviour(market, drawn), duties)]
    return len(calls), sorted([*key, digest] for key, digest in entries.items()), list(map(digest, found))

solve, at = solver.solve, logit_solver._at
primed = {"first": ["tradeexposure.scenarios.simulation.primed"]}
with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as copies:
    print(json.dumps([copies.apply(asked, [10_000]), copies.apply(asked, [10_000, 2_000], primed)]))
"""


@pytest.mark.long
def test_what_several_scenarios_are_measured_against_is_solved_once_and_the_same() -> None:
    ended = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True, timeout=200)
    (before, [plain]), (given_out, [primed, fewer]) = json.loads(ended.stdout)
    assert (before, given_out) == (0, 0)  # nothing is given out before a notebook asks
    assert plain[0] > 0 and primed[0] == 0 and fewer[0] > 0  # other draws are solved as ever
    assert plain[1] and primed[1] == plain[1]  # and the same is recorded
    assert primed[2] == plain[2] != fewer[2]


def test_draws_and_seed_are_those_of_the_notebook() -> None:
    module = paths.CHECKOUT / "lib" / "tradeexposure" / "scenarios" / "simulation" / "primed.py"
    notebook = notebooks.read(paths.CHECKOUT / "notebooks" / "70_simulate_scenario.ipynb")
    given = notebooks.effective_parameters(notebook, {})
    assert f"DRAWS, SEED = {given['draws']:_}, {given['seed']:_} " in module.read_text("utf-8")
