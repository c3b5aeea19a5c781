"""What is tortured: every long command of xbench, small enough to be run hundreds of times; and when two runs of one
are equal.

A scene is a folder as it is before the command, and the folder as the command leaves it when nobody disturbs it.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from victims import Command, Ended, Victim, typed
from world import World

from xbench.errors import XbenchError
from xbench.files import _lives, _machine, folder_digest

SPECS = {
    "t": "name: t\nlanguages: [en, de]\nformat: facts\noptions: {kinds: [official-language]}\n",
    "c": "name: c\nlanguages: [en, de]\nformat: facts\nkinds: [currency, first-day]\n",
    "q": "name: q\nlanguages: [en, de]\nformat: qa-jsonl\nrelation: qa\nsource: {path: q.jsonl}\n",
    "r": "name: r\nmix: {mono: 0.5, cross: 0.5}\ntraining: {steps: 24, batch_size: 16, checkpoint_every: 4}\n",
    "s": "name: s\nmix: {cross: 1}\ntraining: {steps: 12, batch_size: 16, checkpoint_every: 4}\n",
    "m": "name: m\nformat: static\ndimension: 8\nvocabulary: 400\n",
}
RECIPES = ("r", "s")
TRAIN = "run --model m.yaml --recipe none --recipe r.yaml --corpus c.yaml --task t.yaml --seed 3 --out out"
CLOCKS = ("timings", "created", "provenance")
OF_TRAINING = ("seconds", "resumed")
ROWS = 400


@dataclass(frozen=True)
class Scene:
    """One command; `first`: what is done before, undisturbed; `many`: what several processes type at once in place of
    the command, by turns; `made`: what one of these makes, for all."""

    name: str
    line: str
    first: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    api: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """What is typed after `first`."""
        return (self.line,)

    def command(self, line: str = "") -> Command:
        return _train if self.api and not line else typed((line or self.line).split())


SCENES = (
    Scene(
        "train",
        TRAIN,
        many=(TRAIN, TRAIN.replace("--recipe none --recipe r", "--recipe s")),
        made=("cache/encoders/m-r-", "cache/encoders/m-s-", "cache/encoders/m-untrained-", "cache/corpora/c-"),
    ),
    Scene("random", "run --model random --task t.yaml --out out"),
    Scene("bm25", "run --model bm25 --task t.yaml --out out"),
    Scene("save runs", f"{TRAIN} --save-run all", first=(TRAIN,)),
    Scene("xbench.train", "", made=("cache/encoders/m-r-",), api=True),
    Scene("corpora mine", "corpora mine c.yaml --model m.yaml --out mined"),
    Scene(
        "mine again",
        "corpora mine c.yaml --model m.yaml --out mined --depth 50",
        first=("corpora mine c.yaml --model m.yaml --among all --out mined",),
    ),
    Scene("table of a corpus", "corpora check q.yaml --task t.yaml", made=("cache/corpora/q-",)),
    Scene(
        "build",
        "leaderboard build --results out --out site --no-published-runs",
        first=(TRAIN, "run --model random --task t.yaml --out out"),
    ),
    Scene(
        "build again",
        "leaderboard build --results out --out site --no-published-runs",
        first=(
            TRAIN,
            "leaderboard build --results out --out site --no-published-runs",
            "run --model bm25 --task t.yaml --out out",
        ),
    ),
    Scene("download", "data pull d.yaml", made=("cache/data/",)),
    Scene("pack", "leaderboard pack --results out --out packed", first=(TRAIN,)),
)


def _train() -> None:
    import xbench

    try:
        xbench.train("m.yaml", "r.yaml", "c.yaml", seed=3, progress=False)
    except KeyboardInterrupt:
        sys.exit(130)
    except XbenchError as error:
        print(f"xbench: {error}", file=sys.stderr)
        sys.exit(2)


def set_up(folder: Path, world: World) -> None:
    """The YAML files of every scene, and a corpus."""
    folder.mkdir(parents=True)
    (folder / "hub").symlink_to(world.hub)
    for name, content in {**SPECS, **world.specs()}.items():
        (folder / f"{name}.yaml").write_text(content)
    rows = (
        {
            side: {language: f"{side} {number} in {language}, of {number % 7}" for language in ("en", "de")}
            for side in ("query", "positive")
        }
        for number in range(ROWS)
    )
    (folder / "q.jsonl").write_text(
        "".join(json.dumps({"id": str(number), **row}) + "\n" for number, row in enumerate(rows))
    )


@dataclass
class Stage:
    """A scene in a folder: `before`, and `calm`, which is what an undisturbed run made of it."""

    scene: Scene
    folder: Path
    world: World
    ended: Ended = field(init=False)

    def __post_init__(self) -> None:
        set_up(self.before, self.world)
        for line in self.scene.first:
            ended = Victim(self.before, self.scene.command(line)).run()
            assert ended.code == 0, f"{line}: {ended.err}"
        calm = self.copy("calm")
        for line in self.scene.lines:
            self.ended = Victim(calm, self.scene.command(line)).run()
            assert self.ended.code == 0, f"{self.scene.name}: {self.ended.err}"
        self.content = content_of(calm)
        self.largest = max(path.stat().st_size for path in calm.rglob("*") if path.is_file())

    @property
    def before(self) -> Path:
        return self.folder / "before"

    def copy(self, name: str) -> Path:
        """The folder as it is before, with times; the corpus's table is known by them."""
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.before, place, symlinks=True)
        return place

    def differences(self, folder: Path) -> list[str]:
        """What a run left otherwise than the undisturbed one did."""
        found = content_of(folder)
        return sorted(name for name in found.keys() | self.content.keys() if found.get(name) != self.content.get(name))


def content_of(folder: Path) -> dict[str, str]:
    """By name, what each thing holds that somebody relies on, without what a clock says."""
    held = {}
    for top in ("out", "packed", "mined", "site", "cache/data"):
        for path in sorted((folder / top).rglob("*")):
            if path.is_file():
                held[path.relative_to(folder).as_posix()] = _readable(path)
    for kind in ("encoders", "tokenizers"):
        for place in _folders(folder / "cache" / kind):
            held[place.name] = folder_digest(place)
    for place in _folders(folder / "cache" / "corpora"):
        held[place.name] = (place / "manifest.json").read_text()
    return held


def temporaries(folder: Path) -> list[str]:
    """What processes that are no more had begun to write."""
    hidden = (path for path in folder.rglob(f".*.{_machine()}-*-*"))
    begun = [path for path in hidden if not _lives(int(path.name.split(f".{_machine()}-")[-1].split("-")[0]))]
    return sorted(path.relative_to(folder).as_posix() for path in begun)


def _folders(place: Path) -> Iterator[Path]:
    return (path for path in sorted(place.glob("[!.]*")) if path.is_dir())


def _readable(path: Path) -> str:
    try:
        return _content(path)
    except (OSError, ValueError, EOFError, KeyError, NotImplementedError, zlib.error, BadZipFile) as error:
        return f"damaged: {error}"


def _content(path: Path) -> str:
    if path.suffix == ".json" and {"out", "packed"} & {*path.parts}:
        value = {key: part for key, part in json.loads(path.read_text()).items() if key not in CLOCKS}
        if training := value.get("training"):
            value["training"] = {key: part for key, part in training.items() if key not in OF_TRAINING}
        return json.dumps(value, sort_keys=True)
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return repr([(name, arrays[name].dtype.str, arrays[name].shape, arrays[name].tobytes()) for name in arrays])
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).hex()
    return path.read_bytes().hex()


def leftovers(folder: Path) -> list[str]:
    """Temporaries, and checkpoints of what is trained."""
    checkpoints = [path for path in (folder / "cache" / "checkpoints").glob("*") if path.is_dir()]
    return [*temporaries(folder), *(path.relative_to(folder).as_posix() for path in checkpoints)]


@cache
def chosen(names: str = "") -> tuple[Scene, ...]:
    """The scenes of these names, or all of them."""
    wanted = names.split(",") if names else [scene.name for scene in SCENES]
    return tuple(scene for scene in SCENES if scene.name in wanted)
