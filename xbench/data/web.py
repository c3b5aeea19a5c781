"""One file over http: streamed to disk, and redirected only to where a public file may lie. Knows addresses, no source.

A server that a source names must not be able to make this machine ask its own services, or those beside it, for
something: a redirect goes on to https (to http only from http), and to a loopback, link-local or unspecified address
only where the source itself names that host.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from xbench.errors import DataError, visible

CHUNK = 1 << 16
TIMEOUT = 60


class RedirectError(DataError):
    """A server sends on to an address that no public file has."""


class GuardedSession(requests.Session):
    """A session that follows no redirect to another scheme, or into this machine or its link."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._named = urlsplit(url)

    def get_redirect_target(self, response: requests.Response) -> str | None:
        """Where a response sends on to; None where it does not. Raises RedirectError."""
        target = super().get_redirect_target(response)
        if target is not None:
            self._require_public(urljoin(response.url, target))
        return target

    def _require_public(self, target: str) -> None:
        parts = urlsplit(target)
        schemes = sorted({"https", self._named.scheme})
        if parts.scheme not in schemes:
            raise RedirectError(f"it redirects to {visible(target, 200)!r}, which is not {' or '.join(schemes)}")
        if parts.hostname != self._named.hostname and any(map(_inside, _addresses(parts.hostname or ""))):
            raise RedirectError(
                f"it redirects to {visible(target, 200)!r}, an address of this machine or its link; name it in the "
                "source if that is meant"
            )


def _addresses(host: str) -> Iterator[str]:
    """What a host's name stands for; nothing where only a proxy knows it."""
    try:
        yield from (str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return


def _inside(address: str) -> bool:
    place = ipaddress.ip_address(address)
    place = getattr(place, "ipv4_mapped", None) or place
    return place.is_loopback or place.is_link_local or place.is_unspecified


def save(url: str, target: Path, advance: Callable[[int, int], None]) -> None:
    """Write what a url gives to `target`; `advance` is told the bytes of each part and of the whole (0: not known).

    Raises RedirectError, requests.RequestException and OSError.
    """
    with GuardedSession(url) as session, session.get(url, stream=True, timeout=TIMEOUT) as response:
        response.raise_for_status()
        total = int(response.headers.get("content-length", 0))
        with target.open("wb") as stream:
            for part in response.iter_content(chunk_size=CHUNK):
                stream.write(part)
                advance(len(part), total)
