"""What a result says beside its scores: counts of texts, token statistics, training, and the zero-shot verdict.

Knows no task, no model and no file.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from xbench.evaluation.scores import Amount, Count, Number, OpenPart, Part, Share, Size

VerdictName: TypeAlias = Literal["zero-shot", "in-domain", "contaminated", "unknown"]


class TextCounts(Part):
    """Texts by language."""

    queries: dict[str, Count]
    documents: dict[str, Count]


class TokenStatistics(OpenPart):
    """Tokens of one language's texts in one role."""

    mean: Number = Field(None, description="tokens per text")
    truncated: Share = Field(None, description="share of texts that are cut")
    unknown: Share = Field(None, description="share of tokens that the model does not know")


class Tokens(OpenPart):
    """How much of its texts a model reads, by language: cutting is a language bias too."""

    max_length: Count | None = Field(None, description="tokens read per text; null where all are")
    queries: dict[str, TokenStatistics] = {}
    documents: dict[str, TokenStatistics] = {}


class ParameterCounts(OpenPart):
    """Parameters of a trained encoder."""

    all: Size | None = None
    trained: Size | None = None


class HeldOutLoss(OpenPart):
    """The held-out part of the corpus, and the loss on it."""

    units: Count | None = None
    batch_size: Count | None = None
    loss: list[tuple[Count, Number]] = Field([], description="[step, loss]")
    best: Count | None = Field(None, description="the step whose weights were kept")


class TrainingRecord(OpenPart):
    """How an encoder was trained."""

    steps: Count | None = None
    batch_size: Count | None = None
    units: Count | None = Field(None, description="units of the corpus that batches were drawn from")
    parameters: ParameterCounts | None = None
    loss: list[tuple[Count, Number]] = Field([], description="[step, mean loss since the last point]")
    seconds: Annotated[Number, Field(ge=0)] = None
    resumed: Count | None = Field(None, description="the step it went on from; null where it was not interrupted")
    processes: Count | None = None
    batches_sha256: str | None = None
    validation: HeldOutLoss | None = None


class OverlapCounts(OpenPart):
    """Texts of one language in one role that stand in the training texts."""

    texts: Count | None = None
    compared: Count | None = Field(None, description="those long enough to compare")
    copied: Count | None = None
    partial: Count | None = None


class UnitCounts(OpenPart):
    """Questions, or documents, of which any language version is copied; a question also where an answer is."""

    total: Count | None = None
    asked: Count | None = None
    answered: Count | None = None
    copied: Count | None = None
    share: Share = None


class OverlapRecord(OpenPart):
    """How much of the task stands in the training texts; docs/zero-shot.md defines it."""

    thresholds: dict[str, Amount] = {}
    rule: Count | None = None
    corpus: str | None = Field(None, description="digest of the training texts")
    collection: str | None = Field(None, description="digest of the task's data")
    versions: bool | None = Field(None, description="whether golds in several languages are one text")
    training_texts: Count | None = None
    languages: dict[str, dict[str, OverlapCounts]] = Field({}, description="by language and role")
    units: dict[str, UnitCounts] = Field({}, description="of questions and of documents")
    examples: dict[str, dict[str, list[str]]] = Field({}, description="ids, by role")


class EarlierTraining(OpenPart):
    """A training that the record beside a model's weights tells of."""

    recipe: str | None = None
    corpus: str | None = None
    corpus_sha256: str | None = None
    seed: Count | None = None
    overlap: OverlapRecord | None = Field(None, description="null where the corpus's texts could not be read again")


class ZeroShotRecord(OpenPart):
    """The verdict on what the encoder saw of the task, and why."""

    verdict: VerdictName | None = None
    reasons: list[str] = []
    seen_text: list[str] = Field([], description="running text behind both the task and the training data")
    overlap: OverlapRecord | None = Field(None, description="of trained runs")
    earlier: list[EarlierTraining] = Field([], description="of the model before the run, first to last")
    gaps: list[str] = Field([], description="what is not known of these, whether or not it decides")
