"""The models beside published numbers: a study of the quota as it is printed, a worked example reproduced."""

from __future__ import annotations

import numpy as np
import pytest
import samplerows

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.reporting import results_book
from tradeexposure.scenarios.simulation import gsim, results, tables, validation
from tradeexposure.scenarios.simulation.models import Setting
from tradeexposure.vehicles.market.base_year import ORIGINS


@pytest.fixture(scope="module")
def setting() -> Setting:
    return samplerows.setting()


def test_the_published_study_is_read_as_it_is_printed():
    table = data.load("benchmarks_vehicles")
    assert validation.published_quota_study(table).to_dict() == pytest.approx({
        "china_built": 49_000, "additional_evs": 30_745, "displaced_evs": 18_255, "displaced_share": 18_255 / 49_000,
        "china_share_of_evs": 0.233,
    })  # fmt: skip
    with pytest.raises(BadInput, match=r"net additional EVs / displaced other EVs.*0 rows"):
        validation.published_quota_study(table.head(3))


def test_the_base_year_of_cars_is_held_against_the_newest_half_year():
    table = data.load("vehicle_registrations_canada_quarterly")
    electric = table[table["fuel"] == "battery electric"].assign(year=lambda rows: rows["quarter"].astype(str).str[:4])
    months = electric["quarter"].astype(str).str[5:7].astype(int)
    first, whole = (part.groupby("year")["registrations"].sum() for part in (electric[months < 7], electric))
    by_hand = first["2026"] * whole["2025"] / first["2025"] / whole["2023"]
    assert validation.base_year_at_pace(2026, seasonal=2025) == pytest.approx(by_hand) and abs(by_hand - 1) < 0.05


def test_everything_beside_is_published(setting: Setting):
    book = results_book.Book("70_simulate_scenario")
    study = validation.quota_study(setting, seed=samplerows.SEED, replaced=samplerows.REPLACED)
    for rows in (results.quota_rows(study), results.example_rows(gsim.worked_example())):
        book.add_frame(rows)
    rows = book.frame().set_index("result_id")
    assert rows.loc["scenario.validation.gsim.largest_difference", "value"] == 0
    assert rows.loc["scenario.validation.quota.china_built.sawyer", "value"] == 49000
    assert len(tables.quota_study(study)) == len(study)


def test_the_study_is_the_deals_first_year_at_the_same_draws():
    setting, year = samplerows.setting(), samplerows.simulation().first_year.scenario
    study = validation.quota_study(setting, seed=samplerows.SEED, replaced=samplerows.REPLACED).set_index("quantity")
    assert validation.DRAWS == samplerows.DRAWS
    ours, electric = study["value"], sum(year.registrations[name] for name in ORIGINS)
    assert ours["china_built"] == np.median(year.registrations["china"])
    assert ours["china_share_of_evs"] == pytest.approx(np.median(year.registrations["china"] / electric))
    assert 0 < ours["displaced_share"] < 1 and 0 < ours["additional_evs"] < ours["china_built"]
    assert ours["displaced_evs"] + ours["additional_evs"] == pytest.approx(ours["china_built"], rel=0.02)
    assert (study["low"] < ours).all() and (ours < study["high"]).all()
