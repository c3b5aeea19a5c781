"""Does xbench install and work without constraints.txt: with the lowest versions it allows, and with the newest?

    python benchmarks/installation.py floors
    python benchmarks/installation.py newest

Each makes a fresh environment in a temporary folder, installs this checkout from the package index, runs the embedded
task with and without training, builds a leaderboard of it, and says which versions did so. `floors` holds every
requirement of setup.cfg to its floor; what xbench does not name itself comes as pip chooses. torch alone is the same in
both, as its builds are large and come from more than one place: TORCH.
"""

from __future__ import annotations

import argparse
import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).parents[1]
TORCH = "torch==2.13.0"
TRAINED = "--model static --recipe hybrid --corpus facts --task facts --set steps=20"
COMMANDS = ("run --model random --model bm25 --task facts", f"run {TRAINED}", "leaderboard build")


def requirements() -> list[str]:
    """What xbench needs, as setup.cfg says it."""
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(TOP / "setup.cfg", encoding="utf-8")
    return setup["options"]["install_requires"].split()


def name_of(requirement: str) -> str:
    """The package of a requirement."""
    return re.split(r"[<>=!~;\[]", requirement)[0]


def floor(requirement: str) -> str:
    """`numpy>=2.1,<3` as `numpy==2.1`. Raises ValueError for a requirement that has no floor."""
    match = re.search(r">=([\w.]+)", requirement)
    if not match:
        raise ValueError(f"setup.cfg: {requirement} has no floor; write {requirement}>=VERSION")
    return f"{name_of(requirement)}=={match[1]}"


def constraints(kind: str) -> list[str]:
    """What holds the versions of `kind` down: the floors, or torch alone."""
    floors = [floor(requirement) for requirement in requirements() if name_of(requirement) != "torch"]
    return [TORCH, *(floors if kind == "floors" else ())]


def copy_checkout(folder: Path) -> Path:
    """What git would ship, in a folder of its own: pip builds in the folder it is given, and leaves its build there."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=TOP, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (TOP / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TOP / name, folder / name)
    return folder


def install(kind: str, folder: Path) -> Path:
    """The programs of a fresh environment with this checkout in it."""
    held = folder / "constraints.txt"
    held.write_text("\n".join(constraints(kind)) + "\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    programs = folder / "venv" / "bin"
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for wanted in (TORCH, copy_checkout(folder / "checkout")):
        subprocess.run([*pip, "--constraint", held, wanted], check=True)
    return programs


def versions(programs: Path) -> str:
    """What xbench names in setup.cfg, as it is installed."""
    frozen = [programs / "python", "-m", "pip", "freeze", "--disable-pip-version-check"]
    lines = subprocess.run(frozen, check=True, capture_output=True, text=True).stdout.splitlines()
    names = {plain(requirement) for requirement in requirements()}
    return ", ".join(line for line in lines if plain(line) in names)


def plain(requirement: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name_of(requirement)).lower()


def main() -> None:
    parser = argparse.ArgumentParser(description="Install xbench in a fresh environment and run it.")
    parser.add_argument("kind", choices=["floors", "newest"])
    kind = parser.parse_args().kind
    with tempfile.TemporaryDirectory(prefix=f"xbench-{kind}-") as place:
        programs = install(kind, Path(place))
        environment = os.environ | {"XBENCH_CACHE": str(Path(place) / "cache")}
        for command in COMMANDS:
            subprocess.run([programs / "xbench", *command.split()], check=True, cwd=place, env=environment)
        print(f"{kind}: works with {versions(programs)}")


if __name__ == "__main__":
    main()
