"""What the leaderboard promises: a pure function of result files, safe to open, nothing remote."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import LANGUAGES, file_result

from xbench.board.pages import number, own_name, percent, shade
from xbench.board.run_page import run
from xbench.board.site import build_site
from xbench.board.sources import ResultSource
from xbench.errors import DataError, visible
from xbench.evaluation.statistics import Sample, cluster_parts, difference
from xbench.files import digest

Make = Callable[..., Path]
GENERATOR = '<meta name="generator" content="xbench">'


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes one result file and gives its path."""

    def write(name: str = "one.json", **fields: Any) -> Path:
        return file_result(tmp_path / "results", name, **fields)

    return write


class Page(HTMLParser):
    """Tables by id or position as rows of cell texts; every src and href; every tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.ids: list[str | None] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self._in_cell = self._in_head = False
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
        self._in_head = tag == "th" or (self._in_head and tag != "td")
        self._in_cell = tag in ("th", "td") or (self._in_cell and tag not in ("caption", "table"))
        if tag == "i" and self._in_head:  # the recipe once more, for narrow screens
            self._in_cell = False

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("th", "td", "table")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data

    def table(self, name: str) -> list[list[str]]:
        return self.tables[self.ids.index(name)]


def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def build(tmp_path: Path, name: str = "site") -> Path:
    build_site([tmp_path / "results"], tmp_path / name)
    return tmp_path / name


def overview(site: Path) -> list[list[str]]:
    return [row for row in read(site / "index.html").table("overview")[2:] if len(row) > 1]


def run_page(site: Path, name: str = "*") -> Path:
    return sorted((site / "runs").glob(name))[0]


def test_the_same_results_give_the_same_bytes_in_any_order_and_place(make: Make, tmp_path: Path) -> None:
    make("a.json", seed=0)
    make("b/c.json", seed=1)
    make("z.json", model="random", recipe="none", corpus=None, training=None, skill=0.0)
    build_site([tmp_path / "results"], tmp_path / "first")
    build_site([tmp_path / "results"], tmp_path / "first")
    moved = tmp_path / "moved"
    moved.mkdir()
    for place, name in enumerate(("z.json", "b/c.json", "a.json")):
        for suffix in (".json", ".npz"):
            shutil.copy((tmp_path / "results" / name).with_suffix(suffix), moved / f"{place}{suffix}")
    built = build_site([moved, tmp_path / "results"], tmp_path / "second")
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert {str(path.relative_to(tmp_path / "second")) for path in built.files} == set(contents(tmp_path / "second"))
    assert not any(str(tmp_path).encode() in content for content in contents(tmp_path / "first").values())


def test_a_rebuild_after_one_more_result_equals_a_build_from_nothing(make: Make, tmp_path: Path) -> None:
    make("a.json", seed=0)
    build(tmp_path)
    make("b.json", seed=1)
    make("c.json", model="other", digest="cd" * 32)
    assert contents(build(tmp_path)) == contents(build(tmp_path, "fresh"))


def test_a_rebuild_writes_nothing_that_stands_there_already(make: Make, tmp_path: Path) -> None:
    make()
    site = build(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
    build(tmp_path)
    assert before == {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}


@pytest.mark.parametrize("damage", ["index.html", "data/build.json", "runs"])
def test_a_damaged_site_is_made_whole(make: Make, tmp_path: Path, damage: str) -> None:
    make()
    site = build(tmp_path)
    whole = contents(site)
    path = run_page(site) if damage == "runs" else site / damage
    path.write_text("{")
    assert contents(build(tmp_path)) == whole


def test_names_are_escaped_and_stay_inside_the_site(make: Make, tmp_path: Path) -> None:
    make(model="<script>alert(1)</script>", recipe="../../../up", zero_shot={"verdict": "<script>"})
    site = build(tmp_path)
    page = run_page(site)
    for path in (site / "index.html", page):
        text = path.read_text(encoding="utf-8")
        assert "<script>" not in text and "&lt;script&gt;" in text
    assert page.resolve().parent == (site / "runs").resolve()
    assert re.fullmatch(r"[a-z0-9._-]+", page.name)


def test_pages_need_nothing_remote_and_every_link_leads_somewhere(make: Make, tmp_path: Path) -> None:
    make(provenance={"command": "xbench run --model https://example.org/model"})
    site = build(tmp_path)
    ours = {path.name for path in (site / "static").iterdir()}
    for path in [path for path in site.rglob("*") if path.suffix in (".html", ".css")]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".css":
            assert "url(" not in text and "@import" not in text
            continue
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in text and GENERATOR in text
        page = Page(text)
        assert not page.tags & {"iframe", "img", "style"}
        for link in page.links:
            target = link.partition("#")[0]
            assert not target or (path.parent / target).is_file() or link.startswith("https://")
            assert not link.endswith((".js", ".css")) or Path(link).name in ours


def pool_parts(path: Path) -> Any:
    """[clusters] each one's part in the error of a run's Mul, from its values per query."""
    arrays = dict(np.load(path))
    group = np.unique(arrays["group"], return_inverse=True)[1]
    parts = []
    for language in LANGUAGES:
        rows = arrays["query_language"] == language
        count = np.bincount(group[rows])
        total = np.bincount(group[rows], arrays["AP.multilingual"][rows].astype(np.float64))
        parts.append(cluster_parts(total[:, None], count[:, None].astype(np.float64))[:, 0])
    return np.mean(parts, axis=0)


def test_one_run_has_the_interval_of_its_run_page(make: Make, tmp_path: Path) -> None:
    make()
    site = build(tmp_path)
    (row,) = overview(site)
    shown = {line[0].split()[0]: line[4] for line in read(run_page(site)).tables[0][1:] if line[1] == "macro"}
    assert [row[place].partition("±")[2] for place in (5, 7, 8)] == [shown[name] for name in ("Cr", "Mo", "Mul")]


def test_seeds_are_one_row_with_their_mean_and_its_interval(make: Make, tmp_path: Path) -> None:
    files = [make(f"{seed}.json", seed=seed) for seed in range(3)]
    found = [json.loads(path.read_text())["scores"]["multilingual"]["macro"]["AP"] for path in files]
    site = build(tmp_path)
    (row,) = overview(site)
    parts = np.stack([pool_parts(path.with_suffix(".npz")) for path in files])
    nothing = Sample(np.zeros(2), np.zeros((2, parts.shape[1])))  # a difference from it is the mean itself
    half = difference(Sample(np.array(found), parts), nothing).half
    assert row[8] == f"{percent(sum(found) / 3)}±{percent(half)}"
    assert len(list((site / "runs").iterdir())) == 3


def test_rows_go_from_best_to_worst_and_chance_has_no_rank(make: Make, tmp_path: Path) -> None:
    chance = {"model": {"format": "random"}}
    make("0.json", model="random", recipe="none", corpus=None, skill=0.0, specs=chance, questions=40)
    make("1.json", model="better", recipe="none", corpus=None, skill=9.0, questions=40)
    make("2.json", model="worse", recipe="none", corpus=None, skill=0.5, questions=40)
    first, second, third = overview(build(tmp_path))
    assert (first[0], second[0], third[0]) == ("better", "worse", "random")
    assert (first[6], second[6], third[6]) == ("1", "2", "–chance")


def test_rows_that_no_test_separates_share_a_range(make: Make, tmp_path: Path) -> None:
    for place in range(2):
        make(f"{place}.json", model=f"model-{place}", seed=place, skill=1.0, digest=f"{place}" * 64)
    rows = overview(build(tmp_path))
    assert [row[6] for row in rows] == ["1–2", "1–2"]


def test_rows_without_per_question_data_say_that_nothing_was_tested(make: Make, tmp_path: Path) -> None:
    for place in range(2):
        make(f"{place}.json", model=f"model-{place}", seed=place, digest=f"{place}" * 64).with_suffix(".npz").unlink()
    assert [row[6] for row in overview(build(tmp_path))] == ["–untested"] * 2


def test_rows_of_one_cluster_of_questions_say_that_nothing_was_tested(make: Make, tmp_path: Path) -> None:
    """One cluster varies with nothing: a test would find every difference significant."""
    for place in range(2):
        make(f"{place}.json", model=f"model-{place}", seed=place, digest=f"{place}" * 64, questions=2)
    assert [row[6] for row in overview(build(tmp_path))] == ["–untested"] * 2


def test_contaminated_and_incomplete_rows_are_not_ranked(make: Make, tmp_path: Path) -> None:
    make("0.json", model="whole")
    make("1.json", model="leaked", digest="1" * 64, zero_shot={"verdict": "contaminated"})
    make("2.json", model="half", digest="2" * 64, cross_lingual="en-x")
    ranks = {row[0]: row[6] for row in overview(build(tmp_path))}
    assert ranks == {"whole": "1", "leaked": "–contaminated", "half": "–incomplete: 5 of 9 pairs"}


def test_other_settings_under_the_same_names_are_another_row(make: Make, tmp_path: Path) -> None:
    make("0.json")
    make("1.json", digest="cd" * 32)
    assert sorted(row[0] for row in overview(build(tmp_path))) == ["staticababab", "staticcdcdcd"]


def test_one_encoder_on_two_tasks_is_one_row(make: Make, tmp_path: Path) -> None:
    make("0.json")
    make("1.json", task="next", digest="cd" * 32)
    (row,) = overview(build(tmp_path))
    assert len(row) == 5 + 2 * 8


@pytest.mark.parametrize("other", [{"metrics": ["R@1", "AP"]}, {"task": "next"}, {"questions": 8}])
def test_rows_that_cannot_be_compared_stand_on_two_boards(make: Make, tmp_path: Path, other: dict[str, Any]) -> None:
    make("0.json")
    make("1.json", **{"digest": "cd" * 32, **other})
    assert len(list((build(tmp_path) / "tasks").iterdir())) == 2


def test_every_cell_of_the_heat_map_has_its_score(make: Make, tmp_path: Path) -> None:
    scores = json.loads(make().read_text())["scores"]
    head, *rows = read(run_page(build(tmp_path))).table("heat-map")
    assert head == ["Query", *LANGUAGES]
    for query, row in zip(LANGUAGES, rows, strict=True):
        for document, cell in zip(LANGUAGES, row[1:], strict=True):
            half = "monolingual" if query == document else "cross-lingual"
            assert cell == percent(scores[half]["pairs"][f"{query}-{document}"]["AP"])


def test_a_language_page_holds_that_language_only(make: Make, tmp_path: Path) -> None:
    scores = json.loads(make().read_text())["scores"]
    summary, pairs = read(build(tmp_path) / "languages" / "de.html").tables
    half = scores["cross-lingual"]["pairs"]
    asked = (half["de-en"]["AP"] + half["de-zh-Hant"]["AP"]) / 2
    assert summary[1][2:4] == [percent(scores["monolingual"]["pairs"]["de-de"]["AP"]), percent(asked)]
    assert pairs[1][2:] == [percent(half[f"de-{other}"]["AP"]) for other in ("en", "zh-Hant")]
    assert pairs[2][1:] == [percent(half[f"{other}-de"]["AP"]) for other in ("en", "zh-Hant")]


def test_grids_need_not_be_square(make: Make, tmp_path: Path) -> None:
    path = make()
    data = json.loads(path.read_text())
    data["counts"]["documents"] = {"en": 6}
    scores = data["scores"]
    scores["monolingual"]["pairs"] = {"en-en": scores["monolingual"]["pairs"]["en-en"]}
    cross = scores["cross-lingual"]["pairs"]
    scores["cross-lingual"]["pairs"] = {name: cross[name] for name in ("de-en", "zh-Hant-en")}
    for half in ("monolingual", "cross-lingual"):
        scores[half]["macro"] = scores[half]["micro"] = {}
    data["gap"] = data["bias"] = {}
    path.write_text(json.dumps(data))
    path.with_suffix(".npz").unlink()  # of the whole grid
    head, *rows = read(run_page(build(tmp_path))).table("heat-map")
    assert head == ["Query", "en"] and len(rows) == 3


def test_a_task_without_a_pool_is_ranked_by_what_it_has(make: Make, tmp_path: Path) -> None:
    make(cross_lingual=False, multilingual=False, training=None, tokens={}, zero_shot={}, provenance={})
    site = build(tmp_path)
    (row,) = overview(site)
    assert row[6] == "1" and row[5] != "–" and row[7:9] == ["–"] * 2
    cells = [cell for line in read(run_page(site)).table("heat-map")[1:] for cell in line[1:]]
    assert cells.count("–") == len(LANGUAGES) * (len(LANGUAGES) - 1)


def test_a_task_judged_in_one_language_shows_what_pooling_costs(make: Make, tmp_path: Path) -> None:
    scored = json.loads(make().read_text())
    share = scored["bias"]["language_share"]
    pooling = {"cost": {"AP": 0.125}, "Judged@10": {"macro": 0.25}, "language_share": share}
    make(cross_lingual=False, multilingual=False, bias={}, pooling=pooling)
    site = build(tmp_path)
    (row,) = overview(site)
    assert row[6] == "1" and "12.5" in row
    page = run_page(site).read_text(encoding="utf-8")
    assert "+12.5 points" in page and "Judged@10 of the pool 25.0 %" in page and "Who retrieves whom" in page


BROKEN = {
    "truncated": lambda text: text[:-40],
    "foreign": lambda text: '{"task_name": "XQuAD", "scores": {}}',
    "other schema": lambda text: text.replace('"schema": 1', '"schema": 99'),
    "NaN": lambda text: re.sub(r'"encode": 1.5', '"encode": NaN', text),
    "infinite": lambda text: re.sub(r'"encode": 1.5', '"encode": 1e999', text),
    "impossible": lambda text: re.sub(r'"AP": [0-9.]+', '"AP": 1e308', text),
    "deep": lambda text: "[" * 100_000,
    "long number": lambda text: re.sub(r'"seed": 0', f'"seed": {"9" * 5000}', text),
    "no language": lambda text: text.replace('"de": 6', '"<b>": 6'),
    "half a character": lambda text: text.replace('"other"', '"\\ud800"'),
    "not text": lambda text: "\0\1",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_result_is_named_and_left_out(make: Make, tmp_path: Path, kind: str) -> None:
    make()
    bad = make("bad.json", model="other")
    bad.write_text(BROKEN[kind](bad.read_text()))
    built = build_site([tmp_path / "results"], tmp_path / "site")
    assert len(built.skipped) == 1 and str(bad) in built.skipped[0] and "\n" not in built.skipped[0]
    assert [row[0] for row in overview(tmp_path / "site")] == ["static"]


def _changed(content: bytes) -> bytes:
    """The packed values of the first array are damaged."""
    return content[:60] + bytes(byte ^ 0xFF for byte in content[60:80]) + content[80:]


@pytest.mark.parametrize("change", [lambda _: b"", lambda _: b"PK", lambda _: b"\x93NUMPY", _changed])
def test_a_result_with_a_damaged_array_file_is_named_and_left_out(
    make: Make, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    make()
    path = make("bad.json", model="other").with_suffix(".npz")
    path.write_bytes(change(path.read_bytes()))
    built = build_site([tmp_path / "results"], tmp_path / "site")
    assert len(built.skipped) == 1 and str(path) in built.skipped[0] and "\n" not in built.skipped[0]
    assert [row[0] for row in overview(tmp_path / "site")] == ["static"]


def test_values_of_another_kind_are_missing_values(make: Make, tmp_path: Path) -> None:
    make(
        bias={"rank_distance": [], "lift": "x", "language_share": {"share": 3}},
        gap={"absolute": "much"},
        tokens={"queries": 1},
    )
    make("b.json", model="b", digest="1" * 64, specs={"model": [], "task": "x", "recipe": 7}, zero_shot={"verdict": {}})
    assert len(overview(build(tmp_path))) == 2


def test_a_half_written_result_of_a_run_that_goes_on_is_not_read(make: Make, tmp_path: Path) -> None:
    make()
    (tmp_path / "results" / ".one.json.x1y2.json").write_text("{")
    assert not build_site([tmp_path / "results"], tmp_path / "site").skipped


def test_two_contents_of_one_run_are_named_and_left_out(make: Make, tmp_path: Path) -> None:
    one = make("one.json")
    two = make("two.json", timings={"encode": 9.0})
    make("three.json", model="other")
    built = build_site([tmp_path / "results"], tmp_path / "site")
    assert str(one) in built.skipped[0] and str(two) in built.skipped[0]
    assert [row[0] for row in overview(tmp_path / "site")] == ["other"]


@pytest.mark.parametrize("folders", [["empty"], ["absent"], []])
def test_no_result_says_where_it_looked_and_what_to_do(tmp_path: Path, folders: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=f"{folders[0] if folders else 'no folder'}.*xbench run"):
        build_site([tmp_path / name for name in folders], tmp_path / "site")


def test_stale_pages_go_and_other_files_stay(make: Make, tmp_path: Path) -> None:
    make("0.json", seed=0)
    old = make("1.json", seed=1)
    site = build(tmp_path)
    (site / "runs" / "mine.html").write_text("<p>mine")
    old.unlink()
    build(tmp_path)
    names = sorted(path.name for path in (site / "runs").iterdir())
    assert names == ["mine.html", "tiny--static--hybrid--abababababab-seed-0.html"]


def test_a_record_that_leads_out_of_the_site_removes_nothing(make: Make, tmp_path: Path) -> None:
    make()
    site = build(tmp_path)
    (tmp_path / "mine.txt").write_text("")
    record = json.loads((site / "data" / "build.json").read_text())
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    record["files"] |= {"../mine.txt": ["", empty], str(tmp_path / "mine.txt"): ["", empty]}
    record["sha256"] = digest({key: value for key, value in record.items() if key != "sha256"})
    (site / "data" / "build.json").write_text(json.dumps(record))
    build(tmp_path)
    assert (tmp_path / "mine.txt").is_file()


@pytest.mark.parametrize("content", [b"", b"x" * 40, b"spoilt"])
def test_a_memory_that_somebody_changed_is_not_believed(make: Make, tmp_path: Path, content: bytes) -> None:
    make()
    site = build(tmp_path)
    whole = contents(site)
    memory = tmp_path / ".site.runs"
    kept = memory.read_bytes()
    memory.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]) if content == b"spoilt" else content)
    assert contents(build(tmp_path)) == whole and memory.read_bytes() == kept


def test_a_row_whose_pages_cannot_be_made_costs_that_row_and_is_named(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("whole.json")
    bad = make("bad.json", model="bad", digest="1" * 64)

    def failing(source: ResultSource, *rest: Any) -> dict[str, object]:
        if source.run.model == "bad":
            raise OverflowError("too\nlarge")
        return run(source, *rest)

    monkeypatch.setattr("xbench.board.run_page.run", failing)
    built = build_site([tmp_path / "results"], tmp_path / "site")
    (line,) = built.skipped
    assert line.startswith(f"{bad}: it cannot be shown (OverflowError: too large)")
    assert [row[0] for row in overview(tmp_path / "site")] == ["static"]
    assert not list((tmp_path / "site").rglob("*bad*"))
    monkeypatch.setattr("xbench.board.run_page.run", run)
    bad.unlink()
    built = build_site([tmp_path / "results"], tmp_path / "alone")
    assert contents(tmp_path / "site") == contents(tmp_path / "alone")


def test_a_published_table_that_cannot_be_read_is_named_and_left_out(make: Make, tmp_path: Path) -> None:
    make()
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "good.yaml").write_text(PAPER)
    (papers / "wrong.yaml").write_text(PAPER.replace("task: tiny", "task: [tiny"))
    built = build_site([tmp_path / "results"], tmp_path / "site", papers)
    assert len(built.skipped) == 1 and "wrong.yaml" in built.skipped[0]
    assert "A paper" in (tmp_path / "site" / "index.html").read_text()


def test_the_csv_and_json_of_all_rows_hold_the_means_and_no_formula(make: Make, tmp_path: Path) -> None:
    stored = json.loads(make(model="=1+1").read_text())
    site = build(tmp_path)
    (line,) = csv.DictReader(io.StringIO((site / "data" / "results.csv").read_text()))
    (record,) = json.loads((site / "data" / "results.json").read_text())
    assert float(line["Mul"]) == record["Mul"] == stored["scores"]["multilingual"]["macro"]["AP"]
    assert line["model"] == "'=1+1" and record["model"] == "=1+1"


PAPER = """
name: paper
title: A paper
url: https://example.org/paper
source: table 1
rows:
- model: Static
  recipe: Hybrid
  task: tiny
  metric: AP
  twin: {models: [static], recipe: hybrid}
  scores: {Mo: 0.5, Mul: 0.25}
  languages: {de: {Mo: 0.125}}
"""


def test_a_published_row_stands_apart_with_the_difference_of_its_twin(make: Make, tmp_path: Path) -> None:
    mo = json.loads(make().read_text())["scores"]["monolingual"]["macro"]["AP"]
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "paper.yaml").write_text(PAPER)
    build_site([tmp_path / "results"], tmp_path / "site", tmp_path / "papers")
    measured, printed = overview(tmp_path / "site")
    apart = percent(mo - 0.5)
    assert printed[0] == "Static A paper" and printed[6] == "–" and printed[-1] == "published"
    assert printed[7] == "50.0" + (apart if apart.startswith("−") else f"+{apart}")
    assert measured[6] == "1"
    assert any("12.5" in cell for row in read(tmp_path / "site" / "languages" / "de.html").tables[0] for cell in row)


@pytest.mark.parametrize(
    ("found", "wrong"), [("Mul: 0.25", "Mull: 0.25"), ("https://", "javascript:"), ("metric: AP", "metric: mAP")]
)
def test_a_wrong_published_row_names_file_and_line(make: Make, tmp_path: Path, found: str, wrong: str) -> None:
    make()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "paper.yaml").write_text(PAPER.replace(found, wrong))
    (line,) = build_site([tmp_path / "results"], tmp_path / "site", tmp_path / "papers").skipped
    assert re.search(r"paper\.yaml:\d+: ", line) and "A paper" not in (tmp_path / "site" / "index.html").read_text()


def test_the_methods_page_defines_what_the_documentation_defines() -> None:
    top = Path(__file__).parents[2]
    shown = (top / "leaderboard" / "templates" / "methods.html.j2").read_text(encoding="utf-8")
    text = (top / "docs" / "methods.md").read_text(encoding="utf-8")
    scores, bias = text.split("## Language bias")[0], text.split("## Language bias")[1].split("\n## ")[0]
    terms = re.findall(r"^\| `?([^\s`]+)`? \|", scores, re.MULTILINE) + re.findall(
        r"\*\*([^*]+)\*\*", text.split("\n## ")[0] + bias
    )
    assert len(terms) > 15
    assert not [term for term in terms if term not in ("metric", "---", "pair", "relevance") and term not in shown]


def test_every_shade_has_a_text_that_can_be_read_on_it() -> None:
    style = (Path(__file__).parents[2] / "leaderboard" / "static" / "style.css").read_text()
    rules = re.findall(
        r"\.([hpm]\d+) \{ background: light-dark\((#\w+), (#\w+)\); color: light-dark\((#\w+), (#\w+)\)", style
    )
    assert len(rules) == 30
    for name, light, dark, on_light, on_dark in rules:
        assert contrast(light, on_light) >= 4.5 and contrast(dark, on_dark) >= 4.5, name


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's ratio of two colours."""

    def luminance(colour: str) -> float:
        digits = "".join(2 * digit for digit in colour[1:]) if len(colour) == 4 else colour[1:]
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0"), (-0.04, "0"), (-3.25, "−3.2"), (120.0, "120"), (1234.56, "1,234.6"), (1e300, "1.0e+300")],
)
def test_numbers_read_as_people_write_them(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "largest", "name"),
    [(None, 1.0, "hx"), (0.0, 1.0, "h0"), (1.0, 1.0, "h19"), (0.5, 1.0, "h10"), (0.0, 0.0, "hx"), (1e308, 1e-9, "h19")],
)
def test_shades_go_from_nothing_to_the_largest(value: float | None, largest: float, name: str) -> None:
    assert shade(value, largest) == name


def test_what_cannot_be_seen_is_shown_by_its_code() -> None:
    assert visible("a\u202eb\x00") == "a⟨202E⟩b⟨0000⟩"
    assert visible("x" * 10_000, 60) == "x" * 60 + "…"


def test_a_language_has_its_own_name_in_its_own_script() -> None:
    assert [own_name(code) for code in ("de", "el", "zh", "xx")] == ["Deutsch", "Ελληνικά", "中文", "xx"]
