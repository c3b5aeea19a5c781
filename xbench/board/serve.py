"""A local preview of a built site: this machine only. Knows a folder of files; nothing of what they hold."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from xbench.errors import DataError, XbenchError

LOOPBACK = "127.0.0.1"


class Handler(SimpleHTTPRequestHandler):
    """Answers who asks for this machine by its own name: a page from elsewhere cannot read the site through a name of
    its own that leads here."""

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if host in (LOOPBACK, "localhost"):
            return True
        self.send_error(403, "only for this machine")
        return False

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the terminal belongs to the one who started it."""


def make_server(site: Path, port: int) -> ThreadingHTTPServer:
    """A server of `site` on the loopback address; port 0 takes a free one. Raises XbenchError."""
    if not (site / "index.html").is_file():
        raise DataError(f"{site}: no index.html there; build the site with `xbench leaderboard build --out {site}`")
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(Handler, directory=str(site)))
    except (OSError, OverflowError) as error:
        raise XbenchError(f"cannot listen on {LOOPBACK}:{port}: {error}; choose another --port") from None
