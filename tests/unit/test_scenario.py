"""Scenario files: only overrides over dated facts, and one clear line for every mistake."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from tradeexposure import facts, parameters, project, scenario
from tradeexposure.errors import BadInput

CHINA = {"imposer": "china", "origin": "canada"}
GOOD = """name: test_case
title: A test
question: What then?
facts_on: 2026-10-01
overrides:
  - {measure: china_oil_additional, suspended: true, reason: supposed}
sources: [{title: made for the test}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the facts and scenarios to write into."""
    for part in ("parameters", "scenarios"):
        shutil.copytree(project.path("data", part), tmp_path / "data" / part)
    monkeypatch.setenv(project.ROOT_VARIABLE, str(tmp_path))
    return tmp_path / "data" / "scenarios"


def write(folder: Path, text: str, name: str = "test_case.yml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_the_project_scenarios_are_valid_and_the_default_is_there() -> None:
    assert {"deal_2026", "status_quo_2025"} <= set(scenario.names()) and scenario.DEFAULT in scenario.names()
    assert [found.name for found in scenario.validate_all()] == scenario.names()
    assert scenario.problems() == []
    assert scenario.load("status_quo_2025").facts_on == date(2025, 12, 31)
    assert scenario.load("deal_2026").facts_on >= date(2026, 3, 1)


@pytest.mark.parametrize(("name", "seed", "vehicles"), [("status_quo_2025", 0.848, 1.061), ("deal_2026", 0.149, 0.061)])
def test_stamped_facts(name: str, seed: float, vehicles: float) -> None:
    table = scenario.facts(name).set_index("line")
    assert table.index.is_unique and not table["changed"].any()
    assert table.loc["Canola seed into China", "rate"] == seed
    assert table.loc["Electric vehicles from China into Canada, within the quota", "rate"] == vehicles
    assert (table["legal_reference"] != "").all()
    unknown = table[table["rate"].isna()]
    assert (unknown["note"] != "").all() and (unknown["status"] != "known").all()


def test_stamped_facts_say_since_when_and_what_was_before() -> None:
    table = scenario.facts("deal_2026").set_index("line")
    seed, meal = table.loc["Canola seed into China"], table.loc["Canola meal into China"]
    assert (seed["rate_before"], seed["rate"], str(seed["since"].date())) == (0.848, 0.149, "2026-03-01")
    assert "2026 No. 14" in seed["legal_reference"] and "2026 No. 2" in meal["legal_reference"]
    oil = table.loc["Canola oil into the United States, without a claim"]
    assert (str(oil["since"].date()), oil["rate_before"], oil["rate"]) == ("2026-07-24", 0.164, 0.164)
    above = table.loc["Electric vehicles from China into Canada, above the quota"]
    assert above["status"] == "no entry"
    cars = scenario.facts("deal_2026", us_content=0.4).set_index("line")
    assert cars.loc["Passenger vehicles into the United States, with a CUSMA claim", "rate"] == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("line", "since", "before"),
    [
        ("Passenger vehicles into the United States, without a claim", "2025-04-03", 0.275),
        ("Canola oil into the United States, without a claim", "2026-07-24", 0.164),
        ("Canola seed into the United States, with a CUSMA claim", "2026-07-24", 0.0),
        ("Canola oil into the United States, with a CUSMA claim", "2026-07-24", 0.0),
        ("Canola meal into the United States, with a CUSMA claim", "2026-07-24", 0.0),
        ("Vehicle parts into the United States, with a CUSMA claim", "2025-05-03", 0.0),
        ("Canola oil into China", "2025-03-20", 0.09),
    ],
)
def test_since_is_the_first_day_of_the_measures_that_are_cited(line: str, since: str, before: float) -> None:
    row = scenario.facts("deal_2026").set_index("line").loc[line]
    assert (str(row["since"].date()), row["rate_before"]) == (since, pytest.approx(before))


@pytest.mark.parametrize("name", scenario.names())
def test_cited_measures_are_in_force_since_then_and_not_the_same_ones_the_day_before(name: str) -> None:
    """Second route: the measures of the row, each looked up by its own dates."""
    table = scenario.facts(name)
    for row in table.itertuples():
        cited = [parameters.get(measure) for measure in row.measures.split(", ")]
        assert all(measure.in_force(row.since.date()) for measure in cited), row.line
        day = row.since.date() - timedelta(days=1)
        if day >= parameters.FIRST_DAY:
            asked = {key: getattr(row, key) for key in ("imposer", "origin", "product", "claim", "quota")}
            before, then = (parameters.rate(**asked, on=one) for one in (day, row.since.date()))
            assert (before.measures, before.reference) != (then.measures, then.reference), row.line
            assert then.reference == row.legal_reference
            assert before.rate == row.rate_before or (before.rate is None and row.rate_before != row.rate_before)


def test_the_stamped_table_tells_measures_that_stood_before_the_facts_begin() -> None:
    table = facts.table("deal_2026").set_index("Goods and border")
    assert table.loc["Canola seed into Japan", "In force since"] == "2018-01-01 or earlier"
    cars = table.loc["Passenger vehicles into the United States, without a claim"]
    assert "Proclamation 10908" in cars["Legal reference"]
    assert (cars["In force since"], cars["Rate the day before"]) == ("2025-04-03", "27.5%")


def test_overrides_change_only_what_they_name(folder: Path) -> None:
    overrides = """overrides:
  - {measure: china_oil_additional, suspended: true, reason: a}
  - {measure: china_seed_antidumping, rate: 0.2, reason: b}
  - {measure: china_meal_peas_suspension, end: 2026-09-30, reason: c}
"""
    start, end = GOOD.index("overrides:"), GOOD.index("sources:")
    write(folder, GOOD[:start] + overrides + GOOD[end:])
    table = scenario.facts("test_case").set_index("line")
    china = table[table["imposer"] == "china"]
    assert china.loc["Canola oil into China", "rate"] == 0.09
    assert china.loc["Canola seed into China", "rate"] == pytest.approx(0.29)
    assert china.loc["Canola meal into China", "rate"] == 1.05
    assert table.index[table["changed"]].tolist() == [
        "Canola seed into China", "Canola oil into China", "Canola meal into China", "Peas into China",
    ]  # fmt: skip
    assert parameters.rate(**CHINA, product="canola_oil", on="2026-10-01").rate == 1.09, "the facts stay as they are"


def test_a_hypothetical_measure_is_added(folder: Path) -> None:
    extra = """hypothetical:
  - {id: us_threat_made_real, title: t, imposer: united_states, origins: [canada], products: [canola_seed],
     hs: ["1205"], kind: duty, stacking: additional, rate: 0.3, effective: 2026-09-01, instrument: none,
     confidence: assumption}
"""
    write(folder, GOOD + extra)
    table = scenario.facts("test_case").set_index("line")
    line = table.loc["Canola seed into the United States, with a CUSMA claim"]
    assert line["rate"] == pytest.approx(0.3) and line["changed"]


HYPOTHETICAL = (
    "hypothetical: [{{id: h, title: t, imposer: {imposer}, origins: [canada], products: [{product}], hs: [{hs}], "
    "kind: duty, stacking: additional, rate: 0.1, effective: 2026-01-01, instrument: i, confidence: assumption}}]\n"
)
PLAIN = {"imposer": "china", "product": "peas", "hs": '"0713"'}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "title: A test\n",
            "titel: A test\n",
            r"titel \(line 2\): found unknown key titel; allowed: did you mean title",
        ),
        ("title: A test\n", "", "title.*found no such key; allowed: title is required"),
        ("title: A test", "title: 7", r"title \(line 2\): found 7; allowed: text"),
        ("name: test_case", "name: deal_2026", r"found deal_2026; allowed: test_case, .*already used by deal_2026.yml"),
        ("name: test_case", "name: other", "found other; allowed: test_case, the name of the file"),
        ("name: test_case", "name: ../test_case", r"name \(line 1\): found \.\./test_case"),
        ("facts_on: 2026-10-01", "facts_on: 2026-02-30", "facts_on.*found 2026-02-30; allowed: a real date"),
        ("facts_on: 2026-10-01", "facts_on: soon", "found soon; allowed: a real date"),
        ("facts_on: 2026-10-01", 'facts_on: "2026-10-01"', "allowed: a real date written YYYY-MM-DD, without quotes"),
        ("facts_on: 2026-10-01", "facts_on: 2027-01-01", "found 2027-01-01; allowed: a day from 2018-01-01"),
        ("suspended: true", "suspended: yes", "suspended.*found yes; allowed: true or false"),
        ("suspended: true", "suspended: false", "at least one of rate"),
        (
            "suspended: true",
            "rate: 84.8",
            r"overrides\[0\]\.rate \(line 6\): found 84.8; .*84.8 per cent is written 0.848",
        ),
        ("suspended: true", "rate: 100", "found 100; allowed: .*100 per cent is written 1"),
        ("suspended: true", "rate: -0.1", "found -0.1"),
        ("suspended: true", 'rate: "0.1"', r'found "0.1"; allowed: a number'),
        ("suspended: true", "rate: 100%", "found 100%; allowed: a number"),
        ("suspended: true", "rate: 012", 'found 012; allowed: digits with a leading zero in quotes: "012"'),
        ("suspended: true", "end: 2025-01-01", "an end on or after the effective date 2025-03-20"),
        ("suspended: true", "suspend: true", "found unknown key suspend; allowed: did you mean suspended"),
        ("china_oil_additional", "china_oil_aditional", "found china_oil_aditional; allowed: china_oil_additional"),
        (
            "china_oil_additional, suspended: true",
            "us_threat_100, rate: 1.0",
            "found 1.0; allowed: no rate: this measure",
        ),
        (", reason: supposed", "", "reason is required"),
        ("sources: [{title: made for the test}]", "sources: []", "at least one source"),
        ("overrides:\n  - {", "overrides: {a: b}\nnothing:\n  - {", "overrides|nothing"),
        ("overrides:\n  - {", "overrides: no\n#  - {", r"overrides \(line 5\): found no; allowed: a list of overrides"),
        ("  - {measure", "  - nothing\n  - {measure", r"overrides\[0\].*found nothing; allowed: a mapping of keys"),
        ("title: A test", 'title: ""', 'found ""; allowed: text that is not empty'),
        ("measure: china_oil_additional", "measure: China", "found China; allowed: lower-case letters, digits and _"),
        ("question:", "title:", r"title \(line 3\): found the key title twice"),
    ],
)
def test_a_wrong_scenario_is_bad_input_in_one_line(folder: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    write(folder, GOOD.replace(old, new, 1))
    with pytest.raises(BadInput, match=message) as caught:
        scenario.load("test_case")
    text = str(caught.value)
    assert text.startswith("data/scenarios/test_case.yml") and "\n" not in text and "allowed:" in text
    with pytest.raises(BadInput):
        scenario.validate_all()
    assert scenario.problems() == [text]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"imposer": "NO"}, "imposer.*found NO; allowed: canada, china, united_states"),
        ({"product": "NO"}, "products.*found NO; allowed: all, canola_seed"),
        ({"imposer": "norway"}, "found norway; allowed: canada, china"),
        ({"product": "wheat"}, "found wheat"),
        ({"hs": "0512"}, 'hs.*found 0512; allowed: digits with a leading zero in quotes: "0512"'),
        ({"hs": "1205.10"}, "found 1205.10; allowed: text; write digits in quotes"),
    ],
)
def test_a_wrong_hypothetical_measure_is_bad_input(folder: Path, change: dict[str, str], message: str) -> None:
    write(folder, GOOD + HYPOTHETICAL.format(**(PLAIN | change)))
    with pytest.raises(BadInput, match=message):
        scenario.load("test_case")


def test_two_changes_of_one_measure_or_an_id_in_use_are_refused(folder: Path) -> None:
    line = "  - {measure: china_oil_additional, suspended: true, reason: supposed}\n"
    write(folder, GOOD.replace(line, line * 2))
    with pytest.raises(BadInput, match=r"overrides\[1\]\.measure \(line 7\).*each measure once"):
        scenario.load("test_case")
    write(folder, GOOD + HYPOTHETICAL.format(**PLAIN).replace("id: h", "id: china_mfn_peas"))
    with pytest.raises(BadInput, match="found china_mfn_peas; allowed: an id not used"):
        scenario.load("test_case")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b"\x89PNG\0\0", "found a binary file"),
        (b"name: \xff", "not UTF-8"),
        (b"name: [", "found not YAML: .*, line 1; allowed: a YAML mapping"),
        (b"name: a\nlist: [1, 2\ntitle: b\n", "found not YAML: ',' or '\\]' is missing, line 3"),
        (b"name: a\n b: c\n", "found not YAML: mapping values are not allowed in this context, line 2"),
        (b"- a list", "a YAML mapping"),
    ],
)
def test_a_file_that_is_no_yaml_mapping_is_bad_input(folder: Path, content: bytes, message: str) -> None:
    (folder / "test_case.yml").write_bytes(content)
    with pytest.raises(BadInput, match=rf"data/scenarios/test_case\.yml.*{message}"):
        scenario.load("test_case")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("deal_2025", r"scenario: found deal_2025; allowed: did you mean deal_2026\? deal_2026, status_quo_2025"),
        ("../deal_2026", r"found \.\./deal_2026 \(a path\)"),
        ("/etc/passwd", r"found /etc/passwd \(a path\)"),
        ("deal_2026.yml", r"found deal_2026\.yml \(a path\); allowed: did you mean deal_2026"),
        ("..\\deal_2026", "a path"),
        ("DEAL_2026", "found DEAL_2026"),
        ("", "found nothing"),
    ],
)
def test_an_unknown_name_or_one_with_a_path_is_bad_input(name: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        scenario.load(name)


@pytest.mark.parametrize("name", ["copy.yaml", "Deal_2026.yml", "deal 2026.yml", "notes.txt"])
def test_files_no_scenario_name_leads_to_are_reported(folder: Path, name: str) -> None:
    write(folder, GOOD, name)
    with pytest.raises(BadInput, match="lower-case letters"):
        scenario.validate_all()


def test_a_folder_without_scenarios_says_so(folder: Path) -> None:
    for path in folder.glob("*.yml"):
        path.unlink()
    assert scenario.names() == []
    with pytest.raises(BadInput, match="no scenario is there"):
        scenario.load("deal_2026")
