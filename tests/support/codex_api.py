"""An API like that of `codex` which answers what a test says, and a connection that is signed in to it.

There is no authorization server: the session is put into the store.
"""

import json
import socket
import threading
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx

from signedin import Connection, Provider, Secret
from signedin.record import AccountRecord
from signedin.session import Session
from signedin.testing.raw_server import read_request, serving
from signedin_adapters.providers.codex import profile
from signedin_adapters.stores.memory import MemoryStore

WORKSPACE = "ws-0001"
MODELS, RESPONSES, USAGE = "/backend-api/codex/models", "/backend-api/codex/responses", "/backend-api/wham/usage"
LISTED = {
    "models": [
        {"slug": "model-b", "display_name": "Model B", "priority": 2},
        {"slug": "model-a", "display_name": "Model A", "priority": 1},
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    url: httpx.URL
    headers: httpx.Headers
    body: bytes


class CodexApi:
    """Answers each path with what lies in `answers`, 404 without; `asked` is what came."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, bytes] = {}
        self.asked: list[Asked] = []
        self.says(MODELS, 200, LISTED)
        self.says(RESPONSES, 200, stream("response.output_text.delta", delta="Hello.") + stream("response.completed"))

    def says(self, path: str, status: int, body: object, **headers: str) -> None:
        """From now on: JSON, or bytes as they are; the names of headers are written with `_` for `-`."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = [f"HTTP/1.1 {status} X", f"content-length: {len(content)}", "connection: close"]
        head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.answers[path] = "\r\n".join([*head, "", ""]).encode() + content

    def behave(self, stream: socket.socket, over: threading.Event) -> None:
        """Serve one connection."""
        head, _, body = read_request(stream).partition(b"\r\n\r\n")
        line, *lines = head.decode("ascii").split("\r\n")
        method, target, _ = line.split(" ")
        headers = httpx.Headers([(name, value.strip()) for name, _, value in (text.partition(":") for text in lines)])
        url = httpx.URL(self.url + target)
        self.asked.append(Asked(method=method, url=url, headers=headers, body=body))
        stream.sendall(self.answers.get(url.path, b"HTTP/1.1 404 X\r\ncontent-length: 2\r\n\r\n{}"))

    @property
    def provider(self) -> Provider:
        """The profile `codex`, at this API."""
        return profile(issuer=self.url, backend=f"{self.url}/backend-api")

    @asynccontextmanager
    async def signed_in(self, *, workspace: str | None = WORKSPACE) -> AsyncGenerator[Connection]:
        """A connection that holds an access token for an hour."""
        provider, store = self.provider, MemoryStore()
        store.save_record(_record(provider, workspace))
        with store.claim("a1", deadline=time.monotonic() + 5.0) as claim:
            claim.commit(_session(store.host_id()), sign_in=True)
        async with Connection.open(app_name="Acme Notes", provider=provider, store=store) as connection:
            yield connection


@contextmanager
def codex_api() -> Generator[CodexApi]:
    """One that runs."""
    api = CodexApi()
    with serving(api.behave) as server:
        api.url = server.url
        yield api


def stream(kind: str, **fields: object) -> bytes:
    """One event of a streamed answer."""
    return b"data: " + json.dumps({"type": kind, **fields}).encode() + b"\n\n"


def _record(provider: Provider, workspace: str | None) -> AccountRecord:
    return AccountRecord(
        id="a1",
        provider=provider.name,
        label="ada@example.com",
        issuer=provider.issuer,
        token_endpoint=provider.token_endpoint or "",
        api_base=provider.api_base,
        client_id=provider.client_id,
        subject="ada",
        workspace=workspace,
        created_at=1.0,
    )


def _session(host_id: str) -> Session:
    now = time.time()
    return Session(
        generation=0,
        access_token=Secret("at-" + "x" * 20),
        refresh_token=None,
        issued_at=now,
        expires_at=now + 3600,
        refresh_at=now + 3300,
        host_id=host_id,
    )
