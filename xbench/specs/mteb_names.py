"""Which mteb task holds the same data as a task of ours, and how mteb names its parts. Nothing here is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import Field, field_validator

from xbench.specs.parts import Language, MetricName, Spec

MODEL = re.compile(r"\w[\w.-]*/\w[\w.+-]*( \([\w=., -]+\))?", re.ASCII)
"""What a name of a model looks like in mteb's repository: `org/model`, some with settings in brackets."""
REVISION = re.compile(r"\w[\w.-]*", re.ASCII)

PARTS = ("corpus", "query", "corpus_iso", "query_iso", "corpus_script", "query_script")


def model_name(name: str) -> str:
    """A model's name with the spaces that folders of the repository write as '_': `org/m (dtype=int8, dim=256)`."""
    head, bracket, settings = name.partition("_(")
    return f"{head} ({settings.replace(',_', ', ')}" if bracket else name


class Mteb(Spec):
    """An mteb task over the same queries, documents and judgements."""

    task: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="mteb's name of the task")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$", description="mteb's revision of the data")
    split: str = Field(pattern=r"^[\w.-]+$", description="mteb's name of the split")
    subset: str = Field(
        description="how mteb names a subset, documents first: {corpus}, {corpus_iso}-{query_iso} (ara-deu), "
        "{corpus_script}-{query_script} (arb_Arab-deu_Latn); without a query part, one language alone"
    )
    languages: Mapping[Language, Annotated[str, Field(pattern=r"^[a-z]{3}-[A-Z][a-z]{3}$")]] = Field(
        min_length=1, description="mteb's code of each language that it has: eng-Latn"
    )
    pairs: Literal["all", "with-english"] = Field("all", description="which pairs of two languages mteb has")
    main_score: MetricName = "nDCG@10"

    @field_validator("subset")
    @classmethod
    def _known_parts(cls, subset: str) -> str:
        try:
            parts = [name for _, name, _, _ in Formatter().parse(subset) if name is not None]
        except ValueError:
            parts = []
        if not parts or any(part not in PARTS for part in parts):
            raise ValueError(f"a pattern of {', '.join(f'{{{part}}}' for part in PARTS)}, not {subset!r}")
        return subset

    def covers(self, query: str, document: str) -> bool:
        """Whether mteb has this pair."""
        if query not in self.languages or document not in self.languages:
            return False
        return query == document or ("{query" in self.subset and (self.pairs == "all" or "en" in (query, document)))

    def name_of(self, query: str, document: str) -> str:
        """mteb's name of a pair."""
        sides = {"corpus": document, "query": query}
        codes = {side: self.languages[language] for side, language in sides.items()}
        iso = {f"{side}_iso": code.split("-")[0] for side, code in codes.items()}
        script = {f"{side}_script": code.replace("-", "_") for side, code in codes.items()}
        return self.subset.format(**sides, **iso, **script)

    def languages_of(self, query: str, document: str) -> list[str]:
        """mteb's codes of a pair, documents first; one code where a subset has one language by its name."""
        both = [self.languages[document], self.languages[query]]
        return both if "{query" in self.subset else both[:1]
