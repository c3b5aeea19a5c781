"""Writes what a site holds of published runs alone: pages and values by task, pages of languages without measured runs.

What an earlier build made from the same runs stays. Knows the site; no result.
"""

from __future__ import annotations

from xbench.board import views
from xbench.board.edition import Pages
from xbench.board.elsewhere.published_pages import board_page
from xbench.board.pages import slug
from xbench.board.published_values import packed_board
from xbench.files import digest


def write_published(pages: Pages) -> None:
    """Every file of them, and the list of all languages."""
    _write_boards(pages)
    _write_languages(pages)


def _write_boards(pages: Pages) -> None:
    site, output = pages.site, pages.output
    titles = {board.name: board.title for board in site.boards}
    for board in site.elsewhere.boards:
        title = titles.get(board.name, "")
        made_from = digest([board.sha256, title, *site.frame])
        if not output.keep(board.page, made_from):
            pages.write(board.page, "published", "../", board_page(board, views.SIZES, title), made_from)
        values = f"data/published/{board.name}.js"
        if not output.keep(values, board.sha256):
            output.write(values, packed_board(board), board.sha256)


def _write_languages(pages: Pages) -> None:
    site, output = pages.site, pages.output
    for code in sorted(site.elsewhere.languages - set(site.languages)):
        name = f"languages/{slug(code)}.html"
        made_from = digest([code, *site.frame, *(board.sha256 for board in site.elsewhere.in_language(code))])
        if not output.keep(name, made_from):
            pages.write(name, "language", "../", {"code": code, "parts": []}, made_from)
    codes = site.every_language
    values = views.languages(site.boards, codes, site.elsewhere)
    titles = [[board.title for board in site.boards if code in board.languages] for code in codes]
    made_from = digest([codes, titles, values["published"], *site.frame])
    if not output.keep("languages/index.html", made_from):
        pages.write("languages/index.html", "languages", "../", values, made_from)
