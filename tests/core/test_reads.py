"""Loaders say what they give out, each time, and a check says nothing."""

from __future__ import annotations

import pytest

from tradeexposure import data
from tradeexposure.canola.market import base_year, bases
from tradeexposure.core import reads
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, cusma_claims, scenarios, studies, tariff_schedule

OF_YEAR = (
    *(base_year.EXPORTS, base_year.COMPILED, base_year.BALANCE, base_year.PARTNERS),
    *(base_year.CRUSH, base_year.PRICES, base_year.RECEIPTS, base_year.CROPS),
)


def entries(*asked) -> set[reads.Entry]:
    with reads.recording() as found:
        for one in asked:
            one()
    assert all(found.values()), "an entry without a digest could change unnoticed"
    return set(found)


MEAL = {"imposer": "china", "origin": "canada", "product": "canola_meal", "on": "2025-06-01"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (lambda: data.load("gsim_results"), {("table", "gsim_results")}),
        (lambda: data.describe("gsim_results"), {("description", "gsim_results")}),
        (lambda: tariff_schedule.get("canada_ev_surtax"), {("fact", "canada_ev_surtax")}),
        (tariff_schedule.all_measures, set()),
        (lambda: list(tariff_schedule.all_measures()), {("facts", "*")}),
        (lambda: tariff_schedule.all_measures().find("canada_ev_surtax"), {("fact", "canada_ev_surtax")}),
        (lambda: tariff_schedule.rate(**MEAL), {("vocabulary", "*"), ("facts_on", "china/canada/canola_meal")}),
        (lambda: assumptions.load()["seed_supply"], {("prior", "seed_supply")}),
        (lambda: "nonsense" in assumptions.load(), {("prior", "nonsense")}),
        (lambda: list(assumptions.load()), {("priors", "*")}),
        (lambda: scenarios.load("deal_2026"), {("scenario", "deal_2026")}),
        (scenarios.names, {("scenarios", "*")}),
        (lambda: studies.episodes("2019"), {("window", "2019")}),
        (studies.episodes, {("windows", "*")}),
        (lambda: studies.crop_years("before_2019"), {("crop_years", "before_2019")}),
        (studies.crop_years_table, {("crop_years", "*")}),
        (lambda: studies.limit("shutting_duty"), {("limits", "shutting_duty")}),
        (lambda: studies.market_base("today"), {("market_bases", "today")}),
        (studies.market_bases_table, {("market_bases", "*")}),
        (lambda: studies.base_years("other_canola_base"), {("base_years", "other_canola_base")}),
        (studies.base_years_table, {("base_years", "*")}),
        (lambda: bases.meal_split(), {("table", bases.BY_PROVINCE)}),
        (cusma_claims.read, {("table", name) for name in cusma_claims.TABLES}),
        (lambda: base_year.of_year(2023), {("table", name) for name in OF_YEAR}),
    ],
)
def test_an_entry_is_recorded_also_where_it_was_kept(asked, expected):
    assert entries(asked) == expected
    assert entries(asked) == expected
    assert expected <= {(kind, name) for kind, name in expected if kind in reads.KINDS}


def test_a_name_that_is_not_there_is_recorded_as_absent():
    with reads.recording() as found:
        assert "nonsense" not in assumptions.load()
        with pytest.raises(ValueError):
            tariff_schedule.get("nonsense")
    assert found == {("prior", "nonsense"): reads.ABSENT, ("fact", "nonsense"): reads.ABSENT}


class Facts:
    """Entries with digests that a test changes, and a function that is kept for the same ones."""

    def __init__(self) -> None:
        self.now, self.called = {"a": "1", "b": "1"}, 0
        self.found = reads.kept(lambda kind, name: self.now[name])(self.asked)

    def asked(self, name: str) -> int:
        self.called += 1
        reads.record("fact", name, self.now[name])
        if self.now[name] == "broken":
            raise BadInput("facts", found=name, allowed="another")
        return self.called


def test_what_is_kept_is_recorded_each_time_and_worked_out_again_for_other_entries():
    facts = Facts()
    for _ in range(2):
        with reads.recording() as outer, reads.recording() as inner:
            assert facts.found("a") == 1
        assert outer == inner == {("fact", "a"): "1"}
    assert facts.found("b") == 2
    facts.now["a"] = "2"
    with reads.recording() as found:
        assert facts.found("a") == 3
    assert found == {("fact", "a"): "2"}


def test_what_a_check_asked_for_first_is_recorded_for_who_asks_next():
    facts = Facts()
    with reads.recording() as found:
        with reads.checking():
            facts.found("a")
        assert not found
        facts.found("a")
    assert (found, facts.called) == ({("fact", "a"): "1"}, 1)


def test_what_failed_is_not_kept_and_its_entries_are_recorded():
    facts = Facts()
    facts.now["a"] = "broken"
    for called in (1, 2):
        with reads.recording() as found, pytest.raises(BadInput):
            facts.found("a")
        assert (found, facts.called) == ({("fact", "a"): "broken"}, called)


def test_a_run_is_told_what_is_kept(monkeypatch):
    facts, told = Facts(), []
    monkeypatch.setattr(reads._State, "told", lambda *entry: told.append(entry))
    facts.found("a")
    facts.found("a")
    assert told == [("fact", "a", "1")] * 2


def test_recordings_inside_each_other_each_get_all():
    with reads.recording() as outer:
        reads.record("fact", "a", "1")
        with reads.recording() as inner:
            reads.record("fact", "b", "2")
    assert (set(outer), set(inner)) == ({("fact", "a"), ("fact", "b")}, {("fact", "b")})


def test_whether_a_file_exists_is_an_entry(tmp_path):
    with reads.recording() as found:
        assert not reads.exists(tmp_path / "x", root=tmp_path)
        (tmp_path / "x").touch()
        assert reads.exists(tmp_path / "x", root=tmp_path)
    assert found == {("path", "x"): "there"}
