"""The link to the newest file on a publisher's page, for publishers who name each release anew."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from tradeexposure import source_catalogue
from tradeexposure.core.errors import SourceFailed
from tradeexposure.source_catalogue import Limits, Source
from tradeexposure.source_download import AGENT, CHUNK, LATER, MOVED

if TYPE_CHECKING:
    import requests

#: A page is read whole; one that is longer is no page of links.
MOST_BYTES = 5_000_000


def page_link(source: Source, limits: Limits, session: requests.Session) -> str:
    """The address that the page at the source's address links to.

    Raises
    ------
    SourceFailed
        The page cannot be had, has no such link, or links elsewhere than to the hosts allowed.
    """
    title = f"{source.title} ({source.address})"
    base, text = _page(source, limits, session, title)
    found = re.search(rf"""href=["']([^"'<>]*{source.link}(?:\?[^"'<>]*)?)["']""", text)
    if not found:
        raise SourceFailed(title, f"found no link to {source.link} on the page", MOVED)
    address = urljoin(base, unescape(found[1]))
    if urlsplit(address).hostname not in source.hosts or not source_catalogue.safe(address):
        raise SourceFailed(
            title, f"the page links to {address}", f"links may lead to {', '.join(source.hosts)}; {MOVED}"
        )
    return address


def _page(source: Source, limits: Limits, session: requests.Session, title: str) -> tuple[str, str]:
    """Final address and text of the page."""
    import requests

    try:
        timeout = (limits.connect_seconds, limits.read_seconds)
        with session.get(source.address, headers={"User-Agent": AGENT}, timeout=timeout, stream=True) as answer:
            answer.raise_for_status()
            content = b""
            for chunk in answer.iter_content(CHUNK):
                content += chunk
                if len(content) > MOST_BYTES:
                    raise SourceFailed(title, f"the page has more than {MOST_BYTES:,} bytes", MOVED)
            return answer.url, content.decode("utf-8", errors="replace")
    except requests.exceptions.SSLError:
        raise SourceFailed(title, "its certificate could not be verified", "check this machine's clock") from None
    except requests.exceptions.HTTPError as error:
        raise SourceFailed(title, f"the page answers {error.response.status_code}", MOVED) from None
    except requests.exceptions.RequestException as error:
        raise SourceFailed(title, f"the page cannot be had ({type(error).__name__})", LATER) from None
