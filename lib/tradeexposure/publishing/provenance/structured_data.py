"""What an edition says of itself to searches, loaders and archives: JSON-LD of pages, CSV on the Web, research object.

A page's own words (title, description) are taken from it when it is whole, so that they are those of its language and
of its scenario. The research object is ``ro-crate-metadata.json`` by the Provenance Run Crate profile: notebooks are
the steps of one workflow, and every published number leads to the cell and the function that made it and to what it
rests on: tables with digest, licence, publisher and address, policy facts, priors, earlier numbers. Two builds of the
same sources say the same: the day is that of the newest figures. All of it is links, and nothing is fetched.
"""

from __future__ import annotations

import calendar
import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from tradeexposure.core import files, paths, published_rows, results_csv
from tradeexposure.publishing import manifest, template_files
from tradeexposure.publishing.provenance.lineage import Basis, EditionLineage, described_tables, drafted
from tradeexposure.publishing.reuse import citing
from tradeexposure.reporting import result_lineage

if TYPE_CHECKING:
    import pandas as pd

NAME, CSVW = "ro-crate-metadata.json", f"{manifest.RESULTS}-metadata.json"
SCHEMA, LICENCE = "https://schema.org", "https://spdx.org/licenses/MIT"
MAKER = {"@type": "Organization", "name": f"The {citing.PROJECT} authors"}
BLOCK = re.compile(r'(<script type="application/ld\+json">)(.*?)(</script>)', re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
DESCRIPTION = re.compile(r'<meta name="description" content="(.*?)">', re.DOTALL)
SPECIFICATION, WORKFLOW_PROFILE = "https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
CONTEXT = [f"{SPECIFICATION}/context", "https://w3id.org/ro/terms/workflow-run/context"]
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    WORKFLOW_PROFILE: "Workflow RO-Crate",
}
ROOT, RUN, ORDER, ENGINE = "./", "#run", "#order", "#engine"
MAINTAINERS, NOTEBOOK, PYTHON = "#maintainers", "https://jupyter.org", "https://www.python.org"
FORMATS = {
    "ipynb": "application/x-ipynb+json", "csv": "text/csv", "html": "text/html", "json": "application/json",
    "png": "image/png", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
LOCKED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)
TYPES = {"bool": "Boolean", "int": "Integer", "float": "Float"}  # of parameters; all others are text
Entity = dict[str, Any]
#: Files of an edition that hold its numbers, each with its format.
NUMBERS = {manifest.RESULTS: "text/csv", manifest.WORKBOOK: FORMATS["xlsx"], NAME: "application/ld+json"}


def article(**more: Any) -> dict[str, Any]:
    """What any page says, but for its own words."""
    return {"@context": SCHEMA, "@type": "Article", "license": LICENCE, "author": MAKER, "publisher": MAKER, **more}


def of_notebook(sources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the page of a notebook says: an article, and the numbers of its edition as a data set made from tables."""
    downloads = [
        {"@type": "DataDownload", "contentUrl": name, "encodingFormat": kind} for name, kind in NUMBERS.items()
    ]
    tables = [{"@type": "Dataset", "name": str(row["title"]), **({"url": address} if address else {})}
              for row in sources if (address := str(row["address"])) or row["title"]]  # fmt: skip
    numbers = {"@type": "Dataset", "license": LICENCE, "creator": MAKER, "distribution": downloads, "isBasedOn": tables}
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


def described(
    record: Mapping[str, Any], texts: Mapping[str, str], numbers: pd.DataFrame, written: Mapping[str, bytes]
) -> dict[str, bytes]:
    """What archives and loaders read of an edition that is not published yet, by name of file.

    Parameters
    ----------
    record
        Its manifest, without the digests of its outputs.
    texts
        Its executed notebooks by name.
    numbers : DataFrame
        Columns of ``results.csv``.
    written
        Its files by name, but for its pages.
    """
    rows = {str(row["result_id"]): {str(key): cell for key, cell in row.items()} for row in numbers.to_dict("records")}
    pages = [manifest.address(page["file"], language) for page in record["pages"] for language in record["languages"]]
    columns = {CSVW: csvw()}
    crate = research_object(record, drafted(str(record["scenario"]), texts, rows), {**written, **columns}, pages)
    return {**columns, NAME: crate.encode()}


def research_object(
    record: Mapping[str, Any], lineage: EditionLineage, contents: Mapping[str, bytes], pages: Collection[str]
) -> str:
    """The research object of an edition, an entity a line.

    Parameters
    ----------
    record
        Its manifest, without the digests of its outputs.
    lineage
        What its numbers rest on.
    contents
        Its files by name, but for its pages and itself.
    pages
        Names of its pages, which link to it and so have no digest here.
    """
    crate = _Crate(record, lineage)
    steps = list(record["parameters"])
    for name in sorted({*contents, *pages}):
        crate.file(name, contents.get(name))
    for place, name in enumerate(steps):
        crate.step(name, place)
    crate.run(steps)
    lines = [json.dumps(entity, ensure_ascii=False) for entity in crate.graph()]
    return f'{{"@context": {json.dumps(CONTEXT)}, "@graph": [\n' + ",\n".join(lines) + "\n]}\n"


def dated(newest: str) -> str:
    """The last day of the month or day that data go to, as of :func:`citing.data_to`."""
    year, month, day = (*map(int, newest.split("-")), 0, 0)[:3] if newest else (*date.min.timetuple()[:3],)
    return date(year, month or 12, day or calendar.monthrange(year, month or 12)[1]).isoformat()


def _to(names: str | Iterable[str]) -> Any:
    """How an entity names another one, or several, each once."""
    return {"@id": names} if isinstance(names, str) else [{"@id": name} for name in dict.fromkeys(names)]


@dataclass
class _Crate:
    """A crate that is being put together."""

    record: Mapping[str, Any]
    lineage: EditionLineage
    entities: dict[str, Entity] = field(default_factory=dict)
    bases: dict[Basis, list[str]] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)

    def graph(self) -> Iterator[Entity]:
        """The descriptor, the edition, and all that was added, in this order."""
        record = self.record
        parts = [name for name, entity in self.entities.items() if "File" in entity["@type"]]
        actions = [name for name, entity in self.entities.items() if str(entity["@type"]).endswith("Action")]
        for address, name in PROFILES.items():
            self.add(address, "CreativeWork", name=name, version=address.rpartition("/")[2])
        self.add(LICENCE, "CreativeWork", name="MIT License", url=LICENCE)
        self.add(MAINTAINERS, "Organization", name="The project's maintainers")
        lacking = f"Draft: without {', '.join(record['lacking'])}" if record.get("lacking") else ""
        yield {"@id": NAME, "@type": "CreativeWork", "about": _to(ROOT), "license": _to(LICENCE),
               "conformsTo": _to([SPECIFICATION, WORKFLOW_PROFILE])}  # fmt: skip
        yield {
            "@id": ROOT, "@type": "Dataset",
            "name": f"{record['title']}: edition {record['scenario']} of {citing.PROJECT}",
            "description": f"{record['question']} Executed notebooks, pages and numbers, and what each is made from.",
            "datePublished": dated(citing.data_to(record["vintages"].values())), "version": record["source"]["digest"],
            "license": _to(LICENCE), "author": _to(MAINTAINERS), "publisher": _to(MAINTAINERS),
            "conformsTo": _to(PROFILES), "mainEntity": _to(manifest.NAME), "hasPart": _to(parts),
            "mentions": _to(actions), **({"creativeWorkStatus": lacking} if lacking else {}),
        }  # fmt: skip
        yield from self.entities.values()

    def add(self, identity: str, kind: str | list[str], /, **properties: Any) -> str:
        """An entity, once, with what is known of it; its identity."""
        if identity not in self.entities:
            known = {key: what for key, what in properties.items() if what != ""}
            self.entities[identity] = {"@id": identity, "@type": kind, **known}
        return identity

    def run(self, steps: list[str]) -> None:
        """The workflow of all notebooks, its execution, and what ordered its steps."""
        notebooks = [f"{name}.ipynb" for name in steps]
        named = [(name, entity["@type"]) for name, entity in self.entities.items()]
        lock = paths.path("requirements.lock").read_text("utf-8")
        packages = [self.add(f"#package-{name}", "SoftwareApplication", name=name, version=version)
                    for name, version in LOCKED.findall(lock)]  # fmt: skip
        self.add(NOTEBOOK, "ComputerLanguage", name="Jupyter Notebook", url=NOTEBOOK, identifier=NOTEBOOK)
        self.add(PYTHON, "ComputerLanguage", name="Python", url=PYTHON, version=self.record["packages"]["python"])
        self.add(ENGINE, "SoftwareApplication", name=citing.PROJECT, softwareVersion=self.record["source"]["code"],
                 softwareRequirements=_to(packages))  # fmt: skip
        self.add(
            manifest.NAME, ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
            name="The notebooks in their order, with parameters and the digest of everything that they read",
            encodingFormat=FORMATS["json"], programmingLanguage=_to(NOTEBOOK), license=_to(LICENCE),
            creator=_to(MAINTAINERS), hasPart=_to(notebooks), step=_to(f"#step-{name}" for name in steps),
            input=_to(name for name, kind in named if kind == "FormalParameter"),
        )  # fmt: skip
        values = [name for name, kind in named if name.startswith("#value-") or kind == ["Dataset", "CreativeWork"]]
        self._action(RUN, "CreateAction", name=f"Run of {self.record['scenario']}", instrument=_to(manifest.NAME),
                     object=_to(values), result=_to([manifest.RESULTS, *notebooks]))  # fmt: skip
        self._action(ORDER, "OrganizeAction", name="Execution of the notebooks in their order", instrument=_to(ENGINE),
                     object=_to(f"#control-{name}" for name in steps), result=_to(RUN))  # fmt: skip

    def step(self, name: str, place: int) -> None:
        """One notebook: its parameters, the tables behind its numbers, and these."""
        notebook = f"{name}.ipynb"
        formal, values = [], []
        for key, value in self.record["parameters"][name].items():
            formal.append(f"#parameter-{name}-{key}")
            values.append(f"#value-{name}-{key}")
            written = value if isinstance(value, bool | int | float | str) else json.dumps(value)
            self.add(formal[-1], "FormalParameter", name=key, additionalType=TYPES.get(type(value).__name__, "Text"),
                     workExample=_to(values[-1]))  # fmt: skip
            self.add(values[-1], "PropertyValue", name=key, value=written, exampleOfWork=_to(formal[-1]))
        rows = {key: row for key, row in self.lineage.rows.items() if row["notebook"] == name}
        numbers = [self._number(key, row) for key, row in rows.items()]
        read = dict.fromkeys(table for key in rows for table in self.lineage.direct(key).tables)
        used = self._tables(read)
        self.add(f"#step-{name}", "HowToStep", name=name, position=str(place), workExample=_to(notebook))
        self._action(f"#execution-{name}", "CreateAction", name=f"Execution of {name}", instrument=_to(notebook),
                     object=_to([*values, *used]), result=_to(numbers))  # fmt: skip
        self._action(f"#control-{name}", "ControlAction", name=f"Start of {name}", instrument=_to(f"#step-{name}"),
                     object=_to(f"#execution-{name}"))  # fmt: skip

    def _action(self, identity: str, kind: str, /, **properties: Any) -> None:
        done = {"@id": "http://schema.org/CompletedActionStatus"}
        self.add(identity, kind, **properties, agent=_to(MAINTAINERS), actionStatus=done)

    def file(self, name: str, content: bytes | None = None) -> str:
        """A file of the edition; with what it is made from, where a notebook hands it over."""
        stem, _, ending = name.rpartition(".")
        known = {} if content is None else {"sha256": files.digest(content), "contentSize": str(len(content))}
        handed = {"isBasedOn": _to([*self._code(stem), *self._basis(stem)])} if stem in self.lineage.makings else {}
        if ending != "ipynb":
            return self.add(name, "File", name=name, encodingFormat=FORMATS.get(ending, ""), **known, **handed)
        formal = [f"#parameter-{stem}-{key}" for key in self.record["parameters"].get(stem, ())]
        return self.add(name, ["File", "SoftwareSourceCode"], name=name, encodingFormat=FORMATS[ending], **known,
                        programmingLanguage=_to(NOTEBOOK), input=_to(formal))  # fmt: skip

    def _number(self, key: str, row: Mapping[str, Any]) -> str:
        """Value and range; its label stands in ``results.csv`` under the same name."""
        ends = {name: row[end] for name, end in (("minValue", "low"), ("maxValue", "high")) if row[end] == row[end]}
        return self.add(f"#number-{key}", "PropertyValue", name=key, value=row["value"], **ends,
                        unitText=str(row["unit"]), isBasedOn=_to([*self._code(key), *self._basis(key)]))  # fmt: skip

    def _code(self, key: str) -> Iterator[str]:
        """The cell that made a number, and the function whose result it is."""
        if key not in self.lineage.makings:
            return
        notebook, making = self.lineage.makings[key]
        cell = result_lineage.cell_of(self.lineage.books[notebook], making.cell)
        yield self.add(f"#cell-{notebook}-{cell}", "SoftwareSourceCode", name=f"Cell {cell} of {notebook}",
                       isPartOf=_to(f"{notebook}.ipynb"), programmingLanguage=_to(NOTEBOOK))  # fmt: skip
        if making.function:
            placed = result_lineage.placed(making.function)
            yield self.add(f"#function-{making.function}", "SoftwareSourceCode", name=placed, isPartOf=_to(ENGINE),
                           programmingLanguage=_to(PYTHON))  # fmt: skip

    def _basis(self, key: str) -> list[str]:
        """What a number rests on, which others rest on too."""
        basis = self.lineage.direct(key)
        if basis not in self.bases:
            self.bases[basis] = self._rests_on(basis)
        return self.bases[basis]

    def _rests_on(self, basis: Basis) -> list[str]:
        parts = [
            *self._tables(basis.tables),
            *self._assumed(basis.facts, basis.priors),
            *(self._earlier(name) for name in basis.numbers),
        ]
        if not parts and not basis.choices:
            return []
        chosen = f"Choices of data/studies.yml: {', '.join(basis.choices)}" if basis.choices else ""
        name = f"#basis-{files.digest_of([parts, basis.choices])[:12]}"
        return [self.add(name, "CreativeWork", name="What numbers rest on", isBasedOn=_to(parts), description=chosen)]

    def _tables(self, names: Collection[str]) -> list[str]:
        if new := [name for name in names if name not in self.tables]:
            self.tables |= {table["name"]: self._table(table) for table in described_tables(new, self.record)}
        return [self.tables[name] for name in names if name in self.tables]

    def _table(self, table: Mapping[str, str]) -> str:
        publisher = self.add(f"#publisher-{files.digest(table['publisher'])[:12]}", "Organization",
                             name=table["publisher"])  # fmt: skip
        licence = table["licence_address"] or f"#licence-{files.digest(table['licence'])[:12]}"
        self.add(licence, "CreativeWork", name=table["licence"], url=table["licence_address"])
        return self.add(
            f"#table-{table['name']}", ["Dataset", "CreativeWork"], name=table["title"], identifier=table["name"],
            sha256=table["sha256"], version=table["vintage"], url=table["address"], publisher=_to(publisher),
            license=_to(licence), alternateName=table["table_number"],
        )  # fmt: skip

    def _assumed(self, facts: Iterable[str], priors: Iterable[str]) -> Iterator[str]:
        from tradeexposure.policy import assumptions, tariff_schedule

        measures = {measure.id: measure for measure in tariff_schedule.all_measures().held}
        for name in facts:
            addresses = [source.address for source in measures[name].sources if source.address]
            yield self.add(f"#fact-{name}", "CreativeWork", name=measures[name].title, identifier=name,
                           description=measures[name].instrument, url=addresses[0] if addresses else "")  # fmt: skip
        for name in priors:
            prior = assumptions.load()[name]
            yield self.add(f"#prior-{name}", "CreativeWork", name=prior.title, identifier=name,
                           description=prior.evidence)  # fmt: skip

    def _earlier(self, name: str) -> str:
        """A number of this edition, a table that a notebook hands over, or a number of another scenario."""
        scenario, _, key = name.rpartition(":")
        if ":" not in name:
            return self.file(f"{name}.csv")
        if scenario in ("", self.record["scenario"]):
            return f"#number-{key}"
        return self.add(f"#number-{scenario}-{key}", "PropertyValue", propertyID=key, name=f"{key} of {scenario}",
                        value=f"in the edition {scenario}")  # fmt: skip
