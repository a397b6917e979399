"""The numbers that the electric-vehicle demand notebook publishes: identifier, label, unit, method and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.reporting.result_rows import CURVE_WORDS, curve_rows, placebo_rows, result_rows
from tradeexposure.vehicles.demand.estimators import change
from tradeexposure.vehicles.demand.figures import NAMES
from tradeexposure.vehicles.demand.published import Allowed
from tradeexposure.vehicles.demand.rebate_cohorts import CohortEffect
from tradeexposure.vehicles.demand.study import PARTS, Ontario

PANEL = "vehicle_registrations_quarterly; ev_rebates"
BESIDE = f"{PANEL}; benchmarks_vehicles"
STEM = "ev.demand_semi_elasticity"
BOOTSTRAP = "range: not rejected at 5% by the wild cluster bootstrap"


def _inference_rows(inferred: pd.DataFrame) -> pd.DataFrame:
    """Value and p-values of every row; `inferred` has `stem` (identifier) and `words` (label)."""
    value = result_rows(
        inferred, result_id="{stem}", label="Registrations per C$1,000 of rebate: {words}", value="estimate",
        low="low", high="high", method=f"{{provinces}} provinces, {{n_obs}} rows; {BOOTSTRAP}",
    ).assign(unit="change", digits=2)  # fmt: skip
    main = inferred[inferred["name"].isin(["all", "without_ontario"]) & inferred["stem"].str.startswith(STEM)]
    permuted, signs = "{assignments} assignments of rebate paths", "all patterns of signs of the provinces' scores"
    parts = [
        (inferred, "p_value", "p_permutation", "permutation of rebate paths", permuted),
        (main, "p_floor", "floor_permutation", "smallest possible p, permutation", permuted),
        (inferred, "p_value_bootstrap", "p_value", "wild cluster bootstrap", signs),
        (main, "p_floor_bootstrap", "floor", "smallest possible p, wild cluster bootstrap", signs),
    ]  # fmt: skip
    tests = [
        result_rows(frame, result_id=f"{{stem}}.{suffix}", label=f"{{words}}: {label}", value=column, unit="pvalue",
                    method=method).assign(digits=2)
        for frame, suffix, column, label, method in parts
    ]  # fmt: skip
    return pd.concat([value, *tests], ignore_index=True).assign(period=_period(inferred), tables=PANEL)


def _period(inferred: pd.DataFrame) -> str:
    """The quarters that the study says its panel holds."""
    return str(inferred["period"].iloc[0])


def declared(estimates: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`tradeexposure.vehicles.demand.study.declared`."""
    variants = {"all": "", "without_ontario_long_run": ".long_run.without_ontario"}
    stem = [f"{STEM}.bev{variants.get(name, f'.{name}')}" for name in estimates["name"]]
    rows = estimates.assign(stem=stem, words=estimates["name"].map(NAMES) + ", battery-electric")
    long = rows[rows["lead"].notna()]
    parts = [
        result_rows(long, result_id=f"{{stem}}.{part}", value=part, method="{provinces} provinces, {n_obs} rows",
                    label=f"Registrations per C$1,000: {{words}}, {NAMES[part]}")
        .assign(unit="change", digits=2, period=_period(estimates), tables=PANEL)
        for part in PARTS
    ]  # fmt: skip
    return pd.concat([_inference_rows(rows), *parts], ignore_index=True)


def other_cars(estimates: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`tradeexposure.vehicles.demand.study.other_cars`."""
    stems = {"phev": f"{STEM}.phev", "phev_short": f"{STEM}.phev.short_range",
             "hybrid": "ev.cross_semi_elasticity.hybrid",
             "gasoline": "ev.cross_semi_elasticity.gasoline"}  # fmt: skip
    variant = estimates["name"].map(lambda name: "" if name == "all" else f".{name}")
    labels = estimates["kind"].map(NAMES) + ", " + estimates["name"].map(NAMES)
    return _inference_rows(estimates.assign(stem=estimates["kind"].map(stems) + variant, words=labels))


def curve(frame: pd.DataFrame) -> pd.DataFrame:
    """Median, quartiles, extremes and number of the specification curve, and the medians with and without Ontario."""
    halves = {"without_ontario.median": (("Ontario",), "median without Ontario"),
              "all.median": ((), "median of all provinces")}  # fmt: skip
    medians = {name: frame[frame["without"].map(lambda left, want=want: tuple(left) == want)]["estimate"].median()
               for name, (want, _) in halves.items()}  # fmt: skip
    return curve_rows(
        {**vars(specification_curve.summary(frame)), **medians}, result_id="ev.spec_curve.bev",
        label="Battery-electric registrations per C$1,000 over specifications: {words}",
        names={**CURVE_WORDS, **{name: half for name, (_, half) in halves.items()}},
    ).assign(period=_period(frame), tables=PANEL, method="spread over specifications, no sampling error")  # fmt: skip


def cohorts(effects: Sequence[CohortEffect], stacks: pd.DataFrame) -> pd.DataFrame:
    """Each change of a rebate, per C$1,000, its rank among its controls, and the changes pooled."""
    rows = []
    for effect in effects:
        stem = f"ev.rebate_change_effect.{effect.cohort.name.lower().replace(' ', '_')}"
        method = f"Poisson difference against {len(effect.controls)} provinces without a change"
        rows += [
            {"result_id": stem, "label": f"Registrations per C$1,000: {effect.cohort.name}", "unit": "change",
             "value": change(effect.per_thousand), "method": method},
            {"result_id": f"{stem}.p_value", "label": f"{effect.cohort.name} among its controls", "unit": "pvalue",
             "value": effect.rank.p_value, "method": f"{effect.rank.count} placebos, floor {effect.rank.floor:.2f}"},
        ]  # fmt: skip
    pooled = stacks.assign(variant=stacks["name"].map(lambda name: "" if name == "all" else f".{name}"),
                           words=stacks["name"].map(NAMES))  # fmt: skip
    parts = [pd.DataFrame(rows), result_rows(
        pooled, result_id=f"{STEM}.bev.cohorts{{variant}}", label="Registrations per C$1,000, changes pooled: {words}",
        value="estimate", unit="change", method="{cohorts} changes, each with its own window, controls and effects",
    )]  # fmt: skip
    return pd.concat(parts, ignore_index=True).assign(period=_period(stacks), tables=PANEL, digits=2)


def ontario(estimates: Ontario) -> pd.DataFrame:
    """The effect of the end of Ontario's rebate to 2019Q1 and 2019Q3, and per C$1,000."""
    effects = [change(effect) for effect in estimates.log_effects]
    each = [change(effect / estimates.short.amount) for effect in estimates.log_effects]
    method = "Poisson difference without British Columbia; range: synthetic control, longer window, without Quebec"
    ranked = f"{estimates.short.rank.count} provinces as placebos"
    rows = [
        {"result_id": "ev.ontario_effect.2018", "label": "Ontario's battery-electric registrations after its rebate",
         "value": change(estimates.short.log_effect), "low": min(effects), "high": max(effects), "unit": "change",
         "period": "2018Q4 to 2019Q1", "method": method},
        {"result_id": "ev.ontario_effect.2018.to_2019q3", "label": "Ontario's battery-electric registrations to 2019Q3",
         "value": change(estimates.longer.log_effect), "unit": "change", "period": "2018Q4 to 2019Q3",
         "method": "Poisson difference without British Columbia"},
        {"result_id": "ev.ontario_effect.2018.synthetic", "label": "Ontario against a synthetic control",
         "value": change(estimates.synthetic.log_effect), "unit": "change", "period": "2018Q4 to 2019Q1",
         "method": "weights on six provinces"},
        {"result_id": "ev.ontario_effect.2018.per_1000", "label": "Ontario's answer per C$1,000 of rebate",
         "value": change(estimates.longer.per_thousand), "low": min(each), "high": max(each), "unit": "change",
         "period": "2018Q4 to 2019Q3", "method": method},
    ]  # fmt: skip
    ranks = [
        placebo_rows({"p_value": (end.rank.p_value, NAMES["p_value"]), "p_floor": (end.rank.floor, NAMES["p_floor"])},
                     result_id=f"ev.ontario_effect.2018{suffix}.{{name}}", digits=3, method=ranked,
                     label="Ontario among placebo provinces: {words}", period=f"2018Q4 to {end.cohort.after[1]}")
        for suffix, end in (("", estimates.short), (".to_2019q3", estimates.longer))
    ]  # fmt: skip
    parts = [pd.DataFrame(rows).assign(digits=2), *ranks]
    return pd.concat(parts, ignore_index=True).assign(geography="on", tables=PANEL)


def ontario_variants(named: Mapping[str, CohortEffect]) -> pd.DataFrame:
    """Ontario's end over other windows after it, by name: the effect, per C$1,000 of the mean rebate, and its p."""
    parts = []
    for name, effect in named.items():
        span, stem = " to ".join(effect.cohort.after), f"ev.ontario_effect.2018.{name}"
        label = f"Ontario's battery-electric registrations, {span}, the rush before the end counted in"
        rows = pd.DataFrame([
            {"result_id": stem, "label": label, "value": change(effect.log_effect), "unit": "change", "digits": 2},
            {"result_id": f"{stem}.per_1000", "label": f"{label}, per C$1,000 of the mean rebate",
             "value": change(effect.per_thousand), "unit": "change", "digits": 2},
            {"result_id": f"{stem}.p_value", "label": f"{label}, among placebo provinces: {NAMES['p_value']}",
             "value": effect.rank.p_value, "unit": "pvalue", "digits": 3},
        ])  # fmt: skip
        method = f"Poisson difference without British Columbia; {effect.rank.count} provinces as placebos"
        parts.append(rows.assign(period=span, method=method))
    return pd.concat(parts, ignore_index=True).assign(geography="on", tables=PANEL)


def rush(shares: pd.DataFrame, placebos: pd.DataFrame, *, hurried: str) -> pd.DataFrame:
    """Quebec's rush of the quarter `hurried` and of quarters without a cut ahead: median, lowest, highest."""
    both = pd.concat([shares.assign(quarter=hurried), placebos])
    rows = []
    for quarter, group in both.groupby("quarter"):
        placebo = quarter != hurried
        rows.append({
            "result_id": f"ev.pull_forward_share.qc.{str(quarter).lower()}" + (".placebo" if placebo else ""),
            "label": f"Share of Quebec's registrations of {quarter} that was not expected"
            + (", no cut ahead" if placebo else ""),
            "value": group["share"].median(), "low": group["share"].min(), "high": group["share"].max(),
            "period": str(quarter), "method": f"{len(group)} counterfactuals: median, lowest, highest",
        })  # fmt: skip
    return pd.DataFrame(rows).assign(unit="share", geography="qc", tables=PANEL, digits=2)


def elasticities(pooled: pd.DataFrame, within: pd.DataFrame, kept_by: tuple[float, float]) -> pd.DataFrame:
    """Own-price elasticities of the pooled estimate, and of the hull of published points and Ontario's."""
    kept = f"pass-through uniform {kept_by[0]} to {kept_by[1]}, applied once"
    own = result_rows(
        pooled, result_id="ev.demand_elasticity.bev.{price}", value="value", low="low", high="high",
        label="Own-price elasticity at C${price}, pooled estimate", method=f"{kept}; {BOOTSTRAP}",
    )  # fmt: skip
    wide = result_rows(
        within, result_id="ev.demand_elasticity.bev.{price}.allowed", value="value", low="low", high="high",
        label="Own-price elasticity at C${price}, hull of published points and Ontario",
        method=f"{kept}; published elasticities as stated",
    )  # fmt: skip
    rows = pd.concat([own, wide], ignore_index=True)
    return rows.assign(unit="ratio", period=_period(pooled), tables=BESIDE, digits=2)


def beside(
    cited: pd.DataFrame,
    allowed: Allowed,
    priced: tuple[pd.DataFrame, pd.DataFrame],
    *,
    kept_by: tuple[float, float],
) -> pd.DataFrame:
    """Published values per C$1,000, their hull with Ontario's, and :func:`elasticities` of `priced`."""
    rows = result_rows(
        cited, result_id="ev.demand_semi_elasticity.published.{key}", value="value", low="low", high="high",
        label="Published, per C$1,000 of rebate: {study}", method="{stated}; over prices and pass-through",
    )  # fmt: skip
    own = {
        "result_id": f"{STEM}.bev.allowed", "value": allowed.value, "low": allowed.low, "high": allowed.high,
        "label": "Battery-electric registrations per C$1,000 of rebate, hull of published points and Ontario",
        "method": "value: Ontario to 2019Q3; range: Ontario and published values within what the panel does not reject",
    }  # fmt: skip
    both = pd.concat([rows, pd.DataFrame([own])], ignore_index=True)
    changes = both.assign(unit="change", period=_period(priced[0]), tables=BESIDE, digits=3)
    return pd.concat([changes, elasticities(*priced, kept_by)], ignore_index=True)
