"""Which numbers of the trade map are published, under which identifier; their words stand in ``data/results``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tradeexposure.data.periods import Months
from tradeexposure.econometrics.time_series import forecasting
from tradeexposure.trade import flows

#: Series that has a target → start of its identifiers and the variant its metals make.
TARGET_IDS = {
    "non_us": ("trade.double_non_us", ""),
    "non_us_ex_precious_metals": ("trade.double_non_us", "_ex_precious_metals"),
    "china": ("trade.china_target", ""),
}
#: What sets a target apart from the headline target of its year.
BASE_VARIANTS = {"2035 at 2 × 2025": "base_2025", "2030 at 1.5 × 2025": "base_2025"}
NAMES = {
    "non_us": "exports outside the United States",
    "non_us_ex_precious_metals": "exports outside the United States without precious metals",
    "china": "exports to China",
}
#: Column of :func:`flows.newest` → name in identifiers.
WITH_PARTNERS = {
    "exports_china_cad": "exports_china", "imports_china_cad": "imports_china",
    "exports_united_states_cad": "exports_us", "imports_united_states_cad": "imports_us",
}  # fmt: skip
COVERAGE_HORIZONS, MIDDLE_HORIZON = (1, 5, 10), 5  # years
COVERAGE_SERIES = ("non_us", "china")
#: Chances between these decide nothing.
UNDECIDED = (0.1, 0.9)
PROBABILITY_TOLERANCE = 0.01  # four standard errors of 40,000 draws, and another processor's last digit
COVERAGE_TOLERANCE = 0.06  # one of about nineteen origins may change sides on another processor


def share_rows(yearly: pd.DataFrame, *, years: tuple[int, ...]) -> pd.DataFrame:
    """Export shares with and without precious metals, import shares, and the metals' part in the last year's rise.

    `yearly` from :func:`flows.by_year`.
    """
    shares = flows.shares(yearly)
    quantities = {
        "us_share_of_exports": "us_export_share", "non_us_share_of_exports": "non_us_export_share",
        "us_share_of_imports": "us_import_share", "china_share_of_exports": "china_export_share",
        "china_share_of_imports": "china_import_share",
    }  # fmt: skip
    rows, last = list[tuple[str, Any]](), max(years)
    for year in years:
        for column, name in quantities.items():
            rows.append((f"trade.{name}.{year}", shares.at[year, column]))
            without = f"{column}_ex_precious_metals"
            if without in shares:
                rows.append((f"trade.{name}.{year}.ex_precious_metals", shares.at[year, without]))
    change = yearly.loc[[last - 1, last]].diff().loc[last]
    rest = change["exports_non_us_ex_precious_metals_cad"] / change["exports_non_us_cad"]
    rows.append((f"trade.non_us_export_rise.{last}.share_precious_metals", 1 - rest))
    return pd.DataFrame(rows, columns=["result_id", "value"])


def flow_rows(yearly: pd.DataFrame, *, years: tuple[int, ...]) -> pd.DataFrame:
    """Two-way trade with China, its two halves, and exports outside the United States by year (CAD)."""
    quantities = {
        "trade_china_cad": "two_way_china", "exports_china_cad": "exports_china", "imports_china_cad": "imports_china",
        "exports_non_us_cad": "exports_non_us",
    }  # fmt: skip
    rows = [(f"trade.{name}.{year}", yearly.at[year, key]) for year in years for key, name in quantities.items()]
    return pd.DataFrame(rows, columns=["result_id", "value"])


def months_rows(newest: pd.DataFrame) -> pd.DataFrame:
    """Trade with China and the United States in the months held of the newest year, and its change on the year before.

    `newest`: :func:`flows.newest`.
    """
    months, rows = Months.of_newest_year(newest.index), []
    spans = (newest.loc[part.first : part.last] for part in (months, months.back()))
    now, before = (part.sum(min_count=months.last.month) for part in spans)
    for column, name in WITH_PARTNERS.items():
        key = f"trade.{name}.{months.suffix}"
        rows += [(key, now[column]), (f"{key}.change_on_year", now[column] / before[column] - 1)]
    period = ", ".join(filter(None, (f"{months.last.year}", months.span)))
    return pd.DataFrame(rows, columns=["result_id", "value"]).assign(when=months.words, period=period)


def market_rows(markets: pd.DataFrame, *, years: tuple[int, ...]) -> pd.DataFrame:
    """Effective number of markets of :func:`flows.effective_markets`.

    The range runs between the two bounds; the value is the upper one, the nearer if no market that is not named is
    large, and label and method say so.
    """
    rows: list[tuple[Any, ...]] = []
    for year in years:
        low, high, rest = markets.loc[year, ["effective_markets_low", "effective_markets_high", "unnamed_share"]]
        rows.append((f"trade.effective_markets.{year}", high, low, high))
        rows.append((f"trade.unnamed_export_share.{year}", rest, None, None))
    return pd.DataFrame(rows, columns=["result_id", "value", "low", "high"])


def break_rows(variants: pd.DataFrame, *, date: str) -> pd.DataFrame:
    """The break of :func:`flows.break_variants` over a year, placebos in the same month, with and without metals."""
    headline = variants[(variants["window_months"] == 12) & (variants["placebo_dates"] == "same month")]
    stem, rows = f"trade.us_export_share_break.{date}", []
    quantities = [("", "estimate"), (".before", "before"), (".after", "after"), (".p_value", "p_value"),
                  (".p_value_floor", "floor"), (".placebos", "placebos")]  # fmt: skip
    for metals, row in headline.set_index("metals").iterrows():
        suffix = "" if metals == "all goods" else ".ex_precious_metals"
        rows += [(f"{stem}{part}{suffix}", row[column]) for part, column in quantities]
    return pd.DataFrame(rows, columns=["result_id", "value"]).assign(since=f"{pd.Timestamp(date):%B %Y}")


def target_rows(targets: pd.DataFrame) -> pd.DataFrame:
    """Growth a year each target asks for, from its base and from the last full year, and its level (CAD)."""
    rows = []
    for row in targets.to_dict("records"):
        stem, metals, base = _stem(row)
        of = (row["target"], row["series"])
        if not metals:
            rows.append((f"{stem}.required_growth{_variant(base)}", row["required_growth"], *of))
            rows.append((f"{stem}.level{_variant(base)}", row["target_cad"], *of))
        variant = _variant(base, metals.removeprefix("_"))
        rows.append((f"{stem}.required_growth_left{variant}", row["required_growth_from_last"], *of))
    return pd.DataFrame(rows, columns=["result_id", "value", "target", "series"])


def base_rate_rows(rates: pd.DataFrame) -> pd.DataFrame:
    """Share of past spans that did it, from :func:`flows.base_rates`."""
    stems = {name: stem for name, (stem, _) in TARGET_IDS.items()}
    suffixes = {name: metals.replace("_ex", ".ex", 1) for name, (_, metals) in TARGET_IDS.items()}
    rows = []
    for row in rates.to_dict("records"):
        name, years = row["series"], row["years"]
        numbers = {
            "base_rate": row["share"], "past_growth": row["median_growth"], "independent_spans": row["independent"],
            "latest_start": row["latest_start"],
        }  # fmt: skip
        did = "twice" if row["multiple"] == 2 else "half_more"
        rows += [(f"{stems[name]}.{number}_{years}y{suffixes[name]}", value, name, did, row["period"])
                 for number, value in numbers.items() if pd.notna(value)]  # fmt: skip
    return pd.DataFrame(rows, columns=["result_id", "value", "series", "did", "period"])


def headline_probability(probabilities: pd.DataFrame) -> pd.DataFrame:
    """One row per series × target × origin: the middle of the families with a trend, lowest and highest of all.

    Three families let the flow grow at the pace of its past; the median of the three is one model's number, not a
    mixture. The range also holds the model that rules growth out.
    """
    key = ["series", "target", "year", "target_cad", "origin"]
    trended = probabilities[probabilities["family"].isin(forecasting.WITH_TREND)]
    table = probabilities.groupby(key, sort=False)["probability"].agg(low="min", high="max")
    middle = trended.groupby(key, sort=False)["probability"].median().rename("value")
    return table.join(middle).reset_index()[[*key, "value", "low", "high"]]


def probability_rows(probabilities: pd.DataFrame) -> pd.DataFrame:
    """Chances of :func:`forecasting.probabilities`: middle and range per target and origin, and each model's own."""
    table = headline_probability(probabilities)
    newest = table.groupby("series")["origin"].max()
    rows: list[dict[str, Any]] = []
    for target in table.to_dict("records"):
        stem, metals, base = _stem(target)
        late, event = target["origin"] == newest[target["series"]], _event(target)
        key = f"{stem}.probability{metals}"
        variant = _variant(base, "" if late else f"origin_{target['origin']:%Y-%m}")
        middle = {name: target[name] for name in ("value", "low", "high")}
        rows.append({"result_id": f"{key}{variant}", **middle, **event})
        if late and not base:
            rows.append({"result_id": f"{key}_low", "value": target["low"], **event})
            rows.append({"result_id": f"{key}_high", "value": target["high"], **event})
    heads = {"2035 at 2 × 2024", "2030 at 1.5 × 2024"}
    own = probabilities[probabilities["target"].isin(heads)]
    own = own[own["origin"] == own["series"].map(newest)]
    for chance in own.to_dict("records"):
        stem, metals, _ = _stem(chance)
        key = f"{stem}.probability{metals}.{chance['family']}"
        rows.append({"result_id": key, "value": chance["probability"], **_event(chance)})
    return pd.DataFrame(rows).assign(tolerance=PROBABILITY_TOLERANCE)


def coverage_rows(coverage: pd.DataFrame) -> pd.DataFrame:
    """Measured coverage of :func:`backtests.forecast_coverage` at the published horizons; a table shows them all."""
    shown = coverage[coverage["horizon_years"].isin(COVERAGE_HORIZONS)]
    rows = []
    for row in shown[shown["series"].isin(COVERAGE_SERIES)].to_dict("records"):
        years, level = row["horizon_years"], row["level"]
        stem = f"{row['family']}.{row['series']}.{years}y"
        rows.append((f"trade.coverage.{stem}.level_{level:.0%}".rstrip("%"), row["coverage"]))
        if years == MIDDLE_HORIZON and level == shown["level"].min():
            rows.append((f"trade.above_median.{stem}", row["above_median"]))
    longest = coverage[coverage["horizon_years"] == coverage["horizon_years"].max()].iloc[0]
    years = longest["horizon_years"]
    rows.append((f"trade.backtest_origins.{years}y", longest["windows"]))
    rows.append((f"trade.backtest_independent.{years}y", longest["independent"]))  # spans that do not overlap
    return pd.DataFrame(rows, columns=["result_id", "value"]).assign(tolerance=COVERAGE_TOLERANCE)


def _stem(row: Mapping[Any, Any]) -> tuple[str, str, str]:
    stem, metals = TARGET_IDS[row["series"]]
    return f"{stem}.{row['year']}", metals, BASE_VARIANTS.get(row["target"], "")


def _variant(*parts: str) -> str:
    """The last part of an identifier: what sets a number apart, joined to one word; empty for the headline."""
    variant = "_".join(part for part in parts if part)
    return f".{variant}" if variant else ""


def _event(row: Mapping[Any, Any]) -> dict[str, str]:
    """What a chance is of, as its label says it."""
    times, _, base = row["target"].partition(" at ")[2].partition(" × ")
    return {"series": row["series"], "reached": times, "base": base, "seen": f"{row['origin']:%B %Y}"}


def verdict(chances: pd.DataFrame) -> str:
    """What the models say together about doubling exports outside the United States, from the newest origin.

    `chances`: :func:`tradeexposure.econometrics.time_series.forecasting.probabilities`; every model and base year
    counts.
    """
    newest = chances.query("series == 'non_us'").query("origin == origin.max()")["probability"]
    outcome = "exports outside the United States will double by 2035"
    if newest.between(*UNDECIDED).all():
        return f"The figures cannot tell whether {outcome}"
    if newest.max() < UNDECIDED[0]:
        return f"No model sees a chance that {outcome}"
    if newest.min() > UNDECIDED[1]:
        return f"All models expect that {outcome}"
    return f"The models disagree on whether {outcome}"
