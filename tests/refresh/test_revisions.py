"""What counts as a revision, and what as implausible."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
import refreshing

from tradeexposure.refresh import revisions, run, staging
from tradeexposure.refresh.publishers import sources_schema
from tradeexposure.refresh.publishers.sources_schema import Bounds
from tradeexposure.refresh.revisions import Revision

FIELDS = [
    {"name": "month", "type": "yearmonth"},
    {"name": "place", "type": "string"},
    {"name": "value", "type": "number"},
    {"name": "note", "type": "string"},
]
MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]


def table(months: list[str] = MONTHS, *, value: float = 100.0, **changed: float) -> pd.DataFrame:
    """Two places a month; `changed` maps a month such as m2024_03 to its value in the first place."""
    values = {key[1:].replace("_", "-"): number for key, number in changed.items()}
    rows = [(m, place, str(values.get(m, value) if place == "a" else value), "") for m in months for place in "ab"]
    return pd.DataFrame(rows, columns=["month", "place", "value", "note"], dtype="object")


def compared(before: pd.DataFrame, after: pd.DataFrame, **bounds: Any) -> Revision:
    return revisions.compare(
        "t", before, after, key=["month", "place"], period="month", fields=FIELDS, bounds=Bounds(**bounds)
    )


def test_the_same_is_no_revision():
    assert not compared(table(), table()).any
    assert not compared(table(), table().iloc[::-1].assign(value="100.00")).any, "neither order nor writing counts"


def test_counts_and_largest():
    revision = compared(table(), table([*MONTHS[1:], "2025-01"], m2024_03=110.0, m2024_04=101.0), vanished=2)
    assert (len(revision.added), revision.revised, len(revision.vanished)) == (2, 2, 2)
    assert str(revision.changes[0]) == "2024-03, a: value 100 → 110 (+10.0%)"
    assert revision.problems == ("t: begins with 2023-02, held from 2023-01",)


def test_a_text_that_changed_is_a_revision():
    assert compared(table(), table().assign(note="p")).revised == 48


def test_from_zero_is_not_infinite_trouble():
    revision = compared(table(m2024_03=0.0), table())
    assert str(revision.changes[0]).endswith("0 → 100 (from zero)") and revision.problems == ()


def test_a_value_that_vanished_is_shown():
    many = {f"m2024_{month:02d}": 100.0 + month for month in range(1, 13)}
    gone = table(**{**many, "m2024_05": float("nan"), "m2024_09": float("nan")})
    listed = compared(table(), gone).changes
    assert [change.key for change in listed[:3]] == ["2024-05, a", "2024-09, a", "2024-12, a"], "nothing is hidden"
    assert "nan" in str(listed[0])
    assert list(map(str, listed)) == list(map(str, compared(table(), gone.iloc[::-1]).changes))


@pytest.mark.parametrize(("value", "problem"), [(100.0, False), (450.0, False), (100_000.0, True), (0.1, True)])
def test_magnitude_of_new_values(value: float, problem: bool):
    new = pd.concat([table(), table(["2025-01", "2025-02"], value=value)])
    assert bool(compared(table(), new).problems) == problem


def test_a_new_table_has_nothing_to_be_compared_with():
    revision = compared(table().iloc[:0], table())
    assert len(revision.added) == 48 and revision.problems == () and revision.last_before == ""


class TestReleases:
    """Revisions of real releases of the Pink Sheet pass and are told; a wrong unit or column does not (A122)."""

    NAME = "commodity_prices_monthly"
    HELD = refreshing.text_tables()[NAME]
    #: April 2026 in the release of 2026-05-04 (github.com/sebapi747/gold, CMO-Historical-Data-Monthly.csv); the table
    #: has the release of 2026-06-02. All of these series' other months since June 2025 are the same in both.
    MAY = {  # noqa: RUF012
        "palm_oil": "1148.04", "soybean_oil": "1624.04", "rapeseed_oil": "1330.09", "sunflower_oil": "1478.33",
        "soybeans": "463.13", "soybean_meal": "415",
    }  # fmt: skip

    def judged(self, prices: pd.Series, frame: pd.DataFrame = HELD) -> Revision:
        """The shipped table with other prices, as a refresh of January 2027 judges it."""
        catalogue = sources_schema.load()
        work = run.Work(catalogue, {}, staging.CurrentVintage.load(), date(2027, 1, 15), ())
        return work.judged(self.NAME, catalogue.tables[self.NAME], frame.assign(price_usd=prices)).revision

    def times(self, rows: pd.Series, factor: float, frame: pd.DataFrame = HELD) -> pd.Series:
        """Prices of which those in some rows are multiplied."""
        return frame["price_usd"].mask(rows, (frame["price_usd"].astype(float) * factor).map("{:.2f}".format))

    def test_between_two_real_ones(self):
        april = self.HELD["commodity"].where(self.HELD["month"] == "2026-04", "").map(self.MAY)
        revision = self.judged(april.fillna(self.HELD["price_usd"]))
        assert revision.problems == () and revision.revised == len(self.MAY)
        assert "    2026-04, soybean_oil: price_usd 1643.42 → 1624.04 (-1.2%)" in revision.lines()

    def test_up_to_13_dollars_a_tonne_in_all_recent_months(self):
        recent = (self.HELD["per"] == "tonne") & (self.HELD["month"] >= "2025-01")
        steps = pd.Series([13 - n % 14 for n in range(int(recent.sum()))], self.HELD.index[recent])
        moved = (self.HELD.loc[recent, "price_usd"].astype(float) + steps).map("{:g}".format)
        revision = self.judged(moved.reindex(self.HELD.index).fillna(self.HELD["price_usd"]))
        assert revision.problems == () and revision.revised > 100 and any("(+" in line for line in revision.lines())

    @pytest.mark.parametrize(("commodity", "factor"), [("soybean_oil", 0.0453592), ("urea", 1.1023)])
    def test_another_unit_under_the_same_name(self, commodity: str, factor: float):
        """Cents a pound for dollars a tonne, and long for short tons: the nearest of all."""
        median, *series = self.judged(self.times(self.HELD["commodity"] == commodity, factor)).problems
        assert "in the median, at most 5%" in median
        assert len(series) == (factor < 0.1) and all(commodity in problem for problem in series)

    def test_another_unit_in_new_months_alone(self):
        longer = refreshing.longer(self.HELD, "month", 6)
        cents = self.times((longer["month"] > "2026-05") & (longer["commodity"] == "wheat_hrw"), 2.7216, longer)
        (problem,) = self.judged(cents, longer).problems
        assert "new values of price_usd of wheat_hrw are 2." in problem and "allowed is 0.444 to 2.25" in problem

    def test_columns_that_changed_places(self):
        """The two that are nearest to each other differ by 5.6% in the median of their months."""
        frame, swapped = self.HELD, {"rapeseed_oil": "soybean_oil", "soybean_oil": "rapeseed_oil"}
        both = frame["month"].isin(frame.loc[frame["commodity"] == "rapeseed_oil", "month"])
        named = frame["commodity"].mask(both, frame["commodity"].replace(swapped))
        prices = frame.set_index(["month", "commodity"])["price_usd"]
        wanted = pd.MultiIndex.from_arrays([frame["month"], named])
        (problem,) = self.judged(pd.Series(prices.reindex(wanted).to_numpy(), frame.index)).problems
        assert "revisions are 6% in the median, at most 5%" in problem
