"""The numbers and tables of the notebook that weighs the models of canola."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.weights import weights
from tradeexposure.canola.weights.calibration import Calibration
from tradeexposure.canola.weights.history import Datum, Normal
from tradeexposure.canola.weights.study import Weighed
from tradeexposure.core import units
from tradeexposure.core.arrays import Floats
from tradeexposure.econometrics.draws import LEVEL
from tradeexposure.policy.canola_cells import MARKET_NAMES
from tradeexposure.reporting.result_rows import simulated

GAIN, SIGMA, SHARE = "canola.weights.gain_cad", "canola.substitution", "canola.weights.effective_share"
DRAWS = "of the draws"
METHOD = (
    "logit of origins in delivered cost, solved for every joint draw; draws weighed by how likely each makes what was "
    "seen; range: 90% of the weighted draws"
)
PRIOR_METHOD = "logit of origins in delivered cost, solved for every joint draw of the priors; range: 90% of the draws"
TABLES = "grain_exports_monthly; canola_crush_monthly; canola_price_prairies_monthly; canola_ev_trade_value_monthly"
#: Name of a set of data -> end of the identifiers, and how labels name it.
STEPS = {
    "prior": (".unweighted", "no data weighed"),
    "official": (".official_data_only", "official data alone"),
    "all": ("", "official and trade data"),
}
ABOVE = (15, 50)
MEAL_WORDS = {"before": "before the duty", "under": "under the duty", "after": "after the duty"}
ORIGINS = {"canada": "Canada", "others": "other exporters"}
MARKET_WORDS = {**MARKET_NAMES, "all": "all markets"}
UNIT_WORDS = {"CAD/t": "C$ a tonne", "CAD": "C$"}
LEAST_PART = 1e-3  # a smaller part of a trade is none
DIGITS = 3
#: Simulated column -> unit it is published in, and whether the simulated figure is the log of it (or of one plus it).
FORMS = {
    "price_2019": ("change", "ratio"),
    "price_2025": ("change", "ratio"),
    "price_step_2025": ("change", "ratio"),
    "meal_2025": ("change", "ratio"),
    "spring_2026": ("kilotonnes", "log"),
    "others_2019_kt": ("kilotonnes", ""),
    "crush_2019_kt": ("kilotonnes", ""),
    "kept_2025": ("share", "part"),
    "total_change_kt": ("kilotonnes", ""),
}
COLUMN_LABELS = {
    "price_2019": "Farm price, first year of the suspensions",
    "others_2019_kt": "Seed others took more, first year of the suspensions",
    "crush_2019_kt": "Seed crushers took more, first year of the suspensions",
    "price_2025": "Farm price under the deposit on seed",
    "kept_2025": "Part of its usual seed that China still buys under the deposit",
    "spring_2026": "Seed to China, February to April 2026",
    "price_step_2025": "Price step on 12 August 2025",
    "meal_2025": "Meal against soybean meal, April to December 2025",
}


def as_published(column: str, values: Floats) -> Floats:
    """A simulated column in the unit of :data:`FORMS`."""
    form = FORMS[column][1]
    if form == "part":
        return np.where(values < LEAST_PART, 0.0, values)
    return np.expm1(values) if form == "ratio" else np.exp(values) if form == "log" else values


def key_of(datum: str) -> str:
    """A datum's key as a part of identifiers: ``D2-D3`` to ``d2_d3``."""
    return datum.lower().replace("-", "_")


def substitution(found: Weighed) -> pd.DataFrame:
    """Elasticity between origins of seed: before the data, and by each set of data; parts above 15 and 50."""
    rows = []
    for name, (end, words) in STEPS.items():
        tail = ".prior" if name == "prior" else f".posterior{end}"
        rows.append(
            {
                "result_id": f"{SIGMA}{tail}",
                "unit": "ratio",
                "digits": 2,
                **_summary(found, found.substitution, name),
                "label": f"Elasticity between origins of seed, {words}",
            }
        )
        for limit in ABOVE:
            above = weights.probability(found.substitution > limit, found.weight[name])
            rows.append(
                {
                    "result_id": f"{SIGMA}.above_{limit}{end}",
                    "unit": "probability",
                    "value": above,
                    "digits": 2,
                    "label": f"Elasticity between origins of seed above {limit}, {words}",
                }
            )
    return _published(rows)


def gains(found: Weighed, *, parts: Mapping[str, str]) -> pd.DataFrame:
    """The gain of the arrangement by each set of data, and what seed and meal each bring (`parts`, column to words)."""
    rows = [
        {
            "result_id": f"{GAIN}{end}",
            "unit": "CAD per year",
            "digits": DIGITS,
            **_summary(found, found.gain, name),
            "label": f"Growers' gain from the arrangement over the duties of 2025, {words}",
        }
        for name, (end, words) in STEPS.items()
    ]
    rows += [
        {
            "result_id": f"{GAIN}.{column.removesuffix('_cad')}",
            "unit": "CAD per year",
            "digits": DIGITS,
            **_summary(found, found.bank.simulated[column].to_numpy(dtype=float), "all"),
            "label": f"Growers' gain over the duties of 2025, {words}",
        }
        for column, words in parts.items()
    ]
    return _published(rows)


def variants(found: Mapping[str, tuple[str, Floats, Floats]]) -> pd.DataFrame:
    """The gain under another choice: end of the identifier to words, values and weights."""
    rows = [
        {
            "result_id": f"{GAIN}.{name}",
            "unit": "CAD per year",
            "digits": DIGITS,
            **weights.summary(values, weight, level=LEVEL),
            "label": f"Growers' gain from the arrangement, {words}",
        }
        for name, (words, values, weight) in found.items()
    ]
    return _published(rows)


def wider(found: Weighed) -> pd.DataFrame:
    """Gain and elasticity by all data, and the elasticity by official data, where the prior of the scale is wider."""
    words = "prior of the scale wider"
    end, official = STEPS["official"]
    rows = [
        {"result_id": f"{GAIN}.wider_scale", "unit": "CAD per year", "label": f"Growers' gain, {words}",
         "digits": DIGITS, **_summary(found, found.gain, "all")},
        {"result_id": f"{SIGMA}.posterior.wider_scale", "unit": "ratio", "digits": 2,
         "label": f"Elasticity between origins of seed, {words}", **_summary(found, found.substitution, "all")},
        {"result_id": f"{SIGMA}.posterior.wider_scale{end}", "unit": "ratio", "digits": 2,
         "label": f"Elasticity between origins of seed, {words}, {official}",
         **_summary(found, found.substitution, "official")},
    ]  # fmt: skip
    return _published(rows)


def effective(found: Weighed) -> pd.DataFrame:
    """Part of the draws that count, and the largest weight, by each set of data."""
    rows = []
    for name, (end, words) in STEPS.items():
        if name != "prior":
            weight = found.weight[name]
            rows += [
                {
                    "result_id": f"{SHARE}{end}",
                    "unit": "share",
                    "value": weights.effective_share(weight),
                    "digits": 2,
                    "label": f"Part {DRAWS} that counts, {words}",
                },
                {
                    "result_id": f"canola.weights.largest{end}",
                    "unit": "share",
                    "value": float(weight.max()),
                    "digits": 1,
                    "label": f"Largest weight of one draw, {words}",
                },
            ]
    return _published(rows)


def pulls(table: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """How far each datum moves the median gain, and the gain with it left out; of :func:`weights.pulls`."""
    rows: list[dict[str, Any]] = []
    for row in table.to_dict("records"):
        datum, name = str(row["datum"]), labels[str(row["datum"])]
        rows.append(
            {
                "result_id": f"canola.weights.pull.{key_of(datum)}",
                "unit": "CAD per year",
                "value": row["pull"],
                "digits": 2,
                "label": f"What {datum} alone does to the median gain ({name})",
            }
        )
        if np.isfinite(row["left_out"]):
            rows.append(
                {
                    "result_id": f"canola.weights.left_out.{key_of(datum)}",
                    "unit": "CAD per year",
                    "value": row["left_out"],
                    "low": row["left_out_low"],
                    "high": row["left_out_high"],
                    "level": LEVEL,
                    "digits": DIGITS,
                    "label": f"Growers' gain with {datum} left out ({name})",
                }
            )
    return _published(rows)


def predictions(found: Weighed, columns: Sequence[str], keys: Sequence[str], *, source: str) -> pd.DataFrame:
    """What draws weighed by other data say of an episode that they did not see."""
    weight = weights.combine(found.likelihoods, list(keys))
    rows = []
    for column in columns:
        values = as_published(column, found.bank.simulated[column].to_numpy(dtype=float))
        rows.append(
            {
                "result_id": f"canola.weights.predicted.{column}.{source}",
                "unit": FORMS[column][0],
                "digits": 2,
                **weights.summary(values, weight, level=LEVEL),
                "label": f"{COLUMN_LABELS[column]}, weighed by {source.replace('_', ' ')} alone",
            }
        )
    return _published(rows)


def calibration(found: Calibration, names: Mapping[str, str]) -> pd.DataFrame:
    """Coverage of 90% ranges over synthetic histories, and the p-value of uniform ranks; `names` of the quantities."""
    rows = []
    for row in found.coverage().to_dict("records"):
        name, words = str(row["quantity"]), names[str(row["quantity"])]
        rows += [
            {
                "result_id": f"canola.weights.calibration.{name}",
                "unit": "share",
                "value": row["coverage"],
                "digits": 3,
                "label": f"Synthetic histories whose {LEVEL:.0%} range holds the true {words}",
            },
            {
                "result_id": f"canola.weights.calibration.{name}.p_value",
                "unit": "pvalue",
                "value": row["p_value"],
                "digits": 2,
                "label": f"p of uniform ranks of the true {words}",
            },
        ]
    return _published(rows).assign(
        method=f"{len(found.ranks)} synthetic histories from the priors; tests the code, not the model"
    )


def of_rows(gains: Mapping[str, Floats], words: Mapping[str, str]) -> dict[str, tuple[str, Floats, Floats]]:
    """Gains over rows that were drawn in proportion to their weights, as :func:`variants` takes them."""
    return {name: (words[name], gain, np.full(len(gain), 1 / len(gain))) for name, gain in gains.items()}


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
            one,
        )
        for name, one in meal.items()
    }
    rows = [
        {"result_id": key, "label": label, "unit": "ratio", "value": float(value), "digits": 2}
        for key, (label, value) in values.items()
    ]
    return _published(rows).assign(method="as observed; weighs nothing")


def total_exports(found: Weighed) -> pd.DataFrame:
    """Change of all seed exports under the arrangement, whose sign no draw determines; weighs nothing."""
    values = found.bank.simulated["total_change_kt"].to_numpy(dtype=float)
    label = "Change of all seed exports from the arrangement, weighs nothing"
    return _published(
        [
            {
                "result_id": "canola.weights.total_exports_change_kt",
                "label": label,
                "unit": "kilotonnes",
                "digits": 2,
                **_summary(found, values, "all"),
            }
        ]
    )


def beside(found: Weighed, columns: Sequence[str]) -> pd.DataFrame:
    """Tonnes before and after weighing, and as seen (end `.seen`), of columns that a normal datum observes."""
    rows, observed = [], []
    for column in columns:
        values = as_published(column, found.bank.simulated[column].to_numpy(dtype=float))
        like = {"unit": FORMS[column][0], "digits": 2}
        for name in ("prior", "all"):
            end, words = STEPS[name]
            key, label = f"canola.weights.{column}{end}", f"{COLUMN_LABELS[column]}, {words}"
            rows.append({"result_id": key, "label": label, **like, **_summary(found, values, name)})
        datum = next(each for each in found.history if isinstance(each, Normal) and column in each.columns)
        seen = _seen(datum, found)[datum.columns.index(column)]
        key, label = f"canola.weights.{column}.seen", f"{COLUMN_LABELS[column]}, as seen"
        observed.append({"result_id": key, "label": label, **like, **seen, "level": LEVEL})
    seen_rows = _published(observed).assign(method="as observed, with the spread that its likelihood has")
    return pd.concat([_published(rows), seen_rows], ignore_index=True)


def cells_in_words(cells: pd.DataFrame) -> pd.DataFrame:
    """:func:`tradeexposure.canola.weights.study.assumed_cells` as shown: `figure` with its unit, `cell`, and the rest.

    `cell` joins origin, market and product.
    """
    figure = cells["quantity"].str.replace("_", " ").str.capitalize() + ", " + cells["unit"].replace(UNIT_WORDS)
    parts = [cells["origin"].replace(ORIGINS), cells["market"].replace(MARKET_WORDS), cells["product"]]
    return cells.assign(figure=figure, cell=[", ".join(each) for each in zip(*parts, strict=True)])


def data_table(found: Weighed) -> pd.DataFrame:
    """Each datum: what the draws say before and after weighing, beside what was seen."""
    rows = []
    for datum in found.history:
        used = [STEPS[name][1] for name, keys in found.steps.items() if datum.key in keys]
        texts = [_normal(found, datum)] if isinstance(datum, Normal) else [_chance(found, datum)]
        rows += [
            {
                "datum": datum.key,
                "used": "both steps" if len(used) > 1 else "".join(used) or "shown",
                "source": datum.source,
                **line,
            }
            for line in texts[0]
        ]
    return pd.DataFrame(rows)


def _normal(found: Weighed, datum: Normal) -> list[dict[str, str]]:
    seen = dict(zip(datum.columns, _seen(datum, found), strict=True))
    lines = []
    for column in datum.columns:
        unit = FORMS[column][0]
        values = as_published(column, found.bank.simulated[column].to_numpy(dtype=float))
        before, after = (weights.summary(values, found.weight[name], level=LEVEL) for name in ("prior", "all"))
        lines.append(
            {
                "quantity": COLUMN_LABELS[column],
                "before": _text(before, unit),
                "after": _text(after, unit),
                "seen": _text(seen[column], unit),
            }
        )
    return lines


def _seen(datum: Normal, found: Weighed) -> list[dict[str, float]]:
    """What was seen with its own 90% range; a part that depends on another column at that column's median."""
    middle = datum.observed.astype(float)
    if datum.given:
        middle = middle + datum.slope * float(found.bank.simulated[datum.given].median())
    reach = 1.645 * np.sqrt(np.diag(datum.covariance))
    return [
        dict(
            zip(
                ("low", "value", "high"),
                map(float, as_published(column, np.array([at - by, at, at + by]))),
                strict=True,
            )
        )
        for column, at, by in zip(datum.columns, middle, reach, strict=True)
    ]


def _chance(found: Weighed, datum: Datum) -> list[dict[str, str]]:
    kept = as_published("kept_2025", found.bank.simulated["kept_2025"].to_numpy(dtype=float))
    before, after = (weights.summary(kept, found.weight[name], level=LEVEL) for name in ("prior", "all"))
    return [
        {
            "quantity": COLUMN_LABELS["kept_2025"],
            "before": _text(before, "share"),
            "after": _text(after, "share"),
            "seen": "nothing shipped in two months",
        }
    ]


def _text(numbers: Mapping[str, float], unit: str) -> str:
    return f"{units.write(numbers['value'], unit, 2)} ({units.write_range(numbers['low'], numbers['high'], unit, 2)})"


def _summary(found: Weighed, values: Floats, name: str) -> dict[str, float]:
    return weights.summary(values, found.weight[name], level=LEVEL)


def _published(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).reindex(
        columns=["result_id", "label", "unit", "value", "low", "high", "level", "digits"]
    )
    method = frame["result_id"].str.endswith((".prior", ".unweighted")).map({True: PRIOR_METHOD, False: METHOD})
    return simulated(frame.assign(tables=TABLES, method=method))
