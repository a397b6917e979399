"""The template as files: whether all of it is there and can be read, asked before the first notebook starts."""

from __future__ import annotations

from functools import lru_cache

from tradeexposure.core import paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import page

NEEDED = ("style.css", "hover.js", "measures.js", "report.html.j2", "index.html.j2", "comparison.html.j2",
          "measures.html.j2")  # fmt: skip


def check() -> None:
    """Read every file of the template and parse those that are filled.

    Raises
    ------
    BadInput
        A file that is missing, no text, or not in the template's language.
    """
    folder = page.template_folder()
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted({*NEEDED, *(name for name in there if name.endswith((".j2", ".css", ".js")))}):
        where = paths.relative(folder / name)
        text = reading.text(folder / name, where=where, allowed=f"restore it with 'git checkout -- {where}'")
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
