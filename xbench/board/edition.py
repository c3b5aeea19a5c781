"""Everything the pages show, in order, and how a page is made of it. Knows sources, boards and templates; no folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from xbench.board.elsewhere.published_pages import Elsewhere
from xbench.board.output import Output
from xbench.board.sources import ResultSource, ResultSources
from xbench.board.standings import Board, BoardRow, Standing
from xbench.board.studies import Reports
from xbench.board.twins import PrintedRow

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Site:
    """Everything the pages show, in order. `reports`: studies and alignment metrics. `elsewhere`: published runs, which
    are never mixed with the others."""

    measured: ResultSources
    boards: list[Board]
    rows: list[BoardRow]
    published: dict[str, list[PrintedRow]]
    reports: Reports = field(default_factory=Reports)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)

    @cached_property
    def sources(self) -> dict[str, ResultSource]:
        return {source.run.page: source for source in self.measured.chosen}

    @cached_property
    def languages(self) -> list[str]:
        return sorted({code for board in self.boards for code in board.languages})

    @property
    def every_language(self) -> list[str]:
        """With those of published runs alone."""
        return sorted({*self.languages, *self.elsewhere.languages})

    @property
    def frame(self) -> list[str]:
        """What every page shows of the site, above and below its own content."""
        return [self.edition, f"{bool(self.reports.studies)} {bool(self.reports.alignments)}"]

    @cached_property
    def edition(self) -> str:
        """The day of the newest result, and the versions that made them: from the results, never from the clock."""
        runs = [source.run for source in self.measured.chosen]
        newest = max(run.filed for run in runs)
        versions = sorted({run.version for run in runs if run.version})
        scores = sorted({run.scores_version for run in runs if run.scores_version is not None})
        parts = [
            f"Newest result: {newest}" if newest else "No result says when it was made",
            f"made by xbench {', '.join(versions)}" if versions else "",
            f"scores of version {', '.join(f'{one:.0f}' for one in scores)}" if scores else "",
        ]
        return "; ".join(part for part in parts if part) + "."

    def of(self, standing: Standing) -> list[ResultSource]:
        """The results of a row on one board."""
        return [self.sources[run.page] for run in standing.runs]


@dataclass(frozen=True)
class Pages:
    """Renders a template with the site at hand, and writes it."""

    environment: Environment
    site: Site
    output: Output

    def write(
        self, name: str, template: str, root: str, values: Mapping[str, object] | None = None, made_from: str = ""
    ) -> None:
        """`root`: the way from the page to the top of the site; `values` are the template's."""
        content = self.environment.get_template(f"{template}.html.j2").render(
            root=root, site=self.site, **(values or {})
        )
        self.output.write(name, content, made_from)
