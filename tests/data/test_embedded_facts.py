"""What the embedded facts promise: parallel, complete, the same tomorrow, with kinds that can be held out."""

import itertools
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from xbench.data import embedded_facts as facts
from xbench.data.embedded_facts import KINDS, LANGUAGES, NAMES_OF_BABEL, PINNED_DIGEST, Fact, load_facts

TRAINED = ("currency", "script", "continent", "first-day")
HELD_OUT = ("official-language", "home-territory")
XQUAD_R = {"ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh"}


@pytest.fixture(scope="module")
def by_id() -> dict[str, Fact]:
    return {fact.id: fact for fact in load_facts(KINDS, LANGUAGES)}


@pytest.fixture(scope="module")
def templates() -> dict[str, dict[str, dict[str, str]]]:
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(facts.TEMPLATES.read_text(encoding="utf-8"))
    return loaded


def entities(kinds: tuple[str, ...]) -> set[str]:
    return {fact.id.split("/")[1] for fact in load_facts(kinds, ["en"])}


@pytest.mark.parametrize(
    ("fact_id", "language", "answer"),
    [
        ("currency/JP", "de", "Yen"),
        ("currency/JP", "en", "Japanese Yen"),
        ("currency/GB", "ru", "фунт"),
        ("script/ru", "fr", "cyrillique"),
        ("script/hi", "hi", "देवनागरी"),
        ("continent/EG", "ar", "أفريقيا"),
        ("first-day/US", "es", "domingo"),
        ("first-day/DE", "tr", "Pazartesi"),
        ("official-language/CH", "en", ": German, French, Italian."),
        ("official-language/CH", "zh", "：德语、法语、意大利语。"),
        ("home-territory/ja", "el", "Ιαπωνία"),
        ("home-territory/sw", "th", "แทนซาเนีย"),
    ],
)
def test_a_fact_known_by_hand_is_answered(by_id: dict[str, Fact], fact_id: str, language: str, answer: str) -> None:
    assert answer in by_id[fact_id].answer[language]
    assert answer not in by_id[fact_id].question[language]


def test_the_pinned_digest_holds() -> None:
    assert facts.digest() == PINNED_DIGEST


def test_the_names_that_ship_are_those_of_cldr_as_the_script_writes_them(tmp_path: Path) -> None:
    """In a process of its own: Babel keeps what it has loaded, whether inherited data were merged into it or not."""
    if version("babel") != NAMES_OF_BABEL:
        pytest.skip(f"Babel {version('babel')} has other CLDR data than {NAMES_OF_BABEL}")
    script = Path(__file__).parents[2] / "benchmarks" / "facts_names.py"
    subprocess.run([sys.executable, str(script), str(tmp_path / "names.json")], check=True)
    assert (tmp_path / "names.json").read_bytes() == facts.NAMES.read_bytes()


def test_the_notice_of_cldr_ships_beside_its_names() -> None:
    notice = facts.NAMES.with_name("facts_names.LICENSE").read_text(encoding="utf-8")
    assert "UNICODE LICENSE V3" in notice and "Unicode, Inc." in notice


def test_the_facts_need_no_babel() -> None:
    code = (
        "import sys; sys.modules['babel'] = None\n"
        "from xbench.data.embedded_facts import KINDS, LANGUAGES, load_facts\n"
        "print(len(load_facts(KINDS, LANGUAGES)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(shown.stdout) == len(load_facts(KINDS, LANGUAGES))


def test_the_languages_of_xquad_r_are_there() -> None:
    assert set(LANGUAGES) > XQUAD_R


def test_every_fact_has_every_language(by_id: dict[str, Fact]) -> None:
    for fact in by_id.values():
        assert tuple(fact.question) == tuple(fact.answer) == LANGUAGES


def test_every_kind_has_facts_and_every_id_is_its_own() -> None:
    every = load_facts(KINDS, ["en"])
    assert len({fact.id for fact in every}) == len(every)
    assert all(sum(fact.kind == kind for fact in every) > 100 for kind in KINDS)


def test_no_placeholder_is_left_unfilled(by_id: dict[str, Fact]) -> None:
    texts = [text for fact in by_id.values() for text in (*fact.question.values(), *fact.answer.values())]
    assert not any("{" in text or "}" in text or "None" in text for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_belongs_to_one_fact_only(by_id: dict[str, Fact], language: str) -> None:
    questions = {fact.question[language] for fact in by_id.values()}
    answers = {fact.answer[language] for fact in by_id.values()}
    assert len(questions) == len(answers) == len(by_id)
    assert not questions & answers


@pytest.mark.parametrize("language", ["ar", "el", "hi", "ja", "ko", "ru", "th", "zh"])
def test_no_english_name_stands_in_another_script(by_id: dict[str, Fact], language: str) -> None:
    for code in ("JP", "TR", "IN"):
        english = by_id[f"currency/{code}"].question["en"].split(":")[0]
        assert english not in by_id[f"currency/{code}"].question[language]


def test_a_subset_of_languages_gives_the_same_facts(by_id: dict[str, Fact]) -> None:
    subset = load_facts(KINDS, ["th", "en"])
    assert [fact.id for fact in subset] == list(by_id)
    assert all(fact.question["th"] == by_id[fact.id].question["th"] for fact in subset)
    assert all(list(fact.answer) == ["th", "en"] for fact in subset)


def test_the_order_does_not_depend_on_the_order_asked_for() -> None:
    assert load_facts(["script", "currency"], ["en"]) == load_facts(["currency", "script"], ["en"])


def test_kinds_that_were_not_asked_for_are_absent() -> None:
    assert {fact.kind for fact in load_facts(["continent"], ["en"])} == {"continent"}


def test_changing_a_loaded_fact_does_not_change_the_next_load() -> None:
    load_facts(["currency"], ["en"])[0].question["en"] = "spoiled"  # type: ignore[index]
    assert load_facts(["currency"], ["en"])[0].question["en"] != "spoiled"


def test_held_out_kinds_ask_about_the_entities_of_training() -> None:
    assert set(TRAINED) | set(HELD_OUT) == set(KINDS)
    shared = entities(HELD_OUT) & entities(TRAINED)
    assert len(shared) > 0.95 * len(entities(HELD_OUT))


def test_entities_are_neither_unions_nor_regions_nor_unknown() -> None:
    assert not entities(KINDS) & {"ZZ", "EU", "EZ", "UN", "QO", "XA", "XB", "und", "mul", "zxx"}
    assert not any(entity.isdigit() for entity in entities(KINDS))


def test_an_unknown_kind_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"^unknown kind of facts: capital; there are: currency, script, .*$"):
        load_facts(["currency", "capital"], ["en"])


def test_an_unknown_language_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"^unknown language of facts: tlh; there are: ar, de, .*$"):
        load_facts(["currency"], ["tlh"])


def test_every_kind_has_a_template_in_every_language(
    templates: dict[str, dict[str, dict[str, str]]],
) -> None:
    assert tuple(templates) == KINDS
    for by_language in templates.values():
        assert tuple(by_language) == LANGUAGES
        for pair in by_language.values():
            assert list(pair) == ["question", "answer"]
            assert "{entity}" in pair["question"] and "{value}" not in pair["question"]
            assert "{entity}" in pair["answer"] and "{value}" in pair["answer"]


def test_no_template_was_copied_from_another(templates: dict[str, dict[str, dict[str, str]]]) -> None:
    pairs = [pair for by_language in templates.values() for pair in by_language.values()]
    texts = [text for pair in pairs for text in pair.values()]
    bare = ["".join(filter(str.isalpha, text.format(entity="", value=""))) for text in texts]
    assert all(one != other for one, other in itertools.combinations(bare, 2))
