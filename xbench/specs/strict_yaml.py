"""Strict YAML: plain data plus the line of every key. Knows nothing of what the data means.

Refused, each with file and line: tags (YAML must not carry code), duplicate keys, keys that are not text, `<<` merges,
nodes that contain themselves or unfold into a bomb. Values are those of YAML 1.2, as everyone who writes them means:
`3e-5` is a number and times are text; what older YAML reads as something else (`1:30` as 90, `010` as 8, `no` as false)
is refused unless it is quoted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

import yaml

from xbench.errors import SpecError

Key = tuple[str | int, ...]
Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map")}
MOST_VALUES = 100_000
LARGEST = 1_000_000  # characters; the parser takes seconds for so many
DEEPEST = 200  # brackets open at once, for which its time grows with their square


SET = "--set"
PLACE = re.compile(r"--set(?::[0-9]+)?: (?:(\S+): (?=unquoted))?(.*)", re.DOTALL)  # of a fault in a value
TAG = "tag:yaml.org,2002:"
SIGNS = "-+.0123456789"
VALUES = (  # of YAML 1.2: kind, pattern, the signs that it starts with
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(0|[1-9][0-9]*)", SIGNS),
    ("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?", SIGNS),
)
SWITCHES = re.compile(r"(?i:yes|no|on|off)")
BASES = re.compile(
    r"[-+]?(0[0-7_]*[0-9_]+|0[bB][01_]*|0[oO][0-7_]*|0[xX][0-9a-fA-F_]*|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)"
)
GROUPS = re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?")
NUMBERS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class _Loader(yaml.SafeLoader):
    pass


_Loader.yaml_implicit_resolvers = {}
for _kind, _pattern, _signs in VALUES:
    _Loader.add_implicit_resolver(f"{TAG}{_kind}", re.compile(rf"(?:{_pattern})$"), list(_signs))


@dataclass(frozen=True)
class Document:
    """What a YAML file holds, and the line (from 1) on which each key path stands."""

    path: Path
    data: dict[str, Value]
    lines: dict[Key, int]

    def line(self, key: Key) -> int:
        """The line of `key`, or of its nearest ancestor that stands in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)


def load_yaml(path: Path) -> Document:
    """Read one mapping. Raises SpecError naming file and line for anything that is not plain YAML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: not UTF-8 (byte {error.start}); save the file as UTF-8") from None
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}") from None
    lines: dict[Key, int] = {}
    try:
        data = _parse(path, text, lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise SpecError(f"{where}: not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise SpecError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        found = "an empty file" if data is None else f"a {type(data).__name__}"
        raise SpecError(f"{path}: found {found}, expected keys and values such as `name: ...`")
    return Document(path, data, lines)


def parse_value(text: str, key: str = "") -> Value:
    """One YAML value from the command line (`--set key=value`)."""
    try:
        return _parse(Path(SET), text, {})
    except yaml.YAMLError:
        raise SpecError(f"--set: {text!r} is not a YAML value; quote it") from None
    except SpecError as error:
        place, fault = PLACE.fullmatch(str(error)).groups()  # type: ignore[union-attr]
        named = ".".join(part for part in (key, place) if part)
        raise SpecError(f"{SET} {named}: {fault}" if named else f"{SET}: {fault}") from None


def _parse(path: Path, text: str, lines: dict[Key, int]) -> Value:
    """The value that `text` holds; `lines` is filled. Raises YAMLError or SpecError."""
    if len(text) > LARGEST:
        raise SpecError(f"{path}: {len(text):,} characters, expected at most {LARGEST:,}; data have files of their own")
    steps = (1 if bracket in "[{" else -1 for bracket in re.findall(r"[][{}]", text))
    if max(accumulate(steps), default=0) > DEEPEST:
        raise SpecError(f"{path}: nested too deeply; a spec has a few levels")
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return _plain(path, loader, node, (), lines, ()) if node is not None else None
    except RecursionError:
        raise SpecError(f"{path}: nested too deeply; a spec has a few levels") from None
    finally:
        loader.dispose()


def _plain(
    path: Path, loader: _Loader, node: yaml.Node, key: Key, lines: dict[Key, int], above: tuple[int, ...]
) -> Value:
    line = node.start_mark.line + 1
    lines.setdefault(key, line)
    if len(lines) > MOST_VALUES:
        raise SpecError(f"{path}:{line}: more than {MOST_VALUES:,} values; aliases that repeat each other?")
    if node.tag not in PLAIN:
        raise SpecError(f"{path}:{line}: YAML tag {node.tag!r} is not allowed; write plain values")
    if id(node) in above:
        raise SpecError(f"{path}:{line}: an alias that contains itself")
    above = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Value] = {}
        for name_node, value_node in node.value:
            name = _key(path, loader, name_node)
            if name in mapping:
                raise SpecError(f"{path}:{name_node.start_mark.line + 1}: duplicate key {name!r}; keep one")
            lines[(*key, name)] = name_node.start_mark.line + 1
            mapping[name] = _plain(path, loader, value_node, (*key, name), lines, above)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(path, loader, item, (*key, number), lines, above) for number, item in enumerate(node.value)]
    if fault := _ambiguity(node):
        named = f"{'.'.join(map(str, key))}: " if key else ""
        raise SpecError(f"{path}:{line}: {named}{fault}")
    try:
        scalar: Value = loader.construct_object(node)
        return scalar
    except (ValueError, KeyError) as error:
        raise SpecError(f"{path}:{line}: {str(node.value)[:60]!r} is not a value: {error}; quote it") from None


def _ambiguity(node: yaml.Node) -> str:
    """Why a plain scalar may mean something else than it seems; empty where it means one thing."""
    text = str(node.value)
    if not isinstance(node, yaml.ScalarNode) or node.style is not None or node.tag != f"{TAG}str":
        return ""
    shown = f"unquoted {text[:40]}"
    if SWITCHES.fullmatch(text):
        return f"{shown}: some YAML reads it as true or false; write true or false, or quote it: '{text}'"
    if GROUPS.fullmatch(text) or BASES.fullmatch(text):
        plain = text.replace("_", "")
        number = plain.lstrip("-+0") if plain.lstrip("-+").isdigit() else ""
        digits = f"write it in plain digits{f', {number}' if number else ''}"
        return f"{shown}: YAML reads such numbers in other bases; {digits}, or quote it as text: '{text[:40]}'"
    if NUMBERS.fullmatch(text):
        return f"{shown}: no setting is infinite or not a number; write a number, or quote it as text"
    return ""


def _key(path: Path, loader: _Loader, node: yaml.Node) -> str:
    where = f"{path}:{node.start_mark.line + 1}"
    if node.value == "<<" and isinstance(node, yaml.ScalarNode) and node.style is None:
        raise SpecError(f"{where}: '<<' merges are not allowed; write the keys out")
    if fault := _ambiguity(node):
        raise SpecError(f"{where}: key: {fault}")
    plain = isinstance(node, yaml.ScalarNode) and node.tag in PLAIN
    value = loader.construct_object(node) if plain else None
    if not isinstance(value, str):
        raise SpecError(
            f"{where}: key {getattr(node, 'value', '?')!r} is read by YAML as {value!r}; keys are text: quote it"
        )
    return value
