"""What `leaderboard check`, `pack` and `serve` promise, and the paired test behind ranks and marks."""

import json
import threading
import urllib.request
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import LANGUAGES, file_result
from click.testing import CliRunner

from xbench.board import clusters, serve
from xbench.board.site import build_site
from xbench.board.sources import find_sources
from xbench.board.standings import boards_of
from xbench.board.submission import judge, pack_results
from xbench.board.summaries import content_digest, summary_of
from xbench.commands.board import leaderboard
from xbench.errors import DataError
from xbench.reports.comparison import compare_sides
from xbench.reports.sides import load_side
from xbench.results.array_files import ArrayFile
from xbench.results.reading import read_result


def run_of(path: Path) -> Any:
    return summary_of(read_result(path), content_digest(path.read_bytes()))


def sums_of(path: Path) -> clusters.Clusters:
    found = clusters.read_clusters(ArrayFile.open(path.with_suffix(".npz")), run_of(path))
    assert found is not None
    return found


def test_the_error_of_a_mean_is_the_textbook_one_where_each_cluster_is_one_query() -> None:
    values = np.array([[0.25], [0.5], [1.0], [0.0]])
    found = clusters.Clusters(("de-de",), values, np.ones((4, 1)))
    assert found.halves()["de-de"] == pytest.approx(3.182446 * values.std(ddof=1) / 2)  # t of 3 degrees of freedom
    assert (found.parts**2).sum() == pytest.approx(values.var(ddof=1) / 4)


def test_the_boards_test_is_that_of_compare(tmp_path: Path) -> None:
    """Three seeds against two: what the page gets of each gives the error and the degrees of freedom of compare."""
    for name, seeds in (("a", (0, 1, 2)), ("b", (3, 4))):
        for seed in seeds:
            file_result(tmp_path / name, model=name, digest=name * 64, seed=seed, skill=1.0, questions=60)
    compared = compare_sides(*(load_side(tmp_path / name) for name in "ab"))
    found = find_sources([tmp_path], {}).chosen
    (board,) = boards_of(
        [source.run for source in found], {source.run.page: source.evidence.influence for source in found}
    )
    rows = [*board.standings.values()]
    rows.sort(key=lambda row: row.first.seed)
    assert [len(row.runs) for row in rows] == [3, 2]
    for difference in compared.macros:
        one, other = (row.evidence[difference.name] for row in rows)
        cluster = ((one.influence.astype(np.float64) - other.influence) ** 2).sum()
        excess = one.seeds.excess + other.seeds.excess
        assert np.sqrt(cluster + excess) == pytest.approx(difference.error, rel=1e-5)
        counted = sum(part.variance**2 / part.freedom for part in (one.seeds, other.seeds) if part.excess)
        freedom = (cluster + excess) ** 2 / (cluster**2 / (len(one.influence) - 1) + counted)
        assert max(1.0, freedom) == pytest.approx(difference.freedom, rel=1e-4)


def test_packed_results_give_the_same_site_but_for_the_sums(tmp_path: Path) -> None:
    for seed in range(2):
        file_result(tmp_path / "results", seed=seed)
    packed = pack_results([tmp_path / "results"], tmp_path / "packed")
    assert all(sums_of(path).columns for path in packed)
    for name in ("results", "packed"):
        build_site([tmp_path / name], tmp_path / f"site-{name}")
    one, other = ((tmp_path / f"site-{name}" / "index.html").read_bytes() for name in ("results", "packed"))
    assert one == other


def test_packing_moves_no_sum_by_more_than_its_sixteen_bits(tmp_path: Path) -> None:
    path = file_result(tmp_path / "results")
    (packed,) = pack_results([path], tmp_path / "packed")
    assert np.abs(sums_of(packed).mean - sums_of(path).mean).max() <= 0.5 / 65535
    assert packed.with_suffix(".npz").stat().st_size < path.with_suffix(".npz").stat().st_size


def test_a_damaged_array_file_is_named_and_not_left_out_unsaid(tmp_path: Path) -> None:
    arrays = file_result(tmp_path / "results").with_suffix(".npz")
    arrays.write_bytes(arrays.read_bytes()[:-100])
    with pytest.raises(DataError, match="npz: per-query values cannot be read"):
        pack_results([tmp_path / "results"], tmp_path / "packed")


def test_names_that_lead_elsewhere_are_not_packed(tmp_path: Path) -> None:
    file_result(tmp_path / "results", "one.json", recipe="../../../../up")
    with pytest.raises(DataError, match="lead out"):
        pack_results([tmp_path / "results"], tmp_path / "packed")


def test_what_xbench_run_writes_is_accepted(tmp_path: Path) -> None:
    for seed in range(2):
        file_result(tmp_path, seed=seed)
    verdict = judge(tmp_path)
    assert verdict.accepted and verdict.results == 2
    for path in tmp_path.rglob("*.npz"):
        path.unlink()
    assert judge(tmp_path).accepted


Change = Callable[[dict[str, Any]], Any]
FAULTS: dict[str, tuple[str, Change]] = {
    "a macro mean that is not that of its pairs": (
        "mean",
        lambda d: d["scores"]["monolingual"]["macro"].update(AP=0.99),
    ),
    "a pair that its arrays deny": (
        "arrays",
        lambda d: [
            d["scores"]["monolingual"]["pairs"].update(
                {f"{code}-{code}": {"n": 6, "AP": 0.9, "R@1": 0.9} for code in LANGUAGES}
            ),
            *(d["scores"]["monolingual"][mean].update({"AP": 0.9, "R@1": 0.9}) for mean in ("macro", "micro")),
            d["gap"].clear(),
        ],
    ),
    "more queries than the task has": ("value", lambda d: d["scores"]["monolingual"]["pairs"]["de-de"].update(n=7)),
    "a digest that is none": ("digest", lambda d: d["provenance"].update(collection_sha256="x")),
    "markup": ("text", lambda d: d["provenance"].update(command="<img src=x onerror=alert(1)>")),
    "template syntax": ("text", lambda d: d["provenance"].update(command="{{ 7 * 7 }}")),
    "a character that turns the line": ("text", lambda d: d["provenance"].update(command="run \u202e")),
    "an unknown key": ("schema", lambda d: d.update(note="hello")),
    "another place": ("place", lambda d: d.update(seed=5)),
    "a score above one": ("value", lambda d: d["scores"]["monolingual"]["macro"].update(AP=1.5)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_has_its_kind(tmp_path: Path, name: str) -> None:
    kind, change = FAULTS[name]
    path = file_result(tmp_path)
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    verdict = judge(tmp_path)
    assert not verdict.accepted and kind in {fault.kind for fault in verdict.faults}


def test_a_duplicate_is_found(tmp_path: Path) -> None:
    path = file_result(tmp_path / "a")
    file_result(tmp_path / "b")
    verdict = judge(tmp_path)
    assert [fault.kind for fault in verdict.faults] == ["duplicate"] and path.name in verdict.faults[0].message


def test_the_command_gives_a_verdict_for_machines_and_an_exit_code(tmp_path: Path) -> None:
    path = file_result(tmp_path)
    good = CliRunner().invoke(leaderboard, ["check", str(tmp_path), "--json"])
    assert good.exit_code == 0 and json.loads(good.output) == {
        "verdict": "accepted",
        "accepted": True,
        "results": 1,
        "faults": [],
    }
    path.write_text("{")
    bad = CliRunner().invoke(leaderboard, ["check", str(tmp_path), "--json"])
    assert bad.exit_code == 1 and json.loads(bad.output)["faults"][0]["kind"] == "schema"


def test_a_build_that_leaves_a_result_out_ends_with_exit_code_1(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    arguments = ["build", "--results", str(tmp_path / "results"), "--out", str(tmp_path / "site")]
    assert CliRunner().invoke(leaderboard, arguments).exit_code == 0
    (tmp_path / "results" / "bad.json").write_text("{")
    done = CliRunner().invoke(leaderboard, arguments)
    assert done.exit_code == 1 and "left out" in done.output and "bad.json" in done.output


def test_the_preview_is_for_this_machine_only(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    build_site([tmp_path / "results"], tmp_path / "site")
    with serve.make_server(tmp_path / "site", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.server_address[0] == "127.0.0.1"
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/index.html") as answer:
            assert b"xbench" in answer.read()
        connection = HTTPConnection("127.0.0.1", server.server_port)
        connection.request("GET", "/index.html", headers={"Host": "example.org"})
        assert connection.getresponse().status == 403
        server.shutdown()


def test_a_folder_without_a_site_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="leaderboard build"):
        serve.make_server(tmp_path, 0)


def test_packing_results_over_themselves_is_refused(tmp_path: Path) -> None:
    path = file_result(tmp_path / "own")
    before = path.with_suffix(".npz").read_bytes()
    with pytest.raises(DataError, match="the results lie there"):
        pack_results([tmp_path / "own"], tmp_path / "own")
    assert path.with_suffix(".npz").read_bytes() == before
