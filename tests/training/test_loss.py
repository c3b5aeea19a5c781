"""What the loss promises: InfoNCE as written by hand, the right negatives, and the same gradients by any route."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_bert
from tiny_training import course_of, sides_of, tiny_corpus, tiny_static
from torch import Tensor

from xbench.errors import TrainingError
from xbench.processes import ALONE
from xbench.specs import Mix, Prompts, Training
from xbench.training.batch_texts import batch_texts
from xbench.training.batches import Batch, BatchStream
from xbench.training.corpus import Corpus
from xbench.training.loader import TokenisedBatches
from xbench.training.loss import info_nce, make_loss
from xbench.training.negatives import ABSENT, Layout, draw_negatives, forbidden
from xbench.training.trainer import Surroundings, train

NONE = torch.zeros((0, 2), dtype=torch.int64)


def plain(**changes: Any) -> Training:
    return Training(**{"batch_size": 6, "steps": 2, "prompts": Prompts(), **changes})


def by_hand(queries: Tensor, documents: Tensor, own: list[int], left_out: set[tuple[int, int]], scale: float) -> float:
    """Sum of -log softmax, one number at a time, in float64."""
    total = 0.0
    for row, query in enumerate(queries.double()):
        scores = {}
        for column, document in enumerate(documents.double()):
            if (row, column) not in left_out:
                cosine = float(query @ document) / math.sqrt(float(query @ query) * float(document @ document))
                scores[column] = math.exp(scale * cosine)
        total -= math.log(scores[own[row]] / sum(scores.values()))
    return total


def test_two_rows_by_hand() -> None:
    """Cosines 1, 0 and 0, 1: each row's loss is log(1 + e^-scale)."""
    vectors = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    found = info_nce(vectors, vectors, torch.arange(2), NONE, 5.0)
    assert float(found) == pytest.approx(2 * math.log(1 + math.exp(-5)))


@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(0, 3), st.sampled_from([1.0, 20.0]))
def test_any_batch_is_the_sum_by_hand(seed: int, rows: int, more: int, scale: float) -> None:
    draw = np.random.default_rng(seed)
    queries, documents = (
        torch.from_numpy(draw.standard_normal((n, 4)).astype(np.float32)) for n in (rows, rows + more)
    )
    own = draw.permutation(rows + more)[:rows].tolist()
    left_out = {
        (row, column) for row, column in draw.integers(0, [rows, rows + more], (4, 2)).tolist() if own[row] != column
    }
    pairs = torch.tensor(sorted(left_out), dtype=torch.int64).reshape(-1, 2)
    found = info_nce(queries, documents, torch.tensor(own), pairs, scale)
    assert float(found) == pytest.approx(by_hand(queries, documents, own, left_out, scale), rel=1e-5, abs=1e-5)


def test_it_is_the_librarys_loss_where_that_applies() -> None:
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    torch.manual_seed(0)
    queries, documents = torch.randn(7, 5), torch.randn(7, 5)
    model = tiny_static()
    ours = make_loss(model, plain(scale=13.0), ALONE).of_vectors(queries, documents, NONE)
    theirs = MultipleNegativesRankingLoss(model, scale=13.0).compute_loss_from_embeddings([queries, documents], NONE)
    assert float(ours) == pytest.approx(float(theirs), rel=1e-6)


# --- which documents are negatives -------------------------------------------------------------------------------


def batch(units: list[int], languages: list[int] | None = None) -> Batch:
    passage = np.array(languages or [0] * len(units))
    return Batch("parallel", np.array(units), np.zeros(len(units), np.int64), passage)


def pairs_of(found: Any) -> set[tuple[int, int]]:
    return {(row, column) for row, column in found.tolist()}


def drawn(rows: list[list[int]]) -> Any:
    return np.array(rows, np.int64)


def test_distinct_units_leave_nothing_out() -> None:
    found = forbidden(tiny_corpus(), batch([3, 1, 2]), drawn([[], [], []]), Layout(0, 1, 3, 0), True)
    assert found.shape == (0, 2)


def test_passages_of_a_rows_own_unit_are_no_negatives_for_it() -> None:
    """Units 5, 7, 5: rows 0 and 2 leave out each other's passage; row 1 keeps both."""
    found = forbidden(tiny_corpus(), batch([5, 7, 5], [0, 0, 1]), drawn([[], [], []]), Layout(0, 1, 3, 0), True)
    assert pairs_of(found) == {(0, 2), (2, 0)}


def test_over_two_processes_columns_are_those_of_the_gathered_documents() -> None:
    """Rows 0, 2 lie with process 0 (columns 0, 1), rows 1, 3 with process 1 (columns 2, 3); units 5, 5, 8, 5."""
    mine = [forbidden(tiny_corpus(), batch([5, 5, 8, 5]), drawn([[]] * 4), Layout(r, 2, 4, 0), True) for r in (0, 1)]
    assert pairs_of(mine[0]) == {(0, 2), (0, 3)}
    assert pairs_of(mine[1]) == {(0, 0), (0, 3), (1, 0), (1, 2)}


def test_a_hard_negative_that_is_another_rows_passage_in_any_language_is_left_out_for_that_row() -> None:
    corpus = tiny_corpus()
    of_two_in_english = int(corpus.passage[1, 2])
    found = forbidden(corpus, batch([1, 2]), drawn([[of_two_in_english], [ABSENT]]), Layout(0, 1, 2, 1), True)
    assert pairs_of(found) == {(1, 2), (0, 3), (1, 3)}  # and the absent one for both


def neighbours(corpus: Corpus) -> Corpus:
    """As under relation next: the passage of a unit, in every language, is the query of the unit after it."""
    return replace(corpus, passage=np.roll(corpus.query, -1, axis=1), relation="next")


def test_translations_of_a_rows_query_are_no_negatives_for_it_in_any_language() -> None:
    """Units 1, 2, 5 in order: unit 2's query, in another language, is row 0's passage, and the other way round nothing.

    Rows ask in German (0); row 0 is answered in English (1) by unit 2's query, row 1 by unit 3's, row 2 by unit 6's.
    """
    corpus = neighbours(tiny_corpus())
    rows = batch([1, 2, 5], [1, 0, 1])
    assert corpus.passage[1, 1] == corpus.query[1, 2]
    for process, seen in ((0, {(1, 0)}), (1, set())):
        found = forbidden(corpus, rows, drawn([[], [], []]), Layout(process, 1, 3, 0), True)
        assert pairs_of(found) == seen
    over_two = batch([1, 2, 5, 9], [1, 0, 1, 1])  # rows 0, 2 with process 0, rows 1, 3 with process 1
    mine = [forbidden(corpus, over_two, drawn([[]] * 4), Layout(process, 2, 4, 0), True) for process in (0, 1)]
    assert [pairs_of(found) for found in mine] == [set(), {(0, 0)}]


def test_a_hard_negative_that_is_a_query_of_a_rows_unit_in_any_language_is_left_out_for_that_row() -> None:
    corpus = tiny_corpus()
    asked, other = int(corpus.query[1, 2]), int(corpus.query[1, 7])
    rows = batch([1, 2])
    found = forbidden(corpus, rows, drawn([[asked], [other]]), Layout(0, 1, 2, 1), True)
    assert pairs_of(found) == {(1, 2)}
    assert pairs_of(forbidden(corpus, rows, drawn([[other], [asked]]), Layout(0, 1, 2, 1), False)) == {(1, 1)}


def test_a_rows_own_passage_stays_where_it_is_a_translation_of_its_query() -> None:
    """Relation translation: a unit's texts are its queries and its passages."""
    corpus = tiny_corpus()
    corpus = replace(corpus, passage=corpus.query, relation="translation")
    found = forbidden(corpus, batch([3, 3, 4], [1, 0, 1]), drawn([[], [], []]), Layout(0, 1, 3, 0), True)
    assert pairs_of(found) == {(0, 1), (1, 0)}  # the rows of one unit, and no row's own


@pytest.mark.parametrize("kind", ["mono", "cross", "mixed", "parallel"])
@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_left_out_is_what_a_search_of_every_cell_finds(kind: str, processes: int) -> None:
    corpus = neighbours(tiny_corpus(24, ("de", "en", "th")))
    stream = BatchStream(corpus, Mix.model_validate({kind: 1.0}), 0.0, 8, 3)
    found_any = False
    for step in range(20):
        whole = stream[step]
        hard = np.random.default_rng(step).integers(-1, len(corpus.texts), (8, 2))
        texts = np.column_stack([corpus.passage[whole.passage_language, whole.units], hard])
        for process in range(processes):
            expected = set()
            for place, row in enumerate(range(process, 8, processes)):
                unit = whole.units[row]
                own, asked = set(corpus.passage[:, unit].tolist()), set(corpus.query[:, unit].tolist())
                column = 0
                for owning in range(processes):
                    owners = range(owning, 8, processes)
                    for owner, number in [*((o, 0) for o in owners), *((o, n) for o in owners for n in (1, 2))]:
                        text = int(texts[owner, number])
                        twin = number == 0 and owner != row and whole.units[owner] == unit
                        hidden = number > 0 and (text == ABSENT or text in own)
                        if twin or hidden or (text in asked and (owner, number) != (row, 0)):
                            expected.add((place, column))
                            found_any |= number == 0 and not twin
                        column += 1
            layout = Layout(process, processes, 8, 2)
            assert pairs_of(forbidden(corpus, whole, hard, layout, True)) == expected
    assert found_any == (kind != "mono")  # in one language no row's query is another's passage anyway


def test_where_nothing_is_left_out_the_loss_is_that_of_all_columns() -> None:
    model, corpus = tiny_static(), tiny_corpus()
    course = course_of(model, corpus, plain())
    item = TokenisedBatches(model, corpus, course.streams.train, plain())[0]
    assert len(item["label"]) == 0
    loss = make_loss(model, plain(), ALONE)
    one, other = (loss(sides_of(item), pairs).detach() for pairs in (item["label"], NONE))
    assert float(one) == float(other)


def test_a_translation_of_ones_query_adds_nothing_to_the_loss() -> None:
    """By hand, for units 1 and 2 of neighbours: row 1's softmax has its own passage alone, so its loss is 0."""
    model, corpus = tiny_static(), neighbours(tiny_corpus())
    rows = batch([1, 2], [1, 0])
    queries, passages = batch_texts(corpus, rows)
    vectors = [model.encode(texts, convert_to_tensor=True) for texts in (queries, passages)]
    pairs = torch.from_numpy(forbidden(corpus, rows, drawn([[], []]), Layout(0, 1, 2, 0), True))
    found = make_loss(model, plain(), ALONE).of_vectors(*vectors, pairs)
    assert float(found) == pytest.approx(by_hand(vectors[0][:1], vectors[1], [0], set(), 20.0) / 2, rel=1e-5)


def test_without_in_batch_negatives_a_row_sees_its_own_documents_only() -> None:
    corpus = tiny_corpus()
    own = int(corpus.passage[0, 1])
    found = forbidden(corpus, batch([1, 2]), drawn([[own, 5], [7, ABSENT]]), Layout(0, 1, 2, 2), False)
    assert pairs_of(found) == {(0, 1), (1, 2)}


class Mined:
    """Two texts for even units, none for odd ones."""

    def of(self, unit: int, language: int) -> Any:
        return np.array([5, 9] if unit % 2 == 0 else [], np.int64)


def test_hard_negatives_are_drawn_by_seed_and_step_and_padded_where_there_are_too_few() -> None:
    first = draw_negatives(Mined(), batch([0, 1, 2]), 3, 4, 7)
    assert [sorted(row) for row in first.tolist()] == [[ABSENT, 5, 9], [ABSENT] * 3, [ABSENT, 5, 9]]
    assert (first == draw_negatives(Mined(), batch([0, 1, 2]), 3, 4, 7)).all()
    steps = {tuple(draw_negatives(Mined(), batch([0]), 1, 4, step)[0]) for step in range(20)}
    assert steps == {(5,), (9,)}


# --- from texts to the loss --------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_batch", [True, False])
def test_the_loss_of_a_batch_with_hard_negatives_is_the_sum_by_hand(in_batch: bool) -> None:
    model, corpus = tiny_static(), tiny_corpus(negatives=Mined())
    settings = plain(hard_negatives=2, in_batch_negatives=in_batch, scale=3.0)
    course = course_of(model, corpus, settings)
    whole = course.streams.train[1]
    item = TokenisedBatches(model, corpus, course.streams.train, settings, course.seed)[1]
    found = float(make_loss(model, settings, ALONE)(sides_of(item), item["label"]).detach())

    total = 0.0
    vector = {text: model.encode(text, convert_to_tensor=True) for text in corpus.texts}
    mined = draw_negatives(corpus.negatives, whole, 2, course.seed, 1)  # type: ignore[attr-defined]
    passages = [
        int(corpus.passage[language, unit]) for language, unit in zip(whole.passage_language, whole.units, strict=True)
    ]
    for row, unit in enumerate(whole.units.tolist()):
        mine = set(corpus.passage[:, unit].tolist())
        others = [text for other, text in enumerate(passages) if other != row and in_batch]
        extra = mined.ravel().tolist() if in_batch else mined[row].tolist()
        columns = [passages[row], *others, *(text for text in extra if text not in {ABSENT, *mine})]
        query = vector[corpus.texts[corpus.query[whole.query_language[row], unit]]]
        documents = torch.stack([vector[corpus.texts[text]] for text in columns])
        total += by_hand(query[None], documents, [0], set(), 3.0)
    assert found == pytest.approx(total / 6, rel=1e-5)


@pytest.mark.parametrize("changes", [{}, {"hard_negatives": 2}, {"hard_negatives": 2, "in_batch_negatives": False}])
@pytest.mark.parametrize("mini_batch", [1, 4, 64])
def test_cached_gradients_are_the_plain_ones(tmp_path: Path, changes: dict[str, Any], mini_batch: int) -> None:
    """Through a transformer with dropout off, for units that repeat and units that do not."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny_bert(tmp_path / "bert")), device="cpu").eval()
    corpus = tiny_corpus(negatives=Mined())
    found = []
    for settings in (plain(**changes), plain(mini_batch_size=mini_batch, **changes)):
        item = TokenisedBatches(model, corpus, Repeating(), settings)[0]  # type: ignore[arg-type]
        model.zero_grad()
        loss = make_loss(model, settings, ALONE)(sides_of(item), item["label"])
        loss.backward()
        gradient = torch.cat([one.grad.flatten() for one in model.parameters() if one.grad is not None])
        found.append((float(loss.detach()), gradient))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-5)
    assert found[0][1].abs().max() > 1e-3
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-4, atol=1e-5)


class Repeating:
    """A stream whose batch holds unit 4 twice, in two languages."""

    switcher = None

    def __getitem__(self, step: int) -> Batch:
        return batch([4, 2, 4, 9, 12, 6], [0, 1, 1, 0, 0, 1])


def test_negatives_that_a_corpus_lacks_and_bags_that_cannot_be_split_are_named() -> None:
    with pytest.raises(TrainingError, match="hard_negatives: the corpus has none"):
        train(course_of(tiny_static(), tiny_corpus(), plain(hard_negatives=1)), Surroundings())
    with pytest.raises(TrainingError, match="mini_batch_size: a bag of tokens cannot be split"):
        train(course_of(tiny_static(), tiny_corpus(), plain(mini_batch_size=2)), Surroundings())
    with pytest.raises(ValueError, match="hard_negatives of at least 1 where in_batch_negatives is false"):
        plain(in_batch_negatives=False)
