"""What is put before texts: filled with a task's instruction, shown, and compared with what a model's card asks for.

Knows specs and the small files of a model's folder; no model is loaded here, and no task is known but its sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xbench.errors import EncoderError
from xbench.specs import ModelBase, Prompts, SentenceModel
from xbench.specs.strict_json import strict_json

INSTRUCTION = "{instruction}"
CONFIGURATION = "config_sentence_transformers.json"


def own_prompts(configured: Mapping[str, str | None]) -> Prompts:
    """What a model's own configuration puts before queries and documents."""
    own = {role: text for role, text in configured.items() if text}
    return Prompts(query=own.get("query", ""), document=own.get("document", own.get("passage", "")))


def takes_instruction(prompts: Prompts | None) -> bool:
    """Whether a task's sentence belongs into these prompts."""
    return prompts is not None and any(INSTRUCTION in text for text in (prompts.query, prompts.document))


def filled(prompts: Prompts, model: ModelBase, sentence: str, task: str) -> Prompts:
    """The prompts with `sentence` of `task`, or else the model's own, in them. Raises EncoderError without either."""
    if not takes_instruction(prompts):
        return prompts
    words = sentence or model.instruction
    if not words:
        raise EncoderError(
            f"model {model.name} is told what the task asks for, and {task} has no instruction; "
            "give one sentence as `instruction` of the task (--set task.instruction=...) or of the model"
        )
    return Prompts(**{role: text.replace(INSTRUCTION, words) for role, text in prompts.model_dump().items()})


def shown(prompts: Prompts) -> str:
    """Both prompts in one line."""
    texts = ((role, text) for role, text in prompts.model_dump().items())
    return ", ".join(f"{role} {json.dumps(text, ensure_ascii=False) if text else 'none'}" for role, text in texts)


def announced(model: ModelBase, label: str, prompts: Prompts, tasks: Mapping[str, str]) -> Iterator[str]:
    """What is put before texts, in one line, or in one per task where its sentence differs."""
    by_prompts: dict[Prompts, list[str]] = {}
    for task, sentence in tasks.items():
        by_prompts.setdefault(filled(prompts, model, sentence, task), []).append(task)
    for asked, names in by_prompts.items():
        where = f" on {', '.join(names)}" if len(by_prompts) > 1 else ""
        yield f"prompts of {label}{where}: {shown(asked)}"


def warning(model: SentenceModel, prompts: Prompts, folder: Path | None, known: Iterable[ModelBase]) -> str:
    """One line where the card of the model that this one is, or was made from, asks for a prompt that is not set."""
    card = recognised(model, folder, known)
    asked = card.prompts.model_dump() if card and card.prompts else {}
    unset = [role for role, text in asked.items() if text and not getattr(prompts, role)]
    if card is None or not unset:
        return ""
    lacks = " and ".join(f"{role} {json.dumps(asked[role], ensure_ascii=False)}" for role in unset)
    return (
        f"warning: {model.name} is {card.hub} or made from it, whose card asks for {lacks}, which is not set; "
        f"scores may be lower than they could be (model {card.name} sets it, or --set model.prompts.{unset[0]}=...)"
    )


def recognised(model: SentenceModel, folder: Path | None, known: Iterable[ModelBase]) -> SentenceModel | None:
    """The listed model that `model` is or was made from, if any.

    It is named, first found, by the hub id, by `base`, or in the model's folder: by `base_model` of the card or
    `_name_or_path` of config.json. Ids are compared without case, as the hub does; a folder's name proves nothing.
    """
    listed = {card.hub.lower(): card for card in known if isinstance(card, SentenceModel) and card.hub}
    named = (name.lower() for name in (model.hub, model.base, *_named_in(folder)))
    return next((listed[name] for name in named if name in listed), None)


def _named_in(folder: Path | None) -> Iterator[str]:
    if folder is None:
        return
    base = _front_matter(folder / "README.md").get("base_model", [])
    yield from map(str, base if isinstance(base, list) else [base])
    yield str(_json(folder / "config.json").get("_name_or_path", ""))


def _front_matter(card: Path) -> dict[str, object]:
    """The YAML between the dashes that open a model card; nothing where it cannot be read, for it is only a hint."""
    import yaml

    try:
        opening, _, rest = card.read_text(encoding="utf-8").partition("---\n")
        read = yaml.safe_load(rest.partition("\n---")[0]) if not opening.strip() else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return read if isinstance(read, dict) else {}


def _json(path: Path) -> dict[str, object]:
    try:
        read = strict_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # loading the model says what is wrong with it
        return {}
    return read if isinstance(read, dict) else {}


def configured(folder: Path) -> Prompts:
    """The prompts that a model's folder configures."""
    prompts = _json(folder / CONFIGURATION).get("prompts")
    return own_prompts(prompts if isinstance(prompts, dict) else {})
