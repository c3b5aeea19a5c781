"""Queries as people mistype them: typos, or letters without their marks. Drawn from the text itself and a seed, so that
a query is the same in any order, on any machine. Knows texts only.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from random import Random

from xbench.specs.parts import Perturbation

MARKED = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")
"""Scripts that people write without marks; in others a mark is a vowel that nobody leaves out."""


def perturbed(text: str, how: Perturbation) -> str:
    """The text with about `share` of its letters changed; one that would be blank stays as it is."""
    draw = Random(int.from_bytes(hashlib.sha256(f"{how.kind} {how.seed} {text}".encode()).digest()[:8], "big"))
    changed = "".join(CHANGES[how.kind](_clusters(text), how.share, draw))
    return changed if changed.strip() else text


def _clusters(text: str) -> list[str]:
    """Letters with the marks that follow them, and every other character alone."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.category(character).startswith("M") and _is_letter(clusters[-1]):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _is_letter(cluster: str) -> bool:
    return cluster[0].isalpha()


def _typos(clusters: list[str], share: float, draw: Random) -> Iterator[str]:
    """A letter is left out, doubled, swapped with the next one, or another one of the text stands in its place."""
    letters = [cluster for cluster in clusters if _is_letter(cluster)]
    place = 0
    while place < len(clusters):
        cluster = clusters[place]
        place += 1
        if not _is_letter(cluster) or draw.random() >= share:
            yield cluster
            continue
        follows = clusters[place] if place < len(clusters) and _is_letter(clusters[place]) else ""
        edit = int(draw.random() * 4)
        if edit == 0 and len(letters) > 1:
            continue
        if edit == 1 and follows:
            place += 1
            yield follows + cluster
        elif edit == 2:
            yield letters[int(draw.random() * len(letters))]
        else:
            yield cluster * 2


def _marks(clusters: list[str], share: float, draw: Random) -> Iterator[str]:
    """A letter that has marks loses them."""
    for cluster in clusters:
        parts = unicodedata.normalize("NFD", cluster)
        base, marks = parts[0], parts[1:]
        is_marked = (
            bool(marks) and all(map(unicodedata.combining, marks)) and unicodedata.name(base, "").startswith(MARKED)
        )
        yield base if is_marked and draw.random() < share else cluster


CHANGES: dict[str, Callable[[list[str], float, Random], Iterator[str]]] = {"typos": _typos, "marks": _marks}
