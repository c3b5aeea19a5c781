"""What `import xbench` promises: it imports nothing, offers what it names, and hides no package."""

import importlib
import subprocess
import sys
import types

import pytest

import xbench

HEAVY = ("numpy", "pydantic", "click", "rich", "torch", "pandas", "yaml", "xbench.jobs", "xbench.api")


def test_importing_xbench_imports_nothing_else() -> None:
    code = "import sys, xbench; print([name for name in sys.argv[1:] if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("name", xbench.__all__)
def test_everything_that_is_offered_is_there_with_a_docstring(name: str) -> None:
    value = getattr(xbench, name)
    assert name in dir(xbench)
    assert name == "__version__" or value.__doc__


def test_what_type_checkers_see_is_what_is_imported() -> None:
    assert {*xbench._MODULES, "__version__"} == set(xbench.__all__)
    assert dir(xbench) == sorted(xbench.__all__)


def test_the_functions_stay_functions_once_every_package_is_imported() -> None:
    for package in ("api.evaluate", "api.train", "evaluation", "training", "commands.compare", "reports.comparison"):
        importlib.import_module(f"xbench.{package}")
    for name in ("evaluate", "train", "compare"):
        assert isinstance(getattr(xbench, name), types.FunctionType)


def test_what_is_not_offered_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'xbench' has no attribute 'evalute'"):
        _ = xbench.evalute
