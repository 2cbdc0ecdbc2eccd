"""Owns a token endpoint on loopback for packages that have another in mind: it rotates at every redemption, and counts.

It is strict and slow, as the sandbox is in the same benchmark: only the newest refresh token is good for anything, and
an answer takes its time. It knows one sign-in, and checks nothing else.
"""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs

from world.processes import Line, Program

from peers.credentials import LIFE, token
from peers.expired import FIRST


class TokenEndpoint:
    """The running endpoint, in a process of its own; a context manager."""

    def __init__(self, *, seconds: float) -> None:
        self._program = Program(_serve, seconds)
        self.address = f"http://127.0.0.1:{self._program.hear()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.kill()

    def statuses(self) -> Counter[int]:
        """How often it gave each answer so far."""
        self._program.line.send("statuses")
        statuses: Counter[int] = self._program.hear()
        return statuses


class _Grant(ThreadingHTTPServer):
    """The sign-in, and whoever redeems its refresh tokens."""

    request_queue_size = 256
    daemon_threads = True

    def __init__(self, seconds: float) -> None:
        super().__init__(("127.0.0.1", 0), _Redemption)
        self.statuses = Counter[int]()
        self._seconds, self._lock, self._newest = seconds, threading.Lock(), FIRST

    def redeem(self, refresh_token: str) -> tuple[int, dict[str, object]]:
        """The status and the answer (RFC 6749 §5)."""
        with self._lock:
            is_good = refresh_token == self._newest
            self.statuses[200 if is_good else 400] += 1
            if is_good:
                self._newest = f"refresh-{self.statuses[200]}"
            renewed = self._newest
        time.sleep(self._seconds)
        if not is_good:
            return 400, {"error": "invalid_grant", "error_description": "The refresh token was used before."}
        answer: dict[str, object] = {"access_token": token(), "refresh_token": renewed, "token_type": "Bearer"}
        return 200, answer | {"expires_in": int(LIFE)}


class _Redemption(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Redeem, whatever the path."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        is_json = "json" in self.headers.get("Content-Type", "")
        grant = self.server
        assert isinstance(grant, _Grant)
        status, answer = grant.redeem(json.loads(body)["refresh_token"] if is_json else _of_form(body))
        self._answer(status, json.dumps(answer).encode())

    def do_GET(self) -> None:
        """There is no metadata: what somebody was told of the endpoint is all there is."""
        self._answer(404, b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        """Say nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _of_form(body: str) -> str:
    return parse_qs(body)["refresh_token"][0]


def _serve(line: Line, seconds: float) -> None:
    with _Grant(seconds) as grant:
        threading.Thread(target=grant.serve_forever, daemon=True).start()
        line.send(grant.server_port)
        while line.recv() == "statuses":
            line.send(grant.statuses)
