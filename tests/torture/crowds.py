"""Many processes at once in one folder: with one command, and with different ones. All end well, the results are those
of one after the other, and what all need is made once."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from findings import Findings
from scenes import Scene, Stage, leftovers
from victims import Ended, Victim
from world import World

FOLDERS = 2  # as in cache/encoders/m-r-...


@dataclass(frozen=True)
class Crowded(Scene):
    """A scene of which every line of `many` is typed."""

    @property
    def lines(self) -> tuple[str, ...]:
        return self.many or (self.line,)


def torture(top: Path, world: World, scenes: tuple[Scene, ...], processes: int, findings: Findings) -> None:
    """Let `processes` play each scene at the same time."""
    for number, scene in enumerate(scenes):
        crowded = Crowded(**vars(scene))
        _torture_one(Stage(crowded, top / f"crowd-{number}", world), processes, findings)
        shutil.rmtree(top / f"crowd-{number}", ignore_errors=True)


def _torture_one(stage: Stage, processes: int, findings: Findings) -> None:
    folder, scene = stage.copy("crowded"), stage.scene
    lines = [scene.lines[number % len(scene.lines)] for number in range(processes)]
    started = [Victim(folder, scene.command(line), name=str(number)).start() for number, line in enumerate(lines)]
    ended = [victim.wait() for victim in started]
    findings.done[f"{processes} at once"] += 1
    for one in ended:
        if one.code or "Traceback" in one.err:
            findings.fault(scene.name, f"{processes} at once", f"exit code {one.code}: {one.err[-600:]}")
    if not all(one.code == 0 for one in ended):
        return
    for name in (*stage.differences(folder), *leftovers(folder)):
        findings.fault(scene.name, f"{processes} at once", f"{name} is not as of one after the other")
    for place, count in _made(folder, scene, ended).items():
        if count != 1:
            findings.fault(scene.name, f"{processes} at once", f"{place} was made {count} times")


def _made(folder: Path, scene: Scene, ended: list[Ended]) -> Counter[str]:
    """How often each folder of the cache was put in its place, of those that one process makes for all."""
    places = (place.removeprefix(f"{folder}/") for one in ended for place in one.renamed)
    return Counter(place for place in places if place.startswith(scene.made) and place.count("/") == FOLDERS)
