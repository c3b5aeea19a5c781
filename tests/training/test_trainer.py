"""What training promises: the recipe's batches, the same weights again, any sentence-transformers model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import tiny_bert
from tiny_training import course_of, tiny_static

from xbench.data.download import Storage
from xbench.errors import TrainingError
from xbench.files import folder_digest
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.processes import Processes
from xbench.progress import Silent
from xbench.results.reading import read_result
from xbench.results.result import Result
from xbench.specs import Prompts, Training, registry
from xbench.training.batch_texts import batch_texts
from xbench.training.corpus import Corpus
from xbench.training.corpus_loading import load_corpus
from xbench.training.loader import TokenisedBatches
from xbench.training.trainer import Course, Surroundings, train

SETTINGS: dict[str, Any] = {"steps": 12, "batch_size": 32, "model.vocabulary": 2000, "model.dimension": 32}


def request(folder: Path, **changes: Any) -> Request:
    """The embedded main job, small: static trained on facts in three languages."""
    defaults: dict[str, Any] = {
        "models": ("static",),
        "recipes": ("hybrid",),
        "tasks": ("facts",),
        "corpus": "facts",
        "languages": ("de", "en", "th"),
        "settings": SETTINGS,
        "out": folder / "results",
        "storage": Storage(cache=folder / "cache", offline=True),
    }
    return Request(**defaults | changes)


def run_one(folder: Path, **changes: Any) -> tuple[Path, Result]:
    (path,) = run(request(folder, **changes), Silent())
    return path, read_result(path)


@pytest.fixture(scope="module")
def facts() -> Corpus:
    return load_corpus(registry.load("corpus", "facts"), Storage(offline=True))


def test_two_runs_of_one_seed_give_identical_scores_bias_per_query_file_and_weights(tmp_path: Path) -> None:
    (first, one), (second, other) = (run_one(tmp_path / name) for name in ("a", "b"))
    assert one.scores == other.scores
    assert one.bias == other.bias
    assert first.with_suffix(".npz").read_bytes() == second.with_suffix(".npz").read_bytes()
    folders = [next((tmp_path / name / "cache/encoders").glob("static-hybrid-*")) for name in ("a", "b")]
    assert folder_digest(folders[0]) == folder_digest(folders[1])
    assert folders[0].name == folders[1].name


def test_another_seed_gives_other_weights_under_the_same_digest(tmp_path: Path) -> None:
    paths = run(request(tmp_path, seeds=(0, 1)), Silent())
    one, other = map(read_result, paths)
    assert one.digest == other.digest
    assert [result.seed for result in (one, other)] == [0, 1]
    assert one.scores != other.scores


def test_a_trained_encoder_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_one(tmp_path)
    monkeypatch.setattr("xbench.training.trainer.train", None)  # training again would fail
    _, result = run_one(tmp_path, languages=("de", "en"))
    assert result.training is not None
    assert result.training.steps == 12


def test_a_trained_encoder_is_an_ordinary_sentence_transformers_folder(tmp_path: Path) -> None:
    run_one(tmp_path, settings={**SETTINGS, "prompts.query": "Query: "})
    from sentence_transformers import SentenceTransformer

    (folder,) = (tmp_path / "cache/encoders").glob("static-hybrid-*")
    model = SentenceTransformer(str(folder), device="cpu")
    assert model.prompts["query"] == "Query: "
    assert model.encode("a text").shape == (32,)


def test_training_lowers_the_loss_and_records_what_was_done(tmp_path: Path) -> None:
    _, result = run_one(tmp_path, settings={**SETTINGS, "steps": 60})
    assert result.training is not None
    losses = [value for _, value in result.training.loss]
    assert losses[-1] < 0.8 * losses[0]
    assert result.training.units == len(load_corpus(registry.load("corpus", "facts"), Storage(offline=True)))


def test_the_trainer_sees_exactly_the_batches_of_the_stream(facts: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Training(batch_size=16, steps=5, learning_rate=0.01, prompts=Prompts())
    course = course_of(tiny_static(), facts, settings, seed=3)
    seen: list[list[str]] = []
    preprocess = course.model.preprocess

    def watched(texts: list[str]) -> Any:
        seen.append(texts)
        return preprocess(texts)

    monkeypatch.setattr(course.model, "preprocess", watched)
    train(course, Surroundings())
    expected = [side for step in range(5) for side in batch_texts(facts, course.streams.train[step])]
    assert seen == expected


def test_the_models_length_holds_in_training_and_in_scoring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xbench.training import trainer

    lengths: list[int | None] = []
    really = trainer.train

    def watched(course: Course, around: Surroundings) -> Any:
        lengths.append(course.settings.max_length)
        return really(course, around)

    monkeypatch.setattr(trainer, "train", watched)
    folder = tiny_bert(tmp_path / "tiny-bert")
    settings = {"steps": 1, "batch_size": 4, "model.max_length": 16}
    _, result = run_one(tmp_path, models=(str(folder),), settings=settings)
    assert lengths == [16]
    assert result.tokens.max_length == 16


def test_scores_are_split_by_languages_seen_in_training(tmp_path: Path) -> None:
    _, result = run_one(tmp_path, settings={**SETTINGS, "corpus.languages": ["de", "en"]})
    assert result.gap.trained_on == ["de", "en"]
    halves = (result.scores.monolingual, result.scores.cross_lingual)
    mono, cross = ({name: entry["AP"] for name, entry in half.pairs.items()} for half in halves if half)
    assert result.gap.seen["monolingual"] == pytest.approx((mono["de-de"] + mono["en-en"]) / 2)
    assert result.gap.unseen["monolingual"] == pytest.approx(mono["th-th"])
    assert result.gap.seen["cross-lingual"] == pytest.approx((cross["de-en"] + cross["en-de"]) / 2)
    assert result.gap.unseen["cross-lingual"] == pytest.approx(
        np.mean([value for name, value in cross.items() if "th" in name])
    )


def test_prompts_stand_before_every_text(facts: Corpus) -> None:
    settings = Training(batch_size=4, steps=1, prompts=Prompts(query="Q: ", document="P: "))

    class Echo:
        def preprocess(self, texts: list[str]) -> dict[str, Any]:
            return {"input_ids": texts}

    item = TokenisedBatches(Echo(), facts, course_of(Echo(), facts, settings).streams.train, settings)[0]
    assert all(text.startswith("Q: ") for text in item["query_input_ids"])
    assert all(text.startswith("P: ") for text in item["document_input_ids"])


def test_a_batch_that_does_not_divide_over_the_processes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"32 does not divide over 5 processes; set batch_size=30 or 35"):
        make_plan(request(tmp_path, processes=Processes(0, 5)))


def test_a_loss_that_is_not_finite_stops_with_its_step_and_keeps_nothing(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) at step \d+; nothing was kept"):
        run_one(tmp_path, settings={**SETTINGS, "learning_rate": 1e38, "steps": 60})
    assert not list((tmp_path / "cache/encoders").glob("static-hybrid-*"))


def test_a_transformer_trains_under_a_recipe(tmp_path: Path) -> None:
    """A randomly initialised BERT, saved in the hub's layout without sentence-transformers files: mean pooling."""
    folder = tiny_bert(tmp_path / "tiny-bert")
    settings = {"steps": 4, "batch_size": 8, "max_length": 32}
    path, result = run_one(tmp_path, models=(str(folder),), settings=settings)
    assert result.model == "tiny-bert"
    assert result.training is not None
    assert result.tokens.max_length == 32
    assert result.specs.training["prompts"] == {"query": "Query: ", "document": "Passage: "}
    assert str(tmp_path) not in json.dumps(result.specs.plain())
    assert path.is_file()
