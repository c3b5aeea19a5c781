"""What a program may hand over: what is sensible is taken, and anything else is one line of xbench's own errors."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import file_result

import xbench
from xbench.api.arguments import call_text, depth_of, loading_of, place_of, seeds_of, settings_of, switch_of
from xbench.api.words import for_programs
from xbench.errors import SpecError, XbenchError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XBENCH_PATH", "XBENCH_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("given", "taken"),
    [(3, (3,)), (np.int64(3), (3,)), (np.arange(2), (0, 1)), ([np.uint8(1), 2], (1, 2)), (range(2), (0, 1))],
)
def test_seeds_are_whole_numbers_of_python_and_of_numpy(given: Any, taken: tuple[int, ...]) -> None:
    assert seeds_of(given) == taken
    assert all(type(seed) is int for seed in seeds_of(given))


@pytest.mark.parametrize("given", [None, 1.5, True, "0", b"0", -1, 2**32, [], [None], [[0]], np.float64(1), np.True_])
def test_what_is_no_seed_is_one_line(given: Any) -> None:
    with pytest.raises(SpecError, match=r"^seeds: found "):
        seeds_of(given)


def test_a_program_may_leave_the_device_out_and_give_any_path(tmp_path: Path) -> None:
    assert loading_of(None, False, False).device == "auto"
    assert place_of(tmp_path, "out") == tmp_path == place_of(str(tmp_path), "out")
    assert (depth_of(None), depth_of(np.int32(7)), switch_of(np.True_, "offline")) == (None, 7, True)
    assert settings_of({"steps": np.int64(3), "scale": np.float32(0.5)}) == {"steps": 3, "scale": 0.5}


ODD: list[tuple[dict[str, Any], str]] = [
    ({"tasks": None}, "tasks: found None, expected names"),
    ({"tasks": 5}, "tasks: found 5, expected names"),
    ({"tasks": [None]}, "tasks: found None, expected names"),
    ({"tasks": []}, "tasks: found none"),
    ({"seeds": None}, "seeds: found None"),
    ({"out": None}, "out: found None, expected a path"),
    ({"out": ""}, "out: found '', expected a path"),
    ({"data_dir": 5}, "data_dir: found 5, expected a path"),
    ({"offline": "no"}, "offline: found 'no', expected True or False"),
    ({"progress": None}, "progress: found None, expected True or False"),
    ({"allow_contaminated": "false"}, "allow_contaminated: found 'false', expected True or False"),
    ({"remote_code": 1}, "remote_code: found 1, expected True or False"),
    ({"device": 5}, "device 5: expected auto, cpu, cuda, cuda:1 or mps"),
    ({"save_runs": "all", "depth": -1}, "depth: found -1, expected a whole number from 1 to"),
    ({"save_runs": "all", "depth": True}, "depth: found True"),
    ({"save_runs": "all", "depth": 1.5}, "depth: found 1.5"),
    ({"save_runs": 5}, "save_runs: found 5, expected names"),
    ({"languages": 5}, "languages: found 5, expected names"),
    ({"settings": 5}, "settings: "),
    ({"settings": {"steps": object()}}, "settings: found object; expected text, numbers"),
    ({"settings": {"steps": float("nan")}}, "settings: "),
    ({"name": 5}, "name: found 5, expected text"),
    ({"version": 1.5}, "version: found 1.5, expected text"),
]


@pytest.mark.parametrize(("options", "says"), ODD, ids=lambda value: str(value)[:40])
def test_what_evaluate_cannot_use_is_one_line(tmp_path: Path, options: dict[str, Any], says: str) -> None:
    tasks = options.pop("tasks", "facts")
    with pytest.raises(XbenchError) as told:
        xbench.evaluate("random", tasks, **{"progress": False, "languages": "de", **options})
    assert says in str(told.value) and "\n" not in str(told.value)
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: xbench.train("static", "hybrid", "facts", seed=None), "seeds: found None"),  # type: ignore[arg-type]
        (lambda: xbench.train("static", "hybrid", "facts", seed=[1, 2]), "seed: found 2"),  # type: ignore[arg-type]
        (lambda: xbench.train("static", None, "facts"), "recipe: found None"),  # type: ignore[arg-type]
        (lambda: xbench.train("static", "hybrid", None), "corpus: found None"),  # type: ignore[arg-type]
        (lambda: xbench.train("static", "hybrid", "facts", out=None), "out: found None"),  # type: ignore[arg-type]
        (lambda: xbench.load_task(None), "name: found None"),  # type: ignore[arg-type]
        (lambda: xbench.read_results(None), "results: found None"),  # type: ignore[arg-type]
        (lambda: xbench.compare(None, None), "compare: found NoneType"),  # type: ignore[arg-type]
        (lambda: xbench.compare("a", "b", metric=5), "metric: found 5"),  # type: ignore[arg-type]
        (lambda: xbench.build_leaderboard(None), "results: found None"),  # type: ignore[arg-type]
        (lambda: xbench.build_leaderboard("results", None), "out: found None"),  # type: ignore[arg-type]
        (lambda: xbench.evaluate({"query": {"de": [[1], [1, 2]]}, "document": {}}, "facts", name="v"), "vectors, quer"),
        (lambda: xbench.evaluate({"query": {"de": "x"}, "document": {}}, "facts", name="v"), "vectors, queries in de"),
    ],
    ids=range(13),
)
def test_what_the_other_functions_cannot_use_is_one_line(call: Any, says: str) -> None:
    with pytest.raises(XbenchError) as told:
        call()
    assert says in str(told.value) and "\n" not in str(told.value)


def test_a_call_is_recorded_with_plain_numbers() -> None:
    (result,) = xbench.evaluate("random", "facts", languages="de", seeds=np.int64(2), progress=False)
    assert result.seed == 2
    assert result.provenance.command == "xbench.evaluate('random', ['facts'], seeds=2, languages=['de'])"
    assert call_text("f", [], {}) == "xbench.f()"


# --- anything, anywhere ------------------------------------------------------------------------------------------


class Silent:
    """An object that cannot say what it is."""

    def __repr__(self) -> str:
        raise RuntimeError

    __str__ = __repr__


ANYTHING: dict[str, Any] = {
    "number": 1.5,
    "not a number": float("nan"),
    "below": -1,
    "huge": 10**400,
    "complex": 1j,
    "text": "0.5",
    "bytes": b"x",
    "null": "a\0b",
    "half a character": "\ud800",
    "long": "x" * 5000,
    "nested": [[]],
    "nothing": [None],
    "keys": {1: 2},
    "object": Silent(),
    "function": lambda: 1,
    "array": np.zeros((20, 2)),
    "kind": int,
}
CALLS: dict[str, tuple[Any, dict[str, Any]]] = {
    "compare": (xbench.compare, {"first": "a", "second": "b", "pairs": "en-de", "examples": 1}),
    "load_task": (xbench.load_task, {"name": "facts", "languages": "de", "progress": False}),
    "read_results": (xbench.read_results, {"place": "a"}),
    "build_leaderboard": (xbench.build_leaderboard, {"results": "a", "out": "site"}),
    "evaluate": (xbench.evaluate, {"encoder": "random", "tasks": "facts", "languages": "de", "progress": False}),
    "train": (xbench.train, {"model": "absent.yaml", "recipe": "hybrid", "corpus": "facts", "progress": False}),
}


@pytest.mark.parametrize(
    ("function", "argument"),
    [(name, argument) for name, (call, _) in CALLS.items() for argument in inspect.signature(call).parameters],
)
def test_whatever_an_argument_is_the_call_is_carried_out_or_refused_in_one_line(function: str, argument: str) -> None:
    file_result(Path("a"))
    file_result(Path("b"), model="other", digest="cd" * 32, skill=2.0)
    call, usual = CALLS[function]
    for kind, given in ANYTHING.items():
        try:
            call(**{**usual, argument: given})
        except XbenchError as error:
            assert "\n" not in str(error), (kind, str(error))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"margin": "0.5"}, "margin: found '0.5', expected a number of points, such as 0.5"),
        ({"margin": True}, "margin: found True, expected a number of points, such as 0.5"),
        ({"margin": -1}, "margin -1: expected points of the metric above 0 and up to 100, such as 0.5"),
        ({"margin": 1, "equivalent": 1}, "margin and equivalent: found both, expected one; margin asks whether A is "),
        ({"languages": ""}, "languages: found an empty name, expected codes with commas between, such as de,en"),
        ({"languages": "de,,en"}, "languages: found an empty name"),
    ],
    ids=str,
)
def test_what_compare_refuses_is_named_as_its_argument(options: dict[str, Any], says: str) -> None:
    file_result(Path("a"))
    with pytest.raises(XbenchError) as told:
        xbench.compare("a", "a", **options)
    assert str(told.value).startswith(says)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"settings": {"stepps": 3}}, "settings stepps: unknown setting; did you mean 'steps'?"),
        ({"settings": {1: 3}}, "settings: found the key 1; expected text, numbers, lists and mappings by key"),
        ({"data_dir": "absent"}, "data folder absent: no such folder (from data_dir or XBENCH_DATA)"),
    ],
    ids=str,
)
def test_what_evaluate_refuses_is_named_as_its_argument(options: dict[str, Any], says: str) -> None:
    with pytest.raises(XbenchError) as told:
        xbench.evaluate("random", "facts", progress=False, **options)
    assert str(told.value) == says


def test_switches_and_settings_are_named_as_a_program_writes_them() -> None:
    @for_programs
    def call(settings: object = None, offline: bool = False, pairs: object = ()) -> None:
        raise SpecError("a--pair of --pair, --offline, --port: lower it with --set batch_size=...")

    with pytest.raises(SpecError) as told:
        call()
    assert str(told.value) == 'a--pair of pairs, offline=True, --port: lower it with settings={"batch_size": ...}'
