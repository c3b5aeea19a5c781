"""What reading a result file promises: a result, or one line that says what is wrong with the file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from written_results import file_result

from xbench.errors import DataError
from xbench.results.result import read_result

Change = Callable[[str], str]
SEED = '"seed": 0'
FOREIGN: dict[str, tuple[Change, str]] = {
    "nested deeply": (lambda text: "[" * 100_000 + "]" * 100_000, "nested too deeply"),
    "nested deeply inside": (
        lambda text: text.replace('"gap": {}', f'"gap": {{"x": {"[" * 90_000 + "]" * 90_000}}}'),
        "nested too deeply",
    ),
    "more digits than are read": (lambda text: text.replace(SEED, f'"seed": {"9" * 5000}'), "has 5,000 digits"),
    "many digits": (lambda text: text.replace(SEED, f'"seed": {"9" * 400}'), "has 400 digits"),
    "a number that reads as infinity": (lambda text: text.replace("2.5", "1e999"), "1e999 is too large a number"),
    "minus infinity": (lambda text: text.replace("2.5", "-1e999"), "-1e999 is too large a number"),
    "NaN": (lambda text: text.replace("2.5", "NaN"), "NaN is not JSON"),
    "half of it": (lambda text: text[: len(text) // 2], "not valid JSON"),
    "nothing": (lambda text: "", "not valid JSON"),
    "a list": (lambda text: "[]", "file: Input should be an object"),
    "of other software": (lambda text: '{"task_name": "x"}', "not a result of this version of xbench"),
    "half a character": (lambda text: text.replace("Toy_1", "\\ud800"), "Invalid JSON"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_result_is_one_line_that_names_the_file(tmp_path: Path, kind: str) -> None:
    change, words = FOREIGN[kind]
    path = file_result(tmp_path, {"de-de": 0.5})
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before
    with pytest.raises(DataError) as refused:
        read_result(path)
    assert str(refused.value).startswith(f"{path}: ") and words in str(refused.value)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < len(str(path)) + 250


def test_a_result_that_is_read_is_the_one_that_was_written(tmp_path: Path) -> None:
    path = file_result(tmp_path, {"de-de": 0.5}, seed=2**32 - 1)
    found = read_result(path)
    assert found.seed == 2**32 - 1 and found.timings == {"total": 2.5}
