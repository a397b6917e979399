"""Pieces of a page that are neither prose nor table nor chart: figures in large type, rows of outcomes, links.

A notebook fills them with words and written numbers; how they look is the template's, so that a page knows nothing of
what they are about. JupyterLab shows the same as Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tradeexposure.core.text import as_output

MIME = "application/vnd.tradeexposure.piece+json"
NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class Figure:
    """A number in large type with the words under it, and the address of where it is made, if any.

    `newest` is the month of the newest figure behind it, as a computer reads it and in words; empty without one.
    """

    value: str
    words: str
    address: str = ""
    newest: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Charge:
    """What is charged on goods at a border: `made` of what, since when and until when in words, and the rate.

    `last` is the last day (ISO) of a charge whose end is known, else empty.
    """

    goods: str
    border: str
    made: tuple[str, ...]
    dates: str
    rate: str
    last: str = ""


@dataclass(frozen=True)
class Coming:
    """A date to come: `day` (ISO) is the last day before it has passed, `shown` what a reader sees.

    Days are `counted` where the day is set. `cost` says what it would change, and `address` leads to that number.
    """

    day: str
    shown: str
    title: str
    words: str
    cost: str = ""
    address: str = ""
    counted: bool = True


@dataclass(frozen=True)
class Cell:
    """A number with its range, both written.

    `shade` is 0 for none, else −3 to 3: sign and size of the change beside the others of its column. `address` leads to
    the row of the number where it is published.
    """

    value: str
    range: str = ""
    shade: int = 0
    address: str = ""


@dataclass(frozen=True)
class Row:
    """A line of outcomes; `edition` names the scenario whose edition the title leads to where it is published."""

    title: str
    note: str
    cells: tuple[Cell, ...]
    edition: str = ""


@dataclass(frozen=True)
class Link:
    """Words that lead to an address: a page of the edition (with an anchor), or an anchor of this page."""

    words: str
    address: str
    note: str = ""


def headline_numbers(items: Sequence[Figure]) -> dict[str, Any]:
    """Numbers in large type, side by side."""
    text = "\n".join(f"- **{figure.value}** {figure.words}" for figure in items)
    return bundle("figures", {"items": [asdict(figure) for figure in items]}, text)


def outcomes(
    first: str, columns: Sequence[str], groups: Mapping[str, Sequence[Row]], *, caption: str
) -> dict[str, Any]:
    """A table of groups of rows, each cell with its range and shade.

    Parameters
    ----------
    first, columns : str, sequence of str
        Headings of the column of titles and of the others, as many as each row has cells.
    groups : mapping
        What rows have in common → the rows.
    """
    lines = [caption, "", _line([first, *columns]), _line(["---"] * (len(columns) + 1))]
    for title, rows in groups.items():
        lines.append(_line([f"*{title}*", *[""] * len(columns)]))
        for row in rows:
            cells = [f"{cell.value} ({cell.range})" if cell.range else cell.value for cell in row.cells]
            lines.append(_line([row.title, *cells]))
    listed = [{"title": title, "rows": list(map(asdict, rows))} for title, rows in groups.items()]
    content = {"first": first, "columns": list(columns), "groups": listed, "caption": caption}
    return bundle("outcomes", content, "\n".join(lines))


def links(groups: Mapping[str, Sequence[Link]], *, columns: int) -> dict[str, Any]:
    """Links in columns, those of a group under its title, which may be empty."""
    lines = []
    for title, own in groups.items():
        lines += [f"**{title}**", ""] if title else []
        lines += [f"- [{link.words}]({link.address}){f': {link.note}' if link.note else ''}" for link in own]
        lines.append("")
    listed = [{"title": title, "links": list(map(asdict, own))} for title, own in groups.items()]
    return bundle("links", {"groups": listed, "columns": columns}, "\n".join(lines))


def charges(rows: Sequence[Charge], *, as_of: str) -> dict[str, Any]:
    """What is charged, as of a day, which stands above it."""
    lines = [f"- **{row.rate}** {row.goods}, {row.border}: {', '.join(row.made)}; {row.dates}" for row in rows]
    return bundle("charges", {"rows": [asdict(row) for row in rows], "as_of": as_of}, "\n".join([as_of, "", *lines]))


def dates(items: Sequence[Coming], also: Sequence[Coming], *, as_of: str) -> dict[str, Any]:
    """Dates to come as known on a day, and below them in one line what is dated `also`."""
    lines = [
        f"- **{coming.shown}** {coming.title}. {coming.words} {coming.cost}".rstrip() for coming in (*items, *also)
    ]
    content = {
        "dates": [asdict(coming) for coming in items],
        "also": [asdict(coming) for coming in also],
        "as_of": as_of,
    }
    return bundle("dates", content, "\n".join([as_of, "", *lines]))


def bundle(kind: str, content: dict[str, Any], text: str) -> dict[str, Any]:
    """The output of a cell that shows a piece: what the template fills in, and `text` (Markdown) for JupyterLab."""
    return {MIME: {"kind": kind, **content}, **as_output(text.strip())}


def show(piece: dict[str, Any]) -> None:
    """Show a piece in the notebook and on its page."""
    from IPython.display import display

    display(piece, raw=True)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell or NOTHING for cell in cells)} |"
