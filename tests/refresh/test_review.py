"""The review of a vintage: forecasts beside what came, numbers by how far they moved, claims that are said and not
stopped at.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from tradeexposure.core import results_csv
from tradeexposure.publishing import page
from tradeexposure.refresh import review
from tradeexposure.reporting import Book

SCORES = """vintage,series,label,unit,newest,target,horizon,value,low,high,level,seen,error,rank,inside
shipped,farm_price,Farm price,CAD per tonne,2026-07,2026-08,1,600,550,650,0.9,601.2,0.002,0.52,1
shipped,farm_price,Farm price,CAD per tonne,2026-07,2026-27,crop_year,600,550,650,0.9,700,0.154,0.999,0
2027-01-15,crush,"Crush, by week",kilotonnes,2026-11,2026-12,1,230,200,260,0.9,210,-0.091,0.12,1
"""


def edition(folder: Path, scores: str | None) -> Path:
    """A folder with published numbers and, where they were scored, forecasts beside outcomes."""
    row = dict.fromkeys(results_csv.COLUMNS, "") | {"level": float("nan"), "low": float("nan"), "high": float("nan")}
    numbers = [
        row
        | {"result_id": "track.frozen_forecasts.with_outcome", "label": "With outcome", "value": 3.0, "unit": "count"},
        row | {"result_id": "track.rest", "label": "Another", "value": 1.0, "unit": "ratio"},
    ]
    (folder / "results.csv").write_text(results_csv.text(pd.DataFrame(numbers)), "utf-8")
    if scores is not None:
        (folder / "forecast_scores.csv").write_text(scores, "utf-8")
    return folder


def section(folder: Path) -> str:
    """What the page says of forecasts, as words."""
    lists = ("kept", "left_out", "notes", "retired", "tables", "untrue", "stopped", "missing", "numbers", "charts",
             "unchanged")  # fmt: skip
    text = page.review({
        "name": "2027-02-15", "before": "2027-01-15", "scenario": "deal_2026", "same": 0, "code": 0,
        **review._scores(folder), **dict.fromkeys(lists, ()),
    })  # fmt: skip
    part = text.split('<h2 id="forecasts">')[1].split("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", part.replace("\N{NO-BREAK SPACE}", " ")))


def test_forecasts_stand_beside_what_came(tmp_path: Path) -> None:
    text = section(edition(tmp_path, SCORES))
    assert "With outcome: 3" in text and "Another" not in text
    places = [text.index(label) for label in ("Farm price, 2026-27", "Crush, by week, 2026-12", "Farm price, 2026-08")]
    assert places == sorted(places), "newest first"
    assert "vintage shipped, crop year" in text and "vintage 2027-01-15, 1 month ahead" in text
    assert "C$600 per tonne C$550 per tonne to C$650 per tonne C$700 per tonne +0.15 1.00 no" in text
    assert "230 kt 200 kt to 260 kt 210 kt -0.09 0.12 yes" in text


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        (SCORES.splitlines()[0] + "\n", "No forecast that was frozen with an earlier vintage has an outcome yet."),
        (None, "Not scored: the notebook that does it did not come to its end, or there is none."),
    ],
)
def test_without_an_outcome_the_page_says_so(tmp_path: Path, scores: str | None, sentence: str) -> None:
    assert section(edition(tmp_path, scores)).endswith(f"{sentence} ")


def test_numbers_stand_in_widths_of_their_range():
    side = {"label": "l", "unit": "ratio", "kind": "changed", "reason": "data (t)"}

    def row(name: str, before: float, after: float, low: float, high: float) -> dict[str, object]:
        bounds = {"low_before": low, "high_before": high, "low_after": low, "high_after": high}
        change = (after - before) / abs(before)
        return {"result_id": name, **side, "value_before": before, "value_after": after, **bounds, "change": change}

    nothing = float("nan")
    numbers = pd.DataFrame([
        row("a.small", 100, 101, 90, 110), row("b.none", 10, 20, nothing, nothing), row("c.large", 1, 1.5, 0.9, 1.1),
        row("d.none", 10, 40, nothing, nothing),
    ])  # fmt: skip
    moved = review.moved(numbers)
    assert [number["result_id"] for number in moved] == ["c.large", "a.small", "d.none", "b.none"]
    assert [number["ranges"] for number in moved] == ["2.50", "0.05", "", ""]
    assert [number["beyond"] for number in moved] == [True, False, False, False]


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("assert 1 == 1", ""),
        ("assert 1 == 2", "no longer true: assert 1 == 2\n"),
        ("assert 1 == 2, f'is {3}'", "no longer true: assert 1 == 2, f'is {3}'\n"),
        ("x = ['a', 'b']\nassert (\n    x\n    == []\n)\ny = 1", "no longer true: assert ( x == [] )\n"),
        ("book.rising(\n    'it grew', 2, 1\n)\ny = 1", "no longer true: “it grew”: found 2; 1\n"),
        ("book.check('it is one', True, 1)", ""),
    ],
)
def test_a_claim_is_said_and_not_stopped_at(source: str, printed: str, capsys: pytest.CaptureFixture[str]):
    exec(review.softened(source), {"book": Book("10_test_thing")})
    assert capsys.readouterr().out == printed
