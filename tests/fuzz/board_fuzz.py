"""A seeded fuzzer of the board: hostile results, array files and published tables, and the one rule that holds them.

What `leaderboard check` accepts builds, what it rejects is named and left out, and neither ever crashes.

python -m board_fuzz --inputs 2000           part of `make fuzz`
python -m board_fuzz --seed 0 --case 123     one input again
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from boards import file_result
from fuzz import asked_for
from mutations import NUMBERS, VALUES, WORDS, places, spoilt, spoilt_value
from oracle import Ended, ended

from xbench.board.submission import pack_results

HOSTILE = (
    *WORDS[:40],
    "<script>document.title='hit'</script>",
    "\"><img src=x onerror=document.title='hit'>",
    "</script><svg onload=document.title='hit'>",
    "javascript:document.title='hit'",
    "{{ 7 * 7 }}",
    "\u3164",
    "\u200d",
    "\u2066x",
    "x" * 5_001,
)
EXTREMES = (*NUMBERS, 1.7e308, -1.7e308, 1e300, 2.0, -2.0, 1.0000001, 10**13, 2**53)
SHOWN_ANYWAY = {"digest", "place", "duplicate", "text", "size"}  # what a pull request may not hold, and a board escapes
MOST_MEMORY = 1 << 20  # KiB
PAPER = """name: paper
title: A paper
url: https://example.org/paper
source: table 1
rows:
- {model: Static, recipe: Hybrid, task: tiny, metric: AP, scores: {Mo: 0.5, Cr: 0.25, Mul: 0.25, distance: 4.0},
   twin: {models: [static], recipe: hybrid}, languages: {de: {Mo: 0.5}}}
"""


@dataclass(frozen=True)
class Outcome:
    """What became of an input: its verdict, and what broke the rule, "" where nothing did."""

    accepted: bool
    fault: str


class BoardFuzzer:
    """Inputs of a seed. `folder`: where originals and the one at hand lie."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder.resolve(), seed
        self._original = self._folder / "original"

    def _originals(self) -> Path:
        if not self._original.exists():
            for seed in range(2):
                file_result(self._original / "results", seed=seed, skill=2.0)
            file_result(self._original / "results", model="other", digest="cd" * 32)
            pack_results([self._original / "results"], self._original / "packed")
            (self._original / "papers").mkdir()
            (self._original / "papers" / "paper.yaml").write_text(PAPER)
        return self._original

    def make(self, number: int) -> tuple[Path, str]:
        """The folder of an input, the same whenever it is asked for, and which of its folders holds the results."""
        random = Random(f"board-{self._seed}-{number}")
        place = self._folder / f"case-{number}"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self._originals(), place)
        kind = random.choice(("results", "packed"))
        files = sorted((place / kind).rglob("*.json"))
        match number % 5:
            case 0 | 1:
                for path in files if random.random() < 0.3 else [random.choice(files)]:
                    path.write_text(json.dumps(hostile(Random(f"{number}"), json.loads(path.read_text()))))
            case 2:
                path = random.choice(files)
                path.write_bytes(spoilt(random, path))
            case 3:
                path = random.choice(files).with_suffix(".npz")
                path.write_bytes(spoilt(random, path))
            case _:
                path = place / "papers" / "paper.yaml"
                path.write_text(hostile_paper(random))
        return place, kind

    def run(self, number: int) -> tuple[Outcome, Path]:
        """What becomes of an input, and its folder."""
        place, kind = self.make(number)
        checked = ended(place, ["leaderboard", "check", kind, "--json"])
        papers = ["--published", "papers", "--no-published-runs"]
        built = ended(place, ["leaderboard", "build", "--results", kind, "--out", "site", *papers])
        accepted = checked.code == 0
        return Outcome(accepted, next(_broken(place, kind, checked, built), "")), place


def _keep_seal_off(result: Any) -> Any:
    """Without the sum that would tell every change."""
    if isinstance(result, dict) and isinstance(result.get("provenance"), dict):
        result["provenance"].pop("result_sha256", None)
    return result


def hostile(random: Random, result: Any) -> Any:
    """A result in which numbers are extreme, names hide or attack, and parts are absent or another's."""
    if random.random() < 0.3:
        return _keep_seal_off(spoilt_value(random, result))
    every = places(result)
    numbers = [spot for spot in every if type(spot[0][spot[1]]) in (int, float)]
    texts = [spot for spot in every if isinstance(spot[0][spot[1]], str)]
    for _ in range(random.choice((1, 1, 2, 5))):
        pool, values = random.choice(((numbers, EXTREMES), (texts, HOSTILE), (every, VALUES)))
        holder, key = random.choice(pool)
        holder[key] = random.choice(values)
    if random.random() < 0.3:
        part = random.choice(("model", "task", "recipe", "corpus", "training"))
        spec = result.get("specs", {})
        if isinstance(spec, dict):
            odd = {"parameters": random.choice(EXTREMES), "dimension": random.choice(EXTREMES)}
            spec[part] = odd | {"title": random.choice(HOSTILE), "mix": {"mono": random.choice(EXTREMES)}}
    return _keep_seal_off(result)


def hostile_paper(random: Random) -> str:
    """A published table with another value, or spoilt."""
    text = PAPER
    for _ in range(random.choice((1, 2))):
        old = random.choice(("0.5", "0.25", "4.0", "Static", "Hybrid", "A paper", "table 1", "AP", "de", "[static]"))
        new = random.choice((*HOSTILE, *map(str, EXTREMES), ".nan", ".inf"))
        text = text.replace(old, json.dumps(new) if random.random() < 0.7 else new, 1)
    return text.encode(errors="replace").decode()


def _broken(place: Path, kind: str, checked: Ended, built: Ended) -> Iterator[str]:
    """What of the rule does not hold."""
    for name, end in (("check", checked), ("build", built)):
        if end.fault:
            yield f"{name}: {end.fault}"
    if checked.code == 2:
        return
    verdict = json.loads(checked.out)
    left_out = [line for line in built.err.splitlines() if "left out: " in line and "papers/" not in line]
    faults = {fault["path"] for fault in verdict["faults"] if fault["kind"] not in SHOWN_ANYWAY}
    if verdict["accepted"] and (built.code not in (0, 1) or left_out):
        yield f"accepted, and not built: {built.err[-300:]}"
    site = place / "site"
    if faults and built.code not in (1, 2):
        yield f"rejected, and built with exit code {built.code}"
    more = re.search(r"\(and ([\d,]+) more\)\n$", built.err)
    if built.code == 2 and len(faults) > 1 and (more is None or int(more[1]) < len(faults) - 1):
        yield "rejected, and not counted"
    for path in faults if built.code == 1 else ():
        if not any(path.rsplit(".", 1)[0] in line for line in left_out):
            yield f"rejected, and not named: {path}"
    if built.code in (0, 1):
        yield from _half(site)
    elif site.exists():
        yield "a site of which the build failed"
    if (place / f"{kind}x").exists():
        yield "a file where none was asked for"


def _half(site: Path) -> Iterator[str]:
    """Pages that lead to none: a site appears whole or not at all."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if re.search(r"<script(?! src=| type=\"application/json\")", text):
            yield f"a script in {page.name}"
        for target in re.findall(r'(?:href|src)="?([^"#?>\s]+)', text):
            if not target.startswith(("https:", "mailto:")) and not (page.parent / target).exists():
                yield f"{page.name} leads to {target}, which is not there"


def main() -> int:
    """Run the inputs that are asked for; 1 where one breaks the rule."""
    asked = asked_for(__doc__, inputs=2000)
    began, verdicts, faults = time.process_time(), Counter[bool](), 0
    with tempfile.TemporaryDirectory(prefix="xbench-fuzz-") as folder:
        fuzzer = BoardFuzzer(Path(folder), asked.seed)
        for number in range(asked.inputs) if asked.case is None else [asked.case]:
            outcome, place = fuzzer.run(number)
            verdicts[outcome.accepted] += 1
            if outcome.fault:
                faults += 1
                shutil.copytree(place, asked.keep / f"board-{place.name}", dirs_exist_ok=True, symlinks=True)
                print(f"--seed {asked.seed} --case {number}: {outcome.fault[-400:]!a}", flush=True)
            shutil.rmtree(place)
    seconds = time.process_time() - began
    print(f"{sum(verdicts.values()):,} inputs of the board, {faults} faults, {seconds:.0f} s of processors; ", end="")
    print(f"accepted {verdicts[True]:,}, rejected {verdicts[False]:,}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
