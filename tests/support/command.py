"""The command `signedin` as tests run it, and the browser that it opens."""

import json
import os
import signal
import subprocess
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SIGNEDIN = os.path.join(os.path.dirname(sys.executable), "signedin")

ONLY_LOOKING = ("status", "diagnose")
"""Commands that open no account."""

STATUS_KEYS = {
    "schema",
    "state",
    "app",
    "provider",
    "account",
    "needs_sign_in",
    "plan_enabled",
    "model",
    "access_expires_at",
    "last_verified_at",
    "generation",
    "store",
    "flags",
    "case",
}
"""What `status`, `login`, `logout`, `switch` and `use` answer with."""

_BROWSER = """#!{python}
import contextlib, sys, urllib.error, urllib.request
with contextlib.suppress(urllib.error.HTTPError):
    urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open(sys.argv[1]).read()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """The one object on stdout."""
        (line,) = self.out.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found


Run = Callable[..., Ran]


def ended(*command: str, cwd: Path | None = None) -> Ran:
    """Run a program to its end, with nobody at its stdin."""
    process = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False, cwd=cwd
    )
    return Ran(code=process.returncode, out=process.stdout, err=process.stderr)


def browser_script(directory: Path) -> Path:
    """A program that opens the address it is given and follows it to the end, whatever page is there."""
    script = directory / "browser"
    script.write_text(_BROWSER.format(python=sys.executable))
    script.chmod(0o755)
    return script


def as_root_over_a_users(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process root, and the path another user's: in earnest where it is root, else in its own belief."""
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 0)


class Person:
    """Somebody at a real terminal with the command in it, so many columns wide."""

    def __init__(self, *arguments: str, columns: int = 0) -> None:
        self._terminal, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (24, columns))  # no columns: a terminal that does not know its size
        self._process = subprocess.Popen(
            [SIGNEDIN, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.screen = ""
        self._decoder = getincrementaldecoder("utf-8")()  # a read may end within a character

    def reads(self, text: str) -> None:
        """Wait until the terminal shows it."""
        deadline = time.monotonic() + 20
        while text not in self.screen and time.monotonic() < deadline:
            self.screen += self._next()
        assert text in self.screen, self.screen

    def types(self, text: str) -> None:
        """Type it."""
        os.write(self._terminal, text.encode())

    def interrupts(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def leaves(self) -> int:
        """The exit code, once the process has ended."""
        while more := self._next():
            self.screen += more
        os.close(self._terminal)
        return self._process.wait(timeout=20)

    def ran(self) -> Ran:
        """How the command ended, in one line: on a terminal it broke what it said, and said it all in one place."""
        code = self.leaves()
        return Ran(code=code, out="", err=" ".join(self.screen.split()))

    def _next(self) -> str:
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # the other end is closed
            return ""
        return self._decoder.decode(data) or (self._next() if data else "")
