"""Small result files with values that a test writes: what boards, tables and exports read."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from xbench.evaluation.scores import PairScores, PoolScores, Scores
from xbench.results.record import TextCounts
from xbench.results.result import Result
from xbench.results.writing import result_path, write_result

QUERIES = 4  # of each language, in clusters of two


def file_result(
    folder: Path,
    cells: dict[str, float],
    model: str = "one",
    recipe: str = "none",
    corpus: str | None = None,
    seed: int = 0,
    digest: str = "a" * 64,
    format: str = "sentence",
    distance: float | None = 1.0,
    data: str = "d" * 64,
    task: dict[str, Any] | None = None,
    spread: float = 0.0,
    questions: int = QUERIES,
    **changes: Any,
) -> Path:
    """File a result whose settings (`de-en`, `en-pool`) have these AP; `spread` parts the clusters."""
    languages = sorted({part for name in cells for part in name.split("-")} - {"pool"})
    arrays = _arrays(cells, languages, distance, spread, questions)
    halves: dict[str, dict[str, Any]] = {"monolingual": {}, "cross-lingual": {}}
    for name, value in cells.items():
        query, document = name.split("-")
        if document != "pool":
            halves["monolingual" if query == document else "cross-lingual"][name] = {"n": questions, "AP": value}
    pool = {
        name.split("-")[0]: {"n": questions, "AP": value} for name, value in cells.items() if name.endswith("-pool")
    }
    pooled = PoolScores(macro={}, micro={}, languages=pool, without_own_language={}, targets={}) if pool else None
    result = Result(
        task=(task or {}).get("name", "toy"),
        model=model,
        recipe=recipe,
        corpus=corpus,
        seed=seed,
        digest=digest,
        languages=languages,
        metrics=["AP"],
        counts=TextCounts(queries=dict.fromkeys(languages, questions), documents=dict.fromkeys(languages, 10)),
        scores=Scores.model_validate(
            {name: PairScores(macro={}, micro={}, pairs=half) for name, half in halves.items() if half}
            | {"multilingual": pooled}
        ),
        bias={} if distance is None else {"rank_distance": {"languages": {name: {} for name in languages}}},
        gap={},
        zero_shot={},
        tokens={"max_length": 128},
        training=None,
        specs={"task": task or {"name": "toy", "title": "Toy_1", "group": "question"}, "model": {"format": format}},
        timings={"total": 2.5},
        provenance={"collection_sha256": data},
    )
    path = result_path(folder, result.task, model, recipe, digest, seed)
    write_result(path, result, arrays)
    return changed(path, changes)


def changed(path: Path, changes: dict[str, Any]) -> Path:
    """The result at `path`, with other values under the keys of its file, whatever a schema says of them."""
    if changes:
        path.write_text(json.dumps(json.loads(path.read_text()) | changes, indent=1))
    return path


def _arrays(
    cells: dict[str, float], languages: list[str], distance: float | None, spread: float, questions: int
) -> dict[str, Any]:
    total = questions * len(languages)
    sign = np.tile(np.repeat([1.0, -1.0], questions // 2), len(languages))
    arrays: dict[str, Any] = {
        "query_language": np.repeat(languages, questions),
        "query_id": np.array([f"{language}-{number}" for language in languages for number in range(questions)]),
        "group": np.tile([f"cluster-{number // 2}" for number in range(questions)], len(languages)),
        "document_languages": np.array(languages),
        "AP": np.full((total, len(languages)), np.nan),
        "AP.multilingual": np.full(total, np.nan),
        "rank_distance": np.full(total, np.nan if distance is None else distance),
    }
    for name, value in cells.items():
        query, document = name.split("-")
        rows = arrays["query_language"] == query
        column = arrays["AP.multilingual"] if document == "pool" else arrays["AP"][:, languages.index(document)]
        column[rows] = value + spread * sign[rows]
    return arrays
