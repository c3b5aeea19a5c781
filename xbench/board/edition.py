"""Everything the pages show, in order, and how a page is made of it. Knows sources, boards and templates; no folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xbench.board.output import Output
from xbench.board.rows import Board, Entry, Row
from xbench.board.sources import Found, Source
from xbench.board.twins import Shown

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Site:
    """Everything the pages show, in order."""

    found: Found
    boards: list[Board]
    rows: list[Row]
    published: dict[str, list[Shown]]

    @cached_property
    def sources(self) -> dict[str, Source]:
        return {source.run.page: source for source in self.found.sources}

    @cached_property
    def languages(self) -> list[str]:
        return sorted({code for board in self.boards for code in board.languages})

    def of(self, entry: Entry) -> list[Source]:
        return [self.sources[run.page] for run in entry.runs]


@dataclass(frozen=True)
class Pages:
    """Renders a template with the site at hand, and writes it."""

    environment: Environment
    site: Site
    output: Output

    def write(self, name: str, template: str, root: str, made_from: str = "", **values: Any) -> None:
        """`root`: the way from the page to the top of the site."""
        content = self.environment.get_template(f"{template}.html.j2").render(root=root, site=self.site, **values)
        self.output.write(name, content, made_from)
