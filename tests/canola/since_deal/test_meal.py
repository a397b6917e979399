"""Steps of meal's price: by hand, placebos that touch no change of the duty, none where no window fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.exposure import export_values
from tradeexposure.canola.since_deal import meal, sentences
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import tariff_schedule

SINCE, YEAR, WINTER = ("2026-03", "2026-04"), ("2025-04", "2025-12"), ("2025-11", "2026-02")
SPANS = {"duty_2025": (YEAR, ("2024-04", "2024-12")), "since": (SINCE, YEAR), "since.winter": (SINCE, WINTER)}
CALM = [("2024-01", "2025-02"), ("2025-04", "2026-02")]


def rows(price: pd.Series | None = None) -> pd.DataFrame:
    """Months of 2024-01 to 2026-04 whose price over soybean meal's is known."""
    index = pd.date_range("2024-01", "2026-04", freq="MS", name="month")
    shown = pd.Series(0.6, index) if price is None else price
    return pd.DataFrame({"value_cad": shown * 500.0 * 1000.0, "made_t": 1000.0, "world_cad_t": 500.0}, index)


def test_months_without_a_change_of_the_duty_are_those_of_the_facts() -> None:
    assert meal.calm(rows(), tariff_schedule.all_measures()) == CALM


def test_a_duty_that_is_no_fact_is_refused() -> None:
    with pytest.raises(BadInput, match="china_meal_additional"):
        meal.calm(rows(), tariff_schedule.all_measures().with_roles([]))


def test_a_known_step_is_found_and_its_placebos_show_none() -> None:
    ratio = pd.Series(0.6, rows().index)
    ratio["2025-04":"2026-02"] = 0.48  # type: ignore[misc]
    steps = meal.steps(rows(ratio), SPANS, CALM)
    assert steps["duty_2025"].change == pytest.approx(-0.2)
    assert steps["since"].change == steps["since.winter"].change == pytest.approx(0.25)
    assert steps["since.winter"].placebos.abs().max() == pytest.approx(0)
    assert steps["since.winter"].rank.p_value == steps["since.winter"].rank.floor  # type: ignore[union-attr]


def test_placebos_lie_where_the_duty_did_not_change() -> None:
    steps = meal.steps(rows(), SPANS, CALM)
    assert steps["duty_2025"].rank is None and steps["duty_2025"].placebos.empty  # 21 months fit in neither span
    assert list(steps["since"].placebos.index) == list(pd.to_datetime(["2024-01-01", "2024-02-01"]))
    starts = steps["since.winter"].placebos.index
    assert len(starts) == 9 + 6 and pd.Timestamp("2024-10-01") not in starts
    assert steps["since.winter"].rank.apart == pytest.approx(15 / 6)  # type: ignore[union-attr]


def test_published_steps_equal_the_tables_by_hand() -> None:
    monthly = export_values.meal_held()
    steps = meal.steps(monthly, SPANS, CALM)
    for step in steps.values():
        level = {}
        for name, span in {"months": step.months, "before": step.before}.items():
            some = monthly[span[0] : span[1]]  # type: ignore[misc]
            level[name] = some["value_cad"].sum() / some["made_t"].sum() / some["world_cad_t"].mean()
        assert step.change == pytest.approx(level["months"] / level["before"] - 1)
    begun = steps["since.winter"].placebos.index[3]
    after = monthly[begun + pd.DateOffset(months=4) : begun + pd.DateOffset(months=5)]  # type: ignore[misc]
    before = monthly[begun : begun + pd.DateOffset(months=3)]  # type: ignore[misc]
    by_hand = [some["value_cad"].sum() / some["made_t"].sum() / some["world_cad_t"].mean() for some in (after, before)]
    assert steps["since.winter"].placebos[begun] == pytest.approx(np.log(by_hand[0] / by_hand[1]))


def test_no_p_value_is_published_without_a_placebo() -> None:
    keys = set(meal.rows_of(meal.steps(rows(), SPANS, CALM))["result_id"])
    assert "track.meal_over_world.duty_2025" in keys and "track.meal_over_world.duty_2025.p_value" not in keys
    assert {"track.meal_over_world.since.p_value", "track.meal_over_world.since.p_floor"} < keys


@pytest.mark.parametrize(
    ("levels", "phrase"),
    [((0.5, 0.4), "was higher than in 2025 under the duty and than"), ((0.7, 0.8), "or than in the winter before"),
     ((0.7, 0.4), "in March to April 2026 meal's price over soybean meal's was higher than in the winter before, but"),
     ((0.5, 0.8), "under the duty, but no higher")],
)  # fmt: skip
def test_the_sentence_follows_the_signs(levels: tuple[float, float], phrase: str) -> None:
    ratio = pd.Series(0.6, rows().index)
    ratio["2025-04":"2025-10"], ratio["2025-11":"2026-02"] = levels  # type: ignore[misc]
    steps = meal.steps(rows(ratio), {"year": (SINCE, ("2025-04", "2025-10")), "winter": (SINCE, WINTER)}, CALM)
    assert phrase in sentences.meal_since(steps["year"], steps["winter"])


def test_less_than_one_placebo_is_no_test() -> None:
    """Windows that overlap in all months but one are worth less than one: the smallest p would be above a half."""
    steps = meal.steps(export_values.meal_held(), SPANS, CALM)
    few = [name for name, step in steps.items() if step.rank and step.rank.apart < 1]
    assert few and all(steps[name].rank.floor > 0.5 and steps[name].tested is None for name in few)  # type: ignore[union-attr]
    shown = meal.table(steps).set_index(pd.Index(steps))
    assert shown.loc[few, ["p_value", "floor"]].isna().all(axis=None) and shown["apart"].gt(0)[few].all()
    assert shown["p_value"].notna().any()


def test_what_is_said_of_meals_changes_names_those_that_cannot_be_tested() -> None:
    steps = meal.steps(rows(), SPANS, CALM)
    none, tested = steps["duty_2025"], steps["since.winter"]
    assert "cannot be tested" in sentences.meal_chance([none, tested]) and "Chance" not in sentences.meal_chance([none])
    assert "tested" not in sentences.meal_chance([tested])
