"""A picture of a report: an SVG that stands alone, with colours of its own for light and dark. Knows no study.

The board's style sheet has the same classes; a file that lies beside a Markdown report has no style sheet.
"""

from __future__ import annotations

STYLE = """
.chart { --page: #fff; --ink: #17212b; --quiet: #5a646d; --line: #ddd8cc; --accent: #0c5a70; --care: #96381a;
  --good: #2d5f2e; background: var(--page); font: 12px system-ui, sans-serif; max-width: 100%; }
@media (prefers-color-scheme: dark) { .chart { --page: #11171b; --ink: #e6e8e4; --quiet: #9ba6ac; --line: #2b343a;
  --accent: #7cc4d6; --care: #f0a583; --good: #93cf92; } }
.chart text { fill: var(--quiet); } .chart .name, .chart .cell { fill: var(--ink); }
.chart .name, .chart .tick { paint-order: stroke; stroke: var(--page); stroke-width: 3px; }
.chart .axis { fill: var(--quiet); } .chart .group { font-weight: 600; } .chart .sure { font-weight: 700; }
.chart .end { text-anchor: end; } .chart .mid { text-anchor: middle; }
.chart .rule { stroke: var(--line); fill: none; } .chart .zero { stroke: var(--quiet); }
.chart .dashed { stroke: var(--quiet); stroke-dasharray: 4 4; opacity: .7; }
.chart .lead { stroke: var(--quiet); opacity: .6; fill: none; }
.chart .line { stroke: var(--accent); stroke-width: 2; fill: none; }
.chart .dot { fill: var(--page); stroke: var(--accent); stroke-width: 1.5; } .chart .front { fill: var(--accent); }
.chart .measured { stroke-width: 1.5; } .chart .published { stroke: var(--care); }
.chart .more { fill: var(--accent); } .chart .less { fill: var(--care); } .chart .ground { fill: var(--page); }
.chart .band { fill: var(--accent); fill-opacity: .18; }
.chart .line.s0 { stroke: var(--accent); } .chart .front.s0 { fill: var(--accent); }
.chart .line.s1 { stroke: var(--care); stroke-dasharray: 7 3; } .chart .front.s1, .chart .band.s1 { fill: var(--care); }
.chart .line.s2 { stroke: var(--good); stroke-dasharray: 2 3; } .chart .front.s2, .chart .band.s2 { fill: var(--good); }
.chart .line.s3 { stroke: var(--ink); stroke-dasharray: 9 3 2 3; }
.chart .front.s3, .chart .band.s3 { fill: var(--ink); }
.chart .line.s4 { stroke: var(--quiet); } .chart .front.s4, .chart .band.s4 { fill: var(--quiet); }
.chart .line.s5 { stroke-dasharray: 1 4; stroke-linecap: round; }
"""
OPENING = '<svg class="chart"'


def standalone(svg: str) -> str:
    """A drawing as a file of its own."""
    opened = svg.replace(OPENING, f'{OPENING} xmlns="http://www.w3.org/2000/svg"', 1)
    head, end, rest = opened.partition(">")
    return f"{head}{end}<style>{STYLE}</style>{rest}\n"
