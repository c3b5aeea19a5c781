"""What reading, comparing and showing results promises to programs, and what `load_task` and `train` refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import xbench
from xbench.api.arguments import call_text
from xbench.errors import DataError, SpecError, TrainingError, XbenchError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XBENCH_PATH", "XBENCH_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def scored(**options: Any) -> list[xbench.Result]:
    return xbench.evaluate("random", "facts", languages=["de", "en"], progress=False, **options)


def test_what_was_scored_is_read_compared_and_shown() -> None:
    first, second = scored(), scored(settings={"model.dimension": 8})
    seeds = scored(seeds=(0, 1), out="seeds")
    assert {result.digest for result in xbench.read_results("results")} == {first[0].digest, second[0].digest}
    (same,) = xbench.read_results(str(first[0].path))
    assert same.scores == first[0].scores
    assert str(first[0]) == repr(first[0]) and "\n" not in repr(first[0]) and len(repr(first[0])) < 150
    assert repr(first[0]).startswith("<result facts: random x none, seed 0: AP Mo 0.")
    assert isinstance(seeds, xbench.Results) and isinstance(xbench.read_results("seeds"), xbench.Results)
    assert repr(seeds) == f"[{seeds[0]!r}\n {seeds[1]!r}]"
    assert seeds._repr_html_().count("<tr>") == 3 and set(seeds.to_frame()["seed"]) == {0, 1}
    assert xbench.Results().to_frame().empty
    comparison = xbench.compare(first[0], second, pairs="de-en")
    assert (
        repr(comparison).startswith("<comparison facts: random x none, seed 0 against ") and len(repr(comparison)) < 200
    )
    assert repr(comparison.first) == "<side random x none, seed 0>"
    assert [line.split()[0] for line in str(comparison).splitlines()[-5:]] == ["setting", "Mo", "Cr", "Mul", "de-en"]
    assert "detectable" in str(comparison) and "detectable" in comparison._repr_html_()
    assert [pair.name for pair in comparison.pairs] == ["de-en"]
    assert comparison.examples == ()
    shown = xbench.compare(first[0], second, pairs="de-en", examples=2).examples
    assert [one.first_rank < one.second_rank for one in shown] == [True, True, False, False]
    assert xbench.compare(first[0], first, pairs="de-en", examples=2).examples == ()
    assert f"{shown[0].query}: rank " in str(xbench.compare(first[0], second, pairs="de-en", examples=2))
    by_path = xbench.compare(first[0].path, second[0].path, pairs=["de-en"])
    assert by_path.macros == comparison.macros
    assert [result.seed for result in xbench.compare(seeds, "seeds").first.results] == [0, 1]
    site = xbench.build_leaderboard(["results", "seeds"], "site")
    assert site.files[0] == Path("site/index.html")
    assert ["two contents of one run" in line for line in site.skipped] == [True]  # seed 0 was timed twice


def test_a_list_of_results_shows_the_rows_of_a_task_together() -> None:
    results = xbench.evaluate("random", ["facts"], languages=["de", "en"], seeds=(0, 1), progress=False)
    other = [result.model_copy(update={"task": "other"}) for result in results]
    mixed = xbench.Results([results[0], other[0], results[1], other[1]])
    rows = mixed._repr_html_().split("<tr>")[2:]
    assert [">facts<" in row for row in rows] == [True, True, False, False]
    assert [result.task for result in mixed] == ["facts", "other", "facts", "other"]  # the list itself stays


def test_what_cannot_be_compared_is_one_line() -> None:
    (first,), (second,) = scored(), scored(settings={"model.dimension": 8})
    with pytest.raises(DataError, match=r"^2 results: results of several configurations"):
        xbench.compare([first, second], first)
    with pytest.raises(DataError, match=r"^0 results: no result there"):
        xbench.compare([], first)
    with pytest.raises(DataError, match=r"^results: results of several configurations"):
        xbench.compare("results", first)
    with pytest.raises(DataError, match="nope: no result there"):
        xbench.compare("nope", first)
    with pytest.raises(SpecError, match="compare: found int, expected results, or a folder of them"):
        xbench.compare([3], first)  # type: ignore[list-item]
    with pytest.raises(SpecError, match="examples: found no pairs; name the setting that they are of"):
        xbench.compare(first, second, examples=3)
    for wrong in (-1, "3", True):
        with pytest.raises(SpecError, match=r"examples: found .*, expected a whole number from 0"):
            xbench.compare(first, second, pairs="de-en", examples=wrong)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"^results: no result in languages de, found facts in de, en"):
        xbench.compare("results", first, languages="de")
    with pytest.raises(SpecError, match="MAP"):
        xbench.compare(first, second, metric="MAP")
    with pytest.raises(DataError, match="nope"):
        xbench.build_leaderboard("nope")


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: xbench.load_task("fcts"), SpecError, "unknown task 'fcts'; did you mean 'facts'"),
        (lambda: xbench.load_task("facts", languages="fr"), SpecError, "languages fr: task facts lacks fr; it has ar"),
        (lambda: xbench.load_task("facts", settings={"metrics": []}), SpecError, "metrics"),
        (lambda: xbench.load_task("facts", settings={"metrics": {1}}), SpecError, "settings: found set"),
        (lambda: xbench.load_task("xquad-r", offline=True), DataError, "offline=True forbids fetching them"),
        (lambda: xbench.train("random", "hybrid", "facts"), SpecError, "model random cannot be trained"),
        (lambda: xbench.train("static", "none", "facts"), SpecError, "recipe none: nothing is trained by it"),
        (lambda: xbench.train("static", "hybird", "facts"), SpecError, "did you mean 'hybrid'"),
        (lambda: xbench.train(3, "hybrid", "facts"), SpecError, "model: found int, expected a name"),  # type: ignore
        (
            lambda: xbench.train("static", "hybrid", "facts", settings={"batch_size": 5_000}),
            TrainingError,
            "batch of 5000 is larger than",
        ),
        (lambda: xbench.evaluate("random", "facts", device="gpu"), XbenchError, "device gpu: expected auto"),
    ],
    ids=range(11),
)
def test_a_wrong_call_is_one_line(call: Any, kind: type[XbenchError], says: str) -> None:
    with pytest.raises(kind, match=says) as told:
        call()
    assert "\n" not in str(told.value)


def test_a_loaded_task_has_its_texts_in_their_order_and_is_taken_back() -> None:
    task = xbench.load_task("facts", languages=["en", "de"], settings={"metrics": ["RR"]}, progress=False)
    assert repr(task) == "<task facts: 2 languages, 1,508 queries, 1,508 documents>"
    assert repr(task.queries["de"]) == "<754 texts>" == repr(task.documents["en"])
    assert (task.name, task.spec.metrics, list(task.queries)) == ("facts", ("RR",), ["de", "en"])
    assert len(task.golds["de"].query) == 2 * len(task.queries["de"].texts) == 2 * len(task.documents["de"].ids)
    (result,) = xbench.evaluate("random", task, progress=False)
    assert result.metrics == ["RR"]
    with pytest.raises(SpecError, match=r"^settings: task.metrics: task facts is loaded already; set it there"):
        xbench.evaluate("random", task, settings={"task.metrics": ["AP"]}, progress=False)


def test_a_call_is_recorded_without_what_was_left_alone() -> None:
    class Encoder:
        pass

    options: dict[str, object] = {"name": "a", "languages": (), "settings": {"steps": 3}, "out": None}
    text = call_text("evaluate", [Encoder(), [Path("t.yaml")]], options)
    assert text == "xbench.evaluate(<Encoder>, ['t.yaml'], name='a', settings={'steps': 3})"
