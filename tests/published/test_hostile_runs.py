"""Three hundred spoilt results, tables and stores of published runs: each is read, or left out in a line, in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz import Fuzzer
from originals import ORIGINALS

OWN = [number for number, original in enumerate(ORIGINALS) if original.name.startswith("published-")]
ROUNDS, AT_ONCE = 100, 20


@pytest.mark.parametrize("first", range(0, ROUNDS, AT_ONCE))
def test_any_published_run_is_read_or_named(tmp_path: Path, first: int) -> None:
    fuzzer = Fuzzer(tmp_path, seed=1)
    faults = {}
    for number in (turn * len(ORIGINALS) + own for turn in range(first, first + AT_ONCE) for own in OWN):
        end, _ = fuzzer.run(fuzzer.case(number))
        if end.fault:
            faults[f"python -m fuzz --seed 1 --case {number}"] = (end.fault, end.err)
    assert not faults
    assert len(OWN) * ROUNDS >= 300
