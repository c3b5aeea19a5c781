"""What a training corpus is: its files, languages and the one relation of its units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from xbench import scripts
from xbench.specs.parts import AnySource, Grown, Language, Languages, Named, Portion, Source, Spec

Relation = Literal["qa", "next", "halves", "translation"]
TextRelation = Literal["next", "halves", "translation"]
SentenceRelation = Literal["halves", "translation"]
QuestionRelation = Literal["qa", "next", "halves"]
ENGLISH = "where English has another address than the other languages"
Files = Iterator[tuple[AnySource, str]]


class Lexicons(Spec):
    """Bilingual lexicons, for codeswitch batches: a text file per language of `to`, on each line a word of the language
    `from` and one translation, with a tab between them, or a space where both are single words."""

    source: Source
    from_: Language = Field("en", alias="from", description="of the texts whose words are replaced")
    to: Languages = Field(description="of the translations; the corpus need not have them")

    @model_validator(mode="after")
    def _apart(self) -> Lexicons:
        if self.from_ in self.to:
            raise ValueError(f"`to` without {self.from_!r}, the language that is translated from")
        if self.from_.split("-")[0] in scripts.LANGUAGES:
            raise ValueError(f"`from` a language that puts spaces between words, not {self.from_!r}")
        if len(self.to) > 1 and not self.source.by_language:
            raise ValueError("{lang} in the path or url of `source`: a file for each language of `to`")
        return self


class CorpusBase(Named, Grown):
    """What every corpus is, whatever the format of its data."""

    LATER: ClassVar[tuple[str, ...]] = ("lexicons",)
    languages: Languages
    license: str = ""
    size: str = Field("", description="units, rows or files, as published")
    derived_from: tuple[str, ...] = ()
    notice: str = Field("", description="said before every run that trains on it")
    lexicons: Lexicons | None = None

    def files(self) -> Files:
        """Every (source, language) that is read; the language is empty for a file that holds several."""
        return iter(())

    def lexicon_files(self) -> Files:
        """Every (source, language) of its lexicons."""
        if self.lexicons:
            for language in self.lexicons.to:
                yield self.lexicons.source, language


class FactsCorpus(CorpusBase):
    """Embedded: other kinds of questions than the task asks, over the same entities."""

    format: Literal["facts"]
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    relation: Literal["qa"] = "qa"


class AlignedFile(Grown):
    """A file of rows, and which of its keys names a document."""

    LATER: ClassVar[tuple[str, ...]] = ("portion", "characters")

    path: str = Field(description="jsonl or jsonl.gz; relative to the YAML or to a data folder", min_length=1)
    document: str = Field("", description="for `next`: the key that names a row's document; `id#` is the id before '#'")
    portion: Portion | None = Field(None, description="which rows alone are read")
    characters: tuple[int, int] | None = Field(
        None, description="the shortest and the longest text that is read, to match the lengths of corpora"
    )


class AlignedCorpus(CorpusBase):
    """Rows `{id, texts: {lang: text}}` (relations next, halves, translation) or `{id, query: {..}, positive: {..}}`."""

    format: Literal["aligned-jsonl"]
    files_: Annotated[tuple[AlignedFile, ...], Field(min_length=1, alias="files")]
    relation: Relation

    def files(self) -> Files:
        return ((Source(path=file.path), "") for file in self.files_)

    @model_validator(mode="after")
    def _next_needs_documents(self) -> AlignedCorpus:
        for file in self.files_:
            if self.relation == "next" and not file.document:
                raise ValueError(f"`document` for {file.path}: relation next pairs neighbours of one document")
        return self


class LinesCorpus(CorpusBase):
    """Text files with one sentence a line, one file per language, line i of each the translation of line i."""

    format: Literal["aligned-lines"]
    source: Source
    english: Source | None = Field(None, description=ENGLISH)
    documents: Source | None = Field(None, description="for `next`: a file whose line i names the document of line i")
    relation: TextRelation

    def files(self) -> Files:
        for language in self.languages:
            yield (self.english if self.english and language == "en" else self.source), language
        if self.documents:
            yield self.documents, ""

    @model_validator(mode="after")
    def _next_needs_documents(self) -> LinesCorpus:
        if self.relation == "next" and not self.documents:
            raise ValueError("`documents`: relation next pairs neighbours of one document")
        return self


class PairsCorpus(CorpusBase):
    """English-centric pairs of sentences, one file (or two) per other language; units are joined by the English text.

    layout `lines`: two aligned files, `source` in the language and `english`; `tsv`: English, then the other language;
    `tmx`: a translation memory; `parquet`: columns `english` and `non_english`.
    """

    format: Literal["english-pairs"]
    layout: Literal["lines", "tsv", "tmx", "parquet"]
    source: AnySource
    english: Source | None = Field(None, description="for `lines`: the English side of each pair of files")
    relation: SentenceRelation

    def files(self) -> Files:
        for language in self.languages:
            if language != "en":
                yield self.source, language
                if self.english:
                    yield self.english, language

    @model_validator(mode="after")
    def _layout_has_its_files(self) -> PairsCorpus:
        if "en" not in self.languages or len(self.languages) < 2:
            raise ValueError("`languages` with en and another: the pairs are English-centric")
        if (self.layout == "lines") != (self.english is not None):
            raise ValueError("`english` with layout lines, and only there")
        return self


class SquadCorpus(CorpusBase):
    """SQuAD files, one per language, joined by question id: question -> paragraph."""

    format: Literal["squad"]
    source: Source
    english: Source | None = Field(None, description=ENGLISH)
    relation: Literal["qa"] = "qa"

    def files(self) -> Files:
        for language in self.languages:
            yield (self.english if self.english and language == "en" else self.source), language


class QuestionsCorpus(CorpusBase):
    """jsonl of a query with its passages. One file of rows by language (`{query: {lang: text}, positive: {..}}`), or,
    where the path holds `{lang}`, one per language, whose rows are units of that language alone.

    A passage is text, `{title, text}` or a list of these; every positive makes a unit, all negatives go with it.
    """

    format: Literal["qa-jsonl"]
    source: Source
    query: str = Field("query", description="key of the query")
    positive: str = Field("positive", description="key of its passages")
    negatives: str = Field("", description="key of its hard negatives; none: it has none")
    text: str = Field("{title}\n{text}", description="how title and text of a passage are joined")
    relation: QuestionRelation = Field("qa", description="next, halves: written by `xbench corpora mine`, or like it")

    def files(self) -> Files:
        if "{lang}" not in (self.source.path or self.source.url):
            yield self.source, ""
            return
        for language in self.languages:
            yield self.source, language


class JudgedCorpus(CorpusBase):
    """Topics, judgements and passages per language, as in MIRACL and Mr.TyDi: a query with each passage judged
    relevant; passages judged not relevant are its hard negatives."""

    format: Literal["judged"]
    topics: Source = Field(description="tsv: query id, query")
    judgements: Source = Field(description="qrels: query id, Q0, passage id, 0 or more")
    passages: AnySource = Field(description="jsonl: docid or id; title and text, or contents")
    text: str = Field("{title}\n{text}", description="how title and text of a passage are joined")
    relation: Literal["qa"] = "qa"

    def files(self) -> Files:
        for language in self.languages:
            for source in (self.topics, self.judgements, self.passages):
                yield source, language


class TriplesCorpus(CorpusBase):
    """Triples of ids (query, relevant passage, other passage) over tables of texts per language, ids shared by all."""

    format: Literal["id-triples"]
    triples: Source = Field(description="tsv: query id, id of the relevant passage, id of the other")
    queries: Source = Field(description="tsv per language: id, text")
    passages: Source = Field(description="tsv per language: id, text")
    first: int | None = Field(None, ge=1, description="only so many triples; none: all")
    relation: Literal["qa"] = "qa"

    def files(self) -> Files:
        yield self.triples, ""
        for source in (self.queries, self.passages):
            for language in self.languages:
                yield source, language


class DocumentsCorpus(CorpusBase):
    """Parquet per language, a row a document, joined by the column `key`."""

    format: Literal["parquet"]
    source: AnySource
    key: str = Field(description="column with the id that the languages share")
    text: str = Field(description="column with the text")
    relation: SentenceRelation

    def files(self) -> Files:
        for language in self.languages:
            yield self.source, language


class CaptionsCorpus(CorpusBase):
    """XM3600's machine-translated captions: jsonl rows of one caption and one translation, joined by image and caption.
    For `next`, an image is a document: one caption asks for another of the same image."""

    format: Literal["captions"]
    source: Source
    image: str = Field(description="key of the image: image_id or rec_num")
    relation: TextRelation

    def files(self) -> Files:
        yield self.source, ""


Corpus = Annotated[
    FactsCorpus
    | AlignedCorpus
    | LinesCorpus
    | PairsCorpus
    | SquadCorpus
    | QuestionsCorpus
    | JudgedCorpus
    | TriplesCorpus
    | DocumentsCorpus
    | CaptionsCorpus,
    Field(discriminator="format"),
]
