"""Reading a tidy frame into the arrays a Poisson fit needs, and refusing what cannot be fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.absorb import Floats, Ints
from tradeexposure.core.errors import BadInput

Term = str | tuple[str, ...]  # a column, or columns whose combinations are meant

WHERE = "fit_ppml"


@dataclass(frozen=True)
class Panel:
    """A checked sample of n rows: `outcome`, `weights`, `offset` (n,), `regressors` (n, k) centred and divided by
    `scales` (k,), and level numbers (n,) for each of the `terms` absorbed and each dimension of clusters."""

    names: list[str]
    outcome: Floats
    regressors: Floats
    scales: Floats
    weights: Floats
    offset: Floats
    terms: list[tuple[str, ...]]
    codes: list[Ints]
    clusters: list[Ints]


def read_panel(
    data: pd.DataFrame,
    outcome: str,
    regressors: list[str],
    effects: Sequence[Term],
    cluster: Term | list[Term] | None,
    weights: str | None,
    offset: str | None,
    exposure: str | None,
) -> Panel:
    """Check the columns of a frame and read them; the parameters are those of `fit_ppml`."""
    terms = [_term(effect) for effect in ([effects] if isinstance(effects, str) else effects)]
    groups = [_term(one) for one in (cluster if isinstance(cluster, list) else [cluster] if cluster else [])]
    numbers = [outcome, *regressors, *(name for name in (weights, offset, exposure) if name)]
    _check_columns(data, numbers, [*terms, *groups])
    _check_regressors(outcome, regressors, offset is not None and exposure is not None)
    scaled, scales = _scaled(
        np.column_stack([_numbers(data, name) for name in regressors] or [np.empty((len(data), 0))])
    )
    ones = np.ones(len(data))
    return Panel(
        names=regressors,
        outcome=_outcome(data, outcome),
        regressors=scaled,
        scales=scales,
        weights=_positive(data, weights) if weights else ones,
        offset=_numbers(data, offset) if offset else np.log(_positive(data, exposure)) if exposure else 0.0 * ones,
        terms=terms or [()],
        codes=[level_numbers(data, term) for term in terms] or [np.zeros(len(data), np.intp)],
        clusters=[level_numbers(data, group) for group in groups],
    )


def level_numbers(data: pd.DataFrame, columns: tuple[str, ...]) -> Ints:
    """Number the combinations of columns that occur, from 0, for each row."""
    numbers = pd.factorize(data[columns[0]])[0].astype(np.intp)
    for column in columns[1:]:
        more, values = pd.factorize(data[column])
        numbers = pd.factorize(numbers * len(values) + more)[0].astype(np.intp)
    return numbers


def _term(term: Term) -> tuple[str, ...]:
    columns = (term,) if isinstance(term, str) else tuple(term)
    if not columns:
        raise BadInput(WHERE, "effects", found="an empty tuple", allowed="a column or a tuple of columns")
    return columns


def _check_columns(data: pd.DataFrame, numbers: list[str], terms: list[tuple[str, ...]]) -> None:
    """Refuse an empty frame and columns that are missing, doubled or incomplete."""
    if data.empty:
        raise BadInput(WHERE, "data", found="no rows", allowed="at least one")
    for name in dict.fromkeys([*numbers, *(column for term in terms for column in term)]):
        if name not in data.columns:
            raise BadInput(WHERE, str(name), found="no such column", allowed=", ".join(map(str, data.columns)))
        if list(data.columns).count(name) > 1:
            raise BadInput(WHERE, str(name), found="two columns of this name", allowed="one")
        empty = int(data[name].isna().sum())
        if empty:
            raise BadInput(
                WHERE, str(name), found=f"{empty} missing values", allowed="none: drop or fill the rows first"
            )


def _check_regressors(outcome: str, regressors: list[str], two_offsets: bool) -> None:
    doubled = sorted({name for name in regressors if regressors.count(name) > 1})
    if doubled:
        raise BadInput(WHERE, "regressors", found=f"{', '.join(doubled)} twice", allowed="each regressor once")
    if outcome in regressors:
        raise BadInput(WHERE, "regressors", found=f"the outcome {outcome}", allowed="other columns")
    if two_offsets:
        raise BadInput(WHERE, "offset", found="an offset and an exposure", allowed="one of them")


def _numbers(data: pd.DataFrame, name: str) -> Floats:
    """A column as finite numbers (n,)."""
    if not (pd.api.types.is_numeric_dtype(data[name]) or pd.api.types.is_bool_dtype(data[name])):
        raise BadInput(WHERE, name, found=f"values of type {data[name].dtype}", allowed="numbers")
    values = data[name].to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise BadInput(WHERE, name, found="infinite values", allowed="finite numbers")
    return values


def _positive(data: pd.DataFrame, name: str) -> Floats:
    values = _numbers(data, name)
    if values.min() <= 0:
        raise BadInput(WHERE, name, found=f"{values.min():g}", allowed="values above zero")
    return values


def _outcome(data: pd.DataFrame, name: str) -> Floats:
    values = _numbers(data, name)
    if values.min() < 0:
        raise BadInput(
            WHERE, name, found=f"{int((values < 0).sum())} negative values", allowed="values of zero or more"
        )
    if values.max() == 0:
        raise BadInput(WHERE, name, found="zero in every row", allowed="an outcome that is positive somewhere")
    if values.min() == values.max():
        raise BadInput(WHERE, name, found=f"{values[0]:g} in every row", allowed="an outcome that varies")
    return values


def _scaled(values: Floats) -> tuple[Floats, Floats]:
    """Centre columns (n, k) and divide them by their standard deviations; constants become zero."""
    centred = values - values.mean(axis=0)
    spread = centred.std(axis=0)
    constant = spread <= 1e-12 * np.abs(values).max(axis=0, initial=0.0)
    scales = np.where(constant, 1.0, spread)
    return np.where(constant, 0.0, centred) / scales, scales
