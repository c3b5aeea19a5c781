"""Ways to spoil a file: its bytes, its lines, its keys and values, its members, its arrays. All from one seed."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import numpy as np

Change: TypeAlias = Callable[[Random, bytes], bytes]
ESCAPE = "/tmp/xbench-fuzz-escaped"  # where a path that leads out would lead

WORDS = (
    "",
    " ",
    "\u200b",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\u202eabc",
    "\u2028",
    "\ud800",
    "\x00",
    "\ufeff",
    "a\nb",
    "\r",
    "\t",
    "../../x",
    ESCAPE,
    "~/x",
    "file:///etc/passwd",
    "http://127.0.0.1:1/x",
    "{lang}",
    "{0.__class__}",
    "{",
    "%s",
    "=1+1",
    "<b>",
    "\\input{x}",
    "&#27;",
    "no",
    "null",
    "1_000",
    "٣",
    "½",
    "e\u0301",
    "🏳️‍🌈",
    "DE",
    "de",
    "xx",
    "zho_Hans",
    "../de",
    "AP@0",
    "nDCG@10",
    "AP@9999999",
    "facts",
    "none",
    "inf",
    "nan",
    "a" * 300,
    "ab " * 40_000,
)
NUMBERS = (0, -1, 1, 2, 2**31, 2**53 + 1, 2**63, -(2**63), 10**30, 10**400, 0.5, -0.5, 1e-320, 1e308, -0.0)
VALUES: tuple[Any, ...] = (None, True, False, float("nan"), float("inf"), -float("inf"), [], {}, [[]], [None], {"a": 1})


def odd_value(random: Random) -> Any:
    """A value that few expect."""
    pool = random.choice((WORDS, NUMBERS, VALUES))
    value: Any = random.choice(pool)
    for _ in range(random.choice((0, 0, 0, 0, 1, 30, 150))):
        value = [value] if random.random() < 0.5 else {"a": value}
    return value


def spoilt_bytes(random: Random, content: bytes) -> bytes:
    """Bits flipped, bytes cut out, put in, doubled or zeroed."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        place = random.randrange(len(data) + 1)
        length = random.choice((1, 1, 2, 8, 100))
        match random.randrange(7):
            case 0 if place < len(data):
                data[place] ^= 1 << random.randrange(8)
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = random.randbytes(length)
            case 3:
                data[place:place] = data[place : place + length]
            case 4:
                data[place : place + length] = bytes(len(data[place : place + length]))
            case 5:
                del data[place:]
            case _:
                data[place:place] = random.choice(WORDS).encode(errors="surrogatepass")
    return bytes(data)


def spoilt_lines(random: Random, content: bytes) -> bytes:
    """A line removed, doubled, moved, split otherwise, or with another field."""
    lines = content.split(b"\n")
    place = random.randrange(len(lines))
    match random.randrange(7):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, lines[place])
        case 2:
            random.shuffle(lines)
        case 3:
            fields = lines[place].split(random.choice((b"\t", b" ", b",")))
            fields[random.randrange(len(fields))] = str(odd_value(random)).encode(errors="surrogatepass")
            lines[place] = random.choice((b"\t", b" ")).join(fields)
        case 4:
            lines[place] = lines[place].replace(b"\t", b" ")
        case 5:
            lines[place] = random.choice((b"", b"\xff", b"[" * 5000, b'{"a":' * 5000, b"#", b"x" * 1_100_000))
        case _:
            return content.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\xe2\x80\xa8")))
    return b"\n".join(lines)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) of a value of JSON."""
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in items] + [place for _, inner in items for place in places(inner)]


def spoilt_value(random: Random, value: Any) -> Any:
    """A value of JSON in which keys or values are others, absent, doubled, renamed or swapped."""
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        every = places(value)
        if not every:
            return odd_value(random)
        holder, key = random.choice(every)
        match random.randrange(6):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[str(odd_value(random))[:200]] = holder.pop(key)
            case 2 if isinstance(holder, list):
                holder.insert(key, holder[key])
            case 3:
                other, name = random.choice(every)
                if name in other if isinstance(other, dict) else name < len(other):
                    holder[key] = json.loads(json.dumps(other[name]))
            case _:
                holder[key] = odd_value(random)
    return value


def spoilt_json(random: Random, content: bytes) -> bytes:
    """JSON whose values are others, whose keys stand twice, or which is nested beyond sense."""
    text = json.dumps(spoilt_value(random, json.loads(content)), ensure_ascii=random.random() < 0.5)
    if random.random() < 0.1:
        first = text.find(":")
        text = text[:1] + text[1 : first + 1] + '"twice", ' + text[1:] if first > 0 else text
    if random.random() < 0.05:
        place = text.find(":") + 1
        text = text[:place] + "[" * 3000 + "]" * 3000 + "," + text[place:]
    return text.encode(errors="surrogatepass")


def spoilt_jsonl(random: Random, content: bytes) -> bytes:
    """One row of several."""
    lines = content.split(b"\n")
    rows = [number for number, line in enumerate(lines) if line.strip()]
    place = random.choice(rows)
    lines[place] = spoilt_json(random, lines[place])
    return b"\n".join(lines)


def spoilt_gzip(random: Random, content: bytes, inner: Change) -> bytes:
    """The text packed again, with more behind it, a bomb, or spoilt as it is packed."""
    match random.randrange(8):
        case 0:
            return spoilt_bytes(random, content)
        case 1:
            return content + random.choice((b"\0" * 10, b"x", content, content[:10]))
        case 2:
            return gzip.compress(b"0" * (1 << 22), 1) * 64
    return gzip.compress(inner(random, gzip.decompress(content)), 1)


HOSTILE_MEMBERS = ("../x", ESCAPE, "a/../../x", "C:\\x", "x\x1b[31m", "x" * 5000, "", ".", "a/", "\u202ex")


def spoilt_zip(random: Random, content: bytes, inner: Change) -> bytes:
    """Members spoilt, renamed, doubled, leading out, encrypted by name alone, or a bomb."""
    if random.random() < 0.3:
        return spoilt_bytes(random, content)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data, name = old.read(item), item.filename
            match random.randrange(6):
                case 0:
                    name = random.choice(HOSTILE_MEMBERS) or "x"
                case 1:
                    data = bytes(1 << 28) if random.random() < 0.1 else data * 2
                case 2:
                    new.writestr(random.choice(HOSTILE_MEMBERS) or "y", data)
                case _:
                    data = inner(random, data)
            new.writestr(name, data)
    packed = stream.getvalue()
    if random.random() < 0.15:  # sizes that the directory states
        place = packed.find(b"PK\x01\x02") + 20
        size = random.choice((0, 1, 0xFFFFFFFF, 0x7FFFFFFF))
        packed = packed[:place] + struct.pack("<II", size, size) + packed[place + 8 :]
    return packed


def spoilt_array(random: Random, array: Any) -> Any:
    """An array of another kind, shape or content."""
    match random.randrange(12):
        case 0:
            return array[:-1]
        case 1:
            return array.reshape(-1)
        case 2:
            return array[None]
        case 3:
            return array.astype(str)
        case 4:
            return np.zeros(
                array.shape, random.choice(("f4", "f8", "c16", "i8", "u1", "S3", "M8[s]", "O", "U2,f8", "?"))
            )
        case 5:
            return np.array(random.choice((0, "x", 1.5)))
        case 6:
            return np.concatenate([array, array])
        case 7:
            return array[::-1]
        case 8:
            return np.empty((0, *array.shape[1:]), array.dtype)
    changed = np.array(array)
    if changed.dtype.kind == "U":
        changed = changed.astype("U8")
        changed.flat[random.randrange(changed.size)] = random.choice(WORDS[:20])
    elif changed.size:
        odd = (
            random.choice((np.nan, np.inf, -1, 2, 1e30)) if changed.dtype.kind == "f" else random.choice((0, 1, 60000))
        )
        changed.flat[random.randrange(changed.size)] = odd
    return changed


def spoilt_npz(random: Random, content: bytes) -> bytes:
    """Arrays spoilt, absent, more, or with a header that promises terabytes."""
    if random.random() < 0.3:
        return spoilt_bytes(random, content)
    with np.load(io.BytesIO(content)) as stored:
        arrays = {name: stored[name] for name in stored.files}
    name = random.choice(sorted(arrays))
    match random.randrange(8):
        case 0:
            del arrays[name]
        case 1:
            arrays[str(random.choice(WORDS))[:20].replace("\x00", "") or "x"] = arrays[name]
        case 2:
            arrays[name] = arrays[random.choice(sorted(arrays))]
        case _:
            arrays[name] = spoilt_array(random, arrays[name])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for key, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array, allow_pickle=True)
            data = member.getvalue()
            if key == name and random.random() < 0.2:
                shape = str(array.shape).encode()
                data = data.replace(shape, random.choice((b"(1099511627776,)", b"(-1,)", b"(1, 2, 3)", b"()")), 1)
            packed.writestr(f"{key.encode(errors='replace').decode()}.npy", data)
    return stream.getvalue()


def spoilt_parquet(random: Random, content: bytes) -> bytes:
    """Columns of other types, absent or renamed; or bytes."""
    import pyarrow
    from pyarrow import parquet

    if random.random() < 0.3:
        return spoilt_bytes(random, content)
    rows = parquet.read_table(io.BytesIO(content)).to_pylist()
    name = random.choice(sorted(rows[0]))
    match random.randrange(4):
        case 0:
            rows = [{key: value for key, value in row.items() if key != name} for row in rows]
        case 1:
            rows = [{("x" + key if key == name else key): value for key, value in row.items()} for row in rows]
        case _:
            odd = random.choice((None, 1, 1.5, True, ["a"], {"a": "b"}, b"\xff", "", " ", "\x1b[31m", "../x"))
            chosen = rows if random.random() < 0.5 or not isinstance(odd, str) else rows[:1]
            for row in chosen:
                row[name] = odd
    stream = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), stream)
    return stream.getvalue()


def spoilt(random: Random, path: Path) -> bytes:
    """The content of a file, spoilt in a way that its name suggests, or anyhow."""
    content = path.read_bytes()
    try:
        return _spoilt_as_named(random, path.name, content)
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, OSError):  # this format cannot hold that
        return spoilt_bytes(random, content)


def _spoilt_as_named(random: Random, name: str, content: bytes) -> bytes:
    names = name.split(".")
    ending = names[-1]
    if ending == "npz":
        return spoilt_npz(random, content)
    if ending == "parquet":
        return spoilt_parquet(random, content)
    inner = text_change(names[-2] if ending in ("gz", "zip") else ending)
    if ending == "gz":
        return spoilt_gzip(random, content, inner)
    if ending == "zip":
        return spoilt_zip(random, content, inner)
    return inner(random, content)


def text_change(ending: str) -> Change:
    """How to spoil a text whose name ends so."""
    own = {"json": spoilt_json, "yaml": spoilt_json, "jsonl": spoilt_jsonl}.get(ending)

    def change(random: Random, content: bytes) -> bytes:
        ways = [own, own, own, spoilt_bytes, spoilt_lines] if own else [spoilt_bytes, spoilt_lines, spoilt_lines]
        try:
            return random.choice(ways)(random, content)  # type: ignore[misc]
        except (ValueError, IndexError):  # no JSON, or none any more
            return spoilt_bytes(random, content)

    return change
