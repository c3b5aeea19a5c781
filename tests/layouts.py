"""A few lines of every format in its true layout, under the paths that a task declares. All content is made up."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xbench import specs
from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.data.readers import miracl, qrels_files, read
from xbench.specs import registry
from xbench.specs.parts import Source

QUESTIONS = ("q1", "q2", "q3")
PINS = ("sha256", "md5", "bytes")


def jsonl(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def put(folder: Path, source: Source, language: str, content: bytes) -> Path:
    """Write a source's file of a language, packed as its name says; members of one archive gather in it."""
    path = folder / source.fill(source.path, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(source.fill(source.member, language) or "the-only-file.jsonl", content)
    else:
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def put_parquet(folder: Path, config: str, split: str, rows: Sequence[Mapping[str, Any]]) -> Path:
    """One config of a repository, as push_to_hub writes it."""
    import pyarrow
    from pyarrow.parquet import write_table

    path = folder / config / f"{split}-00000-of-00001.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(pyarrow.Table.from_pylist(list(rows)), path)
    return path


def write(task: Any, folder: Path) -> None:
    """The files of a task in a data folder."""
    WRITERS[task.format](task, folder)


def lareqa(task: specs.LareqaTask, folder: Path) -> None:
    for language in task.languages:
        asked = [
            {"id": question, "question": f"{language} {question}?", "answers": [{"text": text, "answer_start": start}]}
            for question, text, start in zip(QUESTIONS, ("Eins", "Eins", "Zwei"), (0, 0, 12), strict=True)
        ]
        paragraph = {
            "context": f"Eins in {language}. Zwei in {language}.",
            "qas": asked,
            "sentence_breaks": [[0, 11], [12, 23]],
            "sentences": [f"Eins in {language}.", f"Zwei in {language}."],
        }
        content = {"version": "1", "data": [{"title": "t", "paragraphs": [paragraph]}]}
        put(folder, task.source, language, json.dumps(content).encode())


def miracl_files(task: specs.MiraclTask, folder: Path) -> None:
    for language in task.languages:
        topics = "".join(f"{question}\t{language} {question}?\n" for question in QUESTIONS)
        put(folder, task.queries, language, topics.encode())
        qrels = "".join(f"{question}\tQ0\t{number}#0\t1\n" for number, question in enumerate(QUESTIONS))
        put(folder, task.qrels, language, (qrels + "q1\tQ0\t2#0\t0\n").encode())
        for shard, place in [(s, n) for n, s in enumerate(miracl._shards(task.documents, language))]:
            rows = [
                {"docid": f"{number + 3 * place}#0", "title": "Titel", "text": f"{language} {number}"}
                for number in range(3)
            ]
            put(folder, shard, language, jsonl(rows))


def beir(task: specs.BeirTask, folder: Path) -> None:
    for language in task.document_languages:
        rows = [
            {"_id": f"d{number}", "title": "Titel", "text": f"{language} {number}", "metadata": {}}
            for number in range(4)
        ]
        put(folder, task.documents, language, jsonl(rows))
    for language in task.query_languages:
        asked = [{"_id": question, "text": f"{language} {question}?"} for question in QUESTIONS]
        put(folder, task.queries, language, jsonl(asked))
    for _, source, language in qrels_files.qrels_files(task):
        lines = [f"{question}\td{number}\t1\n" for number, question in enumerate(QUESTIONS)]
        put(folder, source, language, "".join(["query-id\tcorpus-id\tscore\n", *lines]).encode())


def mteb(task: specs.MtebTask, folder: Path) -> None:
    place, split = folder / task.source.path, task.options.split
    for language in task.languages:
        code = task.source.codes.get(language, language)
        documents = [{"_id": f"d{number}", "title": "", "text": f"{language} {number}"} for number in range(4)]
        put_parquet(place, f"{code}-corpus", split, documents)
        asked = [{"_id": question, "text": f"{language} {question}?"} for question in QUESTIONS]
        put_parquet(place, f"{code}-queries", split, asked)
        qrels = [
            {"query-id": question, "corpus-id": f"d{number}", "score": 1} for number, question in enumerate(QUESTIONS)
        ]
        put_parquet(place, f"{code}-qrels", split, qrels)


def parallel(task: specs.ParallelTask, folder: Path) -> None:
    if task.options.captions:
        pictures = []
        for question in QUESTIONS:
            row: dict[str, Any] = {"image/key": question, "image/locale": "de"}
            for language in task.languages:
                captions = [f"{language} {question} {number}" for number in range(1 if language == "bn" else 3)]
                row[language] = {"caption": captions, "caption/tokenized": captions}
            pictures.append(row)
        put(folder, task.source, "", jsonl(pictures))
        return
    for language in task.languages:
        put(folder, task.source, language, "".join(f"{language} {question}\n" for question in QUESTIONS).encode())


def passages(task: specs.PassagesTask, folder: Path) -> None:
    for language in task.languages:
        rows = [
            {
                "link": f"https://example.org/{number // 2}",
                "split": "dev",
                "question_number": number % 2 + 1,
                "flores_passage": f"{language} passage {number // 2}",
                "question": f"{language} question {number}?",
                "mc_answer1": "a",
                "correct_answer_num": "1",
                "dialect": task.source.codes[language],
            }
            for number in range(4)
        ]
        put(folder, task.source, language, jsonl(rows))


def bitext(task: specs.BitextTask, folder: Path) -> None:
    for language in task.document_languages:
        put(folder, task.english, language, "".join(f"English {language} {q}\n" for q in QUESTIONS).encode())
        put(folder, task.source, language, "".join(f"{language} {q}\n" for q in QUESTIONS).encode())


def mkqa(task: specs.MkqaTask, folder: Path) -> None:
    rows = []
    for number, (kind, answer) in enumerate((("entity", "Blue Whale"), ("date", "May 4, 1970"), ("binary", "yes"))):
        codes = [task.queries.codes.get(language, language) for language in task.query_languages]
        rows.append(
            {
                "example_id": number,
                "query": "who",
                "queries": {code: f"{code} {number}?" for code in codes},
                "answers": {"en": [{"type": kind, "text": answer, "aliases": [f"the {answer}"], "entity": "Q1"}]},
            }
        )
    put(folder, task.queries, "", jsonl(rows))
    texts = ("A blue whale swims.", "A whale is blue.", "It fell on may 4, 1970.", "Nothing here: yes.")
    found = [{"_id": f"doc{n}", "title": "Title", "text": text, "metadata": {}} for n, text in enumerate(texts)]
    put(folder, task.documents, "en", jsonl(found))


def none(task: Any, folder: Path) -> None:
    """Nothing to write: embedded, or kept by another library."""


WRITERS: dict[str, Callable[[Any, Path], None]] = {
    "beir": beir,
    "bitext": bitext,
    "facts": none,
    "irds": none,
    "lareqa": lareqa,
    "miracl": miracl_files,
    "mkqa": mkqa,
    "mteb": mteb,
    "parallel": parallel,
    "passages": passages,
}


def without_pins(declared: Any) -> Any:
    """A task's YAML without checksums and sizes: made-up files have others."""
    if isinstance(declared, dict):
        return {key: without_pins(value) for key, value in declared.items() if key not in PINS}
    return declared


def packed(content: bytes) -> bytes:
    """gzip without a time in it."""
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as file:
        file.write(content)
    return stream.getvalue()


# --- a task of a test's own -----------------------------------------------------------------------------------------


def load(folder: Path, spec: dict[str, Any]) -> Any:
    """The entry of a task whose YAML lies in the folder."""
    (folder / "mine.yaml").write_text(json.dumps({"name": "mine", **spec}))
    return registry.load("task", str(folder / "mine.yaml"))


def collection(folder: Path, spec: dict[str, Any], storage: Storage | None = None) -> Collection:
    """What the task reads from the folder."""
    return read(load(folder, spec), storage or Storage(cache=folder / "cache", offline=True))


def golds(made: Collection, language: str) -> set[tuple[str, str, int]]:
    """(query, document, grade) by their ids."""
    found = made.golds[language]
    names = made.document_languages
    return {
        (made.queries[language].ids[query], made.documents[names[there]].ids[document] if document >= 0 else "", grade)
        for query, there, document, grade in zip(found.query, found.language, found.document, found.grade, strict=True)
    }
