"""`xbench.train`: an encoder trained by a recipe on a corpus, kept as an ordinary sentence-transformers folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xbench.api.arguments import (
    Place,
    call_text,
    loading_of,
    names_of,
    place_of,
    reporter_of,
    seeds_of,
    settings_of,
    spec_of,
    storage_of,
)
from xbench.api.words import for_programs
from xbench.errors import SpecError
from xbench.jobs.request import Request
from xbench.jobs.training import train_encoder
from xbench.processes import join
from xbench.specs.strict_yaml import Value


@dataclass(frozen=True)
class TrainedEncoder:
    """An encoder that is kept in `folder`, and what made it; `xbench.evaluate` takes it, `SentenceTransformer(folder)`
    loads it. `record`: losses, steps, seconds and the digest of the batches."""

    model: str
    recipe: str
    corpus: str
    seed: int
    folder: Path
    record: Mapping[str, object] = field(repr=False)
    settings: Mapping[str, Value] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """The encoder in a few words."""
        return f"{self.model} x {self.recipe} on {self.corpus}, seed {self.seed}"

    @property
    def command(self) -> str:
        """The call that trains it, or finds it again."""
        options = {"seed": self.seed or None, "settings": self.settings}
        return call_text("train", [self.model, self.recipe, self.corpus], options)


@for_programs
def train(
    model: Place,
    recipe: Place,
    corpus: Place,
    *,
    seed: int = 0,
    settings: Mapping[str, object] | None = None,
    out: Place = "results",
    track: str | Iterable[str] = (),
    data_dir: Place | None = None,
    offline: bool = False,
    device: str | None = "auto",
    remote_code: bool = False,
    progress: bool = True,
) -> TrainedEncoder:
    """Train a model (name, YAML, folder or hub id) by a recipe on a corpus, or find it trained already.

    `settings` are those of `--set`: `{"steps": 300}`. `track`: programs that follow the training (tensorboard, wandb),
    under `out`. An interrupted training goes on at its last checkpoint. Raises XbenchError.
    """
    if not isinstance(model, str | Path):
        raise SpecError(f"model: found {type(model).__name__}, expected a name, YAML, folder or hub id; save it first")
    (seed,) = _one(seeds_of(seed))
    loading = loading_of(device, offline, remote_code)
    request = Request(
        models=(str(model),),
        recipes=(spec_of(recipe, "recipe"),),
        tasks=(),
        seeds=(seed,),
        corpus=spec_of(corpus, "corpus"),
        settings=settings_of(settings),
        out=place_of(out, "out"),
        storage=storage_of(data_dir, offline, progress),
        loading=loading,
        processes=join(loading.device),
        trackers=names_of(track, "track"),
        command=call_text("train", [model, recipe, corpus], {"seed": seed or None, "settings": settings}),
    )
    folder, record = train_encoder(request, reporter_of(progress))
    return TrainedEncoder(str(model), str(recipe), str(corpus), seed, folder, record, request.settings)


def _one(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if len(seeds) != 1:
        raise SpecError(f"seed: found {len(seeds)} of them, expected one; train once for each")
    return seeds
