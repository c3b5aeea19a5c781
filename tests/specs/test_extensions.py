"""What other packages may bring: encoders and readers by entry points, named by `format` in a YAML."""

from __future__ import annotations

import importlib
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import xbench
from xbench.encoders.extension_encoder import ExtensionEncoder
from xbench.errors import DataError, EncoderError, SpecError, XbenchError
from xbench.specs import extensions, registry

ENCODER = """
    from typing import Literal
    import numpy as np
    from xbench.specs import ModelBase

    class Spec(ModelBase):
        format: Literal["letters"]
        buckets: int = 32

    class Letters:
        similarity, max_length = "cosine", None

        def __init__(self, spec):
            self.buckets = spec.buckets
            self.identity = {"format": "letters", "buckets": spec.buckets}

        def encode(self, texts, role, advance):
            counts = np.ones((len(texts), self.buckets))
            for row, text in enumerate(texts):
                np.add.at(counts[row], np.frombuffer(text.encode(), np.uint8) % self.buckets, 1)
            advance(len(texts))
            return counts

        def tokens(self, texts, role):
            return np.array([[len(text), 0] for text in texts])

    def make_encoder(spec, device):
        return Letters(spec)
"""
READER = """
    from typing import Literal
    from xbench.data.collection import Queries, Texts, collect
    from xbench.errors import DataError
    from xbench.specs import TaskBase
    from xbench.specs.parts import Source

    class Spec(TaskBase):
        format: Literal["tabs"]
        source: Source

    def files(task):
        yield task.source, ""

    def read(task, locate):
        rows = [line.split("\\t") for line in locate(task.source, "").path.read_text().splitlines()]
        if any(len(row) != 3 for row in rows):
            raise DataError("a line has no three columns")
        names = tuple(row[0] for row in rows)
        queries = {"en": Queries(names, tuple(row[1] for row in rows), names, names)}
        documents = {"de": Texts(tuple(f"d-{name}" for name in names), tuple(row[2] for row in rows))}
        return collect(queries, documents, {"de": {name: [place] for place, name in enumerate(names)}})
"""
TASK = """
    name: mine
    query_languages: [en]
    document_languages: [de]
    format: tabs
    source: {path: rows.tsv}
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """install(points, **modules): a package of the name and version `fake 1.0`, as pip would leave it."""
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))

    def put(points: str, package: str = "fake", **modules: str) -> None:
        about = site / f"{package}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(textwrap.dedent(points))
        for name, code in modules.items():
            (site / f"{name}.py").write_text(textwrap.dedent(code))
        importlib.invalidate_caches()

    extensions.extension.cache_clear()
    yield put
    extensions.extension.cache_clear()
    for name in ("fake_encoder", "fake_reader"):
        sys.modules.pop(name, None)


def write(name: str, text: str) -> str:
    Path(name).write_text(textwrap.dedent(text).lstrip())
    return name


def test_an_encoder_of_another_package_is_a_model_like_any_other(install: Install) -> None:
    install("[xbench.encoders]\nletters = fake_encoder\n", fake_encoder=ENCODER)
    write("m.yaml", "name: m\nformat: letters\nbuckets: 16\ntraining_data: declared\n")

    def score(**settings: object) -> xbench.Result:
        (result,) = xbench.evaluate("m.yaml", "facts", languages=["de", "en"], settings=settings, progress=False)
        return result

    result = score()
    assert result.model_spec.plain()["buckets"] == 16
    encoder = result.provenance.encoder
    assert encoder == {"package": "fake 1.0", "format": "letters", "buckets": 16}
    assert result.verdict == "zero-shot"
    assert result.tokens.queries["de"].mean > 10
    assert score(**{"model.buckets": 8}).digest != result.digest
    with pytest.raises(SpecError, match=r"m.yaml:1: bucket: unknown key 'bucket'; did you mean 'buckets'"):
        registry.load("model", write("m.yaml", "bucket: 3\nname: m\nformat: letters\n"))
    with pytest.raises(SpecError, match=r"^m x hybrid: model m cannot be trained; score it as it is"):
        write("m.yaml", "name: m\nformat: letters\n")
        xbench.evaluate("m.yaml", "facts", recipe="hybrid", corpus="facts", progress=False)


def test_a_reader_of_another_package_reads_a_task_like_any_other(install: Install) -> None:
    install("[xbench.readers]\ntabs = fake_reader\n", fake_reader=READER)
    write("t.yaml", TASK)
    Path("rows.tsv").write_text("a\twhat is a\tdas ist a\nb\twho is b\tdas ist b\n")
    task = xbench.load_task("t.yaml", progress=False)
    assert (len(task.queries["en"]), task.documents["de"].texts) == (2, ("das ist a", "das ist b"))
    (result,) = xbench.evaluate("random", "t.yaml", progress=False)
    assert result.counts.queries == {"en": 2}
    Path("rows.tsv").write_text("a\twhat is a\n")
    with pytest.raises(DataError, match="task mine: a line has no three columns"):
        xbench.load_task("t.yaml", progress=False)
    Path("rows.tsv").unlink()
    with pytest.raises(DataError, match=r"missing data file rows\.tsv"):
        xbench.load_task("t.yaml", progress=False)


def test_an_unknown_format_is_answered_with_those_that_are_installed(install: Install) -> None:
    with pytest.raises(SpecError, match=r"found 'leters', expected one of 'sentence', 'static', 'random', 'bm25'$"):
        registry.load("model", write("m.yaml", "name: m\nformat: leters\n"))
    install("[xbench.encoders]\nletters = fake_encoder\n", fake_encoder=ENCODER)
    with pytest.raises(SpecError, match=r"m.yaml:2: format: found 'leters', expected .* 'bm25', 'letters'$"):
        registry.load("model", write("m.yaml", "name: m\nformat: leters\n"))


BROKEN = [
    ("raise OSError('no library of ours')", r"cannot be imported: OSError: no library of ours"),
    ("import no_such_package", "cannot be imported: ModuleNotFoundError: No module named 'no_such_package'"),
    ("import sys; sys.exit('not today')", "cannot be imported: SystemExit: not today"),
    (
        "from __future__ import annotations\n" + textwrap.dedent(ENCODER).replace("buckets: int", "buckets: Nowhere"),
        "Spec: its annotations cannot be resolved: PydanticUndefinedAnnotation: name 'Nowhere' is not defined",
    ),
    ("Spec = int", "Spec: found <class 'int'>, expected a subclass of xbench.specs.ModelBase"),
    (ENCODER.replace("make_encoder", "build"), "has no function make_encoder; see docs/extending.md"),
]


@pytest.mark.parametrize(("code", "says"), BROKEN)
def test_a_package_that_is_not_what_it_says_is_one_line_that_names_it(install: Install, code: str, says: str) -> None:
    install("[xbench.encoders]\nletters = fake_encoder\n", fake_encoder=code)
    with pytest.raises(SpecError, match="^format letters of fake 1.0 .entry point fake_encoder in .*" + says) as told:
        registry.load("model", write("m.yaml", "name: m\nformat: letters\n"))
    assert "\n" not in str(told.value)


FAULTY = [
    ("return Letters(spec)", "return spec", "its encoder lacks similarity|its encoder lacks identity"),
    ("return Letters(spec)", "raise MemoryError('too large')", "MemoryError: too large"),
    ("return counts", "return counts * np.nan", "found NaN or infinity"),
    ("return counts", "return counts[1:]", r"found an array of shape \(\d+, 32\), expected"),
    ("return np.array([[", "return np.array([[0.5,", r"tokens: found float64 of shape"),
    ('"buckets": spec.buckets}', '"buckets": spec}', "identity: cannot be written as JSON"),
    ('"buckets": spec.buckets}', '"buckets": float("nan")}', "identity: cannot be written as JSON"),
    ('"buckets": spec.buckets}', "1: spec.buckets}", "identity: cannot be written as JSON: a key is no text"),
    ('{"format": "letters", "buckets": spec.buckets}', '"letters"', "identity: found str, expected an object by key"),
    ('"cosine", None', '"euclid", None', "similarity: found 'euclid', expected cosine or dot"),
    ('"cosine", None', '"cosine", "512"', "max_length: found '512', expected tokens, or None for all"),
    ('"cosine", None', '"cosine", True', "max_length: found True, expected tokens"),
    ('"cosine", None', '"cosine", 0', "max_length: found 0, expected tokens"),
]


@pytest.mark.parametrize(("line", "instead", "says"), FAULTY, ids=range(len(FAULTY)))
def test_an_encoder_that_breaks_its_promises_is_one_line(install: Install, line: str, instead: str, says: str) -> None:
    install("[xbench.encoders]\nletters = fake_encoder\n", fake_encoder=ENCODER.replace(line, instead))
    write("m.yaml", "name: m\nformat: letters\n")
    with pytest.raises(EncoderError, match=says) as told:
        xbench.evaluate("m.yaml", "facts", languages=["de", "en"], progress=False)
    assert str(told.value).startswith("model m (fake 1.0)") and "\n" not in str(told.value)


def test_an_own_format_cannot_be_taken_over(install: Install) -> None:
    install("[xbench.encoders]\nrandom = fake_encoder\n", fake_encoder="raise OSError('never imported')")
    assert registry.load("model", "random").spec.name == "random"
    with pytest.raises(SpecError, match=r"format random is xbench's own, and fake 1\.0 brings one"):
        registry.load("model", write("m.yaml", "name: m\nformat: random\n"))
    assert issubclass(EncoderError, XbenchError)


def test_one_format_of_two_packages_is_ambiguous(install: Install) -> None:
    for package in ("fake", "other"):
        install("[xbench.encoders]\nletters = fake_encoder\n", package, fake_encoder=ENCODER)
    with pytest.raises(SpecError, match=r"format letters: brought by .*fake 1\.0.*; uninstall one") as told:
        registry.load("model", write("m.yaml", "name: m\nformat: letters\n"))
    assert "other 1.0" in str(told.value)


READ = [
    ("return collect(", "return None; collect(", "its reader gave NoneType, expected an xbench.data.collection"),
    ("return collect(", "rows.fail; collect(", "its reader, of fake 1.0: AttributeError: 'list' object has no"),
    ("return collect(", "exit('done'); collect(", "its reader, of fake 1.0: SystemExit: done"),
    ('{"de": {name', '{"fr": {name', "its reader, of fake 1.0: KeyError: 'de'"),
    ('documents = {"de"', 'documents = {"fr"', "its reader, of fake 1.0: KeyError: 'fr'"),
    ('queries = {"en"', 'queries = {"fr"', "queries in fr, expected the task's languages: en"),
    ("[place] for", "[-1] for", "golds in language 'en': document: found -1, expected 0 to 1"),
    ("[place] for", "[place, 9] for", "golds in language 'en': document: found 9, expected 0 to 1"),
    ('f"d-{name}"', '"d"', "document in language 'de': id 'd' stands twice"),
    ('yield task.source, ""', "yield task.source", "its reader, of fake 1.0: files: found Source.*expected pairs of"),
    ('yield task.source, ""', "yield 1 / 0", "its reader, of fake 1.0: ZeroDivisionError: division by zero"),
]


@pytest.mark.parametrize(("line", "instead", "says"), READ, ids=range(len(READ)))
def test_a_reader_that_breaks_its_promises_is_one_line(install: Install, line: str, instead: str, says: str) -> None:
    assert line in READER
    install("[xbench.readers]\ntabs = fake_reader\n", fake_reader=READER.replace(line, instead))
    write("t.yaml", TASK)
    Path("rows.tsv").write_text("a\twhat is a\tdas ist a\nb\twho is b\tdas ist b\n")
    with pytest.raises(DataError, match=says) as told:
        xbench.load_task("t.yaml", progress=False)
    assert str(told.value).startswith("task mine: ") and "\n" not in str(told.value)


GRADED = """collect(queries, documents, {"de": {name: [place] for place, name in enumerate(names)}})"""


@pytest.mark.parametrize(
    ("grade", "says"), [("0.5", "grade: found 0.5, expected a whole number"), ("'1'", "grade: found '1'")]
)
def test_grades_of_a_reader_are_whole_numbers(install: Install, grade: str, says: str) -> None:
    lines = f"judge(queries, documents, {{'en': [Judgement('a', 'de', 'd-a', {grade}, 'here:1')]}})"
    code = READER.replace(GRADED, lines).replace("Texts, collect", "Texts, Judgement, judge")
    install("[xbench.readers]\ntabs = fake_reader\n", fake_reader=code)
    write("t.yaml", TASK)
    Path("rows.tsv").write_text("a\twhat is a\tdas ist a\n")
    with pytest.raises(DataError, match=f"task mine: here:1: {says}"):
        xbench.load_task("t.yaml", progress=False)


def test_the_page_s_own_encoder_and_reader_are_whole() -> None:
    page = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
    encoder, reader = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(encoder, "page", "exec", dont_inherit=True), names)
    spec = names["Spec"](name="my-letters", format="letters", buckets=8)
    letters = ExtensionEncoder(spec, extensions.Extension("page 1", names["Spec"], SimpleNamespace(**names)), "cpu")
    assert letters.encode(["a", "bc"], "query", lambda texts: None).shape == (2, 8)
    assert letters.tokens(["a", "bc"], "query").tolist() == [[0, 0], [0, 0]]
    exec(compile(reader, "page", "exec", dont_inherit=True), names)
    assert callable(names["read"]) and callable(names["files"])
