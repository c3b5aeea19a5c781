"""A trained encoder's folder: an ordinary sentence-transformers model, the record of what made it, and its card.

The record (xbench.json) and the card (README.md) are no part of the folder's digest, so scores can be added to both
once they are known and the encoder stays the same. Knows files and results; no model is loaded here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from xbench import __version__, specs
from xbench.errors import EncoderError
from xbench.evaluation.scores import HALVES
from xbench.files import RECORD, whole, whole_folder, write_json
from xbench.metrics import Metric
from xbench.results.result import Result

CARD = "README.md"
UNKNOWN = "unknown"


def made_by(
    model: specs.ModelBase,
    recipe: specs.Recipe,
    training: specs.Training,
    corpus: specs.CorpusBase,
    seed: int,
    command: str,
) -> dict[str, Any]:
    """What a card says of an encoder's making, without the folders of this machine."""
    return {
        "model": model.name,
        "base_model": getattr(model, "hub", ""),
        "revision": getattr(model, "revision", ""),
        "license": model.license,
        "recipe": recipe.name,
        "drawing": recipe.drawing(),
        "corpus": corpus.name,
        "corpus_license": corpus.license,
        "relation": getattr(corpus, "relation", ""),
        "languages": list(recipe.trains_on(corpus.languages, corpus.lexicons)),
        "settings": training.identity(),
        "similarity": model.similarity,
        "seed": seed,
        "command": command,
    }


def keep(model: Any, folder: Path, record: dict[str, Any]) -> None:
    """Write a trained model whole or not at all. Raises XbenchError, and leaves nothing behind."""
    from safetensors import SafetensorError

    try:
        with whole_folder(folder) as temporary:
            model.save_pretrained(str(temporary), create_model_card=False)
            (temporary / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
            (temporary / CARD).write_text(card(record), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EncoderError(
            f"cannot write {folder}: {reason}; what was trained up to the last checkpoint is kept: make "
            "room and run again"
        ) from None


def read_record(folder: Path) -> dict[str, Any]:
    """The record beside a kept encoder. Raises EncoderError where it is damaged."""
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        record["training"]["steps"]
        return record
    except (OSError, ValueError, KeyError, TypeError):
        raise EncoderError(f"{folder / RECORD}: damaged; delete {folder}, and the encoder is trained again") from None


def add_scores(folder: Path, results: Iterable[Result]) -> None:
    """Put what was scored into the record and the card."""
    record = read_record(folder)
    before = record.get("scores", {})
    scores = before | {result.task: _scores(result) for result in results}
    if scores == before or "made" not in record:
        return
    record["scores"] = scores
    write_json(folder / RECORD, record)
    with whole(folder / CARD) as temporary:
        temporary.write_text(card(record), encoding="utf-8")


def _scores(result: Result) -> dict[str, Any]:
    scores, metric = result.scores, result.metric
    return {
        "metric": metric,
        "languages": result.languages,
        **{short: scores.macro(short, metric) for short, half in HALVES.items() if half in scores.halves},
        "rank distance": result.bias.distance.mean,
        "verdict": result.verdict,
        "command": result.provenance.command or "",
    }


def card(record: Mapping[str, Any]) -> str:
    """The model card: front matter that hubs read, then the same for people. Needs no network."""
    made, scores = record["made"], record.get("scores", {})
    parts = (
        f"---\n{_front_matter(made, scores)}\n---\n",
        f"# {_title(made)}\n",
        f"{_origin(made)}\n",
        _use(made),
        _scores_table(scores) if scores else "Not scored yet.\n",
        _making(record),
    )
    return "\n".join(parts)


def _title(made: Mapping[str, Any]) -> str:
    return f"{made['model']}, {made['recipe']} batches of {made['corpus']}, seed {made['seed']}"


def _front_matter(made: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    found = [
        EvalResult(
            task_type="information-retrieval",
            dataset_type=task,
            dataset_name=task,
            metric_type=Metric.parse(one["metric"]).card,
            metric_name=f"{short} (macro {one['metric']}, {half})",
            metric_value=round(one[short], 4),
        )
        for task, one in sorted(scores.items())
        for short, half in HALVES.items()
        if one.get(short) is not None
    ]
    data = ModelCardData(
        language=made["languages"],
        license=made["license"] or made["corpus_license"] or None,
        library_name="sentence-transformers",
        pipeline_tag="sentence-similarity",
        tags=["sentence-transformers", "cross-lingual-retrieval", "xbench", f"recipe-{made['recipe']}"],
        base_model=made["base_model"] or None,
        datasets=[made["corpus"]],
        model_name=_title(made),
        eval_results=found or None,
    )
    return str(data.to_yaml())


def _origin(made: Mapping[str, Any]) -> str:
    base = f"{made['base_model']} at {made['revision'] or 'its default revision'}" if made["base_model"] else "no hub"
    mix = ", ".join(f"{kind} {share:g}" for kind, share in made["drawing"]["mix"].items() if share)
    licences = [f"base model: {made['license'] or UNKNOWN}", f"corpus: {made['corpus_license'] or UNKNOWN}"]
    return "\n".join(
        (
            f"A text encoder for retrieval across languages, trained by xbench {__version__}.\n",
            f"- base model: {made['model']} ({base})",
            f"- recipe: {made['recipe']} ({mix})",
            f"- corpus: {made['corpus']}, relation {made['relation'] or UNKNOWN}, {', '.join(made['languages'])}",
            f"- seed: {made['seed']}",
            f"- licences: {'; '.join(licences)}",
        )
    )


def _use(made: Mapping[str, Any]) -> str:
    prompts, similarity = made["settings"]["prompts"], made["similarity"]
    return f"""## Use

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("this folder")
queries = model.encode(["..."], prompt={prompts["query"]!r})
documents = model.encode(["..."], prompt={prompts["document"]!r})
```

Similarity: {similarity}.
"""


def _scores_table(scores: Mapping[str, Any]) -> str:
    lines = [
        "## Scores\n",
        "Mo, Cr, Mul: macro mean of the metric, monolingual, cross-lingual, and against the pool of all languages.",
        "Rank distance: language bias, lower is better. Zero-shot: whether the task's data was trained on.\n",
        "| task | languages | metric | Mo | Cr | Mul | rank distance | zero-shot |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for task, one in sorted(scores.items()):
        shown = [_number(one.get(short), 4) for short in HALVES] + [_number(one.get("rank distance"), 1)]
        languages = ", ".join(one["languages"])
        lines.append(f"| {task} | {languages} | {one['metric']} | {' | '.join(shown)} | {one['verdict']} |")
    commands = sorted({one["command"] for one in scores.values() if one["command"]})
    return "\n".join([*lines, "", *(f"    {command}" for command in commands), ""])


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _making(record: Mapping[str, Any]) -> str:
    made, training = record["made"], record["training"]
    settings = json.dumps({**made["drawing"], **made["settings"]}, indent=1, ensure_ascii=False)
    command = f"    {made['command']}\n\n" if made["command"] else ""
    return f"""## Training

{command}{training["steps"]:,} steps of {training["batch_size"]} rows; {training["units"]:,} units.

```json
{settings}
```
"""
