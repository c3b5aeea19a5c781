"""What every spec is made of: names, language codes, digests, sources; strict and frozen. Knows no kind of spec."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from xbench import metrics
from xbench.languages import canonical, is_language

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
PLACEHOLDER = re.compile(r"\{(lang|pair|commit)\}")
NARROWED = re.compile(r"\{(document|shard)\}")
BY_LANGUAGE = re.compile(r"\{(lang|pair|document|shard)\}")
PINS = ("sha256", "md5", "bytes")
HUB_URL = re.compile(r"hf://datasets/[\w.-]+/[\w.-]+@[^/]+(/.*)?")


def name_like(text: str) -> str:
    """The name that is most like a text: lower-case, with '-' for what no name has; empty where nothing is left."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:100]


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        example = name_like(value) or "xquad-r"
        raise ValueError(f"a name of at most 100 lower-case letters, digits, '.', '_' and '-', such as {example!r}")
    return value


def _language(value: str) -> str:
    code = canonical(value)
    if not is_language(code):
        raise ValueError("a language code such as 'de', 'zh-Hant' (ISO 639, known to CLDR) or FLORES' 'deu_Latn'")
    return code


def _not_false(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a language code; YAML reads an unquoted no as false: write 'no'")
    return value


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"each language once, not {', '.join(twice)} twice")
    return values


def _metric(value: str) -> str:
    try:
        metrics.Metric.parse(value)
    except ValueError:
        raise ValueError(f"a metric: {metrics.names()}, k of at most {metrics.DIGITS} digits") from None
    return value


Pin = TypeVar("Pin", str, int)
Name = Annotated[str, AfterValidator(_name)]
Language = Annotated[str, BeforeValidator(_not_false), AfterValidator(_language)]
AnyLanguages = Annotated[tuple[Language, ...], AfterValidator(_distinct)]
Languages = Annotated[AnyLanguages, Field(min_length=1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
MD5 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
MetricName = Annotated[str, AfterValidator(_metric), Field(json_schema_extra={"pattern": metrics.pattern()})]


class Spec(BaseModel):
    """A frozen value; unknown keys and lenient types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True, allow_inf_nan=False)


class Grown(Spec):
    """A spec with keys in LATER that it did not always have. They are written only where they are not as by default, so
    that what was made without them keeps its digest."""

    LATER: ClassVar[tuple[str, ...]] = ()

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        written: dict[str, object] = write(self)
        usual = {key for key in self.LATER if getattr(self, key) == type(self).model_fields[key].default}
        return {key: value for key, value in written.items() if key not in usual}


class Perturbation(Spec):
    """What becomes of queries: about `share` of their letters are mistyped, or of those with marks lose them."""

    kind: Literal["typos", "marks"] = Field(description="typos: letters left out, doubled, swapped, replaced")
    share: float = Field(0.1, gt=0, le=1, description="of letters; of letters with marks")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="another one draws other letters")


class Portion(Spec):
    """A part of the rows of a file, so that a task and a corpus can share it: some of `of` parts, drawn by a digest of
    what rows are `by`; or those whose name begins in some way, or does not."""

    by: str = Field(min_length=1, description="the key that names a row's document, or its id")
    of: int = Field(1, ge=1, le=1000, description="how many parts there are")
    keep: tuple[Annotated[int, Field(ge=0)], ...] = Field((0,), min_length=1, description="numbers of parts, from 0")
    begins: tuple[str, ...] = Field((), description="beginnings of names that alone are taken; none: of any")
    without: tuple[str, ...] = Field((), description="beginnings of names that are left out")

    @model_validator(mode="after")
    def _parts(self) -> Portion:
        if max(self.keep) >= self.of:
            raise ValueError(f"parts from 0 to {self.of - 1}, not {max(self.keep)}")
        return self

    def takes(self, row: Mapping[str, object]) -> bool:
        """Whether a row is of the part. Raises ValueError where nothing names its document."""
        name = row.get(self.by)
        if not isinstance(name, str) or not name:
            raise ValueError(f"{self.by}: found {name!r:.60}, expected the row's document")
        if name.startswith(self.without) or not name.startswith(self.begins or ("",)):
            return False
        return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % self.of in self.keep


class Named(Spec):
    """What every YAML file carries."""

    name: Name
    title: str = ""
    description: str = ""
    cite: str = ""


class Source(Spec):
    """Where files come from: `path` under a data folder, and a pinned `url`. `{lang}` stands for the language, as
    `codes` writes it; `{pair}` for it and `en` in alphabetical order (`de-en`, `en-fr`); `{shard}` for 0, 1, ... where
    a language has several files; `{document}` for the document's language where `{lang}` is the query's.

    A url is https:// or `hf://datasets/owner/name@{commit}/file`, which is fetched as the hub's own tools do. Pins and
    sizes are by language: `de`; `de/3` is a shard and `de-en` a pair of query and document language."""

    path: str = ""
    url: str = ""
    commit: str = ""
    member: str = Field("", description="the file inside, where path and url name a zip or tar")
    codes: Mapping[Language, str] = Field({}, description="how the source writes a language, where differently")
    shards: Mapping[Language, Annotated[int, Field(ge=1)]] = Field({}, description="files of each language")
    sha256: Mapping[str, Digest] = Field({}, description="of the content: unpacked, except of a zip or tar")
    md5: Mapping[str, MD5] = Field({}, description="of the file as served, where no sha256 is published")
    bytes: Mapping[str, Annotated[int, Field(ge=1)]] = Field({}, description="size of each file as served, where known")
    license: str = ""

    @model_validator(mode="after")
    def _somewhere(self) -> Source:
        if not self.path and not self.url:
            raise ValueError("a `path` under the data folder or a `url`")
        if self.url.startswith("hf://"):
            if not HUB_URL.fullmatch(self.url):
                raise ValueError(f"hf://datasets/owner/name@{{commit}}/file, not {self.url!r}")
        elif self.url and not self.url.startswith(("https://", "http://")):
            raise ValueError(f"a url that starts with https://, not {self.url!r}")
        if "{commit}" in self.url and not self.commit:
            raise ValueError("a `commit`, for the url has one")
        _check_braces(*(NARROWED.sub("", text) for text in (self.path, self.url, self.member)))
        if ("{shard}" in f"{self.path}{self.url}") != bool(self.shards):
            raise ValueError("`shards` (how many files each language has) where the path has {shard}, and only there")
        return self

    def fill(self, text: str, language: str) -> str:
        """`path`, `url` or `member` with its placeholders filled in for a language."""
        return _fill(text, language, self.codes, self.commit)

    def pin(self, kind: Literal["sha256", "md5"], language: str) -> str | None:
        """The checksum of the file of a language; of a source that is one file, the only one whatever its key."""
        return self._of_file(self.sha256 if kind == "sha256" else self.md5, language)

    def size(self, language: str) -> int:
        """Bytes of the file of a language as it is served; 0 where nobody says."""
        return self._of_file(self.bytes, language) or 0

    def _of_file(self, pins: Mapping[str, Pin], language: str) -> Pin | None:
        one = len(pins) == 1 and not BY_LANGUAGE.search(f"{self.path}{self.url}")
        return next(iter(pins.values())) if one else pins.get(language)

    def shard(self, language: str, number: int) -> Source:
        """One file of a language that has several, as a source of its own."""
        return self._narrow("{shard}", str(number), language, f"{language}/{number}")

    def toward(self, language: str, document: str) -> Source:
        """The file of one pair of query and document language, as a source of its own."""
        code = self.codes.get(document, document)
        return self._narrow("{document}", code, language, f"{language}-{document}")

    def _narrow(self, placeholder: str, value: str, language: str, key: str) -> Source:
        def of(pins: Mapping[str, object]) -> dict[str, object]:
            return {language: pins[key]} if key in pins else {}

        filled = {name: getattr(self, name).replace(placeholder, value) for name in ("path", "url", "member")}
        pins = {"sha256": of(self.sha256), "md5": of(self.md5), "bytes": of(self.bytes)}
        return self.model_copy(update={**filled, **pins, "shards": {}})

    @property
    def by_language(self) -> bool:
        """Whether each language has a file of its own."""
        return any(placeholder in f"{self.path}{self.url}{self.member}" for placeholder in ("{lang}", "{pair}"))


class Repository(Spec):
    """A whole repository of the hub, whose card says where the files of a config are; or `path`, a folder with a copy.
    What is read of it is named `config/split`."""

    hub: str = Field("", pattern=r"^$|^[\w.-]+/[\w.-]+$", description="owner/name of the data set")
    commit: str = Field("", pattern=r"^$|^[0-9a-f]{40}$")
    path: str = ""
    codes: Mapping[Language, str] = Field({}, description="how the configs write a language, where differently")
    license: str = ""

    @model_validator(mode="after")
    def _somewhere(self) -> Repository:
        if not self.path and not self.hub:
            raise ValueError("a `path` under the data folder or `hub` and `commit`")
        if bool(self.hub) != bool(self.commit):
            raise ValueError("`hub` and `commit` together: what is not pinned changes")
        return self

    @property
    def url(self) -> str:
        """The repository at its commit; "" where it is a folder."""
        return f"hf://datasets/{self.hub}@{self.commit}" if self.hub else ""


class HubSource(Spec):
    """Files of a data set repository on the hub, at a commit: all that match the pattern `files`, in order of name; or
    those under a data folder that match `path`."""

    hub: str = Field(pattern=r"^[\w.-]+/[\w.-]+$", description="owner/name of the data set")
    commit: str = Field("", pattern=r"^$|^[0-9a-f]{40}$", description="none: to be given with --set")
    files: str = Field(min_length=1, description="pattern with `*`; {lang} and {pair} as in other sources")
    path: str = ""
    codes: Mapping[Language, str] = Field({}, description="how the source writes a language, where differently")
    license: str = ""

    @model_validator(mode="after")
    def _placeholders(self) -> HubSource:
        _check_braces(self.path, self.files)
        return self

    def fill(self, text: str, language: str) -> str:
        """`files` or `path` with its placeholders filled in for a language."""
        return _fill(text, language, self.codes, self.commit)


def _is_hub(value: object) -> str:
    return "HubSource" if isinstance(value, HubSource) or (isinstance(value, dict) and "hub" in value) else "Source"


Place = Source | Repository
AnySource = Annotated[Annotated[Source, Tag("Source")] | Annotated[HubSource, Tag("HubSource")], Discriminator(_is_hub)]


def _check_braces(*texts: str) -> None:
    for text in texts:
        if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
            raise ValueError(f"no braces but {{lang}}, {{pair}} and {{commit}}, not {text!r}")


def _fill(text: str, language: str, codes: Mapping[str, str], commit: str) -> str:
    code = codes.get(language, language)
    values = {"lang": code, "pair": "-".join(sorted((code, codes.get("en", "en")))), "commit": commit}
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)
