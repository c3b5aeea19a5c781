"""Broken and hostile files of every format: one clear line that names the place, exit 2, and bounded memory."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import layouts
import pytest

from xbench import cli
from xbench.specs import registry

SPECS: dict[str, dict[str, Any]] = {
    "beir": {
        "documents": {"path": "{lang}/corpus.jsonl.gz"},
        "queries": {"path": "{lang}/queries.jsonl"},
        "qrels": {"path": "{lang}/qrels/test.tsv"},
    },
    "miracl": {
        "documents": {"path": "{lang}/docs-{shard}.jsonl.gz", "shards": {"de": 2, "en": 1}},
        "queries": {"path": "{lang}/topics.tsv"},
        "qrels": {"path": "{lang}/qrels.tsv"},
        "relevance": "same-language",
    },
    "mteb": {"source": {"path": "."}},
    "parallel": {"source": {"path": "rows.jsonl"}, "options": {"id": "image/key", "captions": "caption"}},
    "passages": {
        "source": {"path": "all.zip", "member": "in/{lang}.jsonl", "codes": {"de": "deu", "en": "eng"}},
        "options": {"id": ["link", "question_number"], "passage": ["link"], "document": "flores_passage"},
    },
    "bitext": {
        "query_languages": ["en"],
        "document_languages": ["de", "fr"],
        "source": {"path": "{lang}.txt"},
        "english": {"path": "{lang}-en.txt"},
        "relevance": "explicit",
    },
    "mkqa": {
        "query_languages": ["de"],
        "document_languages": ["en"],
        "documents": {"path": "corpus.jsonl"},
        "queries": {"path": "mkqa.jsonl.gz"},
        "options": {"kinds": ["entity", "date"], "most": 10},
    },
}

HUGE = b"x" * 1_000_001
Damage = Callable[[bytes], bytes]


def whole(content: bytes) -> Damage:
    return lambda _: content


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def after(line: bytes) -> Damage:
    return lambda content: content + line + b"\n"


def repacked(damage: Damage) -> Damage:
    return lambda content: gzip.compress(damage(gzip.decompress(content)))


def swapped(old: bytes, new: bytes) -> Damage:
    return lambda content: content.replace(old, new)


def noise(content: bytes) -> bytes:
    """No gzip at all, under its name."""
    return b"\x00\x01\x02" * 20


CORPUS, QUERIES, QRELS = "de/corpus.jsonl.gz", "de/queries.jsonl", "de/qrels/test.tsv"
PARQUET, ROWS = "de-corpus/test-00000-of-00001.parquet", "rows.jsonl"
CASES: list[tuple[str, str, Damage, str]] = [
    # --- beir
    ("beir", CORPUS, cut, "de/corpus.jsonl.gz: damaged or truncated gzip file; fetch it again"),
    ("beir", CORPUS, noise, "de/corpus.jsonl.gz: damaged or truncated gzip file"),
    ("beir", CORPUS, repacked(whole(b"")), "no documents in language 'de'"),
    ("beir", CORPUS, repacked(after(b'{"_id": "d0", "text": "again"}')), "gz:5: found id 'd0', expected an id"),
    ("beir", CORPUS, repacked(after(b'{"_id": "d9"}')), "gz:5: text: no key 'text'; found '_id', expected text"),
    ("beir", CORPUS, repacked(after(b'{"id": "d9", "text": "x"}')), "gz:5: _id: no key '_id'; found 'id', 'text'"),
    ("beir", CORPUS, repacked(after(b'{"_id": "d9", "text": 5}')), "gz:5: text: found 5, expected text"),
    ("beir", CORPUS, repacked(after(b'{"_id": "", "text": "x"}')), "gz:5: found id '', expected an id"),
    ("beir", CORPUS, repacked(after(b'{"_id": "d9", "title": [1], "text": "x"}')),
     "gz:5: title: found [1], expected text"),
    ("beir", CORPUS, repacked(after(HUGE)), "gz:5: a line of 1,000,001 characters; expected fewer than 1,000,000"),
    ("beir", QUERIES, swapped(b"de q1?", b" "), "1 of 3 queries in language 'de' are blank"),
    ("beir", QUERIES, after(b'{"_id": "q9", "te'), "queries.jsonl:4: not valid JSON"),
    ("beir", QUERIES, after(b"[" * 100_000), "queries.jsonl:4: not valid JSON"),
    ("beir", QUERIES, after(b'{"_id": ' + b"9" * 5000 + b"}"), "queries.jsonl:4: not valid JSON (Exceeds the limit"),
    ("beir", QUERIES, after(b"[1]"), "queries.jsonl:4: found list, expected an object per line"),
    ("beir", QUERIES, after('{"_id": "q9", "text": "ü"}'.encode("latin-1")), "queries.jsonl:4: not UTF-8"),
    ("beir", QUERIES, lambda content: content.decode().encode("utf-16"), "queries.jsonl:1: not UTF-8"),
    ("beir", QUERIES, swapped(b'"q', b'"x'), "no query id of 'de' is one of another language's"),
    ("beir", QRELS, whole(b""), "expected the header query-id, corpus-id, score"),
    ("beir", QRELS, whole(b"q1\td0\t1\n"), "test.tsv:1: found 'q1 d0 1', expected the header"),
    ("beir", QRELS, after(b"q1\t0\td1\t1"), "test.tsv:5: 4 fields, expected 3 with tabs between"),
    ("beir", QRELS, after(b"q1 d1 1"), "test.tsv:5: 1 fields, expected 3 with tabs between"),
    ("beir", QRELS, after(b"q1\td1\tyes"), "test.tsv:5: found 'yes', expected a whole number below 1,000,000"),
    ("beir", QRELS, after(b"q1\td1\t0.5"), "test.tsv:5: found '0.5', expected a whole number"),
    ("beir", QRELS, after(b"q1\td1\t1e30"), "test.tsv:5: found '1e30', expected a whole number below"),
    *(("beir", QRELS, after(b"q1\td1\t" + grade.encode()), f"test.tsv:5: found {grade!r}, expected a whole number")
      for grade in ("1_0", "\u0661", "0x1", "nan", " 1", "1e0")),
    ("beir", QRELS, after(b"q1\td1\tinf"), "test.tsv:5: found 'inf', expected a whole number"),
    ("beir", QRELS, after(b"q9\td1\t1"), "test.tsv:5: no query 'q9'; qrels and queries must be of one version"),
    ("beir", QRELS, after(b"q1\td9\t1"), "test.tsv:5: document 'de-d9' is not in the collection"),
    ("beir", QRELS, after(b"q1\td0\t1"), "test.tsv:5: query 'de-q1' and document 'de-d0' are judged twice"),
    ("beir", QRELS, after(HUGE), "test.tsv:5: a line of 1,000,001 characters"),
    # --- miracl
    ("miracl", "de/docs-1.jsonl.gz", cut, "de/docs-1.jsonl.gz: damaged or truncated gzip file"),
    ("miracl", "de/docs-1.jsonl.gz", repacked(after(b'{"docid": "0#0", "title": "", "text": "x"}')),
     "docs-1.jsonl.gz:4: found id '0#0'"),
    ("miracl", "de/docs-0.jsonl.gz", repacked(after(b'{"docid": "9#0", "text": "x"}')),
     "gz:4: title: no key 'title'"),
    ("miracl", "de/docs-0.jsonl.gz", repacked(after(b'{"docid": 9, "title": "", "text": "x"}')),
     "gz:4: docid: found 9, expected text"),
    ("miracl", "de/topics.tsv", after(b"q9\ta\tb"),
     "topics.tsv:4: 3 fields, expected 2 with tabs between: query id, text"),
    ("miracl", "de/topics.tsv", after(b"q1\tagain"),
     "topics.tsv:4: found id 'q1', expected an id that no other row has"),
    ("miracl", "de/qrels.tsv", after(b"q1\t2#0\t1"), "qrels.tsv:5: 3 fields, expected 4: query, Q0, document, grade"),
    ("miracl", "de/qrels.tsv", after(b"q7\tQ0\t2#0\t1"), "qrels.tsv:5: no query 'de-q7'"),
    ("miracl", "de/qrels.tsv", after(b"q2\tQ0\t99#0\t1"), "qrels.tsv:5: document 'de-99#0' is not in the collection"),
    ("miracl", "de/qrels.tsv", whole(b""), "de/qrels.tsv: no judgement in it; expected some"),
    ("beir", QRELS, whole(b"query-id\tcorpus-id\tscore\n"), "de/qrels/test.tsv: no judgement in it; expected some"),
    ("beir", QUERIES, after(b'{"_id": "q9", "_id": "q8", "text": "x"}'),
     "queries.jsonl:4: not valid JSON (key '_id' stands twice in an object; keep one)"),
    # --- mteb
    ("mteb", PARQUET, cut, "damaged, or no parquet file"),
    ("mteb", PARQUET, noise, "damaged, or no parquet file"),
    ("mteb", PARQUET, whole(b""), "damaged, or no parquet file"),
    # --- captions
    ("parallel", ROWS, after(b'{"image/key": "q1", "de": {"caption": ["x"]}}'),
     "rows.jsonl:4: image/key: found 'q1'"),
    ("parallel", ROWS, after(b'{"key": "q9"}'), "rows.jsonl:4: image/key: no key 'image/key'; found 'key'"),
    ("parallel", ROWS, after(b'{"image/key": "q9", "de": ["x"]}'),
     "rows.jsonl:4: de: found ['x'], expected {'caption': [texts]}"),
    ("parallel", ROWS, after(b'{"image/key": "q9", "de": {"caption": ["x", 7]}}'),
     "rows.jsonl:4: de: found 7, expected a text"),
    ("parallel", ROWS, whole(b""), "rows.jsonl: the file is empty; expected one row of JSON per line"),
    ("parallel", ROWS, after(HUGE), "rows.jsonl:4: a line of 1,000,001 characters"),
    # --- bitext
    ("bitext", "de.txt", after(b"one more"), "de-en.txt: 3 lines, and 4 in de; expected as many"),
    ("bitext", "de-en.txt", swapped(b"English de q2", b""), "or lost ones): 'en-de-2'; mend the data"),
    ("bitext", "de.txt", after(b"\xff"), "de.txt:4: not UTF-8"),
    # --- mkqa
    ("mkqa", "mkqa.jsonl.gz", cut, "mkqa.jsonl.gz: damaged or truncated gzip file"),
    ("mkqa", "mkqa.jsonl.gz", repacked(after(b'{"example_id": 9}')), "gz:4: answers: not MKQA's layout"),
    ("mkqa", "mkqa.jsonl.gz", repacked(after(b'{"example_id": 9, "answers": {"en": [{"type": "date", "text": "1"}]}}')),
     "gz:4: queries: found None"),
    ("mkqa", "mkqa.jsonl.gz",
     repacked(after(b'{"example_id": 9, "answers": {"en": [{"type": "date", "text": "1", "aliases": 7.5}]}}')),
     "gz:4: answers: not MKQA's layout"),
    ("mkqa", "corpus.jsonl", after(b'{"_id": "doc0", "text": "x"}'), "corpus.jsonl:5: found id 'doc0'"),
    ("mkqa", "corpus.jsonl", whole(b'{"_id": "doc0", "text": "nothing"}\n'), "no queries in language 'de'"),
]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


def make(kind: str, folder: Path, **changes: Any) -> None:
    """A task of a format as t.yaml, with its files beside it."""
    spec = {"name": "t", "format": kind, **SPECS[kind], **changes}
    if "query_languages" not in spec:
        spec["languages"] = ["de", "en"]
    (folder / "t.yaml").write_text(json.dumps(spec))
    task = registry.load("task", str(folder / "t.yaml")).spec
    layouts.write(task, folder)


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *says: str) -> str:
    monkeypatch.setattr(sys, "argv", ["xbench", "task", "check", "t.yaml", "--offline"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert ended.value.code == 2, said
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("xbench: task t: ")
    assert len(line) < 500
    for part in says:
        assert part in line
    return line


@pytest.mark.parametrize("kind", SPECS)
def test_the_files_are_read_as_they_are(kind: str, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(kind, desk)
    monkeypatch.setattr(sys, "argv", ["xbench", "task", "check", "t.yaml", "--offline"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code


@pytest.mark.parametrize(
    ("kind", "name", "damage", "says"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_damaged_file_is_one_line(
    kind: str,
    name: str,
    damage: Damage,
    says: str,
    desk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(kind, desk)
    path = desk / name
    path.write_bytes(damage(path.read_bytes()))
    refused(monkeypatch, capsys, says)


@pytest.mark.parametrize("name", ["de/corpus.jsonl.gz", "de/queries.jsonl", "de/qrels/test.tsv"])
@pytest.mark.parametrize("change", ["a byte order mark", "carriage returns", "blank lines at the end"])
def test_what_editors_add_changes_nothing(name: str, change: str, desk: Path) -> None:
    from xbench.data.download import Storage
    from xbench.data.readers import read

    make("beir", desk)
    entry = registry.load("task", "t.yaml")
    before = read(entry, Storage(offline=True)).digest
    changes: dict[str, Damage] = {
        "a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
        "carriage returns": lambda content: content.replace(b"\n", b"\r\n"),
        "blank lines at the end": lambda content: content + b"\n\n",
    }
    path = desk / name
    damage = repacked(changes[change]) if path.suffix == ".gz" else changes[change]
    path.write_bytes(damage(path.read_bytes()))
    assert read(entry, Storage(offline=True)).digest == before


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ([{"query": "q1", "corpus-id": "d0", "score": 1}], "query-id: no key 'query-id'; found 'corpus-id', 'score'"),
        ([{"query-id": "q1", "corpus-id": "d0"}], "found 'None', expected a whole number"),
        ([{"query-id": "q9", "corpus-id": "d0", "score": 1}], "no query 'q9'"),
        ([{"query-id": "q1", "corpus-id": "d7", "score": 1}], "document 'de-d7' is not in the collection"),
    ],
)
def test_parquet_with_other_columns_or_ids_is_one_line(
    columns: list[dict[str, Any]],
    says: str,
    desk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make("mteb", desk)
    layouts.put_parquet(desk, "de-qrels", "test", columns)
    refused(monkeypatch, capsys, "de-qrels/test-00000-of-00001.parquet:1", says)


# --- archives ----------------------------------------------------------------------------------------------------


def zipped(folder: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("member", "says"),
    [
        ("other/deu.jsonl", "all.zip: no member 'in/deu.jsonl'; did you mean 'other/deu.jsonl'?"),
        ("../in/deu.jsonl", "all.zip: no member 'in/deu.jsonl'"),
    ],
)
def test_a_zip_without_the_member_is_one_line(
    member: str, says: str, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make("passages", desk)
    zipped(desk, {member: b"{}\n"})
    refused(monkeypatch, capsys, says)
    assert not (desk.parent / "in").exists()  # nothing is ever unpacked to disk


def test_a_task_that_names_a_member_outside_its_archive_is_one_line(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make("passages", desk)
    make_source = {**SPECS["passages"]["source"], "member": "../../{lang}.jsonl"}
    spec = {"name": "t", "format": "passages", **SPECS["passages"], "languages": ["de", "en"], "source": make_source}
    (desk / "t.yaml").write_text(json.dumps(spec))
    refused(monkeypatch, capsys, "member '../../deu.jsonl' lies outside the archive")


LIMITED = """
import sys
from pathlib import Path
from xbench import cli
sys.argv = ["xbench", "task", "check", "t.yaml", "--offline"]
try:
    cli.main()
finally:  # not getrusage, which remembers the process that this one was forked from
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print("peak", int(status["VmHWM"].split()[0]) // 1024, file=sys.stderr)
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("kind", ["passages", "beir"])
def test_gigabytes_out_of_a_small_file_stop_early_in_little_memory(kind: str, desk: Path) -> None:
    """A gigabyte of zeros packs to a megabyte; it is refused before all of it is unpacked."""
    make(kind, desk)
    zeros = b"0" * (1 << 22)
    if kind == "passages":
        with (
            zipfile.ZipFile(desk / "all.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("in/deu.jsonl", "w") as stream,
        ):
            for _ in range(96):
                stream.write(zeros)
    else:
        (desk / "de/corpus.jsonl.gz").write_bytes(gzip.compress(zeros) * 256)
    top = str(Path(__file__).parent.parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([top, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", LIMITED], env=environment, capture_output=True, text=True)
    line, peak = done.stderr.splitlines()
    assert done.returncode == 2
    assert "unpacks to more than" in line or "a line of more than 16,777,216 bytes" in line
    assert int(peak.split()[1]) < 256  # MiB, of which the interpreter and numpy take a part
