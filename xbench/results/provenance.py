"""Where a result comes from: software, hardware, command and digests; and this process's own. Knows no score."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from xbench import __version__
from xbench.evaluation.scores import Count, OpenPart

SCORES = 2  # raised whenever the same vectors would give other numbers; see "Scores change" in CHANGELOG.md
MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
PACKAGES = ("numpy", "scipy", "torch", "transformers", "sentence-transformers", "tokenizers", "Babel")


def _moment(text: str) -> str:
    if datetime.strptime(text, MOMENT_FORMAT).strftime(MOMENT_FORMAT) != text:
        raise ValueError("a moment such as 2026-11-28T15:20:01Z")
    return text


class Hardware(OpenPart):
    """The machine that scored."""

    machine: str | None = None
    cpus: Count | None = None
    device: str | None = None


class EncodedTexts(OpenPart):
    """Texts that the encoder saw in this run; the vectors of the others were there already."""

    queries: Count | None = None
    documents: Count | None = None


class Provenance(OpenPart):
    """What made the numbers, besides the specs."""

    command: str | None = Field(None, description="the command that makes this result again")
    xbench: str | None = Field(None, description="version")
    scores: Count | None = Field(None, description="version of the scores; others cannot be compared")
    git: str | None = Field(None, description="commit of the checkout; + where its files differ from it")
    python: str | None = None
    packages: dict[str, str | None] = Field({}, description="versions of libraries; null where one is absent")
    hardware: Hardware | None = None
    encoder: dict[str, JsonValue] = Field({}, description="everything that changes the encoder's vectors")
    post: dict[str, JsonValue] | None = Field(None, description="what is taken from the vectors, and from what texts")
    collection_sha256: str | None = Field(None, description="digest of the task's data")
    corpus_sha256: str | None = Field(None, description="digest of what the encoder was made from, if anything")
    encoded: EncodedTexts | None = None
    filed: Annotated[str, AfterValidator(_moment)] | None = Field(
        None, description="when the result was made: 2026-11-28T15:20:01Z"
    )
    notes: list[str] = Field([], description="what whoever reads the scores must know of how the data were read")
    result_sha256: str | None = Field(None, description="of the whole result but this line, as it was written")


def provenance(
    command: str,
    encoder: Mapping[str, object],
    post: Mapping[str, object] | None,
    collection_sha256: str,
    corpus_sha256: str | None,
    encoded: EncodedTexts,
    notes: Sequence[str] = (),
) -> Provenance:
    """Software and hardware of this process, and what it scored; `encoder` names the device, if it knows one."""
    said = {"notes": list(notes)} if notes else {}
    return Provenance(
        command=command,
        xbench=__version__,
        scores=SCORES,
        git=_git_commit(),
        python=platform.python_version(),
        packages={name: _version(name) for name in PACKAGES},
        hardware=Hardware(machine=platform.machine(), cpus=os.cpu_count(), device=str(encoder.get("device", "cpu"))),
        encoder=dict(encoder),
        post=post,
        collection_sha256=collection_sha256,
        corpus_sha256=corpus_sha256,
        encoded=encoded,
        filed=datetime.now(UTC).strftime(MOMENT_FORMAT),
        **said,
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git_commit() -> str | None:
    """The commit of the checkout that runs, with `+` where its files differ from it; None outside one."""
    top = Path(__file__).parents[2]
    if not (top / ".git").exists():
        return None
    try:
        ask = ["git", "-C", str(top)]
        commit = subprocess.run([*ask, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(
            [*ask, "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit + ("+" if changed.strip() else "")
