"""Comparing editions: what counts as changed, and what is named as the reason."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sampleedition

from tradeexposure.core import files, paths, results_csv
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing.edition_comparison import as_html, as_text, compare, named_folder, since

MANIFEST = {
    "scenario": "deal",
    "parameters": {"10_a_b": {}},
    "packages": {"numpy": "2.0"},
    "title": "The deal",
    "source": {"code": "1", "data": "1", "lock": "1", "digest": "1", "notebooks": {}},
    "pages": [],
    "outputs": {},
    "headline": ["a.x"],
    "tolerances": {},
    "inputs": {
        "data/tables/trade.csv": "1",
        "data/tables/prices.csv": "1",
        "data/parameters/measures.yml": "1",
        "lib/tradeexposure/trade/flows.py": "1",
        "notebooks/10_a_b.ipynb": "1",
        "notebooks/20_c_d.ipynb": "1",
    },
}
ROW = {
    "label": "Share", "unit": "share", "value": 0.5, "low": None, "high": None, "level": None, "period": "2024",
    "geography": "canada", "method": "", "notebook": "10_a_b", "tables": "trade",
}  # fmt: skip


def edition(folder: Path, rows: dict[str, dict[str, Any]], **inputs: str) -> Path:
    manifest = copy.deepcopy(MANIFEST)
    manifest["inputs"].update({path.replace("__", "/"): digest for path, digest in inputs.items()})
    folder.mkdir()
    frame = pd.DataFrame([{"result_id": key, **ROW, **row} for key, row in rows.items()])
    text = results_csv.text(frame.astype(dict.fromkeys(results_csv.NUMBERS, "float64")))
    (folder / "results.csv").write_text(text, "utf-8", newline="")
    manifest["outputs"] = {"results.csv": files.digest(text)}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def noted(folder: Path, **entries: Any) -> Path:
    """An edition with other entries in its manifest."""
    record = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps(record | entries), "utf-8")
    return folder


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return edition(tmp_path / "before", {"a.x": {}, "a.y": {"tables": "prices"}, "a.z": {"low": 0.4, "high": 0.6}})


def test_changed_added_and_vanished_are_told_apart(before: Path, tmp_path: Path):
    after = edition(tmp_path / "after", {"a.x": {"value": 0.51}, "a.y": {"tables": "prices"}, "a.new": {}})
    compared = compare(before, after)
    assert compared.numbers.set_index("result_id")["kind"].to_dict() == {
        "a.new": "added", "a.x": "changed", "a.z": "vanished",
    }  # fmt: skip
    assert compared.numbers.set_index("result_id").loc["a.x", "change"] == pytest.approx(0.02)
    assert compared.same == 1


def test_threshold_is_relative_and_bounds_count(before: Path, tmp_path: Path):
    rows = {"a.x": {"value": 0.51}, "a.y": {"tables": "prices"}, "a.z": {"low": 0.3, "high": 0.6}}
    after = edition(tmp_path / "after", rows)
    assert compare(before, after, threshold=0.019).numbers["result_id"].tolist() == ["a.x", "a.z"]
    assert compare(before, after, threshold=0.021).numbers["result_id"].tolist() == ["a.z"]
    assert compare(before, after, threshold=0.25).numbers.empty


def test_a_number_in_another_unit_or_without_its_range_has_changed(before: Path, tmp_path: Path):
    after = edition(tmp_path / "after", {"a.x": {"unit": "ratio"}, "a.y": {"tables": "prices"}, "a.z": {}})
    assert compare(before, after, threshold=10).numbers["result_id"].tolist() == ["a.x", "a.z"]


@pytest.mark.parametrize(
    ("path", "reasons"),
    [
        ("data/tables/trade.csv", ["data (trade)", "none"]),
        ("data/tables/prices.csv", ["none", "data (prices)"]),
        ("data/corrections.yml", ["data (corrections)", "data (corrections)"]),
        ("data/datapackage.json", ["none", "none"]),
        ("data/parameters/measures.yml", ["assumption", "assumption"]),
        ("lib/tradeexposure/trade/flows.py", ["code", "code"]),
        ("notebooks/10_a_b.ipynb", ["code", "code"]),
        ("notebooks/20_c_d.ipynb", ["none", "none"]),
    ],
)
def test_reason_is_what_changed_behind_the_number(before: Path, tmp_path: Path, path: str, reasons: list[str]):
    rows = {"a.x": {"value": 0.6}, "a.y": {"tables": "prices", "value": 0.6}, "a.z": {"low": 0.4, "high": 0.6}}
    after = edition(tmp_path / "after", rows, **{path.replace("/", "__"): "2"})
    assert compare(before, after).numbers["reason"].tolist() == reasons


@pytest.mark.parametrize("vintages", [("", "2026-12-01"), ("2026-12-01", "2027-01-15"), ("2027-01-15", "")])
def test_a_table_that_differs_between_vintages_is_named(tmp_path: Path, vintages: tuple[str, str]):
    rows: dict[str, dict[str, Any]] = {"a.x": {}, "a.y": {"tables": "prices"}}
    folders = []
    for name, value, digest in zip(vintages, (0.5, 0.6), "12", strict=True):
        rows["a.x"]["value"] = rows["a.y"]["value"] = value
        folders.append(edition(tmp_path / f"of {name}", rows))
        own = {"tables/trade.csv": digest, "tables/prices.csv": "1", "corrections.yml": "1", "datapackage.json": digest}
        if name:
            own["vintage.json"] = digest
        where = f"data/vintages/{name}" if name else "data"
        common = {path: kept for path, kept in MANIFEST["inputs"].items() if not path.startswith("data/tables/")}
        noted(folders[-1], inputs=common | {f"{where}/{path}": kept for path, kept in own.items()})
    compared = compare(*folders)
    assert compared.inputs == {"data": ("data/datapackage.json", "data/tables/trade.csv"), "assumption": (), "code": ()}
    assert compared.numbers.set_index("result_id")["reason"].to_dict() == {"a.x": "data (trade)", "a.y": "none"}
    assert "Because of data (trade) (a table it rests on)" in as_text(compared)


def test_two_scenarios_of_one_vintage_differ_in_assumptions(tmp_path: Path):
    rows = {"s.x": {"notebook": "70_e_f"}, "a.x": {}}
    folders = []
    for name, value in (("deal", 0.5), ("escalation", 0.6)):
        rows["s.x"]["value"] = value
        parameters = {"10_a_b": {}, "70_e_f": {"scenario": name}}
        folders.append(noted(edition(tmp_path / name, rows), scenario=name, parameters=parameters))
    compared = compare(*folders)
    assert compared.numbers[["result_id", "reason"]].to_numpy().tolist() == [["s.x", "assumption"]]
    assert compared.inputs == {"data": (), "assumption": ("scenario",), "code": ()}


def test_folders_of_editions_are_compared_scenario_by_scenario(tmp_path: Path):
    for side, value in (("old", 0.5), ("new", 0.6)):
        (tmp_path / side).mkdir()
        changed = {"data__tables__trade_csv": side}
        edition(tmp_path / side / "deal", {"a.x": {"value": value}}, **changed)
    noted(edition(tmp_path / "new" / "escalation", {"a.x": {}}), scenario="escalation")
    compared = compare(tmp_path / "old", tmp_path / "new", threshold=0.1)
    assert compared.numbers[["scenario", "kind"]].to_numpy().tolist() == [["deal", "changed"], ["escalation", "added"]]
    text = as_text(compared)
    assert "Differences of up to 10% of the value before count as the same (--threshold)." in text
    assert "escalation: a.x  – → 50.0%" in text
    assert compare(tmp_path / "old", tmp_path / "new", threshold=0.21).same == 1


def test_text_and_page_show_each_number(before: Path, tmp_path: Path):
    after = edition(tmp_path / "after", {"a.x": {"value": 0.51, "label": "<b>"}}, data__tables__trade_csv="2")
    compared = compare(before, after)
    text = as_text(compared)
    assert "changed  a.x  50.0% → 51.0%  +2.00%" in text
    assert "50.0% (40.0% to 60.0%) → –" in text
    page = as_html(compared)
    assert '<th scope="row">&lt;b&gt;<code>a.<wbr>x</code></th>' in page
    assert page.count('<tr><th scope="row">') == 3
    assert re.findall(r"<th scope=.col.[^>]*>([^<]+)", page)[:4] == ["Number", "Before", "After", "Change"]
    assert ">50.0%</td>" in page and ">51.0%</td>" in page and "+1.00 points<small>+2.00%</small>" in page
    assert page.index(">51.0%</td>") < page.index("Every difference counts (--threshold 0).") < page.index("trade_csv")
    assert "script-src 'none'" in page or "script-src &#39;none&#39;" in page


AGAINST = "a year, against: {}"


def simulated(folder: Path, name: str, against: str, **rows: dict[str, Any]) -> Path:
    """An edition of scenario `name` whose numbers are measured against `against`."""
    period = AGAINST.format(against)
    shown = {f"a.{key}": {"unit": "CAD per year", "period": period, **row} for key, row in rows.items()}
    return noted(edition(folder / name, shown), scenario=name, title=f"The {name}")


def test_numbers_of_one_baseline_are_subtracted(tmp_path: Path):
    first, second = (
        simulated(tmp_path, name, "“The base”", gain={"value": value}) for name, value in (("x", 3.0), ("y", 5.0))
    )
    row = compare(first, second).numbers.iloc[0]
    assert (row["value_before"], row["value_after"]) == (3.0, 5.0)


@pytest.mark.parametrize("backwards", [False, True])
def test_an_edition_measured_against_the_other_is_its_change(tmp_path: Path, backwards: bool):
    """The deal gains 3 against the base; the breakdown loses 2 against the deal: not 5 less, but 2 less."""
    level = {"value": 40.0, "label": "Sold in the scenario"}
    share = {"value": 0.4, "unit": "share"}
    deal = simulated(
        tmp_path, "deal", "“The base”", gain={"value": 3.0, "low": 2.0, "high": 4.0}, sold=level, rank=share
    )
    broken = simulated(
        tmp_path, "broken", "“The deal”", gain={"value": -2.0}, sold={**level, "value": 35.0}, rank=share
    )
    compared = compare(broken, deal) if backwards else compare(deal, broken)
    rows = compared.numbers.set_index("result_id")[["value_before", "value_after"]].to_numpy().tolist()
    assert rows == ([[-2.0, 0.0], [35.0, 40.0]] if backwards else [[0.0, -2.0], [40.0, 35.0]])
    assert compared.numbers["low_after" if backwards else "low_before"].isna().all()
    assert compared.note.startswith("Re-based: broken is measured against deal, which stands at zero")
    assert compared.note in as_text(compared) and compared.note in as_html(compared)


def test_what_does_not_move_from_an_edition_to_one_measured_against_it_is_no_change(tmp_path: Path):
    """Cars that a duty on seed leaves alone stand at nothing on both sides, with their range, and lead no list."""
    moved, still = {"value": 3.0, "low": 2.0, "high": 4.0}, {"value": 0.0, "low": 0.0, "high": 0.0}
    deal = simulated(tmp_path, "deal", "“The base”", gain=moved, cars=moved)
    broken = simulated(tmp_path, "broken", "“The deal”", gain={"value": -2.0, "low": -3.0, "high": -1.0}, cars=still)
    compared = compare(deal, broken)
    assert [*compared.numbers["result_id"]] == ["a.gain"] and compared.same == 1
    assert "C$0 a year → −C$2.00 a year (−C$3.00 to −C$1.00 a year)" in as_text(compared)


def test_baselines_that_do_not_meet_are_refused_in_one_line(tmp_path: Path):
    first = simulated(tmp_path, "x", "“The base”", gain={"value": 3.0})
    second = simulated(tmp_path, "y", "“The deal”", gain={"value": 5.0})
    with pytest.raises(
        BadInput, match="found x against “The base” and y against “The deal”; allowed: editions"
    ) as refused:
        compare(first, second)
    assert "\n" not in str(refused.value)


def test_a_bare_name_is_a_published_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    published = tmp_path / "reports" / "published"
    published.mkdir(parents=True)
    there = edition(published / "deal_2026", {"a.x": {}})
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert named_folder("A", "deal_2026") == there
    assert named_folder("A", "reports/published") == Path("reports/published")
    with pytest.raises(
        BadInput, match=r"^A: found deal_2027; allowed: did you mean deal_2026\? a published edition"
    ) as refused:
        named_folder("A", "deal_2027")
    assert str(refused.value).endswith("(deal_2026), or a folder written by 'tradeexposure run'"), "it is no scenario"
    scenario = tmp_path / "data" / "scenarios" / "deal_2027.yml"
    scenario.parent.mkdir(parents=True)
    scenario.touch()
    with pytest.raises(BadInput, match=r"; type: tradeexposure run deal_2027$"):
        named_folder("A", "deal_2027")


def test_what_changed_is_short_enough_for_a_manifest(before: Path, tmp_path: Path) -> None:
    rows = {"a.x": {"value": 0.51}, "a.y": {"tables": "prices"}, "a.new": {}}
    after = edition(tmp_path / "after", rows, data__tables__trade="2")
    assert since(before, after) == {
        "finished": "", "counts": {"changed": 1, "added": 1, "vanished": 1, "same": 1},
        "reasons": [["nothing the manifests know of", 3]], "numbers": [["Share", "50.0%", "51.0%"]],
    }  # fmt: skip


def both(folder: Path, rows: dict[str, dict[str, Any]]) -> list[Path]:
    """Two editions of numbers that all moved."""
    return [edition(folder / name, {key: {**row, "value": value} for key, row in rows.items()})
            for name, value in (("before", 0.5), ("after", 0.6))]  # fmt: skip


@pytest.mark.parametrize(("count", "named"), [(10, 10), (11, 2)])
def test_ten_numbers_that_changed_are_all_named_and_of_more_the_headline(
    tmp_path: Path, count: int, named: int
) -> None:
    rows = {f"a.n{number}": {"label": f"Number {number}"} for number in range(count)}
    old, new = both(tmp_path, rows)
    noted(new, headline=[*rows][:2])
    assert len(since(old, new)["numbers"]) == named


def test_headline_changes_come_first_each_once_and_at_most_six(tmp_path: Path):
    rows = {f"a.n{number}": {"label": f"Number {number}"} for number in range(9)}
    old, new = both(tmp_path, rows)
    noted(new, headline=[*rows][1:])
    lines = as_text(compare(old, new)).split("\n")
    assert [line.strip().partition("  ")[0] for line in lines[1:7]] == [f"Number {number}" for number in range(1, 7)]
    assert lines[7].startswith("Every difference counts")


def test_what_is_below_a_millionth_of_its_unit_is_not_written(before: Path, tmp_path: Path):
    rows = {
        "a.x": {"value": 0.5 + 4e-7},
        "a.y": {"tables": "prices"},
        "a.z": {"value": 3.2e-9, "low": 1e-9, "high": 0.6},
    }
    text = as_text(compare(before, edition(tmp_path / "after", rows)))
    assert "a.x" not in text and "1 more moved by less than a millionth of their unit" in text
    assert "a.z" in text and not re.search(r"0\.000000\d|e-\d", text)
    assert "2 changed" in text, "they are counted all the same"


def test_copies_stand_with_the_number_that_they_repeat(tmp_path: Path):
    compared = compare(*(
        sampleedition.write(tmp_path / name, sampleedition.notebooks(value), inputs={"lib/x.py": name})
        for name, value in (("before", 1.2e9), ("after", 1.4e9))
    ))  # fmt: skip
    assert compared.numbers.set_index("result_id").loc["brief.gain", "origin"] == "use.gain"
    text = as_text(compared)
    assert "; repeated as brief.gain" in next(line for line in text.split("\n") if " use.gain " in line)
    assert "  changed  brief.gain " not in text and "  changed  brief.gain.other " in text
