"""The codebook page: what every table and column means, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
