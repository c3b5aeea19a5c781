"""The pages' scripts on their own: they write and order as the Python behind the pages does, by tables made from it.

Runs them in node where there is one, else in the system's chromium.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from boards import LANGUAGES, file_result

from xbench.board import answers, pages
from xbench.board.details import safe_json
from xbench.board.sources import find_sources
from xbench.board.standings import boards_of
from xbench.board.systems import ANY, OTHER, POOL, SAME, Setting, Spread, System, TaskSystems, task_systems
from xbench.reports.claims import probability
from xbench.specs.registry import shipped

STATIC = shipped("leaderboard") / "static"
LONGEST_LINE = 120
NO_PAGE = """const document = {
  body: { dataset: { root: "" } }, querySelectorAll: () => [], getElementById: () => null,
};
"""
Numbers = dict[str, Callable[[float | None], str]]


def in_node(source: str) -> Any:
    done = subprocess.run(["node", "-"], input=source, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def in_chromium(source: str) -> Any:
    playwright = pytest.importorskip("playwright.sync_api", reason="neither node nor playwright")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("neither node nor chromium on PATH")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        body = (
            f"(() => {{ let said; const console = {{ log: (text) => {{ said = text; }} }}; {source}; return said; }})()"
        )
        found = json.loads(opened.new_page().evaluate(body))
        opened.close()
    return found


def evaluated(files: tuple[str, ...], expression: str, given: object) -> Any:
    """The value of an expression over `given`, after these scripts."""
    scripts = "\n".join((STATIC / f"{name}.js").read_text(encoding="utf-8") for name in files)
    source = f"{NO_PAGE}{scripts}\nconst given = {safe_json(given)};\nconsole.log(JSON.stringify({expression}));\n"
    return in_node(source) if shutil.which("node") else in_chromium(source)


def values() -> list[float | None]:
    """Halves that a binary number has exactly, what rounds to nothing, signs, thousands, powers; and many others."""
    draw = random.Random(0)
    halves = [0.25, 0.125, 0.0625, 0.375, 2.5, 0.5, 1.5, 0.0125, 1234.5, 62.5, 0.00125, -0.125, -2.5]
    small = [0.0, -0.0, 0.0004, -0.0004, 0.00049999, 1e-12, 0.0005, 0.001]
    large = [999.95, 999.96, 9999.5, 99999.95, 1e6, 1e9, 1.25e9, 1e10, -1e12, 1e300, 999999999.96]
    shares = [draw.random() for _ in range(300)] + [-draw.random() for _ in range(50)]
    ranks = [draw.random() * 10 ** draw.randrange(9) for _ in range(300)]
    return [None, *halves, *small, *large, *shares, *ranks, *[number / 1000 for number in range(0, 1001, 7)]]


NUMBERS: Numbers = {
    "percent": pages.percent,
    "signed": pages.signed,
    "decimal": pages.decimal,
    "ranks": pages.whole_ranks,
    "number": pages.number,
    "shade": pages.shade,
}


def test_scripts_write_numbers_as_pages_do() -> None:
    given = values()
    table = {name: [show(value) for value in given] for name, show in NUMBERS.items()}
    made = evaluated(
        ("numbers",),
        "Object.fromEntries(given.names.map((name) => [name, given.values.map((one) => xbench.numbers[name](one))]))",
        {"names": list(NUMBERS), "values": given},
    )
    for name, texts in table.items():
        wrong = [
            (value, text, other) for value, text, other in zip(given, texts, made[name], strict=True) if text != other
        ]
        assert not wrong, f"{name}: (value, page, script) {wrong[:5]}"


def test_scripts_write_p_as_the_compare_command_does() -> None:
    given = [value for value in values() if value is not None and 0 <= value <= 1]
    assert evaluated(("numbers",), "given.map(xbench.numbers.probability)", given) == [*map(probability, given)]


@pytest.mark.parametrize(("half", "digits"), [(None, 1), (0.0, 1), (0.02, 1), (0.0099, 2), (0.0005, 3), (1e-9, 4)])
def test_a_difference_has_as_many_digits_as_its_interval_bears(half: float | None, digits: int) -> None:
    assert evaluated(("numbers",), "xbench.numbers.digitsFor(given)", half) == digits


def test_a_cell_is_sorted_by_the_number_that_stands_in_it() -> None:
    cases = {"1,234.5": 1234.5, "−0.4": -0.4, "22.7 M": 22.7e6, "1.2 B": 1.2e9, "3–11": 3, "2": 2, "1.0e+30": 1e30}
    cases |= {"0.5=": 0.5, "bm25": None, "–": None, "": None, "3 M–4": None}
    found = evaluated(("numbers", "page", "tables"), "given.map(xbench.tables.numberIn)", list(cases))
    assert found == pytest.approx(list(cases.values()))  # NaN is null in JSON


def test_claims_of_a_margin_are_those_of_the_compare_command() -> None:
    from xbench.evaluation.statistics import Estimate, Margin

    estimates = [Estimate(0.004, 0.003, 40.0, 41), Estimate(-0.02, 0.003, 5.5, 12), Estimate(0.001, 0.0, 9.0, 10)]
    given = [
        {"value": one.value, "error": one.error, "freedom": one.freedom, "clusters": one.clusters} for one in estimates
    ]
    found = evaluated(
        ("statistics",), "given.map((one) => [statistics.within(one, 0.01), statistics.above(one, 0.01)])", given
    )
    expected = [[Margin(0.01, equivalent=True).p(one), one.above(0.01)] for one in estimates]
    assert found == [pytest.approx(pair, rel=1e-9) for pair in expected]


# --- systems and their words


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> TaskSystems:
    """A measured task of three systems, one of two seeds, with a published one beside them."""
    folder = tmp_path_factory.mktemp("results")
    for number, (model, recipe, skill) in enumerate(
        (("alpha", "none", 0.5), ("beta", "hybrid", 1.5), ("gamma", "mixed", 4))
    ):
        for seed in range(1 + number % 2):
            file_result(
                folder, model=model, recipe=recipe, seed=seed, skill=skill, questions=40, digest=f"{number}" * 64
            )
    chosen = find_sources([folder], {}).chosen
    influence = {one.run.page: one.evidence.influence for one in chosen}
    (made,) = task_systems(boards_of([source.run for source in chosen], influence), {})
    return TaskSystems(**{**vars(made), "systems": (*made.systems, published("far", 0.9), published("near", 0.95))})


def published(title: str, value: float, **known: Any) -> System:
    """Without interval, seeds or distance."""
    values: dict[Setting, float] = {(ANY, OTHER): value, (ANY, SAME): value + 0.01, ("de", "en"): value}
    return System(
        title, title, "none", "published", "tiny", "AP", values, "A table", page="https://example.org", **known
    )


SYSTEMS = ("numbers", "systems")


def test_scripts_order_and_name_systems_as_the_answer_does(task: TaskSystems) -> None:
    expected = answers.default_answer(task)
    found = evaluated(
        SYSTEMS,
        """(() => {
          const s = xbench.systems, setting = s.settingOf(given, "", "");
          return {
            setting,
            measured: s.measured(given, setting).map(({ system }) => s.named(system)),
            halves: s.measured(given, setting).map(({ system }) => s.halfOf(given, system, setting)),
            published: s.published(given, setting).map(([source, all]) => [source, all.map((one) => one.system.key)]),
            bias: s.measured(given, setting).map(({ system }) => s.biasWords(given, system, "any")),
            language: s.measured(given, setting).map(({ system }) => s.biasWords(given, system, "de")),
            printed: s.biasWords(given, given.systems.at(-1), "any"),
          };
        })()""",
        answers.plain(task),
    )
    assert tuple(found["setting"]) == expected.setting
    assert found["measured"] == [answers.named(system) for system in expected.best]
    assert found["measured"] == ["gamma (mixed)", "beta (hybrid)", "alpha"]
    assert found["halves"] == [pytest.approx(system.halves[expected.setting], abs=1e-6) for system in expected.best]
    assert found["published"] == [["A table", ["near", "far"]]]
    assert found["bias"] == [answers.bias_words(system, ANY, task.bounds) for system in expected.best]
    assert found["language"] == [answers.bias_words(system, "de", task.bounds) for system in expected.best]
    assert found["printed"] == answers.bias_words(task.systems[-1], ANY, task.bounds)
    assert "−1.0 points" in found["printed"]


def test_scripts_find_the_values_and_columns_of_every_setting(task: TaskSystems) -> None:
    settings = [("de", "en"), ("de", "de"), ("de", OTHER), ("de", POOL), (ANY, "en"), (ANY, OTHER), (ANY, POOL)]
    found = evaluated(
        SYSTEMS,
        """given.settings.map((setting) => ({
          values: given.task.systems.map((system) => xbench.systems.scoreOf(given.task, system, setting)),
          columns: xbench.systems.columnsOf(given.task, setting),
        }))""",
        {"task": answers.plain(task), "settings": settings},
    )
    others = [code for code in LANGUAGES if code != "de"]
    for setting, part in zip(settings, found, strict=True):
        assert part["values"] == [
            pytest.approx(system.values[setting], abs=1e-6) if setting in system.values else None
            for system in task.systems
        ]
    names = [(part["columns"][0], part["columns"][1][:2]) for part in found]
    assert names[0] == ("de-en", ["de-en"]) and names[2] == ("de-other", [f"de-{code}" for code in others])
    assert names[4] == ("any-en", ["de-en", "zh-Hant-en"]) and found[5]["columns"][0] == "Cr"
    assert found[6]["columns"] == ["Mul", [f"{code}-pool" for code in LANGUAGES]]


@pytest.mark.parametrize("normalised", [0.0, 0.05, 0.051, 0.25, 0.5, 0.75, 0.9, 1.0, 1.01])
def test_the_words_for_a_bias_are_the_same(normalised: float) -> None:
    assert evaluated(SYSTEMS, "xbench.systems.degree(given)", normalised) == answers.degree(normalised)


def test_a_bias_beyond_chance_is_called_so(task: TaskSystems) -> None:
    lost = published("lost", 0.1, spreads={ANY: Spread(60.0, 1.02)})
    assert "lost is more biased than chance: " in answers.bias_words(lost, ANY, (2.0, 59.0))


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_a_script_can_be_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ") and max(map(len, lines)) <= LONGEST_LINE


def test_a_download_quotes_what_a_spreadsheet_would_run_and_keeps_numbers() -> None:
    given = {"names": ["Model", "tiny Cr"], "lines": [["=1+1", "−1,234.5"], ['a "b", c', "–"], ["−x", "3–11"]]}
    kind, text = evaluated(("numbers", "page", "tables", "downloads"), "xbench.downloads.csv(given)", given)
    assert kind == "text/csv"
    assert text.splitlines() == ["Model,tiny Cr", "'=1+1,-1234.5", '"a ""b"", c",', "−x,3–11"]
    _, text = evaluated(("numbers", "page", "tables", "downloads"), "xbench.downloads.json(given)", given)
    assert [record["tiny Cr"] for record in json.loads(text)] == [-1234.5, None, "3–11"]
