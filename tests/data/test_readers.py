"""What the readers promise about their formats, and where files are found."""

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from xbench.data.collection import Collection
from xbench.data.download import Storage, locate, where
from xbench.data.readers import read
from xbench.errors import DataError, SpecError
from xbench.specs import registry
from xbench.specs.parts import Source


def lareqa_file(questions: list[tuple[str, int]], context: str = "Eins steht. Zwei folgt.") -> dict[str, Any]:
    """One paragraph of two sentences; questions are (id, answer_start)."""
    items = [
        {"id": identity, "question": f"frage {identity}", "answers": [{"text": "x", "answer_start": start}]}
        for identity, start in questions
    ]
    paragraph = {"context": context, "qas": items, "sentence_breaks": [[0, 11], [12, 23]], "sentences": ["", ""]}
    return {"version": "1.0", "data": [{"title": "t", "paragraphs": [paragraph]}]}


def lareqa(folder: Path, files: dict[str, dict[str, Any]], **changes: Any) -> Collection:
    for language, content in files.items():
        (folder / f"{language}.json").write_text(json.dumps(content), encoding="utf-8")
    spec = {"name": "mine", "languages": list(files), "format": "lareqa", "source": {"path": "{lang}.json"}, **changes}
    (folder / "mine.yaml").write_text(json.dumps(spec))
    return read(registry.load("task", str(folder / "mine.yaml")), Storage(cache=folder / "cache"))


def test_the_sentence_that_holds_the_first_character_of_the_answer_is_relevant(tmp_path: Path) -> None:
    collection = lareqa(tmp_path, {"de": lareqa_file([("a", 0), ("b", 10), ("c", 12)])})
    assert collection.documents["de"].texts == ("Eins steht.", "Zwei folgt.")
    assert list(collection.golds["de"].document) == [0, 0, 1]


def test_a_question_is_relevant_in_every_language_that_holds_its_id(tmp_path: Path) -> None:
    collection = lareqa(tmp_path, {"de": lareqa_file([("a", 0), ("b", 0)]), "en": lareqa_file([("b", 12)])})
    golds = collection.golds["de"]
    found = list(zip(golds.query, golds.language, golds.document, strict=True))
    assert found == [(0, 0, 0), (1, 0, 0), (1, 1, 1)]


def test_sentence_and_context_are_joined_as_xtreme_r_does(tmp_path: Path) -> None:
    content = lareqa_file([("a", 0)], "Eins steht.\nZwei folgt.")
    collection = lareqa(tmp_path, {"de": content}, options={"candidate": "sentence+context"})
    assert collection.documents["de"].texts[0] == "Eins steht.Eins steht.Zwei folgt."


def test_paragraphs_that_share_a_question_are_one_group(tmp_path: Path) -> None:
    other = lareqa_file([("b", 0)])
    other["data"] += lareqa_file([("c", 0)])["data"]
    collection = lareqa(tmp_path, {"de": lareqa_file([("a", 0), ("b", 0)]), "en": other}, group="paragraph")
    groups = dict(zip(collection.queries["en"].questions, collection.queries["en"].groups, strict=True))
    own = dict(zip(collection.queries["de"].questions, collection.queries["de"].groups, strict=True))
    assert own["a"] == own["b"] == groups["b"] != groups["c"]


def parallel(folder: Path, spec: dict[str, Any]) -> Collection:
    whole = {"name": "mine", "languages": ["de", "en"], "format": "parallel", **spec}
    (folder / "mine.yaml").write_text(json.dumps(whole))
    return read(registry.load("task", str(folder / "mine.yaml")), Storage(cache=folder / "cache"))


def test_aligned_rows_are_relevant_across_languages(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "query": {"de": "Wer?", "en": "Who?"}, "positive": {"de": "Er.", "en": "He."}},
        {"id": "2", "query": {"en": "What?"}, "positive": {"en": "This."}},
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    collection = parallel(tmp_path, {"source": {"path": "rows.jsonl"}})
    assert collection.queries["en"].texts == ("Who?", "What?")
    assert collection.documents["de"].texts == ("Er.",)
    golds = collection.golds["en"]
    assert list(zip(golds.query, golds.language, golds.document, strict=True)) == [(0, 0, 0), (0, 1, 0), (1, 1, 1)]


def test_aligned_lines_join_by_line_number(tmp_path: Path) -> None:
    (tmp_path / "text.de").write_text("Eins\nZwei\n")
    (tmp_path / "text.en").write_text("One\nTwo\n")
    collection = parallel(tmp_path, {"source": {"path": "text.{lang}"}, "grid": {"monolingual": False}})
    assert collection.documents["en"].texts == ("One", "Two")
    assert list(collection.golds["de"].document) == [0, 0, 1, 1]


def test_aligned_files_of_different_length_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.de").write_text("Eins\n")
    (tmp_path / "text.en").write_text("One\nTwo\n")
    with pytest.raises(DataError, match="differ in lines"):
        parallel(tmp_path, {"source": {"path": "text.{lang}"}})


def test_facts_of_other_names_do_not_pass_under_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xbench.data.embedded_facts.PINNED_DIGEST", "of other facts")
    with pytest.raises(SpecError, match=r"facts_names\.json or .* was changed: .*; install xbench again"):
        read(registry.load("task", "facts"), Storage(offline=True))


def test_several_data_folders_are_searched_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    monkeypatch.setenv("XBENCH_DATA", f"{first}:{second}")
    assert Storage.of(None).data_dirs == (first, second)


def test_facts_asks_held_out_kinds_of_questions() -> None:
    task, corpus = registry.load("task", "facts"), registry.load("corpus", "facts")
    asked = set(task.spec.options.kinds)
    assert not asked & set(corpus.spec.kinds)
    collection = read(task, Storage(offline=True))
    assert {len(queries) for queries in collection.queries.values()} == {len(collection.documents["en"])}
    assert len(collection.golds["de"].query) == len(collection.queries["de"]) * len(task.spec.languages)


# ---------------------------------------------------------------- where files are found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A loopback server over tmp_path/served."""
    (tmp_path / "served").mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def source(url: str, content: bytes) -> Source:
    return Source(path="x/{lang}.json", url=f"{url}/{{lang}}.json", sha256={"de": hashlib.sha256(content).hexdigest()})


def test_files_are_found_in_the_data_folders_then_beside_the_yaml_then_in_the_cache_then_fetched(
    tmp_path: Path, served: str
) -> None:
    content = b'{"a": 1}'
    declared = source(served, content)
    (tmp_path / "served/de.json").write_bytes(content)
    first, second, base = (tmp_path / name for name in ("first", "second", "base"))
    storage = Storage((first, second), tmp_path / "cache")
    fetched = locate(storage, declared, "de", base)
    assert fetched.is_relative_to(tmp_path / "cache")
    (tmp_path / "served/de.json").unlink()
    assert locate(storage, declared, "de", base) == fetched  # kept
    for folder in (base, second, first):
        (folder / "x").mkdir(parents=True)
        (folder / "x/de.json.gz").write_bytes(gzip.compress(content))
        assert locate(storage, declared, "de", base) == folder / "x/de.json.gz"


def test_a_download_that_differs_from_its_pin_is_refused_and_not_kept(tmp_path: Path, served: str) -> None:
    (tmp_path / "served/de.json").write_bytes(b"another file")
    storage = Storage(cache=tmp_path / "cache")
    with pytest.raises(DataError, match="sha256 mismatch"):
        locate(storage, source(served, b"the file"), "de", tmp_path)
    assert where(storage, source(served, b"the file"), "de", tmp_path) is None


def test_a_failing_download_is_tried_again(tmp_path: Path, served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import requests

    from xbench.data import web

    (tmp_path / "served/de.json").write_bytes(b"content")
    calls: list[str] = []
    save = web.save

    def flaky(url: str, *rest: Any) -> None:
        calls.append(url)
        if len(calls) < 3:
            raise requests.ConnectionError("cut")
        save(url, *rest)

    monkeypatch.setattr(web, "save", flaky)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert locate(Storage(cache=tmp_path / "cache"), source(served, b"content"), "de", tmp_path).is_file()
    assert len(calls) == 3
