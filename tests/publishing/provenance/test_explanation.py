"""From a published number back to what made it, in the committed notebooks and in a small edition; as JSON too."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import samplenotebook as sample
from sampleedition import notebooks, rows_of, write

from tradeexposure.core import published_rows, results_csv
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing.provenance import explanation
from tradeexposure.reporting import result_lineage

ROOT = Path(__file__).resolve().parents[3]


def test_a_number_is_followed_to_what_shows_and_what_made_it(edition: Path):
    explained = explanation.explain("use.gain", edition)
    assert explained.written == "C$1.2 bn a year (C$1.0 bn to C$2.0 bn a year)"
    assert [(place.cell, place.words) for place in explained.sentences] == [
        ("say", "It gains $1 at least, in all C$1.2 bn a year (C$1.0 bn to C$2.0 bn).")
    ]
    assert [(place.cell, place.words) for place in explained.charts] == [("draw", "What it gains")]
    assert [(place.cell, place.words) for place in explained.printed] == [("table", "By table")]
    assert (explained.cell, explained.function) == ("work", "lib/tradeexposure/canola/exposure/receipts.py:at_stake")
    assert {line.partition(": ")[0] for line in explained.tables} == {"grain_exports_monthly", "canola_crush_monthly"}
    assert "Statistics Canada, 32-10-0352-01" in " ".join(explained.tables)
    assert explained.page.endswith("70_use_scenario.html#number-use.gain")
    assert repr(explained) == f"<Explanation of use.gain: {explained.written}; made in 70_use_scenario, cell work>"


def test_what_is_not_there_is_told_in_one_line(edition: Path):
    with pytest.raises(BadInput, match=r"ID: found use\.gian; allowed: use\.gain"):
        explanation.explain("use.gian", edition)
    with pytest.raises(BadInput, match="no note of how it is made; allowed: type: tradeexposure run deal_2026"):
        explanation.explain("use.bare", edition)


def test_a_number_of_another_edition_is_told_to_be_that(edition: Path):
    book = notebooks()["70_use_scenario"]
    book["cells"][-1]["outputs"][0]["data"][published_rows.MIME]["rows"] = rows_of("70_use_scenario", {"use.quota": ""})
    write(edition.parent / "quota_2030", {"70_use_scenario": book}, scenario="quota_2030")
    with pytest.raises(BadInput, match=r"found use\.quota; allowed: .* it is one of quota_2030: give --edition"):
        explanation.explain("use.quota", edition)


def test_a_headline_names_the_assumptions_that_move_it_most():
    """Of the committed edition: the growers' income, on at most sixty lines, with both ends of three priors."""
    text = str(explanation.explain("scenario.canola.grower_income_change_cad", ROOT / "reports/published/deal_2026"))
    assert len(text.split("\n")) <= 60
    assert not re.search(r"\bvehicle_|\bev_|rebate|china_appeal", text)
    moves = text[text.index("would move") :]
    assert moves.count("at its low end") == explanation.MOST and "seed_scale_cad_t" in moves


def test_the_register_has_each_assumption_once_and_numbers_as_published() -> None:
    """Twice over, A125 also stood under gaps to customs volumes, which no monthly value enters."""
    register = (ROOT / "ASSUMPTIONS.md").read_text("utf-8")
    keys = re.findall(r"^\| (A\d+) \|", register, flags=re.MULTILINE)
    assert len(keys) > 150 and sorted(keys) == sorted({*keys})
    edition = ROOT / "reports/published/deal_2026"
    for key, used in (("canola.source_gap.monthly_values.2025", True), ("canola.source_gap.china.2024", False)):
        assumptions = explanation.explain(key, edition).assumptions
        assert any(line.startswith("A125: ") for line in assumptions) is used
    published = results_csv.read(edition / "results.csv").set_index("result_id")["value"]
    china, later = (published[f"trade.china_target.2030.probability{end}"] for end in ("", ".base_2025"))
    assert f"China: {china:.0%}, from 2025: {later:.0%} |" in register
    calm, every = (published[f"ev.us_auto_tariff_coverage.95.2025{end}"] for end in ("", ".all_windows"))
    assert f"coverage {calm:.0%} without, {every:.0%} with |" in register
    assert "no official figure is held" not in register, "the revised harvest of 2025 is"
    meal = (f"C${published[f'canola.weights.left_out.{datum}'] / 1e6:.0f} m" for datum in ("d10", "d13"))
    assert f"left out {' and '.join(meal)} of" in register, "monthly values weigh simulations"


def test_every_number_of_a_page_links_to_how_it_is_made():
    notebook = sample.notebook(sample.code("book.add()", name="adds"), drawn=("fan",))
    saved = notebook.cells[-2].outputs[0].data[published_rows.MIME]
    rows = saved["rows"]
    by = [
        {
            "cell": result_lineage.digest("book.add()"),
            "function": "tradeexposure.trade.results:share_rows",
            "tables": ["x_y"],
        }
    ]
    saved["made"] = {"by": by, "of": {row["result_id"]: 0 for row in rows}}
    results = results_csv.frame_of(rows)
    text = sample.pages(notebook, edition=sample.edition(), sources=sample.sources(), results=results)["en"]
    for row in rows:
        line = re.search(rf'<tr id="number-{re.escape(row["result_id"])}">.*?</tr>', text, flags=re.DOTALL)
        assert line and 'href="#how-1"' in line[0]
    way = text[text.index('id="how-1"') :]
    assert 'href="#code-adds"' in way and 'id="code-adds"' in text
    assert "trade/<wbr>results.py:share_<wbr>rows" in way and "x_<wbr>y" in way


def schema() -> dict[str, Any]:
    return dict(json.loads((ROOT / f"docs/schemas/explanation-{explanation.VERSION}.json").read_text("utf-8")))


@pytest.mark.parametrize("key", ["use.gain", "use.cars", "brief.gain.other"])
def test_what_is_written_is_what_the_schema_says(edition: Path, key: str):
    document = json.loads(explanation.as_json(explanation.explain(key, edition), edition))
    jsonschema.validate(document, schema())
    assert (document["id"], document["edition"], document["value"]) == (key, "deal_2026", 1.2e9)


def test_it_names_what_the_number_rests_on_and_nothing_of_the_other_model(edition: Path):
    document = json.loads(explanation.as_json(explanation.explain("use.cars", edition), edition))
    assert [table["name"] for table in document["rests_on"]["tables"]] == ["ev_prices", "vehicle_production"]
    assert document["rests_on"]["tables"][0]["sha256"] == "a" * 64
    assert "canada_ev_quota" in [fact["id"] for fact in document["rests_on"]["facts"]]
    assert [prior["name"] for prior in document["rests_on"]["priors"]] == ["china_appeal"]
    assert document["through_earlier_numbers"]["tables"] == ["ev_rebates"]


def test_the_schema_refuses_what_is_missing_or_further(edition: Path):
    document = json.loads(explanation.as_json(explanation.explain("use.gain", edition), edition))
    jsonschema.Draft202012Validator.check_schema(schema())
    for fault in (lambda doc: doc.pop("rests_on"), lambda doc: doc.update(more=1), lambda doc: doc.update(value="1")):
        wrong = copy.deepcopy(document)
        fault(wrong)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema())


@pytest.mark.parametrize("version", ["2", "", "one"])
def test_another_version_is_refused_in_one_line(edition: Path, version: str):
    explained = explanation.explain("use.gain", edition)
    with pytest.raises(BadInput, match=r"--schema: found .*; allowed: 1$"):
        explanation.as_json(explained, edition, version=version)
