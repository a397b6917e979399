"""Harvests: the revised one takes the place of preliminary rows and of nothing else; what each was used for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import harvests, results
from tradeexposure.core.errors import BadInput

OTHERS = ({"geo": "Alberta"}, {"crop": "wheat"})


def both() -> tuple[pd.DataFrame, pd.DataFrame]:
    return data.load("field_crops_annual"), data.load("canola_crop_2025")


def test_only_rows_of_the_revised_year_change() -> None:
    crops, revised = both()
    updated = harvests.with_revised(crops, revised)
    changed = (crops["crop"] == "canola") & (crops["year"] == 2025) & crops["geo"].isin(revised["geo"])
    pd.testing.assert_frame_equal(updated[~changed], crops[~changed])
    canada = updated[changed].set_index("geo").loc["Canada"]
    assert canada["production_t"] == 22_227_416 and crops[changed]["production_t"].isna().all()
    assert canada["yield_kg_per_ha"] == pytest.approx(22_227_416e3 / 8_705_100)
    assert np.isnan(updated[changed].set_index("geo").loc["Newfoundland and Labrador", "yield_kg_per_ha"])
    assert list(updated.columns) == list(crops.columns)


def test_a_harvest_with_its_crush_and_outlook() -> None:
    crush, outlooks = data.load("canola_crush_monthly"), data.load("canola_balance_forecasts")
    of_2025 = harvests.of_year(harvests.with_revised(*both()), crush, outlooks, year=2025)
    row = of_2025.iloc[0]
    assert (row["crop_year"], row["outlook_kt"]) == ("2025-26", 21_804)
    months = crush["month"].between("2025-08-01", "2026-07-01")
    assert row["crushed"] == pytest.approx(crush.loc[months, "seed_crushed_kt"].sum() / 22_227.416)
    short = harvests.of_year(harvests.with_revised(*both()), crush[crush["month"] < "2026-07-01"], outlooks, year=2025)
    assert short["crushed"].isna().all()
    for harvest, shown in ((short, ()), (of_2025, ["2025-26"])):  # the part crushed is published once
        assert list(results.harvest_of_year(harvest, shown=shown)["result_id"]) == [
            "canola.harvest_kt.2025",
            "canola.harvest_revision.2025",
        ]


def test_a_revised_row_without_one_to_replace_is_refused() -> None:
    crops, revised = both()
    with pytest.raises(BadInput, match="2031, Canada"):
        harvests.with_revised(crops, revised.query("geo == 'Canada'").assign(year=2031))


def test_a_harvest_that_came_since_is_not_written_over() -> None:
    crops, revised = both()
    once = harvests.with_revised(crops, revised)
    pd.testing.assert_frame_equal(harvests.with_revised(once, revised), once)
    newer = once.assign(production_t=once["production_t"].replace(22_227_416, 22_300_000))
    with pytest.raises(BadInput, match="2025, Canada, production_t: found 22227416; allowed: 22300000, as field_crops"):
        harvests.with_revised(newer, revised)


def test_a_missing_month_of_crush_leaves_the_year_out(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    holed = crush[crush["month"] != "2021-03-01"]
    assert harvests.use_of_seed(two_years, holed).empty


def test_shares_of_production_by_hand(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    crops = pd.DataFrame({"year": [2020, 2021], "geo": "Canada", "crop": "canola", "production_t": [100e3, 80e3]})
    crops = pd.concat([crops, *(crops.assign(**cells, production_t=1.0) for cells in OTHERS)])
    use = harvests.use_of_seed(two_years, crush, year="crop")
    shares = harvests.shares_of_production(use, crops).set_index("year")
    assert shares.loc["2020-21", ["exported", "crushed", "to_market", "other"]].tolist() == pytest.approx(
        [0.48, 0.48, 0.12, 0.04]
    )
    assert (shares[["exported", "crushed", "other"]].sum(axis=1) - 1).abs().max() < 1e-12


def test_harvests_take_the_official_figure_before_the_latest_outlook():
    crops = pd.DataFrame({"year": [2023, 2024], "geo": "Canada", "crop": "canola", "production_t": [18e6, np.nan]})
    crops = pd.concat([crops, *(crops.assign(**cells, production_t=1.0) for cells in OTHERS)])
    outlook = pd.DataFrame({"crop_year": ["2023-24", "2024-25", "2024-25"], "item": "production",
                            "unit": "million tonnes", "report": ["2026-01", "2025-08", "2026-01"],
                            "value": [1.0, 20.1, 21.8]})  # fmt: skip
    assert harvests.by_crop_year(crops, outlook).to_dict() == {"2023-24": 18000.0, "2024-25": pytest.approx(21800.0)}
