"""Weekly flows: differences of cumulative figures by hand, supply that is named, an elasticity that is recovered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure import data
from tradeexposure.canola.exposure import harvests
from tradeexposure.canola.since_deal import weekly
from tradeexposure.core.errors import BadInput


def made_years(elasticity: float, *, noise: float = 0.02) -> tuple[pd.Series, pd.Series]:
    """Flow and supply of thirteen made crop years."""
    rng = np.random.default_rng(4)
    years = [f"{year}-{year + 1}" for year in range(2013, 2026)]
    supply = pd.Series(20_000 * np.exp(rng.normal(0, 0.1, len(years))), years)
    return 4_000 * (supply / 20_000) ** elasticity * np.exp(rng.normal(0, noise, len(years))), supply


def test_tonnes_of_the_weeks_are_those_of_the_table() -> None:
    table = data.load("grain_weekly")
    flows = weekly.moved(table, weeks=(31, 52))
    rows = table[(table["crop_year"] == "2025-2026") & (table["item"] == "exports") & (table["place"] == "all")]
    by_week = rows.set_index("week")["volume_kt"]
    assert flows.loc["2025-2026", "exports"] == pytest.approx(by_week[52] - by_week[30])
    assert flows.loc["2025-2026", "exports"] == pytest.approx(4_668.0)  # 9,140.0 less 4,472.0 as printed
    assert "2013-2014" not in flows.index  # week 52 is not held


def test_supply_is_the_harvest_and_stocks_before_it() -> None:
    table = data.load("grain_weekly")
    crops = harvests.with_revised(data.load("field_crops_annual"), data.load("canola_crop_2025"))
    harvest = crops[(crops["geo"] == "Canada") & (crops["crop"] == "canola")].set_index("year")["production_t"]
    supplied = weekly.supply(table, harvest)
    assert supplied["2025-2026"] == pytest.approx(22_227.416 + 1_143.2)  # elevators at the end of July 2025


@pytest.mark.parametrize("elasticity", [0.0, 1.0, 2.5])
def test_a_known_elasticity_is_recovered_and_a_known_effect_seen(elasticity: float) -> None:
    flow, supplied = made_years(elasticity)
    flow["2025-2026"] *= 1.5
    explained = weekly.explained(flow, supplied, year="2025-2026", before="2026-03")
    assert explained.elasticity == pytest.approx(elasticity, abs=0.2)
    assert explained.change == pytest.approx(0.5, abs=0.1)
    assert explained.rank.p_value == pytest.approx(1 / 13)


def test_the_range_is_the_textbook_prediction_interval() -> None:
    """By a second route: least squares by hand, and each year told by a line through all others."""
    flow, supplied = made_years(1.0)
    explained = weekly.explained(flow, supplied, year="2025-2026", before="2026-03")
    x, y = np.log(supplied.drop("2025-2026")), np.log(flow.drop("2025-2026"))
    new, away = np.log(supplied["2025-2026"]), x - x.mean()
    line = stats.linregress(x, y)
    squares = ((y - line.intercept - line.slope * x) ** 2).sum()
    error = np.sqrt(squares / (len(x) - 2) * (1 + 1 / len(x) + (new - x.mean()) ** 2 / (away**2).sum()))
    reach = stats.t.ppf(0.95, len(x) - 2) * error
    expected = line.intercept + line.slope * new
    assert np.log([explained.low_kt, explained.high_kt]) == pytest.approx([expected - reach, expected + reach])
    assert explained.elasticity == pytest.approx(line.slope)
    lines = {name: stats.linregress(x.drop(name), y.drop(name)) for name in x.index}
    misses = [y[name] - fit.intercept - fit.slope * x[name] for name, fit in lines.items()]
    assert explained.rank.spread == pytest.approx(np.sqrt(np.square(misses).mean()))


def test_a_year_left_out_is_left_out_everywhere() -> None:
    flow, supplied = made_years(1.0)
    flow["2021-2022"] /= 5
    with_it = weekly.explained(flow, supplied, year="2025-2026", before="2026-03")
    without = weekly.explained(flow, supplied, year="2025-2026", before="2026-03", without=["2021-2022"])
    assert with_it.rank.count == without.rank.count + 1
    assert abs(without.elasticity - 1) < abs(with_it.elasticity - 1)


def test_a_crop_year_under_the_duties_stays_in_the_fit_and_is_no_placebo() -> None:
    flow, supplied = made_years(1.0)
    every, untreated = (
        weekly.explained(flow, supplied, year="2025-2026", before=month) for month in ("2026-03", "2025-03")
    )
    assert (untreated.change, untreated.rank.count) == (every.change, every.rank.count - 1)
    _, rank = weekly.yearly_change(flow.to_frame("exports"), year="2025-2026", before="2025-03")["exports"]
    assert rank.count == len(flow) - 3  # not the first year, the year told, nor that before it


def test_a_crop_year_that_is_not_held_is_refused() -> None:
    flow, supplied = made_years(1.0)
    with pytest.raises(BadInput, match=r"crop_year: found 2031-2032; allowed: .*, 2025-2026$"):
        weekly.yearly_change(flow.to_frame("exports"), year="2031-2032", before="2026-03")
    for asked in ({"year": "2031-2032"}, {"year": "2025-2026", "without": ["2026-2027"]}):
        with pytest.raises(BadInput, match=r"crop_year: found (2031-2032|2026-2027); allowed: "):
            weekly.explained(flow, supplied, before="2026-03", **asked)


@pytest.mark.parametrize("weeks", [(1, 52), (40, 30), (31, 53)])
def test_weeks_of_no_crop_year_are_refused(weeks: tuple[int, int]) -> None:
    with pytest.raises(BadInput, match="weeks from 2 to 52"):
        weekly.moved(data.load("grain_weekly"), weeks=weeks)


def test_a_cumulative_figure_that_falls_between_the_ends_is_refused() -> None:
    table = data.load("grain_weekly").copy()
    at = (table["crop_year"] == "2024-2025") & (table["item"] == "exports") & (table["place"] == "all")
    table.loc[at & (table["week"] == 52), "volume_kt"] = 1.0
    with pytest.raises(BadInput, match="2024-2025"):
        weekly.moved(table, weeks=(31, 52))
