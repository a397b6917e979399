"""Reading notebooks, their parameters, and dropping from them what differs between runs.

What a cell printed is one text per stream, joined in a time that grows with its length and not with its square.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tinyproject import ESTIMATE, SIMULATION, notebook

from tradeexposure.core.errors import BadInput
from tradeexposure.runner import notebooks

AS_THE_LIBRARY = re.compile(r".*\r(?=[^\n])")
SHOWN = {"output_type": "display_data", "data": {}}


def written(folder: Path, name: str = "10_count_things", cells: dict[str, str] = ESTIMATE, **changed: str) -> Path:
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook({**cells, **changed}, name=name, area="a")), "utf-8")
    return path


def test_parameters_cell_tells_the_level(tmp_path: Path):
    assert not notebooks.read(written(tmp_path)).depends_on_scenario
    assert notebooks.read(written(tmp_path, cells=SIMULATION)).depends_on_scenario


def test_a_notebook_that_compares_says_so_and_depends_on_no_scenario(tmp_path: Path):
    for cells in (ESTIMATE, SIMULATION):
        path = written(tmp_path, cells=cells)
        content = json.loads(path.read_text("utf-8"))
        content["metadata"]["tradeexposure"] = {"compares": True}
        path.write_text(json.dumps(content), "utf-8")
        if cells is ESTIMATE:
            assert notebooks.read(path).marks.compares
    with pytest.raises(BadInput, match="compares: found true, and a parameter scenario"):
        notebooks.read(path)


def test_title_and_kernel(tmp_path: Path):
    notebook = notebooks.read(written(tmp_path))
    assert (notebook.title, notebook.kernel, notebook.marks) == ("Test 10_count_things", "python3", notebooks.Marks())


def test_digest_covers_what_runs_and_not_what_came_out(tmp_path: Path):
    path = written(tmp_path)
    digest = notebooks.read(path).digest
    content = json.loads(path.read_text("utf-8"))
    content["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    content["cells"][1]["execution_count"] = 7
    content["cells"][2]["source"] = [content["cells"][2]["source"]]
    path.write_text(json.dumps(content), "utf-8")
    assert notebooks.read(path).digest == digest
    content["cells"][1]["source"] += "\n"
    path.write_text(json.dumps(content), "utf-8")
    assert notebooks.read(path).digest != digest


def test_parameters_are_compared_both_ways(tmp_path: Path):
    notebook = notebooks.read(written(tmp_path, parameters='a: str = "x"\nb: float\nc = 3'))
    notebooks.check_parameters(notebook, {"b": 2})
    notebooks.check_parameters(notebook, {"b": 2.5, "a": "y", "c": "anything"})
    with pytest.raises(BadInput, match="found no d; allowed: a, b, c"):
        notebooks.check_parameters(notebook, {"b": 2, "d": 1})
    with pytest.raises(BadInput, match="b: found no value"):
        notebooks.check_parameters(notebook, {})
    for wrong in ("2", True, None):
        with pytest.raises(BadInput, match=r"b: found .*a value of type float"):
            notebooks.check_parameters(notebook, {"b": wrong})


def test_effective_parameters_are_the_defaults_overridden_by_what_is_passed(tmp_path: Path):
    notebook = notebooks.read(written(tmp_path, parameters='a: str = "x"\nb: float\nc = -3\nd = (1, {2})'))
    assert notebooks.effective_parameters(notebook, {"b": 2.5}) == {"a": "x", "b": 2.5, "c": -3, "d": [1, "{2}"]}
    assert notebooks.effective_parameters(notebook, {"a": "y", "b": 1})["a"] == "y"


def test_two_parameters_cells_are_refused(tmp_path: Path):
    path = written(tmp_path)
    content = json.loads(path.read_text("utf-8"))
    content["cells"].append(copy.deepcopy(content["cells"][1]))
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(BadInput, match="found 2 cells"):
        notebooks.read(path)


def test_cleaning_leaves_what_a_reader_sees():
    content = notebook(ESTIMATE, name="a", area="a")
    content["metadata"] |= {"papermill": {"duration": 1}, "language_info": {"name": "python", "version": "3.12.1"}}
    content["metadata"]["tradeexposure"] = {"headline": ["a.b"]}
    content["metadata"]["kernelspec"]["display_name"] = "Python 3 (ipykernel)"
    injected = {"cell_type": "code", "id": "1a2b3c4d", "metadata": {"tags": ["injected-parameters"]}, "source": "x = 1"}
    content["cells"].insert(2, {**injected, "outputs": [], "execution_count": 2})
    content["cells"][3]["metadata"] = {"papermill": {}, "execution": {}, "tags": []}
    cleaned = notebooks.clean(copy.deepcopy(content))
    assert cleaned["metadata"] == {
        "kernelspec": notebooks.KERNELSPEC,
        "language_info": {"name": "python"},
        "tradeexposure": {"headline": ["a.b"]},
    }
    assert [cell["id"] for cell in cleaned["cells"][:3]] == ["title", "parameters", "injected-parameters"]
    assert [cell["metadata"] for cell in cleaned["cells"][1:4]] == [
        {"tags": ["parameters"]},
        {"tags": ["injected-parameters"]},
        {},
    ]
    assert [cell["source"] for cell in cleaned["cells"]] == [cell["source"] for cell in content["cells"]]


def test_cells_are_counted_as_the_analyst_counts_them():
    cells = [
        {"cell_type": "markdown", "metadata": {}},
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}},
        {"cell_type": "code", "metadata": {"tags": ["injected-parameters"]}},
        {"cell_type": "code", "metadata": {}},
    ]
    assert [notebooks.code_number(cells, index) for index in (1, 3)] == [1, 2]


def stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def test_pieces_of_a_stream_are_one_output_where_the_first_stood():
    outputs = [stream("stdout", "a"), SHOWN, stream("stdout", "b\n"), stream("stdout", "c")]
    assert notebooks.merge_streams(outputs) == [stream("stdout", "ab\nc"), SHOWN]


def test_standard_output_stands_before_errors_that_were_sent_beside_it():
    assert notebooks.merge_streams([stream("stderr", "e"), stream("stdout", "o")]) == [
        stream("stdout", "o"), stream("stderr", "e"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "a", "a\rb", "a\rb\rc\n", "a\r\nb", "a\r", "a\r\r\nb\r\rc", "\r\r", "x\n\ry\r\n"])
def test_a_return_leaves_what_the_library_would_leave(text: str):
    assert notebooks.terminal_text(text) == AS_THE_LIBRARY.sub("", text)


def test_a_line_of_three_megabytes_is_joined_in_no_time():
    """The library's pattern is tried at every letter and runs to the line's end: 4.5 million million steps."""
    (output,) = notebooks.merge_streams([stream("stdout", "x" * 1_000_000) for _ in range(3)])
    assert len(output["text"]) == 3_000_000
