"""The tables in the words of Croissant."""

from __future__ import annotations

import json
from pathlib import Path

from tradeexposure import data

FILE = Path(__file__).resolve().parents[2] / "data" / "croissant.json"


def test_every_table_and_column_is_there_with_the_digest_that_it_has():
    content = json.loads(FILE.read_text("utf-8"))
    files = {entry["@id"]: entry for entry in content["distribution"]}
    records = {entry["@id"]: entry for entry in content["recordSet"]}
    assert set(records) == {name for name in data.names() if not data.describe(name).get("private")}
    for name, record in records.items():
        table = data.describe(name)
        assert files[f"{name}.csv"]["sha256"] == table["hash"].removeprefix("sha256:")
        assert (FILE.parent / files[f"{name}.csv"]["contentUrl"]).is_file()
        assert [field["name"] for field in record["field"]] == [field["name"] for field in table["schema"]["fields"]]
        assert [key["@id"] for key in record["key"]] == [f"{name}/{column}" for column in table["key"]]


def test_a_column_has_its_type_and_its_unit():
    content = json.loads(FILE.read_text("utf-8"))
    fields = {field["@id"]: field for record in content["recordSet"] for field in record["field"]}
    rate = fields["exchange_rate_monthly/cad_per_usd"]
    assert rate["dataType"] == "sc:Float" and "Unit: " in rate["description"]
    types = {field["dataType"] for field in fields.values()}
    assert types <= {"sc:Text", "sc:Float", "sc:Integer", "sc:Boolean", "sc:Date"}
