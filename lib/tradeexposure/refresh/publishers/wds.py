"""Statistics Canada's Web Data Service: what the publisher itself says is its newest figure of a table.

One question, ``getCubeMetadata``, for all tables at once. Two others are left unasked. ``getFullTableDownloadCSV``
answers with the address that ``data/sources.yml`` has already: asking would put one more thing that can fail before
each download. ``getDataFromVectorsAndLatestNPeriods`` gives numbers by series number without their labels, and only
the newest: the small tables would need a list of series to keep, and revisions further back would go unseen, to save
less than a megabyte.

Format: the service's user guide. Answers come in any order, ``productId`` as text or number; an answer can fail by
``status`` FAILED (with a sentence in place of the object), or with SUCCESS and a ``responseStatusCode`` other than 0.
From midnight to 08:30 Eastern tables are locked and the service answers 409.

A service that is busy or silent is not asked again: the calendar stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tradeexposure.refresh.publishers import http
from tradeexposure.refresh.publishers.http import DownloadFailed
from tradeexposure.refresh.publishers.sources_schema import Service

if TYPE_CHECKING:
    import requests

#: The service's code set ``wdsResponseStatus``, in our words.
STATUSES = {
    1: "invalid date", 2: "invalid table and series", 3: "the request failed", 4: "invalid series",
    5: "no such table", 6: "the table is being published", 7: "the table is not available",
    8: "invalid number of periods",
}  # fmt: skip
LOCKED = "it locks its tables until 08:30 Eastern"
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-\d{2}")
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?")
PRODUCT = re.compile(r"\b\d{8}\b")


@dataclass(frozen=True)
class Release:
    """A table as its publisher has it: first day of the newest period (2026-07-01), and when it was released."""

    end: str
    released: str


def releases(service: Service, products: Sequence[str]) -> dict[str, Release | str]:
    """What the publisher has of each table, or why that is not known.

    Parameters
    ----------
    products : sequence of str
        Statistics Canada's table numbers, eight digits.

    Returns
    -------
    dict
        Product → :class:`Release`, or words that complete "the service: …". Every product is a key.
    """
    question = [{"productId": int(product)} for product in products]

    def received(response: requests.Response, pieces: Iterator[bytes]) -> list[Any]:
        if response.status_code == 409:
            raise DownloadFailed(LOCKED)
        http.check_status(response)
        try:
            answers = json.loads(b"".join(pieces))
        except ValueError:
            raise DownloadFailed("it sends something that is no JSON") from None
        if not isinstance(answers, list):
            raise DownloadFailed("it sends something that is no list")
        return answers

    try:
        answers = http.ask(service.address, received, limits=service, most=service.bytes, question=question)
    except DownloadFailed as failed:
        return dict.fromkeys(products, failed.what)
    releases_by_product = dict(_read(answer) for answer in answers)
    return {product: releases_by_product.get(product, "it says nothing of this table") for product in products}


def _read(answer: Any) -> tuple[str, Release | str]:
    """The product an answer is about, and what it says; the product is empty where none can be told."""
    table = answer.get("object") if isinstance(answer, Mapping) else None
    if not isinstance(table, Mapping):
        sentence = " ".join(str(table).split())
        about = PRODUCT.search(sentence)
        return (about[0] if about else ""), f"it says: {sentence[:100]}"
    product = str(table.get("productId", ""))
    code = table.get("responseStatusCode", 0)
    if answer.get("status") != "SUCCESS" or code != 0:
        return product, f"it says: {STATUSES.get(code, f'status {code}')}"
    end, moment = str(table.get("cubeEndDate", "")), MOMENT.match(str(table.get("releaseTime", "")))
    if not DAY.match(end) or not moment:
        return (
            product,
            f"it gives no newest period and release time ({end[:20]!r}, {str(table.get('releaseTime'))[:20]!r})",
        )
    return product, Release(end[:10], " ".join(part for part in moment.groups() if part))
