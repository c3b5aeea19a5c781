"""The processes of one command, as torchrun and accelerate launch start them: who speaks, how they agree, how they end.

Process 0 leads: it says, writes and scores; the others train with it and wait. What is agreed on goes over a group of
its own on the CPU (gloo), so that it never stands in a queue behind the device's work. Knows nothing of training.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from xbench.errors import Abandoned, TrainingError, XbenchError

Value = TypeVar("Value")
LOST = ("Connection closed", "Connection reset", "Broken pipe", "onnectFullMesh", "NCCL")
PATIENCE = timedelta(days=14)  # the others wait while process 0 scores; a process that dies closes its connections


def place_in_environment() -> tuple[int, int]:
    """(number of this process, how many there are), as the launcher says; (0, 1) where none does."""
    try:
        return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    except ValueError:
        found = f"RANK={os.environ.get('RANK')} WORLD_SIZE={os.environ.get('WORLD_SIZE')}"
        raise XbenchError(f"{found}: expected numbers, as torchrun sets them; unset both to run alone") from None


@dataclass(frozen=True)
class Processes:
    """This process among those of its command."""

    index: int = 0
    count: int = 1
    group: Any = None

    @property
    def leads(self) -> bool:
        return self.index == 0

    def gather(self, value: Value) -> list[Value]:
        """What every process gave, in their order."""
        if self.count == 1:
            return [value]
        from torch import distributed

        found: list[Any] = [None] * self.count
        with noticed():
            distributed.all_gather_object(found, value, group=self.group)
        return found

    def leaders(self, value: Value) -> Value:
        """What process 0 gave."""
        return self.gather(value)[0]

    def any(self, flag: bool) -> bool:
        """Whether any process says so; quick enough for every step."""
        if self.count == 1:
            return flag
        import torch
        from torch import distributed

        flags = torch.tensor([flag], dtype=torch.int32)
        with noticed():
            distributed.all_reduce(flags, op=distributed.ReduceOp.MAX, group=self.group)
        return bool(flags.item())

    @contextmanager
    def together(self) -> Iterator[None]:
        """A block that all processes leave together: an XbenchError in one is raised in all, of the same kind."""
        error: XbenchError | None = None
        try:
            yield
        except XbenchError as caught:
            error = caught
        faults = self.gather(error)
        if error:
            raise error
        for number, fault in enumerate(faults):
            if fault is not None:
                raise type(fault)(f"process {number}: {fault}") if number else fault

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """A block that process 0 runs before the others, so that they find what it fetches or builds."""
        for my_turn in (self.leads, not self.leads):
            with self.together():
                if my_turn:
                    yield


ALONE = Processes()


def join(device: str) -> Processes:
    """This command's processes, connected; ALONE where no launcher started it."""
    index, count = place_in_environment()
    if count == 1:
        return ALONE
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # its advice on unused weights is for programmers
    import torch
    from torch import distributed

    on_gpu = device != "cpu" and torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if on_gpu else "gloo")
    return Processes(index, count, distributed.new_group(backend="gloo", timeout=PATIENCE))


@contextmanager
def noticed() -> Iterator[None]:
    """A block that talks to other processes. Raises Abandoned where one of them has ended."""
    try:
        yield
    except RuntimeError as error:
        if any(word in str(error) for word in LOST):
            raise Abandoned("another process of this command has ended; its own message says why") from error
        raise


def require_even_shares(batch_size: int, processes: int) -> None:
    """Raise TrainingError where a batch cannot be shared out evenly."""
    if batch_size % processes:
        below = batch_size - batch_size % processes
        near = " or ".join(str(size) for size in (below, below + processes) if size >= 2)
        raise TrainingError(
            f"batch_size {batch_size} does not divide over {processes} processes; set batch_size={near}"
        )


def part() -> None:
    """Leave the group that `join` made, if any."""
    import sys

    if "torch" not in sys.modules or place_in_environment()[1] == 1:
        return
    from torch import distributed

    if distributed.is_initialized():
        distributed.destroy_process_group()


class Terminated(BaseException):
    """The program was asked to end (SIGTERM); the message says what is kept."""


def raise_terminated(*_: Any) -> None:
    """The handler of SIGTERM where no work has a better moment for it."""
    raise Terminated("finished results are kept, nothing is half-written")


def end_in_order() -> None:
    """From now on a SIGTERM raises Terminated. Only the main thread can do this."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, raise_terminated)


@contextmanager
def deferred() -> Iterator[Callable[[], bool]]:
    """Inside the block a SIGTERM is noted; the function tells whether one came. Only the main thread can do this.

    One that the block has not answered by an end of its own takes effect after it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    came = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: came.set())
    try:
        yield came.is_set
    finally:
        signal.signal(signal.SIGTERM, before)
    if came.is_set():
        signal.raise_signal(signal.SIGTERM)
