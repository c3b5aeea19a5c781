"""Every kind of kept file, changed after it was written as a failing disk changes it: one bit, or a block of zeros.

The next command must say so in one line with exit code 2, or make it good and say the same numbers as before; what is
said by nobody must be the same numbers.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from findings import Findings, unclear
from scenes import Scene, Stage, content_of
from victims import Ended, Fate, Victim, typed
from world import World

BLOCK = 64


@dataclass(frozen=True)
class Shelf:
    """Kept files by patterns, and the command lines that may use them. `gone`: what is removed before, so that it is
    made anew from what is kept. `first`: how it came to be there; `struck`: whether the last of these was asked to end.
    """

    name: str
    patterns: tuple[str, ...]
    first: tuple[str, ...]
    then: tuple[str, ...]
    gone: tuple[str, ...] = ()
    struck: bool = False


RUN = "run --model m.yaml --recipe none --recipe r.yaml --corpus c.yaml --task t.yaml --seed 3 --out out"
SHELVES = (
    Shelf(
        "encoders, tables, vectors, overlap",
        (
            "cache/encoders/m-r-*/**/*.safetensors",
            "cache/encoders/m-r-*/modules.json",
            "cache/encoders/m-r-*/xbench.json",
            "cache/encoders/m-r-*/.xbench-seal.json",
            "cache/encoders/m-untrained-*/**/*.safetensors",
            "cache/tokenizers/*/tokenizer.json",
            "cache/corpora/*/*.bin",
            "cache/corpora/*/manifest.json",
            "cache/vectors/*/*.npy",
            "cache/vectors/*/*.json",
            "cache/overlap/*.json",
        ),
        (RUN,),
        (RUN,),
        gone=("out",),
    ),
    Shelf("checkpoints", ("cache/checkpoints/*/step-*/*",), (RUN,), (RUN,), struck=True),
    Shelf(
        "results",
        ("out/**/*.json", "out/**/*.npz"),
        (RUN,),
        (RUN, "table --results out", "leaderboard pack --results out --out packed"),
    ),
    Shelf("saved runs", ("out/**/*.gz",), (f"{RUN} --save-run en-de",), (f"{RUN} --save-run en-de",)),
    Shelf(
        "sites",
        ("site/data/build.json", "site/index.html", "site/data/results.csv", ".site.runs"),
        (RUN, "leaderboard build --results out --out site --no-published-runs"),
        ("leaderboard build --results out --out site --no-published-runs",),
    ),
    Shelf(
        "mined corpora",
        ("mined/units.jsonl.gz", "mined/corpus.yaml"),
        ("corpora mine c.yaml --model m.yaml --out mined",),
        ("run --model m.yaml --recipe r.yaml --corpus mined/corpus.yaml --task t.yaml --out out",),
    ),
    Shelf(
        "the hub's cache",
        ("hub/*/blobs/*",),
        ("run --model h.yaml --task t.yaml --out out",),
        ("run --model h.yaml --task t.yaml --out out",),
        gone=("out", "cache/vectors"),
    ),
    Shelf(
        "downloads",
        ("cache/data/*/*", "cache/data/*/.xbench-seal.json"),
        ("run --model random --task d.yaml --out out",),
        ("run --model random --task d.yaml --out out",),
        gone=("out",),
    ),
)


def torture(top: Path, world: World, count: int, seed: int, findings: Findings) -> None:
    """Damage `count` times, each pattern as often as the others."""
    draw, patterns = random.Random(seed), sum(len(shelf.patterns) for shelf in SHELVES)
    done = 0
    for number, shelf in enumerate(SHELVES):
        before, done = done, done + len(shelf.patterns)
        each = count * done // patterns - count * before // patterns
        if each:
            _Table(top / f"damage-{number}", world, shelf, findings).torture(each, draw)
        shutil.rmtree(top / f"damage-{number}", ignore_errors=True)


class _Table:
    """A shelf, filled by its first commands; `calm`: what its later ones say and leave when nothing is damaged."""

    def __init__(self, top: Path, world: World, shelf: Shelf, findings: Findings) -> None:
        self._shelf, self._findings, self._hub = shelf, findings, world.hub
        first = shelf.first[:-1] if shelf.struck else shelf.first
        scene = Scene(shelf.name, shelf.first[-1], first)
        self._stage = Stage(scene, top, world)
        if shelf.struck:
            Victim(self._stage.before, typed(shelf.first[-1].split()), Fate(signal.SIGTERM, name="step-00000012")).run()
        self._calm = self._run(self._stage.copy("quiet"))

    def _run(self, folder: Path) -> list[tuple[Ended, dict[str, str]]]:
        """How each later command ended, and what there is after it."""
        for name in self._shelf.gone:
            shutil.rmtree(folder / name)
        ended = []
        for line in self._shelf.then:
            one = Victim(folder, typed(line.split())).run()
            ended.append((one, _relied_on(folder)))
        return ended

    def torture(self, count: int, draw: random.Random) -> None:
        for number in range(count):
            folder = self._stage.copy("damaged")
            pattern = self._shelf.patterns[number % len(self._shelf.patterns)]
            path = draw.choice(sorted(path for path in folder.glob(pattern) if path.is_file()))
            blob, whole = path.resolve(), path.read_bytes()
            name = path.relative_to(folder).as_posix()
            what = f"{name}, {_damage(path, draw)}"
            for (ended, found), (calm, expected) in zip(self._run(folder), self._calm, strict=True):
                self._judge(what, name, ended, found, calm, expected)
            if blob.is_relative_to(self._hub):  # all share it
                blob.write_bytes(whole)

    def _judge(
        self, what: str, name: str, ended: Ended, found: dict[str, str], calm: Ended, expected: dict[str, str]
    ) -> None:
        said = "named" if ended.code else "made good or of no effect"
        self._findings.done[f"damages {said}"] += 1
        if ended.code and (fault := unclear(ended)):
            self._findings.fault(self._shelf.name, what, f"{fault}: {ended.err[-600:]}")
        if ended.code == 0 and ended.out != calm.out:
            self._findings.fault(self._shelf.name, what, f"it printed another text: {ended.out[-600:]}")
        if (
            ended.code == 0
            and not name.endswith(".yaml")
            and (lacking := sorted(expected.keys() - found.keys() - {name}))
        ):
            self._findings.fault(self._shelf.name, what, f"{lacking[0]} was not made")
        for other in sorted(found.keys() - {name}):
            if name.endswith(
                ".yaml"
            ):  # a spec: its words have no sum, results repeat them; its keys make other digests
                same = other not in expected or _numbers(found[other]) == _numbers(expected[other])
            else:
                same = found[other] == expected.get(other)
            if not same:
                self._findings.fault(self._shelf.name, what, f"{other} has other content")


def _relied_on(folder: Path) -> dict[str, str]:
    """Results, sites, packed and mined files: what is made of what is kept."""
    return {name: held for name, held in content_of(folder).items() if name.startswith(("out/", "packed/", "site/"))}


def _numbers(held: str) -> str:
    if not held.startswith("{"):
        return held
    result = json.loads(held)
    return str([result[key] for key in ("digest", "scores", "bias", "gap", "tokens")])


def _damage(path: Path, draw: random.Random) -> str:
    """Change a file as it lies there, its time too; says how."""
    content = bytearray(path.read_bytes())
    place = draw.randrange(len(content))
    if draw.random() < 0.7:
        content[place] ^= 1 << (bit := draw.randrange(8))
        how = f"bit {bit} of byte {place} flipped"
    else:
        content[place : place + BLOCK] = bytes(len(content[place : place + BLOCK]))
        how = f"{BLOCK} bytes from {place} zeroed"
    path.write_bytes(content)
    return how
