"""Owns the report's endpoint: what the doctor finds on this connection's account, as the bundle that is handed on.

It examines like `signedin doctor` and asks no host; what goes in is redacted and swept as it is there.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signedin.connection import account_of
from signedin.errors import ConfigurationError
from signedin.facts import AppFacts
from signedin.states import State
from signedin.status import Status, judge
from signedin.waiting import apart, wait
from signedin_adapters import config, doctor, log
from signedin_adapters.doctor import Examined, Patient, bundle
from signedin_adapters.doctor.redaction import Redaction
from signedin_adapters.doctor.versions import versions
from signedin_adapters.stores import home as places
from signedin_adapters.stores import peek
from signedin_adapters.web import view
from signedin_adapters.web.body import read
from signedin_adapters.web.desk import Desk, Remedy

FILE = "signedin-report.zip"
_OF_NOBODY = ("account", "accounts", "attempt", "providers", "seq", "usage_url")
"""What the page shows and a report leaves out: who it is about, and what is known otherwise."""


class ReportRoute:
    """The one endpoint of the report."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.routes = [Route("/report", self._report, methods=["POST"])]

    async def _report(self, request: Request) -> Response:
        await read(request)
        patient = await wait(apart(partial(_patient, self._desk)))
        found = await doctor.examine(patient, [check for check in doctor.CHECKS if not check.online])
        zipped = await wait(apart(partial(_zipped, patient, found, view.state(self._desk), self._desk.remedy)))
        headers = {"content-disposition": f'attachment; filename="{FILE}"'}
        return Response(zipped, media_type="application/zip", headers=headers)


def _patient(desk: Desk) -> Patient:
    """The connection's account, as it lies on disk."""
    account = account_of(desk.connection)
    paths, at = places.AppPaths(desk.home, places.slug(desk.app_name)), time.time()
    in_memory = account.store.kind == "memory"
    facts = AppFacts(home=desk.home, slug=paths.slug) if in_memory else peek.look(desk.home, paths.slug)
    found = next((each for each in facts.accounts if each.id == account.record.id), None)
    network, refusal = config.Network(), None
    try:
        network = config.read(desk.home).network
    except ConfigurationError as error:
        refusal = error
    return Patient(
        app_name=desk.app_name,
        paths=paths,
        facts=facts,
        account=found,
        status=Status(State.DISCONNECTED) if found is None else judge(found, at=at, attempt=facts.attempt),
        provider=desk.connection.provider,
        network=network,
        refusal=refusal,
        log=log.place(paths.log),
        at=at,
    )


def _zipped(patient: Patient, found: Sequence[Examined], seen: dict[str, Any], remedy: Remedy) -> bytes:
    """Raises SecretFound, and then there is no report."""
    answers: dict[str, object] = {
        "doctor": {"schema": 1, "checks": [_told(each, remedy) for each in found]},
        "status": {"schema": 1, **{name: value for name, value in seen.items() if name not in _OF_NOBODY}},
        "versions": versions(),
    }
    return bundle.packed(bundle.gather(Redaction(patient).of(answers), patient.log))


def _told(each: Examined, remedy: Remedy) -> dict[str, object]:
    finding = asdict(each.finding)
    texts = {name: view.said(finding[name] or "", remedy) for name in ("text", "action")}
    return {"id": each.id, "result": each.finding.result, "case": each.finding.case, **texts}
