"""Scenarios drawn at random: every one of them has what an edition needs, whatever it does to a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import storednotebooks
import yaml

from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, scenario_grids, scenarios, tariff_schedule
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.publishing import manifest

NUMBER = 200
BATCH, BATCH_SECONDS = 20, 6000  # scenarios of one run, and what it may take on a busy machine


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
    bases = sorted(scenarios.SHIPPED)
    while there < number:
        base = scenarios.load(str(random.choice(bases)))
        try:
            scenario = scenario_grids.variant(base, drawn_changes(random), f"own_{there + 1}")
        except BadInput:
            continue
        there += 1
        yield scenario


def drawn_changes(random: np.random.Generator) -> dict[str, Any]:
    """One to five changes, by their dotted paths."""
    changes: dict[str, Any] = {"title": f"Own scenario {random.integers(1e6):,}"}
    for kind in random.choice(list(KINDS), size=random.integers(1, 6)):
        changes |= KINDS[str(kind)](random)
    return changes


def _rate(random: np.random.Generator) -> dict[str, Any]:
    measure = str(random.choice(list(RATES)))
    fact = tariff_schedule.all_measures().find(measure)
    if fact is None:
        return {}
    rate = round(float(random.choice([0.0, random.uniform(0, 0.3), random.uniform(0, 1.5)])), 3)
    return {f"overrides.{measure}.{key}": rate for key in RATES[measure] if key == "rate" or fact.rate_with_claim}


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


CARDS = {"card.png", "card.fr.png"}


class AsFile(yaml.SafeDumper):
    """Writes a scenario as its file has it: rows of a section as a list."""


AsFile.add_representer(tuple, AsFile.represent_list)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which the estimates are there and an edition is published."""
    published = storednotebooks.place(tmp_path_factory)
    edition = storednotebooks.made(published)
    assert edition.status == 0, edition.error
    return shutil.copytree(published, tmp_path_factory.mktemp("own") / "project")


@pytest.mark.slow
@pytest.mark.timeout(2 * BATCH_SECONDS)
@pytest.mark.parametrize("first", range(0, NUMBER, BATCH))
def test_two_hundred_files_are_published(project: Path, first: int) -> None:
    """Twenty a run, with no other file of a user's there: all pages of each, in both languages."""
    folder, editions = project / "data" / "scenarios", project / "reports" / "private"
    whole = {path.name for path in (editions.with_name("published") / "deal_2026").iterdir()}
    batch = {chosen.name: chosen for chosen in islice(drawn(NUMBER, seed=1), first, first + BATCH)}
    for name, chosen in batch.items():
        text = yaml.dump(chosen.model_dump(exclude_defaults=True), Dumper=AsFile, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yml").write_text(text, "utf-8")
    try:
        ended = storednotebooks.run(project, "run", *batch, "--workers", "2", seconds=BATCH_SECONDS)
        assert ended.returncode == 0, ended.stderr
        for name in batch:
            made_of = {path.name for path in (editions / name).iterdir()}
            # A scenario that changes nothing for growers has a sentence in the place of the chart that cards show.
            assert made_of | CARDS == whole and made_of & CARDS in (set(), CARDS)
            assert manifest.altered(editions / name, manifest.read(editions / name)) == []
            assert all(f"{name}: {line}" in ended.stdout for line in manifest.neutral(editions / name))
    finally:
        for name in batch:
            (folder / f"{name}.yml").unlink()
            shutil.rmtree(editions / name, ignore_errors=True)
