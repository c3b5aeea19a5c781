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
from board_reports import file_reports
from boards import LANGUAGES, file_result

from xbench.board.pages import percent, signed
from xbench.board.site import build_site
from xbench.errors import DataError, printable
from xbench.evaluation.statistics import Sample, cluster_parts, difference
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
    build_site([results], place / "site", place / "papers", [file_reports(place / "reports")])
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
          .map(row => [...row.cells].filter(cell => !cell.hidden).map(xbench.tables.textOf))"""
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
    script = tmp_path / "site" / "static" / "overview.js"
    text = script.read_text()
    assert "const DRAWN = 100;" in text
    script.write_text(text.replace("const DRAWN = 100;", "const DRAWN = 2;"))
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
    says(page, "overview-status", "1 of 4 rows")
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
    ranks, lead = page.locator("#overview tbody td:nth-child(7)"), page.locator("[data-lead]")
    head = page.locator("#overview th[data-name=rank]")
    assert disputed.names() == ["across", "own"] and head.inner_text() == "Rank by Cr"
    assert ranks.all_inner_texts() == ["1", "2"] and not lead.is_visible()
    page.select_option("[name=documents]", "pool")
    says(page, "overview-status", "ranked by Mul")
    assert disputed.names() == ["own", "across"] and head.inner_text() == "Rank by Mul"
    assert ranks.all_inner_texts() == ["1–2", "1–2"] and lead.is_visible()
    assert "own (hybrid) leads through the query’s own language" in lead.inner_text() and "97.0" in lead.inner_text()
    page.select_option("[name=documents]", "pool-without-own")
    says(page, "overview-status", "ranked by Mul without own")
    assert ranks.all_inner_texts() == ["–\nuntested"] * 2 and disputed.names() == ["across", "own"]
    assert not lead.is_visible()
    page.click("[type=reset]")
    playwright.expect(page.locator("#overview-status")).not_to_contain_text("ranked by")
    page.select_option("[name=documents]", "pool")
    page.select_option("[name=task]", "tiny")  # one task: by its own ranked mean
    playwright.expect(page.locator("#overview th[data-name=Mul]")).to_have_attribute("aria-sort", "descending")
    assert disputed.names() == ["own", "across"]
    page.click("[type=reset]")
    playwright.expect(page.locator("#overview-status")).not_to_contain_text("ranked by")
    assert ranks.all_inner_texts() == ["1", "2"] and disputed.names() == ["across", "own"]


def test_the_address_holds_the_mean_and_a_language_is_ordered_by_it(disputed: Reader) -> None:
    page = disputed.open("index.html", "documents=pool")
    says(page, "overview-status", "ranked by Mul")
    assert disputed.names() == ["own", "across"] and page.input_value("[name=documents]") == "pool"
    page.locator("#overview th[data-name=Cr] button").click()
    assert disputed.names() == ["across", "own"]  # a column that is asked for goes before the rank
    page.select_option("[name=documents]", "same")
    says(page, "overview-status", "ranked by Mo")
    assert "documents=same" in page.url and "sort" not in page.url
    page = disputed.open("index.html", "query=de")
    says(page, "overview-status", "only what is asked")
    assert page.locator("#overview th[data-name=Cr]").get_attribute("aria-sort") == "descending"
    page.select_option("[name=documents]", "pool")
    playwright.expect(page.locator("#overview th[data-name=Mul]")).to_have_attribute("aria-sort", "descending")


def test_an_unknown_state_is_no_error(reader: Reader) -> None:
    reader.open("index.html", "task=none&documents=none&sort=999&query=%3Cscript%3E&x=%00&recipe=")
    assert len(reader.names()) == 4


def test_a_pair_shows_that_pair_of_the_result_files(reader: Reader, results: Path) -> None:
    page = reader.open("index.html", "query=de&documents=en")
    says(page, "overview-status", "only what is asked")
    for row in reader.rows():
        assert row[5:] == [percent(pair(results, row[0], "de-en")), "zero-shot"]  # what no row has is not shown
    assert reader.names() == sorted(reader.names(), key=lambda model: -pair(results, model, "de-en"))
    assert page.locator("#overview th[data-name=Cr]").get_attribute("aria-sort") == "descending"
    assert sorted(reader.names()) == ["alpha", "beta", "gamma"]


def test_a_query_language_restricts_every_number_to_it(reader: Reader, results: Path) -> None:
    page = reader.open("index.html", "query=de")
    says(page, "overview-status", "only what is asked")
    for row in reader.rows():
        others = [f"de-{code}" for code in LANGUAGES[1:]]
        pool = np.mean([data["scores"]["multilingual"]["languages"]["de"]["AP"] for data in stored(results, row[0])])
        cross = np.mean([pair(results, row[0], name) for name in others])
        assert row[5:8] == [percent(float(cross)), percent(pair(results, row[0], "de-de")), percent(float(pool))]
    page.select_option("[name=query]", "")
    playwright.expect(page.locator("#overview-status")).not_to_contain_text("only")
    assert reader.rows()[0][5] != "–"


def test_a_row_of_two_tasks_keeps_their_numbers_apart(chromium: Any, tmp_path: Path) -> None:
    for task, questions in (("large", 20), ("small", 10)):
        file_result(tmp_path / "results", task=task, questions=questions, digest=task[0].encode().hex() * 32)
    build_site([tmp_path / "results"], tmp_path / "site")
    reader = Reader(chromium, tmp_path / "site")
    for task in ("large", "small"):
        page = reader.open("index.html", f"task={task}&query=de&documents=en")
        says(page, "overview-status", "1 of 1 rows; only what is asked")
        data = json.loads(next((tmp_path / "results" / task).rglob("*.json")).read_text())
        assert reader.rows()[0][5] == percent(data["scores"]["cross-lingual"]["pairs"]["de-en"]["AP"])
        name = page.locator("#overview tbody th a").get_attribute("href")
        assert name.startswith(f"runs/{task}--")  # a name leads to the run on the task that is shown
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
    assert records[0]["tiny Mo"] == float(table[0][7]) and records[0]["Corpus"] == "facts"


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


def test_another_rows_heat_map_is_drawn_as_the_builder_draws_it(
    reader: Reader, chromium: Any, results: Path, tmp_path: Path
) -> None:
    script = """() => [...document.querySelectorAll('.heat td')].map(cell => `${cell.className} ${cell.innerText}`)
      .concat([...document.querySelectorAll('[data-end]')].map(end => end.textContent))
      .concat([...document.querySelectorAll('.bar rect')].map(bar => bar.getAttribute('width')).map(parseFloat)
        .map(Math.round))"""
    build_site([results / "tiny" / "alpha"], tmp_path / "site")
    alone = Reader(chromium, tmp_path / "site")
    page = reader.open("tasks/tiny.html")
    first = page.evaluate(script)
    page.select_option("[name=run]", label="alpha · none · facts · 2 seeds")
    says(page, "chosen", "alpha")
    assert page.evaluate(script) == alone.open("tasks/tiny.html").evaluate(script) != first
    alone.page.context.close()


def test_the_command_is_copied(chromium: Any, site: Path) -> None:
    reader = Reader(chromium, site, permissions=["clipboard-read", "clipboard-write"])
    page = reader.open(next(name for name in every_page(site) if name.startswith("runs/")))
    page.click(".copy")
    playwright.expect(page.locator(".copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#command").inner_text()
    page.context.close()
    assert reader.noise == []


def test_points_of_a_picture_lead_to_their_runs_by_keyboard(reader: Reader) -> None:
    page = reader.open("tasks/tiny.html")
    point = page.locator("#chart-size-title").locator("..").locator("a").first
    assert point.get_attribute("aria-label").startswith("gamma")
    point.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/tiny--gamma*")


@pytest.mark.parametrize("width", [390, 1000, 1440])
def test_no_name_on_a_picture_hides_another(chromium: Any, site: Path, width: int) -> None:
    """As the browser's own font has them, not as the builder guesses."""
    overlaps = """() => [...document.querySelectorAll('.chart')].filter(one => one.checkVisibility()).flatMap(chart => {
      const boxes = [...chart.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect()]);
      return boxes.flatMap(([words, box], n) => boxes.slice(0, n).filter(([, other]) =>
        box.left < other.right - 1 && other.left < box.right - 1 &&
        box.top < other.bottom - 3 && other.top < box.bottom - 3).map(([other]) => `${words} / ${other}`));
    })"""
    reader = Reader(chromium, site, viewport={"width": width, "height": 800})
    for name in ("tasks/tiny.html", "studies/hybrid-or-not.html"):
        page = reader.open(name)
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert page.evaluate(overlaps) == [], name
    page.context.close()


@pytest.mark.parametrize(
    ("width", "shown", "hidden"), [(1440, "", "-slim"), (1000, "", "-slim"), (900, "-slim", ""), (390, "-slim", "")]
)
def test_a_picture_is_shown_in_the_size_for_the_screen(
    chromium: Any, site: Path, width: int, shown: str, hidden: str
) -> None:
    reader = Reader(chromium, site, viewport={"width": width, "height": 800})
    page = reader.open("tasks/tiny.html")
    picture = page.locator(f"[aria-labelledby='chart-size{shown}-title']")
    assert picture.is_visible() and not page.locator(f"[aria-labelledby='chart-size{hidden}-title']").is_visible()
    names = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(names) == len(set(names))
    letters = picture.locator("text").first.evaluate("text => text.getBoundingClientRect().height")
    assert letters >= 11
    page.context.close()


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
    says(page, "overview-status", "1 of 4 rows")
    assert reader.names() == ["alpha"]
    page.fill("[name=find]", "")
    says(page, "overview-status", "4 of 4 rows")
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
    assert (
        not page.locator(".filters").is_visible()
        and not page.locator("#question").is_visible()
        and page.locator("button:visible").count() == 0
    )
    page = reader.open("tasks/tiny.html")
    assert page.locator("[data-k='pairs/de-de']").is_visible() and not page.locator("form:visible").count()
    assert page.locator("[aria-labelledby='chart-size-title'] a").count() == 3
    page = reader.open(next(name for name in every_page(site) if name.startswith("runs/")))
    assert page.locator("#command").is_visible() and page.locator("button:visible").count() == 0
    page = reader.open("studies/hybrid-or-not.html")
    assert page.locator(".chart:visible").count() == 8
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


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_no_serious_violation(chromium: Any, site: Path, scheme: str, width: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="no axe: pip install -e '.[browser]'"
    ).Axe()
    reader = Reader(chromium, site, color_scheme=scheme, viewport={"width": width, "height": 800})
    pages = [name for name in every_page(site) if not name.startswith("runs/")] + [
        next(n for n in every_page(site) if n.startswith("runs/"))
    ]
    for name in pages:
        page = reader.open(name)
        if name == "compare.html":
            page.wait_for_selector("#differences")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
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


# --- the first screen: a question and its answer


def answer_text(page: Any) -> str:
    text: str = page.evaluate("document.getElementById('answer').innerText.replace(/\\s+/g, ' ').trim()")
    return text


@pytest.fixture
def large(chromium: Any, results: Path, tmp_path: Path) -> Iterator[Reader]:
    """Two tasks: `tiny`, with a paper that has a language's numbers, and `other`, whose best is another system."""
    for number, (model, recipe, skill) in enumerate((("alpha", "none", 4.0), ("beta", "hybrid", 0.5))):
        fields = {"model": model, "recipe": recipe, "digest": f"{number}" * 64, "task": "other"}
        specs = {"model": {"name": model, "parameters": 10 ** (6 + number), "dimension": 8}}
        file_result(
            tmp_path / "results", skill=skill, questions=40, specs=specs | {"task": {"name": "other"}}, **fields
        )
    (tmp_path / "papers").mkdir()
    languages = "languages: {de: {Mo: 0.75, Cr: 0.625}}"
    (tmp_path / "papers" / "paper.yaml").write_text(PAPER.replace("scores: {", f"{languages}, scores: {{Cr: 0.625, "))
    build_site([results, tmp_path / "results"], tmp_path / "site", tmp_path / "papers")
    opened = Reader(chromium, tmp_path / "site", accept_downloads=True)
    yield opened
    opened.page.context.close()
    assert opened.noise == []


def test_the_default_answer_is_on_the_page_without_a_script_and_the_script_gives_the_same(
    chromium: Any, large: Reader
) -> None:
    still = Reader(chromium, large.site, java_script_enabled=False)
    plain = still.open("index.html")
    written = " ".join(plain.inner_text("#answer").split())
    assert "1. gamma" in written or "gamma" in written.split("Measured here")[1][:12]
    assert "Published A paper" in written and "No interval" in written and "How biased? gamma (mixed) is" in written
    assert plain.locator("#measured li").count() == 3 and not plain.locator("#question").is_visible()
    plain.context.close()
    page = large.open("index.html")
    says(page, "overview-status", "of")
    before = page.evaluate("document.getElementById('answer').innerHTML.replace(/>\\s+</g, '><').trim()")
    page.select_option("[name=task]", "other")
    playwright.expect(page.locator("#asked")).to_contain_text("other")
    assert page.locator("#measured li").first.inner_text().startswith("alpha")
    page.select_option("[name=task]", "")
    playwright.expect(page.locator("#asked")).to_contain_text("Tiny task")
    after = page.evaluate("document.getElementById('answer').innerHTML.replace(/>\\s+</g, '><').trim()")
    assert answer_text(page) == written and after == before


def test_the_best_for_a_pair_and_its_interval_are_two_choices_away(reader: Reader, results: Path) -> None:
    page = reader.open("index.html")
    page.select_option("[name=query]", "de")
    page.select_option("[name=documents]", "en")
    says(page, "asked", "queries in German (de), documents in English (en)")
    playwright.expect(page.locator("#measured .interval").first).to_contain_text("±")
    playwright.expect(page.locator(".sharing")).not_to_contain_text("Testing")
    first = page.locator("#measured li").first
    assert first.inner_text().startswith("gamma") and percent(pair(results, "gamma", "de-en")) in first.inner_text()
    side, nothing = half_of(results, "gamma", "de-en")
    assert f"± {percent(difference(side, nothing).half)}" in first.inner_text()
    assert "query=de" in page.url and "documents=en" in page.url
    text = answer_text(page)
    reader.open("index.html", page.url.partition("#")[2])
    playwright.expect(page.locator(".sharing")).not_to_contain_text("Testing")
    playwright.expect(page.locator("#measured .interval").nth(2)).to_contain_text("±")
    assert answer_text(page) == text  # the address holds the question


def half_of(results: Path, model: str, name: str) -> tuple[Sample, Sample]:
    """A model's pair over clusters and seeds, by values per query; and nothing, the difference from which is itself."""
    query, _, document = name.partition("-")
    levels, parts = [], []
    for path in sorted(path for path in results.rglob("*.npz") if f"/{model}/" in path.as_posix()):
        arrays = dict(np.load(path))
        rows = arrays["query_language"] == query
        group = np.unique(arrays["group"], return_inverse=True)[1][rows]
        scores = arrays["AP"][rows, arrays["document_languages"].tolist().index(document)].astype(np.float64)
        count = np.bincount(group)[:, None].astype(np.float64)
        parts.append(cluster_parts(np.bincount(group, scores)[:, None], count)[:, 0])
        levels.append(scores.mean())
    return Sample(np.array(levels), np.stack(parts)), Sample(np.zeros(2), np.zeros_like(np.stack(parts)))


def test_how_biased_the_best_is_stands_on_the_first_screen(chromium: Any, site: Path) -> None:
    reader = Reader(chromium, site, viewport={"width": 1440, "height": 900})
    page = reader.open("index.html")
    sentence, bar = page.locator(".bias"), page.locator("svg.scale")
    assert "of the way from perfect" in sentence.inner_text()
    for part in (sentence, bar):
        box = part.bounding_box()
        assert box and box["y"] + box["height"] < 900
    page.context.close()


def test_whether_a_is_better_than_b_is_one_click_away_and_any_two_rows_are_ticked(reader: Reader) -> None:
    page = reader.open("index.html", "query=de&documents=en")
    page.locator("#measured .versus").first.click()
    page.wait_for_selector("#differences")
    says(page, "compare-status", "found different in de-en")
    says(page, "compare-status", "found different in Cr")
    says(page, "compare-status", "A: gamma")
    page = reader.open("index.html")
    page.get_by_label("Compare alpha none").check()
    assert page.inner_text("#chosen-link") == "compare it with the first row"
    page.get_by_label("Compare beta hybrid").check()
    page.click("#chosen-link")
    page.wait_for_selector("#differences")
    says(page, "compare-status", "A: alpha")
    says(page, "compare-status", "B: beta")


def test_how_the_best_was_made_is_one_click_away(reader: Reader) -> None:
    page = reader.open("index.html")
    page.locator("#measured .who a").first.click()
    page.wait_for_url("**/runs/*gamma*.html")
    assert "xbench run --task tiny" in page.inner_text("main")


def test_all_published_systems_of_a_source_are_one_click_away(chromium: Any, results: Path, tmp_path: Path) -> None:
    rows = [f"- {{model: P{n}, recipe: none, task: tiny, metric: AP, scores: {{Cr: 0.{n}}}}}" for n in range(1, 8)]
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "paper.yaml").write_text(PAPER.split("- {")[0] + "\n".join(rows) + "\n")
    build_site([results], tmp_path / "site", tmp_path / "papers")
    reader = Reader(chromium, tmp_path / "site")
    page = reader.open("index.html")
    names = page.locator(".elsewhere li .who")
    assert names.all_inner_texts() == ["P7", "P6", "P5"]
    page.click(".every")
    playwright.expect(names).to_have_count(7)
    assert names.all_inner_texts()[-1] == "P1" and not page.locator(".every").count()
    page.context.close()
    assert reader.noise == []


def test_what_no_task_has_is_said(large: Reader) -> None:
    page = large.open("index.html", "query=de&documents=de&task=other")
    playwright.expect(page.locator("#asked")).to_contain_text("documents in German (de)")
    page = large.open("index.html", "task=other&documents=pool&find=nobody")
    says(page, "why", "No system fits all of: task other, find “nobody”.")
    page.click("#empty button")
    says(page, "overview-status", "4 of 4 rows")
    assert not page.locator("#empty").is_visible()


def test_a_tasks_rows_have_its_own_order_and_links(large: Reader) -> None:
    page = large.open("index.html")
    assert large.names()[:3] == ["gamma", "beta", "alpha"]
    page.select_option("[name=task]", "other")
    says(page, "overview-status", "2 of 4 rows")
    assert large.names() == ["alpha", "beta"]
    for link in page.locator("#overview tbody th a").all():
        assert link.get_attribute("href").startswith("runs/other--")
    page.select_option("[name=task]", "tiny")
    says(page, "overview-status", "4 of 4 rows")
    assert page.locator("#overview tbody th a").first.get_attribute("href").startswith("runs/tiny--")


def test_a_sort_is_named_in_the_address_and_ends_with_its_column(large: Reader) -> None:
    page = large.open("index.html")
    page.locator("#overview th[data-key='other.Mul'] button").click()
    assert "sort=-other.Mul" in page.url and large.names()[:2] == ["alpha", "beta"]
    large.open("index.html", page.url.partition("#")[2])
    assert large.names()[:2] == ["alpha", "beta"]
    page.select_option("[name=task]", "tiny")
    says(page, "overview-status", "4 of 4 rows")
    playwright.expect(page.locator("#overview th[data-key='tiny.Cr']")).to_have_attribute("aria-sort", "descending")
    assert "sort" not in page.url.partition("#")[2] and large.names()[:3] == ["gamma", "beta", "alpha"]


def test_published_rows_stay_where_a_language_is_chosen(large: Reader) -> None:
    page = large.open("index.html", "query=de")
    says(page, "overview-status", "4 of 4 rows")
    (printed,) = [row for row in large.rows() if row[0] == "Printed"]
    assert printed[5:7] == ["62.5", "75.0"]
    assert "62.5" in page.locator(".elsewhere").inner_text() and not page.locator(".elsewhere .interval").count()
    assert "twin" not in page.inner_text("#overview tbody.label")  # none is there


def test_the_head_over_the_names_stays_with_them(chromium: Any, large: Reader) -> None:
    page = large.open("index.html")
    page.set_viewport_size({"width": 700, "height": 800})
    page.evaluate("document.getElementById('table').scrollLeft = 400")
    page.evaluate("document.getElementById('table').scrollIntoView()")
    box = page.locator("#overview tbody th").first.bounding_box()
    head = page.locator("#overview thead").bounding_box()
    text = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('th').textContent",
        [box["x"] + 40, head["y"] + head["height"] - 12],
    )
    assert text == "Model"


def test_on_a_phone_the_score_is_the_second_column_and_the_recipe_stands_below_the_name(
    chromium: Any, site: Path
) -> None:
    for script in (True, False):
        reader = Reader(chromium, site, viewport={"width": 390, "height": 844}, java_script_enabled=script)
        page = reader.open("index.html")
        heads = page.locator("#overview thead th:visible").all_inner_texts()
        assert [text.strip("↕ ") for text in heads if text][:1] == ["Model"] and "Recipe" not in " ".join(heads)
        first = page.locator("#overview tbody tr").first
        cells = first.locator("th:visible, td:visible").all_inner_texts()
        assert cells[0].split() == ["gamma", "mixed"] and "±" in cells[1]
        if script:
            page.get_by_label("Size").and_(page.locator("input")).check()
            assert page.locator("#overview th[data-key=size]").is_visible()
        page.context.close()


def test_on_paper_nothing_of_the_table_is_cut(chromium: Any, large: Reader) -> None:
    page = large.open("index.html")
    page.set_viewport_size({"width": 960, "height": 900})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    edges = page.evaluate(
        "[...document.querySelectorAll('#overview td')].map(cell => cell.getBoundingClientRect().right)"
    )
    assert edges and max(edges) <= 960
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.getElementById('overview').style.zoom") == ""


def test_what_is_not_found_different_is_grey_and_a_margin_says_whether_it_is_alike(reader: Reader) -> None:
    page = reader.open("compare.html", "margin=100")
    page.wait_for_selector("#differences")
    for cell in page.locator("#differences td").all():
        found = "sure" in cell.get_attribute("class").split()
        assert ("ns" in cell.get_attribute("class").split()) != found
    page.select_option("[name=b]", index=0)
    says(page, "compare-status", "A and B are not found different: they have the same Cr.")
    says(page, "compare-status", "They are shown to be within 100 points of each other")
    assert "margin=100" in page.url


def test_what_a_large_site_does_not_carry_is_said(
    chromium: Any, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xbench.board.carried.MOST_SUMS", 0)
    monkeypatch.setattr("xbench.board.carried.MOST_RESULTS", 0)
    build_site([results], tmp_path / "site", tmp_path / "papers")
    reader = Reader(chromium, tmp_path / "site")
    page = reader.open("index.html", "query=de&documents=en")
    playwright.expect(page.locator(".sharing")).to_contain_text("Untested: the values per question are not known, or")
    page = reader.open("compare.html")
    page.wait_for_selector("#differences")
    says(page, "compare-status", "95 % interval")
    says(page, "compare-status", "No tests of pairs")
    assert not page.locator("#differences .sure").count()
    page.context.close()
    assert reader.noise == []
    (run, *_) = sorted((tmp_path / "site" / "runs").iterdir())
    assert "does not travel" in run.read_text(encoding="utf-8") and ".json.gz" not in run.read_text(encoding="utf-8")


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
