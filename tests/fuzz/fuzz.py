"""A seeded fuzzer over every format that is read: spoilt inputs in, one clear line out, whatever they are.

python -m fuzz --inputs 5000                 as `make fuzz`
python -m fuzz --seed 0 --case 123           one input again, with the traceback of a fault
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from mutations import WORDS, odd_value, spoilt
from oracle import Ended, ended
from originals import ORIGINALS, Original

from xbench.cli import cli

ARGUMENTS = (
    "t.yaml",
    "m.yaml",
    "r.yaml",
    "c.yaml",
    "a",
    "b",
    "out",
    ".",
    "/dev/null",
    "facts",
    "xquad-r",
    "random",
    "none",
    "de",
    "en",
    "de,en",
    "steps=1",
    "a=b",
    "model.dimension=8",
    "0",
    "-1",
    "5",
    "1e9",
    "AP",
    "de-en",
    "all",
    "--",
    "-",
    "--json",
    "tiny",
)
SLOW = {"serve", "mine", "pull"}  # wait for people, or for the network
SAFE = {"--offline"}


@dataclass(frozen=True)
class Case:
    """One input: whole files of which some are spoilt, and the line that reads them."""

    number: int
    original: Original
    arguments: list[str]
    random: Random


class Fuzzer:
    """Cases of a seed. `folder`: where originals and the case at hand lie."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder.resolve(), seed

    def case(self, number: int) -> Case:
        """The input of a number, the same whenever it is asked for."""
        random = Random(f"{self._seed}-{number}")
        original = ORIGINALS[number % len(ORIGINALS)]
        arguments = shlex.split(random.choice(original.lines)) if original.lines else _typed(random)
        return Case(number, original, arguments, random)

    def run(self, case: Case, debug: bool = False) -> tuple[Ended, Path]:
        """How it ends, and the folder with its files."""
        whole = self._folder / f"original-{case.original.name}"
        if not whole.exists():
            whole.mkdir(parents=True)
            case.original.make(whole)
        place = self._folder / f"case-{case.number}"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(whole, place)
        files = sorted({path for pattern in case.original.spoil for path in place.glob(pattern) if path.is_file()})
        for path in case.random.sample(files, min(len(files), case.random.choice((1, 1, 1, 2)))):
            path.write_bytes(spoilt(case.random, path))
        return ended(place, [*case.arguments, *(["--debug"] if debug else [])]), place


def _typed(random: Random) -> list[str]:
    """A command with some of its options and words that may mean nothing there."""
    command, words = cli, []
    while hasattr(command, "commands"):
        name = random.choice(sorted(set(command.commands) - SLOW))
        command = command.commands[name]
        words.append(name)
    for parameter in command.params:
        if parameter.opts[0] in SAFE or (parameter.param_type_name == "option" and random.random() > 0.2):
            continue
        option = [] if parameter.param_type_name == "argument" else [random.choice(parameter.opts)]
        words += option if getattr(parameter, "is_flag", False) else [*option, _word(random)]
    offline = [option for parameter in command.params for option in parameter.opts if option in SAFE]
    if random.random() < 0.3:
        words.insert(random.randrange(len(words) + 1), _word(random))
    return [*words, *offline] if "--" not in words else [word for word in words if word != "--"] + offline


def _word(random: Random) -> str:
    if random.random() < 0.7:
        return random.choice(ARGUMENTS)
    return str(random.choice(WORDS) if random.random() < 0.5 else odd_value(random))[:3000].replace("\x00", "")


def asked_for(about: str | None, inputs: int) -> argparse.Namespace:
    """What the command line of a fuzzer says; `inputs` where it names no number."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--inputs", type=int, default=inputs)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"))
    return parser.parse_args()


def main() -> int:
    """Run the inputs that are asked for; 1 where one has a fault."""
    asked = asked_for(__doc__, inputs=5000)
    began, codes, faults = time.perf_counter(), Counter[int](), 0
    with tempfile.TemporaryDirectory(prefix="xbench-fuzz-") as folder:
        fuzzer = Fuzzer(Path(folder), asked.seed)
        for number in range(asked.inputs) if asked.case is None else [asked.case]:
            case = fuzzer.case(number)
            end, place = fuzzer.run(case)
            codes[end.code] += 1
            if asked.case is not None:
                print(end.out, end.err, end.fault)
                if end.fault:
                    print(fuzzer.run(fuzzer.case(number), debug=True)[0].fault)
            if end.fault or asked.case is not None:
                faults += bool(end.fault)
                shutil.copytree(place, asked.keep / place.name, dirs_exist_ok=True, symlinks=True)
                (asked.keep / place.name / "command.txt").write_text(ascii(case.arguments))
                last = ascii((end.err.splitlines() or [""])[-1][:300])
                print(
                    f"--seed {asked.seed} --case {number} ({case.original.name}): {end.fault[-300:]}: {last}",
                    flush=True,
                )
            shutil.rmtree(place)
    seconds = time.perf_counter() - began
    ends = ", ".join(f"{count:,} with {code}" for code, count in sorted(codes.items()))
    print(f"{sum(codes.values()):,} inputs, {faults} faults, {seconds:.0f} s; ended: {ends}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
