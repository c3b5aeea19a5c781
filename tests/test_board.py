"""What the leaderboard promises: a pure function of result files, safe to open, nothing remote."""

import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xbench.board.pages import number, percent, shade
from xbench.board.site import GENERATOR, build_site
from xbench.collection import Queries, Texts, collect
from xbench.errors import DataError
from xbench.evaluate import grid
from xbench.evaluate.metrics import Metric
from xbench.evaluate.ranking import exact
from xbench.results import Result, write_result
from xbench.specs import Grid

LANGUAGES = ("de", "en", "zh-Hant")
QUESTIONS = 6
METRICS = ("AP", "R@1")
Make = Callable[..., Path]


def evaluated(seed: int, cross_lingual: str | bool, multilingual: bool, skill: float) -> grid.Scores:
    """A tiny parallel collection, really scored: a vector is noise plus `skill` times the meaning."""
    questions = tuple(f"question-{number}" for number in range(QUESTIONS))
    queries, documents = {}, {}
    for language in LANGUAGES:
        ids = tuple(f"{language}-{name}" for name in questions)
        queries[language] = Queries(ids, questions, questions, questions)
        documents[language] = Texts(tuple(f"{name}-document" for name in ids), questions)
    relevant = {name: {question: [row] for row, question in enumerate(questions)} for name in LANGUAGES}
    random = np.random.default_rng(seed)
    meanings = random.standard_normal((QUESTIONS, 8))

    def vectors() -> dict[str, Any]:
        noise = {name: random.standard_normal((QUESTIONS, 8)) for name in LANGUAGES}
        return {name: exact((skill * meanings + noise[name]).astype(np.float32)) for name in LANGUAGES}

    metrics = tuple(Metric.parse(name) for name in METRICS)
    plan = grid.Plan(Grid(cross_lingual=cross_lingual, multilingual=multilingual), metrics)
    return grid.evaluate(collect(queries, documents, relevant), vectors(), vectors(), plan)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes one result file and gives its path."""

    def write(
        name: str = "one.json",
        *,
        seed: int = 0,
        cross_lingual: str | bool = "all",
        multilingual: bool = True,
        skill: float = 1.0,
        **fields: Any,
    ) -> Path:
        scored = evaluated(seed, cross_lingual, multilingual, skill)
        counts = dict.fromkeys(LANGUAGES, QUESTIONS)
        tokens = {language: {"mean": 7.5, "truncated": 0.25, "unknown": 0.0} for language in LANGUAGES}
        values = {
            "schema": 1,
            "task": "tiny",
            "model": "static",
            "recipe": "hybrid",
            "corpus": "facts",
            "seed": seed,
            "digest": "ab" * 32,
            "languages": list(LANGUAGES),
            "metrics": list(METRICS),
            "counts": {"queries": counts, "documents": counts},
            "scores": scored.scores,
            "bias": scored.bias,
            "gap": scored.gap,
            "zero_shot": {"verdict": "zero-shot", "overlap": {"units": 0}},
            "tokens": {"max_length": 128, "queries": tokens, "documents": tokens},
            "training": {"steps": 400, "loss": [2.5, 0.75]},
            "specs": {},
            "timings": {"encode": 1.5},
            "provenance": {"command": "xbench run --task tiny --model static", "scores": 1, "git": None},
        }
        path = tmp_path / "results" / name
        write_result(path, Result.model_validate(values | fields), scored.per_query)
        return path

    return write


class Page(HTMLParser):
    """Tables by id or position as rows of cell texts; every src and href; every tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.ids: list[str | None] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self._in_cell = False
        self.feed(text)
        self.tables = [[[" ".join(cell.split()) for cell in row] for row in table] for table in self.tables]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for key, value in attributes if key in ("src", "href")]
        assert not any(key == "style" or key.startswith("on") for key, _ in attributes)
        if tag == "table":
            self.tables.append([])
            self.ids.append(dict(attributes).get("id"))
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")
        self._in_cell = tag in ("th", "td") or (self._in_cell and tag not in ("caption", "table"))

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data

    def table(self, name: str) -> list[list[str]]:
        return self.tables[self.ids.index(name)]


def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_results_give_the_same_bytes_in_any_order_and_place(make: Make, tmp_path: Path) -> None:
    make("a.json", seed=0)
    make("b/c.json", seed=1)
    make("z.json", model="random", recipe="none", corpus=None, training=None, skill=0.0)
    build_site([tmp_path / "results"], tmp_path / "first")
    build_site([tmp_path / "results"], tmp_path / "first")
    moved = tmp_path / "moved"
    for place, name in enumerate(("z.json", "b/c.json", "a.json")):
        moved.mkdir(exist_ok=True)
        shutil.copy(tmp_path / "results" / name, moved / f"{place}.json")
    written = build_site([moved, tmp_path / "results"], tmp_path / "second")
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert {str(path.relative_to(tmp_path / "second")) for path in written} == set(contents(tmp_path / "second"))
    assert not any(str(tmp_path).encode() in content for content in contents(tmp_path / "first").values())


def test_names_are_escaped_and_stay_inside_the_site(make: Make, tmp_path: Path) -> None:
    make(model="<script>alert(1)</script>", recipe="../../../up", zero_shot={"verdict": "<script>"})
    index, run, *_ = build_site([tmp_path / "results"], tmp_path / "site")
    for path in (index, run):
        assert "<script" not in path.read_text(encoding="utf-8")
        assert "&lt;script&gt;" in path.read_text(encoding="utf-8")
    assert run.parent == tmp_path / "site" / "runs"
    assert run.resolve().parent == run.parent.resolve()
    assert re.fullmatch(r"[a-z0-9._-]+", run.name)


def test_pages_need_nothing_remote_and_every_link_leads_somewhere(make: Make, tmp_path: Path) -> None:
    make(provenance={"command": "xbench run --model https://example.org/model"})
    for path in build_site([tmp_path / "results"], tmp_path / "site"):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".css":
            assert "url(" not in text and "@import" not in text
            continue
        assert "default-src 'none'" in text and GENERATOR in text
        page = Page(text)
        assert not page.tags & {"script", "iframe", "img", "style"}
        for link in page.links:
            assert link == "data:," or (path.parent / link).is_file()


def test_seeds_are_one_row_with_their_mean_and_range(make: Make, tmp_path: Path) -> None:
    files = [make(f"{seed}.json", seed=seed) for seed in range(3)]
    found = [json.loads(path.read_text())["scores"]["multilingual"]["macro"]["AP"] for path in files]
    index, *_ = build_site([tmp_path / "results"], tmp_path / "site")
    page = read(index)
    _, row = page.tables[0]
    assert row[5] == f"{percent(sum(found) / 3)} {percent(min(found))} to {percent(max(found))}"
    assert row[8] == "3 seeds: 0, 1, 2"
    assert len([link for link in page.links if link.startswith("runs/")]) == 3


def test_rows_go_from_best_to_worst_and_the_best_but_for_chance_is_marked(make: Make, tmp_path: Path) -> None:
    chance = {"model": {"format": "random"}}
    make("0.json", model="random", recipe="none", corpus=None, skill=0.0, specs=chance)
    make("1.json", model="better", recipe="none", corpus=None, skill=9.0)
    make("2.json", model="worse", recipe="none", corpus=None, skill=2.0)
    index, *_ = build_site([tmp_path / "results"], tmp_path / "site")
    _, first, second, third = read(index).tables[0]
    assert (first[0], second[0], third[0]) == ("better as it is", "worse as it is", "random chance")
    best = re.findall(r'<td class="best">([\d.]+)', index.read_text(encoding="utf-8"))
    assert best == [first[3], first[4], first[5], first[6].split()[0]]


def test_other_settings_under_the_same_names_are_another_row(make: Make, tmp_path: Path) -> None:
    make("0.json")
    make("1.json", digest="cd" * 32)
    index, *_ = build_site([tmp_path / "results"], tmp_path / "site")
    rows = read(index).tables[0][1:]
    assert sorted(row[1] for row in rows) == ["hybrid settings abababababab", "hybrid settings cdcdcdcdcdcd"]


@pytest.mark.parametrize(
    "other",
    [{"languages": ["de", "en"]}, {"metrics": ["R@1", "AP"]}, {"cross_lingual": "en-x"}, {"task": "next"}],
)
def test_rows_that_cannot_be_compared_stand_in_two_tables(make: Make, tmp_path: Path, other: dict[str, Any]) -> None:
    make("0.json")
    make("1.json", **{"digest": "cd" * 32, **other})
    index, *_ = build_site([tmp_path / "results"], tmp_path / "site")
    assert len(read(index).tables) == 2


def test_every_cell_of_the_heat_map_has_its_score(make: Make, tmp_path: Path) -> None:
    scores = json.loads(make().read_text())["scores"]
    _, run, *_ = build_site([tmp_path / "results"], tmp_path / "site")
    head, *rows = read(run).table("heat-map")
    assert head == ["Query", *LANGUAGES]
    for query, row in zip(LANGUAGES, rows, strict=True):
        for document, cell in zip(LANGUAGES, row[1:], strict=True):
            half = "monolingual" if query == document else "cross-lingual"
            assert cell == percent(scores[half]["pairs"][f"{query}-{document}"]["AP"])


def test_a_half_grid_builds_with_dashes(make: Make, tmp_path: Path) -> None:
    make(cross_lingual=False, multilingual=False, training=None, tokens={}, zero_shot={}, provenance={})
    index, run, *_ = build_site([tmp_path / "results"], tmp_path / "site")
    row = read(index).tables[0][1]
    assert row[3] != "–" and row[4:8] == ["–"] * 4
    cells = [cell for line in read(run).table("heat-map")[1:] for cell in line[1:]]
    assert cells.count("–") == len(LANGUAGES) * (len(LANGUAGES) - 1)


def test_a_damaged_result_is_named(make: Make, tmp_path: Path) -> None:
    make()
    broken = tmp_path / "results" / "broken.json"
    broken.write_text(make("two.json").read_text()[:-40])
    with pytest.raises(DataError, match=re.escape(str(broken))):
        build_site([tmp_path / "results"], tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_half_written_result_of_a_run_that_goes_on_is_not_read(make: Make, tmp_path: Path) -> None:
    make()
    (tmp_path / "results" / ".one.json.x1y2.json").write_text("{")
    assert build_site([tmp_path / "results"], tmp_path / "site")


def test_two_contents_of_one_run_are_refused(make: Make, tmp_path: Path) -> None:
    one = make("one.json")
    two = make("two.json", timings={"encode": 9.0})
    with pytest.raises(DataError) as error:
        build_site([tmp_path / "results"], tmp_path / "site")
    assert str(one) in str(error.value) and str(two) in str(error.value)


@pytest.mark.parametrize("folders", [["empty"], ["absent"], []])
def test_no_result_says_where_it_looked_and_what_to_do(tmp_path: Path, folders: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=f"{folders[0] if folders else 'no folder'}.*xbench run"):
        build_site([tmp_path / name for name in folders], tmp_path / "site")


def test_stale_pages_go_and_other_files_stay(make: Make, tmp_path: Path) -> None:
    make("0.json", seed=0)
    old = make("1.json", seed=1)
    build_site([tmp_path / "results"], tmp_path / "site")
    mine = tmp_path / "site" / "runs" / "mine.html"
    mine.write_text("<p>mine")
    old.unlink()
    build_site([tmp_path / "results"], tmp_path / "site")
    names = sorted(path.name for path in (tmp_path / "site" / "runs").iterdir())
    assert names == ["mine.html", "tiny--static--hybrid--abababababab-seed-0.html"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0"), (-0.04, "0"), (-3.25, "−3.2"), (120.0, "120"), (1234.56, "1,234.6")],
)
def test_numbers_read_as_people_write_them(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "largest", "name"),
    [
        (None, 1.0, "heat-none"),
        (0.0, 1.0, "heat-0"),
        (1.0, 1.0, "heat-19"),
        (0.5, 1.0, "heat-10"),
        (0.0, 0.0, "heat-none"),
    ],
)
def test_shades_go_from_nothing_to_the_largest(value: float | None, largest: float, name: str) -> None:
    assert shade(value, largest) == name
