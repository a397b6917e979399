"""The numbers that the electric-vehicle demand notebook publishes; their words stand in ``data/results``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tradeexposure.core.text import listing
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.reporting.result_rows import named_rows, result_rows
from tradeexposure.vehicles.demand.estimators import change
from tradeexposure.vehicles.demand.published import Allowed
from tradeexposure.vehicles.demand.rebate_cohorts import CohortEffect
from tradeexposure.vehicles.demand.study import PARTS, Ontario

STEM = "ev.demand_semi_elasticity"


def _inference_rows(inferred: pd.DataFrame) -> pd.DataFrame:
    """Value and p-values of every row; `inferred` has `stem` (identifier), `name` (sample) and, of others, `car`."""
    fills = {"sample": "{name}", "provinces": "{provinces}", "rows": "{n_obs}", "assignments": "{assignments}"}
    fills |= {"period": "{period}"} | ({"car": "{car}"} if "car" in inferred else {})
    value = result_rows(inferred, {"{stem}": ("estimate", "low", "high")}, **fills)
    main = inferred[inferred["name"].isin(["all", "without_ontario"]) & inferred["stem"].str.startswith(STEM)]
    parts = [
        (inferred, "p_value", "p_permutation"), (main, "p_floor", "floor_permutation"),
        (inferred, "p_value_bootstrap", "p_value"), (main, "p_floor_bootstrap", "floor"),
    ]  # fmt: skip
    tests = [result_rows(frame, {f"{{stem}}.{suffix}": column}, **fills) for frame, suffix, column in parts]
    return pd.concat([value, *tests], ignore_index=True)


def _period(inferred: pd.DataFrame) -> str:
    """The quarters that the study says its panel holds."""
    return str(inferred["period"].iloc[0])


def declared(estimates: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`tradeexposure.vehicles.demand.study.inference` on the declared specifications."""
    variants = {"all": "", "without_ontario_long_run": ".long_run.without_ontario"}
    stem = [f"{STEM}.bev{variants.get(name, f'.{name}')}" for name in estimates["name"]]
    rows = estimates.assign(stem=stem)
    parts = result_rows(
        rows[rows["lead"].notna()], {f"{{stem}}.{part}": part for part in PARTS}, sample="{name}",
        provinces="{provinces}", rows="{n_obs}", period="{period}",
    )  # fmt: skip
    return pd.concat([_inference_rows(rows), parts], ignore_index=True)


def other_cars(estimates: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`tradeexposure.vehicles.demand.study.other_cars`."""
    stems = {"phev": f"{STEM}.phev", "phev_short": f"{STEM}.phev.short_range",
             "hybrid": "ev.cross_semi_elasticity.hybrid",
             "gasoline": "ev.cross_semi_elasticity.gasoline"}  # fmt: skip
    variant = estimates["name"].map(lambda name: "" if name == "all" else f".{name}")
    stem = estimates["kind"].map(stems) + variant
    return _inference_rows(estimates.assign(stem=stem, car=estimates["kind"]))


def curve(frame: pd.DataFrame) -> pd.DataFrame:
    """Median, quartiles, extremes and number of the specification curve, and the medians with and without Ontario."""
    halves: dict[str, tuple[str, ...]] = {"without_ontario.median": ("Ontario",), "all.median": ()}
    medians = {name: frame[frame["without"].map(lambda left, want=want: tuple(left) == want)]["estimate"].median()
               for name, want in halves.items()}  # fmt: skip
    return named_rows(
        {**specification_curve.summary(frame), **medians}, "ev.spec_curve.bev.{name}", period=_period(frame)
    )


def cohorts(effects: Sequence[CohortEffect], stacks: pd.DataFrame) -> pd.DataFrame:
    """Each change of a rebate, per C$1,000, its rank among its controls, and the changes pooled."""
    rows = []
    for effect in effects:
        stem = f"ev.rebate_change_effect.{effect.cohort.name.lower().replace(' ', '_')}"
        rows += [
            {"result_id": stem, "value": change(effect.per_thousand), "controls": f"{len(effect.controls)}"},
            {"result_id": f"{stem}.p_value", "value": effect.rank.p_value, "count": f"{effect.rank.count}",
             "floor": f"{effect.rank.floor:.2f}"},
        ]  # fmt: skip
    pooled = stacks.assign(variant=stacks["name"].map(lambda name: "" if name == "all" else f".{name}"))
    numbers = {f"{STEM}.bev.cohorts{{variant}}": "estimate"}
    together = result_rows(pooled, numbers, sample="{name}", cohorts="{cohorts}")
    return pd.concat([pd.DataFrame(rows), together], ignore_index=True).assign(period=_period(stacks))


def ontario(estimates: Ontario) -> pd.DataFrame:
    """The effect of the end of Ontario's rebate to 2019Q1 and 2019Q3, and per C$1,000."""
    effects = [change(effect) for effect in estimates.log_effects]
    each = [change(effect / estimates.short.amount) for effect in estimates.log_effects]
    stem, short, longer = "ev.ontario_effect.2018", estimates.short, estimates.longer
    rows = [
        {"result_id": stem, "value": change(short.log_effect), "low": min(effects), "high": max(effects)},
        {"result_id": f"{stem}.to_2019q3", "value": change(longer.log_effect)},
        {"result_id": f"{stem}.synthetic", "value": change(estimates.synthetic.log_effect)},
        {"result_id": f"{stem}.per_1000", "value": change(longer.per_thousand), "low": min(each), "high": max(each)},
    ]
    ranks = [
        named_rows({"p_value": end.rank.p_value, "p_floor": end.rank.floor}, f"{stem}{suffix}.{{name}}",
                   count=f"{end.rank.count}", period=f"2018Q4 to {end.cohort.after[1]}")
        for suffix, end in (("", short), (".to_2019q3", longer))
    ]  # fmt: skip
    shared = {"difference": _difference(short), "controls": f"{len(short.controls)}"}
    return pd.concat([pd.DataFrame(rows).assign(**shared), *ranks], ignore_index=True)


def _difference(effect: CohortEffect) -> str:
    """``Poisson difference without British Columbia``: what never serves as a control."""
    never = effect.cohort.never
    return f"Poisson difference without {listing(never)}" if never else "Poisson difference"


def ontario_variants(named: Mapping[str, CohortEffect]) -> pd.DataFrame:
    """Ontario's end over other windows after it, by name: the effect, per C$1,000 of the mean rebate, and its p."""
    parts = []
    for name, effect in named.items():
        span, stem = " to ".join(effect.cohort.after), f"ev.ontario_effect.2018.{name}"
        rows = pd.DataFrame([
            {"result_id": stem, "value": change(effect.log_effect)},
            {"result_id": f"{stem}.per_1000", "value": change(effect.per_thousand)},
            {"result_id": f"{stem}.p_value", "value": effect.rank.p_value},
        ])  # fmt: skip
        parts.append(rows.assign(period=span, count=f"{effect.rank.count}", difference=_difference(effect)))
    return pd.concat(parts, ignore_index=True)


def rush(shares: pd.DataFrame, placebos: pd.DataFrame, *, hurried: str) -> pd.DataFrame:
    """Quebec's rush of the quarter `hurried` and of quarters without a cut ahead: median, lowest, highest."""
    both = pd.concat([shares.assign(quarter=hurried), placebos])
    rows = []
    for quarter, group in both.groupby("quarter"):
        placebo = quarter != hurried
        rows.append({
            "result_id": f"ev.pull_forward_share.qc.{str(quarter).lower()}" + (".placebo" if placebo else ""),
            "value": group["share"].median(), "low": group["share"].min(), "high": group["share"].max(),
            "period": str(quarter), "count": f"{len(group)}",
        })  # fmt: skip
    return pd.DataFrame(rows)


def rush_corrected(corrected: pd.DataFrame, *, hurried: str) -> pd.DataFrame:
    """Of the rush of the quarter `hurried`: median, lowest and highest counterfactual, corrected in two ways."""
    rows = [
        {"result_id": f"ev.pull_forward_share.qc.{hurried.lower()}.{variant}", "value": corrected[column].median(),
         "low": corrected[column].min(), "high": corrected[column].max()}
        for column, variant in (("corrected", "corrected"), ("corrected_all", "corrected.calm_mean"))
    ]  # fmt: skip
    calm = str(corrected["nearest"].iloc[0])
    return pd.DataFrame(rows).assign(period=hurried, count=f"{len(corrected)}", calm=calm)


def beside(
    cited: pd.DataFrame,
    allowed: Allowed,
    priced: tuple[pd.DataFrame, pd.DataFrame],
    *,
    kept_by: tuple[float, float],
) -> pd.DataFrame:
    """Published values per C$1,000, their hull with Ontario's, and own-price elasticities of the panel's answer and it.

    `priced`: :func:`tradeexposure.vehicles.demand.published.elasticities`.
    """
    rows = result_rows(cited, {f"{STEM}.published.{{key}}": ("value", "low", "high")}, stated="{stated}")
    own = {"result_id": f"{STEM}.bev.allowed", "value": allowed.value, "low": allowed.low, "high": allowed.high}
    stem = "ev.demand_elasticity.bev.{price}"
    parts = [
        result_rows(frame, {f"{stem}{end}": ("value", "low", "high")}, amount="{amount}").assign(
            passed=f"{kept_by[0]} to {kept_by[1]}"
        )
        for frame, end in zip(priced, ("", ".allowed"), strict=True)
    ]
    return pd.concat([rows, pd.DataFrame([own]), *parts], ignore_index=True).assign(period=_period(priced[0]))
