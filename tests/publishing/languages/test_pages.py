"""The French page of an English one."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import pytest

from tradeexposure.core import paths
from tradeexposure.publishing import drawings
from tradeexposure.publishing.languages import markup, pages
from tradeexposure.publishing.languages.matching import Translator
from tradeexposure.reporting import charts

MESSAGES = {
    "Growers gain {value}.": "Les producteurs gagnent {value}.",
    "Which duties?": "Quels droits?",
    "Province": "Province ou territoire",
    "Range": "Fourchette",
    "Washington": "États-Unis",
    pages.WORKING: "Le détail est en anglais.",
}
HEADINGS = base64.b64encode(b"Province,Other\nRange,1.5\nAlberta,2026-03\n").decode()


def french(body: str, **options: Any) -> pages.French:
    text = f'<!DOCTYPE html>\n<html lang="en-CA"><body>{body}</body></html>'
    return pages.french(text, through=Translator(MESSAGES), **options)


def body(fr: pages.French) -> str:
    return fr.page.partition("<body>")[2].removesuffix("</body></html>")


@pytest.mark.parametrize(
    ("english", "wanted"),
    [
        ('<p>Growers gain <a class="said" href="#number-x" title="Range">C$1.2 bn</a>.</p>',
         '<p>Les producteurs gagnent <a class="said" href="#number-x" title="Fourchette">1,2~G$</a>.</p>'),
        ('<p><a href="../10_map.html#a">Range</a></p>', '<p><a href="../10_map.fr.html#a">Fourchette</a></p>'),
        ('<p><a href="results.csv">Range</a></p>', '<p><a href="results.csv">Fourchette</a></p>'),
        ('<p><a href="https://a.ca/b.html">Range</a></p>', '<p><a href="https://a.ca/b.html">Fourchette</a></p>'),
        ('<p><a href="x.html"><strong>C$5 m</strong></a></p>', '<p><a href="x.fr.html"><strong>5~M$</strong></a></p>'),
        ('<a href="https://www150.statcan.gc.ca/t1/tbl1/en/tv.action?pid=3210035901">Range</a>',
         '<a href="https://www150.statcan.gc.ca/t1/tbl1/fr/tv.action?pid=3210035901">Fourchette</a>'),
        ('<a href="https://www.statcan.gc.ca/en/reference/licence">Range</a>',
         '<a href="https://www.statcan.gc.ca/fr/reference/licence">Fourchette</a>'),
        ('<a href="https://a.ca/en/licence">Range</a>', '<a href="https://a.ca/en/licence">Fourchette</a>'),
        ("<h1>Washington</h1><p>Washington</p>", '<h1><span class="whole">États-Unis</span></h1><p>États-Unis</p>'),
        ("<pre>Range</pre><script>Range</script>", "<pre>Range</pre><script>Range</script>"),
        ('<a lang="en" href="https://a.ca">Range</a>', '<a lang="en" href="https://a.ca">Range</a>'),
        ('<a hreflang="fr" lang="fr" href="x.fr.html">Français</a>',
         '<a hreflang="en" lang="en" href="x.html">English</a>'),
        ('<link rel="alternate" hreflang="fr" href="x.fr.html">', '<link rel="alternate" hreflang="en" href="x.html">'),
    ],
)  # fmt: skip
def test_a_page_keeps_its_marks_and_links(english: str, wanted: str) -> None:
    fr = french(english)
    assert (body(fr), fr.lost) == (wanted.replace("~", "\N{NO-BREAK SPACE}"), ())


def test_what_has_no_message_stays_english_says_so_and_is_counted() -> None:
    fr = french("<p>Growers gain C$5 m. Nobody &lt;said&gt; this.</p>")
    assert '<span lang="en">Nobody &lt;said&gt; this.</span>' in fr.page
    assert fr.lost == ("Nobody ‹said> this.",)
    assert markup.english_texts(fr.page) == {"Nobody &lt;said&gt; this."}


def test_a_picture_without_a_message_says_so_too() -> None:
    fr = french('<p><img src="x" alt="Range"><img src="y" alt="Nobody drew it." width="1"></p>')
    assert body(fr) == '<p><img src="x" alt="Fourchette"><img lang="en" src="y" alt="Nobody drew it." width="1"></p>'
    assert markup.english_texts(fr.page) == {"Nobody drew it."}


def test_words_drawn_in_a_chart_without_a_message_are_counted_but_not_codes_of_a_map() -> None:
    rows = pd.DataFrame({"place": ["Range", "Nobody's <place>", "sk"], "cad": [1.0, 2.0, 3.0]})
    axes = alt.X("cad", type="quantitative", title="Unheard"), alt.Y("place", type="nominal", title=None)
    spec = charts.spec_of(alt.Chart(rows).mark_bar().encode(*axes), title="Range", alt="Range")
    picture = '<figure><img src="x" alt="Range" width="1" height="1"></figure>'
    made = french(picture, charts=[drawings.drawing(spec, where="a test")])
    assert made.lost == ("Nobody's <place>", "Unheard")
    assert markup.english_texts(made.page) == {"Nobody&#x27;s &lt;place&gt;", "Unheard"}
    assert markup.ENGLISH_WORDS not in french(picture).page


def test_texts_without_french_are_counted_once_for_all_pages_of_editions(tmp_path: Path) -> None:
    texts = {"one/a": ["Range", "Nobody said this."], "one/b": ["Nobody said this."], "two/a": ["Nor this."]}
    for place, paragraphs in texts.items():
        page = tmp_path / f"{place}.fr.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(french("".join(f"<p>{text}</p>" for text in paragraphs)).page, "utf-8")
        page.with_name("c.html").write_text(markup.marked_english("English"), "utf-8")
    folders = [tmp_path / "one", tmp_path / "two"]
    assert [markup.untranslated(some) for some in (folders[:1], folders, [])] == [1, 2, 0]


def test_headings_and_words_of_a_file_are_french_and_its_numbers_stay() -> None:
    address = f"data:text/csv;charset=utf-8;base64,{HEADINGS}"
    link = body(french(f'<a href="{address}">Range</a>'))
    assert (
        base64.b64decode(link.split(",")[1].partition('"')[0])
        == b"Province ou territoire,Other\nFourchette,1.5\nAlberta,2026-03\n"
    )


def test_a_place_is_called_the_same_and_is_no_missing_message() -> None:
    row = "<table><tr><td>Tisdale No. 427</td><td>Lac Ste. Anne County</td></tr></table>"
    page = pages.french(f'<!DOCTYPE html>\n<html lang="en-CA"><body>{row}</body></html>')
    assert page.lost == () and body(page) == row and french(row).lost


def test_a_chart_is_cited_at_its_french_page_and_the_first_of_a_month_is_raised() -> None:
    cited = '<p>Range <span class="cite">folder/80_a.html#chart-x</span></p>'
    assert '<span class="cite">folder/80_a.fr.html#chart-x</span>' in body(french(cited))
    raised = body(french('<p title="1er mars">1er mars 2026</p><script>"1er"</script>'))
    assert all(part in raised for part in ('title="1er mars"', "1<sup>er</sup> mars 2026", '<script>"1er"</script>'))


def test_the_working_of_a_method_stays_english() -> None:
    section = '<section aria-labelledby="which"><h2 id="which">Which duties?</h2><p>Range</p>{}</section>'
    table = "<table><tr><td>Range</td><td>{}</td></tr></table>"
    fr = french(section.format(table.format("C$5 m")) + section.format(table.format("Unheard")), working=True)
    assert fr.page.count("Le détail est en anglais.") == 1
    assert '<h2 id="which">Quels droits?</h2><p lang="en">Range</p><table><tr><td>Fourchette' in fr.page
    assert '<table lang="en"><tr><td>Range</td><td>Unheard' in fr.page
    assert fr.lost == ()


def test_a_reading_that_was_altered_in_its_file_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    pages._keep({"5 farms": (("5 exploitations", True),)})
    assert pages._kept_pieces() == {"5 farms": (("5 exploitations", True),)}
    (place,) = pages._folder().iterdir()
    place.write_text(place.read_text("utf-8").replace("5 exploitations", "6 exploitations"), "utf-8")
    assert pages._kept_pieces() == {}


def test_each_page_adds_what_it_read_to_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setattr(pages, "_translator", lru_cache(pages._translator.__wrapped__))
    monkeypatch.setattr(pages.geography, "place_names", list)
    older = tmp_path.joinpath(*pages.KEPT, "of another catalogue")
    older.mkdir(parents=True)
    for text in ("5 farms", "5 farms", "7 farms"):
        pages.french(f"<p>{text}</p>")
    texts = [set(json.loads(place.read_text("utf-8").partition("\n")[2])) for place in pages._folder().iterdir()]
    assert sorted(map(sorted, texts)) == [["5 farms"], ["7 farms"]]
    assert not older.exists()
    assert pages._translator.__wrapped__("").pieces == pages._kept_pieces() == pages.translator().pieces
