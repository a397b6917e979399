"""The first screen says what the schedule and the tracked numbers say, whatever their day and their sign."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tradeexposure import data
from tradeexposure.core import paths
from tradeexposure.policy import duty_tables, scenarios, tariff_schedule
from tradeexposure.reporting.claims import false_claims
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.comparison.figures import SEED_TABLE
from tradeexposure.scenarios.comparison.inputs import SINCE_PRICE, Compared
from tradeexposure.scenarios.front_page import today

LAPSED, DUTY_OVER = date(2027, 2, 1), date(2031, 5, 1)
LAPSE_FILE = f"(data/scenarios/{today.LAPSE}.yml"
MEAL, CRAB, VOCABULARY = "china_meal_peas_suspension", "china_lobster_crab_suspension", "vocabulary.yml"
SHIPPED = Path(__file__).resolve().parents[3] / "data"


def changed(comparison: Compared, ends: dict[str, float]) -> Compared:
    """The same with other values of tracked numbers, by the end of their identifiers."""
    quoted = {
        key: replace(number, value=ends[end])
        if (end := next((end for end in ends if key.endswith(end)), "")) and key.startswith(("track.", SINCE_PRICE))
        else number
        for key, number in comparison.quoted.items()
    }
    return replace(comparison, quoted=Numbers(quoted))


def later(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """The newest measure on file took effect on another day."""
    monkeypatch.setattr(tariff_schedule, "newest_change", lambda: day)


@pytest.fixture
def laws(comparison: Compared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes files of facts in a copy of the project: file, text as it stands, text in its place."""
    shutil.copytree(SHIPPED, tmp_path / "data")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))

    def change(*edits: tuple[str, str, str]) -> None:
        for name, old, new in edits:
            path = tmp_path / "data" / "parameters" / name
            text = path.read_text("utf-8")
            assert old in text
            path.write_text(text.replace(old, new), "utf-8")

    return change


def checked(day: date) -> tuple[str, str, str]:
    """The edit that says to which day the facts were checked."""
    return VOCABULARY, "cusma: [", f"checked: {day}\ncusma: ["


def again(measure_id: str) -> tuple[str, str, str]:
    """The edit that suspends what a measure suspends for another year, by a measure of its own."""
    text = (SHIPPED / "parameters" / "china_on_canada.yml").read_text("utf-8")
    start = text.index(f"  - id: {measure_id}\n")
    entry = text[start : text.index("  - id: ", start + 1)]
    later = entry.replace(measure_id, f"{measure_id}_2027").replace("2026-03-01", "2027-01-01")
    later = later.replace("2026-12-31", "2027-12-31").replace("2026-02-27", "2026-12-20")
    return "china_on_canada.yml", entry, entry + later


def test_suspensions_that_are_renewed_by_measures_of_their_own_are_told_by_the_new_ones(
    comparison: Compared, laws: Callable[..., None]
) -> None:
    ended = tariff_schedule.to_come(date(2027, 1, 1))
    assert tariff_schedule.to_come(date(2026, 12, 31)) == [] and [line.split(", ")[0] for line in ended] == [
        f"data/parameters/china_on_canada.yml: the announced end of {name}" for name in (MEAL, CRAB)
    ]
    laws(again(MEAL), again(CRAB))
    assert [measure.id for measure in today.ending(LAPSED)] == [f"{MEAL}_2027", f"{CRAB}_2027"]
    assert today.claim().endswith("meal and peas returns on 1\xa0January\xa02028 unless suspended again.")
    assert today.coming(comparison)[0].day == "2027-03-01" and "2027-12-31" in [
        row.day for row in today.coming(comparison)
    ]
    assert "2027-12-31" not in [row.day for row in today.also()]
    false = [claim.sentence for claim in false_claims(today.claims_of(comparison))]
    assert any(LAPSE_FILE in sentence and "meal alone" in sentence for sentence in false)
    assert duty_tables.lapsed(scenarios.load(today.LAPSE)) == {}, "nothing supposes that it is not renewed"
    laws(checked(date(2026, 12, 21)))
    assert today.ending(date(2026, 12, 21)) == [] and "1 January 2027" not in today.claim().replace("\xa0", " ")
    titles = {f"{tariff_schedule.get(name).title} (begins)" for name in (MEAL, CRAB)}
    assert {row.title for row in today.also() if row.day == "2027-01-01"} >= titles


def test_what_is_announced_for_a_day_to_come_is_not_charged_once_the_facts_say_to_which_day_they_were_checked(
    comparison: Compared, laws: Callable[..., None]
) -> None:
    old = "    claim_basis: non_us_content\n    effective: 2025-04-03\n"
    text = (SHIPPED / "parameters" / "united_states.yml").read_text("utf-8")
    start = text.index("  - id: us_232_vehicles\n")
    entry = text[start : text.index("  - id: ", start + 1)]
    new = entry.replace("us_232_vehicles\n", "us_232_vehicles_50\n").replace("0.25", "0.5")
    new = new.replace("effective: 2025-04-03", "announced: 2026-12-05\n    effective: 2027-02-01")
    ended = entry.replace(old, f"{old}    end: 2027-01-31\n")
    undated = new.replace("announced: 2026-12-05\n    ", "")
    laws(("united_states.yml", entry, ended + undated))
    assert len(tariff_schedule.to_come(date(2026, 12, 6))) == 1, "nor says when it was announced"
    laws(("united_states.yml", undated, new))
    laws(("china_on_canada.yml", "end: 2026-12-31\n    end_announced: true\n", "end: 2026-12-31\n"))
    assert tariff_schedule.to_come(date(2027, 2, 1)) == [] != tariff_schedule.to_come(date(2026, 12, 6))
    assert today.lead(comparison).endswith(today.MOVED.format(day="1\xa0October\xa02026"))
    laws(checked(date(2026, 12, 6)))
    assert tariff_schedule.to_come(date(2026, 12, 6)) == []
    cars = {row.goods: row for row in today.charged()}["Canadian cars"]
    assert (cars.rate, cars.last) == ("25%", "2027-01-31")
    assert "2027-02-01" in [row.day for row in today.also()] and today.coming(comparison)[0].day == "2026-12-31"
    assert [line.split(": ")[1] for line in tariff_schedule.to_come(date(2027, 2, 2))] == [
        "pages do not charge us_232_vehicles_50, in force since 2027-02-01; move checked, or take it away"
    ]


def test_a_duty_on_seed_that_becomes_another_one_does_not_end_and_is_against_dumping_still(
    comparison: Compared, laws: Callable[..., None]
) -> None:
    text = (SHIPPED / "parameters" / "china_on_canada.yml").read_text("utf-8")
    start = text.index("  - id: china_seed_antidumping\n")
    entry = text[start : text.index("  - id: ", start + 1)]
    after = entry.replace("dumping\n", "dumping_2027\n", 1).replace("0.059", "0.12").replace("2026-03-01", "2027-02-01")
    before = entry.replace("    end_announced: true\n", "").replace("end: 2031-02-28", "end: 2027-01-31")
    laws(("china_on_canada.yml", entry, before + after), checked(date(2027, 1, 20)))
    assert [row.title for row in today.coming(comparison) if row.title == today.SEED_TITLE] == []
    assert "Final anti-dumping duty on canola seed, for five years (begins)" in [row.title for row in today.also()]
    laws((VOCABULARY, "checked: 2027-01-20", "checked: 2027-03-05"))
    assert "12% against dumping" in {row.goods: row for row in today.charged()}["Canola seed"].made
    assert {row.day: row.words for row in today.coming(comparison)}["2031-02-28"] == today.SEED_LEFT.format(rate="9%")
    assert "2031-02-28" not in [row.day for row in today.also()]


@pytest.mark.parametrize(
    ("file", "old", "new", "day", "sentence"),
    [
        ("canada_on_china.yml", "      - {name: growth_per", "      - {name: annual_vehicles, value: 60000.0, "
         "unit: a year, start: 2027-03-01, end: 2028-02-29}\n      - {name: growth_per", "2027-03-01",
         "The quota of 49,000 becomes 60,000; 10% of it is kept for cars of C$35,000 or less."),
        ("china_on_canada.yml", "end: 2031-02-28", "end: 2028-06-30", "2028-06-30",
         "Unless China renews it, 9% remains."),
    ],
)  # fmt: skip
def test_dates_to_come_follow_the_law(
    comparison: Compared, laws: Callable[..., None], file: str, old: str, new: str, day: str, sentence: str
) -> None:
    laws((file, old, new))
    assert {row.day: row.words for row in today.coming(comparison)}[day] == sentence


@pytest.mark.parametrize("figure", ["growth_per_year, value: 0.0", "price_cap_share_year_5, value: 0."])
def test_a_scenario_of_the_quota_of_2030_that_the_law_has_left_behind_is_named(
    comparison: Compared, laws: Callable[..., None], figure: str
) -> None:
    laws(("canada_on_china.yml", figure, f"{figure}1"))
    assert [claim.sentence[:24] for claim in false_claims(today.claims_of(comparison))] == ["the scenario of 2030 has"]


def test_a_review_that_ends_otherwise_is_named_and_a_duty_on_seed_that_is_over_stops_nothing(
    comparison: Compared, laws: Callable[..., None]
) -> None:
    laws(("united_states.yml", "review, the United States declines the extension", "review, extension agreed"))
    assert [claim.sentence[:54] for claim in false_claims(today.claims_of(comparison))] == [
        "the United States declined to extend CUSMA at its newe"
    ]
    laws(("united_states.yml", "review, extension agreed", "review, the United States declines the extension"))
    laws(("china_on_canada.yml", "end: 2031-02-28", "end: 2026-09-14"), checked(LAPSED))
    assert today.claim() == "China charges 9% on canola seed and 105% on canola meal."
    assert false_claims(today.claims_of(comparison)) == []


def test_what_is_charged_is_what_the_schedule_has_on_the_day(comparison: Compared) -> None:
    day, rows = tariff_schedule.newest_change(), {row.goods: row for row in today.charged()}
    for goods, imposer, origin, product in (
        ("Canola seed", "china", "canada", "canola_seed"),
        ("Canola oil", "china", "canada", "canola_oil_refined"),
        ("Canola meal and peas", "china", "canada", "peas"),
        ("China-built electric cars", "canada", "china", "electric_vehicles"),
    ):
        rate = tariff_schedule.rate(imposer=imposer, origin=origin, product=product, on=day).rate
        assert float(rows[goods].rate.rstrip("%")) / 100 == pytest.approx(rate)
    assert rows["Canola meal and peas"].last == "2026-12-31" and rows["Canola seed"].last == "2031-02-28"
    assert rows["Lobster and crab"].made == ("an extra 25% is suspended",)
    assert rows["Canola oil"].last == "" and rows["Canola oil"].dates.startswith("since")


def test_goods_that_are_charged_otherwise_stand_in_rows_of_their_own(
    comparison: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, LAPSED)
    rows = {row.goods: row for row in today.charged()}
    assert rows["Canola meal and peas"].rate == "105%" and rows["Canola meal and peas"].last == ""
    crab = rows["Lobster and crab"]
    assert (crab.rate, crab.made) == ("25% added", (today.ON_TOP,)), "its ordinary duty is not on file"
    later(monkeypatch, date(2027, 3, 1))
    cars = {row.goods: row for row in today.charged()}["China-built electric cars"]
    assert cars.made == (today.WITHIN.format(quota="52,185"),), "the quota of the day, grown by the announced share"
    later(monkeypatch, date(2026, 2, 28))
    cars = {row.goods: row for row in today.charged()}["China-built electric cars"]
    assert (cars.rate, cars.made) == ("106%", ()), "no quota yet"


def test_the_headline_says_what_returns_and_then_what_is_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert today.claim().replace("\N{NO-BREAK SPACE}", " ") == (
        "China charges 14.9% on canola seed; an extra 100% on meal and peas returns on 1 January 2027 unless suspended "
        "again."
    )
    later(monkeypatch, LAPSED)
    assert today.claim() == "China charges 14.9% on canola seed and 105% on canola meal."


def test_every_announced_end_and_later_start_of_the_three_is_dated_once(comparison: Compared) -> None:
    day, three = tariff_schedule.newest_change(), {"china", "canada", "united_states"}
    wanted = {
        f"{law.end if law.end_announced and law.end and law.end > day else law.effective}"
        for law in tariff_schedule.all_measures()
        if law.imposer in three
        and ((law.end_announced and law.end and law.end > day) or (law.effective and law.effective > day))
    }
    dated = [row.day for row in (*today.coming(comparison), *today.also())]
    assert wanted <= set(dated) and len(dated) == len(set(dated))
    assert dated[: len(today.coming(comparison))] == sorted(dated[: len(today.coming(comparison))])
    assert all(date.fromisoformat(stated) > day for stated in dated)


def test_a_dated_threat_is_told_in_plain_words_with_the_rate_of_its_measure() -> None:
    threat = tariff_schedule.get("us_threat_232_vehicles_50")
    rate = threat.rate_text.partition(",")[0]
    titles = {row.day: row.title for row in today.also()}
    assert rate.endswith("%") and f"may rise to {rate} (a threat, not enacted)" in titles[f"{threat.effective}"]


def test_a_lapse_costs_what_its_scenario_says_and_what_has_no_model_is_named(comparison: Compared) -> None:
    lapse = today.coming(comparison)[0]
    cost = comparison.across[today.LAPSE]["growers"]
    assert lapse.shown.replace("\N{NO-BREAK SPACE}", " ") == "31 December 2026"
    assert f"cost canola growers {cost.size.plain} a year. Not modelled: peas, lobster and crab." in lapse.cost
    assert lapse.address.endswith(f"#number-{cost.key}")
    turned = replace(comparison, across={**comparison.across, today.LAPSE: {"growers": cost.opposite}})
    assert "bring canola growers" in today.coming(turned)[0].cost
    without = replace(comparison, across={name: own for name, own in comparison.across.items() if name != today.LAPSE})
    assert today.coming(without)[0].cost == ""


@pytest.mark.parametrize(
    ("day", "first", "review"),
    [(date(2026, 9, 29), "2026-12-31", "July 2027"), (LAPSED, "2027-03-01", "July 2027"),
     (date(2027, 7, 5), "2028-07-31", "July 2028"), (DUTY_OVER, "2031-07-31", "July 2031")],
)  # fmt: skip
def test_dates_that_have_passed_for_the_edition_are_not_to_come(
    comparison: Compared, monkeypatch: pytest.MonkeyPatch, day: date, first: str, review: str
) -> None:
    later(monkeypatch, day)
    coming = today.coming(comparison)
    assert coming[0].day == first
    assert [row.shown for row in coming if not row.counted] == [f"{review}, day not set"]


def test_what_was_seen_is_told_with_its_sign_and_whether_it_could_be_noise(comparison: Compared) -> None:
    months = sentences.months_tracked(comparison.quoted)
    assert all("Earlier changes were as large" in row.words for row in today.seen(comparison)[:3])
    assert today.lead(comparison).endswith("changes as large came before.")
    rare = changed(comparison, {f"{brief.TO_CHINA}.{months}.change_on_year.p_value": 0.04})
    assert "fewer than one case in twenty." in today.seen(rare)[0].words
    assert today.lead(rare).endswith("but it is not the only cause.")
    assert "5.1% below 2024" in today.seen(comparison)[0].words
    assert (
        "12% above 2024" in today.seen(changed(comparison, {f"{brief.TO_CHINA}.{months}.against_2024": 0.12}))[0].words
    )
    fallen = today.seen(changed(comparison, {f"{brief.TO_CHINA}.{months}.change_on_year": -0.2}))[0]
    assert fallen.value == "−20%"
    assert today.seen(comparison)[0].newest == ("2026-08", "August 2026")


def test_of_counts_of_cars_the_newest_is_shown_with_its_day(comparison: Compared) -> None:
    first = today.seen(comparison)[-1]
    assert (first.value, first.words.partition(", ")[2]) == ("2,900", "at the first count; its day was not published")
    key, counted = f"{today.COUNTS}2026-09-30", comparison.quoted[f"{today.COUNTS}first_count"]
    later = replace(counted, key=key, period="2026-03 to 2026-09-30", value=9_140.0)
    shown = today.seen(replace(comparison, quoted=Numbers({**comparison.quoted, key: later})))[-1]
    assert (shown.value, shown.address.partition("#")[2]) == ("9,100", f"number-{key}")
    assert shown.words.endswith(", March 2026 to 30 September 2026")


def test_what_else_rose_stands_in_dollars_and_as_a_part(comparison: Compared) -> None:
    assert "rose by C$1.6 bn (+31%), to China by C$1.3 bn (+65%)" in today.rises(comparison)
    last = data.load(SEED_TABLE)["month"].max()
    assert today.answer(comparison)["rises"].endswith(f"Our files say where seed went only to {last:%B %Y}.")
    us = f"track.farm_food_us_cad.prairies.{sentences.months_tracked(comparison.quoted)}.rise"
    assert "States fell by C$100 m (" in today.rises(changed(comparison, {us: -1e8}))


def test_the_committed_first_screen_holds_and_a_false_one_is_named(
    comparison: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert false_claims(today.claims_of(comparison)) == []
    lapse = comparison.scenarios[today.LAPSE]
    for stale in (
        {"facts_on": lapse.facts_on + timedelta(days=31)},
        {"question": lapse.question.replace("31", "30")},
    ):
        wrong = replace(comparison, scenarios={**comparison.scenarios, today.LAPSE: lapse.model_copy(update=stale)})
        assert [claim.sentence for claim in false_claims(today.claims_of(wrong))] == [
            f"the scenario of a lapse begins on the day after the suspension {LAPSE_FILE}: facts_on, question)"
        ]
    monkeypatch.setattr(today, "CLAIM_WORDS", 12)
    assert [claim.sentence for claim in false_claims(today.claims_of(comparison))] == [
        "the headline has at most 12 words"
    ]
