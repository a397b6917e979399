"""The card that stands for an edition where a link to one of its pages is shown: its headline chart as a picture.

Its claim is the chart's title; under it stand the date of the data and who computed it.
"""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from tradeexposure.core import published_rows
from tradeexposure.publishing import drawings
from tradeexposure.publishing.drawings import COMPOSED
from tradeexposure.publishing.page_model import HEADLINE
from tradeexposure.reporting import chart_style

if TYPE_CHECKING:
    from nbformat import NotebookNode

WIDTH, HEIGHT, SCALE = 600, 315, 2.0  # 1200 by 630 pixels, what such cards have
TITLE_LETTERS = 58  # on one line
MUTED = "#565d66"
FITTED = {"type": "fit", "contains": "padding"}


def picture(notebook: NotebookNode, source: str = "", *, translate: Callable[[str], str | None] | None = None) -> bytes:
    """The headline chart of an executed notebook as PNG, 1200 by 630 pixels.

    Parameters
    ----------
    source : str
        What stands under the claim: the date of the data, and who computed it.
    translate : callable, optional
        English text → French, or None where it has none; the card is then in French.

    Returns
    -------
    bytes
        Empty where it has none, or one put together of several, which cannot be fitted.
    """
    drawn = published_rows.shown(notebook, chart_style.MIME)
    spec = next((spec for cell, spec in drawn if HEADLINE in cell["metadata"].get("tags", [])), None)
    if spec is None or any(key in spec for key in COMPOSED):
        return b""
    if translate is not None:
        from tradeexposure.publishing.languages import charts_and_scripts

        spec, source = charts_and_scripts.chart(spec, translate), translate(source) or source
    claim = textwrap.wrap(str(spec["usermeta"]["title"]), TITLE_LETTERS)
    title = {"text": claim, "subtitle": source, "subtitleColor": MUTED, "subtitlePadding": 6}
    bare = {key: item for key, item in spec.items() if key != "usermeta"}
    fitted = json.dumps({**bare, "title": title, "width": WIDTH, "height": HEIGHT, "autosize": FITTED, "padding": 16})
    return base64.b64decode(drawings.drawn_once("png", [fitted, SCALE], lambda: _png(fitted)))


def _png(spec: str) -> str:
    """A specification drawn, in letters."""
    convert = chart_style.converter().vegalite_to_png
    drawn = convert(spec, vl_version=chart_style.VEGALITE, scale=SCALE, allowed_base_urls=[])
    return base64.b64encode(drawn).decode()
