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

from xbench.errors import SpecError, carefully
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

    Raises SpecError where it cannot be imported, is not what a format is, or two packages bring one of that name.
    """
    points = _points(kind).get(name, ())
    if not points:
        return None
    if len(points) > 1:
        raise SpecError(f"format {name}: brought by {' and by '.join(map(_package, points))}; uninstall one of them")
    (point,) = points
    where = f"format {name} of {_package(point)} (entry point {point.value} in {GROUPS[kind]})"
    module = carefully(f"{where}: cannot be imported", point.load, SpecError)
    form = getattr(module, "Spec", None)
    if not (isinstance(form, type) and issubclass(form, FORMS[kind])):
        raise SpecError(
            f"{where}: Spec: found {form!r:.60}, expected a subclass of xbench.specs.{FORMS[kind].__name__}"
        )
    carefully(f"{where}: Spec: its annotations cannot be resolved", lambda: form.model_rebuild(), SpecError)
    for function in OFFERS[kind]:
        if not callable(getattr(module, function, None)):
            raise SpecError(f"{where}: has no function {function}; see docs/extending.md")
    return Extension(_package(point), form, module)


def require_own(kind: str, name: str) -> None:
    """Raise SpecError where a package brings a format that has the name of one of xbench's own: which is meant?"""
    if points := _points(kind).get(name):
        raise SpecError(
            f"format {name} is xbench's own, and {_package(points[0])} brings one of that name, which is never used; "
            "uninstall it, or have it renamed"
        )


def extension_of(kind: str, spec: Named) -> Extension:
    """Where a spec comes from that is of no format of xbench's own."""
    foreign = extension(kind, str(getattr(spec, "format", "")))
    assert foreign is not None, "the registry takes no other spec"
    return foreign


def _points(kind: str) -> dict[str, list[EntryPoint]]:
    """Those of every format, one of each package and version."""
    points: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUPS[kind]) if kind in GROUPS else ():
        same = points.setdefault(point.name, [])
        if (_package(point), point.value) not in [(_package(other), other.value) for other in same]:
            same.append(point)
    return points


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "a package without a name"
