"""The formats a task's data come in: one class each, with the keys that its reader knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from xbench.specs.parts import Grown, Language, Perturbation, Portion, Repository, Source, Spec
from xbench.specs.tasks import GROUP, TaskBase

TEXT = "a document's text, from its title and text"
ABSENT = (
    "a relevant document that the collection lacks: error; missed (nothing finds it, and it counts in every divisor); "
    "drop (as if it were not judged)"
)


def _template(value: str) -> str:
    if "{text}" not in value or re.search(r"[{}]", re.sub(r"\{(title|text)\}", "", value)):
        raise ValueError("{text}, and {title} if wanted, such as '{title}\\n{text}'")
    return value


def _fields(value: str) -> str:
    if not re.search(r"\{[a-z_]+\}", value) or re.search(r"[{}]", re.sub(r"\{[a-z_]+\}", "", value)):
        raise ValueError("names of fields in braces, such as '{title} {description}'")
    return value


def _config(value: str) -> str:
    if not value or re.search(r"[{}]", value.replace("{lang}", "")):
        raise ValueError("the name of a config, such as '{lang}-corpus'")
    return value


def _dataset(value: str) -> str:
    if not re.fullmatch(r"[\w./-]+", re.sub(r"\{(lang|query|document)\}", "x", value)):
        raise ValueError("an id of ir_datasets, with {lang}, {query} or {document} for languages")
    return value


DatasetId = Annotated[str, AfterValidator(_dataset)]
Template = Annotated[str, AfterValidator(_template)]
Fields = Annotated[str, AfterValidator(_fields)]
Config = Annotated[str, AfterValidator(_config)]


class LareqaOptions(Spec):
    """What a document of LAReQA's files is."""

    candidate: Literal["sentence", "sentence+context"] = "sentence"


class LareqaTask(TaskBase):
    """SQuAD-like files with sentence breaks, one per language (XQuAD-R, MLQA-R)."""

    format: Literal["lareqa"]
    source: Source
    group: Literal["question", "paragraph", "article"] = Field("question", description=GROUP)
    options: LareqaOptions = LareqaOptions()


class ParallelOptions(Grown):
    """The keys of an aligned row."""

    LATER: ClassVar[tuple[str, ...]] = ("halves", "portion", "characters", "perturb")

    id: str = Field("id", description="key of the row's id")
    query: str = Field("query", description="key of the row's queries by language")
    document: str = Field("positive", description="key of the row's documents by language")
    captions: str = Field(
        "", description="where a row holds {lang: {KEY: [texts]}}: that KEY; the first asks, the others are its golds"
    )
    halves: str = Field(
        "", description="where a row holds {KEY: {lang: text}}: that KEY; the first half of a text asks for the second"
    )
    portion: Portion | None = Field(None, description="which rows alone are read")
    characters: tuple[int, int] | None = Field(
        None, description="for `halves`: the shortest and the longest text that is read"
    )
    perturb: Perturbation | None = Field(None, description="how queries are mistyped; documents stay as they are")


class ParallelTask(TaskBase):
    """Aligned rows: one jsonl file of `{id, query: {lang: text}, positive: {lang: text}}`, or, where the path holds
    `{lang}`, one text file per language with aligned lines (a line is query and document at once)."""

    format: Literal["parallel"]
    source: Source
    group: Literal["question"] = Field("question", description=GROUP)
    options: ParallelOptions = ParallelOptions()

    @model_validator(mode="after")
    def _one_file_of_captions(self) -> Self:
        if self.options.captions and self.source.by_language:
            raise ValueError("captions in one file of all languages, so no {lang} in the source")
        return self


class PassagesOptions(Spec):
    """The keys of a row of a question with its passage."""

    id: Annotated[tuple[str, ...], Field(min_length=1)] = Field(("id",), description="keys that name a question")
    passage: Annotated[tuple[str, ...], Field(min_length=1)] = Field(description="keys that name a passage")
    query: str = "question"
    document: str = "passage"


class PassagesTask(TaskBase):
    """One jsonl per language; a row is a question with its passage, and several questions share a passage."""

    format: Literal["passages"]
    source: Source
    group: Literal["question", "passage"] = Field("passage", description=GROUP)
    options: PassagesOptions


class BitextTask(TaskBase):
    """Aligned lines, English beside each language, with other English sentences for each: English asks."""

    format: Literal["bitext"]
    source: Source
    english: Source = Field(description="the English side of each language's file")
    relevance: Literal["explicit"]
    group: Literal["question"] = Field("question", description=GROUP)

    @model_validator(mode="after")
    def _english_asks(self) -> Self:
        if self.query_languages != ("en",) or "en" in self.document_languages:
            raise ValueError("query_languages: [en], and document_languages without it")
        if not (self.source.by_language and self.english.by_language):
            raise ValueError("{lang} or {pair} in `source` and `english`")
        return self


class TextOptions(Spec):
    """How a document's title and text are joined."""

    text: Template = Field("{title} {text}", description=TEXT)


class BeirOptions(TextOptions):
    """How a row of BEIR's files is read."""

    language: str = Field("", description="key of a row that names its language, where one file holds several")


class JudgedTask(TaskBase):
    """Documents, queries and qrels in files of their own."""

    documents: Source
    queries: Source
    qrels: Source
    absent: Literal["error", "missed", "drop"] = Field("error", description=ABSENT)
    group: Literal["question"] = Field("question", description=GROUP)

    @model_validator(mode="after")
    def _qrels_of_pairs(self) -> Self:
        places = (f"{source.path}{source.url}" for source in (self.documents, self.queries))
        if any("{document}" in place for place in places):
            raise ValueError("{document} in `qrels` alone: documents and queries are of one language, {lang}")
        if self.relevance != "explicit" and "{document}" in f"{self.qrels.path}{self.qrels.url}":
            raise ValueError("relevance: explicit, for the qrels name a query and a {document} language")
        return self


class BeirTask(JudgedTask):
    """BEIR's files: corpus.jsonl, queries.jsonl, and qrels as .tsv with a header."""

    format: Literal["beir"]
    options: BeirOptions = BeirOptions()

    @model_validator(mode="after")
    def _languages_told_apart(self) -> Self:
        sides = ((self.documents, self.document_languages), (self.queries, self.query_languages))
        for source, languages in sides:
            if len(languages) > 1 and not (source.by_language or self.options.language):
                raise ValueError("{lang} in the paths of documents and queries, or `options: {language: KEY}`")
        return self


class MiraclTask(JudgedTask):
    """MIRACL's files: topics without a header, qrels of four columns, passages in shards of jsonl.gz."""

    format: Literal["miracl"]
    options: TextOptions = TextOptions()


class MtebOptions(TextOptions):
    """The split and the names of the configs of a repository in mteb's layout."""

    split: str = "test"
    documents: Config = "{lang}-corpus"
    queries: Config = "{lang}-queries"
    qrels: Config = "{lang}-qrels"


class MtebTask(TaskBase):
    """A repository in mteb's layout: parquet, in configs for documents, queries and qrels."""

    format: Literal["mteb"]
    source: Repository
    absent: Literal["error", "missed", "drop"] = Field("error", description=ABSENT)
    group: Literal["question"] = Field("question", description=GROUP)
    options: MtebOptions = MtebOptions()


class IrdsOptions(Spec):
    """Which fields of a data set are the texts."""

    query: Fields = Field("{text}", description="a query's text, from the fields of the data set")
    document: Fields = Field("{text}", description="a document's text, from the fields of the data set")


DATASET = "id of ir_datasets; {query} and {document} stand for the languages, {lang} for both"


class IrdsTask(TaskBase):
    """Data sets of ir_datasets, which fetches and keeps them itself."""

    format: Literal["irds"]
    dataset: DatasetId = Field(description=DATASET)
    codes: Mapping[Language, str] = Field({}, description="how the ids write a language, where differently")
    license: str = ""
    absent: Literal["error", "missed", "drop"] = Field("error", description=ABSENT)
    group: Literal["question"] = Field("question", description=GROUP)
    options: IrdsOptions = IrdsOptions()


class MkqaOptions(TextOptions):
    """Which questions are asked."""

    kinds: tuple[str, ...] = Field(description="types of answers that are asked for; others leave the question out")
    most: int = Field(ge=1, description="a question whose answer more passages hold is left out")


class MkqaTask(TaskBase):
    """MKQA's questions against BEIR's passages in one language; relevant is a passage that holds an answer."""

    format: Literal["mkqa"]
    documents: Source
    queries: Source
    group: Literal["question"] = Field("question", description=GROUP)
    options: MkqaOptions

    @model_validator(mode="after")
    def _one_language_of_passages(self) -> Self:
        if len(self.document_languages) != 1:
            raise ValueError("one document language: that of the passages and answers")
        return self


class FactsOptions(Spec):
    """Which kinds of facts are asked for, and which stand among the documents besides."""

    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    distractors: tuple[str, ...] = Field((), description="kinds whose answers stand among the documents only")


class FactsTask(TaskBase):
    """Embedded: questions and answers made from CLDR names."""

    format: Literal["facts"]
    options: FactsOptions
    group: Literal["question", "entity"] = Field("entity", description=GROUP)


Task = Annotated[
    LareqaTask
    | BeirTask
    | MiraclTask
    | MtebTask
    | IrdsTask
    | ParallelTask
    | PassagesTask
    | BitextTask
    | MkqaTask
    | FactsTask,
    Field(discriminator="format"),
]
