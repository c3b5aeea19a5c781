"""A download goes where its source says, and a server cannot send it into this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from xbench.data import download
from xbench.data.download import Storage, cache_path, locate
from xbench.errors import DataError
from xbench.keeping import seal_fault
from xbench.specs.parts import Source

Redirecting = Callable[[str], Source]


@pytest.fixture
def redirecting() -> Iterator[Redirecting]:
    """Makes a source on a loopback server that answers with a redirect; `{port}` in it is the server's own."""
    target = ""

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here = self.path == "/file.json"
            self.send_response(200 if here else 302)
            if not here:
                self.send_header("Location", target)
            self.send_header("Content-Length", "2" if here else "0")
            self.end_headers()
            self.wfile.write(b"{}" if here else b"")

        def log_message(self, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def source(to: str) -> Source:
        nonlocal target
        target = to.replace("{port}", str(server.server_port))
        return Source(url=f"http://127.0.0.1:{server.server_port}/start.json")

    yield source
    server.shutdown()


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("http://localhost:{port}/file.json", "an address of this machine or its link; name it in the source"),
        ("http://0.0.0.0:{port}/file.json", "an address of this machine"),
        ("http://[::1]:{port}/file.json", "an address of this machine"),
        ("http://[::ffff:127.0.0.1]:{port}/file.json", "an address of this machine"),
        ("http://169.254.169.254/latest/meta-data", "an address of this machine or its link"),
        ("//localhost:{port}/file.json", "an address of this machine"),
        ("ftp://example.org/file.json", "is not http or https"),
        ("file:///etc/passwd", "is not http or https"),
    ],
)
def test_no_redirect_leads_into_this_machine_or_to_another_scheme(
    tmp_path: Path, redirecting: Redirecting, target: str, says: str
) -> None:
    with pytest.raises(DataError, match="cannot fetch http://127") as refused:
        locate(Storage(cache=tmp_path / "cache"), redirecting(target), "de", tmp_path)
    assert says in str(refused.value) and "\n" not in str(refused.value)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_https_is_never_left_for_http() -> None:
    import requests

    from xbench.data.web import GuardedSession, RedirectError

    response = requests.Response()
    response.status_code, response.url = 302, "https://example.org/a"
    response.headers["location"] = "http://example.org/b"
    with pytest.raises(RedirectError, match=r"which is not https$"):
        GuardedSession("https://example.org/a").get_redirect_target(response)


def test_a_redirect_within_the_host_that_the_source_names_is_followed(tmp_path: Path, redirecting: Redirecting) -> None:
    fetched = locate(Storage(cache=tmp_path / "cache"), redirecting("/file.json"), "de", tmp_path)
    assert fetched.read_bytes() == b"{}"


@pytest.mark.parametrize("ending", ["", "..", "."])
def test_what_is_fetched_lies_in_the_cache_whatever_its_address_ends_in(tmp_path: Path, ending: str) -> None:
    storage = Storage(cache=tmp_path / "cache")
    place = cache_path(storage, Source(url=f"https://example.org/x/{ending}"), "de")
    assert place.name == "file" and place.resolve().is_relative_to(storage.cache.resolve() / "data")


def test_a_path_out_of_its_folder_is_for_the_user_s_own_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        (folder / "tasks").mkdir(parents=True)
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    for path in ("../../secret.json", str(secret)):
        assert locate(Storage(), Source(path=path), "de", home / "tasks").samefile(secret)
        with pytest.raises(
            DataError, match=r"leads out of .*elsewhere/tasks, which is not below the working directory"
        ):
            locate(Storage(), Source(path=path), "de", elsewhere / "tasks")


def test_a_download_stands_there_only_with_its_seal(
    tmp_path: Path, redirecting: Redirecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(cache=tmp_path / "cache")
    source = Source(url=redirecting("").url.replace("start", "file"))

    def killed(folder: Path, name: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(download, "seal", killed)
        with pytest.raises(KeyboardInterrupt):
            locate(storage, source, "de", tmp_path)
    assert not cache_path(storage, source, "de").exists()
    path = locate(storage, source, "de", tmp_path)
    assert path.read_bytes() == b"{}" and seal_fault(path.parent) is None
