"""The numbers and tables of the notebook that weighs the models of canola."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.market import draws
from tradeexposure.canola.weights import weights
from tradeexposure.canola.weights.bank import FINAL, FINAL_FIRST_YEAR, FIRST_YEAR, MEAL_ONLY, SEED_ONLY
from tradeexposure.canola.weights.calibration import Calibration
from tradeexposure.canola.weights.data_tables import bound_of, ranges
from tradeexposure.canola.weights.history import Normal
from tradeexposure.canola.weights.names import COLUMN_LABELS, FORMS, STEPS, as_published, id_of
from tradeexposure.canola.weights.study import Choice, WeightedStudy
from tradeexposure.core.arrays import Floats
from tradeexposure.econometrics.inference.draws import LEVEL
from tradeexposure.reporting.result_rows import simulated

GAIN, SIGMA, RIVALS = "canola.weights.gain_cad", "canola.substitution", "canola.rivals"
SHARE, ROWS, LARGEST = (f"canola.weights.{name}" for name in ("effective_share", "effective_rows", "largest"))
ERROR = "canola.weights.monte_carlo_error"
EVIDENCE, CHINA = "canola.weights.log_evidence", "canola.china_total_kt"
DRAWS = "of the draws"
METHOD = (
    "logit of origins in delivered cost, rivals between China and the rest by constant elasticity of transformation, "
    "solved for every joint draw; weighed by how likely each makes what was seen; range: 90% of the weighted draws"
)
PRIOR_METHOD = (
    "logit of origins in delivered cost, rivals between China and the rest by constant elasticity of transformation, "
    "solved for every joint draw of the priors; range: 90% of the draws"
)
TABLES = "grain_exports_monthly; canola_crush_monthly; canola_price_prairies_monthly; canola_ev_trade_value_monthly"
TOLD = "benchmarks_canola; china_seed_imports; rapeseed_world_balance"
ABOVE = (15, 50)
MEAL_WORDS = {"before": "before the duty", "under": "under the duty", "winter": "in the last winter under the duty",
              "after": "after the duty"}  # fmt: skip
DIGITS, KEPT = 2, 3  # of a gain: those that sentences and tables show, and those published
#: Column of the bank -> end of the identifier, and against what and when a gain is.
GAINS = {
    FIRST_YEAR: (".first_year", "over the duties of 2025 for good, first year"),
    FINAL: (".against_final_duty", "over the final duty on seed without a deal, after adjustment"),
    FINAL_FIRST_YEAR: (".against_final_duty.first_year", "over the final duty on seed without a deal, first year"),
    SEED_ONLY: (".seed_only", "over the duties of 2025 for good, seed's duty alone"),
    MEAL_ONLY: (".meal_only", "over the duties of 2025 for good, meal's duty alone"),
}
#: What rivals and China ship and buy: end of identifiers -> column of the bank's tonnes, words.
PLACES = {
    "deposit": "a year under the deposit that importers expected",
    "deal": "first year of the deal",
    "taxed": "a year under the whole deposit",
}
IN_2019 = "first year of the 2019 suspensions"
#: What a prediction is weighed by, where it is more than years.
SOURCES = {"figures_before_the_deal": "figures before the deal"}


def substitution(weighted: WeightedStudy) -> pd.DataFrame:
    """Elasticity between origins of seed: before the data, and by each set of data; parts above 15 and 50."""
    rows = []
    for name, (end, weighing) in STEPS.items():
        tail = ".prior" if name == "prior" else f".posterior{end}"
        rows.append(
            {
                "result_id": f"{SIGMA}{tail}",
                "unit": "ratio",
                "digits": 2,
                **_summary(weighted, weighted.substitution, name),
                "label": f"Elasticity between origins of seed, {weighing}",
            }
        )
        for limit in ABOVE:
            above = weights.probability(weighted.substitution > limit, weighted.weight[name])
            rows.append(
                {
                    "result_id": f"{SIGMA}.above_{limit}{end}",
                    "unit": "probability",
                    "value": above,
                    "digits": 2,
                    "label": f"Elasticity between origins of seed above {limit}, {weighing}",
                }
            )
    return _published(rows)


def gains(weighted: WeightedStudy) -> pd.DataFrame:
    """The gain of the deal by each set of data; by all of them against both counterfactuals and in the first year."""
    rows = [
        {
            "result_id": f"{GAIN}{end}",
            "unit": "CAD per year",
            "digits": DIGITS,
            "kept": KEPT,
            **_summary(weighted, weighted.gain, name),
            "label": f"Growers' gain from the deal over the duties of 2025 for good, after adjustment, {weighing}",
        }
        for name, (end, weighing) in STEPS.items()
    ]
    rows += [
        {
            "result_id": f"{GAIN}{end}",
            "unit": "CAD per year",
            "digits": DIGITS,
            "kept": KEPT,
            **_summary(weighted, weighted.bank.simulated[column].to_numpy(dtype=float), "all"),
            "label": f"Growers' gain from the deal {counterfactual}",
        }
        for column, (end, counterfactual) in GAINS.items()
    ]
    return _published(rows)


def variants(choices: Mapping[str, Choice], *, skip: Collection[str] = ()) -> pd.DataFrame:
    """The gain under other choices and the draws that count there, by end of the identifier; some are not published."""
    rows = []
    for name, choice in choices.items():
        if name in skip:
            continue
        gain = {"result_id": f"{GAIN}.{name}", "unit": "CAD per year", "digits": DIGITS, "kept": KEPT, **choice.summary,
                "label": f"Growers' gain from the deal, {choice.words}"}  # fmt: skip
        rows.append(gain)
        if choice.counted:
            rows.append({"result_id": f"{ROWS}.{name}", "unit": "count", "digits": 2, "value": choice.rows,
                         "label": f"Draws that count, {choice.words}"})  # fmt: skip
    return _published(rows)


def extremes(choices: Mapping[str, Choice]) -> pd.DataFrame:
    """The choices with the lowest and with the highest median gain; each label says which one it is."""
    ranked = sorted(choices.values(), key=lambda choice: choice.summary["value"])
    rows = [
        {
            "result_id": f"{GAIN}.{end}_variant",
            "unit": "CAD per year",
            "digits": DIGITS,
            "kept": KEPT,
            **choice.summary,
            "label": f"Growers' gain from the deal, {end} median of the defensible choices: {choice.words}",
        }
        for end, choice in (("lowest", ranked[0]), ("highest", ranked[-1]))
    ]
    return _published(rows)


def evidence(models: Mapping[str, tuple[str, WeightedStudy]]) -> pd.DataFrame:
    """Log of the mean likelihood of the same data under each model of rivals (name to words), by all and by official.

    A constant that their likelihoods leave out is common to all; only differences between models say anything. Also the
    gain by each model but the first, weighed by itself, and the draws that count there.
    """
    alone = {
        f"{name}_by_itself": Choice(f"rivals {label}, weighed by itself", weighted.gain, weighted.weight["all"])
        for name, (label, weighted) in list(models.items())[1:]
    }
    rows = [
        {
            "result_id": f"{EVIDENCE}.{name}{STEPS[step][0]}",
            "unit": "ratio",
            "digits": 3,
            "value": weights.log_evidence(weighted.likelihoods, weighted.steps[step]),
            "label": f"Log evidence up to a constant, {label}, {STEPS[step][1]}",
        }
        for step in ("all", "official")
        for name, (label, weighted) in models.items()
    ]
    return pd.concat([_published(rows), variants(alone)], ignore_index=True)


def wider(weighted: WeightedStudy) -> pd.DataFrame:
    """Gain and elasticity by all data, and the elasticity by official data, where the prior of the scale is wider."""
    weighing = "prior of the scale wider"
    end, official = STEPS["official"]
    rows = [
        {"result_id": f"{GAIN}.wider_scale", "unit": "CAD per year", "label": f"Growers' gain, {weighing}",
         "digits": DIGITS, "kept": KEPT, **_summary(weighted, weighted.gain, "all")},
        {"result_id": f"{SIGMA}.posterior.wider_scale", "unit": "ratio", "digits": 2,
         "label": f"Elasticity between origins of seed, {weighing}",
         **_summary(weighted, weighted.substitution, "all")},
        {"result_id": f"{SIGMA}.posterior.wider_scale{end}", "unit": "ratio", "digits": 2,
         "label": f"Elasticity between origins of seed, {weighing}, {official}",
         **_summary(weighted, weighted.substitution, "official")},
    ]  # fmt: skip
    return _published(rows)


def rivals(weighted: WeightedStudy) -> pd.DataFrame:
    """How far rivals turn seed to China, before the data and by each set of them."""
    values = {
        "turning": (weighted.turning, "ratio", "Rivals' elasticity of turning to China over that of their supply"),
        "reshuffling": (weighted.reshuffling, "share", "Rivals' reshuffling share, none apart and all one pool"),
    }
    rows = [
        {
            "result_id": f"{RIVALS}.{name}" + (".prior" if step == "prior" else f".posterior{end}"),
            "unit": unit,
            "digits": 2,
            **_summary(weighted, drawn, step),
            "label": f"{label}, {weighing}",
        }
        for name, (drawn, unit, label) in values.items()
        for step, (end, weighing) in STEPS.items()
    ]
    return _published(rows)


def tonnes(weighted: WeightedStudy, *, seen: Mapping[str, float], rivals_2019: float) -> pd.DataFrame:
    """Rivals' seed to China and China's seed from all, by episode, after weighing; and as told where it was, kt.

    Parameters
    ----------
    seen : mapping
        Episode to China's seed from all origins.
    """
    simulated = weighted.bank.simulated
    shipped = simulated.assign(
        rivals_base_kt=weighted.bank.parameters[draws.BASE[2]], rivals_2019_kt=np.exp(simulated["rivals_2019"])
    )
    columns = {
        f"{RIVALS}.to_china_kt.{name}": (f"Rivals' seed to China, {episode}", f"rivals_{name}_kt")
        for name, episode in {"base": "without a measure", **PLACES, "2019": IN_2019}.items()
    } | {
        f"{CHINA}.{name}": (f"China's seed from all origins, {episode}", f"china_{name}_kt")
        for name, episode in {**PLACES, "2019": IN_2019}.items()
    }
    rows = [
        {"result_id": key, "unit": "kilotonnes", "digits": 2, "label": label,
         **_summary(weighted, shipped[column].to_numpy(dtype=float), "all")}
        for key, (label, column) in columns.items()
    ]  # fmt: skip
    every = {f"{CHINA}.{name}": value for name, value in seen.items()} | {f"{RIVALS}.to_china_kt.2019": rivals_2019}
    reported = [
        {"result_id": f"{key}.seen", "unit": "kilotonnes", "digits": 3, "value": value,
         "label": f"{columns[key][0]}, as told"}
        for key, value in every.items()
    ]  # fmt: skip
    quoted = _published(reported).assign(method="as told by the trade, the press or a forecast", tables=TOLD)
    return pd.concat([_published(rows), quoted], ignore_index=True)


def effective(weighted: WeightedStudy) -> pd.DataFrame:
    """How many draws and which part of them count, and the largest weight, by each set of data; and how sure that makes
    the gain by all of them.
    """
    rows = []
    for name, (end, weighing) in STEPS.items():
        if name != "prior":
            weight = weighted.weight[name]
            values = {
                ROWS: ("count", weights.effective_rows(weight), 2, "Draws that count"),
                SHARE: ("share", weights.effective_share(weight), 2, f"Part {DRAWS} that counts"),
                LARGEST: ("share", float(weight.max()), 1, "Largest weight of one draw"),
            }
            rows += [
                {"result_id": f"{key}{end}", "unit": unit, "value": value, "digits": digits,
                 "label": f"{label}, {weighing}"}
                for key, (unit, value, digits, label) in values.items()
            ]  # fmt: skip
    return pd.concat([_published(rows), _monte_carlo(weighted)], ignore_index=True)


def _monte_carlo(weighted: WeightedStudy) -> pd.DataFrame:
    """Standard errors of the median gain by all data and of both ends of its range."""
    errors = weights.monte_carlo_errors(weighted.gain, weighted.weight["all"], level=LEVEL)
    names = {"low": ("low", "low end"), "value": ("median", "median"), "high": ("high", "high end")}
    rows = [
        {"result_id": f"{ERROR}.{name}", "unit": "CAD per year", "digits": 1, "value": errors[end],
         "label": f"Monte Carlo standard error of the {quantile} of growers' gain over the duties of 2025 for good"}
        for end, (name, quantile) in names.items()
    ]  # fmt: skip
    method = f"scatter of {weights.PARTS} equal parts of the draws over the square root of {weights.PARTS}"
    return _published(rows).assign(method=method)


def pulls(table: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """How far each datum moves the median gain, and the gain with it left out; of :func:`weights.pulls`."""
    rows: list[dict[str, Any]] = []
    for row in table.to_dict("records"):
        end, name = id_of(str(row["datum"])), labels[str(row["datum"])]
        rows.append(
            {
                "result_id": f"canola.weights.pull.{end}",
                "unit": "CAD per year",
                "value": row["pull"],
                "digits": 2,
                "label": f"What one datum alone does to the median gain: {name}",
            }
        )
        if np.isfinite(row["left_out"]):
            rows.append(
                {
                    "result_id": f"canola.weights.left_out.{end}",
                    "unit": "CAD per year",
                    "value": row["left_out"],
                    "low": row["left_out_low"],
                    "high": row["left_out_high"],
                    "level": LEVEL,
                    "digits": DIGITS,
                    "kept": KEPT,
                    "label": f"Growers' gain with one datum left out: {name}",
                }
            )
    return _published(rows)


def predictions(weighted: WeightedStudy, columns: Sequence[str], keys: Sequence[str], *, source: str) -> pd.DataFrame:
    """What draws weighed by other data say of an episode that they did not see."""
    weight = weights.combine(weighted.likelihoods, list(keys))
    rows = []
    for column in columns:
        values = as_published(column, weighted.bank.simulated[column].to_numpy(dtype=float))
        rows.append(
            {
                "result_id": f"canola.weights.predicted.{column}.{source}",
                "unit": FORMS[column][0],
                "digits": 2,
                **weights.summary(values, weight, level=LEVEL),
                "label": f"{COLUMN_LABELS[column]}, weighed by {SOURCES.get(source, source.replace('_', ' '))} alone",
            }
        )
    return _published(rows)


def calibration(tested: Calibration, names: Mapping[str, str]) -> pd.DataFrame:
    """Coverage of 90% ranges over synthetic histories, and the p-value of uniform ranks; `names` of the quantities."""
    rows = []
    for row in tested.coverage().to_dict("records"):
        name, quantity = str(row["quantity"]), names[str(row["quantity"])]
        rows += [
            {
                "result_id": f"canola.weights.calibration.{name}",
                "unit": "share",
                "value": row["coverage"],
                "digits": 3,
                "label": f"Synthetic histories whose {LEVEL:.0%} range holds the true {quantity}",
            },
            {
                "result_id": f"canola.weights.calibration.{name}.p_value",
                "unit": "pvalue",
                "value": row["p_value"],
                "digits": 2,
                "label": f"p of uniform ranks of the true {quantity}",
            },
        ]
    return _published(rows).assign(
        method=f"{len(tested.ranks)} synthetic histories from the priors; tests the code, not the model"
    )


def unweighed_ratios(spring_2026: float, springs: pd.Series, meal: Mapping[str, float]) -> pd.DataFrame:
    """What is shown and weighs nothing: seed exports of spring over winter, and the price of meal over soybean meal."""
    values = {
        "canola.weights.spring_ratio.2026": ("Seed exports, spring over winter, by value", spring_2026),
        "canola.weights.spring_ratio.lowest": ("The same in tonnes, lowest year", springs.min()),
        "canola.weights.spring_ratio.highest": ("The same in tonnes, highest year", springs.max()),
    }
    values |= {
        f"canola.meal_relative_price.{name}": (
            f"Meal's export value per tonne over soybean meal, {MEAL_WORDS[name]}",
            ratio,
        )
        for name, ratio in meal.items()
    }
    rows = [
        {"result_id": key, "label": label, "unit": "ratio", "value": float(value), "digits": 2}
        for key, (label, value) in values.items()
    ]
    return _published(rows).assign(method="as observed; weighs nothing")


def total_exports(weighted: WeightedStudy) -> pd.DataFrame:
    """Change of all seed exports under the deal; weighs nothing."""
    values = weighted.bank.simulated["total_change_kt"].to_numpy(dtype=float)
    label = "Change of all seed exports from the deal, first year, weighs nothing"
    return _published(
        [
            {
                "result_id": "canola.weights.total_exports_change_kt",
                "label": label,
                "unit": "kilotonnes",
                "digits": 2,
                **_summary(weighted, values, "all"),
            }
        ]
    )


def beside(weighted: WeightedStudy, columns: Sequence[str]) -> pd.DataFrame:
    """Tonnes before and after weighing, and as seen (end `.seen`), of columns that a datum observes."""
    rows, observed = [], []
    for column in columns:
        values = as_published(column, weighted.bank.simulated[column].to_numpy(dtype=float))
        like = {"unit": FORMS[column][0], "digits": 2}
        for name in ("prior", "all"):
            end, weighing = STEPS[name]
            key, label = f"canola.weights.{column}{end}", f"{COLUMN_LABELS[column]}, {weighing}"
            rows.append({"result_id": key, "label": label, **like, **_summary(weighted, values, name)})
        datum = next(each for each in weighted.history if column in each.columns)
        seen: dict[str, float] = (
            {**bound_of(datum), "digits": KEPT}
            if not isinstance(datum, Normal)
            else {**ranges(datum, weighted)[column], "level": LEVEL}
        )
        key, label = f"canola.weights.{column}.seen", f"{COLUMN_LABELS[column]}, as seen"
        observed.append({"result_id": key, "label": label, **like, **seen})
    seen_rows = _published(observed).assign(method="as observed, with the spread that its likelihood has")
    return pd.concat([_published(rows), seen_rows], ignore_index=True)


def _summary(weighted: WeightedStudy, values: Floats, name: str) -> dict[str, float]:
    return weights.summary(values, weighted.weight[name], level=LEVEL)


def _published(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).reindex(
        columns=["result_id", "label", "unit", "value", "low", "high", "level", "digits", "kept"]
    )
    method = frame["result_id"].str.endswith((".prior", ".unweighted")).map({True: PRIOR_METHOD, False: METHOD})
    return simulated(frame.assign(tables=TABLES, method=method))
