"""Published runs as rows and cells of tables. Every text is escaped here. Knows boards; no template.

A cell that a script may fill with another row's value says by data-s which setting it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from markupsafe import Markup, escape

from xbench.board.elsewhere.boards import PublishedBoard, PublishedRow, SourceRows
from xbench.board.pages import DASH, language_name, millions, percent, shade, slug
from xbench.board.systems import ANY, DOCUMENTS, OTHER, SAME, Setting
from xbench.evaluation.scores import Number
from xbench.published.runs import STEPS

MOST_LANGUAGES = 24  # of a matrix of pairs; beyond them a row per language
HUB = 0.5  # the share of the languages that a language has pairs with, for columns of its own
MOST_HUBS = 2
REVISION_DIGITS = 8


def name_cell(row: PublishedRow) -> str:
    """A model, leading to where its numbers were published."""
    name = escape(row.run.model)
    shown = f'<a href="{escape(row.address)}" rel="noreferrer">{name}</a>' if row.address else name
    return f"{shown} <small>{escape(row.note)}</small>" if row.note else str(shown)


def value_cell(value: Number, kind: str = "n") -> str:
    """A value in percent; its hundred-thousandths are what the column is sorted by."""
    exact = "" if value is None else f" data-n={round(value * STEPS, 3):g}"
    return f"<td class={kind}{exact}>{percent(value)}"


def rank_cell(row: PublishedRow) -> str:
    """The rank; a dash where the row has none."""
    return f"<td>{DASH if row.rank is None else row.rank}"


def source_rows(board: PublishedBoard, source: SourceRows) -> Markup:
    """Every row of a source: rank, model, room for a chosen setting, means, size, pairs, origin."""
    places = [board.places((ANY, DOCUMENTS[name])) for name in board.means]
    revisions = len(revisions_of(source.rows)) > 1
    lines = []
    for number, row in enumerate(source.rows):
        means = "".join(value_cell(row.mean(part) if row.whole else None) for part in places)
        size = row.parameters
        pairs = f"{row.n:,}" if row.whole else f"{row.n:,} of {board.task.grid:,}"
        known = "" if size is None else f" data-n={size}"
        lines.append(
            f'<tr data-i={number} id="{row_id(board, source, number)}">{rank_cell(row)}<th scope=row>{name_cell(row)}'
            f"<td class=n hidden>{means}<td class=n{known}>{millions(size)}<td class=n>{pairs}{_origin(row, revisions)}"
        )
    return Markup("\n".join(lines))


def beside_rows(board: PublishedBoard, source: SourceRows, most: int) -> Markup:
    """The first ranked rows of a source with their means."""
    lines = []
    for row in [row for row in source.rows if row.rank is not None][:most]:
        means = "".join(value_cell(row.mean(board.places((ANY, DOCUMENTS[name])))) for name in board.means)
        lines.append(f"<tr><td>{row.rank}<th scope=row>{name_cell(row)}<td class=n>{millions(row.parameters)}{means}")
    return Markup("\n".join(lines))


def row_id(board: PublishedBoard, source: SourceRows, number: int) -> str:
    """Where a row stands on its board's page."""
    return f"row-{board.sources.index(source)}-{number}"


def _origin(row: PublishedRow, revisions: bool) -> str:
    versions = row.run.versions
    data = f"<td class=desk><code>{escape((versions.dataset_revision or DASH)[:REVISION_DIGITS])}</code>"
    model = (
        f'<td class=desk><code title="{escape(row.run.revision)}">{escape(row.run.revision[:REVISION_DIGITS])}</code>'
    )
    return f"{model}<td class=desk>{escape(versions.mteb_version or DASH)}{data if revisions else ''}"


def revisions_of(rows: Sequence[PublishedRow]) -> list[tuple[str, int]]:
    """Revisions of the data with the number of their runs, the most frequent first."""
    counted = Counter(row.run.versions.dataset_revision or "not stated" for row in rows)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def hubs(board: PublishedBoard) -> list[str]:
    """The languages that most others have pairs with, both ways."""
    queries = Counter(document for query, document in board.pairs if query != document)
    documents = Counter(query for query, document in board.pairs if query != document)
    known = [(min(queries[code], documents[code]), code) for code in board.languages]
    enough = sorted((-count, code) for count, code in known if count >= HUB * (len(board.languages) - 1))
    return [code for _, code in enough[:MOST_HUBS]]


def is_matrix(board: PublishedBoard) -> bool:
    """Whether pairs stand as query languages by document languages."""
    return board.ranked == OTHER and len(board.languages) <= MOST_LANGUAGES


def view_columns(board: PublishedBoard) -> list[tuple[str, str, str]]:
    """(documents' or queries' part of a setting, which of the two, head) of a row per language."""
    columns = [(SAME, "query", "alone")] if len(board.places((ANY, SAME))) else []
    if board.ranked == OTHER:
        for hub in hubs(board):
            columns += [(hub, "query", f"→ {hub}"), (hub, "document", f"{hub} →")]
        columns += [(OTHER, "query", "→ others"), (ANY, "document", "others →")]
    return columns


def setting_of(code: str, column: tuple[str, str, str]) -> Setting | None:
    """What a cell of a row per language holds; None where that is no pair."""
    other, side, _ = column
    if other == code:
        return None
    if side == "document":
        return other, code
    return code, code if other == SAME else other


def pair_rows(board: PublishedBoard, row: PublishedRow) -> Markup:
    """A matrix of pairs, or a row per language: the values of one row, which a script may replace."""
    if is_matrix(board):
        settings = [(code, [(code, other) for other in board.documents]) for code in board.queries]
        lines = [
            f'<tr><th scope=row><abbr title="{escape(language_name(code))}">{escape(code)}</abbr>'
            + "".join(_cell(board, row, setting) for setting in part)
            for code, part in settings
        ]
    else:
        lines = [_language_row(board, row, code) for code in board.languages]
    return Markup("\n".join(lines))


def _language_row(board: PublishedBoard, row: PublishedRow, code: str) -> str:
    cells = "".join(_cell(board, row, setting_of(code, column)) for column in view_columns(board))
    link = f'<a href="../languages/{slug(code)}.html">{escape(language_name(code))}</a>'
    return f"<tr><th scope=row>{link}{'' if language_name(code) == code else f' ({escape(code)})'}{cells}"


def _cell(board: PublishedBoard, row: PublishedRow, setting: Setting | None) -> str:
    places = np.empty(0, np.intp) if setting is None else board.places(setting)
    if setting is None or not len(places):
        return "<td class=hx>"
    value = row.mean(places)
    own = " own" if setting[0] == setting[1] and is_matrix(board) else ""
    return f'<td class="{shade(value)}{own}" data-s="{setting[0]} {setting[1]}">{percent(value)}'


def language_rows(board: PublishedBoard, code: str, most: int) -> Iterator[tuple[SourceRows, int, Markup]]:
    """Of each source, how many rows have a language, and the best `most` of them: alone, asked, answered."""
    own, asked, answered = (board.places(setting) for setting in ((code, code), (code, OTHER), (ANY, code)))
    lead = next((places for places in (asked, own, answered) if len(places)), own)
    for source in board.sources:
        values = np.stack([row.steps[lead] for row in source.rows]) if len(lead) else np.empty((0, 0), np.int32)
        means = np.where((values >= 0).all(axis=1), values.mean(axis=1), -1.0) if values.size else np.empty(0)
        known = np.flatnonzero(means >= 0)
        best = sorted(known, key=lambda place: (-means[place], place))[:most]
        lines = []
        for place in best:
            row = source.rows[place]
            rank = 1 + int(np.count_nonzero(means > means[place]))
            cells = "".join(value_cell(row.mean(part)) for part in (own, asked, answered))
            lines.append(f"<tr><td>{rank}<th scope=row>{name_cell(row)}{cells}")
        if lines:
            yield source, len(known), Markup("\n".join(lines))
