"""What is put before texts, and what is taken from vectors: said before any work, and refused where it cannot be."""

from __future__ import annotations

from pathlib import Path

import build
from facts_request import Listener, request, training

from xbench.encoders.post import Post
from xbench.errors import EncoderError
from xbench.jobs.inputs import read_corpus
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Request
from xbench.jobs.usage import load_posts, prompt_lines

QUERY = {"model.prompts": {"query": "q: ", "document": ""}}


def lines(asked: Request) -> list[str]:
    return prompt_lines(make_plan(asked), asked)


def test_a_model_without_prompts_says_nothing_of_them(tmp_path: Path) -> None:
    assert lines(request(tmp_path)) == []
    asked = request(tmp_path, models=("static",), corpus="facts", settings=QUERY)
    assert lines(asked) == ['prompts of static: query "q: ", document none']


def test_a_trained_encoder_has_the_prompts_of_its_training_and_two_seeds_say_them_once(tmp_path: Path) -> None:
    asked = training(tmp_path, recipes=("none", "hybrid"), seeds=(0, 1), settings={**QUERY, "prompts.document": "d: "})
    assert lines(asked) == [
        'prompts of static: query "q: ", document none',
        'prompts of static x hybrid: query none, document "d: "',
    ]


def test_the_corpus_of_the_run_is_what_post_is_fitted_on_and_it_is_read_once(tmp_path: Path) -> None:
    asked = training(tmp_path, settings={"model.post": "lir", "model.post_rank": 2})
    plan, listener = make_plan(asked), Listener()
    loaded = read_corpus(plan, asked)
    posts = load_posts(plan, asked, loaded, {"facts": build.collection({"de": ["q1"]})}, listener)
    post = posts["static"]
    assert loaded is not None and isinstance(post, Post) and post.corpus is loaded.text
    assert listener.lines == ["post of static: lir of rank 2, fitted on facts"]


def test_a_language_that_post_knows_nothing_of_is_why_there_is_none(tmp_path: Path) -> None:
    asked = request(tmp_path, settings={"model.post": "center-by-language", "model.post_corpus": "facts"})
    plan, listener = make_plan(asked), Listener()
    posts = load_posts(plan, asked, None, {"t": build.collection({"de": ["q1"], "fr": ["q1"]})}, listener)
    (why,) = posts.values()
    assert isinstance(why, EncoderError)
    assert "post center-by-language is fitted on facts, which lacks fr of task t; " in str(why)
    assert listener.lines == []
