"""BibTeX of what a result rests on: tasks, corpora, models, recipe and xbench. Knows specs and bibliography.yaml.

A spec's `cite` is a line that people read: "Feng et al. 2022, arXiv 2007.01852". Its parts, between semicolons, are
looked up by key or by arXiv number; a part that is neither becomes an entry that carries it as a note, word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from xbench import __version__
from xbench.errors import visible
from xbench.results.result import Result
from xbench.specs.parts import Named, Spec

BIBLIOGRAPHY = Path(__file__).with_name("bibliography.yaml")
ARXIV = re.compile(r"arXiv[ :]*(\d{4}\.\d{4,5})", re.IGNORECASE)
KINDS = ("task", "corpus", "model", "recipe")
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, escaped ones too
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}
NO_KEY = re.compile(r"[^A-Za-z0-9._:-]+")
NO_ADDRESS = re.compile(r"[^\w.~:/?#@!$&'()*+,;=%-]+")


class Publication(Spec):
    """The facts of one entry; `booktitle` or `journal` where it is more than a preprint."""

    title: str
    author: tuple[str, ...] = ()
    year: int | None = None
    booktitle: str = ""
    journal: str = ""
    volume: int | None = None
    pages: str = ""
    doi: str = ""
    eprint: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Cited:
    """What a spec says of its sources; `kind` and `name` say which spec it is."""

    kind: str
    name: str
    title: str
    cite: str


@cache
def bibliography() -> Mapping[str, Publication]:
    """Every known publication by key."""
    from xbench.specs.strict_yaml import load_yaml

    data = load_yaml(BIBLIOGRAPHY).data
    return TypeAdapter(dict[str, Publication]).validate_python(data, strict=False)


def of_result(result: Result) -> list[Cited]:
    """What the specs of a result cite."""
    specs = result.specs
    records = dict(zip(KINDS, (specs.task, specs.corpus, specs.model, specs.recipe), strict=True))
    return [
        Cited(kind, record.name or "", record.title or "", record.cite or "")
        for kind, record in records.items()
        if record is not None
    ]


def of_spec(kind: str, spec: Named) -> Cited:
    """What a spec of today cites."""
    return Cited(kind, spec.name, spec.title, spec.cite)


def bibtex(cited: Iterable[Cited]) -> str:
    """Each publication once, xbench last; one line of comment names what states no source."""
    entries: dict[str, str] = {}
    sources = list(dict.fromkeys(cited))
    for source in sources:
        for key, publication in _publications(source):
            entries.setdefault(key, _entry(key, publication))
    own = bibliography()["xbench"].model_copy(update={"note": f"Version {__version__}"})
    entries["xbench"] = _entry("xbench", own)
    silent = dict.fromkeys(f"{source.kind} {NO_KEY.sub('-', source.name)}" for source in sources if not source.cite)
    comment = [f"% without a source of their own: {', '.join(silent)}"] if silent else []
    return "\n".join([*comment, *entries.values()])


def _publications(source: Cited) -> Iterator[tuple[str, Publication]]:
    known = bibliography()
    by_number = {publication.eprint: key for key, publication in known.items() if publication.eprint}
    parts = [part.strip() for part in source.cite.split(";") if part.strip()]
    for number, part in enumerate(parts, start=1):
        keys = [part] if part in known else [by_number.get(found) for found in ARXIV.findall(part)]
        if keys and None not in keys:
            yield from ((key, known[key]) for key in keys if key)
        else:
            place = f"-{number}" if len(parts) > 1 else ""
            yield f"{source.kind}-{source.name}{place}", Publication(title=source.title or source.name, note=part)


def _entry(key: str, publication: Publication) -> str:
    """BibTeX text; the title in double braces, so that no style lowers its names."""
    kind = "inproceedings" if publication.booktitle else "article" if publication.journal else "misc"
    preprint = {"eprint": publication.eprint, "archiveprefix": "arXiv"} if publication.eprint else {}
    fields = {
        "title": f"{{{_escaped(publication.title)}}}",
        "author": " and ".join(publication.author),
        "booktitle": _escaped(publication.booktitle),
        "journal": _escaped(publication.journal),
        "volume": publication.volume,
        "pages": _escaped(publication.pages.replace("-", "--")),
        "year": publication.year,
        "doi": NO_ADDRESS.sub("", publication.doi),
        **preprint,
        "url": NO_ADDRESS.sub("", publication.url)
        or (f"https://arxiv.org/abs/{publication.eprint}" if publication.eprint else ""),
        "note": _escaped(publication.note),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{NO_KEY.sub('-', key)},", *lines, "}"]) + "\n"


def _escaped(text: str) -> str:
    return "".join(SPECIAL.get(character, character) for character in visible(" ".join(text.split())))
