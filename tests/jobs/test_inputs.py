"""What the texts of a plan are read into, and what is refused while they are read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import build
import pytest
from facts_request import request, training

from xbench.errors import SpecError, TrainingError
from xbench.jobs.inputs import LoadedCorpus, read_corpus, read_tasks, summary
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Request
from xbench.results.run_files import Wanted
from xbench.specs import registry


def corpus_of(asked: Request) -> LoadedCorpus | None:
    return read_corpus(make_plan(asked), asked)


def test_the_lines_of_a_task_and_a_corpus_count_texts_of_all_languages(tmp_path: Path) -> None:
    collection = build.collection({"de": ["q1", "q2"], "en": ["q1"]})  # each has two documents more
    assert summary(registry.load("task", "facts").spec, collection) == (
        "task facts: 2 languages, 3 queries, 7 documents"
    )
    loaded = corpus_of(training(tmp_path))
    assert loaded is not None and loaded.text.languages[:2] == ("ar", "de")  # a run's languages are not its corpus's
    assert str(loaded) == "corpus facts: 148 units, relation qa"


def test_a_run_without_training_reads_no_corpus(tmp_path: Path) -> None:
    assert corpus_of(request(tmp_path)) is None


def test_batches_that_cannot_be_filled_are_refused_while_the_corpus_is_read(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="batch of 500 is larger than the 148 distinct units"):
        corpus_of(training(tmp_path, settings={"batch_size": 500}))


def test_cross_batches_that_too_few_units_fill_are_refused_while_the_corpus_is_read(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": number, "query": {"en": f"{number}?"}, "positive": {"en": f"{number}."}} for number in range(9)
    ]
    for row in rows[:2]:  # alone in two languages
        row["query"]["de"], row["positive"]["de"] = f"Nummer {row['id']}?", f"Nummer {row['id']}."
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = tmp_path / "c.yaml"
    corpus.write_text("name: c\nlanguages: [de, en]\nformat: qa-jsonl\nsource: {path: rows.jsonl}\nrelation: qa\n")
    asked = training(tmp_path, settings={"batch_size": 4, "recipe.mix": {"cross": 1}}, corpus=str(corpus))
    asked = replace(asked, settings={key: value for key, value in asked.settings.items() if key != "corpus.kinds"})
    with pytest.raises(TrainingError, match=r"no further unit of (de-en|en-de) for a batch of 4; .* lower batch_size"):
        corpus_of(asked)


def test_a_setting_that_no_task_has_is_refused_once_the_tasks_are_read(tmp_path: Path) -> None:
    asked = request(tmp_path, runs=Wanted(("de-en", "de-fr"), None))
    with pytest.raises(SpecError, match="de-fr"):
        read_tasks(make_plan(asked), asked)
    collections = read_tasks(make_plan(asked), request(tmp_path, runs=Wanted(("de-en", "en-pool"), None)))
    assert {name: list(collection.queries) for name, collection in collections.items()} == {"facts": ["de", "en"]}
