"""What a lead by Mul is worth: whether it comes from the query's own language alone. Knows boards; no page.

Mul credits every relevant document of the pool, so that who finds the one in the query's language, and hardly another,
can lead it where all find little elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from xbench.board.ranks import UNTESTED
from xbench.board.standings import Board, Standing
from xbench.board.summaries import WITHOUT_OWN

FAR = 0.5  # of the way from an ideal share to nothing but the own language


@dataclass(frozen=True)
class OwnLanguageLead:
    """The row with the highest Mul, whose pool's top is far more in the query's own language than an ideal ranking's.

    `share`, `ideal`: of that language in the top R. `without`: its Mul without the own-language relevant documents,
    None where it is not known; `best`: the row with the highest of those.
    """

    leader: Standing
    share: float
    ideal: float
    without: float | None
    best: Standing | None


def own_language_lead(board: Board) -> OwnLanguageLead | None:
    """The lead by Mul of a board, where it is one by the own language; None for any other, and without Mul."""
    ranks = board.ranks.get("Mul", {})
    rows = [board.standings[key] for key, rank in ranks.items() if rank.why in ("", UNTESTED)]
    if len(rows) < 2:
        return None
    leader = rows[0].values
    share, ideal = leader["own share"], leader["own ideal"]
    if share is None or ideal is None or share - ideal < FAR * (1 - ideal) or ideal == 1:
        return None
    known = [(value, row) for row in rows if (value := row.values[WITHOUT_OWN]) is not None]
    best = max(known, key=lambda one: one[0])[1] if known else None
    return OwnLanguageLead(rows[0], share, ideal, leader[WITHOUT_OWN], best)
