"""What `make site` and `make release` lay out: whole addresses, the same bytes twice, one line where it cannot be."""

from __future__ import annotations

import gzip
import io
import re
import sys
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from urllib.parse import urljoin
from xml.dom import minidom

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = "https://example.org/trade/"
MOMENT = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    for name in ("badges", "release", "site"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.fixture
def hosted(tools: None) -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location("hosted_site", ROOT / "tools" / "site.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_of_a_site_have_whole_addresses(hosted: ModuleType, tmp_path: Path):
    reports = tmp_path / "reports"
    edition = reports / "published" / "deal_2026"
    edition.mkdir(parents=True)
    for name in ("index.html", "index.fr.html", "measures.html"):
        (reports / name).write_bytes((ROOT / "reports" / name).read_bytes())
    page = "90_write_brief.html"
    (edition / page).write_bytes((ROOT / "reports" / "published" / "deal_2026" / page).read_bytes())
    addresses = hosted.lay_out(reports, tmp_path / "site", BASE)
    assert addresses == [
        f"{BASE}index.fr.html", BASE, f"{BASE}measures.html", f"{BASE}published/deal_2026/{page}",
    ]  # fmt: skip
    for address, path in zip(addresses, sorted((tmp_path / "site").rglob("*.html")), strict=True):
        text = path.read_text("utf-8")
        head = text[: text.index("</head>")]
        assert head.count(f'<link rel="canonical" href="{address}">') == 1
        named = re.findall(r'(?:og:image" content|hreflang="\w+" href)="([^"]+)"', head)
        assert named and all(each.startswith(BASE) for each in named)
        before = reports / path.relative_to(tmp_path / "site")
        cited = re.findall(r'<span class="cite">(?:(?!</span>).)* (\S+)</span>', text)
        assert all(each.startswith(f"{BASE}published/deal_2026/") for each in cited)
        assert cited or path.name == "measures.html"
        body, there = (page.partition("</head>")[2] for page in (text, before.read_text("utf-8")))
        for each in set(cited):
            relative = each.removeprefix(BASE if path.parent == tmp_path / "site" else urljoin(address, "."))
            body = body.replace(f" {each}</span>", f" {relative}</span>")
        assert body == there
    listed = minidom.parse(str(tmp_path / "site" / "sitemap.xml")).getElementsByTagName("loc")
    assert [each.firstChild.data for each in listed] == addresses


@pytest.mark.parametrize("base", ["", "example.org", "ftp://example.org", "https://", "https://example.org/?page=1"])
def test_an_address_that_is_none_is_told_in_one_line(hosted: ModuleType, base: str, capsys: pytest.CaptureFixture[str]):
    assert hosted.main(base) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"error: SITE_URL: found {base or 'nothing'}; allowed: where the site will lie, such as {BASE[:-1]}"


def test_archives_of_a_release_are_the_same_whenever_they_are_made(tools: None):
    import release

    def packed(seconds: int) -> bytes:
        content = io.BytesIO()
        with (
            gzip.GzipFile(fileobj=content, mode="wb", mtime=seconds) as stream,
            tarfile.open(fileobj=stream, mode="w") as archive,
        ):
            for name in ("b.txt", "a.txt") if seconds else ("a.txt", "b.txt"):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mtime, entry.uid = 1, seconds, seconds
                archive.addfile(entry, io.BytesIO(name[:1].encode()))
        return content.getvalue()

    assert packed(0) != packed(7) and release.dated(packed(0), MOMENT) == release.dated(packed(7), MOMENT)
    files = [("b", b"2"), ("a", b"1")]
    assert release.zipped(files, MOMENT) == release.zipped(reversed(files), MOMENT)
    with zipfile.ZipFile(io.BytesIO(release.zipped(files, MOMENT))) as archive:
        assert [(each.filename, each.date_time) for each in archive.infolist()] == [
            ("a", (2026, 11, 30, 12, 0, 0)), ("b", (2026, 11, 30, 12, 0, 0)),
        ]  # fmt: skip


def test_a_release_is_of_a_commit_and_of_an_edition(tools, monkeypatch, capsys):
    import release

    monkeypatch.setattr(release, "git", lambda *_: b" M lib/x.py\n")
    assert release.main() == 2
    monkeypatch.setattr(release, "git", lambda *_: b"")
    assert release.main("no_such_deal") == 2
    assert release.main() == 2
    changed, missing, foreign = capsys.readouterr().err.splitlines()
    assert "lib/x.py: found a change that is in no commit" in changed
    assert "found no edition of no_such_deal; allowed: deal_2026" in missing
    assert "reports/published/deal_2026/manifest.json: found in no commit" in foreign


def test_there_is_no_release_of_a_draft(tools: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    import release

    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "git", lambda verb, *_: b"a commit" if verb == "ls-tree" else b"")
    place = tmp_path / "reports" / "published" / "deal_2026" / "manifest.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"lacking": ["escalation", "quota_2030"]}', "utf-8")
    assert release.refusal("deal_2026") == (
        "reports/published/deal_2026/manifest.json: lacking: found escalation, quota_2030; "
        "allowed: an edition with every scenario, no draft"
    )
    place.write_text("{}", "utf-8")
    assert release.refusal("deal_2026") == ""


def test_badges_say_what_the_project_says(tools: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    import badges
    import release

    monkeypatch.setattr(badges, "FOLDER", tmp_path)
    release.write_badges()
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (ROOT / "docs" / "badges" / path.name).read_bytes()
        assert minidom.parse(str(path)).documentElement.getAttribute("aria-label")
