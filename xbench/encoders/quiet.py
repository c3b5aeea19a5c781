"""Libraries that talk to the people who call them, told to say only what is wrong. xbench says what matters itself."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

TALKERS = ("sentence_transformers", "transformers", "huggingface_hub", "accelerate", "peft")


@contextmanager
def quiet() -> Iterator[None]:
    """No advice and no warning of these libraries; no progress bar of their own, but of fetches on a terminal."""
    _hide_bars()
    loggers = [logging.getLogger(name) for name in TALKERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _hide_bars() -> None:
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]
    from transformers.utils import logging as library

    if not sys.stderr.isatty():
        disable_progress_bars()
    library.disable_progress_bar()
