"""Owns the strict server as a process of its own: the sandbox, its pauses, and what it has on record."""

import http.client
import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Self

from signedin_adapters.sandbox import RequestRecord, Sandbox
from world.clock import WorldClock
from world.processes import Line, Program
from world.token_requests import PATH, Pauses, Recorded, TokenRequest, TokenRequests


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the server has on record.

    `rotations` and `ending` ("reused" after the reuse of a refresh token, None while it lives) are those of the newest
    sign-in; `ended` counts all that are dead. `newest` is the last token request.
    """

    rotations: int
    ending: str | None
    ended: int
    newest: TokenRequest | None
    notes: Counter[str] = field(default_factory=Counter[str])
    """How often each answer was given at the token endpoint: "refreshed", "code exchanged", or an error code."""
    api: Counter[int] = field(default_factory=Counter[int])
    """How often each status was given by the API."""

    def refusals(self) -> dict[str, int]:
        """The errors of the token endpoint."""
        return {note: count for note, count in self.notes.items() if note not in ("refreshed", "code exchanged")}


class Server:
    """The running server; a context manager. `ttl` is how long its access tokens live, by the clock of the world."""

    def __init__(self, clock: WorldClock, pauses: Pauses, *, ttl: int, seed: int = 0) -> None:
        self._program = Program(_serve, clock, pauses, ttl, seed)
        self._addresses: dict[str, str] = self._program.hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.kill()

    def introduce_to(self, home: str) -> None:
        """Leave in the home how the server is reached."""
        with open(os.path.join(home, "sandbox.json"), "w", encoding="utf-8") as file:
            json.dump(self._addresses, file)

    def report(self) -> Report:
        """What it has on record once it has carried out everything that was sent to it so far."""
        self._program.line.send("report")
        report = self._program.hear()
        assert isinstance(report, Report)
        return report


def _serve(line: Line, clock: WorldClock, pauses: Pauses, ttl: int, seed: int) -> None:
    requests = TokenRequests(pauses, seed=seed)
    notes, api = Counter[str](), Counter[int]()

    def count(record: RequestRecord) -> None:
        if record.path == PATH:
            notes[record.note] += 1
        elif record.path.startswith("/v1/"):
            api[record.status or 0] += 1

    sandbox = Sandbox(access_ttl=ttl, auto_approve=True, earliest_refresh_at="absent", clock=clock, on_request=count)
    sandbox.app.add_middleware(Recorded, requests=requests)
    with sandbox.running():
        line.send({"url": sandbox.url, "issuer": sandbox.issuer, "api_base": sandbox.api_base})
        while line.recv() == "report":
            _settle(sandbox, requests)
            grants = sandbox.grants.all()
            line.send(
                Report(
                    rotations=grants[-1].rotations if grants else 0,
                    ending=grants[-1].ended if grants else None,
                    ended=sum(grant.ended is not None for grant in grants),
                    newest=replace(requests.newest) if requests.newest else None,
                    notes=notes.copy(),
                    api=api.copy(),
                )
            )


def _settle(sandbox: Sandbox, requests: TokenRequests) -> None:
    """Wait until all that arrived is carried out: what was sent before this visit is taken up before it."""
    visit = http.client.HTTPConnection("127.0.0.1", sandbox.port)
    visit.request("GET", "/.well-known/openid-configuration")
    visit.getresponse().read()
    visit.close()
    while requests.under_way:
        time.sleep(0.001)
