"""Processes for tests that must die, be asked to end, or work together: forked from one that has loaded the libraries.

`python stage.py SCENES` reads scenes, one after the other: lists of actors, who play at the same time. An actor runs
one command line of xbench, and may be struck by a signal at the start of a training step or within a checkpoint.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

LONGEST = 120  # seconds; then an actor is taken off the stage


@dataclass(frozen=True)
class Actor:
    """One process: a command line of xbench, and when it is struck. `end` is "step" or "checkpoint"."""

    line: list[str]
    strike: int = 0
    at: int = 0
    during: str = "step"
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How an actor ended: exit code, or minus the signal; and what it said."""

    code: int
    out: str
    err: str


def play(folder: Path, scenes: list[list[Actor]]) -> list[list[Ended]]:
    """Perform scenes in `folder`."""
    asked = folder / "scenes.json"
    asked.write_text(json.dumps([[asdict(actor) for actor in scene] for scene in scenes]))
    top = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(top), "XBENCH_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
    environment["TORCH_CPP_LOG_LEVEL"] = "ERROR"  # as the command sets it, before torch is loaded
    for name in ("RANK", "WORLD_SIZE", "XBENCH_PATH"):
        environment.pop(name, None)
    subprocess.run([sys.executable, __file__, str(asked)], cwd=folder, env=environment, check=True)
    ended = json.loads((folder / "ended.json").read_text())
    return [[Ended(**one) for one in scene] for scene in ended]


def _perform(scenes: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    ended = []
    for number, scene in enumerate(scenes):
        children = [_start(actor, f"{number}-{place}") for place, actor in enumerate(scene)]
        ended.append([_wait(child, f"{number}-{place}") for place, child in enumerate(children)])
    return ended


def _start(actor: dict[str, Any], name: str) -> int:
    child = os.fork()
    if child:
        return child
    for stream, suffix in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{name}.{suffix}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    code = 70
    try:
        signal.alarm(LONGEST)
        os.environ.update(actor["environment"])
        sys.argv = ["xbench", *actor["line"]]
        _strike(actor)
        from xbench.cli import main

        main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _strike(actor: dict[str, Any]) -> None:
    """Have the process struck at the start of step `at`, or as it writes a checkpoint at or after that step."""
    from xbench.training import checkpoints, library

    if not actor["strike"]:
        return

    def strike() -> None:
        os.kill(os.getpid(), actor["strike"])

    if actor["during"] == "step":
        step = library.RecipeTrainer.training_step

        def training_step(self: Any, *given: Any, **named: Any) -> Any:
            if self.state.global_step + 1 == actor["at"]:
                strike()
            return step(self, *given, **named)

        library.RecipeTrainer.training_step = training_step  # type: ignore[method-assign]
    else:
        digests = checkpoints._digests

        def _digests(folder: Path) -> dict[str, str]:
            if f"{actor['at']:08d}" in folder.name:
                strike()
            return digests(folder)

        checkpoints._digests = _digests


def _wait(child: int, name: str) -> dict[str, Any]:
    _, status = os.waitpid(child, 0)
    out, err = (Path(f"{name}.{suffix}").read_text() for suffix in ("out", "err"))
    return {"code": os.waitstatus_to_exitcode(status), "out": out, "err": err}


def _load() -> None:
    """Everything that actors need, once, before the first fork."""
    import gc

    import scipy.stats  # noqa: F401
    import transformers.models.bert.modeling_bert
    import transformers.models.bert.tokenization_bert  # noqa: F401

    import xbench.commands.terminal
    import xbench.evaluation.grid
    import xbench.jobs.run
    import xbench.training.trainer
    import xbench.training.validation  # noqa: F401
    from xbench.data.embedded_facts import load_facts

    load_facts(("currency", "first-day", "official-language"), ("de", "en"))
    gc.freeze()


if __name__ == "__main__":
    _load()
    Path("ended.json").write_text(json.dumps(_perform(json.loads(Path(sys.argv[1]).read_text()))))
