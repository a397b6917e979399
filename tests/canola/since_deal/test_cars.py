"""Registrations since the deal: by hand from the table, among changes at other times; sentences by p-value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.since_deal import cars, sentences
from tradeexposure.core.errors import BadInput
from tradeexposure.data.tables import CAR_IMPORTS, electric_car_imports
from tradeexposure.vehicles import registrations

TABLE = "vehicle_registrations_canada_quarterly"


def quarters() -> pd.Series:
    return cars.registered(data.load(TABLE))


def test_series_are_those_that_the_notebooks_on_cars_read() -> None:
    fuels = registrations.quarterly(data.load(TABLE))
    battery = fuels[fuels["fuel"] == registrations.BATTERY].set_index("quarter")["registrations"]
    pd.testing.assert_series_equal(quarters(), battery, check_dtype=False, check_freq=False)
    spring = electric_car_imports(data.load(CAR_IMPORTS))["2026-03":"2026-04"]  # type: ignore[misc]
    assert spring.sum() == 670_478_506  # as printed, both months


def test_a_quarter_that_is_missing_is_refused() -> None:
    table = data.load(TABLE)
    with pytest.raises(BadInput, match="none in 2024-07"):
        cars.registered(table[table["quarter"] != "2024-07-01"])


def test_the_newest_quarter_and_its_year() -> None:
    spans = cars.newest(quarters())
    assert [some.suffix for some in spans] == ["2026_apr_jun", "2026_jan_jun"]
    first_quarter = quarters()[:"2026-01"]  # type: ignore[misc]
    assert [some.suffix for some in cars.newest(first_quarter)] == ["2026_jan_mar"]


def test_published_counts_and_changes_equal_the_table_by_hand() -> None:
    spring, half = cars.newest(quarters())
    assert cars.total(quarters(), spring) == 40_585 and cars.total(quarters(), half) == 29_808 + 40_585
    assert cars.on_year(quarters(), spring).change == pytest.approx(40_585 / 29_536 - 1)
    growth = cars.on_year(quarters(), half)
    assert growth.change == pytest.approx(70_393 / (26_401 + 29_536) - 1)
    assert growth.placebos[pd.Timestamp("2024-01-01")] == pytest.approx(np.log((35_782 + 48_552) / (24_217 + 35_633)))
    assert growth.placebos.index.max() == pd.Timestamp("2025-07-01")  # the last that ends before the half year


def test_a_year_before_that_is_not_held_is_refused() -> None:
    short = quarters().iloc[-4:]
    with pytest.raises(BadInput, match="2026-04 to 2026-06 over 2025-04 to 2025-06"):
        cars.on_year(short, cars.newest(short)[0])


def test_rows_carry_count_change_and_p_value() -> None:
    spring = cars.newest(quarters())[0]
    rows = cars.rows(quarters(), {spring: cars.on_year(quarters(), spring)})
    stem = "track.bev_registrations.2026_apr_jun"
    assert rows["result_id"].tolist() == [stem, f"{stem}.change_on_year", f"{stem}.change_on_year.p_value"]
    assert set(rows["when"]) == {"April to June 2026"}


@pytest.mark.parametrize(
    ("p_values", "phrase"), [((0.5, 0.8), "could explain each of these changes"), ((0.02, 0.05), "by chance often"),
                             ((0.02, 0.5), "could explain some of these")],
)  # fmt: skip
def test_what_is_said_of_chance_follows_the_p_values(p_values: tuple[float, ...], phrase: str) -> None:
    assert phrase in sentences.by_chance(p_values)


@pytest.mark.parametrize(("factor", "opening"), [(1.1, "More"), (0.9, "Fewer"), (1.0, "As many")])
def test_the_title_follows_the_next_quarter(factor: float, opening: str) -> None:
    counts = quarters()
    summer = pd.Series([factor * counts["2025-07-01"]], [pd.Timestamp("2026-07-01")])
    longer = pd.concat([counts, summer]).asfreq("QS")
    title = sentences.cars_title(cars.on_year(longer, cars.newest(longer)[0]).change)
    assert title.startswith(f"{opening} battery-electric cars ")
