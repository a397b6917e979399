"""Forecasts as they were made: one file a vintage, written once by the edition on it and never again.

``data/forecasts/NAME.csv`` holds what the default edition on the vintage NAME said of months that were to come, and
what its models predict. ``digests.json`` beside it has the digest of every file: one that was edited, is not named
there or is gone is refused, since a forecast that can be changed afterwards cannot be scored.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tradeexposure.core import files, loaded_files, paths, reading
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import vintages

if TYPE_CHECKING:
    import pandas as pd

SCENARIO = "deal_2026"  # whose edition writes them
DIGESTS = "digests.json"
ASIDE = ("reports", "_build", "forecasts")
CROP_YEAR = "crop_year"
#: What is frozen: forecasts by series and months ahead or of the crop year, and what the models of notebook 70 predict.
FORECAST = re.compile(rf"forecast\.(?P<series>[a-z0-9_]+)\.(?P<horizon>[1-9]|{CROP_YEAR})")
PREDICTIONS = tuple(
    f"scenario.canola.{name}" for name in ("producer_price_change", "china_volume_kt", "china_volume_change_kt")
)
FIRST_YEAR = ".first_year"  # ends the identifier of a prediction where there is one of the first year alone
#: The table in which notebook 55 hands over how frozen forecasts did, and the stem of what it publishes of them.
SCORES, SCORED = "forecast_scores", "track.frozen_forecasts"
#: Columns of a file; `horizon` is empty for a prediction, which no figure scores until one is named for it.
COLUMNS = ("forecast_id", "label", "unit", "made_on", "newest", "target", "horizon", "value", "low", "high", "level",
           "method", "table")  # fmt: skip
NUMBERS = ("value", "low", "high", "level")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
HEXADECIMAL = re.compile(r"[0-9a-f]{64}")
RESTORE = "restore it with 'git checkout -- data/forecasts'"


class Frozen(NamedTuple):
    """The forecasts of an edition's vintage: path → digest, and their content where it is still to be written."""

    noted: dict[str, str]
    content: str = ""


def where(name: str) -> str:
    """The file of a vintage as messages and manifests name it."""
    return "/".join((*vintages.FORECASTS, f"{name}.csv"))


def files_before(vintage: str, root: Path) -> list[Path]:
    """Files of vintages before one, as they lie there."""
    there = root.joinpath(*vintages.FORECASTS).glob("*.csv")
    return [path for path in there if _is_vintage(path.stem) and path.is_file() and _earlier(path.stem, vintage)]


def digests() -> dict[str, str]:
    """Vintage → digest of each file, oldest first.

    Raises
    ------
    BadInput
        A file that was edited, is not named in the list of digests, or is gone; or another file among them.
    """
    listed, folder = _listed(), paths.path(*vintages.FORECASTS)
    there = {Path(entry.path).stem: entry for entry in files.files(folder) if entry.name != DIGESTS}
    for name, entry in there.items():
        if entry.name != f"{name}.csv" or not _is_vintage(name):
            place = f"{'/'.join(vintages.FORECASTS)}/{entry.name}"
            raise BadInput(place, found="a file of no vintage", allowed="NAME.csv of a vintage; move it elsewhere")
        if name not in listed:
            todo = f"a file that an edition wrote; delete it, or {RESTORE}"
            raise BadInput(where(name), found=f"a file that {DIGESTS} does not name", allowed=todo)
        if (digest := files.digest_of_file(entry.path)) != listed[name]:
            todo = f"{listed[name][:12]}…, as its edition wrote it; {RESTORE}"
            raise BadInput(where(name), "digest", found=f"{digest[:12]}…", allowed=todo)
    for name in listed:
        if name not in there:
            raise BadInput(where(name), found="no such file", allowed=f"the file that {DIGESTS} names; {RESTORE}")
    return {name: listed[name] for name in sorted(listed, key=vintages.order)}


def digest(kind: str, name: str) -> str:
    """Digest of what :func:`earlier` gives out, by the kind of :mod:`tradeexposure.core.loaded_files`."""
    return files.digest_of(_before_selected())


def _before_selected() -> dict[str, str]:
    """Vintage → digest of each file before the selected vintage; its name is in no forecast."""
    with loaded_files.checking():
        chosen = vintages.selected()
    return {vintage: known for vintage, known in digests().items() if _earlier(vintage, chosen)}


def earlier() -> pd.DataFrame:
    """Forecasts frozen with vintages before the selected one, oldest first.

    Returns
    -------
    DataFrame
        `vintage` and :data:`COLUMNS`; `series` of a forecast, empty for a prediction. Text but for :data:`NUMBERS`.

    Raises
    ------
    BadInput
        As for :func:`digests`: what a file holds was checked by the edition that wrote it.
    """
    import pandas as pd

    with loaded_files.loading():
        known = _before_selected()
        texts = {name: reading.text(paths.path(*vintages.FORECASTS, f"{name}.csv")) for name in known}
    loaded_files.note_loaded("forecasts", loaded_files.ALL, files.digest_of(known))
    frames = [pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False) for text in texts.values()]
    rows = [frame.assign(vintage=name)[["vintage", *COLUMNS]] for name, frame in zip(texts, frames, strict=True)]
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["vintage", *COLUMNS])
    matches = [FORECAST.fullmatch(key) for key in frame["forecast_id"]]
    series = pd.Series([match["series"] if match else "" for match in matches], frame.index, dtype="str")
    return frame.astype(dict.fromkeys(NUMBERS, "float64")).assign(series=series)


def of_edition(scenario: str, folder: Path, numbers: Callable[[], pd.DataFrame]) -> Frozen:
    """The forecasts of the vintage that an edition is made on.

    Only the edition of :data:`SCENARIO` in ``reports/published`` on the vintage in force has some, and it writes them
    where neither its own nor a later vintage's are there: forecasts are not made afterwards.

    `numbers`: published numbers, as of ``results_csv.read``; asked for where they are to be written.
    """
    with loaded_files.holding():
        vintage = vintages.selected()
    known = digests()
    if scenario != SCENARIO or folder.parent != paths.path("reports", "published").resolve():
        return Frozen({})
    if vintage in known:
        return Frozen({where(vintage): known[vintage]})
    late = vintage != vintages.current() or any(_earlier(vintage, name) for name in known)
    text = "" if late else content(numbers())
    return Frozen({where(vintage): files.digest(text)}, text) if text else Frozen({})


def content(numbers: pd.DataFrame) -> str:
    """The file of an edition's published `numbers`; empty where there is no forecast among them.

    Raises
    ------
    RunFailed
        A forecast that could not be scored.
    """
    import numpy as np
    import pandas as pd

    from tradeexposure import data

    rows = {str(row["result_id"]): row for row in numbers.to_dict("records")}
    forecasts = [key for key in rows if FORECAST.fullmatch(key)]
    if not forecasts:
        return ""
    first = [key + FIRST_YEAR if key + FIRST_YEAR in rows else key for key in PREDICTIONS]
    tables = sorted({str(rows[key]["tables"]) for key in forecasts})
    days = [day for name in tables for _, day in data.load(name).select_dtypes("datetime").max().items()]
    frozen: list[dict[str, Any]] = []
    for key in (*forecasts, *(key for key in first if key in rows)):
        row, forecast = rows[key], FORECAST.fullmatch(key)
        horizon = forecast["horizon"] if forecast else ""
        _check(key, row, horizon)
        digits = {name: np.format_float_positional(row[name], trim="-") for name in NUMBERS}
        frozen.append({
            **{name: row[name] for name in ("label", "unit", "method")}, **digits, "forecast_id": key,
            "made_on": f"{max(days):%Y-%m-%d}", "target": row["period"],
            "newest": _newest(rows, forecast["series"]) if forecast else "", "horizon": horizon, "table": row["tables"],
        })  # fmt: skip
    text: str = pd.DataFrame(frozen)[list(COLUMNS)].to_csv(index=False, lineterminator="\n")
    return text


def _check(key: str, row: Mapping[Any, Any], horizon: str) -> None:
    """:class:`RunFailed` for a row that could not be scored although it is a forecast."""
    low, value, high, level = (float(row[name]) for name in ("low", "value", "high", "level"))
    year, _, end = str(row["period"]).partition("-")
    if horizon == CROP_YEAR:
        sound, form = year.isdecimal() and end == f"{(int(year) + 1) % 100:02d}", "a crop year such as 2026-27"
    else:
        sound, form = bool(MONTH.fullmatch(row["period"])), "a month such as 2026-10"
    faults = {
        "low, value, high, level": (
            f"{low:g}, {value:g}, {high:g}, {level:g}", "a value inside its range, a level between 0 and 1",
            low <= value <= high and 0 < level < 1,
        ),
        "low, high": (f"{low:g}, {high:g}", "a range above zero", not horizon or 0 < low < high),
        "period": (row["period"], form, not horizon or sound),
    }  # fmt: skip
    for name, (typed, allowed, fits) in faults.items():
        if not fits:
            raise RunFailed(f"forecasts of this edition: {key}: {name}: found {typed}; allowed: {allowed}")


def _newest(rows: Mapping[str, Mapping[Any, Any]], series: str) -> str:
    """Newest month that a series' forecasts rest on: so many before the target; empty without a forecast of a month."""
    for horizon in range(1, 10):
        target = str(rows.get(f"forecast.{series}.{horizon}", {}).get("period", ""))
        if MONTH.fullmatch(target):
            months = int(target[:4]) * 12 + int(target[5:]) - 1 - horizon
            return f"{months // 12}-{months % 12 + 1:02d}"
    return ""


def write(frozen: Frozen) -> None:
    """Write what is still to be written, with its digest: both or neither, whenever the process ends.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written.
    """
    if not frozen.content:
        return
    (place,) = frozen.noted
    folder, aside = paths.path(*vintages.FORECASTS), paths.path(*ASIDE)
    listed = {**_listed(), Path(place).stem: frozen.noted[place]}
    texts = {Path(place).name: frozen.content, DIGESTS: json.dumps(listed, indent=1, sort_keys=True) + "\n"}
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(folder, aside) if folder.is_dir() else aside.mkdir(parents=True)
    for name, text in texts.items():
        files.write(aside / name, text)
    if not folder.is_dir():
        os.rename(aside, folder)
    elif not files.exchange(aside, folder):  # one rename each: a file without its digest is refused by name
        for name, text in texts.items():
            files.write(folder / name, text)
    shutil.rmtree(aside, ignore_errors=True)


def _listed() -> dict[str, str]:
    """Vintage → digest as the list has them; empty where nothing was frozen yet."""
    place = paths.path(*vintages.FORECASTS, DIGESTS)
    if not os.path.lexists(place):
        return {}
    name, todo = paths.relative(place), f"vintage → digest, as an edition wrote them; {RESTORE}"
    listed = reading.json_of(reading.contents(place, where=name, allowed=todo), where=name, allowed=todo)
    if not isinstance(listed, dict):
        raise BadInput(name, found="no mapping", allowed=todo)
    for vintage, known in listed.items():
        if not _is_vintage(vintage) or not HEXADECIMAL.fullmatch(str(known)):
            raise BadInput(name, str(vintage), found=str(known), allowed=todo)
    return {str(vintage): str(known) for vintage, known in listed.items()}


def _is_vintage(name: str) -> bool:
    return name == vintages.SHIPPED or bool(vintages.NAME.fullmatch(name))


def _earlier(name: str, vintage: str) -> bool:
    return vintages.order(name) < vintages.order(vintage)
