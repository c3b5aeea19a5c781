"""Packed text is read as if it were not packed; what is damaged, too large or outside is one clear line."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from xbench.data import archives
from xbench.data.archives import lines, open_bytes
from xbench.errors import DataError

TEXT = "eins\r\nzwei\u2028noch zwei\n\ndrei"
LINES = [(1, "eins"), (2, "zwei\u2028noch zwei"), (3, ""), (4, "drei")]


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def tarred(path: Path, **members: bytes) -> Path:
    with tarfile.open(path, f"w:{path.suffix[1:]}") as archive:
        for name, content in members.items():
            item = tarfile.TarInfo(name.replace("__", "/"))
            item.size = len(content)
            archive.addfile(item, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.txt", bytes), ("a.txt.gz", gzip.compress), ("a.txt.bz2", bz2.compress), ("a.txt.xz", lzma.compress)],
)
def test_a_packed_file_reads_as_the_plain_one(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / name).write_bytes(pack(TEXT.encode()))
    assert list(lines(tmp_path / name)) == LINES


def test_a_member_of_a_zip_or_tar_reads_as_the_plain_file_also_where_it_is_packed_itself(tmp_path: Path) -> None:
    plain, packed = TEXT.encode(), gzip.compress(TEXT.encode())
    members = {"deep__a.txt": plain, "deep__a.txt.gz": packed, "other": b"x"}
    for path in (zipped(tmp_path / "a.zip", **members), tarred(tmp_path / "a.tar.gz", **members)):
        for member in ("deep/a.txt", "deep/a.txt.gz"):
            assert list(lines(path, member)) == LINES


def test_the_only_file_of_a_zip_needs_no_name(tmp_path: Path) -> None:
    assert list(lines(zipped(tmp_path / "a.zip", a=TEXT.encode()))) == LINES


@pytest.mark.parametrize(
    ("member", "says"),
    [
        ("", "2 files, and no `member` says which"),
        ("alpa.txt", "no member 'alpa.txt'; did you mean 'alpha.txt'?"),
        ("../alpha.txt", "lies outside the archive"),
        ("/etc/passwd", "lies outside the archive"),
    ],
)
def test_a_wrong_member_is_named(tmp_path: Path, member: str, says: str) -> None:
    path = zipped(tmp_path / "a.zip", **{"alpha.txt": b"x", "beta.txt": b"y"})
    with pytest.raises(DataError, match=says), open_bytes(path, member):
        pass


def test_a_link_or_an_absent_member_of_a_tar_is_named(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        link = tarfile.TarInfo("a.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    for member, says in (("a.txt", "a folder or a link"), ("b.txt", "no member 'b.txt'"), ("", "no `member` says")):
        with pytest.raises(DataError, match=says), open_bytes(tmp_path / "a.tar", member):
            pass


def test_a_plain_file_has_no_members(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(DataError, match="is no archive"), open_bytes(tmp_path / "a.txt", "b"):
        pass


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_truncated_file_is_named(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    ending = {gzip.compress: "gz", bz2.compress: "bz2", lzma.compress: "xz"}[pack]
    path = tmp_path / f"a.txt.{ending}"
    for keep in (slice(0, -10), slice(5, None), slice(0, 12)):
        path.write_bytes(pack(bytes(range(256)) * 40)[keep])
        with (
            pytest.raises(DataError, match=f"a.txt.{ending}.*damaged or truncated .* file"),
            open_bytes(path) as stream,
        ):
            stream.read()


def test_a_truncated_archive_is_named(tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    for path in (zipped(tmp_path / "a.zip", a=content), tarred(tmp_path / "a.tar.gz", a=content)):
        path.write_bytes(path.read_bytes()[:-400])
        with pytest.raises(DataError, match="damaged or truncated"), open_bytes(path, "a") as stream:
            stream.read()


def test_a_bomb_is_refused_while_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ALWAYS_UNPACKED", 1 << 16)
    path = zipped(tmp_path / "a.zip", a=b"\0" * (1 << 22))
    with pytest.raises(DataError, match="unpacks to more than"), open_bytes(path) as stream:
        while stream.read(1 << 12):
            pass


def test_an_endless_line_and_bad_utf8_name_their_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LONGEST_LINE", 100)
    (tmp_path / "long.txt").write_text("a\n" + "b" * 101)
    (tmp_path / "bytes.txt").write_bytes(b"a\nb\n\xff\n")
    with pytest.raises(DataError, match=r"long.txt:2: a line of more than 100 bytes"):
        list(lines(tmp_path / "long.txt"))
    with pytest.raises(DataError, match=r"bytes.txt:3: not UTF-8 \(byte 0\)"):
        list(lines(tmp_path / "bytes.txt"))
