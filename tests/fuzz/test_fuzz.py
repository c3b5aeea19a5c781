"""Five hundred inputs of the fuzzer, the same in every run; `make fuzz` runs thousands."""

from pathlib import Path

import pytest
from fuzz import Fuzzer
from originals import ORIGINALS

INPUTS, AT_ONCE = 500, 50


@pytest.mark.parametrize("first", range(0, INPUTS, AT_ONCE))
def test_any_input_ends_in_order_and_in_one_line(tmp_path: Path, first: int) -> None:
    fuzzer = Fuzzer(tmp_path, seed=0)
    faults = {}
    for number in range(first, first + AT_ONCE):
        end, _ = fuzzer.run(fuzzer.case(number))
        if end.fault:
            faults[f"python -m fuzz --seed 0 --case {number}"] = (end.fault, end.err)
    assert not faults


@pytest.mark.parametrize("original", ORIGINALS, ids=lambda original: original.name)
def test_whole_files_are_read(tmp_path: Path, original: object) -> None:
    """What is spoilt was right before: else a fuzzer tests how a wrong file is refused, and nothing behind it."""
    from oracle import ended

    original.make(tmp_path)  # type: ignore[attr-defined]
    for line in original.lines:  # type: ignore[attr-defined]
        end = ended(tmp_path, line.split())
        assert (end.code, end.fault) == (0, ""), (line, end)


@pytest.mark.parametrize("original", ORIGINALS, ids=lambda original: original.name)
def test_one_seed_gives_one_input(tmp_path: Path, original: object) -> None:
    number = ORIGINALS.index(original)  # type: ignore[arg-type]
    texts = []
    for name in ("a", "b"):
        fuzzer = Fuzzer(tmp_path / name, seed=3)
        case = fuzzer.case(number)
        _, place = fuzzer.run(case)
        files = {str(path.relative_to(place)): path for path in sorted(place.rglob("*")) if path.is_file()}
        texts.append((case.arguments, {key: path.read_bytes() for key, path in files.items() if key.endswith(".yaml")}))
    assert texts[0] == texts[1]


def test_a_fault_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle sees what must not be: a traceback, a control character, a file outside, a second line."""
    from oracle import ended

    from xbench.commands import words
    from xbench.errors import SpecError
    from xbench.specs import registry

    inside = tmp_path / "inside"
    inside.mkdir()

    def faults(act: object) -> str:
        monkeypatch.setattr(registry, "known", act)
        return ended(inside, ["tasks", "list"]).fault

    def raises(error: Exception) -> object:
        def act(kind: str) -> object:
            raise error

        return act

    def says(text: str) -> object:
        def act(kind: str) -> object:
            words.click.echo(text)
            raise SpecError("x")

        return act

    def writes(kind: str) -> object:
        (tmp_path / "outside").write_text("")
        raise SpecError("x")

    assert "no XbenchError" in faults(raises(ValueError("x")))
    assert faults(raises(SpecError("x"))) == ""
    assert "control characters" in faults(says("\x07"))
    assert "outside its folder" in faults(writes)
