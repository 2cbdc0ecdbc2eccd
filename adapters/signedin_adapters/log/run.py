"""Owns `Run`: the lines of one process's life with one account, numbered, so that a gap and an end show."""

import os
import platform
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from threading import RLock
from weakref import WeakValueDictionary

import structlog

from signedin.version import VERSION
from signedin_adapters.log.lines import LEVELS, SCHEMA, keep_allowed, level_of
from signedin_adapters.log.pseudonym import Pseudonyms
from signedin_adapters.log.rotating import RotatingFile


class Writer:
    """A file of lines of at least one level. All runs of a process that write to it share it."""

    def __init__(self, file: RotatingFile, level: str) -> None:
        # Nothing is left to structlog's global configuration, which is the host program's.
        self.logger = structlog.wrap_logger(
            _Sink(file),
            processors=[keep_allowed, structlog.processors.JSONRenderer(separators=(",", ":"))],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            context_class=dict,
        ).bind()


_writers: "WeakValueDictionary[tuple[str, str | None, str], Writer]" = WeakValueDictionary()


def written_to(path: str, *, lock: str | None, level: str) -> Writer:
    """The writer to this file, which every run of this process has from here."""
    place = path, lock, level
    return _writers.get(place) or _writers.setdefault(place, Writer(RotatingFile(path, lock=lock), level))


class Run:
    """A `Log` over one file, safe from any thread. In the child of a fork it begins a run of its own.

    `app`, `store` and `markers` are told at its beginning.
    """

    __slots__ = ("_app", "_directory", "_id", "_markers", "_pid", "_pseudonyms", "_seq", "_store", "_turn", "_writer")

    def __init__(self, writer: Writer, *, directory: str, app: str, store: str, markers: Sequence[str] = ()) -> None:
        self._writer, self._directory = writer, sys.intern(directory)
        self._app, self._store, self._markers = sys.intern(app), store, tuple(markers)
        self._begin()

    def write(self, event: str, **fields: object) -> None:
        """Write one line. A numeric `at` is when it happened, Unix seconds; else it is now. Never raises."""
        with suppress(Exception):
            if os.getpid() != self._pid:
                self._begin()
            with self._turn:
                self._write(event, fields)

    def _begin(self) -> None:
        self._pid, self._turn = os.getpid(), RLock()
        self._id, self._seq = secrets.token_hex(8), 0
        self._pseudonyms = Pseudonyms(self._directory)
        told = {"app": self._app, "store": self._store, "markers": list(self._markers)}
        self.write("run.started", **told, **_machine(), pid=self._pid)

    def _write(self, event: str, fields: dict[str, object]) -> None:
        level = level_of(event, fields)
        logger = self._writer.logger
        if not logger.is_enabled_for(LEVELS[level]):
            return
        account, at = fields.get("account"), fields.get("at")
        fields |= {"schema": SCHEMA, "run": self._id, "seq": self._seq, "at": _timestamp(at)}
        if isinstance(account, str):
            fields["account"] = self._pseudonyms.name(account)
        # Counted before it is written: a line that the disk refused leaves a gap, and the gap says so.
        self._seq += 1
        getattr(logger, level)(event, **fields)


class _Sink:
    """What structlog writes to."""

    def __init__(self, file: RotatingFile) -> None:
        self._file = file

    def info(self, line: str) -> None:
        self._file.append(line.encode() + b"\n")

    debug = warning = info


def _timestamp(at: object) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    moment = datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else datetime.now(UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _machine() -> dict[str, object]:
    system = f"{platform.system()} {platform.release()}"
    return {"version": VERSION, "python": platform.python_version(), "os": system}
