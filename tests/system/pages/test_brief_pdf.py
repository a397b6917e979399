"""The brief as it is printed: two letter pages that hold the answer, the charts, the scenarios and the sources."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pypdf
import pytest
import samplenotebook as sample

from tradeexposure import data
from tradeexposure.cli import main
from tradeexposure.core import published_rows, results_csv
from tradeexposure.policy import scenarios
from tradeexposure.publishing import chromium, manifest

LETTER = (612, 792)  # points
SECTIONS = (
    "What this scenario assumes", "What we do not know", "What would change the answer", "Across scenarios",
    "How we know", "Sources and licences",
)  # fmt: skip
LEFT_OUT = ("How each number is made", "On this page", "brief.canada_cad")


@pytest.fixture(scope="module")
def edition(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published edition with the page of the committed brief in it."""
    published = root / "reports" / "published" / "deal_2026"
    folder = tmp_path_factory.mktemp("brief") / "editions" / "deal_2026"
    folder.mkdir(parents=True)
    for name in (manifest.NAME, manifest.RESULTS):
        shutil.copy(published / name, folder / name)
    notebook = nbformat.read(root / "notebooks" / "90_write_brief.ipynb", as_version=4)
    results = results_csv.frame_of(published_rows.numbers_of(notebook))
    used = sorted({name.strip() for cell in results["tables"] for name in str(cell).split(";")} - {""})
    stamp = {**manifest.read(folder), "notebook": "90_write_brief"}
    languages = manifest.read(folder)["languages"]
    pages = sample.pages(notebook, edition=stamp, sources=data.sources(used), results=results, languages=languages)
    outputs = {}
    for language, text in pages.items():
        path = folder / manifest.address("90_write_brief.html", language)
        path.write_text(text, encoding="utf-8")
        outputs[path.name] = manifest.digest_at(path)
    (folder / manifest.NAME).write_bytes(manifest.dump({**manifest.read(folder), "outputs": outputs}))
    return folder


def test_without_pdf_the_page_is_named(edition: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unprinted = shutil.copytree(edition, tmp_path / edition.name, ignore=shutil.ignore_patterns("*.pdf"))
    assert main(["brief", str(unprinted)]) == 0
    assert capsys.readouterr().out.endswith("deal_2026/90_write_brief.html\n")
    assert not (unprinted / manifest.PRINTED).exists()


@pytest.mark.usefixtures("chromium")
def test_the_brief_prints_on_two_letter_pages(
    edition: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the quickest Chromium that is there; pictures of first screens are taken by the one that a reader has."""
    monkeypatch.setattr(chromium, "BROWSERS", ("chromium-headless-shell", *chromium.BROWSERS))
    assert main(["brief", str(edition), "--pdf"]) == 0, capsys.readouterr().err
    output = capsys.readouterr()
    assert output.out.endswith("deal_2026/brief.pdf\n") and output.err == ""
    assert [len(pypdf.PdfReader(edition / name).pages) for name in manifest.PRINTED_IN.values()] == [2, 2]
    target = edition / manifest.PRINTED
    printed = pypdf.PdfReader(target)
    assert all((round(page.mediabox.width), round(page.mediabox.height)) == LETTER for page in printed.pages)
    first, second = (" ".join(page.extract_text().split()) for page in printed.pages)
    assert "would bring canola growers C$" in first and "Had China settled on" in first and "this page" in second
    assert [name for name in SECTIONS if name not in f"{first} {second}"] == []
    assert [name for name in LEFT_OUT if name in f"{first} {second}"] == []
    assert target.stat().st_size < 300_000
    assert manifest.PRINTED not in manifest.altered(edition, manifest.read(edition))


@pytest.mark.slow
@pytest.mark.usefixtures("chromium")
def test_the_brief_of_every_scenario_prints_on_two_pages_and_again_the_same(tmp_path: Path) -> None:
    names = scenarios.names()
    assert main(["run", *names, "--out", str(tmp_path / "editions")]) == 0
    pages = {}
    for name in names:
        assert main(["brief", str(tmp_path / "editions" / name), "--pdf"]) == 0
        prints = [tmp_path / "editions" / name / printed for printed in manifest.PRINTED_IN.values()]
        pages[name] = [len(pypdf.PdfReader(pdf).pages) for pdf in prints]
    assert pages == {name: [2, 2] for name in names} and len(names) >= 10
    first = {pdf: pdf.read_bytes() for pdf in prints}
    assert main(["brief", str(prints[0].parent), "--pdf"]) == 0
    assert {pdf: pdf.read_bytes() for pdf in prints} == first
