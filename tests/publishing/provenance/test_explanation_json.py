"""An explanation as JSON, against the schema that others read it by."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.publishing.provenance import explanation

ROOT = Path(__file__).resolve().parents[3]


def schema() -> dict[str, Any]:
    return dict(json.loads((ROOT / f"docs/schemas/explanation-{explanation.VERSION}.json").read_text("utf-8")))


@pytest.mark.parametrize("key", ["use.gain", "use.cars", "brief.gain.other"])
def test_what_is_written_is_what_the_schema_says(edition: Path, key: str):
    told = json.loads(explanation.as_json(explanation.explain(key, edition), edition))
    jsonschema.validate(told, schema())
    assert (told["id"], told["edition"], told["value"]) == (key, "deal_2026", 1.2e9)


def test_it_names_what_the_number_rests_on_and_nothing_of_the_other_model(edition: Path):
    told = json.loads(explanation.as_json(explanation.explain("use.cars", edition), edition))
    assert [table["name"] for table in told["rests_on"]["tables"]] == ["ev_prices", "vehicle_production"]
    assert told["rests_on"]["tables"][0]["sha256"] == "a" * 64
    assert "canada_ev_quota" in [fact["id"] for fact in told["rests_on"]["facts"]]
    assert [prior["name"] for prior in told["rests_on"]["priors"]] == ["china_appeal"]
    assert told["through_earlier_numbers"]["tables"] == ["ev_rebates"]


def test_the_schema_refuses_what_is_missing_or_further(edition: Path):
    told = json.loads(explanation.as_json(explanation.explain("use.gain", edition), edition))
    jsonschema.Draft202012Validator.check_schema(schema())
    for fault in (lambda one: one.pop("rests_on"), lambda one: one.update(more=1), lambda one: one.update(value="1")):
        wrong = copy.deepcopy(told)
        fault(wrong)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema())


@pytest.mark.parametrize("version", ["2", "", "one"])
def test_another_version_is_refused_in_one_line(edition: Path, version: str):
    explained = explanation.explain("use.gain", edition)
    with pytest.raises(BadInput, match=r"--schema: found .*; allowed: 1$"):
        explanation.as_json(explained, edition, version=version)
