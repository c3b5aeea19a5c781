"""What a program reads where a command line would read of its options: arguments by their names, values as they are.

Knows signatures and messages; nothing of what the functions do.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from errno import ENAMETOOLONG
from typing import ParamSpec, TypeVar

from xbench.errors import SpecError, XbenchError, visible

Given = ParamSpec("Given")
Value = TypeVar("Value")
SHOWN = 60  # characters of a value
OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)(?: ([\w.]+)=(\.\.\.))?")
OTHERWISE = {"set": "settings", "model": "encoder", "pair": "pairs", "save_run": "save_runs", "seed": "seeds"}


def shown(value: object) -> str:
    """A value in one line of at most SHOWN characters, or its type where it cannot say what it is."""
    try:
        return visible(" ".join(repr(value).split()), SHOWN)
    except Exception:  # an object of anybody's
        return f"<{type(value).__name__}>"


def for_programs(function: Callable[Given, Value]) -> Callable[Given, Value]:
    """A public function whose errors name its arguments where they would name options of the command line."""
    arguments = inspect.signature(function).parameters

    def named(option: re.Match[str]) -> str:
        name, key, dots = option[1].replace("-", "_"), option[2], option[3]
        name = next((known for known in (name, OTHERWISE.get(name, ""), f"{name}s") if known in arguments), "")
        if not name:
            return option[0]
        if name == "settings":
            return f'settings={{"{key}": {dots}}}' if key else name
        switch = isinstance(arguments[name].default, bool)
        return f"{name}=True" if switch else name

    @functools.wraps(function)
    def call(*given: Given.args, **options: Given.kwargs) -> Value:
        try:
            return function(*given, **options)
        except XbenchError as error:
            error.args = (OPTION.sub(named, str(error)),)
            raise
        except OSError as error:
            if error.errno != ENAMETOOLONG:
                raise
            raise SpecError(f"{shown(error.filename)}: {error.strerror}; expected a path") from None

    return call
