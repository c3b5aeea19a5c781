"""What torture did, and what did not hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from victims import Ended


@dataclass
class Findings:
    """`done`: counts by name; `faults`: a line each."""

    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, name: str, fate: object, what: str) -> None:
        """Note what did not hold, and say so at once."""
        self.faults.append(f"{name}: {fate}: {what}")
        print("FAULT", self.faults[-1], flush=True)


def unclear(ended: Ended) -> str:
    """What is wrong with how a command said why it could not go on; nothing where it is one line."""
    lines = [line for line in ended.err.splitlines() if "xbench: " in line]
    if "Traceback" in ended.err:
        return "a traceback"
    if ended.code not in (1, 2):
        return f"exit code {ended.code}"
    if len(lines) != 1 or "xbench: failed" in lines[0]:
        return f"not one clear line, but {len(lines)}"
    return ""
