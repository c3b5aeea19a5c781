"""Whole files of every format that is read, and the command lines that read them: what a fuzzer spoils."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import layouts
import mteb_results
from boards import file_result
from test_hostile_files import SPECS

from xbench.board.site import build_site
from xbench.board.submission import pack_results
from xbench.published.importing import read_mteb
from xbench.published.runs import Origin
from xbench.published.store import write_store
from xbench.specs import registry

CHECK = "task check t.yaml --offline"
RUN = "run --model m.yaml --task t.yaml --out out --offline"
PREVIEW = "recipes preview r.yaml --corpus c.yaml --steps 2 --offline"
OVERLAP = "corpora check c.yaml --task t.yaml --offline"
LANGUAGES = ["de", "en"]
ACROSS = {"monolingual": False, "multilingual": False}  # a line is its own translation
TASK = {"name": "t", "languages": LANGUAGES, "format": "parallel", "source": {"path": "{lang}.txt"}, "grid": ACROSS}
MODEL = {"name": "m", "format": "random", "dimension": 8}
RECIPE = {"name": "r", "mix": {"mono": 0.5, "cross": 0.5}, "training": {"steps": 2, "batch_size": 2}}
SENTENCES = {
    "de": "Eins steht hier schon lange allein.\nZwei folgt ihm gleich danach still.\n",
    "en": "One stands here for a long time.\nTwo follows it right after quite silently.\n",
}
COLUMNS = list(zip(*(text.splitlines() for text in (SENTENCES["en"], SENTENCES["de"])), strict=True))


@dataclass(frozen=True)
class Original:
    """`make` writes whole files into a folder; `lines` read them; `spoil`: patterns of the files that are spoilt."""

    name: str
    make: Callable[[Path], object]
    lines: Sequence[str]
    spoil: Sequence[str] = ("**/*",)


def write(folder: Path, **files: Any) -> None:
    """Specs and texts by name, `__` for a point and `--` for a slash of it."""
    for name, content in files.items():
        put(folder, name.replace("__", "."), content)


def put(folder: Path, name: str, content: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, str | bytes):
        content = json.dumps(content, indent=1)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def desk(folder: Path) -> None:
    """A task, a model, a recipe and a corpus that are right."""
    corpus = {"name": "c", "languages": LANGUAGES, "format": "aligned-jsonl", "relation": "qa"}
    rows = [
        {
            "id": str(n),
            "query": {"de": f"Frage {n}?", "en": f"Question {n}?"},
            "positive": {"de": f"Satz {n}", "en": f"Text {n}"},
        }
        for n in range(6)
    ]
    write(folder, t__yaml=TASK, m__yaml=MODEL, r__yaml=RECIPE, c__yaml=corpus | {"files": [{"path": "rows.jsonl"}]})
    write(folder, rows__jsonl=layouts.jsonl(rows), de__txt=SENTENCES["de"], en__txt=SENTENCES["en"])


def task(kind: str, changes: dict[str, Any]) -> Original:
    """A task of one format with its files."""

    def make(folder: Path) -> None:
        desk(folder)
        spec = {"name": "t", "format": kind, **changes}
        if "query_languages" not in spec:
            spec["languages"] = LANGUAGES
        write(folder, t__yaml=spec)
        layouts.write(registry.load("task", str(folder / "t.yaml")).spec, folder)

    return Original(
        f"task-{kind}",
        make,
        (CHECK, CHECK, RUN, f"{RUN} --json --save-run"),
        ("t.yaml", "[!mrc]*/**/*", "*.zip", "*.gz", "*.jsonl", "*.txt"),
    )


def corpus(name: str, spec: dict[str, Any], files: dict[str, Any], mix: dict[str, float] | None = None) -> Original:
    """A corpus of one format with its files."""

    def make(folder: Path) -> None:
        desk(folder)
        write(
            folder,
            c__yaml={"name": "c", "languages": LANGUAGES, **spec},
            r__yaml=RECIPE | {"mix": mix or RECIPE["mix"]},
        )
        for place, content in files.items():
            put(folder, f"corpus/{place}", content)

    return Original(f"corpus-{name}", make, (PREVIEW, PREVIEW, OVERLAP, "corpora show c.yaml"), ("c.yaml", "corpus/*"))


def zipped(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return stream.getvalue()


def parquet(**columns: list[Any]) -> bytes:
    import pyarrow
    from pyarrow.parquet import write_table

    stream = io.BytesIO()
    write_table(pyarrow.table(columns), stream)
    return stream.getvalue()


def squad(language: str) -> dict[str, Any]:
    asked = [
        {"id": f"q{n}", "question": f"{language} {n}?", "answers": [{"text": "x", "answer_start": 0}]} for n in range(3)
    ]
    return {
        "data": [
            {"title": "t", "paragraphs": [{"context": f"{language} text {n}", "qas": [asked[n]]}]} for n in range(3)
        ]
    }


UNIT = (
    '<tu><tuv xml:lang="en"><seg>One stands {n} here for a long time {n}.</seg></tuv>'
    '<tuv xml:lang="de"><seg>Eins {n} steht hier schon lange allein {n}.</seg></tuv></tu>'
)
TMX = '<?xml version="1.0"?>\n<tmx version="1.4"><header srclang="en"/><body>\n{}\n</body></tmx>'
MEMORY = TMX.format("\n".join(UNIT.replace("{n}", str(n)) for n in range(3)))
PAIRS = {"format": "english-pairs", "relation": "halves"}
TOPICS, QRELS = "q1\tFrage?\nq2\tNoch?\n", "q1\tQ0\t1#0\t1\nq1\tQ0\t2#0\t0\nq2\tQ0\t2#0\t1\n"
PASSAGES = layouts.jsonl([{"docid": f"{n}#0", "title": "T", "text": f"text {n}"} for n in (1, 2)])
ROWS = layouts.jsonl(
    [{"query": f"Wer {n}?", "positive": [{"title": "T", "text": f"Er {n}"}], "hard": ["Sie"]} for n in range(3)]
)
CAPTIONS = layouts.jsonl(
    [
        {
            "image_id": n // 2,
            "src_lang": "en",
            "trg_lang": "de",
            "caption_tokenized": f"a {n}",
            "translation_tokenized": f"b {n}",
        }
        for n in range(4)
    ]
)

CORPORA = [
    corpus(
        "lines",
        {"format": "aligned-lines", "source": {"path": "corpus/{lang}.txt"}, "relation": "halves"},
        {f"{code}.txt": text for code, text in SENTENCES.items()},
    ),
    corpus(
        "tsv",
        {**PAIRS, "layout": "tsv", "source": {"path": "corpus/{lang}.tsv"}},
        {"de.tsv": "".join(f"{one}\t{other}\n" for one, other in COLUMNS)},
    ),
    corpus("tmx", {**PAIRS, "layout": "tmx", "source": {"path": "corpus/{lang}.tmx"}}, {"de.tmx": MEMORY}),
    corpus(
        "tmx-zip",
        {**PAIRS, "layout": "tmx", "source": {"path": "corpus/{lang}.tmx.zip", "member": "m.tmx"}},
        {"de.tmx.zip": zipped(m__tmx=MEMORY)},
    ),
    corpus(
        "parquet-pairs",
        {**PAIRS, "layout": "parquet", "source": {"path": "corpus/{lang}.parquet"}},
        {"de.parquet": parquet(english=[one for one, _ in COLUMNS], non_english=[other for _, other in COLUMNS])},
    ),
    corpus(
        "squad",
        {"format": "squad", "source": {"path": "corpus/{lang}.json"}},
        {f"{code}.json": squad(code) for code in LANGUAGES},
    ),
    corpus(
        "qa-jsonl",
        {"format": "qa-jsonl", "source": {"path": "corpus/{lang}.jsonl.gz"}, "negatives": "hard"},
        {f"{code}.jsonl.gz": gzip.compress(ROWS) for code in LANGUAGES},
        {"mono": 1.0},
    ),
    corpus(
        "judged",
        {
            "format": "judged",
            "topics": {"path": "corpus/{lang}.topics.tsv"},
            "judgements": {"path": "corpus/{lang}.qrels.tsv"},
            "passages": {"path": "corpus/{lang}.jsonl"},
        },
        {
            f"{code}.{name}": text
            for code in LANGUAGES
            for name, text in (("topics.tsv", TOPICS), ("qrels.tsv", QRELS), ("jsonl", PASSAGES))
        },
        {"mono": 1.0},
    ),
    corpus(
        "triples",
        {
            "format": "id-triples",
            "triples": {"path": "corpus/triples.tsv"},
            "queries": {"path": "corpus/q-{lang}.tsv"},
            "passages": {"path": "corpus/p-{lang}.tsv"},
        },
        {"triples.tsv": "".join(f"{n}\t{n}\t{n + 1}\n" for n in range(1, 5))}
        | {
            f"{side}-{code}.tsv": "".join(f"{n}\t{side} {code} {n}\n" for n in range(1, 6))
            for side in "qp"
            for code in LANGUAGES
        },
    ),
    corpus(
        "documents",
        {
            "format": "parquet",
            "source": {"path": "corpus/{lang}.parquet"},
            "key": "id",
            "text": "text",
            "relation": "halves",
        },
        {f"{code}.parquet": parquet(id=["1", "2"], text=SENTENCES[code].splitlines()) for code in LANGUAGES},
    ),
    corpus(
        "captions",
        {"format": "captions", "source": {"path": "corpus/c.jsonl"}, "image": "image_id", "relation": "next"},
        {"c.jsonl": CAPTIONS},
    ),
]


def rows_corpus(folder: Path) -> None:
    desk(folder)


MTEB = {
    "task": "ToyRetrieval",
    "revision": "a" * 40,
    "split": "test",
    "main_score": "R@1",
    "languages": {"de": "deu-Latn", "en": "eng-Latn", "zh-Hant": "zho-Hant"},
    "subset": "{corpus}-{query}",
}


def results(folder: Path) -> None:
    """Two seeds of one configuration, and another model."""
    for seed in range(2):
        file_result(folder / "a", seed=seed)
    specs = {"task": {"name": "tiny", "group": "paragraph", "mteb": MTEB}, "model": {"format": "static"}}
    file_result(folder / "b", model="other", digest="cd" * 32, skill=2.0, specs=specs)


def packed(folder: Path) -> None:
    """Results as they are sent in."""
    results(folder)
    for name in ("a", "b"):
        pack_results([folder / name], folder / f"packed-{name}")


def site(folder: Path) -> None:
    """A board that was built before."""
    results(folder)
    build_site([folder / "a"], folder / "site")


READ_RESULTS = (
    "compare a b",
    "compare a b --pair de-en --examples 2",
    "table a b",
    "table a --format latex --appendix",
    "table b --format csv",
    "leaderboard check a",
    "leaderboard build --results a --results b --out site --no-published-runs",
    "leaderboard pack --results a --out packed",
    "export mteb b --out mteb --name a/b --revision c",
    "cite a",
)
MODELS: list[dict[str, Any]] = [
    MODEL,
    {"name": "m", "format": "bm25", "k1": 1.2, "b": 0.7},
    {
        "name": "m",
        "format": "sentence",
        "hub": "org/name",
        "revision": "a" * 40,
        "prompts": {"query": "q: ", "document": "d: "},
    },
    {"name": "m", "format": "static", "dimension": 8, "vocabulary": 400, "training": {"learning_rate": 0.01}},
]


def model(number: int) -> Original:
    def make(folder: Path) -> None:
        desk(folder)
        write(folder, m__yaml=MODELS[number])

    lines = ("models show m.yaml", RUN) if number < 2 else ("models show m.yaml", f"{PREVIEW} --model m.yaml")
    return Original(f"model-{MODELS[number]['format']}", make, lines, ("m.yaml",))


RUN_FILE = "".join(f"q{q} Q0 d{d} {d} {9 - d} tag\n" for q in (1, 2) for d in (1, 2, 3))
JUDGED = "q1 0 d1 1\nq1 0 d2 0\nq2 0 d3 2\n"


def trec(folder: Path) -> None:
    write(folder, run__txt=RUN_FILE, qrels__txt=JUDGED)
    put(folder, "packed/run.txt.gz", gzip.compress(RUN_FILE.encode()))
    put(folder, "packed/qrels.txt.gz", gzip.compress(JUDGED.encode()))


PUBLISHED = "published show org/Model --task belebele --published p.jsonl"


def published_files(folder: Path) -> None:
    """mteb's result files beside the metadata of their model."""
    mteb_results.write_file(folder, "BelebeleRetrieval", mteb_results.WHOLE)
    scores = {"test": [mteb_results.bitext("swh-eng", 0.5, 0.6)]}
    mteb_results.write_file(folder, "Tatoeba", mteb_results.file_of("Tatoeba", scores))


def published_tables(folder: Path) -> None:
    """The tables that are made of them."""
    subsets = ("deu_Latn-eng_Latn", "eng_Latn-eng_Latn")
    mteb_results.write_tables(folder, [mteb_results.row("BelebeleRetrieval", name, 0.5) for name in subsets])


def published_store(folder: Path) -> None:
    """What importing gives."""
    published_files(folder / "mteb")
    runs = read_mteb([folder / "mteb"], Origin("a lab")).runs
    for name in ("p.jsonl", "q.jsonl.gz"):
        write_store(runs, folder / name)


ROWS_TASK = {"source": {"path": "rows.jsonl"}, "grid": {}}
ORIGINALS = [
    *(task(kind, spec) for kind, spec in SPECS.items()),
    task("lareqa", {"source": {"path": "{lang}.json"}}),
    *CORPORA,
    Original(
        "task-rows",
        lambda folder: (desk(folder), write(folder, t__yaml=TASK | ROWS_TASK)),
        (CHECK, RUN),
        ("t.yaml", "*.jsonl"),
    ),
    Original("task-lines", desk, (CHECK, RUN), ("t.yaml", "*.txt")),
    Original("corpus-rows", rows_corpus, (PREVIEW, OVERLAP, "corpora show c.yaml"), ("c.yaml", "*.jsonl")),
    Original("recipe", desk, ("recipes show r.yaml", PREVIEW), ("r.yaml",)),
    *map(model, range(len(MODELS))),
    Original("results", results, READ_RESULTS, ("**/*.json",)),
    Original("arrays", results, READ_RESULTS, ("**/*.npz",)),
    Original(
        "packed",
        packed,
        (
            "leaderboard check packed-a",
            "leaderboard build --results packed-a --results packed-b --out site --no-published-runs",
        ),
        ("packed*/**/*.npz", "packed*/**/*.json"),
    ),
    Original(
        "site",
        site,
        ("leaderboard build --results a --results b --out site --no-published-runs",),
        ("site/data/build.json", ".site.runs"),
    ),
    Original("trec", trec, ("score run.txt qrels.txt", "score run.txt qrels.txt --metric RR --metric R@2"), ("*.txt",)),
    Original("trec-gzip", trec, ("score packed/run.txt.gz packed/qrels.txt.gz",), ("packed/*",)),
    Original(
        "published-files",
        published_files,
        ("import mteb results --out p.jsonl", "import mteb results --out p.jsonl.gz --source lab"),
        ("results/**/*.json",),
    ),
    Original("published-tables", published_tables, ("import mteb .",), ("*.parquet", "models.jsonl")),
    Original(
        "published-store",
        published_store,
        (PUBLISHED, f"{PUBLISHED} --json", "published list --task Tatoeba --published q.jsonl.gz"),
        ("*.jsonl", "*.jsonl.gz"),
    ),
    Original("command-line", lambda folder: (desk(folder), results(folder)), (), ()),
]
