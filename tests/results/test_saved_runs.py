"""What `xbench run --save-run` promises: files that the referee scores as the result says, and no second result."""

import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from build import coarse, collection, directions, encoded

from xbench import cli
from xbench.data.collection import Collection, Golds, Queries, Texts
from xbench.data.download import Storage
from xbench.evaluation.grid import ScoringRule, evaluate
from xbench.evaluation.ranker import VectorRanker
from xbench.jobs.rankers import VectorPreparation
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.metrics import Metric
from xbench.progress import Silent
from xbench.results.reading import read_result
from xbench.results.result import Result
from xbench.results.run_files import Wanted, save_runs
from xbench.results.settings import scored_settings
from xbench.results.trec import score_run, token
from xbench.specs import Grid

METRICS = ("AP", "nDCG@10", "R@1", "R@10")


TASK = """
name: numbers
languages: [de, en]
format: parallel
source: {path: rows.jsonl}
"""


def ask(folder: Path, **changes: Any) -> Request:
    """A request for a task of 60 rows, of which 20 are in German alone."""
    rows = [{"id": str(number), **texts(number, ["de", "en"] if number < 40 else ["de"])} for number in range(60)]
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (folder / "numbers.yaml").write_text(TASK)
    storage = Storage(cache=folder / "cache", offline=True)
    tasks = (str(folder / "numbers.yaml"),)
    return replace(Request(("random",), tasks=tasks, out=folder / "results", storage=storage), **changes)


def texts(number: int, languages: list[str]) -> dict[str, dict[str, str]]:
    return {side: {name: f"{name} {side} {number}" for name in languages} for side in ("query", "positive")}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("saved")
    (path,) = run(ask(folder, runs=Wanted(("all",), None)), Silent())
    return path, read_result(path)


def means(path: Path, setting: str) -> dict[str, float]:
    folder = path.with_name(f"{path.stem}.runs-all")
    return score_run(folder / f"{setting}.run.gz", folder / f"{setting}.qrels.gz", METRICS)[0]


def test_the_referee_gives_every_saved_setting_the_scores_of_the_result(saved: tuple[Path, Result]) -> None:
    path, result = saved
    settings = scored_settings(result)
    assert list(settings) == ["de-de", "de-en", "en-de", "en-en", "de-pool", "en-pool"]
    scores = result.scores
    assert scores.monolingual and scores.cross_lingual and scores.multilingual
    for name, (query, document) in settings.items():
        half = scores.monolingual if query == document else scores.cross_lingual
        entry = scores.multilingual.languages[query] if document == "pool" else half.pairs[name]
        assert means(path, name) == pytest.approx({metric: entry[metric] for metric in METRICS}, abs=1e-6)


def test_saving_runs_changes_no_key_and_no_result(saved: tuple[Path, Result], tmp_path: Path) -> None:
    (plain,) = run(ask(tmp_path), Silent())
    assert plain.name == saved[0].name
    before = plain.read_bytes()
    (again,) = run(ask(tmp_path, runs=Wanted(("en-de",), 3)), Silent())
    assert again.read_bytes() == before
    folder = plain.with_name(f"{plain.stem}.runs-3")
    assert sorted(file.name for file in folder.iterdir()) == ["en-de.qrels.gz", "en-de.run.gz"]
    lines = gzip.decompress((folder / "en-de.run.gz").read_bytes()).decode().splitlines()
    assert [line.split()[3] for line in lines[:4]] == ["1", "2", "3", "1"]
    whole = saved[0].with_name(f"{plain.stem}.runs-all") / "en-de.run.gz"
    assert gzip.decompress(whole.read_bytes()).decode().splitlines()[:3] == lines[:3]


def test_the_same_command_gives_the_same_bytes_and_leaves_what_is_there(tmp_path: Path) -> None:
    wanted = ask(tmp_path, runs=Wanted(("de-pool",), 5))
    (path,) = run(wanted, Silent())
    file = path.with_name(f"{path.stem}.runs-5") / "de-pool.run.gz"
    content, stamp = file.read_bytes(), file.stat().st_mtime_ns
    run(wanted, Silent())
    assert file.stat().st_mtime_ns == stamp
    file.unlink()
    run(wanted, Silent())
    assert file.read_bytes() == content


def test_what_is_scored_is_encoded_and_ranked_from_one_preparation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collections: list[Collection] = []
    prepare = VectorPreparation.prepare

    def watched(self: VectorPreparation, collection: Collection) -> Any:
        collections.append(collection)
        return prepare(self, collection)

    monkeypatch.setattr(VectorPreparation, "prepare", watched)
    run(ask(tmp_path, runs=Wanted(("de-pool",), 5)), Silent())
    assert len(collections) == 1
    run(ask(tmp_path, runs=Wanted(("de-pool",), 5)), Silent())
    assert len(collections) == 1  # all is there
    run(ask(tmp_path, runs=Wanted(("de-de",), 5)), Silent())
    assert len(collections) == 2


@pytest.mark.verify
def test_the_referee_agrees_on_a_pair_of_real_data_without_equal_texts(data_folder: Path, tmp_path: Path) -> None:
    storage = Storage((data_folder,), cache=tmp_path / "cache", offline=True)
    asked = Request(("random",), tasks=("xquad-r",), languages=("en", "th"), out=tmp_path / "results", storage=storage)
    (path,) = run(replace(asked, runs=Wanted(("en-th",), None)), Silent())
    scores = read_result(path).scores.cross_lingual
    assert scores is not None
    expected = {metric: scores.pairs["en-th"][metric] for metric in METRICS}
    assert means(path, "en-th") == pytest.approx(expected, abs=1e-6)


def renamed(data: Collection, new: Callable[[str], str]) -> Collection:
    """The same texts under other ids and other names of languages."""

    def side(texts: Texts) -> dict[str, Any]:
        return {"ids": tuple(map(new, texts.ids)), "texts": texts.texts}

    queries = {new(language): replace(asked, **side(asked)) for language, asked in data.queries.items()}
    documents = {new(language): Texts(**side(texts)) for language, texts in data.documents.items()}
    return Collection(queries, documents, {new(language): golds for language, golds in data.golds.items()})


def save(folder: Path, data: Collection, make: Any, settings: list[tuple[str, str]], unit: float = 1.0) -> ScoringRule:
    sides = (encoded(data.queries, 1, make), encoded(data.documents, 2, make))
    named = {f"{query}-{document}": (query, document) for query, document in settings}
    save_runs(folder, named, data, VectorRanker(data, *sides, unit), None, lambda queries: None)
    return ScoringRule(Grid(), tuple(map(Metric.parse, METRICS)))


def ranked_texts(path: Path, data: Collection) -> list[tuple[str, str]]:
    """(query, document) of a run's lines in order, by their texts."""
    texts = {
        identity: text
        for side in (data.queries, data.documents)
        for part in side.values()
        for identity, text in zip(part.ids, part.texts, strict=True)
    }
    fields = [line.split() for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    return [(texts[query], texts[document]) for query, _, document, *_ in fields]


def test_the_order_of_ties_knows_neither_ids_nor_names_of_languages(tmp_path: Path) -> None:
    data = collection({"de": ["1", "2", "3"], "en": ["1", "2", "3"]}, distractors=30)
    other = renamed(data, lambda name: f"z{name[::-1]}")
    for folder, version in (("one", data), ("two", other)):
        asked, answers = next(iter(version.queries)), list(version.documents)
        save(tmp_path / folder, version, coarse, [(asked, answers[1]), (asked, "pool")])
    one, two = (sorted((tmp_path / folder).glob("*pool.run.gz"))[0] for folder in ("one", "two"))
    assert ranked_texts(one, data) == ranked_texts(two, other)


def test_ties_are_the_only_difference_between_the_referee_and_the_grid(tmp_path: Path) -> None:
    """On tied scores a run file is one order of many; the grid's score is the mean over all of them."""
    data = collection({"de": [str(number) for number in range(40)]}, distractors=20)
    for make, exactly in ((directions, True), (coarse, False)):
        plan = save(tmp_path / make.__name__, data, make, [("de", "de")])
        sides = (encoded(data.queries, 1, make), encoded(data.documents, 2, make))
        expected = evaluate(data, *sides, plan).scores.monolingual.macro
        folder = tmp_path / make.__name__
        found = score_run(folder / "de-de.run.gz", folder / "de-de.qrels.gz", METRICS)[0]
        assert (found == pytest.approx(expected, abs=1e-6)) is exactly


def test_ids_with_white_space_stay_one_field(tmp_path: Path) -> None:
    assert token("a b%\u2028c") == "a%20b%25%E2%80%A8c"
    plain = Queries(("q 1",), ("text",), ("1",), ("1",))
    data = collection({"de": ["1"]}, distractors=0)
    data = Collection({"de": plain}, {"de": Texts(("d 1",), ("answer",))}, data.golds)
    save(tmp_path, data, directions, [("de", "de")])
    found, judged, missing, _ = score_run(tmp_path / "de-de.run.gz", tmp_path / "de-de.qrels.gz", ["AP"])
    assert (found, judged, missing) == ({"AP": 1.0}, 1, 0)


def test_grades_and_relevant_documents_that_are_absent_stand_in_the_qrels(tmp_path: Path) -> None:
    """One query: grades 2 and 0, and a relevant document that the collection lacks."""
    data = collection({"de": ["1"]}, distractors=2)
    rows = np.array([[0, 0, 0, 2], [0, 0, 1, 0], [0, 0, -1, 1]])
    data = Collection(data.queries, data.documents, {"de": Golds(*rows.T)})
    plan = save(tmp_path, data, directions, [("de", "de")])
    lines = gzip.decompress((tmp_path / "de-de.qrels.gz").read_bytes()).decode().splitlines()
    assert lines == ["de-1 0 de-d0 2", "de-1 0 de-d1 0", "de-1 0 absent-document-2 1"]
    sides = (encoded(data.queries, 1, directions), encoded(data.documents, 2, directions))
    expected = evaluate(data, *sides, plan).scores.monolingual.macro
    found = score_run(tmp_path / "de-de.run.gz", tmp_path / "de-de.qrels.gz", METRICS)[0]
    assert found == pytest.approx(expected, abs=1e-6)


def test_scores_are_those_that_the_model_means(tmp_path: Path) -> None:
    data = collection({"de": ["1"]}, distractors=3)
    save(tmp_path, data, directions, [("de", "de")], unit=4.0)
    queries, documents = encoded(data.queries, 1, directions)["de"], encoded(data.documents, 2, directions)["de"]
    lines = gzip.decompress((tmp_path / "de-de.run.gz").read_bytes()).decode().splitlines()
    found = [float(line.split()[4]) for line in lines]
    assert found == pytest.approx(np.sort(4 * (queries @ documents.T)[0])[::-1].tolist(), abs=1e-5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--save-run", "de-fr"], "--save-run de-fr: no such setting"),
        (
            ["--save-run", "--depth", "many"],
            "--depth many: expected a whole number of documents from 1 to 1,000,000,000, or all",
        ),
        (["--save-run", "--depth", "0"], "--depth 0"),
    ],
)
def test_a_wrong_request_is_one_line_before_any_work(
    options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    command = ["xbench", "run", "--model", "random", "--task", "facts", "--languages", "de,en", *options]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "results").exists()
