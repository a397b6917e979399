"""What real files of the merchandise trade look like: each is read right, or refused in one line that says why.

Rows are written here; none is copied from a file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import samplefiles
from publishers import zipped
from samplefiles import Table, cells, passed_on, read, refused

from tradeexposure.refresh.publishers import sources_schema


class TestMerchandiseTrade:
    """Statistics Canada 71-607-X2021004; github.com/pedrocondor/oec-etl, etl/countries/canada/README.md (``N/A``)."""

    CASE = samplefiles.MerchandiseTrade()
    FOUND = [  # noqa: RUF012
        ["2024-03", "8703800011", "CN", "1250000", "30"],
        ["2024-03", "8703800011", "US", "700000", "10"],
        ["2024-03", "8703800012", "CN", "800000", "20"],
    ]

    def read(self, tmp_path: Path, text: str, *, name: str = "ODPFN014_202412N.csv", **part: Any) -> Table:
        content = zipped({f"CIMT/{name}": text.encode(), "CIMT/ODPF_1_HS10Desc.TXT": "Côte".encode("cp1252")})
        return read(tmp_path, content, "cimt", {**self.CASE.PART, **part}, self.CASE.FIELDS, member="ODPFN014_")

    @passed_on
    def test_passed_on(self, tmp_path: Path, how: Callable[[Table], str]):
        assert self.read(tmp_path, how(cells(self.CASE.TEXT))) == self.FOUND

    def test_the_letter_of_early_years(self, tmp_path: Path):
        assert self.read(tmp_path, self.CASE.TEXT, name="ODPFN014_200212C.csv") == self.FOUND

    def test_no_quantity_is_not_nothing(self, tmp_path: Path):
        text = self.CASE.TEXT.replace(',30,"NMB"', ',0,"N/A"').replace(',20,"NMB"', ',,""')
        assert [line[4] for line in self.read(tmp_path, text)] == ["", "10", ""]

    @pytest.mark.parametrize(("unit", "kilograms"), [("KGM", "30"), ("KSD", "30"), ("TNE", "30000"), ("TSD", "30000")])
    def test_every_weight_of_the_goods_is_kilograms(self, tmp_path: Path, unit: str, kilograms: str):
        """As the unit table of the bulk files has them (ODPF_9_UOMDesc.TXT): air dry ones are weights too."""
        text = self.CASE.TEXT.replace(',30,"NMB"', f',30,"{unit}"').replace("NMB", "KGM")
        measures = [{"into": "vehicles", "column": "Quantity/Quantité", "unit": ["KGM"]}]
        assert self.read(tmp_path, text, measures=measures)[0][4] == kilograms

    def test_the_weight_of_a_named_substance_is_another(self, tmp_path: Path):
        text = self.CASE.TEXT.replace("NMB", "KNS")
        for units, refusal in ((["KGM"], "found the unit 'KNS' for vehicles, expected KGM"), (["KNS"], "")):
            part = {"measures": [{"into": "vehicles", "column": "Quantity/Quantité", "unit": units}]}
            if refusal:
                refused(lambda part=part: self.read(tmp_path, text, **part), refusal)
            else:
                assert self.read(tmp_path, text, **part)[0][4] == "30"

    def test_codes_that_are_no_country_stay_and_newfoundland_is_one(self, tmp_path: Path):
        """By the shipped recipe; NF to October 2002, NL from November (ODPF_8_ProvDesc.TXT)."""
        rows = (("CA", "ON"), ("ZX", "QC"), ("ZZ", "BC"), ("CN", "NF"), ("CN", "NL"))
        text = self.CASE.TEXT.splitlines(keepends=True)[0] + "".join(
            f'"202403","8703800011","{country}","{province}",,{value},1,"NMB"\r\n'
            for value, (country, province) in enumerate(rows, start=100)
        )
        recipe = sources_schema.load().tables["ev_imports_by_origin_monthly"].parts[0].model_dump()
        content = zipped({"CIMT/ODPFN014_202412N.csv": text.encode()})
        fields = ("month", "hs10", "country", "province", "value_cad", "quantity")
        assert [line[2:] for line in read(tmp_path, content, "cimt", recipe, fields, member="ODPFN014_")] == [
            ["CA", "ON", "100", "1"], ["CN", "NL", "207", "2"], ["ZX", "QC", "101", "1"], ["ZZ", "BC", "102", "1"],
        ]  # fmt: skip

    def test_a_sum_with_a_part_that_is_not_known_is_not_known(self, tmp_path: Path):
        text = self.CASE.TEXT + '"202403","8703800011","CN","ON",,5,0,"N/A"\r\n'
        assert self.read(tmp_path, text)[0] == ["2024-03", "8703800011", "CN", "1250005", ""]

    TWICE = CASE.TEXT.splitlines(keepends=True)[1]
    UNCHECKED: ClassVar = [{"into": "value_cad", "column": "Value/Valeur"},
                           {"into": "vehicles", "column": "Quantity/Quantité"}]  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "part", "refusal"),
        [
            (CASE.TEXT.replace(',30,"NMB"', ',30,"N/A"'), {}, "found the unit 'N/A' for vehicles, expected NMB"),
            (CASE.TEXT + '"202403","8703800011","CN","ON",,5,900,"KGM"\r\n', {"measures": UNCHECKED},
             "found vehicles of 2024-03, 8703800011, CN in two units, nmb and kgm"),
            (CASE.TEXT + TWICE, {}, "found the same row twice: 202403, 8703800011, CN, BC, 1250000, 30, NMB"),
            (CASE.TEXT.replace("870380", "870360"), {}, "found no HS10 870380* (nearest: "),
        ],
    )  # fmt: skip
    def test_what_is_not_sure_is_refused(self, tmp_path: Path, text: str, part: dict[str, Any], refusal: str):
        refused(lambda: self.read(tmp_path, text, **part), refusal)
