"""Pictures of one factor: a curve with its band where its levels are numbers or have sizes, a triangle for the shares
of three kinds of batches. Knows findings and the kinds of pictures; nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xbench.board.drawing.curves import Curve, CurvePoint, Curves
from xbench.board.drawing.heat import Ternary, TernaryPoint
from xbench.errors import DataError
from xbench.specs.study_factors import Level
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.analyses.mixture import mixtures_of
from xbench.studies.arms import Arm
from xbench.studies.findings import Findings
from xbench.studies.pictures import Named, ends, short
from xbench.studies.shown import half

TOGETHER = 8  # curves of a picture
WIDE = 20  # times the smallest size from which on an axis is logarithmic
BAND = "Means over seeds; the band is the 95 % interval over questions and seeds."


def size_of(level: Level) -> float | None:
    """The number that a level stands for; None where it stands for none."""
    if level.size is not None:
        return level.size
    value = level.settings.get(level.factor)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def curves(findings: Findings) -> Iterator[Named]:
    """A picture for each numeric factor, task and outcome; a curve for each combination of the other factors."""
    for factor, levels in findings.study.spec.levels().items():
        if len(levels) > 1 and all(size_of(level) is not None for level in levels):
            for at, task in enumerate(findings.tasks):
                for nth, outcome in enumerate(findings.study.spec.outcomes):
                    yield from _curves(findings, factor, task, outcome, f"curve-{_word(factor)}-{at + 1}-{nth + 1}")


def _word(factor: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in factor)


def _curves(findings: Findings, factor: str, task: str, outcome: str, name: str) -> Iterator[Named]:
    every = [curve for arms in _lines(findings, factor) for curve in _curve(findings, factor, arms, task, outcome)]
    sizes = [point.x for curve in every for point in curve.points]
    unit = parse_outcome(outcome).unit
    for place, start in enumerate(range(0, len(every), TOGETHER)):
        plot = Curves(
            title=short(f"{outcome} by {factor} on {task}"),
            description=BAND,
            across=short(factor),
            up=short(f"{outcome}, {unit}"),
            curves=tuple(every[start : start + TOGETHER]),
            logarithmic=min(sizes) > 0 and max(sizes) > WIDE * min(sizes),
        )
        yield Named(f"{name}-{place + 1}" if place else name, plot)


def _lines(findings: Findings, factor: str) -> list[list[Arm]]:
    """The arms that differ in this factor alone, together."""
    lines: dict[tuple[str, ...], list[Arm]] = {}
    for arm in findings.arms:
        if factor in arm.levels:
            others = tuple(level.name for name, level in arm.levels.items() if name != factor)
            lines.setdefault(others, []).append(arm)
    return list(lines.values())


def _curve(findings: Findings, factor: str, arms: Sequence[Arm], task: str, outcome: str) -> Iterator[Curve]:
    points = [point for arm in arms for point in _point(findings, arm, factor, task, outcome)]
    if len(points) > 1:
        others = [level.name for name, level in arms[0].levels.items() if name != factor]
        yield Curve(name=short(" x ".join(others)), points=tuple(points))


def _point(findings: Findings, arm: Arm, factor: str, task: str, outcome: str) -> Iterator[CurvePoint]:
    size, scale = size_of(arm.levels[factor]), parse_outcome(outcome).scale
    try:
        sample = findings.evidence.sample(arm, task, outcome)
    except DataError:
        return
    if size is not None:
        value = sample.value / scale
        low, high = ends(value, half(sample) / scale)
        yield CurvePoint(x=size, y=value, low=low, high=high, label=short(arm.name))


def triangles(findings: Findings) -> Iterator[Named]:
    """Every outcome on every task over a simplex of three kinds; other factors are averaged over."""
    mixed = [levels for levels in findings.study.spec.levels().values() if levels[0].shares]
    if len(mixed) != 1 or len(mixed[0][0].shares) != 3:
        return
    for at, task in enumerate(findings.tasks):
        for nth, outcome in enumerate(findings.study.spec.outcomes):
            try:
                mixtures = mixtures_of(findings, task, outcome)
            except DataError:
                continue
            name = mixtures.outcome
            first, second, third = mixtures.kinds
            plot = Ternary(
                title=short(f"{outcome} on {task}"),
                description=f"Means over seeds in {name.unit} at shares of {first}, {second} and {third} batches; "
                f"{name.better} is better, darker is higher.",
                corners=(first, second, third),
                points=tuple(
                    TernaryPoint(shares=level.shares, value=sample.value / name.scale, label=level.name)
                    for level, sample in zip(mixtures.levels, mixtures.samples, strict=True)
                ),
                digits=1,
            )
            yield Named(f"mixture-{at + 1}-{nth + 1}", plot)
