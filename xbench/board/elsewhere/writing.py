"""Writes what a site holds of published runs alone: a page and a script of values for every board. Knows the site."""

from __future__ import annotations

from xbench.board.edition import Pages
from xbench.board.elsewhere.packing import packed_board
from xbench.board.elsewhere.pages import board_page
from xbench.board.views import SIZES


def write_boards(pages: Pages) -> None:
    """The pages of published runs and their values."""
    titles = {board.name: board.title for board in pages.site.boards}
    for board in pages.site.elsewhere.boards:
        pages.write(board.page, "published", "../", board_page(board, SIZES, titles.get(board.name, "")))
        pages.output.write(f"data/published/{board.name}.js", packed_board(board))
