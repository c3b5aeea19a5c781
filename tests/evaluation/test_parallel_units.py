"""Which texts of two languages say the same: questions by their id, golds by the question that they answer."""

from __future__ import annotations

import numpy as np
from build import collection

from xbench.data.collection import Collection, Golds, Queries, Texts
from xbench.evaluation.parallel_units import ParallelUnits, parallel_units


def texts(units: ParallelUnits, side: dict[str, Texts]) -> set[tuple[str, str]]:
    first, second = (side[language].texts for language in units.languages)
    return {(first[one], second[other]) for one, other in zip(*units.rows, strict=True)}


def test_questions_are_joined_by_their_id_however_they_are_ordered() -> None:
    made = collection({"de": ["a", "b", "c"], "en": ["c", "a"], "es": ["x", "b"]})
    pairs = {units.languages: texts(units, dict(made.queries)) for units in parallel_units(made, "queries")}
    assert pairs == {
        ("de", "en"): {("de-a", "en-a"), ("de-c", "en-c")},
        ("de", "es"): {("de-b", "es-b")},
        ("en", "es"): set(),
    }


def test_the_order_of_units_is_that_of_no_file() -> None:
    names = [f"question {number:02}" for number in range(50)]
    there, back = collection({"de": names, "en": names}), collection({"de": names[::-1], "en": names})
    (one,), (other,) = (list(parallel_units(made, "queries")) for made in (there, back))
    columns = [made.queries["de"].texts for made in (there, back)]
    assert [columns[0][row] for row in one.rows[0]] == [columns[1][row] for row in other.rows[0]]
    assert one.rows[0].tolist() not in (sorted(one.rows[0]), sorted(one.rows[0], reverse=True))


def test_golds_are_those_of_questions_with_one_in_each_language() -> None:
    made = collection(
        {"de": ["a", "b", "c"], "en": ["a", "b", "c"]},
        golds=lambda language, question: 2 if (language, question) == ("en", "b") else 1,
    )
    (units,) = parallel_units(made, "documents")
    assert texts(units, dict(made.documents)) == {("de-d0", "en-d0"), ("de-d2", "en-d3")}


def test_a_document_that_answers_two_questions_is_one_unit() -> None:
    names = ("a", "b", "c")
    asked = {
        language: Queries(tuple(f"{language}-{name}" for name in names), names, names, names)
        for language in ("de", "en")
    }
    documents = {language: Texts((f"{language}-0", f"{language}-1"), ("0", "1")) for language in asked}
    columns = ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 1, 1])
    golds = Golds(*(np.array(column, np.int64) for column in columns))
    (units,) = parallel_units(Collection(asked, documents, {"de": golds, "en": golds}), "documents")
    assert texts(units, documents) == {("0", "0"), ("1", "1")} and len(units) == 2


def test_what_is_not_relevant_or_not_there_is_no_gold() -> None:
    asked = {
        language: Queries(tuple(f"{language}-{name}" for name in "ab"), ("a", "b"), ("a", "b"), ("a", "b"))
        for language in ("de", "en")
    }
    documents = {language: Texts((f"{language}-0", f"{language}-1"), ("0", "1")) for language in asked}
    columns = ([0, 0, 0, 1, 1], [0, 0, 1, 0, 1], [0, 1, 0, 1, -1], [1, 0, 2, 1, 1])
    golds = Golds(*(np.array(column, np.int64) for column in columns))
    (units,) = parallel_units(Collection(asked, documents, {"de": golds, "en": golds}), "documents")
    assert texts(units, documents) == {("0", "0")}
