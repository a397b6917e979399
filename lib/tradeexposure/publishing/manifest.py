"""The manifest of an edition: what it was made from, by what, and what came out."""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from tradeexposure.core import files, paths, reading, units
from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import from_cell

if TYPE_CHECKING:
    import pandas as pd

ENGLISH, FRENCH = LANGUAGES = ("en", "fr")
NAME = "manifest.json"
RESULTS = "results.csv"
WORKBOOK = "results.xlsx"
CARD = "card.png"
# What may differ between two builds of the same sources stands under this key, and nowhere else.
RUN = "run"
LETTERS = 16  # of the digest of an entry of a file
DIGITS = 3  # of a number whose edition does not state them, as editions of earlier versions do not
AGAINST = "against: "  # in the period of a number, before what it is measured against
PRINTED = "brief.pdf"  # by a browser, on request
CARD_IN = {ENGLISH: CARD, FRENCH: "card.fr.png"}
PRINTED_IN = {ENGLISH: PRINTED, FRENCH: "brief.fr.pdf"}


class _Part(BaseModel):
    """Known keys have their types; others are kept as they are."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class Source(_Part):
    """Digests of what an edition is made from."""

    code: str
    data: str
    lock: str
    digest: str
    notebooks: dict[str, str]


class Page(_Part):
    """A page of an edition."""

    file: str
    title: str


class Run(_Part):
    """How an edition came about.

    `printed` are digests of what was printed of it since, by name; `digest` is one over all the rest of the manifest.
    """

    finished: str = ""
    seconds: dict[str, float] = {}
    printed: dict[str, str] = {}
    digest: str = ""


class Manifest(_Part):
    """What a ``manifest.json`` must hold to be taken for one; anything else is no edition."""

    scenario: str
    title: str
    source: Source
    parameters: dict[str, dict[str, Any]]
    packages: dict[str, str]
    inputs: dict[str, str]
    outputs: dict[str, str]
    tolerances: dict[str, float | None]
    headline: list[str]
    pages: list[Page]
    compares: list[str] = []
    neutral: dict[str, list[dict[str, str]]] = {}
    languages: list[str] = [ENGLISH]
    digits: dict[str, int] = {}
    named: dict[str, dict[str, str]] = {}
    forecasts: dict[str, str] = {}
    run: Run = Run()


@dataclass(frozen=True)
class Inputs:
    """All that the editions of a run are made from besides notebooks, looked at once."""

    #: Group → path → digest of each file, as :func:`tradeexposure.data.edition_inputs` gives them.
    groups: Mapping[str, Mapping[str, str]]

    @cached_property
    def digests(self) -> dict[str, str]:
        """Group → one digest over names and contents, so that a deleted file counts as a change.

        Of scenarios those of the project count: one of the user's own is in its own edition alone.
        """
        shared = {**self.groups, "scenarios": self.scenario_files()}
        return {group: files.digest_of(entries) for group, entries in shared.items()}

    def scenario_files(self, *own: str) -> dict[str, str]:
        """Path → digest of the files of the project's scenarios, and of the user's `own` that are named."""
        from tradeexposure.policy import scenarios

        wanted = scenarios.SHIPPED.union(own)
        return {path: digest for path, digest in self.groups["scenarios"].items() if Path(path).stem in wanted}

    @cached_property
    def commit(self) -> str:
        """The commit the checkout stands on; empty outside a repository."""
        if not paths.path(".git").exists():
            return ""
        try:
            command = ["git", "-C", str(paths.root()), "rev-parse", "--verify", "HEAD"]
            return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return ""

    @cached_property
    def named(self) -> dict[str, dict[str, str]]:
        """Kind → entry of a file of assumptions → its digest: policy facts, priors, choices of ``data/studies.yml``."""
        from tradeexposure.policy import assumptions, studies, tariff_schedule

        kinds: dict[str, Mapping[str, Any]] = {
            "facts": {measure.id: measure for measure in tariff_schedule.all_measures()},
            "priors": dict(assumptions.load()),
            "choices": studies.entries(),
        }
        return {kind: {name: files.digest(repr(entry))[:LETTERS] for name, entry in entries.items()}
                for kind, entries in kinds.items()}  # fmt: skip

    @cached_property
    def packages(self) -> dict[str, str]:
        """Versions of packages."""
        return packages()


@cache
def packages() -> dict[str, str]:
    """Versions of Python and of the packages the project names; never change them."""
    names = {
        re.split(r"[^A-Za-z0-9_.-]", line)[0]
        for line in metadata.requires("tradeexposure") or ()
        if "extra ==" not in line
    }
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


@contextmanager
def committed(folder: Path) -> Iterator[Path | None]:
    """An edition as the commit holds it that the checkout stands on, in a folder of its own; None without one."""
    root = paths.root()
    with tempfile.TemporaryDirectory() as aside:
        for name in (NAME, RESULTS) if folder.is_relative_to(root) and (root / ".git").exists() else ():
            command = ["git", "-C", str(root), "show", f"HEAD:{(folder / name).relative_to(root).as_posix()}"]
            try:
                shown = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
            except (OSError, subprocess.SubprocessError):
                break
            (Path(aside) / name).write_bytes(shown)
        yield Path(aside) if read(Path(aside)) and (Path(aside) / RESULTS).is_file() else None


def dump(record: Mapping[str, Any]) -> bytes:
    """A manifest as it is written."""
    whole = {**record, RUN: {**record.get(RUN, {}), "digest": _digest(record)}}
    return (json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _digest(record: Mapping[str, Any]) -> str:
    return files.digest_of({**record, RUN: {**record.get(RUN, {}), "digest": ""}})


def read(folder: Path) -> dict[str, Any]:
    """The manifest in `folder`; empty if there is none or it is not one."""
    try:
        manifest = reading.json_of(reading.contents(folder / NAME, where=NAME), where=NAME, allowed="a manifest")
        reading.as_model(Manifest, manifest, where=NAME)
    except BadInput:
        return {}
    return dict(manifest)


def edition(folder: Path) -> dict[str, Any]:
    """The manifest in `folder`; :class:`BadInput` where that is no edition."""
    record = read(folder)
    if not record:
        reason = "no such folder" if not folder.is_dir() else "no edition (no readable manifest.json)"
        allowed = "a folder written by 'tradeexposure run', such as reports/published/deal_2026 or reports/published"
        raise BadInput(paths.relative(folder), found=reason, allowed=allowed)
    return record


def numbers(folder: Path) -> pd.DataFrame:
    """The published numbers of an edition, as of ``results_csv.read``.

    Raises
    ------
    BadInput
        No edition, or other numbers than it was published with.
    """
    from tradeexposure.core import results_csv

    record, frame = edition(folder), results_csv.read(folder / RESULTS)
    refuse_altered(folder, record, (NAME, RESULTS))
    return frame


def written(row: Mapping[str, Any]) -> dict[str, str]:
    """One result, with its `digits`, as it is read: value and range with their unit, and the range's coverage."""
    numbers = [row[name] for name in ("value", "low", "high") if _stated(row.get(name))]
    digits = int(row["digits"]) if _stated(row.get("digits")) else DIGITS
    spread = len(numbers) == 3
    return {
        "result_id": str(row["result_id"]),
        "label": str(row["label"]),
        "value": units.write(row["value"], row["unit"], digits),
        "range": units.write_range(row["low"], row["high"], row["unit"], digits) if spread else "",
        "level": f"{row['level']:.0%}" if spread and _stated(row.get("level")) else "",
        "period": str(row.get("period", "") or ""),
        "notebook": str(row.get("notebook", "") or ""),
    }


def _stated(cell: Any) -> bool:
    return cell is not None and cell == cell and cell != ""


def refuse_altered(folder: Path, record: Mapping[str, Any], names: Collection[str]) -> None:
    """:class:`BadInput` for the first file of an edition with one of `names` that is not as its run wrote it."""
    for name in sorted(set(names) & set(altered(folder, record))):
        allowed = f"the file as its run wrote it; type: tradeexposure run {record['scenario']}"
        raise BadInput(paths.relative(folder / name), found="a file that was altered since", allowed=allowed)


def recorded_seconds(folder: Path) -> dict[str, float]:
    """Notebook → seconds it took when the editions below `folder` were made; the longest where they differ."""
    longest: dict[str, float] = {}
    for path in folder.glob(f"*/{NAME}"):
        for name, seconds in read(path.parent).get(RUN, {}).get("seconds", {}).items():
            longest[name] = max(longest.get(name, 0.0), seconds)
    return longest


def altered(folder: Path, record: Mapping[str, Any]) -> list[str]:
    """Files of an edition that are missing, foreign, or not what its manifest says; what was printed may be gone."""
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    run = record.get(RUN, {})
    printed = {name: digest for name, digest in run.get("printed", {}).items() if name in there}
    expected = {**record["outputs"], **printed}
    wrong = {name for name, digest in expected.items() if digest_at(folder / name) != digest}
    if "digest" not in run:  # of an earlier version, which noted neither that nor what was printed
        return sorted(wrong | (there - {*expected, NAME, *PRINTED_IN.values()}))
    own = {NAME} if run["digest"] != _digest(record) else set()
    return sorted(wrong | own | (there - {*expected, NAME}))


def digest_at(path: Path) -> str:
    """SHA-256 of a file; empty where none is."""
    return files.digest_of_file(path) if path.is_file() else ""


@dataclass(frozen=True)
class PublishedEdition:
    """One edition of a folder: its manifest, and the rows of its ``results.csv`` as text, each with its heading."""

    folder: Path
    record: dict[str, Any]

    @property
    def name(self) -> str:
        """Of the scenario."""
        return str(self.record["scenario"])

    def written_numbers(self) -> list[dict[str, str]]:
        """Its published numbers as they are written."""
        with (self.folder / RESULTS).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    @property
    def finished(self) -> str:
        """When it was made (ISO time); empty if its manifest does not say."""
        return finished(self.record)

    @property
    def whole(self) -> bool:
        """Whether its numbers are those it was published with."""
        return digest_at(self.folder / RESULTS) == self.record["outputs"].get(RESULTS)

    def headline(self) -> list[dict[str, Any]]:
        """Rows of its headline numbers, with numbers as numbers and their digits; none if somebody changed the file."""
        if not self.whole:
            return []
        known, digits = {row["result_id"]: row for row in self.written_numbers()}, self.record.get("digits", {})
        rows = []
        for row in (known[key] for key in self.record["headline"] if key in known):
            numbers = {end: float(row[end] or "nan") for end in ("value", "low", "high", "level")}
            cells = {name: from_cell(text) for name, text in row.items()}
            rows.append({**cells, **numbers, "digits": digits.get(row["result_id"])})
        return rows

    def is_comparable(self, like: PublishedEdition) -> bool:
        """Whether both come of the same code, data, packages and notebooks; one may have a notebook more."""
        own, theirs = self.record["source"], like.record["source"]
        shared = own["notebooks"].keys() & theirs["notebooks"].keys()
        same = all(own["notebooks"][name] == theirs["notebooks"][name] for name in shared)
        return same and all(own[group] == theirs[group] for group in ("code", "data", "lock"))

    def address(self, place: Path) -> str:
        """How a page in the folder `place` leads to its folder."""
        return Path(os.path.relpath(self.folder, place)).as_posix()


@dataclass(frozen=True)
class Point(PublishedEdition):
    """One point of a grid, which has numbers and no edition."""

    rows: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, name: str, title: str, numbers: pd.DataFrame, keys: Sequence[str], languages: Sequence[str]) -> Point:
        """With the headline numbers `keys` of all its `numbers`, by identifier."""
        rows = numbers.loc[[key for key in keys if key in numbers.index]].to_dict("records")
        parameters = {str(notebook): {"scenario": name} for notebook in numbers["notebook"].unique()}
        record = {"scenario": name, "title": title, "parameters": parameters, "pages": [], "languages": list(languages)}
        return cls(Path(name), record, tuple({str(key): cell for key, cell in row.items()} for row in rows))

    def address(self, place: Path) -> str:
        """Its name, as it has no folder."""
        return self.name

    def headline(self) -> list[dict[str, Any]]:
        """Rows of its headline numbers."""
        return list(self.rows)


def finished(record: Mapping[str, Any]) -> str:
    """When an edition was made (ISO time); empty if its manifest does not say."""
    return str(record.get(RUN, {}).get("finished", ""))


def baseline_of(period: str) -> str:
    """What a period says a number is measured against; empty where it says nothing."""
    return period.partition(AGAINST)[2]


def neutral(folder: Path) -> list[str]:
    """Sentences that an edition does not say of its scenario, one line each, with what it says in their place."""
    neutral_rows = (row for rows in read(folder).get("neutral", {}).values() for row in rows)
    return [f"“{row['sentence']}” is not said ({row['where']}): found {row['found']}; in its place: “{row['said']}”"
            for row in neutral_rows]  # fmt: skip


def address(page: str, language: str) -> str:
    """The file of a page in a language, from that of the English one."""
    return page if language == ENGLISH else f"{page.removesuffix('.html')}.{language}.html"
