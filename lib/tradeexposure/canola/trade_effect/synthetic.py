"""A second design for the loss at one market: synthetic difference-in-differences over crops and destinations.

Units are canola to China and the untouched cells of other crops that ship regularly; other markets of canola are no
controls, since they took the seed that China left. A period is the months of the window in one year, so that
each unit's season drops out; the outcome is log(1 + kt) of their sum, so that a cell that ends stays in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure.grain_exports import by_month
from tradeexposure.canola.trade_effect.placebo_cells import Untouched, cells
from tradeexposure.canola.trade_effect.results import OWN_BASELINE
from tradeexposure.core.errors import BadInput
from tradeexposure.core.provinces import CHINA
from tradeexposure.econometrics.time_series.months import Span, held_months
from tradeexposure.econometrics.treatment_effects import synthetic_did
from tradeexposure.econometrics.treatment_effects.synthetic_did import Tested
from tradeexposure.policy import studies
from tradeexposure.policy.studies import Episode
from tradeexposure.reporting.result_rows import named_rows

YEAR = 12  # months
Baselines = Mapping[str, Mapping[str, Sequence[Span]]]
TREATED = " to ".join(("canola", CHINA))
TABLE: dict[str, Any] = {
    "caption": "Effect on canola seed to China by synthetic difference-in-differences",
    "columns": {
        "label": "Months", "baseline": "Compared with", "years": "Years before", "controls": "Controls",
        "change": "Effect", "plain": "With equal weights", "p_value": "p, two-sided", "floor": "Smallest p possible",
        "std_error": "Standard error of the log",
    },
    "written": {"change": "change", "plain": "change"},
}  # fmt: skip


def yearly(
    rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], among: Untouched
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """log(1 + kt) by year before and after of canola to China and the untouched cells; only whole years.

    Parameters
    ----------
    rows : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.flows` with all destinations apart.

    Raises
    ------
    BadInput
        Months that are not held, or a baseline without the window's months of any year.
    """
    controls = cells(rows, window=window, baseline=baseline, among=among)
    pairs = [("canola", CHINA), *zip(controls["crop"], controls["destination"], strict=True)]
    crops = {crop: by_month(rows, crop=crop) for crop in dict.fromkeys(crop for crop, _ in pairs)}
    wide = pd.DataFrame({" to ".join((crop, place)): crops[crop][place] for crop, place in pairs})
    after = _totals(wide, [window], window=window)
    before = _totals(wide, baseline, window=window)
    if before.empty:
        spans = "; ".join(f"{first} to {last}" for first, last in baseline)
        raise BadInput("baseline", found=spans, allowed=f"one year's months of {window[0]} to {window[1]}, or more")
    return before, after


def _totals(wide: pd.DataFrame, spans: Sequence[Span], *, window: Span) -> pd.DataFrame:
    """log(1 + sum) of the window's months by year, counted from its first month; years that `spans` hold whole."""
    months = held_months(spans, pd.DatetimeIndex(wide.index), where="exports")
    first = pd.Timestamp(window[0])
    since = np.asarray((months.year - first.year) * YEAR + months.month - first.month)
    length = min(YEAR, len(pd.date_range(*window, freq="MS")))
    inside = since % YEAR < length
    years = wide.loc[months[inside]].groupby((since // YEAR)[inside])
    return pd.DataFrame(np.log1p(years.sum()[years.size() == length]))


def estimates(
    rows: pd.DataFrame, episodes: Mapping[str, Episode], baselines: Baselines, *, among: Untouched
) -> dict[str, Tested]:
    """Canola to China among the cells, each taken for treated in turn; keys as ``2019`` and ``2019.long_baseline``.

    `baselines`: episode → variant → months; the variant without a name is the episode's own.
    """
    return {
        f"{key}.{variant}".rstrip("."): synthetic_did.placebo_test(
            *yearly(rows, window=episodes[key].window, baseline=spans, among=among), TREATED
        )
        for key, variants in baselines.items()
        for variant, spans in variants.items()
    }


def results(tested: Mapping[str, Tested], episodes: Mapping[str, Episode], *, level: float) -> pd.DataFrame:
    """Effects with the interval of the placebo variance, their p-values and floors."""
    parts = []
    for key, test in tested.items():
        episode, _, variant = key.partition(".")
        stem = f"canola.trade_effect.{episode}.{'synthetic_did.' + variant if variant else 'synthetic_did'}"
        period = (studies.months_text(episodes[episode].window) if variant in OWN_BASELINE
                  else episodes[episode].months)  # fmt: skip
        effect = {"result_id": stem, **test.change(level), "controls": str(test.rank.count),
                  "years": str(len(test.estimate.time_weights))}  # fmt: skip
        rank = {"p_value": test.rank.p_value, "p_floor": test.rank.floor}
        ranked = named_rows(rank, f"{stem}.{{name}}", count=str(test.rank.count))
        parts += [pd.DataFrame([effect]).assign(period=period), ranked.assign(period=period)]
    return pd.concat(parts, ignore_index=True)


def table(tested: Mapping[str, Tested], episodes: Mapping[str, Episode], baselines: Baselines) -> pd.DataFrame:
    """One row per episode and baseline, as :data:`TABLE` shows them."""
    rows = []
    for key, test in tested.items():
        episode, _, variant = key.partition(".")
        spans = baselines[episode][variant]
        rows.append({
            "label": studies.months_text(episodes[episode].window),
            "baseline": "; ".join(f"{first} to {last}" for first, last in spans),
            "years": len(test.estimate.time_weights), **test.shown(),
        })  # fmt: skip
    return pd.DataFrame(rows)
