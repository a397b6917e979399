"""Publishable numbers from outputs over draws: median, 5th to 95th percentile, both closures beside the pooled one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.econometrics.draws import LEVEL, Ensemble, FloatArray, Spread, spread

DIGITS = 2
CLOSURE_WORDS = {"armington": "origins told apart (Armington)", "homogeneous": "one good"}


def row(result_id: str, found: Spread, *, label: str, unit: str, **texts: object) -> dict[str, object]:
    """One number with its range over draws."""
    return {"result_id": result_id, "value": found.value, "low": found.low, "high": found.high, "level": LEVEL,
            "label": label, "unit": unit, "digits": DIGITS, **texts}  # fmt: skip


def bare(result_id: str, value: float, *, label: str, unit: str, **texts: object) -> dict[str, object]:
    """One number without a range, such as a probability or a share of variance."""
    return {"result_id": result_id, "value": value + 0.0, "label": label, "unit": unit, "digits": DIGITS, **texts}


def ensemble_rows(stem: str, found: Ensemble, *, label: str, unit: str, **texts: object) -> list[dict[str, object]]:
    """The pooled number and that of each closure as variants of `stem`."""
    rows = []
    for name, one in found.spreads.items():
        words = f"{label}, {CLOSURE_WORDS[name]}" if name else label
        rows.append(row(f"{stem}.{name}" if name else stem, one, label=words, unit=unit, **texts))
    return rows


def variant_rows(
    stem: str, values: Mapping[str, FloatArray], *, label: str, unit: str, words: Mapping[str, str], **texts: object
) -> list[dict[str, object]]:
    """One number per variant; the empty name is the headline."""
    return [
        row(f"{stem}.{name}" if name else stem, spread(np.asarray(found, dtype=float)),
            label=f"{label}, {words[name]}" if name else label, unit=unit, **texts)
        for name, found in values.items()
    ]  # fmt: skip


def frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows as :meth:`tradeexposure.reporting.results_book.Book.add_frame` takes them."""
    return pd.DataFrame(rows)


def province_rows(provinces: pd.DataFrame, **texts: object) -> list[dict[str, object]]:
    """Change of growers' income by place, per farm and per hectare; `provinces` from :func:`simulation_provinces`."""
    stem, units = "scenario.canola.grower_income_change_cad", {
        "total": "CAD per year", "per_farm": "CAD per farm", "per_hectare": "CAD per hectare",
    }  # fmt: skip
    words = {"total": "", "per_farm": " per canola farm", "per_hectare": " per hectare of canola"}
    rows = []
    for one in provinces.to_dict("records"):
        place = "" if one["place"] == "canada" else one["place"]
        if not place and one["measure"] == "total":
            continue  # published with the other numbers of the canola model
        parts = [place, "" if one["measure"] == "total" else one["measure"], one["closure"]]
        closure = f", {CLOSURE_WORDS[one['closure']]}" if one["closure"] in CLOSURES else ""
        rows.append(row(
            ".".join([stem, *filter(None, parts)]), Spread(one["value"], one["low"], one["high"]),
            label=f"Change of growers' income{words[one['measure']]} a year: {one['geo']}{closure}",
            unit=units[one["measure"]], geography=one["place"], **texts,
        ))  # fmt: skip
    return rows
