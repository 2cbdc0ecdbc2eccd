"""Owns `signedin watch`: follow the log, and tell each transition in one line. It writes nothing and never locks."""

import argparse
import json
import os
import time
from collections import deque
from collections.abc import Iterator
from itertools import chain

from signedin.errors import ConfigurationError
from signedin_adapters import log
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown

READS_OTHER_APPS = True
EXAMPLES = ("signedin watch", "signedin watch --json", "signedin watch --lines 100")
TRANSITION = "connection.transition"
PAUSE_SECONDS = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("--lines", metavar="N", type=int, default=10, help="begin with the last N (%(default)d)")


def run(call: Invocation) -> int:
    """Tell what happened last and then what happens, until Ctrl-C."""
    path = log_path(call)
    if call.out.terminal and not call.out.json:
        call.out.note(call.out.quiet_note(f"Following {path}; Ctrl-C ends it."))
    follower = Follower(path)
    last = deque(_transitions(follower.read()), maxlen=max(call.options.lines, 0))
    for record in chain(last, _transitions(_endless(follower))):
        if call.out.json:
            call.out.record(record)
        else:
            call.out.line(told(record, call))
    return exit_codes.OK


def log_path(call: Invocation) -> str:
    """Where the app's log lies. Raises ConfigurationError where there is none."""
    path = log.place(call.program.paths().log)
    if path is None:
        raise ConfigurationError(f"{log.VARIABLE} is off, so there is no log to follow.")
    return path


class Follower:
    """Reads what is appended to a file, across its being made, rotated away and begun anew."""

    def __init__(self, path: str) -> None:
        self._path, self._place, self._inode, self._rest = path, 0, -1, b""

    def read(self) -> Iterator[bytes]:
        """The whole lines that came since the last time."""
        try:
            with open(self._path, "rb") as file:
                found = os.fstat(file.fileno())
                if found.st_ino != self._inode or found.st_size < self._place:
                    self._inode, self._place, self._rest = found.st_ino, 0, b""
                file.seek(self._place)
                data = self._rest + file.read()
                self._place = file.tell()
        except OSError:
            return
        *lines, self._rest = data.split(b"\n")
        yield from lines


def told(record: dict[str, object], call: Invocation) -> str:
    """One transition in one line: when, which account, from where to where, by what."""
    out = call.out
    before, after = str(record.get("from")), str(record.get("to"))
    way = after if before == after else f"{before} → {after}"
    account = str(record.get("account", "")).removeprefix("account-")[:6]
    case, flags = record.get("case"), record.get("flags")
    parts = [_clock(record.get("at")), out.quiet(account), f"{shown(way):<26}", shown(str(record.get("trigger", "")))]
    if isinstance(case, str):
        parts.append(out.bad(shown(case)))
    if isinstance(flags, list) and flags:
        parts.append(out.quiet(shown(" ".join(map(str, flags)))))  # pyright: ignore[reportUnknownArgumentType]
    return "  ".join(parts)


def _endless(follower: Follower) -> Iterator[bytes]:
    while True:
        yield from follower.read()
        time.sleep(PAUSE_SECONDS)


def _transitions(lines: Iterator[bytes]) -> Iterator[dict[str, object]]:
    for line in lines:
        try:
            record: object = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and record.get("event") == TRANSITION:  # pyright: ignore[reportUnknownMemberType]
            yield record


def _clock(at: object) -> str:
    """The local time of day of an RFC 3339 moment in UTC."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(str(at)).astimezone().strftime("%H:%M:%S")
    except ValueError:
        return "--:--:--"
