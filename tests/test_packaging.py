"""The wheel: it holds every module and data file, and works from a clean environment far from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
BESIDE = ("*.yaml", "py.typed", "facts_names.*")  # data files among the modules
DATA = (
    ("tasks", "*.yaml"),
    ("baselines", "*.yaml"),
    ("baselines", "published/mteb/*"),
    ("leaderboard", "*"),
    ("docs/studies", "report.json"),
)
MOST_PUBLISHED = 4_000_000  # bytes of the published runs that ship


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without isolation, from a copy of what git would ship, so nothing is downloaded and nothing is left."""
    work = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (TOP / name).is_file():
            (work / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
            (work / "tree" / name).write_bytes((TOP / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(work), str(work / "tree")], check=True, capture_output=True)
    return next(work.glob("*.whl"))


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(TOP).as_posix() for path in (TOP / "xbench").rglob("*.py")}
    beside = {
        path.relative_to(TOP).as_posix() for name in BESIDE for path in (TOP / "xbench").rglob(name) if path.is_file()
    }
    data = {
        f"xbench/{path.relative_to(TOP).as_posix()}"
        for folder, pattern in DATA
        for path in (TOP / folder).rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }
    missing = (modules | beside | data) - names
    assert not missing
    extra = {name for name in names if ".dist-info/" not in name} - (modules | beside | data)
    assert not extra
    members = zipfile.ZipFile(wheel).infolist()
    published = sum(item.compress_size for item in members if "/baselines/published/mteb/" in item.filename)
    assert 0 < published <= MOST_PUBLISHED


def test_an_installed_wheel_lists_the_tasks_and_builds_a_board(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    binary = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    (site / "parent.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")) + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(binary), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "XBENCH_PATH")}
    environment["XBENCH_CACHE"] = str(tmp_path / "cache")

    def xbench(*arguments: str) -> str:
        command = [str(tmp_path / "venv/bin/xbench"), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = subprocess.run(
        [str(binary), "-c", "import xbench; print(xbench.__file__)"], cwd=tmp_path, env=environment, capture_output=True
    )
    assert str(site) in where.stdout.decode()
    listed = xbench("tasks", "list")
    assert {line.split()[0] for line in listed.splitlines()} == {path.stem for path in (TOP / "tasks").glob("*.yaml")}
    xbench("run", "--model", "random", "--task", "facts", "--languages", "de,en")
    assert "index.html" in xbench("leaderboard", "build")
