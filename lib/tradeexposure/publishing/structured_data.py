"""What pages and tables say of themselves to searches and loaders: schema.org as JSON-LD, CSV on the Web.

Links only, to files beside the page and to publishers; nothing is fetched. A page's own words (title, description) are
taken from it when it is whole, so that they are those of its language and of its scenario.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from tradeexposure.core import published_rows, results_csv
from tradeexposure.publishing import manifest, template_files
from tradeexposure.publishing.reuse import citing

SCHEMA, LICENCE = "https://schema.org", "https://spdx.org/licenses/MIT"
MAKER = {"@type": "Organization", "name": f"The {citing.PROJECT} authors"}
BLOCK = re.compile(r'(<script type="application/ld\+json">)(.*?)(</script>)', re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
DESCRIPTION = re.compile(r'<meta name="description" content="(.*?)">', re.DOTALL)
CSVW = f"{manifest.RESULTS}-metadata.json"
#: Files of an edition that hold its numbers, each with its format.
NUMBERS = {manifest.RESULTS: "text/csv", manifest.WORKBOOK: "application/vnd.openxmlformats-officedocument"
           ".spreadsheetml.sheet", "ro-crate-metadata.json": "application/ld+json"}  # fmt: skip


def article(**more: Any) -> dict[str, Any]:
    """What any page says, but for its own words."""
    return {"@context": SCHEMA, "@type": "Article", "license": LICENCE, "author": MAKER, "publisher": MAKER, **more}


def of_notebook(sources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the page of a notebook says: an article, and the numbers of its edition as a data set made from tables."""
    files = [{"@type": "DataDownload", "contentUrl": name, "encodingFormat": kind} for name, kind in NUMBERS.items()]
    tables = [{"@type": "Dataset", "name": str(row["title"]), **({"url": address} if address else {})}
              for row in sources if (address := str(row["address"])) or row["title"]]  # fmt: skip
    numbers = {"@type": "Dataset", "license": LICENCE, "creator": MAKER, "distribution": files, "isBasedOn": tables}
    return article(about=numbers)


def completed(page: str, language: str) -> str:
    """A page whose data say its own title and description, in its language; as it is without such data."""
    block, title = BLOCK.search(page), TITLE.search(page)
    if not block or not title:
        return page
    description = DESCRIPTION.search(page)
    name = html.unescape(title[1]).strip()
    named = {"name": name, "description": html.unescape(description[1]).strip() if description else name}
    content = json.loads(block[2])
    own = {"headline": name, "description": named["description"], "inLanguage": language}
    about = {"about": {**content["about"], **named, "inLanguage": language}} if "about" in content else {}
    written = str(template_files.json_script({**content, **own, **about}))
    return f"{page[: block.start(2)]}{written}{page[block.end(2) :]}"


def csvw() -> bytes:
    """``results.csv`` in the words of CSV on the Web."""
    numeric = {*published_rows.NUMBERS}
    columns = [
        {"name": name, "titles": name, "dc:description": meaning, "datatype": "number" if name in numeric else "string",
         "required": name in ("result_id", "value", "unit", "notebook")}
        for name, meaning in results_csv.MEANINGS.items()
    ]  # fmt: skip
    content = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}], "url": manifest.RESULTS,
        "dc:title": "Published numbers of the edition", "dc:license": {"@id": LICENCE},
        "dialect": {"header": True, "encoding": "utf-8"},
        "tableSchema": {"columns": columns, "primaryKey": "result_id", "aboutUrl": "#number-{result_id}"},
    }  # fmt: skip
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
