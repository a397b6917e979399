"""The tables in the words of Croissant, which dataset searches and loaders read: ``data/croissant.json``.

Nothing is said that the descriptor does not say; addresses lead to files beside it and to publishers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

VERSION = "http://mlcommons.org/croissant/1.0"
#: Type of a column → what Croissant calls it; months and what else it has no word for are text.
TYPES = {"number": "sc:Float", "integer": "sc:Integer", "boolean": "sc:Boolean", "date": "sc:Date"}
TERMS = ("citeAs", "column", "conformsTo", "extract", "field", "fileObject", "fileProperty", "format", "includes",
         "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
         "repeated", "replace", "separator", "source", "subField", "transform")  # fmt: skip
CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "dct": "http://purl.org/dc/terms/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    **{term: f"cr:{term}" for term in TERMS}, "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}  # fmt: skip


def render(package: Mapping[str, Any], *_: object) -> str:
    """The file's text, from the descriptor of all tables."""
    resources = package["resources"]
    licences = [licence.get("path", licence["title"]) for table in resources for licence in table["licenses"]]
    publishers = [
        {"@type": "sc:Organization", "name": name} for name in sorted({row["publisher"] for row in resources})
    ]
    distribution = [
        {"@type": "cr:FileObject", "@id": f"{table['name']}.csv", "name": f"{table['name']}.csv",
         "description": f"{table['publisher']}; {table['licenses'][0]['title']}", "contentUrl": table["path"],
         "encodingFormat": "text/csv", "sha256": table["hash"].removeprefix("sha256:")}
        for table in resources
    ]  # fmt: skip
    content = {
        "@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": VERSION,
        "name": package["name"], "description": f"{package['title']}. {package['description']}",
        "license": list(dict.fromkeys(licences)), "url": "datapackage.json", "creator": publishers,
        "distribution": distribution, "recordSet": [_records(table) for table in resources],
    }  # fmt: skip
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _records(table: Mapping[str, Any]) -> dict[str, Any]:
    name, fields = table["name"], table["schema"]["fields"]
    columns = [
        {"@type": "cr:Field", "@id": f"{name}/{field['name']}", "name": field["name"],
         "description": field["description"] + (f" Unit: {field['unit']}." if field.get("unit") else ""),
         "dataType": TYPES.get(field["type"], "sc:Text"),
         "source": {"fileObject": {"@id": f"{name}.csv"}, "extract": {"column": field["name"]}}}
        for field in fields
    ]  # fmt: skip
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "description": table["title"],
            "key": [{"@id": f"{name}/{column}"} for column in table["key"]], "field": columns}  # fmt: skip
