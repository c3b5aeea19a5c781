"""What a training corpus is: its files, languages and the one relation of its units."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from xbench.specs.parts import Languages, Named, Source, Spec

Relation = Literal["qa", "next", "halves"]


class CorpusBase(Named):
    languages: Languages
    license: str = ""
    derived_from: tuple[str, ...] = ()
    notice: str = Field("", description="said before every run that trains on it")


class FactsCorpus(CorpusBase):
    """Embedded: other kinds of questions than the task asks, over the same entities."""

    format: Literal["facts"]
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    relation: Literal["qa"] = "qa"


class AlignedFile(Spec):
    path: str = Field(description="jsonl or jsonl.gz; relative to the YAML or to a data folder")
    document: str = Field("", description="for `next`: the key that names a row's document; `id#` is the id before '#'")


class AlignedCorpus(CorpusBase):
    """Rows `{id, texts: {lang: text}}` (relations next, halves) or `{id, query: {..}, positive: {..}}` (qa)."""

    format: Literal["aligned-jsonl"]
    files: Annotated[tuple[AlignedFile, ...], Field(min_length=1)]
    relation: Relation

    @model_validator(mode="after")
    def _next_needs_documents(self) -> AlignedCorpus:
        for file in self.files:
            if self.relation == "next" and not file.document:
                raise ValueError(f"`document` for {file.path}: relation next pairs neighbours of one document")
        return self


class SquadCorpus(CorpusBase):
    """SQuAD files, one per language, joined by question id: question -> paragraph."""

    format: Literal["squad"]
    source: Source
    english: Source | None = Field(None, description="where English has another address than the translations")
    relation: Literal["qa"] = "qa"


Corpus = Annotated[FactsCorpus | AlignedCorpus | SquadCorpus, Field(discriminator="format")]
