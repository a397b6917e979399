"""Citations name edition, date of the data and anchor; credits name each publisher and licence once."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.publishing.reuse import citing

KNOWN = {"chart": "Prices fell.", "page": "What did it cost?", "edition": "deal_2026", "file": "40_a.html",
         "anchor": "chart-fan"}  # fmt: skip


def test_a_citation_names_what_finds_the_chart_again():
    assert citing.citation(**KNOWN, data="2026-09") == (
        "“Prices fell”. tradeexposure: What did it cost? Edition deal_2026, data to September 2026. 40_a.html#chart-fan"
    )
    assert ", data" not in citing.citation(**KNOWN, data="")
    assert "What it cost. Edition" in citing.citation(**{**KNOWN, "page": "What it cost"}, data="")


@pytest.mark.parametrize(
    ("vintages", "day"),
    [
        (["file that ends with 2026-04", "as published on 2026-09-30"], "2026-09-30"),
        (["table that ends with 2026Q2", "file that ends with 2026-04"], "2026-06"),
        (["as dated in each row", "Census of Agriculture 2021"], ""),
        ([], ""),
    ],
)
def test_data_reach_to_the_latest_day_that_vintages_name(vintages: list[str], day: str):
    assert citing.data_to(vintages) == day


def test_a_credit_names_each_publisher_and_licence_once():
    sources = pd.DataFrame({"publisher": ["Statistics Canada", "Statistics Canada; press"],
                            "licence": ["Open", "Open"]})  # fmt: skip
    assert citing.credit(sources, edition="deal_2026") == (
        "Data behind the page: Statistics Canada; press. Computed by tradeexposure, edition deal_2026. Licences: Open. "
        "It may be reprinted with this line, on the terms of these licences."
    )
    own = "Computed by tradeexposure, edition x. It may be reprinted with this line."
    assert citing.credit(sources.head(0), edition="x") == own
