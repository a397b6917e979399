"""What models said beside what was seen: the stand, the sentences and the published rows follow the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from wordedrows import worded

from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.front_page import models_against_outcomes

UNITS = {"farm_price": "change", "meal_price": "change", "canola_to_china_cad": "CAD"}
CASES = {  # simulated range; seen value and its range; p-value
    "farm_price": ((0.05, 0.02, 0.10), (-0.018, -0.14, 0.12), 0.72),
    "meal_price": ((0.10, 0.01, 0.30), (-0.066, None, None), 0.87),
    "canola_to_china_cad": ((1.5e9, 1.1e9, 2.0e9), (1.3e9, 0.0, 2.9e9), 0.4),
}
FLOOR = 0.01
QUOTED = {
    f"{models_against_outcomes.PRICE}.first_year": Number(
        f"{models_against_outcomes.PRICE}.first_year", 0.089, 0.054, 0.14, 0.9, "change"
    ),
}


ALL = {"common": "the farm price, meal's price and canola sold to China"}


PERIODS = {"farm_price": "2025-08 to 2026-05", "meal_price": "2026-03 to 2026-04",
           "canola_to_china_cad": "2026-03 to 2026-08"}  # fmt: skip


def numbers(cases: dict = CASES, floors: Mapping[str, float] = {}) -> Numbers:
    rows = []
    for name, (simulated, observed, p_value) in cases.items():
        thing = models_against_outcomes.THINGS[name]
        for key, (value, low, high) in {thing.simulated: simulated, thing.observed: observed}.items():
            rows.append({"result_id": key, "value": value, "low": low, "high": high, "unit": UNITS[name],
                         "period": PERIODS[name]})  # fmt: skip
        for part, value in {"p_value": p_value, "p_floor": floors.get(name, FLOOR)}.items():
            rows.append({"result_id": thing.keys[part], "value": value, "low": None, "high": None, "unit": "pvalue"})
    shared = {"label": "made", "level": 0.9, "digits": 2, "period": "2026", "tables": "grain_weekly"}
    return Numbers(pd.DataFrame([{**shared, **row} for row in rows]))


def with_p(value: float, *names: str) -> dict:
    return {name: (*case[:2], value if name in names else case[2]) for name, case in CASES.items()}


def test_the_table_has_numbers_of_what_means_the_same() -> None:
    shown = models_against_outcomes.table(numbers())
    assert list(shown.columns) == list(models_against_outcomes.COLUMNS) and len(shown) == len(
        models_against_outcomes.THINGS
    )
    first = shown.iloc[0]
    assert first[["simulated", "observed", "p_value", "p_floor"]].tolist() == [
        "+5.0% (+2.0% to +10%)",
        "−1.8% (−14% to +12%)",
        "0.72",
        "0.010",
    ]


def test_every_number_of_the_table_is_published_as_it_came() -> None:
    rows = worded("80_compare_scenarios", models_against_outcomes.published(numbers(), QUOTED))
    assert len(rows) == 4 * len(models_against_outcomes.THINGS) + 1
    for name, (simulated, observed, p_value) in CASES.items():
        stem = f"track.seen_against_simulated.{name}"
        assert rows.loc[f"{stem}.simulated", ["value", "low", "high"]].tolist() == list(simulated)
        assert rows.loc[f"{stem}.observed", "value"] == observed[0]
        assert rows.loc[[f"{stem}.p_value", f"{stem}.p_floor"], "value"].tolist() == [p_value, FLOOR]
        assert (rows.loc[[f"{stem}.simulated", f"{stem}.observed"], "unit"] == UNITS[name]).all()
    assert rows.loc["track.seen_against_simulated.farm_price.first_year", "value"] == 0.089


def by_chance(things: dict[str, str]) -> str:
    return " ".join(models_against_outcomes.CHANCE[case].format(things=names) for case, names in things.items())


@pytest.mark.parametrize(
    ("cases", "agree", "chance"),
    [
        (CASES, ("one", "one", "one"), ALL),
        (with_p(0.01, *CASES), ("one", "one", "one"), {"rare": ALL["common"]}),
        (
            with_p(0.01, "farm_price"),
            ("one", "one", "one"),
            {"common": "meal's price and canola sold to China", "rare": "the farm price"},
        ),
        ({**CASES, "meal_price": ((0.1, 0.01, 0.3), (0.05, None, None), 0.9)}, ("two", "one", "none"), ALL),
        (
            {name: (case[0], (-9.0, -9.5, -8.0), case[2]) for name, case in CASES.items()},
            ("none", "none", "three"),
            ALL,
        ),
    ],
)
def test_sentences_follow_the_numbers(cases: dict, agree: tuple[str, str, str], chance: dict[str, str]) -> None:
    texts = models_against_outcomes.sentences(numbers(cases))
    inside, meet, outside = agree
    agreed = models_against_outcomes.AGREE.format(all="three", inside=inside, meet=meet, outside=outside)
    assert (texts["agree"], texts["chance"]) == (agreed, by_chance(chance))
    assert texts["ranges"].startswith("Simulated ranges hold 90% of simulations")


def test_what_has_too_few_windows_is_neither_chance_nor_more() -> None:
    texts = models_against_outcomes.sentences(numbers(floors={"meal_price": 0.87}))
    expected = {"common": "the farm price and canola sold to China", "untested": "meal's price"}
    assert texts["chance"] == by_chance(expected)
    none = models_against_outcomes.sentences(numbers(floors=dict.fromkeys(CASES, 0.5)))
    assert none["chance"] == by_chance({"untested": ALL["common"]})


def test_claims_hold_and_fall_with_another_unit_or_p_value() -> None:
    assert all(claim.holds for claim in models_against_outcomes.claims_of(numbers()))
    for key, change in {
        models_against_outcomes.THINGS["farm_price"].observed: {"unit": "CAD"},
        models_against_outcomes.THINGS["meal_price"].keys["p_value"]: {"value": 0.001},
        models_against_outcomes.THINGS["canola_to_china_cad"].observed: {"period": "2026-03 to 2026-09"},
    }.items():  # fmt: skip
        altered = numbers()
        altered[key] = replace(altered[key], **change)  # type: ignore[arg-type]
        assert sum(not claim.holds for claim in models_against_outcomes.claims_of(altered)) == 1


def test_the_sentence_names_the_published_number(shown: list[dict[str, Any]]) -> None:
    book = Book("80_compare_scenarios")
    book.add_frame(inputs.duties())
    book.add_frame(models_against_outcomes.published(numbers(), QUOTED))
    models_against_outcomes.show(book, numbers())
    text = shown[-1]["data"]["text/plain"]
    assert "+8.9% (+5.4% to +14%)" in text and by_chance(ALL) in text
    assert len(models_against_outcomes.APART) == 4 and all(
        reason in text for reason in (models_against_outcomes.NO_COUNTERPART, *models_against_outcomes.APART)
    )
