"""The proof that a step moves nothing: what it looks at, and that it sees a number, a word and a basis that moved."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import compare_with_commit  # noqa: E402
from compare_with_commit import NUMBERS, OF_AN_EDITION, basis, compared_files, differences, words  # noqa: E402

from tradeexposure import cli  # noqa: E402

PAGE = '<body><h1>Claim</h1><p>C$500 m of {number}</p><pre>code</pre><script>x</script><p id="run-stamp">{stamp}</p>'
EXPLAINED = (
    "Growers: C$500 m\nsaid in         a page\ntables          {table}: a table\n                b: it\nfunction  f"
)


def test_words_leave_out_code_stamp_and_digests() -> None:
    pages = [words(PAGE.format(number=number, stamp=stamp)) for number, stamp in (("1", "a"), ("1", "b"), ("2", "a"))]
    assert pages[0] == pages[1] == ["Claim", "C$500 m of 1"] and pages[0] != pages[2]
    assert words("<body><p>made of 0123456789abcdef</p>") == ["made of …"]
    data = '<body><script type="application/json">{"row": 1}</script><script>code</script>'
    assert words(data) == ['{"row": 1}']


def test_a_basis_is_the_number_and_what_it_rests_on() -> None:
    assert basis(EXPLAINED.format(table="a")) == ["Growers: C$500 m", "tables a: a table", "b: it"]
    assert differences("x", *(basis(EXPLAINED.format(table=name)) for name in "ac"))


@pytest.fixture
def trees(tmp_path: Path) -> list[Path]:
    """Two trees with the same edition."""
    for name in ("before", "after"):
        edition = tmp_path / name / "reports" / "published" / "deal_2026"
        edition.mkdir(parents=True)
        for file in (
            *NUMBERS,
            *(f"reports/published/deal_2026/{file_name}" for file_name in OF_AN_EDITION),
        ):
            (tmp_path / name / file).write_text("result_id,value\na,1\n", "utf-8")
        for page in ("index.html", "index.fr.html"):
            (tmp_path / name / "reports" / page).write_text(PAGE.format(number="1", stamp=name), "utf-8")
    return [tmp_path / "before", tmp_path / "after"]


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("reports/published/deal_2026/results.csv", "result_id,value\na,1.0\n", "results.csv: 2 lines differ"),
        ("reports/published/deal_2026/results.csv", "result_id,value\r\na,1\r\n", "results.csv: other bytes"),
        ("reports/scenarios.csv", "result_id,value\na,2\n", "scenarios.csv: 2 lines differ"),
        ("reports/index.fr.html", PAGE.format(number="2", stamp="x"), "index.fr.html: 2 lines differ"),
        ("reports/more.html", "<body>", "more.html: only after"),
    ],
)
def test_what_moved_is_seen(trees: list[Path], file: str, text: str, line: str) -> None:
    assert [*compared_files(*trees, "deal_2026")] == []
    (trees[1] / file).write_text(text, "utf-8", newline="")
    assert any(line in difference for difference in compared_files(*trees, "deal_2026"))


def test_a_refusal_stands_under_the_whole_name_of_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "main", lambda arguments: 2)
    config, cases = SimpleNamespace(), ("test_x.py::test[a prior: low]", "test_x.py::test[a prior: high]")
    compare_with_commit.pytest_configure(config)
    for case in cases:
        monkeypatch.setenv("PYTEST_CURRENT_TEST", f"{case} (call)")
        assert cli.main([]) == 2
    assert tuple(config.same_refusals) == cases
