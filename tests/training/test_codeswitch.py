"""What code-switched batches promise: words replaced as the recipe says, the same ones for any number of processes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from test_bad_input import Desk, desk  # noqa: F401  a fixture
from test_batches import corpus as numbered
from test_batches import same
from tiny_training import tiny_corpus

from xbench.errors import DataError, TrainingError
from xbench.processes import Processes
from xbench.specs import Codeswitch, LanguageChoice, Lexicons, Mix, Prompts, Recipe, Training, registry
from xbench.training import lexicons as lexicons_module
from xbench.training.batch_texts import batch_texts
from xbench.training.batches import BatchStream, stream_of
from xbench.training.corpus import Corpus, Negatives
from xbench.training.lexicons import folded, read_lexicon, words
from xbench.training.loader import TokenisedBatches
from xbench.training.streams import make_streams
from xbench.training.switching import Switcher

FILES = {
    "de": ["dog\tHund", "dog\tKöter", "bites bisst", "man mann"],
    "fr": ["dog chien", "man homme", "the le"],
}
ONLY = Mix(codeswitch=1.0)
TEXT = "The dog bites a man."
BABEL = "name: c\nlanguages: [en, de]\nformat: facts\nkinds: [currency, first-day]\n"
LEXICONS = "lexicons: {to: [de, th], source: {path: '{lang}.txt'}}\n"
RECIPE = "name: r\nmix: {codeswitch: 1.0}\ntraining: {steps: 4, batch_size: 16, learning_rate: 0.01}\n"
RUN = "run --model m.yaml --recipe r.yaml --corpus c.yaml --task t.yaml --out out"
PREVIEW = "recipes preview r.yaml --corpus c.yaml --steps 3"


def placed(lines: list[str], name: str = "f") -> list[tuple[str, str]]:
    return [(f"{name}:{number}", line) for number, line in enumerate(lines, 1)]


def lexicons(files: Mapping[str, list[str]] = FILES, language: str = "en") -> lexicons_module.Lexicons:
    return lexicons_module.Lexicons(language, tuple(files), lambda target: placed(files[target], target))


def switcher(files: Mapping[str, list[str]] = FILES, **choice: Any) -> Switcher:
    return Switcher(lexicons(files), Codeswitch(**choice))


def dogs(units: int = 40, negatives: Any = None) -> Corpus:
    """tiny_corpus with lexicons: `w3 da en` has a translation of every word but the language."""
    files = {target: [f"w{unit} {target}{unit}" for unit in range(units)] for target in ("de", "fr")}
    return replace(tiny_corpus(units, negatives=negatives), lexicons=lexicons(files))


# --- words, by hand ----------------------------------------------------------------------------------------------


def test_at_probability_one_every_word_that_the_lexicon_has_is_replaced() -> None:
    always = switcher(probability=1.0, query=("fr",), document=("de",))
    assert always.switch("query", TEXT, 0) == "le chien bites a homme."
    assert {always.switch("document", TEXT, seed) for seed in range(30)} == {
        "The Hund bisst a mann.",
        "The Köter bisst a mann.",
    }


def test_on_a_side_without_languages_nothing_is_replaced() -> None:
    documents = switcher(probability=1.0, query=(), document=("fr",))
    assert documents.texts("query", [TEXT], [7]) == [TEXT]
    assert documents.texts("document", [TEXT], [7]) == ["le chien bites a homme."]


def test_bilingual_texts_have_one_target_each_and_multilingual_ones_several() -> None:
    files = {target: [f"{word} {target}" for word in "abcdefgh"] for target in ("de", "fr", "es")}
    bilingual, multilingual = (switcher(files, probability=1.0, mixing=name) for name in ("bilingual", "multilingual"))
    assert Counter(bilingual.switch("query", "a b c", seed) for seed in range(3000)) == {
        "de de de": 1000,
        "fr fr fr": 1000,
        "es es es": 1000,
    }
    drawn = Counter(multilingual.switch("query", "a b", seed) for seed in range(9000))
    assert len(drawn) == 9
    assert max(abs(count - 1000) for count in drawn.values()) < 4 * np.sqrt(9000 / 9 * 8 / 9)


def test_a_word_whose_drawn_language_lacks_it_stays_as_it_is() -> None:
    always = switcher(probability=1.0, mixing="multilingual")
    seen = {always.switch("query", "bites", seed) for seed in range(50)}
    assert seen == {"bites", "bisst"}


def test_words_are_replaced_as_often_as_the_recipe_says_and_translations_drawn_evenly() -> None:
    one = switcher(probability=0.3, query=("de",))
    tally: Counter[str] = Counter()
    texts = [one.switch("query", "dog man bites unknown", seed, tally=tally) for seed in range(2000)]
    assert tally.total() == 8000
    assert abs(tally["de"] - 1800) < 4 * np.sqrt(6000 * 0.3 * 0.7)  # four standard deviations
    hounds = Counter(word for text in texts for word in text.split() if word in ("Hund", "Köter"))
    assert abs(hounds["Hund"] - hounds.total() / 2) < 4 * np.sqrt(hounds.total() / 4)
    assert all(text.endswith("unknown") for text in texts)


def test_texts_of_one_seed_share_the_target_and_not_the_words() -> None:
    half = switcher({target: [f"{word} {target}" for word in "abcdefgh"] for target in ("de", "fr")})
    one, other = (half.switch("document", "a b c d e f g h", 12, number) for number in (0, 1))
    assert one != other
    assert {*one.split(), *other.split()} & {"de", "fr"} == {"de"}


def test_a_word_is_letters_digits_and_their_marks_whatever_its_case() -> None:
    assert words().findall("Don't re-read हिन्दी, ÉTÉ 42!") == ["Don", "t", "re", "read", "हिन्दी", "ÉTÉ", "42"]
    one = switcher({"de": ["ÉTÉ\tein Sommer", "e\u0301t\tu", "straße\tstreet"]}, probability=1.0)
    assert one.switch("query", "été, e\u0301te\u0301! STRASSE", 0) == "ein Sommer, ein Sommer! street"
    assert folded("E\u0301") == "é"


def test_the_words_drawn_are_these_on_every_machine() -> None:
    half = switcher(mixing="multilingual")
    assert [half.switch("query", "the dog bites the man", seed) for seed in (1, 2, 2**63 - 1)] == [
        "le Hund bites the mann",
        "the dog bisst the man",
        "le Köter bites le homme",
    ]


# --- lexicons ----------------------------------------------------------------------------------------------------


def test_a_lexicon_is_read_in_both_layouts_and_each_translation_counts_once() -> None:
    found = read_lexicon(placed(["a b", "A\tc d", "a b", "new york\tx", "it's\ty", "z  w"]), "de")
    assert found == {"a": ("b", "c d"), "z": ("w",)}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["a b", "alone"], "f:2: found 'alone', expected a word and its translation"),
        (["a b c"], "f:1: found 'a b c', expected a word"),
        (["a b", "", "c"], "f:3: found 'c'"),
        (["a\t"], "f:1: found 'a"),
        (["a\tb\tc"], "f:1: found 'a"),
        (["new york\tx"], "f:1: the lexicon into 'de' has no entry for a single word"),
        ([], "lexicon into de: the lexicon into 'de' has no entry"),
    ],
)
def test_what_is_no_entry_is_refused_with_its_line(lines: list[str], says: str) -> None:
    with pytest.raises(DataError) as refused:
        read_lexicon(placed(lines), "de")
    assert str(refused.value).startswith(says)
    assert "\n" not in str(refused.value)


def test_the_digest_tells_lexicons_apart_and_not_the_order_of_their_words() -> None:
    files = {"de": ["a b", "a c", "d e"]}
    known = lexicons(files).digest()
    assert lexicons({"de": ["d e", "a b", "a c", "a b"]}).digest() == known
    for other in ({"de": ["a c", "a b", "d e"]}, {"de": ["a b", "d e"]}, {"fr": files["de"]}, {**files, "fr": ["a b"]}):
        assert lexicons(other).digest() != known
    assert lexicons(files, "es").digest() != known


def test_a_file_is_read_once_and_only_where_it_is_asked_for() -> None:
    asked: list[str] = []

    def lines(target: str) -> list[tuple[str, str]]:
        asked.append(target)
        return placed(FILES[target])

    some = lexicons_module.Lexicons("en", ("de", "fr"), lines)
    BatchStream(replace(numbered(), lexicons=some), Mix(mono=1.0), 0.0, 8, 0)
    assert asked == []
    Switcher(some, Codeswitch(query=("fr",), document=()))
    Switcher(some, Codeswitch(query=("fr",), document=("fr",)))
    assert asked == ["fr"]


# --- the stream --------------------------------------------------------------------------------------------------


def stream(data: Corpus | None = None, size: int = 8, seed: int = 0, mix: Mix = ONLY, **choice: Any) -> BatchStream:
    return BatchStream(data or dogs(), mix, 0.0, size, seed, codeswitch=Codeswitch(**choice))


def test_rows_are_distinct_units_of_the_language_that_the_lexicons_translate_from() -> None:
    data = replace(numbered(units=90, missing=0.3, groups=30), lexicons=lexicons())
    for step in range(20):
        batch = stream(data)[step]
        assert batch.kind == "codeswitch"
        assert {data.languages[number] for number in (*batch.query_language, *batch.passage_language)} == {"en"}
        assert (data.query[batch.query_language, batch.units] >= 0).all()
        assert len(set(data.group[batch.units])) == len(batch.units) == 8
        assert batch.seeds is not None
        assert len(np.unique(batch.seeds)) == 16


def test_a_step_is_a_function_of_seed_and_number_and_seeds_differ() -> None:
    one, other = stream(), stream()
    texts = [batch_texts(dogs(), one[step], one.switcher) for step in range(4)]
    assert [batch_texts(dogs(), other[step], other.switcher) for step in (3, 2, 1, 0)][::-1] == texts
    assert one.digest() == other.digest()
    assert len({stream(seed=seed).digest() for seed in (0, 1, 2)}) == 3


def test_the_kind_is_drawn_with_its_probability_among_the_others() -> None:
    mixed = stream(mix=Mix(mono=0.5, codeswitch=0.5))
    kinds = Counter(mixed[step].kind for step in range(1000))
    assert abs(kinds["codeswitch"] - 500) < 4 * np.sqrt(250)
    assert kinds.total() == kinds["codeswitch"] + kinds["mono"]


class Echo:
    def preprocess(self, texts: list[str]) -> dict[str, Any]:
        return {"input_ids": texts}


@pytest.mark.parametrize("count", [2, 4])
def test_the_words_of_a_row_do_not_depend_on_the_number_of_processes(count: int) -> None:
    hard = Negatives(np.arange(41, dtype=np.int64) * 2, np.arange(160, dtype=np.int32).reshape(80, 2)[::-1].copy())
    data = dogs(negatives=hard)
    settings = Training(batch_size=8, steps=3, prompts=Prompts(), hard_negatives=2)
    batches = stream(data)
    for step in range(3):
        whole = TokenisedBatches(Echo(), data, batches, settings)[step]
        assert whole["query_input_ids"] != batch_texts(data, batches[step])[0]
        for index in range(count):
            part = TokenisedBatches(Echo(), data, batches, settings, 0, Processes(index, count))[step]
            passages, negatives = whole["document_input_ids"][:8], whole["document_input_ids"][8:]
            assert part["query_input_ids"] == whole["query_input_ids"][index::count]
            mine = [negatives[2 * row : 2 * row + 2] for row in range(index, 8, count)]
            assert part["document_input_ids"] == passages[index::count] + [text for pair in mine for text in pair]


def test_hard_negatives_are_switched_to_the_language_of_their_rows_passage() -> None:
    """Else the passage would be told from them by having been rewritten."""
    hard = Negatives(np.arange(41, dtype=np.int64), np.roll(tiny_corpus().passage.T, 20, axis=0))
    data = dogs(negatives=hard)
    settings = Training(batch_size=8, steps=1, prompts=Prompts(), hard_negatives=1)
    documents = TokenisedBatches(Echo(), data, stream(data, probability=1.0), settings)[0]["document_input_ids"]
    targets = [text[:2] for text in documents]
    assert set(targets) == {"de", "fr"}
    assert targets[:8] == targets[8:]
    assert all(one != other for one, other in zip(documents[:8], documents[8:], strict=True))


def test_what_is_held_out_is_switched_too() -> None:
    recipe = Recipe(name="r", mix=ONLY)
    settings = Training.model_validate({"batch_size": 8, "validation": {"share": 0.3}})
    streams = make_streams(dogs(), recipe, settings, 0)
    assert streams.held_out
    away = [unit for step in range(5) for unit in streams.held_out[step].units.tolist()]
    kept = [unit for step in range(5) for unit in streams.train[step].units.tolist()]
    assert not set(away) & set(kept)
    queries, _ = batch_texts(dogs(), streams.held_out[0], streams.held_out.switcher)
    assert any(query.startswith(("de", "fr")) for query in queries)


@pytest.mark.parametrize(
    ("data", "changes", "says"),
    [
        (numbered(), {}, "the corpus has no lexicons; add `lexicons` to its YAML"),
        (replace(dogs(), lexicons=lexicons(language="es")), {}, "no unit that may be drawn has both sides in 'es'"),
        (dogs(), {"languages": LanguageChoice(exclude=("en",))}, "no unit that may be drawn has both sides in 'en'"),
        (dogs(), {"languages": LanguageChoice(exclude=("de", "fr"))}, "leaves none of the languages of the corpus's"),
        (dogs(), {"codeswitch": Codeswitch(query=("fi",))}, "no lexicon from 'en' into 'fi'; expected one of: de, fr"),
        (dogs(6), {}, "batch of 8 is larger than the 6 distinct units of 'en'"),
        (replace(dogs(), relation="translation"), {}, "mono, mixed and codeswitch batches: in a corpus of relation"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(data: Corpus, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(TrainingError) as refused:
        BatchStream(data, ONLY, 0.0, 8, 0, **changes)
    assert says in str(refused.value)


def test_a_language_that_a_recipe_excludes_gives_no_words() -> None:
    chosen = BatchStream(dogs(), ONLY, 0.0, 8, 0, LanguageChoice(exclude=("de",)))
    assert chosen.switcher
    assert chosen.switcher.languages == {"query": ("fr",), "document": ("fr",)}


# --- what was there before ---------------------------------------------------------------------------------------

DRAWING = {
    "mix": {"mono": 0.5, "cross": 0.5, "mixed": 0.0, "parallel": 0.0},
    "tau": 0.0,
    "languages": {"exclude": [], "cap": None},
    "pairs": "tau",
    "versions": 2,
}


def test_recipes_and_corpora_without_such_batches_keep_names_and_streams() -> None:
    """Trained encoders, tables and results are filed under digests of these."""
    hybrid = registry.load("recipe", "hybrid").spec
    assert hybrid.drawing() == DRAWING
    written = hybrid.model_dump(mode="json", by_alias=True)
    assert "codeswitch" not in written
    assert written["mix"] == DRAWING["mix"]
    assert "lexicons" not in registry.load("corpus", "facts").spec.model_dump(mode="json", by_alias=True)
    drawn = stream_of(numbered(units=200), hybrid, 100, 0)
    assert drawn.digest() == "7be8215eec5d17be12f99aefad3e79e4cf1500df217aac1b25cb17407536b924"
    every = BatchStream(numbered(), Mix(mono=0.25, cross=0.25, mixed=0.25, parallel=0.25), 0.5, 8, 0)
    assert every.digest() == "8e2cf649476dc580e3f7abd1b25b0e394a68adf28bafdc41c0e23bff1dcc7ca4"


def test_lexicons_change_no_batch_of_another_kind() -> None:
    halves = Mix(mono=0.5, cross=0.5)
    one, other = (BatchStream(data, halves, 0.0, 8, 0) for data in (dogs(), tiny_corpus()))
    assert all(same(one[step], other[step]) for step in range(20))
    assert batch_texts(dogs(), one[0], one.switcher) == batch_texts(tiny_corpus(), other[0])


# --- recipes and corpora -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        ({"mix": {"mono": 1.0}, "codeswitch": {}}, "only where mix.codeswitch is above 0"),
        ({"codeswitch": {"probability": 1.5}}, "probability"),
        ({"codeswitch": {"probability": 0}}, "probability"),
        ({"codeswitch": {"mixing": "trilingual"}}, "mixing"),
        ({"codeswitch": {"query": [], "document": []}}, "with both empty no word is ever replaced"),
        ({"codeswitch": {"query": ["de", "de"]}}, "each language once"),
        ({"codeswitch": {"query": ["de"]}, "languages": {"exclude": ["de"]}}, "without the excluded 'de'"),
        ({"codeswitch": {"sides": ["query"]}}, "sides"),
    ],
)
def test_a_recipe_that_contradicts_itself_is_refused(recipe: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Recipe.model_validate_json(json.dumps({"name": "r", "mix": {"codeswitch": 1.0}, **recipe}))


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"to": ["en", "de"]}, "`to` without 'en'"),
        ({"from": "zh-Hant"}, "a language that puts spaces between words, not 'zh-Hant'"),
        ({"from": "th"}, "a language that puts spaces between words"),
        ({"source": {"path": "de.txt"}}, "a file for each language of `to`"),
        ({"to": []}, "to"),
    ],
)
def test_lexicons_that_cannot_be_read_as_declared_are_refused(keys: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Lexicons.model_validate_json(json.dumps({"to": ["de", "fr"], "source": {"path": "{lang}.txt"}, **keys}))


def test_what_is_switched_names_the_encoder_and_its_languages() -> None:
    recipe = Recipe(name="r", mix=ONLY)
    assert recipe.drawing()["mix"]["codeswitch"] == 1.0
    assert recipe.drawing()["codeswitch"] == {
        "probability": 0.5,
        "mixing": "bilingual",
        "query": None,
        "document": None,
    }
    some = Lexicons.model_validate_json('{"to": ["fr", "th"], "source": {"path": "{lang}.txt"}}')
    assert recipe.trains_on(("de", "en"), some) == ("en", "fr", "th")
    excluding = recipe.model_copy(update={"languages": LanguageChoice(exclude=("th",))})
    assert excluding.trains_on(("de", "en"), some) == ("en", "fr")
    both = recipe.model_copy(update={"mix": Mix(mono=0.5, codeswitch=0.5)})
    assert both.trains_on(("de", "en"), some) == ("de", "en", "fr", "th")
    assert Recipe(name="m", mix=Mix(mono=1.0)).trains_on(("de", "en"), some) == ("de", "en")


# --- start to end ------------------------------------------------------------------------------------------------


def babel_lexicon(language: str) -> str:
    """Names of territories from CLDR, and a few words of the questions that ask about them."""
    from babel import Locale

    english, other = (dict(Locale.parse(code).territories) for code in ("en", language))
    lines = [f"{name}\t{other[code]}" for code, name in sorted(english.items()) if code in other]
    return "\n".join([*lines, "the\tX", "currency\tY", "of\tZ"])


@pytest.fixture
def bench(desk: Desk) -> Desk:  # noqa: F811
    """A desk with a corpus that has lexicons, and a recipe of code-switched batches."""
    for language in ("de", "th"):
        desk.write(f"{language}.txt", babel_lexicon(language))
    desk.write("c.yaml", BABEL + LEXICONS)
    desk.write("r.yaml", RECIPE)
    return desk


def test_a_static_model_trains_on_switched_rows_and_says_so(bench: Desk) -> None:
    ended = bench.type(RUN)
    assert ended.code == 0, ended.err
    (result,) = (bench.folder / "out").rglob("*.json")
    found = json.loads(result.read_text())
    assert found["gap"]["trained_on"] == ["en", "de", "th"]
    (kept,) = (name for name in bench.encoders if name.startswith("m-r-"))
    made = json.loads((bench.folder / "cache/encoders" / kept / "xbench.json").read_text())
    assert len(made["origin"]["lexicons"]) == 64
    assert made["origin"]["codeswitch"]["probability"] == 0.5
    assert "codeswitch 1" in (bench.folder / "cache/encoders" / kept / "README.md").read_text()


def test_another_lexicon_is_another_encoder_and_the_same_table(bench: Desk) -> None:
    first = json.loads(bench.type(f"{PREVIEW} --json").out)
    tables = list((bench.folder / "cache/corpora").iterdir())
    bench.write("de.txt", "the\tQ\n")
    second = json.loads(bench.type(f"{PREVIEW} --json").out)
    assert list((bench.folder / "cache/corpora").iterdir()) == tables
    assert first["pairs"] == second["pairs"] == {"en-en": 1.0}
    assert first["words"] != second["words"]


def test_the_preview_counts_words_by_their_language_now(bench: Desk) -> None:
    shown = json.loads(bench.type(f"{PREVIEW} --json --set recipe.codeswitch.query=[]").out)
    assert shown["kinds"] == {"codeswitch": 1.0}
    assert shown["words"]["query"] == {"en": 1.0}
    assert set(shown["words"]["document"]) == {"de", "en", "th"}
    assert sum(shown["words"]["document"].values()) == pytest.approx(1)
    assert "words of code-switched rows" in bench.type(PREVIEW).out
    monolingual = bench.type(f"{PREVIEW} --json --set 'recipe.mix={{mono: 1.0}}'").out
    assert "words" not in json.loads(monolingual)


@pytest.mark.parametrize("line", [RUN, PREVIEW])
def test_a_corpus_without_lexicons_is_refused_with_the_key_to_add(bench: Desk, line: str) -> None:
    bench.write("c.yaml", BABEL)
    bench.refused(line, "recipe r: its codeswitch batches need lexicons, and corpus c has none; add to its YAML")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("de.txt", "the\tX\nthe\n", "de.txt:2: found 'the', expected a word and its translation"),
        ("de.txt", b"the \xff\n", "de.txt:1: not UTF-8"),
        ("c.yaml", BABEL + LEXICONS.replace("th]", "fr]"), "missing data file fr.txt"),
        ("c.yaml", BABEL + LEXICONS.replace("to:", "too:"), "too"),
        ("r.yaml", RECIPE + "codeswitch: {query: [fr]}\n", "no lexicon from 'en' into 'fr'"),
        ("r.yaml", RECIPE + "codeswitch: {query: [de], mixin: bilingual}\n", "did you mean 'mixing'?"),
    ],
)
def test_what_a_run_cannot_use_is_one_line(bench: Desk, name: str, content: str | bytes, says: str) -> None:
    bench.write(name, content)
    bench.refused(RUN, says)


def test_the_schemas_show_the_keys(bench: Desk) -> None:
    recipe, corpus = (json.loads(bench.type(f"schema {kind}").out) for kind in ("recipe", "corpus"))
    assert set(recipe["$defs"]["Codeswitch"]["properties"]) == {"probability", "mixing", "query", "document"}
    assert "codeswitch" in recipe["properties"]
    assert "codeswitch" in recipe["$defs"]["Mix"]["properties"]
    assert set(corpus["$defs"]["Lexicons"]["properties"]) == {"source", "from", "to"}
    assert "lexicons" in corpus["$defs"]["FactsCorpus"]["properties"]
