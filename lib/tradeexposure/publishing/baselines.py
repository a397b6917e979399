"""What simulated numbers are measured against: numbers of different baselines are never subtracted from each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput

MARK = "against: "  # in the period of a number, before what it is measured against
LEVEL = "in the scenario"  # in the label of a number that is no difference, whatever its edition is measured against
OF_A_CHANGE = ("share", "probability")  # units of what describes a change, such as a share of its variance
BOUNDS = ("value", "low", "high")


def of(period: str) -> str:
    """What a period says a number is measured against; empty where it says nothing."""
    return period.partition(MARK)[2]


def of_all(periods: Iterable[str]) -> str:
    """The first baseline that periods name."""
    return next(filter(None, map(of, periods)), "")


def rebased(merged: pd.DataFrame, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[pd.DataFrame, str]:
    """Two editions' numbers side by side on one baseline.

    Where one edition is measured against the other, the other stands at zero on that baseline and the numbers are the
    change from one to the other as they are. Levels are compared as they are; shares that describe a change are left
    out.

    Parameters
    ----------
    merged : DataFrame
        Columns of ``results.csv`` with the endings ``_before`` and ``_after``.
    old, new : mapping
        Manifests of the two editions.

    Returns
    -------
    tuple
        The frame, and what was done to it in words (empty where nothing).

    Raises
    ------
    BadInput
        Two baselines of which neither is the other edition.
    """
    before, after = (merged[f"period_{side}"].fillna("").map(of) for side in ("before", "after"))
    clash = (before != "") & (after != "") & (before != after)
    if not clash.any():
        return merged, ""
    sides = {"before": (old, before[clash]), "after": (new, after[clash])}
    if (after[clash] == _quoted(old)).all():
        still, moved = "before", "after"
    elif (before[clash] == _quoted(new)).all():
        still, moved = "after", "before"
    else:
        pairs = " and ".join(f"{record['scenario']} against {named.iloc[0]}" for record, named in sides.values())
        allowed = "editions measured against the same, or one against the other; a grid over `against` re-bases one"
        raise BadInput("compare", found=pairs, allowed=allowed)
    measured = f"{sides[moved][0]['scenario']} is measured against {sides[still][0]['scenario']}, which stands at zero"
    level = merged[f"label_{moved}"].fillna("").str.contains(LEVEL, regex=False)
    shares = clash & merged[f"unit_{moved}"].isin(OF_A_CHANGE)
    zeroed, differences = merged.copy(), clash & ~level & ~shares
    for bound in BOUNDS:
        zeroed[f"{bound}_{still}"] = zeroed[f"{bound}_{still}"].mask(differences, 0.0 if bound == "value" else np.nan)
    return zeroed[~shares], f"Re-based: {measured}; shares that describe a change are left out."


def _quoted(record: Mapping[str, Any]) -> str:
    """An edition's scenario as periods name it."""
    return f"“{str(record['title']).rstrip('.')}”"
