"""A table made anew from publishers' files, as text, and what of the held table stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd

from tradeexposure.core.errors import SourceFailed
from tradeexposure.source_catalogue import Catalogue
from tradeexposure.source_files import READERS
from tradeexposure.source_recipe import Mean, Table
from tradeexposure.source_sheet import CHANGED
from tradeexposure.source_table import Rows, lines, merged, rounded, shared, take, written

Fields = Sequence[Mapping[str, object]]


def build(
    table: Table, *, held: pd.DataFrame, fields: Fields, files: Mapping[str, Sequence[Path]], catalogue: Catalogue
) -> pd.DataFrame:
    """The table as its sources have it now.

    Parameters
    ----------
    table : Table
        Its recipe.
    held : DataFrame
        The held table as text; empty where there is none yet.
    fields : sequence
        Fields of its descriptor, in the order of the columns.
    files : mapping
        Source → its files.

    Returns
    -------
    DataFrame
        Text, one row per key, sorted.

    Raises
    ------
    SourceFailed
        A file does not hold what the recipe says.
    """
    names = [str(field["name"]) for field in fields]
    shares = [measure for part in table.parts for measure in part.measures if measure.over]
    parts = [rounded(shared(rows, shares), shares) for rows in merged(_parts(table, held, files, catalogue))]
    required = [str(field["name"]) for field in fields if _required(field) and field["name"] in _measures(table)]
    found = pd.DataFrame(lines(parts, names, required), columns=pd.Index(names), dtype="object")
    if table.splice is not None:
        return _spliced(held, found, table, catalogue.sources[table.parts[0].source].title)
    by_year = any("{year}" in catalogue.sources[part.source].address for part in table.parts)
    if by_year and len(held) and len(found):
        older = held[held[table.into].str[:4] < found[table.into].str[:4].min()]
        return pd.concat([older, found], ignore_index=True)
    return found


def _required(field: Mapping[str, object]) -> bool:
    rules = field.get("constraints")
    return isinstance(rules, Mapping) and bool(rules.get("required"))


def _measures(table: Table) -> set[str]:
    return {measure.into for part in table.parts for measure in part.measures}


def _parts(table: Table, held: pd.DataFrame, files: Mapping[str, Sequence[Path]], catalogue: Catalogue) -> list[Rows]:
    """Rows of every part and file."""
    values = {column: sorted(set(held[column])) for column in held.columns}
    found = []
    for part in table.parts:
        source = catalogue.sources[part.source]
        for path in files[part.source]:
            with READERS[source.kind](path, source, catalogue.limits, table.period) as sheet:
                rows = take(sheet, part, period=table.into, held=values)
            found.append(rounded(rows, [measure for measure in part.measures if not measure.over]))
    return found


def _spliced(held: pd.DataFrame, found: pd.DataFrame, table: Table, title: str) -> pd.DataFrame:
    """Held rows but those of the last period, then the source's; the two must agree where both have a period.

    The last held period is replaced because it may have been incomplete.
    """
    last = held[table.into].max()
    both = held[held[table.into] < last].merge(found, on=table.into, suffixes=("", "_new"))
    for column in sorted(_measures(table)):
        ratio = (pd.to_numeric(both[f"{column}_new"]) / pd.to_numeric(both[column]) - 1).abs()
        if column == table.parts[0].measures[0].into and ratio.max() > (table.splice or 0):
            worst = both.loc[ratio.idxmax()]
            what = f"found {column} {worst[column + '_new']} in {worst[table.into]} where {worst[column]} is held"
            raise SourceFailed(title, what, CHANGED)
    return pd.concat([held[held[table.into] < last], found[found[table.into] >= last]], ignore_index=True)


def mean(recipe: Mean, table: Table, *, of: pd.DataFrame, held: pd.DataFrame, basis: str) -> pd.DataFrame:
    """A table that is the simple mean of another's rows, period by period.

    A period's basis is the reading that first gave its value; it changes only when the value does.
    """
    chosen = of[of[recipe.over].isin(recipe.of)]
    for column, value in recipe.where.items():
        chosen = chosen[chosen[column] == value]
    before = dict(zip(held[table.into], zip(held[recipe.into], held[recipe.basis], strict=True), strict=True))
    found = []
    for period, rows in chosen.groupby(table.into, sort=True):
        values = [Decimal(cell) for cell in rows[recipe.measure]]
        middle = sum(values, Decimal(0)) / len(values)
        text = written(middle.quantize(Decimal(1).scaleb(-recipe.decimals), rounding=ROUND_HALF_UP))
        same = period in before and Decimal(before[period][0]) == Decimal(text)
        found.append([str(period), text, before[period][1] if same else basis])
    return pd.DataFrame(found, columns=held.columns, dtype="object")
