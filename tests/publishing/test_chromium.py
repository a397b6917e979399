"""Pictures of first screens and prints of a brief: of which pages, what is refused, the same bytes at any time."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from samplenotebook import empty_edition as edition

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.publishing import chromium, manifest

PNG = b"\x89PNG\r\n\x1a\n"


def published(reports: Path) -> Path:
    """An edition of a page, with one page over it."""
    (reports / "published").mkdir(parents=True)
    (reports / "index.html").write_text("<h1>All</h1>", encoding="utf-8")
    return edition(reports / "published" / "one", "90_write_brief.html")


def test_a_folder_without_an_edition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="type: tradeexposure run"):
        chromium.pages_of(tmp_path)


@pytest.mark.parametrize(
    ("asked", "make"), [("headlines", chromium.take_first_screens), ("--pdf", chromium.print_brief)]
)
def test_without_chromium_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, make: Callable[[Path], object]
) -> None:
    folder = published(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match=f"{asked}: found no Chromium; allowed: one of chromium"):
        make(folder)
    assert not (folder / manifest.PRINTED).exists() and not (tmp_path / "headlines").exists()


@pytest.mark.long
@pytest.mark.usefixtures("chromium")
def test_each_page_has_a_small_picture_of_its_first_screen(tmp_path: Path) -> None:
    taken = chromium.take_first_screens(published(tmp_path))
    names = [path.relative_to(tmp_path).as_posix() for path in taken]
    assert names == ["headlines/index.png", "headlines/90_write_brief.png"]
    sizes = {tuple(int.from_bytes(path.read_bytes()[at : at + 4], "big") for at in (16, 20)) for path in taken}
    assert sizes == {(640, 450)} and all(path.read_bytes().startswith(PNG) for path in taken)


def test_the_page_of_the_brief_is_found(tmp_path: Path) -> None:
    assert chromium.brief_page(edition(tmp_path / "one", "10_map.html", "90_write_brief.html")).stem == "90_write_brief"


def test_an_edition_without_a_brief_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no page of a brief"):
        chromium.brief_page(edition(tmp_path / "one", "10_map.html"))


@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\nexit 0\n"])
def test_a_chromium_that_prints_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder, browser = edition(tmp_path / "one", "90_write_brief.html"), tmp_path / "chromium"
    browser.write_text(script, encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(chromium, "BROWSERS", ("chromium",))
    with pytest.raises(RunFailed, match="did not print it"):
        chromium.print_brief(folder)
    assert not (folder / manifest.PRINTED).exists()


def test_a_print_has_the_date_of_its_edition(tmp_path: Path) -> None:
    record = manifest.read(edition(tmp_path / "one", "90_write_brief.html"))
    printed = b"<</CreationDate (D:20300102030405+00'00')\n/ModDate (D:20300102030405+00'00')>>"
    dated = chromium.reproducible(printed, record, tmp_path / "one")
    assert re.findall(rb"D:(\d+)", dated) == [b"20261125102030"] * 2 and len(dated) == len(printed)


def test_a_print_is_noted_and_another_one_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = edition(tmp_path / "over" / "one", "90_write_brief.html")
    monkeypatch.setattr(chromium, "executable", lambda _: "chromium")
    monkeypatch.setattr(chromium, "rendered", lambda *_: b"%PDF")
    printed = chromium.print_brief(folder)
    assert manifest.altered(folder, manifest.read(folder)) == []
    printed.write_bytes(b"%PDF of somebody else")
    assert manifest.altered(folder, manifest.read(folder)) == [manifest.PRINTED]
    printed.unlink()
    assert manifest.altered(folder, manifest.read(folder)) == []


def test_a_page_that_somebody_altered_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = edition(tmp_path / "one", "90_write_brief.html")
    monkeypatch.setattr(chromium, "executable", lambda _: "chromium")
    (folder / "90_write_brief.html").write_text("<p>C$1 bn</p>", "utf-8")
    with pytest.raises(BadInput, match=r"90_write_brief\.html: found a file that was altered since"):
        chromium.print_brief(folder)


def test_nodes_are_numbered_in_their_order_however_chromium_counted_them() -> None:
    early, late = b"(node00000050) (node00000052) (node00000050)", b"(node00000055) (node00000057) (node00000055)"
    prints = {chromium.reproducible(printed, {}, Path()) for printed in (early, late)}
    assert prints == {b"(node00000001) (node00000002) (node00000001)"}


def test_links_lead_from_the_print_and_name_no_place_of_the_machine(tmp_path: Path) -> None:
    inside, above = ((tmp_path / name).as_uri().encode() for name in ("edition/70_x.html#number-a.b", "index.html"))
    printed = b"/URI (" + inside.replace(b"%23", b"#") + b")>> /URI (" + above + b")>> /URI (https://example.org/)>>"
    pdf = chromium.reproducible(printed, {}, tmp_path / "edition")
    assert len(pdf) == len(printed) and tmp_path.name.encode() not in pdf
    assert b"(70_x.html#number-a.b)" in pdf and b"(../index.html)" in pdf and b"(https://example.org/)" in pdf
