"""Pages are kept under all that they are made from; what run stamp and scenario say is put into kept ones."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
import samplenotebook as sample

from tradeexposure.core import files, paths
from tradeexposure.data import edition_inputs
from tradeexposure.policy import scenarios
from tradeexposure.publishing import page
from tradeexposure.runner import notebooks, page_jobs
from tradeexposure.runner.kernels import environment_key
from tradeexposure.runner.page_jobs import Sheet

STAMP = {
    "parameters": {"10_a": {"draws": 40000, "words": 'a "<b>" & 中文'}},
    "source": {"digest": "5" * 64},
    "commit": "c0ffee",
    "packages": {"pandas": "3.1.1"},
    "vintages": {"sales": "2026-11"},
}
DIGESTS = {group: files.digest(group) for group in page_jobs.MADE_WITH}


class Here:
    """A project folder of its own, and how often a page was made in it: a short one, where nothing else is said."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.made = root, 0
        self.digests = dict(DIGESTS)
        self.real, self._unstamped = False, page.unstamped
        (root / "reports" / "_build").mkdir(parents=True)
        for part in ("data", "notebooks", "reports/template"):
            (root / part).symlink_to(paths.path(part))
        monkeypatch.setenv(paths.ROOT_VARIABLE, str(root))
        monkeypatch.setattr(edition_inputs, "folder_digests", lambda root, groups: self.digests)
        monkeypatch.setattr(page, "unstamped", self.counted)

    def counted(self, notebook: Any, *, edition: Any, languages: Any, **frames: Any) -> dict[str, str]:
        self.made += 1
        if self.real:
            return self._unstamped(notebook, edition=edition, languages=languages, **frames)
        marks = "".join(f"{name}: {page.stand_in(place)}" for place, (name, _) in enumerate(page.later(edition)))
        return {language: f"Map in {language} {marks}" for language in languages}

    @property
    def kept(self) -> list[Path]:
        folder = self.root.joinpath(*page_jobs.KEPT)
        return sorted(folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    return Here(tmp_path, monkeypatch)


@lru_cache(maxsize=1)
def text() -> str:
    return nbformat.writes(sample.notebook(drawn=("fan",)))


def sheet(**over: Any) -> Sheet:
    edition = sample.edition(**{**STAMP, **over})
    frames = sample.sources(), sample.published()
    return Sheet(text(), edition, *frames, DIGESTS, ("en", "fr"), keeps=True)


def pages_of(job: Sheet) -> dict[str, str]:
    return page.stamped(page_jobs.pages_of(job), job.edition)


def directly(job: Sheet) -> dict[str, str]:
    """The same made in one go: what stamp and scenario say stands there before the page is read in French."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(page, "stand_in", lambda place: page.later(job.edition)[place][1])
        return page.unstamped(
            nbformat.reads(job.notebook, as_version=4),
            edition=job.edition,
            sources=job.sources,
            results=job.results,
            languages=job.languages,
        )


@pytest.mark.long
def test_a_kept_page_is_not_made_again_and_is_as_one_made_in_one_go(here: Here) -> None:
    here.real, deal = True, scenarios.load("deal_2026")
    job = sheet(scenario=deal.name, title=deal.title, question=deal.question)
    job = replace(job, notebook=job.notebook.replace("Map the <sample>", notebooks.discover()[0].title))
    first = pages_of(job)
    assert here.made == 1 and len(here.kept) == 1
    assert pages_of(job) == first and here.made == 1
    assert first == directly(job) and set(first) == {"en", "fr"}
    assert deal.title in first["en"] and deal.title not in first["fr"]
    assert '&lt;b&gt;&#34; &amp; <span lang="zh">中文</span>' in first["en"] and "c0ffee" in first["fr"]


@pytest.mark.parametrize("part", sorted(page.STAMP_ALONE))
def test_what_the_stamp_says_is_put_into_a_kept_page(here: Here, part: str) -> None:
    pages_of(sheet())
    stamp: Any = {"digest": "7" * 64} if part == "source" else {"another": "7" * 9} if part != "commit" else "7" * 9
    stamped = pages_of(sheet(**{part: stamp}))
    assert here.made == 1 and all("7" * 9 in text for text in stamped.values())
    for kept in here.kept:
        kept.unlink()
    assert pages_of(sheet(**{part: stamp})) == stamped and here.made == 2


@pytest.mark.parametrize("part", page.SCENARIO)
def test_what_the_scenario_says_is_put_into_a_kept_page(here: Here, part: str) -> None:
    pages_of(sheet())
    filled = pages_of(sheet(**{part: "unheard_of"}))
    assert here.made == 1 and all("unheard_of" in text for text in filled.values())


def test_a_title_without_a_message_says_that_it_is_english(here: Here) -> None:
    here.real = True
    text = pages_of(sheet(title="Grain & gravel <b>"))["fr"]
    head, _, body = text.partition("</head>")
    assert "Grain &amp; gravel &lt;b&gt;</title>" in head and "<span" not in head
    assert '<strong><span lang="en">Grain &amp; gravel &lt;b&gt;</span></strong>' in body


def test_a_stamp_of_fewer_lines_is_another_page(here: Here) -> None:
    pages_of(sheet())
    without = pages_of(sheet(commit=""))
    assert here.made == 2 and all("c0ffee" not in text for text in without.values())


CHANGES: dict[str, Callable[[Sheet], Sheet]] = {
    "the notebook": lambda job: replace(job, notebook=job.notebook.replace("Words for fan", "Other words")),
    "no question": lambda job: replace(job, edition={**job.edition, "question": ""}),
    "an address": lambda job: replace(job, edition={**job.edition, "measures": "elsewhere.html"}),
    "a fact": lambda job: replace(job, edition={**job.edition, "facts": job.edition["facts"].assign(rate=0.5)}),
    "the card": lambda job: replace(job, edition={**job.edition, "card": "card.png"}),
    "a source": lambda job: replace(job, sources=job.sources.assign(publisher="Another")),
    "a vintage": lambda job: replace(job, sources=job.sources.assign(vintage="1999-01")),
    "a number": lambda job: replace(job, results=job.results.assign(value=1.0)),
    "digits": lambda job: replace(job, results=job.results.assign(digits=1)),
    "the languages": lambda job: replace(job, languages=("en",)),
    **{
        group: lambda job, group=group: replace(job, digests={**job.digests, group: "0"})  # type: ignore[misc]
        for group in page_jobs.MADE_WITH
    },
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_of_anything_else_it_is_made_again(here: Here, change: Callable[[Sheet], Sheet]) -> None:
    pages_of(sheet())
    changed = change(sheet())
    here.digests = dict(changed.digests)
    again = pages_of(changed)
    assert here.made == 2
    assert pages_of(changed) == again and here.made == 2, "kept beside the first"


def test_under_another_python_it_is_made_again(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    pages_of(sheet())
    monkeypatch.setattr(environment_key, "python", lambda: "another")
    pages_of(sheet())
    assert here.made == 2


def test_an_altered_one_is_made_again(here: Here) -> None:
    first = pages_of(sheet())
    [kept] = here.kept
    kept.write_text(kept.read_text("utf-8").replace("Map", "Mop"), "utf-8")
    assert pages_of(sheet()) == first and here.made == 2


@pytest.mark.parametrize("group", ["code", "data", "lock"])
def test_what_changed_while_it_was_made_is_not_kept(here: Here, group: str) -> None:
    here.digests[group] = "edited"
    pages_of(sheet())
    assert not here.kept


def test_other_templates_are_refused(here: Here) -> None:
    here.digests["template"] = "edited"
    with pytest.raises(page_jobs.OtherTemplate):
        pages_of(sheet())


def test_one_that_depends_on_the_scenario_is_made_each_time(here: Here) -> None:
    job = replace(sheet(), keeps=False)
    assert pages_of(job) == pages_of(job) and here.made == 2 and not here.kept


def test_no_more_are_kept_than_have_room(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_jobs, "MOST_KEPT", 2)
    for number in range(6):
        pages_of(replace(sheet(), edition=sample.edition(measures=f"{number}.html"), languages=("en",)))
    assert 1 <= len(here.kept) <= 3


@pytest.mark.parametrize("lost", [BrokenExecutor("killed"), RuntimeError("other templates"), CancelledError()])
def test_what_a_worker_could_not_do_is_done_here(monkeypatch: pytest.MonkeyPatch, lost: Exception) -> None:
    monkeypatch.setattr(page_jobs, "pages_of", lambda sheet: {"en": sheet})
    future: Future[dict[str, str]] = Future()
    future.set_exception(lost)
    assert page_jobs.answer("one", future) == {"en": "one"}  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["a worker", "nobody"])
def test_why_no_page_can_be_made_is_passed_on(monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    def refused(_: Sheet) -> dict[str, str]:
        raise ValueError("no page")

    monkeypatch.setattr(page_jobs, "pages_of", refused)
    future: Future[dict[str, str]] = Future()
    future.set_exception(ValueError("no page") if by == "a worker" else BrokenExecutor("killed"))
    assert str(page_jobs.answer(sheet(), future)) == "no page"
