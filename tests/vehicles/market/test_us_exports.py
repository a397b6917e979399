"""US duties on Canadian vehicles: hand-computed changes, both horizons, and what must be refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market import us_exports
from tradeexposure.vehicles.market.us_exports import UsBase

FREE = VehicleRegime(china_within=0.061)
DRAWS = pd.DataFrame({"us_vehicle_demand": [0.5, 1.0, 2.5], "us_vehicle_demand_long": [4.0, 5.0, 7.0]})


@pytest.fixture(scope="module")
def base() -> UsBase:
    return us_exports.calibrate()


def charged(duty: object) -> VehicleRegime:
    return replace(FREE, us_vehicle_duty=duty)


def test_exports_are_cars_of_2024_at_that_years_rate(base: UsBase) -> None:
    lines, rate = data.load("us_imports_from_canada_2024"), data.load("exchange_rate_monthly")
    cars = lines.loc[lines["hts10"].str[:4] == "8703", "value_usd"].sum()
    mean = rate.loc[rate["month"].dt.year == 2024, "cad_per_usd"].mean()
    assert base.exports_cad == pytest.approx(cars * mean)
    assert base.exported_share == pytest.approx(1.1 / 1.3)
    assert base.cells["source"].ne("").all() and base.cells["value"].tolist() == [base.exports_cad, base.exported_share]


def test_constant_elasticity_by_hand(base: UsBase) -> None:
    outcome = us_exports.simulate(base, DRAWS, charged(0.21), charged(0.1))
    share = (1.21 / 1.1) ** -DRAWS["us_vehicle_demand"].to_numpy() - 1
    np.testing.assert_allclose(outcome.vehicle_export_change, share)
    np.testing.assert_allclose(outcome.vehicle_export_change_cad, share * base.exports_cad)
    np.testing.assert_allclose(outcome.domestic_assembly_change, share * 1.1 / 1.3)


def test_monotone_bounded_and_larger_in_the_long_run(base: UsBase) -> None:
    changes = [us_exports.simulate(base, DRAWS, charged(duty), FREE).vehicle_export_change for duty in (0, 0.1, 0.5, 1)]
    assert (np.diff(np.array(changes), axis=0) < 0).all() and (changes[-1] > -1).all()
    long = us_exports.simulate(base, DRAWS, charged(0.1), FREE, horizon="long_run").vehicle_export_change
    assert (long < changes[1]).all()


def test_duties_may_differ_by_draw(base: UsBase) -> None:
    change = us_exports.simulate(base, DRAWS, charged(np.array([0.0, 0.1, 0.2])), FREE).vehicle_export_change
    np.testing.assert_allclose(change, [0.0, 1.1**-1.0 - 1, 1.2**-2.5 - 1])


def test_bad_input_is_named(base: UsBase) -> None:
    with pytest.raises(BadInput, match=r"horizon.*soon.*one_year, long_run"):
        us_exports.simulate(base, DRAWS, FREE, FREE, horizon="soon")
    with pytest.raises(BadInput, match=r"us_vehicle_demand.*-1 in draw 1"):
        us_exports.simulate(base, pd.DataFrame({"us_vehicle_demand": [1.0, -1.0]}), FREE, FREE)
    with pytest.raises(BadInput, match="no such column"):
        us_exports.simulate(base, DRAWS[["us_vehicle_demand_long"]], FREE, FREE)
