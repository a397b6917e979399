"""Weighted parameter rows as the notebook on weights hands them over, here drawn from the priors alone; tables of rows.

Over them a small grid of the explorer: few draws, long steps, the project's own models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd
import pytest
import samplebrief

from tradeexposure.canola import weights
from tradeexposure.canola.market import logit
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.core import earlier_results, results_csv
from tradeexposure.policy import assumptions, regimes
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.explorer import grid, levers
from tradeexposure.scenarios.front_page import panel
from tradeexposure.scenarios.simulation import models

DRAWS, SEED, HELD_OUT = 1000, 7, 3
REPLACED = {"volume_fall_2019": (0.6, 0.7, 0.8), "ev_semi_elasticity": (0.02, 0.06, 0.1)}
SETTINGS = {
    "seed": [0.09, 0.12, 0.2, 0.3, 0.5, 0.7, 1.1],
    "meal": [0.05, 0.2, 0.5, 1.05, 1.1],
    "quota": [5000.0, 24_000.0, 43_000.0, 62_000.0, 81_000.0, 100_000.0],
    "us": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
}
PRESETS = {"deal": {}, "A high seed duty": {"seed": 0.848}, "A <larger> quota": {"quota": 63_037.0}}


def priors(n: int, seed: int, horizon: assumptions.Horizon) -> pd.DataFrame:
    """Draws of the priors as the canola market takes them."""
    return logit.with_kappa(assumptions.draws(n, seed=seed, horizon=horizon), horizon)


def today(some: pd.DataFrame) -> MarketBase:
    """Today's base of these draws."""
    return weights.simulated_history.today(some, regimes.base_canola())


def rows(n: int = 200, *, seed: int = 65) -> pd.DataFrame:
    """`n` rows by all data and half as many by official data."""
    after = priors(n, seed, "acreage")["seed_supply"]
    every = priors(n, seed, "crop_year").assign(**{weights.simulated_history.ACREAGE: after})[
        list(weights.study.HANDED)
    ]
    parts = [every.assign(official_only=0), every.head(n // 2).assign(official_only=1)]
    return pd.concat(parts, ignore_index=True)


@cache
def setting() -> models.Setting:
    """The scenario that the levers start from."""
    return models.prepare("deal_2026", draws=DRAWS, seed=SEED, replaced=REPLACED, rows=rows())


@cache
def simulation() -> models.Simulation:
    """That scenario and what it is measured against, solved."""
    return models.solve(setting())


@cache
def start() -> levers.Start:
    """That scenario as the levers start from it."""
    return levers.Start.of(setting())


@cache
def solved() -> grid.Grid:
    """The grid."""
    return grid.solve(setting(), SETTINGS, PRESETS, held_out=HELD_OUT, seed=SEED)


@cache
def data() -> dict[str, Any]:
    """What a notebook hands to the page; its file keeps no order of keys."""
    return json.loads(json.dumps(panel.as_json(solved()), sort_keys=True))


def with_second(patch: pytest.MonkeyPatch) -> None:
    """The committed notebooks, with rows made by hand of the deal against its second counterfactual."""
    by_scenario = earlier_results.by_scenario

    def both(notebook: str) -> dict[str, list[dict[str, Any]]]:
        rows = dict(by_scenario(notebook))
        added = samplebrief.frame({**samplebrief.vehicles(1), **samplebrief.second(1)}).to_dict("records")
        like = rows[brief.DEAL][0]
        known = {row["result_id"] for row in rows[brief.DEAL]}
        added = [row for row in added if row["result_id"] in samplebrief.second(1) or row["result_id"] not in known]
        named = {row["result_id"] for row in added}
        kept = [row for row in rows[brief.DEAL] if row["result_id"] not in named]
        rows[brief.DEAL] = kept + [
            {**like, **row, "label": "made by hand", "against": "final_duty_2026"} for row in added
        ]
        return rows

    own = earlier_results.rows
    second = samplebrief.frame(samplebrief.second(1)).set_index("result_id", drop=False)
    variants = second.loc[[*brief.VARIANTS]].to_dict("records")
    patch.setattr(earlier_results, "by_scenario", both)
    patch.setattr(earlier_results, "rows", lambda name: own(name) + [{**own(name)[0], **row} for row in variants])


def tables(scenarios: Mapping[str, Iterable[Mapping[str, Any]]], against: Mapping[str, str] | None = None) -> str:
    """The tables of a notebook (JSON) with the rows of each scenario; `against` says which one a scenario's are of."""
    texts = dict.fromkeys((*results_csv.COLUMNS, results_csv.DIGITS), "") | {"digits": 2}
    numbers = dict.fromkeys(("value", "low", "high", "level"))
    rows = [
        {**texts, **numbers, **row, "scenario": name, "against": (against or {}).get(name, "")}
        for name, own in scenarios.items()
        for row in own
    ]
    text = results_csv.text(pd.DataFrame(rows), more=(results_csv.DIGITS, results_csv.AGAINST))
    return json.dumps({earlier_results.SCENARIOS: text})
