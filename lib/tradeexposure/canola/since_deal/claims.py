"""What is said in words about the months since the arrangement, held against the numbers; sentences by sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tradeexposure.canola.since_deal.exports import Change
from tradeexposure.canola.since_deal.forecasts import Forecast
from tradeexposure.canola.since_deal.meal import Step
from tradeexposure.canola.since_deal.weekly import Explained
from tradeexposure.core.text import in_words
from tradeexposure.reporting.claims import Claim, listed

BEST = 3  # places that count as the best years
SKILL = (0.1, 0.2)  # a tenth to a fifth
COMMON = 0.1  # p-values above it: noise of this size comes up too often to claim a change

#: Whether meal's price is above that of 2025 under the duty, and above that of the last winter → a sentence.
MEAL_SINCE = {
    (
        True,
        True,
    ): "Since the suspension meal's price over soybean meal's is higher than in 2025 under the duty and than "
    "in the last winter.",
    (True, False): "Which months it is set against decides the sign: since the suspension meal's price over soybean "
    "meal's is higher than in 2025 under the duty, but no higher than in the last winter.",
    (False, True): "Which months it is set against decides the sign: since the suspension meal's price over soybean "
    "meal's is higher than in the last winter, but no higher than in 2025 under the duty.",
    (False, False): "Since the suspension meal's price over soybean meal's is no higher than in 2025 under the duty or "
    "than in the last winter.",
}


def stated(
    changes: Mapping[str, Change], explained: Mapping[tuple[str, str], Explained], *, to_us: float, to_china: float
) -> list[Claim]:
    """What the page says in fixed words of exports; `changes` are the changes of the Prairies together."""
    exports = [explanation for (flow, _), explanation in explained.items() if flow == "exports"]
    rises = [changes[name].change for name in ("change_on_year", "against_forecast")]
    common = [change.rank.p_value for change in changes.values()]
    return [
        Claim("the Prairies sold China more than a path frozen before the deal let expect", min(rises) > 0,
              listed(rises), "Exports of the Prairies"),
        Claim("such rises were common at other times", min(common) > COMMON, listed(common), "Exports of the Prairies"),
        Claim("exports to the United States rose by more dollars than those to China", to_us > to_china > 0,
              listed([to_us, to_china]), "Exports of the Prairies"),
        Claim("the drought year decides what supply explains of exports", exports[0].change * exports[1].change < 0,
              listed([explanation.change for explanation in exports]), "What supply explains"),
    ]  # fmt: skip


def of_weeks(flows: pd.DataFrame, *, year: str) -> list[Claim]:
    """What is said of the weeks: exports among the three largest of all crop years, and lowest in the drought."""
    exports = flows["exports"]
    place = int((exports > exports[year]).sum()) + 1
    return [
        Claim("canola left the country as fast as in the best earlier years", place <= BEST, f"place {place}",
              "Canola in these weeks"),
        Claim("exports of these weeks were lowest in 2021-22", exports.idxmin() == "2021-2022", str(exports.idxmin()),
              "Canola in these weeks"),
    ]  # fmt: skip


def of_cars(quarters: pd.Series) -> list[Claim]:
    """What is said of registrations: above those of a year before, and highest at the end of 2024."""
    newest, before = float(quarters.iloc[-1]), float(quarters.iloc[-5])
    highest = pd.Timestamp(str(quarters.idxmax()))
    return [
        Claim("more battery-electric cars were registered than a year before", newest > before,
              listed([newest, before]), "Cars"),
        Claim("registrations peaked at the end of 2024", highest == pd.Timestamp(2024, 10, 1), f"{highest:%Y-%m}",
              "Cars"),
    ]  # fmt: skip


def of_forecasts(forecasts: Sequence[Forecast]) -> list[Claim]:
    """What is said of skill: a tenth to a fifth in the middle, and less for China's first month."""
    skills = pd.Series({(forecast.series.name, horizon): score.skill for forecast in forecasts
                        for horizon, score in forecast.scores.items()})  # fmt: skip
    middle, first = float(skills.median()), float(skills["exports_china", 1])
    return [
        Claim("forecasts miss a tenth to a fifth less than naive ones", *_within(middle), "What comes next"),
        Claim("China's first month is forecast no better", first < SKILL[0], f"{first:.2f}", "What comes next"),
    ]  # fmt: skip


def _within(middle: float) -> tuple[bool, str]:
    return SKILL[0] <= middle <= SKILL[1], f"{middle:.2f}"


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


def by_chance(p_values: Sequence[float]) -> str:
    """A sentence: whether changes as large as these came up at other times oftener than :data:`COMMON`."""
    common = sum(value > COMMON for value in p_values)
    if not common:
        return "None of these changes comes up by chance often."
    if common == len(p_values):
        return (
            "Chance alone could explain each of these changes: as large ones were common at other times, or there are "
            "too few to compare with."
        )
    return (
        "Chance alone could explain some of these changes: as large ones were common at other times, or there are too "
        "few to compare with."
    )


def meal_since(over_year: Step, over_winter: Step) -> str:
    """A sentence: where meal's price stands since the suspension, against 2025 under the duty and the last winter."""
    return MEAL_SINCE[over_year.change > 0, over_winter.change > 0]


def no_better(forecasts: Sequence[Forecast]) -> str:
    """A sentence: which forecasts are not shown to beat the better of last year's month and the last month."""
    weak = []
    for forecast in forecasts:
        horizons = [str(horizon) for horizon, score in forecast.scores.items() if score.low <= 0]
        weak += [f"{forecast.series.label.lower()} ({', '.join(horizons)} ahead)"] if horizons else []
    if not weak:
        return "Every forecast missed less than the better of last year's month and the last month."
    return f"No better than the better of last year's month and the last month, within its range: {'; '.join(weak)}."


def missed_coverage(forecasts: Sequence[Forecast]) -> str:
    """A sentence: which ranges held less often than they say, beyond what chance among blocks explains."""
    short = [f"{forecast.series.label.lower()}, {horizon} ahead"
             for forecast in forecasts for horizon, score in forecast.scores.items()
             if any(high < level for level, (_, _, high) in score.coverage.items())]  # fmt: skip
    if not short:
        return "No range held less often than it says beyond what chance explains."
    return f"Ranges held less often than they say, beyond chance: {'; '.join(short)}. Read them as too narrow."
