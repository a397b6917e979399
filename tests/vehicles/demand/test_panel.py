"""Rebates as quarterly amounts: days are weighted, readings are applied; faults of these and of counts are refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.vehicles.demand import panel
from tradeexposure.vehicles.demand.panel import Reading, Scaling

STATED = Reading("stated")
QUARTERS = pd.date_range("2018-01-01", "2018-10-01", freq="QS", name="quarter")
ROWS = [("Ontario", "old", "2018-01-01", "2018-07-11", 14000), ("Ontario", "stock", "2018-07-12", "2018-09-10", 14000),
        ("Ontario", "none", "2018-09-11", None, 0), ("Quebec", "rebate", "2017-01-01", None, 8000)]  # fmt: skip


def table(rows: list[tuple] = ROWS) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["jurisdiction", "programme", "date_start", "date_end", "amount_cad"])
    dated = {name: pd.to_datetime(frame[name]) for name in ("date_start", "date_end")}
    return frame.assign(vehicle="BEV", **dated)


def amounts(rows: list[tuple] = ROWS, reading: Reading = STATED, **options: object) -> pd.DataFrame:
    chosen = {"vehicle": "BEV", "jurisdictions": ["Ontario", "Quebec"], "quarters": QUARTERS, **options}
    return panel.paths(table(rows), reading, **chosen)


def test_days_are_weighted():
    rebates = amounts()
    # 72 of the 92 days of the third quarter of 2018 lie before 11 September.
    assert rebates["Ontario"].tolist() == pytest.approx([14, 14, 14 * 72 / 92, 0])
    assert rebates["Quebec"].tolist() == [8, 8, 8, 8]


def test_a_day_without_a_period_has_no_rebate():
    assert amounts(ROWS[3:])["Ontario"].tolist() == [0, 0, 0, 0]


def test_a_reading_moves_starts_leaves_out_and_scales():
    rows = [
        *ROWS[3:],
        ("Ontario", "late", "2018-01-01", None, 4000),
        ("Ontario", "charge a year", "2018-01-01", None, -150),
    ]
    reading = Reading("x", left_out=("charge",), starts={"late": "2018-04-01"}, ends={"late": "2018-09-30"},
                      scalings=(Scaling("Quebec", "2018-07-01", 0.5),))  # fmt: skip
    rebates = amounts(rows, reading)
    assert rebates["Ontario"].tolist() == [0, 4, 4, 0]
    assert rebates["Quebec"].tolist() == [8, 8, 4, 4]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*ROWS, ("Quebec", "second", "2018-03-01", "2018-03-31", 1000)], "Quebec, second: found starts 2018-03-01"),
        ([("Ontario", "charge", "2018-01-01", None, -150)], "Ontario, charge: found -150; allowed: a rebate of zero"),
        (
            [("Ontario", "back", "2018-05-01", "2018-04-01", 1)],
            "Ontario, back: found 2018-04-01; allowed: an end after",
        ),
        (
            [
                ("Ontario", "long", "2018-01-01", "2018-12-31", 1),
                ("Ontario", "short", "2018-02-01", "2018-02-28", 2),
                ("Ontario", "late", "2018-06-01", "2018-06-30", 3),
            ],
            "Ontario, short",
        ),
    ],
)
def test_faults_are_refused(rows: list[tuple], message: str):
    with pytest.raises(BadInput, match=message):
        amounts(rows)


def test_unknown_vehicle_and_programme_are_refused():
    with pytest.raises(BadInput, match="found FCEV; allowed: BEV"):
        amounts(vehicle="FCEV")
    with pytest.raises(BadInput, match="found misspelt"):
        amounts(reading=Reading("x", starts={"misspelt": "2018-04-01"}))


def test_registrations_that_make_no_panel_are_refused():
    quarters = pd.date_range("2020-01-01", "2020-10-01", freq="QS")
    rows = [
        {"quarter": quarter, "geo": geo, "fuel": fuel, "vehicle_type": "all", "registrations": number}
        for quarter in quarters for geo in ("Ontario", "Quebec")
        for fuel, number in (("battery electric", 5), ("gasoline", 95), ("all fuel types", 100))
    ]  # fmt: skip
    frame, both = pd.DataFrame(rows), ["Ontario", "Quebec"]
    assert panel.counts(frame, provinces=both)["battery electric"].tolist() == [5] * 8
    holed = frame[~((frame["geo"] == "Ontario") & (frame["quarter"] == "2020-04-01"))]
    many = frame.assign(registrations=frame["registrations"].where(frame.index > 0, 120))
    for wrong, provinces, message in (
        (frame, ["Manitoba"], "no rows of Manitoba"),
        (frame, ["Ontario", "Manitoba"], "Manitoba, .*: found no row in 2020Q1"),
        (holed, both, "Ontario, .*: found no row in 2020Q2"),
        (many, both, "2020Q1, Ontario: found 215, all fuels added up; allowed: 100"),
    ):
        with pytest.raises(BadInput, match=message):
            panel.counts(wrong, provinces=provinces)
