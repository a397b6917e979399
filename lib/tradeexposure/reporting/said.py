"""Where in a sentence a published number stands, so that a page can lead from it to how it is made.

The places travel in the metadata of the output that shows the text: letters of its plain text, from and to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradeexposure.core import units
from tradeexposure.reporting.numbers import Number

KEY = "tradeexposure"


@dataclass(frozen=True)
class Place:
    """A number in a text: its identifier, letters from and to, and the notebook that publishes it if another one."""

    result_id: str
    start: int
    end: int
    notebook: str = ""

    def moved(self, letters: int) -> Place:
        """The same in a text with so many letters before it."""
        return Place(self.result_id, self.start + letters, self.end + letters, self.notebook)


def metadata(places: Iterable[Place]) -> dict[str, Any]:
    """Places as an output keeps them."""
    told = [[one.result_id, one.start, one.end, one.notebook] for one in places]
    return {KEY: {"said": told}} if told else {}


def of_output(output: Mapping[str, Any]) -> list[Place]:
    """The places that an output keeps, in their order; none where it keeps none."""
    told = output.get("metadata", {}).get(KEY, {}).get("said", ())
    return [Place(str(name), int(start), int(end), str(notebook)) for name, start, end, notebook in told]


def found(text: str, numbers: Mapping[str, Sequence[Number]]) -> list[Place]:
    """Where a text that was written elsewhere holds a number with its range.

    A value alone could be another one that is written the same, so only numbers with a range are looked for.

    Parameters
    ----------
    numbers : mapping
        Notebook → the numbers of its that the text may hold; of equal ones the first counts.
    """
    forms = {form: (one.key, notebook) for notebook, some in reversed([*numbers.items()]) for one in reversed(some)
             for form in _forms(one)}  # fmt: skip
    if not forms:
        return []
    longest = sorted(forms, key=len, reverse=True)
    wanted = re.compile(rf"(?<![\w.,${units.MINUS}])(?:{'|'.join(map(re.escape, longest))})")
    return [Place(forms[match[0]][0], *match.span(), forms[match[0]][1]) for match in wanted.finditer(text)]


def _forms(one: Number) -> Iterator[str]:
    """Value and range as sentences write them: as they are, without their sign, and with the other one."""
    if one.low is not None and one.span:
        for way in (one.opposite, one.size, one):
            yield from (way.plain, way.full) if way.span else ()
