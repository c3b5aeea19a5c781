"""The built site in a real browser: what a reader does, with and without script, and that nothing leaves the page."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from board_fuzz import BoardFuzzer
from boards import LANGUAGES, file_result

from xbench.board.pages import percent, signed
from xbench.board.site import build_site
from xbench.errors import DataError, printable
from xbench.reports.comparison import compare_sides
from xbench.reports.sides import load_side
from xbench.results.faults import LONGEST_NAME

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[browser]'")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on PATH: apt-get install chromium")
QUIET = ("disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update")
PAPER = """
name: paper
title: A paper
url: https://example.org/paper
source: table 1
rows:
- {model: Printed, recipe: hybrid, task: tiny, metric: AP, scores: {Mo: 0.5, Mul: 0.25}}
"""
HOSTILE = [
    "<script>document.title='hit'</script>",
    "</script><script>document.title='hit'</script>",
    "<img src=x onerror=\"document.title='hit'\">",
    "\"><svg onload=document.title='hit'>",
    "' onmouseover='document.title=1' x='",
    '" autofocus onfocus="document.title=\'hit\'"',
    "`onfocus=document.title=1`",
    "javascript:document.title='hit'",
    "data:text/html,<script>document.title='hit'</script>",
    "{{ 7 * 7 }}",
    "{% for x in range(9) %}x{% endfor %}",
    "${document.title='hit'}",
    "<!--",
    "--><b>",
    "]]>",
    "<![CDATA[",
    "</table></main></body>",
    "<base href=//example.org>",
    "<meta http-equiv=refresh content=0;url=//example.org>",
    "<style>*{display:none}</style>",
    "&lt;script&gt;",
    "&#x202e;",
    "\u202eabc\u202c",
    "\u2066abc",
    "a\u2028b\u2029c",
    "\u0000\u0001\u001b[31m",
    "\u200b\ufeff",
    "x" * 10_000,
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "__proto__",
    "constructor",
    "1e999",
    "NaN",
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    for number, (model, recipe, skill) in enumerate(
        (("alpha", "none", 0.5), ("beta", "hybrid", 1.5), ("gamma", "mixed", 4.0))
    ):
        for seed in range(2):
            shown = {
                "model": {"name": model, "parameters": 10 ** (6 + number), "dimension": 8},
                "task": {"name": "tiny", "title": "Tiny task", "group": "paragraph"},
            }
            fields = {"model": model, "recipe": recipe, "digest": f"{number}" * 64, "specs": shown}
            file_result(folder, seed=seed, skill=skill, questions=40, **fields)
    return folder


@pytest.fixture(scope="module")
def site(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    (place / "papers").mkdir()
    (place / "papers" / "paper.yaml").write_text(PAPER)
    build_site([results], place / "site", place / "papers")
    return place / "site"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", *(f"--{flag}" for flag in QUIET)]
        )
        yield browser
        browser.close()


class Reader:
    """One tab; `noise` holds every error, warning, dialog and request that leaves the disk."""

    def __init__(self, browser: Any, site: Path, **settings: Any) -> None:
        self.site = site
        self.page = browser.new_context(**settings).new_page()
        self.noise: list[str] = []
        self.page.on("console", lambda message: self.noise.append(message.text))
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.noise.append("dialog"), dialog.dismiss()))
        self.page.on(
            "request", lambda request: request.url.startswith(("file:", "blob:")) or self.noise.append(request.url)
        )

    def open(self, name: str, state: str = "") -> Any:
        self.page.goto("about:blank")
        self.page.goto((self.site / name).as_uri() + (f"#{state}" if state else ""))
        return self.page

    def rows(self) -> list[list[str]]:
        """Texts of the overview's visible rows."""
        script = """() => [...document.querySelectorAll('#overview tbody:not(.label) tr')].filter(row => !row.hidden)
          .map(row => [...row.cells].filter(cell => !cell.hidden).map(xbench.textOf))"""
        found: list[list[str]] = self.page.evaluate(script)
        return found

    def names(self) -> list[str]:
        return [row[0] for row in self.rows()]


@pytest.fixture
def reader(chromium: Any, site: Path) -> Iterator[Reader]:
    opened = Reader(chromium, site, accept_downloads=True)
    yield opened
    opened.page.context.close()
    assert opened.noise == []


def stored(results: Path, model: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(results.rglob("*.json")) if f"/{model}/" in path.as_posix()]


def pair(results: Path, model: str, name: str) -> float:
    """The mean over seeds of a pair's score, from the result files."""
    half = "monolingual" if name in [f"{code}-{code}" for code in LANGUAGES] else "cross-lingual"
    return float(np.mean([data["scores"][half]["pairs"][name]["AP"] for data in stored(results, model)]))


def says(page: Any, name: str, text: str) -> None:
    playwright.expect(page.locator(f"#{name}")).to_contain_text(text)


def every_page(site: Path) -> list[str]:
    return [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]


def test_a_click_sorts_and_a_second_click_turns_the_order(reader: Reader) -> None:
    page = reader.open("index.html")
    head = page.locator("#overview th[data-name=Mo]")
    assert head.get_attribute("aria-sort") == "none"
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending" and reader.names()[:3] == ["gamma", "beta", "alpha"]
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending" and reader.names()[:3] == ["alpha", "beta", "gamma"]
    assert "Printed" in reader.names()[3]  # published rows never mix with measured ones


def test_a_long_table_draws_its_first_rows_and_the_rest_on_demand(chromium: Any, tmp_path: Path) -> None:
    for number in range(3):
        file_result(
            tmp_path / "results", f"{number}.json", model=f"model-{number}", seed=number, digest=f"{number}" * 64
        )
    build_site([tmp_path / "results"], tmp_path / "site")
    script = tmp_path / "site" / "static" / "tables.js"
    script.write_text(script.read_text().replace("limit = 200", "limit = 2"))
    reader = Reader(chromium, tmp_path / "site")
    page = reader.open("index.html")
    shown = page.locator("#overview tbody tr:visible")
    assert shown.count() == 2 and "3 of 3 rows" in page.inner_text("#overview-status")
    for names in (["model-0", "model-1"], ["model-2", "model-1"]):  # all rows are sorted, not those on show
        page.locator("#overview th[data-c='0'] button").click()
        assert page.locator("#overview tbody tr:visible th").all_inner_texts() == names
    page.click("#all")
    assert shown.count() == 3 and not page.locator("#all").is_visible()
    page.context.close()


def test_filters_leave_the_rows_that_fit(reader: Reader) -> None:
    page = reader.open("index.html")
    page.fill("[name=find]", "BET")
    assert reader.names() == ["beta"] and "1 of 4 rows" in page.inner_text("#overview-status")
    page.fill("[name=find]", "")
    for field, value, left in (
        ("recipe", "mixed", ["gamma"]),
        ("size", "50", ["alpha", "beta"]),
        ("source", "published", ["Printed"]),
    ):
        page.click("[type=reset]")
        says(page, "overview-status", "4 of 4 rows")
        page.select_option(f"[name={field}]", value)
        assert [name.split()[0] for name in sorted(reader.names())] == left


def test_the_address_holds_the_view(reader: Reader) -> None:
    page = reader.open("index.html")
    page.select_option("[name=source]", "measured")
    page.locator("#overview th[data-name=Cr] button").click()
    page.locator("#overview th[data-name=Cr] button").click()
    view, address = reader.rows(), page.url
    reader.open("index.html", address.partition("#")[2])
    assert reader.rows() == view and reader.names() == ["alpha", "beta", "gamma"]
    assert page.input_value("[name=source]") == "measured"


def pool_of(path: Path, other: Path) -> None:
    """Give a result the other's scores in the pool, of other questions and a little higher, and a pool that is full of
    the query's own language."""
    arrays, lent = (dict(np.load(place.with_suffix(".npz"))) for place in (path, other))
    content = json.loads(path.read_text())
    pool = content["scores"]["multilingual"]
    for language, entry in pool["languages"].items():
        rows = np.flatnonzero(arrays["query_language"] == language)
        values = np.random.default_rng(0).permutation(lent["AP.multilingual"][rows])
        arrays["AP.multilingual"][rows] = np.minimum(values + 1e-3, 1)
        entry["AP"] = float(arrays["AP.multilingual"][rows].astype(np.float64).mean())
    mean = float(np.mean([entry["AP"] for entry in pool["languages"].values()]))
    pool["macro"]["AP"] = pool["micro"]["AP"] = mean
    for code, row in content["bias"]["language_share"]["share"].items():
        row[code] = 0.97
    np.savez_compressed(path.with_suffix(".npz"), **arrays)
    path.write_text(json.dumps(content))


@pytest.fixture
def disputed(chromium: Any, tmp_path: Path) -> Iterator[Reader]:
    """`across` leads by Cr; by Mul `own` does, whose pools are full of the query's own language."""
    across, own = (
        file_result(tmp_path / "results", model=model, skill=skill, questions=40, digest=f"{number}" * 64)
        for number, (model, skill) in enumerate((("across", 4.0), ("own", 0.5)))
    )
    pool_of(own, across)
    build_site([tmp_path / "results"], tmp_path / "site")
    opened = Reader(chromium, tmp_path / "site")
    yield opened
    opened.page.context.close()
    assert opened.noise == []


def test_the_reader_chooses_the_mean_that_rows_are_ranked_by(disputed: Reader) -> None:
    page = disputed.open("index.html")
    ranks, lead = page.locator("#overview tbody td.g"), page.locator("[data-lead]")
    assert disputed.names() == ["across", "own"] and page.locator("[data-means]").inner_text() == "Rank by Cr"
    assert ranks.all_inner_texts() == ["1", "2"] and not lead.is_visible()
    page.select_option("[name=rank]", "Mul")
    says(page, "overview-status", "ranked by Mul")
    assert disputed.names() == ["own", "across"] and page.locator("[data-means]").inner_text() == "Rank by Mul"
    assert ranks.all_inner_texts() == ["1–2", "1–2"] and lead.is_visible()
    assert "own (hybrid) leads through the query’s own language" in lead.inner_text() and "97.0" in lead.inner_text()
    page.select_option("[name=rank]", "Mul without own")
    says(page, "overview-status", "ranked by Mul without own")
    assert ranks.all_inner_texts() == ["–\nuntested"] * 2 and disputed.names() == ["across", "own"]
    assert not lead.is_visible()
    page.click("[type=reset]")
    playwright.expect(page.locator("#overview-status")).not_to_contain_text("ranked by")
    page.select_option("[name=rank]", "Mul")
    page.select_option("[name=task]", "tiny")  # one task: by its own ranked mean
    playwright.expect(page.locator("#overview th[data-name=Mul]")).to_have_attribute("aria-sort", "descending")
    assert disputed.names() == ["own", "across"]
    page.click("[type=reset]")
    playwright.expect(page.locator("#overview-status")).not_to_contain_text("ranked by")
    assert ranks.all_inner_texts() == ["1", "2"] and disputed.names() == ["across", "own"]


def test_the_address_holds_the_mean_and_a_language_is_ordered_by_it(disputed: Reader) -> None:
    page = disputed.open("index.html", "rank=Mul")
    says(page, "overview-status", "ranked by Mul")
    assert disputed.names() == ["own", "across"] and page.input_value("[name=rank]") == "Mul"
    page.locator("#overview th[data-name=Cr] button").click()
    assert disputed.names() == ["across", "own"]  # a column that is asked for goes before the rank
    page.select_option("[name=rank]", "Mo")
    assert "rank=Mo" in page.url and "sort" not in page.url
    page = disputed.open("index.html", "language=de")
    says(page, "overview-status", "only de")
    assert page.locator("#overview th[data-name=Cr]").get_attribute("aria-sort") == "descending"
    page.select_option("[name=rank]", "Mul")
    playwright.expect(page.locator("#overview th[data-name=Mul]")).to_have_attribute("aria-sort", "descending")


def test_an_unknown_state_is_no_error(reader: Reader) -> None:
    reader.open("index.html", "task=none&rank=none&sort=999&language=%3Cscript%3E&x=%00&recipe=")
    assert len(reader.names()) == 4


def test_a_pair_shows_that_pair_of_the_result_files(reader: Reader, results: Path) -> None:
    page = reader.open("index.html", "language=de&against=en")
    says(page, "overview-status", "only de")
    for row in reader.rows():
        assert row[5:] == [percent(pair(results, row[0], "de-en")), "zero-shot"]  # what no row has is not shown
    assert reader.names() == sorted(reader.names(), key=lambda model: -pair(results, model, "de-en"))
    assert page.locator("#overview th[data-name=Cr]").get_attribute("aria-sort") == "descending"
    assert sorted(reader.names()) == ["alpha", "beta", "gamma"]


def test_a_language_restricts_every_number_to_it(reader: Reader, results: Path) -> None:
    page = reader.open("index.html", "language=de")
    says(page, "overview-status", "only de")
    for row in reader.rows():
        others = [f"de-{code}" for code in LANGUAGES[1:]] + [f"{code}-de" for code in LANGUAGES[1:]]
        pool = np.mean([data["scores"]["multilingual"]["languages"]["de"]["AP"] for data in stored(results, row[0])])
        cross = np.mean([pair(results, row[0], name) for name in others])
        assert row[5:8] == [percent(pair(results, row[0], "de-de")), percent(float(cross)), percent(float(pool))]
    page.select_option("[name=language]", "")
    playwright.expect(page.locator("#overview-status")).not_to_contain_text("only")
    assert reader.rows()[0][5] != "–"


def test_a_row_of_two_tasks_keeps_their_numbers_apart(chromium: Any, tmp_path: Path) -> None:
    for task, questions in (("large", 20), ("small", 10)):
        file_result(tmp_path / "results", task=task, questions=questions, digest=task[0].encode().hex() * 32)
    build_site([tmp_path / "results"], tmp_path / "site")
    reader = Reader(chromium, tmp_path / "site")
    for task in ("large", "small"):
        page = reader.open("index.html", f"task={task}&language=de&against=en")
        says(page, "overview-status", "1 of 1 rows; only de")
        data = json.loads(next((tmp_path / "results" / task).rglob("*.json")).read_text())
        assert reader.rows()[0][5] == percent(data["scores"]["cross-lingual"]["pairs"]["de-en"]["AP"])
    links = [link.get_attribute("href") for link in reader.open("index.html").locator("#overview tbody a").all()]
    assert sorted(link.split("--")[0] for link in links) == ["runs/large", "runs/small"]
    page.context.close()
    assert reader.noise == []


def test_csv_and_json_equal_the_table(reader: Reader) -> None:
    page = reader.open("index.html", "source=measured")
    table = reader.rows()
    found = {}
    for kind in ("csv", "json"):
        with page.expect_download() as started:
            page.click(f"[data-download={kind}]")
        found[kind] = Path(started.value.path()).read_text(encoding="utf-8")
    lines = list(csv.reader(io.StringIO(found["csv"])))
    plain = [
        ["" if text == "–" else text.replace("−", "-") if text[0] in "−0123456789" else text for text in row]
        for row in table
    ]
    assert [[cell.replace(",", "") for cell in row] for row in plain] == lines[1:]
    records = json.loads(found["json"])
    assert [record["Model"] for record in records] == reader.names()
    assert records[0]["tiny Mo"] == float(table[0][6]) and records[0]["Corpus"] == "facts"


def test_another_rows_heat_map_holds_the_scores_of_its_files(reader: Reader, results: Path) -> None:
    page = reader.open("tasks/tiny.html")
    page.select_option("[name=run]", label="alpha · none · facts · 2 seeds")
    says(page, "chosen", "alpha")
    for query in LANGUAGES:
        for document in LANGUAGES:
            cell = page.locator(f"[data-k='pairs/{query}-{document}']")
            assert cell.inner_text() == percent(pair(results, "alpha", f"{query}-{document}"))
    assert "alpha" in page.url and page.locator("[data-k='share/de/de']").inner_text()
    page.reload()
    says(page, "chosen", "alpha")


def test_the_compare_page_shows_differences_and_marks_what_the_test_finds(reader: Reader, results: Path) -> None:
    page = reader.open("compare.html")
    page.wait_for_selector("#differences")
    for field, model in (("a", "gamma · mixed · facts · 2 seeds"), ("b", "alpha · none · facts · 2 seeds")):
        page.select_option(f"[name={field}]", label=model)
    says(page, "compare-status", "A: gamma")
    says(page, "compare-status", "B: alpha")
    for name in ("de-en", "en-en", "zh-Hant-de"):
        text = page.locator(f"[data-k='{name}']").inner_text()
        assert text.rstrip("*") == signed(pair(results, "gamma", name) - pair(results, "alpha", name))
    says(page, "compare-status", "Fewer than 30 clusters of questions")
    assert page.locator("#differences .sure").count() > 0
    shown = page.locator("#compared table").first.locator("tbody tr").nth(2).locator("td").nth(3).inner_text()
    sides = [load_side(next(results.rglob(f"{model}/*/*.json")).parent) for model in ("gamma", "alpha")]
    (mul,) = (macro for macro in compare_sides(*sides).macros if macro.name == "Mul")
    assert shown == f"± {percent(mul.high - mul.value)}"
    says(page, "compare-status", "points of Cr")  # the answer is by the mean that the board ranks by


def test_a_page_answers_the_table_of_cases_as_python_does(reader: Reader) -> None:
    """The cases of tests/test_statistics.py, in the page's own words."""
    cases = json.loads((Path(__file__).parents[1] / "evaluation" / "statistics_cases.json").read_text())
    page = reader.open("compare.html")
    page.wait_for_selector("#differences")
    found = page.evaluate(
        """cases => ({
          tails: cases.tails.map(one => statistics.tail(one.distance, one.freedom)),
          quantiles: cases.quantiles.map(one => statistics.quantile(one.share, one.freedom)),
          holm: cases.holm.map(one => statistics.holm(one.values)),
          tests: cases.tests.map(one => {
            const mean = seeds => seeds[0].flat().map((_, cell) =>
              seeds.reduce((sum, values) => sum + values.flat()[cell], 0) / seeds.length);
            const [first, second] = [mean(one.first), mean(one.second)];
            const parts = statistics.influence(first.map((value, cell) => value - second[cell]), one.count.flat(),
              one.count[0].length, one.columns);
            return statistics.test(one.value, parts, one.seeds);
          }),
        })""",
        cases,
    )
    assert found["tails"] == pytest.approx([case["p"] for case in cases["tails"]], rel=1e-9)
    assert found["quantiles"] == pytest.approx([case["distance"] for case in cases["quantiles"]], rel=1e-9, abs=1e-12)
    for values, case in zip(found["holm"], cases["holm"], strict=True):
        assert values == pytest.approx(case["corrected"])
    for measures, case in zip(found["tests"], cases["tests"], strict=True):
        for name in ("error", "freedom", "half", "p", "clusters"):
            assert measures[name] == pytest.approx(case[name], rel=1e-8, abs=1e-12), (case["name"], name)


def test_dark_follows_the_system_and_the_button_overrules_it(chromium: Any, site: Path) -> None:
    reader = Reader(chromium, site, color_scheme="dark")
    page = reader.open("index.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.click("#theme")
    assert page.inner_text("#theme") == "Theme: light" and page.evaluate(ground) != dark
    page.click("#theme")
    assert page.evaluate(ground) == dark
    page.reload()
    assert page.inner_text("#theme") == "Theme: dark"
    page.context.close()
    assert reader.noise == []


def test_the_keyboard_alone_sorts_filters_and_follows(reader: Reader) -> None:
    page = reader.open("index.html")
    page.keyboard.press("/")
    page.keyboard.type("alpha")
    assert reader.names() == ["alpha"]
    page.fill("[name=find]", "")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('th')?.dataset.name") == "Mo":
            break
    page.keyboard.press("Enter")
    assert page.locator("#overview th[data-name=Mo]").get_attribute("aria-sort") == "descending"
    page.locator("#overview tbody a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*.html")


def test_without_script_the_pages_are_plain_tables(chromium: Any, site: Path) -> None:
    reader = Reader(chromium, site, java_script_enabled=False)
    page = reader.open("index.html")
    assert page.locator("#overview tbody tr").count() == 5 and page.locator("#overview").is_visible()
    assert not page.locator("#filters").is_visible() and page.locator("button:visible").count() == 0
    page = reader.open("tasks/tiny.html")
    assert page.locator("[data-k='pairs/de-de']").is_visible() and not page.locator("form:visible").count()
    page = reader.open("compare.html")
    assert "needs JavaScript" in page.inner_text("main")
    page.context.close()


def test_no_page_makes_noise_or_asks_the_network(reader: Reader) -> None:
    for name in every_page(reader.site):
        reader.open(name)
        reader.page.wait_for_timeout(20)
    assert reader.noise == []


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_the_screen(chromium: Any, site: Path, width: int) -> None:
    reader = Reader(chromium, site, viewport={"width": width, "height": 800})
    for name in every_page(site):
        assert reader.open(name).evaluate("document.documentElement.scrollWidth") <= width, name
    reader.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(chromium: Any, site: Path, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="no axe: pip install -e '.[browser]'"
    ).Axe()
    reader = Reader(chromium, site, color_scheme=scheme)
    pages = [name for name in every_page(site) if not name.startswith("runs/")] + [
        next(n for n in every_page(site) if n.startswith("runs/"))
    ]
    for name in pages:
        page = reader.open(name)
        if name == "compare.html":
            page.wait_for_selector("#differences")
        found = axe.run(page).response["violations"]
        grave = [
            (rule["id"], rule["nodes"][0]["html"][:120]) for rule in found if rule["impact"] in ("serious", "critical")
        ]
        assert not grave, f"{name}: {grave}"
    page.context.close()


def test_hostile_texts_run_nothing_and_break_no_page(chromium: Any, tmp_path: Path) -> None:
    for number, text in enumerate(HOSTILE):
        specs = {"task": {"name": "tiny", "title": text, "description": text, "note": {text: text}}}
        texts = {
            "model": text,
            "recipe": text,
            "corpus": text,
            "specs": specs,
            "zero_shot": {"verdict": text, "evidence": [text]},
        }
        provenance = {"command": text, "scores": 1, text: 10**90}
        file_result(
            tmp_path / "results",
            f"{number}.json",
            digest=f"{number:064d}"[::-1],
            provenance=provenance,
            gap={"x": -1e308},
            **texts,
        )
    seen = [text for text in HOSTILE if len(text) <= LONGEST_NAME and printable(text, "") == text]
    built = build_site([tmp_path / "results"], tmp_path / "site")
    assert len(built.skipped) == len(HOSTILE) - len(seen) and all(
        "visible characters" in line or "can be seen" in line for line in built.skipped
    )
    reader = Reader(chromium, tmp_path / "site")
    page = reader.open("index.html")
    assert page.locator("#overview tbody tr").count() == len(seen) and page.locator("footer").is_visible()
    for name in every_page(tmp_path / "site"):
        page = reader.open(name)
        assert page.title() != "hit" and page.locator("footer").is_visible(), name
        assert (
            page.evaluate(
                "document.querySelectorAll('main script:not([type]), main img, main iframe, main style, base').length"
            )
            == 0
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, name
    page = reader.open("compare.html")
    page.wait_for_selector("#differences")
    assert reader.noise == []
    page.context.close()


def test_boards_of_hostile_results_run_nothing(chromium: Any, tmp_path: Path) -> None:
    """What the fuzzer of the board makes and a build shows, page by page."""
    opened = 0
    for number in range(40):
        place, kind = BoardFuzzer(tmp_path, seed=1).make(number)
        try:
            build_site([place / kind], place / "site", place / "papers")
        except DataError:
            continue  # nothing is left to show
        reader = Reader(chromium, place / "site")
        for name in ("index.html", "compare.html", "tasks/tiny.html", next(iter(every_page(place / "site")))):
            if (place / "site" / name).exists():
                page = reader.open(name)
                assert page.title() != "hit" and page.locator("footer").is_visible(), (number, name)
                opened += 1
        assert reader.noise == [], number
        reader.page.context.close()
        shutil.rmtree(place)
    assert opened > 60
