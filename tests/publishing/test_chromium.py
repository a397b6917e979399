"""Pictures of first screens: of which pages, where they go, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from samplenotebook import empty_edition as edition

from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import chromium

PNG = b"\x89PNG\r\n\x1a\n"


def published(reports: Path) -> Path:
    """An edition of a page, with one page over it."""
    (reports / "published").mkdir(parents=True)
    (reports / "index.html").write_text("<h1>All</h1>", encoding="utf-8")
    return edition(reports / "published" / "one", "90_write_brief.html")


def test_a_folder_without_an_edition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="type: tradeexposure run"):
        chromium.pages_of(tmp_path)


def test_without_chromium_no_picture_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "BROWSERS", ())
    with pytest.raises(BadInput, match="headlines: found no Chromium"):
        chromium.take_first_screens(published(tmp_path))
    assert not (tmp_path / "headlines").exists()


@pytest.mark.long
@pytest.mark.usefixtures("chromium")
def test_each_page_has_a_small_picture_of_its_first_screen(tmp_path: Path) -> None:
    taken = chromium.take_first_screens(published(tmp_path))
    names = [path.relative_to(tmp_path).as_posix() for path in taken]
    assert names == ["headlines/index.png", "headlines/90_write_brief.png"]
    sizes = {tuple(int.from_bytes(path.read_bytes()[at : at + 4], "big") for at in (16, 20)) for path in taken}
    assert sizes == {(640, 450)} and all(path.read_bytes().startswith(PNG) for path in taken)
