"""The front page: made of a notebook's cells in their order, linked to what is there, and a plain list without one."""

from __future__ import annotations

import re
import time
from pathlib import Path

import nbformat
import pytest
import samplenotebook as sample
from pageread import words

from tradeexposure.policy import duty_tables, tariff_schedule
from tradeexposure.publishing import edition_index, template_files
from tradeexposure.publishing.over_editions import front_page
from tradeexposure.reporting import pieces

SINCE = {
    "finished": "2026-11-20T00:00:00Z", "counts": {"changed": 2, "added": 1, "vanished": 0, "same": 7},
    "reasons": [["a table it rests on", 2]], "numbers": [["Growers' income", "C$4 m", "C$5 m"]],
}  # fmt: skip


def written(folder: Path) -> str:
    edition_index.write_index(folder)
    return (folder / "index.html").read_text("utf-8")


@pytest.fixture
def page(tmp_path: Path) -> str:
    sample.front_edition(tmp_path, "deal")
    return written(tmp_path)


def test_the_claim_leads_and_parts_follow_in_the_order_of_the_notebook(page: str) -> None:
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == [sample.CLAIM.replace("5 m", "5\N{NO-BREAK SPACE}m")]
    parts = [
        "In January they agreed",
        "C$5 m",
        "How far does it move",
        "What would each scenario change",
        "Farms",
        "What does a farm get",
        "What is not known",
        "Take it with you",
        "What changed",
        "Which editions",
    ]
    places = [words(page).index(text) for text in parts[:1]] + [words(page).rindex(text) for text in parts[2:]]
    assert places == sorted(places)
    assert "Not for the front page" not in page and page.count('class="half"') == 2


def test_what_is_in_force_today_leads_and_what_it_is_worth_follows(tmp_path: Path, page: str) -> None:
    sample.front_edition(tmp_path, "today", *sample.today_cells(), finished="2026-11-28T06:00:00Z")
    text = written(tmp_path)
    assert [words(heading) for heading in re.findall(r"<h1[^>]*>(.*?)</h1>", text)] == [sample.LEAD]
    shown = words(text[text.index("<h1") :])
    order = ["We cannot tell what it did", "As of 29 September 2026", "9% ordinary duty", "+65%",
             "newest figure: August 2026", "31 December 2026", "It costs C$1 m", "Also: 31 December 2030",
             "What is the deal worth?", sample.CLAIM, "In January they agreed", "How far does it move"]  # fmt: skip
    places = [shown.index(part) for part in order]
    assert places == sorted(places)
    assert "counting" not in page and 'class="today"' not in page, "a page without a lead begins with its claim"


def test_no_clock_is_in_the_page_and_two_are_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = []
    for name, later in (("one", 0), ("two", 86_400 * 400)):
        now = time.time
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda now=now, later=later: now() + later)
            sample.front_edition(tmp_path / name, "today", *sample.today_cells())
            pages.append(written(tmp_path / name))
    assert pages[0] == pages[1]
    assert " days)" not in words(pages[0]) and "months ago)" not in words(pages[0])


def test_links_lead_into_the_edition_and_rows_to_what_is_published(page: str) -> None:
    links = re.findall(r'href="([^"]*)"', page)
    assert {"deal/40_x_y.html#number-a.b", "deal/70_u_s.html", "#farms", "deal/90_write_brief.html"} <= set(links)
    anchors = set(re.findall(r'id="([^"]*)"', page))
    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    assert ">The &lt;deal&gt; holds</a>" in page and ">It breaks down<small>" in page


def test_what_is_in_force_besides_is_told_as_the_facts_have_it_and_reaches_no_good_of_the_models() -> None:
    duty, ban = map(tariff_schedule.get, ("us_338_vehicle_basket", "us_338_ban"))
    since = [f"{measure.effective.day} {measure.effective:%B %Y}" for measure in (duty, ban)]
    template = template_files.text(template_files.folder() / "front.html.j2")
    listed = f"goods listed in the dispute over motor vehicles (Section 338, since {since[0]})"
    barred = f"a US import ban on listed alcohol, dairy and motorcycles (since {since[1]})"
    assert f"Also in force: a US duty of {duty.rate:.0%} on {listed}, and {barred}. Neither canola nor cars" in template
    assert set(ban.products) == {"alcohol", "dairy", "motorcycles"}
    assert (duty.end, ban.end) == (None, None)
    assert not duty_tables.MODELLED & {*duty.products, *ban.products}


def test_only_files_that_are_there_are_offered(tmp_path: Path) -> None:
    folder = sample.front_edition(tmp_path, "deal")
    offered = {"The brief on two pages (PDF)": "brief.pdf", "All results (Excel)": "results.xlsx"}
    offered |= {"The brief as a page": "90_write_brief.html"}
    assert not set(offered) & {file for file, _ in front_page.taken(path.name for path in folder.iterdir())}
    for name in offered.values():
        (folder / name).write_bytes(b"")
    page = written(tmp_path)
    assert all(f'href="deal/{name}">{shown}</a>' in page for shown, name in offered.items())


def test_several_editions_are_one_list_and_one_front(tmp_path: Path) -> None:
    for name, day in (("deal", "27"), ("other", "28"), ("third", "26")):
        sample.front_edition(tmp_path, name, finished=f"2026-11-{day}T00:00:00Z", front=name != "third")
    page = written(tmp_path)
    assert page.count("Compared with nothing") == 1 and page.count("<h1") == 1
    listed = page[page.index("Editions, newest first") :]
    assert re.findall(r"Title (\w+)</a>", listed) == ["other", "deal", "third"]
    assert 'href="other/40_x_y.html#number-a.b"' in page, "the newest edition makes it"
    assert '<a href="deal/90_write_brief.html">The' in page and '<a href="other/90_write_brief.html">It breaks' in page


def test_without_a_notebook_that_compares_the_editions_are_listed(tmp_path: Path) -> None:
    sample.front_edition(tmp_path, "deal", front=False)
    page = written(tmp_path)
    assert "Title deal</a>" in page and "Take it with you" not in page and page.count("<h1") == 1


def test_what_changed_is_told_and_that_nothing_can_be(tmp_path: Path, page: str) -> None:
    assert "There is no earlier edition" in page
    sample.front_edition(tmp_path, "newer", finished="2026-11-28T00:00:00Z", since=SINCE)
    shown = words(written(tmp_path))
    assert "Published numbers since the edition of 20 November 2026: 2 changed, 1 new, 0 gone, 7 the same." in shown
    assert "Growers' income C$4 m C$5 m" in shown and "Reason for 2 of them: a table it rests on." in shown
    none = {**SINCE, "counts": dict.fromkeys(SINCE["counts"], 0), "reasons": [], "numbers": []}
    sample.front_edition(tmp_path, "newest", finished="2026-11-29T00:00:00Z", since=none)
    assert "No numbers changed since the edition of 20 November 2026." in words(written(tmp_path))


@pytest.mark.parametrize("address", ["https://example.org", "javascript:alert(1)", "../else.html", "//x", "/etc"])
def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path, address: str) -> None:
    place = sample.front_edition(tmp_path, "deal")
    (place / f"{sample.FRONT_NOTEBOOK}.ipynb").write_text(
        nbformat.writes(sample.front_notebook(address=address)), "utf-8"
    )
    with pytest.raises(ValueError, match="no page of the edition"):
        written(tmp_path)


def test_pages_over_all_editions_stand_beside_the_index_wherever_the_edition_lies(tmp_path: Path) -> None:
    notebook = sample.front_notebook(address="../../farm.html")
    place = sample.front_edition(tmp_path, "deal")
    (place / f"{sample.FRONT_NOTEBOOK}.ipynb").write_text(nbformat.writes(notebook), "utf-8")
    above = sample.edition(index="../index.html")
    own = sample.pages(notebook, edition=above, sources=sample.sources(), results=sample.published())["en"]
    assert 'href="farm.html"' in written(tmp_path)
    assert 'href="../farm.html"' in own and 'href="../../' not in own


def test_a_notebook_without_an_answer_or_with_a_failed_cell_is_refused() -> None:
    bare = sample.front_notebook()
    bare.cells = [cell for cell in bare.cells if cell.id != "answer"]
    with pytest.raises(ValueError, match="no answer"):
        front_page.read(bare)
    failed = sample.front_notebook()
    wrong = next(cell for cell in failed.cells if cell.id == "five")
    wrong.outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])]
    with pytest.raises(ValueError, match="cell five failed"):
        front_page.read(failed)


def test_on_its_own_page_the_notebook_shows_the_same_pieces() -> None:
    own = sample.pages(
        sample.front_notebook(), edition=sample.edition(), sources=sample.sources(),
        results=sample.published(),
    )["en"]  # fmt: skip
    assert 'class="outcomes cards"' in own and 'id="farms"' in own and 'href="40_x_y.html#number-a.b"' in own
    assert pieces.MIME not in own
