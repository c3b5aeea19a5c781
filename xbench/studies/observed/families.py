"""Which published models belong together, for they share weights or makers: the clusters of tests over models.

The rule, each part joining what stood apart before: a model and the model that mteb says it was adapted from; models of
one organisation whose names differ in nothing but sizes, versions and words such as `embedding` or `instruct`.
So families are rather too large than too small. What mteb does not state (the base of many models) cannot join.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xbench.published.model_facts import ModelFacts

HUB = re.compile(r"[\w.-]+/[\w.-]+")
WORDS = re.compile(r"[-_ ]+")
WITHOUT_MEANING = re.compile(
    r"\d+([._]\d+)?[bmk]?|a\d+m|\d+x\d+b|v\d[\d.]*|r\d|[lh]\d+|x*s|m|x*l|tiny|nano|micro|mini|small|base|medium|large|lite"
    r"|light|embed|embedding|embeddings|embedder|instruct|preview|oss|bf16|int8|en|english|long|unsupervised|ablated|text"
)


def series(model: str) -> str:
    """The organisation, and what of the name is no size, no version and no word that says little."""
    organisation, _, name = model.lower().partition("/")
    words = [word for word in WORDS.split(name) if word and not WITHOUT_MEANING.fullmatch(word)]
    return f"{organisation}/{'-'.join(words)}"


def families_of(facts: Mapping[str, ModelFacts | None], first: Sequence[str] = ()) -> dict[str, str]:
    """The family of each model, called like the first of its models: among `first`, then in the order of letters."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            name = parent[name]
        return name

    for model in sorted(facts):
        parent[root(model)] = root(f"series {series(model)}")
        stated = facts[model]
        base = stated.adapted_from if stated else None
        if base and HUB.fullmatch(base):
            parent[root(base)] = root(f"series {series(base)}")
            parent[root(model)] = root(base)
    named: dict[str, str] = {}
    return {model: named.setdefault(root(model), model) for model in (*first, *sorted(facts))}
