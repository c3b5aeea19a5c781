"""Libraries are hushed for as long as they are used, and no longer."""

import logging
import warnings

import pytest

from xbench.encoders.quiet import TALKERS, quiet


def test_advice_is_not_heard_and_levels_come_back(recwarn: pytest.WarningsRecorder) -> None:
    with quiet():  # the libraries set their own levels when they are first imported
        pass
    loggers = [logging.getLogger(name) for name in TALKERS]
    levels = [logger.level for logger in loggers]
    with pytest.raises(KeyError), quiet():
        warnings.warn("use this instead", FutureWarning, stacklevel=1)
        assert not any(logger.isEnabledFor(logging.WARNING) for logger in loggers)
        assert all(logger.isEnabledFor(logging.ERROR) for logger in loggers)
        raise KeyError
    assert [logger.level for logger in loggers] == levels
    assert not recwarn.list
