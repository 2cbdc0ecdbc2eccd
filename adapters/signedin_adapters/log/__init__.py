"""The log: JSON lines about what happened to a connection, in which no secret and no name of a person can stand.

`SIGNEDIN_LOG` says where: `off`, a level (`debug`, `info`, `warning`), or a file.
At `warning` the cases alone are kept, and a run cannot be replayed.
It never configures structlog or `logging`, never prints, and never raises: a log that fails is silent and harmless.
"""

import os
from collections.abc import Sequence

from signedin.ports import Log
from signedin_adapters.log.lines import DEFAULT_LEVEL, LEVELS
from signedin_adapters.log.rotating import RotatingFile
from signedin_adapters.log.run import Run
from signedin_adapters.log.silence import Silence

FILE = "signedin.jsonl"
OFF = "off"


def open_log(*, directory: str, app: str, store: str, markers: Sequence[str] = (), setting: str | None = None) -> Log:
    """Begin a run: one process's life with one account. Writes `run.started`; the file is made with its first line.

    `directory` is the app's `log/`, with the key of its pseudonyms and, unless `setting` names another file, the log.
    `setting` is read like `SIGNEDIN_LOG`, which is asked where it is None. `markers` say what is special about this
    machine: "ssh", "container", "wsl", "ci".
    """
    chosen = setting if setting is not None else os.environ.get("SIGNEDIN_LOG", "")
    if chosen == OFF:
        return Silence()
    level = chosen if chosen in LEVELS else DEFAULT_LEVEL
    path = os.path.abspath(os.path.expanduser(chosen)) if chosen and chosen not in LEVELS else None
    file = RotatingFile(path or os.path.join(directory, FILE), lock=f"{path}.lock" if path else None)
    return Run(file, directory=directory, level=level, started={"app": app, "store": store, "markers": list(markers)})
