"""The numbers of the notebook that weighs the models of canola; their words stand in ``data/results``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.market import logit
from tradeexposure.canola.weights import weights
from tradeexposure.canola.weights.history import Normal
from tradeexposure.canola.weights.simulated_history import FINAL, FINAL_FIRST_YEAR, FIRST_YEAR, MEAL_ONLY, SEED_ONLY
from tradeexposure.canola.weights.study import STEPS, Choice, WeightedStudy
from tradeexposure.canola.weights.tables import bound_of, ranges
from tradeexposure.canola.weights.weights import Calibration
from tradeexposure.econometrics.inference.draws import LEVEL
from tradeexposure.reporting.result_rows import named_rows

GAIN, SIGMA, RIVALS = "canola.weights.gain_cad", "canola.substitution", "canola.rivals"
SHARE, ROWS, LARGEST = (f"canola.weights.{name}" for name in ("effective_share", "effective_rows", "largest"))
ERROR = "canola.weights.monte_carlo_error"
EVIDENCE, CHINA = "canola.weights.log_evidence", "canola.china_total_kt"
ABOVE = (15, 50)
#: Column of the simulations -> end of the identifier of a gain.
GAINS = {
    FIRST_YEAR: ".first_year", FINAL: ".against_final_duty", FINAL_FIRST_YEAR: ".against_final_duty.first_year",
    SEED_ONLY: ".seed_only", MEAL_ONLY: ".meal_only",
}  # fmt: skip
PLACES = ("deposit", "deal", "taxed", "2019")  # ends of identifiers and of columns of the simulated tonnes
#: Name of a datum in code -> its part of identifiers, which keep their numbers.
IDS = {
    "farm_price_2019": "d1",
    "taken_2019": "d2_d3",
    "farm_price_2025": "d4",
    "empty_autumn": "d5",
    "spring_bookings": "d6",
    "futures_step": "d7",
    "meal_price": "d10",
    "china_forecast": "d11",
    "farm_price_after": "d12",
    "meal_price_after": "d13",
    "rivals_rise": "d14",
    "rivals_2019": "d15",
}


def substitution(weighted: WeightedStudy) -> pd.DataFrame:
    """Elasticity between origins of seed: before the data, and by each set of data; parts above 15 and 50."""
    rows = []
    for name, (end, _) in STEPS.items():
        tail = ".prior" if name == "prior" else f".posterior{end}"
        rows.append({"result_id": f"{SIGMA}{tail}", **weighted.summary(weighted.substitution, name)})
        for limit in ABOVE:
            above = weights.probability(weighted.substitution > limit, weighted.weight[name])
            rows.append({"result_id": f"{SIGMA}.above_{limit}{end}", "value": above})
    return pd.DataFrame(rows)


def gains(weighted: WeightedStudy) -> pd.DataFrame:
    """The gain of the deal by each set of data; by all of them against both counterfactuals and in the first year."""
    rows = [{"result_id": f"{GAIN}{end}", **weighted.summary(weighted.gain, name)} for name, (end, _) in STEPS.items()]
    rows += [
        {"result_id": f"{GAIN}{end}", **weighted.summary(weighted.simulated(column))} for column, end in GAINS.items()
    ]
    return pd.DataFrame(rows)


def variants(choices: Mapping[str, Choice]) -> pd.DataFrame:
    """The gain under other choices and the draws that count there, by end of the identifier."""
    rows = []
    for name, choice in choices.items():
        rows.append({"result_id": f"{GAIN}.{name}", **choice.summary})
        if choice.counted:
            rows.append({"result_id": f"{ROWS}.{name}", "value": choice.rows})
    return pd.DataFrame(rows)


def extremes(choices: Mapping[str, Choice]) -> pd.DataFrame:
    """The gain by the choices with the lowest and with the highest median; each label says which one it is."""
    ranked = sorted(choices, key=lambda name: choices[name].summary["value"])
    return pd.DataFrame([
        {"result_id": f"{GAIN}.{end}_variant", **choices[name].summary, "choice": name}
        for end, name in (("lowest", ranked[0]), ("highest", ranked[-1]))
    ])  # fmt: skip


def evidence(models: Mapping[str, tuple[str, WeightedStudy]]) -> pd.DataFrame:
    """Log of the mean likelihood of the same data under each model of rivals (name to words), by all and by official.

    A constant that their likelihoods leave out is common to all; only differences between models say anything. Also the
    elasticity between origins by each model but the first, weighed by itself.
    """
    rows: list[dict[str, Any]] = [
        {
            "result_id": f"{EVIDENCE}.{name}{STEPS[step][0]}",
            "value": weights.log_evidence(weighted.likelihoods, weighted.steps[step]),
        }
        for step in ("all", "official")
        for name, (_, weighted) in models.items()
    ]
    rows += [
        {"result_id": f"{SIGMA}.posterior.{name}_by_itself", **weighted.summary(weighted.substitution)}
        for name, (_, weighted) in list(models.items())[1:]
    ]
    return pd.DataFrame(rows)


def wider(weighted: WeightedStudy) -> pd.DataFrame:
    """The elasticity by all data and by official data alone, where the prior of the scale is wider."""
    end, _ = STEPS["official"]
    wide = f"{SIGMA}.posterior.wider_scale"
    return pd.DataFrame([
        {"result_id": wide, **weighted.summary(weighted.substitution)},
        {"result_id": f"{wide}{end}", **weighted.summary(weighted.substitution, "official")},
    ])  # fmt: skip


def rivals(weighted: WeightedStudy) -> pd.DataFrame:
    """How far rivals turn seed to China, before the data and by each set of them."""
    rows = [
        {"result_id": f"{RIVALS}.{name}" + (".prior" if step == "prior" else f".posterior{end}"),
         **weighted.summary(drawn, step)}
        for name, drawn in (("turning", weighted.turning), ("reshuffling", weighted.reshuffling))
        for step, (end, _) in STEPS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def tonnes(weighted: WeightedStudy, *, seen: Mapping[str, float], rivals_2019: float) -> pd.DataFrame:
    """Rivals' seed to China and China's seed from all, by episode, after weighing; and as told where it was, kt.

    `seen`: episode to China's seed from all origins.
    """
    simulated = weighted.simulations.simulated
    shipped = simulated.assign(
        rivals_base_kt=weighted.simulations.parameters[logit.BASE[2]], rivals_2019_kt=np.exp(simulated["rivals_2019"])
    )
    columns = {f"{RIVALS}.to_china_kt.{name}": f"rivals_{name}_kt" for name in ("base", *PLACES)}
    columns |= {f"{CHINA}.{name}": f"china_{name}_kt" for name in PLACES}
    rows = [
        {"result_id": key, **weighted.summary(shipped[column].to_numpy(dtype=float))} for key, column in columns.items()
    ]
    every = {f"{CHINA}.{name}": value for name, value in seen.items()} | {f"{RIVALS}.to_china_kt.2019": rivals_2019}
    reported = [{"result_id": f"{key}.seen", "value": value} for key, value in every.items()]
    return pd.DataFrame([*rows, *reported])


def effective(weighted: WeightedStudy) -> pd.DataFrame:
    """How many draws and which part of them count, and the largest weight, by each set of data; and how sure that makes
    the gain by all of them.
    """
    rows = []
    for name, (end, _) in STEPS.items():
        if name != "prior":
            weight = weighted.weight[name]
            values = {
                ROWS: weights.effective_rows(weight), SHARE: weights.effective_share(weight),
                LARGEST: float(weight.max()),
            }  # fmt: skip
            rows += [{"result_id": f"{key}{end}", "value": value} for key, value in values.items()]
    errors = weights.monte_carlo_errors(weighted.gain, weighted.weight["all"])
    numbers = {"low": errors["low"], "median": errors["value"], "high": errors["high"]}
    sure = named_rows(numbers, f"{ERROR}.{{name}}", parts=f"{weights.PARTS}")
    return pd.concat([pd.DataFrame(rows), sure], ignore_index=True)


def leave_one_out_shifts(table: pd.DataFrame) -> pd.DataFrame:
    """How far each datum moves the median gain, and the gain without it; of :func:`weights.leave_one_out_shifts`."""
    rows: list[dict[str, Any]] = []
    for row in table.to_dict("records"):
        end = IDS.get(str(row["datum"]), str(row["datum"]).lower())
        rows.append({"result_id": f"canola.weights.pull.{end}", "value": row["pull"]})
        if np.isfinite(row["left_out"]):
            rows.append({"result_id": f"canola.weights.left_out.{end}", "value": row["left_out"],
                         "low": row["left_out_low"], "high": row["left_out_high"], "level": LEVEL})  # fmt: skip
    return pd.DataFrame(rows)


def predictions(weighted: WeightedStudy, columns: Sequence[str], keys: Sequence[str], *, source: str) -> pd.DataFrame:
    """What draws weighed by other data say of an episode that they did not see."""
    weight = weights.combine(weighted.likelihoods, list(keys))
    return pd.DataFrame([
        {"result_id": f"canola.weights.predicted.{column}.{source}",
         **weights.summary(weighted.published(column), weight)}
        for column in columns
    ])  # fmt: skip


def calibration(tested: Calibration) -> pd.DataFrame:
    """Coverage of 90% ranges over synthetic histories, and the p-value of uniform ranks."""
    rows = []
    for row in tested.coverage().to_dict("records"):
        key = f"canola.weights.calibration.{row['quantity']}"
        rows += [{"result_id": key, "value": row["coverage"], "covered": f"{100 * LEVEL:.0f}"},
                 {"result_id": f"{key}.p_value", "value": row["p_value"]}]  # fmt: skip
    return pd.DataFrame(rows).assign(histories=f"{len(tested.ranks)}")


def unweighed_ratios(spring_2026: float, springs: pd.Series, meal: Mapping[str, float]) -> pd.DataFrame:
    """What is shown and weighs nothing: seed exports of spring over winter, and the price of meal over soybean meal."""
    springs_of = {"2026": spring_2026, "lowest": springs.min(), "highest": springs.max()}
    parts = [named_rows(springs_of, "canola.weights.spring_ratio.{name}"),
             named_rows(meal, "canola.meal_relative_price.{name}")]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def total_exports(weighted: WeightedStudy) -> pd.DataFrame:
    """Change of all seed exports under the deal; weighs nothing."""
    summary = weighted.summary(weighted.simulated("total_change_kt"))
    return pd.DataFrame([{"result_id": "canola.weights.total_exports_change_kt", **summary}])


def beside(weighted: WeightedStudy, columns: Sequence[str]) -> pd.DataFrame:
    """Tonnes before and after weighing, and as seen (end `.seen`), of columns that a datum observes."""
    rows, observed = [], []
    for column in columns:
        for name in ("prior", "all"):
            key = f"canola.weights.{column}{STEPS[name][0]}"
            rows.append({"result_id": key, **weighted.summary(weighted.published(column), name)})
        datum = next(each for each in weighted.history if column in each.columns)
        seen: dict[str, float] = (
            bound_of(datum) if not isinstance(datum, Normal) else {**ranges(datum, weighted)[column], "level": LEVEL}
        )
        observed.append({"result_id": f"canola.weights.{column}.seen", **seen})
    return pd.DataFrame([*rows, *observed])
