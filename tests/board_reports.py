"""Reports for tests of the board: a study with a picture of every kind, and alignment metrics."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

FOREST = {
    "kind": "forest",
    "title": "Hybrid against monolingual",
    "description": "Three effects.",
    "across": "points of Cr",
    "margin": 0.5,
    "rows": [
        {"label": "XQuAD-R", "effect": 2.1, "low": 1.4, "high": 2.8, "found": True, "group": "static"},
        {"label": "MLQA-R", "effect": 0.3, "low": -0.6, "high": 1.2, "group": "static"},
        {"label": "facts", "effect": -0.9, "low": -1.5, "high": -0.3, "group": "LaBSE", "href": "../tasks/tiny.html"},
    ],
}
CURVES = {
    "kind": "curves",
    "title": "Cr by share of monolingual batches",
    "across": "share",
    "up": "Cr, %",
    "curves": [
        {
            "name": name,
            "points": [{"x": x / 4, "y": 50 + up - x, "low": 49 + up - x, "high": 51 + up - x} for x in range(5)],
        }
        for name, up in (("static", 0), ("LaBSE", 5), ("XLM-R", 5.5))
    ],
}
SCATTER = {
    "kind": "scatter",
    "title": "Mo and Cr",
    "across": "Mo, %",
    "up": "Cr, %",
    "gaps": True,
    "points": [
        {"x": 60.0, "y": 41.0, "label": "static hybrid", "short": "static hybrid"},
        {"x": 60.5, "y": 41.2, "label": "static mixed", "short": "static mixed"},
        {"x": 81.0, "y": 76.0, "label": "LaBSE", "short": "LaBSE", "mark": "published"},
    ],
}
TERNARY = {
    "kind": "ternary",
    "title": "Mixes",
    "corners": ["monolingual", "cross-lingual", "translation"],
    "points": [
        {"shares": [a / 4, b / 4, (4 - a - b) / 4], "value": 40.0 + 3 * a + 2 * b - a * b}
        for a in range(5)
        for b in range(5 - a)
    ],
}
MATRIX = {
    "kind": "matrix",
    "title": "Differences by pair",
    "rows": ["de", "en", "th"],
    "columns": ["de", "en", "th"],
    "diverging": True,
    "values": [[0.0, 1.5, -2.5], [0.5, 0.0, -1.0], [2.0, None, 0.0]],
    "sure": [[False, True, True], [False, False, False], [True, False, False]],
}
DOTS = {
    "kind": "dots",
    "title": "Seen and unseen languages",
    "across": "Cr, %",
    "rows": [
        {
            "label": "de",
            "dots": [{"value": 50.0, "label": "printed", "mark": "published"}, {"value": 51.0, "label": "here"}],
        },
        {"label": "th", "dots": [{"value": 41.0, "label": "here", "low": 40.0, "high": 42.0}]},
    ],
}
STUDY = {
    "schema": 1,
    "kind": "study",
    "name": "hybrid-or-not",
    "title": "Hybrid or monolingual batches",
    "question": "Do hybrid batches raise Cr without costing Mo?",
    "answer": "They do on XQuAD-R.",
    "command": "xbench study report studies/hybrid.yaml --to reports/hybrid",
    "date": "2026-11-28",
    "tasks": ["tiny"],
    "hypotheses": [
        {
            "name": "H1",
            "statement": "Cr is higher.",
            "verdict": "supported",
            "effect": 2.1,
            "low": 1.4,
            "high": 2.8,
            "p": 0.00001,
            "unit": "points of Cr",
        },
        {
            "name": "H2",
            "statement": "Mo is not lower by more than the margin.",
            "verdict": "undecided",
            "effect": -0.4,
            "low": -0.9,
            "high": 0.1,
            "p": 0.31,
            "margin": 0.5,
            "unit": "points of Mo",
        },
    ],
    "tables": [
        {"title": "Means", "columns": ["Recipe", "Cr"], "rows": [["hybrid", 41.25], ["none", None]], "digits": 2}
    ],
    "plots": [FOREST, CURVES, SCATTER, TERNARY, MATRIX, DOTS],
    "notes": ["Two seeds were left out."],
}
ALIGNMENT = {
    "schema": 1,
    "kind": "alignment",
    "name": "static-tiny",
    "title": "Alignment of static",
    "model": "static",
    "command": "xbench align --model static",
    "tasks": ["tiny"],
    "metrics": [
        {
            "name": "cosine",
            "meaning": "Mean cosine of translations.",
            "better": "high",
            "pairs": {"de": {"en": 0.61, "th": 0.2}, "en": {"de": 0.61, "th": 0.25}},
        }
    ],
}


def file_reports(folder: Path, *reports: dict[str, Any]) -> Path:
    """Write reports as files of a folder, by default one of each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, report in enumerate(reports or (STUDY, ALIGNMENT)):
        (folder / f"{number}.json").write_text(json.dumps(report))
    return folder


def study(**fields: Any) -> dict[str, Any]:
    """The study with other fields."""
    return {**copy.deepcopy(STUDY), **fields}
