"""The log: JSON lines about what happened to a connection, in which no secret and no name of a person can stand.

`SIGNEDIN_LOG` says where: `off`, a level (`debug`, `info`, `warning`), or a file: a path, or a name in `.jsonl`.
At `warning` the cases alone are kept, and a run cannot be replayed.
It never configures structlog or `logging` and never prints. A setting that is wrong is said at once; after that it
never raises: a log that fails is silent and harmless.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from signedin.errors import ConfigurationError
from signedin_adapters.log.lines import DEFAULT_LEVEL, LEVELS
from signedin_adapters.log.silence import Silence

if TYPE_CHECKING:
    from signedin.ports import Log

VARIABLE = "SIGNEDIN_LOG"
FILE = "signedin.jsonl"
OFF = "off"
_LINES_BEGIN = b'{"schema":'


def open_log(*, directory: str, app: str, store: str, markers: Sequence[str] = (), setting: str | None = None) -> "Log":
    """Begin a run: one process's life with one account. Writes `run.started`; the file is made with its first line.

    `directory` is the app's `log/`, with the key of its pseudonyms and, unless `setting` names another file, the log.
    `setting` is read like `SIGNEDIN_LOG`, which is asked where it is None. `markers` say what is special about this
    machine: "ssh", "container", "wsl", "ci". Raises ConfigurationError.
    """
    from signedin_adapters.log.run import Run, written_to  # whoever only reads a log needs nothing that writes one

    path = place(directory, setting)
    if path is None:
        return Silence()
    own = os.path.dirname(path) == directory
    level = _word(setting) if _word(setting) in LEVELS else DEFAULT_LEVEL
    writer = written_to(path, lock=None if own else f"{path}.lock", level=level)
    return Run(writer, directory=directory, app=app, store=store, markers=markers)


def place(directory: str, setting: str | None = None) -> str | None:
    """The file that the lines go to, None where there is to be no log. Raises ConfigurationError."""
    word = _word(setting)
    if word == OFF:
        return None
    if not word or word in LEVELS:
        return os.path.join(directory, FILE)
    named = _chosen(setting)
    if not os.path.dirname(named) and not named.endswith(".jsonl"):
        words = ", ".join((OFF, *LEVELS))
        raise ConfigurationError(f"{VARIABLE} is {named!r}: it must be one of {words}, or a file such as ./mine.jsonl")
    path = os.path.abspath(os.path.expanduser(named))
    if _holds_something_else(path):
        raise ConfigurationError(f"{VARIABLE} names {path!r}, which is no log: name a file that is not there yet")
    return path


def _chosen(setting: str | None) -> str:
    return os.environ.get(VARIABLE, "") if setting is None else setting


def _word(setting: str | None) -> str:
    return _chosen(setting).strip().lower()


def _holds_something_else(path: str) -> bool:
    """A log is appended to and rotated away: neither may happen to a file of the user's."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            start = file.read(len(_LINES_BEGIN) + 1).lstrip()
    except OSError:
        return False  # nor will it be written to
    return bool(start) and not start.startswith(_LINES_BEGIN)
