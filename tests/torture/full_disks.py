"""Disks without room: files that cannot grow beyond a size, and folders in which nothing new can be made. The command
says so in one line, leaves nothing half-written, and goes on to equal results once there is room."""

from __future__ import annotations

import math
import random
import shutil
from pathlib import Path

from findings import Findings, unclear
from kills import finish
from scenes import Scene, Stage, temporaries
from victims import Fate, Victim
from world import World


def torture(top: Path, world: World, scenes: tuple[Scene, ...], count: int, seed: int, findings: Findings) -> None:
    """Fill the disk `count` times, for each scene as often as for the others."""
    draw = random.Random(seed)
    for number, scene in enumerate(scenes):
        share = count * (number + 1) // len(scenes) - count * number // len(scenes)
        if share:
            stage = Stage(scene, top / f"full-{number}", world)
            for _ in range(share):
                _torture_one(stage, _drawn(stage, draw), findings)
        shutil.rmtree(top / f"full-{number}", ignore_errors=True)


def _drawn(stage: Stage, draw: random.Random) -> Fate:
    if draw.random() < 0.5:
        return Fate(full_from=draw.randint(1, stage.ended.touches))
    return Fate(largest_file=int(math.exp(draw.uniform(0, math.log(stage.largest)))))


def _torture_one(stage: Stage, fate: Fate, findings: Findings) -> None:
    folder = stage.copy("full")
    ended = Victim(folder, stage.scene.command(), fate).run()
    findings.done["full disks" if ended.code else "disks just large enough"] += 1
    if ended.code and (fault := unclear(ended)):
        findings.fault(stage.scene.name, fate, f"{fault}: {ended.err[-600:]}")
    for name in temporaries(folder):
        findings.fault(stage.scene.name, fate, f"{name} is left by a process that could have removed it")
    finish(stage, folder, [str(fate)], findings)
