"""The record beside a trained encoder (xbench.json): what made it, what it was trained on in all, and its scores.

No part of the folder's digest, so the encoder stays the same when scores are added. Knows files; loads no model.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError

from xbench import specs
from xbench.errors import EncoderError
from xbench.evaluation.scores import Number, OpenPart
from xbench.files import RECORD, digest, folder_digest
from xbench.results.record import TrainingRecord
from xbench.results.spec_records import SpecKeys
from xbench.specs.faults import expected
from xbench.specs.parts import Digest
from xbench.specs.strict_json import strict_json
from xbench.zero_shot.lineage import Lineage


class Making(OpenPart):
    """What a card says of an encoder's making, without the folders of this machine."""

    model: str
    base_model: str = Field(description="its hub id; empty for a model that is on no hub")
    revision: str
    license: str
    recipe: str
    drawing: SpecKeys = Field(description="how batches were composed")
    corpus: str
    corpus_license: str
    relation: str
    languages: list[str]
    settings: SpecKeys = Field(description="the settings of training")
    similarity: str
    seed: int
    command: str

    @property
    def title(self) -> str:
        """The encoder's name on its card."""
        return f"{self.model}, {self.recipe} batches of {self.corpus}, seed {self.seed}"


class TaskScores(OpenPart):
    """What an encoder reached on one task: macro means of `metric`, and the rank distance."""

    metric: str
    languages: list[str]
    Mo: Number = None
    Cr: Number = None
    Mul: Number = None
    rank_distance: Number = Field(None, alias="rank distance")
    verdict: str
    command: str

    def mean(self, column: str) -> float | None:
        """Mo, Cr or Mul."""
        return {"Mo": self.Mo, "Cr": self.Cr, "Mul": self.Mul}[column]


class EncoderRecord(OpenPart):
    """What is kept beside a trained encoder."""

    origin: SpecKeys = Field({}, description="what makes the encoder, but for the seed")
    training: TrainingRecord
    made: Making | None = None
    lineage: Lineage | None = Field(
        None, description="everything that it was trained on; null where xbench 0.1.0 wrote the record"
    )
    folder_sha256: Digest | None = Field(None, description="of the folder's files, which this record is of")
    record_sha256: Digest | None = Field(None, description="of all of this but the scores, which nobody edits")
    scores: dict[str, TaskScores] = Field({}, description="by task")
    scores_sha256: Digest | None = Field(None, description="of the scores, as they were written")

    def sealed(self, folder: Path) -> EncoderRecord:
        """The record as that of the files in `folder`."""
        of_folder = self.model_copy(update={"folder_sha256": folder_digest(folder)})
        return of_folder.model_copy(update={"record_sha256": of_folder.own_digest()})

    def own_digest(self) -> str | None:
        """What `record_sha256` is, where the record is as it was written."""
        if self.lineage is None or self.folder_sha256 is None:
            return None
        beside = ("scores", "scores_sha256", "record_sha256")
        return digest({key: value for key, value in self.plain().items() if key not in beside})

    def with_scores(self, scores: dict[str, TaskScores]) -> EncoderRecord:
        """The record with these scores in place of its own."""
        scored = self.model_copy(update={"scores": scores})
        return scored.model_copy(update={"scores_sha256": scored.scores_digest()})

    def scores_digest(self) -> str:
        """What `scores_sha256` is, where the scores are as they were written."""
        return digest(self.plain().get("scores", {}))


def made_by(
    model: specs.ModelBase,
    recipe: specs.Recipe,
    training: specs.Training,
    corpus: specs.CorpusBase,
    seed: int,
    command: str,
) -> Making:
    """What a card says of the encoder that these make."""
    return Making(
        model=model.name,
        base_model=getattr(model, "hub", ""),
        revision=getattr(model, "revision", ""),
        license=model.license,
        recipe=recipe.name,
        drawing=recipe.drawing(),
        corpus=corpus.name,
        corpus_license=corpus.license,
        relation=getattr(corpus, "relation", ""),
        languages=list(recipe.trains_on(corpus.languages, corpus.lexicons)),
        settings=training.identity(),
        similarity=model.similarity,
        seed=seed,
        command=command,
    )


def read_record(folder: Path, advice: str = "") -> EncoderRecord:
    """The record beside a kept encoder. Raises EncoderError, with `advice`, where it is damaged."""
    path, advice = folder / RECORD, advice or f"delete {folder}, and the encoder is trained again"
    try:
        content = path.read_text(encoding="utf-8")
        strict_json(content)
        record = EncoderRecord.model_validate_json(content)
    except ValidationError as error:
        raise EncoderError(f"{path}: damaged{_fault(error)}; {advice}") from None
    except (OSError, ValueError):
        raise EncoderError(f"{path}: damaged; {advice}") from None
    if record.training.steps is None:
        raise EncoderError(f"{path}: damaged; {advice}")
    if record.record_sha256 != record.own_digest() or (record.lineage is None) != (record.folder_sha256 is None):
        raise EncoderError(f"{path}: damaged or edited: found another record than xbench wrote; {advice}")
    if record.scores_sha256 not in (None, record.scores_digest()):
        raise EncoderError(f"{path}: damaged: found other scores than xbench wrote; {advice}")
    return record


def _fault(error: ValidationError) -> str:
    """The first fault, where it is of a key."""
    fault = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in fault["loc"])
    found = "found no such key" if fault["type"] == "missing" else f"found {fault['input']!r:.60}"
    wanted = "one" if fault["type"] == "missing" else expected(fault)
    return f" ({key}: {found}, expected {wanted})" if key else ""
