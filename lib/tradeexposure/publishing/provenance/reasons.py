"""Why a number can differ between two editions: which tables, facts, priors, choices and code behind it changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tradeexposure.data import vintages
from tradeexposure.publishing.provenance.lineage import Basis, EditionLineage

ASSUMED = ("data/parameters/", "data/scenarios/", "data/priors.yml", "data/studies.yml")
#: How files begin whose entries a manifest notes one by one → what it calls them, as a number's basis does.
NAMED = {"data/parameters/": "facts", "data/priors.yml": "priors", "data/studies.yml": "choices"}
SHARED_DATA = ("data/corrections.yml",)  # behind every table
TABLES = "data/tables/"
OF_A_VINTAGE = re.compile(rf"^{'/'.join(vintages.VINTAGES)}/[^/]+/")
MOST_NAMED = 3
EMPTY: Mapping[str, Collection[str]] = MappingProxyType({})


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
