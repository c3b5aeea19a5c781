"""Copies are found with a word or two put in, left out or changed; questions of one template are no copies."""

import pytest
from test_overlap import kind, kinds, phrase

QUESTION = "which small harbour town did the northern fleet leave before winter"
RUSSIAN = "какой небольшой портовый город северный флот покинул перед зимой"
CHINESE = "北方舰队在冬天到来之前离开了哪一座小港口城市"
JAPANESE = "北の艦隊が冬になる前に離れた小さな港町はどこですか"
THAI = "กองเรือเหนือออกจากเมืองท่าเล็กๆแห่งใดก่อนฤดูหนาวจะมาถึง"


@pytest.mark.parametrize(
    "copy",
    [
        "which small harbour town did the whole northern fleet leave before winter",
        "which small quiet harbour town did the northern fleet leave before early winter",
        "which small harbour town did the northern fleet leave early before the winter",
        "which harbour town did the northern fleet leave before winter",
        "which small harbour city did the northern fleet leave before winter",
        "which tiny harbour town did the northern fleet leave before autumn",
        "small harbour town did the northern fleet leave before winter",
        "which small town harbour did the northern fleet leave before winter",
    ],
)
def test_a_question_with_a_word_or_two_changed_is_found(copy: str) -> None:
    assert kind(QUESTION, "Something else.", copy) == "copied"
    assert kind(QUESTION, f"{phrase(0, 40)} {copy} {phrase(100, 40)}") == "copied"


@pytest.mark.parametrize(
    ("text", "inserted", "changed"),
    [
        (RUSSIAN, RUSSIAN.replace("флот", "большой флот"), RUSSIAN.replace("небольшой", "старый")),
        (CHINESE, CHINESE.replace("离开", "突然离开"), CHINESE.replace("北方", "南方")),
        (JAPANESE, JAPANESE.replace("離れた", "静かに離れた"), JAPANESE.replace("小さな", "古い")),
        (THAI, THAI.replace("ออกจาก", "ทั้งหมดออกจาก"), THAI.replace("ก่อน", "หลัง")),
    ],
)
def test_so_it_is_in_other_scripts_and_without_spaces(text: str, inserted: str, changed: str) -> None:
    assert kind(text, inserted) == kind(text, changed) == "copied"
    assert kind(text, text[: len(text) // 2]) == "-"


def test_more_changes_are_another_text() -> None:
    assert kind(QUESTION, "which large harbour city did the southern fleet leave before winter") == "-"
    assert kind(QUESTION, "which small town did the fleet leave before the harbour was closed in winter") == "-"
    assert kind(QUESTION, "before winter leave fleet northern the did town harbour small which") == "-"


def test_a_sentence_of_twenty_words_with_one_changed_is_found() -> None:
    words = " ".join(f"word{chr(97 + number)}" for number in range(24)).split()
    assert kind(" ".join(words), " ".join([*words[:12], "other", *words[13:]])) == "copied"
    paragraph = [f"w{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(120)]
    altered = ["other" if number % 10 == 5 else word for number, word in enumerate(paragraph)]
    assert kind(" ".join(paragraph), " ".join(altered)) == "copied"


BATTLE = "in which year did the battle of the long {} end"
TOWN = "how many people lived in the old town in the year {}"


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("Who is the president of France?", ["Who is the president of Germany?"]),
        ("Who is the president of France?", [f"Who is the president of {x}?" for x in ("Spain", "Peru", "Chad")]),
        ("What is the capital of Germany?", ["What is the capital of Austria and of Hungary?"]),
        (BATTLE.format("river"), [BATTLE.format("bridge"), BATTLE.format("island")]),
        (TOWN.format(1900), [TOWN.format(1800)]),
    ],
)
def test_questions_of_one_template_are_no_copies(question: str, others: list[str]) -> None:
    assert kind(question, *others) == "-"


def test_a_template_is_also_what_two_evaluation_texts_fill() -> None:
    river, bridge = BATTLE.format("river"), BATTLE.format("bridge")
    assert kinds([river], [bridge]) == ["copied"], "one pair alone cannot be told from a changed word"
    assert kinds([river, bridge], [bridge]) == ["-", "copied"]


@pytest.mark.parametrize("question", [QUESTION, "who built the old harbour"])
def test_a_question_inside_many_long_texts_is_found(question: str) -> None:
    texts = [f"{phrase(1000 * n, 60)} {question} {phrase(1000 * n + 100, 60)}" for n in range(1, 30)]
    assert kind(question, *texts) == "copied"


@pytest.mark.parametrize(
    "copy",
    [
        "<p>Which <b>small</b> harbour<br>town did the <i class='x'>northern</i> fleet leave before winter?</p>",
        "&lt;p&gt;Which small harbour town&nbsp;did the northern fleet leave before winter?&lt;/p&gt;",
        "&#119;hich sm&#x61;ll harbour town did the northern fleet leave before winter",
        "whi<b></b>ch sm<i>al</i>l har\u200bbour to\u00adwn did the nor\u2060thern fleet leave before winter",
        "whісh smаll hаrbоur tоwn dіd thе nоrthеrn flееt lеаvе bеfоrе wіntеr",
        "whιch small harbοur tοwn did the nοrthern fleet leave befοre wιnter",
        "whi\u0301ch sma\u0323ll harbour to\u0302wn did the northern fleet leave before winter",
        "<p>whісh <b>small</b> hаrbоur town did the whole northern fleet leave before winter</p>",
    ],
)
def test_a_question_in_markup_or_in_letters_that_look_alike_is_found(copy: str) -> None:
    assert kind(QUESTION, copy) == "copied"
