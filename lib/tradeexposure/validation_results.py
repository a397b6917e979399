"""What the validation publishes, shows and says: each simulated number beside the estimate or the published one."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core import units
from tradeexposure.econometrics.draws import Spread, spread
from tradeexposure.simulation_rows import bare, ensemble_rows, frame, row
from tradeexposure.validation import GSIM_DIGITS, NAMES, Episode

STEM = "scenario.validation"
WHAT = {
    "price_change.2019": ("Farm price, suspension of 2019", "change"),
    "diversion_share.2019": ("Share of the lost volume sold elsewhere, 2019", "share"),
    "tariff_equivalent.2019": ("Tariff equivalent of the suspension of 2019", "rate"),
    "price_change.2025": ("Farm price, duties of 2025", "change"),
    "china_volume_change.2025": ("Seed to China, duties of 2025", "change"),
}
QUOTA = {
    "china_built": ("China-built cars a year", "vehicles per year"),
    "additional_evs": ("Electric cars added", "vehicles per year"),
    "displaced_evs": ("Other electric cars displaced", "vehicles per year"),
    "displaced_share": ("Displaced per China-built car", "share"),
    "china_share_of_evs": ("China-built share of electric cars", "share"),
}
CLOSURE_HEADS = {"armington": "origins told apart", "homogeneous": "one good"}
SIMULATED = "simulated on 2023 within the crop year; median and 5th to 95th percentile over draws"


def episode_rows(found: Sequence[Episode]) -> pd.DataFrame:
    """2019 and 2025 by closure, and the estimates beside them."""
    rows = []
    for one in found:
        label, unit = WHAT[one.key]
        year = one.key.rsplit(".", 1)[-1]
        rows += ensemble_rows(f"{STEM}.{one.key}", one.found, label=f"Simulated: {label}", unit=unit, period=year,
                              method=SIMULATED)  # fmt: skip
        if one.beside is not None:
            rows.append(_estimate(one, label=label, unit=unit, year=year))
    return frame(rows)


def _estimate(one: Episode, *, label: str, unit: str, year: str) -> dict[str, object]:
    """The estimate that stands beside a simulated number, without a range where it has none."""
    beside = one.beside or Spread(0.0, 0.0, 0.0)
    key, texts = f"{STEM}.{one.key}.estimate", {"label": f"Estimated: {label}", "unit": unit, "period": year}
    if beside.low == beside.high:
        return bare(key, beside.value, method=f"{one.source}: at the boundary, no range", **texts)
    return {**row(key, beside, method=f"{one.source}, its range", **texts), "level": None}


def quota_rows(found: pd.DataFrame) -> pd.DataFrame:
    """Our quota and Sawyer's."""
    rows = []
    for one in found.to_dict("records"):
        label, unit = QUOTA[str(one["quantity"])]
        stem, source = f"{STEM}.quota.{one['quantity']}", {"tables": "benchmarks_vehicles", "period": "first year"}
        rows += [
            row(stem, Spread(one["value"], one["low"], one["high"]), label=label, unit=unit, **source),
            bare(f"{stem}.sawyer", one["published"], label=f"Cited: {label} (Sawyer 2026)", unit=unit, **source),
        ]
    return frame(rows)


def example_rows(found: pd.DataFrame) -> pd.DataFrame:
    """The worked example by country, and the largest difference from what is printed."""
    tables = "gsim_flows; gsim_elasticities; gsim_results"
    rows = [
        {**bare(f"{STEM}.gsim.{str(one['country']).lower()}.{name}", one[name], unit="change", tables=tables,
                label=f"Worked example, producer price, {NAMES[str(one['country']).lower()]}: {words}"), "digits": 3}
        for one in found.to_dict("records")
        for name, words in (("published", "published"), ("log_linear", "log-linear"), ("exact", "exact"))
    ]  # fmt: skip
    gap = (found["log_linear"].round(GSIM_DIGITS) - found["published"]).abs().max()
    rows.append(bare(f"{STEM}.gsim.largest_difference", float(round(gap, GSIM_DIGITS)), unit="share", tables=tables,
                     label="Largest difference of the log-linear solution from the published decimals"))  # fmt: skip
    return frame(rows)


def table(found: Sequence[Episode]) -> pd.DataFrame:
    """One row per quantity and closure in words: `what`, `simulated`, `span`, `beside`, `beside_span`, `verdict`."""
    rows = []
    for one in found:
        label, unit = WHAT[one.key]
        for closure in CLOSURES:
            own = spread(one.found.by_closure[closure])
            rows.append(
                {
                    "what": f"{label}: {CLOSURE_HEADS[closure]}",
                    "simulated": units.write(own.value, unit, 2),
                    "span": units.write_range(own.low, own.high, unit, 2),
                    **_beside(one, closure, unit),
                }
            )
    return pd.DataFrame(rows)


def _beside(one: Episode, closure: str, unit: str) -> dict[str, str]:
    if one.beside is None:
        return {"beside": "not estimated", "beside_span": "", "verdict": ""}
    low, high = one.beside.low, one.beside.high
    span = "none: at the boundary" if low == high else units.write_range(low, high, unit, 2)
    return {"beside": units.write(one.beside.value, unit, 2), "beside_span": span,
            "verdict": "yes" if one.inside(closure) else "no"}  # fmt: skip


def quota_table(found: pd.DataFrame) -> pd.DataFrame:
    """:func:`validation.quota_study` in words: `what`, `ours`, `span`, `published`."""
    rows = []
    for one in found.to_dict("records"):
        label, unit = QUOTA[str(one["quantity"])]
        ours, span = units.write(one["value"], unit, 2), units.write_range(one["low"], one["high"], unit, 2)
        rows.append({"what": label, "ours": ours, "span": span, "published": units.write(one["published"], unit, 3)})
    return pd.DataFrame(rows)


def example_table(found: pd.DataFrame) -> pd.DataFrame:
    """:func:`validation.worked_example` with countries in words."""
    return found.assign(country=found["country"].str.lower().map(NAMES))


def say(found: Sequence[Episode]) -> str:
    """What the comparison shows and what it cannot tell."""
    return " ".join(_sentence(one) for one in found if one.beside is not None)


def _sentence(one: Episode) -> str:
    inside = [closure for closure in CLOSURES if one.inside(closure)]
    beside = one.beside or Spread(0.0, 0.0, 0.0)
    label, stem = WHAT[one.key][0], f"{STEM}.{one.key}"
    full = "" if beside.low == beside.high else ":full"
    numbers = (f"{{{stem}.armington:full}} with origins told apart, {{{stem}.homogeneous:full}} as one good, estimated "
               f"{{{stem}.estimate{full}}}")  # fmt: skip
    where = "the estimate's range" if full else "the estimate, which has no range"
    verdict = {len(CLOSURES): f"both medians agree with {where}", 0: f"neither median agrees with {where}"}.get(
        len(inside), f"only {CLOSURE_HEADS[inside[0]] if inside else ''} agrees with {where}"
    )
    null = "; that range holds zero, so it tells little" if beside.low < 0 < beside.high else ""
    return f"{label}: {numbers}; {verdict}{null}."
