"""When each measure on Canadian canola is read in the export data, and what it is compared with.

Spans are pairs of months, both included. The licence suspensions of March 2019 hit two exporters and were no
tariff; the deposit on seed began on 14 August 2025, inside a month that the data cannot divide.
"""

from __future__ import annotations

from dataclasses import dataclass

from tradeexposure.econometrics.months import Span

BEFORE_2019: Span = ("2014-08", "2019-02")
BEFORE_2019_SHORT: Span = ("2016-08", "2019-02")
BEFORE_RISE_2018: Span = ("2014-08", "2018-02")  # before China turned from American soybeans and bought more canola
BEFORE_2025: Span = ("2022-06", "2024-07")
CASE_MONTHS: Span = ("2024-09", "2024-12")  # China announced its case on 3 September 2024
CASE_PLACEBO: Span = ("2024-08", "2024-08")  # the month before the announcement
PEAS_TREATED = "2025-03"  # month from which peas to China pay a duty (20 March 2025): no placebo any more
#: Months in which no Chinese measure, drought or announced case bears on canola seed.
CLEAN: tuple[Span, ...] = (BEFORE_2019, ("2022-08", "2024-07"))


@dataclass(frozen=True)
class Episode:
    """A window in which an effect is measured and the months it is compared with.

    Attributes
    ----------
    key : str
        As in the identifiers of results.
    label : str
    window : Span
    baseline : tuple of Span
    """

    key: str
    label: str
    window: Span
    baseline: tuple[Span, ...]


EPISODES: dict[str, Episode] = {
    one.key: one
    for one in (
        Episode("2019", "First year of the suspensions", ("2019-03", "2020-02"), (BEFORE_2019,)),
        Episode("2019_episode", "Whole suspensions", ("2019-03", "2022-05"), (BEFORE_2019,)),
        Episode("2025", "March to October 2025", ("2025-03", "2025-10"), (BEFORE_2025,)),
        Episode("2025_before_seed", "Before the deposit on seed", ("2025-03", "2025-07"), (BEFORE_2025,)),
        Episode("2025_seed", "Full months under the deposit", ("2025-09", "2025-10"), (BEFORE_2025,)),
    )
}
