"""Published numbers set beside ours, and growers' cost: frames and published rows of the canola price notebook."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure import incidence, price_comparison
from tradeexposure.core import units
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics import draws
from tradeexposure.econometrics.months import Window
from tradeexposure.price_results import PRICES, RECEIPTS
from tradeexposure.reporting.result_rows import result_rows, simulated

INCIDENCE = f"{RECEIPTS}; census_crop_farms; field_crops_annual"
COMPARISON = f"{PRICES}; grain_exports_monthly; canola_crush_monthly"
MILLION = 1e6
FUTURES = ("ICE canola futures immediate fall", "price fall almost immediately", "ICE canola over the week")


def cost_rows(costs: pd.DataFrame, *, years: str = "2019") -> pd.DataFrame:
    """Growers' cost by province and for Canada; `costs` from :func:`tradeexposure.incidence.grower_cost`."""
    rows = result_rows(
        costs, result_id="canola.grower_cost_cad.{place}." + years, label="Cost to canola growers: {geo}",
        value="cost_cad", low="low_cad", high="high_cad", unit="CAD", geography="{place}",
        method="−e/(1+e) × receipts of the window's parts of 2019 and 2020; negative is a gain",
    ).assign(level=draws.CONFIDENCE, tables=RECEIPTS, digits=2,
             period="2019-03 to 2020-02" if years == "2019" else "2019-03 to 2020-07")  # fmt: skip
    return simulated(rows)


def unit_rows(each: pd.DataFrame) -> pd.DataFrame:
    """Cost per farm and per hectare; `each` from :func:`tradeexposure.incidence.per_unit`."""
    farms = result_rows(
        each, result_id="canola.grower_cost_per_farm_cad.{place}.2019", label="Cost per canola farm: {geo}",
        value="cost_per_farm_cad", low="low_per_farm_cad", high="high_per_farm_cad", unit="CAD per farm",
        geography="{place}", method="farms of the 2021 Census",
    )  # fmt: skip
    land = result_rows(
        each.dropna(subset="area_ha"), result_id="canola.grower_cost_per_hectare_cad.{place}.2019",
        label="Cost per hectare of canola: {geo}", value="cost_per_hectare_cad", low="low_per_hectare_cad",
        high="high_per_hectare_cad", unit="CAD per hectare", geography="{place}", method="area seeded in 2019",
    )  # fmt: skip
    both = pd.concat([farms, land], ignore_index=True)
    named = both.assign(level=draws.CONFIDENCE, tables=INCIDENCE, digits=2, period="2019-03 to 2020-02")
    return simulated(named)


def province_rows(costs: pd.DataFrame, each: pd.DataFrame) -> pd.DataFrame:
    """:func:`cost_rows` and :func:`unit_rows` of the twelve months."""
    return pd.concat([cost_rows(costs), unit_rows(each)], ignore_index=True)


def longer_cost(receipts: pd.DataFrame, bounds: Mapping[str, float]) -> pd.DataFrame:
    """:func:`tradeexposure.incidence.grower_cost` of Canada over the seventeen months of the industry's figure."""
    held = incidence.window_receipts(receipts, years=incidence.YEARS_17_MONTHS)
    return incidence.grower_cost(held[held["place"] == "canada"], **bounds)


def comparison_rows(compared: pd.DataFrame) -> pd.DataFrame:
    """The industry's method here: median, lowest and highest cost over international prices and base periods."""
    cost = compared["cost_cad"]
    return pd.DataFrame([{
        "result_id": "canola.grower_cost_cad.canada.2019_17_months.price_comparison",
        "label": "Cost to canola growers by comparison with international prices", "value": cost.median(),
        "low": cost.min(), "high": cost.max(), "unit": "CAD", "period": " to ".join(price_comparison.MEASURED),
        "method": "range over international prices and base periods, not an interval", "tables": COMPARISON,
        "digits": 2,
    }])  # fmt: skip


def industry_figure(benchmarks: pd.DataFrame) -> tuple[float, float]:
    """The published cost to growers of 2019 to 2020 (CAD).

    Raises
    ------
    BadInput
        The study is not in the table.
    """
    rows = benchmarks[benchmarks["study"].str.startswith("LeftField") & (benchmarks["effect"] == "cost to growers")]
    if len(rows) != 1:
        raise BadInput("benchmarks_canola", "study", found=f"{len(rows)} rows", allowed="one row of cost to growers")
    return float(rows["low"].iloc[0]) * MILLION, float(rows["high"].iloc[0]) * MILLION


def published_study(benchmarks: pd.DataFrame) -> float:
    """The published price effect of 2019 by an error-correction model (share)."""
    rows = benchmarks[benchmarks["study"].str.startswith("Wells & Slade")]
    if len(rows) != 1:
        raise BadInput("benchmarks_canola", "study", found=f"{len(rows)} rows", allowed="one row of Wells & Slade")
    return float(rows["value"].iloc[0]) / 100


def published_rows(
    benchmarks: pd.DataFrame, compared: pd.DataFrame, cost_17: pd.DataFrame, effect_17: pd.DataFrame
) -> pd.DataFrame:
    """Cited figures, and the industry's seventeen months by its own method and by the headline model.

    Parameters
    ----------
    compared : DataFrame
        From :func:`tradeexposure.price_comparison.costs`.
    cost_17 : DataFrame
        :func:`tradeexposure.incidence.grower_cost` of Canada over the seventeen months.
    effect_17 : DataFrame
        :func:`tradeexposure.price_results.effect_rows` of the same months.
    """
    low, high = industry_figure(benchmarks)
    falls = futures_falls(benchmarks)
    rows = [
        {"result_id": "canola.price_effect.2019.wells_slade", "label": "Cited: Wells & Slade (2021)",
         "value": published_study(benchmarks), "unit": "change", "period": "2019-03 to 2020-02", "digits": 2},
        {"result_id": "canola.grower_cost_cad.canada.2019_17_months.leftfield", "label": "Cited: LeftField (2021)",
         "value": (low + high) / 2, "low": low, "high": high, "unit": "CAD", "period": "2019-03 to 2020-07",
         "digits": 3},
        {"result_id": "canola.futures_move_cad_per_tonne.2025-08", "label": "Cited: canola futures, August 2025",
         "value": falls.median(), "low": falls.min(), "high": falls.max(), "unit": "CAD per tonne", "period": "2025-08",
         "digits": 2},
    ]  # fmt: skip
    quoted = pd.DataFrame(rows).assign(method="cited, not estimated here", tables="benchmarks_canola")
    ours = [comparison_rows(compared), cost_rows(cost_17, years="2019_17_months"), effect_17.head(1)]
    return simulated(pd.concat([quoted, *ours], ignore_index=True).fillna({"geography": "canada"}))


def futures_day(benchmarks: pd.DataFrame) -> float:
    """The quoted one-day fall of futures after the announcement of March 2025 (share)."""
    rows = benchmarks[benchmarks["effect"] == "May ICE canola futures, one day"]
    return float(rows["value"].item()) / 100


def futures_falls(benchmarks: pd.DataFrame) -> pd.Series:
    """All quoted falls of the price in August 2025 (C$ per tonne)."""
    rows = benchmarks[benchmarks["effect"].isin(FUTURES)]
    return pd.concat([rows["value"], rows["low"], rows["high"]]).dropna()


def beside_published(benchmarks: pd.DataFrame, ours: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Published figures and ours in words, with what differs in data and method.

    Parameters
    ----------
    ours : DataFrame
        Published rows so far, from :meth:`tradeexposure.reporting.results_book.Book.frame`.
    window : Window
        That of 2019.
    """
    low, high = industry_figure(benchmarks)
    falls, stated = futures_falls(benchmarks), f"C${low / 1e9:.2f} to {high / 1e9:.1f} bn"
    share = window.months / len(pd.date_range(*price_comparison.MEASURED, freq="MS"))
    months, cost = " to ".join(price_comparison.MEASURED), "canola.grower_cost_cad.canada.2019_17_months"
    rows = [
        ("Wells & Slade (2021)", window.span, units.write(published_study(benchmarks), "change", 2),
         _written(ours, "canola.price_effect.2019"),
         "Also an error-correction model and a gap over the same months; only the abstract was seen: frequency, lags "
         "and covariates are unknown, no interval is stated there"),
        ("LeftField for the industry council (2021), its method", months, stated,
         _written(ours, f"{cost}.price_comparison"),
         "Comparison with international prices; which ones and which base it used is not known, so all are shown"),
        ("The same, by the model here", months, stated, _written(ours, cost),
         "Counterfactual over its seventeen months times receipts of these months"),
        ("The same, scaled to twelve of its seventeen months", window.span,
         units.write_range(low * share, high * share, "CAD", 2), _written(ours, "canola.grower_cost_cad.canada.2019"),
         "Scaling assumes that every month cost the same"),
        ("Market report on futures, one day in March 2025", "2025-03",
         units.write(futures_day(benchmarks), "change", 2), _written(ours, "canola.price_effect.2025_mar"),
         "One day against five months"),
        ("Market reports on futures", "2025-08",
         units.write_range(falls.min(), falls.max(), "CAD per tonne", 2),
         _written(ours, "canola.price_effect_cad_per_tonne.2025_aug"),
         "Days against seven months; futures against farm prices, which follow deliveries"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["study", "period", "published", "ours", "differs"])


def _written(ours: pd.DataFrame, result_id: str) -> str:
    row = ours[ours["result_id"] == result_id].iloc[0].to_dict()
    span = units.write_range(row["low"], row["high"], row["unit"], row["digits"])
    return f"{units.write(row['value'], row['unit'], row['digits'])} ({span})"
