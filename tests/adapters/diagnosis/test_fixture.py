"""What is published of a run: it means the same, and names nobody."""

import json
from pathlib import Path

import pytest
from tests.support.logged import Logged, changed, written
from tests.support.walk import session

from signedin import events as ev
from signedin_adapters.diagnosis import diagnose, find
from signedin_adapters.diagnosis.fixture import BESIDE, fixture
from signedin_adapters.log.lines import FIELDS, keep_allowed


def published(path: Path, run: str) -> list[str]:
    """The lines of the run's fixture."""
    return list(fixture(find([str(path)]), run))


@pytest.fixture
def logged(tmp_path: Path) -> Logged:
    """A process in which somebody signed in, and had trouble."""
    logged = Logged(tmp_path, markers=("ssh",)).then(ev.AccountLoaded, session=None)
    logged.then(ev.SignInRequested, attempt_id="a" * 16, deadline=logged.now + 600)
    logged.then(ev.SessionCommitted, attempt_id="a" * 16, session=session(1, issued_at=logged.now))
    return logged.refreshed().beside("save.failed", case="disk-full-or-readonly").failed().refreshed().failed()


def test_a_fixture_says_what_the_log_said(logged: Logged, tmp_path: Path) -> None:
    """The same cases, as often, at the same times; and the machine comes to the same."""
    path = written(
        tmp_path / "fixture.jsonl", [line.encode() for line in published(logged.path, logged.records[0]["run"])]
    )
    log, again = (diagnose(find([str(each)])) for each in (logged.path, path))
    assert [(case.id, case.count, case.active, case.last_at) for case in again.cases] == [
        (case.id, case.count, case.active, case.last_at) for case in log.cases
    ]
    assert [(run.final_state, run.illegal, run.cut) for run in again.runs] == [(log.runs[0].final_state, (), ())]
    assert (again.skipped, again.cases[0].candidates) == (0, log.cases[0].candidates)


def test_every_name_is_exchanged(logged: Logged) -> None:
    """The same for the same; and the app's is left out."""
    records = logged.records
    lines = published(logged.path, records[0]["run"])
    text = "\n".join(lines)
    for name in (records[0]["run"], records[1]["account"], "a" * 16, "acme", records[0]["os"]):
        assert name not in text
    assert {json.loads(line)["run"] for line in lines} == {"0" * 15 + "1"}
    assert {json.loads(line).get("account") for line in lines} == {None, "account-" + "0" * 15 + "1"}


def test_every_field_is_the_logs_own(logged: Logged) -> None:
    """In the table's order, and of the table's shapes."""
    for line in published(logged.path, logged.records[0]["run"]):
        record = json.loads(line)
        assert keep_allowed(None, "", record) == record
        assert list(record) == [name for name in FIELDS if name in record]


def test_words_of_a_stranger_are_left_out(logged: Logged, tmp_path: Path) -> None:
    """Even where they have the shape that the log allows."""
    canary = "correct-horse-battery-staple"
    lines = [
        changed(
            line,
            **dict.fromkeys(("reason", "endpoint", "code", "store", "outcome", "provider", "timeout_case"), canary),
            host="canary.example",
            markers=[canary],
            ways=[canary],
            request_id="canaryCanaryCanary",
            version="1canaryCanary",
            kind="Canary",
            unheard_of=canary,
        )
        for line in logged.lines
    ]
    lines.append(changed(lines[-1], event="canary.happened", seq=len(lines)))
    text = "\n".join(published(written(tmp_path / "strange.log", lines), logged.records[0]["run"]))
    assert "anary" not in text
    assert "horse" not in text
    assert BESIDE in text
