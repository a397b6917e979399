"""Which numbers of the trade map are published, under which identifier: frames for ``results.Book.add_frame``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from tradeexposure.econometrics.time_series import forecasting
from tradeexposure.reporting import chart_style
from tradeexposure.reporting.result_rows import latest, sourced_rows, written_whole
from tradeexposure.trade import flows

#: Series that has a target → start of its identifiers and the variant its metals make.
TARGET_IDS = {
    "non_us": ("trade.double_non_us", ""),
    "non_us_ex_precious_metals": ("trade.double_non_us", "_ex_precious_metals"),
    "china": ("trade.china_target", ""),
}
#: What sets a target apart from the headline target of its year.
BASE_VARIANTS = {"2035 at 2 × 2025": "base_2025", "2030 at 1.5 × 2025": "base_2025"}
MULTIPLES = {"2": "twice", "1.5": "one and a half times"}
MODELS_SHOWN = "middle of three models; range over four"
NAMES = {
    "non_us": "exports outside the United States",
    "non_us_ex_precious_metals": "exports outside the United States without precious metals",
    "china": "exports to China",
}
#: Column of :func:`flows.newest` → name in identifiers, label.
WITH_PARTNERS = {
    "exports_china_cad": ("exports_china", "Exports to China"),
    "imports_china_cad": ("imports_china", "Imports from China"),
    "exports_united_states_cad": ("exports_us", "Exports to the United States"),
    "imports_united_states_cad": ("imports_us", "Imports from the United States"),
}
BOUNDS = "customs basis; value: what the table does not name goes to countless small markets; low: it goes to one"
COVERAGE_HORIZONS, MIDDLE_HORIZON = (1, 5, 10), 5  # years
COVERAGE_SERIES = ("non_us", "china")
#: Chances between these decide nothing.
UNDECIDED = (0.1, 0.9)
PROBABILITY_DIGITS = 2
PROBABILITY_TOLERANCE = 0.01  # four standard errors of 40,000 draws, and another processor's last digit
COVERAGE_TOLERANCE = 0.06  # one of about nineteen origins may change sides on another processor


def share_rows(yearly: pd.DataFrame, *, years: tuple[int, ...]) -> pd.DataFrame:
    """Export shares with and without precious metals, import shares, and the metals' part in the last year's rise.

    `yearly` from :func:`flows.by_year`.
    """
    shares = flows.shares(yearly)
    quantities = {
        "us_share_of_exports": ("us_export_share", "US share of exports"),
        "non_us_share_of_exports": ("non_us_export_share", "Share of exports that goes elsewhere than the US"),
        "us_share_of_imports": ("us_import_share", "US share of imports"),
        "china_share_of_exports": ("china_export_share", "China's share of exports"),
        "china_share_of_imports": ("china_import_share", "China's share of imports"),
    }
    rows = []
    for year in years:
        for column, (name, label) in quantities.items():
            rows.append((f"trade.{name}.{year}", label, shares.at[year, column], str(year)))
            without = f"{column}_ex_precious_metals"
            if without in shares:
                suffix = f"trade.{name}.{year}.ex_precious_metals"
                rows.append((suffix, f"{label}, without precious metals", shares.at[year, without], str(year)))
    rows.append(_metals_in_rise(yearly, year=max(years)))
    return sourced_rows(pd.DataFrame(rows, columns=["result_id", "label", "value", "period"]).assign(unit="share"))


def flow_rows(yearly: pd.DataFrame, *, years: tuple[int, ...]) -> pd.DataFrame:
    """Two-way trade with China, its two halves, and exports outside the United States by year (CAD)."""
    quantities = {
        "trade_china_cad": ("two_way_china", "Two-way trade with China"),
        "exports_china_cad": ("exports_china", "Exports to China"),
        "imports_china_cad": ("imports_china", "Imports from China"),
        "exports_non_us_cad": ("exports_non_us", "Exports outside the US"),
    }
    rows = [
        (f"trade.{name}.{year}", label, yearly.at[year, column], str(year))
        for year in years
        for column, (name, label) in quantities.items()
    ]
    return sourced_rows(
        pd.DataFrame(rows, columns=["result_id", "label", "value", "period"]).assign(unit="CAD", digits=4)
    )


def months_rows(newest: pd.DataFrame) -> pd.DataFrame:
    """Trade with China and the United States in the months held of the newest year, and its change on the year before.

    Parameters
    ----------
    newest : DataFrame
        :func:`flows.newest`.
    """
    months_held = latest(pd.Series(newest.index))
    months = pd.DatetimeIndex(newest.index)
    same = [
        newest[(months.year == year) & (months.month <= months_held.month)]
        for year in (months_held.year, months_held.year - 1)
    ]
    now, before = (part.sum(min_count=months_held.month) for part in same)
    when, rows = f"{months_held.span} {months_held.year}".strip(), []
    for column, (name, label) in WITH_PARTNERS.items():
        key = f"trade.{name}.{months_held.year}{months_held.suffix}"
        rows.append((key, f"{label}, {when}", now[column], "CAD", 4))
        change = now[column] / before[column] - 1
        rows.append((f"{key}.change_on_year", f"{label}, {when}, change on the year", change, "change", 3))
    frame = pd.DataFrame(rows, columns=["result_id", "label", "value", "unit", "digits"])
    return sourced_rows(frame.assign(period=", ".join(filter(None, (f"{months_held.year}", months_held.span)))))


def so_far(template: str, newest: pd.DataFrame) -> str:
    """A text about the newest year held, whether or not it is over (:meth:`Latest.fill`)."""
    return latest(pd.Series(newest.index)).fill(template)


def market_rows(markets: pd.DataFrame, *, years: tuple[int, ...]) -> pd.DataFrame:
    """Effective number of markets of :func:`flows.effective_markets`.

    The range runs between the two bounds; the value is the upper one, the nearer if no market that is not named is
    large, and label and method say so.
    """
    rows: list[tuple[Any, ...]] = []
    for year in years:
        low, high, rest = markets.loc[year, ["effective_markets_low", "effective_markets_high", "unnamed_share"]]
        label = "Effective number of export markets (upper bound; range: both bounds)"
        rows.append((f"trade.effective_markets.{year}", label, high, low, high, "effective number", str(year), BOUNDS))
        label = "Share of exports that goes to markets the table does not name"
        rows.append((f"trade.unnamed_export_share.{year}", label, rest, None, None, "share", str(year), None))
    columns = ["result_id", "label", "value", "low", "high", "unit", "period", "method"]
    return sourced_rows(pd.DataFrame(rows, columns=columns))


def break_rows(variants: pd.DataFrame, *, date: str) -> pd.DataFrame:
    """The break of :func:`flows.break_variants` over a year, placebos in the same month, with and without metals."""
    headline = variants[(variants["window_months"] == 12) & (variants["placebo_dates"] == "same month")]
    stem, rows, since = f"trade.us_export_share_break.{date}", [], f"{pd.Timestamp(date):%B %Y}"
    for metals, row in headline.set_index("metals").iterrows():
        suffix, variant = ("", "") if metals == "all goods" else (".ex_precious_metals", f", {metals}")
        quantities = {
            "": (
                "estimate",
                "points",
                f"Change of the US share of exports over the year from {since} on the year before",
            ),
            ".before": ("before", "share", f"US share of exports in the year before {since}"),
            ".after": ("after", "share", f"US share of exports in the year from {since}"),
            ".p_value": ("p_value", "pvalue", "Placebo p-value of that change, two-sided"),
            ".p_value_floor": ("floor", "pvalue", "Smallest p-value that the placebo dates allow"),
            ".placebos": ("placebos", "count", "Placebo dates"),
        }
        rows += [
            (f"{stem}{part}{suffix}", f"{label}{variant}", row[column], unit, 2 if unit == "pvalue" else 3)
            for part, (column, unit, label) in quantities.items()
        ]
    frame = pd.DataFrame(rows, columns=["result_id", "label", "value", "unit", "digits"])
    return written_whole(frame, frame["digits"])


def target_rows(targets: pd.DataFrame) -> pd.DataFrame:
    """Growth a year each target asks for, from its base and from the last full year, and its level (CAD)."""
    rows = []
    for row in targets.to_dict("records"):
        stem, metals, base = _stem(row)
        name = NAMES[row["series"]]
        what = f"{row['target']}: {name}"
        if not metals:
            variant, growth = _variant(base), f"Growth a year that the target asks for, {what}"
            rows.append((f"{stem}.required_growth{variant}", growth, row["required_growth"], "change per year"))
            rows.append((f"{stem}.level{variant}", f"Level the target asks for, {what}", row["target_cad"], "CAD"))
        last = f"Growth a year that is left to do from the last full year, {what}"
        variant = _variant(base, metals.removeprefix("_"))
        pace = row["required_growth_from_last"]
        rows.append((f"{stem}.required_growth_left{variant}", last, pace, "change per year"))
    return _dated(pd.DataFrame(rows, columns=["result_id", "label", "value", "unit"]))


def base_rate_rows(rates: pd.DataFrame) -> pd.DataFrame:
    """Share of past spans that did it, from :func:`flows.base_rates`."""
    stems = {name: stem for name, (stem, _) in TARGET_IDS.items()}
    suffixes = {name: metals.replace("_ex", ".ex", 1) for name, (_, metals) in TARGET_IDS.items()}
    rows = []
    for row in rates.to_dict("records"):
        name, years, period = row["series"], row["years"], row["period"]
        times = "doubled" if row["multiple"] == 2 else f"grew {row['multiple']:g}-fold"
        label = f"Share of rolling {years}-year spans in which {NAMES[name]} {times}"
        rows.append((f"{stems[name]}.base_rate_{years}y{suffixes[name]}", label, row["share"], "share", period))
        label = f"Growth a year in the middle rolling {years}-year span, {NAMES[name]}"
        key = f"{stems[name]}.past_growth_{years}y{suffixes[name]}"
        rows.append((key, label, row["median_growth"], "change per year", period))
        label = f"Rolling {years}-year spans that do not overlap, {NAMES[name]}"
        key = f"{stems[name]}.independent_spans_{years}y{suffixes[name]}"
        rows.append((key, label, row["independent"], "count", period))
        if pd.notna(row["latest_start"]):
            label = f"Year in which the last {years}-year span began of those in which {NAMES[name]} {times}"
            key = f"{stems[name]}.latest_start_{years}y{suffixes[name]}"
            rows.append((key, label, row["latest_start"], "year", period))
    return written_whole(pd.DataFrame(rows, columns=["result_id", "label", "value", "unit", "period"]), 3)


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
    rows = [row for target in table.to_dict("records") for row in _probability_rows(target, newest[target["series"]])]
    heads = {"2035 at 2 × 2024", "2030 at 1.5 × 2024"}
    own = probabilities[probabilities["target"].isin(heads)]
    own = own[own["origin"] == own["series"].map(newest)]
    for chance in own.to_dict("records"):
        stem, metals, _ = _stem(chance)
        label = f"{_event(chance)}, {chart_style.label(chance['family'])}"
        rows.append((f"{stem}.probability{metals}.{chance['family']}", label, chance["probability"], None, None))
    frame = pd.DataFrame(rows, columns=["result_id", "label", "value", "low", "high"])
    return _dated(frame).assign(unit="probability", digits=PROBABILITY_DIGITS, tolerance=PROBABILITY_TOLERANCE)


def coverage_rows(coverage: pd.DataFrame) -> pd.DataFrame:
    """Measured coverage of :func:`backtests.forecast_coverage` at the published horizons; a table shows them all."""
    shown = coverage[coverage["horizon_years"].isin(COVERAGE_HORIZONS)]
    rows = []
    for row in shown[shown["series"].isin(COVERAGE_SERIES)].to_dict("records"):
        years, level = row["horizon_years"], f"{row['level']:.0%}"
        forecast = f"{chart_style.label(row['family'])}, {NAMES[row['series']]}, {years} years ahead"
        stem = f"{row['family']}.{row['series']}.{years}y"
        label = f"Share of outcomes inside the {level} interval, {forecast}"
        rows.append((f"trade.coverage.{stem}.level_{level[:-1]}", label, row["coverage"], "share"))
        if years == MIDDLE_HORIZON and row["level"] == shown["level"].min():
            label = f"Share of outcomes above the middle of the forecast, {forecast}"
            rows.append((f"trade.above_median.{stem}", label, row["above_median"], "share"))
    rows += _origin_rows(coverage)
    frame = pd.DataFrame(rows, columns=["result_id", "label", "value", "unit"])
    return written_whole(frame.assign(tolerance=COVERAGE_TOLERANCE), 2)


def _origin_rows(coverage: pd.DataFrame) -> list[tuple[Any, ...]]:
    """How many origins stand behind the longest horizon, and how many of their spans do not overlap."""
    longest = coverage[coverage["horizon_years"] == coverage["horizon_years"].max()].iloc[0]
    years, stem = longest["horizon_years"], "trade.backtest"
    alone = f"Of the origins checked {years} years ahead, spans that do not overlap"
    return [
        (f"{stem}_origins.{years}y", f"Origins checked {years} years ahead", longest["windows"], "count"),
        (f"{stem}_independent.{years}y", alone, longest["independent"], "count"),
    ]


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """With the target's year, which stands in the identifier, as the period."""
    return frame.assign(period=frame["result_id"].str.extract(r"\.(20\d\d)\.", expand=False))


def _metals_in_rise(yearly: pd.DataFrame, *, year: int) -> tuple[Any, ...]:
    """How much of the rise of exports outside the United States in `year` was precious metals."""
    change = yearly.loc[[year - 1, year]].diff().loc[year]
    rest = change["exports_non_us_ex_precious_metals_cad"] / change["exports_non_us_cad"]
    label = f"Share of precious metals in the rise of exports outside the US, {year}"
    return f"trade.non_us_export_rise.{year}.share_precious_metals", label, 1 - rest, str(year)


def _stem(row: Mapping[Any, Any]) -> tuple[str, str, str]:
    stem, metals = TARGET_IDS[row["series"]]
    return f"{stem}.{row['year']}", metals, BASE_VARIANTS.get(row["target"], "")


def _variant(*parts: str) -> str:
    """The last part of an identifier: what sets a number apart, joined to one word; empty for the headline."""
    variant = "_".join(part for part in parts if part)
    return f".{variant}" if variant else ""


def _event(row: Mapping[Any, Any]) -> str:
    times, _, base = row["target"].partition(" at ")[2].partition(" × ")
    level = f"{MULTIPLES[times]} their value of {base}"
    return f"Chance that {NAMES[row['series']]} reach {level} in {row['year']}, seen from {row['origin']:%B %Y}"


def _probability_rows(row: Mapping[Any, Any], newest: pd.Timestamp) -> Iterator[tuple[Any, ...]]:
    stem, metals, base = _stem(row)
    late = row["origin"] == newest
    variant = _variant(base, "" if late else f"origin_{row['origin']:%Y-%m}")
    event = _event(row)
    yield f"{stem}.probability{metals}{variant}", f"{event} ({MODELS_SHOWN})", row["value"], row["low"], row["high"]
    if late and not base:
        yield f"{stem}.probability{metals}_low", f"{event}, lowest of four models", row["low"], None, None
        yield f"{stem}.probability{metals}_high", f"{event}, highest of four models", row["high"], None, None


def verdict(chances: pd.DataFrame) -> str:
    """What the models say together about doubling exports outside the United States, from the newest origin.

    Parameters
    ----------
    chances : DataFrame
        :func:`tradeexposure.econometrics.time_series.forecasting.probabilities`; every model and base year counts.
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
