"""mteb's results as tests need them: its files, and the tables made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REVISION = "a" * 40
DATA = "d" * 40
META: dict[str, Any] = {
    "name": "org/Model",
    "revision": REVISION,
    "n_parameters": 568_000_000,
    "n_embedding_parameters": 256_000_000,
    "embed_dim": 1024,
    "max_tokens": 8194.0,
    "release_date": "2024-06-28",
    "license": "mit",
    "adapted_from": None,
    "training_datasets": ["T2Retrieval", "HotpotQA"],
}


def subset(name: str, value: float, **others: Any) -> dict[str, Any]:
    """What mteb writes of a subset of a retrieval task, with some of what nobody here reads."""
    return {
        "hf_subset": name,
        "languages": ["deu-Latn", "eng-Latn"],
        "main_score": value,
        "ndcg_at_10": value,
        "map_at_1000": value / 2,
        "recall_at_1": value / 4,
        "recall_at_10": min(value + 0.1, 1.0),
        "recall_at_100": 1.0,
        "nauc_map_at_1_max": float("nan"),
    } | others


def bitext(name: str, value: float, accuracy: float) -> dict[str, Any]:
    """What mteb writes of a subset of a bitext task."""
    return {"hf_subset": name, "main_score": value, "f1": value, "accuracy": accuracy, "precision": value}


def file_of(task: str, scores: dict[str, list[dict[str, Any]]], **changes: Any) -> dict[str, Any]:
    """A result file of mteb."""
    return {"dataset_revision": DATA, "task_name": task, "mteb_version": "2.1.0", "scores": scores} | changes


def write_file(folder: Path, task: str, content: Any, meta: Any = None, revision: str = REVISION) -> Path:
    """A result file in mteb's layout, beside the metadata of its model."""
    meta = META if meta is None else meta
    name = meta["name"] if isinstance(meta, dict) and isinstance(meta.get("name"), str) else "org/Model"
    path = folder / "results" / name.replace("/", "__") / revision / f"{task}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    path.with_name("model_meta.json").write_text(json.dumps(meta))
    return path


def belebele(*subsets: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A result file of Belebele."""
    return file_of("BelebeleRetrieval", {"test": list(subsets)}, **changes)


GERMAN_PASSAGES = subset("deu_Latn-eng_Latn", 0.25)  # mteb: documents first
ENGLISH_PASSAGES = subset("eng_Latn-deu_Latn", 0.75)
ENGLISH = subset("eng_Latn-eng_Latn", 0.9)
GERMAN = subset("deu_Latn-deu_Latn", 0.8)
WHOLE = belebele(GERMAN_PASSAGES, ENGLISH_PASSAGES, ENGLISH, GERMAN)


def row(task: str, name: str, score: float, **changes: Any) -> dict[str, Any]:
    """A row of retrieval.parquet."""
    return {
        "model": "org/Model",
        "revision": REVISION,
        "task": task,
        "dataset_revision": DATA,
        "mteb_version": "2.1.0",
        "split": "test",
        "subset": name,
        "main_score": score,
        "ndcg_at_10": score,
        "recall_at_1": score / 4,
    } | changes


def write_tables(folder: Path, rows: list[dict[str, Any]], models: list[dict[str, Any]] | None = None) -> Path:
    """A folder with retrieval.parquet and models.jsonl, whose values are text as in extractions."""
    import pyarrow
    from pyarrow.parquet import write_table

    folder.mkdir(parents=True, exist_ok=True)
    write_table(pyarrow.Table.from_pylist(rows), folder / "retrieval.parquet")
    said = {"model": "org/Model", "revision": REVISION, "n_parameters": "568000000", "max_tokens": "8194.0"}
    lines = [said] if models is None else models
    (folder / "models.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder
