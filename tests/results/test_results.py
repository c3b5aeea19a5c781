"""What reading a result file promises: a result, or one line that says what is wrong with the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from written_results import changed, file_result

from xbench.errors import DataError
from xbench.evaluation.scores import HALVES
from xbench.results.faults import faults
from xbench.results.provenance import SCORES
from xbench.results.reading import parse_result, read_result, read_results
from xbench.results.record import TrainingRecord
from xbench.results.result import Result, result_schema
from xbench.results.spec_records import ModelRecord
from xbench.results.writing import write_result
from xbench.specs.registry import shipped

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
    "a seed that is a switch": (
        lambda text: text.replace(SEED, '"seed": true'),
        "seed: Input should be a valid integer",
    ),
    "a seed that is text": (lambda text: text.replace(SEED, '"seed": "0"'), "seed: Input should be a valid integer"),
    "a key that stands twice": (lambda text: text.replace(SEED, f"{SEED}, {SEED}"), "key 'seed' stands twice"),
    "half a character": (lambda text: text.replace("Toy_1", "\\ud800"), "not valid JSON"),
    "half a character beside a long number": (
        lambda text: text.replace("Toy_1", "\\ud800").replace("2.5", f"0.{'1' * 100}"),
        "not valid JSON",
    ),
    "nested by hundreds": (
        lambda text: text.replace('"gap": {}', f'"gap": {{"x": {"[" * 500 + "]" * 500}}}'),
        "recursion limit exceeded",
    ),
    "controls in a key": (lambda text: text.replace(SEED, f'{SEED}, "\\u001b[2J": 1'), "⟨001B⟩[2J: Extra inputs"),
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


def test_a_filed_result_of_which_one_digit_changed_is_refused(tmp_path: Path) -> None:
    result = read_result(file_result(tmp_path / "first", {"de-de": 0.5}))
    path = tmp_path / "second.json"
    write_result(path, result.sealed(), {})
    assert read_result(path).plain() == result.sealed().plain()
    path.write_text(path.read_text().replace("0.5", "0.7", 1))
    with pytest.raises(DataError, match=r"damaged or edited .*; delete it and run again"):
        read_result(path)


def test_every_shipped_result_is_written_again_byte_for_byte(tmp_path: Path) -> None:
    files = sorted((shipped("leaderboard") / "results").rglob("*.json"))
    assert len(files) > 50
    for path in files:
        write_result(tmp_path / path.name, read_result(path), {})
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path


def test_absent_keys_stay_absent_and_nulls_stay_null(tmp_path: Path) -> None:
    path = file_result(tmp_path, {"de-de": 0.5}, tokens={"max_length": None}, gap={"metric": "AP", "seen": {"x": None}})
    written = json.loads(path.read_text())
    assert read_result(path).plain() == written
    assert "training" in written and written["scores"]["multilingual"] is None and "queries" not in written["tokens"]


def test_keys_of_other_versions_are_kept_and_specs_keep_their_order(tmp_path: Path) -> None:
    specs = {"task": {"zeta": [1, {"a": None}], "name": "toy", "alpha": 1.0}, "later": {"name": "x"}}
    path = file_result(tmp_path, {"de-de": 0.5}, specs=specs, provenance={"host": "a", "command": "xbench run"})
    found = read_result(path)
    assert json.dumps(found.specs.plain()) == json.dumps(specs)
    assert found.provenance.plain() == {"host": "a", "command": "xbench run"}
    assert (found.task_spec.name, found.model_spec) == ("toy", ModelRecord())


ODD: dict[str, tuple[dict[str, Any], Callable[[Result], Any], Any]] = {
    "a list for a number": (
        {"gap": {"absolute": [1], "metric": "AP"}},
        lambda found: found.gap.plain(),
        {"metric": "AP"},
    ),
    "text for a number": ({"bias": {"lift": {"de": "0.5", "en": 0.5}}}, lambda found: found.bias.lift, {"en": 0.5}),
    "yes for a number": ({"tokens": {"max_length": True}}, lambda found: found.tokens.max_length, None),
    "a number for a mapping": ({"bias": {"rank_distance": 7}}, lambda found: found.bias.distance.mean, None),
    "a verdict that is none": ({"zero_shot": {"verdict": {}}}, lambda found: found.verdict, "unknown"),
    "text for specs": ({"specs": {"task": "x", "recipe": 7}}, lambda found: found.specs.plain(), {}),
    "an odd point of the loss": (
        {"training": {"steps": 1, "loss": [[1, 2.5], [2, "x"]]}},
        lambda found: found.training,
        TrainingRecord(steps=1),
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_inside_open_parts_a_value_of_another_kind_is_a_missing_value(tmp_path: Path, kind: str) -> None:
    changes, look, expected = ODD[kind]
    assert look(read_result(file_result(tmp_path, {"de-de": 0.5}, **changes))) == expected


@pytest.mark.parametrize(
    "changes", [{"bias": 5}, {"seed": "x"}, {"scores": {"monolingual": {"macro": {}}}}, {"more": 1}]
)
def test_the_frame_of_a_result_must_be_as_the_schema_says(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="not a result of this version"):
        read_result(changed(file_result(tmp_path, {"de-de": 0.5}), changes))


ENTRY = {"n": 4, "AP": 0.5}


def half(pairs: dict[str, Any], name: str = "monolingual", **means: Any) -> dict[str, Any]:
    return {"scores": {name: {"macro": {}, "micro": {}, "pairs": pairs} | means, "multilingual": None}}


IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "fewer documents than none": ({"counts": {"queries": {"de": 4}, "documents": {"de": -10}}}, "counts.documents.de"),
    "more documents than counts": ({"counts": {"queries": {"de": 4}, "documents": {"de": 2**60}}}, "counts.documents"),
    "parameters below zero": ({"specs": {"model": {"parameters": -5}}}, "specs.model.parameters"),
    "parameters beyond sense": ({"specs": {"model": {"parameters": 10**60}}}, "specs.model.parameters"),
    "a dimension below zero": ({"specs": {"model": {"dimension": -1}}}, "specs.model.dimension"),
    "a share above one": ({"tokens": {"queries": {"de": {"truncated": 1.5}}}}, "tokens.queries.de.truncated"),
    "steps below zero": ({"training": {"steps": -1}}, "training.steps"),
    "time that runs back": ({"timings": {"total": -1.0}}, "timings.total: found -1, expected seconds"),
    "a seed below zero": ({"seed": -1}, "seed: Input should be greater than or equal to 0"),
    "a blank name": ({"model": " "}, "model: found ' ', expected a name"),
    "controls in a name": ({"model": "a\x1b]0;b\x07"}, "model: found 'a\\x1b]0;b\\x07', expected a name"),
    "a name that turns the line": ({"recipe": "a\u202eb"}, "recipe: found 'a\\u202eb', expected a name"),
    "a long name": ({"task": "a" * 1000}, "expected a name of at most 300 visible characters"),
    "no language": ({"counts": {"queries": {"x y": 4}, "documents": {"de": 4}}}, "counts.queries: found 'x y'"),
    "a metric that is none": ({"metrics": ["AP", "<b>"]}, "metrics: found '<b>'"),
    "a metric twice": ({"metrics": ["AP", "AP"]}, "metrics: found AP, AP, expected each once"),
    "a pair of other languages": (half({"de-fr": ENTRY}), "pairs.de-fr: expected languages that `counts` has"),
    "a pair in the other half": (half({"de-de": ENTRY}, "cross-lingual"), "in this half"),
    "more queries than there are": (half({"de-de": ENTRY | {"n": 5}}), "pairs.de-de.n: found 5, expected 1 to 4"),
    "no query": (half({"de-de": ENTRY | {"n": 0}}), "pairs.de-de.n: found 0, expected 1 to 4"),
    "a score below zero": (half({"de-de": ENTRY | {"AP": -0.1}}), "pairs.de-de.AP: found -0.1, expected a score"),
    "a score of another metric": (half({"de-de": {"n": 4, "RR": 0.5}}), "pairs.de-de.AP: found None"),
    "a mean of other pairs": (half({"de-de": ENTRY}, macro={"AP": 0.9}), "macro.AP: found 0.9, expected 0.5, the mean"),
    "a mean above one": (half({"de-de": ENTRY}, micro={"AP": 1.1}), "micro.AP: found 1.1, expected a score"),
}


@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_what_no_measurement_gives_is_one_line(tmp_path: Path, kind: str) -> None:
    changes, words = IMPOSSIBLE[kind]
    path = changed(file_result(tmp_path, {"de-de": 0.5}), changes)
    with pytest.raises(DataError) as refused:
        read_result(path)
    assert str(refused.value).startswith(f"{path}: ") and words in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_folder_gives_its_results_by_path_and_skips_hidden_files(tmp_path: Path) -> None:
    files = [file_result(tmp_path / name, {"de-de": 0.5}) for name in ("b", "a")]
    (files[0].parent / ".half.json").write_text("{")
    found = read_results(tmp_path)
    assert [result.path for result in found] == sorted(files)
    assert read_results(files[0]) == found[1:]
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(DataError, match=r"c\.json: task: Field required"):
        read_results(tmp_path)
    with pytest.raises(DataError, match="absent: no result there"):
        read_results(tmp_path / "absent")


def test_a_result_that_was_not_read_lies_nowhere(tmp_path: Path) -> None:
    path = file_result(tmp_path, {"de-de": 0.5})
    found = Result.model_validate(json.loads(path.read_text()))
    assert read_result(path).path == path and read_result(path).arrays()["AP"].shape == (4, 1)
    with pytest.raises(DataError, match="was read from no file"):
        found.path  # noqa: B018
    assert parse_result(path.read_bytes(), path).path == path


def test_the_schema_documents_every_part() -> None:
    schema = result_schema()
    parts = schema["$defs"]
    assert isinstance(parts, dict)
    assert {"Bias", "Gap", "Pooling", "Tokens", "ZeroShotRecord", "TrainingRecord", "Provenance"} <= parts.keys()
    assert not [name for name, part in parts.items() if name != "JsonValue" and not part.get("description")]
    assert "complete@20" in parts["RankDistance"]["properties"]


def test_a_mean_is_found_by_the_name_that_tables_give_it(tmp_path: Path) -> None:
    path = next(iter(sorted((shipped("leaderboard") / "results").rglob("*.json"))))
    scores, stored = read_result(path).scores, json.loads(path.read_text())["scores"]
    assert [scores.macro(name, "AP") for name in HALVES] == [stored[half]["macro"]["AP"] for half in HALVES.values()]
    assert scores.pairs == stored["monolingual"]["pairs"] | stored["cross-lingual"]["pairs"]
    assert SCORES == 2


def test_an_honest_result_has_no_fault_and_each_fault_has_its_kind(tmp_path: Path) -> None:
    result = read_result(file_result(tmp_path, {"de-de": 0.5, "de-en": 0.25}))
    assert list(faults(result)) == []
    wrong = result.model_copy(update={"seed": -1, "timings": {"total": -2.0}})
    assert [kind for kind, _ in faults(wrong)] == ["value", "value"]
