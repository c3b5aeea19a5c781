"""The rooms of the house as a picture, from its imports: python benchmarks/architecture.py docs/architecture.svg

A row is a room, the highest floor on top (the floors stand in pyproject.toml, where import-linter reads them). A square
is how many imports lead from its row's room to its column's; since imports go down only, squares stand right of the
diagonal, and one left of it would be red. The words are the first sentence of the room's docstring.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from html import escape
from pathlib import Path

from structure import TOP, House

ROW, LABEL, WORDS, CELL = 30, 128, 560, 30
FOUNDATIONS = "foundations"
STYLE = """
text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2328}
.name{font-weight:600}.quiet{fill:#59636e;font-size:12px}.count{font-size:11px;text-anchor:middle}.own{fill:#818b98}
.head{font-size:12px;text-anchor:start}.rule{stroke:#d1d9e0}.up{fill:#cf222e}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.rule{stroke:#3d444d}.sheet{fill:#0d1117}}
.sheet{fill:#fff}
@media (prefers-color-scheme:dark){.sheet{fill:#0d1117}}
"""


def floors() -> list[list[str]]:
    """Rooms of each floor, the highest first; flat modules under the others are the foundations."""
    contract = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][
        0
    ]
    rooms = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    return [[name for name in floor if name != "__main__"] or ["__main__"] for floor in rooms]


def room_of(house: House, name: str) -> str:
    """As House.room, with the flat modules named by what they are."""
    room = house.room(name)
    return {"": FOUNDATIONS, "entry": "cli"}.get(room, room)


def sentence(house: House, room: str) -> str:
    """What a room is for."""
    fixed = {
        FOUNDATIONS: "What everything stands on: " + ", ".join(sorted(flat(house))) + ".",
        "cli": "The entry point.",
    }
    if room in fixed:
        return fixed[room]
    text = ast.get_docstring(ast.parse(house.files[f"xbench.{room}"].read_text(encoding="utf-8"))) or ""
    return " ".join(re.split(r"(?<=\.)\s", text.strip())[0].split())


def flat(house: House) -> list[str]:
    return [name.removeprefix("xbench.") for name in house.files if name.count(".") == 1 and not house.room(name)]


def picture(house: House) -> str:
    """The SVG."""
    order = [room for floor in floors()[:-1] for room in floor if room not in ("__main__",)] + [FOUNDATIONS]
    counts: dict[tuple[str, str], int] = {}
    for name, others in house.imports.items():
        for other in others:
            pair = (room_of(house, name), room_of(house, other))
            counts[pair] = counts.get(pair, 0) + 1
    sizes = {room: [path for name, path in house.files.items() if room_of(house, name) == room] for room in order}
    lines = {room: sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)
             for room, paths in sizes.items()}  # fmt: skip
    left, top = LABEL + WORDS, 92
    width, height = left + CELL * len(order) + 48, top + ROW * len(order) + 12
    parts = [f'<rect class="sheet" width="{width}" height="{height}"/>']
    parts += [
        f'<text class="head" transform="translate({left + CELL * column + 20},{top - 8}) rotate(-55)">{room}</text>'
        for column, room in enumerate(order)
    ]
    most = max(count for (one, other), count in counts.items() if one != other)
    for row, room in enumerate(order):
        y = top + ROW * row
        parts.append(f'<path class="rule" d="M8,{y}H{width - 40}"/>')
        parts.append(f'<text class="name" x="10" y="{y + 19}">{room}</text>')
        words = sentence(house, room)
        words = words if len(words) <= 74 else words[:73].rsplit(" ", 1)[0] + " …"
        parts.append(f'<text class="quiet" x="{LABEL}" y="{y + 19}">{escape(words)}</text>')
        parts.append(
            f'<text class="quiet" x="{left - 8}" y="{y + 19}" text-anchor="end">'
            f"{len(sizes[room])} · {lines[room]:,}</text>"
        )
        for column, other in enumerate(order):
            count = counts.get((room, other), 0)
            x = left + CELL * column
            if row == column:
                parts.append(f'<text class="count own" x="{x + 15}" y="{y + 19}">{count or "·"}</text>')
            elif count:
                shade = 0.15 + 0.6 * (count / most) ** 0.5
                kind = 'class="up"' if column < row else f'fill="#0969da" fill-opacity="{shade:.2f}"'
                title = f"<title>{room} imports {other}: {count}</title>"
                parts.append(f'<rect {kind} x="{x + 2}" y="{y + 3}" width="26" height="24" rx="4">{title}</rect>')
                parts.append(f'<text class="count" x="{x + 15}" y="{y + 19}">{count}</text>')
    parts.append(f'<text class="quiet" x="{left - 8}" y="{top - 8}" text-anchor="end">modules · lines</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img"'
    title = "<title>Which room of xbench imports which, and how often</title>"
    return f"{head}>{title}<style>{STYLE}</style>{''.join(parts)}</svg>\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(House.of(TOP)), encoding="utf-8")
