"""The wild cluster bootstrap: against another package, by other code, and its size with eight clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.inference import wild_bootstrap as wild
from tradeexposure.econometrics.inference.wild_bootstrap import WildSample, fitted, wild_sample
from tradeexposure.econometrics.poisson.fit import fit_ppml

CLUSTERS, QUARTERS = 8, 34
EFFECTS = ["unit", "time"]


def panel(rng: np.random.Generator, *, family: str = "gaussian", clusters: int = CLUSTERS) -> pd.DataFrame:
    """Rebates that six of the units pay and end at different times, persistent errors, units of unequal size."""
    unit, time = np.repeat(np.arange(clusters), QUARTERS), np.tile(np.arange(QUARTERS), clusters)
    ends, amount = rng.integers(6, 28, clusters), rng.uniform(0.5, 8, clusters)
    errors = 0.3 * rng.normal(size=(clusters, QUARTERS))
    for quarter in range(1, QUARTERS):
        errors[:, quarter] += 0.6 * errors[:, quarter - 1]
    predictor = 0.5 * rng.normal(size=clusters)[unit] + 0.05 * time + errors.ravel()
    total = np.exp(rng.normal(9, 1, clusters))[unit]
    outcome = predictor if family == "gaussian" else rng.poisson(total * np.exp(predictor - 4)).astype(float)
    return pd.DataFrame(
        {"unit": unit, "time": time, "x": (time < ends[unit]) * amount[unit] * (unit < clusters - 2),
         "y": outcome, "total": total, "log_total": np.log(total), "share": np.minimum(outcome / total, 1.0)}
    )  # fmt: skip


def sample(frame: pd.DataFrame, family: str = "gaussian", **options: object) -> WildSample:
    extra = {"gaussian": {}, "poisson": {"offset": "log_total"}, "binomial": {"weights": "total"}}.get(family, {})
    outcome = "share" if family == "binomial" else "y"
    settings = {"outcome": outcome, "tested": "x", "cluster": "unit", "effects": EFFECTS, "family": family}
    return wild_sample(frame, **{**settings, **extra, **options})  # type: ignore[arg-type]


def dummies(frame: pd.DataFrame) -> pd.DataFrame:
    units = pd.get_dummies(frame["unit"], prefix="unit", dtype=float)
    times = pd.get_dummies(frame["time"], prefix="time", drop_first=True, dtype=float)
    return pd.concat([frame[["x"]], units, times], axis=1)


@pytest.mark.long
@pytest.mark.parametrize("weighted", [False, True])
def test_agrees_with_another_package(weighted: bool) -> None:
    from wildboottest.wildboottest import WildboottestCL

    frame = panel(np.random.default_rng(3))
    root = np.sqrt(frame["total"]) if weighted else pd.Series(1.0, frame.index)
    design = dummies(frame).mul(root, axis=0).to_numpy()
    boot = WildboottestCL(X=design, Y=(frame["y"] * root).to_numpy(), cluster=frame["unit"].to_numpy(), B=9999, seed=1,
                          R=np.eye(design.shape[1])[0], parallel=False)  # fmt: skip
    boot.get_scores(bootstrap_type="11", impose_null=True)
    boot.get_weights(weights_type="rademacher")
    for step in (boot.get_numer, boot.get_denom, boot.get_tboot, boot.get_vcov, boot.get_tstat):
        step()
    own = wild.wild_test(sample(frame, weights="total" if weighted else None))
    assert own.statistic == pytest.approx(float(boot.t_stat), rel=1e-8)
    # All sign patterns; the package's own p-value counts strictly larger sizes, which rounding decides among ties.
    expected = np.mean(np.abs(boot.t_boot) >= abs(float(boot.t_stat)) * (1 - 1e-9))
    assert own.p_value == pytest.approx(float(expected), abs=1e-12)
    assert (own.n_clusters, own.floor) == (8, 2 / 256)


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_score_bootstrap_by_hand(family: str) -> None:
    frame = panel(np.random.default_rng(4), family="poisson")
    rest = dummies(frame).drop(columns="x").to_numpy()
    poisson = family == "poisson"
    model = sm.GLM(
        frame["y"] if poisson else frame["share"], rest, offset=frame["log_total"] if poisson else None,
        family=sm.families.Poisson() if poisson else sm.families.Binomial(),
        var_weights=None if poisson else frame["total"],
    )  # fmt: skip
    mean = np.asarray(model.fit(tol=1e-13, maxiter=100).fittedvalues)
    size = np.ones(len(frame)) if poisson else frame["total"].to_numpy()
    working = mean if poisson else size * mean * (1 - mean)
    residual = size * (np.asarray(model.endog) - mean) / np.sqrt(working)
    outside = np.sqrt(working)[:, None] * np.column_stack([frame["x"], rest])
    tested = outside[:, 0] - outside[:, 1:] @ np.linalg.lstsq(outside[:, 1:], outside[:, 0], rcond=None)[0]
    unit, sizes = frame["unit"].to_numpy(), []
    for signs in wild.sign_patterns(CLUSTERS).T:
        drawn = residual * signs[unit]
        left = drawn - outside @ np.linalg.lstsq(outside, drawn, rcond=None)[0]
        sizes.append(abs(tested @ drawn) / np.sqrt((np.bincount(unit, tested * left) ** 2).sum()))
    own = wild.wild_test(sample(frame, family))
    assert own.p_value == pytest.approx(np.mean(np.array(sizes) >= sizes[0] * (1 - 1e-9)))
    assert abs(own.statistic) == pytest.approx(sizes[0] / np.sqrt(8 / 7), rel=1e-6)


def test_estimates_and_standard_error_of_other_code() -> None:
    frame = panel(np.random.default_rng(5), family="poisson")
    fit = fit_ppml(frame, outcome="y", regressors=["x"], effects=EFFECTS, cluster="unit", offset="log_total")
    own = sample(frame, "poisson")
    assert fitted(own).coefficient == pytest.approx(float(fit.coefficients["x"]), rel=1e-7)
    assert wild.standard_error(own) == pytest.approx(float(fit.std_errors["x"]), rel=1e-6)
    logit = sm.GLM(frame["share"], dummies(frame), family=sm.families.Binomial(), var_weights=frame["total"])
    expected = float(logit.fit(tol=1e-12, maxiter=100).params["x"])
    assert fitted(sample(frame, "binomial")).coefficient == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_confidence_set_inverts_the_test(family: str) -> None:
    own = sample(panel(np.random.default_rng(6), family=family), family)
    (low, high), step = wild.confidence_set(own), wild.standard_error(own)
    assert low < fitted(own).coefficient < high
    for end, side in ((low, -1), (high, 1)):
        assert wild.wild_test(own, null=end).p_value > 0.05
        assert wild.wild_test(own, null=end + side * 0.01 * step).p_value <= 0.05


def test_sum_of_coefficients() -> None:
    frame = panel(np.random.default_rng(7)).assign(lag=lambda rows: rows["x"].shift(3, fill_value=0.0))
    fit = sm.OLS(frame["y"], dummies(frame).assign(lag=frame["lag"])).fit()
    joint = wild.wild_test(sample(frame, tested=["x", "lag"]))
    assert joint.coefficient == pytest.approx(fit.params["x"] + fit.params["lag"])
    swapped = sample(frame, tested=["lag", "x"])
    assert wild.wild_test(swapped).p_value == joint.p_value


def test_every_pattern_of_signs_is_taken_once() -> None:
    patterns = wild.sign_patterns(5)
    assert patterns.shape == (5, 32) and (patterns[:, 0] == 1).all()
    assert len({tuple(pattern) for pattern in patterns.T}) == 32 and set(np.unique(patterns)) == {-1.0, 1.0}


def test_bad_input_is_named() -> None:
    frame = panel(np.random.default_rng(9), family="poisson")
    cases: list[tuple[pd.DataFrame, dict[str, object], str]] = [
        (frame.assign(unit=1), {}, "unit: found one cluster; allowed: two or more"),
        (frame.assign(unit=frame.index % 13), {}, "unit: found 13 clusters; allowed: at most 12"),
        (frame.assign(unit=frame["unit"].where(frame.index > 3)), {}, "4 missing values"),
        (frame, {"cluster": "province"}, "no such column"),
        (frame, {"controls": ["x"]}, "not identified"),
        (frame.assign(x=frame["time"] * 2.0), {}, "not identified"),
        (frame.assign(y=-1.0), {}, "-1 to -1"),
        (frame.assign(share=2.0), {"family": "binomial", "outcome": "share"}, "2 to 2"),
        (frame.assign(total=0.0), {"weights": "total"}, "found 0"),
        (frame, {"family": "probit"}, "probit"),
    ]
    for broken, options, message in cases:
        with pytest.raises(BadInput, match=message):
            sample(broken, **{"family": "poisson", **options})  # type: ignore[arg-type]
    own = sample(frame, "poisson")
    with pytest.raises(RunFailed, match="cannot reject"):
        wild.confidence_set(own, level=0.995)
    with pytest.raises(RunFailed, match="separated"):
        wild.wild_test(sample(frame.assign(y=frame["y"] * (frame["time"] > 2)), "poisson"))


@pytest.mark.slow
@pytest.mark.parametrize("family", ["gaussian", "poisson", "binomial"])
def test_size_with_eight_clusters(family: str) -> None:
    rng, rejected, replications = np.random.default_rng(2025), 0, 1000
    patterns = wild.sign_patterns(CLUSTERS)
    for _ in range(replications):
        own = sample(panel(rng, family="gaussian" if family == "gaussian" else "poisson"), family)
        rejected += wild._p_value(wild._statistics(own, 0.0, patterns)) <= 0.05
    print(f"{family}: rejections of the 5% test {rejected / replications:.3f}")
    assert 0.03 <= rejected / replications <= 0.08
