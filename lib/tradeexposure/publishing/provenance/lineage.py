"""What a number of an edition rests on, and which changes behind it can have moved it from one edition to another.

It rests on its own tables and on facts, priors, choices and numbers that its cell read for it. A cell may work out more
than one number, and then reads more than each rests on. A row states its own tables; of what else was read, what
belongs to the sectors of these tables counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tradeexposure import data
from tradeexposure.core import paths
from tradeexposure.core.loaded_files import ALL
from tradeexposure.data import vintages
from tradeexposure.data.descriptor import SECTORS
from tradeexposure.policy import assumptions, scenarios, studies, tariff_schedule
from tradeexposure.policy.measures import EVERY, TradeMeasure
from tradeexposure.publishing import manifest
from tradeexposure.reporting import result_lineage
from tradeexposure.reporting.result_lineage import Lineage

#: How the names of products begin on which a model has duties.
PRODUCTS = {"canola": ("canola",), "electric_vehicles": ("ev",), "passenger_vehicles": ("ev", "us")}
Sectors = frozenset[str]
TABLE = re.compile(r"(?:^|/)tables/([a-z0-9_]+)\.csv$")
ASSUMED = ("data/parameters/", "data/scenarios/", "data/priors.yml", "data/studies.yml")
#: How files begin whose entries a manifest notes one by one → what it calls them, as a number's basis does.
NAMED = {"data/parameters/": "facts", "data/priors.yml": "priors", "data/studies.yml": "choices"}
SHARED_DATA = ("data/corrections.yml",)  # behind every table
TABLES = "data/tables/"
OF_A_VINTAGE = re.compile(rf"^{'/'.join(vintages.VINTAGES)}/[^/]+/")
MOST_NAMED = 3
EMPTY: Mapping[str, Collection[str]] = MappingProxyType({})


@dataclass(frozen=True)
class Basis:
    """Names of what a number rests on; `numbers` are those of earlier notebooks and tables that they hand over."""

    tables: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    priors: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def __or__(self, further: Basis) -> Basis:
        """Both, each name once."""
        pairs = ((getattr(self, part.name), getattr(further, part.name)) for part in fields(Basis))
        return Basis(*(tuple(dict.fromkeys((*own, *more))) for own, more in pairs))

    def __sub__(self, known: Basis) -> Basis:
        """What the other one does not have."""
        pairs = ((getattr(self, part.name), getattr(known, part.name)) for part in fields(Basis))
        return Basis(*(tuple(name for name in own if name not in less) for own, less in pairs))


class EditionLineage:
    """The numbers of an edition, and what each rests on.

    Parameters
    ----------
    folder : Path
        Of the edition.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole: dict[str, Basis] = {}
        self._direct: dict[tuple[int, tuple[str, ...]], Basis] = {}
        self._sectors: dict[tuple[str, ...], Sectors] = {}

    @cached_property
    def record(self) -> dict[str, Any]:
        """Its manifest."""
        return manifest.edition(self.folder)

    @cached_property
    def scenario(self) -> str:
        """Of the edition."""
        return str(self.record["scenario"])

    @cached_property
    def books(self) -> dict[str, dict[str, Any]]:
        """Its executed notebooks by name."""
        executed = paths.notebooks(self.folder)
        manifest.refuse_altered(self.folder, self.record, [path.name for path in executed])
        return {path.stem: _parsed(path.read_text("utf-8")) for path in executed}

    @cached_property
    def makings(self) -> dict[str, tuple[str, Lineage]]:
        """Number, or table that is handed over → its notebook and how it is made."""
        noted = {name: result_lineage.in_notebook(book) for name, book in self.books.items()}
        return {key: (name, by[place]) for name, (by, of, _) in noted.items() for key, place in of.items()}

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The published numbers by identifier."""
        rows = manifest.numbers(self.folder).to_dict("records")
        return {str(row["result_id"]): {str(key): cell for key, cell in row.items()} for row in rows}

    def direct(self, key: str) -> Basis:
        """What a number, or a table that is handed over, rests on by itself; its tables where no making was noted."""
        stated = self._stated(key)
        if key not in self.makings:
            return Basis(stated)
        making = self.makings[key][1]
        known = id(making), stated or (key,)  # many numbers share a making and their tables
        if known not in self._direct:
            self._direct[known] = self._read(key, making, stated)
        return self._direct[known]

    def _read(self, key: str, making: Lineage, tables: tuple[str, ...]) -> Basis:
        own = self._sectors_of(tables) if tables else sectors_of_name(key)
        return Basis(
            tables, facts_of(making.facts, own), priors_of(making.priors, own),
            choices_of(making.choices, own), tuple(self._earlier(making.numbers, own)),
        )  # fmt: skip

    def whole(self, key: str) -> Basis:
        """The same with all that the earlier numbers rest on, as far back as they lead."""
        if key not in self._whole:
            own = self._whole[key] = self.direct(key)  # what leads back to itself
            for name in own.numbers:
                own |= self._behind(name)
            self._whole[key] = own
        return self._whole[key]

    def origin(self, key: str) -> str:
        """The number of an earlier notebook that one repeats, as its cell names it; empty where it is no copy."""
        making = self.makings[key][1] if key in self.makings else None
        return making.numbers[0] if making and making.copied else ""

    def _stated(self, key: str) -> tuple[str, ...]:
        """The tables that a number's row names; of what is no number those that its cell read."""
        if key not in self.rows:
            return self.makings[key][1].tables if key in self.makings else ()
        named = map(str.strip, str(self.rows[key]["tables"]).split(";"))
        return tuple(dict.fromkeys(filter(None, named)))

    def _sectors_of(self, tables: tuple[str, ...]) -> Sectors:
        """The sectors of tables, which hundreds of numbers share."""
        if tables not in self._sectors:
            self._sectors[tables] = sectors_of_tables(tables)
        return self._sectors[tables]

    def _earlier(self, names: Iterable[str], own: Sectors) -> Iterator[str]:
        """Of the earlier numbers that a cell was given, those that a number of some sectors may rest on."""
        for name in names:
            for key in self._found(name):
                theirs = self._sectors_of(self._stated(key))
                if not own or not theirs or own & theirs:
                    yield name.removesuffix(name.partition(":")[2]) + key if ":" in name else key

    def _found(self, name: str) -> list[str]:
        """Identifiers of an entry: one, or all of a stem."""
        key = name.partition(":")[2] or name
        return sorted(filter(lambda known: known.startswith(key), self.rows)) if key.endswith(".") else [key]

    def _behind(self, name: str) -> Basis:
        """What an earlier number rests on; one of another scenario also on the facts that this one changes."""
        scenario, _, key = name.rpartition(":")
        known = self.whole(key)
        if scenario in ("", self.scenario) or scenario not in scenarios.names():
            return known
        chosen = scenarios.load(scenario)
        changed = [*(each.measure for each in chosen.overrides), *(each.measure for each in chosen.quantities)]
        return known | Basis(facts=facts_of(changed, self._sectors_of(self._stated(key))))


def described_tables(names: Iterable[str], record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Tables as archives name them: what the descriptor says, and the digest that the manifest `record` has of each.

    A table that is no longer described is left out: what is said of it stands in the edition's own commit.
    """
    inputs = ((TABLE.search(path), digest) for path, digest in record["inputs"].items())
    digests = {match[1]: str(digest) for match, digest in inputs if match}  # of whichever vintage
    known = data.names()
    described = [data.describe(name) for name in names if name in known]
    return [
        {
            "name": table["name"],
            "title": table["title"],
            "publisher": table["publisher"],
            "table_number": table["tableNumber"],
            "address": table["address"],
            "licence": table["licenses"][0]["title"],
            "licence_address": table["licenses"][0].get("path", ""),
            "vintage": table["vintage"],
            "sha256": digests.get(table["name"], ""),
        }
        for table in described
    ]


def drafted(scenario: str, texts: Mapping[str, str], rows: Mapping[str, dict[str, Any]]) -> EditionLineage:
    """Of an edition that is not published yet: texts of its executed notebooks by name, and its numbers."""
    edition = EditionLineage(Path())
    vars(edition).update(scenario=scenario, books={name: _parsed(text) for name, text in texts.items()}, rows=rows)
    return edition


@lru_cache(maxsize=32)
def _parsed(text: str) -> dict[str, Any]:
    """An executed notebook, once for all scenarios of the same estimates; never change it."""
    return dict(json.loads(text))


def sectors_of_tables(names: Iterable[str]) -> Sectors:
    """The sectors of what is made from tables: those of tables of one sector alone, of any where there is none such."""
    described = [data.describe(name).get("sectors", ()) for name in {*names}.intersection(data.names())]
    single = [of for of in described if len(of) == 1]
    return frozenset(sector for of in single or described for sector in of)


def sectors_of_name(key: str) -> Sectors:
    """The sector that an identifier names, of a number that rests on no table: ``scenario.canola.china_meal_duty``."""
    return frozenset(SECTORS) & {*key.split(".")}


def sectors_of_measure(measure: TradeMeasure) -> Sectors:
    """The sectors that a measure can move."""
    if EVERY in measure.products:
        return frozenset(SECTORS)
    named = [of for product in measure.products for start, of in PRODUCTS.items() if product.startswith(start)]
    return frozenset(sector for of in named for sector in of)


def facts_of(names: Iterable[str], own: Sectors) -> tuple[str, ...]:
    """Ids of the facts behind some entries: those named, and of those on a trade the ones that can enter a duty.

    With `own` sectors, only facts on their products.
    """
    measures = {measure.id: measure for measure in tariff_schedule.all_measures().held}
    named = [*measures] if ALL in (names := tuple(names)) else tariff_schedule.ids_of(names)
    known = [measures[name] for name in named if name in measures]
    charging = [measure.id for measure in known if measure.id in names or measure.stacking != "none"]
    return tuple(name for name in charging if not own or sectors_of_measure(measures[name]) & own)


def priors_of(names: Collection[str], own: Sectors) -> tuple[str, ...]:
    """Of some priors (``*``: all of them) those that move one of `own` sectors, in the order of the file."""
    known = assumptions.load()
    return tuple(
        name for name, prior in known.items() if (name in names or names == (ALL,)) and (not own or prior.moves in own)
    )


def choices_of(names: Collection[str], own: Sectors) -> tuple[str, ...]:
    """Of some choices of ``data/studies.yml`` (``*``: all of them) those of `own` sectors."""
    known: Mapping[str, Collection[str]] = studies.sectors()
    wanted = known if ALL in names else names
    return tuple(name for name in wanted if not own or own & {*known.get(name, own)})


@dataclass(frozen=True)
class Behind:
    """What can be behind the numbers of two editions."""

    #: Their numbers; None where there is no edition.
    before: EditionLineage | None
    after: EditionLineage | None
    inputs: Mapping[str, list[str]]  #: As of :func:`changed_inputs`.
    simulated: Collection[str]  #: Notebooks that depend on the scenario.

    @cached_property
    def named(self) -> dict[str, set[str]]:
        """Names that changed by kind of :data:`NAMED`, without the kinds that one of the two did not note."""
        old, new = (edition.record.get("named", {}) if edition else {} for edition in (self.before, self.after))
        return {kind: {name for name in {**old[kind], **new[kind]} if old[kind].get(name) != new[kind].get(name)}
                for kind in NAMED.values() if old.get(kind) and new.get(kind)}  # fmt: skip

    @cached_property
    def headline(self) -> list[str]:
        """Headline numbers of the later edition, those of its last pages, which answer the question, first."""
        if self.after is None:
            return []
        rows = self.after.rows
        own = [key for key in self.after.record.get("headline", ()) if key in rows]
        return sorted(own, key=lambda key: str(rows[key]["notebook"]), reverse=True)

    def reason(self, key: str, tables: str, notebook: str, *, before: bool) -> str:
        """Why a number can have changed, as of :func:`reason_for`; `before` if only the earlier edition has it."""
        edition, simulated = self.before if before else self.after, notebook in self.simulated
        asked = edition is not None and (self.inputs["data"] or self.inputs["assumption"])
        basis = edition.whole(key) if edition is not None and asked and key in edition.makings else None
        return reason_for(tables, notebook, self.inputs, simulated=simulated, basis=basis, named=self.named)

    def origin(self, key: str, *, before: bool) -> str:
        """The number of an earlier notebook that one repeats, else itself."""
        edition = self.before if before else self.after
        origin = "" if edition is None else edition.origin(key)
        own = origin.removeprefix(f"{edition.scenario}:").removeprefix(":") if edition is not None else ""
        return own or key


def changed_inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[str]]:
    """What changed between two manifests, by reason: paths, package versions, scenario and parameters.

    A file of a vintage has the path it has in the shipped one: what is the same in both did not change.
    """
    changed: dict[str, list[str]] = {"data": [], "assumption": [], "code": []}
    before, after = (
        {OF_A_VINTAGE.sub("data/", path): digest for path, digest in side["inputs"].items()} for side in (old, new)
    )
    for path in sorted({*before, *after} - {f"data/{vintages.MARK}"}):  # what a vintage notes of its own making
        if before.get(path) != after.get(path):
            reason = "assumption" if path.startswith(ASSUMED) else "data" if path.startswith("data/") else "code"
            changed[reason].append(path)
    for key in ("scenario", "definition"):
        if old.get(key) != new.get(key):
            changed["assumption"].append("scenario" if key == "scenario" else "the point of the grid")
    parameters = (old.get("parameters", {}), new.get("parameters", {}))
    for notebook in sorted(set(parameters[0]) & set(parameters[1])):
        earlier, later = ({**side[notebook], "scenario": ""} for side in parameters)  # told above
        if earlier != later:
            changed["assumption"].append(f"parameters of {notebook}")
    packages = (old.get("packages", {}), new.get("packages", {}))
    for name in sorted(set(packages[0]) | set(packages[1])):
        if packages[0].get(name) != packages[1].get(name):
            changed["code"].append(f"{name} {packages[0].get(name, '-')} → {packages[1].get(name, '-')}")
    return changed


def reason_for(
    tables: str,
    notebook: str,
    inputs: Mapping[str, list[str]],
    *,
    simulated: bool = False,
    basis: Basis | None = None,
    named: Mapping[str, Collection[str]] = EMPTY,
) -> str:
    """Which changes can be behind a number, joined by "and": ``data (grain_weekly) and assumption (us_cusma)``.

    Parameters
    ----------
    tables, notebook
        Of the number's row.
    inputs
        As of :func:`changed_inputs`.
    simulated
        Whether its notebook depends on the scenario: it is then given the numbers of all earlier notebooks, so that
        any table and any earlier notebook may be behind it. The scenario itself is behind no other number.
    basis
        What it rests on, where its edition noted that: no other table is then behind it.
    named
        What changed, by kind of :data:`NAMED`: no other entry of these files is then behind it.
    """
    own = {f"{TABLES}{name}.csv" for name in (basis.tables if basis else map(str.strip, tables.split(";"))) if name}
    anything = not basis and (simulated or not own)
    data = [
        path for path in inputs["data"] if path in own or (anything and path.startswith(TABLES)) or path in SHARED_DATA
    ]
    assumed = [name for name in inputs["assumption"]
               if simulated or name == f"parameters of {notebook}" or name.startswith(tuple(NAMED))]  # fmt: skip
    entries: list[str] = []
    if basis:
        entries = [name for kind, changed in named.items() for name in getattr(basis, kind) if name in changed]
        told_apart = tuple(start for start, kind in NAMED.items() if kind in named)
        assumed = [path for path in assumed if not path.startswith(told_apart)] + entries
    names = [Path(path).stem for path in data]
    listed = ", ".join(names) if len(names) <= MOST_NAMED else f"any of {len(names)} tables"
    reasons = {
        f"data ({listed})": data,
        f"assumption ({', '.join(entries)})" if entries else "assumption": assumed,
        "code": [
            path
            for path in inputs["code"]
            if not path.startswith("notebooks/")
            or (stem := Path(path).stem) == notebook
            or (simulated and stem < notebook)
        ],
    }
    return " and ".join(reason for reason, changed in reasons.items() if changed) or "none"
