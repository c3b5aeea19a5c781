"""Results for tests of the board: a tiny parallel collection, really scored, filed as `xbench run` files it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from written_results import changed

from xbench.data.collection import Queries, Texts, collect
from xbench.evaluation import grid
from xbench.evaluation.ranking import exact
from xbench.metrics import Metric
from xbench.results.result import Result
from xbench.results.writing import result_path, write_result
from xbench.specs import Grid

LANGUAGES = ("de", "en", "zh-Hant")
QUESTIONS = 6
METRICS = ("AP", "R@1")


def evaluated(
    seed: int, cross_lingual: str | bool, multilingual: bool, skill: float, questions: int
) -> grid.GridScores:
    """A vector is noise plus `skill` times the meaning; two questions make a cluster."""
    names = tuple(f"question-{number}" for number in range(questions))
    groups = tuple(f"group-{number // 2}" for number in range(questions))
    queries, documents = {}, {}
    for language in LANGUAGES:
        ids = tuple(f"{language}-{name}" for name in names)
        queries[language] = Queries(ids, names, names, groups)
        documents[language] = Texts(tuple(f"{name}-document" for name in ids), names)
    relevant = {name: {question: [row] for row, question in enumerate(names)} for name in LANGUAGES}
    random = np.random.default_rng(seed)
    meanings = random.standard_normal((questions, 8))

    def vectors() -> dict[str, Any]:
        noise = {name: random.standard_normal((questions, 8)) for name in LANGUAGES}
        return {name: exact((skill * meanings + noise[name]).astype(np.float32)) for name in LANGUAGES}

    metrics = tuple(Metric.parse(name) for name in METRICS)
    plan = grid.ScoringRule(Grid(cross_lingual=cross_lingual, multilingual=multilingual), metrics)
    return grid.evaluate(collect(queries, documents, relevant), vectors(), vectors(), plan)


def file_result(
    folder: Path,
    name: str = "",
    *,
    seed: int = 0,
    cross_lingual: str | bool = "all",
    multilingual: bool = True,
    skill: float = 1.0,
    questions: int = QUESTIONS,
    **fields: Any,
) -> Path:
    """Write one result under `folder`, as `name` or where `xbench run` would, and give its path."""
    scored = evaluated(seed, cross_lingual, multilingual, skill, questions)
    counts = dict.fromkeys(LANGUAGES, questions)
    tokens = {language: {"mean": 7.5, "truncated": 0.25, "unknown": 0.0} for language in LANGUAGES}
    values = {
        "schema": 1,
        "task": "tiny",
        "model": "static",
        "recipe": "hybrid",
        "corpus": "facts",
        "seed": seed,
        "digest": "ab" * 32,
        "languages": list(LANGUAGES),
        "metrics": list(METRICS),
        "counts": {"queries": counts, "documents": counts},
        "scores": scored.scores,
        "bias": scored.bias,
        "gap": scored.gap,
        "zero_shot": {"verdict": "zero-shot", "overlap": {"training_texts": 0}},
        "tokens": {"max_length": 128, "queries": tokens, "documents": tokens},
        "training": {"steps": 400, "loss": [[20, 2.5], [40, 0.75]]},
        "specs": {"task": {"name": "tiny", "group": "paragraph"}, "model": {"format": "static"}},
        "timings": {"encode": 1.5},
        "provenance": {
            "command": "xbench run --task tiny --model static",
            "scores": 1,
            "git": None,
            "collection_sha256": "cd" * 32,
        },
    }
    address = [str((values | fields)[key]) for key in ("task", "model", "recipe", "digest")]
    path = folder / name if name else result_path(folder, *address, seed)
    write_result(path, Result.model_validate(values), scored.per_query)
    return changed(path, fields)
