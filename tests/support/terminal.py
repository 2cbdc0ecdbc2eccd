"""A real pseudo-terminal and a made-up attempt, for what a person would see and type."""

import os
import termios
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

import anyio

from signedin.oauth.callback import CallbackRejected

URL = "https://id.example/authorize?client_id=acme&" + "x" * 600 + "&state=good"
SHORT_URL = "http://127.0.0.1:41245/"
DEVICE_URL = "https://id.example/device"
USER_CODE = "WDJB-MJHT"
OURS = "http://127.0.0.1:41245/auth/callback?code=the-code&state=good"


@dataclass(slots=True, kw_only=True)
class FakeAttempt:
    """Takes `OURS` alone; remembers what was submitted."""

    url: str = URL
    short_url: str | None = SHORT_URL
    user_code: str | None = None
    complete_url: str | None = None
    deadline: float = 600.0
    timeout_case: str = "callback-never-arrives"
    app_name: str = "Acme Notes"
    asks: tuple[str, ...] = ("see your e-mail address", "stay signed in")
    ways: tuple[str, ...] = ("browser", "paste")
    submitted: list[str] = field(default_factory=list[str])

    async def submit(self, pasted: str, /) -> None:
        self.submitted.append(pasted)
        if pasted.startswith("cut"):
            raise CallbackRejected("The end is missing.", reason="cut")
        if pasted != OURS:
            raise CallbackRejected("This answer belongs to another sign-in attempt.", reason="state")


def device_attempt(*, complete: bool = False) -> FakeAttempt:
    """An attempt with a code; `complete`: the server gave an address that has the code in it."""
    return FakeAttempt(
        url=DEVICE_URL,
        short_url=None,
        user_code=USER_CODE,
        complete_url=f"{DEVICE_URL}?user_code={USER_CODE}" if complete else None,
        ways=("device",),
    )


@dataclass(slots=True, kw_only=True)
class Terminal:
    """Both ends of a pseudo-terminal: `stream` is the program's, `screen` what was written so far."""

    person: int
    stream: TextIO
    screen: str = ""
    _decoder: IncrementalDecoder = field(default_factory=getincrementaldecoder("utf-8"))  # reads end within characters

    def modes(self) -> list[object]:
        found: list[object] = termios.tcgetattr(self.stream.fileno())
        return found

    def resize(self, *, columns: int, rows: int) -> None:
        """Give the window a size; a new terminal does not know any."""
        termios.tcsetwinsize(self.person, (rows, columns))

    def is_quiet(self) -> bool:
        """Neither echo nor line editing by the terminal."""
        return not termios.tcgetattr(self.stream.fileno())[3] & (termios.ECHO | termios.ICANON)

    def type(self, text: str) -> None:
        os.write(self.person, text.encode())

    async def shows(self, text: str, *, times: int = 1) -> None:
        """Wait until the program has written `text`."""
        with anyio.fail_after(5):
            while self.screen.count(text) < times:
                await anyio.wait_readable(self.person)
                self.screen += self._decoder.decode(os.read(self.person, 65536))


@contextmanager
def terminal() -> Generator[Terminal]:
    person, program = os.openpty()
    with os.fdopen(program, "r+b", buffering=0) as raw, open(os.dup(raw.fileno()), "w", encoding="utf-8") as stream:
        try:
            yield Terminal(person=person, stream=stream)
        finally:
            os.close(person)
