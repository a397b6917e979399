"""Publishable numbers from a tidy frame: identifiers and labels written from templates."""

from __future__ import annotations

import pandas as pd


def result_rows(
    frame: pd.DataFrame, *, result_id: str, label: str, value: str, low: str = "", high: str = "", **texts: str
) -> pd.DataFrame:
    """One publishable number per row, for :meth:`tradeexposure.results.Book.add_frame`.

    Parameters
    ----------
    frame : DataFrame
        Tidy; its columns can be named in the templates.
    result_id, label : str
        Templates such as ``canola.farms.{place}.{census_year}``.
    value, low, high : str
        Columns with the number and, optionally, its range.
    **texts : str
        Further arguments of ``add`` as templates (``period="{year}"``, ``geography="{place}"``).
    """
    records = [{str(key): item for key, item in row.items()} for row in frame.to_dict("records")]
    written = {"result_id": result_id, "label": label, **texts}
    rows = pd.DataFrame({name: [text.format(**record) for record in records] for name, text in written.items()})
    numbers = {"value": value, "low": low, "high": high}
    return rows.assign(**{name: frame[column].to_numpy() for name, column in numbers.items() if column})
