"""Words of results: what joins a number, and what is refused, with the line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tradeexposure.core import loaded_files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import result_words

NOTEBOOK = "95_try_words"
FILE = """\
tables:
  prices: [canola_prices, wheat_prices]
names:
  crop:
    canola: {en: Canola, fr: Canola}
    wheat: {en: Wheat, fr: Blé}
  doubt:
    none: {en: "", fr: ""}
    not_known: {en: " (not known)", fr: " (inconnue)"}
groups:
  - unit: kilotonnes
    digits: 2
    period: "{year}"
    tables: [grain_exports_monthly, "{crop}_prices"]
    method:
      summed: sum of {count} months
      exact: as published
    rows:
      crops.exports_kt.{crop}.{year}:
        en: "{crop} exported{doubt}, {year}"
        fr: "{crop}, exportations{doubt}, {year}"
      crops.exports_kt.{crop}.total:
        en: "{crop} exported, {when}"
        fr: "{crop}, exportations, {when}"
        unit: count
        digits: whole
        period: "{when}"
        method: counted
        tables: [grain_exports_monthly, "{prices}"]
"""
GIVEN = {"method": "summed", "count": "12", "doubt": "none"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    path = tmp_path.joinpath(*result_words.FOLDER, f"{NOTEBOOK}.yml")
    path.parent.mkdir(parents=True)
    path.write_text(FILE, "utf-8")
    return path


def words() -> result_words.ResultWords:
    wording = result_words.of(NOTEBOOK)
    assert wording is not None
    return wording


@pytest.mark.usefixtures("place")
def test_words_join_by_pattern_in_both_languages() -> None:
    key = "crops.exports_kt.wheat.2024"
    assert words().label(key, GIVEN) == "Wheat exported, 2024"
    assert words().label(key, {**GIVEN, "doubt": "not_known"}) == "Wheat exported (not known), 2024"
    assert words().method(key, GIVEN) == "sum of 12 months"
    assert words().stated(key, GIVEN) == {
        "unit": "kilotonnes", "digits": 2, "kept": None, "tolerance": None, "period": "2024", "geography": "",
        "tables": "grain_exports_monthly; wheat_prices",
    }  # fmt: skip
    assert result_words.messages()["{crop} exported{doubt}, {year}"] == "{crop}, exportations{doubt}, {year}"
    assert result_words.messages()["Wheat"] == "Blé" and result_words.messages()["(not known)"] == "(inconnue)"


@pytest.mark.usefixtures("place")
def test_the_pattern_that_leaves_fewest_letters_open_counts_and_a_row_states_what_its_group_does_not() -> None:
    stated = words().stated("crops.exports_kt.canola.total", {"when": "2014 to 2024"})
    assert (stated["unit"], stated["digits"], stated["period"]) == ("count", "whole", "2014 to 2024")
    assert stated["tables"] == "grain_exports_monthly; canola_prices; wheat_prices"
    row = {"result_id": "crops.exports_kt.canola.total", "notebook": NOTEBOOK, "value": 1.0}
    joined = result_words.joined({**row, result_words.FILLS: {"when": "2014 to 2024"}})
    assert (joined["label"], joined["method"]) == ("Canola exported, 2014 to 2024", "counted")
    assert result_words.joined(row) == row, "a row of a draft has words of its own"
    assert result_words.joined({**row, "notebook": "96_draft", result_words.FILLS: {}})["value"] == 1.0


def test_words_join_the_table_of_every_scenario_and_a_relabel_needs_no_other_table(place: Path) -> None:
    key = "crops.exports_kt.canola.total"
    rows = [{"scenario": name, "result_id": key, "notebook": NOTEBOOK, "label": "", "method": "", "value": value,
             result_words.FILLS: f'{{"when": "{when}"}}'}
            for name, value, when in (("deal", 1.0, "2024"), ("no_deal", 2.0, "2025"))]  # fmt: skip
    handed = pd.DataFrame(rows)
    worded = result_words.joined_table(handed)
    assert worded["label"].tolist() == ["Canola exported, 2024", "Canola exported, 2025"]
    assert worded["method"].tolist() == ["counted"] * 2 and result_words.FILLS not in worded
    place.write_text(FILE.replace("exported, {when}", "shipped, {when}"), "utf-8")
    again = result_words.joined_table(handed)
    assert again["label"].tolist() == ["Canola shipped, 2024", "Canola shipped, 2025"]
    pd.testing.assert_frame_equal(again.drop(columns="label"), worded.drop(columns="label"))
    assert result_words.joined_table(worded) is worded, "as a table of before this file has its words"


WHERE = f"data/results/{NOTEBOOK}.yml"
REFUSED = [
    ("crops.imports_kt.wheat.2024", GIVEN, f"{WHERE}: groups: found no pattern for crops.imports_kt.wheat.2024"),
    ("crops.exports_kt.rye.2024", GIVEN, f"{WHERE}: groups: found no pattern for crops.exports_kt.rye.2024"),
    ("crops.exports_kt.wheat.2024", {**GIVEN, "method": "guessed"}, r"\(line 20\): found .* by guessed; allowed: s"),
    ("crops.exports_kt.wheat.2024", {}, r"\(line 20\): found .*2024 by no key; allowed: summed, exact"),
    ("crops.exports_kt.wheat.2024", {**GIVEN, "doubt": "some"}, r"line 20\): found {doubt} of some; allowed: none"),
    ("crops.exports_kt.wheat.total", {}, r"line 27\): found {when}; allowed: crop, what .*when=…"),
]  # fmt: skip


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(("key", "fills", "message"), REFUSED)
def test_a_number_that_lacks_words_is_refused(key: str, fills: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput, match=message.replace("{", r"\{").replace("}", r"\}")):
        words().stated(key, fills)


TOTAL = '"crops.exports_kt.{crop}.total"'
WRONG = [
    ("unit: kilotonnes", "unit: CAD", r"found CAD; allowed: kilotonnes, as crops\.exports_kt"),
    ("unit: kilotonnes", "unit: share", r"found share; allowed: kilotonnes, as crops\.exports_kt"),
    ("unit: count", "unit: counts", r"unit \(line 25\): found counts; allowed: CAD"),
    ('exportations, {when}"', 'exportations"', r"fr \(line 24\): .*allowed: the placeholders of"),
    ("    digits: 2", "    digit: 2", r"digit \(line 12\): found .*did you mean digits"),
    ("en: \"{crop} exported, {when}\"", "", r"en \(line 24\): found no such key"),
    ("crops.exports_kt.{crop}.total", "crops.exports_kt.{crop}.{year}", r"twice"),
    ("groups:", f"groups:\n  - unit: share\n    rows: {{{TOTAL}: {{en: A, fr: B}}}}", r"each pattern once"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_a_file_that_is_wrong_is_refused_with_its_line(place: Path, old: str, new: str, message: str) -> None:
    assert old in FILE
    place.write_text(FILE.replace(old, new), "utf-8")
    with pytest.raises(BadInput, match=message):
        words()


@pytest.mark.usefixtures("place")
def test_two_patterns_that_fit_as_well_are_refused(place: Path) -> None:
    text = FILE.replace("{crop}.total", "{crop}.{span}").replace(".{crop}.{year}", ".{crop}.{when}")
    place.write_text(text.replace("unit: count", "unit: kilotonnes"), "utf-8")
    with pytest.raises(BadInput, match=r"one pattern for crops.exports_kt.wheat.2024, which"):
        words().pattern("crops.exports_kt.wheat.2024")


@pytest.mark.usefixtures("place")
def test_patterns_and_names_that_no_number_needs_are_told() -> None:
    rows = [{"result_id": "crops.exports_kt.wheat.2024", result_words.FILLS: GIVEN}]
    faults = [str(fault) for fault in words().unused(rows)]
    assert len(faults) == 3 and all("found no row" in line and "(line " in line for line in faults)
    assert [line.partition(" (")[0].rpartition(".")[2] for line in faults][:2] == ["canola", "not_known"]
    rows += [{"result_id": "crops.exports_kt.canola.total", result_words.FILLS: {"when": "2024", "doubt": "not_known"}}]
    assert list(words().unused(rows)) == []
    bare = [{"result_id": row["result_id"]} for row in rows]  # as outputs of before this file have them
    assert list(words().unused(bare)) == [] and "groups" in "".join(map(str, words().unused(bare[:1])))


@pytest.mark.usefixtures("place")
def test_two_numbers_of_one_label_are_told(place: Path) -> None:
    text = FILE.replace('"{crop} exported{doubt}, {year}"', "Crops exported")
    place.write_text(text.replace('"{crop}, exportations{doubt}, {year}"', "Exportations"), "utf-8")
    same = {"unit": "kilotonnes", "period": "2024", "geography": "canada", "level": None, "low": None, "high": None}
    wheat, canola = ({"result_id": f"crops.exports_kt.{crop}.2024", "value": value, **same, result_words.FILLS: GIVEN}
                     for crop, value in (("wheat", 2.0), ("canola", 3.0)))  # fmt: skip
    (fault,) = words().alike([wheat, canola])
    assert "found 'Crops exported' for crops.exports_kt.canola.2024" in str(fault) and "(line " in str(fault)
    assert "another label than that of crops.exports_kt.wheat.2024" in str(fault)
    for tells in ({"period": "2023"}, {"level": 0.8}, {"unit": "count"}, {"value": 2.0}):
        assert list(words().alike([wheat, {**canola, **tells}])) == []


def test_a_relabel_changes_no_key_and_marks_the_rows_anew(place: Path) -> None:
    with loaded_files.recording() as entries:
        result_words.of(NOTEBOOK)
        assert entries == {}
        result_words.stated_by(NOTEBOOK)
    key, mark = entries[result_words.KIND, NOTEBOOK], result_words.mark(NOTEBOOK)
    for old, new in (("exported, {when}", "shipped, {when}"), ("counted", "told"), ("en: Wheat", "en: Spring wheat")):
        place.write_text(FILE.replace(old, new), "utf-8")
        assert result_words.digest(result_words.KIND, NOTEBOOK) == key and result_words.mark(NOTEBOOK) != mark
    place.write_text(FILE.replace("Blé", "Froment"), "utf-8")
    assert result_words.digest(result_words.KIND, NOTEBOOK) == key and result_words.mark(NOTEBOOK) == mark
    place.write_text(FILE.replace("digits: 2", "digits: 4"), "utf-8")
    assert result_words.digest(result_words.KIND, NOTEBOOK) != key
    place.unlink()
    assert result_words.digest(result_words.KIND, NOTEBOOK) == loaded_files.ABSENT
    assert result_words.of(NOTEBOOK) is None and result_words.mark(NOTEBOOK) == ""
