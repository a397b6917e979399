"""What stands over the editions of a folder: index, measures in force, map, a farm, and the editions side by side.

One ``results.csv`` for all and the page that compares them cover the editions made from the same code, data and
notebooks; one of another vintage stays in the index and is left out of them, because its numbers differ for other
reasons than its scenario. Editions of the user's own scenarios are a folder of their own, which git ignores: pages over
it show those published too, pages over those published show none of it.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from tradeexposure.core import files, paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs
from tradeexposure.publishing import manifest
from tradeexposure.publishing.manifest import ENGLISH, FRENCH, LANGUAGES, RESULTS, Point, PublishedEdition

if TYPE_CHECKING:
    import pandas as pd

COMPARISON = "comparison.html"
MEASURES = "measures"  # follows from facts alone; the others show numbers of an edition
#: Pages beside the index that no notebook makes: by the name of the link to each.
BESIDE = {MEASURES: "measures.html", "map": "map.html", "farm": "farm.html"}
POINTS = "grid.csv"
RECORD = "digests.json"
PUBLISHED, PRIVATE = ("reports", "published"), ("reports", "private")
DRAWN_FROM = ("code", "data", "lock", "template")  # what index and measures follow from, beside the editions
FEWEST = 2  # editions that can be compared
LONG = ("inputs", "named", "packages", "tolerances")  # lists of a manifest that no page over editions shows
#: Folders beside that of the code that no run writes into.
SOURCES = ("data", "notebooks", "reports/template", "docs", "tests", "tools", "benchmarks", ".ci", ".git", ".venv")


class Noted(BaseModel):
    """What the file beside an index holds; paths as they lead from it.

    Whoever writes a file notes it and no other, so that one that somebody altered is not taken for the one written.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    pages: dict[str, str] = {}  #: Over editions: path → digest, empty for one that is not to be there.
    #: What those were made from: edition → digest of its manifest, and digests of code, data, lock and template.
    editions: dict[str, str] = {}
    drawn: list[str] = []
    outputs: dict[str, str] = {}  #: Of ``tradeexposure outputs``: path → digest.


def shelves(target: Path) -> list[PublishedEdition]:
    """The editions below `target`, by name."""
    editions = []
    for folder in (path.parent for path in sorted(target.glob(f"*/{manifest.NAME}"))):
        record = manifest.read(folder)
        if record and (folder / RESULTS).is_file():
            digits = {key: item for key, item in record.get("digits", {}).items() if key in record["headline"]}
            brief = {key: part for key, part in record.items() if key not in LONG}  # a thousand would not be small
            editions.append(PublishedEdition(folder, {**brief, "digits": digits}))
    return editions


def folder_of(scenario: str) -> Path:
    """Where the edition of a scenario is published unless a run names another place."""
    from tradeexposure.policy import scenarios

    return paths.path(*(PUBLISHED if scenario in scenarios.SHIPPED else PRIVATE)).resolve() / scenario


def is_private(target: Path) -> bool:
    """Whether a folder is that of the user's own editions."""
    return target.resolve() == paths.path(*PRIVATE).resolve()


def _shown(target: Path) -> list[PublishedEdition]:
    """What pages over a folder show: its editions, and beside the user's own those published."""
    return [*(shelves(paths.path(*PUBLISHED)) if is_private(target) else ()), *shelves(target)]


def of_one_vintage(editions: Sequence[PublishedEdition], names: Sequence[str]) -> list[PublishedEdition]:
    """Those made from the same sources as the first one called one of `names`."""
    whole = [edition for edition in editions if edition.whole]
    like = next((edition for edition in whole if edition.name in names), None)
    return [edition for edition in whole if like and edition.is_comparable(like)]


def _compared(target: Path, editions: Sequence[PublishedEdition], names: Sequence[str]) -> list[PublishedEdition]:
    """Those that the comparison shows: of the vintage of `names`, beside the user's own of that of the newest."""
    if is_private(target):
        names = [edition.name for edition in sorted(shelves(target), key=lambda each: each.finished)[-1:]]
    return of_one_vintage(editions, names)


def index_path(target: Path) -> Path:
    """Where the editions below `target` are listed: one folder up for the project's own, inside any other."""
    own = target.resolve() == paths.path("reports", "published").resolve()
    return (target.parent if own else target) / "index.html"


def record_path(target: Path) -> Path:
    """Where it is noted what was written over the editions: beside the index."""
    return index_path(target).with_name(RECORD)


def read_notes(target: Path) -> Noted:
    """What is noted of the editions below `target` and of what is beside them; nothing where there is no such file."""
    try:
        content = reading.json_of(reading.contents(record_path(target)), where=RECORD, allowed="digests")
        return reading.as_model(Noted, content, where=RECORD)
    except BadInput:
        return Noted()


def note(target: Path, **parts: Any) -> None:
    """Note parts of :class:`Noted` anew."""
    content = read_notes(target).model_copy(update=parts).model_dump()
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    files.write_if_changed(record_path(target), f"{text}\n")


def digests(target: Path, written: Iterable[Path]) -> dict[str, str]:
    """Path as it leads from the file of notes → digest of what lies there now, empty without anything."""
    above = record_path(target).parent
    noted = {}
    for path in written:
        if path.suffix == ".ipynb":  # of its outputs: its cells may be edited before they run again
            content = reading.json_of(reading.contents(path), where=path.name, allowed="a notebook")
            shown = [cell["outputs"] for cell in content["cells"] if cell.get("outputs")]
            digest = files.digest_of(shown) if shown else ""
        else:
            digest = manifest.digest_at(path)
        noted[Path(os.path.relpath(path, above)).as_posix()] = digest
    return noted


def page_path(target: Path, name: str) -> Path:
    """Where a page of :data:`BESIDE` lies."""
    return index_path(target).with_name(BESIDE[name])


def languages(editions: Sequence[PublishedEdition]) -> tuple[str, ...]:
    """What pages over these editions are written in: English, and French where an edition is there in it."""
    return (
        (ENGLISH, FRENCH) if any(FRENCH in edition.record.get("languages", ()) for edition in editions) else (ENGLISH,)
    )


def _in(page: Path, language: str) -> Path:
    """Where a page lies in a language."""
    return page.with_name(manifest.address(page.name, language))


def _write_all(page: Path, texts: Mapping[str, str]) -> None:
    """Write a page in its languages, and remove it in others."""
    for language in LANGUAGES:
        _write_or_remove(_in(page, language), texts.get(language, ""))


def refuse_source(option: str, place: Path) -> None:
    """:class:`BadInput` for a place in the project where a file makes editions old, or is taken for one of its own."""
    sources = (edition_inputs.code_folder(paths.root()), *(paths.path(name) for name in SOURCES))
    within = any(place.resolve().is_relative_to(folder.resolve()) for folder in sources)
    if within or place.resolve() == paths.root().resolve():
        location = f"{paths.relative(place)}, among what editions are made from"
        raise BadInput(option, found=location, allowed="a place elsewhere, such as below reports")


def refuse_foreign(target: Path) -> None:
    """:class:`BadInput` for a folder among sources, or one with files that would be replaced and no run noted there."""
    refuse_source("--out", target)
    if any(target.glob(f"*/{manifest.NAME}")) or read_notes(target).pages:
        return
    over = ("index.html", *BESIDE.values(), COMPARISON)
    pages = (manifest.address(name, language) for name in over for language in LANGUAGES)
    for name in (*pages, RESULTS, POINTS, RECORD):
        if os.path.lexists(target / name):
            foreign = f"{paths.relative(target)}/{name}, which no run wrote"
            raise BadInput("--out", found=foreign, allowed="another folder, or move it away")


def write(target: Path, names: Sequence[str], *, points: str = "") -> None:
    """Bring index, measures, map, farm, ``results.csv`` and comparison up to date.

    What was written, and from what, is noted last of all.

    Parameters
    ----------
    target : Path
        Folder of editions.
    names : sequence of str
        Scenarios of the run; editions of the same vintage as theirs are compared.
    points : str, optional
        Of a grid: which values each scenario has, as the text of a CSV file.
    """
    editions = _shown(target)
    compared, written_in = _compared(target, editions, names), languages(editions)
    index = Path(os.path.relpath(index_path(target), target)).as_posix()
    _compare(target, compared, numbers(compared), points, written_in, index=index)
    for name in BESIDE:
        _write_beside(target, name, editions, written_in)
    _write_index(target, editions)
    note(target, **_notes_of(target, editions))


def _notes_of(target: Path, editions: Sequence[PublishedEdition]) -> dict[str, Any]:
    """What is written over editions as it is, and what it was made from, as of :class:`Noted`."""
    return {"pages": _pages(target), "editions": _manifests(editions), "drawn": _made_from(*DRAWN_FROM)}


def _pages(target: Path) -> dict[str, str]:
    pages = (index_path(target), *(page_path(target, name) for name in BESIDE), target / COMPARISON)
    written = [_in(page, language) for page in pages for language in LANGUAGES]
    return digests(target, [*written, target / RESULTS, target / POINTS])


def _manifests(editions: Sequence[PublishedEdition]) -> dict[str, str]:
    return {edition.folder.name: manifest.digest_at(edition.folder / manifest.NAME) for edition in editions}


def altered(target: Path) -> list[Path]:
    """What stands over the editions below `target` and is missing, foreign, or not as it was written."""
    known, above = read_notes(target).pages, record_path(target).parent
    return [above / name for name, digest in _pages(target).items() if known.get(name, "") != digest]


def is_outdated(target: Path) -> bool:
    """Whether pages over a folder were made of other editions than they show now."""
    return read_notes(target).editions != _manifests(_shown(target))


def is_current(target: Path, names: Sequence[str], *, points: str = "") -> bool:
    """True if what :func:`write` would write about the editions as they are is there.

    Index and measures are not drawn for that: it was noted what those there were made from.
    """
    editions, known = _shown(target), read_notes(target)
    same = known == known.model_copy(update=_notes_of(target, editions))
    return same and _are_noted(target, numbers(_compared(target, editions, names)), points)


def _are_noted(target: Path, text: str, points: str) -> bool:
    """Whether these numbers of all editions, and points of a grid, are those that were written last."""
    known, above = read_notes(target).pages, record_path(target).parent
    texts = {Path(os.path.relpath(target / name, above)).as_posix(): content
             for name, content in ((RESULTS, text), (POINTS, points))}  # fmt: skip
    return all(known.get(name, "") == (files.digest(content) if content else "") for name, content in texts.items())


def _write_or_remove(path: Path, text: str) -> None:
    if text:
        files.write_if_changed(path, text)
    else:
        path.unlink(missing_ok=True)


def _compare(
    target: Path,
    editions: Sequence[PublishedEdition],
    text: str,
    grid: str,
    written_in: Sequence[str],
    *,
    index: str,
) -> None:
    """Write the numbers `text` of editions, what a `grid` varies, and the page about them; remove what is empty.

    One that was drawn from the same is not drawn again.
    """
    page, same = target / COMPARISON, _are_noted(target, text, grid)
    _write_or_remove(target / POINTS, grid)
    _write_or_remove(target / RESULTS, text)
    if not text or len(editions) < FEWEST:
        return _write_all(page, {})
    if same and _stands(target, page, written_in):
        return None
    from tradeexposure.publishing.over_editions import scenarios_page

    stamp = files.digest_of([text + grid, _made_from("code", "template")])
    points = POINTS if grid else ""
    drawn = scenarios_page.pages(
        editions, stamp=stamp, place=target, index=index, points=points, grid=grid, languages=written_in
    )
    return _write_all(page, drawn)


def write_grid(
    target: Path,
    scenarios: Sequence[Any],
    numbers: pd.DataFrame,
    *,
    headline: Sequence[str],
    points: str,
    languages: Sequence[str],
) -> None:
    """Write the numbers of a grid's points, what each of them varies, and the page that compares them.

    What was written is noted last of all.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Those that have numbers, in the order of the file.
    numbers : DataFrame
        `scenario`, the columns of ``results.csv``, `digits`.
    headline : sequence of str
        Identifiers of the numbers that are compared.
    points : str
        The text of ``grid.csv``.
    languages : sequence of str
        Of the page.
    """
    from tradeexposure.core import results_csv

    text = results_csv.text(numbers)
    by_name = {str(name): rows.set_index("result_id", drop=False) for name, rows in numbers.groupby("scenario")}
    compared = [
        Point.of(scenario.name, scenario.title, by_name[scenario.name], headline, languages) for scenario in scenarios
    ]
    _compare(target, compared, text, points, languages, index="")
    note(target, pages=_pages(target), drawn=_made_from(*DRAWN_FROM))


def numbers(editions: Sequence[PublishedEdition]) -> str:
    """One tidy ``results.csv`` over all editions: the contract's columns after `scenario`; empty of too few."""
    text = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for edition in editions if len(editions) >= FEWEST else ():
        for row in edition.written_numbers():
            if writer is None:
                writer = csv.DictWriter(text, ["scenario", *row], lineterminator="\n")
                writer.writeheader()
            writer.writerow({"scenario": edition.name, **row})
    return text.getvalue()


def _made_from(*groups: str) -> list[str]:
    digests = edition_inputs.folder_digests(paths.root())
    return [digests[group] for group in groups]


def _write_beside(target: Path, name: str, editions: Sequence[PublishedEdition], written_in: Sequence[str]) -> None:
    """Write a page of :data:`BESIDE`, or remove it where no edition has its numbers; one made from the same stays."""
    page = page_path(target, name)
    same_numbers = name == MEASURES or read_notes(target).editions == _manifests(editions)
    if same_numbers and _stands(target, page, written_in):
        return None
    from tradeexposure.publishing.over_editions import farm_page, front_page, map_page, measures_page

    if name == MEASURES:
        return _write_all(page, measures_page.pages(languages=written_in))
    front = front_page.of(editions)
    if name == "map":
        return _write_all(page, map_page.pages(front, languages=written_in))
    beside = of_one_vintage(editions, [front.name]) if front and is_private(target) else []
    own = [edition for edition in beside if edition.folder.parent == target]
    return _write_all(page, farm_page.pages(front, own=own, languages=written_in))


def _stands(target: Path, page: Path, written_in: Sequence[str]) -> bool:
    """Whether a page is there as this code wrote it of these sources, in the languages `written_in` and no other."""
    known, now = read_notes(target), digests(target, [_in(page, language) for language in LANGUAGES])
    there = [language for language, digest in zip(LANGUAGES, now.values(), strict=True) if digest]
    same = known.drawn == _made_from(*DRAWN_FROM) and all(known.pages.get(key) == digest for key, digest in now.items())
    return same and there == list(written_in)


def write_index(target: Path) -> None:
    """Bring the front page over a folder of editions up to date."""
    editions = _shown(target)
    _write_index(target, editions)
    own = digests(target, [_in(index_path(target), language) for language in LANGUAGES])
    note(target, pages={**read_notes(target).pages, **own}, editions=_manifests(editions))


def _write_index(target: Path, editions: Sequence[PublishedEdition]) -> None:
    from tradeexposure.publishing import page as publishing_page
    from tradeexposure.publishing.over_editions import front_page

    page = index_path(target)
    placed = [{**edition.record, "folder": edition.address(page.parent)} for edition in editions]
    listed, front = publishing_page.newest_first(placed), None if is_private(target) else front_page.of(editions)
    over = [(target / name).relative_to(page.parent).as_posix() for name in (COMPARISON, RESULTS)]
    links = dict(zip(("comparison", "results"), over, strict=True)) if (target / COMPARISON).is_file() else {}
    links |= {name: page for name, page in BESIDE.items() if name == MEASURES or page_path(target, name).is_file()}
    written_in = languages(editions)
    if front:
        return _write_all(page, front_page.pages(front, listed, links, written_in))
    return _write_all(page, publishing_page.index(listed, over=links, languages=written_in))
