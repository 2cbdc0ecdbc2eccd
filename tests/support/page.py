"""The page as a browser has it: served by uvicorn on a real socket, read and pressed over HTTP."""

import json
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self

import httpx
from starlette.types import ASGIApp

from signedin_adapters.sandbox.loopback_server import LoopbackServer

State = dict[str, Any]


@contextmanager
def served(app: ASGIApp, port: int = 0) -> Generator[int]:
    """Serve from a thread on this port, or a free one, while the block runs."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = LoopbackServer(app)
        thread = threading.Thread(target=server.run_on, args=(listener,), daemon=True)
        thread.start()
        try:
            server.ready.wait()
            yield listener.getsockname()[1]
        finally:
            server.stop()
            thread.join()


class Opened(Protocol):
    """Whatever hands out addresses of a page."""

    def address(self, base: str) -> str:
        """Where it is to be opened, once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the stream."""

    id: str
    name: str
    data: Any


class Browser:
    """One browser with the page open. `url` has no slash at its end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(trust_env=False, timeout=20)
        self.token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def origin(self) -> str:
        """What the browser says of where the page is from."""
        return "/".join(self.url.split("/")[:3])

    def come_in(self, page: Opened) -> Self:
        """Open the address that the page's app gives out."""
        return self.trade(page.address(self.url))

    def trade(self, address: str) -> Self:
        """Come in by the secret of an address, as the page's script does."""
        self.token = self.does("/session", secret=address.partition("#")[2])["token"]
        return self

    def get(self, path: str, **headers: str) -> httpx.Response:
        """What a fetch of the page's own gets."""
        return self.http.get(self.url + path, headers=headers)

    def post(self, path: str, **fields: object) -> httpx.Response:
        """What the page's own script sends."""
        return self.http.post(self.url + path, json=fields, headers=self._own)

    def does(self, path: str, **fields: object) -> Any:
        """The same, where all must go well."""
        answer = self.post(path, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> State:
        """What there is to see now."""
        found: State = self.get("/state").json()
        return found

    @contextmanager
    def lines(self, path: str, **fields: object) -> Generator[Iterator[Any]]:
        """An answer of lines, each of them JSON."""
        with self.http.stream("POST", self.url + path, json=fields, headers=self._own) as answer:
            assert answer.headers["content-type"] == "application/x-ndjson"
            yield map(json.loads, answer.iter_lines())

    @contextmanager
    def events(self, last_id: str | None = None) -> Generator[Iterator[Event]]:
        """The stream, from the beginning or from where it broke off."""
        headers = {} if last_id is None else {"last-event-id": last_id}
        with self.http.stream("GET", f"{self.url}/events", headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield read(answer.iter_lines())

    def until(self, seen: Callable[[State], bool]) -> State:
        """Watch the stream until the state is so."""
        with self.events() as events:
            for event in events:
                state = event.data["state"] if event.name == "reset" else event.data
                if event.name != "transition" and seen(state):
                    found: State = state
                    return found
        raise AssertionError("the stream ended")

    @property
    def _own(self) -> dict[str, str]:
        return {"origin": self.origin, "sec-fetch-site": "same-origin", "x-signedin-token": self.token}


def wait_until(so: Callable[[], bool], seconds: float = 10.0) -> None:
    """Look again and again; fails where it is not so in time."""
    ends = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < ends
        time.sleep(0.005)


def read(lines: Iterator[str]) -> Iterator[Event]:
    """The events in an event stream; comments are none."""
    fields = dict[str, str]()
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name:
            fields[name] = value
        elif "data" in fields:
            yield Event(id=fields["id"], name=fields["event"], data=json.loads(fields["data"]))
            fields.clear()
