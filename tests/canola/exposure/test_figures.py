"""Charts of the canola exposure notebook hold what they say."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.canola.exposure import figures
from tradeexposure.data import geography
from tradeexposure.policy import tariff_schedule
from tradeexposure.publishing import drawings
from tradeexposure.publishing.drawings import Drawing
from tradeexposure.reporting import charts


def test_the_charts_hold_what_they_say(seed: pd.DataFrame) -> None:
    by_month = figures.destinations(seed, tariff_schedule.all_measures()).to_dict()
    assert any("Two exporters barred" in str(rows) for rows in by_month["datasets"].values())
    drawn = pd.DataFrame(max(by_month["datasets"].values(), key=len))
    last = drawn[drawn["month"] == drawn["month"].max()].set_index("destination")["volume_kt"]
    assert list(last.index) == ["China", "European Union", "All other countries"]
    newest = seed[seed["month"] > seed["month"].max() - pd.DateOffset(months=12)]
    assert last["China"] == pytest.approx(newest.loc[newest["destination"] == "China", "volume_kt"].sum())
    assert last.sum() == pytest.approx(newest["volume_kt"].sum())
    few = pd.DataFrame({"geo": ["New Brunswick", "Alberta"], "farms": [6, 11615]}).assign(
        at_stake_per_farm_cad=2.0, low_per_farm_cad=1.0, high_per_farm_cad=3.0
    )
    per_farm = str(figures.per_farm(few).to_dict()["datasets"])
    assert "New Brunswick" not in per_farm and "Lowest, C$ per farm" in per_farm and "geo" not in per_farm


def test_a_tariff_is_drawn_once_where_two_bases_agree() -> None:
    days = pd.to_datetime(["2024-01-01", "2025-01-01", "2026-01-01", "2026-08-31"])
    rates = {"owed": (0.1, 0.3, 0.2), "border": (0.1, 0.9, 0.2)}
    paths = pd.DataFrame(
        [{"date_from": days[at], "date_to": days[at + 1], "rate": rate, "basis": basis, "basket": basket}
         for basis, all_rates in rates.items() for basket in ("low", "high") for at, rate in enumerate(all_rates)]
    )  # fmt: skip
    drawn = figures.tariff(paths, tariff_schedule.all_measures()).to_dict()["datasets"].values()
    stretches = next(rows for rows in drawn if len(rows) == 4)
    assert [(row["What is charged"], row["rate"]) for row in stretches] == [
        ("Border", 0.1), ("Border", 0.9), ("Border", 0.2), ("Owed", 0.3),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def drawing(areas: pd.DataFrame) -> Drawing:
    return drawings.drawing(charts.spec_of(figures.subdivisions(areas), title="T", alt="A"), where="map")


def test_the_map_has_every_subdivision_by_its_share_and_nothing_for_what_is_withheld(
    areas: pd.DataFrame, drawing: Drawing
) -> None:
    table = pd.DataFrame(drawing.tables[0].rows, columns=drawing.tables[0].headings)
    assert table["Canola (ha)"].isna().equals(table["Quality"].eq("F, withheld")) and len(table) == len(areas) == 479
    rows = next(rows for rows in drawing.source["datasets"].values() if isinstance(rows, list))
    shown = pd.DataFrame(rows).set_index("ccsuid")
    by_hand = pd.cut(areas.set_index("ccsuid")["share"], [-1, 0, *(end - 1e-12 for end in (0.05, 0.12, 0.2, 0.3)), 9])
    assert (
        shown["share"].map(list(geography.CLASSES.values()).index).replace(6, -1).equals(by_hand.cat.codes.astype(int))
    )
    assert shown.index[shown["caution"].notna()].equals(shown.index[shown["Quality"].str.startswith("E")])
