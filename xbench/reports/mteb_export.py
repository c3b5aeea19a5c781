"""Results in mteb's layout: `results/{org__model}/{revision}/{Task}.json` and `model_meta.json`.

mteb names a pair documents first, so pairs are swapped. Only what means the same on both sides is written: nDCG@k and
R@k of pairs. Our AP is uncut where mteb's map_at_k is cut, and mteb has no pool. Knows results; no model, no mteb.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue, ValidationError

from xbench.errors import DataError, SpecError, visible
from xbench.files import write_json
from xbench.metrics import Metric
from xbench.results.result import Result
from xbench.specs import registry
from xbench.specs.mteb_names import REVISION, Mteb

DIGITS = 6  # mteb's own rounding
LICENSES = ("mit", "apache-2.0", "cc-by-nc-4.0", "cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0", "bsd-3-clause", "gpl-3.0")


@dataclass(frozen=True)
class MtebModel:
    """The name and revision that mteb files a model under. Raises SpecError for what is no part of a path."""

    name: str
    revision: str

    def __post_init__(self) -> None:
        word = "letters, digits, '.', '_' and '-'"
        if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", self.name, re.ASCII):
            raise SpecError(f"mteb's name of a model is ORG/MODEL, of {word}, not {visible(self.name, 100)!r}")
        if not REVISION.fullmatch(self.revision):
            raise SpecError(f"a revision is one word of {word}, not {visible(self.revision, 100)!r}")

    def folder(self, out: Path) -> Path:
        return out / "results" / self.name.replace("/", "__") / self.revision


def export(results: Sequence[Result], out: Path, chosen: MtebModel | None = None) -> list[Path]:
    """Write mteb's files; all checks come first. `chosen` names a model that is not on the hub as it is."""
    files: dict[Path, dict[str, JsonValue]] = {}
    sources: dict[Path, Path] = {}
    for result in results:
        declared, model = _declared(result), chosen or _on_hub(result)
        path = model.folder(out) / f"{declared.task}.json"
        if sources.setdefault(path, result.path) != result.path:
            raise DataError(f"{result.path}: {path} would also hold {sources[path]}; mteb keeps one result per model")
        files[path] = _task_result(result, declared)
        files[path.with_name("model_meta.json")] = _model_meta(result, model)
    for path, content in files.items():
        write_json(path, content)
    return list(files)


def _declared(result: Result) -> Mteb:
    """The task's `mteb` key: of the result, or of the YAML of that name if it still reads the same source."""
    spec = result.task_spec
    written = spec.mteb
    if written is None and result.task in registry.known("task"):
        today = registry.load("task", result.task).spec.model_dump(mode="json", by_alias=True)
        written = today.get("mteb") if today.get("source") == spec.source else None
    if written is None:
        raise SpecError(f"task {result.task} names no mteb task of the same data (key `mteb`), so nothing is exported")
    try:
        return Mteb.model_validate(written, strict=False)
    except ValidationError as error:
        raise SpecError(f"task {result.task}: mteb: {error.errors(include_url=False)[0]['msg']}") from None


def _on_hub(result: Result) -> MtebModel:
    model = result.model_spec
    if result.recipe != "none" or model.post or not model.hub or not model.revision:
        raise SpecError(
            f"{result.path}: {result.shown_model} x {result.recipe} is not a model of the hub at a revision; say under "
            "which name mteb should file it: --name ORG/MODEL --revision REVISION"
        )
    return MtebModel(model.hub, model.revision)


def _task_result(result: Result, declared: Mteb) -> dict[str, JsonValue]:
    subsets: list[JsonValue] = [*sorted(_subsets(result, declared), key=lambda subset: str(subset["hf_subset"]))]
    if not subsets:
        raise DataError(f"{result.path}: scores no pair of mteb's {declared.task}")
    return {
        "dataset_revision": declared.revision,
        "task_name": declared.task,
        "mteb_version": None,
        "scores": {declared.split: subsets},
        "evaluation_time": result.timings.get("total"),
        "kg_co2_emissions": None,
    }


def _subsets(result: Result, declared: Mteb) -> Iterator[dict[str, JsonValue]]:
    if declared.main_score not in result.metrics:
        raise SpecError(f"task {result.task}: mteb's main score {declared.main_score} is not among its metrics")
    pairs = result.scores.pairs
    queries, documents = result.counts.queries, result.counts.documents
    for query, document in ((query, document) for query in queries for document in documents):
        entry = pairs.get(f"{query}-{document}")
        if entry is None or not declared.covers(query, document):
            continue
        yield {
            **{key: round(entry[name], DIGITS) for name in result.metrics if (key := Metric.parse(name).mteb)},
            "main_score": round(entry[declared.main_score], DIGITS),
            "hf_subset": declared.name_of(query, document),
            "languages": [*declared.languages_of(query, document)],
        }


def _model_meta(result: Result, model: MtebModel) -> dict[str, JsonValue]:
    """mteb's ModelMeta: what the spec says; null for what it does not."""
    spec = result.model_spec
    license = (spec.license or "").lower()
    return {
        "loader": None,
        "name": model.name,
        "revision": model.revision,
        "release_date": None,
        "languages": None,
        "n_parameters": spec.parameters,
        "memory_usage_mb": None,
        "max_tokens": result.tokens.max_length,
        "embed_dim": spec.dimension,
        "license": license if license in LICENSES else None,
        "open_weights": True if spec.hub else None,
        "public_training_code": None,
        "public_training_data": None,
        "framework": ["Sentence Transformers"] if spec.format == "sentence" else [],
        "reference": f"https://huggingface.co/{spec.hub}" if spec.hub == model.name else None,
        "similarity_fn_name": spec.similarity,
        "use_instructions": any(spec.prompts.values()) if spec.prompts else None,
        "training_datasets": None,
    }
