"""The numbers that are published of the months since the arrangement; their words stand in ``data/results``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.since_deal import exports
from tradeexposure.canola.since_deal.canola_part import Inversion
from tradeexposure.canola.since_deal.exports import Change
from tradeexposure.canola.since_deal.forecasts import Forecast
from tradeexposure.canola.since_deal.weekly import FLOWS, Explained
from tradeexposure.data.periods import Months
from tradeexposure.econometrics.inference.draws import LEVEL
from tradeexposure.econometrics.treatment_effects.placebo import OverlapRank, Rank
from tradeexposure.reporting.result_rows import named_rows, result_rows


def places(
    series: pd.DataFrame, changes_by_place: Mapping[str, Mapping[str, Change]], months: Months, *,
    stems: Mapping[str, str],
) -> pd.DataFrame:  # fmt: skip
    """Level and changes of several places; `stems` are how the identifiers of each begin."""
    parts = []
    for name, by_yardstick in changes_by_place.items():
        parts += [level(exports.total(series[name], months), months, stem=stems[name]),
                  changes(by_yardstick, months, stem=stems[name])]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def rises(increases: Mapping[str, float], months: Months) -> pd.DataFrame:
    """What exports to China and to the United States rose by on the year, CAD."""
    stem = f"track.farm_food_{{name}}_cad.prairies.{months.suffix}.rise"
    return named_rows(increases, stem, when=months.words, period=months.period)


def level(total: float, months: Months, *, stem: str) -> pd.DataFrame:
    """What was seen in some months: one row ``<stem>.2026_mar_aug``."""
    return named_rows({months.suffix: total}, f"{stem}.{{name}}", when=months.words, period=months.period)


def changes(by_yardstick: Mapping[str, Change], months: Months, *, stem: str) -> pd.DataFrame:
    """Every yardstick's change and its p-value; that against the frozen path also ends in ``.p_value`` alone."""
    rows = []
    for yardstick, change in by_yardstick.items():
        key = f"{stem}.{months.suffix}.{yardstick}"
        ranged = {} if np.isnan(change.low) else {"low": change.low, "high": change.high, "level": LEVEL}
        rows.append({"result_id": key, "value": change.change, **ranged})
        ends = [f"{key}.p_value", *([f"{stem}.{months.suffix}.p_value"] if yardstick == "against_forecast" else [])]
        rows += [{"result_id": end, "value": change.rank.p_value, **placebos(change.rank)} for end in ends]
    return pd.DataFrame(rows).assign(when=months.words, period=months.period)


def floors(by_yardstick: Mapping[str, Change], months: Months, *, stem: str) -> pd.DataFrame:
    """The lowest and the highest over yardsticks of the smallest p-value that their placebos can give."""
    each = [change.rank.floor for change in by_yardstick.values()]
    ends = {"lowest": min(each), "highest": max(each)}
    return named_rows(ends, f"{stem}.{months.suffix}.p_floor.{{name}}", when=months.words, period=months.period)


def placebos(rank: OverlapRank) -> dict[str, str]:
    """What the method of a rank among overlapping placebos says of it."""
    return {"apart": f"{rank.apart:.1f}", "floor": f"{rank.floor:.3f}"}


def rank_rows(stem: str, rank: OverlapRank) -> pd.DataFrame:
    """A p-value among placebos (``.p_value``) and the smallest that so few of them can give (``.p_floor``)."""
    return named_rows({"p_value": rank.p_value, "p_floor": rank.floor}, f"{stem}.{{name}}", **placebos(rank))


def canola_part_rows(inversion: Inversion, months: Months) -> pd.DataFrame:
    """How much of exports to China was canola, with the range of how far the same telling misses known windows."""
    stem = f"track.canola_to_china_cad.{months.suffix}"
    part = {"result_id": stem, **{name: getattr(inversion, name) for name in ("value", "low", "high")}, "level": LEVEL,
            "apart": f"{inversion.apart:.1f}"}  # fmt: skip
    spread = {"result_id": f"{stem}.spread", "value": inversion.spread}
    rows = pd.concat([pd.DataFrame([part, spread]), rank_rows(stem, inversion.rank)], ignore_index=True)
    return rows.assign(when=months.words, period=months.period)


def weekly_rows(
    flows: pd.DataFrame, shares: pd.DataFrame, changed: Mapping[str, tuple[float, Rank]], *, year: str,
    weeks: tuple[int, int],
) -> pd.DataFrame:  # fmt: skip
    """Tonnes of some weeks, their change on the year with its rank, and their share of supply."""
    span = f"weeks_{weeks[0]}_{weeks[1]}_{_short(year)}"
    when = f"weeks {weeks[0]} to {weeks[1]} of {_words(year)}"
    rows = []
    for flow in FLOWS:
        key, (change, rank) = f"track.canola_weekly_kt.{flow}.{span}", changed[flow]
        rows += [
            {"result_id": key, "value": flows.loc[year, flow]},
            {"result_id": f"{key}.change_on_year", "value": change},
            {"result_id": f"{key}.change_on_year.p_value", "value": rank.p_value, "count": f"{rank.count}"},
            {"result_id": f"{key}.share_of_supply", "value": shares.loc[year, flow]},
        ]
    return pd.DataFrame(rows).assign(when=when, period=_words(year))


def explained_rows(
    explanations: Mapping[tuple[str, str], Explained], *, year: str, weeks: tuple[int, int], drought: str
) -> pd.DataFrame:
    """What was seen over what supply lets expect, by flow, with and without the drought year; and p-values."""
    span = f"weeks_{weeks[0]}_{weeks[1]}_{_short(year)}"
    rows: list[dict[str, Any]] = []
    for (flow, without), explanation in explanations.items():
        suffix = f".without_{_short(without)}" if without else ""
        key = f"track.canola_weekly_kt.{flow}.{span}.against_supply{suffix}"
        seen = explanation.expected_kt * (1 + explanation.change)
        rows += [
            {"result_id": key, "value": explanation.change, "low": seen / explanation.high_kt - 1,
             "high": seen / explanation.low_kt - 1, "level": LEVEL},
            {"result_id": f"{key}.p_value", "value": explanation.rank.p_value, "count": f"{explanation.rank.count}"},
        ]  # fmt: skip
    when = f"weeks {weeks[0]} to {weeks[1]} of {_words(year)}"
    return pd.DataFrame(rows).assign(when=when, period=_words(year), drought=_words(drought))


def _short(year: str) -> str:
    """``2025_26`` of ``2025-2026``."""
    return f"{year[:4]}_{year[-2:]}"


def _words(year: str) -> str:
    """``2025-26`` of ``2025-2026``."""
    return f"{year[:4]}-{year[-2:]}"


def forecast_rows(forecasts: Sequence[Forecast]) -> pd.DataFrame:
    """Next months and the crop year of every series, skill and coverage by horizon."""
    parts = []
    for forecast in forecasts:
        series, name, begun = forecast.series, f"forecast.{forecast.series.name}", f"{forecast.newest:%Y-%m}"
        ranged, texts = ("value", "low", "high"), {"model": forecast.model, "begun": begun}
        dated = forecast.months.assign(when=forecast.months["month"].dt.strftime("%Y-%m"))
        values = [
            result_rows(dated, {f"{name}.{{horizon}}": ranged}, period="{when}", **texts),
            result_rows(forecast.crop_year, {f"{name}.crop_year": ranged}, period="{crop_year}", **texts),
        ]
        scores = [
            {"result_id": f"{name}.skill.{horizon}", "value": score.skill, "low": score.low, "high": score.high,
             "origins": f"{score.origins}", "benchmark": score.benchmark}
            for horizon, score in forecast.scores.items()
        ]  # fmt: skip
        covered = [
            {"result_id": f"{name}.coverage_{100 * level:.0f}.{horizon}", "value": share, "low": min(low, share),
             "high": max(high, share)}
            for horizon, score in forecast.scores.items() for level, (share, low, high) in score.coverage.items()
        ]  # fmt: skip
        tested = pd.DataFrame([*scores, *covered]).assign(period=f"to {begun}", source=series.table)
        parts.append(pd.concat([*values, tested], ignore_index=True).assign(level=LEVEL))
    return pd.concat(parts, ignore_index=True)
