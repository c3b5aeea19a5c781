"""One result as the pages use it: clean numbers and texts, whatever the file holds. Knows the result's keys, no page.

A key that is absent, or holds something of another kind, is a missing value here: results of other versions, and files
that someone sent in, must neither break a page nor put a number on it that is none.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import fmean
from typing import Any

from xbench.board.pages import NAME_LENGTH, slug, visible
from xbench.files import digest

Number = float | None
HALVES = {"Mo": "monolingual", "Cr": "cross-lingual", "Mul": "multilingual"}
VERDICTS = ("zero-shot", "in-domain", "contaminated", "unknown")
SILENT = ("title", "description", "cite", "license")  # of a spec: change no number


@dataclass(frozen=True)
class Run:
    """`page`: its name in paths. `configuration`: what made the encoder, but for the seed. `variant`: what two runs
    must share to be compared. `values`: Mo, Cr, Mul and more; `pairs["de-en"]` = [score, n]; `languages`: by code."""

    page: str
    sha256: str
    task: str
    title: str
    model: str
    recipe: str
    corpus: str
    seed: int
    digest: str
    configuration: str
    variant: str
    metric: str
    metrics: list[str]
    relevance: str
    queries: dict[str, int]
    documents: dict[str, int]
    values: dict[str, Number]
    pairs: dict[str, list[Number]]
    languages: dict[str, dict[str, Number]]
    verdict: str
    chance: bool
    parameters: Number
    non_embedding: Number
    dimension: Number
    mono: Number

    @property
    def every_language(self) -> list[str]:
        return list(dict.fromkeys([*self.queries, *self.documents]))

    def plain(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Run:
        return cls(**{field.name: stored[field.name] for field in fields(cls)})


def look(value: Any, *path: str) -> Any:
    """The value under a path of keys; None where there is none."""
    for key in path:
        value = value.get(key) if type(value) is dict else None
    return value


def real(value: Any) -> Number:
    """A finite number, or None."""
    if type(value) is not float and type(value) is not int:
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def text_of(value: Any, length: int = NAME_LENGTH) -> str:
    return visible(value, length) if isinstance(value, str) else ""


def mean(values: Sequence[Number]) -> Number:
    known = [value for value in values if value is not None]
    return known[0] if len(known) == 1 else fmean(known) if known else None


def language_share(data: Mapping[str, Any]) -> Any:
    """Of the pool: under `bias`, or under `pooling` where the pool is no score."""
    return look(data, "bias", "language_share") or look(data, "pooling", "language_share")


def extract(data: Mapping[str, Any], sha256: str) -> Run:
    """The run of a result file's content, which `read_result` has checked."""
    specs, metric = data["specs"], data["metrics"][0]
    counts = {side: {str(code): int(count) for code, count in data["counts"][side].items()} for side in data["counts"]}
    pairs = _pairs(data, metric)
    verdict = look(data, "zero_shot", "verdict")
    return Run(
        page=_page(data),
        sha256=sha256,
        task=text_of(data["task"]),
        title=text_of(look(specs, "task", "title")) or text_of(data["task"]),
        model=text_of(_shown_model(data)),
        recipe=text_of(data["recipe"]),
        corpus=text_of(data["corpus"]),
        seed=data["seed"],
        digest=visible(data["digest"], 64),
        configuration=_configuration(data),
        variant=_variant(data, pairs),
        metric=visible(metric, 20),
        metrics=[visible(name, 20) for name in data["metrics"]],
        relevance=text_of(look(specs, "task", "relevance")) or "parallel",
        queries=counts["queries"],
        documents=counts["documents"],
        values=_values(data, metric),
        pairs=pairs,
        languages=_languages(data, metric, counts, pairs),
        verdict=verdict if verdict in VERDICTS else "unknown",
        chance=look(specs, "model", "format") == "random",
        parameters=real(look(specs, "model", "parameters") or look(data, "training", "parameters", "all")),
        non_embedding=real(look(specs, "model", "non_embedding_parameters")),
        dimension=real(look(specs, "model", "dimension")),
        mono=_mono_share(specs),
    )


def _shown_model(data: Mapping[str, Any]) -> str:
    post = look(data, "specs", "model", "post")
    return f"{data['model']} + {post}" if isinstance(post, str) and post else str(data["model"])


def _mono_share(specs: Mapping[str, Any]) -> Number:
    """The share of monolingual batches where the others are cross-lingual; None for other mixes, and untrained."""
    mono, cross = (real(look(specs, "recipe", "mix", kind)) or 0.0 for kind in ("mono", "cross"))
    return mono if abs(mono + cross - 1) < 1e-9 else None


def _page(data: Mapping[str, Any]) -> str:
    parts = (slug(part) for part in (data["task"], data["model"], data["recipe"], data["digest"][:12]))
    return f"{'--'.join(parts)}-seed-{data['seed']}"


def _configuration(data: Mapping[str, Any]) -> str:
    """Model, recipe, corpus and settings, so that one encoder's tasks stand in one row."""
    specs = {
        part: {key: value for key, value in spec.items() if key not in SILENT} if isinstance(spec, Mapping) else spec
        for part, spec in data["specs"].items()
        if part != "task"
    }
    names = [data["model"], data["recipe"], data["corpus"], look(data, "provenance", "corpus_sha256")]
    return digest([*names, specs])[:16]


def _variant(data: Mapping[str, Any], pairs: Mapping[str, Any]) -> str:
    """Data, primary metric, scored settings and version of the scores."""
    counts = [sorted(data["counts"][side].items()) for side in ("queries", "documents")]
    settings = [sorted(pairs), bool(look(data, "scores", "multilingual"))]
    origin = [look(data, "provenance", key) for key in ("collection_sha256", "scores")]
    return digest([data["task"], data["metrics"][0], counts, settings, origin])[:12]


def _pairs(data: Mapping[str, Any], metric: str) -> dict[str, list[Number]]:
    found: dict[str, list[Number]] = {}
    for half in ("monolingual", "cross-lingual"):
        for name, entry in (look(data, "scores", half, "pairs") or {}).items():
            found[name] = [real(entry.get(metric)), real(entry.get("n"))]
    return found


def _values(data: Mapping[str, Any], metric: str) -> dict[str, Number]:
    values = {name: real(look(data, "scores", half, "macro", metric)) for name, half in HALVES.items()}
    settings = ("multilingual", "cross-lingual", "monolingual")
    scored = next((half for half in settings if look(data, "scores", half)), "")
    distance = look(data, "bias", "rank_distance")
    return values | {
        "nDCG@10": real(look(data, "scores", scored, "macro", "nDCG@10")),
        "distance": real(look(distance, "mean")),
        "normalised": real(look(distance, "normalised")),
        "chance": real(look(distance, "chance")),
        "perfect": real(look(distance, "perfect")),
        "gap": real(look(data, "gap", "absolute")),
        "cost": real(look(data, "pooling", "cost", metric)),
    }


def _languages(
    data: Mapping[str, Any], metric: str, counts: Mapping[str, Mapping[str, int]], pairs: Mapping[str, list[Number]]
) -> dict[str, dict[str, Number]]:
    """Everything that is one language's own."""
    queries, documents = counts["queries"], counts["documents"]
    scores, bias, tokens = data["scores"], data["bias"], data["tokens"]
    found = {}
    for code in dict.fromkeys([*queries, *documents]):
        asked = [pairs.get(f"{code}-{other}", [None])[0] for other in documents if other != code]
        answered = [pairs.get(f"{other}-{code}", [None])[0] for other in queries if other != code]
        pool = look(scores, "multilingual", "languages", code)
        distance = look(bias, "rank_distance", "languages", code)
        found[code] = {
            "Mo": pairs.get(f"{code}-{code}", [None])[0],
            "asked": mean(asked),
            "answered": mean(answered),
            "Cr": mean([*asked, *answered]),
            "Mul": real(look(pool, metric)),
            "n": real(look(pool, "n")),
            "distance": real(look(distance, "mean")),
            "normalised": real(look(distance, "normalised")),
            "without own": real(look(scores, "multilingual", "without_own_language", code)),
            "target": real(look(scores, "multilingual", "targets", code)),
            "lift": real(look(bias, "lift", code)),
            "effect": real(look(bias, "document_language_effect", code)),
            "cut queries": real(look(tokens, "queries", code, "truncated")),
            "cut documents": real(look(tokens, "documents", code, "truncated")),
        }
    return found


def content_digest(*contents: bytes) -> str:
    seen = hashlib.sha256()
    for content in contents:
        seen.update(hashlib.sha256(content).digest())
    return seen.hexdigest()
