"""Canaries: secrets whose values are known, and the search for them in whatever a program lets out.

A piece of a secret counts, and so does one that was coded: as a URL has it, in base64, in hexadecimal digits.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import parse_qs, quote, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signedin_adapters.sandbox import Sandbox

PIECE = 16
"""Characters in a row that give a secret away; of 24 in a row, this many are looked for."""
SHAPES = {
    "some JWT": re.compile(rb"eyJ[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}"),
    "some refresh token": re.compile(rb"\brt_[\w-]{32,}"),
    "some code": re.compile(rb"\bac_[\w-]{32,}"),
    "some device code": re.compile(rb"\bdc_[\w-]{32,}"),
}
"""What a sandbox gives away, recognised by its looks, whichever sandbox it was."""
SECRETS = ("access_token", "refresh_token", "id_token", "code", "code_verifier", "token", "device_code")
IN_JSON = re.compile(
    r'"(access_token|refresh_token|id_token|device_code|device_auth_id|authorization_code|code_verifier)": ?"([^"]+)"'
)
USER_CODE = re.compile(r'"user_code": ?"([^"]+)"')


class Canaries:
    """The secrets by name. Filled by the sandbox's thread and searched by the test's."""

    def __init__(self) -> None:
        self._names: dict[bytes, str] = {}
        self._lock = Lock()

    @property
    def names(self) -> set[str]:
        """What was planted so far."""
        with self._lock:
            return set(self._names.values())

    def forget(self) -> None:
        """Look for nothing."""
        with self._lock:
            self._names.clear()

    def plant(self, name: str, value: str | bytes) -> None:
        """Look for this value from here on. The head of a JWT is no secret: all of them have the same."""
        secret = value.encode() if isinstance(value, str) else value
        if secret.startswith(b"eyJ") and secret.count(b".") == 2:
            secret = secret.partition(b".")[2]
        pieces = {piece for coded in _coded(secret) for piece in _pieces(coded)}
        with self._lock:
            self._names |= dict.fromkeys(pieces, name)

    def found_in(self, data: str | bytes) -> set[str]:
        """The names of those that are there."""
        searched = data.encode(errors="surrogateescape") if isinstance(data, str) else data
        with self._lock:
            found = {name for piece, name in self._names.items() if piece in searched}
        return found | {name for name, shape in SHAPES.items() if shape.search(searched)}


def _coded(secret: bytes) -> Iterator[bytes]:
    yield secret
    yield quote(secret, safe="").encode()
    yield secret.hex().encode()
    for start in range(3):
        whole = secret[start : start + (len(secret) - start) // 3 * 3]
        yield b64encode(whole)
        yield urlsafe_b64encode(whole)


def _pieces(coded: bytes) -> Iterator[bytes]:
    yield from (coded[start : start + PIECE] for start in range(0, max(len(coded) - PIECE, 0) + 1, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A sandbox whose secrets are known. It asks nobody, and tokens may be refreshed at any time.

    `secrets` are tokens, codes and verifiers; `attempts` is what a person has to be told: `state` and `nonce`, which an
    authorize URL carries, and a user code.
    """

    sandbox: Sandbox
    secrets: Canaries = field(default_factory=Canaries)
    attempts: Canaries = field(default_factory=Canaries)

    def begin(self) -> None:
        """Forget what was; nothing is armed."""
        self.sandbox.faults.clear()
        self.secrets.forget()
        self.attempts.forget()


@contextmanager
def watched() -> Generator[Watched]:
    """A running one."""
    sandbox = Sandbox(auto_approve=True, earliest_refresh_at="absent", device_interval=1)
    watch = Watched(sandbox=sandbox)
    sandbox.app.add_middleware(Witness, secrets=watch.secrets, attempts=watch.attempts)
    with sandbox.running():
        yield watch


class Witness:
    """Middleware that plants whatever secret a sandbox is sent or gives away."""

    def __init__(self, app: ASGIApp, *, secrets: Canaries, attempts: Canaries) -> None:
        self._app, self._secrets, self._attempts = app, secrets, attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and look at it."""
        asked, answered = bytearray(), bytearray()

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            answered.extend(message.get("body", b""))
            if message["type"] == "http.response.start":
                location = dict(message["headers"]).get(b"location", b"").decode()
                self._plant_fields(urlsplit(location).query)
            elif not message.get("more_body"):
                self._plant_fields(asked.decode())
                self._plant_members(asked.decode(errors="replace"))
                self._plant_members(answered.decode(errors="replace"))
            await send(message)

        if scope["type"] == "http":
            self._plant_attempt(scope["query_string"].decode())
        await self._app(scope, hear, tell)

    def _plant_attempt(self, query: str) -> None:
        for name, values in parse_qs(query).items():
            if name in ("state", "nonce"):
                self._attempts.plant(name, values[0])

    def _plant_fields(self, form: str) -> None:
        for name, values in parse_qs(form).items():
            if name in SECRETS:
                self._secrets.plant(name, values[0])

    def _plant_members(self, body: str) -> None:
        for name, value in IN_JSON.findall(body):
            self._secrets.plant(name, value)
        for value in USER_CODE.findall(body):
            self._attempts.plant("user_code", value)
