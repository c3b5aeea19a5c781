"""One run's encoder: whether it has to be trained, where it is kept, and what ranks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from facts_request import FIRST_DAY, request, training

from xbench import specs
from xbench.encoders.chance import RandomEncoder
from xbench.encoders.model_loading import Loading
from xbench.encoders.sentence import SentenceEncoder
from xbench.encoders.static_encoder import StaticEncoder
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


def test_a_static_encoder_is_read_without_the_library_and_is_the_same_by_it(tmp_path: Path) -> None:
    static = {"models": ("static",), "corpus": "facts", "settings": FIRST_DAY, "loading": Loading(device="cpu")}
    for asked, kept in ((request(tmp_path, **static), "untrained"), (training(tmp_path, **static), "hybrid")):
        ours = prepared(asked).encoder(task())
        assert isinstance(ours, StaticEncoder)
        (folder,) = (tmp_path / "cache" / "encoders").glob(f"static-{kept}-*")
        prompts = specs.Prompts.model_validate(ours.identity["prompts"])
        as_it_is = specs.SentenceModel(name="static", format="sentence", folder=str(folder))
        theirs = SentenceEncoder(as_it_is, Loading(device="cpu"), prompts)
        assert ours.identity == theirs.identity
        texts = ["Which currency?", "", "Welche Sprache?"]
        vectors = [encoder.encode(texts, "query", lambda _: None) for encoder in (ours, theirs)]
        assert vectors[0].tobytes() == vectors[1].tobytes()


SECOND_RUN = """
import sys
from xbench.cli import cli
line = "run --model static --corpus facts --task facts --languages de,en --out".split()
cli([*line, sys.argv[1]], standalone_mode=False)
print([name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules])
"""


def test_a_run_whose_static_encoder_is_there_imports_no_library(tmp_path: Path) -> None:
    environment = {**os.environ, "XBENCH_CACHE": str(tmp_path / "cache"), "CUDA_VISIBLE_DEVICES": ""}
    for out in ("first", "second"):
        done = subprocess.run(
            [sys.executable, "-c", SECOND_RUN, str(tmp_path / out)],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"
    assert "loading" not in done.stderr and len(list((tmp_path / "second").rglob("*.json"))) == 1
