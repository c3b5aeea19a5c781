"""What a command finds outside its folder: a hub's cache with one small model, and a server with a task's files."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tiny_models import tiny_bert

COMMIT = "c" * 40
LARGE = 1_000  # bytes; smaller files are named by git's sum, as the hub names those that are in no large file storage
QUESTION = {"id": "q", "question": "What?", "answers": [{"answer_start": 0, "text": "Hello"}]}
PARAGRAPH = {"context": "Hello there. Bye.", "sentence_breaks": [[0, 12], [13, 17]], "qas": [QUESTION]}


@dataclass(frozen=True)
class World:
    """Where the hub's cache lies, and the port of the server."""

    hub: Path
    port: int

    def specs(self) -> dict[str, str]:
        """A task of downloaded files, and a model of the hub."""
        url = f"http://127.0.0.1:{self.port}/{{lang}}.json"
        return {
            "d": f'name: d\nlanguages: [en, de]\nformat: lareqa\nsource: {{url: "{url}"}}\n',
            "h": f"name: h\nformat: sentence\nhub: org/tiny\nrevision: {COMMIT}\n",
        }


@contextmanager
def world(top: Path) -> Iterator[World]:
    """Both, as long as the block lasts."""
    server = HTTPServer(("127.0.0.1", 0), _Server)
    process = os.fork()
    if not process:
        server.serve_forever()
    try:
        yield World(top / "hub", server.server_port)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = json.dumps({"data": [{"title": self.path, "paragraphs": [PARAGRAPH]}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        return


def lay_out_hub(hub: Path, model: Path) -> None:
    """Make a small model by way of the folder `model`, in a hub's cache of the true layout."""
    process = os.fork()  # making it starts threads, which no victim would have
    if not process:
        tiny_bert(model)
        os._exit(0)
    os.waitpid(process, 0)
    place = hub / "models--org--tiny"
    for folder in ("blobs", "refs", f"snapshots/{COMMIT}"):
        (place / folder).mkdir(parents=True)
    (place / "refs" / "main").write_text(COMMIT)
    for path in sorted(model.iterdir()):
        content = path.read_bytes()
        git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        name = hashlib.sha256(content).hexdigest() if len(content) > LARGE else git
        path.rename(place / "blobs" / name)
        (place / "snapshots" / COMMIT / path.name).symlink_to(f"../../blobs/{name}")
