"""What `post` takes from vectors: language means or leading directions, fitted on a corpus and never on the task."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xbench.arrays import Vectors
from xbench.data.download import Storage
from xbench.encoders.base import Role, TokenCounts
from xbench.encoders.chance import RandomEncoder
from xbench.encoders.post import Post, leading_directions
from xbench.errors import EncoderError, SpecError, XbenchError
from xbench.jobs.outcome import PartlyDone
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.progress import Silent
from xbench.results.reading import read_result
from xbench.specs import RandomModel


class Table:
    """An encoder that knows a vector for every (role, text), and remembers what it was asked."""

    max_length = None

    def __init__(self, vectors: Mapping[tuple[Role, str], Sequence[float]], similarity: str = "dot") -> None:
        self._vectors, self.similarity = vectors, similarity
        self.identity = {"table": sorted(map(repr, vectors.items())), "similarity": similarity}
        self.seen: list[tuple[Role, str]] = []

    def role_identity(self, role: str) -> Mapping[str, Any]:
        return {**self.identity, "role": role}

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        self.seen += [(role, text) for text in texts]
        return np.array([self._vectors[role, text] for text in texts], np.float32)

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        return np.ones((len(texts), 2), np.int32)


def corpus(queries: Mapping[str, Sequence[str]], passages: Mapping[str, Sequence[str]] | None = None) -> Any:
    """Texts by language as a training corpus numbers them."""
    texts: dict[str, int] = {}

    def numbered(side: Mapping[str, Sequence[str]]) -> Any:
        rows = [[texts.setdefault(text, len(texts)) for text in written] for written in side.values()]
        width = max(map(len, rows))
        return np.array([row + [-1] * (width - len(row)) for row in rows], np.int32)

    query, passage = numbered(queries), numbered(passages or queries)
    return SimpleNamespace(
        languages=tuple(queries), texts=tuple(texts), query=query, passage=passage, digest="digest of the corpus"
    )


def post(method: str, text: Any, **keys: Any) -> Post:
    return Post(RandomModel(name="m", format="random", post=method, post_corpus="c", **keys), text)  # type: ignore[arg-type]


def vectors(**by_language: Sequence[Sequence[float]]) -> dict[str, Vectors]:
    return {language: np.array(rows, np.float32) for language, rows in by_language.items()}


# --- by hand -----------------------------------------------------------------------------------------------------

QUERIES: dict[tuple[Role, str], Sequence[float]] = {
    ("query", "eins"): (1, 0),
    ("query", "zwei"): (3, 4),
    ("query", "one"): (0, 2),
    ("query", "two"): (0, 4),
}
TEXTS = corpus({"de": ("eins", "zwei"), "en": ("one", "two")})


def test_the_mean_of_a_languages_corpus_vectors_is_subtracted(tmp_path: Path) -> None:
    found = post("center-by-language", TEXTS).applied(
        Table(QUERIES), vectors(de=[[2, 2], [5, 5]], en=[[0, 3]]), "query", tmp_path, Silent()
    )
    assert found["de"].tolist() == [[0, 0], [3, 3]]  # the mean of (1, 0) and (3, 4) is (2, 2)
    assert found["en"].tolist() == [[0, 0]]
    assert found["de"].dtype == np.float32


def test_vectors_that_are_compared_by_cosine_are_normalised_first(tmp_path: Path) -> None:
    found = post("center-by-language", TEXTS).applied(
        Table(QUERIES, "cosine"), vectors(de=[[10, 0]], en=[[0, 7]]), "query", tmp_path, Silent()
    )
    np.testing.assert_allclose(found["de"], [[0.2, -0.4]], atol=1e-7)  # (1, 0) less the mean of (1, 0) and (.6, .8)
    np.testing.assert_allclose(found["en"], [[0, 0]], atol=1e-7)


def test_lir_removes_the_direction_that_a_languages_vectors_share(tmp_path: Path) -> None:
    known = {("query", "eins"): (3.0, 0.1, 0.0), ("query", "zwei"): (3.0, -0.1, 0.0)}
    known |= {("query", "one"): (0.0, 0.0, 2.0), ("query", "two"): (0.0, 0.1, 2.0)}
    found = post("lir", TEXTS).applied(
        Table(known),  # type: ignore[arg-type]
        vectors(de=[[5, 2, 1]], en=[[5, 2, 0]]),
        "query",
        tmp_path,
        Silent(),
    )
    np.testing.assert_allclose(found["de"], [[0, 2, 1]], atol=1e-6)  # uncentred: the shared axis, not the spread
    _, _, right = np.linalg.svd(np.array([[0, 0, 2], [0, 0.1, 2]]))
    vector, first = np.array([5.0, 2.0, 0.0]), right[0]
    np.testing.assert_allclose(found["en"][0], vector - (vector @ first) * first, atol=1e-6)


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_leading_directions_are_the_first_right_singular_vectors(rank: int, seed: int) -> None:
    matrix = np.random.default_rng(seed).standard_normal((12, 6))
    found = leading_directions(matrix, rank)
    _, _, right = np.linalg.svd(matrix)
    np.testing.assert_allclose(found.T @ found, np.eye(rank), atol=1e-9)
    np.testing.assert_allclose(found @ found.T, right[:rank].T @ right[:rank], atol=1e-6)


def test_what_lir_removed_is_gone_and_nothing_else(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    known = {("query", f"t{number}"): random.standard_normal(8) + 3 for number in range(20)}
    text = corpus({"de": [text for _, text in known]})
    asked = random.standard_normal((5, 8)).astype(np.float32)
    method = post("lir", text, post_rank=3)
    found = method.applied(Table(known), {"de": asked}, "query", tmp_path, Silent())["de"]  # type: ignore[arg-type]
    basis = leading_directions(np.array([known["query", text] for text in text.texts], np.float64), 3)
    np.testing.assert_allclose(found @ basis, 0, atol=1e-5)
    np.testing.assert_allclose(found + (asked @ basis) @ basis.T, asked, atol=1e-5)


def test_languages_that_lie_apart_by_a_constant_meet_after_centring(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    meanings = random.standard_normal((30, 8))
    offsets = {"de": 4 * np.eye(8)[0], "en": 4 * np.eye(8)[1]}
    known = {
        ("query", f"{language}{number}"): meanings[number] + offset
        for language, offset in offsets.items()
        for number in range(20)
    }
    text = corpus({language: [f"{language}{number}" for number in range(20)] for language in offsets})
    task = {language: (meanings[20:] + offset).astype(np.float32) for language, offset in offsets.items()}
    found = post("center-by-language", text).applied(Table(known), task, "query", tmp_path, Silent())  # type: ignore[arg-type]
    np.testing.assert_allclose(found["de"], found["en"], atol=1e-5)


# --- what it is fitted on ----------------------------------------------------------------------------------------


def test_each_role_is_fitted_on_the_corpus_side_of_that_role(tmp_path: Path) -> None:
    known: dict[tuple[Role, str], Sequence[float]] = {("query", "q1"): (1,), ("query", "q2"): (3,)}
    known |= {("document", "d1"): (10,), ("document", "d2"): (30,)}
    encoder, method = Table(known), post("center-by-language", corpus({"en": ("q1", "q2")}, {"en": ("d1", "d2")}))
    assert method.applied(encoder, vectors(en=[[0]]), "query", tmp_path, Silent())["en"].tolist() == [[-2]]
    assert method.applied(encoder, vectors(en=[[0]]), "document", tmp_path, Silent())["en"].tolist() == [[-20]]
    assert sorted(encoder.seen) == sorted(known)


def test_a_vector_after_post_does_not_depend_on_the_other_texts_of_the_task(tmp_path: Path) -> None:
    for method in ("center-by-language", "lir"):
        fitted, encoder = post(method, TEXTS), Table(QUERIES)
        alone = fitted.applied(encoder, vectors(de=[[2, 7]]), "query", tmp_path, Silent())["de"]
        among = fitted.applied(encoder, vectors(de=[[9, 9], [2, 7]], en=[[1, 1]]), "query", tmp_path, Silent())["de"]
        np.testing.assert_allclose(alone[0], among[1], atol=1e-6)


def test_a_large_corpus_is_sampled_by_text_whatever_its_order(tmp_path: Path) -> None:
    words = [f"wort {number}" for number in range(50)]
    known: dict[tuple[Role, str], Sequence[float]] = {("query", word): (number,) for number, word in enumerate(words)}
    found = []
    for order in (words, words[::-1]):
        encoder = Table(known)
        fitted = post("center-by-language", corpus({"de": order}), post_texts=10)
        found.append(fitted.applied(encoder, vectors(de=[[0]]), "query", tmp_path / str(len(found)), Silent())["de"])
        assert len(encoder.seen) == 10
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("method", "keys", "says"),
    [
        ("center-by-language", {}, "post center-by-language needs 2 query texts in 'de'; corpus c has 1"),
        ("lir", {"post_rank": 4}, "post lir needs 5 query texts in 'de'; corpus c has 1"),
    ],
)
def test_too_few_texts_are_one_line(tmp_path: Path, method: str, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(EncoderError, match=says):
        post(method, corpus({"de": ("eins",)}), **keys).applied(
            Table(QUERIES), vectors(de=[[1, 1]]), "query", tmp_path, Silent()
        )


def test_more_components_than_a_vector_has_are_one_line(tmp_path: Path) -> None:
    text = corpus({"de": ("eins", "zwei", "one")})
    with pytest.raises(EncoderError, match="post_rank: found 2, expected less than the 2 dimensions"):
        post("lir", text, post_rank=2).applied(Table(QUERIES), vectors(de=[[1, 1]]), "query", tmp_path, Silent())


# --- in a run ----------------------------------------------------------------------------------------------------


def request(folder: Path, **changes: Any) -> Request:
    defaults: dict[str, Any] = {
        "models": ("random",),
        "tasks": ("facts",),
        "languages": ("de", "en"),
        "corpus": "facts",
        "settings": {"model.post": "center-by-language"},
        "out": folder / "results",
        "storage": Storage(cache=folder / "cache", offline=True),
    }
    return Request(**defaults | changes)


def test_everything_that_post_depends_on_changes_the_digest_and_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    encode = RandomEncoder.encode

    def watched(self: RandomEncoder, texts: Any, role: Any, advance: Any) -> Any:
        asked.extend(texts)
        return encode(self, texts, role, advance)

    monkeypatch.setattr(RandomEncoder, "encode", watched)
    variants: list[dict[str, Any]] = [
        {},
        {"settings": {"model.post": "lir"}},
        {"settings": {"model.post": "lir", "model.post_rank": 2}},
        {"settings": {"model.post": "center-by-language", "model.post_texts": 100}},
        {"settings": {"model.post": "center-by-language", "corpus.kinds": ["currency"]}},
        {"settings": {}, "corpus": None},
    ]
    paths = [run(request(tmp_path, **changes), Silent())[0] for changes in variants]
    results = [read_result(path) for path in paths]
    assert len(set(paths)) == len({result.digest for result in results}) == len(variants)
    assert (results[0].model_spec.post, results[0].model_spec.plain()["post_corpus"]) == (
        "center-by-language",
        "facts",
    )
    assert results[2].provenance.post["rank"] == 2
    assert len(results[0].provenance.post["corpus"]) == 64
    assert results[0].corpus is None  # nothing was trained
    assert results[-1].provenance.post is None
    assert results[0].scores != results[-1].scores
    assert results[0].provenance.encoder == results[-1].provenance.encoder
    assert results[-1].provenance.encoded.plain() == {"queries": 0, "documents": 0}, "the same vectors, before post"
    asked.clear()
    again = run(request(tmp_path), Silent())
    assert (again, asked) == (paths[:1], [])


def test_post_is_said_before_the_work(tmp_path: Path) -> None:
    lines: list[str] = []
    reporter = Silent()
    reporter.say = lines.append  # type: ignore[method-assign]
    run(request(tmp_path, settings={"model.post": "lir", "model.post_rank": 2}), reporter)
    assert "post of random: lir of rank 2, fitted on facts" in lines


def test_a_named_corpus_goes_before_that_of_the_run(tmp_path: Path) -> None:
    settings = {"model.post": "lir", "model.post_corpus": "facts"}
    (path,) = run(request(tmp_path, corpus=None, settings=settings), Silent())
    (same,) = run(request(tmp_path, settings={"model.post": "lir"}), Silent())
    assert path == same


def test_a_trained_encoder_is_kept_once_for_all_its_posts(tmp_path: Path) -> None:
    trained: dict[str, Any] = {"models": ("static",), "recipes": ("cross-lingual",)}
    quick = {"steps": 2, "batch_size": 4, "model.vocabulary": 400, "model.alphabet": 100, "model.dimension": 8}
    paths = [
        run(request(tmp_path, **trained, settings=quick | extra), Silent())[0]
        for extra in ({"model.post": "center-by-language"}, {"model.post": "lir"}, {})
    ]
    assert len(set(paths)) == 3
    assert len(list((tmp_path / "cache" / "encoders").glob("static-cross-lingual-*"))) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"corpus": None}, "model random: post center-by-language is fitted on a corpus; name the corpus"),
        ({"settings": {}}, "corpus facts: no run trains"),
        (
            {"settings": {"model.post": "lir", "corpus.languages": ["en", "fr"]}},
            "fitted on facts, which lacks de of task facts; name a corpus that has them, or choose --languages",
        ),
        (
            {"corpus": None, "settings": {"model.post": "lir", "model.post_corpus": "fact"}},
            "unknown corpus 'fact'; did you mean",
        ),
    ],
)
def test_a_run_whose_post_cannot_be_fitted_is_refused_before_any_work(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(XbenchError, match=says):
        run(request(tmp_path, **changes), Silent())
    assert not (tmp_path / "results").exists()


def test_a_model_whose_post_cannot_be_fitted_is_left_out_and_others_run(tmp_path: Path) -> None:
    narrow = "name: narrow\nformat: facts\nkinds: [currency]\nlanguages: [en, fr]\n"
    own = "name: own\nformat: random\npost: lir\npost_corpus: narrow.yaml\n"
    for name, text in (("narrow", narrow), ("own", own)):
        (tmp_path / f"{name}.yaml").write_text(text)
    with contextlib.chdir(tmp_path), pytest.raises(PartlyDone, match="which lacks de of task facts") as told:
        run(request(tmp_path, models=("own.yaml", "random"), corpus=None, settings={}), Silent())
    (path,) = told.value.paths
    assert read_result(path).model == "random"


@pytest.mark.parametrize("name", ["model", "task"])
def test_a_format_is_not_set(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpecError, match=f"--set {name}.format: found 'bm25', expected no format: it is "):
        run(request(tmp_path, corpus=None, settings={f"{name}.format": "bm25"}), Silent())


def test_an_unknown_method_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"--set model.post: found 'center', expected 'center-by-language' or 'lir'"):
        run(request(tmp_path, settings={"model.post": "center"}), Silent())
