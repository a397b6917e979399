"""Loaders say what they give out, each time, and a check says nothing."""

from __future__ import annotations

import pytest

from tradeexposure import data
from tradeexposure.canola.market import base_year, bases
from tradeexposure.core import loaded_files
from tradeexposure.core.errors import BadInput
from tradeexposure.data import geography
from tradeexposure.policy import assumptions, cusma_claims, scenarios, studies, tariff_schedule

OF_YEAR = (
    *(base_year.EXPORTS, base_year.COMPILED, base_year.BALANCE, base_year.PARTNERS),
    *(base_year.CRUSH, base_year.PRICES, base_year.RECEIPTS, base_year.CROPS),
)


MEAL = {"imposer": "china", "origin": "canada", "product": "canola_meal", "on": "2025-06-01"}
PRIORS, STUDIES = ("file", "data/priors.yml"), ("file", "data/studies.yml")
OUTLINES = ("outlines", "provinces")
EVERY_FACT, CARS = ("parameters", "*"), ("file", "data/parameters/canada_on_china.yml")
VOCABULARY = ("file", "data/parameters/vocabulary.yml")


def read(asked) -> tuple[set[loaded_files.Entry], set[loaded_files.Entry]]:
    """What is noted: files, with their digests, and names."""
    with loaded_files.recording() as noted:
        asked()
    files = {entry for entry, digest in noted.items() if digest}
    assert {kind for kind, _ in files} <= set(loaded_files.KINDS)
    return files, set(noted) - files


@pytest.mark.parametrize(
    ("asked", "files", "names"),
    [
        (lambda: data.load("gsim_results"), {("table", "gsim_results")}, set()),
        (lambda: data.describe("gsim_results"), {("description", "gsim_results")}, set()),
        (data.names, {("file", "data/datapackage.json")}, set()),
        (lambda: tariff_schedule.get("canada_ev_surtax"), {CARS}, {("fact", "canada_ev_surtax")}),
        (tariff_schedule.all_measures, set(), set()),
        (lambda: list(tariff_schedule.all_measures()), {EVERY_FACT}, {("facts", "*")}),
        (lambda: tariff_schedule.all_measures().find("canada_ev_surtax"), {CARS}, {("fact", "canada_ev_surtax")}),
        (lambda: tariff_schedule.all_measures().find("nonsense"), {EVERY_FACT}, {("fact", "nonsense")}),
        (lambda: tariff_schedule.rate(**MEAL), {EVERY_FACT, VOCABULARY}, {("facts_on", "china/canada/canola_meal")}),
        (tariff_schedule.vocabulary, {VOCABULARY}, set()),
        (lambda: assumptions.load()["seed_supply"], {PRIORS}, {("prior", "seed_supply")}),
        (lambda: "nonsense" in assumptions.load(), {PRIORS}, {("prior", "nonsense")}),
        (lambda: list(assumptions.load()), {PRIORS}, {("priors", "*")}),
        (lambda: scenarios.load("deal_2026"), {("scenario", "deal_2026")}, set()),
        (lambda: scenarios.load("deal_2026").title, {("scenario", "deal_2026"), ("words", "deal_2026")}, set()),
        (scenarios.names, {("scenarios", "*")}, set()),
        (lambda: studies.episodes("2019"), {STUDIES}, {("window", "2019")}),
        (studies.episodes, {STUDIES}, {("windows", "*")}),
        (lambda: studies.crop_years("before_2019"), {STUDIES}, {("crop_years", "before_2019")}),
        (lambda: studies.shown("crop_years"), {STUDIES}, {("crop_years", "*")}),
        (lambda: studies.limit("shutting_duty"), {STUDIES}, {("limits", "shutting_duty")}),
        (lambda: studies.market_base("today"), {STUDIES}, {("market_bases", "today")}),
        (lambda: studies.shown("market_bases"), {STUDIES}, {("market_bases", "*")}),
        (lambda: studies.base_years("other_canola_base"), {STUDIES}, {("base_years", "other_canola_base")}),
        (lambda: studies.shown("base_years"), {STUDIES}, {("base_years", "*")}),
        (
            lambda: geography.outlines("provinces"),
            {("file", f"data/geography/{name}.json") for name in OUTLINES},
            set(),
        ),
        (bases.meal_split, {("table", bases.BY_PROVINCE)}, set()),
        (lambda: bases._capacity("today"), {("table", base_year.CRUSH), STUDIES}, {("market_bases", "today")}),
        (cusma_claims.read, {("table", name) for name in cusma_claims.TABLES}, set()),
        (lambda: base_year.of_year(2023), {("table", name) for name in OF_YEAR}, set()),
    ],
)
def test_files_and_names_are_noted_also_where_something_was_kept(asked, files, names):
    assert read(asked) == (files, names)
    assert read(asked) == (files, names)


def test_a_file_without_a_digest_is_a_fault():
    with pytest.raises(AssertionError, match="could change unnoticed"):
        loaded_files.note_loaded("file", "data/priors.yml", "")


class Facts:
    """Entries with digests that a test changes, and a function that is kept for the same ones."""

    def __init__(self) -> None:
        self.now, self.called = {"a": "1", "b": "1"}, 0
        self.found = loaded_files.cached_by_files(lambda kind, name: self.now[name])(self.asked)

    def asked(self, name: str) -> int:
        self.called += 1
        loaded_files.note_loaded("fact", name, self.now[name])
        if self.now[name] == "broken":
            raise BadInput("facts", found=name, allowed="another")
        return self.called


def test_what_is_kept_is_recorded_and_told_each_time_and_worked_out_again_for_other_entries():
    facts = Facts()
    for _ in range(2):
        with loaded_files.recording() as outer, loaded_files.recording() as inner:
            assert facts.found("a") == 1
        assert outer == inner == {("fact", "a"): "1"}
    assert facts.found("b") == 2
    facts.now["a"] = "2"
    with loaded_files.recording() as noted:
        assert facts.found("a") == 3
    assert noted == {("fact", "a"): "2"}
    with loaded_files.recording() as outer:
        loaded_files.note_loaded("fact", "a", "1")
        with loaded_files.recording() as inner:
            loaded_files.note_loaded("fact", "b", "2")
    assert (set(outer), set(inner)) == ({("fact", "a"), ("fact", "b")}, {("fact", "b")})


def test_what_a_check_asked_for_first_or_what_failed_is_recorded_for_who_asks_next():
    facts = Facts()
    with loaded_files.recording() as noted:
        with loaded_files.checking():
            facts.found("a")
        assert not noted
        facts.found("a")
    assert (noted, facts.called) == ({("fact", "a"): "1"}, 1)
    facts = Facts()
    facts.now["a"] = "broken"
    for called in (1, 2):
        with loaded_files.recording() as noted, pytest.raises(BadInput):
            facts.found("a")
        assert (noted, facts.called) == ({("fact", "a"): "broken"}, called)


def test_a_run_is_told_what_is_kept_but_no_names(monkeypatch):
    facts, entries = Facts(), []
    monkeypatch.setattr(loaded_files._State, "listener", lambda *entry: entries.append(entry))
    facts.found("a")
    facts.found("a")
    assert entries == [("fact", "a", "1")] * 2
    entries = []
    monkeypatch.setattr(loaded_files._State, "listener", lambda *entry: entries.append(entry))
    named = loaded_files.cached_by_files(lambda kind, name: "1")(lambda: loaded_files.note_name("fact", "a"))
    for _ in range(2):
        with loaded_files.recording() as noted:
            named()
        assert noted == {("fact", "a"): ""}
    assert entries == []
