"""One run's encoder: whether it has to be trained, where it is kept, and what ranks for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from facts_request import request, training

from xbench import specs
from xbench.encoders.chance import RandomEncoder
from xbench.jobs.inputs import read_corpus
from xbench.jobs.plan import make_plan
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.rankers import TermPreparation, VectorPreparation
from xbench.jobs.request import Request
from xbench.progress import Silent
from xbench.specs import registry


def prepared(asked: Request, run: int = 0) -> PreparedEncoder:
    plan = make_plan(asked)
    return PreparedEncoder(asked, plan.runs[run], read_corpus(plan, asked), Silent())


def task() -> specs.TaskBase:
    return registry.load("task", "facts").spec


def test_each_seed_and_setting_is_kept_in_a_folder_of_its_own(tmp_path: Path) -> None:
    asked = training(tmp_path, seeds=(0, 3))
    first, second = (prepared(asked, run) for run in (0, 1))
    place = tmp_path / "cache" / "encoders"
    assert first.trained_folder.parent == place
    assert first.trained_folder.name.startswith("static-hybrid-") and first.trained_folder.name.endswith("-seed-0")
    assert second.trained_folder.name == first.trained_folder.name.replace("-seed-0", "-seed-3")
    longer = prepared(training(tmp_path, settings={"steps": 8}))
    assert longer.trained_folder != first.trained_folder


def test_an_encoder_is_trained_until_its_record_is_there(tmp_path: Path) -> None:
    encoder = prepared(training(tmp_path))
    assert encoder.needs_training
    encoder.trained_folder.mkdir(parents=True)
    assert encoder.needs_training  # half a folder is none
    (encoder.trained_folder / "xbench.json").write_text("{}")
    assert not encoder.needs_training
    assert not prepared(request(tmp_path)).needs_training


def test_the_corpus_of_a_run_is_that_of_the_encoders_made_from_it_alone(tmp_path: Path) -> None:
    asked = request(tmp_path, models=("static", "random"), corpus="facts")
    static, random = (prepared(asked, run) for run in (0, 1))
    assert static.corpus is not None and static.corpus.name == "facts" and static.corpus_digest
    assert (random.corpus, random.corpus_digest) == (None, None)


def test_the_seed_decides_the_directions_of_chance(tmp_path: Path) -> None:
    asked = request(tmp_path, seeds=(0, 1))
    vectors = [prepared(asked, run).encoder(task()).encode(["a", "b"], "query", lambda _: None) for run in (0, 0, 1)]
    assert np.array_equal(vectors[0], vectors[1]) and not np.array_equal(vectors[0], vectors[2])


def test_terms_or_vectors_rank_as_the_model_is(tmp_path: Path) -> None:
    asked = request(tmp_path, models=("bm25", "random"))
    lexical, random = (prepared(asked, run).preparation(task(), None) for run in (0, 1))
    assert isinstance(lexical, TermPreparation) and isinstance(random, VectorPreparation)
    encoder = prepared(asked, 1).encoder(task())
    assert isinstance(encoder, RandomEncoder) and random.identity == encoder.identity
