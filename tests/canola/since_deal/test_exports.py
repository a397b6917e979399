"""Exports since the deal: sums by hand, placebos counted apart, a path that sees nothing later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.since_deal import exports, sentences
from tradeexposure.core.errors import BadInput
from tradeexposure.data import result_words

WINDOW = exports.window("2026-03", "2026-08")


def series(months: int = 98, *, noise: float = 0.1, seed: int = 1) -> pd.Series:
    """Made exports up to August 2026: a season, a level of 100 m and noise."""
    index = pd.date_range(end="2026-08", periods=months, freq="MS", name="month")
    season = 0.3 * np.sin(2 * np.pi * index.month.to_numpy() / 12)
    shocks = np.random.default_rng(seed).normal(0, noise, months)
    return pd.Series(1e8 * np.exp(season + shocks), index, name="made")


def test_published_sums_are_those_of_the_table() -> None:
    table = data.load("farm_food_exports_monthly")
    china = exports.by_province(table, partner="china")
    rows = table[(table["partner"] == "china") & table["month"].between("2026-03", "2026-08")]
    assert exports.total(china["Saskatchewan"], WINDOW) == pytest.approx(
        1e6 * rows.loc[rows["province"] == "Saskatchewan", "value_cad_millions"].sum()
    )
    assert exports.total(china[exports.TOGETHER], WINDOW) == pytest.approx(1e6 * rows["value_cad_millions"].sum())
    assert exports.total(china[exports.TOGETHER], WINDOW) == pytest.approx(3_424.133e6)  # read off the table by hand


def test_change_on_earlier_years_by_hand() -> None:
    monthly = series()
    now, before = monthly["2026-03":"2026-08"].sum(), monthly["2024-03":"2024-08"].sum()
    growth = exports.on_earlier_years(monthly, WINDOW, years=2, before="2025-03")
    assert growth.change == pytest.approx(now / before - 1)
    assert growth.placebos.index.max() == pd.Timestamp("2024-09")  # the last window that no duty of 2025 touches
    assert growth.rank.floor == pytest.approx(1 / (1 + len(growth.placebos) / 6))
    # as the page says: a fall of 2/5 is a rise of 2/3
    by_log = np.log(monthly.iloc[24:30].sum() / monthly.iloc[:6].sum())
    assert growth.placebos.iloc[0] == pytest.approx(by_log)


def test_a_frozen_path_does_not_see_the_window() -> None:
    monthly = series()
    boosted = monthly.copy()
    boosted["2026-03":] *= 3  # type: ignore[misc]
    settings = {"least": 36, "before": "2025-03", "draws": 4000, "seed": 1}
    usual, tripled = (exports.on_frozen_path(values, WINDOW, **settings) for values in (monthly, boosted))
    assert usual.paths is not None and tripled.paths is not None
    pd.testing.assert_frame_equal(*(exports.frozen_path(paths) for paths in (usual.paths, tripled.paths)))
    assert tripled.change == pytest.approx(3 * (1 + usual.change) - 1)
    assert usual.low < usual.change < usual.high
    assert usual.placebos.index.max() == pd.Timestamp("2024-09")
    assert tripled.rank.p_value == tripled.rank.floor < usual.rank.p_value


def test_untaxed_years_by_hand() -> None:
    monthly = series()
    sums = np.log([monthly[f"{year}-03" : f"{year}-08"].sum() for year in range(2019, 2025)])
    growth = exports.on_untaxed_years(monthly, WINDOW, years=range(2019, 2025))
    now = np.log(monthly["2026-03":"2026-08"].sum())
    assert growth.change == pytest.approx(np.expm1(now - sums.mean()))
    assert growth.placebos[2019] == pytest.approx(sums[0] - sums[1:].mean())
    assert growth.rank.floor == pytest.approx(1 / 7)


def without_may(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(table.query("month >= '2026-05-01' and province == 'Alberta' and partner == 'china'").index[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exports.window("2026-08", "2026-03"), "2026-08 to 2026-03"),
        (lambda: exports.total(series(), exports.window("2026-08", "2026-09")), "2026-08 to 2026-09"),
        (lambda: exports.by_province(data.load("farm_food_exports_monthly"), partner="mars"), "mars"),
        (lambda: exports.by_province(without_may(data.load("farm_food_exports_monthly")), partner="china"),
         "no Alberta in 2026-05"),
        (lambda: exports.on_frozen_path(series(59), WINDOW, least=36, before="2025-03", draws=10, seed=1),
         "least: found 36; allowed: at most 35"),
    ],
)  # fmt: skip
def test_refusals_name_what_was_found(call: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        call()  # type: ignore[operator]


def test_a_number_of_seed_alone_says_so_in_both_languages() -> None:
    """`canola_exports_monthly` has seed alone: oil and meal are as much again, so "canola" would mislead."""
    wording = result_words.of("55_track_the_deal")
    assert wording is not None
    labels = [pattern.label for pattern in wording.patterns if pattern.stated["tables"] == ("canola_exports_monthly",)]
    assert len(labels) == 8
    assert [label.en for label in labels if "Canola seed" not in label.en or "Graines" not in label.fr] == []


@pytest.mark.parametrize(
    ("newest", "phrase"),
    [("2025-10", "only to October 2025, so not how much"), ("2026-02", "only to February 2026"),
     ("2026-03", "as far as March 2026, and never by month"), ("2027-01", "as far as January 2027")],
)  # fmt: skip
def test_where_seed_went_is_said_as_far_as_figures_by_destination_reach(newest: str, phrase: str) -> None:
    assert phrase in sentences.seed_went(newest, WINDOW)


def test_a_month_that_is_held_and_not_summed_is_said() -> None:
    summed, later = (sentences.reach(pd.Timestamp(day), WINDOW) for day in ("2026-08-01", "2026-09-01"))
    assert summed == "Sums end with August 2026, the newest month in the tables of these exports."
    assert later == "Sums end with August 2026, although the tables of these exports reach September 2026."
