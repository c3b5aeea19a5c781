"""What several tests of jobs watch."""

from __future__ import annotations

from typing import Any

import pytest

from xbench.encoders.chance import RandomEncoder


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every (role, text) that the chance encoder encodes."""
    found: list[tuple[str, str]] = []
    encode = RandomEncoder.encode

    def watched(self: RandomEncoder, texts: Any, role: Any, advance: Any) -> Any:
        found.extend((role, text) for text in texts)
        return encode(self, texts, role, advance)

    monkeypatch.setattr(RandomEncoder, "encode", watched)
    return found
