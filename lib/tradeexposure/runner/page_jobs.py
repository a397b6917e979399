"""A page of an edition before it is made, and the making, in any process of the project.

It is made without its run stamp, the words of the scenario and the picture of the edition. Pages of notebooks that do
not depend on the scenario are kept so, under all that they are made from: an edition of another scenario has the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tradeexposure.core import files, paths
from tradeexposure.data import edition_inputs
from tradeexposure.runner.kernels import environment_key

if TYPE_CHECKING:
    import pandas as pd

KEPT = ("reports", "_build", "pages")
MOST_KEPT = 100  # pages, in all their languages; an edition keeps seven, half a megabyte each
Page = dict[str, str] | ValueError  # in its languages, as ``page.unstamped`` gives them; or why none can be made
MADE_WITH = ("code", "data", "lock", "template")  # scenarios come with the sheet


@dataclass(frozen=True)
class Sheet:
    """A page before it is made."""

    notebook: str  #: As it was executed, as text.
    #: As ``page.unstamped`` takes them.
    edition: dict[str, Any]
    sources: pd.DataFrame
    results: pd.DataFrame
    digests: Mapping[str, str]  #: Of the groups of inputs that it is to be made with.
    languages: tuple[str, ...]  #: What it is to be written in.
    keeps: bool = False  #: Whether it is worth keeping.

    def digest(self) -> str:
        """Of all that a page follows from, but what its run stamp and its scenario say."""
        import pandas as pd

        from tradeexposure.publishing import page

        unstamped = page.without_stamp(self.edition)
        edition = {name: _csv(part) if isinstance(part, pd.DataFrame) else part for name, part in unstamped.items()}
        digests = [*(self.digests[group] for group in MADE_WITH), environment_key.python()]
        later = [name for name, _ in page.later(self.edition)]
        frames = [_csv(self.sources), _csv(self.results)]
        return files.digest_of([self.notebook, edition, later, frames, digests, self.languages])


def _csv(frame: pd.DataFrame) -> str:
    return str(frame.to_csv(index=False))


class OtherTemplate(RuntimeError):
    """The templates here are others than those of the run."""


def pages_of(sheet: Sheet) -> dict[str, str]:
    """The page in its languages, in any process of the project; language → page of ``page.unstamped``.

    Raises
    ------
    ValueError
        No page can be made of the notebook.
    OtherTemplate
        As on a worker of a cluster that has another checkout.
    """

    if edition_inputs.folder_digests(paths.root(), ["template"])["template"] != sheet.digests["template"]:
        raise OtherTemplate("the templates of this worker are others than those of the run")
    if not sheet.keeps:
        return _unstamped_pages(sheet)
    of = sheet.digest()
    place = paths.path(*KEPT) / f"{of}.json"
    text = files.kept(place, of)
    if text is None:
        text = json.dumps(_unstamped_pages(sheet), ensure_ascii=False)
        now = edition_inputs.folder_digests(paths.root(), MADE_WITH)
        if all(now[group] == sheet.digests[group] for group in MADE_WITH):  # they may have changed meanwhile
            files.make_room(place.parent, MOST_KEPT)
            files.keep(place, of, text)
    return dict(json.loads(text))


def answer(sheet: Sheet, worker: Future[dict[str, str]]) -> Page:
    """What a worker made of a sheet; where it was lost, or has other templates, the page is made here."""
    try:
        try:
            return worker.result()
        except ValueError:
            raise
        except Exception:
            return pages_of(sheet)
    except ValueError as error:
        return error


def _unstamped_pages(sheet: Sheet) -> dict[str, str]:
    from nbformat import v4

    from tradeexposure.publishing import page

    notebook = v4.reads(sheet.notebook)  # which was checked when it was written
    return page.unstamped(notebook, edition=sheet.edition, sources=sheet.sources, results=sheet.results,
                          languages=sheet.languages)  # fmt: skip
