"""Absorbed effects against dummies; separation against linear programmes and published examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import StringIO
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.poisson import newton
from tradeexposure.econometrics.poisson.fit import fit_ppml
from tradeexposure.econometrics.poisson.newton import Effects, Projection, separated_rows, singletons_and_empty

Kind = Callable[[pd.DataFrame], tuple[pd.DataFrame, pd.Series]]
SIZES = [(9,), (9, 7), (7, 9), (9, 7, 5), (12, 8, 6, 3)]

# Correia, Guimarães and Zylkin, ppmlhdfe guides. The certificate printed there for this example,
# 2[i=4] − 2[i=1] − 2[i=6] − 6[j=1] − 6[j=3] − 2[j=4] − [j=5] + 8, is positive on seven rows.
GUIDE = """y,x1,i,j
0,0,1,1
0,3,1,1
0,-2,1,1
0,2,1,3
0,2,1,5
0,0,1,6
0,7,4,1
0,1,4,4
0,2,4,5
0,1,6,1
0,-2,8,4
0,3,8,6
1,-5,1,1
1,1,1,3
5,-2,6,3
7,2,1,3"""

# The same authors' primer: only a combination of both effects separates the third row.
PRIMER = """y,i,j
0,1,1
1,1,1
0,2,1
0,2,2
1,2,2"""


def sample(sizes: tuple[int, ...], n: int = 300) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Level numbers, weights over six orders of magnitude and columns of very different size."""
    rng = np.random.default_rng(len(sizes))
    codes = [pd.factorize(rng.integers(0, size, n))[0].astype(np.intp) for size in sizes]
    return codes, np.exp(rng.uniform(-7, 7, n)), rng.normal(size=(n, 3)) * [1.0, 1e6, 1e-6]


def with_dummies(codes: list[np.ndarray], weights: np.ndarray, columns: np.ndarray) -> np.ndarray:
    design = np.hstack([np.eye(code.max() + 1)[code] for code in codes])
    root = np.sqrt(weights)[:, None]
    return columns - design @ np.linalg.lstsq(root * design, root * columns, rcond=1e-12)[0]


@pytest.mark.parametrize("sizes", SIZES)
def test_residuals_are_those_of_dummies(sizes: tuple[int, ...]) -> None:
    codes, weights, columns = sample(sizes)
    residuals = Projection(Effects(codes), weights).residualise(columns)
    scale = columns.std(axis=0)
    assert np.allclose(residuals / scale, with_dummies(codes, weights, columns) / scale, atol=1e-9)


def test_a_column_solved_with_others_is_that_solved_alone() -> None:
    """A column that is already free of the effects stays as it is."""
    codes, weights, columns = sample((9, 7, 5))
    projection = Projection(Effects(codes), weights)
    columns[:, 0] = projection.residualise(columns[:, :1])[:, 0]
    together = projection.residualise(columns)
    alone = np.hstack([projection.residualise(columns[:, [place]]) for place in range(3)])
    scale = columns.std(axis=0)
    assert np.allclose(together / scale, alone / scale, atol=1e-12)
    assert np.allclose(together[:, 0], columns[:, 0], atol=1e-12)


def test_more_levels_than_a_factor_can_hold_are_refused_in_one_line() -> None:
    pairs = np.arange(2 * newton.MOST_LEVELS + 2) // 2
    frame = pd.DataFrame({"i": pairs, "j": np.random.default_rng(1).permutation(pairs), "y": 1.0 + pairs % 3})
    with pytest.raises(BadInput) as refused:
        fit_ppml(frame, outcome="y", regressors=[], effects=["i", "j"])
    assert str(refused.value) == (
        "fit_ppml: effects: found 3,001 levels beside the largest effect; allowed: at most 3,000"
    )


def numbered(*columns: np.ndarray) -> list[np.ndarray]:
    return [pd.factorize(column)[0].astype(np.intp) for column in columns]


def separated_one_by_one(outcome: np.ndarray, regressors: np.ndarray, codes: list[np.ndarray]) -> np.ndarray:
    """Rows separated, by a programme for every zero that no certificate of another holds: can one be one there?"""
    design = np.hstack([regressors, *(np.eye(code.max() + 1)[code] for code in codes)])
    zero, positive = outcome == 0, outcome > 0
    separated = np.zeros(len(outcome), bool)
    for row in np.flatnonzero(zero):
        if separated[row]:
            continue
        solved = optimize.linprog(
            np.zeros(design.shape[1]), A_ub=-design[zero], b_ub=np.zeros(zero.sum()), bounds=(None, None),
            A_eq=np.vstack([design[positive], design[row]]), b_eq=np.append(np.zeros(positive.sum()), 1.0),
        )  # fmt: skip
        if solved.status == 0:
            separated |= zero & (design @ solved.x > 1e-6)
    return separated


def test_the_guides_example_with_fixed_effects() -> None:
    frame = pd.read_csv(StringIO(GUIDE))
    fit = fit_ppml(frame, outcome="y", regressors=["x1"], effects=["i", "j"])
    i, j = frame.i, frame.j
    printed = 2 * (i == 4) - 2 * (i == 1) - 2 * (i == 6) - 6 * (j == 1) - 6 * (j == 3) - 2 * (j == 4) - (j == 5) + 8
    assert list(fit.dropped.index) == list(frame.index[printed > 0])
    assert (fit.dropped == "separated").all() and fit.n_separated == 7


def test_the_primers_example_needs_both_effects() -> None:
    frame = pd.read_csv(StringIO(PRIMER))
    y, codes = frame.y.to_numpy(float), numbered(frame.i, frame.j)
    assert not any(flags.any() for flags in singletons_and_empty(y, codes, y < 0))
    assert list(np.flatnonzero(separated_rows(y, np.empty((5, 0)), Effects(codes)))) == [2]
    assert list(fit_ppml(frame, outcome="y", regressors=[], effects=["i", "j"]).dropped.index) == [2]


def test_small_positive_values_are_not_mistaken_for_zeros() -> None:
    tiny = pd.DataFrame({"y": [1e-6] * 3, "i": [2] * 3, "j": [1] * 3})
    frame = pd.concat([pd.read_csv(StringIO(PRIMER)), tiny], ignore_index=True)
    assert fit_ppml(frame, outcome="y", regressors=[], effects=["i", "j"]).n_separated == 0


def grid() -> pd.DataFrame:
    """Ten units in twelve periods with three sides, all positive."""
    rng = np.random.default_rng(31)
    unit, period = np.repeat(np.arange(10), 12), np.tile(np.arange(12), 10)
    level = rng.normal(1, 0.5, 10)[unit] + rng.normal(0, 0.3, 12)[period]
    x = rng.normal(size=120)
    y = 1.0 + rng.poisson(np.exp(level + 0.3 * x))
    return pd.DataFrame({"unit": unit, "period": period, "side": (unit + period) % 3, "x": x, "y": y})


def empty_level(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    return rows, rows.unit == 4


def lone_zero(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    rows.loc[120] = {"unit": 77, "period": 3, "side": 0, "x": 0.5, "y": 1.0}
    return rows, rows.unit == 77


def two_levels_together(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Early units sell in early periods, late ones in late periods; early units' zeros in late periods stand alone."""
    rows = rows[(rows.unit < 5) | (rows.period >= 6)]
    return rows, (rows.unit < 5) & (rows.period >= 6)


def three_levels_together(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Rows in exactly one of three sets of levels sell, those in none are absent: no two effects tell them apart."""
    sets = (rows.unit < 5) * 1 + (rows.period >= 6) + (rows.side == 2)
    return rows[sets > 0], sets[sets > 0] > 1


KINDS = [empty_level, lone_zero, two_levels_together, three_levels_together]


@pytest.mark.filterwarnings("ignore:The design matrix is rank-deficient")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_separation_is_found_and_leaves_the_maximum_of_the_rest(kind: Kind) -> None:
    rows, separated = kind(grid())
    rows = rows.assign(y=rows.y.where(~separated, 0.0))
    effects = ["unit", "period", "side"]
    exact = separated_one_by_one(rows.y.to_numpy(), rows[["x"]].to_numpy(), numbered(*(rows[name] for name in effects)))
    assert (exact == separated).all() and exact.any()
    fit = fit_ppml(rows, outcome="y", regressors=["x"], effects=effects)
    assert (fit.dropped == "separated").all() and list(fit.dropped.index) == list(rows.index[separated])
    rest = rows[~separated]
    dummies = pd.get_dummies(rest[effects].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([rest[["x"]], dummies], axis=1))
    model = sm.GLM(rest.y, design, family=sm.families.Poisson()).fit(tol=1e-12)
    assert fit.coefficients["x"] == pytest.approx(model.params["x"], abs=1e-9)


def test_a_row_left_alone_by_separation_is_a_singleton() -> None:
    rows, _ = two_levels_together(grid())
    rows = pd.concat([rows, pd.DataFrame({"unit": 78, "period": [2, 8], "side": 1, "x": [0.1, 0.7], "y": [9.0, 1.0]})],
                     ignore_index=True)  # fmt: skip
    separated = ((rows.unit < 5) | (rows.unit == 78)) & (rows.period >= 6)
    fit = fit_ppml(rows.assign(y=rows.y.where(~separated, 0.0)), outcome="y", regressors=["x"],
                   effects=["unit", "period", "side"])  # fmt: skip
    assert list(fit.dropped.index[fit.dropped == "separated"]) == list(rows.index[separated])
    assert list(fit.dropped.index[fit.dropped == "singleton"]) == [len(rows) - 2]


def alone(rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {"z": (rows.unit == 2) & (rows.period >= 8)}


def with_a_level(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Unit 5 less its treated months is one month."""
    return {"z": (rows.unit == 5) & (rows.period != 6)}


def with_one_another(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """The two differ in one row."""
    return {"z": rows.x**2, "w": rows.x**2 + (rows.index == 30)}


@pytest.mark.parametrize(
    ("regressors", "zeros", "names"),
    [(alone, range(32, 36), "z"), (with_a_level, [66], "z"), (with_one_another, [30], "z, w")],
)
def test_a_regressor_that_separates_is_refused_by_name(
    regressors: Callable[[pd.DataFrame], dict[str, pd.Series]], zeros: Iterable[int], names: str
) -> None:
    """Whether alone, with the levels of an effect, or with another regressor."""
    rows = grid()
    columns = {name: column.astype(float) for name, column in regressors(rows).items()}
    rows = rows.assign(**columns)
    assert fit_ppml(rows, outcome="y", regressors=["x", *columns], effects=["unit", "period"]).n_separated == 0
    rows.loc[list(zeros), "y"] = 0.0
    with pytest.raises(BadInput, match=f"found {names} identified only by separated observations"):
        fit_ppml(rows, outcome="y", regressors=["x", *columns], effects=["unit", "period"])


def test_zeros_that_fall_far_but_not_for_ever_are_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large sale the other way makes the certificate negative there: the zeros settle at 3e-5."""
    rows, separated = two_levels_together(grid())
    rows = rows.assign(y=rows.y.where(~separated, 0.0))
    back = pd.DataFrame({"unit": [7], "period": [2], "side": [0], "x": [0.0], "y": [1e6]})
    answers: list[bool] = []

    def asked(*inputs: object) -> newton.Flags:
        flags = separated_rows(*inputs)  # type: ignore[arg-type]
        answers.append(bool(flags.any()))
        return flags

    monkeypatch.setattr(newton, "separated_rows", asked)
    rows = pd.concat([rows, back], ignore_index=True)
    fit = fit_ppml(rows, outcome="y", regressors=["x"], effects=["unit", "period"])
    assert fit.n_obs == len(rows) and answers == [False]
    for name in ("unit", "period"):
        assert (rows.y - fit.fitted).groupby(rows[name]).sum().abs().max() < 1e-6


def random_problem(seed: int) -> pd.DataFrame:
    """A small outcome with heavy zeros, up to three regressors (x…) and one to three effects (e…)."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 80))
    codes = {f"e{place}": rng.integers(0, n // 6, n) for place in range(int(rng.integers(1, 4)))}
    regressors = rng.integers(-2, 3, (n, int(rng.integers(0, 4)))) * (rng.random((n, 1)) < 0.4) * 1.0
    columns = {f"x{place}": column for place, column in enumerate(regressors.T)}
    return pd.DataFrame({**codes, **columns, "y": rng.poisson(0.4, n) * (rng.random(n) < 0.6) * 1.0})


@pytest.mark.parametrize("seed", range(14, 26))
def test_drops_what_a_programme_for_each_zero_finds_or_refuses_what_is_left_without_identification(seed: int) -> None:
    rows = random_problem(seed)
    effects, regressors = ([name for name in rows if str(name)[0] == kind] for kind in "ex")
    values, codes = rows[regressors].to_numpy(), numbered(*(rows[name] for name in effects))
    exact = separated_one_by_one(rows.y.to_numpy(), values, codes)
    assert (separated_rows(rows.y.to_numpy(), values, Effects(codes)) == exact).all()
    left = np.hstack([values, *(np.eye(code.max() + 1)[code] for code in codes)])[~exact]
    rank, of_effects = np.linalg.matrix_rank(left), np.linalg.matrix_rank(left[:, len(regressors) :])
    if rank - of_effects < len(regressors):
        with pytest.raises(BadInput, match=r"identified only by separated observations|no row left"):
            fit_ppml(rows, outcome="y", regressors=regressors, effects=effects)
    else:
        fit = fit_ppml(rows, outcome="y", regressors=regressors, effects=effects)
        assert set(fit.dropped.index[fit.dropped == "separated"]) == set(rows.index[exact])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"x": None, "status": 1}, "did not settle"),
        ({"x": np.zeros(99), "status": 1}, "did not settle"),
        ({"x": np.ones(99), "status": 0}, "gave no certificate"),
    ],
)
def test_a_programme_without_a_certificate_that_holds_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], message: str
) -> None:
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: SimpleNamespace(**answer))
    with pytest.raises(RunFailed, match=message):
        fit_ppml(pd.read_csv(StringIO(PRIMER)), outcome="y", regressors=[], effects=["i", "j"])


def test_lone_rows_fall_in_turn() -> None:
    # Row 0 is alone in its first level; without it row 1 is alone in its second.
    codes = [np.array([0, 1, 1, 1, 1]), np.array([0, 0, 1, 1, 1])]
    outcome = np.array([1.0, 2.0, 0.0, 3.0, 1.0])
    singletons, empty = singletons_and_empty(outcome, codes, outcome < 0)
    assert list(np.flatnonzero(singletons)) == [0, 1]
    assert not empty.any()
