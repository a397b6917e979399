"""What is said in words about the months since the arrangement, held against the numbers; sentences by sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradeexposure.canola.since_deal.exports import Change
from tradeexposure.canola.since_deal.forecasts import Forecast
from tradeexposure.canola.since_deal.weekly import Explained
from tradeexposure.core.text import in_words
from tradeexposure.reporting.claims import Claim, listed

COMMON = 0.1  # p-values above it: noise of this size comes up too often to claim a change


def stated(
    found: Mapping[str, Mapping[str, Change]],
    explained: Mapping[tuple[str, str], Explained],
    *,
    to_us: float,
    to_china: float,
) -> list[Claim]:
    """What the page says in fixed words."""
    exports = [one for (flow, _), one in explained.items() if flow == "exports"]
    return [
        Claim("exports to the United States rose by more dollars than those to China", to_us > to_china > 0,
              listed([to_us, to_china]), "Exports of the Prairies"),
        Claim("the drought year decides what supply explains of exports", exports[0].change * exports[1].change < 0,
              listed([one.change for one in exports]), "Weeks 31 to 52"),
    ]  # fmt: skip


def noise(found: Mapping[str, Change], names: Mapping[str, str]) -> str:
    """A sentence: against which yardsticks a change of this size is no rarer than :data:`COMMON` at other times."""
    common = [names[name] for name, one in found.items() if one.rank.p_value > COMMON]
    if not common:
        return f"Against none of the {in_words(len(found))} yardsticks does so large a change come up by chance often."
    if len(common) == len(found):
        return (f"By none of the {in_words(len(found))} yardsticks can chance be ruled out: changes of this size were "
                "common before.")  # fmt: skip
    return f"Chance cannot be ruled out against {', '.join(common)}: changes of this size were common before."


def no_better(found: Sequence[Forecast]) -> str:
    """A sentence: which forecasts are not shown to beat the better of last year's month and the last month."""
    weak = []
    for one in found:
        horizons = [str(horizon) for horizon, score in one.scores.items() if score.low <= 0]
        weak += [f"{one.series.label.lower()} ({', '.join(horizons)} ahead)"] if horizons else []
    if not weak:
        return "Every forecast missed less than the better of last year's month and the last month."
    return f"No better than the better of last year's month and the last month, within its range: {'; '.join(weak)}."


def missed_coverage(found: Sequence[Forecast]) -> str:
    """A sentence: which ranges held less often than they say, beyond what chance among blocks explains."""
    short = [f"{one.series.label.lower()}, {horizon} ahead"
             for one in found for horizon, score in one.scores.items()
             if any(high < level for level, (_, _, high) in score.coverage.items())]  # fmt: skip
    if not short:
        return "No range held less often than it says beyond what chance explains."
    return f"Ranges held less often than they say, beyond chance: {'; '.join(short)}. Read them as too narrow."
