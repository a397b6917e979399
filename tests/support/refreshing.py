"""A copy of the project whose sources are on a local server."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd
import publishers
import yaml
from tinyproject import copied

from tradeexposure.data import descriptor
from tradeexposure.data import tables as data_tables
from tradeexposure.refresh import staging
from tradeexposure.refresh.publishers import sources_schema
from tradeexposure.vehicles import registrations as vehicles

ROOT = Path(__file__).resolve().parents[2]
#: Sources whose file is made of one table.
SINGLE = {
    "grain_commission": ("grain_exports_monthly", publishers.grain_file),
    "world_bank": ("commodity_prices_monthly", publishers.pink_sheet),
    "bank_of_canada": ("exchange_rate_monthly", publishers.valet),
    "us_census": ("us_imports_from_canada_monthly", publishers.census),
    "us_census_2024": ("us_imports_from_canada_2024", publishers.census_2024),
    "us_census_2025_12": ("us_imports_from_canada_2024", publishers.census_2025_12),
    "us_census_partners_2024": ("us_imports_by_partner_2024", publishers.census_partners),
}
WORKBOOK = "/docs/abc-0050012026/CMO-Historical-Data-Monthly.xlsx"
PAGE = f'<html><body><a class="x" href="{WORKBOOK}">Monthly prices</a></body></html>'.encode()
QUICK = """limits:
  connect_seconds: 1
  read_seconds: 1
  total_seconds: 20
  longest_wait_seconds: 0.1
  attempts: 2
  bytes: 50000000
  unpacked_bytes: 200000000
  reading_seconds: 60
  reading_memory: 1000000000
"""


@cache
def text_tables(root: Path = ROOT) -> dict[str, pd.DataFrame]:
    """Every table of the shipped vintage as text, shared: never change them."""
    folder = root / "data" / "tables"
    return {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in sorted(folder.glob("*.csv"))}


def copy_project(root: Path, base: str, *tables: str, **since: str) -> Path:
    """Copy ``data/`` to `root`, with the addresses moved to `base`; of its tables only those that are named, if any."""
    shutil.rmtree(copied(ROOT / "data", root / "data") / "vintages", ignore_errors=True)
    if tables:
        keep_tables(root / "data", tables, **since)
    move_sources(root, base)
    return root


def keep_tables(folder: Path, tables: Sequence[str], **since: str) -> None:
    """Leave these tables alone in a copy of ``data/``, some with rows `since` a month: less is written and looked
    through with each vintage.
    """
    described, declared = folder / "datapackage.json", folder / "corrections.yml"
    package = json.loads(described.read_text("utf-8"))
    package["resources"] = [table for table in package["resources"] if table["name"] in tables]
    for table in package["resources"]:
        if table["name"] in since:
            content = staging.written(from_month(table["name"], since[table["name"]]))
            (folder / table["path"]).write_bytes(content)
            table.update(bytes=len(content), hash=descriptor.hash_of(content))
    entries = [entry for entry in yaml.safe_load(declared.read_text("utf-8")) if entry["table"] in tables]
    corrected = yaml.safe_dump(entries, sort_keys=False, default_flow_style=None)
    written = {described.name: json.dumps(package, indent=2, ensure_ascii=False) + "\n", declared.name: corrected}
    for name, text in (written | data_tables.rendered(package, entries)).items():
        (folder / name).write_text(text, "utf-8")
    for path in (folder / "tables").iterdir():
        if path.stem not in tables:
            path.unlink()


def from_month(table: str, month: str) -> pd.DataFrame:
    """A shipped table as text without what was before a month."""
    rows = text_tables()[table]
    return rows[rows["month"] >= month]


def move_sources(root: Path, base: str) -> None:
    """Move the addresses of the project at `root` to the server at `base`."""
    text = (ROOT / "data" / "sources.yml").read_text("utf-8")
    text = re.sub(
        r"(address|older): https://(?:[^/\s]+)(/\S*)", lambda match: f"{match[1]}: {base}{match[2]}", _local(text)
    )
    (root / "data" / "sources.yml").write_text(text, "utf-8")


def _local(text: str) -> str:
    """The recipes with a patience and with hosts that fit a test; a new table's address stays what it is."""
    head, tables = text.split("\ntables:\n")
    comment, _, rest = head.partition("limits:\n")
    sources = rest[rest.index("sources:") :].replace("hosts: [thedocs.worldbank.org]", "hosts: [127.0.0.1]")
    return f"{comment}{QUICK}\n{sources}\ntables:\n{tables.replace('address: https', 'address: HTTPS')}".replace(
        "address: HTTPS", "address:  https"
    )


def path_of(catalogue: sources_schema.Catalogue, name: str) -> str:
    """Path of a source's address on the server, with the question as far as it is always the same."""
    return _path(catalogue.sources[name].address)


def service_path(catalogue: sources_schema.Catalogue) -> str:
    """Path of the Web Data Service on the server."""
    return _path(catalogue.web_data_service.address)


def _path(address: str) -> str:
    path, mark, question = ("/" + address.split("://", 1)[1].split("/", 1)[1]).partition("?")
    return f"{path}{mark}{question.partition('{')[0]}"


def publish(
    publisher: publishers.Publisher, catalogue: sources_schema.Catalogue, tables: Mapping[str, pd.DataFrame],
    *names: str,
) -> None:  # fmt: skip
    """Let the server hand out the files of these sources, made from `tables`."""
    for name in names:
        path, kind = path_of(catalogue, name), "application/zip"
        if name.startswith("statcan"):
            content = publishers.statcan_file(name, catalogue, tables)
        elif name == "world_bank":
            publisher.answers[path] = publishers.Answer(PAGE, "text/html; charset=utf-8")
            path, content = WORKBOOK, publishers.pink_sheet(tables["commodity_prices_monthly"])
        elif name.startswith("us_census"):
            table, writer = SINGLE[name]
            whole, source = writer(tables[table]), catalogue.sources[name]
            publisher.answers |= {
                _path(source.address.replace("{chapter}", chapter)): publishers.Answer(
                    publishers.census_chapter(whole, chapter), "application/json"
                )
                for chapter in source.chapters
            }
            continue
        else:
            table, writer = SINGLE[name]
            content, kind = (
                writer(tables[table]),
                "application/json" if name != "grain_commission" else "text/csv",
            )
        publisher.answers[path] = publishers.Answer(content, kind)


def longer(frame: pd.DataFrame, period: str, count: int) -> pd.DataFrame:
    """A table with `count` more periods: those of a year before, as published then."""
    last = frame[period].max()
    rows = [frame]
    for step in range(1, count + 1):
        new, model = _later(last, step), _later(last, (step - 1) % _cycle(last) + 1 - _cycle(last))
        rows.append(frame[frame[period] == model].assign(**{period: new}))
    return pd.concat(rows, ignore_index=True)


def _cycle(period: str) -> int:
    return 4 if "Q" in period else 12 if "-" in period else 1


def _later(period: str, steps: int) -> str:
    """The period `steps` after (before, if negative) another."""
    if "Q" in period:
        number = int(period[:4]) * 4 + int(period[5]) - 1 + steps
        return f"{number // 4}Q{number % 4 + 1}"
    if "-" in period:
        number = int(period[:4]) * 12 + int(period[5:]) - 1 + steps
        return f"{number // 12}-{number % 12 + 1:02d}"
    return str(int(period) + steps)


MONTHLY = (
    "merchandise_trade_monthly", "farm_prices_monthly", "canola_crush_monthly", "grain_exports_monthly",
    "commodity_prices_monthly", "exchange_rate_monthly", "us_imports_from_canada_monthly",
)  # fmt: skip
#: By how many months each is longer then; all of them are over whenever tests run.
MONTHS = dict.fromkeys(MONTHLY, 6) | {
    "canola_crush_monthly": 2, "commodity_prices_monthly": 5, "exchange_rate_monthly": 5, "partner_trade_monthly": 2,
}  # fmt: skip
YEARLY = ("field_crops_annual", "farm_cash_receipts_annual")
FROM_SERVER = (
    "statcan_12100011", "statcan_12100182", "statcan_20100025", "statcan_32100077", "statcan_32100359",
    "statcan_32100045", "statcan_32100352", "statcan_32100154", "grain_commission", "world_bank", "bank_of_canada",
    "us_census",
)  # fmt: skip


def half_a_year_later(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """All tables as publishers could have them half a year later: longer, and otherwise as they are."""
    later = dict(tables)
    later["farm_prices_monthly"] = farm_prices(tables)
    later |= {name: longer(later[name], "month", count) for name, count in MONTHS.items()}
    later |= {name: longer(later[name], "year", 1) for name in YEARLY}
    later |= registrations(tables)
    later["merchandise_trade_monthly"] = one_reading(later["merchandise_trade_monthly"], later["partner_trade_monthly"])
    return later


def one_reading(trade: pd.DataFrame, partners: pd.DataFrame) -> pd.DataFrame:
    """All trade with the partners as they were read last, and in all countries' total: the publisher has one file."""
    key = ["month", "flow", "partner"]
    newest = partners.set_index(key)["value_cad_millions"].astype(float)
    before, every = trade["value_cad_millions"].astype(float), trade["product"] == "all"
    read = pd.Series(pd.MultiIndex.from_frame(trade[key]).map(newest), index=trade.index).where(every)
    more = (read - before).groupby([trade["month"], trade["flow"]]).transform("sum").where(
        every & (trade["partner"] == "world"), 0.0
    )  # fmt: skip
    value = (read.fillna(before) + more).round(1)
    return trade.assign(
        value_cad_millions=trade["value_cad_millions"].where(value == before, value.map("{:.10g}".format))
    )


def farm_prices(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Provincial prices up to the last month of the Prairie mean, of which those of canola are the parts."""
    shipped, mean = tables["farm_prices_monthly"], tables["canola_price_prairies_monthly"]
    newer = mean.loc[mean["month"] > shipped["month"].max()].set_index("month")["price_cad_per_tonne"]
    prices = longer(shipped, "month", len(newer))
    ours = prices["province"].isin(["Alberta", "Manitoba", "Saskatchewan"]) & (prices["crop"] == "canola")
    return prices.assign(
        price_cad_per_tonne=prices["month"].map(newer).where(ours).fillna(prices["price_cad_per_tonne"])
    )


def registrations(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Both registration tables two quarters longer; fuels add up, and both say the same of Canada, as one file does."""
    canada = longer(tables["vehicle_registrations_canada_quarterly"], "quarter", 2)
    shipped = tables["vehicle_registrations_quarterly"]
    every = longer(shipped, "quarter", len(set(canada["quarter"]) - set(shipped["quarter"])))
    ours = (every["geo"] == "Canada") & (every["vehicle_type"] == "all") & every["fuel"].isin(canada["fuel"])
    new = every["quarter"] > shipped["quarter"].max()
    totals = canada.set_index(["quarter", "fuel"])["registrations"].astype(float)
    before = every[ours].set_index(["quarter", "fuel"])["registrations"].astype(float)
    ratio = (totals / before.where(before > 0)).fillna(1.0)
    scale = pd.MultiIndex.from_frame(every[["quarter", "fuel"]]).map(ratio).to_series(index=every.index).fillna(1.0)
    scaled = (every["registrations"].astype(int) * scale).astype(int).astype(str)
    every = every.assign(registrations=every["registrations"].mask(new & ~ours, scaled))
    key = ["quarter", "geo", "vehicle_type"]
    single = every[~every["fuel"].isin([vehicles.ALL_FUELS, vehicles.ZERO_EMISSION])]
    added = single["registrations"].astype(int).groupby([single[column] for column in key]).sum()
    summed = pd.MultiIndex.from_frame(every[key]).map(added).to_series(index=every.index).astype(str)
    whole = new & ~ours & (every["fuel"] == vehicles.ALL_FUELS)
    every = every.assign(registrations=every["registrations"].mask(whole, summed))
    same = canada.assign(geo="Canada", vehicle_type="all")[every.columns]
    every = pd.concat([every[~ours], same], ignore_index=True)
    return {"vehicle_registrations_canada_quarterly": canada, "vehicle_registrations_quarterly": every}
