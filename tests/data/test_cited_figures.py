"""Imports of electric cars: every month, or refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.data.cited_figures import electric_car_imports


def test_electric_car_imports_have_every_month_or_are_refused() -> None:
    months = pd.date_range("2024-01", "2024-12", freq="MS")
    cars = pd.DataFrame({"month": months[::-1], "flow": "imports", "hs": "8703.80.00", "value_cad": range(12, 0, -1)})
    others = cars.assign(hs="1205.10.10", value_cad=99)
    assert electric_car_imports(pd.concat([others, cars])).to_dict() == dict(zip(months, range(1, 13), strict=True))
    with pytest.raises(BadInput, match=r"no 8703\.80\.00 in 2024-05"):
        electric_car_imports(cars[cars["month"] != "2024-05-01"])
    with pytest.raises(BadInput, match="no imports"):
        electric_car_imports(cars.assign(flow="exports"))
