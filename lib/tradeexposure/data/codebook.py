"""What every table and column means: the codebook page in Markdown, and ``croissant.json``, which data searches read.

Croissant says nothing that the descriptor does not say; addresses lead to files beside it and to publishers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

CROISSANT = "http://mlcommons.org/croissant/1.0"
#: Type of a column → what Croissant calls it; months and what else it has no word for are text.
CROISSANT_TYPES = {"number": "sc:Float", "integer": "sc:Integer", "boolean": "sc:Boolean", "date": "sc:Date"}
CROISSANT_TERMS = (
    "citeAs", "column", "conformsTo", "extract", "field", "fileObject", "fileProperty", "format", "includes",
    "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated",
    "replace", "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "dct": "http://purl.org/dc/terms/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    **{term: f"cr:{term}" for term in CROISSANT_TERMS}, "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}  # fmt: skip
LONG_LIST = 14

HEAD = """# Codebook

Generated from `data/datapackage.json` and `data/corrections.yml`; change those and run `python -m tradeexposure.data`.
Shares and changes are fractions, HS codes are text, an empty cell was not published. Keys are unique after the
corrections. Trust A: equal to the official file; B: a public copy with spot checks; C: transcribed from a page, or
quoting one. Read: the day on which figures were last taken up into this project, from that file, copy or page.
"""


def render(package: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str:
    """Codebook of `package` with the corrections in `entries`; the same input gives the same text."""
    resources = sorted(package["resources"], key=lambda resource: resource["name"])
    contents = "\n".join(
        f"| [{resource['name']}](#{resource['name']}) | {_cell(resource['title'])} | {_cell(resource['publisher'])} "
        f"| {resource['coverage']} | {resource['accessed']} | {resource['trust']} |"
        for resource in resources
    )
    index = f"| Table | Title | Publisher | Coverage | Read | Trust |\n|---|---|---|---|---|---|\n{contents}\n"
    pages = [
        _page(resource, [entry for entry in entries if entry["table"] == resource["name"]]) for resource in resources
    ]
    return "\n".join([HEAD, index, *pages])


def croissant(package: Mapping[str, Any], *_: object) -> str:
    """Text of ``croissant.json``, from the descriptor of all tables."""
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
        "@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": CROISSANT,
        "name": package["name"], "description": f"{package['title']}. {package['description']}",
        "license": list(dict.fromkeys(licences)), "url": "datapackage.json", "creator": publishers,
        "distribution": distribution, "recordSet": [_records(table) for table in resources],
    }  # fmt: skip
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _page(resource: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str:
    licence = resource["licenses"][0]
    gaps, ends, counted = (resource.get(name) for name in ("gaps", "ends", "cumulative"))
    series = "; ".join(f"`{column}` {', '.join(values)}" for column, values in counted["of"].items()) if counted else ""
    facts = [
        ("Publisher", resource["publisher"]),
        ("Table", resource["tableNumber"]),
        ("Address", resource["address"] and f"<{resource['address']}>"),
        ("Also from", "; ".join(f"{more['title']}, <{more['path']}>" for more in resource.get("sources", [])[1:])),
        ("Licence", f"[{licence['title']}]({licence['path']})" if "path" in licence else licence["title"]),
        ("Attribution", resource["attribution"]),
        ("Coverage", resource["coverage"]),
        ("Vintage", resource["vintage"]),
        ("Read", resource["accessed"]),
        ("Key", ", ".join(f"`{column}`" for column in resource["key"])),
        ("Trust", resource["trust"]),
        ("Caveat", resource["caveat"]),
        ("Without a row", gaps and f"{'; '.join(gaps.get('of', ())) or 'any series'}. {gaps['reason']}"),
        ("Jumps", resource.get("jumps")),
        ("Ends", ends and f"with {ends['at']}: {ends['why']}"),
        ("Cumulative", counted and f"within `{counted['within']}`, where {series}"),
    ]
    lines = [f"- {label}: {text}" for label, text in facts if text]
    fields = "\n".join(_field(field) for field in resource["schema"]["fields"])
    parts = [f"## {resource['name']}", "", f"{resource['title']}.", "", *lines, "", _FIELD_HEAD + fields]
    for entry in entries:
        parts += ["", f"Correction `{entry['id']}` ({entry['handling']}, {entry['status']}): {entry['reason'].strip()}"]
    return "\n".join(parts) + "\n"


_FIELD_HEAD = "| Column | Type | Unit | Meaning |\n|---|---|---|---|\n"


def _field(field: Mapping[str, Any]) -> str:
    rules = field.get("constraints", {})
    sentences = [field["description"]]
    if "enum" in rules and len(rules["enum"]) <= LONG_LIST:
        sentences.append(f"One of: {', '.join(rules['enum'])}.")
    if not rules.get("required"):
        sentences.append("May be empty." if "empty" not in field["description"] else "")
    if "caveat" in field:
        sentences.append(f"Caveat: {field['caveat']}")
    meaning = _cell(" ".join(word for word in sentences if word))
    return f"| `{field['name']}` | {field['type']} | {field.get('unit', '')} | {meaning} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _records(table: Mapping[str, Any]) -> dict[str, Any]:
    name, fields = table["name"], table["schema"]["fields"]
    columns = [
        {"@type": "cr:Field", "@id": f"{name}/{field['name']}", "name": field["name"],
         "description": field["description"] + (f" Unit: {field['unit']}." if field.get("unit") else ""),
         "dataType": CROISSANT_TYPES.get(field["type"], "sc:Text"),
         "source": {"fileObject": {"@id": f"{name}.csv"}, "extract": {"column": field["name"]}}}
        for field in fields
    ]  # fmt: skip
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "description": table["title"],
            "key": [{"@id": f"{name}/{column}"} for column in table["key"]], "field": columns}  # fmt: skip
