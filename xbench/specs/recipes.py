"""What a recipe is: how training batches are composed, and how they are trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from xbench.specs.corpora import Lexicons
from xbench.specs.parts import AnyLanguages, Grown, Language, Named, Spec


class Prompts(Spec):
    """Text put before every query and every document."""

    query: str = ""
    document: str = ""


class Adapter(Spec):
    """Low-rank adapters (LoRA, arXiv 2106.09685): the model's weights stay, and beside each chosen linear layer the
    product of two thin matrices is learned. Merged into the weights when the encoder is kept."""

    kind: Literal["lora"] = "lora"
    rank: int = Field(16, ge=1)
    alpha: float = Field(32.0, gt=0, description="the learned product counts alpha / rank times")
    dropout: float = Field(0.0, ge=0, lt=1)
    layers: tuple[str, ...] = Field((), description="names of linear layers, such as query, value; none: all of them")


class Validation(Spec):
    """A part of the corpus that is not trained on: the loss on it is measured, and the best weights are kept."""

    share: float = Field(0.01, gt=0, lt=1, description="of the corpus's groups of units; the same for every seed")
    every: int = Field(200, ge=1, description="steps between two measurements")
    patience: int = Field(5, ge=1, description="measurements without a better one before training stops")


class Training(Spec):
    """Optimisation. The defaults are the settings of arXiv 2408.10536 where it states them; it leaves `scale`,
    `in_batch_negatives`, `steps`, `warmup`, `schedule`, `max_gradient_norm` and `max_length` open, and these are
    choices of this project."""

    batch_size: int = Field(100, ge=2, description="rows of a batch over all processes")
    learning_rate: float = Field(3e-5, gt=0, le=1e38)
    weight_decay: float = Field(0.01, ge=0)
    steps: int = Field(2000, ge=1)
    warmup: float = Field(0.1, ge=0, lt=1, description="share of the steps with rising learning rate")
    schedule: Literal["linear", "cosine", "constant"] = Field("linear", description="of the learning rate, to 0")
    max_gradient_norm: float = Field(1.0, ge=0, description="longer gradients are scaled down to this norm; 0: never")
    scale: float = Field(20.0, gt=0, description="inverse temperature of InfoNCE")
    in_batch_negatives: bool = Field(True, description="other rows' passages are negatives")
    hard_negatives: int = Field(0, ge=0, description="negatives of its own per row, where the corpus has them")
    max_length: int | None = Field(None, ge=8, description="tokens per text; none: the model's own")
    prompts: Prompts = Prompts(query="Query: ", document="Passage: ")
    precision: Literal["fp32", "bf16"] = "fp32"
    mini_batch_size: int | None = Field(
        None, ge=1, description="texts encoded at once, through cached gradients: memory for a large batch; none: all"
    )
    gradient_checkpointing: bool = Field(False, description="activations are computed again instead of kept: memory")
    adapter: Adapter | None = Field(None, description="train adapters instead of all weights")
    validation: Validation | None = None
    checkpoint_every: int = Field(500, ge=0, description="steps between two checkpoints; 0: none but at SIGTERM")

    @model_validator(mode="after")
    def _some_negatives(self) -> Training:
        if not self.in_batch_negatives and not self.hard_negatives:
            raise ValueError(
                "hard_negatives of at least 1 where in_batch_negatives is false: there is no other negative"
            )
        return self

    def identity(self) -> dict[str, object]:
        """What can change the weights, JSON-ready."""
        return self.model_dump(mode="json", exclude={"checkpoint_every"})


class Mix(Grown):
    """Probability of each kind of batch, drawn once per batch."""

    LATER: ClassVar[tuple[str, ...]] = ("codeswitch",)
    mono: float = Field(0.0, ge=0, le=1, description="one language, drawn per batch")
    cross: float = Field(0.0, ge=0, le=1, description="query and passage of a row in different languages")
    mixed: float = Field(0.0, ge=0, le=1, description="query and passage of a row in one language, languages mixed")
    parallel: float = Field(0.0, ge=0, le=1, description="a unit's passage in several languages, a row each")
    codeswitch: float = Field(
        0.0, ge=0, le=1, description="one language, that of the corpus's lexicons, with words replaced by translations"
    )

    @model_validator(mode="after")
    def _sums_to_one(self) -> Mix:
        total = self.mono + self.cross + self.mixed + self.parallel + self.codeswitch
        if abs(total - 1) > 1e-9:
            raise ValueError(f"mono + cross + mixed + parallel + codeswitch = 1, not {total:g}")
        return self


Cap = Annotated[int, Field(ge=1)]


class LanguageChoice(Spec):
    """What of a corpus is trained on, by language."""

    exclude: tuple[Language, ...] = Field((), description="languages that stay unseen")
    cap: Cap | Mapping[Language, Cap] | None = Field(
        None, description="units per language, one number or by language; the same units for every seed"
    )

    def cap_of(self, language: str) -> int | None:
        """How many units of a language are trained on; none: all."""
        return self.cap.get(language) if isinstance(self.cap, Mapping) else self.cap


Pairs = Literal["tau", "uniform", "size"] | Annotated[tuple[tuple[Language, Language], ...], Field(min_length=1)]


class Codeswitch(Spec):
    """Which words of codeswitch batches are replaced, and by words of which languages (arXiv 2305.05295)."""

    probability: float = Field(0.5, gt=0, le=1, description="of replacing a word, where its lexicon has it")
    mixing: Literal["bilingual", "multilingual"] = Field(
        "bilingual", description="the target language is drawn for each text, or for each word; uniformly"
    )
    query: AnyLanguages | None = Field(
        None, description="target languages of a query's words; none: of all lexicons; []: it stays as it is"
    )
    document: AnyLanguages | None = Field(None, description="target languages of a document's words, likewise")

    @model_validator(mode="after")
    def _some_side(self) -> Codeswitch:
        if self.query == () and self.document == ():
            raise ValueError("a language for the query or the document: with both empty no word is ever replaced")
        return self


class Recipe(Named, Grown):
    """How training batches are composed, plus optimisation settings."""

    LATER: ClassVar[tuple[str, ...]] = ("codeswitch", "draw")
    mix: Mix
    tau: float = Field(0.0, ge=0, le=1, description="languages drawn in proportion to size^tau; 0 is uniform")
    languages: LanguageChoice = LanguageChoice()
    pairs: Pairs = Field(
        "tau",
        description="ordered pairs of cross batches: in proportion to size^tau, uniform, by size, or these alone",
    )
    versions: int = Field(2, ge=2, description="languages of a unit's passage in parallel batches")
    codeswitch: Codeswitch | None = Field(None, description="how words are replaced in codeswitch batches")
    draw: Literal["random", "stratified"] = Field(
        "random",
        description="kinds, languages and pairs of each batch by chance, or counted out in rounds of batches",
    )
    training: Training = Training()

    @model_validator(mode="after")
    def _switches(self) -> Recipe:
        if self.codeswitch and not self.mix.codeswitch:
            raise ValueError("`codeswitch` only where mix.codeswitch is above 0: without such batches it has no effect")
        for language in (*(self.switching.query or ()), *(self.switching.document or ())):
            if language in self.languages.exclude:
                raise ValueError(f"codeswitch without the excluded {language!r}")
        return self

    @model_validator(mode="after")
    def _pairs_cross(self) -> Recipe:
        chosen = self.pairs if isinstance(self.pairs, tuple) else ()
        for pair in chosen:
            if pair[0] == pair[1] or chosen.count(pair) > 1:
                raise ValueError(f"pairs of two different languages, each once, not [{', '.join(pair)}]")
            for language in pair:
                if language in self.languages.exclude:
                    raise ValueError(f"pairs without the excluded {language!r}")
        return self

    @property
    def switching(self) -> Codeswitch:
        """How words are replaced, where they are."""
        return self.codeswitch or Codeswitch()

    def drawing(self) -> dict[str, object]:
        """All that decides the stream of batches, JSON-ready."""
        always = self.model_dump(mode="json", include={"mix", "tau", "languages", "pairs", "versions"})
        if self.draw != "random":
            always["draw"] = self.draw
        return always | ({"codeswitch": self.switching.model_dump(mode="json")} if self.mix.codeswitch else {})

    def trains_on(self, languages: Sequence[str], lexicons: Lexicons | None = None) -> tuple[str, ...]:
        """Which languages are trained on, of a corpus's and of those that its lexicons bring words from; those of
        `pairs` alone where all whole texts are of cross batches."""
        kept = [language for language in languages if language not in self.languages.exclude]
        if not (self.mix.mono or self.mix.mixed or self.mix.parallel):
            kept = kept if self.mix.cross else []
            if isinstance(self.pairs, tuple):
                kept = [language for language in kept if any(language in pair for pair in self.pairs)]
        return tuple(dict.fromkeys([*kept, *(self._switched(lexicons) if lexicons and self.mix.codeswitch else ())]))

    def _switched(self, lexicons: Lexicons) -> list[str]:
        chosen = (self.switching.query, self.switching.document)
        targets = [language for side in chosen for language in (lexicons.to if side is None else side)]
        return [language for language in (lexicons.from_, *targets) if language not in self.languages.exclude]
