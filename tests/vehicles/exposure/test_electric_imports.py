"""Imports of electric cars by month: years, parts of years, and the table held."""

from __future__ import annotations

import pandas as pd

from tradeexposure.data.cited_figures import electric_car_imports
from tradeexposure.vehicles.exposure import electric_imports


def made(last: str = "2026-04") -> pd.DataFrame:
    months = pd.date_range("2024-01", last, freq="MS")
    values = (months.year - 2023).astype(float)  # 1 in 2024, 2 in 2025, 3 in 2026
    return pd.DataFrame({"month": months, "flow": "imports", "hs": "8703.80.00", "value_cad": values})


def test_full_years_and_parts_beside_the_year_before() -> None:
    table = electric_imports.compared(electric_car_imports(made()), "2026-03-01").set_index("suffix")
    assert table["value_cad"].to_dict() == {"2024": 12, "2025": 24, "2025_jan_apr": 8, "2026_jan_apr": 12,
                                            "2025_mar_apr": 4, "2026_mar_apr": 6}  # fmt: skip
    assert table["change"].isna().to_list() == [True, False, False, False, False, False]
    assert table.loc["2026_mar_apr", "change"] == 0.5 and table.loc["2025", "change"] == 1


def test_a_year_that_is_over_is_told_once() -> None:
    table = electric_imports.compared(electric_car_imports(made("2026-12")), "2026-03-01")
    assert table["suffix"].is_unique and {"2026", "2026_jan_dec"} & set(table["suffix"])
    rows = electric_imports.results(table)
    assert rows["result_id"].is_unique and rows["value"].notna().all()


def test_the_text_names_numbers_that_are_published() -> None:
    table = electric_imports.compared(electric_car_imports(made()), "2026-03-01")
    text, rows = electric_imports.sentence(table), electric_imports.results(table)
    named = {part.split("}")[0] for part in text.split("{")[1:]}
    assert named and named <= set(rows["result_id"])
