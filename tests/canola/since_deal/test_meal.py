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
    made = pd.Series(0.6, rows().index)
    made["2025-04":"2026-02"] = 0.48  # type: ignore[misc]
    found = meal.steps(rows(made), SPANS, CALM)
    assert found["duty_2025"].change == pytest.approx(-0.2)
    assert found["since"].change == found["since.winter"].change == pytest.approx(0.25)
    assert found["since.winter"].placebos.abs().max() == pytest.approx(0)
    assert found["since.winter"].rank.p_value == found["since.winter"].rank.floor  # type: ignore[union-attr]


def test_placebos_lie_where_the_duty_did_not_change() -> None:
    found = meal.steps(rows(), SPANS, CALM)
    assert found["duty_2025"].rank is None and found["duty_2025"].placebos.empty  # 21 months fit in neither span
    assert list(found["since"].placebos.index) == list(pd.to_datetime(["2024-01-01", "2024-02-01"]))
    starts = found["since.winter"].placebos.index
    assert len(starts) == 9 + 6 and pd.Timestamp("2024-10-01") not in starts
    assert found["since.winter"].rank.apart == pytest.approx(15 / 6)  # type: ignore[union-attr]


def test_published_steps_equal_the_tables_by_hand() -> None:
    held = export_values.meal_held()
    found = meal.steps(held, SPANS, CALM)
    for step in found.values():
        level = {}
        for name, span in {"months": step.months, "before": step.before}.items():
            some = held[span[0] : span[1]]  # type: ignore[misc]
            level[name] = some["value_cad"].sum() / some["made_t"].sum() / some["world_cad_t"].mean()
        assert step.change == pytest.approx(level["months"] / level["before"] - 1)
    begun = found["since.winter"].placebos.index[3]
    after = held[begun + pd.DateOffset(months=4) : begun + pd.DateOffset(months=5)]  # type: ignore[misc]
    before = held[begun : begun + pd.DateOffset(months=3)]  # type: ignore[misc]
    by_hand = [some["value_cad"].sum() / some["made_t"].sum() / some["world_cad_t"].mean() for some in (after, before)]
    assert found["since.winter"].placebos[begun] == pytest.approx(np.log(by_hand[0] / by_hand[1]))


def test_no_p_value_is_published_without_a_placebo() -> None:
    keys = set(meal.rows_of(meal.steps(rows(), SPANS, CALM))["result_id"])
    assert "track.meal_over_world.duty_2025" in keys and "track.meal_over_world.duty_2025.p_value" not in keys
    assert {"track.meal_over_world.since.p_value", "track.meal_over_world.since.p_floor"} < keys


@pytest.mark.parametrize(
    ("levels", "words"),
    [((0.5, 0.4), "was higher than in 2025 under the duty and than"), ((0.7, 0.8), "or than in the winter before"),
     ((0.7, 0.4), "in March to April 2026 meal's price over soybean meal's was higher than in the winter before, but"),
     ((0.5, 0.8), "under the duty, but no higher")],
)  # fmt: skip
def test_the_sentence_follows_the_signs(levels: tuple[float, float], words: str) -> None:
    made = pd.Series(0.6, rows().index)
    made["2025-04":"2025-10"], made["2025-11":"2026-02"] = levels  # type: ignore[misc]
    found = meal.steps(rows(made), {"year": (SINCE, ("2025-04", "2025-10")), "winter": (SINCE, WINTER)}, CALM)
    assert words in sentences.meal_since(found["year"], found["winter"])


def test_less_than_one_placebo_is_no_test() -> None:
    """Windows that overlap in all months but one are worth less than one: the smallest p would be above a half."""
    found = meal.steps(export_values.meal_held(), SPANS, CALM)
    few = [name for name, step in found.items() if step.rank and step.rank.apart < 1]
    assert few and all(found[name].rank.floor > 0.5 and found[name].tested is None for name in few)  # type: ignore[union-attr]
    shown = meal.table(found).set_index(pd.Index(found))
    assert shown.loc[few, ["p_value", "floor"]].isna().all(axis=None) and shown["apart"].gt(0)[few].all()
    assert shown["p_value"].notna().any()


def test_what_is_said_of_meals_changes_names_those_that_cannot_be_tested() -> None:
    found = meal.steps(rows(), SPANS, CALM)
    none, tested = found["duty_2025"], found["since.winter"]
    assert "cannot be tested" in sentences.meal_chance([none, tested]) and "Chance" not in sentences.meal_chance([none])
    assert "tested" not in sentences.meal_chance([tested])
