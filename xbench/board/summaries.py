"""One result as the pages use it: its numbers, clean texts, and what it may be compared with. Knows no page.

Summaries are kept from one build to the next (data/build.json), so that a result is read once and never again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from statistics import fmean
from sys import intern
from typing import Any

from pydantic import JsonValue

from xbench.board.pages import NAME_LENGTH, slug
from xbench.errors import can_be_seen, visible
from xbench.evaluation.bias_scores import LanguageShare
from xbench.evaluation.scores import HALVES, Means, Number, ScoredEntry
from xbench.files import digest
from xbench.results.record import VerdictName
from xbench.results.result import Result
from xbench.results.settings import script_means

DAY = len("2026-11-28")  # of a moment, as results have it
WITHOUT_OWN = "Mul without own"  # the query's own-language relevant documents taken out
SHORTEST, LONGEST = 1e-3, 1e9  # seconds between which a measured speed is one
SILENT = ("title", "description", "cite", "license")  # of a spec: change no number


@dataclass(frozen=True)
class RunSummary:
    """`page`: its name in paths. `configuration`: what made the encoder, but for the seed. `variant`: what two runs
    must share to be compared. `data`: its digest; `filed`: the day, "" where the result has none; `version`: of xbench,
    and of its scores; `speed`: texts encoded per second. `values`: Mo, Cr, Mul
    and more; `pairs["de-en"]` = [score, n]; `languages`: by code."""

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
    verdict: VerdictName
    chance: bool
    parameters: Number
    non_embedding: Number
    dimension: Number
    mono: Number
    data: str = ""
    filed: str = ""
    version: str = ""
    scores_version: Number = None
    speed: Number = None

    @property
    def every_language(self) -> list[str]:
        """Those that ask, then those that only answer."""
        return list(dict.fromkeys([*self.queries, *self.documents]))

    def plain(self) -> dict[str, Any]:
        """As it is kept, JSON-ready."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> RunSummary:
        """What `plain` gave in an earlier build. Thousands share their names and counts, which are held once."""
        values = {field.name: stored[field.name] for field in fields(cls)}
        values["pairs"] = {intern(name): [score, _once(n)] for name, (score, n) in stored["pairs"].items()}
        values["languages"] = {
            intern(code): {intern(key): value for key, value in part.items()}
            for code, part in stored["languages"].items()
        }
        return cls(**values)


@lru_cache(maxsize=10_000)
def _once(count: Number) -> Number:
    return count


def mean(values: Sequence[Number]) -> Number:
    """The mean of the known values; None where none is known."""
    known = [value for value in values if value is not None]
    return known[0] if len(known) == 1 else fmean(known) if known else None


def summary_of(result: Result, sha256: str) -> RunSummary:
    """The summary of a result; `sha256` of its file."""
    pairs = {name: [_score(entry, result.metric), _score(entry, "n")] for name, entry in result.scores.pairs.items()}
    model, training = result.model_spec, result.training
    trained = training.parameters.all if training and training.parameters else None
    return RunSummary(
        page=_page(result),
        sha256=sha256,
        task=_name(result.task),
        title=_name(result.task_spec.title) or _name(result.task),
        model=_name(result.shown_model),
        recipe=_name(result.recipe),
        corpus=_name(result.corpus),
        seed=result.seed,
        digest=visible(result.digest, 64),
        configuration=_configuration(result),
        variant=_variant(result),
        metric=visible(result.metric, 20),
        metrics=[visible(name, 20) for name in result.metrics],
        relevance=_name(result.task_spec.relevance) or "parallel",
        queries=result.counts.queries,
        documents=result.counts.documents,
        values=_values(result) | script_means(result, {name: entry[0] for name, entry in pairs.items()}),
        pairs=pairs,
        languages=_languages(result, pairs),
        verdict=result.verdict,
        chance=model.format == "random",
        parameters=_number(model.parameters or trained),
        non_embedding=_number(model.non_embedding_parameters),
        dimension=_number(model.dimension),
        mono=_mono_share(result),
        data=visible(result.provenance.collection_sha256 or "", 64),
        filed=(result.provenance.filed or "")[:DAY],
        version=_name(result.provenance.xbench),
        scores_version=_number(result.provenance.scores),
        speed=_speed(result),
    )


def _name(text: str | None) -> str:
    """Cut and shown; "" where there is nothing to be seen."""
    return visible(text, NAME_LENGTH) if text and can_be_seen(text[:NAME_LENGTH]) else ""


def _number(value: float | None) -> Number:
    return None if value is None else float(value)


def _score(entry: ScoredEntry, metric: str) -> Number:
    return _number(entry.get(metric))


def _speed(result: Result) -> Number:
    """Texts per second of encoding; None where no text was encoded, for its vectors were there already."""
    encoded, seconds = result.provenance.encoded, result.timings.get("encode")
    texts = (encoded.queries or 0) + (encoded.documents or 0) if encoded else 0
    return texts / seconds if texts and seconds and SHORTEST <= seconds <= LONGEST else None


def _mono_share(result: Result) -> Number:
    """The share of monolingual batches where the others are cross-lingual; None for other mixes, and untrained."""
    mono, cross = (result.recipe_spec.share(kind) for kind in ("mono", "cross"))
    return mono if abs(mono + cross - 1) < 1e-9 else None


def _page(result: Result) -> str:
    parts = (slug(part) for part in (result.task, result.model, result.recipe, result.digest[:12]))
    return f"{'--'.join(parts)}-seed-{result.seed}"


def _configuration(result: Result) -> str:
    """Model, recipe, corpus and settings, so that one encoder's tasks stand in one row."""
    specs: dict[str, JsonValue] = {
        part: {key: value for key, value in spec.items() if key not in SILENT} if isinstance(spec, dict) else spec
        for part, spec in result.specs.plain().items()
        if part != "task"
    }
    return digest([result.model, result.recipe, result.corpus, result.provenance.corpus_sha256, specs])[:16]


def _variant(result: Result) -> str:
    """Data, primary metric, scored settings and version of the scores."""
    counts = [sorted(side.items()) for side in (result.counts.queries, result.counts.documents)]
    settings = [sorted(result.scores.pairs), result.scores.multilingual is not None]
    origin = [result.provenance.collection_sha256, result.provenance.scores]
    return digest([result.task, result.metric, counts, settings, origin])[:12]


def _values(result: Result) -> dict[str, Number]:
    scores, metric, distance = result.scores, result.metric, result.bias.distance
    pool = result.language_share or LanguageShare()
    values = {column: scores.macro(column, metric) for column in HALVES}
    scored = next((column for column in ("Mul", "Cr", "Mo") if HALVES[column] in scores.halves), None)
    return values | {
        WITHOUT_OWN: scores.multilingual.without_own_language.macro if scores.multilingual else None,
        "nDCG@10": scores.macro(scored, "nDCG@10") if scored else None,
        "distance": distance.mean,
        "normalised": distance.normalised,
        "chance": distance.chance,
        "perfect": distance.perfect,
        "gap": result.gap.absolute,
        "cost": result.pooling.cost.get(metric),
        "own share": _own_language(pool.share),
        "own ideal": _own_language(pool.ideal),
    }


def _own_language(shares: Mapping[str, Means]) -> Number:
    """How much of the pool's top R is in the query's own language, mean over query languages."""
    return mean([row.get(code) for code, row in shares.items()])


def _languages(result: Result, pairs: Mapping[str, list[Number]]) -> dict[str, dict[str, Number]]:
    """Everything that is one language's own."""
    queries, documents = result.counts.queries, result.counts.documents
    return {code: _language(result, pairs, code) for code in dict.fromkeys([*queries, *documents])}


def _language(result: Result, pairs: Mapping[str, list[Number]], code: str) -> dict[str, Number]:
    def score(query: str, document: str) -> Number:
        return pairs.get(f"{query}-{document}", [None])[0]

    asked = [score(code, other) for other in result.counts.documents if other != code]
    answered = [score(other, code) for other in result.counts.queries if other != code]
    pool, bias, tokens = result.scores.multilingual, result.bias, result.tokens
    entry = pool.languages.get(code, {}) if pool else {}
    distance = bias.distance.languages.get(code)
    cut = [side[code].truncated if code in side else None for side in (tokens.queries, tokens.documents)]
    return {
        "Mo": score(code, code),
        "asked": mean(asked),
        "answered": mean(answered),
        "Cr": mean([*asked, *answered]),
        "Mul": _score(entry, result.metric),
        "n": _score(entry, "n"),
        "distance": distance.mean if distance else None,
        "normalised": distance.normalised if distance else None,
        "without own": pool.without_own_language.languages.get(code) if pool else None,
        "target": pool.targets.languages.get(code) if pool else None,
        "lift": bias.lift.get(code),
        "effect": bias.document_language_effect.get(code),
        "cut queries": cut[0],
        "cut documents": cut[1],
    }


def content_digest(*contents: bytes) -> str:
    """sha256 over the sha256 of each content."""
    seen = hashlib.sha256()
    for content in contents:
        seen.update(hashlib.sha256(content).digest())
    return seen.hexdigest()
