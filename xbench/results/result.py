"""A result: one run on one task, as one JSON file and one array file. The contract that boards and people rely on.

`results/<task>/<model>/<recipe>/<digest>-seed-<n>.json`; the digest covers everything that can change the numbers. No
text of queries or documents. docs/results.md describes the file. Knows no task, no model and no file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, PrivateAttr

from xbench.errors import DataError
from xbench.evaluation.bias_scores import Bias, LanguageShare, Pooling
from xbench.evaluation.scores import Gap, Scores, WholePart
from xbench.results.provenance import Provenance
from xbench.results.record import TextCounts, Tokens, TrainingRecord, VerdictName, ZeroShotRecord
from xbench.results.spec_records import ModelRecord, RecipeRecord, ResolvedSpecs, TaskRecord


class Result(WholePart):
    """The whole file. `corpus` and `training` are null for a model as it is."""

    schema_version: Literal[1] = Field(1, alias="schema")
    task: str
    model: str
    recipe: str
    corpus: str | None
    seed: int
    digest: str
    languages: list[str] = Field(min_length=1)
    metrics: list[str] = Field(min_length=1, description="the first one is primary")
    counts: TextCounts
    scores: Scores
    bias: Bias
    gap: Gap
    pooling: Pooling = Pooling()
    zero_shot: ZeroShotRecord
    tokens: Tokens
    training: TrainingRecord | None
    specs: ResolvedSpecs
    timings: dict[str, float] = Field(description="seconds")
    provenance: Provenance

    _path: Path | None = PrivateAttr(None)

    @property
    def path(self) -> Path:
        """The file that the result was read from. Raises DataError for one that was not read."""
        if self._path is None:
            raise DataError(f"the result of {self.model} on {self.task} was read from no file; use read_result")
        return self._path

    def read_from(self, path: Path) -> Result:
        """The same result, which knows the file that it was read from."""
        self._path = path
        return self

    @property
    def metric(self) -> str:
        """The primary metric."""
        return self.metrics[0]

    @property
    def verdict(self) -> VerdictName:
        """The zero-shot verdict; unknown where the file has none."""
        return self.zero_shot.verdict or "unknown"

    @property
    def task_spec(self) -> TaskRecord:
        """The task's spec; one that says nothing where the file has none. So are the next two."""
        return self.specs.task or TaskRecord()

    @property
    def model_spec(self) -> ModelRecord:
        """The model's spec."""
        return self.specs.model or ModelRecord()

    @property
    def recipe_spec(self) -> RecipeRecord:
        """The recipe's spec."""
        return self.specs.recipe or RecipeRecord()

    @property
    def shown_model(self) -> str:
        """The model and what `post` takes from its vectors, which makes it another than the model as it is."""
        post = self.model_spec.post
        return f"{self.model} + {post}" if post else self.model

    @property
    def language_share(self) -> LanguageShare | None:
        """Of the pool: under `bias`, or under `pooling` where the pool is no score."""
        return self.bias.language_share or self.pooling.language_share


def result_schema() -> dict[str, JsonValue]:
    """The JSON Schema of a result file."""
    return Result.model_json_schema(by_alias=True)
