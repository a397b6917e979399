"""Tables that the page of the weights shows: data, choices, models of rivals, bases and duties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tradeexposure.canola.market import bases as market_bases
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.weights import history, weights
from tradeexposure.canola.weights.history import Bound, Datum, Normal
from tradeexposure.canola.weights.simulated_history import COLUMN_LABELS, FORMS, DutyRegimes, as_published
from tradeexposure.canola.weights.study import STEPS, Choice, WeightedStudy
from tradeexposure.core import units
from tradeexposure.policy.tariff_index import MARKET_NAMES, MARKETS, PRODUCTS, SEED

REACH = 1.645  # standard deviations of a normal that hold nine in ten
ORIGINS = {"canada": "Canada", "others": "other exporters", "all": "all origins"}
MARKET_WORDS = {**MARKET_NAMES, "all": "all markets"}
UNIT_WORDS = {"CAD/t": "C$ a tonne", "CAD": "C$"}
REGIMES = {
    "before": "before the measures",
    "taxed": "end of 2025",
    "arranged": "the deal",
    "taxed_then": "duties of 2025 kept",
    "final": "final duty on seed, settled on anyway",
}
SIDES = {"least": "at least", "most": "at most"}


def beside_draws(weighted: WeightedStudy) -> pd.DataFrame:
    """Each datum: what the draws say before and after weighing, beside what was seen."""
    rows = []
    for datum in weighted.history:
        used = [STEPS[name][1] for name, keys in weighted.steps.items() if datum.key in keys]
        seen = seen_of(datum, weighted)
        rows += [
            {
                "datum": datum.label,
                "quantity": COLUMN_LABELS[column],
                "before": _text(weighted.summary(weighted.published(column), "prior"), FORMS[column][0]),
                "after": _text(weighted.summary(weighted.published(column)), FORMS[column][0]),
                "seen": seen[column],
                "source": datum.source,
                "used": "both steps" if len(used) > 1 else "".join(used) or "shown",
            }
            for column in datum.columns
        ]
    return pd.DataFrame(rows)


def seen_of(datum: Datum, weighted: WeightedStudy) -> dict[str, str]:
    """What was seen, in words, by simulated column: about so much with its range, a bound, or nothing."""
    if isinstance(datum, Normal):
        return {column: _text(interval, FORMS[column][0]) for column, interval in ranges(datum, weighted).items()}
    if isinstance(datum, Bound):
        bound = units.write(bound_of(datum)["value"], FORMS[datum.column][0], 3)
        return {datum.column: f"{SIDES[datum.side]} {bound}"}
    return dict.fromkeys(datum.columns, "nothing shipped in two months")


def ranges(datum: Normal, weighted: WeightedStudy) -> dict[str, dict[str, float]]:
    """What was seen with its own 90% range; a part that depends on another column at that column's median."""
    middle = datum.observed.astype(float)
    if datum.given:
        middle = middle + datum.slope * float(weighted.simulations.simulated[datum.given].median())
    reach = REACH * np.sqrt(np.diag(datum.covariance))
    ends = {
        column: as_published(column, np.array([at - by, at, at + by])).tolist()
        for column, at, by in zip(datum.columns, middle, reach, strict=True)
    }
    return {column: dict(zip(("low", "value", "high"), each, strict=True)) for column, each in ends.items()}


def bound_of(datum: Datum) -> dict[str, float]:
    """The `value` of a bound, in the unit of its column; ValueError for what is neither measured nor a bound."""
    if not isinstance(datum, Bound):
        raise ValueError(f"{datum.key} is no bound")
    return {"value": float(as_published(datum.column, np.array([datum.limit]))[0])}


def forms(history: Sequence[Datum]) -> pd.DataFrame:
    """How each datum enters: `datum`, `quantity`, `form`, `centre`, `spread`, and `slope` on the shortfall of 2019.

    Centre and spread are of the simulated column: a logarithm, a logarithm of a ratio, or kt. A count is followed by
    the values that its formula takes, each as a centre.
    """
    rows = []
    for datum in history:
        if isinstance(datum, Normal):
            slopes = datum.slope if datum.given else [np.nan] * len(datum.columns)
            spreads = np.sqrt(np.diag(datum.covariance))
            rows += [
                _form(datum, column, "normal", *numbers)
                for column, *numbers in zip(datum.columns, datum.observed, spreads, slopes, strict=True)
            ]
        elif isinstance(datum, Bound):
            rows.append(_form(datum, datum.column, SIDES[datum.side], datum.limit, datum.spread, np.nan))
        else:
            rows.append(_form(datum, datum.columns[0], "count", np.nan, np.nan, np.nan))
            final, deposit = datum.expected
            values = {
                "Vessels": datum.vessels,
                "Shape": datum.bunching,
                "Waiting": datum.waiting,
                "Deposit, on top of the ordinary duty": deposit,
                "Final duty, on top of the ordinary duty": final,
            }
            rows += [
                {"datum": datum.label, "quantity": quantity, "form": "value of the count", "centre": value}
                for quantity, value in values.items()
            ]
    return pd.DataFrame(rows)


def correlation(datum: Normal) -> float:
    """That of the errors of a datum's two quantities."""
    spreads = np.sqrt(np.diag(datum.covariance))
    return float(datum.covariance[0, 1] / spreads.prod())


def _form(datum: Datum, column: str, form: str, *numbers: float) -> dict[str, object]:
    measured = {"ratio": "log of the ratio", "log": "log of kt", "": "kt", "part": "share"}[FORMS[column][1]]
    written = dict(zip(("centre", "spread", "slope"), map(float, numbers), strict=True))
    return {"datum": datum.label, "quantity": f"{COLUMN_LABELS[column]} ({measured})", "form": form, **written}


def cells_in_words(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of a base as shown: `figure` with its unit, `cell` (origin, market and product), and the rest."""
    figure = cells["quantity"].str.replace("_", " ").str.capitalize() + ", " + cells["unit"].replace(UNIT_WORDS)
    parts = [cells["origin"].replace(ORIGINS), cells["market"].replace(MARKET_WORDS), cells["product"]]
    return cells.assign(figure=figure, cell=[", ".join(each) for each in zip(*parts, strict=True)])


def base_cells(bases: Mapping[str, MarketBase]) -> pd.DataFrame:
    """Every cell of some bases that is not zero, duties apart, all exports and imports of seed, and the ends of crush
    capacity; `base` is their name.
    """
    imports = pd.DataFrame(market_bases.seed_imports())
    parts = []
    for name, base in bases.items():
        cells = base.table[(base.table["quantity"] != "duty") & (base.table["value"] != 0)]
        crushed = cells[cells["quantity"] == "crush"]
        ends = {"least_capacity": base.least_capacity_kt, "most_capacity": base.most_capacity_kt}
        capacity = [crushed.assign(quantity=end, value=value) for end, value in ends.items()]
        total = float(base.canada_kt[:, SEED].sum(axis=0).mean())
        exports = crushed.assign(
            quantity="exports", value=total, source=cells["source"].iloc[0], note="all markets together"
        )
        parts.append(
            cells_in_words(pd.concat([cells, exports, imports, *capacity], ignore_index=True)).assign(base=name)
        )
    return pd.concat(parts, ignore_index=True)


def duties(regimes: DutyRegimes) -> pd.DataFrame:
    """Duties by regime and market with any: `regime`, `market`, `seed`, `oil`, `meal` (shares of border value)."""
    rows = [
        {"regime": _begun(regime), "market": MARKET_WORDS[market], **{good: law[market, good] for good in PRODUCTS}}
        for name, regime in REGIMES.items()
        for law in (getattr(regimes, name),)
        for market in MARKETS
    ]
    table = pd.DataFrame(rows)
    return table[table[list(PRODUCTS)].any(axis=1)].reset_index(drop=True)


def choices(each: Mapping[str, Choice]) -> pd.DataFrame:
    """The gain under each choice: `choice`, `value`, `low`, `high`, `rows` (none of rows handed over)."""
    return pd.DataFrame(
        {"choice": _begun(choice.words), **choice.summary, "rows": round(choice.rows) if choice.counted else None}
        for choice in each.values()
    )


def models(each: Mapping[str, tuple[str, WeightedStudy]]) -> pd.DataFrame:
    """Models of rivals (words, simulations): `model`, log evidence by `all` and `official`, the gain, `rows`."""
    return pd.DataFrame(
        {
            "model": _begun(label),
            **{step: weights.log_evidence(weighted.likelihoods, weighted.steps[step]) for step in ("all", "official")},
            **weighted.summary(weighted.gain),
            "rows": round(weights.effective_rows(weighted.weight["all"])),
        }
        for label, weighted in each.values()
    )


def elasticities(weighted: WeightedStudy) -> pd.DataFrame:
    """Published elasticities beside those of the weighed draws (median and 90%): `product`, `importer`, `kind`,
    `published`, `here`, `source`.
    """
    published = history.elasticities()
    drawn = {"seed": weighted.substitution}
    drawn |= {
        good: weighted.simulations.parameters[f"{good}_substitution"].to_numpy(dtype=float) for good in ("oil", "meal")
    }
    here = {good: _text(weighted.summary(values), "ratio") for good, values in drawn.items()}
    return published.assign(
        product=published["description"],
        importer=published["importer"].fillna("").replace("", "–"),
        published=[
            units.write(value, "ratio", 3) if np.isfinite(value) else "left blank" for value in published["value"]
        ],
        here=published["product"].map(here),
    )


def _begun(text: str) -> str:
    return text[0].upper() + text[1:]


def _text(numbers: Mapping[str, float], unit: str) -> str:
    return f"{units.write(numbers['value'], unit, 2)} ({units.write_range(numbers['low'], numbers['high'], unit, 2)})"
