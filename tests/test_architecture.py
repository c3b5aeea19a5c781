"""The house rules that a machine can check."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
MODULES = sorted((TOP / "xbench").rglob("*.py"))
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "faiss",
    "datasets",
    "scipy",
    "numpy",
    "pydantic",
    "jinja2",
    "bm25s",
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(TOP)))
def test_a_module_opens_with_its_purpose_and_stays_under_300_lines(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 300


@pytest.mark.parametrize("part", ["evaluate", "train", "board"])
def test_evaluate_train_and_board_never_import_each_other(part: str) -> None:
    others = [f"xbench.{other}" for other in ("evaluate", "train", "board") if other != part]
    for module in (TOP / "xbench" / part).glob("*.py"):
        found = [name for name in imports(module) if name.startswith(tuple(others))]
        assert not found, f"{module.name} imports {found}"


def test_only_the_top_imports_the_main_job() -> None:
    allowed = {"cli.py", "__main__.py", "run.py", "encoder.py", "plan.py", "screening.py", "usage.py"}
    for module in MODULES:
        if module.name not in allowed and module.parent.name != "commands":
            top = ("xbench.run", "xbench.plan", "xbench.encoder.", "xbench.cli", "xbench.terminal")
            assert not [name for name in imports(module) if name.startswith(top)], module


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, xbench.cli; print([name for name in sys.argv[1:] if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True, cwd=TOP)
    assert out.stdout.strip() == "[]"
