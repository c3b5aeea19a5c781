"""A result: one run on one task, as one JSON file and one array file. The contract that boards and people rely on.

`results/<task>/<model>/<recipe>/<digest>-seed-<n>.json`; the digest covers everything that can change the numbers. No
text of queries or documents. docs/results.md describes the file. Knows no task, no model and no file.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, JsonValue, PrivateAttr

from xbench.arrays import Array
from xbench.errors import DataError
from xbench.evaluation.alignment_scores import Alignment
from xbench.evaluation.bias_scores import Bias, LanguageShare, Pooling
from xbench.evaluation.scores import HALVES, Amount, Count, Gap, Scores, WholePart
from xbench.files import digest
from xbench.results.array_checks import expected_of
from xbench.results.array_files import read_arrays
from xbench.results.frames import query_frame, score_frame
from xbench.results.notebook import decimal, html_table
from xbench.results.provenance import Provenance
from xbench.results.record import TextCounts, Tokens, TrainingRecord, VerdictName, ZeroShotRecord
from xbench.results.settings import scored_settings
from xbench.results.spec_records import ModelRecord, RecipeRecord, ResolvedSpecs, TaskRecord

if TYPE_CHECKING:
    from pandas import DataFrame


SUM = "result_sha256"


class Result(WholePart):
    """The whole file. `corpus` and `training` are null for a model as it is."""

    schema_version: Literal[1] = Field(1, alias="schema")
    task: str
    model: str
    recipe: str
    corpus: str | None
    seed: Count
    digest: str
    languages: list[str] = Field(min_length=1)
    metrics: list[str] = Field(min_length=1, description="the first one is primary")
    counts: TextCounts
    scores: Scores
    bias: Bias
    gap: Gap
    pooling: Pooling = Pooling()
    alignment: Alignment | None = Field(None, description="where it was asked for; else the key is absent")
    zero_shot: ZeroShotRecord
    tokens: Tokens
    training: TrainingRecord | None
    specs: ResolvedSpecs
    timings: dict[str, Amount] = Field(description="seconds")
    provenance: Provenance

    _path: Path | None = PrivateAttr(None)

    def model_post_init(self, context: object) -> None:
        super().model_post_init(context)
        if self.alignment is None:
            self.model_fields_set.discard("alignment")

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

    def sealed(self) -> Result:
        """The same result, which states its sha256: what is filed is compared with it whenever it is read."""
        provenance = self.provenance.model_copy(update={SUM: _sum(self.plain())})
        return self.model_copy(update={"provenance": provenance})

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

    def to_frame(self) -> DataFrame:
        """A pandas frame, a row per setting and metric.

        Columns: task, model, recipe, corpus, seed, query_language, document_language ("pool" for all of them), metric,
        value, n (queries scored).
        """
        identity: dict[str, object] = {"task": self.task, "model": self.shown_model, "recipe": self.recipe}
        identity |= {"corpus": self.corpus, "seed": self.seed}
        return score_frame(identity, self.scores, scored_settings(self), self.metrics)

    def per_query(self) -> DataFrame:
        """A pandas frame, a row per query, from the array file beside the result.

        Columns: query_language, query_id, question (the same in all languages), group; then the query's scores: "AP de"
        against German documents, "AP pool" against those of all languages, and so for every metric; "pool_rank de", the
        rank in the pool of its best relevant German document among documents that are not relevant; and rank_distance.
        NaN where it is not scored. Raises DataError where the arrays are absent, damaged, those of another result, or
        packed for a board.
        """
        return query_frame(self.arrays(), self.metrics)

    def arrays(self) -> dict[str, Array]:
        """The per-query arrays beside the result, by name; docs/results.md lists them. Raises DataError as above."""
        return read_arrays(self.path.with_suffix(".npz"), expected_of(self))

    @property
    def label(self) -> str:
        """What was scored, in a few words."""
        trained = f" on {self.corpus}" if self.corpus else ""
        return f"{self.shown_model} x {self.recipe}{trained}, seed {self.seed}"

    def __repr__(self) -> str:
        means = {column: self.scores.macro(column, self.metric) for column in HALVES}
        shown = ", ".join(f"{column} {value:.4f}" for column, value in means.items() if value is not None)
        return f"<result {self.task}: {self.label}: {self.metric} {shown}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """For notebooks: the means, then the primary metric of every pair, in percent."""
        caption = f"{self.task}, {self.metric} in percent: {self.label}"
        means = [_percent(self.scores.macro(column, self.metric)) for column in HALVES]
        values = [*means, decimal(self.bias.distance.mean, 1), _percent(self.gap.absolute)]
        head = html_table([*HALVES, "rank distance", "gap"], [values], caption, names=0)
        documents, pairs = list(self.counts.documents), self.scores.pairs
        rows = [
            [query, *(_percent(pairs.get(f"{query}-{document}", {}).get(self.metric)) for document in documents)]
            for query in self.counts.queries
        ]
        about = f"{self.metric} in percent: queries down, documents across"
        return f"{head}\n{html_table(['', *documents], rows, about)}"


def _sum(plain: dict[str, JsonValue]) -> str:
    """sha256 of a result but for the line that states it."""
    provenance = plain["provenance"]
    assert isinstance(provenance, dict)
    return digest({**plain, "provenance": {key: value for key, value in provenance.items() if key != SUM}})


def is_as_written(value: JsonValue) -> bool:
    """Whether what was read from a file is what was written; true of files from before there were sums."""
    provenance = value.get("provenance") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(provenance, dict) or provenance.get(SUM) is None:
        return True
    with suppress(ValueError, RecursionError):  # half a surrogate pair; nested too deeply
        return provenance[SUM] == _sum(value)
    return False


def _percent(value: float | None) -> str:
    return decimal(None if value is None else 100 * value, 1)


def result_schema() -> dict[str, JsonValue]:
    """The JSON Schema of a result file."""
    return Result.model_json_schema(by_alias=True)
