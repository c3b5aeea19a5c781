"""What an encoder was trained on before a run, as the record beside its weights tells it. Values; no file is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from xbench import specs
from xbench.evaluation.scores import Count, OpenPart
from xbench.specs.models import PROVENANCE
from xbench.specs.parts import Digest, Name

DataSetName = Annotated[str, Field(pattern=f"^({PROVENANCE.pattern})$")]


class Declared(OpenPart):
    """The training data that a model declared when it was trained further."""

    model: Name
    trained_on: list[DataSetName] = []
    training_data: Literal["declared", "partly", "undisclosed"]


class Training(OpenPart):
    """One training by a recipe on a corpus; `corpus` holds the keys that were set, as the run resolved them."""

    recipe: Name
    corpus: specs.Corpus
    corpus_sha256: Digest = Field(description="of its text")
    seed: Annotated[Count, Field(ge=0)]

    def __str__(self) -> str:
        return f"by {self.recipe} on {self.corpus.name}, seed {self.seed}"


class Gap(OpenPart):
    """Why a record does not tell everything of a model. `altered`: its files are not those that the record is of;
    `changed`: a program loaded them, and its model is another by now;
    `undeclared`: the record is of an xbench that kept no declarations."""

    model: Name
    reason: Literal["altered", "changed", "undeclared"]

    def __str__(self) -> str:
        return {
            "altered": f"model {self.model}: its files are not those that its xbench.json tells of, and nobody says "
            "what it was trained on since",
            "changed": f"model {self.model}: it is not the one that lies in its folder, and nobody says what it was "
            "trained on since",
            "undeclared": f"model {self.model}: its xbench.json does not tell what the training data are from",
        }[self.reason]


class Lineage(OpenPart):
    """Everything that an encoder was trained on: what its base model and others on the way declare, and the trainings,
    first to last."""

    declared: list[Declared] = []
    trainings: list[Training] = []
    gaps: list[Gap] = []

    def lines(self, model: str) -> list[str]:
        """What is known of `model`, and what is not, for people."""
        trained = [f"model {model}: trained {', then '.join(map(str, self.trainings))}"] if self.trainings else []
        return [*trained, *map(str, self.gaps)]
