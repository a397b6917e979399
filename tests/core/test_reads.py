"""Loaders say what they give out, each time, and a check says nothing."""

from __future__ import annotations

import pytest

from tradeexposure import data
from tradeexposure.core import reads
from tradeexposure.policy import assumptions, scenarios, studies, tariff_schedule


def entries(*asked) -> set[reads.Entry]:
    with reads.recording() as found:
        for one in asked:
            one()
    assert all(found.values()), "an entry without a digest could change unnoticed"
    return set(found)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (lambda: data.load("gsim_results"), {("table", "gsim_results")}),
        (lambda: data.describe("gsim_results"), {("description", "gsim_results")}),
        (lambda: tariff_schedule.get("canada_ev_surtax"), {("fact", "canada_ev_surtax")}),
        (tariff_schedule.all_measures, {("facts", "*")}),
        (lambda: assumptions.load()["seed_supply"], {("prior", "seed_supply")}),
        (lambda: "nonsense" in assumptions.load(), {("prior", "nonsense")}),
        (lambda: list(assumptions.load()), {("priors", "*")}),
        (lambda: scenarios.load("deal_2026"), {("scenario", "deal_2026")}),
        (scenarios.names, {("scenarios", "*")}),
        (lambda: studies.episodes("2019"), {("window", "2019")}),
        (studies.episodes, {("windows", "*")}),
        (lambda: studies.crop_years("before_2019"), {("crop_years", "before_2019")}),
        (studies.crop_years_table, {("crop_years", "*")}),
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
