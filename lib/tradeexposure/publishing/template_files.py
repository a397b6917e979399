"""The template as files: filled, and whether all of it is there, asked before the first notebook starts."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tradeexposure.core import files, paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import drawings

if TYPE_CHECKING:
    from jinja2 import Environment

REPOSITORY_FOLDERS = ("reports", "template")
ADDRESS = re.compile(r"#[\w.-]+|(?:\.\./\.\./)?\w[\w.-]*(#[\w.-]+)?")
REPOSITORY = re.compile(r"^repository-code: *[\"']?(https://[^\s\"']+)", flags=re.MULTILINE)
CONTACT = re.compile(r"^contact:\n(?:[ -].*\n)*?[ -]+email: *[\"']?([^\s\"'@]+@[^\s\"'@]+)", flags=re.MULTILINE)
TIED = re.compile(r"(?<=\d) (?=(?:bn|m|kt)\b)")  # a number and its scale, which no line parts
OVER = "../../"  # of an address that a notebook gives: pages over all editions
LINK = re.compile(r'href="(?!https?:)([^"]*)"')
NEEDED = (
    "style.css", "hover.js", "save_chart.js", "measures.js", "map.js", "farm.js", "explorer.js", "typed_numbers.js",
    "report.html.j2", "index_without_front_page.html.j2", "comparison.html.j2", "measures.html.j2", "map.html.j2",
    "farm.html.j2", "explorer.html.j2",
)  # fmt: skip


_texts: files.UnlessWritten[str] = files.UnlessWritten()


def text(path: Path) -> str:
    """A file of the template; one that was not written since is not read again."""
    return _texts(path, lambda: path.read_text("utf-8"))


def folder() -> Path:
    """Folder of the page templates: the project's, or this checkout's where a copied project has none."""
    own = paths.path(*REPOSITORY_FOLDERS)
    return own if own.is_dir() else Path(__file__).resolve().parents[3].joinpath(*REPOSITORY_FOLDERS)


def render(template: str, shown: dict[str, Any]) -> str:
    """The template filled, everything escaped unless marked as our own markup."""
    texts = tuple(sorted((path.name, text(path)) for path in folder().glob("*.j2")))
    return str(_environment(texts).get_template(template).render(shown)).strip() + "\n"


@lru_cache(maxsize=2)
def _environment(texts: tuple[tuple[str, str], ...]) -> Environment:
    """The templates of a folder by name, each compiled once, wherever the folder lies."""
    from jinja2 import DictLoader, Environment

    environment = Environment(loader=DictLoader(dict(texts)), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "json_script": json_script,
        "tied": lambda text: type(text)(TIED.sub("\N{NO-BREAK SPACE}", text)),
        "readable_table": drawings.readable,
        "within": _within,
        "moved": _moved,
        "over": _over,
    }
    return environment


def whom_to_ask() -> dict[str, str]:
    """Issues of the repository and the contact's e-mail that ``CITATION.cff`` names; empty where it names none."""
    path = paths.path("CITATION.cff")
    text = path.read_text("utf-8") if path.is_file() else ""
    repository, contact = REPOSITORY.search(text), CONTACT.search(text)
    return {
        "issues": f"{repository[1].rstrip('/')}/issues" if repository else "",
        "contact": contact[1] if contact else "",
    }


def _within(address: str, folder: str, above: str = "") -> str:
    """An address that a notebook gives, as a page of the edition (without `folder`) or beside `folder` has to: pages of
    the edition, anchors of this page, and those over all editions, to which `above` leads.

    Raises
    ------
    ValueError
        One that leads out of the edition.
    """
    if not ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no page of the edition and no anchor of the page")
    if address.startswith(OVER):
        return f"{above}{address.removeprefix(OVER)}"
    return address if address.startswith("#") or not folder else f"{folder}/{address}"


def _moved(text: Markup, folder: str) -> Markup:
    """Markup of an edition's page with its links as a page beside `folder` has to give them."""
    return Markup(LINK.sub(lambda match: f'href="{_within(match[1], folder)}"', text))


def _over(text: str, above: str) -> str:
    """What an edition's page shows with `above` leading to the pages over all editions, wherever the edition lies."""
    return type(text)(str(text).replace(f'href="{OVER}', f'href="{above}'))


def json_script(value: Any) -> Markup:
    """JSON that may stand inside a script element."""
    return Markup(json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c"))


def check() -> None:
    """Read every file of the template and parse those that are filled.

    Raises
    ------
    BadInput
        A file that is missing, no text, or not in the template's language.
    """
    there = {path.name for path in folder().iterdir()} if folder().is_dir() else set()
    for name in sorted({*NEEDED, *(name for name in there if name.endswith((".j2", ".css", ".js")))}):
        where = paths.relative(folder() / name)
        text = reading.text(folder() / name, where=where, allowed=f"restore it with 'git checkout -- {where}'")
        if name.endswith(".j2"):
            _parse(text, where)


@lru_cache(maxsize=32)
def _parse(text: str, where: str) -> None:
    """:class:`BadInput` for a text that is not in the template's language; the same text is parsed once."""
    from jinja2 import Environment, TemplateError

    try:
        Environment(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"]).parse(text)
    except (TemplateError, RecursionError) as fault:
        line = f"line {getattr(fault, 'lineno', 1)}"
        raise BadInput(where, line, found=str(fault) or type(fault).__name__, allowed="a Jinja template") from None
