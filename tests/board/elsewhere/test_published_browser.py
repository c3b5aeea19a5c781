"""Published runs in a real browser: the answer in two clicks, equal to the store; rows filtered, sorted, ranked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boards import file_result

from xbench.board.elsewhere.boards import published_boards
from xbench.board.site import build_site
from xbench.published.library import published_runs, stores
from xbench.published.runs import PublishedRun

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[browser]'")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on PATH: apt-get install chromium")
QUIET = ("disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update")
PAGES = ("index.html", "tasks/belebele.html", "tasks/mlqa.html", "tasks/wikipedia.html", "languages/sw.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("published")
    for number, model in enumerate(("alpha", "beta")):
        specs = {"model": {"name": model}, "task": {"name": "tiny", "title": "Tiny task", "group": "paragraph"}}
        file_result(place / "results", model=model, specs=specs, digest=f"{number}" * 64, questions=40)
    built = build_site([place / "results"], place / "site", stores=stores())
    assert not built.skipped
    return place / "site"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        flags = ["--no-sandbox", *(f"--{flag}" for flag in QUIET)]
        browser = started.chromium.launch(executable_path=BROWSER, args=flags)
        yield browser
        browser.close()


class Tab:
    """One tab; `noise` holds every error, warning and request that leaves the disk."""

    def __init__(self, browser: Any, site: Path, **settings: Any) -> None:
        self.site, self.noise = site, []
        self.page = browser.new_context(**settings).new_page()
        self.page.on("console", lambda message: self.noise.append(message.text))
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        self.page.on("request", lambda request: request.url.startswith("file:") or self.noise.append(request.url))

    def open(self, name: str, state: str = "") -> Any:
        self.page.goto("about:blank")
        self.page.goto((self.site / name).as_uri() + (f"#{state}" if state else ""))
        return self.page


@pytest.fixture
def tab(chromium: Any, site: Path) -> Iterator[Tab]:
    opened = Tab(chromium, site)
    yield opened
    opened.page.context.close()
    assert opened.noise == []


def best(runs: list[PublishedRun], pair: tuple[str, str], count: int = 3) -> list[tuple[str, float]]:
    """The best models of a pair with their published values, from the store."""
    known = [(run.model, run.values[pair]) for run in runs if pair in run.values]
    return sorted(known, key=lambda item: (-item[1], item[0]))[:count]


def answered(page: Any, name: str = "Belebele") -> list[tuple[str, float]]:
    """What the first screen's list of published runs of a task says."""
    part = page.locator(".elsewhere", has=page.get_by_role("heading", name=name))
    part.locator("li").first.wait_for()
    models = part.locator("li .who a").all_inner_texts()
    return list(zip(models, (float(text) / 100 for text in part.locator("li .score b").all_inner_texts()), strict=True))


@pytest.mark.parametrize("pair", [("de", "en"), ("th", "en"), ("sw", "en")])
def test_two_clicks_answer_a_pair_with_the_numbers_of_the_store(tab: Tab, pair: tuple[str, str]) -> None:
    page = tab.open("index.html")
    page.select_option("[name=query]", pair[0])
    page.select_option("[name=documents]", pair[1])
    playwright.expect(page.locator("#asked")).to_contain_text(f"({pair[0]})")
    expected = best(published_runs("belebele"), pair)
    shown = answered(page)
    assert [model for model, _ in shown] == [model for model, _ in expected]
    assert [value for _, value in shown] == pytest.approx([value for _, value in expected], abs=1e-5)
    words = page.locator(".elsewhere", has_text="Belebele").inner_text()
    assert "mteb results, commit f4cc6c8" in words and "No interval" in words and "±" not in words


def test_the_first_screen_answers_without_a_click_and_without_script(chromium: Any, site: Path) -> None:
    runs = [run for run in published_runs("belebele") if run.complete]
    expected = sorted(((run.model, run.mean(True).value or 0.0) for run in runs), key=lambda item: -item[1])[:3]
    tab = Tab(chromium, site, java_script_enabled=False)
    page = tab.open("index.html")
    assert answered(page) == [(model, pytest.approx(value, abs=1e-5)) for model, value in expected]
    assert page.locator("#published-runs").is_visible()
    assert "google/gemini-embedding-001" in page.locator("tr", has_text="Belebele").last.inner_text()
    page.context.close()


def test_a_task_that_was_published_alone_can_be_chosen(tab: Tab) -> None:
    page = tab.open("index.html")
    page.select_option("[name=task]", "mlqa")
    playwright.expect(page.locator("#asked")).to_contain_text("MLQA")
    shown = answered(page, "MLQA")
    runs = [run for run in published_runs("mlqa") if run.complete]
    assert shown[0][1] == pytest.approx(max(run.mean(True).value or 0.0 for run in runs), abs=1e-5)
    link = page.locator("#elsewhere-link a")
    assert link.is_visible() and "tasks/mlqa.html" in (link.get_attribute("href") or "")
    assert not page.locator("#empty").is_visible()


def test_every_model_of_an_answer_can_be_shown(tab: Tab) -> None:
    page = tab.open("index.html", "query=sw&documents=en&task=belebele")
    page.locator(".elsewhere .every").click()
    runs = published_runs("belebele")
    known = [run for run in runs if ("sw", "en") in run.values]
    playwright.expect(page.locator(".elsewhere li")).to_have_count(len(known))


def texts(page: Any, cell: str) -> list[str]:
    return [text.strip() for text in page.locator(f"table[data-source] tbody tr {cell}").all_inner_texts()]


def test_rows_of_a_pair_are_ranked_and_filtered_by_the_same_values(tab: Tab) -> None:
    page = tab.open("tasks/belebele.html", "query=th&documents=en")
    playwright.expect(page.locator("#published-status")).to_contain_text("th → en")
    runs = published_runs("belebele")
    expected = best(runs, ("th", "en"), len(runs))
    assert texts(page, "th") == [model for model, _ in expected]
    exact = page.locator("table[data-source] tbody tr td[data-n]:nth-child(3)").evaluate_all(
        "cells => cells.map(cell => Number(cell.dataset.n))"
    )
    assert exact == pytest.approx([100_000 * value for _, value in expected], abs=1e-3)
    ranks = texts(page, "td:first-child")
    page.select_option("[name=size]", "600")
    sizes = {run.model: run.facts.n_parameters for run in runs if run.facts and run.facts.n_parameters}
    small = [(model, rank) for (model, _), rank in zip(expected, ranks, strict=True) if sizes.get(model, 1e18) <= 6e8]
    assert list(zip(texts(page, "th"), texts(page, "td:first-child"), strict=True)) == small  # ranks stay
    page.fill("[name=find]", "e5")
    playwright.expect(page.locator("#published-status")).to_contain_text(f"{sum('e5' in m for m, _ in small)} of")
    page.click("button[type=reset]")
    playwright.expect(page.locator("#published-status")).to_contain_text("236 of 236")
    assert texts(page, "td:first-child")[0] == "1"


@pytest.mark.parametrize("setting", [("de", "other"), ("any", "en"), ("de", "same"), ("any", "same")])
def test_means_of_a_page_are_those_of_the_board(tab: Tab, setting: tuple[str, str]) -> None:
    query, documents = setting
    page = tab.open("tasks/belebele.html", f"query={'' if query == 'any' else query}&documents={documents}")
    playwright.expect(page.locator("#published-status")).to_contain_text("ranked by")
    (board,) = published_boards(published_runs("belebele"), [])
    places = board.places((query, query if documents == "same" and query != "any" else documents))
    rows = board.sources[0].rows
    overall = query == "any" and documents == "same"
    means = {row.run.model: row.mean(places) for row in rows if row.whole or not overall}
    shown = page.locator("table[data-source] tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[1].innerText.trim(), Number(row.cells[2].dataset.n)])"
    )
    expected = {model: 100_000 * value for model, value in means.items() if value is not None}
    assert dict(shown) == pytest.approx(expected, abs=1e-3) and len(shown) == len(expected)


def test_any_row_shows_its_pairs(tab: Tab) -> None:
    page = tab.open("tasks/mlqa.html")
    runs = {run.model: run for run in published_runs("mlqa")}
    page.select_option("[name=row]", label="BAAI/bge-m3")
    playwright.expect(page.locator("#published-chosen")).to_have_text("BAAI/bge-m3")
    for (query, document), value in runs["BAAI/bge-m3"].values.items():
        cell = page.locator(f"#published-pairs [data-s='{query} {document}']")
        assert float(cell.inner_text()) == pytest.approx(100 * value, abs=0.051)


def test_a_column_is_sorted_by_whole_numbers(tab: Tab) -> None:
    page = tab.open("tasks/belebele.html")
    page.locator("table[data-source] th[data-c='4'] button").click()
    values = page.locator("table[data-source] tbody tr td:nth-child(5)").evaluate_all(
        "cells => cells.map(cell => Number(cell.dataset.n ?? -1))"
    )
    assert values == sorted(values, reverse=True) and len(values) == 236


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(chromium: Any, site: Path, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="no axe: pip install -e '.[browser]'"
    ).Axe()
    tab = Tab(chromium, site, color_scheme=scheme)
    for name in PAGES:
        found = axe.run(tab.open(name)).response["violations"]
        grave = [
            (rule["id"], rule["nodes"][0]["html"][:120]) for rule in found if rule["impact"] in ("serious", "critical")
        ]
        assert not grave, f"{name}: {grave}"
    tab.page.context.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_scrolls_tables_and_never_the_page(chromium: Any, site: Path, script: bool) -> None:
    tab = Tab(chromium, site, viewport={"width": 390, "height": 800}, java_script_enabled=script)
    for name in PAGES:
        page = tab.open(name)
        box = page.locator("main").bounding_box()
        assert box["width"] <= 390, name
        if script:
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    tab.page.context.close()


def test_the_site_keeps_its_size(site: Path) -> None:
    assert (site / "index.html").stat().st_size < 500_000
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 10_000_000
