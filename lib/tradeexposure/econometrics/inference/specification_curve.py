"""Every defensible way to make one estimate, side by side (Simonsohn, Simmons and Nelson 2020).

The spread over specifications says how far the answer depends on the analyst; it is no sampling error. Nothing here
knows what is estimated.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput


def grid(choices: Mapping[str, Sequence[Any]], *, keep: Callable[[dict[str, Any]], bool] | None = None) -> pd.DataFrame:
    """All combinations of choices, one row each.

    Parameters
    ----------
    choices : mapping
        Name of a choice → its options.
    keep : callable, optional
        Whether a combination makes sense.

    Raises
    ------
    BadInput
        A choice without options, or no combination left.
    """
    empty = [name for name, options in choices.items() if not len(options)]
    if empty:
        raise BadInput("choices", empty[0], found="no option", allowed="at least one")
    rows = [dict(zip(choices, options, strict=True)) for options in itertools.product(*choices.values())]
    kept = [row for row in rows if keep is None or keep(row)]
    if not kept:
        raise BadInput("choices", found="no combination", allowed="at least one that is kept")
    return pd.DataFrame(kept)


def curve(frame: pd.DataFrame, *, value: str = "estimate") -> pd.DataFrame:
    """Specifications from the lowest to the highest estimate, with their place (1 = lowest).

    Raises
    ------
    BadInput
        No rows, an estimate that is not finite, or a specification that stands twice.
    """
    if frame.empty or not np.isfinite(frame[value]).all():
        raise BadInput("specifications", value, found="no rows or a missing estimate", allowed="one finite number each")
    choices = [name for name in frame if name != value and not pd.api.types.is_float_dtype(frame[name])]
    if choices and frame.duplicated(choices).any():
        raise BadInput("specifications", found="one of them twice", allowed="each combination once")
    ordered = frame.sort_values(value, kind="stable", ignore_index=True)
    return ordered.assign(place=np.arange(1, len(ordered) + 1))


def summary(frame: pd.DataFrame) -> dict[str, float]:
    """A curve in numbers: quantiles of the estimates, the share below zero, and how many there are (`n`)."""
    numbers = curve(frame)["estimate"]
    quantiles = zip(("median", "q25", "q75", "low", "high"), numbers.quantile([0.5, 0.25, 0.75, 0, 1]), strict=True)
    return {name: float(value) for name, value in quantiles} | {
        "share_negative": float((numbers < 0).mean()),
        "n": len(numbers),
    }


def by_choice(frame: pd.DataFrame, choices: Sequence[str]) -> pd.DataFrame:
    """What each option does: median and quartiles of the estimates that use it.

    Returns
    -------
    DataFrame
        Key `choice`, `option`; `median`, `q25`, `q75`, `count`.
    """
    parts = []
    for choice in choices:
        grouped = frame.groupby(choice, sort=False)["estimate"]
        table = grouped.quantile(np.array([0.25, 0.5, 0.75])).unstack().set_axis(["q25", "median", "q75"], axis=1)
        table = table.assign(count=grouped.size()).rename_axis("option").reset_index()
        parts.append(table.assign(choice=choice, option=table["option"].astype(str)))
    return pd.concat(parts, ignore_index=True)[["choice", "option", "median", "q25", "q75", "count"]]
