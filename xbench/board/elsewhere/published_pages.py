"""What pages show of published runs: values for templates. Knows boards; no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from xbench.board.elsewhere import published_cells as cells
from xbench.board.elsewhere.boards import PublishedBoard, SourceRows
from xbench.board.elsewhere.pictures import size_picture
from xbench.board.pages import language_name
from xbench.board.systems import OTHER

KINDS = {
    "sentence": "sentences, of which one is the translation of the query",
    "passage": "passages",
    "document": "documents",
    "answer": "answers of a few words",
    "catalogue": "what the task of this name in the catalogue searches",
}
MOST_ROWS = 5  # of a source, under one task of a language's page
MOST_BESIDE = 10  # of a source, beside what was measured on the same data


@dataclass(frozen=True)
class LanguagePart:
    """The best rows of one source in one language, on one board; `size`: how many rows have it."""

    board: PublishedBoard
    source: SourceRows
    size: int
    rows: str


@dataclass(frozen=True)
class Elsewhere:
    """All published runs of a site, by board."""

    boards: tuple[PublishedBoard, ...] = ()

    @cached_property
    def queries(self) -> frozenset[str]:
        """Every query language of some board."""
        return frozenset(code for board in self.boards for code in board.queries)

    @cached_property
    def documents(self) -> frozenset[str]:
        """Every document language of some board."""
        return frozenset(code for board in self.boards for code in board.documents)

    @cached_property
    def languages(self) -> frozenset[str]:
        """Every language of some board."""
        return frozenset(code for board in self.boards for code in board.languages)

    @cached_property
    def _by_language(self) -> Mapping[str, list[PublishedBoard]]:
        known: dict[str, list[PublishedBoard]] = {}
        for board in self.boards:
            for code in board.languages:
                known.setdefault(code, []).append(board)
        return known

    def in_language(self, code: str) -> list[PublishedBoard]:
        """The boards that have a language."""
        return self._by_language.get(code, [])

    def on(self, name: str) -> PublishedBoard | None:
        """The board of the task that a measured board bears the name of."""
        return next((board for board in self.boards if board.name == name), None)

    def beside(self, board: PublishedBoard) -> list[tuple[SourceRows, str]]:
        """The first rows of each source, for the page of what was measured on the same data."""
        return [(source, cells.beside_rows(board, source, MOST_BESIDE)) for source in board.sources]

    def parts(self, code: str) -> list[LanguagePart]:
        """What a language's page shows of them."""
        return [
            LanguagePart(board, source, size, rows)
            for board in self.in_language(code)
            for source, size, rows in cells.language_rows(board, code, MOST_ROWS)
        ]


def board_page(board: PublishedBoard, sizes: Sequence[tuple[int, str]], measured: str) -> dict[str, object]:
    """The page of a board; `measured`: the title of the board of runs measured here on the same data, or ""."""
    first = board.sources[0].rows[0]
    return {
        "board": board,
        "kind": KINDS[board.task.text],
        "measured": measured,
        "cross": board.ranked == OTHER,
        "queries": _by_name(board.queries),
        "documents": _by_name(board.documents),
        "sizes": sizes,
        "rows": [cells.source_rows(board, source) for source in board.sources],
        "revisions": [cells.revisions_of(source.rows) for source in board.sources],
        "matrix": cells.is_matrix(board),
        "columns": cells.view_columns(board),
        "pairs": cells.pair_rows(board, first),
        "first": first.run.model,
        "charts": [(source, *size_picture(board, source)) for source in board.sources],
    }


def _by_name(codes: Sequence[str]) -> list[str]:
    return sorted(codes, key=lambda code: (language_name(code), code))
