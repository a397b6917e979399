"""The numbers that the canola trade notebook (30) publishes; their words stand in ``data/results``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import export_values
from tradeexposure.canola.exposure.grain_exports import OTHER
from tradeexposure.canola.trade_effect.effects import Term, VolumeEffect
from tradeexposure.canola.trade_effect.placebo_cells import Baselines
from tradeexposure.canola.trade_effect.shortfall import (
    CRUSH,
    VolumePaths,
    median_range,
    share_taken,
    value_cad,
)
from tradeexposure.canola.trade_effect.study import measured_share
from tradeexposure.core.text import listing
from tradeexposure.data.geography import CHINA
from tradeexposure.data.periods import Months
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.poisson.fit import PoissonFit
from tradeexposure.econometrics.time_series.months import Span
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.econometrics.treatment_effects.synthetic_did import Tested
from tradeexposure.policy import studies
from tradeexposure.policy.studies import Episode
from tradeexposure.reporting.result_rows import named_rows, result_rows

VARIANTS = {"long_baseline": ", long baseline", "uncapped": ", path without caps",
            "baseline_to_2018_02": ", baseline to February 2018"}  # fmt: skip
OWN_BASELINE = ("baseline_to_2018_02",)  # variants that no chosen baseline reaches
Episodes = Mapping[str, Episode]
PART_NAMES = {"china_kt": "Seed to China", "others_kt": "Seed to other destinations", "crush_kt": "Crushed at home",
              "residual_kt": "Stocks, feed, seed and other", "harvest_kt": "Harvest"}  # fmt: skip

STEMS = {"log effect": "canola.trade_effect.{}", "log effect, full diversion": "canola.trade_effect.{}.full_diversion",
         "shortfall in prediction errors": "canola.shortfall_kt.{}"}  # fmt: skip
SIMULATION_TOLERANCE = 0.01  # of the interval: draws repeat with the seed, their last bits may not

PATH_NAMES = {"structural": "{name}, structural, {months} months", "sarimax": "{name}, SARIMAX, {months} months"}
MODELS_IN_WORDS = {"structural": "structural time series", "sarimax": "SARIMAX"}
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
            "period": _named(episodes, key)[0],
            "method": "exact" if boundary else "measured" if identified else "full",
        })  # fmt: skip
    return pd.DataFrame(rows)


def regression_shortfalls(bounds: Mapping[str, Mapping[str, VolumeEffect]], episodes: Episodes) -> pd.DataFrame:
    """Seed that China did not buy as the regression has it, kt, where the share diverted was measured: at that share,
    and from all to none of it diverted.
    """
    rows = []
    for key, by_diversion in bounds.items():
        if key in episodes and "measured" in by_diversion:
            gap = {name: effect.counterfactual_kt - effect.actual_kt for name, effect in by_diversion.items()}
            rows.append({
                "result_id": f"canola.shortfall_kt.{key}.regression", "value": gap["measured"],
                "low": min(gap.values()), "high": max(gap.values()), "period": episodes[key].months,
            })  # fmt: skip
    return pd.DataFrame(rows)


def terms(effects: Sequence[Term]) -> str:
    """Absorbed effects in words: ``destination by calendar month and month``."""
    names = [term if isinstance(term, str) else " by ".join(term) for term in effects]
    return listing([name.replace("_", " ") for name in names])


def robust_errors(fit: PoissonFit, episode: Episode, *, level: float) -> pd.DataFrame:
    """The effect without diversion with the range of the regression's standard error, which knows rows and no event."""
    value, error = float(fit.coefficients["treated"]), float(fit.std_errors["treated"])
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    ends = {"value": value, "low": value - reach, "high": value + reach}
    row = {"result_id": f"canola.trade_effect.{episode.key}.robust_errors", "period": episode.months, "level": level,
           "method": "clusters" if fit.n_clusters else "rows", "clusters": f"{fit.n_clusters}"}  # fmt: skip
    return pd.DataFrame([row | {name: float(np.expm1(end)) for name, end in ends.items()}])


def sample_words(sample: pd.DataFrame, fit: PoissonFit, episode: Episode) -> dict[str, str]:
    """What the regression of an episode rests on, for the answer: rows, destinations, months."""
    spans = " and ".join(map(studies.months_text, [*episode.baseline, episode.window]))
    return {
        "rows": f"{fit.n_obs:,}", "separated": f"{fit.n_separated:,}", "markets": f"{sample['destination'].nunique()}",
        "months": spans,
    }  # fmt: skip


def triple(frames: Mapping[str, pd.DataFrame], episodes: Episodes) -> pd.DataFrame:
    """Triple differences: by the first set of controls, the range over sets of controls and diversion."""
    rows = []
    for key, frame in frames.items():
        shown = "measured" if "measured" in frame else "full"
        whole = frame[[name for name in ("none", "measured", "full") if name in frame]].to_numpy(dtype=float)
        rows.append({
            "result_id": f"canola.trade_effect.{key}.triple_difference", "value": float(frame[shown].iloc[0]),
            "low": float(whole.min()), "high": float(whole.max()), "period": episodes[key].months,
            "controls": frame["controls"].iloc[0],
        })  # fmt: skip
    return pd.DataFrame(rows)


def shortfalls(
    paths: Mapping[str, VolumePaths], prices: pd.Series, episodes: Episodes, *, level: float, most_without: float
) -> pd.DataFrame:
    """Shortfall in kt and C$, share others took, and the change; keys such as ``2019``, ``2025.uncapped``."""
    rows = []
    for key, path in paths.items():
        shared = {"period": _named(episodes, key)[0], "level": level, "models": _models(path)}
        gap, value = path.gap(CHINA), value_cad(path, prices)
        rows += [
            {"result_id": f"canola.shortfall_kt.{key}", **median_range(gap, level=level), **shared},
            {"result_id": f"canola.shortfall_cad.{key}", **median_range(value, level=level), **shared},
        ]
        if key != "2025_seed" and not key.endswith("uncapped"):
            known = measured_share(path, most_without=most_without) is not None
            doubt = {"method": "capped" if known else "not_identified", "share": f"{(gap <= 0).mean():.0%}"}
            rows += [
                {"result_id": f"canola.diversion_share.{key}",
                 **median_range(share_taken(path, [OTHER]), level=level), **shared, **doubt},
                {"result_id": f"canola.trade_effect.{key}.counterfactual",
                 **median_range(path.change(CHINA), level=level), **shared},
            ]  # fmt: skip
    return _with_tolerance(pd.DataFrame(rows))


def _models(path: VolumePaths) -> str:
    """``structural time series and SARIMAX``."""
    return listing([MODELS_IN_WORDS.get(model, model) for model in path.fits])


def case_table(
    paths: Mapping[Span, Mapping[str, VolumePaths]], *, placebo_span: Sequence[str], level: float
) -> pd.DataFrame:
    """Seed to China above its path, by span and baseline; from :func:`study.case_paths`."""
    rows = [
        {
            "span": studies.months_text(span),
            "placebo": list(span) == list(placebo_span),
            "baseline": baseline,
            "models": _models(path),
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
        "period": keyed["span"], **{name: keyed[name] for name in ("models", "value", "low", "high", "level")},
    }))  # fmt: skip


def accounting(changes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Changes of the parts of each crop year; from :func:`study.crop_year_changes`."""
    rows = [
        {
            "result_id": f"canola.accounting_{record['part']}.crop_year_{year.replace('-', '_')}",
            "value": record["change_kt"],
            "period": f"crop year {year}",
        }
        for year, frame in changes.items()
        for record in frame.to_dict("records")
    ]
    return pd.DataFrame(rows)


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
            parts.append(_pair(f"{STEMS[record['statistic']].format(key)}.", record, months=episodes[key].months))
    for record, name in zip(years.to_dict("records"), ("other_years", "cells_and_years"), strict=True):
        parts.append(_pair(f"canola.trade_effect.2019.{name}_", record))
    return pd.concat(parts, ignore_index=True)


def _pair(stem: str, record: Mapping[Any, Any], **fills: str) -> pd.DataFrame:
    """A p-value, and the smallest possible one where the test is exact."""
    numbers = {"p_value": record["p_value"], "p_floor": record["floor"]}
    shown = {name: value for name, value in numbers.items() if pd.notna(value)}
    return named_rows(shown, f"{stem}{{name}}", count=str(record["count"]), **fills)


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
                "value": effect.change,
                "low": float(np.expm1(low)),
                "high": float(np.expm1(high)),
                "period": episodes[key].months,
            }
        )
    return pd.DataFrame(rows).assign(level=level)


def spec_curve(frame: pd.DataFrame, episodes: Episodes) -> pd.DataFrame:
    """Quantiles and size of the specification curve."""
    numbers = specification_curve.summary(frame)
    del numbers["share_negative"]
    numbers["share_middle"] = float(frame["estimate"].between(-4 / 5, -2 / 3).mean())
    return named_rows(numbers, "canola.trade_spec_curve.2019.{name}", period=episodes["2019"].months)


def precedent(soybeans: Mapping[str, float], monthly: VolumeEffect) -> pd.DataFrame:
    """Soybeans to China: volumes, the effect of 2019 by year and by month, its rank."""
    effect = "soybeans.trade_effect.2019"
    return pd.DataFrame([
        {"result_id": "soybeans.exports_china_kt.2018", "value": soybeans["before_kt"]},
        {"result_id": "soybeans.exports_china_kt.2019", "value": soybeans["after_kt"]},
        {"result_id": effect, "value": soybeans["none"], "low": soybeans["none"], "high": soybeans["full"]},
        {"result_id": f"{effect}.p_value", "value": soybeans["p_value"]},
        {"result_id": f"{effect}.p_floor", "value": soybeans["floor"]},
        {"result_id": f"{effect}.monthly", "value": monthly.change},
    ])  # fmt: skip


def shares(paths: Mapping[str, VolumePaths], *, most_without: float) -> dict[str, float | None]:
    """Measured share of diversion by episode; None where it is not identified."""
    return {key: measured_share(path, most_without=most_without) for key, path in paths.items()}


def coverage(shares: Mapping[str, float], episodes: Episodes, *, level: float) -> pd.DataFrame:
    """Share of placebo cells that the intervals of their own paths hold, by episode."""
    return pd.DataFrame([
        {"result_id": f"canola.path_coverage.{key}", "value": value, "period": episodes[key].months,
         "interval": f"{level:.0%}"}
        for key, value in shares.items()
    ]).assign(tolerance=1.1 * 0.04)  # fmt: skip


def crush_rise(paths: Mapping[str, VolumePaths], episodes: Episodes, *, level: float) -> pd.DataFrame:
    """Home crush above its path over the months of an episode."""
    return _with_tolerance(pd.DataFrame([
        {"result_id": f"canola.crush_above_path_kt.{key}", "period": episodes[key].months, "models": _models(path),
         **median_range(-path.gap(CRUSH), level=level)}
        for key, path in paths.items()
    ]))  # fmt: skip


def synthetic_did(tested: Mapping[str, Tested], episodes: Episodes, *, level: float) -> pd.DataFrame:
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


def synthetic_did_table(
    tested: Mapping[str, Tested], episodes: Mapping[str, Episode], baselines: Baselines
) -> pd.DataFrame:
    """One row per episode and baseline, as ``figures.TABLES`` shows them."""
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


def settlement_steps(steps: pd.DataFrame, months: Months) -> pd.DataFrame:
    """The step of every product by value since the settlement, and what is usual for seed by volume."""
    now = steps[(steps["basis"] == export_values.VALUE) & (steps["year"] == months.first.year)]
    stem = f"canola.exports_step.{{product}}.{months.suffix}"
    value = result_rows(now, {stem: "step"}, when=months.words, period=months.period)
    span = f"{steps['year'].min()} to {steps.loc[steps['basis'] == export_values.VOLUME, 'year'].max()}"
    past = named_rows(export_values.usual_steps(steps), "canola.exports_step.seed.usual.{name}", period=span)
    return pd.concat([value, past], ignore_index=True)
