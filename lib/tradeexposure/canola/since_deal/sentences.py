"""Sentences about the months since the arrangement that follow signs and p-values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tradeexposure.canola.since_deal.exports import Change
from tradeexposure.canola.since_deal.forecasts import Forecast
from tradeexposure.canola.since_deal.meal import Step
from tradeexposure.core.text import in_words
from tradeexposure.data.periods import Months

COMMON = 0.1  # p-values above it: noise of this size comes up too often to claim a change

#: Whether meal's price was above that of 2025 under the duty, and above that of the winter before → a sentence.
MEAL_SINCE = {
    (True, True): "In {months} meal's price over soybean meal's was higher than in 2025 under the duty and than in the "
    "winter before.",
    (True, False): "Which months it is set against decides the sign: in {months} meal's price over soybean meal's was "
    "higher than in 2025 under the duty, but no higher than in the winter before.",
    (False, True): "Which months it is set against decides the sign: in {months} meal's price over soybean meal's was "
    "higher than in the winter before, but no higher than in 2025 under the duty.",
    (False, False): "In {months} meal's price over soybean meal's was no higher than in 2025 under the duty or than in "
    "the winter before.",
}

#: Whether some changes have placebos worth a window → a sentence on those that have none.
UNTESTED = {
    True: "The rest cannot be tested: they have no placebo, or less than one.",
    False: "None of these changes can be tested: they have no placebo, or less than one.",
}


def noise(changes: Mapping[str, Change], names: Mapping[str, str]) -> str:
    """A sentence: against which yardsticks a change of this size is no rarer than :data:`COMMON` at other times."""
    common = [names[name] for name, change in changes.items() if change.rank.p_value > COMMON]
    if not common:
        return (
            f"Against none of the {in_words(len(changes))} yardsticks does so large a change come up by chance often."
        )
    if len(common) == len(changes):
        return (f"By each of the {in_words(len(changes))} yardsticks chance could explain it: changes of this size "
                "were common before.")  # fmt: skip
    return f"Measured against {', '.join(common)}, chance could explain it: changes of this size were common before."


def _said(p_values: Sequence[float], none: str, each: str, some: str) -> str:
    """One of three sentences, by how many of some changes came up at other times oftener than :data:`COMMON`."""
    common = sum(value > COMMON for value in p_values)
    return none if not common else each if common == len(p_values) else some


def by_chance(p_values: Sequence[float]) -> str:
    """A sentence: whether changes as large as these came up at other times oftener than :data:`COMMON`."""
    return _said(
        p_values, "None of these changes comes up by chance often.",
        "Chance alone could explain each of these changes: as large ones were common at other times, or there are too "
        "few to compare with.",
        "Chance alone could explain some of these changes: as large ones were common at other times, or there are too "
        "few to compare with.",
    )  # fmt: skip


def seed_went(newest: str, months: Months) -> str:
    """A sentence: whether the figures by destination, whose `newest` month is ``YYYY-MM``, reach the months since."""
    known = pd.Timestamp(newest)
    if known < months.first:
        return f"Our files say where seed went only to {known:%B %Y}, so not how much canola China has bought since."
    return f"Our files say where seed went as far as {known:%B %Y}, and never by month where oil and meal went."


def reach(newest: pd.Timestamp, months: Months) -> str:
    """A sentence: whether both tables of exports hold a later month than those that are summed."""
    if newest > months.last:
        return f"Sums end with {months.last:%B %Y}, although the tables of these exports reach {newest:%B %Y}."
    return f"Sums end with {months.last:%B %Y}, the newest month in the tables of these exports."


def cars_title(change: float) -> str:
    """A title: whether more battery-electric cars were registered in the newest quarter than a year before."""
    if change > 0:
        return "More battery-electric cars than a year before, as a new rebate began"
    if change < 0:
        return "Fewer battery-electric cars than a year before, although a new rebate began"
    return "As many battery-electric cars as a year before, although a new rebate began"


def meal_chance(steps: Sequence[Step]) -> str:
    """As :func:`by_chance`, of the changes whose placebos are worth a window; and that the others have no test."""
    tested = [step.tested.p_value for step in steps if step.tested]
    if not tested:
        return UNTESTED[False]
    sentence = _said(
        tested, "None of the changes with placebos comes up by chance often.",
        "Chance alone could explain each change with placebos: as large ones were common at other times.",
        "Chance alone could explain some of the changes with placebos: as large ones were common at other times.",
    )  # fmt: skip
    return sentence if len(tested) == len(steps) else " ".join((sentence, UNTESTED[True]))


def meal_since(over_year: Step, over_winter: Step) -> str:
    """A sentence: meal's price in months of the suspension, against 2025 under the duty and the winter before."""
    months = Months.of(*over_year.months).words
    return MEAL_SINCE[over_year.change > 0, over_winter.change > 0].format(months=months)


def no_better(forecasts: Sequence[Forecast]) -> str:
    """A sentence: which forecasts are not shown to beat the better of last year's month and the last month."""
    weak = []
    for forecast in forecasts:
        horizons = [str(horizon) for horizon, score in forecast.scores.items() if score.low <= 0]
        weak += [f"{forecast.series.label} ({', '.join(horizons)} ahead)"] if horizons else []
    if not weak:
        return "Every forecast missed less than the better of last year's month and the last month."
    return f"No better than the better of last year's month and the last month, within its range: {'; '.join(weak)}."


def missed_coverage(forecasts: Sequence[Forecast]) -> str:
    """A sentence: which ranges held less often than they say, beyond what chance among blocks explains."""
    short = [f"{forecast.series.label}, {horizon} ahead"
             for forecast in forecasts for horizon, score in forecast.scores.items()
             if any(high < level for level, (_, _, high) in score.coverage.items())]  # fmt: skip
    if not short:
        return "No range held less often than it says beyond what chance explains."
    return f"Ranges held less often than they say, beyond chance: {'; '.join(short)}. Read them as too narrow."
