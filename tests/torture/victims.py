"""Processes that are killed, starved or left alone: forked from one that has loaded the libraries, so each is cheap.

A victim runs one command of xbench in a folder of its own. What it does to files there is counted as it does it
(touches), so that a blow can fall at a chosen touch as well as at a chosen moment.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import pkgutil
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import xbench

MOST_SAID = 1 << 20  # bytes
FORKED = 99  # the exit code of a victim that ends with a traceback
LONGEST = 600  # seconds; then a victim is taken for hanging
TOUCHES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "tempfile.mkdtemp"}
MAKES = {"open", "os.mkdir", "os.rename"}  # what a disk without room refuses
Command = Callable[[], None]


@dataclass(frozen=True)
class Fate:
    """What befalls a victim: a signal at a moment, at a touch, or at the first touch of a name; or a full disk."""

    signal: int = 0
    moment: float | None = None
    touch: int = 0
    name: str = ""
    largest_file: int | None = None
    full_from: int = 0  # the touch from which on nothing new can be made

    def __str__(self) -> str:
        if self.largest_file is not None:
            return f"no file over {self.largest_file} bytes"
        if self.full_from:
            return f"nothing new from touch {self.full_from} on"
        place = f"touch {self.touch}" if self.touch else f"{self.moment:.2f} s" if self.moment else "its end"
        return f"{signal.Signals(self.signal).name} at {place}" if self.signal else "left alone"


@dataclass(frozen=True)
class Ended:
    """How a victim ended: its exit code, or minus the signal; what it said; how often it touched its folder."""

    code: int
    out: str
    err: str
    touches: int
    renamed: list[str]
    seconds: float


@dataclass
class Victim:
    """A process at work in `folder`. `wait` says how it ended."""

    folder: Path
    command: Command
    fate: Fate = field(default_factory=Fate)
    name: str = "victim"

    def start(self) -> Victim:
        self._pipes = {kind: _pipe() for kind in ("out", "err")}
        self._trace.write_bytes(b"")  # a blow may fall before the victim could
        self._begun = time.monotonic()
        self._process = os.fork()
        if not self._process:
            os._exit(self._live())
        return self

    def wait(self) -> Ended:
        """Strikes when the moment has come."""
        status, struck = None, self.fate.moment is None
        while status is None:
            process, code = os.waitpid(self._process, os.WNOHANG)
            status = os.waitstatus_to_exitcode(code) if process else None
            lasted = time.monotonic() - self._begun
            if status is None and not struck and lasted >= (self.fate.moment or 0):
                os.kill(self._process, self.fate.signal)
                struck = True
            elif status is None and lasted > LONGEST:
                os.kill(self._process, signal.SIGKILL)
            time.sleep(0.002)
        out, err = self._said("out"), self._said("err")
        trace = self._trace.read_text(encoding="utf-8").splitlines()
        self._trace.unlink()
        renamed = [line.removeprefix("os.rename ") for line in trace if line.startswith("os.rename ")]
        return Ended(status, out, err, len(trace), renamed, lasted)

    def run(self) -> Ended:
        return self.start().wait()

    @property
    def _trace(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{self.name}.trace")

    def _said(self, kind: str) -> str:
        reading, writing = self._pipes[kind]
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            return stream.read().decode(errors="replace")

    def _live(self) -> int:
        """In the child."""
        for number, kind in ((1, "out"), (2, "err")):
            os.dup2(self._pipes[kind][1], number)
        trace = os.open(self._trace, os.O_WRONLY)
        os.chdir(self.folder)
        os.environ["XBENCH_CACHE"] = str(self.folder / "cache")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        sys.addaudithook(self._counted(trace))
        if self.fate.largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.fate.largest_file, self.fate.largest_file))
        return self._ended()

    def _ended(self) -> int:
        try:
            self.command()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException:
            traceback.print_exc()
            code = FORKED
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                return 98
        return code

    def _counted(self, trace: int) -> Callable[[str, tuple[object, ...]], None]:
        """An audit hook: notes what is done to files of the folder, and strikes at the chosen touch."""
        own, fate, process, touches, struck = str(self.folder), self.fate, os.getpid(), 0, False

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal touches, struck
            if event not in TOUCHES and not (event == "open" and _writes(arguments)):
                return
            places = [str(Path.cwd() / str(place)) for place in arguments[:2] if isinstance(place, str | os.PathLike)]
            if os.getpid() != process or not any(place.startswith(own) for place in places):
                return
            touches += 1
            if fate.largest_file is None:
                os.write(trace, f"{event} {places[-1]}\n".encode())
            named = bool(fate.name) and any(fate.name in place for place in places) and not struck
            if fate.touch == touches or named:
                struck = True
                os.kill(process, fate.signal)
            if fate.full_from and touches >= fate.full_from and event in MAKES:
                raise OSError(28, "No space left on device")

        return hook


def _pipe() -> tuple[int, int]:
    """A pipe that holds all that a victim says; a file could be filled only up to the victim's limit."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, MOST_SAID)
    return reading, writing


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def typed(line: list[str]) -> Command:
    """A command line."""

    def command() -> None:
        from xbench import cli

        sys.argv = ["xbench", *line]
        cli.main()

    return command


def load_libraries(hub: Path) -> None:
    """Everything that a victim may need, before any is forked; and no thread, which would not be forked with it."""
    os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "TORCH_CPP_LOG_LEVEL": "ERROR"}
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(hub), "COLUMNS": "200"}
    for name in ("XBENCH_PATH", "XBENCH_DATA", "RANK", "WORLD_SIZE"):
        os.environ.pop(name, None)
    for module in pkgutil.walk_packages(xbench.__path__, "xbench."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    import sentence_transformers  # noqa: F401
    import torch
    import transformers

    assert transformers.Trainer
    torch.set_num_threads(1)
