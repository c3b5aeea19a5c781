"""Formats that other packages bring: entry points, named in a YAML by `format` as xbench's own formats are.

`xbench.encoders`: a module with `Spec`, a subclass of `xbench.specs.ModelBase`, and `make_encoder(spec, device)`.
`xbench.readers`: a module with `Spec`, a subclass of `xbench.specs.TaskBase`, `files(task)` and `read(task, locate)`.
Knows what is installed; nothing of what a format does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from xbench.errors import SpecError
from xbench.specs.models import ModelBase
from xbench.specs.parts import Named
from xbench.specs.tasks import TaskBase

GROUPS = {"model": "xbench.encoders", "task": "xbench.readers"}
FORMS: Mapping[str, type[Named]] = {"model": ModelBase, "task": TaskBase}
OFFERS = {"model": ("make_encoder",), "task": ("files", "read")}


@dataclass(frozen=True)
class Extension:
    """A format of another package: `package` names it with its version, `module` is what its entry point stands for."""

    package: str
    form: type[Named]
    module: object


def formats(kind: str) -> tuple[str, ...]:
    """The formats that installed packages bring to tasks or models, sorted."""
    return tuple(sorted(_points(kind)))


@cache
def extension(kind: str, name: str) -> Extension | None:
    """The format called `name`, imported now; None where no package brings one.

    Raises SpecError where it cannot be imported, or is not what a format is.
    """
    point = _points(kind).get(name)
    if point is None:
        return None
    package = f"{point.dist.name} {point.dist.version}" if point.dist else "a package without a name"
    where = f"format {name} of {package} (entry point {point.value} in {GROUPS[kind]})"
    try:
        module = point.load()
    except Exception as error:  # another package's import fails in any way
        reason = " ".join(str(error).split())[:300]
        raise SpecError(f"{where}: cannot be imported: {type(error).__name__}: {reason}") from error
    form = getattr(module, "Spec", None)
    if not (isinstance(form, type) and issubclass(form, FORMS[kind])):
        raise SpecError(
            f"{where}: Spec: found {form!r:.60}, expected a subclass of xbench.specs.{FORMS[kind].__name__}"
        )
    for function in OFFERS[kind]:
        if not callable(getattr(module, function, None)):
            raise SpecError(f"{where}: has no function {function}; see docs/extending.md")
    return Extension(package, form, module)


def extension_of(kind: str, spec: Named) -> Extension:
    """Where a spec comes from that is of no format of xbench's own."""
    foreign = extension(kind, str(getattr(spec, "format", "")))
    assert foreign is not None, "the registry takes no other spec"
    return foreign


def _points(kind: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUPS[kind])} if kind in GROUPS else {}
