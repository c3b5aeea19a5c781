"""Commands that are killed, or asked to end, at random; then the same command is run to its end.

Half of the blows fall at a random moment, half at a random touch of a file: a moment is seldom within a write.
"""

from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path

from findings import Findings
from scenes import Scene, Stage, leftovers
from victims import FORKED, Ended, Fate, Victim
from world import World

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
CODES = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}
IN_A_ROW = 3  # blows before a command may come to its end, at most


def torture(top: Path, world: World, scenes: tuple[Scene, ...], count: int, seed: int, findings: Findings) -> None:
    """Strike `count` times, each scene as often as the others."""
    draw = random.Random(seed)
    for number, scene in enumerate(scenes):
        share = count * (number + 1) // len(scenes) - count * number // len(scenes)
        if share:
            _torture_one(Stage(scene, top / f"kills-{number}", world), share, draw, findings)
        shutil.rmtree(top / f"kills-{number}", ignore_errors=True)


def _torture_one(stage: Stage, count: int, draw: random.Random, findings: Findings) -> None:
    while count:
        folder, fates = (
            stage.copy("struck"),
            [_drawn(stage.ended, draw) for _ in range(draw.randint(1, min(count, IN_A_ROW)))],
        )
        count -= len(fates)
        for fate in fates:
            ended = Victim(folder, stage.scene.command(), fate).run()
            findings.done["killed" if ended.code == -9 else "asked to end" if ended.code else "ended before"] += 1
            if fault := _fault_of_struck(stage.scene, ended, fate):
                findings.fault(stage.scene.name, fate, f"{fault}: {ended.err[-600:]}")
        finish(stage, folder, [str(fate) for fate in fates], findings)


def _drawn(calm: Ended, draw: random.Random) -> Fate:
    number = draw.choice(SIGNALS)
    if draw.random() < 0.5 and calm.touches:
        return Fate(number, touch=draw.randint(1, calm.touches))
    return Fate(number, moment=draw.uniform(0.02, calm.seconds))


def _fault_of_struck(scene: Scene, ended: Ended, fate: Fate) -> str:
    if not ended.touches and ended.code in (-signal.SIGTERM, FORKED):  # before the command had begun to listen
        return ""
    expected = CODES[signal.Signals(fate.signal)]
    if scene.api and fate.signal == signal.SIGTERM:  # a program's own affair, but for the training itself
        expected = ended.code if ended.code in (-signal.SIGTERM, 143) else expected
    if ended.code not in (0, expected):
        return f"exit code {ended.code}"
    return "a traceback" if "Traceback" in ended.err else ""


def finish(stage: Stage, folder: Path, fates: list[str], findings: Findings) -> None:
    """The same command once more, and what it left."""
    ended = Victim(folder, stage.scene.command()).run()
    findings.done["finished afterwards"] += 1
    if ended.code or "Traceback" in ended.err:
        findings.fault(stage.scene.name, fates, f"then exit code {ended.code}: {ended.err[-600:]}")
        return
    for name in stage.differences(folder):
        findings.fault(stage.scene.name, fates, f"{name} is not as of an undisturbed run")
    for name in leftovers(folder):
        findings.fault(stage.scene.name, fates, f"{name} is left")
