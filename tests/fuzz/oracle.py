"""Runs a command line in this process and judges how it ended: what holds for any input whatever."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from xbench import cli
from xbench.errors import printable

SECONDS = 20  # for one command; most take a tenth of a second
MOST_MEMORY = 400 << 10  # KiB that one command may add to the peak
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree")
WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class TooSlow(BaseException):
    """Raised in a command whose time is over."""


@dataclass(frozen=True)
class Ended:
    """How a command ended; `fault` is empty where everything holds."""

    code: int
    out: str
    err: str
    fault: str


class Watch:
    """Everything that is written or reached outside one folder, while a command runs there."""

    def __init__(self) -> None:
        self.inside: Path | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, details: tuple[Any, ...]) -> None:
        if self.inside is None:
            return
        written = event == "open" and isinstance(details[0], str | bytes) and details[2] & WRITE
        if written or event in CHANGES:
            self._judge(event, details[0])
        elif event == "socket.connect":
            self.seen.append(f"{event} {details[1]!r}")

    def _judge(self, event: str, path: Any) -> None:
        inside = self.inside
        self.inside = None
        try:
            place = str(Path(os.fsdecode(path)).resolve())
        except (TypeError, ValueError):
            place = ""  # a file by its number
        self.inside = inside
        own = (f"{inside}{os.sep}", "/dev/", "/proc/")
        if place and place != str(inside) and not place.startswith(own) and "__pycache__" not in place:
            self.seen.append(f"{event} {place}")


WATCH = Watch()


@contextlib.contextmanager
def _limited(folder: Path) -> Iterator[None]:
    """The folder is the working one, time is bounded, and no setting of the caller's reaches the command."""

    def stop(*_: Any) -> None:
        raise TooSlow

    names = {"XBENCH_CACHE": "cache", "HF_HUB_CACHE": "hub", "TMPDIR": ".", "XBENCH_PATH": "", "XBENCH_DATA": ""}
    settings = {name: str(folder / place) if place else "" for name, place in names.items()}
    before, handler, ending = Path.cwd(), signal.signal(signal.SIGALRM, stop), signal.getsignal(signal.SIGTERM)
    os.chdir(folder)
    WATCH.inside, WATCH.seen = folder, []
    signal.alarm(SECONDS)
    try:
        with (
            mock.patch.object(tempfile, "tempdir", str(folder)),  # it is remembered beyond the setting
            mock.patch.dict(os.environ, settings | {"HF_HUB_OFFLINE": "1", "COLUMNS": "80"}),
        ):
            yield
    finally:
        signal.alarm(0)
        WATCH.inside = None
        os.chdir(before)
        signal.signal(signal.SIGALRM, handler)
        signal.signal(signal.SIGTERM, ending)


def ended(folder: Path, arguments: list[str]) -> Ended:
    """How a command line ends in a folder."""
    out, err = io.StringIO(), io.StringIO()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code, escaped = 0, ""
    with (
        _limited(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["xbench", *arguments]),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException as error:
            escaped = "".join(traceback.format_exception(error))
            code = -1
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    said = Ended(code, out.getvalue(), err.getvalue(), "")
    fault = escaped or next(_faults(said, grown), "")
    return Ended(code, said.out, said.err, fault)


def _faults(said: Ended, grown: int) -> Iterator[str]:
    lines = said.err.splitlines()
    named = [line for line in lines if line.startswith("xbench: ")]
    if said.code not in (0, 1, 2):
        yield f"exit code {said.code}"
    if "Traceback" in said.err or "xbench: failed: " in said.err:
        yield "an exception that is no XbenchError"
    if len(named) > 1:
        yield "more than one line of error"
    if said.code == 2 and lines[-1:] != named and not said.err.startswith("Usage: "):
        yield "exit code 2 without a last line that says why"
    if said.code == 0 and named:
        yield "an error, and exit code 0"
    if printable(said.out) != said.out or printable(said.err) != said.err:
        yield "control characters on the terminal"
    if WATCH.seen:
        yield f"outside its folder: {WATCH.seen[0]}"
    if grown > MOST_MEMORY:
        yield f"{grown >> 10} MiB of memory"
