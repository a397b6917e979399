"""The numbers that the canola trade notebook (30) publishes: identifier, label, unit, method and tables of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure.crop_flows import OTHER
from tradeexposure.canola.trade_effect.effects import VolumeEffect
from tradeexposure.canola.trade_effect.shortfall import (
    CRUSH,
    VolumePaths,
    median_range,
    months_text,
    share_taken,
    value_cad,
)
from tradeexposure.canola.trade_effect.study import measured_share
from tradeexposure.core.provinces import CHINA
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.time_series.months import Span
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.policy import studies
from tradeexposure.policy.studies import Episode
from tradeexposure.reporting.result_rows import curve_rows, placebo_rows

EXPORTS = "grain_exports_monthly"
SUPPLY = "canola_crush_monthly; field_crops_annual; canola_crop_2025; canola_balance_forecasts"
PPML = "Poisson regression, destination by calendar month and month effects; at the share diverted that was measured"
PPML_FULL = "Poisson regression as for 2019; value: bound of full diversion, the share diverted is not identified"
OVER_DIVERSION = "range: none to all of the shortfall diverted to the other destinations"
PATH = "structural time series and SARIMAX fitted before, equally weighted; China's path capped by supply"
NOT_IDENTIFIED = "not identified: the shortfall is none or negative in {:.0%} of draws"
VARIANTS = {"long_baseline": ", long baseline", "uncapped": ", path without caps",
            "baseline_to_2018_02": ", baseline to February 2018"}  # fmt: skip
OWN_BASELINE = ("baseline_to_2018_02",)  # variants that no chosen baseline reaches
Episodes = Mapping[str, Episode]
PART_NAMES = {"china_kt": "Seed to China", "others_kt": "Seed to other destinations", "crush_kt": "Crushed at home",
              "residual_kt": "Stocks, feed, seed and other", "harvest_kt": "Harvest"}  # fmt: skip

STEMS = {"log effect": "trade_effect.{}", "log effect, full diversion": "trade_effect.{}.full_diversion",
         "shortfall in prediction errors": "shortfall_kt.{}"}  # fmt: skip
SIMULATION_TOLERANCE = 0.01  # of the interval: draws repeat with the seed, their last bits may not

PATH_NAMES = {"structural": "{name}, structural, {months} months", "sarimax": "{name}, SARIMAX, {months} months"}
PARAMETERS = {"heading": "Parameter", "level": "Level μ", "structural": "Size of v beside u",
              "sarimax": "ρ, from month to month", "shock": "Shock u, one standard deviation",
              "wave": "Season, {letter}({k})"}  # fmt: skip


def _named(episodes: Episodes, key: str) -> tuple[str, str]:
    """Months of an episode, and the same with the variant that stands behind a dot in `key`."""
    episode, _, variant = key.partition(".")
    declared = episodes[episode]
    period = studies.months_text(declared.window) if variant in OWN_BASELINE else declared.months
    return period, period + VARIANTS.get(variant, "")


def path_parameters(paths: Mapping[str, VolumePaths], episodes: Episodes) -> pd.DataFrame:
    """Fits behind China's paths: a parameter in words and, for each episode and model, its mean over the grid."""
    columns = {}
    for key, episode in episodes.items():
        for model, fits in paths[key].fits.items():
            fit = fits[CHINA]
            level, *season = fit.weights @ fit.coefficients
            column = PATH_NAMES[model].format(name=episode.name, months=len(fit.whitened))
            columns[column] = {
                PARAMETERS["level"]: level,
                **{PARAMETERS[name]: fit.weights @ fit.shapes if name == model else np.nan for name in PATH_NAMES},
                PARAMETERS["shock"]: np.sqrt(fit.weights @ fit.scales),
                **{PARAMETERS["wave"].format(letter="ab"[place % 2], k=place // 2 + 1): coefficient
                   for place, coefficient in enumerate(season)},
            }  # fmt: skip
    return pd.DataFrame(columns).rename_axis(PARAMETERS["heading"]).reset_index()


def bounds_table(bounds: Mapping[str, Mapping[str, VolumeEffect]], episodes: Episodes) -> pd.DataFrame:
    """One row per episode: months, effect under each diversion, kt to China, rows of the regression."""
    rows = [
        {"key": key, "label": _named(episodes, key)[1],
         **{name: effect.change for name, effect in by_diversion.items()},
         "actual_kt": by_diversion["none"].actual_kt, "n_obs": by_diversion["none"].n_obs}
        for key, by_diversion in bounds.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def effects(bounds: Mapping[str, Mapping[str, VolumeEffect]], episodes: Episodes) -> pd.DataFrame:
    """Effects on the volume to China with bounds over diversion; at the boundary −1 and no range."""
    rows = []
    for key, by_diversion in bounds.items():
        boundary, identified = by_diversion["none"].boundary, "measured" in by_diversion
        changes = [effect.change for effect in by_diversion.values()]
        rows.append({
            "result_id": f"canola.trade_effect.{key}",
            "value": by_diversion["measured" if identified else "full"].change,
            "low": None if boundary else min(changes), "high": None if boundary else max(changes),
            "label": f"Effect on seed to China, {_named(episodes, key)[1]}", "period": _named(episodes, key)[0],
            "method": "exact zero, no standard error" if boundary
            else f"{PPML if identified else PPML_FULL}; {OVER_DIVERSION}",
        })  # fmt: skip
    return pd.DataFrame(rows).assign(unit="change", tables=f"{EXPORTS}; {SUPPLY}")


def triple(frames: Mapping[str, pd.DataFrame], episodes: Episodes) -> pd.DataFrame:
    """Triple differences: wheat and barley as controls, the range over sets of controls and diversion."""
    rows = []
    for key, frame in frames.items():
        shown = "measured" if "measured" in frame else "full"
        whole = frame[[name for name in ("none", "measured", "full") if name in frame]].to_numpy(dtype=float)
        rows.append({
            "result_id": f"canola.trade_effect.{key}.triple_difference", "value": float(frame[shown].iloc[0]),
            "low": float(whole.min()), "high": float(whole.max()), "period": episodes[key].months,
            "label": f"Effect on seed to China against other crops, {episodes[key].months}",
        })  # fmt: skip
    method = ("crop by destination by month against wheat and barley, full diversion where its share is not measured; "
              "range: over sets of controls and diversion")  # fmt: skip
    return pd.DataFrame(rows).assign(unit="change", tables=EXPORTS, method=method)


def shortfalls(
    paths: Mapping[str, VolumePaths], prices: pd.Series, episodes: Episodes, *, level: float, most_without: float
) -> pd.DataFrame:
    """Shortfall in kt and C$, share others took, and the change; keys such as ``2019``, ``2025.uncapped``."""
    rows = []
    for key, path in paths.items():
        period, name = _named(episodes, key)
        method = f"{PATH.split(';')[0]}; paths not capped" if key.endswith("uncapped") else PATH
        shared = {"period": period, "method": method, "tables": f"{EXPORTS}; {SUPPLY}", "level": level}
        money = f"{shared['tables']}; canola_price_prairies_monthly"
        rows += [
            {"result_id": f"canola.shortfall_kt.{key}", "unit": "kilotonnes",
             "label": f"Seed China did not buy, {name}", **median_range(path.gap(CHINA), level=level), **shared},
            {"result_id": f"canola.shortfall_cad.{key}", "unit": "CAD",
             "label": f"Seed China did not buy, at Prairie farm prices, {name}",
             **median_range(value_cad(path, prices), level=level), **shared, "tables": money},
        ]  # fmt: skip
        if key != "2025_seed" and not key.endswith("uncapped"):
            known = measured_share(path, most_without=most_without) is not None
            doubt = "" if known else NOT_IDENTIFIED.format((path.gap(CHINA) <= 0).mean())
            rows += [
                {"result_id": f"canola.diversion_share.{key}", "unit": "share",
                 "label": f"Share of the shortfall others took{'' if known else ' (not identified)'}, {name}",
                 **median_range(share_taken(path, [OTHER]), level=level), **shared, "method": doubt or PATH},
                {"result_id": f"canola.trade_effect.{key}.counterfactual", "unit": "change",
                 "label": f"Effect on seed to China against its own path, {name}",
                 **median_range(path.change(CHINA), level=level), **shared},
            ]  # fmt: skip
    return _with_tolerance(pd.DataFrame(rows))


def case_table(
    paths: Mapping[Span, Mapping[str, VolumePaths]], *, placebo_span: Sequence[str], level: float
) -> pd.DataFrame:
    """Seed to China above its path, by span and baseline; from :func:`study.case_paths`."""
    rows = [
        {
            "span": months_text(span),
            "placebo": list(span) == list(placebo_span),
            "baseline": baseline,
            **median_range(-path.gap(CHINA), level=level),
        }
        for span, group in paths.items()
        for baseline, path in group.items()
    ]
    return pd.DataFrame(rows)


def _with_tolerance(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with the difference that another machine may show: a small part of what the draws are uncertain by."""
    return rows.assign(tolerance=SIMULATION_TOLERANCE * (rows["high"] - rows["low"]))


def case_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Front-loading of 2024 and its placebo, both baselines; the short one is the headline."""
    keyed = table.assign(
        key=np.where(table["placebo"], "2024-08.placebo", np.where(table["baseline"] == "short", "2024", "2024.")),
        variant=np.where(
            table["baseline"] == "short", "", np.where(table["placebo"], "_long_baseline", "long_baseline")
        ),
    )
    return _with_tolerance(pd.DataFrame({
        "result_id": "canola.frontloading_kt." + keyed["key"] + keyed["variant"],
        "label": "Seed to China above its path, " + keyed["span"] + ", " + keyed["baseline"] + " baseline",
        "period": keyed["span"], **{name: keyed[name] for name in ("value", "low", "high", "level")},
    })).assign(unit="kilotonnes", method=PATH.split(";")[0], tables=EXPORTS)  # fmt: skip


def accounting(changes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Changes of the parts of each crop year; from :func:`study.crop_year_changes`."""
    rows = [
        {
            "result_id": f"canola.accounting_{record['part']}.crop_year_{year.replace('-', '_')}",
            "label": f"{PART_NAMES[record['part']]}, crop year {year}, change from usual",
            "value": record["change_kt"],
            "period": f"crop year {year}",
        }
        for year, frame in changes.items()
        for record in frame.to_dict("records")
    ]
    tables = f"{EXPORTS}; canola_crush_monthly; field_crops_annual"
    method = "harvest less uses; the residual closes it"
    return pd.DataFrame(rows).assign(unit="kilotonnes", method=method, tables=tables)


def accounting_table(changes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All crop years one above the other, parts as a reader names them."""
    parts = [frame.assign(crop_year=year, part=frame["part"].map(PART_NAMES)) for year, frame in changes.items()]
    return pd.concat(parts, ignore_index=True)


def triple_table(frames: Mapping[str, pd.DataFrame], episodes: Episodes) -> pd.DataFrame:
    """All episodes one above the other, with `label`."""
    return pd.concat([frame.assign(label=episodes[key].months) for key, frame in frames.items()], ignore_index=True)


def tests_table(tests: Mapping[str, pd.DataFrame], years: pd.DataFrame, episodes: Episodes) -> pd.DataFrame:
    """The tests of several episodes one above the other with `label`, and those over years last."""
    parts = [frame.assign(label=episodes[key].months) for key, frame in tests.items()]
    return pd.concat([*parts, years.assign(label=episodes["2019"].months)], ignore_index=True)


def p_values(tests: Mapping[str, pd.DataFrame], years: pd.DataFrame, episodes: Episodes) -> pd.DataFrame:
    """Two-sided p-values with their floors: effect, and shortfall in prediction errors, by episode; other years."""
    parts = []
    for key, frame in tests.items():
        for record in frame.to_dict("records"):
            stem = STEMS[record["statistic"]].format(key)
            parts.append(_pair(f"canola.{stem}.", record, f"{record['statistic']}, {episodes[key].months}"))
    for record, name in zip(years.to_dict("records"), ("other_years", "cells_and_years"), strict=True):
        parts.append(_pair(f"canola.trade_effect.2019.{name}_", record, f"{record['statistic']}, 2019"))
    return pd.concat(parts, ignore_index=True).assign(tables=EXPORTS)


def _pair(stem: str, record: Mapping[Any, Any], label: str) -> pd.DataFrame:
    """A p-value, and the smallest possible one where the test is exact."""
    method = f"permutation among {record['count']} placebos"
    weaker = f"descriptive, no exact test: {method} that share shocks"
    exact, numbers = pd.notna(record["floor"]), {"p_value": (record["p_value"], f"Placebo p-value of the {label}")}
    if exact:
        numbers["p_floor"] = (record["floor"], f"Smallest value it can take: {label}")
    return placebo_rows(numbers, result_id=f"{stem}{{name}}", label="{words}", method=method if exact else weaker)


def randomisation(
    effects: Mapping[str, VolumeEffect], placebos: Mapping[str, pd.DataFrame], episodes: Episodes, *, level: float
) -> pd.DataFrame:
    """Effects without diversion by episode, with the effects that the placebo cells do not reject."""
    rows = []
    for key, effect in effects.items():
        low, high = placebo.interval(effect.log_effect, placebos[key]["log_effect"], level=level)
        rows.append(
            {
                "result_id": f"canola.trade_effect.{key}.randomisation",
                "label": f"Effect on seed to China with its randomisation interval, {episodes[key].months}",
                "value": effect.change,
                "low": float(np.expm1(low)),
                "high": float(np.expm1(high)),
                "period": episodes[key].months,
            }
        )
    method = "Poisson regression without diversion; interval: inverted permutation test over cells"
    return pd.DataFrame(rows).assign(unit="change", level=level, method=method, tables=EXPORTS)


def spec_curve(frame: pd.DataFrame, episodes: Episodes) -> pd.DataFrame:
    """Quantiles and size of the specification curve."""
    middle = float(frame["estimate"].between(-4 / 5, -2 / 3).mean())
    labels = {
        "median": "Median", "q25": "Lower quartile", "q75": "Upper quartile", "low": "Largest fall",
        "high": "Smallest fall", "n": "Number", "share_middle": "Share from minus four fifths to minus two thirds",
    }  # fmt: skip
    return curve_rows(
        {**vars(specification_curve.summary(frame)), "share_middle": middle}, names=labels, digits=3,
        result_id="canola.trade_spec_curve.2019",
        label=f"{{words}} over specifications, effect of {episodes['2019'].name}",
    ).assign(period=episodes["2019"].months, method="specification curve", tables=f"{EXPORTS}; {SUPPLY}")  # fmt: skip


def precedent(soybeans: Mapping[str, float], monthly: VolumeEffect) -> pd.DataFrame:
    """Soybeans to China: volumes, the effect of 2019 by year and by month, its rank."""
    table = "soybean_exports_canada_annual"
    method = "Poisson regression, importer and year effects; range: none to full diversion"
    rows = [
        ("soybeans.exports_china_kt.2018", "Soybeans to China, 2018", soybeans["before_kt"], "kilotonnes", table),
        ("soybeans.exports_china_kt.2019", "Soybeans to China, 2019", soybeans["after_kt"], "kilotonnes", table),
        ("soybeans.trade_effect.2019", "Effect on soybeans to China, 2019", soybeans["none"], "change", table),
        ("soybeans.trade_effect.2019.p_value", "Placebo p-value among importers", soybeans["p_value"], "pvalue", table),
        ("soybeans.trade_effect.2019.p_floor", "Smallest value it can take", soybeans["floor"], "pvalue", table),
        ("soybeans.trade_effect.2019.monthly", "Effect on soybeans to China, licensed facilities", monthly.change,
         "change", EXPORTS),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["result_id", "label", "value", "unit", "tables"])
    first = frame["result_id"] == "soybeans.trade_effect.2019"
    return frame.assign(low=np.where(first, soybeans["none"], np.nan), high=np.where(first, soybeans["full"], np.nan),
                        method=method, period="2019")  # fmt: skip


def shares(paths: Mapping[str, VolumePaths], *, most_without: float) -> dict[str, float | None]:
    """Measured share of diversion by episode; None where it is not identified."""
    return {key: measured_share(path, most_without=most_without) for key, path in paths.items()}


def coverage(shares: Mapping[str, float], episodes: Episodes, *, level: float) -> pd.DataFrame:
    """Share of placebo cells that the intervals of their own paths hold, by episode."""
    return pd.DataFrame([
        {"result_id": f"canola.path_coverage.{key}", "value": value, "period": episodes[key].months,
         "label": f"Placebo cells inside the {level:.0%} interval of their path, {episodes[key].months}"}
        for key, value in shares.items()
    ]).assign(unit="share", method="paths without caps, total of the window", tables=EXPORTS,
              tolerance=1.1 * 0.04)  # fmt: skip


def crush_rise(paths: Mapping[str, VolumePaths], episodes: Episodes, *, level: float) -> pd.DataFrame:
    """Home crush above its path over the months of an episode."""
    return _with_tolerance(pd.DataFrame([
        {"result_id": f"canola.crush_above_path_kt.{key}", "label": f"Crush above its path, {episodes[key].months}",
         "period": episodes[key].months, **median_range(-path.gap(CRUSH), level=level)}
        for key, path in paths.items()
    ])).assign(unit="kilotonnes", method=PATH, tables="canola_crush_monthly")  # fmt: skip
