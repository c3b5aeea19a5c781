"""The house rules that a machine can check; who may import whom is held by import-linter (`make lint`)."""

import ast
import subprocess
import sys
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


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(TOP)))
def test_a_module_opens_with_its_purpose_and_stays_under_300_lines(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 300


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, xbench.cli; print([name for name in sys.argv[1:] if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True, cwd=TOP)
    assert out.stdout.strip() == "[]"


def test_all_that_is_printed_passes_where_control_characters_are_shown() -> None:
    printing = {
        f"{module.relative_to(TOP)}: {ast.unparse(call.func)}"
        for module in MODULES
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and (
            ast.unparse(call.func) in ("click.echo", "click.secho", "print", "Console", "rich.print")
            or ast.unparse(call.func).startswith(("sys.stdout.write", "sys.stderr.write"))
        )
    }
    assert printing == {"xbench/commands/words.py: click.echo"}
