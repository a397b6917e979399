"""The separation check against two exact routes, linear programming and graph theory, and the published examples."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from tradeexposure.core.errors import RunFailed
from tradeexposure.econometrics.poisson.absorbed_effects import effects
from tradeexposure.econometrics.poisson.fit import fit_ppml
from tradeexposure.econometrics.poisson.separation import certify, linear_programme, lonely_levels, rectify

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


def numbered(*columns: np.ndarray) -> list[np.ndarray]:
    return [pd.factorize(column)[0].astype(np.intp) for column in columns]


def strongly_connected(outcome: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Rows separated in a model of two effects alone: zeros on no cycle.

    A certificate is a potential on the levels: equal along positive rows, not rising along zeros. It falls somewhere
    along a zero exactly where the zero's ends are in different strongly connected components.
    """
    levels = one.max() + 1, other.max() + 1
    positive = outcome > 0
    tails = np.concatenate([one, other[positive] + levels[0]])
    heads = np.concatenate([other + levels[0], one[positive]])
    graph = sparse.csr_array((np.ones(len(tails)), (tails, heads)), shape=(sum(levels), sum(levels)))
    _, component = sparse.csgraph.connected_components(graph, connection="strong")
    return component[one] != component[other + levels[0]]


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
    assert not lonely_levels(y, codes)[0].any()
    assert list(np.flatnonzero(rectify(y, np.empty((5, 0)), effects(codes)))) == [2]
    assert fit_ppml(frame, outcome="y", regressors=[], effects=["i", "j"]).n_separated == 1


def test_small_positive_values_are_not_mistaken_for_zeros() -> None:
    tiny = pd.DataFrame({"y": [1e-6] * 3, "i": [2] * 3, "j": [1] * 3})
    frame = pd.concat([pd.read_csv(StringIO(PRIMER)), tiny], ignore_index=True)
    assert fit_ppml(frame, outcome="y", regressors=[], effects=["i", "j"]).n_separated == 0


def random_problem(seed: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """A small outcome with heavy zeros, up to three regressors and up to three effects."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 80))
    codes = numbered(*(rng.integers(0, n // 6, n) for _ in range(int(rng.integers(1, 4)))))
    regressors = rng.integers(-2, 3, (n, int(rng.integers(0, 4)))) * (rng.random((n, 1)) < 0.4) * 1.0
    return rng.poisson(0.4, n) * (rng.random(n) < 0.6) * 1.0, regressors, codes


@pytest.mark.parametrize("seed", range(40))
def test_finds_what_linear_programming_finds(seed: int) -> None:
    y, regressors, codes = random_problem(seed)
    exact = linear_programme(y, regressors, effects(codes)) > 0
    found, _ = lonely_levels(y, codes)
    assert not (found & ~exact).any()
    while (left := ~found).any():
        inner = effects(numbered(*(code[left] for code in codes)))
        certificate = certify(y[left], regressors[left], inner, y[left] == 0)
        if not certificate.any():
            break
        found[np.flatnonzero(left)[certificate > 0]] = True
    assert (found == exact).all()


@pytest.mark.long
def test_the_rectifier_alone_settles_on_nearly_every_problem_and_certifies_only_separated_rows() -> None:
    settled = []
    for seed in range(40, 140):
        y, regressors, codes = random_problem(seed)
        left = ~lonely_levels(y, codes)[0]
        y, regressors, inner = y[left], regressors[left], effects(numbered(*(code[left] for code in codes)))
        try:
            certificate = rectify(y, regressors, inner)
        except RunFailed:
            settled.append(False)
            continue
        settled.append(True)
        assert not ((certificate > 0) & ~(linear_programme(y, regressors, inner) > 0)).any()
    assert np.mean(settled) > 0.9


def test_where_the_rectifier_does_not_settle_linear_programming_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradeexposure.econometrics.poisson.separation.MAX_ROUNDS", 0)
    frame = pd.read_csv(StringIO(GUIDE))
    fit = fit_ppml(frame, outcome="y", regressors=["x1"], effects=["i", "j"])
    assert fit.n_separated == 7
    primer = pd.read_csv(StringIO(PRIMER))
    assert list(fit_ppml(primer, outcome="y", regressors=[], effects=["i", "j"]).dropped.index) == [2]


@pytest.mark.parametrize("seed", range(8))
def test_the_estimator_drops_what_linear_programming_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"i": rng.integers(0, 30, 400), "j": rng.integers(0, 30, 400), "k": rng.integers(0, 9, 400)})
    frame["y"] = rng.poisson(0.25, 400) * 1.0
    fit = fit_ppml(frame, outcome="y", regressors=[], effects=["i", "j", "k"])
    exact = linear_programme(frame.y.to_numpy(), np.empty((400, 0)), effects(numbered(frame.i, frame.j, frame.k))) > 0
    assert fit.n_separated == exact.sum()
    assert set(fit.dropped.index[fit.dropped == "separated"]) == set(frame.index[exact])


@pytest.mark.parametrize("density", [0.15, 0.3])
def test_the_estimator_drops_what_graph_theory_finds_in_a_large_sparse_panel(density: float) -> None:
    rng = np.random.default_rng(17)
    frame = pd.DataFrame({"i": rng.integers(0, 900, 4000), "j": rng.integers(0, 700, 4000)})
    frame["y"] = rng.poisson(density, 4000) * 1.0
    fit = fit_ppml(frame, outcome="y", regressors=[], effects=["i", "j"])
    exact = strongly_connected(frame.y.to_numpy(), *numbered(frame.i, frame.j))
    assert exact.sum() > 500
    assert set(fit.dropped.index[fit.dropped == "separated"]) == set(frame.index[exact])


def test_a_candidate_certificate_is_zero_elsewhere() -> None:
    frame = pd.read_csv(StringIO(GUIDE))
    y, codes = frame.y.to_numpy(float), numbered(frame.i, frame.j)
    everywhere = rectify(y, frame[["x1"]].to_numpy(float), effects(codes)) > 0
    within = everywhere & (np.arange(len(y)) != 6)
    found = rectify(y, frame[["x1"]].to_numpy(float), effects(codes), within) > 0
    assert not (found & ~within).any()


def test_lone_rows_fall_in_turn() -> None:
    # Row 0 is alone in its first level; without it row 1 is alone in its second.
    codes = [np.array([0, 1, 1, 1, 1]), np.array([0, 0, 1, 1, 1])]
    separated, singletons = lonely_levels(np.array([1.0, 2.0, 0.0, 3.0, 1.0]), codes)
    assert list(np.flatnonzero(singletons)) == [0, 1]
    assert not separated.any()
