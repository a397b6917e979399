"""Scenarios drawn at random that a file could hold: rates, quotas, rules, priors, days and comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, scenario_grids, scenarios, tariff_schedule
from tradeexposure.policy.scenario_schema import Scenario

#: Measures that the models know, and the keys of their rates.
RATES = {
    "china_seed_antidumping": ("rate",), "china_oil_additional": ("rate",), "china_meal_additional": ("rate",),
    "china_seed_deposit": ("rate",), "canada_ev_surtax": ("rate",), "canada_mfn_vehicles": ("rate",),
    "us_232_vehicles": ("rate", "rate_with_claim"), "us_section_301_labour": ("rate",), "japan_mfn_seed": ("rate",),
}  # fmt: skip
ENDED = ("china_meal_peas_suspension", "canada_ev_quota", "canada_ev_no_permit", "us_cusma", "china_oil_additional")
DAYS = ("2025-06-01", "2025-09-01", "2025-12-31", "2026-03-15", "2026-10-01", "2026-12-31")


def drawn(number: int, *, seed: int) -> Iterator[Scenario]:
    """`number` scenarios, named ``own_1`` and on; what no file could hold is drawn again."""
    random, there = np.random.default_rng(seed), 0
    bases = [name for name in scenarios.names() if not name.startswith("own_")]
    while there < number:
        base = scenarios.load(str(random.choice(bases)))
        try:
            made = scenario_grids.variant(base, changes(random), f"own_{there + 1}")
        except BadInput:
            continue
        there += 1
        yield made


def changes(random: np.random.Generator) -> dict[str, Any]:
    """One to five changes, by their dotted paths."""
    found: dict[str, Any] = {"title": f"Own scenario {random.integers(1e6):,}"}
    for kind in random.choice(list(KINDS), size=random.integers(1, 6)):
        found |= KINDS[str(kind)](random)
    return found


def _rate(random: np.random.Generator) -> dict[str, Any]:
    measure = str(random.choice(list(RATES)))
    held = tariff_schedule.all_measures().find(measure)
    if held is None:
        return {}
    rate = round(float(random.choice([0.0, random.uniform(0, 0.3), random.uniform(0, 1.5)])), 3)
    return {f"overrides.{measure}.{key}": rate for key in RATES[measure] if key == "rate" or held.rate_with_claim}


def _end(random: np.random.Generator) -> dict[str, Any]:
    return {f"overrides.{random.choice(ENDED)}.suspended": True}


def _quota(random: np.random.Generator) -> dict[str, Any]:
    most = random.choice([0, 48_999, random.integers(1, 2_000), random.integers(1, 200_000)])
    return {"quantities.canada_ev_quota.annual_vehicles": float(most)}


def _prior(random: np.random.Generator) -> dict[str, Any]:
    known = assumptions.load()
    name = str(random.choice(list(known)))
    value = float(random.choice(list(known[name].distribution.numbers().values())))
    return {f"assumptions.{name}": value}


def _choice(random: np.random.Generator) -> dict[str, Any]:
    every = {"horizon": ("acreage", "crop_year"), "above_quota": ("no_entry", "surtax", "mfn"),
             "against": ("before_measures", "status_quo_2025", "deal_2026", "full_normalisation")}  # fmt: skip
    key = str(random.choice(list(every)))
    return {key: str(random.choice(every[key]))}


def _day(random: np.random.Generator) -> dict[str, Any]:
    return {"facts_on": date.fromisoformat(str(random.choice(DAYS)))}


KINDS = {"rate": _rate, "end": _end, "quota": _quota, "prior": _prior, "choice": _choice, "day": _day}
